//! Numbers as people read them: minus is U+2212, thousands are grouped, cells get what fits.

use crate::decimal::{self, Decimal};

/// A value in a cell: integers as they are, otherwise up to 3 significant digits.
pub fn cell(value: f32) -> String {
    digits(value, 3)
}

/// A value in a cell that holds `max_chars` characters: as many significant digits as fit, 3 at most.
pub fn fitting(value: f32, max_chars: usize) -> String {
    [3, 2, 1]
        .into_iter()
        .map(|n| digits(value, n))
        .find(|text| text.chars().count() <= max_chars)
        .unwrap_or_else(|| digits(value, 1))
}

/// The shortest decimal that gives the same `f32` back.
pub fn full(value: f32) -> String {
    decimal(value, MINUS, |bits| positional(&Decimal::shortest(bits)))
}

/// The same as a program reads it: with a hyphen, and below 0.0001 with an exponent.
pub fn plain(value: f32) -> String {
    decimal(value, "-", |bits| {
        let shortest = Decimal::shortest(bits);
        // A first digit in the fifth place after the point has point -4 where 1 would have 1.
        if !(-1000..-3).contains(&shortest.point) {
            return positional(&shortest);
        }
        let mut text = String::new();
        let (first, rest) = shortest.digits.split_at(1);
        push_digits(&mut text, first);
        if !rest.is_empty() {
            text.push('.');
            push_digits(&mut text, rest);
        }
        text.push_str("e-");
        text.push_str(&ungrouped((1 - shortest.point).unsigned_abs().into()));
        text
    })
}

/// Reads a decimal with a point, or with an exponent; what is too large is infinite.
///
/// The same texts give the same `f32` as with [`str::parse`].
pub fn parse(text: &str) -> Option<f32> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let is = |word: &str| digits.eq_ignore_ascii_case(word.as_bytes());
    let magnitude = if is("inf") || is("infinity") {
        f32::INFINITY
    } else if is("nan") {
        f32::NAN
    } else {
        f32::from_bits(Decimal::read(digits)?.nearest_bits())
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// A count, grouped by thousands: `50,176`.
pub fn grouped(count: u128) -> String {
    let mut text = ungrouped(count);
    let mut idx = text.len();
    while idx > 3 {
        idx -= 3;
        text.insert(idx, ',');
    }
    text
}

/// A count as programs read it: `50176`.
pub fn ungrouped(count: u128) -> String {
    let mut text = String::new();
    push_digits(&mut text, &decimal::whole(count));
    if text.is_empty() {
        text.push('0');
    }
    text
}

/// A whole number with its sign: `−1`.
pub fn whole(value: i64) -> String {
    let mut text = value.unsigned_abs().to_string();
    if value < 0 {
        text.insert_str(0, MINUS);
    }
    text
}

/// A length or share as style sheets read it: at most five decimals, no trailing zeros.
///
/// For values below 10^12; `Display` of floats would bring 10 KiB of code and tables into the app.
pub fn css(value: f64) -> String {
    const UNIT: u64 = 100_000;
    let units = (value * UNIT as f64).round() as i64;
    let (whole, part) = (units.unsigned_abs() / UNIT, units.unsigned_abs() % UNIT);
    let sign = if units < 0 { "-" } else { "" };
    let mut text = format!("{sign}{whole}.{part:05}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}

const MINUS: &str = "\u{2212}";

/// At most `n` significant digits behind the point's zeros; whole numbers keep all of theirs.
fn digits(value: f32, n: i32) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "\u{2212}∞" }.into();
    }
    let text = decimal(value, MINUS, |bits| {
        let exact = Decimal::exact(bits);
        let decimals = n.saturating_sub(exact.point).clamp(0, 9);
        positional(&exact.rounded(exact.point.saturating_add(decimals)))
    });
    if text == "\u{2212}0" { "0".into() } else { text }
}

/// The sign of a number and its magnitude, which is written from its bits.
fn decimal(value: f32, minus: &str, magnitude: impl Fn(u32) -> String) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    let bits = value.abs().to_bits();
    let mut text = if value.is_infinite() { "inf".into() } else { magnitude(bits) };
    if value.is_sign_negative() {
        text.insert_str(0, minus);
    }
    text
}

