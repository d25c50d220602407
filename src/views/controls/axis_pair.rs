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
) -> impl IntoView {
    let lab = Lab::expect();
    let equal = move |model: &_| bounds::value(model, controls[0]) == bounds::value(model, controls[1]);
    let asked = RwSignal::new(true);
    // Unequal axes cannot be linked, wherever they came from.
    let linked = Memo::new(move |_| asked.get() && lab.model.with(equal));
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
            aria-pressed=move || linked.get().to_string()
            aria-label=format!("{label}: link height and width")
            on:click=toggle
        >
            {icon(Glyph::Link)}
        </button>
    };
    view! {
        <NumberRow
            label=Signal::derive(move || if linked.get() { label } else { axes[0] })
            controls=Signal::derive(move || if linked.get() { controls.to_vec() } else { vec![controls[0]] })
            what=what[0]
            beside=button.into_any()
        />
        <Show when=move || !linked.get()>
            <NumberRow label=axes[1] controls=vec![controls[1]] what=what[1]/>
        </Show>
    }
}
