//! Padding: how much on each side, and what stands in it.

use convscope_core::conv2d::{Padding2d, PaddingMode};
use convscope_page::bounds::{self, Control};
use convscope_page::model::LabModel;
use leptos::prelude::*;

use super::panel_notes::PanelNotes;
use crate::derive::Lab;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::message::{Kind, message};
use crate::views::controls::segmented::Segmented;
use crate::views::controls::select::Select;

const MODES: [(PaddingMode, &str); 4] = [
    (PaddingMode::Zeros, "Zeros"),
    (PaddingMode::Reflect, "Reflect"),
    (PaddingMode::Replicate, "Replicate"),
    (PaddingMode::Circular, "Circular"),
];

const SIDES: [(Control, &str, Glyph); 4] = [
    (Control::PadTop, "Top padding", Glyph::Top),
    (Control::PadRight, "Right padding", Glyph::Right),
    (Control::PadBottom, "Bottom padding", Glyph::Bottom),
    (Control::PadLeft, "Left padding", Glyph::Left),
];

/// Mode, kind, and the four sides.
#[component]
pub(crate) fn PaddingGroup() -> impl IntoView {
    let lab = Lab::expect();
    let mode = Memo::new(move |_| {
        lab.model.with(|model| MODES.iter().position(|(mode, _)| *mode == model.padding_mode))
    });
    let kind = Memo::new(move |_| {
        lab.model.with(|model| match model.padding {
            Padding2d::Valid => 0,
            Padding2d::Same => 1,
            Padding2d::Full => 2,
            Padding2d::Explicit(_) => 3,
        })
    });
    let refused = RwSignal::new(None::<String>);
    let attempt = move |what: &'static str, model: LabModel| match model.geometry() {
        Ok(_) => {
            refused.set(None);
            lab.edit(what, model.with_step_kept(&lab.derived.with_untracked(|it| it.geometry)));
        }
        Err(error) => refused.set(Some(convscope_page::text::explain(&error).1)),
    };
    let choose_mode = move |idx: usize| {
        attempt("padding mode", LabModel { padding_mode: MODES[idx].0, ..lab.current() });
    };
    let choose_kind = move |idx: usize| {
        let pads = lab.derived.with_untracked(|it| it.geometry.pads());
        let padding = [Padding2d::Valid, Padding2d::Same, Padding2d::Full, Padding2d::Explicit(pads)][idx];
        attempt("padding", LabModel { padding, ..lab.current() });
    };
    // Another edit makes the model the truth again.
    Effect::new(move |_| {
        lab.model.track();
        refused.set(None);
    });
    let modes = MODES.iter().map(|(_, label)| *label).collect();
    view! {
        <section class="control-group">
            <div class="control-group__head">
                <h2 class="heading">"Padding"</h2>
                <Select label="What stands in the padding" groups=vec![("", modes)] chosen=mode choose=choose_mode/>
            </div>
            <Segmented label="Padding" options=vec!["Valid", "Same", "Full", "Custom"] chosen=kind choose=choose_kind/>
            <Sides enabled=Signal::derive(move || kind.get() == 3)/>
            <div role="status">{move || refused.get().map(|text| message(Kind::Error, text, None))}</div>
            <PanelNotes control="padding"/>
            <PanelNotes control="same"/>
        </section>
    }
}

/// The four sides; they are set by hand only where the padding is Custom.
#[component]
fn Sides(enabled: Signal<bool>) -> impl IntoView {
    let lab = Lab::expect();
    let refused = RwSignal::new(None::<(usize, String, bounds::Refusal)>);
    let pad = move |side: usize| {
        lab.derived.with(|it| {
            let pads = it.geometry.pads();
            [pads.top, pads.right, pads.bottom, pads.left][side]
        })
    };
    let set = move |side: usize, value: u64| {
        refused.set(None);
        lab.edit("padding side", bounds::with(&lab.current(), &[SIDES[side].0], value));
    };
    let read =
        move |side: usize, text: String| match bounds::read_whole(&lab.current(), &[SIDES[side].0], &text) {
            Ok(value) => set(side, value),
            Err(refusal) => refused.set(Some((side, text, refusal))),
        };
    Effect::new(move |_| lab.refuse("padding side", refused.with(Option::is_some)));
    Effect::new(move |_| {
        lab.model.track();
        refused.set(None);
    });
    let is_refused = move |side: usize| refused.with(|it| it.as_ref().is_some_and(|it| it.0 == side));
    let text = move |side: usize| {
        let typed = refused.with(|it| it.as_ref().filter(|it| it.0 == side).map(|it| it.1.clone()));
        typed.unwrap_or_else(|| pad(side).to_string())
    };
    let fields = (0..4)
        .map(|side| {
            let (_, label, glyph) = SIDES[side];
            view! {
                <label class="sides__side">
                    {icon(glyph)}
                    <span class="visually-hidden">{label}</span>
                    <input
                        class="field"
                        type="text"
                        inputmode="numeric"
                        autocomplete="off"
                        disabled=move || !enabled.get()
                        aria-invalid=move || is_refused(side).to_string()
                        prop:value=move || text(side)
                        on:change=move |event| read(side, event_target_value(&event))
                    />
                </label>
            }
        })
        .collect_view();
    let note = move || {
        refused.get().map(|(side, _, refusal)| {
            let repair = refusal.repair.map(|value| {
                let act: Box<dyn Fn()> = Box::new(move || set(side, value));
                (format!("Use {value}"), act)
            });
            message(Kind::Error, refusal.text, repair)
        })
    };
    view! {
        <div class="sides">{fields}</div>
        <div role="status">{note}</div>
    }
}
