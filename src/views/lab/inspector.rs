//! What stands beside the figure: the products of an output, the uses of an input, the meetings of a
//! weight; and how often each cell is read.

use std::rc::Rc;

use convscope_page::{bounds, text};
use convscope_scene::Part;

use super::patches::patches_place;
use super::value_field::value_field;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::views::html;

const ASIDE: &str = "<section class=inspector></section>
    <slot name=patches></slot>
    <section class=\"inspector inspector--sums\"></section>
    <p class=\"inspector__pin small\">Pinned: it stays while you point elsewhere. <button type=button class=link>Unpin</button></p>
    <div class=inspector__edit><span>Value</span><slot name=field></slot></div>
    <section class=reads></section>";

/// The current output cell, or what is pinned or pointed at.
pub(crate) fn inspector(lab: Lab) -> Markup {
    // The output cell that is explained; none where an input or a weight is.
    let output = move || output_attended(lab);
    let content = move || {
        let attended = lab.attended();
        lab.derived.with(|it| match attended {
            Some(Part::Input(position)) => {
                html::input_inspector(&text::inspect_input(it, position, lab.step.get()))
            }
            Some(Part::Kernel(kernel)) => html::weight_inspector(&text::inspect_weight(it, kernel)),
            Some(Part::Bias) => html::bias_inspector(&text::inspect_bias(it)),
            None if it.scattered_step(0).is_some() => {
                let step = lab.step.get();
                html::output_inspector(&text::inspect_step(it, step).unwrap_or_default())
            }
            _ => match output() {
                Some(at) if it.is_direct() => html::output_inspector(&text::inspect_output(it, at)),
                Some(at) if it.has_channels() => html::channels_head(&text::inspect_channels(it, at)),
                Some(at) => html::output_inspector(&text::inspect_output(it, at)),
                None => String::new(),
            },
        })
    };
    // Below the picture of the patches: their sums.
    let sums = move || {
        let at = output().filter(|_| lab.derived.with(|it| it.has_channels() && !it.is_direct()));
        at.map_or_else(String::new, |at| {
            lab.derived.with(|it| html::channels_sums(&text::inspect_channels(it, at)))
        })
    };
    // The value of what is pinned, where it may be edited.
    let value = move || {
        let pinned = lab.pinned.get()?;
        lab.derived.with(|it| it.value_to_edit(pinned))
    };
    let set = move |value: f32| {
        let Some(pinned) = lab.pinned.get_untracked() else { return };
        lab.edit("", lab.derived.with_untracked(|it| it.with_value(&lab.current(), pinned, value)));
        lab.pinned.set(Some(pinned));
    };
    let view = Markup::new(ASIDE);
    view.html(".inspector", content);
    view.html(".inspector--sums", sums);
    view.flag(".inspector--sums", "hidden", move || {
        output().is_none() || !lab.derived.with(|it| it.has_channels() && !it.is_direct())
    });
    view.put("patches", patches_place(lab));
    view.flag(".inspector__edit", "hidden", move || value().is_none());
    view.flag(".inspector__pin", "hidden", move || lab.pinned.with(Option::is_none));
    view.on(".inspector__pin button", "click", move |_| lab.pinned.set(None));
    view.html(".reads", move || lab.derived.with(|it| html::reads(&text::reads(it))));
    let field = value_field(
        lab,
        "Value of the pinned cell",
        "pinned",
        Rc::new(value),
        bounds::read_number,
        Box::new(set),
    );
    view.put("field", field);
    view
}

/// The output cell that is attended to: the one pinned or pointed at, else the current one; `None` while an input
/// cell, a weight or the bias is.
pub(crate) fn output_attended(lab: Lab) -> Option<[u64; 2]> {
    match lab.attended() {
        Some(Part::Output(position)) => Some(position),
        Some(Part::Input(_) | Part::Kernel(_) | Part::Bias) => None,
        _ => Some(lab.derived.with(|it| it.output_of_step(lab.step.get()))),
    }
}
