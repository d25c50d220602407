//! The app's wasm in parts: what every page begins with, what the first figure of the lab and of the stack page
//! need besides, and the rest (`crates/split`).
//!
//! Which functions are where stands in `crates/split/common.txt`, `lab.txt` and `stack.txt`; `cargo xtask first` writes
//! them anew from what runs in Chromium until each page's first figure is there. A function that is missing
//! is found all the same, only later: the lists are about speed, not about what works.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::process::{self, Result, cargo, program, root, target_dir};
use crate::tools::Tools;
use crate::{browser, build};

/// The functions of each part but the rest, in order. The first is the part that every page begins with.
const LISTS: [&str; 3] = ["crates/split/common.txt", "crates/split/lab.txt", "crates/split/stack.txt"];
/// How the files of the parts end.
const ENDS: [&str; 4] = ["_bg.wasm", "_lab.wasm", "_stack.wasm", "_rest.wasm"];

/// Cuts the release build in `dist`, and tells its page of the further files.
pub(crate) fn run(tools: &Tools, dist: &Path) -> Result<()> {
    let lists = LISTS.map(|list| root().join(list));
    let files = Files::of(dist)?;
    let mut hash = DefaultHasher::new();
    for list in &lists {
        hash.write(&read(list)?);
    }
    let stem = files.wasm_name.trim_end_matches("_bg.wasm");
    // The lists decide what is in a file, so they are part of the name.
    let stem = format!("{stem}-{:08x}", hash.finish() >> 32);
    let map = target_dir().join("wasm32-unknown-unknown/release/convscope.map");
    let folder = target_dir().join("parts");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut args: Vec<&Path> = vec!["cut".as_ref(), &files.wasm, &files.js, &map, &folder];
    args.extend(lists.iter().map(PathBuf::as_path));
    split(&args)?;
    let names = ENDS.map(|end| format!("{stem}{end}"));
    for (i, name) in names.iter().enumerate() {
        optimise(tools, &folder.join(format!("{i}.wasm")), &dist.join(name))?;
    }
    fs::remove_file(&files.wasm).map_err(|error| format!("{}: {error}", files.wasm.display()))?;

    let page = dist.join("index.html");
    let [first, later @ ..] = &names;
    edit(&page, &files.wasm_name, first, 2)?;
    let later = later.each_ref().map(|name| format!("./{name}")).join(" ");
    let parts = format!("name=convscope-files data-parts=\"{later}\"");
    edit(&page, "name=convscope-files", &parts, 1)
}

/// Trunk ran wasm-opt on the whole; a part has functions that were needed by another alone.
fn optimise(tools: &Tools, part: &Path, to: &Path) -> Result<()> {
    let mut command = program("wasm-opt");
    tools.give_to(&mut command)?;
    command.arg(format!("--output={}", to.display())).arg("-Oz").arg(part);
    process::run(command)
}

/// Writes the lists of functions that run until the first figure of a page is there.
pub(crate) fn write_lists() -> Result<()> {
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
    command.env("CONVSCOPE_DIST", &dist).arg(&names).args(LISTS.map(|list| root().join(list)));
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
