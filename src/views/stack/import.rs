//! A dialog in which the reader brings a network of their own: as text, or as a file.
//!
//! It says at once what was found, what was assumed, and why something cannot be read; the layers that are there
//! stay until they are replaced.

use std::sync::Arc;

use convscope_core::graph::notation;
use convscope_page::limits::MAX_LAYERS;
use convscope_page::link::{self, MAX_LINK, Page};
use convscope_page::stack::StackModel;
use convscope_worker::message::Network;

use crate::platform::markup::Markup;
use crate::platform::networks::{self, Brought, Heard, ModelFile};
use crate::platform::{clock, focus, form, page};
use crate::stack::Stack;
use crate::state::{State, follow};
use crate::views::controls::icon::{Glyph, icon, icon_button};
use crate::views::html::{self, Kind};

/// Seconds without a key after which a text is read.
const PATIENCE_SECS: f64 = 0.2;
/// Notes that are shown; more are counted.
const MAX_NOTES: usize = 6;

/// What is known of what was brought.
#[derive(Clone, Default, PartialEq)]
enum Status {
    /// Nothing was brought.
    #[default]
    Nothing,
    /// It is being read: so many hundredths.
    Reading(u64),
    /// It is a network: what is said of it.
    Found { model: Box<StackModel>, said: Vec<String>, warnings: Vec<String>, notes: Vec<String> },
    /// It cannot be read.
    Failed(String),
}

#[derive(Clone, Copy)]
struct Import {
    stack: Stack,
    open: State<bool>,
    /// The name of the file that is read.
    file: State<Option<String>>,
    status: State<Status>,
    /// Whether the text has changed since.
    stale: State<bool>,
}

const DIALOG: &str = "<textarea class=\"code import__text\" rows=8 spellcheck=false autofocus aria-label=\"Layers as text\"
        placeholder=\"nn.Sequential(&#10;    nn.Conv2d(3, 8, 3, padding=1),&#10;    nn.MaxPool2d(2),&#10;)\"></textarea>
    <div class=import__file>
        <button type=button class=btn data-at=open>Open a file</button>
        <input type=file accept=\".onnx,.txt,.py\" hidden aria-label=\"Network file\">
        <span class=\"small muted import__name\"></span>
    </div>
    <div class=import__said role=status></div>
    <div class=import__foot>
        <button type=button class=btn data-at=cancel>Cancel</button>
        <button type=button class=\"btn btn--primary\" data-at=replace></button>
    </div>";

/// The button, and the dialog that it opens.
pub(crate) fn import(stack: Stack) -> Markup {
    let it = Import {
        stack,
        open: State::new(false),
        file: State::new(None),
        status: State::new(Status::default()),
        stale: State::new(false),
    };
    let view = Markup::new(&format!(
        "<div class=import-place id=import-place>
        <button type=button class=btn data-at=import aria-haspopup=dialog>{}<span>Import</span></button>
        <dialog class=\"dialog import\" aria-labelledby=import-title>
        <div class=import__head><h2 class=heading id=import-title>Import layers</h2>{}</div>
        <p class=\"small muted\">Paste <code>nn.Sequential</code> code, what <code>print(model)</code> shows, a table of
        torchinfo or torchsummary, or a Fomoro link; or open an ONNX file, of which weights are never read.
        Nothing leaves this tab.</p>{DIALOG}</dialog></div>",
        icon(Glyph::Import),
        icon_button("btn btn--quiet btn--icon", "cancel", "Close", Glyph::Close),
    ));
    let dialog = view.find("dialog");
    follow(move || page::show_dialog(&dialog, it.open.get()));
    let text = view.find("textarea");
    let read = clock::use_debounce(PATIENCE_SECS, move |text: String| {
        // A file that came meanwhile is what is meant.
        if it.file.with_untracked(Option::is_none) {
            it.read_text(text);
        }
    });
    view.on("textarea", "input", move |event| {
        it.file.set(None);
        it.stale.set(true);
        read(form::lines(&event));
    });
    let file = view.find("input");
    view.on(".import-place", "click", move |event| match form::place(&event).as_deref() {
        Some("import") => {
            networks::prepare();
            it.open.set(true);
        }
        Some("open") => form::click(&file),
        Some("cancel") => it.close(),
        Some("replace") => it.replace(),
        _ => {}
    });
    view.on("dialog", "close", move |_| it.close());
    let take = move |brought| match brought {
        Brought::Model(file) => it.read_file(&file),
        Brought::Text(words) => {
            form::set_lines(&text, &words);
            it.file.set(None);
            it.read_text(words);
            it.open.set(true);
        }
        Brought::Nothing(reason) => {
            networks::cancel();
            it.file.set(None);
            it.stale.set(false);
            it.status.set(Status::Failed(html::sentence(&reason)));
            it.open.set(true);
        }
    };
    let chosen = take.clone();
    view.on("input", "change", move |event| networks::from_input(&event, chosen.clone()));
    networks::use_drop(take.clone());
    networks::use_paste(take);
    view.text(".import__name", move || it.file.get().unwrap_or_else(|| "or drop one anywhere".to_owned()));
    view.html(".import__said", move || it.status.with(said));
    view.text("[data-at=replace]", move || {
        let n_layers = stack.model.with(|model| model.graph.len().saturating_sub(1));
        format!("Replace {n_layers} layer{}", if n_layers == 1 { "" } else { "s" })
    });
    view.flag("[data-at=replace]", "disabled", move || {
        it.stale.get() || it.status.with(|status| !matches!(status, Status::Found { .. }))
    });
    view
}

