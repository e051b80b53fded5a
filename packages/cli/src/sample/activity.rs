//! Who ran, and what the attesters saw of it.

use std::collections::BTreeMap;

use rand::seq::index;
use rand::Rng;

use super::Size;
use crate::input::{Bitmap, Network, Report, Timeline};

/// How often an attester misjudges a key.
const MISTAKE: f64 = 0.000_4;
/// How often on one of its bad days.
const BAD_DAY_MISTAKE: f64 = 0.02;

/// A node's health. Rates are per epoch.
#[derive(Clone, Copy)]
pub(super) struct Node {
    pub fails: f64,
    pub recovers: f64,
    /// Hosted in the region that has an outage.
    pub in_region: bool,
    pub up: bool,
}

pub(super) fn reports(
    owners: &[String],
    size: Size,
    network: &Network,
    timeline: &Timeline,
    rng: &mut impl Rng,
) -> Vec<Report> {
    let mut nodes = nodes(owners, rng);
    let missed = missed_quorums(size.epochs, size.missed_quorums, rng);
    let mut reports = Vec::new();
    for epoch in 0..size.epochs {
        install(&mut nodes, timeline.reported_keys(epoch), rng);
        nodes.iter_mut().for_each(|node| node.step(rng));
        let truth = truth(&nodes, is_outage(epoch, size.epochs), rng);
        let silent = silent_attesters(missed.contains(&epoch), network.attesters.len(), rng);
        for attester in (0..network.attesters.len()).filter(|a| !silent.contains(a)) {
            reports.push(Report {
                epoch,
                attester,
                bitmap: seen(&truth, rng),
            });
        }
    }
    reports
}

impl Node {
    pub fn step(&mut self, rng: &mut impl Rng) {
        let changes = rng.random_bool(if self.up { self.fails } else { self.recovers });
        self.up ^= changes;
    }
}

/// An owner's nodes are alike: most are well kept, some are not, a few never run.
fn nodes(owners: &[String], rng: &mut impl Rng) -> Vec<Node> {
    let mut by_owner = BTreeMap::<&str, Node>::new();
    let mut nodes = Vec::new();
    for owner in owners {
        let usual = *by_owner.entry(owner).or_insert_with(|| usual_node(rng));
        let idle = rng.random_bool(0.02);
        nodes.push(if idle {
            Node {
                fails: 1.0,
                recovers: 0.0,
                up: false,
                ..usual
            }
        } else {
            usual
        });
    }
    nodes
}

fn usual_node(rng: &mut impl Rng) -> Node {
    let in_region = rng.random_bool(0.12);
    let (fails, recovers) = match rng.random_range(0..100) {
        0..=79 => (0.002, 0.6),
        80..=94 => (0.02, 0.5),
        _ => (0.15, 0.4),
    };
    Node {
        fails,
        recovers,
        in_region,
        up: true,
    }
}

/// Adds the keys of a split as their owners install them: most at once, some later.
fn install(nodes: &mut Vec<Node>, keys: u32, rng: &mut impl Rng) {
    let parents = nodes.clone();
    let missing = usize::try_from(keys)
        .unwrap_or(0)
        .saturating_sub(nodes.len());
    let children = parents.iter().cycle().take(missing);
    nodes.extend(children.map(|parent| Node {
        up: parent.up && rng.random_bool(0.93),
        ..*parent
    }));
}

fn truth(nodes: &[Node], outage: bool, rng: &mut impl Rng) -> Bitmap {
    let mut bitmap = Bitmap::new(u32::try_from(nodes.len()).unwrap_or(0));
    for (key, node) in (1_u32..).zip(nodes) {
        let cut_off = outage && node.in_region && rng.random_bool(0.9);
        bitmap.set(key, node.up && !cut_off);
    }
    bitmap
}

pub(super) fn seen(truth: &Bitmap, rng: &mut impl Rng) -> Bitmap {
    let rate = if rng.random_bool(0.02) {
        BAD_DAY_MISTAKE
    } else {
        MISTAKE
    };
    let mut bitmap = truth.clone();
    for key in (1..=truth.keys()).filter(|_| rng.random_bool(rate)) {
        bitmap.set(key, !truth.contains(key));
    }
    bitmap
}

/// A region is down for three days a third into the run.
fn is_outage(epoch: u64, epochs: u64) -> bool {
    let first = epochs / 3;
    (first..first.saturating_add(3)).contains(&epoch)
}

pub(super) fn missed_quorums(epochs: u64, missed: u32, rng: &mut impl Rng) -> Vec<u64> {
    let epochs = usize::try_from(epochs).unwrap_or(0);
    let count = usize::try_from(missed).unwrap_or(0).min(epochs);
    let chosen = index::sample(rng, epochs, count);
    chosen
        .iter()
        .filter_map(|epoch| u64::try_from(epoch).ok())
        .collect()
}

pub(super) fn silent_attesters(missed: bool, attesters: usize, rng: &mut impl Rng) -> Vec<usize> {
    let silent = match (missed, rng.random_bool(0.06)) {
        (true, _) => attesters.saturating_sub(1),
        (false, true) => 1,
        (false, false) => 0,
    };
    index::sample(rng, attesters, silent).into_vec()
}
