//! Softmax and cross-entropy together: the loss of a classifier, and its gradient.

use crate::check::length;
use crate::error::KernelError;
use crate::memory::product;
use crate::softmax::softmax;

/// The mean over the rows of `-ln(softmax(logits)[label])`, and its gradient to the logits,
/// `(softmax(logits) - one_hot(label)) / rows`, into `grad_logits`. `logits` is `[labels.len(), classes]`.
///
/// The loss of no rows is NaN, as in PyTorch.
///
/// # Errors
///
/// [`KernelError::Length`]; [`KernelError::Label`] for a label that is no class.
pub fn softmax_cross_entropy(
    logits: &[f32],
    labels: &[u32],
    classes: usize,
    grad_logits: &mut [f32],
) -> Result<f32, KernelError> {
    let rows = labels.len();
    length("logits", logits.len(), product(&[rows, classes])?)?;
    length("grad_logits", grad_logits.len(), logits.len())?;
    if let Some(&label) = labels.iter().find(|&&label| label as usize >= classes) {
        return Err(KernelError::Label { label, classes });
    }
    softmax(logits, &[rows as u64, classes as u64], 1, grad_logits)?;
    let mut loss = 0.0_f64;
    let width = classes.max(1);
    let rows_of = logits.chunks_exact(width).zip(grad_logits.chunks_exact_mut(width));
    for (&label, (logits, grad)) in labels.iter().zip(rows_of) {
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = logits.iter().map(|logit| f64::from(logit - largest).exp()).sum();
        loss += sum.ln() - f64::from(logits[label as usize] - largest);
        grad[label as usize] -= 1.0;
        grad.iter_mut().for_each(|grad| *grad /= rows as f32);
    }
    Ok((loss / rows as f64) as f32)
}
