//! Pictures through one kernel: red, green and blue each by itself.
//!
//! A picture's bytes are numbers from 0 to 1, as in the lab (`convscope_kernels::planes_from_rgba` says the
//! rule, and how numbers become bytes again). The convolution is the kernels' own, `Precision::Fast`.

use convscope_core::tensor::element_count;
use convscope_core::{Conv2dOptions, Conv2dParams, ConvError};
pub use convscope_kernels::Shown;
use convscope_kernels::{KernelError, Precision, Scratch, planes_from_rgba, rgba_from_planes};

use crate::strips::{Layer, Strips};

/// Numbers of a strip's input: most of them and of its output stay in a second-level cache.
const STRIP_BUDGET: u64 = 96 * 1024;

/// A strip's rows of outputs are a multiple of this: rows that the kernels compute at once.
const STRIP_STEP: u64 = 6;

const COLOURS: u64 = 3;

/// One kernel for all three colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// What is done with each colour; its channels and groups do not matter.
    pub options: Conv2dOptions,
    /// `[k_h, k_w]`, row by row.
    pub weight: Vec<f32>,
    /// The number added to every output.
    pub bias: Option<f32>,
    /// How outputs are shown.
    pub shown: Shown,
}

/// A filter with packed weights, for pictures of one size.
pub struct Packed {
    filter: Filter,
    size: [u64; 2],
    strips: Strips,
    /// A strip's rows, colour by colour.
    input: Vec<f32>,
    output: Vec<f32>,
    scratch: Scratch,
}

impl Packed {
    /// For pictures of `size`, height and width.
    ///
    /// # Errors
    ///
    /// Those of [`Strips::new`]; [`KernelError::OutOfMemory`].
    pub fn new(filter: Filter, size: [u64; 2]) -> Result<Self, KernelError> {
        bytes(size)?;
        let bias = filter.bias.map(|bias| [bias; COLOURS as usize]);
        let options = Conv2dOptions {
            in_channels: COLOURS,
            out_channels: COLOURS,
            groups: COLOURS,
            bias: bias.is_some(),
            ..filter.options
        };
        let params = Conv2dParams::new(options)?;
        let layer = Layer {
            params: &params,
            weight: &filter.weight.repeat(COLOURS as usize),
            bias: bias.as_ref().map(<[f32; 3]>::as_slice),
            precision: Precision::Fast,
        };
        let dilated = params.geometry(size)?.rows.dilated_kernel();
        // At least as high as what neighbouring strips read both.
        let rows_read = (STRIP_BUDGET / (COLOURS * size[1])).max(2 * dilated);
        let rows = ((rows_read - dilated) / options.stride[0] + 1).next_multiple_of(STRIP_STEP);
        let strips = Strips::new(layer, size, rows)?;
        let [_, rows] = strips.output_rows(0);
        let input = zeros([COLOURS, strips.rows_read(0), size[1]])?;
        let output = zeros([COLOURS, rows, strips.geometry().columns.output_len()])?;
        Ok(Self { filter, size, strips, input, output, scratch: Scratch::new() })
    }

    /// Whether it is this filter for this size.
    pub fn is(&self, filter: &Filter, size: [u64; 2]) -> bool {
        self.size == size && self.filter == *filter
    }

    /// Height and width of the filtered picture.
    pub fn output_size(&self) -> [u64; 2] {
        self.strips.geometry().output_size()
    }

    /// How many strips a picture has.
    pub fn count(&self) -> u64 {
        self.strips.count()
    }

    /// Filters one strip of a picture into its place in `to`; both are whole pictures of four bytes a pixel. The
    /// picture may have blue first; `to` has red first.
    ///
    /// # Errors
    ///
    /// [`KernelError::Length`] for pictures of another size; those of [`Strips::run`].
    ///
    /// # Panics
    ///
    /// When there is no such strip.
    pub fn run(
        &mut self,
        strip: u64,
        (picture, blue_first): (&[u8], bool),
        to: &mut [u8],
    ) -> Result<(), KernelError> {
        let output_size = self.output_size();
        for (name, size, got) in [("picture", self.size, picture.len()), ("output", output_size, to.len())] {
            let expected = bytes(size)?;
            if got != expected {
                return Err(KernelError::Length { name, expected, got });
            }
        }
        // Both fit in memory, so they are counted in usize.
        let [width, out_width] = [self.size[1], output_size[1]].map(|width| width as usize);
        let n_read = self.strips.rows_read(strip) as usize;
        let input = &mut self.input[..3 * n_read * width];
        {
            let (red, rest) = input.split_at_mut(n_read * width);
            let (green, blue) = rest.split_at_mut(n_read * width);
            let rows = red.chunks_exact_mut(width).zip(green.chunks_exact_mut(width));
            let rows = rows.zip(blue.chunks_exact_mut(width));
            for (((red, green), blue), source) in rows.zip(self.strips.sources(strip)) {
                match source {
                    Some(y) => {
                        let row = &picture[y as usize * 4 * width..][..4 * width];
                        let planes = if blue_first { [blue, green, red] } else { [red, green, blue] };
                        planes_from_rgba(row, planes);
                    }
                    None => [red, green, blue].into_iter().for_each(|row| row.fill(0.0)),
                }
            }
        }
        let [first, count] = self.strips.output_rows(strip);
        let n_written = count as usize * out_width;
        let output = &mut self.output[..3 * n_written];
        self.strips.run(strip, input, output, &mut self.scratch)?;
        let (red, rest) = output.split_at(n_written);
        let (green, blue) = rest.split_at(n_written);
        let to = &mut to[first as usize * 4 * out_width..][..4 * n_written];
        rgba_from_planes([red, green, blue], self.filter.shown, to);
        Ok(())
    }
}

