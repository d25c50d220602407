//! Decimals of `f32`, exact in integers: every finite float is `m * 2^e`, so it has finitely many digits.
//!
//! The standard library converts to the same digits with tables that would be a fifth of the page.

/// Billions: the base in which products are counted.
const BASE: u64 = 1_000_000_000;

/// `0.d1 d2 d3 ... * 10^point` with no zeros at either end, so that the derived order is that of the values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decimal {
    /// Digits before the point; that of zero is the least.
    pub(crate) point: i32,
    /// `0..=9` each, the first is the highest; zero has none.
    pub(crate) digits: Vec<u8>,
}

impl Decimal {
    fn new(point: i32, mut digits: Vec<u8>) -> Self {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        let point = if digits.is_empty() { i32::MIN } else { point };
        Self { point, digits }
    }

    /// The finite `f32` with these bits, without its sign.
    pub(crate) fn exact(bits: u32) -> Self {
        let (mantissa, exponent) = parts(bits);
        scaled(mantissa, exponent)
    }

    /// The shortest decimal that is read as the `f32` with these bits; of several the nearest, of two the higher.
    pub(crate) fn shortest(bits: u32) -> Self {
        let exact = Self::exact(bits);
        let reads_back = |decimal: &Self| !decimal.is_past(bits) && (bits == 0 || decimal.is_past(bits - 1));
        let of_len = |n| {
            // Above a power of two floats lie twice as far apart as below: the nearest may be too low.
            let up = exact.digits.get(n).is_some_and(|&next| next >= 5);
            let nearest = exact.cut(n, up);
            if reads_back(&nearest) { Some(nearest) } else { Some(exact.cut(n, true)).filter(reads_back) }
        };
        // Nine digits tell all floats apart.
        (1..=9).find_map(of_len).unwrap_or(exact)
    }

    /// With at most `n` digits, half to even.
    pub(crate) fn rounded(&self, n: i32) -> Self {
        let Ok(n) = usize::try_from(n) else { return Self::new(0, Vec::new()) };
        let Some(rest) = self.digits.get(n..) else { return self.clone() };
        let odd = n > 0 && self.digits[n - 1] % 2 == 1;
        self.cut(n, if odd { rest >= &[5] } else { rest > &[5] })
    }

    /// The first `n` digits, the last of them one higher where `up`.
    fn cut(&self, n: usize, up: bool) -> Self {
        let mut digits = self.digits.get(..n).unwrap_or(&self.digits).to_vec();
        if !up {
            return Self::new(self.point, digits);
        }
        while digits.last() == Some(&9) {
            digits.pop();
        }
        match digits.last_mut() {
            Some(last) => *last += 1,
            None => return Self::new(self.point + 1, vec![1]),
        }
        Self::new(self.point, digits)
    }

    /// Reads `12`, `12.5`, `.5`, `1.2e-3`: what the standard library reads as a finite number.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let mut digits = Vec::new();
        let (mut point, mut n_read, mut fraction) = (0_i32, 0, false);
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            match byte {
                b'0'..=b'9' => {
                    n_read += 1;
                    if byte > b'0' || !digits.is_empty() {
                        digits.push(byte - b'0');
                        point += i32::from(!fraction);
                    } else {
                        point -= i32::from(fraction);
                    }
                }
                b'.' if !fraction => fraction = true,
                b'e' | b'E' => {
                    point += exponent(after)?;
                    break;
                }
                _ => return None,
            }
            rest = after;
        }
        (n_read > 0).then(|| Self::new(point, digits))
    }

    /// The bits of the nearest `f32`, of two the even one.
    pub(crate) fn nearest_bits(&self) -> u32 {
        const INFINITY: u32 = f32::INFINITY.to_bits();
        let mut guess = 0.0_f64;
        for n in 0..9 {
            guess = guess * 10.0 + f64::from(self.digits.get(n).copied().unwrap_or(0));
        }
        // Beyond these ends every f32 is infinite or 0.
        let point = self.point.clamp(-60, 60) - 9;
        for _ in 0..point.unsigned_abs() {
            guess = if point < 0 { guess / 10.0 } else { guess * 10.0 };
        }
        let mut bits = (guess as f32).to_bits();
        while bits < INFINITY && self.is_past(bits) {
            bits += 1;
        }
        while bits > 0 && !self.is_past(bits - 1) {
            bits -= 1;
        }
        bits
    }

    /// Whether the nearest `f32` is above the one with these bits.
    fn is_past(&self, bits: u32) -> bool {
        let (mantissa, exponent) = parts(bits);
        let middle = scaled(2 * mantissa + 1, exponent - 1);
        if bits.is_multiple_of(2) { *self > middle } else { *self >= middle }
    }
}

/// `m` and `e` of `m * 2^e`.
fn parts(bits: u32) -> (u32, i32) {
    let (exponent, fraction) = ((bits >> 23 & 0xff) as i32, bits & 0x7f_ffff);
    if exponent == 0 { (fraction, -149) } else { (fraction | 0x80_0000, exponent - 150) }
}

/// `mantissa * 2^exponent`; below the point it is `mantissa * 5^n / 10^n`.
fn scaled(mantissa: u32, exponent: i32) -> Decimal {
    let mut limbs = vec![mantissa];
    let base = if exponent < 0 { 5_u64 } else { 2 };
    let mut left = exponent.unsigned_abs();
    while left > 0 {
        let n = left.min(13);
        multiply_add(&mut limbs, base.pow(n), 0);
        left -= n;
    }
    let digits = digits(&limbs);
    Decimal::new(digits.len() as i32 + exponent.min(0), digits)
}

/// The digits of a whole number, the highest first; zero has none.
pub(crate) fn whole(count: u128) -> Vec<u8> {
    let mut limbs = Vec::new();
    for word in [96, 64, 32, 0].map(|shift| (count >> shift) as u32) {
        multiply_add(&mut limbs, 1 << 32, word);
    }
    digits(&limbs)
}

/// A number in base [`BASE`], the lowest limb first, times `factor` plus `carry`; `factor` is at most `2^32`.
fn multiply_add(limbs: &mut Vec<u32>, factor: u64, carry: u32) {
    let mut carry = u64::from(carry);
    for limb in limbs.iter_mut() {
        let product = u64::from(*limb) * factor + carry;
        *limb = (product % BASE) as u32;
        carry = product / BASE;
    }
    while carry > 0 {
        limbs.push((carry % BASE) as u32);
        carry /= BASE;
    }
}

fn digits(limbs: &[u32]) -> Vec<u8> {
    let mut digits = Vec::with_capacity(limbs.len() * 9);
    for &limb in limbs {
        let mut rest = limb;
        for _ in 0..9 {
            digits.push((rest % 10) as u8);
            rest /= 10;
        }
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits.reverse();
    digits
}

/// `5`, `+5`, `-5`; what is too large for any number is only large.
fn exponent(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut exponent = 0;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        exponent = (exponent * 10 + i32::from(byte - b'0')).min(100_000_000);
    }
    Some(if negative { -exponent } else { exponent })
}
