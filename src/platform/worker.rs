//! The worker's client: requests go to it, and of each purpose only the newest answer comes back.
//!
//! It is started when it is first needed. One that dies, or says nothing for too long, is started again, and
//! what was asked for is asked once more. Where there are no workers, its program runs in the page, in slices.

use std::cell::RefCell;
use std::rc::Rc;

use convscope_worker::message::{Answer, Progress, Request, Response, Ticket, Timing};
use convscope_worker::parts::Parts;
use convscope_worker::wire::{self, from_message, to_message};
use js_sys::{Array, ArrayBuffer, Function, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlElement, MessageChannel, MessageEvent, Url, Worker, WorkerOptions, WorkerType};

use super::clock::{Timer, now_secs};
use super::dom::{Listener, document, has, window};

/// Loading the program may take as long as the reader's connection does.
const START_SECS: f64 = 60.0;
/// Work that lasts longer tells how far it is.
const ANSWER_SECS: f64 = 10.0;

/// A use of the worker: of each, the newest request alone matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Pictures through the current kernel.
    Live = 1,
    /// Of moving ones the next, which is there when the worker is done with the one before it.
    LiveNext = 5,
    /// The effective field of a unit.
    Effective = 2,
    /// A network that the reader brings.
    Import = 3,
    /// A network as a text for another program.
    Export = 4,
}

impl Purpose {
    fn program(self) -> Program {
        match self {
            Self::Import => Program::Networks,
            Self::Export => Program::Writers,
            _ => Program::Kernels,
        }
    }
}

/// A program of the worker. Each is loaded and runs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    /// Computes.
    Kernels,
    /// Reads networks.
    Networks,
    /// Writes networks.
    Writers,
}

/// A request, and the picture or file that belongs to it where the browser holds one; a picture is given away.
pub struct Mail {
    pub(super) request: Request,
    pub(super) picture: Option<JsValue>,
}

/// What becomes of a request.
pub enum News {
    /// It is being worked on.
    Progress(Progress),
    /// What there is of the answer before it is complete.
    SoFar(Response),
    /// It is answered, perhaps with a picture that the browser holds.
    Done(Response, Option<JsValue>, Timing),
    /// The worker stopped and is started again. What was asked for is asked again, if it can be.
    Restarted,
    /// There will be no answer, and why, without a full stop.
    Failed(&'static str),
}

const NO_WORKER: &str = "this copy of the page came without its worker";
const STOPS: &str = "the worker stopped twice in a row; reload the page";

/// A request that waits for its answer.
struct Pending {
    ticket: Ticket,
    /// Makes the message anew, for another worker.
    make: Rc<dyn Fn() -> Option<Mail>>,
    on_news: Rc<dyn Fn(News)>,
    /// Whether the worker hears of nothing else until it has answered: a file is read in one go.
    holds: bool,
}

/// What runs the program: a worker, or the page.
struct Running {
    port: Port,
    worker: Option<Worker>,
    ready: bool,
    _listeners: Vec<Listener>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            worker.terminate();
        }
    }
}

#[derive(Default)]
struct Client {
    running: Option<Running>,
    /// Counts what ran, so that the last words of one before are not heard.
    epoch: u64,
    generation: u64,
    pending: Vec<Pending>,
    /// Stops since the last answer.
    stops: u32,
    deadline_secs: f64,
    watch: Option<Timer>,
}

thread_local! {
    static CLIENTS: [RefCell<Client>; 3] = <[RefCell<Client>; 3]>::default();
}

impl Program {
    /// What is known of it.
    fn with<T>(self, action: impl FnOnce(&mut Client) -> T) -> T {
        CLIENTS.with(|clients| action(&mut clients[self as usize].borrow_mut()))
    }
}

#[wasm_bindgen]
extern "C" {
    /// A worker, or one end of a channel.
    #[derive(Clone)]
    type Port;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post(this: &Port, message: &JsValue, transfer: &Array) -> Result<(), JsValue>;
}

/// Asks the worker. `make` is called as soon as the worker is ready, and again should it have to be started
/// again; when it makes nothing, nothing is asked and nothing heard. Of an earlier request for this purpose nothing is heard any more.
pub fn ask(purpose: Purpose, make: impl Fn() -> Option<Mail> + 'static, on_news: impl Fn(News) + 'static) {
    let pending =
        Pending { ticket: next(purpose), make: Rc::new(make), on_news: Rc::new(on_news), holds: false };
    let (ticket, make) = (pending.ticket, Rc::clone(&pending.make));
    let program = purpose.program();
    forget(purpose);
    program.with(|client| client.pending.push(pending));
    match program.with(|client| client.running.as_ref().map(|it| it.ready)) {
        None => start(program),
        Some(true) => send(program, ticket, &*make),
        Some(false) => expect_word(program, START_SECS),
    }
}

