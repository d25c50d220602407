//! The convscope app.

fn main() {}
