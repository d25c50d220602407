//! What is looked at: flat or with depth, which channel, which filter.

use convscope_page::lab;
use convscope_page::operation::{Operation, View};

use crate::derive::Lab;
use crate::platform::form;
use crate::platform::markup::Markup;
use crate::state::follow;
use crate::views::controls::segmented::segmented;
use crate::views::controls::select::select;
use crate::views::html;

/// Up to so many have a button each; of more there is a list.
const MOST_BUTTONS: u64 = 12;

/// Flat or depth, where the operation has both and there is more than one channel or filter; of a transposed
/// convolution scatter, zeros inserted or matrix.
pub(crate) fn view_choice(lab: Lab) -> Markup {
    const VIEWS: [View; 2] = [View::Flat, View::Depth];
    let view = Markup::new(
        "<div class=view-choice><slot name=views></slot></div>
        <div class=view-choice data-at=transposed><slot name=transposed></slot></div>",
    );
    view.flag("[data-at=transposed]", "hidden", move || {
        lab.model.with(|model| model.operation != Operation::Transposed)
    });
    view.flag(".view-choice:not([data-at])", "hidden", move || {
        lab.model.with(|model| {
            let both = VIEWS.iter().all(|it| model.operation.views().contains(it));
            let one = model.in_channels.max(model.out_channels) == 1 && model.view != View::Depth;
            !both || one
        })
    });
    let chosen = move || {
        let shown = lab.model.with(|model| model.view);
        VIEWS.iter().position(|it| *it == shown).unwrap_or(VIEWS.len())
    };
    let choose = move |idx: usize| lab.look(lab.current().with_view(VIEWS[idx]));
    view.put("views", segmented("View", &["Flat", "Depth"], Box::new(chosen), Box::new(choose)));
    view.put("transposed", transposed_choice(lab));
    view
}

/// The three views of a transposed convolution; what is pinned stays pinned.
fn transposed_choice(lab: Lab) -> Markup {
    let views = Operation::Transposed.views();
    let chosen = move || {
        let shown = lab.model.with(|model| model.view);
        views.iter().position(|it| *it == shown).unwrap_or(views.len())
    };
    let choose = move |idx: usize| {
        let pinned = lab.pinned.get_untracked();
        let before = lab.derived.get_untracked();
        lab.look(lab.current().with_view(views[idx]));
        lab.pinned.set(pinned.and_then(|part| lab.derived.with_untracked(|it| before.part_in(part, it))));
    };
    let labels = ["Scatter", "Zeros inserted", "Matrix"];
    // Radio buttons of one name are one group: not that of flat and depth.
    segmented("View of the transposed convolution", &labels, Box::new(chosen), Box::new(choose))
}

/// Which of many: the channel of the input, or the filter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    Channel,
    Filter,
}

impl Choice {
    fn name(self) -> &'static str {
        if self == Self::Channel { "Channel" } else { "Filter" }
    }

    fn count(self, it: &lab::Lab) -> u64 {
        match self {
            Self::Channel if it.n_slices() == 1 && it.n_filters() > 1 => 0,
            Self::Channel => it.model.in_channels,
            Self::Filter => it.n_filters(),
        }
    }

    fn chosen(self, it: &lab::Lab) -> u64 {
        if self == Self::Channel { it.channel() } else { it.filter() }
    }

    fn label(self, it: &lab::Lab, idx: u64) -> String {
        let name = it.channel_name(idx);
        match self {
            Self::Channel if !name.starts_with("Channel") => name,
            _ => (idx + 1).to_string(),
        }
    }
}

/// Radio buttons for a few, a list for many; nothing where there is no choice.
pub(crate) fn choice(lab: Lab, choice: Choice, id: &'static str) -> Markup {
    let name = choice.name();
    let view = Markup::new(&format!(
        "<div class=choice><span class=\"choice__name small muted\">{name}</span><div class=choice__list></div></div>"
    ));
    let count = move || lab.derived.with(|it| choice.count(it));
    let chosen = move || lab.derived.with(|it| choice.chosen(it));
    let choose = move |idx: usize| {
        let model = lab.current();
        lab.look(match choice {
            Choice::Channel => model.with_channel(idx as u64),
            Choice::Filter => model.with_filter(idx as u64),
        });
    };
    view.flag(".choice", "hidden", move || count() < 2);
    // Another list only when there is another number of things, or they have other names.
    let shown = crate::state::State::new(Vec::<String>::new());
    follow(move || {
        let labels: Vec<String> =
            lab.derived.with(|it| (0..choice.count(it)).map(|idx| choice.label(it, idx)).collect());
        if shown.with_untracked(|old| *old != labels) {
            shown.set(labels);
        }
    });
    view.swap(".choice__list", move || {
        let labels = shown.get();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        if labels.len() as u64 > MOST_BUTTONS {
            let options = html::options(&[("", labels)], "");
            return select(name, &options, Box::new(move || chosen() as i32), Box::new(choose));
        }
        let radios = html::radios(id, &labels);
        let class =
            if choice == Choice::Filter { "choice__radios choice__radios--filter" } else { "choice__radios" };
        let list = Markup::new(&format!("<fieldset class=\"{class}\" aria-label={name}>{radios}</fieldset>"));
        let group = list.find("fieldset");
        follow(move || form::check_radio(&group, chosen() as usize));
        list.on("fieldset", "change", move |event| form::chosen(&event, choose));
        list
    });
    view
}
