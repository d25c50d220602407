//! A small chart as data: a value for each layer, perhaps a line over them and a limit across.
//!
//! It says what is drawn and where the bars stand; the app draws it.

use crate::geom::{Point, Rect, Size};

/// Room for the numbers at the left, the values above, and the names below.
const LEFT: f64 = 68.0;
const RIGHT: f64 = 8.0;
const ABOVE: f64 = 22.0;
const BELOW: f64 = 22.0;
/// How wide a letter of 12 px is on average.
const LETTER: f64 = 6.6;

/// What a chart is about, which decides its colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Receptive fields: violet.
    Field,
    /// Anything else: ink.
    Plain,
}

/// A value for each of some layers.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its title: "Growth of the receptive field".
    pub title: String,
    /// What it shows, in one sentence.
    pub sentence: String,
    /// Its colours.
    pub tone: Tone,
    /// The layer that each bar stands for, counted from the input, 0.
    pub layers: Vec<usize>,
    /// What each bar is called: "4 Conv".
    pub names: Vec<String>,
    /// Each bar's value; `None` leaves its place empty.
    pub values: Vec<Option<f64>>,
    /// A second value for some bars, joined by a line, and what the line is called.
    pub line: Option<(Vec<Option<f64>>, String)>,
    /// A line across, and what it is called: "image 14".
    pub limit: Option<(f64, String)>,
    /// The bar of the chosen layer.
    pub selected: Option<usize>,
    /// A value as it is written in the chart: short.
    pub format: fn(f64) -> String,
    /// The same with every digit.
    pub exact: fn(f64) -> String,
    /// Whether values are bytes, round in powers of 1024.
    pub bytes: bool,
}

impl Chart {
    /// How many bars have a place.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no bar.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What a bar says when it is pointed at: "4 Conv: 10".
    pub fn say(&self, bar: usize) -> Option<String> {
        let value = (*self.values.get(bar)?)?;
        Some([self.names.get(bar)?, ": ", &(self.exact)(value)].concat())
    }

    /// The value at the upper edge of the bars: the largest of all, and at least a little above 0.
    pub fn top(&self) -> f64 {
        let line = self.line.iter().flat_map(|(values, _)| values);
        let values = self.values.iter().chain(line).flatten().copied();
        let limit = self.limit.iter().map(|(value, _)| *value);
        let top = values.chain(limit).filter(|value| value.is_finite()).fold(0.0, f64::max);
        if top > 0.0 { top } else { 1.0 }
    }

    /// At most two round numbers above 0, for lines across.
    pub fn ticks(&self) -> Vec<f64> {
        let mut unit = 1.0;
        while self.bytes && unit * 1024.0 <= self.top() {
            unit *= 1024.0;
        }
        let top = self.top() / unit;
        let mut step = 1.0;
        // A chart of a value below 1 has none.
        while step * 20.0 <= top {
            step *= 10.0;
        }
        let step = [1.0, 2.0, 5.0, 10.0].map(|part| part * step).into_iter().find(|it| it * 2.9 > top);
        let ticks = |step| [step, 2.0 * step].into_iter().filter(|at| *at <= top).map(|at| at * unit);
        step.map_or(Vec::new(), |step| ticks(step).collect())
    }

    /// Where the bars stand in a picture of a size.
    pub fn plot(&self, size: Size) -> Rect {
        Rect::new(LEFT, ABOVE, (size.width - LEFT - RIGHT).max(1.0), (size.height - ABOVE - BELOW).max(1.0))
    }

    /// The left edge and the width of a bar's place.
    pub fn place(&self, size: Size, bar: usize) -> [f64; 2] {
        let plot = self.plot(size);
        let step = plot.width / self.len().max(1) as f64;
        [plot.x + step * bar as f64, step]
    }

