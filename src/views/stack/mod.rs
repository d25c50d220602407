//! The stack page: the maps of a network above, its layers with their numbers and what follows from them below.

mod head;
mod row;
pub(crate) mod shortcuts;
mod table;

use crate::pages::Pages;
use crate::platform::markup::Markup;
use crate::views::notices::notices;
use head::picture_tools;
use table::table;

// Places without a view are left out: <slot> shows nothing.
const PAGE: &str = "<main class=stack>
    <slot name=notices></slot>
    <div class=stack__head>
        <h1 class=stack__sentence></h1>
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
    let page = Markup::new(PAGE);
    page.attr("main", "class", move || {
        if stack.waiting.get() { "stack is-waiting" } else { "stack" }.to_owned()
    });
    page.text("h1", move || stack.seen.with(|it| head::sentence(it)));
    page.text(".stack__said", move || stack.said.get());
    page.put("notices", notices(stack.notices));
    page.put("picture", picture_tools(stack));
    page.put("table", table(stack));
    page
}
