//! A long table of which only the rows near the screen are in the page, and which is patched cell by cell.
//!
//! What has the focus keeps it: a cell is written only where it differs, and a field or select in it is given
//! another value without being replaced.

use std::ops::Range;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

use super::dom::{Listener, document, keep, window};
use crate::state::State;

/// So many rows beyond the screen are in the page as well.
const BEYOND: usize = 8;

/// One cell of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Attributes of its `td`; other ones than before have the whole row written anew.
    pub attributes: String,
    /// What is in it, as HTML; nothing in it may come from outside unescaped.
    pub html: String,
    /// What its field or select shows, if it holds one.
    pub value: Option<String>,
    /// Of a field with a text that was refused: the identifier of what says why.
    pub refused_by: Option<String>,
}

/// One row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Attributes of its `tr`, names and values.
    pub attributes: Vec<(&'static str, String)>,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A row that is in the page.
struct Shown {
    idx: usize,
    row: Row,
    element: Element,
}

/// The rows of a table's body.
pub struct Rows {
    body: Element,
    /// Bodies before and after it, as high as the rows that are not in the page.
    gaps: [Element; 2],
    /// The same in the body, between the row that has the focus and those that are seen.
    between: Option<Element>,
    shown: Vec<Shown>,
}

impl Rows {
    /// The rows in `body`, a `tbody` with a `tr` in a `tbody` for the rows before and after.
    pub fn new(body: Element, gaps: [Element; 2]) -> Self {
        let between = gaps[0].first_element_child().and_then(|row| row.clone_node_with_deep(true).ok());
        let between = between.and_then(|row| row.dyn_into::<Element>().ok());
        if let Some(between) = &between {
            between.set_class_name(&gaps[0].class_name());
            let _ = between.set_attribute("aria-hidden", "true");
        }
        Self { body, gaps, between, shown: Vec::new() }
    }

    /// The height of a row, in CSS pixels; `None` while none is shown.
    pub fn row_height(&self) -> Option<f64> {
        let height = self.shown.first()?.element.get_bounding_client_rect().height();
        Some(height).filter(|height| *height > 0.0)
    }

    /// The row that has the focus, or in which something has it.
    pub fn focused(&self) -> Option<usize> {
        let active = document().active_element().filter(|it| self.body.contains(Some(it)))?;
        self.shown.iter().find(|it| it.element.contains(Some(&active))).map(|it| it.idx)
    }

    /// Where the first of all rows begins, from the top of the window.
    fn top(&self, height: f64) -> f64 {
        let first = self.shown.first().map_or(0, |it| it.idx);
        self.body.get_bounding_client_rect().top() - first as f64 * height
    }

    /// Which of `len` rows, each `height` CSS pixels high, are near the screen; `clip` is what scrolls, if not
    /// the page. Never none: the height of a row is measured on one.
    pub fn near_screen(&self, clip: &Element, len: usize, height: f64) -> Range<usize> {
        let (top, clip) = (self.top(height), clip.get_bounding_client_rect());
        // Of a table beyond the screen, what is nearest to it.
        let ends = [clip.top(), clip.bottom()];
        let seen = ends.map(|y| y.clamp(0.0, screen_height()).clamp(ends[0], ends[1]));
        near(seen.map(|y| (y - top) / height), len)
    }

    /// The place between rows that is nearest to `y`, from the top of the window: 0 before the first row.
    pub fn place_at(&self, y: f64, height: f64) -> usize {
        ((y - self.top(height)) / height).round().max(0.0) as usize
    }

    /// The same where `clip` scrolls, and nothing where the page does: it would leave what is pressed.
    pub fn bring_inside(&self, clip: &Element, idx: usize, height: f64) {
        if scrolls(clip) {
            self.bring(clip, idx, height);
        }
    }

    /// Where row `idx` begins, from the top of what `clip` holds.
    pub fn offset_in(&self, clip: &Element, idx: usize, height: f64) -> f64 {
        self.top(height) + idx as f64 * height - clip.get_bounding_client_rect().top()
            + f64::from(clip.scroll_top())
    }

    /// Scrolls `clip`, or the page where that does not scroll, until row `idx` is seen. What sticks to the
    /// ends of `clip` covers none of it.
    pub fn bring(&self, clip: &Element, idx: usize, height: f64) {
        let top = self.top(height) + idx as f64 * height;
        let [from, to] = if scrolls(clip) {
            let covered = |name: &str| {
                let part = clip.query_selector(name).ok().flatten();
                part.map_or(0.0, |part| part.get_bounding_client_rect().height())
            };
            let frame = clip.get_bounding_client_rect();
            [frame.top() + covered("thead"), frame.bottom() - covered("tfoot")]
        } else {
            [0.0, screen_height()]
        };
        let by = if top < from { top - from } else { (top + height - to).max(0.0) };
        scroll_by(clip, by);
    }

    /// Lets fields and selects be given their values again, whatever was typed into them.
    pub fn forget_values(&mut self) {
        for cell in self.shown.iter_mut().flat_map(|it| &mut it.row.cells) {
            cell.value = cell.value.take().map(|_| "\u{0}".to_owned());
        }
    }

    /// Shows `rows`, each with its place among `len` of them and `height` CSS pixels high, from the first to the
    /// last; rows may be missing in one place between them. A focus within stays on the element of the same
    /// identifier.
    pub fn show(&mut self, rows: Vec<(usize, Row)>, len: usize, height: f64) {
        let focused = document().active_element().filter(|it| self.body.contains(Some(it)));
        // Rows that stay are not moved, so that what is in them is not written again.
        let mut old = std::mem::take(&mut self.shown).into_iter().peekable();
        for (idx, row) in rows {
            while let Some(gone) = old.next_if(|it| it.idx < idx) {
                gone.element.remove();
            }
            let here = match old.next_if(|it| it.idx == idx) {
                Some(here) => here,
                None => {
                    let Ok(element) = document().create_element("tr") else { continue };
                    let next = old.peek().map(|it| &it.element);
                    let _ = self.body.insert_before(&element, next.map(AsRef::as_ref));
                    Shown { idx, row: Row::default(), element }
                }
            };
            patch(&here.element, &here.row, &row);
            self.shown.push(Shown { row, ..here });
        }
        old.for_each(|gone| gone.element.remove());
        let [first, end] = [self.shown.first(), self.shown.last()].map(|it| it.map_or(0, |it| it.idx));
        for (gap, n_rows) in self.gaps.iter().zip([first, len.saturating_sub(end + 1)]) {
            stretch(gap, n_rows, height);
        }
        if let Some(between) = &self.between {
            let ends = self.shown.windows(2).find(|pair| pair[1].idx > pair[0].idx + 1);
            match ends {
                Some([before, after]) => {
                    let _ = self.body.insert_before(between, Some(&after.element));
                    stretch(between, after.idx - before.idx - 1, height);
                }
                _ => between.remove(),
            }
        }
        if let Some(focused) = focused
            && document().active_element().is_none_or(|now| now != focused)
        {
            super::focus::by_id(&focused.id());
        }
    }
}

/// Which of `len` rows are near what is seen, from and to so many rows from the first: at least one.
fn near([from, to]: [f64; 2], len: usize) -> Range<usize> {
    let first = (from.floor().max(0.0) as usize).saturating_sub(BEYOND).min(len.saturating_sub(1));
    let last = (to.ceil().max(0.0) as usize).saturating_add(BEYOND);
    first..last.max(first + 1).min(len.max(1))
}

/// Makes a gap as high as so many rows.
fn stretch(gap: &Element, n_rows: usize, height: f64) {
    let _ = gap.toggle_attribute_with_force("hidden", n_rows == 0);
    if let Some(gap) = gap.dyn_ref::<HtmlElement>() {
        let _ = gap.style().set_property("--gap", &format!("{}px", n_rows as f64 * height));
    }
}

fn remove(element: Option<Element>) {
    if let Some(element) = element {
        element.remove();
    }
}

fn patch(element: &Element, old: &Row, new: &Row) {
    for (idx, (name, value)) in new.attributes.iter().enumerate() {
        if old.attributes.get(idx).is_none_or(|it| it != &(*name, value.clone())) {
            let _ = element.set_attribute(name, value);
        }
    }
    // Cells up to the first of another kind stay, with the focus that is in one of them.
    let pairs = old.cells.iter().zip(&new.cells);
    let kept = pairs.take_while(|(old, new)| old.attributes == new.attributes).count();
    if kept < old.cells.len() || kept < new.cells.len() {
        for _ in kept..old.cells.len() {
            remove(element.last_element_child());
        }
        // Cells cannot be parsed but in a row.
        if let Ok(row) = document().create_element("tr") {
            let html: Vec<String> = new.cells[kept..]
                .iter()
                .map(|cell| ["<td ", &cell.attributes, ">", &cell.html, "</td>"].concat())
                .collect();
            row.set_inner_html(&html.concat());
            while let Some(cell) = row.first_element_child() {
                let _ = element.append_child(&cell);
            }
        }
    }
    let places = element.children();
    for (idx, cell) in new.cells.iter().enumerate() {
        let Some(place) = places.item(idx as u32) else { return };
        let known = old.cells.get(idx).filter(|_| idx < kept);
        if known == Some(cell) {
            continue;
        }
        let fresh = known.is_none_or(|known| known.html != cell.html);
        if fresh && known.is_some() {
            place.set_inner_html(&cell.html);
        }
        if let Ok(Some(control)) = place.query_selector("input, select") {
            if let Some(value) = &cell.value
                && (fresh || known.is_none_or(|known| known.value.as_ref() != Some(value)))
            {
                write_value(&control, value);
            }
            mark(&control, cell.refused_by.as_deref());
        }
    }
}

/// Marks a field whose text is refused, or not.
pub(super) fn mark(control: &Element, refused_by: Option<&str>) {
    match refused_by {
        Some(id) => {
            let _ = control.set_attribute("aria-invalid", "true");
            let _ = control.set_attribute("aria-describedby", id);
        }
        None => {
            let _ = control.remove_attribute("aria-invalid");
            let _ = control.remove_attribute("aria-describedby");
        }
    }
}

/// Gives a field or select its value.
pub(super) fn write_value(control: &Element, value: &str) {
    if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
        if input.value() != value {
            input.set_value(value);
        }
    } else if let Some(select) = control.dyn_ref::<HtmlSelectElement>() {
        select.set_value(value);
    }
}

