//! Gradients: from that of an operation's output to those of its input, weight and bias.
//!
//! Each function writes its result and adds to nothing.

mod activation;
mod conv2d;
mod conv_transpose2d;
mod cross_entropy;
mod linear;
mod norm;
mod pool;
mod relu;
mod softmax;

pub use activation::activation_grad;
pub use conv_transpose2d::{conv_transpose2d_grad_input, conv_transpose2d_grad_weight};
pub use conv2d::{Conv2dGradInput, conv2d_grad_input, conv2d_grad_weight, grad_bias};
pub use cross_entropy::softmax_cross_entropy;
pub use linear::{linear_grad_bias, linear_grad_input, linear_grad_weight};
pub use norm::normalize_grad;
pub use pool::{avg_pool2d_grad, max_pool2d_grad};
pub use relu::relu_grad;
pub use softmax::softmax_grad;
