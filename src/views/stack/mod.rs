//! The stack page: the maps of a network above, its layers with their numbers and what follows from them below.

mod actions;
mod cards;
mod charts;
mod details;
mod effective;
mod examples;
mod export;
mod figure;
mod foot;
mod head;
mod import;
mod legend;
mod painted;
mod pyramid;
mod row;
pub(crate) mod shortcuts;
mod table;
mod tabs;

use convscope_page::text::stack as text;

use crate::pages::Pages;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::html;
use crate::views::notices::notices;
use cards::cards;
use charts::charts;
use effective::effective;
use figure::figure;
use head::picture_tools;
use legend::legend;
use pyramid::pyramid;
use table::table;
use tabs::tabs;

// Places without a view are left out: <slot> shows nothing.
const PAGE: &str = "<main class=stack>
    <slot name=notices></slot>
    <div class=stack__head>
        <div class=stack__words><h1 class=stack__sentence></h1><p class=\"stack__about small muted\"></p></div>
        <div class=stack__tools>
            <slot name=picture></slot><slot name=import></slot><slot name=export></slot>
        </div>
    </div>
    <section class=stack__figure aria-label=Figure><slot name=figure></slot><slot name=legend></slot></section>
    <div class=stack__lower>
        <section class=stack__layers aria-label=Layers><slot name=table></slot></section>
        <div class=stack__side>
            <section class=stack__charts aria-label=Charts>
                <slot name=pyramid></slot><slot name=charts></slot><slot name=effective></slot>
            </section>
            <section class=stack__cards aria-label=Arithmetic><slot name=cards></slot></section>
        </div>
    </div>
    <slot name=tabs></slot>
    <p class=\"visually-hidden stack__said\" role=status></p>
    </main>";

/// The whole page below the top bar. Not inlined: it is no part of what runs first.
#[inline(never)]
pub(crate) fn stack_page(pages: Pages) -> Markup {
    let stack = pages.stack();
    shortcuts::use_shortcuts(pages);
    let sheet = State::new(tabs::FIRST.to_owned());
    let page = Markup::new(PAGE);
    page.attr("main", "data-sheet", move || sheet.get());
    page.attr("main", "class", move || {
        if stack.waiting.get() { "stack is-waiting" } else { "stack" }.to_owned()
    });
    // While the figure waits for a possible layer, the sentence says why.
    page.html("h1", move || {
        let of = if stack.waiting.get() { stack.chosen } else { stack.told };
        of.with(|it| html::runs(&text::sentence(it)))
    });
    page.text(".stack__about", move || {
        // Of networks without a name, what one sentence about one unit cannot say.
        let by_place = || stack.settled.with(|it| text::by_place(it, it.model.side));
        let about = examples::shown(stack).map(|it| it.about.to_owned());
        about.or_else(by_place).unwrap_or_default()
    });
    page.text(".stack__said", move || stack.said.get());
    let laid = State::new(None);
    page.put("figure", figure(stack, laid));
    page.put("legend", legend(stack));
    page.put_later("notices", move || notices(stack.notices));
    page.put_later("picture", move || picture_tools(stack));
    page.put_later("import", move || import::import(stack));
    page.put_later("export", move || export::export(stack, laid));
    page.put_later("table", move || table(stack));
    page.put_later("pyramid", move || pyramid(stack));
    page.put_later("charts", move || charts(stack));
    page.put_later("effective", move || effective(stack));
    page.put_later("cards", move || cards(stack));
    page.put_later("tabs", move || tabs(sheet));
    page
}
