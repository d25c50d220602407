//! What each framework's rule makes of the present numbers, side by side.

use convscope_page::text::{self, RuleRow};

use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::views::html;

const CARD: &str = "<section class=\"card arith__wide rules\" aria-label=\"Rules side by side\">
    <div class=card__head><h2 class=heading>Rules side by side</h2></div>
    <div class=rules__table tabindex=0 role=group aria-label=\"Table of rules\"></div></section>";

/// A table with a row for each rule: output, padding, what is left over, and why.
pub(crate) fn rules(lab: Lab) -> Markup {
    let view = Markup::new(CARD);
    view.html(".rules__table", move || {
        lab.derived.with(|it| table(&text::rule_rows(&it.layer, it.model.input_size)))
    });
    view
}

fn table(rows: &[RuleRow]) -> String {
    let mut out = String::from(
        "<table class=rules__grid><thead><tr><th scope=col>Rule<th scope=col>Output<th scope=col>Padding\
        <th scope=col>Left over</tr></thead><tbody>",
    );
    for row in rows {
        let class = if row.as_shown { " class=rules__shown" } else { "" };
        out.push_str(&["<tr", class, "><th scope=row>"].concat());
        html::escape(&mut out, row.framework);
        out.push_str(" <code>");
        html::escape(&mut out, row.setting);
        out.push_str("</code>");
        if row.as_shown {
            out.push_str(" <span class=rules__mark>as shown</span>");
        }
        out.push_str("</th>");
        let output = if row.refused { "refused" } else { &row.output };
        for cell in [output, &row.pads, &row.left_over] {
            out.push_str("<td>");
            html::escape(&mut out, cell);
            out.push_str("</td>");
        }
        out.push_str("</tr><tr class=rules__why><td colspan=4>");
        html::escape(&mut out, &row.why);
        out.push_str("</td></tr>");
    }
    out + "</tbody></table>"
}
