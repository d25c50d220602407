//! Every network is possible, and has the parameters, multiplications and fields that others publish.

use super::*;
use crate::graph::{Analysis, NodeId, Shape};
use crate::receptive_field::ReceptiveField;

/// The last node that is a map of more than one unit, where fields have a rule.
fn last_map(analysis: &Analysis) -> NodeId {
    let ids = analysis.graph().ids().rev();
    let map = |id: &NodeId| analysis.fields(*id).unwrap()[0].periodic().is_some();
    ids.into_iter().find(map).unwrap()
}

fn at(analysis: &Analysis, name: &str) -> ReceptiveField {
    let id = analysis.graph().find(name).unwrap_or_else(|| panic!("no {name}"));
    analysis.fields(id).unwrap()[0].uniform().unwrap()
}

#[test]
fn every_network_is_possible_and_found_by_its_name() {
    for net in Zoo::ALL {
        let graph = net.build();
        assert_eq!(graph.analyse().first_error(), None, "{net:?}");
        assert_eq!(Zoo::of_id(net.id()), Some(*net));
    }
    assert_eq!(Zoo::of_id("nothing"), None);
}

/// torchvision's counts, but for LeNet-5 and DQN (their papers' layers), GoogLeNet (its Caffe model),
/// MobileNet v1 (its Keras model) and PatchGAN (pix2pix).
#[test]
fn parameters_are_as_published() {
    for (net, params) in [
        (Zoo::LeNet5, 61_706),
        (Zoo::AlexNet, 61_100_840),
        (Zoo::Vgg11, 132_863_336),
        (Zoo::Vgg16, 138_357_544),
        (Zoo::Vgg19, 143_667_240),
        (Zoo::GoogLeNet, 6_998_552),
        (Zoo::InceptionV3, 23_834_568),
        (Zoo::ResNet18, 11_689_512),
        (Zoo::ResNet34, 21_797_672),
        (Zoo::ResNet50, 25_557_032),
        (Zoo::ResNet50Original, 25_557_032),
        (Zoo::ResNet101, 44_549_160),
        (Zoo::ResNet101Original, 44_549_160),
        (Zoo::SqueezeNet, 1_248_424),
        (Zoo::MobileNetV1, 4_231_976),
        (Zoo::MobileNetV2, 3_504_872),
        (Zoo::DenseNet121, 7_978_856),
        (Zoo::PatchGan, 2_768_705),
        (Zoo::Dqn, 1_686_180),
    ] {
        assert_eq!(net.build().analyse().totals().params, params, "{net:?}");
    }
}

/// torchvision's `_ops` in thousandths of GMACs.
#[test]
fn multiplications_are_as_published() {
    for (net, milli) in [
        (Zoo::AlexNet, 714),
        (Zoo::Vgg11, 7_609),
        (Zoo::Vgg16, 15_470),
        (Zoo::Vgg19, 19_632),
        (Zoo::InceptionV3, 5_713),
        (Zoo::ResNet18, 1_814),
        (Zoo::ResNet34, 3_664),
        (Zoo::ResNet50, 4_089),
        (Zoo::ResNet101, 7_801),
        (Zoo::SqueezeNet, 819),
        (Zoo::MobileNetV2, 301),
        (Zoo::DenseNet121, 2_834),
    ] {
        let macs = net.build().analyse().totals().macs;
        assert_eq!((macs + 500_000) / 1_000_000, milli, "{net:?}");
    }
}