    /// The bar at a point; the whole height of its place counts.
    pub fn hit(&self, size: Size, point: Point) -> Option<usize> {
        let plot = self.plot(size);
        let bar = ((point.x - plot.x) / plot.width * self.len() as f64).floor();
        (bar >= 0.0 && bar < self.len() as f64 && point.y >= 0.0 && point.y < size.height)
            .then_some(bar as usize)
    }

    /// Whether every bar has room for its name below it, and for its value above it.
    pub fn has_room(&self, size: Size) -> [bool; 2] {
        let [_, step] = self.place(size, 0);
        let fits = |letters: usize| letters as f64 * LETTER + 2.0 <= step;
        let names = self.names.iter().all(|name| fits(name.chars().count()));
        let values = self.values.iter().flatten().all(|value| fits((self.format)(*value).chars().count()));
        [names, values]
    }

    /// What is written below which bars, with the middle of each word: every name where all fit; otherwise that of
    /// the chosen bar, or else the last, and of others their numbers where there is room.
    pub fn names_below(&self, size: Size) -> Vec<(usize, &str, f64)> {
        let [all, _] = self.has_room(size);
        let width = |text: &str| text.chars().count() as f64 * LETTER + 2.0;
        let middle = |bar: usize| {
            let [x, step] = self.place(size, bar);
            x + step / 2.0
        };
        if all {
            return self
                .names
                .iter()
                .enumerate()
                .map(|(bar, name)| (bar, name.as_str(), middle(bar)))
                .collect();
        }
        let chosen = self.selected.unwrap_or(self.len().saturating_sub(1));
        let Some(name) = self.names.get(chosen) else { return Vec::new() };
        // A word at an end stays in the picture.
        let half = width(name) / 2.0;
        let at = middle(chosen).clamp(half + 3.0, (size.width - half - 3.0).max(half + 3.0));
        let mut words = vec![(chosen, name.as_str(), at)];
        let short = |name: &'_ str| name.split(' ').next().map_or(0, str::len);
        let [_, step] = self.place(size, 0);
        if self.names.iter().all(|name| short(name) as f64 * LETTER + 6.0 <= step) {
            let others = self.names.iter().enumerate().filter(|(bar, _)| *bar != chosen);
            let others = others.map(|(bar, name)| (bar, &name[..short(name)], middle(bar)));
            words.extend(others.filter(|(_, word, x)| (x - at).abs() >= half + width(word) / 2.0));
        }
        words
    }

