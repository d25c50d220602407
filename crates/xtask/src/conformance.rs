//! `cargo xtask conformance`: compares with the frozen values of other programs, natively or as wasm in
//! headless Chromium.
//!
//! Both engines take `--data` and `--only`, print the same lines and end with the same code: 1 when a case
//! failed or none ran, 2 when the command could not be read.

use std::path::PathBuf;
use std::process::Command;

use crate::args::Args;
use crate::browser::{self, Chromium};
use crate::process::{Result, cargo, program, root, run as run_program, target_dir};
use crate::tools::Tools;

pub(crate) fn run(mut args: Args) -> Result<()> {
    let engine = args.option("--engine")?;
    let command = match engine.as_deref() {
        None | Some("native") => native(args)?,
        Some("wasm") => {
            let (chromium, tools) = (browser::chromium()?, Tools::for_wasm()?);
            browser::install_packages()?;
            wasm(&tools, &chromium, args)?
        }
        Some(other) => return Err(format!("there is no engine {other}; try native or wasm")),
    };
    finish(command)
}

/// The program, run here.
fn native(mut args: Args) -> Result<Command> {
    let data = data_folder(&mut args)?;
    let mut command = cargo();
    command
        .args(["run", "--quiet", "--release", "-p", "convscope-conformance"])
        .args(["--bin", "conformance", "--", "--data"])
        .arg(data)
        .args(args.rest());
    Ok(command)
}

/// Builds the program as the app is built, for the page of a script that is yet to be started.
pub(crate) fn wasm(tools: &Tools, chromium: &Chromium, mut args: Args) -> Result<Command> {
    let data = data_folder(&mut args)?;
    let only = args.option("--only")?.unwrap_or_default();
    args.finish()?;
    let mut build = cargo();
    build.args(["build", "--quiet", "--release", "--target", "wasm32-unknown-unknown"]).args([
        "-p",
        "convscope-conformance",
        "--bin",
        "conformance",
    ]);
    run_program(build)?;
    let module = target_dir().join("conformance-web");
    let mut bindgen = program("wasm-bindgen");
    tools.give_to(&mut bindgen)?;
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(&module)
        .arg(target_dir().join("wasm32-unknown-unknown/release/conformance.wasm"));
    run_program(bindgen)?;
    let mut node = browser::node("conformance.mjs", chromium);
    node.arg("--module").arg(module).arg("--data").arg(data).args(["--only", &only]);
    Ok(node)
}

/// As seen from where the command was typed: what is started runs in other folders.
fn data_folder(args: &mut Args) -> Result<PathBuf> {
    match args.option("--data")? {
        None => Ok(root().join("tests/data")),
        Some(folder) => std::path::absolute(&folder).map_err(|error| format!("{folder}: {error}")),
    }
}

/// Hands the exit code of the program back.
fn finish(mut command: Command) -> Result<()> {
    let status = command.status().map_err(|error| format!("the comparison did not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        // A program that was ended by a signal has no code.
        std::process::exit(status.code().unwrap_or(1))
    }
}
