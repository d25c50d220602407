//! Reads what was typed for a setting, or says in one sentence what is wrong with it and what helps.

use convscope_core::graph::Op;
use convscope_core::{ConvError, Layer, Padding2d, Pads};
use convscope_scene::number;

use super::setting::Setting;
use crate::bounds::{Refusal, shown};

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Number(u64),
    Pair([u64; 2]),
    Padding(Padding2d),
    /// `[top, left, bottom, right]`
    Sides([i64; 4]),
    /// `[numerator, denominator]` for each axis.
    Factors([[u64; 2]; 2]),
    List(Vec<usize>),
}

impl Typed {
    fn numbers(&self) -> Vec<u64> {
        match self {
            Self::Number(number) => vec![*number],
            Self::Pair(pair) => pair.to_vec(),
            _ => Vec::new(),
        }
    }
}

/// Reads what was typed.
pub(super) fn typed(setting: Setting, op: &Op, text: &str) -> Result<Typed, Refusal> {
    let text = text.trim();
    if setting == Setting::Padding {
        match text {
            "valid" => return Ok(Typed::Padding(Padding2d::Valid)),
            "same" => return Ok(Typed::Padding(Padding2d::Same)),
            "full" if matches!(op, Op::Layer(Layer::Conv2d(_))) => {
                return Ok(Typed::Padding(Padding2d::Full));
            }
            _ => {}
        }
    }
    let parts: Vec<&str> =
        text.split([',', 'x', 'X', '×', ';', ' ']).filter(|part| !part.is_empty()).collect();
    if setting == Setting::Factor {
        return factors(&parts);
    }
    if setting == Setting::Reads {
        let inputs: Option<Vec<usize>> = parts.iter().map(|part| part.parse().ok()).collect();
        return inputs
            .filter(|inputs| !inputs.is_empty())
            .map(Typed::List)
            .ok_or_else(|| refuse(format!("“{}” is no list of layers, such as 3, 7", shown(text)), None));
    }
    let numbers = parts.iter().map(|part| number_of(setting, part)).collect::<Result<Vec<_>, _>>()?;
    let positive = |number: i64| number.unsigned_abs();
    match (setting, numbers.as_slice()) {
        (_, []) => Err(refuse("Type a whole number".into(), None)),
        (Setting::Filters | Setting::Groups | Setting::InputChannels, &[only]) => {
            Ok(Typed::Number(positive(only)))
        }
        (Setting::Filters | Setting::Groups | Setting::InputChannels, _) => {
            Err(refuse("One number is needed here".into(), Some(positive(numbers[0]))))
        }
        (Setting::Padding | Setting::Cells, _) => {
            let [top, left, bottom, right] = match *numbers.as_slice() {
                [all] => [all; 4],
                [vertical, horizontal] => [vertical, horizontal, vertical, horizontal],
                [top, left, bottom, right] => [top, left, bottom, right],
                _ => {
                    let text = "Type one number, two for height and width, or top, left, bottom, right";
                    return Err(refuse(text.into(), None));
                }
            };
            if setting == Setting::Cells {
                return Ok(Typed::Sides([top, left, bottom, right]));
            }
            let [top, left, bottom, right] = [top, left, bottom, right].map(positive);
            Ok(Typed::Padding(Padding2d::Explicit(Pads { top, left, bottom, right })))
        }
        (_, &[both]) => Ok(Typed::Pair([positive(both); 2])),
        (_, &[vertical, horizontal]) => Ok(Typed::Pair([positive(vertical), positive(horizontal)])),
        _ => Err(refuse("Type one number, or two for height and width".into(), None)),
    }
}

fn factors(parts: &[&str]) -> Result<Typed, Refusal> {
    let factor = |part: &str| {
        let (above, below) = part.split_once('/').unwrap_or((part, "1"));
        let [above, below] = [above.parse::<u64>().ok()?, below.parse::<u64>().ok()?];
        ((1..=MAX_FACTOR).contains(&above) && (1..=MAX_FACTOR).contains(&below)).then_some([above, below])
    };
    let read: Option<Vec<[u64; 2]>> = parts.iter().map(|part| factor(part)).collect();
    match read.as_deref() {
        Some(&[both]) => Ok(Typed::Factors([both; 2])),
        Some(&[rows, columns]) => Ok(Typed::Factors([rows, columns])),
        _ => Err(refuse("Type a whole number or a fraction such as 3/2, or two of them".into(), Some(2))),
    }
}

