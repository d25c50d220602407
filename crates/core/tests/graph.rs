//! Units and pixels of random small graphs against an oracle that knows no sets: for every unit one bit for
//! each pixel, worked out tap by tap.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests, though clippy does not know the attribute")]

use convscope_core::graph::{
    Arithmetic, Graph, NodeId, Op, PoolKind, Resample, ResampleMode, ResampleSize, Shape,
};
use convscope_core::{
    AdaptivePool2d, AutoPad, Conv2dOptions, Conv2dParams, ConvTranspose2dOptions, ConvTranspose2dParams,
    Layer, Padding2d, PaddingMode, Pads, Pool2dOptions, Pool2dParams, PoolRounding,
};

/// Numbers from a seed (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pair(&mut self, from: u64, end: u64) -> [u64; 2] {
        [from + self.below(end - from), from + self.below(end - from)]
    }
}

/// One bit for each pixel that a unit sees, row by row.
#[derive(Clone, Debug)]
struct Seen {
    size: [usize; 2],
    channels: u64,
    pixels: Vec<u128>,
}

impl Seen {
    fn input(size: [usize; 2]) -> Self {
        Self { size, channels: 1, pixels: (0..size[0] * size[1]).map(|pixel| 1 << pixel).collect() }
    }

    fn at(&self, [y, x]: [i64; 2]) -> u128 {
        let [height, width] = self.size.map(|len| len as i64);
        if y < 0 || y >= height || x < 0 || x >= width { 0 } else { self.pixels[(y * width + x) as usize] }
    }

    /// A map of which each unit sees what its list of rows and of columns sees.
    fn reading(&self, size: [usize; 2], reads: [&dyn Fn(i64) -> Vec<i64>; 2]) -> Self {
        let mut pixels = Vec::new();
        for y in 0..size[0] as i64 {
            for x in 0..size[1] as i64 {
                let columns = reads[1](x);
                let cells = reads[0](y).into_iter().flat_map(|row| columns.iter().map(move |&c| [row, c]));
                pixels.push(cells.fold(0, |seen, cell| seen | self.at(cell)));
            }
        }
        Self { size, channels: self.channels, pixels }
    }
}

/// What a map of a given size sees through an operation on another.
type Oracle = Box<dyn Fn(&Seen, [usize; 2]) -> Seen>;

/// The cell of which a copy stands at a position, step by step away from the edge.
fn copied(mode: PaddingMode, position: i64, len: i64) -> i64 {
    match mode {
        PaddingMode::Zeros => position,
        PaddingMode::Replicate => position.clamp(0, len - 1),
        PaddingMode::Circular => (position + len) % len,
        PaddingMode::Reflect if position < 0 => -position,
        PaddingMode::Reflect if position >= len => 2 * len - 2 - position,
        PaddingMode::Reflect => position,
    }
}

const MODES: [PaddingMode; 4] =
    [PaddingMode::Zeros, PaddingMode::Reflect, PaddingMode::Replicate, PaddingMode::Circular];

