//! Takes the figure elsewhere: link, SVG, PNG, iframe.

use convscope_page::figure::{self, lab_spec};
use convscope_scene::lab::LabFigure;
use convscope_scene::{Pose, Scene, Size, svg};
use leptos::prelude::*;

use super::controls::icon::{Glyph, icon};
use crate::derive::Lab;
use crate::platform::clipboard::Delivered;
use crate::platform::{clipboard, export, page, palette};

/// The room that an exported figure is laid out in.
const ROOM: Size = Size::new(900.0, 640.0);

/// A button that opens a short list of what can be copied or saved.
#[component]
pub(crate) fn Share() -> impl IntoView {
    let lab = Lab::expect();
    let open = RwSignal::new(false);
    let said = RwSignal::new(String::new());
    let palette = palette::use_palette();
    let scene = move || -> Scene {
        let spec = lab.derived.with_untracked(|it| lab_spec(it, true));
        LabFigure::new(spec, ROOM).scene(Pose::at(lab.step.get_untracked()), lab.pinned.get_untracked())
    };
    let svg = move || {
        let palette = palette.get_untracked();
        svg::write(&scene(), &lab.derived.with_untracked(|it| figure::describe(it)), &*palette)
    };
    let copy = move |text: String, what: &'static str| {
        clipboard::copy_text(text, move |copied| {
            said.set(copied.map_or_else(|refused| refused.to_string(), |()| format!("{what} copied")));
        });
    };
    let link = move |_| copy(lab.address(false), "Link");
    let iframe =
        move |_| copy(lab.derived.with_untracked(|it| figure::iframe(it, &lab.address(true))), "Iframe");
    let copy_svg = move |_| copy(svg(), "SVG");
    let save_svg = move |_| {
        clipboard::download("convolution.svg", "image/svg+xml", svg().as_bytes());
        said.set("SVG saved".to_owned());
    };
    let copy_png = move |_| match export::scene_to_png(&scene(), &palette.get_untracked(), 2.0) {
        Ok(png) => clipboard::copy_png(&png, "convolution.png", move |delivered| {
            let clipboard = delivered == Delivered::Clipboard;
            said.set(if clipboard { "PNG copied" } else { "PNG saved as a file" }.to_owned());
        }),
        Err(error) => said.set(error.to_string()),
    };
    let item = move |label: &'static str, act: Box<dyn Fn(())>| {
        view! { <li><button type="button" class="menu__item" on:click=move |_| act(())>{label}</button></li> }
    };
    page::on_outside("share", move || open.set(false));
    view! {
        <div class="share" id="share" on:keydown=move |event| {
            if event.key() == "Escape" && open.get_untracked() {
                event.stop_propagation();
                open.set(false);
            }
        }>
            <button
                type="button"
                class="btn btn--quiet"
                aria-label="Share"
                aria-expanded=move || open.get().to_string()
                aria-controls="share-menu"
                on:click=move |_| {
                    said.set(String::new());
                    open.update(|open| *open = !*open);
                }
            >
                {icon(Glyph::Share)}
                <span class="top-bar__word">"Share"</span>
            </button>
            <div class="menu" id="share-menu" hidden=move || !open.get()>
                <ul>
                    {item("Copy link", Box::new(link))}
                    {item("Copy figure as SVG", Box::new(copy_svg))}
                    {item("Save figure as SVG", Box::new(save_svg))}
                    {item("Copy figure as PNG", Box::new(copy_png))}
                    {item("Copy iframe for a page", Box::new(iframe))}
                </ul>
                <p class="menu__said small" role="status">{move || said.get()}</p>
            </div>
        </div>
    }
}
