//! Networks whose layers meet those before them: ResNet, DenseNet and U-Net.

use super::builder::{Builder, window};
use crate::graph::Graph;

/// Which convolution of a bottleneck block moves in steps of 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StridePlacement {
    /// The 3 x 3, as in torchvision and "ResNet v1.5".
    Middle,
    /// The first 1 x 1, as in the paper: three quarters of its input are then read by nobody.
    First,
}

/// He, Zhang, Ren and Sun 2016, table 1: so many blocks of two 3 x 3 in each stage.
pub(super) fn resnet_basic(blocks: [u64; 4]) -> Graph {
    resnet(blocks, 512, |net, name, channels, stride| {
        let start = net.here();
        net.plain(&format!("{name}.conv1"), channels, window(3).stride(stride).pad(1)).norm("norm").relu();
        net.plain(&format!("{name}.conv2"), channels, window(3).pad(1)).norm("norm");
        shortcut(net, name, start, channels, stride);
    })
}

/// The same table: so many blocks of 1 x 1, 3 x 3 and 1 x 1 in each stage.
pub(super) fn resnet_bottleneck(blocks: [u64; 4], placement: StridePlacement) -> Graph {
    resnet(blocks, 2048, move |net, name, channels, stride| {
        let start = net.here();
        let strides = match placement {
            StridePlacement::First => [stride, 1],
            StridePlacement::Middle => [1, stride],
        };
        net.plain(&format!("{name}.conv1"), channels, window(1).stride(strides[0])).norm("norm").relu();
        net.plain(&format!("{name}.conv2"), channels, window(3).stride(strides[1]).pad(1))
            .norm("norm")
            .relu();
        net.plain(&format!("{name}.conv3"), 4 * channels, window(1)).norm("norm");
        shortcut(net, name, start, 4 * channels, stride);
    })
}

fn resnet(blocks: [u64; 4], features: u64, block: impl Fn(&mut Builder, &str, u64, u64)) -> Graph {
    let mut net = Builder::new([1, 3, 224, 224]);
    net.plain("conv1", 64, window(7).stride(2).pad(3)).norm("norm").relu();
    net.max_pool("maxpool", window(3).stride(2).pad(1));
    for ((stage, n_blocks), channels) in (1..).zip(blocks).zip([64, 128, 256, 512]) {
        for i in 0..n_blocks {
            let stride = if i == 0 && stage > 1 { 2 } else { 1 };
            block(&mut net, &format!("layer{stage}.{i}"), channels, stride);
        }
    }
    net.adaptive_pool("avgpool", 1).flatten();
    debug_assert_eq!(net.width(), features);
    net.linear("fc", 1000);
    net.finish()
}

/// Adds what the block started from, brought to the same shape where it differs.
fn shortcut(net: &mut Builder, name: &str, start: crate::graph::NodeId, channels: u64, stride: u64) {
    let end = net.here();
    if stride != 1 || net.go_to(start).width() != channels {
        net.go_to(start)
            .plain(&format!("{name}.downsample"), channels, window(1).stride(stride))
            .norm("norm");
        let start = net.here();
        net.go_to(end).add(&format!("{name}.add"), start).relu();
    } else {
        net.go_to(end).add(&format!("{name}.add"), start).relu();
    }
}

/// Huang, Liu, van der Maaten and Weinberger 2017, table 1: 121 layers with a growth of 32.
pub(super) fn densenet_121() -> Graph {
    let mut net = Builder::new([1, 3, 224, 224]);
    net.plain("conv0", 64, window(7).stride(2).pad(3)).norm("norm0").relu();
    net.max_pool("pool0", window(3).stride(2).pad(1));
    for (block, layers) in (1..).zip([6, 12, 24, 16]) {
        let mut maps = vec![net.here()];
        for layer in 1..=layers {
            let name = format!("block{block}.layer{layer}");
            if maps.len() > 1 {
                net.concat(&format!("{name}.concat"), &maps);
            }
            net.norm("norm1").relu().plain(&format!("{name}.conv1"), 128, window(1));
            net.norm("norm2").relu().plain(&format!("{name}.conv2"), 32, window(3).pad(1));
            maps.push(net.here());
        }
        net.concat(&format!("block{block}.concat"), &maps).norm("norm").relu();
        if block < 4 {
            let half = net.width() / 2;
            let name = format!("transition{block}");
            net.plain(&format!("{name}.conv"), half, window(1));
            net.avg_pool(&format!("{name}.pool"), window(2).stride(2));
        }
    }
    net.adaptive_pool("avgpool", 1).flatten().linear("classifier", 1000);
    net.finish()
}

/// Ronneberger, Fischer and Brox 2015, figure 1: without padding on a map of 572 cells, whose skips are
/// cropped; or with padding that keeps sizes, on colours.
pub(super) fn u_net(same: bool) -> Graph {
    let mut net = Builder::new(if same { [1, 3, 256, 256] } else { [1, 1, 572, 572] });
    let conv = window(3).pad(u64::from(same));
    let twice = |net: &mut Builder, name: &str, channels: u64| {
        net.conv(&format!("{name}.conv1"), channels, conv).relu();
        net.conv(&format!("{name}.conv2"), channels, conv).relu();
    };
    let mut skips = Vec::new();
    for (level, channels) in (1..).zip([64, 128, 256, 512]) {
        twice(&mut net, &format!("down{level}"), channels);
        skips.push(net.here());
        net.max_pool(&format!("pool{level}"), window(2).stride(2));
    }
    twice(&mut net, "bottom", 1024);
    // Half of what the skip is longer by: 64 - 56, 136 - 104, 280 - 200 and 568 - 392.
    for ((level, channels), crop) in [(4, 512), (3, 256), (2, 128), (1, 64)].into_iter().zip([4, 16, 40, 88])
    {
        net.doubled(&format!("up{level}.doubled"), channels);
        let (below, skip) = (net.here(), skips[level - 1]);
        let skip = if same { skip } else { net.go_to(skip).crop(&format!("up{level}.crop"), crop).here() };
        net.concat(&format!("up{level}.concat"), &[skip, below]);
        twice(&mut net, &format!("up{level}"), channels);
    }
    net.conv("classes", 2, window(1));
    net.finish()
}
