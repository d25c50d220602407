//! What single links mean, and what is said about those that cannot be used as they stand.

use std::sync::Arc;

use super::*;
use crate::kernel::{Bank, KernelChoice, KernelPreset};
use crate::model::LabModel;
use crate::operation::{Operation, View};
use crate::source::{InputSource, Pattern, PictureSource, Sample};
use convscope_core::tensor::Tensor;
use convscope_core::{Activation, AvgDivisor, ElementType, Padding2d, PaddingMode, Pads};

/// The model of a link that can be used as it stands.
#[track_caller]
fn clean(link: &str) -> LabModel {
    let parsed = parse(link);
    assert_eq!(parsed.notices, [], "{link}");
    parsed.page.lab().unwrap().clone()
}

/// The texts of a link's notices.
fn notices(link: &str) -> Vec<String> {
    parse(link).notices.into_iter().map(|notice| notice.text).collect()
}

#[test]
fn short_links_open_the_example() {
    for link in ["", "#", "#/", "/", "#/lab", "#/lab?", "lab", "#/lab?v=1", "#/lab/"] {
        assert_eq!(
            parse(link),
            Parsed { page: Page::Lab(LabModel::default()), notices: Vec::new() },
            "{link}"
        );
    }
    assert_eq!(parse("#/embed/lab").page, Page::Embed(LabModel::default()));
    assert_eq!(write(&Page::Lab(LabModel::default())), "#/lab");
    assert_eq!(write(&Page::Embed(LabModel::default())), "#/embed/lab");
}

#[test]
fn every_key_is_read() {
    let model =
        clean("#/lab?v=1&n=7x6&x=random-3&k=2x3&w=gaussian&s=1x2&d=2x1&p=1,2,0,3&m=replicate&b=-0.5&step=7");
    let expected = LabModel {
        input: InputSource::Pattern(Pattern::Random { seed: 3 }),
        input_size: [7, 6],
        kernel: KernelChoice::Preset(KernelPreset::Gaussian),
        kernel_size: [2, 3],
        stride: [1, 2],
        dilation: [2, 1],
        padding: Padding2d::Explicit(Pads { top: 1, left: 2, bottom: 0, right: 3 }),
        padding_mode: PaddingMode::Replicate,
        bias: Some(-0.5),
        step: 6,
        ..LabModel::default()
    };
    assert_eq!(model, expected);
}

#[test]
fn every_key_of_channels_and_operations_is_read() {
    let model = clean(
        "#/lab?v=1&o=transposed&c=4&f=6&g=2&w=mixed&q=1&flip=1&a=relu&batch=8&type=float16&view=matrix&ch=3&fi=2",
    );
    let expected = LabModel {
        operation: Operation::Transposed,
        in_channels: 4,
        out_channels: 6,
        groups: 2,
        kernel: KernelChoice::Bank(Bank::Mixed),
        output_padding: [1, 1],
        flip: true,
        activation: Activation::Relu,
        batch: 8,
        element_type: ElementType::Float16,
        view: View::Matrix,
        channel: 2,
        filter: 1,
        ..LabModel::default()
    };
    assert_eq!(model, expected);
    let model = clean("#/lab?o=average&s=2&p=0&ceil=1&div=inside&e=3");
    assert_eq!(
        (model.operation, model.ceil_mode, model.divisor, model.exponent, model.view),
        (Operation::AvgPool, true, AvgDivisor::CountInside, 3, View::Flat)
    );
    assert_eq!(clean("#/lab?o=transposed").view, View::Scatter);
    assert_eq!(clean("#/lab?o=average&div=-4").divisor, AvgDivisor::Fixed(-4));
}