#[test]
fn fields_are_as_published() {
    for (net, size, jump) in [
        (Zoo::LeNet5, 32, 4),
        (Zoo::AlexNet, 195, 32),
        (Zoo::Vgg11, 150, 32),
        (Zoo::Vgg16, 212, 32),
        (Zoo::Vgg19, 268, 32),
        (Zoo::ResNet18, 435, 32),
        (Zoo::ResNet34, 899, 32),
        (Zoo::ResNet50, 427, 32),
        (Zoo::ResNet50Original, 483, 32),
        (Zoo::ResNet101, 971, 32),
        (Zoo::ResNet101Original, 1027, 32),
        (Zoo::InceptionV3, 1311, 32),
        (Zoo::MobileNetV1, 315, 32),
        (Zoo::MobileNetV2, 491, 32),
        (Zoo::PatchGan, 70, 8),
        (Zoo::Dilated222, 13, 1),
        (Zoo::Dilated125, 17, 1),
    ] {
        let graph = net.build();
        let analysis = graph.analyse();
        // Adaptive pools to the size that there is and flattened maps of one unit pass fields on.
        let fields = analysis.fields(last_map(&analysis)).unwrap();
        for field in fields {
            let field = field.uniform().unwrap();
            assert_eq!((field.size, field.jump), (size, jump), "{net:?}");
        }
    }
    let (graph, conv3) = (Zoo::Dqn.build(), "conv3");
    assert_eq!(at(&graph.analyse(), conv3).size, 36);
}

#[test]
fn the_courses_example_has_the_courses_numbers() {
    for (net, starts) in [(Zoo::Course, [0, 0, 0, 0]), (Zoo::CoursePadded, [-1, -2, -2, -4])] {
        let graph = net.build();
        let analysis = graph.analyse();
        let fields = ["conv1", "conv2", "pool", "conv3"].map(|name| at(&analysis, name));
        assert_eq!(fields.map(|field| field.size), [3, 5, 6, 10]);
        assert_eq!(fields.map(|field| field.jump), [1, 1, 2, 2]);
        assert_eq!(fields.map(|field| field.start), starts);
    }
}

#[test]
fn vgg_16_and_resnet_50_grow_as_published() {
    let graph = Zoo::Vgg16.build();
    let analysis = graph.analyse();
    let windows = graph.ids().filter(|id| matches!(graph.node(*id).op, crate::graph::Op::Layer(_)));
    let sizes: Vec<_> = windows.map(|id| analysis.fields(id).unwrap()[1].uniform().unwrap().size).collect();
    assert_eq!(sizes, [3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212]);
    let graph = Zoo::ResNet50Original.build();
    let analysis = graph.analyse();
    let blocks = ["layer1.2.add", "layer2.3.add", "layer3.5.add", "layer4.2.add"];
    assert_eq!(blocks.map(|name| at(&analysis, name).size), [35, 99, 291, 483]);
}

#[test]
fn fields_of_u_net_depend_on_where_the_unit_stands() {
    // Without padding the first output stands over input cell 92.
    for (net, start) in [(Zoo::UNet, -96 + 92), (Zoo::UNetSame, -96)] {
        let graph = net.build();
        let analysis = graph.analyse();
        let last = graph.last().unwrap();
        for field in analysis.fields(last).unwrap() {
            let field = field.periodic().unwrap();
            assert_eq!((field.units(), field.advance()), (16, 16));
            let count = |size| field.sizes().into_iter().filter(|&own| own == size).count();
            assert_eq!([count(188), count(204)], [4, 12]);
            let first = (0..16).find(|unit| field.sizes()[*unit as usize] == 204).unwrap();
            let [from, to] = field.span(first).unwrap().unwrap();
            assert_eq!([from - first, to - first], [start, start + 203]);
            // Every cell between is read.
            assert!(field.phases().iter().all(|cells| cells.runs().len() == 1));
        }
        // Skips never set the field.
        let merge = analysis.merge(graph.find("up1.concat").unwrap(), 0).unwrap();
        assert_eq!(merge.sets, Some([1, 1]));
    }
    let graph = Zoo::UNet.build();
    let analysis = graph.analyse();
    let shape = analysis.value(graph.last().unwrap()).unwrap().tensor();
    assert_eq!(shape, Some(&Shape::from([1, 2, 388, 388])));
}

#[test]
fn equal_dilations_leave_holes_and_growing_ones_do_not() {
    for (net, span, support) in [(Zoo::Dilated222, 13, 7), (Zoo::Dilated125, 17, 17)] {
        let graph = net.build();
        let analysis = graph.analyse();
        let field = analysis.fields(graph.last().unwrap()).unwrap()[0].periodic().unwrap();
        assert_eq!((field.size(), field.support()), (span, support));
    }
}
