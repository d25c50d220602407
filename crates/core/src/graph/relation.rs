//! How the units of one axis depend on those before them: each operation as the cells that a unit reads.
//!
//! `reach` is the rule without ends, as if maps went on for ever: unit `u + q` reads what unit `u` reads,
//! `r` cells further on, for the `[q, r]` of `period`. `gather` takes a set of units back to what it reads,
//! `scatter` a set of cells on to who reads it, and both know the ends of maps and what stands in padding.

use super::cells::{Cells, MAX_RUNS, Run, position};
use crate::axis::AxisGeometry;
use crate::error::ConvError;
use crate::padding::PaddingMode;
use crate::transposed::TransposedAxis;

/// Cells in even steps: `first`, `first + step`, `count` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Progression {
    pub(super) first: i64,
    pub(super) step: u64,
    pub(super) count: u64,
}

/// A map of another length in which each unit reads one stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spans {
    /// `floor(u * n / m) .. ceil((u + 1) * n / m)`
    Adaptive,
    /// `floor(u * n / m)`
    Nearest,
    /// The cells on either side of `(u + 0.5) * n / m - 0.5`.
    Bilinear,
    /// The cells on either side of `u * (n - 1) / (m - 1)`.
    BilinearAligned,
}

/// How each unit of a node depends on the units of one of its inputs, on one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Each reads the one at its own place.
    Same,
    /// Each reads the taps of a window; what stands in the padding is a copy unless the mode is zeros.
    Windows(AxisGeometry, PaddingMode),
    /// Each is met by the scattered kernels of some.
    Scattered(TransposedAxis),
    /// Each reads one stretch.
    Spans(Spans),
    /// Each reads the one so many cells before it; beyond the ends stands padding.
    Padded {
        /// Cells added before the input; negative ones are taken away.
        before: i64,
        /// What stands in them.
        mode: PaddingMode,
    },
    /// Each reads the one so many cells after it: the input is a whole, of which this is a part.
    Part {
        /// Cells of the whole before the part.
        offset: u64,
    },
    /// Those from the offset on read the input, one by one: it is a part, and this the whole.
    Placed {
        /// Cells of the whole before the part.
        offset: u64,
    },
    /// Each reads the whole axis: global pools, flattening, features of a linear layer.
    Whole,
    /// Each reads the one unit there is.
    First,
    /// What each reads is not known.
    Unknown,
}

/// A relation between an axis of `input_len` units and one of `output_len`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// What each unit reads.
    pub relation: Relation,
    /// Units of the input's axis.
    pub input_len: u64,
    /// Units of the output's axis.
    pub output_len: u64,
}

impl Link {
    pub(super) fn new(relation: Relation, input_len: u64, output_len: u64) -> Self {
        let relation = match relation {
            Relation::Whole if input_len <= 1 && output_len <= 1 => Relation::Same,
            Relation::Whole if input_len <= 1 => Relation::First,
            Relation::First if output_len <= 1 => Relation::Same,
            relation => relation,
        };
        Self { relation, input_len, output_len }
    }

    /// `[q, r]`: unit `u + q` reads what unit `u` reads, `r` cells further on. `None` where no such rule
    /// holds without ends.
    pub(super) fn period(&self) -> Option<[u64; 2]> {
        match self.relation {
            Relation::Same | Relation::Padded { .. } | Relation::Part { .. } => Some([1, 1]),
            Relation::Windows(axis, _) => Some([1, axis.params().stride()]),
            Relation::Scattered(axis) => Some([axis.params().stride(), 1]),
            Relation::Spans(Spans::BilinearAligned) => {
                let [n, m] = [self.input_len, self.output_len].map(|len| len.saturating_sub(1));
                if n == 0 || m == 0 { None } else { Some(lowest([m, n])) }
            }
            Relation::Spans(_) if self.input_len == 0 || self.output_len == 0 => None,
            Relation::Spans(_) => Some(lowest([self.output_len, self.input_len])),
            Relation::Placed { .. } | Relation::Whole | Relation::First | Relation::Unknown => None,
        }
    }

