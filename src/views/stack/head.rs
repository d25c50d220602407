//! Which network is shown, and how its input: as pixels or photograph, and which picture.

use convscope_page::source::{PictureSource, Sample};
use convscope_page::stack::{Shown, StackModel};

use super::examples::examples;
use crate::platform::markup::Markup;
use crate::platform::{focus, form, page, pictures};
use crate::stack::Stack;
use crate::state::State;
use crate::views::controls::icon::{Glyph, icon};
use crate::views::controls::segmented::segmented;
use crate::views::html::{self, Kind};

const LABELS: [&str; 2] = ["Pixels", "Photo"];

/// The list of examples, the choice between pixels and photograph, and a button that opens the list of pictures.
pub(crate) fn picture_tools(stack: Stack) -> Markup {
    let view = Markup::new("<slot name=examples></slot><slot name=shown></slot><slot name=menu></slot>");
    view.put("examples", examples(stack));
    let chosen = move || {
        let shown = stack.model.with(|model| model.shown);
        Shown::ALL.iter().position(|it| *it == shown).unwrap_or(Shown::ALL.len())
    };
    let choose = move |idx: usize| {
        stack.look(StackModel { shown: Shown::ALL[idx], ..stack.model.get_untracked() });
    };
    view.put("shown", segmented("Input shown as", &LABELS, Box::new(chosen), Box::new(choose)));
    view.put("menu", picture_menu(stack));
    view
}

fn picture_menu(stack: Stack) -> Markup {
    let open = State::new(false);
    page::on_outside("picture", move || open.set(false));
    let view = Markup::new(&format!(
        "<div class=\"share picture\" id=picture>
        <button type=button class=btn aria-controls=picture-menu>{}<span>Image</span></button>
        <div class=menu id=picture-menu>
            <div class=picture__list></div>
            <button type=button class=menu__item data-at=open>Open a picture</button>
            <input type=file accept=\"image/*\" hidden aria-label=\"Picture file\">
            <p class=\"menu__said small\">Or drop or paste one; it stays on this machine.</p>
            <div class=picture__note role=status></div>
        </div></div>",
        icon(Glyph::Image),
    ));
    view.attr("[aria-controls]", "aria-expanded", move || open.get().to_string());
    view.flag(".menu", "hidden", move || !open.get());
    view.html(".picture__list", move || {
        let chosen = stack.model.with(|model| match model.picture {
            PictureSource::Sample(sample) => Some(sample),
            PictureSource::Own(_) => None,
        });
        let mut out = String::new();
        for (idx, sample) in Sample::ALL.iter().enumerate() {
            let pressed = chosen == Some(*sample);
            out.push_str(&format!(
                "<button type=button class=menu__item data-at={idx} aria-pressed={pressed}>{}</button>",
                sample.label()
            ));
        }
        out
    });
    view.html(".picture__note", move || {
        stack.picture_note.with(|note| {
            note.as_ref().map_or_else(String::new, |note| {
                html::message(if note.failed { Kind::Error } else { Kind::Plain }, &note.text, None)
            })
        })
    });
    // A picture that cannot be read says so where pictures are chosen, however it was brought.
    crate::state::follow(move || {
        if stack.picture_note.with(|note| note.as_ref().is_some_and(|note| note.failed)) {
            open.set(true);
        }
    });
    view.on("[aria-controls]", "click", move |_| open.update(|open| *open = !*open));
    let file = view.find("input");
    view.on(".menu", "click", move |event| match form::place(&event) {
        Some(name) if name == "open" => form::click(&file),
        Some(name) => {
            if let Some(sample) = name.parse().ok().and_then(|idx: usize| Sample::ALL.get(idx)) {
                let picture = PictureSource::Sample(*sample);
                let model = StackModel { picture, ..stack.model.get_untracked() };
                stack.edit("", model, format!("The picture is {}", sample.label()));
                open.set(false);
                focus::first_in("picture", "button");
            }
        }
        None => {}
    });
    view.on("input", "change", move |event| {
        pictures::from_input(&event, move |result| {
            open.set(false);
            stack.take_picture(result);
        });
    });
    view.on(".picture", "keydown", move |event| {
        if form::key(&event) == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            focus::first_in("picture", "button");
        }
    });
    view.on(".picture", "focusout", move |event| {
        if form::focus_leaves(&event, ".picture") {
            open.set(false);
        }
    });
    view
}
