//! Writes a scene as SVG: plain elements with presentation attributes, no script, no style sheet.
//!
//! Numbers have at most two decimals, so that files are equal on every machine.
//! Colours come from the caller: custom properties in the page, resolved sRGB in exported files.

use std::fmt::Write;

use crate::geom::{Point, Rect};
use crate::ink::{Face, Ink, Paint, Style, Token};
use crate::scene::{Align, Mark, Raster, Scene, Shape};

/// What a scene does not know: colours, faces, how a raster becomes an image.
pub trait Look {
    /// A colour as an SVG paint, for every [`Paint`] but `None` and the hatches; opacity is written apart.
    fn colour(&self, paint: Paint) -> String;
    /// The font family of a face.
    fn family(&self, face: Face) -> String;
    /// A raster as the address of an image, usually `data:image/png;base64,..`.
    fn image(&self, raster: &Raster) -> String;
    /// Attributes for the shapes of an ink instead of resolved colours, where the page has a rule for it.
    fn attributes(&self, _ink: Ink) -> Option<String> {
        None
    }
}

/// Colours as custom properties: for a page that has `style/tokens.css` and the rule `.ink-tap`.
pub struct Live;

impl Look for Live {
    fn colour(&self, paint: Paint) -> String {
        match paint {
            Paint::Token(token) | Paint::Faint(token, _) => format!("var({})", token.name()),
            Paint::Signed(value) => {
                let ([near, far], share) = signed_stops(value);
                let percent = Px(share * 100.0);
                format!("color-mix(in srgb, var({}) {percent}%, var({}))", far.name(), near.name())
            }
            Paint::None | Paint::Tap { .. } | Paint::Hatch | Paint::CrossHatch => "none".to_owned(),
        }
    }

    fn family(&self, face: Face) -> String {
        match face {
            Face::Ui => "var(--font-ui)".to_owned(),
            Face::Math => "var(--font-math)".to_owned(),
        }
    }

    fn image(&self, _raster: &Raster) -> String {
        String::new()
    }

