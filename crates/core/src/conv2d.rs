//! Convolution in two dimensions: its parameters, its geometry, and its values.
//!
//! Two axes, worked out one by one ([`crate::axis`]). Pairs are `[vertical, horizontal]`; tensors are
//! NCHW, weights OIHW. As in deep learning, the kernel is not flipped: this is cross-correlation.

use crate::axis::{AxisGeometry, AxisParams};
use crate::error::ConvError;
use crate::padding::Padding;
use crate::tensor::element_count;

pub use crate::direct::{conv2d, flipped};
pub use crate::padding::{Padding2d, PaddingMode, Pads};

/// What a user may ask for; [`Conv2dParams::new`] checks it. Pairs are `[vertical, horizontal]`.
///
/// The default is one 1x1 kernel from one channel to one, without padding or bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dOptions {
    /// Channels of the input. 0 is allowed, as in PyTorch: the output is then the bias alone.
    pub in_channels: u64,
    /// Channels of the output.
    pub out_channels: u64,
    /// Height and width of the kernel.
    pub kernel_size: [u64; 2],
    /// Cells from one window to the next.
    pub stride: [u64; 2],
    /// Cells from one tap to the next; 1 means no gaps.
    pub dilation: [u64; 2],
    /// How much padding.
    pub padding: Padding2d,
    /// What stands in the padding.
    pub padding_mode: PaddingMode,
    /// Parts that the channels are split into; `groups == in_channels` is depthwise.
    pub groups: u64,
    /// Whether one number per output channel is added.
    pub bias: bool,
}

impl Default for Conv2dOptions {
    fn default() -> Self {
        Self {
            in_channels: 1,
            out_channels: 1,
            kernel_size: [1, 1],
            stride: [1, 1],
            dilation: [1, 1],
            padding: Padding2d::Valid,
            padding_mode: PaddingMode::Zeros,
            groups: 1,
            bias: false,
        }
    }
}

/// Checked parameters of a convolution layer, like `torch.nn.Conv2d`'s.
///
/// Invariant: nothing but `in_channels` is 0, the groups divide both channel counts, and the weight's
/// elements can be counted in `u64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conv2dParams {
    options: Conv2dOptions,
    rows: AxisParams,
    columns: AxisParams,
}

impl Conv2dParams {
    /// Checks what can be checked without knowing the input.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`], [`ConvError::GroupsInChannels`], [`ConvError::GroupsOutChannels`], and
    /// [`ConvError::Overflow`] when the weight has more than `u64::MAX` elements.
    pub fn new(options: Conv2dOptions) -> Result<Self, ConvError> {
        let Conv2dOptions { in_channels, out_channels, groups, kernel_size, stride, dilation, .. } = options;
        let rows = AxisParams::new(kernel_size[0], stride[0], dilation[0])?;
        let columns = AxisParams::new(kernel_size[1], stride[1], dilation[1])?;
        if groups == 0 {
            return Err(ConvError::Zero { param: "groups" });
        }
        if out_channels == 0 {
            return Err(ConvError::Zero { param: "out_channels" });
        }
        if in_channels % groups != 0 {
            return Err(ConvError::GroupsInChannels { groups, in_channels });
        }
        if out_channels % groups != 0 {
            return Err(ConvError::GroupsOutChannels { groups, out_channels });
        }
        let params = Self { options, rows, columns };
        element_count(params.weight_shape())?;
        Ok(params)
    }

    /// What was asked for.
    pub fn options(&self) -> &Conv2dOptions {
        &self.options
    }

    /// The vertical axis.
    pub fn rows(&self) -> AxisParams {
        self.rows
    }

    /// The horizontal axis.
    pub fn columns(&self) -> AxisParams {
        self.columns
    }

    /// OIHW: `[out_channels, in_channels / groups, k_h, k_w]`.
    pub fn weight_shape(&self) -> [u64; 4] {
        let Conv2dOptions { in_channels, out_channels, groups, kernel_size: [k_h, k_w], .. } = self.options;
        [out_channels, in_channels / groups, k_h, k_w]
    }

