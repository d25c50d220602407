//! A convolution's sizes as `usize`, after they were found to fit.

use convscope_core::conv2d::PaddingMode;
use convscope_core::tensor::element_count;
use convscope_core::{AxisGeometry, Conv2dParams};

use crate::error::KernelError;

/// One axis of a layer over an input of known length, in cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    pub in_len: usize,
    pub out_len: usize,
    pub kernel: usize,
    /// 1 when there is only one window, whatever was asked for.
    pub stride: usize,
    /// 1 when there is only one tap, whatever was asked for.
    pub dilation: usize,
    pub pad_before: usize,
    pub pad_after: usize,
}

impl Axis {
    fn new(axis: &AxisGeometry) -> Result<Self, KernelError> {
        let params = axis.params();
        let one = |condition: bool, value| if condition { Ok(1) } else { size(value) };
        // Nothing else on the axis is longer than the padded input, but stride and dilation may be.
        size(axis.padded_len())?;
        Ok(Self {
            in_len: size(axis.input_len())?,
            out_len: size(axis.output_len())?,
            kernel: size(params.kernel_size())?,
            stride: one(axis.output_len() == 1, params.stride())?,
            dilation: one(params.kernel_size() == 1, params.dilation())?,
            pad_before: size(axis.pad_before())?,
            pad_after: size(axis.pad_after())?,
        })
    }
}

/// A convolution over an input of known shape.
///
/// Invariant: input, weight and output can be counted in `usize`, and none of them is empty but for a layer
/// without input channels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layer {
    pub batch: usize,
    pub in_channels: usize,
    pub out_channels: usize,
    pub groups: usize,
    pub rows: Axis,
    pub columns: Axis,
    pub mode: PaddingMode,
}

impl Layer {
    /// The sizes, or `None` when the batch is empty and there is nothing to do.
    pub fn new(params: &Conv2dParams, input_shape: [u64; 4]) -> Result<Option<Self>, KernelError> {
        let output_shape = params.output_shape(input_shape)?;
        let [batch, in_channels, height, width] = input_shape;
        if batch == 0 {
            return Ok(None);
        }
        for shape in [input_shape, output_shape, params.weight_shape()] {
            let count = element_count(shape)?;
            if isize::try_from(count.saturating_mul(4)).is_err() {
                return Err(KernelError::OutOfMemory { bytes: count.saturating_mul(4) });
            }
        }
        let geometry = params.geometry([height, width])?;
        let options = params.options();
        Ok(Some(Self {
            batch: size(batch)?,
            in_channels: size(in_channels)?,
            out_channels: size(options.out_channels)?,
            // Beyond usize only where there are no input channels, and then one group is as good.
            groups: if in_channels == 0 { 1 } else { size(options.groups)? },
            rows: Axis::new(&geometry.rows)?,
            columns: Axis::new(&geometry.columns)?,
            mode: options.padding_mode,
        }))
    }

    /// Input channels that an output channel reads.
    pub fn group_in(&self) -> usize {
        self.in_channels / self.groups
    }

    /// Output channels of a group.
    pub fn group_out(&self) -> usize {
        self.out_channels / self.groups
    }

    /// Taps of one channel of a kernel.
    pub fn taps(&self) -> usize {
        self.rows.kernel * self.columns.kernel
    }

    /// Products in one output cell.
    pub fn depth(&self) -> usize {
        self.group_in() * self.taps()
    }

    /// Whether no window leaves the input.
    pub fn is_unpadded(&self) -> bool {
        [self.rows, self.columns].iter().all(|axis| axis.pad_before == 0 && axis.pad_after == 0)
    }

    /// Whether output cell `i` reads input cell `i` of each channel and nothing else.
    pub fn is_pointwise(&self) -> bool {
        self.taps() == 1 && self.is_unpadded() && self.in_plane() == self.out_plane()
    }

    /// Cells of one feature map of the input.
    pub fn in_plane(&self) -> usize {
        self.rows.in_len * self.columns.in_len
    }

    /// Cells of one feature map of the output.
    pub fn out_plane(&self) -> usize {
        self.rows.out_len * self.columns.out_len
    }

    pub fn input_len(&self) -> usize {
        self.batch * self.in_channels * self.in_plane()
    }

    pub fn output_len(&self) -> usize {
        self.batch * self.out_channels * self.out_plane()
    }

    /// `(input, output)` of every group of every image, each a run of feature maps, with the group's number.
    pub fn groups_of<'a>(
        &self,
        input: &'a [f32],
        output: &'a mut [f32],
    ) -> impl Iterator<Item = (usize, &'a [f32], &'a mut [f32])> + use<'a> {
        let groups = self.groups;
        let in_len = self.group_in() * self.in_plane();
        let out_len = self.group_out() * self.out_plane();
        output
            .chunks_exact_mut(out_len)
            .enumerate()
            .map(move |(i, output)| (i % groups, &input[i * in_len..][..in_len], output))
    }
}

/// A size in `usize`.
fn size(value: u64) -> Result<usize, KernelError> {
    usize::try_from(value).map_err(|_| KernelError::OutOfMemory { bytes: value.saturating_mul(4) })
}
