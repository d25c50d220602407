//! `cargo xtask size`: the bytes that a visitor's browser receives, against the budget.
//!
//! Bytes are what brotli makes of a file at quality 11. Three sums are kept:
//!
//! - first figure: what the browser needs until the lab's figure is there, drawn, with its numbers.
//!   It stands in index.html, so that is the page, its style sheets and the script in its head.
//! - app: the script and wasm that make the figure move and answer. It is not part of the first
//!   sum because the figure does not wait for it, and has a limit of its own so that it shrinks.
//! - worker: the files of the worker.
//!
//! Photographs, loaded when they are chosen, and licences are listed, not counted.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::build;
use crate::process::{Result, program};

const FIRST_FIGURE_KIB: f64 = 120.0;
const WORKER_KIB: f64 = 150.0;
/// Where the app stands. The aim is 120 KiB together with the first figure: lower this with every gain.
const APP_KIB: f64 = 185.0;

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
    FirstFigure,
    App,
    Worker,
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

    let mut first_figure = 0;
    let mut app = 0;
    let mut worker = 0;
    println!("{:>10} {:>10}  file", "raw", "brotli");
    for (file, (raw, brotli)) in files.iter().zip(sizes) {
        let name = file.strip_prefix(dist).unwrap_or(file);
        let share = share_of(name);
        let note = match share {
            Share::FirstFigure => "",
            Share::App => "  (app)",
            Share::Worker => "  (worker)",
            Share::Photo => "  (photograph, not counted)",
            Share::Licence => "  (licence, not counted)",
        };
        println!("{raw:>10} {brotli:>10}  {}{note}", name.display());
        match share {
            Share::FirstFigure => first_figure += brotli,
            Share::App => app += brotli,
            Share::Worker => worker += brotli,
            Share::Photo | Share::Licence => {}
        }
    }
    let [first_figure, app, worker] = [first_figure, app, worker].map(kib);
    println!(
        "the figure moves after {:.1} KiB: itself and the app, {app:.1} KiB of at most {APP_KIB}",
        first_figure + app
    );
    println!("first figure {first_figure:.1} KiB, worker {worker:.1} KiB");
    if first_figure > FIRST_FIGURE_KIB || app > APP_KIB || worker > WORKER_KIB {
        return Err(format!(
            "over the budget of {FIRST_FIGURE_KIB} KiB for the first figure, {APP_KIB} for the app and {WORKER_KIB} for the worker"
        ));
    }
    Ok(())
}

fn share_of(name: &Path) -> Share {
    let file_name = name.file_name().unwrap_or_default().to_string_lossy();
    let extension = name.extension().unwrap_or_default();
    let photo = ["png", "webp", "jpg", "jpeg"].iter().any(|&e| e == extension);
    if photo && name.starts_with("photos") {
        Share::Photo
    } else if file_name.starts_with("LICENSE") || file_name.starts_with("LICENCE") {
        Share::Licence
    } else if file_name.starts_with("worker") {
        Share::Worker
    } else if extension == "wasm" || (extension == "js" && !file_name.starts_with("boot")) {
        Share::App
    } else {
        Share::FirstFigure
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
        check("index.html", Share::FirstFigure);
        check("boot-8f2a.js", Share::FirstFigure);
        check("base-8f2a.css", Share::FirstFigure);
        check("convscope-8f2a_bg.wasm", Share::App);
        check("convscope-8f2a.js", Share::App);
        check("start-8f2a.js", Share::App);
        check("icons/icon.png", Share::FirstFigure);
        check("photos/index.json", Share::FirstFigure);
        check("photos/cat.webp", Share::Photo);
        check("LICENSE-MIT", Share::Licence);
        check("worker_bg.wasm", Share::Worker);
        check("worker_loader.js", Share::Worker);
    }
}
