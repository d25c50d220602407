//! Below the table: add and duplicate layers, undo.

use convscope_page::stack::Kind;

use super::actions::Layers;
use crate::platform::markup::Markup;
use crate::platform::{focus, form, page};
use crate::state::State;
use crate::views::controls::icon::{Glyph, icon, icon_button};

/// Buttons that act on the selected layer and on the last edit.
pub(crate) fn foot(layers: Layers) -> Markup {
    let stack = layers.stack;
    let open = State::new(false);
    page::on_outside("add-layer", move || open.set(false));
    let kinds: String = Kind::ALL
        .iter()
        .map(|kind| {
            let (name, label) = (kind.name(), kind.label());
            format!("<button type=button class=menu__item data-at={name}>{label}</button>")
        })
        .collect();
    let view = Markup::new(&format!(
        "<div class=layers-tools>
        <div class=share id=add-layer>
            <button type=button class=btn aria-controls=add-layer-menu aria-label=\"Add layer\">{}<span>Add<span class=layers-tools__layer> layer</span></span></button>
            <div class=menu id=add-layer-menu>{kinds}</div>
        </div>
        <button type=button class=\"btn btn--quiet\" data-at=duplicate aria-label=Duplicate>{}<span>Duplicate</span></button>
        {}{}
        </div>",
        icon(Glyph::Plus),
        icon(Glyph::Copy),
        icon_button("btn btn--quiet btn--icon", "undo", "Undo", Glyph::Undo),
        icon_button("btn btn--quiet btn--icon", "redo", "Redo", Glyph::Redo),
    ));
    view.attr("[aria-controls]", "aria-expanded", move || open.get().to_string());
    view.flag(".menu", "hidden", move || !open.get());
    view.on("[aria-controls]", "click", move |_| {
        open.update(|open| *open = !*open);
        if open.get_untracked() {
            focus::soon_in("add-layer", ".menu__item");
        }
    });
    view.on(".menu", "click", move |event| {
        if let Some(kind) = form::place(&event).and_then(|name| Kind::from_name(&name)) {
            open.set(false);
            layers.add(kind);
        }
    });
    view.on(".share", "keydown", move |event| {
        if form::key(&event) == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            focus::first_in("add-layer", "button");
        }
    });
    view.on(".share", "focusout", move |event| {
        if form::focus_leaves(&event, ".share") {
            open.set(false);
        }
    });
    view.flag("[data-at=duplicate]", "disabled", move || stack.selected.get() == 0);
    view.flag("[data-at=undo]", "disabled", move || !stack.undoable.get()[0]);
    view.flag("[data-at=redo]", "disabled", move || !stack.undoable.get()[1]);
    view.on("[data-at=duplicate]", "click", move |_| layers.duplicate());
    view.on("[data-at=undo]", "click", move |_| stack.undo());
    view.on("[data-at=redo]", "click", move |_| stack.redo());
    view
}
