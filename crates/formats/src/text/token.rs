//! Words of Python: names, numbers, texts and signs, each with its place.
//!
//! Line feeds count where no bracket is open; comments are left out. Written by hand, because everything that is
//! no layer must be passed over, and each error must say where it is and what was expected there.

use super::error::{At, Reason, TextError};

/// A word and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) at: At,
    pub(super) kind: Kind,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Name(String),
    Int(i64),
    /// A real number as it is written.
    Float(String),
    Text(String),
    /// One sign, of one or two characters.
    Sign(&'static str),
    /// The end of a logical line, and how far the next one is indented.
    Line(usize),
}

const SIGNS: [&str; 38] = [
    "**", "//", "->", ":=", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "(", ")", "[", "]", "{", "}",
    ",", ":", ".", "=", "+", "-", "*", "/", "%", "@", "<", ">", "!", "&", "|", "^", "~", ";", "$", "?",
];

/// The words of a text, line by line. Characters that Python does not know become signs `?`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, TextError> {
    let mut tokens = Vec::new();
    let mut open = 0_usize;
    let mut rest = text;
    let (mut line, mut line_start) = (1, text.len());
    let column = |rest: &str, line_start: usize| line_start.saturating_sub(rest.len()) + 1;
    let push_line = |tokens: &mut Vec<Token>, at: At, indent: usize| match tokens.last_mut() {
        Some(Token { kind: Kind::Line(last), .. }) => *last = indent,
        _ => tokens.push(Token { at, kind: Kind::Line(indent) }),
    };
    let indent = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    push_line(&mut tokens, At { line: 1, column: 1 }, indent(text));
    while let Some(first) = rest.chars().next() {
        let at = At { line, column: column(rest, line_start) };
        let len = match first {
            '\n' => {
                line += 1;
                line_start = rest.len() - 1;
                if open == 0 {
                    push_line(&mut tokens, at, indent(&rest[1..]));
                }
                1
            }
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '\\' if rest[1..].trim_start_matches('\r').starts_with('\n') => {
                line += 1;
                let len = rest.find('\n').map_or(1, |at| at + 1);
                line_start = rest.len() - len;
                len
            }
            _ if first.is_whitespace() => first.len_utf8(),
            '"' | '\'' => {
                let (text, len) = quoted(rest, first).ok_or(TextError::at(at, Reason::OpenText))?;
                let lines = rest[..len].matches('\n').count();
                if lines > 0 {
                    line += lines;
                    line_start = rest.len() - rest[..len].rfind('\n').map_or(0, |at| at + 1);
                }
                tokens.push(Token { at, kind: Kind::Text(text) });
                len
            }
            _ if first.is_ascii_digit()
                || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) =>
            {
                let (kind, len) = number(rest);
                tokens.push(Token { at, kind });
                len
            }
            _ if first.is_alphabetic() || first == '_' => {
                let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                // A prefix of a text, as in r"..", is dropped.
                if len > 2 || !rest[len..].starts_with(['"', '\'']) {
                    tokens.push(Token { at, kind: Kind::Name(rest[..len].to_owned()) });
                }
                len
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                match sign {
                    Some("(" | "[" | "{") => open += 1,
                    Some(")" | "]" | "}") => open = open.saturating_sub(1),
                    _ => {}
                }
                tokens.push(Token { at, kind: Kind::Sign(sign.unwrap_or("?")) });
                sign.map_or(first.len_utf8(), str::len)
            }
        };
        rest = &rest[len..];
    }
    push_line(&mut tokens, At { line, column: column(rest, line_start) }, 0);
    Ok(tokens)
}

/// A text in quotation marks, single or triple, and how many bytes it takes.
fn quoted(rest: &str, mark: char) -> Option<(String, usize)> {
    let triple: String = std::iter::repeat_n(mark, 3).collect();
    if let Some(inside) = rest.strip_prefix(triple.as_str()) {
        let len = inside.find(&triple)?;
        return Some((inside[..len].to_owned(), len + 6));
    }
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
            '\n' => return None,
            _ if character == mark => return Some((text, at + 1)),
            _ => text.push(character),
        }
    }
    None
}

