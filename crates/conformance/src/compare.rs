//! Whether values are those of the data: equal, or within the tolerance that the case states.

use crate::row::{Number, Row};

/// Compares an output: equal bit by bit where the case is exact, otherwise within `tol` of the `f64` result.
pub(crate) fn compare(ours: &[f32], row: &Row) -> Result<(), String> {
    let widened: Vec<f64> = ours.iter().map(|&value| f64::from(value)).collect();
    compare_f64(&widened, row)
}

/// As [`compare`], for sums that are not rounded to `f32`.
pub(crate) fn compare_f64(ours: &[f64], row: &Row) -> Result<(), String> {
    let expected: Vec<f64> = match (row.exact, &row.output_f64) {
        (true, _) => row.output.iter().map(|&Number(value)| f64::from(value as f32)).collect(),
        (false, Some(output_f64)) => output_f64.iter().map(|&Number(value)| value).collect(),
        (false, None) => return Err("the case is neither exact nor has output_f64".into()),
    };
    compare_within(ours, &expected, |_| if row.exact { 0.0 } else { row.tol.unwrap_or(0.0) })
}

/// Compares value by value: equal bit by bit, both NaN, or no further apart than the tolerance, if there is
/// any.
pub(crate) fn compare_within(ours: &[f64], expected: &[f64], tol: impl Fn(f64) -> f64) -> Result<(), String> {
    if ours.len() != expected.len() {
        return Err(format!("{} values, expected {}", ours.len(), expected.len()));
    }
    let same = |ours: f64, expected: f64| {
        let tol = tol(expected);
        let equal = ours.to_bits() == expected.to_bits() || ours.is_nan() && expected.is_nan();
        equal || tol > 0.0 && (ours - expected).abs() <= tol
    };
    match ours.iter().zip(expected).position(|(&ours, &expected)| !same(ours, expected)) {
        None => Ok(()),
        Some(i) => {
            let (ours, expected) = (ours[i], expected[i]);
            Err(format!("value {i} is {ours:?}, expected {expected:?} (tolerance {})", tol(expected)))
        }
    }
}
