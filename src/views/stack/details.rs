//! What the selected layer is set to that has no column in the table, and the way to it in the lab.

use convscope_page::stack::{Cell, Row as Layer, Setting};

use super::actions::{Layers, switch_label};
use super::row::{field, in_row, message_id};
use super::table::{on_key, place_of};
use crate::platform::markup::Markup;
use crate::platform::{focus, form};
use crate::state::follow;

/// One line of labelled fields, boxes to tick, and a link to the layer in the lab; empty where the layer has
/// nothing of the kind.
pub(crate) fn details(layers: Layers) -> Markup {
    let stack = layers.stack;
    let view = Markup::new("<div class=layers-details></div>");
    let place = view.find("div");
    let mut before = String::new();
    follow(move || {
        let node = stack.selected.get();
        let refused = layers.refused.get();
        layers.typed.track();
        let (layer, lab_link) = stack.layers.with(|it| (it.row(node), it.lab_link(node)));
        let next = layer.as_ref().map_or_else(String::new, |layer| markup(layer, lab_link.is_some()));
        // What stays is not replaced: a box may be between being pressed and let go of.
        if next != before {
            focus::replace_content(&place, &next);
            before = next;
        }
        let Some(layer) = layer else { return };
        form::write(&place, ".layers-details__title", &layer.title);
        let here = refused.as_ref().filter(|it| it.node == node);
        for cell in fields(&layer) {
            let typed = here.filter(|it| it.setting == cell.setting);
            let reason = typed.map(|_| message_id(node));
            let id = format!("#layer-{node}-{}", cell.setting.name());
            form::fill(&place, &id, typed.map_or(&cell.text, |it| &it.text), reason.as_deref());
        }
        for (switch, on) in &layer.switches {
            form::tick(&place, &format!("#layer-{node}-{switch:?}"), *on);
        }
        if let Some(link) = &lab_link {
            form::lead(&place, ".link", link);
        }
    });
    view.on("div", "keydown", move |event| on_key(layers, &event));
    view.on("div", "change", move |event| {
        let Some((node, control)) = form::place(&event).and_then(|at| place_of(&at)) else { return };
        if let Some(setting) = Setting::from_name(&control) {
            return layers.set(node, setting, &form::value(&event));
        }
        let switches = stack.model.with_untracked(|model| model.switches(node));
        if let Some((switch, _)) = switches.into_iter().find(|it| format!("{:?}", it.0) == control) {
            layers.switch(node, switch, form::ticked(&event));
        }
    });
    view
}

/// The settings of a layer that can be typed here.
fn fields(layer: &Layer) -> impl Iterator<Item = &Cell> {
    layer.cells.iter().filter(|cell| cell.editable && !in_row(layer, cell.setting))
}

/// The fields and boxes of a layer, without what is in them, and perhaps a link to the lab.
fn markup(layer: &Layer, in_lab: bool) -> String {
    let node = layer.node;
    let mut out = String::new();
    for cell in fields(layer) {
        out.push_str("<label class=layers-details__item><span>");
        out.push_str(cell.setting.label());
        out.push_str("</span>");
        out.push_str(&field(node, cell.setting));
        out.push_str("</label>");
    }
    for (switch, _) in &layer.switches {
        let label = switch_label(*switch);
        out.push_str(&format!(
            "<label class=layers-details__item><input type=checkbox id=layer-{node}-{switch:?} data-at=\"{node} {switch:?}\">{label}</label>"
        ));
    }
    if in_lab {
        out.push_str("<a class=\"link layers-details__item\" title=\"Its window over one channel, number by number\">See it in the lab</a>");
    }
    if out.is_empty() { out } else { ["<span class=layers-details__title></span>", &out].concat() }
}
