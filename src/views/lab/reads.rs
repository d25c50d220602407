//! How often each input cell is read: the input in small.

use convscope_page::text;
use leptos::prelude::*;

use crate::derive::Lab;

/// Up to so many columns the counts are printed.
const MOST_PRINTED: u64 = 8;

/// Counts in a small table, and the same in words.
#[component]
pub(crate) fn Reads() -> impl IntoView {
    let lab = Lab::expect();
    move || {
        let reads = lab.derived.with(|it| text::reads(it));
        let [_, columns] = reads.size;
        let max = reads.max.max(1) as f64;
        let table = reads.counts.map(|counts| {
            let rows = counts
                .chunks(columns.max(1) as usize)
                .map(|row| {
                    let cells = row
                        .iter()
                        .map(|count| {
                            let share = format!("--share:{:.3}", *count as f64 / max);
                            view! { <td style=share>{*count}</td> }
                        })
                        .collect_view();
                    view! { <tr>{cells}</tr> }
                })
                .collect_view();
            let class = if columns > MOST_PRINTED { "reads__grid reads__grid--small" } else { "reads__grid" };
            view! { <table class=class aria-label="How often each input cell is read"><tbody>{rows}</tbody></table> }
        });
        view! {
            <section class="reads">
                <div>
                    <h2 class="heading">"Reads per cell"</h2>
                    <p class="reads__text small muted">{reads.text}</p>
                </div>
                {table}
            </section>
        }
    }
}
