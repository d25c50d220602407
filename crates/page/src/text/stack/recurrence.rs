//! The recurrence of receptive fields, with the numbers of each layer filled in:
//! `R_k = R_(k-1) + (K_k - 1) * s_1 * ... * s_(k-1)`, where `K_k` counts the cells that a dilated window spans.

use convscope_core::graph::{Field, NodeId, Relation};
use convscope_scene::number;

use crate::stack::{Side, Stack, field_size};
use crate::text::{Run, joined};

/// The formula without numbers.
pub const RECURRENCE: &str = "R_k = R_(k−1) + (K_k − 1) × s_1 × … × s_(k−1)";

/// The formula as LaTeX.
pub const RECURRENCE_LATEX: &str = r"R_k = R_{k-1} + (K_k - 1) \prod_{i=1}^{k-1} s_i";

/// More factors than these are written as one number.
const MOST_FACTORS: usize = 4;

/// One layer of the way on which the field is largest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecurrenceLine {
    /// The layer, which is the index of its R.
    pub node: usize,
    /// "4 Conv 3 × 3"
    pub title: String,
    /// What stands behind "R_4 =": "6 + (3 − 1) × 1 × 1 × 2 = 10".
    pub runs: Vec<Run>,
    /// Whether the formula gives it; otherwise the words say what does.
    pub by_formula: bool,
}

/// What has been seen on the way so far.
struct Way {
    size: u64,
    /// The product of the strides before.
    jump: u64,
    /// The strides of the layers before that move a window; of many the first ones.
    strides: Vec<u64>,
}

impl Way {
    /// "1 × 1 × 2", or their product where there are many.
    fn factors(&self) -> String {
        let factors: Vec<String> = self.strides.iter().map(u64::to_string).collect();
        match factors.len() {
            0 => "1".to_owned(),
            1..=MOST_FACTORS => joined(&factors, " × "),
            _ => number::grouped(self.jump.into()),
        }
    }

    fn step(&mut self, stride: u64, jump: u64) {
        self.jump = jump;
        if self.strides.len() <= MOST_FACTORS {
            self.strides.push(stride);
        }
    }
}

/// A line for each layer that changes the field of the chosen one, on the way on which it is largest. Layers
/// that read one cell at its own place are left out.
pub fn recurrence(stack: &Stack, side: Side) -> Vec<RecurrenceLine> {
    let Some(selected) = stack.selected() else { return Vec::new() };
    let path = stack.analysis.longest_path(selected, side.index());
    let mut lines = Vec::new();
    let mut way = Some(Way { size: 1, jump: 1, strides: Vec::new() });
    for pair in path.windows(2) {
        lines.extend(line(stack, side, [pair[0], pair[1]], &mut way));
    }
    lines
}

/// The line of a layer that is read from another; `way` ends where the formula does.
fn line(
    stack: &Stack,
    side: Side,
    [before, id]: [NodeId; 2],
    way: &mut Option<Way>,
) -> Option<RecurrenceLine> {
    let graph = stack.analysis.graph();
    let place = graph.node(id).inputs.iter().position(|input| *input == before)?;
    let link = stack.analysis.links(id).get(place)?[side.index()];
    let field = &stack.analysis.fields(id)?[side.index()];
    let made = |runs, by_formula| {
        Some(RecurrenceLine { node: id.index(), title: stack.title(id.index()), runs, by_formula })
    };
    let whole = uniform(field);
    if let (Some(there), Relation::Windows(axis, _)) = (way.as_mut(), link.relation) {
        let params = axis.params();
        let (spanned, stride) = (params.dilated_kernel().ok()?, params.stride());
        if spanned == 1 && stride == 1 {
            return None;
        }
        let size = (spanned - 1).checked_mul(there.jump).and_then(|more| more.checked_add(there.size));
        let (Some(size), Some(jump)) = (size, there.jump.checked_mul(stride)) else {
            *way = None;
            return None;
        };
        let (before, factors) = (number::grouped(there.size.into()), there.factors());
        let text = format!("{before} + ({spanned} − 1) × {factors} = ");
        there.size = size;
        there.step(stride, jump);
        return made(vec![Run::Plain(text), Run::Field(number::grouped(size.into()))], true);
    }
    let reach = way.as_ref().map(|way| way.size);
    match (link.relation, whole) {
        // Where branches meet, others may see further.
        (Relation::Same, Some(size)) => {
            let further = reach.is_some_and(|reach| size > reach);
            if let (true, Some(way)) = (further, way.as_mut()) {
                way.size = size;
                return made(
                    vec![Run::Plain("with all branches ".into()), Run::Field(number::grouped(size.into()))],
                    false,
                );
            }
            None
        }
        (Relation::Same, None) if way.is_none() => None,
        _ => {
            *way = None;
            let runs = vec![Run::Plain("by its place, ".into()), Run::Field(field_size(field))];
            let runs = if *field == Field::Whole { vec![Run::Plain("the whole axis".into())] } else { runs };
            made(runs, false)
        }
    }
}

fn uniform(field: &Field) -> Option<u64> {
    field.uniform().map(|field| field.size)
}
