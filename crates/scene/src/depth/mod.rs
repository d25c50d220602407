//! The depth view: the layer as volumes. Channels are sheets, from front to back; filters are blocks as deep as
//! the channels that they read; the window is a prism through those channels that moves over height and width
//! alone.
//!
//! Of more than [`MOST_SHEETS`] sheets one less is drawn, the chosen one among them, and the rest is counted.

mod layout;
mod marks;
mod sheets;

use std::ops::Range;
use std::rc::Rc;

use crate::figure::Figure;
use crate::geom::{Point, Rect, Size};
use crate::lab::raster;
use crate::pose::Pose;
use crate::scene::{Factor, Mark, Part, Raster, Scale};
use crate::volume::VolumeSpec;

use layout::Layout;

/// So many sheets of a volume are drawn.
pub const MOST_SHEETS: u64 = 8;
/// So many filters are drawn.
pub const MOST_FILTERS: u64 = 12;

/// A depth view laid out for a room.
#[derive(Clone, Debug)]
pub struct DepthFigure {
    spec: VolumeSpec,
    layout: Layout,
    /// The sheets of the input that are drawn.
    inputs: Vec<Rc<Raster>>,
    /// The slices of each filter that is drawn.
    filters: Vec<Vec<Rc<Raster>>>,
    /// The maps that are drawn.
    outputs: Vec<Rc<Raster>>,
}

impl DepthFigure {
    /// Lays the volumes out in `room`: side by side, or where it is narrow (below 560 px) the filters below.
    pub fn new(spec: VolumeSpec, room: Size) -> Self {
        let layout = Layout::new(&spec, room);
        let scale = spec.input_scale();
        let drawn = |first: u64, count: u64| first..first + count;
        let inputs = drawn(layout.input.first, layout.input.count)
            .map(|channel| spec.channel_raster(channel, scale))
            .collect();
        // Each filter and each map has its own scale: one for all would leave most of them pale.
        let filters = layout
            .blocks
            .iter()
            .map(|block| {
                let slices = drawn(block.slices.first, block.slices.count);
                let most = spec.largest_weight(block.filter);
                slices.map(|slice| spec.slice_raster(block.filter, slice, most)).collect()
            })
            .collect();
        let outputs = drawn(layout.output.first, layout.output.count)
            .map(|map| {
                let max = spec.end(spec.lab.output.plane(0, map));
                Rc::new(raster(&spec.lab.output, map, Scale::Signed { max }))
            })
            .collect();
        Self { spec, layout, inputs, filters, outputs }
    }

    /// The window of an output on a sheet of the input.
    fn window(&self, sheet: u64, [y, x]: [u64; 2]) -> Rect {
        let geometry = &self.spec.lab.geometry;
        let first = [geometry.rows.window_start(y), geometry.columns.window_start(x)];
        let count = [geometry.rows.dilated_kernel(), geometry.columns.dilated_kernel()];
        self.layout.input.grid(sheet).block(first, count)
    }

    /// The drawn sheets that the chosen filter reads: the first and the last.
    fn read_sheets(&self) -> [u64; 2] {
        let sheets = &self.layout.input;
        let first = self.spec.first_channel(self.spec.lab.filter);
        let last = first + self.spec.n_slices() - 1;
        let on_sheet = |channel: u64| channel.saturating_sub(sheets.first).min(sheets.count - 1);
        [on_sheet(first), on_sheet(last)]
    }

    fn has(&self, part: Part) -> bool {
        match part {
            Part::Channel(channel) => self.layout.input.sheet(channel).is_some(),
            Part::Filter(filter) => {
                self.layout.block(filter).is_some() || self.layout.output.sheet(filter).is_some()
            }
            Part::Factor(Factor::Biases) | Part::Bias => self.spec.lab.bias.is_some(),
            Part::Factor(_) => true,
            Part::Output([y, x]) => {
                let [height, width] = self.spec.lab.geometry.output_size();
                y < height && x < width
            }
            Part::Input(_) | Part::Kernel(_) => false,
        }
    }
}

impl Figure for DepthFigure {
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

    /// Of a range that begins within a row there are a few marks a map; a whole frame of them is dear.
    fn done_is_short(&self) -> bool {
        false
    }

    fn moving(&self, pose: Pose, pointed: Option<Part>) -> Vec<Mark> {
        let mut marks = marks::moving(self, pose);
        if let Some(part) = pointed.filter(|part| self.has(*part)) {
            marks::pointed(self, &mut marks, part);
        }
        marks
    }

    fn passing(&self, pose: Pose) -> Vec<Mark> {
        marks::passing(self, pose)
    }

    /// The window stands for the chosen filter; of sheets the nearest counts.
    fn hit(&self, pose: Pose, point: Point) -> Option<Part> {
        let geometry = &self.spec.lab.geometry;
        let output = geometry.output_position(pose.target().min(geometry.n_steps() - 1));
        let [front, _] = self.read_sheets();
        if self.window(front, output).contains(point) {
            return Some(Part::Filter(self.spec.lab.filter));
        }
        let under = |sheets: &sheets::Sheets| (0..sheets.count).find(|at| sheets.frame(*at).contains(point));
        if let Some(at) = under(&self.layout.input) {
            return Some(Part::Channel(self.layout.input.first + at));
        }
        if let Some(at) = under(&self.layout.output) {
            return Some(Part::Filter(self.layout.output.first + at));
        }
        let block = self.layout.blocks.iter().find(|block| block.place.contains(point));
        block.map(|block| Part::Filter(block.filter))
    }

    fn part_rect(&self, part: Part) -> Option<Rect> {
        let layout = &self.layout;
        match part {
            Part::Channel(channel) => layout.input.sheet(channel).map(|at| layout.input.frame(at)),
            Part::Filter(filter) => layout.block(filter).map(|block| block.slices.around()),
            Part::Factor(Factor::Filters) => Some(layout.bank),
            _ => None,
        }
    }
}
