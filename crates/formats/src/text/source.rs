//! Source of PyTorch: the layers that its lines make, in order.
//!
//! Assignments of numbers are followed, so that `nn.Linear(c * 7 * 7, 10)` has its size; classes of the text are
//! built where they are called. Nothing is run: loops and conditions are passed over with a note.

use std::collections::BTreeMap;

use super::error::{At, Reason, TextError};
use super::expr::{Args, Expr, ExprKind, MAX_DEPTH, Parser};
use super::layers::is_known;
use super::lower::MAX_LAYERS;
use super::module::{Arg, Module, Val};
use super::token::{Kind, Token, tokens};
use crate::reading::{Note, Place, Remark, push_note};

/// A logical line: how far it is indented, and its words.
#[derive(Clone, Copy)]
struct Line<'t> {
    indent: usize,
    words: &'t [Token],
}

/// A class of the text: what its `__init__` takes and does. Or a function, which gives something back.
struct Class<'t> {
    name: &'t str,
    is_function: bool,
    params: Vec<(String, Option<Expr>)>,
    body: Vec<Line<'t>>,
}

/// Values that are handed on at most, each with what is inside of it.
const MAX_HANDED_ON: usize = 20 * MAX_LAYERS;

/// How many values and layers are in a value.
fn weight(value: &Val) -> usize {
    match value {
        Val::List(items) => items.iter().map(weight).fold(1, usize::saturating_add),
        Val::Module(module) => module_weight(module),
        _ => 1,
    }
}

fn module_weight(module: &Module) -> usize {
    module.children.iter().map(module_weight).fold(1 + module.args.len(), usize::saturating_add)
}

/// Classes inside of classes deeper than this are refused: one may call itself.
const MAX_CALLS: usize = 16;

struct Source<'t> {
    classes: Vec<Class<'t>>,
    notes: Vec<Note>,
    /// Layers that were made, for texts that make too many.
    made: usize,
    /// Values that were handed on: a text may put a list into itself again and again.
    handed_on: usize,
    calls: usize,
    /// Lines that were followed, each as often as it was.
    followed: usize,
}

/// Lines that are followed at most: classes and functions may call each other again and again.
const MAX_FOLLOWED: usize = 1_000_000;

/// What the lines of one body have made.
#[derive(Default)]
struct Scope {
    /// Of a function, what it gives back once that is known.
    returned: Option<Option<Val>>,
    values: BTreeMap<String, Val>,
    /// Layers in the order in which they were made, by the name that they were given.
    layers: Vec<Module>,
}

/// The layers of a text, and notes.
pub(super) fn modules(text: &str) -> Result<(Vec<Module>, Vec<Note>), TextError> {
    let tokens = tokens(text)?;
    let (classes, outside) = parts(&lines(&tokens));
    let mut source = Source { classes, notes: Vec::new(), made: 0, handed_on: 0, calls: 0, followed: 0 };
    let mut scope = Scope::default();
    source.run(&mut scope, &outside)?;
    if scope.layers.is_empty() {
        // The last class is the network, and those before it are its blocks; without one the last function.
        let last = source.classes.iter().rposition(|class| !class.is_function);
        let last = last.or(source.classes.len().checked_sub(1));
        if let Some(last) = last {
            let at =
                source.classes[last].body.first().and_then(|line| line.words.first()).map(|word| word.at);
            let at = at.unwrap_or(At { line: 1, column: 1 });
            let made = source.instance(last, at, &Args::default(), &Scope::default())?;
            source.assign(&mut scope, String::new(), made);
        }
    }
    // A class with one network inside is that network.
    let mut layers = scope.layers;
    if let [only] = layers.as_mut_slice()
        && source.classes.iter().any(|class| class.name == only.class)
    {
        let container = only.class.clone();
        let place = Place::Line(only.at.line);
        layers = std::mem::take(&mut only.children);
        if layers.len() > 1 {
            push_note(&mut source.notes, place, Remark::InOrder { container, count: 1 });
        }
    }
    Ok((layers, source.notes))
}

