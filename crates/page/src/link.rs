//! Links: a page as a URL fragment and back. Reading never fails: it gives a usable page and notices.
//!
//! `#/lab?v=1&n=5x6&k=3&p=1`; a page's name, then keys in any order. Pairs are `height x width` or
//! `vertical x horizontal`, one number stands for both. A missing key has its default.
//!
//! | key | value | default |
//! | --- | --- | --- |
//! | `v` | version of this grammar: `1` | `1` |
//! | `o` | the operation: `conv`, `transposed`, `max`, `average`, `lp` | `conv` |
//! | `n` | height and width of the input: `5` or `5x6` | of `x`: the square that its numbers fill, 224 of a photograph; otherwise `5` |
//! | `x` | the input: numbers row by row, channel by channel, with commas; `ramp`, `ramp-rows`, `ramp-columns`, `impulse`, `checker`, `zeros`, `random-SEED`; `photo-NAME`; `own` for a picture that is not in the link | at 5 × 5 the numbers of the example, otherwise `random-1` |
//! | `c` | channels of the input | `1` |
//! | `f` | filters: channels of the output; pools have none | `1` |
//! | `g` | groups | `1` |
//! | `k` | height and width of the kernel: `3` or `3x5` | of `w`: the square that its numbers fill; otherwise `3` |
//! | `w` | the weights: numbers with commas in PyTorch's order; the name of a kernel (`identity`, `box`, `gaussian`, `sobel-x`, `sobel-y`, `laplacian`, `sharpen`, `emboss`, `edge`) for every slice; `mixed` or `grey` for filters that differ; `random-SEED` | `sobel-x` |
//! | `s` | stride: `2` or `2x1` | `2` |
//! | `d` | dilation: `2` or `2x1` | `1` |
//! | `p` | padding: `valid`, `same`, `full`, one number, or `top,left,bottom,right` | `1` |
//! | `m` | what stands in the padding: `zeros`, `reflect`, `replicate`, `circular` | `zeros` |
//! | `q` | output padding of a transposed convolution: `1` or `1x0` | `0` |
//! | `ceil` | `1`: a pool keeps a last window that hangs over | `0` |
//! | `flip` | `1`: the kernel is flipped first | `0` |
//! | `div` | what an average pool divides by: `inside` for the cells in the input, or a number | the cells in input and padding |
//! | `e` | exponent of an Lp pool | `2` |
//! | `b` | bias of every filter: a number, or `none` | `1` |
//! | `a` | activation: `none`, `relu`, `leaky-relu`, `sigmoid`, `tanh`, `silu` | `none` |
//! | `batch` | images at once, for memory | `1` |
//! | `type` | type of the numbers, for memory: `float32`, `float16`, `int8`, `float64` | `float32` |
//! | `view` | `flat` or `depth`; of a transposed convolution `scatter`, `flat` or `matrix` | the first that the operation has |
//! | `ch`, `fi` | the input channel and the filter shown, from 1 | `1` |
//! | `step` | the current output cell, row by row from 1; in the view `scatter` the input cell | `5`, or the last |
//!
//! Pages are `lab` and `embed/lab`, and `stack` with keys of its own. Of a longer link the first 80,000 bytes are read.

use convscope_scene::number;

use crate::bounds::shown;
use crate::model::LabModel;
use crate::stack::StackModel;

mod escape;
mod read;
mod repair;
mod stack;
mod write;

pub use write::write;

/// What a link opens.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// The lab.
    Lab(LabModel),
    /// The lab inside another page.
    Embed(LabModel),
    /// Receptive fields of a network.
    Stack(StackModel),
}

/// What a link was read as.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// A page that can be shown: its model makes a convolution.
    pub page: Page,
    /// What in the link could not be used as it stands, in its order; at most [`MAX_NOTICES`].
    pub notices: Vec<Notice>,
}

/// One thing in a link that could not be used as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The key that it is about; empty for the link as a whole.
    pub key: String,
    /// One sentence, without full stop.
    pub text: String,
}

/// So many notices are given; the last one then counts the others.
pub const MAX_NOTICES: usize = 8;

/// Bytes of a link that are read: more than the longest that [`write()`] makes of a lab. A network that takes more is
/// not imported.
pub const MAX_LINK: usize = 80_000;

impl Page {
    /// The lab's model, on pages that show the lab.
    pub fn lab(&self) -> Option<&LabModel> {
        match self {
            Self::Lab(model) | Self::Embed(model) => Some(model),
            Self::Stack(_) => None,
        }
    }
}