    /// The outline of all bars as steps: the largest value in each of at most `columns` columns, so that a thousand
    /// layers are no more than there are pixels.
    pub fn steps(&self, columns: usize) -> Vec<f64> {
        let columns = columns.min(self.len());
        let largest = |column: usize| {
            let [from, to] = [column, column + 1].map(|at| at * self.len() / columns);
            self.values[from..to].iter().flatten().copied().fold(0.0, f64::max)
        };
        (0..columns).map(largest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[f64]) -> Chart {
        Chart {
            title: "Growth".into(),
            sentence: "It grows.".into(),
            tone: Tone::Field,
            layers: (0..values.len()).collect(),
            names: values.iter().map(|value| format!("{value} Conv")).collect(),
            values: values.iter().copied().map(Some).collect(),
            line: None,
            limit: None,
            selected: None,
            format: |value| format!("{value}"),
            exact: |value| format!("{value}"),
            bytes: false,
        }
    }

    const SIZE: Size = Size::new(464.0, 140.0);

    #[test]
    fn there_are_at_most_two_round_lines_across() {
        for top in [0.0, 0.3, 1.0, 2.0, 3.0, 7.0, 14.0, 99.0, 224.0, 483.0, 25_557_032.0, 3.1e12] {
            let ticks = chart(&[1.0, top]).ticks();
            assert!(ticks.len() <= 2 && ticks.iter().all(|at| *at <= top.max(1.0)), "{top}: {ticks:?}");
            assert!(top < 1.0 || ticks.last().unwrap() * 2.9 > top, "{top}: {ticks:?}");
        }
        assert_eq!(chart(&[224.0]).ticks(), [100.0, 200.0]);
        assert_eq!(chart(&[14.0]).ticks(), [5.0, 10.0]);
        let bytes = |top| Chart { bytes: true, ..chart(&[top]) }.ticks();
        assert_eq!(bytes(4608.0), [2048.0, 4096.0]);
        assert_eq!(bytes(12.25 * 1024.0 * 1024.0), [5.0, 10.0].map(|mib| mib * 1024.0 * 1024.0));
        assert_eq!(bytes(600.0), [500.0]);
    }

    #[test]
    fn a_point_is_the_bar_that_stands_there() {
        for n in [1, 4, 1000] {
            let chart = chart(&vec![1.0; n]);
            for bar in 0..n {
                let [x, step] = chart.place(SIZE, bar);
                assert_eq!(chart.hit(SIZE, Point::new(x + step / 2.0, 60.0)), Some(bar));
            }
            assert_eq!(chart.hit(SIZE, Point::new(10.0, 60.0)), None);
            assert_eq!(chart.hit(SIZE, Point::new(463.0, 60.0)), None);
        }
    }

    #[test]
    fn names_and_values_are_written_where_they_fit() {
        assert_eq!(chart(&[1.0, 3.0, 5.0, 6.0, 10.0]).has_room(SIZE), [true, true]);
        assert_eq!(chart(&[1.0; 12]).has_room(SIZE), [false, true]);
        assert_eq!(chart(&[1.0; 80]).has_room(SIZE), [false, false]);
    }

    #[test]
    fn where_names_do_not_fit_numbers_stand() {
        let names = |chart: &Chart, width| {
            let words = chart.names_below(Size::new(width, 140.0));
            for (idx, (_, word, x)) in words.iter().enumerate() {
                let half = word.len() as f64 * LETTER / 2.0;
                assert!(x - half >= 0.0 && x + half <= width, "{word} at {x}");
                for (_, other, at) in &words[..idx] {
                    assert!(
                        (x - at).abs() >= (word.len() + other.len()) as f64 * LETTER / 2.0,
                        "{word} on {other}"
                    );
                }
            }
            words.into_iter().map(|(bar, word, _)| (bar, word.to_owned())).collect::<Vec<_>>()
        };
        let five = Chart { selected: Some(4), ..chart(&[1.0, 3.0, 5.0, 6.0, 10.0]) };
        assert_eq!(names(&five, 464.0).len(), 5);
        let owned =
            |words: &[(usize, &str)]| words.iter().map(|&(at, it)| (at, it.to_owned())).collect::<Vec<_>>();
        assert_eq!(names(&five, 240.0), owned(&[(4, "10 Conv"), (0, "1"), (1, "3"), (2, "5"), (3, "6")]));
        assert_eq!(names(&chart(&[1.0; 300]), 400.0), owned(&[(299, "1 Conv")]));
        assert!(names(&chart(&[]), 400.0).is_empty());
    }

    #[test]
    fn a_thousand_layers_keep_their_largest() {
        let mut values = vec![1.0; 1000];
        values[777] = 9.0;
        let steps = chart(&values).steps(400);
        assert_eq!((steps.len(), steps.iter().copied().fold(0.0, f64::max)), (400, 9.0));
        assert_eq!(chart(&[1.0, 2.0]).steps(400), [1.0, 2.0]);
        assert!(chart(&[]).steps(400).is_empty());
    }

    #[test]
    fn nothing_is_a_chart_too() {
        let empty = chart(&[]);
        assert!(empty.is_empty() && empty.top() > 0.0);
        assert_eq!(empty.hit(SIZE, Point::new(100.0, 60.0)), None);
        let gaps = Chart { values: vec![None, Some(f64::INFINITY), Some(2.0)], ..chart(&[1.0; 3]) };
        assert_eq!(gaps.top(), 2.0);
    }
}
