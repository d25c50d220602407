//! What the chosen unit sees, in one sentence, and the same as counts for the legend.

use convscope_core::ConvError;
use convscope_core::graph::{Field, LayerError, NodeId, Op, Region};
use convscope_scene::number;

use super::errors::layer_error;
use crate::stack::Stack;
use crate::text::{Run, counted, place, plain, signed, size};

/// How many cells of the input's hull belong to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Height and width of the hull, padding included.
    pub hull: [u64; 2],
    /// Pixels that are read.
    pub read: u128,
    /// Pixels inside the hull that nobody reads: holes.
    pub skipped: u128,
    /// Positions of the hull outside the image.
    pub outside: u128,
    /// Whether the pixels that are read are counted exactly; otherwise there are at most so many.
    pub exact: bool,
}

/// An entry of the legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegendEntry {
    /// What its mark looks like.
    pub swatch: Swatch,
    /// "pixel read: 80"
    pub text: String,
}

/// The marks of the figure that the legend explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swatch {
    /// The violet outline.
    Hull,
    /// A bright pixel.
    Read,
    /// A dimmed pixel with a ring.
    Hole,
    /// Hatched.
    Outside,
    /// Dashed, on maps behind the chosen one.
    Seen,
}

impl Stack {
    /// What the chosen unit reads of the input; `None` where nothing leads there, or numbers are too large.
    pub fn region(&self) -> Option<&Region> {
        let source = self.analysis.source()?;
        self.projection.as_ref().ok()?.region(source).ok()
    }

    /// How many cells of the input belong to what; `None` where the unit sees nothing.
    pub fn counts(&self) -> Option<Counts> {
        counts(self.region()?)
    }
}

fn counts(region: &Region) -> Option<Counts> {
    let size = region.size();
    let mut counts = Counts { exact: region.is_exact(), ..Counts::default() };
    let mut inside = 1;
    for (side, &len) in size.iter().enumerate() {
        let [first, last] = region.hull(side)?;
        counts.hull[side] = last.abs_diff(first).checked_add(1)?;
        let beyond = region.padding(side).count();
        inside *= u128::from(counts.hull[side].min(u64::MAX / 2)).saturating_sub(beyond).min(len.into());
    }
    let all = u128::from(counts.hull[0]) * u128::from(counts.hull[1]);
    counts.read = region.count().ok()?;
    counts.skipped = inside.saturating_sub(counts.read);
    counts.outside = all - inside;
    Some(counts)
}

/// "One unit of layer 4 sees 10 × 10 cells: 80 pixels read, 20 outside the image"
pub fn sentence(stack: &Stack) -> Vec<Run> {
    let Some(id) = stack.selected() else { return vec![words("There are no layers")] };
    let node = id.index();
    if let Err(error) = stack.analysis.value(id) {
        return vec![words(&match error {
            LayerError::Blocked { by } => {
                format!("Layer {node} has no output: layer {} before it is impossible", by.index())
            }
            error => format!("Layer {node} is impossible. {}", layer_error(stack, id, error)),
        })];
    }
    if let Some(reason) = unseen(stack, id) {
        return vec![words(&reason)];
    }
    if stack.analysis.source() == Some(id) {
        return seen_by(stack);
    }
    let too_large = || vec![words(&format!("The field of layer {node} is too large to be counted"))];
    match &stack.projection {
        Err(ConvError::Overflow | ConvError::TooManyRuns { .. }) => return too_large(),
        Err(_) => return Vec::new(),
        Ok(_) => {}
    }
    let Some(region) = stack.region() else { return too_large() };
    if region.is_empty() {
        let at = place(signed(stack.model.unit));
        return vec![words(&format!("Unit {at} of layer {node} sees nothing: no kernel is scattered there"))];
    }
    let Some(counts) = counts(region) else { return too_large() };
    let every = whole(stack, id);
    let who = if every { format!("Every unit of layer {node}") } else { format!("One unit of layer {node}") };
    let mut runs = vec![words(&format!("{who} sees ")), Run::Field(size(counts.hull))];
    let most = if counts.exact { "" } else { "at most " };
    let mut rest = format!(" cells: {most}{} read", pixels(counts.read));
    for (count, what) in [(counts.skipped, "skipped"), (counts.outside, "outside the image")] {
        if count > 0 {
            rest.push_str(", ");
            rest.push_str(&number::grouped(count));
            rest.push(' ');
            rest.push_str(what);
        }
    }
    runs.push(Run::Plain(rest));
    runs
}