/// An operation on one map, and what the oracle makes of it. The graph's own size is taken, which is checked
/// elsewhere.
fn random_op(random: &mut Random, channels: u64) -> (Op, Oracle) {
    let [mut kernel, mut stride, dilation] = [random.pair(1, 4), random.pair(1, 4), random.pair(1, 4)];
    let mut pads = [random.pair(0, 3), random.pair(0, 3)];
    // Often as large as before, so that branches can meet.
    if random.below(2) == 0 {
        kernel = kernel.map(|size| if size == 2 { 3 } else { size });
        stride = [1, 1];
        pads = [[0, 1].map(|side| dilation[side] * (kernel[side] - 1) / 2); 2];
    }
    let [[top, left], [bottom, right]] = pads;
    let (explicit, before) = (Pads { top, left, bottom, right }, pads[0]);
    let signed = |value: u64| value as i64;
    // Windows over positions, of which those in the padding are copies.
    let windows = move |mode: PaddingMode| {
        move |seen: &Seen, size: [usize; 2]| {
            let side = |side: usize| {
                let len = seen.size[side] as i64;
                move |unit: i64| -> Vec<i64> {
                    (0..signed(kernel[side]))
                        .map(|tap| {
                            unit * signed(stride[side]) - signed(before[side]) + tap * signed(dilation[side])
                        })
                        .map(|position| copied(mode, position, len))
                        .collect()
                }
            };
            seen.reading(size, [&side(0), &side(1)])
        }
    };
    match random.below(7) {
        0 | 1 => {
            let padding_mode = MODES[random.below(4) as usize];
            let options = Conv2dOptions {
                in_channels: channels,
                out_channels: channels,
                kernel_size: kernel,
                stride,
                dilation,
                padding: Padding2d::Explicit(explicit),
                padding_mode,
                ..Default::default()
            };
            (Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap())), Box::new(windows(padding_mode)))
        }
        2 => {
            let rounding = [PoolRounding::Floor, PoolRounding::Ceil][random.below(2) as usize];
            let padding = AutoPad::Explicit(explicit);
            let options = Pool2dOptions { kernel_size: kernel, stride, dilation, padding, rounding };
            let op = Op::Layer(Layer::MaxPool2d(Pool2dParams::new(options).unwrap()));
            (op, Box::new(windows(PaddingMode::Zeros)))
        }
        3 => {
            let output_padding = [0, 1].map(|side| random.below(stride[side].max(dilation[side])));
            let options = ConvTranspose2dOptions {
                in_channels: channels,
                out_channels: channels,
                kernel_size: kernel,
                stride,
                dilation,
                padding: AutoPad::Explicit(explicit),
                output_padding,
                ..Default::default()
            };
            let op = Op::Layer(Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).unwrap()));
            let scattered = move |seen: &Seen, size: [usize; 2]| {
                let side = |side: usize| {
                    let len = seen.size[side] as i64;
                    move |unit: i64| -> Vec<i64> {
                        let lands = |input: i64, tap: i64| {
                            input * signed(stride[side]) + tap * signed(dilation[side]) - signed(before[side])
                                == unit
                        };
                        (0..len)
                            .filter(|&input| (0..signed(kernel[side])).any(|tap| lands(input, tap)))
                            .collect()
                    }
                };
                seen.reading(size, [&side(0), &side(1)])
            };
            (op, Box::new(scattered))
        }
        4 => {
            let size = random.pair(1, 8).map(signed);
            let shared = |seen: &Seen, size: [usize; 2]| {
                let side = |side: usize| {
                    let (n, m) = (seen.size[side] as i64, size[side] as i64);
                    // A cell is read if it overlaps the stretch of the unit, both as fractions of the axis.
                    move |unit: i64| -> Vec<i64> {
                        (0..n).filter(|cell| cell * m < (unit + 1) * n && unit * n < (cell + 1) * m).collect()
                    }
                };
                seen.reading(size, [&side(0), &side(1)])
            };
            (Op::AdaptivePool(AdaptivePool2d::new(size).unwrap(), PoolKind::Max), Box::new(shared))
        }
        5 => {
            let size = random.pair(1, 12);
            let mode = [ResampleMode::Nearest, ResampleMode::Bilinear, ResampleMode::BilinearAligned]
                [random.below(3) as usize];
            let resampled = move |seen: &Seen, size: [usize; 2]| {
                let side = |side: usize| {
                    let (n, m) = (seen.size[side] as i64, size[side] as i64);
                    move |unit: i64| -> Vec<i64> {
                        // Twice m times the position, so that it is whole.
                        let (position, scale) = match mode {
                            ResampleMode::Nearest => return vec![unit * n / m],
                            _ if n == m => return vec![unit],
                            ResampleMode::Bilinear => (((2 * unit + 1) * n - m).max(0), 2 * m),
                            ResampleMode::BilinearAligned => (unit * (n - 1), (m - 1).max(1)),
                        };
                        let near = |cell: &i64| (cell * scale - position).abs() < scale;
                        // Beyond the last cell it stands for itself.
                        (0..n).filter(|cell| near(cell)).collect()
                    }
                };
                seen.reading(size, [&side(0), &side(1)])
            };
            (Op::Upsample(Resample { size: ResampleSize::To(size), mode }), Box::new(resampled))
        }
        _ => {
            let mode = MODES[random.below(4) as usize];
            let pads = [random.pair(0, 5), random.pair(0, 5)].concat();
            let pads: [i64; 4] = [0, 1, 2, 3].map(|side| pads[side] as i64 - 2);
            let padded = move |seen: &Seen, size: [usize; 2]| {
                let side = |side: usize| {
                    let len = seen.size[side] as i64;
                    move |unit: i64| vec![copied(mode, unit - pads[side], len)]
                };
                seen.reading(size, [&side(0), &side(1)])
            };
            (Op::Pad { pads, mode }, Box::new(padded))
        }
    }
}

