//! The control panel: examples, input, kernel, padding.

use convscope_page::LabModel;
use convscope_page::presets::PRESETS;

use super::input_group::input_group;
use super::kernel_group::kernel_group;
use super::padding_group::padding_group;
use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::controls::icon::{Glyph, icon_button};
use crate::views::controls::select::{index, select};
use crate::views::html;

/// All controls; on middle widths a drawer over the stage.
pub(crate) fn panel(lab: Lab, drawer: State<bool>) -> Markup {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for preset in PRESETS {
        match groups.last_mut() {
            Some((group, labels)) if *group == preset.group => labels.push(preset.label),
            _ => groups.push((preset.group, vec![preset.label])),
        }
    }
    // The present model's preset, whatever its step.
    let chosen = move || {
        lab.model.with(|model| {
            PRESETS.iter().position(|preset| {
                let prepared = (preset.model)();
                let step = prepared.step;
                prepared == LabModel { step, ..model.clone() }
            })
        })
    };
    let choose = move |idx: usize| {
        if let Some(preset) = PRESETS.get(idx) {
            lab.choose((preset.model)());
        }
    };
    const QUIET: &str = "btn btn--quiet btn--icon";
    let view = Markup::new(&format!(
        "<form class=lab__panel aria-label=Controls>
        <section class=control-group>
            <div class=control-group__head>
                <h2 class=heading>Example</h2>
                <div class=control-group__tools>{}{}{}</div>
            </div>
            <slot name=example></slot>
            <p class=\"control-group__about small muted\"></p>
        </section>
        <slot name=input></slot>
        <slot name=kernel></slot>
        <slot name=padding></slot>
        </form>",
        icon_button(QUIET, "undo", "Undo", Glyph::Undo),
        icon_button(QUIET, "redo", "Redo", Glyph::Redo),
        icon_button("btn btn--quiet btn--icon lab__panel-close", "close", "Close the controls", Glyph::Close),
    ));
    view.on("form", "submit", |event| event.prevent_default());
    view.flag("[data-at=undo]", "disabled", move || !lab.undoable.get()[0]);
    view.flag("[data-at=redo]", "disabled", move || !lab.undoable.get()[1]);
    view.on(".control-group__tools", "click", move |event| match form::place(&event).as_deref() {
        Some("undo") => lab.undo(),
        Some("redo") => lab.redo(),
        Some("close") => drawer.set(false),
        _ => {}
    });
    view.text(".control-group__about", move || {
        chosen().and_then(|idx| PRESETS.get(idx)).map_or("", |preset| preset.about).to_owned()
    });
    let options = html::options(&groups, "Own settings");
    view.put("example", select("Example", &options, Box::new(move || index(chosen())), Box::new(choose)));
    view.put("input", input_group(lab));
    view.put("kernel", kernel_group(lab));
    view.put("padding", padding_group(lab));
    view
}
