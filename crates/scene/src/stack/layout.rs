//! Where the maps stand: the input as large as the room lets it, the others beside it, all on one axis.
//!
//! A map's longest side goes with the square root of its cells there, so that small maps can still be pointed
//! at. Beyond its edges stays room for the padding that fields reach into; a field that reaches further is cut.

use crate::geom::{Point, Rect, Size};

/// Below this width the figure is that of a phone.
const NARROW: f64 = 560.0;
/// How high the largest map may be, at least and at most.
const HEIGHT: [f64; 2] = [150.0, 340.0];
/// Of how many maps how large the input is, in parts of the room's width, and the longest side behind it in sides
/// of the input.
fn shares(n_maps: usize, narrow: bool) -> [f64; 2] {
    match n_maps {
        _ if narrow => [0.4, 0.6],
        0..=5 => [0.26, 0.6],
        6 => [0.2, 0.54],
        _ => [0.17, 0.48],
    }
}
/// No side is drawn shorter, in pixels: the longest of a map, and the other one.
const SHORTEST: [f64; 2] = [44.0, 10.0];
/// The most room beyond an edge for padding, in pixels: of the input, and of other maps; and on a phone.
const OVERHANG: [f64; 2] = [36.0, 12.0];
const NARROW_OVERHANG: [f64; 2] = [16.0, 6.0];
/// Longer texts are cut.
const MOST_LETTERS: usize = 17;
/// Between two columns, at least and at most; and where layers between are counted.
const GAP: [f64; 2] = [40.0, 200.0];
const COUNTED_GAP: f64 = 58.0;
/// Room for title and two lines below the maps.
pub(super) const CAPTIONS: f64 = 70.0;
/// The type of a title, and of the lines below it.
pub(super) const TYPE: [f64; 2] = [14.0, 13.0];
/// How wide a letter is on average, in sizes of the type.
const LETTER: f64 = 0.51;

/// What the layout knows of a map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    /// Rows and columns.
    pub(super) size: [u64; 2],
    /// How far fields reach beyond it, in cells: top, left, bottom, right.
    pub(super) beyond: [u64; 4],
    /// The longest line of text below it, in letters.
    pub(super) letters: usize,
    /// Whether layers are left out before it.
    pub(super) counted: bool,
}

/// Where a map stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// The map itself.
    pub(super) rect: Rect,
    /// The map and the room for padding around it.
    pub(super) room: Rect,
    /// Height and width of a cell.
    pub(super) cell: [f64; 2],
}

impl Place {
    /// Where cells from `first` to `last` are, `[row, column]`, not cut.
    pub(super) fn block(&self, first: [i64; 2], last: [i64; 2]) -> Rect {
        let [height, width] = self.cell;
        let at = |cell: i64, origin: f64, side: f64| origin + cell as f64 * side;
        let (x, y) = (at(first[1], self.rect.x, width), at(first[0], self.rect.y, height));
        Rect::new(
            x,
            y,
            at(last[1].saturating_add(1), self.rect.x, width) - x,
            at(last[0].saturating_add(1), self.rect.y, height) - y,
        )
    }

    /// The shorter side of a cell.
    pub(super) fn cell_side(&self) -> f64 {
        self.cell[0].min(self.cell[1])
    }
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) places: Vec<Place>,
    /// The middle of title and lines below each map.
    pub(super) captions: Vec<Point>,
    /// How many letters of a title fit below each map.
    pub(super) letters: Vec<usize>,
    /// The middle of each map's wedge from the one before, at the height of the axis.
    pub(super) gaps: Vec<Point>,
}

/// The widths of one arrangement.
struct Widths {
    sides: Vec<[f64; 2]>,
    overhangs: Vec<[f64; 4]>,
    columns: Vec<f64>,
    margin: f64,
    least: f64,
}

