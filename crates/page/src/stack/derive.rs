//! A model of the stack page with everything that is computed from it.

use std::sync::Arc;

use convscope_core::ConvError;
use convscope_core::graph::{Analysis, NodeId, Projection};

use super::model::StackModel;

/// What figure, table and cards read.
#[derive(Clone, Debug)]
pub struct Stack {
    /// What it was computed from; its node exists, and its unit where the node has a map.
    pub model: StackModel,
    /// Shapes, costs and fields of every layer.
    pub analysis: Arc<Analysis>,
    /// What the chosen unit reads in every earlier map, or why that is too much.
    pub projection: Result<Projection, ConvError>,
}

impl StackModel {
    /// Everything that follows from the model. There always is a result: impossible layers have their reason
    /// in it, each by itself.
    pub fn derive(&self) -> Stack {
        Stack::new(self.clone(), Arc::new(Analysis::of(self.graph.clone(), Default::default())))
    }
}

impl Stack {
    fn new(mut model: StackModel, analysis: Arc<Analysis>) -> Self {
        let graph = analysis.graph();
        model.selected = model.selected.min(graph.len().saturating_sub(1));
        let selected = graph.id(model.selected);
        if let Some(map) = selected.and_then(|id| analysis.map(id)) {
            model.unit = [0, 1].map(|side: usize| model.unit[side].min(map.size[side].saturating_sub(1)));
        }
        let projection = selected.ok_or(ConvError::Zero { param: "layers" });
        let projection = projection.and_then(|id| analysis.project(id, model.unit));
        Self { model, analysis, projection }
    }

    /// The same layers looked at in another way: only what the unit reads is computed anew. All of it where
    /// the layers differ.
    pub fn look(&self, model: &StackModel) -> Self {
        if model.same_layers(&self.model) {
            Self::new(StackModel { graph: self.model.graph.clone(), ..model.clone() }, self.analysis.clone())
        } else {
            model.derive()
        }
    }

    /// Which units of later maps see the chosen unit or pixel. Worked out anew at each call.
    pub fn seen_by(&self) -> Option<Projection> {
        self.analysis.seen_by(self.selected()?, self.model.unit).ok()
    }

    /// The chosen layer; `None` without any layers.
    pub fn selected(&self) -> Option<NodeId> {
        self.analysis.graph().id(self.model.selected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_and_unit_are_brought_to_those_that_there_are() {
        let model = StackModel { selected: 99, unit: [99, 2], ..StackModel::default() };
        let stack = model.derive();
        assert_eq!((stack.model.selected, stack.model.unit), (4, [2, 2]));
        let looked = stack.look(&StackModel { selected: 1, unit: [11, 99], ..model });
        assert_eq!((looked.model.selected, looked.model.unit), (1, [11, 11]));
        assert!(Arc::ptr_eq(&looked.analysis, &stack.analysis));
        let input = looked.analysis.graph().id(0).unwrap();
        assert_eq!(looked.projection.unwrap().region(input).unwrap().hull(0), Some([11, 13]));
    }
}
