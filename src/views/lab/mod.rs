//! The lab: controls at the left, the stage with its transport and arithmetic, the inspector at the right.

mod arithmetic;
mod bias_row;
mod camera;
mod cell_editor;
mod cell_grid;
mod channels_group;
mod choice;
mod code_box;
pub(crate) mod figure;
mod input_group;
mod inside;
mod inspector;
mod kernel_grid;
mod kernel_group;
mod live;
mod operation_group;
mod output_group;
mod padding_group;
mod painted;
mod panel;
mod panel_notes;
mod patches;
mod photo;
mod pool_rows;
mod rules;
pub(crate) mod shortcuts;
mod tabs;
pub(crate) mod transport;
mod value_field;

use convscope_page::operation::{Operation, View};
use convscope_page::text;

use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::html;
use crate::views::notices::notices;
use arithmetic::arithmetic;
use choice::{Choice, choice, view_choice};
use code_box::code_box;
use figure::figure;
use inside::inside_place;
use inspector::inspector;
use live::live_place;
use panel::panel;
use tabs::tabs;
use transport::transport;

const PAGE: &str = "<main class=lab>
    <slot name=panel></slot>
    <div class=lab__work><div class=lab__main>
        <section aria-label=Figure>
            <slot name=notices></slot>
            <div class=stage-head>
                <button type=button class=\"btn stage-head__drawer\">Controls</button>
                <h1 class=stage-head__sentence>
                    <span class=stage-head__long></span><span class=stage-head__short></span>
                </h1>
                <slot name=view></slot>
            </div>
            <p class=\"stage-note small muted\" role=status></p>
            <div class=stage-choice><slot name=channel></slot><slot name=filter></slot></div>
            <slot name=figure></slot>
            <slot name=live></slot>
            <slot name=transport></slot>
            <slot name=inside></slot>
        </section>
        <div class=lab__under>
            <slot name=arithmetic></slot>
            <aside class=lab__aside aria-label=Cell><slot name=inspector></slot><slot name=code></slot></aside>
        </div>
    </div></div>
    <slot name=tabs></slot>
    </main>";

/// The whole page below the top bar.
pub(crate) fn lab_page(lab: Lab) -> Markup {
    let sheet = State::new(tabs::FIRST.to_owned());
    let drawer = State::new(false);
    shortcuts::use_shortcuts(lab);
    let page = Markup::new(PAGE);
    page.attr("main", "data-sheet", move || sheet.get());
    page.attr("main", "data-drawer", move || if drawer.get() { "open" } else { "closed" }.to_owned());
    page.attr(".stage-head__drawer", "aria-expanded", move || drawer.get().to_string());
    page.on(".stage-head__drawer", "click", move |_| drawer.update(|open| *open = !*open));
    page.html(".stage-head__long", move || lab.derived.with(|it| html::runs(&text::sentence(it))));
    page.html(".stage-head__short", move || lab.derived.with(|it| html::runs(&text::sentence_short(it))));
    page.put_later("panel", move || panel(lab, drawer));
    page.put_later("notices", move || notices(lab.notices));
    // In the depth view they stand in the head of what is inside the filter.
    page.flag(".stage-choice", "hidden", move || {
        lab.derived.with(|it| it.model.view == View::Depth || it.input.shape()[1].max(it.n_filters()) == 1)
    });
    page.text(".stage-note", move || {
        let scatters = lab.model.with(|model| model.operation == Operation::Transposed);
        if scatters { lab.derived.with(|it| text::stage_note(it)).unwrap_or_default() } else { String::new() }
    });
    page.put_later("view", move || view_choice(lab));
    page.put_later("channel", move || choice(lab, Choice::Channel, "shown-channel"));
    page.put_later("filter", move || choice(lab, Choice::Filter, "shown-filter"));
    page.put("figure", figure(lab));
    page.put_later("live", move || live_place(lab));
    page.put("transport", transport(lab));
    page.put_later("inside", move || inside_place(lab));
    page.put_later("arithmetic", move || arithmetic(lab));
    page.put_later("inspector", move || inspector(lab));
    page.put_later("code", move || code_box(lab));
    page.put_later("tabs", move || tabs(sheet));
    page
}
