//! Networks of modules with several branches: GoogLeNet, Inception v3 and SqueezeNet.

use super::builder::{Builder, Window, wide, window};
use crate::graph::{Graph, NodeId};

/// Szegedy et al. 2015, table 1, without the auxiliary classifiers; pools rounded up, as in its Caffe model.
pub(super) fn googlenet() -> Graph {
    let mut net = Builder::new([1, 3, 224, 224]);
    let pool = window(3).stride(2).ceil();
    net.conv("conv1", 64, window(7).stride(2).pad(3)).relu().max_pool("pool1", pool).local_response("norm1");
    net.conv("conv2.reduce", 64, window(1)).relu();
    net.conv("conv2", 192, window(3).pad(1)).relu().local_response("norm2").max_pool("pool2", pool);
    for (name, widths) in [
        ("3a", [64, 96, 128, 16, 32, 32]),
        ("3b", [128, 128, 192, 32, 96, 64]),
        ("4a", [192, 96, 208, 16, 48, 64]),
        ("4b", [160, 112, 224, 24, 64, 64]),
        ("4c", [128, 128, 256, 24, 64, 64]),
        ("4d", [112, 144, 288, 32, 64, 64]),
        ("4e", [256, 160, 320, 32, 128, 128]),
        ("5a", [256, 160, 320, 32, 128, 128]),
        ("5b", [384, 192, 384, 48, 128, 128]),
    ] {
        if name == "4a" || name == "5a" {
            net.max_pool(if name == "4a" { "pool3" } else { "pool4" }, pool);
        }
        let [one, reduce3, three, reduce5, five, pooled] = widths;
        let start = net.here();
        let conv = |net: &mut Builder, branch: &str, channels: u64, window: Window| {
            net.conv(&format!("{name}.{branch}"), channels, window.same()).relu().here()
        };
        let a = conv(&mut net, "1x1", one, window(1));
        conv(net.go_to(start), "3x3.reduce", reduce3, window(1));
        let b = conv(&mut net, "3x3", three, window(3));
        conv(net.go_to(start), "5x5.reduce", reduce5, window(1));
        let c = conv(&mut net, "5x5", five, window(5));
        net.go_to(start).max_pool(&format!("{name}.pool"), window(3).same());
        let d = conv(&mut net, "pool.project", pooled, window(1));
        net.concat(&format!("{name}.concat"), &[a, b, c, d]);
    }
    net.adaptive_pool("avgpool", 1).dropout().flatten().linear("fc", 1000);
    net.finish()
}

/// A branch: convolutions one after the other, each with its norm.
type Branch<'a> = &'a [(u64, Window)];

