//! The cards below the figure: output size with its formula, parameters, memory, MACs.

use convscope_page::text::{self, Cards};
use leptos::prelude::*;

use crate::derive::Lab;
use crate::platform::form;
use crate::views::controls::select::Select;
use crate::views::html;

/// All cards, from the present numbers.
#[component]
pub(crate) fn Arithmetic() -> AnyView {
    let lab = Lab::expect();
    let in_words = RwSignal::new(0);
    let cards = move || lab.derived.with(|it| text::cards(it));
    let repair = move || {
        let repair = lab.derived.with_untracked(|it| text::cards(it).output_size.note.repair);
        if let Some(repair) = repair {
            lab.edit("", repair.model);
        }
    };
    view! {
        <section class="arith" aria-label="Arithmetic">
            <section class="card arith__wide">
                <div class="card__head">
                    <h2 class="heading">"Output size"</h2>
                    <div class="card__select">
                        <Select
                            label="Formula in"
                            options=html::options(&[("", vec!["Symbols", "Words"])], "")
                            chosen=in_words.into()
                            choose=Callback::new(move |idx| in_words.set(idx as i32))
                        />
                    </div>
                </div>
                <div
                    inner_html=Signal::derive(move || output_size(&cards(), in_words.get() == 1))
                    on:click=move |event| {
                        if form::happened_on(&event, "[data-repair]") {
                            repair();
                        }
                    }
                ></div>
            </section>
            <div class="arith__small" inner_html=Signal::derive(move || small_cards(&cards()))></div>
        </section>
    }
    .into_any()
}

/// The formula in symbols or words, the same with numbers, and what is left over.
fn output_size(cards: &Cards, in_words: bool) -> String {
    let card = &cards.output_size;
    let mut out = String::from("<div class=formulas><span class=formulas__symbols>");
    html::fraction(&mut out, if in_words { &card.words } else { &card.symbols });
    out.push_str("</span>");
    for numbers in &card.numbers {
        html::fraction(&mut out, numbers);
    }
    out.push_str("</div><p class=card__note>");
    html::escape(&mut out, &card.places);
    out.push_str("</p>");
    let repair = card.note.repair.as_ref().map(|repair| repair.label.as_str());
    out + &html::message(html::kind_of(card.note.kind), &card.note.text, repair)
}

fn small_cards(cards: &Cards) -> String {
    let mut out = String::new();
    for card in [&cards.params, &cards.memory, &cards.macs] {
        html::small_card(&mut out, card);
    }
    out
}
