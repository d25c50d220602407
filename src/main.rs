//! The convscope app: what `index.html` starts.

use convscope::App;

fn main() {
    convscope::start(App);
}
