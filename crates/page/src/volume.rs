//! The words of the figures of many channels, and what is chosen among channels and filters.

use convscope_core::{Activation, Conv2dOptions};
use convscope_scene::number;
use convscope_scene::volume::{VolumeSpec, VolumeWords, drawn};

use crate::figure::lab_spec;
use crate::lab::Lab;
use crate::model::LabModel;
use crate::operation::{Operation, View, activation_label};
use crate::source::InputSource;

/// So many sheets, rows or filters at most are drawn in the depth view.
pub(crate) const MOST_ROWS: u64 = 4;

impl Lab {
    /// What a channel of the input is called: "Red", or "Channel 1".
    pub fn channel_name(&self, channel: u64) -> String {
        channel_name(&self.model, channel)
    }

    /// Filters of the layer, which are the maps of its output.
    pub fn n_filters(&self) -> u64 {
        self.output.shape()[1]
    }

    /// Whether the working view is what the flat figure of this lab is: a filter reads more than one channel.
    pub fn has_channels(&self) -> bool {
        self.n_slices() > 1
    }

    /// The same layer looked at in another way; `None` where `model` is another layer.
    pub fn looked_at(&self, model: &LabModel) -> Option<Self> {
        let LabModel { view, channel, filter, step, batch, element_type, .. } = *model;
        let same = LabModel { view, channel, filter, step, batch, element_type, ..self.model.clone() };
        if same != *model {
            return None;
        }
        let mut lab = Self { model: same, ..self.clone() };
        lab.model.step = step.min(lab.n_steps() - 1);
        lab.model.channel = channel.min(lab.model.in_channels - 1);
        lab.model.filter = filter.min(lab.n_filters() - 1);
        Some(lab)
    }
}

/// What a channel of a model's input is called.
fn channel_name(model: &LabModel, channel: u64) -> String {
    const COLOURS: [&str; 3] = ["Red", "Green", "Blue"];
    match (&model.input, COLOURS.get(channel as usize)) {
        (InputSource::Picture(_), Some(colour)) if model.in_channels == 3 => (*colour).into(),
        _ => format!("Channel {}", channel + 1),
    }
}

impl LabModel {
    /// The model with another channel shown; where the present filter does not read it, a filter that does.
    pub fn with_channel(&self, channel: u64) -> Self {
        let channel = channel.min(self.in_channels.saturating_sub(1));
        let mut model = Self { channel, ..self.clone() };
        if self.operation.has_weights() && self.groups > 1 {
            let [of_group, filters] =
                [self.in_channels, self.out_channels].map(|n| (n / self.groups.max(1)).max(1));
            let group = channel / of_group;
            if self.filter / filters != group {
                model.filter = group * filters;
            }
        }
        model
    }

    /// The model with another filter shown; where it does not read the present channel, its first one.
    pub fn with_filter(&self, filter: u64) -> Self {
        if self.operation.is_pool() {
            return self.with_channel(filter);
        }
        let filter = filter.min(self.out_channels.saturating_sub(1));
        let mut model = Self { filter, ..self.clone() };
        let [of_group, filters] =
            [self.in_channels, self.out_channels].map(|n| (n / self.groups.max(1)).max(1));
        let first = filter / filters * of_group;
        if !(first..first + of_group).contains(&self.channel) {
            model.channel = first;
        }
        model
    }

    /// The model looked at as another is: in its view, at its channel and filter. Where the two differ in operation,
    /// channels, filters or groups, it stays as it is.
    pub fn seen_as(&self, other: &Self) -> Self {
        let volume = |it: &Self| (it.operation, it.in_channels, it.out_channels, it.groups);
        if volume(self) != volume(other) {
            return self.clone();
        }
        Self { channel: other.channel, filter: other.filter, ..self.with_view(other.view) }
    }

    /// The model in another view, where its operation has it.
    pub fn with_view(&self, view: View) -> Self {
        if self.operation == Operation::Transposed && self.operation.views().contains(&view) {
            return self.with_transposed_view(view);
        }
        let view = if self.operation.views().contains(&view) { view } else { self.view };
        Self { view, ..self.clone() }
    }
}

/// The layer as a volume, with its words.
pub fn volume_spec(lab: &Lab, aids: bool) -> VolumeSpec {
    VolumeSpec { lab: lab_spec(lab, aids), words: words(lab) }
}

