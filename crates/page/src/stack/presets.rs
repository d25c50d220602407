//! Networks to open: the course's example, small ones that show one thing, and those that everybody knows.

use std::sync::Arc;

use convscope_core::graph::notation;
use convscope_core::graph::zoo::Zoo;

use super::model::StackModel;

/// A network with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackPreset {
    /// The heading under which it stands.
    pub group: &'static str,
    /// What a reader sees in the list.
    pub label: &'static str,
    /// One sentence on what there is to see, or where it comes from.
    pub about: &'static str,
    /// What opens.
    pub layers: PresetLayers,
}

/// Where the layers of a preset stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresetLayers {
    /// In the core.
    Zoo(Zoo),
    /// Here, in the notation of links.
    Text(&'static str),
}

const START: &str = "Start here";
const HOLES: &str = "Holes and edges";
const BRANCHES: &str = "Branches";
const CHAINS: &str = "Chains of layers";
const RESIDUAL: &str = "Residual and dense";
const INCEPTION: &str = "Inception";
const SMALL: &str = "Small and fast";
const IMAGES: &str = "Image to image";

/// Every preset, in the order of the list on the page.
pub const STACK_PRESETS: &[StackPreset] = &[
    zoo(START, "The course’s example", "Two 3 × 3, a pool of 2, a 3 × 3: fields 3, 5, 6, 10.", Zoo::Course),
    zoo(
        START,
        "The same with padding 1",
        "The fields are the same; units at the edge look beyond the image.",
        Zoo::CoursePadded,
    ),
    text(
        START,
        "Three 3 × 3",
        "They see 7 × 7, as much as one kernel of 7 × 7, with 55 % of its weights.",
        "i1x16x32x32.c16k3p1.c16k3p1.c16k3p1",
    ),
    text(START, "One 7 × 7", "The same field as three 3 × 3, in one layer.", "i1x16x32x32.c16k7p3"),
    zoo(
        HOLES,
        "Dilations 2, 2, 2",
        "The field spans 13 cells, but only every second one is read: holes everywhere.",
        Zoo::Dilated222,
    ),
    zoo(HOLES, "Dilations 1, 2, 5", "The field spans 17 cells, and all of them are read.", Zoo::Dilated125),
    text(
        HOLES,
        "Stride larger than the kernel",
        "A 1 × 1 in steps of 2 leaves three quarters of the pixels unread.",
        "i1x3x32x32.c8k3p1.c16s2.c16k3p1",
    ),
    text(
        HOLES,
        "Transposed, kernel 3, stride 2",
        "Units see 3 or 5 cells by their place, which is where checkerboards come from.",
        "i1x3x32x32.c8k3s2p1.t8k3s2p1o1",
    ),
    text(
        HOLES,
        "Enlarged, then 3 × 3",
        "Nearest neighbours and a convolution in place of a transposed one.",
        "i1x3x32x32.c8k3s2p1.ub2.c8k3p1",
    ),
    text(
        BRANCHES,
        "A residual block",
        "The sum sees what its longer branch sees; the skip adds nothing to the field.",
        "i1x16x32x32.c16k3p1.b.r.c16k3p1.b.ja_1,6.r",
    ),
    text(
        BRANCHES,
        "Branches that disagree",
        "A 3 × 3 without padding beside a 1 × 1: their centres lie apart (Araujo et al. 2019).",
        "i1x1x32x32.c1s4.c1k3s2_2.c1s2.ja_3,1",
    ),
    text(
        BRANCHES,
        "A row beside a column",
        "1 × 3 beside 3 × 1 see a plus, which is no rectangle.",
        "i1x8x32x32.c8k1x3p0x1.c8k3x1p1x0_2.q_2,1",
    ),
    text(
        BRANCHES,
        "A gate",
        "Squeeze and excitation: a branch that sees the whole map scales another.",
        "i1x16x32x32.c16k3p1.A.c4.r.c16.esigmoid.jm_1,6",
    ),
    zoo(CHAINS, "LeNet-5", "LeCun et al. 1998: 32 cells behind the last convolution.", Zoo::LeNet5),
    zoo(CHAINS, "AlexNet", "Krizhevsky 2014: a first layer of 11 × 11 in steps of 4.", Zoo::AlexNet),
    zoo(CHAINS, "VGG-11", "Simonyan and Zisserman 2015, configuration A.", Zoo::Vgg11),
    zoo(CHAINS, "VGG-16", "Simonyan and Zisserman 2015, configuration D: 212 cells at pool 5.", Zoo::Vgg16),
    zoo(CHAINS, "VGG-19", "Simonyan and Zisserman 2015, configuration E.", Zoo::Vgg19),
    zoo(RESIDUAL, "ResNet-18", "He et al. 2016: two 3 × 3 in each block.", Zoo::ResNet18),
    zoo(RESIDUAL, "ResNet-34", "He et al. 2016: the same with twice as many blocks.", Zoo::ResNet34),
    zoo(
        RESIDUAL,
        "ResNet-50, stride in the 3 × 3",
        "As torchvision has it, also called v1.5: 427 cells.",
        Zoo::ResNet50,
    ),
    zoo(
        RESIDUAL,
        "ResNet-50, stride in the 1 × 1",
        "As in the paper: 483 cells, and pixels between that a block does not read.",
        Zoo::ResNet50Original,
    ),
    zoo(RESIDUAL, "ResNet-101, stride in the 3 × 3", "As torchvision has it: 971 cells.", Zoo::ResNet101),
    zoo(RESIDUAL, "ResNet-101, stride in the 1 × 1", "As in the paper: 1,027 cells.", Zoo::ResNet101Original),
    zoo(
        RESIDUAL,
        "DenseNet-121",
        "Huang et al. 2017: every layer of a block reads all before it.",
        Zoo::DenseNet121,
    ),
    zoo(INCEPTION, "GoogLeNet", "Szegedy et al. 2015: four branches in each module.", Zoo::GoogLeNet),
    zoo(INCEPTION, "Inception v3", "Szegedy et al. 2016: 7 × 7 as a row and a column.", Zoo::InceptionV3),
    zoo(SMALL, "SqueezeNet 1.0", "Iandola et al. 2016: few channels between wide layers.", Zoo::SqueezeNet),
    zoo(SMALL, "MobileNet v1", "Howard et al. 2017: each channel by itself, then 1 × 1.", Zoo::MobileNetV1),
    zoo(SMALL, "MobileNet v2", "Sandler et al. 2018: wide between narrow layers.", Zoo::MobileNetV2),
    zoo(SMALL, "DQN", "Mnih et al. 2015, the agent that plays Atari games: 36 cells.", Zoo::Dqn),
    zoo(
        IMAGES,
        "U-Net, without padding",
        "Ronneberger et al. 2015: 188 or 204 cells by the place of a unit.",
        Zoo::UNet,
    ),
    zoo(IMAGES, "U-Net, with padding", "As most write it today: sizes are kept.", Zoo::UNetSame),
    zoo(IMAGES, "PatchGAN", "Isola et al. 2017: judges patches of 70 × 70.", Zoo::PatchGan),
];

