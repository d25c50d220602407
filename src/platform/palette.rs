//! The colours and faces of the style sheet as the canvas needs them, read once for each theme.
//!
//! A tap's colour is `oklch(l c h)` of the `--tap-*` numbers, as `.ink-tap` has it: lightness
//! `l-top + (l-bottom − l-top) v + l-slope u`, chroma `c-top + (c-bottom − c-top) v`,
//! hue `h-left + (h-right − h-left) u`. The browser turns it, like every other colour, into sRGB.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use convscope_scene::svg::signed_stops;
use convscope_scene::{Face, Paint, Token, number};
use js_sys::JsString;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlElement};

use super::dom::{document, new_canvas, root, window};
use super::media;
use super::raster::Rasters;
use super::theme::on_root_attribute;
use crate::state::{State, follow};

/// A colour in sRGB: red, green, blue, opacity.
pub type Rgba = [u8; 4];

/// How many texts are kept as strings of the browser before all are dropped.
const MOST_TEXTS: usize = 4096;

/// The numbers of the weight identity, in OKLCH.
#[derive(Clone, Copy, Debug, Default)]
struct TapScale {
    l_top: f64,
    l_bottom: f64,
    l_slope: f64,
    c_top: f64,
    c_bottom: f64,
    h_left: f64,
    h_right: f64,
}

impl TapScale {
    fn read(style: &CssStyleDeclaration) -> Self {
        let number = |name| js_sys::Number::parse_float(&property(style, name));
        Self {
            l_top: number("--tap-l-top"),
            l_bottom: number("--tap-l-bottom"),
            l_slope: number("--tap-l-slope"),
            c_top: number("--tap-c-top"),
            c_bottom: number("--tap-c-bottom"),
            h_left: number("--tap-h-left"),
            h_right: number("--tap-h-right"),
        }
    }

    fn css(&self, u: f64, v: f64) -> String {
        let lightness = self.l_top + (self.l_bottom - self.l_top) * v + self.l_slope * u;
        let chroma = self.c_top + (self.c_bottom - self.c_top) * v;
        let hue = self.h_left + (self.h_right - self.h_left) * u;
        ["oklch(", &number::css(lightness), " ", &number::css(chroma), " ", &number::css(hue), ")"].concat()
    }
}

/// What a theme looks like, and what was made for it so far.
pub struct Palette {
    tokens: Vec<Rgba>,
    taps: TapScale,
    /// In forced colours every tap has this ground.
    flat_tap: Option<Rgba>,
    families: [String; 2],
    resolver: Option<Resolver>,
    made: RefCell<Made>,
    pub(super) rasters: RefCell<Rasters>,
}

/// Strings of the browser that are used again and again.
#[derive(Default)]
struct Made {
    taps: HashMap<[u16; 2], Rgba>,
    colours: HashMap<u32, JsString>,
    fonts: HashMap<FontKey, JsString>,
    texts: HashMap<String, JsString>,
}

/// A font: face, weight, and size in hundredths of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FontKey {
    math: bool,
    strong: bool,
    size: u32,
}

impl FontKey {
    pub(super) fn new(face: Face, strong: bool, size_px: f64) -> Self {
        Self { math: face == Face::Math, strong, size: (size_px * 100.0).round() as u32 }
    }
}

