//! Networks as text: real outputs of PyTorch, torchinfo and torchsummary, code as people paste it, and its errors.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use convscope_core::graph::{Field, Op, Shape};
use convscope_formats::text::{TextError, read};
use convscope_formats::{Form, Reading};
use proptest::prelude::*;

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../tests/data/text/", $name, ".txt"))
    };
}

#[track_caller]
fn check(text: &str, form: Form, params: u128, macs: u128) -> Reading {
    let reading = read(text, [224, 224]).unwrap();
    let analysis = reading.graph.analyse();
    assert_eq!(analysis.first_error(), None, "{:?}", reading.graph);
    let totals = analysis.totals();
    assert_eq!((reading.form, totals.params, totals.macs), (form, params, macs), "{:?}", reading.notes);
    reading
}

const RESNET18: [u128; 2] = [11_689_512, 1_814_073_344];
const RESNET50: [u128; 2] = [25_557_032, 4_089_184_256];
const VGG16: [u128; 2] = [138_357_544, 15_470_264_320];
const MOBILENET: [u128; 2] = [3_504_872, 300_774_272];
const SQUEEZENET: [u128; 2] = [1_235_496, 349_151_936];
const ALEXNET: [u128; 2] = [61_100_840, 714_188_480];

#[test]
fn printed_modules_have_the_costs_that_pytorch_counts() {
    for (text, [params, macs]) in [
        (sample!("resnet18.printed"), RESNET18),
        (sample!("resnet50.printed"), RESNET50),
        (sample!("vgg16.printed"), VGG16),
        (sample!("mobilenet_v2.printed"), MOBILENET),
        (sample!("alexnet.printed"), ALEXNET),
        (sample!("convnext_tiny.printed"), [28_582_504, 4_455_531_264]),
    ] {
        check(text, Form::Printed, params, macs);
    }
    // For which 224 is taken, unless 299 is there.
    let inception = read(sample!("inception_v3.printed"), [299, 299]).unwrap().graph.analyse();
    let totals = inception.totals();
    assert_eq!((inception.first_error(), totals.params, totals.macs), (None, 23_834_568, 5_713_216_096));
    // At the size of its own summary.
    let small = read(sample!("small.printed"), [32, 32]).unwrap().graph.analyse().totals();
    assert_eq!((small.params, small.macs), (2_922, 903_328));
}

#[test]
fn tables_have_the_costs_that_pytorch_counts() {
    for (text, [params, macs]) in [
        (sample!("resnet18.torchinfo"), RESNET18),
        (sample!("resnet50.torchinfo"), RESNET50),
        (sample!("vgg16.torchinfo"), VGG16),
        (sample!("mobilenet_v2.torchinfo-depth"), MOBILENET),
        (sample!("alexnet.torchinfo"), ALEXNET),
        (sample!("small.torchinfo"), [2_922, 903_328]),
        (sample!("squeezenet1_1.torchinfo"), SQUEEZENET),
        (sample!("shufflenet_v2_x0_5.torchinfo-depth"), [1_366_792, 40_476_448]),
        (sample!("alexnet.torchinfo-columns"), ALEXNET),
    ] {
        check(text, Form::Torchinfo, params, macs);
    }
    for (text, [params, macs]) in [
        (sample!("resnet18.torchsummary"), RESNET18),
        (sample!("resnet50.torchsummary"), RESNET50),
        (sample!("vgg16.torchsummary"), VGG16),
        (sample!("mobilenet_v2.torchsummary"), MOBILENET),
        (sample!("alexnet.torchsummary"), ALEXNET),
        (sample!("small.torchsummary"), [2_922, 903_328]),
        (sample!("squeezenet1_1.torchsummary"), SQUEEZENET),
        (sample!("resnext50_32x4d.torchsummary"), [25_028_904, 4_230_479_872]),
    ] {
        check(text, Form::Torchsummary, params, macs);
    }
}

