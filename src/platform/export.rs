//! A figure as a file: SVG with the colours of the present theme, or PNG.

use std::fmt;
use std::rc::Rc;

use convscope_scene::svg::Look;
use convscope_scene::{Face, Ink, Mark, Paint, Raster, Rect, Scene, Size, Token};

use super::dom::new_canvas;
use super::painter::Painter;
use super::palette::Palette;
use super::raster::raster_href;

/// `svg::write(&scene, title, &*palette)` writes a file that looks like the page does now.
impl Look for Palette {
    fn colour(&self, paint: Paint) -> String {
        self.hex(paint)
    }

    fn family(&self, face: Face) -> String {
        Palette::family(self, face).to_owned()
    }

    fn image(&self, raster: &Raster) -> String {
        raster_href(raster, self)
    }
}

/// The browser could not make a picture of this size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PngError {
    /// Size of the figure, in CSS pixels.
    pub size: Size,
    /// Pixels a CSS pixel.
    pub scale: f64,
}

impl fmt::Display for PngError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [width, height] = [self.size.width, self.size.height].map(|extent| (extent * self.scale).ceil());
        write!(f, "The browser cannot make a picture of {width} × {height} pixels; save the figure as SVG")
    }
}

/// The figure as a PNG file with `scale` pixels a CSS pixel, on the ground of the page.
///
/// # Errors
///
/// [`PngError`] when the browser has no room for it.
pub fn scene_to_png(scene: &Scene, palette: &Rc<Palette>, scale: f64) -> Result<Vec<u8>, PngError> {
    let href = scene_to_png_href(scene, palette, scale)?;
    png_of_href(&href).ok_or(PngError { size: scene.size, scale })
}

/// The same as an address that a picture can have.
///
/// # Errors
///
/// As for [`scene_to_png`].
pub fn scene_to_png_href(scene: &Scene, palette: &Rc<Palette>, scale: f64) -> Result<String, PngError> {
    let error = PngError { size: scene.size, scale };
    let canvas = new_canvas(1, 1).ok_or(error)?;
    let mut painter = Painter::new(canvas.clone(), Rc::clone(palette)).ok_or(error)?;
    painter.resize(scene.size, scale);
    painter.ground(Token::Paper);
    painter.paint(&scene.marks);
    let href = canvas.to_data_url().map_err(|_| error)?;
    // A browser without room for it gives an address without a picture.
    if href.starts_with(PNG_START) { Ok(href) } else { Err(error) }
}

const PNG_START: &str = "data:image/png;base64,";

/// The file behind an address of [`scene_to_png_href`]; `None` for other addresses.
pub fn png_of_href(href: &str) -> Option<Vec<u8>> {
    from_base64(href.strip_prefix(PNG_START)?)
}

/// An address for the text of an SVG file, which a picture can have.
pub fn svg_href(text: &str) -> String {
    ["data:image/svg+xml,", &String::from(js_sys::encode_uri_component(text))].concat()
}

/// The scene on the ground of the page, which a file would not have otherwise.
pub fn on_paper(scene: Scene) -> Scene {
    let whole = Rect::new(0.0, 0.0, scene.size.width, scene.size.height);
    let mut marks = vec![Mark::rect(whole, Ink::Patch)];
    marks.extend(scene.marks);
    Scene { marks, ..scene }
}

/// The bytes that a base64 text stands for; `None` for what is none.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        let mut bits = 0_u32;
        for &letter in group {
            let digit = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(digit);
        }
        // A group of n letters holds n − 1 bytes.
        let missing = 4 - group.len();
        let [_, whole @ ..] = (bits << (6 * missing)).to_be_bytes();
        bytes.extend_from_slice(whole.get(..3 - missing)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_every_length_is_read() {
        for (text, expected) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")]
        {
            assert_eq!(from_base64(text).unwrap(), expected.as_bytes());
        }
        assert_eq!(from_base64("+/8").unwrap(), [251, 255]);
        assert_eq!(from_base64("Zm9v!"), None);
    }
}
