//! The same cases as wasm: a page adds the files of a data folder and asks for the report.

use convscope_conformance::{DataFile, Selection, run};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(words: &str);
}

/// A panic ends the module, so its words go out first.
pub(crate) fn say_panics() {
    std::panic::set_hook(Box::new(|panic| console_error(&panic.to_string())));
}

/// A data folder that is being handed over.
#[wasm_bindgen]
#[derive(Default)]
pub struct Folder {
    files: Vec<(String, Vec<u8>)>,
}

#[wasm_bindgen]
impl Folder {
    /// An empty one.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file by its path inside the folder, with `/` between folders.
    pub fn add(&mut self, path: String, bytes: Vec<u8>) {
        self.files.push((path, bytes));
    }

    /// Runs what is asked for; an empty text means everything.
    pub fn run(&self, only: &str) -> Outcome {
        let files: Vec<_> = self.files.iter().map(|(path, bytes)| DataFile { path, bytes }).collect();
        let report = run(&files, Selection::new(only)).or_missing(only);
        Outcome { text: report.to_string(), passed: report.failed.is_empty() }
    }
}

/// What came out.
#[wasm_bindgen(getter_with_clone)]
pub struct Outcome {
    /// The report, as the command prints it.
    #[wasm_bindgen(readonly)]
    pub text: String,
    /// Whether no case failed.
    #[wasm_bindgen(readonly)]
    pub passed: bool,
}
