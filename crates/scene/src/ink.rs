//! What a mark means, and which custom properties of `style/tokens.css` say how it looks.
//!
//! This is the one table that both painters read: a painter resolves each [`Token`] to a colour and
//! does what [`Style`] says.

macro_rules! tokens {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// A custom property of `style/tokens.css` that holds a colour.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Token { $(#[doc = concat!("`", $name, "`")] $variant),* }

        impl Token {
            /// Every token, in declaration order: `ALL[token as usize] == token`.
            pub const ALL: &[Token] = &[$(Token::$variant),*];

            /// Its name in the style sheet, with the two dashes.
            pub const fn name(self) -> &'static str {
                match self { $(Token::$variant => $name),* }
            }
        }
    };
}

tokens! {
    Paper "--paper", Text "--text", Text2 "--text-2", Text3 "--text-3",
    Input "--input", InputText "--input-text", InputTint "--input-tint",
    Kernel "--kernel", KernelText "--kernel-text",
    Output "--output", OutputText "--output-text", OutputTint "--output-tint", OnOutput "--on-output",
    Pad "--pad", PadHatch "--pad-hatch", PadEdge "--pad-edge", PadText "--pad-text",
    Unread "--unread", OnTap "--on-tap",
    Panel "--panel", Sunken "--sunken", Line "--line", LineStrong "--line-strong",
    Rf "--rf", RfText "--rf-text", RfTint "--rf-tint", Veil "--veil", Hole "--hole",
    Neg2 "--neg-2", Neg1 "--neg-1", Zero "--zero", Pos1 "--pos-1", Pos2 "--pos-2",
}

/// What fills or strokes a mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paint {
    /// Nothing.
    None,
    /// A colour of the style sheet.
    Token(Token),
    /// A colour of the style sheet, at this many per cent of its opacity.
    Faint(Token, u8),
    /// The identity colour of a tap: `u` runs over the kernel's columns, `v` down its rows, both `0.0..=1.0`.
    Tap {
        /// 0 at the first column, 1 at the last.
        u: f64,
        /// 0 at the first row, 1 at the last.
        v: f64,
    },
    /// A value on the signed scale, in `-1.0..=1.0`: `Neg2` to `Zero` to `Pos2`, linear in sRGB.
    Signed(f64),
    /// Diagonal lines, 8 px apart, rising to the right: padding.
    Hatch,
    /// Diagonal lines both ways, 8 px apart: never read.
    CrossHatch,
}

/// The face of a text; what it is comes from the style sheet (`--font-ui`, `--font-math`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Words and numbers.
    Ui,
    /// Operators.
    Math,
}

/// How a mark is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Inside of a shape; the colour of a text.
    pub fill: Paint,
    /// Outline of a shape or colour of a line.
    pub stroke: Paint,
    /// Width of the outline, in CSS pixels.
    pub stroke_width: f64,
    /// Length of dash and gap, in CSS pixels; `None` is a full line.
    pub dash: Option<[f64; 2]>,
    /// Face of a text.
    pub face: Face,
    /// Whether a text is set in the strong weight.
    pub strong: bool,
    /// How opaque a picture is, `0.0..=1.0`.
    pub opacity: f64,
}

