//! `conformance [--data DIR] [--only PATH[:OPERATION]]`: compares with every case of a folder.
//!
//! Prints each case that fails and, as the last line, `N passed, M failed`. Exit code 1 when a case failed
//! or none ran, 2 when the command could not be read.

use convscope_conformance::{DataFile, Report, Selection, run};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: conformance [--data DIR] [--only PATH[:OPERATION]]";

/// Folders of a data folder that hold no cases: statements and pictures.
const WITHOUT_CASES: [&str; 2] = ["images", "seed"];

fn main() -> ExitCode {
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
    match run_folder(&data, Selection::new(&only)) {
        Ok(report) => {
            for failure in &report.failed {
                println!("{}: {}", failure.case, failure.reason);
            }
            // What is asked for and not there is not passed in silence.
            let missing = usize::from(report.passed == 0 && report.failed.is_empty());
            if missing == 1 {
                println!(
                    "{}: no such cases in {}",
                    if only.is_empty() { "all" } else { &only },
                    data.display()
                );
            }
            let failed = report.failed.len() + missing;
            println!("{} passed, {failed} failed", report.passed);
            ExitCode::from(u8::from(failed > 0))
        }
        Err(error) => {
            eprintln!("cannot read {}: {error}", data.display());
            ExitCode::FAILURE
        }
    }
}

fn run_folder(data: &Path, selection: Selection<'_>) -> io::Result<Report> {
    let mut families = Vec::new();
    find_families(data, "", &mut families)?;
    families.sort();
    families.retain(|(family, _)| selection.takes_family(family));
    let texts =
        families.iter().map(|(_, path)| std::fs::read_to_string(path)).collect::<io::Result<Vec<_>>>()?;
    let with_texts = families.iter().zip(&texts);
    let files: Vec<_> = with_texts.map(|((family, _), text)| DataFile { family, text }).collect();
    Ok(run(&files, selection))
}

/// Every JSON file, with its path inside the data folder, without extension, as its family.
fn find_families(folder: &Path, prefix: &str, families: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !(prefix.is_empty() && WITHOUT_CASES.contains(&name.as_ref())) {
                find_families(&path, &format!("{prefix}{name}/"), families)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl") {
            families.push((format!("{prefix}{stem}"), path));
        }
    }
    Ok(())
}
