//! Well-known networks to open.

use convscope_core::graph::zoo::Zoo;
use convscope_page::stack::StackModel;

use crate::platform::markup::Markup;
use crate::stack::Stack;
use crate::views::controls::select::{index, select};
use crate::views::html;

/// The list of examples; what was there before is one step back in the browser's history.
pub(crate) fn examples(stack: Stack) -> Markup {
    let labels: Vec<&str> = Zoo::ALL.iter().map(|zoo| zoo.id()).collect();
    let chosen = move || {
        let zoo = stack.model.with(|model| model.zoo);
        index(Zoo::ALL.iter().position(|it| Some(*it) == zoo))
    };
    let choose = move |idx: usize| {
        let model = stack.model.get_untracked();
        let StackModel { picture, shown, side, .. } = model;
        let next = StackModel { picture, shown, side, ..StackModel::of_zoo(Zoo::ALL[idx]) };
        stack.choose(next, format!("{} is shown", Zoo::ALL[idx].id()));
    };
    let options = html::options(&[("", labels)], "Own layers");
    select("Examples", &options, Box::new(chosen), Box::new(choose))
}
