//! The colours of `style/tokens.css`, resolved to sRGB for files that leave the page.

use convscope_scene::svg::{Look, signed_stops};
use convscope_scene::{Face, Paint, Raster, Scale};

use crate::picture;

const TOKENS: &str = include_str!("../../../style/tokens.css");

/// Which set of values of the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    Light,
    Dark,
}

/// The custom properties of a theme.
pub(crate) struct Palette {
    /// Name and value, the later one holds.
    properties: Vec<(String, String)>,
}

impl Palette {
    /// Reads the style sheet: light values come first, dark ones after them, the system's own last.
    pub(crate) fn of(theme: Theme) -> Self {
        let (light, rest) = TOKENS.split_once(":root[data-theme=\"dark\"]").unwrap_or((TOKENS, ""));
        let light = light.split_once("@media").map_or(light, |(first, _)| first);
        let dark = rest.split_once("@media").map_or("", |(first, _)| first);
        let sheets = if theme == Theme::Dark { [light, dark] } else { [light, ""] };
        let properties = sheets
            .iter()
            .flat_map(|sheet| sheet.split([';', '{', '}']))
            .filter_map(|declaration| {
                let (_, declaration) = declaration.rsplit_once("*/").unwrap_or(("", declaration));
                let (name, value) = declaration.split_once(':')?;
                Some((name.trim().to_owned(), value.trim().to_owned()))
            })
            .filter(|(name, _)| name.starts_with("--"))
            .collect();
        Self { properties }
    }

    fn property(&self, name: &str) -> &str {
        self.properties.iter().rev().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    fn number(&self, name: &str) -> f64 {
        self.property(name).parse().unwrap_or(0.0)
    }

    fn rgb(&self, css: &str) -> [u8; 3] {
        let [r, g, b, _] = csscolorparser::parse(css).map_or([0; 4], |colour| colour.to_rgba8());
        [r, g, b]
    }

    /// A value on the signed scale, linear in sRGB between the tokens.
    fn signed(&self, value: f64) -> [u8; 3] {
        let ([near, far], share) = signed_stops(value);
        let [near, far] = [near, far].map(|token| self.rgb(self.property(token.name())));
        std::array::from_fn(|idx| {
            (f64::from(near[idx]) + (f64::from(far[idx]) - f64::from(near[idx])) * share).round() as u8
        })
    }

    /// The identity of a tap, as the rule `.ink-tap` computes it.
    fn tap(&self, u: f64, v: f64) -> [u8; 3] {
        let between = |from: f64, to: f64, share: f64| from + (to - from) * share;
        let lightness = between(self.number("--tap-l-top"), self.number("--tap-l-bottom"), v)
            + self.number("--tap-l-slope") * u;
        let chroma = between(self.number("--tap-c-top"), self.number("--tap-c-bottom"), v);
        let hue = between(self.number("--tap-h-left"), self.number("--tap-h-right"), u);
        self.rgb(&format!("oklch({lightness} {chroma} {})", hue.rem_euclid(360.0)))
    }
}

impl Look for Palette {
    fn colour(&self, paint: Paint) -> String {
        let [r, g, b] = match paint {
            Paint::Token(token) | Paint::Faint(token, _) => self.rgb(self.property(token.name())),
            Paint::Tap { u, v } => self.tap(u, v),
            Paint::Signed(value) => self.signed(value),
            Paint::None | Paint::Hatch | Paint::CrossHatch => return "none".to_owned(),
        };
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    fn family(&self, face: Face) -> String {
        self.property(if face == Face::Ui { "--font-ui" } else { "--font-math" }).to_owned()
    }

    fn image(&self, raster: &Raster) -> String {
        picture::png_address(raster, |value| match raster.scale {
            Scale::Grey { low, high } => {
                let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
                [(share * 255.0).round() as u8; 3]
            }
            Scale::Signed { max } => self.signed(f64::from(value / max)),
            // Written as it is.
            Scale::Colour => [0; 3],
        })
    }
}

#[cfg(test)]
mod tests {
    use convscope_scene::Token;

    use super::*;

    #[test]
    fn every_token_has_a_colour_in_both_themes() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = Palette::of(theme);
            for token in Token::ALL {
                let value = palette.property(token.name());
                assert!(csscolorparser::parse(value).is_ok(), "{} is {value:?} in {theme:?}", token.name());
            }
        }
    }

    #[test]
    fn themes_differ_and_the_ends_of_the_signed_scale_are_its_tokens() {
        let [light, dark] = [Theme::Light, Theme::Dark].map(Palette::of);
        assert_eq!(light.colour(Paint::Token(Token::Paper)), "#ffffff");
        assert_eq!(dark.colour(Paint::Token(Token::Paper)), "#14181e");
        assert_eq!(light.colour(Paint::Signed(1.0)), light.colour(Paint::Token(Token::Pos2)));
        assert_eq!(light.colour(Paint::Signed(-0.5)), light.colour(Paint::Token(Token::Neg1)));
    }
}