/// A value that needs no other.
pub(super) fn literal(expr: &Expr) -> Val {
    let mut source =
        Source { classes: Vec::new(), notes: Vec::new(), made: 0, handed_on: 0, calls: 0, followed: 0 };
    source.eval(expr, &Scope::default()).unwrap_or(Val::Unknown(String::new()))
}

fn lines(tokens: &[Token]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut indent = 0;
    for words in tokens.chunk_by(|_, next| !matches!(next.kind, Kind::Line(_))) {
        let words = match words.split_first() {
            Some((Token { kind: Kind::Line(new), .. }, rest)) => {
                indent = *new;
                rest
            }
            _ => words,
        };
        if !words.is_empty() {
            lines.push(Line { indent, words });
        }
    }
    lines
}

/// The word at the beginning of a line.
fn head<'t>(line: &Line<'t>) -> Option<&'t str> {
    match line.words.first().map(|word| &word.kind) {
        Some(Kind::Name(name)) => Some(name),
        _ => None,
    }
}

fn second<'t>(line: &Line<'t>) -> Option<&'t str> {
    match line.words.get(1).map(|word| &word.kind) {
        Some(Kind::Name(name)) => Some(name),
        _ => None,
    }
}

/// Classes with their `__init__`, functions, and the lines outside of both.
fn parts<'t>(lines: &[Line<'t>]) -> (Vec<Class<'t>>, Vec<Line<'t>>) {
    let (mut classes, mut outside) = (Vec::new(), Vec::new());
    let mut rest = lines;
    while let Some((line, behind)) = rest.split_first() {
        rest = behind;
        let is_function = head(line) == Some("def");
        let Some(name) = (is_function || head(line) == Some("class")).then(|| second(line)).flatten() else {
            outside.push(*line);
            continue;
        };
        let len = rest.iter().position(|next| next.indent <= line.indent).unwrap_or(rest.len());
        let (inside, after) = rest.split_at(len);
        rest = after;
        if is_function {
            // Methods without their class are lines like any other.
            match name {
                "__init__" => outside.extend(inside),
                "forward" => {}
                _ => classes.push(Class { name, is_function, params: params(line), body: inside.to_vec() }),
            }
            continue;
        }
        let mut class = Class { name, is_function, params: Vec::new(), body: Vec::new() };
        let mut methods = inside;
        while let Some((method, behind)) = methods.split_first() {
            methods = behind;
            if head(method) == Some("def") {
                let len =
                    methods.iter().position(|next| next.indent <= method.indent).unwrap_or(methods.len());
                if second(method) == Some("__init__") {
                    class.params = params(method);
                    class.body = methods[..len].to_vec();
                }
                methods = &methods[len..];
            }
        }
        classes.push(class);
    }
    (classes, outside)
}

/// What a `def` takes, without `self`; a type behind a name is passed over.
fn params(line: &Line<'_>) -> Vec<(String, Option<Expr>)> {
    let mut parser = Parser::new(line.words);
    let mut params = Vec::new();
    while let Some(kind) = parser.take() {
        if *kind == Kind::Sign("(") {
            break;
        }
    }
    while let Some(Kind::Name(name)) = parser.peek() {
        parser.take();
        if parser.take_sign(":") && parser.expr().is_err() {
            break;
        }
        let default = if parser.take_sign("=") { parser.expr().ok() } else { None };
        if name != "self" {
            params.push((name.clone(), default));
        }
        if !parser.take_sign(",") {
            break;
        }
    }
    params
}

