//! Networks in one line: LeNet, AlexNet, VGG, the agent's and the critic's, and short examples.

use super::builder::{Builder, wide, window};
use crate::activation::Activation;
use crate::graph::Graph;

/// The course's own example: fields 3, 5, 6, 10 and jumps 1, 1, 2, 2.
pub(super) fn course(pad: u64) -> Graph {
    let mut net = Builder::new([1, 3, 14, 14]);
    net.conv("conv1", 8, window(3).pad(pad)).conv("conv2", 8, window(3).pad(pad));
    net.max_pool("pool", window(2).stride(2)).conv("conv3", 8, window(3).pad(pad));
    net.finish()
}

/// Three 3 x 3 convolutions with holes, which keep the size.
pub(super) fn dilated(dilations: [u64; 3]) -> Graph {
    let mut net = Builder::new([1, 1, 32, 32]);
    for (i, dilation) in (1..).zip(dilations) {
        net.conv(&format!("conv{i}"), 1, window(3).dilation(dilation).same());
    }
    net.finish()
}

/// LeCun, Bottou, Bengio and Haffner 1998, figure 2, with every map of C3 reading all of S2 and plain
/// averages in S2 and S4.
pub(super) fn lenet_5() -> Graph {
    let mut net = Builder::new([1, 1, 32, 32]);
    net.conv("c1", 6, window(5)).activation(Activation::Tanh).avg_pool("s2", window(2).stride(2));
    net.conv("c3", 16, window(5)).activation(Activation::Tanh).avg_pool("s4", window(2).stride(2));
    net.conv("c5", 120, window(5)).activation(Activation::Tanh).flatten();
    net.linear("f6", 84).activation(Activation::Tanh).linear("output", 10);
    net.finish()
}

/// Krizhevsky 2014 ("One weird trick"), figure 2: the network of 2012 in one column, as torchvision has it.
pub(super) fn alexnet() -> Graph {
    let mut net = Builder::new([1, 3, 224, 224]);
    let pool = window(3).stride(2);
    net.conv("conv1", 64, window(11).stride(4).pad(2)).relu().max_pool("pool1", pool);
    net.conv("conv2", 192, window(5).same()).relu().max_pool("pool2", pool);
    net.conv("conv3", 384, window(3).same()).relu();
    net.conv("conv4", 256, window(3).same()).relu();
    net.conv("conv5", 256, window(3).same()).relu().max_pool("pool5", pool);
    net.adaptive_pool("avgpool", 6).flatten();
    net.dropout().linear("fc6", 4096).relu();
    net.dropout().linear("fc7", 4096).relu().linear("fc8", 1000);
    net.finish()
}

/// Simonyan and Zisserman 2015, table 1: so many convolutions before each pool.
pub(super) fn vgg(blocks: [u64; 5]) -> Graph {
    let mut net = Builder::new([1, 3, 224, 224]);
    for ((block, layers), channels) in (1..).zip(blocks).zip([64, 128, 256, 512, 512]) {
        for layer in 1..=layers {
            net.conv(&format!("conv{block}_{layer}"), channels, window(3).same()).relu();
        }
        net.max_pool(&format!("pool{block}"), window(2).stride(2));
    }
    net.adaptive_pool("avgpool", 7).flatten();
    for name in ["fc6", "fc7"] {
        net.linear(name, 4096).relu().dropout();
    }
    net.linear("fc8", 1000);
    net.finish()
}

/// Mnih et al. 2015, extended data table 1, for 4 actions.
pub(super) fn dqn() -> Graph {
    let mut net = Builder::new([1, 4, 84, 84]);
    net.conv("conv1", 32, window(8).stride(4)).relu();
    net.conv("conv2", 64, window(4).stride(2)).relu();
    net.conv("conv3", 64, window(3)).relu().flatten();
    net.linear("fc4", 512).relu().linear("output", 4);
    net.finish()
}

/// Isola, Zhu, Zhou and Efros 2017, section 6.1.2: the discriminator of 70 x 70, of an input beside an
/// output.
pub(super) fn patch_gan() -> Graph {
    let mut net = Builder::new([1, 6, 256, 256]);
    net.conv("conv1", 64, wide(4, 4).stride(2).pad(1)).activation(Activation::LeakyRelu);
    for (name, channels, stride) in [("conv2", 128, 2), ("conv3", 256, 2), ("conv4", 512, 1)] {
        net.plain(name, channels, window(4).stride(stride).pad(1))
            .norm("norm")
            .activation(Activation::LeakyRelu);
    }
    net.conv("conv5", 1, window(4).pad(1));
    net.finish()
}
