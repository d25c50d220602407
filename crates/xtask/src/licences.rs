//! The licences of what is linked into the page, as a text file beside it.
//!
//! Which crates those are, cargo says; their texts lie in its registry. Texts that are the same word by word
//! stand once, below all crates that they belong to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Result, cargo, output_of};

/// The file in the folder of the page.
pub(crate) const FILE: &str = "LICENCES-THIRD-PARTY.txt";

const HEAD: &str = "\
The page contains compiled code of the crates below, and of Rust's standard library (MIT OR Apache-2.0,
https://github.com/rust-lang/rust). convscope itself is MIT OR Apache-2.0.
";

/// A crate that is linked into the page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    /// `leptos-0.8.23`: also its folder in the registry.
    folder: String,
    /// `MIT OR Apache-2.0`
    licence: String,
    /// Empty where the manifest has none.
    repository: String,
}

/// Writes the file into `dist`.
pub(crate) fn write(dist: &Path) -> Result<()> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", "convscope", "--target", "wasm32-unknown-unknown"]);
    tree.args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}|{l}|{r}"]);
    let listed = output_of(tree).ok_or("cargo tree failed")?;
    let text = text(&crates(&listed), &registries());
    let path = dist.join(FILE);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The crates of others, each once, in the order of their names.
fn crates(listed: &str) -> Vec<Crate> {
    let mut crates: Vec<Crate> = listed.lines().filter_map(parse).collect();
    crates.sort();
    crates.dedup();
    crates
}

/// A line `name vVERSION|licence|repository`; ours have a path after the version.
fn parse(line: &str) -> Option<Crate> {
    let line = line.strip_suffix(" (*)").unwrap_or(line);
    let mut parts = line.split('|');
    let (name, version) = parts.next()?.split_once(" v")?;
    if version.contains(' ') {
        return None;
    }
    let [licence, repository] = [parts.next(), parts.next()].map(|it| it.unwrap_or_default().to_owned());
    Some(Crate { folder: format!("{name}-{version}"), licence, repository })
}

/// Where cargo keeps the sources of crates.
fn registries() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let listed = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    listed.into_iter().flatten().filter_map(|entry| entry.ok().map(|it| it.path())).collect()
}

fn text(crates: &[Crate], registries: &[PathBuf]) -> String {
    let mut by_text: BTreeMap<String, Vec<&Crate>> = BTreeMap::new();
    for it in crates {
        let found = registries.iter().find_map(|registry| licence_of(&registry.join(&it.folder)));
        by_text.entry(found.unwrap_or_default()).or_default().push(it);
    }
    let mut out = HEAD.to_owned();
    for (text, crates) in by_text {
        out.push_str("\n--------------------------------------------------------------------------------\n");
        for Crate { folder, licence, repository } in crates {
            out.push_str(&format!("{folder}  {licence}  {repository}\n"));
        }
        if text.is_empty() {
            out.push_str("\n(These come without a text of their own.)\n");
        } else {
            out.push_str(&format!("\n{text}\n"));
        }
    }
    out
}

/// The licence text of a crate: of several the one under MIT, which is also the shortest.
fn licence_of(folder: &Path) -> Option<String> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok().map(|it| it.path())).collect();
    files.retain(|file| file.is_file() && rank(file) < UNRELATED);
    files.sort_by_key(|file| (rank(file), file.clone()));
    let text = fs::read_to_string(files.first()?).ok()?;
    Some(text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned())
}

const UNRELATED: u8 = 3;

/// How well a file's name promises the text.
fn rank(file: &Path) -> u8 {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    match name.as_str() {
        _ if name.contains("MIT") && name.starts_with("LICEN") => 0,
        _ if name.starts_with("LICEN") && !name.contains("APACHE") => 1,
        _ if name.starts_with("LICEN") || name.starts_with("COPYING") || name == "UNLICENSE" => 2,
        _ => UNRELATED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leptos() -> Crate {
        Crate {
            folder: "leptos-0.8.23".into(),
            licence: "MIT".into(),
            repository: "https://example.org".into(),
        }
    }

    #[test]
    fn crates_of_others_are_listed_once() {
        let listed = "convscope v0.1.0 (/somewhere/convscope)|MIT OR Apache-2.0|\n\
             leptos v0.8.23|MIT|https://example.org\nleptos v0.8.23|MIT|https://example.org (*)\n";
        assert_eq!(crates(listed), [leptos()]);
    }

    #[test]
    fn the_text_under_mit_is_taken_first() {
        let ranks =
            ["LICENSE-MIT", "LICENSE", "LICENSE-APACHE", "README.md"].map(|name| rank(Path::new(name)));
        assert_eq!(ranks, [0, 1, 2, UNRELATED]);
    }

    #[test]
    fn a_crate_without_a_text_is_still_named() {
        let text = text(&[leptos()], &[]);
        assert!(text.contains("leptos-0.8.23  MIT  https://example.org\n\n(These come without"), "{text}");
    }
}
