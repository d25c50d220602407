//! One draw: weights and input from the seed, numbers forward, gradients back, step by step.

use convscope_core::graph::Shape;
use convscope_kernels::grad::{
    activation_grad, conv_transpose2d_grad_input, linear_grad_input, max_pool2d_grad, normalize_grad,
    softmax_grad,
};
use convscope_kernels::{
    KernelError, Random, Scratch, activate, adaptive_max_pool2d, add_scaled, concat, conv_transpose2d,
    inverse_order, largest, linear, lp_pool2d, max_pool2d_with_indices, normalize, permute, scale, softmax,
};

use super::conv::{conv2d_back, conv2d_once};
use super::plan::{Plan, Planned};
use super::step::{Along, Axes, Step, floats};
use crate::message::Weights;

/// PyTorch's `eps` of all norms.
const EPS: f32 = 1e-5;

/// Numbers and gradients are kept between this and one over it, by powers of two.
const LARGE: f32 = (1_u64 << 30) as f32;

/// How numbers are made.
#[derive(Clone, Copy)]
pub(super) struct Making {
    pub(super) weights: Weights,
    pub(super) linear: bool,
    pub(super) seed: u64,
    pub(super) draw: u64,
}

/// What is in memory during a draw, for each step; empty where it is not.
pub(super) struct Draw {
    making: Making,
    values: Vec<Vec<f32>>,
    weights: Vec<Vec<f32>>,
    found: Vec<Found>,
    grads: Vec<Vec<f32>>,
}

/// What a step found on its way and needs when gradients come back.
enum Found {
    Nothing,
    /// Where maxima stood.
    Indices(Vec<u32>),
    /// One over the deviation of each run.
    Deviations(Vec<f32>),
}

/// Why a step did not run.
pub(super) enum Trouble {
    Kernel(KernelError),
    /// A number is infinite or none.
    Beyond,
}

impl From<KernelError> for Trouble {
    fn from(error: KernelError) -> Self {
        Self::Kernel(error)
    }
}

impl Draw {
    pub(super) fn new(plan: &Plan, making: Making) -> Self {
        let none = || plan.steps.iter().map(|_| Vec::new()).collect();
        let found = plan.steps.iter().map(|_| Found::Nothing).collect();
        Self { making, values: none(), weights: none(), found, grads: none() }
    }

    /// Computes the numbers of a step, and gives back those that nobody needs any more.
    pub(super) fn forward(&mut self, plan: &Plan, i: usize, scratch: &mut Scratch) -> Result<(), Trouble> {
        let step = &plan.steps[i];
        self.values[i] = self.output(step, i, scratch)?;
        if step.step.n_weights() > 0 {
            // Weights of another size make another layer that is as good as this one.
            if let Some(factor) = into_range(largest(&self.values[i]))? {
                for numbers in [&mut self.values[i], &mut self.weights[i]] {
                    scale(numbers, factor);
                }
            }
        }
        for at in step.inputs.iter().map(|(input, _)| *input).chain([i]) {
            let read = &plan.steps[at];
            if !read.kept && read.last_reader == i {
                self.values[at] = Vec::new();
            }
        }
        Ok(())
    }

