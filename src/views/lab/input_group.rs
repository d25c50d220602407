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
use crate::views::controls::select::Select;

const NUMBERS: usize = 0;
const DRAW: usize = 1;
const PHOTO: usize = 2;
const CAMERA: usize = 3;

/// Numbers, drawing, photograph or camera; then height and width.
#[component]
pub(crate) fn InputGroup() -> impl IntoView {
    let lab = Lab::expect();
    let is_picture = Memo::new(move |_| lab.model.with(LabModel::is_picture));
    let tab = RwSignal::new(NUMBERS);
    // A preset or a link may bring another kind of input.
    Effect::new(move |_| {
        let shown = tab.get_untracked();
        match is_picture.get() {
            true if shown < PHOTO => tab.set(PHOTO),
            false if shown >= PHOTO => tab.set(NUMBERS),
            _ => {}
        }
    });
    let choose = move |idx: usize| {
        tab.set(idx);
        lab.brush.set((idx == DRAW).then_some(9.0));
        let model = lab.current();
        match idx {
            NUMBERS | DRAW if model.is_picture() => lab.edit("input", model.with_numbers()),
            PHOTO if !model.is_picture() => {
                lab.edit("input", model.with_picture(PictureSource::Sample(Sample::default())));
            }
            _ => {}
        }
    };
    view! {
        <section class="control-group">
            <div class="control-group__head">
                <h2 class="heading t-input">"Input"</h2>
            </div>
            <Segmented label="Source of the input" options=vec!["Numbers", "Draw", "Photo", "Camera"] chosen=tab choose=choose/>
            {move || match tab.get() {
                DRAW => view! { <Draw/> }.into_any(),
                PHOTO => view! { <Photo/> }.into_any(),
                CAMERA => view! { <Camera/> }.into_any(),
                _ => view! { <Numbers/> }.into_any(),
            }}
            <AxisPair
                label="H × W"
                controls=[Control::InputHeight, Control::InputWidth]
                axes=["Height", "Width"]
                what=["input size", "input width"]
            />
            <PanelNotes control="input"/>
        </section>
    }
}

/// The pattern that fills the input; its cells are edited in the figure.
#[component]
fn Numbers() -> impl IntoView {
    let lab = Lab::expect();
    let labels: Vec<_> = Pattern::ALL.iter().map(|pattern| pattern.label()).collect();
    let chosen = Memo::new(move |_| {
        lab.model.with(|model| match &model.input {
            InputSource::Pattern(pattern) => Pattern::ALL.iter().position(|it| it.label() == pattern.label()),
            _ => None,
        })
    });
    let choose = move |idx: usize| {
        let input = InputSource::Pattern(Pattern::ALL[idx]);
        lab.edit("", LabModel { input, ..lab.current() });
    };
    let seed = move || {
        lab.model.with(|model| match model.input {
            InputSource::Pattern(Pattern::Random { seed }) => Some(seed),
            _ => None,
        })
    };
    let again = move |_| {
        let seed = seed().map_or(1, |seed| seed + 1);
        lab.edit("", LabModel { input: InputSource::Pattern(Pattern::Random { seed }), ..lab.current() });
    };
    view! {
        <div class="control-row">
            <Select label="Numbers" groups=vec![("", labels)] chosen=chosen other="Own numbers" choose=choose/>
            <button type="button" class="btn btn--quiet btn--icon" aria-label="New random numbers" on:click=again>
                {icon(Glyph::Dice)}
            </button>
        </div>
        <p class="small muted">
            {move || seed().map_or_else(|| "Click a cell and type to change it.".to_owned(), |seed| format!("Seed {seed}."))}
        </p>
    }
}

/// What the pointer paints on the grid.
#[component]
fn Draw() -> impl IntoView {
    let lab = Lab::expect();
    const BRUSHES: [f32; 4] = [9.0, 5.0, 1.0, 0.0];
    let chosen = Signal::derive(move || {
        BRUSHES.iter().position(|value| Some(*value) == lab.brush.get()).unwrap_or(BRUSHES.len())
    });
    let clear = move |_| {
        let model = lab.current();
        let n_cells = (model.input_size[0] * model.input_size[1]) as usize;
        lab.edit("", LabModel { input: InputSource::Numbers(vec![0.0; n_cells]), ..model });
    };
    view! {
        <div class="control-row">
            <Segmented
                label="Value of the brush"
                options=vec!["9", "5", "1", "0"]
                chosen=chosen
                choose=move |idx| lab.brush.set(Some(BRUSHES[idx]))
            />
            <button type="button" class="btn" on:click=clear>"Clear"</button>
        </div>
        <p class="small muted">"Drag over the input to paint this value."</p>
    }
}
