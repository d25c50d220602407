//! Messages as they travel: a list of numbers and a few buffers, so that no serialiser is linked.
//!
//! The first three numbers are the purpose, the generation and the kind. Sizes and counts are whole numbers
//! that `f64` holds exactly.

use convscope_core::graph::notation;
use convscope_core::{Conv2dOptions, Padding2d, PaddingMode, Pads};
use convscope_kernels::{Precision, Shown};

use crate::effective::{Hull, Spread};
use crate::filter::Filter;
use crate::message::{
    Answer, Conv2dRequest, EffectiveField, EffectiveRequest, ExportRequest, FilterRequest, Network,
    NetworkRequest, Progress, Request, Response, Target, Ticket, Timing, Weights,
};
use crate::serve::{COMPUTES, READS, WRITES};

/// A buffer that changes hands.
#[derive(Clone, Debug, PartialEq)]
pub enum Buffer {
    /// Numbers of a tensor.
    Floats(Vec<f32>),
    /// Pixels, or a text in UTF-8.
    Bytes(Vec<u8>),
}

/// A message as it travels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Counts, kinds and sizes.
    pub numbers: Vec<f64>,
    /// What the kind says.
    pub buffers: Vec<Buffer>,
}

const READY: f64 = 0.0;
const CANCEL: f64 = 1.0;
const CONV2D: f64 = 2.0;
const FILTER: f64 = 3.0;
const PROGRESS: f64 = 4.0;
const FAILED: f64 = 5.0;
const EFFECTIVE: f64 = 6.0;
const SO_FAR: f64 = 7.0;
const NETWORK: f64 = 8.0;
const EXPORT: f64 = 9.0;

impl Request {
    /// The message that asks for it.
    pub fn into_parts(self, ticket: Ticket) -> Parts {
        let (kind, mut tail, buffers) = match self {
            Self::Cancel => (CANCEL, Vec::new(), Vec::new()),
            Self::Conv2d(it) => {
                let mut tail = vec![if it.precision == Precision::Exact { 1.0 } else { 0.0 }];
                tail.extend(it.shape.map(|len| len as f64));
                push_options(&mut tail, &it.options);
                (CONV2D, tail, [it.input, it.weight, it.bias].map(Buffer::Floats).into())
            }
            Self::Filter(FilterRequest { filter, size, rgba, .. }) => {
                let mut tail = vec![if filter.shown == Shown::Magnitude { 1.0 } else { 0.0 }];
                tail.extend(size.unwrap_or_default().map(|len| len as f64));
                // A bias of any value, NaN included.
                tail.push(filter.bias.map_or(0.0, f64::from));
                push_options(&mut tail, &Conv2dOptions { bias: filter.bias.is_some(), ..filter.options });
                let mut buffers = vec![Buffer::Floats(filter.weight)];
                buffers.extend(size.map(|_| Buffer::Bytes(rgba)));
                (FILTER, tail, buffers)
            }
            Self::Network(NetworkRequest { size, text }) => {
                let buffers = text.into_iter().map(|text| Buffer::Bytes(text.into_bytes())).collect();
                (NETWORK, size.map(|len| len as f64).to_vec(), buffers)
            }
            Self::Export(ExportRequest { graph, target }) => {
                let text = notation::write(&graph, notation::Names::Kept);
                (EXPORT, vec![f64::from(target as u8)], vec![Buffer::Bytes(text.into_bytes())])
            }
            Self::Effective(it) => {
                let flags = [it.weights == Weights::Uniform, it.linear].map(u64::from);
                let halves = [it.seed >> 32, it.seed & u64::from(u32::MAX)];
                let counts = [&[it.node], &it.unit[..], &flags, &[it.draws], &halves].concat();
                let text = notation::write(&it.graph, notation::Names::Kept);
                let tail = counts.into_iter().map(|count| count as f64).collect();
                (EFFECTIVE, tail, vec![Buffer::Bytes(text.into_bytes())])
            }
        };
        let mut numbers = head(ticket, kind);
        numbers.append(&mut tail);
        Parts { numbers, buffers }
    }

