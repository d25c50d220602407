//! The sizes of a model without its numbers: cheap to copy, so that bounds can be found by trying.

use convscope_core::inserted::inserted_geometry;
use convscope_core::{
    AutoPad, AvgDivisor, Conv2dGeometry, Conv2dOptions, Conv2dParams, ConvError, ConvTranspose2dOptions,
    ConvTranspose2dParams, Layer, Padding2d, Pads, Pool2dOptions, Pool2dParams, PoolRounding,
};

use crate::bounds::Control;
use crate::limits::{MAX_CHANNELS, MAX_ELEMENTS, MAX_KERNEL, MAX_MACS};
use crate::model::LabModel;
use crate::operation::Operation;

/// Operation, parameters and input size of a model.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) operation: Operation,
    pub(crate) options: Conv2dOptions,
    pub(crate) output_padding: [u64; 2],
    pub(crate) input: [u64; 2],
    ceil_mode: bool,
    divisor: AvgDivisor,
    exponent: u32,
}

impl Shape {
    pub(crate) fn of(model: &LabModel) -> Self {
        let options = Conv2dOptions {
            in_channels: model.in_channels,
            out_channels: model.out_channels,
            groups: model.groups,
            kernel_size: model.kernel_size,
            stride: model.stride,
            dilation: model.dilation,
            padding: model.padding,
            padding_mode: model.padding_mode,
            bias: model.bias.is_some(),
        };
        Self {
            operation: model.operation,
            options,
            output_padding: model.output_padding,
            input: model.input_size,
            ceil_mode: model.ceil_mode,
            divisor: model.divisor,
            exponent: model.exponent,
        }
    }

    /// The layer with its checked parameters.
    pub(crate) fn layer(&self) -> Result<Layer, ConvError> {
        match self.operation {
            Operation::Conv => Conv2dParams::new(self.options).map(Layer::Conv2d),
            Operation::Transposed => self.transposed().map(Layer::ConvTranspose2d),
            Operation::MaxPool => self.pool().map(Layer::MaxPool2d),
            Operation::AvgPool => self.pool().map(|params| Layer::AvgPool2d(params, self.divisor)),
            Operation::LpPool if self.exponent == 0 => Err(ConvError::Zero { param: "p" }),
            Operation::LpPool => self.pool().map(|params| Layer::LpPool2d(params, self.exponent)),
        }
    }

    #[inline(never)]
    fn transposed(&self) -> Result<ConvTranspose2dParams, ConvError> {
        let Conv2dOptions { in_channels, out_channels, groups, kernel_size, stride, dilation, bias, .. } =
            self.options;
        ConvTranspose2dParams::new(ConvTranspose2dOptions {
            in_channels,
            out_channels,
            groups,
            kernel_size,
            stride,
            dilation,
            bias,
            padding: self.auto_pad(),
            output_padding: self.output_padding,
            output_size: None,
        })
    }

    #[inline(never)]
    fn pool(&self) -> Result<Pool2dParams, ConvError> {
        let Conv2dOptions { kernel_size, stride, dilation, .. } = self.options;
        let rounding = if self.ceil_mode { PoolRounding::Ceil } else { PoolRounding::Floor };
        let params = Pool2dParams::new(Pool2dOptions {
            kernel_size,
            stride,
            dilation,
            // In words of ONNX only explicit padding is rounded up.
            padding: match self.auto_pad() {
                AutoPad::Valid => AutoPad::default(),
                padding => padding,
            },
            rounding,
        })?;
        if self.options.in_channels == 0 { Err(ConvError::Zero { param: "channels" }) } else { Ok(params) }
    }

    /// The padding in ONNX's words; "full" becomes numbers.
    fn auto_pad(&self) -> AutoPad {
        match self.options.padding {
            Padding2d::Valid => AutoPad::Valid,
            Padding2d::Same => AutoPad::SameUpper,
            Padding2d::Explicit(pads) => AutoPad::Explicit(pads),
            Padding2d::Full => {
                let Conv2dOptions { kernel_size, dilation, .. } = self.options;
                let [y, x] =
                    [0, 1].map(|axis| dilation[axis].saturating_mul(kernel_size[axis].saturating_sub(1)));
                AutoPad::Explicit(Pads { top: y, left: x, bottom: y, right: x })
            }
        }
    }

    /// Where the windows of the convolution lie that the flat figure draws.
    pub(crate) fn geometry(&self) -> Result<Conv2dGeometry, ConvError> {
        let Conv2dOptions { in_channels, out_channels, .. } = self.options;
        let (geometry, macs) = match self.layer()? {
            Layer::Conv2d(params) => {
                let geometry = params.geometry(self.input)?;
                let [o, i, k_h, k_w] = params.weight_shape().map(u128::from);
                (geometry, u128::from(geometry.n_steps()).saturating_mul(o * i).saturating_mul(k_h * k_w))
            }
            layer => self.drawn_geometry(&layer)?,
        };
        let [height, width] = geometry.input_size();
        let elements =
            |channels: u64, cells: u128| u128::from(channels).saturating_mul(cells) <= MAX_ELEMENTS;
        let channels = if self.operation.is_pool() { in_channels } else { in_channels.max(out_channels) };
        let fits = macs <= MAX_MACS
            && channels <= MAX_CHANNELS
            && elements(in_channels, u128::from(height) * u128::from(width))
            && elements(channels, geometry.n_steps().into());
        if fits { Ok(geometry) } else { Err(ConvError::Overflow) }
    }

