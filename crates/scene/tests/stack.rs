//! Did a picture of a network change? Every figure here is kept as SVG in `tests/golden-stack/`.
//!
//! `UPDATE_GOLDEN=1` rewrites them; a failure leaves `NAME-changed.svg` beside the old one.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::PathBuf;
use std::rc::Rc;

use convscope_core::conv_transpose2d::{ConvTranspose2dOptions, ConvTranspose2dParams};
use convscope_core::conv2d::{Conv2dOptions, Conv2dParams, Padding2d, Pads};
use convscope_core::graph::zoo::Zoo;
use convscope_core::graph::{Analysis, Graph, NodeId, Op};
use convscope_core::layer::Layer;
use convscope_scene::stack::{FieldFigure, Pyramid, Sight, Unit, Word, Words};
use convscope_scene::{Ink, Mark, Point, Raster, Scale, Scene, Shape, Size, svg};

const DESKTOP: Size = Size::new(1366.0, 420.0);
const ROWS: Size = Size::new(440.0, 330.0);
const PHONE: Size = Size::new(358.0, 420.0);

/// Colours as in the page, pictures as bitmaps.
struct Golden;

impl svg::Look for Golden {
    fn colour(&self, paint: convscope_scene::Paint) -> String {
        svg::Live.colour(paint)
    }
    fn family(&self, face: convscope_scene::Face) -> String {
        svg::Live.family(face)
    }
    fn image(&self, raster: &Raster) -> String {
        format!("data:image/bmp;base64,{}", base64(&bitmap(raster)))
    }
}

/// A raster of colours as a Windows bitmap: rows from the bottom, blue first, padded to whole words.
fn bitmap(raster: &Raster) -> Vec<u8> {
    let row = (raster.width as usize * 3).div_ceil(4) * 4;
    let mut file = b"BM".to_vec();
    let numbers = [54 + (row * raster.height as usize) as u32, 0, 54, 40, raster.width, raster.height];
    file.extend(numbers.into_iter().flat_map(u32::to_le_bytes));
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    for (idx, cells) in raster.values.chunks(3 * raster.width as usize).rev().enumerate() {
        let rgb = |cell: &[f32]| [2, 1, 0].map(|at: usize| (cell[at] * 255.0).round() as u8);
        file.extend(cells.chunks(3).flat_map(rgb));
        file.resize(54 + (idx + 1) * row, 0);
    }
    file
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let quad = |three: &[u8]| {
        let bits = three.iter().chain(&[0, 0]).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let letter = |at: usize| char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]);
        (0..4).map(|at| if at > three.len() { '=' } else { letter(at) }).collect::<String>()
    };
    bytes.chunks(3).map(quad).collect()
}

/// A sail over water under a sky, drawn from whole numbers so that it is the same everywhere.
fn picture([height, width]: [u32; 2]) -> Rc<Raster> {
    let cell = |at: u32| {
        let (y, x) = (at / width * 100 / height, at % width * 100 / width);
        let sail = y > 15 && y < 65 && x > 70 - y && x < 45 + y / 3;
        let hull = (65..78).contains(&y) && x > 15 + (y - 65) && x < 85;
        let sun = x < 20 && y < 20;
        let shade = (x * 7 + y * 3) % 23;
        let rgb = match (sail, hull, sun, y > 72) {
            (_, true, ..) => [170, 40, 45],
            (true, ..) => [235 + shade % 20, 140 + x, 40 + 2 * x],
            (_, _, true, _) => [245, 220, 120],
            (_, _, _, true) => [20 + shade, 100 - y / 3 + shade, 120 + shade],
            _ => [80 + y + shade, 160 + y / 2, 215 + shade],
        };
        rgb.map(|level| level.min(255) as f32 / 255.0)
    };
    let values = (0..height * width).flat_map(cell).collect();
    Rc::new(Raster { width, height, values, scale: Scale::Colour })
}

fn words(graph: &Graph) -> Words {
    let names: Vec<String> = graph.ids().map(|id| format!("{} {}", id.index(), short(graph, id))).collect();
    Rc::new(move |word| match word {
        Word::Title(id) => names[id.index()].clone(),
        Word::Row(id) => names[id.index()].chars().take(12).collect(),
        Word::Size(id) => format!("map {}", id.index()),
        Word::Region(id, [height, width]) => {
            format!("{} {height} × {width}", if id.index() == 0 { "field" } else { "region" })
        }
        Word::Unit(_, [row, column]) => format!("unit ({row}, {column})"),
        Word::Seen(_, [height, width]) => format!("seen by {height} × {width}"),
        Word::Hidden(1) => "1 layer".to_owned(),
        Word::Hidden(count) => format!("{count} layers"),
    })
}

