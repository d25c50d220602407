//! A convolution of a tensor under way: image by image, strip by strip.

use convscope_core::tensor::element_count;
use convscope_core::{Conv2dParams, ConvError, Cost};
use convscope_kernels::{KernelError, Scratch};

use crate::filter::zeros;
use crate::message::{Conv2dRequest, Response};
use crate::strips::{Layer, Strips};

/// Strips are so high at least, or a transform of tiles would be mostly border.
const LEAST_ROWS: u64 = 16;

/// A convolution, and what of its output is there.
pub(crate) struct Convolving {
    strips: Strips,
    /// Of the input, NCHW.
    shape: [u64; 4],
    out_channels: u64,
    input: Vec<f32>,
    output: Vec<f32>,
    /// What a strip reads and writes, `[channels, rows, width]` each.
    part: [Vec<f32>; 2],
}

impl Convolving {
    /// Packs the weights for slices of about `slice_macs` multiply-adds.
    ///
    /// # Errors
    ///
    /// Those of [`Strips::new`]; [`KernelError::Length`] for an input of another length than its shape says;
    /// [`KernelError::OutOfMemory`].
    pub(crate) fn new(request: Conv2dRequest, slice_macs: u128) -> Result<Self, KernelError> {
        let Conv2dRequest { options, precision, shape, input, weight, bias } = request;
        let params = Conv2dParams::new(options)?;
        let [images, channels, height, width] = shape;
        let out_shape = params.output_shape(shape)?;
        let expected = element_count(shape)?;
        if input.len() as u64 != expected {
            let bytes = expected.saturating_mul(4);
            let expected = usize::try_from(expected).map_err(|_| KernelError::OutOfMemory { bytes })?;
            return Err(KernelError::Length { name: "input", expected, got: input.len() });
        }
        let bias = options.bias.then_some(bias.as_slice());
        let Cost { macs, .. } = convscope_core::cost::cost(&params, [1, channels, height, width])?;
        let out_rows = out_shape[2];
        let rows = u64::try_from(u128::from(out_rows) * slice_macs / macs.max(1)).unwrap_or(u64::MAX);
        // Winograd's tiles are 2 or 4 rows high.
        let rows = rows.clamp(LEAST_ROWS, out_rows.max(LEAST_ROWS)).next_multiple_of(4);
        let strips =
            Strips::new(Layer { params: &params, weight: &weight, bias, precision }, [height, width], rows)?;
        let [_, out_channels, _, out_width] = out_shape;
        let [_, rows] = strips.output_rows(0);
        let part = [zeros([channels, strips.rows_read(0), width])?, zeros([out_channels, rows, out_width])?];
        let output =
            zeros([images, out_channels, out_shape[2].checked_mul(out_width).ok_or(ConvError::Overflow)?])?;
        Ok(Self { strips, shape, out_channels, input, output, part })
    }

    /// How many slices there are.
    pub(crate) fn count(&self) -> u64 {
        self.shape[0] * self.strips.count()
    }

    /// Computes one slice: a strip of one image.
    ///
    /// # Errors
    ///
    /// Those of [`Strips::run`].
    pub(crate) fn slice(&mut self, slice: u64, scratch: &mut Scratch) -> Result<(), KernelError> {
        let [_, channels, height, width] = self.shape;
        let [out_height, out_width] = self.strips.geometry().output_size();
        let (image, strip) = (slice / self.strips.count(), slice % self.strips.count());
        // All of it is in memory, so it is counted in usize.
        let [plane, width] = [height * width, width].map(|len| len as usize);
        let [out_plane, out_width] = [out_height * out_width, out_width].map(|len| len as usize);
        let read = self.strips.rows_read(strip) as usize * width;
        let [first, count] = self.strips.output_rows(strip).map(|rows| rows as usize);
        let written = count * out_width;
        let [from, to] = &mut self.part;
        let (from, to) =
            (&mut from[..channels as usize * read], &mut to[..self.out_channels as usize * written]);
        let planes = self.input[(image * channels) as usize * plane..].chunks_exact(plane);
        for (rows, plane) in from.chunks_exact_mut(read).zip(planes) {
            for (row, source) in rows.chunks_exact_mut(width).zip(self.strips.sources(strip)) {
                match source {
                    Some(y) => row.copy_from_slice(&plane[y as usize * width..][..width]),
                    None => row.fill(0.0),
                }
            }
        }
        self.strips.run(strip, from, to, scratch)?;
        let maps =
            self.output[(image * self.out_channels) as usize * out_plane..].chunks_exact_mut(out_plane);
        for (rows, map) in to.chunks_exact(written).zip(maps) {
            map[first * out_width..][..written].copy_from_slice(rows);
        }
        Ok(())
    }

    /// The answer, once all slices are computed.
    pub(crate) fn finish(self) -> Response {
        let [height, width] = self.strips.geometry().output_size();
        Response::Conv2d { shape: [self.shape[0], self.out_channels, height, width], output: self.output }
    }
}
