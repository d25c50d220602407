//! The effective field of a unit over the picture: a heat map, the theoretical field as a frame, and a ring
//! around each share of the whole.
//!
//! What the colours say stands in lines as well: the frame is thick, the inner ring full, the outer one dashed.

use std::rc::Rc;

use crate::geom::{Point, Rect, Size};
use crate::ink::Ink;
use crate::scene::{Align, Mark, Raster, Scale, Scene, Shape};

/// Room around the picture, for frames that lie on its edge.
const MARGIN: f64 = 6.0;
/// Sizes of type and of the patch behind it.
const TYPE: f64 = 12.0;
const PATCH: f64 = 18.0;
const LETTER: f64 = 7.0;

/// What there is to draw. Pairs are rows first; positions are in pixels of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveField {
    /// Height and width of the picture.
    pub size: [u64; 2],
    /// Each pixel's share of the whole, row by row; as many as the size says.
    pub shares: Rc<Vec<f32>>,
    /// The first and last row, and column, of the theoretical field; some may lie beyond the picture.
    pub hull: [[i64; 2]; 2],
    /// Radii around the middle of the theoretical field, the smaller one first, each with its name.
    pub rings: [(f64, String); 2],
}

/// The figure, as large as `room` lets it be. `picture` lies below the heat, of any resolution.
pub fn effective_field(field: &EffectiveField, picture: Option<Rc<Raster>>, room: Size) -> Scene {
    let [height, width] = field.size.map(|len| len.max(1) as f64);
    let scale = ((room.width - 2.0 * MARGIN) / width).min((room.height - 2.0 * MARGIN) / height);
    // Whole pixels for each cell where there is room for them, so that all cells are alike.
    let scale = if scale > 1.0 { scale.floor() } else { scale.max(0.0) };
    let rect = Rect::new(MARGIN, MARGIN, width * scale, height * scale);
    let size = Size::new(rect.width + 2.0 * MARGIN, rect.height + 2.0 * MARGIN);
    let mut marks = Vec::new();
    if let Some(raster) = picture {
        marks.push(whole(rect, raster, Ink::Photograph));
    }
    marks.push(whole(rect, Rc::new(heat(field)), Ink::Heat));
    marks.push(Mark::rect(rect, Ink::MapEdge));

    let place = |cell: f64| MARGIN + cell * scale;
    let edge = |end: f64, cell: f64| place(cell).clamp(1.5, (end - 1.5).max(1.5));
    let [[top, bottom], [left, right]] = field.hull.map(|[first, last]| [first as f64, last as f64 + 1.0]);
    let (x, y) = (edge(size.width, left), edge(size.height, top));
    let hull = Rect::new(x, y, edge(size.width, right) - x, edge(size.height, bottom) - y);
    marks.push(Mark::rect(hull, Ink::Halo));
    marks.push(Mark::rect(hull, Ink::RfFrame));

    let centre = Point::new(place((left + right) / 2.0), place((top + bottom) / 2.0));
    for ((radius, _), ink) in field.rings.iter().zip([Ink::RfThinFrame, Ink::SeenFrame]) {
        // A ring around one pixel is to be seen as well.
        let radius = (radius * scale).max(2.0);
        for ink in [Ink::ThinHalo, ink] {
            marks.push(Mark::dot(centre, radius, ink));
        }
    }
    let mut above = None;
    for (radius, name) in &field.rings {
        let at = label(centre, radius * scale, size, above);
        above = Some(at.y);
        let half = name.chars().count() as f64 * LETTER / 2.0 + 4.0;
        let patch = Rect::new(at.x - half, at.y - PATCH / 2.0, 2.0 * half, PATCH);
        marks.push(Mark::rounded(patch, 3.0, Ink::Patch));
        marks.push(Mark::text(at, name.clone(), TYPE, Align::Middle, Ink::RfCaption));
    }
    Scene { size, marks }
}

/// Where the name of a ring stands: on its upper edge, above the name before it, or else within the figure.
fn label(centre: Point, radius: f64, size: Size, below: Option<f64>) -> Point {
    let y = (centre.y - radius).min(below.map_or(f64::MAX, |below| below - PATCH));
    let x = centre.x.clamp(24.0, (size.width - 24.0).max(24.0));
    if y >= PATCH / 2.0 {
        return Point::new(x, y);
    }
    // On its lower edge, then, or as far down as there is room.
    let y = (centre.y + radius).min(size.height - PATCH / 2.0);
    Point::new(x, y)
}

