//! What can be done to the layers of the table, with what a screen reader is told and where the focus goes.

use convscope_page::stack::{CannotMove, Kind, Setting, StackModel, Switch};

use super::row::Refused;
use crate::stack::Stack;
use crate::state::{State, follow};

/// The layers and what belongs to their table alone: handles, so that it is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Layers {
    pub(crate) stack: Stack,
    /// What was typed and refused: it stays in its field until it is mended, or the layers are other ones.
    pub(crate) refused: State<Option<Refused>>,
    /// The layer that is to be seen, and which of its controls is to have the focus; none for an empty name.
    pub(crate) focus: State<Option<(usize, String)>>,
    /// Counts texts that were typed: fields are given their values again then.
    pub(crate) typed: State<u32>,
}

impl Layers {
    pub(crate) fn new(stack: Stack) -> Self {
        let refused: State<Option<Refused>> = State::new(None);
        // Undo, an example or a link may put another layer into its place.
        follow(move || {
            stack.layers.track();
            if refused.with_untracked(Option::is_some) {
                refused.set(None);
            }
        });
        Self { stack, refused, focus: State::new(None), typed: State::new(0) }
    }

    fn model(&self) -> StackModel {
        self.stack.model.get_untracked()
    }

    pub(crate) fn selected(&self) -> usize {
        self.stack.selected.get_untracked()
    }

    pub(crate) fn n_layers(&self) -> usize {
        self.stack.layers.with_untracked(|it| it.n_rows())
    }

    fn title(&self, node: usize) -> String {
        self.stack.layers.with_untracked(|it| it.title(node))
    }

    fn edit(&self, what: &'static str, model: Option<StackModel>, said: String) -> bool {
        let Some(model) = model else { return false };
        self.refused.set(None);
        self.stack.edit(what, model, said);
        true
    }

    fn focus_on(&self, node: usize, control: &str) {
        self.focus.set(Some((node, control.to_owned())));
    }

    /// Sets a layer to what was typed, or keeps the text with the reason why that is not possible.
    pub(crate) fn set(&self, node: usize, setting: Setting, text: &str) {
        match self.model().set(node, setting, text) {
            Ok(model) => {
                let said = format!("Layer {node}, {} {}", setting.label(), text.trim());
                self.edit("", Some(model), said);
                self.refused.set(None);
            }
            Err(refusal) => {
                self.stack.said.set(refusal.text.clone());
                self.refused.set(Some(Refused {
                    node,
                    setting,
                    text: text.to_owned(),
                    reason: refusal.text,
                    repair: refusal.repair,
                }));
            }
        }
        self.typed.update(|count| *count = count.wrapping_add(1));
    }

    /// Takes the number that would do in place of the one that was refused.
    pub(crate) fn repair(&self) {
        if let Some(refused) = self.refused.get_untracked()
            && let Some(number) = refused.repair
        {
            self.set(refused.node, refused.setting, &number.to_string());
            self.focus_on(refused.node, refused.setting.name());
        }
    }

    /// One more, or one less.
    pub(crate) fn step(&self, node: usize, setting: Setting, by: i64) -> bool {
        let model = self.model().step_setting(node, setting, by);
        let text = model.as_ref().and_then(|model| model.setting(node, setting)).unwrap_or_default();
        self.edit(setting.name(), model, format!("Layer {node}, {} {text}", setting.label()))
    }

    /// Makes another kind of layer of one.
    pub(crate) fn set_kind(&self, node: usize, kind: Kind) {
        self.edit("", self.model().set_kind(node, kind), format!("Layer {node} is {}", kind.label()));
    }

    pub(crate) fn switch(&self, node: usize, switch: Switch, on: bool) {
        let said = if on { "on" } else { "off" };
        self.edit("", self.model().switch(node, switch, on), format!("{} {said}", switch_label(switch)));
    }

    /// Adds a layer behind the selected one.
    pub(crate) fn add(&self, kind: Kind) {
        let node = self.selected();
        let model = self.model().add_after(node, kind);
        if self.edit("", model, format!("{} added as layer {}", kind.label(), node + 1)) {
            self.focus_on(node + 1, "kind");
        } else {
            self.stack.said.set("There are as many layers as a page shows".to_owned());
        }
    }

    /// The selected layer once more, behind itself.
    pub(crate) fn duplicate(&self) {
        let node = self.selected();
        let said = format!("Layer {node} stands twice, the second time as layer {}", node + 1);
        if self.edit("", self.model().duplicate(node), said) {
            self.focus_on(node + 1, "kind");
        }
    }

    /// Takes a layer out; the focus stays on the same control of the one that takes its place.
    pub(crate) fn remove(&self, node: usize, control: &str) {
        let said = format!("{} removed", self.title(node));
        if self.edit("", self.model().remove(node), said) {
            let last = self.n_layers() - 1;
            match node.min(last) {
                // Of the input there is only its number.
                0 => self.focus_on(0, "pick"),
                node => self.focus_on(node, control),
            }
        }
    }

    /// Moves a layer up or down by one; the focus goes with it.
    pub(crate) fn shift(&self, node: usize, by: i64, control: &str) {
        let moved = self.model().move_by(node, by);
        self.moved(node, node.saturating_add_signed(by as isize), control, moved);
    }

    /// Moves a layer between others: in front of the one that is `gap` now.
    pub(crate) fn drop_at(&self, node: usize, gap: usize) {
        let place = if gap > node { gap - 1 } else { gap }.max(1);
        if place != node {
            self.moved(node, place, "grip", self.model().move_to(node, place));
        }
    }

    fn moved(&self, node: usize, place: usize, control: &str, moved: Result<StackModel, CannotMove>) {
        match moved {
            Ok(model) => {
                let said = format!("Layer {node} moved, now layer {place}");
                self.edit("", Some(model), said);
                self.focus_on(place, control);
            }
            Err(CannotMove::Reads(input)) => {
                self.stack.said.set(format!("Layer {node} reads layer {input}, which must stand before it"));
            }
            Err(CannotMove::Input | CannotMove::NoPlace) => {
                self.stack.said.set(format!("Layer {node} cannot go further"));
            }
        }
    }
}

/// What a reader sees beside a switch.
pub(crate) fn switch_label(switch: Switch) -> &'static str {
    match switch {
        Switch::Bias => "Bias",
        Switch::CeilMode => "Round sizes up",
    }
}
