//! Padding: how much on each side, and what stands in it.

use convscope_core::conv2d::{Padding2d, PaddingMode, Pads};
use convscope_page::bounds::{self, Control, Refusal};
use convscope_page::model::LabModel;
use convscope_page::operation::Operation;
use convscope_page::text;

use super::panel_notes::panel_notes;
use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::{State, follow};
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::segmented::segmented;
use crate::views::controls::select::{index, select};
use crate::views::html::{self, Kind};

const MODES: [PaddingMode; 4] =
    [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];

const SIDES: [(Control, &str, Glyph); 4] = [
    (Control::PadTop, "Top padding", Glyph::Top),
    (Control::PadLeft, "Left padding", Glyph::Left),
    (Control::PadBottom, "Bottom padding", Glyph::Bottom),
    (Control::PadRight, "Right padding", Glyph::Right),
];

const GROUP: &str = "<section class=control-group>
    <div class=control-group__head><h2 class=heading>Padding</h2><slot name=mode></slot></div>
    <slot name=kind></slot>
    <slot name=sides></slot>
    <div class=padding-group__message role=status></div>
    <slot name=notes></slot>
    </section>";

/// Mode, kind, and the four sides.
pub(crate) fn padding_group(lab: Lab) -> Markup {
    // Counts refusals: after each the lists show again what holds.
    let again = State::new(0_u32);
    let mode = move || {
        again.track();
        lab.model.with(|model| index(MODES.iter().position(|mode| *mode == model.padding_mode)))
    };
    let kind = move || {
        again.track();
        lab.model.with(|model| match model.padding {
            Padding2d::Valid => 0,
            Padding2d::Same => 1,
            Padding2d::Full => 2,
            Padding2d::Explicit(_) => 3,
        })
    };
    // Why the last choice is impossible; the figure stays as it was.
    let refused = State::new(None::<String>);
    let attempt = move |model: LabModel| match model.geometry() {
        Ok(_) => {
            refused.set(None);
            lab.edit("", model.with_step_kept(&lab.derived.with_untracked(|it| it.model.clone())));
        }
        Err(error) => {
            refused.set(Some(text::explain(&error).1));
            again.update(|count| *count += 1);
        }
    };
    // Any other edit makes the model the truth again.
    follow(move || {
        lab.model.track();
        refused.set(None);
    });
    let choose_mode = move |idx: usize| attempt(LabModel { padding_mode: MODES[idx], ..lab.current() });
    let choose_kind = move |idx: usize| {
        let model = lab.current();
        let pad = |control| bounds::value(&model, control);
        let pads = Pads {
            top: pad(Control::PadTop),
            left: pad(Control::PadLeft),
            bottom: pad(Control::PadBottom),
            right: pad(Control::PadRight),
        };
        let padding = [Padding2d::Valid, Padding2d::Same, Padding2d::Full, Padding2d::Explicit(pads)][idx];
        attempt(LabModel { padding, ..model });
    };
    let view = Markup::new(GROUP);
    view.html(".padding-group__message", move || {
        refused.get().map(|text| html::message(Kind::Error, &text, None)).unwrap_or_default()
    });
    let modes = html::options(&[("", vec!["Zeros", "Reflect", "Replicate", "Circular"])], "");
    let operation = move || lab.model.with(|model| model.operation);
    let mode = select("What stands in the padding", &modes, Box::new(mode), Box::new(choose_mode));
    mode.flag("select", "hidden", move || !operation().has_padding_modes());
    view.put("mode", mode);
    let kinds =
        segmented("Padding", &["Valid", "Same", "Full", "Custom"], Box::new(kind), Box::new(choose_kind));
    // Padding crops a transposed convolution: full would leave nothing.
    kinds.flag("label:nth-of-type(3)", "hidden", move || operation() == Operation::Transposed);
    view.put("kind", kinds);
    view.put("sides", sides(lab));
    view.put("notes", panel_notes(lab, &["padding", "same"]));
    view
}

/// The four sides; they are set by hand only where the padding is Custom.
fn sides(lab: Lab) -> Markup {
    let refused = State::new(None::<(usize, String, Refusal)>);
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
    let fields = (0..SIDES.len()).map(|side| {
        let (_, label, glyph) = SIDES[side];
        format!(
            "<span class=sides__side><span class=sides__icon>{}</span><input class=field data-at={side} type=text \
             inputmode=numeric autocomplete=off aria-label=\"{label}\"></span>",
            icon(glyph)
        )
    });
    let view = Markup::new(&format!(
        "<div class=sides>{}</div><div class=number-row__note role=status></div>",
        fields.collect::<String>()
    ));
    for (side, (control, _, _)) in SIDES.into_iter().enumerate() {
        let field = format!("[data-at='{side}']");
        view.flag(&field, "disabled", move || {
            lab.model.with(|model| !matches!(model.padding, Padding2d::Explicit(_)))
        });
        view.attr(&field, "aria-invalid", move || {
            refused.with(|it| it.as_ref().is_some_and(|it| it.0 == side)).to_string()
        });
        view.value(&field, move || {
            let typed = refused.with(|it| it.as_ref().filter(|it| it.0 == side).map(|it| it.1.clone()));
            typed.unwrap_or_else(|| lab.model.with(|model| bounds::value(model, control)).to_string())
        });
    }
    view.on(".sides", "change", move |event| {
        if let Some(Ok(side)) = form::place(&event).map(|at| at.parse()) {
            read(side, form::value(&event));
        }
    });
    view.html(".number-row__note", move || {
        refused.with(|it| it.as_ref().map_or_else(String::new, |it| html::refusal(&it.2)))
    });
    view.on(".number-row__note", "click", move |event| {
        if form::happened_on(&event, "[data-repair]")
            && let Some((side, Some(value))) =
                refused.with_untracked(|it| it.as_ref().map(|it| (it.0, it.2.repair)))
        {
            set(side, value);
        }
    });
    view
}
