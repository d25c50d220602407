//! The state of the lab, and the memos from its model to all that is shown.
//!
//! ```text
//! model --> derived (params, geometry, tensors, costs) --> views
//! playback --> step --> inspector, labels      (the figure asks the playback for its pose itself)
//! pointed, pinned --> figure, inspector
//! ```

use std::sync::Arc;

use convscope_page::edit;
use convscope_page::lab;
use convscope_page::link::{self, Notice, Page};
use convscope_page::model::LabModel;
use convscope_page::operation::Operation;
use convscope_page::playback::{Playback, Speed};
use convscope_page::source::{InputSource, Picture, PictureSource, Sample};
use convscope_scene::Part;
use leptos::prelude::on_cleanup;

use crate::history::History;
use crate::originals::{Originals, colours};
use crate::platform::pictures::{Original, PictureError, Rgba};
use crate::platform::{clock, location, media, page, pictures};
use crate::state::{State, follow};

/// The lab's state: handles, so that it is copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Lab {
    /// What a link restores, but for the step.
    pub(crate) model: State<LabModel>,
    /// All that follows from the model; the last good one should the model be impossible.
    pub(crate) derived: State<Arc<lab::Lab>>,
    /// The sample that was decoded last.
    sample: State<Option<(Sample, Picture)>>,
    /// Photographs as they were.
    originals: Originals,
    /// What is filtered live in place of the figure.
    pub(crate) live: State<Option<LiveSource>>,
    /// Why there is no photograph, or what was done to it.
    pub(crate) picture_note: State<Option<PictureNote>>,
    /// Where the animation stands.
    pub(crate) playback: State<Playback>,
    /// The output cell that is the current one.
    pub(crate) step: State<u64>,
    /// What the pointer or the focus is on.
    pub(crate) pointed: State<Option<Part>>,
    /// What a click pinned.
    pub(crate) pinned: State<Option<Part>>,
    /// Controls whose text was refused; the figure shows the last good state, dimmed.
    pub(crate) refused: State<Vec<&'static str>>,
    /// The value that the pointer paints on the input, while drawing.
    pub(crate) brush: State<Option<f32>>,
    /// Whether single characters act as keys.
    pub(crate) letters: State<bool>,
    /// Whether the list of keys is open.
    pub(crate) keys_open: State<bool>,
    /// What the link said that could not be shown.
    pub(crate) notices: State<Vec<Notice>>,
    /// Whether the page is an embed.
    pub(crate) embedded: State<bool>,
    /// Whether another page is shown.
    pub(crate) away: State<bool>,
    /// Whether the reader asked for no motion.
    pub(crate) still: State<bool>,
    history: State<History<LabModel>>,
    /// What can be undone and redone.
    pub(crate) undoable: State<[bool; 2]>,
}

/// The sample that a model needs and that is not the one at hand.
fn missing(model: &LabModel, at_hand: Option<&(Sample, Picture)>) -> Option<Sample> {
    match model.input {
        InputSource::Picture(PictureSource::Sample(wanted)) => {
            Some(wanted).filter(|wanted| at_hand.is_none_or(|it| it.0 != *wanted))
        }
        _ => None,
    }
}

/// What is filtered live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LiveSource {
    /// What the camera sees.
    Camera,
    /// The photograph that is the input, as large as it came.
    Picture,
}

/// What became of a photograph.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PictureNote {
    /// One sentence.
    pub(crate) text: String,
    /// Whether there is no picture because of it.
    pub(crate) failed: bool,
}

impl Lab {
    /// The lab that a link opens.
    pub(crate) fn new(model: LabModel, notices: Vec<Notice>, embedded: State<bool>) -> Self {
        let step = model.step;
        let derived = model.derive(None).unwrap_or_else(|_| lab::Lab::example());
        let n_steps = derived.n_steps();
        let lab = Self {
            model: State::new(model),
            derived: State::new(Arc::new(derived)),
            sample: State::new(None),
            originals: Originals::new(),
            live: State::new(None),
            picture_note: State::new(None),
            playback: State::new(Playback::resting(n_steps, step, Speed::Normal)),
            step: State::new(step.min(n_steps.saturating_sub(1))),
            pointed: State::new(None),
            pinned: State::new(None),
            refused: State::new(Vec::new()),
            brush: State::new(None),
            letters: State::new(true),
            keys_open: State::new(false),
            notices: State::new(notices),
            embedded,
            away: State::new(false),
            still: media::prefers_reduced_motion(),
            history: State::new(History::default()),
            undoable: State::new([false; 2]),
        };
        lab.keep_link();
        lab.load_samples();
        lab
    }

    /// The model with the current step: what a link says.
    pub(crate) fn current(&self) -> LabModel {
        LabModel { step: self.step.get_untracked(), ..self.model.get_untracked() }
    }

    /// The link to what is shown, as a whole address.
    pub(crate) fn address(&self, embedded: bool) -> String {
        let model = self.current();
        location::absolute(&link::write(&if embedded { Page::Embed(model) } else { Page::Lab(model) }))
    }

