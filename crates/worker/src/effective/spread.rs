//! How far from the centre of a field its effective part reaches.

/// A map of shares, by what it holds where. Positions and radii are in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// The sum of the map: 1, or 0 where no gradient came through at all.
    pub mass: f64,
    /// The smallest radius of a circle around the field's centre that holds 68 % and 95 % of the mass: of a
    /// pixel it holds the whole or nothing, by its centre.
    pub radii: [f64; 2],
    /// The standard deviation of the mass along rows and columns: the width of a Gaussian with these moments.
    pub deviation: [f64; 2],
    /// The share of the mass that lies in the theoretical hull.
    pub in_hull: f64,
    /// Pixels above 4.55 % of the largest one, as Luo and others 2016 count an effective field: its width is
    /// the root of that.
    pub above: u64,
}

/// What the radii of a [`Spread`] hold.
pub const SHARES: [f64; 2] = [0.68, 0.95];

/// Luo and others 2016, section 3: two deviations of a Gaussian.
const ABOVE: f64 = 1.0 - 0.9545;

/// A theoretical field on the input. Both axes, rows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hull {
    /// The first and the last cell, of which some may lie in the padding.
    pub runs: [[i64; 2]; 2],
}

impl Hull {
    fn holds(&self, cell: [i64; 2]) -> bool {
        (0..2).all(|side| self.runs[side][0] <= cell[side] && cell[side] <= self.runs[side][1])
    }
}

impl Spread {
    /// Of a map, row by row, that is `width` pixels wide. The centre is that of the hull, which lies on a pixel
    /// or between two.
    pub fn of(map: &[f32], width: usize, hull: Hull) -> Self {
        let cells = || map.iter().enumerate().map(|(i, &share)| (position(i, width), f64::from(share)));
        let mass: f64 = cells().map(|(_, share)| share).sum();
        if mass <= 0.0 {
            return Self::default();
        }
        let of_mass = |value: &dyn Fn([f64; 2]) -> f64| -> f64 {
            cells().map(|(cell, share)| share * value(cell.map(|at| at as f64))).sum::<f64>() / mass
        };
        let deviation = [0, 1].map(|side| {
            let mean = of_mass(&|cell| cell[side]);
            of_mass(&|cell| (cell[side] - mean).powi(2)).sqrt()
        });
        let in_hull = cells().filter(|(cell, _)| hull.holds(*cell)).map(|(_, share)| share).sum::<f64>();
        let largest = cells().fold(0.0_f64, |most, (_, share)| most.max(share));
        let above = cells().filter(|(_, share)| *share > ABOVE * largest).count() as u64;
        let radii = radii(cells(), mass, hull);
        Self { mass, radii, deviation, in_hull: in_hull / mass, above }
    }
}

fn position(i: usize, width: usize) -> [i64; 2] {
    [i / width.max(1), i % width.max(1)].map(|at| at as i64)
}

