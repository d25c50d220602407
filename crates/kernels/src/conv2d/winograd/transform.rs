//! The transforms of Winograd's algorithm on six points: 0, ±a, ±b and infinity, with `a² = 1/2`, `b² = 2`.
//!
//! `m` outputs of a kernel of `r` taps, `m + r = 7`, are `Aᵀ((G g) · (Bᵀ d))` for six inputs `d` (Lavin and
//! Gray 2016). `Bᵀ` depends on the points alone, so that one transform serves every `r`. With these points
//! the largest error is a fifth of that with ±1 and ±2, at the same number of operations.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

use crate::simd::F32x4;

/// Points, and so inputs and products of a tile along one axis.
pub(crate) const POINTS: usize = 6;

/// Most outputs of a tile along one axis.
pub(crate) const MAX_OUTPUTS: usize = 5;

const A: f32 = FRAC_1_SQRT_2 as f32;
const B: f32 = SQRT_2 as f32;

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

/// `Aᵀ p`, `M` outputs
#[inline(always)]
pub(crate) fn output<const M: usize>(p: [F32x4; POINTS]) -> [F32x4; M] {
    let (sum_a, difference_a) = (p[1].add(p[2]), p[1].sub(p[2]));
    let (sum_b, difference_b) = (p[3].add(p[4]), p[3].sub(p[4]));
    std::array::from_fn(|i| {
        let (at_a, at_b) = if i % 2 == 0 { (sum_a, sum_b) } else { (difference_a, difference_b) };
        // The points' powers, exact where they are whole.
        let power = |squared: f32, root: f32| {
            let mut power = if i % 2 == 0 { 1.0 } else { root };
            (0..i / 2).for_each(|_| power *= squared);
            F32x4::splat(power)
        };
        let mut sum = match i {
            0 => p[0].add(at_a).add(at_b),
            _ => power(2.0, B).madd(at_b, power(0.5, A).mul(at_a)),
        };
        if i == M - 1 {
            sum = sum.add(p[5]);
        }
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convolved<const M: usize>() -> [f32; M] {
        let input_cells = [1.0_f32, -2.0, 3.0, 0.5, -1.5, 4.0];
        let taps: Vec<f64> = [2.0, -1.0, 0.5, 3.0, -2.0][..POINTS + 1 - M].to_vec();
        let values = kernel_values(&taps);
        let transformed = input(input_cells.map(F32x4::splat));
        let products = std::array::from_fn(|i| transformed[i].mul(F32x4::splat(values[i] as f32)));
        let outputs: [F32x4; M] = output(products);
        for (i, output) in outputs.iter().enumerate() {
            let exact: f64 =
                taps.iter().enumerate().map(|(k, tap)| tap * f64::from(input_cells[i + k])).sum();
            let ours = f64::from(output.to_array()[3]);
            assert!((ours - exact).abs() < 1e-5, "output {i} of {M}: {ours} for {exact}");
        }
        outputs.map(|output| output.to_array()[0])
    }

    #[test]
    fn every_split_of_seven_convolves() {
        convolved::<2>();
        convolved::<3>();
        convolved::<4>();
        convolved::<5>();
    }
}
