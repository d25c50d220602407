//! A convolution of one image, some rows of outputs at a time.
//!
//! Each strip is a convolution of its own, over the input rows that it reads, vertical padding included; so
//! its numbers stay in the caches between what comes before and after, and long work comes in slices.

use convscope_core::{Conv2dGeometry, Conv2dOptions, Conv2dParams, Padding2d, PaddingMode, Pads};
use convscope_kernels::{Conv2d, KernelError, Precision, Scratch};

/// What a layer consists of, but for its input. `weight` is OIHW.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// Checked parameters.
    pub params: &'a Conv2dParams,
    /// OIHW.
    pub weight: &'a [f32],
    /// A number for each output channel, exactly when the parameters say so.
    pub bias: Option<&'a [f32]>,
    /// What is needed of the numbers.
    pub precision: Precision,
}

/// A convolution of one image, cut into strips of rows.
pub struct Strips {
    geometry: Conv2dGeometry,
    mode: PaddingMode,
    /// Rows of outputs in a strip; the last may have fewer.
    rows: u64,
    strip: Conv2d,
    last: Option<Conv2d>,
}

impl Strips {
    /// Packs the weights for inputs of `size`, height and width, and strips of about `rows` rows of outputs.
    ///
    /// # Errors
    ///
    /// Those of [`Conv2d::new`].
    pub fn new(layer: Layer<'_>, size: [u64; 2], rows: u64) -> Result<Self, KernelError> {
        let geometry = layer.params.geometry(size)?;
        let mode = layer.params.options().padding_mode;
        let out_rows = geometry.rows.output_len();
        let rows = rows.clamp(1, out_rows);
        let strip = pack(layer, &geometry, rows)?;
        let last = match out_rows % rows {
            0 => None,
            left => Some(pack(layer, &geometry, left)?),
        };
        Ok(Self { geometry, mode, rows, strip, last })
    }

    /// Where the windows of the whole convolution lie.
    pub fn geometry(&self) -> &Conv2dGeometry {
        &self.geometry
    }

    /// How many strips there are.
    pub fn count(&self) -> u64 {
        self.geometry.rows.output_len().div_ceil(self.rows)
    }

    /// The first row of outputs of a strip, and how many it has.
    pub fn output_rows(&self, strip: u64) -> [u64; 2] {
        let first = strip * self.rows;
        [first, self.rows.min(self.geometry.rows.output_len().saturating_sub(first))]
    }

    /// Rows that a strip reads, padding included.
    pub fn rows_read(&self, strip: u64) -> u64 {
        rows_read(&self.geometry, self.output_rows(strip)[1])
    }

    /// For each row that a strip reads, the row of the input that stands there, or `None` for zeros.
    pub fn sources(&self, strip: u64) -> impl Iterator<Item = Option<u64>> + use<> {
        let [first, _] = self.output_rows(strip);
        let (axis, mode) = (self.geometry.rows, self.mode);
        let top = axis.window_start(first);
        (0..self.rows_read(strip)).map(move |row| mode.source(top + row.cast_signed(), axis.input_len()))
    }

    /// Computes one strip. `input` holds, for each channel, the rows of [`sources`](Self::sources), and
    /// `output`, for each channel, those of [`output_rows`](Self::output_rows).
    ///
    /// # Errors
    ///
    /// Those of [`Conv2d::run`].
    pub fn run(
        &self,
        strip: u64,
        input: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), KernelError> {
        let [_, count] = self.output_rows(strip);
        let conv = if count == self.rows { &self.strip } else { self.last.as_ref().unwrap_or(&self.strip) };
        conv.run(input, output, scratch)
    }
}

/// The convolution of a strip: vertical padding is part of its input.
fn pack(layer: Layer<'_>, whole: &Conv2dGeometry, count: u64) -> Result<Conv2d, KernelError> {
    let Pads { left, right, .. } = whole.pads();
    let padding = Padding2d::Explicit(Pads { top: 0, left, bottom: 0, right });
    let params = Conv2dParams::new(Conv2dOptions { padding, ..*layer.params.options() })?;
    let [_, width] = whole.input_size();
    let shape = [1, params.options().in_channels, rows_read(whole, count), width];
    Conv2d::new(&params, shape, layer.weight, layer.bias, layer.precision)
}

/// Rows of padded input that so many rows of outputs read together; `count` is at most all of them.
fn rows_read(whole: &Conv2dGeometry, count: u64) -> u64 {
    count.saturating_sub(1) * whole.rows.params().stride() + whole.rows.dilated_kernel()
}

#[cfg(test)]
mod tests {
    use convscope_core::{Tensor, conv2d, sample};

    use super::*;

    /// All strips put together, for one channel.
    fn in_strips(options: Conv2dOptions, input: &Tensor, weight: &Tensor, rows: u64) -> Vec<f32> {
        let params = Conv2dParams::new(options).unwrap();
        let layer = Layer { params: &params, weight: weight.data(), bias: None, precision: Precision::Exact };
        let [_, _, height, width] = input.shape();
        let strips = Strips::new(layer, [height, width], rows).unwrap();
        let out_width = strips.geometry().columns.output_len();
        let mut all = Vec::new();
        for strip in 0..strips.count() {
            let mut part = Vec::new();
            for source in strips.sources(strip) {
                match source {
                    Some(y) => {
                        part.extend_from_slice(&input.data()[(y * width) as usize..][..width as usize])
                    }
                    None => part.extend(std::iter::repeat_n(0.0, width as usize)),
                }
            }
            let mut output = vec![f32::NAN; (strips.output_rows(strip)[1] * out_width) as usize];
            strips.run(strip, &part, &mut output, &mut Scratch::new()).unwrap();
            all.extend(output);
        }
        all
    }

    #[test]
    fn strips_of_any_height_make_the_whole() {
        let input = sample::random(7, 6, 1).unwrap();
        let paddings = [
            Padding2d::Valid,
            Padding2d::Same,
            Padding2d::Full,
            Padding2d::Explicit(Pads { top: 0, left: 2, bottom: 3, right: 1 }),
        ];
        let modes = [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];
        let mut n_compared = 0;
        for (padding, padding_mode) in paddings.into_iter().flat_map(|it| modes.map(|mode| (it, mode))) {
            for ([k, s, d], rows) in [[1, 1, 1], [2, 1, 2], [3, 1, 1], [3, 2, 1], [3, 3, 2]]
                .into_iter()
                .flat_map(|ksd| [1, 2, 3, 5, u64::MAX].map(|rows| (ksd, rows)))
            {
                let options = Conv2dOptions {
                    kernel_size: [k, 3],
                    stride: [s, 1],
                    dilation: [d, 1],
                    padding,
                    padding_mode,
                    ..Default::default()
                };
                let weight = sample::random_weights(k, 3, 2).unwrap();
                let params = Conv2dParams::new(options).unwrap();
                let Ok(whole) = conv2d::conv2d(&params, &input, &weight, None) else { continue };
                assert_eq!(in_strips(options, &input, &weight, rows), whole.data(), "{options:?} by {rows}");
                n_compared += 1;
            }
        }
        assert!(n_compared > 300, "{n_compared}");
    }
}