impl Palette {
    /// Reads the style sheet as it holds now.
    pub fn read() -> Self {
        let resolver = Resolver::new();
        let forced = media_holds("(forced-colors: active)");
        let names = Token::ALL.iter().map(|&token| match token {
            // The sheet names no text colour for taps without hue: it is the system's.
            Token::OnTap if forced => "CanvasText".to_owned(),
            token => format!("var({})", token.name()),
        });
        let computed = computed_colours(names.chain(std::iter::once("Canvas".to_owned())));
        let mut tokens: Vec<Rgba> = computed
            .iter()
            .map(|css| resolver.as_ref().map_or([0, 0, 0, 255], |resolver| resolver.rgba(css)))
            .collect();
        let canvas = tokens.pop().unwrap_or([255; 4]);
        let style = root().and_then(|root| window().get_computed_style(&root).ok().flatten());
        let read = |name: &str, fallback: &str| {
            let value = style.as_ref().map(|style| property(style, name)).unwrap_or_default();
            if value.is_empty() { fallback.to_owned() } else { value }
        };
        Self {
            tokens,
            taps: style.as_ref().map(TapScale::read).unwrap_or_default(),
            flat_tap: forced.then_some(canvas),
            families: [read("--font-ui", "sans-serif"), read("--font-math", "serif")],
            resolver,
            made: RefCell::default(),
            rasters: RefCell::default(),
        }
    }

    /// The colour of a token.
    pub fn token(&self, token: Token) -> Rgba {
        self.tokens.get(token as usize).copied().unwrap_or([0, 0, 0, 255])
    }

    /// The colour of a paint; a hatch has that of its lines, and nothing has no colour.
    pub fn rgba(&self, paint: Paint) -> Option<Rgba> {
        Some(match paint {
            Paint::None => return None,
            Paint::Token(token) => self.token(token),
            Paint::Faint(token, percent) => {
                let [red, green, blue, opacity] = self.token(token);
                let faint = (u32::from(opacity) * u32::from(percent) + 50) / 100;
                [red, green, blue, faint.min(255) as u8]
            }
            Paint::Tap { u, v } => self.tap(u, v),
            Paint::Signed(value) => self.signed(value),
            Paint::Hatch => self.token(Token::PadHatch),
            Paint::CrossHatch => self.token(Token::Unread),
        })
    }

    /// The colour of a paint as `#rrggbb`, without its opacity; empty for [`Paint::None`].
    pub fn hex(&self, paint: Paint) -> String {
        self.rgba(paint)
            .map(|[red, green, blue, _]| format!("#{red:02x}{green:02x}{blue:02x}"))
            .unwrap_or_default()
    }

    /// The colour of a value in `-1.0..=1.0` on the signed scale; zero's for what is not a number.
    pub fn signed(&self, value: f64) -> Rgba {
        let ([near, far], share) = signed_stops(if value.is_nan() { 0.0 } else { value });
        let (near, far) = (self.token(near), self.token(far));
        std::array::from_fn(|channel| {
            let (near, far) = (f64::from(near[channel]), f64::from(far[channel]));
            (near + (far - near) * share).round() as u8
        })
    }

    /// The family of a face, as the style sheet names it.
    pub fn family(&self, face: Face) -> &str {
        &self.families[usize::from(face == Face::Math)]
    }

    fn tap(&self, u: f64, v: f64) -> Rgba {
        if let Some(ground) = self.flat_tap {
            return ground;
        }
        let key = [u, v].map(|along| (along.clamp(0.0, 1.0) * 4096.0).round() as u16);
        let mut made = self.made.borrow_mut();
        *made.taps.entry(key).or_insert_with(|| {
            let css = self.taps.css(u.clamp(0.0, 1.0), v.clamp(0.0, 1.0));
            self.resolver.as_ref().map_or([255; 4], |resolver| resolver.rgba(&css))
        })
    }

    /// Hands a colour to `set` as a string of the browser.
    pub(super) fn with_css(&self, colour: Rgba, set: impl FnOnce(&JsString)) {
        let mut made = self.made.borrow_mut();
        set(made.colours.entry(u32::from_be_bytes(colour)).or_insert_with(|| css(colour).into()));
    }

    /// Hands a font to `set` as a string of the browser.
    pub(super) fn with_font(&self, key: FontKey, set: impl FnOnce(&JsString)) {
        let mut made = self.made.borrow_mut();
        set(made.fonts.entry(key).or_insert_with(|| {
            let weight = if key.strong { 600 } else { 400 };
            let size = number::css(f64::from(key.size) / 100.0);
            format!("{weight} {size}px {}", self.families[usize::from(key.math)]).into()
        }));
    }