/// A graph of some nodes, and what each of their units sees.
fn random_graph(random: &mut Random) -> (Graph, Vec<Seen>) {
    let size = random.pair(3, 12).map(|len| len as usize);
    let mut graph = Graph::new();
    graph.push("input", Op::Input(Shape::from([1, 1, size[0] as u64, size[1] as u64])), &[]).unwrap();
    let mut seen = vec![Seen::input(size)];
    for _ in 0..30 {
        if seen.len() > 7 {
            break;
        }
        let from = random.below(seen.len() as u64) as usize;
        let alike: Vec<_> =
            (0..seen.len()).filter(|&i| i != from && seen[i].size == seen[from].size).collect();
        let other = match alike.as_slice() {
            [] => random.below(seen.len() as u64) as usize,
            alike => alike[random.below(alike.len() as u64) as usize],
        };
        let merge = random.below(2) == 0 && from != other;
        let mut longer = graph.clone();
        let ids = [from, other].map(|index| graph.id(index).unwrap());
        let (id, oracle): (NodeId, Oracle) = if merge {
            let (left, right) = (seen[from].clone(), seen[other].clone());
            let axis = random.below(4) as usize;
            let op = match axis {
                0 => Op::Arithmetic(Arithmetic::Add),
                axis => Op::Concat(axis as i64),
            };
            let id = longer.push("", op, &ids).unwrap();
            let both = move |_: &Seen, size: [usize; 2]| {
                let (rows, columns) = (left.size[0] as i64, left.size[1] as i64);
                let mut pixels = Vec::new();
                for cell in (0..size[0] as i64).flat_map(|y| (0..size[1] as i64).map(move |x| [y, x])) {
                    // Sizes of 1 are repeated.
                    let repeated = |map: &Seen| {
                        map.at([0, 1].map(|side| if map.size[side] == 1 { 0 } else { cell[side] }))
                    };
                    pixels.push(match axis {
                        2 => left.at(cell) | right.at([cell[0] - rows, cell[1]]),
                        3 => left.at(cell) | right.at([cell[0], cell[1] - columns]),
                        _ => repeated(&left) | repeated(&right),
                    });
                }
                let channels = if axis == 1 {
                    left.channels + right.channels
                } else {
                    left.channels.max(right.channels)
                };
                Seen { size, channels, pixels }
            };
            (id, Box::new(both))
        } else {
            let (op, oracle) = random_op(random, seen[from].channels);
            (longer.push("", op, &ids[..1]).unwrap(), oracle)
        };
        let analysis = longer.analyse();
        let Some(map) = analysis.map(id) else { continue };
        if map.size.iter().any(|len| *len > 40 || *len == 0) {
            continue;
        }
        seen.push(oracle(&seen[from], map.size.map(|len| len as usize)));
        drop(analysis);
        graph = longer;
    }
    (graph, seen)
}

/// Calls with every unit of a node.
fn for_units(size: [usize; 2], mut call: impl FnMut([u64; 2])) {
    (0..size[0] as u64).for_each(|y| (0..size[1] as u64).for_each(|x| call([y, x])));
}

