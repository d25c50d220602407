//! Examples to open: sizes that many readers know from a book, a paper or a network.

use convscope_core::{Padding2d, Pads};

use crate::kernel::{Bank, KernelChoice, KernelPreset};
use crate::model::LabModel;
use crate::operation::{Operation, View};
use crate::source::{InputSource, Pattern, PictureSource, Sample};

/// An example with a name.
pub struct Preset {
    /// Short, for the page's own use; stays the same for ever.
    pub name: &'static str,
    /// The heading under which it stands.
    pub group: &'static str,
    /// What a reader sees in the list.
    pub label: &'static str,
    /// One sentence on what there is to see, and where it comes from.
    pub about: &'static str,
    /// What opens.
    pub model: fn() -> LabModel,
}

const START: &str = "Start here";
const ARITHMETIC: &str = "Convolution arithmetic";
const TRANSPOSED: &str = "Transposed convolution arithmetic";
const POOLS: &str = "Pools";
const CHANNELS: &str = "Channels and filters";
const NETWORKS: &str = "First layers of networks";

/// Every example, in the order of the list on the page.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "example",
        group: START,
        label: "Edges at stride 2",
        about: "Sobel x finds the slope from left to right; stride 2 keeps every second position.",
        model: LabModel::default,
    },
    Preset {
        name: "shrink",
        group: START,
        label: "4 × 4 shrinks to 2 × 2",
        about: "Without padding the window has only 2 × 2 places to stand.",
        model: || sobel(Sizes { input: 4, kernel: 3, stride: 1, pad: 0, dilation: 1 }),
    },
    Preset {
        name: "keep",
        group: START,
        label: "5 × 5 stays 5 × 5",
        about: "Padding of 1 gives a 3 × 3 kernel a place on every cell, so the size is kept.",
        model: || sobel(Sizes { input: 5, kernel: 3, stride: 1, pad: 1, dilation: 1 }),
    },
    Preset {
        name: "no-padding-no-strides",
        group: ARITHMETIC,
        label: "No padding, no strides",
        about: "4 × 4 becomes 2 × 2: after Dumoulin and Visin, A guide to convolution arithmetic (2016).",
        model: || sized(Sizes { input: 4, kernel: 3, stride: 1, pad: 0, dilation: 1 }),
    },
    Preset {
        name: "arbitrary-padding-no-strides",
        group: ARITHMETIC,
        label: "Arbitrary padding, no strides",
        about: "A 4 × 4 kernel with padding 2 makes 5 × 5 grow to 6 × 6: after Dumoulin and Visin (2016).",
        model: || sized(Sizes { input: 5, kernel: 4, stride: 1, pad: 2, dilation: 1 }),
    },
    Preset {
        name: "same-padding-no-strides",
        group: ARITHMETIC,
        label: "Same padding, no strides",
        about: "Padding of half the kernel, rounded down, keeps the size: after Dumoulin and Visin (2016).",
        model: || sized(Sizes { input: 5, kernel: 3, stride: 1, pad: 1, dilation: 1 }),
    },
    Preset {
        name: "full-padding-no-strides",
        group: ARITHMETIC,
        label: "Full padding, no strides",
        about: "Every window that touches the input counts, so 5 × 5 grows to 7 × 7: after Dumoulin and Visin (2016).",
        model: || sized(Sizes { input: 5, kernel: 3, stride: 1, pad: 2, dilation: 1 }),
    },
    Preset {
        name: "no-padding-strides",
        group: ARITHMETIC,
        label: "No padding, strides",
        about: "Stride 2 skips every second place, so 5 × 5 becomes 2 × 2: after Dumoulin and Visin (2016).",
        model: || sized(Sizes { input: 5, kernel: 3, stride: 2, pad: 0, dilation: 1 }),
    },
    Preset {
        name: "padding-strides",
        group: ARITHMETIC,
        label: "Padding, strides",
        about: "With padding 1 the last window ends exactly on the edge: after Dumoulin and Visin (2016).",
        model: || sized(Sizes { input: 5, kernel: 3, stride: 2, pad: 1, dilation: 1 }),
    },
    Preset {
        name: "padding-strides-odd",
        group: ARITHMETIC,
        label: "Padding, strides, odd",
        about: "6 × 6 gives the same 3 × 3 as 5 × 5: one row and one column are left over, after Dumoulin and Visin (2016).",
        model: || sized(Sizes { input: 6, kernel: 3, stride: 2, pad: 1, dilation: 1 }),
    },
    Preset {
        name: "dilation",
        group: ARITHMETIC,
        label: "Dilation",
        about: "Dilation 2 spreads 3 × 3 weights over 5 × 5 cells: after Dumoulin and Visin (2016).",
        model: || sized(Sizes { input: 7, kernel: 3, stride: 1, pad: 0, dilation: 2 }),
    },
    Preset {
        name: "no-padding-no-strides-transposed",
        group: TRANSPOSED,
        label: "No padding, no strides, transposed",
        about: "Each cell of 2 × 2 scatters a kernel, and 4 × 4 cells add them up: after Dumoulin and Visin (2016).",
        model: || scattered(Sizes { input: 2, kernel: 3, stride: 1, pad: 0, dilation: 1 }, 0),
    },
    Preset {
        name: "arbitrary-padding-no-strides-transposed",
        group: TRANSPOSED,
        label: "Arbitrary padding, no strides, transposed",
        about: "Padding 2 crops 2 cells from every side, so 6 × 6 becomes 5 × 5: after Dumoulin and Visin (2016).",
        model: || scattered(Sizes { input: 6, kernel: 4, stride: 1, pad: 2, dilation: 1 }, 0),
    },
    Preset {
        name: "same-padding-no-strides-transposed",
        group: TRANSPOSED,
        label: "Same padding, no strides, transposed",
        about: "What keeps the size forwards keeps it backwards: after Dumoulin and Visin (2016).",
        model: || scattered(Sizes { input: 5, kernel: 3, stride: 1, pad: 1, dilation: 1 }, 0),
    },
    Preset {
        name: "full-padding-no-strides-transposed",
        group: TRANSPOSED,
        label: "Full padding, no strides, transposed",
        about: "The transpose of full padding is a convolution without any: 7 × 7 becomes 5 × 5, after Dumoulin and Visin (2016).",
        model: || scattered(Sizes { input: 7, kernel: 3, stride: 1, pad: 2, dilation: 1 }, 0),
    },
    Preset {
        name: "no-padding-strides-transposed",
        group: TRANSPOSED,
        label: "No padding, strides, transposed",
        about: "Stride 2 moves the kernel by 2 cells on the output, so 2 × 2 becomes 5 × 5: after Dumoulin and Visin (2016).",
        model: || scattered(Sizes { input: 2, kernel: 3, stride: 2, pad: 0, dilation: 1 }, 0),
    },
    Preset {
        name: "padding-strides-transposed",
        group: TRANSPOSED,
        label: "Padding, strides, transposed",
        about: "3 × 3 becomes 5 × 5, with one cell cropped from every side: after Dumoulin and Visin (2016).",
        model: || scattered(Sizes { input: 3, kernel: 3, stride: 2, pad: 1, dilation: 1 }, 0),
    },
    Preset {
        name: "padding-strides-odd-transposed",
        group: TRANSPOSED,
        label: "Padding, strides, odd, transposed",
        about: "Output padding 1 says that the forward convolution had 6 × 6 and not 5 × 5: after Dumoulin and Visin (2016).",
        model: || scattered(Sizes { input: 3, kernel: 3, stride: 2, pad: 1, dilation: 1 }, 1),
    },
    Preset {
        name: "checkerboard",
        group: TRANSPOSED,
        label: "Checkerboard: 3 × 3 at stride 2",
        about: "Ones under a kernel of ones: each output is the count of what it adds up, 1, 2 or 4 (Odena et al. 2016).",
        model: || ones(Sizes { input: 4, kernel: 3, stride: 2, pad: 1, dilation: 1 }),
    },
    Preset {
        name: "no-checkerboard",
        group: TRANSPOSED,
        label: "No checkerboard: 4 × 4 at stride 2",
        about: "A kernel that the stride divides gives every output the same count, 4, but for the edges (Odena et al. 2016).",
        model: || ones(Sizes { input: 4, kernel: 4, stride: 2, pad: 1, dilation: 1 }),
    },
    Preset {
        name: "max-pool",
        group: POOLS,
        label: "Max pool: 2 × 2",
        about: "Each window of 2 × 2 keeps its largest cell, so 6 × 6 becomes 3 × 3.",
        model: || pooled(Operation::MaxPool, Sizes { input: 6, kernel: 2, stride: 2, pad: 0, dilation: 1 }),
    },
    Preset {
        name: "lenet-average-pool",
        group: POOLS,
        label: "LeNet: average pool 2 × 2",
        about: "LeNet-5 halves its six maps of 28 × 28 by averages; its own weight and bias for each map are left out (LeCun et al. 1998).",
        model: || LabModel {
            in_channels: 6,
            ..pooled(Operation::AvgPool, Sizes { input: 28, kernel: 2, stride: 2, pad: 0, dilation: 1 })
        },
    },
    Preset {
        name: "ceil-drop",
        group: POOLS,
        label: "Rounded up, and dropped again",
        about: "Rounded up, 10 cells at stride 2 give 6 windows of 1; the sixth would start beyond the input, so 5 are left.",
        model: || LabModel {
            ceil_mode: true,
            ..pooled(Operation::MaxPool, Sizes { input: 10, kernel: 1, stride: 2, pad: 0, dilation: 1 })
        },
    },
    Preset {
        name: "googlenet-pool",
        group: POOLS,
        label: "GoogLeNet: max pool, rounded up",
        about: "3 × 3 at stride 2 makes 112 into 56 where sizes are rounded up, and into 55 where not (Szegedy et al. 2014).",
        model: || LabModel {
            ceil_mode: true,
            ..photo_pooled(Sizes { input: 112, kernel: 3, stride: 2, pad: 0, dilation: 1 })
        },
    },
    Preset {
        name: "resnet-pool",
        group: POOLS,
        label: "ResNet: max pool 3 × 3, padding 1",
        about: "Padding of minus infinity never wins; it makes 112 into 56 without rounding up (He et al. 2015).",
        model: || photo_pooled(Sizes { input: 112, kernel: 3, stride: 2, pad: 1, dilation: 1 }),
    },
    Preset {
        name: "volume-one-filter",
        group: CHANNELS,
        label: "32 × 32 × 3, one filter",
        about: "A 5 × 5 filter over red, green and blue is 5 × 5 × 3; it moves over height and width alone and makes one map.",
        model: || LabModel { out_channels: 1, filter: 0, ..volume() },
    },
    Preset {
        name: "volume-six-filters",
        group: CHANNELS,
        label: "32 × 32 × 3, six filters",
        about: "Six filters of 5 × 5 × 3 make six maps: 32 × 32 × 3 becomes 28 × 28 × 6.",
        model: volume,
    },
    Preset {
        name: "volume-numbers",
        group: CHANNELS,
        label: "32 × 32 × 3 on numbers",
        about: "The same six filters over random digits.",
        model: || LabModel { input: InputSource::Pattern(Pattern::Random { seed: 1 }), ..volume() },
    },
    Preset {
        name: "channels-in-numbers",
        group: CHANNELS,
        label: "Three channels, every number",
        about: "Each channel has its own slice and its own products; only their sum, with the bias, is the output.",
        model: || LabModel {
            in_channels: 3,
            out_channels: 2,
            bias: Some(1.0),
            ..sized(Sizes { input: 5, kernel: 3, stride: 1, pad: 0, dilation: 1 })
        },
    },
    Preset {
        name: "pointwise-grey",
        group: CHANNELS,
        label: "1 × 1: colour to grey",
        about: "A 1 × 1 filter has no reach in space: it merges channels, here 0.299 red, 0.587 green and 0.114 blue.",
        model: || {
            let sizes = Sizes { input: 64, kernel: 1, stride: 1, pad: 0, dilation: 1 };
            let kernel = KernelChoice::Bank(Bank::Grey);
            LabModel { in_channels: 3, kernel, ..photo(Sample::Coffee, sizes) }
        },
    },
    Preset {
        name: "pointwise-256-64",
        group: CHANNELS,
        label: "1 × 1: 256 channels to 64",
        about: "Networks use 1 × 1 convolutions to have fewer channels before dear layers: 256 · 64 weights do it here.",
        model: || LabModel {
            in_channels: 256,
            out_channels: 64,
            view: View::Depth,
            ..sized(Sizes { input: 8, kernel: 1, stride: 1, pad: 0, dilation: 1 })
        },
    },
    Preset {
        name: "parameters-760",
        group: CHANNELS,
        label: "Why 760 parameters?",
        about: "Ten 5 × 5 filters with padding 2 on 32 × 32 × 3: (5 · 5 · 3 + 1) · 10. Point at a factor to see what it counts.",
        model: || {
            let padding = Padding2d::Explicit(Pads::all(2));
            LabModel { out_channels: 10, padding, ..volume() }.at_middle()
        },
    },
    Preset {
        name: "parameters-22550",
        group: CHANNELS,
        label: "Why 22,550 in the second layer?",
        about: "Its 50 filters of 3 × 3 read the 50 maps of the first layer: (3 · 3 · 50 + 1) · 50.",
        model: || LabModel {
            in_channels: 50,
            out_channels: 50,
            bias: Some(1.0),
            view: View::Depth,
            ..sized(Sizes { input: 14, kernel: 3, stride: 1, pad: 0, dilation: 1 })
        },
    },
    Preset {
        name: "depthwise",
        group: CHANNELS,
        label: "Depthwise: a filter for each channel",
        about: "With as many groups as channels each filter reads one channel, and none are added.",
        model: || {
            let padding = Padding2d::Explicit(Pads::all(2));
            LabModel { out_channels: 3, groups: 3, padding, channel: 1, filter: 1, ..volume() }.at_middle()
        },
    },
    Preset {
        name: "separable",
        group: CHANNELS,
        label: "Depthwise separable beside dense",
        about: "64 to 128 channels: the card below sets this dense layer beside depthwise, then 1 × 1, as in MobileNet (Howard et al. 2017).",
        model: || LabModel {
            in_channels: 64,
            out_channels: 128,
            view: View::Depth,
            ..sized(Sizes { input: 14, kernel: 3, stride: 1, pad: 1, dilation: 1 })
        },
    },
    Preset {
        name: "resnet-stem",
        group: NETWORKS,
        label: "ResNet: 7 × 7 at stride 2",
        about: "The first layer of ResNet halves 224 × 224 and leaves one row and one column unread (He et al. 2015).",
        model: || photo(Sample::Chelsea, Sizes { input: 224, kernel: 7, stride: 2, pad: 3, dilation: 1 }),
    },
    Preset {
        name: "alexnet-conv1",
        group: NETWORKS,
        label: "AlexNet: 11 × 11 at stride 4",
        about: "The first layer of AlexNet as PyTorch has it: padding 2 on 224 × 224, output 55 × 55 (Krizhevsky 2014).",
        model: || photo(Sample::Astronaut, Sizes { input: 224, kernel: 11, stride: 4, pad: 2, dilation: 1 }),
    },
];

