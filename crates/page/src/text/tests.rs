//! The strings of the design's pictures, word by word, and sentences for what they do not show.

use super::*;
use crate::bounds::{Control, with};
use crate::kernel::KernelChoice;
use crate::model::LabModel;
use crate::source::{InputSource, Pattern};
use convscope_core::{ConvError, Padding2d, Pads};
use convscope_scene::Part;

/// The picture with one more column, whose right padding is never read.
fn six_wide() -> Lab {
    let numbers = b"012786103897026989137898258975".map(|digit| f32::from(digit - b'0'));
    let model =
        LabModel { input: InputSource::Numbers(numbers.to_vec()), input_size: [5, 6], ..LabModel::default() };
    model.derive(None).unwrap()
}

fn lab(change: impl FnOnce(&mut LabModel)) -> Lab {
    let mut model = LabModel { input: InputSource::Pattern(Pattern::Ramp), ..LabModel::default() };
    change(&mut model);
    model.derive(None).unwrap()
}

fn note(lab: &Lab, control: &str) -> Vec<String> {
    notes(lab).into_iter().filter(|note| note.control == control).map(|note| note.text).collect()
}

#[test]
fn the_sentence_names_sizes_and_settings() {
    let example = Lab::example();
    assert_eq!(plain(&sentence(&example)), "A 3 × 3 kernel at stride 2, padding 1, turns 5 × 5 into 3 × 3");
    assert_eq!(plain(&sentence_short(&example)), "5 × 5 becomes 3 × 3 at stride 2, padding 1");
    assert_eq!(sentence(&example)[1], Run::Kernel("3 × 3".into()));
    let odd = lab(|model| {
        model.stride = [2, 1];
        model.dilation = [1, 2];
        model.padding = Padding2d::Explicit(Pads { top: 1, left: 0, bottom: 1, right: 2 });
    });
    assert_eq!(
        plain(&sentence(&odd)),
        "A 3 × 3 kernel at stride 2 × 1, dilation 1 × 2, padding top 1, left 0, bottom 1, right 2, turns 5 × 5 into 3 × 3"
    );
    let valid = lab(|model| model.padding = Padding2d::Valid);
    assert_eq!(plain(&sentence_short(&valid)), "5 × 5 becomes 2 × 2 at stride 2, no padding");
    let same = lab(|model| {
        model.padding = Padding2d::Same;
        model.padding_mode = PaddingMode::Reflect;
    });
    assert_eq!(plain(&sentence_short(&same)), "5 × 5 becomes 3 × 3 at stride 2, same reflect padding 1");
    let eleven = lab(|model| {
        model.input_size = [16, 16];
        model.kernel_size = [11, 11];
    });
    assert!(plain(&sentence(&eleven)).starts_with("An 11 × 11 kernel"));
    // "64 3 × 3 × 1 filters" read like four sides.
    let filters = |n| plain(&sentence(&lab(|model| model.out_channels = n)));
    assert!(filters(12).starts_with("Twelve 3 × 3 × 1 filters at stride 2, padding 1, turn 5 × 5 × 1 into"));
    assert!(filters(64).starts_with("64 filters of 3 × 3 × 1 at stride 2, padding 1, turn 5 × 5 × 1 into"));
}

#[test]
fn steps_count_from_one_and_are_announced() {
    let example = Lab::example();
    assert_eq!(step_label(&example, 4), ("Step 5 of 9".into(), "output (1, 1)".into()));
    assert_eq!(announce(&example, 4), "Step 5 of 9, output row 1 column 1, 28");
}

#[test]
fn parts_have_names() {
    let example = Lab::example();
    for (part, name) in [
        (Part::Input([1, 3]), "Input row 1, column 3: 8"),
        (Part::Input([-1, 0]), "Padding row −1, column 0: 0"),
        (Part::Kernel([0, 2]), "Weight row 0, column 2: 1"),
        (Part::Output([1, 1]), "Output row 1, column 1: 28"),
        (Part::Bias, "Bias: 1"),
        (Part::Output([9, 9]), "Output row 9, column 9: none"),
    ] {
        assert_eq!(part_name(&example, part), name);
    }
}

