//! A still from the camera as input.

use leptos::html::Video;
use leptos::prelude::*;

use super::photo::PictureNote;
use crate::derive::Lab;
use crate::platform::camera;

/// A small preview and the button that takes the picture. Nothing leaves the machine.
#[component]
pub(crate) fn Camera() -> AnyView {
    let lab = Lab::expect();
    let video = NodeRef::<Video>::new();
    let camera = camera::use_camera(video);
    let on = camera.on();
    let open = move |_| {
        lab.picture_note.set(None);
        camera.open(move |result| {
            if let Err(error) = result {
                lab.refuse_picture(error.to_string());
            }
        });
    };
    let off = Signal::derive(move || !on.get());
    view! {
        <video class="camera" node_ref=video aria-label="Camera" hidden=off></video>
        <div class="control-row">
            <button type="button" class="btn" hidden=on on:click=open>"Open the camera"</button>
            <button
                type="button"
                class="btn btn--primary"
                hidden=off
                on:click=move |_| lab.take_picture(camera.take())
            >
                "Take a picture"
            </button>
        </div>
        <PictureNote/>
        <p class="small muted">"The picture stays on this machine."</p>
    }
    .into_any()
}
