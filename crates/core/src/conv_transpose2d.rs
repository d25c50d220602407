//! Transposed convolution in two dimensions: its parameters, its geometry, and its values.
//!
//! Two axes, worked out one by one ([`crate::transposed`]). Pairs are `[vertical, horizontal]`; tensors are
//! NCHW, weights `[in_channels, out_channels / groups, k_h, k_w]`, as in PyTorch.

use crate::auto_pad::AutoPad;
use crate::axis::AxisParams;
use crate::conv2d::Pads;
use crate::error::ConvError;
use crate::tensor::{Tensor, element_count};
use crate::transposed::{Crop, TransposedAxis};

/// What a user may ask for; [`ConvTranspose2dParams::new`] checks it. Pairs are `[vertical, horizontal]`.
///
/// The default is one 1x1 kernel from one channel to one, without padding or bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTranspose2dOptions {
    /// Channels of the input. 0 is allowed: the output is then the bias alone.
    pub in_channels: u64,
    /// Channels of the output.
    pub out_channels: u64,
    /// Height and width of the kernel.
    pub kernel_size: [u64; 2],
    /// Output cells from one scattered kernel to the next.
    pub stride: [u64; 2],
    /// Output cells from one tap to the next; 1 means no gaps.
    pub dilation: [u64; 2],
    /// Padding of the forward convolution, so cells that are cropped from the output. With one of the
    /// `SAME` and no `output_size`, the output is `input_len * stride` long.
    pub padding: AutoPad,
    /// Cells added after the output: below it and to its right.
    pub output_padding: [u64; 2],
    /// The output's height and width, cropped or filled up to, whatever explicit padding says: ONNX's
    /// `output_shape`. The odd cell is cropped after with [`AutoPad::SameUpper`], otherwise before.
    pub output_size: Option<[u64; 2]>,
    /// Parts that the channels are split into; `groups == in_channels` is depthwise.
    pub groups: u64,
    /// Whether one number per output channel is added.
    pub bias: bool,
}

impl Default for ConvTranspose2dOptions {
    fn default() -> Self {
        Self {
            in_channels: 1,
            out_channels: 1,
            kernel_size: [1, 1],
            stride: [1, 1],
            dilation: [1, 1],
            padding: AutoPad::default(),
            output_padding: [0, 0],
            output_size: None,
            groups: 1,
            bias: false,
        }
    }
}

/// Checked parameters of a transposed convolution, like `torch.nn.ConvTranspose2d`'s.
///
/// Invariant: nothing but `in_channels` is 0, the groups divide both channel counts, and the weight's
/// elements can be counted in `u64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvTranspose2dParams {
    options: ConvTranspose2dOptions,
    rows: AxisParams,
    columns: AxisParams,
}

impl ConvTranspose2dParams {
    /// Checks what can be checked without knowing the input.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`], [`ConvError::GroupsInChannels`], [`ConvError::GroupsOutChannels`],
    /// [`ConvError::OutputPadding`], and [`ConvError::Overflow`] when the weight has more than `u64::MAX`
    /// elements.
    pub fn new(options: ConvTranspose2dOptions) -> Result<Self, ConvError> {
        let ConvTranspose2dOptions { in_channels, out_channels, groups, .. } = options;
        let ConvTranspose2dOptions { kernel_size, stride, dilation, output_padding, .. } = options;
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
        rows.check_output_padding(output_padding[0])?;
        columns.check_output_padding(output_padding[1])?;
        let params = Self { options, rows, columns };
        element_count(params.weight_shape())?;
        Ok(params)
    }

