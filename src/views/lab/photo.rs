//! A photograph as input: a sample, or a file that is picked, dropped or pasted.

use convscope_page::model::{InputSource, PictureSource, Sample};
use convscope_page::text;
use leptos::html::Input;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::platform::pictures;
use crate::views::controls::message::{Kind, message};
use crate::views::controls::select::Select;

/// The samples, the file button, and what became of the picture.
#[component]
pub(crate) fn Photo() -> impl IntoView {
    let lab = Lab::expect();
    let file = NodeRef::<Input>::new();
    let labels: Vec<_> = Sample::ALL.iter().map(|sample| sample.label()).collect();
    let chosen = Memo::new(move |_| {
        lab.model.with(|model| match &model.input {
            InputSource::Picture(PictureSource::Sample(sample)) => {
                Sample::ALL.iter().position(|it| it == sample)
            }
            _ => None,
        })
    });
    let choose = move |idx: usize| {
        lab.edit("", lab.current().with_picture(PictureSource::Sample(Sample::ALL[idx])));
    };
    view! {
        <div class="control-row">
            <Select label="Photograph" groups=vec![("", labels)] chosen=chosen other="Own picture" choose=choose/>
            <button
                type="button"
                class="btn"
                on:click=move |_| {
                    if let Some(file) = file.get_untracked() {
                        file.click();
                    }
                }
            >
                "Open"
            </button>
        </div>
        <input
            type="file"
            accept="image/*"
            class="visually-hidden"
            tabindex="-1"
            aria-label="Picture file"
            node_ref=file
            on:change=move |event| pictures::from_input(&event, move |result| lab.take_picture(result))
        />
        <PictureNote/>
        <p class="small muted">"Or drop or paste a picture. " {move || lab.derived.with(|it| text::picture_note(it))}</p>
    }
}

/// Why there is no picture, or what was done to it.
#[component]
pub(crate) fn PictureNote() -> impl IntoView {
    let lab = Lab::expect();
    let note = move || {
        lab.picture_note.get().map(|note| {
            let kind = if note.failed { Kind::Error } else { Kind::Plain };
            message(kind, note.text, None)
        })
    };
    view! { <div role="status">{note}</div> }
}