fn short(graph: &Graph, id: NodeId) -> String {
    let node = graph.node(id);
    match &node.op {
        Op::Input(_) => "Input".to_owned(),
        Op::Arithmetic(_) => "Add".to_owned(),
        Op::Concat(_) => "Concat".to_owned(),
        _ => node.name.chars().take(14).collect(),
    }
}

fn figure(analysis: &Analysis, selected: NodeId, picture: Option<Rc<Raster>>, room: Size) -> FieldFigure {
    FieldFigure::new(analysis, selected, picture, words(analysis.graph()), room)
}

#[track_caller]
fn scene(analysis: &Analysis, figure: &FieldFigure, unit: Unit) -> Scene {
    let reads = analysis.project(unit.node, unit.at).unwrap();
    let seen_by = analysis.seen_by(unit.node, unit.at).unwrap();
    figure.scene(&Sight { unit, reads: &reads, seen_by: Some(&seen_by) })
}

/// Every picture that is kept.
const NAMES: &[&str] = &[
    "field-course",
    "field-course-padded",
    "field-pixel",
    "field-holes",
    "field-stride-gaps",
    "field-transposed",
    "field-resnet-border",
    "field-unet",
    "field-vgg",
    "field-phone",
    "field-branches",
    "pyramid-course",
    "pyramid-course-padded",
    "pyramid-holes",
    "pyramid-stride-gaps",
    "pyramid-transposed",
    "pyramid-branches",
    "pyramid-resnet-border",
    "pyramid-vgg-window",
    "pyramid-unet",
    "pyramid-pixel",
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden-stack")
}

#[test]
fn every_kept_picture_has_its_test() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(NAMES.contains(&&*name) || name.ends_with("-changed"), "{name}.svg belongs to no test");
    }
}

#[track_caller]
fn check(name: &str, scene: &Scene) {
    assert!(NAMES.contains(&name), "{name} is not among NAMES");
    let text = svg::write(scene, name, &Golden);
    let path = folder().join(format!("{name}.svg"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept != text {
        std::fs::write(folder().join(format!("{name}-changed.svg")), text).unwrap();
        panic!("{name}.svg changed: look at {name}-changed.svg; UPDATE_GOLDEN=1 keeps it");
    }
}

/// A chain of convolutions over a picture: kernel, stride, padding, dilation of each.
fn chain(size: [u64; 2], layers: &[[u64; 4]]) -> Graph {
    let mut graph = Graph::new();
    let mut at = graph.push("input", Op::Input([1, 3, size[0], size[1]].into()), &[]).unwrap();
    for [kernel, stride, pad, dilation] in layers {
        at = graph
            .push(format!("Conv {kernel} × {kernel}"), conv(*kernel, *stride, *pad, *dilation), &[at])
            .unwrap();
    }
    graph
}

fn conv(kernel: u64, stride: u64, pad: u64, dilation: u64) -> Op {
    let options = Conv2dOptions {
        in_channels: 3,
        out_channels: 3,
        kernel_size: [kernel; 2],
        stride: [stride; 2],
        dilation: [dilation; 2],
        padding: Padding2d::Explicit(Pads::all(pad)),
        ..Conv2dOptions::default()
    };
    Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap()))
}

fn last_map(analysis: &Analysis) -> NodeId {
    let graph = analysis.graph();
    graph.ids().rev().find(|id| analysis.map(*id).unwrap().size != [1, 1]).unwrap()
}

/// The same network and unit as a pyramid along the rows.
#[track_caller]
fn check_pyramid(name: &str, analysis: &Analysis, unit: Unit) {
    let end = analysis.graph().last().unwrap();
    let selected = if analysis.map(end).unwrap().size == [1, 1] { last_map(analysis) } else { end };
    let pyramid = Pyramid::new(analysis, selected, 0, words(analysis.graph()), ROWS);
    let reads = analysis.project(unit.node, unit.at).unwrap();
    let seen_by = analysis.seen_by(unit.node, unit.at).unwrap();
    check(name, &pyramid.scene(&Sight { unit, reads: &reads, seen_by: Some(&seen_by) }));
}

