//! From a lab to its figure, and the words around it.

use std::rc::Rc;

use convscope_scene::lab::{LabFigure, LabSpec, Labels};
use convscope_scene::{Figure, Size};

use crate::lab::Lab;
use crate::text;

/// The figure that a lab's view and operation ask for, laid out in `room`; `aids` are the numbers of rows and
/// columns and the legend.
///
/// A kind of figure is a type of its own that is made here and nowhere else; what only other kinds need is
/// called from its functions, so that it is no part of what runs first.
pub fn figure(lab: &Lab, aids: bool, room: Size) -> Rc<dyn Figure> {
    Rc::new(LabFigure::new(lab_spec(lab, aids), room))
}

/// The flat figure of one channel and one filter; `aids` are the numbers of rows and columns and the legend.
pub fn lab_spec(lab: &Lab, aids: bool) -> LabSpec {
    LabSpec {
        params: lab.params.clone(),
        geometry: lab.geometry,
        input: lab.input.clone(),
        weight: lab.weight.clone(),
        bias: lab.model.bias.filter(|_| lab.model.operation.has_weights()),
        output: lab.output.clone(),
        channel: lab.channel(),
        slice: lab.slice(),
        filter: lab.filter(),
        labels: labels(lab),
        photograph: lab.model.is_picture(),
        aids,
    }
}

/// The words of the figure.
fn labels(lab: &Lab) -> Labels {
    let size = |[height, width]: [u64; 2]| format!("{height} × {width}");
    let (input, padded) = (lab.geometry.input_size(), lab.geometry.padded_size());
    let input =
        if padded == input { size(input) } else { format!("{}, padded to {}", size(input), size(padded)) };
    let output = size(lab.geometry.output_size());
    Labels {
        input: ["Input".into(), input],
        kernel: ["Kernel".into(), format!("{}, {}", size(lab.model.kernel_size), lab.model.kernel.label())],
        output: ["Output".into(), output],
        bias: "bias".into(),
        window: "window".into(),
        padding: if padded == lab.geometry.input_size() { String::new() } else { "padding".into() },
        never_read: text::never_read(lab),
    }
}

/// The figure in one sentence, for those who cannot see it: its title in files and frames.
pub fn describe(lab: &Lab) -> String {
    text::plain(&text::sentence(lab))
}

/// The element that shows the figure at `address` in another page.
pub fn iframe(lab: &Lab, address: &str) -> String {
    let address = address.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        r#"<iframe src="{address}" title="{}" width="600" height="420" loading="lazy" style="border:0;max-width:100%" allow="clipboard-write"></iframe>"#,
        describe(lab)
    )
}
