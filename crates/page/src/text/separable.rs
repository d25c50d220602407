//! The same sizes as a depthwise convolution and a 1 × 1 convolution after it, beside the dense layer.

use convscope_core::{Conv2dOptions, Conv2dParams};
use convscope_scene::number;

use crate::lab::Lab;
use crate::model::LabModel;
use crate::operation::Operation;

/// A dense layer beside its depthwise separable pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Separable {
    /// Name, parameters and MACs of the dense layer, of the two steps, and of both steps together.
    pub rows: Vec<[String; 3]>,
    /// "The pair has 8.4 times fewer parameters and does 8.8 times fewer MACs."
    pub fact: String,
}

/// What the pair would cost; `None` where there is nothing to separate.
pub fn separable(lab: &Lab) -> Option<Separable> {
    let LabModel { in_channels, out_channels, kernel_size, .. } = lab.model;
    if lab.model.operation != Operation::Conv || in_channels == 1 || kernel_size == [1, 1] {
        return None;
    }
    let options = Conv2dOptions { groups: 1, ..*lab.params.options() };
    let input = lab.layer_input.shape();
    let dense = Conv2dParams::new(options).ok()?;
    let depthwise =
        Conv2dParams::new(Conv2dOptions { groups: in_channels, out_channels: in_channels, ..options })
            .ok()?;
    let between = depthwise.output_shape(input).ok()?;
    let pointwise = Conv2dParams::new(Conv2dOptions {
        in_channels,
        out_channels,
        bias: options.bias,
        ..Conv2dOptions::default()
    })
    .ok()?;
    let cost = |params: &Conv2dParams, input| {
        let cost = convscope_core::cost::cost(params, input).ok()?;
        Some((u128::from(cost.params()), cost.macs))
    };
    let (all, first, second) = (cost(&dense, input)?, cost(&depthwise, input)?, cost(&pointwise, between)?);
    let both = (first.0 + second.0, first.1 + second.1);
    let size = super::size(kernel_size);
    let row =
        |name: String, (params, macs): (u128, u128)| [name, number::grouped(params), number::grouped(macs)];
    let times = |dense: u128, pair: u128| {
        let share = dense as f64 / pair as f64;
        match share >= 1.0 {
            true => format!("{} times fewer", number::cell(((share * 10.0).round() / 10.0) as f32)),
            false => format!("{} times more", number::cell(((10.0 / share).round() / 10.0) as f32)),
        }
    };
    let fact = format!(
        "The pair has {} parameters and does {} MACs, but each channel is filtered in one way only.",
        times(all.0, both.0),
        times(all.1, both.1)
    );
    let rows = vec![
        row(format!("Dense {size}, {in_channels} to {out_channels}"), all),
        row(format!("Depthwise {size}, {in_channels} to {in_channels}"), first),
        row(format!("then 1 × 1, {in_channels} to {out_channels}"), second),
        row("Both steps".into(), both),
    ];
    Some(Separable { rows, fact })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_is_the_textbook_s() {
        let model = LabModel { in_channels: 64, out_channels: 128, stride: [1, 1], ..LabModel::default() };
        let model = LabModel { bias: None, groups: 2, ..model };
        let it = separable(&model.derive(None).unwrap()).unwrap();
        let rows: Vec<[&str; 3]> = it.rows.iter().map(|row| row.each_ref().map(String::as_str)).collect();
        assert_eq!(rows[0], ["Dense 3 × 3, 64 to 128", "73,728", "1,843,200"]);
        assert_eq!(rows[1], ["Depthwise 3 × 3, 64 to 64", "576", "14,400"]);
        assert_eq!(rows[2], ["then 1 × 1, 64 to 128", "8,192", "204,800"]);
        assert_eq!(rows[3], ["Both steps", "8,768", "219,200"]);
        assert!(it.fact.starts_with("The pair has 8.4 times fewer parameters and does 8.4 times fewer MACs"));
        assert_eq!(separable(&LabModel::default().derive(None).unwrap()), None);
    }
}
