//! Percent-decoding (RFC 3986, section 2.1), for links that mail programs and editors have escaped.

use std::borrow::Cow;

/// A decoded text.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// A percent sign stands without two digits, or the bytes are no UTF-8.
    pub(super) malformed: bool,
}

/// Decodes `%2C` and the like; what is malformed is kept as it stands.
pub(super) fn decode(text: &str) -> Decoded<'_> {
    if !text.contains('%') {
        return Decoded { text: text.into(), malformed: false };
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut malformed = false;
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = match (first, tail) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(digit(*high) * 16 + digit(*low));
                after
            }
            _ => {
                malformed |= first == b'%';
                bytes.push(first);
                tail
            }
        };
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        malformed = true;
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    });
    Decoded { text: text.into(), malformed }
}

/// Escapes whatever programs that pass links on might change: all but letters, digits and `-._~:,'`.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:,'".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend(
                [byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])),
            );
        }
    }
    encoded
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        assert_eq!(encode("i1x3.U'a b&c=%é'~1_2"), "i1x3.U'a%20b%26c%3D%25%C3%A9'~1_2");
        for text in ["", "i1x3x14x14.c8k3", "U'a b&c=%#é×'", "%41"] {
            assert_eq!(decode(&encode(text)).text, text);
        }
    }

    #[test]
    fn escapes_are_decoded_and_broken_ones_kept() {
        for (text, expected, malformed) in [
            ("1%2C2%2c3", "1,2,3", false),
            ("5%C3%976", "5×6", false),
            ("100%", "100%", true),
            ("%g1%4", "%g1%4", true),
            ("%ff", "\u{fffd}", true),
            ("%25", "%", false),
        ] {
            let decoded = decode(text);
            assert_eq!((decoded.text.as_ref(), decoded.malformed), (expected, malformed));
        }
    }
}
