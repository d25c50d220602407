//! Numbers layer by layer, for charts.

use convscope_core::ElementType;
use convscope_core::graph::{Field, NodeId};
use convscope_scene::number;

use super::Stack;
use super::model::Side;
use crate::text::counted;

/// The field on the way to the chosen layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The input and each layer behind which the field is another.
    pub points: Vec<GrowthPoint>,
    /// Cells of the input on this axis: the dashed line.
    pub image: u64,
    /// "10 of 14 pixels after 4 layers", or "at layer 4" where there are branches; why it is not known, where no
    /// number says it.
    pub sentence: String,
}

/// The field behind one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrowthPoint {
    /// The layer.
    pub node: usize,
    /// "4 Conv"
    pub label: String,
    /// Cells from the first to the last one seen; the most of all units.
    pub field: u64,
}

/// What one layer costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostPoint {
    /// The layer.
    pub node: usize,
    /// "4 Conv"
    pub label: String,
    /// Learned numbers.
    pub params: u64,
    /// Bytes of the output as 32-bit floats.
    pub bytes: u128,
    /// Multiply-accumulates.
    pub macs: u128,
}

impl Stack {
    /// How the field grows on the way to the chosen layer, on one axis. `None` without an input.
    pub fn growth(&self, side: Side) -> Option<Growth> {
        let image = self.analysis.map(self.analysis.source()?)?.size[side.index()];
        let id = self.selected()?;
        let points = self.points_to(id, side)?;
        let steps = self.analysis.longest_path(id, side.index()).len().checked_sub(1)?;
        let after = if steps == id.index() {
            format!("after {}", counted(steps as u64, "layer"))
        } else {
            format!("at layer {}", id.index())
        };
        let sentence = match &self.analysis.fields(id)?[side.index()] {
            Field::Periodic(_) | Field::Whole => {
                let last = points.last()?.field;
                format!("{} of {} {after}", number::grouped(last.into()), counted(image, "pixel"))
            }
            Field::Irregular => format!("differs from unit to unit {after}"),
            Field::TooLarge(_) => format!("too many pieces to count {after}"),
            Field::Nothing => format!("nothing of the image {after}"),
            Field::Unknown => format!("not known {after}"),
        };
        Some(Growth { points, image, sentence })
    }

    /// The field on the way to a layer, on one axis. `None` without an input.
    pub(crate) fn points_to(&self, id: NodeId, side: Side) -> Option<Vec<GrowthPoint>> {
        let image = self.analysis.map(self.analysis.source()?)?.size[side.index()];
        let path = self.analysis.longest_path(id, side.index());
        let mut points: Vec<GrowthPoint> = Vec::new();
        for id in path {
            let field = match &self.analysis.fields(id)?[side.index()] {
                Field::Periodic(field) => field.size(),
                Field::Whole => image,
                _ => continue,
            };
            if points.last().is_none_or(|last| last.field != field) {
                points.push(GrowthPoint { node: id.index(), label: self.short_title(id), field });
            }
        }
        Some(points)
    }

    /// What each layer costs that is possible, the input left out.
    pub fn costs(&self) -> Vec<CostPoint> {
        let ids = self.analysis.graph().ids().skip(1);
        ids.filter_map(|id| {
            let cost = self.analysis.cost(id)?;
            Some(CostPoint {
                node: id.index(),
                label: self.short_title(id),
                params: cost.params,
                bytes: cost.output_bytes(ElementType::Float32),
                macs: cost.macs,
            })
        })
        .collect()
    }

    fn short_title(&self, id: NodeId) -> String {
        let label = super::op_label(&self.analysis.graph().node(id).op);
        match id.index() {
            0 => label,
            node => format!("{node} {label}"),
        }
    }
}
