//! A still from the camera as input.

use crate::derive::Lab;
use crate::platform::camera;
use crate::platform::markup::Markup;

const SHEET: &str = "<video class=camera aria-label=Camera></video>
    <div class=control-row>
        <button type=button class=\"btn camera__open\">Open the camera</button>
        <button type=button class=\"btn btn--primary\">Take a picture</button>
    </div>
    
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
        to_open.open(move |result| {
            if let Err(error) = result {
                lab.refuse_picture(error.to_string());
            }
        });
    });
    view.on(".btn--primary", "click", move |_| {
        lab.take_picture(camera.take());
        camera.close();
    });
    view
}
