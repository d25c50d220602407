//! Files that the browser holds, read in slices: a worker waits for each slice, so that no file is ever whole in
//! memory.

use convscope_formats::onnx::Source;
use convscope_worker::message::{NetworkRequest, Progress, Response};
use convscope_worker::network::read_file;
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FileReaderSync};

/// Where nothing can wait for slices, in the page itself, a file is read whole up to this size.
const MAX_WHOLE_BYTES: f64 = 256.0 * 1024.0 * 1024.0;
/// Bytes between two words about how far reading is.
const TELL_BYTES: u64 = 4 << 20;

/// Reads a network from a file, and tells how far it is.
pub(crate) async fn read(file: &Blob, request: &NetworkRequest, progress: impl Fn(Progress)) -> Response {
    if let Ok(reader) = FileReaderSync::new() {
        let mut slices = Slices { file, reader, progress, told: 0 };
        return read_file(&mut slices, request.size);
    }
    let failed = |reason: &str| Response::Failed { reason: reason.to_owned() };
    if file.size() > MAX_WHOLE_BYTES {
        return failed("this browser has no workers, and the file is too large to be read without one");
    }
    match JsFuture::from(file.array_buffer()).await {
        Ok(buffer) => read_file(&mut Uint8Array::new(&buffer).to_vec().as_slice(), request.size),
        Err(_) => failed("the browser does not let the file be read"),
    }
}

struct Slices<'a, P> {
    file: &'a Blob,
    reader: FileReaderSync,
    progress: P,
    told: u64,
}

impl<P: Fn(Progress)> Source for Slices<'_, P> {
    fn size(&self) -> u64 {
        self.file.size() as u64
    }

    fn fetch(&mut self, offset: u64, bytes: &mut [u8]) -> Result<(), String> {
        let unreadable = || "the browser does not let the file be read".to_owned();
        if offset > self.told + TELL_BYTES {
            self.told = offset;
            (self.progress)(Progress { done: offset, of: self.size() });
        }
        let end = offset + bytes.len() as u64;
        let slice = self.file.slice_with_f64_and_f64(offset as f64, end as f64).map_err(|_| unreadable())?;
        let buffer = self.reader.read_as_array_buffer(&slice).map_err(|_| unreadable())?;
        let array = Uint8Array::new(&buffer);
        if array.length() as usize != bytes.len() {
            return Err(unreadable());
        }
        array.copy_to(bytes);
        Ok(())
    }
}
