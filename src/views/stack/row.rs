//! One row of the table of layers: its settings as fields, and its numbers or why there are none.

use convscope_page::stack::{Kind, Numbers, Outcome, Row as Layer, Setting, Totals, short_count};

use crate::platform::rows::{Cell, Row};
use crate::views::controls::icon::{Glyph, icon};
use crate::views::html::{self, Kind as Message};

/// A text that was typed for a setting and cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) node: usize,
    pub(crate) setting: Setting,
    pub(crate) text: String,
    pub(crate) reason: String,
    /// A number that would do.
    pub(crate) repair: Option<u64>,
}

/// How a row stands in its table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing<'a> {
    pub(crate) selected: bool,
    pub(crate) dragged: bool,
    pub(crate) refused: Option<&'a Refused>,
}

/// Class and name of the columns of numbers.
pub(crate) const NUMBERS: [[&str; 2]; 7] = [
    ["layers__output", "Output"],
    ["layers__field", "Field"],
    ["layers__number", "Jump"],
    ["layers__number", "Start"],
    ["layers__params", "Parameters"],
    ["layers__memory", "Memory"],
    ["layers__macs", "MACs"],
];

/// The cells of a layer's row.
pub(crate) fn row(layer: &Layer, standing: Standing) -> Row {
    let node = layer.node;
    let mut cells = vec![grip(node), pick(node, standing.selected), kind(layer)];
    settings(layer, standing.refused, &mut cells);
    let refusal = standing.refused.map(|it| (it.reason.as_str(), it.repair));
    match (&layer.outcome, refusal) {
        (_, Some((reason, repair))) => cells.push(message(node, reason, repair)),
        (Outcome::Impossible(reason), None) => cells.push(message(node, reason, None)),
        (Outcome::Numbers(it), None) => numbers(&values(it), layer.exceeds, &mut cells),
        (Outcome::Blocked, None) => numbers(&["—"; 7], false, &mut cells),
    }
    cells.push(remove(node));
    let impossible = matches!(layer.outcome, Outcome::Impossible(_)) || standing.refused.is_some();
    let classes = [
        (standing.selected, " is-selected"),
        (impossible, " is-error"),
        (layer.outcome == Outcome::Blocked, " is-blocked"),
        (standing.dragged, " is-dragged"),
    ];
    let class: String = classes.into_iter().filter(|it| it.0).map(|it| it.1).collect();
    Row {
        attributes: vec![
            ("class", class),
            ("aria-rowindex", (node + 2).to_string()),
            ("data-at", node.to_string()),
        ],
        cells,
    }
}

fn values(it: &Numbers) -> [&str; 7] {
    [&it.output, &it.field, &it.jump, &it.start, &it.params, &it.memory, &it.macs].map(String::as_str)
}

/// The sums below all rows, as the cells of a row.
pub(crate) fn totals(it: &Totals) -> String {
    let mut out = String::from(
        "<tr><td><td><td class=layers__kind>Total<td class=layers__note colspan=6>Memory: outputs as 32-bit floats. 1 MAC = 2 FLOPs.",
    );
    // The note stands over the column of outputs as well.
    let values = [it.field.as_str(), "", "", &it.params, &it.memory, &it.macs];
    for ([class, name], value) in NUMBERS[1..].iter().zip(values) {
        if value.is_empty() {
            out.push_str("<td>");
            continue;
        }
        let (exact, short) = count(class, value);
        let title = short.as_ref().map_or_else(String::new, |_| format!(" title=\"{exact}\""));
        out.push_str(&format!("<td class={class} data-name=\"{name}\"{title}>"));
        html::escape(&mut out, short.as_deref().unwrap_or(exact));
        out.push_str("</td>");
    }
    out + "<td></tr>"
}

/// The most letters of a count: no layer has more, and few networks.
const MOST_LETTERS: usize = 13;

/// The text of a cell, and how it is written where it is a count too long for its column.
fn count<'a>(class: &str, text: &'a str) -> (&'a str, Option<String>) {
    let short = || {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse().ok().map(short_count)
    };
    let long = class == "layers__macs" && text.len() > MOST_LETTERS;
    (text, if long { short() } else { None })
}

