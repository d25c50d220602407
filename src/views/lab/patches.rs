//! In the inspector: each channel's patch, the slice over it, and the sum of their products, as a picture.

use convscope_page::text;
use convscope_page::volume::volume_spec;
use convscope_scene::channels::patches;

use super::inspector::output_attended;
use crate::derive::Lab;
use crate::platform::markup::Markup;
use crate::platform::painter::Painter;
use crate::platform::{media, palette};
use crate::state::{State, follow};

/// As wide as the inspector's content.
const WIDTH: f64 = 280.0;

/// The place of the picture: there is one where a filter reads several channels.
pub(crate) fn patches_place(lab: Lab) -> Markup {
    let view = Markup::new("<div></div>");
    let several = State::new(false);
    follow(move || {
        let now = lab.derived.with(|it| it.has_channels() && !it.is_direct());
        if several.get_untracked() != now {
            several.set(now);
        }
    });
    view.swap("div", move || if several.get() { patches_view(lab) } else { Markup::new("") });
    view
}

/// The picture of the output cell that is attended to.
fn patches_view(lab: Lab) -> Markup {
    let view = Markup::new("<div class=patches><canvas role=img></canvas></div>");
    let canvas = view.find("canvas");
    let palette = palette::use_palette();
    let ratio = media::device_pixel_ratio();
    let painter = State::new(None::<Painter>);
    let shown =
        move || output_attended(lab).filter(|_| lab.derived.with(|it| it.has_channels() && !it.is_direct()));
    view.flag("div", "hidden", move || shown().is_none());
    view.attr("canvas", "aria-label", move || {
        shown().map(|at| lab.derived.with(|it| text::inspect_channels(it, at).name)).unwrap_or_default()
    });
    follow(move || {
        let Some(at) = shown() else { return };
        let (palette, ratio) = (palette.get(), ratio.get());
        let scene = lab.derived.with(|it| {
            let [height, width] = it.geometry.output_size();
            let at = [at[0].min(height - 1), at[1].min(width - 1)];
            patches(&volume_spec(it, false), at, &text::channel_sums(it, at), WIDTH)
        });
        painter.update_quietly(|painter| {
            if painter.is_none() {
                *painter = Painter::on(&canvas, palette.clone());
            }
            if let Some(painter) = painter {
                painter.set_palette(palette);
                painter.resize(scene.size, ratio);
                painter.clear();
                painter.paint(&scene.marks);
            }
        });
    });
    view
}
