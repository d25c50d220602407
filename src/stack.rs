//! The state of the stack page, and the way from its model to all that is shown.
//!
//! ```text
//! model --> layers (every layer's numbers) --> table
//! model --> chosen (with the chosen unit) --> sums below the table
//! chosen --> settled (the same, of many layers a moment later) --> cards, charts, rows of the pyramid
//! model, pointed --> seen (what one unit reads) --> figure
//! seen --> told (the same, ten times a second) --> sentence, legend, pyramid
//! ```

use std::sync::Arc;

use convscope_core::tensor::Tensor;
use convscope_page::link::{self, Notice, Page};
use convscope_page::source::{Picture, PictureSource, Sample};
use convscope_page::stack::{self, StackModel};
use convscope_page::text::stack as text;

use crate::derive::PictureNote;
use crate::history::History;
use crate::originals::colours;
use crate::platform::pictures::{PictureError, Rgba};
use crate::platform::{boot, clock, location, pictures};
use crate::state::{State, follow};

/// Of more layers than this, cards, charts and pyramid follow after [`SETTLED_SECS`] without an edit: each reads all
/// layers.
pub(crate) const MOST_AT_ONCE: usize = 64;
const SETTLED_SECS: f64 = 0.1;
/// While the pointer moves, texts and the pyramid follow at this interval.
const FOLLOW_SECS: f64 = 0.1;

/// A unit: the index of its node, and its row and column there.
pub(crate) type Unit = (usize, [u64; 2]);

/// The stack page's state: handles, so that it is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Stack {
    /// What a link restores.
    pub(crate) model: State<StackModel>,
    /// Every layer's numbers, or why it is impossible. Changes with the layers alone.
    pub(crate) layers: State<Arc<stack::Stack>>,
    /// The same with the chosen layer and unit, whatever is pointed at.
    pub(crate) chosen: State<Arc<stack::Stack>>,
    /// The same a moment later where there are many layers, for cards and charts: what nobody looks at while they
    /// edit.
    pub(crate) settled: State<Arc<stack::Stack>>,
    /// What the unit sees that is pointed at, or else chosen. While its layer is impossible, what was seen last.
    pub(crate) seen: State<Arc<stack::Stack>>,
    /// The same for what is read: while the pointer moves it follows ten times a second, as each text costs as
    /// much as the figure.
    pub(crate) told: State<Arc<stack::Stack>>,
    /// Whether `seen` is of layers that were there before an edit made the chosen one impossible.
    pub(crate) waiting: State<bool>,
    /// The unit under the pointer.
    pointed: State<Option<Unit>>,
    /// The chosen layer: the index of its node.
    pub(crate) selected: State<usize>,
    /// What lies on the input; `None` until it has arrived.
    pub(crate) picture: State<Option<Picture>>,
    /// The sample that arrived last.
    sample: State<Option<(Sample, Picture)>>,
    /// Why there is no picture, or what was done to it.
    pub(crate) picture_note: State<Option<PictureNote>>,
    /// What a screen reader is told about the last edit.
    pub(crate) said: State<String>,
    /// What the link said that could not be shown.
    pub(crate) notices: State<Vec<Notice>>,
    /// Whether another page is shown.
    pub(crate) away: State<bool>,
    /// What has been found of effective fields: layers, and pixels across that hold 95 %.
    pub(crate) depths: State<Vec<(usize, f64)>>,
    history: State<History<StackModel>>,
    /// What can be undone and redone.
    pub(crate) undoable: State<[bool; 2]>,
}

impl Stack {
    /// The page that a link opens.
    pub(crate) fn new(model: StackModel, notices: Vec<Notice>) -> Self {
        let layers = Arc::new(model.derive());
        let stack = Self {
            model: State::new(layers.model.clone()),
            layers: State::new(Arc::clone(&layers)),
            waiting: State::new(!is_good(&layers)),
            selected: State::new(layers.model.selected),
            chosen: State::new(Arc::clone(&layers)),
            settled: State::new(Arc::clone(&layers)),
            told: State::new(Arc::clone(&layers)),
            seen: State::new(layers),
            pointed: State::new(None),
            picture: State::new(None),
            sample: State::new(None),
            picture_note: State::new(None),
            said: State::new(String::new()),
            notices: State::new(notices),
            away: State::new(false),
            depths: State::new(Vec::new()),
            history: State::new(History::default()),
            undoable: State::new([false; 2]),
        };
        stack.keep_link();
        // The figure is there before the picture under it, for which the rest of the program is needed.
        boot::when_complete(move || stack.keep_picture());
        stack.keep_told();
        stack.keep_settled();
        stack
    }

