//! The fragment of a link to Fomoro's calculator, for chains of square windows.

use convscope_core::graph::Op;
use convscope_core::resolved::Resolved;
use convscope_core::{AutoPad, AxisParams, Pads};

use super::Refusal;
use super::names::Named;

/// Fomoro's `SAME` is TensorFlow's, so that padding must be none, or what `SAME` makes of the input.
pub(super) fn fragment(named: &Named<'_>) -> Result<String, Refusal> {
    let mut layers: Vec<String> = Vec::new();
    let mut ended = false;
    for id in named.graph().ids().skip(1) {
        let node = named.graph().node(id);
        if !(node.inputs.len() == 1 && node.inputs[0].index() + 1 == id.index()) {
            return Err(named.refuse(id, "a Fomoro link has no branches"));
        }
        let layer = match &node.op {
            // These leave fields as they are.
            Op::Pointwise(_) | Op::Norm(_) | Op::Softmax(_) => continue,
            // What reads whole maps ends them, and a link says nothing of what stands behind.
            Op::Flatten { .. } | Op::Linear(_) | Op::AdaptivePool(..) => {
                ended = true;
                continue;
            }
            Op::Layer(_) if ended => {
                return Err(named.refuse(id, "a Fomoro link ends where a layer reads a whole map"));
            }
            Op::Layer(layer) => layer,
            _ => return Err(named.refuse(id, "a Fomoro link has windows alone")),
        };
        let [_, _, height, width] = named.input_shape(node).nchw().unwrap_or_default();
        let (kernel, stride, dilation, pads) = match Resolved::new(layer, [height, width]) {
            Ok(Resolved::Conv2d(it)) => {
                (it.options.kernel_size, it.options.stride, it.options.dilation, it.pads)
            }
            Ok(Resolved::Pool2d(it)) if it.overhang() == Pads::default() => {
                (it.kernel_size, it.stride, it.dilation, it.stated)
            }
            Ok(Resolved::Pool2d(_)) => return Err(named.refuse(id, "a Fomoro link rounds sizes down")),
            _ => return Err(named.refuse(id, "a Fomoro link has no transposed convolutions")),
        };
        let square = |[rows, columns]: [u64; 2]| (rows == columns).then_some(rows);
        let (Some(k), Some(s), Some(d)) = (square(kernel), square(stride), square(dilation)) else {
            return Err(named.refuse(id, "a Fomoro link has square windows alone"));
        };
        let same = || AutoPad::SameUpper.pads([AxisParams::new(k, s, d)?; 2], [height, width]);
        let padding = if pads == Pads::default() {
            "VALID"
        } else if same() == Ok(pads) {
            "SAME"
        } else {
            return Err(named.refuse(id, "a Fomoro link knows VALID and SAME alone"));
        };
        layers.push(format!("{k},{s},{d},{padding}"));
    }
    match (layers.is_empty(), named.graph().last()) {
        (true, Some(last)) => Err(named.refuse(last, "a Fomoro link has at least one window")),
        _ => Ok(format!("#{}", layers.join(";"))),
    }
}
