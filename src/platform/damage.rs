//! Where a picture has to be painted again when its marks change: a few rectangles that hold every change.

use std::rc::Rc;

use convscope_scene::{Align, Mark, Paint, Point, Rect, Shape};

use super::raster::pieces;

/// Marks are looked for so far ahead when a list grew or shrank.
const LOOK_AHEAD: usize = 32;
/// Two areas become one where that adds no more than this, in square pixels: each costs some calls.
const SLACK: f64 = 2048.0;

/// Areas of a picture that changed, in CSS pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Damage(Vec<Rect>);

impl Damage {
    /// The areas; they may overlap.
    pub(super) fn areas(&self) -> &[Rect] {
        &self.0
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds what a mark covers.
    pub(super) fn add(&mut self, mark: &Mark) {
        self.add_area(bounds(mark));
    }

    /// Adds a rectangle.
    pub(super) fn add_area(&mut self, mut area: Rect) {
        // What it takes in may reach others.
        while let Some(idx) =
            self.0.iter().position(|it| surface(union(*it, area)) <= surface(*it) + surface(area) + SLACK)
        {
            area = union(self.0.swap_remove(idx), area);
        }
        self.0.push(area);
    }

    /// Adds what differs between two lists of marks.
    ///
    /// Marks that stay keep their order, so nothing changes where only they lie.
    pub(super) fn compare(&mut self, old: &[Mark], new: &[Mark]) {
        let (mut from, mut to) = (0, 0);
        while from < old.len() && to < new.len() {
            if same(&old[from], &new[to]) {
                (from, to) = (from + 1, to + 1);
                continue;
            }
            if let Some(more) = growth(&old[from], &new[to]) {
                self.add(&more);
                (from, to) = (from + 1, to + 1);
                continue;
            }
            let skip = |list: &[Mark], at: usize, wanted: &Mark| {
                list[at..].iter().take(LOOK_AHEAD).position(|it| same(it, wanted))
            };
            let (gone, come) = match (skip(old, from, &new[to]), skip(new, to, &old[from])) {
                (Some(gone), Some(come)) if gone <= come => (gone, 0),
                (_, Some(come)) => (0, come),
                (Some(gone), None) => (gone, 0),
                (None, None) => (1, 1),
            };
            old[from..from + gone].iter().chain(&new[to..to + come]).for_each(|mark| self.add(mark));
            (from, to) = (from + gone, to + come);
        }
        old[from..].iter().chain(&new[to..]).for_each(|mark| self.add(mark));
    }
}

/// Whether two marks look the same. A raster is known by its address: its values may be many.
fn same(a: &Mark, b: &Mark) -> bool {
    let of = |mark: &Mark| match &mark.shape {
        Shape::Raster { rect, raster, cells } => {
            Some((*rect, Rc::as_ptr(raster), cells.clone(), [[0; 2]; 2]))
        }
        Shape::Crop { rect, raster, first, count } => {
            Some((*rect, Rc::as_ptr(raster), 0..0, [*first, *count]))
        }
        _ => None,
    };
    match (of(a), of(b)) {
        (None, None) => a.ink == b.ink && a.shape == b.shape,
        (a_raster, b_raster) => a_raster == b_raster && a.ink == b.ink,
    }
}

/// The cells that one raster shows beyond another that begins with the same.
fn growth(a: &Mark, b: &Mark) -> Option<Mark> {
    let (Shape::Raster { cells: a_cells, .. }, Shape::Raster { rect, raster, cells: b_cells }) =
        (&a.shape, &b.shape)
    else {
        return None;
    };
    let with =
        |cells| Mark { shape: Shape::Raster { rect: *rect, raster: Rc::clone(raster), cells }, ..b.clone() };
    let (end, further) = (a_cells.end.min(b_cells.end), a_cells.end.max(b_cells.end));
    same(a, &with(b_cells.start..a_cells.end)).then(|| with(end..further))
}

/// A rectangle that holds every pixel of a mark.
pub(super) fn bounds(mark: &Mark) -> Rect {
    let style = mark.ink.style();
    // Half of the line lies outside of the shape, and its last pixel may be painted in part.
    let outline = if style.stroke == Paint::None { 0.0 } else { style.stroke_width / 2.0 };
    let reach = outline + 1.0;
    match &mark.shape {
        Shape::Rect { rect, .. } | Shape::Crop { rect, .. } => rect.inset(-reach),
        Shape::Line { from, to } => around(&[*from, *to]).inset(-reach),
        // The points of a mitred outline reach further than its lines.
        Shape::Polygon(points) => around(points).inset(-reach - 10.0 * outline),
        Shape::Dot { centre, radius } => around(&[*centre]).inset(-reach - radius),
        Shape::Dots { centres, radius } => around(centres).inset(-reach - radius),
        Shape::Rects(rects) => rects.iter().copied().reduce(union).unwrap_or_default().inset(-reach),
        Shape::Lines(lines) => around(lines.as_flattened()).inset(-reach),
        Shape::Text { at, text, size, align } => {
            // No digit is wider than it is high.
            let width = text.chars().count() as f64 * size;
            let left = match align {
                Align::Start => at.x,
                Align::Middle => at.x - width / 2.0,
                Align::End => at.x - width,
            };
            Rect::new(left, at.y - size, width, 2.0 * size).inset(-reach)
        }
        Shape::Raster { rect, raster, cells } => {
            let [cell_width, cell_height] =
                [rect.width / f64::from(raster.width), rect.height / f64::from(raster.height)];
            let shown = pieces(cells, [raster.height, raster.width]).map(|[x, y, width, height]| {
                let [x, y, width, height] = [x, y, width, height].map(f64::from);
                let (left, top) = (rect.x + x * cell_width, rect.y + y * cell_height);
                Rect::new(left, top, width * cell_width, height * cell_height)
            });
            shown.reduce(union).unwrap_or_default().inset(-reach)
        }
    }
}

/// The smallest rectangle with both in it.
fn union(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect::new(x, y, a.right().max(b.right()) - x, a.bottom().max(b.bottom()) - y)
}

fn surface(rect: Rect) -> f64 {
    rect.width * rect.height
}

/// The smallest rectangle with all points in it; empty without points.
pub(super) fn around(points: &[Point]) -> Rect {
    points.iter().map(|point| Rect::new(point.x, point.y, 0.0, 0.0)).reduce(union).unwrap_or_default()
}

/// Whether two rectangles have a common point inside.
pub(super) fn meet(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

#[cfg(test)]
mod tests {
    use convscope_scene::Ink;

    use super::*;

    fn cell(idx: usize, ink: Ink) -> Mark {
        Mark::rect(Rect::new(100.0 * idx as f64, 0.0, 10.0, 10.0), ink)
    }

    /// The list with some cells in another ink or left out.
    fn cells(mut ink: impl FnMut(usize) -> Option<Ink>) -> Vec<Mark> {
        (0..60).filter_map(|idx| ink(idx).map(|ink| cell(idx, ink))).collect()
    }

    #[track_caller]
    fn check(old: &[Mark], new: &[Mark], changed: &[usize]) {
        let mut damage = Damage::default();
        damage.compare(old, new);
        for idx in 0..60 {
            let hit = damage.areas().iter().any(|area| meet(*area, bounds(&cell(idx, Ink::OutputNow))));
            assert_eq!(hit, changed.contains(&idx), "cell {idx} in {damage:?}");
        }
    }

    #[test]
    fn only_what_changed_is_damaged() {
        let whole = cells(|_| Some(Ink::InputCell));
        check(&whole, &whole, &[]);
        check(&whole, &cells(|idx| Some(if idx == 7 { Ink::OutputNow } else { Ink::InputCell })), &[7]);
        let fewer = cells(|idx| (!(20..29).contains(&idx)).then_some(Ink::InputCell));
        check(&whole, &fewer, &[20, 21, 22, 23, 24, 25, 26, 27, 28]);
        check(&fewer, &whole, &[20, 21, 22, 23, 24, 25, 26, 27, 28]);
        check(&[], &whole[3..4], &[3]);
        check(&whole[58..], &[], &[58, 59]);
    }

    #[test]
    fn a_mark_that_moved_damages_both_places() {
        let window = |idx| vec![cell(1, Ink::InputCell), cell(idx, Ink::Window), cell(9, Ink::InputCell)];
        check(&window(3), &window(5), &[3, 5]);
    }

    #[test]
    fn marks_that_change_places_are_damaged() {
        let (under, over) = (cell(4, Ink::InputCell), cell(4, Ink::OutputNow));
        check(&[under.clone(), over.clone()], &[over, under], &[4]);
    }

    #[test]
    fn neighbours_become_one_area() {
        let mut damage = Damage::default();
        for y in 0..9 {
            for x in 0..9 {
                damage.add(&Mark::rect(
                    Rect::new(32.0 * f64::from(x), 32.0 * f64::from(y), 32.0, 32.0),
                    Ink::InputCell,
                ));
            }
        }
        assert_eq!(damage.areas().len(), 1);
        damage.add(&Mark::rect(Rect::new(900.0, 900.0, 5.0, 5.0), Ink::InputCell));
        assert_eq!(damage.areas().len(), 2);
    }

    #[test]
    fn bounds_hold_the_outline() {
        let window = bounds(&Mark::rounded(Rect::new(10.0, 10.0, 30.0, 30.0), 2.0, Ink::Window));
        assert!(window.x <= 8.5 && window.right() >= 41.5, "{window:?}");
        let text = bounds(&Mark::text(Point::new(50.0, 50.0), "−12.5", 12.0, Align::End, Ink::CellValue));
        assert!(text.x < 20.0 && text.right() >= 50.0 && text.y < 44.0 && text.bottom() > 56.0, "{text:?}");
    }
}
