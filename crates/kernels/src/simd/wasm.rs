//! The backend for WebAssembly: simd128, and relaxed SIMD where the build allows it.

#![expect(unsafe_code, reason = "vectors are read and written through pointers")]

use core::arch::wasm32 as arch;

/// Four `f32`; see the module above.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct F32x4(arch::v128);

impl F32x4 {
    /// The same number in all lanes.
    #[inline(always)]
    pub(crate) fn splat(value: f32) -> Self {
        Self(arch::f32x4_splat(value))
    }

    /// Lane 0 first.
    #[inline(always)]
    pub(crate) fn from_array([a, b, c, d]: [f32; 4]) -> Self {
        Self(arch::f32x4(a, b, c, d))
    }

    /// Lane 0 first.
    #[inline(always)]
    pub(crate) fn to_array(self) -> [f32; 4] {
        let v = self.0;
        [
            arch::f32x4_extract_lane::<0>(v),
            arch::f32x4_extract_lane::<1>(v),
            arch::f32x4_extract_lane::<2>(v),
            arch::f32x4_extract_lane::<3>(v),
        ]
    }

    /// Four numbers from memory, at any alignment of `f32`.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading four `f32`.
    #[inline(always)]
    pub(crate) unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise; v128.load takes any alignment.
        Self(unsafe { arch::v128_load(from.cast()) })
    }

    /// One number from memory in all lanes.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading one `f32`.
    #[inline(always)]
    pub(crate) unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { arch::v128_load32_splat(from.cast()) })
    }

    /// Writes four numbers, at any alignment of `f32`.
    ///
    /// # Safety
    ///
    /// `to` must be valid for writing four `f32`.
    #[inline(always)]
    pub(crate) unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise; v128.store takes any alignment.
        unsafe { arch::v128_store(to.cast(), self.0) }
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        Self(arch::f32x4_add(self.0, other.0))
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn sub(self, other: Self) -> Self {
        Self(arch::f32x4_sub(self.0, other.0))
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn mul(self, other: Self) -> Self {
        Self(arch::f32x4_mul(self.0, other.0))
    }

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    pub(super) fn relaxed_madd(self, factor: Self, sum: Self) -> Self {
        Self(arch::f32x4_relaxed_madd(self.0, factor.0, sum.0))
    }

    #[cfg(not(target_feature = "relaxed-simd"))]
    #[inline(always)]
    pub(super) fn relaxed_madd(self, factor: Self, sum: Self) -> Self {
        sum.add(self.mul(factor))
    }

    /// `[a1, a2, a3, b0]`
    #[inline(always)]
    pub(crate) fn shifted_1(self, b: Self) -> Self {
        Self(arch::i32x4_shuffle::<1, 2, 3, 4>(self.0, b.0))
    }

    /// `[a3, b0, b1, b2]`
    #[inline(always)]
    pub(crate) fn shifted_3(self, b: Self) -> Self {
        Self(arch::i32x4_shuffle::<3, 4, 5, 6>(self.0, b.0))
    }

    /// `[a0, a2, b0, b2]`
    #[inline(always)]
    pub(crate) fn evens(self, b: Self) -> Self {
        Self(arch::i32x4_shuffle::<0, 2, 4, 6>(self.0, b.0))
    }

    /// `[a1, a3, b1, b3]`
    #[inline(always)]
    pub(crate) fn odds(self, b: Self) -> Self {
        Self(arch::i32x4_shuffle::<1, 3, 5, 7>(self.0, b.0))
    }

    /// `[a0, b0, a1, b1]`
    #[inline(always)]
    pub(crate) fn zip_low(self, b: Self) -> Self {
        Self(arch::i32x4_shuffle::<0, 4, 1, 5>(self.0, b.0))
    }

    /// `[a2, b2, a3, b3]`
    #[inline(always)]
    pub(crate) fn zip_high(self, b: Self) -> Self {
        Self(arch::i32x4_shuffle::<2, 6, 3, 7>(self.0, b.0))
    }

    /// `[a0, a1, b0, b1]`
    #[inline(always)]
    pub(crate) fn low_halves(self, b: Self) -> Self {
        Self(arch::i32x4_shuffle::<0, 1, 4, 5>(self.0, b.0))
    }

    /// `[a2, a3, b2, b3]`
    #[inline(always)]
    pub(crate) fn high_halves(self, b: Self) -> Self {
        Self(arch::i32x4_shuffle::<2, 3, 6, 7>(self.0, b.0))
    }

    /// Lane by lane `self` where it is greater, otherwise `other`.
    #[inline(always)]
    pub(crate) fn or_more(self, other: Self) -> Self {
        Self(arch::f32x4_pmax(other.0, self.0))
    }

    /// Lane by lane `self` where it is less, otherwise `other`.
    #[inline(always)]
    pub(crate) fn or_less(self, other: Self) -> Self {
        Self(arch::f32x4_pmin(other.0, self.0))
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        Self(arch::f32x4_abs(self.0))
    }

    /// Byte `AT` of each of four pixels of four bytes, as numbers.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading 16 bytes.
    #[inline(always)]
    pub(crate) unsafe fn load_bytes<const AT: u32>(from: *const u8) -> Self {
        // SAFETY: the caller's promise; v128.load takes any alignment.
        let pixels = unsafe { arch::v128_load(from.cast()) };
        let bytes = arch::v128_and(arch::u32x4_shr(pixels, 8 * AT), arch::u32x4_splat(255));
        Self(arch::f32x4_convert_i32x4(bytes))
    }

    /// Four pixels of three lowest bytes, as the bits of floats have them, and one of 255.
    ///
    /// # Safety
    ///
    /// `to` must be valid for writing 16 bytes.
    #[inline(always)]
    pub(crate) unsafe fn store_low_bytes([a, b, c]: [Self; 3], to: *mut u8) {
        let low = |it: Self| arch::v128_and(it.0, arch::u32x4_splat(255));
        let ab = arch::v128_or(low(a), arch::i32x4_shl(low(b), 8));
        let c = arch::v128_or(arch::i32x4_shl(low(c), 16), arch::u32x4_splat(255 << 24));
        // SAFETY: the caller's promise; v128.store takes any alignment.
        unsafe { arch::v128_store(to.cast(), arch::v128_or(ab, c)) }
    }
}
