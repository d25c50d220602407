//! A number for both axes: one row while they are linked, else one for height and one for width.

use convscope_page::bounds::{self, Control};
use leptos::prelude::*;

use super::icon::{Glyph, icon};
use super::number_row::NumberRow;
use crate::derive::Lab;

/// A number row with the link button that joins its axes.
#[component]
pub(crate) fn AxisPair(
    /// What the number is, while the axes are linked.
    label: &'static str,
    /// Vertical and horizontal.
    controls: [Control; 2],
    /// What each axis is called on its own.
    axes: [&'static str; 2],
    /// What edits are called in the history, for both, and for the second axis alone.
    what: [&'static str; 2],
) -> AnyView {
    let lab = Lab::expect();
    let asked = RwSignal::new(true);
    // Unequal axes cannot be linked, wherever they came from.
    let equal = move || {
        lab.model.with(|model| bounds::value(model, controls[0]) == bounds::value(model, controls[1]))
    };
    let linked = Memo::new(move |_| asked.get() && equal());
    let toggle = move |_| {
        if linked.get_untracked() {
            asked.set(false);
            return;
        }
        asked.set(true);
        let model = lab.current();
        let limits = bounds::bounds_of(&model, &controls);
        let value = bounds::value(&model, controls[0]).clamp(limits.low, limits.high);
        lab.edit(what[0], bounds::with(&model, &controls, value));
    };
    let button = view! {
        <button
            type="button"
            class="link-axes"
            aria-pressed=Signal::derive(move || linked.get().to_string())
            aria-label=format!("{label}: link height and width")
            inner_html=icon(Glyph::Link)
            on:click=toggle
        ></button>
    };
    let first = Signal::derive(move || if linked.get() { label } else { axes[0] }.to_owned());
    let both = Signal::derive(move || if linked.get() { controls.to_vec() } else { vec![controls[0]] });
    view! {
        <NumberRow label=first controls=both what=what[0] beside=button.into_any()/>
        <div hidden=Signal::derive(move || linked.get())>
            <NumberRow
                label=Signal::stored(axes[1].to_owned())
                controls=Signal::stored(vec![controls[1]])
                what=what[1]
                beside=().into_any()
            />
        </div>
    }
    .into_any()
}
