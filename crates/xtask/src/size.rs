//! `cargo xtask size`: the bytes that a visitor's browser receives, against the budget.
//!
//! Bytes are what brotli makes of a file at quality 11. Four sums are kept:
//!
//! - first figure: all that the browser needs until the lab's figure is there and moves. The figure is drawn
//!   sooner, because it stands in index.html: that part is printed as well.
//! - stack: the same of the stack page's first figure, which has a part of its own (`crates/split`).
//! - rest: the part of the app that is loaded after that.
//! - worker: what one visitor's browser loads of it: the larger of the two builds, and what starts them; and the
//!   same of the programs that read and write networks, which are loaded when a network is brought or taken along.
//!
//! Photographs, loaded when they are chosen, and licences are listed, not counted.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::build;
use crate::process::{Result, program};

const FIRST_FIGURE_KIB: f64 = 120.0;
/// A later page may take 15 more.
const STACK_FIGURE_KIB: f64 = 135.0;
const WORKER_KIB: f64 = 150.0;
const REST_KIB: f64 = 400.0;

/// Reads file names from standard input, one a line, and prints raw and compressed bytes of each.
const COMPRESS: &str = r#"
const { brotliCompressSync, constants } = require("node:zlib");
const { readFileSync } = require("node:fs");
const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
for (const name of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const bytes = readFileSync(name);
  console.log(bytes.length, brotliCompressSync(bytes, { params }).length);
}
"#;

/// What a file's bytes are counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    Drawn,
    Moving,
    Lab,
    Stack,
    Rest,
    WorkerStart,
    WorkerPlain,
    WorkerRelaxed,
    WorkerNetworks,
    WorkerWriters,
    Photo,
    Licence,
}

pub(crate) fn run() -> Result<()> {
    let dist = build::dist();
    build::release()?;
    measure(&dist)
}

/// Measures a release build as it lies there.
pub(crate) fn measure(dist: &Path) -> Result<()> {
    let mut files = Vec::new();
    list(dist, &mut files)?;
    files.sort();
    let sizes = compress(&files)?;

    let (mut drawn, mut moving, mut lab, mut stack, mut rest) = (0, 0, 0, 0, 0);
    let (mut start, mut plain, mut relaxed, mut networks, mut writers) = (0, 0, 0, 0, 0);
    println!("{:>10} {:>10}  file", "raw", "brotli");
    for (file, (raw, brotli)) in files.iter().zip(sizes) {
        let name = file.strip_prefix(dist).unwrap_or(file);
        let (note, sum) = match share_of(name) {
            Share::Drawn => ("", Some(&mut drawn)),
            Share::Moving => ("  (moves it)", Some(&mut moving)),
            Share::Lab => ("  (moves the lab's)", Some(&mut lab)),
            Share::Stack => ("  (stack page)", Some(&mut stack)),
            Share::Rest => ("  (rest)", Some(&mut rest)),
            Share::WorkerStart => ("  (worker)", Some(&mut start)),
            Share::WorkerPlain => ("  (worker without relaxed SIMD)", Some(&mut plain)),
            Share::WorkerRelaxed => ("  (worker with relaxed SIMD)", Some(&mut relaxed)),
            Share::WorkerNetworks => ("  (worker that reads networks)", Some(&mut networks)),
            Share::WorkerWriters => ("  (worker that writes networks)", Some(&mut writers)),
            Share::Photo => ("  (photograph, not counted)", None),
            Share::Licence => ("  (licence, not counted)", None),
        };
        println!("{raw:>10} {brotli:>10}  {}{note}", name.display());
        if let Some(sum) = sum {
            *sum += brotli;
        }
    }
    let (first_figure, stack_figure) = (kib(drawn + moving + lab), kib(drawn + moving + stack));
    let [plain, relaxed, networks, writers] =
        [plain, relaxed, networks, writers].map(|bytes| kib(start + bytes));
    let worker = plain.max(relaxed);
    let [drawn, rest] = [drawn, rest].map(kib);
    println!(
        "the figure is drawn after {drawn:.1} KiB, moves after {first_figure:.1}; then the rest, {rest:.1}"
    );
    println!("the stack page's figure is there after {stack_figure:.1} KiB");
    println!("worker: {plain:.1} KiB, or {relaxed:.1} KiB with relaxed SIMD");
    println!("{networks:.1} KiB to read networks, {writers:.1} KiB to write them");
    println!("first figure {first_figure:.1} KiB, worker {worker:.1} KiB");
    let budgets = [
        ("the first figure", first_figure, FIRST_FIGURE_KIB),
        ("the stack page's figure", stack_figure, STACK_FIGURE_KIB),
        ("the rest", rest, REST_KIB),
        ("the worker", worker, WORKER_KIB),
        ("the worker's reader", networks, WORKER_KIB),
        ("the worker's writer", writers, WORKER_KIB),
    ];
    match budgets.iter().find(|(_, size, budget)| size > budget) {
        Some((name, size, budget)) => {
            Err(format!("{name} takes {size:.1} KiB and is over its budget of {budget} KiB"))
        }
        None => Ok(()),
    }
}

