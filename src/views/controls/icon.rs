//! Icons: strokes on a 20 × 20 grid, in the colour of the text around them.

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident $paths:literal),* $(,)?) => {
        /// The icons in use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Glyph { $($(#[$doc])* $name),* }

        impl Glyph {
            fn paths(self) -> &'static str {
                match self { $(Glyph::$name => $paths),* }
            }
        }
    };
}

glyphs! {
    First r#"<path d="M5 4v12M15.5 4.5 8 10l7.5 5.5z"/>"#,
    Back r#"<path d="M13.5 4.5 6 10l7.5 5.5z"/>"#,
    Play r#"<path class="icon--fill" d="M6.5 4 16 10l-9.5 6z"/>"#,
    Pause r#"<path d="M7 4.5v11M13 4.5v11" stroke-width="3"/>"#,
    Forward r#"<path d="M6.5 4.5 14 10l-7.5 5.5z"/>"#,
    Last r#"<path d="M15 4v12M4.5 4.5 12 10l-7.5 5.5z"/>"#,
    Link r#"<path d="M8.5 11.5l3-3M9 6.5l1.8-1.8a3 3 0 0 1 4.4 4.4L13.5 11M11 13.5l-1.8 1.8a3 3 0 0 1-4.4-4.4L6.5 9"/>"#,
    Share r#"<path d="M10 3v9M6.5 6 10 2.8 13.5 6M5 10H4v7h12v-7h-1"/>"#,
    Import r#"<path d="M10 3v9M6.5 8.7 10 12l3.5-3.3M4 12v5h12v-5"/>"#,
    Theme r#"<circle cx="10" cy="10" r="6.5"/><path class="icon--fill" d="M10 3.5a6.5 6.5 0 0 1 0 13z"/>"#,
    Keys r#"<path d="M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.7h7"/>"#,
    Info r#"<circle cx="10" cy="10" r="7"/><path d="M10 9v5M10 6.2v.1"/>"#,
    Warn r#"<path d="M10 3l7.5 13.5h-15zM10 8v4M10 14.2v.1"/>"#,
    Error r#"<path d="M6.8 2.8h6.4l4 4v6.4l-4 4H6.8l-4-4V6.8zM7.5 7.5l5 5M12.5 7.5l-5 5"/>"#,
    Close r#"<path d="M5 5l10 10M15 5 5 15"/>"#,
    Undo r#"<path d="M7 4 3.5 7.5 7 11M4 7.5h8a4 4 0 0 1 0 8H8"/>"#,
    Redo r#"<path d="M13 4l3.5 3.5L13 11M16 7.5H8a4 4 0 0 0 0 8h4"/>"#,
    Image r#"<path d="M3 4h14v12H3zM3 13l4-4 3.5 3.5L13 10l4 4"/><circle cx="13" cy="7.5" r="1"/>"#,
    Plus r#"<path d="M10 4v12M4 10h12"/>"#,
    Grip r#"<path d="M7.5 5v.1M7.5 10v.1M7.5 15v.1M12.5 5v.1M12.5 10v.1M12.5 15v.1" stroke-width="2.5"/>"#,
    Copy r#"<path d="M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4"/>"#,
    Chart r#"<path d="M3.5 16.5h13M5.5 16v-4M10 16V8M14.5 16V4" stroke-width="2"/>"#,
    External r#"<path d="M8 4H4v12h12v-4M11 3.5h5.5V9M16 4l-7 7"/>"#,
    Dice r#"<path d="M3.5 3.5h13v13h-13zM7 7v.1M13 7v.1M10 10v.1M7 13v.1M13 13v.1" stroke-width="2"/>"#,
    Sliders r#"<path d="M3 6h7M14 6h3M3 14h3M10 14h7"/><circle cx="12" cy="6" r="2"/><circle cx="8" cy="14" r="2"/>"#,
    Cell r#"<path d="M3.5 3.5h13v13h-13z"/><path class="icon--fill" d="M8 8h4v4H8z"/>"#,
    Sigma r#"<path d="M14.5 5.5V4h-9l5 6-5 6h9v-1.5"/>"#,
    Code r#"<path d="M7 5.5 2.5 10 7 14.5M13 5.5l4.5 4.5-4.5 4.5"/>"#,
    Top r#"<path d="M4 5h12" stroke-width="3"/><path d="M4 5v10h12V5" stroke-width="1"/>"#,
    Bottom r#"<path d="M4 15h12" stroke-width="3"/><path d="M4 15V5h12v10" stroke-width="1"/>"#,
    Left r#"<path d="M4.5 4v12" stroke-width="3"/><path d="M4.5 4.5h11v11h-11" stroke-width="1"/>"#,
    Right r#"<path d="M15.5 4v12" stroke-width="3"/><path d="M15.5 4.5h-11v11h11" stroke-width="1"/>"#,
}

/// An icon as markup; it says nothing to a screen reader, the control around it does.
pub(crate) fn icon(glyph: Glyph) -> String {
    ["<svg class=icon viewBox=\"0 0 20 20\" aria-hidden=true>", glyph.paths(), "</svg>"].concat()
}

/// A button that shows an icon and nothing else, and its name to a pointer that rests on it; `at` is what a click
/// on it says.
pub(crate) fn icon_button(class: &str, at: &str, name: &str, glyph: Glyph) -> String {
    let opening = [
        "<button type=button class=\"",
        class,
        "\" data-at=",
        at,
        " aria-label=\"",
        name,
        "\" title=\"",
        name,
        "\">",
    ];
    [&opening.concat(), icon(glyph).as_str(), "</button>"].concat()
}

/// The mark of convscope: a window on a grid.
pub(crate) const LOGO: &str = concat!(
    r#"<svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">"#,
    r#"<path d="M3 3h18v18H3zM9 3v18M15 3v18M3 9h18M3 15h18" fill="none" stroke="currentColor" stroke-width="1.5" stroke-opacity=".45"/>"#,
    r#"<rect x="2.5" y="2.5" width="13" height="13" fill="none" stroke="var(--kernel)" stroke-width="2.5"/>"#,
    r#"<rect x="15.5" y="15.5" width="5" height="5" fill="var(--output)"/></svg>"#,
);
