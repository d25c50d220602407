//! The lab figure: padded input, window, kernel, output, for one channel and one filter.
//!
//! Small maps are grids of cells with their numbers; large ones, and photographs, are pictures with a
//! magnified neighbourhood of the window.
//! What does not change from pose to pose is drawn once ([`Figure::still`], [`Figure::done`]);
//! what moves is drawn for each frame ([`Figure::moving`]).

pub(crate) mod cells;
mod copies;
pub(crate) mod layout;
mod legend;
pub(crate) mod moving;
mod picture;
mod picture_layout;
pub(crate) mod pointed;
mod pool;
mod still;

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use convscope_core::conv2d::{Conv2dGeometry, Conv2dParams};
use convscope_core::tensor::Tensor;
use convscope_core::window::{Unread, unread};

use crate::figure::Figure;
use crate::geom::{Point, Rect, Size};
use crate::ink::Ink;
use crate::pose::Pose;
use crate::scene::{Factor, Mark, Part, Raster, Scale};

pub use cells::tap_place;
pub(crate) use pointed::outline as pointed_outline;
pub use pool::{Pool, PoolKind};

use layout::Layout;

/// The words of the figure; wording belongs to the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Title of the input, and the line below it.
    pub input: [String; 2],
    /// Title of the kernel, and the line below it.
    pub kernel: [String; 2],
    /// Title of the output, and the line below it.
    pub output: [String; 2],
    /// Word beside the bias.
    pub bias: String,
    /// Legend: the window.
    pub window: String,
    /// Legend: padding; not shown where there is none.
    pub padding: String,
    /// Legend: cells that no window reads.
    pub never_read: String,
    /// Legend: zeros inserted between the cells of the input, or cells beyond the padding; empty where there are
    /// none.
    pub odd: String,
    /// Legend: windows of a pool that rounding up would have added and that are dropped; empty where there are none.
    pub dropped: String,
}

/// What the figure shows.
#[derive(Clone, Debug)]
pub struct LabSpec {
    /// The convolution.
    pub params: Conv2dParams,
    /// Where its windows lie on the input.
    pub geometry: Conv2dGeometry,
    /// NCHW; one channel of image 0 is shown.
    pub input: Arc<Tensor>,
    /// OIHW; one slice of one filter is shown.
    pub weight: Arc<Tensor>,
    /// The bias of the filter.
    pub bias: Option<f32>,
    /// NCHW; one map of image 0 is shown.
    pub output: Arc<Tensor>,
    /// The input channel that is shown.
    pub channel: u64,
    /// The slice of the filter that lies over it.
    pub slice: u64,
    /// The filter, and so the map of the output, that is shown.
    pub filter: u64,
    /// What a pool makes of its windows; `None` for weighted sums.
    pub pool: Option<Pool>,
    /// Of a transposed convolution, whose input has zeros inserted.
    pub stretch: Option<Stretch>,
    /// The words.
    pub labels: Labels,
    /// Whether the input is a photograph, which is drawn as a picture however few cells it has.
    pub photograph: bool,
    /// Whether there are row and column numbers and a legend; a small embed goes without.
    pub aids: bool,
}

/// Which cells of an input stretched by zeros are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From one of them to the next, `[vertical, horizontal]`.
    pub stride: [u64; 2],
    /// Cells cropped `[above, left]`.
    pub crop: [u64; 2],
}

impl Stretch {
    /// Whether a cell of the stretched input is an inserted zero.
    fn inserted(&self, position: [i64; 2]) -> bool {
        let between = |axis: usize| {
            let at = position[axis] + self.crop[axis].cast_signed();
            at.rem_euclid(self.stride[axis].cast_signed()) != 0
        };
        between(0) || between(1)
    }
}

/// A lab figure laid out for a room.
#[derive(Clone, Debug)]
pub struct LabFigure {
    spec: LabSpec,
    layout: Layout,
    unread: Unread,
    input_max: f32,
    output_max: f32,
    input_raster: Option<Rc<Raster>>,
    output_raster: Option<Rc<Raster>>,
}

