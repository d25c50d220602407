//! The app's wasm in two parts: what the first figure needs, and the rest (`crates/split`).
//!
//! Which functions are first stands in `crates/split/first.txt`; `cargo xtask first` writes it anew from
//! what runs in Chromium until the first figure moves. A function that is missing there is found all the
//! same, only later: the list is about speed, not about what works.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::process::{self, Result, cargo, program, root, target_dir};
use crate::tools::Tools;
use crate::{browser, build};

const LIST: &str = "crates/split/first.txt";

/// Cuts the release build in `dist`, and tells its page of the second file.
pub(crate) fn run(tools: &Tools, dist: &Path) -> Result<()> {
    let list = root().join(LIST);
    let files = Files::of(dist)?;
    let mut hash = DefaultHasher::new();
    hash.write(&read(&list)?);
    let stem = files.wasm_name.trim_end_matches("_bg.wasm");
    // The list decides what is in a file, so it is part of the name.
    let stem = format!("{stem}-{:08x}", hash.finish() >> 32);
    let (first, rest) = (format!("{stem}_bg.wasm"), format!("{stem}_rest.wasm"));
    let map = target_dir().join("wasm32-unknown-unknown/release/convscope.map");
    split(&["cut".as_ref(), &files.wasm, &files.js, &list, &map, &dist.join(&first), &dist.join(&rest)])?;
    for part in [&first, &rest] {
        optimise(tools, &dist.join(part))?;
    }
    fs::remove_file(&files.wasm).map_err(|error| format!("{}: {error}", files.wasm.display()))?;

    let page = dist.join("index.html");
    edit(&page, &files.wasm_name, &first, 2)?;
    edit(&page, "name=convscope-files", &format!("name=convscope-files data-rest=./{rest}"), 1)
}

/// Trunk ran wasm-opt on the whole; a part has functions that were needed by the other alone.
fn optimise(tools: &Tools, part: &Path) -> Result<()> {
    let mut command = program("wasm-opt");
    tools.give_to(&mut command)?;
    let done = part.with_extension("done");
    command.arg(format!("--output={}", done.display())).arg("-Oz").arg(part);
    process::run(command)?;
    fs::rename(&done, part).map_err(|error| format!("{}: {error}", done.display()))
}

/// Writes the list of functions that run until the first figure moves.
pub(crate) fn write_list() -> Result<()> {
    let chromium = browser::chromium()?;
    browser::install_packages()?;
    let dist = target_dir().join("first");
    build::whole(&dist)?;
    let files = Files::of(&dist)?;
    let names = target_dir().join("function-names.txt");
    let watched = dist.join("watched.wasm");
    split(&["watch".as_ref(), &files.wasm, &watched, &names])?;
    fs::rename(&watched, &files.wasm).map_err(|error| format!("{}: {error}", watched.display()))?;
    let mut command = browser::node("first-functions.mjs", &chromium);
    command.env("CONVSCOPE_DIST", &dist).arg(&names).arg(root().join(LIST));
    process::run(command)
}

fn split(args: &[&Path]) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--quiet", "-p", "convscope-split", "--"]).args(args);
    process::run(command)
}

/// The app's files in a build.
struct Files {
    js: PathBuf,
    wasm: PathBuf,
    wasm_name: String,
}

impl Files {
    fn of(dist: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| format!("{}: {error}", dist.display());
        let mut names = Vec::new();
        for entry in fs::read_dir(dist).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
        }
        let find = |end: &str| {
            let name = names.iter().find(|name| name.starts_with("convscope-") && name.ends_with(end));
            name.cloned().ok_or_else(|| format!("Trunk left no convscope-*{end} in {}", dist.display()))
        };
        let wasm_name = find("_bg.wasm")?;
        Ok(Self { js: dist.join(find(".js")?), wasm: dist.join(&wasm_name), wasm_name })
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Replaces a text that stands in a file `times` times.
fn edit(path: &Path, from: &str, to: &str, times: usize) -> Result<()> {
    let text = String::from_utf8_lossy(&read(path)?).into_owned();
    let found = text.matches(from).count();
    if found != times {
        return Err(format!("{} has {from} {found} times, not {times}", path.display()));
    }
    fs::write(path, text.replace(from, to)).map_err(|error| format!("{}: {error}", path.display()))
}
