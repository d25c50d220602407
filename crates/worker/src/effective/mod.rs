//! The effective receptive field of a unit: which pixels its gradient names, and how much (Luo and others 2016).
//!
//! A draw makes weights and a picture from the seed, runs the layers that lead to the unit, and takes the
//! gradient of the unit, all of its channels together, back to the picture. Its magnitude, summed over the
//! picture's channels and divided by the whole, is the draw's map; a field is the mean over the draws through
//! which a gradient came, each of which counts alike.

mod conv;
mod draw;
mod error;
mod plan;
mod spread;
mod step;

pub use error::{EffectiveError, Layer};
pub use spread::{Hull, SHARES, Spread};

use convscope_kernels::Scratch;

use crate::message::{EffectiveField, EffectiveRequest, Response};
use draw::{Draw, Making, Trouble};
use plan::Plan;

/// More multiplications at once than this are refused: a layer of a draw is one slice, and for ten seconds without
/// a word the page takes a worker for dead.
pub const MOST_MACS: u128 = 20_000_000_000;

/// More memory than this is refused.
pub const MOST_BYTES: u64 = 1 << 30;

/// More draws than this are not asked for.
pub const MOST_DRAWS: u64 = 1000;

/// An effective field under way, layer by layer.
pub struct Effective {
    request: EffectiveRequest,
    plan: Plan,
    /// The steps that run forward, and those that gradients come back through, each in its order.
    forward: Vec<usize>,
    backward: Vec<usize>,
    draw: Draw,
    /// Draws that are complete.
    done: u64,
    /// Those of them through which no gradient came.
    lost: u64,
    /// Slices of the present draw that are complete.
    at: usize,
    /// The sum of the draws' maps.
    sum: Vec<f64>,
    fresh: bool,
}

impl Effective {
    /// Works out what has to be computed.
    ///
    /// # Errors
    ///
    /// [`EffectiveError`] for whatever stands in the way, [`EffectiveError::Memory`] beyond [`MOST_BYTES`],
    /// [`EffectiveError::Slice`] where a layer takes more than [`MOST_MACS`].
    pub fn new(request: EffectiveRequest) -> Result<Self, EffectiveError> {
        let plan = Plan::new(&request)?;
        let bytes = plan.bytes();
        if bytes > MOST_BYTES {
            return Err(EffectiveError::Memory { bytes, limit: MOST_BYTES });
        }
        let (macs, id) = plan.most_macs;
        if macs > MOST_MACS {
            let layer = Layer::new(&request.graph, id);
            return Err(EffectiveError::Slice { layer, macs, limit: MOST_MACS });
        }
        let steps = || plan.steps.iter().enumerate();
        let forward = steps().filter(|(_, step)| step.runs).map(|(i, _)| i).collect();
        let backward = steps().filter(|(_, step)| step.reached && !step.inputs.is_empty()).map(|(i, _)| i);
        let backward = backward.rev().collect();
        let request = EffectiveRequest { draws: request.draws.clamp(1, MOST_DRAWS), ..request };
        // Bounded by the memory that the picture's gradient takes.
        let sum = vec![0.0; (plan.size[0] * plan.size[1]) as usize];
        let draw = Draw::new(&plan, making(&request, 0));
        Ok(Self { request, plan, forward, backward, draw, done: 0, lost: 0, at: 0, sum, fresh: false })
    }

    /// How many slices there are.
    pub fn count(&self) -> u64 {
        self.request.draws * self.slices() as u64
    }

    fn slices(&self) -> usize {
        self.forward.len() + self.backward.len() + 1
    }

    /// Computes one slice: a layer of a draw, forward or back.
    ///
    /// # Errors
    ///
    /// [`EffectiveError`] with the layer that did not run.
    pub fn slice(&mut self, scratch: &mut Scratch) -> Result<(), EffectiveError> {
        let at = self.at;
        self.at += 1;
        let turned = at.checked_sub(self.forward.len());
        let (step, ran) = match turned {
            None => {
                let step = self.forward[at];
                (step, self.draw.forward(&self.plan, step, scratch))
            }
            Some(0) => (self.plan.target, self.draw.begin_back(&self.plan, self.request.unit)),
            Some(turned) => {
                let step = self.backward[turned - 1];
                (step, self.draw.backward(&self.plan, step, scratch))
            }
        };
        ran.map_err(|trouble| {
            let layer = Layer::new(&self.request.graph, self.plan.steps[step].id);
            match trouble {
                Trouble::Kernel(error) => EffectiveError::Kernel(layer, error),
                Trouble::Beyond => EffectiveError::Beyond(layer),
            }
        })?;
        if self.at == self.slices() {
            self.add_draw();
        }
        Ok(())
    }

    /// Adds a draw's map, and begins the next one.
    fn add_draw(&mut self) {
        let gradient = self.draw.gradient_of(self.plan.source);
        let mass: f64 = gradient.iter().map(|cell| f64::from(cell.abs())).sum();
        if mass > 0.0 {
            for map in gradient.chunks_exact(self.sum.len()) {
                self.sum.iter_mut().zip(map).for_each(|(sum, cell)| *sum += f64::from(cell.abs()) / mass);
            }
        } else {
            self.lost += 1;
        }
        self.done += 1;
        self.at = 0;
        self.fresh = true;
        self.draw = Draw::new(&self.plan, making(&self.request, self.done));
    }

    /// The field of the draws so far, once after each of them.
    pub fn so_far(&mut self) -> Option<Response> {
        std::mem::take(&mut self.fresh).then(|| self.field())
    }

    /// The field of all draws so far.
    pub fn field(&self) -> Response {
        let draws = (self.done - self.lost).max(1) as f64;
        let map: Vec<f32> = self.sum.iter().map(|sum| (sum / draws) as f32).collect();
        let spread = Spread::of(&map, self.plan.size[1] as usize, self.plan.hull);
        let size = self.plan.size;
        let hull = self.plan.hull;
        Response::Effective(EffectiveField { size, map, draws: self.done, lost: self.lost, spread, hull })
    }
}

fn making(request: &EffectiveRequest, draw: u64) -> Making {
    Making { weights: request.weights, linear: request.linear, seed: request.seed, draw }
}
