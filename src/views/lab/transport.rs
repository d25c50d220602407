//! First, back, play, forward, last; the scrubber; the speed.

use convscope_page::playback::Speed;
use convscope_page::text;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::select::Select;

/// Up to so many steps the scrubber has a dot for each.
const MOST_DOTS: u64 = 32;

/// The bar below the figure; an embed has it without first, last and speed.
#[component]
pub(crate) fn Transport() -> impl IntoView {
    let lab = Lab::expect();
    let n_steps = Memo::new(move |_| lab.derived.with(|it| it.geometry.n_steps()));
    let playing = Memo::new(move |_| lab.playback.with(|playback| playback.playing()));
    let at_start = Memo::new(move |_| lab.step.get() == 0);
    let at_end = Memo::new(move |_| lab.step.get() + 1 >= n_steps.get());
    let labels = move || lab.derived.with(|it| text::step_label(it, lab.step.get()));
    let by = move |back: bool| {
        let step = lab.step.get_untracked();
        lab.go_to(if back { step.saturating_sub(1) } else { step + 1 });
    };
    let full = move || !lab.embedded.get();
    let button = move |label: &'static str, glyph: Glyph, useless: Memo<bool>, act: Box<dyn Fn()>| {
        view! {
            <button
                type="button"
                class="btn btn--ghost btn--icon"
                aria-label=label
                disabled=move || useless.get()
                on:click=move |_| act()
            >
                {icon(glyph)}
            </button>
        }
    };
    let speed = Memo::new(move |_| {
        let speed = lab.playback.with(|playback| playback.speed());
        Speed::ALL.iter().position(|it| *it == speed)
    });
    let share = move || lab.step.get() as f64 / (n_steps.get() - 1).max(1) as f64;
    let dots = move || {
        let n_steps = n_steps.get();
        (2..=MOST_DOTS).contains(&n_steps).then(|| {
            (0..n_steps)
                .map(|step| {
                    let at = format!("--at:{}", step as f64 / (n_steps - 1) as f64);
                    view! { <i class="scrubber__tick" class:is-done=move || step <= lab.step.get() style=at></i> }
                })
                .collect_view()
        })
    };
    // What a screen reader hears: each step that was asked for, none while playing.
    let announcement = Memo::new(move |before: Option<&String>| {
        if playing.get() {
            return before.cloned().unwrap_or_default();
        }
        lab.derived.with(|it| text::announce(it, lab.step.get()))
    });
    view! {
        <section class="transport" aria-label="Steps">
            <div class="transport__buttons">
                <Show when=full>{button("First step", Glyph::First, at_start, Box::new(move || lab.go_to(0)))}</Show>
                {button("Back one step", Glyph::Back, at_start, Box::new(move || by(true)))}
                <button
                    type="button"
                    class="btn btn--primary transport__play"
                    aria-label=move || if playing.get() { "Pause" } else { "Play" }
                    on:click=move |_| lab.toggle_playing()
                >
                    {move || icon(if playing.get() { Glyph::Pause } else { Glyph::Play })}
                </button>
                {button("Forward one step", Glyph::Forward, at_end, Box::new(move || by(false)))}
                <Show when=full>
                    {button("Last step", Glyph::Last, at_end, Box::new(move || lab.go_to(n_steps.get_untracked() - 1)))}
                </Show>
            </div>
            <div class="transport__scrub">
                <div class="transport__label">
                    <span>
                        <b>{move || labels().0}</b>
                        <span class="transport__output">" · " {move || labels().1}</span>
                    </span>
                </div>
                <div class="scrubber" style=move || format!("--at:{}", share())>
                    <i class="scrubber__track"></i>
                    <i class="scrubber__done"></i>
                    {dots}
                    <i class="scrubber__thumb"></i>
                    <input
                        type="range"
                        aria-label="Step"
                        min="1"
                        max=move || n_steps.get()
                        prop:value=move || {
                            n_steps.track();
                            (lab.step.get() + 1).to_string()
                        }
                        aria-valuetext=move || labels().0
                        on:input=move |event| {
                            if let Ok(step) = event_target_value(&event).parse::<u64>() {
                                lab.go_to(step.saturating_sub(1));
                            }
                        }
                    />
                </div>
            </div>
            <Show when=full>
                <div class="transport__speed">
                    <Select
                        label="Speed"
                        groups=vec![("", Speed::ALL.iter().map(|speed| speed.label()).collect())]
                        chosen=speed
                        choose=move |idx: usize| lab.set_speed(Speed::ALL[idx])
                    />
                </div>
            </Show>
            <p class="visually-hidden" role="status">{announcement}</p>
        </section>
    }
}
