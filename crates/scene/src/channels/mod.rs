//! The working view of one filter: for each channel that it reads the input, the slice over it and that
//! channel's share of the map; then their sum, the bias, the activation.
//!
//! Cells hold numbers where they are large enough, otherwise maps are pictures on one signed scale.
//! Of more than four channels three have a row, the chosen one among them, and the rest is counted.

mod layout;
mod marks;
mod patches;
mod pointed;

use std::ops::Range;
use std::rc::Rc;

use convscope_core::window::{Unread, unread};

use crate::figure::Figure;
use crate::geom::{Point, Rect, Size};
use crate::lab::layout::Grid;
use crate::pose::Pose;
use crate::scene::{Factor, Mark, Part, Raster, Scale};
use crate::volume::VolumeSpec;

pub use patches::patches;

use layout::{Layout, Row};

/// A working view laid out for a room.
#[derive(Clone, Debug)]
pub struct ChannelsFigure {
    spec: VolumeSpec,
    layout: Layout,
    /// Each row's share of the map, row by row of it.
    shares: Vec<Vec<f32>>,
    /// The end of the signed scale of shares and map.
    end: f32,
    unread: Unread,
    pictures: Option<Pictures>,
}

/// What is shown as pictures: of each row input, slice and share; and the map.
#[derive(Clone, Debug)]
struct Pictures {
    rows: Vec<[Rc<Raster>; 3]>,
    output: Rc<Raster>,
}

impl ChannelsFigure {
    /// Lays the rows out in `room`: with numbers where cells of 28 px fit, otherwise as pictures.
    pub fn new(spec: VolumeSpec, room: Size) -> Self {
        let layout = Layout::new(&spec, room);
        let shares: Vec<Vec<f32>> = layout.rows.iter().map(|row| spec.share(row.slice)).collect();
        let output = spec.lab.output.plane(0, spec.lab.filter);
        let end = shares.iter().fold(spec.end(output), |end, share| end.max(spec.end(share)));
        let pictures = (!layout.numbers).then(|| {
            let [_, _, height, width] = spec.lab.output.shape();
            let map = |values: &[f32]| {
                let scale = Scale::Signed { max: end };
                Rc::new(Raster { width: width as u32, height: height as u32, values: values.to_vec(), scale })
            };
            let filter = spec.lab.filter;
            let first = spec.first_channel(filter);
            let most = spec.largest_weight(filter);
            let scale = spec.input_scale();
            let rows = layout.rows.iter().zip(&shares).map(|(row, share)| {
                let input = spec.channel_raster(first + row.slice, scale);
                [input, spec.slice_raster(filter, row.slice, most), map(share)]
            });
            Pictures { rows: rows.collect(), output: map(output) }
        });
        let unread = unread(&spec.lab.geometry);
        Self { spec, layout, shares, end, unread, pictures }
    }

    /// Whether cells hold numbers.
    pub fn has_numbers(&self) -> bool {
        self.layout.numbers
    }

    /// The slices that have a row.
    pub fn slices(&self) -> impl Iterator<Item = u64> {
        self.layout.rows.iter().map(|row| row.slice)
    }

    /// The row of the chosen channel.
    fn chosen(&self) -> Option<&Row> {
        self.layout.row(self.spec.lab.slice)
    }

    fn is_chosen(&self, row: &Row) -> bool {
        row.slice == self.spec.lab.slice
    }

    /// The channel of a row.
    fn channel(&self, row: &Row) -> u64 {
        self.spec.first_channel(self.spec.lab.filter) + row.slice
    }

    /// The value at a position of a channel of the padded input.
    fn input_value(&self, channel: u64, [row, column]: [i64; 2]) -> f32 {
        let geometry = &self.spec.lab.geometry;
        let mode = self.spec.lab.params.options().padding_mode;
        match (geometry.rows.source(row, mode), geometry.columns.source(column, mode)) {
            (Some(y), Some(x)) => self.spec.lab.input.at([0, channel, y, x]),
            _ => 0.0,
        }
    }

    fn is_padding(&self, [row, column]: [i64; 2]) -> bool {
        let [height, width] = self.spec.lab.geometry.input_size();
        row < 0 || column < 0 || row >= height as i64 || column >= width as i64
    }

