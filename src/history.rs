//! Undo and redo: models before and after the present one.

use convscope_page::model::LabModel;

/// Edits of the same kind within this time are one.
const TOGETHER_SECS: f64 = 0.8;
/// More than a lesson's worth; each is a few hundred bytes.
const MOST: usize = 200;

/// What was, and what was taken back.
#[derive(Debug, Default)]
pub(crate) struct History {
    past: Vec<LabModel>,
    future: Vec<LabModel>,
    last: Option<(&'static str, f64)>,
}

impl History {
    /// Notes `before`, the model that an edit of `what` is about to replace.
    /// An empty `what` never joins its neighbours.
    pub(crate) fn record(&mut self, what: &'static str, now_secs: f64, before: LabModel) {
        let joins = self
            .last
            .is_some_and(|(last, at)| !what.is_empty() && last == what && now_secs - at < TOGETHER_SECS);
        if !joins {
            self.past.push(before);
            if self.past.len() > MOST {
                self.past.remove(0);
            }
        }
        self.last = Some((what, now_secs));
        self.future.clear();
    }

    /// The model before the last edit, if there is one; `present` can be redone.
    pub(crate) fn undo(&mut self, present: LabModel) -> Option<LabModel> {
        let before = self.past.pop()?;
        self.future.push(present);
        self.last = None;
        Some(before)
    }

    /// The model that was taken back last, if there is one.
    pub(crate) fn redo(&mut self, present: LabModel) -> Option<LabModel> {
        let after = self.future.pop()?;
        self.past.push(present);
        self.last = None;
        Some(after)
    }

    /// Whether something can be undone, and redone.
    pub(crate) fn depth(&self) -> [bool; 2] {
        [!self.past.is_empty(), !self.future.is_empty()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn another_edit_ends_what_could_be_redone() {
        let mut history = History::default();
        history.record("stride", 0.0, model(0));
        history.undo(model(1));
        history.record("bias", 5.0, model(2));
        assert_eq!(history.redo(model(3)), None);
    }
}
