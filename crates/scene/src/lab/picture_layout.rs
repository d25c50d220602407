//! Where things stand when the maps are pictures: input, output, the magnified neighbourhood of the window,
//! and beside it the kernel with the result.
//!
//! Of all arrangements that fit the room, the one with the largest pictures is taken.

use crate::geom::{Point, Rect, Size};
use crate::lab::LabSpec;
use crate::lab::layout::{Counts, FOOT, Grid, LEGEND, Layout};

/// Room above a picture for title and caption; the second where they share a line.
const HEAD: [f64; 2] = [52.0, 36.0];
/// Room left and right of the figure, likewise.
const MARGIN: [f64; 2] = [12.0, 8.0];
/// Room between columns, the second where grids are stacked; and left of the kernel for `∗`.
const GAP: [f64; 2] = [16.0, 12.0];
const SIGN: f64 = 28.0;
/// Cells along one side of the magnified neighbourhood, and how many it may grow to.
const NEIGHBOURHOOD: [u64; 2] = [9, 15];
/// Sizes of a magnified cell, largest first; the last is the smallest that holds a number.
const MAGNIFIED: [f64; 3] = [36.0, 32.0, 28.0];
/// A neighbourhood is no wider than this, unless its numbers need it.
const USUAL_SIDE: f64 = 292.0;
/// Lengths that the kernel's longer side may have at most, largest first.
const KERNEL_SIDES: [f64; 4] = [168.0, 140.0, 112.0, 88.0];
/// Room for the kernel beside a stacked neighbourhood: enough for its title, and the least.
const KERNEL_ROOM: [f64; 2] = [104.0, 72.0];
const RESULT: Size = Size::new(76.0, 44.0);
const BIAS: Size = Size::new(36.0, 28.0);
/// Between kernel, bias and result.
const BETWEEN: f64 = 12.0;
/// Side by side on a phone, cells may be this small: its screen has several pixels in each of ours.
const LEAST_STACKED: f64 = 0.6;

/// How the columns are filled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrangement {
    /// Input, neighbourhood, output above the kernel.
    Row,
    /// Input above output, neighbourhood, kernel.
    Columns,
    /// Input above output, neighbourhood above the kernel.
    Under,
}

/// Sizes to choose among, in CSS pixels.
struct Parts<'a> {
    counts: &'a Counts,
    has_bias: bool,
    /// Cells along one side of the neighbourhood.
    side: f64,
    /// Of a cell of the pictures.
    scale: f64,
    /// Of a cell of the neighbourhood.
    magnified: f64,
    /// Of a cell of the kernel.
    kernel_cell: f64,
}

impl Parts<'_> {
    fn picture(&self, count: [u64; 2]) -> Size {
        Size::new(count[1] as f64 * self.scale, count[0] as f64 * self.scale)
    }

    fn detail(&self) -> f64 {
        self.side * self.magnified
    }

    /// `∗`, the kernel, and below it bias and result.
    fn block(&self) -> Size {
        let [rows, columns] = self.counts.kernel.map(|n| n as f64 * self.kernel_cell);
        let bias = if self.has_bias { BETWEEN + BIAS.height } else { 0.0 };
        Size::new(SIGN + columns.max(RESULT.width + 8.0), rows + bias + BETWEEN + RESULT.height)
    }

    /// Left edges of the second and third column, and the size of all.
    fn columns(&self, arrangement: Arrangement) -> ([f64; 2], Size) {
        let (input, output, block) =
            (self.picture(self.counts.padded), self.picture(self.counts.output), self.block());
        let [head, gap] = [HEAD[0], GAP[0]];
        let (first, third) = match arrangement {
            Arrangement::Row => {
                (input, Size::new(output.width.max(block.width), output.height + head + block.height))
            }
            _ => (Size::new(input.width.max(output.width), input.height + head + output.height), block),
        };
        let second = first.width + gap;
        let beyond = second + self.detail() + gap;
        let height = |detail: f64| head + first.height.max(detail).max(third.height) + FOOT;
        if arrangement == Arrangement::Under {
            let detail = self.detail() + head + block.height;
            let height = head + first.height.max(detail) + FOOT;
            return ([second, second], Size::new(second + self.detail().max(block.width), height));
        }
        ([second, beyond], Size::new(beyond + third.width, height(self.detail())))
    }
}

