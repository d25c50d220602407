//! Paints marks on a canvas, as the SVG writer would draw them.
//!
//! A figure is layered: the base holds what stands still and grows with the outputs that are done; what
//! moves is painted over it. A frame copies and paints again only where something changed.

use std::rc::Rc;

use convscope_scene::{Ink, Mark, Paint, Point, Raster, Rect, Shape, Size, Style, Token, number};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement};

use super::damage::{Damage, around, bounds, meet};
use super::dom::new_canvas;
use super::hatch;
use super::palette::Palette;
use super::pen::Pen;
use super::raster::pieces;

/// Widths of the lines of the two hatches.
const HATCH_WIDTH: f64 = 1.0;
const CROSS_HATCH_WIDTH: f64 = 1.25;

/// Paints marks on one canvas.
pub struct Painter {
    canvas: HtmlCanvasElement,
    pen: Pen,
    palette: Rc<Palette>,
    size: Size,
    dpr: f64,
}

impl Painter {
    /// A painter for `canvas`; `None` where the browser has no 2-D canvas.
    pub fn new(canvas: HtmlCanvasElement, palette: Rc<Palette>) -> Option<Self> {
        let pen = Pen::new(&canvas)?;
        Some(Self { canvas, pen, palette, size: Size::default(), dpr: 0.0 })
    }

    /// A painter for an element that is a canvas; `None` for any other.
    pub fn on(element: &Element, palette: Rc<Palette>) -> Option<Self> {
        Self::new(element.dyn_ref::<HtmlCanvasElement>()?.clone(), palette)
    }

    /// Colours and faces for what is painted from now on.
    pub fn set_palette(&mut self, palette: Rc<Palette>) {
        self.palette = palette;
    }

    /// Makes room for a picture of `size` at `dpr` device pixels a CSS pixel.
    /// Whether that changed anything; the canvas is empty then.
    pub fn resize(&mut self, size: Size, dpr: f64) -> bool {
        let changed = self.resize_backing(size, dpr);
        if changed {
            // Whole device pixels: the page must not stretch them.
            let style = self.canvas.style();
            let _ = style
                .set_property("width", &[&number::css(f64::from(self.canvas.width()) / dpr), "px"].concat());
            let _ = style.set_property(
                "height",
                &[&number::css(f64::from(self.canvas.height()) / dpr), "px"].concat(),
            );
        }
        changed
    }

    fn resize_backing(&mut self, size: Size, dpr: f64) -> bool {
        if self.size == size && self.dpr == dpr {
            return false;
        }
        (self.size, self.dpr) = (size, dpr);
        // 100 CSS pixels at 1.1 are 110 device pixels, not the 111 that rounding errors would make of it.
        let pixels = |extent: f64| ((extent * dpr - 1e-6).ceil() as u32).max(1);
        self.canvas.set_width(pixels(size.width));
        self.canvas.set_height(pixels(size.height));
        self.pen.reset(dpr);
        true
    }

    /// Takes everything away.
    pub fn clear(&self) {
        let (width, height) = (f64::from(self.canvas.width()), f64::from(self.canvas.height()));
        self.pen.context().clear_rect(0.0, 0.0, width / self.dpr + 1.0, height / self.dpr + 1.0);
    }

    /// Fills the whole picture.
    pub fn ground(&mut self, token: Token) {
        self.pen.fill_with(&self.palette, self.palette.token(token));
        self.pen.context().fill_rect(0.0, 0.0, self.size.width + 1.0, self.size.height + 1.0);
    }

    /// Paints marks, from back to front, over what is there.
    pub fn paint(&mut self, marks: &[Mark]) {
        for mark in marks {
            self.paint_mark(mark);
        }
    }