fn plain(attributes: String, text: &str) -> Cell {
    let mut html = String::new();
    html::escape(&mut html, text);
    Cell { attributes, html, ..Cell::default() }
}

/// `beyond` says that the field is larger than the image.
fn numbers(values: &[&str; 7], beyond: bool, cells: &mut Vec<Cell>) {
    for ([class, name], value) in NUMBERS.iter().zip(values) {
        let (exact, short) = count(class, value);
        let attributes = match &short {
            Some(_) => format!("class={class} data-name=\"{name}\" title=\"{exact}\""),
            None if beyond && *class == "layers__field" => {
                format!("class=\"{class} is-beyond\" data-name={name} title=\"Larger than the image\"")
            }
            None => format!("class={class} data-name=\"{name}\""),
        };
        cells.push(plain(attributes, short.as_deref().unwrap_or(exact)));
    }
}

/// The identifier of what says why a layer, or a text that was typed for it, is refused.
pub(crate) fn message_id(node: usize) -> String {
    format!("layer-{node}-message")
}

fn message(node: usize, reason: &str, repair: Option<u64>) -> Cell {
    let repair = repair.map(|number| format!("Use {number}"));
    let html = html::message(Message::Error, reason, repair.as_deref());
    Cell {
        attributes: format!("class=layers__message id={} colspan=7", message_id(node)),
        html,
        ..Cell::default()
    }
}

fn button(node: usize, what: &str, class: &str, name: &str, glyph: Glyph) -> String {
    format!(
        "<button type=button class=\"{class}\" id=layer-{node}-{what} data-at=\"{node} {what}\" aria-label=\"{name}\">{}</button>",
        icon(glyph)
    )
}

fn grip(node: usize) -> Cell {
    let html = match node {
        0 => String::new(),
        _ => button(node, "grip", "grip", &format!("Move layer {node}"), Glyph::Grip),
    };
    Cell { attributes: "class=layers__grip".to_owned(), html, ..Cell::default() }
}

fn pick(node: usize, selected: bool) -> Cell {
    let name = if node == 0 { "Show the input".to_owned() } else { format!("Show layer {node}") };
    let checked = if selected { " checked" } else { "" };
    let html = format!(
        "<label class=pick><input type=radio name=layer id=layer-{node}-pick data-at=\"{node} pick\" aria-label=\"{name}\"{checked}><span>{node}</span></label>"
    );
    Cell { attributes: "class=layers__pick".to_owned(), html, ..Cell::default() }
}

fn remove(node: usize) -> Cell {
    let html = match node {
        0 => String::new(),
        _ => {
            let name = format!("Remove layer {node}");
            button(node, "remove", "btn btn--quiet btn--icon", &name, Glyph::Close)
        }
    };
    Cell { attributes: "class=layers__tools".to_owned(), html, ..Cell::default() }
}

/// What a layer does, to be chosen, with its name or what it reads in small letters below.
fn kind(layer: &Layer) -> Cell {
    let node = layer.node;
    let mut html = String::new();
    if node == 0 {
        html.push_str("<span class=layers__input>Input</span>");
    } else {
        html.push_str(&format!(
            "<select class=select id=layer-{node}-kind data-at=\"{node} kind\" aria-label=\"Kind of layer {node}\">"
        ));
        if layer.kind.is_none() {
            html.push_str("<option value=\"\">");
            html::escape(&mut html, &layer.label);
            html.push_str("</option>");
        }
        for kind in Kind::ALL {
            html.push_str("<option value=");
            html.push_str(kind.name());
            html.push('>');
            // One that exists may have a closer name: a depthwise convolution.
            html::escape(&mut html, if layer.kind == Some(*kind) { &layer.label } else { kind.label() });
            html.push_str("</option>");
        }
        html.push_str("</select>");
        let reads = if joins(layer) { None } else { layer.reads.as_deref() };
        let parts: Vec<&str> = [own_name(layer), reads].into_iter().flatten().collect();
        if !parts.is_empty() {
            html.push_str("<span class=layers__name>");
            html::escape(&mut html, &parts.join(" · "));
            html.push_str("</span>");
        }
    }
    let value = (node > 0).then(|| layer.kind.map_or("", Kind::name).to_owned());
    Cell { attributes: "class=layers__kind".to_owned(), html, value, ..Cell::default() }
}

