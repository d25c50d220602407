//! Cases of operations without windows: values, sizes, and what PyTorch refuses.

use crate::outcome::{Sizes, positive};
use crate::row::Row;
use convscope_core::cost::{Cost, cost_linear};
use convscope_core::linear::resolve_axis;
use convscope_core::{ConvError, LinearParams};
use serde::Deserialize;

/// What PyTorch would say of a linear layer, without any value.
pub(crate) fn linear_sizes(row: &Row) -> Result<Result<Sizes, ConvError>, String> {
    #[derive(Deserialize)]
    struct Params {
        out_features: i64,
        bias: bool,
    }
    let Params { out_features, bias } =
        Params::deserialize(&row.params).map_err(|error| error.to_string())?;
    let (&[rows, features], Some(&[_, in_features])) =
        (row.input_shape.as_slice(), row.weight_shape.as_deref())
    else {
        return Err("a linear layer has an input and a weight of two sizes".to_owned());
    };
    Ok(LinearParams::new(in_features, positive(out_features), bias).and_then(|params| {
        params.check_input(features)?;
        params.check_bias(row.bias_len.unwrap_or(0))?;
        Ok(Sizes { output_shape: vec![rows, params.out_features()], cost: cost_linear(&params, rows)? })
    }))
}

/// The same of softmax, which keeps the shape.
pub(crate) fn softmax_sizes(row: &Row) -> Result<Result<Sizes, ConvError>, String> {
    let elements = row.input_shape.iter().product();
    let cost = Cost { weights: 0, biases: 0, input_elements: elements, output_elements: elements, macs: 0 };
    let sizes = |_| Sizes { output_shape: row.input_shape.clone(), cost };
    Ok(resolve_axis(axis(row)?, row.input_shape.len() as u64).map(sizes))
}

fn axis(row: &Row) -> Result<i64, String> {
    row.params["axis"].as_i64().ok_or_else(|| "the row has no axis".to_owned())
}
