//! Texts and pictures out of the page: copied, or saved as a file.
//!
//! A frame of another page may be refused the clipboard; texts are then copied the old way, pictures
//! become a file.

use std::fmt;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, BlobPropertyBag, Clipboard, ClipboardItem, HtmlAnchorElement, HtmlDocument, HtmlElement,
    HtmlTextAreaElement, Url,
};

use super::dom::{document, has, window};

/// The browser let nothing be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyRefused;

impl fmt::Display for CopyRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The browser does not let this page copy; select the text and copy it by hand")
    }
}

/// What became of a picture that was to be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is in the clipboard.
    Clipboard,
    /// It was saved as a file instead.
    File,
}

/// Copies a text; call it while a click or key is being handled.
pub fn copy_text(text: impl Into<String>, on_done: impl FnOnce(Result<(), CopyRefused>) + 'static) {
    let text = text.into();
    let written = clipboard().map(|clipboard| clipboard.write_text(&text));
    spawn_local(async move {
        let done = match written {
            Some(written) => JsFuture::from(written).await.is_ok(),
            None => false,
        };
        on_done(if done || copy_by_selection(&text) { Ok(()) } else { Err(CopyRefused) });
    });
}

/// Copies a PNG file, or saves it as `name` where the clipboard takes no picture.
pub fn copy_png(bytes: &[u8], name: &str, on_done: impl FnOnce(Delivered) + 'static) {
    let Some(blob) = blob(bytes, "image/png") else { return };
    let written = write_png(&blob);
    let name = name.to_owned();
    spawn_local(async move {
        let copied = match written {
            Some(written) => JsFuture::from(written).await.is_ok(),
            None => false,
        };
        if !copied {
            save(&blob, &name);
        }
        on_done(if copied { Delivered::Clipboard } else { Delivered::File });
    });
}

/// Saves `bytes` as a file `name` of the media type `mime`.
pub fn download(name: &str, mime: &str, bytes: &[u8]) {
    if let Some(blob) = blob(bytes, mime) {
        save(&blob, name);
    }
}

/// The clipboard, where the page may have one: not over plain http.
fn clipboard() -> Option<Clipboard> {
    let navigator = window().navigator();
    has(&navigator, "clipboard").then(|| navigator.clipboard())
}

fn write_png(blob: &Blob) -> Option<js_sys::Promise> {
    let clipboard = clipboard()?;
    if !has(&window(), "ClipboardItem") || !has(&clipboard, "write") {
        return None;
    }
    let kinds = Object::new();
    Reflect::set(&kinds, &"image/png".into(), blob).ok()?;
    let item = ClipboardItem::new_with_record_from_str_to_blob_promise(&kinds).ok()?;
    Some(clipboard.write(&Array::of1(&item)))
}

/// Copies by selecting a text area that nobody sees.
fn copy_by_selection(text: &str) -> bool {
    let document = document();
    let focused = document.active_element().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let area =
        document.create_element("textarea").ok().and_then(|it| it.dyn_into::<HtmlTextAreaElement>().ok());
    let (Some(area), Some(body)) = (area, document.body()) else { return false };
    area.set_value(text);
    area.set_read_only(true);
    let _ = area.set_attribute("aria-hidden", "true");
    // Out of sight but on the screen: what is not shown cannot be selected, and nothing may scroll.
    for (name, value) in [("position", "fixed"), ("inset", "0 auto auto 0"), ("opacity", "0")] {
        let _ = area.style().set_property(name, value);
    }
    let _ = body.append_child(&area);
    area.select();
    let copied = document
        .dyn_into::<HtmlDocument>()
        .is_ok_and(|document| document.exec_command("copy").unwrap_or(false));
    area.remove();
    if let Some(focused) = focused {
        let _ = focused.focus();
    }
    copied
}

fn blob(bytes: &[u8], mime: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()
}

fn save(blob: &Blob, name: &str) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else { return };
    let link = document().create_element("a").ok().and_then(|it| it.dyn_into::<HtmlAnchorElement>().ok());
    if let (Some(link), Some(body)) = (link, document().body()) {
        link.set_href(&url);
        link.set_download(name);
        let _ = body.append_child(&link);
        link.click();
        link.remove();
    }
    // The browser has begun to read it long before.
    let late = wasm_bindgen::closure::Closure::once_into_js(move || {
        let _ = Url::revoke_object_url(&url);
    });
    let late: &JsValue = &late;
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(late.unchecked_ref(), 60_000);
}
