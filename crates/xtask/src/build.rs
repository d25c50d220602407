//! The page, built by Trunk.

use std::path::{Path, PathBuf};

use crate::cut;
use crate::licences;
use crate::process::{Result, cargo, program, root, run};
use crate::tools::Tools;
use crate::worker;

/// Where the release build is.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// Builds for a static host into `dist/`.
pub(crate) fn release() -> Result<()> {
    let tools = Tools::for_page(true)?;
    fetch()?;
    trunk_build(&tools, &dist(), true)?;
    // Trunk's own, of no use on a host.
    let _ = std::fs::remove_file(dist().join(".trunk-lock"));
    licences::write(&dist())
}

/// The release build in one piece, as Trunk leaves it.
pub(crate) fn whole(dist: &Path) -> Result<()> {
    let tools = Tools::for_page(true)?;
    fetch()?;
    trunk(&tools, dist, true)
}

/// Gets every crate the page needs, so that Trunk itself can stay off the network.
pub(crate) fn fetch() -> Result<()> {
    let mut fetch = cargo();
    fetch.args(["fetch", "--quiet"]);
    run(fetch)
}

/// One build with its worker; a release build is cut in parts.
pub(crate) fn trunk_build(tools: &Tools, dist: &Path, release: bool) -> Result<()> {
    trunk(tools, dist, release)?;
    worker::build(tools, dist, release)?;
    if release { cut::run(tools, dist) } else { Ok(()) }
}

/// Trunk writes beside `dist` first, so a failed build leaves the last good one.
fn trunk(tools: &Tools, dist: &Path, release: bool) -> Result<()> {
    let mut trunk = program("trunk");
    tools.give_to(&mut trunk)?;
    trunk
        .env("TRUNK_OFFLINE", "true")
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        // These would replace the flags of `.cargo/config.toml`.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .args(["--log", "warn", "build", "--dist"])
        .arg(dist);
    if release {
        trunk.arg("--release");
    }
    run(trunk)
}
