//! First, back, play, forward, last; the scrubber; the speed.

use convscope_page::playback::{Playback, Speed};
use convscope_page::text;

use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::views::controls::icon::{Glyph, icon, icon_button};
use crate::views::controls::select::{index, select};
use crate::views::html;

/// Up to so many steps the scrubber has a dot for each.
const MOST_DOTS: u64 = 32;

/// The bar below the figure; in an embed the style sheet leaves out first, last and speed.
pub(crate) fn transport(lab: Lab) -> Markup {
    const PLAIN: &str = "btn btn--ghost btn--icon";
    const FULL: &str = "btn btn--ghost btn--icon transport__end";
    let view = Markup::new(&format!(
        "<section class=transport aria-label=Steps>
        <div class=transport__buttons>{}{}<button type=button class=\"btn btn--primary transport__play\" data-at=play></button>{}{}</div>
        <div class=transport__scrub>
            <div class=transport__label><b></b><span class=transport__output></span></div>
            <div class=scrubber>
                <i class=scrubber__track></i><i class=scrubber__done></i>
                <span class=scrubber__ticks></span>
                <i class=scrubber__thumb></i>
                <input type=range aria-label=Step>
            </div>
        </div>
        <div class=\"transport__speed transport__end\"><slot name=speed></slot></div>
        <p class=visually-hidden role=status></p>
        </section>",
        icon_button(FULL, "first", "First step", Glyph::First),
        icon_button(PLAIN, "back", "Back one step", Glyph::Back),
        icon_button(PLAIN, "forward", "Forward one step", Glyph::Forward),
        icon_button(FULL, "last", "Last step", Glyph::Last),
    ));
    let n_steps = move || lab.derived.with(|it| it.n_steps());
    let playing = move || lab.playback.with(Playback::playing);
    let labels = move || lab.derived.with(|it| text::step_label(it, lab.step.get()));
    for button in ["[data-at=first]", "[data-at=back]"] {
        view.flag(button, "disabled", move || lab.step.get() == 0);
    }
    for button in ["[data-at=forward]", "[data-at=last]"] {
        view.flag(button, "disabled", move || lab.step.get() + 1 >= n_steps());
    }
    view.attr(".transport__play", "aria-label", move || if playing() { "Pause" } else { "Play" }.to_owned());
    view.html(".transport__play", move || icon(if playing() { Glyph::Pause } else { Glyph::Play }));
    view.on(".transport__buttons", "click", move |event| {
        let step = lab.step.get_untracked();
        match form::place(&event).as_deref() {
            Some("first") => lab.go_to(0),
            Some("back") => lab.go_to(step.saturating_sub(1)),
            Some("play") => lab.toggle_playing(),
            Some("forward") => lab.go_to(step + 1),
            Some("last") => lab.go_to(u64::MAX),
            _ => {}
        }
    });
    view.text("b", move || labels().0);
    view.text(".transport__output", move || [" · ", labels().1.as_str()].concat());
    view.attr(".scrubber", "style", move || place(lab.step.get(), n_steps()));
    view.html(".scrubber__ticks", move || ticks(lab.step.get(), n_steps()));
    view.slider("input", move || [1, n_steps() as i64, lab.step.get() as i64 + 1]);
    view.attr("input", "aria-valuetext", move || labels().0);
    view.on("input", "input", move |event| {
        if let Ok(step) = form::value(&event).parse::<u64>() {
            lab.go_to(step.saturating_sub(1));
        }
    });
    // What a screen reader hears: each step that was asked for, none while playing.
    view.text_while(".visually-hidden", move || {
        (!playing()).then(|| lab.derived.with(|it| text::announce(it, lab.step.get())))
    });
    let speeds: Vec<&str> = Speed::ALL.iter().map(|speed| speed.label()).collect();
    let speed = move || {
        let speed = lab.playback.with(Playback::speed);
        index(Speed::ALL.iter().position(|it| *it == speed))
    };
    let choose = move |idx: usize| {
        if let Some(speed) = Speed::ALL.get(idx) {
            lab.set_speed(*speed);
        }
    };
    let options = html::options(&[("", speeds)], "");
    view.put("speed", select("Speed", &options, Box::new(speed), Box::new(choose)));
    view
}

/// Where a step is on the scrubber, from 0 to 1, for the style sheet.
fn place(step: u64, n_steps: u64) -> String {
    format!("--at:calc({step} / {})", n_steps.saturating_sub(1).max(1))
}

/// A dot for each step, where there are few.
fn ticks(step: u64, n_steps: u64) -> String {
    if !(2..=MOST_DOTS).contains(&n_steps) {
        return String::new();
    }
    let tick = |idx: u64| {
        let done = if idx <= step { " is-done" } else { "" };
        format!("<i class=\"scrubber__tick{done}\" style=\"{}\"></i>", place(idx, n_steps))
    };
    (0..n_steps).map(tick).collect()
}