#[test]
fn the_course_s_example() {
    for (name, zoo, at) in
        [("field-course", Zoo::Course, [1, 2]), ("field-course-padded", Zoo::CoursePadded, [1, 4])]
    {
        let graph = zoo.build();
        let analysis = graph.analyse();
        let node = graph.last().unwrap();
        let figure = figure(&analysis, node, Some(picture([14, 14])), DESKTOP);
        check(name, &scene(&analysis, &figure, Unit { node, at }));
        check_pyramid(&name.replace("field", "pyramid"), &analysis, Unit { node, at });
    }
}

#[test]
fn a_pixel_shows_the_units_that_see_it() {
    let graph = Zoo::CoursePadded.build();
    let analysis = graph.analyse();
    let figure = figure(&analysis, graph.last().unwrap(), Some(picture([14, 14])), DESKTOP);
    let node = analysis.source().unwrap();
    check("field-pixel", &scene(&analysis, &figure, Unit { node, at: [4, 9] }));
    check_pyramid("pyramid-pixel", &analysis, Unit { node, at: [4, 9] });
}

#[test]
fn dilation_and_strides_leave_holes() {
    let graph = Zoo::Dilated222.build();
    let analysis = graph.analyse();
    let node = graph.last().unwrap();
    let size = analysis.map(graph.id(0).unwrap()).unwrap().size.map(|n| n as u32);
    let figure_222 = figure(&analysis, node, Some(picture(size)), DESKTOP);
    check("field-holes", &scene(&analysis, &figure_222, Unit { node, at: [4, 7] }));
    check_pyramid("pyramid-holes", &analysis, Unit { node, at: [4, 7] });
    let graph = chain([18, 18], &[[3, 1, 1, 1], [1, 2, 0, 1], [3, 1, 1, 1]]);
    let analysis = graph.analyse();
    let node = graph.last().unwrap();
    let figure = figure(&analysis, node, None, DESKTOP);
    check("field-stride-gaps", &scene(&analysis, &figure, Unit { node, at: [4, 5] }));
    check_pyramid("pyramid-stride-gaps", &analysis, Unit { node, at: [4, 5] });
}

#[test]
fn networks_that_enlarge_have_their_fields() {
    let graph = Zoo::UNetSame.build();
    let analysis = graph.analyse();
    let node = graph.last().unwrap();
    let size = analysis.map(node).unwrap().size;
    let figure_unet = figure(&analysis, node, Some(picture([64, 64])), DESKTOP);
    check("field-unet", &scene(&analysis, &figure_unet, Unit { node, at: size.map(|n| n / 3) }));
    check_pyramid("pyramid-unet", &analysis, Unit { node, at: size.map(|n| n / 3) });
    let mut graph = chain([12, 12], &[[3, 2, 1, 1]]);
    let options = ConvTranspose2dOptions {
        in_channels: 3,
        out_channels: 3,
        kernel_size: [3, 3],
        stride: [2, 2],
        ..Default::default()
    };
    let up = Op::Layer(Layer::ConvTranspose2d(ConvTranspose2dParams::new(options).unwrap()));
    let at = graph.push("Transposed 3 × 3", up, &[graph.last().unwrap()]).unwrap();
    let node = graph.push("Conv 3 × 3", conv(3, 1, 1, 1), &[at]).unwrap();
    let analysis = graph.analyse();
    let figure = figure(&analysis, node, Some(picture([12, 12])), DESKTOP);
    check("field-transposed", &scene(&analysis, &figure, Unit { node, at: [3, 6] }));
    check_pyramid("pyramid-transposed", &analysis, Unit { node, at: [3, 6] });
}

#[test]
fn deep_networks_show_what_fits() {
    let graph = Zoo::ResNet18.build();
    let analysis = graph.analyse();
    let node = last_map(&analysis);
    let figure_resnet = figure(&analysis, node, Some(picture([64, 64])), DESKTOP);
    check("field-resnet-border", &scene(&analysis, &figure_resnet, Unit { node, at: [0, 6] }));
    check_pyramid("pyramid-resnet-border", &analysis, Unit { node, at: [0, 6] });
    let graph = Zoo::Vgg16.build();
    let analysis = graph.analyse();
    let node = last_map(&analysis);
    let desk = figure(&analysis, node, Some(picture([64, 64])), DESKTOP);
    check("field-vgg", &scene(&analysis, &desk, Unit { node, at: [3, 3] }));
    let inner = graph.find("conv2_2").unwrap();
    check_pyramid("pyramid-vgg-window", &analysis, Unit { node: inner, at: [60, 60] });
    let phone = figure(&analysis, node, Some(picture([64, 64])), PHONE);
    check("field-phone", &scene(&analysis, &phone, Unit { node, at: [3, 3] }));
    assert!(phone.nodes().len() < desk.nodes().len());
}

