//! The lab inside another page: figure, transport, the sum, a link to the full page.

use convscope_page::{figure, text};

use super::controls::icon::{Glyph, icon};
use super::lab::figure::figure as figure_view;
use super::lab::shortcuts;
use super::lab::transport::transport;
use crate::derive::Lab;
use crate::platform::markup::Markup;

/// Fills whatever box it is given.
pub(crate) fn embed_page(lab: Lab) -> Markup {
    shortcuts::use_shortcuts(lab);
    let page = Markup::new(&format!(
        "<main class=embed>
        <h1 class=visually-hidden></h1>
        <slot name=figure></slot>
        <slot name=transport></slot>
        <p class=\"embed__foot small\">
            <span class=embed__sum></span>
            <a target=_blank rel=noopener>open in convscope <span class=embed__icon>{}</span></a>
        </p></main>",
        icon(Glyph::External)
    ));
    page.text("h1", move || lab.derived.with(|it| figure::describe(it)));
    page.text(".embed__sum", move || {
        lab.derived.with(|it| {
            let output = it.output_of_step(lab.step.get());
            let it = text::inspect_output(it, output);
            format!("{} = {}: {}", it.result_label, it.result, it.flat)
        })
    });
    page.attr("a", "href", move || {
        lab.step.track();
        lab.model.track();
        lab.address(false)
    });
    page.put("figure", figure_view(lab));
    page.put("transport", transport(lab));
    page
}
