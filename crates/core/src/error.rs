//! Why a convolution is impossible: one variant per cause, with the numbers in it.

use std::fmt;

/// Why sizes and parameters do not make a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConvError {
    /// A parameter that must be at least 1 was 0.
    ///
    /// `param` is `kernel_size`, `stride`, `dilation`, `groups`, `channels`, `out_channels`, `out_features`,
    /// `output_size`, `p` (the exponent of an Lp pool), `chunks`, `scale_factor`, `divisor_override`, which
    /// may be negative, or `input` for a height or width of 0.
    Zero {
        /// The parameter's name.
        param: &'static str,
    },
    /// Padding must not be negative.
    NegativePadding {
        /// The padding asked for, in cells.
        value: i64,
    },
    /// The dilated kernel does not fit in the padded input. Both in cells.
    KernelExceedsInput {
        /// `dilation * (kernel_size - 1) + 1`.
        dilated_kernel: u64,
        /// `pad_before + input_len + pad_after`.
        padded_input: u64,
    },
    /// Reflect padding must be smaller than the input, because the edge cell is not repeated.
    ReflectPadding {
        /// The padding on the offending side, in cells.
        pad: u64,
        /// The input along that axis, in cells.
        input_len: u64,
    },
    /// Circular padding may wrap around at most once.
    CircularPadding {
        /// The padding on the offending side, in cells.
        pad: u64,
        /// The input along that axis, in cells.
        input_len: u64,
    },
    /// The groups do not divide the input channels.
    GroupsInChannels {
        /// The number of groups.
        groups: u64,
        /// The number of input channels.
        in_channels: u64,
    },
    /// The groups do not divide the output channels.
    GroupsOutChannels {
        /// The number of groups.
        groups: u64,
        /// The number of output channels.
        out_channels: u64,
    },
    /// The input has another number of channels than the layer.
    ChannelMismatch {
        /// The layer's `in_channels`.
        expected: u64,
        /// The input's channels.
        got: u64,
    },
    /// The bias has another length than there are output channels (0 when the layer has no bias).
    BiasLength {
        /// What the layer needs.
        expected: u64,
        /// What was given.
        got: u64,
    },
    /// The weight has another shape than the layer. OIHW.
    WeightShape {
        /// What the layer needs.
        expected: [u64; 4],
        /// What was given.
        got: [u64; 4],
    },
    /// The data has another number of elements than its shape says.
    ElementCount {
        /// The product of the shape.
        expected: u64,
        /// The number of elements given.
        got: u64,
    },
    /// PyTorch refuses `padding='same'` together with a stride above 1.
    SameWithStride {
        /// The larger of the two strides.
        stride: u64,
    },
    /// Output padding must be smaller than the stride or the dilation on its axis.
    OutputPadding {
        /// The output padding asked for, in cells.
        output_padding: u64,
        /// The stride on that axis.
        stride: u64,
        /// The dilation on that axis.
        dilation: u64,
    },
    /// The padding of a transposed convolution, which crops, leaves no output. Both in cells.
    OutputCropped {
        /// `stride * (input_len - 1) + dilated_kernel + output_padding`.
        uncropped: u64,
        /// `pad_before + pad_after`.
        padding: u64,
    },
    /// PyTorch refuses pooling with more padding than half of the kernel. Both in cells.
    PoolPadding {
        /// The larger of the two sides.
        pad: u64,
        /// The kernel along that axis, without dilation.
        kernel_size: u64,
    },
    /// PyTorch pools with the same padding on both sides of an axis only. Both in cells.
    UnequalPoolPadding {
        /// Above or to the left.
        before: u64,
        /// Below or to the right.
        after: u64,
    },
    /// An adaptive pool was asked for less than 0 windows.
    NegativeOutputSize {
        /// What was asked for.
        value: i64,
    },
    /// The input has another number of features than a linear layer.
    FeatureMismatch {
        /// The layer's `in_features`.
        expected: u64,
        /// The input's last size.
        got: u64,
    },
    /// The tensor has no such axis.
    AxisOutOfRange {
        /// The axis asked for; negative ones count from the end.
        axis: i64,
        /// The number of axes.
        rank: u64,
    },
    /// A set of cells falls into more runs, with gaps between them, than are held.
    TooManyRuns {
        /// The most that are held.
        limit: u64,
    },
    /// A size does not fit in `u64`, or an allocation in memory.
    Overflow,
}

