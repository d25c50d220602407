//! What the chosen unit really listens to: its effective field, from the worker, draw by draw.

use std::rc::Rc;
use std::sync::Arc;

use convscope_core::graph::Graph;
use convscope_page::stack::Stack as Derived;
use convscope_page::text::stack::{
    EffectiveNumbers, RINGS, depths, effective_facts, effective_progress, effective_rule, effective_sentence,
};
use convscope_scene::stack::{EffectiveField as Drawn, effective_field};
use convscope_scene::{Scene, Size, number};
use convscope_worker::message::{EffectiveField, EffectiveRequest, Weights};

use super::painted::{Layers, keep_painted};
use crate::platform::effective::{self, Word};
use crate::platform::markup::Markup;
use crate::platform::{form, media};
use crate::stack::Stack;
use crate::state::{State, follow};
use crate::views::controls::segmented::segmented;
use crate::views::controls::switch::switch;
use crate::views::html;

const CARD: &str = "<section class=effective aria-label=\"Effective field\">
    <div class=card__head><h2 class=heading>Effective field</h2><span class=\"small muted effective__progress\"></span></div>
    <p class=effective__sentence></p>
    <div class=effective__room aria-hidden=true></div>
    <div class=effective__figure><canvas role=img></canvas></div>
    <div class=\"legend effective__legend\">
        <span class=legend__item><i class=\"swatch swatch--field\"></i>theoretical field</span>
        <span class=legend__item><i class=\"swatch swatch--ring\"></i>holds 68 %</span>
        <span class=legend__item><i class=\"swatch swatch--ring swatch--far\"></i>holds 95 %</span>
        <span class=legend__item><i class=\"swatch swatch--heat\"></i><span class=effective__range></span></span>
    </div>
    <table class=effective__facts aria-label=\"Numbers of the effective field\"></table>
    <slot name=weights></slot>
    <slot name=activations></slot>
    <div class=effective__run>
        <label>Draws <input class=field type=text inputmode=numeric autocomplete=off data-at=draws></label>
        <label>Seed <input class=field type=text inputmode=numeric autocomplete=off data-at=seed></label>
        <button type=button class=\"btn btn--primary\" data-at=start></button>
        <button type=button class=btn data-at=depths>Every depth</button>
    </div>
    <p class=\"small muted effective__rule\"></p>
    <p class=\"small effective__failed\" role=status></p>
    </section>";

const WEIGHTS: [&str; 2] = ["Random weights", "All alike"];

/// Draws that are asked for at first, and at most.
const DRAWS: u64 = 10;
const MOST_DRAWS: u64 = 1000;

/// How high the figure may be.
const HEIGHT: f64 = 440.0;

/// What is under way.
#[derive(Clone, Copy, PartialEq)]
enum Run {
    Nothing,
    /// The chosen unit's field: so many hundredths of it.
    Field(u64),
    /// Fields of the middle units of so many layers, of so many.
    Depths(usize, usize),
}

/// The panel's state: handles, so that it is copied freely.
#[derive(Clone, Copy)]
struct Panel {
    stack: Stack,
    weights: State<Weights>,
    linear: State<bool>,
    draws: State<u64>,
    seed: State<u64>,
    run: State<Run>,
    found: State<Option<Rc<EffectiveField>>>,
    failed: State<String>,
}

/// The figure, what it says, and what it is made with. Not inlined: it is no part of what runs first.
#[inline(never)]
pub(super) fn effective(stack: Stack) -> Markup {
    let panel = Panel {
        stack,
        weights: State::new(Weights::Random),
        linear: State::new(false),
        draws: State::new(DRAWS),
        seed: State::new(1),
        run: State::new(Run::Nothing),
        found: State::new(None),
        failed: State::new(String::new()),
    };
    panel.forget_what_is_of_another_unit();
    let view = Markup::new(CARD);
    draw(&view, panel);
    say(&view, panel);
    set(&view, panel);
    view
}

