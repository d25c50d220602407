//! Single units and pixels: what a unit reads in every earlier map, and which units a cell reaches.
//!
//! On each axis sets of cells are exact. In two dimensions what is read is a union of patches, each the
//! product of some rows and some columns, because branches may differ on both axes at once (1 x 3 beside
//! 3 x 1).

use super::cells::{Cells, Run};
use super::relation::{Link, Relation};
use super::{Analysis, NodeId};
use crate::error::ConvError;

/// Rows and columns, every pair of which is meant.
pub type Patch = [Cells; 2];

/// More patches than this become one, which holds them all.
pub const MAX_PATCHES: usize = 64;

/// What of a map belongs to a unit or pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    reach: [Cells; 2],
    patches: Vec<Patch>,
    size: [u64; 2],
    exact: bool,
}

/// The regions of one unit or pixel, one for each node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    regions: Vec<Result<Region, ConvError>>,
}

impl Projection {
    /// The region in a node's map; empty where nothing leads there.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] and [`ConvError::TooManyRuns`] where the region is larger than numbers or
    /// memory hold.
    pub fn region(&self, id: NodeId) -> Result<&Region, ConvError> {
        self.regions[id.index()].as_ref().map_err(|error| *error)
    }
}

impl Region {
    fn none(size: [u64; 2]) -> Self {
        Self { reach: [Cells::NONE, Cells::NONE], patches: Vec::new(), size, exact: true }
    }

    fn one(unit: [u64; 2], size: [u64; 2]) -> Result<Self, ConvError> {
        let [row, column] = unit.map(|cell| i64::try_from(cell).map(Cells::one));
        let patch = [row.map_err(|_| ConvError::Overflow)?, column.map_err(|_| ConvError::Overflow)?];
        Ok(Self { reach: patch.clone(), patches: vec![patch], size, exact: true })
    }

    /// Rows and columns of the map.
    pub fn size(&self) -> [u64; 2] {
        self.size
    }

    /// Whether nothing belongs here, not even padding.
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty() && self.reach.iter().all(Cells::is_empty)
    }

    /// Whether [`patches`](Self::patches) hold no cell too many and none too few: not so where there are more
    /// than [`MAX_PATCHES`], or behind an operator that nobody here knows.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Cells read on one axis as if maps went on for ever: negative ones lie in the padding. Of a pixel's
    /// units, those that there are.
    pub fn reach(&self, side: usize) -> &Cells {
        &self.reach[side]
    }

    /// The first and the last cell of the reach on one axis: the receptive field as one number gives it.
    pub fn hull(&self, side: usize) -> Option<Run> {
        self.reach[side].hull()
    }

    /// Cells read of the map that there is: every pair of rows and columns of every patch.
    pub fn patches(&self) -> &[Patch] {
        &self.patches
    }

    /// Rows or columns with a cell that is read.
    ///
    /// # Errors
    ///
    /// [`ConvError::TooManyRuns`].
    pub fn used(&self, side: usize) -> Result<Cells, ConvError> {
        self.patches.iter().try_fold(Cells::NONE, |used, patch| used.union(&patch[side]))
    }

    /// Columns that are read of one row.
    ///
    /// # Errors
    ///
    /// [`ConvError::TooManyRuns`].
    pub fn columns_at(&self, row: i64) -> Result<Cells, ConvError> {
        let mut here = self.patches.iter().filter(|patch| patch[0].contains(row));
        here.try_fold(Cells::NONE, |columns, patch| columns.union(&patch[1]))
    }

    /// How many cells are read, each counted once.
    ///
    /// # Errors
    ///
    /// [`ConvError::TooManyRuns`].
    pub fn count(&self) -> Result<u128, ConvError> {
        if let [[rows, columns]] = self.patches.as_slice() {
            return Ok(rows.count() * columns.count());
        }
        self.count_in_bands()
    }

    /// The same of several patches: apart, so that a page can begin without it.
    #[inline(never)]
    fn count_in_bands(&self) -> Result<u128, ConvError> {
        // Between neighbouring ends of runs all rows are alike.
        let runs = self.patches.iter().flat_map(|patch| patch[0].runs());
        let mut ends: Vec<i64> = runs.flat_map(|&[first, last]| [first, last.saturating_add(1)]).collect();
        ends.sort_unstable();
        ends.dedup();
        let bands = ends
            .windows(2)
            .map(|band| Ok(u128::from(band[1].abs_diff(band[0])) * self.columns_at(band[0])?.count()));
        bands.sum()
    }

    /// Cells of the map within the hull that no window reads: what dilation and strides leave out.
    pub fn holes(&self, side: usize) -> Cells {
        self.hull_cells(side).clip(0, self.last(side)).without(&self.reach[side])
    }

    /// Positions of the hull before and after the map.
    pub fn padding(&self, side: usize) -> Cells {
        self.hull_cells(side).without(&Cells::all(self.size[side]))
    }

    /// Cells of the map that only windows in the padding of some map between would read, and so nobody.
    ///
    /// # Errors
    ///
    /// [`ConvError::TooManyRuns`].
    pub fn lost(&self, side: usize) -> Result<Cells, ConvError> {
        Ok(self.reach[side].clip(0, self.last(side)).without(&self.used(side)?))
    }

    fn hull_cells(&self, side: usize) -> Cells {
        self.hull(side).map_or(Cells::NONE, |[first, last]| Cells::span(first, last))
    }

    fn last(&self, side: usize) -> i64 {
        i64::try_from(self.size[side]).unwrap_or(i64::MAX) - 1
    }

    /// Adds a patch; what it holds already, or what holds it, is left out, and equal sides join.
    fn add(&mut self, mut patch: Patch) -> Result<(), ConvError> {
        if patch.iter().any(Cells::is_empty) {
            return Ok(());
        }
        let within = |a: &Patch, b: &Patch| a[0].is_within(&b[0]) && a[1].is_within(&b[1]);
        loop {
            if self.patches.iter().any(|other| within(&patch, other)) {
                return Ok(());
            }
            self.patches.retain(|other| !within(other, &patch));
            let alike = self.patches.iter().position(|other| other[0] == patch[0] || other[1] == patch[1]);
            let Some(place) = alike else { break };
            let other = self.patches.swap_remove(place);
            patch = [patch[0].union(&other[0])?, patch[1].union(&other[1])?];
        }
        self.patches.push(patch);
        if self.patches.len() > MAX_PATCHES {
            let all = [self.used(0)?, self.used(1)?];
            (self.patches, self.exact) = (vec![all], false);
        }
        Ok(())
    }

    /// Adds what another region reads or reaches through a node.
    fn join(&mut self, through: Self) -> Result<(), ConvError> {
        for side in 0..2 {
            self.reach[side] = self.reach[side].union(&through.reach[side])?;
        }
        self.exact &= through.exact;
        through.patches.into_iter().try_for_each(|patch| self.add(patch))
    }

    /// What the units of a region read of an input.
    fn gather(&self, links: &[Link; 2], size: [u64; 2]) -> Result<Self, ConvError> {
        let [rows, columns] = links;
        let reach = [rows.gather_ideal(&self.reach[0])?, columns.gather_ideal(&self.reach[1])?];
        self.through(links, size, reach, |link, cells| link.gather(cells))
    }

    /// The units that read a region.
    fn scatter(&self, links: &[Link; 2], size: [u64; 2]) -> Result<Self, ConvError> {
        let [rows, columns] = links;
        let reach = [rows.scatter(&self.reach[0])?, columns.scatter(&self.reach[1])?];
        self.through(links, size, reach, |link, cells| link.scatter(cells))
    }

    fn through(
        &self,
        links: &[Link; 2],
        size: [u64; 2],
        reach: [Cells; 2],
        step: impl Fn(&Link, &Cells) -> Result<Cells, ConvError>,
    ) -> Result<Self, ConvError> {
        let known = links.iter().all(|link| link.relation != Relation::Unknown);
        let mut region = Self { reach, patches: Vec::new(), size, exact: self.exact && known };
        for [rows, columns] in &self.patches {
            region.add([step(&links[0], rows)?, step(&links[1], columns)?])?;
        }
        Ok(region)
    }
}