const fn zoo(group: &'static str, label: &'static str, about: &'static str, zoo: Zoo) -> StackPreset {
    StackPreset { group, label, about, layers: PresetLayers::Zoo(zoo) }
}

const fn text(
    group: &'static str,
    label: &'static str,
    about: &'static str,
    layers: &'static str,
) -> StackPreset {
    StackPreset { group, label, about, layers: PresetLayers::Text(layers) }
}

impl StackPreset {
    /// What opens.
    pub fn model(&self) -> StackModel {
        match self.layers {
            PresetLayers::Zoo(zoo) => StackModel::of_zoo(zoo),
            PresetLayers::Text(text) => {
                let (graph, _) = notation::read_until(text, usize::MAX);
                StackModel::of_graph(Arc::new(graph))
            }
        }
    }
}

impl StackModel {
    /// The preset whose layers these are, but for the size of the input.
    pub fn preset(&self) -> Option<&'static StackPreset> {
        match self.zoo {
            Some(zoo) => STACK_PRESETS.iter().find(|preset| preset.layers == PresetLayers::Zoo(zoo)),
            None => STACK_PRESETS.iter().find(|preset| match preset.layers {
                PresetLayers::Zoo(_) => false,
                PresetLayers::Text(text) => notation::write(&self.graph, notation::Names::Left) == text,
            }),
        }
    }

    /// Its name, or "Own network".
    pub fn title(&self) -> &'static str {
        self.preset().map_or("Own network", |preset| preset.label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Side;
    use crate::text::stack::{branches, by_place, sentence_plain};

    fn of(label: &str) -> StackModel {
        STACK_PRESETS.iter().find(|preset| preset.label == label).unwrap().model()
    }

    #[test]
    fn every_network_of_the_core_is_offered_once() {
        for &zoo in Zoo::ALL {
            let offered = STACK_PRESETS.iter().filter(|preset| preset.layers == PresetLayers::Zoo(zoo));
            assert_eq!(offered.count(), 1, "{zoo:?}");
        }
    }

    #[test]
    fn every_preset_is_possible_and_found_again() {
        let mut groups: Vec<&str> = STACK_PRESETS.iter().map(|preset| preset.group).collect();
        groups.dedup();
        assert_eq!(groups.len(), 8);
        for preset in STACK_PRESETS {
            let model = preset.model();
            assert_eq!(model.preset(), Some(preset));
            assert_eq!(model.derive().analysis.first_error(), None, "{}", preset.label);
            assert!(preset.about.ends_with('.') && preset.about.len() < 90, "{}", preset.about);
            if let PresetLayers::Text(text) = preset.layers {
                assert_eq!(notation::write(&model.graph, notation::Names::Left), text);
            }
        }
        assert_eq!(of("VGG-16").with_input([320, 320, 3]).title(), "VGG-16");
        assert_eq!(of("VGG-16").remove(1).unwrap().title(), "Own network");
    }

    #[test]
    fn presets_show_what_they_say() {
        let sentence = |label| sentence_plain(&of(label).derive());
        assert!(sentence("Three 3 × 3").contains("sees 7 × 7 cells"));
        assert!(sentence("One 7 × 7").contains("sees 7 × 7 cells"));
        assert!(sentence("A row beside a column").contains("5 pixels read, 4 skipped"));
        assert!(sentence("A gate").contains("sees 3 × 3 cells"));
        let places = by_place(&of("Transposed, kernel 3, stride 2").derive(), Side::Rows).unwrap();
        assert_eq!(places, "Units see 3 or 5 cells on the rows by their place: 1 of 2 sees 3, 1 sees 5");
        assert_eq!(
            branches(&of("Branches that disagree").derive(), Side::Rows).unwrap().aligned,
            Some(false)
        );
        assert_eq!(branches(&of("A residual block").derive(), Side::Rows).unwrap().aligned, Some(true));
        let weights = |label| of(label).graph.analyse().totals().params - 16;
        assert_eq!(weights("Three 3 × 3") - 32, 27 * 256);
        assert_eq!(weights("One 7 × 7"), 49 * 256);
    }
}
