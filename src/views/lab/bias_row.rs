//! The bias: whether there is one, and how large it is.

use std::rc::Rc;

use convscope_page::bounds;
use convscope_page::limits::SLIDER_BIAS;
use convscope_page::model::LabModel;

use super::value_field::value_field;
use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;

const ROW: &str = "<div class=number-row>
    <span class=number-row__label><span>Bias</span>
        <button type=button class=switch role=switch aria-label=\"Use a bias\"></button>
    </span>
    <span class=slider>
        <span class=slider__bound>−9</span>
        <input type=range aria-label=Bias>
        <span class=slider__bound>9</span>
    </span>
    <slot name=field></slot>
    </div>";

/// Switch, slider and field.
pub(crate) fn bias_row(lab: Lab) -> Markup {
    let bias = move || lab.model.with(|model| model.bias);
    let set = move |bias: Option<f32>| lab.edit("bias", LabModel { bias, ..lab.current() });
    let most = SLIDER_BIAS as i64;
    let view = Markup::new(ROW);
    view.attr("button", "aria-checked", move || bias().is_some().to_string());
    view.on("button", "click", move |_| set(if bias().is_none() { Some(1.0) } else { None }));
    view.slider("input", move || [-most, most, bias().unwrap_or(0.0) as i64]);
    view.flag("input", "disabled", move || bias().is_none());
    view.on("input", "input", move |event| {
        if let Ok(value) = form::value(&event).parse::<i32>() {
            set(Some(value as f32));
        }
    });
    let field = value_field(
        lab,
        "Bias, number",
        "bias",
        Rc::new(bias),
        bounds::read_number,
        Box::new(move |value| set(Some(value))),
    );
    view.put("field", field);
    view
}

/// The ends of the slider are written as they stand.
const _: () = assert!(SLIDER_BIAS == 9);
