//! Which units see a pixel, or a unit, layer by layer.

use convscope_core::graph::{Op, Relation};
use convscope_scene::number;

use crate::stack::Stack;
use crate::text::{counted, size};

/// The units of one layer that see what is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenRow {
    /// The layer.
    pub node: usize,
    /// "4 Conv 3 × 3"
    pub title: String,
    /// "20 units, 4 × 5"
    pub text: String,
    /// The share of the layer's units, `0.0..=1.0`.
    pub share: f64,
}

/// The layers behind the chosen one whose units see it, nearest first, at most `most`. Layers that read one cell
/// at its own place are left out: as many of their units see it as of the one before.
pub fn seen_rows(stack: &Stack, most: usize) -> Vec<SeenRow> {
    let (Some(selected), Some(seen)) = (stack.selected(), stack.seen_by()) else { return Vec::new() };
    let graph = stack.analysis.graph();
    let moves = |id| {
        let links = stack.analysis.links(id);
        links.len() > 1 || links.iter().flatten().any(|link| link.relation != Relation::Same)
    };
    let behind = graph.ids().skip(selected.index() + 1);
    let rows = behind.filter(|id| moves(*id) && !matches!(graph.node(*id).op, Op::Parameter(_)));
    rows.filter_map(|id| {
        let region = seen.region(id).ok()?;
        let count = region.count().ok().filter(|&count| count > 0)?;
        let [rows, columns] = [0, 1].map(|side| region.used(side).map_or(0, |cells| cells.count()));
        let [height, width] = region.size();
        let units = match u64::try_from(count) {
            Ok(count) => counted(count, "unit"),
            Err(_) => format!("{} units", number::grouped(count)),
        };
        let pair = u64::try_from(rows).ok().zip(u64::try_from(columns).ok());
        let text = match pair.filter(|_| rows * columns == count && count > 1) {
            Some((rows, columns)) => format!("{units}, {}", size([rows, columns])),
            None => units,
        };
        let share = count as f64 / (height as f64 * width as f64).max(1.0);
        Some(SeenRow { node: id.index(), title: stack.title(id.index()), text, share })
    })
    .take(most)
    .collect()
}
