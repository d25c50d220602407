//! The page as a whole: full screen, dialogs, clicks beside an open menu.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::dom::{Listener, document, keep, root};

/// Enters or leaves full screen; a browser that refuses changes nothing.
pub fn toggle_full_screen() {
    let document = document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else if let Some(root) = root() {
        let _ = root.request_fullscreen();
    }
}

/// What the browser calls the page, in its tab and its history.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Opens a dialog above the page, or closes it.
pub fn show_dialog(dialog: &Element, open: bool) {
    let Some(dialog) = dialog.dyn_ref::<HtmlDialogElement>() else { return };
    if open && !dialog.open() {
        let _ = dialog.show_modal();
    } else if !open && dialog.open() {
        dialog.close();
    }
}

/// Calls `callback` for every press outside the element with this identifier.
pub fn on_outside(id: &'static str, callback: impl Fn() + 'static) {
    keep(Listener::new(&document(), "pointerdown", move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let inside = target.and_then(|it| it.closest(&format!("#{id}")).ok().flatten()).is_some();
        if !inside {
            callback();
        }
    }));
}

/// Scrolls the first match of `selector` to the top, once what is to be shown is shown.
pub fn scroll_soon(selector: &'static str) {
    soon(selector, Element::scroll_into_view);
}

/// Scrolls no further than it takes to see the first match of `selector`, once it is there.
pub fn show_soon(selector: &'static str) {
    soon(selector, |element| {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    });
}

fn soon(selector: &'static str, action: fn(&Element)) {
    wasm_bindgen_futures::spawn_local(async move {
        if let Ok(Some(element)) = document().query_selector(selector) {
            action(&element);
        }
    });
}
