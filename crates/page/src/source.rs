//! Where the input's numbers come from: numbers, rules, photographs.

use std::sync::Arc;

use convscope_core::tensor::Tensor;
use convscope_core::{ConvError, sample};

use crate::text::joined;

/// Where the input's numbers come from.
#[derive(Clone, Debug, PartialEq)]
pub enum InputSource {
    /// Typed in, row by row, channel by channel.
    Numbers(Vec<f32>),
    /// A rule that fills every size.
    Pattern(Pattern),
    /// A photograph, 0 to 1: in shades of grey with one channel, otherwise red, green and blue.
    Picture(PictureSource),
}

/// A rule that fills every size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// 0, 1, 2, ... row by row.
    Ramp,
    /// Each cell holds its row.
    RampRows,
    /// Each cell holds its column.
    RampColumns,
    /// A single 1 in the middle.
    Impulse,
    /// Ones and zeros by turns.
    Checker,
    /// Zeros everywhere: what drawing begins with.
    Zeros,
    /// Whole numbers 0 to 9, the same for the same seed.
    Random {
        /// Which of them.
        seed: u64,
    },
}

/// Which photograph.
#[derive(Clone, Debug, PartialEq)]
pub enum PictureSource {
    /// One that comes with the page.
    Sample(Sample),
    /// The reader's own, with its pixels. It is not in the link.
    Own(Picture),
}

/// A photograph that comes with the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sample {
    /// A portrait.
    Astronaut,
    /// A wall.
    Brick,
    /// A photographer at work.
    #[default]
    Camera,
    /// A cat.
    Chelsea,
    /// A cup.
    Coffee,
    /// A rocket on its pad.
    Rocket,
}

/// A picture that the browser decoded: shape `[1, 3, h, w]`, red, green and blue from 0 to 1, at most 256 on the
/// longest side.
///
/// An `Arc`, because signals hold it.
pub type Picture = Arc<Tensor>;

impl Sample {
    /// Every photograph, in the order of the list on the page.
    pub const ALL: &[Self] =
        &[Self::Astronaut, Self::Brick, Self::Camera, Self::Chelsea, Self::Coffee, Self::Rocket];

    /// What a link and the file's name say.
    pub fn name(self) -> &'static str {
        match self {
            Self::Astronaut => "astronaut",
            Self::Brick => "brick",
            Self::Camera => "camera",
            Self::Chelsea => "chelsea",
            Self::Coffee => "coffee",
            Self::Rocket => "rocket",
        }
    }

    /// What a reader sees.
    pub fn label(self) -> &'static str {
        match self {
            Self::Astronaut => "Astronaut",
            Self::Brick => "Brick wall",
            Self::Camera => "Photographer",
            Self::Chelsea => "Cat",
            Self::Coffee => "Coffee",
            Self::Rocket => "Rocket",
        }
    }

    /// Its file, beside index.html.
    pub fn file(self) -> String {
        joined(&["photos/", self.name(), ".webp"], "")
    }

    /// The photograph that a link names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|sample| sample.name() == name)
    }
}

impl Pattern {
    /// Every pattern, in the order of the list on the page.
    pub const ALL: &[Self] = &[
        Self::Ramp,
        Self::RampRows,
        Self::RampColumns,
        Self::Impulse,
        Self::Checker,
        Self::Zeros,
        Self::Random { seed: 1 },
    ];

    /// What a link says; a random pattern's seed follows after a hyphen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ramp => "ramp",
            Self::RampRows => "ramp-rows",
            Self::RampColumns => "ramp-columns",
            Self::Impulse => "impulse",
            Self::Checker => "checker",
            Self::Zeros => "zeros",
            Self::Random { .. } => "random",
        }
    }

    /// What a reader sees.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ramp => "Count up",
            Self::RampRows => "Rows",
            Self::RampColumns => "Columns",
            Self::Impulse => "Single 1",
            Self::Checker => "Checkerboard",
            Self::Zeros => "Zeros",
            Self::Random { .. } => "Random digits",
        }
    }

    /// The numbers, `[1, channels, height, width]`. Counting and random digits go on from channel to channel, all
    /// others are the same in each.
    #[inline(never)]
    fn tensor(self, [channels, height, width]: [u64; 3]) -> Result<Tensor, ConvError> {
        let map = |height| match self {
            Self::Ramp => sample::ramp(height, width),
            Self::RampRows => sample::ramp_rows(height, width),
            Self::RampColumns => sample::ramp_columns(height, width),
            Self::Impulse => sample::impulse(height, width),
            Self::Checker => sample::checker(height, width),
            Self::Zeros => Tensor::zeros([1, 1, height, width]),
            Self::Random { seed } => sample::random(height, width, seed),
        };
        let shape = [1, channels, height, width];
        if matches!(self, Self::Ramp | Self::Random { .. }) {
            let all = map(channels.checked_mul(height).ok_or(ConvError::Overflow)?)?;
            return Tensor::new(shape, all.data().to_vec());
        }
        let one = map(height)?;
        let mut all = Tensor::zeros(shape)?;
        for plane in all.data_mut().chunks_exact_mut(one.data().len()) {
            plane.copy_from_slice(one.data());
        }
        Ok(all)
    }
}

