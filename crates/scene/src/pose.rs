//! Where the animation stands.
//!
//! A step takes three parts of its time: the window glides (one half), the products light up in
//! reading order (one third), the output fills (one sixth).

/// Where the window is: a whole step, and how far towards the next, in `0.0..1.0`.
///
/// At phase 0 the step is complete: its window stands still and its output is filled in.
/// The pose is linear in time; the figure eases it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Row-major index of an output cell.
    pub step: u64,
    /// How far towards the next step.
    pub phase: f64,
}

/// Until here the window glides.
const GLIDE_END: f64 = 0.5;
/// Until here the products light up; then the output fills.
const LIGHT_END: f64 = 5.0 / 6.0;

impl Pose {
    /// The completed `step`.
    pub const fn at(step: u64) -> Self {
        Self { step, phase: 0.0 }
    }

    /// How far the window is from this step's place to the next one's, eased, `0.0..=1.0`.
    pub fn glide(&self) -> f64 {
        ease((self.phase / GLIDE_END).clamp(0.0, 1.0))
    }

    /// How many of `n_taps` products of the step under way are lit; all of this step's at phase 0.
    pub fn lit(&self, n_taps: u64) -> u64 {
        if self.phase == 0.0 {
            return n_taps;
        }
        let share = ((self.phase - GLIDE_END) / (LIGHT_END - GLIDE_END)).clamp(0.0, 1.0);
        (share * n_taps as f64).ceil() as u64
    }

    /// The step whose products are shown: this one at phase 0, the next one on the way there.
    pub fn target(&self) -> u64 {
        if self.phase == 0.0 { self.step } else { self.step + 1 }
    }

    /// The step whose products are explained: the target once its products light up.
    pub fn explained(&self) -> u64 {
        if self.phase >= GLIDE_END { self.step + 1 } else { self.step }
    }

    /// The step whose output is the current one: the target once its output fills.
    pub fn filled(&self) -> u64 {
        if self.phase >= LIGHT_END { self.step + 1 } else { self.step }
    }
}

/// Slow at both ends: `3t² − 2t³`.
fn ease(t: f64) -> f64 {
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_step_is_complete() {
        let pose = Pose::at(4);
        assert_eq!((pose.glide(), pose.lit(9), pose.target(), pose.filled()), (0.0, 9, 4, 4));
    }

    #[test]
    fn on_the_way_the_window_glides_then_products_light_then_the_output_fills() {
        let at = |phase| Pose { step: 4, phase };
        assert_eq!((at(0.25).glide(), at(0.25).lit(9), at(0.25).filled()), (0.5, 0, 4));
        assert_eq!((at(0.25).explained(), at(0.67).explained(), at(0.67).filled()), (4, 5, 4));
        assert_eq!((at(0.5).glide(), at(0.5).lit(9)), (1.0, 0));
        assert_eq!((at(0.67).lit(9), at(0.67).filled()), (5, 4));
        assert_eq!((at(0.9).lit(9), at(0.9).filled(), at(0.9).target()), (9, 5, 5));
    }
}
