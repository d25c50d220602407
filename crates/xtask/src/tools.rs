//! The tools a build needs: looked for in PATH, then in the user's cache folder, then installed
//! there.
//!
//! The folder is `$XDG_CACHE_HOME/convscope/tools` (or `~/.cache/..`); every clone shares it and
//! the user's own tools are left alone. A tool is put together beside its place and moved there
//! when it is complete, so an interrupted install leaves nothing that looks whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::process::{Result, cargo, find_in_path, output_of, path_with, program, root, run, succeeds};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const TRUNK: &str = "0.22.1";
const BINARYEN: &str = "132.0.0";

/// Settings that make installing from source quick: the tools are started a few times a day.
const QUICK_BUILD: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
];

/// Folders to put in front of PATH.
pub(crate) struct Tools {
    dirs: Vec<PathBuf>,
}

impl Tools {
    /// What turns Rust into wasm and its JavaScript, and runs its tests.
    pub(crate) fn for_wasm() -> Result<Self> {
        wasm_target()?;
        let mut tools = Self { dirs: Vec::new() };
        tools.add(wasm_bindgen()?);
        Ok(tools)
    }

    /// What builds the page. A release build also wants wasm-opt, which comes with npm.
    pub(crate) fn for_page(release: bool) -> Result<Self> {
        let mut tools = Self::for_wasm()?;
        tools.add(trunk()?);
        if release {
            tools.add(wasm_opt()?);
        }
        Ok(tools)
    }

    /// Lets `command` find them.
    pub(crate) fn give_to(&self, command: &mut Command) -> Result<()> {
        command.env("PATH", path_with(&self.dirs)?);
        Ok(())
    }

    fn add(&mut self, dir: Option<PathBuf>) {
        self.dirs.extend(dir);
    }
}

/// Adds the wasm target to the toolchain in use.
pub(crate) fn wasm_target() -> Result<()> {
    let mut rustc = program("rustc");
    rustc.args(["--print", "sysroot"]);
    let sysroot = output_of(rustc).ok_or("rustc does not run; install rustup first")?;
    let std_dir = Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET);
    if std_dir.join("lib").is_dir() {
        return Ok(());
    }
    println!("Adding the {WASM_TARGET} target to this toolchain (a few seconds)");
    let mut rustup = program("rustup");
    rustup.args(["target", "add", WASM_TARGET]);
    run(rustup).map_err(|error| format!("{error}; add the target {WASM_TARGET} by hand"))
}

/// Adds rustfmt and clippy to the toolchain in use.
pub(crate) fn checkers() -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let mut version = cargo();
        version.args([if component == "rustfmt" { "fmt" } else { component }, "--version"]);
        if !succeeds(version) {
            println!("Adding {component} to this toolchain (a few seconds)");
            let mut rustup = program("rustup");
            rustup.args(["component", "add", component]);
            run(rustup)?;
        }
    }
    Ok(())
}

fn trunk() -> Result<Option<PathBuf>> {
    // The configuration was written for this series; a later patch of it will do.
    let wanted = version_of(TRUNK);
    let fits = |found: &[u64]| found[..2] == wanted[..2] && *found >= *wanted;
    if version_in_path("trunk").is_some_and(|found| found.len() == 3 && fits(&found)) {
        return Ok(None);
    }
    let about = "builds the page; from source, once, 5 to 10 minutes on two cores, \
                 or `cargo binstall trunk` in a few seconds";
    cached("trunk", TRUNK, about, |place| {
        let mut install = cargo_install(place);
        install.args(["--locked", "--ignore-rust-version"]).arg(format!("trunk@{TRUNK}"));
        run(install)
    })
    .map(|dir| Some(dir.join("bin")))
}

fn wasm_bindgen() -> Result<Option<PathBuf>> {
    let lock = read(&root().join("Cargo.lock"))?;
    let version = locked_version(&lock, "wasm-bindgen")
        .ok_or("Cargo.lock names no wasm-bindgen, so its program cannot be chosen")?;
    let wanted = Some(version_of(version));
    let in_path = |name| version_in_path(name) == wanted;
    if in_path("wasm-bindgen") && in_path("wasm-bindgen-test-runner") {
        return Ok(None);
    }
    let about = "makes the JavaScript beside the wasm; from source, once, 2 to 3 minutes";
    cached("wasm-bindgen", version, about, |place| {
        let mut install = cargo_install(place);
        install.args(["wasm-bindgen-cli", "--version", version]).arg("--no-default-features");
        run(install)
    })
    .map(|dir| Some(dir.join("bin")))
}