#[test]
fn the_inspector_shows_where_28_comes_from() {
    let shown = inspect_output(&Lab::example(), [1, 1]);
    assert_eq!((shown.title, shown.place.as_str()), ("This output cell", "row 1, column 1"));
    let cells: Vec<(&str, &str)> =
        shown.products.iter().flatten().map(|cell| (cell.pair.as_str(), cell.value.as_str())).collect();
    let expected = [
        ("0 × −1", "0"),
        ("3 × 0", "0"),
        ("8 × 1", "8"),
        ("2 × −2", "−4"),
        ("6 × 0", "0"),
        ("9 × 2", "18"),
        ("3 × −1", "−3"),
        ("7 × 0", "0"),
        ("8 × 1", "8"),
    ];
    assert_eq!(cells, expected);
    assert_eq!(shown.row_sums, ["8", "14", "5"]);
    assert_eq!((shown.sum_line.as_str(), shown.sum.as_str()), ("Row sums 8 + 14 + 5", "27"));
    assert_eq!(shown.bias.as_deref(), Some("+ 1"));
    assert_eq!((shown.result_label.as_str(), shown.result.as_str()), ("Output (1, 1)", "28"));
    assert_eq!(shown.flat, "0 + 0 + 8 − 4 + 0 + 18 − 3 + 0 + 8 = 27, plus bias 1");
    assert_eq!(shown.fact, "Reads rows 1–3 and columns 1–3 of the input; no padding.");
}

#[test]
fn the_inspector_counts_padding() {
    let example = Lab::example();
    assert_eq!(
        inspect_output(&example, [0, 0]).fact,
        "Reads rows 0–1 and columns 0–1 of the input; 5 of the 9 cells are padding."
    );
    let reflect = lab(|model| model.padding_mode = PaddingMode::Reflect);
    assert_eq!(
        inspect_output(&reflect, [0, 1]).fact,
        "Reads rows 0–1 and columns 1–3 of the input; 3 of the 9 cells are padding. \
         In the padding stands the input mirrored at its edge."
    );
    let dilated = lab(|model| {
        model.dilation = [2, 2];
        model.kernel_size = [3, 1];
        model.padding = Padding2d::Explicit(Pads::all(5));
        model.stride = [1, 5];
    });
    assert_eq!(
        inspect_output(&dilated, [5, 1]).fact,
        "Reads rows 0, 2 and 4 and column 0 of the input; no padding."
    );
    assert_eq!(
        inspect_output(&dilated, [0, 0]).fact,
        "This window lies outside the input: all 3 cells are padding."
    );
    assert_eq!(inspect_output(&dilated, [99, 99]).place, "row 10, column 2");
}

#[test]
fn many_products_are_not_written_out() {
    let wide = lab(|model| {
        model.kernel_size = [7, 7];
        model.bias = None;
    });
    let shown = inspect_output(&wide, [0, 0]);
    assert!(shown.flat.starts_with("49 products add up to "), "{}", shown.flat);
    assert_eq!(shown.bias, None);
}

#[test]
fn an_input_cell_names_every_output_that_reads_it() {
    let shown = inspect_input(&Lab::example(), [1, 3], 4);
    assert_eq!((shown.title, shown.place.as_str()), ("This input cell", "row 1, column 3"));
    assert_eq!(plain(&shown.headline), "x(1, 3) = 8 is read by 4 of 9 outputs.");
    assert_eq!(shown.headline[2], Run::Strong("4 of 9".into()));
    let rows: Vec<[&str; 4]> = shown
        .rows
        .iter()
        .map(|row| [row.output.as_str(), row.weight.as_str(), row.adds.as_str(), row.result.as_str()])
        .collect();
    let expected = [
        ["(0, 1)", "1", "8", "21"],
        ["(0, 2)", "−1", "−8", "−21"],
        ["(1, 1)", "1", "8", "28"],
        ["(1, 2)", "−1", "−8", "later"],
    ];
    assert_eq!(rows, expected);
    assert_eq!(shown.fact, "Each of these windows meets it with a different weight.");
    assert_eq!(shown.more, None);
}