impl Analysis {
    /// What a unit reads, `[row, column]` of a node's map, in the map of every node before it.
    ///
    /// A unit outside of the map is projected too: as if maps went on for ever, and reading nothing.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] for a position that does not fit in `i64`.
    pub fn project(&self, id: NodeId, unit: [u64; 2]) -> Result<Projection, ConvError> {
        let mut regions = self.empty();
        if let Ok(node) = self.get(id) {
            let mut region = Region::one(unit, node.map.size)?;
            if (0..2).any(|side| unit[side] >= node.map.size[side]) {
                region.patches.clear();
            }
            regions[id.index()] = Ok(region);
        }
        for reader in self.graph().ids().rev().skip_while(|reader| *reader > id) {
            let Ok(node) = self.get(reader) else { continue };
            if matches!(&regions[reader.index()], Ok(region) if region.is_empty() && region.exact) {
                continue;
            }
            for (i, input) in self.graph().node(reader).inputs.iter().enumerate() {
                if node.gates[i] {
                    continue;
                }
                let Ok(size) = self.get(*input).map(|node| node.map.size) else { continue };
                let read = match &regions[reader.index()] {
                    Ok(region) => region.gather(&node.links[i], size),
                    Err(error) => Err(*error),
                };
                add(&mut regions[input.index()], read);
            }
        }
        Ok(Projection { regions })
    }

    /// The units that a cell reaches, `[row, column]` of a node's map, in the map of every node after it.
    ///
    /// # Errors
    ///
    /// [`ConvError::Overflow`] for a position that does not fit in `i64`.
    pub fn seen_by(&self, id: NodeId, cell: [u64; 2]) -> Result<Projection, ConvError> {
        let mut regions = self.empty();
        if let Some(size) = self.get(id).ok().map(|node| node.map.size)
            && (0..2).all(|side| cell[side] < size[side])
        {
            regions[id.index()] = Ok(Region::one(cell, size)?);
        }
        for reader in self.graph().ids().skip(id.index() + 1) {
            let Ok(node) = self.get(reader) else { continue };
            for (i, input) in self.graph().node(reader).inputs.iter().enumerate() {
                if node.gates[i] || *input < id {
                    continue;
                }
                let seen = match &regions[input.index()] {
                    Ok(region) if region.is_empty() && region.exact => continue,
                    Ok(region) => region.scatter(&node.links[i], node.map.size),
                    Err(error) => Err(*error),
                };
                add(&mut regions[reader.index()], seen);
            }
        }
        Ok(Projection { regions })
    }

    fn empty(&self) -> Vec<Result<Region, ConvError>> {
        let size = |id| self.map(id).map_or([1, 1], |map| map.size);
        self.graph().ids().map(|id| Ok(Region::none(size(id)))).collect()
    }
}

fn add(to: &mut Result<Region, ConvError>, through: Result<Region, ConvError>) {
    let joined = match (&mut *to, through) {
        (Ok(region), Ok(through)) => region.join(through),
        (_, Err(error)) => Err(error),
        (Err(_), _) => return,
    };
    if let Err(error) = joined {
        *to = Err(error);
    }
}
