//! Pixels of four bytes as planes of numbers, and back.
//!
//! A byte `v` is the number `v * (1 / 255)`, so black is 0 and white is 1. The way back rounds to the nearest
//! byte, halves to the even one, after everything below black or above white was made black or white; what is no
//! number is black. There and back gives the same byte. Opacity is not read, and written as opaque.

use crate::simd::F32x4;

/// Added to a small number, it leaves the nearest whole one in the low bits.
const TO_LOW_BITS: f32 = 8_388_608.0;

/// How numbers are shown as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As they are: negative ones are black.
    Value,
    /// By their size, whatever their sign: what finds edges finds those of both directions.
    Magnitude,
}

/// Splits red, green and blue of each pixel of `rgba` into three planes of numbers from 0 to 1.
///
/// Of slices that are not equally long, as many pixels are read as the shortest has room for.
pub fn planes_from_rgba(rgba: &[u8], [red, green, blue]: [&mut [f32]; 3]) {
    let n_pixels = (rgba.len() / 4).min(red.len()).min(green.len()).min(blue.len());
    let (rgba, planes) = (&rgba[..4 * n_pixels], [red, green, blue].map(|plane| &mut plane[..n_pixels]));
    let [red, green, blue] = planes;
    let mut x = 0;
    while x + F32x4::LANES <= n_pixels {
        split(&rgba[4 * x..], [&mut red[x..], &mut green[x..], &mut blue[x..]]);
        x += F32x4::LANES;
    }
    let n_left = n_pixels - x;
    if n_left > 0 {
        let mut pixels = [0; 16];
        pixels[..4 * n_left].copy_from_slice(&rgba[4 * x..]);
        let mut lanes = [[0.0; F32x4::LANES]; 3];
        split(&pixels, lanes.each_mut().map(<[f32; 4]>::as_mut_slice));
        for (plane, lanes) in [red, green, blue].into_iter().zip(lanes) {
            plane[x..].copy_from_slice(&lanes[..n_left]);
        }
    }
}

/// Joins three planes of numbers to opaque pixels.
///
/// Of slices that are not equally long, as many pixels are written as the shortest has numbers for.
pub fn rgba_from_planes([red, green, blue]: [&[f32]; 3], shown: Shown, rgba: &mut [u8]) {
    let n_pixels = (rgba.len() / 4).min(red.len()).min(green.len()).min(blue.len());
    let mut x = 0;
    while x + F32x4::LANES <= n_pixels {
        join([&red[x..], &green[x..], &blue[x..]], shown, &mut rgba[4 * x..]);
        x += F32x4::LANES;
    }
    let n_left = n_pixels - x;
    if n_left > 0 {
        let lanes = [red, green, blue].map(|plane| {
            let mut lanes = [0.0; F32x4::LANES];
            lanes[..n_left].copy_from_slice(&plane[x..n_pixels]);
            lanes
        });
        let mut pixels = [0; 16];
        join(lanes.each_ref().map(<[f32; 4]>::as_slice), shown, &mut pixels);
        rgba[4 * x..4 * n_pixels].copy_from_slice(&pixels[..4 * n_left]);
    }
}

/// The first four pixels.
#[expect(unsafe_code, reason = "pixels are read through pointers")]
#[inline(always)]
fn split(rgba: &[u8], [red, green, blue]: [&mut [f32]; 3]) {
    let step = F32x4::splat(1.0 / 255.0);
    let from = rgba[..16].as_ptr();
    let [red, green, blue] = [red, green, blue].map(|plane| plane[..F32x4::LANES].as_mut_ptr());
    // SAFETY: there are four pixels, and room for four numbers in each plane.
    unsafe {
        F32x4::load_bytes::<0>(from).mul(step).store(red);
        F32x4::load_bytes::<1>(from).mul(step).store(green);
        F32x4::load_bytes::<2>(from).mul(step).store(blue);
    }
}

/// The first four pixels.
#[expect(unsafe_code, reason = "pixels are written through pointers")]
#[inline(always)]
fn join(planes: [&[f32]; 3], shown: Shown, rgba: &mut [u8]) {
    let bytes = planes.map(|plane| {
        // SAFETY: there are four numbers.
        let numbers = unsafe { F32x4::load(plane[..F32x4::LANES].as_ptr()) };
        let numbers = if shown == Shown::Magnitude { numbers.abs() } else { numbers };
        let white = F32x4::splat(255.0);
        // What is no number is not more than 0.
        let within = numbers.mul(white).or_more(F32x4::splat(0.0)).or_less(white);
        within.add(F32x4::splat(TO_LOW_BITS))
    });
    // SAFETY: there is room for four pixels.
    unsafe { F32x4::store_low_bytes(bytes, rgba[..16].as_mut_ptr()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_as(value: f32, shown: Shown) -> u8 {
        // A whole vector and what is left after it.
        let mut rgba = [0; 24];
        rgba_from_planes([&[0.0; 6], &[value; 6], &[1.0; 6]], shown, &mut rgba);
        assert_eq!(rgba, [0, rgba[1], 255, 255].repeat(6)[..]);
        rgba[1]
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255_u8).flat_map(|v| [v, 255 - v, v ^ 85, 255]).collect();
        for n_pixels in 253..=256 {
            let rgba = &all[..4 * n_pixels];
            let mut planes = [(); 3].map(|()| vec![0.0; n_pixels]);
            planes_from_rgba(rgba, planes.each_mut().map(Vec::as_mut_slice));
            assert_eq!([planes[0][0], planes[1][0], planes[0][252]], [0.0, 1.0, 252.0 * (1.0 / 255.0)]);
            let mut back = vec![0; 4 * n_pixels];
            rgba_from_planes(planes.each_ref().map(Vec::as_slice), Shown::Value, &mut back);
            assert_eq!(back, rgba);
        }
    }

    #[test]
    fn the_shortest_slice_decides() {
        let mut planes = [[9.0; 5]; 3];
        let [red, green, blue] = &mut planes;
        planes_from_rgba(&[255; 24], [red, green, &mut blue[..3]]);
        assert_eq!(planes, [[1.0, 1.0, 1.0, 9.0, 9.0]; 3]);
        let mut rgba = [7; 24];
        rgba_from_planes([&[1.0; 6], &[1.0; 1], &[1.0; 6]], Shown::Value, &mut rgba);
        assert_eq!(rgba[..5], [255, 255, 255, 255, 7]);
    }

    #[test]
    fn bytes_are_the_nearest_and_stay_in_range() {
        for (value, expected) in [
            (-0.25, 0),
            (0.0, 0),
            (0.49 / 255.0, 0),
            (0.51 / 255.0, 1),
            (126.5 / 255.0, 126),
            (127.5 / 255.0, 128),
            (1.0, 255),
            (1.25, 255),
            (1e9, 255),
            (f32::INFINITY, 255),
            (f32::NEG_INFINITY, 0),
            (f32::NAN, 0),
        ] {
            assert_eq!(shown_as(value, Shown::Value), expected, "{value}");
        }
    }

    #[test]
    fn a_magnitude_has_no_sign() {
        for value in [0.25, 1.0, 1e9, f32::INFINITY] {
            assert_eq!(shown_as(-value, Shown::Magnitude), shown_as(value, Shown::Value));
        }
        assert_eq!(shown_as(f32::NAN, Shown::Magnitude), 0);
    }
}
