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

/// The rows of a table's body.
pub struct Rows {
    body: Element,
    /// Bodies before and after it, as high as the rows that are not in the page.
    gaps: [Element; 2],
    first: usize,
    shown: Vec<Row>,
}

impl Rows {
    /// The rows in `body`, a `tbody` with a `tr` in a `tbody` for the rows before and after.
    pub fn new(body: Element, gaps: [Element; 2]) -> Self {
        Self { body, gaps, first: 0, shown: Vec::new() }
    }

    /// The height of a row, in CSS pixels; `None` while none is shown.
    pub fn row_height(&self) -> Option<f64> {
        let row = self.body.first_element_child()?;
        Some(row.get_bounding_client_rect().height()).filter(|height| *height > 0.0)
    }

    /// Where the first of all rows begins, from the top of the window.
    fn top(&self, height: f64) -> f64 {
        self.body.get_bounding_client_rect().top() - self.first as f64 * height
    }

    /// Which of `len` rows, each `height` CSS pixels high, are near the screen; `clip` is what scrolls, if not
    /// the page. Never none: the height of a row is measured on one.
    pub fn near_screen(&self, clip: &Element, len: usize, height: f64) -> Range<usize> {
        let (top, clip) = (self.top(height), clip.get_bounding_client_rect());
        let [from, to] = [clip.top().max(0.0), clip.bottom().min(screen_height())];
        let first = ((from - top) / height).floor().max(0.0) as usize;
        let last = ((to - top) / height).ceil().max(0.0) as usize + BEYOND;
        first.saturating_sub(BEYOND).min(len.saturating_sub(1))..last.clamp(1, len.max(1)).min(len)
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
        for cell in self.shown.iter_mut().flat_map(|row| &mut row.cells) {
            cell.value = cell.value.take().map(|_| "\u{0}".to_owned());
        }
    }

    /// Shows `rows`, the first of which is row `first` of `len`, each `height` CSS pixels high. A focus within
    /// stays on the element of the same identifier.
    pub fn show(&mut self, first: usize, rows: Vec<Row>, len: usize, height: f64) {
        let focused = document().active_element().filter(|it| self.body.contains(Some(it)));
        let after = len.saturating_sub(first + rows.len());
        for (gap, n_rows) in self.gaps.iter().zip([first, after]) {
            let _ = gap.toggle_attribute_with_force("hidden", n_rows == 0);
            if let Some(gap) = gap.dyn_ref::<HtmlElement>() {
                let _ = gap.style().set_property("--gap", &format!("{}px", n_rows as f64 * height));
            }
        }
        // Rows that stay are moved, so that what is in them is not written again.
        while self.first < first && !self.shown.is_empty() {
            self.shown.remove(0);
            self.first += 1;
            remove(self.body.first_element_child());
        }
        if self.shown.is_empty() {
            self.first = first;
        }
        while self.first > first && self.first - first <= rows.len() {
            self.first -= 1;
            self.shown.insert(0, Row::default());
            if let Ok(row) = document().create_element("tr") {
                let _ = self.body.prepend_with_node_1(&row);
            }
        }
        self.first = first;
        while self.shown.len() > rows.len() {
            self.shown.pop();
            remove(self.body.last_element_child());
        }
        let mut element = self.body.first_element_child();
        for (idx, row) in rows.into_iter().enumerate() {
            let here = match element.take() {
                Some(here) => here,
                None => {
                    let Ok(new) = document().create_element("tr") else { return };
                    let _ = self.body.append_child(&new);
                    self.shown.push(Row::default());
                    new
                }
            };
            patch(&here, &self.shown[idx], &row);
            self.shown[idx] = row;
            element = here.next_element_sibling();
        }
        if let Some(focused) = focused
            && document().active_element().is_none_or(|now| now != focused)
        {
            super::focus::by_id(&focused.id());
        }
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
fn mark(control: &Element, refused_by: Option<&str>) {
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
fn write_value(control: &Element, value: &str) {
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
