//! Networks that the reader brings: files and texts, read in the worker.
//!
//! Only the last one is heard of. Nothing of a file is sent anywhere but to the worker of this page.

use std::rc::Rc;

use convscope_worker::message::{Network, NetworkRequest, Progress, Request, Response};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ClipboardEvent, Element, Event, File, HtmlInputElement};

use super::dom::{Guard, Listener, keep, window};
use super::pictures::files_dragged;
use super::worker::{self, Mail, News, Purpose};

/// What is heard of a network that is being read.
pub enum Heard {
    /// It takes a while: so many hundredths are read.
    Reading(u64),
    /// It is read.
    Network(Box<Network>),
    /// It cannot be, and why, without a full stop.
    Failed(String),
}

/// Something that the reader brought.
pub enum Brought {
    /// A file of ONNX, which is read in slices.
    Model(ModelFile),
    /// A text.
    Text(String),
    /// A file that cannot be taken, and why, without a full stop.
    Nothing(String),
}

/// A text is read whole: what is larger is no code and no table.
const MAX_TEXT_BYTES: f64 = 2_000_000.0;

/// A file of ONNX that the browser holds.
#[derive(Clone)]
pub struct ModelFile(File);

impl ModelFile {
    /// Its name.
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Reads it. `size` is the input's height and width where the file leaves them open.
    pub fn read(&self, size: [u64; 2], on_heard: impl Fn(Heard) + 'static) {
        let file: JsValue = self.0.clone().into();
        ask(move || (NetworkRequest { size, text: None }, Some(file.clone())), on_heard);
    }
}

/// Reads a text of any known form.
pub fn read_text(text: String, size: [u64; 2], on_heard: impl Fn(Heard) + 'static) {
    let text = Rc::new(text);
    ask(move || (NetworkRequest { size, text: Some(text.to_string()) }, None), on_heard);
}

/// Hears no more of what is being read. A file that takes long is not read to its end.
pub fn cancel() {
    worker::cancel(Purpose::Import);
}

/// Loads what reads networks, for one that is about to come.
pub fn prepare() {
    worker::prepare(Purpose::Import);
}

fn ask(
    request: impl Fn() -> (NetworkRequest, Option<JsValue>) + 'static,
    on_heard: impl Fn(Heard) + 'static,
) {
    let make = move || {
        let (request, file) = request();
        Some(Mail { request: Request::Network(request), picture: file })
    };
    worker::ask(Purpose::Import, make, move |news| {
        on_heard(match news {
            News::Progress(Progress { done, of }) => Heard::Reading(100 * done / of.max(1)),
            News::Restarted => Heard::Reading(0),
            News::Failed(reason) => Heard::Failed(reason.to_owned()),
            News::Done(Response::Network(network), ..) => Heard::Network(Box::new(network)),
            News::Done(Response::Failed { reason }, ..) => Heard::Failed(reason),
            News::SoFar(_) | News::Done(..) => return,
        });
    });
}

/// Takes the file that was chosen in the `<input type="file">` on which `event` happened.
pub fn from_input(event: &Event, on_brought: impl FnOnce(Brought) + 'static) {
    let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) else { return };
    let file = input.files().and_then(|files| files.get(0));
    // So that choosing the same file again is a change.
    input.set_value("");
    if let Some(file) = file {
        take(file, on_brought);
    }
}

/// Takes files of networks that are dropped anywhere on the page. What is being read ends with the page.
pub fn use_drop(on_brought: impl Fn(Brought) + Clone + 'static) {
    keep(Guard(cancel));
    keep(Listener::new(&window(), "dragenter", |event| {
        if files_dragged(&event).is_some() {
            prepare();
        }
    }));
    keep(Listener::new(&window(), "drop", move |event| {
        let file = files_dragged(&event).and_then(|dragged| dragged.files()?.get(0));
        if let Some(file) = file.filter(|file| is_network(&file.name())) {
            event.prevent_default();
            take(file, on_brought.clone());
        }
    }));
}

/// Takes texts that look like layers and are pasted where nothing is written.
pub fn use_paste(on_brought: impl Fn(Brought) + 'static) {
    keep(Listener::new(&window(), "paste", move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        if target.is_some_and(|it| matches!(it.closest("input, textarea, dialog"), Ok(Some(_)))) {
            return;
        }
        let pasted = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
        let text = pasted.and_then(|pasted| pasted.get_data("text/plain").ok()).unwrap_or_default();
        if ["(", "Layer", ",VALID", ",SAME"].iter().any(|sign| text.contains(sign)) {
            event.prevent_default();
            on_brought(Brought::Text(text));
        }
    }));
}

/// Whether a file's name is one of a network: pictures go their own way.
pub fn is_network(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".onnx", ".py", ".txt"].iter().any(|extension| name.ends_with(extension))
}

fn take(file: File, on_brought: impl FnOnce(Brought) + 'static) {
    if !file.name().to_ascii_lowercase().ends_with(".txt")
        && !file.name().to_ascii_lowercase().ends_with(".py")
    {
        return on_brought(Brought::Model(ModelFile(file)));
    }
    if file.size() > MAX_TEXT_BYTES {
        let [size, limit] = [file.size(), MAX_TEXT_BYTES].map(|bytes| bytes / 1e6);
        let reason = format!("{} has {size:.0} MB, where texts of {limit:.0} MB are read", file.name());
        return on_brought(Brought::Nothing(reason));
    }
    spawn_local(async move {
        on_brought(match JsFuture::from(file.text()).await {
            Ok(text) => Brought::Text(text.as_string().unwrap_or_default()),
            Err(_) => Brought::Nothing(format!("{} cannot be read any more", file.name())),
        });
    });
}
