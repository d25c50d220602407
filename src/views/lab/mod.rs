//! The lab: controls at the left, the stage with its transport and arithmetic, the inspector at the right.

mod arithmetic;
mod bias_row;
mod camera;
mod cell_editor;
mod cell_grid;
pub(crate) mod figure;
mod input_group;
mod inspector;
mod kernel_group;
mod notices;
mod padding_group;
mod panel;
mod panel_notes;
mod photo;
pub(crate) mod shortcuts;
mod tabs;
pub(crate) mod transport;
mod value_field;

use convscope_page::text;
use leptos::prelude::*;

use crate::derive::Lab;
use crate::views::html;
use arithmetic::Arithmetic;
use figure::Figure;
use inspector::Inspector;
use notices::Notices;
use panel::Panel;
use tabs::Tabs;
use transport::Transport;

/// The whole page below the top bar.
#[component]
pub(crate) fn LabPage() -> AnyView {
    let lab = Lab::expect();
    let sheet = RwSignal::new(tabs::FIRST.to_owned());
    let drawer = RwSignal::new(false);
    shortcuts::use_shortcuts(lab);
    let long = move || lab.derived.with(|it| html::runs(&text::sentence(it)));
    let short = move || lab.derived.with(|it| html::runs(&text::sentence_short(it)));
    view! {
        <main
            class="lab"
            data-sheet=sheet
            data-drawer=Signal::derive(move || if drawer.get() { "open" } else { "closed" }.to_owned())
        >
            <Panel drawer=drawer/>
            <div class="lab__work">
                <section class="lab__main" aria-label="Figure">
                    <Notices/>
                    <div class="stage-head">
                        <button
                            type="button"
                            class="btn stage-head__drawer"
                            aria-expanded=Signal::derive(move || drawer.get().to_string())
                            on:click=move |_| drawer.update(|open| *open = !*open)
                        >
                            "Controls"
                        </button>
                        <h1 class="stage-head__sentence">
                            <span class="stage-head__long" inner_html=Signal::derive(long)></span>
                            <span class="stage-head__short" inner_html=Signal::derive(short)></span>
                        </h1>
                    </div>
                    <Figure/>
                    <Transport/>
                    <Arithmetic/>
                </section>
                <aside class="lab__aside" aria-label="Cell">
                    <Inspector/>
                </aside>
            </div>
            <Tabs sheet=sheet/>
        </main>
    }
    .into_any()
}