    /// What a unit reads, as if maps went on for ever.
    pub(super) fn reach(&self, unit: i64) -> Result<Progression, ConvError> {
        let u = i128::from(unit);
        let one = |wide: i128| Ok(Progression { first: position(wide)?, step: 1, count: 1 });
        match self.relation {
            Relation::Windows(axis, _) => {
                let params = axis.params();
                let first = u * i128::from(params.stride()) - i128::from(axis.pad_before());
                let first = position(first)?;
                Ok(Progression { first, step: params.dilation(), count: params.kernel_size() })
            }
            Relation::Scattered(axis) => contributors(&axis, u),
            Relation::Spans(spans) => {
                let [first, last] = self.stretch(spans, u);
                let count = u64::try_from(last - first + 1).map_err(|_| ConvError::Overflow)?;
                Ok(Progression { first: position(first)?, step: 1, count })
            }
            Relation::Padded { before, .. } => one(u - i128::from(before)),
            Relation::Part { offset } => one(u + i128::from(offset)),
            Relation::Placed { offset } => one(u - i128::from(offset)),
            Relation::Same => one(u),
            Relation::Whole | Relation::First | Relation::Unknown => one(0),
        }
    }

    /// What a set of units reads, as if maps went on for ever: cells below 0 and from `input_len` on lie in the
    /// padding.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] and [`ConvError::TooManyRuns`].
    pub fn gather_ideal(&self, units: &Cells) -> Result<Cells, ConvError> {
        if units.is_empty() {
            return Ok(Cells::NONE);
        }
        match self.relation {
            Relation::Same => Ok(units.clone()),
            Relation::Windows(axis, _) => {
                let params = axis.params();
                let [kernel, stride, dilation] = [params.kernel_size(), params.stride(), params.dilation()];
                sum(units, stride, axis.pad_before(), [dilation, kernel])
            }
            Relation::Scattered(axis) => {
                let params = axis.params();
                let [kernel, stride, dilation] = [params.kernel_size(), params.stride(), params.dilation()];
                let before = i128::from(axis.pad_before());
                quotient(units, stride, before, [dilation, kernel])
            }
            Relation::Spans(spans) => self.stretches(spans, units),
            Relation::Padded { before, .. } => units.shift(-i128::from(before)),
            Relation::Part { offset } => units.shift(offset.into()),
            Relation::Placed { offset } => Ok(self.inside(&units.shift(-i128::from(offset))?)),
            Relation::Whole => Ok(Cells::all(self.input_len)),
            Relation::First => Ok(Cells::one(0)),
            Relation::Unknown => Ok(Cells::NONE),
        }
    }

    /// What a set of units reads of the map that there is.
    pub(super) fn gather(&self, units: &Cells) -> Result<Cells, ConvError> {
        let read = self.gather_ideal(units)?;
        match self.relation {
            Relation::Windows(_, mode) | Relation::Padded { mode, .. } => self.fold(&read, mode),
            _ => Ok(self.inside(&read)),
        }
    }

