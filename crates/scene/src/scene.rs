//! A picture as data: marks from back to front, and what lies under a point.

use std::rc::Rc;

use crate::geom::{Point, Rect, Size};
use crate::ink::Ink;

/// What a mark stands for, so that pointing at it can be answered.
/// Positions are `[row, column]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A cell of the padded input, in input cells: negative and beyond the input is padding.
    Input([i64; 2]),
    /// A weight of the kernel.
    Kernel([u64; 2]),
    /// A cell of the output.
    Output([u64; 2]),
    /// The bias.
    Bias,
    /// A channel of the input as a whole, from 0.
    Channel(u64),
    /// A filter, with the map that it makes, from 0.
    Filter(u64),
    /// What a factor of the number of parameters counts.
    Factor(Factor),
}

/// A factor of the number of parameters: `(taps * channels + 1) * filters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Weights of one slice: kernel height times kernel width.
    Taps,
    /// Slices of one filter: the channels that it reads.
    Channels,
    /// Filters.
    Filters,
    /// The one number beside each filter's weights.
    Biases,
}

/// How the values of a [`Raster`] become colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Black at `low`, white at `high`.
    Grey {
        /// The value that is black.
        low: f32,
        /// The value that is white.
        high: f32,
    },
    /// The signed scale: its ends stand for `-max` and `max`.
    Signed {
        /// The largest magnitude; positive.
        max: f32,
    },
    /// Three values a cell: red, green and blue, each in `0.0..=1.0`.
    Colour,
}

/// A map drawn as a picture: one rectangle of a single colour a cell, never smoothed.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// Cells in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Values, row by row; `width * height` of them, three times as many of [`Scale::Colour`].
    pub values: Vec<f32>,
    /// How they become colours.
    pub scale: Scale,
}

/// The side of `at` on which a text lies; vertically it is centred on `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// The form of a mark, in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A rectangle with rounded corners.
    Rect {
        /// Where.
        rect: Rect,
        /// Radius of the corners.
        radius: f64,
    },
    /// A straight line.
    Line {
        /// One end.
        from: Point,
        /// The other.
        to: Point,
    },
    /// A filled polygon.
    Polygon(Vec<Point>),
    /// A filled circle.
    Dot {
        /// Its middle.
        centre: Point,
        /// Its radius.
        radius: f64,
    },
    /// Rectangles as one form: where they overlap they are painted once.
    Rects(Vec<Rect>),
    /// Straight lines, each from its first point to its second.
    Lines(Vec<[Point; 2]>),
    /// Circles of one size.
    Dots {
        /// Their middles.
        centres: Vec<Point>,
        /// Their radius.
        radius: f64,
    },
    /// A line of text.
    Text {
        /// Where it is anchored, as `align` says.
        at: Point,
        /// What it says.
        text: String,
        /// Size of the type, in CSS pixels.
        size: f64,
        /// Which part of it lies at `at`.
        align: Align,
    },
    /// A picture fitted to `rect`. Painters may keep what they made of it for as long as the `Rc` lives.
    Raster {
        /// Where the whole picture is, `raster.height` rows high.
        rect: Rect,
        /// The values.
        raster: Rc<Raster>,
        /// Which cells of it are shown, in row-major order: `first..end`.
        cells: std::ops::Range<u64>,
    },
    /// A block of the cells of a picture, fitted to `rect`.
    Crop {
        /// Where the block is.
        rect: Rect,
        /// The values.
        raster: Rc<Raster>,
        /// Row and column of the block's first cell.
        first: [u32; 2],
        /// Rows and columns of the block; it lies within the raster.
        count: [u32; 2],
    },
}

/// A shape with a meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Its form and place.
    pub shape: Shape,
    /// What it means.
    pub ink: Ink,
    /// What it stands for, if it can be pointed at.
    /// A raster of the input or output carries the part of its first cell.
    pub part: Option<Part>,
}

impl Mark {
    /// A rectangle with square corners.
    pub fn rect(rect: Rect, ink: Ink) -> Self {
        Self::rounded(rect, 0.0, ink)
    }

    /// A rectangle with rounded corners.
    pub fn rounded(rect: Rect, radius: f64, ink: Ink) -> Self {
        Self { shape: Shape::Rect { rect, radius }, ink, part: None }
    }

    /// A straight line.
    pub fn line(from: Point, to: Point, ink: Ink) -> Self {
        Self { shape: Shape::Line { from, to }, ink, part: None }
    }

    /// A filled polygon.
    pub fn polygon(points: Vec<Point>, ink: Ink) -> Self {
        Self { shape: Shape::Polygon(points), ink, part: None }
    }

    /// Rectangles as one form.
    pub fn rects(rects: Vec<Rect>, ink: Ink) -> Self {
        Self { shape: Shape::Rects(rects), ink, part: None }
    }

    /// Straight lines as one form.
    pub fn lines(lines: Vec<[Point; 2]>, ink: Ink) -> Self {
        Self { shape: Shape::Lines(lines), ink, part: None }
    }

    /// Circles of one size as one form.
    pub fn dots(centres: Vec<Point>, radius: f64, ink: Ink) -> Self {
        Self { shape: Shape::Dots { centres, radius }, ink, part: None }
    }

    /// A filled circle.
    pub fn dot(centre: Point, radius: f64, ink: Ink) -> Self {
        Self { shape: Shape::Dot { centre, radius }, ink, part: None }
    }

    /// A line of text, `size` pixels high, vertically centred on `at`.
    pub fn text(at: Point, text: impl Into<String>, size: f64, align: Align, ink: Ink) -> Self {
        Self { shape: Shape::Text { at, text: text.into(), size, align }, ink, part: None }
    }

    /// The same mark, standing for `part`.
    pub fn with_part(self, part: Part) -> Self {
        Self { part: Some(part), ..self }
    }
}

/// A picture: marks from back to front.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// How much room it takes.
    pub size: Size,
    /// What is in it, from back to front.
    pub marks: Vec<Mark>,
}

impl Scene {
    /// What lies under `point`: the part of the topmost mark there that has one.
    pub fn hit(&self, point: Point) -> Option<Part> {
        hit(&self.marks, point)
    }
}

/// What lies under `point`: the part of the topmost of `marks` there that has one.
pub fn hit(marks: &[Mark], point: Point) -> Option<Part> {
    marks.iter().rev().find_map(|mark| {
        let part = mark.part?;
        match &mark.shape {
            Shape::Rect { rect, .. } => rect.contains(point).then_some(part),
            Shape::Raster { rect, raster, .. } => {
                rect.contains(point).then(|| raster_cell(part, rect, raster, point))
            }
            _ => None,
        }
    })
}

/// The cell of a raster under a point that lies in `rect`; `first` is the part of its first cell.
fn raster_cell(first: Part, rect: &Rect, raster: &Raster, point: Point) -> Part {
    let row = ((point.y - rect.y) / rect.height * f64::from(raster.height)) as u64;
    let column = ((point.x - rect.x) / rect.width * f64::from(raster.width)) as u64;
    match first {
        Part::Input([y, x]) => Part::Input([y + row as i64, x + column as i64]),
        Part::Kernel([y, x]) => Part::Kernel([y + row, x + column]),
        Part::Output([y, x]) => Part::Output([y + row, x + column]),
        whole => whole,
    }
}