#[test]
fn channels_that_cannot_be_get_a_notice_each() {
    for (link, key) in [
        ("#/lab?o=unpool", "o"),
        ("#/lab?c=0", "c"),
        ("#/lab?c=9999999", "c"),
        ("#/lab?c=4&f=6&g=4", "g"),
        ("#/lab?x=photo-coffee&c=4", "c"),
        ("#/lab?ceil=maybe", "ceil"),
        ("#/lab?div=0", "div"),
        ("#/lab?a=swish", "a"),
        ("#/lab?type=fp4", "type"),
        ("#/lab?view=scatter", "view"),
        ("#/lab?o=transposed&p=full", "p"),
        ("#/lab?c=2&n=2&x=1,2,3,4", "x"),
        ("#/lab?c=2&k=1&w=3", "w"),
    ] {
        let parsed = parse(link);
        assert_eq!(parsed.notices.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), [key], "{link}");
        assert!(parsed.page.lab().unwrap().derive(None).is_ok(), "{link}");
    }
}

#[test]
fn random_is_the_first_seed_where_none_is_named() {
    let model = clean("#/lab?x=random&w=random");
    assert_eq!(model.input, InputSource::Pattern(Pattern::Random { seed: 1 }));
    assert_eq!(model.kernel, KernelChoice::Random { seed: 1 });
    assert_eq!(write(&Page::Lab(model)), "#/lab?v=1&x=random-1&w=random-1");
}

#[test]
fn sizes_follow_from_numbers_and_photographs() {
    assert_eq!(clean("#/lab?x=1,2,3,4&w=1,0,0,1").input_size, [2, 2]);
    assert_eq!(clean("#/lab?x=1,2,3,4&w=1,0,0,1").kernel_size, [2, 2]);
    assert_eq!(clean("#/lab?x=photo-coffee").input_size, [224, 224]);
    assert_eq!(clean("#/lab?n=7").input, InputSource::Pattern(Pattern::Random { seed: 1 }));
}

#[test]
fn a_missing_step_is_the_fifth_or_the_last() {
    assert_eq!(clean("#/lab?n=4&k=3&s=1&p=0").step, 3);
    assert_eq!(clean("#/lab?n=4&k=3&s=1&p=0&step=1").step, 0);
}

#[test]
fn escaped_links_are_read() {
    assert_eq!(clean("#/lab?p=1%2C0%2c1%2C2").padding, clean("#/lab?p=1,0,1,2").padding);
    assert_eq!(clean("#/lab?n=5%C3%976").input_size, [5, 6]);
}

#[test]
fn values_out_of_range_are_replaced() {
    for (link, text) in [
        ("#/lab?s=0", "Stride 0 in the link is not possible; 1 is used"),
        ("#/lab?s=-2", "Stride −2 in the link is not possible; 1 is used"),
        ("#/lab?s=abc", "Stride “abc” in the link is no number; 2 is used"),
        ("#/lab?d=0", "Dilation 0 in the link is not possible; 1 is used"),
        ("#/lab?n=0", "Input size 0 in the link is not possible; 1 is used"),
        ("#/lab?p=-1,0,0,0", "Padding −1 in the link is not possible; 0 is used"),
        ("#/lab?p=1,2", "Padding “1,2” in the link is neither a name nor 1 or 4 numbers; 1 is used"),
        ("#/lab?m=mirror", "There is no padding mode “mirror”; zeros are used"),
        ("#/lab?w=blurry", "There is no kernel “blurry”; Sobel x is used"),
        ("#/lab?x=noise", "There is no input “noise”; random digits are used"),
        ("#/lab?b=NaN", "“NaN” in the link is no number up to 1,000,000; 0 is used"),
        ("#/lab?x=1,inf,3,4", "“inf” in the link is no number up to 1,000,000; 0 is used"),
        ("#/lab?step=0", "Step “0” in the link is no step; steps count from 1"),
        ("#/lab?step=10", "Step 10 in the link is beyond the last; 9 is used"),
        ("#/lab?colour=red", "“colour” in the link is not known and was left out"),
        ("#/lab?s=1&s=2", "“s” is in the link more than once; the last one is used"),
        ("#/lab?b=%zz", "“b” in the link has a broken percent sign"),
        ("#/nowhere", "There is no page “nowhere”; the lab is shown"),
        ("#/lab?v=2", "The link is of version 2; this page knows version 1 and read it as that"),
        ("#/lab?x=1,2,3&n=2", "The link has 3 numbers for an input of 2 × 2; the missing ones are 0"),
        ("#/lab?w=1,2,3,4,5&k=2", "The link has 5 weights for a kernel of 2 × 2; the last ones are left out"),
        ("#/lab?x=own", "The sender’s own picture is not in the link; a sample stands in: Photographer"),
        ("#/lab?x=photo-dog", "There is no photograph “dog”; another one is used: Photographer"),
    ] {
        assert!(notices(link).iter().any(|notice| notice == text), "{link}: {:?}", notices(link));
    }
}