/// Lays the pictures out in `room`; its width is kept.
#[inline(never)]
pub(super) fn pictures(spec: &LabSpec, counts: &Counts, room: Size, stacked: bool) -> Layout {
    if stacked { on_phone(spec, counts, room) } else { in_columns(spec, counts, room) }
}

fn in_columns(spec: &LabSpec, counts: &Counts, room: Size) -> Layout {
    let width = room.width - 2.0 * MARGIN[0];
    let legend = if spec.aids { LEGEND[0] } else { 0.0 };
    let side = neighbourhood(spec) as f64;
    let longest = counts.kernel[0].max(counts.kernel[1]) as f64;
    let cells = MAGNIFIED.into_iter().filter(|cell| side * cell <= USUAL_SIDE || *cell == MAGNIFIED[2]);
    let parts = |scale: f64, magnified: f64, kernel_side: f64| {
        let kernel_cell = magnified.min((kernel_side / longest).floor());
        Parts { counts, has_bias: spec.bias.is_some(), side, scale, magnified, kernel_cell }
    };
    // Half steps, so that a cell is as good as square; never less than a pixel where the width allows it.
    let scales = (2..=24_u32).rev().map(|halves| f64::from(halves) / 2.0);
    // A kernel with numbers in its cells is worth smaller pictures.
    let height = room.height - legend;
    for (height, kernel_sides) in
        [(height, &KERNEL_SIDES[..1]), (height, &KERNEL_SIDES[..]), (f64::INFINITY, &KERNEL_SIDES[..])]
    {
        for scale in scales.clone() {
            // Where it is too high anyway, no higher than it must be.
            if height.is_infinite() && scale > 1.0 {
                continue;
            }
            for &kernel_side in kernel_sides {
                for magnified in cells.clone() {
                    let parts = parts(scale, magnified, kernel_side);
                    for arrangement in [Arrangement::Row, Arrangement::Columns] {
                        let (_, size) = parts.columns(arrangement);
                        if size.width <= width && size.height <= height {
                            return placed(&parts, arrangement, room.width);
                        }
                    }
                }
            }
        }
    }
    let magnified = MAGNIFIED[2].min((width / 2.0 / side).floor());
    let widest = counts.padded[1].max(counts.output[1]) as f64;
    let scale = ((width - side * magnified - GAP[0]) / widest).clamp(0.1, 1.0);
    placed(&parts(scale, magnified, KERNEL_SIDES[0]), Arrangement::Under, room.width)
}

/// Everything at its place, in a figure of some width.
fn placed(parts: &Parts<'_>, arrangement: Arrangement, width: f64) -> Layout {
    let counts = parts.counts;
    let (columns, size) = parts.columns(arrangement);
    let [detail_x, third] = columns.map(|x| x + MARGIN[0]);
    let top = HEAD[0];
    let input = counts.input(parts.scale, MARGIN[0], top);
    let (output_x, output_y) = match arrangement {
        Arrangement::Row => (third, top),
        _ => (MARGIN[0], input.frame().bottom() + HEAD[0]),
    };
    let output = counts.plain(counts.output, parts.scale, output_x, output_y);
    let magnifier = magnifier(parts, detail_x, top);
    let kernel_y = match arrangement {
        Arrangement::Row => output.frame().bottom() + HEAD[0],
        Arrangement::Columns => top,
        Arrangement::Under => magnifier.frame().bottom() + HEAD[0],
    };
    let kernel = counts.plain(counts.kernel, parts.kernel_cell, third + SIGN, kernel_y);
    let (bias, result) = below_kernel(parts, kernel.frame(), 0.0);
    let sign = |rect: Rect| Some(Point::new(rect.x - SIGN / 2.0, rect.centre().y));
    Layout {
        size: Size::new(width, size.height.ceil()),
        stacked: false,
        input,
        kernel,
        output,
        bias,
        operators: [sign(kernel.frame()), sign(result)],
        magnifier: Some((magnifier, result)),
        legend: None,
    }
}