/// A number that changes whenever something scrolls or the window becomes another size.
pub fn scrolled() -> State<u32> {
    let value = State::new(0_u32);
    let changed = move |_| value.update(|count| *count = count.wrapping_add(1));
    keep(Listener::capturing(&document(), "scroll", changed));
    keep(Listener::new(&window(), "resize", changed));
    value
}

/// How far `y` is beyond the upper (negative) or lower edge of what is seen of `clip`, a little inside of which
/// counts already; 0 between them.
pub fn beyond(clip: &Element, y: f64) -> f64 {
    const EDGE_PX: f64 = 56.0;
    let frame = clip.get_bounding_client_rect();
    let [from, to] = [frame.top().max(0.0) + EDGE_PX, frame.bottom().min(screen_height()) - EDGE_PX];
    if y < from { y - from } else { (y - to).max(0.0) }
}

/// Whether `clip` holds more than it shows, and not all of it stands in the page.
fn scrolls(clip: &Element) -> bool {
    clip.scroll_height() > clip.client_height() + 1
}

/// Scrolls `clip` by so many CSS pixels, or the page where that does not scroll.
pub fn scroll_by(clip: &Element, by: f64) {
    if scrolls(clip) {
        clip.set_scroll_top(clip.scroll_top() + by.round() as i32);
    } else {
        window().scroll_by_with_x_and_y(0.0, by);
    }
}

fn screen_height() -> f64 {
    window().inner_height().ok().and_then(|it| it.as_f64()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_near_the_screen_are_some_rows_and_never_none() {
        assert_eq!(near([0.0, 9.5], 1000), 0..18);
        assert_eq!(near([491.2, 505.0], 1000), 483..513);
        // A table that was scrolled away, above the screen and below it: this used to be 23..22.
        assert_eq!(near([31.0, 14.0], 39), 23..24);
        assert_eq!(near([-1e9, -1e9], 39), 0..8);
        assert_eq!(near([1e9, 1e9], 39), 38..39);
        assert_eq!(near([0.0, 0.0], 1), 0..1);
    }
}
