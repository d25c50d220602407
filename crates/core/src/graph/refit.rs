//! After an edit: layers take as many channels or features as stand before them now.

use super::known::Known;
use super::{Graph, Norm, Op, Shape};
use crate::conv_transpose2d::{ConvTranspose2dOptions, ConvTranspose2dParams};
use crate::conv2d::{Conv2dOptions, Conv2dParams};
use crate::layer::Layer;
use crate::linear::LinearParams;

impl Graph {
    /// The same layers, each of which takes what it is given: `in_channels`, `in_features` and the features of
    /// norms follow what stands before, in order, where that is known and possible; otherwise they stay.
    ///
    /// A depthwise convolution stays one: groups and channels grow together. A layer whose groups do not divide
    /// its new channels is left as it is, and its error says so.
    #[must_use]
    pub fn refit(&self) -> Self {
        let mut graph = Self::new();
        let mut known: Vec<Known> = Vec::with_capacity(self.len());
        for node in &self.nodes {
            let inputs: Vec<&Known> = node.inputs.iter().map(|input| &known[input.index()]).collect();
            let op =
                inputs.first().and_then(|first| fitted(&node.op, first)).unwrap_or_else(|| node.op.clone());
            let here = Known::of(&op, &inputs);
            known.push(here);
            graph.nodes.push(super::Node { op, ..node.clone() });
        }
        graph
    }
}

/// The operation with other channels or features; `None` to leave it.
fn fitted(op: &Op, input: &Known) -> Option<Op> {
    match op {
        Op::Layer(Layer::Conv2d(params)) => {
            let old = *params.options();
            let in_channels = input.channels().filter(|&channels| channels != old.in_channels)?;
            let [groups, out_channels] =
                grouped([old.groups, old.in_channels, old.out_channels], in_channels)?;
            let options = Conv2dOptions { in_channels, groups, out_channels, ..old };
            Some(Op::Layer(Layer::Conv2d(Conv2dParams::new(options).ok()?)))
        }
        Op::Layer(Layer::ConvTranspose2d(params)) => {
            let old = *params.options();
            let in_channels = input.channels().filter(|&channels| channels != old.in_channels)?;
            let [groups, out_channels] =
                grouped([old.groups, old.in_channels, old.out_channels], in_channels)?;
            let options = ConvTranspose2dOptions { in_channels, groups, out_channels, ..old };
            Some(Op::Layer(Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).ok()?)))
        }
        Op::Linear(params) => {
            let features = input.features()?;
            Some(Op::Linear(LinearParams::new(features, params.out_features(), params.bias()).ok()?))
        }
        Op::Norm(norm) => Some(Op::Norm(match norm {
            Norm::Batch { affine, tracked, .. } => {
                Norm::Batch { features: input.channels()?, affine: *affine, tracked: *tracked }
            }
            Norm::Group { groups, affine, features } => {
                let new = input.channels()?;
                // One channel a group: instance norm.
                let groups = if groups == features { new } else { *groups };
                Norm::Group { groups, features: new, affine: *affine }
            }
            Norm::Layer { shape, scale, shift } => {
                let sizes = input.shape()?.sizes();
                let from = sizes.len().checked_sub(shape.sizes().len())?;
                Norm::Layer { shape: Shape::new(&sizes[from..]), scale: *scale, shift: *shift }
            }
            Norm::LayerOf | Norm::LocalResponse => return None,
        })),
        _ => None,
    }
}

/// Groups and filters for other channels: of a depthwise layer so many of each for every channel as before.
fn grouped([groups, old, filters]: [u64; 3], new: u64) -> Option<[u64; 2]> {
    if groups == old && groups > 1 && new > 0 {
        Some([new, (filters / groups).checked_mul(new)?])
    } else {
        Some([groups, filters])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::zoo::Zoo;

    fn with_input(zoo: Zoo, shape: [u64; 4]) -> Graph {
        let mut graph = zoo.build();
        let input = graph.id(0).unwrap();
        graph.set_op(input, Op::Input(shape.into()));
        graph
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        for &zoo in Zoo::ALL {
            let graph = zoo.build();
            assert_eq!(graph.refit(), graph, "{zoo:?}");
        }
    }

    #[test]
    fn channels_and_features_follow_what_stands_before() {
        // One channel, and 5 x 5 cells more: LeNet's first layer and the one behind the flatten.
        let graph = with_input(Zoo::LeNet5, [1, 3, 48, 48]);
        assert!(graph.analyse().first_error().is_some());
        let fitted = graph.refit();
        let analysis = fitted.analyse();
        assert_eq!(analysis.first_error(), None);
        let weights = |name: &str| analysis.cost(fitted.find(name).unwrap()).unwrap().params;
        assert_eq!([weights("c1"), weights("f6")], [6 * (25 * 3 + 1), 84 * (120 * 25 + 1)]);
        assert_eq!(fitted.find("c1"), graph.find("c1"));
    }

    #[test]
    fn depthwise_layers_stay_depthwise() {
        let mut graph = Zoo::MobileNetV1.build();
        let first = graph.id(1).unwrap();
        let Op::Layer(Layer::Conv2d(params)) = &graph.node(first).op else { panic!("a convolution") };
        let options = Conv2dOptions { out_channels: 20, ..*params.options() };
        graph.set_op(first, Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap())));
        let fitted = graph.refit();
        assert_eq!(fitted.analyse().first_error(), None);
        let depthwise = fitted.nodes().iter().find_map(|node| match &node.op {
            Op::Layer(Layer::Conv2d(params)) if params.options().groups > 1 => Some(*params.options()),
            _ => None,
        });
        let Conv2dOptions { in_channels, out_channels, groups, .. } = depthwise.unwrap();
        assert_eq!([in_channels, out_channels, groups], [20; 3]);
    }

    #[test]
    fn layers_behind_an_impossible_one_follow_what_it_states() {
        let mut graph = Graph::new();
        let input = graph.push("", Op::Input(Shape::from([1, 3, 4, 4])), &[]).unwrap();
        let conv = |in_channels, out_channels, kernel: u64| {
            let kernel_size = [kernel; 2];
            let options = Conv2dOptions { in_channels, out_channels, kernel_size, ..Default::default() };
            Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap()))
        };
        let too_large = graph.push("", conv(3, 8, 9), &[input]).unwrap();
        graph.push("", conv(5, 4, 1), &[too_large]).unwrap();
        let fitted = graph.refit();
        assert_eq!(fitted.nodes()[2].op, conv(8, 4, 1));
        assert_eq!(fitted.analyse().first_error().map(|(id, _)| id), Some(too_large));
    }

    #[test]
    fn groups_that_do_not_divide_leave_a_layer_as_it_is() {
        let mut graph = Graph::new();
        let input = graph.push("", Op::Input(Shape::from([1, 5, 4, 4])), &[]).unwrap();
        let options = Conv2dOptions { in_channels: 4, out_channels: 4, groups: 2, ..Default::default() };
        let op = Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap()));
        graph.push("", op.clone(), &[input]).unwrap();
        assert_eq!(graph.refit().nodes()[1].op, op);
    }
}