#[test]
fn a_unit_reads_the_pixels_that_the_oracle_finds() {
    let mut random = Random(20_261_123);
    let (mut units, mut merged, mut patched) = (0_u64, 0_u64, 0_u64);
    for _ in 0..400 {
        let (graph, seen) = random_graph(&mut random);
        let analysis = graph.analyse();
        let [height, width] = seen[0].size;
        for (id, oracle) in graph.ids().zip(&seen) {
            merged += u64::from(graph.node(id).inputs.len() > 1);
            for_units(oracle.size, |unit| {
                let projection = analysis.project(id, unit).unwrap();
                let region = projection.region(graph.id(0).unwrap()).unwrap();
                let mut ours = 0;
                for row in 0..height {
                    for &[first, last] in region.columns_at(row as i64).unwrap().runs() {
                        (first..=last).for_each(|column| ours |= 1 << (row * width + column as usize));
                    }
                }
                let expected = oracle.at(unit.map(|cell| cell as i64));
                assert!(region.is_exact());
                assert_eq!(ours, expected, "{unit:?} of {:?} in {graph:?}", id.index());
                assert_eq!(region.count(), Ok(u128::from(expected.count_ones())));
                patched += u64::from(region.patches().len() > 1);
                units += 1;
            });
        }
    }
    // The oracle has met what it is for.
    assert!(units > 20_000 && merged > 400 && patched > 500, "{units} {merged} {patched}");
}

#[test]
fn a_pixel_is_seen_by_the_units_that_read_it() {
    let mut random = Random(7);
    for _ in 0..150 {
        let (graph, seen) = random_graph(&mut random);
        let analysis = graph.analyse();
        let width = seen[0].size[1] as u64;
        for_units(seen[0].size, |cell| {
            let projection = analysis.seen_by(graph.id(0).unwrap(), cell).unwrap();
            for (id, oracle) in graph.ids().zip(&seen) {
                let region = projection.region(id).unwrap();
                for_units(oracle.size, |unit| {
                    let [row, column] = unit.map(|cell| cell as i64);
                    let expected = oracle.at([row, column]) >> (cell[0] * width + cell[1]) & 1 == 1;
                    let ours = region.columns_at(row).unwrap().contains(column);
                    assert_eq!(ours, expected, "{cell:?} by {unit:?} of {} in {graph:?}", id.index());
                });
            }
        });
    }
}

/// Far from every edge, a unit reads what the field of its map says, and the two ways to it agree.
#[test]
fn fields_are_what_units_in_the_middle_read() {
    let mut random = Random(99);
    let mut periodic = 0;
    for _ in 0..600 {
        let mut graph = Graph::new();
        let mut last = graph.push("input", Op::Input(Shape::from([1, 1, 401, 401])), &[]).unwrap();
        for _ in 0..1 + random.below(5) {
            let (op, _) = random_op(&mut random, 1);
            if !matches!(op, Op::Layer(_)) {
                continue;
            }
            let mut longer = graph.clone();
            let id = longer.push("", op, &[last]).unwrap();
            let size = longer.analyse().map(id).map_or([0; 2], |map| map.size);
            if size.iter().all(|len| (10..2000).contains(len)) {
                (graph, last) = (longer, id);
            }
        }
        let analysis = graph.analyse();
        let (map, fields) = (analysis.map(last).unwrap(), analysis.fields(last).unwrap());
        let unit = map.size.map(|len| len / 2 + random.below(3));
        let projection = analysis.project(last, unit).unwrap();
        let region = projection.region(graph.id(0).unwrap()).unwrap();
        for side in 0..2 {
            let field = fields[side].periodic().unwrap();
            let cells = field.cells(unit[side] as i64).unwrap();
            assert_eq!(region.reach(side), &cells, "{graph:?}");
            assert_eq!(field.span(unit[side] as i64), Ok(cells.hull()));
            periodic += u64::from(field.units() > 1);
            let far = cells.hull().is_none_or(|[first, last]| first > 100 && last < 300);
            if far
                && region.patches().iter().all(|patch| !patch[0].is_empty())
                && !region.patches().is_empty()
            {
                assert_eq!(region.used(side).as_ref(), Ok(&cells), "{graph:?}");
            }
        }
    }
    assert!(periodic > 100, "{periodic}");
}
