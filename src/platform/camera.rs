//! The camera: a moving picture in a `<video>`, and one still of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    CanvasRenderingContext2d, Element, HtmlVideoElement, MediaStream, MediaStreamConstraints,
    MediaStreamTrack,
};

use super::dom::{Guard, has, keep, new_canvas, window};
use super::pictures::{Original, PictureError, Rgba, cancel};
use crate::state::State;

/// The camera of one component; it is switched off when the component ends.
#[derive(Clone)]
pub struct Camera {
    video: HtmlVideoElement,
    stream: Rc<Stream>,
    on: State<bool>,
}

/// What is asked of the camera; it gives what it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// One picture: a small one is enough.
    Still,
    /// 1280 x 720 pixels, 60 times a second.
    Live,
}

/// The stream that runs, and how often one was asked for or ended.
#[derive(Default)]
struct Stream {
    running: RefCell<Option<MediaStream>>,
    generation: Cell<u64>,
}

impl Stream {
    fn stop(&self) {
        self.generation.set(self.generation.get() + 1);
        if let Some(stream) = self.running.take() {
            stop_tracks(&stream);
        }
    }
}

/// A camera that shows itself in `video`.
pub fn use_camera(video: &Element) -> Camera {
    let stream = Rc::new(Stream::default());
    let at_end = Rc::clone(&stream);
    keep(Guard(move || at_end.stop()));
    Camera { video: video.clone().unchecked_into(), stream, on: State::new(false) }
}

impl Camera {
    /// Whether it is switched on.
    pub fn on(&self) -> State<bool> {
        self.on
    }

    /// Switches it off.
    pub fn close(&self) {
        self.stream.stop();
        self.on.set(false);
    }

    /// Asks for the camera and shows it. `on_done` is not called if it was switched off meanwhile.
    pub fn open(&self, wish: Wish, on_done: impl FnOnce(Result<(), PictureError>) + 'static) {
        let Camera { video, stream: state, on } = self.clone();
        state.stop();
        let generation = state.generation.get();
        spawn_local(async move {
            let answer = request(wish).await;
            if state.generation.get() != generation {
                if let Ok(stream) = answer {
                    stop_tracks(&stream);
                }
                return;
            }
            on_done(match answer {
                Ok(stream) => {
                    video.set_muted(true);
                    // Phones would otherwise play it in full screen.
                    let _ = video.set_attribute("playsinline", "");
                    video.set_src_object(Some(&stream));
                    state.running.replace(Some(stream));
                    on.set(true);
                    match video.play() {
                        Ok(playing) => {
                            JsFuture::from(playing).await.map(|_| ()).map_err(|_| PictureError::CameraBusy)
                        }
                        Err(_) => Err(PictureError::CameraBusy),
                    }
                }
                Err(error) => Err(error),
            });
        });
    }

    /// The picture that the camera shows now.
    ///
    /// # Errors
    ///
    /// [`PictureError::CameraNotReady`] before the first picture.
    pub fn take(&self) -> Result<Rgba, PictureError> {
        let video = &self.video;
        let original = [video.video_height(), video.video_width()];
        if original.contains(&0) {
            return Err(PictureError::CameraNotReady);
        }
        // A file that is still on its way would come after this one.
        cancel();
        // The stream goes on: what is kept of it is a copy.
        let copy = new_canvas(original[1], original[0]).ok_or(PictureError::CameraNotReady)?;
        let context = copy.get_context("2d").ok().flatten().ok_or(PictureError::CameraNotReady)?;
        let context: CanvasRenderingContext2d = context.unchecked_into();
        context
            .draw_image_with_html_video_element(video, 0.0, 0.0)
            .map_err(|_| PictureError::CameraNotReady)?;
        Original::of(&copy, original).small(None).ok_or(PictureError::CameraNotReady)
    }
}

async fn request(wish: Wish) -> Result<MediaStream, PictureError> {
    let navigator = window().navigator();
    if !has(&navigator, "mediaDevices") {
        return Err(if window().is_secure_context() {
            PictureError::CameraMissing
        } else {
            PictureError::CameraInsecure
        });
    }
    let devices = navigator.media_devices().map_err(|_| PictureError::CameraMissing)?;
    // The camera that looks away from the reader, if there is a choice.
    let video = js_sys::Object::new();
    let set = |name: &str, value: JsValue| {
        let _ = js_sys::Reflect::set(&video, &name.into(), &value);
    };
    set("facingMode", "environment".into());
    match wish {
        Wish::Still => set("width", 640.into()),
        Wish::Live => [("width", 1280), ("height", 720), ("frameRate", 60)]
            .into_iter()
            .for_each(|(name, value)| set(name, value.into())),
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&video);
    let promise = devices.get_user_media_with_constraints(&constraints).map_err(|error| explain(&error))?;
    let stream = JsFuture::from(promise).await.map_err(|error| explain(&error))?;
    stream.dyn_into().map_err(|_| PictureError::CameraMissing)
}

fn explain(error: &JsValue) -> PictureError {
    let name = js_sys::Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("NotAllowedError" | "SecurityError") => PictureError::CameraDenied,
        Some("NotReadableError" | "AbortError") => PictureError::CameraBusy,
        _ => PictureError::CameraMissing,
    }
}

fn stop_tracks(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
            track.stop();
        }
    }
}
