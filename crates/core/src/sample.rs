//! Inputs and kernels to play with: patterns, whole numbers from a seed, and photographs made grey and small.
//!
//! Each is one feature map, `[1, 1, height, width]`.

use crate::error::ConvError;
use crate::tensor::{Tensor, element_count};

/// Each cell holds its row: 0 at the top.
///
/// # Errors
///
/// [`ConvError::Zero`] for an empty map, [`ConvError::Overflow`] for one beyond memory; so for all below.
pub fn ramp_rows(height: u64, width: u64) -> Result<Tensor, ConvError> {
    pattern(height, width, |y, _| y as f32)
}

/// Each cell holds its column: 0 at the left.
///
/// # Errors
///
/// As [`ramp_rows`].
pub fn ramp_columns(height: u64, width: u64) -> Result<Tensor, ConvError> {
    pattern(height, width, |_, x| x as f32)
}

/// Cells counted row by row: 0, 1, 2, ... (exactly up to 2^24).
///
/// # Errors
///
/// As [`ramp_rows`].
pub fn ramp(height: u64, width: u64) -> Result<Tensor, ConvError> {
    pattern(height, width, |y, x| (y * width + x) as f32)
}

/// A single 1 in the middle (of an even size, the later of the two middles), else 0.
///
/// # Errors
///
/// As [`ramp_rows`].
pub fn impulse(height: u64, width: u64) -> Result<Tensor, ConvError> {
    pattern(height, width, |y, x| f32::from(y == height / 2 && x == width / 2))
}

/// Ones and zeros by turns, 1 in the upper left corner.
///
/// # Errors
///
/// As [`ramp_rows`].
pub fn checker(height: u64, width: u64) -> Result<Tensor, ConvError> {
    pattern(height, width, |y, x| f32::from((y % 2) == (x % 2)))
}

/// Whole numbers 0 to 9, the same for the same seed.
///
/// # Errors
///
/// As [`ramp_rows`].
pub fn random(height: u64, width: u64, seed: u64) -> Result<Tensor, ConvError> {
    let mut numbers = SplitMix64::new(seed);
    pattern(height, width, |_, _| numbers.below(10) as f32)
}

/// Small whole weights -2 to 2, the same for the same seed.
///
/// # Errors
///
/// As [`ramp_rows`].
pub fn random_weights(height: u64, width: u64, seed: u64) -> Result<Tensor, ConvError> {
    let mut numbers = SplitMix64::new(seed);
    pattern(height, width, |_, _| numbers.below(5) as f32 - 2.0)
}

/// A photograph in shades of grey, 0 black to 1 white: `0.299 red + 0.587 green + 0.114 blue`
/// (ITU-R BT.601), laid on white where it is transparent. `rgba` has four bytes per pixel, row by row.
///
/// # Errors
///
/// [`ConvError::ElementCount`] when there are not four bytes per pixel; else as [`ramp_rows`].
pub fn grey(width: u64, height: u64, rgba: &[u8]) -> Result<Tensor, ConvError> {
    let expected = element_count([height, width, 4, 1])?;
    let got = rgba.len() as u64;
    if expected != got {
        return Err(ConvError::ElementCount { expected, got });
    }
    let mut pixels = rgba.chunks_exact(4);
    pattern(height, width, |_, _| match pixels.next() {
        Some(&[red, green, blue, alpha]) => {
            let luma = 0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue);
            let alpha = f32::from(alpha) / 255.0;
            alpha * (luma / 255.0) + (1.0 - alpha)
        }
        _ => 0.0,
    })
}

/// Maps of another size `[height, width]`: cropped around the centre to the new aspect ratio, then each new
/// cell is the average of the area that it covers. Growing, that repeats cells and blends only where a new
/// cell straddles two old ones.
///
/// # Errors
///
/// As [`ramp_rows`], of either size.
pub fn resample(map: &Tensor, size: [u64; 2]) -> Result<Tensor, ConvError> {
    let [images, channels, rows, columns] = map.shape();
    if size.contains(&0) || rows == 0 || columns == 0 {
        return Err(ConvError::Zero { param: "input" });
    }
    let mut output = Tensor::zeros([images, channels, size[0], size[1]])?;
    let crop = crop_to_aspect([rows, columns], size);
    let old_rows = shares([(rows - crop[0]) / 2, crop[0]], size[0]);
    let old_columns = shares([(columns - crop[1]) / 2, crop[1]], size[1]);
    let mut cells = output.data_mut().iter_mut();
    for n in 0..images {
        for c in 0..channels {
            let plane = map.plane(n, c);
            for row_shares in &old_rows {
                for (column_shares, cell) in old_columns.iter().zip(&mut cells) {
                    let mut sum = 0.0;
                    for &(y, height) in row_shares {
                        for &(x, width) in column_shares {
                            sum += height * width * f64::from(plane[(y * columns + x) as usize]);
                        }
                    }
                    *cell = sum as f32;
                }
            }
        }
    }
    Ok(output)
}

/// The largest size of the wanted aspect ratio within an old size, rounded down, at least 1.
fn crop_to_aspect(old: [u64; 2], wanted: [u64; 2]) -> [u64; 2] {
    let scaled = |by: usize, to: usize| {
        let cells = u128::from(old[by]) * u128::from(wanted[to]) / u128::from(wanted[by]);
        u64::try_from(cells).map_or(old[to], |cells| cells.clamp(1, old[to]))
    };
    [scaled(1, 0), scaled(0, 1)]
}

/// For each of `new_len` cells the old cells that it covers, each with its share of the new cell.
/// Old cells are `len` from `offset` on.
fn shares([offset, len]: [u64; 2], new_len: u64) -> Vec<Vec<(u64, f64)>> {
    // On a ruler with `len * new_len` marks, an old cell spans `new_len` and a new one `len` of them.
    let (len, new_len) = (u128::from(len), u128::from(new_len));
    let share = |new: u128, old: u128| {
        let first = (new * len).max(old * new_len);
        let end = ((new + 1) * len).min((old + 1) * new_len);
        (offset + old as u64, (end - first) as f64 / len as f64)
    };
    let covered = |new: u128| new * len / new_len..((new + 1) * len).div_ceil(new_len);
    (0..new_len).map(|new| covered(new).map(|old| share(new, old)).collect()).collect()
}

fn pattern(height: u64, width: u64, mut value: impl FnMut(u64, u64) -> f32) -> Result<Tensor, ConvError> {
    if height == 0 || width == 0 {
        return Err(ConvError::Zero { param: "input" });
    }
    let mut map = Tensor::zeros([1, 1, height, width])?;
    for (i, cell) in (0_u64..).zip(map.data_mut()) {
        *cell = value(i / width, i % width);
    }
    Ok(map)
}

/// Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators": small, and the same
/// everywhere.
struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number in `0..bound`; the bias of the remainder is far below what anyone could see.
    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