/// What a mark means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ink {
    /// A cell of the input.
    InputCell,
    /// The outline of the input.
    InputFrame,
    /// The ground of padding.
    PadGround,
    /// The hatch on padding.
    PadHatch,
    /// The outline of the padded input.
    PadFrame,
    /// The value of a padding cell.
    PadValue,
    /// The plain patch behind the value of a padding cell, so that it can be read on the hatch.
    PadPatch,
    /// The patch behind the value of an unread input cell.
    InputPatch,
    /// The hatch on a cell that no window reads.
    Unread,
    /// A cell of the window or of the kernel, in the colour of its tap.
    Tap {
        /// Column of the tap, `0.0..=1.0`.
        u: f64,
        /// Row of the tap, `0.0..=1.0`.
        v: f64,
    },
    /// A tag in the colour of a tap: through which weight an output uses the cell pointed at.
    TapTag {
        /// Column of the tap, `0.0..=1.0`.
        u: f64,
        /// Row of the tap, `0.0..=1.0`.
        v: f64,
    },
    /// A zero inserted between the cells of the input.
    InsertedCell,
    /// A cell beyond the padding, where only a window that hangs over reaches; it counts nowhere.
    BeyondCell,
    /// The outline of a window that rounding up would have added, and that is dropped.
    DroppedWindow,
    /// The outline of a window's largest cell.
    Winner,
    /// Where a line to a copy begins.
    TieDot,
    /// A cell coloured by its value, in `-1.0..=1.0` of the layer's range.
    Value(f64),
    /// The paper line around the window, so that it stands off from its ground.
    Halo,
    /// The same around a thinner line.
    ThinHalo,
    /// The same around a dashed line, and fainter.
    DashHalo,
    /// The window.
    Window,
    /// The window while something else is pointed at.
    WindowThin,
    /// The outline of the kernel and of the bias.
    KernelFrame,
    /// The ground of the bias.
    BiasCell,
    /// The space between window and kernel.
    LinkIn,
    /// The space between kernel and output.
    LinkOut,
    /// A line from window to kernel.
    LinkInLine,
    /// A line from kernel to output.
    LinkOutLine,
    /// A computed cell of the output.
    OutputDone,
    /// The current cell of the output.
    OutputNow,
    /// A cell of the output that is not computed yet.
    OutputWaiting,
    /// The dot in a waiting cell.
    WaitingDot,
    /// A cell of the output to which more will be added.
    OutputPartial,
    /// A row of a matrix: its zeros.
    MatrixRow,
    /// A weight in a matrix, in the colour of its tap; its outline alone tells it from a zero where taps have no
    /// colour.
    MatrixEntry {
        /// Column of the tap, `0.0..=1.0`.
        u: f64,
        /// Row of the tap, `0.0..=1.0`.
        v: f64,
    },
    /// The outline of the output.
    OutputFrame,
    /// The outline of the current output cell.
    OutputNowFrame,
    /// The cell pointed at, and what it touches.
    Pointed,
    /// What the thing pointed at touches, where there may be many of it.
    Touched,
    /// A line between the thing pointed at and what it touches.
    TouchedLine,
    /// The outline of one channel's map, before the sum.
    MapFrame,
    /// The circle of the sum.
    SumDot,
    /// The outline of a sheet of the input that is not the chosen one.
    InputSheet,
    /// The same of a filter.
    KernelSheet,
    /// The same of the output.
    OutputSheet,
    /// A picture: a raster of values.
    Picture,
    /// The part of a picture that is not computed yet: it shows through faintly.
    WaitingPicture,
    /// A thin line from a picture to its magnified part.
    MagnifierLine,
    /// A number in an input or output cell.
    CellValue,
    /// A number in the current output cell.
    NowValue,
    /// A number in an output cell to which more will be added.
    PartialValue,
    /// A number on a tap colour.
    TapValue,
    /// The little weight in a window cell.
    TapWeight,
    /// The bias.
    BiasValue,
    /// An index beside a grid.
    Axis,
    /// The title of the input.
    InputTitle,
    /// The title of the kernel.
    KernelTitle,
    /// The title of the output.
    OutputTitle,
    /// A line below a title, a word of the legend.
    Caption,
    /// The ground of a map between input and output.
    MapGround,
    /// The lines between its cells.
    MapLine,
    /// Its outline.
    MapEdge,
    /// A unit in a row of units.
    RowCell,
    /// What of a map a unit reads.
    RfCell,
    /// The same where cells are too small for outlines.
    RfDense,
    /// The lines between cells that are read.
    RfLine,
    /// The outline of a field: its first to its last row and column.
    RfFrame,
    /// The same on a map in between.
    RfThinFrame,
    /// The unit whose field is shown.
    RfUnit,
    /// The number in that unit.
    RfUnitValue,
    /// The number in a cell that is read.
    RfValue,
    /// The space between the fields of two maps.
    RfLink,
    /// Its edges, and a line from a unit to what it reads.
    RfLinkLine,
    /// The outline of the units that see what is chosen.
    SeenFrame,
    /// The same as a ground.
    SeenCell,
    /// The edges of the space between them.
    SeenLine,
    /// What of a picture is not seen.
    Veil,
    /// A cell within the outline of a field that nobody reads.
    HoleVeil,
    /// The ring in such a cell.
    HoleRing,
    /// A cell of padding in a row of units.
    PadCell,
    /// The plain patch behind a word that lies over lines.
    Patch,
    /// The title of a map.
    MapTitle,
    /// A line below a map about its field.
    RfCaption,
    /// A photograph, larger or smaller than the cells it stands for.
    Photograph,
    /// How much each pixel counts, over a photograph.
    Heat,
    /// `∗`, `=` and `+` between the grids.
    Operator,
}

