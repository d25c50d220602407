//! Padding: how much on each side, and what stands in it.

use convscope_core::conv2d::{Padding2d, PaddingMode};
use convscope_page::bounds::{self, Control, Refusal};
use convscope_page::model::LabModel;
use convscope_page::text;
use leptos::prelude::*;

use super::panel_notes::PanelNotes;
use crate::derive::Lab;
use crate::platform::form;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::segmented::Segmented;
use crate::views::controls::select::{Select, index};
use crate::views::html::{self, Kind};

const MODES: [PaddingMode; 4] =
    [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];

const SIDES: [(Control, &str, Glyph); 4] = [
    (Control::PadTop, "Top padding", Glyph::Top),
    (Control::PadRight, "Right padding", Glyph::Right),
    (Control::PadBottom, "Bottom padding", Glyph::Bottom),
    (Control::PadLeft, "Left padding", Glyph::Left),
];

/// Mode, kind, and the four sides.
#[component]
pub(crate) fn PaddingGroup() -> AnyView {
    let lab = Lab::expect();
    let mode =
        move || lab.model.with(|model| index(MODES.iter().position(|mode| *mode == model.padding_mode)));
    let kind = move || {
        lab.model.with(|model| match model.padding {
            Padding2d::Valid => 0,
            Padding2d::Same => 1,
            Padding2d::Full => 2,
            Padding2d::Explicit(_) => 3,
        })
    };
    // Why the last choice is impossible; the figure stays as it was.
    let refused = RwSignal::new(None::<String>);
    let attempt = move |model: LabModel| match model.geometry() {
        Ok(_) => {
            refused.set(None);
            lab.edit("", model.with_step_kept(&lab.derived.with_untracked(|it| it.geometry)));
        }
        Err(error) => {
            refused.set(Some(text::explain(&error).1));
            // The select goes back to what holds.
            lab.model.update(|_| ());
        }
    };
    let choose_mode = move |idx: usize| attempt(LabModel { padding_mode: MODES[idx], ..lab.current() });
    let choose_kind = move |idx: usize| {
        let pads = lab.derived.with_untracked(|it| it.geometry.pads());
        let padding = [Padding2d::Valid, Padding2d::Same, Padding2d::Full, Padding2d::Explicit(pads)][idx];
        attempt(LabModel { padding, ..lab.current() });
    };
    let message =
        move || refused.get().map(|text| html::message(Kind::Error, &text, None)).unwrap_or_default();
    let modes = html::options(&[("", vec!["Zeros", "Reflect", "Replicate", "Circular"])], "");
    view! {
        <section class="control-group">
            <div class="control-group__head">
                <h2 class="heading">"Padding"</h2>
                <Select
                    label="What stands in the padding"
                    options=modes
                    chosen=Signal::derive(mode)
                    choose=Callback::new(choose_mode)
                />
            </div>
            <Segmented
                label="Padding"
                options=&["Valid", "Same", "Full", "Custom"]
                chosen=Signal::derive(kind)
                choose=Callback::new(choose_kind)
            />
            <Sides enabled=Signal::derive(move || kind() == 3)/>
            <div role="status" inner_html=Signal::derive(message)></div>
            <PanelNotes controls=&["padding", "same"]/>
        </section>
    }
    .into_any()
}

/// The four sides; they are set by hand only where the padding is Custom.
#[component]
fn Sides(enabled: Signal<bool>) -> AnyView {
    let lab = Lab::expect();
    let refused = RwSignal::new(None::<(usize, String, Refusal)>);
    let pad = move |side: usize| lab.model.with(|model| bounds::value(model, SIDES[side].0));
    let set = move |side: usize, value: u64| {
        refused.set(None);
        lab.edit("padding side", bounds::with(&lab.current(), &[SIDES[side].0], value));
    };
    let read =
        move |side: usize, text: String| match bounds::read_whole(&lab.current(), &[SIDES[side].0], &text) {
            Ok(value) => set(side, value),
            Err(refusal) => refused.set(Some((side, text, refusal))),
        };
    lab.watch_refusal("padding side", move || refused.with(Option::is_some), move || refused.set(None));
    let is_refused = move |side: usize| refused.with(|it| it.as_ref().is_some_and(|it| it.0 == side));
    let text = move |side: usize| {
        let typed = refused.with(|it| it.as_ref().filter(|it| it.0 == side).map(|it| it.1.clone()));
        typed.unwrap_or_else(|| pad(side).to_string())
    };
    let field = move |side: usize| {
        let (_, label, glyph) = SIDES[side];
        view! {
            <span class="sides__side">
                <span class="sides__icon" inner_html=icon(glyph)></span>
                <input
                    class="field"
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    aria-label=label
                    disabled=Signal::derive(move || !enabled.get())
                    aria-invalid=Signal::derive(move || is_refused(side).to_string())
                    prop:value=Signal::derive(move || text(side))
                    on:change=move |event| read(side, form::value(&event))
                />
            </span>
        }
        .into_any()
    };
    let note = move || {
        refused.get().map_or_else(String::new, |(_, _, refusal)| {
            let repair = refusal.repair.map(|value| format!("Use {value}"));
            html::message(Kind::Error, &refusal.text, repair.as_deref())
        })
    };
    let repair = move || {
        let found = refused.with_untracked(|it| it.as_ref().map(|it| (it.0, it.2.repair)));
        if let Some((side, Some(value))) = found {
            set(side, value);
        }
    };
    view! {
        <div class="sides">{[field(0), field(1), field(2), field(3)]}</div>
        <div
            role="status"
            class="number-row__note"
            inner_html=Signal::derive(note)
            on:click=move |event| {
                if form::happened_on(&event, "[data-repair]") {
                    repair();
                }
            }
        ></div>
    }
    .into_any()
}