    /// The link to what is shown, as a whole address.
    pub(crate) fn address(&self) -> String {
        location::absolute(&link::write(&Page::Stack(self.model.get_untracked())))
    }

    /// Changes the layers by hand, and says so. Edits of the same `what` in quick succession are undone as one.
    pub(crate) fn edit(&self, what: &'static str, model: StackModel, said: String) {
        let current = self.model.get_untracked();
        if current == model {
            return;
        }
        self.history.update_quietly(|history| history.record(what, clock::now_secs(), current));
        self.replace(model);
        self.say(said);
    }

    /// Tells a screen reader what was done, and what follows from it.
    fn say(&self, done: String) {
        let sentence = self.layers.with_untracked(|it| match it.analysis.first_error() {
            Some((id, error)) => {
                format!("Layer {} is impossible: {}", id.index(), text::layer_error(it, id, error))
            }
            None => self.seen.with_untracked(|it| text::sentence_plain(it)),
        });
        self.said.set(format!("{done}. {sentence}"));
    }

    /// Replaces the layers by prepared or imported ones; the present ones stay in the browser's history.
    pub(crate) fn choose(&self, model: StackModel, said: String) {
        let current = self.model.get_untracked();
        location::replace(&link::write(&Page::Stack(current.clone())));
        self.history.update_quietly(|history| history.record("", clock::now_secs(), current));
        location::push(&link::write(&Page::Stack(model.clone())));
        self.notices.set(Vec::new());
        self.replace(model);
        self.say(said);
    }

    /// Shows what another link says. A picture of the reader's own is not in it, but undo still has it.
    pub(crate) fn open(&self, fragment: &str, model: StackModel, notices: Vec<Notice>) {
        let current = self.model.get_untracked();
        let had =
            |it: &StackModel| fragment.contains("x=own") && link::write(&Page::Stack(it.clone())) == fragment;
        let known = if had(&current) {
            Some(current.clone())
        } else {
            self.history.with_untracked(|history| history.find(had))
        };
        let (model, notices) = match known {
            Some(model) => (model, Vec::new()),
            None => (model, notices),
        };
        self.notices.set(notices);
        if current != model {
            self.history.update_quietly(|history| history.record("", clock::now_secs(), current));
            self.replace(model);
        }
    }

    /// Takes the last edit back.
    pub(crate) fn undo(&self) {
        let current = self.model.get_untracked();
        if let Some(model) = self.history.update_quietly(|history| history.undo(current)).flatten() {
            self.replace(model);
            self.say("Undone".to_owned());
        }
    }

    /// Makes an edit again that was taken back.
    pub(crate) fn redo(&self) {
        let current = self.model.get_untracked();
        if let Some(model) = self.history.update_quietly(|history| history.redo(current)).flatten() {
            self.replace(model);
            self.say("Done again".to_owned());
        }
    }

    /// Another model: everything is computed anew that follows from its layers.
    fn replace(&self, model: StackModel) {
        if self.model.with_untracked(|old| old.picture != model.picture) {
            pictures::cancel();
            self.picture_note.set(None);
        }
        let layers = self.layers.with_untracked(|it| it.look(&model));
        self.pointed.update_quietly(|pointed| *pointed = None);
        self.undoable.set(self.history.with_untracked(History::depth));
        self.take(layers);
    }

    /// Shows another layer, unit, axis or picture of the same layers.
    pub(crate) fn look(&self, model: StackModel) {
        if self.model.with_untracked(|old| *old != model) {
            self.pointed.update_quietly(|pointed| *pointed = None);
            let looked = self.layers.with_untracked(|it| it.look(&model));
            self.take(looked);
        }
    }

    fn take(&self, next: stack::Stack) {
        let next = Arc::new(next);
        let other = self.layers.with_untracked(|old| !Arc::ptr_eq(&old.analysis, &next.analysis));
        self.model.set(next.model.clone());
        if self.selected.get_untracked() != next.model.selected {
            self.selected.set(next.model.selected);
        }
        if other {
            self.layers.set(Arc::clone(&next));
        }
        self.chosen.set(Arc::clone(&next));
        let good = is_good(&next);
        if good {
            self.seen.set(next);
        }
        if self.waiting.get_untracked() == good {
            self.waiting.set(!good);
        }
    }

    /// Chooses a layer, and its middle unit.
    pub(crate) fn select(&self, node: usize) {
        if self.selected.get_untracked() != node {
            self.look(self.model.get_untracked().select(node));
        }
    }