fn words(lab: &Lab) -> VolumeWords {
    let Conv2dOptions { in_channels, out_channels, .. } = *lab.params.options();
    let n_slices = lab.n_slices();
    let bias = lab.model.bias.filter(|_| lab.model.operation.has_weights());
    let activation = match lab.model.activation {
        Activation::Identity => String::new(),
        other => activation_label(other).into(),
    };
    let sum = match (bias, activation.is_empty()) {
        (None, _) => "Sum",
        (Some(_), true) => "Sum + bias",
        (Some(_), false) => "Sum + bias, activated",
    };
    let signed = bias.map(|bias| {
        let sign = if bias < 0.0 { '\u{2212}' } else { '+' };
        format!("{sign} {}", number::cell(bias.abs()))
    });
    let [_, rows] = drawn(n_slices, lab.slice(), MOST_ROWS);
    let more = match n_slices - rows {
        0 => String::new(),
        n => format!(
            "and {} more of this filter\u{2019}s {} channels",
            number::grouped(n.into()),
            number::grouped(n_slices.into())
        ),
    };
    let size = |[height, width]: [u64; 2]| format!("{height} × {width}");
    let counted = |n: u64, one: &str, many: &str| {
        let n_text = number::grouped(n.into());
        if n == 1 { format!("{n_text} {one}") } else { format!("{n_text} {many}") }
    };
    let (input, output) = (lab.geometry.input_size(), lab.geometry.output_size());
    let kernel = lab.model.kernel_size;
    let most = convscope_scene::depth::MOST_SHEETS;
    let hidden = |n: u64, chosen: u64, most: u64| match n - drawn(n, chosen, most)[1] {
        0 => String::new(),
        rest => format!("+ {}", number::grouped(rest.into())),
    };
    let order = |n: u64, chosen: u64, name: &dyn Fn(u64) -> String| {
        let [first, count] = drawn(n, chosen, most);
        match (n, count) {
            (1, _) => String::new(),
            (_, 1..=3) => {
                let names: Vec<String> = (first..first + count).map(name).collect();
                format!("front to back: {}", names.join(", "))
            }
            _ if count == n => format!("front to back: 1 to {n}"),
            _ => {
                format!("front to back: {} to {} of {}", first + 1, first + count, number::grouped(n.into()))
            }
        }
    };
    let colours = lab.model.is_picture() && in_channels == 3;
    let channel_word = |channel: u64| {
        if colours { lab.channel_name(channel).to_ascii_lowercase() } else { (channel + 1).to_string() }
    };
    // Each map is shown on its own scale, as each filter is.
    let own = if out_channels == 1 { "" } else { ", own scales" };
    let maps = format!("{}, {}{own}", size(output), counted(out_channels, "map", "maps"));
    VolumeWords {
        columns: ["Input channel".into(), "Slice".into(), "Channel map".into(), sum.into()],
        channels: (0..in_channels).map(|channel| lab.channel_name(channel)).collect(),
        map: [format!("Map {}", lab.filter() + 1), lab.model.kernel.label().into()],
        more,
        added: [signed.unwrap_or_default(), activation],
        volumes: [
            ["Input".into(), format!("{}, {}", size(input), counted(in_channels, "channel", "channels"))],
            [
                "Filters".into(),
                format!(
                    "{} of {} × {n_slices}{}",
                    counted(out_channels, "block", "blocks"),
                    size(kernel),
                    if bias.is_some() { ", a bias each" } else { "" }
                ),
            ],
            ["Output".into(), maps],
        ],
        order: [
            order(in_channels, lab.channel(), &channel_word),
            order(out_channels, lab.filter(), &|filter| (filter + 1).to_string()),
        ],
        hidden: [
            hidden(in_channels, lab.channel(), most),
            hidden(n_slices, lab.slice(), most),
            hidden(out_channels, lab.filter(), most),
            hidden(out_channels, lab.filter(), convscope_scene::depth::MOST_FILTERS),
        ],
        wiring: wiring(lab),
    }
}

/// "Wiring: every filter reads every channel"
fn wiring(lab: &Lab) -> String {
    let Conv2dOptions { in_channels, groups, .. } = *lab.params.options();
    match groups {
        _ if in_channels == 1 => String::new(),
        1 => "Wiring: every filter reads every channel".into(),
        n if n == in_channels => "Wiring: every filter reads one channel".into(),
        n => format!("Wiring: {n} groups that share no channel"),
    }
}

/// Which figure stands on the stage.
pub(crate) fn is_deep(lab: &Lab) -> bool {
    lab.model.operation == Operation::Conv && lab.model.view == View::Depth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Pattern;

    fn grouped() -> LabModel {
        LabModel {
            input: InputSource::Pattern(Pattern::Ramp),
            in_channels: 4,
            out_channels: 6,
            groups: 2,
            ..LabModel::default()
        }
    }

    #[test]
    fn undo_takes_an_edit_back_and_not_what_is_looked_at() {
        let before = grouped();
        let now = LabModel { bias: None, ..before.with_channel(3).with_view(View::Depth) };
        let undone = before.seen_as(&now);
        assert_eq!((undone.view, undone.channel, undone.filter), (View::Depth, 3, 3));
        assert_eq!(undone.bias, before.bias);
        let dense = LabModel { groups: 1, ..before.clone() };
        assert_eq!(dense.seen_as(&now), dense, "another volume is looked at as it was");
    }

    #[test]
    fn channel_and_filter_stay_in_one_group() {
        let model = grouped().with_channel(3);
        assert_eq!((model.channel, model.filter), (3, 3));
        let model = model.with_filter(1);
        assert_eq!((model.channel, model.filter), (0, 1));
        assert_eq!(model.with_channel(1).filter, 1);
        assert_eq!((model.with_channel(99).channel, model.with_filter(99).filter), (3, 5));
    }

    #[test]
    fn another_look_computes_nothing_and_is_the_same_as_deriving() {
        let lab = grouped().derive(None).unwrap();
        let other = LabModel { view: View::Depth, channel: 2, filter: 4, step: 99, ..grouped() };
        let looked = lab.looked_at(&other).unwrap();
        assert_eq!(looked, other.derive(None).unwrap());
        assert_eq!(lab.looked_at(&LabModel { stride: [1, 1], ..other }), None);
    }

    #[test]
    fn what_has_no_row_is_counted() {
        let model = LabModel { in_channels: 64, groups: 1, kernel_size: [1, 1], ..grouped() };
        let words = words(&model.derive(None).unwrap());
        assert_eq!(words.more, "and 61 more of this filter\u{2019}s 64 channels");
        assert_eq!(words.hidden, ["+ 57", "+ 57", "", ""]);
        assert_eq!(words.order[0], "front to back: 1 to 7 of 64");
    }
}