impl Source<'_> {
    /// Follows the lines of a body.
    fn run(&mut self, scope: &mut Scope, lines: &[Line<'_>]) -> Result<(), TextError> {
        self.followed = self.followed.saturating_add(lines.len());
        if let (Some(line), true) = (lines.first(), self.followed > MAX_FOLLOWED) {
            return Err(TextError::at(line.words[0].at, Reason::TooMany { max_layers: MAX_LAYERS }));
        }
        let mut skipped: Option<usize> = None;
        for line in lines {
            if skipped.is_some_and(|indent| line.indent > indent) {
                continue;
            }
            skipped = None;
            let words = match head(line) {
                Some(
                    "import" | "from" | "pass" | "raise" | "assert" | "del" | "super" | "global" | "def"
                    | "with" | "try",
                ) => {
                    continue;
                }
                Some(word @ ("for" | "while" | "if" | "else" | "elif" | "except" | "finally")) => {
                    skipped = Some(line.indent);
                    if matches!(word, "for" | "while" | "if") {
                        let place = Place::Line(line.words[0].at.line);
                        let remark = Remark::PassedOver { what: format!("the block behind `{word}`") };
                        push_note(&mut self.notes, place, remark);
                    }
                    continue;
                }
                Some("return") if scope.returned.is_some() => {
                    match Parser::new(&line.words[1..]).tuple() {
                        Ok(value) => scope.returned = Some(Some(self.eval(&value, scope)?)),
                        Err(error) if speaks_of_layers(line.words) => return Err(error),
                        Err(_) => {}
                    }
                    return Ok(());
                }
                Some("return") => &line.words[1..],
                _ => line.words,
            };
            match self.statement(scope, words) {
                // Words that speak of no layer may be anything; what another line said of layers counts.
                Err(error)
                    if !speaks_of_layers(words) && error.at.is_none_or(|at| at.line == words[0].at.line) =>
                {
                    if let Some(name) = self.class_in(words) {
                        let place = Place::Line(words[0].at.line);
                        let what = format!("what `{name}` makes, which cannot be followed");
                        push_note(&mut self.notes, place, Remark::PassedOver { what });
                    }
                }
                other => other?,
            }
        }
        Ok(())
    }

    /// A class or function of the text that a line calls.
    fn class_in(&self, words: &[Token]) -> Option<String> {
        words.windows(2).find_map(|pair| match (&pair[0].kind, &pair[1].kind) {
            (Kind::Name(name), Kind::Sign("(")) if self.classes.iter().any(|it| it.name == *name) => {
                Some((*name).to_owned())
            }
            _ => None,
        })
    }

    fn statement(&mut self, scope: &mut Scope, words: &[Token]) -> Result<(), TextError> {
        if words.is_empty() {
            return Ok(());
        }
        let mut parser = Parser::new(words);
        let first = parser.tuple()?;
        // A type behind a name is passed over.
        if parser.take_sign(":") {
            parser.expr()?;
        }
        if parser.take_sign("+=") {
            let more = parser.tuple()?;
            if let ExprKind::Name(name) = &first.kind
                && let Val::List(items) = self.eval(&more, scope)?
            {
                self.extend(scope, name, items);
            }
            return Ok(());
        }
        let mut targets = Vec::new();
        let mut value = first;
        while parser.take_sign("=") {
            targets.push(std::mem::replace(&mut value, parser.tuple()?));
        }
        match parser.peek() {
            None | Some(Kind::Sign(";" | ",")) => {}
            Some(_) => {
                let what = "the end of the line";
                return Err(parser.unexpected(what));
            }
        }
        // `layers.append(nn.ReLU())`
        if targets.is_empty()
            && let ExprKind::Call(function, args) = &value.kind
            && let ExprKind::Name(path) = &function.kind
            && let Some(list) = path.strip_suffix(".append").or(path.strip_suffix(".extend"))
        {
            let items =
                args.positional.iter().map(|arg| self.eval(arg, scope)).collect::<Result<Vec<_>, _>>()?;
            let flat = items.into_iter().flat_map(|item| match item {
                Val::List(items) => items,
                item => vec![item],
            });
            self.extend(scope, list, flat.collect());
            return Ok(());
        }
        // `self.add_module("conv1", nn.Conv2d(...))`
        if targets.is_empty()
            && let ExprKind::Call(function, args) = &value.kind
            && matches!(&function.kind, ExprKind::Name(path) if path.ends_with("add_module"))
            && let [name, module] = args.positional.as_slice()
            && let (Val::Text(name), Val::Module(module)) =
                (self.eval(name, scope)?, self.eval(module, scope)?)
        {
            scope.layers.push(Module { name, ..*module });
            return Ok(());
        }
        let made = self.eval(&value, scope)?;
        let name = match targets.last().map(|target| &target.kind) {
            Some(ExprKind::Name(path)) => path.clone(),
            Some(ExprKind::List(names)) => {
                if let Val::List(values) = made {
                    for (name, value) in names.iter().zip(values) {
                        if let ExprKind::Name(name) = &name.kind {
                            self.assign(scope, name.clone(), value);
                        }
                    }
                }
                return Ok(());
            }
            Some(_) => return Ok(()),
            None => String::new(),
        };
        self.assign(scope, name, made);
        Ok(())
    }

    fn assign(&mut self, scope: &mut Scope, name: String, value: Val) {
        let modules = match &value {
            Val::Module(module) => vec![(**module).clone()],
            // A list that is used by nobody is a row of layers.
            Val::List(items) if name.is_empty() => items
                .iter()
                .filter_map(|item| match item {
                    Val::Module(module) => Some((**module).clone()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        for module in modules {
            let short = name.strip_prefix("self.").unwrap_or(&name).to_owned();
            // A name that is used again, as in `x = layer`, is another layer.
            let name = if short.is_empty() { module.name.clone() } else { short };
            scope.layers.push(Module { name, ..module });
        }
        if !name.is_empty() {
            scope.values.insert(name, value);
        }
    }

    fn extend(&mut self, scope: &mut Scope, name: &str, items: Vec<Val>) {
        match scope.values.get_mut(name) {
            Some(Val::List(list)) => list.extend(items),
            Some(Val::Module(module)) => {
                let modules = items.into_iter().filter_map(|item| match item {
                    Val::Module(module) => Some(*module),
                    _ => None,
                });
                let added: Vec<Module> = modules.collect();
                let short = name.strip_prefix("self.").unwrap_or(name);
                if let Some(listed) = scope.layers.iter_mut().find(|layer| layer.name == short) {
                    listed.children.extend(added.iter().cloned());
                }
                module.children.extend(added);
            }
            _ => {}
        }
    }

    fn eval(&mut self, expr: &Expr, scope: &Scope) -> Result<Val, TextError> {
        Ok(match &expr.kind {
            ExprKind::Int(value) => Val::Int(*value),
            ExprKind::Float(value) => Val::Float(*value),
            ExprKind::Text(text) => Val::Text(text.clone()),
            ExprKind::Name(path) => match path.as_str() {
                "True" => Val::Bool(true),
                "False" => Val::Bool(false),
                "None" => Val::None,
                path => match scope.values.get(path) {
                    Some(value) => {
                        self.handed_on = self.handed_on.saturating_add(weight(value));
                        if self.handed_on > MAX_HANDED_ON {
                            return Err(TextError::at(expr.at, Reason::TooMany { max_layers: MAX_LAYERS }));
                        }
                        value.clone()
                    }
                    None => Val::Unknown(path.to_owned()),
                },
            },
            ExprKind::List(items) => {
                Val::List(self.items(items, scope)?.into_iter().map(|(_, item)| item).collect())
            }
            ExprKind::Star(_) => return Err(TextError::at(expr.at, Reason::Unpacked)),
            ExprKind::Pairs(pairs) => {
                let pair = |source: &mut Self, (key, value): &(Expr, Expr)| {
                    Ok(Val::List(vec![source.eval(key, scope)?, source.eval(value, scope)?]))
                };
                Val::List(pairs.iter().map(|it| pair(self, it)).collect::<Result<_, TextError>>()?)
            }
            ExprKind::Negative(value) => match self.eval(value, scope)? {
                Val::Int(value) => Val::Int(value.saturating_neg()),
                Val::Float(value) => Val::Float(-value),
                _ => Val::Unknown(String::new()),
            },
            ExprKind::Binary(sign, left, right) => {
                let (left, right) = (self.eval(left, scope)?, self.eval(right, scope)?);
                binary(sign, left, right).unwrap_or(Val::Unknown(String::new()))
            }
            ExprKind::Index(value, index) => match (self.eval(value, scope)?, self.eval(index, scope)?) {
                (Val::List(items), Val::Int(index)) => {
                    let from_end = if index < 0 { index + items.len() as i64 } else { index };
                    let item = usize::try_from(from_end).ok().and_then(|index| items.get(index).cloned());
                    item.unwrap_or(Val::Unknown(String::new()))
                }
                _ => Val::Unknown(String::new()),
            },
            ExprKind::Attribute(..) => Val::Unknown(String::new()),
            ExprKind::Call(function, args) => match &function.kind {
                ExprKind::Name(path) => self.call(expr.at, path, args, scope)?,
                // `nn.Conv2d(...).to(device)`, `model(x)`
                ExprKind::Attribute(object, _) => self.eval(object, scope)?,
                _ => Val::Unknown(String::new()),
            },
        })
    }

    /// Items of a list or of arguments, with those of lists behind a star.
    fn items(&mut self, items: &[Expr], scope: &Scope) -> Result<Vec<(At, Val)>, TextError> {
        let mut values = Vec::new();
        for item in items {
            let ExprKind::Star(inner) = &item.kind else {
                values.push((item.at, self.eval(item, scope)?));
                continue;
            };
            match self.eval(inner, scope)? {
                Val::List(inside) => values.extend(inside.into_iter().map(|value| (item.at, value))),
                Val::Module(module) => {
                    let inside = module.children.into_iter();
                    values.extend(inside.map(|child| (item.at, Val::Module(Box::new(child)))));
                }
                _ => return Err(TextError::at(item.at, Reason::Unpacked)),
            }
        }
        Ok(values)
    }

    fn call(&mut self, at: At, path: &str, args: &Args, scope: &Scope) -> Result<Val, TextError> {
        let class = path.rsplit('.').next().unwrap_or(path);
        if let Some(index) = self.classes.iter().position(|own| own.name == path) {
            return self.instance(index, at, args, scope);
        }
        if matches!(path, "int" | "tuple" | "list" | "OrderedDict" | "collections.OrderedDict" | "round") {
            return match args.positional.first() {
                Some(value) => self.eval(value, scope),
                None => Ok(Val::List(Vec::new())),
            };
        }
        let is_upper = class.starts_with(|first: char| first.is_ascii_uppercase());
        let of_torch = ["nn.", "torch.nn.", "torchvision.ops."].iter().any(|start| path.starts_with(start));
        let is_layer = is_known(class) || of_torch && is_upper && !class.ends_with("Loss");
        if !is_layer || path.contains(".functional.") {
            return Ok(Val::Unknown(path.to_owned()));
        }
        self.made += 1;
        if self.made > MAX_LAYERS {
            return Err(TextError::at(at, Reason::TooMany { max_layers: MAX_LAYERS }));
        }
        let mut module = Module::new(at, "", class);
        let mut values = Vec::new();
        for (at, value) in self.items(&args.positional, scope)? {
            values.push(Arg { at, name: None, value });
        }
        for (name, value) in &args.named {
            values.push(Arg { at: value.at, name: Some(name.clone()), value: self.eval(value, scope)? });
        }
        if matches!(class, "Sequential" | "ModuleList" | "ModuleDict") {
            for Arg { at, value, .. } in values {
                children(&mut module.children, at, value)?;
            }
            for (index, child) in
                module.children.iter_mut().enumerate().filter(|(_, child)| child.name.is_empty())
            {
                child.name = index.to_string();
            }
        } else {
            module.args = values;
        }
        Ok(Val::Module(Box::new(module)))
    }

    /// A class of the text with its arguments, or what a function gives for them.
    fn instance(&mut self, index: usize, at: At, args: &Args, scope: &Scope) -> Result<Val, TextError> {
        if self.calls >= MAX_CALLS {
            return Err(TextError::at(at, Reason::TooDeep { max_depth: MAX_CALLS }));
        }
        self.calls += 1;
        let made = self.made_of(index, at, args, scope);
        self.calls -= 1;
        made
    }

    fn made_of(&mut self, index: usize, at: At, args: &Args, scope: &Scope) -> Result<Val, TextError> {
        let is_function = self.classes[index].is_function;
        let mut inner = Scope { returned: is_function.then_some(None), ..Scope::default() };
        let params = self.classes[index].params.clone();
        for (place, (name, default)) in params.iter().enumerate() {
            let given = args.named.iter().find(|(given, _)| given == name).map(|(_, value)| value);
            let value = match given.or(args.positional.get(place)) {
                Some(value) => self.eval(value, scope)?,
                None => match default {
                    Some(default) => self.eval(default, &Scope::default())?,
                    None => Val::Unknown(name.clone()),
                },
            };
            inner.values.insert(name.clone(), value);
        }
        let body = self.classes[index].body.clone();
        self.run(&mut inner, &body)?;
        if is_function {
            let value = inner.returned.flatten().unwrap_or(Val::Unknown(String::new()));
            self.made = self.made.saturating_add(weight(&value));
            if self.made > MAX_HANDED_ON {
                return Err(TextError::at(at, Reason::TooMany { max_layers: MAX_LAYERS }));
            }
            return Ok(value);
        }
        let mut module = Module::new(at, "", self.classes[index].name);
        module.children = inner.layers;
        self.made += module.children.len();
        if self.made > MAX_LAYERS {
            return Err(TextError::at(at, Reason::TooMany { max_layers: MAX_LAYERS }));
        }
        Ok(Val::Module(Box::new(module)))
    }
}

/// Layers of a container's argument: a layer, a list of them, or pairs of a name and a layer.
fn children(into: &mut Vec<Module>, at: At, value: Val) -> Result<(), TextError> {
    match value {
        Val::Module(module) => into.push(*module),
        Val::None => {}
        Val::List(items) => match items.as_slice() {
            [Val::Text(name), Val::Module(module)] => {
                into.push(Module { name: name.clone(), ..(**module).clone() })
            }
            _ => {
                for item in items {
                    children(into, at, item)?;
                }
            }
        },
        Val::Unknown(name) if !name.is_empty() => return Err(TextError::at(at, Reason::Name { name })),
        _ => return Err(TextError::at(at, Reason::Expected { what: "a layer", found: String::new() })),
    }
    Ok(())
}

fn binary(sign: &str, left: Val, right: Val) -> Option<Val> {
    Some(match (sign, left, right) {
        ("+", Val::List(left), Val::List(right)) if left.len() + right.len() <= MAX_LAYERS => {
            Val::List([left, right].concat())
        }
        (_, Val::Int(left), Val::Int(right)) => match sign {
            "+" => Val::Int(left.checked_add(right)?),
            "-" => Val::Int(left.checked_sub(right)?),
            "*" => Val::Int(left.checked_mul(right)?),
            "//" => Val::Int(left.checked_div_euclid(right)?),
            "%" => Val::Int(left.checked_rem_euclid(right)?),
            "/" if right != 0 => Val::Float(left as f64 / right as f64),
            _ => return None,
        },
        (_, Val::Float(left), Val::Int(right)) => real(sign, left, right as f64)?,
        (_, Val::Int(left), Val::Float(right)) => real(sign, left as f64, right)?,
        (_, Val::Float(left), Val::Float(right)) => real(sign, left, right)?,
        _ => return None,
    })
}

fn real(sign: &str, left: f64, right: f64) -> Option<Val> {
    Some(Val::Float(match sign {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        _ => return None,
    }))
}

/// Whether the words of a line name a layer or a container, so that an error in them is one of the text.
fn speaks_of_layers(words: &[Token]) -> bool {
    words.windows(2).any(|pair| match (&pair[0].kind, &pair[1].kind) {
        (Kind::Name(name), Kind::Sign("(")) => is_known(name),
        (Kind::Name(name), Kind::Sign(".")) => name == "nn",
        _ => false,
    })
}

/// The depth of classes and of brackets are both bounded.
const _: () = assert!(MAX_CALLS < MAX_DEPTH);
