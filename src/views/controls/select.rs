//! One of many: the system's own select.

use leptos::prelude::*;

/// A select with its options; `chosen` is an index, beyond the last an unlisted value named by `other`.
#[component]
pub(crate) fn Select(
    /// What is chosen, for those who cannot see it.
    label: &'static str,
    /// Groups of options; a group without a name stands bare.
    groups: Vec<(&'static str, Vec<&'static str>)>,
    /// Which is chosen, counted through all groups; `None` shows `other`.
    #[prop(into)]
    chosen: Signal<Option<usize>>,
    /// What stands there while nothing listed is chosen; empty where that cannot be.
    #[prop(optional)]
    other: &'static str,
    /// Called with the choice.
    choose: impl Fn(usize) + Copy + 'static,
) -> impl IntoView {
    let mut idx = 0;
    let options = groups
        .into_iter()
        .map(|(group, options)| {
            let options = options
                .into_iter()
                .map(|option| {
                    let this = idx;
                    idx += 1;
                    view! {
                        <option value=this.to_string() prop:selected=move || chosen.get() == Some(this)>{option}</option>
                    }
                })
                .collect_view();
            if group.is_empty() {
                options.into_any()
            } else {
                view! { <optgroup label=group>{options}</optgroup> }.into_any()
            }
        })
        .collect_view();
    let other = (!other.is_empty()).then(|| {
        view! { <option value="" disabled hidden prop:selected=move || chosen.get().is_none()>{other}</option> }
    });
    view! {
        <select
            class="select"
            aria-label=label
            on:change=move |event| {
                if let Ok(idx) = event_target_value(&event).parse() {
                    choose(idx);
                }
            }
        >
            {other}
            {options}
        </select>
    }
}
