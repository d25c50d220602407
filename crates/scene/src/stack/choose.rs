//! Which maps of a network are shown: a way from the input to its end, and as many of its maps as there is room
//! for.
//!
//! The input, the end and the last map of each resolution come first, then what changes a map most; what is left
//! out is counted.

use convscope_core::graph::{Analysis, Graph, NodeId, Op, Relation};

/// More maps than this are never shown side by side.
pub(super) const MOST_MAPS: usize = 12;

/// A map on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) node: NodeId,
    /// Rows and columns.
    pub(super) size: [u64; 2],
    /// Whether it looks at more than one cell, or branches meet in it.
    pub(super) wide: bool,
}

/// A map that is shown, and how many before it are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) node: NodeId,
    pub(super) size: [u64; 2],
    /// Maps of the way between the one shown before and this.
    pub(super) hidden: u64,
}

/// A way from the input to the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    /// Every node on it.
    pub(super) path: Vec<NodeId>,
    /// Those whose maps may be shown.
    pub(super) candidates: Vec<Candidate>,
    /// The place of what is selected among them.
    pub(super) selected: usize,
}

/// The way from the input through `selected` to the last map of more than one cell.
///
/// Of branches the one whose field is largest. Empty where `selected` is impossible.
pub(super) fn way(analysis: &Analysis, selected: NodeId) -> Way {
    let graph = analysis.graph();
    let Some(map) = analysis.map(selected) else { return Way::default() };
    let end = graph.ids().rev().find(|id| {
        analysis.map(*id).is_some_and(|map| map.axes.iter().all(Option::is_some) && map.size != [1, 1])
    });
    let end = end.filter(|end| *end > selected).unwrap_or(selected);
    let mut path = analysis.longest_path(end, 0);
    if !path.contains(&selected) {
        let onwards = onwards(analysis, selected, &path);
        path = analysis.longest_path(selected, 0);
        path.extend(onwards);
    }
    let source = analysis.source();
    let mut candidates = Vec::new();
    for &node in &path {
        let Some(map) = analysis.map(node) else { continue };
        let wide = is_wide(analysis, node);
        if Some(node) == source || node == selected || changes(graph, node) {
            candidates.push(Candidate { node, size: map.size, wide });
        }
    }
    if candidates.is_empty() {
        candidates.push(Candidate { node: selected, size: map.size, wide: true });
    }
    let place = candidates.iter().position(|it| it.node == selected).unwrap_or(0);
    Way { path, candidates, selected: place }
}

/// The nodes after `from` until a way that is known, and the rest of that way; to the end of the graph's own
/// readers where none leads there.
fn onwards(analysis: &Analysis, from: NodeId, way: &[NodeId]) -> Vec<NodeId> {
    let graph = analysis.graph();
    let reads = |reader: NodeId, node: NodeId| {
        let gates = analysis.gates(reader);
        let inputs = graph.node(reader).inputs.iter().zip(gates);
        analysis.map(reader).is_some() && inputs.into_iter().any(|(input, gate)| *input == node && !gate)
    };
    let (mut at, mut path) = (from, Vec::new());
    loop {
        let mut readers = graph.ids().skip(at.index() + 1).filter(|reader| reads(*reader, at));
        let Some(next) = readers.next() else { return path };
        if let Some(place) = way.iter().position(|node| *node == next) {
            path.extend(&way[place..]);
            return path;
        }
        path.push(next);
        at = next;
    }
}

/// Whether a node is a layer that changes a map, and no function of each number by itself.
fn changes(graph: &Graph, node: NodeId) -> bool {
    let node = graph.node(node);
    match &node.op {
        Op::Layer(_)
        | Op::AdaptivePool(..)
        | Op::Linear(_)
        | Op::Upsample(_)
        | Op::Pad { .. }
        | Op::Mean { .. }
        | Op::Unknown { .. } => true,
        Op::Arithmetic(_) | Op::Concat(_) => node.inputs.len() > 1,
        _ => false,
    }
}

fn is_wide(analysis: &Analysis, node: NodeId) -> bool {
    let links = analysis.links(node);
    links.len() > 1
        || links.iter().flatten().any(|link| match link.relation {
            Relation::Same => false,
            Relation::Windows(axis, _) => axis.params().kernel_size() > 1,
            _ => true,
        })
}