impl Widths {
    fn new(maps: &[Wanted], room: Size) -> Self {
        let narrow = room.width < NARROW;
        let margin = if narrow { 12.0 } else { 24.0 };
        let high = if room.height.is_finite() { room.height - CAPTIONS - 16.0 } else { HEIGHT[1] };
        let high = high.clamp(HEIGHT[0], HEIGHT[1]);
        let [of_room, behind] = shares(maps.len(), narrow);
        let longest = |size: [u64; 2]| size[0].max(size[1]).max(1) as f64;
        // What padding may take above and below the input is taken from its height.
        let beyond = maps.first().map_or(0.0, |map| {
            let most = if narrow { NARROW_OVERHANG } else { OVERHANG }[0];
            let cell = high / longest(map.size);
            [0, 2].map(|edge: usize| (map.beyond[edge] as f64 * cell).min(most)).iter().sum()
        });
        let first = (high - (beyond - 8.0).max(24.0)).min(of_room * room.width).max(120.0).floor();
        let most = maps.iter().skip(1).map(|map| longest(map.size)).fold(1.0, f64::max);
        let mut sides = Vec::with_capacity(maps.len());
        let mut overhangs = Vec::with_capacity(maps.len());
        let mut columns = Vec::with_capacity(maps.len());
        for (idx, map) in maps.iter().enumerate() {
            let side = if idx == 0 { first } else { behind * first * (longest(map.size) / most).sqrt() };
            let cell = (side / longest(map.size)).min(64.0);
            // Lines between cells want whole pixels.
            let cell = if cell >= 5.0 { cell.floor() } else { cell };
            let side = (cell * longest(map.size)).round().max(if idx == 0 { 0.0 } else { SHORTEST[0] });
            let cell = side / longest(map.size);
            let extent = map.size.map(|n| (n.max(1) as f64 * cell).round().max(SHORTEST[1]));
            let most = if narrow { NARROW_OVERHANG } else { OVERHANG }[idx.min(1)];
            let cells = [0, 1].map(|side| extent[side] / map.size[side].max(1) as f64);
            let overhang =
                [0, 1, 2, 3].map(|edge| (map.beyond[edge] as f64 * cells[edge % 2]).min(most).ceil());
            let wide = extent[1] + overhang[1] + overhang[3];
            let text =
                map.letters.min(MOST_LETTERS) as f64 * LETTER * TYPE[1] * if narrow { 0.92 } else { 1.0 };
            sides.push(extent);
            overhangs.push(overhang);
            columns.push(wide.max(text).ceil());
        }
        let gap = |map: &Wanted| if map.counted { COUNTED_GAP } else { GAP[0] };
        let least =
            maps.iter().skip(1).map(|map| if narrow && !map.counted { GAP[0] * 0.7 } else { gap(map) }).sum();
        Self { sides, overhangs, columns, margin, least }
    }

    fn fit(&self, room: Size) -> bool {
        self.columns.iter().sum::<f64>() + self.least + 2.0 * self.margin <= room.width
    }
}

/// Whether maps fit side by side into the width of a room.
pub(super) fn fits(maps: &[Wanted], room: Size) -> bool {
    Widths::new(maps, room).fit(room)
}

