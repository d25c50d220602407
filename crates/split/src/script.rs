//! The script that wasm-bindgen writes for the module: what it gives to the wasm.

use walrus::Module;

use crate::{Result, names};

/// The module from which the first part imports `load`.
pub const LOADER: &str = "rest";

/// The module that the script gives; all of wasm-bindgen's imports are from it.
const GIVEN: &str = "./convscope_bg.js";

/// Gives the imports of `module` short names, and returns `script` with the same names and with a module
/// [`LOADER`] whose `load` calls `loadPart` of `start.js`.
///
/// The names that wasm-bindgen makes are for linking; after that they are 10 KiB of hashes.
///
/// # Errors
///
/// When the script does not give each import once: wasm-bindgen writes it differently now.
pub fn adapt(script: &str, module: &mut Module) -> Result<String> {
    let given = format!("\"{GIVEN}\":");
    let mut script =
        replace_once(script, &given, &format!("{LOADER}:{{load:part=>loadPart(part)}},{given}"))?;
    for (i, import) in module.imports.iter_mut().filter(|import| import.module == GIVEN).enumerate() {
        let name = names::short(i);
        // In the script it is the key of an object.
        script = replace_once(&script, &format!("{}:", import.name), &format!("{name}:"))?;
        import.name = name;
    }
    Ok(script)
}

fn replace_once(text: &str, from: &str, to: &str) -> Result<String> {
    match text.matches(from).count() {
        1 => Ok(text.replacen(from, to, 1)),
        n => Err(format!("the script has {from} {n} times, not once").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Module {
        let mut module = Module::default();
        let ty = module.types.add(&[], &[]);
        module.add_import_func(GIVEN, "__wbg_now_0123456789abcdef", ty);
        module.add_import_func("other", "kept", ty);
        module
    }

    #[test]
    fn imports_get_the_same_short_names_on_both_sides() {
        let mut module = module();
        let script = r#"{"./convscope_bg.js":{__wbg_now_0123456789abcdef:function(){}}}"#;
        let adapted = adapt(script, &mut module).unwrap();
        assert_eq!(adapted, r#"{rest:{load:part=>loadPart(part)},"./convscope_bg.js":{a:function(){}}}"#);
        let names: Vec<_> = module.imports.iter().map(|import| import.name.as_str()).collect();
        assert_eq!(names, ["a", "kept"]);
    }

    #[test]
    fn a_script_of_another_form_is_refused() {
        assert!(adapt(r#"{"./convscope_bg.js":{}}"#, &mut module()).is_err());
        assert!(adapt("{__wbg_now_0123456789abcdef:1}", &mut module()).is_err());
    }
}