    /// Chooses a unit of any layer, unless the figure is one of other layers.
    pub(crate) fn choose_unit(&self, (selected, unit): Unit) {
        if self.waiting.get_untracked() {
            return;
        }
        self.look(StackModel { selected, unit, ..self.model.get_untracked() });
    }

    /// Shows what the unit under the pointer sees; that of the chosen one again without any. While layers are
    /// impossible the figure is one of other layers, and cannot be asked.
    pub(crate) fn point(&self, at: Option<Unit>) {
        if self.waiting.get_untracked() || self.pointed.get_untracked() == at {
            return;
        }
        self.pointed.set(at);
        let model = self.model.get_untracked();
        let model = match at {
            Some((selected, unit)) => StackModel { selected, unit, ..model },
            None => model,
        };
        let seen = self.layers.with_untracked(|it| it.look(&model));
        if is_good(&seen) {
            self.seen.set(Arc::new(seen));
        }
    }

    /// Lays a photograph of the reader's own on the input, or says why there is none.
    pub(crate) fn take_picture(&self, result: Result<Rgba, PictureError>) {
        match colours(result) {
            Ok((rgb, _, note)) => {
                let rgb: Arc<Tensor> = Arc::new(rgb);
                let model = StackModel { picture: PictureSource::Own(rgb), ..self.model.get_untracked() };
                self.edit("", model, "Your picture lies on the input".to_owned());
                self.picture_note.set(note.map(|text| PictureNote { text, failed: false }));
            }
            Err(text) => self.refuse_picture(text),
        }
    }

    fn refuse_picture(&self, text: String) {
        self.picture_note.set(Some(PictureNote { text, failed: true }));
    }

    /// Writes each state into the address, once it has stood for a moment.
    fn keep_link(self) {
        let write = clock::use_debounce(0.3, move |()| {
            if !self.away.get_untracked() {
                location::replace(&link::write(&Page::Stack(self.model.get_untracked())));
            }
        });
        let mut first = true;
        follow(move || {
            self.model.track();
            if !std::mem::take(&mut first) {
                write(());
            }
        });
    }

    /// Lets `settled` follow.
    fn keep_settled(self) {
        let later =
            clock::use_debounce(SETTLED_SECS, move |()| self.settled.set(self.chosen.get_untracked()));
        follow(move || {
            let chosen = self.chosen.get();
            if chosen.n_rows() <= MOST_AT_ONCE {
                self.settled.set(chosen);
            } else {
                later(());
            }
        });
    }

    /// Lets what is read follow what is seen: at once, but while the pointer moves now and then.
    fn keep_told(self) {
        let later = clock::use_debounce(FOLLOW_SECS, move |()| {
            if let Some(seen) = self.seen.try_with_untracked(Arc::clone) {
                self.told.set(seen);
            }
        });
        let mut last_secs = f64::NEG_INFINITY;
        follow(move || {
            let seen = self.seen.get();
            let now_secs = clock::now_secs();
            if self.pointed.with_untracked(Option::is_none) || now_secs - last_secs >= FOLLOW_SECS {
                last_secs = now_secs;
                self.told.set(seen);
            } else {
                later(());
            }
        });
    }

    /// Keeps the picture that the model names at hand.
    fn keep_picture(self) {
        let mut before = None;
        follow(move || {
            let wanted = self.model.with(|model| model.picture.clone());
            if before.as_ref() == Some(&wanted) {
                return;
            }
            before = Some(wanted.clone());
            let sample = match wanted {
                PictureSource::Own(picture) => return self.picture.set(Some(picture)),
                PictureSource::Sample(sample) => sample,
            };
            if let Some((known, picture)) = self.sample.get_untracked()
                && known == sample
            {
                return self.picture.set(Some(picture));
            }
            pictures::fetch(&sample.file(), move |result| {
                // Meanwhile something else may have been chosen.
                let still = PictureSource::Sample(sample);
                if self.model.try_with_untracked(|model| model.picture == still) != Some(true) {
                    return;
                }
                match colours(result) {
                    Ok((rgb, ..)) => {
                        let rgb = Arc::new(rgb);
                        self.sample.set(Some((sample, Arc::clone(&rgb))));
                        self.picture.set(Some(rgb));
                    }
                    Err(text) => self.refuse_picture(text),
                }
            });
        });
    }
}

/// Whether there is something to draw: the chosen layer is possible, and what its unit reads is known.
fn is_good(stack: &stack::Stack) -> bool {
    stack.projection.is_ok() && stack.selected().is_some_and(|id| stack.analysis.map(id).is_some())
}
