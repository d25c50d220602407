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
