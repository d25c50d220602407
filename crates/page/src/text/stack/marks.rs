//! What a learner may miss: fields larger than the image, neighbours that overlap, depth that brings nothing.

use convscope_core::graph::{Field, NodeId, Op};
use convscope_core::{AxisParams, Layer};
use convscope_scene::number;

use crate::stack::{Side, Stack};
use crate::text::counted;

/// One remark on a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The layer that it is about.
    pub node: usize,
    /// What kind of remark it is.
    pub kind: MarkKind,
    /// One sentence or two.
    pub text: String,
}

/// Kinds of remarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// The field is larger than the input.
    Exceeds,
    /// Neighbouring units see the same cells, or leave some out between them.
    Overlap,
    /// Every unit sees the whole image.
    Saturated,
    /// Pixels that no unit reads.
    Unread,
    /// Gates are passed by.
    Gates,
}

/// Remarks on the chosen layer and on the way to it.
pub fn marks(stack: &Stack, side: Side) -> Vec<Mark> {
    let Some(selected) = stack.selected() else { return Vec::new() };
    let path = stack.analysis.longest_path(selected, side.index());
    let mut marks = Vec::new();
    marks.extend(overlap(stack, selected, side));
    if let Some(&id) = path.iter().find(|id| stack.exceeds(id.index())) {
        let size =
            stack.analysis.fields(id).and_then(|fields| fields[side.index()].periodic()).map(|it| it.size());
        let len = input_len(stack, side);
        let text = match (size, len) {
            (Some(size), Some(len)) if size > len => format!(
                "From layer {} on, the field is larger than the image: {} cells on {}",
                stack.title(id.index()),
                number::grouped(size.into()),
                number::grouped(len.into())
            ),
            _ => format!("From layer {} on, the field is larger than the image", stack.title(id.index())),
        };
        marks.push(Mark { node: id.index(), kind: MarkKind::Exceeds, text });
    }
    if let Some(&id) = path.iter().find(|id| sees_all(stack, **id, side)) {
        let more = if id == selected {
            "deeper layers combine more, but see no more pixels"
        } else {
            "the layers behind it combine more, but see no more pixels"
        };
        let text = format!(
            "From layer {} on, every unit sees all {} of the image: {more}",
            stack.title(id.index()),
            side.name()
        );
        marks.push(Mark { node: id.index(), kind: MarkKind::Saturated, text });
    }
    marks.extend(unread(stack, selected));
    match stack.analysis.n_gates() {
        0 => {}
        gates => marks.push(Mark {
            node: selected.index(),
            kind: MarkKind::Gates,
            text: format!(
                "Fields pass {} by that look at a whole map to scale another, as is usual: through them every unit would see the whole image",
                counted(gates, "gate")
            ),
        }),
    }
    marks
}

impl Stack {
    /// Whether a layer's field is larger than the input on some axis.
    pub fn exceeds(&self, node: usize) -> bool {
        let Some(fields) = self.analysis.graph().id(node).and_then(|id| self.analysis.fields(id)) else {
            return false;
        };
        [Side::Rows, Side::Columns].into_iter().any(|side| {
            let len = input_len(self, side);
            let size = fields[side.index()].periodic().map(|field| field.size());
            size.zip(len).is_some_and(|(size, len)| size > len)
        })
    }
}

/// Rows or columns of the input.
pub(super) fn input_len(stack: &Stack, side: Side) -> Option<u64> {
    Some(stack.analysis.map(stack.analysis.source()?)?.size[side.index()])
}

/// "Neighbouring units share 8 of 10 cells on the rows": cells that are read, without the holes between them.
fn overlap(stack: &Stack, id: NodeId, side: Side) -> Option<Mark> {
    let periodic = stack.analysis.fields(id)?[side.index()].periodic()?;
    let field = periodic.uniform()?;
    let units = stack.analysis.map(id)?.size[side.index()];
    if units < 2 || id.index() == 0 {
        return None;
    }
    let [size, jump] = [field.size, field.jump];
    let (own, next) = (periodic.cells(0).ok()?, periodic.cells(1).ok()?);
    let shared = own.count() - own.without(&next).count();
    let text = match size.checked_sub(jump) {
        None => format!(
            "Neighbouring units of layer {} leave {} between them that neither sees",
            stack.title(id.index()),
            counted(jump - size, "cell")
        ),
        Some(0) => {
            format!(
                "The fields of neighbouring units of layer {} touch, and share nothing",
                stack.title(id.index())
            )
        }
        Some(_) if shared == 0 => format!(
            "The fields of neighbouring units of layer {} lie in one another's holes: {} apart, they share nothing",
            stack.title(id.index()),
            counted(jump, "cell"),
        ),
        Some(_) => format!(
            "Neighbouring units of layer {} lie {} apart and share {} of their {} on the {}",
            stack.title(id.index()),
            counted(jump, "cell"),
            number::grouped(shared),
            number::grouped(own.count()),
            side.name()
        ),
    };
    Some(Mark { node: id.index(), kind: MarkKind::Overlap, text })
}

/// Whether the hull of every unit holds the whole input on one axis: the first unit sees its end, the last one
/// its beginning.
fn sees_all(stack: &Stack, id: NodeId, side: Side) -> bool {
    let (Some(fields), Some(map), Some(len)) =
        (stack.analysis.fields(id), stack.analysis.map(id), input_len(stack, side))
    else {
        return false;
    };
    let field = match &fields[side.index()] {
        Field::Whole => return true,
        Field::Periodic(field) => field,
        _ => return false,
    };
    let (Ok(len), Ok(last)) = (i64::try_from(len), i64::try_from(map.size[side.index()])) else {
        return false;
    };
    // Of all phases: a period from either end.
    let period = i64::try_from(field.units()).unwrap_or(i64::MAX).min(last);
    let all = |units: std::ops::Range<i64>, holds: fn([i64; 2], i64) -> bool| {
        units.into_iter().all(|unit| matches!(field.span(unit), Ok(Some(span)) if holds(span, len)))
    };
    last > 0
        && all(0..period, |[_, end], len| end >= len - 1)
        && all(last - period..last, |[first, _], _| first <= 0)
}

/// Pixels that no unit of the chosen layer reads, as where windows of 1 x 1 move in steps of 2.
fn unread(stack: &Stack, id: NodeId) -> Option<Mark> {
    let steps = stack.analysis.longest_path(id, 0);
    let graph = stack.analysis.graph();
    let skips = steps.iter().skip(1).find(|id| {
        let Op::Layer(Layer::Conv2d(params)) = &graph.node(**id).op else { return false };
        let wider = |axis: AxisParams| axis.dilated_kernel().is_ok_and(|window| axis.stride() > window);
        wider(params.rows()) || wider(params.columns())
    })?;
    let text = format!(
        "Layer {} moves further than its window is wide: what lies between is read by no unit of it",
        stack.title(skips.index())
    );
    Some(Mark { node: skips.index(), kind: MarkKind::Unread, text })
}