fn share_of(name: &Path) -> Share {
    let file_name = name.file_name().unwrap_or_default().to_string_lossy();
    let extension = name.extension().unwrap_or_default();
    let photo = ["png", "webp", "jpg", "jpeg"].iter().any(|&e| e == extension);
    if photo && name.starts_with("photos") {
        Share::Photo
    } else if file_name.starts_with("LICENSE") || file_name.starts_with("LICENCE") {
        Share::Licence
    } else if name.starts_with("worker") {
        match file_name.split('.').next() {
            Some("plain") => Share::WorkerPlain,
            Some("relaxed") => Share::WorkerRelaxed,
            Some("networks") => Share::WorkerNetworks,
            Some("writers") => Share::WorkerWriters,
            _ => Share::WorkerStart,
        }
    } else if file_name.ends_with("_lab.wasm") {
        Share::Lab
    } else if file_name.ends_with("_stack.wasm") {
        Share::Stack
    } else if file_name.ends_with("_rest.wasm") {
        Share::Rest
    } else if extension == "wasm" || (extension == "js" && !file_name.starts_with("boot")) {
        Share::Moving
    } else {
        Share::Drawn
    }
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |error: std::io::Error| format!("{}: {error}", dir.display());
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Raw and compressed bytes of each file. The standard library has no brotli; node has.
fn compress(files: &[PathBuf]) -> Result<Vec<(u64, u64)>> {
    let names: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    let failed = |error: std::io::Error| format!("node, which compresses, failed: {error}");
    let mut node = program("node")
        .args(["-e", COMPRESS])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = node.stdin.take() {
        stdin.write_all(names.as_bytes()).map_err(failed)?;
    }
    let output = node.wait_with_output().map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let sizes: Vec<(u64, u64)> = text.lines().filter_map(raw_and_brotli).collect();
    if sizes.len() == files.len() {
        Ok(sizes)
    } else {
        Err("node, which compresses, did not measure every file".to_owned())
    }
}

fn raw_and_brotli(line: &str) -> Option<(u64, u64)> {
    let (raw, brotli) = line.split_once(' ')?;
    Some((raw.parse().ok()?, brotli.parse().ok()?))
}

#[expect(clippy::cast_precision_loss, reason = "files are far below 2^52 bytes")]
fn kib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Share) {
        assert_eq!(share_of(Path::new(name)), expected);
    }

    #[test]
    fn everything_counts_but_photographs_licences_and_the_worker() {
        check("index.html", Share::Drawn);
        check("boot-8f2a.js", Share::Drawn);
        check("base-8f2a.css", Share::Drawn);
        check("convscope-8f2a_bg.wasm", Share::Moving);
        check("convscope-8f2a_lab.wasm", Share::Lab);
        check("convscope-8f2a_stack.wasm", Share::Stack);
        check("convscope-8f2a_rest.wasm", Share::Rest);
        check("convscope-8f2a.js", Share::Moving);
        check("start-8f2a.js", Share::Moving);
        check("icons/icon.png", Share::Drawn);
        check("photos/index.json", Share::Drawn);
        check("photos/cat.webp", Share::Photo);
        check("LICENSE-MIT", Share::Licence);
        check("LICENCES-THIRD-PARTY.txt", Share::Licence);
        check("worker/8f2a/plain.wasm", Share::WorkerPlain);
        check("worker/8f2a/relaxed.js", Share::WorkerRelaxed);
        check("worker/8f2a/networks.wasm", Share::WorkerNetworks);
        check("worker/8f2a/writers.wasm", Share::WorkerWriters);
        check("worker/8f2a/start.js", Share::WorkerStart);
    }
}
