//! Which item of one list is which of another.

use serde_json::Value;

use crate::template::call;
use crate::word;

/// Members that tell the items of a list apart, the surest first.
const NAMES: [&str; 9] = [
    "Id",
    "Key",
    "Name",
    "Sid",
    "AttributeName",
    "IndexName",
    "PolicyName",
    "ParameterName",
    "ParameterKey",
];

/// The place of an item before and after.
pub(crate) type Pair = (Option<usize>, Option<usize>);

/// How the items of two lists go together.
pub(crate) struct Matched {
    /// Every item of both lists once, with what people call it.
    pub(crate) pairs: Vec<(Pair, String)>,
    /// Whether items that stand in both lists stand in another order.
    pub(crate) reordered: bool,
    name: Option<&'static str>,
}

impl Matched {
    /// What tells the items that stand in both lists apart, in the order of each.
    pub(crate) fn order(&self, before: &[Value], after: &[Value]) -> (Vec<Value>, Vec<Value>) {
        let told = |item: &Value| match self.name {
            Some(name) => item[name].clone(),
            None => item.clone(),
        };
        let both = self.pairs.iter().filter_map(|((old, new), _)| Some(((*old)?, (*new)?)));
        let mut both: Vec<(usize, usize)> = both.collect();
        both.sort();
        let old = both.iter().map(|pair| told(&before[pair.0])).collect();
        both.sort_by_key(|pair| pair.1);
        (old, both.iter().map(|pair| told(&after[pair.1])).collect())
    }
}

/// Matches by name where items have names, else equal items in order, then what is left between them.
pub(crate) fn matched(before: &[Value], after: &[Value]) -> Matched {
    let name = NAMES
        .into_iter()
        .find(|name| tells_apart(name, before) && tells_apart(name, after));
    let pairs = match name {
        Some(name) => by_name(name, before, after),
        None => permuted(before, after).unwrap_or_else(|| in_order(before, after)),
    };
    let places = pairs.iter().filter_map(|(old, new)| Some(((*old)?, (*new)?)));
    let mut places: Vec<(usize, usize)> = places.collect();
    places.sort();
    let reordered = !places.is_sorted_by_key(|pair| pair.1);
    let label = |(old, new): &Pair| match (name, old.map(|at| &before[at]).or(new.map(|at| &after[at]))) {
        (Some(name), Some(item)) => format!("{name}={}", word::show(&item[name])),
        _ => new.or(*old).unwrap_or_default().to_string(),
    };
    let pairs = pairs.into_iter().map(|pair| (pair, label(&pair))).collect();
    Matched { pairs, reordered, name }
}

/// Whether every item has this member, and no two the same.
fn tells_apart(name: &str, items: &[Value]) -> bool {
    let told = |item: &Value| {
        item.get(name)
            .is_some_and(|told| told.is_string() || call(told).is_some())
    };
    let is_first = |(at, item): (usize, &Value)| items[..at].iter().all(|earlier| earlier[name] != item[name]);
    items.iter().all(told) && items.iter().enumerate().all(is_first)
}

fn by_name(name: &str, before: &[Value], after: &[Value]) -> Vec<Pair> {
    let find = |items: &[Value], item: &Value| items.iter().position(|other| other[name] == item[name]);
    let old = before
        .iter()
        .enumerate()
        .map(|(at, item)| (Some(at), find(after, item)));
    let new = after
        .iter()
        .enumerate()
        .filter(|(_, item)| find(before, item).is_none());
    old.chain(new.map(|(at, _)| (None, Some(at)))).collect()
}

/// The pairs of two lists that hold the same items in any order; none where they do not.
fn permuted(before: &[Value], after: &[Value]) -> Option<Vec<Pair>> {
    if before.len() != after.len() {
        return None;
    }
    let mut is_free = vec![true; after.len()];
    let mut pairs = Vec::with_capacity(before.len());
    for (old, item) in before.iter().enumerate() {
        let new = (0..after.len()).find(|at| is_free[*at] && after[*at] == *item)?;
        is_free[new] = false;
        pairs.push((Some(old), Some(new)));
    }
    Some(pairs)
}

/// Keeps the longest common run of equal items; between two of them, maps and lists that are left
/// on both sides are taken for changed ones, and all else comes and goes.
fn in_order(before: &[Value], after: &[Value]) -> Vec<Pair> {
    let lengths = common_lengths(before, after);
    let (mut old, mut new) = (0, 0);
    let (mut pairs, mut gone, mut come) = (Vec::new(), Vec::new(), Vec::new());
    while old < before.len() || new < after.len() {
        if old < before.len() && new < after.len() && before[old] == after[new] {
            close(&mut gone, &mut come, &mut pairs, before, after);
            pairs.push((Some(old), Some(new)));
            (old, new) = (old + 1, new + 1);
        } else if new == after.len() || (old < before.len() && lengths[old + 1][new] >= lengths[old][new + 1]) {
            gone.push(old);
            old += 1;
        } else {
            come.push(new);
            new += 1;
        }
    }
    close(&mut gone, &mut come, &mut pairs, before, after);
    pairs
}

/// Lengths of the longest common subsequences of all pairs of tails.
fn common_lengths(before: &[Value], after: &[Value]) -> Vec<Vec<usize>> {
    let mut lengths = vec![vec![0; after.len() + 1]; before.len() + 1];
    for old in (0..before.len()).rev() {
        for new in (0..after.len()).rev() {
            lengths[old][new] = match before[old] == after[new] {
                true => lengths[old + 1][new + 1] + 1,
                false => lengths[old + 1][new].max(lengths[old][new + 1]),
            };
        }
    }
    lengths
}

/// Pairs what is left between two equal items, in order.
fn close(gone: &mut Vec<usize>, come: &mut Vec<usize>, pairs: &mut Vec<Pair>, before: &[Value], after: &[Value]) {
    let has_parts = |value: &Value| call(value).is_none() && (value.is_object() || value.is_array());
    let mut come = std::mem::take(come).into_iter().peekable();
    for old in std::mem::take(gone) {
        let new = come.next_if(|new| has_parts(&before[old]) && has_parts(&after[*new]));
        pairs.push((Some(old), new));
    }
    pairs.extend(come.map(|new| (None, Some(new))));
}
