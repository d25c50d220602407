//! Draws a chart with plotters, in the colours of the page and with as many pixels as the screen has.
//!
//! Plotters has whole pixels, so a chart is drawn in pixels of the canvas and every length is scaled.
//! Texts are placed here, by anchors alone: nothing has to be measured in the document.

use convscope_scene::chart::{Chart, Tone};
use convscope_scene::{Face, Rect, Size, Token, number};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement};

use super::palette::Palette;

type Area = DrawingArea<CanvasBackend, Shift>;
type Failure = DrawingAreaErrorKind<<CanvasBackend as DrawingBackend>::ErrorType>;

/// Bars narrower than this have neither gap nor outline.
const BAR_FROM: f64 = 6.0;
/// The type of all words.
const TYPE: f64 = 12.0;

/// Draws `chart` on `canvas` in `size` CSS pixels at `ratio` device pixels each. A canvas that cannot be drawn on
/// stays as it is.
pub fn draw(canvas: &Element, chart: &Chart, palette: &Palette, size: Size, ratio: f64) {
    let Some(canvas) = canvas.dyn_ref::<HtmlCanvasElement>() else { return };
    let pixels = |extent: f64| ((extent * ratio - 1e-6).ceil() as u32).max(1);
    // Also takes away what was there.
    canvas.set_width(pixels(size.width));
    canvas.set_height(pixels(size.height));
    let style = canvas.style();
    let _ = style.set_property("width", &[&number::css(f64::from(canvas.width()) / ratio), "px"].concat());
    let _ = style.set_property("height", &[&number::css(f64::from(canvas.height()) / ratio), "px"].concat());
    let Some(backend) = CanvasBackend::with_canvas_object(canvas.clone()) else { return };
    let area = backend.into_drawing_area();
    let drawing = Drawing { chart, palette, size, ratio };
    // Of a canvas only what has no pixels fails.
    let _ = drawing.draw(&area);
}

struct Drawing<'a> {
    chart: &'a Chart,
    palette: &'a Palette,
    size: Size,
    ratio: f64,
}