/// Bytes of a picture of height and width `size`.
///
/// # Errors
///
/// [`KernelError::Shape`] when they cannot be counted.
pub fn bytes([height, width]: [u64; 2]) -> Result<usize, KernelError> {
    let count = element_count([height, width, 4, 1])?;
    usize::try_from(count).map_err(|_| ConvError::Overflow.into())
}

/// So many zeros, or a refusal.
pub(crate) fn zeros([a, b, c]: [u64; 3]) -> Result<Vec<f32>, KernelError> {
    let count = element_count([a, b, c, 1])?;
    let refused = || KernelError::OutOfMemory { bytes: count.saturating_mul(4) };
    let len = usize::try_from(count).map_err(|_| refused())?;
    let mut numbers = Vec::new();
    numbers.try_reserve_exact(len).map_err(|_| refused())?;
    numbers.resize(len, 0.0);
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use convscope_core::{Padding2d, PaddingMode, Pads, Tensor, naive};

    use super::*;

    /// A picture in which every byte differs from its neighbours.
    fn picture([height, width]: [u64; 2]) -> Vec<u8> {
        (0..height * width * 4).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
    }

    /// The same by the naive convolution in `f64`, colour by colour, before rounding.
    fn expected(filter: &Filter, size: [u64; 2], rgba: &[u8]) -> [Vec<f64>; 3] {
        let [k_h, k_w] = filter.options.kernel_size;
        let weight = Tensor::map(k_h, k_w, filter.weight.clone()).unwrap();
        let options = Conv2dOptions { bias: filter.bias.is_some(), ..filter.options };
        [0, 1, 2].map(|colour| {
            let plane = rgba.iter().skip(colour).step_by(4).map(|&byte| f32::from(byte) / 255.0).collect();
            let input = Tensor::map(size[0], size[1], plane).unwrap();
            naive::conv2d(&options, &input, &weight, filter.bias.as_ref().map(std::slice::from_ref))
                .unwrap()
                .data
        })
    }

    #[track_caller]
    fn check(options: Conv2dOptions, bias: Option<f32>, shown: Shown, size: [u64; 2]) {
        let [k_h, k_w] = options.kernel_size;
        let weight = (0..k_h * k_w).map(|i| (i as f32 * 0.7).sin() / 2.0).collect();
        let filter = Filter { options, weight, bias, shown };
        let rgba = picture(size);
        let mut packed = Packed::new(filter.clone(), size).unwrap();
        let mut output = vec![1; bytes(packed.output_size()).unwrap()];
        for strip in 0..packed.count() {
            packed.run(strip, (&rgba, false), &mut output).unwrap();
        }
        let bgra: Vec<u8> = rgba.chunks_exact(4).flat_map(|it| [it[2], it[1], it[0], it[3]]).collect();
        let mut again = vec![2; output.len()];
        for strip in 0..packed.count() {
            packed.run(strip, (&bgra, true), &mut again).unwrap();
        }
        assert_eq!(again, output, "the same with blue first");
        for (colour, numbers) in expected(&filter, size, &rgba).into_iter().enumerate() {
            for (i, number) in numbers.into_iter().enumerate() {
                let number = if shown == Shown::Magnitude { number.abs() } else { number };
                let exact = (number * 255.0).clamp(0.0, 255.0);
                let byte = f64::from(output[4 * i + colour]);
                // Nearest, but where f32 cannot tell on which side of a half it is.
                assert!(
                    (byte - exact).abs() <= 0.501,
                    "{filter:?} {size:?} colour {colour} pixel {i}: {byte} {exact}"
                );
            }
        }
        assert!(output.iter().skip(3).step_by(4).all(|&opacity| opacity == 255));
    }

    #[test]
    fn pictures_become_what_the_naive_convolution_makes_of_them() {
        let modes = [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];
        for (k, s, d) in [([3, 3], 1, 1), ([3, 3], 2, 1), ([1, 5], 1, 2), ([5, 4], 3, 1), ([7, 7], 1, 2)] {
            for padding_mode in modes {
                let padding = Padding2d::Explicit(Pads { top: 1, left: 0, bottom: 2, right: 3 });
                let options = Conv2dOptions {
                    kernel_size: k,
                    stride: [s, s],
                    dilation: [d, d],
                    padding,
                    padding_mode,
                    ..Default::default()
                };
                check(options, Some(0.125), Shown::Value, [37, 21]);
                check(
                    Conv2dOptions { padding: Padding2d::Same, ..options },
                    None,
                    Shown::Magnitude,
                    [16, 40],
                );
            }
        }
    }

    #[test]
    fn a_picture_of_many_strips_has_no_seams() {
        let options = Conv2dOptions { kernel_size: [3, 3], padding: Padding2d::Same, ..Default::default() };
        let filter = Filter { options, weight: vec![0.0; 9], bias: None, shown: Shown::Value };
        assert!(Packed::new(filter, [200, 800]).unwrap().count() > 3);
        check(options, None, Shown::Value, [200, 800]);
    }

    #[test]
    fn a_picture_of_another_size_is_refused() {
        let filter =
            Filter { options: Conv2dOptions::default(), weight: vec![1.0], bias: None, shown: Shown::Value };
        let mut packed = Packed::new(filter, [2, 3]).unwrap();
        let refusal = packed.run(0, (&[0; 20], false), &mut [0; 24]).unwrap_err();
        assert_eq!(refusal, KernelError::Length { name: "picture", expected: 24, got: 20 });
        assert!(packed.run(0, (&[0; 24], false), &mut [0; 20]).is_err());
    }
}
