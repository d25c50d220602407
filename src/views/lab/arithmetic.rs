//! The cards below the figure: output size with its formula, parameters, memory, MACs.

use convscope_page::text::{self, Cards};

use super::rules::rules;
use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::controls::select::select;
use crate::views::html;

const CARDS: &str = "<section class=arith aria-label=Arithmetic>
    <section class=\"card arith__wide\">
        <div class=card__head>
            <h2 class=heading>Output size</h2><div class=card__select><slot name=words></slot></div>
        </div>
        <div class=arith__output></div>
    </section>
    <div class=arith__small></div>
    <slot name=rules></slot>
    </section>";

/// All cards, from the present numbers.
pub(crate) fn arithmetic(lab: Lab) -> Markup {
    let in_words = State::new(0);
    let cards = move || lab.derived.with(|it| text::cards(it));
    let view = Markup::new(CARDS);
    view.html(".arith__output", move || output_size(&cards(), in_words.get() == 1));
    view.html(".arith__small", move || small_cards(&cards()));
    view.on(".arith__output", "click", move |event| {
        let repair = lab.derived.with_untracked(|it| text::cards(it).output_size.note.repair);
        if form::happened_on(&event, "[data-repair]")
            && let Some(repair) = repair
        {
            lab.edit("", repair.model);
        }
    });
    view.put("rules", rules(lab));
    let options = html::options(&[("", vec!["Symbols", "Words"])], "");
    let choose = move |idx| in_words.set(idx as i32);
    view.put("words", select("Formula in", &options, Box::new(move || in_words.get()), Box::new(choose)));
    view
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
