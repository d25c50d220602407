//! Where the input comes from, and how large it is.

use convscope_page::bounds::Control;
use convscope_page::limits::MAX_NUMBERS;
use convscope_page::model::LabModel;
use convscope_page::source::{InputSource, Pattern, Sample};

use super::camera::camera_sheet;
use super::panel_notes::panel_notes;
use super::photo::{photo, picture_note};
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::state::{State, follow};
use crate::views::controls::axis_pair::{Axes, axis_pair};
use crate::views::controls::icon::{Glyph, icon_button};
use crate::views::controls::number_row::number_row;
use crate::views::controls::segmented::segmented;
use crate::views::controls::select::{index, select};
use crate::views::html;

const NUMBERS: usize = 0;
const DRAW: usize = 1;
const PHOTO: usize = 2;
const CAMERA: usize = 3;

const SIZE: Axes = Axes {
    label: "H × W",
    controls: [Control::InputHeight, Control::InputWidth],
    names: ["Height", "Width"],
    what: ["input size", "input width"],
};

const GROUP: &str = "<section class=control-group>
    <div class=control-group__head><h2 class=\"heading t-input\">Input</h2></div>
    <slot name=source></slot>
    <div class=control-group__sheet></div>
    <slot name=note></slot>
    <slot name=size></slot>
    <slot name=channels></slot>
    <slot name=notes></slot>
    </section>";

/// Numbers, drawing, photograph or camera; then height and width.
pub(crate) fn input_group(lab: Lab) -> Markup {
    let tab = State::new(NUMBERS);
    // A preset or a link may bring another kind of input.
    follow(move || {
        let is_picture = lab.model.with(LabModel::is_picture);
        let shown = tab.get_untracked();
        match is_picture {
            true if shown < PHOTO => tab.set(PHOTO),
            false if shown == PHOTO => tab.set(NUMBERS),
            _ => {}
        }
    });
    let choose = move |idx: usize| {
        let model = lab.current();
        match idx {
            NUMBERS | DRAW if model.is_picture() => lab.edit("", model.with_numbers()),
            PHOTO if !model.is_picture() => {
                lab.edit("", model.with_sample(Sample::default()));
            }
            _ => {}
        }
        if lab.live.get_untracked().is_some() {
            lab.live.set(None);
        }
        tab.set(idx);
        lab.brush.set((idx == DRAW).then_some(9.0));
    };
    let view = Markup::new(GROUP);
    view.swap(".control-group__sheet", move || match tab.get() {
        DRAW => draw(lab),
        PHOTO => photo(lab),
        CAMERA => camera_sheet(lab),
        _ => numbers(lab),
    });
    let sources = ["Numbers", "Draw", "Photo", "Camera"];
    view.put(
        "source",
        segmented("Source of the input", &sources, Box::new(move || tab.get()), Box::new(choose)),
    );
    view.put("note", picture_note(lab));
    view.put("size", axis_pair(lab, SIZE));
    let channels = move || vec![Control::Channels];
    view.put("channels", number_row(lab, "channels", Box::new(|| "Channels"), Box::new(channels), None));
    view.put("notes", panel_notes(lab, &["input"]));
    view
}

/// The pattern that fills the input; its cells are edited in the figure.
fn numbers(lab: Lab) -> Markup {
    let labels: Vec<&str> = Pattern::ALL.iter().map(|pattern| pattern.label()).collect();
    let pattern = move || {
        lab.model.with(|model| match model.input {
            InputSource::Pattern(pattern) => Some(pattern),
            _ => None,
        })
    };
    let chosen = move || {
        let pattern = pattern();
        index(Pattern::ALL.iter().position(|it| pattern.is_some_and(|pattern| pattern.name() == it.name())))
    };
    let set = move |pattern: Pattern| {
        lab.edit("", LabModel { input: InputSource::Pattern(pattern), ..lab.current() });
    };
    let view = Markup::new(&format!(
        "<div class=control-row><slot name=pattern></slot>{}</div><p class=\"small muted\"></p>",
        icon_button("btn btn--quiet btn--icon", "again", "New random numbers", Glyph::Dice)
    ));
    view.on("button", "click", move |_| {
        let seed = match pattern() {
            Some(Pattern::Random { seed }) => seed.wrapping_add(1),
            _ => 1,
        };
        set(Pattern::Random { seed });
    });
    view.text("p", move || match pattern() {
        Some(Pattern::Random { seed }) => format!("Seed {seed}. Click a cell and type to change it."),
        _ => "Click a cell and type to change it.".to_owned(),
    });
    let options = html::options(&[("", labels)], "Own numbers");
    let choose = move |idx: usize| set(Pattern::ALL[idx]);
    view.put("pattern", select("Numbers", &options, Box::new(chosen), Box::new(choose)));
    view
}

/// What the pointer paints on the grid.
fn draw(lab: Lab) -> Markup {
    const BRUSHES: [f32; 4] = [9.0, 5.0, 1.0, 0.0];
    const DRAWN: &str = "Drag over the input to paint this value.";
    const TOO_LARGE: &str =
        "Drawing works up to 64 × 64: more numbers would not fit in a link. Make the input smaller.";
    const _: () = assert!(MAX_NUMBERS == 64);
    let chosen = move || {
        let brush = lab.brush.get();
        BRUSHES.iter().position(|value| Some(*value) == brush).unwrap_or(BRUSHES.len())
    };
    let choose = move |idx: usize| lab.brush.set(Some(BRUSHES[idx]));
    let view = Markup::new(
        "<div class=control-row><slot name=brush></slot><button type=button class=btn>Clear</button></div>
        <p class=\"small muted\" role=status></p>",
    );
    view.text("p", move || {
        lab.model.with(|model| if model.has_editable_cells() { DRAWN } else { TOO_LARGE }).to_owned()
    });
    view.on("button", "click", move |_| lab.edit("", lab.current().cleared()));
    let values = ["9", "5", "1", "0"];
    view.put("brush", segmented("Value of the brush", &values, Box::new(chosen), Box::new(choose)));
    view
}
