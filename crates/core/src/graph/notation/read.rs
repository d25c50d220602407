//! Reads a graph that was written down. Takes time in proportion to the text and what it reads; never panics.

use super::ACTIVATIONS;
use super::cursor::{Cursor, Read};
use super::draft::{Draft, Taken};
use crate::activation::Activation;
use crate::adaptive::AdaptivePool2d;
use crate::auto_pad::AutoPad;
use crate::conv_transpose2d::ConvTranspose2dOptions;
use crate::conv2d::Conv2dOptions;
use crate::error::ConvError;
use crate::graph::known::Known;
use crate::graph::{
    Arithmetic, Graph, NodeId, Norm, Op, Pointwise, PoolKind, Resample, ResampleMode, ResampleSize, Size,
};
use crate::layer::Layer;
use crate::padding::{Padding2d, PaddingMode, Pads};
use crate::pool::{AvgDivisor, Pool2dOptions, Pool2dParams, PoolRounding};
use std::fmt;

/// Where a text is no graph, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotationError {
    /// The layer, counted from 0.
    pub layer: usize,
    /// The byte of the text at which it was noticed.
    pub at: usize,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No layer begins like this; `None` at the end of the text.
    Layer(Option<char>),
    /// The layer has no such setting, or something stands behind it.
    Setting(char),
    /// A number should stand here, and one that fits.
    Number,
    /// A name should stand here.
    Name,
    /// The input lies before the first layer.
    Distance(u64),
    /// So many layers, or items of a list, are read.
    TooMany(usize),
    /// How many channels or features the layer takes is neither said nor known.
    Channels,
    /// The layer's own sizes do not go together.
    Sizes(ConvError),
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layer {} cannot be read at character {}: ", self.layer, self.at.saturating_add(1))?;
        match &self.reason {
            Reason::Layer(Some(letter)) => write!(f, "no layer begins with “{letter}”"),
            Reason::Layer(None) => write!(f, "it is empty"),
            Reason::Setting(letter) => write!(f, "“{letter}” does not belong there"),
            Reason::Number => write!(f, "a number should stand there"),
            Reason::Name => write!(f, "a name should stand there"),
            Reason::Distance(distance) => write!(f, "there is no layer {distance} before it"),
            Reason::TooMany(most) => write!(f, "no more than {most} are read"),
            Reason::Channels => write!(f, "how many channels it takes is not known"),
            Reason::Sizes(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotationError {}

/// The graph of a text; an empty one of an empty text.
///
/// # Errors
///
/// Where the text is no graph.
pub fn read(text: &str) -> Result<Graph, NotationError> {
    match read_until(text, usize::MAX) {
        (graph, None) => Ok(graph),
        (_, Some(error)) => Err(error),
    }
}

/// The layers of a text before the first that cannot be read, at most `most` of them, and why there are no more.
pub fn read_until(text: &str, most: usize) -> (Graph, Option<NotationError>) {
    let mut graph = Graph::new();
    let mut known = Vec::new();
    if text.is_empty() {
        return (graph, None);
    }
    let mut cursor = Cursor::new(text);
    loop {
        let room = if graph.len() < most { Ok(()) } else { Err(Reason::TooMany(most)) };
        if let Err(reason) = room.and_then(|()| cursor.layer(&mut graph, &mut known)) {
            let error = NotationError { layer: graph.len(), at: cursor.at(), reason };
            return (graph, Some(error));
        }
        if !cursor.take(b'.') {
            return (graph, None);
        }
    }
}

impl Cursor<'_> {
    fn layer(&mut self, graph: &mut Graph, known: &mut Vec<Known>) -> Read<()> {
        let draft = self.draft()?;
        let index = graph.len();
        let source = matches!(draft, Draft::Op(Op::Input(_) | Op::Parameter(_)));
        let inputs: Vec<NodeId> = if self.take(b'_') {
            self.inputs(graph)?
        } else {
            let last = if source { None } else { index.checked_sub(1) };
            last.and_then(|last| graph.id(last)).into_iter().collect()
        };
        let name = if self.take(b':') { self.name()? } else { String::new() };
        if let Some(letter) = self.char().filter(|&letter| letter != '.') {
            return Err(Reason::Setting(letter));
        }
        let op = draft.finish(inputs.first().map(|input| &known[input.index()]))?;
        let read: Vec<&Known> = inputs.iter().map(|input| &known[input.index()]).collect();
        let here = Known::of(&op, &read);
        graph.push(name, op, &inputs).map_err(|error| Reason::Distance(error.input as u64))?;
        known.push(here);
        Ok(())
    }

    fn inputs(&mut self, graph: &Graph) -> Read<Vec<NodeId>> {
        let mut inputs = Vec::new();
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Ok(inputs);
        }
        loop {
            let distance = self.number()?;
            let place = usize::try_from(distance).ok().and_then(|distance| graph.len().checked_sub(distance));
            inputs.push(place.and_then(|place| graph.id(place)).ok_or(Reason::Distance(distance))?);
            if !self.take(b',') {
                return Ok(inputs);
            }
        }
    }

    fn draft(&mut self) -> Read<Draft> {
        let Some(letter) = self.byte() else { return Err(Reason::Layer(self.char())) };
        let op = match letter {
            b'c' => return self.conv(),
            b't' => return self.transposed(),
            b'f' => {
                let (features, mut bias, mut taken) = (self.number()?, true, Taken::default());
                while let Some(letter) = self.setting(b"in") {
                    match letter {
                        b'i' => taken.stated = Some(self.number()?),
                        _ => bias = false,
                    }
                }
                return Ok(Draft::Linear { features, bias, taken });
            }
            b'b' | b'G' => return self.norm(letter),
            b'L' => {
                let stated = self.peek().is_some_and(|byte| byte == b'x' || byte.is_ascii_digit());
                let shape = if stated { Some(self.shape()?) } else { None };
                let (mut scale, mut shift) = (true, true);
                while let Some(letter) = self.setting(b"nh") {
                    *(if letter == b'n' { &mut scale } else { &mut shift }) = false;
                }
                return Ok(Draft::Layer { shape, scale, shift });
            }
            b'i' => Op::Input(self.shape()?),
            b'w' => Op::Parameter(self.shape()?),
            b'm' | b'a' | b'l' => self.pool(letter)?,
            b'A' | b'M' => {
                let size = if self.at_digit() { self.pair()? } else { [1, 1] };
                let signed = |len: u64| i64::try_from(len).map_err(|_| Reason::Number);
                let pool =
                    AdaptivePool2d::new([signed(size[0])?, signed(size[1])?]).map_err(Reason::Sizes)?;
                Op::AdaptivePool(pool, if letter == b'A' { PoolKind::Average } else { PoolKind::Max })
            }
            b'O' => Op::Norm(Norm::LayerOf),
            b'R' => Op::Norm(Norm::LocalResponse),
            b'r' => Op::Pointwise(Pointwise::Activation(Activation::Relu)),
            b'e' => {
                let name = self.name()?;
                let named = ACTIVATIONS.iter().find(|(_, known)| *known == name);
                Op::Pointwise(Pointwise::Activation(named.ok_or(Reason::Name)?.0))
            }
            b'n' => Op::Pointwise(Pointwise::Named(self.name()?)),
            b'd' => Op::Pointwise(Pointwise::Dropout),
            b'D' => Op::Pointwise(Pointwise::StochasticDepth),
            b'k' => Op::Pointwise(Pointwise::Contiguous),
            b's' => Op::Softmax(self.signed()?),
            b'j' => Op::Arithmetic(match self.byte() {
                Some(b'a') => Arithmetic::Add,
                Some(b's') => Arithmetic::Subtract,
                Some(b'm') => Arithmetic::Multiply,
                Some(b'd') => Arithmetic::Divide,
                _ => return Err(Reason::Layer(Some('j'))),
            }),
            b'q' => Op::Concat(if self.at_number() { self.signed()? } else { 1 }),
            b'h' => Op::Chunk { chunks: self.number()?, axis: self.axis()? },
            b'H' => Op::Split { sizes: self.list(Self::number)?, axis: self.axis()? },
            b'g' => Op::Item(self.signed()?),
            b'p' => Op::Pad { pads: self.sides(Self::signed)?, mode: self.optional_mode()? },
            b'u' => Op::Upsample(self.upsample()?),
            b'F' if !self.at_number() => Op::Flatten { start: 1, end: -1 },
            b'F' => {
                let [start, end] = self.two()?;
                Op::Flatten { start, end }
            }
            b'v' => Op::Reshape(self.list(Self::size)?),
            b'P' => Op::Permute(self.list(Self::signed)?),
            b'T' => {
                let [a, b] = self.two()?;
                Op::Transpose(a, b)
            }
            b'E' => Op::Mean { axes: self.list(Self::signed)?, keepdim: self.take(b'k') },
            b'S' => Op::ChannelShuffle(self.number()?),
            b'U' => {
                let operator = self.name()?;
                let shape = if self.take(b'~') { Some(self.shape()?) } else { None };
                Op::Unknown { operator, shape }
            }
            other => {
                self.back();
                return Err(Reason::Layer(Some(char::from(other))));
            }
        };
        Ok(Draft::Op(op))
    }

    fn conv(&mut self) -> Read<Draft> {
        let padding = Padding2d::Explicit(Pads::default());
        let mut options =
            Conv2dOptions { out_channels: self.number()?, padding, bias: true, ..Default::default() };
        let mut taken = Taken::default();
        while let Some(letter) = self.setting(b"ksdpmign") {
            match letter {
                b'k' => options.kernel_size = self.pair()?,
                b's' => options.stride = self.pair()?,
                b'd' => options.dilation = self.pair()?,
                b'p' => {
                    options.padding = match self.setting(b"vsf") {
                        Some(b'v') => Padding2d::Valid,
                        Some(b's') => Padding2d::Same,
                        Some(_) => Padding2d::Full,
                        None => Padding2d::Explicit(self.pads()?),
                    }
                }
                b'm' => options.padding_mode = self.mode()?,
                b'n' => options.bias = false,
                _ => self.channels(letter, &mut options.groups, &mut taken)?,
            }
        }
        Ok(Draft::Conv(options, taken))
    }

    fn transposed(&mut self) -> Read<Draft> {
        let out_channels = self.number()?;
        let mut options = ConvTranspose2dOptions { out_channels, bias: true, ..Default::default() };
        let mut taken = Taken::default();
        while let Some(letter) = self.setting(b"ksdpozign") {
            match letter {
                b'k' => options.kernel_size = self.pair()?,
                b's' => options.stride = self.pair()?,
                b'd' => options.dilation = self.pair()?,
                b'p' => options.padding = self.auto_pad()?,
                b'o' => options.output_padding = self.pair()?,
                b'z' => options.output_size = Some(self.pair()?),
                b'n' => options.bias = false,
                _ => self.channels(letter, &mut options.groups, &mut taken)?,
            }
        }
        Ok(Draft::Transposed(options, taken))
    }

    /// Behind `i` the channels before, behind `g` the groups.
    fn channels(&mut self, letter: u8, groups: &mut u64, taken: &mut Taken) -> Read<()> {
        if letter == b'i' {
            taken.stated = Some(self.number()?);
        } else if self.at_digit() {
            *groups = self.number()?;
        } else {
            taken.depthwise = true;
        }
        Ok(())
    }

    fn pool(&mut self, kind: u8) -> Read<Op> {
        let exponent =
            if kind == b'l' { u32::try_from(self.number()?).map_err(|_| Reason::Number)? } else { 1 };
        let (mut options, mut stride) = (Pool2dOptions::default(), None);
        let mut divisor = AvgDivisor::CountIncludePad;
        let settings: &[u8] = if kind == b'a' { b"ksdpuwef" } else { b"ksdpuw" };
        while let Some(letter) = self.setting(settings) {
            match letter {
                b'k' => options.kernel_size = self.pair()?,
                b's' => stride = Some(self.pair()?),
                b'd' => options.dilation = self.pair()?,
                b'p' => options.padding = self.auto_pad()?,
                b'u' => options.rounding = PoolRounding::Ceil,
                b'w' => options.rounding = PoolRounding::CeilKeepLast,
                b'e' => divisor = AvgDivisor::CountInside,
                _ => divisor = AvgDivisor::Fixed(self.signed()?),
            }
        }
        options.stride = stride.unwrap_or(options.kernel_size);
        let params = Pool2dParams::new(options).map_err(Reason::Sizes)?;
        Ok(Op::Layer(match kind {
            b'm' => Layer::MaxPool2d(params),
            b'a' => Layer::AvgPool2d(params, divisor),
            _ => Layer::LpPool2d(params, exponent),
        }))
    }

    fn norm(&mut self, kind: u8) -> Read<Draft> {
        let groups = if kind == b'G' { self.number()? } else { 1 };
        let (mut affine, mut tracked, mut taken) = (true, true, Taken::default());
        let settings: &[u8] = if kind == b'G' { b"in" } else { b"int" };
        while let Some(letter) = self.setting(settings) {
            match letter {
                b'i' => taken.stated = Some(self.number()?),
                b'n' => affine = false,
                _ => tracked = false,
            }
        }
        Ok(match kind {
            b'G' => Draft::Group { groups, affine, taken },
            _ => Draft::Batch { affine, tracked, taken },
        })
    }

    fn upsample(&mut self) -> Read<Resample> {
        let size = if self.take(b'b') {
            let rows = self.factor()?;
            let columns = if self.take(b'x') { self.factor()? } else { rows };
            ResampleSize::By([rows, columns])
        } else {
            ResampleSize::To(self.pair()?)
        };
        let mode = match self.setting(b"la") {
            None => ResampleMode::Nearest,
            Some(b'l') => ResampleMode::Bilinear,
            Some(_) => ResampleMode::BilinearAligned,
        };
        Ok(Resample { size, mode })
    }

    fn factor(&mut self) -> Read<[u64; 2]> {
        let numerator = self.number()?;
        Ok([numerator, if self.take(b'o') { self.number()? } else { 1 }])
    }

    fn auto_pad(&mut self) -> Read<AutoPad> {
        Ok(match self.setting(b"vul") {
            Some(b'v') => AutoPad::Valid,
            Some(b'u') => AutoPad::SameUpper,
            Some(_) => AutoPad::SameLower,
            None => AutoPad::Explicit(self.pads()?),
        })
    }

    fn pads(&mut self) -> Read<Pads> {
        let [top, left, bottom, right] = self.sides(Self::number)?;
        Ok(Pads { top, left, bottom, right })
    }

    fn optional_mode(&mut self) -> Read<PaddingMode> {
        if self.take(b'm') { self.mode() } else { Ok(PaddingMode::Zeros) }
    }

    fn mode(&mut self) -> Read<PaddingMode> {
        match self.setting(b"rec") {
            Some(b'r') => Ok(PaddingMode::Reflect),
            Some(b'e') => Ok(PaddingMode::Replicate),
            Some(_) => Ok(PaddingMode::Circular),
            None => Err(self.char().map_or(Reason::Name, Reason::Setting)),
        }
    }

    fn axis(&mut self) -> Read<i64> {
        if self.take(b'a') { self.signed() } else { Ok(1) }
    }

    fn size(&mut self) -> Read<Size> {
        Ok(match self.setting(b"or") {
            Some(b'o') => Size::Of(self.number()?),
            Some(_) => Size::Rest,
            None => Size::Fixed(self.number()?),
        })
    }
}
