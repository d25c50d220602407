//! The model of the stack page: all that its link restores.

use std::sync::Arc;

use convscope_core::graph::zoo::Zoo;
use convscope_core::graph::{Analysis, Field, Graph, Link, NodeId, Op, Relation};

use crate::source::{PictureSource, Sample};

/// A network and the unit of it that is looked at. Positions are `[row, column]`.
///
/// Any value may stand in the fields; [`StackModel::derive`] brings node and unit to those that there are.
#[derive(Clone, Debug, PartialEq)]
pub struct StackModel {
    /// The layers; node 0 is the input. An `Arc`, because undo and the views hold it as well.
    pub graph: Arc<Graph>,
    /// The network that the layers are as published, but for the input's height, width and channels.
    pub zoo: Option<Zoo>,
    /// The chosen layer: the index of its node.
    pub selected: usize,
    /// The chosen unit in that layer's map.
    pub unit: [u64; 2],
    /// Which axis is drawn by itself.
    pub side: Side,
    /// What lies on the input.
    pub picture: PictureSource,
    /// How it is shown.
    pub shown: Shown,
}

/// One of the two axes of a map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// From the top down.
    #[default]
    Rows,
    /// From left to right.
    Columns,
}

impl Side {
    /// Both.
    pub const ALL: &[Self] = &[Self::Rows, Self::Columns];

    /// 0 for rows, 1 for columns: its place in every pair.
    pub fn index(self) -> usize {
        self as usize
    }

    /// `rows` or `columns`, in links and on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Columns => "columns",
        }
    }
}

/// How the picture is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// As the network gets it: one colour for each cell.
    #[default]
    Pixels,
    /// As it was taken.
    Photo,
}

impl Shown {
    /// Both.
    pub const ALL: &[Self] = &[Self::Pixels, Self::Photo];

    /// `pixels` or `photo`, in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pixels => "pixels",
            Self::Photo => "photo",
        }
    }
}

impl Default for StackModel {
    /// The course's example, with a unit in the middle of its last map.
    fn default() -> Self {
        Self::of_zoo(Zoo::Course)
    }
}

impl StackModel {
    /// The picture that is there until another is chosen.
    pub const PICTURE: PictureSource = PictureSource::Sample(Sample::Chelsea);

    /// A well-known network, at its own input size.
    pub fn of_zoo(zoo: Zoo) -> Self {
        Self { zoo: Some(zoo), ..Self::of_graph(Arc::new(zoo.build())) }
    }

    /// Any network, with the unit in the middle of its last map.
    pub fn of_graph(graph: Arc<Graph>) -> Self {
        Self {
            graph,
            zoo: None,
            selected: 0,
            unit: [0, 0],
            side: Side::default(),
            picture: Self::PICTURE,
            shown: Shown::default(),
        }
        .at_last_map()
    }

    /// Looks at the middle of the last map that still has rows and columns of its own.
    pub(crate) fn at_last_map(self) -> Self {
        let analysis = Analysis::of(self.graph.clone(), Default::default());
        let selected = last_map(&analysis);
        Self { selected, unit: middle(&analysis, selected), ..self }
    }

    /// Looks at the middle unit of another layer.
    pub fn select(self, selected: usize) -> Self {
        let analysis = Analysis::of(self.graph.clone(), Default::default());
        Self { selected, unit: middle(&analysis, selected), ..self }
    }

    /// The same with a node and a unit that there are.
    pub(crate) fn possible(self) -> Self {
        self.derive().model
    }

    /// Another size of the input, as `[height, width, channels]`; layers take as many channels and features as
    /// then stand before them.
    pub fn with_input(&self, [height, width, channels]: [u64; 3]) -> Self {
        let mut graph = Graph::clone(&self.graph);
        if let Some(id) = graph.id(0)
            && let Op::Input(shape) = &graph.node(id).op
        {
            let batch = shape.nchw().map_or(1, |[batch, ..]| batch);
            graph.set_op(id, Op::Input([batch, channels, height, width].into()));
        }
        Self { graph: Arc::new(graph.refit()), ..self.clone() }
    }

    /// Whether two models differ in nothing that changes a layer's numbers.
    pub fn same_layers(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.graph, &other.graph) || self.graph == other.graph
    }

    /// Height, width and channels of the input; `None` where it is no map.
    pub fn input(&self) -> Option<[u64; 3]> {
        match &self.graph.nodes().first()?.op {
            Op::Input(shape) => shape.nchw().map(|[_, channels, height, width]| [height, width, channels]),
            _ => None,
        }
    }
}

/// The last node whose units see parts of the input, before any that reads one unit at its own place; 0 without
/// one.
pub(crate) fn last_map(analysis: &Analysis) -> usize {
    let graph = analysis.graph();
    let is_map = |id: &NodeId| {
        let axes = analysis.map(*id).is_some_and(|map| map.axes.iter().all(Option::is_some));
        let seen = |field: &Field| !matches!(field, Field::Nothing | Field::Whole | Field::Unknown);
        axes && analysis.fields(*id).is_some_and(|fields| fields.iter().all(seen))
    };
    let Some(mut id) = graph.ids().rev().find(is_map) else { return 0 };
    let at_its_place = |link: &[Link; 2]| link.iter().all(|link| link.relation == Relation::Same);
    while let ([before], [link]) = (graph.node(id).inputs.as_slice(), analysis.links(id))
        && at_its_place(link)
    {
        id = *before;
    }
    id.index()
}

/// The middle unit of a node's map, the upper left one of several.
pub(crate) fn middle(analysis: &Analysis, index: usize) -> [u64; 2] {
    let size = analysis.graph().id(index).and_then(|id| analysis.map(id)).map_or([1, 1], |map| map.size);
    size.map(|len| len.saturating_sub(1) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_looks_at_the_last_map_behind_which_everything_is_seen() {
        for (zoo, name, unit) in [
            (Zoo::Course, "conv3", [1, 1]),
            (Zoo::Vgg16, "pool5", [3, 3]),
            (Zoo::ResNet50, "layer4.2.add", [3, 3]),
            (Zoo::LeNet5, "c5", [0, 0]),
            (Zoo::UNet, "classes", [193, 193]),
        ] {
            let model = StackModel::of_zoo(zoo);
            let node = &model.graph.nodes()[model.selected];
            assert_eq!((node.name.as_str(), model.unit), (name, unit), "{zoo:?}");
        }
        assert_eq!(StackModel::default().input(), Some([14, 14, 3]));
    }
}