    /// What a message asks for, or `None` when it is none of ours or asks for what this program does not do.
    pub fn from_parts(parts: Parts) -> Option<(Ticket, Self)> {
        let mut numbers = Numbers(parts.numbers.into_iter());
        let ticket = numbers.ticket()?;
        let mut buffers = parts.buffers.into_iter();
        let request = match numbers.next()? {
            CANCEL => Self::Cancel,
            CONV2D if COMPUTES => {
                let precision = if numbers.flag()? { Precision::Exact } else { Precision::Fast };
                let shape = numbers.counts()?;
                let options = numbers.options()?;
                let mut floats = || floats(buffers.next());
                let [input, weight, bias] = [floats()?, floats()?, floats()?];
                Self::Conv2d(Conv2dRequest { options, precision, shape, input, weight, bias })
            }
            FILTER if COMPUTES => {
                let shown = if numbers.flag()? { Shown::Magnitude } else { Shown::Value };
                let size = numbers.counts()?;
                let bias = numbers.next()? as f32;
                let options = numbers.options()?;
                let weight = floats(buffers.next())?;
                let (size, rgba) = match buffers.next() {
                    None => (None, Vec::new()),
                    Some(rgba) => (Some(size), bytes(Some(rgba))?),
                };
                let filter = Filter { options, weight, bias: options.bias.then_some(bias), shown };
                Self::Filter(FilterRequest { filter, size, rgba, blue_first: false })
            }
            NETWORK if READS => {
                let size = numbers.counts()?;
                let text = match buffers.next() {
                    None => None,
                    words => Some(text(words)?),
                };
                Self::Network(NetworkRequest { size, text })
            }
            EXPORT if WRITES => {
                let [target] = numbers.counts()?;
                let target = Target::ALL.into_iter().find(|&it| u64::from(it as u8) == target)?;
                let graph = notation::read(&text(buffers.next())?).ok()?;
                Self::Export(ExportRequest { graph, target })
            }
            EFFECTIVE if COMPUTES => {
                let ([node], unit) = (numbers.counts()?, numbers.counts()?);
                let weights = if numbers.flag()? { Weights::Uniform } else { Weights::Random };
                let linear = numbers.flag()?;
                let [draws, high, low] = numbers.counts()?;
                let seed = high.checked_shl(32)? | low;
                let graph = notation::read(&text(buffers.next())?).ok()?;
                Self::Effective(EffectiveRequest { graph, node, unit, weights, linear, draws, seed })
            }
            _ => return None,
        };
        Some((ticket, request))
    }
}

impl Answer {
    /// The message that says it.
    pub fn into_parts(self) -> Parts {
        match self {
            Self::Ready { relaxed } => {
                let mut numbers = head(Ticket { purpose: 0, generation: 0 }, READY);
                numbers.push(if relaxed { 1.0 } else { 0.0 });
                Parts { numbers, buffers: Vec::new() }
            }
            Self::Progress(ticket, Progress { done, of }) => {
                let mut numbers = head(ticket, PROGRESS);
                numbers.extend([done as f64, of as f64]);
                Parts { numbers, buffers: Vec::new() }
            }
            Self::SoFar(ticket, response) => {
                let (kind, tail, buffers) = response.into_parts();
                Parts { numbers: [head(ticket, SO_FAR), vec![kind], tail].concat(), buffers }
            }
            Self::Done(ticket, response, Timing { kernel_ms, total_ms }) => {
                let (kind, tail, buffers) = response.into_parts();
                Parts { numbers: [head(ticket, kind), vec![kernel_ms, total_ms], tail].concat(), buffers }
            }
        }
    }

    /// What a message says, or `None` when it is none of ours.
    pub fn from_parts(parts: Parts) -> Option<Self> {
        let mut numbers = Numbers(parts.numbers.into_iter());
        let ticket = numbers.ticket()?;
        let mut buffers = parts.buffers.into_iter();
        let kind = numbers.next()?;
        Some(match kind {
            READY => Self::Ready { relaxed: numbers.flag()? },
            PROGRESS => {
                let [done, of] = numbers.counts()?;
                Self::Progress(ticket, Progress { done, of })
            }
            SO_FAR => {
                let kind = numbers.next()?;
                Self::SoFar(ticket, Response::from_parts(kind, &mut numbers, &mut buffers)?)
            }
            _ => {
                let timing = Timing { kernel_ms: numbers.next()?, total_ms: numbers.next()? };
                Self::Done(ticket, Response::from_parts(kind, &mut numbers, &mut buffers)?, timing)
            }
        })
    }
}

