//! Did a picture of an operation change? The figures of these links are kept in `tests/golden-operations/`.
//!
//! `UPDATE_GOLDEN=1` rewrites them; a failure leaves `NAME-changed.svg` beside the old one.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::PathBuf;
use std::rc::Rc;

use convscope_page::figure::{describe, figure};
use convscope_page::lab::Lab;
use convscope_page::link;
use convscope_scene::{Figure, Part, Point, Pose, Size, svg};

const DESKTOP: Size = Size::new(746.0, 470.0);
const PHONE: Size = Size::new(358.0, 1000.0);

/// Name, link, room, phase of the pose, and what is pointed at.
type Kept = (&'static str, &'static str, Size, f64, Option<Part>);

/// Every picture that is kept.
const KEPT: &[Kept] = &[
    ("max", "#/lab?o=max&n=5&p=1&s=2&step=2", DESKTOP, 0.0, None),
    ("max-lighting", "#/lab?o=max&n=5&p=1&s=2&step=2", DESKTOP, 0.67, None),
    ("max-output-pointed", "#/lab?o=max&n=5&p=1&s=2&step=2", DESKTOP, 0.0, Some(Part::Output([2, 2]))),
    ("max-input-pointed", "#/lab?o=max&n=5&p=1&s=2&step=2", DESKTOP, 0.0, Some(Part::Input([1, 3]))),
    ("max-phone", "#/lab?o=max&n=4&k=2&p=0&step=4", PHONE, 0.0, None),
    ("max-picture", "#/lab?o=max&n=64&x=random-1&p=1&step=100", DESKTOP, 0.0, None),
    ("average-hangs-over", "#/lab?o=average&n=5&k=2&s=2&p=0&ceil=1&div=inside&step=9", DESKTOP, 0.0, None),
    ("max-dropped", "#/lab?o=max&n=6&k=1&s=2&p=0&ceil=1&step=9", DESKTOP, 0.0, None),
    ("max-dropped-padded-rows", "#/lab?o=max&n=5x4&k=2&s=2&p=1,0,1,0&ceil=1&step=6", DESKTOP, 0.0, None),
    ("max-dropped-phone", "#/lab?o=max&n=6&k=1&s=2&p=0&ceil=1&step=9", PHONE, 0.0, None),
    ("lp", "#/lab?o=lp&n=4&k=2&p=0&step=1", DESKTOP, 0.0, None),
    ("scatter", "#/lab?o=transposed&n=3&x=random-1&step=5", DESKTOP, 0.0, None),
    ("scatter-lighting", "#/lab?o=transposed&n=3&x=random-1&step=4", DESKTOP, 0.7, None),
    (
        "scatter-output-pointed",
        "#/lab?o=transposed&n=3&x=random-1&step=5",
        DESKTOP,
        0.0,
        Some(Part::Output([1, 2])),
    ),
    (
        "scatter-input-pointed",
        "#/lab?o=transposed&n=3&x=random-1&step=5",
        DESKTOP,
        0.0,
        Some(Part::Input([0, 1])),
    ),
    ("scatter-dilated", "#/lab?o=transposed&n=3x4&k=2x3&s=2&d=2x1&p=0,1,0,1&q=1&step=5", DESKTOP, 0.0, None),
    ("scatter-phone", "#/lab?o=transposed&n=3&x=random-1&step=5", PHONE, 0.0, None),
    ("matrix", "#/lab?o=transposed&n=3&x=random-1&view=matrix&step=8", DESKTOP, 0.0, None),
    (
        "matrix-input-pointed",
        "#/lab?o=transposed&n=3&x=random-1&view=matrix&step=8",
        DESKTOP,
        0.0,
        Some(Part::Input([0, 1])),
    ),
    (
        "matrix-weight-pointed",
        "#/lab?o=transposed&n=2&k=2&p=0&x=random-1&view=matrix&step=8",
        DESKTOP,
        0.0,
        Some(Part::Kernel([0, 1])),
    ),
    ("matrix-phone", "#/lab?o=transposed&n=2&x=random-1&view=matrix&step=4", PHONE, 0.0, None),
    ("inserted", "#/lab?o=transposed&n=3&x=random-1&view=flat&step=8", DESKTOP, 0.0, None),
    ("inserted-phone", "#/lab?o=transposed&n=2&x=random-1&view=flat&step=3", PHONE, 0.0, None),
    ("circular", "#/lab?n=4&x=ramp&s=1&m=circular&step=1", DESKTOP, 0.0, None),
    ("flipped-relu", "#/lab?flip=1&a=relu", DESKTOP, 0.0, None),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden-operations")
}

fn linked(link: &str) -> Lab {
    let parsed = link::parse(link);
    assert_eq!(parsed.notices, [], "{link}");
    parsed.page.lab().unwrap().derive(None).unwrap()
}

fn laid_out(link: &str, room: Size) -> (Lab, Rc<dyn Figure>) {
    let lab = linked(link);
    let figure = figure(&lab, true, room);
    (lab, figure)
}

#[test]
fn the_pictures_are_as_they_were() {
    let mut changed = Vec::new();
    for &(name, link, room, phase, pointed) in KEPT {
        let (lab, figure) = laid_out(link, room);
        let scene = figure.scene(Pose { step: lab.model.step, phase }, pointed);
        let text = svg::write(&scene, &describe(&lab), &svg::Live);
        let path = folder().join(format!("{name}.svg"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, text).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
            std::fs::write(folder().join(format!("{name}-changed.svg")), text).unwrap();
            changed.push(name);
        }
    }
    assert!(changed.is_empty(), "look at NAME-changed.svg of {changed:?}; UPDATE_GOLDEN=1 keeps them");
}

#[test]
fn every_kept_picture_has_its_link() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy();
        let known = KEPT.iter().any(|kept| kept.0 == name);
        assert!(known || name.ends_with("-changed"), "{name}.svg belongs to no test");
    }
}

#[test]
fn a_point_is_the_part_that_its_marks_show() {
    for &(name, link, room, ..) in KEPT {
        let (lab, figure) = laid_out(link, room);
        let pose = Pose::at(lab.model.step);
        let scene = figure.scene(pose, None);
        for y in (0..figure.size().height as i32).step_by(2) {
            for x in (0..figure.size().width as i32).step_by(3) {
                let point = Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                assert_eq!(figure.hit(pose, point), scene.hit(point), "{name} at {point:?}");
            }
        }
    }
}

#[test]
fn poses_and_parts_beyond_the_figure_do_no_harm() {
    for &(name, link, room, ..) in KEPT {
        let (_, figure) = laid_out(link, room);
        let last = figure.moving(Pose::at(figure.n_steps() - 1), None);
        assert_eq!(figure.moving(Pose::at(100_000), Some(Part::Output([70, 7]))), last, "{name}");
        assert_eq!(figure.done(figure.n_steps()..100_000), [], "{name}");
        for part in [Part::Input([-9, 0]), Part::Input([99, 0]), Part::Kernel([9, 0]), Part::Kernel([0, 12])]
        {
            assert_eq!(figure.moving(Pose::at(100_000), Some(part)), last, "{name} {part:?}");
        }
    }
}