#[test]
fn impossible_combinations_are_repaired_with_the_numbers() {
    let parsed = parse("#/lab?k=9");
    assert_eq!(parsed.page.lab().unwrap().kernel_size, [7, 7]);
    assert_eq!(parsed.notices[0].text, "A kernel 9 high does not fit in the padded input of 7; 7 is used");
    let parsed = parse("#/lab?d=5");
    assert_eq!(parsed.page.lab().unwrap().kernel_size, [2, 2]);
    assert_eq!(
        parsed.notices[1].text,
        "A kernel of 3 at dilation 5, 11 cells wide, does not fit in the padded input of 7; 2 is used"
    );
    let parsed = parse("#/lab?m=reflect&p=9,0,0,0");
    assert_eq!(
        parsed.page.lab().unwrap().padding,
        Padding2d::Explicit(Pads { top: 4, left: 0, bottom: 0, right: 0 })
    );
    assert_eq!(
        parsed.notices[0].text,
        "Reflect padding of 9 is too large for an input of 5 × 5; 4, 0, 0, 0 is used"
    );
    let full = parse("#/lab?n=2&m=circular&p=full&k=4");
    assert_eq!(full.page.lab().unwrap().padding, Padding2d::Explicit(Pads::all(2)));
}

#[test]
fn a_stride_that_does_not_divide_is_fine() {
    for stride in 1..=256 {
        clean(&format!("#/lab?s={stride}&step=1"));
    }
}

#[test]
fn many_numbers_are_cropped_not_shuffled() {
    let row: Vec<String> = (0..70).map(|x| x.to_string()).collect();
    let parsed = parse(&format!("#/lab?n=2x70&x={},{}", row.join(","), row.join(",")));
    assert_eq!(parsed.notices[0].text, "Numbers go up to 64 × 64, the link says 2 × 70; 2 × 64 are used");
    let InputSource::Numbers(numbers) = &parsed.page.lab().unwrap().input else { panic!("numbers") };
    assert_eq!((numbers.len(), numbers[63], numbers[64]), (128, 63.0, 0.0));
}

#[test]
fn a_link_of_a_hundred_thousand_characters_gives_one_notice() {
    let numbers = format!("#/lab?n=64&s=1&x={}", "1,".repeat(50_000));
    let keys = format!("#/lab?s=1{}", "&colour=red".repeat(10_000));
    let letters = "é".repeat(50_000);
    for link in [numbers, keys, letters] {
        let parsed = parse(&link);
        assert_eq!(parsed.notices.len(), 1, "{:?}", parsed.notices);
        assert!(parsed.notices[0].text.ends_with(" characters long; only the first 80,000 were read"));
        assert!(parsed.page.lab().unwrap().derive(None).is_ok());
    }
}

#[test]
fn the_largest_model_fits_in_what_is_read() {
    let model = LabModel {
        input: InputSource::Numbers(vec![-1.234_567_9e-10; 4096]),
        input_size: [64, 64],
        kernel: KernelChoice::Own(vec![-0.000_123_456_79; 121]),
        kernel_size: [11, 11],
        ..LabModel::default()
    };
    let link = write(&Page::Lab(model.clone()));
    assert!(link.len() < MAX_LINK, "{}", link.len());
    assert_eq!(clean(&link), model);
}

#[test]
fn notices_are_not_more_than_a_reader_wants() {
    let link: String = (0..20).map(|idx| format!("&key{idx}=1")).collect();
    let notices = notices(&format!("#/lab?{link}"));
    assert_eq!(notices.len(), MAX_NOTICES);
    assert_eq!(notices[MAX_NOTICES - 1], "13 more parts of the link could not be used");
}

