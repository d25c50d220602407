//! The charts of a network: how its field grows, and where parameters, memory and multiplications are.

use convscope_scene::chart::{Chart, Tone};
use convscope_scene::number;

use super::series::CostPoint;
use super::{Stack, last_map};
use crate::text::bytes_text;

/// Which chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// The receptive field on the way to the chosen layer, and on.
    Field,
    /// Parameters of each layer.
    Parameters,
    /// Memory of each output.
    Memory,
    /// Multiplications of each layer.
    Macs,
}

impl ChartKind {
    /// Every chart, in the order of the page.
    pub const ALL: &[Self] = &[Self::Field, Self::Parameters, Self::Memory, Self::Macs];
}

impl Stack {
    /// A chart; empty where there is nothing to show.
    pub fn chart(&self, kind: ChartKind) -> Chart {
        if kind == ChartKind::Field { self.field_chart() } else { self.cost_chart(kind) }
    }

    fn field_chart(&self) -> Chart {
        let Some(growth) = self.growth(self.model.side) else { return empty(FIELD, Tone::Field) };
        let image = growth.image;
        let selected = growth.points.len().checked_sub(1);
        // The layers behind are shown as well, where the chosen one is on the way to them.
        let end = self.analysis.graph().id(last_map(&self.analysis));
        let further = end.and_then(|end| self.points_to(end, self.model.side));
        let points = further.filter(|all| all.starts_with(&growth.points)).unwrap_or(growth.points);
        Chart {
            sentence: growth.sentence,
            layers: points.iter().map(|point| point.node).collect(),
            values: points.iter().map(|point| Some(point.field as f64)).collect(),
            selected,
            names: points.into_iter().map(|point| point.label).collect(),
            limit: Some((image as f64, ["image ", &number::grouped(image.into())].concat())),
            ..empty(FIELD, Tone::Field)
        }
    }

    fn cost_chart(&self, kind: ChartKind) -> Chart {
        let value = |it: &CostPoint| match kind {
            ChartKind::Memory => it.bytes as f64,
            ChartKind::Macs => it.macs as f64,
            _ => it.params as f64,
        };
        let [format, exact]: [fn(f64) -> String; 2] =
            if kind == ChartKind::Memory { [bytes, bytes] } else { [short_count, whole] };
        let title = match kind {
            ChartKind::Memory => "Memory of outputs",
            ChartKind::Macs => "MACs",
            _ => "Parameters",
        };
        let costs = self.costs();
        let values: Vec<f64> = costs.iter().map(value).collect();
        // The first of equals.
        let most = (0..values.len()).rev().max_by(|a, b| values[*a].total_cmp(&values[*b]));
        let sentence = match most.filter(|most| values[*most] > 0.0) {
            Some(most) => {
                let [total, largest] = [values.iter().sum(), values[most]].map(format);
                // The input is in no chart, but its memory in the table's total.
                let all = if kind == ChartKind::Memory { " without the input" } else { " in all" };
                [&total, all, ", most in ", &costs[most].label, ": ", &largest].concat()
            }
            None => "none".into(),
        };
        Chart {
            sentence,
            layers: costs.iter().map(|cost| cost.node).collect(),
            selected: costs.iter().position(|cost| cost.node == self.model.selected),
            names: costs.into_iter().map(|cost| cost.label).collect(),
            values: values.into_iter().map(Some).collect(),
            format,
            exact,
            bytes: kind == ChartKind::Memory,
            ..empty(title, Tone::Plain)
        }
    }
}

const FIELD: &str = "Growth of the receptive field";

fn empty(title: &str, tone: Tone) -> Chart {
    Chart {
        title: title.into(),
        sentence: String::new(),
        tone,
        layers: Vec::new(),
        names: Vec::new(),
        values: Vec::new(),
        line: None,
        limit: None,
        selected: None,
        format: whole,
        exact: whole,
        bytes: false,
    }
}

fn whole(value: f64) -> String {
    number::grouped(value as u128)
}

fn bytes(value: f64) -> String {
    bytes_text(value as u128)
}

/// A count as it is written where there is little room: `584`, `25.6 k`, `14.7 M`, `3.86 G`
pub fn short_count(value: f64) -> String {
    let (divisor, unit) = match value {
        ..1e4 => return whole(value),
        ..1e6 => (1e3, " k"),
        ..1e9 => (1e6, " M"),
        ..1e12 => (1e9, " G"),
        _ => (1e12, " T"),
    };
    [&number::cell((value / divisor) as f32), unit].concat()
}

#[cfg(test)]
mod tests {
    use convscope_core::graph::zoo::Zoo;

    use super::*;
    use crate::stack::StackModel;

    fn stack(zoo: Zoo) -> Stack {
        StackModel::of_zoo(zoo).derive()
    }

    #[test]
    fn the_field_grows_as_in_the_course() {
        let chart = stack(Zoo::Course).chart(ChartKind::Field);
        assert_eq!(chart.values, [1.0, 3.0, 5.0, 6.0, 10.0].map(Some));
        assert_eq!(chart.names, ["Input", "1 Conv", "2 Conv", "3 Max pool", "4 Conv"]);
        assert_eq!(chart.limit, Some((14.0, "image 14".into())));
        assert_eq!((chart.selected, chart.sentence.as_str()), (Some(4), "10 of 14 pixels after 4 layers"));
        // Of an earlier layer all bars stay.
        let model = StackModel { selected: 2, ..StackModel::of_zoo(Zoo::Course) };
        let earlier = model.derive().chart(ChartKind::Field);
        assert_eq!((earlier.values, earlier.selected), (chart.values, Some(2)));
        assert_eq!(earlier.sentence, "5 of 14 pixels after 2 layers");
    }

    #[test]
    fn costs_name_the_layer_that_has_most() {
        let stack = stack(Zoo::Vgg16);
        let chart = stack.chart(ChartKind::Parameters);
        assert_eq!(chart.values.iter().flatten().sum::<f64>(), 138_357_544.0);
        assert!(chart.sentence.starts_with("138 M in all, most in "), "{}", chart.sentence);
        assert!(chart.sentence.ends_with(" Linear: 103 M"), "{}", chart.sentence);
        let memory = stack.chart(ChartKind::Memory).sentence;
        assert!(memory.contains(" without the input, most in "), "{memory}");
        for kind in ChartKind::ALL {
            let chart = stack.chart(*kind);
            assert_eq!([chart.names.len(), chart.layers.len()], [chart.len(); 2]);
            assert!(chart.ticks().iter().all(|tick| (chart.format)(*tick).chars().count() <= 8), "{kind:?}");
            let selected = chart.layers[chart.selected.unwrap()];
            assert!(selected <= stack.model.selected);
        }
    }

    #[test]
    fn numbers_are_short() {
        let written = [0.0, 584.0, 9_999.0, 25_557.0, 138_357_544.0, 15.47e9, 1e15].map(short_count);
        assert_eq!(written, ["0", "584", "9,999", "25.6 k", "138 M", "15.5 G", "1000 T"]);
    }
}
