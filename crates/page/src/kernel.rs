//! Kernels with a name, for every size: each equals the textbook's 3 × 3 and grows in a way that keeps
//! its meaning. And banks of them: different filters, and slices that differ from channel to channel.

use convscope_core::sample;

use crate::limits::MAX_KERNEL;

/// Where the weights come from.
#[derive(Clone, Debug, PartialEq)]
pub enum KernelChoice {
    /// A kernel with a name.
    Preset(KernelPreset),
    /// Whole numbers −2 to 2, the same for the same seed.
    Random {
        /// Which of them.
        seed: u64,
    },
    /// Filters that differ, with a name.
    Bank(Bank),
    /// Weights typed in, row by row, slice by slice, filter by filter.
    Own(Vec<f32>),
}

/// Filters that differ, with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bank {
    /// Six by turns: Sobel x, Sobel y, Laplacian, red against green and blue, green against red and blue, blur.
    Mixed,
    /// The shares of red, green and blue in grey, at the kernel's middle: 0.299, 0.587, 0.114.
    Grey,
}

impl Bank {
    /// Every bank, in the order of the list on the page.
    pub const ALL: &[Self] = &[Self::Mixed, Self::Grey];

    /// What a link says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Grey => "grey",
        }
    }

    /// What a reader sees.
    pub fn label(self) -> &'static str {
        match self {
            Self::Mixed => "Different filters",
            Self::Grey => "Colour to grey",
        }
    }

    /// The slice of filter `o` over the channel `i` of its group, row by row.
    fn slice(self, o: u64, i: u64, size: [u64; 2]) -> Vec<f32> {
        let against = |channel: u64| if i == channel { 1.0 } else { -0.5 };
        let (preset, share) = match (self, o % 6) {
            (Self::Grey, _) => {
                let share = [0.299, 0.587, 0.114].get(i as usize).copied().unwrap_or(0.0);
                (KernelPreset::Identity, share)
            }
            (Self::Mixed, 0) => (KernelPreset::SobelX, 1.0),
            (Self::Mixed, 1) => (KernelPreset::SobelY, 1.0),
            (Self::Mixed, 2) => (KernelPreset::Laplacian, 1.0),
            (Self::Mixed, 3) => (KernelPreset::Gaussian, against(0)),
            (Self::Mixed, 4) => (KernelPreset::Gaussian, against(1)),
            (Self::Mixed, _) => (KernelPreset::Gaussian, 1.0),
        };
        preset.weights(size).into_iter().map(|weight| weight * share).collect()
    }
}

/// A kernel with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelPreset {
    /// 1 in the middle (of an even size, the later of the two), else 0: the input unchanged.
    Identity,
    /// The mean: every weight is one over their number.
    Box,
    /// A weighted mean: a column of binomial coefficients times a row of them, their sum brought to 1.
    Gaussian,
    /// Slope from left to right: a binomial column times a row that takes the difference.
    ///
    /// The row is `[-1, 0, 1]` smoothed by binomial coefficients, `[-1, 1]` at width 2.
    /// A single column has no slope: at width 1 every weight is 0.
    SobelX,
    /// Slope from top to bottom: Sobel x with rows and columns exchanged.
    SobelY,
    /// The sum of the other cells of the middle row and column, less as often the middle itself.
    Laplacian,
    /// The input less its Laplacian.
    Sharpen,
    /// Brighter towards the lower right: each weight is its distance from the middle, down plus right, and
    /// the middle is 1.
    Emboss,
    /// The middle as often as there are other cells, less those: 0 where the input is even.
    Edge,
}

impl KernelChoice {
    /// What a reader sees.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Preset(preset) => preset.label(),
            Self::Random { .. } => "Random weights",
            Self::Bank(bank) => bank.label(),
            Self::Own(_) => "Own weights",
        }
    }

    /// The weights of shape `[filters, slices, k_h, k_w]`, or with the first two exchanged, in that order. A
    /// named kernel is the same in every slice; missing weights of one's own are 0.
    pub fn weights(&self, shape: [u64; 4]) -> Vec<f32> {
        let [filters, slices, k_h, k_w] = shape;
        let n_slices = filters * slices;
        match self {
            Self::Preset(preset) => preset.weights([k_h, k_w]).repeat(n_slices as usize),
            Self::Random { seed } => {
                let weights = sample::random_weights(n_slices * k_h, k_w, *seed);
                weights.map_or_else(|_| Vec::new(), |weights| weights.data().to_vec())
            }
            Self::Bank(bank) => {
                let slices = (0..filters).flat_map(|o| (0..slices).map(move |i| (o, i)));
                slices.flat_map(|(o, i)| bank.slice(o, i, [k_h, k_w])).collect()
            }
            Self::Own(weights) => {
                let mut weights = weights.clone();
                weights.resize((n_slices * k_h * k_w) as usize, 0.0);
                weights
            }
        }
    }
}

