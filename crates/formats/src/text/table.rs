//! The tables of torchinfo and torchsummary: classes, shapes of outputs, and parameters.
//!
//! A table does not state kernel sizes, strides or padding. They follow from parameters and sizes as far as these
//! go (`deduce.rs`); a note says what was taken.

use std::collections::BTreeMap;

use convscope_core::graph::Shape;

use super::deduce;
use super::error::{At, Reason, TextError};
use super::expr::MAX_DEPTH;
use super::layers::is_known;
use super::lower::MAX_LAYERS;
use super::module::{Module, Stated};
use super::token::decimal;
use crate::reading::{Form, Note};

/// A row: how deep it stands, and its layer.
struct Row {
    depth: usize,
    module: Module,
}

type Table = (Vec<Module>, Form, [u64; 2], Vec<Note>);

/// The layers of a table with the windows that were deduced, and the input's size; nothing where the text is none.
pub(super) fn modules(text: &str) -> Result<Option<Table>, TextError> {
    let has = |words: &str| text.contains(words);
    let form = if has("Layer (type") && has("depth-idx)") || has("Layer (type (var_name)") {
        Form::Torchinfo
    } else if has("Layer (type)") && has("Output Shape") && has("[-1,") {
        Form::Torchsummary
    } else {
        return Ok(None);
    };
    let header = text.lines().find(|line| line.contains("Layer (type")).unwrap_or_default();
    let columns = columns(header);
    let mut rows = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let row = match form {
            Form::Torchinfo => torchinfo_row(line, index + 1, &columns),
            _ => torchsummary_row(line, index + 1),
        };
        rows.extend(row);
        if rows.len() > MAX_LAYERS {
            let at = At { line: index + 1, column: 1 };
            return Err(TextError::at(at, Reason::TooMany { max_layers: MAX_LAYERS }));
        }
    }
    let roots = match form {
        Form::Torchinfo => tree(rows)?,
        _ => grouped(rows),
    };
    if roots.is_empty() {
        return Err(TextError::whole(Reason::NoLayers));
    }
    let bytes = input_bytes(text, form);
    let (roots, size, notes) = deduce::windows(roots, bytes);
    Ok(Some((roots, form, size, notes)))
}

/// The least and the most bytes that the input may have, of the line `Input size (MB)`.
fn input_bytes(text: &str, form: Form) -> Option<[f64; 2]> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("Input size (MB):"))?;
    let megabytes = decimal(line.trim())?;
    let unit = if form == Form::Torchinfo { 1e6 } else { 1_048_576.0 };
    Some([megabytes - 0.0051, megabytes + 0.0051].map(|it| it * unit))
}

/// Lists in brackets, innermost ones alone; -1 of the batch becomes 1.
fn shapes(text: &str) -> Vec<Shape> {
    let list = |part: &str| {
        let sizes = part.split(']').next()?.split(',');
        let size = |text: &str| match text.trim() {
            "-1" => Some(1),
            text => text.parse().ok(),
        };
        sizes.map(size).collect::<Option<Vec<u64>>>().map(Shape::new)
    };
    text.split('[').skip(1).filter_map(list).collect()
}

/// A column of torchinfo's.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Input,
    Output,
    Params,
    Kernel,
    Other,
}

/// The columns of torchinfo's in the order of the header.
fn columns(header: &str) -> Vec<Column> {
    let named = [
        ("Input Shape", Column::Input),
        ("Output Shape", Column::Output),
        ("Param #", Column::Params),
        ("Kernel Shape", Column::Kernel),
        ("Mult-Adds", Column::Other),
        ("Param %", Column::Other),
        ("Trainable", Column::Other),
    ];
    let mut found: Vec<(usize, Column)> = Vec::new();
    for (name, column) in named {
        if let Some(place) = header.find(name) {
            let at = found.iter().position(|(other, _)| *other > place).unwrap_or(found.len());
            found.insert(at, (place, column));
        }
    }
    found.into_iter().map(|(_, column)| column).collect()
}

/// The cells of a row: lists in brackets, and words.
fn cells(row: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut rest = row.trim_start();
    while !rest.is_empty() {
        let mut open = 0_usize;
        let end = rest.find(|c: char| {
            match c {
                '[' => open += 1,
                ']' => open = open.saturating_sub(1),
                _ => {}
            }
            c.is_ascii_whitespace() && open == 0
        });
        let (cell, behind) = rest.split_at(end.unwrap_or(rest.len()));
        cells.push(cell);
        rest = behind.trim_start();
    }
    cells
}

