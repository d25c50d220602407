//! Pictures without a browser: reads the sample photographs, writes rasters as PNG.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use convscope_core::sample;
use convscope_core::tensor::Tensor;
use convscope_page::model::LabModel;
use convscope_page::source::{InputSource, PictureSource};
use convscope_scene::{Raster, Scale};

/// The photograph that a model names, if it names one.
pub(crate) fn of(model: &LabModel) -> Result<Option<Arc<Tensor>>, String> {
    let InputSource::Picture(PictureSource::Sample(sample)) = &model.input else { return Ok(None) };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public").join(sample.file());
    let bytes = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    rgb(&bytes).map(|rgb| Some(Arc::new(rgb))).map_err(|error| format!("{}: {error}", path.display()))
}

/// Decodes a WebP file to red, green and blue in 0 … 1.
fn rgb(bytes: &[u8]) -> Result<Tensor, String> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let (width, height) = decoder.dimensions();
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or("too large")?];
    decoder.read_image(&mut pixels).map_err(|error| error.to_string())?;
    if !decoder.has_alpha() {
        pixels = pixels.chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
    }
    sample::rgb(width.into(), height.into(), &pixels).map_err(|error| error.to_string())
}

/// A raster as the address of a PNG; `colour` gives the sRGB of a value.
pub(crate) fn png_address(raster: &Raster, colour: impl Fn(f32) -> [u8; 3]) -> String {
    let pixels: Vec<u8> = match raster.scale {
        Scale::Colour => raster.values.iter().map(|value| (value * 255.0).round() as u8).collect(),
        _ => raster.values.iter().flat_map(|value| colour(*value)).collect(),
    };
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, raster.width, raster.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    match written {
        Ok(()) => format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(file)),
        // The encoder writes to memory, and a raster has the pixels that it says.
        Err(_) => String::new(),
    }
}