const NONE: Style = Style {
    fill: Paint::None,
    stroke: Paint::None,
    stroke_width: 0.0,
    dash: None,
    face: Face::Ui,
    strong: false,
    opacity: 1.0,
};
const fn fill(fill: Paint) -> Style {
    Style { fill, ..NONE }
}
const fn line(token: Token, stroke_width: f64) -> Style {
    Style { stroke: Paint::Token(token), stroke_width, ..NONE }
}
const fn cell(fill: Paint, edge: Token) -> Style {
    Style { fill, stroke: Paint::Faint(edge, 34), stroke_width: 1.0, ..NONE }
}
const fn strong(token: Token) -> Style {
    Style { fill: Paint::Token(token), strong: true, ..NONE }
}

impl Ink {
    /// How a mark of this ink is painted.
    pub const fn style(self) -> Style {
        use Paint::{Faint, Token as T};
        match self {
            Ink::InputCell => cell(T(Token::InputTint), Token::Input),
            Ink::InputFrame => line(Token::Input, 2.0),
            Ink::PadGround | Ink::PadPatch => fill(T(Token::Pad)),
            Ink::PadHatch => fill(Paint::Hatch),
            Ink::PadFrame => Style { dash: Some([4.0, 3.0]), ..line(Token::PadEdge, 1.5) },
            Ink::PadValue => fill(T(Token::PadText)),
            Ink::InputPatch => fill(T(Token::InputTint)),
            Ink::Unread => fill(Paint::CrossHatch),
            Ink::Tap { u, v } => Style {
                fill: Paint::Tap { u, v },
                stroke: Faint(Token::Kernel, 40),
                stroke_width: 1.0,
                ..NONE
            },
            Ink::TapTag { u, v } => {
                Style { fill: Paint::Tap { u, v }, stroke: T(Token::Text), stroke_width: 1.5, ..NONE }
            }
            Ink::InsertedCell => Style {
                fill: T(Token::Paper),
                stroke: Faint(Token::Input, 60),
                stroke_width: 1.0,
                dash: Some([2.0, 3.0]),
                ..NONE
            },
            Ink::BeyondCell => Style {
                fill: T(Token::Paper),
                stroke: Faint(Token::PadEdge, 60),
                stroke_width: 1.0,
                dash: Some([2.0, 3.0]),
                ..NONE
            },
            Ink::DroppedWindow => Style { dash: Some([4.0, 4.0]), ..line(Token::Text2, 1.5) },
            Ink::MatrixEntry { u, v } => {
                Style { fill: Paint::Tap { u, v }, stroke: T(Token::Kernel), stroke_width: 1.0, ..NONE }
            }
            Ink::Winner => line(Token::OnTap, 2.5),
            Ink::TieDot => fill(T(Token::Text)),
            Ink::Value(value) => fill(Paint::Signed(value)),
            Ink::Halo => line(Token::Paper, 6.0),
            Ink::ThinHalo => line(Token::Paper, 4.0),
            Ink::DashHalo => Style { stroke: Faint(Token::Paper, 70), stroke_width: 2.5, ..NONE },
            Ink::Window => line(Token::Kernel, 3.0),
            Ink::WindowThin => Style { dash: Some([5.0, 4.0]), ..line(Token::Kernel, 1.5) },
            Ink::KernelFrame => line(Token::Kernel, 2.0),
            Ink::BiasCell => fill(T(Token::Paper)),
            Ink::LinkIn => fill(Faint(Token::Kernel, 14)),
            Ink::LinkOut => fill(Faint(Token::Output, 14)),
            Ink::LinkInLine => line(Token::Kernel, 1.25),
            Ink::LinkOutLine => line(Token::Output, 1.25),
            Ink::OutputDone => cell(T(Token::OutputTint), Token::Output),
            Ink::OutputNow => fill(T(Token::Output)),
            Ink::OutputPartial => fill(T(Token::Paper)),
            Ink::MatrixRow => Style { stroke: Faint(Token::Kernel, 14), stroke_width: 1.0, ..NONE },
            Ink::PartialValue => fill(T(Token::Text2)),
            Ink::OutputWaiting => cell(T(Token::Paper), Token::Output),
            Ink::WaitingDot => fill(T(Token::Text3)),
            Ink::OutputFrame => line(Token::Output, 2.0),
            Ink::OutputNowFrame => line(Token::Output, 3.0),
            Ink::Pointed => line(Token::Text, 3.0),
            Ink::Touched => line(Token::Text, 1.5),
            Ink::TouchedLine => Style { dash: Some([2.0, 3.0]), ..line(Token::Text, 1.5) },
            Ink::MapFrame => line(Token::Text3, 1.5),
            Ink::SumDot => Style { fill: T(Token::Paper), ..line(Token::Output, 1.5) },
            Ink::InputSheet => line(Token::Input, 1.0),
            Ink::KernelSheet => line(Token::Kernel, 1.0),
            Ink::OutputSheet => line(Token::Output, 1.0),
            Ink::Picture | Ink::Photograph => NONE,
            Ink::Heat => Style { opacity: 0.8, ..NONE },
            Ink::WaitingPicture => Style { opacity: 0.4, ..NONE },
            Ink::MagnifierLine => line(Token::Text3, 1.0),
            Ink::CellValue => fill(T(Token::Text)),
            Ink::NowValue => strong(Token::OnOutput),
            Ink::TapValue => strong(Token::OnTap),
            Ink::TapWeight => fill(T(Token::OnTap)),
            Ink::BiasValue => strong(Token::Text),
            Ink::Axis => fill(T(Token::Text3)),
            Ink::InputTitle => strong(Token::InputText),
            Ink::KernelTitle => strong(Token::KernelText),
            Ink::OutputTitle => strong(Token::OutputText),
            Ink::Caption => fill(T(Token::Text2)),
            Ink::MapGround
            | Ink::MapLine
            | Ink::RowCell
            | Ink::MapEdge
            | Ink::RfCell
            | Ink::RfDense
            | Ink::RfLine
            | Ink::RfFrame
            | Ink::RfThinFrame
            | Ink::RfUnit
            | Ink::RfUnitValue
            | Ink::RfValue
            | Ink::RfLink
            | Ink::RfLinkLine
            | Ink::SeenFrame
            | Ink::SeenCell
            | Ink::SeenLine
            | Ink::Veil
            | Ink::HoleVeil
            | Ink::HoleRing
            | Ink::PadCell
            | Ink::Patch
            | Ink::MapTitle
            | Ink::RfCaption => self.style_on_maps(),
            Ink::Operator => Style { face: Face::Math, ..fill(T(Token::Text)) },
        }
    }

