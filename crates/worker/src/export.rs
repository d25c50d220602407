//! Networks as texts for other programs.

use convscope_formats::write;

use crate::message::{ExportRequest, Response};

/// The text, or why there is none.
pub fn export(request: &ExportRequest) -> Response {
    match write::write(&request.graph, request.target) {
        Ok(text) => Response::Exported { text },
        Err(refusal) => Response::Failed { reason: refusal.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use convscope_core::graph::notation;

    use crate::message::{ExportRequest, Request, Response, Target};
    use crate::serve::{State, serve};

    fn ask(link: &str, target: Target) -> Response {
        let graph = notation::read(link).unwrap();
        serve(&mut State::default(), Request::Export(ExportRequest { graph, target }))
    }

    #[test]
    fn a_network_becomes_a_text_or_the_reason_why_not() {
        let text = "#3,1,1,VALID;2,2,1,VALID".to_owned();
        assert_eq!(ask("i1x3x14x14.c8k3.r.mk2", Target::Fomoro), Response::Exported { text });
        let reason = "layer 2 (both) cannot be written: a Fomoro link has no branches".to_owned();
        assert_eq!(ask("i1x3x14x14.c3.ja_1,2:both", Target::Fomoro), Response::Failed { reason });
        for target in Target::ALL {
            let response = ask("i1x3x14x14.c8k3p1.r.mk2", target);
            assert!(matches!(&response, Response::Exported { text } if !text.is_empty()), "{response:?}");
        }
    }
}
