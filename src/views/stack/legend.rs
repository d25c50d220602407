//! What the marks of the figure mean, with their counts.

use convscope_page::text::stack::{self as text, Swatch};

use crate::platform::markup::Markup;
use crate::stack::Stack;
use crate::views::html;

/// How the figure is asked; a phone has no room for it.
const HINT: &str = "<span class=legend__hint>Point at a unit to move the field, at a pixel to see which units read it</span>";

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
                Swatch::Seen => "seen",
            };
            out.push_str(&format!("<span class=legend__item><i class=\"swatch swatch--{class}\"></i>"));
            html::escape(&mut out, &entry.text);
            out.push_str("</span>");
        }
        out + HINT
    });
    view
}
