//! The backend for x86-64: SSE2, which every such machine has.

#![expect(unsafe_code, reason = "vectors are read and written through pointers")]

use core::arch::x86_64 as arch;

/// Four `f32`; see the module above.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct F32x4(arch::__m128);

impl F32x4 {
    /// The same number in all lanes.
    #[inline(always)]
    pub(crate) fn splat(value: f32) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_set1_ps(value) })
    }

    /// Lane 0 first.
    #[inline(always)]
    pub(crate) fn from_array([a, b, c, d]: [f32; 4]) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_setr_ps(a, b, c, d) })
    }

    /// Lane 0 first.
    #[inline(always)]
    pub(crate) fn to_array(self) -> [f32; 4] {
        let mut lanes = [0.0; 4];
        // SAFETY: the array holds four.
        unsafe { self.store(lanes.as_mut_ptr()) };
        lanes
    }

    /// Four numbers from memory, at any alignment of `f32`.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading four `f32`.
    #[inline(always)]
    pub(crate) unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise; this load takes any alignment.
        Self(unsafe { arch::_mm_loadu_ps(from) })
    }

    /// One number from memory in all lanes.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading one `f32`.
    #[inline(always)]
    pub(crate) unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { arch::_mm_load1_ps(from) })
    }

    /// Writes four numbers, at any alignment of `f32`.
    ///
    /// # Safety
    ///
    /// `to` must be valid for writing four `f32`.
    #[inline(always)]
    pub(crate) unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise; this store takes any alignment.
        unsafe { arch::_mm_storeu_ps(to, self.0) }
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_add_ps(self.0, other.0) })
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn sub(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_sub_ps(self.0, other.0) })
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn mul(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_mul_ps(self.0, other.0) })
    }

    #[inline(always)]
    pub(super) fn relaxed_madd(self, factor: Self, sum: Self) -> Self {
        self.mul(factor).add(sum)
    }

    /// `[a1, a2, a3, b0]`
    #[inline(always)]
    pub(crate) fn shifted_1(self, b: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let last = arch::_mm_move_ss(self.0, b.0);
            Self(arch::_mm_shuffle_ps::<0b00_11_10_01>(last, last))
        }
    }

    /// `[a3, b0, b1, b2]`
    #[inline(always)]
    pub(crate) fn shifted_3(self, b: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let first = arch::_mm_shuffle_ps::<0b00_00_11_11>(self.0, b.0);
            Self(arch::_mm_shuffle_ps::<0b10_01_10_00>(first, b.0))
        }
    }

    /// `[a0, a2, b0, b2]`
    #[inline(always)]
    pub(crate) fn evens(self, b: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_shuffle_ps::<0b10_00_10_00>(self.0, b.0) })
    }

    /// `[a1, a3, b1, b3]`
    #[inline(always)]
    pub(crate) fn odds(self, b: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_shuffle_ps::<0b11_01_11_01>(self.0, b.0) })
    }

    /// `[a0, b0, a1, b1]`
    #[inline(always)]
    pub(crate) fn zip_low(self, b: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_unpacklo_ps(self.0, b.0) })
    }

    /// `[a2, b2, a3, b3]`
    #[inline(always)]
    pub(crate) fn zip_high(self, b: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_unpackhi_ps(self.0, b.0) })
    }

    /// `[a0, a1, b0, b1]`
    #[inline(always)]
    pub(crate) fn low_halves(self, b: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_movelh_ps(self.0, b.0) })
    }

    /// `[a2, a3, b2, b3]`
    #[inline(always)]
    pub(crate) fn high_halves(self, b: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_movehl_ps(b.0, self.0) })
    }

    /// Lane by lane `self` where it is greater, otherwise `other`.
    #[inline(always)]
    pub(crate) fn or_more(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_max_ps(self.0, other.0) })
    }

    /// Lane by lane `self` where it is less, otherwise `other`.
    #[inline(always)]
    pub(crate) fn or_less(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_min_ps(self.0, other.0) })
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { arch::_mm_andnot_ps(arch::_mm_set1_ps(-0.0), self.0) })
    }

    /// Byte `AT` of each of four pixels of four bytes, as numbers.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading 16 bytes.
    #[inline(always)]
    pub(crate) unsafe fn load_bytes<const AT: u32>(from: *const u8) -> Self {
        // SAFETY: the caller's promise; this load takes any alignment. SSE2 is part of x86-64.
        unsafe {
            let pixels = arch::_mm_loadu_si128(from.cast());
            let bytes = arch::_mm_srl_epi32(pixels, arch::_mm_cvtsi32_si128(8 * AT as i32));
            Self(arch::_mm_cvtepi32_ps(arch::_mm_and_si128(bytes, arch::_mm_set1_epi32(255))))
        }
    }

    /// Four pixels of three lowest bytes, as the bits of floats have them, and one of 255.
    ///
    /// # Safety
    ///
    /// `to` must be valid for writing 16 bytes.
    #[inline(always)]
    pub(crate) unsafe fn store_low_bytes([a, b, c]: [Self; 3], to: *mut u8) {
        // SAFETY: the caller's promise; this store takes any alignment. SSE2 is part of x86-64.
        unsafe {
            let low = |it: Self| arch::_mm_and_si128(arch::_mm_castps_si128(it.0), arch::_mm_set1_epi32(255));
            let ab = arch::_mm_or_si128(low(a), arch::_mm_slli_epi32::<8>(low(b)));
            let opaque = arch::_mm_set1_epi32(255 << 24);
            let c = arch::_mm_or_si128(arch::_mm_slli_epi32::<16>(low(c)), opaque);
            arch::_mm_storeu_si128(to.cast(), arch::_mm_or_si128(ab, c));
        }
    }
}
