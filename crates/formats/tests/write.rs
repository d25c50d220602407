//! Networks as texts: those that ran in the frameworks, what is read back, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../examples/exports/cases.rs"]
#[allow(dead_code, reason = "the example uses all of it")]
mod cases;

use std::sync::LazyLock;

use cases::{Case, cases, hash};
use convscope_core::graph::zoo::Zoo;
use convscope_core::graph::{Analysis, Graph, notation};
use convscope_formats::write::{Target, names, write};
use convscope_formats::{Remark, text};
use proptest::prelude::*;
use serde_json::Value;

const RAN: [(Target, &str); 4] =
    [(Target::PyTorch, "PyTorch"), (Target::Keras, "Keras"), (Target::Jax, "JAX"), (Target::Onnx, "ONNX")];

fn frozen() -> Value {
    serde_json::from_str(include_str!("../../../tests/data/exports/index.json")).unwrap()
}

#[test]
fn every_text_is_the_one_that_ran() {
    let frozen = frozen();
    let frozen = frozen["cases"].as_array().unwrap();
    let cases = cases();
    assert_eq!(cases.len(), frozen.len(), "cases were added or left out since they ran");
    let mut counts = [0, 0];
    for (Case { name, graph, .. }, frozen) in cases.iter().zip(frozen) {
        assert_eq!(*name, frozen["name"]);
        for (target, framework) in RAN {
            match write(graph, target) {
                Ok(text) => {
                    assert_eq!(hash(&text), frozen[framework], "{framework} {name}: run it anew\n{text}");
                    counts[0] += 1;
                }
                Err(refusal) => {
                    assert_eq!(refusal.to_string(), frozen[framework]["refusal"], "{framework} {name}");
                    counts[1] += 1;
                }
            }
        }
    }
    assert!(counts[0] > 300, "{counts:?}");
}

#[test]
fn every_known_network_is_written_in_every_framework() {
    for &zoo in Zoo::ALL {
        for (target, framework) in RAN {
            let written = write(&zoo.build(), target);
            assert!(written.is_ok(), "{framework} {zoo:?}: {written:?}");
        }
    }
}

#[test]
fn versions_are_those_that_the_script_asks_for() {
    let required = include_str!("../../../tests/code/requirements.txt");
    for (package, version) in frozen()["versions"].as_object().unwrap() {
        let line = format!("{package}=={}", version.as_str().unwrap());
        assert!(required.lines().any(|it| it == line), "{line} is not in tests/code/requirements.txt");
    }
}

/// What a network comes to: its last shape, the fields of its last layer, and its costs.
fn numbers(analysis: &Analysis) -> String {
    let last = analysis.graph().last().unwrap();
    let totals = analysis.totals();
    format!("{:?} {:?} {} {}", analysis.value(last), analysis.fields(last), totals.params, totals.macs)
}

/// Rows and columns of the input.
fn size(graph: &Graph) -> [u64; 2] {
    let analysis = graph.analyse();
    let shape = analysis.value(graph.id(0).unwrap()).unwrap().tensor().unwrap().nchw();
    shape.map_or([1, 1], |[_, _, height, width]| [height, width])
}

#[test]
fn a_sequential_is_read_back_as_the_same_network() {
    let mut n_read = 0;
    for Case { name, graph, .. } in cases() {
        let Ok(code) = write(&graph, Target::PyTorch) else { continue };
        // Without a convolution nothing says what the input is, what does nothing is not read, several images are
        // read as one, and zeros that stand for output padding cost multiplications.
        if !code.contains("nn.Sequential(\n    nn.")
            || !code.contains("nn.Conv")
            || ["batch", "nothing", "norm-features", "transposed-sized"].contains(&name)
        {
            continue;
        }
        let reading =
            text::read(&code, size(&graph)).unwrap_or_else(|error| panic!("{name}: {error}\n{code}"));
        // Nothing in the code says how many channels the input has.
        if reading.notes.iter().any(|note| matches!(note.remark, Remark::InputChannels { .. })) {
            continue;
        }
        let [ours, theirs] = [graph.analyse(), reading.graph.analyse()];
        assert_eq!(numbers(&theirs), numbers(&ours), "{name}\n{code}");
        n_read += 1;
    }
    assert!(n_read >= 25, "{n_read}");
}

#[test]
fn the_text_of_plain_layers_is_read_back_to_the_letter() {
    for link in [
        "i1x3x14x14.c8k3.c8k3.mk2.c8k3",
        "i1x3x32x30.c8k3p1.r.c8k3psn.b.mk3s2p1u.c16k5x3s2x1d2mrg2.ak2e.F.f10.s1",
        "i1x3x9x9.t4k3s2p1o1.esilu.nReLU6.ub2.ub2l.u9a.A.F.f3n",
    ] {
        let graph = notation::read(link).unwrap();
        let code = write(&graph, Target::PyTorch).unwrap();
        let reading = text::read(&code, size(&graph)).unwrap();
        // An average over no padding counts all cells either way.
        let again = notation::write(&reading.graph, notation::Names::Left);
        assert_eq!(again, link.replace("ak2e", "ak2"), "{code}");
    }
}

