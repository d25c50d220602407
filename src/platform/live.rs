//! Pictures through the worker onto a canvas: a camera's frames as they come, or one photograph.
//!
//! Of moving pictures two are under way at most, so that the worker need not wait for the page: one is filtered,
//! and the next waits. A frame that comes meanwhile is dropped, and when the worker is done it gets what the camera
//! shows then.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use convscope_worker::filter::Filter;
use convscope_worker::message::{FilterRequest, Progress, Request, Response, Timing};
use js_sys::{ArrayBuffer, Function, Uint8ClampedArray};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlCanvasElement, HtmlVideoElement};

use super::clock::now_secs;
use super::dom::{Guard, has, keep, window};
use super::markup::Place;
use super::pictures::{canvas_of, pixels_of, put, show};
use super::worker::{self, Mail, News, Purpose};
use crate::state::State;

/// How often the rates are told.
const TELL_SECS: f64 = 1.0;

/// Pictures that are under way at once.
const TURNS: [Purpose; 2] = [Purpose::Live, Purpose::LiveNext];

#[wasm_bindgen]
extern "C" {
    /// A frame that the browser holds; not every browser has them.
    type VideoFrame;
    #[wasm_bindgen(constructor, catch)]
    fn new(video: &HtmlVideoElement) -> Result<VideoFrame, JsValue>;

    /// A video that tells of its frames.
    type Telling;
    #[wasm_bindgen(method, js_name = requestVideoFrameCallback)]
    fn request_frame(this: &Telling, callback: &Function) -> f64;
    #[wasm_bindgen(method, js_name = cancelVideoFrameCallback)]
    fn cancel_frame(this: &Telling, id: f64);
}

/// What is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shown {
    /// Height and width of what went in.
    pub input: [u64; 2],
    /// Height and width of what came out.
    pub output: [u64; 2],
    /// From one picture to the next, on average; of moving pictures only.
    pub frame_ms: Option<f64>,
    /// Inside the worker's function, on average.
    pub kernel_ms: f64,
}

/// What the reader should hear of.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// A large picture takes a while: so many hundredths are done.
    Working(u64),
    /// The worker stopped, and goes on.
    Restarted,
    /// There is no picture, and why.
    Failed(String),
}

/// A live filter; it ends with the component that made it.
#[derive(Clone)]
pub struct Live(Rc<Inner>);

struct Inner {
    canvas: HtmlCanvasElement,
    source: RefCell<Source>,
    filter: RefCell<Option<Filter>>,
    moving: Cell<bool>,
    /// For each purpose of [`TURNS`].
    under_way: Cell<[bool; 2]>,
    /// Whether something newer waits for what is under way.
    stale: Cell<bool>,
    ticking: RefCell<Option<Ticking>>,
    counted: Cell<Counted>,
    shown: State<Option<Shown>>,
    word: State<Option<Word>>,
}

/// What is filtered.
#[derive(Clone)]
enum Source {
    Nothing,
    Camera(HtmlVideoElement),
    Still { size: [u32; 2], rgba: Rc<Vec<u8>> },
}

/// A callback for each frame of a video, that is taken back when dropped.
struct Ticking {
    video: HtmlVideoElement,
    id: f64,
    _tick: Closure<dyn FnMut()>,
}

/// Pictures since the rates were told.
#[derive(Clone, Copy, Default)]
struct Counted {
    since_secs: f64,
    pictures: f64,
    kernel_ms: f64,
}

/// A filter that shows what it makes on `canvas`, with nothing to filter yet.
pub fn use_live(canvas: &Place) -> Live {
    let live = Live(Rc::new(Inner {
        canvas: canvas.clone().unchecked_into(),
        source: RefCell::new(Source::Nothing),
        filter: RefCell::default(),
        moving: Cell::new(false),
        under_way: Cell::default(),
        stale: Cell::new(false),
        ticking: RefCell::default(),
        counted: Cell::default(),
        shown: State::new(None),
        word: State::new(None),
    }));
    let at_end = live.clone();
    keep(Guard(move || {
        at_end.0.source.replace(Source::Nothing);
        at_end.0.ticking.replace(None);
        TURNS.into_iter().for_each(worker::cancel);
    }));
    live
}