#[test]
fn a_padding_cell_says_what_stands_there() {
    let shown = inspect_input(&Lab::example(), [-1, -1], 8);
    assert_eq!(shown.title, "This padding cell");
    assert_eq!(plain(&shown.headline), "Padding (−1, −1) = 0 is read by 1 of 9 outputs.");
    assert_eq!(
        shown.fact,
        "Only one window covers it. It is not part of the input: a zero that adds nothing."
    );
    let circular = lab(|model| model.padding_mode = PaddingMode::Circular);
    let shown = inspect_input(&circular, [-1, 0], 8);
    assert_eq!(plain(&shown.headline), "Padding (−1, 0) = 20 is read by 1 of 9 outputs.");
    assert!(shown.fact.ends_with("Here stands the input from the opposite side: a copy of x(4, 0)."));
}

#[test]
fn a_cell_that_is_never_read_says_why() {
    let shown = inspect_input(&six_wide(), [0, 6], 0);
    assert_eq!(plain(&shown.headline), "Padding (0, 6) = 0 is never read.");
    assert!(
        shown.fact.starts_with("No window reaches column 6: (8 − 3) / 2 leaves 1 over."),
        "{}",
        shown.fact
    );
    let sparse = lab(|model| {
        model.stride = [4, 4];
        model.input_size = [8, 8];
        model.padding = Padding2d::Valid;
    });
    assert_eq!(inspect_input(&sparse, [3, 0], 0).fact, "Stride 4 steps over row 3: the kernel spans only 3.");
    let gaps = lab(|model| {
        model.stride = [2, 2];
        model.dilation = [2, 2];
        model.padding = Padding2d::Valid;
    });
    assert_eq!(
        inspect_input(&gaps, [1, 0], 0).fact,
        "At dilation 2 and stride 2, row 1 falls between the taps of every window."
    );
}

#[test]
fn a_weight_names_what_it_meets() {
    let shown = inspect_weight(&Lab::example(), [0, 2]);
    assert_eq!(plain(&shown.headline), "w(0, 2) = 1 meets 9 cells, 5 of them padding.");
    assert_eq!((shown.rows.len(), shown.rows[0].input.as_str()), (9, "padding"));
    assert_eq!((shown.rows[4].input.as_str(), shown.rows[4].product.as_str()), ("(1, 3)", "8"));
    assert_eq!(shown.fact, "The same weight serves every window: that is weight sharing.");
    let large = lab(|model| {
        model.stride = [1, 1];
        model.input_size = [100, 100];
    });
    let shown = inspect_weight(&large, [1, 1]);
    assert_eq!((shown.rows.len(), shown.more.as_deref()), (64, Some("and 9,936 more")));
    assert_eq!(plain(&shown.headline), "w(1, 1) = 0 meets 10,000 cells, none of them padding.");
}

#[test]
fn reads_are_counted() {
    let shown = reads(&Lab::example());
    assert_eq!(shown.text, "4 cells are read 4 times, 12 twice, 9 once.");
    assert_eq!(shown.padding, "Padding: 8 cells are read twice, 16 once.");
    assert_eq!((shown.max, shown.size, shown.inner), (4, [7, 7], [[1, 1], [5, 5]]));
    assert_eq!(&shown.counts.unwrap()[7..21], [1, 1, 2, 1, 2, 1, 1, 2, 2, 4, 2, 4, 2, 2]);
    assert_eq!(reads(&six_wide()).text, "4 cells are read 4 times, 14 twice, 12 once.");
    let each_once = lab(|model| {
        model.kernel_size = [1, 1];
        model.stride = [1, 1];
    });
    assert_eq!(reads(&each_once).text, "All 25 cells are read once.");
    let many = lab(|model| {
        model.stride = [1, 1];
        model.kernel_size = [4, 4];
        model.padding = Padding2d::Valid;
        model.input_size = [33, 7];
    });
    let shown = reads(&many);
    assert_eq!(shown.text, "27 cells are read 16 times, others less often, 4 once.");
    assert_eq!(shown.counts, None);
}