    fn attributes(&self, ink: Ink) -> Option<String> {
        let Paint::Tap { u, v } = ink.style().fill else { return None };
        let class = if matches!(ink, Ink::TapTag { .. }) { "ink-tap ink-tap--tag" } else { "ink-tap" };
        Some(format!(r#"class="{class}" style="--u:{};--v:{}""#, Px(u), Px(v)))
    }
}

/// The two tokens between which a signed value lies, and how far it is from the first to the second.
pub fn signed_stops(value: f64) -> ([Token; 2], f64) {
    let value = value.clamp(-1.0, 1.0);
    let near_far = match (value < 0.0, value.abs() <= 0.5) {
        (true, true) => [Token::Zero, Token::Neg1],
        (true, false) => [Token::Neg1, Token::Neg2],
        (false, true) => [Token::Zero, Token::Pos1],
        (false, false) => [Token::Pos1, Token::Pos2],
    };
    let magnitude = value.abs();
    (near_far, if magnitude <= 0.5 { magnitude * 2.0 } else { magnitude * 2.0 - 1.0 })
}

/// The scene as an SVG document fragment: one `<svg>` element.
///
/// `title` names the figure to those who cannot see it.
pub fn write(scene: &Scene, title: &str, look: &dyn Look) -> String {
    let mut out = String::with_capacity(scene.marks.len() * 120);
    let (width, height) = (Px(scene.size.width), Px(scene.size.height));
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{}" font-family="{}" font-variant-numeric="tabular-nums">"#,
        Escaped(title),
        Escaped(&look.family(Face::Ui)),
    );
    let _ = write!(out, "<title>{}</title>", Escaped(title));
    hatches(&mut out, scene, look);
    for mark in &scene.marks {
        out.push('\n');
        shape(&mut out, mark, look);
    }
    out.push_str("\n</svg>\n");
    out
}

/// The patterns of padding and of unread cells, where they occur.
fn hatches(out: &mut String, scene: &Scene, look: &dyn Look) {
    let has = |paint: Paint| scene.marks.iter().any(|mark| mark.ink.style().fill == paint);
    let pattern = r#"width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)""#;
    if has(Paint::Hatch) {
        let colour = look.colour(Paint::Token(Token::PadHatch));
        let _ = write!(
            out,
            r#"<defs><pattern id="hatch" {pattern}><path d="M4 0V8" stroke="{colour}"/></pattern></defs>"#
        );
    }
    if has(Paint::CrossHatch) {
        let colour = look.colour(Paint::Token(Token::Unread));
        let _ = write!(
            out,
            r#"<defs><pattern id="cross" {pattern}><path d="M4 0V8M0 4H8" fill="none" stroke="{colour}" stroke-width="1.25"/></pattern></defs>"#
        );
    }
}

/// One mark as one element.
fn shape(out: &mut String, mark: &Mark, look: &dyn Look) {
    let style = mark.ink.style();
    match &mark.shape {
        Shape::Rect { rect, radius } => {
            let _ = write!(out, "<rect {}", Place(rect));
            if *radius > 0.0 {
                let _ = write!(out, r#" rx="{}""#, Px(*radius));
            }
        }
        Shape::Line { from, to } => {
            let _ = write!(
                out,
                r#"<line x1="{}" y1="{}" x2="{}" y2="{}""#,
                Px(from.x),
                Px(from.y),
                Px(to.x),
                Px(to.y)
            );
        }
        Shape::Polygon(points) => {
            out.push_str(r#"<polygon points=""#);
            for (idx, Point { x, y }) in points.iter().enumerate() {
                let _ = write!(out, "{}{},{}", if idx > 0 { " " } else { "" }, Px(*x), Px(*y));
            }
            out.push('"');
        }
        Shape::Dot { centre, radius } => {
            let _ = write!(out, r#"<circle cx="{}" cy="{}" r="{}""#, Px(centre.x), Px(centre.y), Px(*radius));
        }
        Shape::Rects(rects) => {
            out.push_str(r#"<path d=""#);
            for Rect { x, y, width, height } in rects {
                let back = Px(-width);
                let _ = write!(out, "M{} {}h{}v{}h{back}z", Px(*x), Px(*y), Px(*width), Px(*height));
            }
            out.push('"');
        }
        Shape::Lines(lines) => {
            out.push_str(r#"<path d=""#);
            for [from, to] in lines {
                let _ = write!(out, "M{} {}L{} {}", Px(from.x), Px(from.y), Px(to.x), Px(to.y));
            }
            out.push('"');
        }
        Shape::Dots { centres, radius } => {
            let (r, across, back) = (Px(*radius), Px(2.0 * radius), Px(-2.0 * radius));
            out.push_str(r#"<path d=""#);
            for Point { x, y } in centres {
                let _ = write!(
                    out,
                    "M{} {}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 {back} 0z",
                    Px(x - radius),
                    Px(*y)
                );
            }
            out.push('"');
        }
        Shape::Text { at, text, size, align } => return label(out, *at, text, *size, *align, &style, look),
        Shape::Raster { rect, raster, cells } => {
            let smooth = mark.ink == Ink::Photograph;
            return picture(out, rect, raster, cells, (style.opacity, smooth), look);
        }
        Shape::Crop { rect, raster, first, count } => {
            // An inner `<svg>` shows what its view box holds, and no more.
            let ([y, x], [rows, columns]) = (first, count);
            let _ = write!(
                out,
                r#"<svg {} viewBox="{x} {y} {columns} {rows}" preserveAspectRatio="none">"#,
                Place(rect)
            );
            let whole = Rect::new(0.0, 0.0, raster.width.into(), raster.height.into());
            let n_cells = u64::from(raster.width) * u64::from(raster.height);
            picture(out, &whole, raster, &(0..n_cells), (style.opacity, false), look);
            out.push_str("</svg>");
            return;
        }
    }
    match look.attributes(mark.ink) {
        Some(attributes) => {
            let _ = write!(out, " {attributes}/>");
        }
        None => {
            paint(out, "fill", style.fill, look);
            if style.stroke != Paint::None {
                paint(out, "stroke", style.stroke, look);
                let _ = write!(out, r#" stroke-width="{}""#, Px(style.stroke_width));
                if let Some([dash, gap]) = style.dash {
                    let _ = write!(out, r#" stroke-dasharray="{} {}""#, Px(dash), Px(gap));
                }
            }
            out.push_str("/>");
        }
    }
}

/// `fill` or `stroke`, with its opacity.
fn paint(out: &mut String, attribute: &str, paint: Paint, look: &dyn Look) {
    let colour = match paint {
        Paint::None => "none".to_owned(),
        Paint::Hatch => "url(#hatch)".to_owned(),
        Paint::CrossHatch => "url(#cross)".to_owned(),
        other => look.colour(other),
    };
    let _ = write!(out, r#" {attribute}="{colour}""#);
    if let Paint::Faint(_, percent) = paint {
        let _ = write!(out, r#" {attribute}-opacity="{}""#, Px(f64::from(percent) / 100.0));
    }
}

/// A text. Its baseline is placed by hand: not every renderer knows `dominant-baseline`.
fn label(out: &mut String, at: Point, text: &str, size: f64, align: Align, style: &Style, look: &dyn Look) {
    let anchor = match align {
        Align::Start => "start",
        Align::Middle => "middle",
        Align::End => "end",
    };
    let _ = write!(
        out,
        r#"<text x="{}" y="{}" font-size="{}" text-anchor="{anchor}""#,
        Px(at.x),
        Px(at.y + size * 0.35),
        Px(size)
    );
    if style.strong {
        out.push_str(r#" font-weight="600""#);
    }
    if style.face != Face::Ui {
        let _ = write!(out, r#" font-family="{}""#, Escaped(&look.family(style.face)));
    }
    paint(out, "fill", style.fill, look);
    let _ = write!(out, ">{}</text>", Escaped(text));
}

/// A raster as an image; of a part of its cells, the whole rows and the begun one are clipped out of it.
fn picture(
    out: &mut String,
    rect: &Rect,
    raster: &Raster,
    cells: &std::ops::Range<u64>,
    (opacity, smooth): (f64, bool),
    look: &dyn Look,
) {
    let columns = u64::from(raster.width);
    let (n_rows, begun) = (cells.end / columns, cells.end % columns);
    let cell = [rect.width / f64::from(raster.width), rect.height / f64::from(raster.height)];
    let whole = Rect { height: n_rows as f64 * cell[1], ..*rect };
    let part = Rect::new(rect.x, whole.bottom(), begun as f64 * cell[0], cell[1]);
    let complete = cells.start == 0 && begun == 0 && n_rows == u64::from(raster.height);
    if !complete {
        let _ = write!(
            out,
            r#"<clipPath id="shown"><rect {}/><rect {}/></clipPath>"#,
            Place(&whole),
            Place(&part)
        );
    }
    let opacity = if opacity < 1.0 { format!(r#" opacity="{}""#, Px(opacity)) } else { String::new() };
    let clip = if complete { "" } else { r#" clip-path="url(#shown)""# };
    let rendering = if smooth { "" } else { r#" style="image-rendering:pixelated""# };
    let _ = write!(
        out,
        r#"<image {} preserveAspectRatio="none"{rendering}{clip}{opacity} href="{}"/>"#,
        Place(rect),
        Escaped(&look.image(raster))
    );
}

/// A length with at most two decimals and no trailing zeros.
struct Px(f64);

impl std::fmt::Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hundredths = (self.0 * 100.0).round() as i64;
        let (sign, rest) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
        write!(f, "{sign}{}", rest / 100)?;
        match (rest % 100 / 10, rest % 10) {
            (0, 0) => Ok(()),
            (tenths, 0) => write!(f, ".{tenths}"),
            (tenths, last) => write!(f, ".{tenths}{last}"),
        }
    }
}

/// Place and size of a rectangle as attributes.
struct Place<'a>(&'a Rect);

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Rect { x, y, width, height } = *self.0;
        write!(f, r#"x="{}" y="{}" width="{}" height="{}""#, Px(x), Px(y), Px(width), Px(height))
    }
}

/// Text inside an element or attribute.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}
