//! Lets the linker say where each object of the app's data stands, for `crates/split`.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_wasm = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32");
    // target/wasm32-unknown-unknown/release/build/convscope-hash/out
    let profile =
        env::var("OUT_DIR").ok().and_then(|dir| PathBuf::from(dir).ancestors().nth(3).map(PathBuf::from));
    if let Some(profile) = profile.filter(|_| is_wasm) {
        println!("cargo::rustc-link-arg-bin=convscope=-Map={}", profile.join("convscope.map").display());
    }
}
