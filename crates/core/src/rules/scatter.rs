//! The rules for transposed convolutions, whose padding crops.

use super::windows::{bare, is_unequal};
use super::{AxisParams, Detour, Layout, Pads, Ratio, Refusal, Rule};
use crate::auto_pad::AutoPad;
use crate::conv_transpose2d::{ConvTranspose2dOptions, ConvTranspose2dParams};
use crate::error::ConvError;
use crate::transposed::{Crop, TransposedAxis};

/// What a rule makes of a transposed convolution.
pub(super) fn layout(rule: Rule, params: &ConvTranspose2dParams, input: [u64; 2]) -> Result<Layout, Refusal> {
    let axes = [params.rows(), params.columns()];
    let options = params.options();
    if rule.is_keras() {
        check_keras(options, axes)?;
    }
    let [rows, columns] = match rule {
        Rule::KerasValid | Rule::KerasSame => {
            let axis = |idx: usize| keras(rule, options, idx, axes[idx], input[idx]);
            [axis(0)?, axis(1)?]
        }
        _ => {
            let padding = match rule {
                Rule::OnnxValid => AutoPad::Valid,
                Rule::OnnxSameUpper => AutoPad::SameUpper,
                Rule::OnnxSameLower => AutoPad::SameLower,
                _ => options.padding,
            };
            // ONNX's output_shape belongs to the present padding; the other rules find the size themselves.
            let output_size = options.output_size.filter(|_| padding == options.padding);
            let geometry =
                ConvTranspose2dParams::new(ConvTranspose2dOptions { padding, output_size, ..*options })?
                    .geometry(input)?;
            [geometry.rows, geometry.columns]
        }
    };
    let output_padding = [rows.output_padding(), columns.output_padding()];
    let pads = Pads {
        top: rows.pad_before(),
        left: columns.pad_before(),
        bottom: rows.pad_after(),
        right: columns.pad_after(),
    };
    if rule == Rule::PyTorch {
        for (axis, cells) in axes.into_iter().zip(output_padding) {
            axis.check_output_padding(cells)?;
        }
    }
    if rule == Rule::KerasPadded {
        check_keras_output_padding(output_padding, axes)?;
    }
    let detour = match rule {
        Rule::PyTorch if is_unequal(pads) => Detour::CropAfter,
        Rule::KerasPadded if pads != Pads::default() => Detour::CropAfter,
        _ => Detour::None,
    };
    Ok(Layout {
        output: [Ratio::whole(rows.output_len()), Ratio::whole(columns.output_len())],
        output_padding,
        ..bare(pads, detour)
    })
}

fn check_keras(options: &ConvTranspose2dOptions, axes: [AxisParams; 2]) -> Result<(), Refusal> {
    if options.groups > 1 {
        return Err(Refusal::Groups { groups: options.groups });
    }
    super::check_keras_dilation(axes)?;
    check_keras_output_padding(options.output_padding, axes)
}

fn check_keras_output_padding(output_padding: [u64; 2], axes: [AxisParams; 2]) -> Result<(), Refusal> {
    for (axis, output_padding) in axes.into_iter().zip(output_padding) {
        // Of 0 there is none to ask for.
        if output_padding > 0 && output_padding >= axis.stride() {
            return Err(Refusal::OutputPadding { output_padding, stride: axis.stride() });
        }
    }
    Ok(())
}

/// One axis of `Conv2DTranspose`. Without output padding, `same` gives `input_len * stride` and `valid` at
/// least that; with it, `same` gives `(input_len - 1) * stride + dilated_kernel % 2 + output_padding`
/// (`compute_conv_transpose_output_shape` of Keras).
fn keras(
    rule: Rule,
    options: &ConvTranspose2dOptions,
    idx: usize,
    axis: AxisParams,
    input_len: u64,
) -> Result<TransposedAxis, Refusal> {
    let is_set = options.output_padding != [0, 0];
    let (stride, kernel) = (axis.stride(), axis.dilated_kernel()?);
    let crop = |before, after| Crop::Explicit { before, after };
    let laid = match (rule, is_set) {
        (Rule::KerasValid, true) => axis.transposed(input_len, crop(0, 0), options.output_padding[idx]),
        (Rule::KerasValid, false) => axis.transposed(input_len, crop(0, 0), stride.saturating_sub(kernel)),
        (_, false) => {
            let cut = kernel.saturating_sub(stride);
            axis.transposed(input_len, crop(cut / 2, cut - cut / 2), stride.saturating_sub(kernel))
        }
        (_, true) => {
            // Keras pads a zero-inserted input; what it pads less than `kernel - 1` is cropped.
            let around = kernel - 1;
            let padded = (kernel - 1 + kernel % 2 - 1)
                .checked_add(options.output_padding[idx])
                .ok_or(ConvError::Overflow)?;
            let before = padded.div_ceil(2).min(around);
            let after = padded - before;
            let crops = crop(around - before, around.saturating_sub(after));
            axis.transposed(input_len, crops, after.saturating_sub(around))
        }
    };
    Ok(laid?)
}