    /// Who reads a set of cells of the map that there is.
    pub(super) fn scatter(&self, cells: &Cells) -> Result<Cells, ConvError> {
        let cells = &self.inside(cells);
        if cells.is_empty() {
            return Ok(Cells::NONE);
        }
        let readers = match self.relation {
            Relation::Same => cells.clone(),
            Relation::Windows(axis, mode) => {
                let params = axis.params();
                let [kernel, stride, dilation] = [params.kernel_size(), params.stride(), params.dilation()];
                let copies = self.unfold(cells, [axis.pad_before(), axis.pad_after()], mode)?;
                quotient(&copies, stride, axis.pad_before().into(), [dilation, kernel])?
            }
            Relation::Scattered(axis) => {
                let params = axis.params();
                let [kernel, stride, dilation] = [params.kernel_size(), params.stride(), params.dilation()];
                sum(cells, stride, axis.pad_before(), [dilation, kernel])?
            }
            Relation::Spans(spans) => {
                let readers = cells.runs().iter().map(|&run| self.readers_of_run(spans, run));
                Cells::from_runs(readers.collect::<Result<_, _>>()?)?
            }
            Relation::Padded { before, mode } => {
                let after = i128::from(self.output_len) - i128::from(self.input_len) - i128::from(before);
                let pads = [i128::from(before), after].map(|pad| u64::try_from(pad).unwrap_or(0));
                self.unfold(cells, pads, mode)?.shift(before.into())?
            }
            Relation::Part { offset } => cells.shift(-i128::from(offset))?,
            Relation::Placed { offset } => cells.shift(offset.into())?,
            Relation::Whole | Relation::First => Cells::all(self.output_len),
            Relation::Unknown => Cells::NONE,
        };
        Ok(clip_to(&readers, self.output_len))
    }

    fn inside(&self, cells: &Cells) -> Cells {
        clip_to(cells, self.input_len)
    }

    /// Positions as the cells whose values stand there.
    fn fold(&self, positions: &Cells, mode: PaddingMode) -> Result<Cells, ConvError> {
        let inside = self.inside(positions);
        match i64::try_from(self.input_len) {
            Ok(len) if mode != PaddingMode::Zeros && len != 0 => folded(positions, inside, len, mode),
            _ => Ok(inside),
        }
    }

    /// Cells, and the positions in the padding at which their values stand too.
    fn unfold(&self, cells: &Cells, pads: [u64; 2], mode: PaddingMode) -> Result<Cells, ConvError> {
        match i64::try_from(self.input_len) {
            Ok(len) if mode != PaddingMode::Zeros && pads != [0, 0] => unfolded(cells, len, pads, mode),
            _ => Ok(cells.clone()),
        }
    }

    /// The first and the last cell that a unit reads, as if maps went on for ever.
    #[inline(never)]
    fn stretch(&self, spans: Spans, unit: i128) -> [i128; 2] {
        let [n, m] = [self.input_len, self.output_len].map(|len| i128::from(len.max(1)));
        match spans {
            Spans::Adaptive => [(unit * n).div_euclid(m), -(-(unit + 1) * n).div_euclid(m) - 1],
            Spans::Nearest => [(unit * n).div_euclid(m); 2],
            // (2 u + 1) n / (2 m) - 1/2 = ((2 u + 1) n - m) / (2 m)
            Spans::Bilinear => on_either_side((2 * unit + 1) * n - m, 2 * m),
            Spans::BilinearAligned => on_either_side(unit * (n - 1), (m - 1).max(1)),
        }
    }

    #[inline(never)]
    fn stretches(&self, spans: Spans, units: &Cells) -> Result<Cells, ConvError> {
        let first_and_last = |&[first, last]: &Run| {
            let [from, to] = [self.stretch(spans, first.into())[0], self.stretch(spans, last.into())[1]];
            Ok([position(from)?, position(to)?])
        };
        // Neighbours leave cells out only where the map shrinks.
        let shrinks = self.input_len > self.output_len && spans != Spans::Adaptive;
        if !shrinks {
            return Cells::from_runs(
                units.runs().iter().map(first_and_last).collect::<Result<_, ConvError>>()?,
            );
        }
        few(units)?;
        let each = units.runs().iter().flat_map(|&[first, last]| first..=last);
        Cells::from_runs(each.map(|unit| first_and_last(&[unit, unit])).collect::<Result<_, ConvError>>()?)
    }

    /// The first and the last unit that read some of a run of cells: stretches only ever move on.
    #[inline(never)]
    fn readers_of_run(&self, spans: Spans, run: Run) -> Result<Run, ConvError> {
        let end = i64::try_from(self.output_len).unwrap_or(i64::MAX);
        let first = first_unit(end, |unit| self.stretch(spans, unit.into())[1] >= i128::from(run[0]));
        let beyond = first_unit(end, |unit| self.stretch(spans, unit.into())[0] > i128::from(run[1]));
        Ok([first, beyond - 1])
    }
}

