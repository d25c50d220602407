//! Networks as text: source of PyTorch, printed modules, tables of torchinfo and torchsummary, Fomoro's links.
//!
//! [`read`] finds out which it is. What is no layer is passed over; what is one and cannot be read is an error
//! with its line and column.

mod blocks;
mod deduce;
mod error;
mod expr;
mod fomoro;
mod layers;
mod lower;
mod module;
mod printed;
mod source;
mod table;
mod token;

pub use error::{At, Reason, TextError};

use convscope_core::graph::{Graph, Op};

use crate::reading::{Form, Note, Place, Reading, Remark};
use module::Module;

/// Longer texts are refused: printed networks of a thousand layers take some 200 KB.
pub const MAX_BYTES: usize = 2_000_000;

/// Heights and widths that networks are made for, tried in turn where the present one is impossible.
const USUAL: [u64; 14] = [224, 227, 299, 32, 28, 64, 96, 84, 128, 160, 192, 256, 384, 512];

/// Reads a network from a text of any known form. `size` is the input's height and width where the text does not
/// state it; where a layer makes that impossible, the first usual size is taken that none does.
///
/// # Errors
///
/// [`TextError`] with line and column.
pub fn read(text: &str, size: [u64; 2]) -> Result<Reading, TextError> {
    if text.trim().is_empty() {
        return Err(TextError::whole(Reason::Empty));
    }
    if text.len() > MAX_BYTES {
        return Err(TextError::whole(Reason::TooLong { max_bytes: MAX_BYTES }));
    }
    if let Some((at, fragment)) = fomoro::fragment(text) {
        let graph = fomoro::graph(at, fragment, size)?;
        return Ok(Reading { graph, form: Form::Fomoro, notes: Vec::new() });
    }
    if let Some((modules, form, size, notes)) = table::modules(text)? {
        return fitted(&modules, form, Size::Stated(size), notes);
    }
    if text.lines().any(printed::is_entry) {
        let module = printed::module(text)?;
        return fitted(&[module], Form::Printed, Size::Present(size), Vec::new());
    }
    let (modules, notes) = source::modules(text)?;
    if modules.is_empty() {
        return Err(TextError::whole(Reason::NoLayers));
    }
    fitted(&modules, Form::PyTorch, Size::Present(size), notes)
}

/// The input's height and width, and whether the text states them.
enum Size {
    Stated([u64; 2]),
    Present([u64; 2]),
}

/// The network at the first size at which all of it is possible, or else most.
fn fitted(modules: &[Module], form: Form, size: Size, mut notes: Vec<Note>) -> Result<Reading, TextError> {
    let (present, others) = match size {
        Size::Stated(size) => (size, &[][..]),
        Size::Present(size) => (size, &USUAL[..]),
    };
    let sizes = std::iter::once(present).chain(others.iter().map(|&side| [side; 2]));
    let mut best: Option<(usize, [u64; 2], Graph, Vec<Note>)> = None;
    for size in sizes {
        let (graph, lowered) = lower::lower(modules, size, form == Form::PyTorch)?;
        let reach = graph.analyse().first_error().map_or(usize::MAX, |(id, _)| id.index());
        let has_maps = input_rank(&graph) == Some(4);
        if best.as_ref().is_none_or(|(most, ..)| reach > *most) {
            best = Some((reach, size, graph, lowered));
        }
        if reach == usize::MAX || !has_maps {
            break;
        }
    }
    let (_, size, graph, lowered) = best.ok_or_else(|| TextError::whole(Reason::NoLayers))?;
    let stated = others.is_empty() || input_rank(&graph) != Some(4);
    if !stated {
        let remark = Remark::InputSize { size, fitted: size != present };
        notes.insert(0, Note { place: Place::Whole, remark });
    }
    notes.extend(lowered);
    Ok(Reading { graph, form, notes })
}

fn input_rank(graph: &Graph) -> Option<u64> {
    match &graph.node(graph.id(0)?).op {
        Op::Input(shape) => Some(shape.rank()),
        _ => None,
    }
}
