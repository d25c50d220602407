//! Parts as what `postMessage` takes: `[numbers, ...buffers, held?]`, with the buffers to transfer.
//!
//! The memory of wasm cannot be given away, so each side copies a buffer once between its memory and what it
//! sends or gets; between the two sides nothing is copied.

use js_sys::{Array, ArrayBuffer, Float32Array, Float64Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::parts::{Buffer, Parts};

/// A message, and what of it changes hands. `frame` is what the browser holds: a picture is transferred, a file is
/// shared.
pub fn to_message(parts: &Parts, frame: Option<&JsValue>) -> (Array, Array) {
    let (message, transfer) = (Array::new(), Array::new());
    message.push(&Float64Array::from(parts.numbers.as_slice()));
    for buffer in &parts.buffers {
        match buffer {
            Buffer::Floats(floats) => {
                let array = Float32Array::from(floats.as_slice());
                transfer.push(&array.buffer());
                message.push(&array);
            }
            Buffer::Bytes(bytes) => {
                let array = Uint8Array::from(bytes.as_slice());
                transfer.push(&array.buffer());
                message.push(&array);
            }
        }
    }
    if let Some(frame) = frame {
        if !frame.is_instance_of::<Blob>() {
            transfer.push(frame);
        }
        message.push(frame);
    }
    (message, transfer)
}

/// A message that gives back memory in which a picture came, and what of it changes hands.
pub fn give_back(memory: &ArrayBuffer) -> (Array, Array) {
    (Array::of1(memory), Array::of1(memory))
}

/// What [`give_back`] gives back; `None` for another message.
pub fn given_back(message: &JsValue) -> Option<ArrayBuffer> {
    message.dyn_ref::<Array>()?.get(0).dyn_into().ok()
}

/// The parts of a message and the picture or file at its end; `None` when it is none of ours.
pub fn from_message(message: &JsValue) -> Option<(Parts, Option<JsValue>)> {
    let message: &Array = message.dyn_ref()?;
    let numbers = message.get(0).dyn_into::<Float64Array>().ok()?.to_vec();
    let mut parts = Parts { numbers, buffers: Vec::new() };
    let mut frame = None;
    for part in message.iter().skip(1) {
        if let Some(floats) = part.dyn_ref::<Float32Array>() {
            parts.buffers.push(Buffer::Floats(floats.to_vec()));
        } else if let Some(bytes) = part.dyn_ref::<Uint8Array>() {
            parts.buffers.push(Buffer::Bytes(bytes.to_vec()));
        } else {
            frame = Some(part);
        }
    }
    Some((parts, frame))
}