/// `9,408`; 0 for `--`.
fn whole(cell: &str) -> u64 {
    cell.replace(',', "").parse().unwrap_or(0)
}

/// `│    └─Conv2d: 2-1    [1, 64, 56, 56]    36,864`
fn torchinfo_row(line: &str, number: usize, columns: &[Column]) -> Option<Row> {
    let is_branch = |c: char| matches!(c, '│' | '├' | '└' | '─' | ' ');
    let prefix = line.chars().take_while(|&c| is_branch(c)).count();
    let rest = line.trim_start_matches(is_branch);
    let class: String = rest.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect();
    let is_class = class.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
    // A row has a shape, or is a branch; lines of totals have a colon behind several words.
    let behind = &rest[class.len()..];
    if !is_class
        || (prefix == 0 && !behind.contains('[') && !behind.contains("--"))
        || behind.contains("(type")
    {
        return None;
    }
    let mut behind = behind.trim_start();
    let mut name = "";
    if let Some((inside, after)) = behind.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        (name, behind) = (inside, after.trim_start());
    }
    // The depth and how many there were.
    if let Some(place) = behind.strip_prefix(':') {
        let place = place.trim_start();
        behind = place.find(|c: char| c.is_ascii_whitespace()).map_or("", |end| &place[end..]);
    }
    let at = At { line: number, column: line.len() - rest.len() + 1 };
    let mut module = Module::new(at, name, class);
    let cells = cells(behind);
    let cell = |column| columns.iter().zip(&cells).find(|(own, _)| **own == column).map(|(_, cell)| *cell);
    let shape = |column| shapes(cell(column).unwrap_or_default()).into_iter().next();
    let kernel = shape(Column::Kernel).and_then(|kernel| match *kernel.sizes() {
        [rows, columns] => Some([rows, columns]),
        _ => None,
    });
    let kernel = kernel.or(cell(Column::Kernel).and_then(|cell| cell.parse().ok()).map(|side| [side; 2]));
    module.stated = Some(Stated {
        shape: shape(Column::Output).or_else(|| shape(Column::Input)),
        params: cell(Column::Params).map_or(0, whole),
        input: shape(Column::Input),
        kernel,
    });
    Some(Row { depth: (prefix + 3) / 5, module })
}

/// `            Conv2d-1         [-1, 64, 112, 112]           9,408`
fn torchsummary_row(line: &str, number: usize) -> Option<Row> {
    let rest = line.trim_start();
    let (label, behind) = rest.split_once('[')?;
    let (class, count) = label.trim().rsplit_once('-')?;
    count.parse::<usize>().ok()?;
    let at = At { line: number, column: line.len() - rest.len() + 1 };
    let mut module = Module::new(at, "", class);
    let behind = line.get(line.len() - behind.len() - 1..)?;
    let last = cells(behind).last().map_or(0, |cell| whole(cell));
    module.stated =
        Some(Stated { shape: shapes(behind).into_iter().next(), params: last, input: None, kernel: None });
    Some(Row { depth: 1, module })
}

/// Rows inside of those that stand less deep before them.
fn tree(rows: Vec<Row>) -> Result<Vec<Module>, TextError> {
    let mut open: Vec<Row> = Vec::new();
    let mut roots = Vec::new();
    let close = |open: &mut Vec<Row>, roots: &mut Vec<Module>| {
        if let Some(mut row) = open.pop() {
            name_children(&mut row.module);
            match open.last_mut() {
                Some(parent) => parent.module.children.push(row.module),
                None => roots.push(row.module),
            }
        }
    };
    for row in rows {
        while open.last().is_some_and(|last| last.depth >= row.depth) {
            close(&mut open, &mut roots);
        }
        if open.len() >= MAX_DEPTH {
            return Err(TextError::at(row.module.at, Reason::TooDeep { max_depth: MAX_DEPTH }));
        }
        open.push(row);
    }
    while !open.is_empty() {
        close(&mut open, &mut roots);
    }
    Ok(roots)
}