/// What the dialog says, as markup.
fn said(status: &Status) -> String {
    match status {
        Status::Nothing => String::new(),
        Status::Reading(hundredths) => html::message(Kind::Plain, &format!("Reading, {hundredths} %"), None),
        Status::Failed(reason) => html::message(Kind::Error, reason, None),
        Status::Found { said, warnings, notes, .. } => {
            let mut out = html::message(Kind::Plain, &said.join(" "), None);
            for (kind, list) in [(Kind::Warn, warnings), (Kind::Plain, notes)] {
                for line in list.iter().take(MAX_NOTES) {
                    out.push_str(&html::message(kind, line, None));
                }
                if let Some(more) = list.len().checked_sub(MAX_NOTES).filter(|&more| more > 0) {
                    out.push_str(&html::message(kind, &format!("{more} more of this kind."), None));
                }
            }
            out
        }
    }
}

impl Import {
    /// Height and width of the present input, for what does not state its own.
    fn size(self) -> [u64; 2] {
        let input = self.stack.model.with_untracked(StackModel::input);
        input.map_or([224, 224], |[height, width, _]| [height, width])
    }

    /// Closes the dialog. What is still being read is let go of; what was found stays for the next time.
    fn close(self) {
        self.open.set(false);
        if self.status.with_untracked(|status| matches!(status, Status::Reading(_))) {
            networks::cancel();
            self.file.set(None);
            self.status.set(Status::Nothing);
        }
    }

    fn read_text(self, text: String) {
        if text.trim().is_empty() {
            self.stale.set(false);
            networks::cancel();
            return self.status.set(Status::Nothing);
        }
        networks::read_text(text, self.size(), move |heard| self.hear(heard));
    }

    fn read_file(self, file: &ModelFile) {
        self.file.set(Some(file.name()));
        self.stale.set(false);
        self.status.set(Status::Reading(0));
        self.open.set(true);
        file.read(self.size(), move |heard| self.hear(heard));
    }

    fn hear(self, heard: Heard) {
        let status = match heard {
            Heard::Reading(hundredths) => Status::Reading(hundredths),
            Heard::Failed(reason) => Status::Failed(html::sentence(&reason)),
            Heard::Network(network) => self.found(*network),
        };
        // The dialog may have gone with its page.
        if self.status.try_with_untracked(|_| ()).is_some() {
            self.stale.set(false);
            self.status.set(status);
        }
    }

    fn found(self, network: Network) -> Status {
        let graph = match notation::read(&network.graph) {
            Ok(graph) => Arc::new(graph),
            Err(error) => return Status::Failed(html::sentence(&error.to_string())),
        };
        let n_layers = graph.len() - 1;
        if n_layers >= MAX_LAYERS {
            return Status::Failed(format!(
                "It has {n_layers} layers, where {} can be shown.",
                MAX_LAYERS - 1
            ));
        }
        let now = self.stack.model.get_untracked();
        let model = StackModel {
            picture: now.picture,
            shown: now.shown,
            side: now.side,
            ..StackModel::of_graph(graph)
        };
        // What no link holds would be lost by the next reload.
        let n_bytes = link::write(&Page::Stack(model.clone())).len();
        if n_bytes > MAX_LINK {
            return Status::Failed(format!(
                "Its link would have {n_bytes} characters, where {MAX_LINK} can be read."
            ));
        }
        let derived = model.derive();
        let mut said = vec![html::sentence(&network.form), network.sentence];
        said.extend(derived.input_gives());
        let sentences = |list: &[String]| list.iter().map(|note| html::sentence(note)).collect::<Vec<_>>();
        let mut warnings: Vec<String> = derived.first_impossible().into_iter().collect();
        warnings.extend(sentences(&network.stops));
        Status::Found { model: Box::new(model), said, warnings, notes: sentences(&network.notes) }
    }

    fn replace(self) {
        let Status::Found { model, .. } = self.status.get_untracked() else { return };
        let n_layers = model.graph.len() - 1;
        self.open.set(false);
        self.status.set(Status::Nothing);
        self.stack.choose(*model, format!("Replaced by {n_layers} layers"));
        focus::first_in("import-place", "button");
    }
}
