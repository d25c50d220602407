//! A layer of a network in the lab: its window over one channel, number by number.

use convscope_core::graph::Op;
use convscope_core::{AutoPad, Layer, Padding2d, Pads, Pool2dParams, PoolRounding};

use super::Stack;
use crate::kernel::KernelChoice;
use crate::link::{self, Page};
use crate::model::LabModel;
use crate::operation::Operation;
use crate::source::InputSource;

impl Stack {
    /// The link to the lab with the window of a layer over a map as large as the layer reads, of one channel and
    /// with one filter. `None` of layers that move no window, of impossible ones, and of what is too large for
    /// the lab.
    pub fn lab_link(&self, node: usize) -> Option<String> {
        let id = self.analysis.graph().id(node)?;
        self.analysis.map(id)?;
        let node = self.analysis.graph().node(id);
        let Op::Layer(layer) = &node.op else { return None };
        let input_size = self.analysis.map(*node.inputs.first()?)?.size;
        let model = LabModel { input: InputSource::default_for(input_size), input_size, ..lab_model(layer)? };
        let link = link::write(&Page::Lab(model));
        link::parse(&link).notices.is_empty().then_some(link)
    }
}

/// The layer over an input of any size.
fn lab_model(layer: &Layer) -> Option<LabModel> {
    let usual = LabModel::default();
    Some(match layer {
        Layer::Conv2d(params) => {
            let options = params.options();
            LabModel {
                kernel_size: options.kernel_size,
                kernel: kernel(options.kernel_size),
                stride: options.stride,
                dilation: options.dilation,
                padding: match options.padding {
                    Padding2d::Explicit(pads) => explicit(pads),
                    other => other,
                },
                padding_mode: options.padding_mode,
                bias: usual.bias.filter(|_| options.bias),
                ..usual
            }
        }
        Layer::ConvTranspose2d(params) => {
            let options = params.options();
            if options.output_size.is_some() {
                return None;
            }
            LabModel {
                operation: Operation::Transposed,
                view: Operation::Transposed.views()[0],
                kernel_size: options.kernel_size,
                kernel: kernel(options.kernel_size),
                stride: options.stride,
                dilation: options.dilation,
                padding: padding(options.padding)?,
                output_padding: options.output_padding,
                bias: usual.bias.filter(|_| options.bias),
                ..usual
            }
        }
        Layer::MaxPool2d(params) => pool(Operation::MaxPool, params)?,
        Layer::AvgPool2d(params, divisor) => {
            LabModel { divisor: *divisor, ..pool(Operation::AvgPool, params)? }
        }
        Layer::LpPool2d(params, exponent) => {
            LabModel { exponent: *exponent, ..pool(Operation::LpPool, params)? }
        }
    })
}

fn pool(operation: Operation, params: &Pool2dParams) -> Option<LabModel> {
    let options = params.options();
    Some(LabModel {
        operation,
        view: operation.views()[0],
        kernel_size: options.kernel_size,
        stride: options.stride,
        dilation: options.dilation,
        padding: padding(options.padding)?,
        ceil_mode: match options.rounding {
            PoolRounding::Floor => false,
            PoolRounding::Ceil => true,
            PoolRounding::CeilKeepLast => return None,
        },
        ..LabModel::default()
    })
}

fn padding(padding: AutoPad) -> Option<Padding2d> {
    match padding {
        AutoPad::Explicit(pads) => Some(explicit(pads)),
        AutoPad::Valid => Some(Padding2d::Valid),
        AutoPad::SameUpper => Some(Padding2d::Same),
        AutoPad::SameLower => None,
    }
}

fn explicit(pads: Pads) -> Padding2d {
    if pads == Pads::default() { Padding2d::Valid } else { Padding2d::Explicit(pads) }
}

/// Slopes where the kernel has two sides and a middle, otherwise numbers that differ.
fn kernel(size: [u64; 2]) -> KernelChoice {
    if size.iter().all(|len| *len > 1 && len % 2 == 1) {
        LabModel::default().kernel
    } else {
        KernelChoice::Random { seed: 1 }
    }
}

#[cfg(test)]
mod tests {
    use convscope_core::graph::zoo::Zoo;

    use crate::link::parse;
    use crate::stack::StackModel;

    #[test]
    fn the_lab_makes_of_a_layer_what_the_network_does() {
        let mut n_links = 0;
        for &zoo in Zoo::ALL {
            let stack = StackModel::of_zoo(zoo).derive();
            for id in stack.analysis.graph().ids() {
                let Some(link) = stack.lab_link(id.index()) else { continue };
                let parsed = parse(&link);
                let size = parsed.page.lab().unwrap().geometry().unwrap().output_size();
                assert_eq!(Some(size), stack.analysis.map(id).map(|map| map.size), "{zoo:?}: {link}");
                n_links += 1;
            }
        }
        assert!(n_links > 500, "{n_links}");
    }

    #[test]
    fn links_say_the_layer() {
        let link = |zoo, node| StackModel::of_zoo(zoo).derive().lab_link(node);
        assert_eq!(link(Zoo::Course, 3).as_deref(), Some("#/lab?v=1&o=max&n=10&k=2&p=valid"));
        assert_eq!(link(Zoo::ResNet18, 1).as_deref(), Some("#/lab?v=1&n=224&k=7&p=3&b=none"));
        // The input, a norm, an activation; a map of 572 x 572.
        assert_eq!([0, 2, 3].map(|node| link(Zoo::ResNet18, node)), [None, None, None]);
        assert_eq!(link(Zoo::UNet, 1), None);
    }
}
