//! One matrix from all inputs to all outputs: the transpose of the sparse matrix of the forward convolution. Each
//! row makes one output, each column is what one input scatters, and each weight stands wherever it is used.

use std::ops::Range;

use convscope_core::scattered::{Contribution, landings};

use crate::figure::Figure;
use crate::geom::{Point, Rect, Size};
use crate::ink::Ink;
use crate::lab::cells;
use crate::lab::magnitude;
use crate::lab::moving::window_outline;
use crate::lab::pointed::outline;
use crate::pose::Pose;
use crate::scene::{Align, Mark, Part};
use crate::transposed::matrix_layout::Layout;
use crate::transposed::{TransposedSpec, draw};

/// The figure of the matrix.
#[derive(Clone, Debug)]
pub struct MatrixFigure {
    spec: TransposedSpec,
    layout: Layout,
    input_max: f32,
    output_max: f32,
}

impl MatrixFigure {
    /// Lays the figure out in `room`; a matrix of many cells has small ones.
    pub fn new(spec: TransposedSpec, room: Size) -> Self {
        let layout = Layout::new(&spec, room);
        let input_max = magnitude(spec.input.plane(0, spec.channel));
        let output_max = magnitude(spec.output.plane(0, spec.filter));
        Self { spec, layout, input_max, output_max }
    }

    /// The row-major index of an output, and the output of an index; a step beyond the last is the last.
    fn row_of(&self, [y, x]: [u64; 2]) -> u64 {
        y * self.spec.geometry.columns.output_len() + x
    }

    fn output_of(&self, step: u64) -> [u64; 2] {
        let [height, width] = self.spec.geometry.output_size();
        let step = step.min(height * width - 1);
        [step / width, step % width]
    }

    /// The matrix's row of an output, and its column of an input.
    fn row(&self, output: [u64; 2]) -> Rect {
        let [_, columns] = self.layout.matrix.count;
        self.layout.matrix.block([self.row_of(output).cast_signed(), 0], [1, columns])
    }

    fn column(&self, input: [u64; 2]) -> Rect {
        let [rows, _] = self.layout.matrix.count;
        self.layout.matrix.block([0, self.spec.input_idx(input).cast_signed()], [rows, 1])
    }

    fn entry(&self, output: [u64; 2], input: [u64; 2]) -> Rect {
        let at = [self.row_of(output), self.spec.input_idx(input)];
        self.layout.matrix.cell(at.map(u64::cast_signed))
    }

    /// What an output adds up of the channel shown.
    fn shown(&self, output: [u64; 2]) -> Vec<Contribution> {
        let mut all = self.spec.contributions(output);
        all.retain(|it| it.channel == self.spec.channel);
        all
    }

    fn input_rect(&self, at: [u64; 2]) -> Rect {
        self.layout.input.cell(at.map(u64::cast_signed))
    }

    fn output_rect(&self, at: [u64; 2]) -> Rect {
        self.layout.output.cell(at.map(u64::cast_signed))
    }

    /// The first `lit` input cells that an output adds up, in the colours of their weights.
    fn lit(&self, output: [u64; 2], lit: u64, marks: &mut Vec<Mark>) {
        let kernel = self.spec.kernel_size();
        for it in self.shown(output).into_iter().take(usize::try_from(lit).unwrap_or(usize::MAX)) {
            let place = cells::tap_place(it.kernel, kernel);
            cells::tap(marks, self.input_rect(it.input), place, false, it.value, Some(it.weight));
        }
    }

    fn current(&self, output: [u64; 2], marks: &mut Vec<Mark>) {
        let rect = self.output_rect(output);
        marks.push(Mark::rounded(rect, 2.0, Ink::OutputNow).with_part(Part::Output(output)));
        draw::value(marks, rect, self.spec.output_at(output), Ink::NowValue);
        marks.push(Mark::rounded(rect, 2.0, Ink::Halo));
        marks.push(Mark::rounded(rect, 2.0, Ink::OutputNowFrame));
    }

