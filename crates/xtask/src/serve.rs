//! `cargo xtask serve`: builds, serves on this machine alone, builds again on change.
//!
//! The page's policy allows no inline script, and Trunk's own server reloads pages with one; so
//! Trunk only builds here. The page is put into `target/serve`, never into `dist`, so that nobody
//! ships a debug build.

use std::net::TcpListener;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use crate::args::Args;
use crate::build;
use crate::process::{Result, root, target_dir};
use crate::static_server::{self, Site};
use crate::tools::Tools;

const DEFAULT_PORT: u16 = 8080;
const PORTS_TO_TRY: u16 = 50;
const LOOK_FOR_CHANGES_EVERY: Duration = Duration::from_millis(500);

/// Folders without sources of the page. Hidden ones are left out as well.
const NOT_WATCHED: [&str; 3] = ["target", "node_modules", "artefacts"];

pub(crate) fn run(mut args: Args) -> Result<()> {
    let release = args.flag("--release");
    let port = match args.option("--port")? {
        None => DEFAULT_PORT,
        Some(text) => text.parse().map_err(|_| format!("{text} is not a port number"))?,
    };
    args.finish()?;

    let tools = Tools::for_page(release)?;
    build::fetch()?;
    let listener = listen(port)?;
    let address = listener.local_addr().map_err(|error| format!("the server has no address: {error}"))?;
    let folder = if release { "serve-release" } else { "serve" };
    let dist = target_dir().join(folder);
    let site = Site { dir: dist.clone(), reloads: !release };
    static_server::start(listener, site);

    let mut built = None;
    loop {
        let newest = newest_change(&root());
        if built == Some(newest) {
            sleep(LOOK_FOR_CHANGES_EVERY);
            continue;
        }
        println!("Building the page{}", if release { ", optimised" } else { "" });
        let start = Instant::now();
        match build::trunk_build(&tools, &dist, release) {
            Ok(()) => println!(
                "Built in {:.1} s. Open http://{address}/ (Ctrl+C ends the server)",
                start.elapsed().as_secs_f64()
            ),
            Err(error) => println!("{error}. The next change builds again."),
        }
        built = Some(newest);
    }
}

/// The first free port from `port` on.
fn listen(port: u16) -> Result<TcpListener> {
    let last = port.saturating_add(PORTS_TO_TRY);
    for candidate in port..=last {
        match TcpListener::bind(("127.0.0.1", candidate)) {
            Ok(listener) => {
                if candidate != port {
                    println!("Port {port} is taken, so this is port {candidate}");
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(format!("port {candidate} cannot be used: {error}")),
        }
    }
    Err(format!("every port from {port} to {last} is taken"))
}

/// When a source was last written, and how many there are, so that a deletion counts too.
fn newest_change(dir: &Path) -> (SystemTime, u64) {
    let mut newest = (SystemTime::UNIX_EPOCH, 0);
    let Ok(entries) = std::fs::read_dir(dir) else {
        return newest;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let output = name == "dist" || name.starts_with("dist-");
        if name.starts_with('.') || output || NOT_WATCHED.contains(&&*name) {
            continue;
        }
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let (changed, count) = if metadata.is_dir() {
            newest_change(&entry.path())
        } else {
            (metadata.modified().unwrap_or(newest.0), 1)
        };
        newest = (newest.0.max(changed), newest.1 + count);
    }
    newest
}
