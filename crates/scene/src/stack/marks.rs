//! The marks of a field figure: maps that stand still, and a unit's regions over them.

use convscope_core::graph::{NodeId, Region};

use super::choose::Shown;
use super::layout::{Place, TYPE};
use super::region::{self, Hull};
use super::{FieldFigure, Sight, Word, cut};
use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::scene::{Align, Mark, Shape};

/// From here on lines between cells are drawn, and cells that are read have outlines of their own.
const LINES_FROM: f64 = 5.0;
/// From here on a hole has a ring.
const RINGS_FROM: f64 = 6.0;
/// A unit is drawn at least so large.
const LEAST_UNIT: f64 = 6.0;
/// How far apart the lines below a map are.
const LINE: f64 = 18.0;

pub(super) fn still(figure: &FieldFigure) -> Vec<Mark> {
    let mut marks = Vec::new();
    let captions = figure.layout.captions.iter().zip(&figure.layout.letters);
    for ((shown, place), (at, letters)) in figure.maps().zip(captions) {
        let is_input = Some(shown.node) == figure.source;
        match figure.picture.as_ref().filter(|_| is_input) {
            Some(raster) => {
                let exact = [u64::from(raster.height), u64::from(raster.width)] == shown.size;
                let n_cells = u64::from(raster.width) * u64::from(raster.height);
                let shape = Shape::Raster { rect: place.rect, raster: raster.clone(), cells: 0..n_cells };
                let ink = if exact { Ink::Picture } else { Ink::Photograph };
                marks.push(Mark { shape, ink, part: None });
            }
            None => {
                let ground = if is_input { Ink::InputCell } else { Ink::MapGround };
                marks.push(Mark::rect(place.rect, ground));
                if place.cell_side() >= LINES_FROM {
                    marks.push(Mark::lines(grid(place.rect, place), Ink::MapLine));
                }
            }
        }
        marks.push(Mark::rect(place.rect, if is_input { Ink::InputFrame } else { Ink::MapEdge }));
        let title = if is_input { Ink::InputTitle } else { Ink::MapTitle };
        let say = |word, line: f64, size, ink| {
            let text = cut((figure.words)(word), *letters);
            Mark::text(Point::new(at.x, at.y + line * LINE), text, size, Align::Middle, ink)
        };
        marks.push(say(Word::Title(shown.node), 0.0, TYPE[0], title));
        marks.push(say(Word::Size(shown.node), 1.0, TYPE[1], Ink::Caption));
    }
    marks
}

/// The lines between the cells of a block, without its outline.
fn grid(block: Rect, place: &Place) -> Vec<[Point; 2]> {
    let [height, width] = place.cell;
    let inner = |extent: f64, cell: f64| 1..((extent / cell).round() as u32).max(1);
    let across = inner(block.height, height).map(|n| {
        let y = block.y + f64::from(n) * height;
        [Point::new(block.x, y), Point::new(block.right(), y)]
    });
    let down = inner(block.width, width).map(|n| {
        let x = block.x + f64::from(n) * width;
        [Point::new(x, block.y), Point::new(x, block.bottom())]
    });
    across.chain(down).collect()
}

