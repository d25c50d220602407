//! `TensorProto`: shape, type, and values that are stored in one of several ways.

use super::wire::{Span, Wire};
use super::{ReadError, Reason};

/// A tensor, row-major.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensor {
    /// Its name; empty in files of test cases and in attributes.
    pub name: String,
    /// Its sizes; none for a single number.
    pub dims: Vec<u64>,
    /// How its elements are stored.
    pub data_type: DataType,
    /// Its values, or why there are none.
    pub data: Data,
}

/// The values of a tensor.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Data {
    /// Real numbers, rounded to `f32` where they were stored as `f64`.
    Floats(Vec<f32>),
    /// Integers and truth values, 0 or 1.
    Ints(Vec<i64>),
    /// They stand in another file, `location`, which is not read.
    External {
        /// The file's path beside the model's.
        location: String,
    },
    /// They are here, but more than were asked for, or of a type that is not read.
    Skipped,
    /// They are nowhere.
    #[default]
    Missing,
}

/// How elements are stored: `TensorProto.DataType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
pub enum DataType {
    #[default]
    Undefined,
    Float,
    Uint8,
    Int8,
    Uint16,
    Int16,
    Int32,
    Int64,
    Bool,
    Float16,
    Double,
    Uint32,
    Uint64,
    Bfloat16,
    /// Texts, complex numbers, and numbers of fewer than 16 bits: their values are not read.
    Other(i64),
}

impl DataType {
    pub(super) fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Undefined,
            1 => Self::Float,
            2 => Self::Uint8,
            3 => Self::Int8,
            4 => Self::Uint16,
            5 => Self::Int16,
            6 => Self::Int32,
            7 => Self::Int64,
            9 => Self::Bool,
            10 => Self::Float16,
            11 => Self::Double,
            12 => Self::Uint32,
            13 => Self::Uint64,
            16 => Self::Bfloat16,
            other => Self::Other(other),
        }
    }

    /// Whether elements are real numbers.
    pub fn is_float(self) -> bool {
        matches!(self, Self::Float | Self::Float16 | Self::Bfloat16 | Self::Double)
    }

    /// Whether elements are integers or truth values.
    pub fn is_int(self) -> bool {
        !self.is_float() && !matches!(self, Self::Undefined | Self::Other(_))
    }

    /// The bytes of an element in `raw_data`.
    fn n_bytes(self) -> Option<u64> {
        match self {
            Self::Uint8 | Self::Int8 | Self::Bool => Some(1),
            Self::Uint16 | Self::Int16 | Self::Float16 | Self::Bfloat16 => Some(2),
            Self::Float | Self::Int32 | Self::Uint32 => Some(4),
            Self::Double | Self::Int64 | Self::Uint64 => Some(8),
            Self::Undefined | Self::Other(_) => None,
        }
    }

    /// An element from the bits of its bytes in `raw_data`, or of its entry in `int32_data`.
    fn float(self, bits: u64) -> f32 {
        match self {
            Self::Float16 => f16_to_f32(bits as u16),
            Self::Bfloat16 => f32::from_bits((bits as u32) << 16),
            Self::Double => f64::from_bits(bits) as f32,
            _ => f32::from_bits(bits as u32),
        }
    }

    /// As [`DataType::float`]; nothing when it exceeds `i64`.
    fn int(self, bits: u64) -> Option<i64> {
        match self {
            Self::Uint8 => Some(i64::from(bits as u8)),
            Self::Int8 => Some(i64::from(bits as i8)),
            Self::Uint16 => Some(i64::from(bits as u16)),
            Self::Int16 => Some(i64::from(bits as i16)),
            Self::Bool => Some(i64::from(bits != 0)),
            Self::Int32 => Some(i64::from(bits as i32)),
            Self::Uint32 => Some(i64::from(bits as u32)),
            Self::Uint64 => i64::try_from(bits).ok(),
            _ => Some(bits.cast_signed()),
        }
    }
}

/// Lists in which values may stand, by the numbers of their fields.
const FLOAT_DATA: u32 = 4;
const INT32_DATA: u32 = 5;
const INT64_DATA: u32 = 7;
const RAW_DATA: u32 = 9;
const DOUBLE_DATA: u32 = 10;
const UINT64_DATA: u32 = 11;

/// Where values stand: one span for a packed list, one for each number of another.
struct Stored {
    field: u32,
    spans: Vec<Span>,
}

/// Reads a `TensorProto`. Its values are read when all else is known, because fields come in any order.
pub(super) fn read(wire: &mut Wire<'_>) -> Result<Tensor, Box<ReadError>> {
    let mut tensor = Tensor::default();
    let mut dims = Vec::new();
    let mut stored: Vec<Stored> = Vec::new();
    let mut external = None;
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => wire.ints(field, &mut dims)?,
            2 => tensor.data_type = DataType::from_number(wire.int(field)?),
            8 => tensor.name = wire.text(field)?,
            FLOAT_DATA | INT32_DATA | INT64_DATA | RAW_DATA | DOUBLE_DATA | UINT64_DATA => {
                let span = wire.span(field)?;
                let list = match stored.iter_mut().find(|list| list.field == field.number) {
                    Some(list) => &mut list.spans,
                    None => {
                        stored.push(Stored { field: field.number, spans: Vec::new() });
                        let last = stored.len() - 1;
                        &mut stored[last].spans
                    }
                };
                wire.keep(list, span)?;
            }
            13 => {
                let (key, value) = wire.message(field, "external_data", None, key_and_value)?;
                let location = external.get_or_insert_default();
                if key == "location" {
                    *location = value;
                }
            }
            14 if wire.int(field)? == 1 => {
                external.get_or_insert_default();
            }
            14 => {}
            _ => wire.skip(field)?,
        }
    }
    for size in dims {
        let size = u64::try_from(size).map_err(|_| wire.error(Reason::Dim { size }))?;
        wire.keep(&mut tensor.dims, size)?;
    }
    tensor.data = match external {
        Some(location) => Data::External { location },
        None => data(wire, tensor.data_type, n_elements(&tensor.dims), &stored)?,
    };
    Ok(tensor)
}

