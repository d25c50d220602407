//! Words that stay legible where lines pass behind them.

use crate::geom::Rect;
use crate::ink::Ink;
use crate::scene::{Align, Mark, Shape};

/// Average width of a letter, in its size.
const LETTER: f64 = 0.56;

/// Each text on a patch of paper; what is no text is left out.
pub(crate) fn patched(texts: Vec<Mark>, marks: &mut Vec<Mark>) {
    for mark in texts {
        let Shape::Text { at, text, size, align, .. } = &mark.shape else { continue };
        let width = text.chars().count() as f64 * LETTER * size + 4.0;
        let left = match align {
            Align::Start => at.x - 2.0,
            Align::Middle => at.x - width / 2.0,
            Align::End => at.x - width + 2.0,
        };
        marks.push(Mark::rounded(Rect::new(left, at.y - size * 0.62, width, size * 1.24), 2.0, Ink::Patch));
        marks.push(mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;

    #[test]
    fn a_patch_lies_behind_its_words() {
        let text = Mark::text(Point::new(20.0, 50.0), "words", 10.0, Align::Middle, Ink::Caption);
        let mut marks = Vec::new();
        patched(vec![text.clone(), Mark::rect(Rect::new(0.0, 0.0, 9.0, 9.0), Ink::Window)], &mut marks);
        let [Mark { shape: Shape::Rect { rect, .. }, ink: Ink::Patch, .. }, words] = marks.as_slice() else {
            panic!("{marks:?}")
        };
        assert_eq!(*words, text);
        assert_eq!((rect.centre(), rect.width), (Point::new(20.0, 50.0), 32.0));
    }
}