#[test]
fn branches_of_unlike_kernels_read_a_cross() {
    let mut graph = chain([15, 15], &[[3, 1, 1, 1]]);
    let from = graph.last().unwrap();
    let branch = |kernel_size: [u64; 2]| {
        let pad = |side: usize| (kernel_size[side] - 1) / 2;
        let options = Conv2dOptions {
            in_channels: 3,
            out_channels: 3,
            kernel_size,
            padding: Padding2d::Explicit(Pads { top: pad(0), bottom: pad(0), left: pad(1), right: pad(1) }),
            ..Conv2dOptions::default()
        };
        Op::Layer(Layer::Conv2d(Conv2dParams::new(options).unwrap()))
    };
    let wide = graph.push("Conv 1 × 7", branch([1, 7]), &[from]).unwrap();
    let high = graph.push("Conv 7 × 1", branch([7, 1]), &[from]).unwrap();
    let node = graph.push("Concat", Op::Concat(1), &[wide, high]).unwrap();
    let analysis = graph.analyse();
    let figure = figure(&analysis, node, Some(picture([15, 15])), DESKTOP);
    check("field-branches", &scene(&analysis, &figure, Unit { node, at: [7, 6] }));
    check_pyramid("pyramid-branches", &analysis, Unit { node, at: [7, 6] });
}

#[test]
fn a_point_of_a_map_is_the_unit_drawn_there() {
    let graph = Zoo::CoursePadded.build();
    let analysis = graph.analyse();
    let figure = figure(&analysis, graph.last().unwrap(), None, DESKTOP);
    for node in figure.nodes() {
        let [rows, columns] = figure.map_size(node).unwrap();
        for at in (0..rows).flat_map(|row| (0..columns).map(move |column| [row, column])) {
            let unit = Unit { node, at };
            assert_eq!(figure.hit(figure.unit_rect(unit).unwrap().centre()), Some(unit));
        }
        assert_eq!(figure.unit_rect(Unit { node, at: [rows, 0] }), None);
    }
    assert_eq!(figure.hit(Point::new(1.0, 1.0)), None);
}

#[test]
fn moving_a_unit_makes_few_marks() {
    for zoo in [Zoo::Vgg16, Zoo::ResNet50, Zoo::ResNet50Original, Zoo::UNetSame, Zoo::DenseNet121] {
        let graph = zoo.build();
        let analysis = graph.analyse();
        let node = last_map(&analysis);
        let figure = figure(&analysis, node, Some(picture([64, 64])), DESKTOP);
        let size = analysis.map(node).unwrap().size;
        for at in [[0, 0], size.map(|n| n / 2), size.map(|n| n - 1)] {
            let reads = analysis.project(node, at).unwrap();
            let sight = Sight { unit: Unit { node, at }, reads: &reads, seen_by: None };
            let marks = figure.moving(&sight);
            assert!(marks.len() <= 120, "{zoo:?}: {} marks", marks.len());
            let n_rects = |mark: &Mark| if let Shape::Rects(rects) = &mark.shape { rects.len() } else { 1 };
            let most = marks.iter().map(n_rects).sum::<usize>();
            assert!(most <= 1000, "{zoo:?}: {most} rectangles");
        }
    }
}

