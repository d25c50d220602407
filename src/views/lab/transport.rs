//! First, back, play, forward, last; the scrubber; the speed.

use convscope_page::playback::{Playback, Speed};
use convscope_page::text;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::platform::form;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::select::{Select, index};
use crate::views::html;

/// Up to so many steps the scrubber has a dot for each.
const MOST_DOTS: u64 = 32;

/// The bar below the figure; in an embed the style sheet leaves out first, last and speed.
#[component]
pub(crate) fn Transport() -> AnyView {
    let lab = Lab::expect();
    let n_steps = move || lab.derived.with(|it| it.geometry.n_steps());
    let playing = move || lab.playback.with(Playback::playing);
    let at_start = Signal::derive(move || lab.step.get() == 0);
    let at_end = Signal::derive(move || lab.step.get() + 1 >= n_steps());
    let labels = move || lab.derived.with(|it| text::step_label(it, lab.step.get()));
    // Where each button goes from the present step; the last step bounds them all.
    let button = move |label: &'static str,
                       class: &'static str,
                       glyph: Glyph,
                       useless: Signal<bool>,
                       to: fn(u64) -> u64| {
        view! {
            <button
                type="button"
                class=class
                aria-label=label
                disabled=useless
                inner_html=icon(glyph)
                on:click=move |_| lab.go_to(to(lab.step.get_untracked()))
            ></button>
        }
        .into_any()
    };
    const PLAIN: &str = "btn btn--ghost btn--icon";
    const FULL: &str = "btn btn--ghost btn--icon transport__end";
    let speeds: Vec<&str> = Speed::ALL.iter().map(|speed| speed.label()).collect();
    let speed = move || {
        let speed = lab.playback.with(Playback::speed);
        index(Speed::ALL.iter().position(|it| *it == speed))
    };
    let share = move || format!("--at:{}", lab.step.get() as f32 / (n_steps() - 1).max(1) as f32);
    let dots = move || {
        let n_steps = n_steps();
        if !(2..=MOST_DOTS).contains(&n_steps) {
            return String::new();
        }
        let step = lab.step.get();
        let dot = |idx: u64| {
            let done = if idx <= step { " is-done" } else { "" };
            format!("<i class=\"scrubber__tick{done}\" style=--at:{}></i>", idx as f32 / (n_steps - 1) as f32)
        };
        (0..n_steps).map(dot).collect()
    };
    // What a screen reader hears: each step that was asked for, none while playing.
    let announcement = Memo::new(move |before: Option<&String>| {
        if playing() {
            return before.cloned().unwrap_or_default();
        }
        lab.derived.with(|it| text::announce(it, lab.step.get()))
    });
    view! {
        <section class="transport" aria-label="Steps">
            <div class="transport__buttons">
                {button("First step", FULL, Glyph::First, at_start, |_| 0)}
                {button("Back one step", PLAIN, Glyph::Back, at_start, |step| step.saturating_sub(1))}
                <button
                    type="button"
                    class="btn btn--primary transport__play"
                    aria-label=Signal::derive(move || if playing() { "Pause" } else { "Play" }.to_owned())
                    inner_html=Signal::derive(move || icon(if playing() { Glyph::Pause } else { Glyph::Play }))
                    on:click=move |_| lab.toggle_playing()
                ></button>
                {button("Forward one step", PLAIN, Glyph::Forward, at_end, |step| step + 1)}
                {button("Last step", FULL, Glyph::Last, at_end, |_| u64::MAX)}
            </div>
            <div class="transport__scrub">
                <div class="transport__label">
                    <b>{Signal::derive(move || labels().0)}</b>
                    <span class="transport__output">{Signal::derive(move || format!(" · {}", labels().1))}</span>
                </div>
                <div class="scrubber" style=Signal::derive(share)>
                    <i class="scrubber__track"></i>
                    <i class="scrubber__done"></i>
                    <span inner_html=Signal::derive(dots)></span>
                    <i class="scrubber__thumb"></i>
                    <input
                        type="range"
                        aria-label="Step"
                        min="1"
                        max=Signal::derive(move || n_steps().to_string())
                        prop:value=Signal::derive(move || {
                            n_steps();
                            (lab.step.get() + 1).to_string()
                        })
                        aria-valuetext=Signal::derive(move || labels().0)
                        on:input=move |event| {
                            if let Ok(step) = form::value(&event).parse::<u64>() {
                                lab.go_to(step.saturating_sub(1));
                            }
                        }
                    />
                </div>
            </div>
            <div class="transport__speed transport__end">
                <Select
                    label="Speed"
                    options=html::options(&[("", speeds)], "")
                    chosen=Signal::derive(speed)
                    choose=Callback::new(move |idx: usize| {
                        if let Some(speed) = Speed::ALL.get(idx) {
                            lab.set_speed(*speed);
                        }
                    })
                />
            </div>
            <p class="visually-hidden" role="status">{announcement}</p>
        </section>
    }
    .into_any()
}
