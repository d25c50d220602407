//! The camera: a moving picture in a `<video>`, and one still of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::html::Video;
use leptos::prelude::{GetUntracked, LocalStorage, NodeRef, RwSignal, Set, Signal, StoredValue, WithValue};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlVideoElement, MediaStream, MediaStreamConstraints, MediaStreamTrack};

use super::dom::{Guard, has, keep, window};
use super::pictures::{PictureError, Rgba, cancel, shrink};

/// The camera of one component; it is switched off when the component ends.
#[derive(Clone, Copy)]
pub struct Camera {
    video: NodeRef<Video>,
    state: StoredValue<Rc<State>, LocalStorage>,
    on: RwSignal<bool>,
}

/// The stream that runs, and how often one was asked for or ended.
#[derive(Default)]
struct State {
    stream: RefCell<Option<MediaStream>>,
    generation: Cell<u64>,
}

impl State {
    fn stop(&self) {
        self.generation.set(self.generation.get() + 1);
        if let Some(stream) = self.stream.take() {
            stop_tracks(&stream);
        }
    }
}

/// A camera that shows itself in `video`.
pub fn use_camera(video: NodeRef<Video>) -> Camera {
    let state = Rc::new(State::default());
    let at_end = Rc::clone(&state);
    keep(Guard(move || at_end.stop()));
    Camera { video, state: StoredValue::new_local(state), on: RwSignal::new(false) }
}

impl Camera {
    /// Whether it is switched on.
    pub fn on(&self) -> Signal<bool> {
        self.on.into()
    }

    /// Asks for the camera and shows it. `on_done` is not called if it was switched off meanwhile.
    pub fn open(&self, on_done: impl FnOnce(Result<(), PictureError>) + 'static) {
        let Camera { video, on, .. } = *self;
        let Some(state) = self.state.try_with_value(Rc::clone) else { return };
        state.stop();
        let generation = state.generation.get();
        spawn_local(async move {
            let answer = request().await;
            if state.generation.get() != generation {
                if let Ok(stream) = answer {
                    stop_tracks(&stream);
                }
                return;
            }
            on_done(match (answer, video.get_untracked()) {
                (Ok(stream), Some(video)) => {
                    video.set_muted(true);
                    // Phones would otherwise play it in full screen.
                    let _ = video.set_attribute("playsinline", "");
                    video.set_src_object(Some(&stream));
                    state.stream.replace(Some(stream));
                    on.set(true);
                    match video.play() {
                        Ok(playing) => {
                            JsFuture::from(playing).await.map(|_| ()).map_err(|_| PictureError::CameraBusy)
                        }
                        Err(_) => Err(PictureError::CameraBusy),
                    }
                }
                (Ok(stream), None) => {
                    stop_tracks(&stream);
                    return;
                }
                (Err(error), _) => Err(error),
            });
        });
    }

    /// The picture that the camera shows now.
    ///
    /// # Errors
    ///
    /// [`PictureError::CameraNotReady`] before the first picture.
    pub fn take(&self) -> Result<Rgba, PictureError> {
        let video = self.video.get_untracked().ok_or(PictureError::CameraNotReady)?;
        let original = [video.video_height(), video.video_width()];
        if original.contains(&0) {
            return Err(PictureError::CameraNotReady);
        }
        // A file that is still on its way would come after this one.
        cancel();
        shrink(original, |context, [height, width]| {
            let (width, height) = (f64::from(width), f64::from(height));
            context.draw_image_with_html_video_element_and_dw_and_dh(&video, 0.0, 0.0, width, height).ok()
        })
        .ok_or(PictureError::CameraNotReady)
    }

    /// Switches it off.
    pub fn close(&self) {
        let _ = self.state.try_with_value(|state| state.stop());
        if let Some(video) = self.video.get_untracked() {
            let video: HtmlVideoElement = video;
            video.set_src_object(None);
        }
        self.on.set(false);
    }
}

async fn request() -> Result<MediaStream, PictureError> {
    let navigator = window().navigator();
    if !has(&navigator, "mediaDevices") {
        return Err(if window().is_secure_context() {
            PictureError::CameraMissing
        } else {
            PictureError::CameraInsecure
        });
    }
    let devices = navigator.media_devices().map_err(|_| PictureError::CameraMissing)?;
    // The camera that looks away from the reader, if there is a choice; a small picture is enough.
    let wish = js_sys::Object::new();
    for (name, value) in [("facingMode", JsValue::from("environment")), ("width", JsValue::from(640))] {
        let _ = js_sys::Reflect::set(&wish, &name.into(), &value);
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wish);
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
