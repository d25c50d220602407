//! Pictures that the browser holds: a camera's frames and bitmaps, read into our memory; and memory in which pictures
//! go to the page.

use js_sys::{ArrayBuffer, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{OffscreenCanvas, OffscreenCanvasRenderingContext2d};

#[wasm_bindgen]
extern "C" {
    /// A `VideoFrame` or an `ImageBitmap`.
    pub(crate) type Frame;
    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &Frame);
    #[wasm_bindgen(method, catch, js_name = allocationSize)]
    fn allocation_size(this: &Frame, options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch, js_name = copyTo)]
    fn copy_to(this: &Frame, to: &Uint8Array, options: &Object) -> Result<Promise, JsValue>;
}

/// So many pictures are under way to the page at most.
const MOST_SPARE: usize = 2;

/// A canvas of one size, used from frame to frame.
struct Canvas {
    canvas: OffscreenCanvas,
    context: OffscreenCanvasRenderingContext2d,
}

/// Reads frames and hands over pictures.
#[derive(Default)]
pub(crate) struct Frames {
    /// Where frames are drawn that cannot be read as they are.
    read: Option<Canvas>,
    /// Memory that the page gave back.
    spare: Vec<ArrayBuffer>,
}

impl Canvas {
    fn new(options: &Object) -> Option<Self> {
        let canvas = OffscreenCanvas::new(1, 1).ok()?;
        let context = canvas.get_context_with_context_options("2d", options).ok()??;
        Some(Self { canvas, context: context.dyn_into().ok()? })
    }

    fn resize(&self, [height, width]: [u32; 2]) {
        // Setting a size empties the canvas, even to the same size.
        if [self.canvas.height(), self.canvas.width()] != [height, width] {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
    }
}

/// Height and width of a frame whose pixels can be copied as they are shown: not turned, not stretched.
pub(crate) fn copied_size(frame: &Frame) -> Option<[u32; 2]> {
    let rect = Reflect::get(frame, &"visibleRect".into()).ok()?;
    let size = [number(&rect, "height")?, number(&rect, "width")?];
    let shown = [number(frame, "displayHeight")?, number(frame, "displayWidth")?];
    let turned = number(frame, "rotation").unwrap_or(0.0) != 0.0
        || Reflect::get(frame, &"flip".into()).is_ok_and(|flip| flip.is_truthy());
    let bytes = frame.allocation_size(&as_bgrx()).ok()?;
    // Browsers that know no other format than the frame's own say so by the size.
    let fits = size == shown && !turned && bytes == 4.0 * size[0] * size[1];
    fits.then_some(size.map(|len| len as u32))
}

/// Copies a frame's pixels, blue first, to the start of `bytes`, which has room for them and stays where it is
/// meanwhile. Browsers take half as long for it as for red first.
pub(crate) async fn copy(frame: &Frame, bytes: &mut [u8]) -> Result<(), JsValue> {
    let to = Uint8Array::new_with_byte_offset_and_length(
        &memory_buffer(),
        bytes.as_mut_ptr() as u32,
        bytes.len() as u32,
    );
    JsFuture::from(frame.copy_to(&to, &as_bgrx())?).await.map(|_| ())
}

impl Frames {
    /// Height, width and pixels of any picture, by drawing it on white.
    pub(crate) fn draw_and_read(&mut self, frame: &Frame) -> Option<([u32; 2], Vec<u8>)> {
        let either = |names: [&str; 2]| names.into_iter().find_map(|name| number(frame, name));
        let size = [either(["displayHeight", "height"])?, either(["displayWidth", "width"])?];
        let [height, width] = size.map(|len| len as u32);
        if self.read.is_none() {
            let options = Object::new();
            let _ = Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
            self.read = Canvas::new(&options);
        }
        let Canvas { context, .. } = self.read.as_ref().inspect(|it| it.resize([height, width]))?;
        context.set_fill_style_str("white");
        context.fill_rect(0.0, 0.0, size[1], size[0]);
        // Any kind of picture will do; the binding names one of them.
        context.draw_image_with_image_bitmap(frame.unchecked_ref(), 0.0, 0.0).ok()?;
        let data = context.get_image_data(0.0, 0.0, size[1], size[0]).ok()?;
        Some(([height, width], data.data().0))
    }

    /// A copy of a picture for the page, in memory that it gave back if there is some.
    pub(crate) fn for_page(&mut self, rgba: &[u8]) -> ArrayBuffer {
        let len = rgba.len() as u32;
        let memory = self.spare.pop().filter(|it| it.byte_length() == len);
        let memory = memory.unwrap_or_else(|| ArrayBuffer::new(len));
        Uint8Array::new(&memory).copy_from(rgba);
        memory
    }

    /// Keeps memory for the next pictures. New memory costs the browser more than to fill it.
    pub(crate) fn take_back(&mut self, memory: ArrayBuffer) {
        self.spare.truncate(MOST_SPARE - 1);
        self.spare.push(memory);
    }
}

fn memory_buffer() -> JsValue {
    wasm_bindgen::memory().unchecked_into::<js_sys::WebAssembly::Memory>().buffer()
}

fn as_bgrx() -> Object {
    let options = Object::new();
    let _ = Reflect::set(&options, &"format".into(), &"BGRX".into());
    options
}

fn number(object: &JsValue, name: &str) -> Option<f64> {
    Reflect::get(object, &name.into()).ok()?.as_f64()
}