    /// Lays the windows out over an input of `[height, width]`.
    ///
    /// # Errors
    ///
    /// Those of [`AxisParams::geometry`], rows first; then [`ConvError::ReflectPadding`] and
    /// [`ConvError::CircularPadding`]; [`ConvError::Overflow`] when the output cannot be counted.
    pub fn geometry(&self, input: [u64; 2]) -> Result<Conv2dGeometry, ConvError> {
        if input.contains(&0) {
            return Err(ConvError::Zero { param: "input" });
        }
        let [vertical, horizontal] = match self.options.padding {
            Padding2d::Valid => [Padding::Valid; 2],
            Padding2d::Same => [Padding::Same; 2],
            Padding2d::Full => [Padding::Full; 2],
            Padding2d::Explicit(Pads { top, left, bottom, right }) => [
                Padding::Explicit { before: top, after: bottom },
                Padding::Explicit { before: left, after: right },
            ],
        };
        let rows = self.rows.geometry(input[0], vertical)?;
        let columns = self.columns.geometry(input[1], horizontal)?;
        for axis in [&rows, &columns] {
            let pad = axis.pad_before().max(axis.pad_after());
            self.options.padding_mode.check(pad, axis.input_len())?;
        }
        Conv2dGeometry::new(rows, columns)
    }

    /// The output's shape for an input's, both NCHW. The batch may be empty.
    ///
    /// # Errors
    ///
    /// [`ConvError::ChannelMismatch`], and those of [`geometry`](Self::geometry).
    pub fn output_shape(&self, input_shape: [u64; 4]) -> Result<[u64; 4], ConvError> {
        let [batch, channels, height, width] = input_shape;
        if channels != self.options.in_channels {
            return Err(ConvError::ChannelMismatch { expected: self.options.in_channels, got: channels });
        }
        let [out_height, out_width] = self.geometry([height, width])?.output_size();
        Ok([batch, self.options.out_channels, out_height, out_width])
    }

    /// Checks a weight's shape.
    ///
    /// # Errors
    ///
    /// [`ConvError::WeightShape`] when it is not [`weight_shape`](Self::weight_shape).
    pub fn check_weight(&self, shape: [u64; 4]) -> Result<(), ConvError> {
        let expected = self.weight_shape();
        if shape == expected { Ok(()) } else { Err(ConvError::WeightShape { expected, got: shape }) }
    }

    /// Checks the number of biases: `out_channels`, or none at all for a layer without.
    ///
    /// # Errors
    ///
    /// [`ConvError::BiasLength`] when there are more or fewer.
    pub fn check_bias(&self, len: u64) -> Result<(), ConvError> {
        let expected = if self.options.bias { self.options.out_channels } else { 0 };
        if len == expected { Ok(()) } else { Err(ConvError::BiasLength { expected, got: len }) }
    }

    /// Whether `torch.nn.Conv2d` takes these parameters too.
    ///
    /// # Errors
    ///
    /// [`ConvError::SameWithStride`]: PyTorch refuses what ONNX and TensorFlow accept.
    pub fn pytorch(&self) -> Result<(), ConvError> {
        let stride = self.rows.stride().max(self.columns.stride());
        match self.options.padding {
            Padding2d::Same if stride > 1 => Err(ConvError::SameWithStride { stride }),
            _ => Ok(()),
        }
    }
}

/// The windows of both axes, laid out over an input. Made by [`Conv2dParams::geometry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conv2dGeometry {
    /// The vertical axis.
    pub rows: AxisGeometry,
    /// The horizontal axis.
    pub columns: AxisGeometry,
}

impl Conv2dGeometry {
    /// Puts two axes together.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when the output's cells or the kernel's taps cannot be counted in `u64`.
    pub fn new(rows: AxisGeometry, columns: AxisGeometry) -> Result<Self, ConvError> {
        let taps = rows.params().kernel_size().checked_mul(columns.params().kernel_size());
        let steps = rows.output_len().checked_mul(columns.output_len());
        taps.and(steps).map(|_| Self { rows, columns }).ok_or(ConvError::Overflow)
    }

    /// Windows, and so cells of one feature map of the output.
    pub fn n_steps(&self) -> u64 {
        self.rows.output_len() * self.columns.output_len()
    }

    /// The `[row, column]` of the output cell that a step computes; steps are row-major.
    pub fn output_position(&self, step: u64) -> [u64; 2] {
        [step / self.columns.output_len(), step % self.columns.output_len()]
    }