    fn paint_mark(&mut self, mark: &Mark) {
        let style = mark.ink.style();
        match &mark.shape {
            Shape::Rect { rect, radius } if *radius > 0.0 => {
                let (rect, radius) = (*rect, *radius);
                self.paint_path(&style, rect, |pen| {
                    let context = pen.context();
                    // An old browser without round corners gets square ones.
                    if context.round_rect_with_f64(rect.x, rect.y, rect.width, rect.height, radius).is_err() {
                        context.rect(rect.x, rect.y, rect.width, rect.height);
                    }
                });
            }
            Shape::Rect { rect, .. } => self.paint_rect(&style, *rect),
            Shape::Line { from, to } => {
                if self.stroke_with(&style) {
                    line(&self.pen, *from, *to);
                }
            }
            Shape::Polygon(points) => self.paint_path(&style, around(points), |pen| {
                for (idx, point) in points.iter().enumerate() {
                    if idx == 0 {
                        pen.context().move_to(point.x, point.y);
                    } else {
                        pen.context().line_to(point.x, point.y);
                    }
                }
                pen.context().close_path();
            }),
            Shape::Dot { centre, radius } => {
                let (centre, radius) = (*centre, *radius);
                let square = Rect::new(centre.x, centre.y, 0.0, 0.0).inset(-radius);
                self.paint_path(&style, square, |pen| {
                    // Refused for a negative radius only.
                    let _ = pen.context().arc(centre.x, centre.y, radius, 0.0, std::f64::consts::TAU);
                });
            }
            Shape::Rects(_) | Shape::Lines(_) | Shape::Dots { .. } => self.paint_many(mark, &style),
            Shape::Text { at, text, size, align } => {
                let Some(colour) = self.palette.rgba(style.fill) else { return };
                self.pen.fill_with(&self.palette, colour);
                let font = (style.face, style.strong, *size);
                self.pen.write(&self.palette, text, [at.x, at.y], font, *align);
            }
            Shape::Raster { rect, raster, cells } => {
                let smooth = mark.ink == Ink::Photograph;
                self.pen.context().set_global_alpha(style.opacity);
                self.pen.context().set_image_smoothing_enabled(smooth);
                self.paint_raster(*rect, raster, cells);
                self.pen.context().set_image_smoothing_enabled(false);
                self.pen.context().set_global_alpha(1.0);
            }
            Shape::Crop { rect, raster, first: [y, x], count: [rows, columns] } => {
                // On whole device pixels, so that pieces meet without a seam.
                let snap = |at: f64| (at * self.dpr).round() / self.dpr;
                let [left, right, top, bottom] = [rect.x, rect.right(), rect.y, rect.bottom()].map(snap);
                let to = Rect::new(left, top, right - left, bottom - top);
                self.paint_cells(raster, [*x, *y, *columns, *rows], to);
            }
        }
    }

    /// A form of many parts as one path.
    #[inline(never)]
    fn paint_many(&mut self, mark: &Mark, style: &Style) {
        self.paint_path(style, bounds(mark), |pen| match &mark.shape {
            Shape::Rects(rects) => {
                for rect in rects {
                    pen.context().rect(rect.x, rect.y, rect.width, rect.height);
                }
            }
            Shape::Lines(lines) => {
                for [from, to] in lines {
                    pen.context().move_to(from.x, from.y);
                    pen.context().line_to(to.x, to.y);
                }
            }
            Shape::Dots { centres, radius } => {
                for Point { x, y } in centres {
                    pen.context().move_to(x + radius, *y);
                    // Refused for a negative radius only.
                    let _ = pen.context().arc(*x, *y, *radius, 0.0, std::f64::consts::TAU);
                }
            }
            _ => {}
        });
    }

    fn paint_rect(&mut self, style: &Style, rect: Rect) {
        if matches!(style.fill, Paint::Hatch | Paint::CrossHatch) {
            self.paint_hatch(style.fill, rect);
        } else if let Some(colour) = self.palette.rgba(style.fill) {
            self.pen.fill_with(&self.palette, colour);
            self.pen.context().fill_rect(rect.x, rect.y, rect.width, rect.height);
        }
        if self.stroke_with(style) {
            self.pen.context().stroke_rect(rect.x, rect.y, rect.width, rect.height);
        }
    }

