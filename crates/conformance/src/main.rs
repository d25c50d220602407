//! Compares with every case of a folder: natively as a command, in a browser by what a page hands over.

#[cfg(not(target_arch = "wasm32"))]
mod command;
#[cfg(target_arch = "wasm32")]
mod web;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    command::main()
}

/// The page that loads the module calls what `web` exports.
#[cfg(target_arch = "wasm32")]
fn main() {
    web::say_panics();
}
