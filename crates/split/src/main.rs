//! `split cut IN SCRIPT LIST MAP FIRST REST` and `split watch IN OUT NAMES`: two parts of one wasm module.
//!
//! The browser needs two thirds of the app's code only after the first figure moves. `cut` writes a module
//! with the functions of a list and the constants that they read (`FIRST`), and one with all others (`REST`),
//! which `start.js` loads afterwards. `watch` writes a module that notes which functions run, from which the list is made.

mod cut;
mod data;
mod names;
mod script;
mod watch;

use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "usage: split cut IN SCRIPT LIST MAP FIRST REST | split watch IN OUT NAMES";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["cut", input, script, list, map, first, rest] => {
            cut::run(&cut::Inputs { wasm: input, script, list, map }, first, rest)
        }
        ["watch", input, output, names] => watch::run(input, output, names),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
