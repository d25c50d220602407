//! Sentences of pools, word by word.

use super::*;
use convscope_scene::Part;

/// The lab that a link opens.
fn linked(link: &str) -> Lab {
    crate::link::parse(link).page.lab().unwrap().derive(None).unwrap()
}

fn note(lab: &Lab, control: &str) -> Vec<String> {
    notes(lab).into_iter().filter(|note| note.control == control).map(|note| note.text).collect()
}

#[test]
fn the_sentence_names_the_operation() {
    for (link, sentence_of) in [
        ("#/lab?o=max&n=6&k=2&p=0", "A 2 × 2 max pool at stride 2, no padding, turns 6 × 6 into 3 × 3"),
        (
            "#/lab?o=average&ceil=1",
            "A 3 × 3 average pool at stride 2, padding 1, rounded up, turns 5 × 5 into 3 × 3",
        ),
        ("#/lab?o=lp&e=3&p=0", "A 3 × 3 Lp pool at stride 2, no padding, p = 3, turns 5 × 5 into 2 × 2"),
        (
            "#/lab?o=transposed&n=3&q=1",
            "A 3 × 3 transposed convolution at stride 2, padding 1, output padding 1, turns 3 × 3 into 6 × 6",
        ),
        ("#/lab?flip=1", "A 3 × 3 flipped kernel at stride 2, padding 1, turns 5 × 5 into 3 × 3"),
    ] {
        assert_eq!(plain(&sentence(&linked(link))), sentence_of);
    }
}

#[test]
fn a_maximum_says_which_cell_wins_and_the_first_of_equals() {
    let lab = linked("#/lab?o=max&p=0&s=1&n=3&x=1,9,2,9,0,0,0,0,9&k=2");
    let shown = inspect_output(&lab, [0, 0]);
    let cells: Vec<(&str, bool)> =
        shown.products.iter().flatten().map(|c| (c.value.as_str(), c.wins)).collect();
    assert_eq!(cells, [("1", false), ("9", true), ("9", false), ("0", false)]);
    assert_eq!((shown.sum_line.as_str(), shown.sum.as_str(), shown.bias), ("Largest of 4 cells", "9", None));
    assert_eq!(
        shown.fact,
        "x(0, 1) wins, the first of 2 that are equal: index 1 of its channel. \
         Reads rows 0–1 and columns 0–1 of the input; no padding."
    );
    assert_eq!(shown.flat, "the largest of 1, 9, 9, 0");
    assert!(shown.row_sums.is_empty());
    let used = inspect_input(&lab, [0, 1], 8);
    assert_eq!(used.heads, ["Output", "Place", "Wins", "Result"]);
    let rows: Vec<[&str; 4]> =
        used.rows.iter().map(|row| [row.output.as_str(), &row.weight, &row.adds, &row.result]).collect();
    assert_eq!(rows, [["(0, 0)", "(0, 1)", "wins", "9"], ["(0, 1)", "(0, 0)", "wins", "9"]]);
}

#[test]
fn the_padding_of_a_maximum_is_minus_infinity() {
    let lab = linked("#/lab?o=max&x=-5,-1,-2,-3&s=2&k=2");
    let shown = inspect_output(&lab, [0, 0]);
    let cells: Vec<&str> = shown.products.iter().flatten().map(|cell| cell.value.as_str()).collect();
    assert_eq!(cells, ["−∞", "−∞", "−∞", "−5"]);
    assert_eq!((shown.sum_line.as_str(), shown.result.as_str()), ("Only 1 cell lies in the input", "−5"));
    let one = inspect_output(&linked("#/lab?o=max&n=4&k=1&p=0"), [0, 0]);
    assert_eq!(one.sum_line, "The only cell of the window");
    assert_eq!(part_name(&lab, Part::Input([-1, 0])), "Padding row −1, column 0: −∞");
    assert_eq!(
        note(&lab, "padding"),
        ["Minus infinity around the input, which never wins, makes 2 × 2 into 4 × 4."]
    );
    // More padding than the window: the corner holds nothing else.
    let lab = linked("#/lab?o=max&n=2&k=2&s=2&p=2");
    let shown = inspect_output(&lab, [0, 0]);
    assert_eq!((shown.result.as_str(), shown.sum.as_str()), ("−∞", "−∞"));
    assert!(
        shown.fact.starts_with("The window holds padding alone, so its maximum is −∞."),
        "{}",
        shown.fact
    );
    assert_eq!(
        note(&lab, "padding")[1],
        "PyTorch refuses this: padding of 2 is more than half of the kernel of 2. ONNX takes it."
    );
}

