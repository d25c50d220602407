//! convscope-cli

fn main() {}
