//! Each input cell scatters the kernel, scaled by its value: a step is an input cell, its products lie where they
//! land on the output, and cells of the output add up what reaches them.

use std::ops::Range;

use convscope_core::scattered::landings;

use crate::figure::Figure;
use crate::geom::{Point, Rect, Size};
use crate::ink::Ink;
use crate::lab::cells;
use crate::lab::magnitude;
use crate::lab::moving::window_outline;
use crate::lab::pointed::outline;
use crate::number;
use crate::patched::patched;
use crate::pose::Pose;
use crate::scene::{Align, Mark, Part};
use crate::transposed::layout::Layout;
use crate::transposed::{TransposedSpec, draw};

/// From this cell size on, a product has room below the sum.
const PRODUCT_FROM: f64 = 36.0;

/// The figure in which each input cell scatters the kernel.
#[derive(Clone, Debug)]
pub struct ScatterFigure {
    spec: TransposedSpec,
    layout: Layout,
    input_max: f32,
    output_max: f32,
}

impl ScatterFigure {
    /// Lays the figure out in `room`, side by side or, below 480 px, with the output below.
    pub fn new(spec: TransposedSpec, room: Size) -> Self {
        let layout = Layout::new(&spec, room);
        let input_max = magnitude(spec.input.plane(0, spec.channel));
        let output_max = magnitude(spec.output.plane(0, spec.filter));
        Self { spec, layout, input_max, output_max }
    }

    /// The step of a pose beyond the last is the last.
    fn cell_of(&self, step: u64) -> [u64; 2] {
        self.spec.input_of(step)
    }

    /// What the taps of an input cell land on, as a rectangle of the output.
    fn window(&self, [y, x]: [u64; 2]) -> Rect {
        let geometry = &self.spec.geometry;
        let first = [geometry.rows.target(y, 0), geometry.columns.target(x, 0)];
        self.layout.output.block(first, [geometry.rows.dilated_kernel(), geometry.columns.dilated_kernel()])
    }

    fn input_rect(&self, [y, x]: [u64; 2]) -> Rect {
        self.layout.input.cell([y.cast_signed(), x.cast_signed()])
    }

    /// The output cell at a position; `None` for one that is cropped.
    fn inside(&self, [y, x]: [i64; 2]) -> Option<[u64; 2]> {
        let [height, width] = self.spec.geometry.output_size();
        let [y, x] = [u64::try_from(y).ok()?, u64::try_from(x).ok()?];
        (y < height && x < width).then_some([y, x])
    }

    fn output_frame(&self) -> Rect {
        self.layout.output.block([0, 0], self.spec.geometry.output_size())
    }

    /// The sum of what the input cells before `until` add to an output cell, and whether more will come.
    fn sum_until(&self, output: [u64; 2], until: u64) -> (f32, bool) {
        let (mut sum, mut more) = (0.0_f32, false);
        for it in self.spec.contributions(output) {
            if self.spec.input_idx(it.input) < until {
                sum += it.product;
            } else {
                more = true;
            }
        }
        (sum, more)
    }

    /// An output cell with what has reached it before step `until`.
    fn reached(&self, output: [u64; 2], until: u64, marks: &mut Vec<Mark>) {
        let rect = self.layout.output.cell(output.map(u64::cast_signed));
        let (sum, more) = self.sum_until(output, until);
        if more {
            // Without an edge: it is painted again with each step that reaches it.
            let ink = draw::ground(rect, sum, self.output_max, Ink::OutputPartial).ink;
            let mark = Mark::rect(rect.inset(0.75), ink);
            marks.push(mark.with_part(Part::Output(output)));
            draw::value(marks, rect, sum, Ink::PartialValue);
        } else {
            let number = self.spec.output_at(output);
            let mark = draw::ground(rect, number, self.output_max, Ink::OutputDone);
            marks.push(mark.with_part(Part::Output(output)));
            draw::value(marks, rect, number, Ink::CellValue);
        }
    }