#[test]
fn uses_of_weights_and_contributions_are_counted() {
    let weights = reads(&Lab::example()).weights.unwrap();
    assert_eq!(weights.text, "Each weight is used 9 times, 4 to 9 of them on cells of the input.");
    assert_eq!(weights.counts, [4, 6, 4, 6, 9, 6, 4, 6, 4]);
    let valid = lab(|model| model.padding = Padding2d::Valid);
    assert_eq!(reads(&valid).weights.unwrap().text, "Each weight is used 4 times.");
    let max = lab(|model| *model = model.with_operation(crate::operation::Operation::MaxPool));
    assert_eq!(reads(&max).weights, None);
    // Kernel 3, stride 2, padding 1: one and two along each axis in turn, the checkerboard.
    let transposed = lab(|model| {
        model.input_size = [3, 3];
        *model = model.with_operation(crate::operation::Operation::Transposed);
    });
    let shown = reads(&transposed);
    assert_eq!(shown.title, "Contributions per output");
    assert_eq!(shown.text, "4 outputs are reached 4 times, 12 twice, 9 once.");
    assert_eq!(&shown.counts.unwrap()[..10], [1, 2, 1, 2, 1, 2, 4, 2, 4, 2]);
    let weights = shown.weights.unwrap();
    assert_eq!(weights.text, "Each weight lands 9 times, where it is not cropped.");
    assert_eq!(weights.counts, [4, 6, 4, 6, 9, 6, 4, 6, 4]);
}

#[test]
fn the_output_size_is_written_out_with_the_numbers() {
    let card = cards(&Lab::example()).output_size;
    assert_eq!(card.symbols.plain, "o = floor((n + p₀ + p₁ − d(k − 1) − 1) / s) + 1");
    assert_eq!(
        card.symbols.latex,
        "o = \\left\\lfloor \\frac{n + p_0 + p_1 - d(k - 1) - 1}{s} \\right\\rfloor + 1"
    );
    assert_eq!(
        card.words.latex,
        "\\text{output} = \\left\\lfloor \\frac{\\text{input} + \\text{padding before} + \\text{padding after} \
         - \\text{dilation} \\cdot (\\text{kernel} - 1) - 1}{\\text{stride}} \\right\\rfloor + 1"
    );
    assert_eq!(card.numbers.len(), 1);
    assert_eq!(card.numbers[0].plain, "o = floor((5 + 1 + 1 − 1·(3 − 1) − 1) / 2) + 1 = 3");
    assert_eq!(
        card.numbers[0].latex,
        "o = \\left\\lfloor \\frac{5 + 1 + 1 - 1 \\cdot (3 - 1) - 1}{2} \\right\\rfloor + 1 = 3"
    );
    assert_eq!(card.places, "The window has 3 places down and 3 across: the first and 2 moves of 2.");
    assert_eq!(
        card.note.text,
        "Height and width agree. Nothing is left over: (7 − 3) / 2 is exact, so every padded cell is read."
    );
    assert_eq!((card.note.kind, card.note.repair), (NoteKind::Plain, None));
}

#[test]
fn what_is_left_over_is_named_with_a_repair() {
    let lab = six_wide();
    let card = cards(&lab).output_size;
    assert_eq!((card.numbers[0].subscript, card.numbers[1].subscript), ("H", "W"));
    assert_eq!(card.note.text, "1 column on the right is never read: (8 − 3) / 2 leaves 1 over.");
    assert_eq!(card.note.kind, NoteKind::Warn);
    let repair = card.note.repair.unwrap();
    assert_eq!(repair.label, "Set right padding to 0");
    let repaired = repair.model.derive(None).unwrap();
    assert_eq!((repaired.geometry.columns.leftover(), repaired.geometry.output_size()), (0, [3, 3]));
}

