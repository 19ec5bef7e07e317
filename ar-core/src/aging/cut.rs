//! In which bucket does a date fall? Every unit and edge rule comes down to days before which an edge is passed.
//!
//! A policy is compiled for the day of one view: an item is past edge *k* when its date lies before the *k*-th
//! threshold, and its bucket is how many thresholds it lies before. So one comparison of days serves all units.

use super::columns::Thresholds;
use super::policy::{AgingPolicy, EdgeRule, Unit};
use crate::aging::{Credits, Shown};
use crate::calendar::Day;
use crate::item::columns::ColumnError;

/// A policy cut for one day.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    /// The day before which a date is past each edge, newest first.
    days: Vec<i32>,
    pub thresholds: Thresholds,
    /// How many special buckets stand before the plain ones.
    pub special: u32,
    pub credits: Option<u32>,
    pub disputed: Option<u32>,
    pub held: Option<u32>,
    pub labels: Vec<String>,
}

impl Cut {
    pub(super) fn new(policy: &AgingPolicy, day: Day) -> Result<Self, ColumnError> {
        let mut special: u32 = 0;
        let mut labels = Vec::new();
        let mut place = |apart: bool, label: &str| {
            apart.then(|| {
                let at = special;
                special = special.saturating_add(1);
                labels.push(label.to_owned());
                at
            })
        };
        let credits = place(policy.credits == Credits::Apart, "credits");
        let disputed = place(policy.disputed == Shown::Apart, "disputed");
        let held = place(policy.held == Shown::Apart, "on hold");
        if policy.labels.is_empty() {
            labels.extend(default_labels(policy));
        } else {
            labels.extend(policy.labels.iter().cloned());
        }
        let days = threshold_days(policy, day);
        let thresholds = Thresholds::new(&days)?;
        Ok(Self { days, thresholds, special, credits, disputed, held, labels })
    }

    /// How many edges a date is past.
    pub(super) fn edges_past(&self, date: i32) -> u32 {
        self.days.iter().fold(0, |past, day| past.saturating_add(u32::from(date < *day)))
    }

    /// All buckets, the special ones too.
    pub(super) fn buckets(&self) -> usize {
        self.labels.len()
    }
}

/// The days before which an item is past each edge; strictly falling.
fn threshold_days(policy: &AgingPolicy, day: Day) -> Vec<i32> {
    let from = match policy.edge_rule {
        EdgeRule::UpToInclusive => 0_i64,
        EdgeRule::FromInclusive => 1,
    };
    let floor = i64::from(Day::MIN.number());
    let mut days = Vec::with_capacity(policy.edges.len());
    for (at, edge) in policy.edges.iter().enumerate() {
        let edge_wide = i64::from(*edge);
        let threshold = match policy.unit {
            Unit::Days => i64::from(day.number()).saturating_sub(edge_wide).saturating_add(from),
            Unit::Weeks => i64::from(day.number()).saturating_sub(edge_wide.saturating_mul(7)).saturating_add(from),
            Unit::Months => match day.plus_months(edge.saturating_neg()) {
                Some(back) => i64::from(back.number()).saturating_add(from),
                None if *edge < 0 => BEYOND,
                None => i64::MIN,
            },
            // What is due later in the month of the view is not due yet, and what was due earlier in it is late.
            Unit::CalendarMonths if *edge == 0 => i64::from(day.number()).saturating_add(from),
            // Past when its month lies before that of the edge, or is it: before a first of the month.
            Unit::CalendarMonths => {
                first_of_month(i64::from(day.month_index()).saturating_sub(edge_wide).saturating_add(from))
            }
        };
        // Thresholds that nothing or everything lies before fall too, so that each has its place.
        let at = i64::try_from(at).unwrap_or(0);
        let inside = threshold.clamp(floor.saturating_sub(at), BEYOND.saturating_sub(at));
        days.push(i32::try_from(inside).unwrap_or(i32::MIN));
    }
    days
}

/// A day that every date lies before.
const BEYOND: i64 = i32::MAX as i64;

fn first_of_month(month: i64) -> i64 {
    if month > i64::from(Day::MAX.month_index()) {
        return BEYOND;
    }
    let first = i32::try_from(month).ok().and_then(|month| Day::in_month(month, 1));
    first.map_or(i64::MIN, |first| i64::from(first.number()))
}

/// Labels made from the edges.
fn default_labels(policy: &AgingPolicy) -> Vec<String> {
    let suffix = match policy.unit {
        Unit::Days => "",
        Unit::Weeks => " weeks",
        Unit::Months => " months",
        Unit::CalendarMonths => " calendar months",
    };
    let upper = policy.edge_rule == EdgeRule::UpToInclusive;
    // The month of the view is on both sides of an edge at 0 that compares days.
    let parted = |edge: i32| policy.unit == Unit::CalendarMonths && edge == 0;
    let mut labels = Vec::with_capacity(policy.edges.len().saturating_add(1));
    let mut before: Option<i32> = None;
    for edge in &policy.edges {
        let label = match before {
            None if *edge == 0 => String::from("not due"),
            None if upper => format!("up to {edge}{suffix}"),
            None => format!("under {edge}{suffix}"),
            Some(before) => {
                let low = if upper && !parted(before) { before.saturating_add(1) } else { before };
                let high = if upper || parted(*edge) { *edge } else { edge.saturating_sub(1) };
                match (low == high, low < 0) {
                    (true, _) => format!("{low}{suffix}"),
                    (false, true) => format!("{low} to {high}{suffix}"),
                    (false, false) => format!("{low}-{high}{suffix}"),
                }
            }
        };
        labels.push(label);
        before = Some(*edge);
    }
    if let Some(last) = before {
        labels.push(if upper && !parted(last) {
            format!("over {last}{suffix}")
        } else {
            format!("{last} and over{suffix}")
        });
    }
    labels
}