/// A number, and how many bytes it takes. One too large for `i64` is a real number.
fn number(rest: &str) -> (Kind, usize) {
    let mut len = 0;
    for (at, character) in rest.char_indices() {
        let exponent_sign = matches!(character, '+' | '-') && rest[..at].ends_with(['e', 'E']);
        if !(character.is_ascii_alphanumeric() || matches!(character, '.' | '_') || exponent_sign) {
            break;
        }
        len = at + character.len_utf8();
    }
    let digits: String = rest[..len].chars().filter(|&character| character != '_').collect();
    let kind = match digits.parse() {
        Ok(value) => Kind::Int(value),
        Err(_) => Kind::Float(digits),
    };
    (kind, len)
}

/// A real number such as `0.5`, `.5`, `5.` or `1e-05`. Exact up to 15 digits and 22 places before or behind the
/// point (Clinger 1990), which is all that layers are written with, and nearly so beyond: tables for the rest would
/// take a tenth of the program.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (mut value, mut places) = (0_u64, 0_i32);
    let digits = whole.bytes().map(|digit| (digit, 1)).chain(fraction.bytes().map(|digit| (digit, 0)));
    for (digit, before) in digits {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        if value < 1_000_000_000_000_000_000 {
            value = value * 10 + u64::from(digit);
            places += before - 1;
        } else {
            // A digit that is not kept.
            places += before;
        }
    }
    if value == 0 {
        return Some(0.0);
    }
    let exponent = exponent.saturating_add(places).clamp(-400, 400);
    let power = |places: u32| (0..places).fold(1.0, |power, _| power * 10.0);
    let value = value as f64;
    Some(if exponent < 0 {
        value / power(exponent.unsigned_abs())
    } else {
        value * power(exponent.unsigned_abs())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        tokens(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn lines_end_outside_of_brackets_only() {
        let found = kinds("f(1,\n  2)  # three\n  g\n");
        let [open, comma, close] = ["(", ",", ")"].map(Kind::Sign);
        let name = |name: &str| Kind::Name(name.to_owned());
        let expected = [
            Kind::Line(0),
            name("f"),
            open,
            Kind::Int(1),
            comma,
            Kind::Int(2),
            close,
            Kind::Line(2),
            name("g"),
            Kind::Line(0),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn places_are_lines_and_columns_from_one() {
        let places: Vec<_> =
            tokens("ab c\n\"\"\"x\ny\"\"\" d").unwrap().iter().map(|it| (it.at.line, it.at.column)).collect();
        assert_eq!(places, [(1, 1), (1, 1), (1, 4), (1, 5), (2, 1), (3, 6), (3, 7)]);
        assert_eq!(tokens("a = 'x\n").unwrap_err().at, Some(At { line: 1, column: 5 }));
    }

    #[test]
    fn numbers_are_whole_or_real() {
        let real = |text: &str| Kind::Float(text.to_owned());
        assert_eq!(kinds("1_000 1e-5 .5")[1..4], [Kind::Int(1000), real("1e-5"), real(".5")]);
    }

    #[test]
    fn real_numbers_are_those_of_the_standard_library() {
        for text in
            ["0.1", "1e-05", "1E+3", ".5", "5.", "0.001", "0.9997", "1.0", "123456.789012", "0.0", "0e999"]
        {
            assert_eq!(decimal(text), text.parse().ok(), "{text}");
        }
        let close =
            decimal("3.14159265358979323846264338327950288").map(|it| it / std::f64::consts::PI - 1.0);
        assert!(close.is_some_and(|error: f64| error.abs() < 1e-15), "{close:?}");
        assert_eq!(decimal("1e999"), Some(f64::INFINITY));
        assert_eq!(
            decimal("123456789012345678901234567890"),
            Some(123_456_789_012_345_678_901_234_567_890.0)
        );
        for text in ["", ".", "e5", "1e", "0x10", "1j", "nan", "1..2", "1e99999999999", "-1"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
