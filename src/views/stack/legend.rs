//! What the marks of the figure mean, with their counts.

use convscope_page::text::stack::{self as text, Swatch};

use crate::platform::markup::Markup;
use crate::stack::Stack;
use crate::views::html;

/// A line of swatches below the figure.
pub(crate) fn legend(stack: Stack) -> Markup {
    let view = Markup::new("<div class=legend></div>");
    view.html("div", move || {
        let mut out = String::new();
        for entry in stack.told.with(|it| text::legend(it)) {
            let class = match entry.swatch {
                Swatch::Hull => "field",
                Swatch::Read => "used",
                Swatch::Hole => "hole",
                Swatch::Outside => "pad",
            };
            out.push_str(&format!("<span class=legend__item><i class=\"swatch swatch--{class}\"></i>"));
            html::escape(&mut out, &entry.text);
            out.push_str("</span>");
        }
        out
    });
    view
}