impl Live {
    /// What is seen, told at most once a second while it moves.
    pub fn shown(&self) -> State<Option<Shown>> {
        self.0.shown
    }

    /// What the reader should hear of.
    pub fn word(&self) -> State<Option<Word>> {
        self.0.word
    }

    /// From now on through this filter.
    pub fn set_filter(&self, filter: Filter) {
        self.0.filter.replace(Some(filter));
        if !self.0.moving.get() {
            self.refresh();
        }
    }

    /// From now on what the camera shows in `video`; frame by frame if `moving`, otherwise as it stands.
    pub fn watch(&self, video: &Place, moving: bool) {
        let video: HtmlVideoElement = video.clone().unchecked_into();
        self.0.source.replace(Source::Camera(video));
        self.0.moving.set(moving);
        self.0.counted.set(Counted::from_now());
        self.0.ticking.replace(None);
        if moving {
            self.tick();
        } else {
            let _ = self.video().map(|video| video.pause());
        }
        self.refresh();
    }

    /// From now on this picture.
    pub fn show_still(&self, size: [u32; 2], rgba: Vec<u8>) {
        self.0.source.replace(Source::Still { size, rgba: Rc::new(rgba) });
        self.0.moving.set(false);
        self.refresh();
    }

    fn video(&self) -> Option<HtmlVideoElement> {
        match &*self.0.source.borrow() {
            Source::Camera(video) => Some(video.clone()),
            _ => None,
        }
    }

    /// Waits for the next frame, and for all after it.
    fn tick(&self) {
        let Some(video) = self.video() else { return };
        let weak = Rc::downgrade(&self.0);
        let tick = Closure::<dyn FnMut()>::new(move || {
            let Some(inner) = weak.upgrade() else { return };
            let live = Live(inner);
            // Asked for first, so that a callback which ends all takes it back.
            if let Some(ticking) = &mut *live.0.ticking.borrow_mut() {
                ticking.id = request(&ticking.video, ticking._tick.as_ref().unchecked_ref());
            }
            live.refresh();
        });
        let _ = video.play();
        let id = request(&video, tick.as_ref().unchecked_ref());
        self.0.ticking.replace(Some(Ticking { video, id, _tick: tick }));
    }

    /// Filters what there is to see now, or as soon as what is under way is done.
    fn refresh(&self) {
        let most = if self.0.moving.get() { TURNS.len() } else { 1 };
        let free = self.0.under_way.get().into_iter().take(most).position(|it| !it);
        let Some(turn) = free else { return self.0.stale.set(true) };
        self.0.stale.set(false);
        if self.0.filter.borrow().is_none() || !self.is_there() {
            return;
        }
        self.set_under_way(turn, true);
        let (maker, hearer) = (self.clone(), self.clone());
        worker::ask(
            TURNS[turn],
            move || {
                let mail = maker.mail();
                maker.set_under_way(turn, mail.is_some());
                mail
            },
            move |news| hearer.hear(turn, news),
        );
    }

    fn set_under_way(&self, turn: usize, is_under_way: bool) {
        let mut under_way = self.0.under_way.get();
        under_way[turn] = is_under_way;
        self.0.under_way.set(under_way);
    }

    /// Whether there is something to see.
    fn is_there(&self) -> bool {
        match &*self.0.source.borrow() {
            Source::Nothing => false,
            Source::Camera(video) => video.ready_state() >= 2 && video.video_width() > 0,
            Source::Still { .. } => true,
        }
    }

    fn mail(&self) -> Option<Mail> {
        let filter = self.0.filter.borrow().clone()?;
        let (size, rgba, picture) = match self.0.source.borrow().clone() {
            Source::Nothing => return None,
            Source::Still { size, rgba } => (Some(size), rgba.to_vec(), None),
            Source::Camera(video) => match VideoFrame::new(&video) {
                Ok(frame) => (None, Vec::new(), Some(frame.into())),
                Err(_) => {
                    let size = [video.video_height(), video.video_width()];
                    let rgba = canvas_of(size).and_then(|canvas| pixels_of(&canvas, &video, size))?;
                    (Some(size), rgba, None)
                }
            },
        };
        let size = size.map(|size| size.map(u64::from));
        Some(Mail {
            request: Request::Filter(FilterRequest { filter, size, rgba, blue_first: false }),
            picture,
        })
    }

