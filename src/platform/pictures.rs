//! Pictures from files, drops, pastes and the page itself, decoded to at most 256 pixels a side.
//!
//! The browser decodes, turns a photograph the right way up and makes it small.
//! Of the reader's own pictures only the last arrives; earlier ones that are late are dropped.

use std::cell::Cell;

use js_sys::{Promise, Uint8ClampedArray};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, CanvasRenderingContext2d, ClipboardEvent, DataTransfer, DragEvent, Element, Event, File, FileList,
    HtmlCanvasElement, HtmlImageElement, HtmlInputElement, ImageBitmap, ImageBitmapOptions, ImageData,
    ResizeQuality, Url,
};

use super::dom::{Guard, Listener, document, keep, new_canvas, window};
pub use super::picture_error::PictureError;

/// The longest side of a decoded picture, in pixels.
pub const LONGEST_SIDE: u32 = 256;
/// The longest side of a picture that is read as it is.
const LONGEST_FULL_SIDE: u32 = 4096;
/// Larger files and pictures are refused before the browser runs out of memory.
const MOST_BYTES: f64 = 256.0 * 1024.0 * 1024.0;
const MOST_PIXELS: f64 = 200e6;

/// A picture as it was, which the browser holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Original {
    /// An element that a canvas can draw.
    source: JsValue,
    /// Height and width.
    size: [u32; 2],
}

/// A decoded picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Rgba {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue and opacity of each pixel, row by row.
    pub bytes: Vec<u8>,
    /// The picture before it was made small.
    pub original: Original,
}

thread_local! {
    /// Of the last picture that the reader brought.
    static GENERATION: Cell<u64> = const { Cell::new(0) };
}

/// Drops the reader's picture that is on its way, if there is one.
pub fn cancel() {
    GENERATION.set(GENERATION.get() + 1);
}

/// Loads a picture of the site by its address relative to the page: `photos/cat.webp`.
pub fn fetch(url: &str, on_done: impl FnOnce(Result<Rgba, PictureError>) + 'static) {
    let url = url.to_owned();
    spawn_local(async move {
        let picture = match load(&url).await {
            Some(image) => natural_size(&image).and_then(|size| Original::of(&image, size).small(None)),
            None => None,
        };
        on_done(picture.ok_or(PictureError::Missing { url }));
    });
}

/// Reads the file that the reader chose in the `<input type="file">` on which `event` happened.
pub fn from_input(event: &Event, on_done: impl FnOnce(Result<Rgba, PictureError>) + 'static) {
    let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) else { return };
    let file = input.files().and_then(|files| files.get(0));
    // So that choosing the same file again is a change.
    input.set_value("");
    if let Some(file) = file {
        read(file, on_done);
    }
}

/// Reads files that are dropped anywhere on the page, but for those whose name `leave` takes.
pub fn use_drop(leave: fn(&str) -> bool, on_done: impl Fn(Result<Rgba, PictureError>) + Clone + 'static) {
    let window = window();
    for event in ["dragenter", "dragover"] {
        keep(Listener::new(&window, event, move |event| {
            if files_dragged(&event).is_some() {
                event.prevent_default();
            }
        }));
    }
    keep(Listener::new(&window, "drop", move |event| {
        let Some(dragged) = files_dragged(&event) else { return };
        // Otherwise the browser would leave the page and open the file.
        event.prevent_default();
        let file = dragged.files().and_then(|files| files.get(0));
        if let Some(file) = file.filter(|file| !leave(&file.name())) {
            read(file, on_done.clone());
        }
    }));
}

/// Reads pictures that are pasted anywhere on the page; pasted text goes its own way.
pub fn use_paste(on_done: impl Fn(Result<Rgba, PictureError>) + Clone + 'static) {
    keep(Listener::new(&window(), "paste", move |event| {
        let pasted = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
        if let Some(file) = pasted.and_then(|pasted| pasted.files()).and_then(|files| first_picture(&files)) {
            event.prevent_default();
            read(file, on_done.clone());
        }
    }));
}

