//! From a lab to its figure, and the words around it.

use std::rc::Rc;

use convscope_core::{Layer, Pads, PoolAxis};
use convscope_scene::channels::ChannelsFigure;
use convscope_scene::depth::DepthFigure;
use convscope_scene::lab::{LabFigure, LabSpec, Labels, Pool, PoolKind, Stretch};
use convscope_scene::{Figure, Size};

use crate::lab::Lab;
use crate::operation::Operation;
use crate::text;
use crate::transposed;
use crate::volume::{is_deep, volume_spec};

/// The figure that a lab's view and operation ask for, laid out in `room`; `aids` are the numbers of rows and
/// columns and the legend.
///
/// A kind of figure is a type of its own that is made here and nowhere else; what only other kinds need is
/// called from its functions, so that it is no part of what runs first.
pub fn figure(lab: &Lab, aids: bool, room: Size) -> Rc<dyn Figure> {
    if is_deep(lab) {
        return depth(lab, aids, room);
    }
    if lab.model.operation == Operation::Transposed
        && let Some(figure) = transposed::figure(lab, aids, room)
    {
        return figure;
    }
    if !lab.has_channels() || lab.model.operation != Operation::Conv {
        return Rc::new(LabFigure::new(lab_spec(lab, aids), room));
    }
    channels(lab, aids, room)
}

/// The volumes with their depth.
#[inline(never)] // No part of what runs first.
fn depth(lab: &Lab, aids: bool, room: Size) -> Rc<dyn Figure> {
    Rc::new(DepthFigure::new(volume_spec(lab, aids), room))
}

/// The working view of the chosen filter: one row a channel, then the sum.
#[inline(never)] // No part of what runs first.
pub fn channels(lab: &Lab, aids: bool, room: Size) -> Rc<dyn Figure> {
    Rc::new(ChannelsFigure::new(volume_spec(lab, aids), room))
}

/// The flat figure of one channel and one filter; `aids` are the numbers of rows and columns and the legend.
pub fn lab_spec(lab: &Lab, aids: bool) -> LabSpec {
    LabSpec {
        params: lab.params.clone(),
        geometry: lab.geometry,
        input: lab.input.clone(),
        weight: lab.weight.clone(),
        bias: lab.model.bias.filter(|_| lab.model.operation.has_weights()),
        output: lab.output.clone(),
        channel: lab.channel(),
        slice: lab.slice(),
        filter: lab.filter(),
        pool: if lab.model.operation.is_pool() { pool(lab) } else { None },
        stretch: (lab.model.operation == Operation::Transposed)
            .then_some(Stretch { stride: lab.model.stride, crop: lab.crop }),
        labels: labels(lab),
        photograph: lab.model.is_picture(),
        aids,
    }
}

#[inline(never)]
fn pool(lab: &Lab) -> Option<Pool> {
    let kind = match (&lab.winners, &lab.layer) {
        (Some(winners), _) => PoolKind::Max(winners.clone()),
        (_, Layer::AvgPool2d(_, divisor)) => PoolKind::Average(*divisor),
        _ => PoolKind::Norm,
    };
    Some(Pool { geometry: lab.pool()?, kind, wins: "wins".into() })
}

/// The words of the figure.
fn labels(lab: &Lab) -> Labels {
    let size = |[height, width]: [u64; 2]| format!("{height} × {width}");
    let input_size = lab.geometry.input_size();
    let is_conv = lab.model.operation == Operation::Conv;
    let padded = if is_conv { lab.geometry.padded_size() } else { stated_size(lab) };
    let input = if padded == input_size {
        size(input_size)
    } else {
        format!("{}, padded to {}", size(input_size), size(padded))
    };
    let output = size(lab.geometry.output_size());
    let kernel = format!("{}, {}", size(lab.model.kernel_size), lab.model.kernel.label());
    let (kernel, [odd, dropped]) =
        if is_conv { (["Kernel".into(), kernel], [""; 2]) } else { other_labels(lab, kernel) };
    Labels {
        input: ["Input".into(), input],
        kernel,
        output: ["Output".into(), output],
        bias: "bias".into(),
        window: "window".into(),
        padding: if padded == input_size { String::new() } else { "padding".into() },
        odd: odd.into(),
        never_read: text::never_read(lab),
        dropped: dropped.into(),
    }
}

/// How large the drawn input is with its padding; where windows of a pool hang over there is none.
#[inline(never)]
fn stated_size(lab: &Lab) -> [u64; 2] {
    let Some(pool) = lab.pool() else { return lab.geometry.padded_size() };
    let ([height, width], Pads { top, left, bottom, right }) = (lab.geometry.input_size(), pool.pads());
    [height + top + bottom, width + left + right]
}

/// Title and caption of the kernel, or of a pool's window, and the words of the legend for cells that are neither
/// input nor padding, and for windows that are dropped. Not inlined: it is no part of what runs first.
#[inline(never)]
fn other_labels(lab: &Lab, kernel: String) -> ([String; 2], [&'static str; 2]) {
    if lab.model.operation == Operation::Transposed {
        // The drawn kernel is turned, unless the layer's own is.
        let turned = if lab.model.flip { ", as stated" } else { ", flipped" };
        let odd = if lab.model.stride == [1, 1] { "" } else { "inserted zero" };
        return (["Kernel".into(), [&kernel, turned].concat()], [odd, ""]);
    }
    let some = |of: fn(&PoolAxis) -> u64| lab.pool().is_some_and(|it| of(&it.rows) + of(&it.columns) > 0);
    let beyond = if some(PoolAxis::overhang) { "beyond the padding" } else { "" };
    let dropped = if some(PoolAxis::dropped) { "dropped window" } else { "" };
    let what = match lab.model.operation {
        Operation::AvgPool => ", its mean",
        Operation::LpPool => ", its norm",
        _ => ", its largest",
    };
    let [height, width] = lab.model.kernel_size;
    let caption = format!("{height} × {width}{what}");
    (["Window".into(), caption], [beyond, dropped])
}

/// The figure in one sentence, for those who cannot see it: its title in files and frames.
pub fn describe(lab: &Lab) -> String {
    text::plain(&text::sentence(lab))
}

/// The element that shows the figure at `address` in another page.
pub fn iframe(lab: &Lab, address: &str) -> String {
    let address = address.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        r#"<iframe src="{address}" title="{}" width="600" height="420" loading="lazy" style="border:0;max-width:100%" allow="clipboard-write"></iframe>"#,
        describe(lab)
    )
}
