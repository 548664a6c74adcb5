//! Whether sets of one disjoint family together and sets of another together differ by few people.
//!
//! Sets are the nodes of a graph, and one more stands for being in no set; an edge between two nodes weighs the people
//! who are in both. Who chooses sets of either family cuts the graph: people on the edges that are cut are in one
//! choice and not in the other. Edges that weigh enough are never cut, so their ends are taken for one node;
//! what is left is searched by Stoer and Wagner (1997), a component at a time, because a cut between components weighs
//! nothing.

use std::collections::BTreeMap;

/// The people that sets of two families share.
#[derive(Debug)]
pub(crate) struct Graph {
    new: usize,
    /// People by edge, both ends in order. Node 0 is being in no set.
    edges: BTreeMap<(usize, usize), u32>,
    nodes: usize,
}

impl Graph {
    pub(crate) fn new(new: usize, old: usize) -> Graph {
        Graph { new, edges: BTreeMap::new(), nodes: 1 + new + old }
    }

    /// The people of a new set, of whom those that no earlier set shares are in no other.
    pub(crate) fn size_of_new(&mut self, place: usize, size: u32) {
        self.edges.insert((0, 1 + place), size);
    }

    /// The people of an earlier set, and how many of them each new set holds.
    pub(crate) fn shared(&mut self, place: usize, size: u32, counts: &[u32]) {
        let node = 1 + self.new + place;
        let mut alone = size;
        for (of_new, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            alone = alone.saturating_sub(*count);
            self.edges.insert((1 + of_new, node), *count);
            if let Some(rest) = self.edges.get_mut(&(0, 1 + of_new)) {
                *rest = rest.saturating_sub(*count);
            }
        }
        self.edges.insert((0, node), alone);
    }

    /// Whether there is a cut of weight 1 to `limit` − 1.
    pub(crate) fn has_cut_below(&self, limit: u32) -> bool {
        let mut parent: Vec<usize> = (0..self.nodes).collect();
        let mut edges: BTreeMap<(usize, usize), u32> = self
            .edges
            .iter()
            .filter(|(_, weight)| **weight > 0)
            .map(|(ends, weight)| (*ends, *weight))
            .collect();
        // Ends that are together at least so near are one node, and then edges side by side are one edge.
        while let Some((one, other)) =
            edges.iter().find(|(_, weight)| **weight >= limit).map(|(ends, _)| *ends)
        {
            if let Some(slot) = parent.get_mut(other) {
                *slot = one;
            }
            let mut merged = BTreeMap::new();
            for ((a, b), weight) in edges {
                let (a, b) = (if a == other { one } else { a }, if b == other { one } else { b });
                if a != b {
                    *merged.entry((a.min(b), a.max(b))).or_insert(0_u32) += weight;
                }
            }
            edges = merged;
        }
        components(&edges).iter().any(|nodes| least_cut(nodes, &edges) < limit)
    }
}

/// The nodes that hang together, of more than one each.
fn components(edges: &BTreeMap<(usize, usize), u32>) -> Vec<Vec<usize>> {
    let mut component: BTreeMap<usize, usize> = BTreeMap::new();
    for (a, b) in edges.keys() {
        let of_a = *component.entry(*a).or_insert(*a);
        let of_b = *component.entry(*b).or_insert(*b);
        if of_a != of_b {
            for of in component.values_mut().filter(|of| **of == of_b) {
                *of = of_a;
            }
        }
    }
    let mut all: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (node, of) in component {
        all.entry(of).or_default().push(node);
    }
    all.into_values().collect()
}

/// The weight of the least cut of nodes that hang together.
fn least_cut(nodes: &[usize], edges: &BTreeMap<(usize, usize), u32>) -> u32 {
    let number = nodes.len();
    let place: BTreeMap<usize, usize> = nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
    let mut weights = vec![vec![0_u32; number]; number];
    for ((a, b), weight) in edges {
        if let (Some(a), Some(b)) = (place.get(a), place.get(b)) {
            weights[*a][*b] = *weight;
            weights[*b][*a] = *weight;
        }
    }
    let mut left: Vec<usize> = (0..number).collect();
    let mut least = u32::MAX;
    while left.len() > 1 {
        // The node that is most tightly bound to those taken so far is taken next; the last one is a cut.
        let mut bound = vec![0_u32; number];
        let mut rest = left.clone();
        let (mut before, mut last) = (0, 0);
        while let Some(at) = (0..rest.len()).max_by_key(|at| bound[rest[*at]]) {
            (before, last) = (last, rest.swap_remove(at));
            for node in &rest {
                bound[*node] += weights[last][*node];
            }
        }
        least = least.min(bound[last]);
        for node in left.iter().copied().filter(|node| *node != before && *node != last) {
            let more = weights[last][node];
            weights[before][node] += more;
            weights[node][before] += more;
        }
        left.retain(|node| *node != last);
    }
    least
}