#[test]
fn a_table_that_hides_layers_says_so_and_keeps_their_shapes() {
    let reading = read(sample!("mobilenet_v2.torchinfo"), [224, 224]).unwrap();
    let notes: Vec<String> = reading.notes.iter().map(ToString::to_string).collect();
    assert!(notes.iter().any(|note| note.contains("give summary() a larger depth")), "{notes:?}");
    assert_eq!(reading.graph.analyse().first_error(), None);
}

/// The field of the last node whose field is no whole axis.
fn field(reading: &Reading) -> Option<u64> {
    let analysis = reading.graph.analyse();
    reading.graph.ids().rev().find_map(|id| match &analysis.fields(id)?[0] {
        Field::Periodic(field) => Some(field.size()),
        _ => None,
    })
}

#[test]
fn residual_blocks_have_the_fields_of_their_networks() {
    for (text, size) in [
        (sample!("resnet18.printed"), 435),
        (sample!("resnet18.torchinfo"), 435),
        (sample!("resnet18.torchsummary"), 435),
        (sample!("resnet50.printed"), 427),
        (sample!("resnet50.torchsummary"), 427),
        (sample!("mobilenet_v2.printed"), 491),
        (sample!("vgg16.printed"), 212),
        (sample!("alexnet.torchinfo"), 195),
    ] {
        let reading = read(text, [224, 224]).unwrap();
        assert_eq!(field(&reading), Some(size), "{:?}", reading.form);
    }
    let reading = read(sample!("resnet18.printed"), [224, 224]).unwrap();
    let sums =
        reading.graph.ids().filter(|&id| matches!(reading.graph.node(id).op, Op::Arithmetic(_))).count();
    assert_eq!(sums, 8);
}

const SEQUENTIAL: &str = "nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1),
    nn.Conv2d(8, 8, 3, padding=1),  # the second
    nn.MaxPool2d(2),
    nn.Dropout(0.1),
    nn.Conv2d(8, 16, 3, padding=1),
)
";

#[test]
fn a_sequential_is_read_and_said_in_a_sentence() {
    let reading = read(SEQUENTIAL, [14, 14]).unwrap();
    assert_eq!(reading.sentence(), "5 layers found: 3 convolutions, 1 max pool, 1 dropout.");
    assert_eq!(reading.notes.len(), 1);
    let analysis = reading.graph.analyse();
    let last = analysis.value(reading.graph.last().unwrap()).unwrap().tensor().cloned();
    assert_eq!(last, Some(Shape::from([1, 16, 7, 7])));
}

