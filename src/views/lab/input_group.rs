//! Where the input comes from, and how large it is.

use convscope_page::bounds::Control;
use convscope_page::model::{InputSource, LabModel, Pattern, PictureSource, Sample};
use leptos::prelude::*;

use super::camera::Camera;
use super::panel_notes::PanelNotes;
use super::photo::Photo;
use crate::derive::Lab;
use crate::views::controls::axis_pair::AxisPair;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::segmented::Segmented;
use crate::views::controls::select::{Select, index};
use crate::views::html;

const NUMBERS: usize = 0;
const DRAW: usize = 1;
const PHOTO: usize = 2;
const CAMERA: usize = 3;

/// Numbers, drawing, photograph or camera; then height and width.
#[component]
pub(crate) fn InputGroup() -> AnyView {
    let lab = Lab::expect();
    let tab = RwSignal::new(NUMBERS);
    // A preset or a link may bring another kind of input.
    Effect::new(move |_| {
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
                lab.edit("", model.with_picture(PictureSource::Sample(Sample::default())));
            }
            _ => {}
        }
        tab.set(idx);
        lab.brush.set((idx == DRAW).then_some(9.0));
    };
    let sheet = move || match tab.get() {
        DRAW => view! { <Draw/> },
        PHOTO => view! { <Photo/> },
        CAMERA => view! { <Camera/> },
        _ => view! { <Numbers/> },
    };
    view! {
        <section class="control-group">
            <div class="control-group__head">
                <h2 class="heading t-input">"Input"</h2>
            </div>
            <Segmented
                label="Source of the input"
                options=&["Numbers", "Draw", "Photo", "Camera"]
                chosen=tab.into()
                choose=Callback::new(choose)
            />
            {sheet}
            <AxisPair
                label="H × W"
                controls=[Control::InputHeight, Control::InputWidth]
                axes=["Height", "Width"]
                what=["input size", "input width"]
            />
            <PanelNotes controls=&["input"]/>
        </section>
    }
    .into_any()
}

/// The pattern that fills the input; its cells are edited in the figure.
#[component]
fn Numbers() -> AnyView {
    let lab = Lab::expect();
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
    let again = move |_| {
        let seed = match pattern() {
            Some(Pattern::Random { seed }) => seed + 1,
            _ => 1,
        };
        set(Pattern::Random { seed });
    };
    let hint = move || match pattern() {
        Some(Pattern::Random { seed }) => format!("Seed {seed}. Click a cell and type to change it."),
        _ => "Click a cell and type to change it.".to_owned(),
    };
    view! {
        <div class="control-row">
            <Select
                label="Numbers"
                options=html::options(&[("", labels)], "Own numbers")
                chosen=Signal::derive(chosen)
                choose=Callback::new(move |idx: usize| set(Pattern::ALL[idx]))
            />
            <button
                type="button"
                class="btn btn--quiet btn--icon"
                aria-label="New random numbers"
                inner_html=icon(Glyph::Dice)
                on:click=again
            ></button>
        </div>
        <p class="small muted">{Signal::derive(hint)}</p>
    }
    .into_any()
}

/// What the pointer paints on the grid.
#[component]
fn Draw() -> AnyView {
    const BRUSHES: [f32; 4] = [9.0, 5.0, 1.0, 0.0];
    let lab = Lab::expect();
    let chosen = move || {
        let brush = lab.brush.get();
        BRUSHES.iter().position(|value| Some(*value) == brush).unwrap_or(BRUSHES.len())
    };
    let clear = move |_| {
        let model = lab.current();
        let n_cells = (model.input_size[0] * model.input_size[1]) as usize;
        lab.edit("", LabModel { input: InputSource::Numbers(vec![0.0; n_cells]), ..model });
    };
    view! {
        <div class="control-row">
            <Segmented
                label="Value of the brush"
                options=&["9", "5", "1", "0"]
                chosen=Signal::derive(chosen)
                choose=Callback::new(move |idx: usize| lab.brush.set(Some(BRUSHES[idx])))
            />
            <button type="button" class="btn" on:click=clear>"Clear"</button>
        </div>
        <p class="small muted">"Drag over the input to paint this value."</p>
    }
    .into_any()
}
