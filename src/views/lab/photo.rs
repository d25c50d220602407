//! A photograph as input: a sample, or a file that is picked, dropped or pasted.

use convscope_page::model::{InputSource, PictureSource, Sample};
use convscope_page::text;
use leptos::html::Input;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::platform::pictures;
use crate::views::controls::select::{Select, index};
use crate::views::html::{self, Kind};

/// The samples, the file button, and what became of the picture.
#[component]
pub(crate) fn Photo() -> AnyView {
    let lab = Lab::expect();
    let file = NodeRef::<Input>::new();
    let labels: Vec<&str> = Sample::ALL.iter().map(|sample| sample.label()).collect();
    let chosen = move || {
        lab.model.with(|model| {
            index(match &model.input {
                InputSource::Picture(PictureSource::Sample(sample)) => {
                    Sample::ALL.iter().position(|it| it == sample)
                }
                _ => None,
            })
        })
    };
    let choose = move |idx: usize| {
        lab.edit("", lab.current().with_picture(PictureSource::Sample(Sample::ALL[idx])));
    };
    let open = move |_| {
        if let Some(file) = file.get_untracked() {
            file.click();
        }
    };
    let about = move || {
        let note = lab.derived.with(|it| text::picture_note(it));
        format!("Or drop or paste a picture; it stays on this machine. {}", note.unwrap_or_default())
    };
    view! {
        <div class="control-row">
            <Select
                label="Photograph"
                options=html::options(&[("", labels)], "Own picture")
                chosen=Signal::derive(chosen)
                choose=Callback::new(choose)
            />
            <button type="button" class="btn" on:click=open>"Open"</button>
        </div>
        <input
            type="file"
            accept="image/*"
            hidden
            aria-label="Picture file"
            node_ref=file
            on:change=move |event| pictures::from_input(&event, move |result| lab.take_picture(result))
        />
        <PictureNote/>
        <p class="small muted">{Signal::derive(about)}</p>
    }
    .into_any()
}

/// Why there is no picture, or what was done to it.
#[component]
pub(crate) fn PictureNote() -> AnyView {
    let lab = Lab::expect();
    let note = move || {
        lab.picture_note.get().map_or_else(String::new, |note| {
            html::message(if note.failed { Kind::Error } else { Kind::Plain }, &note.text, None)
        })
    };
    view! { <div role="status" inner_html=Signal::derive(note)></div> }.into_any()
}
