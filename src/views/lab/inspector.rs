//! What stands beside the figure: the products of an output, the uses of an input, the meetings of a weight.

use convscope_page::text::{self, InputInspector, OutputInspector, WeightInspector};
use convscope_scene::Part;
use leptos::prelude::*;

use super::value_field::ValueField;
use crate::derive::Lab;
use crate::views::runs::runs;

/// The current output cell, or what is pinned or pointed at.
#[component]
pub(crate) fn Inspector() -> impl IntoView {
    let lab = Lab::expect();
    let content = move || match lab.attended() {
        Some(Part::Input(position)) => {
            let it = lab.derived.with(|it| text::inspect_input(it, position, lab.step.get()));
            input(lab, it, Part::Input(position)).into_any()
        }
        Some(Part::Kernel(kernel)) => {
            let it = lab.derived.with(|it| text::inspect_weight(it, kernel));
            weight(lab, it, Part::Kernel(kernel)).into_any()
        }
        Some(Part::Output(position)) => {
            output(lab.derived.with(|it| text::inspect_output(it, position))).into_any()
        }
        Some(Part::Bias) | None => {
            let it = lab.derived.with(|it| {
                let step = lab.step.get().min(it.geometry.n_steps() - 1);
                text::inspect_output(it, it.geometry.output_position(step))
            });
            output(it).into_any()
        }
    };
    view! { <section class="inspector">{content}</section> }
}

fn head(title: &'static str, place: String) -> impl IntoView {
    view! {
        <div class="inspector__head">
            <h2 class="heading">{title}</h2>
            <span class="small muted">{place}</span>
        </div>
    }
}

fn tap_style(u: f64, v: f64) -> String {
    format!("--u:{u:.3};--v:{v:.3}")
}

/// Products in tap colours with row sums, then the ledger.
fn output(it: OutputInspector) -> impl IntoView {
    let rows = it
        .products
        .into_iter()
        .zip(it.row_sums)
        .map(|(row, sum)| {
            let cells = row
                .into_iter()
                .map(|cell| {
                    view! {
                        <td class="products__cell ink-tap" style=tap_style(cell.u, cell.v)>
                            <span class="products__pair">{cell.pair}</span>
                            <b>{cell.value}</b>
                        </td>
                    }
                })
                .collect_view();
            view! { <tr>{cells}<td class="products__row">{sum}</td></tr> }
        })
        .collect_view();
    let bias = it.bias.map(|bias| view! { <dt>"Bias"</dt><dd>{bias}</dd> });
    view! {
        {head(it.title, it.place)}
        <div class="products-box" tabindex="0" role="group" aria-label="Products">
            <table class="products" aria-label="Input times weight, and the sum of each row"><tbody>{rows}</tbody></table>
        </div>
        <dl class="ledger">
            <dt class="ledger__sum">{it.sum_line}</dt>
            <dd>{it.sum}</dd>
            {bias}
            <div class="ledger__result">
                <dt>{it.result_label}</dt>
                <dd>{it.result}</dd>
            </div>
        </dl>
        <p class="inspector__fact">{it.fact}</p>
    }
}

/// Every output that reads the cell, and through which weight.
fn input(lab: Lab, it: InputInspector, part: Part) -> impl IntoView {
    let rows = it
        .rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <td>{row.output}</td>
                    <td><span class="uses__tap ink-tap" style=tap_style(row.u, row.v)>{row.weight}</span></td>
                    <td>{row.adds}</td>
                    <td class="t-output">{row.result}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        {head(it.title, it.place)}
        <p class="inspector__lead">{runs(it.headline)}</p>
        {edit(lab, part)}
        <div class="uses-box" tabindex="0" role="group" aria-label="Uses">
            <table class="uses">
                <thead><tr><th>"Output"</th><th>"Weight"</th><th>"Adds"</th><th>"Result"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="small muted">{it.more}</p>
        <p class="inspector__fact">{it.fact}</p>
    }
}

/// Every input that the weight meets.
fn weight(lab: Lab, it: WeightInspector, part: Part) -> impl IntoView {
    let rows = it
        .rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <td>{row.output}</td>
                    <td class=if row.padded { "t-pad" } else { "t-input" }>{row.input}</td>
                    <td>{row.value}</td>
                    <td class="t-output">{row.product}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        {head(it.title, it.place)}
        <p class="inspector__lead">{runs(it.headline)}</p>
        {edit(lab, part)}
        <div class="uses-box" tabindex="0" role="group" aria-label="Meetings">
            <table class="uses">
                <thead><tr><th>"Output"</th><th>"Meets"</th><th>"Value"</th><th>"Product"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <p class="small muted">{it.more}</p>
        <p class="inspector__fact">{it.fact}</p>
    }
}

/// A field for the value, while the cell is pinned and may be edited.
fn edit(lab: Lab, part: Part) -> Option<impl IntoView> {
    if lab.pinned.get() != Some(part) {
        return None;
    }
    let value = lab.derived.with(|it| it.value_to_edit(part))?;
    let set = move |value: f32| {
        let model = lab.derived.with_untracked(|it| it.with_value(&lab.current(), part, value));
        lab.edit("", model);
        lab.pinned.set(Some(part));
    };
    Some(view! {
        <div class="inspector__edit">
            <span>"Value"</span>
            <ValueField label="Value of the pinned cell".to_owned() what="pinned" value=Signal::stored(value) set=set/>
        </div>
    })
}
