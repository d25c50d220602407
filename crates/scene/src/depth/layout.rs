//! Where the volumes stand: input, filters, output from left to right, or where it is narrow the filters below.

use crate::depth::sheets::Sheets;
use crate::depth::{MOST_FILTERS, MOST_SHEETS};
use crate::geom::{Rect, Size};
use crate::volume::{VolumeSpec, drawn};

/// Below this width the filters stand under input and output.
const STACKED_BELOW: f64 = 560.0;
/// Room above the volumes for title and caption, and below them for what the sheets are.
const HEAD: f64 = 56.0;
const FOOT: f64 = 30.0;
const MARGIN: f64 = 24.0;
/// How high the volumes may be, at least and at most.
const HEIGHT: [f64; 2] = [170.0, 300.0];
/// The widths of input, filters and output, of what lies between the margins.
const SHARES: [f64; 3] = [0.33, 0.36, 0.25];
/// The largest cell of a sheet, and of a filter's slice.
const CELLS: [f64; 2] = [22.0, 14.0];
/// Below the filters: the lines from channels to filters, and what they are.
const WIRING: f64 = 58.0;
/// Below a filter: its number.
const LABEL: f64 = 24.0;

/// One filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Block {
    pub(super) filter: u64,
    pub(super) slices: Sheets,
    /// The part of the box that is its own.
    pub(super) place: Rect,
    /// The one number beside its weights.
    pub(super) bias: Rect,
}

/// Where everything stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) stacked: bool,
    pub(super) input: Sheets,
    pub(super) output: Sheets,
    /// The box around the filters.
    pub(super) bank: Rect,
    pub(super) blocks: Vec<Block>,
    /// Between the row of channels above and the row of filters below; nothing with one channel.
    pub(super) wiring: Option<Rect>,
}

impl Layout {
    pub(super) fn new(spec: &VolumeSpec, room: Size) -> Self {
        let geometry = &spec.lab.geometry;
        let [channels, filters] = spec.counts();
        let pads = geometry.pads();
        let stacked = room.width < STACKED_BELOW;
        let margin = if stacked { 12.0 } else { MARGIN };
        let width = room.width - 2.0 * margin;
        let wiring = if channels > 1 { WIRING } else { 0.0 };
        let wanted = if room.height.is_finite() { room.height - HEAD - FOOT } else { HEIGHT[1] };
        let height = if stacked { HEIGHT[0] } else { wanted.clamp(HEIGHT[0] + wiring, HEIGHT[1]) };
        let shares = if stacked { [0.54, 1.0, 0.4] } else { SHARES };
        let [input_width, bank_width, output_width] = shares.map(|share| (share * width).floor());
        let first = [-(pads.top as i64), -(pads.left as i64)];
        let input = Sheets::fitting(
            drawn(channels, spec.lab.channel, MOST_SHEETS),
            geometry.input_size(),
            geometry.padded_size(),
            first,
            Size::new(input_width, height),
            CELLS[0],
        );
        let size = geometry.output_size();
        let maps = drawn(filters, spec.lab.filter, MOST_SHEETS);
        let output = Sheets::fitting(maps, size, size, [0, 0], Size::new(output_width, height), CELLS[0]);
        // Each volume in the middle of the height.
        let bottom = |taken: f64, height: f64| HEAD + (height + taken) / 2.0;
        let input = input.standing_at(margin, bottom(input.size().height, height));
        let output_x = margin + width - output.size().width;
        let output = output.standing_at(output_x, bottom(output.size().height, height));
        let bank = if stacked {
            Rect::new(margin, HEAD + height + FOOT + 40.0, bank_width, 150.0)
        } else {
            let gaps = width - input.size().width - bank_width - output.size().width;
            let x = (margin + input.size().width + gaps / 2.0).round();
            Rect::new(x, HEAD, bank_width, height - wiring)
        };
        let under = (wiring > 0.0).then(|| Rect::new(bank.x, bank.bottom() + 8.0, bank.width, 30.0));
        let end = bank.bottom() + wiring;
        let size = Size::new(room.width, if stacked { end + 12.0 } else { HEAD + height + FOOT });
        let blocks = blocks(spec, bank);
        Self { size, stacked, input, output, bank, blocks, wiring: under }
    }

    pub(super) fn block(&self, filter: u64) -> Option<&Block> {
        self.blocks.iter().find(|block| block.filter == filter)
    }
}

/// The filters in rows within the box.
fn blocks(spec: &VolumeSpec, bank: Rect) -> Vec<Block> {
    let [_, filters] = spec.counts();
    let [first, count] = drawn(filters, spec.lab.filter, MOST_FILTERS);
    // A third more columns than rows: the box is wider than it is high.
    let columns = (1..=count).find(|n| n * n * 3 >= count * 4).unwrap_or(1).max(count.min(3));
    let rows = count.div_ceil(columns);
    let geometry = &spec.lab.geometry;
    let kernel = [geometry.rows.params().kernel_size(), geometry.columns.params().kernel_size()];
    let (wide, high) = (bank.width / columns as f64, (bank.height - 8.0) / rows as f64);
    let room = Size::new((wide - 14.0).max(8.0), (high - LABEL - 8.0).max(8.0));
    let slices = Sheets::fitting(
        drawn(spec.n_slices(), spec.lab.slice, MOST_SHEETS),
        kernel,
        kernel,
        [0, 0],
        room,
        CELLS[1],
    );
    let size = slices.size();
    (0..count)
        .map(|idx| {
            let (row, column) = (idx / columns, idx % columns);
            let place =
                Rect::new(bank.x + column as f64 * wide, bank.y + 4.0 + row as f64 * high, wide, high);
            let x = place.x + (wide - size.width) / 2.0;
            let bottom = place.y + (high - LABEL + size.height) / 2.0;
            let slices = slices.standing_at(x, bottom);
            let label = slices.frame(0).bottom() + 12.0;
            let bias = Rect::new((place.centre().x + 12.0).round(), (label - 4.0).round(), 8.0, 8.0);
            Block { filter: first + idx, slices, place, bias }
        })
        .collect()
}

/// How high above the volumes the titles stand.
pub(super) const TITLES: [f64; 2] = [16.0, 34.0];
