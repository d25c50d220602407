//! The one published table of receptive fields: Araujo, Norris and Sim 2019 (Distill), whose networks are
//! those of TF-Slim, with TensorFlow's padding, on inputs of 224 and 321 cells.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests, though clippy does not know the attribute")]

use convscope_core::graph::{Alignment, Arithmetic, Graph, NodeId, Op, Shape};
use convscope_core::{
    AutoPad, AvgDivisor, Conv2dOptions, Conv2dParams, Layer, Padding2d, Pads, Pool2dOptions, Pool2dParams,
};

/// TensorFlow's two kinds of padding, and Slim's own for strides: half of the kernel on both sides.
#[derive(Clone, Copy, PartialEq)]
enum Pad {
    Same,
    Valid,
    Half,
}
use Pad::{Half, Same, Valid};

struct Net {
    graph: Graph,
    at: NodeId,
    channels: Vec<u64>,
}

type Conv = (u64, [u64; 2], u64, Pad);

fn k(size: u64, channels: u64) -> Conv {
    (channels, [size; 2], 1, Same)
}

fn wide(rows: u64, columns: u64, channels: u64) -> Conv {
    (channels, [rows, columns], 1, Same)
}

impl Net {
    fn new(size: u64) -> Self {
        let mut graph = Graph::new();
        let at = graph.push("input", Op::Input(Shape::from([1, 3, size, size])), &[]).unwrap();
        Self { graph, at, channels: vec![3] }
    }

    fn push(&mut self, op: Op, inputs: &[NodeId], channels: u64) -> NodeId {
        self.at = self.graph.push("", op, inputs).unwrap();
        self.channels.push(channels);
        self.at
    }

    fn width(&self) -> u64 {
        self.channels[self.at.index()]
    }

    fn conv_of(&mut self, (out_channels, kernel_size, stride, pad): Conv, groups: u64) -> &mut Self {
        let half = kernel_size.map(|size| (size - 1) / 2);
        let padding = match pad {
            Same => Padding2d::Same,
            Valid => Padding2d::Valid,
            Half => {
                Padding2d::Explicit(Pads { top: half[0], bottom: half[0], left: half[1], right: half[1] })
            }
        };
        let options = Conv2dOptions {
            in_channels: self.width(),
            out_channels,
            kernel_size,
            stride: [stride; 2],
            padding,
            groups,
            ..Default::default()
        };
        let op = Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap()));
        self.push(op, &[self.at], out_channels);
        self
    }

    fn conv(&mut self, conv: Conv) -> &mut Self {
        self.conv_of(conv, 1)
    }

    fn depthwise(&mut self, kernel: u64, stride: u64, times: u64) -> &mut Self {
        let channels = self.width();
        self.conv_of((channels * times, [kernel; 2], stride, Same), channels)
    }

    fn pool(&mut self, max: bool, kernel: u64, stride: u64, pad: Pad) -> &mut Self {
        let padding = if pad == Same { AutoPad::SameUpper } else { AutoPad::Valid };
        let options =
            Pool2dOptions { kernel_size: [kernel; 2], stride: [stride; 2], padding, ..Default::default() };
        let params = Pool2dParams::new(options).unwrap();
        let layer =
            if max { Layer::MaxPool2d(params) } else { Layer::AvgPool2d(params, AvgDivisor::CountInside) };
        let channels = self.width();
        self.push(Op::Layer(layer), &[self.at], channels);
        self
    }

    /// Convolutions one after the other, from a node on.
    fn branch(&mut self, start: NodeId, convs: &[Conv]) -> NodeId {
        self.at = start;
        convs.iter().for_each(|&conv| {
            self.conv(conv);
        });
        self.at
    }

    fn concat(&mut self, nodes: &[NodeId]) -> NodeId {
        let channels = nodes.iter().map(|node| self.channels[node.index()]).sum();
        self.push(Op::Concat(1), nodes, channels)
    }

    /// Branches side by side, with an average and a projection, or a pool in steps of 2.
    fn module(&mut self, branches: &[&[Conv]], pool: PoolBranch) -> &mut Self {
        let start = self.at;
        let mut ends: Vec<_> = branches.iter().map(|branch| self.branch(start, branch)).collect();
        self.at = start;
        match pool {
            PoolBranch::Project(max, channels) => {
                self.pool(max, 3, 1, Same).conv(k(1, channels));
            }
            PoolBranch::Half(pad) => {
                self.pool(true, 3, 2, pad);
            }
            PoolBranch::None => {}
        }
        if !matches!(pool, PoolBranch::None) {
            ends.push(self.at);
        }
        self.concat(&ends);
        self
    }

    /// A module whose channels are brought back and added to what it started from.
    fn residual(&mut self, branches: &[&[Conv]]) {
        let (start, channels) = (self.at, self.width());
        self.module(branches, PoolBranch::None).conv(k(1, channels));
        self.push(Op::Arithmetic(Arithmetic::Add), &[self.at, start], channels);
    }
}

