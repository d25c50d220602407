//! What the readers make of files: one line for each, and its notes.
//!
//! ```text
//! cargo run -q -p convscope-formats --example read -- [--notes] [--layers] [--shapes] [--size N] FILE...
//! ```
//!
//! A file that ends with `.onnx` is read as such, another one as a text. A line has, with tabs between, the file,
//! its form, layers, parameters, multiply-adds, the largest field that is no whole axis, the first impossible
//! layer, and how long reading took; or the file, `failed`, and why.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::Instant;

use convscope_core::graph::Field;
use convscope_formats::onnx::network::{MAX_VALUES, network};
use convscope_formats::onnx::{Options, Source, read_model};
use convscope_formats::{Reading, text};

/// A file that is read in slices.
struct Slices {
    file: File,
    fetched: u64,
}

impl Source for Slices {
    fn size(&self) -> u64 {
        self.file.metadata().map_or(0, |it| it.len())
    }

    fn fetch(&mut self, offset: u64, bytes: &mut [u8]) -> Result<(), String> {
        self.fetched += bytes.len() as u64;
        let sought = self.file.seek(SeekFrom::Start(offset));
        sought.and_then(|_| self.file.read_exact(bytes)).map_err(|error| error.to_string())
    }
}

fn read(name: &str, size: [u64; 2], shapes: bool) -> Result<Reading, String> {
    if !name.ends_with(".onnx") {
        let words = std::fs::read_to_string(name).map_err(|error| error.to_string())?;
        return text::read(&words, size).map_err(|error| error.to_string());
    }
    let file = File::open(name).map_err(|error| error.to_string())?;
    let mut slices = Slices { file, fetched: 0 };
    let options = Options { max_values: MAX_VALUES, max_kept_bytes: 64 << 20 };
    let model = read_model(&mut slices, options).map_err(|error| error.to_string())?;
    let network = network(&model, size).map_err(|error| error.to_string())?;
    if shapes {
        println!("fetched\t{}", slices.fetched);
        for (name, shape) in &network.shapes {
            println!("shape\t{name}\t{:?}", shape.sizes());
        }
    }
    Ok(network.reading)
}

fn main() {
    let mut size = [224, 224];
    let (mut notes, mut layers, mut shapes) = (false, false, false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--notes" => notes = true,
            "--layers" => layers = true,
            "--shapes" => shapes = true,
            "--size" => size = [words.next().and_then(|it| it.parse().ok()).unwrap_or(224); 2],
            name => {
                let started = Instant::now();
                let reading = match read(name, size, shapes) {
                    Ok(reading) => reading,
                    Err(reason) => {
                        println!("{name}\tfailed\t{reason}");
                        continue;
                    }
                };
                let took = started.elapsed();
                let graph = &reading.graph;
                let analysis = graph.analyse();
                let totals = analysis.totals();
                let field = graph.ids().filter_map(|id| match &analysis.fields(id)?[0] {
                    Field::Periodic(field) => Some(field.size()),
                    _ => None,
                });
                let first = analysis.first_error();
                let first =
                    first.map_or("-".to_owned(), |(id, error)| format!("{}: {error}", graph.node(id).name));
                println!(
                    "{name}\t{}\t{}\t{}\t{}\t{}\t{first}\t{:.1} ms",
                    reading.form.name(),
                    reading.n_layers(),
                    totals.params,
                    totals.macs,
                    field.max().unwrap_or(0),
                    took.as_secs_f64() * 1e3,
                );
                if layers {
                    for id in graph.ids() {
                        let node = graph.node(id);
                        let inputs: Vec<usize> = node.inputs.iter().map(|it| it.index()).collect();
                        let shape = analysis.value(id).ok().and_then(|it| it.tensor().cloned());
                        println!("  {}\t{}\t{inputs:?}\t{:?}\t{shape:?}", id.index(), node.name, node.op);
                    }
                }
                if notes {
                    println!("  {}", reading.sentence());
                    reading.notes.iter().for_each(|note| println!("  {note}"));
                }
            }
        }
    }
}
