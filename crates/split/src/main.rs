//! `split cut IN SCRIPT MAP FOLDER LIST...` and `split watch IN OUT NAMES`: parts of one wasm module.
//!
//! The browser needs two thirds of the app's code only after the first figure moves. `cut` writes a module
//! with the functions of the first list and the constants that they read, one more for each further list,
//! and one with all others; `start.js` loads what a page begins with, and then what is missing. `watch` writes
//! a module that notes which functions run, from which the lists are made.

mod cut;
mod data;
mod names;
mod script;
mod watch;

use std::path::Path;
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "usage: split cut IN SCRIPT MAP FOLDER LIST... | split watch IN OUT NAMES";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["cut", wasm, script, map, folder, ref lists @ ..] if !lists.is_empty() => {
            cut::run(&cut::Inputs { wasm, script, map, lists }, Path::new(folder))
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
