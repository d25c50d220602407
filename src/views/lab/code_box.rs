//! The present layer as code: for PyTorch, Keras, JAX and ONNX.

use convscope_page::code::{self, Framework};

use crate::derive::Lab;
use crate::platform::clipboard;
use crate::platform::markup::Markup;
use crate::state::State;
use crate::views::controls::segmented::segmented;

const BOX: &str = "<section class=code-box aria-label=Code>
    <div class=code-box__head><slot name=framework></slot>
        <button type=button class=\"btn btn--quiet\">Copy</button></div>
    <pre class=code tabindex=0 role=group aria-label=\"Code of this layer\"></pre>
    <p class=\"small muted code-box__said\" role=status></p>
    </section>";

/// A choice of framework, the code, and a button that copies it.
pub(crate) fn code_box(lab: Lab) -> Markup {
    let chosen = State::new(0);
    let said = State::new(String::new());
    let text = move || {
        let framework = Framework::ALL[chosen.get()];
        lab.derived.with(|it| code::of_lab(it, framework)).unwrap_or_else(|error| error.to_string())
    };
    let view = Markup::new(BOX);
    view.text(".code", text);
    view.text(".code-box__said", move || said.get());
    view.on("button", "click", move |_| {
        clipboard::copy_text(text(), move |copied| {
            said.set(copied.map_or_else(|refused| refused.to_string(), |()| "Code copied".to_owned()));
        });
    });
    let names: Vec<&str> = Framework::ALL.iter().map(|framework| framework.name()).collect();
    let choose = move |idx| {
        chosen.set(idx);
        said.set(String::new());
    };
    view.put(
        "framework",
        segmented("Framework of the code", &names, Box::new(move || chosen.get()), Box::new(choose)),
    );
    view
}
