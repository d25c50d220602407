//! What stands beside the figure: the products of an output, the uses of an input, the meetings of a
//! weight; and how often each cell is read.

use std::rc::Rc;

use convscope_page::{bounds, text};
use convscope_scene::Part;

use super::value_field::value_field;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::views::html;

const ASIDE: &str = "<section class=inspector></section>
    <p class=\"inspector__pin small\">Pinned: it stays while you point elsewhere. <button type=button class=link>Unpin</button></p>
    <div class=inspector__edit><span>Value</span><slot name=field></slot></div>
    <section class=reads></section>";

/// The current output cell, or what is pinned or pointed at.
pub(crate) fn inspector(lab: Lab) -> Markup {
    let content = move || {
        let attended = lab.attended();
        lab.derived.with(|it| match attended {
            Some(Part::Input(position)) => {
                html::input_inspector(&text::inspect_input(it, position, lab.step.get()))
            }
            Some(Part::Kernel(kernel)) => html::weight_inspector(&text::inspect_weight(it, kernel)),
            Some(Part::Output(position)) => html::output_inspector(&text::inspect_output(it, position)),
            Some(Part::Bias) => html::bias_inspector(&text::inspect_bias(it)),
            None => {
                let step = lab.step.get().min(it.geometry.n_steps() - 1);
                html::output_inspector(&text::inspect_output(it, it.geometry.output_position(step)))
            }
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
