//! From a request to its answer: no browser, no clock.
//!
//! Work comes in slices, so that a mailbox can look for news between two of them. [`serve`] does all at once.

use convscope_kernels::{KernelError, Scratch};

use crate::convolving::Convolving;
use crate::effective::Effective;
use crate::export;
use crate::filter::{Filter, Packed, bytes};
use crate::message::{FilterRequest, Progress, Request, Response};
use crate::network;

/// Whether this program computes. What is behind none of this, [`READS`] and [`WRITES`] is left out of it.
pub const COMPUTES: bool = cfg!(feature = "kernels");
/// Whether this program reads networks.
pub const READS: bool = cfg!(feature = "networks");
/// Whether this program writes networks.
pub const WRITES: bool = cfg!(feature = "writers");

/// About so many multiply-adds make a slice: 5 to 20 ms.
const SLICE_MACS: u128 = 100_000_000;

/// Pictures in and out, and one more of another size.
const SPARES: usize = 3;

/// What is kept from request to request.
pub struct State {
    slice_macs: u128,
    scratch: Scratch,
    filter: Option<Box<Packed>>,
    /// Buffers of pictures, to be used again.
    spare: Vec<Vec<u8>>,
}

/// A request under way. Dropping it cancels.
pub struct Task {
    work: Work,
    done: u64,
    of: u64,
}

enum Work {
    Nothing(Option<Response>),
    Conv2d(Box<Convolving>),
    Filter { packed: Box<Packed>, rgba: Vec<u8>, blue_first: bool, output: Vec<u8> },
    Effective(Box<Effective>),
}

/// Answers a request at once.
pub fn serve(state: &mut State, request: Request) -> Response {
    let mut task = state.begin(request);
    loop {
        if let Some(response) = state.advance(&mut task) {
            return response;
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self { slice_macs: SLICE_MACS, scratch: Scratch::new(), filter: None, spare: Vec::new() }
    }
}

impl State {
    /// Prepares a request.
    pub fn begin(&mut self, request: Request) -> Task {
        let prepared = match request {
            Request::Cancel => {
                return Task { work: Work::Nothing(None), done: 0, of: 0 };
            }
            Request::Conv2d(request) if COMPUTES => Convolving::new(request, self.slice_macs).map(|it| {
                let of = it.count();
                (Work::Conv2d(Box::new(it)), of)
            }),
            Request::Filter(request) if COMPUTES => self.begin_filter(request),
            Request::Network(request) if READS => {
                return Task { work: Work::Nothing(Some(network::read(&request))), done: 0, of: 0 };
            }
            Request::Export(request) if WRITES => {
                return Task { work: Work::Nothing(Some(export::export(&request))), done: 0, of: 0 };
            }
            Request::Effective(request) if COMPUTES => match Effective::new(request) {
                Ok(it) => {
                    let of = it.count();
                    Ok((Work::Effective(Box::new(it)), of))
                }
                Err(error) => return refused(error.to_string()),
            },
            _ => return refused("this program of the worker does not do that".to_owned()),
        };
        match prepared {
            Ok((work, of)) => Task { work, done: 0, of },
            Err(error) => refused(error.to_string()),
        }
    }

    /// Computes one slice; the answer after the last one.
    ///
    /// A task that was answered gives the same refusal for ever, and an empty one if it was cancelled.
    pub fn advance(&mut self, task: &mut Task) -> Option<Response> {
        if task.done < task.of {
            if let Err(error) = self.slice(&mut task.work, task.done) {
                task.work = Work::Nothing(Some(Response::Failed { reason: error }));
                task.of = task.done;
            } else {
                task.done += 1;
            }
            if task.done < task.of {
                return None;
            }
        }
        Some(self.finish(std::mem::replace(&mut task.work, Work::Nothing(None))))
    }

    /// A buffer of so many bytes; what stands in it is left over from earlier.
    ///
    /// # Errors
    ///
    /// [`KernelError::OutOfMemory`].
    pub fn buffer(&mut self, len: usize) -> Result<Vec<u8>, KernelError> {
        let fitting = self.spare.iter().position(|it| it.len() == len);
        let mut buffer = fitting.map(|at| self.spare.swap_remove(at)).unwrap_or_default();
        let more = len - buffer.len();
        buffer.try_reserve_exact(more).map_err(|_| KernelError::OutOfMemory { bytes: len as u64 })?;
        buffer.resize(len, 0);
        Ok(buffer)
    }

    /// Takes a buffer back, to be used again.
    pub fn recycle(&mut self, buffer: Vec<u8>) {
        if self.spare.len() == SPARES {
            self.spare.remove(0);
        }
        self.spare.push(buffer);
    }

    fn begin_filter(&mut self, request: FilterRequest) -> Result<(Work, u64), KernelError> {
        let FilterRequest { filter, size, rgba, blue_first } = request;
        let size = size.unwrap_or_default();
        let packed = self.packed(filter, size)?;
        let output = self.buffer(bytes(packed.output_size())?)?;
        let of = packed.count();
        Ok((Work::Filter { packed, rgba, blue_first, output }, of))
    }

    /// The filter of the last picture, if it is the same.
    fn packed(&mut self, filter: Filter, size: [u64; 2]) -> Result<Box<Packed>, KernelError> {
        match self.filter.take() {
            Some(packed) if packed.is(&filter, size) => Ok(packed),
            _ => Packed::new(filter, size).map(Box::new),
        }
    }

    /// One slice; why it failed in one sentence.
    fn slice(&mut self, work: &mut Work, slice: u64) -> Result<(), String> {
        let said = |error: KernelError| error.to_string();
        match work {
            _ if !COMPUTES => Ok(()),
            Work::Nothing(_) => Ok(()),
            Work::Conv2d(it) => it.slice(slice, &mut self.scratch).map_err(said),
            Work::Filter { packed, rgba, blue_first, output } => {
                packed.run(slice, (rgba, *blue_first), output).map_err(said)
            }
            Work::Effective(it) => it.slice(&mut self.scratch).map_err(|error| error.to_string()),
        }
    }

    fn finish(&mut self, work: Work) -> Response {
        match work {
            Work::Nothing(Some(response)) => response,
            _ if !COMPUTES => cancelled(),
            Work::Nothing(None) => cancelled(),
            Work::Conv2d(it) => it.finish(),
            Work::Effective(it) => it.field(),
            Work::Filter { packed, rgba, output, .. } => {
                let size = packed.output_size();
                self.filter = Some(packed);
                self.recycle(rgba);
                Response::Filtered { size, rgba: output }
            }
        }
    }
}

impl Task {
    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress { done: self.done, of: self.of }
    }

    /// What there is of the answer, where that is worth a look before it is complete and is not known yet.
    pub fn so_far(&mut self) -> Option<Response> {
        match &mut self.work {
            Work::Effective(it) if COMPUTES => it.so_far(),
            _ => None,
        }
    }
}

