//! Damages real files and texts for so many seconds, and reads each: what the tests do in a few.
//!
//! ```text
//! cargo run --release -p convscope-formats --example fuzz -- [SECONDS] [SEED]
//! ```
//!
//! What makes a reader panic, or takes more than two seconds, is kept in `fuzz-found/`. Says at the end how many
//! there were, how many of them were networks, how long the slowest took, and the most memory that was used.

#[path = "../tests/hostile/mutate.rs"]
mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutate::{Chance, model, read_file, read_text, survive, words};

const MOST: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let seconds = numbers.first().copied().unwrap_or(60);
    let first = numbers.get(1).copied().unwrap_or(1);
    let started = Instant::now();
    let (mut count, mut networks, mut found, mut slowest) = (0_u64, 0_u64, 0_u64, Duration::ZERO);
    while started.elapsed().as_secs() < seconds {
        // Each case has its own seed, so that it can be made again.
        let seed = first.wrapping_add(count);
        let chance = &mut Chance::new(seed);
        let is_file = seed.is_multiple_of(2);
        let bytes = if is_file { model(chance) } else { words(chance).into_bytes() };
        let read = || if is_file { read_file(&bytes) } else { read_text(&String::from_utf8_lossy(&bytes)) };
        let outcome = catch_unwind(AssertUnwindSafe(|| survive(read)));
        count += 1;
        let bad = match outcome {
            Ok((is_network, took)) => {
                networks += u64::from(is_network);
                slowest = slowest.max(took);
                took > MOST
            }
            Err(_) => true,
        };
        if bad {
            found += 1;
            let name = format!("fuzz-found/{seed}.{}", if is_file { "onnx" } else { "txt" });
            let kept = std::fs::create_dir_all("fuzz-found").and_then(|()| std::fs::write(&name, &bytes));
            println!(
                "seed {seed}: {name} {}",
                kept.map_or_else(|error| error.to_string(), |()| String::new())
            );
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown", str::trim);
    println!(
        "{count} cases, {networks} networks, {found} found; the slowest took {} ms, memory {memory}",
        slowest.as_millis()
    );
    if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