impl KernelPreset {
    /// Every preset, in the order of the list on the page.
    pub const ALL: &[Self] = &[
        Self::Identity,
        Self::Box,
        Self::Gaussian,
        Self::SobelX,
        Self::SobelY,
        Self::Laplacian,
        Self::Sharpen,
        Self::Emboss,
        Self::Edge,
    ];

    /// What a link says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Box => "box",
            Self::Gaussian => "gaussian",
            Self::SobelX => "sobel-x",
            Self::SobelY => "sobel-y",
            Self::Laplacian => "laplacian",
            Self::Sharpen => "sharpen",
            Self::Emboss => "emboss",
            Self::Edge => "edge",
        }
    }

    /// What a reader sees.
    pub fn label(self) -> &'static str {
        match self {
            Self::Identity => "Identity",
            Self::Box => "Box blur",
            Self::Gaussian => "Gaussian blur",
            Self::SobelX => "Sobel x",
            Self::SobelY => "Sobel y",
            Self::Laplacian => "Laplacian",
            Self::Sharpen => "Sharpen",
            Self::Emboss => "Emboss",
            Self::Edge => "Edges",
        }
    }

    /// The preset that a link names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|preset| preset.name() == name)
    }

    /// The size at which the kernel is best known.
    pub fn natural_size(self) -> [u64; 2] {
        [3, 3]
    }

    /// The weights at `[height, width]`, row by row.
    /// Sizes are cut to `1..=MAX_KERNEL`, which is all that a model can hold.
    pub fn weights(self, size: [u64; 2]) -> Vec<f32> {
        let [height, width] = size.map(|len| len.clamp(1, MAX_KERNEL) as usize);
        let middle = [height / 2, width / 2];
        let others = (height * width - 1) as f32;
        // Cells of the middle row and column, without the middle.
        let arms = (height + width - 2) as f32;
        let outer = |column: Vec<f32>, row: Vec<f32>| -> Vec<f32> {
            column.iter().flat_map(|&c| row.iter().map(move |&r| c * r)).collect()
        };
        let cells = |weight: &dyn Fn(usize, usize, bool) -> f32| -> Vec<f32> {
            let at = |idx: usize| {
                let (y, x) = (idx / width, idx % width);
                weight(y, x, [y, x] == middle)
            };
            (0..height * width).map(at).collect()
        };
        match self {
            Self::Identity => cells(&|_, _, centre| f32::from(centre)),
            Self::Box => vec![1.0 / (height * width) as f32; height * width],
            Self::Gaussian => {
                let scale = 1.0 / (1_u32 << (height + width - 2)) as f32;
                outer(binomial(height), binomial(width).iter().map(|b| b * scale).collect())
            }
            Self::SobelX => outer(binomial(height), difference(width)),
            Self::SobelY => outer(difference(height), binomial(width)),
            Self::Laplacian | Self::Sharpen => {
                let sign = if self == Self::Sharpen { -1.0 } else { 1.0 };
                let kept = f32::from(self == Self::Sharpen);
                cells(&|y, x, centre| match (centre, y == middle[0] || x == middle[1]) {
                    (true, _) => kept - sign * arms,
                    (_, true) => sign,
                    _ => 0.0,
                })
            }
            Self::Emboss => cells(&|y, x, centre| {
                let away = (y + x) as f32 - (middle[0] + middle[1]) as f32;
                if centre { 1.0 } else { away }
            }),
            Self::Edge => cells(&|_, _, centre| if centre { others } else { -1.0 }),
        }
    }
}

/// `n` binomial coefficients: `1 2 1`, `1 3 3 1`, ...
fn binomial(n: usize) -> Vec<f32> {
    let mut row = vec![1.0];
    while row.len() < n {
        row = convolve(&row, &[1.0, 1.0]);
    }
    row
}