    /// The same of a layer that is no convolution, with the multiplications that it takes. Not inlined: it is no
    /// part of what runs first.
    #[inline(never)]
    fn drawn_geometry(&self, layer: &Layer) -> Result<(Conv2dGeometry, u128), ConvError> {
        match layer {
            Layer::Conv2d(params) => Ok((params.geometry(self.input)?, 0)),
            Layer::ConvTranspose2d(params) => {
                let geometry = inserted_geometry(&params.geometry(self.input)?)?.0;
                let [i, o, k_h, k_w] = params.weight_shape().map(u128::from);
                let cells = u128::from(self.input[0]) * u128::from(self.input[1]);
                Ok((geometry, cells.saturating_mul(i * o).saturating_mul(k_h * k_w)))
            }
            Layer::MaxPool2d(params) | Layer::AvgPool2d(params, _) | Layer::LpPool2d(params, _) => {
                Ok((params.geometry(self.input)?.windows(), 0))
            }
        }
    }

    /// The shape of the layer's weight, each size brought into the page's limits; pools get that of one kernel.
    pub(crate) fn weight_shape(&self) -> [u64; 4] {
        let Conv2dOptions { in_channels, out_channels, groups, kernel_size, .. } = self.options;
        let [k_h, k_w] = kernel_size.map(|len| len.clamp(1, MAX_KERNEL));
        let [i, o] = [in_channels, out_channels].map(|channels| channels.clamp(1, MAX_CHANNELS));
        let of_group = |channels: u64| channels.checked_div(groups).unwrap_or(1).max(1);
        match self.operation {
            Operation::Conv => [o, of_group(i), k_h, k_w],
            Operation::Transposed => [i, of_group(o), k_h, k_w],
            _ => [1, 1, k_h, k_w],
        }
    }

    /// The padding in cells; of an impossible shape as far as it was stated. Of a transposed convolution the
    /// cells that it crops.
    pub(crate) fn pads(&self) -> Pads {
        match (self.options.padding, self.layer()) {
            (Padding2d::Explicit(pads), _) => pads,
            (_, Ok(Layer::ConvTranspose2d(params))) => {
                params.geometry(self.input).map_or_else(|_| Pads::default(), |geometry| geometry.pads())
            }
            _ => self.geometry().map_or_else(|_| Pads::default(), |geometry| geometry.pads()),
        }
    }

    pub(crate) fn get(&self, control: Control) -> u64 {
        let Conv2dOptions { kernel_size, stride, dilation, .. } = self.options;
        match control {
            Control::InputHeight => self.input[0],
            Control::InputWidth => self.input[1],
            Control::Channels => self.options.in_channels,
            Control::Filters => self.options.out_channels,
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
            Control::OutputPaddingBelow => self.output_padding[0],
            Control::OutputPaddingRight => self.output_padding[1],
            Control::Exponent => self.exponent.into(),
            Control::Bias => 0,
        }
    }

    /// Sets one value; a side of the padding makes all four explicit, channels keep as many groups as divide
    /// them, and the stride of a pool follows its window while the two are equal.
    pub(crate) fn set(&mut self, control: Control, value: u64) {
        let pads = self.pads();
        let is_pool = self.operation.is_pool();
        let options = &mut self.options;
        if let (true, Control::KernelHeight | Control::KernelWidth) = (is_pool, control) {
            let axis = usize::from(control == Control::KernelWidth);
            if options.stride[axis] == options.kernel_size[axis] {
                options.stride[axis] = value;
            }
        }
        match control {
            Control::InputHeight => self.input[0] = value,
            Control::InputWidth => self.input[1] = value,
            Control::Channels => options.in_channels = value,
            Control::Filters => options.out_channels = value,
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
            Control::OutputPaddingBelow => self.output_padding[0] = value,
            Control::OutputPaddingRight => self.output_padding[1] = value,
            Control::Exponent => self.exponent = u32::try_from(value).unwrap_or(u32::MAX),
            Control::Bias => {}
        }
        if matches!(control, Control::Channels | Control::Filters) {
            options.groups = dividing(options.groups, [options.in_channels, options.out_channels]);
        }
    }

    /// The same shape with `value` in all of `controls`.
    pub(crate) fn with(mut self, controls: &[Control], value: u64) -> Self {
        for &control in controls {
            self.set(control, value);
        }
        self
    }

    pub(crate) fn exponent(&self) -> u32 {
        self.exponent
    }
}

/// The largest number of groups, at most `groups`, that divides both channel counts; at least 1.
pub(crate) fn dividing(groups: u64, channels: [u64; 2]) -> u64 {
    (1..=groups.min(MAX_CHANNELS)).rev().find(|n| channels.iter().all(|len| len % n == 0)).unwrap_or(1)
}