/// Loads the program for a purpose that the reader is about to have.
pub fn prepare(purpose: Purpose) {
    let program = purpose.program();
    if program.with(|client| client.running.is_none()) {
        start(program);
    }
}

/// Ends what is asked for a purpose: nothing more is heard of it, and a file is read no further.
pub fn cancel(purpose: Purpose) {
    if forget(purpose) {
        let ticket = next(purpose);
        post(purpose.program(), Request::Cancel.into_parts(ticket), None);
    }
}

/// Gives memory back in which a picture came, for the next ones.
pub(super) fn give_back(purpose: Purpose, memory: &ArrayBuffer) {
    let (message, transfer) = wire::give_back(memory);
    purpose.program().with(|client| {
        if let Some(running) = client.running.as_ref().filter(|it| it.ready) {
            let _ = running.port.post(&message, &transfer);
        }
    });
}

fn next(purpose: Purpose) -> Ticket {
    purpose.program().with(|client| {
        client.generation += 1;
        Ticket { purpose: purpose as u32, generation: client.generation }
    })
}

/// Lets go of what is asked for a purpose. A worker that would read a file to its end before it heard of that is
/// ended; the next request starts another.
fn forget(purpose: Purpose) -> bool {
    purpose.program().with(|client| {
        let (mut found, mut held) = (false, false);
        client.pending.retain(|it| {
            let is_meant = it.ticket.purpose == purpose as u32;
            found |= is_meant;
            held |= is_meant && it.holds;
            !is_meant
        });
        if held && client.running.as_ref().is_some_and(|it| it.worker.is_some()) {
            client.running = None;
            client.epoch += 1;
        }
        found
    })
}

fn send(program: Program, ticket: Ticket, make: &dyn Fn() -> Option<Mail>) {
    match make() {
        Some(Mail { request, picture }) => {
            let holds = program == Program::Networks && picture.is_some();
            program.with(|client| {
                if let Some(it) = client.pending.iter_mut().find(|it| it.ticket == ticket) {
                    it.holds = holds;
                }
            });
            expect_word(program, ANSWER_SECS);
            post(program, request.into_parts(ticket), picture.as_ref());
        }
        // Nobody waits for an answer to nothing.
        None => program.with(|client| client.pending.retain(|it| it.ticket != ticket)),
    }
}

fn post(program: Program, parts: Parts, picture: Option<&JsValue>) {
    let port = program
        .with(|client| client.running.as_ref().filter(|it| it.ready).map(|running| running.port.clone()));
    if let Some(port) = port {
        let (message, transfer) = to_message(&parts, picture);
        let _ = port.post(&message, &transfer);
    }
}

fn start(program: Program) {
    let epoch = program.with(|client| {
        client.epoch += 1;
        client.epoch
    });
    let Some(address) = address(program) else { return give_up(program, NO_WORKER) };
    let running = in_worker(program, &address, epoch).or_else(|| in_page(program, &address, epoch));
    match running {
        Some(running) => {
            program.with(|client| client.running = Some(running));
            expect_word(program, START_SECS);
        }
        None => give_up(program, NO_WORKER),
    }
}

/// Where the build put the worker, and which of its programs is meant.
fn address(program: Program) -> Option<String> {
    let files = document().query_selector("meta[name=convscope-files]").ok()??;
    let name = files.dyn_into::<HtmlElement>().ok()?.dataset().get("worker")?;
    let base = document().base_uri().ok()??;
    let url = Url::new_with_base(&name, &base).ok()?;
    match program {
        Program::Kernels => {}
        Program::Networks => url.set_search("networks"),
        Program::Writers => url.set_search("writers"),
    }
    Some(url.href())
}

fn in_worker(program: Program, address: &str, epoch: u64) -> Option<Running> {
    if !has(&window(), "Worker") {
        return None;
    }
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(address, &options).ok()?;
    let listeners = vec![
        Listener::new(&worker, "message", move |event| hear(program, epoch, &event)),
        Listener::new(&worker, "error", move |event| {
            // It is told below; the console need not say it as well.
            event.prevent_default();
            stopped(program, epoch);
        }),
        Listener::new(&worker, "messageerror", move |_| stopped(program, epoch)),
    ];
    let port = worker.clone().unchecked_into();
    Some(Running { port, worker: Some(worker), ready: false, _listeners: listeners })
}

