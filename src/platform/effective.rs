//! Effective fields from the worker, draw by draw.

use convscope_worker::message::{EffectiveField, EffectiveRequest, Request, Response};

use super::worker::{self, Mail, News, Purpose};

/// What becomes of a request.
pub enum Word {
    /// So many hundredths are done.
    Working(u64),
    /// The field of the draws so far.
    SoFar(EffectiveField),
    /// The field of all draws.
    Done(EffectiveField),
    /// There is none, and why.
    Failed(String),
}

/// Asks for an effective field; nothing more is heard of the one before.
pub fn ask(request: EffectiveRequest, hear: impl Fn(Word) + 'static) {
    let make = move || Some(Mail { request: Request::Effective(request.clone()), picture: None });
    worker::ask(Purpose::Effective, make, move |news| {
        hear(match news {
            News::Progress(progress) => Word::Working(100 * progress.done / progress.of.max(1)),
            News::SoFar(Response::Effective(field)) => Word::SoFar(field),
            News::Done(Response::Effective(field), ..) => Word::Done(field),
            News::Done(Response::Failed { reason }, ..) => Word::Failed(reason),
            News::Failed(reason) => Word::Failed(reason.to_owned()),
            // It begins anew.
            News::Restarted => Word::Working(0),
            News::SoFar(_) | News::Done(..) => return,
        });
    });
}

/// Ends what is asked for.
pub fn cancel() {
    worker::cancel(Purpose::Effective);
}