    /// The same of the inks of a network's maps. No part of what runs first.
    #[inline(never)]
    const fn style_on_maps(self) -> Style {
        use Paint::{Faint, Token as T};
        match self {
            Ink::MapGround => fill(T(Token::Panel)),
            Ink::MapLine => Style { stroke: Faint(Token::LineStrong, 30), stroke_width: 1.0, ..NONE },
            Ink::RowCell => Style {
                fill: T(Token::Panel),
                stroke: Faint(Token::LineStrong, 45),
                stroke_width: 1.0,
                ..NONE
            },
            Ink::MapEdge => line(Token::LineStrong, 1.5),
            Ink::RfCell => cell(T(Token::RfTint), Token::Rf),
            Ink::RfDense => fill(Faint(Token::Rf, 45)),
            Ink::RfLine => Style { stroke: Faint(Token::Rf, 34), stroke_width: 1.0, ..NONE },
            Ink::RfFrame => line(Token::Rf, 3.0),
            Ink::RfThinFrame => line(Token::Rf, 2.0),
            Ink::RfUnit => Style { fill: T(Token::Rf), ..line(Token::Rf, 2.0) },
            Ink::RfUnitValue => strong(Token::Paper),
            Ink::RfValue => fill(T(Token::RfText)),
            Ink::RfLink => fill(Faint(Token::Rf, 10)),
            Ink::RfLinkLine => line(Token::Rf, 1.5),
            Ink::SeenFrame => Style { dash: Some([5.0, 4.0]), ..line(Token::Rf, 1.5) },
            Ink::SeenCell => fill(Faint(Token::Rf, 16)),
            Ink::SeenLine => Style { dash: Some([2.0, 3.0]), ..line(Token::Rf, 1.0) },
            Ink::Veil => fill(Faint(Token::Veil, 80)),
            Ink::HoleVeil => fill(Faint(Token::Veil, 62)),
            Ink::HoleRing => line(Token::Hole, 1.5),
            Ink::PadCell => Style {
                fill: T(Token::Pad),
                stroke: T(Token::PadEdge),
                stroke_width: 1.0,
                dash: Some([3.0, 2.0]),
                ..NONE
            },
            Ink::Patch => fill(T(Token::Paper)),
            Ink::MapTitle => strong(Token::Text),
            Ink::RfCaption => fill(T(Token::RfText)),
            _ => NONE,
        }
    }
}
