//! Did a picture change? Every figure here is kept as SVG in `tests/golden/`.
//!
//! `UPDATE_GOLDEN=1` rewrites them; a failure leaves `NAME-changed.svg` beside the old one.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::PathBuf;

use convscope_core::conv2d::{Conv2dOptions, Conv2dParams, Padding2d, PaddingMode, Pads, conv2d};
use convscope_core::sample;
use convscope_core::tensor::Tensor;
use convscope_scene::channels::{ChannelsFigure, patches};
use convscope_scene::depth::DepthFigure;
use convscope_scene::lab::{LabFigure, LabSpec, Labels};
use convscope_scene::volume::{VolumeSpec, VolumeWords};
use convscope_scene::{Factor, Figure, Part, Pose, Raster, Rect, Scene, Shape, Size, svg};

const INPUT: [f32; 25] =
    [0., 1., 2., 7., 8., 1., 0., 3., 8., 9., 0., 2., 6., 9., 8., 1., 3., 7., 8., 9., 2., 5., 8., 9., 7.];
const SOBEL_X: [f32; 9] = [-1., 0., 1., -2., 0., 2., -1., 0., 1.];
const DESKTOP: Size = Size::new(746.0, 470.0);
const PHONE: Size = Size::new(358.0, 1000.0);

/// Colours as in the page; a raster is named by its values, so that a changed picture shows.
struct Golden;

impl svg::Look for Golden {
    fn colour(&self, paint: convscope_scene::Paint) -> String {
        svg::Live.colour(paint)
    }
    fn family(&self, face: convscope_scene::Face) -> String {
        svg::Live.family(face)
    }
    fn attributes(&self, ink: convscope_scene::Ink) -> Option<String> {
        svg::Live.attributes(ink)
    }
    fn image(&self, raster: &Raster) -> String {
        let hash = raster.values.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, value| {
            (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0100_0000_01b3)
        });
        format!("#{}x{}-{hash:016x}", raster.width, raster.height)
    }
}

fn labels() -> Labels {
    let pair = |title: &str, caption: &str| [title.to_owned(), caption.to_owned()];
    Labels {
        input: pair("Input", "as given"),
        kernel: pair("Kernel", "as given"),
        output: pair("Output", "as given"),
        bias: "bias".into(),
        window: "window".into(),
        padding: "padding".into(),
        never_read: "never read".into(),
        odd: String::new(),
        dropped: String::new(),
    }
}

fn figure(input: Tensor, weight: Tensor, options: Conv2dOptions, bias: Option<f32>, room: Size) -> LabFigure {
    let params = Conv2dParams::new(Conv2dOptions { bias: bias.is_some(), ..options }).unwrap();
    let [_, _, height, width] = input.shape();
    let geometry = params.geometry([height, width]).unwrap();
    let bias_values = bias.map(|bias| [bias]);
    let output = conv2d(&params, &input, &weight, bias_values.as_ref().map(|b| &b[..])).unwrap();
    let spec = LabSpec {
        params,
        geometry,
        input: input.into(),
        weight: weight.into(),
        bias,
        output: output.into(),
        channel: 0,
        slice: 0,
        filter: 0,
        pool: None,
        stretch: None,
        labels: labels(),
        photograph: false,
        aids: true,
    };
    LabFigure::new(spec, room)
}

fn options(kernel: u64, stride: u64, pad: u64) -> Conv2dOptions {
    Conv2dOptions {
        kernel_size: [kernel; 2],
        stride: [stride; 2],
        padding: Padding2d::Explicit(Pads::all(pad)),
        bias: true,
        ..Conv2dOptions::default()
    }
}

/// The example of the design: 5 × 5, Sobel x, stride 2, padding 1, bias 1.
fn example(room: Size) -> LabFigure {
    let input = Tensor::map(5, 5, INPUT.to_vec()).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    figure(input, weight, options(3, 2, 1), Some(1.0), room)
}