#[test]
fn only_what_differs_is_written() {
    let model = LabModel { padding: Padding2d::Same, bias: None, ..LabModel::default() };
    assert_eq!(write(&Page::Lab(model)), "#/lab?v=1&p=same&b=none");
    let photo = InputSource::Picture(PictureSource::Sample(Sample::Coffee));
    let model = LabModel { input: photo, input_size: [224, 224], step: 0, ..LabModel::default() };
    assert_eq!(write(&Page::Embed(model)), "#/embed/lab?v=1&x=photo-coffee&step=1");
}

#[test]
fn an_own_picture_is_not_in_the_link() {
    let pixels = Arc::new(Tensor::map(1, 1, vec![0.5]).unwrap());
    let own = InputSource::Picture(PictureSource::Own(pixels));
    let model = LabModel { input: own, input_size: [100, 80], ..LabModel::default() };
    let link = write(&Page::Lab(model));
    assert_eq!(link, "#/lab?v=1&n=100x80&x=own");
    let parsed = parse(&link);
    assert_eq!(parsed.page.lab().unwrap().input, InputSource::Picture(PictureSource::Sample(Sample::Camera)));
    assert_eq!((parsed.page.lab().unwrap().input_size, parsed.notices.len()), ([100, 80], 1));
}

fn stack(link: &str) -> (StackModel, Vec<String>) {
    let parsed = parse(link);
    let Page::Stack(model) = parsed.page else { panic!("{link} opens the stack page") };
    assert_eq!(parse(&write(&Page::Stack(model.clone()))).page, Page::Stack(model.clone()), "{link}");
    (model, parsed.notices.into_iter().map(|notice| notice.text).collect())
}

#[test]
fn stack_links_say_what_differs() {
    for link in [
        "#/stack",
        "#/stack?v=1&net=resnet-50&n=320x240&c=1&sel=4&unit=3,7",
        "#/stack?v=1&l=i1x1x9x9.c4k3p1.r.mk2.U'my%20op'~1x4x2x2&side=columns&x=photo-coffee&view=photo",
        "#/stack?v=1&net=dilated-2-2-2&unit=0,0",
    ] {
        let (model, notices) = stack(link);
        assert_eq!((write(&Page::Stack(model)).as_str(), notices), (link, vec![]));
    }
}

#[test]
fn stack_links_that_say_nonsense_give_a_network_and_notices() {
    let (model, notices) = stack("#/stack?net=vgg-99&n=0&sel=99&unit=x&side=up&x=cat&view=3d&l2=");
    assert_eq!((model.selected, model.input()), (4, Some([1, 1, 3])));
    assert_eq!(notices.len(), MAX_NOTICES);
    let (model, notices) = stack("#/stack?l=c8k3.r.zz&net=vgg-16");
    assert_eq!((model.graph.len(), model.input()), (3, Some([224, 224, 3])));
    assert_eq!(
        notices,
        [
            "In the link, layer 3 cannot be read at character 8: no layer begins with “z”; the layers before it are shown"
        ]
    );
    let (model, notices) = stack("#/stack?unit=3,1");
    assert_eq!((model.unit, notices), ([2, 1], vec!["There is no unit (3, 1); (2, 1) is used".into()]));
    let (model, notices) = stack("#/stack?l=%00");
    assert_eq!((model.graph.len(), notices.len()), (1, 1));
}

#[test]
fn more_weights_than_a_link_holds_are_random() {
    let parsed = parse("#/lab?v=1&n=14&c=64&f=128&w=0,1,2&s=1&b=none");
    assert_eq!(parsed.page.lab().unwrap().kernel, KernelChoice::Random { seed: 1 });
    let said: Vec<_> = parsed.notices.iter().map(|notice| notice.text.as_str()).collect();
    assert_eq!(said, ["The layer has 73,728 weights, a link holds 4,096; random ones are used"]);
}
