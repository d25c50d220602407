//! Receptive fields of a whole map at once, on one axis and as if maps went on for ever.
//!
//! `units` units and `advance` input cells after it, a unit sees the same again, so that `advance / units` is
//! the jump. A chain of convolutions and pools has one unit in a period; behind a transposed convolution or a
//! resampling units see different numbers of cells by their phase.

use super::cells::{Cells, Run};
use super::relation::{Link, Progression, Relation, gcd};
use crate::error::ConvError;
use crate::receptive_field::ReceptiveField;
use crate::rules::Ratio;

/// Longer periods are not followed: each of its units is held.
pub const MAX_PHASES: u64 = 1 << 8;

/// More runs than this in all phases of one field are not held, as a graph has many fields.
const MAX_FIELD_RUNS: usize = 1 << 12;

/// What the units of a map see, on one axis. Invariant: there is at least one phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisField {
    phases: Vec<Cells>,
    advance: u64,
}

/// The receptive field of a map on one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// It does not depend on the input: parameters.
    Nothing,
    /// By phase, and so for every unit.
    Periodic(AxisField),
    /// Every unit sees the whole axis: behind global pools and fully connected layers.
    Whole,
    /// Units differ by no rule without ends: branches of unequal jumps, uneven periods, parts put together.
    /// Each unit by itself is still exact in a projection.
    Irregular,
    /// What is seen through an operator that nobody here knows.
    Unknown,
    /// It is larger than numbers or memory hold.
    TooLarge(ConvError),
}

impl AxisField {
    /// The field of the input: each cell sees itself.
    pub(super) fn input() -> Self {
        Self { phases: vec![Cells::one(0)], advance: 1 }
    }

    /// Units until the field repeats itself; 1 unless something was scattered or resampled.
    pub fn units(&self) -> u64 {
        self.phases.len() as u64
    }

    /// Input cells from a unit to the one a period later.
    pub fn advance(&self) -> u64 {
        self.advance
    }

    /// Input cells from one unit to the next, on average: `advance / units`.
    pub fn jump(&self) -> Ratio {
        Ratio::new(self.advance.into(), self.units())
    }

    /// What each unit of the first period sees.
    pub fn phases(&self) -> &[Cells] {
        &self.phases
    }

    /// Every cell that a unit sees, not clipped to the input.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] when one does not fit in `i64`.
    pub fn cells(&self, unit: i64) -> Result<Cells, ConvError> {
        let (phase, by) = self.phase(unit)?;
        self.phases[phase].shift(by)
    }

    /// The first and the last cell that a unit sees; `None` for a unit that sees nothing, as between the
    /// scattered taps of a transposed convolution.
    ///
    /// # Errors
    ///
    /// As for [`cells`](Self::cells).
    pub fn span(&self, unit: i64) -> Result<Option<Run>, ConvError> {
        let (phase, by) = self.phase(unit)?;
        let moved = |cell: i64| {
            i64::try_from(i128::from(cell).checked_add(by).ok_or(ConvError::Overflow)?)
                .map_err(|_| ConvError::Overflow)
        };
        let hull = self.phases[phase].hull();
        hull.map(|[first, last]| Ok([moved(first)?, moved(last)?])).transpose()
    }

    fn phase(&self, unit: i64) -> Result<(usize, i128), ConvError> {
        let period = self.phases.len() as i64;
        let by = i128::from(unit.div_euclid(period)).checked_mul(self.advance.into());
        Ok((unit.rem_euclid(period) as usize, by.ok_or(ConvError::Overflow)?))
    }

    /// Cells from the first to the last one seen by each unit of the first period, holes included; 0 for one
    /// that sees nothing.
    pub fn sizes(&self) -> Vec<u64> {
        self.phases.iter().map(size).collect()
    }

    /// The largest of [`sizes`](Self::sizes).
    pub fn size(&self) -> u64 {
        self.phases.iter().map(size).max().unwrap_or(0)
    }

    /// Cells that unit 0 sees, without holes.
    pub fn support(&self) -> u128 {
        self.phases[0].count()
    }

    /// The first cell that unit 0 sees; negative in the padding.
    pub fn start(&self) -> Option<i64> {
        self.phases[0].hull().map(|[first, _]| first)
    }

    /// Size, jump and start where every unit has the same.
    pub fn uniform(&self) -> Option<ReceptiveField> {
        match self.phases.as_slice() {
            [only] => Some(ReceptiveField { size: size(only), jump: self.advance, start: only.hull()?[0] }),
            _ => None,
        }
    }

    /// The sum of the first and last cells of a period of `units` units, which is twice that of the centres;
    /// `None` where some see nothing or numbers are too large.
    pub(super) fn edges(&self, units: u64) -> Option<[i128; 2]> {
        let mut edges = [0_i128; 2];
        for unit in 0..i64::try_from(units).ok()? {
            let [first, last] = self.span(unit).ok()??;
            edges = [edges[0] + i128::from(first), edges[1] + i128::from(last)];
        }
        Some(edges)
    }

    /// What the units see of which each reads a progression of this map's.
    fn union_of(&self, Progression { first, step, count }: Progression) -> Result<Cells, ConvError> {
        let period = self.units();
        let common = gcd(period, step);
        let cycle = period / common;
        let advance = u128::from(self.advance) * u128::from(step / common);
        let mut seen = Cells::NONE;
        for turn in 0..count.min(cycle) {
            let copies = (count - 1 - turn) / cycle + 1;
            let unit = i128::from(first) + i128::from(step) * i128::from(turn);
            let unit = i64::try_from(unit).map_err(|_| ConvError::Overflow)?;
            let advance =
                if copies == 1 { 0 } else { u64::try_from(advance).map_err(|_| ConvError::Overflow)? };
            seen = seen.union(&self.cells(unit)?.repeat(advance, copies)?)?;
        }
        Ok(seen)
    }