/// Every picture that is kept.
const NAMES: &[&str] = &[
    "lab-example",
    "lab-gliding",
    "lab-lighting",
    "lab-input-pointed",
    "lab-output-pointed",
    "lab-weight-pointed",
    "lab-phone",
    "lab-unread",
    "lab-dilation",
    "lab-reflect",
    "lab-small-cells",
    "lab-picture",
    "lab-picture-pointed",
    "lab-picture-passing",
    "channels-numbers",
    "channels-pictures",
    "channels-phone",
    "channels-pointed",
    "channels-patches",
    "depth-dense",
    "depth-groups",
    "depth-many",
    "depth-phone",
    "depth-factor",
    "depth-passing",
];

#[test]
fn every_kept_picture_has_its_test() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(NAMES.contains(&&*name) || name.ends_with("-changed"), "{name}.svg belongs to no test");
    }
}

#[track_caller]
fn check(name: &str, figure: &dyn Figure, pose: Pose, pointed: Option<Part>) {
    check_scene(name, &figure.scene(pose, pointed));
}

#[track_caller]
fn check_scene(name: &str, scene: &Scene) {
    assert!(NAMES.contains(&name), "{name} is not among NAMES");
    let text = svg::write(scene, name, &Golden);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let path = folder.join(format!("{name}.svg"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept != text {
        std::fs::write(folder.join(format!("{name}-changed.svg")), text).unwrap();
        panic!("{name}.svg changed: look at {name}-changed.svg; UPDATE_GOLDEN=1 keeps it");
    }
}

#[test]
fn the_example_stands_at_step_5() {
    check("lab-example", &example(DESKTOP), Pose::at(4), None);
}

#[test]
fn the_window_glides_to_the_next_step() {
    check("lab-gliding", &example(DESKTOP), Pose { step: 4, phase: 0.25 }, None);
}

#[test]
fn products_light_up_before_the_output_fills() {
    check("lab-lighting", &example(DESKTOP), Pose { step: 4, phase: 0.67 }, None);
}

#[test]
fn an_input_cell_shows_the_outputs_that_use_it() {
    check("lab-input-pointed", &example(DESKTOP), Pose::at(4), Some(Part::Input([1, 3])));
}

#[test]
fn an_output_cell_shows_its_window() {
    check("lab-output-pointed", &example(DESKTOP), Pose::at(4), Some(Part::Output([2, 0])));
}

#[test]
fn a_weight_shows_the_cells_it_meets() {
    check("lab-weight-pointed", &example(DESKTOP), Pose::at(4), Some(Part::Kernel([0, 2])));
}

#[test]
fn a_phone_stacks_the_grids() {
    check("lab-phone", &example(PHONE), Pose::at(4), None);
}

#[test]
fn cells_that_no_window_reads_are_hatched() {
    let input = sample::ramp(5, 6).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    check("lab-unread", &figure(input, weight, options(3, 2, 1), None, DESKTOP), Pose::at(4), None);
}

#[test]
fn a_dilated_kernel_leaves_gaps_in_its_window() {
    let input = sample::ramp(7, 7).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    let options = Conv2dOptions { dilation: [2, 2], ..options(3, 1, 0) };
    check("lab-dilation", &figure(input, weight, options, None, DESKTOP), Pose::at(4), None);
}

#[test]
fn reflected_padding_is_tied_to_the_cell_it_copies() {
    let input = Tensor::map(5, 5, INPUT.to_vec()).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    let options = Conv2dOptions { padding_mode: PaddingMode::Reflect, ..options(3, 1, 1) };
    let figure = figure(input, weight, options, None, DESKTOP);
    check("lab-reflect", &figure, Pose::at(0), Some(Part::Input([-1, 0])));
}

#[test]
fn small_cells_show_values_as_colours() {
    let input = sample::random(16, 16, 3).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    check("lab-small-cells", &figure(input, weight, options(3, 3, 0), None, DESKTOP), Pose::at(12), None);
}

#[test]
fn large_maps_are_pictures_with_a_magnified_neighbourhood() {
    let input = sample::random(64, 64, 1).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    let figure = figure(input, weight, options(3, 1, 1), Some(1.0), DESKTOP);
    check("lab-picture", &figure, Pose::at(1000), None);
    check("lab-picture-pointed", &figure, Pose::at(1000), Some(Part::Input([20, 20])));
}

#[test]
fn what_passes_is_shown_without_numbers() {
    let input = sample::random(64, 64, 1).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    let figure = figure(input, weight, options(3, 1, 1), Some(1.0), DESKTOP);
    let n_texts = |marks: &[convscope_scene::Mark]| {
        marks.iter().filter(|mark| matches!(mark.shape, Shape::Text { .. })).count()
    };
    // Row 1, column 62: the neighbourhood reaches over the padding above and beside the input.
    let pose = Pose::at(126);
    assert!(n_texts(&figure.moving(pose, None)) > 40);
    let passing = figure.passing(pose);
    assert_eq!(n_texts(&passing), 1, "the result alone");
    let marks = figure.still().into_iter().chain(figure.done(0..126)).chain(passing).collect();
    check_scene("lab-picture-passing", &Scene { size: figure.size(), marks });
}

#[test]
fn cells_are_shown_as_ever_when_they_pass() {
    let figure = example(DESKTOP);
    for phase in [0.0, 0.3, 0.7] {
        let pose = Pose { step: 3, phase };
        assert_eq!(figure.passing(pose), figure.moving(pose, None));
    }
}

#[test]
fn a_point_of_the_figure_is_the_part_that_its_marks_show() {
    let input = sample::random(64, 64, 1).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    let picture = figure(input, weight, options(3, 1, 1), Some(1.0), DESKTOP);
    for figure in [example(DESKTOP), example(PHONE), picture] {
        let scene = figure.scene(Pose::at(4), None);
        for y in 0..figure.size().height as i32 {
            for x in (0..figure.size().width as i32).step_by(3) {
                let point = convscope_scene::Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                assert_eq!(figure.hit(Pose::at(4), point), scene.hit(point), "{point:?}");
            }
        }
    }
}

#[test]
fn steps_and_parts_beyond_the_figure_do_no_harm() {
    for figure in [example(DESKTOP), example(PHONE)] {
        assert_eq!(figure.done(9..400), []);
        let last = figure.moving(Pose::at(8), None);
        assert_eq!(figure.moving(Pose::at(400), Some(Part::Output([7, 7]))), last);
        assert_eq!(figure.moving(Pose::at(8), Some(Part::Input([-2, 0]))), last);
        assert_eq!(figure.moving(Pose::at(8), Some(Part::Kernel([3, 0]))), last);
    }
}

#[test]
fn a_map_many_screens_high_is_a_picture() {
    // It used to be a canvas of 9,404 px, which browsers leave blank.
    let input = sample::ramp(256, 5).unwrap();
    let weight = Tensor::map(3, 3, SOBEL_X.to_vec()).unwrap();
    let figure = figure(input, weight, options(3, 1, 1), None, DESKTOP);
    assert!(figure.is_picture());
    assert!(figure.size().height < 1000.0, "{:?}", figure.size());
}

#[test]
fn unread_strips_of_a_picture_are_hatched() {
    let input = sample::ramp(224, 224).unwrap();
    let weight = Tensor::zeros([1, 1, 7, 7]).unwrap();
    let figure = figure(input, weight, options(7, 2, 3), None, DESKTOP);
    let last = figure.spec().geometry.n_steps() - 1;
    let n_hatched = |pose| {
        let marks = figure.scene(pose, None).marks;
        marks.iter().filter(|mark| mark.ink == convscope_scene::Ink::Unread).count()
    };
    // A row, a column, the legend's swatch; near the corner also cells of the neighbourhood.
    assert_eq!(n_hatched(Pose::at(0)), 3);
    assert!(n_hatched(Pose::at(last)) > 3);
}

/// A layer of several channels and filters over random numbers.
fn volume(input: [u64; 3], kernel: u64, pad: u64, filters: u64, groups: u64) -> VolumeSpec {
    let [channels, height, width] = input;
    let cells = sample::random(channels * height, width, 2).unwrap().data().to_vec();
    let input = Tensor::new([1, channels, height, width], cells).unwrap();
    let slices = channels / groups;
    let weights = sample::random_weights(filters * slices * kernel, kernel, 1).unwrap().data().to_vec();
    let weight = Tensor::new([filters, slices, kernel, kernel], weights).unwrap();
    let options =
        Conv2dOptions { in_channels: channels, out_channels: filters, groups, ..options(kernel, 1, pad) };
    let params = Conv2dParams::new(options).unwrap();
    let geometry = params.geometry([height, width]).unwrap();
    let output = conv2d(&params, &input, &weight, Some(&vec![1.0; filters as usize])).unwrap();
    let lab = LabSpec {
        params,
        geometry,
        input: input.into(),
        weight: weight.into(),
        bias: Some(1.0),
        output: output.into(),
        channel: slices * (filters / 2 / (filters / groups)),
        slice: 0,
        filter: filters / 2,
        pool: None,
        stretch: None,
        labels: labels(),
        photograph: false,
        aids: true,
    };
    let name = |text: &str| text.to_owned();
    let words = VolumeWords {
        columns: ["Input channel", "Slice", "Channel map", "Sum + bias"].map(name),
        channels: (1..=channels).map(|channel| format!("Channel {channel}")).collect(),
        map: ["Map", "as given"].map(name),
        more: if slices > 4 { name("and more") } else { String::new() },
        added: ["+ 1", "ReLU"].map(name),
        volumes: [["Input", "as given"], ["Filters", "as given"], ["Output", "as given"]]
            .map(|it| it.map(name)),
        order: ["front to back", "front to back"].map(name),
        hidden: if channels > 8 { ["+ a", "+ b", "+ c", "+ d"].map(name) } else { Default::default() },
        wiring: name("Wiring"),
    };
    VolumeSpec { lab, words }
}

#[test]
fn each_channel_has_a_row_and_numbers_where_they_fit() {
    let figure = ChannelsFigure::new(volume([3, 5, 5], 3, 0, 2, 1), DESKTOP);
    assert!(figure.has_numbers());
    check("channels-numbers", &figure, Pose::at(4), None);
    check("channels-pointed", &figure, Pose::at(4), Some(Part::Input([2, 3])));
}

#[test]
fn large_channels_are_pictures_and_the_rest_is_counted() {
    let figure = ChannelsFigure::new(volume([6, 32, 32], 5, 2, 4, 1), DESKTOP);
    assert_eq!(figure.slices().collect::<Vec<_>>(), [0, 1, 2]);
    check("channels-pictures", &figure, Pose::at(300), None);
    check(
        "channels-phone",
        &ChannelsFigure::new(volume([3, 32, 32], 5, 2, 4, 1), PHONE),
        Pose::at(300),
        None,
    );
}

#[test]
fn patches_show_the_sum_of_each_channel() {
    let scene = patches(&volume([3, 8, 8], 3, 1, 2, 1), [0, 3], &[1.5, -2.0, 3.25], 280.0);
    check_scene("channels-patches", &scene);
}

#[test]
fn volumes_have_depth() {
    check("depth-dense", &DepthFigure::new(volume([3, 32, 32], 5, 0, 6, 1), DESKTOP), Pose::at(400), None);
    check(
        "depth-groups",
        &DepthFigure::new(volume([4, 8, 8], 3, 1, 4, 2), DESKTOP),
        Pose { step: 9, phase: 0.2 },
        None,
    );
    let many = DepthFigure::new(volume([64, 14, 14], 1, 0, 96, 1), DESKTOP);
    check("depth-many", &many, Pose::at(90), None);
    check("depth-factor", &many, Pose::at(90), Some(Part::Factor(Factor::Channels)));
    check("depth-phone", &DepthFigure::new(volume([3, 32, 32], 5, 0, 6, 1), PHONE), Pose::at(400), None);
}

#[test]
fn a_volume_that_passes_is_shown_without_areas_across_it() {
    let figure = DepthFigure::new(volume([3, 32, 32], 5, 0, 6, 1), PHONE);
    let passing = figure.passing(Pose::at(400));
    let across = |mark: &convscope_scene::Mark| matches!(mark.shape, Shape::Polygon(_) | Shape::Text { .. });
    assert!(figure.moving(Pose::at(400), None).iter().any(across));
    assert!(!passing.iter().any(across));
    let marks = figure.still().into_iter().chain(figure.done(0..400)).chain(passing).collect();
    check_scene("depth-passing", &Scene { size: figure.size(), marks });
}

#[test]
fn a_point_of_a_working_view_is_the_part_that_its_marks_show() {
    let small = ChannelsFigure::new(volume([3, 5, 5], 3, 1, 2, 1), DESKTOP);
    let picture = ChannelsFigure::new(volume([6, 32, 32], 5, 2, 4, 1), PHONE);
    for figure in [small, picture] {
        let scene = figure.scene(Pose::at(4), None);
        for y in (0..figure.size().height as i32).step_by(2) {
            for x in (0..figure.size().width as i32).step_by(3) {
                let point = convscope_scene::Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                // A circle has no corners.
                let hit = figure.hit(Pose::at(4), point).filter(|part| *part != Part::Bias);
                assert_eq!(hit, scene.hit(point), "{point:?}");
            }
        }
    }
}

#[test]
fn a_point_of_a_depth_view_is_the_nearest_sheet() {
    let figure = DepthFigure::new(volume([3, 32, 32], 5, 0, 6, 1), DESKTOP);
    let at = |part: Part| figure.part_rect(part).unwrap();
    let corner = |rect: Rect, x: f64, y: f64| {
        convscope_scene::Point::new(rect.x + rect.width * x, rect.y + rect.height * y)
    };
    let hit = |point| figure.hit(Pose::at(0), point);
    let (front, back) = (at(Part::Channel(0)), at(Part::Channel(2)));
    assert_eq!(hit(corner(front, 0.5, 0.9)), Some(Part::Channel(0)));
    assert_eq!(hit(corner(back, 0.9, 0.02)), Some(Part::Channel(2)));
    assert_eq!(hit(corner(front, 0.02, 0.02)), Some(Part::Filter(3)), "the window stands for its filter");
    assert_eq!(hit(corner(at(Part::Filter(5)), 0.5, 0.5)), Some(Part::Filter(5)));
    assert_eq!(hit(convscope_scene::Point::new(1.0, 1.0)), None);
}

#[test]
fn what_is_done_step_by_step_is_what_is_done_at_once() {
    let figure = DepthFigure::new(volume([3, 8, 8], 3, 0, 4, 1), DESKTOP);
    let covered = |marks: Vec<convscope_scene::Mark>| {
        let mut cells: Vec<(usize, u32, u32)> = marks
            .iter()
            .flat_map(|mark| match &mark.shape {
                Shape::Crop { raster, first, count, .. } => {
                    let id = std::rc::Rc::as_ptr(raster) as usize;
                    let (first, count) = (*first, *count);
                    (0..count[0])
                        .flat_map(move |y| (0..count[1]).map(move |x| (id, first[0] + y, first[1] + x)))
                        .collect::<Vec<_>>()
                }
                _ => Vec::new(),
            })
            .collect();
        cells.sort_unstable();
        cells
    };
    let steps = (0..36).flat_map(|step| figure.done(step..step + 1)).collect();
    assert_eq!(covered(steps), covered(figure.done(0..36)));
}