impl LabFigure {
    /// Lays the figure out in `room`: the largest cells that fit its width and, where they can, its
    /// height; narrow rooms (below 480 px) put the input above kernel and output.
    pub fn new(spec: LabSpec, room: Size) -> Self {
        let layout = Layout::new(&spec, room);
        let input_max = magnitude(spec.input.plane(0, spec.channel));
        // Padding makes edges that a photograph has not; they would wash out all others.
        let output_max = {
            let map = spec.output.plane(0, spec.filter);
            if spec.photograph { usual_magnitude(map) } else { magnitude(map) }
        };
        let (mut input_raster, mut output_raster) = (None, None);
        if layout.is_picture() {
            let scale = if spec.photograph {
                Scale::Grey { low: 0.0, high: 1.0 }
            } else {
                Scale::Signed { max: input_max }
            };
            input_raster = Some(Rc::new(raster(&spec.input, spec.channel, scale)));
            output_raster =
                Some(Rc::new(raster(&spec.output, spec.filter, Scale::Signed { max: output_max })));
        }
        let unread = unread(&spec.geometry);
        Self { spec, layout, unread, input_max, output_max, input_raster, output_raster }
    }

    /// What it shows.
    pub fn spec(&self) -> &LabSpec {
        &self.spec
    }

    /// Whether the maps are drawn as pictures.
    pub fn is_picture(&self) -> bool {
        self.layout.is_picture()
    }

    /// How large a cell of the input and of the output is drawn, in CSS pixels.
    pub fn cell_px(&self) -> f64 {
        self.layout.input.cell
    }

    /// The outline of the padded input.
    pub fn input_rect(&self) -> Rect {
        self.layout.input.frame()
    }

    /// The outline of the kernel.
    pub fn kernel_rect(&self) -> Rect {
        self.layout.kernel.frame()
    }

    /// The outline of the output.
    pub fn output_rect(&self) -> Rect {
        self.layout.output.frame()
    }

    /// The outline of the bias, if there is one.
    pub fn bias_rect(&self) -> Option<Rect> {
        self.layout.bias
    }

    /// Where a part is drawn, or would be.
    fn part_rect(&self, part: Part) -> Rect {
        match part {
            Part::Input(position) => self.layout.input.cell(position),
            Part::Kernel([y, x]) => self.layout.kernel.cell([y as i64, x as i64]),
            Part::Output([y, x]) => self.layout.output.cell([y as i64, x as i64]),
            Part::Bias | Part::Factor(Factor::Biases) => self.layout.bias.unwrap_or_default(),
            Part::Factor(_) | Part::Channel(_) | Part::Filter(_) => self.layout.kernel.frame(),
        }
    }

    /// Whether the figure has this part.
    fn has(&self, part: Part) -> bool {
        let layout = &self.layout;
        match part {
            Part::Input(position) => layout.input.has(position),
            Part::Kernel(position) => layout.kernel.has(position.map(|n| n as i64)),
            Part::Output(position) => layout.output.has(position.map(|n| n as i64)),
            Part::Bias | Part::Factor(Factor::Biases) => layout.bias.is_some(),
            Part::Factor(_) => true,
            Part::Channel(_) | Part::Filter(_) => false,
        }
    }

    /// Whether no window reads a position of the padded input.
    fn is_unread(&self, [row, column]: [i64; 2]) -> bool {
        self.unread.rows.binary_search(&row).is_ok() || self.unread.columns.binary_search(&column).is_ok()
    }

    /// A weight of the slice shown.
    fn weight(&self, [k_y, k_x]: [u64; 2]) -> f32 {
        self.spec.weight.at([self.spec.filter, self.spec.slice, k_y, k_x])
    }

    /// The value at a position of the padded input.
    fn input_value(&self, [row, column]: [i64; 2]) -> f32 {
        let geometry = &self.spec.geometry;
        let mode = self.spec.params.options().padding_mode;
        match (geometry.rows.source(row, mode), geometry.columns.source(column, mode)) {
            (Some(y), Some(x)) => self.spec.input.at([0, self.spec.channel, y, x]),
            _ => self.spec.pool.as_ref().map_or(0.0, Pool::pad_value),
        }
    }

    /// The ground of a cell that is neither input nor padding: an inserted zero, or beyond the padding.
    fn odd_cell(&self, position: [i64; 2]) -> Option<Ink> {
        if self.spec.stretch.is_none() && self.spec.pool.is_none() {
            return None;
        }
        self.odd_ground(position)
    }

    #[inline(never)]
    fn odd_ground(&self, position: [i64; 2]) -> Option<Ink> {
        if let Some(stretch) = &self.spec.stretch {
            let inserted = !self.is_padding(position) && stretch.inserted(position);
            return inserted.then_some(Ink::InsertedCell);
        }
        let pool = self.spec.pool.as_ref()?;
        pool.is_beyond(position).then_some(Ink::BeyondCell)
    }

