//! A canvas context that is told a colour, width or font only when it changes.

use convscope_scene::{Align, Face, Rect};
use js_sys::{Array, JsString};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::palette::{FontKey, Palette, Rgba};

/// How far the baseline lies below the middle, in sizes of the type: half the height of a figure, as the
/// SVG writer has it. The baseline `middle` would centre the line, whose height differs from font to font.
const RISE: f64 = 0.35;

#[wasm_bindgen]
extern "C" {
    /// The few members of a context that take texts, so that texts the browser holds can be reused.
    #[wasm_bindgen(extends = CanvasRenderingContext2d)]
    type TextContext;
    #[wasm_bindgen(method, structural, setter, js_name = fillStyle)]
    fn set_fill(this: &TextContext, css: &JsString);
    #[wasm_bindgen(method, structural, setter, js_name = strokeStyle)]
    fn set_stroke(this: &TextContext, css: &JsString);
    #[wasm_bindgen(method, structural, setter, js_name = font)]
    fn set_face(this: &TextContext, css: &JsString);
    #[wasm_bindgen(method, structural, js_name = fillText)]
    fn write(this: &TextContext, text: &JsString, x: f64, y: f64);
}

/// What the context was told last; `None` is not known.
#[derive(Clone, Copy, Default)]
struct Told {
    fill: Option<Rgba>,
    stroke: Option<Rgba>,
    width: Option<f64>,
    dash: Option<Option<[f64; 2]>>,
    font: Option<FontKey>,
    align: Option<Align>,
}

/// A canvas context and what it was told last.
pub(super) struct Pen {
    context: TextContext,
    told: Told,
    saved: Vec<Told>,
}

impl Pen {
    pub(super) fn new(canvas: &HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.unchecked_into();
        Some(Self { context, told: Told::default(), saved: Vec::new() })
    }

    /// The context, for what has no state.
    pub(super) fn context(&self) -> &CanvasRenderingContext2d {
        &self.context
    }

    /// Forgets what was told: the canvas got another size, and with it a new state.
    pub(super) fn reset(&mut self, dpr: f64) {
        self.told = Told::default();
        self.saved.clear();
        self.context.set_image_smoothing_enabled(false);
        self.scale(dpr);
    }

    /// From now on a unit is `dpr` pixels of the canvas.
    pub(super) fn scale(&self, dpr: f64) {
        // Only numbers that are not finite are refused.
        let _ = self.context.set_transform(dpr, 0.0, 0.0, dpr, 0.0, 0.0);
    }

    /// Fits a part of a canvas, in its pixels, to a rectangle.
    pub(super) fn draw(&self, canvas: &HtmlCanvasElement, part: Rect, to: Rect) {
        // Only a canvas without pixels is refused.
        let _ = self.context.draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            canvas,
            part.x,
            part.y,
            part.width,
            part.height,
            to.x,
            to.y,
            to.width,
            to.height,
        );
    }

    pub(super) fn save(&mut self) {
        self.saved.push(self.told);
        self.context.save();
    }

    pub(super) fn restore(&mut self) {
        self.context.restore();
        self.told = self.saved.pop().unwrap_or_default();
    }

    pub(super) fn fill_with(&mut self, palette: &Palette, colour: Rgba) {
        if self.told.fill.replace(colour) != Some(colour) {
            palette.with_css(colour, |css| self.context.set_fill(css));
        }
    }

    pub(super) fn stroke_with(
        &mut self,
        palette: &Palette,
        colour: Rgba,
        width: f64,
        dash: Option<[f64; 2]>,
    ) {
        if self.told.stroke.replace(colour) != Some(colour) {
            palette.with_css(colour, |css| self.context.set_stroke(css));
        }
        if self.told.width.replace(width) != Some(width) {
            self.context.set_line_width(width);
        }
        if self.told.dash.replace(dash) != Some(dash) {
            let lengths: Array = dash.into_iter().flatten().map(wasm_bindgen::JsValue::from).collect();
            let _ = self.context.set_line_dash(&lengths);
        }
    }

    /// Writes a line of text, vertically centred on `y`.
    ///
    /// A canvas cannot be asked for tabular figures; every number stands alone, so none has to line up.
    pub(super) fn write(
        &mut self,
        palette: &Palette,
        text: &str,
        [x, y]: [f64; 2],
        font: (Face, bool, f64),
        align: Align,
    ) {
        let (face, strong, size_px) = font;
        let key = FontKey::new(face, strong, size_px);
        if self.told.font.replace(key) != Some(key) {
            palette.with_font(key, |css| self.context.set_face(css));
        }
        if self.told.align.replace(align) != Some(align) {
            self.context.set_text_align(match align {
                Align::Start => "left",
                Align::Middle => "center",
                Align::End => "right",
            });
        }
        palette.with_text(text, |text| self.context.write(text, x, y + RISE * size_px));
    }
}
