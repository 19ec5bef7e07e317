//! Colours that are told apart without red and green, and in grey: what is not due in blue, what is late from yellow to dark red.

use crate::aging::AgingPolicy;

const NOT_DUE: &[[u8; 3]] = &[[0xd3, 0xe2, 0xee], [0x8f, 0xb3, 0xcf]];
const LATE: &[[u8; 3]] = &[[0xf3, 0xd2, 0x7a], [0xe7, 0x9d, 0x3c], [0xc1, 0x57, 0x1a], [0x6f, 0x1d, 0x0b]];

/// What stands apart.
const APART: &[(&str, &str)] = &[("credits", "#9aa7b1"), ("disputed", "#7b5ea7"), ("on hold", "#4f5b66")];

/// A colour for each bucket: those apart first, as an aging lists them.
pub(super) fn of_buckets(policy: &AgingPolicy, labels: &[String]) -> Vec<(String, String)> {
    let plain = policy.edges.len().saturating_add(1);
    let apart = labels.len().saturating_sub(plain);
    // The first bucket is as good as not due where no edge says so.
    let early = policy.edges.iter().filter(|edge| **edge <= 0).count().max(1);
    let colour = |at: usize, label: &str| match at.checked_sub(apart) {
        None => APART.iter().find(|(name, _)| *name == label).map_or("#9aa7b1", |(_, colour)| colour).to_owned(),
        Some(at) if at < early => between(NOT_DUE, at.saturating_add(2).saturating_sub(early.min(2)), early.max(2)),
        Some(at) => between(LATE, at.saturating_sub(early), plain.saturating_sub(early)),
    };
    labels.iter().enumerate().map(|(at, label)| (label.clone(), colour(at, label))).collect()
}

/// The colour of place `at` of `count` on a way through the stops.
fn between(stops: &[[u8; 3]], at: usize, count: usize) -> String {
    let steps = count.saturating_sub(1).max(1);
    let way = at.saturating_mul(stops.len().saturating_sub(1));
    let (before, part) = (way.checked_div(steps).unwrap_or(0), way.checked_rem(steps).unwrap_or(0));
    let stop = |at: usize| stops.get(at).or(stops.last()).copied().unwrap_or_default();
    let (low, high) = (stop(before), stop(before.saturating_add(1)));
    let mixed = low.iter().zip(high).map(|(low, high)| {
        let (low, high) = (usize::from(*low), usize::from(high));
        let sum = low.saturating_mul(steps.saturating_sub(part)).saturating_add(high.saturating_mul(part));
        format!("{:02x}", sum.checked_div(steps).unwrap_or(0))
    });
    format!("#{}", mixed.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aging::AgingPolicy;

    #[test]
    fn four_late_buckets_have_the_four_stops() {
        let labels: Vec<String> = ["not due", "1-30", "31-60", "61-90", "over 90"].map(String::from).to_vec();
        let colours = of_buckets(&AgingPolicy::with_edges(&[0, 30, 60, 90]), &labels);
        let colours: Vec<&str> = colours.iter().map(|(_, colour)| colour.as_str()).collect();
        assert_eq!(colours, ["#8fb3cf", "#f3d27a", "#e79d3c", "#c1571a", "#6f1d0b"]);
    }

    #[test]
    fn what_is_not_yet_due_is_blue_however_it_is_parted() {
        let labels: Vec<String> = ["credits", "up to -31", "-30 to -1", "0", "over 0"].map(String::from).to_vec();
        let colours = of_buckets(&AgingPolicy::with_edges(&[-31, -1, 0]), &labels);
        let colours: Vec<&str> = colours.iter().map(|(_, colour)| colour.as_str()).collect();
        assert_eq!(colours, ["#9aa7b1", "#d3e2ee", "#b1cade", "#8fb3cf", "#f3d27a"]);
    }
}