    /// Fills and strokes the path that `trace` adds; `bounds` holds it.
    fn paint_path(&mut self, style: &Style, bounds: Rect, trace: impl Fn(&Pen)) {
        if matches!(style.fill, Paint::Hatch | Paint::CrossHatch) {
            self.pen.save();
            self.pen.context().begin_path();
            trace(&self.pen);
            self.pen.context().clip();
            self.paint_hatch(style.fill, bounds);
            self.pen.restore();
        }
        self.pen.context().begin_path();
        trace(&self.pen);
        if !matches!(style.fill, Paint::Hatch | Paint::CrossHatch)
            && let Some(colour) = self.palette.rgba(style.fill)
        {
            self.pen.fill_with(&self.palette, colour);
            self.pen.context().fill();
        }
        if self.stroke_with(style) {
            self.pen.context().stroke();
        }
    }

    fn paint_hatch(&mut self, paint: Paint, rect: Rect) {
        let Some(colour) = self.palette.rgba(paint) else { return };
        let crossed = paint == Paint::CrossHatch;
        let width = if crossed { CROSS_HATCH_WIDTH } else { HATCH_WIDTH };
        self.pen.stroke_with(&self.palette, colour, width, None);
        let context = self.pen.context();
        context.begin_path();
        let segment = |[from, to]: [Point; 2]| {
            context.move_to(from.x, from.y);
            context.line_to(to.x, to.y);
        };
        hatch::rising(rect).for_each(segment);
        if crossed {
            hatch::falling(rect).for_each(segment);
        }
        context.stroke();
    }

    /// Some cells of a raster; each is the same pixels whichever others are painted with it.
    #[inline(never)]
    fn paint_raster(&mut self, rect: Rect, raster: &Rc<Raster>, cells: &std::ops::Range<u64>) {
        let all = [0, 0, raster.width, raster.height];
        let cell_width = rect.width / f64::from(raster.width);
        let cell_height = rect.height / f64::from(raster.height);
        // On whole device pixels, so that pieces meet without a seam.
        let dpr = self.dpr;
        let snap = |at: f64| (at * dpr).round() / dpr;
        let place = |[x, y, width, height]: [u32; 4]| {
            let [left, right] = [x, x + width].map(|column| snap(rect.x + f64::from(column) * cell_width));
            let [top, bottom] = [y, y + height].map(|row| snap(rect.y + f64::from(row) * cell_height));
            Rect::new(left, top, right - left, bottom - top)
        };
        for piece in pieces(cells, [raster.height, raster.width]) {
            if piece == all {
                self.paint_cells(raster, all, place(all));
                continue;
            }
            let shown = place(piece);
            self.pen.save();
            self.pen.context().begin_path();
            self.pen.context().rect(shown.x, shown.y, shown.width, shown.height);
            self.pen.context().clip();
            self.paint_cells(raster, all, place(all));
            self.pen.restore();
        }
    }

    /// Fits cells of a raster, `[x, y, width, height]`, to a rectangle.
    fn paint_cells(&self, raster: &Rc<Raster>, cells: [u32; 4], to: Rect) {
        let canvas = self.palette.rasters.borrow_mut().canvas(raster, &self.palette);
        let Some(canvas) = canvas else { return };
        let [x, y, width, height] = cells.map(f64::from);
        self.pen.draw(&canvas, Rect::new(x, y, width, height), to);
    }

    /// Takes up the stroke of a style; whether it has one.
    fn stroke_with(&mut self, style: &Style) -> bool {
        let Some(colour) = self.palette.rgba(style.stroke) else { return false };
        self.pen.stroke_with(&self.palette, colour, style.stroke_width, style.dash);
        true
    }

    /// Shows `ground`, which has as many pixels, and `marks` over it, where `area` is.
    fn renew(&mut self, area: Rect, ground: &Self, marks: &[Mark]) {
        let Some(pixels) = self.pixels(area) else { return };
        self.pen.save();
        // Pixel for pixel: a scale that is not whole would smooth.
        self.pen.scale(1.0);
        let context = self.pen.context();
        context.begin_path();
        context.rect(pixels.x, pixels.y, pixels.width, pixels.height);
        context.clip();
        context.clear_rect(pixels.x, pixels.y, pixels.width, pixels.height);
        self.pen.draw(&ground.canvas, pixels, pixels);
        self.pen.scale(self.dpr);
        let area = [pixels.x, pixels.y, pixels.width, pixels.height].map(|at| at / self.dpr);
        let area = Rect::new(area[0], area[1], area[2], area[3]);
        for mark in marks.iter().filter(|mark| meet(bounds(mark), area)) {
            self.paint_mark(mark);
        }
        self.pen.restore();
    }

