//! Diagonal lines, cut to a rectangle and laid out from the figure's origin, so that neighbours join.

use std::f64::consts::SQRT_2;

use convscope_scene::{Point, Rect};

/// From one line to the next along `x`: 8 px across the lines.
const STRIDE: f64 = 8.0 * SQRT_2;

/// The lines `x + y = n · STRIDE`, rising to the right, within `rect`.
pub(super) fn rising(rect: Rect) -> impl Iterator<Item = [Point; 2]> {
    levels(rect.x + rect.y, rect.right() + rect.bottom()).map(move |level| {
        let from = rect.x.max(level - rect.bottom());
        let to = rect.right().min(level - rect.y);
        [Point::new(from, level - from), Point::new(to, level - to)]
    })
}

/// The lines `x − y = n · STRIDE`, falling to the right, within `rect`.
pub(super) fn falling(rect: Rect) -> impl Iterator<Item = [Point; 2]> {
    levels(rect.x - rect.bottom(), rect.right() - rect.y).map(move |level| {
        let from = rect.x.max(level + rect.y);
        let to = rect.right().min(level + rect.bottom());
        [Point::new(from, from - level), Point::new(to, to - level)]
    })
}

/// Multiples of `STRIDE` between `from` and `to`.
fn levels(from: f64, to: f64) -> impl Iterator<Item = f64> {
    let first = (from / STRIDE).ceil();
    let n_levels = ((to / STRIDE).floor() - first + 1.0).max(0.0) as u32;
    (0..n_levels).map(move |idx| (first + f64::from(idx)) * STRIDE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(lines: impl Iterator<Item = [Point; 2]>) -> f64 {
        lines.map(|[from, to]| (to.x - from.x).hypot(to.y - from.y)).sum()
    }

    #[test]
    fn lines_of_neighbours_join() {
        let whole = Rect::new(3.0, 5.0, 80.0, 40.0);
        let (left, right) = (Rect::new(3.0, 5.0, 33.0, 40.0), Rect::new(36.0, 5.0, 47.0, 40.0));
        let rising_apart = length(rising(left)) + length(rising(right));
        let falling_apart = length(falling(left)) + length(falling(right));
        assert!((length(rising(whole)) - rising_apart).abs() < 1e-9);
        assert!((length(falling(whole)) - falling_apart).abs() < 1e-9);
    }

    #[test]
    fn lines_stay_within_the_rectangle() {
        let rect = Rect::new(-7.0, 11.0, 30.0, 50.0);
        for [from, to] in rising(rect).chain(falling(rect)) {
            for point in [from, to] {
                assert!(point.x >= rect.x - 1e-9 && point.x <= rect.right() + 1e-9);
                assert!(point.y >= rect.y - 1e-9 && point.y <= rect.bottom() + 1e-9);
            }
        }
    }
}
