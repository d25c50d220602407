//! What the selected layer is set to that has no column in the table, and the way to it in the lab.

use convscope_page::stack::Setting;

use super::actions::{Layers, switch_label};
use super::row::{field, in_row};
use super::table::place_of;
use crate::platform::markup::Markup;
use crate::platform::{focus, form};
use crate::state::follow;
use crate::views::html;

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
        let next = layer.map_or_else(String::new, |layer| {
            let mut out = String::new();
            let here = refused.as_ref().filter(|it| it.node == node);
            for cell in layer.cells.iter().filter(|cell| cell.editable && !in_row(&layer, cell.setting)) {
                let typed = here.filter(|it| it.setting == cell.setting);
                let label = cell.setting.label();
                out.push_str(&format!("<label class=layers-details__item><span>{label}</span>"));
                let beginning = with_value(typed.map_or(&cell.text, |it| &it.text), typed.is_some());
                out.push_str(&field(node, cell.setting).replacen("<input ", &beginning, 1));
                out.push_str("</label>");
            }
            for (switch, on) in &layer.switches {
                let checked = if *on { " checked" } else { "" };
                let label = switch_label(*switch);
                out.push_str(&format!(
                    "<label class=layers-details__item><input type=checkbox id=layer-{node}-{switch:?} data-at=\"{node} {switch:?}\"{checked}>{label}</label>"
                ));
            }
            if let Some(link) = &lab_link {
                out.push_str("<a class=\"link layers-details__item\" href=\"");
                html::escape(&mut out, link);
                out.push_str("\" title=\"Its window over one channel, number by number\">See it in the lab</a>");
            }
            if out.is_empty() {
                return out;
            }
            let mut title = String::from("<span class=layers-details__title>");
            html::escape(&mut title, &layer.title);
            [title.as_str(), "</span>", &out].concat()
        });
        if next != before {
            focus::replace_content(&place, &next);
            before = next;
        }
    });
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

/// The beginning of a field that shows a value.
fn with_value(value: &str, refused: bool) -> String {
    let mut out = String::from("<input value=\"");
    html::escape(&mut out, value);
    out + if refused { "\" aria-invalid=true " } else { "\" " }
}
