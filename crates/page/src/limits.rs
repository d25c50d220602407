//! How large things may be on this page.
//!
//! These are not limits of convolution: they keep figures readable, links short and answers immediate.

/// Height and width of the input, in cells.
pub const MAX_INPUT: u64 = 256;
/// Height and width of an input whose numbers are written out in the link.
pub const MAX_NUMBERS: u64 = 64;
/// Height and width of a photograph in a link that does not say them: what networks are fed with.
pub const LINKED_PICTURE: [u64; 2] = [224, 224];
/// Height and width of a photograph that is chosen in place of numbers: two of it fit beside their detail on a
/// laptop, where a window of three cells can be seen. Its link says the size.
pub const CHOSEN_PICTURE: [u64; 2] = [128, 128];
/// Where the slider for an input of numbers ends; larger sizes can be typed.
pub const SLIDER_INPUT: u64 = 16;
/// Height and width of the kernel, in taps.
pub const MAX_KERNEL: u64 = 11;
/// Cells from one window to the next.
pub const MAX_STRIDE: u64 = 256;
/// Cells from one tap to the next.
pub const MAX_DILATION: u64 = 64;
/// Padding on one side that can be typed, in cells.
pub const MAX_PAD: u64 = 128;
/// Padding on one side that a link may state: what "full" gives at most, so that it can be made explicit.
pub const MAX_LINK_PAD: u64 = MAX_DILATION * (MAX_KERNEL - 1);
/// Magnitude of a weight, an input or a bias.
pub const MAX_VALUE: f32 = 1e6;
/// Where the slider of the bias ends on both sides; larger numbers can be typed.
pub const SLIDER_BIAS: u64 = 9;
/// Channels of the input or of the output.
pub const MAX_CHANNELS: u64 = 512;
/// Weights that a link holds.
pub const MAX_OWN_WEIGHTS: usize = 4096;
/// Numbers of an input that a link holds, over all channels.
pub const MAX_OWN_INPUTS: u64 = MAX_NUMBERS * MAX_NUMBERS;
/// Multiplications of one layer: what the page computes at once without a pause that is felt.
pub const MAX_MACS: u128 = 64_000_000;
/// Numbers of the input, and of the output.
pub const MAX_ELEMENTS: u128 = 4_194_304;
/// Where the sliders for channels and filters end; more can be typed.
pub const SLIDER_CHANNELS: u64 = 16;
/// The exponent of an Lp pool.
pub const MAX_EXPONENT: u64 = 16;
/// Images at once.
pub const MAX_BATCH: u64 = 65_536;
/// Where the slider for the stride of a transposed convolution ends, at which its output grows quickly.
pub const MAX_TRANSPOSED_STRIDE: u64 = 8;
/// Height and width of a network's input that can be typed: nothing is held for each of its cells.
pub const MAX_STACK_INPUT: u64 = 65_536;
/// Channels of a network's input, and filters of its layers.
pub const MAX_STACK_CHANNELS: u64 = 65_536;
/// Layers of a network, its input included.
pub const MAX_LAYERS: usize = 4096;
/// Cells of a layer's kernel, stride, dilation and padding in a network that can be typed.
pub const MAX_LAYER_CELLS: u64 = 999;