    /// The first `lit` products of an input cell where they land.
    fn products(&self, input: [u64; 2], lit: u64, marks: &mut Vec<Mark>) {
        let scale = self.spec.input_at(input);
        let until = self.spec.input_idx(input) + 1;
        let kernel = self.spec.kernel_size();
        for (tap, at) in landings(&self.spec.geometry, input).take(usize::try_from(lit).unwrap_or(usize::MAX))
        {
            let rect = self.layout.output.cell(at);
            let product = scale * self.spec.weight_at(tap);
            let place = cells::tap_place(tap, kernel);
            let Some(output) = self.inside(at) else {
                cells::tap(marks, rect, place, true, product, None);
                continue;
            };
            let [u, v] = place;
            marks.push(Mark::rect(rect, Ink::Tap { u, v }).with_part(Part::Output(output)));
            let (sum, _) = self.sum_until(output, until);
            if rect.width < PRODUCT_FROM {
                draw::value(marks, rect, sum, Ink::TapValue);
                continue;
            }
            let upper = Rect::new(rect.x, rect.y, rect.width, rect.height * 0.72);
            marks.push(cells::value(upper, sum, Ink::TapValue));
            let text = added(product);
            let at = Point::new(rect.right() - rect.width * 0.08, rect.bottom() - rect.height * 0.17);
            marks.push(Mark::text(
                at,
                text,
                (rect.width * 0.27).round().max(11.0),
                Align::End,
                Ink::TapWeight,
            ));
        }
    }

    /// The links from an input cell to the kernel, and from there to where it lies.
    fn links(&self, input: Rect, window: Rect, marks: &mut Vec<Mark>) {
        let kernel = self.layout.kernel.frame();
        if self.layout.stacked {
            let from = [Point::new(kernel.x, kernel.bottom()), Point::new(kernel.right(), kernel.bottom())];
            let to = [Point::new(window.x, window.y), Point::new(window.right(), window.y)];
            for idx in 0..2 {
                marks.push(Mark::line(from[idx], to[idx], Ink::LinkOutLine));
            }
            let from = Point::new(input.right(), input.centre().y);
            marks.push(Mark::line(from, Point::new(kernel.x, kernel.centre().y), Ink::LinkInLine));
            // The lines to the output pass behind its title.
            let mut title = Vec::new();
            let narrow = Some(self.layout.size.width);
            let output = &self.spec.words.output;
            draw::title(self.layout.output.frame(), output, Ink::OutputTitle, 0.0, narrow, &mut title);
            patched(title, marks);
            return;
        }
        let (clear_in, clear_out) = (self.layout.input.frame().right(), kernel.right());
        wedge(marks, input, kernel, [clear_in, f64::INFINITY], [Ink::LinkIn, Ink::LinkInLine]);
        let until = self.layout.output.frame().x;
        wedge(marks, kernel, window, [clear_out, until], [Ink::LinkOut, Ink::LinkOutLine]);
    }

    /// Every output that an input cell reaches, as if its step were the current one.
    fn input_pointed(&self, input: [u64; 2], marks: &mut Vec<Mark>) {
        self.links(self.input_rect(input), self.window(input), marks);
        self.products(input, u64::MAX, marks);
        outline(marks, self.window(input));
        outline(marks, self.input_rect(input));
    }

    /// Every input cell that reaches an output, and through which weight.
    fn output_pointed(&self, output: [u64; 2], marks: &mut Vec<Mark>) {
        let all: Vec<_> = self.spec.contributions(output);
        let shown: Vec<_> = all.into_iter().filter(|it| it.channel == self.spec.channel).collect();
        for it in &shown {
            marks.push(Mark::rounded(self.input_rect(it.input).inset(2.0), 2.0, Ink::Pointed));
            let tap = self.layout.kernel.cell(it.kernel.map(u64::cast_signed));
            marks.push(Mark::rounded(tap.inset(2.0), 2.0, Ink::Pointed));
        }
        if self.layout.shows_values() && shown.len() <= 16 {
            for it in &shown {
                draw::tag(self.input_rect(it.input), it.kernel, self.spec.kernel_size(), it.weight, marks);
            }
        }
        outline(marks, self.layout.output.cell(output.map(u64::cast_signed)));
    }

