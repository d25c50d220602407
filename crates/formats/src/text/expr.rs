//! Expressions of Python, as far as layers are written with them.

use super::error::{At, Reason, TextError};
use super::token::{Kind, Token, decimal};

/// An expression and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expr {
    pub(super) at: At,
    pub(super) kind: ExprKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ExprKind {
    Int(i64),
    Float(f64),
    Text(String),
    /// A path of names: `nn.Conv2d`, `self.conv1`, `True`.
    Name(String),
    /// A tuple or list.
    List(Vec<Expr>),
    /// A dictionary's values, by keys that are texts.
    Pairs(Vec<(Expr, Expr)>),
    Call(Box<Expr>, Args),
    /// An attribute of something that is no path: `(a + b).relu`.
    Attribute(Box<Expr>, String),
    /// `value[index]`
    Index(Box<Expr>, Box<Expr>),
    /// A sign and its sides.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    /// `*items`, among arguments or items.
    Star(Box<Expr>),
}

/// The arguments of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Args {
    pub(super) positional: Vec<Expr>,
    pub(super) named: Vec<(String, Expr)>,
}

/// Brackets deeper than this are refused.
pub(super) const MAX_DEPTH: usize = 60;

/// Words that are being read.
pub(super) struct Parser<'t> {
    tokens: &'t [Token],
    next: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(tokens: &'t [Token]) -> Self {
        Self { tokens, next: 0, depth: 0 }
    }

    pub(super) fn peek(&self) -> Option<&'t Kind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    /// The place of the next word, or of the last one at the end.
    pub(super) fn place(&self) -> At {
        let token = self.tokens.get(self.next).or(self.tokens.last());
        token.map_or(At { line: 1, column: 1 }, |token| token.at)
    }

    pub(super) fn take(&mut self) -> Option<&'t Kind> {
        let kind = self.peek();
        self.next += usize::from(kind.is_some());
        kind
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Kind::Sign(it)) if *it == sign);
        self.next += usize::from(found);
        found
    }

    fn take_name(&mut self) -> Option<&'t str> {
        match self.peek() {
            Some(Kind::Name(name)) => {
                self.next += 1;
                Some(name)
            }
            _ => None,
        }
    }

    /// An error that says what should stand here.
    pub(super) fn unexpected(&self, what: &'static str) -> TextError {
        let found = match self.peek() {
            None | Some(Kind::Line(_)) => String::new(),
            Some(Kind::Name(name)) => name.clone(),
            Some(Kind::Int(value)) => value.to_string(),
            Some(Kind::Float(text)) => text.clone(),
            Some(Kind::Text(text)) => text.chars().take(40).collect(),
            Some(Kind::Sign(sign)) => (*sign).to_owned(),
        };
        TextError::at(self.place(), Reason::Expected { what, found })
    }

    pub(super) fn expect(&mut self, sign: &'static str) -> Result<(), TextError> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected(sign)) }
    }

    /// An expression; with commas outside of brackets a tuple.
    pub(super) fn tuple(&mut self) -> Result<Expr, TextError> {
        let first = self.expr()?;
        if !matches!(self.peek(), Some(Kind::Sign(","))) {
            return Ok(first);
        }
        let at = first.at;
        let mut items = vec![first];
        while self.take_sign(",") && !matches!(self.peek(), None | Some(Kind::Line(_) | Kind::Sign("="))) {
            items.push(self.expr()?);
        }
        Ok(Expr { at, kind: ExprKind::List(items) })
    }

    /// Sums of products of what [`Self::operand`] reads.
    pub(super) fn expr(&mut self) -> Result<Expr, TextError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(TextError::at(self.place(), Reason::TooDeep { max_depth: MAX_DEPTH }));
        }
        let sum = self.binary(0);
        self.depth -= 1;
        sum
    }

    fn binary(&mut self, level: usize) -> Result<Expr, TextError> {
        const LEVELS: [&[&str]; 2] = [&["+", "-"], &["*", "//", "/", "%"]];
        let Some(signs) = LEVELS.get(level) else { return self.operand() };
        let mut left = self.binary(level + 1)?;
        let mut chain = 0;
        while let Some(&Kind::Sign(sign)) =
            self.peek().filter(|kind| matches!(kind, Kind::Sign(it) if signs.contains(it)))
        {
            self.next += 1;
            let right = self.binary(level + 1)?;
            let at = left.at;
            // Each further sign holds the sides before it.
            chain += 1;
            if chain > MAX_DEPTH {
                return Err(TextError::at(at, Reason::TooDeep { max_depth: MAX_DEPTH }));
            }
            left = Expr { at, kind: ExprKind::Binary(sign, Box::new(left), Box::new(right)) };
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expr, TextError> {
        let at = self.place();
        if matches!(self.peek(), Some(Kind::Sign("*" | "**"))) {
            return Err(TextError::at(at, Reason::Unpacked));
        }
        if self.take_sign("-") {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(TextError::at(at, Reason::TooDeep { max_depth: MAX_DEPTH }));
            }
            let value = self.operand();
            self.depth -= 1;
            return Ok(Expr { at, kind: ExprKind::Negative(Box::new(value?)) });
        }
        let mut value = self.atom()?;
        // Each further call or index holds the one before it.
        let mut chain = 0;
        loop {
            let kind = match self.peek() {
                Some(Kind::Sign("(")) => {
                    self.next += 1;
                    let args = self.args()?;
                    ExprKind::Call(Box::new(value), args)
                }
                Some(Kind::Sign("[")) => {
                    self.next += 1;
                    let index = self.tuple()?;
                    self.expect("]")?;
                    ExprKind::Index(Box::new(value), Box::new(index))
                }
                Some(Kind::Sign(".")) => {
                    self.next += 1;
                    let name = self.take_name().ok_or_else(|| self.unexpected("a name"))?;
                    match &mut value.kind {
                        ExprKind::Name(path) => {
                            path.push('.');
                            path.push_str(name);
                            continue;
                        }
                        _ => ExprKind::Attribute(Box::new(value), name.to_owned()),
                    }
                }
                _ => return Ok(value),
            };
            chain += 1;
            if chain > MAX_DEPTH {
                return Err(TextError::at(at, Reason::TooDeep { max_depth: MAX_DEPTH }));
            }
            value = Expr { at, kind };
        }
    }

    fn atom(&mut self) -> Result<Expr, TextError> {
        let at = self.place();
        let kind = match self.peek() {
            Some(Kind::Int(value)) => ExprKind::Int(*value),
            Some(Kind::Float(text)) => ExprKind::Float(decimal(text).unwrap_or(f64::NAN)),
            Some(Kind::Text(text)) => ExprKind::Text(text.clone()),
            Some(Kind::Name(name)) if name == "for" || name == "lambda" => {
                return Err(TextError::at(at, Reason::Unpacked));
            }
            Some(Kind::Name(name)) => ExprKind::Name(name.clone()),
            Some(Kind::Sign("(")) => return self.enclosed(at, ")"),
            Some(Kind::Sign("[")) => return self.enclosed(at, "]"),
            Some(Kind::Sign("{")) => return self.pairs(at),
            _ => return Err(self.unexpected("a value")),
        };
        self.next += 1;
        Ok(Expr { at, kind })
    }

    /// An expression, or a star and what it takes apart.
    fn item(&mut self) -> Result<Expr, TextError> {
        let at = self.place();
        if !self.take_sign("*") {
            return self.expr();
        }
        Ok(Expr { at, kind: ExprKind::Star(Box::new(self.expr()?)) })
    }

    /// A list, a tuple, or one expression in parentheses.
    fn enclosed(&mut self, at: At, close: &'static str) -> Result<Expr, TextError> {
        self.next += 1;
        let mut items = Vec::new();
        let mut comma = close == "]";
        while !self.take_sign(close) {
            items.push(self.item()?);
            self.refuse_comprehension()?;
            if self.take_sign(",") {
                comma = true;
            } else if !self.take_sign(close) {
                return Err(self.unexpected("a comma or a closing bracket"));
            } else {
                break;
            }
        }
        match (items.pop(), items.is_empty(), comma) {
            (Some(only), true, false) => Ok(only),
            (last, ..) => {
                items.extend(last);
                Ok(Expr { at, kind: ExprKind::List(items) })
            }
        }
    }

    fn pairs(&mut self, at: At) -> Result<Expr, TextError> {
        self.next += 1;
        let mut pairs = Vec::new();
        while !self.take_sign("}") {
            let key = self.expr()?;
            self.expect(":")?;
            pairs.push((key, self.expr()?));
            self.refuse_comprehension()?;
            if !self.take_sign(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(Expr { at, kind: ExprKind::Pairs(pairs) })
    }

    fn refuse_comprehension(&self) -> Result<(), TextError> {
        match self.peek() {
            Some(Kind::Name(word)) if word == "for" || word == "if" => {
                Err(TextError::at(self.place(), Reason::Unpacked))
            }
            _ => Ok(()),
        }
    }

    /// Arguments up to the closing parenthesis.
    pub(super) fn args(&mut self) -> Result<Args, TextError> {
        let mut args = Args::default();
        while !self.take_sign(")") {
            let named = match (self.peek(), self.tokens.get(self.next + 1).map(|token| &token.kind)) {
                (Some(Kind::Name(name)), Some(Kind::Sign("="))) => Some(name.clone()),
                _ => None,
            };
            if named.is_some() {
                self.next += 2;
            }
            let value = if named.is_some() { self.expr()? } else { self.item()? };
            self.refuse_comprehension()?;
            match named {
                Some(name) => args.named.push((name, value)),
                None => args.positional.push(value),
            }
            if !self.take_sign(",") {
                if !self.take_sign(")") {
                    return Err(self.unexpected("a comma or a closing parenthesis"));
                }
                break;
            }
        }
        Ok(args)
    }
}
