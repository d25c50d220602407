use super::*;
use convscope_core::{
    AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions, ConvTranspose2dParams,
    Padding2d, Pool2dOptions, Pool2dParams,
};

fn conv(k: u64, s: u64, d: u64, pads: [i64; 4]) -> Layer {
    let options = Conv2dOptions {
        kernel_size: [k; 2],
        stride: [s; 2],
        dilation: [d; 2],
        padding: Padding2d::Explicit(Pads::new(pads).unwrap()),
        ..Default::default()
    };
    Layer::Conv2d(Conv2dParams::new(options).unwrap())
}

fn pool(k: u64, s: u64, d: u64, pads: [i64; 4]) -> Pool2dParams {
    let padding = AutoPad::Explicit(Pads::new(pads).unwrap());
    let options = Pool2dOptions {
        kernel_size: [k; 2],
        stride: [s; 2],
        dilation: [d; 2],
        padding,
        ..Default::default()
    };
    Pool2dParams::new(options).unwrap()
}

fn scatter(k: u64, s: u64, pads: [i64; 4], output_padding: u64, groups: u64) -> Layer {
    let options = ConvTranspose2dOptions {
        in_channels: groups,
        out_channels: groups,
        kernel_size: [k; 2],
        stride: [s; 2],
        padding: AutoPad::Explicit(Pads::new(pads).unwrap()),
        output_padding: [output_padding; 2],
        groups,
        ..Default::default()
    };
    Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).unwrap())
}

#[track_caller]
fn check(rule: Rule, layer: &Layer, input: [u64; 2], expected: [&str; 4]) {
    let row = rule_rows(layer, input).into_iter().find(|row| row.rule == rule).unwrap();
    assert_eq!([&row.output, &row.pads, &row.left_over, &row.why], expected);
}

#[test]
fn the_stem_of_resnet_is_explained_by_each() {
    let (stem, n) = (conv(7, 2, 1, [3; 4]), [224, 224]);
    let over = "Rounded down: 1 row and 1 column are left over at the end, of padding alone.";
    check(Rule::PyTorch, &stem, n, ["112 × 112", "3 on each side", "1 row, 1 column", over]);
    let keras = joined(&[over, " Conv2D takes no numbers, so ZeroPadding2D goes before it."], "");
    check(Rule::KerasPadded, &stem, n, ["112 × 112", "3 on each side", "1 row, 1 column", &keras]);
    check(
        Rule::KerasSame,
        &stem,
        n,
        [
            "112 × 112",
            "top 2, left 2, bottom 3, right 3",
            "none",
            "Padded until the output is 224 / 2 = 112; the odd row goes below, the odd column goes to the right.",
        ],
    );
    check(
        Rule::OnnxSameLower,
        &stem,
        [224, 225],
        [
            "112 × 113",
            "top 3, left 3, bottom 2, right 3",
            "none",
            "Padded until the output is 224 / 2 = 112 by 225 / 2 = 113, rounded up; the odd row goes above.",
        ],
    );
    check(
        Rule::KerasValid,
        &stem,
        n,
        [
            "109 × 109",
            "none",
            "1 row, 1 column",
            "No padding. Rounded down: 1 row and 1 column are left over at the end, and never read.",
        ],
    );
    let refused = "PyTorch refuses padding='same' with a stride above 1, here 2.";
    check(Rule::PyTorchSame, &stem, n, ["", "", "", refused]);
    check(
        Rule::Course,
        &stem,
        n,
        [
            "112 1/2 × 112 1/2",
            "3 on each side",
            "",
            "No whole number, because the formula has no floor: frameworks round it down, and pools up on request.",
        ],
    );
    let rows = rule_rows(&stem, n);
    let as_shown: Vec<Rule> = rows.iter().filter(|row| row.as_shown).map(|row| row.rule).collect();
    assert_eq!(as_shown, [Rule::PyTorch, Rule::KerasPadded, Rule::Onnx]);
}

#[test]
fn ceil_mode_is_explained_with_the_window_that_it_drops() {
    let (layer, n) = (Layer::MaxPool2d(pool(1, 2, 1, [0; 4])), [10, 10]);
    let dropped = "Rounded up; but a last window that starts beyond the input is dropped again.";
    check(Rule::PyTorchCeil, &layer, n, ["5 × 5", "none", "1 row, 1 column", dropped]);
    let kept = "Rounded up, and the last window is kept although it starts beyond the input. \
                ONNX Runtime drops it all the same.";
    check(Rule::OnnxCeilBefore22, &layer, n, ["6 × 6", "none", "none", kept]);
    let layer = Layer::MaxPool2d(pool(3, 2, 1, [0; 4]));
    let over = "Rounded up. The last window hangs over the end by 1 row and 1 column.";
    for rule in [Rule::PyTorchCeil, Rule::OnnxCeilBefore22, Rule::OnnxCeil] {
        check(rule, &layer, [112, 112], ["56 × 56", "none", "none", over]);
    }
    let even = "The windows reach the end, so there is nothing to round up.";
    check(Rule::OnnxCeil, &layer, [9, 9], ["4 × 4", "none", "none", even]);
}

