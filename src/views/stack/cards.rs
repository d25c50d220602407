//! What follows from the layers, in words and formulas: how the field grows, where branches meet, what a
//! learner may miss, what everything costs.

use convscope_page::stack::{Side, Stack as Derived};
use convscope_page::text::stack::{self as text, Branches, MarkKind, RecurrenceLine};

use super::charts::but_for_the_unit;
use crate::platform::clipboard;
use crate::platform::markup::Markup;
use crate::stack::Stack;
use crate::state::{State, follow};
use crate::views::html::{self, Kind};

/// Of longer ways the first and the last layers are shown.
const MOST_LINES: usize = 24;
const FIRST_LINES: usize = 4;

const FORMULA: &str = "<span class=stack__formula role=img><i>R</i><sub>k</sub> = <i>R</i><sub>k−1</sub> + \
    (<i>K</i><sub>k</sub> − 1) · <i>s</i><sub>1</sub> · … · <i>s</i><sub>k−1</sub></span>";

/// What the letters mean, and the columns of the table that say more of it.
const WORDS: &str = "<i>R</i> is the field: the cells of the input, from the first to the last, that one unit sees; \
    <i>K</i> is the kernel with the gaps of its dilation, <i>s</i> the stride. \
    Jump: cells of the input from one unit to the next. \
    Start: the first cell that unit 0 sees, negative outside the image.";

const COPY: &str = "Copy as LaTeX";

/// Every card, one below the other.
pub(crate) fn cards(stack: Stack) -> Markup {
    let view = Markup::new(&format!(
        "<section class=card>
            <div class=card__head>
                <h2 class=heading>How the field grows</h2>
                <button type=button class=link data-at=latex></button>
            </div>
            {FORMULA}
            <p class=card__note>{WORDS}</p>
            <div class=cards__growth></div>
        </section>
        <div class=cards__seen></div>
        <div class=cards__rest></div>"
    ));
    view.attr(".stack__formula", "aria-label", || text::RECURRENCE.to_owned());
    let label = State::new(COPY.to_owned());
    view.text("[data-at]", move || label.get());
    view.on("[data-at]", "click", move |_| {
        clipboard::copy_text(text::RECURRENCE_LATEX, move |copied| {
            let said = copied.map_or_else(|refused| refused.to_string(), |()| "Formula copied".to_owned());
            label.set(said.clone());
            stack.said.set(said);
        });
    });
    // What was said of copying is over when something else is looked at.
    follow(move || {
        stack.settled.track();
        label.set(COPY.to_owned());
    });
    let of = but_for_the_unit(stack);
    view.html(".cards__growth", move || of.with(|it| growth(it)));
    view.html(".cards__seen", move || stack.settled.with(|it| seen(it)));
    view.html(".cards__rest", move || of.with(|it| rest(it)));
    view
}

/// The recurrence with the numbers of each layer, and what it does not say.
fn growth(it: &Derived) -> String {
    let lines = text::recurrence(it, it.model.side);
    let mut out = String::new();
    if lines.is_empty() {
        out.push_str("<p class=card__note>A cell of the input sees itself.</p>");
    } else {
        out.push_str("<table class=recurrence aria-label=\"The field of each layer\"><tbody>");
        let left_out = lines.len().saturating_sub(MOST_LINES);
        for (idx, line) in lines.iter().enumerate() {
            if left_out > 0 && idx == FIRST_LINES {
                out.push_str(&format!("<tr><td colspan=2>{left_out} more layers</td></tr>"));
            }
            if left_out == 0 || !(FIRST_LINES..FIRST_LINES + left_out).contains(&idx) {
                recurrence_line(&mut out, line);
            }
        }
        out.push_str("</tbody></table>");
    }
    if let Some(by_place) = text::by_place(it, it.model.side) {
        html::element(&mut out, "p class=card__note", &by_place);
    }
    out
}

fn recurrence_line(out: &mut String, line: &RecurrenceLine) {
    out.push_str("<tr>");
    html::element(out, "td", &line.title);
    out.push_str("<td>");
    if line.by_formula {
        out.push_str(&format!("<i>R</i><sub>{}</sub> = ", line.node));
    }
    out.push_str(&html::runs(&line.runs));
    out.push_str("</td></tr>");
}

/// The cards below it.
fn rest(it: &Derived) -> String {
    let mut out = marks(it, it.model.side);
    if let Some(it) = text::branches(it, it.model.side) {
        branches(&mut out, &it);
    }
    for (heading, cards) in
        [("This layer", text::layer_costs(it)), ("The whole network", text::total_costs(it))]
    {
        if cards.is_empty() {
            continue;
        }
        html::element(&mut out, "h2 class=\"heading cards__heading\"", heading);
        out.push_str("<div class=cards__costs>");
        for card in &cards {
            html::small_card(&mut out, card);
        }
        out.push_str("</div>");
    }
    html::element(&mut out, "p class=\"small muted\"", text::CONVENTIONS);
    out
}

fn marks(it: &Derived, side: Side) -> String {
    let marks = text::marks(it, side);
    if marks.is_empty() {
        return String::new();
    }
    let mut out = String::from("<section class=card><h2 class=heading>What to notice</h2><div class=marks>");
    for mark in marks {
        let kind = if mark.kind == MarkKind::Unread { Kind::Warn } else { Kind::Plain };
        out.push_str(&html::message(kind, &mark.text, None));
    }
    out + "</div></section>"
}

/// Which units of later maps see the chosen unit or pixel.
fn seen(it: &Derived) -> String {
    let rows = text::seen_rows(it, MOST_LINES);
    if rows.is_empty() {
        return String::new();
    }
    let who = text::unit_name(it, it.model.selected, it.model.unit);
    let mut out = String::from("<section class=card>");
    html::element(&mut out, "h2 class=heading", "Who sees it");
    html::element(&mut out, "p class=card__note", &[who.as_str(), " is seen by"].concat());
    out.push_str("<table class=branches aria-label=\"Units that see it\"><tbody>");
    for row in &rows {
        out.push_str("<tr>");
        html::element(&mut out, "td", &row.title);
        html::element(&mut out, "td class=t-field", &row.text);
        out.push_str("</tr>");
    }
    out + "</tbody></table></section>"
}

fn branches(out: &mut String, it: &Branches) {
    out.push_str("<section class=card>");
    html::element(out, "h2 class=heading", &it.heading);
    out.push_str("<p class=branches__sets>");
    out.push_str(&html::runs(&it.sets));
    out.push_str(
        "</p><table class=branches><thead><tr><th>Branch ends in<th>Field<th>Jump</tr></thead><tbody>",
    );
    for row in &it.rows {
        out.push_str(if row.sets { "<tr class=is-setting>" } else { "<tr>" });
        let note = if row.gate { " (gate, passed by)" } else { "" };
        html::element(out, "td", &[row.title.as_str(), note].concat());
        html::element(out, "td class=t-field", &row.field);
        html::element(out, "td", &row.jump);
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    let kind = if it.aligned == Some(false) { Kind::Warn } else { Kind::Plain };
    out.push_str(&html::message(kind, &it.alignment, None));
    if let Some(first) = &it.disagreement {
        out.push_str(&html::message(Kind::Warn, first, None));
    }
    for path in &it.paths {
        html::element(out, "p class=card__note", path);
    }
    out.push_str("</section>");
}
