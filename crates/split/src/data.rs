//! Which constants each part needs: the texts of the rest need not be there before the rest is.
//!
//! A function reaches a constant by an address in its code, or by one that stands in another constant. So the
//! first module keeps every object of `.rodata` whose address its functions hold, and all that is found from
//! there. Where each object begins and ends is in the linker's map, for which the app's `build.rs` asks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use walrus::ir::{Instr, InstrLocId, Value, Visitor, dfs_in_order};
use walrus::{ConstExpr, DataKind, FunctionId, Module};

use crate::Result;

/// An address that is no object's beginning may be meant for one after it: tables are addressed from before
/// their first row where the first index is not 0. So far further objects are kept as well.
const BEFORE: u32 = 256;
/// Fewer bytes than this between two kept pieces are kept too: a piece of its own takes as many.
const GAP: u32 = 8;

/// The objects of `.rodata`.
#[derive(Debug, PartialEq)]
pub struct Objects {
    /// All of them.
    section: Range<u32>,
    /// By their beginnings, their ends.
    ends: BTreeMap<u32, u32>,
    /// Texts that end with a 0 each and are not listed one by one.
    merged: Range<u32>,
}

impl Objects {
    /// Reads the linker's map: `address offset size name`, numbers in hexadecimal.
    pub fn read(map: &str) -> Result<Self> {
        let mut objects = Self { section: 0..0, ends: BTreeMap::new(), merged: 0..0 };
        for line in map.lines() {
            let mut words = line.split_whitespace();
            let (Some(at), Some(_), Some(size)) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let name = words.collect::<Vec<_>>().join(" ");
            let (Ok(at), Ok(size)) = (u32::from_str_radix(at, 16), u32::from_str_radix(size, 16)) else {
                continue;
            };
            let range = at..at.checked_add(size).ok_or("an object ends beyond the memory")?;
            if name == ".rodata" {
                objects.section = range;
            } else if objects.section.contains(&at) && name.contains(":(.rodata") {
                if name.starts_with("<internal>") {
                    objects.merged = range;
                } else {
                    objects.ends.insert(range.start, range.end);
                }
            }
        }
        if objects.section.is_empty() || objects.ends.is_empty() {
            return Err("the linker's map names no constants".into());
        }
        Ok(objects)
    }

    /// The objects that an address may be meant for.
    fn at(&self, address: u32, memory: &Memory) -> Vec<Range<u32>> {
        if !self.section.contains(&address) {
            return Vec::new();
        }
        if self.merged.contains(&address) {
            return vec![memory.text_at(address, &self.merged)];
        }
        if let Some(&end) = self.ends.get(&address) {
            let object = address..end;
            return vec![object];
        }
        let before = self.ends.range(..address).next_back().map(|(start, end)| *start..*end);
        let after = self.ends.range(address..address.saturating_add(BEFORE)).map(|(start, end)| *start..*end);
        before.into_iter().chain(after).collect()
    }
}

/// What stands in memory before anything runs.
struct Memory(BTreeMap<u32, Vec<u8>>);

impl Memory {
    fn of(module: &Module) -> Self {
        let active = module.data.iter().filter_map(|data| Some((place(&data.kind)?, data.value.clone())));
        Self(active.collect())
    }

    fn byte(&self, address: u32) -> u8 {
        let segment = self.0.range(..=address).next_back();
        segment.and_then(|(start, bytes)| bytes.get((address - start) as usize)).copied().unwrap_or(0)
    }

    /// The text around an address, with the 0 that ends it.
    fn text_at(&self, address: u32, within: &Range<u32>) -> Range<u32> {
        let mut start = address;
        while start > within.start && self.byte(start - 1) != 0 {
            start -= 1;
        }
        let mut end = address;
        while end < within.end && self.byte(end) != 0 {
            end += 1;
        }
        start..(end + 1).min(within.end)
    }

    /// The words that stand in a range, at addresses that 4 divides.
    fn words(&self, range: Range<u32>) -> impl Iterator<Item = u32> + '_ {
        let first = range.start.next_multiple_of(4);
        (first..range.end.saturating_sub(3)).step_by(4).map(|at| {
            u32::from_le_bytes([self.byte(at), self.byte(at + 1), self.byte(at + 2), self.byte(at + 3)])
        })
    }
}

/// Where an active segment stands.
fn place(kind: &DataKind) -> Option<u32> {
    match kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(at)), .. } => Some(at.cast_unsigned()),
        _ => None,
    }
}

/// Every number in a function that may be an address.
#[derive(Default)]
struct Addresses(BTreeSet<u32>);

