//! Compares what convscope computes with values frozen from PyTorch.
//!
//! The same code serves the command, the native tests and the tests in a browser, so it takes the contents
//! of files and opens none. A case of an operation that is not built yet fails. Skipped, with the reason, are
//! those cases of ONNX alone that are about what convscope leaves out.

mod compare;
mod conv2d;
mod conv_transpose2d;
mod grad;
mod net;
mod onnx;
mod onnx_graph;
mod outcome;
mod pointwise;
mod pool;
mod row;
mod rules;

use convscope_core::ConvError;
use row::Row;
use serde_json::Value;
use std::fmt;

/// A file of a data folder: cases in JSON, or what a case refers to.
#[derive(Clone, Copy, Debug)]
pub struct DataFile<'a> {
    /// The path within the data folder, with `/` between folders: `ops/conv2d.jsonl`.
    pub path: &'a str,
    /// One case per line, one JSON document, or a model or tensor in ONNX's form.
    pub bytes: &'a [u8],
}

impl<'a> DataFile<'a> {
    /// Extensions of the files that a run may need.
    pub const EXTENSIONS: [&'static str; 4] = ["json", "jsonl", "onnx", "pb"];

    /// The path without extension, such as `ops/conv2d`; nothing when the file holds no cases: models and
    /// tensors, and all folders but those of operations, networks and receptive fields. Statements, pictures and
    /// snippets of code are for other tests.
    fn family(&self) -> Option<&'a str> {
        let stem = self.path.strip_suffix(".json").or_else(|| self.path.strip_suffix(".jsonl"))?;
        let with_cases = ["ops/", "onnx-node/", "onnx-graph/", "nets/", "rf/"];
        with_cases.iter().any(|folder| stem.starts_with(folder)).then_some(stem)
    }

    fn text(&self) -> Result<&'a str, String> {
        std::str::from_utf8(self.bytes).map_err(|error| error.to_string())
    }
}

/// What came out of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many cases passed.
    pub passed: usize,
    /// Those that did not, with what differs, in numbers.
    pub failed: Vec<Remark>,
    /// Those that are about what convscope leaves out, with what that is.
    pub skipped: Vec<Remark>,
}

/// What is to be said of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The case's name, after its family's.
    pub case: String,
    /// Why it did not pass.
    pub reason: String,
}

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    /// It differs, and in what.
    Failed(String),
    /// It is about what convscope leaves out (maps of three spatial axes, integers as values, training), and
    /// about which of these.
    Skipped(&'static str),
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        match result {
            Ok(()) => Self::Passed,
            Err(reason) => Self::Failed(reason),
        }
    }
}

/// Which cases to run: a path, and perhaps one operation of its files, as in `ops/shapes:conv2d`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    path: &'a str,
    op: Option<&'a str>,
}

impl<'a> Selection<'a> {
    /// From `PATH` or `PATH:OPERATION`; an empty path means everything.
    pub fn new(text: &'a str) -> Self {
        match text.split_once(':') {
            Some((path, op)) => Self { path: path.trim_end_matches('/'), op: Some(op) },
            None => Self { path: text.trim_end_matches('/'), op: None },
        }
    }

    /// Whole folders and files: `ops/conv2d` does not take `ops/conv2d_grad`.
    pub fn takes_family(&self, family: &str) -> bool {
        let rest = family.strip_prefix(self.path);
        self.path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn takes_op(&self, op: &str) -> bool {
        self.op.is_none_or(|wanted| wanted == op)
    }
}

/// Runs the selected cases of some files.
pub fn run(files: &[DataFile<'_>], selection: Selection<'_>) -> Report {
    let mut report = Report::default();
    for file in files {
        let Some(family) = file.family() else { continue };
        match family {
            "onnx-node/index" => run_index(file, files, selection, &mut report),
            _ if !selection.takes_family(family) => {}
            _ if family.starts_with("ops/") => run_lines(family, file, selection, &mut report),
            _ if family.starts_with("onnx-graph/") => {
                run_exports(family, file, files, selection, &mut report)
            }
            "rf/stacks" => run_stacks(family, file, selection, &mut report),
            // One network or one trained model per file.
            _ if !selection.takes_op("") => {}
            _ if family.starts_with("nets/") => {
                report.add(family, "", document(file).and_then(|net| net::check_net(&net)).into());
            }
            _ if family.starts_with("rf/nets/") => report.add(family, "", check_fields(file, files).into()),
            _ => report.add(family, "", not_built()),
        }
    }
    report
}

fn not_built() -> Outcome {
    Outcome::Failed("not built yet".to_owned())
}

impl Report {
    fn add(&mut self, family: &str, name: &str, outcome: Outcome) {
        let remark = |reason| {
            let case = if name.is_empty() { family.to_owned() } else { format!("{family} {name}") };
            Remark { case, reason }
        };
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(reason) => self.failed.push(remark(reason)),
            Outcome::Skipped(reason) => self.skipped.push(remark(reason.to_owned())),
        }
    }

    /// Whether no case was found.
    fn is_empty(&self) -> bool {
        self.passed == 0 && self.failed.is_empty() && self.skipped.is_empty()
    }

    /// What is asked for and not there is not passed in silence: without any case, one has failed.
    pub fn or_missing(mut self, asked_for: &str) -> Self {
        if self.is_empty() {
            let case = if asked_for.is_empty() { "all" } else { asked_for };
            self.add(case, "", Outcome::Failed("there are no such cases".to_owned()));
        }
        self
    }
}

/// A line for each case that is skipped or failed, and as the last `N passed, M failed, K skipped`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Remark { case, reason } in &self.skipped {
            writeln!(f, "skipped: {case}: {reason}")?;
        }
        for Remark { case, reason } in &self.failed {
            writeln!(f, "{case}: {reason}")?;
        }
        let Self { passed, failed, skipped } = self;
        write!(f, "{passed} passed, {} failed, {} skipped", failed.len(), skipped.len())
    }
}

