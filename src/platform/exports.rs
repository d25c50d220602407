//! Networks as texts for other programs, written in the worker. Only the last one is heard of.

use convscope_worker::message::{ExportRequest, Request, Response};

use super::worker::{self, Mail, News, Purpose};

/// Asks for a text, or for the reason why there is none, without a full stop.
pub fn write(request: ExportRequest, on_written: impl Fn(Result<String, String>) + 'static) {
    let make = move || Some(Mail { request: Request::Export(request.clone()), picture: None });
    worker::ask(Purpose::Export, make, move |news| {
        on_written(match news {
            News::Done(Response::Exported { text }, ..) => Ok(text),
            News::Done(Response::Failed { reason }, ..) => Err(reason),
            News::Failed(reason) => Err(reason.to_owned()),
            // Writing takes no time worth a word; a program that is started again writes anew.
            News::Progress(_) | News::Restarted | News::SoFar(_) | News::Done(..) => return,
        });
    });
}

/// Hears no more of what is being written.
pub fn cancel() {
    worker::cancel(Purpose::Export);
}
