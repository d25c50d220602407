//! One row of the table of layers.

use convscope_page::stack::Stack;

use crate::platform::rows::{Cell, Row};
use crate::views::html;

/// The cells of a layer's row.
pub(crate) fn row(it: &Stack, idx: usize, selected: bool) -> Row {
    let graph = it.analysis.graph();
    let Some(id) = graph.id(idx) else { return Row::default() };
    let node = graph.node(id);
    let cell = |class: &str, text: String| {
        let mut html = String::new();
        html::escape(&mut html, &text);
        Cell { attributes: format!("class={class}"), html, value: None }
    };
    let cost = it.analysis.cost(id).unwrap_or_default();
    let field = it.analysis.fields(id).and_then(|fields| fields[0].periodic()?.uniform());
    let shape = it.analysis.value(id).map(|value| format!("{:?}", value.tensor().and_then(|it| it.nchw())));
    Row {
        attributes: vec![
            ("class", if selected { "is-selected" } else { "" }.to_owned()),
            ("aria-rowindex", (idx + 2).to_string()),
            ("data-at", idx.to_string()),
        ],
        cells: vec![
            cell("layers__grip", String::new()),
            Cell {
                attributes: "class=layers__pick".to_owned(),
                html: format!(
                    "<label class=pick><input type=radio name=layer id=layer-{idx}-pick aria-label=\"Layer {idx}\"{}><span>{idx}</span></label>",
                    if selected { " checked" } else { "" }
                ),
                value: None,
            },
            cell("layers__kind", node.name.clone()),
            cell("layers__output", shape.unwrap_or_else(|error| error.to_string())),
            cell("layers__field", field.map_or(String::new(), |it| it.size.to_string())),
            cell("layers__number", field.map_or(String::new(), |it| it.jump.to_string())),
            cell("layers__number", field.map_or(String::new(), |it| it.start.to_string())),
            cell("layers__number", cost.params.to_string()),
            cell("layers__number", cost.output_elements.to_string()),
            cell("layers__number", cost.macs.to_string()),
        ],
    }
}
