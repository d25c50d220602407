//! The sizes of a model without its numbers: cheap to copy, so that bounds can be found by trying.

use convscope_core::{Conv2dGeometry, Conv2dOptions, Conv2dParams, ConvError, Padding2d, Pads};

use crate::bounds::Control;
use crate::model::LabModel;

/// Parameters and input size of a model.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) options: Conv2dOptions,
    pub(crate) input: [u64; 2],
}

impl Shape {
    pub(crate) fn of(model: &LabModel) -> Self {
        let options = Conv2dOptions {
            kernel_size: model.kernel_size,
            stride: model.stride,
            dilation: model.dilation,
            padding: model.padding,
            padding_mode: model.padding_mode,
            bias: model.bias.is_some(),
            ..Conv2dOptions::default()
        };
        Self { options, input: model.input_size }
    }

    pub(crate) fn geometry(&self) -> Result<Conv2dGeometry, ConvError> {
        Conv2dParams::new(self.options)?.geometry(self.input)
    }

    /// The padding in cells; of an impossible shape as far as it was stated.
    pub(crate) fn pads(&self) -> Pads {
        match (self.options.padding, self.geometry()) {
            (Padding2d::Explicit(pads), _) => pads,
            (_, Ok(geometry)) => geometry.pads(),
            _ => Pads::default(),
        }
    }

    pub(crate) fn get(&self, control: Control) -> u64 {
        let Conv2dOptions { kernel_size, stride, dilation, .. } = self.options;
        match control {
            Control::InputHeight => self.input[0],
            Control::InputWidth => self.input[1],
            Control::KernelHeight => kernel_size[0],
            Control::KernelWidth => kernel_size[1],
            Control::StrideVertical => stride[0],
            Control::StrideHorizontal => stride[1],
            Control::DilationVertical => dilation[0],
            Control::DilationHorizontal => dilation[1],
            Control::PadTop => self.pads().top,
            Control::PadLeft => self.pads().left,
            Control::PadBottom => self.pads().bottom,
            Control::PadRight => self.pads().right,
            Control::Bias => 0,
        }
    }

    /// Sets one value; a side of the padding makes all four explicit.
    pub(crate) fn set(&mut self, control: Control, value: u64) {
        let pads = self.pads();
        let options = &mut self.options;
        match control {
            Control::InputHeight => self.input[0] = value,
            Control::InputWidth => self.input[1] = value,
            Control::KernelHeight => options.kernel_size[0] = value,
            Control::KernelWidth => options.kernel_size[1] = value,
            Control::StrideVertical => options.stride[0] = value,
            Control::StrideHorizontal => options.stride[1] = value,
            Control::DilationVertical => options.dilation[0] = value,
            Control::DilationHorizontal => options.dilation[1] = value,
            Control::PadTop => options.padding = Padding2d::Explicit(Pads { top: value, ..pads }),
            Control::PadLeft => options.padding = Padding2d::Explicit(Pads { left: value, ..pads }),
            Control::PadBottom => options.padding = Padding2d::Explicit(Pads { bottom: value, ..pads }),
            Control::PadRight => options.padding = Padding2d::Explicit(Pads { right: value, ..pads }),
            Control::Bias => {}
        }
    }

    /// The same shape with `value` in all of `controls`.
    pub(crate) fn with(mut self, controls: &[Control], value: u64) -> Self {
        for &control in controls {
            self.set(control, value);
        }
        self
    }
}