/// ONNX Runtime refuses an output padding as large as the stride even below the dilation, which PyTorch takes.
#[test]
fn output_padding_of_onnx_is_below_the_stride() {
    let graph = notation::read("i1x3x5x6.t4k3s2d4o3").unwrap();
    let onnx = write(&graph, Target::Onnx).unwrap();
    assert!(
        onnx.contains("int64[8] {0, 0, 0, 0, 0, 0, 1, 1}") && onnx.contains("output_padding = [1, 1]"),
        "{onnx}"
    );
    let pytorch = write(&graph, Target::PyTorch).unwrap();
    assert!(pytorch.contains("output_padding=3") && !pytorch.contains("ZeroPad2d"), "{pytorch}");
}

#[test]
fn a_fragment_of_fomoro_has_the_fields_of_its_network() {
    for (link, expected) in [
        ("i1x3x14x14.c8k3.c8k3.mk2.c8k3", Ok("#3,1,1,VALID;3,1,1,VALID;2,2,1,VALID;3,1,1,VALID")),
        ("i1x3x15x15.c8k3p1.b.r.c8k3s2p1.c8k3d2p2.d", Ok("#3,1,1,SAME;3,2,1,SAME;3,1,2,SAME")),
        ("i1x3x14x14.c8k3p1.mk2.F.f10.s1", Ok("#3,1,1,SAME;2,2,1,VALID")),
        // The same padding is not that of SAME over an even input.
        (
            "i1x3x14x14.c8k3s2p1",
            Err("layer 1 (conv) cannot be written: a Fomoro link knows VALID and SAME alone"),
        ),
        (
            "i1x3x14x14.c8k3x1",
            Err("layer 1 (conv) cannot be written: a Fomoro link has square windows alone"),
        ),
        ("i1x3x14x14.mk3s2u", Err("layer 1 (pool) cannot be written: a Fomoro link rounds sizes down")),
        (
            "i1x3x14x14.t8k2s2:up2",
            Err("layer 1 (up2) cannot be written: a Fomoro link has no transposed convolutions"),
        ),
        ("i1x8x14x14.c8k3p1.ja_1,2", Err("layer 2 (add) cannot be written: a Fomoro link has no branches")),
        ("i1x8x14x14.r", Err("layer 1 (relu) cannot be written: a Fomoro link has at least one window")),
        ("i1x8x14x14.u7", Err("layer 1 (up) cannot be written: a Fomoro link has windows alone")),
        (
            "i1x3x4x4.F.v1x3x4x4.c4k3",
            Err("layer 2 (layer) cannot be written: a Fomoro link has windows alone"),
        ),
        (
            "i1x3x4x4.c4k3.A.c4",
            Err("layer 3 (conv) cannot be written: a Fomoro link ends where a layer reads a whole map"),
        ),
    ] {
        let graph = notation::read(link).unwrap();
        let written = write(&graph, Target::Fomoro).map_err(|refusal| refusal.to_string());
        assert_eq!(written, expected.map(str::to_owned).map_err(str::to_owned), "{link}");
        let Ok(fragment) = written else { continue };
        let theirs = text::read(&fragment, size(&graph)).unwrap().graph.analyse();
        let ours = graph.analyse();
        let last_window = |analysis: &Analysis| {
            let of_window = |id: &convscope_core::graph::NodeId| {
                matches!(analysis.graph().node(*id).op, convscope_core::graph::Op::Layer(_))
            };
            let id = analysis.graph().ids().rev().find(of_window).unwrap();
            let shape = analysis.value(id).unwrap().tensor().unwrap().nchw().unwrap();
            (format!("{:?}", analysis.fields(id)), [shape[2], shape[3]])
        };
        assert_eq!(last_window(&theirs), last_window(&ours), "{link}");
    }
}

