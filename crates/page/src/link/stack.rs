//! Links of the stack page: `#/stack?net=resnet-50&n=320`. Keys in any order, pairs are `height x width`.
//!
//! | key | value | default |
//! | --- | --- | --- |
//! | `v` | version of this grammar: `1` | `1` |
//! | `net` | a well-known network, as published: `course`, `course-padded`, `vgg-16`, `resnet-50`, ... | `course` |
//! | `l` | layers of any other network, in the core's notation (`graph::notation`): `i1x3x14x14.c8k3.r.mk2` | those of `net` |
//! | `n` | height and width of the input: `320` or `320x240` | the network's |
//! | `c` | channels of the input | the network's |
//! | `sel` | the chosen layer; the input is 0 | the last map with rows and columns of its own |
//! | `unit` | the chosen unit of its map: `row,column` | the middle |
//! | `side` | the axis drawn by itself: `rows`, `columns` | `rows` |
//! | `x` | the picture on the input: `photo-NAME`, or `own` for one that is not in the link | `photo-chelsea` |
//! | `view` | `pixels` as the network gets it, `photo` as it was taken | `pixels` |

use std::sync::Arc;

use convscope_core::graph::notation::{self, Names};
use convscope_core::graph::zoo::Zoo;

use super::read::{self, Pair};
use super::write::pair;
use super::{Fields, Notices, escape};
use crate::bounds::shown;
use crate::limits::{MAX_LAYERS, MAX_STACK_CHANNELS, MAX_STACK_INPUT};
use crate::source::{PictureSource, Sample};
use crate::stack::{Shown, Side, StackModel};
use crate::text::joined;

/// Keys, in the order in which links are written.
pub(super) const KEYS: &[&str] = &["v", "net", "l", "n", "c", "sel", "unit", "side", "x", "view"];

/// The input of layers that say none.
const INPUT: &str = "i1x3x224x224";

/// The photograph that stands in for a picture that is not in the link.
const STAND_IN: Sample = match StackModel::PICTURE {
    PictureSource::Sample(sample) => sample,
    PictureSource::Own(_) => Sample::Chelsea,
};

/// The model of a link; what cannot be used is replaced, with a notice.
pub(super) fn read(fields: &Fields, notices: &mut Notices) -> StackModel {
    read::version(fields, notices);
    let mut model = network(fields, notices);
    if let Some(text) = fields.get("sel") {
        let last = model.graph.len().saturating_sub(1) as u64;
        let default = model.selected as u64;
        let selected = read::whole(text, ("sel", "Layer"), [0, last], default, notices) as usize;
        if selected != model.selected {
            model = model.select(selected);
        }
    }
    if let Some(text) = fields.get("unit") {
        model.unit = unit(text, model.unit, notices);
    }
    let named = |text: &str| Side::ALL.iter().copied().find(|side| side.name() == text);
    if let Some(text) = fields.get("side") {
        model.side = named(text).unwrap_or_else(|| {
            let text = shown(text);
            notices.add("side", format!("There is no axis “{text}”; rows are used"));
            Side::Rows
        });
    }
    if let Some(text) = fields.get("x") {
        let sample = read::photograph(text, STAND_IN, notices).unwrap_or_else(|| {
            notices.add("x", format!("There is no picture “{}”; {} is used", shown(text), STAND_IN.label()));
            STAND_IN
        });
        model.picture = PictureSource::Sample(sample);
    }
    if let Some(text) = fields.get("view") {
        let named = Shown::ALL.iter().copied().find(|shown| shown.name() == text);
        model.shown = named.unwrap_or_else(|| {
            notices.add("view", format!("There is no view “{}”; pixels are used", shown(text)));
            Shown::Pixels
        });
    }
    let asked = model.unit;
    let model = model.possible();
    if model.unit != asked {
        let [[row, column], [used_row, used_column]] = [asked, model.unit];
        notices
            .add("unit", format!("There is no unit ({row}, {column}); ({used_row}, {used_column}) is used"));
    }
    model
}

