//! The control panel: examples, input, kernel, padding.

use convscope_page::presets::PRESETS;
use leptos::prelude::*;

use super::input_group::InputGroup;
use super::kernel_group::KernelGroup;
use super::padding_group::PaddingGroup;
use crate::derive::Lab;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::select::Select;

/// All controls; on middle widths a drawer over the stage.
#[component]
pub(crate) fn Panel(drawer: RwSignal<bool>) -> impl IntoView {
    let lab = Lab::expect();
    let mut groups: Vec<(&'static str, Vec<&'static str>)> = Vec::new();
    for preset in PRESETS {
        match groups.last_mut() {
            Some((group, labels)) if *group == preset.group => labels.push(preset.label),
            _ => groups.push((preset.group, vec![preset.label])),
        }
    }
    // The present model's preset, whatever its step.
    let chosen = Memo::new(move |_| {
        lab.model.with(|model| {
            PRESETS.iter().position(|preset| {
                let prepared = (preset.model)();
                let step = prepared.step;
                prepared == convscope_page::LabModel { step, ..model.clone() }
            })
        })
    });
    let choose = move |idx: usize| {
        if let Some(preset) = PRESETS.get(idx) {
            lab.choose((preset.model)());
        }
    };
    let about = move || chosen.get().map(|idx| PRESETS[idx].about);
    view! {
        <form class="lab__panel" aria-label="Controls" on:submit=|event| event.prevent_default()>
            <section class="control-group">
                <div class="control-group__head">
                    <h2 class="heading">"Example"</h2>
                    <div class="control-group__tools">
                        <button
                            type="button"
                            class="btn btn--quiet btn--icon"
                            aria-label="Undo"
                            disabled=move || !lab.undoable.get()[0]
                            on:click=move |_| lab.undo()
                        >
                            {icon(Glyph::Undo)}
                        </button>
                        <button
                            type="button"
                            class="btn btn--quiet btn--icon"
                            aria-label="Redo"
                            disabled=move || !lab.undoable.get()[1]
                            on:click=move |_| lab.redo()
                        >
                            {icon(Glyph::Redo)}
                        </button>
                        <button
                            type="button"
                            class="btn btn--quiet btn--icon lab__panel-close"
                            aria-label="Close the controls"
                            on:click=move |_| drawer.set(false)
                        >
                            {icon(Glyph::Close)}
                        </button>
                    </div>
                </div>
                <Select label="Example" groups=groups chosen=chosen other="Own settings" choose=choose/>
                <p class="control-group__about small muted">{about}</p>
            </section>
            <InputGroup/>
            <KernelGroup/>
            <PaddingGroup/>
        </form>
    }
}