#[test]
fn input_cells_that_are_left_over_are_named_as_such() {
    let resnet = lab(|model| {
        model.input_size = [6, 7];
        model.padding = Padding2d::Valid;
        model.stride = [2, 3];
    });
    let note = cards(&resnet).output_size.note;
    assert_eq!(
        note.text,
        "1 row of the input at the bottom and 1 column of the input on the right are never read: \
         (6 − 3) / 2 leaves 1 over, (7 − 3) / 3 leaves 1 over."
    );
    let repair = note.repair.unwrap();
    assert_eq!(repair.label, "Set bottom padding to 1 and right padding to 2");
    let repaired = repair.model.geometry().unwrap();
    assert_eq!((repaired.rows.leftover(), repaired.columns.leftover()), (0, 0));
}

#[test]
fn every_repair_leaves_nothing_over() {
    for (height, width, kernel, stride) in (1..=9).flat_map(|h| {
        (1..=9).flat_map(move |w| (1..=4).flat_map(move |k| (1..=5).map(move |s| (h, w, k, s))))
    }) {
        let model = LabModel {
            input: InputSource::Pattern(Pattern::Ramp),
            input_size: [height, width],
            kernel_size: [kernel, kernel],
            stride: [stride, stride],
            ..LabModel::default()
        };
        let Ok(lab) = model.derive(None) else { continue };
        let note = cards(&lab).output_size.note;
        let left = [&lab.geometry.rows, &lab.geometry.columns].map(AxisGeometry::leftover);
        assert_eq!(note.kind == NoteKind::Warn, left != [0, 0], "{}", note.text);
        if let Some(repair) = note.repair {
            let geometry = repair.model.geometry().unwrap();
            assert_eq!((geometry.rows.leftover(), geometry.columns.leftover()), (0, 0), "{}", note.text);
        }
    }
}

#[test]
fn costs_are_written_out_as_products() {
    let Cards { params, memory, macs, .. } = cards(&Lab::example());
    assert_eq!((params.value.as_str(), plain(&params.formula).as_str()), ("10", "(3 · 3 · 1 + 1) · 1"));
    assert_eq!(params.notes, ["weights + bias"]);
    assert_eq!((memory.value.as_str(), plain(&memory.formula).as_str()), ("36 B", "3 · 3 · 1 · 4 B"));
    assert_eq!(memory.notes, ["output: 9 elements as float32, 36 B", "input: 25 elements, 100 B"]);
    assert_eq!((macs.value.as_str(), plain(&macs.formula).as_str()), ("81", "3 · 3 · 1 × 3 · 3 · 1"));
    assert_eq!(macs.notes, ["32 multiply padding", "1 MAC = 2 FLOPs, so 162 FLOPs"]);
    assert_eq!(cards(&six_wide()).macs.notes[0], "25 multiply padding");
}

#[test]
fn messages_stand_below_the_control_that_caused_them() {
    let example = Lab::example();
    assert_eq!(note(&example, "stride"), ["Visits every second position."]);
    assert_eq!(
        note(&example, "padding"),
        ["Zeros around the input make 5 × 5 into 7 × 7. Without them the output would be 2 × 2."]
    );
    assert!(notes(&example).iter().all(|note| note.kind == NoteKind::Plain));
    let six = six_wide();
    assert!(note(&six, "padding").contains(&"The right padding is never read.".into()));
    let unequal = lab(|model| model.stride = [1, 3]);
    assert_eq!(note(&unequal, "stride"), ["Visits every row and every third column."]);
}

