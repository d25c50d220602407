//! `cargo xtask`: builds, serves and tests convscope by starting the programs that do so.
//!
//! Nothing here is a dependency of the app. Tools that are missing are installed into the user's
//! cache folder (see `tools`), never into the system, but for Chromium (see `browser`).

mod args;
mod bench;
mod browser;
mod build;
mod conformance;
mod cut;
mod licences;
mod process;
mod serve;
mod size;
mod static_server;
mod tally;
mod test;
mod tools;
mod worker;

use std::process::ExitCode;

use args::Args;
use process::{Result, cargo};

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  serve [--release] [--port N]  build, serve on 127.0.0.1 and rebuild on change
  build                         release build into dist/, for any folder of any static host
  test [--quick]                every check and test; --quick leaves the browser out
  conformance [--engine native|wasm] [--data DIR] [--only PREFIX]
                                compare with the frozen values of other programs
  golden [--update]             compare pictures with the stored ones, or store new ones
  size                          bytes that the first figure transfers, against the budget
  bench [--workloads FILE] [--json OUT] [--only TEXT] [--rounds N]
                                our kernels beside TensorFlow.js and ONNX Runtime Web
  first                         write anew which functions the first figure needs (crates/split)
  page-speed [--depth | --live | --edits | --import]
                                paint and frame times of the release build in Chromium; frames alone
                                of the depth view, or those of the live filter; edits of long networks;
                                from the drop of a network to its figure
";

fn main() -> ExitCode {
    let mut args = Args::from_env();
    let outcome = match args.command().as_deref() {
        Some("serve") => serve::run(args),
        Some("build") => args.finish().and_then(|()| build::release()),
        Some("test") => test::run(args),
        Some("conformance") => conformance::run(args),
        Some("golden") => golden(args),
        Some("size") => args.finish().and_then(|()| size::run()),
        Some("bench") => bench::run(args),
        Some("first") => args.finish().and_then(|()| cut::write_lists()),
        Some("page-speed") => page_speed(args),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(())
        }
        Some(other) => Err(format!("there is no command {other}\n\n{USAGE}")),
        None => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Compares the pictures that scenes and pages make with the stored ones.
fn golden(mut args: Args) -> Result<()> {
    let update = args.flag("--update");
    args.finish()?;
    let mut command = cargo();
    command.args(["test", "-p", "convscope-scene", "-p", "convscope-page"]);
    if update {
        command.env("UPDATE_GOLDEN", "1");
    }
    process::run(command)
}

/// Measures the release build in Chromium; other arguments go to the script.
fn page_speed(mut args: Args) -> Result<()> {
    let chromium = browser::chromium()?;
    browser::install_packages()?;
    build::release()?;
    let scripts =
        [("--live", "live-speed.mjs"), ("--edits", "edit-speed.mjs"), ("--import", "import-speed.mjs")];
    let asked = scripts.into_iter().find(|(flag, _)| args.flag(flag));
    let script = asked.map_or("page-speed.mjs", |(_, script)| script);
    let mut command = browser::node(script, &chromium);
    command.args(args.rest());
    process::run(command)
}