impl Drawing<'_> {
    fn draw(&self, area: &Area) -> Result<(), Failure> {
        let Rect { x, y, width, height } = self.chart.plot(self.size);
        let [left, right, top, bottom] = [x, x + width, y, y + height].map(|at| self.px(at));
        let n_bars = self.chart.len().max(1);
        let plot =
            area.margin(top, self.px(self.size.height) - bottom, left, self.px(self.size.width) - right);
        let mut chart =
            ChartBuilder::on(&plot).build_cartesian_2d(0.0..n_bars as f64, 0.0..self.chart.top())?;
        let ink = self.ink(Token::Text3);
        for tick in self.chart.ticks() {
            chart.draw_series([PathElement::new(
                vec![(0.0, tick), (n_bars as f64, tick)],
                self.ink(Token::Line).stroke_width(self.width(1.0)),
            )])?;
            if self
                .chart
                .limit
                .as_ref()
                .is_none_or(|(limit, _)| (limit - tick).abs() > 0.15 * self.chart.top())
            {
                let at = (left - self.px(8.0), self.height_of(tick));
                self.write(area, &(self.chart.format)(tick), at, (HPos::Right, VPos::Center), ink)?;
            }
        }
        let [_, step] = self.chart.place(self.size, 0);
        let (mark, tint) = match self.chart.tone {
            Tone::Field => (self.ink(Token::Rf), self.ink(Token::RfTint)),
            Tone::Plain => (self.ink(Token::Text2), self.ink(Token::Sunken)),
        };
        if step >= BAR_FROM {
            let gap = if step > 40.0 { 0.18 } else { 0.1 };
            for (bar, value) in self.chart.values.iter().enumerate() {
                let Some(value) = value.filter(|value| value.is_finite()) else { continue };
                let chosen = self.chart.selected == Some(bar);
                let corners = [(bar as f64 + gap, value), (bar as f64 + 1.0 - gap, 0.0)];
                let fill = if chosen { mark } else { tint };
                chart.draw_series([
                    Rectangle::new(corners, fill.filled()),
                    Rectangle::new(corners, mark.stroke_width(self.width(1.5))),
                ])?;
            }
        } else {
            self.outline(&mut chart, mark, tint)?;
        }
        chart.draw_series([PathElement::new(
            vec![(0.0, 0.0), (n_bars as f64, 0.0)],
            self.ink(Token::LineStrong).stroke_width(self.width(1.0)),
        )])?;
        if let Some((values, _)) = &self.chart.line {
            let points =
                values.iter().enumerate().filter_map(|(bar, value)| Some((bar as f64 + 0.5, (*value)?)));
            let points: Vec<(f64, f64)> = points.collect();
            let style = self.ink(Token::Text).stroke_width(self.width(2.0));
            chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
            let radius = self.width(2.5);
            let dots = if step >= BAR_FROM { points.as_slice() } else { &[] };
            chart.draw_series(
                dots.iter().map(|at| Circle::new(*at, radius, self.ink(Token::Text).filled())),
            )?;
        }
        if let Some((limit, name)) = &self.chart.limit {
            let style = self.ink(Token::Text).stroke_width(self.width(1.5));
            let ends = [(0.0, *limit), (n_bars as f64, *limit)];
            chart.draw_series(DashedLineSeries::new(ends, self.px(5.0), self.px(4.0), style))?;
            let at = (left - self.px(8.0), self.height_of(*limit));
            self.write(area, name, at, (HPos::Right, VPos::Center), self.ink(Token::Text2))?;
        }
        self.words(area)
    }

    /// The steps of many bars as one form.
    fn outline(
        &self,
        chart: &mut ChartContext<'_, CanvasBackend, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
        mark: RGBAColor,
        tint: RGBAColor,
    ) -> Result<(), Failure> {
        let n_bars = self.chart.len() as f64;
        let steps = self.chart.steps(self.px(self.chart.plot(self.size).width).max(1) as usize);
        let wide = n_bars / steps.len().max(1) as f64;
        let tops: Vec<(f64, f64)> = steps
            .iter()
            .enumerate()
            .flat_map(|(at, value)| [(at as f64 * wide, *value), ((at + 1) as f64 * wide, *value)])
            .collect();
        let mut form = vec![(0.0, 0.0)];
        form.extend(&tops);
        form.push((n_bars, 0.0));
        chart.draw_series([Polygon::new(form, tint.filled())])?;
        chart.draw_series([PathElement::new(tops, mark.stroke_width(self.width(1.5)))])?;
        if let Some(bar) = self.chart.selected {
            let corners =
                [(bar as f64, self.chart.values[bar].unwrap_or(0.0)), (bar as f64 + wide.max(1.0), 0.0)];
            chart.draw_series([Rectangle::new(corners, mark.filled())])?;
        }
        Ok(())
    }

    /// Values above bars, names below them; of many only those of the chosen one, its value above all bars.
    fn words(&self, area: &Area) -> Result<(), Failure> {
        let [_, room] = self.chart.has_room(self.size);
        let plot = self.chart.plot(self.size);
        for (_, name, middle) in self.chart.names_below(self.size) {
            let at = (self.px(middle), self.px(plot.bottom() + 5.0));
            self.write(area, name, at, (HPos::Center, VPos::Top), self.ink(Token::Text3))?;
        }
        let ink = match self.chart.tone {
            Tone::Field => self.ink(Token::RfText),
            Tone::Plain => self.ink(Token::Text),
        };
        let last = self.chart.len().saturating_sub(1);
        let limit = self.chart.limit.as_ref().map(|(limit, _)| self.height_of(*limit));
        for (bar, value) in self.chart.values.iter().enumerate() {
            let Some(value) = value.filter(|_| room || bar == self.chart.selected.unwrap_or(last)) else {
                continue;
            };
            let text = (self.chart.format)(value);
            let [x, step] = self.chart.place(self.size, bar);
            // A word at an end stays in the picture.
            let half = text.chars().count() as f64 * 3.5 + 4.0;
            let middle = (x + step / 2.0).clamp(half, (self.size.width - half).max(half));
            let above = if room { self.height_of(value) } else { self.px(plot.y) };
            // No line goes through it.
            let crossed = limit.filter(|limit| (above - self.px(20.0)..above).contains(limit));
            let at = (self.px(middle), crossed.unwrap_or(above) - self.px(4.0));
            if room {
                // No line across goes through it either.
                let half = self.px(text.chars().count() as f64 * 3.2);
                let patch = [(at.0 - half, at.1 - self.px(13.0)), (at.0 + half, at.1 - self.px(1.0))];
                area.draw(&Rectangle::new(patch, self.ink(Token::Paper).filled()))?;
            }
            self.write(area, &text, at, (HPos::Center, VPos::Bottom), ink)?;
        }
        Ok(())
    }

    fn write(
        &self,
        area: &Area,
        text: &str,
        at: (i32, i32),
        (across, down): (HPos, VPos),
        ink: RGBAColor,
    ) -> Result<(), Failure> {
        let family = FontFamily::Name(self.palette.family(Face::Ui));
        let font = FontDesc::new(family, TYPE * self.ratio, FontStyle::Normal);
        let style = TextStyle::from(font).color(&ink).pos(Pos::new(across, down));
        area.draw_text(text, &style, at)
    }

    /// A length in pixels of the canvas.
    fn px(&self, length: f64) -> i32 {
        (length * self.ratio).round() as i32
    }

    /// The width of a line in pixels of the canvas.
    fn width(&self, width: f64) -> u32 {
        (width * self.ratio).round().max(1.0) as u32
    }

    fn height_of(&self, value: f64) -> i32 {
        let plot = self.chart.plot(self.size);
        self.px(plot.bottom() - value / self.chart.top() * plot.height)
    }

    fn ink(&self, token: Token) -> RGBAColor {
        let [red, green, blue, opacity] = self.palette.token(token);
        RGBAColor(red, green, blue, f64::from(opacity) / 255.0)
    }
}
