//! A number with slider and field; its bounds move so that the configuration stays possible.

use std::rc::Rc;

use convscope_page::bounds::{self, Bounds, Control, Refusal};

use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::html::{self, Kind};

const ROW: &str = "<div class=number-row>
    <span class=number-row__label><span></span><slot name=beside></slot></span>
    <span class=slider>
        <span class=slider__bound></span><input type=range><span class=\"slider__bound slider__high\"></span>
    </span>
    <input class=field type=text inputmode=numeric autocomplete=off>
    </div>
    <div class=number-row__note role=status></div>";

/// Label, lower bound, slider, upper bound, field; below it why the number is refused or bounded.
///
/// `label` says what the number is; `controls` which ones it sets: one, or both axes while they are linked;
/// `what` is what an edit of it is called in the history; `beside` stands between label and slider.
pub(crate) fn number_row(
    lab: Lab,
    what: &'static str,
    label: Box<dyn Fn() -> &'static str>,
    controls: Box<dyn Fn() -> Vec<Control>>,
    beside: Option<Markup>,
) -> Markup {
    let row =
        Row { lab, what, controls: controls.into(), refused: State::new(None), active: State::new(false) };
    let refused = row.refused;
    lab.watch_refusal(what, move || refused.with(Option::is_some), move || refused.set(None));
    let label: Rc<dyn Fn() -> &'static str> = label.into();
    let view = Markup::new(ROW);
    let name = Rc::clone(&label);
    view.text(".number-row__label > span", move || name().to_owned());
    let name = Rc::clone(&label);
    view.attr("[type=range]", "aria-label", move || name().to_owned());
    view.attr(".field", "aria-label", move || [label(), ", number"].concat());
    let it = row.clone();
    view.text(".slider__bound", move || it.limits().low.to_string());
    let it = row.clone();
    view.text(".slider__high", move || it.limits().high.to_string());
    let it = row.clone();
    view.slider("[type=range]", move || {
        let limits = it.limits();
        [limits.low, limits.high, it.value()].map(|n| n as i64)
    });
    let it = row.clone();
    view.on("[type=range]", "input", move |event| {
        if let Ok(number) = form::value(&event).parse() {
            it.set(number);
        }
    });
    view.attr(".field", "aria-invalid", move || refused.with(Option::is_some).to_string());
    let it = row.clone();
    view.value(".field", move || it.text());
    let it = row.clone();
    view.on(".field", "change", move |event| it.read(form::value(&event)));
    let active = row.active;
    view.on(".number-row", "focusin", move |_| active.set(true));
    view.on(".number-row", "focusout", move |_| active.set(false));
    let it = row.clone();
    view.html(".number-row__note", move || it.note());
    view.on(".number-row__note", "click", move |event| {
        if form::happened_on(&event, "[data-repair]") {
            row.repair();
        }
    });
    view.put("beside", beside.unwrap_or_else(|| Markup::new("")));
    view
}

#[derive(Clone)]
struct Row {
    lab: Lab,
    what: &'static str,
    controls: Rc<dyn Fn() -> Vec<Control>>,
    /// What was typed and refused: it stays in the field until it is mended.
    refused: State<Option<(String, Refusal)>>,
    /// Whether the focus is in the row.
    active: State<bool>,
}

impl Row {
    fn limits(&self) -> Bounds {
        self.lab.model.with(|model| bounds::bounds_of(model, &(self.controls)()))
    }

    fn value(&self) -> u64 {
        self.lab.model.with(|model| bounds::value(model, (self.controls)()[0]))
    }

    fn set(&self, number: u64) {
        self.refused.set(None);
        self.lab.edit(self.what, bounds::with(&self.lab.current(), &(self.controls)(), number));
    }

    fn read(&self, text: String) {
        match bounds::read_whole(&self.lab.current(), &(self.controls)(), &text) {
            Ok(number) => self.set(number),
            Err(refusal) => self.refused.set(Some((text, refusal))),
        }
    }

    fn repair(&self) {
        if let Some(number) = self.refused.with_untracked(|it| it.as_ref().and_then(|it| it.1.repair)) {
            self.set(number);
        }
    }

    fn text(&self) -> String {
        let typed = self.refused.with(|it| it.as_ref().map(|it| it.0.clone()));
        typed.unwrap_or_else(|| self.value().to_string())
    }

    fn note(&self) -> String {
        if let Some((_, refusal)) = self.refused.get() {
            return html::refusal(&refusal);
        }
        let reason = if self.active.get() { reason_at(&self.limits(), self.value()) } else { String::new() };
        if reason.is_empty() { reason } else { html::message(Kind::Plain, &reason, None) }
    }
}

/// Why a value at one of its bounds cannot go further.
fn reason_at(limits: &Bounds, value: u64) -> String {
    if value >= limits.high {
        limits.high_reason.clone()
    } else if value <= limits.low && limits.low > 1 {
        limits.low_reason.clone()
    } else {
        String::new()
    }
}
