//! Networks to open: small ones that show one thing, and those that everybody knows.

use convscope_page::stack::{STACK_PRESETS, StackModel, StackPreset};

use crate::platform::markup::Markup;
use crate::stack::Stack;
use crate::views::controls::select::{index, select};
use crate::views::html;

/// Longer networks without a name are not compared with the small examples.
const MOST_COMPARED: usize = 40;

/// The list of examples; what was there before is one step back in the browser's history.
pub(crate) fn examples(stack: Stack) -> Markup {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for preset in STACK_PRESETS {
        match groups.last_mut() {
            Some((group, labels)) if *group == preset.group => labels.push(preset.label),
            _ => groups.push((preset.group, vec![preset.label])),
        }
    }
    let chosen =
        move || index(shown(stack).and_then(|it| STACK_PRESETS.iter().position(|other| other == it)));
    let choose = move |idx: usize| {
        let preset = &STACK_PRESETS[idx];
        let StackModel { picture, shown, side, .. } = stack.model.get_untracked();
        stack.choose(StackModel { picture, shown, side, ..preset.model() }, preset.label.to_owned());
    };
    let options = html::options(&groups, "Own layers");
    select("Examples", &options, Box::new(chosen), Box::new(choose))
}

/// The example that is shown, if it is one.
pub(crate) fn shown(stack: Stack) -> Option<&'static StackPreset> {
    let long = stack.layers.with(|it| it.n_rows() > MOST_COMPARED);
    stack.model.with_untracked(|model| if long && model.zoo.is_none() { None } else { model.preset() })
}