    fn output(
        &mut self,
        planned: &Planned,
        i: usize,
        scratch: &mut Scratch,
    ) -> Result<Vec<f32>, KernelError> {
        if planned.step.n_weights() > 0 {
            self.weights[i] = self.making.weights_of(planned)?;
        }
        let input = planned.inputs.first().map_or(&[][..], |(input, _)| &self.values[*input]);
        let shape = planned.inputs.first().map_or(&planned.shape, |(_, shape)| shape);
        if let Step::Along(all) = &planned.step {
            return Along::forward(all, input);
        }
        let mut output = floats(planned.len)?;
        match &planned.step {
            Step::Along(_) => {}
            Step::Numbers => self.making.stream(planned).fill_normal(&mut output, 1.0),
            Step::Ones => output.fill(1.0),
            Step::Conv2d(params) => {
                conv2d_once(params, &self.weights[i], input, nchw(shape)?, &mut output, scratch)?;
            }
            Step::ConvTranspose2d(params) => {
                let weights = &self.weights[i];
                conv_transpose2d(params, input, nchw(shape)?, weights, None, &mut output, scratch)?;
            }
            Step::Linear(params) => {
                let rows = rows(input.len(), params.in_features());
                linear(params, input, rows, &self.weights[i], None, &mut output, scratch)?;
            }
            Step::MaxPool2d(params) => {
                let mut indices = vec![0; output.len()];
                max_pool2d_with_indices(params, input, nchw(shape)?, &mut output, &mut indices, scratch)?;
                self.found[i] = Found::Indices(indices);
            }
            Step::AdaptiveMaxPool2d(pool) => {
                let mut indices = vec![0; output.len()];
                adaptive_max_pool2d(*pool, input, nchw(shape)?, &mut output, &mut indices)?;
                self.found[i] = Found::Indices(indices);
            }
            Step::LpPool2d(params, p, _) => {
                lp_pool2d(params, *p, input, nchw(shape)?, &mut output, scratch)?;
            }
            Step::Concat(axis) => {
                let parts: Vec<(&[f32], &[u64])> = (planned.inputs.iter())
                    .map(|(input, shape)| (self.values[*input].as_slice(), shape.sizes()))
                    .collect();
                concat(&parts, *axis, &mut output)?;
            }
            Step::Permute(order, shape) => permute(input, shape, order, &mut output)?,
            Step::Activation(activation) => {
                output.copy_from_slice(input);
                activate(*activation, &mut output);
            }
            Step::Softmax(axis) => softmax(input, shape.sizes(), *axis, &mut output)?,
            Step::Normalize { len, .. } => {
                let mut deviations = floats(input.len() / len)?;
                normalize(input, *len, EPS, &mut output, &mut deviations)?;
                self.found[i] = Found::Deviations(deviations);
            }
            Step::LocalResponse(response) => response.run(input, nchw(shape)?, &mut output)?,
            Step::Sum(_) | Step::Product | Step::Quotient => self.combine(planned, &mut output)?,
        }
        Ok(output)
    }

    /// The inputs combined element by element.
    fn combine(&self, planned: &Planned, output: &mut [f32]) -> Result<(), KernelError> {
        for (k, (input, shape)) in planned.inputs.iter().enumerate() {
            let spread;
            let mut cells = self.values[*input].as_slice();
            if *shape != planned.shape {
                spread = Along::forward(&Axes::broadcast(shape, &planned.shape)?, cells)?;
                cells = &spread;
            }
            match &planned.step {
                Step::Sum(signs) => add_scaled(output, signs[k], cells),
                _ if k == 0 => output.copy_from_slice(cells),
                Step::Product => output.iter_mut().zip(cells).for_each(|(to, x)| *to *= x),
                _ => output.iter_mut().zip(cells).for_each(|(to, x)| *to /= x),
            }
        }
        Ok(())
    }

    /// Begins the way back: 1 in every channel of the unit, where weights are random with the sign of a coin, so
    /// that what a softmax or a norm keeps constant over the channels does not cancel.
    pub(super) fn begin_back(&mut self, plan: &Plan, unit: [u64; 2]) -> Result<(), Trouble> {
        let mut signs = Random::new(self.making.seed, self.making.draw, u64::MAX);
        let mut grad = floats(plan.steps[plan.target].len)?;
        let sizes = plan.target_shape.sizes();
        for (cell, grad) in grad.iter_mut().enumerate() {
            let mut rest = cell as u64;
            let mut here = true;
            for (axis, &len) in sizes.iter().enumerate().rev() {
                let at = rest % len.max(1);
                rest /= len.max(1);
                here &= (0..2).all(|side| plan.target_axes[side] != Some(axis) || unit[side] == at);
            }
            if here {
                *grad = if self.making.weights == Weights::Random { signs.sign() } else { 1.0 };
            }
        }
        self.grads[plan.target] = grad;
        Ok(())
    }

