//! The mailbox: takes requests from a port, lets `serve` work slice by slice, and posts answers.
//!
//! One request is under way at a time. Between slices newer messages come in; a request that is no longer the
//! newest of its purpose ends without an answer.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use convscope_worker::message::{Answer, FilterRequest, Request, Response, Ticket, Timing};
use convscope_worker::serve::{COMPUTES, State};
use convscope_worker::wire::{from_message, given_back, to_message};
use js_sys::{Array, Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, MessageChannel, MessageEvent};

#[cfg(feature = "networks")]
use crate::file;
use crate::frame::{Frame, Frames, copied_size, copy};

#[wasm_bindgen]
extern "C" {
    /// A worker's own scope, or one end of a channel.
    pub type Port;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post(this: &Port, message: &JsValue, transfer: &Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter, js_name = onmessage)]
    fn set_on_message(this: &Port, action: &Function);
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now_ms() -> f64;
}

/// A request, and what the browser holds for it.
struct Job {
    ticket: Ticket,
    request: Request,
    held: Option<Held>,
}

/// What the browser holds: a picture, which must be let go of, or a file.
enum Held {
    Frame(Frame),
    File(#[cfg_attr(not(feature = "networks"), expect(dead_code, reason = "it is let go of"))] Blob),
}

impl Held {
    fn new(held: JsValue) -> Self {
        match held.dyn_into::<Blob>() {
            Ok(file) => Self::File(file),
            Err(frame) => Self::Frame(frame.unchecked_into()),
        }
    }

    fn close(&self) {
        if let Self::Frame(frame) = self {
            frame.close();
        }
    }
}

struct Mailbox {
    port: Port,
    channel: Option<MessageChannel>,
    /// Milliseconds of work after which messages are looked for.
    patience_ms: f64,
    /// The newest request of each purpose.
    newest: RefCell<Vec<Ticket>>,
    queue: RefCell<VecDeque<Job>>,
    tools: RefCell<Tools>,
}

#[derive(Default)]
struct Tools {
    state: State,
    frames: Frames,
    busy: bool,
}

/// Serves what comes to `port` from now on, and says there that it is ready. `in_page` keeps slices short,
/// because the page waits for them.
#[wasm_bindgen]
pub fn open(port: Port, relaxed: bool, in_page: bool) {
    let mailbox = Rc::new(Mailbox {
        port,
        channel: MessageChannel::new().ok(),
        patience_ms: if in_page { 8.0 } else { 30.0 },
        newest: RefCell::default(),
        queue: RefCell::default(),
        tools: RefCell::default(),
    });
    let receiver = Rc::clone(&mailbox);
    let action = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        receiver.take(&event.data());
        if !receiver.tools.borrow().busy {
            receiver.tools.borrow_mut().busy = true;
            spawn_local(work(Rc::clone(&receiver)));
        }
    });
    mailbox.port.set_on_message(action.into_js_value().unchecked_ref());
    mailbox.say(Answer::Ready { relaxed }, None);
}

/// Serves the queue until it is empty.
async fn work(mailbox: Rc<Mailbox>) {
    loop {
        let Some(job) = mailbox.queue.borrow_mut().pop_front() else { break };
        if let Some((answer, picture)) = mailbox.serve(job).await {
            mailbox.say(answer, picture.as_ref());
        }
    }
    mailbox.tools.borrow_mut().busy = false;
}

impl Mailbox {
    fn say(&self, answer: Answer, picture: Option<&JsValue>) {
        let (message, transfer) = to_message(&answer.into_parts(), picture);
        let _ = self.port.post(&message, &transfer);
    }

    /// Takes a message in. What is older of its purpose leaves the queue.
    fn take(&self, message: &JsValue) {
        if let Some(memory) = given_back(message).filter(|_| COMPUTES) {
            return self.tools.borrow_mut().frames.take_back(memory);
        }
        let Some((parts, held)) = from_message(message) else { return };
        let held = held.map(Held::new);
        let request = Request::from_parts(parts).filter(|(ticket, _)| self.note(*ticket));
        let Some((ticket, request)) = request else {
            return held.iter().for_each(Held::close);
        };
        let mut queue = self.queue.borrow_mut();
        queue.retain(|job| {
            let stays = job.ticket.purpose != ticket.purpose;
            if !stays {
                job.held.iter().for_each(Held::close);
            }
            stays
        });
        if request != Request::Cancel {
            queue.push_back(Job { ticket, request, held });
        }
    }