#[derive(Clone, Copy)]
enum PoolBranch {
    Project(bool, u64),
    Half(Pad),
    None,
}
use PoolBranch::Project;

fn alexnet_v2(net: &mut Net) {
    net.conv((64, [11; 2], 4, Valid)).pool(true, 3, 2, Valid).conv(k(5, 192)).pool(true, 3, 2, Valid);
    net.conv(k(3, 384)).conv(k(3, 384)).conv(k(3, 256)).pool(true, 3, 2, Valid);
}

fn vgg(net: &mut Net, blocks: [u64; 5]) {
    for (layers, channels) in blocks.into_iter().zip([64, 128, 256, 512, 512]) {
        (0..layers).for_each(|_| {
            net.conv(k(3, channels));
        });
        net.pool(true, 2, 2, Valid);
    }
}

/// The width in quarters.
fn mobilenet_v1(net: &mut Net, quarters: u64) {
    net.conv((32 * quarters / 4, [3; 2], 2, Same));
    let narrow = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)];
    for &(channels, stride) in narrow.iter().chain(&[(512, 1); 5]).chain(&[(1024, 2), (1024, 1)]) {
        net.depthwise(3, stride, 1).conv(k(1, channels * quarters / 4));
    }
}

/// Slim's blocks end with their stride.
fn resnet_v1(net: &mut Net, blocks: [u64; 4]) {
    net.conv((64, [7; 2], 2, Half)).pool(true, 3, 2, Same);
    for ((block, units), channels) in (0..).zip(blocks).zip([64, 128, 256, 512]) {
        for unit in 0..units {
            let stride = if unit + 1 == units && block < 3 { 2 } else { 1 };
            let (start, before) = (net.at, net.width());
            let end =
                net.branch(start, &[k(1, channels), (channels, [3; 2], stride, Half), k(1, 4 * channels)]);
            net.at = start;
            if before != 4 * channels {
                net.conv((4 * channels, [1; 2], stride, Same));
            } else if stride > 1 {
                net.pool(true, 1, stride, Same);
            }
            let shortcut = net.at;
            net.push(Op::Arithmetic(Arithmetic::Add), &[end, shortcut], 4 * channels);
        }
    }
}

fn inception_v2(net: &mut Net) {
    net.depthwise(7, 2, 8).conv(k(1, 64)).pool(true, 3, 2, Same).conv(k(1, 64)).conv(k(3, 192));
    net.pool(true, 3, 2, Same);
    let module = |net: &mut Net, [a, b, c, d, e, f]: [u64; 6], max: bool| {
        net.module(&[&[k(1, a)], &[k(1, b), k(3, c)], &[k(1, d), k(3, e), k(3, e)]], Project(max, f));
    };
    let half = |net: &mut Net, [a, b, c, d]: [u64; 4]| {
        let three = (b, [3; 2], 2, Same);
        net.module(&[&[k(1, a), three], &[k(1, c), k(3, d), (d, [3; 2], 2, Same)]], PoolBranch::Half(Same));
    };
    module(net, [64, 64, 64, 64, 96, 32], false);
    module(net, [64, 64, 96, 64, 96, 64], false);
    half(net, [128, 160, 64, 96]);
    module(net, [224, 64, 96, 96, 128, 128], false);
    module(net, [192, 96, 128, 96, 128, 128], false);
    module(net, [160, 128, 160, 128, 160, 96], false);
    module(net, [96, 128, 192, 160, 192, 96], false);
    half(net, [128, 192, 192, 256]);
    module(net, [352, 192, 320, 160, 224, 128], false);
    module(net, [352, 192, 320, 192, 224, 128], true);
}

fn inception_v3(net: &mut Net) {
    let (half, valid) = (|channels| (channels, [3; 2], 2, Valid), |channels| (channels, [3; 2], 1, Valid));
    net.conv(half(32)).conv(valid(32)).conv(k(3, 64)).pool(true, 3, 2, Valid);
    net.conv(k(1, 80)).conv(valid(192)).pool(true, 3, 2, Valid);
    for pooled in [32, 64, 64] {
        net.module(
            &[&[k(1, 64)], &[k(1, 48), k(5, 64)], &[k(1, 64), k(3, 96), k(3, 96)]],
            Project(false, pooled),
        );
    }
    net.module(&[&[half(384)], &[k(1, 64), k(3, 96), half(96)]], PoolBranch::Half(Valid));
    for c in [128, 160, 160, 192] {
        let double = [k(1, c), wide(7, 1, c), wide(1, 7, c), wide(7, 1, c), wide(1, 7, 192)];
        net.module(&[&[k(1, 192)], &[k(1, c), wide(1, 7, c), wide(7, 1, 192)], &double], Project(false, 192));
    }
    let seven = [k(1, 192), wide(1, 7, 192), wide(7, 1, 192), half(192)];
    net.module(&[&[k(1, 192), half(320)], &seven], PoolBranch::Half(Valid));
    for _ in 0..2 {
        let start = net.at;
        let straight = net.branch(start, &[k(1, 320)]);
        let three = net.branch(start, &[k(1, 384)]);
        let double = net.branch(start, &[k(1, 448), k(3, 384)]);
        split_module(net, start, straight, [three, double], 384, 192);
    }
}