    /// The field behind a relation with a period of its own.
    fn then(&self, link: &Link, [units, cells]: [u64; 2]) -> Result<Self, ConvError> {
        // As many of its periods as bring this map back to the same phase.
        let turns = self.units() / gcd(self.units(), cells);
        let period = units.checked_mul(turns).filter(|&period| period <= MAX_PHASES);
        let period = period.ok_or(ConvError::TooManyRuns { limit: MAX_PHASES })?;
        let advance = u128::from(cells) * u128::from(turns) / u128::from(self.units());
        let advance = advance.checked_mul(self.advance.into()).ok_or(ConvError::Overflow)?;
        let advance = u64::try_from(advance).map_err(|_| ConvError::Overflow)?;
        let phases = (0..period.cast_signed()).map(|unit| self.union_of(link.reach(unit)?));
        Ok(Self { phases: few_runs(phases)?, advance }.reduced())
    }

    /// The same with the shortest period.
    fn reduced(self) -> Self {
        let period = self.units();
        let shorter = (1..period).filter(|&len| {
            period.is_multiple_of(len)
                && (u128::from(self.advance) * u128::from(len)).is_multiple_of(period.into())
        });
        for len in shorter {
            let advance = (u128::from(self.advance) * u128::from(len) / u128::from(period)) as u64;
            let ahead = |unit: usize| self.phases[unit].shift(advance.into());
            let repeats = (0..(period - len) as usize)
                .all(|unit| ahead(unit).as_ref() == Ok(&self.phases[unit + len as usize]));
            if repeats {
                let phases = self.phases[..len as usize].to_vec();
                return Self { phases, advance };
            }
        }
        self
    }

    /// Whether both move on at the same speed; then units until both are at the start of a period.
    pub(super) fn common_period(&self, other: &Self) -> Option<u64> {
        let speed = u128::from(self.advance) * u128::from(other.units());
        let same = speed == u128::from(other.advance) * u128::from(self.units());
        same.then(|| self.units() / gcd(self.units(), other.units()) * other.units())
    }

    /// What units see that read both maps at their own place.
    #[inline(never)]
    fn with(&self, other: &Self, period: u64) -> Result<Self, ConvError> {
        if period > MAX_PHASES {
            return Err(ConvError::TooManyRuns { limit: MAX_PHASES });
        }
        let both = |unit: i64| self.cells(unit)?.union(&other.cells(unit)?);
        let phases = few_runs((0..period.cast_signed()).map(both))?;
        let advance = u64::try_from(u128::from(self.advance) * u128::from(period / self.units()));
        Ok(Self { phases, advance: advance.map_err(|_| ConvError::Overflow)? })
    }
}

fn few_runs(phases: impl Iterator<Item = Result<Cells, ConvError>>) -> Result<Vec<Cells>, ConvError> {
    let mut left = MAX_FIELD_RUNS;
    let counted = phases.map(|cells| {
        let cells = cells?;
        let limit = MAX_FIELD_RUNS as u64;
        left = left.checked_sub(cells.runs().len()).ok_or(ConvError::TooManyRuns { limit })?;
        Ok(cells)
    });
    counted.collect()
}

fn size(cells: &Cells) -> u64 {
    cells.hull().map_or(0, |[first, last]| last.abs_diff(first).saturating_add(1))
}

impl Field {
    /// By phase, where there is such a rule.
    pub fn periodic(&self) -> Option<&AxisField> {
        match self {
            Self::Periodic(field) => Some(field),
            _ => None,
        }
    }

    /// Size, jump and start where every unit has the same.
    pub fn uniform(&self) -> Option<ReceptiveField> {
        self.periodic()?.uniform()
    }

    /// The field of a node that reads a map of this field.
    pub(super) fn through(&self, link: &Link) -> Self {
        match (self, link.relation) {
            (Self::Nothing, _) => Self::Nothing,
            (_, Relation::Unknown) => Self::Unknown,
            (field, Relation::Same) => field.clone(),
            (Self::Whole | Self::Unknown | Self::TooLarge(_), _) => self.clone(),
            (_, Relation::Whole) => Self::Whole,
            (Self::Irregular, _) => Self::Irregular,
            (Self::Periodic(field), _) => match link.period() {
                Some(period) => field.then(link, period).map_or_else(Self::TooLarge, Self::Periodic),
                None => Self::Irregular,
            },
        }
    }

    /// The field of a node that reads maps of both fields at its own place.
    pub(super) fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Nothing, field) | (field, Self::Nothing) => field.clone(),
            (Self::TooLarge(error), _) | (_, Self::TooLarge(error)) => Self::TooLarge(*error),
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Whole, _) | (_, Self::Whole) => Self::Whole,
            (Self::Irregular, _) | (_, Self::Irregular) => Self::Irregular,
            (Self::Periodic(a), Self::Periodic(b)) => match a.common_period(b) {
                Some(period) => a.with(b, period).map_or_else(Self::TooLarge, Self::Periodic),
                None => Self::Irregular,
            },
        }
    }
}
