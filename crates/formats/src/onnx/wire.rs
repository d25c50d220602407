//! Protobuf's wire format: tags, numbers, and parts within parts, each with its end.

use micropb::{
    DecodeError, PbDecoder, PbRead, WIRE_TYPE_I32, WIRE_TYPE_I64, WIRE_TYPE_LEN, WIRE_TYPE_VARINT,
};

use super::source::{Source, Window};
use super::{Options, ReadError, Reason};

/// What stands before a value.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) number: u32,
    wire_type: u8,
}

/// Bytes of a value or of a list of values, from `start` to before `end`.
#[derive(Clone, Copy)]
pub(super) struct Span {
    start: u64,
    end: u64,
}

impl Span {
    pub(super) fn len(self) -> u64 {
        self.end - self.start
    }
}

/// A source that is read as protobuf. After an error it is not used any more.
pub(super) struct Wire<'a> {
    window: Window<'a>,
    /// Where the message that is being read ends.
    end: u64,
    kept_bytes: u64,
    options: Options,
}

impl<'a> Wire<'a> {
    pub(super) fn new(source: &'a mut dyn Source, options: Options) -> Self {
        let window = Window::new(source);
        Self { end: window.size(), window, kept_bytes: 0, options }
    }

    pub(super) fn max_values(&self) -> u64 {
        self.options.max_values
    }

    /// An error at the byte that is read next.
    pub(super) fn error(&self, reason: Reason) -> Box<ReadError> {
        Box::new(ReadError { offset: self.window.position(), places: Vec::new(), reason })
    }

    /// The next field of this message, or nothing at its end.
    pub(super) fn next_field(&mut self) -> Result<Option<Field>, Box<ReadError>> {
        if self.at_end()? {
            return Ok(None);
        }
        let tag = self.varint()?;
        let field = Field { number: u32::try_from(tag >> 3).unwrap_or(0), wire_type: (tag & 7) as u8 };
        let known = [WIRE_TYPE_VARINT, WIRE_TYPE_I64, WIRE_TYPE_LEN, WIRE_TYPE_I32];
        if field.number == 0 || !known.contains(&field.wire_type) {
            return Err(self.error(Reason::Tag { number: field.number, wire_type: field.wire_type }));
        }
        Ok(Some(field))
    }

    /// Goes past the value of a field.
    pub(super) fn skip(&mut self, field: Field) -> Result<(), Box<ReadError>> {
        self.span(field).map(drop)
    }

    /// Goes past the value of a field and says where it was.
    pub(super) fn span(&mut self, field: Field) -> Result<Span, Box<ReadError>> {
        let start = self.window.position();
        let (start, len) = match field.wire_type {
            WIRE_TYPE_VARINT => {
                self.varint()?;
                (start, self.window.position() - start)
            }
            WIRE_TYPE_I64 => (start, 8),
            WIRE_TYPE_I32 => (start, 4),
            _ => {
                let len = self.varint()?;
                (self.window.position(), len)
            }
        };
        let left = self.end.saturating_sub(start);
        if len > left {
            return Err(self.error(Reason::TooLong { bytes: len, left }));
        }
        let span = Span { start, end: start + len };
        self.window.seek(span.end);
        Ok(span)
    }

    /// Reads a message inside of this one; `field` and `index` name it in errors.
    pub(super) fn message<T>(
        &mut self,
        field: Field,
        name: &'static str,
        index: Option<usize>,
        read: impl FnOnce(&mut Self) -> Result<T, Box<ReadError>>,
    ) -> Result<T, Box<ReadError>> {
        let span = self.span_of(field, WIRE_TYPE_LEN)?;
        self.inside(span, read).map_err(|error| error.within(name, index))
    }

    /// Reads everything in a span and goes back to where reading was.
    pub(super) fn inside<T>(
        &mut self,
        span: Span,
        read: impl FnOnce(&mut Self) -> Result<T, Box<ReadError>>,
    ) -> Result<T, Box<ReadError>> {
        let (position, end) = (self.window.position(), self.end);
        self.window.seek(span.start);
        self.end = span.end;
        let value = read(self)?;
        self.window.seek(position);
        self.end = end;
        Ok(value)
    }

    /// Whether this message has been read; an error when more than it was.
    pub(super) fn at_end(&self) -> Result<bool, Box<ReadError>> {
        let position = self.window.position();
        if position > self.end { Err(self.error(Reason::EndsEarly)) } else { Ok(position == self.end) }
    }

    /// `int64`, `int32` or an enum.
    pub(super) fn int(&mut self, field: Field) -> Result<i64, Box<ReadError>> {
        self.expect(field, WIRE_TYPE_VARINT)?;
        self.varint().map(u64::cast_signed)
    }

