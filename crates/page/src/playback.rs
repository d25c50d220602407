//! Play, pause, step and scrub as values: where the animation stands is a function of elapsed seconds.
//!
//! A step takes 0.6 s at 1×. From 8× on only the window moves: products would flash.

use convscope_scene::Pose;

/// Seconds of a step at 1×.
const STEP_SECS: f64 = 0.6;
/// Seconds of a step at 1× where motion is reduced and the window jumps.
const JUMP_SECS: f64 = 0.9;
/// A sweep over the whole map takes so long at least, to be seen, and at most.
const SWEEP_SECS: [f64; 2] = [2.0, 10.0];
/// In between, a sweep makes this many steps a second.
const SWEEP_STEPS_PER_SEC: f64 = 16.0;
/// Numbers that are shown for less time than this cannot be read.
const READABLE_SECS: f64 = 0.1;
/// Below the time of a frame nobody sees a glide.
const FRAME_SECS: f64 = 1.0 / 60.0;
/// The part of a step in which the window glides.
const GLIDE: f64 = 0.5;

/// How fast the steps follow one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// 1.2 s a step.
    Half,
    /// 0.6 s a step.
    #[default]
    Normal,
    /// 0.3 s a step.
    Double,
    /// 0.15 s a step.
    Four,
    /// 0.075 s a step; the window only moves.
    Eight,
    /// The whole map in 2 to 10 s.
    Sweep,
}

impl Speed {
    /// Every speed, from slow to fast.
    pub const ALL: &[Self] = &[Self::Half, Self::Normal, Self::Double, Self::Four, Self::Eight, Self::Sweep];

    /// What a reader sees.
    pub fn label(self) -> &'static str {
        match self {
            Self::Half => "0.5×",
            Self::Normal => "1×",
            Self::Double => "2×",
            Self::Four => "4×",
            Self::Eight => "8×",
            Self::Sweep => "Sweep",
        }
    }

    /// The next slower speed, or this one.
    pub fn slower(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }

    /// The next faster speed, or this one.
    pub fn faster(self) -> Self {
        Self::ALL.get(self as usize + 1).copied().unwrap_or(self)
    }

    /// Seconds of a step that takes `normal_secs` at 1×, on a map of `n_steps`.
    fn step_secs(self, normal_secs: f64, n_steps: u64) -> f64 {
        match self {
            Self::Half => normal_secs * 2.0,
            Self::Normal => normal_secs,
            Self::Double => normal_secs / 2.0,
            Self::Four => normal_secs / 4.0,
            Self::Eight => normal_secs / 8.0,
            Self::Sweep => {
                let [least, most] = SWEEP_SECS;
                (n_steps as f64 / SWEEP_STEPS_PER_SEC).clamp(least, most) / n_steps as f64
            }
        }
    }
}

/// A map of steps that rests at one of them or plays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playback {
    /// At least 1.
    n_steps: u64,
    speed: Speed,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Resting {
        step: u64,
    },
    /// `from` is a step with the share of the way to the next.
    Playing {
        from: f64,
        since_secs: f64,
        gliding: bool,
    },
}

impl Playback {
    /// Rests at `step`, or at the last step.
    pub fn resting(n_steps: u64, step: u64, speed: Speed) -> Self {
        let n_steps = n_steps.max(1);
        Self { n_steps, speed, state: State::Resting { step: step.min(n_steps - 1) } }
    }

    /// Whether it plays. A playback that reached its end plays until it is paused.
    pub fn playing(&self) -> bool {
        matches!(self.state, State::Playing { .. })
    }

    /// How fast it plays.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// Whether it plays so fast that a step's numbers cannot be read.
    pub fn passing(&self) -> bool {
        self.playing() && self.step_secs() < READABLE_SECS
    }

    /// How many steps there are.
    pub fn n_steps(&self) -> u64 {
        self.n_steps
    }

    /// Plays from here; at the end from the start. Without `gliding` (reduced motion) the window jumps.
    pub fn play(self, now_secs: f64, gliding: bool) -> Self {
        let last = self.last();
        let here = self.position(now_secs);
        let from = if here >= last { 0.0 } else { here };
        Self { state: State::Playing { from, since_secs: now_secs, gliding }, ..self }
    }

    /// Rests at the nearest whole step.
    pub fn pause(self, now_secs: f64) -> Self {
        let State::Playing { gliding, .. } = self.state else { return self };
        let here = self.position(now_secs);
        // Where the window jumps, it stands at the step that it has reached.
        let nearest = if gliding { here.round() } else { here.floor() };
        self.at_step(nearest as u64)
    }

    /// Rests at `step`, or at the last step.
    pub fn at_step(self, step: u64) -> Self {
        Self::resting(self.n_steps, step, self.speed)
    }

    /// Another speed at the same place.
    pub fn with_speed(self, now_secs: f64, speed: Speed) -> Self {
        let state = match self.state {
            State::Playing { gliding, .. } => {
                State::Playing { from: self.position(now_secs), since_secs: now_secs, gliding }
            }
            resting => resting,
        };
        Self { speed, state, ..self }
    }

    /// Where the window is; never earlier for a later time.
    pub fn pose_at(&self, now_secs: f64) -> Pose {
        let (gliding, position) = match self.state {
            State::Resting { step } => return Pose::at(step),
            State::Playing { gliding, .. } => (gliding, self.position(now_secs)),
        };
        let whole = position.floor();
        let step = whole as u64;
        if !gliding || step + 1 >= self.n_steps || self.step_secs() < FRAME_SECS {
            return Pose::at(step);
        }
        let share = position - whole;
        let phase = if matches!(self.speed, Speed::Eight | Speed::Sweep) { share * GLIDE } else { share };
        Pose { step, phase }
    }