    /// Whether a position of the padded input is padding.
    fn is_padding(&self, [row, column]: [i64; 2]) -> bool {
        let [height, width] = self.spec.geometry.input_size();
        row < 0 || column < 0 || row >= height as i64 || column >= width as i64
    }
}

impl Figure for LabFigure {
    fn size(&self) -> Size {
        self.layout.size
    }

    fn n_steps(&self) -> u64 {
        self.spec.geometry.n_steps()
    }

    fn still(&self) -> Vec<Mark> {
        still::marks(self)
    }

    fn done(&self, steps: Range<u64>) -> Vec<Mark> {
        still::done(self, steps.start..steps.end.min(self.n_steps()))
    }

    fn done_is_short(&self) -> bool {
        self.is_picture()
    }

    fn moving(&self, pose: Pose, pointed: Option<Part>) -> Vec<Mark> {
        match pointed.filter(|part| self.has(*part)) {
            Some(part) => pointed::marks(self, pose, part),
            None => moving::marks(self, pose),
        }
    }

    /// The magnified neighbourhood is a piece of the picture; maps that are no pictures are shown as ever.
    fn passing(&self, pose: Pose) -> Vec<Mark> {
        moving::passing(self, pose)
    }

    /// Grids do not overlap, so the cell is found by its place; a search in the marks gives the same.
    fn hit(&self, pose: Pose, point: Point) -> Option<Part> {
        let layout = &self.layout;
        let unsigned = |[y, x]: [i64; 2]| [y as u64, x as u64];
        if let Some((grid, result)) = layout.magnifier {
            let last = self.spec.geometry.n_steps() - 1;
            let output = self.spec.geometry.output_position(pose.target().min(last));
            if result.contains(point) {
                return Some(Part::Output(output));
            }
            let grid = picture::around_window(self, &grid, output);
            if let Some(position) = grid.at(point).filter(|position| layout.input.has(*position)) {
                return Some(Part::Input(position));
            }
        }
        if let Some(position) = layout.input.at(point) {
            // The padding of a picture is a rim of a few pixels.
            let reachable = !self.is_picture() || !self.is_padding(position);
            return reachable.then_some(Part::Input(position));
        }
        if let Some(position) = layout.kernel.at(point) {
            return Some(Part::Kernel(unsigned(position)));
        }
        if let Some(position) = layout.output.at(point) {
            return Some(Part::Output(unsigned(position)));
        }
        layout.bias.filter(|rect| rect.contains(point)).map(|_| Part::Bias)
    }

    fn part_rect(&self, part: Part) -> Option<Rect> {
        let cell = matches!(part, Part::Input(_) | Part::Kernel(_) | Part::Output(_));
        (cell || self.has(part)).then(|| LabFigure::part_rect(self, part))
    }
}

/// The largest finite magnitude, 1 where all is zero, so that it can be divided by.
pub(crate) fn magnitude(values: &[f32]) -> f32 {
    let finite = values.iter().filter(|value| value.is_finite());
    let max = finite.fold(0.0_f32, |max, value| max.max(value.abs()));
    if max > 0.0 { max } else { 1.0 }
}

/// The magnitude that 99 of 100 values do not exceed, 1 where that is zero.
#[inline(never)]
pub(crate) fn usual_magnitude(values: &[f32]) -> f32 {
    if values.is_empty() {
        return 1.0;
    }
    // Magnitudes are in the order of their bits, which are found from the highest down.
    let mut rank = values.len() * 99 / 100;
    let mut usual = 0_u32;
    for shift in [24, 16, 8, 0] {
        let mut counts = [0_usize; 256];
        for value in values {
            let bits = value.abs().to_bits();
            if (u64::from(bits) >> (shift + 8)) == (u64::from(usual) >> (shift + 8)) {
                counts[(bits >> shift & 0xff) as usize] += 1;
            }
        }
        let mut byte = 0;
        while byte < 255 && counts[byte] <= rank {
            rank -= counts[byte];
            byte += 1;
        }
        usual |= (byte as u32) << shift;
    }
    let usual = f32::from_bits(usual);
    if usual > 0.0 { usual } else { magnitude(values) }
}

/// One map of image 0 as a raster.
#[inline(never)]
pub(crate) fn raster(tensor: &Tensor, map: u64, scale: Scale) -> Raster {
    let [_, _, height, width] = tensor.shape();
    Raster { width: width as u32, height: height as u32, values: tensor.plane(0, map).to_vec(), scale }
}