#[test]
fn transposed_sizes_say_what_is_cropped_and_what_is_added() {
    check(
        Rule::PyTorch,
        &scatter(3, 2, [1; 4], 0, 1),
        [4, 4],
        ["7 × 7", "1 on each side", "none", "The kernels reach over 9 × 9 cells; cropped: 1 on each side."],
    );
    check(
        Rule::KerasValid,
        &scatter(2, 4, [0; 4], 0, 1),
        [3, 3],
        [
            "12 × 12",
            "none",
            "none",
            "The kernels reach over 10 × 10 cells, to which 2 rows and 2 columns are added; none is cropped. \
         Keras fills up to the stride.",
        ],
    );
    let asked_for =
        "The kernels reach over 9 × 9 cells, to which 1 row and 1 column are added; none is cropped.";
    check(Rule::KerasValid, &scatter(3, 2, [1; 4], 1, 1), [4, 4], ["10 × 10", "none", "none", asked_for]);
    let grouped = "Conv2DTranspose has no groups, here 2.";
    check(Rule::KerasSame, &scatter(3, 2, [1; 4], 0, 2), [4, 4], ["", "", "", grouped]);
}

#[test]
fn refusals_name_the_framework() {
    let uneven = Layer::MaxPool2d(pool(3, 2, 1, [0, 0, 1, 1]));
    let alike = "nn.MaxPool2d pads both sides of an axis alike, not 0 and 1.";
    check(Rule::PyTorch, &uneven, [8, 8], ["", "", "", alike]);
    let wide = Layer::AvgPool2d(pool(3, 2, 1, [2; 4]), AvgDivisor::CountInside);
    let half = "nn.AvgPool2d pads at most half of the kernel: 2 is more than half of 3.";
    check(Rule::PyTorchCeil, &wide, [8, 8], ["", "", "", half]);
    let norm = Layer::LpPool2d(pool(3, 2, 2, [0; 4]), 2);
    check(Rule::PyTorch, &norm, [8, 8], ["", "", "", "nn.LPPool2d has no dilation, here 2."]);
    check(Rule::KerasSame, &norm, [8, 8], ["", "", "", "Keras has no Lp pool."]);
    check(Rule::Course, &norm, [8, 8], ["", "", "", "The formula knows no dilation, here 2."]);
    let both = "Keras refuses a stride above 1 together with a dilation above 1, here 2 and 3.";
    check(Rule::KerasValid, &conv(2, 2, 3, [0; 4]), [8, 8], ["", "", "", both]);
    let large = conv(9, 1, 1, [0; 4]);
    let row = rule_rows(&large, [4, 4]).remove(0);
    assert!(row.refused && row.why.starts_with("The dilated kernel spans 9 cells"), "{}", row.why);
    check(
        Rule::Course,
        &large,
        [4, 4],
        ["\u{2212}4 × \u{2212}4", "none", "", "Less than 1: no window fits, which the formula does not say."],
    );
}

#[test]
fn fractions_are_exact() {
    let course = |k, s| {
        let rows = rule_rows(&conv(k, s, 1, [0; 4]), [5, 5]);
        rows.into_iter().find(|row| row.rule == Rule::Course).unwrap().output
    };
    assert_eq!(course(3, 3), "1 2/3 × 1 2/3");
    assert_eq!(course(7, 3), "1/3 × 1/3");
    assert_eq!(course(9, 3), "\u{2212}1/3 × \u{2212}1/3");
    assert_eq!(course(3, 2), "2 × 2");
}

#[test]
fn every_sentence_of_small_layers_is_whole() {
    let mut n_rows = 0;
    let small = (1..=4_u64).flat_map(|k| (1..=3).flat_map(move |s| (1..=2).map(move |d| (k, s, d))));
    for (k, s, d) in small {
        for pads in [[0; 4], [1; 4], [0, 0, 1, 1], [0, 2, 1, 0]] {
            let layers = [
                conv(k, s, d, pads),
                scatter(k, s, pads, s - 1, 1),
                Layer::MaxPool2d(pool(k, s, d, pads)),
                Layer::AvgPool2d(pool(k, s, d, pads), AvgDivisor::CountIncludePad),
                Layer::LpPool2d(pool(k, s, d, pads), 2),
            ];
            for row in layers.iter().flat_map(|layer| rule_rows(layer, [5, 6])) {
                let why = &row.why;
                assert!(why.ends_with('.') && !why.contains("  ") && !why.contains(".."), "{row:?}");
                assert!(why.starts_with(char::is_uppercase) || why.starts_with("nn."), "{row:?}");
                assert_eq!(row.refused, row.output.is_empty(), "{row:?}");
                assert_eq!(row.refused, row.pads.is_empty(), "{row:?}");
                n_rows += 1;
            }
        }
    }
    assert_eq!(n_rows, 4 * 3 * 2 * 4 * (10 + 8 + 3 * 12));
}