/// Positions on both sides of a map of `len` cells as the cells whose values stand there, with those `inside`.
/// Apart, as all that padding without zeros needs: a page can begin without it.
#[inline(never)]
fn folded(positions: &Cells, inside: Cells, len: i64, mode: PaddingMode) -> Result<Cells, ConvError> {
    let outside = [positions.clip(i64::MIN, -1), positions.clip(len, i64::MAX)];
    if outside.iter().all(Cells::is_empty) {
        return Ok(inside);
    }
    let mut runs = inside.runs().to_vec();
    for (side, run) in
        outside.iter().enumerate().flat_map(|(side, set)| set.runs().iter().map(move |run| (side, run)))
    {
        // At most one copy of the input lies on each side, which the layer's own check sees to.
        let [first, last] = run.map(i128::from);
        let wide = i128::from(len);
        let [first, last] = match (mode, side) {
            (PaddingMode::Replicate, 0) => [0, 0],
            (PaddingMode::Replicate, _) => [wide - 1, wide - 1],
            (PaddingMode::Circular, 0) => [first + wide, last + wide],
            (PaddingMode::Circular, _) => [first - wide, last - wide],
            (_, 0) => [-last, -first],
            (_, _) => [2 * (wide - 1) - last, 2 * (wide - 1) - first],
        };
        runs.push([position(first.max(0))?, position(last.min(wide - 1))?]);
    }
    Cells::from_runs(runs)
}

/// Cells of a map of `len`, and the positions in the padding at which their values stand too.
#[inline(never)]
fn unfolded(
    cells: &Cells,
    len: i64,
    [before, after]: [u64; 2],
    mode: PaddingMode,
) -> Result<Cells, ConvError> {
    let len = i128::from(len);
    let mut runs: Vec<[i128; 2]> = Vec::new();
    for &run in cells.runs() {
        let [first, last] = run.map(i128::from);
        let (left, right) = match mode {
            PaddingMode::Replicate => (
                if first == 0 { [-i128::from(before), -1] } else { [0, -1] },
                if last == len - 1 { [len, len - 1 + i128::from(after)] } else { [0, -1] },
            ),
            PaddingMode::Circular => ([first - len, last - len], [first + len, last + len]),
            _ => ([-last, (-first).min(-1)], [(2 * (len - 1) - last).max(len), 2 * (len - 1) - first]),
        };
        runs.extend([[first, last], left, right]);
    }
    let (lowest, highest) = (-i128::from(before), len - 1 + i128::from(after));
    let clipped = runs.into_iter().map(|[first, last]| [first.max(lowest), last.min(highest)]);
    let there = clipped.filter(|[first, last]| first <= last);
    let narrow = there.map(|[first, last]| Ok([position(first)?, position(last)?]));
    Cells::from_runs(narrow.collect::<Result<_, ConvError>>()?)
}