impl Panel {
    /// What was found, and what is under way, is of one unit of one network, and of the settings that are shown.
    fn forget_what_is_of_another_unit(self) {
        // A graph that is held here cannot be mistaken for another one.
        let mut before: Option<(Arc<Graph>, usize, [u64; 2])> = None;
        let mut set = None;
        follow(move || {
            let settings = Some((self.weights.get(), self.linear.get(), self.draws.get(), self.seed.get()));
            let same_settings = std::mem::replace(&mut set, settings) == settings;
            let now = self.stack.model.with(|it| (Arc::clone(&it.graph), it.selected, it.unit));
            let away = self.stack.away.get();
            let same_layers = before.as_ref().is_some_and(|it| Arc::ptr_eq(&it.0, &now.0));
            let same_unit = before.as_ref().is_some_and(|it| (it.1, it.2) == (now.1, now.2));
            if away || !same_layers || !same_unit || !same_settings {
                self.stop();
                self.found.set(None);
                self.failed.set(String::new());
            }
            if !same_layers || !same_settings {
                self.stack.depths.set(Vec::new());
            }
            before = Some(now);
        });
    }

    fn stop(self) {
        if self.run.get_untracked() != Run::Nothing {
            effective::cancel();
            self.run.set(Run::Nothing);
        }
    }

    fn request(self, node: usize, unit: [u64; 2]) -> EffectiveRequest {
        EffectiveRequest {
            graph: self.stack.model.with_untracked(|it| (*it.graph).clone()),
            node: node as u64,
            unit,
            weights: self.weights.get_untracked(),
            linear: self.linear.get_untracked(),
            draws: self.draws.get_untracked(),
            seed: self.seed.get_untracked(),
        }
    }

    fn start(self) {
        self.stop();
        let (node, unit) = self.stack.model.with_untracked(|it| (it.selected, it.unit));
        self.failed.set(String::new());
        self.found.set(None);
        self.run.set(Run::Field(0));
        effective::ask(self.request(node, unit), move |word| match word {
            Word::Working(hundredths) => self.run.set(Run::Field(hundredths)),
            Word::SoFar(field) => self.found.set(Some(Rc::new(field))),
            Word::Done(field) => {
                self.run.set(Run::Nothing);
                self.stack.said.set(effective_sentence(&numbers(&field)));
                self.found.set(Some(Rc::new(field)));
            }
            Word::Failed(reason) => self.fail(reason),
        });
    }

    fn fail(self, reason: String) {
        self.run.set(Run::Nothing);
        self.failed.set(["There is no effective field: ", &reason, "."].concat());
    }

    /// Fields of the middle units of the last layers of each size, one after the other.
    fn start_depths(self) {
        self.stop();
        self.failed.set(String::new());
        self.stack.depths.set(Vec::new());
        let all = self.stack.layers.with_untracked(|it| depths(it, self.stack.selected.get_untracked()));
        self.go_down(Rc::new(all), 0);
    }

    fn go_down(self, all: Rc<Vec<(usize, [u64; 2])>>, at: usize) {
        let Some(&(node, unit)) = all.get(at) else {
            self.run.set(Run::Nothing);
            return self.stack.said.set("The effective field of every depth is in the chart".to_owned());
        };
        self.run.set(Run::Depths(at, all.len()));
        effective::ask(self.request(node, unit), move |word| match word {
            Word::Working(_) | Word::SoFar(_) => {}
            Word::Done(field) => {
                self.stack.depths.update(|depths| depths.push((node, 2.0 * field.spread.radii[1] + 1.0)));
                self.go_down(Rc::clone(&all), at + 1);
            }
            Word::Failed(reason) => self.fail(reason),
        });
    }
}

/// The heat map over the picture.
fn draw(view: &Markup, panel: Panel) {
    let room = media::element_size(&view.find(".effective__room"));
    let scene: State<Option<(u64, Rc<Scene>)>> = State::new(None);
    let mut epoch = 0;
    follow(move || {
        let width = room.get().width;
        let picture = panel.stack.picture.get();
        let next = panel.found.get().filter(|_| width >= 1.0).map(|field| {
            let raster = panel.stack.chosen.with(|it: &Arc<Derived>| it.picture_raster(picture.as_ref()?));
            epoch += 1;
            (epoch, Rc::new(effective_field(&drawn(&field), raster, Size::new(width, HEIGHT))))
        });
        scene.set(next);
    });
    keep_painted(&view.find("canvas"), move || {
        let (epoch, scene) = scene.get()?;
        let size = scene.size;
        Some(Layers { epoch, size, still: Box::new(move || scene.marks.clone()), moving: Vec::new() })
    });
    view.attr(".effective__figure", "style", move || {
        let size = scene.with(|it| it.as_ref().map(|(_, scene)| scene.size).unwrap_or_default());
        format!("width:{}px;height:{}px", number::css(size.width), number::css(size.height))
    });
    for place in [".effective__figure", ".effective__legend", ".effective__facts"] {
        view.flag(place, "hidden", move || panel.found.with(Option::is_none));
    }
}