    /// What was asked for.
    pub fn options(&self) -> &ConvTranspose2dOptions {
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

    /// `[in_channels, out_channels / groups, k_h, k_w]`
    pub fn weight_shape(&self) -> [u64; 4] {
        let ConvTranspose2dOptions { in_channels, out_channels, groups, kernel_size: [k_h, k_w], .. } =
            self.options;
        [in_channels, out_channels / groups, k_h, k_w]
    }

    /// Scatters the kernels from an input of `[height, width]`.
    ///
    /// # Errors
    ///
    /// Those of [`AxisParams::transposed`], rows first; [`ConvError::Overflow`] when the output or the
    /// kernel cannot be counted.
    pub fn geometry(&self, input: [u64; 2]) -> Result<ConvTranspose2dGeometry, ConvError> {
        let size = |axis: usize, stride: u64| match self.options.output_size {
            Some(size) => Ok(size[axis]),
            None => input[axis].checked_mul(stride).ok_or(ConvError::Overflow),
        };
        if input.contains(&0) {
            return Err(ConvError::Zero { param: "input" });
        }
        let (row_size, column_size) = (size(0, self.rows.stride()), size(1, self.columns.stride()));
        let crops = match (self.options.padding, self.options.output_size) {
            (AutoPad::SameUpper, _) => [Crop::ToLenUpper(row_size?), Crop::ToLenUpper(column_size?)],
            (AutoPad::SameLower, _) | (_, Some(_)) => {
                [Crop::ToLenLower(row_size?), Crop::ToLenLower(column_size?)]
            }
            (AutoPad::Valid, None) => [Crop::Explicit { before: 0, after: 0 }; 2],
            (AutoPad::Explicit(Pads { top, left, bottom, right }), None) => {
                [Crop::Explicit { before: top, after: bottom }, Crop::Explicit { before: left, after: right }]
            }
        };
        let [vertical, horizontal] = self.options.output_padding;
        let rows = self.rows.transposed(input[0], crops[0], vertical)?;
        let columns = self.columns.transposed(input[1], crops[1], horizontal)?;
        ConvTranspose2dGeometry::new(rows, columns)
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
}

/// The scattered kernels of both axes. Made by [`ConvTranspose2dParams::geometry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConvTranspose2dGeometry {
    /// The vertical axis.
    pub rows: TransposedAxis,
    /// The horizontal axis.
    pub columns: TransposedAxis,
}

impl ConvTranspose2dGeometry {
    /// Puts two axes together.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when the cells of the input or output or the kernel's taps cannot be counted
    /// in `u64`.
    pub fn new(rows: TransposedAxis, columns: TransposedAxis) -> Result<Self, ConvError> {
        let taps = rows.params().kernel_size().checked_mul(columns.params().kernel_size());
        let inputs = rows.input_len().checked_mul(columns.input_len());
        let outputs = rows.output_len().checked_mul(columns.output_len());
        taps.and(inputs).and(outputs).map(|_| Self { rows, columns }).ok_or(ConvError::Overflow)
    }

    /// Height and width of the output.
    pub fn output_size(&self) -> [u64; 2] {
        [self.rows.output_len(), self.columns.output_len()]
    }

    /// Height and width of the input.
    pub fn input_size(&self) -> [u64; 2] {
        [self.rows.input_len(), self.columns.input_len()]
    }

    /// How many taps of one input channel land on an output cell: the product of the axes.
    pub fn contributions(&self, output: [u64; 2]) -> u64 {
        self.rows.contributions(output[0]) * self.columns.contributions(output[1])
    }