/// Keys of the lab, in the order in which links are written.
const KEYS: &[&str] = &[
    "v", "o", "n", "x", "c", "f", "g", "k", "w", "s", "d", "p", "m", "q", "ceil", "flip", "div", "e", "b",
    "a", "batch", "type", "view", "ch", "fi", "step",
];

/// What stands behind each key of a page.
struct Fields {
    keys: &'static [&'static str],
    values: Vec<Option<String>>,
}

impl Fields {
    fn get(&self, key: &str) -> Option<&str> {
        let idx = self.keys.iter().position(|&known| known == key)?;
        self.values[idx].as_deref()
    }
}

/// The nearest model that makes a convolution.
pub(crate) fn nearest_possible(model: LabModel) -> LabModel {
    repair::possible(model, None, &mut Notices::default())
}

/// Collects notices: none twice, and not more than a reader wants to see.
#[derive(Default)]
struct Notices {
    list: Vec<Notice>,
    more: usize,
}

impl Notices {
    fn add(&mut self, key: &str, text: String) {
        if self.list.iter().any(|notice| notice.key == key && notice.text == text) {
            return;
        }
        if self.list.len() < MAX_NOTICES - 1 {
            self.list.push(Notice { key: key.into(), text });
        } else {
            self.more += 1;
        }
    }

    fn finish(mut self) -> Vec<Notice> {
        if self.more > 0 {
            let text = format!("{} more parts of the link could not be used", self.more);
            self.list.push(Notice { key: String::new(), text });
        }
        self.list
    }
}

/// Reads a fragment, with or without `#`. Never fails, never panics; takes time in proportion to its length.
pub fn parse(fragment: &str) -> Parsed {
    // What most visitors open says nothing; that nothing is read for it keeps the first download small.
    if ["", "#", "#/", "#/lab"].contains(&fragment) {
        return Parsed { page: Page::Lab(LabModel::default()), notices: Vec::new() };
    }
    if fragment == "#/stack" {
        return Parsed { page: Page::Stack(StackModel::default()), notices: Vec::new() };
    }
    parse_keys(fragment)
}

/// Not inlined: it is no part of what runs first.
#[inline(never)]
fn parse_keys(fragment: &str) -> Parsed {
    let mut notices = Notices::default();
    let read = beginning(fragment);
    let body = read.strip_prefix('#').unwrap_or(read);
    let (path, query) = body.split_once('?').unwrap_or((body, ""));
    let lab = |notices: &mut Notices| {
        let fields = fields(query, KEYS, notices);
        repair::possible(read::model(&fields, notices), fields.get("step"), notices)
    };
    let page = match path.trim_matches('/') {
        "" | "lab" => Page::Lab(lab(&mut notices)),
        "embed/lab" | "embed" => Page::Embed(lab(&mut notices)),
        "stack" => Page::Stack(stack::read(&fields(query, stack::KEYS, &mut notices), &mut notices)),
        other => {
            notices.add("", format!("There is no page “{}”; the lab is shown", shown(other)));
            Page::Lab(lab(&mut notices))
        }
    };
    let notices = if read.len() < fragment.len() {
        let [total, used] = [fragment.len(), MAX_LINK].map(|len| number::grouped(len as u128));
        let text = format!("The link is {total} characters long; only the first {used} were read");
        vec![Notice { key: String::new(), text }]
    } else {
        notices.finish()
    };
    Parsed { page, notices }
}

/// As much of a link as is read: whole keys where possible, always whole characters.
fn beginning(fragment: &str) -> &str {
    if fragment.len() <= MAX_LINK {
        return fragment;
    }
    let head = fragment.get(..fragment.floor_char_boundary(MAX_LINK)).unwrap_or(fragment);
    head.rsplit_once('&').map_or(head, |(keys, _)| keys)
}

fn fields(query: &str, keys: &'static [&'static str], notices: &mut Notices) -> Fields {
    let mut fields = Fields { keys, values: vec![None; keys.len()] };
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (key, value) = (escape::decode(key), escape::decode(value));
        let name = shown(&key.text);
        let Some(idx) = keys.iter().position(|&known| known == key.text) else {
            notices.add(&name, format!("“{name}” in the link is not known and was left out"));
            continue;
        };
        if value.malformed || key.malformed {
            notices.add(&name, format!("“{name}” in the link has a broken percent sign"));
        }
        if fields.values[idx].replace(value.text.into_owned()).is_some() {
            notices.add(&name, format!("“{name}” is in the link more than once; the last one is used"));
        }
    }
    fields
}

#[cfg(test)]
mod tests;