fn run_lines(family: &str, file: &DataFile<'_>, selection: Selection<'_>, report: &mut Report) {
    let text = match file.text() {
        Ok(text) => text,
        Err(error) => return report.add(family, "", Outcome::Failed(error)),
    };
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Row>(line) {
            Ok(row) if selection.takes_op(&row.op) => {
                report.add(family, &row.name, check(family, &row).into())
            }
            Ok(_) => {}
            Err(error) => report.add(family, &format!("line {}", i + 1), Outcome::Failed(error.to_string())),
        }
    }
}

fn check(family: &str, row: &Row) -> Result<(), String> {
    match (family, row.op.as_str()) {
        ("ops/shapes", _) => {
            outcome::check_shape(row, sizes(row)?)?;
            rules::check_pytorch(row)
        }
        ("ops/invalid", _) => {
            outcome::check_outcome(row, sizes(row)?)?;
            rules::check_pytorch(row)
        }
        ("ops/rules", _) => rules::check_answers(row),
        ("ops/auto_pad", op) => {
            if op.starts_with("conv2d") {
                conv2d::check_auto_pad(row)?;
            } else {
                pool::check_values(row)?;
            }
            rules::check_auto_pad(row)
        }
        (_, "conv2d") => conv2d::check_values(row),
        (_, "conv_transpose2d") => conv_transpose2d::check_values(row),
        (_, "max_pool2d" | "avg_pool2d") => pool::check_values(row),
        (_, "adaptive_avg_pool2d" | "adaptive_max_pool2d") => pool::check_adaptive(row),
        (_, "conv2d_grad") => grad::check_conv2d(row),
        ("ops/other_grad", _) => grad::check_other(row),
        ("ops/pointwise", _) => pointwise::check_values(row),
        _ => Err("not built yet".to_owned()),
    }
}

fn document(file: &DataFile<'_>) -> Result<Value, String> {
    serde_json::from_slice(file.bytes).map_err(|error| error.to_string())
}

/// Fields of the network of the same name, which another file describes.
fn check_fields(file: &DataFile<'_>, files: &[DataFile<'_>]) -> Result<(), String> {
    let path = file.path.strip_prefix("rf/").unwrap_or(file.path);
    let net =
        files.iter().find(|file| file.path == path).ok_or_else(|| format!("there is no file {path}"))?;
    net::check_fields(&document(file)?, &document(net)?)
}

/// A network in the two files in which its weights are left out.
fn run_exports(
    family: &str,
    file: &DataFile<'_>,
    files: &[DataFile<'_>],
    selection: Selection<'_>,
    report: &mut Report,
) {
    if !selection.takes_op("") {
        return;
    }
    for variant in onnx_graph::VARIANTS {
        let outcome = document(file).and_then(|shapes| onnx_graph::check(family, variant, &shapes, files));
        report.add(family, variant, outcome.into());
    }
}

fn run_stacks(family: &str, file: &DataFile<'_>, selection: Selection<'_>, report: &mut Report) {
    let text = match file.text() {
        Ok(text) => text,
        Err(error) => return report.add(family, "", Outcome::Failed(error)),
    };
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Value>(line) {
            Ok(row) if selection.takes_op("") => {
                report.add(family, row["name"].as_str().unwrap_or("?"), net::check_stack(&row).into());
            }
            Ok(_) => {}
            Err(error) => report.add(family, &format!("line {}", i + 1), Outcome::Failed(error.to_string())),
        }
    }
}

/// What we say of a layer without any value.
fn sizes(row: &Row) -> Result<Result<outcome::Sizes, ConvError>, String> {
    match row.op.as_str() {
        "conv2d" => conv2d::sizes(row),
        "conv_transpose2d" => conv_transpose2d::sizes(row),
        "max_pool2d" | "avg_pool2d" => pool::sizes(row),
        "adaptive_avg_pool2d" | "adaptive_max_pool2d" => pool::adaptive_sizes(row),
        "linear" => pointwise::linear_sizes(row),
        "softmax" => pointwise::softmax_sizes(row),
        _ => Err("not built yet".to_owned()),
    }
}

