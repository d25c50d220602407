//! Where Keras keeps the axes of a map: channels last, while everything else stands as in the list of layers.

/// The order of the axes of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// As in the list of layers.
    Listed,
    /// Of four axes, the second at the end.
    ChannelsLast,
}

/// Where each axis of NHWC is in NCHW.
pub(super) const TO_LAST: [usize; 4] = [0, 2, 3, 1];
/// Where each axis of NCHW is in NHWC.
pub(super) const TO_FIRST: [usize; 4] = [0, 3, 1, 2];

impl Layout {
    /// Where an axis of the list stands in a tensor of this layout.
    pub(super) fn axis(self, axis: usize) -> usize {
        match self {
            Self::Listed => axis,
            Self::ChannelsLast => TO_FIRST[axis],
        }
    }

    /// The sizes of a tensor, in its own order.
    pub(super) fn sizes(self, sizes: &[u64]) -> Vec<u64> {
        match self {
            Self::Listed => sizes.to_vec(),
            Self::ChannelsLast => TO_LAST.iter().map(|&axis| sizes[axis]).collect(),
        }
    }
}

/// What `transpose` takes to put axes into an `order`, between two layouts; `None` where they stand so already.
pub(super) fn transposed(order: &[usize], from: Layout, to: Layout) -> Option<Vec<usize>> {
    let axes: Vec<usize> = match to {
        Layout::Listed => (0..order.len()).collect(),
        Layout::ChannelsLast => TO_LAST.to_vec(),
    };
    let axes: Vec<usize> = axes.into_iter().map(|axis| from.axis(order[axis])).collect();
    let moves = axes.iter().enumerate().any(|(place, &axis)| place != axis);
    moves.then_some(axes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_may_be_a_change_of_layout_alone() {
        let last = [0, 2, 3, 1];
        assert_eq!(transposed(&last, Layout::ChannelsLast, Layout::Listed), None);
        assert_eq!(transposed(&[0, 3, 1, 2], Layout::Listed, Layout::ChannelsLast), None);
        assert_eq!(transposed(&last, Layout::Listed, Layout::Listed), Some(last.to_vec()));
        let same = [0, 1, 2, 3];
        assert_eq!(transposed(&same, Layout::ChannelsLast, Layout::Listed), Some(TO_FIRST.to_vec()));
        assert_eq!(transposed(&same, Layout::Listed, Layout::ChannelsLast), Some(TO_LAST.to_vec()));
    }

    #[test]
    fn axes_and_sizes_follow_the_layout() {
        assert_eq!(Layout::ChannelsLast.sizes(&[1, 3, 14, 15]), [1, 14, 15, 3]);
        assert_eq!([1, 2, 3].map(|axis| Layout::ChannelsLast.axis(axis)), [3, 1, 2]);
    }
}
