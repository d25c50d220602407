//! What the stage asks of a figure, of whatever kind.

use std::ops::Range;

use crate::geom::{Point, Rect, Size};
use crate::pose::Pose;
use crate::scene::{Mark, Part, Scene};

/// A figure laid out for a room: three layers of marks, and what lies under a point.
///
/// The stage knows figures by this alone, so that a new kind is a type with these functions and an arm where
/// the page makes figures.
pub trait Figure {
    /// The room it takes.
    fn size(&self) -> Size;

    /// How many steps it has; at least 1.
    fn n_steps(&self) -> u64;

    /// What depends neither on the pose nor on what is pointed at.
    fn still(&self) -> Vec<Mark>;

    /// What `steps` leave behind when they are complete; steps beyond the last are left out.
    /// A later call adds to what an earlier one drew.
    fn done(&self, steps: Range<u64>) -> Vec<Mark>;

    /// Whether [`done`](Self::done) is as few marks for many steps as for one.
    fn done_is_short(&self) -> bool;

    /// What lies above all else at a pose, and of what is pointed at.
    /// A pose beyond the last step is the last; a part that the figure has not is not pointed at.
    fn moving(&self, pose: Pose, pointed: Option<Part>) -> Vec<Mark>;

    /// The same where a pose is seen too shortly for its numbers to be read.
    fn passing(&self, pose: Pose) -> Vec<Mark> {
        self.moving(pose, None)
    }

    /// What lies under a point at a pose where nothing is pointed at.
    fn hit(&self, pose: Pose, point: Point) -> Option<Part>;

    /// Where a part is drawn; `None` where the figure does not show it.
    fn part_rect(&self, part: Part) -> Option<Rect>;

    /// The whole picture.
    fn scene(&self, pose: Pose, pointed: Option<Part>) -> Scene {
        let mut marks = self.still();
        marks.extend(self.done(0..pose.filled()));
        marks.extend(self.moving(pose, pointed));
        Scene { size: self.size(), marks }
    }
}