/// Sizes that are the same on both axes.
struct Sizes {
    input: u64,
    kernel: u64,
    stride: u64,
    pad: u64,
    dilation: u64,
}

/// Random digits under small whole weights, at the first step.
fn sized(sizes: Sizes) -> LabModel {
    let Sizes { input, kernel, stride, pad, dilation } = sizes;
    LabModel {
        input: InputSource::Pattern(Pattern::Random { seed: 1 }),
        input_size: [input; 2],
        kernel: KernelChoice::Random { seed: 1 },
        kernel_size: [kernel; 2],
        stride: [stride; 2],
        dilation: [dilation; 2],
        padding: Padding2d::Explicit(Pads::all(pad)),
        bias: None,
        step: 0,
        ..LabModel::default()
    }
}

/// Sobel x over random digits.
fn sobel(sizes: Sizes) -> LabModel {
    LabModel { kernel: KernelChoice::Preset(KernelPreset::SobelX), ..sized(sizes) }
}

/// Sobel x over a photograph, half done.
fn photo(sample: Sample, sizes: Sizes) -> LabModel {
    LabModel { input: InputSource::Picture(PictureSource::Sample(sample)), ..sobel(sizes) }.at_middle()
}

/// The transpose of a convolution of these sizes, each input cell scattering small whole weights.
fn scattered(sizes: Sizes, output_padding: u64) -> LabModel {
    LabModel {
        operation: Operation::Transposed,
        view: View::Scatter,
        output_padding: [output_padding; 2],
        ..sized(sizes)
    }
}

