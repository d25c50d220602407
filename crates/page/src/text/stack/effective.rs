//! What an effective field amounts to, in words.

use convscope_scene::number;

use crate::stack::{Stack, middle};
use crate::text::{counted, size};

/// What there is to say of an effective field. Pairs are rows first; lengths are in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectiveNumbers {
    /// Height and width of the theoretical field.
    pub field: [u64; 2],
    /// The sum of all shares: 0 where no gradient came through.
    pub mass: f64,
    /// The radii that hold 68 % and 95 %.
    pub radii: [f64; 2],
    /// The standard deviation along rows and columns.
    pub deviation: [f64; 2],
    /// The share that lies in the theoretical field.
    pub in_hull: f64,
    /// Pixels above 4.55 % of the largest share.
    pub above: u64,
    /// The largest share of a pixel.
    pub largest: f64,
    /// Draws that were made.
    pub draws: u64,
    /// Those of them through which no gradient came: the others alone are averaged.
    pub lost: u64,
}

impl EffectiveNumbers {
    /// "0.42 %"
    pub fn largest_text(&self) -> String {
        percent(self.largest)
    }
}

/// The layers of which an effective field says how it grows: of those at which the field grows on the way to the
/// chosen one, the last of each size, with their middle units. Each has its point in the chart.
pub fn depths(stack: &Stack, selected: usize) -> Vec<(usize, [u64; 2])> {
    let size = |node: usize| Some(stack.analysis.map(stack.analysis.graph().id(node)?)?.size);
    let points = || {
        let chosen = stack.analysis.graph().id(selected)?;
        stack.points_to(chosen, stack.model.side)
    };
    let mut last: Vec<(usize, [u64; 2])> = Vec::new();
    for point in points().unwrap_or_default().into_iter().skip(1) {
        match (last.last_mut(), size(point.node)) {
            (Some(before), Some(size)) if before.1 == size => before.0 = point.node,
            (_, Some(size)) => last.push((point.node, size)),
            (_, None) => {}
        }
    }
    last.into_iter().map(|(node, _)| (node, middle(&stack.analysis, node))).collect()
}

/// The names of the rings that hold so much.
pub const RINGS: [&str; 2] = ["68 %", "95 %"];

/// "68 % of what this unit sees lies within 21 pixels of its centre, 95 % within 48; the field is 435 × 435."
pub fn effective_sentence(it: &EffectiveNumbers) -> String {
    let field = size(it.field);
    if it.mass <= 0.0 {
        return format!(
            "No gradient came through: in each draw all paths end in zeros. The field is {field}."
        );
    }
    let [near, far] = it.radii.map(rounded_up);
    let near = match near.as_str() {
        "0" => "in the pixel at its centre".to_owned(),
        "1" => "within 1 pixel of its centre".to_owned(),
        near => format!("within {near} pixels of its centre"),
    };
    format!("68 % of what this unit sees lies {near}, 95 % within {far}; the field is {field}.")
}

/// Rows of a name and a number each.
pub fn effective_facts(it: &EffectiveNumbers) -> Vec<[String; 2]> {
    let [rows, columns] = it.deviation.map(|deviation| format!("{deviation:.1}"));
    let wide = |side: usize| (2.0 * it.radii[1] + 1.0) / it.field[side].max(1) as f64;
    let widest = wide(usize::from(it.field[1] > it.field[0]));
    let row = |name: &str, value: String| [name.to_owned(), value];
    vec![
        row("95 % ring beside the field's width", percent(widest.min(1.0))),
        row("Deviation, rows × columns", format!("{rows} × {columns}")),
        row("Width above 4.55 % of the peak", format!("{:.1}", (it.above as f64).sqrt())),
        row("Within the theoretical field", percent(it.in_hull)),
        row("Largest share of a pixel", percent(it.largest)),
        row(
            "Draws",
            match it.lost {
                0 => number::grouped(it.draws.into()),
                lost => format!("{}, {} without a gradient", it.draws, number::grouped(lost.into())),
            },
        ),
    ]
}

/// "draw 3 of 10", while it is computed.
pub fn effective_progress(draws: u64, of: u64, hundredths: u64) -> String {
    format!("{} of {} done, {hundredths} %", number::grouped(draws.into()), counted(of, "draw"))
}