/// Distances are compared as whole numbers: twice as far, squared.
fn radii(cells: impl Iterator<Item = ([i64; 2], f64)>, mass: f64, hull: Hull) -> [f64; 2] {
    let squared = |cell: [i64; 2]| -> u128 {
        let twice = |side: usize| {
            let ([first, last], at) = (hull.runs[side], cell[side]);
            (2 * i128::from(at) - i128::from(first) - i128::from(last)).unsigned_abs()
        };
        let [y, x] = [twice(0), twice(1)];
        y.saturating_mul(y).saturating_add(x.saturating_mul(x))
    };
    let mut by_distance: Vec<(u128, f64)> =
        cells.filter(|(_, share)| *share > 0.0).map(|(cell, share)| (squared(cell), share)).collect();
    by_distance.sort_unstable_by_key(|(distance, _)| *distance);
    let mut radii = [0.0; 2];
    let (mut held, mut cells) = (0.0, by_distance.iter().peekable());
    for (radius, share) in radii.iter_mut().zip(SHARES) {
        // All pixels at the same distance are held together; sums are rounded, so a little less will do.
        while let Some((distance, more)) = cells.peek()
            && (held < share * mass * (1.0 - 1e-9) || (*distance as f64).sqrt() / 2.0 <= *radius)
        {
            *radius = (*distance as f64).sqrt() / 2.0;
            held += more;
            cells.next();
        }
    }
    radii[1] = radii[1].max(radii[0]);
    radii
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn hull(rows: [i64; 2], columns: [i64; 2]) -> Hull {
        Hull { runs: [rows, columns] }
    }

    #[test]
    fn one_pixel_has_no_extent() {
        let mut map = vec![0.0; 25];
        map[12] = 1.0;
        let spread = Spread::of(&map, 5, hull([2, 2], [2, 2]));
        let expected = Spread { mass: 1.0, radii: [0.0, 0.0], deviation: [0.0, 0.0], in_hull: 1.0, above: 1 };
        assert_eq!(spread, expected);
    }

    #[test]
    fn a_radius_is_that_of_the_last_pixel_it_needs() {
        // 5 x 5, a ninth in each of the inner nine: the centre and its neighbours hold 5/9, all nine 1.
        let mut map = vec![0.0; 25];
        for (i, cell) in map.iter_mut().enumerate() {
            let [y, x] = position(i, 5);
            *cell = if (1..=3).contains(&y) && (1..=3).contains(&x) { 1.0 / 9.0 } else { 0.0 };
        }
        let spread = Spread::of(&map, 5, hull([0, 4], [0, 4]));
        assert_eq!(spread.radii, [2.0_f64.sqrt(); 2]);
        assert_eq!(spread.above, 9);
        for deviation in spread.deviation {
            assert!((deviation - (2.0_f64 / 3.0).sqrt()).abs() < 1e-6, "{deviation}");
        }
        // 0.6 in the centre and a tenth in each neighbour: 68 % and 95 % both need the neighbours.
        let map = [0.0, 0.1, 0.0, 0.1, 0.6, 0.1, 0.0, 0.1, 0.0];
        assert_eq!(Spread::of(&map, 3, hull([0, 2], [0, 2])).radii, [1.0, 1.0]);
        // Three quarters in the centre hold 68 % already.
        let map = [0.0, 0.0, 0.0, 0.125, 0.75, 0.125, 0.0, 0.0, 0.0];
        assert_eq!(Spread::of(&map, 3, hull([0, 2], [0, 2])).radii, [0.0, 1.0]);
    }

    #[test]
    fn a_centre_may_lie_between_pixels_and_a_hull_beyond_the_map() {
        let map = [0.25; 4];
        let spread = Spread::of(&map, 2, hull([-3, 4], [0, 1]));
        assert_eq!((spread.radii, spread.in_hull), ([0.5_f64.sqrt(); 2], 1.0));
        let spread = Spread::of(&map, 2, hull([0, 0], [0, 1]));
        assert_eq!(spread.in_hull, 0.5);
    }

    #[test]
    fn of_a_gaussian_they_are_those_of_a_gaussian() {
        let (size, sigma) = (121_i64, 12.0_f64);
        let weights: Vec<f64> = (0..size * size)
            .map(|i| {
                let [y, x] = position(i as usize, size as usize).map(|at| (at - 60) as f64);
                (-(y * y + x * x) / (2.0 * sigma * sigma)).exp()
            })
            .collect();
        let sum: f64 = weights.iter().sum();
        let map: Vec<f32> = weights.iter().map(|weight| (weight / sum) as f32).collect();
        let spread = Spread::of(&map, size as usize, hull([0, 120], [0, 120]));
        // A circle of radius r holds 1 - exp(-r^2 / 2 sigma^2).
        for (radius, share) in spread.radii.into_iter().zip(SHARES) {
            let expected = sigma * (-2.0 * (1.0 - share).ln()).sqrt();
            assert!((radius - expected).abs() <= 0.3, "{radius} {expected}");
        }
        assert!((spread.deviation[0] - sigma).abs() <= 0.05, "{:?}", spread.deviation);
        // exp(-r^2 / 2 sigma^2) above 4.55 %: a circle of 2.486 sigma.
        let expected = std::f64::consts::PI * sigma * sigma * -2.0 * ABOVE.ln();
        assert!((spread.above as f64 - expected).abs() <= 0.02 * expected, "{} {expected}", spread.above);
    }

    #[test]
    fn nothing_at_all_is_no_field() {
        assert_eq!(Spread::of(&[0.0; 4], 2, hull([0, 1], [0, 1])), Spread::default());
        assert_eq!(Spread::of(&[], 0, hull([0, 1], [0, 1])), Spread::default());
    }
}