impl Response {
    /// Its kind, its numbers and its buffers.
    fn into_parts(self) -> (f64, Vec<f64>, Vec<Buffer>) {
        let counts = |counts: &[u64]| counts.iter().map(|&count| count as f64).collect();
        match self {
            Self::Conv2d { shape, output } => (CONV2D, counts(&shape), vec![Buffer::Floats(output)]),
            Self::Filtered { size, rgba } if rgba.is_empty() => (FILTER, counts(&size), Vec::new()),
            Self::Filtered { size, rgba } => (FILTER, counts(&size), vec![Buffer::Bytes(rgba)]),
            Self::Network(Network { graph, sentence, form, stops, notes }) => {
                // A note is one line.
                let texts = [graph, sentence, form, stops.join("\n"), notes.join("\n")];
                (NETWORK, Vec::new(), texts.map(|text| Buffer::Bytes(text.into_bytes())).into())
            }
            Self::Exported { text } => (EXPORT, Vec::new(), vec![Buffer::Bytes(text.into_bytes())]),
            Self::Failed { reason } => (FAILED, Vec::new(), vec![Buffer::Bytes(reason.into_bytes())]),
            Self::Effective(EffectiveField { size, map, draws, lost, spread, hull }) => {
                let Spread { mass, radii, deviation, in_hull, above } = spread;
                let mut numbers: Vec<f64> = counts(&[&size[..], &[draws, lost, above]].concat());
                numbers.extend([mass, in_hull]);
                numbers.extend([radii, deviation].as_flattened());
                numbers.extend(hull.runs.as_flattened().iter().map(|&cell| cell as f64));
                (EFFECTIVE, numbers, vec![Buffer::Floats(map)])
            }
        }
    }

    fn from_parts(
        kind: f64,
        numbers: &mut Numbers,
        buffers: &mut impl Iterator<Item = Buffer>,
    ) -> Option<Self> {
        Some(match kind {
            CONV2D => Self::Conv2d { shape: numbers.counts()?, output: floats(buffers.next())? },
            FILTER => Self::Filtered {
                size: numbers.counts()?,
                rgba: buffers.next().map_or(Some(Vec::new()), |rgba| bytes(Some(rgba)))?,
            },
            NETWORK => {
                let mut next = || text(buffers.next());
                let [graph, sentence, form] = [next()?, next()?, next()?];
                let mut lines = || Some(next()?.lines().map(str::to_owned).collect());
                let (stops, notes) = (lines()?, lines()?);
                Self::Network(Network { graph, sentence, form, stops, notes })
            }
            EXPORT => Self::Exported { text: text(buffers.next())? },
            FAILED => Self::Failed { reason: text(buffers.next())? },
            EFFECTIVE => {
                let (size, [draws, lost, above]) = (numbers.counts()?, numbers.counts()?);
                let [mass, in_hull] = numbers.plain()?;
                let (radii, deviation) = (numbers.plain()?, numbers.plain()?);
                // Cells of a picture, which f64 tells apart.
                let [rows, columns] = [numbers.plain()?, numbers.plain()?];
                let hull = Hull { runs: [rows, columns].map(|run| run.map(|cell: f64| cell as i64)) };
                let spread = Spread { mass, radii, deviation, in_hull, above };
                let map = floats(buffers.next())?;
                Self::Effective(EffectiveField { size, map, draws, lost, spread, hull })
            }
            _ => return None,
        })
    }
}

fn head(ticket: Ticket, kind: f64) -> Vec<f64> {
    vec![f64::from(ticket.purpose), ticket.generation as f64, kind]
}

fn floats(buffer: Option<Buffer>) -> Option<Vec<f32>> {
    match buffer {
        Some(Buffer::Floats(floats)) => Some(floats),
        _ => None,
    }
}

fn bytes(buffer: Option<Buffer>) -> Option<Vec<u8>> {
    match buffer {
        Some(Buffer::Bytes(bytes)) => Some(bytes),
        _ => None,
    }
}

fn text(buffer: Option<Buffer>) -> Option<String> {
    String::from_utf8(bytes(buffer)?).ok()
}