/// A smoothed difference over `n` cells: `-1 1`, `-1 0 1`, `-1 -1 1 1`, `-1 -2 0 2 1`, ...
fn difference(n: usize) -> Vec<f32> {
    match n {
        0 | 1 => vec![0.0; n],
        2 => vec![-1.0, 1.0],
        _ => convolve(&binomial(n - 2), &[-1.0, 0.0, 1.0]),
    }
}

fn convolve(a: &[f32], b: &[f32]) -> Vec<f32> {
    let mut product = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            product[i + j] += x * y;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(preset: KernelPreset, size: [u64; 2], expected: &[f32]) {
        assert_eq!(preset.weights(size), expected, "{preset:?} at {size:?}");
    }

    #[test]
    fn three_by_three_is_the_textbook() {
        use KernelPreset as K;
        check(K::Identity, [3, 3], &[0., 0., 0., 0., 1., 0., 0., 0., 0.]);
        check(K::Box, [3, 3], &[1.0 / 9.0; 9]);
        check(K::Gaussian, [3, 3], &[1., 2., 1., 2., 4., 2., 1., 2., 1.].map(|w: f32| w / 16.0));
        check(K::SobelX, [3, 3], &[-1., 0., 1., -2., 0., 2., -1., 0., 1.]);
        check(K::SobelY, [3, 3], &[-1., -2., -1., 0., 0., 0., 1., 2., 1.]);
        check(K::Laplacian, [3, 3], &[0., 1., 0., 1., -4., 1., 0., 1., 0.]);
        check(K::Sharpen, [3, 3], &[0., -1., 0., -1., 5., -1., 0., -1., 0.]);
        check(K::Emboss, [3, 3], &[-2., -1., 0., -1., 1., 1., 0., 1., 2.]);
        check(K::Edge, [3, 3], &[-1., -1., -1., -1., 8., -1., -1., -1., -1.]);
    }

    #[test]
    fn other_sizes_follow_the_same_rule() {
        check(KernelPreset::SobelX, [1, 5], &[-1., -2., 0., 2., 1.]);
        check(KernelPreset::SobelX, [2, 2], &[-1., 1., -1., 1.]);
        check(KernelPreset::SobelX, [2, 1], &[0., 0.]);
        check(KernelPreset::Identity, [2, 2], &[0., 0., 0., 1.]);
        check(KernelPreset::Gaussian, [1, 5], &[1., 4., 6., 4., 1.].map(|w: f32| w / 16.0));
    }

    #[test]
    fn every_size_keeps_the_sum_that_gives_the_kernel_its_meaning() {
        for &preset in KernelPreset::ALL {
            let expected = match preset {
                KernelPreset::Identity
                | KernelPreset::Box
                | KernelPreset::Gaussian
                | KernelPreset::Sharpen => 1.0,
                KernelPreset::Emboss => continue,
                _ => 0.0,
            };
            for (height, width) in (1..=MAX_KERNEL).flat_map(|h| (1..=MAX_KERNEL).map(move |w| (h, w))) {
                let weights = preset.weights([height, width]);
                assert_eq!(weights.len() as u64, height * width);
                let sum: f32 = weights.iter().sum();
                assert!((sum - expected).abs() <= 1e-5, "{preset:?} at {height} × {width}: {sum}");
            }
        }
    }

    #[test]
    fn banks_differ_from_filter_to_filter_and_channel_to_channel() {
        let grey = KernelChoice::Bank(Bank::Grey).weights([1, 3, 1, 1]);
        assert_eq!(grey, [0.299, 0.587, 0.114]);
        let mixed = KernelChoice::Bank(Bank::Mixed).weights([6, 3, 3, 3]);
        let filters: Vec<&[f32]> = mixed.chunks(27).collect();
        for (idx, filter) in filters.iter().enumerate() {
            assert!(filters[..idx].iter().all(|other| other != filter), "filter {idx}");
        }
        // A grey area has no colour: what is added for one channel is taken away by the others.
        for filter in &filters[3..5] {
            assert!(filter.iter().sum::<f32>().abs() < 1e-6);
        }
        let same = KernelChoice::Preset(KernelPreset::Box).weights([2, 2, 2, 2]);
        assert_eq!(same, [0.25; 16]);
        assert_eq!(KernelChoice::Own(vec![1.0]).weights([1, 2, 1, 1]), [1.0, 0.0]);
    }

    #[test]
    fn names_are_read_back() {
        for &preset in KernelPreset::ALL {
            assert_eq!(KernelPreset::from_name(preset.name()), Some(preset));
        }
    }
}
