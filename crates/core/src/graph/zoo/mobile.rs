//! Networks for small machines: MobileNet v1 and v2.

use super::builder::{Builder, window};
use crate::graph::Graph;

/// Howard et al. 2017, table 1, with padding on both sides.
pub(super) fn mobilenet_v1() -> Graph {
    let mut net = Builder::new([1, 3, 224, 224]);
    net.plain("conv1", 32, window(3).stride(2).pad(1)).norm("norm").relu();
    let narrow = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)];
    let wide = [(512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)];
    for (i, &(channels, stride)) in (2..).zip(narrow.iter().chain(&wide)) {
        net.depthwise(&format!("conv{i}.depthwise"), window(3).stride(stride).pad(1)).norm("norm").relu();
        net.plain(&format!("conv{i}.pointwise"), channels, window(1)).norm("norm").relu();
    }
    net.adaptive_pool("avgpool", 1).flatten().linear("fc", 1000);
    net.finish()
}

/// Sandler, Howard, Zhu, Zhmoginov and Chen 2018, table 2: expansion, channels, blocks and stride.
pub(super) fn mobilenet_v2() -> Graph {
    let mut net = Builder::new([1, 3, 224, 224]);
    net.plain("conv1", 32, window(3).stride(2).pad(1)).norm("norm").relu6();
    let stages = [
        [1, 16, 1, 1],
        [6, 24, 2, 2],
        [6, 32, 3, 2],
        [6, 64, 4, 2],
        [6, 96, 3, 1],
        [6, 160, 3, 2],
        [6, 320, 1, 1],
    ];
    for (stage, [expansion, channels, blocks, first_stride]) in (1..).zip(stages) {
        for block in 0..blocks {
            let name = format!("block{stage}.{block}");
            let stride = if block == 0 { first_stride } else { 1 };
            let (start, narrow) = (net.here(), net.width());
            if expansion > 1 {
                net.plain(&format!("{name}.expand"), narrow * expansion, window(1)).norm("norm").relu6();
            }
            net.depthwise(&format!("{name}.depthwise"), window(3).stride(stride).pad(1)).norm("norm").relu6();
            net.plain(&format!("{name}.project"), channels, window(1)).norm("norm");
            if stride == 1 && narrow == channels {
                net.add(&format!("{name}.add"), start);
            }
        }
    }
    net.plain("conv9", 1280, window(1)).norm("norm").relu6();
    net.adaptive_pool("avgpool", 1).dropout().flatten().linear("fc", 1000);
    net.finish()
}