/// The maps that are shown of `candidates`: as many as `fits` takes, given by their places in order.
///
/// The first, the last and `selected` are always among them; where `selected` has to be put in, it takes the
/// place of its neighbour, so that choosing a map that is shown moves nothing.
pub(super) fn choose(
    candidates: &[Candidate],
    selected: usize,
    fits: impl Fn(&[Shown]) -> bool,
) -> Vec<Shown> {
    let last = candidates.len().saturating_sub(1);
    if candidates.is_empty() {
        return Vec::new();
    }
    let ends = |size: usize| size == last || candidates[size].size != candidates[size + 1].size;
    let rank = |place: usize| match (ends(place), candidates[place].wide) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    };
    let mut places = vec![0, last];
    places.dedup();
    for wanted in 0..3 {
        let mut waiting: Vec<usize> =
            (0..=last).filter(|place| rank(*place) == wanted && !places.contains(place)).collect();
        // The one furthest from all that are shown comes next.
        let apart = |places: &[usize], place: usize| {
            places.iter().map(|other| other.abs_diff(place)).min().unwrap_or(0)
        };
        while let Some(idx) = (0..waiting.len()).rev().max_by_key(|&idx| apart(&places, waiting[idx])) {
            let place = waiting.remove(idx);
            let at = places.partition_point(|other| *other < place);
            places.insert(at, place);
            if places.len() > MOST_MAPS || !fits(&shown(candidates, &places)) {
                places.remove(at);
                waiting.clear();
            }
        }
    }
    if !places.contains(&selected) {
        let at = places.partition_point(|other| *other < selected);
        let before = at - 1;
        match places.len() - 2 {
            0 => places.insert(at, selected),
            _ if at == places.len() - 1 => places[before] = selected,
            _ => places[at] = selected,
        }
        // A wider title may not fit in the place of a narrower one.
        while places.len() > 2 && !fits(&shown(candidates, &places)) {
            let out = (1..places.len()).rev().find(|idx| places[*idx] != selected);
            places.remove(out.unwrap_or(1));
        }
    }
    shown(candidates, &places)
}

fn shown(candidates: &[Candidate], places: &[usize]) -> Vec<Shown> {
    let before = std::iter::once(None).chain(places.iter().copied().map(Some));
    let hidden = |(place, before): (&usize, Option<usize>)| {
        let Candidate { node, size, .. } = candidates[*place];
        Shown { node, size, hidden: before.map_or(0, |before| (place - before - 1) as u64) }
    };
    places.iter().zip(before).map(hidden).collect()
}

#[cfg(test)]
mod tests {
    use convscope_core::graph::zoo::Zoo;

    use super::*;

    /// The names of what is shown of a network where `most` maps fit, and how many are left out before each.
    fn names(zoo: Zoo, selected: Option<&str>, most: usize) -> Vec<(String, u64)> {
        let graph = zoo.build();
        let analysis = graph.analyse();
        let selected = selected.map_or(graph.last(), |name| graph.find(name)).unwrap();
        let Way { candidates, selected: place, .. } = way(&analysis, selected);
        let shown = choose(&candidates, place, |shown| shown.len() <= most);
        shown.iter().map(|it| (graph.node(it.node).name.clone(), it.hidden)).collect()
    }

    #[test]
    fn short_networks_are_shown_whole() {
        let graph = Zoo::Course.build();
        assert_eq!(
            names(Zoo::Course, None, 9).len(),
            graph.ids().filter(|id| changes(&graph, *id)).count() + 1
        );
    }

    #[test]
    fn of_deep_ones_each_resolution_has_a_map() {
        let graph = Zoo::Vgg16.build();
        let analysis = graph.analyse();
        let conv =
            graph.ids().rev().find(|id| analysis.map(*id).is_some_and(|map| map.size == [7, 7])).unwrap();
        let Way { candidates, selected: place, .. } = way(&analysis, conv);
        let shown = choose(&candidates, place, |shown| shown.len() <= 7);
        let sizes: Vec<u64> = shown.iter().map(|it| it.size[0]).collect();
        assert_eq!(sizes, [224, 224, 112, 56, 28, 14, 7]);
        let all: u64 = shown.iter().map(|it| it.hidden + 1).sum();
        assert_eq!(all, candidates.len() as u64, "what is not shown is counted");
    }

    #[test]
    fn choosing_a_map_that_is_shown_moves_nothing() {
        let graph = Zoo::Vgg16.build();
        let analysis = graph.analyse();
        let end =
            graph.ids().rev().find(|id| analysis.map(*id).is_some_and(|map| map.size == [7, 7])).unwrap();
        let shown_with = |selected| {
            let Way { candidates, selected: place, .. } = way(&analysis, selected);
            choose(&candidates, place, |shown| shown.len() <= 5)
        };
        let shown = shown_with(end);
        for it in &shown {
            assert_eq!(shown_with(it.node), shown, "{:?}", graph.node(it.node).name);
        }
    }

    #[test]
    fn a_chosen_map_is_always_shown() {
        for zoo in Zoo::ALL {
            let graph = zoo.build();
            let analysis = graph.analyse();
            for selected in graph.ids() {
                let Way { candidates, selected: place, .. } = way(&analysis, selected);
                for most in [2, 3, 6] {
                    let shown = choose(&candidates, place, |shown| shown.len() <= most);
                    assert!(shown.iter().any(|it| it.node == selected), "{zoo:?} {selected:?}");
                    assert!(shown.len() <= most.max(3), "{zoo:?} {selected:?}");
                    assert!(shown.windows(2).all(|pair| pair[0].node < pair[1].node));
                }
            }
        }
    }

    #[test]
    fn the_way_leads_through_the_branch_that_sets_the_field() {
        let graph = Zoo::UNet.build();
        let analysis = graph.analyse();
        let candidates = way(&analysis, graph.last().unwrap()).candidates;
        let smallest = candidates.iter().map(|it| it.size[0]).min().unwrap();
        assert_eq!(smallest, 28, "the bottom of the U is on it");
    }
}