/// The worker's program in the page itself: `start.js` of the page loads it (`openWorker`).
fn in_page(program: Program, address: &str, epoch: u64) -> Option<Running> {
    let open: Function = Reflect::get(&window(), &"openWorker".into()).ok()?.dyn_into().ok()?;
    let channel = MessageChannel::new().ok()?;
    let port = channel.port1();
    let listeners = vec![Listener::new(&port, "message", move |event| hear(program, epoch, &event))];
    port.start();
    let opened = open.call2(&JsValue::UNDEFINED, &address.into(), &channel.port2()).ok()?;
    let opened: Promise = opened.dyn_into().ok()?;
    spawn_local(async move {
        if JsFuture::from(opened).await.is_err() {
            stopped(program, epoch);
        }
    });
    Some(Running { port: port.unchecked_into(), worker: None, ready: false, _listeners: listeners })
}

/// Takes in what a worker says, unless it is one of before.
fn hear(program: Program, epoch: u64, event: &web_sys::Event) {
    let data = event.unchecked_ref::<MessageEvent>().data();
    if program.with(|client| client.epoch) != epoch {
        return;
    }
    let Some((parts, picture)) = from_message(&data) else { return };
    let (ticket, news) = match Answer::from_parts(parts) {
        None => return,
        Some(Answer::Ready { .. }) => return ready(program),
        Some(Answer::Progress(ticket, progress)) => (ticket, News::Progress(progress)),
        Some(Answer::SoFar(ticket, response)) => (ticket, News::SoFar(response)),
        Some(Answer::Done(ticket, response, timing)) => (ticket, News::Done(response, picture, timing)),
    };
    expect_word(program, ANSWER_SECS);
    let on_news = program.with(|client| {
        let at = client.pending.iter().position(|it| it.ticket == ticket)?;
        Some(if matches!(news, News::Done(..)) {
            client.stops = 0;
            client.pending.swap_remove(at).on_news
        } else {
            Rc::clone(&client.pending[at].on_news)
        })
    });
    if let Some(on_news) = on_news {
        on_news(news);
    }
}

/// Sends what has waited.
fn ready(program: Program) {
    let waiting: Vec<_> = program.with(|client| {
        if let Some(running) = &mut client.running {
            running.ready = true;
        }
        client.pending.iter().map(|it| (it.ticket, Rc::clone(&it.make))).collect()
    });
    for (ticket, make) in waiting {
        send(program, ticket, &*make);
    }
}

/// The worker is dead, or as good as dead.
fn stopped(program: Program, epoch: u64) {
    let stops = program.with(|client| {
        if client.epoch != epoch {
            return None;
        }
        client.running = None;
        client.epoch += 1;
        client.stops += 1;
        Some(client.stops)
    });
    match stops {
        None => {}
        Some(1) => {
            for on_news in listeners(program) {
                on_news(News::Restarted);
            }
            // Those who were told may have lost interest.
            if program.with(|client| !client.pending.is_empty()) {
                start(program);
            }
        }
        Some(_) => give_up(program, STOPS),
    }
}

fn listeners(program: Program) -> Vec<Rc<dyn Fn(News)>> {
    program.with(|client| client.pending.iter().map(|it| Rc::clone(&it.on_news)).collect())
}

/// Nobody waits any more; the next request begins anew.
fn give_up(program: Program, reason: &'static str) {
    let all = listeners(program);
    program.with(|client| {
        client.pending.clear();
        client.running = None;
        client.stops = 0;
    });
    for on_news in all {
        on_news(News::Failed(reason));
    }
}

/// Some word must come within so many seconds, as long as somebody waits.
fn expect_word(program: Program, within_secs: f64) {
    let idle = program.with(|client| {
        client.deadline_secs = now_secs() + within_secs;
        client.watch.is_none()
    });
    if idle {
        watch(program, within_secs);
    }
}

/// One timer serves all deadlines: it looks again when the present one is due.
fn watch(program: Program, delay_secs: f64) {
    let timer = Timer::after(delay_secs, move || {
        let (left_secs, epoch, waits) = program.with(|client| {
            client.watch = None;
            (client.deadline_secs - now_secs(), client.epoch, !client.pending.is_empty())
        });
        match waits {
            true if left_secs > 0.0 => watch(program, left_secs),
            true => stopped(program, epoch),
            false => {}
        }
    });
    program.with(|client| client.watch = timer);
}