impl Original {
    /// Of an element that a canvas can draw, with its height and width.
    pub(super) fn of(source: &JsValue, size: [u32; 2]) -> Self {
        Self { source: source.clone(), size }
    }

    /// Height and width.
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// Its pixels, at most [`LONGEST_SIDE`] a side, from `bitmap` if there is one of that size already. `None`
    /// when the browser does not let them be read.
    pub(super) fn small(&self, bitmap: Option<&JsValue>) -> Option<Rgba> {
        let size = within(self.size, LONGEST_SIDE);
        let bytes = read_pixels(bitmap.unwrap_or(&self.source), size)?;
        Some(Rgba { height: size[0], width: size[1], bytes, original: self.clone() })
    }

    /// Height, width and pixels as they are, up to 4096 a side, laid on white where it is transparent. `None`
    /// when the browser does not let them be read.
    pub fn full(&self) -> Option<([u32; 2], Vec<u8>)> {
        let size = within(self.size, LONGEST_FULL_SIDE);
        let context = canvas_of(size)?;
        context.set_fill_style_str("white");
        context.fill_rect(0.0, 0.0, f64::from(size[1]), f64::from(size[0]));
        Some((size, pixels_of(&context, &self.source, size)?))
    }
}

/// Shows a picture of height and width `size` on a canvas.
pub fn show(canvas: &Element, [height, width]: [u32; 2], rgba: &[u8]) -> Option<()> {
    put(canvas.unchecked_ref(), [height, width], &Uint8ClampedArray::from(rgba))
}

