//! What stands under the maps of the figure.

use std::rc::Rc;

use convscope_core::graph::Analysis;
use convscope_scene::number;
use convscope_scene::stack::{Word, Words};

use crate::stack::{Stack, op_label, shape_text, title_of};
use crate::text::{counted, place, signed, size};

/// Says the words of the figure of a stack.
pub fn words(stack: &Stack) -> Words {
    let analysis = stack.analysis.clone();
    Rc::new(move |word| caption(&analysis, word))
}

/// "4 Conv 3 × 3", "7 × 7 × 16", "region 8 × 8", "unit (1, 4)"
fn caption(analysis: &Analysis, word: Word) -> String {
    match word {
        Word::Title(id) if analysis.source() == Some(id) => "Input image".into(),
        Word::Title(id) => title_of(analysis.graph(), id.index()),
        Word::Size(id) => {
            let shape = analysis.value(id).ok().and_then(|value| value.tensor());
            shape.map_or_else(String::new, shape_text)
        }
        Word::Region(id, region) => {
            let what = if analysis.source() == Some(id) { "field" } else { "region" };
            format!("{what} {}", size(region))
        }
        Word::Unit(id, at) if analysis.source() == Some(id) => format!("pixel {}", place(signed(at))),
        Word::Unit(_, at) => format!("unit {}", place(signed(at))),
        Word::Seen(_, units) => format!("seen by {}", size(units)),
        Word::Row(id) if analysis.source() == Some(id) => "Input".into(),
        Word::Row(id) => format!("{} {}", id.index(), op_label(&analysis.graph().node(id).op)),
        Word::Hidden(layers) => counted(layers, "layer"),
    }
}

/// "Unit (1, 4) of layer 4, 4 Conv 3 × 3", as it is announced.
pub fn unit_name(stack: &Stack, node: usize, unit: [u64; 2]) -> String {
    let at = place(signed(unit));
    match node {
        0 => format!("Pixel {at}"),
        node => format!("Unit {at} of layer {}", stack.title(node)),
    }
}

/// "14 of 224 pixels", how much of an axis a field covers.
pub fn share(of: u64, len: u64) -> String {
    format!("{} of {}", number::grouped(of.into()), counted(len, "pixel"))
}
