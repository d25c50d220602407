//! A still from the camera as input.

use leptos::html::Video;
use leptos::prelude::*;

use super::photo::PictureNote;
use crate::derive::Lab;
use crate::platform::camera;

/// A small preview and the button that takes the picture. Nothing leaves the machine.
#[component]
pub(crate) fn Camera() -> impl IntoView {
    let lab = Lab::expect();
    let video = NodeRef::<Video>::new();
    let camera = camera::use_camera(video);
    let open = camera.on();
    let start = move |_| {
        lab.picture_note.set(None);
        camera.open(move |result| {
            if let Err(error) = result {
                lab.refuse_picture(error.to_string());
            }
        });
    };
    let take = move |_| lab.take_picture(camera.take());
    view! {
        <video class="camera" node_ref=video playsinline muted aria-label="Camera" hidden=move || !open.get()></video>
        <div class="control-row">
            <button type="button" class="btn" on:click=start hidden=move || open.get()>"Open the camera"</button>
            <button type="button" class="btn btn--primary" on:click=take hidden=move || !open.get()>"Take a picture"</button>
        </div>
        <PictureNote/>
        <p class="small muted">"The picture stays on this machine."</p>
    }
}