    /// Changes the model by hand. Edits of the same `what` in quick succession are undone as one.
    pub(crate) fn edit(&self, what: &'static str, model: LabModel) {
        if self.model.with_untracked(|old| *old == LabModel { step: old.step, ..model.clone() }) {
            return;
        }
        let current = self.current();
        self.history.update_quietly(|history| history.record(what, clock::now_secs(), current));
        self.replace(model);
    }

    /// Replaces the model by a prepared one; the present one stays in the browser's history.
    pub(crate) fn choose(&self, model: LabModel) {
        let current = self.current();
        location::replace(&link::write(&Page::Lab(current.clone())));
        self.history.update_quietly(|history| history.record("", clock::now_secs(), current));
        location::push(&link::write(&Page::Lab(model.clone())));
        self.notices.set(Vec::new());
        self.replace(model);
    }

    /// Shows what another link says. A picture of the reader's own is not in it, but undo still has it.
    pub(crate) fn open(&self, fragment: &str, model: LabModel, notices: Vec<Notice>) {
        let had =
            |it: &LabModel| fragment.contains("x=own") && link::write(&Page::Lab(it.clone())) == fragment;
        let current = self.current();
        // It is the present one when the reader comes back from another page.
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
        }
        self.replace(model);
    }

    /// Another page is shown, or this one again: nothing plays where nobody sees it.
    pub(crate) fn leave(&self, away: bool) {
        self.away.set(away);
        if away && self.playback.with_untracked(Playback::playing) {
            self.toggle_playing();
        }
        if away && self.live.get_untracked().is_some() {
            self.live.set(None);
        }
    }

    /// Takes the last edit back.
    pub(crate) fn undo(&self) {
        let current = self.current();
        let undo = |history: &mut History<LabModel>| history.undo(current.clone());
        if let Some(model) = self.history.update_quietly(undo).flatten() {
            self.replace(model.seen_as(&current));
        }
    }

    /// Makes an edit again that was taken back.
    pub(crate) fn redo(&self) {
        let current = self.current();
        let redo = |history: &mut History<LabModel>| history.redo(current.clone());
        if let Some(model) = self.history.update_quietly(redo).flatten() {
            self.replace(model.seen_as(&current));
        }
    }

    /// Draws the conclusions from model and pictures. What was concluded before stays while the picture is on
    /// its way, and where the model is impossible.
    fn derive(&self) {
        let derived = self.model.with_untracked(|model| {
            self.sample.with_untracked(|sample| match missing(model, sample.as_ref()) {
                Some(_) => None,
                None => model.derive(sample.as_ref().map(|it| &it.1)).ok(),
            })
        });
        if let Some(derived) = derived {
            self.derived.set(Arc::new(derived));
        }
    }

    /// The reader asked for another model. A picture of theirs that is on its way would come after an input
    /// that they chose since.
    fn replace(&self, model: LabModel) {
        if self.model.with_untracked(|old| old.input != model.input) {
            pictures::cancel();
        }
        self.show(model);
    }

    /// The model changes, whoever asked: the animation rests at its step.
    fn show(&self, model: LabModel) {
        let (step, speed) = (model.step, self.playback.with_untracked(Playback::speed));
        self.pinned.set(None);
        self.pointed.set(None);
        self.picture_note.set(None);
        if model.is_picture() {
            self.brush.set(None);
        }
        let ends = match self.live.get_untracked() {
            None => false,
            Some(LiveSource::Camera) => model.operation != Operation::Conv,
            Some(LiveSource::Picture) => model.operation != Operation::Conv || !model.is_picture(),
        };
        if ends {
            self.live.set(None);
        }
        self.model.set(model);
        self.derive();
        self.undoable.set(self.history.with_untracked(History::depth));
        self.rest(step, speed);
    }

    /// Looks at the same layer in another way: nothing is computed anew, and what plays goes on.
    pub(crate) fn look(&self, model: LabModel) {
        self.pinned.set(None);
        self.pointed.set(None);
        let looked = self.derived.with_untracked(|it| it.looked_at(&model));
        // Views of a transposed convolution differ in what a step is.
        let rests =
            self.model.with_untracked(|it| it.operation == Operation::Transposed && it.view != model.view);
        self.model.set(model);
        match looked {
            Some(derived) => self.derived.set(Arc::new(derived)),
            None => self.derive(),
        }
        if rests {
            let step = self.derived.with_untracked(|it| it.model.step);
            self.rest(step, self.playback.with_untracked(Playback::speed));
        }
    }

    /// The animation rests at a step of what is shown.
    fn rest(&self, step: u64, speed: Speed) {
        let n_steps = self.derived.with_untracked(|it| it.n_steps());
        self.playback.set(Playback::resting(n_steps, step, speed));
        self.step.set(step.min(n_steps.saturating_sub(1)));
    }

    /// Notes whether the text of a control is refused; the figure waits while one is.
    pub(crate) fn refuse(&self, what: &'static str, refused: bool) {
        if self.refused.with_untracked(|list| list.contains(&what)) != refused {
            self.refused.update(|list| {
                list.retain(|other| *other != what);
                if refused {
                    list.push(what);
                    page::show_soon(".message--error");
                }
            });
        }
    }

    /// Notes a control's refusal for as long as it lasts; any other edit makes the model the truth again.
    pub(crate) fn watch_refusal(
        self,
        what: &'static str,
        is_refused: impl Fn() -> bool + 'static,
        forget: impl Fn() + 'static,
    ) {
        follow(move || self.refuse(what, is_refused()));
        follow(move || {
            self.model.track();
            forget();
        });
        on_cleanup(move || self.refuse(what, false));
    }

    /// Goes to a step and rests there.
    pub(crate) fn go_to(&self, step: u64) {
        self.playback.update(|playback| *playback = playback.at_step(step));
        self.settle();
    }

    /// Plays or pauses.
    pub(crate) fn toggle_playing(&self) {
        let now = clock::now_secs();
        let gliding = !self.still.get_untracked();
        // What is pinned would hide the window.
        self.pinned.set(None);
        self.playback.update(|playback| {
            *playback = if playback.playing() { playback.pause(now) } else { playback.play(now, gliding) };
        });
        self.settle();
    }

    /// Sets the speed; the animation keeps its place.
    pub(crate) fn set_speed(&self, speed: Speed) {
        self.playback.update(|playback| *playback = playback.with_speed(clock::now_secs(), speed));
    }

    /// Takes the step over from a playback that was changed or has moved.
    pub(crate) fn settle(&self) {
        let pose = self.playback.with_untracked(|playback| playback.pose_at(clock::now_secs()));
        let last = self.derived.with_untracked(|it| it.n_steps()) - 1;
        let step = pose.explained().min(last);
        if self.step.get_untracked() != step {
            self.step.set(step);
        }
    }

    /// What the figure and the inspector attend to: what is pinned, else what is pointed at.
    pub(crate) fn attended(&self) -> Option<Part> {
        self.pinned.get().or_else(|| self.pointed.get())
    }

    /// Makes a photograph of the reader's own the input, or says why there is none; the figure stays then.
    pub(crate) fn take_picture(&self, result: Result<Rgba, PictureError>) {
        match colours(result) {
            Ok((rgb, original, note)) => {
                let current = self.current();
                let rgb = Arc::new(rgb);
                self.originals.keep(&rgb, original);
                let model = edit::own_picture(&current, rgb);
                self.history.update_quietly(|history| history.record("", clock::now_secs(), current));
                self.show(model);
                self.picture_note.set(note.map(|text| PictureNote { text, failed: false }));
            }
            Err(text) => self.refuse_picture(text),
        }
    }

    /// The photograph that is the input, as it was before it became small.
    pub(crate) fn original(&self) -> Option<Original> {
        let small = self.model.with_untracked(|model| match &model.input {
            InputSource::Picture(PictureSource::Own(own)) => Some(Arc::clone(own)),
            InputSource::Picture(PictureSource::Sample(wanted)) => self.sample.with_untracked(|sample| {
                sample.as_ref().filter(|it| it.0 == *wanted).map(|it| Arc::clone(&it.1))
            }),
            _ => None,
        })?;
        self.originals.of(&small)
    }

    /// Says why there is no photograph.
    pub(crate) fn refuse_picture(&self, text: String) {
        self.picture_note.set(Some(PictureNote { text, failed: true }));
    }

    /// Writes each state into the address, once it has stood for a moment.
    fn keep_link(self) {
        let write = clock::use_debounce(0.3, move |()| {
            if self.away.get_untracked() {
                return;
            }
            let model = self.current();
            let page = if self.embedded.get_untracked() { Page::Embed(model) } else { Page::Lab(model) };
            location::replace(&link::write(&page));
        });
        let mut first = true;
        follow(move || {
            self.model.track();
            let playing = self.playback.with(Playback::playing);
            if !playing {
                self.step.track();
            }
            if !std::mem::take(&mut first) && !playing {
                write(());
            }
        });
    }

    /// Fetches the sample photograph that the model names.
    fn load_samples(self) {
        let mut before = None;
        follow(move || {
            let wanted = self.model.with(|model| self.sample.with(|sample| missing(model, sample.as_ref())));
            if wanted == before {
                return;
            }
            before = wanted;
            let Some(sample) = wanted else { return };
            pictures::fetch(&sample.file(), move |result| {
                // Meanwhile something else may have been chosen.
                let at_hand = self.sample.get_untracked();
                if self.model.with_untracked(|model| missing(model, at_hand.as_ref())) != Some(sample) {
                    return;
                }
                match colours(result) {
                    Ok((rgb, original, _)) => {
                        let rgb = Arc::new(rgb);
                        self.originals.keep(&rgb, original);
                        self.sample.set(Some((sample, rgb)));
                        self.derive();
                        let step = self.model.with_untracked(|model| model.step);
                        self.rest(step, self.playback.with_untracked(Playback::speed));
                    }
                    Err(text) => {
                        // The figure stays, and with it the model that it shows.
                        self.show(self.derived.with_untracked(|it| it.model.clone()));
                        self.refuse_picture(text);
                    }
                }
            });
        });
    }
}