    /// Notes a request as the newest of its purpose, unless a newer one is known.
    fn note(&self, ticket: Ticket) -> bool {
        let mut newest = self.newest.borrow_mut();
        match newest.iter_mut().find(|it| it.purpose == ticket.purpose) {
            Some(known) if known.generation > ticket.generation => false,
            Some(known) => {
                *known = ticket;
                true
            }
            None => {
                newest.push(ticket);
                true
            }
        }
    }

    fn is_newest(&self, ticket: Ticket) -> bool {
        self.newest.borrow().contains(&ticket)
    }

    /// The answer and the memory of a picture that belongs to it; `None` when a newer request came meanwhile.
    async fn serve(&self, Job { ticket, mut request, held }: Job) -> Option<(Answer, Option<JsValue>)> {
        let start_ms = now_ms();
        let answer = |response, kernel_ms| {
            Answer::Done(ticket, response, Timing { kernel_ms, total_ms: now_ms() - start_ms })
        };
        let frame = match held {
            Some(Held::Frame(frame)) => Some(frame).filter(|_| COMPUTES),
            #[cfg(not(feature = "networks"))]
            Some(Held::File(_)) => return None,
            #[cfg(feature = "networks")]
            Some(Held::File(file)) => {
                let Request::Network(request) = &request else { return None };
                let progress = |progress| self.say(Answer::Progress(ticket, progress), None);
                let response = file::read(&file, request, progress).await;
                return Some((answer(response, 0.0), None));
            }
            None => None,
        };
        let from_frame = frame.is_some();
        if let (true, Some(frame), Request::Filter(request)) = (COMPUTES, frame, &mut request) {
            let read = self.read(&frame, request).await;
            frame.close();
            if let Err(reason) = read {
                return Some((answer(Response::Failed { reason }, 0.0), None));
            }
        }
        let mut kernel_ms = 0.0;
        let mut task = self.tools.borrow_mut().state.begin(request);
        let mut looked_ms = now_ms();
        let response = loop {
            let slice_ms = now_ms();
            let response = self.tools.borrow_mut().state.advance(&mut task);
            kernel_ms += now_ms() - slice_ms;
            if let Some(response) = response {
                break response;
            }
            if now_ms() - looked_ms > self.patience_ms {
                self.say(Answer::Progress(ticket, task.progress()), None);
                if let Some(response) = task.so_far() {
                    self.say(Answer::SoFar(ticket, response), None);
                }
                self.let_messages_in().await;
                if !self.is_newest(ticket) {
                    return None;
                }
                looked_ms = now_ms();
            }
        };
        match response {
            Response::Filtered { size, rgba } if COMPUTES && from_frame => {
                let tools = &mut *self.tools.borrow_mut();
                let picture = tools.frames.for_page(&rgba);
                tools.state.recycle(rgba);
                let apart = Response::Filtered { size, rgba: Vec::new() };
                Some((answer(apart, kernel_ms), Some(picture.into())))
            }
            response => Some((answer(response, kernel_ms), None)),
        }
    }

    /// Reads a frame's size and pixels into a request; why not, in one sentence.
    async fn read(&self, frame: &Frame, request: &mut FilterRequest) -> Result<(), String> {
        let unreadable = || "the browser does not let the picture be read".to_owned();
        let copied = match copied_size(frame) {
            None => None,
            Some(size) => {
                let len = size[0] as usize * size[1] as usize * 4;
                let buffer = self.tools.borrow_mut().state.buffer(len);
                let mut rgba = buffer.map_err(|error| error.to_string())?;
                copy(frame, &mut rgba).await.ok().map(|()| (size, rgba))
            }
        };
        request.blue_first = copied.is_some();
        let read = copied.or_else(|| self.tools.borrow_mut().frames.draw_and_read(frame));
        let (size, rgba) = read.ok_or_else(unreadable)?;
        request.size = Some(size.map(u64::from));
        request.rgba = rgba;
        Ok(())
    }

    /// Waits for a turn of the event loop.
    async fn let_messages_in(&self) {
        let Some(channel) = &self.channel else { return };
        let turn = Promise::new(&mut |resolve, _| {
            channel.port1().set_onmessage(Some(&resolve));
            let _ = channel.port2().post_message(&JsValue::NULL);
        });
        let _ = JsFuture::from(turn).await;
    }
}
