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
    /// "10 of 14 pixels after 4 layers"
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
        let points = self.points_to(self.selected()?, side, image)?;
        let last = points.last()?.field;
        let layers = counted(self.model.selected as u64, "layer");
        let sentence =
            format!("{} of {} after {layers}", number::grouped(last.into()), counted(image, "pixel"));
        Some(Growth { points, image, sentence })
    }

    /// The field on the way to a layer, on an axis of `image` cells.
    pub(super) fn points_to(&self, id: NodeId, side: Side, image: u64) -> Option<Vec<GrowthPoint>> {
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