impl<'a> Visitor<'a> for Addresses {
    fn visit_instr(&mut self, instr: &'a Instr, _: &'a InstrLocId) {
        let offset = match instr {
            Instr::Const(it) => match it.value {
                Value::I32(value) => Some(u64::from(value.cast_unsigned())),
                // Two numbers that are stored at once.
                Value::I64(value) => {
                    self.0.insert((value.cast_unsigned() >> 32) as u32);
                    Some(value.cast_unsigned() & u64::from(u32::MAX))
                }
                _ => None,
            },
            Instr::Load(it) => Some(it.arg.offset),
            Instr::Store(it) => Some(it.arg.offset),
            Instr::LoadSimd(it) => Some(it.arg.offset),
            _ => None,
        };
        self.0.extend(offset.and_then(|offset| u32::try_from(offset).ok()));
    }
}

/// The parts of `.rodata` that some functions may read, in order and apart from one another.
pub fn needed(module: &Module, objects: &Objects, functions: &[FunctionId]) -> Vec<Range<u32>> {
    let memory = Memory::of(module);
    let mut addresses = Addresses::default();
    for &id in functions {
        let function = module.funcs.get(id).kind.unwrap_local();
        dfs_in_order(&mut addresses, function, function.entry_block());
    }
    // What is no constant stays whole, and so does what it leads to.
    for (&start, bytes) in &memory.0 {
        let end = start + bytes.len() as u32;
        addresses.0.extend(memory.words(start..objects.section.start.clamp(start, end)));
        addresses.0.extend(memory.words(objects.section.end.clamp(start, end)..end));
    }
    let mut kept: BTreeMap<u32, u32> = BTreeMap::new();
    let mut open: Vec<u32> = addresses.0.into_iter().collect();
    while let Some(address) = open.pop() {
        for range in objects.at(address, &memory) {
            if kept.insert(range.start, range.end).is_none() {
                open.extend(memory.words(range));
            }
        }
    }
    joined(kept)
}

/// Ranges without overlaps and small gaps.
fn joined(ranges: BTreeMap<u32, u32>) -> Vec<Range<u32>> {
    let mut joined: Vec<Range<u32>> = Vec::new();
    for (start, end) in ranges {
        match joined.last_mut() {
            Some(last) if start <= last.end.saturating_add(GAP) => last.end = last.end.max(end),
            _ => joined.push(start..end),
        }
    }
    joined
}

/// Which constants a module brings.
#[derive(Clone, Copy)]
pub enum Share<'a> {
    /// What the functions of the first part need, and all that is no constant.
    First(&'a [Range<u32>]),
    /// What the functions of this part need as well and the first part has not.
    Listed {
        /// The constants of the first part.
        first: &'a [Range<u32>],
        /// What the functions of the first part and of this one need.
        both: &'a [Range<u32>],
    },
    /// All that the first part has not: it is there whatever else was loaded, and constants may come twice.
    Rest(&'a [Range<u32>]),
}

/// Leaves a share of the bytes in the module's segments.
pub fn keep(module: &mut Module, objects: &Objects, share: Share<'_>) {
    let ids: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for id in ids {
        let data = module.data.get(id);
        let (DataKind::Active { memory, .. }, Some(start)) = (&data.kind, place(&data.kind)) else {
            continue;
        };
        let (memory, bytes) = (*memory, data.value.clone());
        let end = start + bytes.len() as u32;
        module.memories.get_mut(memory).data_segments.remove(&id);
        module.data.delete(id);
        for piece in pieces(start..end, objects, share) {
            let offset = ConstExpr::Value(Value::I32(piece.start.cast_signed()));
            let value = bytes[(piece.start - start) as usize..(piece.end - start) as usize].to_vec();
            let piece = module.data.add(DataKind::Active { memory, offset }, value);
            module.memories.get_mut(memory).data_segments.insert(piece);
        }
    }
}

/// The parts of a segment that belong to a share.
fn pieces(segment: Range<u32>, objects: &Objects, share: Share<'_>) -> Vec<Range<u32>> {
    let (Share::First(first) | Share::Listed { first, .. } | Share::Rest(first)) = share;
    let mut first = first.to_vec();
    first.push(0..objects.section.start);
    first.push(objects.section.end..u32::MAX);
    first.sort_unstable_by_key(|range| range.start);
    match share {
        Share::First(_) => within(&segment, &first),
        Share::Rest(_) => without(&segment, &first),
        Share::Listed { both, .. } => {
            let pieces = without(&segment, &first);
            pieces.iter().flat_map(|piece| within(piece, both)).collect()
        }
    }
}

/// What of a segment lies in `ranges`, which are in order and apart.
fn within(segment: &Range<u32>, ranges: &[Range<u32>]) -> Vec<Range<u32>> {
    let inside = |at: u32| at.clamp(segment.start, segment.end);
    let pieces = ranges.iter().map(|range| inside(range.start)..inside(range.end));
    pieces.filter(|piece| !piece.is_empty()).collect()
}

/// What of a segment lies in none of `ranges`, which are in order and apart.
fn without(segment: &Range<u32>, ranges: &[Range<u32>]) -> Vec<Range<u32>> {
    let mut pieces = Vec::new();
    let mut at = segment.start;
    for range in within(segment, ranges) {
        pieces.push(at..range.start);
        at = range.end;
    }
    pieces.push(at..segment.end);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "lists of ranges, of which there is one")]
