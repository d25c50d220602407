//! A place in a text, and what is read from there on: numbers, lists, names.

use super::is_plain;
use super::read::Reason;
use crate::graph::Shape;

pub(super) type Read<T> = Result<T, Reason>;

/// Longer lists are refused: sizes, axes and parts are held for every layer behind them.
pub(super) const MAX_LIST: usize = 1 << 10;

pub(super) struct Cursor<'a> {
    text: &'a str,
    /// Always between two characters.
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte's place.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// One byte back, which was a character.
    pub(super) fn back(&mut self) {
        self.at -= 1;
    }

    pub(super) fn sides<T: Copy>(&mut self, item: impl Fn(&mut Self) -> Read<T>) -> Read<[T; 4]> {
        let top = item(self)?;
        if self.take(b'x') {
            let left = item(self)?;
            return Ok([top, left, top, left]);
        }
        if self.peek() != Some(b',') {
            return Ok([top; 4]);
        }
        let mut side = || if self.take(b',') { item(self) } else { Err(Reason::Number) };
        Ok([top, side()?, side()?, side()?])
    }

    pub(super) fn two(&mut self) -> Read<[i64; 2]> {
        let first = self.signed()?;
        if self.take(b'x') { Ok([first, self.signed()?]) } else { Err(Reason::Number) }
    }

    pub(super) fn pair(&mut self) -> Read<[u64; 2]> {
        let first = self.number()?;
        Ok([first, if self.take(b'x') { self.number()? } else { first }])
    }

    pub(super) fn shape(&mut self) -> Read<Shape> {
        self.list(Self::number).map(Shape::new)
    }

    pub(super) fn list<T>(&mut self, item: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut items = Vec::new();
        if self.take(b'x') {
            return Ok(items);
        }
        loop {
            if items.len() == MAX_LIST {
                return Err(Reason::TooMany(MAX_LIST));
            }
            items.push(item(self)?);
            if !self.take(b'x') {
                return Ok(items);
            }
        }
    }

    pub(super) fn name(&mut self) -> Read<String> {
        let rest = &self.text[self.at..];
        let Some(quoted) = rest.strip_prefix('\'') else {
            let len = rest.bytes().take_while(|&byte| is_plain(byte)).count();
            self.at += len;
            return if len > 0 { Ok(rest[..len].to_owned()) } else { Err(Reason::Name) };
        };
        let mut name = String::new();
        let mut from = 0;
        while let Some(len) = quoted[from..].find('\'') {
            name.push_str(&quoted[from..from + len]);
            from += len + 1;
            if !quoted[from..].starts_with('\'') {
                self.at += 1 + from;
                return Ok(name);
            }
            name.push('\'');
            from += 1;
        }
        Err(Reason::Name)
    }

    pub(super) fn signed(&mut self) -> Read<i64> {
        let from = self.at;
        self.take(b'-');
        self.digits();
        self.text[from..self.at].parse().map_err(|_| Reason::Number)
    }

    pub(super) fn number(&mut self) -> Read<u64> {
        let from = self.at;
        self.digits();
        self.text[from..self.at].parse().map_err(|_| Reason::Number)
    }

    pub(super) fn digits(&mut self) {
        while self.at_digit() {
            self.at += 1;
        }
    }

    pub(super) fn at_digit(&self) -> bool {
        self.peek().is_some_and(|byte| byte.is_ascii_digit())
    }

    pub(super) fn at_number(&self) -> bool {
        self.at_digit() || self.peek() == Some(b'-')
    }

    pub(super) fn setting(&mut self, letters: &[u8]) -> Option<u8> {
        let letter = self.peek().filter(|letter| letters.contains(letter))?;
        self.at += 1;
        Some(letter)
    }

    pub(super) fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// The next character if it is one byte long.
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = self.peek().filter(|byte| byte.is_ascii() && *byte != b'.')?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn char(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }
}