/// Input and output side by side, where cells do not become too small; below them the neighbourhood, and the
/// kernel beside it where there is room.
fn on_phone(spec: &LabSpec, counts: &Counts, room: Size) -> Layout {
    let [head, left, gap] = [HEAD[1], MARGIN[1], GAP[1]];
    let width = room.width - 2.0 * left;
    let side = neighbourhood(spec) as f64;
    let [padded, output] = [counts.padded, counts.output].map(|count| count.map(|n| n as f64));
    // No higher than half the room, as long as a cell is a pixel.
    let most = (room.height / 2.0 / padded[0].max(output[0])).clamp(1.0, 12.0);
    let halves = |scale: f64| if scale < 1.0 { scale } else { (scale.min(most) * 2.0).floor() / 2.0 };
    let both = (width - gap) / (padded[1] + output[1]);
    let beside = both >= LEAST_STACKED;
    let scale = halves(if beside { both } else { width / padded[1].max(output[1]) }).min(most);

    let longest = counts.kernel[0].max(counts.kernel[1]) as f64;
    let left_over = |cell: f64| width - gap - side * cell;
    let wide = |room: f64| MAGNIFIED.into_iter().find(|cell| left_over(*cell) >= room);
    let kernel_beside = wide(KERNEL_ROOM[0]).or_else(|| wide(KERNEL_ROOM[1]));
    let magnified = kernel_beside.unwrap_or(MAGNIFIED[2].min((width / side).floor()));
    let kernel_side = kernel_beside.map_or(KERNEL_SIDES[0], left_over);
    let kernel_cell = magnified.min((kernel_side / longest).floor());
    let parts = Parts { counts, has_bias: spec.bias.is_some(), side, scale, magnified, kernel_cell };

    let input = counts.input(scale, left, head);
    let under = input.frame().bottom() + head;
    let (x, y) = if beside { (input.frame().right() + gap, head) } else { (left, under) };
    let output = counts.plain(counts.output, scale, x, y);
    let magnifier = magnifier(&parts, left, input.frame().bottom().max(output.frame().bottom()) + head);
    let detail = magnifier.frame();
    let (kernel, bias, result, operators);
    if kernel_beside.is_some() {
        kernel = counts.plain(counts.kernel, kernel_cell, detail.right() + gap, detail.y);
        (bias, result) = below_kernel(&parts, kernel.frame(), 18.0);
        operators = [None, None];
    } else {
        kernel = counts.plain(counts.kernel, kernel_cell, left + SIGN, detail.bottom() + head);
        let frame = kernel.frame();
        let at = Point::new(frame.right() + SIGN + 8.0, (frame.centre().y - RESULT.height / 2.0).round());
        result = Rect::new(at.x, at.y, RESULT.width, RESULT.height);
        bias = spec.bias.map(|_| Rect::new(at.x, result.bottom() + BETWEEN, BIAS.width, BIAS.height));
        let axis = frame.centre().y;
        operators =
            [left + SIGN / 2.0, frame.right() + (SIGN + 8.0) / 2.0].map(|x| Some(Point::new(x, axis)));
    }
    let bottom = bias.map_or(0.0, |bias| bias.bottom()).max(result.bottom());
    let bottom = bottom.max(kernel.frame().bottom()).max(detail.bottom());
    Layout {
        size: Size::new(room.width, (bottom + FOOT).ceil()),
        stacked: true,
        input,
        kernel,
        output,
        bias,
        operators,
        magnifier: Some((magnifier, result)),
        legend: None,
    }
}

/// The neighbourhood's grid; which cells it shows depends on the pose.
fn magnifier(parts: &Parts<'_>, x: f64, y: f64) -> Grid {
    let side = parts.side as u64;
    let origin = Point::new(x.round(), y.round());
    Grid { origin, cell: parts.magnified, first: [0, 0], count: [side, side] }
}

/// The boxes of bias and result below the kernel; the bias stands `inset` from its left edge.
fn below_kernel(parts: &Parts<'_>, kernel: Rect, inset: f64) -> (Option<Rect>, Rect) {
    let bias = Rect::new(kernel.x + inset, kernel.bottom() + BETWEEN, BIAS.width, BIAS.height);
    let bias = parts.has_bias.then_some(bias);
    let above = bias.map_or(kernel.bottom(), |bias| bias.bottom());
    (bias, Rect::new(kernel.x, above + BETWEEN, RESULT.width, RESULT.height))
}

/// Cells along one side of the magnified neighbourhood: 9, or as many as the window spans, up to 15.
fn neighbourhood(spec: &LabSpec) -> u64 {
    let span = spec.geometry.rows.dilated_kernel().max(spec.geometry.columns.dilated_kernel());
    let [least, most] = NEIGHBOURHOOD;
    // Odd, so that the window's middle can stand in the middle.
    (span | 1).clamp(least, most)
}