/// The list of ONNX's own test cases, one folder each among `files`: `onnx-node/test_relu` takes one of them.
fn run_index(file: &DataFile<'_>, files: &[DataFile<'_>], selection: Selection<'_>, report: &mut Report) {
    const FAMILY: &str = "onnx-node";
    let index = serde_json::from_slice::<Value>(file.bytes);
    let cases = index.as_ref().ok().and_then(|index| index["cases"].as_array());
    let Some(cases) = cases else {
        if selection.takes_family(FAMILY) {
            report.add(FAMILY, "", Outcome::Failed("the index holds no list of cases".to_owned()));
        }
        return;
    };
    for case in cases {
        let name = case["name"].as_str().unwrap_or("?");
        let taken = selection.takes_family(&format!("{FAMILY}/{name}"));
        if taken && selection.takes_op(case["op"].as_str().unwrap_or_default()) {
            report.add(FAMILY, name, onnx::check(case, FAMILY, files));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(family: &str, text: &str, only: &str) -> Report {
        run(&[DataFile { path: &format!("{family}.jsonl"), bytes: text.as_bytes() }], Selection::new(only))
    }

    /// A 1x1 kernel of weight 2 on the cells 1 and 3.
    fn doubling(output: &str) -> String {
        r#"{"name":"a","op":"conv2d","params":{"kernel":[1,1],"stride":[1,1],"padding":"explicit",
            "pads":[0,0,0,0],"dilation":[1,1],"groups":1,"padding_mode":"zeros","bias":false},
            "input_shape":[1,1,1,2],"weight_shape":[1,1,1,1],"input":[1,3],"weight":[2],"bias":null,
            "output_shape":[1,1,1,2],"exact":true,"output":OUTPUT}"#
            .replace('\n', "")
            .replace("OUTPUT", output)
    }

    #[test]
    fn a_right_case_passes_and_a_wrong_one_fails_with_both_numbers() {
        assert_eq!(report("ops/conv2d", &doubling("[2,6]"), ""), Report { passed: 1, ..Report::default() });
        let wrong = report("ops/conv2d", &doubling("[2,7]"), "");
        assert_eq!((wrong.passed, wrong.failed[0].case.as_str()), (0, "ops/conv2d a"));
        assert!(wrong.failed[0].reason.contains("6.0") && wrong.failed[0].reason.contains("7.0"));
    }

    #[test]
    fn exact_means_bit_by_bit() {
        let wrong = doubling("[2,6]").replace("[1,3]", "[0,3]").replace("[2,6]", "[-0.0,6]");
        assert_eq!(report("ops/conv2d", &wrong, "").failed.len(), 1);
    }

    #[test]
    fn infinities_are_written_as_strings() {
        let text = doubling("[2,\"Infinity\"]").replace("[1,3]", "[1,\"Infinity\"]");
        assert_eq!(report("ops/conv2d", &text, "").passed, 1);
    }

    #[test]
    fn what_is_not_built_or_not_readable_fails() {
        let pool = doubling("[2,6]").replace("\"conv2d\"", "\"max_pool2d\"");
        for (family, text) in [
            ("ops/max_pool2d", pool.as_str()),
            ("ops/conv2d", "{}"),
            ("rf/stacks", "{\"name\":\"stack-00\"}"),
            ("nets/vgg16", "{}"),
            ("onnx-node/index", "{\"cases\":[{\"name\":\"test_relu\",\"op\":\"Relu\"}]}"),
            ("onnx-node/index", "[]"),
        ] {
            let report = report(family, text, "");
            assert_eq!((report.passed, report.failed.len()), (0, 1), "{family}");
        }
    }

    #[test]
    fn a_selection_takes_whole_folders_and_files() {
        for (only, family, taken) in [
            ("", "ops/conv2d", true),
            ("ops", "ops/conv2d", true),
            ("ops/", "ops/conv2d", true),
            ("ops/conv2d", "ops/conv2d", true),
            ("ops/conv2d", "ops/conv2d_grad", false),
            ("op", "ops/conv2d", false),
            ("rf/nets", "rf/nets/vgg16", true),
            ("ops/shapes:conv2d", "ops/shapes", true),
        ] {
            assert_eq!(Selection::new(only).takes_family(family), taken, "{only} {family}");
        }
    }

    #[test]
    fn a_selection_takes_rows_of_one_operation() {
        let case = doubling("[2,6]");
        assert_eq!(report("ops/conv2d", &case, "ops/conv2d:conv2d").passed, 1);
        assert_eq!(report("ops/conv2d", &case, "ops/conv2d:max_pool2d"), Report::default());
    }
}
