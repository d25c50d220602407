//! Where bytes come from: a file that is fetched in slices, or a slice in memory.

use micropb::PbRead;

/// Bytes that can be fetched from anywhere in a file.
pub trait Source {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// Fills `bytes` with what stands at `offset`. Never asked for bytes beyond [`Source::size`].
    ///
    /// # Errors
    ///
    /// In words for the reader of the page when the bytes cannot be fetched.
    fn fetch(&mut self, offset: u64, bytes: &mut [u8]) -> Result<(), String>;
}

impl Source for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn fetch(&mut self, offset: u64, bytes: &mut [u8]) -> Result<(), String> {
        let start = usize::try_from(offset).ok();
        let found = start.and_then(|start| self.get(start..start.checked_add(bytes.len())?));
        bytes.copy_from_slice(found.ok_or("these bytes are not there")?);
        Ok(())
    }
}

/// The slice of a source that was fetched last, and the byte that is read next.
pub(super) struct Window<'a> {
    source: &'a mut dyn Source,
    bytes: Vec<u8>,
    /// Where `bytes` begins in the source.
    start: u64,
    /// The next byte, anywhere in the source.
    position: u64,
    /// How many bytes were fetched last.
    len: u64,
}

/// Behind weights that were skipped: what stands between them is short.
const LEAST_LEN: u64 = 1 << 12;
/// Of a graph, which is read from its beginning to its end.
const MOST_LEN: u64 = 1 << 18;
const FIRST_LEN: u64 = 1 << 16;

impl<'a> Window<'a> {
    pub(super) fn new(source: &'a mut dyn Source) -> Self {
        Self { source, bytes: Vec::new(), start: 0, position: 0, len: FIRST_LEN / 2 }
    }

    pub(super) fn size(&self) -> u64 {
        self.source.size()
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Goes anywhere; only reading fetches.
    pub(super) fn seek(&mut self, position: u64) {
        self.position = position;
    }

    /// The next byte as an index of `bytes`, if it is there.
    fn next(&self) -> Option<usize> {
        let next = usize::try_from(self.position.checked_sub(self.start)?).ok()?;
        (next < self.bytes.len()).then_some(next)
    }
}

impl PbRead for Window<'_> {
    type Error = String;

    fn pb_read_chunk(&mut self) -> Result<&[u8], String> {
        if let Some(next) = self.next() {
            return Ok(&self.bytes[next..]);
        }
        // What goes on is fetched in slices that double, and after a jump in short ones again.
        let goes_on = self.position == self.start.saturating_add(self.bytes.len() as u64);
        self.len = if goes_on { (2 * self.len).min(MOST_LEN) } else { LEAST_LEN };
        self.start = self.position;
        let len = self.source.size().saturating_sub(self.start).min(self.len);
        self.bytes.resize(len as usize, 0);
        if len > 0
            && let Err(error) = self.source.fetch(self.start, &mut self.bytes)
        {
            self.bytes.clear();
            return Err(error);
        }
        Ok(&self.bytes)
    }

    fn pb_advance(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes as u64);
    }
}
