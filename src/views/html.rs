//! What is only read, as HTML text: sentences, tables, cards, messages.
//!
//! A string set once is a tenth of the code of a view built node by node, and as quick.
//! What is used (fields, buttons, selects) stays a component.

use convscope_page::bounds::Refusal;
use convscope_page::text::{
    ChannelsInspector, ControlNote, Fraction, InputInspector, NoteKind, OutputInspector, Reads, Rounding,
    Run, Separable, SmallCard, WeightInspector, WeightUses,
};
use convscope_scene::{Factor, number};

use super::controls::icon::{Glyph, icon};

/// Text that may hold anything, as the content of an element or attribute.
pub(crate) fn escape(out: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

/// Appends pieces of markup of our own.
fn raw(out: &mut String, pieces: &[&str]) {
    for piece in pieces {
        out.push_str(piece);
    }
}

/// An element with escaped text in it; `tag` may carry attributes: `p class="small"`.
pub(crate) fn element(out: &mut String, tag: &str, text: &str) {
    let name = tag.split(' ').next().unwrap_or(tag);
    raw(out, &["<", tag, ">"]);
    escape(out, text);
    raw(out, &["</", name, ">"]);
}

/// The same for a text that may be empty, which then leaves nothing.
fn element_if(out: &mut String, tag: &str, text: &str) {
    if !text.is_empty() {
        element(out, tag, text);
    }
}

/// A sentence whose numbers take the colour of their tensor.
pub(crate) fn runs(list: &[Run]) -> String {
    let mut out = String::new();
    push_runs(&mut out, list);
    out
}

fn push_runs(out: &mut String, list: &[Run]) {
    for run in list {
        let class = match run {
            Run::Plain(_) => {
                escape(out, run.text());
                continue;
            }
            Run::Input(_) => "span class=t-input",
            Run::Kernel(_) => "span class=t-kernel",
            Run::Output(_) => "span class=t-output",
            Run::Pad(_) => "span class=t-pad",
            Run::Field(_) => "span class=t-field",
            Run::Strong(_) => "span class=t-strong",
            Run::Factor(factor, _) => match factor {
                Factor::Taps => "button type=button class=factor data-at=taps",
                Factor::Channels => "button type=button class=factor data-at=channels",
                Factor::Filters => "button type=button class=factor data-at=filters",
                Factor::Biases => "button type=button class=factor data-at=biases",
            },
        };
        element(out, class, run.text());
    }
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A fact.
    Plain,
    /// Computed, but read this.
    Warn,
    /// No result.
    Error,
}

/// An icon and a sentence, and perhaps a button `[data-repair]` that mends the cause.
pub(crate) fn message(kind: Kind, text: &str, repair: Option<&str>) -> String {
    let (class, glyph) = match kind {
        Kind::Plain => ("message message--plain", Glyph::Info),
        Kind::Warn => ("message message--warn", Glyph::Warn),
        Kind::Error => ("message message--error", Glyph::Error),
    };
    let mut out = String::new();
    raw(&mut out, &["<div class=\"", class, "\">", &icon(glyph), "<span>"]);
    escape(&mut out, text);
    if let Some(label) = repair {
        out.push(' ');
        element(&mut out, "button type=button class=link data-repair", label);
    }
    out.push_str("</span></div>");
    out
}

/// Why a typed number is refused, and the number that would do.
pub(crate) fn refusal(it: &Refusal) -> String {
    let repair = it.repair.map(|number| format!("Use {number}"));
    message(Kind::Error, &it.text, repair.as_deref())
}

/// What a group of controls has to say.
pub(crate) fn notes(list: &[ControlNote], controls: &[&str]) -> String {
    let mine = list.iter().filter(|note| controls.contains(&note.control));
    mine.map(|note| message(kind_of(note.kind), &note.text, None)).collect()
}

/// The kind of a note's message.
pub(crate) fn kind_of(kind: NoteKind) -> Kind {
    if kind == NoteKind::Warn { Kind::Warn } else { Kind::Plain }
}

fn inspector_head(out: &mut String, title: &str, place: &str) {
    out.push_str("<div class=inspector__head>");
    element(out, "h2 class=heading", title);
    element(out, "span class=\"small muted\"", place);
    out.push_str("</div>");
}

/// Place of a tap as custom properties.
fn tap_style(u: f64, v: f64) -> String {
    let [u, v] = [u, v].map(number::css);
    format!("style=\"--u:{u};--v:{v}\"")
}

/// Products in tap colours with row sums, then the ledger.
pub(crate) fn output_inspector(it: &OutputInspector) -> String {
    let mut out = String::new();
    inspector_head(&mut out, it.title, &it.place);
    let class = match it.products.first().map_or(0, Vec::len) {
        0..=4 => "",
        5..=7 => " products--compact",
        _ => " products--wide",
    };
    out.push_str("<div class=products-box tabindex=0 role=group aria-label=Products>");
    raw(&mut out, &["<table class=\"products", class]);
    out.push_str("\" aria-label=\"Input times weight, and the sum of each row\">");
    for (idx, row) in it.products.iter().enumerate() {
        out.push_str("<tr>");
        for cell in row {
            let style = tap_style(cell.u, cell.v);
            let wins = if cell.wins { " is-winner" } else { "" };
            raw(&mut out, &["<td class=\"products__cell ink-tap", wins, "\" ", &style, ">"]);
            element_if(&mut out, "span class=products__pair", &cell.pair);
            element(&mut out, "b", &cell.value);
            out.push_str("</td>");
        }
        if let Some(sum) = it.row_sums.get(idx) {
            element(&mut out, "td class=products__row", sum);
        }
        out.push_str("</tr>");
    }
    out.push_str("</table></div><dl class=ledger>");
    if !it.sum_line.is_empty() {
        element(&mut out, "dt class=ledger__sum", &it.sum_line);
        element(&mut out, "dd", &it.sum);
    }
    if let Some(bias) = &it.bias {
        element(&mut out, "dt", "Bias");
        element(&mut out, "dd", bias);
    }
    for [label, value] in &it.ledger {
        element(&mut out, "dt", label);
        element(&mut out, "dd", value);
    }
    out.push_str("<div class=ledger__result>");
    element(&mut out, "dt", &it.result_label);
    element(&mut out, "dd", &it.result);
    out.push_str("</div></dl>");
    element(&mut out, "p class=inspector__fact", &it.fact);
    out
}

/// What stands over the patches of many channels.
pub(crate) fn channels_head(it: &ChannelsInspector) -> String {
    let mut out = String::new();
    inspector_head(&mut out, "This output cell", &it.place);
    out
}

/// What stands below them: the sum, the bias, what comes out.
pub(crate) fn channels_sums(it: &ChannelsInspector) -> String {
    let mut out = String::from("<dl class=ledger>");
    if !it.sum_line.is_empty() {
        element(&mut out, "dt class=ledger__sum", &it.sum_line);
        element(&mut out, "dd", &it.sum);
    }
    for [name, value] in [&it.bias, &it.before].into_iter().flatten() {
        element(&mut out, "dt", name);
        element(&mut out, "dd", value);
    }
    out.push_str("<div class=ledger__result>");
    element(&mut out, "dt", &it.result[0]);
    element(&mut out, "dd", &it.result[1]);
    out.push_str("</div></dl>");
    element(&mut out, "p class=inspector__fact", &it.fact);
    out
}

/// A dense layer beside its depthwise separable pair, as a table.
pub(crate) fn separable(it: &Separable) -> String {
    let mut out = String::from(
        "<section class=\"card card--wide\"><h2 class=heading>Depthwise separable beside dense</h2>
        <table class=separable><thead><tr><th>Layer<th>Parameters<th>MACs</tr></thead><tbody>",
    );
    for [name, params, macs] in &it.rows {
        out.push_str("<tr>");
        element(&mut out, "th scope=row", name);
        element(&mut out, "td", params);
        element(&mut out, "td", macs);
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    element(&mut out, "p class=card__note", &it.fact);
    out + "</section>"
}

/// A table of uses or meetings, with what stands above and below it.
fn uses(headline: &[Run], heads: [&str; 4], rows: String, more: Option<&str>, fact: &str) -> String {
    // A weight meets inputs, an input is used by outputs.
    let name = if heads.contains(&"Meets") { "Meetings" } else { "Uses" };
    let mut out = String::from("<p class=inspector__lead>");
    push_runs(&mut out, headline);
    raw(&mut out, &["</p><div class=uses-box tabindex=0 role=group aria-label=", name, ">"]);
    out.push_str("<table class=uses><thead><tr>");
    for head in heads {
        element(&mut out, "th", head);
    }
    raw(&mut out, &["</tr></thead><tbody>", &rows, "</tbody></table></div>"]);
    element_if(&mut out, "p class=\"small muted\"", more.unwrap_or(""));
    element(&mut out, "p class=inspector__fact", fact);
    out
}

/// Every output that reads a cell, and through which weight.
pub(crate) fn input_inspector(it: &InputInspector) -> String {
    let mut rows = String::new();
    for row in &it.rows {
        rows.push_str("<tr>");
        element(&mut rows, "td", &row.output);
        let style = tap_style(row.u, row.v);
        raw(&mut rows, &["<td><span class=\"uses__tap ink-tap\" ", &style, ">"]);
        escape(&mut rows, &row.weight);
        rows.push_str("</span></td>");
        element(&mut rows, "td", &row.adds);
        element(&mut rows, "td class=t-output", &row.result);
        rows.push_str("</tr>");
    }
    let mut out = String::new();
    inspector_head(&mut out, it.title, &it.place);
    out + &uses(&it.headline, it.heads, rows, it.more.as_deref(), &it.fact)
}

/// Every input that a weight meets.
pub(crate) fn weight_inspector(it: &WeightInspector) -> String {
    let mut rows = String::new();
    for row in &it.rows {
        rows.push_str("<tr>");
        element(&mut rows, "td", &row.output);
        element(&mut rows, if row.padded { "td class=t-pad" } else { "td class=t-input" }, &row.input);
        element(&mut rows, "td", &row.value);
        element(&mut rows, "td class=t-output", &row.product);
        rows.push_str("</tr>");
    }
    let mut out = String::new();
    inspector_head(&mut out, it.title, &it.place);
    out + &uses(&it.headline, it.heads, rows, it.more.as_deref(), &it.fact)
}

/// The one number that no input meets.
pub(crate) fn bias_inspector(headline: &[Run]) -> String {
    let mut out = String::new();
    inspector_head(&mut out, "The bias", "one for the filter");
    out.push_str("<p class=inspector__lead>");
    push_runs(&mut out, headline);
    out.push_str(
        "</p><p class=inspector__fact>It is learned like a weight, but no input is multiplied by it.</p>",
    );
    out
}

/// How often each input cell is read: words, and the input in small.
pub(crate) fn reads(it: &Reads) -> String {
    /// Up to so many columns the counts are printed.
    const MOST_PRINTED: u64 = 8;
    /// With more columns the cells of the map are as small as can be told apart.
    const MOST_SMALL: u64 = 20;
    let [_, columns] = it.size;
    let mut out = String::from("<div class=reads__item><div class=reads__words>");
    element(&mut out, "h2 class=heading", it.title);
    element(&mut out, "p class=\"reads__text small muted\"", &it.text);
    element_if(&mut out, "p class=\"reads__text small muted\"", &it.padding);
    out.push_str("</div>");
    if let Some(counts) = &it.counts {
        let small = match columns {
            n if n <= MOST_PRINTED => "",
            n if n <= MOST_SMALL => " reads__grid--small",
            _ => " reads__grid--small reads__grid--tiny",
        };
        let of_output = if it.of_output { " reads__grid--output" } else { "" };
        raw(&mut out, &["<table class=\"reads__grid", small, of_output, "\" aria-label=\"", it.name, "\">"]);
        let [[top, left], [height, width]] = it.inner;
        for (y, row) in (0..).zip(counts.chunks(columns.max(1) as usize)) {
            out.push_str("<tr>");
            for (x, count) in (0..).zip(row) {
                let inside = (top..top + height).contains(&y) && (left..left + width).contains(&x);
                let class = if inside { "" } else { "class=is-pad " };
                let percent = (count * 100 / it.max.max(1)).min(100);
                element(&mut out, &format!("td {class}style=--share:{percent}%"), &count.to_string());
            }
            out.push_str("</tr>");
        }
        out.push_str("</table>");
    }
    out.push_str("</div>");
    if let Some(weights) = &it.weights {
        weight_uses(&mut out, weights);
    }
    out
}

/// How often each weight is used: words, and where the counts differ the kernel in small.
fn weight_uses(out: &mut String, it: &WeightUses) {
    /// Up to so many digits in a row are printed.
    const MOST_DIGITS: u64 = 18;
    out.push_str("<div class=reads__item><div class=reads__words><h2 class=heading>Uses per weight</h2>");
    element(out, "p class=\"reads__text small muted\"", &it.text);
    out.push_str("</div>");
    let least = it.counts.iter().copied().min().unwrap_or(0);
    let most = it.counts.iter().copied().max().unwrap_or(0);
    if least == most {
        out.push_str("</div>");
        return;
    }
    let digits = it.size[1] * u64::from(it.max.max(1).ilog10() + 1);
    let small = if digits > MOST_DIGITS { " reads__grid--small" } else { "" };
    let name = "\" aria-label=\"How often each weight is used\">";
    raw(out, &["<table class=\"reads__grid reads__grid--weights", small, name]);
    for row in it.counts.chunks(it.size[1].max(1) as usize) {
        out.push_str("<tr>");
        for count in row {
            // From the least to the most, for they may lie close together.
            let percent = 25 + 75 * (count - least) / (most - least);
            element(out, &format!("td style=--share:{percent}%"), &number::grouped((*count).into()));
        }
        out.push_str("</tr>");
    }
    out.push_str("</table></div>");
}

/// A floored fraction plus one, drawn with CSS; the same in one line for a screen reader.
pub(crate) fn fraction(out: &mut String, it: &Fraction) {
    out.push_str("<span class=formula role=img aria-label=\"");
    escape(out, &it.plain);
    out.push_str("\"><span><i>");
    out.push_str(it.name);
    out.push_str("</i>");
    element_if(out, "span class=sub", it.subscript);
    let (opening, closing) = match it.rounding {
        Rounding::Floor => (" =</span><span class=floor><span class=frac>", "</span></span><span>+ 1"),
        Rounding::Ceil => {
            (" =</span><span class=\"floor floor--up\"><span class=frac>", "</span></span><span>+ 1")
        }
        Rounding::None => (" =</span><span class=formula__line>", "</span><span>"),
    };
    out.push_str(opening);
    // A letter alone is a symbol, and symbols are slanted; numbers and words stand upright.
    let symbols = it.name.len() == 1;
    for runs in [&it.numerator, &it.denominator] {
        if runs.is_empty() {
            continue;
        }
        out.push_str("<span>");
        if symbols && it.result.is_empty() {
            runs.iter().for_each(|run| slanted(out, run.text()));
        } else {
            push_runs(out, runs);
        }
        out.push_str("</span>");
    }
    out.push_str(closing);
    if !it.result.is_empty() {
        out.push_str(" = <b>");
        push_runs(out, &it.result);
        out.push_str("</b>");
    }
    out.push_str("</span></span>");
}

/// Text of our own with its letters slanted.
fn slanted(out: &mut String, text: &str) {
    for letter in text.chars() {
        if letter.is_ascii_alphabetic() {
            out.extend(["<i>", letter.encode_utf8(&mut [0; 4]), "</i>"]);
        } else {
            out.push(letter);
        }
    }
}

/// A heading, the number, how it comes about, and notes.
pub(crate) fn small_card(out: &mut String, it: &SmallCard) {
    out.push_str("<section class=card>");
    element(out, "h2 class=heading", it.heading);
    element(out, "div class=card__value", &it.value);
    out.push_str("<div class=card__formula>");
    push_runs(out, &it.formula);
    out.push_str("</div>");
    for note in &it.notes {
        element(out, "p class=card__note", note);
    }
    out.push_str("</section>");
}

/// The options of a select; groups without a name stand bare. `other` shows while none is chosen.
pub(crate) fn options(groups: &[(&str, Vec<&str>)], other: &str) -> String {
    let mut out = String::new();
    element_if(&mut out, "option value=-1 disabled hidden", other);
    let mut idx = 0;
    for (group, labels) in groups {
        if !group.is_empty() {
            out.push_str("<optgroup label=\"");
            escape(&mut out, group);
            out.push_str("\">");
        }
        for label in labels {
            element(&mut out, &format!("option value={idx}"), label);
            idx += 1;
        }
        if !group.is_empty() {
            out.push_str("</optgroup>");
        }
    }
    out
}

/// Radio buttons of a group `name`, one a label.
pub(crate) fn radios(name: &str, labels: &[&str]) -> String {
    let mut out = String::new();
    for (idx, label) in labels.iter().enumerate() {
        out.push_str(&format!("<label><input type=radio name=\"{name}\" value={idx}>"));
        element(&mut out, "span", label);
        out.push_str("</label>");
    }
    out
}

/// A sentence of what begins with a small letter and has no full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if text.ends_with('.') { "" } else { "." };
    [&first, characters.as_str(), stop].concat()
}

/// A list of sentences.
pub(crate) fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for item in items {
        raw(&mut out, &["<li>", &message(Kind::Warn, item, None), "</li>"]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_become_markup() {
        let text = message(Kind::Error, "<img src=x onerror=alert(1)> & \"quotes\"", Some("<b>"));
        assert!(!text.contains("<img") && !text.contains("<b>"), "{text}");
        assert!(text.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot;"));
    }

    #[test]
    fn symbols_are_slanted_and_digits_are_not() {
        let mut out = String::new();
        slanted(&mut out, "d(k − 1)");
        assert_eq!(out, "<i>d</i>(<i>k</i> − 1)");
    }

    #[test]
    fn numbers_take_the_colour_of_their_tensor() {
        let list = [Run::Plain("A ".into()), Run::Kernel("3 × 3".into())];
        assert_eq!(runs(&list), "A <span class=t-kernel>3 × 3</span>");
    }

    #[test]
    fn options_are_counted_through_all_groups() {
        let groups = [("a", vec!["one", "two"]), ("", vec!["three"])];
        let text = options(&groups, "none");
        assert!(text.starts_with("<option value=-1 disabled hidden>none</option><optgroup label=\"a\">"));
        assert!(text.ends_with("<option value=2>three</option>"), "{text}");
    }
}
