//! Four `f32` at a time, with the same operations in WebAssembly (simd128), on x86-64 (SSE2) and anywhere else.
//!
//! Each backend defines `F32x4` with what differs; what is built from that stands here. All operations but
//! [`F32x4::madd`] round like `f32` and give the same bits everywhere.
#![allow(dead_code, reason = "a backend offers what any kernel may need")]

#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
mod array;
#[cfg(target_arch = "x86_64")]
mod sse;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
pub(crate) use array::F32x4;
#[cfg(target_arch = "x86_64")]
pub(crate) use sse::F32x4;
#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::F32x4;

impl F32x4 {
    /// Lanes of a vector.
    pub(crate) const LANES: usize = 4;

    /// `self * factor + sum`, rounded once or twice: whichever the machine does faster.
    #[inline(always)]
    pub(crate) fn madd(self, factor: Self, sum: Self) -> Self {
        self.relaxed_madd(factor, sum)
    }

    /// `self * factor + sum`, rounded after the product and after the sum, like two `f32` operations.
    #[inline(always)]
    pub(crate) fn mul_then_add(self, factor: Self, sum: Self) -> Self {
        self.mul(factor).add(sum)
    }

    /// [`madd`](Self::madd) when `RELAXED`, otherwise [`mul_then_add`](Self::mul_then_add).
    #[inline(always)]
    pub(crate) fn accumulate<const RELAXED: bool>(self, factor: Self, sum: Self) -> Self {
        if RELAXED { self.madd(factor, sum) } else { self.mul_then_add(factor, sum) }
    }

