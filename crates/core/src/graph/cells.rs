//! Sets of cells on one axis, as sorted runs: exact, whatever holes dilation and strides leave.

use crate::error::ConvError;

/// The first and the last cell of a run.
pub type Run = [i64; 2];

/// More runs than this are refused with [`ConvError::TooManyRuns`], so that every step ends soon.
pub const MAX_RUNS: usize = 1 << 14;

/// A set of positions on one axis. Invariant: the runs are sorted, and a gap lies between neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells(Vec<Run>);

impl Cells {
    /// No cell.
    pub const NONE: Self = Self(Vec::new());

    /// One cell.
    pub fn one(cell: i64) -> Self {
        Self(vec![[cell, cell]])
    }

    /// The cells from `first` to `last`, none where that is before it.
    pub fn span(first: i64, last: i64) -> Self {
        Self(if first <= last { vec![[first, last]] } else { Vec::new() })
    }

    /// All cells of an axis of `len` cells, at most those that `i64` counts.
    pub fn all(len: u64) -> Self {
        Self::span(0, i64::try_from(len).unwrap_or(i64::MAX) - 1)
    }

    /// Runs in any order, joined where they touch or overlap; those that end before they start are left out.
    ///
    /// # Errors
    ///
    /// [`ConvError::TooManyRuns`].
    pub fn from_runs(mut runs: Vec<Run>) -> Result<Self, ConvError> {
        runs.retain(|[first, last]| first <= last);
        if !runs.is_sorted_by_key(|[first, _]| *first) {
            runs.sort_unstable();
        }
        let mut kept = 0;
        for i in 0..runs.len() {
            let [first, last] = runs[i];
            if kept > 0 && first <= runs[kept - 1][1].saturating_add(1) {
                runs[kept - 1][1] = runs[kept - 1][1].max(last);
            } else {
                runs[kept] = [first, last];
                kept += 1;
            }
        }
        runs.truncate(kept);
        Self(runs).limited()
    }

    fn limited(self) -> Result<Self, ConvError> {
        if self.0.len() > MAX_RUNS {
            return Err(ConvError::TooManyRuns { limit: MAX_RUNS as u64 });
        }
        Ok(self)
    }

    /// The runs, sorted, with gaps between them.
    pub fn runs(&self) -> &[Run] {
        &self.0
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many cells there are.
    pub fn count(&self) -> u128 {
        self.0.iter().map(|&[first, last]| u128::from(last.abs_diff(first)) + 1).sum()
    }

    /// The first and the last cell.
    pub fn hull(&self) -> Option<Run> {
        Some([self.0.first()?[0], self.0.last()?[1]])
    }

    /// Whether a cell is in the set.
    pub fn contains(&self, cell: i64) -> bool {
        let after = self.0.partition_point(|[first, _]| *first <= cell);
        after > 0 && cell <= self.0[after - 1][1]
    }

    /// Whether every cell of this set is in the other.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|&[first, last]| {
            let after = other.0.partition_point(|[start, _]| *start <= first);
            after > 0 && last <= other.0[after - 1][1]
        })
    }

    /// The cells of both.
    ///
    /// # Errors
    ///
    /// [`ConvError::TooManyRuns`].
    pub fn union(&self, other: &Self) -> Result<Self, ConvError> {
        match (self.0.as_slice(), other.0.as_slice()) {
            (_, []) => return Ok(self.clone()),
            ([], _) => return Ok(other.clone()),
            _ => {}
        }
        let mut runs: Vec<Run> = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let Some(&run) = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if a[0] <= b[0] => left.next(),
            (_, Some(_)) => right.next(),
            _ => left.next(),
        } {
            match runs.last_mut() {
                Some(last) if run[0] <= last[1].saturating_add(1) => last[1] = last[1].max(run[1]),
                _ => runs.push(run),
            }
        }
        Self(runs).limited()
    }

    /// The cells from `first` to `last`.
    pub fn clip(&self, first: i64, last: i64) -> Self {
        let clipped = self.0.iter().map(|run| [run[0].max(first), run[1].min(last)]);
        Self(clipped.filter(|run| run[0] <= run[1]).collect())
    }

    /// The cells of this set that are not in the other.
    pub fn without(&self, other: &Self) -> Self {
        let mut runs = Vec::new();
        let mut others = other.0.iter().peekable();
        for &[mut first, last] in &self.0 {
            // Those that end before this run end before all later ones too.
            while others.next_if(|taken| taken[1] < first).is_some() {}
            let mut rest = others.clone();
            let mut open = true;
            while let Some(&[start, end]) = rest.next_if(|taken| taken[0] <= last) {
                if first < start {
                    runs.push([first, start - 1]);
                }
                if end >= last {
                    open = false;
                    break;
                }
                first = first.max(end + 1);
            }
            if open {
                runs.push([first, last]);
            }
        }
        Self(runs)
    }

    /// Every cell so much further on.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when one does not fit in `i64`.
    pub fn shift(&self, by: i128) -> Result<Self, ConvError> {
        let moved = |cell: i64| position(i128::from(cell).checked_add(by).ok_or(ConvError::Overflow)?);
        self.0
            .iter()
            .map(|&[first, last]| Ok([moved(first)?, moved(last)?]))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The set, and again `step` further on, `count` times in all: none for 0.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] and [`ConvError::TooManyRuns`].
    pub fn repeat(&self, step: u64, count: u64) -> Result<Self, ConvError> {
        if count == 0 || self.is_empty() {
            return Ok(Self::NONE);
        }
        if step == 0 {
            return Ok(self.clone());
        }
        if let [[first, last]] = self.0[..] {
            // One run that reaches its next copy is one run in the end.
            if u128::from(last.abs_diff(first)) + 1 >= u128::from(step) {
                let end = far(step, count - 1)?.checked_add(last.into()).ok_or(ConvError::Overflow)?;
                return Ok(Self(vec![[first, position(end)?]]));
            }
        }
        // Doubled again and again, with one more where a bit of the count is set.
        let (mut all, mut have) = (self.clone(), 1_u64);
        for bit in (0..count.ilog2()).rev() {
            all = all.union(&all.shift(far(step, have)?)?)?;
            have *= 2;
            if count >> bit & 1 == 1 {
                all = all.union(&self.shift(far(step, have)?)?)?;
                have += 1;
            }
        }
        Ok(all)
    }
}