/// The result in words.
fn say(view: &Markup, panel: Panel) {
    let of_found = move |say: fn(&EffectiveNumbers) -> String| {
        panel.found.with(|it| it.as_ref().map(|it| say(&numbers(it))).unwrap_or_default())
    };
    view.text(".effective__sentence", move || of_found(effective_sentence));
    view.attr("canvas", "aria-label", move || of_found(effective_sentence));
    view.text(".effective__range", move || {
        of_found(|it| ["0 to ", &it.largest_text(), " in a pixel, by root"].concat())
    });
    view.html(".effective__facts", move || {
        let mut out = String::new();
        if let Some(field) = panel.found.get() {
            for [name, value] in effective_facts(&numbers(&field)) {
                out.push_str("<tr><th scope=row>");
                html::escape(&mut out, &name);
                out.push_str("</th><td>");
                html::escape(&mut out, &value);
                out.push_str("</td></tr>");
            }
        }
        out
    });
    view.text(".effective__progress", move || match panel.run.get() {
        Run::Nothing => String::new(),
        Run::Depths(at, of) => format!("layer {} of {of}", at + 1),
        Run::Field(hundredths) => {
            let done = panel.found.with(|it| it.as_ref().map_or(0, |it| it.draws));
            effective_progress(done, panel.draws.get(), hundredths)
        }
    });
    view.text(".effective__rule", move || {
        effective_rule(panel.weights.get() == Weights::Uniform, panel.linear.get()).to_owned()
    });
    view.text(".effective__failed", move || panel.failed.get());
}

/// The controls.
fn set(view: &Markup, panel: Panel) {
    let weights = move || usize::from(panel.weights.get() == Weights::Uniform);
    let choose = move |idx: usize| {
        panel.weights.set(if idx == 0 { Weights::Random } else { Weights::Uniform });
    };
    view.value("[data-at=draws]", move || panel.draws.get().to_string());
    view.value("[data-at=seed]", move || panel.seed.get().to_string());
    view.on("[data-at=draws]", "change", move |event| {
        let typed = form::value(&event).trim().parse::<u64>();
        panel.draws.set(typed.map_or(panel.draws.get_untracked(), |draws| draws.clamp(1, MOST_DRAWS)));
    });
    view.on("[data-at=seed]", "change", move |event| {
        let typed = form::value(&event).trim().parse();
        panel.seed.set(typed.unwrap_or(panel.seed.get_untracked()));
    });
    let runs = move || panel.run.get() != Run::Nothing;
    view.text("[data-at=start]", move || if runs() { "Cancel" } else { "Start" }.to_owned());
    view.flag("[data-at=start]", "disabled", move || panel.stack.waiting.get() && !runs());
    view.on("[data-at=start]", "click", move |_| {
        if panel.run.get_untracked() == Run::Nothing { panel.start() } else { panel.stop() }
    });
    view.flag("[data-at=depths]", "disabled", move || panel.stack.waiting.get() || runs());
    view.on("[data-at=depths]", "click", move |_| panel.start_depths());
    view.put("weights", segmented("Weights", &WEIGHTS, Box::new(weights), Box::new(choose)));
    let on = move || !panel.linear.get();
    view.put(
        "activations",
        switch("ReLU and other nonlinearities", Box::new(on), Box::new(move |on| panel.linear.set(!on))),
    );
}

fn numbers(field: &EffectiveField) -> EffectiveNumbers {
    let spread = field.spread;
    EffectiveNumbers {
        field: field.hull.runs.map(|[first, last]| last.abs_diff(first) + 1),
        mass: spread.mass,
        radii: spread.radii,
        deviation: spread.deviation,
        in_hull: spread.in_hull,
        above: spread.above,
        largest: f64::from(field.map.iter().copied().fold(0.0, f32::max)),
        draws: field.draws,
        lost: field.lost,
    }
}

fn drawn(field: &EffectiveField) -> Drawn {
    let [near, far] = field.spread.radii;
    Drawn {
        size: field.size,
        shares: Rc::new(field.map.clone()),
        hull: field.hull.runs,
        rings: [(near, RINGS[0].to_owned()), (far, RINGS[1].to_owned())],
    }
}
