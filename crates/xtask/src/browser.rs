//! Chromium for the tests, and the npm packages of the end-to-end tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Result, find_in_path, output_of, program, root, run, succeeds};

/// The browser and its driver.
pub(crate) struct Chromium {
    browser: PathBuf,
    driver: PathBuf,
}

impl Chromium {
    /// Tells a program where they are.
    pub(crate) fn give_to(&self, command: &mut Command) {
        command.env("CONVSCOPE_CHROMIUM", &self.browser).env("CHROMEDRIVER", &self.driver);
    }
}

/// Finds Chromium, or installs the system's packages when this user may.
pub(crate) fn chromium() -> Result<Chromium> {
    if let Some(found) = find_chromium() {
        return Ok(found);
    }
    if find_in_path("apt-get").is_some()
        && let Some(prefix) = root_prefix()
    {
        println!("Installing chromium and chromium-driver from the system's packages (about a minute)");
        apt_get(&prefix, &["update", "-qq"])?;
        let packages = ["chromium", "chromium-driver", "fonts-dejavu-core"];
        let install = ["install", "-y", "-qq", "--no-install-recommends"];
        apt_get(&prefix, &[&install[..], &packages[..]].concat())?;
    }
    find_chromium().ok_or_else(|| {
        "the browser tests need Chromium and its driver: install the packages chromium and \
         chromium-driver, or say where they are in CONVSCOPE_CHROMIUM and CHROMEDRIVER"
            .to_owned()
    })
}

fn find_chromium() -> Option<Chromium> {
    let given = |name| std::env::var_os(name).map(PathBuf::from);
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    Some(Chromium {
        browser: given("CONVSCOPE_CHROMIUM")
            .or_else(|| browsers.iter().find_map(|name| find_in_path(name)))?,
        driver: given("CHROMEDRIVER").or_else(|| find_in_path("chromedriver"))?,
    })
}

/// What stands before a command that only root may run: nothing for root, `sudo -n` where that
/// asks no password.
fn root_prefix() -> Option<Vec<&'static str>> {
    let mut id = Command::new("id");
    id.arg("-u");
    if output_of(id)?.trim() == "0" {
        return Some(Vec::new());
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "true"]);
    succeeds(sudo).then(|| vec!["sudo", "-n"])
}

fn apt_get(prefix: &[&str], args: &[&str]) -> Result<()> {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat();
    let mut command = program(words[0]);
    command.args(&words[1..]);
    run(command)
}

/// Where the end-to-end tests are.
pub(crate) fn e2e_dir() -> PathBuf {
    root().join("tests").join("e2e")
}

/// Installs the packages of the end-to-end tests.
pub(crate) fn install_packages() -> Result<()> {
    install_packages_in(&e2e_dir())
}

/// Installs what a folder's `package-lock.json` names, unless that is what is there.
pub(crate) fn install_packages_in(dir: &Path) -> Result<()> {
    if find_in_path("npm").is_none() {
        return Err(format!("{} needs Node.js 20 or later and npm", dir.display()));
    }
    let stamp = dir.join("node_modules").join(".installed-lock.json");
    let lock = read(&dir.join("package-lock.json"))?;
    if read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("Installing the npm packages of {} (a few seconds)", dir.display());
    let mut npm = program("npm");
    npm.current_dir(dir)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--no-update-notifier", "--loglevel=error"]);
    run(npm)?;
    fs::write(&stamp, lock).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// Node with a script of the end-to-end folder.
pub(crate) fn node(script: &str, chromium: &Chromium) -> Command {
    let mut command = program("node");
    chromium.give_to(&mut command);
    command.current_dir(e2e_dir()).arg(script);
    command
}

/// The end-to-end tests: node takes no folder, and shells differ in patterns.
pub(crate) fn test_files() -> Result<Vec<String>> {
    let dir = e2e_dir();
    let entries = fs::read_dir(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".test.mjs"))
        .collect();
    names.sort();
    Ok(names)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}
