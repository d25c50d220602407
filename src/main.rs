//! The convscope app. `start.js` calls [`convscope::start`] once the wasm is there, so there is nothing to do before.

use convscope as _;

fn main() {}
