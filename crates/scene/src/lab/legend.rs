//! The legend below the figure: window, padding, never read.

use crate::geom::{Point, Rect};
use crate::ink::Ink;
use crate::lab::LabFigure;
use crate::number;
use crate::scene::{Align, Mark};

/// Side of a swatch.
const SWATCH: f64 = 16.0;
/// Average width of a letter of the legend's type.
const LETTER: f64 = 6.6;
/// From one row to the next, where the figure is narrow.
const ROW: f64 = 24.0;

/// The legend's swatches and words, in one row; scales begin another one where grids are stacked.
pub(super) fn marks(figure: &LabFigure, marks: &mut Vec<Mark>) {
    let Some(origin) = figure.layout.legend else { return };
    let labels = &figure.spec.labels;
    let mut at = Point::new(origin.x, origin.y + 8.0);
    let mut item = |label: &str, inks: &[Ink], on_next_row: bool| {
        if label.is_empty() {
            return;
        }
        if on_next_row {
            at = Point::new(origin.x, at.y + ROW);
        }
        let rect = Rect::new(at.x, at.y, SWATCH, SWATCH);
        for ink in inks {
            marks.push(Mark::rect(if *ink == Ink::Window { rect.inset(1.5) } else { rect }, *ink));
        }
        let text_at = Point::new(rect.right() + 6.0, rect.centre().y);
        marks.push(Mark::text(text_at, label, 13.0, Align::Start, Ink::Caption));
        at.x = text_at.x + label.chars().count() as f64 * LETTER + 16.0;
    };
    item(&labels.window, &[Ink::Tap { u: 0.5, v: 0.5 }, Ink::Window], false);
    item(&labels.padding, &[Ink::PadGround, Ink::PadHatch], false);
    let odd = if figure.spec.stretch.is_some() { Ink::InsertedCell } else { Ink::BeyondCell };
    item(&labels.odd, &[odd], figure.layout.stacked);
    if !figure.is_picture() && figure.spec.pool.as_ref().is_some_and(|pool| pool.dropped_room() != [0, 0]) {
        item(&labels.dropped, &[Ink::DroppedWindow], false);
    }
    item(&labels.never_read, &[Ink::InputCell, Ink::Unread], false);
    if !figure.layout.shows_values() {
        let next_row = |at: &mut Point| {
            if figure.layout.stacked {
                *at = Point::new(origin.x, at.y + ROW);
            }
        };
        next_row(&mut at);
        let [input, output] = [figure.input_max, figure.output_max].map(number::cell);
        if figure.spec.photograph {
            // The input is grey; its range is said beside it. Rare values beyond the ends have their colour.
            scale(marks, at, &labels.output[0], [&format!("≤ \u{2212}{output}"), &format!("≥ {output}")]);
        } else {
            at.x = scale(marks, at, &labels.input[0], [&format!("\u{2212}{input}"), &input]);
            next_row(&mut at);
            scale(marks, at, &labels.output[0], [&format!("\u{2212}{output}"), &output]);
        }
    }
}

/// A bar of the signed scale with its ends; the place after it.
#[inline(never)]
fn scale(marks: &mut Vec<Mark>, at: Point, title: &str, [low, high]: [&str; 2]) -> f64 {
    const STEPS: i32 = 10;
    const STEP: f64 = 8.0;
    let middle = at.y + SWATCH / 2.0;
    let text =
        |x: f64, text: String| Mark::text(Point::new(x, middle), text, 13.0, Align::Start, Ink::Caption);
    let low = format!("{title} {low}");
    let bar = at.x + low.chars().count() as f64 * LETTER + 6.0;
    marks.push(text(at.x, low));
    for step in 0..=STEPS {
        let rect = Rect::new(bar + f64::from(step) * STEP, at.y, STEP, SWATCH);
        marks.push(Mark::rect(rect, Ink::Value(f64::from(step) / f64::from(STEPS) * 2.0 - 1.0)));
    }
    let end = bar + f64::from(STEPS + 1) * STEP + 6.0;
    marks.push(text(end, high.to_owned()));
    end + high.chars().count() as f64 * LETTER + 24.0
}