/// The same with pixels that the browser holds.
pub(super) fn put(
    canvas: &HtmlCanvasElement,
    [height, width]: [u32; 2],
    pixels: &Uint8ClampedArray,
) -> Option<()> {
    // Setting a size makes another canvas of it, even of the same size.
    if [canvas.height(), canvas.width()] != [height, width] {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
    let data = ImageData::new_with_js_u8_clamped_array_and_sh(pixels, width, height).ok()?;
    context.put_image_data(&data, 0.0, 0.0).ok()
}

/// What `source` looks like at a size.
fn read_pixels(source: &JsValue, size: [u32; 2]) -> Option<Vec<u8>> {
    pixels_of(&canvas_of(size)?, source, size)
}

/// Draws `source` over all of a canvas and reads it.
pub(super) fn pixels_of(
    context: &CanvasRenderingContext2d,
    source: &JsValue,
    [height, width]: [u32; 2],
) -> Option<Vec<u8>> {
    let (width, height) = (f64::from(width), f64::from(height));
    // Any element will do; the binding names one of them.
    let source: &HtmlImageElement = source.unchecked_ref();
    context.draw_image_with_html_image_element_and_dw_and_dh(source, 0.0, 0.0, width, height).ok()?;
    Some(context.get_image_data(0.0, 0.0, width, height).ok()?.data().0)
}

/// A canvas to be read, of height and width `size`.
pub(super) fn canvas_of([height, width]: [u32; 2]) -> Option<CanvasRenderingContext2d> {
    let canvas = new_canvas(width, height)?;
    let options = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
    let context = canvas.get_context_with_context_options("2d", &options).ok()??;
    let context: CanvasRenderingContext2d = context.dyn_into().ok()?;
    let _ = js_sys::Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
    Some(context)
}

/// The same shape with a longest side of at most `most`.
fn within(original: [u32; 2], most: u32) -> [u32; 2] {
    let longest = original[0].max(original[1]);
    if longest <= most {
        return original;
    }
    let share = f64::from(most) / f64::from(longest);
    original.map(|side| ((f64::from(side) * share).round() as u32).max(1))
}

/// Calls `on_done` with the picture in a file, unless another was brought or chosen meanwhile.
fn read(file: File, on_done: impl FnOnce(Result<Rgba, PictureError>) + 'static) {
    cancel();
    let generation = GENERATION.get();
    spawn_local(async move {
        let result = decode(&file).await;
        if GENERATION.get() == generation {
            on_done(result);
        }
    });
}

async fn decode(file: &File) -> Result<Rgba, PictureError> {
    let (name, kind, bytes) = (file.name(), file.type_(), file.size());
    if bytes == 0.0 {
        return Err(PictureError::Empty { name });
    }
    if !kind.is_empty() && !kind.starts_with("image/") {
        return Err(PictureError::NotAnImage { name, kind });
    }
    if bytes > MOST_BYTES {
        return Err(PictureError::TooManyBytes { name, bytes: bytes as u64 });
    }
    let unreadable = || PictureError::Unreadable { name: name.clone(), kind: kind.clone() };
    let url = Url::create_object_url_with_blob(file).map_err(|_| unreadable())?;
    // The image may be drawn for as long as its address is known.
    let revoked = url.clone();
    let _guard = Guard(move || {
        let _ = Url::revoke_object_url(&revoked);
    });
    let image = load(&url).await.ok_or_else(unreadable)?;
    let Some(original) = natural_size(&image) else {
        return Err(PictureError::NoSize { name });
    };
    let [height, width] = original;
    if f64::from(height) * f64::from(width) > MOST_PIXELS {
        return Err(PictureError::TooManyPixels { name, height, width });
    }
    let small = within(original, LONGEST_SIDE);
    // Smoother for large photographs, and with less memory; not every browser and kind can.
    let bitmap = if small == original { None } else { bitmap(file, small).await };
    let bitmap = bitmap.as_ref().map(AsRef::as_ref);
    Original::of(&image, original).small(bitmap).ok_or_else(unreadable)
}

/// The picture in a file, decoded at `size`.
async fn bitmap(file: &Blob, [height, width]: [u32; 2]) -> Option<ImageBitmap> {
    let options = ImageBitmapOptions::new();
    options.set_resize_width(width);
    options.set_resize_height(height);
    options.set_resize_quality(ResizeQuality::High);
    let promise = window().create_image_bitmap_with_blob_and_image_bitmap_options(file, &options).ok()?;
    let bitmap: ImageBitmap = JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    // A browser that ignores the size gives the whole picture; that can be drawn as well.
    Some(bitmap)
}

/// The image at `url`, once it has arrived; `None` when it is none.
async fn load(url: &str) -> Option<HtmlImageElement> {
    let image: HtmlImageElement = document().create_element("img").ok()?.dyn_into().ok()?;
    let loaded = Promise::new(&mut |resolve, reject| {
        image.set_onload(Some(&resolve));
        image.set_onerror(Some(&reject));
    });
    image.set_src(url);
    let loaded = JsFuture::from(loaded).await;
    image.set_onload(None);
    image.set_onerror(None);
    loaded.ok().map(|_| image)
}

/// Height and width, the right way up; `None` for a drawing without a size.
fn natural_size(image: &HtmlImageElement) -> Option<[u32; 2]> {
    let size = [image.natural_height(), image.natural_width()];
    (size[0] > 0 && size[1] > 0).then_some(size)
}

/// What is dragged, if it holds files.
pub(super) fn files_dragged(event: &Event) -> Option<DataTransfer> {
    let dragged = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    dragged.types().includes(&"Files".into(), 0).then_some(dragged)
}

fn first_picture(files: &FileList) -> Option<File> {
    (0..files.length()).filter_map(|idx| files.get(idx)).find(|file| file.type_().starts_with("image/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_side_becomes_256_and_small_pictures_stay() {
        let small = |size| within(size, LONGEST_SIDE);
        assert_eq!(small([4000, 6000]), [171, 256]);
        assert_eq!(small([6000, 4000]), [256, 171]);
        assert_eq!(small([256, 3]), [256, 3]);
        assert_eq!(small([1, 9000]), [1, 256]);
    }
}