#[test]
fn what_is_read_is_bright_and_everything_else_is_dark() {
    // Counts pixels of the picture by what lies over them, and compares with the exact set.
    for (zoo, at) in [(Zoo::CoursePadded, [1, 4]), (Zoo::CoursePadded, [6, 6]), (Zoo::Dilated222, [4, 7])] {
        let graph = zoo.build();
        let analysis = graph.analyse();
        let (node, source) = (graph.last().unwrap(), analysis.source().unwrap());
        let size = analysis.map(source).unwrap().size;
        let figure = figure(&analysis, node, Some(picture(size.map(|n| n as u32))), DESKTOP);
        let reads = analysis.project(node, at).unwrap();
        let marks = figure.moving(&Sight { unit: Unit { node, at }, reads: &reads, seen_by: None });
        let dark = |point: Point| {
            marks.iter().any(|mark| match &mark.shape {
                Shape::Rects(rects) if matches!(mark.ink, Ink::Veil | Ink::HoleVeil) => {
                    rects.iter().any(|rect| rect.contains(point))
                }
                _ => false,
            })
        };
        let region = reads.region(source).unwrap();
        let mut bright = 0;
        for cell in (0..size[0]).flat_map(|row| (0..size[1]).map(move |column| [row, column])) {
            let centre = figure.unit_rect(Unit { node: source, at: cell }).unwrap().centre();
            let columns = region.columns_at(cell[0] as i64).unwrap();
            assert_eq!(!dark(centre), columns.contains(cell[1] as i64), "{zoo:?} {at:?}: {cell:?}");
            bright += u128::from(!dark(centre));
        }
        assert_eq!(bright, region.count().unwrap());
    }
}

#[test]
fn a_row_of_a_pyramid_is_what_a_unit_reads_on_that_axis() {
    let graph = Zoo::Dilated222.build();
    let analysis = graph.analyse();
    let node = graph.last().unwrap();
    let pyramid = Pyramid::new(&analysis, node, 1, words(&graph), ROWS);
    let unit = Unit { node, at: [9, 11] };
    let reads = analysis.project(node, unit.at).unwrap();
    let sight = Sight { unit, reads: &reads, seen_by: None };
    let window = pyramid.window(&sight, None);
    let marks = pyramid.moving(&sight, window);
    let tinted = |point: Point| {
        marks.iter().any(|mark| match &mark.shape {
            Shape::Rects(rects) if mark.ink == Ink::RfCell => rects.iter().any(|rect| rect.contains(point)),
            _ => false,
        })
    };
    for row in pyramid.nodes().filter(|row| *row != node) {
        let used = reads.region(row).unwrap().used(1).unwrap();
        for column in 0..analysis.map(row).unwrap().size[1] {
            let Some(rect) = pyramid.unit_rect(window, Unit { node: row, at: [0, column] }) else { continue };
            assert_eq!(tinted(rect.centre()), used.contains(column as i64), "{row:?} {column}");
        }
    }
}

#[test]
fn a_window_stays_while_the_field_is_in_it() {
    let graph = Zoo::Vgg16.build();
    let analysis = graph.analyse();
    let node = graph.find("conv2_2").unwrap();
    let pyramid = Pyramid::new(&analysis, last_map(&analysis), 0, words(&graph), ROWS);
    let mut windows = Vec::new();
    let mut last = None;
    for row in 0..112 {
        let unit = Unit { node, at: [row, 50] };
        let reads = analysis.project(node, unit.at).unwrap();
        let sight = Sight { unit, reads: &reads, seen_by: None };
        let window = pyramid.window(&sight, last);
        let rect = pyramid.unit_rect(window, unit).unwrap();
        assert_eq!(pyramid.hit(window, rect.centre(), unit), Some(unit));
        if last != Some(window) {
            windows.push(window);
        }
        last = Some(window);
        assert!(pyramid.moving(&sight, window).len() + pyramid.still(window).len() < 400);
    }
    assert!(windows.len() > 1 && windows.len() < 20, "{windows:?}");
    assert!(windows.iter().all(|window| window.len == windows[0].len));
}

#[test]
fn a_node_that_reads_nothing_stands_alone() {
    let mut graph = chain([8, 8], &[[3, 1, 1, 1]]);
    let scale = graph.push("scale", Op::Parameter([3, 1, 1].into()), &[]).unwrap();
    let analysis = graph.analyse();
    let figure = figure(&analysis, scale, None, DESKTOP);
    assert!(figure.nodes().any(|node| node == scale));
    scene(&analysis, &figure, Unit { node: scale, at: [0, 0] });
    // And an impossible one has no figure at all.
    let graph = chain([8, 8], &[[9, 1, 0, 1]]);
    let analysis = graph.analyse();
    let empty = FieldFigure::new(&analysis, graph.last().unwrap(), None, words(&graph), DESKTOP);
    assert_eq!(empty.nodes().len(), 0);
    assert!(empty.still().is_empty());
}
