//! The cards below the figure: output size with its formula, parameters, memory, MACs.

use convscope_page::bounds::{self, Refusal};
use convscope_page::model::LabModel;
use convscope_page::operation::{TYPES, type_name};
use convscope_page::text::{self, Cards};
use convscope_scene::{Factor, Part};

use super::rules::rules;
use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::controls::select::{index, select};
use crate::views::html;

const CARDS: &str = "<section class=arith aria-label=Arithmetic>
    <section class=\"card arith__wide\">
        <div class=card__head>
            <h2 class=heading>Output size</h2><div class=card__select><slot name=words></slot></div>
        </div>
        <div class=arith__output></div>
    </section>
    <div class=arith__small></div>
    <div class=\"arith__wide arith__batch\"><slot name=batch></slot><slot name=type></slot></div>
    <div class=\"arith__wide arith__separable\"></div>
    <slot name=rules></slot>
    </section>";

/// All cards, from the present numbers.
pub(crate) fn arithmetic(lab: Lab) -> Markup {
    let in_words = State::new(0);
    let cards = move || lab.derived.with(|it| text::cards(it));
    let view = Markup::new(CARDS);
    view.html(".arith__output", move || output_size(&cards(), in_words.get() == 1));
    view.html(".arith__small", move || small_cards(&cards()));
    view.html(".arith__separable", move || {
        cards().separable.as_ref().map(html::separable).unwrap_or_default()
    });
    // A factor of the parameters outlines what it counts, while it is pointed at or has the focus.
    for event in ["pointerover", "focusin", "click"] {
        view.on(".arith__small", event, move |event| {
            let factor = match form::place(&event).as_deref() {
                Some("taps") => Factor::Taps,
                Some("channels") => Factor::Channels,
                Some("filters") => Factor::Filters,
                Some("biases") => Factor::Biases,
                _ => return,
            };
            if lab.pointed.get_untracked() != Some(Part::Factor(factor)) {
                lab.pointed.set(Some(Part::Factor(factor)));
            }
        });
    }
    for event in ["pointerout", "focusout"] {
        view.on(".arith__small", event, move |event| {
            if form::place(&event).is_some() {
                lab.pointed.set(None);
            }
        });
    }
    view.put("batch", batch_field(lab));
    let types: Vec<&str> = TYPES.iter().map(|it| type_name(*it)).collect();
    let shown = move || lab.model.with(|model| TYPES.iter().position(|it| *it == model.element_type));
    let set = move |idx: usize| lab.edit("", LabModel { element_type: TYPES[idx], ..lab.current() });
    let types = html::options(&[("", types)], "");
    view.put("type", select("Element type", &types, Box::new(move || index(shown())), Box::new(set)));
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

/// How many images at once, for memory.
fn batch_field(lab: Lab) -> Markup {
    let refused = State::new(None::<(String, Refusal)>);
    lab.watch_refusal("batch", move || refused.with(Option::is_some), move || refused.set(None));
    let view = Markup::new(
        "<label class=arith__label><span>Batch</span>
        <input class=field type=text inputmode=numeric autocomplete=off aria-label=\"Images in a batch\"></label>
        <div class=number-row__note role=status></div>",
    );
    view.attr("input", "aria-invalid", move || refused.with(Option::is_some).to_string());
    view.value("input", move || {
        let typed = refused.with(|it| it.as_ref().map(|it| it.0.clone()));
        typed.unwrap_or_else(|| lab.model.with(|model| model.batch.to_string()))
    });
    let set = move |batch: u64| {
        refused.set(None);
        lab.edit("", LabModel { batch, ..lab.current() });
    };
    view.on("input", "change", move |event| {
        let text = form::value(&event);
        match bounds::read_batch(&text) {
            Ok(batch) => set(batch),
            Err(refusal) => refused.set(Some((text, refusal))),
        }
    });
    view.html(".number-row__note", move || {
        refused.with(|it| it.as_ref().map_or_else(String::new, |it| html::refusal(&it.1)))
    });
    view.on(".number-row__note", "click", move |event| {
        let repair = refused.with_untracked(|it| it.as_ref().and_then(|it| it.1.repair));
        if let Some(batch) = repair.filter(|_| form::happened_on(&event, "[data-repair]")) {
            set(batch);
        }
    });
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
