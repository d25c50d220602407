//! A module that notes which of its functions have run.

use walrus::ir::Value;
use walrus::{ConstExpr, Module, ValType};

use crate::Result;
use crate::names::Names;

/// Writes the module `input` with an exported global `fN` for each function, 1 once it has run, and `names`:
/// line N is the name of function N.
pub fn run(input: &str, output: &str, list: &str) -> Result<()> {
    let mut module = Module::from_file(input)?;
    let mut lines = String::new();
    let mut names = Names::default();
    let ids: Vec<_> = module.funcs.iter_local().map(|(id, _)| id).collect();
    for (i, id) in ids.into_iter().enumerate() {
        if let Some(name) = module.funcs.get(id).name.as_deref() {
            lines.push_str(&names.next(name));
        }
        lines.push('\n');
        let ran = module.globals.add_local(ValType::I32, true, false, ConstExpr::Value(Value::I32(0)));
        module.exports.add(&format!("f{i}"), ran);
        let mut body = module.funcs.get_mut(id).kind.unwrap_local_mut().builder_mut().func_body();
        body.const_at(0, Value::I32(1));
        body.global_set_at(1, ran);
    }
    module.emit_wasm_file(output)?;
    std::fs::write(list, lines)?;
    Ok(())
}