/// What leaving nonlinearities out, or keeping them, means.
pub fn effective_rule(uniform: bool, linear: bool) -> &'static str {
    match (uniform, linear) {
        (true, true) => {
            "All weights of a layer alike, nonlinearities left out: each pixel counts as often as paths lead from it to the unit."
        }
        (true, false) => "All weights of a layer alike, with activations and maxima; norms do nothing.",
        (false, true) => {
            "Random weights, nonlinearities left out: maxima become means, and gates are passed by."
        }
        (false, false) => {
            "Random weights and pictures, as before training; norms go by the statistics of each draw."
        }
    }
}

/// A length that holds what it is said to hold: one decimal below 10, none from there on.
fn rounded_up(length: f64) -> String {
    let tenths = (length * 10.0 - 1e-6).ceil().max(0.0) + 0.0;
    if tenths < 100.0 {
        let text = format!("{:.1}", tenths / 10.0);
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    } else {
        format!("{:.0}", (length - 1e-6).ceil())
    }
}

/// Two digits that count, and no more than 100 %.
fn percent(share: f64) -> String {
    let hundredths = 100.0 * share;
    // What is nearly all is not all.
    if share < 1.0 - 1e-6 && hundredths > 99.9 {
        return "99.9 %".to_owned();
    }
    let decimals = match hundredths {
        it if it >= 10.0 => 0,
        it if it >= 1.0 => 1,
        it if it >= 0.1 => 2,
        it if it >= 0.01 => 3,
        _ => 4,
    };
    let decimals = if hundredths > 99.0 && hundredths < 99.95 { 1 } else { decimals };
    format!("{hundredths:.decimals$} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(radii: [f64; 2]) -> EffectiveNumbers {
        EffectiveNumbers {
            field: [435, 435],
            mass: 1.0,
            radii,
            deviation: [12.34, 12.0],
            in_hull: 1.0,
            above: 1600,
            largest: 0.004_21,
            draws: 20,
            lost: 0,
        }
    }

    #[test]
    fn the_sentence_says_how_near_most_of_it_lies() {
        assert_eq!(
            effective_sentence(&numbers([20.2, 47.5])),
            "68 % of what this unit sees lies within 21 pixels of its centre, 95 % within 48; the field is 435 × 435."
        );
        let small = effective_sentence(&numbers([0.0, 1.0_f64.hypot(1.0)]));
        assert!(
            small.starts_with("68 % of what this unit sees lies in the pixel at its centre, 95 % within 1.5")
        );
        let one = effective_sentence(&numbers([1.0, 2.0]));
        assert!(
            one.starts_with("68 % of what this unit sees lies within 1 pixel of its centre, 95 % within 2;")
        );
        let none = effective_sentence(&EffectiveNumbers { mass: 0.0, ..numbers([0.0, 0.0]) });
        assert!(none.starts_with("No gradient came through"), "{none}");
    }

    #[test]
    fn depths_are_the_last_layers_of_each_size() {
        use crate::stack::StackModel;
        use convscope_core::graph::zoo::Zoo;
        let of = |zoo: Zoo, selected: usize| {
            let stack = StackModel::of_zoo(zoo).select(selected).derive();
            depths(&stack, selected)
        };
        // 14, 12, 10, 5 and 3 cells.
        assert_eq!(of(Zoo::Course, 4), [(1, [5, 5]), (2, [4, 4]), (3, [2, 2]), (4, [1, 1])]);
        assert_eq!(of(Zoo::CoursePadded, 4).len(), 2);
        let units: Vec<u64> = of(Zoo::ResNet18, 66).into_iter().map(|(_, unit)| unit[0]).collect();
        assert_eq!(units, [55, 27, 13, 6, 3]);
        // Activations repeat the field of what stands before them, and have no point of their own.
        let stack = StackModel::of_zoo(Zoo::AlexNet).select(13).derive();
        let points = stack.points_to(stack.selected().unwrap(), stack.model.side).unwrap();
        let depths = depths(&stack, 13);
        assert!(depths.len() >= 3);
        assert!(depths.iter().all(|(node, _)| points.iter().any(|point| point.node == *node)), "{depths:?}");
    }

    #[test]
    fn facts_have_two_digits_that_count() {
        let facts: Vec<String> =
            effective_facts(&numbers([20.0, 47.5])).into_iter().map(|[_, value]| value).collect();
        assert_eq!(facts, ["22 %", "12.3 × 12.0", "40.0", "100 %", "0.42 %", "20"]);
    }

    #[test]
    fn what_is_not_all_is_not_called_all() {
        for (share, expected) in [
            (1.0, "100 %"),
            (0.999_99, "99.9 %"),
            (0.9949, "99.5 %"),
            (0.5, "50 %"),
            (0.000_012_3, "0.0012 %"),
        ] {
            assert_eq!(percent(share), expected);
        }
    }
}