/// Larger factors are not offered.
const MAX_FACTOR: u64 = 64;

fn number_of(setting: Setting, part: &str) -> Result<i64, Refusal> {
    let [least, most] = setting.bounds();
    let plain = part.replace('\u{2212}', "-");
    let digits = plain.strip_prefix('-').unwrap_or(&plain);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refuse(format!("“{}” is not a whole number", shown(part)), None));
    }
    let value: i64 = plain.parse().unwrap_or(if plain.len() == digits.len() { i64::MAX } else { i64::MIN });
    if value < least {
        let what = if value < 0 { "is negative" } else { "is too small" };
        let text = format!("{} {what}. At least {}", shown(part), number::whole(least));
        return Err(refuse(text, u64::try_from(least).ok()));
    }
    if value > most {
        let text = format!("{} is more than {}, the most on this page", shown(part), number::whole(most));
        return Err(refuse(text, u64::try_from(most).ok()));
    }
    Ok(value)
}

fn refuse(text: String, repair: Option<u64>) -> Refusal {
    Refusal { text, repair }
}

/// Why a layer cannot have a value, and the nearest that it can have.
pub(super) fn impossible(setting: Setting, op: &Op, value: &Typed, error: ConvError) -> Refusal {
    let wanted = value.numbers().first().copied().unwrap_or(1);
    match error {
        ConvError::GroupsInChannels { groups, in_channels } => {
            let text = format!("{groups} groups do not divide the {in_channels} channels before");
            refuse(text, Some(dividing(wanted, in_channels, filters(op))))
        }
        ConvError::GroupsOutChannels { groups, out_channels } if setting == Setting::Groups => {
            let text = format!("{groups} groups do not divide the {out_channels} filters");
            refuse(text, Some(dividing(wanted, channels(op), out_channels)))
        }
        ConvError::GroupsOutChannels { groups, out_channels } => {
            let text = format!("{groups} groups do not divide {out_channels} filters");
            refuse(text, Some((wanted / groups).max(1).saturating_mul(groups)))
        }
        ConvError::OutputPadding { output_padding, stride, dilation } => {
            let most = stride.max(dilation).saturating_sub(1);
            let text = format!("Output padding {output_padding} is not smaller than stride or dilation");
            refuse(text, (setting == Setting::OutputPadding).then_some(most))
        }
        other => refuse(format!("Not possible: {other}"), None),
    }
}

/// The nearest number of groups below that divides both.
fn dividing(wanted: u64, channels: u64, filters: u64) -> u64 {
    let divides = |groups: &u64| channels.is_multiple_of(*groups) && filters.is_multiple_of(*groups);
    (1..=wanted.min(filters).max(1)).rev().find(divides).unwrap_or(1)
}

fn channels(op: &Op) -> u64 {
    match op {
        Op::Layer(Layer::Conv2d(params)) => params.options().in_channels,
        Op::Layer(Layer::ConvTranspose2d(params)) => params.options().in_channels,
        _ => 1,
    }
}

