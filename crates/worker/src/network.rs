//! Networks from texts and files, as the page gets them: in the core's notation, with sentences about it.

use convscope_core::graph::notation::{self, Names};
use convscope_formats::onnx::network::{MAX_VALUES, reading};
use convscope_formats::onnx::{Options, Source, read_model};
use convscope_formats::{Reading, Remark, text};

use crate::message::{Network, NetworkRequest, Response};

/// What a file describes may take this much, weights not counted: a thousand times ResNet-18.
const MAX_KEPT_BYTES: u64 = 64 << 20;

/// Reads a text.
pub fn read(request: &NetworkRequest) -> Response {
    let Some(text) = &request.text else {
        return Response::Failed { reason: "there is no file".to_owned() };
    };
    match text::read(text, request.size) {
        Ok(reading) => answer(&reading),
        Err(error) => Response::Failed { reason: error.to_string() },
    }
}

/// Reads a file of ONNX, of which only slices without weights are fetched.
pub fn read_file(file: &mut dyn Source, size: [u64; 2]) -> Response {
    let options = Options { max_values: MAX_VALUES, max_kept_bytes: MAX_KEPT_BYTES };
    let model = match read_model(file, options) {
        Ok(model) => model,
        Err(error) => return Response::Failed { reason: error.to_string() },
    };
    match reading(&model, size) {
        Ok(reading) => answer(&reading),
        Err(error) => Response::Failed { reason: error.to_string() },
    }
}

fn answer(reading: &Reading) -> Response {
    let said = |stops: bool| {
        let notes = reading.notes.iter();
        let notes = notes.filter(|note| matches!(note.remark, Remark::Stops { .. }) == stops);
        notes.map(ToString::to_string).collect()
    };
    Response::Network(Network {
        graph: notation::write(&reading.graph, Names::Kept),
        sentence: reading.sentence(),
        form: reading.form.name().to_owned(),
        stops: said(true),
        notes: said(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Request;
    use crate::serve::{State, serve};

    const RESNET: &[u8] = include_bytes!("../../../tests/data/onnx-graph/resnet18.external.onnx");

    #[test]
    fn a_text_becomes_a_graph_in_notation_with_sentences() {
        let text = Some("nn.Conv2d(3, 8, 3)\nnn.Wave()".to_owned());
        let response =
            serve(&mut State::default(), Request::Network(NetworkRequest { size: [14, 14], text }));
        let Response::Network(network) = response else { panic!("{response:?}") };
        assert_eq!(network.graph, "i1x3x14x14:input.c8k3:conv2d.UWave:wave");
        assert_eq!(network.sentence, "2 layers found: 1 convolution, 1 unknown layer.");
        assert_eq!(network.stops, ["Line 2: Wave is not known, so receptive fields end there."]);
        assert_eq!(network.notes, ["the input's size is not stated; 14 × 14 is taken."]);
    }

    #[test]
    fn a_text_that_cannot_be_read_says_where() {
        let text = Some("nn.Conv2d(3, )".to_owned());
        let response =
            serve(&mut State::default(), Request::Network(NetworkRequest { size: [14, 14], text }));
        assert_eq!(
            response,
            Response::Failed { reason: "line 1, column 1: Conv2d needs kernel_size".to_owned() }
        );
    }

    #[test]
    fn a_file_becomes_the_graph_that_its_notation_gives_back() {
        let Response::Network(network) = read_file(&mut &*RESNET, [224, 224]) else { panic!() };
        let graph = notation::read(&network.graph).unwrap();
        assert_eq!(graph.analyse().totals().params, 11_689_512);
        assert_eq!((network.form.as_str(), network.notes), ("ONNX file", vec![]));
        let Response::Failed { reason } = read_file(&mut &RESNET[..9000], [224, 224]) else { panic!() };
        assert!(reason.contains("byte "), "{reason}");
    }
}