/// 1 x 3 beside 3 x 1 behind two branches, and an average.
fn split_module(net: &mut Net, start: NodeId, straight: NodeId, ends: [NodeId; 2], width: u64, pooled: u64) {
    let mut all = vec![straight];
    for end in ends {
        all.push(net.branch(end, &[wide(1, 3, width)]));
        all.push(net.branch(end, &[wide(3, 1, width)]));
    }
    net.at = start;
    net.pool(false, 3, 1, Same).conv(k(1, pooled));
    all.push(net.at);
    net.concat(&all);
}

fn inception_v4(net: &mut Net) {
    let (half, valid) = (|channels| (channels, [3; 2], 2, Valid), |channels| (channels, [3; 2], 1, Valid));
    net.conv(half(32)).conv(valid(32)).conv(k(3, 64));
    net.module(&[&[half(96)]], PoolBranch::Half(Valid));
    let long = [k(1, 64), wide(1, 7, 64), wide(7, 1, 64), valid(96)];
    net.module(&[&[k(1, 64), valid(96)], &long], PoolBranch::None);
    net.module(&[&[half(192)]], PoolBranch::Half(Valid));
    for _ in 0..4 {
        net.module(
            &[&[k(1, 96)], &[k(1, 64), k(3, 96)], &[k(1, 64), k(3, 96), k(3, 96)]],
            Project(false, 96),
        );
    }
    net.module(&[&[half(384)], &[k(1, 192), k(3, 224), half(256)]], PoolBranch::Half(Valid));
    for _ in 0..7 {
        let double = [k(1, 192), wide(7, 1, 192), wide(1, 7, 224), wide(7, 1, 224), wide(1, 7, 256)];
        let single = [k(1, 192), wide(1, 7, 224), wide(7, 1, 256)];
        net.module(&[&[k(1, 384)], &single, &double], Project(false, 128));
    }
    let seven = [k(1, 256), wide(1, 7, 256), wide(7, 1, 320), half(320)];
    net.module(&[&[k(1, 192), half(192)], &seven], PoolBranch::Half(Valid));
    for _ in 0..3 {
        let start = net.at;
        let straight = net.branch(start, &[k(1, 256)]);
        let three = net.branch(start, &[k(1, 384)]);
        let double = net.branch(start, &[k(1, 384), wide(3, 1, 448), wide(1, 3, 512)]);
        split_module(net, start, straight, [three, double], 256, 256);
    }
}

fn inception_resnet_v2(net: &mut Net, pad: Pad) {
    let (half, stem) = (|channels| (channels, [3; 2], 2, pad), |channels| (channels, [3; 2], 1, pad));
    net.conv(half(32)).conv(stem(32)).conv(k(3, 64)).pool(true, 3, 2, pad);
    net.conv(k(1, 80)).conv(stem(192)).pool(true, 3, 2, pad);
    net.module(&[&[k(1, 96)], &[k(1, 48), k(5, 64)], &[k(1, 64), k(3, 96), k(3, 96)]], Project(false, 64));
    for _ in 0..10 {
        net.residual(&[&[k(1, 32)], &[k(1, 32), k(3, 32)], &[k(1, 32), k(3, 48), k(3, 64)]]);
    }
    net.module(&[&[half(384)], &[k(1, 256), k(3, 256), half(384)]], PoolBranch::Half(pad));
    for _ in 0..20 {
        net.residual(&[&[k(1, 192)], &[k(1, 128), wide(1, 7, 160), wide(7, 1, 192)]]);
    }
    let three: [&[Conv]; 3] =
        [&[k(1, 256), half(384)], &[k(1, 256), half(288)], &[k(1, 256), k(3, 288), half(320)]];
    net.module(&three, PoolBranch::Half(pad));
    for _ in 0..10 {
        net.residual(&[&[k(1, 192)], &[k(1, 192), wide(1, 3, 224), wide(3, 1, 256)]]);
    }
    net.conv(k(1, 1536));
}