/// Szegedy, Vanhoucke, Ioffe, Shlens and Wojna 2016, table 1, as released, without the auxiliary classifier.
pub(super) fn inception_v3() -> Graph {
    let mut net = Inception { net: Builder::new([1, 3, 299, 299]) };
    let (one, three, five) = (window(1), window(3).same(), window(5).same());
    let (row, column) = (wide(1, 7).same(), wide(7, 1).same());
    let half = window(3).stride(2);
    net.convs("stem", &[(32, half), (32, window(3)), (64, three)]);
    net.net.max_pool("pool1", half);
    net.convs("stem.b", &[(80, one), (192, window(3))]);
    net.net.max_pool("pool2", half);
    for (name, pooled) in [("5b", 32), ("5c", 64), ("5d", 64)] {
        let branches: [Branch<'_>; 3] =
            [&[(64, one)], &[(48, one), (64, five)], &[(64, one), (96, three), (96, three)]];
        net.module(name, &branches, Some(pooled));
    }
    net.module("6a", &[&[(384, half)], &[(64, one), (96, three), (96, half)]], None);
    for (name, c) in [("6b", 128), ("6c", 160), ("6d", 160), ("6e", 192)] {
        let branches: [Branch<'_>; 3] = [
            &[(192, one)],
            &[(c, one), (c, row), (192, column)],
            &[(c, one), (c, column), (c, row), (c, column), (192, row)],
        ];
        net.module(name, &branches, Some(192));
    }
    let branches: [Branch<'_>; 2] =
        [&[(192, one), (320, half)], &[(192, one), (192, row), (192, column), (192, half)]];
    net.module("7a", &branches, None);
    for name in ["7b", "7c"] {
        let start = net.net.here();
        let straight = net.convs(&format!("{name}.1x1"), &[(320, one)]);
        net.net.go_to(start);
        net.convs(&format!("{name}.3x3"), &[(384, one)]);
        let split = net.split(&format!("{name}.3x3"));
        net.net.go_to(start);
        net.convs(&format!("{name}.double"), &[(448, one), (384, three)]);
        let double = net.split(&format!("{name}.double"));
        net.net.go_to(start);
        let pooled = net.pooled(name, 192);
        net.net.concat(&format!("{name}.concat"), &[straight, split, double, pooled]);
    }
    net.net.adaptive_pool("avgpool", 1).dropout().flatten().linear("fc", 1000);
    net.net.finish()
}

struct Inception {
    net: Builder,
}

impl Inception {
    fn convs(&mut self, name: &str, branch: Branch<'_>) -> NodeId {
        for (i, &(channels, window)) in (1..).zip(branch) {
            self.net.plain(&format!("{name}.conv{i}"), channels, window).norm("norm").relu();
        }
        self.net.here()
    }

    /// Branches side by side; the last one averages and projects, or takes maxima in steps of 2.
    fn module(&mut self, name: &str, branches: &[Branch<'_>], pooled: Option<u64>) {
        let start = self.net.here();
        let mut ends = Vec::new();
        for (i, branch) in (1..).zip(branches) {
            self.net.go_to(start);
            ends.push(self.convs(&format!("{name}.branch{i}"), branch));
        }
        self.net.go_to(start);
        ends.push(match pooled {
            Some(channels) => self.pooled(name, channels),
            None => self.net.max_pool(&format!("{name}.pool"), window(3).stride(2)).here(),
        });
        self.net.concat(&format!("{name}.concat"), &ends);
    }

    fn pooled(&mut self, name: &str, channels: u64) -> NodeId {
        self.net.avg_pool(&format!("{name}.pool"), window(3).same());
        self.convs(&format!("{name}.pool"), &[(channels, window(1))])
    }

    /// 1 x 3 beside 3 x 1.
    fn split(&mut self, name: &str) -> NodeId {
        let start = self.net.here();
        let row = self.convs(&format!("{name}.row"), &[(384, wide(1, 3).same())]);
        self.net.go_to(start);
        let column = self.convs(&format!("{name}.column"), &[(384, wide(3, 1).same())]);
        self.net.concat(&format!("{name}.split"), &[row, column]).here()
    }
}

/// Iandola et al. 2016, table 1: version 1.0, pools rounded up.
pub(super) fn squeezenet() -> Graph {
    let mut net = Builder::new([1, 3, 224, 224]);
    let pool = window(3).stride(2).ceil();
    net.conv("conv1", 96, window(7).stride(2)).relu().max_pool("pool1", pool);
    let widths = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)];
    for (i, (squeezed, expanded)) in (2..).zip(widths) {
        let name = format!("fire{i}");
        let start = net.conv(&format!("{name}.squeeze"), squeezed, window(1)).relu().here();
        let small = net.conv(&format!("{name}.expand1x1"), expanded, window(1)).relu().here();
        let large =
            net.go_to(start).conv(&format!("{name}.expand3x3"), expanded, window(3).pad(1)).relu().here();
        net.concat(&format!("{name}.concat"), &[small, large]);
        if i == 4 || i == 8 {
            net.max_pool(&format!("pool{i}"), pool);
        }
    }
    net.dropout().conv("conv10", 1000, window(1)).relu().adaptive_pool("avgpool", 1).flatten();
    net.finish()
}