    /// The columns of the inputs that a row uses.
    fn columns_of(&self, output: [u64; 2], marks: &mut Vec<Mark>) {
        for it in self.shown(output) {
            marks.push(Mark::rect(self.column(it.input), Ink::Touched));
        }
    }

    fn input_pointed(&self, input: [u64; 2], marks: &mut Vec<Mark>) {
        let [height, width] = self.spec.geometry.output_size().map(u64::cast_signed);
        let landed: Vec<_> = landings(&self.spec.geometry, input)
            .filter(|(_, [y, x])| (0..height).contains(y) && (0..width).contains(x))
            .map(|(tap, at)| (tap, at.map(i64::cast_unsigned)))
            .collect();
        for (tap, output) in &landed {
            marks.push(Mark::rounded(self.output_rect(*output).inset(2.0), 2.0, Ink::Pointed));
            marks.push(Mark::rounded(
                self.layout.kernel.cell(tap.map(u64::cast_signed)).inset(2.0),
                2.0,
                Ink::Pointed,
            ));
        }
        if self.layout.output.cell >= 28.0 && landed.len() <= 16 {
            for (tap, output) in &landed {
                let weight = self.spec.weight_at(*tap);
                draw::tag(self.output_rect(*output), *tap, self.spec.kernel_size(), weight, marks);
            }
        }
        outline(marks, self.column(input));
        outline(marks, self.input_rect(input));
    }

    fn weight_pointed(&self, tap: [u64; 2], marks: &mut Vec<Mark>) {
        for output in self.spec.outputs() {
            for it in self.shown(output).into_iter().filter(|it| it.kernel == tap) {
                marks.push(Mark::rect(self.entry(output, it.input), Ink::Touched));
            }
        }
        outline(marks, self.layout.kernel.cell(tap.map(u64::cast_signed)));
    }
}

impl Figure for MatrixFigure {
    fn size(&self) -> Size {
        self.layout.size
    }

    fn n_steps(&self) -> u64 {
        let [rows, _] = self.layout.matrix.count;
        rows
    }

    fn still(&self) -> Vec<Mark> {
        let Layout { input, kernel, output, matrix, .. } = &self.layout;
        let words = &self.spec.words;
        let mut marks = Vec::new();
        draw::input(&self.spec, input, self.input_max, &mut marks);
        draw::kernel(&self.spec, kernel, self.layout.bias, &mut marks);
        marks.push(Mark::rect(matrix.frame(), Ink::BiasCell));
        let kernel_size = self.spec.kernel_size();
        for at in self.spec.outputs() {
            draw::waiting(self.output_rect(at), at, &mut marks);
            marks.push(Mark::rect(self.row(at), Ink::MatrixRow).with_part(Part::Output(at)));
            for it in self.shown(at) {
                let rect = self.entry(at, it.input);
                let [u, v] = cells::tap_place(it.kernel, kernel_size);
                marks.push(Mark::rect(rect, Ink::MatrixEntry { u, v }).with_part(Part::Kernel(it.kernel)));
                draw::value(&mut marks, rect, it.weight, Ink::TapValue);
            }
        }
        marks.push(Mark::rect(matrix.frame(), Ink::KernelFrame));
        let middle =
            |left: Rect, right: Rect| Point::new((left.right() + right.x) / 2.0, input.frame().centre().y);
        if !self.layout.stacked {
            for (at, sign) in
                [(middle(input.frame(), matrix.frame()), "→"), (middle(matrix.frame(), output.frame()), "=")]
            {
                marks.push(Mark::text(at, sign, 28.0, Align::Middle, Ink::Operator));
            }
            if self.spec.aids {
                draw::indices(input, false, &mut marks);
                draw::indices(output, true, &mut marks);
            }
        }
        let narrow = |end: f64| self.layout.stacked.then_some(end);
        let lift = if self.spec.aids { 30.0 } else { 14.0 };
        let width = self.layout.size.width;
        let titles = [
            (input.frame(), &words.input, Ink::InputTitle, lift, narrow(kernel.frame().x)),
            (kernel.frame(), &words.kernel, Ink::KernelTitle, 14.0, narrow(width)),
            (matrix.frame(), &words.matrix, Ink::KernelTitle, lift, narrow(width)),
            (output.frame(), &words.output, Ink::OutputTitle, lift, narrow(width)),
        ];
        for (frame, words, ink, lift, narrow) in titles {
            draw::title(frame, words, ink, lift, narrow, &mut marks);
        }
        if let Some(at) = self.layout.legend {
            let items: [(&str, &[Ink]); 2] = [(&words.window, &[Ink::Window]), (&words.axes, &[])];
            draw::legend(at, self.layout.size.width, &items, &mut marks);
        }
        marks
    }