    /// Hands a text to `set` as a string of the browser.
    pub(super) fn with_text(&self, text: &str, set: impl FnOnce(&JsString)) {
        let made = &mut *self.made.borrow_mut();
        if let Some(known) = made.texts.get(text) {
            return set(known);
        }
        if made.texts.len() >= MOST_TEXTS {
            made.texts.clear();
        }
        set(made.texts.entry(text.to_owned()).or_insert_with(|| text.into()));
    }
}

/// The palette of the page: another one whenever theme, contrast or forced colours change.
pub fn use_palette() -> State<Rc<Palette>> {
    let palette = State::new(Rc::new(Palette::read()));
    let changes = [
        media::forced_colors(),
        media::prefers_dark(),
        media::matches("(prefers-contrast: more)"),
        media::matches("(prefers-contrast: less)"),
        media::matches("(prefers-contrast: custom)"),
    ];
    let mut first = true;
    follow(move || {
        for change in changes {
            change.track();
        }
        if !std::mem::take(&mut first) {
            palette.set(Rc::new(Palette::read()));
        }
    });
    on_root_attribute(&["data-theme", "data-present"], move || palette.set(Rc::new(Palette::read())));
    palette
}

/// Turns any colour of CSS into sRGB: paints a pixel and reads it back.
struct Resolver {
    context: CanvasRenderingContext2d,
}

impl Resolver {
    fn new() -> Option<Self> {
        let options = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE);
        let canvas = new_canvas(1, 1)?;
        let context = canvas.get_context_with_context_options("2d", &options).ok()??;
        Some(Self { context: context.dyn_into().ok()? })
    }

    /// White where the browser does not know the colour.
    fn rgba(&self, css: &str) -> Rgba {
        self.context.clear_rect(0.0, 0.0, 1.0, 1.0);
        self.context.set_fill_style_str("#fff");
        self.context.set_fill_style_str(css);
        self.context.fill_rect(0.0, 0.0, 1.0, 1.0);
        let pixel = self.context.get_image_data(0.0, 0.0, 1.0, 1.0).ok().map(|it| it.data().0);
        pixel.and_then(|bytes| bytes.try_into().ok()).unwrap_or([255; 4])
    }
}

/// What each of `colours` comes to in the page: `var()` and system colours resolved.
fn computed_colours(colours: impl Iterator<Item = String>) -> Vec<String> {
    let document = document();
    let parent = document.body().or_else(root);
    let probe = document.create_element("div").ok().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let (Some(parent), Some(probe)) = (parent, probe) else { return Vec::new() };
    probe.set_hidden(true);
    let swatches: Vec<_> = colours
        .filter_map(|colour| {
            let swatch: HtmlElement = document.create_element("i").ok()?.dyn_into().ok()?;
            let style = swatch.style();
            // Otherwise forced colours would give every swatch the colour of text.
            let _ = style.set_property("forced-color-adjust", "none");
            let _ = style.set_property("transition", "none");
            let _ = style.set_property("color", &colour);
            probe.append_child(&swatch).ok()?;
            Some(swatch)
        })
        .collect();
    let _ = parent.append_child(&probe);
    let read = |swatch: &HtmlElement| {
        let style = window().get_computed_style(swatch).ok().flatten();
        style.map(|style| property(&style, "color")).unwrap_or_default()
    };
    let colours = swatches.iter().map(read).collect();
    probe.remove();
    colours
}

fn property(style: &CssStyleDeclaration, name: &str) -> String {
    style.get_property_value(name).map(|value| value.trim().to_owned()).unwrap_or_default()
}

fn media_holds(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}

fn css([red, green, blue, opacity]: Rgba) -> String {
    if opacity == 255 {
        format!("#{red:02x}{green:02x}{blue:02x}")
    } else {
        format!("#{red:02x}{green:02x}{blue:02x}{opacity:02x}")
    }
}
