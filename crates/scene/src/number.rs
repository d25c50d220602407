//! Numbers as people read them: minus is U+2212, thousands are grouped, cells get what fits.

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
    signed(&format!("{value}"))
}

/// A count, grouped by thousands: `50,176`.
pub fn grouped(count: u128) -> String {
    let plain = count.to_string();
    let mut text = String::with_capacity(plain.len() * 4 / 3);
    for (idx, digit) in plain.chars().enumerate() {
        if idx > 0 && (plain.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A whole number with its sign: `−1`.
pub fn whole(value: i64) -> String {
    signed(&value.to_string())
}

/// At most `n` significant digits behind the point's zeros; whole numbers keep all of theirs.
fn digits(value: f32, n: i32) -> String {
    if !value.is_finite() {
        return match (value.is_nan(), value > 0.0) {
            (true, _) => "NaN".into(),
            (_, true) => "∞".into(),
            _ => "\u{2212}∞".into(),
        };
    }
    let magnitude = value.abs();
    if magnitude == magnitude.trunc() && magnitude < 1e7 {
        return signed(&format!("{}", value as i64));
    }
    // Decimals after the point, so that n significant digits are left; counted without a logarithm.
    let mut decimals = n - 1;
    let mut scale = 1.0_f64;
    while f64::from(magnitude) >= scale * 10.0 && decimals > 0 {
        scale *= 10.0;
        decimals -= 1;
    }
    while f64::from(magnitude) < scale && decimals < 9 {
        scale /= 10.0;
        decimals += 1;
    }
    let mut text = format!("{:.*}", decimals.max(0) as usize, value);
    if text.contains('.') {
        let kept = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(kept);
    }
    if text == "-0" { "0".into() } else { signed(&text) }
}

/// With a minus in place of the hyphen.
fn signed(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