fn cancelled() -> Response {
    Response::Failed { reason: "the request was cancelled".to_owned() }
}

fn refused(reason: String) -> Task {
    Task { work: Work::Nothing(Some(Response::Failed { reason })), done: 0, of: 0 }
}

#[cfg(test)]
mod tests {
    use convscope_core::tensor::element_count;
    use convscope_core::{Conv2dOptions, Conv2dParams, Padding2d, PaddingMode, Pads, Tensor, conv2d, sample};
    use convscope_kernels::{Precision, Shown};

    use super::*;
    use crate::message::Conv2dRequest;

    /// A layer with many small whole numbers, so that sums are exact.
    fn layer(shape: [u64; 4], options: Conv2dOptions) -> Conv2dRequest {
        let params = Conv2dParams::new(options).unwrap();
        let numbers = |shape: [u64; 4], seed| {
            let count = element_count(shape).unwrap();
            sample::random_weights(1, count.max(1), seed).unwrap().data()[..count as usize].to_vec()
        };
        let bias = if options.bias { numbers([options.out_channels, 1, 1, 1], 3) } else { Vec::new() };
        Conv2dRequest {
            options,
            precision: Precision::Exact,
            shape,
            input: numbers(shape, 1),
            weight: numbers(params.weight_shape(), 2),
            bias,
        }
    }

    fn by_core(request: &Conv2dRequest) -> Tensor {
        let params = Conv2dParams::new(request.options).unwrap();
        let input = Tensor::new(request.shape, request.input.clone()).unwrap();
        let weight = Tensor::new(params.weight_shape(), request.weight.clone()).unwrap();
        conv2d::conv2d(&params, &input, &weight, request.options.bias.then_some(&request.bias)).unwrap()
    }

    fn options(channels: [u64; 2], groups: u64) -> Conv2dOptions {
        Conv2dOptions {
            in_channels: channels[0],
            out_channels: channels[1],
            kernel_size: [3, 2],
            padding: Padding2d::Explicit(Pads { top: 1, left: 2, bottom: 0, right: 1 }),
            padding_mode: PaddingMode::Replicate,
            groups,
            bias: true,
            ..Default::default()
        }
    }

    #[test]
    fn a_tensor_is_convolved_as_the_core_does() {
        for (shape, options) in [
            ([1, 1, 5, 5], options([1, 1], 1)),
            ([3, 4, 9, 7], options([4, 6], 2)),
            ([2, 2, 6, 6], Conv2dOptions { stride: [2, 3], dilation: [2, 1], ..options([2, 2], 2) }),
            ([0, 2, 6, 6], options([2, 2], 1)),
        ] {
            let request = layer(shape, options);
            let expected = by_core(&request);
            let response = serve(&mut State::default(), Request::Conv2d(request));
            let output = expected.data().to_vec();
            assert_eq!(response, Response::Conv2d { shape: expected.shape(), output });
        }
    }

    /// Two images of three million multiply-adds.
    fn long_layer() -> Conv2dRequest {
        layer(
            [2, 8, 72, 72],
            Conv2dOptions { kernel_size: [3, 3], padding: Padding2d::Same, ..options([8, 8], 1) },
        )
    }