    /// Takes the gradient of a step's output to its inputs, and gives back what only this needed.
    pub(super) fn backward(&mut self, plan: &Plan, i: usize, scratch: &mut Scratch) -> Result<(), Trouble> {
        let step = &plan.steps[i];
        let grad = std::mem::take(&mut self.grads[i]);
        if !grad.is_empty() {
            if step.step.n_weights() > 0 && self.weights[i].is_empty() {
                self.weights[i] = self.making.weights_of(step)?;
            }
            for (k, (input, _)) in step.inputs.iter().enumerate() {
                if plan.steps[*input].reached {
                    let part = self.gradient(plan, i, k, &grad, scratch)?;
                    add(&mut self.grads[*input], part);
                }
            }
            if step.step.n_weights() > 0 {
                self.keep_in_range(&step.inputs)?;
            }
        }
        self.weights[i] = Vec::new();
        self.values[i] = Vec::new();
        self.found[i] = Found::Nothing;
        Ok(())
    }

    /// The gradient of one input.
    fn gradient(
        &self,
        plan: &Plan,
        i: usize,
        k: usize,
        grad: &[f32],
        scratch: &mut Scratch,
    ) -> Result<Vec<f32>, KernelError> {
        let planned = &plan.steps[i];
        let (input, shape) = &planned.inputs[k];
        let (value, output) = (&self.values[*input], &self.values[i]);
        let weights = &self.weights[i];
        if let Step::Along(all) = &planned.step {
            return Along::backward(all, grad);
        }
        let mut to = floats(plan.steps[*input].len)?;
        match &planned.step {
            Step::Numbers | Step::Ones | Step::Along(_) => {}
            Step::Conv2d(params) => conv2d_back(params, weights, grad, nchw(shape)?, &mut to, scratch)?,
            Step::ConvTranspose2d(params) => {
                conv_transpose2d_grad_input(params, weights, grad, nchw(shape)?, &mut to, scratch)?;
            }
            Step::Linear(params) => {
                let rows = rows(grad.len(), params.out_features());
                linear_grad_input(params, weights, grad, rows, &mut to, scratch)?;
            }
            Step::MaxPool2d(_) | Step::AdaptiveMaxPool2d(_) => {
                if let Found::Indices(indices) = &self.found[i] {
                    max_pool2d_grad(indices, grad, nchw(shape)?, &mut to)?;
                }
            }
            Step::LpPool2d(_, p, windows) => {
                // d norm / d x = sign(x) * (|x| / norm)^(p - 1)
                let power = *p as i32 - 1;
                let scaled = output.iter().zip(grad);
                let scaled =
                    scaled.map(|(norm, grad)| if *norm > 0.0 { grad / norm.powi(power) } else { 0.0 });
                to = Along::backward(windows, &scaled.collect::<Vec<_>>())?;
                let cells = to.iter_mut().zip(value);
                cells.for_each(|(to, x)| {
                    *to *= if *x == 0.0 { 0.0 } else { x.signum() * x.abs().powi(power) };
                });
            }
            Step::Concat(axis) => part_of(planned, k, *axis, grad, &mut to)?,
            Step::Permute(order, sizes) => {
                let new: Vec<u64> = order.iter().map(|&axis| sizes[axis]).collect();
                permute(grad, &new, &inverse_order(order)?, &mut to)?;
            }
            Step::Activation(activation) => activation_grad(*activation, value, grad, &mut to)?,
            Step::Softmax(axis) => softmax_grad(output, grad, shape.sizes(), *axis, &mut to)?,
            Step::Normalize { len, follow } => {
                let Found::Deviations(deviations) = &self.found[i] else { return Ok(to) };
                if *follow {
                    normalize_grad(output, deviations, grad, *len, &mut to)?;
                } else {
                    let runs = to.chunks_exact_mut(*len).zip(grad.chunks_exact(*len)).zip(deviations);
                    runs.for_each(|((to, grad), factor)| add_scaled(to, *factor, grad));
                }
            }
            Step::LocalResponse(response) => response.grad(value, grad, nchw(shape)?, &mut to)?,
            Step::Sum(_) | Step::Product | Step::Quotient => {
                to = self.combined_back(planned, k, grad)?;
            }
        }
        Ok(to)
    }

