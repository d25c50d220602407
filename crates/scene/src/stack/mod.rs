//! A network as its maps, from the input to the last, with the field of one unit on each of them.
//!
//! The maps stand still; what belongs to a unit is made for each unit, in a few marks however large the maps
//! are, so that moving it costs little.
//! Holes and padding come from exact sets of cells ([`Region`](convscope_core::graph::Region)), never from sizes.

mod choose;
mod effective;
mod layout;
mod marks;
mod pyramid;
mod region;

use std::cell::RefCell;
use std::rc::Rc;

use convscope_core::graph::{Analysis, NodeId, Projection};

use crate::geom::{Point, Rect, Size};
use crate::scene::{Mark, Raster, Scene};
use choose::Shown;
use layout::{Layout, Place, Wanted};

pub use effective::{EffectiveField, effective_field};
pub use pyramid::{Pyramid, Window};

/// What a figure of a network wants to have said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The title of a map: "1 Conv 3 × 3".
    Title(NodeId),
    /// The size of a map: "14 × 14 × 8".
    Size(NodeId),
    /// How much of a map belongs to the unit, height and width with padding: "region 8 × 8", on the input
    /// "field 10 × 10".
    Region(NodeId, [u64; 2]),
    /// The unit itself, or a pixel, `[row, column]`: "unit (1, 4)".
    Unit(NodeId, [u64; 2]),
    /// How many units of a map see the unit, height and width: "seen by 3 × 3".
    Seen(NodeId, [u64; 2]),
    /// The name of a row of units: "4 Conv".
    Row(NodeId),
    /// So many layers are not shown: "12 layers".
    Hidden(u64),
}

/// Says words.
pub type Words = Rc<dyn Fn(Word) -> String>;

/// A unit of a node's map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Whose.
    pub node: NodeId,
    /// Row and column.
    pub at: [u64; 2],
}

/// A unit with what it sees, and who sees it.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// The unit.
    pub unit: Unit,
    /// What it reads: [`Analysis::project`].
    pub reads: &'a Projection,
    /// Which units see it, where that is to be shown: [`Analysis::seen_by`].
    pub seen_by: Option<&'a Projection>,
}

/// The maps of a network side by side, laid out for a room.
#[derive(Clone)]
pub struct FieldFigure {
    shown: Vec<Shown>,
    layout: Layout,
    picture: Option<Rc<Raster>>,
    source: Option<NodeId>,
    words: Words,
}

impl FieldFigure {
    /// Lays out as many maps as fit `room`, on the way from the input through `selected` to the end: always the
    /// input, `selected` and the last one; then the last of each resolution; then others.
    ///
    /// `picture` is what the input shows, of any resolution and of its proportion. Without maps (an impossible
    /// `selected`) the figure is empty.
    pub fn new(
        analysis: &Analysis,
        selected: NodeId,
        picture: Option<Rc<Raster>>,
        words: Words,
        room: Size,
    ) -> Self {
        let way = choose::way(analysis, selected);
        let corners = Corners::default();
        let wanted = |shown: &Shown| {
            let letters =
                [Word::Title(shown.node), Word::Size(shown.node), Word::Region(shown.node, [200; 2])];
            let letters = letters.map(|word| words(word).chars().count());
            let counted = shown.hidden > 0;
            let letters = letters.into_iter().max().unwrap_or(0);
            Wanted { size: shown.size, beyond: [0; 4], letters, counted }
        };
        let maps = |shown: &[Shown]| {
            let mut maps: Vec<Wanted> = shown.iter().map(wanted).collect();
            corners.reach_beyond(analysis, shown, &mut maps);
            maps
        };
        let fits = |shown: &[Shown]| layout::fits(&maps(shown), room);
        let shown = choose::choose(&way.candidates, way.selected, fits);
        let maps = maps(&shown);
        let layout = Layout::new(&maps, room);
        Self { shown, layout, picture, source: analysis.source(), words }
    }

    /// The room it takes.
    pub fn size(&self) -> Size {
        self.layout.size
    }

