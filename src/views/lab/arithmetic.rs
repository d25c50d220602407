//! The cards below the figure: output size with its formula, parameters, memory, MACs.

use convscope_page::text::{self, Fraction, NoteKind, OutputSizeCard, SmallCard};
use leptos::prelude::*;

use crate::derive::Lab;
use crate::views::controls::message::{Kind, message};
use crate::views::controls::select::Select;
use crate::views::runs::runs;

/// All cards, from the present numbers.
#[component]
pub(crate) fn Arithmetic() -> impl IntoView {
    let lab = Lab::expect();
    let in_words = RwSignal::new(false);
    move || {
        let cards = lab.derived.with(|it| text::cards(it));
        view! {
            <section class="arith" aria-label="Arithmetic">
                {output_size(lab, cards.output_size, in_words)}
                {[cards.params, cards.memory, cards.macs].map(small_card).collect_view()}
            </section>
        }
    }
}

/// The formula in symbols or words, the same with numbers, and what is left over.
fn output_size(lab: Lab, card: OutputSizeCard, in_words: RwSignal<bool>) -> impl IntoView {
    let general = if in_words.get() { card.words } else { card.symbols };
    let chosen = Signal::derive(move || Some(usize::from(in_words.get())));
    let note = match card.note.kind {
        NoteKind::Plain => view! { <p class="card__note">{card.note.text}</p> }.into_any(),
        NoteKind::Warn => {
            let repair = card.note.repair.map(|repair| {
                let act: Box<dyn Fn()> = Box::new(move || lab.edit("", repair.model.clone()));
                (repair.label, act)
            });
            message(Kind::Warn, card.note.text, repair)
        }
    };
    view! {
        <section class="card arith__wide">
            <div class="card__head">
                <h2 class="heading">"Output size"</h2>
                <div class="card__select">
                    <Select
                        label="Formula in"
                        groups=vec![("", vec!["Symbols", "Words"])]
                        chosen=chosen
                        choose=move |idx| in_words.set(idx == 1)
                    />
                </div>
            </div>
            <div class="formulas">
                <span class="formulas__symbols">{fraction(general)}</span>
                {card.numbers.into_iter().map(fraction).collect_view()}
            </div>
            <p class="card__note">{card.places}</p>
            <div class="card__after">{note}</div>
        </section>
    }
}

/// A floored fraction plus one, drawn with CSS; the same words for a screen reader.
fn fraction(it: Fraction) -> impl IntoView {
    let subscript = (!it.subscript.is_empty()).then(|| view! { <span class="sub">{it.subscript}</span> });
    let result = (!it.result.is_empty()).then(|| view! { " = " <b>{runs(it.result)}</b> });
    view! {
        <span class="formula" role="img" aria-label=it.plain>
            <span aria-hidden="true"><i>{it.name}</i>{subscript} " ="</span>
            <span class="floor" aria-hidden="true">
                <span class="frac"><span>{runs(it.numerator)}</span><span>{runs(it.denominator)}</span></span>
            </span>
            <span aria-hidden="true">"+ 1"{result}</span>
        </span>
    }
}

/// A heading, the number, how it comes about, and notes.
fn small_card(card: SmallCard) -> impl IntoView {
    view! {
        <section class="card">
            <h2 class="heading">{card.heading}</h2>
            <div class="card__value">{card.value}</div>
            <div class="card__formula">{runs(card.formula)}</div>
            {card.notes.into_iter().map(|note| view! { <p class="card__note">{note}</p> }).collect_view()}
        </section>
    }
}