type Row = (&'static str, fn(&mut Net), u64, [i64; 2], Option<u128>);

/// Name, network, field, padding at 224 and at 321, and FLOPs at 224 in hundredths of 10^9.
const TABLE: [Row; 13] = [
    ("alexnet_v2", alexnet_v2, 195, [64, 64], None),
    ("vgg_a", |net| vgg(net, [1, 1, 2, 2, 2]), 150, [59, 59], Some(1498)),
    ("vgg_16", |net| vgg(net, [2, 2, 3, 3, 3]), 212, [90, 90], Some(3071)),
    ("mobilenet_v1", |net| mobilenet_v1(net, 4), 315, [126, 157], Some(114)),
    ("mobilenet_v1_075", |net| mobilenet_v1(net, 3), 315, [126, 157], Some(65)),
    ("resnet_v1_50", |net| resnet_v1(net, [3, 4, 6, 3]), 483, [239, 241], Some(696)),
    ("resnet_v1_101", |net| resnet_v1(net, [3, 4, 23, 3]), 1027, [511, 513], Some(1439)),
    ("resnet_v1_152", |net| resnet_v1(net, [3, 8, 36, 3]), 1507, [751, 753], Some(2181)),
    ("resnet_v1_200", |net| resnet_v1(net, [3, 24, 36, 3]), 1763, [879, 881], Some(2880)),
    ("inception_v2", inception_v2, 699, [318, 349], Some(388)),
    ("inception_v3", inception_v3, 1311, [618, 618], Some(569)),
    ("inception_v4", inception_v4, 2071, [998, 998], Some(1227)),
    ("inception_resnet_v2", |net| inception_resnet_v2(net, Valid), 3039, [1482, 1482], Some(1296)),
];

#[test]
fn fields_are_those_of_the_published_table() {
    let same: Row =
        ("inception_resnet_v2_same", |net| inception_resnet_v2(net, Same), 3039, [1488, 1519], Some(1776));
    for (name, build, size, paddings, flops) in TABLE.into_iter().chain([same]) {
        for (input, padding) in [224, 321].into_iter().zip(paddings) {
            let mut net = Net::new(input);
            build(&mut net);
            let analysis = net.graph.analyse();
            assert_eq!(analysis.first_error(), None, "{name}");
            let fields = analysis.fields(net.at).unwrap();
            for field in fields {
                let field = field.uniform().unwrap();
                assert_eq!((field.size, field.jump, -field.start), (size, 32, padding), "{name} at {input}");
            }
            // The article's networks are all aligned, which it checks as well.
            assert_eq!(analysis.misalignment(net.at, 0), None, "{name}");
            let Some(flops) = flops.filter(|_| input == 224) else { continue };
            // The table counts biases too, which are less than 2.5 % of any.
            let ours = analysis.totals().flops() / 1_000_000;
            let published = 10 * flops;
            assert!(ours <= published + 5 && 1000 * ours >= 975 * published, "{name}: {ours} of {published}");
        }
    }
}

#[test]
fn a_feature_of_inception_resnet_v2_is_centred_where_the_library_says() {
    let mut net = Net::new(224);
    inception_resnet_v2(&mut net, Valid);
    let analysis = net.graph.analyse();
    let fields = analysis.fields(net.at).unwrap();
    // Of feature [0, 2], as pixels counted from 0.
    let centres = [0_usize, 1].map(|side| {
        let [first, last] = fields[side].periodic().unwrap().span([0, 2][side]).unwrap().unwrap();
        (first + last) / 2
    });
    assert_eq!(centres, [37, 101]);
}

/// A toy of the library's tests: a 1 x 1 in steps of 4 beside a pad, a 3 x 3 in steps of 2 and a 1 x 1 in
/// steps of 2.
#[test]
fn the_librarys_toys_are_aligned_or_not() {
    let toy = |padded: bool| {
        let mut net = Net::new(32);
        let start = net.at;
        let left = net.branch(start, &[(1, [1; 2], 4, Valid)]);
        let first = if padded { (1, [3; 2], 2, Half) } else { (1, [3; 2], 2, Valid) };
        let right = net.branch(start, &[first, (1, [1; 2], 2, Valid)]);
        let add = net.push(Op::Arithmetic(Arithmetic::Add), &[left, right], 1);
        (net, add)
    };
    let (net, add) = toy(true);
    let analysis = net.graph.analyse();
    let field = analysis.fields(add).unwrap()[0].uniform().unwrap();
    assert_eq!((field.size, field.jump, field.start), (3, 4, -1));
    assert_eq!(analysis.merge(add, 0).unwrap().alignment, Alignment::Aligned);
    let (net, add) = toy(false);
    let analysis = net.graph.analyse();
    let merge = analysis.misalignment(add, 1).unwrap();
    assert_eq!(merge.node, add);
    let Alignment::Centres { branches, apart } = merge.alignment else { panic!("{merge:?}") };
    assert_eq!((branches, apart.numerator(), apart.denominator()), ([0, 1], 1, 1));
}
