//! The control panel: examples, input, kernel, padding.

use convscope_page::LabModel;
use convscope_page::presets::PRESETS;
use leptos::prelude::*;

use super::input_group::InputGroup;
use super::kernel_group::KernelGroup;
use super::padding_group::PaddingGroup;
use crate::derive::Lab;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::select::{Select, index};
use crate::views::html;

/// All controls; on middle widths a drawer over the stage.
#[component]
pub(crate) fn Panel(drawer: RwSignal<bool>) -> AnyView {
    let lab = Lab::expect();
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for preset in PRESETS {
        match groups.last_mut() {
            Some((group, labels)) if *group == preset.group => labels.push(preset.label),
            _ => groups.push((preset.group, vec![preset.label])),
        }
    }
    // The present model's preset, whatever its step.
    let chosen = Memo::new(move |_| {
        lab.model.with(|model| {
            index(PRESETS.iter().position(|preset| {
                let prepared = (preset.model)();
                let step = prepared.step;
                prepared == LabModel { step, ..model.clone() }
            }))
        })
    });
    let choose = move |idx: usize| {
        if let Some(preset) = PRESETS.get(idx) {
            lab.choose((preset.model)());
        }
    };
    let about = move || {
        let preset = usize::try_from(chosen.get()).ok().and_then(|idx| PRESETS.get(idx));
        preset.map_or("", |preset| preset.about).to_owned()
    };
    let tool = move |label: &'static str,
                     class: &'static str,
                     glyph: Glyph,
                     useless: Signal<bool>,
                     act: Callback<()>| {
        view! {
            <button
                type="button"
                class=class
                aria-label=label
                disabled=useless
                inner_html=icon(glyph)
                on:click=move |_| act.run(())
            ></button>
        }
        .into_any()
    };
    const QUIET: &str = "btn btn--quiet btn--icon";
    let undoable = move |idx: usize| Signal::derive(move || !lab.undoable.get()[idx]);
    view! {
        <form class="lab__panel" aria-label="Controls" on:submit=|event| event.prevent_default()>
            <section class="control-group">
                <div class="control-group__head">
                    <h2 class="heading">"Example"</h2>
                    <div class="control-group__tools">
                        {tool("Undo", QUIET, Glyph::Undo, undoable(0), Callback::new(move |()| lab.undo()))}
                        {tool("Redo", QUIET, Glyph::Redo, undoable(1), Callback::new(move |()| lab.redo()))}
                        {tool(
                            "Close the controls",
                            "btn btn--quiet btn--icon lab__panel-close",
                            Glyph::Close,
                            Signal::stored(false),
                            Callback::new(move |()| drawer.set(false)),
                        )}
                    </div>
                </div>
                <Select
                    label="Example"
                    options=html::options(&groups, "Own settings")
                    chosen=chosen.into()
                    choose=Callback::new(choose)
                />
                <p class="control-group__about small muted">{Signal::derive(about)}</p>
            </section>
            <InputGroup/>
            <KernelGroup/>
            <PaddingGroup/>
        </form>
    }
    .into_any()
}
