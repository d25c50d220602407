//! Lines of Python: calls that are wrapped, comments, and numbers row by row.

use convscope_scene::number;

use super::{Numbers, is_constant, tuple};
use crate::text::joined;

/// Characters of a line of code; comments and numbers keep to it as well.
const WIDTH: usize = 60;

/// Python in the making.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    /// What was written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// One line, from its parts.
    pub(super) fn line(&mut self, parts: &[&str]) {
        for part in parts {
            self.text.push_str(part);
        }
        self.text.push('\n');
    }

    /// An empty line, if there is none yet.
    pub(super) fn blank(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A comment, wrapped between words.
    pub(super) fn comment(&mut self, text: &str) {
        let mut len = WIDTH;
        for word in text.split(' ') {
            let word_len = word.chars().count() + 1;
            if len + word_len > WIDTH {
                if !self.text.is_empty() && !self.text.ends_with('\n') {
                    self.text.push('\n');
                }
                self.text.push('#');
                len = 1;
            }
            self.text.push(' ');
            self.text.push_str(word);
            len += word_len;
        }
        self.text.push('\n');
    }

    /// `head(a, b)tail`, with the arguments on lines of their own where one line is too short.
    pub(super) fn call(&mut self, head: &str, args: &[String], tail: &str) {
        self.call_in("", head, args, tail);
    }

    /// The same behind `indent`.
    pub(super) fn call_in(&mut self, indent: &str, head: &str, args: &[String], tail: &str) {
        let one_line = joined(&[indent, head, "(", &joined(args, ", "), ")", tail], "");
        if one_line.chars().count() <= WIDTH {
            return self.line(&[&one_line]);
        }
        self.line(&[indent, head, "("]);
        let inner = joined(&[indent, "    "], "");
        self.packed(&inner, args.iter().map(String::as_str), ",");
        self.line(&[indent, ")", tail]);
    }

    /// Items with commas, as many to a line as fit.
    fn packed<'a>(&mut self, indent: &str, items: impl Iterator<Item = &'a str>, after: &str) {
        let mut len = 0;
        for item in items {
            let item_len = item.chars().count() + after.len();
            if len > 0 && len + 1 + item_len > WIDTH {
                self.text.push('\n');
                len = 0;
            }
            if len == 0 {
                self.text.push_str(indent);
                len = indent.len();
            } else {
                self.text.push(' ');
                len += 1;
            }
            self.text.push_str(item);
            self.text.push_str(after);
            len += item_len;
        }
        if len > 0 {
            self.text.push('\n');
        }
    }

    /// `name = array([` numbers, row by row, `], dtype).reshape(shape)`; what is constant is `full`.
    ///
    /// `array` and `dtype` are the framework's: `torch.tensor` and `dtype=torch.float32`.
    pub(super) fn numbers(&mut self, name: &str, data: &[f32], shape: &[u64], form: &Form) {
        if shape.len() == 1 && is_constant(data) {
            let args = [tuple_or_comma(shape), number::plain(data[0]), form.dtype.into()];
            return self.call(&joined(&[name, " = ", form.full], ""), &args, "");
        }
        let texts: Vec<String> = data.iter().map(|&value| number::plain(value)).collect();
        let tail = if shape.len() == 1 {
            joined(&["], ", form.dtype, ")"], "")
        } else {
            joined(&["], ", form.dtype, ").reshape", &tuple(shape)], "")
        };
        let head = joined(&[name, " = ", form.array, "(["], "");
        let one_line = joined(&[&head, &joined(&texts, ", "), &tail], "");
        if shape.len() == 1 && one_line.len() <= WIDTH {
            return self.line(&[&one_line]);
        }
        self.line(&[&head]);
        let width = shape.last().and_then(|&width| usize::try_from(width).ok()).unwrap_or(1).max(1);
        for row in texts.chunks(width) {
            self.packed("    ", row.iter().map(String::as_str), ",");
        }
        self.line(&[&tail]);
    }

    /// Numbers as they are; or others in the place of the reader's own, by a call of `head(args)tail`.
    pub(super) fn given(
        &mut self,
        what: &str,
        name: &str,
        numbers: Numbers<'_>,
        form: &Form,
        random: impl FnOnce(&[u64]) -> (&'static str, Vec<String>, &'static str),
    ) {
        match numbers.data {
            Some(data) => self.numbers(name, data, numbers.shape, form),
            None => {
                let (head, args, tail) = random(numbers.shape);
                self.comment(&joined(&["Put your ", what, " here."], ""));
                self.call(&joined(&[name, " = ", head], ""), &args, tail);
            }
        }
    }
}

/// How a framework writes an array.
pub(super) struct Form {
    /// `torch.tensor`
    pub(super) array: &'static str,
    /// `torch.full`
    pub(super) full: &'static str,
    /// `dtype=torch.float32`
    pub(super) dtype: &'static str,
}

/// `(64,)`
fn tuple_or_comma(shape: &[u64]) -> String {
    match shape {
        [len] => joined(&["(", &len.to_string(), ",)"], ""),
        _ => tuple(shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form = Form { array: "np.array", full: "np.full", dtype: "\"float32\"" };

    #[test]
    fn calls_are_wrapped_where_a_line_is_too_short() {
        let mut w = Writer::default();
        w.call("y = f", &["a".into(), "b=1".into()], "");
        let long: Vec<String> = (0..9).map(|n| joined(&["argument", &n.to_string()], "")).collect();
        w.call("y = f", &long, "[0]");
        assert_eq!(
            w.finish(),
            "y = f(a, b=1)\ny = f(\n    argument0, argument1, argument2, argument3, argument4,\n    argument5, \
             argument6, argument7, argument8,\n)[0]\n"
        );
    }

    #[test]
    fn comments_are_wrapped_between_words() {
        let mut w = Writer::default();
        w.line(&["x"]);
        w.comment(&"word ".repeat(14));
        let text = w.finish();
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH) && text.lines().count() == 3,
            "{text}"
        );
        assert!(text.lines().skip(1).all(|line| line.starts_with("# ")), "{text}");
    }

    #[test]
    fn numbers_stand_row_by_row_and_bias_in_one() {
        let mut w = Writer::default();
        w.numbers("x", &[1.0, -2.5, 1e-7, 3.0], &[1, 1, 2, 2], &FORM);
        w.numbers("b", &[0.5; 3], &[3], &FORM);
        w.numbers("c", &[0.5; 64], &[64], &FORM);
        assert_eq!(
            w.finish(),
            "x = np.array([\n    1, -2.5,\n    1e-7, 3,\n], \"float32\").reshape(1, 1, 2, 2)\nb = np.array([0.5, \
             0.5, 0.5], \"float32\")\nc = np.full((64,), 0.5, \"float32\")\n"
        );
    }
}