#[test]
fn code_is_read_however_it_is_written() {
    let same = |text: &str| {
        let reading = read(text, [32, 32]).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let totals = reading.graph.analyse().totals();
        assert_eq!(
            (totals.params, totals.macs),
            (1_792 + 36_928, 30 * 30 * 1_728 + 15 * 15 * 36_864),
            "{text}"
        );
    };
    same("nn.Conv2d(3, 64, 3)\nnn.ReLU()\nnn.MaxPool2d(2)\nnn.Conv2d(64, 64, 3, padding=1)");
    same(
        "torch.nn.Conv2d(3, 64, 3),\nMaxPool2d(2, 2),\ntorch.nn.Conv2d(in_channels=64, out_channels=64, kernel_size=(3, 3), padding='same'),",
    );
    same(
        "self.conv1 = nn.Conv2d(3, 64, 3)\nself.pool = nn.MaxPool2d(kernel_size=2, stride=2)\nself.conv2 = nn.Conv2d(64, 64, 3, 1, 1)\n",
    );
    same(
        "import torch\nimport torch.nn as nn\n\nclass Net(nn.Module):\n    \"\"\"A net.\"\"\"\n    def __init__(self, width: int = 64):\n        super().__init__()\n        self.conv1 = nn.Conv2d(3, width, 3)\n        self.pool = nn.MaxPool2d(2)\n        self.conv2 = nn.Conv2d(width, width, 3, padding=1)\n\n    def forward(self, x):\n        return self.conv2(self.pool(self.conv1(x)))\n\nnet = Net()\n",
    );
    same(
        "w = 32 * 2\nmodel = nn.Sequential(OrderedDict([\n  ('conv1', nn.Conv2d(3, w, 3)),\n  ('pool', nn.Sequential(nn.MaxPool2d(2), nn.Identity())),\n  ('conv2', nn.Conv2d(w, w, 3, padding=1)),\n]))\nloss = nn.CrossEntropyLoss()\n",
    );
    same(
        "layers = [nn.Conv2d(3, 64, 3), nn.ReLU(inplace=True)]\nlayers.append(nn.MaxPool2d(2))\nlayers += [nn.Conv2d(64, 64, 3, padding=1)]\nnn.Sequential(*layers)\n",
    );
    same(
        "def block(a, b, **kw):\n    layers = [nn.Conv2d(a, b, 3), nn.ReLU()]\n    return nn.Sequential(*layers, nn.MaxPool2d(2))\n\nnn.Sequential(block(3, 64), nn.Conv2d(64, 64, 3, padding=1))\n",
    );
    same(
        "def block(a, b):\n    return 1\n\nmodel = nn.Sequential(\n    nn.Conv2d(3, 64, 3), nn.MaxPool2d(2), nn.Conv2d(64, 64, 3, padding=1)).to('cuda')\nprint(model)\n",
    );
}

#[test]
fn the_size_that_a_linear_layer_asks_for_is_found() {
    let text = "nn.Conv2d(1, 6, 5)\nnn.MaxPool2d(2)\nnn.Conv2d(6, 16, 5)\nnn.MaxPool2d(2)\nnn.Linear(16 * 5 * 5, 10)";
    let reading = read(text, [224, 224]).unwrap();
    let notes: Vec<String> = reading.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "the input's size is not stated; 32 × 32 is taken, which all layers fit.",
            "Line 5: maps become features before the linear layer, as its size says."
        ]
    );
    let mlp = read("nn.Flatten()\nnn.Linear(784, 10)", [14, 14]).unwrap();
    assert_eq!(mlp.graph.node(mlp.graph.id(0).unwrap()).op, Op::Input([1, 1, 28, 28].into()));
}

#[test]
fn fomoro_links_are_read() {
    for text in [
        "https://fomoro.com/research/article/receptive-field-calculator#3,1,1,VALID;3,1,1,VALID;2,2,1,SAME;3,1,1,VALID",
        "#3,1,1,VALID;3,1,1,VALID;2,2,1,SAME;3,1,1,VALID;\n",
        "3,1,1,VALID;3,1,1,VALID;2,2,1,SAME;3,1,1,VALID",
    ] {
        let reading = read(text, [14, 14]).unwrap();
        assert_eq!((reading.form, reading.n_layers(), field(&reading)), (Form::Fomoro, 4, Some(10)));
    }
}