    /// The whole pixels of the canvas in which some of `area` lies; `None` without any.
    fn pixels(&self, area: Rect) -> Option<Rect> {
        let edge = |at: f64, limit: u32| at.clamp(0.0, f64::from(limit));
        let (width, height) = (self.canvas.width(), self.canvas.height());
        let (left, top) =
            (edge((area.x * self.dpr).floor(), width), edge((area.y * self.dpr).floor(), height));
        let right = edge((area.right() * self.dpr).ceil(), width);
        let bottom = edge((area.bottom() * self.dpr).ceil(), height);
        (right > left && bottom > top).then(|| Rect::new(left, top, right - left, bottom - top))
    }
}

/// A canvas whose still marks are kept apart, so that a frame costs only what changes.
///
/// ```text
/// if layers.begin(epoch, size, dpr) {
///     layers.base(&still);
///     n_done = 0;
/// }
/// layers.base(&outputs[n_done..]);
/// layers.frame(&moving);
/// ```
pub struct LayeredPainter {
    front: Painter,
    base: Painter,
    epoch: Option<u64>,
    /// What lies over the base.
    shown: Vec<Mark>,
    /// Where the base has changed since it was shown.
    damage: Damage,
}

impl LayeredPainter {
    /// A painter for `canvas`; `None` where the browser has no 2-D canvas.
    pub fn new(canvas: &Element, palette: Rc<Palette>) -> Option<Self> {
        let canvas = canvas.dyn_ref::<HtmlCanvasElement>()?.clone();
        let base = Painter::new(new_canvas(1, 1)?, Rc::clone(&palette))?;
        let front = Painter::new(canvas, palette)?;
        Some(Self { front, base, epoch: None, shown: Vec::new(), damage: Damage::default() })
    }

    /// Colours and faces; other ones than before make the next [`Self::begin`] ask for the base.
    pub fn set_palette(&mut self, palette: &Rc<Palette>) {
        if !Rc::ptr_eq(&self.front.palette, palette) {
            self.front.set_palette(Rc::clone(palette));
            self.base.set_palette(Rc::clone(palette));
            self.epoch = None;
        }
    }

    /// Begins a frame of the picture that `epoch` stands for. Whether the base must be painted again:
    /// it is empty because epoch, size, pixel ratio or palette is another one.
    pub fn begin(&mut self, epoch: u64, size: Size, dpr: f64) -> bool {
        let resized = self.front.resize(size, dpr);
        self.base.resize_backing(size, dpr);
        let stale = resized || self.epoch != Some(epoch);
        if stale {
            self.base.clear();
            self.epoch = Some(epoch);
            self.shown.clear();
            self.renew_all();
        }
        stale
    }

    /// Adds marks to the base.
    pub fn base(&mut self, marks: &[Mark]) {
        self.base.paint(marks);
        marks.iter().for_each(|mark| self.damage.add(mark));
    }

    /// Lets the next frame paint everything again: clipped edges are rounded otherwise, by a level or two.
    pub fn renew_all(&mut self) {
        let Size { width, height } = self.front.size;
        self.damage.add_area(Rect::new(0.0, 0.0, width + 1.0, height + 1.0));
    }

    /// Shows the base with `marks` over it.
    pub fn frame(&mut self, marks: Vec<Mark>) {
        self.damage.compare(&self.shown, &marks);
        for area in self.damage.areas() {
            self.front.renew(*area, &self.base, &marks);
        }
        self.damage.clear();
        self.shown = marks;
    }
}

fn line(pen: &Pen, from: Point, to: Point) {
    let context = pen.context();
    context.begin_path();
    context.move_to(from.x, from.y);
    context.line_to(to.x, to.y);
    context.stroke();
}
