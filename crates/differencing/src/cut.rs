//! Whether sets of one disjoint family together and sets of another together differ by few people.
//!
//! Sets are the nodes of a graph, and one more stands for being in no set; an edge between two nodes weighs the people
//! who are in both. Who chooses sets of either family cuts the graph: people on the edges that are cut are in one
//! choice and not in the other. Edges that weigh enough are never cut, so their ends are taken for one node. A node that hangs on the
//! others by few people is a cut; what is left without such a node is searched by Stoer and Wagner (1997), a component
//! at a time, because a cut between components weighs nothing. That takes the cube of the nodes of a component, and how much may
//! be done is bounded.

use crate::set::{Error, Pool, Shared};
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
    pub(crate) fn shared(&mut self, place: usize, size: u32, counts: &Shared) {
        let node = 1 + self.new + place;
        let mut alone = size;
        for (of_new, count) in counts {
            alone = alone.saturating_sub(*count);
            self.edges.insert((1 + of_new, node), *count);
            if let Some(rest) = self.edges.get_mut(&(0, 1 + of_new)) {
                *rest = rest.saturating_sub(*count);
            }
        }
        self.edges.insert((0, node), alone);
    }

    /// Whether there is a cut of weight 1 to `limit` − 1.
    ///
    /// # Errors
    /// To say so would take too long.
    pub(crate) fn has_cut_below(&self, limit: u32, pool: &mut Pool<'_>) -> Result<bool, Error> {
        pool.spend(self.nodes as u64 + self.edges.len() as u64)?;
        let mut beside: Vec<BTreeMap<usize, u32>> = vec![BTreeMap::new(); self.nodes];
        let mut heavy = Vec::new();
        for ((a, b), weight) in self.edges.iter().filter(|(_, weight)| **weight > 0) {
            beside[*a].insert(*b, *weight);
            beside[*b].insert(*a, *weight);
            if *weight >= limit {
                heavy.push((*a, *b));
            }
        }
        // Ends that are together at least so near are one node, and then edges side by side are one edge.
        let mut parent: Vec<usize> = (0..self.nodes).collect();
        while let Some((one, other)) = heavy.pop() {
            let (one, other) = (root(&mut parent, one), root(&mut parent, other));
            if one == other {
                continue;
            }
            // The smaller goes into the larger, so that none goes often.
            let (into, gone) =
                if beside[one].len() >= beside[other].len() { (one, other) } else { (other, one) };
            parent[gone] = into;
            let moved = std::mem::take(&mut beside[gone]);
            pool.spend(moved.len() as u64)?;
            for (node, weight) in moved {
                beside[node].remove(&gone);
                if node == into {
                    continue;
                }
                let sum = beside[into].entry(node).or_insert(0);
                *sum = sum.saturating_add(weight);
                let sum = *sum;
                beside[node].insert(into, sum);
                if sum >= limit {
                    heavy.push((into, node));
                }
            }
        }
        let mut edges: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for (node, others) in beside.iter().enumerate() {
            let all = others.values().fold(0_u32, |sum, weight| sum.saturating_add(*weight));
            if all > 0 && all < limit {
                return Ok(true);
            }
            edges
                .extend(others.iter().map(|(other, weight)| ((node.min(*other), node.max(*other)), *weight)));
        }
        for nodes in components(&edges) {
            let number = nodes.len() as u64;
            pool.spend(number.saturating_mul(number).saturating_mul(number))?;
            if least_cut(&nodes, &edges) < limit {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The node that a node was taken for.
fn root(parent: &mut [usize], node: usize) -> usize {
    let mut at = node;
    while parent[at] != at {
        parent[at] = parent[parent[at]];
        at = parent[at];
    }
    at
}

/// The nodes that hang together, of more than one each.
fn components(edges: &BTreeMap<(usize, usize), u32>) -> Vec<Vec<usize>> {
    let nodes = edges.keys().map(|(_, b)| b + 1).max().unwrap_or(0);
    let mut parent: Vec<usize> = (0..nodes).collect();
    for (a, b) in edges.keys() {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
        parent[a.max(b)] = a.min(b);
    }
    let mut all: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for node in 0..nodes {
        all.entry(root(&mut parent, node)).or_default().push(node);
    }
    all.into_values().filter(|nodes| nodes.len() > 1).collect()
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
