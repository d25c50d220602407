//! The kernel: its weights, size, stride, dilation, bias.

use convscope_page::bounds::Control;
use convscope_page::kernel::{KernelChoice, KernelPreset};
use convscope_page::model::LabModel;
use leptos::prelude::*;

use super::bias_row::BiasRow;
use super::panel_notes::PanelNotes;
use crate::derive::Lab;
use crate::views::controls::axis_pair::AxisPair;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::select::{Select, index};
use crate::views::html;

/// Preset of the weights, then the numbers.
#[component]
pub(crate) fn KernelGroup() -> AnyView {
    let lab = Lab::expect();
    let mut labels: Vec<&str> = KernelPreset::ALL.iter().map(|preset| preset.label()).collect();
    labels.push("Random");
    let chosen = move || {
        lab.model.with(|model| {
            index(match &model.kernel {
                KernelChoice::Preset(preset) => KernelPreset::ALL.iter().position(|it| it == preset),
                KernelChoice::Random { .. } => Some(KernelPreset::ALL.len()),
                KernelChoice::Own(_) => None,
            })
        })
    };
    let set = move |kernel: KernelChoice| lab.edit("", LabModel { kernel, ..lab.current() });
    let again = move || {
        let seed = lab.model.with_untracked(|model| match model.kernel {
            KernelChoice::Random { seed } => seed + 1,
            _ => 1,
        });
        set(KernelChoice::Random { seed });
    };
    let choose = move |idx: usize| match KernelPreset::ALL.get(idx) {
        Some(preset) => set(KernelChoice::Preset(*preset)),
        None => again(),
    };
    view! {
        <section class="control-group">
            <div class="control-group__head">
                <h2 class="heading t-kernel">"Kernel"</h2>
            </div>
            <div class="control-row">
                <Select
                    label="Weights"
                    options=html::options(&[("", labels)], "Own weights")
                    chosen=Signal::derive(chosen)
                    choose=Callback::new(choose)
                />
                <button
                    type="button"
                    class="btn btn--quiet btn--icon"
                    aria-label="New random weights"
                    inner_html=icon(Glyph::Dice)
                    on:click=move |_| again()
                ></button>
            </div>
            <AxisPair
                label="Size"
                controls=[Control::KernelHeight, Control::KernelWidth]
                axes=["Kernel height", "Kernel width"]
                what=["kernel size", "kernel width"]
            />
            <AxisPair
                label="Stride"
                controls=[Control::StrideVertical, Control::StrideHorizontal]
                axes=["Stride down", "Stride across"]
                what=["stride", "stride across"]
            />
            <PanelNotes controls=&["kernel", "stride"]/>
            <AxisPair
                label="Dilation"
                controls=[Control::DilationVertical, Control::DilationHorizontal]
                axes=["Dilation down", "Dilation across"]
                what=["dilation", "dilation across"]
            />
            <PanelNotes controls=&["dilation"]/>
            <BiasRow/>
        </section>
    }
    .into_any()
}
