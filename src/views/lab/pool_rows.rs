//! What pools alone have: the rounding of their size, the divisor of an average, the exponent of a norm.

use std::rc::Rc;

use convscope_core::AvgDivisor;
use convscope_page::bounds::{self, Control};
use convscope_page::model::LabModel;
use convscope_page::operation::Operation;

use super::panel_notes::panel_notes;
use super::value_field::value_field;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::views::controls::number_row::number_row;
use crate::views::controls::select::select;
use crate::views::controls::switch::switch;
use crate::views::html;

const ROWS: &str = "<div class=pool-rows>
    <div class=pool-rows__average>
        <div class=control-row><span class=control-row__label>Divide by</span><slot name=divisor></slot></div>
        <div class=\"control-row pool-rows__number\">
            <span class=control-row__label>Divisor</span><slot name=number></slot></div>
    </div>
    <div class=pool-rows__norm><slot name=exponent></slot></div>
    <slot name=ceil></slot>
    <slot name=notes></slot>
    </div>";

/// Divisor or exponent, where there is one, and `ceil_mode`.
pub(crate) fn pool_rows(lab: Lab) -> Markup {
    let operation = move || lab.model.with(|model| model.operation);
    let view = Markup::new(ROWS);
    view.flag(".pool-rows", "hidden", move || !operation().is_pool());
    view.flag(".pool-rows__average", "hidden", move || operation() != Operation::AvgPool);
    view.flag(".pool-rows__norm", "hidden", move || operation() != Operation::LpPool);
    view.flag(".pool-rows__number", "hidden", move || fixed(lab).is_none());
    let set = move |divisor: AvgDivisor| lab.edit("divisor", LabModel { divisor, ..lab.current() });
    let chosen = move || {
        lab.model.with(|model| match model.divisor {
            AvgDivisor::CountIncludePad => 0,
            AvgDivisor::CountInside => 1,
            AvgDivisor::Fixed(_) => 2,
        })
    };
    let choose = move |idx: usize| {
        let cells =
            lab.model.with_untracked(|model| (model.kernel_size[0] * model.kernel_size[1]).cast_signed());
        set([AvgDivisor::CountIncludePad, AvgDivisor::CountInside, AvgDivisor::Fixed(cells)][idx]);
    };
    let options = html::options(&[("", vec!["Cells with padding", "Cells of the input", "A number"])], "");
    view.put("divisor", select("Divide by", &options, Box::new(chosen), Box::new(choose)));
    let number = value_field(
        lab,
        "Divisor, number",
        "divisor",
        Rc::new(move || fixed(lab).map(|divisor| divisor as f32)),
        bounds::read_divisor,
        Box::new(move |value| set(AvgDivisor::Fixed(value as i64))),
    );
    view.put("number", number);
    let exponent =
        number_row(lab, "exponent", Box::new(|| "Exponent"), Box::new(|| vec![Control::Exponent]), None);
    view.put("exponent", exponent);
    let on = move || lab.model.with(|model| model.ceil_mode);
    let set = move |ceil_mode: bool| {
        let model = LabModel { ceil_mode, ..lab.current() };
        lab.edit("", model.with_step_kept(&lab.derived.with_untracked(|it| it.model.clone())));
    };
    view.put("ceil", switch("Round the size up", Box::new(on), Box::new(set)));
    view.put("notes", panel_notes(lab, &["divisor", "ceil"]));
    view
}

/// The number that sums are divided by, where it is set by hand.
fn fixed(lab: Lab) -> Option<i64> {
    lab.model.with(|model| match model.divisor {
        AvgDivisor::Fixed(divisor) => Some(divisor),
        _ => None,
    })
}