/// The input of the default model, 5 × 5.
const EXAMPLE: [u8; 25] = *b"0127810389026981378925897";

impl InputSource {
    /// What fills an input of this size when a link says only how large it is: the numbers of the default
    /// model at 5 × 5, otherwise random digits.
    pub fn default_for(size: [u64; 2]) -> Self {
        if size == [5, 5] {
            Self::Numbers(EXAMPLE.iter().map(|digit| f32::from(digit - b'0')).collect())
        } else {
            Self::Pattern(Pattern::Random { seed: 1 })
        }
    }

    /// What a reader sees.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Numbers(_) => "Own numbers",
            Self::Pattern(pattern) => pattern.label(),
            Self::Picture(PictureSource::Sample(sample)) => sample.label(),
            Self::Picture(PictureSource::Own(_)) => "Own picture",
        }
    }

    /// The input of `[channels, height, width]`, with one image. A picture is cropped and averaged to it, in grey
    /// for one channel, otherwise its first channels of red, green and blue, and zeros beyond; `sample` is the
    /// photograph that a [`PictureSource::Sample`] names, and without it there are zeros.
    ///
    /// # Errors
    ///
    /// [`ConvError::Zero`] and [`ConvError::Overflow`] for sizes that no tensor can have.
    pub fn tensor(&self, size: [u64; 3], sample: Option<&Picture>) -> Result<Tensor, ConvError> {
        let [channels, height, width] = size;
        match self {
            Self::Numbers(numbers) => filled(size, numbers),
            Self::Pattern(pattern) => pattern.tensor(size),
            Self::Picture(PictureSource::Own(own)) => resampled(own, size),
            Self::Picture(PictureSource::Sample(_)) => match sample {
                Some(sample) => resampled(sample, size),
                None => Tensor::zeros([1, channels, height, width]),
            },
        }
    }
}

#[inline(never)]
fn resampled(picture: &Picture, size: [u64; 3]) -> Result<Tensor, ConvError> {
    let [channels, height, width] = size;
    let small = sample::resample(picture, [height, width])?;
    if channels == 1 { sample::grey(&small) } else { filled(size, small.data()) }
}

/// Maps from `numbers`, row by row, channel by channel; missing ones are 0.
pub(crate) fn filled([channels, height, width]: [u64; 3], numbers: &[f32]) -> Result<Tensor, ConvError> {
    let mut maps = Tensor::zeros([1, channels, height, width])?;
    for (cell, number) in maps.data_mut().iter_mut().zip(numbers) {
        *cell = *number;
    }
    Ok(maps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_brought_to_the_input_size() {
        let planes = [[0.5, 1., 0., 0.5, 0.5, 0., 1., 0.5], [1.0; 8], [0.0; 8]].concat();
        let picture = Arc::new(Tensor::new([1, 3, 2, 4], planes).unwrap());
        let sample = InputSource::Picture(PictureSource::Sample(Sample::Coffee));
        let grey = sample.tensor([1, 1, 1], Some(&picture)).unwrap();
        assert!((grey.data()[0] - (0.299 * 0.5 + 0.587)).abs() < 1e-6);
        assert_eq!(sample.tensor([3, 1, 1], Some(&picture)).unwrap().data(), [0.5, 1.0, 0.0]);
        assert_eq!(sample.tensor([4, 1, 1], Some(&picture)).unwrap().data(), [0.5, 1.0, 0.0, 0.0]);
        assert_eq!(sample.tensor([1, 1, 1], None).unwrap().data(), [0.0]);
        let own = InputSource::Picture(PictureSource::Own(picture));
        let black = Arc::new(Tensor::zeros([1, 3, 1, 1]).unwrap());
        assert_eq!(own.tensor([3, 1, 1], Some(&black)).unwrap().data()[0], 0.5);
    }

    #[test]
    fn channels_of_random_digits_differ_and_the_first_stays() {
        let one = Pattern::Random { seed: 1 }.tensor([1, 3, 3]).unwrap();
        let two = Pattern::Random { seed: 1 }.tensor([2, 3, 3]).unwrap();
        assert_eq!(two.plane(0, 0), one.data());
        assert_ne!(two.plane(0, 0), two.plane(0, 1));
        let checker = Pattern::Checker.tensor([2, 3, 3]).unwrap();
        assert_eq!(checker.plane(0, 0), checker.plane(0, 1));
    }
}
