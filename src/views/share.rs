//! Takes the page elsewhere: link, and of the lab the figure as SVG, PNG, iframe.

use super::controls::icon::{Glyph, icon};
use crate::derive::Lab;
use crate::pages::{Pages, Showing};
use crate::platform::clipboard::Delivered;
use crate::platform::markup::Markup;
use crate::platform::{clipboard, export, focus, form, page, palette};
use crate::state::State;
use convscope_page::figure;
use convscope_scene::{Pose, Scene, Size, svg};

/// The room that an exported figure is laid out in.
const ROOM: Size = Size::new(900.0, 640.0);

/// What the menu of a page offers: names for its actions, and what a reader sees.
type Items = &'static [(&'static str, &'static str)];

const LAB: Items = &[
    ("link", "Copy link"),
    ("svg", "Copy figure as SVG"),
    ("save", "Save figure as SVG"),
    ("png", "Copy figure as PNG"),
    ("iframe", "Copy iframe for a page"),
];
const STACK: Items = &[("link", "Copy link")];

/// A button that opens a short list of what can be copied or saved of the page that is shown.
pub(crate) fn share(pages: Pages) -> Markup {
    let view = Markup::new("<div class=top-bar__share></div>");
    view.swap("div", move || match pages.showing.get() {
        Showing::Stack => {
            let stack = pages.stack();
            menu(STACK, move |_, said| copy(stack.address(), "Link", said))
        }
        Showing::Lab | Showing::Embed => lab_menu(pages.lab),
    });
    view
}

fn lab_menu(lab: Lab) -> Markup {
    let palette = palette::use_palette();
    let scene = move || -> Scene {
        let figure = lab.derived.with_untracked(|it| figure::figure(it, true, ROOM));
        figure.scene(Pose::at(lab.step.get_untracked()), lab.pinned.get_untracked())
    };
    let svg = move || {
        let palette = palette.get_untracked();
        svg::write(&scene(), &lab.derived.with_untracked(|it| figure::describe(it)), &*palette)
    };
    let copy_png =
        move |said: State<String>| match export::scene_to_png(&scene(), &palette.get_untracked(), 2.0) {
            Ok(png) => clipboard::copy_png(&png, "convolution.png", move |delivered| {
                let clipboard = delivered == Delivered::Clipboard;
                said.set(if clipboard { "PNG copied" } else { "PNG saved as a file" }.to_owned());
            }),
            Err(error) => said.set(error.to_string()),
        };
    menu(LAB, move |name, said| match name {
        "link" => copy(lab.address(false), "Link", said),
        "iframe" => {
            copy(lab.derived.with_untracked(|it| figure::iframe(it, &lab.address(true))), "Iframe", said);
        }
        "svg" => copy(svg(), "SVG", said),
        "save" => {
            clipboard::download("convolution.svg", "image/svg+xml", svg().as_bytes());
            said.set("SVG saved".to_owned());
        }
        "png" => copy_png(said),
        _ => {}
    })
}

/// Copies a text and says so.
fn copy(text: String, what: &'static str, said: State<String>) {
    clipboard::copy_text(text, move |copied| {
        said.set(copied.map_or_else(|refused| refused.to_string(), |()| format!("{what} copied")));
    });
}

/// The button and its list; `act` is called with the name of what is chosen and where to say what became of it.
fn menu(items: Items, act: impl Fn(&str, State<String>) + 'static) -> Markup {
    let open = State::new(false);
    let said = State::new(String::new());
    page::on_outside("share", move || open.set(false));
    let view = Markup::new(&format!(
        "<div class=share id=share>
        <button type=button class=\"btn btn--quiet\" aria-label=Share aria-controls=share-menu>{}
        <span class=top-bar__word>Share</span></button>
        <div class=menu id=share-menu><div>{}</div><p class=\"menu__said small\" role=status></p></div>
        </div>",
        icon(Glyph::Share),
        markup_of(items),
    ));
    view.attr("[aria-controls]", "aria-expanded", move || open.get().to_string());
    view.flag(".menu", "hidden", move || !open.get());
    view.text(".menu__said", move || said.get());
    view.on("[aria-controls]", "click", move |_| {
        said.set(String::new());
        open.update(|open| *open = !*open);
    });
    view.on(".menu", "click", move |event| {
        if let Some(name) = form::place(&event) {
            act(&name, said);
        }
    });
    view.on(".share", "keydown", move |event| {
        if form::key(&event) == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            focus::first_in("share", "button");
        }
    });
    view.on(".share", "focusout", move |event| {
        // The focus goes elsewhere, not to another entry and not to the body as a press does.
        if form::focus_leaves(&event, ".share") {
            open.set(false);
        }
    });
    view
}

/// The entries of a menu, as markup.
fn markup_of(items: Items) -> String {
    let item = |(name, label): &(_, _)| {
        format!("<button type=button class=menu__item data-at={name}>{label}</button>")
    };
    items.iter().map(item).collect()
}
