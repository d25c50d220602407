//! A dialog that takes the network elsewhere: as a link, code, a table, or the figure as it is seen.
//!
//! Every text and picture is shown before it is copied or saved; a form that cannot say a layer gives the reason.

use std::rc::Rc;

use convscope_page::text::stack::sentence_plain;
use convscope_scene::{Scene, svg};
use convscope_worker::message::{ExportRequest, Target};

use super::figure::Laid;
use crate::platform::clipboard::Delivered;
use crate::platform::markup::Markup;
use crate::platform::palette::Palette;
use crate::platform::{clipboard, export as picture, exports, form, page, palette};
use crate::stack::Stack;
use crate::state::{State, follow};
use crate::views::controls::icon::{Glyph, icon, icon_button};
use crate::views::controls::select::select;
use crate::views::html::{self, Kind};

/// Pixels of a PNG for each CSS pixel.
const PNG_SCALE: f64 = 2.0;

/// What is made of the network.
#[derive(Clone, Copy, PartialEq)]
enum Product {
    Link,
    Text(Target),
    Svg,
    Png,
}

/// A form: what it is called, what it is good for, and the end of its file's name; none where there is no file.
struct Form {
    label: &'static str,
    about: &'static str,
    product: Product,
    extension: &'static str,
}

macro_rules! forms {
    ($($label:literal, $product:expr, $extension:literal, $about:literal;)*) => {
        [$(Form { label: $label, product: $product, extension: $extension, about: $about }),*]
    };
}

const FORMS: [Form; 10] = forms! {
    "Link", Product::Link, "", "Opens these layers with this unit, anywhere.";
    "PyTorch", Product::Text(Target::PyTorch), ".py",
        "An nn.Sequential, which can be imported again; where there are branches, a module with forward.";
    "Keras", Product::Text(Target::Keras), ".py", "A functional model of Keras 3, channels last.";
    "JAX", Product::Text(Target::Jax), ".py", "A function on jax.lax, and the shapes of its weights.";
    "ONNX text", Product::Text(Target::Onnx), ".onnxtxt",
        "For onnx.parser, opset 22. Weights are inputs, so none are written.";
    "Fomoro hash", Product::Text(Target::Fomoro), "",
        "For the end of a link to Fomoro’s calculator, which knows chains of square windows.";
    "CSV", Product::Text(Target::Csv), ".csv", "Each layer’s numbers, for a spreadsheet.";
    "Markdown", Product::Text(Target::Markdown), ".md", "Each layer’s numbers as a table, with totals.";
    "SVG", Product::Svg, ".svg", "The figure as it is now, in the colours of this page, in one file.";
    "PNG", Product::Png, ".png", "The figure as it is now, with two pixels for each.";
};
/// The groups that the forms are offered in, and how many each has.
const GROUPS: [(&str, usize); 4] = [("Page", 1), ("Code", 5), ("Table", 2), ("Figure", 2)];
const FIRST: usize = 1;

/// What there is to take along.
#[derive(Clone, Default, PartialEq)]
enum Status {
    /// Not yet anything.
    #[default]
    Waiting,
    Text(String),
    /// A picture's address; of an SVG with its text.
    Picture {
        href: String,
        text: String,
    },
    /// There is none, and why.
    Refused(String),
}

#[derive(Clone, Copy)]
struct Export {
    stack: Stack,
    laid: State<Option<Rc<Laid>>>,
    palette: State<Rc<Palette>>,
    open: State<bool>,
    form: State<usize>,
    status: State<Status>,
    /// What became of it.
    said: State<String>,
}

/// The button, and the dialog that it opens. `laid` is the figure that is seen.
pub(crate) fn export(stack: Stack, laid: State<Option<Rc<Laid>>>) -> Markup {
    let it = Export {
        stack,
        laid,
        palette: palette::use_palette(),
        open: State::new(false),
        form: State::new(FIRST),
        status: State::new(Status::default()),
        said: State::new(String::new()),
    };
    let view = Markup::new(&format!(
        "<div class=export-place id=export-place>
        <button type=button class=btn data-at=export aria-haspopup=dialog>{}<span>Export</span></button>
        <dialog class=\"dialog import export\" aria-labelledby=export-title>
        <div class=import__head><h2 class=heading id=export-title>Export layers</h2>{}</div>
        <div class=export__form><slot name=form></slot><p class=\"small muted export__about\"></p></div>
        <div class=export__status role=status></div>
        <pre class=\"code export__text\" tabindex=0 role=group aria-label=\"Text to export\"></pre>
        <img class=export__picture>
        <div class=import__foot>
            <p class=\"small muted export__said\" role=status></p>
            <button type=button class=btn data-at=save>Download</button>
            <button type=button class=\"btn btn--primary\" data-at=copy>Copy</button>
        </div></dialog></div>",
        icon(Glyph::Share),
        icon_button("btn btn--quiet btn--icon", "close", "Close", Glyph::Close),
    ));
    let dialog = view.find("dialog");
    follow(move || page::show_dialog(&dialog, it.open.get()));
    follow(move || {
        if it.open.get() {
            it.make(FORMS[it.form.get()].product);
        }
    });
    view.on("dialog", "close", move |_| {
        exports::cancel();
        it.open.set(false);
        it.status.set(Status::Waiting);
    });
    view.on(".export-place", "click", move |event| match form::place(&event).as_deref() {
        Some("export") => it.open.set(true),
        Some("close") => it.open.set(false),
        Some("copy") => it.copy(),
        Some("save") => it.save(),
        _ => {}
    });
    view.text(".export__about", move || FORMS[it.form.get()].about.to_owned());
    view.html(".export__status", move || {
        it.status.with(|status| match status {
            Status::Refused(reason) => html::message(Kind::Error, reason, None),
            _ => String::new(),
        })
    });
    view.text(".export__text", move || {
        it.status.with(|status| if let Status::Text(text) = status { text.clone() } else { String::new() })
    });
    view.flag(".export__text", "hidden", move || {
        it.status.with(|status| !matches!(status, Status::Text(_) | Status::Waiting))
    });
    view.attr(".export__picture", "src", move || {
        it.status.with(|status| match status {
            Status::Picture { href, .. } => href.clone(),
            // Of nothing there is no broken picture.
            _ => "data:,".to_owned(),
        })
    });
    view.attr(".export__picture", "alt", move || stack.told.with(|seen| sentence_plain(seen)));
    view.flag(".export__picture", "hidden", move || {
        it.status.with(|status| !matches!(status, Status::Picture { .. }))
    });
    view.text(".export__said", move || it.said.get());
    let nothing = move || it.status.with(|status| matches!(status, Status::Waiting | Status::Refused(_)));
    view.flag("[data-at=copy]", "disabled", nothing);
    view.flag("[data-at=save]", "disabled", nothing);
    view.flag("[data-at=save]", "hidden", move || FORMS[it.form.get()].extension.is_empty());
    let choose = move |idx: usize| {
        it.said.set(String::new());
        it.form.set(idx.min(FORMS.len() - 1));
    };
    let chosen = Box::new(move || it.form.get() as i32);
    view.put("form", select("Form to export", &options(), chosen, Box::new(choose)));
    view
}

