//! Four tiles at a time, one in each lane: gathered and transformed, and transformed back and written.

use super::transform::{self, POINTS, PRODUCTS};
use crate::simd::F32x4;

const LANES: usize = F32x4::LANES;

/// A tile of a block: where its input was copied to, and where its outputs go.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Its first cell in the copy.
    pub cell: usize,
    /// Its first output in a feature map, and how many rows and columns of outputs lie in the map.
    pub output: usize,
    pub rows: usize,
    pub columns: usize,
    /// Whether a row of outputs can be written as a whole vector: all columns are wanted, and four from the
    /// first on lie in the map.
    pub whole: bool,
}

/// Four tiles, one in each lane.
pub(super) struct Group {
    pub tiles: [Tile; LANES],
    /// Tiles that are not beyond the last.
    pub n: usize,
}

/// Six rows of six numbers of four tiles, between the two passes of a transform.
pub(super) struct Work(pub [[F32x4; POINTS]; POINTS]);

impl Default for Work {
    fn default() -> Self {
        Self([[F32x4::splat(0.0); POINTS]; POINTS])
    }
}

impl Work {
    #[inline(always)]
    fn column(&self, x: usize) -> [F32x4; POINTS] {
        let Self([a, b, c, d, e, f]) = self;
        [a[x], b[x], c[x], d[x], e[x], f[x]]
    }
}

/// `Bᵀ d B` of four tiles; product `p` goes to `p * slab`.
#[inline(never)]
#[expect(unsafe_code, reason = "bounds are checked once for four tiles instead of once for a vector")]
pub(super) fn transform_input(
    copy: &[f32],
    [a, b, c, d]: &[Tile; LANES],
    pitch: usize,
    work: &mut Work,
    to: &mut [f32],
    slab: usize,
) {
    let cells = [a.cell, b.cell, c.cell, d.cell];
    let reach = (POINTS - 1) * pitch + POINTS;
    let fits = cells.iter().all(|cell| cell + reach <= copy.len());
    assert!(fits && (PRODUCTS - 1) * slab + LANES <= to.len(), "a tile leaves its slices");
    // SAFETY: six cells from each of six rows on lie in the copy, as asserted.
    let mut rows = cells.map(|cell| unsafe { copy.as_ptr().add(cell) });
    for row in &mut work.0 {
        // SAFETY: as above; the last addition goes to at most `pitch` beyond, and is not read.
        let ([a, b, c, d], [e, f]) = unsafe {
            let left = F32x4::transposed(rows.map(|cells| F32x4::load(cells)));
            let right = F32x4::transposed_high(rows.map(|cells| F32x4::load(cells.add(POINTS - LANES))));
            (left, right)
        };
        *row = transform::input([a, b, c, d, e, f]);
        rows = rows.map(|cells| cells.wrapping_add(pitch));
    }
    let mut to = to.as_mut_ptr();
    for x in 0..POINTS {
        let [a, b, c, d, e, f] = transform::input(work.column(x));
        // SAFETY: four cells from each of 36 multiples of slab on lie in `to`, as asserted.
        unsafe {
            a.store(to);
            b.store(to.add(POINTS * slab));
            c.store(to.add(2 * POINTS * slab));
            d.store(to.add(3 * POINTS * slab));
            e.store(to.add(4 * POINTS * slab));
            f.store(to.add(5 * POINTS * slab));
        }
        to = to.wrapping_add(slab);
    }
}

/// `Aᵀ M` of four tiles.
#[inline(never)]
#[expect(unsafe_code, reason = "bounds are checked once for four tiles instead of once for a vector")]
pub(super) fn transform_rows<const M: usize>(products: &[f32], slab: usize, work: &mut Work) {
    assert!((PRODUCTS - 1) * slab + LANES <= products.len(), "products end before the last tile");
    let mut from = products.as_ptr();
    for x in 0..POINTS {
        // SAFETY: four cells from each of 36 multiples of slab on lie in `products`, as asserted.
        let column = [0, 1, 2, 3, 4, 5].map(|y| unsafe { F32x4::load(from.add(y * POINTS * slab)) });
        let outputs = transform::output::<M>(column);
        for (row, output) in work.0.iter_mut().zip(outputs).take(M) {
            row[x] = output;
        }
        from = from.wrapping_add(slab);
    }
}

/// Where the outputs of a tile lie from its first one.
pub(super) struct Places {
    pub row_pitch: usize,
    pub column_step: usize,
}

impl Places {
    /// `(Aᵀ M) A + bias` of four tiles, written to a feature map.
    #[inline(never)]
    #[expect(unsafe_code, reason = "vectors are written through pointers")]
    pub fn write<const M: usize>(&self, rows: &[[F32x4; POINTS]], bias: f32, group: &Group, map: &mut [f32]) {
        let bias = F32x4::splat(bias);
        for (y, &row) in rows.iter().enumerate() {
            let [a, b, c, d, e] = transform::output::<M>(row).map(|column| column.add(bias));
            let fifth = if M > LANES { e.to_array() } else { [0.0; LANES] };
            let of_tiles = F32x4::transposed([a, b, c, d]);
            for (t, tile) in group.tiles.iter().enumerate().take(group.n) {
                if y >= tile.rows {
                    continue;
                }
                let to = &mut map[tile.output + y * self.row_pitch..];
                if !tile.whole {
                    self.write_cells(to, tile.columns, of_tiles[t], fifth[t]);
                    continue;
                }
                // SAFETY: the slice has four cells. Those beyond a tile of less than four columns belong to the
                // next tile of the row, which is written later.
                unsafe { of_tiles[t].store(to[..LANES].as_mut_ptr()) };
                if M > LANES {
                    to[LANES] = fifth[t];
                }
            }
        }
    }

    /// Some columns of a row of outputs of a tile, one by one.
    #[inline(never)]
    fn write_cells(&self, to: &mut [f32], n_columns: usize, cells: F32x4, fifth: f32) {
        let [a, b, c, d] = cells.to_array();
        let places = to.iter_mut().step_by(self.column_step).take(n_columns);
        places.zip([a, b, c, d, fifth]).for_each(|(to, cell)| *to = cell);
    }
}