/// The names that blocks of torchvision use for their layers, where a table does not say them.
fn name_children(module: &mut Module) {
    let class = module.class.as_str();
    // ShuffleNet's blocks have their layers in branches, MobileNet's in a row of small blocks.
    let branches = module.children.iter().filter(|child| child.class == "Sequential").count();
    let shuffles = module.children.iter().all(|child| {
        let mut inside = child.children.iter().map(|layer| layer.class.as_str());
        child.class == "Sequential"
            && inside.next() == Some("Conv2d")
            && !inside.any(|it| it.contains("Conv2dN"))
    });
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut relus = 0;
    for child in &mut module.children {
        let count = seen.entry(child.class.clone()).or_default();
        *count += 1;
        let count = *count;
        let name = match (class, child.class.as_str()) {
            ("BasicBlock" | "Bottleneck", "Conv2d") => format!("conv{count}"),
            ("BasicBlock" | "Bottleneck", "BatchNorm2d") => format!("bn{count}"),
            ("BasicBlock" | "Bottleneck", "ReLU") => {
                relus += 1;
                if relus == 1 { "relu".to_owned() } else { "again".to_owned() }
            }
            ("BasicBlock" | "Bottleneck", "Sequential") => "downsample".to_owned(),
            ("InvertedResidual", "Sequential") if shuffles => {
                format!("branch{}", count + 2 - branches.min(2))
            }
            ("InvertedResidual", "Sequential") => "conv".to_owned(),
            ("MBConv" | "FusedMBConv" | "CNBlock", "Sequential") => "block".to_owned(),
            ("Fire", "Conv2d") => {
                ["squeeze", "expand1x1", "expand3x3"].get(count - 1).unwrap_or(&"").to_string()
            }
            ("Fire", "ReLU") => ["squeeze_activation", "expand1x1_activation", "expand3x3_activation"]
                .get(count - 1)
                .unwrap_or(&"")
                .to_string(),
            _ => continue,
        };
        child.name = name;
    }
    if class == "Inception" && module.children.len() == 4 {
        for (index, child) in module.children.iter_mut().enumerate() {
            child.name = format!("branch{}", index + 1);
        }
    }
    if matches!(class, "BasicBlock" | "Bottleneck") {
        // It is one layer that is called again.
        module.children.retain(|child| child.name != "again");
    }
}

/// Layers of torchsummary, which lists a block behind what is inside of it.
fn grouped(rows: Vec<Row>) -> Vec<Module> {
    let mut flat: Vec<Module> = Vec::new();
    for Row { mut module, .. } in rows {
        let channels = |module: &Module| module.stated.as_ref()?.shape.as_ref()?.sizes().get(1).copied();
        let patterns: &[&str] = match module.class.as_str() {
            "BasicBlock" => &["CBRCBR", "CBRCBCBR"],
            "Bottleneck" => &["CBRCBRCBR", "CBRCBRCBCBR"],
            "InvertedResidual" => &["CBRCBRCB", "CBRCB"],
            "Fire" => &["CRCRCR"],
            class if is_known(class) => {
                flat.push(module);
                continue;
            }
            _ => {
                // What holds layers has no parameters of its own here.
                if module.stated.as_ref().is_some_and(|stated| stated.params > 0) {
                    flat.push(module);
                }
                continue;
            }
        };
        let longest = patterns.iter().map(|pattern| pattern.len()).max().unwrap_or(0);
        let letters: String = flat[flat.len().saturating_sub(longest)..]
            .iter()
            .map(|layer| match layer.class.as_str() {
                "Conv2d" => 'C',
                "BatchNorm2d" => 'B',
                "ReLU" | "ReLU6" => 'R',
                _ => '-',
            })
            .collect();
        let fits = |pattern: &&&str| {
            let Some(start) = flat.len().checked_sub(pattern.len()) else { return false };
            if !letters.ends_with(**pattern) {
                return false;
            }
            // The first convolution of a whole inverted block is one of 1 x 1.
            let before = start.checked_sub(1).and_then(|before| channels(&flat[before]));
            let first = &flat[start];
            let params = first.stated.as_ref().map(|stated| stated.params);
            **pattern != "CBRCBRCB" || params == before.zip(channels(first)).map(|(before, own)| before * own)
        };
        let Some(pattern) = patterns.iter().find(fits) else { continue };
        let mut inside = flat.split_off(flat.len() - pattern.len());
        if module.class == "InvertedResidual" {
            let mut conv = Module::new(module.at, "conv", "Sequential");
            for (index, layer) in inside.iter_mut().enumerate() {
                layer.name = index.to_string();
            }
            conv.children = inside;
            module.children.push(conv);
        } else {
            if pattern.ends_with("CBCBR") {
                // Behind the last norm of the main path the shortcut stands.
                let relu = inside.pop();
                let shortcut = inside.split_off(inside.len() - 2);
                let mut downsample = Module::new(module.at, "downsample", "Sequential");
                downsample.children = shortcut;
                inside.push(downsample);
                inside.extend(relu);
            }
            module.children = inside;
            name_children(&mut module);
        }
        flat.push(module);
    }
    flat
}
