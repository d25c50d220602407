//! `conformance [--data DIR] [--only PATH[:OPERATION]]`: compares with every case of a folder.
//!
//! Prints each case that is skipped or fails and, as the last line, `N passed, M failed, K skipped`. Exit
//! code 1 when a case failed or none ran, 2 when the command could not be read.

use convscope_conformance::{DataFile, Report, Selection, run};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: conformance [--data DIR] [--only PATH[:OPERATION]]";

pub(crate) fn main() -> ExitCode {
    let mut data = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data"));
    let mut only = String::new();
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        match (flag.as_str(), args.next()) {
            ("--data", Some(folder)) => data = folder.into(),
            ("--only", Some(selection)) => only = selection,
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    match run_folder(&data, &only) {
        Ok(report) => {
            println!("{report}");
            ExitCode::from(u8::from(!report.failed.is_empty()))
        }
        Err(error) => {
            eprintln!("cannot read {}: {error}", data.display());
            ExitCode::FAILURE
        }
    }
}

fn run_folder(data: &Path, only: &str) -> io::Result<Report> {
    let mut found = Vec::new();
    find_files(data, "", &mut found)?;
    found.sort();
    let files: Vec<_> = found.iter().map(|(path, bytes)| DataFile { path, bytes }).collect();
    Ok(run(&files, Selection::new(only)).or_missing(only))
}

/// Every file that a run may need: its path inside the data folder, and its contents.
fn find_files(folder: &Path, prefix: &str, found: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let extension = path.extension().unwrap_or_default();
        if path.is_dir() {
            find_files(&path, &format!("{prefix}{name}/"), found)?;
        } else if DataFile::EXTENSIONS.iter().any(|known| extension == *known) {
            found.push((format!("{prefix}{name}"), std::fs::read(&path)?));
        }
    }
    Ok(())
}
