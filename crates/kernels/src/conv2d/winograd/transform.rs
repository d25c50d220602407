//! The transforms of Winograd's algorithm on six points: 0, ±a, ±b and infinity, with `a² = 1/2`, `b² = 2`.
//!
//! `m` outputs of a kernel of `r` taps, `m + r = 7`, are `Aᵀ((G g) · (Bᵀ d))` for six inputs `d` (Lavin and
//! Gray 2016). `Bᵀ` depends on the points alone, so that one transform serves every `r`. With these points
//! the largest error is a fifth of that with ±1 and ±2, at the same number of operations.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::simd::F32x4;

/// Points, and so inputs and products of a tile along one axis.
pub(crate) const POINTS: usize = 6;

/// Products of a tile.
pub(crate) const PRODUCTS: usize = POINTS * POINTS;

/// Most outputs of a tile along one axis.
pub(crate) const MAX_OUTPUTS: usize = 5;

const A: f32 = FRAC_1_SQRT_2 as f32;
const B: f32 = SQRT_2 as f32;
const A2: f32 = 0.5;
const B2: f32 = 2.0;

/// `G g`: the kernel's polynomial at each point, divided by the point's distances to the others.
///
/// A kernel with fewer than `r` taps is to be filled up with zeros.
pub(crate) fn kernel_values(taps: &[f64]) -> [f64; POINTS] {
    let (a, b) = (FRAC_1_SQRT_2, SQRT_2);
    let value = |point: f64, distances: f64| {
        taps.iter().rev().fold(0.0, |value, tap| value * point + tap) / distances
    };
    // The value at infinity is the coefficient of the highest power.
    let highest = taps.last().copied().unwrap_or(0.0);
    [value(0.0, 1.0), value(a, -1.5), value(-a, -1.5), value(b, 6.0), value(-b, 6.0), highest]
}

/// `Bᵀ d`
#[inline(always)]
pub(crate) fn input(d: [F32x4; POINTS]) -> [F32x4; POINTS] {
    let [two, half, middle] = [F32x4::splat(-2.0), F32x4::splat(-0.5), F32x4::splat(-2.5)];
    let (a, b) = (F32x4::splat(A), F32x4::splat(B));
    let first = middle.madd(d[2], d[0].add(d[4]));
    let last = middle.madd(d[3], d[1].add(d[5]));
    let (even_a, odd_a) = (two.madd(d[2], d[4]), two.madd(d[1], d[3]).mul(a));
    let (even_b, odd_b) = (half.madd(d[2], d[4]), half.madd(d[1], d[3]).mul(b));
    [first, even_a.add(odd_a), even_a.sub(odd_a), even_b.add(odd_b), even_b.sub(odd_b), last]
}

/// `Aᵀ p`; the first `M` are outputs, and the others cost nothing where they are not used.
#[inline(always)]
pub(crate) fn output<const M: usize>(p: [F32x4; POINTS]) -> [F32x4; MAX_OUTPUTS] {
    let (sum_a, difference_a) = (p[1].add(p[2]), p[1].sub(p[2]));
    let (sum_b, difference_b) = (p[3].add(p[4]), p[3].sub(p[4]));
    let weighted = |a: F32x4, power_a: f32, b: F32x4, power_b: f32| {
        F32x4::splat(power_b).madd(b, F32x4::splat(power_a).mul(a))
    };
    let mut outputs = [
        p[0].add(sum_a).add(sum_b),
        weighted(difference_a, A, difference_b, B),
        weighted(sum_a, A2, sum_b, B2),
        weighted(difference_a, A * A2, difference_b, B * B2),
        weighted(sum_a, A2 * A2, sum_b, B2 * B2),
    ];
    outputs[M - 1] = outputs[M - 1].add(p[5]);
    outputs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<const M: usize>() {
        let input_cells = [1.0_f32, -2.0, 3.0, 0.5, -1.5, 4.0];
        let taps: Vec<f64> = [2.0, -1.0, 0.5, 3.0, -2.0][..POINTS + 1 - M].to_vec();
        let values = kernel_values(&taps);
        let transformed = input(input_cells.map(F32x4::splat));
        let products = std::array::from_fn(|i| transformed[i].mul(F32x4::splat(values[i] as f32)));
        for (i, output) in output::<M>(products)[..M].iter().enumerate() {
            let exact: f64 =
                taps.iter().enumerate().map(|(k, tap)| tap * f64::from(input_cells[i + k])).sum();
            let ours = f64::from(output.to_array()[3]);
            assert!((ours - exact).abs() < 1e-5, "output {i} of {M}: {ours} for {exact}");
        }
    }

    #[test]
    fn every_split_of_seven_convolves() {
        check::<2>();
        check::<3>();
        check::<4>();
        check::<5>();
    }
}