    /// Lane `j` of row `i` becomes lane `i` of row `j`.
    #[inline(always)]
    pub(crate) fn transposed([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        let (ab_low, ab_high) = (a.zip_low(b), a.zip_high(b));
        let (cd_low, cd_high) = (c.zip_low(d), c.zip_high(d));
        [
            ab_low.low_halves(cd_low),
            ab_low.high_halves(cd_low),
            ab_high.low_halves(cd_high),
            ab_high.high_halves(cd_high),
        ]
    }

    /// Lanes 2 and 3 of four rows: the lower half of [`transposed`](Self::transposed).
    #[inline(always)]
    pub(crate) fn transposed_high([a, b, c, d]: [Self; 4]) -> [Self; 2] {
        let (ab, cd) = (a.zip_high(b), c.zip_high(d));
        [ab.low_halves(cd), ab.high_halves(cd)]
    }

    /// `(lane 0 + lane 2) + (lane 1 + lane 3)`
    #[inline(always)]
    pub(crate) fn sum(self) -> f32 {
        let [a, b, c, d] = self.to_array();
        (a + c) + (b + d)
    }
}

/// Rows longer than this are left to the engine's own copy, which costs as much to call as they do.
const LONG: usize = 512;

/// Copies a row, at most a few vectors long in most cases: `to` and `from` have the same length.
#[expect(unsafe_code, reason = "vectors are copied through pointers")]
pub(crate) fn copy(to: &mut [f32], from: &[f32]) {
    assert_eq!(to.len(), from.len(), "a copy has the length of what it copies");
    if to.len() < F32x4::LANES || to.len() > LONG {
        to.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
    } else {
        // SAFETY: both slices have the length, which is a vector's at least.
        unsafe { copy_vectors(to.as_mut_ptr(), from.as_ptr(), to.len()) };
    }
}

/// Not inlined, because a compiler that knew the slices to be apart would call the engine's copy instead.
///
/// # Safety
///
/// Both must be valid for `len` numbers, which is a vector's at least.
#[inline(never)]
#[expect(unsafe_code, reason = "vectors are copied through pointers")]
unsafe fn copy_vectors(to: *mut f32, from: *const f32, len: usize) {
    let last = len - F32x4::LANES;
    // SAFETY: the caller's promise; the last vector overlaps the one before.
    unsafe {
        let mut i = 0;
        while i < last {
            F32x4::load(from.add(i)).store(to.add(i));
            i += F32x4::LANES;
        }
        F32x4::load(from.add(last)).store(to.add(last));
    }
}

/// Writes zeros, a few in most cases.
#[expect(unsafe_code, reason = "the compiler must not see that these are zeros")]
pub(crate) fn clear(to: &mut [f32]) {
    if to.len() > LONG {
        return to.fill(0.0);
    }
    for cell in to {
        // SAFETY: a reference is valid. Volatile, because otherwise the engine's own fill would be called.
        unsafe { std::ptr::write_volatile(cell, 0.0) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f32; 4] = [0.0, 1.0, 2.0, 3.0];
    const B: [f32; 4] = [4.0, 5.0, 6.0, 7.0];

    fn pair() -> (F32x4, F32x4) {
        (F32x4::from_array(A), F32x4::from_array(B))
    }

    #[test]
    fn shuffles_take_the_lanes_that_they_name() {
        let (a, b) = pair();
        assert_eq!(a.shifted_1(b).to_array(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(a.shifted_3(b).to_array(), [3.0, 4.0, 5.0, 6.0]);
        assert_eq!(a.evens(b).to_array(), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(a.odds(b).to_array(), [1.0, 3.0, 5.0, 7.0]);
        assert_eq!(a.zip_low(b).to_array(), [0.0, 4.0, 1.0, 5.0]);
        assert_eq!(a.zip_high(b).to_array(), [2.0, 6.0, 3.0, 7.0]);
        assert_eq!(a.low_halves(b).to_array(), [0.0, 1.0, 4.0, 5.0]);
        assert_eq!(a.high_halves(b).to_array(), [2.0, 3.0, 6.0, 7.0]);
    }

    #[test]
    fn transposing_swaps_rows_and_lanes() {
        let rows: [[f32; 4]; 4] = [A, B, [8.0, 9.0, 10.0, 11.0], [12.0, 13.0, 14.0, 15.0]];
        let columns = F32x4::transposed(rows.map(F32x4::from_array)).map(F32x4::to_array);
        let high = F32x4::transposed_high(rows.map(F32x4::from_array)).map(F32x4::to_array);
        for i in 0..4 {
            for j in 0..4 {
                assert_eq!(columns[j][i], rows[i][j]);
            }
            assert_eq!([high[0][i], high[1][i]], [rows[i][2], rows[i][3]]);
        }
    }

    #[test]
    fn arithmetic_is_lane_by_lane() {
        let (a, b) = pair();
        assert_eq!(a.add(b).to_array(), [4.0, 6.0, 8.0, 10.0]);
        assert_eq!(b.sub(a).to_array(), [4.0; 4]);
        assert_eq!(a.mul(b).to_array(), [0.0, 5.0, 12.0, 21.0]);
        for sum in [a.madd(b, a), a.mul_then_add(b, a), a.accumulate::<true>(b, a)] {
            assert_eq!(sum.to_array(), [0.0, 6.0, 14.0, 24.0]);
        }
        assert_eq!(b.sum(), 22.0);
        assert_eq!(F32x4::splat(2.5).to_array(), [2.5; 4]);
    }

    #[test]
    fn the_other_stands_where_there_is_no_number() {
        let mixed = F32x4::from_array([-1.0, 2.0, f32::NAN, 4.0]);
        let two = F32x4::splat(2.0);
        assert_eq!(mixed.or_more(two).to_array(), [2.0, 2.0, 2.0, 4.0]);
        assert_eq!(mixed.or_less(two).to_array(), [-1.0, 2.0, 2.0, 2.0]);
        assert_eq!(mixed.abs().or_more(F32x4::splat(0.0)).to_array(), [1.0, 2.0, 0.0, 4.0]);
    }

    #[test]
    fn pixels_are_taken_apart_and_put_together() {
        let pixels: Vec<u8> = (0..17).map(|i| i * 15).collect();
        let mut back = [0; 17];
        // SAFETY: 16 bytes follow after the first.
        #[expect(unsafe_code, reason = "the operations under test take pointers")]
        let lanes = unsafe {
            let (from, to) = (pixels.as_ptr().add(1), back.as_mut_ptr().add(1));
            let lanes =
                [F32x4::load_bytes::<0>(from), F32x4::load_bytes::<1>(from), F32x4::load_bytes::<2>(from)];
            // From 2^23 on the last bit of a float is 1.
            F32x4::store_low_bytes(lanes.map(|it| it.add(F32x4::splat(8_388_608.0))), to);
            lanes
        };
        assert_eq!(lanes[0].to_array(), [15.0, 75.0, 135.0, 195.0]);
        assert_eq!(lanes[2].to_array(), [45.0, 105.0, 165.0, 225.0]);
        for i in 1..17 {
            assert_eq!(back[i], if i % 4 == 0 { 255 } else { pixels[i] }, "{i}");
        }
    }

    #[test]
    fn the_exact_sum_rounds_the_product_first() {
        // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24, whose last part a fused operation would keep.
        let x = F32x4::splat(1.0 + 2.0_f32.powi(-12));
        let rounded = 1.0 + 2.0_f32.powi(-11);
        assert_eq!(x.mul_then_add(x, F32x4::splat(-rounded)).to_array(), [0.0; 4]);
    }

    #[test]
    fn rows_of_every_length_are_copied_and_cleared() {
        for len in (0..40).chain([LONG, LONG + 1]) {
            let from: Vec<f32> = (0..len).map(|i| i as f32 + 1.0).collect();
            let mut to = vec![0.0; len];
            copy(&mut to, &from);
            assert_eq!(to, from);
            clear(&mut to);
            assert_eq!(to, vec![0.0; len]);
        }
    }

    #[test]
    fn memory_is_read_and_written_in_order() {
        let mut cells = [0.0_f32; 6];
        let (a, _) = pair();
        // SAFETY: both ends lie within the arrays.
        #[expect(unsafe_code, reason = "the operations under test take pointers")]
        let (copy, splat) = unsafe {
            a.store(cells.as_mut_ptr().add(1));
            (F32x4::load(cells.as_ptr().add(2)), F32x4::load_splat(cells.as_ptr().add(3)))
        };
        assert_eq!(cells, [0.0, 0.0, 1.0, 2.0, 3.0, 0.0]);
        assert_eq!((copy.to_array(), splat.to_array()), ([1.0, 2.0, 3.0, 0.0], [2.0; 4]));
    }
}