#[test]
fn an_average_shows_its_divisor() {
    let of = |more: &str| {
        let lab = linked(&format!("#/lab?o=average&x=1,2,3,4&k=2&s=2{more}"));
        let shown = inspect_output(&lab, [0, 0]);
        let [[label, divisor]] = shown.ledger.as_slice() else { panic!("one line") };
        (label.clone(), divisor.clone(), shown.result, shown.flat)
    };
    let text = |texts: [&str; 4]| {
        let [a, b, c, d] = texts.map(String::from);
        (a, b, c, d)
    };
    let with_padding = ["Divided by 4 cells, padding included", "÷ 4", "0.25", "(0 + 0 + 0 + 1) / 4 = 0.25"];
    assert_eq!(of(""), text(with_padding));
    assert_eq!(of("&div=inside"), text(["Divided by 1 cell of the input", "÷ 1", "1", "(1) / 1 = 1"]));
    assert_eq!(
        of("&div=2&p=0"),
        text(["Divided by divisor_override", "÷ 2", "5", "(1 + 2 + 3 + 4) / 2 = 5"])
    );
    assert_eq!(
        of("&p=0"),
        text(["Divided by 4 cells of the window", "÷ 4", "2.5", "(1 + 2 + 3 + 4) / 4 = 2.5"])
    );
}

#[test]
fn cells_that_hang_over_count_nowhere() {
    // Three columns of stride 2: the last window of two hangs over by one.
    let lab = linked("#/lab?o=average&n=1x3&x=1,2,7&k=1x2&s=1x2&p=0&ceil=1");
    let shown = inspect_output(&lab, [0, 1]);
    let cells: Vec<&str> = shown.products.iter().flatten().map(|cell| cell.value.as_str()).collect();
    assert_eq!((cells, shown.result.as_str()), (vec!["7", "–"], "7"));
    assert_eq!(shown.ledger[0], ["Divided by 1 cell of the window", "÷ 1"]);
    assert_eq!(
        note(&lab, "ceil"),
        ["Rounded up: the last window hangs over by 1 column. What hangs over is counted by no divisor."]
    );
    assert_eq!(part_name(&lab, Part::Input([0, 3])), "Beyond the padding row 0, column 3: 0");
}

#[test]
fn a_norm_is_written_out() {
    let lab = linked("#/lab?o=lp&x=3,-4,0,0&k=2&s=2&p=0");
    let shown = inspect_output(&lab, [0, 0]);
    let cells: Vec<(&str, &str)> =
        shown.products.iter().flatten().map(|cell| (cell.pair.as_str(), cell.value.as_str())).collect();
    assert_eq!(cells[..2], [("|3|²", "9"), ("|−4|²", "16")]);
    assert_eq!(
        (shown.sum.as_str(), &shown.ledger[..]),
        ("25", &[["Its square root".into(), "5".into()]][..])
    );
    assert_eq!(shown.flat, "(|3|² + |−4|² + |0|² + |0|²)^(1/2) = 5");
}

#[test]
fn the_window_that_rounding_up_drops_is_explained() {
    let lab = linked("#/lab?o=max&n=10&k=1&s=2&p=0&ceil=1");
    assert_eq!(
        note(&lab, "ceil"),
        [
            "Rounding up is not all: one more window would start at row 10, beyond the input: it is dropped, 5 are left."
        ]
    );
    let none = linked("#/lab?o=max&n=4&k=2&p=0&ceil=1");
    assert_eq!(note(&none, "ceil"), ["Nothing is left over, so rounding up changes nothing."]);
}

#[test]
fn the_output_size_is_rounded_up_or_scattered() {
    let card = cards(&linked("#/lab?o=max&n=10&k=1&s=2&p=0&ceil=1")).output_size;
    assert_eq!(card.symbols.plain, "o = ceil((n + p₀ + p₁ − d(k − 1) − 1) / s) + 1");
    assert_eq!(card.numbers[0].plain, "o = ceil((10 + 0 + 0 − 1·(1 − 1) − 1) / 2) + 1 − 1 dropped = 5");
    assert!(card.numbers[0].latex.contains("\\lceil"), "{}", card.numbers[0].latex);
    assert!(card.note.text.contains("it is dropped, 5 are left"), "{}", card.note.text);
    let hanging = cards(&linked("#/lab?o=max&x=ramp&n=112&k=3&s=2&p=0&ceil=1")).output_size;
    assert_eq!(hanging.numbers[0].plain, "o = ceil((112 + 0 + 0 − 1·(3 − 1) − 1) / 2) + 1 = 56");
    let card = cards(&linked("#/lab?o=transposed&n=3&q=1")).output_size;
    assert_eq!(card.symbols.plain, "o = s(n − 1) + d(k − 1) + 1 + q − p₀ − p₁");
    assert_eq!(card.numbers[0].plain, "o = 2·(3 − 1) + 1·(3 − 1) + 1 + 1 − 1 − 1 = 6");
    assert_eq!(card.places, "3 kernels down and 3 across, 2 cells apart, reach over 7 × 7 cells.");
    assert_eq!(card.note.text, "Outputs get 1, 2 or 4 contributions each: a checkerboard.");
    let divides = cards(&linked("#/lab?o=transposed&k=4&n=3&p=0")).output_size.note.text;
    assert_eq!(
        divides,
        "Outputs get 1, 2 or 4 contributions each: fewer at the edges alone, so no checkerboard."
    );
    let even = cards(&linked("#/lab?o=transposed&k=2&n=3&p=0")).output_size.note.text;
    assert_eq!(even, "Every output gets 1 contribution: no checkerboard.");
}

