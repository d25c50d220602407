//! Which operation the lab shows, and the examples of all of them.

use convscope_page::LabModel;
use convscope_page::operation::Operation;
use convscope_page::presets::PRESETS;

use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::controls::icon::{Glyph, icon_button};
use crate::views::controls::segmented::segmented;
use crate::views::controls::select::{index, select};
use crate::views::html;

/// Undo and redo, the operations, the examples.
pub(crate) fn operation_group(lab: Lab, drawer: State<bool>) -> Markup {
    const QUIET: &str = "btn btn--quiet btn--icon";
    let view = Markup::new(&format!(
        "<section class=control-group>
        <div class=control-group__head>
            <h2 class=heading>Operation</h2>
            <div class=control-group__tools>{}{}{}</div>
        </div>
        <div class=operations><slot name=operation></slot></div>
        <div class=control-row><span class=control-row__label>Example</span><slot name=example></slot></div>
        <p class=\"control-group__about small muted\"></p>
        </section>",
        icon_button(QUIET, "undo", "Undo", Glyph::Undo),
        icon_button(QUIET, "redo", "Redo", Glyph::Redo),
        icon_button("btn btn--quiet btn--icon lab__panel-close", "close", "Close the controls", Glyph::Close),
    ));
    view.flag("[data-at=undo]", "disabled", move || !lab.undoable.get()[0]);
    view.flag("[data-at=redo]", "disabled", move || !lab.undoable.get()[1]);
    view.on(".control-group__tools", "click", move |event| match form::place(&event).as_deref() {
        Some("undo") => lab.undo(),
        Some("redo") => lab.redo(),
        Some("close") => drawer.set(false),
        _ => {}
    });
    view.text(".control-group__about", move || {
        chosen_preset(lab).and_then(|idx| PRESETS.get(idx)).map_or("", |preset| preset.about).to_owned()
    });
    let labels: Vec<&str> = Operation::ALL.iter().map(|operation| operation.label()).collect();
    let chosen = move || {
        let operation = lab.model.with(|model| model.operation);
        Operation::ALL.iter().position(|it| *it == operation).unwrap_or(0)
    };
    let choose = move |idx: usize| {
        if let Some(operation) = Operation::ALL.get(idx) {
            // The live filter is a convolution.
            lab.live.set(None);
            lab.edit("", lab.current().with_operation(*operation));
        }
    };
    view.put("operation", segmented("Operation", &labels, Box::new(chosen), Box::new(choose)));
    view.put("example", examples(lab));
    view
}

/// The examples, in groups.
fn examples(lab: Lab) -> Markup {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for preset in PRESETS {
        match groups.last_mut() {
            Some((group, labels)) if *group == preset.group => labels.push(preset.label),
            _ => groups.push((preset.group, vec![preset.label])),
        }
    }
    let choose = move |idx: usize| {
        if let Some(preset) = PRESETS.get(idx) {
            lab.choose((preset.model)());
        }
    };
    let options = html::options(&groups, "Own settings");
    select("Example", &options, Box::new(move || index(chosen_preset(lab))), Box::new(choose))
}

/// The present model's preset, whatever of it is looked at.
fn chosen_preset(lab: Lab) -> Option<usize> {
    lab.model.with(|model| {
        PRESETS.iter().position(|preset| {
            let prepared = (preset.model)();
            let LabModel { step, view, channel, filter, .. } = prepared;
            prepared == LabModel { step, view, channel, filter, ..model.clone() }
        })
    })
}
