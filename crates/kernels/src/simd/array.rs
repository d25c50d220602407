//! The backend for machines without a better one: an array.

#![expect(unsafe_code, reason = "vectors are read and written through pointers")]

/// Four `f32`; see the module above.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct F32x4([f32; 4]);

impl F32x4 {
    /// The same number in all lanes.
    #[inline(always)]
    pub(crate) fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    /// Lane 0 first.
    #[inline(always)]
    pub(crate) fn from_array(lanes: [f32; 4]) -> Self {
        Self(lanes)
    }

    /// Lane 0 first.
    #[inline(always)]
    pub(crate) fn to_array(self) -> [f32; 4] {
        self.0
    }

    /// Four numbers from memory, at any alignment of `f32`.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading four `f32`.
    #[inline(always)]
    pub(crate) unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise; an array of f32 has their alignment.
        Self(unsafe { *from.cast::<[f32; 4]>() })
    }

    /// One number from memory in all lanes.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading one `f32`.
    #[inline(always)]
    pub(crate) unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self([unsafe { *from }; 4])
    }

    /// Writes four numbers, at any alignment of `f32`.
    ///
    /// # Safety
    ///
    /// `to` must be valid for writing four `f32`.
    #[inline(always)]
    pub(crate) unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise; an array of f32 has their alignment.
        unsafe { *to.cast::<[f32; 4]>() = self.0 }
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn sub(self, other: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] - other.0[i]))
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn mul(self, other: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] * other.0[i]))
    }

    #[inline(always)]
    pub(super) fn relaxed_madd(self, factor: Self, sum: Self) -> Self {
        self.mul(factor).add(sum)
    }

    /// `[a1, a2, a3, b0]`
    #[inline(always)]
    pub(crate) fn shifted_1(self, b: Self) -> Self {
        Self([self.0[1], self.0[2], self.0[3], b.0[0]])
    }

    /// `[a3, b0, b1, b2]`
    #[inline(always)]
    pub(crate) fn shifted_3(self, b: Self) -> Self {
        Self([self.0[3], b.0[0], b.0[1], b.0[2]])
    }

    /// `[a0, a2, b0, b2]`
    #[inline(always)]
    pub(crate) fn evens(self, b: Self) -> Self {
        Self([self.0[0], self.0[2], b.0[0], b.0[2]])
    }

    /// `[a1, a3, b1, b3]`
    #[inline(always)]
    pub(crate) fn odds(self, b: Self) -> Self {
        Self([self.0[1], self.0[3], b.0[1], b.0[3]])
    }

    /// `[a0, b0, a1, b1]`
    #[inline(always)]
    pub(crate) fn zip_low(self, b: Self) -> Self {
        Self([self.0[0], b.0[0], self.0[1], b.0[1]])
    }

    /// `[a2, b2, a3, b3]`
    #[inline(always)]
    pub(crate) fn zip_high(self, b: Self) -> Self {
        Self([self.0[2], b.0[2], self.0[3], b.0[3]])
    }

    /// `[a0, a1, b0, b1]`
    #[inline(always)]
    pub(crate) fn low_halves(self, b: Self) -> Self {
        Self([self.0[0], self.0[1], b.0[0], b.0[1]])
    }

    /// `[a2, a3, b2, b3]`
    #[inline(always)]
    pub(crate) fn high_halves(self, b: Self) -> Self {
        Self([self.0[2], self.0[3], b.0[2], b.0[3]])
    }

    /// Lane by lane `self` where it is greater, otherwise `other`.
    #[inline(always)]
    pub(crate) fn or_more(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| if self.0[i] > other.0[i] { self.0[i] } else { other.0[i] }))
    }

    /// Lane by lane `self` where it is less, otherwise `other`.
    #[inline(always)]
    pub(crate) fn or_less(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| if self.0[i] < other.0[i] { self.0[i] } else { other.0[i] }))
    }

    /// Lane by lane.
    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        Self(self.0.map(f32::abs))
    }

    /// Byte `AT` of each of four pixels of four bytes, as numbers.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading 16 bytes.
    #[inline(always)]
    pub(crate) unsafe fn load_bytes<const AT: u32>(from: *const u8) -> Self {
        // SAFETY: the caller's promise.
        let pixels = unsafe { *from.cast::<[[u8; 4]; 4]>() };
        Self(pixels.map(|pixel| f32::from(pixel[AT as usize])))
    }

    /// Four pixels of three lowest bytes, as the bits of floats have them, and one of 255.
    ///
    /// # Safety
    ///
    /// `to` must be valid for writing 16 bytes.
    #[inline(always)]
    pub(crate) unsafe fn store_low_bytes([a, b, c]: [Self; 3], to: *mut u8) {
        let low = |it: Self, i: usize| it.0[i].to_bits() as u8;
        let pixels: [[u8; 4]; 4] = std::array::from_fn(|i| [low(a, i), low(b, i), low(c, i), 255]);
        // SAFETY: the caller's promise.
        unsafe { *to.cast::<[[u8; 4]; 4]>() = pixels }
    }
}