#[test]
fn unread_rows_and_columns_are_named() {
    let lost = lab(|model| {
        model.input_size = [6, 5];
        model.padding = Padding2d::Valid;
    });
    assert_eq!(note(&lost, "input"), ["The last row of the input is never read."]);
    let sparse = lab(|model| {
        model.input_size = [8, 7];
        model.padding = Padding2d::Valid;
        model.stride = [5, 4];
    });
    assert_eq!(
        note(&sparse, "stride")[1],
        "Stride 5 steps over 2 rows after each window: the kernel spans only 3. \
         Stride 4 steps over 1 column after each window: the kernel spans only 3."
    );
    let gaps = lab(|model| {
        model.dilation = [2, 2];
        model.padding = Padding2d::Valid;
    });
    assert_eq!(
        note(&gaps, "dilation"),
        [
            "Spreads 3 × 3 taps over 5 × 5 cells.",
            "2 rows and 2 columns fall between the taps of every window and are never read.",
            "Keras refuses a stride above 1 together with a dilation above 1, here 2 and 2. \
             PyTorch and ONNX take it."
        ]
    );
}

#[test]
fn same_says_what_frameworks_make_of_it() {
    let same = |input: u64, stride: u64, kernel: u64| {
        lab(|model| {
            model.padding = Padding2d::Same;
            model.input_size = [input; 2];
            model.stride = [stride; 2];
            model.kernel_size = [kernel; 2];
        })
    };
    assert_eq!(
        note(&same(6, 2, 3), "same"),
        ["PyTorch refuses “same” at stride 2; TensorFlow and ONNX pad 0 before and 1 after."]
    );
    assert_eq!(note(&same(5, 1, 4), "same"), ["The odd cell goes after: “same” pads 1 before and 2 after."]);
    assert!(note(&same(5, 1, 3), "same").is_empty());
}

#[test]
fn impossible_convolutions_are_explained_at_their_control() {
    let (control, text) = explain(&ConvError::KernelExceedsInput { dilated_kernel: 9, padded_input: 7 });
    assert_eq!(control, "kernel");
    assert!(text.starts_with("The dilated kernel spans 9 cells, the padded input only 7;"), "{text}");
    assert_eq!(explain(&ConvError::Zero { param: "stride" }).0, "stride");
    assert_eq!(explain(&ConvError::ReflectPadding { pad: 5, input_len: 5 }).0, "padding");
}

#[test]
fn the_hint_follows_the_pointer() {
    let example = Lab::example();
    assert_eq!(hint(&example, None), "Point at any cell or weight to see what it touches");
    assert_eq!(
        hint(&example, Some(Part::Input([1, 3]))),
        "Input (1, 3) is read by 4 outputs, each through a different weight"
    );
    assert_eq!(hint(&six_wide(), Some(Part::Input([0, 6]))), "Padding (0, 6) is never read");
    assert_eq!(
        (never_read(&example), never_read(&six_wide())),
        ("never read: none".into(), "never read".into())
    );
}

#[test]
fn no_text_panics_for_any_part_of_odd_models() {
    let odd = lab(|model| {
        model.kernel_size = [1, 2];
        model.kernel = KernelChoice::Own(vec![0.25, -0.5]);
        model.stride = [9, 1];
        model.bias = None;
        model.input_size = [3, 2];
    });
    for (y, x) in (-3..6).flat_map(|y| (-3..6).map(move |x| (y, x))) {
        let _ = (inspect_input(&odd, [y, x], 0), part_name(&odd, Part::Input([y, x])));
        let _ = (
            hint(&odd, Some(Part::Input([y, x]))),
            inspect_output(&odd, [3, 3]),
            inspect_weight(&odd, [3, 3]),
        );
    }
    assert!(!notes(&with(&odd.model, &[Control::PadTop], 0).derive(None).unwrap()).is_empty());
}

#[test]
fn the_bias_says_where_it_is_added() {
    assert_eq!(plain(&inspect_bias(&Lab::example())), "b = 1 is added to each of 9 outputs.");
    let single = lab(|model| {
        model.kernel_size = [7, 7];
        model.bias = Some(-0.5);
    });
    assert_eq!(plain(&inspect_bias(&single)), "b = −0.5 is added to the only output.");
    assert!(cards(&single).output_size.places.contains("1 place down and 1 across: no room to move."));
}