fn wasm_opt() -> Result<Option<PathBuf>> {
    let wanted = version_of(BINARYEN);
    if version_in_path("wasm-opt").is_some_and(|found| found.first() >= wanted.first()) {
        return Ok(None);
    }
    if find_in_path("npm").is_none() {
        println!("There is no npm, so this build leaves wasm-opt out and is larger than it could be");
        return stand_in_for_wasm_opt().map(Some);
    }
    let about = "has wasm-opt, which makes the wasm smaller; from npm, about 5 seconds";
    cached("binaryen", BINARYEN, about, |place| {
        let manifest = place.join("package.json");
        fs::write(&manifest, "{ \"private\": true }\n")
            .map_err(|error| format!("{}: {error}", manifest.display()))?;
        let mut npm = Command::new("npm");
        npm.current_dir(place)
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
            .args(["--no-update-notifier", "--loglevel=error"])
            .arg(format!("binaryen@{BINARYEN}"));
        run(npm)
    })
    .map(|dir| Some(dir.join("node_modules/.bin")))
}

/// A program that takes the place of wasm-opt and copies: Trunk has no switch to leave it out.
fn stand_in_for_wasm_opt() -> Result<PathBuf> {
    let script = r#"#!/bin/sh
for arg in "$@"; do
  case "$arg" in
    --version) echo "wasm-opt version 0 (copies)"; exit 0 ;;
    --output=*) output="${arg#--output=}" ;;
    -*) ;;
    *) input="$arg" ;;
  esac
done
cp "$input" "$output"
"#;
    let dir = cached("copying-wasm-opt", "1", "stands in for wasm-opt", |place| {
        let file = place.join("wasm-opt");
        fs::write(&file, script).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut chmod = Command::new("chmod");
        chmod.arg("+x").arg(&file);
        run(chmod)
    })?;
    Ok(dir)
}

fn cargo_install(place: &Path) -> Command {
    let mut command = cargo();
    command
        .current_dir(place)
        .envs(QUICK_BUILD)
        // Beside the tool, so that an interrupted install goes on where it was.
        .env("CARGO_TARGET_DIR", place.join("target"))
        .env_remove("CARGO_BUILD_TARGET")
        .args(["install", "--root"])
        .arg(place);
    command
}

/// The folder of a tool in the user's cache, filled by `install` if it is not there.
fn cached(
    name: &str,
    version: &str,
    about: &str,
    install: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let tools = cache_dir()?.join("convscope").join("tools");
    let dir = tools.join(format!("{name}-{version}"));
    if dir.is_dir() {
        return Ok(dir);
    }
    let place = tools.join(format!(".installing-{name}-{version}"));
    let failed = |error: std::io::Error| format!("{}: {error}", place.display());
    fs::create_dir_all(&place).map_err(failed)?;
    // Two builds that start at once install a tool once. The lock ends with the process.
    let lock = File::create(tools.join(format!(".lock-{name}-{version}"))).map_err(failed)?;
    if lock.try_lock().is_err() {
        println!("Waiting for another process that installs {name} {version}");
        lock.lock().map_err(failed)?;
    }
    if dir.is_dir() {
        return Ok(dir);
    }
    println!("Installing {name} {version} into {} ({about})", dir.display());
    fs::create_dir_all(&place).map_err(failed)?;
    let start = Instant::now();
    install(&place)?;
    if let Err(error) = fs::remove_dir_all(place.join("target"))
        && error.kind() != std::io::ErrorKind::NotFound
    {
        return Err(failed(error));
    }
    fs::rename(&place, &dir).map_err(failed)?;
    println!("Installed {name} {version} in {:.0} s", start.elapsed().as_secs_f64());
    Ok(dir)
}

fn cache_dir() -> Result<PathBuf> {
    let absolute = |dir: PathBuf| dir.is_absolute().then_some(dir);
    std::env::var_os("XDG_CACHE_HOME")
        .and_then(|dir| absolute(dir.into()))
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .ok_or_else(|| "neither XDG_CACHE_HOME nor a home folder is known".to_owned())
}

fn version_in_path(name: &str) -> Option<Vec<u64>> {
    let mut command = Command::new(find_in_path(name)?);
    command.arg("--version");
    version_in(&output_of(command)?)
}

/// The first version number in what a program says of itself.
fn version_in(text: &str) -> Option<Vec<u64>> {
    text.split_whitespace().map(version_of).find(|version| !version.is_empty())
}

/// `0.22.1` as numbers; nothing when it is no version.
fn version_of(word: &str) -> Vec<u64> {
    let numbers: std::result::Result<Vec<u64>, _> = word.split('.').map(str::parse).collect();
    numbers.unwrap_or_default()
}

/// The version that a lock file gives to a package.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    lock.lines().skip_while(|line| **line != name).nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_in_what_programs_say() {
        assert_eq!(version_in("trunk 0.22.1\n"), Some(vec![0, 22, 1]));
        assert_eq!(version_in("wasm-bindgen 0.2.130"), Some(vec![0, 2, 130]));
        assert_eq!(version_in("wasm-opt version 132 (version_132)"), Some(vec![132]));
        assert_eq!(version_in("command not found"), None);
    }

    #[test]
    fn the_version_of_a_package_is_that_of_its_own_entry() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "trunk"), None);
    }
}