    fn hear(&self, turn: usize, news: News) {
        match news {
            News::Progress(Progress { done, of }) => {
                return self.0.word.set(Some(Word::Working(100 * done / of.max(1))));
            }
            News::Restarted => return self.0.word.set(Some(Word::Restarted)),
            News::Failed(reason) => {
                self.0.word.set(Some(Word::Failed(reason.to_owned())));
                // Not once more for each frame: the reader's next step asks again.
                self.0.ticking.replace(None);
                self.0.stale.set(false);
            }
            News::Done(Response::Filtered { size, rgba }, picture, timing) => {
                // The worker need not wait until the picture is shown.
                self.go_on(turn);
                if self.show(size, &rgba, picture).is_some() {
                    self.count(size, timing);
                    if matches!(self.0.word.get_untracked(), Some(Word::Failed(_) | Word::Working(_))) {
                        self.0.word.set(None);
                    }
                }
                return;
            }
            News::Done(Response::Failed { reason }, ..) => {
                let word = Some(Word::Failed(reason));
                if self.0.word.get_untracked() != word {
                    self.0.word.set(word);
                }
            }
            News::SoFar(_)
            | News::Done(
                Response::Conv2d { .. }
                | Response::Effective(_)
                | Response::Network(_)
                | Response::Exported { .. },
                ..,
            ) => {}
        }
        self.go_on(turn);
    }

    /// Nothing is under way in this turn any more: goes on with what waited.
    fn go_on(&self, turn: usize) {
        self.set_under_way(turn, false);
        if self.0.stale.get() {
            self.refresh();
        }
    }

    /// Puts a filtered picture on the canvas.
    fn show(&self, size: [u64; 2], rgba: &[u8], picture: Option<JsValue>) -> Option<()> {
        let size = size.map(|len| len as u32);
        match picture.and_then(|it| it.dyn_into::<ArrayBuffer>().ok()) {
            Some(memory) => {
                let shown = put(&self.0.canvas, size, &Uint8ClampedArray::new(&memory));
                worker::give_back(Purpose::Live, &memory);
                shown
            }
            None => show(&self.0.canvas, size, rgba),
        }
    }

    /// Counts a picture, and tells the rates once a second.
    fn count(&self, output: [u64; 2], Timing { kernel_ms, .. }: Timing) {
        let Counted { since_secs, pictures, kernel_ms: before_ms } = self.0.counted.get();
        let counted = Counted { since_secs, pictures: pictures + 1.0, kernel_ms: before_ms + kernel_ms };
        self.0.counted.set(counted);
        let moving = self.0.moving.get();
        let seen_secs = now_secs() - since_secs;
        let before = self.0.shown.get_untracked().map(|it| it.output);
        if moving && seen_secs < TELL_SECS && before == Some(output) {
            return;
        }
        self.0.counted.set(Counted::from_now());
        let input = match &*self.0.source.borrow() {
            Source::Nothing => [0, 0],
            Source::Camera(video) => [video.video_height(), video.video_width()],
            Source::Still { size, .. } => *size,
        };
        let frame_ms = (moving && seen_secs >= TELL_SECS).then_some(seen_secs * 1000.0 / counted.pictures);
        let kernel_ms = counted.kernel_ms / counted.pictures;
        self.0.shown.set(Some(Shown { input: input.map(u64::from), output, frame_ms, kernel_ms }));
    }
}

impl Counted {
    fn from_now() -> Self {
        Self { since_secs: now_secs(), ..Self::default() }
    }
}

/// Asks to be called for the next frame; before the next repaint where videos do not tell.
fn request(video: &HtmlVideoElement, callback: &Function) -> f64 {
    if has(video, "requestVideoFrameCallback") {
        return video.unchecked_ref::<Telling>().request_frame(callback);
    }
    window().request_animation_frame(callback).map_or(0.0, f64::from)
}

impl Drop for Ticking {
    fn drop(&mut self) {
        if has(&self.video, "requestVideoFrameCallback") {
            self.video.unchecked_ref::<Telling>().cancel_frame(self.id);
        } else {
            let _ = window().cancel_animation_frame(self.id as i32);
        }
    }
}
