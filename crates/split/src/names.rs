//! Names of functions that stay the same from build to build.

/// The name without what a build adds to it: hashes, and the numbers of duplicates.
///
fn stable(name: &str) -> String {
    let mut stable = String::with_capacity(name.len());
    for piece in name.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let after = &piece[word.len()..];
        if after == "]" && is_hash(word) && stable.ends_with('[') {
            // v0 mangling writes `core[c5930c85a12de822]`.
            stable.pop();
        } else if word.strip_prefix('h').is_some_and(is_hash) && stable.ends_with("::") {
            // Legacy mangling ends with `::h9c2b7fea382de744`.
            stable.truncate(stable.len() - 2);
            stable.push_str(after);
        } else if let Some((head, hash)) = word.rsplit_once('_')
            && is_hash(hash)
        {
            // wasm-bindgen writes `__wbg_fill_cb36fe21a8d46cd7`.
            stable.push_str(head);
            stable.push_str(after);
        } else {
            stable.push_str(piece);
        }
    }
    // wasm-bindgen numbers the closures that it describes: `shim_idx: 71`.
    if let Some((before, after)) = stable.split_once("shim_idx: ") {
        stable = [before, after.trim_start_matches(|c: char| c.is_ascii_digit())].concat();
    }
    let without_number = stable.trim_end_matches(|c: char| c.is_ascii_digit());
    if let Some(shorter) = without_number.strip_suffix('.').filter(|_| without_number.len() < stable.len()) {
        stable.truncate(shorter.len());
    }
    stable
}

/// Stable names of functions in their order; those that share one are numbered: `call_once`, `call_once #2`.
#[derive(Default)]
pub struct Names(std::collections::BTreeMap<String, usize>);

impl Names {
    /// The name of the next function.
    pub fn next(&mut self, name: &str) -> String {
        let stable = stable(name);
        let n = self.0.entry(stable.clone()).or_default();
        *n += 1;
        if *n == 1 { stable } else { format!("{stable} #{n}") }
    }
}

/// The name number `i` of the shortest ones: `a`, `b`, .. `Z`, `aa`, ..
pub fn short(mut i: usize) -> String {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    loop {
        name.insert(0, char::from(LETTERS[i % LETTERS.len()]));
        if i < LETTERS.len() {
            return name;
        }
        i = i / LETTERS.len() - 1;
    }
}

fn is_hash(text: &str) -> bool {
    text.len() >= 15 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::{Names, short, stable};

    #[test]
    fn what_a_build_adds_is_taken_off() {
        for (name, expected) in [
            ("main", "main"),
            ("convscope_page::link::parse::hc1e142cff3617f43", "convscope_page::link::parse"),
            ("core[c5930c85a12de822]::fmt::write", "core::fmt::write"),
            ("<f64 as core[c5930c85a12de822]::fmt::Display>::fmt", "<f64 as core::fmt::Display>::fmt"),
            ("alloc[3ca501edff3f0c7c]::fmt::format.100", "alloc::fmt::format"),
            ("<[f32] as a::B>::c::h0123456789abcdef", "<[f32] as a::B>::c"),
            ("a::hello", "a::hello"),
            (
                "js_sys::Array::new::__wbg_new_37eb45aaf5eeb820::h8cbb8dcf28faa3b0 externref shim",
                "js_sys::Array::new::__wbg_new externref shim",
            ),
            ("Function { shim_idx: 71, ret: Unit }", "Function { , ret: Unit }"),
        ] {
            assert_eq!(stable(name), expected);
        }
    }

    #[test]
    fn functions_of_one_name_are_numbered() {
        let mut names = Names::default();
        assert_eq!(["a", "b", "a"].map(|name| names.next(name)), ["a", "b", "a #2"]);
    }

    #[test]
    fn short_names_differ() {
        assert_eq!([0, 1, 51, 52, 53].map(short), ["a", "b", "Z", "aa", "ab"]);
        let names: std::collections::BTreeSet<String> = (0..5000).map(short).collect();
        assert_eq!(names.len(), 5000);
    }
}
