//! A layer that was read, before it is known what stands before it.

use super::cursor::Read;
use super::read::Reason;
use crate::conv_transpose2d::{ConvTranspose2dOptions, ConvTranspose2dParams};
use crate::conv2d::{Conv2dOptions, Conv2dParams};
use crate::graph::known::Known;
use crate::graph::{Norm, Op, Shape};
use crate::layer::Layer;
use crate::linear::LinearParams;

/// A layer without what follows from the layer before it.
pub(super) enum Draft {
    Op(Op),
    Conv(Conv2dOptions, Taken),
    Transposed(ConvTranspose2dOptions, Taken),
    Linear { features: u64, bias: bool, taken: Taken },
    Batch { affine: bool, tracked: bool, taken: Taken },
    Group { groups: u64, affine: bool, taken: Taken },
    Layer { shape: Option<Shape>, scale: bool, shift: bool },
}

/// What a layer says of its input.
#[derive(Clone, Copy, Default)]
pub(super) struct Taken {
    /// Channels or features, where the text says them.
    pub(super) stated: Option<u64>,
    /// As many groups as channels.
    pub(super) depthwise: bool,
}

impl Taken {
    fn or(self, known: Option<u64>) -> Read<u64> {
        self.stated.or(known).ok_or(Reason::Channels)
    }
}

impl Draft {
    /// The operation, behind what is known of the first thing that it reads.
    pub(super) fn finish(self, before: Option<&Known>) -> Read<Op> {
        let channels = before.and_then(Known::channels);
        Ok(match self {
            Self::Op(op) => op,
            Self::Conv(options, taken) => {
                let in_channels = taken.or(channels)?;
                let groups = if taken.depthwise { in_channels } else { options.groups };
                let params = Conv2dParams::new(Conv2dOptions { in_channels, groups, ..options });
                Op::Layer(Layer::Conv2d(params.map_err(Reason::Sizes)?))
            }
            Self::Transposed(options, taken) => {
                let in_channels = taken.or(channels)?;
                let groups = if taken.depthwise { in_channels } else { options.groups };
                let params =
                    ConvTranspose2dParams::new(ConvTranspose2dOptions { in_channels, groups, ..options });
                Op::Layer(Layer::ConvTranspose2d(params.map_err(Reason::Sizes)?))
            }
            Self::Linear { features, bias, taken } => {
                let params = LinearParams::new(taken.or(before.and_then(Known::features))?, features, bias);
                Op::Linear(params.map_err(Reason::Sizes)?)
            }
            Self::Batch { affine, tracked, taken } => {
                Op::Norm(Norm::Batch { features: taken.or(channels)?, affine, tracked })
            }
            Self::Group { groups, affine, taken } => {
                Op::Norm(Norm::Group { groups, features: taken.or(channels)?, affine })
            }
            Self::Layer { shape, scale, shift } => {
                let usual = || before.and_then(Known::features).map(|features| Shape::from([features]));
                Op::Norm(Norm::Layer { shape: shape.or_else(usual).ok_or(Reason::Channels)?, scale, shift })
            }
        })
    }
}
