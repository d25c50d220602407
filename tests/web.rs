//! Does a click reach the model? The app in a browser, with its style sheets: what is pressed and typed,
//! and what the page says then.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "tests, though clippy does not know the attribute")]

use std::any::Any;
use std::collections::HashSet;

use convscope::App;
use js_sys::Promise;
use leptos::mount::mount_to;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    CanvasRenderingContext2d, Document, Element, Event, EventInit, HtmlCanvasElement, HtmlElement,
    HtmlInputElement, HtmlSelectElement, KeyboardEvent, KeyboardEventInit, Window,
};

wasm_bindgen_test_configure!(run_in_browser);

const SHEETS: [&str; 5] = [
    include_str!("../style/tokens.css"),
    include_str!("../style/base.css"),
    include_str!("../style/layout.css"),
    include_str!("../style/controls.css"),
    include_str!("../style/stage.css"),
];

/// So long a test waits for what it expects; effects and frames come within a few hundredths.
const MOST_WAITS: u32 = 60;
const WAIT_MS: i32 = 50;

/// The app in the test's page, opened with a link; gone when dropped.
struct Mounted {
    place: HtmlElement,
    app: Option<Box<dyn Any>>,
}

impl Mounted {
    /// Opens a link and lets the first effects run, as nobody clicks before them.
    async fn open(link: &str) -> Self {
        window().location().set_hash(link).unwrap();
        for css in SHEETS {
            let sheet = document().create_element("style").unwrap();
            sheet.set_text_content(Some(css));
            document().head().unwrap().append_child(&sheet).unwrap();
        }
        let place: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&place).unwrap();
        let app = mount_to(place.clone(), App);
        wait().await;
        Self { place, app: Some(Box::new(app)) }
    }

    #[track_caller]
    fn find<T: JsCast>(&self, selector: &str) -> T {
        let found = self.place.query_selector(selector).unwrap();
        let found: Element = found.unwrap_or_else(|| panic!("nothing is {selector}"));
        found.dyn_into().unwrap_or_else(|_| panic!("{selector} is of another kind"))
    }

    fn text(&self, selector: &str) -> String {
        self.find::<Element>(selector).text_content().unwrap_or_default()
    }

    fn press(&self, name: &str) {
        self.find::<HtmlElement>(&format!("button[aria-label='{name}']")).click();
    }

    /// Types into the kernel's size and leaves the field.
    fn type_kernel_size(&self, text: &str) {
        let fields = self.place.query_selector_all("input[aria-label='Size, number']").unwrap();
        // The input's size comes first.
        let field: HtmlInputElement = fields.item(fields.length() - 1).unwrap().unchecked_into();
        field.set_value(text);
        dispatch(&field, "change");
    }

    /// Waits until some element that `selector` names says `text`.
    async fn says(&self, selector: &str, text: &str) {
        let mut said = Vec::new();
        for _ in 0..MOST_WAITS {
            let elements = self.place.query_selector_all(selector).unwrap();
            said = (0..elements.length()).filter_map(|idx| elements.item(idx)?.text_content()).collect();
            if said.iter().any(|it| it.contains(text)) {
                return;
            }
            wait().await;
        }
        panic!("{selector} says {said:?}, not {text:?}");
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(self.app.take());
        self.place.remove();
    }
}

fn window() -> Window {
    web_sys::window().unwrap()
}

fn document() -> Document {
    window().document().unwrap()
}

async fn wait() {
    let late = Promise::new(&mut |resolve, _| {
        window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, WAIT_MS).unwrap();
    });
    JsFuture::from(late).await.unwrap();
}

fn dispatch(target: &Element, name: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    target.dispatch_event(&Event::new_with_event_init_dict(name, &init).unwrap()).unwrap();
}

/// How many colours the canvas shows; nothing is one.
fn colours(canvas: &HtmlCanvasElement) -> usize {
    let context: CanvasRenderingContext2d = canvas.get_context("2d").unwrap().unwrap().unchecked_into();
    let [width, height] = [canvas.width(), canvas.height()].map(f64::from);
    let pixels = context.get_image_data(0.0, 0.0, width, height).unwrap().data();
    pixels.chunks_exact(4).map(<[u8]>::to_vec).collect::<HashSet<_>>().len()
}

#[wasm_bindgen_test]
async fn forward_moves_the_step_and_says_so() {
    let app = Mounted::open("#/lab").await;
    app.says(".transport__label", "Step 5 of 9 · output (1, 1)").await;
    app.press("Forward one step");
    app.says(".transport__label", "Step 6 of 9 · output (1, 2)").await;
    app.says("[role=status]", "Step 6 of 9, output row 1 column 2, −33").await;
    app.press("First step");
    app.says("[role=status]", "Step 1 of 9, output row 0 column 0, 3").await;
    assert!(app.find::<HtmlElement>("button[aria-label='Back one step']").has_attribute("disabled"));
}