    #[test]
    fn long_work_comes_in_slices_that_make_the_whole() {
        let request = Conv2dRequest { precision: Precision::Fast, ..long_layer() };
        let params = Conv2dParams::new(request.options).unwrap();
        let conv = convscope_kernels::Conv2d::new(
            &params,
            request.shape,
            &request.weight,
            Some(&request.bias),
            Precision::Fast,
        )
        .unwrap();
        let mut whole = vec![0.0; element_count(conv.output_shape()).unwrap() as usize];
        conv.run(&request.input, &mut whole, &mut Scratch::new()).unwrap();

        let mut state = State { slice_macs: 1_000_000, ..State::default() };
        let mut task = state.begin(Request::Conv2d(request));
        let mut seen = vec![task.progress().done];
        let response = loop {
            let response = state.advance(&mut task);
            seen.push(task.progress().done);
            if let Some(response) = response {
                break response;
            }
        };
        assert!(seen.len() > 4, "{seen:?}");
        assert_eq!(seen, (0..=task.progress().of).collect::<Vec<_>>());
        let Response::Conv2d { output, .. } = response else { panic!("{response:?}") };
        let largest = whole.iter().fold(0.0_f32, |most, cell| most.max(cell.abs()));
        for (ours, theirs) in output.iter().zip(&whole) {
            assert!((ours - theirs).abs() <= 2e-4 * largest, "{ours} {theirs}");
        }
    }

    #[test]
    fn a_cancelled_task_leaves_a_state_that_serves_on() {
        let mut state = State { slice_macs: 1_000_000, ..State::default() };
        let mut task = state.begin(Request::Conv2d(long_layer()));
        assert_eq!(state.advance(&mut task), None);
        drop(task);
        let request = layer([1, 1, 5, 5], options([1, 1], 1));
        let expected = by_core(&request).data().to_vec();
        let Response::Conv2d { output, .. } = serve(&mut state, Request::Conv2d(request)) else { panic!() };
        assert_eq!(output, expected);
    }

    fn filter_request(weight: f32, size: [u64; 2], len: usize) -> Request {
        let filter = Filter {
            options: Conv2dOptions::default(),
            weight: vec![weight],
            bias: None,
            shown: Shown::Value,
        };
        Request::Filter(FilterRequest { filter, size: Some(size), rgba: vec![100; len], blue_first: false })
    }

    #[test]
    fn each_picture_goes_through_its_own_filter() {
        let mut state = State::default();
        for (weight, size, expected) in [
            (1.0, [2, 3], 100),
            (2.0, [2, 3], 200),
            (2.0, [3, 2], 200),
            (2.0, [3, 2], 200),
            (-1.0, [1, 1], 0),
        ] {
            let len = (size[0] * size[1] * 4) as usize;
            let response = serve(&mut state, filter_request(weight, size, len));
            let rgba = [expected, expected, expected, 255].repeat(len / 4);
            assert_eq!(response, Response::Filtered { size, rgba: rgba.clone() });
            state.recycle(rgba);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_numbers() {
        let refused = |request: Request| match serve(&mut State::default(), request) {
            Response::Failed { reason } => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            refused(filter_request(1.0, [2, 2], 12)),
            "picture has 12 elements where its shape says 16"
        );
        assert_eq!(refused(Request::Cancel), "the request was cancelled");
        let request = layer([1, 1, 5, 5], options([1, 1], 1));
        for (shape, options) in [
            ([1, 1, 5, 6], request.options),
            ([1, 1 << 40, 1 << 40, 5], Conv2dOptions { in_channels: 1 << 40, ..request.options }),
            ([1, 1, 5, 5], Conv2dOptions { stride: [0, 1], ..request.options }),
            ([1, 1, 5, 5], Conv2dOptions { out_channels: 1 << 45, ..request.options }),
            ([0, 1, 5, 5], request.options),
            ([1, 1, 0, 5], request.options),
            ([1 << 60, 1, 5, 0], request.options),
        ] {
            assert!(
                !refused(Request::Conv2d(Conv2dRequest { shape, options, ..request.clone() })).is_empty()
            );
        }
        // A stride or a padding beyond every picture is no loop without an end.
        let mut filter = Filter {
            options: Conv2dOptions { stride: [u64::MAX, 1], ..Default::default() },
            weight: vec![1.0],
            bias: None,
            shown: Shown::Value,
        };
        let ask = |filter: &Filter| {
            Request::Filter(FilterRequest {
                filter: filter.clone(),
                size: Some([2, 2]),
                rgba: vec![9; 16],
                blue_first: false,
            })
        };
        assert!(matches!(
            serve(&mut State::default(), ask(&filter)),
            Response::Filtered { size: [1, 2], .. }
        ));
        let pads = Pads { top: 1 << 60, ..Pads::default() };
        filter.options = Conv2dOptions {
            kernel_size: [2, 1],
            dilation: [1 << 60, 1],
            padding: Padding2d::Explicit(pads),
            ..Default::default()
        };
        filter.weight = vec![1.0, 1.0];
        assert!(!refused(ask(&filter)).is_empty());
    }
}