    /// Every output on which a weight lands.
    fn weight_pointed(&self, tap: [u64; 2], marks: &mut Vec<Mark>) {
        let [height, width] = self.spec.geometry.input_size();
        let geometry = &self.spec.geometry;
        for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
            let at = [geometry.rows.target(y, tap[0]), geometry.columns.target(x, tap[1])];
            marks.push(Mark::rounded(self.layout.output.cell(at).inset(2.0), 2.0, Ink::Touched));
        }
        outline(marks, self.layout.kernel.cell(tap.map(u64::cast_signed)));
    }

    /// The outline of the output, over what lies on it.
    fn frame(&self) -> Mark {
        Mark::rounded(self.output_frame(), 2.0, Ink::OutputFrame)
    }
}

/// `+5`, `−3`
fn added(product: f32) -> String {
    let text = number::cell(product);
    if text.starts_with('\u{2212}') { text } else { format!("+{text}") }
}

/// Two lines from the right side of one rectangle to the left side of another, filled between two places where
/// no cell lies beneath.
fn wedge(marks: &mut Vec<Mark>, from: Rect, to: Rect, [clear, until]: [f64; 2], [fill, line]: [Ink; 2]) {
    let (start, end) = (from.right(), to.x);
    let share = |x: f64| ((x - start) / (end - start).max(1.0)).clamp(0.0, 1.0);
    let [top, bottom] = [(from.y, to.y), (from.bottom(), to.bottom())]
        .map(|(a, b)| (Point::new(start, a), Point::new(end, b)));
    let [a, b] = [share(clear), share(until)];
    let corner = |(from, to): (Point, Point), t: f64| from.towards(to, t);
    let corners = vec![corner(top, a), corner(top, b), corner(bottom, b), corner(bottom, a)];
    marks.push(Mark::polygon(corners, fill));
    marks.push(Mark::line(top.0, top.1, line));
    marks.push(Mark::line(bottom.0, bottom.1, line));
}

impl Figure for ScatterFigure {
    fn size(&self) -> Size {
        self.layout.size
    }

    fn n_steps(&self) -> u64 {
        let [height, width] = self.spec.geometry.input_size();
        height * width
    }

    fn still(&self) -> Vec<Mark> {
        let Layout { input, kernel, output, .. } = &self.layout;
        let words = &self.spec.words;
        let mut marks = Vec::new();
        draw::input(&self.spec, input, self.input_max, &mut marks);
        draw::kernel(&self.spec, kernel, self.layout.bias, &mut marks);
        let whole = output.frame();
        if whole != self.output_frame() {
            marks.push(Mark::rect(whole, Ink::PadGround));
            marks.push(Mark::rect(whole, Ink::PadHatch));
            marks.push(Mark::rect(whole, Ink::PadFrame));
        }
        for at in self.spec.outputs() {
            let rect = output.cell(at.map(u64::cast_signed));
            if self.spec.geometry.contributions(at) == 0 {
                self.reached(at, 0, &mut marks);
            } else {
                draw::waiting(rect, at, &mut marks);
            }
        }
        if !self.layout.stacked {
            let between = |left: Rect, right: Rect| {
                Point::new((left.right() + right.x) / 2.0, kernel.frame().centre().y)
            };
            for (at, sign) in
                [(between(input.frame(), kernel.frame()), "×"), (between(kernel.frame(), whole), "→")]
            {
                marks.push(Mark::text(at, sign, 28.0, Align::Middle, Ink::Operator));
            }
            if self.spec.aids {
                draw::indices(input, false, &mut marks);
                draw::indices(output, true, &mut marks);
            }
        }
        let lift = if self.spec.aids { 30.0 } else { 14.0 };
        let narrow = |end: f64| self.layout.stacked.then_some(end);
        let titles = [
            (input.frame(), &words.input, Ink::InputTitle, narrow(kernel.frame().x)),
            (kernel.frame(), &words.kernel, Ink::KernelTitle, narrow(self.layout.size.width)),
            (whole, &words.output, Ink::OutputTitle, narrow(self.layout.size.width)),
        ];
        for (frame, words, ink, narrow) in titles {
            draw::title(frame, words, ink, lift, narrow, &mut marks);
        }
        if let Some(at) = self.layout.legend {
            let items: [(&str, &[Ink]); 3] = [
                (&words.window, &[Ink::Tap { u: 0.5, v: 0.5 }, Ink::Window]),
                (&words.partial, &[Ink::OutputWaiting]),
                (&words.cropped, &[Ink::PadGround, Ink::PadHatch]),
            ];
            draw::legend(at, self.layout.size.width, &items, &mut marks);
        }
        marks
    }