#[test]
fn errors_say_line_column_and_what_is_expected() {
    for (text, words) in [
        ("", "there is no text"),
        (
            "hello there",
            "no layer is found; PyTorch code, a printed module, a table of torchinfo or torchsummary, or a Fomoro link is expected",
        ),
        ("nn.Conv2d(3, 8", "line 1, column 14: a comma or a closing parenthesis is expected before the end"),
        ("x = 1\nnn.Conv2d(3, , 3)", "line 2, column 14: a value is expected, not \",\""),
        ("nn.Conv2d(3, 8)", "line 1, column 1: Conv2d needs kernel_size"),
        ("nn.Conv2d(3, 8, 'big')", "line 1, column 17: kernel_size of Conv2d must be a whole number or two"),
        ("nn.Conv2d(3, width, 3)", "line 1, column 14: what width stands for is not in the text"),
        ("nn.Conv2d(3, 8, 0)", "line 1, column 1: Conv2d is impossible: kernel_size must be at least 1"),
        (
            "nn.Sequential(*[nn.ReLU() for _ in range(3)])",
            "line 1, column 27: stars, loops and lambdas make layers that only Python can count; print(model) shows them all",
        ),
        (
            "nn.Sequential(*blocks(3))",
            "line 1, column 15: stars, loops and lambdas make layers that only Python can count; print(model) shows them all",
        ),
        (
            "nn.Sequential([nn.ReLU() for _ in range(3)])",
            "line 1, column 26: stars, loops and lambdas make layers that only Python can count; print(model) shows them all",
        ),
        ("nn.Linear(3, 'a", "line 1, column 14: quotation marks are not closed"),
        (
            "#3,1,1,VALID;3,1,SAME",
            "line 1, column 14: kernel, stride, dilation and SAME or VALID is expected, not \"3,1,SAME\"",
        ),
        (
            "#3,1,1,VALID;3,0,1,SAME",
            "line 1, column 14: three whole numbers of at least 1 is expected, not \"3,0,1,SAME\"",
        ),
    ] {
        let error = read(text, [14, 14]).unwrap_err();
        assert_eq!(error.to_string(), words, "{text}");
    }
}

#[test]
fn what_a_block_cannot_say_is_said_where_the_block_says_it() {
    let block = "class Block(nn.Module):\n    def __init__(self, c):\n        super().__init__()\n        self.net = nn.Sequential(*[nn.Conv2d(c, c, 3, padding=1) for _ in range(2)])\n";
    let net = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.stem = nn.Conv2d(3, 16, 3)\n        self.b1 = Block(16)\n        self.head = nn.ReLU()\n";
    let error = read(&[block, net].concat(), [14, 14]).unwrap_err().to_string();
    assert!(error.starts_with("line 4, column 66: stars, loops and lambdas"), "{error}");
    // What a class is made of that has nothing to do with layers is passed over, however often.
    let other = "class Log:\n    def __init__(self, path):\n        self.file = open(path)\n";
    let lines = "        self.log = Log(3 +)\n".repeat(40);
    let text =
        [other, net.split("        self.b1").next().unwrap(), &lines, "        self.head = nn.ReLU()\n"]
            .concat();
    let reading = read(&text, [14, 14]).unwrap();
    assert_eq!(reading.graph.len(), 3, "{:?}", reading.notes);
    assert!(
        reading.notes.iter().any(|note| note.to_string().contains("what `Log` makes")),
        "{:?}",
        reading.notes
    );
}

#[test]
fn repeated_blocks_and_unknown_classes_of_a_printed_module_are_taken() {
    let text = "Net(\n  (stem): Conv2d(3, 4, kernel_size=(1, 1), stride=(1, 1))\n  (blocks): ModuleList(\n    (0-2): 3 x Block(\n      (conv): Conv2d(4, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))\n      (drop): DropPath(drop_prob=0.100)\n    )\n  )\n  (odd): Wavelet(levels=3, kind=haar)\n)\n";
    let reading = read(text, [14, 14]).unwrap();
    let notes: Vec<String> = reading.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes[1..],
        [
            "Line 1: what Net does with its layers is not followed; they are read in order.",
            "Line 4: what Block (3 times) does with its layers is not followed; they are read in order.",
            "Line 9: Wavelet is not known, so receptive fields end there.",
        ]
    );
    let names: Vec<&str> = reading.graph.ids().map(|id| reading.graph.node(id).name.as_str()).collect();
    assert_eq!(names[2..4], ["blocks.0.conv", "blocks.0.drop"]);
}