    /// The gradient of one of several inputs that were combined element by element.
    fn combined_back(&self, planned: &Planned, k: usize, grad: &[f32]) -> Result<Vec<f32>, KernelError> {
        let mut all = floats(grad.len())?;
        all.copy_from_slice(grad);
        let mut times = |other: usize, of: &dyn Fn(f32) -> f32| -> Result<(), KernelError> {
            let (input, shape) = &planned.inputs[other];
            let broadcast = Axes::broadcast(shape, &planned.shape)?;
            let cells = Along::forward(&broadcast, &self.values[*input])?;
            all.iter_mut().zip(cells).for_each(|(grad, x)| *grad *= of(x));
            Ok(())
        };
        let n_inputs = planned.inputs.len();
        match &planned.step {
            Step::Product => {
                (0..n_inputs).filter(|&other| other != k).try_for_each(|it| times(it, &|x| x))?
            }
            Step::Quotient => {
                if k > 0 {
                    times(0, &|x| x)?;
                    times(k, &|x| -1.0 / x)?;
                }
                (1..n_inputs).try_for_each(|it| times(it, &|x| 1.0 / x))?;
            }
            Step::Sum(signs) => scale(&mut all, signs[k]),
            _ => {}
        }
        let broadcast = Axes::broadcast(&planned.inputs[k].1, &planned.shape)?;
        if broadcast.is_empty() { Ok(all) } else { Along::backward(&broadcast, &all) }
    }

    /// Multiplies all gradients by a power of two where those of a step have grown or shrunk too far.
    fn keep_in_range(&mut self, inputs: &[(usize, Shape)]) -> Result<(), Trouble> {
        let most = inputs.iter().map(|(input, _)| largest(&self.grads[*input])).fold(0.0, f32::max);
        if let Some(factor) = into_range(most)? {
            self.grads.iter_mut().for_each(|grad| scale(grad, factor));
        }
        Ok(())
    }

    /// The gradient of the input.
    pub(super) fn gradient_of(&self, step: usize) -> &[f32] {
        &self.grads[step]
    }
}

impl Making {
    fn stream(&self, planned: &Planned) -> Random {
        Random::new(self.seed, self.draw, planned.id.index() as u64)
    }

    /// All alike, adding up to 1 in each output; or random, so that numbers stay as large as they are from layer
    /// to layer (He and others 2015).
    fn weights_of(&self, planned: &Planned) -> Result<Vec<f32>, KernelError> {
        let n_weights = planned.step.n_weights();
        let bytes = n_weights.saturating_mul(4);
        let mut weights =
            floats(usize::try_from(n_weights).map_err(|_| KernelError::OutOfMemory { bytes })?)?;
        let fan_in = planned.step.fan_in().max(1.0);
        match self.weights {
            Weights::Uniform => weights.fill((1.0 / fan_in) as f32),
            Weights::Random => {
                // Behind a ReLU half of the numbers are gone.
                let gain = if self.linear { 1.0 } else { 2.0_f64 };
                self.stream(planned).fill_normal(&mut weights, (gain / fan_in).sqrt() as f32);
            }
        }
        Ok(weights)
    }
}