#[test]
fn what_a_framework_cannot_say_is_refused_with_layer_and_reason() {
    for (link, target, expected) in [
        (
            "i1x3x9x9.c4k3s2d2",
            Target::Keras,
            "layer 1 (conv) cannot be written: Keras takes a stride or a dilation above 1, not both",
        ),
        (
            "i1x3x9x9.r.ak3d2:blur",
            Target::PyTorch,
            "layer 2 (blur) cannot be written: PyTorch has dilation for maximum pools alone",
        ),
        (
            "i1x3x9x9.ak3f5",
            Target::Onnx,
            "layer 1 (pool) cannot be written: ONNX divides an average by the cells that count",
        ),
        (
            "i1x3x9x9.nClip",
            Target::Jax,
            "layer 1 (act) cannot be written: its numbers are not in the list of layers",
        ),
        ("i1x3x9x9.UWave", Target::PyTorch, "layer 1 (Wave) is impossible, so there is nothing to write"),
        (
            "i1x3x9x9.UWave~1x3x9x9",
            Target::PyTorch,
            "layer 1 (Wave) cannot be written: nobody here knows what it computes",
        ),
        ("i1x3x9x9.c4k10.r", Target::Keras, "layer 1 (conv) is impossible, so there is nothing to write"),
        ("w3.r", Target::Jax, "layer 1 (relu) cannot be written: the network has no input"),
        (
            "i1x4x9x9.h2",
            Target::Onnx,
            "layer 1 (parts) cannot be written: a network ends with one tensor, and this gives several",
        ),
        ("", Target::PyTorch, "there are no layers to write"),
    ] {
        let refusal = write(&notation::read(link).unwrap(), target).unwrap_err();
        assert_eq!(refusal.to_string(), expected, "{link}");
    }
}

#[test]
fn texts_of_the_course_are_those_that_one_would_write() {
    let graph = Zoo::Course.build();
    let expected = "import torch
from torch import nn

# Made for an input of [1, 3, 14, 14].
net = nn.Sequential(
    nn.Conv2d(3, 8, 3),
    nn.Conv2d(8, 8, 3),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 8, 3),
)

y = net.eval()(torch.zeros((1, 3, 14, 14)))
print(y.shape)
";
    assert_eq!(write(&graph, Target::PyTorch).unwrap(), expected);
    let residual = notation::read("i1x8x9x9.c8k3p1:conv.r:relu.ja_1,3:sum").unwrap();
    let expected = "class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x):
        conv = self.conv(x)
        relu = self.relu(conv)
        sum = relu + x
        return sum
";
    let code = write(&residual, Target::PyTorch).unwrap();
    assert!(code.contains(expected), "{code}");
}

#[test]
fn names_are_words_that_every_language_takes() {
    let graph =
        notation::read("i1x3x8x8.r:'a.b-c'.r:'a b c'.r:'3'.r:lambda.r:'\u{e9}'.r:forward.r:'__x__'").unwrap();
    assert_eq!(names(&graph), ["x", "a_b_c", "a_b_c_2", "relu3", "lambda_2", "relu", "forward_2", "x_2"]);
}

#[test]
fn tables_hold_every_number_and_keep_what_is_impossible() {
    let graph = notation::read("i1x3x14x14.c8k3s2p1:'a,\"b\"'.mk2x3s1d2:'c|d'.c8k30.r").unwrap();
    let csv = write(&graph, Target::Csv).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "Layer,Name,Operation,Reads,Kernel,Stride,Padding,Dilation,Groups,Output,Field,Jump,Start,Parameters,Bytes (float32),MACs,Note"
    );
    assert_eq!(lines[2], "1,\"a,\"\"b\"\"\",convolution,0,3,2,1,1,1,1 x 8 x 7 x 7,3,2,-1,224,1568,10584,");
    assert_eq!(lines[3], "2,c|d,max pool,1,2 x 3,1,0,2,,1 x 8 x 5 x 3,7 x 11,2,-1,0,480,0,");
    assert!(
        lines[4].starts_with("3,,convolution,2,30,1,0,1,1,,,,,,,,") && lines[4].contains("impossible"),
        "{csv}"
    );
    assert_eq!(lines.len(), 6);

    let markdown = write(&Zoo::Course.build(), Target::Markdown).unwrap();
    let lines: Vec<&str> = markdown.lines().collect();
    assert_eq!(
        lines[0],
        "| Layer | Name | Operation | Reads | Kernel | Stride | Padding | Dilation | Groups | Output | Field | Jump | Start | Parameters | Bytes (float32) | MACs |"
    );
    assert!(lines[6].contains("| 1 x 8 x 3 x 3 | 10 | 2 | 0 | 584 |"), "{markdown}");
    assert!(
        lines[7].contains("| Total |") && lines[7].contains("| 1,392 |") && lines[7].ends_with("| 93,888 |"),
        "{markdown}"
    );
    let piped = write(&graph, Target::Markdown).unwrap();
    assert!(piped.contains("| c\\|d |"), "{piped}");
}

static ALL: LazyLock<Vec<Case>> = LazyLock::new(cases);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_graph_makes_a_writer_panic(
        case in 0_usize..200, edits in prop::collection::vec((0_usize..120, "[a-zA-Z0-9x.,_-]{0,3}"), 0..4)
    ) {
        let all = &*ALL;
        let mut text = notation::write(&all[case % all.len()].graph, notation::Names::Kept);
        text.truncate(2_000);
        for (at, with) in edits {
            let at = at.min(text.len());
            if text.is_char_boundary(at) {
                text.insert_str(at, &with);
            }
        }
        let (graph, _) = notation::read_until(&text, 300);
        for target in Target::ALL {
            let _ = write(&graph, target);
        }
    }
}
