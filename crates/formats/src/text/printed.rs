//! What `print(model)` shows: a class and its arguments on each line, with what is inside of it indented.

use super::error::{At, Reason, TextError};
use super::expr::{MAX_DEPTH, Parser};
use super::lower::MAX_LAYERS;
use super::module::{Arg, Module};
use super::source::literal;
use super::token::tokens;

/// Whether a line is that of a layer inside of a printed module: `(conv1): Conv2d(...`.
pub(super) fn is_entry(line: &str) -> bool {
    entry(line.trim()).is_some_and(|entry| !entry.name.is_empty())
}

struct Entry<'t> {
    name: &'t str,
    /// How many of it there are: `(0-2): 3 x Block(`.
    count: usize,
    class: &'t str,
    /// What stands behind the opening parenthesis.
    args: &'t str,
}

/// A line that is a class with its parenthesis open, with or without a name before it.
fn entry(line: &str) -> Option<Entry<'_>> {
    let (name, rest) = match line.strip_prefix('(') {
        Some(rest) => {
            let (name, rest) = rest.split_once("): ")?;
            (name, rest.trim_start())
        }
        None => ("", line),
    };
    let (count, rest) = match rest.split_once(" x ") {
        Some((count, rest))
            if !count.is_empty() && count.len() < 6 && count.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            (count.parse().ok()?, rest)
        }
        _ => (1, rest),
    };
    let (class, args) = rest.split_once('(')?;
    let is_class = class.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && class.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    is_class.then_some(Entry { name, count, class: class.rsplit('.').next().unwrap_or(class), args })
}

/// The module of a text. Lines that are neither a layer nor an end are passed over.
pub(super) fn module(text: &str) -> Result<Module, TextError> {
    // The modules that are open, outermost first, and how many of each there are.
    let mut open: Vec<(Module, usize)> = Vec::new();
    let mut roots: Vec<Module> = Vec::new();
    let mut total = 0;
    for (index, line) in text.lines().enumerate() {
        let at = At { line: index + 1, column: line.len() - line.trim_start().len() + 1 };
        let line = line.trim();
        if line == ")" {
            if let Some((module, count)) = open.pop() {
                place(&mut open, &mut roots, module, count, &mut total, at)?;
            }
            continue;
        }
        let Some(entry) = entry(line) else { continue };
        // Outside of everything only a module that holds others begins.
        if open.is_empty() && (!roots.is_empty() || (entry.name.is_empty() && !entry.args.is_empty())) {
            continue;
        }
        let mut module = Module::new(at, entry.name, entry.class);
        if entry.args.is_empty() {
            if open.len() >= MAX_DEPTH {
                return Err(TextError::at(at, Reason::TooDeep { max_depth: MAX_DEPTH }));
            }
            open.push((module, entry.count));
            continue;
        }
        module.args = args(entry.args, at)?;
        place(&mut open, &mut roots, module, entry.count, &mut total, at)?;
    }
    // A text that was cut off.
    while let Some((module, count)) = open.pop() {
        let at = module.at;
        place(&mut open, &mut roots, module, count, &mut total, at)?;
    }
    match roots.len() {
        0 => Err(TextError::whole(Reason::NoLayers)),
        1 => Ok(roots.swap_remove(0)),
        _ => {
            let mut all = Module::new(roots[0].at, "", "Sequential");
            all.children = roots;
            Ok(all)
        }
    }
}

/// Puts a finished module into the one around it, so many times.
fn place(
    open: &mut [(Module, usize)],
    roots: &mut Vec<Module>,
    module: Module,
    count: usize,
    total: &mut usize,
    at: At,
) -> Result<(), TextError> {
    let siblings = match open.last_mut() {
        Some((parent, _)) => &mut parent.children,
        None => roots,
    };
    let size = super::lower::leaves(std::slice::from_ref(&module)).len();
    *total = total.saturating_add(size.saturating_mul(count));
    if *total > MAX_LAYERS * MAX_DEPTH || size.saturating_mul(count) > MAX_LAYERS {
        return Err(TextError::at(at, Reason::TooMany { max_layers: MAX_LAYERS }));
    }
    if count == 1 {
        siblings.push(module);
        return Ok(());
    }
    let first: usize = module.name.split('-').next().and_then(|first| first.parse().ok()).unwrap_or(0);
    siblings.extend((0..count).map(|i| Module { name: (first + i).to_string(), ..module.clone() }));
    Ok(())
}

/// The arguments of a line, up to the parenthesis that closes. What is no argument, as in some modules' own
/// words, is no reason to stop.
fn args(text: &str, at: At) -> Result<Vec<Arg>, TextError> {
    let Ok(tokens) = tokens(text) else { return Ok(Vec::new()) };
    let mut parser = Parser::new(&tokens);
    // The first word ends a line that is not there.
    parser.take();
    let Ok(args) = parser.args() else { return Ok(Vec::new()) };
    let positional = args.positional.iter().map(|value| (None, value));
    let named = args.named.iter().map(|(name, value)| (Some(name.clone()), value));
    Ok(positional.chain(named).map(|(name, value)| Arg { at, name, value: literal(value) }).collect())
}
