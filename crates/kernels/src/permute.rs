//! Axes in another order.

use crate::check::{length, volume};
use crate::error::KernelError;
use crate::memory::try_vec;
use convscope_core::ConvError;

/// The axes of a tensor in another order: `order` names for each axis of the output one of the input, each
/// once. The gradient is the same with [`inverse_order`].
///
/// # Errors
///
/// [`KernelError::RankMismatch`]; [`KernelError::Shape`] with [`ConvError::AxisOutOfRange`] for an order that
/// leaves an axis out; [`KernelError::Length`]; [`KernelError::OutOfMemory`].
pub fn permute(input: &[f32], shape: &[u64], order: &[usize], output: &mut [f32]) -> Result<(), KernelError> {
    inverse_order(order)?;
    if order.len() != shape.len() {
        return Err(KernelError::RankMismatch { expected: shape.len(), got: order.len() });
    }
    length("input", input.len(), volume(shape)?)?;
    length("output", output.len(), input.len())?;
    if input.is_empty() {
        return Ok(());
    }
    // The tensor is not empty, so that its sizes are those of a slice.
    let step_of = |axis: usize| shape[axis + 1..].iter().map(|&len| len as usize).product::<usize>();
    let mut axes: Vec<(usize, usize)> = try_vec(order.len())?;
    for &axis in order {
        let (len, step) = (shape[axis] as usize, step_of(axis));
        match axes.last_mut() {
            _ if len == 1 => {}
            // Neighbours that stay neighbours are one axis.
            Some(last) if last.1 == len * step => *last = (last.0 * len, step),
            _ => axes.push((len, step)),
        }
    }
    copy(&axes, input, output);
    Ok(())
}

/// The order that undoes another.
///
/// # Errors
///
/// [`KernelError::Shape`] with [`ConvError::AxisOutOfRange`] for an order that leaves an axis out;
/// [`KernelError::OutOfMemory`].
pub fn inverse_order(order: &[usize]) -> Result<Vec<usize>, KernelError> {
    let rank = order.len();
    let mut inverse = try_vec(rank)?;
    inverse.resize(rank, rank);
    for (place, &axis) in order.iter().enumerate() {
        match inverse.get_mut(axis) {
            Some(free) if *free == rank => *free = place,
            _ => return Err(ConvError::AxisOutOfRange { axis: axis as i64, rank: rank as u64 }.into()),
        }
    }
    Ok(inverse)
}

/// Each axis with its length and its step in the input.
fn copy(axes: &[(usize, usize)], input: &[f32], output: &mut [f32]) {
    match axes {
        [] => output[0] = input[0],
        [(_, 1)] => output.copy_from_slice(&input[..output.len()]),
        [(_, step)] => {
            output.iter_mut().zip(input.iter().step_by(*step)).for_each(|(output, input)| *output = *input);
        }
        [(len, step), inner @ ..] => {
            for (i, part) in output.chunks_exact_mut(output.len() / len).enumerate() {
                copy(inner, &input[i * step..], part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_order_moves_each_element_and_its_inverse_moves_it_back() {
        let shape = [2, 3, 4, 5];
        let input: Vec<f32> = (0..120).map(|i| i as f32).collect();
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 3, 1], [1, 0, 2, 3], [0, 1, 3, 2], [2, 3, 0, 1]] {
            let mut output = vec![f32::NAN; 120];
            permute(&input, &shape, &order, &mut output).unwrap();
            let new = order.map(|axis| shape[axis]);
            for (i, cell) in output.iter().enumerate() {
                let mut rest = i as u64;
                let mut index = [0; 4];
                for place in (0..4).rev() {
                    index[order[place]] = rest % new[place];
                    rest /= new[place];
                }
                let flat = index.iter().zip(shape).fold(0, |flat, (&i, len)| flat * len + i);
                assert_eq!(*cell, flat as f32, "{order:?}");
            }
            let mut back = vec![f32::NAN; 120];
            permute(&output, &new, &inverse_order(&order).unwrap(), &mut back).unwrap();
            assert_eq!(back, input);
        }
    }

    #[test]
    fn axes_of_one_cell_and_no_axes_at_all_are_fine() {
        let mut output = [0.0; 3];
        permute(&[1.0, 2.0, 3.0], &[1, 3, 1], &[2, 0, 1], &mut output).unwrap();
        assert_eq!(output, [1.0, 2.0, 3.0]);
        let mut one = [0.0];
        permute(&[7.0], &[], &[], &mut one).unwrap();
        assert_eq!(one, [7.0]);
    }

    #[test]
    fn an_order_that_leaves_an_axis_out_is_refused() {
        let twice = ConvError::AxisOutOfRange { axis: 0, rank: 2 };
        assert_eq!(inverse_order(&[0, 0]), Err(twice.into()));
        assert_eq!(inverse_order(&[2, 0]), Err(ConvError::AxisOutOfRange { axis: 2, rank: 2 }.into()));
        let refused = permute(&[0.0; 2], &[2], &[0, 1], &mut [0.0; 2]);
        assert_eq!(refused, Err(KernelError::RankMismatch { expected: 1, got: 2 }));
    }
}
