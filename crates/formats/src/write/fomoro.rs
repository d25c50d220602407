//! The fragment of a link to Fomoro's calculator, for chains of square windows.

use convscope_core::Pads;
use convscope_core::graph::Op;

use super::Refusal;
use super::names::Named;
use super::plan::Plan;

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
        let (kernel, stride, dilation, pads) = match Plan::of(layer, [height, width]) {
            Some(Plan::Conv(it, pads)) => (it.kernel_size, it.stride, it.dilation, pads),
            Some(Plan::Pool(it)) if it.overhang() == Pads::default() => {
                (it.kernel_size, it.stride, it.dilation, it.stated)
            }
            Some(Plan::Pool(_)) => return Err(named.refuse(id, "a Fomoro link rounds sizes down")),
            _ => return Err(named.refuse(id, "a Fomoro link has no transposed convolutions")),
        };
        let square = |[rows, columns]: [u64; 2]| (rows == columns).then_some(rows);
        let (Some(k), Some(s), Some(d)) = (square(kernel), square(stride), square(dilation)) else {
            return Err(named.refuse(id, "a Fomoro link has square windows alone"));
        };
        let same = |len: u64| {
            let span = d.checked_mul(k - 1)?.checked_add(1)?;
            let total =
                (len.div_ceil(s).checked_sub(1)?.checked_mul(s)?.checked_add(span)?).saturating_sub(len);
            Some([total / 2, total - total / 2])
        };
        let Pads { top, left, bottom, right } = pads;
        let padding = if pads == Pads::default() {
            "VALID"
        } else if same(height) == Some([top, bottom]) && same(width) == Some([left, right]) {
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
