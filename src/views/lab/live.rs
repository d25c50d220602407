//! The live filter in place of the figure: the camera small, what the kernel makes of it large.

use convscope_page::{LabModel, live as words};
use convscope_worker::filter::{Filter, Shown};

use crate::derive::{Lab, LiveSource};
use crate::platform::camera::{self, Wish};
use crate::platform::live::{Live, Word, use_live};
use crate::platform::markup::Markup;
use crate::platform::{form, pictures};
use crate::state::{State, follow};
use crate::views::html::{self, Kind};

const VIEW: &str = "<section class=live aria-label=\"Live filter\">
    <div class=live__head>
        <h1 class=live__sizes></h1>
        <button type=button class=\"btn live__pause\">Pause</button>
        <button type=button class=\"btn btn--primary live__stop\">Stop</button>
    </div>
    <div class=live__pictures>
        <canvas class=live__output role=img aria-label=\"The filtered picture\"></canvas>
        <video class=live__input aria-label=\"What the camera sees\"></video>
        <canvas class=live__input role=img aria-label=\"The photograph\"></canvas>
    </div>
    <p class=\"live__speed small muted\"></p>
    <p class=\"live__rule small muted\"></p>
    <div class=live__notes></div>
    <div class=live__said role=status></div>
    </section>";

/// Nothing, or the live filter while there is one.
pub(crate) fn live_place(lab: Lab) -> Markup {
    let view = Markup::new("<div class=live-place></div>");
    view.swap(".live-place", move || match lab.live.get() {
        None => Markup::new(""),
        Some(source) => live_view(lab, source),
    });
    view.flag(".live-place", "hidden", move || lab.live.get().is_none());
    view
}

/// The switch that puts it there; a pool or a transposed convolution has no kernel for it.
pub(crate) fn live_switch(lab: Lab, source: LiveSource, label: &str) -> Markup {
    let view = Markup::new(&format!(
        "<div class=control-row><button type=button class=switch role=switch aria-label=\"{label}\"></button>
        <span aria-hidden=true>{label}</span></div>"
    ));
    view.flag(".control-row", "hidden", move || lab.derived.with(|it| words::kernel(it).is_none()));
    let on = move || lab.live.get() == Some(source);
    view.attr("button", "aria-checked", move || on().to_string());
    view.on("button", "click", move |_| {
        let live = (lab.live.get_untracked() != Some(source)).then_some(source);
        lab.picture_note.set(None);
        lab.live.set(live);
    });
    view
}

fn live_view(lab: Lab, source: LiveSource) -> Markup {
    let view = Markup::new(VIEW);
    let live = use_live(&view.find(".live__output"));
    let (shown, word) = (live.shown(), live.word());
    // Whoever wants no motion starts it by hand, and sees single pictures until then.
    let moving = State::new(source == LiveSource::Camera && !lab.still.get_untracked());

    let to_filter = live.clone();
    follow(move || {
        let filter = lab.derived.with(|it| {
            let kernel = words::kernel(it)?;
            let shown = if words::finds_edges(kernel) { Shown::Magnitude } else { Shown::Value };
            Some(Filter {
                options: *it.params.options(),
                weight: kernel.to_vec(),
                bias: it.model.bias,
                shown,
            })
        });
        if let Some(filter) = filter {
            to_filter.set_filter(filter);
        }
    });
    match source {
        LiveSource::Camera => watch_camera(lab, &view, live, moving),
        LiveSource::Picture => watch_picture(lab, &view, live),
    }

    view.flag("video", "hidden", move || source != LiveSource::Camera);
    view.flag("canvas.live__input", "hidden", move || source != LiveSource::Picture);
    view.flag(".live__pause", "hidden", move || source != LiveSource::Camera);
    view.text(".live__pause", move || if moving.get() { "Pause" } else { "Go on" }.to_owned());
    view.on(".live__pause", "click", move |_| moving.update(|moving| *moving = !*moving));
    view.on(".live__stop", "click", move |_| lab.live.set(None));
    view.text(".live__sizes", move || {
        shown.get().map_or_else(
            || "Waiting for the first picture.".to_owned(),
            |it| words::sizes(it.input, it.output),
        )
    });
    view.text(".live__speed", move || {
        shown.get().map_or_else(String::new, |it| words::speed(it.frame_ms, it.kernel_ms))
    });
    view.text(".live__rule", move || {
        words::rule(lab.derived.with(|it| words::kernel(it).is_some_and(words::finds_edges))).to_owned()
    });
    view.html(".live__notes", move || {
        let warning = lab.model.with(|model| words::bias_warning(model.bias));
        warning.map_or_else(String::new, |text| html::message(Kind::Warn, &text, Some(words::WITHOUT_BIAS)))
    });
    view.on(".live__notes", "click", move |event| {
        if form::happened_on(&event, "[data-repair]") {
            lab.edit("bias", LabModel { bias: None, ..lab.current() });
        }
    });
    view.html(".live__said", move || match word.get() {
        None => String::new(),
        Some(Word::Working(percent)) => html::message(Kind::Plain, &words::working(percent), None),
        Some(Word::Restarted) => html::message(Kind::Plain, words::RESTARTED, None),
        Some(Word::Failed(reason)) => html::message(Kind::Error, &words::failed(&reason), None),
    });
    view
}

fn watch_camera(lab: Lab, view: &Markup, live: Live, moving: State<bool>) {
    let video = view.find("video");
    let camera = camera::use_camera(&video);
    let open = State::new(false);
    camera.open(Wish::Live, move |result| match result {
        Ok(()) => open.set(true),
        Err(error) => {
            lab.live.set(None);
            lab.refuse_picture(error.to_string());
        }
    });
    follow(move || {
        if open.get() {
            live.watch(&video, moving.get());
        }
    });
}

fn watch_picture(lab: Lab, view: &Markup, live: Live) {
    let small = view.find("canvas.live__input");
    let mut before = None;
    follow(move || {
        lab.derived.track();
        let original = lab.original();
        if original.is_none() || original == before {
            return;
        }
        before = original;
        if let Some((size, rgba)) = before.as_ref().and_then(pictures::Original::full) {
            pictures::show(&small, size, &rgba);
            live.show_still(size, rgba);
        }
    });
}