    /// Appends `repeated int64`, which is stored one by one or packed.
    pub(super) fn ints(&mut self, field: Field, list: &mut Vec<i64>) -> Result<(), Box<ReadError>> {
        if field.wire_type == WIRE_TYPE_VARINT {
            let value = self.int(field)?;
            return self.keep(list, value);
        }
        let span = self.span_of(field, WIRE_TYPE_LEN)?;
        self.inside(span, |wire| {
            while !wire.at_end()? {
                let value = wire.varint()?.cast_signed();
                wire.keep(list, value)?;
            }
            Ok(())
        })
    }

    /// `float`.
    pub(super) fn float(&mut self, field: Field) -> Result<f32, Box<ReadError>> {
        self.expect(field, WIRE_TYPE_I32)?;
        self.fixed(4).map(|bits| f32::from_bits(bits as u32))
    }

    /// Appends `repeated float`, which is stored one by one or packed.
    pub(super) fn floats(&mut self, field: Field, list: &mut Vec<f32>) -> Result<(), Box<ReadError>> {
        if field.wire_type == WIRE_TYPE_I32 {
            let value = self.float(field)?;
            return self.keep(list, value);
        }
        let span = self.span_of(field, WIRE_TYPE_LEN)?;
        self.inside(span, |wire| {
            while !wire.at_end()? {
                let value = f32::from_bits(wire.fixed(4)? as u32);
                wire.keep(list, value)?;
            }
            Ok(())
        })
    }

    /// `string`.
    pub(super) fn text(&mut self, field: Field) -> Result<String, Box<ReadError>> {
        String::from_utf8(self.bytes(field)?).map_err(|_| self.error(Reason::Utf8))
    }

    /// `bytes`.
    pub(super) fn bytes(&mut self, field: Field) -> Result<Vec<u8>, Box<ReadError>> {
        let span = self.span_of(field, WIRE_TYPE_LEN)?;
        self.charge(span.len())?;
        self.inside(span, |wire| (0..span.len()).map(|_| wire.byte()).collect())
    }

    /// The next number of a list of varints.
    pub(super) fn varint(&mut self) -> Result<u64, Box<ReadError>> {
        let value = PbDecoder::new(&mut self.window).decode_varint64();
        self.decoded(value)
    }

    /// The next number of `n_bytes` bytes, 1, 2, 4 or 8, the lowest first.
    pub(super) fn fixed(&mut self, n_bytes: u64) -> Result<u64, Box<ReadError>> {
        if self.end.saturating_sub(self.window.position()) < n_bytes {
            return Err(self.error(Reason::EndsEarly));
        }
        match n_bytes {
            4 => {
                let value = PbDecoder::new(&mut self.window).decode_fixed32();
                self.decoded(value).map(u64::from)
            }
            8 => {
                let value = PbDecoder::new(&mut self.window).decode_fixed64();
                self.decoded(value)
            }
            _ => (0..n_bytes).try_fold(0, |value, i| Ok(value | u64::from(self.byte()?) << (8 * i))),
        }
    }

    fn byte(&mut self) -> Result<u8, Box<ReadError>> {
        let reason = match self.window.pb_read_chunk() {
            Ok(&[byte, ..]) => {
                self.window.pb_advance(1);
                return Ok(byte);
            }
            Ok([]) => Reason::EndsEarly,
            Err(words) => Reason::Source(words),
        };
        Err(self.error(reason))
    }

    /// Appends to a list, as long as that is allowed.
    pub(super) fn keep<T>(&mut self, list: &mut Vec<T>, item: T) -> Result<(), Box<ReadError>> {
        self.charge(size_of::<T>() as u64)?;
        list.push(item);
        Ok(())
    }

    fn charge(&mut self, bytes: u64) -> Result<(), Box<ReadError>> {
        self.kept_bytes = self.kept_bytes.saturating_add(bytes);
        let max_kept_bytes = self.options.max_kept_bytes;
        if self.kept_bytes > max_kept_bytes {
            return Err(self.error(Reason::TooMuch { max_kept_bytes }));
        }
        Ok(())
    }

    fn span_of(&mut self, field: Field, wire_type: u8) -> Result<Span, Box<ReadError>> {
        self.expect(field, wire_type)?;
        self.span(field)
    }

    fn expect(&self, field: Field, wire_type: u8) -> Result<(), Box<ReadError>> {
        if field.wire_type == wire_type {
            return Ok(());
        }
        Err(self.error(Reason::FieldType { number: field.number, wire_type: field.wire_type }))
    }

    fn decoded<T>(&self, result: Result<T, DecodeError<String>>) -> Result<T, Box<ReadError>> {
        result.map_err(|error| {
            self.error(match error {
                DecodeError::VarIntLimit => Reason::Varint,
                DecodeError::Reader(words) => Reason::Source(words),
                _ => Reason::EndsEarly,
            })
        })
    }
}
