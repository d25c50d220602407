//! The microkernel of a matrix product: a block of features times a panel of 8 pixels, in registers.
//!
//! `out[f][p] = start + sum(a[k][f] * b[k][p])`. Panels hold `[k][8]`, so that both factors are read in order.

use super::blocks::MAX_FEATURES;
use crate::simd::F32x4;

/// Pixels of a panel: two vectors.
pub(crate) const PANEL: usize = 2 * F32x4::LANES;

/// What the products are added to.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    Zero,
    /// One number for each feature.
    Bias(&'a [f32]),
    /// What stands in the output.
    Output,
}

/// Multiplies `a`, `[k][feature]`, by panels that follow each other, each of `[k][8]`.
///
/// `out` holds feature `f` from `f * pitch` on, `n_pixels` of it: 8 from each panel, fewer from the last.
pub(crate) fn multiply(
    [features, depth]: [usize; 2],
    a: &[f32],
    panels: &[f32],
    out: &mut [f32],
    pitch: usize,
    n_pixels: usize,
    start: Start<'_>,
) {
    let whole = n_pixels / PANEL;
    let (whole_panels, rest) = panels.split_at(whole * depth * PANEL);
    if whole > 0 {
        dispatch([features, depth], a, whole_panels, out, pitch, start);
    }
    let (first, n_rest) = (whole * PANEL, n_pixels % PANEL);
    if n_rest == 0 {
        return;
    }
    let mut cells = [0.0; MAX_FEATURES * PANEL];
    if let Start::Output = start {
        for (f, cells) in cells.chunks_exact_mut(PANEL).take(features).enumerate() {
            cells[..n_rest].copy_from_slice(&out[f * pitch + first..][..n_rest]);
        }
    }
    dispatch([features, depth], a, &rest[..depth * PANEL], &mut cells, PANEL, start);
    for (f, cells) in cells.chunks_exact(PANEL).take(features).enumerate() {
        out[f * pitch + first..][..n_rest].copy_from_slice(&cells[..n_rest]);
    }
}

fn dispatch(
    [features, depth]: [usize; 2],
    a: &[f32],
    panels: &[f32],
    out: &mut [f32],
    pitch: usize,
    start: Start<'_>,
) {
    match features {
        1 => registers::<1>(depth, a, panels, out, pitch, start),
        2 => registers::<2>(depth, a, panels, out, pitch, start),
        3 => registers::<3>(depth, a, panels, out, pitch, start),
        4 => registers::<4>(depth, a, panels, out, pitch, start),
        5 => registers::<5>(depth, a, panels, out, pitch, start),
        6 => registers::<6>(depth, a, panels, out, pitch, start),
        _ => unreachable!("blocks have 1 to 6 features"),
    }
}

#[inline(never)]
#[expect(unsafe_code, reason = "bounds are checked once for some panels instead of once for a product")]
fn registers<const F: usize>(
    depth: usize,
    a: &[f32],
    panels: &[f32],
    out: &mut [f32],
    pitch: usize,
    start: Start<'_>,
) {
    let n_panels = panels.len() / (depth * PANEL);
    assert!(
        a.len() == depth * F && n_panels > 0 && out.len() >= (F - 1) * pitch + n_panels * PANEL,
        "{n_panels} panels times {F} features leave their slices"
    );
    let (mut b, mut out) = (panels.as_ptr(), out.as_mut_ptr());
    for _ in 0..n_panels {
        let mut sums = [[F32x4::splat(0.0); 2]; F];
        match start {
            Start::Zero => {}
            Start::Bias(bias) => {
                for (sums, &bias) in sums.iter_mut().zip(&bias[..F]) {
                    *sums = [F32x4::splat(bias); 2];
                }
            }
            Start::Output => {
                for (f, sums) in sums.iter_mut().enumerate() {
                    // SAFETY: out holds 8 cells for each panel from each of F multiples of pitch on, as asserted.
                    *sums = unsafe {
                        let cells = out.add(f * pitch);
                        [F32x4::load(cells), F32x4::load(cells.add(F32x4::LANES))]
                    };
                }
            }
        }
        let mut a = a.as_ptr();
        for _ in 0..depth {
            // SAFETY: there are depth times F weights and depth times 8 pixels in a panel, as asserted.
            unsafe {
                let pixels = [F32x4::load(b), F32x4::load(b.add(F32x4::LANES))];
                for (f, [left, right]) in sums.iter_mut().enumerate() {
                    let weight = F32x4::load_splat(a.add(f));
                    *left = weight.madd(pixels[0], *left);
                    *right = weight.madd(pixels[1], *right);
                }
                a = a.add(F);
                b = b.add(PANEL);
            }
        }
        for (f, [left, right]) in sums.into_iter().enumerate() {
            // SAFETY: out holds 8 cells for each panel from each of F multiples of pitch on, as asserted.
            unsafe {
                let cells = out.add(f * pitch);
                left.store(cells);
                right.store(cells.add(F32x4::LANES));
            }
        }
        out = out.wrapping_add(PANEL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_of_every_size_are_products() {
        for features in 1..=6 {
            for n_pixels in [1, 8, 13, 16] {
                let depth = 3;
                let a: Vec<f32> = (0..depth * features).map(|i| i as f32 + 1.0).collect();
                let b: Vec<f32> = (0..2 * depth * PANEL).map(|i| 10.0 - i as f32).collect();
                let bias: Vec<f32> = (0..features).map(|f| f as f32 * 100.0).collect();
                for start in [Start::Zero, Start::Bias(&bias), Start::Output] {
                    let mut out = vec![7.0; features * 17];
                    multiply([features, depth], &a, &b, &mut out, 17, n_pixels, start);
                    for (i, &cell) in out.iter().enumerate() {
                        let (f, p) = (i / 17, i % 17);
                        let first = match start {
                            Start::Zero => 0.0,
                            Start::Bias(bias) => bias[f],
                            Start::Output => 7.0,
                        };
                        let pixel = |k: usize| b[p / PANEL * depth * PANEL + k * PANEL + p % PANEL];
                        let expected = if p < n_pixels {
                            first + (0..depth).map(|k| a[k * features + f] * pixel(k)).sum::<f32>()
                        } else {
                            7.0
                        };
                        assert_eq!(cell, expected, "{features} features, cell {i}");
                    }
                }
            }
        }
    }
}
