//! The words of the groups slider, and what one more group would cost.

use convscope_scene::number;

use super::joined;
use crate::bounds::{group_choices, with_groups};
use crate::lab::Lab;
use crate::model::LabModel;

/// What the number of groups means: "Dense: each filter reads all 3 channels. 3 groups would be depthwise."
pub fn groups(model: &LabModel) -> String {
    let LabModel { in_channels, out_channels, groups, .. } = *model;
    let choices = group_choices(model);
    let reads = in_channels / groups.max(1);
    let channels = |n: u64| if n == 1 { "1 channel".to_owned() } else { format!("{n} channels") };
    if in_channels == 1 {
        return "One channel: there is nothing to split into groups.".into();
    }
    if choices.len() == 1 {
        return format!(
            "Dense: each filter reads all {in_channels} channels. {in_channels} channels and {} have no common \
             divisor, so they cannot be split.",
            if out_channels == 1 { "1 filter".into() } else { format!("{out_channels} filters") },
        );
    }
    let depthwise = choices.last().copied() == Some(in_channels);
    let what = match groups {
        1 => format!("Dense: each filter reads all {in_channels} channels."),
        n if n == in_channels => {
            let each = out_channels / in_channels;
            let filters = if each == 1 { "one filter".into() } else { format!("{each} filters") };
            return format!("Depthwise: each filter reads one channel, and each channel has {filters}.");
        }
        n => format!("{n} groups: each filter reads {} of {in_channels}.", channels(reads)),
    };
    let end = match depthwise {
        true => format!("{in_channels} groups would be depthwise."),
        false => {
            format!("Depthwise needs a multiple of {in_channels} filters, so that each channel has its own.")
        }
    };
    joined(&[what, end], " ")
}

/// What the next number of groups would cost: "With 3 groups: 156 parameters and 117,600 MACs."
pub fn groups_hint(lab: &Lab) -> Option<String> {
    let choices = group_choices(&lab.model);
    let at = choices.iter().position(|n| *n == lab.model.groups)?;
    let other = *choices.get(at + 1).or_else(|| choices.get(at.checked_sub(1)?))?;
    let cost = with_groups(&lab.model, other).layer().ok()?.cost(lab.layer_input.shape()).ok()?;
    let groups = if other == 1 { "Without groups".into() } else { format!("With {other} groups") };
    let [params, macs] = [number::grouped(cost.params().into()), number::grouped(cost.macs)];
    Some(format!("{groups}: {params} parameters and {macs} MACs."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::with_groups;
    use convscope_core::Padding2d;

    fn layer(in_channels: u64, out_channels: u64, groups: u64) -> LabModel {
        LabModel { in_channels, out_channels, groups, ..LabModel::default() }
    }

    #[test]
    fn the_words_follow_the_slider() {
        let text = |i, o, g| groups(&layer(i, o, g));
        assert_eq!(text(3, 6, 1), "Dense: each filter reads all 3 channels. 3 groups would be depthwise.");
        assert_eq!(
            text(3, 6, 3),
            "Depthwise: each filter reads one channel, and each channel has 2 filters."
        );
        assert_eq!(
            text(4, 4, 2),
            "2 groups: each filter reads 2 channels of 4. 4 groups would be depthwise."
        );
        assert_eq!(
            text(4, 6, 2),
            "2 groups: each filter reads 2 channels of 4. Depthwise needs a multiple of 4 filters, so that each \
             channel has its own."
        );
        assert!(
            text(3, 8, 1)
                .ends_with("3 channels and 8 filters have no common divisor, so they cannot be split.")
        );
        assert!(text(1, 8, 1).starts_with("One channel"));
    }

    #[test]
    fn the_next_number_of_groups_is_costed() {
        let model = LabModel {
            input: crate::InputSource::default_for([32, 32]),
            input_size: [32, 32],
            kernel_size: [5, 5],
            stride: [1, 1],
            padding: Padding2d::Valid,
            ..layer(3, 6, 1)
        };
        let hint = |model: &LabModel| groups_hint(&model.derive(None).unwrap());
        assert_eq!(hint(&model).as_deref(), Some("With 3 groups: 156 parameters and 117,600 MACs."));
        let dense = hint(&with_groups(&model, 3));
        assert_eq!(dense.as_deref(), Some("Without groups: 456 parameters and 352,800 MACs."));
        assert_eq!(hint(&LabModel { out_channels: 1, ..model }), None);
    }
}
