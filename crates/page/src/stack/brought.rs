//! What is said of a network that a reader brings, before it takes the place of the present one.

use convscope_core::graph::{Op, Value};

use super::derive::Stack;
use super::kind::shape_text;
use crate::text::joined;

impl Stack {
    /// "Input 14 × 14 × 3 gives 7 × 7 × 16."; `None` where the last layer is impossible.
    pub fn input_gives(&self) -> Option<String> {
        let graph = self.analysis.graph();
        let first = graph.id(0)?;
        let Op::Input(input) = &graph.node(first).op else { return None };
        let output = self.analysis.value(graph.last()?).ok().and_then(Value::tensor)?;
        Some(joined(&["Input ", &shape_text(input), " gives ", &shape_text(output), "."], ""))
    }

    /// "Layer 5 Linear is impossible: ..."; `None` where all layers are possible.
    pub fn first_impossible(&self) -> Option<String> {
        let (id, error) = self.analysis.first_error()?;
        let title = self.title(id.index());
        Some(joined(&["Layer ", &title, " is impossible: ", &error.to_string(), "."], ""))
    }
}

#[cfg(test)]
mod tests {
    use convscope_core::graph::notation;
    use std::sync::Arc;

    use super::super::StackModel;

    #[test]
    fn what_goes_in_and_what_comes_out_is_said() {
        let derived = StackModel::default().derive();
        assert_eq!(derived.input_gives().as_deref(), Some("Input 14 × 14 × 3 gives 3 × 3 × 8."));
        assert_eq!(derived.first_impossible(), None);
        let graph = notation::read("i1x3x4x4.c8k3.c8k3").unwrap();
        let derived = StackModel::of_graph(Arc::new(graph)).derive();
        assert_eq!(derived.input_gives(), None);
        let said = derived.first_impossible().unwrap();
        assert!(said.starts_with("Layer 2 Conv 3 × 3 is impossible: "), "{said}");
    }
}
