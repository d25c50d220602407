//! Fomoro's calculator of receptive fields: `#k,s,d,PAD;...`, kernel, stride and dilation of each layer.
//!
//! Its layers are square and have no channels; all are written as convolutions here.

use convscope_core::graph::{Graph, Op};
use convscope_core::{Conv2dOptions, Conv2dParams, Layer, Padding2d};

use super::error::{At, Reason, TextError};
use super::lower::MAX_LAYERS;

/// The part of a link behind `#`, or a text that has its form; nothing of another text.
pub(super) fn fragment(text: &str) -> Option<(At, &str)> {
    let trimmed = text.trim();
    if trimmed.contains(char::is_whitespace) {
        return None;
    }
    let start = text.len() - text.trim_start().len();
    let (skipped, fragment) = match trimmed.split_once('#') {
        Some((before, fragment)) => (start + before.len() + 1, fragment),
        None => (start, trimmed),
    };
    let of_form = fragment.starts_with(|c: char| c.is_ascii_digit())
        && fragment.contains(',')
        && fragment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ',' | ';' | '.'));
    let column = text[..skipped].rsplit('\n').next().unwrap_or_default().len() + 1;
    let line = text[..skipped].matches('\n').count() + 1;
    of_form.then_some((At { line, column }, fragment))
}

/// The network of a fragment that begins at a place.
pub(super) fn graph(at: At, fragment: &str, size: [u64; 2]) -> Result<Graph, TextError> {
    let mut graph = Graph::new();
    let refused = |_| TextError::whole(Reason::NoLayers);
    let input = Op::Input([1, 1, size[0], size[1]].into());
    let mut last = graph.push("input", input, &[]).map_err(refused)?;
    let mut column = at.column;
    for layer in fragment.split(';') {
        let here = At { column, ..at };
        column += layer.len() + 1;
        if layer.is_empty() {
            continue;
        }
        if graph.len() > MAX_LAYERS {
            return Err(TextError::at(here, Reason::TooMany { max_layers: MAX_LAYERS }));
        }
        let parts: Vec<&str> = layer.split(',').collect();
        let expected =
            |what| TextError::at(here, Reason::Expected { what, found: layer.chars().take(40).collect() });
        let [kernel, stride, dilation, padding] = parts.as_slice() else {
            return Err(expected("kernel, stride, dilation and SAME or VALID"));
        };
        let count = |text: &str| text.parse().ok().filter(|&count: &u64| count > 0);
        let numbers = count(kernel).zip(count(stride)).zip(count(dilation));
        let ((kernel, stride), dilation) =
            numbers.ok_or_else(|| expected("three whole numbers of at least 1"))?;
        let padding = match *padding {
            "SAME" => Padding2d::Same,
            "VALID" => Padding2d::Valid,
            _ => return Err(expected("SAME or VALID")),
        };
        let params = Conv2dParams::new(Conv2dOptions {
            kernel_size: [kernel; 2],
            stride: [stride; 2],
            dilation: [dilation; 2],
            padding,
            ..Default::default()
        });
        let sizes = |error| TextError::at(here, Reason::Sizes { layer: layer.to_owned(), error });
        let op = Op::Layer(Layer::Conv2d(params.map_err(sizes)?));
        last = graph.push(format!("conv{}", graph.len()), op, &[last]).map_err(refused)?;
    }
    if graph.len() < 2 {
        return Err(TextError::at(at, Reason::NoLayers));
    }
    Ok(graph)
}