    /// Whether no window reads a position of the padded input.
    fn is_unread(&self, [row, column]: [i64; 2]) -> bool {
        self.unread.rows.binary_search(&row).is_ok() || self.unread.columns.binary_search(&column).is_ok()
    }

    /// The cells under the kernel at an output, on the input of a row.
    fn window(&self, row: &Row, [y, x]: [u64; 2]) -> Rect {
        let geometry = &self.spec.lab.geometry;
        let first = [geometry.rows.window_start(y), geometry.columns.window_start(x)];
        row.input.block(first, [geometry.rows.dilated_kernel(), geometry.columns.dilated_kernel()])
    }

    /// Whether the figure shows a part.
    fn has(&self, part: Part) -> bool {
        let unsigned = |grid: &Grid, at: [u64; 2]| grid.has(at.map(|n| n as i64));
        match part {
            Part::Input(position) => self.chosen().is_some_and(|row| row.input.has(position)),
            Part::Kernel(tap) => self.chosen().is_some_and(|row| unsigned(&row.kernel, tap)),
            Part::Output(position) => unsigned(&self.layout.output, position),
            Part::Bias | Part::Factor(Factor::Biases) => self.spec.lab.bias.is_some(),
            Part::Channel(channel) => self.layout.rows.iter().any(|row| self.channel(row) == channel),
            Part::Filter(filter) => filter == self.spec.lab.filter,
            Part::Factor(_) => true,
        }
    }
}

impl Figure for ChannelsFigure {
    fn size(&self) -> Size {
        self.layout.size
    }

    fn n_steps(&self) -> u64 {
        self.spec.lab.geometry.n_steps()
    }

    fn still(&self) -> Vec<Mark> {
        marks::still(self)
    }

    fn done(&self, steps: Range<u64>) -> Vec<Mark> {
        marks::done(self, steps.start..steps.end.min(self.n_steps()))
    }

    fn done_is_short(&self) -> bool {
        self.pictures.is_some()
    }

    fn moving(&self, pose: Pose, pointed: Option<Part>) -> Vec<Mark> {
        let mut marks = marks::moving(self, pose, pointed.is_none());
        if let Some(part) = pointed.filter(|part| self.has(*part)) {
            pointed::marks(self, &mut marks, part);
        }
        marks
    }

    /// The chosen channel's row answers cell by cell, as the flat figure does; any other as a whole. Every map
    /// has the cells of the output.
    fn hit(&self, _pose: Pose, point: Point) -> Option<Part> {
        let unsigned = |[y, x]: [i64; 2]| [y as u64, x as u64];
        for row in &self.layout.rows {
            if let Some(position) = row.map.at(point) {
                return Some(Part::Output(unsigned(position)));
            }
            let (input, tap) = (row.input.at(point), row.kernel.at(point));
            if !self.is_chosen(row) && (input.is_some() || tap.is_some()) {
                return Some(Part::Channel(self.channel(row)));
            }
            if let Some(position) = input {
                // The padding of a picture is a rim of a few pixels.
                let reachable = self.layout.numbers || !self.is_padding(position);
                return reachable.then_some(Part::Input(position));
            }
            if let Some(tap) = tap {
                return Some(Part::Kernel(unsigned(tap)));
            }
        }
        if let Some(position) = self.layout.output.at(point) {
            return Some(Part::Output(unsigned(position)));
        }
        let sum = layout::circle(&self.layout);
        (self.spec.lab.bias.is_some() && sum.contains(point)).then_some(Part::Bias)
    }

    fn part_rect(&self, part: Part) -> Option<Rect> {
        let chosen = self.chosen()?;
        Some(match part {
            Part::Input(position) => chosen.input.cell(position),
            Part::Kernel(tap) => chosen.kernel.cell(tap.map(|n| n as i64)),
            Part::Output(position) => self.layout.output.cell(position.map(|n| n as i64)),
            Part::Bias | Part::Factor(Factor::Biases) => {
                self.spec.lab.bias?;
                layout::circle(&self.layout)
            }
            Part::Channel(channel) => {
                self.layout.rows.iter().find(|row| self.channel(row) == channel)?.input.frame()
            }
            Part::Filter(filter) if filter != self.spec.lab.filter => return None,
            Part::Filter(_) | Part::Factor(Factor::Filters) => self.layout.output.frame(),
            Part::Factor(Factor::Taps | Factor::Channels) => chosen.kernel.frame(),
        })
    }
}