mod tests {
    use super::*;

    const MAP: &str = "    Addr      Off     Size Out     In      Symbol
       -        8       10 CODE
       -       10        4         /a/convscope.o:(main)
  100000      100       60 .rodata
  100000      104       20         /a/convscope.o:(.rodata..Lanon.1)
  100000      104       20                 .Lanon.1
  100020      124       10         <internal>:(.rodata)
  100030      134        c         /a/my convscope.o:(.rodata..Lanon.2)
  100040      144       20         /a/convscope.o:(.rodata.table)
  100060      164        8 .data
  100060      164        8         /a/convscope.o:(.data.state)
";

    fn objects() -> Objects {
        Objects::read(MAP).unwrap()
    }

    #[test]
    fn the_map_says_where_objects_stand() {
        let objects = objects();
        assert_eq!(
            (objects.section.clone(), objects.merged.clone()),
            (0x10_0000..0x10_0060, 0x10_0020..0x10_0030)
        );
        let ends: Vec<(u32, u32)> = objects.ends.into_iter().collect();
        assert_eq!(ends, [(0x10_0000, 0x10_0020), (0x10_0030, 0x10_003c), (0x10_0040, 0x10_0060)]);
        assert!(Objects::read("nothing").is_err());
    }

    #[test]
    fn an_address_leads_to_its_object_and_between_objects_to_those_after_it() {
        let bytes = b"....abc\0defghijk".to_vec();
        let memory = Memory(BTreeMap::from([(0x10_0020 - 4, bytes)]));
        let objects = objects();
        assert_eq!(objects.at(0x10_0000, &memory), [0x10_0000..0x10_0020]);
        assert_eq!(objects.at(0x10_0021, &memory), [0x10_0020..0x10_0024]);
        assert_eq!(objects.at(0x10_0024, &memory), [0x10_0024..0x10_002d]);
        // Perhaps a table that is addressed from 4 bytes before it.
        assert_eq!(objects.at(0x10_003c, &memory), [0x10_0030..0x10_003c, 0x10_0040..0x10_0060]);
        assert_eq!(objects.at(0x10_0060, &memory), []);
    }

    #[test]
    fn every_byte_is_in_the_first_part_or_in_the_rest() {
        let first = [0x10_0000..0x10_0020, 0x10_0040..0x10_0060];
        let segment = 0xf_fff8..0x10_0068;
        let of = |share| pieces(segment.clone(), &objects(), share);
        let sides = of(Share::First(&first)).into_iter().chain(of(Share::Rest(&first)));
        let sides: Vec<u32> = sides.flatten().collect();
        let all: BTreeSet<u32> = sides.iter().copied().collect();
        assert_eq!((sides.len(), all.into_iter().collect::<Vec<_>>()), (0x70, segment.clone().collect()));
        assert_eq!(of(Share::Rest(&first)), [0x10_0020..0x10_0040]);
        let both = [0x10_0000..0x10_0030, 0x10_0040..0x10_0060];
        assert_eq!(of(Share::Listed { first: &first, both: &both }), [0x10_0020..0x10_0030]);
    }

    #[test]
    fn constants_lead_to_constants() {
        // The first function holds the address of one object, in which the address of another stands.
        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 32, None, None);
        let mut bytes = vec![0; 0x68];
        bytes[8..12].copy_from_slice(&0x10_0040_u32.to_le_bytes());
        let offset = ConstExpr::Value(Value::I32(0x10_0000));
        module.data.add(DataKind::Active { memory, offset }, bytes);
        let function = |module: &mut Module, address: i32| {
            let mut function = walrus::FunctionBuilder::new(&mut module.types, &[], &[]);
            function.func_body().i32_const(address).drop();
            function.finish(vec![], &mut module.funcs)
        };
        let first = function(&mut module, 0x10_0000);
        function(&mut module, 0x10_0030);
        let needed = needed(&module, &objects(), &[first]);
        assert_eq!(needed, [0x10_0000..0x10_0020, 0x10_0040..0x10_0060]);
    }
}