#[test]
fn the_activation_stands_in_the_ledger() {
    let lab = linked("#/lab?a=relu");
    let shown = inspect_output(&lab, [0, 2]);
    assert_eq!(shown.ledger, [["ReLU(−21)".to_owned(), "0".to_owned()]]);
    assert_eq!((shown.sum.as_str(), shown.bias.as_deref(), shown.result.as_str()), ("−22", Some("+ 1"), "0"));
    assert!(shown.flat.ends_with("= −22, plus bias 1, ReLU makes it 0"), "{}", shown.flat);
}

#[test]
fn what_only_some_frameworks_take_is_said() {
    let unequal = linked("#/lab?o=max&p=0,0,1,1&k=2");
    assert_eq!(
        note(&unequal, "padding")[1],
        "PyTorch pools with the same padding on both sides, not 0 and 1; ONNX takes any."
    );
    assert_eq!(
        note(&linked("#/lab?o=average&d=2&p=0"), "dilation").last().unwrap(),
        "PyTorch’s and Keras’s average pools have no dilation; ONNX’s has."
    );
    let last = |link: &str, control: &str| note(&linked(link), control).last().unwrap().clone();
    assert_eq!(
        last("#/lab?o=max&d=2&p=0", "dilation"),
        "Keras’s max pool has no dilation; PyTorch’s and ONNX’s have."
    );
    assert_eq!(last("#/lab?o=lp", "divisor"), "Keras has no Lp pool; PyTorch and ONNX have.");
    assert_eq!(
        last("#/lab?s=1&p=0,1,0,2", "padding"),
        "PyTorch pads the same on both sides, not 1 and 2, so F.pad goes before it; ONNX takes any."
    );
    assert_eq!(
        last("#/lab?o=transposed&c=4&f=4&g=2", "groups"),
        "Conv2DTranspose has no groups, here 2. PyTorch and ONNX take it."
    );
    assert_eq!(
        last("#/lab?o=transposed&s=1&d=2&q=1&p=0", "output padding"),
        "Keras wants an output_padding below the stride, here 1 at stride 1. PyTorch and ONNX take it."
    );
    assert_eq!(
        last("#/lab?o=transposed&n=3&p=1", "padding"),
        "Padding crops the output: 1 cell from every side. It is the padding of the convolution that this one \
         transposes. In PyTorch’s words padding=1 puts dilation · (kernel − 1) − padding = 1 · (3 − 1) − 1 = 1 zero on \
         each side of the input, after zeros were inserted."
    );
    assert_eq!(
        note(&linked("#/lab?o=transposed&n=3&p=0,0,1,1"), "padding")[1],
        "PyTorch crops the same on both sides, not 0 and 1; ONNX takes any."
    );
}

#[test]
fn impossible_layers_are_explained_at_their_control() {
    use convscope_core::ConvError;
    let (control, text) = explain(&ConvError::OutputCropped { uncropped: 3, padding: 4 });
    assert_eq!(control, "padding");
    assert_eq!(
        text,
        "Padding crops 4 cells from an output of 3, which leaves none; less padding or more output padding helps"
    );
    let error = ConvError::OutputPadding { output_padding: 2, stride: 2, dilation: 1 };
    assert_eq!(explain(&error).0, "output padding");
}

#[test]
fn no_text_panics_for_any_part_of_any_operation() {
    for link in [
        "#/lab?o=max&n=3&k=2&p=2&ceil=1",
        "#/lab?o=average&n=4&k=3&s=3&p=1,0,0,2&ceil=1&div=inside&a=silu",
        "#/lab?o=lp&n=1&k=1&e=7",
        "#/lab?o=transposed&n=2&k=3&s=3&q=2&p=1&d=2",
        "#/lab?o=transposed&n=3&k=2&s=1&p=2&flip=1",
    ] {
        let lab = linked(link);
        for (y, x) in (-3..9).flat_map(|y| (-3..9).map(move |x| (y, x))) {
            let part = Part::Input([y, x]);
            let _ = (inspect_input(&lab, [y, x], 0), part_name(&lab, part), hint(&lab, Some(part)));
            let cell = [y, x].map(|at: i64| at.unsigned_abs());
            let _ = (inspect_output(&lab, cell), inspect_weight(&lab, cell), lab.value_to_edit(part));
        }
        let _ = (notes(&lab), cards(&lab), reads(&lab), describe_all(&lab));
    }
}

fn describe_all(lab: &Lab) -> String {
    [plain(&sentence(lab)), plain(&sentence_short(lab)), plain(&inspect_bias(lab))].concat()
}