/// The first of the units `0 .. end` for which a condition holds that never ceases to; `end` without any.
fn first_unit(end: i64, holds: impl Fn(i64) -> bool) -> i64 {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn on_either_side(numerator: i128, denominator: i128) -> [i128; 2] {
    [numerator.div_euclid(denominator), -(-numerator).div_euclid(denominator)]
}

fn clip_to(cells: &Cells, len: u64) -> Cells {
    match i64::try_from(len) {
        Ok(len) => cells.clip(0, len - 1),
        Err(_) => cells.clip(0, i64::MAX),
    }
}

fn few(cells: &Cells) -> Result<(), ConvError> {
    if cells.count() > MAX_RUNS as u128 {
        Err(ConvError::TooManyRuns { limit: MAX_RUNS as u64 })
    } else {
        Ok(())
    }
}

/// `u * stride - before + k * dilation` for every `u` of a set and `k` below `kernel`.
fn sum(units: &Cells, stride: u64, before: u64, [dilation, kernel]: [u64; 2]) -> Result<Cells, ConvError> {
    let base = |unit: i64| i128::from(unit) * i128::from(stride) - i128::from(before);
    if dilation == 1 && kernel >= stride {
        // Neighbouring windows touch, so a run stays one.
        let run = |&[first, last]: &Run| {
            Ok([position(base(first))?, position(base(last) + i128::from(kernel) - 1)?])
        };
        return Cells::from_runs(units.runs().iter().map(run).collect::<Result<_, ConvError>>()?);
    }
    let starts = if stride == 1 {
        units.shift(-i128::from(before))?
    } else {
        few(units)?;
        let each = units.runs().iter().flat_map(|&[first, last]| first..=last);
        let each = each.map(|unit| position(base(unit)).map(|start| [start, start]));
        Cells::from_runs(each.collect::<Result<_, ConvError>>()?)?
    };
    starts.repeat(dilation, kernel)
}

/// Every `i` with `i * stride - before + k * dilation` in a set for some `k` below `kernel`.
fn quotient(
    cells: &Cells,
    stride: u64,
    before: i128,
    [dilation, kernel]: [u64; 2],
) -> Result<Cells, ConvError> {
    let wide = i128::from(stride);
    let multiples = |first: i128, last: i128| {
        Ok([position(-(-(first + before)).div_euclid(wide))?, position((last + before).div_euclid(wide))?])
    };
    let mut runs = Vec::new();
    for &run in cells.runs() {
        let [first, last] = run.map(i128::from);
        if last - first + 1 >= i128::from(dilation) || kernel == 1 {
            // The run, shifted back by every tap, is one stretch.
            let taps = i128::from(dilation) * i128::from(kernel - 1);
            runs.push(multiples(first - taps, last)?);
        } else {
            // A unit and a tap are left with the same remainder every stride / gcd taps.
            if u128::from(kernel) + runs.len() as u128 > (MAX_RUNS * 4) as u128 {
                return Err(ConvError::TooManyRuns { limit: MAX_RUNS as u64 });
            }
            for tap in 0..kernel {
                let by = i128::from(tap) * i128::from(dilation);
                runs.push(multiples(first - by, last - by)?);
            }
        }
    }
    Cells::from_runs(runs)
}

/// The input units whose scattered kernels meet in an output unit, as if maps went on for ever.
fn contributors(axis: &TransposedAxis, unit: i128) -> Result<Progression, ConvError> {
    let params = axis.params();
    let [kernel, stride, dilation] =
        [params.kernel_size(), params.stride(), params.dilation()].map(i128::from);
    let target = unit + i128::from(axis.pad_before());
    // i * stride + k * dilation = target: the taps that leave no remainder come every `step`.
    let common = gcd(params.stride(), params.dilation());
    let step = stride / i128::from(common);
    let none = Ok(Progression { first: 0, step: 1, count: 0 });
    if target.rem_euclid(common.into()) != 0 {
        return none;
    }
    // Tried one by one, but no more than there are remainders or taps.
    if step.min(kernel) > MAX_RUNS as i128 {
        return Err(ConvError::TooManyRuns { limit: MAX_RUNS as u64 });
    }
    let Some(tap) = (0..step.min(kernel)).find(|tap| (target - tap * dilation).rem_euclid(stride) == 0)
    else {
        return none;
    };
    let count = (kernel - 1 - tap) / step + 1;
    let first = (target - (tap + (count - 1) * step) * dilation).div_euclid(stride);
    let step = u64::try_from(dilation / i128::from(common)).map_err(|_| ConvError::Overflow)?;
    let count = u64::try_from(count).map_err(|_| ConvError::Overflow)?;
    Ok(Progression { first: position(first)?, step, count })
}

pub(super) fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn lowest([a, b]: [u64; 2]) -> [u64; 2] {
    let common = gcd(a, b).max(1);
    [a / common, b / common]
}