    fn done(&self, steps: Range<u64>) -> Vec<Mark> {
        let mut marks = Vec::new();
        for output in (steps.start..steps.end.min(self.n_steps())).map(|step| self.output_of(step)) {
            let (rect, number) = (self.output_rect(output), self.spec.output_at(output));
            let mark = draw::ground(rect, number, self.output_max, Ink::OutputDone);
            marks.push(mark.with_part(Part::Output(output)));
            draw::value(&mut marks, rect, number, Ink::CellValue);
        }
        marks
    }

    fn done_is_short(&self) -> bool {
        false
    }

    fn moving(&self, pose: Pose, pointed: Option<Part>) -> Vec<Mark> {
        let mut marks = vec![Mark::rounded(self.layout.output.frame(), 2.0, Ink::OutputFrame)];
        let current = self.output_of(pose.filled());
        if let Some(part) = pointed.filter(|part| self.part_rect(*part).is_some()) {
            self.current(current, &mut marks);
            marks.push(Mark::rect(self.row(current), Ink::WindowThin));
            match part {
                Part::Input([y, x]) => self.input_pointed([y, x].map(i64::cast_unsigned), &mut marks),
                Part::Output(output) => {
                    self.lit(output, u64::MAX, &mut marks);
                    self.columns_of(output, &mut marks);
                    outline(&mut marks, self.row(output));
                    outline(&mut marks, self.output_rect(output));
                }
                Part::Kernel(tap) => self.weight_pointed(tap, &mut marks),
                _ => outline(&mut marks, self.layout.bias.unwrap_or_default()),
            }
            return marks;
        }
        let (here, there) = (self.output_of(pose.step), self.output_of(pose.target()));
        let row = self.row(here).towards(&self.row(there), pose.glide());
        let lit = pose.lit(self.shown(there).len() as u64);
        self.lit(there, lit, &mut marks);
        self.columns_of(there, &mut marks);
        window_outline(&mut marks, row);
        self.current(current, &mut marks);
        marks
    }

    fn hit(&self, _pose: Pose, point: Point) -> Option<Part> {
        let Layout { input, kernel, output, matrix, bias, .. } = &self.layout;
        let unsigned = |at: [i64; 2]| at.map(i64::cast_unsigned);
        if let Some(position) = input.at(point) {
            return Some(Part::Input(position));
        }
        if let Some(position) = kernel.at(point) {
            return Some(Part::Kernel(unsigned(position)));
        }
        if let Some(position) = output.at(point) {
            return Some(Part::Output(unsigned(position)));
        }
        if let Some([row, column]) = matrix.at(point).map(unsigned) {
            let output = self.output_of(row);
            let used = self.shown(output).into_iter().find(|it| self.spec.input_idx(it.input) == column);
            return Some(used.map_or(Part::Output(output), |it| Part::Kernel(it.kernel)));
        }
        bias.filter(|rect| rect.contains(point)).map(|_| Part::Bias)
    }

    fn part_rect(&self, part: Part) -> Option<Rect> {
        let Layout { input, kernel, output, bias, .. } = &self.layout;
        let signed = |at: [u64; 2]| at.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        match part {
            Part::Input(position) => input.has(position).then(|| input.cell(position)),
            Part::Kernel(tap) => kernel.has(signed(tap)).then(|| kernel.cell(signed(tap))),
            Part::Output(at) => output.has(signed(at)).then(|| output.cell(signed(at))),
            Part::Bias => *bias,
            _ => None,
        }
    }
}