    /// Whether it plays and has reached the last step.
    pub fn finished_at(&self, now_secs: f64) -> bool {
        self.playing() && self.position(now_secs) >= self.last()
    }

    /// The last step.
    fn last(&self) -> f64 {
        (self.n_steps - 1) as f64
    }

    fn step_secs(&self) -> f64 {
        let gliding = !matches!(self.state, State::Playing { gliding: false, .. });
        self.speed.step_secs(if gliding { STEP_SECS } else { JUMP_SECS }, self.n_steps)
    }

    /// The step with the share of the way to the next, within `0.0..=last`.
    fn position(&self, now_secs: f64) -> f64 {
        match self.state {
            State::Resting { step } => step as f64,
            State::Playing { from, since_secs, .. } => {
                // `max` also turns a NaN into 0.
                let elapsed_secs = (now_secs - since_secs).max(0.0);
                (from + elapsed_secs / self.step_secs()).min(self.last())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(playback: Playback, now_secs: f64, step: u64, phase: f64) {
        let pose = playback.pose_at(now_secs);
        assert_eq!(pose.step, step, "{pose:?}");
        assert!((pose.phase - phase).abs() < 1e-9, "{pose:?}");
    }

    #[test]
    fn a_step_takes_six_tenths_of_a_second() {
        let playing = Playback::resting(9, 4, Speed::Normal).play(100.0, true);
        check(playing, 100.0, 4, 0.0);
        check(playing, 100.3, 4, 0.5);
        check(playing, 100.9, 5, 0.5);
        check(playing, 99.0, 4, 0.0);
        check(playing, f64::NAN, 4, 0.0);
        check(playing, f64::INFINITY, 8, 0.0);
    }

    #[test]
    fn play_at_the_end_starts_over() {
        let playing = Playback::resting(9, 8, Speed::Normal).play(0.0, true);
        check(playing, 0.3, 0, 0.5);
        assert!(!playing.finished_at(4.7) && playing.finished_at(4.81));
        check(playing, 5.0, 8, 0.0);
        assert!(playing.pause(5.0).play(6.0, true).pose_at(6.0).step == 0);
    }

    #[test]
    fn a_map_of_one_step_is_finished_at_once() {
        let playing = Playback::resting(1, 0, Speed::Sweep).play(0.0, true);
        assert!(playing.finished_at(0.0));
        assert_eq!(Playback::resting(0, 3, Speed::Normal).pose_at(0.0), Pose::at(0));
    }

    #[test]
    fn a_pause_rests_at_the_nearest_step() {
        let playing = Playback::resting(9, 0, Speed::Normal).play(0.0, true);
        check(playing.pause(0.7), 9.0, 1, 0.0);
        check(playing.pause(1.0), 9.0, 2, 0.0);
        assert!(!playing.pause(1.0).playing());
    }

    #[test]
    fn reduced_motion_jumps_every_nine_tenths_of_a_second() {
        let playing = Playback::resting(9, 0, Speed::Normal).play(0.0, false);
        check(playing, 0.89, 0, 0.0);
        check(playing, 0.91, 1, 0.0);
        check(playing.pause(1.7), 9.0, 1, 0.0);
    }

    #[test]
    fn another_speed_keeps_the_place() {
        let playing = Playback::resting(9, 0, Speed::Normal).play(0.0, true).with_speed(0.9, Speed::Double);
        check(playing, 0.9, 1, 0.5);
        check(playing, 1.05, 2, 0.0);
        let resting = Playback::resting(9, 3, Speed::Normal).with_speed(5.0, Speed::Half);
        check(resting, 7.0, 3, 0.0);
    }

    #[test]
    fn fast_steps_only_move() {
        for speed in [Speed::Eight, Speed::Sweep] {
            let playing = Playback::resting(9, 0, speed).play(0.0, true);
            for tick in 0..1000 {
                assert!(playing.pose_at(f64::from(tick) * 0.0011).phase <= 0.5);
            }
        }
    }

    #[test]
    fn numbers_pass_unread_from_8_times_on() {
        let passing = |speed| Playback::resting(4096, 0, speed).play(0.0, true).passing();
        assert_eq!(
            Speed::ALL.iter().map(|speed| passing(*speed)).collect::<Vec<_>>(),
            [false, false, false, false, true, true]
        );
        assert!(!Playback::resting(4096, 0, Speed::Sweep).passing());
    }

    #[test]
    fn scrubbing_is_immediate() {
        let playing = Playback::resting(9, 0, Speed::Half).play(0.0, true);
        check(playing.at_step(6), 0.1, 6, 0.0);
        check(playing.at_step(60), 0.1, 8, 0.0);
        assert!(!playing.at_step(6).playing());
    }

    #[test]
    fn a_sweep_takes_at_most_ten_seconds() {
        for n_steps in [1, 2, 9, 160, 161, 600, 4096, 50_176] {
            let playing = Playback::resting(n_steps, 0, Speed::Sweep).play(0.0, true);
            assert!(playing.finished_at(10.0), "{n_steps}");
        }
        let playing = Playback::resting(4096, 0, Speed::Sweep).play(0.0, true);
        assert!(!playing.finished_at(9.0));
        assert_eq!(playing.pose_at(5.0).phase, 0.0);
        let few = Playback::resting(9, 0, Speed::Sweep).play(0.0, true);
        assert!(!few.finished_at(1.7) && few.finished_at(1.8), "eight moves of nine in two seconds");
    }

    #[test]
    fn speeds_are_in_order() {
        assert_eq!(Speed::Half.slower(), Speed::Half);
        assert_eq!(Speed::Sweep.faster(), Speed::Sweep);
        for pair in Speed::ALL.windows(2) {
            assert_eq!((pair[0].faster(), pair[1].slower()), (pair[1], pair[0]));
        }
    }
}
