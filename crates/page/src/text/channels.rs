//! "This output cell" of many channels: each channel's products added up, their sum, the bias, the activation.

use convscope_core::{Activation, window};
use convscope_scene::number;

use super::{full, sum};
use crate::lab::Lab;
use crate::operation::activation_label;

/// More sums than these are not written out in a line.
const MOST_TERMS: usize = 8;

/// How one output cell of many channels is computed.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelsInspector {
    /// "filter 3, row 12, column 9"
    pub place: String,
    /// What the picture of the patches says: "Red: 1.814, Green: −0.277, Blue: −0.263".
    pub name: String,
    /// "1.814 − 0.277 − 0.263", or how many there are.
    pub sum_line: String,
    /// The sum of all products.
    pub sum: String,
    /// "Bias of filter 3" and "+ 0.1"; `None` without a bias.
    pub bias: Option<[String; 2]>,
    /// "Before ReLU" and its value; `None` without an activation.
    pub before: Option<[String; 2]>,
    /// "Output", and what comes out, in full.
    pub result: [String; 2],
    /// "75 products: 25 in each of 3 channels. The channels are added, never kept apart."
    pub fact: String,
}

/// The sum of the products of each channel that the chosen filter reads, at an output cell.
pub fn channel_sums(lab: &Lab, output: [u64; 2]) -> Vec<f32> {
    let [height, width] = lab.geometry.output_size();
    let at = [0, lab.filter(), output[0].min(height - 1), output[1].min(width - 1)];
    let taps = window::taps(&lab.params, &lab.geometry, &lab.input, &lab.weight, at);
    let of_channel = (taps.len() as u64 / lab.n_slices()).max(1) as usize;
    taps.chunks(of_channel).map(|taps| taps.iter().fold(0.0, |sum, tap| sum + tap.product)).collect()
}

/// How the output cell `[row, column]` of the chosen filter is computed. A cell beyond the output is taken for
/// the last one.
pub fn inspect_channels(lab: &Lab, output: [u64; 2]) -> ChannelsInspector {
    let [height, width] = lab.geometry.output_size();
    let [row, column] = [output[0].min(height - 1), output[1].min(width - 1)];
    let sums = channel_sums(lab, [row, column]);
    let total: f32 = sums.iter().sum();
    let filter = lab.filter() + 1;
    let first = lab.first_channel();
    let named = |(idx, sum): (usize, &f32)| {
        format!("{}: {}", lab.channel_name(first + idx as u64), number::cell(*sum))
    };
    let sum_line = if sums.len() <= MOST_TERMS {
        sum(sums.iter().copied())
    } else {
        format!("Sum over {} channels", number::grouped(sums.len() as u128))
    };
    let [k_h, k_w] = lab.model.kernel_size;
    let each = k_h * k_w;
    let signed = |value: f32| {
        let sign = if value < 0.0 { '\u{2212}' } else { '+' };
        format!("{sign} {}", full(value.abs()))
    };
    let bias = lab.model.bias.map(|bias| [format!("Bias of filter {filter}"), signed(bias)]);
    let before = match lab.model.activation {
        Activation::Identity => None,
        other => {
            let value = lab.sums.at([0, lab.filter(), row, column]);
            Some([format!("Before {}", activation_label(other)), full(value)])
        }
    };
    let products = number::grouped(u128::from(each) * sums.len() as u128);
    ChannelsInspector {
        place: format!("filter {filter}, row {row}, column {column}"),
        name: sums.iter().enumerate().take(MOST_TERMS).map(named).collect::<Vec<_>>().join(", "),
        sum_line,
        sum: full(total),
        bias,
        before,
        result: ["Output".into(), full(lab.output_at([row, column]))],
        fact: format!(
            "{products} products: {each} in each of {} channels. The channels are added, never kept apart.",
            sums.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::KernelChoice;
    use crate::model::LabModel;
    use crate::source::InputSource;

    #[test]
    fn each_channel_is_summed_by_itself_and_all_make_the_output() {
        let model = LabModel {
            input: InputSource::Numbers(vec![1., 2., 3., 4., 10., 20., 30., 40.]),
            input_size: [2, 2],
            in_channels: 2,
            kernel: KernelChoice::Own(vec![1., 0., 0., 1., -1., 0., 0., 0.]),
            kernel_size: [2, 2],
            stride: [1, 1],
            padding: convscope_core::Padding2d::Valid,
            bias: Some(0.5),
            activation: Activation::Relu,
            ..LabModel::default()
        };
        let lab = model.derive(None).unwrap();
        assert_eq!(channel_sums(&lab, [0, 0]), [5.0, -10.0]);
        let it = inspect_channels(&lab, [9, 9]);
        assert_eq!((it.sum_line.as_str(), it.sum.as_str()), ("5 − 10", "−5"));
        assert_eq!(it.bias, Some(["Bias of filter 1".into(), "+ 0.5".into()]));
        assert_eq!(it.before, Some(["Before ReLU".into(), "−4.5".into()]));
        assert_eq!(it.result[1], "0");
        assert_eq!(it.fact, "8 products: 4 in each of 2 channels. The channels are added, never kept apart.");
        assert_eq!(it.name, "Channel 1: 5, Channel 2: −10");
    }
}
