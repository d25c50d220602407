//! Inputs and kernels to play with: patterns, whole numbers from a seed, and photographs made grey and small.
//!
//! Each is one feature map, `[1, 1, height, width]`; a photograph has three.

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

/// A photograph in red, green and blue, each 0 to 1, laid on white where it is transparent: `[1, 3, height,
/// width]`. `rgba` has four bytes per pixel, row by row.
///
/// # Errors
///
/// [`ConvError::ElementCount`] when there are not four bytes per pixel; else as [`ramp_rows`].
pub fn rgb(width: u64, height: u64, rgba: &[u8]) -> Result<Tensor, ConvError> {
    let expected = element_count([height, width, 4, 1])?;
    let got = rgba.len() as u64;
    if expected != got {
        return Err(ConvError::ElementCount { expected, got });
    }
    if expected == 0 {
        return Err(ConvError::Zero { param: "input" });
    }
    let mut picture = Tensor::zeros([1, 3, height, width])?;
    let planes = picture.data_mut().chunks_exact_mut((height * width) as usize);
    for (channel, plane) in planes.enumerate() {
        for (cell, pixel) in plane.iter_mut().zip(rgba.chunks_exact(4)) {
            let alpha = f32::from(pixel[3]) / 255.0;
            *cell = alpha * (f32::from(pixel[channel]) / 255.0) + (1.0 - alpha);
        }
    }
    Ok(picture)
}

/// A picture in red, green and blue as shades of grey, `[1, 1, height, width]`:
/// `0.299 red + 0.587 green + 0.114 blue` (ITU-R BT.601).
///
/// # Errors
///
/// [`ConvError::ChannelMismatch`] unless it has three channels; else as [`ramp_rows`].
pub fn grey(rgb: &Tensor) -> Result<Tensor, ConvError> {
    let [_, channels, height, width] = rgb.shape();
    if channels != 3 {
        return Err(ConvError::ChannelMismatch { expected: 3, got: channels });
    }
    let [red, green, blue] = [0, 1, 2].map(|channel| rgb.plane(0, channel));
    let mut pixels = red.iter().zip(green).zip(blue);
    pattern(height, width, |_, _| match pixels.next() {
        Some(((red, green), blue)) => {
            (0.299 * f64::from(*red) + 0.587 * f64::from(*green) + 0.114 * f64::from(*blue)) as f32
        }
        None => 0.0,
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
        u64::try_from(cells).map_or(old[to], |cells| cells.min(old[to]).max(1))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_row_major() {
        assert_eq!(ramp_rows(2, 3).unwrap().data(), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        assert_eq!(ramp_columns(2, 3).unwrap().data(), [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
        assert_eq!(ramp(2, 3).unwrap().data(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(impulse(2, 3).unwrap().data(), [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(checker(2, 3).unwrap().data(), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        assert_eq!(ramp(2, 3).unwrap().shape(), [1, 1, 2, 3]);
    }

    #[test]
    fn random_numbers_are_those_of_their_seed() {
        let numbers = |seed| random(20, 20, seed).unwrap();
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        for digit in 0..10 {
            assert!(numbers(7).data().contains(&(digit as f32)));
        }
        assert!(numbers(7).data().iter().all(|cell| (0.0..=9.0).contains(cell) && cell.fract() == 0.0));
        let weights = random_weights(20, 20, 7).unwrap();
        for weight in -2..=2 {
            assert!(weights.data().contains(&(weight as f32)));
        }
    }

    #[test]
    fn the_generator_is_splitmix64() {
        // The first numbers of seed 1234567, as printed by the authors' reference in C.
        let mut numbers = SplitMix64::new(1_234_567);
        let first = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([0; 3].map(|_| numbers.below(u64::MAX)), first);
    }

    #[test]
    fn empty_maps_are_refused() {
        let error = Err(ConvError::Zero { param: "input" });
        assert_eq!(ramp(0, 3), error);
        assert_eq!(random(3, 0, 1), error);
        assert_eq!(rgb(0, 0, &[]), error);
        assert_eq!(resample(&ramp(2, 2).unwrap(), [0, 1]), error);
        assert_eq!(ramp(1 << 32, 1 << 30), Err(ConvError::Overflow));
    }

    #[test]
    fn grey_weighs_the_colours_and_lies_on_white() {
        let rgba =
            [255, 255, 255, 255, 0, 0, 0, 255, 255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 0, 0, 0, 0];
        let colours = rgb(3, 2, &rgba).unwrap();
        assert_eq!(colours.shape(), [1, 3, 2, 3]);
        assert_eq!(colours.plane(0, 1), [1.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
        let shades = grey(&colours).unwrap();
        assert_eq!(shades.shape(), [1, 1, 2, 3]);
        for (shade, expected) in shades.data().iter().zip([1.0, 0.0, 0.299, 0.587, 0.114, 1.0]) {
            assert!((shade - expected).abs() <= 1e-6, "{shade} {expected}");
        }
        assert_eq!(rgb(2, 1, &[0; 7]), Err(ConvError::ElementCount { expected: 8, got: 7 }));
    }

    #[test]
    fn shrinking_averages_areas() {
        let map = Tensor::map(2, 4, vec![1.0, 3.0, 5.0, 7.0, 1.0, 3.0, 5.0, 7.0]).unwrap();
        assert_eq!(resample(&map, [1, 2]).unwrap().data(), [2.0, 6.0]);
        let line = Tensor::map(3, 3, vec![0.0, 6.0, 12.0, 0.0, 6.0, 12.0, 0.0, 6.0, 12.0]).unwrap();
        // Each new column covers one old column and a half: (0 + 6 / 2) / 1.5 and (6 / 2 + 12) / 1.5.
        assert_eq!(resample(&line, [2, 2]).unwrap().data(), [2.0, 10.0, 2.0, 10.0]);
    }

    #[test]
    fn growing_repeats_cells() {
        let map = Tensor::map(1, 2, vec![1.0, 3.0]).unwrap();
        assert_eq!(resample(&map, [2, 4]).unwrap().data(), [1.0, 1.0, 3.0, 3.0, 1.0, 1.0, 3.0, 3.0]);
    }

    #[test]
    fn another_aspect_ratio_crops_around_the_centre() {
        let map = ramp_columns(2, 6).unwrap();
        assert_eq!(resample(&map, [2, 2]).unwrap().data(), [2.0, 3.0, 2.0, 3.0]);
        let tall = ramp_rows(6, 2).unwrap();
        assert_eq!(resample(&tall, [2, 2]).unwrap().data(), [2.0, 2.0, 3.0, 3.0]);
        assert_eq!(resample(&map, [2, 6]).unwrap(), map);
    }

    #[test]
    fn the_average_survives_shrinking() {
        let map = random(30, 30, 3).unwrap();
        let mean = |map: &Tensor| map.data().iter().sum::<f32>() / map.data().len() as f32;
        let small = resample(&map, [7, 7]).unwrap();
        assert!((mean(&small) - mean(&map)).abs() <= 1e-4);
    }
}