/// What a layer is called where it comes from, if that says more than its kind: not `relu` below ReLU.
fn own_name(layer: &Layer) -> Option<&str> {
    let bare = |text: &str| text.chars().filter(|it| it.is_alphanumeric()).collect::<String>().to_lowercase();
    Some(layer.name.as_str()).filter(|name| !bare(&layer.label).contains(&bare(name)))
}

fn joins(layer: &Layer) -> bool {
    layer.kind.is_some_and(Kind::joins)
}

/// The settings that have a place in the row; others stand below the table for the selected layer.
pub(crate) fn in_row(layer: &Layer, setting: Setting) -> bool {
    match setting {
        Setting::Groups | Setting::OutputPadding => false,
        Setting::Reads => joins(layer),
        _ => true,
    }
}

/// Five columns of fields, or one field over several of them.
fn settings(layer: &Layer, refused: Option<&Refused>, cells: &mut Vec<Cell>) {
    let of = |setting: Setting| layer.cells.iter().find(|cell| cell.setting == setting);
    if layer.node == 0 {
        let both = [(Setting::InputSize, 3), (Setting::InputChannels, 2)];
        for (setting, span) in both {
            cells.push(match of(setting) {
                Some(cell) => labelled(layer.node, setting, &cell.text, refused, span),
                None => Cell { attributes: format!("colspan={span}"), ..Cell::default() },
            });
        }
        return;
    }
    if of(Setting::Kernel).is_some() {
        for setting in Setting::COLUMNS {
            let name = setting.label();
            let attributes = format!("class=layers__param data-name={name}");
            cells.push(match of(setting) {
                Some(cell) if cell.editable => {
                    with_field(attributes, layer.node, (setting, &cell.text), refused)
                }
                Some(cell) => plain(attributes, &cell.text),
                None => Cell { attributes: "class=layers__param".to_owned(), ..Cell::default() },
            });
        }
        return;
    }
    let alone = layer
        .cells
        .iter()
        .find(|cell| cell.editable && cell.setting != Setting::Filters && in_row(layer, cell.setting));
    cells.push(match alone {
        Some(cell) => labelled(layer.node, cell.setting, &cell.text, refused, 4),
        None => Cell { attributes: "class=layers__about colspan=4".to_owned(), ..Cell::default() },
    });
    let name = Setting::Filters.label();
    let attributes = format!("class=layers__param data-name={name}");
    cells.push(match of(Setting::Filters) {
        Some(cell) if cell.editable => {
            with_field(attributes, layer.node, (Setting::Filters, &cell.text), refused)
        }
        Some(cell) => plain(attributes, &cell.text),
        None => Cell { attributes: "class=layers__param".to_owned(), ..Cell::default() },
    });
}

fn labelled(node: usize, setting: Setting, text: &str, refused: Option<&Refused>, span: usize) -> Cell {
    let attributes = format!("class=layers__reads colspan={span}");
    let cell = with_field(attributes, node, (setting, text), refused);
    let hint = match setting {
        // Several layers are read by their numbers.
        Setting::Reads if node > 2 => format!("<small>e.g. {}, {}</small>", node - 1, node - 3),
        _ => String::new(),
    };
    let html = format!("<label><span>{}</span>{}{hint}</label>", setting.label(), cell.html);
    Cell { html, ..cell }
}

fn with_field(
    attributes: String,
    node: usize,
    (setting, text): (Setting, &str),
    refused: Option<&Refused>,
) -> Cell {
    let refused = refused.filter(|it| it.node == node && it.setting == setting);
    Cell {
        attributes,
        html: field(node, setting),
        value: Some(refused.map_or(text, |it| &it.text).to_owned()),
        refused_by: refused.map(|_| message_id(node)),
    }
}