    /// The cropped cells, whatever way they were asked for.
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

/// Transposed convolution: each input cell scatters the kernel, scaled by its value, over the output.
///
/// `output[n, o, target(y, k_y), target(x, k_x)] += input[n, i, y, x] * weight[i, o', k_y, k_x]`, where `o'`
/// is channel `o` of its group. Each output adds its products in `f32`, from 0, in the order `(i, y, x)` of
/// the input cells, and the bias last. An output that no tap reaches is the bias alone, or 0.
///
/// # Errors
///
/// Those of [`ConvTranspose2dParams::output_shape`]; [`ConvError::WeightShape`]; [`ConvError::BiasLength`]
/// when a bias is missing, superfluous or of the wrong length; [`ConvError::Overflow`] when the output does
/// not fit in memory.
pub fn conv_transpose2d(
    params: &ConvTranspose2dParams,
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&[f32]>,
) -> Result<Tensor, ConvError> {
    let [_, in_channels, height, width] = input.shape();
    let output_shape = params.output_shape(input.shape())?;
    params.check_weight(weight.shape())?;
    params.check_bias(bias.map_or(0, |bias| bias.len() as u64))?;
    let ConvTranspose2dGeometry { rows, columns, .. } = params.geometry([height, width])?;
    let mut output = Tensor::zeros(output_shape)?;
    if output.data().is_empty() {
        return Ok(output);
    }
    let [_, out_channels, out_height, out_width] = output_shape;
    let [_, group_out_channels, k_h, k_w] = params.weight_shape();
    let group_in_channels = in_channels / params.options().groups;
    let planes = output.data_mut().chunks_exact_mut((out_height * out_width) as usize);
    for (plane_idx, plane) in (0..).zip(planes) {
        let (n, o) = (plane_idx / out_channels, plane_idx % out_channels);
        let first_channel = o / group_out_channels * group_in_channels;
        for i in first_channel..first_channel + group_in_channels {
            let kernel = weight.plane(i, o % group_out_channels);
            let cells = input.plane(n, i).chunks_exact(width as usize);
            for (y, cells) in (0..height).zip(cells) {
                for k_y in (0..k_h).filter(|&k_y| rows.interior(k_y).contains(&y)) {
                    let row = &mut plane[(rows.target(y, k_y).cast_unsigned() * out_width) as usize..];
                    // From the last tap to the first, so that each output meets its cells from left to right.
                    for k_x in (0..k_w).rev() {
                        let weight = kernel[(k_y * k_w + k_x) as usize];
                        for x in columns.interior(k_x) {
                            let target = columns.target(x, k_x).cast_unsigned();
                            row[target as usize] += weight * cells[x as usize];
                        }
                    }
                }
            }
        }
        if let Some(bias) = bias {
            plane.iter_mut().for_each(|sum| *sum += bias[o as usize]);
        }
    }
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::ramp;

    fn refusal(options: ConvTranspose2dOptions) -> ConvError {
        ConvTranspose2dParams::new(options).unwrap_err()
    }

    fn params(options: ConvTranspose2dOptions) -> ConvTranspose2dParams {
        ConvTranspose2dParams::new(options).unwrap()
    }

    #[test]
    fn each_cell_scatters_a_scaled_kernel() {
        let options =
            ConvTranspose2dOptions { kernel_size: [1, 3], stride: [1, 2], bias: true, ..Default::default() };
        let input = Tensor::map(1, 2, vec![1.0, 10.0]).unwrap();
        let weight = Tensor::map(1, 3, vec![1.0, 2.0, 3.0]).unwrap();
        let output = conv_transpose2d(&params(options), &input, &weight, Some(&[0.5])).unwrap();
        assert_eq!(output.shape(), [1, 1, 1, 5]);
        assert_eq!(output.data(), [1.5, 2.5, 13.5, 20.5, 30.5]);
    }

    #[test]
    fn products_are_added_in_the_order_of_the_input() {
        let options = ConvTranspose2dOptions { kernel_size: [1, 3], ..Default::default() };
        let padding = AutoPad::Explicit(Pads { left: 2, right: 2, ..Pads::default() });
        let params = params(ConvTranspose2dOptions { padding, ..options });
        let ones = Tensor::map(1, 3, vec![1.0; 3]).unwrap();
        let sum = |cells| {
            let input = Tensor::map(1, 3, cells).unwrap();
            conv_transpose2d(&params, &input, &ones, None).unwrap().data()[0]
        };
        assert_eq!([sum(vec![1e8, -1e8, 1.0]), sum(vec![1.0, 1e8, -1e8])], [1.0, 0.0]);
    }

    #[test]
    fn groups_keep_their_channels_apart() {
        let options =
            ConvTranspose2dOptions { in_channels: 2, out_channels: 4, groups: 2, ..Default::default() };
        let weight = Tensor::new([2, 2, 1, 1], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let input = Tensor::new([1, 2, 1, 1], vec![10.0, 100.0]).unwrap();
        let output = conv_transpose2d(&params(options), &input, &weight, None).unwrap();
        assert_eq!(output.data(), [10.0, 20.0, 300.0, 400.0]);
    }

    #[test]
    fn onnx_asks_for_a_size() {
        let options = ConvTranspose2dOptions {
            kernel_size: [3, 3],
            stride: [3, 2],
            output_size: Some([10, 6]),
            ..Default::default()
        };
        let geometry = params(options).geometry([3, 3]).unwrap();
        assert_eq!((geometry.output_size(), geometry.pads()), ([10, 6], Pads::new([0, 1, 0, 0]).unwrap()));
        let upper = ConvTranspose2dOptions { padding: AutoPad::SameUpper, ..options };
        assert_eq!(params(upper).geometry([3, 3]).unwrap().pads(), Pads::new([0, 0, 0, 1]).unwrap());
        let same = ConvTranspose2dOptions { output_size: None, ..upper };
        assert_eq!(params(same).geometry([3, 3]).unwrap().output_size(), [9, 6]);
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_numbers() {
        let one = ConvTranspose2dOptions::default();
        assert_eq!(
            refusal(ConvTranspose2dOptions { kernel_size: [0, 1], ..one }),
            ConvError::Zero { param: "kernel_size" }
        );
        assert_eq!(refusal(ConvTranspose2dOptions { groups: 0, ..one }), ConvError::Zero { param: "groups" });
        let no_output = ConvTranspose2dOptions { out_channels: 0, ..one };
        assert_eq!(refusal(no_output), ConvError::Zero { param: "out_channels" });
        assert_eq!(
            refusal(ConvTranspose2dOptions { in_channels: 7, out_channels: 3, groups: 3, ..one }),
            ConvError::GroupsInChannels { groups: 3, in_channels: 7 }
        );
        assert_eq!(
            refusal(ConvTranspose2dOptions { in_channels: 3, out_channels: 7, groups: 3, ..one }),
            ConvError::GroupsOutChannels { groups: 3, out_channels: 7 }
        );
        assert_eq!(
            refusal(ConvTranspose2dOptions { output_padding: [0, 1], ..one }),
            ConvError::OutputPadding { output_padding: 1, stride: 1, dilation: 1 }
        );
        let params = params(ConvTranspose2dOptions { bias: true, ..one });
        let (input, weight) = (ramp(2, 2).unwrap(), ramp(1, 1).unwrap());
        let refusal =
            |input: &Tensor, weight, bias| conv_transpose2d(&params, input, weight, bias).unwrap_err();
        assert_eq!(refusal(&input, &weight, None), ConvError::BiasLength { expected: 1, got: 0 });
        let shape = ConvError::WeightShape { expected: [1; 4], got: [1, 1, 2, 2] };
        assert_eq!(refusal(&input, &input, Some(&[0.0])), shape);
        let channels = ConvError::ChannelMismatch { expected: 1, got: 2 };
        assert_eq!(refusal(&Tensor::zeros([1, 2, 1, 1]).unwrap(), &weight, Some(&[0.0])), channels);
    }

    #[test]
    fn checkerboards_are_the_product_of_the_axes() {
        let options = ConvTranspose2dOptions { kernel_size: [3, 3], stride: [2, 2], ..Default::default() };
        let padding = AutoPad::Explicit(Pads::all(1));
        let geometry = params(ConvTranspose2dOptions { padding, ..options }).geometry([4, 4]).unwrap();
        assert_eq!([[0, 0], [0, 1], [1, 1]].map(|cell| geometry.contributions(cell)), [1, 2, 4]);
    }
}