fn push_options(numbers: &mut Vec<f64>, options: &Conv2dOptions) {
    let (padding, Pads { top, left, bottom, right }) = match options.padding {
        Padding2d::Valid => (0, Pads::default()),
        Padding2d::Same => (1, Pads::default()),
        Padding2d::Full => (2, Pads::default()),
        Padding2d::Explicit(pads) => (3, pads),
    };
    let mode = match options.padding_mode {
        PaddingMode::Zeros => 0,
        PaddingMode::Reflect => 1,
        PaddingMode::Replicate => 2,
        PaddingMode::Circular => 3,
    };
    let ([k_h, k_w], [s_h, s_w], [d_h, d_w]) = (options.kernel_size, options.stride, options.dilation);
    let counts = [
        options.in_channels,
        options.out_channels,
        k_h,
        k_w,
        s_h,
        s_w,
        d_h,
        d_w,
        padding,
        top,
        left,
        bottom,
        right,
        mode,
        options.groups,
        u64::from(options.bias),
    ];
    numbers.extend(counts.map(|count| count as f64));
}

/// The numbers of a message, one after the other.
struct Numbers(std::vec::IntoIter<f64>);

impl Numbers {
    fn next(&mut self) -> Option<f64> {
        self.0.next()
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.next()? != 0.0)
    }

    /// A whole number that `f64` still tells from its neighbours.
    fn count(&mut self) -> Option<u64> {
        let number = self.next()?;
        let whole = (0.0..=9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0;
        whole.then_some(number as u64)
    }

    fn counts<const N: usize>(&mut self) -> Option<[u64; N]> {
        let mut counts = [0; N];
        for count in &mut counts {
            *count = self.count()?;
        }
        Some(counts)
    }

    fn plain<const N: usize>(&mut self) -> Option<[f64; N]> {
        let mut plain = [0.0; N];
        for number in &mut plain {
            *number = self.next()?;
        }
        Some(plain)
    }

    fn ticket(&mut self) -> Option<Ticket> {
        let [purpose, generation] = self.counts()?;
        Some(Ticket { purpose: purpose.try_into().ok()?, generation })
    }

    fn options(&mut self) -> Option<Conv2dOptions> {
        let [in_channels, out_channels] = self.counts()?;
        let [kernel_size, stride, dilation] = [self.counts()?, self.counts()?, self.counts()?];
        let [padding, top, left, bottom, right, mode, groups, bias] = self.counts()?;
        let padding = match padding {
            0 => Padding2d::Valid,
            1 => Padding2d::Same,
            2 => Padding2d::Full,
            3 => Padding2d::Explicit(Pads { top, left, bottom, right }),
            _ => return None,
        };
        let padding_mode = match mode {
            0 => PaddingMode::Zeros,
            1 => PaddingMode::Reflect,
            2 => PaddingMode::Replicate,
            3 => PaddingMode::Circular,
            _ => return None,
        };
        let bias = bias != 0;
        Some(Conv2dOptions {
            in_channels,
            out_channels,
            kernel_size,
            stride,
            dilation,
            padding,
            padding_mode,
            groups,
            bias,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: Ticket = Ticket { purpose: 7, generation: 1 << 40 };

    fn options() -> Conv2dOptions {
        Conv2dOptions {
            in_channels: 2,
            out_channels: 4,
            kernel_size: [3, 5],
            stride: [1, 2],
            dilation: [3, 4],
            padding: Padding2d::Explicit(Pads { top: 1, left: 2, bottom: 3, right: 4 }),
            padding_mode: PaddingMode::Circular,
            groups: 2,
            bias: true,
        }
    }

    fn requests() -> Vec<Request> {
        let filter = |bias: Option<f32>, shown, padding, padding_mode| {
            let options = Conv2dOptions { bias: bias.is_some(), padding, padding_mode, ..options() };
            Filter { options, weight: vec![0.5, -1.0], bias, shown }
        };
        vec![
            Request::Cancel,
            Request::Conv2d(Conv2dRequest {
                options: options(),
                precision: Precision::Exact,
                shape: [1, 2, 3, 4],
                input: vec![1.0; 24],
                weight: vec![2.0],
                bias: Vec::new(),
            }),
            Request::Filter(FilterRequest {
                filter: filter(None, Shown::Value, Padding2d::Same, PaddingMode::Reflect),
                size: None,
                rgba: Vec::new(),
                blue_first: false,
            }),
            Request::Filter(FilterRequest {
                filter: filter(Some(0.1), Shown::Magnitude, Padding2d::Full, PaddingMode::Replicate),
                size: Some([1, 2]),
                rgba: vec![1, 2, 3, 4, 5, 6, 7, 8],
                blue_first: false,
            }),
            Request::Effective(EffectiveRequest {
                graph: notation::read("i1x3x14x14:picture.c8k3.mk2.c8k3").unwrap(),
                node: 3,
                unit: [1, 2],
                weights: Weights::Uniform,
                linear: true,
                draws: 20,
                seed: u64::MAX - 5,
            }),
            Request::Network(NetworkRequest { size: [14, 15], text: Some("nn.ReLU()".to_owned()) }),
            Request::Export(ExportRequest {
                graph: notation::read("i1x3x14x14:picture.c8k3").unwrap(),
                target: Target::Onnx,
            }),
        ]
    }

    fn field() -> Response {
        let spread =
            Spread { mass: 1.0, radii: [1.5, 2.5], deviation: [0.5, 0.75], in_hull: 0.875, above: 3 };
        let hull = Hull { runs: [[-5, 4], [0, 9]] };
        Response::Effective(EffectiveField {
            size: [1, 2],
            map: vec![0.25, 0.75],
            draws: 4,
            lost: 1,
            spread,
            hull,
        })
    }

    fn network() -> Network {
        let [graph, sentence, form] =
            ["i1x3x5x5.r", "1 layer found: 1 activation.", "ONNX file"].map(str::to_owned);
        let (stops, notes) = (vec!["Line 1: a.".to_owned(), "Line 2: é.".to_owned()], vec!["b.".to_owned()]);
        Network { graph, sentence, form, stops, notes }
    }

    fn answers() -> Vec<Answer> {
        let timing = Timing { kernel_ms: 1.5, total_ms: 2.25 };
        vec![
            Answer::Ready { relaxed: true },
            Answer::Progress(TICKET, Progress { done: 2, of: 9 }),
            Answer::Done(TICKET, Response::Conv2d { shape: [1, 1, 1, 2], output: vec![1.0, 2.0] }, timing),
            Answer::Done(TICKET, Response::Filtered { size: [4, 5], rgba: vec![3; 80] }, timing),
            Answer::Done(TICKET, Response::Filtered { size: [4, 5], rgba: Vec::new() }, timing),
            Answer::Done(TICKET, Response::Failed { reason: "stride is 0".to_owned() }, timing),
            Answer::Done(TICKET, Response::Exported { text: "import torch\n".to_owned() }, timing),
            Answer::Done(TICKET, field(), timing),
            Answer::Done(TICKET, Response::Network(network()), timing),
            Answer::SoFar(TICKET, field()),
        ]
    }

    #[test]
    fn what_is_said_is_what_was_meant() {
        for request in requests() {
            let parts = request.clone().into_parts(TICKET);
            assert_eq!(Request::from_parts(parts), Some((TICKET, request)));
        }
        for answer in answers() {
            assert_eq!(Answer::from_parts(answer.clone().into_parts()), Some(answer));
        }
    }

    #[test]
    fn a_message_that_lacks_a_part_is_none() {
        let messages = requests().into_iter().map(|it| it.into_parts(TICKET));
        for parts in messages {
            for len in 0..parts.numbers.len() {
                let cut = Parts { numbers: parts.numbers[..len].to_vec(), ..parts.clone() };
                assert_eq!(Request::from_parts(cut), None);
            }
            // A network without a text is one from a file.
            if !parts.buffers.is_empty() && parts.numbers[2] != NETWORK {
                assert_eq!(Request::from_parts(Parts { buffers: Vec::new(), ..parts }), None);
            }
        }
        for parts in answers().into_iter().map(Answer::into_parts) {
            let cut = Parts { numbers: parts.numbers[..parts.numbers.len() - 1].to_vec(), ..parts.clone() };
            // The last number of a failure is a time.
            assert_eq!(Answer::from_parts(cut), None);
        }
    }

    #[test]
    fn counts_are_whole_and_not_negative() {
        let Parts { numbers, buffers } = requests().remove(1).into_parts(TICKET);
        for wrong in [-1.0, 0.5, f64::NAN, f64::INFINITY, 1e300] {
            let mut numbers = numbers.clone();
            numbers[4] = wrong;
            assert_eq!(Request::from_parts(Parts { numbers, buffers: buffers.clone() }), None, "{wrong}");
        }
    }
}