impl Layout {
    /// Lays maps out in `room`; what does not fit stands as close as it may, and is wider.
    pub(super) fn new(maps: &[Wanted], room: Size) -> Self {
        let widths = Widths::new(maps, room);
        let n_gaps = maps.len().saturating_sub(1).max(1) as f64;
        let taken: f64 = widths.columns.iter().sum();
        let free = room.width - 2.0 * widths.margin - taken;
        let gap = (free / n_gaps).clamp(widths.least / n_gaps, GAP[1]);
        let used = taken + gap * (n_gaps - if maps.len() < 2 { 1.0 } else { 0.0 });
        let margin = ((room.width - used) / 2.0).max(widths.margin);
        let above = |idx: usize| widths.overhangs[idx][0] + widths.sides[idx][0] / 2.0;
        let below = |idx: usize| widths.overhangs[idx][2] + widths.sides[idx][0] / 2.0;
        let most = |of: &dyn Fn(usize) -> f64| (0..maps.len()).map(of).fold(0.0, f64::max);
        let axis = (most(&above) + 8.0).round();
        let mut places = Vec::with_capacity(maps.len());
        let mut captions = Vec::with_capacity(maps.len());
        let mut gaps = Vec::with_capacity(maps.len());
        let mut letters = Vec::with_capacity(maps.len());
        let mut x = margin;
        for (idx, map) in maps.iter().enumerate() {
            let [height, width] = widths.sides[idx];
            let [top, left, bottom, right] = widths.overhangs[idx];
            let column = widths.columns[idx];
            let left_edge = (x + (column - width - left - right) / 2.0 + left).round();
            let rect = Rect::new(left_edge, (axis - height / 2.0).round(), width, height);
            let room = Rect::new(rect.x - left, rect.y - top, width + left + right, height + top + bottom);
            let cell = [height / map.size[0].max(1) as f64, width / map.size[1].max(1) as f64];
            places.push(Place { rect, room, cell });
            captions.push(Point::new((x + column / 2.0).round(), room.bottom() + 18.0));
            // A title may reach into the gaps at its sides, and half into the margin.
            letters.push(((column + gap.min(2.0 * margin) - 6.0) / (0.58 * TYPE[0])) as usize);
            gaps.push(Point::new((x - gap / 2.0).round(), axis));
            x += column + gap;
        }
        let height = axis + most(&below) + CAPTIONS;
        Self {
            size: Size::new((x - gap + margin).max(room.width), height.round()),
            places,
            captions,
            letters,
            gaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(size: u64, beyond: u64) -> Wanted {
        Wanted { size: [size; 2], beyond: [beyond; 4], letters: 14, counted: false }
    }

    const DESK: Size = Size::new(1366.0, 460.0);
    const PHONE: Size = Size::new(358.0, 460.0);

    #[test]
    fn maps_stand_on_one_axis_and_nothing_overlaps() {
        for room in [DESK, PHONE, Size::new(744.0, 300.0)] {
            let maps = [map(224, 9), map(224, 1), map(56, 1), map(7, 1)];
            let kept = (2..=maps.len()).rev().find(|n| fits(&maps[..*n], room)).unwrap();
            let layout = Layout::new(&maps[..kept], room);
            for pair in layout.places.windows(2) {
                assert!(pair[0].room.right() + 20.0 <= pair[1].room.x, "{pair:?}");
                let apart = pair[0].rect.centre().y - pair[1].rect.centre().y;
                assert!(apart.abs() <= 1.0, "{pair:?}");
            }
            let last = layout.places.last().unwrap();
            assert!(layout.places[0].room.x >= 0.0 && last.room.right() <= room.width, "{layout:?}");
            assert!(layout.places.iter().all(|place| place.room.y >= 0.0));
            assert!(layout.captions.iter().all(|at| at.y + 40.0 <= layout.size.height));
        }
    }

    #[test]
    fn a_wide_room_takes_more_maps_than_a_phone() {
        let maps = [map(224, 9), map(224, 1), map(112, 1), map(56, 1), map(28, 1), map(14, 1), map(7, 1)];
        assert!(fits(&maps, DESK));
        assert!(!fits(&maps[..4], PHONE));
        assert!(fits(&maps[..2], PHONE));
    }

    #[test]
    fn small_maps_can_be_pointed_at_and_padding_is_cut() {
        let layout = Layout::new(&[map(224, 500), map(224, 0), map(1, 0)], DESK);
        let [input, _, one] = layout.places[..] else { panic!("{layout:?}") };
        assert!(one.rect.width >= 44.0, "{one:?}");
        assert_eq!(input.rect.x - input.room.x, OVERHANG[0]);
        assert_eq!(input.block([0, 0], [223, 223]), input.rect);
    }

    #[test]
    fn maps_that_are_not_square_keep_their_proportion() {
        let wide = Wanted { size: [10, 40], ..map(1, 0) };
        let layout = Layout::new(&[wide.clone(), wide], DESK);
        for place in &layout.places {
            assert!((place.rect.width / place.rect.height - 4.0).abs() < 0.3, "{place:?}");
        }
        // One row of a thousand cells is still there.
        let line = Layout::new(&[Wanted { size: [1, 1000], ..map(1, 0) }, map(1, 0)], DESK);
        assert!(line.places[0].rect.height >= 10.0);
    }
}
