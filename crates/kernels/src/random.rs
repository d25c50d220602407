//! Numbers from a seed: close to normal, cheap enough for millions of weights, and the same on every machine.

/// A stream of numbers (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
pub struct Random(u64);

/// The mean of eight bytes' sum, and one over its standard deviation: `sqrt(8 * (256^2 - 1) / 12)`.
const MEAN: f32 = 8.0 * 127.5;
const INVERSE_DEVIATION: f32 = 0.004_784_196;

impl Random {
    /// The stream of one use, such as the weights of one layer in one draw.
    pub fn new(seed: u64, draw: u64, layer: u64) -> Self {
        let mut random = Self(seed);
        for part in [draw, layer] {
            random.0 = random.next() ^ part;
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 1 or -1.
    pub fn sign(&mut self) -> f32 {
        if self.next() >> 63 == 0 { 1.0 } else { -1.0 }
    }

    /// Numbers with mean 0 and a given standard deviation: sums of eight bytes, which are as good as normal out
    /// to four deviations.
    pub fn fill_normal(&mut self, numbers: &mut [f32], deviation: f32) {
        let factor = deviation * INVERSE_DEVIATION;
        for number in numbers {
            let bits = self.next();
            // Neighbouring bytes are added in four lanes of 16 bits, and the lanes by one product.
            let pairs = (bits & 0x00FF_00FF_00FF_00FF) + ((bits >> 8) & 0x00FF_00FF_00FF_00FF);
            let sum = pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48;
            *number = (sum as f32 - MEAN) * factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_moments_of_a_normal_distribution() {
        let mut numbers = vec![0.0; 200_000];
        Random::new(1, 2, 3).fill_normal(&mut numbers, 0.5);
        let moment = |power: i32| {
            let sum: f64 = numbers.iter().map(|&x| (f64::from(x) / 0.5).powi(power)).sum();
            sum / numbers.len() as f64
        };
        for (power, expected, within) in [(1, 0.0, 0.01), (2, 1.0, 0.01), (3, 0.0, 0.03), (4, 2.85, 0.05)] {
            let got = moment(power);
            assert!((got - expected).abs() <= within, "moment {power} is {got}, not {expected}");
        }
    }

    #[test]
    fn each_draw_and_each_layer_has_numbers_of_its_own() {
        let first = |seed, draw, layer| Random::new(seed, draw, layer).next();
        let all = [first(0, 0, 0), first(0, 0, 1), first(0, 1, 0), first(1, 0, 0), first(1, 1, 1)];
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b), "{all:?}");
        }
        assert_eq!(first(7, 8, 9), first(7, 8, 9));
    }

    #[test]
    fn signs_are_even() {
        let mut random = Random::new(5, 0, 0);
        let sum: f32 = (0..10_000).map(|_| random.sign()).sum();
        assert!(sum.abs() <= 300.0, "{sum}");
    }
}