fn network(fields: &Fields, notices: &mut Notices) -> StackModel {
    let model = match (fields.get("l"), fields.get("net")) {
        (Some(text), _) => layers(text, notices),
        (None, None) => StackModel::default(),
        (None, Some(id)) => match Zoo::of_id(id) {
            Some(zoo) => StackModel::of_zoo(zoo),
            None => {
                let id = shown(id);
                notices.add("net", format!("There is no network “{id}”; the example is shown"));
                StackModel::default()
            }
        },
    };
    let Some([height, width, channels]) = model.input() else { return model };
    let n = Pair { key: "n", name: "Input size", range: [1, MAX_STACK_INPUT], default: [height, width] };
    let size = read::pair(fields.get("n"), &n, notices);
    let channels_read = fields.get("c").map_or(channels, |text| {
        read::whole(text, ("c", "Channels"), [1, MAX_STACK_CHANNELS], channels, notices)
    });
    if (size, channels_read) == ([height, width], channels) {
        return model;
    }
    model.with_input([size[0], size[1], channels_read]).at_last_map()
}

/// Any layers, up to the first that cannot be read.
fn layers(text: &str, notices: &mut Notices) -> StackModel {
    let with_input = if text.starts_with('i') { text.to_owned() } else { joined(&[INPUT, text], ".") };
    let (graph, error) = notation::read_until(&with_input, MAX_LAYERS);
    if let Some(mut error) = error {
        // What is counted is what the link says.
        error.at = error.at.saturating_sub(with_input.len() - text.len());
        let rest = if graph.is_empty() { "the example is shown" } else { "the layers before it are shown" };
        notices.add("l", format!("In the link, {error}; {rest}"));
    }
    if graph.is_empty() { StackModel::default() } else { StackModel::of_graph(Arc::new(graph)) }
}

/// `3,4`: row and column of the unit.
fn unit(text: &str, default: [u64; 2], notices: &mut Notices) -> [u64; 2] {
    let read = text.split_once(',').and_then(|(row, column)| {
        Some([row.trim().parse::<u64>().ok()?, column.trim().parse::<u64>().ok()?])
    });
    read.unwrap_or_else(|| {
        let ([row, column], text) = (default, shown(text));
        notices.add("unit", format!("“{text}” in the link is no unit; ({row}, {column}) is used"));
        default
    })
}

/// The canonical link, with `#`. The default model gives `#/stack`.
pub(super) fn write(model: &StackModel) -> String {
    let mut query = String::new();
    let mut add = |key: &str, value: &str| {
        for part in ["&", key, "=", value] {
            query.push_str(part);
        }
    };
    match model.zoo {
        None => add("l", &escape::encode(&notation::write(&model.graph, Names::Left))),
        Some(zoo) => {
            if zoo != Zoo::Course {
                add("net", zoo.id());
            }
            let published = StackModel::of_zoo(zoo).input();
            if let (Some([height, width, channels]), Some([h, w, c])) = (model.input(), published) {
                if [height, width] != [h, w] {
                    add("n", &pair([height, width]));
                }
                if channels != c {
                    add("c", &channels.to_string());
                }
            }
        }
    }
    let usual = StackModel::of_graph(Arc::clone(&model.graph));
    if model.selected != usual.selected {
        add("sel", &model.selected.to_string());
    }
    if model.unit != usual.clone().select(model.selected).unit {
        let [row, column] = model.unit.map(|at| at.to_string());
        add("unit", &joined(&[row, column], ","));
    }
    if model.side != usual.side {
        add("side", model.side.name());
    }
    match &model.picture {
        PictureSource::Sample(STAND_IN) => {}
        PictureSource::Sample(sample) => add("x", &joined(&["photo-", sample.name()], "")),
        PictureSource::Own(_) => add("x", "own"),
    }
    if model.shown != usual.shown {
        add("view", model.shown.name());
    }
    if query.is_empty() { "#/stack".into() } else { joined(&["#/stack?v=1", &query], "") }
}