pub(super) fn moving(figure: &FieldFigure, sight: &Sight) -> Vec<Mark> {
    let mut marks = Vec::new();
    let Some(unit_rect) = figure.unit_rect(sight.unit).or_else(|| {
        // The unit of a map that is not shown has its regions all the same.
        figure.find(sight.unit.node).is_none().then(Rect::default)
    }) else {
        return marks;
    };
    let chosen = sight.unit.node;
    let region_of = |node: NodeId| -> Option<&Region> {
        let of = if node <= chosen { Some(sight.reads) } else { sight.seen_by };
        of?.region(node).ok().filter(|region| !region.is_empty())
    };
    let mut outlines: Vec<Option<Hull>> = Vec::with_capacity(figure.shown.len());
    for (shown, place) in figure.maps() {
        let region = region_of(shown.node);
        let hull = region.and_then(|region| Hull::of(place, region));
        if let (Some(region), Some(hull)) = (region, &hull) {
            if shown.node > chosen {
                marks.push(seen(place, region, hull));
            } else if shown.node < chosen {
                let is_picture = figure.picture.is_some() && Some(shown.node) == figure.source;
                read(&mut marks, place, region, hull, is_picture);
            }
        }
        outlines.push(hull);
    }
    for (idx, pair) in outlines.windows(2).enumerate() {
        let [Some(from), Some(to)] = pair else { continue };
        wedge(&mut marks, from.rect, to.rect, figure.shown[idx].node < chosen);
    }
    for ((shown, place), hull) in figure.maps().zip(&outlines) {
        let Some(hull) = hull else { continue };
        if shown.node == chosen {
            // A pixel shows what it is.
            let is_pixel = figure.picture.is_some() && Some(chosen) == figure.source;
            unit(&mut marks, unit_rect, if is_pixel { Ink::RfThinFrame } else { Ink::RfUnit });
        } else {
            let ink = match (shown.node > chosen, Some(shown.node) == figure.source) {
                (true, _) => Ink::SeenFrame,
                (false, true) => Ink::RfFrame,
                (false, false) => Ink::RfThinFrame,
            };
            outline(&mut marks, hull, ink, place);
        }
    }
    captions(figure, &mut marks, sight, &outlines);
    marks
}

/// What of a map is read: bright on a picture, tinted on other maps; holes and padding apart.
fn read(marks: &mut Vec<Mark>, place: &Place, region: &Region, hull: &Hull, is_picture: bool) {
    let holes = region::holes(place, region, hull);
    let cell = place.cell_side();
    let inside = hull.on_map(place);
    if is_picture {
        veil(marks, place.rect, inside);
        match holes {
            Some(holes) if !holes.is_empty() => marks.push(Mark::rects(holes, Ink::HoleVeil)),
            _ => {}
        }
    } else if let Some(inside) = inside {
        match holes {
            Some(holes) if !holes.is_empty() && cell >= LINES_FROM => {
                marks.push(Mark::rects(region::read_cells(place, region, hull), Ink::RfCell));
            }
            Some(holes) if !holes.is_empty() => {
                marks.push(Mark::rect(inside, Ink::RfDense));
                marks.push(Mark::rects(holes, Ink::MapGround));
            }
            _ => {
                marks.push(Mark::rect(inside, Ink::RfCell));
                if cell >= LINES_FROM {
                    marks.push(Mark::lines(grid(inside, place), Ink::RfLine));
                }
            }
        }
    }
    if is_picture && cell >= RINGS_FROM {
        let centres = region::hole_centres(place, region, hull);
        if !centres.is_empty() {
            marks.push(Mark::dots(centres, (cell * 0.2).clamp(1.5, 4.0), Ink::HoleRing));
        }
    }
    let padding = hull.padding(place);
    if !padding.is_empty() {
        marks.push(Mark::rects(padding.clone(), Ink::PadGround));
        marks.push(Mark::rects(padding, Ink::PadHatch));
    }
}

/// Darkens a picture outside of a part; all of it without one.
fn veil(marks: &mut Vec<Mark>, picture: Rect, part: Option<Rect>) {
    let rects = match part {
        None => vec![picture],
        Some(part) => {
            let parts = [
                Rect::new(picture.x, picture.y, picture.width, part.y - picture.y),
                Rect::new(picture.x, part.bottom(), picture.width, picture.bottom() - part.bottom()),
                Rect::new(picture.x, part.y, part.x - picture.x, part.height),
                Rect::new(part.right(), part.y, picture.right() - part.right(), part.height),
            ];
            parts.into_iter().filter(|it| it.width > 0.01 && it.height > 0.01).collect()
        }
    };
    if !rects.is_empty() {
        marks.push(Mark::rects(rects, Ink::Veil));
    }
}