/// A field for a setting.
pub(crate) fn field(node: usize, setting: Setting) -> String {
    let (name, label) = (setting.name(), setting.label());
    let of = if node == 0 { "Input".to_owned() } else { format!("Layer {node}") };
    format!(
        "<input class=field type=text autocomplete=off spellcheck=false id=layer-{node}-{name} data-at=\"{node} {name}\" aria-label=\"{of}: {label}\">"
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use convscope_core::graph::{Graph, NodeId, Op};
    use convscope_page::stack::StackModel;

    use super::*;

    /// An input of 3 × 8 × 8 and what is added to it.
    fn rows(add: impl Fn(&mut Graph, NodeId)) -> Vec<Row> {
        let mut graph = Graph::new();
        let input = graph.push("input", Op::Input([1, 3, 8, 8].into()), &[]).unwrap();
        add(&mut graph, input);
        let stack = StackModel::of_graph(Arc::new(graph)).derive();
        (0..stack.n_rows()).map(|node| row(&stack.row(node).unwrap(), Standing::default())).collect()
    }

    fn columns(row: &Row) -> usize {
        let span = |cell: &Cell| {
            let (_, rest) = cell.attributes.split_once("colspan=")?;
            rest.parse().ok()
        };
        row.cells.iter().map(|cell| span(cell).unwrap_or(1)).sum()
    }

    #[test]
    fn every_row_fills_the_columns_of_the_table() {
        for preset in convscope_page::stack::STACK_PRESETS {
            let stack = preset.model().derive();
            for node in 0..stack.n_rows() {
                let row = row(&stack.row(node).unwrap(), Standing::default());
                assert_eq!(columns(&row), 16, "{} {node}", preset.label);
            }
        }
    }

    #[test]
    fn a_reason_takes_the_place_of_all_numbers() {
        let impossible = rows(|graph, input| {
            let operator = "<img src=x onerror=alert(1)>".to_owned();
            let first = graph.push("a<b>", Op::Unknown { operator, shape: None }, &[input]).unwrap();
            graph.push("relu", Op::Softmax(1), &[first]).unwrap();
        });
        assert_eq!((columns(&impossible[1]), columns(&impossible[2])), (16, 16));
        assert!(impossible[1].cells.iter().any(|cell| cell.attributes.contains("layers__message")));
        assert_eq!(impossible[2].cells.iter().filter(|cell| cell.html == "—").count(), 7);
    }

    #[test]
    fn counts_too_long_for_their_column_are_short_with_every_digit_at_hand() {
        assert_eq!(count("layers__macs", "1,849,688,064").1, None);
        assert_eq!(count("layers__macs", "15,470,264,320"), ("15,470,264,320", Some("15.5 G".to_owned())));
        assert_eq!(count("layers__field", "1,027 × 1,027").1, None);
        let vgg = StackModel::of_zoo(convscope_core::graph::zoo::Zoo::Vgg16).derive();
        let sums = totals(&vgg.totals());
        assert!(
            sums.contains("title=\"15,470,264,320\">15.5 G<") && sums.contains(">138,357,544<"),
            "{sums}"
        );
    }

    #[test]
    fn names_from_outside_cannot_become_markup() {
        let shown = rows(|graph, input| {
            let operator = "<img src=x onerror=alert(1)>".to_owned();
            graph.push("<b>name</b>", Op::Unknown { operator, shape: None }, &[input]).unwrap();
        });
        let html: String = shown[1].cells.iter().map(|cell| cell.html.as_str()).collect();
        assert!(!html.contains("<img") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;b&gt;name&lt;/b&gt;") && html.contains("&lt;img src=x"), "{html}");
    }

    #[test]
    fn names_that_only_repeat_the_kind_are_left_out() {
        let named = |name: &str| {
            rows(|graph, input| {
                graph.push(name, Op::Softmax(1), &[input]).unwrap();
            })[1]
                .cells[2]
                .html
                .contains("layers__name")
        };
        assert!(!named("softmax") && !named("Soft_Max") && !named(""));
        assert!(named("head.1"));
    }
}