/// `step * count`
fn far(step: u64, count: u64) -> Result<i128, ConvError> {
    i128::from(step).checked_mul(count.into()).ok_or(ConvError::Overflow)
}

/// A position that was worked out with room to spare.
pub(super) fn position(wide: i128) -> Result<i64, ConvError> {
    i64::try_from(wide).map_err(|_| ConvError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(mask: u32) -> Cells {
        let runs = (0..16).filter(|i| mask >> i & 1 == 1).map(|i| [i, i]).collect();
        Cells::from_runs(runs).unwrap()
    }

    fn listed(set: &Cells) -> Vec<i64> {
        set.runs().iter().flat_map(|&[first, last]| first..=last).collect()
    }

    /// Masks of 16 bits, spread by a multiplier.
    fn masks() -> impl Iterator<Item = u32> {
        (0..200_u32).map(|i| i.wrapping_mul(0x9E37_79B1) >> 16)
    }

    #[test]
    fn sets_agree_with_bits() {
        for (a, b) in masks().zip(masks().skip(7)) {
            let (left, right) = (cells(a), cells(b));
            assert_eq!(left.union(&right), Ok(cells(a | b)));
            assert_eq!(left.without(&right), cells(a & !b));
            assert_eq!(left.clip(3, 9), cells(a & 0b11_1111_1000));
            assert_eq!(left.is_within(&right), a & !b == 0);
            assert!(cells(a & b).is_within(&right));
            assert_eq!(left.count(), u128::from(a.count_ones()));
            assert!((0..16).all(|i| left.contains(i) == (a >> i & 1 == 1)));
            assert!(left.runs().windows(2).all(|pair| pair[0][1] + 1 < pair[1][0]));
        }
    }

    #[test]
    fn repeating_is_shifting_again_and_again() {
        for mask in masks().take(40) {
            for (step, count) in (0..6).flat_map(|step| (0..9).map(move |count| (step, count))) {
                let set = cells(mask);
                let copies = (0..count).flat_map(|i| listed(&set).into_iter().map(move |c| c + step * i));
                let mut expected: Vec<_> = copies.collect();
                expected.sort_unstable();
                expected.dedup();
                let repeated = set.repeat(step.cast_unsigned(), count.cast_unsigned()).unwrap();
                assert_eq!(listed(&repeated), expected, "{mask:b} {step} {count}");
            }
        }
    }

    #[test]
    fn what_is_too_much_is_refused_at_once() {
        assert_eq!(Cells::one(0).repeat(2, 1 << 40), Err(ConvError::TooManyRuns { limit: MAX_RUNS as u64 }));
        assert_eq!(Cells::one(0).repeat(1, 1 << 40), Ok(Cells::span(0, (1 << 40) - 1)));
        assert_eq!(Cells::one(1).shift(i128::from(i64::MAX)), Err(ConvError::Overflow));
        assert_eq!(
            Cells::one(0).repeat(1 << 40, 1 << 40),
            Err(ConvError::TooManyRuns { limit: MAX_RUNS as u64 })
        );
        assert_eq!(Cells::span(0, 9).repeat(3, u64::MAX), Err(ConvError::Overflow));
    }
}