/// One input's part of the gradient of inputs put one after the other.
fn part_of(planned: &Planned, k: usize, axis: i64, grad: &[f32], to: &mut [f32]) -> Result<(), KernelError> {
    let axis = planned.shape.axis(axis)?;
    let inner: usize = planned.shape.sizes()[axis + 1..].iter().map(|&len| len as usize).product();
    let width = |shape: &Shape| shape.sizes().get(axis).map_or(0, |&len| len as usize) * inner;
    let offset: usize = planned.inputs[..k].iter().map(|(_, shape)| width(shape)).sum();
    let (len, all) = (width(&planned.inputs[k].1), width(&planned.shape));
    if len > 0 {
        for (to, grad) in to.chunks_exact_mut(len).zip(grad.chunks_exact(all)) {
            to.copy_from_slice(&grad[offset..][..len]);
        }
    }
    Ok(())
}

/// Adds a gradient to what has come already.
fn add(to: &mut Vec<f32>, part: Vec<f32>) {
    if to.is_empty() {
        *to = part;
    } else {
        add_scaled(to, 1.0, &part);
    }
}

/// The power of two that brings a magnitude near 1, if it is far from there.
fn into_range(largest: f32) -> Result<Option<f32>, Trouble> {
    if !largest.is_finite() {
        return Err(Trouble::Beyond);
    }
    if largest == 0.0 || (1.0 / LARGE..=LARGE).contains(&largest) {
        return Ok(None);
    }
    let exponent = (largest.to_bits() >> 23).clamp(1, 253);
    Ok(Some(f32::from_bits((254 - exponent) << 23)))
}

fn nchw(shape: &Shape) -> Result<[u64; 4], KernelError> {
    let got = shape.sizes().len();
    shape.nchw().ok_or(KernelError::RankMismatch { expected: 4, got })
}

