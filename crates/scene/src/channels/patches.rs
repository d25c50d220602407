//! Of one output cell: each channel's patch of the input, the slice over it, and the sum of their products.

use std::rc::Rc;

use crate::geom::{Point, Rect, Size};
use crate::ink::Ink;
use crate::number;
use crate::scene::{Align, Mark, Raster, Scene, Shape};
use crate::volume::{VolumeSpec, drawn};

/// Side of a patch, and of its slice.
const SIDE: f64 = 80.0;
/// From one row to the next.
const ROW: f64 = SIDE + 12.0;
/// Between patch and slice, and from the slice to the sum.
const SIGN: f64 = 32.0;
/// Up to so many channels have a row.
const MOST_ROWS: u64 = 4;

/// The rows, `width` pixels wide; `sums` are the sums of all channels that the filter reads, in order.
pub fn patches(spec: &VolumeSpec, output: [u64; 2], sums: &[f32], width: f64) -> Scene {
    let [first, count] = drawn(spec.n_slices(), spec.lab.slice, MOST_ROWS);
    let filter = spec.lab.filter;
    let most = spec.largest_weight(filter);
    let mut marks = Vec::new();
    for idx in 0..count {
        let slice = first + idx;
        let channel = spec.first_channel(filter) + slice;
        let y = 1.0 + idx as f64 * ROW;
        let patch = patch(spec, channel, output);
        let frames = [
            (1.0, patch, Ink::Window),
            (1.0 + SIDE + SIGN, spec.slice_raster(filter, slice, most), Ink::KernelFrame),
        ];
        for (x, raster, ink) in frames {
            let rect = fitted(Rect::new(x, y, SIDE, SIDE), &raster);
            let n_cells = u64::from(raster.width) * u64::from(raster.height);
            marks.push(Mark {
                shape: Shape::Raster { rect, raster, cells: 0..n_cells },
                ink: Ink::Picture,
                part: None,
            });
            marks.push(Mark::rect(rect, ink));
        }
        let middle = y + SIDE / 2.0;
        let sign = |x: f64, text: &str, size: f64| {
            Mark::text(Point::new(x, middle), text, size, Align::Middle, Ink::Operator)
        };
        marks.push(sign(1.0 + SIDE + SIGN / 2.0, "·", 24.0));
        marks.push(sign(1.0 + 2.0 * SIDE + 1.5 * SIGN, "=", 20.0));
        let sum = sums.get(slice as usize).copied().unwrap_or(0.0);
        let name = spec.words.channels.get(channel as usize).map_or("", String::as_str);
        let end = |y: f64, text: String, size: f64, ink: Ink| {
            Mark::text(Point::new(width - 2.0, y), text, size, Align::End, ink)
        };
        marks.push(end(middle - 9.0, number::cell(sum), 17.0, Ink::BiasValue));
        marks.push(end(middle + 12.0, name.to_ascii_lowercase(), 13.0, Ink::Axis));
    }
    let mut height = count as f64 * ROW;
    if !spec.words.more.is_empty() {
        marks.push(Mark::text(Point::new(1.0, height), &spec.words.more, 13.0, Align::Start, Ink::Caption));
        height += 16.0;
    }
    Scene { size: Size::new(width, height), marks }
}

/// The cells that the taps of an output read in a channel, as many as the kernel has.
fn patch(spec: &VolumeSpec, channel: u64, [y, x]: [u64; 2]) -> Rc<Raster> {
    let geometry = &spec.lab.geometry;
    let mode = spec.lab.params.options().padding_mode;
    let [k_h, k_w] = [geometry.rows.params().kernel_size(), geometry.columns.params().kernel_size()];
    let value = |k_y: u64, k_x: u64| {
        let row = geometry.rows.source(geometry.rows.tap(y, k_y), mode);
        let column = geometry.columns.source(geometry.columns.tap(x, k_x), mode);
        row.zip(column).map_or(0.0, |(row, column)| spec.lab.input.at([0, channel, row, column]))
    };
    let places = (0..k_h).flat_map(|k_y| (0..k_w).map(move |k_x| (k_y, k_x)));
    let values = places.map(|(k_y, k_x)| value(k_y, k_x)).collect();
    Rc::new(Raster { width: k_w as u32, height: k_h as u32, values, scale: spec.input_scale() })
}

/// The largest rectangle of a raster's proportions in the middle of another.
fn fitted(rect: Rect, raster: &Raster) -> Rect {
    let [rows, columns] = [raster.height, raster.width].map(f64::from);
    let cell = (rect.width / columns).min(rect.height / rows);
    let (width, height) = (columns * cell, rows * cell);
    Rect::new(rect.x + (rect.width - width) / 2.0, rect.y + (rect.height - height) / 2.0, width, height)
}
