//! A still from the camera as input, or the camera live through the kernel.

use super::live::live_switch;
use crate::derive::{Lab, LiveSource};
use crate::platform::camera::{self, Wish};
use crate::platform::markup::Markup;
use crate::state::follow;

const SHEET: &str = "<video class=camera aria-label=Camera></video>
    <div class=control-row>
        <button type=button class=\"btn camera__open\">Open the camera</button>
        <button type=button class=\"btn btn--primary\">Take a picture</button>
    </div>
    <slot name=live></slot>
    <p class=\"small muted\">The picture stays on this machine.</p>";

/// A small preview and the button that takes the picture. Nothing leaves the machine.
pub(crate) fn camera_sheet(lab: Lab) -> Markup {
    let view = Markup::new(SHEET);
    let camera = camera::use_camera(&view.find("video"));
    let on = camera.on();
    view.flag("video", "hidden", move || !on.get());
    view.flag(".camera__open", "hidden", move || on.get());
    view.flag(".btn--primary", "hidden", move || !on.get());
    let to_open = camera.clone();
    view.on(".camera__open", "click", move |_| {
        lab.picture_note.set(None);
        to_open.open(Wish::Still, move |result| {
            if let Err(error) = result {
                lab.refuse_picture(error.to_string());
            }
        });
    });
    let to_close = camera.clone();
    view.on(".btn--primary", "click", move |_| {
        lab.take_picture(to_close.take());
        to_close.close();
    });
    // One view of the camera is enough.
    follow(move || {
        if lab.live.get().is_some() {
            camera.close();
        }
    });
    view.put("live", live_switch(lab, LiveSource::Camera, "Live through the kernel, in colour"));
    view
}