#[test]
fn what_a_printed_module_or_a_table_does_not_state_is_said() {
    let text = "Net(\n  (a): Conv2d(3, 4, kernel_size=(1, 1), stride=(1, 1))\n  (b): Permute()\n  (c): PixelNorm()\n)\n";
    let reading = read(text, [14, 14]).unwrap();
    let said: Vec<String> = reading.notes.iter().map(ToString::to_string).collect();
    assert!(
        said.contains(
            &"Line 3: Permute is shown without its dims, so receptive fields end there.".to_owned()
        ),
        "{said:?}"
    );
    // Code states all that it makes, so that it is an error there.
    assert_eq!(
        read("nn.Permute()", [14, 14]).unwrap_err().to_string(),
        "line 1, column 1: Permute needs dims"
    );
}

/// What no text may do: panic, or take long.
fn survive(text: &str) -> Result<Reading, TextError> {
    let started = std::time::Instant::now();
    let reading = read(text, [14, 14]);
    if let Ok(reading) = &reading {
        reading.graph.analyse().totals();
        reading.sentence();
    }
    assert!(started.elapsed().as_secs() < 20, "{} bytes took {:?}", text.len(), started.elapsed());
    reading
}

#[test]
fn nesting_and_doubling_are_bounded() {
    for text in [
        "nn.Conv2d(".repeat(100_000),
        "(".repeat(200_000) + "nn.ReLU()",
        "-".repeat(200_000) + "1\nnn.ReLU()",
        format!("nn.Linear({}1, 2)", "1+".repeat(200_000)),
        format!("nn.Linear(a{}, 2)", "()".repeat(200_000)),
        format!("a = nn.ReLU()\n{}nn.Sequential(a)", "a = nn.Sequential(a, a)\n".repeat(60)),
        format!("a = [1]\n{}nn.Sequential(a)", "a = [a, a]\n".repeat(60)),
        "class A(nn.Module):\n  def __init__(self):\n    self.a = A()\n    self.b = A()\n".to_owned(),
        "Net(\n".repeat(100_000) + "  (0): ReLU()\n",
        "  (0): 99999 x A(\n    (0-9): 99999 x B(\n      (0): 99999 x ReLU()\n    )\n  )\n".to_owned(),
        format!("#{}", "3,1,1,SAME;".repeat(100_000)),
    ] {
        let _ = survive(&text);
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "nn.Conv2d(", "nn.Sequential(", "nn.MaxPool2d(", "Linear(", ")", "(", "[", "]", ",", "=", "\n", "    ", "3",
            "1e400", "-1", "'a'", "self.x", "class A(nn.Module):", "def __init__(self, n=3):", "A(", "for", "*", "padding",
            "kernel_size", "(conv1): ", "BasicBlock(", "Conv2d(3, 4, kernel_size=(1, 1))", "None", "True", ":", "{", "}",
            "\"\"\"", "#", "\\", "+", "9223372036854775807", "Layer (type:depth-idx)", "Output Shape", "├─Conv2d: 1-1",
            "[1, 3, 0, 5]", "[-1, 8, 9, 9]", "Layer (type)", "Conv2d-1", "1,728", "nn.Upsample(scale_factor=", "é", "\t",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => any::<u32>().prop_map(|it| it.to_string()),
    ]
}

const SAMPLES: [&str; 7] = [
    SEQUENTIAL,
    sample!("small.printed"),
    sample!("small.torchinfo"),
    sample!("small.torchsummary"),
    sample!("resnet18.printed"),
    sample!("resnet18.torchinfo"),
    sample!("resnet18.torchsummary"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_network_or_an_error(words in prop::collection::vec(word(), 0..60)) {
        let _ = survive(&words.concat());
    }

    #[test]
    fn a_changed_text_is_a_network_or_an_error(
        sample in prop::sample::select(SAMPLES.to_vec()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, word()), 1..6),
    ) {
        let mut text = sample.to_owned();
        for (place, len, with) in edits {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if starts.is_empty() { break }
            let first = place.index(starts.len());
            let end = starts.get(first + len).copied().unwrap_or(text.len());
            text.replace_range(starts[first]..end, &with);
        }
        let _ = survive(&text);
    }
}