/// The units of a later map that see the chosen one.
fn seen(place: &Place, region: &Region, hull: &Hull) -> Mark {
    Mark::rects(region::read(place, region).unwrap_or_else(|| vec![hull.rect]), Ink::SeenCell)
}

/// The space between the regions of two neighbouring maps.
fn wedge(marks: &mut Vec<Mark>, from: Rect, to: Rect, read: bool) {
    let [top, bottom] = [
        [Point::new(from.right(), from.y), Point::new(to.x, to.y)],
        [Point::new(from.right(), from.bottom()), Point::new(to.x, to.bottom())],
    ];
    marks.push(Mark::polygon(vec![top[0], top[1], bottom[1], bottom[0]], Ink::RfLink));
    let ink = if read { Ink::RfLinkLine } else { Ink::SeenLine };
    marks.push(Mark::lines(vec![top, bottom], ink));
}

fn outline(marks: &mut Vec<Mark>, hull: &Hull, ink: Ink, place: &Place) {
    // A region of few pixels would drown in its outline.
    let small = hull.rect.width.min(hull.rect.height) < 3.0 * place.cell_side().clamp(1.0, 3.0);
    let grown = if small { 2.0 } else { 0.0 };
    if ink == Ink::SeenFrame {
        marks.push(Mark::rect(hull.rect.inset(-grown), ink));
        return;
    }
    let halo = if ink == Ink::RfFrame { Ink::Halo } else { Ink::ThinHalo };
    if hull.is_cut() {
        marks.push(Mark::lines(hull.sides(grown), halo));
        marks.push(Mark::lines(hull.sides(grown), ink));
    } else {
        marks.push(Mark::rounded(hull.rect.inset(-grown), 2.0, halo));
        marks.push(Mark::rounded(hull.rect.inset(-grown), 2.0, ink));
    }
}

/// The chosen unit.
fn unit(marks: &mut Vec<Mark>, rect: Rect, ink: Ink) {
    let grow = |side: f64| ((LEAST_UNIT - side) / 2.0).max(0.0);
    let (x, y) = (grow(rect.width), grow(rect.height));
    let rect = Rect::new(rect.x - x, rect.y - y, rect.width + 2.0 * x, rect.height + 2.0 * y);
    marks.push(Mark::rounded(rect.inset(-2.0), 3.0, Ink::ThinHalo));
    marks.push(Mark::rounded(rect, 2.0, ink));
}

/// The line below each map about the unit, and the counts of what is not shown.
fn captions(figure: &FieldFigure, marks: &mut Vec<Mark>, sight: &Sight, outlines: &[Option<Hull>]) {
    let extent = |hull: &Hull| hull.runs.map(|[first, last]| last.abs_diff(first).saturating_add(1));
    for (((shown, _), at), hull) in figure.maps().zip(&figure.layout.captions).zip(outlines) {
        let chosen = sight.unit.node;
        let word = match hull {
            _ if shown.node == chosen => Word::Unit(chosen, sight.unit.at),
            Some(hull) if shown.node < chosen => Word::Region(shown.node, extent(hull)),
            Some(hull) => Word::Seen(shown.node, extent(hull)),
            None => continue,
        };
        let at = Point::new(at.x, at.y + 2.0 * LINE);
        marks.push(Mark::text(at, (figure.words)(word), TYPE[1], Align::Middle, Ink::RfCaption));
    }
    for (Shown { hidden, .. }, at) in figure.shown.iter().zip(&figure.layout.gaps) {
        if *hidden > 0 {
            let text = (figure.words)(Word::Hidden(*hidden));
            let width = text.chars().count() as f64 * 7.0 + 8.0;
            let patch = Rect::new(at.x - width / 2.0, at.y - 10.0, width, 20.0);
            marks.push(Mark::rounded(patch, 4.0, Ink::Patch));
            marks.push(Mark::text(*at, text, 12.0, Align::Middle, Ink::Caption));
        }
    }
}