    /// Height and width of the output.
    pub fn output_size(&self) -> [u64; 2] {
        [self.rows.output_len(), self.columns.output_len()]
    }

    /// Height and width of the input.
    pub fn input_size(&self) -> [u64; 2] {
        [self.rows.input_len(), self.columns.input_len()]
    }

    /// Height and width of the padded input.
    pub fn padded_size(&self) -> [u64; 2] {
        [self.rows.padded_len(), self.columns.padded_len()]
    }

    /// How many windows read a `[row, column]` position, padding included: the product of the axes.
    pub fn reads(&self, position: [i64; 2]) -> u64 {
        self.rows.reads(position[0]) * self.columns.reads(position[1])
    }

    /// The padding in cells, whatever way it was asked for.
    pub fn pads(&self) -> Pads {
        let Self { rows, columns } = self;
        Pads {
            top: rows.pad_before(),
            left: columns.pad_before(),
            bottom: rows.pad_after(),
            right: columns.pad_after(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(options: Conv2dOptions) -> ConvError {
        Conv2dParams::new(options).unwrap_err()
    }

    fn params(options: Conv2dOptions) -> Conv2dParams {
        Conv2dParams::new(options).unwrap()
    }

    fn kernel(kernel_size: [u64; 2]) -> Conv2dOptions {
        Conv2dOptions { kernel_size, ..Default::default() }
    }

    #[test]
    fn the_figures_of_conv_arithmetic_have_their_sizes() {
        // Input, kernel, stride, padding and dilation of Dumoulin and Visin's animations.
        for ([input, k, s, p, d], output) in [
            ([4, 3, 1, 0, 1], 2),
            ([5, 4, 1, 2, 1], 6),
            ([5, 3, 1, 1, 1], 5),
            ([5, 3, 1, 2, 1], 7),
            ([5, 3, 2, 0, 1], 2),
            ([5, 3, 2, 1, 1], 3),
            ([6, 3, 2, 1, 1], 3),
            ([7, 3, 1, 0, 2], 3),
        ] {
            let padding = Padding2d::Explicit(Pads::all(p));
            let options = Conv2dOptions { stride: [s, s], dilation: [d, d], padding, ..kernel([k, k]) };
            let geometry = params(options).geometry([input, input]).unwrap();
            assert_eq!(geometry.output_size(), [output, output], "{options:?}");
        }
    }

    #[test]
    fn axes_are_independent() {
        let pads = Pads { top: 1, left: 0, bottom: 2, right: 3 };
        let padding = Padding2d::Explicit(pads);
        let options = Conv2dOptions { stride: [2, 1], dilation: [1, 3], padding, ..kernel([3, 2]) };
        let geometry = params(options).geometry([5, 4]).unwrap();
        assert_eq!(geometry.padded_size(), [8, 7]);
        assert_eq!(geometry.output_size(), [3, 4]);
        assert_eq!(geometry.input_size(), [5, 4]);
        assert_eq!(geometry.n_steps(), 12);
        assert_eq!(geometry.output_position(7), [1, 3]);
        assert_eq!(geometry.pads(), pads);
    }

    #[test]
    fn every_padding_resolves_to_four_sides() {
        for (padding, pads) in [
            (Padding2d::Valid, [0, 0, 0, 0]),
            (Padding2d::Same, [0, 1, 1, 1]),
            (Padding2d::Full, [1, 2, 1, 2]),
            (Padding2d::Explicit(Pads { top: 1, left: 2, bottom: 3, right: 4 }), [1, 2, 3, 4]),
        ] {
            let geometry = params(Conv2dOptions { padding, ..kernel([2, 3]) }).geometry([6, 6]).unwrap();
            assert_eq!(geometry.pads(), Pads::new(pads).unwrap());
        }
    }

    #[test]
    fn zeros_are_refused_by_name() {
        for (param, options) in [
            ("kernel_size", kernel([3, 0])),
            ("stride", Conv2dOptions { stride: [0, 1], ..Default::default() }),
            ("dilation", Conv2dOptions { dilation: [1, 0], ..Default::default() }),
            ("groups", Conv2dOptions { groups: 0, ..Default::default() }),
            ("out_channels", Conv2dOptions { out_channels: 0, ..Default::default() }),
        ] {
            assert_eq!(refusal(options), ConvError::Zero { param });
        }
        for input in [[0, 3], [3, 0]] {
            let options = Conv2dOptions { padding: Padding2d::Explicit(Pads::all(3)), ..Default::default() };
            assert_eq!(params(options).geometry(input), Err(ConvError::Zero { param: "input" }));
        }
    }

    #[test]
    fn groups_must_divide_both_channel_counts() {
        let options = |in_channels, out_channels, groups| Conv2dOptions {
            in_channels,
            out_channels,
            groups,
            ..Default::default()
        };
        assert_eq!(refusal(options(7, 6, 3)), ConvError::GroupsInChannels { groups: 3, in_channels: 7 });
        assert_eq!(refusal(options(6, 7, 3)), ConvError::GroupsOutChannels { groups: 3, out_channels: 7 });
        assert_eq!(params(options(6, 12, 6)).weight_shape(), [12, 1, 1, 1]);
        assert_eq!(params(options(0, 2, 1)).weight_shape(), [2, 0, 1, 1]);
    }

    #[test]
    fn reflect_and_circular_padding_have_limits_on_each_side() {
        let geometry = |padding_mode, pads: [i64; 4]| {
            let padding = Padding2d::Explicit(Pads::new(pads).unwrap());
            params(Conv2dOptions { padding, padding_mode, ..Default::default() }).geometry([3, 9])
        };
        assert!(geometry(PaddingMode::Reflect, [2, 8, 2, 8]).is_ok());
        let reflect = ConvError::ReflectPadding { pad: 3, input_len: 3 };
        assert_eq!(geometry(PaddingMode::Reflect, [0, 0, 3, 0]), Err(reflect));
        assert!(geometry(PaddingMode::Circular, [3, 9, 3, 9]).is_ok());
        let circular = ConvError::CircularPadding { pad: 10, input_len: 9 };
        assert_eq!(geometry(PaddingMode::Circular, [0, 10, 0, 0]), Err(circular));
        assert!(geometry(PaddingMode::Replicate, [30, 30, 30, 30]).is_ok());
    }

    #[test]
    fn the_input_must_have_the_channels_of_the_layer() {
        let options = Conv2dOptions { in_channels: 3, out_channels: 6, ..kernel([5, 5]) };
        let expected = Err(ConvError::ChannelMismatch { expected: 3, got: 4 });
        assert_eq!(params(options).output_shape([1, 4, 32, 32]), expected);
        assert_eq!(params(options).output_shape([2, 3, 32, 32]), Ok([2, 6, 28, 28]));
        assert_eq!(params(options).output_shape([0, 3, 32, 32]), Ok([0, 6, 28, 28]));
    }

    #[test]
    fn pytorch_refuses_same_with_a_stride() {
        let same = |stride| params(Conv2dOptions { stride, padding: Padding2d::Same, ..kernel([3, 3]) });
        assert_eq!(same([1, 2]).pytorch(), Err(ConvError::SameWithStride { stride: 2 }));
        assert_eq!(same([1, 1]).pytorch(), Ok(()));
        assert_eq!(same([2, 2]).output_shape([1, 1, 6, 7]), Ok([1, 1, 3, 4]));
    }

    #[test]
    fn weights_and_steps_beyond_64_bits_are_refused() {
        assert_eq!(refusal(kernel([1 << 32, 1 << 32])), ConvError::Overflow);
        let one = Conv2dOptions::default();
        assert_eq!(params(one).geometry([1 << 32, 1 << 32]), Err(ConvError::Overflow));
        assert_eq!(params(one).geometry([1 << 32, 1 << 31]).unwrap().n_steps(), 1 << 63);
        let axis = AxisParams::new(1 << 32, 1, 1).unwrap().geometry(1 << 32, Padding::Valid).unwrap();
        assert_eq!(Conv2dGeometry::new(axis, axis), Err(ConvError::Overflow));
    }

    #[test]
    fn border_cells_are_read_less_often() {
        let geometry = params(kernel([3, 3])).geometry([5, 5]).unwrap();
        assert_eq!([[0, 0], [0, 2], [2, 2], [4, 3]].map(|cell| geometry.reads(cell)), [1, 3, 9, 2]);
    }
}
