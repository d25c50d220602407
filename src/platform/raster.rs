//! Rasters as canvases: one pixel a cell, made once for a palette and kept while the raster lives.

use std::ops::Range;
use std::rc::{Rc, Weak};

use convscope_scene::{Raster, Scale};
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::dom::new_canvas;
use super::palette::Palette;

/// The canvases made so far, each beside the raster it shows.
#[derive(Default)]
pub(super) struct Rasters(Vec<(Weak<Raster>, HtmlCanvasElement)>);

impl Rasters {
    /// The canvas of `raster`; `None` where it has no cells or the browser has no room.
    pub(super) fn canvas(&mut self, raster: &Rc<Raster>, palette: &Palette) -> Option<HtmlCanvasElement> {
        let pointer = Rc::as_ptr(raster);
        if let Some((_, canvas)) = self.0.iter().find(|(known, _)| known.as_ptr() == pointer) {
            return Some(canvas.clone());
        }
        // A kept `Weak` keeps its address taken, so a new raster never meets an old entry.
        self.0.retain(|(known, _)| known.strong_count() > 0);
        let canvas = paint(raster, palette)?;
        self.0.push((Rc::downgrade(raster), canvas.clone()));
        Some(canvas)
    }
}

/// The raster as a `data:image/png` address, one pixel a cell; empty where that cannot be made.
pub fn raster_href(raster: &Raster, palette: &Palette) -> String {
    paint(raster, palette).and_then(|canvas| canvas.to_data_url().ok()).unwrap_or_default()
}

fn paint(raster: &Raster, palette: &Palette) -> Option<HtmlCanvasElement> {
    let canvas = new_canvas(raster.width, raster.height)?;
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let bytes = pixels(raster, palette);
    let data =
        ImageData::new_with_u8_clamped_array_and_sh(Clamped(&bytes), raster.width, raster.height).ok()?;
    context.put_image_data(&data, 0.0, 0.0).ok()?;
    Some(canvas)
}

/// Red, green, blue and opacity of every cell.
fn pixels(raster: &Raster, palette: &Palette) -> Vec<u8> {
    if raster.scale == Scale::Colour {
        let level = |value: &f32| (value * 255.0).round() as u8;
        return raster
            .values
            .chunks_exact(3)
            .flat_map(|it| [level(&it[0]), level(&it[1]), level(&it[2]), 255])
            .collect();
    }
    let colour = |&value: &f32| match raster.scale {
        Scale::Grey { low, high } => {
            let share = if high > low { (value - low) / (high - low) } else { 0.0 };
            // Not a number becomes black.
            let grey = (share * 255.0).round() as u8;
            [grey, grey, grey, 255]
        }
        Scale::Signed { max } => palette.signed(if max > 0.0 { f64::from(value / max) } else { 0.0 }),
        Scale::Colour => [0; 4],
    };
    raster.values.iter().flat_map(colour).collect()
}

/// `cells` of a map in row-major order, as rectangles `[x, y, width, height]` in cells: the rest of a
/// row, whole rows, the beginning of a row.
pub(super) fn pieces(cells: &Range<u64>, [height, width]: [u32; 2]) -> impl Iterator<Item = [u32; 4]> {
    let row_len = u64::from(width).max(1);
    let n_cells = u64::from(width) * u64::from(height);
    let (first, end) = (cells.start.min(n_cells), cells.end.min(n_cells).max(cells.start.min(n_cells)));
    // Below `n_cells`, so rows and columns fit in 32 bits.
    let place = |cell: u64| ((cell / row_len) as u32, (cell % row_len) as u32);
    let ((first_row, first_column), (end_row, end_column)) = (place(first), place(end));
    let pieces = if first_row == end_row {
        [[first_column, first_row, end_column - first_column, 1], [0; 4], [0; 4]]
    } else {
        let whole_from = if first_column == 0 { first_row } else { first_row + 1 };
        let rest = if first_column == 0 { 0 } else { width - first_column };
        [
            [first_column, first_row, rest, 1],
            [0, whole_from, width, end_row - whole_from],
            [0, end_row, end_column, 1],
        ]
    };
    pieces.into_iter().filter(|&[_, _, width, height]| width > 0 && height > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cells: Range<u64>, expected: &[[u32; 4]]) {
        assert_eq!(pieces(&cells, [3, 5]).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_range_of_cells_is_at_most_three_rectangles() {
        check(0..15, &[[0, 0, 5, 3]]);
        check(2..14, &[[2, 0, 3, 1], [0, 1, 5, 1], [0, 2, 4, 1]]);
        check(0..7, &[[0, 0, 5, 1], [0, 1, 2, 1]]);
        check(3..7, &[[3, 0, 2, 1], [0, 1, 2, 1]]);
        check(6..8, &[[1, 1, 2, 1]]);
    }

    #[test]
    fn cells_beyond_the_map_are_left_out() {
        check(10..99, &[[0, 2, 5, 1]]);
        check(20..99, &[]);
        check(4..4, &[]);
    }
}
