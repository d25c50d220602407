//! Graphs as short texts that stand in links: layers in order, with a full stop between them.
//!
//! `i1x3x14x14.c8k3.c8k3.mk2.c8k3` is the course's example. A layer is a letter, what it is set to, and what it
//! reads:
//!
//! | layer | letter | settings |
//! | --- | --- | --- |
//! | input, parameter | `i`, `w` | shape: `1x3x14x14`; `x` for a single number |
//! | convolution, transposed | `c`, `t` | filters, then `k` kernel (1), `s` stride (1), `p` padding (0), `d` dilation (1), `g` groups (1; alone: depthwise), `n` no bias; of `c` also `m` padding mode `r`, `e`, `c` (reflect, edge, circular), of `t` `o` output padding (0), `z` output size |
//! | max, average, Lp pool | `m`, `a`, `l` | of `l` the exponent; `k`, `s` (the kernel's), `p`, `d`, `u` rounded up, `w` rounded up with a last window of padding alone; of `a` also `e` the cells inside are counted, `f` divided by a number |
//! | adaptive pool | `A` average, `M` max | output size (1) |
//! | linear | `f` | features, `n` no bias |
//! | batch, group norm | `b`, `G` | of `G` the groups; `n` not affine; of `b` `t` not tracked |
//! | layer norm | `L`, `O` as a function | sizes (the last one before), `n` no scale, `h` no shift |
//! | local response norm | `R` | |
//! | ReLU, other activation, other function | `r`, `e`, `n` | its name |
//! | dropout, stochastic depth, contiguous | `d`, `D`, `k` | |
//! | softmax | `s` | axis |
//! | add, subtract, multiply, divide | `ja`, `js`, `jm`, `jd` | |
//! | concat | `q` | axis (1) |
//! | chunk, split, item | `h`, `H`, `g` | parts, sizes, which; `a` axis (1) |
//! | pad | `p` | cells, negative ones cropped; `m` mode |
//! | upsample | `u` | size, or `b` a factor `2`, `3o2`; `l` bilinear, `a` aligned |
//! | flatten | `F` | axes (`1x-1`) |
//! | reshape | `v` | sizes; `o0` that of an axis, `r` the rest |
//! | permute, transpose, mean | `P`, `T`, `E` | axes; of `E` `k` keeps them |
//! | channel shuffle | `S` | groups |
//! | unknown | `U` | its name, `~` shape |
//!
//! Pairs are `vertical x horizontal`, one number stands for both; padding is that, `top,left,bottom,right`, or a
//! name `v`, `s`, `f` (valid, same, full) or `u`, `l` (same with the odd cell after or before).
//! `in_channels`, `in_features` and the features of norms are left out where they are what stands before;
//! otherwise `i` says them.
//! A layer reads the one before it, unless `_` says how far before it what it reads stands: `ja_1,5`.
//! A name comes last, behind a colon. What is not a name of letters and digits stands in `'`, of which two
//! stand for one.

mod cursor;
mod draft;
mod read;
mod write;

pub use read::{NotationError, Reason, read, read_until};
pub use write::{Names, write};

use crate::activation::Activation;

/// What a link calls an activation; ReLU has a letter of its own.
const ACTIVATIONS: [(Activation, &str); 5] = [
    (Activation::Identity, "identity"),
    (Activation::LeakyRelu, "leaky"),
    (Activation::Sigmoid, "sigmoid"),
    (Activation::Tanh, "tanh"),
    (Activation::Silu, "silu"),
];

/// Whether a byte of a name needs no quotes around it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests;
