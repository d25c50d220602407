//! A photograph as input: a sample, or a file that is picked, dropped or pasted.

use convscope_page::source::{InputSource, PictureSource, Sample};
use convscope_page::text;

use super::live::live_switch;
use crate::derive::{Lab, LiveSource};
use crate::platform::markup::Markup;
use crate::platform::{form, pictures};
use crate::views::controls::select::{index, select};
use crate::views::html::{self, Kind};

const SHEET: &str = "<div class=control-row>
        <slot name=sample></slot><button type=button class=btn>Open</button>
    </div>
    <input type=file accept=\"image/*\" hidden aria-label=\"Picture file\">
    <slot name=live></slot>
    <p class=\"small muted\"></p>";

/// The samples, the file button, and what became of the picture.
pub(crate) fn photo(lab: Lab) -> Markup {
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
        lab.edit("", lab.current().with_sample(Sample::ALL[idx]));
    };
    let view = Markup::new(SHEET);
    let file = view.find("input");
    view.on("button", "click", move |_| form::click(&file));
    view.on("input", "change", move |event| {
        pictures::from_input(&event, move |result| lab.take_picture(result));
    });
    view.text("p", move || {
        let note = lab.derived.with(|it| text::picture_note(it));
        ["Or drop or paste a picture; it stays on this machine. ", note.as_deref().unwrap_or("")].concat()
    });
    let options = html::options(&[("", labels)], "Own picture");
    view.put("live", live_switch(lab, LiveSource::Picture, "Whole picture through the kernel, in colour"));
    view.put("sample", select("Photograph", &options, Box::new(chosen), Box::new(choose)));
    view
}

/// Why there is no picture, or what was done to it.
pub(crate) fn picture_note(lab: Lab) -> Markup {
    let view = Markup::new("<div role=status></div>");
    view.html("div", move || {
        lab.picture_note.with(|note| {
            note.as_ref().map_or_else(String::new, |note| {
                html::message(if note.failed { Kind::Error } else { Kind::Plain }, &note.text, None)
            })
        })
    });
    view
}