/// Without an exponent: `0.05`, `1.5`, `200`.
fn positional(decimal: &Decimal) -> String {
    let mut text = String::new();
    let point = usize::try_from(decimal.point).unwrap_or(0);
    let (before, after) = decimal.digits.split_at(point.min(decimal.digits.len()));
    push_digits(&mut text, before);
    for _ in before.len()..point {
        text.push('0');
    }
    if text.is_empty() {
        text.push('0');
    }
    if !after.is_empty() {
        text.push('.');
        for _ in decimal.point..0 {
            text.push('0');
        }
        push_digits(&mut text, after);
    }
    text
}

fn push_digits(text: &mut String, digits: &[u8]) {
    text.extend(digits.iter().map(|digit| char::from(b'0' + digit)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_for_style_sheets_have_five_decimals_at_most() {
        for (value, text) in [
            (0.0, "0"),
            (12.0, "12"),
            (-1.5, "-1.5"),
            (667.333_333_3, "667.33333"),
            (0.000_004, "0"),
            (-0.000_004, "0"),
            (99.999_999, "100"),
            (100.0, "100"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(css(value), text);
        }
    }

    #[test]
    fn whole_numbers_stay_whole() {
        for (value, text) in [(0.0, "0"), (-0.0, "0"), (28.0, "28"), (-21.0, "−21"), (123_456.0, "123456")]
        {
            assert_eq!(cell(value), text);
        }
    }

    #[test]
    fn fractions_keep_three_significant_digits() {
        for (value, text) in [
            (1.0 / 9.0, "0.111"),
            (-0.5, "−0.5"),
            (12.345, "12.3"),
            (1234.5, "1234"),
            (0.001_234, "0.00123"),
            (0.9996, "1"),
            (1e-12, "0"),
        ] {
            assert_eq!(cell(value), text, "{value}");
        }
    }

    #[test]
    fn a_narrow_cell_gets_fewer_digits() {
        assert_eq!(fitting(-0.123, 5), "−0.12");
        assert_eq!(fitting(-0.123, 4), "−0.1");
        assert_eq!(fitting(28.0, 1), "28");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!((grouped(0), grouped(999), grouped(50_176)), ("0".into(), "999".into(), "50,176".into()));
        assert_eq!(grouped(102_764_544), "102,764,544");
    }

    /// Values at which conversions go wrong first, and then a walk over all the others.
    fn bit_patterns() -> impl Iterator<Item = u32> {
        let powers = (0..=254).flat_map(|exponent| (-2..=2).map(move |off| (exponent << 23) + off));
        let small = 0..5000;
        let tens = (-45..=38).flat_map(|exponent| {
            let bits = format!("1e{exponent}").parse::<f32>().unwrap().to_bits() as i32;
            (-3..=3).map(move |off| bits + off)
        });
        // An odd step, so that the walk passes through every residue.
        let n: u32 = if cfg!(debug_assertions) { 20_000 } else { 2_000_000 };
        let step = (f32::INFINITY.to_bits() / n) | 1;
        let walk = (0..n).map(move |idx| idx * step);
        let edges = powers.chain(small).chain(tens).chain([f32::MAX.to_bits() as i32]);
        edges.filter_map(|bits| u32::try_from(bits).ok()).chain(walk)
    }

    #[test]
    fn full_and_plain_are_the_shortest_that_read_back() {
        for bits in bit_patterns() {
            let value = f32::from_bits(bits);
            let exponent = value != 0.0 && value < 1e-4;
            let expected = if exponent { format!("{value:e}") } else { value.to_string() };
            assert_eq!(plain(value), expected, "{bits:x}");
            assert_eq!(full(value), value.to_string(), "{bits:x}");
            assert_eq!(parse(&expected).map(f32::to_bits), Some(bits), "{expected}");
        }
        for (value, text) in [(-0.0, "−0"), (-2.5, "−2.5"), (f32::NAN, "NaN"), (f32::NEG_INFINITY, "−inf")]
        {
            assert_eq!(full(value), text);
        }
        assert_eq!((plain(-0.0), plain(-1.5e-7)), ("-0".into(), "-1.5e-7".into()));
    }

    #[test]
    fn cells_are_rounded_half_to_even() {
        for bits in bit_patterns().step_by(3) {
            let value = f32::from_bits(bits);
            // A whole number keeps all of its digits.
            for n in 1..=3 {
                assert_eq!(digits(value, n), rounded_by_std(value, n), "{bits:x} {n}");
            }
        }
        let halves = [(0.125, 2, "0.12"), (0.375, 2, "0.38"), (2.5, 1, "2"), (-1234.5, 3, "−1234")];
        for (value, n, text) in halves {
            assert_eq!(digits(value, n), text);
        }
    }

    /// The same digits by way of the standard library.
    fn rounded_by_std(value: f32, n: i32) -> String {
        let (mut decimals, mut scale) = (n - 1, 1.0_f64);
        while f64::from(value) >= scale * 10.0 && decimals > 0 {
            (scale, decimals) = (scale * 10.0, decimals - 1);
        }
        while f64::from(value) < scale && decimals < 9 {
            (scale, decimals) = (scale / 10.0, decimals + 1);
        }
        let text = format!("{value:.*}", decimals as usize);
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').into(),
            false => text,
        }
    }

    #[test]
    fn texts_are_read_as_the_standard_library_reads_them() {
        let texts = [
            "",
            "+",
            "-",
            ".",
            "5",
            "+5",
            "-5",
            "5.",
            ".5",
            "-.5",
            "1e5",
            "1E5",
            "1e+5",
            "1e-5",
            "1e",
            "1e+",
            "e5",
            ".e5",
            "1.5.2",
            "1_0",
            " 1",
            "1 ",
            "0x10",
            "inf",
            "-INF",
            "Infinity",
            "nan",
            "-nan",
            "infin",
            "1e999",
            "-1e999",
            "1e-999",
            "1e99999999999999999999",
            "0e99999999999",
            "00012.500",
            "0.000000000000001e15",
            "3.4028235e38",
            "3.4028236e38",
            "340282356779733661637539395458142568447",
            "340282356779733661637539395458142568448",
            "7e-46",
            "7.1e-46",
            "1.1754943e-38",
            "16777217",
            "16777217.0000000000000000000000000000001",
            "16777219",
            "8388608.5",
            "8388609.5",
            "--1",
            "1-",
            "٣",
        ];
        let long = ["0.", &"0".repeat(500), "1e501"].concat();
        for text in texts.iter().copied().chain([long.as_str()]) {
            let expected = text.parse::<f32>().ok();
            let bits = |value: Option<f32>| value.map(|value| (value.is_nan(), value.to_bits() << 1 >> 1));
            assert_eq!(bits(parse(text)), bits(expected), "{text}");
            assert_eq!(parse(text).map(f32::is_sign_negative), expected.map(f32::is_sign_negative), "{text}");
        }
    }

    /// A middle between two neighbours goes to the even one, and the least digit beyond it decides.
    #[test]
    fn middles_between_neighbours_are_read_exactly() {
        for bits in bit_patterns().step_by(7).filter(|&bits| bits < f32::MAX.to_bits()) {
            let [low, high] = [bits, bits + 1].map(|bits| f64::from(f32::from_bits(bits)));
            let middle = format!("{}", (low + high) / 2.0);
            let point = if middle.contains('.') { "" } else { "." };
            for text in [middle.clone(), format!("{middle}{point}0000000000000000000000000000001")] {
                assert_eq!(parse(&text).map(f32::to_bits), text.parse().ok().map(f32::to_bits), "{text}");
            }
        }
    }

    #[test]
    fn large_counts_are_grouped() {
        assert_eq!(grouped(u128::MAX), "340,282,366,920,938,463,463,374,607,431,768,211,455");
        assert_eq!(
            (grouped(1_000_000_000), grouped(1 << 64)),
            ("1,000,000,000".into(), "18,446,744,073,709,551,616".into())
        );
        assert_eq!((whole(i64::MIN), whole(0)), ("−9223372036854775808".into(), "0".into()));
    }
}