/// The sentence for names and titles.
pub fn sentence_plain(stack: &Stack) -> String {
    plain(&sentence(stack))
}

/// "Pixel (3, 4) is seen by 9 units of layer 4", of the pixel that is chosen in the input.
fn seen_by(stack: &Stack) -> Vec<Run> {
    let at = place(signed(stack.model.unit));
    let last = crate::stack::last_map(&stack.analysis);
    let Some(last) = stack.analysis.graph().id(last).filter(|id| id.index() > 0) else {
        return vec![words("A cell of the input sees itself")];
    };
    match seen_units(stack, last) {
        Some(count) => vec![
            words(&format!("Pixel {at} is seen by ")),
            Run::Field(number::grouped(count)),
            Run::Plain(format!(" {} of layer {}", if count == 1 { "unit" } else { "units" }, last.index())),
        ],
        None => vec![words(&format!("Pixel {at} is seen by more units than can be counted"))],
    }
}

/// How many units of a layer see the chosen pixel or unit.
pub fn seen_units(stack: &Stack, of: NodeId) -> Option<u128> {
    stack.seen_by()?.region(of).ok()?.count().ok()
}

/// Why nothing can be said of what a layer sees; `None` where something can.
fn unseen(stack: &Stack, id: NodeId) -> Option<String> {
    let node = id.index();
    let fields = stack.analysis.fields(id)?;
    if fields.iter().all(|field| *field == Field::Nothing) {
        return Some(format!("Layer {node} does not depend on the input"));
    }
    if !fields.contains(&Field::Unknown) {
        return None;
    }
    let graph = stack.analysis.graph();
    let unknown =
        stack.analysis.longest_path(id, 0).into_iter().chain(graph.ids()).find_map(|id| {
            match &graph.node(id).op {
                Op::Unknown { operator, .. } if id.index() <= node => Some((id, operator)),
                _ => None,
            }
        });
    Some(match unknown {
        Some((at, operator)) => {
            let at = at.index();
            format!(
                "What layer {node} sees is not known: layer {at} is “{operator}”, and what that reads is not known here"
            )
        }
        None => format!("What layer {node} sees is not known"),
    })
}

/// Whether every unit sees the whole input.
fn whole(stack: &Stack, id: NodeId) -> bool {
    stack.analysis.fields(id).is_some_and(|fields| fields.iter().all(|field| *field == Field::Whole))
}

/// The figure's marks with their counts: "hole, inside the hull but never read: none". Of a pixel only who sees
/// it is marked.
pub fn legend(stack: &Stack) -> Vec<LegendEntry> {
    let Some(counts) = stack.counts() else { return Vec::new() };
    let count = |count: u128| if count == 0 { "none".to_owned() } else { number::grouped(count) };
    let entry = |swatch, text: String| LegendEntry { swatch, text };
    let seen = |what: &str| entry(Swatch::Seen, ["units that see this ", what].concat());
    let behind = crate::stack::last_map(&stack.analysis) > stack.model.selected;
    if stack.selected() == stack.analysis.source() {
        return if behind { vec![seen("pixel")] } else { Vec::new() };
    }
    let mut entries = vec![
        entry(Swatch::Hull, "receptive field (hull)".into()),
        entry(Swatch::Read, format!("pixel read: {}", count(counts.read))),
        entry(Swatch::Hole, format!("hole, inside the hull but never read: {}", count(counts.skipped))),
        entry(Swatch::Outside, format!("outside the image: {}", count(counts.outside))),
    ];
    if behind {
        entries.push(seen("one"));
    }
    entries
}

/// `1 pixel`, `80 pixels`
fn pixels(count: u128) -> String {
    match u64::try_from(count) {
        Ok(count) => counted(count, "pixel"),
        Err(_) => format!("{} pixels", number::grouped(count)),
    }
}

fn words(text: &str) -> Run {
    Run::Plain(text.to_owned())
}
