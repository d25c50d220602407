//! Does each figure find room on each screen? Links as readers open them, rooms as pages give them.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use convscope_page::figure::lab_spec;
use convscope_page::link::parse;
use convscope_page::presets::PRESETS;
use convscope_page::{LabModel, Page};
use convscope_scene::lab::LabFigure;
use convscope_scene::{Figure, Part, Pose, Rect, Size};

const RESNET: &str = "#/lab?x=photo-chelsea&k=7&p=3&b=none";
const PHOTO: &str = "#/lab?x=photo-camera&n=128";
/// A laptop's stage of 1366 × 768, with and without a scroll bar; a desktop's; a tablet's.
const WIDE: [Size; 4] =
    [Size::new(750.0, 520.0), Size::new(735.0, 520.0), Size::new(824.0, 520.0), Size::new(640.0, 614.0)];
const PHONES: [Size; 3] = [Size::new(390.0, 504.0), Size::new(360.0, 400.0), Size::new(320.0, 240.0)];

fn figure(model: &LabModel, room: Size, aids: bool) -> LabFigure {
    LabFigure::new(lab_spec(&model.derive(None).unwrap(), aids), room)
}

fn linked(link: &str) -> LabModel {
    parse(link).page.lab().unwrap().clone()
}

/// The grids of a figure.
fn grids(figure: &LabFigure) -> [Rect; 3] {
    [figure.input_rect(), figure.kernel_rect(), figure.output_rect()]
}

#[test]
fn no_grid_covers_another_or_leaves_the_figure() {
    let models = PRESETS.iter().map(|preset| (preset.model)()).chain([PHOTO, RESNET].map(linked));
    for model in models {
        for room in WIDE.into_iter().chain(PHONES) {
            for aids in [true, false] {
                let figure = figure(&model, room, aids);
                let grids = grids(&figure);
                for (idx, a) in grids.iter().enumerate() {
                    assert!(a.x >= 0.0 && a.right() <= room.width + 0.5, "{a:?} in {room:?}: {model:?}");
                    assert!(a.bottom() <= figure.size().height, "{a:?} in {room:?}: {model:?}");
                    for b in &grids[idx + 1..] {
                        let apart =
                            a.right() <= b.x || b.right() <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
                        assert!(apart, "{a:?} and {b:?} in {room:?}: {model:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_example_fits_a_laptop_without_scrolling() {
    for preset in PRESETS {
        for room in &WIDE[..3] {
            let height = figure(&(preset.model)(), *room, true).size().height;
            assert!(height <= room.height, "{} is {height} px high in {room:?}", preset.name);
        }
    }
}

#[test]
fn a_laptop_shows_the_weights_of_resnet() {
    for room in &WIDE[..3] {
        let kernel = figure(&linked(RESNET), *room, true).kernel_rect();
        assert!(kernel.width >= 7.0 * 24.0, "{kernel:?} in {room:?}");
    }
}

#[test]
fn a_phone_shows_input_kernel_and_output_of_a_photograph_together() {
    for link in [PHOTO, RESNET] {
        let figure = figure(&linked(link), PHONES[0], true);
        let [input, kernel, output] = grids(&figure);
        assert!(
            output.x >= input.right() && output.y == input.y,
            "{link}: {output:?} is not beside {input:?}"
        );
        assert!(kernel.bottom() <= PHONES[0].height, "{link}: {kernel:?}");
        assert!(figure.cell_px() >= 1.0, "{link}: {}", figure.cell_px());
    }
}

#[test]
fn an_embed_of_320_pixels_prints_its_numbers() {
    let figure = figure(&LabModel::default(), Size::new(320.0, 395.0), false);
    assert!(figure.cell_px() >= 28.0 && figure.size().height <= 395.0, "{:?}", figure.size());
}

#[test]
fn the_magnified_neighbourhood_is_full_at_every_edge() {
    for (link, side) in [(PHOTO, 9), ("#/lab?x=photo-astronaut&k=11&s=4&p=2", 11)] {
        let Page::Lab(model) = parse(link).page else { panic!("{link} opens the lab") };
        let figure = figure(&model, WIDE[0], true);
        for step in [0, figure.spec().geometry.n_steps() - 1] {
            let marks = figure.moving(Pose::at(step), None);
            let cells = marks.iter().filter(|mark| matches!(mark.part, Some(Part::Input(_)))).count();
            assert_eq!(cells, side * side, "{link} at {step}");
        }
    }
}

#[test]
fn pointing_at_a_photograph_magnifies_the_pixel() {
    let figure = figure(&linked(PHOTO), WIDE[0], true);
    let shown = |pointed: [i64; 2]| -> Vec<[i64; 2]> {
        let marks = figure.moving(Pose::at(0), Some(Part::Input(pointed)));
        marks
            .iter()
            .filter_map(|mark| if let Some(Part::Input(at)) = mark.part { Some(at) } else { None })
            .collect()
    };
    // Near the window its neighbourhood stays, so that the pointer can move on within it.
    assert_eq!(shown([2, 3])[0], [-1, -1]);
    let far = shown([60, 70]);
    assert_eq!((far.len(), far[0], far[40]), (81, [56, 66], [60, 70]));
    assert_eq!(shown([127, 127])[80], [128, 128]);
}