impl fmt::Display for ConvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Zero { param: "input" } => write!(f, "the input's height and width must be at least 1"),
            Self::Zero { param: "divisor_override" } => write!(f, "divisor_override must not be 0"),
            Self::Zero { param } => write!(f, "{param} must be at least 1"),
            Self::NegativePadding { value } => write!(f, "padding must not be negative, but is {value}"),
            Self::KernelExceedsInput { dilated_kernel, padded_input } => {
                write!(
                    f,
                    "the dilated kernel spans {dilated_kernel} cells, the padded input only {padded_input}"
                )
            }
            Self::ReflectPadding { pad, input_len } => {
                write!(f, "reflect padding of {pad} must be smaller than the input of {input_len}")
            }
            Self::CircularPadding { pad, input_len } => {
                write!(f, "circular padding of {pad} must not be larger than the input of {input_len}")
            }
            Self::GroupsInChannels { groups, in_channels } => {
                write!(f, "{in_channels} in_channels cannot be divided into {groups} groups")
            }
            Self::GroupsOutChannels { groups, out_channels } => {
                write!(f, "{out_channels} out_channels cannot be divided into {groups} groups")
            }
            Self::ChannelMismatch { expected, got } => {
                write!(f, "the layer takes {expected} channels, the input has {got}")
            }
            Self::BiasLength { expected, got } => {
                write!(f, "the bias must have {expected} elements, but has {got}")
            }
            Self::WeightShape { expected, got } => {
                let (expected, got) = (Lengths(expected), Lengths(got));
                write!(f, "the weight must have the shape {expected}, but has {got}")
            }
            Self::ElementCount { expected, got } => {
                write!(f, "the shape asks for {expected} elements, the data has {got}")
            }
            Self::SameWithStride { stride } => {
                write!(f, "PyTorch's padding='same' needs a stride of 1, not {stride}")
            }
            Self::OutputPadding { output_padding, stride, dilation } => {
                write!(
                    f,
                    "output_padding of {output_padding} must be smaller than the stride of {stride} or the \
                     dilation of {dilation}"
                )
            }
            Self::OutputCropped { uncropped, padding } => {
                write!(f, "padding crops {padding} cells from an output of {uncropped}, which leaves none")
            }
            Self::PoolPadding { pad, kernel_size } => {
                write!(f, "padding of {pad} is more than half of the kernel of {kernel_size}")
            }
            Self::UnequalPoolPadding { before, after } => {
                write!(f, "PyTorch pools with the same padding on both sides, not {before} and {after}")
            }
            Self::NegativeOutputSize { value } => {
                write!(f, "the output size must not be negative, but is {value}")
            }
            Self::FeatureMismatch { expected, got } => {
                write!(f, "the layer takes {expected} features, the input has {got}")
            }
            Self::AxisOutOfRange { axis, rank } => {
                write!(f, "a tensor of {rank} axes has no axis {axis}")
            }
            Self::TooManyRuns { limit } => {
                write!(f, "the cells lie in more than {limit} separate runs")
            }
            Self::Overflow => write!(f, "a size is too large to be counted or held in memory"),
        }
    }
}

impl std::error::Error for ConvError {}

/// `[1, 1, 3, 3]`: a shape or an index.
pub(crate) struct Lengths(pub(crate) [u64; 4]);

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [n, c, h, w] = self.0;
        write!(f, "[{n}, {c}, {h}, {w}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_hold_the_numbers_and_end_without_full_stop() {
        let errors = [
            (ConvError::Zero { param: "stride" }, "stride"),
            (ConvError::Zero { param: "input" }, "height and width"),
            (ConvError::NegativePadding { value: -3 }, "-3"),
            (ConvError::KernelExceedsInput { dilated_kernel: 7, padded_input: 6 }, "7 cells"),
            (ConvError::ReflectPadding { pad: 4, input_len: 3 }, "4"),
            (ConvError::CircularPadding { pad: 4, input_len: 3 }, "3"),
            (ConvError::GroupsInChannels { groups: 3, in_channels: 7 }, "7 in_channels"),
            (ConvError::GroupsOutChannels { groups: 3, out_channels: 8 }, "8 out_channels"),
            (ConvError::ChannelMismatch { expected: 3, got: 4 }, "3"),
            (ConvError::BiasLength { expected: 5, got: 2 }, "5"),
            (ConvError::WeightShape { expected: [1, 2, 3, 4], got: [4, 3, 2, 1] }, "[1, 2, 3, 4]"),
            (ConvError::ElementCount { expected: 9, got: 8 }, "9"),
            (ConvError::SameWithStride { stride: 2 }, "not 2"),
            (ConvError::Zero { param: "divisor_override" }, "not be 0"),
            (ConvError::OutputPadding { output_padding: 4, stride: 3, dilation: 2 }, "padding of 4"),
            (ConvError::OutputCropped { uncropped: 4, padding: 6 }, "crops 6 cells"),
            (ConvError::PoolPadding { pad: 2, kernel_size: 3 }, "padding of 2"),
            (ConvError::UnequalPoolPadding { before: 1, after: 2 }, "1 and 2"),
            (ConvError::NegativeOutputSize { value: -1 }, "-1"),
            (ConvError::FeatureMismatch { expected: 7, got: 4 }, "takes 7"),
            (ConvError::AxisOutOfRange { axis: -3, rank: 2 }, "no axis -3"),
            (ConvError::TooManyRuns { limit: 64 }, "more than 64"),
            (ConvError::Overflow, "too large"),
        ];
        for (error, part) in errors {
            let message = error.to_string();
            assert!(message.contains(part), "{message}");
            assert!(!message.ends_with('.'), "{message}");
        }
    }
}
