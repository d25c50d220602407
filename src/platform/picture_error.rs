//! Why there is no picture, as facts and as a sentence.

use std::fmt;

/// Why a picture could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PictureError {
    /// The file says that it is something else.
    NotAnImage {
        /// Of the file.
        name: String,
        /// Its media type.
        kind: String,
    },
    /// The file has no bytes.
    Empty {
        /// Of the file.
        name: String,
    },
    /// The file is larger than the page takes.
    TooManyBytes {
        /// Of the file.
        name: String,
        /// Its size.
        bytes: u64,
    },
    /// The picture is larger than the page takes.
    TooManyPixels {
        /// Of the file.
        name: String,
        /// Rows of pixels.
        height: u32,
        /// Pixels in a row.
        width: u32,
    },
    /// The browser cannot decode the file.
    Unreadable {
        /// Of the file.
        name: String,
        /// Its media type; empty when not known.
        kind: String,
    },
    /// A drawing that says no width and height.
    NoSize {
        /// Of the file.
        name: String,
    },
    /// A picture of the site did not arrive.
    Missing {
        /// Its address.
        url: String,
    },
    /// The reader or the page around this one did not allow the camera.
    CameraDenied,
    /// There is no camera.
    CameraMissing,
    /// The camera is there but gives no picture: another program has it.
    CameraBusy,
    /// Browsers give no camera to a page that came unencrypted.
    CameraInsecure,
    /// The camera has not given a picture yet.
    CameraNotReady,
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnImage { name, kind } => {
                write!(f, "{name} is no picture ({kind}); choose a PNG, JPEG or WebP file")
            }
            Self::Empty { name } => write!(f, "{name} is empty (0 bytes); choose another file"),
            Self::TooManyBytes { name, bytes } => {
                let mebibytes = bytes.div_ceil(1024 * 1024);
                write!(f, "{name} has {mebibytes} MiB, more than the 256 MiB that fit; save it smaller")
            }
            Self::TooManyPixels { name, height, width } => {
                let megapixels = (u64::from(*height) * u64::from(*width)).div_ceil(1_000_000);
                write!(
                    f,
                    "{name} has {width} × {height} pixels, {megapixels} megapixels of at most 200; save it smaller"
                )
            }
            Self::Unreadable { name, kind } if kind.is_empty() => {
                write!(f, "The browser cannot read {name} as a picture; save it as PNG, JPEG or WebP")
            }
            Self::Unreadable { name, kind } => {
                write!(f, "The browser cannot read {name} as {kind}; save it as PNG, JPEG or WebP")
            }
            Self::NoSize { name } => {
                write!(f, "{name} says no width and height; save it as PNG, or give it both")
            }
            Self::Missing { url } => {
                write!(f, "The sample {url} did not arrive; choose another input, or load the page again")
            }
            Self::CameraDenied => f.write_str(
                "The camera is not allowed here; allow it beside the address of the page, or choose a file",
            ),
            Self::CameraMissing => f.write_str("No camera was found; connect one, or choose a file"),
            Self::CameraBusy => {
                f.write_str("The camera gives no picture; close other programs that use it, or choose a file")
            }
            Self::CameraInsecure => {
                f.write_str("The browser gives the camera to pages over https only; choose a file")
            }
            Self::CameraNotReady => f.write_str("The camera has no picture yet; try again in a moment"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_file_and_numbers_and_has_no_full_stop() {
        let error = PictureError::TooManyPixels { name: "a.png".to_owned(), height: 20_000, width: 30_000 };
        assert_eq!(
            error.to_string(),
            "a.png has 30000 × 20000 pixels, 600 megapixels of at most 200; save it smaller"
        );
        let error = PictureError::TooManyBytes { name: "b".to_owned(), bytes: 300 << 20 };
        assert_eq!(error.to_string(), "b has 300 MiB, more than the 256 MiB that fit; save it smaller");
    }
}