fn rows(numbers: usize, features: u64) -> usize {
    usize::try_from(features).ok().and_then(|features| numbers.checked_div(features)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use convscope_core::graph::notation;

    use super::*;
    use crate::message::EffectiveRequest;

    /// All numbers of a draw, with the picture moved in one place; the gradient goes back through them.
    fn run(plan: &Plan, making: Making, moved: Option<(usize, f32)>) -> Draw {
        let (mut draw, mut scratch) = (Draw::new(plan, making), Scratch::new());
        for (i, step) in plan.steps.iter().enumerate() {
            draw.values[i] = draw.output(step, i, &mut scratch).unwrap();
            if let Some((cell, by)) = moved.filter(|_| i == plan.source) {
                draw.values[i][cell] += by;
            }
        }
        draw
    }

    /// Compares gradients with small differences of `sum of signs * unit`, in `share` of all places at least:
    /// a difference that crosses a corner is none.
    #[track_caller]
    fn check(text: &str, unit: [u64; 2], share: f64) {
        let graph = notation::read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let node = graph.len() as u64 - 1;
        let request = EffectiveRequest {
            graph,
            node,
            unit,
            weights: Weights::Random,
            linear: false,
            draws: 1,
            seed: 7,
        };
        let plan = Plan::new(&request).unwrap_or_else(|error| panic!("{text}: {error}"));
        let making = Making { weights: Weights::Random, linear: false, seed: 7, draw: 0 };
        let mut draw = run(&plan, making, None);
        let outcome = draw.begin_back(&plan, unit);
        assert!(outcome.is_ok());
        let signs = draw.grads[plan.target].clone();
        for i in (0..plan.steps.len()).rev().filter(|&i| i != plan.source && plan.steps[i].reached) {
            assert!(draw.backward(&plan, i, &mut Scratch::new()).is_ok(), "{text}");
        }
        let gradient = draw.gradient_of(plan.source).to_vec();
        let of = |moved| -> f64 {
            let draw = run(&plan, making, Some(moved));
            draw.values[plan.target].iter().zip(&signs).map(|(y, sign)| f64::from(y * sign)).sum()
        };
        let step = 1.0 / 256.0;
        let most = largest(&gradient);
        assert!(most > 1e-3, "{text}: {most}");
        let near = gradient.iter().enumerate().filter(|&(cell, grad)| {
            let expected = (of((cell, step)) - of((cell, -step))) / f64::from(2.0 * step);
            (f64::from(*grad) - expected).abs() <= 0.01 * f64::from(most)
        });
        let near = near.count() as f64 / gradient.len() as f64;
        assert!(near >= share, "{text}: {near} of all gradients are right");
    }

    #[test]
    fn gradients_are_those_of_small_differences() {
        for text in [
            "i1x2x7x6.c4k3p1.c5k3s2p1",
            "i1x2x7x6.c4k3x2d2x1p1g2.c6k3p2",
            "i1x2x5x5.c4k3p1mr.c4k3p1mc.c4k3p1me",
            "i1x3x5x4.t4k3s2p1.c3k2",
            "i1x2x6x6.ak3s2p1.c4k2",
            "i1x2x6x6.l2k3s2.c4k2",
            "i1x2x7x7.A3x2.c4k2",
            "i1x2x5x6.e'tanh'.c4k3p1.e'sigmoid'.c4k3.e'silu'",
            "i1x2x5x6.c4k3p1.n'GELU'.c4k3.n'Softplus'.n'Mish'.n'Hardswish'",
            "i1x4x4x4.G2.c4k3p1.L4x4.c4k3p1.L",
            "i1x6x3x3.R.c4k2",
            "i1x4x4x4.c4k3p1.s1.c4k3.s-1",
            "i1x3x4x4.c3k3p1.c3k3p1_2.ja_1,2.js_1,3",
            "i1x3x4x4.c3k3p1.c3k3p1_2.jm_1,2,3.c4k2",
            "i1x3x4x4.A.jm_1,2.c4k2",
            "i1x3x4x4.n'softplus'.n'softplus'_1.jd_1,2.c4k2",
            "i1x2x4x4.c3k3p1.q_1,2.q2_1,1.c2k3p1",
            "i1x6x4x4.h3.g0.g-1_2.jm_1,2.c2k3p1",
            "i1x6x4x4.H1x5.g1.c2k3p1",
            "i1x2x4x5.p1,0,-1,2mr.c3k2.p1me.c2k2",
            "i1x2x3x4.ub2.c3k3.u5x3.u7x7l.u4x6a.c2k2",
            "i1x4x3x4.P0x2x3x1.L.T1x3.c4k2.S2.c4k2g2",
            "i1x2x4x4.c4k3p1.F1x-1.f6.e'tanh'.f3",
            "i1x2x4x4.c4k3p1.E2x3k.jm_1,2.E1",
            "i1x2x4x4.c4k3p1.v1x2x2xr.T1x2.v1x4x4x4.c2k2",
        ] {
            check(text, [0, 0], 1.0);
        }
    }

    #[test]
    fn so_they_are_between_corners() {
        for text in ["i1x2x7x6.c8k3p1.r.c8k3", "i1x2x8x8.c4k3p1.mk2.c4k3p1", "i1x2x8x8.c8k3.M2.c4k2.n'ReLU6'"]
        {
            check(text, [0, 0], 0.85);
        }
    }

    #[test]
    fn what_nobody_needs_is_not_computed() {
        let graph = notation::read("i1x2x7x6.c4k3p1.b.r.c5k3s2p1").unwrap();
        let request = EffectiveRequest {
            graph,
            node: 4,
            unit: [0, 0],
            weights: Weights::Random,
            linear: false,
            draws: 1,
            seed: 7,
        };
        let runs = |request: &EffectiveRequest| -> Vec<bool> {
            Plan::new(request).unwrap().steps.iter().map(|step| step.runs).collect()
        };
        assert_eq!(runs(&request), [true, true, true, false, false]);
        let linear = EffectiveRequest { linear: true, ..request.clone() };
        assert_eq!(runs(&linear), [true, true, true, false]);
        let uniform = EffectiveRequest { weights: Weights::Uniform, ..linear };
        assert_eq!(runs(&uniform), [false, false, false]);
    }
}