    fn done(&self, steps: Range<u64>) -> Vec<Mark> {
        let mut marks = Vec::new();
        let steps = steps.start..steps.end.min(self.n_steps());
        if steps.is_empty() {
            return marks;
        }
        for output in self.spec.outputs() {
            let reached = self.spec.reached_by(output);
            let from = reached.partition_point(|idx| *idx < steps.start);
            if reached.get(from).is_some_and(|idx| *idx < steps.end) {
                self.reached(output, steps.end, &mut marks);
            }
        }
        marks
    }

    fn done_is_short(&self) -> bool {
        false
    }

    fn moving(&self, pose: Pose, pointed: Option<Part>) -> Vec<Mark> {
        let mut marks = vec![self.frame()];
        let current = self.cell_of(pose.filled());
        if let Some(part) = pointed.filter(|part| self.part_rect(*part).is_some()) {
            // The step under way is complete below what is pointed at.
            let idx = self.spec.input_idx(current);
            marks.splice(0..0, self.done(idx..idx + 1));
            marks.push(Mark::rounded(self.window(current), 2.0, Ink::WindowThin));
            marks.push(Mark::rounded(self.input_rect(current), 2.0, Ink::WindowThin));
            match part {
                Part::Input([y, x]) => self.input_pointed([y, x].map(i64::cast_unsigned), &mut marks),
                Part::Output(output) => self.output_pointed(output, &mut marks),
                Part::Kernel(tap) => self.weight_pointed(tap, &mut marks),
                _ => outline(&mut marks, self.layout.bias.unwrap_or_default()),
            }
            return marks;
        }
        let (here, there) = (self.cell_of(pose.step), self.cell_of(pose.target()));
        let window = self.window(here).towards(&self.window(there), pose.glide());
        let input = self.input_rect(here).towards(&self.input_rect(there), pose.glide());
        self.links(input, window, &mut marks);
        let [k_h, k_w] = self.spec.kernel_size();
        if pose.phase > 0.0 {
            // What the step before left behind.
            let idx = self.spec.input_idx(here);
            marks.splice(0..0, self.done(idx..idx + 1));
        }
        self.products(there, pose.lit(k_h * k_w), &mut marks);
        window_outline(&mut marks, window);
        window_outline(&mut marks, input);
        marks
    }

    fn hit(&self, _pose: Pose, point: Point) -> Option<Part> {
        let layout = &self.layout;
        if let Some(position) = layout.input.at(point) {
            return Some(Part::Input(position));
        }
        if let Some(position) = layout.kernel.at(point) {
            return Some(Part::Kernel(position.map(i64::cast_unsigned)));
        }
        if let Some(position) = layout.output.at(point) {
            return self.inside(position).map(Part::Output);
        }
        layout.bias.filter(|rect| rect.contains(point)).map(|_| Part::Bias)
    }

    fn part_rect(&self, part: Part) -> Option<Rect> {
        let Layout { input, kernel, output, bias, .. } = &self.layout;
        match part {
            Part::Input(position) => input.has(position).then(|| input.cell(position)),
            Part::Kernel(tap) => {
                let position = tap.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
                kernel.has(position).then(|| kernel.cell(position))
            }
            Part::Output(at) => {
                let position = at.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
                self.inside(position).map(|_| output.cell(position))
            }
            Part::Bias => *bias,
            _ => None,
        }
    }
}
