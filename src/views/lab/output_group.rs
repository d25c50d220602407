//! What becomes of the output: cells added after it, an activation.

use convscope_core::Activation;
use convscope_page::bounds::Control;
use convscope_page::model::LabModel;
use convscope_page::operation::{Operation, activation_label};

use super::panel_notes::panel_notes;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::views::controls::axis_pair::{Axes, axis_pair};
use crate::views::controls::select::{index, select};
use crate::views::html;

const ADDED: Axes = Axes {
    label: "Output padding",
    controls: [Control::OutputPaddingBelow, Control::OutputPaddingRight],
    names: ["Added below", "Added right"],
    what: ["output padding", "output padding right"],
};

const GROUP: &str = "<section class=control-group>
    <div class=control-group__head><h2 class=\"heading t-output\">Output</h2></div>
    <div class=output-group__added><slot name=added></slot><slot name=notes></slot></div>
    <div class=control-row><span class=control-row__label>Activation</span><slot name=activation></slot></div>
    </section>";

/// Output padding of a transposed convolution, and the activation after any layer.
pub(crate) fn output_group(lab: Lab) -> Markup {
    let view = Markup::new(GROUP);
    view.flag(".output-group__added", "hidden", move || {
        lab.model.with(|model| model.operation != Operation::Transposed)
    });
    let labels: Vec<&str> = Activation::ALL.iter().map(|activation| activation_label(*activation)).collect();
    let chosen =
        move || lab.model.with(|model| index(Activation::ALL.iter().position(|it| *it == model.activation)));
    let choose = move |idx: usize| {
        if let Some(&activation) = Activation::ALL.get(idx) {
            lab.edit("", LabModel { activation, ..lab.current() });
        }
    };
    let options = html::options(&[("", labels)], "");
    view.put("activation", select("Activation", &options, Box::new(chosen), Box::new(choose)));
    view.put("added", axis_pair(lab, ADDED));
    view.put("notes", panel_notes(lab, &["output padding"]));
    view
}