fn filters(op: &Op) -> u64 {
    match op {
        Op::Layer(Layer::Conv2d(params)) => params.options().out_channels,
        Op::Layer(Layer::ConvTranspose2d(params)) => params.options().out_channels,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use convscope_core::graph::notation::{Names, read, write};

    use super::*;
    use crate::stack::StackModel;

    const ALL: &str = "i1x4x9x9.c8k3p1g2.t8k2s2i8.mk2.A3.ub2.p1.F.f10";

    fn model() -> StackModel {
        StackModel::of_graph(Arc::new(read(ALL).unwrap()))
    }

    #[track_caller]
    fn check(node: usize, setting: Setting, text: &str, expected: &str) {
        let set = model().set(node, setting, text).unwrap();
        assert_eq!(write(&set.graph, Names::Left).split('.').nth(node), Some(expected));
        let again = set.setting(node, setting).unwrap();
        assert_eq!(set.set(node, setting, &again).unwrap().graph, set.graph, "{again}");
    }

    #[test]
    fn settings_are_typed_as_they_are_shown() {
        check(1, Setting::Kernel, "5", "c8k5p1g2");
        check(1, Setting::Kernel, "3x5", "c8k3x5p1g2");
        check(1, Setting::Stride, " 2 × 1 ", "c8k3s2x1p1g2");
        check(1, Setting::Dilation, "2", "c8k3d2p1g2");
        check(1, Setting::Padding, "0", "c8k3g2");
        check(1, Setting::Padding, "1, 0, 2, 0", "c8k3p1,0,2,0g2");
        check(1, Setting::Padding, "1 2", "c8k3p1x2g2");
        check(1, Setting::Padding, "same", "c8k3psg2");
        check(1, Setting::Padding, "full", "c8k3pfg2");
        check(1, Setting::Filters, "12", "c12k3p1g2");
        check(1, Setting::Groups, "4", "c8k3p1g");
        check(2, Setting::OutputPadding, "1", "t8k2s2o1");
        check(2, Setting::Padding, "same", "t8k2s2pu");
        check(3, Setting::Kernel, "3", "mk3s2");
        check(3, Setting::Padding, "1", "mk2p1");
        check(4, Setting::OutputSize, "1", "A");
        check(5, Setting::Factor, "3/2x2", "ub3o2x2");
        check(6, Setting::Cells, "-1", "p-1");
        check(6, Setting::Cells, "1,2,3,−4", "p1,2,3,-4");
        check(8, Setting::Filters, "7", "f7");
        check(2, Setting::Reads, "0", "t8k2s2_2");
        check(0, Setting::InputSize, "20x30", "i1x4x20x30");
        check(0, Setting::InputChannels, "6", "i1x6x9x9");
    }

    #[track_caller]
    fn check_refused(node: usize, setting: Setting, text: &str, expected: &str, repair: Option<u64>) {
        let refusal = model().set(node, setting, text).unwrap_err();
        assert_eq!((refusal.text.as_str(), refusal.repair), (expected, repair));
        if let Some(repair) = repair {
            assert!(model().set(node, setting, &repair.to_string()).is_ok(), "{repair}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_reason_and_the_nearest() {
        check_refused(1, Setting::Kernel, "", "Type a whole number", None);
        check_refused(1, Setting::Kernel, "3.5", "“3.5” is not a whole number", None);
        check_refused(1, Setting::Kernel, "0", "0 is too small. At least 1", Some(1));
        check_refused(1, Setting::Padding, "-2", "−2 is negative. At least 0", Some(0));
        check_refused(1, Setting::Stride, "9999", "9999 is more than 999, the most on this page", Some(999));
        check_refused(1, Setting::Kernel, "1,2,3", "Type one number, or two for height and width", None);
        check_refused(1, Setting::Groups, "3", "3 groups do not divide the 4 channels before", Some(2));
        check_refused(1, Setting::Groups, "8", "8 groups do not divide the 4 channels before", Some(4));
        check_refused(1, Setting::Filters, "7", "2 groups do not divide 7 filters", Some(6));
        check_refused(
            2,
            Setting::OutputPadding,
            "2",
            "Output padding 2 is not smaller than stride or dilation",
            Some(1),
        );
        check_refused(3, Setting::Filters, "2", "The layer has no such setting", None);
        check_refused(2, Setting::Reads, "2", "Layer 2 does not stand before layer 2", None);
        check_refused(2, Setting::Reads, "first", "“first” is no list of layers, such as 3, 7", None);
    }

    #[test]
    fn settings_are_stepped_within_their_bounds() {
        let stepped = |setting, by| {
            model().step_setting(1, setting, by).map(|model| model.setting(1, setting).unwrap())
        };
        assert_eq!(stepped(Setting::Kernel, 1).as_deref(), Some("4"));
        assert_eq!(stepped(Setting::Kernel, -10).as_deref(), Some("1"));
        assert_eq!(stepped(Setting::Stride, -1), None);
        assert_eq!(model().set(1, Setting::Kernel, "3x5").unwrap().step_setting(1, Setting::Kernel, 1), None);
    }

    #[test]
    fn switches_turn() {
        use crate::stack::Switch;
        assert_eq!(model().switches(1), [(Switch::Bias, true)]);
        let bare = model().switch(1, Switch::Bias, false).unwrap();
        assert_eq!(bare.switches(1), [(Switch::Bias, false)]);
        let up = model().switch(3, Switch::CeilMode, true).unwrap();
        assert_eq!(write(&up.graph, Names::Left).split('.').nth(3), Some("mk2u"));
        assert_eq!(model().switch(3, Switch::Bias, true), None);
    }
}
