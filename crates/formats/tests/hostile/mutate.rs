//! Real files and texts, and what may become of them: cut, doubled, spliced, damaged, with numbers too large for
//! anything.

use std::time::{Duration, Instant};

use convscope_core::graph::notation::{self, Names};
use convscope_formats::onnx::network::{MAX_VALUES, reading};
use convscope_formats::onnx::{Options, read_model};
use convscope_formats::{Reading, text};

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/data/", $name))
    };
}

/// Files of ONNX: exports of both exporters of PyTorch, and single operators of old and new opsets.
pub const MODELS: [&[u8]; 8] = [
    file!("onnx-graph/resnet18.external.onnx"),
    file!("onnx-graph/resnet18.dynamo.inputs.onnx"),
    file!("onnx-graph/resnet18.sharedinit.external.onnx"),
    file!("onnx-graph/mobilenet_v2.inputs.onnx"),
    file!("onnx-graph/mobilenet_v2.dynamo.external.onnx"),
    file!("onnx-node/pytorch-converted/test_Conv2d_strided/model.onnx"),
    file!("onnx-node/test_constant_pad/model.onnx"),
    file!("onnx-node/test_averagepool_2d_ceil/model.onnx"),
];

/// Texts of every form.
pub const TEXTS: [&[u8]; 12] = [
    file!("text/small.printed.txt"),
    file!("text/small.torchinfo.txt"),
    file!("text/small.torchsummary.txt"),
    file!("text/resnet18.printed.txt"),
    file!("text/resnet18.torchinfo.txt"),
    file!("text/resnet18.torchsummary.txt"),
    file!("text/mobilenet_v2.printed.txt"),
    file!("text/mobilenet_v2.torchinfo.txt"),
    file!("text/mobilenet_v2.torchsummary.txt"),
    b"nn.Sequential(\n    nn.Conv2d(3, 8, (3, 5), padding='same', dilation=2),\n    nn.ReLU(),\n    nn.Upsample(scale_factor=1.5),\n)\n",
    b"class Net(nn.Module):\n    def __init__(self, n=3):\n        super().__init__()\n        self.c = nn.Conv2d(n, 2 * n, 3)\n        layers = []\n        layers += [nn.MaxPool2d(2), nn.Linear(n * 7 * 7, 10)]\n        self.f = nn.Sequential(*layers)\n",
    b"https://fomoro.com/research/article/receptive-field-calculator#3,1,1,VALID;2,2,1,SAME;",
];

/// What stands instead of a number or a word.
const WORDS: [&str; 40] = [
    "0",
    "1",
    "-1",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "1e308",
    "1e999",
    "0.1",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\n",
    "\n    ",
    "=",
    "*",
    "'",
    "\"\"\"",
    "#",
    ": ",
    "nn.",
    "None",
    "x",
    "for",
    "Conv2d(",
    "(0): ",
    "(0-9999): 10000 x ",
    "├─",
    "│    ",
    "Layer (type:depth-idx)",
    "[-1, 3, 9, 9]",
    "1,000,000",
    "é",
    "Sequential(",
    "BasicBlock(",
];

/// Numbers that are as they are chosen, from a seed (xorshift64*, Vigna 2016).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// From 0 to before `end`; 0 where that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        high as usize % end.max(1)
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A stretch of so many bytes, most often a short one.
    fn stretch(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        let longest = if self.below(4) == 0 { len } else { 1 + self.below(40) };
        start..(start + self.below(longest + 1)).min(len)
    }
}

/// A file that was damaged in some places.
pub fn model(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = chance.pick(&MODELS).to_vec();
    for _ in 0..=chance.below(6) {
        let range = chance.stretch(bytes.len());
        match chance.below(9) {
            0 => bytes.truncate(range.start),
            1 => drop(bytes.drain(range)),
            2 => {
                let part = bytes[range.clone()].to_vec();
                bytes.splice(range.end..range.end, part);
            }
            3 => {
                let other = chance.pick(&MODELS);
                let part = other[chance.stretch(other.len())].to_vec();
                bytes.splice(range, part);
            }
            // The largest number that a varint holds, and sizes that are larger than the file.
            4 => drop(bytes.splice(range.start..range.start, [0xff; 9].into_iter().chain([1]))),
            5 => bytes[range].fill(0xff),
            6 => bytes[range].fill(0),
            _ => {
                let byte = chance.below(256) as u8;
                if let Some(at) = bytes.get_mut(range.start) {
                    *at = byte;
                }
            }
        }
    }
    bytes
}

/// A text in which some words and lines are others, or where others were.
pub fn words(chance: &mut Chance) -> String {
    let mut bytes = chance.pick(&TEXTS).to_vec();
    for _ in 0..=chance.below(8) {
        match chance.below(6) {
            // A number becomes another.
            0 | 1 => {
                let from = chance.below(bytes.len());
                let digit = bytes[from..].iter().position(u8::is_ascii_digit).map_or(from, |at| from + at);
                let len = bytes[digit..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                bytes.splice(digit..digit + len, chance.pick(&WORDS).bytes());
            }
            2 => drop({
                let at = chance.stretch(bytes.len());
                bytes.splice(at, chance.pick(&WORDS).bytes())
            }),
            // Lines go, come twice, or come from elsewhere.
            kind => {
                let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
                let at = chance.stretch(lines.len());
                match kind {
                    3 => drop(lines.drain(at)),
                    4 => {
                        let again = lines[at.clone()].repeat(1 + chance.below(3));
                        lines.splice(at.end..at.end, again);
                    }
                    _ => {
                        let other = chance.pick(&TEXTS);
                        let other: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
                        let from = chance.stretch(other.len());
                        lines.splice(at, other[from].to_vec());
                    }
                }
                bytes = lines.concat();
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads a file as the worker does.
pub fn read_file(mut bytes: &[u8]) -> Result<Reading, String> {
    let options = Options { max_values: MAX_VALUES, max_kept_bytes: 64 << 20 };
    let model = read_model(&mut bytes, options).map_err(|error| error.to_string())?;
    reading(&model, [224, 224]).map_err(|error| error.to_string())
}

/// Reads a text as the worker does.
pub fn read_text(words: &str) -> Result<Reading, String> {
    text::read(words, [14, 14]).map_err(|error| error.to_string())
}

/// All that is asked of what was read: sentences, costs, and the text that the page gets, which gives the same
/// network back. Says how long it took.
pub fn survive(read: impl FnOnce() -> Result<Reading, String>) -> (bool, Duration) {
    let started = Instant::now();
    let read = read();
    match &read {
        Err(reason) => assert!(!reason.is_empty() && !reason.contains('\n'), "{reason:?}"),
        Ok(reading) => {
            assert!(reading.graph.len() > 1 && reading.sentence().ends_with('.'));
            for note in &reading.notes {
                // Notes travel as lines.
                let note = note.to_string();
                assert!(note.ends_with('.') && !note.contains('\n'), "{note:?}");
            }
            let again = notation::read(&notation::write(&reading.graph, Names::Kept));
            assert_eq!(again.as_ref(), Ok(&reading.graph));
            reading.graph.analyse().totals();
        }
    }
    (read.is_ok(), started.elapsed())
}
