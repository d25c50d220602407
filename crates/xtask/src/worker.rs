//! The worker's files in a build: `worker/HASH/` with `start.js`, two builds of the program that computes and one
//! each of the programs that read and write networks.
//!
//! `plain` has simd128, `relaxed` relaxed SIMD as well; `start.js` takes the one that the browser knows. The
//! folder is named after what is in it, because browsers keep files by their names. The page is told where
//! it is (`data-worker`).

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use crate::process::{Result, cargo, program, root, run, target_dir};
use crate::tools::Tools;

const PACKAGE: &str = "convscope-worker";
const START: &str = "crates/worker/src/start.js";

/// Name, features of the machine, and feature of the crate of each build.
const BUILDS: [(&str, &str, &str); 4] = [
    ("plain", "+simd128", "kernels"),
    ("relaxed", "+simd128,+relaxed-simd", "kernels"),
    ("networks", "+simd128", "networks"),
    ("writers", "+simd128", "writers"),
];

/// Builds the worker and puts it into the page in `dist`. Its program is optimised by the compiler even while
/// somebody works on the page, and for a release by wasm-opt as well.
pub(crate) fn build(tools: &Tools, dist: &Path, release: bool) -> Result<()> {
    let mut files = vec![("start.js".to_owned(), read(&root().join(START))?)];
    for (name, machine, feature) in BUILDS {
        let made = make(tools, name, machine, feature, release)?;
        for extension in ["js", "wasm"] {
            let file = format!("{name}.{extension}");
            let from = if extension == "js" { file.clone() } else { format!("{name}_bg.wasm") };
            files.push((file, read(&made.join(from))?));
        }
    }
    let mut hash = DefaultHasher::new();
    files.iter().for_each(|(_, bytes)| hash.write(bytes));
    let folder = format!("worker/{:016x}", hash.finish());
    let place = dist.join(&folder);
    fs::create_dir_all(&place).map_err(|error| format!("{}: {error}", place.display()))?;
    for (name, bytes) in files {
        write(&place.join(name), &bytes)?;
    }
    name_in_page(&dist.join("index.html"), &format!("./{folder}/start.js"))
}

/// One build with its JavaScript; the folder with both.
fn make(tools: &Tools, name: &str, machine: &str, feature: &str, release: bool) -> Result<PathBuf> {
    let target = target_dir().join("worker").join(name);
    let mut build = cargo();
    build
        .args(["build", "--quiet", "--locked", "--release", "-p", PACKAGE])
        .args(["--no-default-features", "--features", feature])
        // What is hot here is in the kernels; of the core there are plans and shapes.
        .args(["--config", "profile.release.package.convscope-core.opt-level=\"z\""])
        .args(["--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(&target)
        // In the order of the source, a microkernel's accumulators stay in registers: twice the speed.
        .env("RUSTFLAGS", format!("-C target-feature={machine} -C llvm-args=-pre-RA-sched=source"));
    run(build)?;
    let wasm = target.join("wasm32-unknown-unknown").join("release").join(format!("{PACKAGE}.wasm"));
    let out = target.join("out");
    let stamp = out.join("made-from");
    let mut hash = DefaultHasher::new();
    hash.write(&read(&wasm)?);
    let optimised: &[&str] = match (release, feature) {
        (false, _) => &[],
        // Very large functions of one caller stay apart: 0.9 KiB less.
        (true, "kernels") => &["-O3", "--one-caller-inline-max-function-size=1000"],
        (true, _) => &["-Oz"],
    };
    let made_from = format!("{:016x} {}", hash.finish(), optimised.join(" "));
    if read(&stamp).is_ok_and(|stamp| stamp == made_from.as_bytes()) {
        return Ok(out);
    }
    let mut bindgen = program("wasm-bindgen");
    tools.give_to(&mut bindgen)?;
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-name", name, "--out-dir"])
        .arg(&out)
        .arg(&wasm);
    run(bindgen)?;
    if release {
        let bound = out.join(format!("{name}_bg.wasm"));
        let small = out.join("small.wasm");
        let mut optimise = program("wasm-opt");
        tools.give_to(&mut optimise)?;
        // Which features there are, it reads in the file.
        optimise.args(optimised).arg(format!("--output={}", small.display())).arg(&bound);
        run(optimise)?;
        fs::rename(&small, &bound).map_err(|error| format!("{}: {error}", small.display()))?;
    }
    write(&stamp, made_from.as_bytes())?;
    Ok(out)
}

/// Writes the worker's address beside those of the app's files.
fn name_in_page(page: &Path, address: &str) -> Result<()> {
    let text = String::from_utf8_lossy(&read(page)?).into_owned();
    let (before, after) =
        text.split_once("data-js=").ok_or_else(|| format!("{} names no script", page.display()))?;
    write(page, format!("{before}data-worker=\"{address}\" data-js={after}").as_bytes())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}
