//! `cargo xtask test`: every check and every test, and at the end how many passed.
//!
//! A stage that fails does not keep later ones from running, unless they need what it makes.

use std::time::Instant;

use crate::args::Args;
use crate::browser::{self, Chromium};
use crate::build;
use crate::conformance;
use crate::process::{Result, cargo, root, run as run_program, run_reading};
use crate::size;
use crate::tally::Tally;
use crate::tools::{self, Tools};

const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];

/// Packages whose `tests/web.rs` runs in a browser, with the folder of each.
const WEB_TESTED: [(&str, &str); 3] =
    [("convscope", ""), ("convscope-core", "crates/core"), ("convscope-conformance", "crates/conformance")];

pub(crate) fn run(mut args: Args) -> Result<()> {
    let quick = args.flag("--quick");
    args.finish()?;
    let mut report = Report::default();
    if let Err(error) = prepare_and_run(quick, &mut report) {
        eprintln!("{error}");
        report.total.add(Tally::one(false));
    }
    println!();
    for failure in &report.failures {
        println!("failed: {failure}");
    }
    println!("took {:.0} s", report.start.elapsed().as_secs_f64());
    let Tally { passed, failed } = report.total;
    println!("{passed} passed, {failed} failed");
    if failed == 0 { Ok(()) } else { std::process::exit(1) }
}

/// Gets every tool first, so that a machine that lacks one says so at once.
fn prepare_and_run(quick: bool, report: &mut Report) -> Result<()> {
    tools::checkers()?;
    tools::wasm_target()?;
    if quick {
        checks(report);
        return Ok(());
    }
    let chromium = browser::chromium()?;
    browser::install_packages()?;
    let tools = Tools::for_page(true)?;
    checks(report);
    for (package, folder) in WEB_TESTED {
        if root().join(folder).join("tests").join("web.rs").is_file() {
            let name = format!("tests of {package} in Chromium");
            report.tests(&name, |tally| web_tests(package, &tools, &chromium, tally));
        }
    }
    report.tests("cases of other programs, as wasm in Chromium", |tally| {
        let comparison = conformance::wasm(&tools, &chromium, Args::none())?;
        run_reading(comparison, |line| tally.read(line))
    });
    if report.step("release build", build::release) {
        report.tests("end-to-end tests", |tally| end_to_end(&chromium, tally));
        report.check("size", || size::measure(&build::dist()));
    }
    Ok(())
}

/// What needs no browser.
fn checks(report: &mut Report) {
    report.check("format", || cargo_run(&["fmt", "--all", "--check"]));
    report.check("clippy", || cargo_run(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    report.check("clippy for wasm", clippy_for_wasm);
    report.check("documentation", || {
        let mut doc = cargo();
        doc.args(["doc", "--no-deps", "--workspace"]).env("RUSTDOCFLAGS", "-D warnings");
        run_program(doc)
    });
    report.tests("native tests", |tally| {
        let mut test = cargo();
        test.args(["test", "--workspace", "--no-fail-fast"]);
        run_reading(test, |line| tally.read(line))
    });
}

/// The app with every crate of ours that it uses, the worker, and the tests that run in a browser.
fn clippy_for_wasm() -> Result<()> {
    let mut app = cargo();
    app.args(["clippy", "-p", "convscope", "-p", "convscope-worker"])
        .args(WASM)
        .args(["--", "-D", "warnings"]);
    run_program(app)?;
    for (package, folder) in WEB_TESTED {
        if root().join(folder).join("tests").join("web.rs").is_file() {
            let mut web = cargo();
            web.args(["clippy", "-p", package, "--bins", "--test", "web"])
                .args(WASM)
                .args(["--", "-D", "warnings"]);
            run_program(web)?;
        }
    }
    Ok(())
}

fn web_tests(package: &str, tools: &Tools, chromium: &Chromium, tally: &mut Tally) -> Result<()> {
    let mut test = cargo();
    tools.give_to(&mut test)?;
    chromium.give_to(&mut test);
    test.args(["test", "-p", package, "--test", "web"])
        .args(WASM)
        // Without this the runner would start a browser only for tests that ask for one.
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    run_reading(test, |line| tally.read(line))
}

fn end_to_end(chromium: &Chromium, tally: &mut Tally) -> Result<()> {
    let mut node = browser::node("--test", chromium);
    // Two browsers at once on two cores make times, and so waits, unsteady.
    node.args(["--test-concurrency=1", "--test-reporter=spec"]).args(browser::test_files()?);
    run_reading(node, |line| tally.read(line))
}

fn cargo_run(args: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.args(args);
    run_program(command)
}

/// What ran so far.
struct Report {
    start: Instant,
    total: Tally,
    failures: Vec<String>,
}

impl Default for Report {
    fn default() -> Self {
        Self { start: Instant::now(), total: Tally::default(), failures: Vec::new() }
    }
}

impl Report {
    /// A stage that counts as one test.
    fn check(&mut self, name: &str, run: impl FnOnce() -> Result<()>) {
        let passed = self.stage(name, run);
        self.total.add(Tally::one(passed));
    }

    /// A stage that only counts when it fails. Whether it did not.
    fn step(&mut self, name: &str, run: impl FnOnce() -> Result<()>) -> bool {
        let passed = self.stage(name, run);
        if !passed {
            self.total.add(Tally::one(false));
        }
        passed
    }

    /// A stage that counts its own tests. One that runs none, or fails without a failed test
    /// (because it does not compile, say), counts as one failed test.
    fn tests(&mut self, name: &str, run: impl FnOnce(&mut Tally) -> Result<()>) {
        let mut tally = Tally::default();
        let outcome = self.stage(name, || {
            run(&mut tally)?;
            match tally {
                Tally { failed: 1.., .. } => Err("tests failed or were left out".to_owned()),
                Tally { passed: 0, .. } => Err("no test ran".to_owned()),
                Tally { .. } => Ok(()),
            }
        });
        if !outcome && tally.failed == 0 {
            tally.failed = 1;
        }
        println!("   {} passed, {} did not", tally.passed, tally.failed);
        self.total.add(tally);
    }

    fn stage(&mut self, name: &str, run: impl FnOnce() -> Result<()>) -> bool {
        println!("== {name}");
        let start = Instant::now();
        let outcome = run();
        let secs = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => {
                println!("== {name}: ok, {secs:.1} s");
                true
            }
            Err(error) => {
                println!("== {name}: FAILED, {secs:.1} s: {error}");
                self.failures.push(name.to_owned());
                false
            }
        }
    }
}