#[wasm_bindgen_test]
async fn the_arrow_keys_move_the_step() {
    let app = Mounted::open("#/lab").await;
    app.says(".transport__label", "Step 5 of 9").await;
    let init = KeyboardEventInit::new();
    init.set_key("ArrowRight");
    init.set_bubbles(true);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    document().body().unwrap().dispatch_event(&event).unwrap();
    app.says(".transport__label", "Step 6 of 9").await;
}

#[wasm_bindgen_test]
async fn a_preset_changes_the_sentence_and_undo_takes_it_back() {
    let app = Mounted::open("#/lab").await;
    app.says("h1", "A 3 × 3 kernel at stride 2, padding 1, turns 5 × 5 into 3 × 3").await;
    let select: HtmlSelectElement = app.find("select[aria-label='Example']");
    let option = app.find::<Element>("select[aria-label='Example'] option[value='1']");
    assert_eq!(option.text_content().unwrap(), "4 × 4 shrinks to 2 × 2");
    select.set_value("1");
    dispatch(&select, "change");
    app.says("h1", "A 3 × 3 kernel at stride 1, no padding, turns 4 × 4 into 2 × 2").await;
    app.says(".transport__label", "Step 1 of 4").await;
    app.press("Undo");
    app.says("h1", "turns 5 × 5 into 3 × 3").await;
    app.says(".transport__label", "Step 5 of 9").await;
}

#[wasm_bindgen_test]
async fn a_typed_kernel_size_changes_the_output() {
    let app = Mounted::open("#/lab").await;
    app.type_kernel_size("5");
    app.says("h1", "A 5 × 5 kernel at stride 2, padding 1, turns 5 × 5 into 2 × 2").await;
}

#[wasm_bindgen_test]
async fn an_impossible_kernel_size_is_explained_and_mended() {
    let app = Mounted::open("#/lab").await;
    app.type_kernel_size("9");
    app.says(".number-row__note", "7").await;
    assert_eq!(app.place.query_selector_all("[aria-invalid=true]").unwrap().length(), 1);
    // The last good figure stays.
    assert!(app.text("h1").contains("A 3 × 3 kernel"));
    app.find::<HtmlElement>(".number-row__note button").click();
    app.says("h1", "A 7 × 7 kernel at stride 2, padding 1, turns 5 × 5 into 1 × 1").await;
}

#[wasm_bindgen_test]
async fn the_canvas_is_painted() {
    let app = Mounted::open("#/lab").await;
    let canvas: HtmlCanvasElement = app.find("canvas");
    for _ in 0..MOST_WAITS {
        // A cell for each of nine taps, the input's, the output's, frames, hatch and text.
        if canvas.width() > 100 && colours(&canvas) > 20 {
            return;
        }
        wait().await;
    }
    panic!("{} × {} pixels in {} colours", canvas.width(), canvas.height(), colours(&canvas));
}

#[wasm_bindgen_test]
async fn what_is_shown_is_in_the_address() {
    let app = Mounted::open("#/lab?v=1&n=6&s=1&step=3").await;
    app.says(".transport__label", "Step 3 of 36").await;
    app.press("Forward one step");
    for _ in 0..MOST_WAITS {
        if window().location().hash().unwrap() == "#/lab?v=1&n=6&s=1&step=4" {
            return;
        }
        wait().await;
    }
    panic!("the address ends with {}", window().location().hash().unwrap());
}

#[wasm_bindgen_test]
async fn another_link_opens_in_the_running_page() {
    let app = Mounted::open("#/lab").await;
    app.says("h1", "turns 5 × 5 into 3 × 3").await;
    window().location().set_hash("#/lab?n=4&s=1&p=0").unwrap();
    app.says("h1", "turns 4 × 4 into 2 × 2").await;
}

#[wasm_bindgen_test]
async fn a_broken_link_opens_with_its_notices() {
    let app = Mounted::open("#/lab?s=0&colour=red").await;
    app.says("h1", "at stride 1").await;
    app.says("main", "Stride 0 in the link is not possible; 1 is used").await;
    app.says("main", "“colour” in the link is not known and was left out").await;
}

#[wasm_bindgen_test]
async fn an_embed_is_the_figure_without_the_controls() {
    let app = Mounted::open("#/embed/lab?step=3").await;
    app.says(".transport__label", "Step 3 of 9").await;
    assert!(app.place.query_selector("form").unwrap().is_none());
    let link: Element = app.find("a[target=_blank]");
    assert!(link.get_attribute("href").unwrap().ends_with("#/lab?v=1&step=3"));
    app.press("Forward one step");
    app.says(".transport__label", "Step 4 of 9").await;
}
