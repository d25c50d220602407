//! Networks that everybody knows, each from its published description.
//!
//! They stand in the core because pages, workers and tests all start from them; what they are called for
//! people is the page's to say.

mod branched;
mod builder;
mod classic;
mod mobile;
mod residual;
#[cfg(test)]
mod tests;

pub use residual::StridePlacement;

use super::Graph;

/// A well-known network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zoo {
    /// The course's example: 14 x 14 x 3, two 3 x 3, a pool of 2, a 3 x 3.
    Course,
    /// The same with padding of 1.
    CoursePadded,
    /// LeNet-5.
    LeNet5,
    /// AlexNet in one column.
    AlexNet,
    /// VGG with 11 layers: configuration A.
    Vgg11,
    /// VGG with 16 layers: configuration D.
    Vgg16,
    /// VGG with 19 layers: configuration E.
    Vgg19,
    /// GoogLeNet, also called Inception v1.
    GoogLeNet,
    /// Inception v3.
    InceptionV3,
    /// ResNet with 18 layers.
    ResNet18,
    /// ResNet with 34 layers.
    ResNet34,
    /// ResNet with 50 layers, the stride in the 3 x 3.
    ResNet50,
    /// The same with the stride in the first 1 x 1, as in the paper.
    ResNet50Original,
    /// ResNet with 101 layers, the stride in the 3 x 3.
    ResNet101,
    /// The same with the stride in the first 1 x 1, as in the paper.
    ResNet101Original,
    /// SqueezeNet 1.0.
    SqueezeNet,
    /// MobileNet v1.
    MobileNetV1,
    /// MobileNet v2.
    MobileNetV2,
    /// DenseNet with 121 layers.
    DenseNet121,
    /// U-Net as published: no padding, cropped skips.
    UNet,
    /// U-Net with padding that keeps sizes, as most write it today.
    UNetSame,
    /// The discriminator of pix2pix that judges patches of 70 x 70.
    PatchGan,
    /// The agent that plays Atari games.
    Dqn,
    /// Three 3 x 3 with dilations 2, 2, 2, which leave holes.
    Dilated222,
    /// Three 3 x 3 with dilations 1, 2, 5, which leave none.
    Dilated125,
}

impl Zoo {
    /// Every network, short ones first.
    pub const ALL: &[Self] = &[
        Self::Course,
        Self::CoursePadded,
        Self::Dilated222,
        Self::Dilated125,
        Self::LeNet5,
        Self::Dqn,
        Self::PatchGan,
        Self::AlexNet,
        Self::Vgg11,
        Self::Vgg16,
        Self::Vgg19,
        Self::GoogLeNet,
        Self::InceptionV3,
        Self::ResNet18,
        Self::ResNet34,
        Self::ResNet50,
        Self::ResNet50Original,
        Self::ResNet101,
        Self::ResNet101Original,
        Self::SqueezeNet,
        Self::MobileNetV1,
        Self::MobileNetV2,
        Self::DenseNet121,
        Self::UNet,
        Self::UNetSame,
    ];

    /// A name for links: small letters, digits and hyphens, for ever.
    pub fn id(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::CoursePadded => "course-padded",
            Self::LeNet5 => "lenet-5",
            Self::AlexNet => "alexnet",
            Self::Vgg11 => "vgg-11",
            Self::Vgg16 => "vgg-16",
            Self::Vgg19 => "vgg-19",
            Self::GoogLeNet => "googlenet",
            Self::InceptionV3 => "inception-v3",
            Self::ResNet18 => "resnet-18",
            Self::ResNet34 => "resnet-34",
            Self::ResNet50 => "resnet-50",
            Self::ResNet50Original => "resnet-50-original",
            Self::ResNet101 => "resnet-101",
            Self::ResNet101Original => "resnet-101-original",
            Self::SqueezeNet => "squeezenet",
            Self::MobileNetV1 => "mobilenet-v1",
            Self::MobileNetV2 => "mobilenet-v2",
            Self::DenseNet121 => "densenet-121",
            Self::UNet => "u-net",
            Self::UNetSame => "u-net-same",
            Self::PatchGan => "patchgan",
            Self::Dqn => "dqn",
            Self::Dilated222 => "dilated-2-2-2",
            Self::Dilated125 => "dilated-1-2-5",
        }
    }

    /// The network of a name.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|net| net.id() == id)
    }

    /// The network itself, for one image of the size that it was made for.
    pub fn build(self) -> Graph {
        match self {
            Self::Course => classic::course(0),
            _ => self.build_larger(),
        }
    }

    /// Not inlined: of the stack page's first figure only the course's example is a part.
    #[inline(never)]
    fn build_larger(self) -> Graph {
        match self {
            Self::Course => classic::course(0),
            Self::CoursePadded => classic::course(1),
            Self::LeNet5 => classic::lenet_5(),
            Self::AlexNet => classic::alexnet(),
            Self::Vgg11 => classic::vgg([1, 1, 2, 2, 2]),
            Self::Vgg16 => classic::vgg([2, 2, 3, 3, 3]),
            Self::Vgg19 => classic::vgg([2, 2, 4, 4, 4]),
            Self::GoogLeNet => branched::googlenet(),
            Self::InceptionV3 => branched::inception_v3(),
            Self::ResNet18 => residual::resnet_basic([2, 2, 2, 2]),
            Self::ResNet34 => residual::resnet_basic([3, 4, 6, 3]),
            Self::ResNet50 => residual::resnet_bottleneck([3, 4, 6, 3], StridePlacement::Middle),
            Self::ResNet50Original => residual::resnet_bottleneck([3, 4, 6, 3], StridePlacement::First),
            Self::ResNet101 => residual::resnet_bottleneck([3, 4, 23, 3], StridePlacement::Middle),
            Self::ResNet101Original => residual::resnet_bottleneck([3, 4, 23, 3], StridePlacement::First),
            Self::SqueezeNet => branched::squeezenet(),
            Self::MobileNetV1 => mobile::mobilenet_v1(),
            Self::MobileNetV2 => mobile::mobilenet_v2(),
            Self::DenseNet121 => residual::densenet_121(),
            Self::UNet => residual::u_net(false),
            Self::UNetSame => residual::u_net(true),
            Self::PatchGan => classic::patch_gan(),
            Self::Dqn => classic::dqn(),
            Self::Dilated222 => classic::dilated([2, 2, 2]),
            Self::Dilated125 => classic::dilated([1, 2, 5]),
        }
    }
}
