//! `cargo xtask bench`: our kernels beside TensorFlow.js and ONNX Runtime Web, in one Chromium.

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::browser;
use crate::process::{self, Result, cargo, program, root, target_dir};
use crate::tools;

/// The flags that kernels are built with; `crates/kernels/src/lib.rs` says why.
const SCHEDULE: &str = "-C llvm-args=-pre-RA-sched=source";
/// Our two builds and their features.
const BUILDS: [(&str, &str); 2] = [("plain", "+simd128"), ("relaxed", "+simd128,+relaxed-simd")];

pub(crate) fn run(args: Args) -> Result<()> {
    let chromium = browser::chromium()?;
    tools::wasm_target()?;
    let folder = root().join("benches");
    browser::install_packages_in(&folder)?;
    let ours = target_dir().join("bench");
    fs::create_dir_all(&ours).map_err(|error| format!("{}: {error}", ours.display()))?;
    for (name, features) in BUILDS {
        build(&ours, name, features)?;
    }
    let mut node = program("node");
    chromium.give_to(&mut node);
    node.arg(folder.join("run.mjs")).arg("--ours").arg(&ours).args(args.rest());
    process::run(node)
}

/// Builds the kernels' example `speed`, which runs one layer at a time, as `NAME.wasm`.
fn build(ours: &Path, name: &str, features: &str) -> Result<()> {
    let target = target_dir().join(format!("bench-{name}"));
    let mut command = cargo();
    command
        .env("RUSTFLAGS", format!("-C target-feature={features} {SCHEDULE}"))
        .env("CARGO_TARGET_DIR", &target)
        .args(["build", "--quiet", "--release", "-p", "convscope-kernels", "--example", "speed"])
        .args(["--target", "wasm32-unknown-unknown"]);
    process::run(command)?;
    let from: PathBuf = target.join("wasm32-unknown-unknown/release/examples/speed.wasm");
    let to = ours.join(format!("{name}.wasm"));
    fs::copy(&from, &to).map_err(|error| format!("{}: {error}", from.display()))?;
    Ok(())
}