/// `StringStringEntryProto`.
fn key_and_value(wire: &mut Wire<'_>) -> Result<(String, String), Box<ReadError>> {
    let (mut key, mut value) = (String::new(), String::new());
    while let Some(field) = wire.next_field()? {
        match field.number {
            1 => key = wire.text(field)?,
            2 => value = wire.text(field)?,
            _ => wire.skip(field)?,
        }
    }
    Ok((key, value))
}

/// The product of sizes; nothing when it exceeds `u64`.
fn n_elements(dims: &[u64]) -> Option<u64> {
    if dims.contains(&0) { Some(0) } else { dims.iter().try_fold(1, |n: u64, &size| n.checked_mul(size)) }
}

/// The list in which a type stands, and how: packed numbers of so many bytes, or varints.
fn list_of(data_type: DataType) -> Option<(u32, Option<u64>)> {
    Some(match data_type {
        DataType::Float => (FLOAT_DATA, Some(4)),
        DataType::Double => (DOUBLE_DATA, Some(8)),
        DataType::Int64 => (INT64_DATA, None),
        DataType::Uint32 | DataType::Uint64 => (UINT64_DATA, None),
        DataType::Undefined | DataType::Other(_) => return None,
        _ => (INT32_DATA, None),
    })
}

fn data(
    wire: &mut Wire<'_>,
    data_type: DataType,
    n_elements: Option<u64>,
    stored: &[Stored],
) -> Result<Data, Box<ReadError>> {
    let spans_of = |field| stored.iter().find(|list| list.field == field).map(|list| list.spans.as_slice());
    let (Some((field, n_bytes_in_list)), Some(n_bytes)) = (list_of(data_type), data_type.n_bytes()) else {
        return Ok(if stored.is_empty() { Data::Missing } else { Data::Skipped });
    };
    let raw = spans_of(RAW_DATA).map(|spans| (spans, Some(n_bytes)));
    let Some((spans, n_bytes)) = raw.or(spans_of(field).map(|spans| (spans, n_bytes_in_list))) else {
        let empty = if data_type.is_float() { Data::Floats(Vec::new()) } else { Data::Ints(Vec::new()) };
        return Ok(if n_elements == Some(0) { empty } else { Data::Missing });
    };
    if n_elements.is_none_or(|n| n > wire.max_values()) {
        return Ok(Data::Skipped);
    }
    // A number of so many bytes is counted before it is read: a wrong shape costs nothing.
    let stored_bytes: u64 = spans.iter().map(|span| span.len()).sum();
    if let Some(n_bytes) = n_bytes
        && n_elements.and_then(|n| n.checked_mul(n_bytes)) != Some(stored_bytes)
    {
        return Err(wire.error(Reason::Elements { expected: n_elements, got: stored_bytes / n_bytes }));
    }
    let (mut floats, mut ints) = (Vec::new(), Vec::new());
    for &span in spans {
        wire.inside(span, |wire| {
            while !wire.at_end()? {
                let bits = match n_bytes {
                    Some(n_bytes) => wire.fixed(n_bytes)?,
                    None => wire.varint()?,
                };
                if data_type.is_float() {
                    wire.keep(&mut floats, data_type.float(bits))?;
                } else {
                    let int = data_type.int(bits);
                    let int = int.ok_or_else(|| wire.error(Reason::Integer { value: bits }))?;
                    wire.keep(&mut ints, int)?;
                }
            }
            Ok(())
        })?;
    }
    let got = (floats.len() + ints.len()) as u64;
    if Some(got) != n_elements {
        return Err(wire.error(Reason::Elements { expected: n_elements, got }));
    }
    Ok(if data_type.is_float() { Data::Floats(floats) } else { Data::Ints(ints) })
}

/// IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits.
fn f16_to_f32(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let fraction = u32::from(bits & 0x3ff);
    let magnitude = match bits >> 10 & 0x1f {
        // Below the smallest normal number, in steps of 2^-24.
        0 => (fraction as f32 * f32::from_bits(0x3380_0000)).to_bits(),
        0x1f => 0x7f80_0000 | fraction << 13,
        exponent => (u32::from(exponent) + 112) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_widens_exactly() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x7bff, 65504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(f16_to_f32(bits), value, "{bits:#x}");
        }
        assert!(f16_to_f32(0x7e00).is_nan());
        assert_eq!(f16_to_f32(0x8000).to_bits(), (-0.0_f32).to_bits());
    }

    #[test]
    fn an_empty_tensor_has_no_elements_whatever_its_other_sizes() {
        assert_eq!(n_elements(&[]), Some(1));
        assert_eq!(n_elements(&[u64::MAX, 2, 0]), Some(0));
        assert_eq!(n_elements(&[u64::MAX, 2]), None);
    }
}