/// The forms in their groups, as markup.
fn options() -> String {
    let mut labels = FORMS.iter().map(|form| form.label);
    let groups: Vec<(&str, Vec<&str>)> =
        GROUPS.iter().map(|(name, len)| (*name, labels.by_ref().take(*len).collect())).collect();
    html::options(&groups, "")
}

impl Export {
    /// Makes what was chosen.
    fn make(self, product: Product) {
        exports::cancel();
        match product {
            Product::Link => self.status.set(Status::Text(self.stack.address())),
            Product::Text(target) => {
                self.status.set(Status::Waiting);
                let graph = self.stack.model.with_untracked(|model| (*model.graph).clone());
                exports::write(ExportRequest { graph, target }, move |written| {
                    // The dialog may have gone with its page.
                    if self.status.try_with_untracked(|_| ()).is_some() {
                        self.status.set(match written {
                            Ok(text) => Status::Text(text),
                            Err(reason) => Status::Refused(html::sentence(&reason)),
                        });
                    }
                });
            }
            Product::Svg | Product::Png => self.status.set(self.picture(product)),
        }
    }

    fn scene(self) -> Option<Scene> {
        let seen = self.stack.seen.get_untracked();
        self.laid.with_untracked(|laid| laid.as_ref().map(|laid| laid.scene(&seen)))
    }

    fn picture(self, product: Product) -> Status {
        let Some(scene) = self.scene() else {
            return Status::Refused("There is no figure on the page.".to_owned());
        };
        let palette = self.palette.get_untracked();
        if product == Product::Png {
            return match picture::scene_to_png_href(&scene, &palette, PNG_SCALE) {
                Ok(href) => Status::Picture { href, text: String::new() },
                Err(error) => Status::Refused(html::sentence(&error.to_string())),
            };
        }
        let title = self.stack.seen.with_untracked(|seen| sentence_plain(seen));
        let text = svg::write(&picture::on_paper(scene), &title, &*palette);
        Status::Picture { href: picture::svg_href(&text), text }
    }

    fn copy(self) {
        let form = &FORMS[self.form.get_untracked()];
        let said = self.said;
        match self.status.get_untracked() {
            Status::Text(text) => copy_text(text, form.label, said),
            Status::Picture { text, .. } if !text.is_empty() => copy_text(text, form.label, said),
            Status::Picture { href, .. } => {
                let Some(png) = picture::png_of_href(&href) else { return };
                clipboard::copy_png(&png, &self.file_name(), move |delivered| {
                    let clipboard = delivered == Delivered::Clipboard;
                    said.set(if clipboard { "PNG copied" } else { "PNG saved as a file" }.to_owned());
                });
            }
            _ => {}
        }
    }

    fn save(self) {
        let name = self.file_name();
        match self.status.get_untracked() {
            Status::Text(text) => clipboard::download(&name, "text/plain", text.as_bytes()),
            Status::Picture { href, text } => match picture::png_of_href(&href) {
                Some(png) => clipboard::download(&name, "image/png", &png),
                None => clipboard::download(&name, "image/svg+xml", text.as_bytes()),
            },
            _ => return,
        }
        self.said.set(format!("Saved as {name}"));
    }

    /// The network's name, where it has one, with the form's extension.
    fn file_name(self) -> String {
        let zoo = self.stack.model.with_untracked(|model| model.zoo);
        let extension = FORMS[self.form.get_untracked()].extension;
        [zoo.map_or("network", |zoo| zoo.id()), extension].concat()
    }
}

fn copy_text(text: String, what: &'static str, said: State<String>) {
    clipboard::copy_text(text, move |copied| {
        said.set(copied.map_or_else(|refused| refused.to_string(), |()| format!("{what} copied")));
    });
}
