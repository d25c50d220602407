//! The control panel: operation and examples, input, kernel, padding, output.

use super::channels_group::channels_group;
use super::input_group::input_group;
use super::kernel_group::kernel_group;
use super::operation_group::operation_group;
use super::output_group::output_group;
use super::padding_group::padding_group;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::state::State;

/// All controls; on middle widths a drawer over the stage.
pub(crate) fn panel(lab: Lab, drawer: State<bool>) -> Markup {
    let view = Markup::new(
        "<form class=lab__panel aria-label=Controls>
        <slot name=operation></slot>
        <slot name=input></slot>
        <slot name=kernel></slot>
        <slot name=padding></slot>
        <slot name=channels></slot>
        <slot name=output></slot>
        </form>",
    );
    view.on("form", "submit", |event| event.prevent_default());
    view.put("operation", operation_group(lab, drawer));
    view.put("input", input_group(lab));
    view.put("kernel", kernel_group(lab));
    view.put("padding", padding_group(lab));
    view.put("channels", channels_group(lab));
    view.put("output", output_group(lab));
    view
}
