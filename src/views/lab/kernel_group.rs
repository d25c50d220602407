//! The kernel, or the window of a pool: its weights, size, stride, dilation, bias.

use convscope_page::bounds::Control;
use convscope_page::kernel::{Bank, KernelChoice, KernelPreset};
use convscope_page::model::LabModel;

use super::bias_row::bias_row;
use super::kernel_grid::kernel_grid;
use super::panel_notes::panel_notes;
use super::pool_rows::pool_rows;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::views::controls::axis_pair::{Axes, axis_pair};
use crate::views::controls::icon::{Glyph, icon_button};
use crate::views::controls::select::{index, select};
use crate::views::controls::switch::switch;
use crate::views::html;

const SIZE: Axes = Axes {
    label: "Size",
    controls: [Control::KernelHeight, Control::KernelWidth],
    names: ["Kernel height", "Kernel width"],
    what: ["kernel size", "kernel width"],
};
const STRIDE: Axes = Axes {
    label: "Stride",
    controls: [Control::StrideVertical, Control::StrideHorizontal],
    names: ["Stride down", "Stride across"],
    what: ["stride", "stride across"],
};
const DILATION: Axes = Axes {
    label: "Dilation",
    controls: [Control::DilationVertical, Control::DilationHorizontal],
    names: ["Dilation down", "Dilation across"],
    what: ["dilation", "dilation across"],
};

/// Preset of the weights, then the numbers.
pub(crate) fn kernel_group(lab: Lab) -> Markup {
    let mut labels: Vec<&str> = KernelPreset::ALL.iter().map(|preset| preset.label()).collect();
    labels.push("Random");
    labels.extend(Bank::ALL.iter().map(|bank| bank.label()));
    let chosen = move || {
        lab.model.with(|model| {
            index(match &model.kernel {
                KernelChoice::Preset(preset) => KernelPreset::ALL.iter().position(|it| it == preset),
                KernelChoice::Random { .. } => Some(KernelPreset::ALL.len()),
                KernelChoice::Bank(bank) => {
                    Bank::ALL.iter().position(|it| it == bank).map(|idx| KernelPreset::ALL.len() + 1 + idx)
                }
                KernelChoice::Own(_) => None,
            })
        })
    };
    let set = move |kernel: KernelChoice| lab.edit("", LabModel { kernel, ..lab.current() });
    let again = move || {
        let seed = lab.model.with_untracked(|model| match model.kernel {
            KernelChoice::Random { seed } => seed.wrapping_add(1),
            _ => 1,
        });
        set(KernelChoice::Random { seed });
    };
    let choose = move |idx: usize| match KernelPreset::ALL.get(idx) {
        Some(preset) => set(KernelChoice::Preset(*preset)),
        None => match Bank::ALL.get((idx - KernelPreset::ALL.len()).wrapping_sub(1)) {
            Some(bank) => set(KernelChoice::Bank(*bank)),
            None => again(),
        },
    };
    let has_weights = move || lab.model.with(|model| model.operation.has_weights());
    let view = Markup::new(&format!(
        "<section class=control-group>
        <div class=control-group__head><h2 class=\"heading t-kernel\"></h2></div>
        <div class=\"control-row kernel-group__weights\"><slot name=weights></slot>{}</div>
        <slot name=grid></slot>
        <slot name=size></slot>
        <slot name=stride></slot>
        <slot name=notes></slot>
        <slot name=dilation></slot>
        <slot name=dilation-notes></slot>
        <slot name=pool></slot>
        <div class=kernel-group__weights><slot name=flip></slot><slot name=flip-notes></slot><slot name=bias></slot></div>
        </section>",
        icon_button("btn btn--quiet btn--icon", "again", "New random weights", Glyph::Dice)
    ));
    view.text("h2", move || if has_weights() { "Kernel" } else { "Window" }.to_owned());
    view.flag(".control-row.kernel-group__weights", "hidden", move || !has_weights());
    view.flag("div:not(.control-row).kernel-group__weights", "hidden", move || !has_weights());
    view.on("button", "click", move |_| again());
    let options = html::options(&[("", labels)], "Own weights");
    view.put("weights", select("Weights", &options, Box::new(chosen), Box::new(choose)));
    view.put("grid", kernel_grid(lab));
    view.put("size", axis_pair(lab, SIZE));
    view.put("stride", axis_pair(lab, STRIDE));
    view.put("notes", panel_notes(lab, &["kernel", "stride"]));
    view.put("dilation", axis_pair(lab, DILATION));
    view.put("dilation-notes", panel_notes(lab, &["dilation"]));
    view.put("pool", pool_rows(lab));
    let flip = move |flip: bool| lab.edit("", LabModel { flip, ..lab.current() });
    let flipped = move || lab.model.with(|model| model.flip);
    view.put("flip", switch("Flip the kernel", Box::new(flipped), Box::new(flip)));
    view.put("flip-notes", panel_notes(lab, &["flip"]));
    view.put("bias", bias_row(lab));
    view
}
