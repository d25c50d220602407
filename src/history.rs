//! Undo and redo: models before and after the present one.

use std::sync::Arc;

use convscope_page::model::LabModel;
use convscope_page::source::{InputSource, Picture, PictureSource};
use convscope_page::stack::StackModel;

/// What a history keeps: the model of one page.
pub(crate) trait Model: Clone {
    /// The picture of the reader's own that it shows, whose pixels take memory.
    fn own_picture(&self) -> Option<&Picture>;
}

impl Model for StackModel {
    fn own_picture(&self) -> Option<&Picture> {
        match &self.picture {
            PictureSource::Own(picture) => Some(picture),
            PictureSource::Sample(_) => None,
        }
    }
}

impl Model for LabModel {
    fn own_picture(&self) -> Option<&Picture> {
        match &self.input {
            InputSource::Picture(PictureSource::Own(picture)) => Some(picture),
            _ => None,
        }
    }
}

/// Edits of the same kind within this time are one.
const TOGETHER_SECS: f64 = 0.8;
/// More than a lesson's worth; each is a few hundred bytes and, where it shows a picture of the reader's own,
/// shares the pixels with its neighbours.
const MOST: usize = 200;
/// Undo leads back through so many pictures of the reader's own, of at most 256 KiB each.
const MOST_PICTURES: usize = 16;

/// What was, and what was taken back.
#[derive(Debug)]
pub(crate) struct History<M> {
    past: Vec<M>,
    future: Vec<M>,
    last: Option<(&'static str, f64)>,
}

impl<M> Default for History<M> {
    fn default() -> Self {
        Self { past: Vec::new(), future: Vec::new(), last: None }
    }
}

impl<M: Model> History<M> {
    /// Notes `before`, the model that an edit of `what` is about to replace.
    /// An empty `what` never joins its neighbours.
    pub(crate) fn record(&mut self, what: &'static str, now_secs: f64, before: M) {
        let joins = self
            .last
            .is_some_and(|(last, at)| !what.is_empty() && last == what && now_secs - at < TOGETHER_SECS);
        if !joins {
            self.past.push(before);
            let forgotten = self.past.len() - self.n_kept();
            self.past.drain(..forgotten);
        }
        self.last = Some((what, now_secs));
        self.future.clear();
    }

    /// How many of the latest models stay.
    fn n_kept(&self) -> usize {
        let mut pictures: Vec<&Picture> = Vec::new();
        let mut n_kept = 0;
        for model in self.past.iter().rev().take(MOST) {
            if let Some(picture) = model.own_picture()
                && !pictures.iter().any(|known| Arc::ptr_eq(known, picture))
            {
                if pictures.len() == MOST_PICTURES {
                    break;
                }
                pictures.push(picture);
            }
            n_kept += 1;
        }
        n_kept
    }

    /// The model before the last edit, if there is one; `present` can be redone.
    pub(crate) fn undo(&mut self, present: M) -> Option<M> {
        let before = self.past.pop()?;
        self.future.push(present);
        self.last = None;
        Some(before)
    }

    /// The model that was taken back last, if there is one.
    pub(crate) fn redo(&mut self, present: M) -> Option<M> {
        let after = self.future.pop()?;
        self.past.push(present);
        self.last = None;
        Some(after)
    }

    /// The latest of all models that is wanted.
    pub(crate) fn find(&self, is_wanted: impl Fn(&M) -> bool) -> Option<M> {
        self.past.iter().chain(&self.future).rev().find(|model| is_wanted(model)).cloned()
    }

    /// Whether something can be undone, and redone.
    pub(crate) fn depth(&self) -> [bool; 2] {
        [!self.past.is_empty(), !self.future.is_empty()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use convscope_core::tensor::Tensor;

    fn model(step: u64) -> LabModel {
        LabModel { step, ..LabModel::default() }
    }

    #[test]
    fn an_edit_is_undone_and_redone() {
        let mut history = History::default();
        history.record("stride", 0.0, model(0));
        assert_eq!(history.undo(model(1)), Some(model(0)));
        assert_eq!(history.undo(model(0)), None);
        assert_eq!(history.redo(model(0)), Some(model(1)));
        assert_eq!(history.depth(), [true, false]);
    }

    #[test]
    fn a_drag_of_a_slider_is_one_edit() {
        let mut history = History::default();
        for (idx, now) in [0.0, 0.1, 0.2].into_iter().enumerate() {
            history.record("stride", now, model(idx as u64));
        }
        assert_eq!(history.undo(model(9)), Some(model(0)));
    }

    #[test]
    fn undo_leads_back_through_sixteen_pictures() {
        let mut history = History::default();
        for idx in 0..20 {
            let picture = Arc::new(Tensor::new([1, 3, 1, 1], vec![idx as f32; 3]).unwrap());
            let input = InputSource::Picture(PictureSource::Own(picture));
            for step in 0..3 {
                history.record("", 0.0, LabModel { input: input.clone(), step, ..LabModel::default() });
            }
        }
        assert_eq!(history.past.len(), MOST_PICTURES * 3);
        let oldest = history.past[0].derive(None).unwrap();
        assert!(oldest.input.data().iter().all(|shade| (shade - 4.0).abs() < 1e-5));
        assert_eq!(history.past[0].step, 0);
    }

    #[test]
    fn more_than_two_hundred_edits_forget_the_first() {
        let mut history = History::default();
        for step in 0..210 {
            history.record("", 0.0, model(step));
        }
        assert_eq!((history.past.len(), history.past[0].step), (200, 10));
    }

    #[test]
    fn another_edit_ends_what_could_be_redone() {
        let mut history = History::default();
        history.record("stride", 0.0, model(0));
        history.undo(model(1));
        history.record("bias", 5.0, model(2));
        assert_eq!(history.redo(model(3)), None);
    }
}