fn whole(rect: Rect, raster: Rc<Raster>, ink: Ink) -> Mark {
    let cells = 0..u64::from(raster.width) * u64::from(raster.height);
    Mark { shape: Shape::Raster { rect, raster, cells }, ink, part: None }
}

/// Roots of the shares: what a pixel has is its area then, as it were, and the rim of a field can be seen.
fn heat(field: &EffectiveField) -> Raster {
    let [height, width] = field.size.map(|len| u32::try_from(len).unwrap_or(0));
    let values: Vec<f32> = field.shares.iter().map(|share| share.max(0.0).sqrt()).collect();
    let max = values.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    Raster { width, height, values, scale: Scale::Signed { max } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(hull: [[i64; 2]; 2], radii: [f64; 2]) -> EffectiveField {
        let shares = Rc::new(vec![1.0 / 200.0; 200]);
        let rings = [(radii[0], "68 %".to_owned()), (radii[1], "95 %".to_owned())];
        EffectiveField { size: [10, 20], shares, hull, rings }
    }

    fn of_ink(scene: &Scene, ink: Ink) -> Vec<&Shape> {
        scene.marks.iter().filter(|mark| mark.ink == ink).map(|mark| &mark.shape).collect()
    }

    #[test]
    fn cells_are_whole_pixels_and_frame_and_rings_have_one_middle() {
        let scene = effective_field(&field([[2, 6], [4, 10]], [1.0, 3.0]), None, Size::new(330.0, 400.0));
        assert_eq!(scene.size, Size::new(20.0 * 15.0 + 12.0, 10.0 * 15.0 + 12.0));
        let hull = Rect::new(6.0 + 4.0 * 15.0, 6.0 + 2.0 * 15.0, 7.0 * 15.0, 5.0 * 15.0);
        assert_eq!(of_ink(&scene, Ink::RfFrame), [&Shape::Rect { rect: hull, radius: 0.0 }]);
        let centre = Point::new(hull.x + hull.width / 2.0, hull.y + hull.height / 2.0);
        assert_eq!(of_ink(&scene, Ink::RfThinFrame), [&Shape::Dot { centre, radius: 15.0 }]);
        assert_eq!(of_ink(&scene, Ink::SeenFrame), [&Shape::Dot { centre, radius: 45.0 }]);
    }

    #[test]
    fn what_lies_beyond_the_picture_ends_at_the_figure() {
        let scene = effective_field(&field([[-50, 60], [-3, 4]], [1.0, 70.0]), None, Size::new(330.0, 400.0));
        let Some(Shape::Rect { rect, .. }) = of_ink(&scene, Ink::RfFrame).first().copied() else { panic!() };
        assert_eq!((rect.y, rect.y + rect.height), (1.5, scene.size.height - 1.5));
        for mark in &scene.marks {
            if let Shape::Text { at, .. } = &mark.shape {
                assert!(at.y >= 0.0 && at.y <= scene.size.height, "{at:?}");
            }
        }
    }

    #[test]
    fn the_picture_lies_below_the_heat_and_the_largest_share_is_the_hottest() {
        let mut field = field([[0, 9], [0, 19]], [1.0, 3.0]);
        field.shares = Rc::new((0..200).map(|i| if i == 7 { 0.25 } else { 0.01 }).collect());
        let photo = Raster { width: 1, height: 1, values: vec![0.5; 3], scale: Scale::Colour };
        let scene = effective_field(&field, Some(Rc::new(photo)), Size::new(100.0, 100.0));
        let inks: Vec<Ink> = scene.marks.iter().take(2).map(|mark| mark.ink).collect();
        assert_eq!(inks, [Ink::Photograph, Ink::Heat]);
        let Shape::Raster { raster, .. } = &scene.marks[1].shape else { panic!() };
        assert_eq!((raster.scale, raster.values[0]), (Scale::Signed { max: 0.5 }, 0.1));
    }

    #[test]
    fn a_large_picture_shrinks_and_no_room_is_fine() {
        let scene = effective_field(&field([[0, 9], [0, 19]], [0.0, 0.0]), None, Size::new(22.0, 100.0));
        assert_eq!(scene.size.width, 22.0);
        let scene = effective_field(&field([[0, 9], [0, 19]], [0.0, 0.0]), None, Size::default());
        assert_eq!(scene.size.width, 2.0 * MARGIN);
    }
}
