//! Filters and groups: how channels of the input become channels of the output.

use convscope_page::bounds::{self, Control};
use convscope_page::model::LabModel;
use convscope_page::text;

use super::panel_notes::panel_notes;
use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::controls::number_row::number_row;
use crate::views::html::{self, Kind};

const GROUP: &str = "<section class=control-group>
    <div class=control-group__head><h2 class=\"heading t-output\">Output channels</h2></div>
    <slot name=filters></slot>
    <slot name=groups></slot>
    <slot name=notes></slot>
    </section>";

const ROW: &str = "<div class=number-row>
    <span class=number-row__label>Groups</span>
    <span class=slider>
        <span class=slider__bound>1</span><input type=range aria-label=Groups><span class=\"slider__bound slider__high\"></span>
    </span>
    <input class=field type=text inputmode=numeric autocomplete=off aria-label=\"Groups, number\">
    </div>
    <div class=number-row__note role=status></div>";

/// How many filters, and into how many groups they are split; nothing for pools.
pub(crate) fn channels_group(lab: Lab) -> Markup {
    let view = Markup::new(GROUP);
    view.flag("section", "hidden", move || lab.model.with(|model| model.operation.is_pool()));
    let filters = move || vec![Control::Filters];
    view.put("filters", number_row(lab, "filters", Box::new(|| "Filters"), Box::new(filters), None));
    view.put("groups", groups_row(lab));
    view.put("notes", panel_notes(lab, &["groups"]));
    view
}

/// From dense through grouped to depthwise: the slider goes through the numbers that divide channels and filters.
fn groups_row(lab: Lab) -> Markup {
    let refused = State::new(None::<(String, String, u64)>);
    lab.watch_refusal("groups", move || refused.with(Option::is_some), move || refused.set(None));
    let choices = move || lab.model.with(bounds::group_choices);
    let present = move || lab.model.with(|model| model.groups);
    let set = move |groups: u64| {
        refused.set(None);
        lab.edit("groups", bounds::with_groups(&lab.current(), groups));
    };
    let view = Markup::new(ROW);
    view.text(".slider__high", move || choices().last().copied().unwrap_or(1).to_string());
    view.slider("[type=range]", move || {
        let choices = choices();
        let at = choices.iter().position(|n| *n == present()).unwrap_or(0);
        [0, choices.len() as i64 - 1, at as i64]
    });
    view.attr("[type=range]", "aria-valuetext", move || lab.model.with(text::groups));
    view.flag("[type=range]", "disabled", move || choices().len() == 1);
    view.on("[type=range]", "input", move |event| {
        let at = form::value(&event).parse::<usize>().ok();
        if let Some(groups) = at.and_then(|at| choices().get(at).copied()) {
            set(groups);
        }
    });
    view.attr(".field", "aria-invalid", move || refused.with(Option::is_some).to_string());
    view.value(".field", move || {
        refused.with(|it| it.as_ref().map(|it| it.0.clone())).unwrap_or_else(|| present().to_string())
    });
    view.on(".field", "change", move |event| {
        let text = form::value(&event);
        match lab.model.with_untracked(|model: &LabModel| bounds::read_groups(model, &text)) {
            Ok(groups) => set(groups),
            Err(refusal) => refused.set(Some((text, refusal.text, refusal.repair.unwrap_or(1)))),
        }
    });
    view.html(".number-row__note", move || match refused.get() {
        Some((_, reason, repair)) => html::message(Kind::Error, &reason, Some(&format!("Use {repair}"))),
        None => html::message(Kind::Plain, &lab.model.with(text::groups), None),
    });
    view.on(".number-row__note", "click", move |event| {
        let repair = refused.with_untracked(|it| it.as_ref().map(|it| it.2));
        if let Some(groups) = repair.filter(|_| form::happened_on(&event, "[data-repair]")) {
            set(groups);
        }
    });
    view
}
