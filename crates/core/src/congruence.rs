//! Counting windows and taps without trying each: sizes from a link may be far too large for that.
//!
//! `u * a + v * b = sum` has solutions when `gcd(a, b)` divides `sum`; then `u` runs in steps of
//! `b / gcd(a, b)`.

/// Solutions `(u, v)` of `u * a + v * b = sum`, in the order of `u`: an arithmetic progression.
#[derive(Clone, Copy)]
pub(crate) struct Solutions {
    sum: u64,
    a: u64,
    b: u64,
    first: u64,
    step: u64,
    count: u64,
}

impl Solutions {
    pub(crate) const NONE: Self = Self { sum: 0, a: 1, b: 1, first: 0, step: 1, count: 0 };

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn pairs(self) -> impl Iterator<Item = (u64, u64)> {
        (0..self.count).map(move |i| {
            let u = self.first + i * self.step;
            (u, (self.sum - u * self.a) / self.b)
        })
    }
}

/// Solves `u * a + v * b = sum` for `u` in `0..n_u` and `v` in `0..n_v`.
///
/// All of `a`, `b`, `n_u` and `n_v` are at least 1, and `(n_v - 1) * b` fits in `u64`.
pub(crate) fn solve(sum: u64, [a, n_u]: [u64; 2], [b, n_v]: [u64; 2]) -> Solutions {
    let (divisor, inverse) = gcd_and_inverse(a, b);
    if !sum.is_multiple_of(divisor) {
        return Solutions::NONE;
    }
    // u = sum / a modulo step: with the common divisor taken out there is one residue.
    let step = b / divisor;
    let wide = u128::from(step);
    let residue = u128::from(sum / divisor) % wide * u128::from(inverse) % wide;
    let lowest = sum.saturating_sub((n_v - 1) * b).div_ceil(a);
    let highest = (sum / a).min(n_u - 1);
    let to_residue = (residue + u128::from(step - lowest % step)) % wide;
    match u64::try_from(u128::from(lowest) + to_residue) {
        Ok(first) if first <= highest => {
            Solutions { sum, a, b, first, step, count: (highest - first) / step + 1 }
        }
        _ => Solutions::NONE,
    }
}

/// The sum of `floor((a * i + b) / m)` over `i` in `0..n`, by Euclid's algorithm.
pub(crate) fn floor_sum(mut n: u128, mut m: u128, mut a: u128, mut b: u128) -> u128 {
    let mut sum = 0;
    while n > 0 {
        sum += n * (n - 1) / 2 * (a / m) + n * (b / m);
        (a, b) = (a % m, b % m);
        let last = a * n + b;
        (n, b) = (last / m, last % m);
        (m, a) = (a, m);
    }
    sum
}

/// The greatest common divisor `g` of both, and the inverse of `a / g` modulo `modulus / g`.
fn gcd_and_inverse(a: u64, modulus: u64) -> (u64, u64) {
    let (mut r, mut next_r) = (i128::from(a), i128::from(modulus));
    let (mut x, mut next_x) = (1_i128, 0_i128);
    while next_r != 0 {
        let quotient = r / next_r;
        (r, next_r) = (next_r, r - quotient * next_r);
        (x, next_x) = (next_x, x - quotient * next_x);
    }
    // Both lie within the arguments, and so within u64.
    let inverse = x.rem_euclid(i128::from(modulus) / r);
    (r as u64, inverse as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_solution_is_found_once_and_in_order() {
        for (a, b) in (1..=6).flat_map(|a| (1..=6).map(move |b| (a, b))) {
            for (n_u, n_v) in (1..=4).flat_map(|n_u| (1..=4).map(move |n_v| (n_u, n_v))) {
                for sum in 0..40 {
                    let pairs = (0..n_u).flat_map(|u| (0..n_v).map(move |v| (u, v)));
                    let expected: Vec<_> = pairs.filter(|(u, v)| u * a + v * b == sum).collect();
                    let solutions = solve(sum, [a, n_u], [b, n_v]);
                    assert_eq!(solutions.pairs().collect::<Vec<_>>(), expected);
                    assert_eq!(solutions.count(), expected.len() as u64);
                }
            }
        }
    }

    #[test]
    fn floor_sum_is_the_sum_term_by_term() {
        for (n, m) in (0..6).flat_map(|n| (1..6).map(move |m| (n, m))) {
            for (a, b) in (0..9).flat_map(|a| (0..9).map(move |b| (a, b))) {
                let expected: u128 = (0..n).map(|i| (a * i + b) / m).sum();
                assert_eq!(floor_sum(n, m, a, b), expected, "{n} {m} {a} {b}");
            }
        }
    }

    #[test]
    fn the_inverse_is_one_beyond_32_bits_too() {
        let (a, modulus) = (u64::MAX - 58, (1 << 63) - 25);
        let (divisor, inverse) = gcd_and_inverse(a, modulus);
        assert_eq!(divisor, 1);
        assert_eq!(u128::from(a) * u128::from(inverse) % u128::from(modulus), 1);
    }
}
