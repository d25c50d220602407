//! A server of one folder, for this machine and for development alone.
//!
//! It answers as a plain static host does: 404 for what is not there, no rewriting of paths. In
//! debug builds it adds one script to the page, which loads it anew after a build.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::{sleep, spawn};
use std::time::{Duration, SystemTime};

/// A folder and whether its page loads itself anew.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) dir: PathBuf,
    pub(crate) reloads: bool,
}

const RELOAD_TAG: &[u8] = b"<script src=\"xtask-reload.js\"></script>";
const RELOAD_SCRIPT: &[u8] = b"new EventSource('xtask-reload').onmessage = () => location.reload();\n";

/// Serves in the background for as long as the process lives.
pub(crate) fn start(listener: TcpListener, site: Site) {
    spawn(move || {
        for stream in listener.incoming().flatten() {
            let site = site.clone();
            // A browser that hangs up is no concern of ours.
            spawn(move || drop(answer(&stream, &site)));
        }
    });
}

fn answer(stream: &TcpStream, site: &Site) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    if method != "GET" && method != "HEAD" {
        return respond(stream, "405 Method Not Allowed", "text/plain", b"");
    }
    match (path_of(target), site.reloads) {
        (Some(path), true) if path == Path::new("xtask-reload") => tell_of_builds(stream, site),
        (Some(path), true) if path == Path::new("xtask-reload.js") => {
            respond(stream, "200 OK", "text/javascript", RELOAD_SCRIPT)
        }
        (Some(path), reloads) => {
            let file = if path.as_os_str().is_empty() { Path::new("index.html") } else { &path };
            match std::fs::read(site.dir.join(file)) {
                Ok(mut body) => {
                    if reloads && file == Path::new("index.html") {
                        body.extend_from_slice(RELOAD_TAG);
                    }
                    respond(stream, "200 OK", mime(file), &body)
                }
                Err(_) if file == Path::new("index.html") => {
                    let body = b"The page is not built yet. Load this again in a moment.\n";
                    respond(stream, "503 Service Unavailable", "text/plain", body)
                }
                Err(_) => respond(stream, "404 Not Found", "text/plain", b"Not found\n"),
            }
        }
        (None, _) => respond(stream, "404 Not Found", "text/plain", b"Not found\n"),
    }
}

fn respond(mut stream: &TcpStream, status: &str, mime: &str, body: &[u8]) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

/// Keeps the connection open and sends one event when a new page is there.
fn tell_of_builds(mut stream: &TcpStream, site: &Site) -> std::io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
          Cache-Control: no-store\r\nConnection: close\r\n\r\n",
    )?;
    let built = || -> Option<SystemTime> {
        let metadata = std::fs::metadata(site.dir.join("index.html"));
        metadata.and_then(|metadata| metadata.modified()).ok()
    };
    let seen = built();
    loop {
        sleep(Duration::from_millis(300));
        let now = built();
        if now.is_some() && now != seen {
            // Trunk moves one file after another into place; the page is not the last of them.
            sleep(Duration::from_millis(200));
            return stream.write_all(b"data: built\n\n");
        }
        // A comment, which fails once the browser has gone.
        stream.write_all(b":\n\n")?;
    }
}

/// The path inside the folder; nothing for one that leads out of it.
fn path_of(target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let plain = |part: &str| part != ".." && !part.contains(['\\', ':', '%']);
    let inside = !path.starts_with('/') && path.split('/').all(plain);
    inside.then(|| PathBuf::from(path))
}

fn mime(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_its_folder() {
        assert_eq!(path_of("/"), Some(PathBuf::new()));
        assert_eq!(path_of("/a/b.js?v=1"), Some(PathBuf::from("a/b.js")));
        assert_eq!(path_of("/../secret"), None);
        assert_eq!(path_of("/a/%2e%2e/secret"), None);
        assert_eq!(path_of("//etc/passwd"), None);
        assert_eq!(path_of("etc"), None);
    }
}