/// Ones everywhere, so that each output counts what it adds up.
fn ones(sizes: Sizes) -> LabModel {
    let Sizes { input, kernel, .. } = sizes;
    let numbers = |side: u64| vec![1.0; (side * side) as usize];
    LabModel {
        input: InputSource::Numbers(numbers(input)),
        kernel: KernelChoice::Own(numbers(kernel)),
        ..scattered(sizes, 0)
    }
}

/// A pool over random digits.
fn pooled(operation: Operation, sizes: Sizes) -> LabModel {
    LabModel { operation, kernel: LabModel::default().kernel, ..sized(sizes) }
}

/// A max pool over a photograph, half done.
fn photo_pooled(sizes: Sizes) -> LabModel {
    let input = InputSource::Picture(PictureSource::Sample(Sample::Coffee));
    LabModel { input, ..pooled(Operation::MaxPool, sizes) }.at_middle()
}

/// The course's volume: 32 × 32 × 3 of a photograph under six different 5 × 5 × 3 filters, seen with its depth.
fn volume() -> LabModel {
    let sizes = Sizes { input: 32, kernel: 5, stride: 1, pad: 0, dilation: 1 };
    LabModel {
        in_channels: 3,
        out_channels: 6,
        kernel: KernelChoice::Bank(Bank::Mixed),
        bias: Some(0.1),
        padding: Padding2d::Valid,
        view: View::Depth,
        filter: 2,
        ..photo(Sample::Chelsea, sizes)
    }
    .at_middle()
}

#[cfg(test)]
mod tests;
