//! Pictures from files, drops, pastes and the page itself, decoded to at most 256 pixels a side.
//!
//! The browser decodes, turns a photograph the right way up and makes it small.
//! Of the reader's own pictures only the last arrives; earlier ones that are late are dropped.

use std::cell::Cell;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, CanvasRenderingContext2d, ClipboardEvent, DataTransfer, DragEvent, Event, File, FileList,
    HtmlImageElement, HtmlInputElement, ImageBitmap, ImageBitmapOptions, ResizeQuality, Url,
};

use super::dom::{Guard, Listener, document, keep, new_canvas, window};
pub use super::picture_error::PictureError;

/// The longest side of a decoded picture, in pixels.
pub const LONGEST_SIDE: u32 = 256;
/// Larger files and pictures are refused before the browser runs out of memory.
const MOST_BYTES: f64 = 256.0 * 1024.0 * 1024.0;
const MOST_PIXELS: f64 = 200e6;

/// A decoded picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rgba {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue and opacity of each pixel, row by row.
    pub bytes: Vec<u8>,
    /// Height and width before it was made small.
    pub original: [u32; 2],
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
            Some(image) => natural_size(&image).and_then(|original| {
                shrink(original, |context, [height, width]| draw_image(context, &image, [height, width]))
            }),
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

/// Reads files that are dropped anywhere on the page.
pub fn use_drop(on_done: impl Fn(Result<Rgba, PictureError>) + Clone + 'static) {
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
        if let Some(file) = dragged.files().and_then(|files| files.get(0)) {
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

/// Makes a picture of height and width `original` as small as it has to be; `draw` fills the size it
/// is given. `None` when the browser does not let the pixels be read.
pub(super) fn shrink(
    original: [u32; 2],
    draw: impl FnOnce(&CanvasRenderingContext2d, [u32; 2]) -> Option<()>,
) -> Option<Rgba> {
    let [height, width] = small_size(original);
    let canvas = new_canvas(width, height)?;
    let options = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
    let context = canvas.get_context_with_context_options("2d", &options).ok()??;
    let context: CanvasRenderingContext2d = context.dyn_into().ok()?;
    let _ = js_sys::Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
    draw(&context, [height, width])?;
    let data = context.get_image_data(0.0, 0.0, f64::from(width), f64::from(height)).ok()?;
    Some(Rgba { width, height, bytes: data.data().0, original })
}

/// The same shape with a longest side of at most [`LONGEST_SIDE`].
fn small_size(original: [u32; 2]) -> [u32; 2] {
    let longest = original[0].max(original[1]);
    if longest <= LONGEST_SIDE {
        return original;
    }
    let share = f64::from(LONGEST_SIDE) / f64::from(longest);
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
    let small = small_size(original);
    // Smoother for large photographs, and with less memory; not every browser and kind can.
    let bitmap = if small == original { None } else { bitmap(file, small).await };
    shrink(original, |context, [height, width]| match &bitmap {
        Some(bitmap) => {
            let (width, height) = (f64::from(width), f64::from(height));
            context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height).ok()
        }
        None => draw_image(context, &image, [height, width]),
    })
    .ok_or_else(unreadable)
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

fn draw_image(
    context: &CanvasRenderingContext2d,
    image: &HtmlImageElement,
    [height, width]: [u32; 2],
) -> Option<()> {
    let (width, height) = (f64::from(width), f64::from(height));
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height).ok()
}

/// What is dragged, if it holds files.
fn files_dragged(event: &Event) -> Option<DataTransfer> {
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
        assert_eq!(small_size([4000, 6000]), [171, 256]);
        assert_eq!(small_size([6000, 4000]), [256, 171]);
        assert_eq!(small_size([256, 3]), [256, 3]);
        assert_eq!(small_size([1, 9000]), [1, 256]);
    }
}