    /// The nodes whose maps are shown, from left to right.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + '_ {
        self.shown.iter().map(|it| it.node)
    }

    /// Rows and columns of a map that is shown.
    pub fn map_size(&self, node: NodeId) -> Option<[u64; 2]> {
        self.find(node).map(|(shown, _)| shown.size)
    }

    /// Maps, pictures, titles: what does not depend on the unit.
    pub fn still(&self) -> Vec<Mark> {
        marks::still(self)
    }

    /// What belongs to a unit. A unit beyond its map has nothing.
    pub fn moving(&self, sight: &Sight) -> Vec<Mark> {
        marks::moving(self, sight)
    }

    /// The whole picture.
    pub fn scene(&self, sight: &Sight) -> Scene {
        let mut marks = self.still();
        marks.extend(self.moving(sight));
        Scene { size: self.size(), marks }
    }

    /// The unit under a point; a little beyond the edge of a map the nearest one.
    pub fn hit(&self, point: Point) -> Option<Unit> {
        const SLACK: f64 = 6.0;
        let (shown, place) = self.maps().find(|(_, place)| place.rect.inset(-SLACK).contains(point))?;
        let cell = |at: f64, side: usize| {
            (at / place.cell[side]).floor().clamp(0.0, shown.size[side].saturating_sub(1) as f64) as u64
        };
        let at = [cell(point.y - place.rect.y, 0), cell(point.x - place.rect.x, 1)];
        Some(Unit { node: shown.node, at })
    }

    /// Where a unit is drawn; `None` where its map is not shown or has no such unit.
    pub fn unit_rect(&self, unit: Unit) -> Option<Rect> {
        let (shown, place) = self.find(unit.node)?;
        if (0..2).any(|side| unit.at[side] >= shown.size[side]) {
            return None;
        }
        let at = unit.at.map(|cell| i64::try_from(cell).unwrap_or(i64::MAX));
        Some(place.block(at, at))
    }

    /// Where a map is drawn.
    pub fn map_rect(&self, node: NodeId) -> Option<Rect> {
        self.find(node).map(|(_, place)| place.rect)
    }

    fn maps(&self) -> impl Iterator<Item = (&Shown, &Place)> {
        self.shown.iter().zip(&self.layout.places)
    }

    fn find(&self, node: NodeId) -> Option<(&Shown, &Place)> {
        self.maps().find(|(shown, _)| shown.node == node)
    }
}

/// What the units in the corners of maps see: no others of their maps see further. Each is worked out once.
#[derive(Default)]
struct Corners(RefCell<Vec<(NodeId, Vec<Projection>)>>);

impl Corners {
    /// How far the fields of all units of later maps reach beyond each map.
    fn reach_beyond(&self, analysis: &Analysis, shown: &[Shown], maps: &mut [Wanted]) {
        let mut known = self.0.borrow_mut();
        for (idx, reader) in shown.iter().enumerate() {
            let place = known.iter().position(|(node, _)| *node == reader.node).unwrap_or_else(|| {
                let corners = [[0, 0], reader.size.map(|n| n.saturating_sub(1))];
                let projections = corners.into_iter().filter_map(|at| analysis.project(reader.node, at).ok());
                known.push((reader.node, projections.collect()));
                known.len() - 1
            });
            for projection in &known[place].1 {
                for (read, map) in shown[..idx].iter().zip(maps.iter_mut()) {
                    let Ok(region) = projection.region(read.node) else { continue };
                    for side in 0..2 {
                        let Some([first, last]) = region.hull(side) else { continue };
                        let after = i128::from(last) + 1 - i128::from(read.size[side]);
                        let before = first.min(0).unsigned_abs();
                        map.beyond[side] = map.beyond[side].max(before);
                        map.beyond[side + 2] = map.beyond[side + 2].max(u64::try_from(after).unwrap_or(0));
                    }
                }
            }
        }
    }
}

/// A text of at most so many letters, its end left out where there are more.
fn cut(text: String, most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    let mut kept: String = text.chars().take(most.saturating_sub(1)).collect();
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}
