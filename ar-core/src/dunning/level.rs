//! Which level has an item reached, and which is it due for? One rule for items and for customers.

use super::history::Past;
use super::policy::{AfterLast, CountFrom, DunningEdge, Escalation, Grace, Level, Procedure, Unchanged};
use super::reason::Verdict;
use crate::calendar::Day;
use crate::ledger::store::NO_DAY;

/// What a level is decided on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// `NO_DAY`: none.
    pub basis: i32,
    pub past: Past,
}

/// What an item is due for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// A level above its last.
    New(u32),
    /// Its last level again.
    Repeated(u32),
    /// Its last level, if there is something new to tell beside it.
    Unchanged(u32),
    NoDueDate,
    TooEarly,
    InGrace,
    Waiting,
    LastLevel,
}

impl Standing {
    /// That of an item that no notice was about.
    pub(super) fn first(basis: i32) -> Self {
        Self { basis, past: Past::default() }
    }
}

impl Due {
    /// What becomes of an item that is due for it.
    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::New(_) | Self::Repeated(_) | Self::Unchanged(_) => Verdict::Noticed,
            Self::NoDueDate => Verdict::NoDueDate,
            Self::TooEarly => Verdict::NotDue,
            Self::InGrace => Verdict::InGrace,
            Self::Waiting => Verdict::Waiting,
            Self::LastLevel => Verdict::LastLevel,
        }
    }

    /// The level at which it may stand on a notice.
    pub(super) fn level(self) -> Option<u32> {
        match self {
            Self::New(level) | Self::Repeated(level) | Self::Unchanged(level) => Some(level),
            _ => None,
        }
    }

    /// Whether it is reason enough for a notice.
    pub(super) fn is_new(self) -> bool {
        matches!(self, Self::New(_) | Self::Repeated(_))
    }
}

impl DunningEdge {
    /// Whether so many days are enough.
    pub(super) fn is_over(self, days: i64, limit: i64) -> bool {
        match self {
            Self::Reached => days >= limit,
            Self::Passed => days > limit,
        }
    }
}

/// Whether an item shares the level of its customer: when it is late.
pub(super) fn takes_part(basis: i32, day: i32) -> bool {
    i64::from(day).saturating_sub(basis.into()) >= 1
}

impl Procedure {
    pub(super) fn level(&self, number: u32) -> Option<&Level> {
        number.checked_sub(1).and_then(|at| self.levels.get(usize::try_from(at).ok()?))
    }

    fn last(&self) -> u32 {
        u32::try_from(self.levels.len()).unwrap_or(u32::MAX)
    }

    /// Whether a level is told again without anything new.
    pub(super) fn repeats(&self, previous: u32) -> bool {
        let again = previous.min(self.last());
        (previous >= self.last() && self.after_last == AfterLast::Repeat)
            || self.level(again).is_some_and(|level| level.always)
    }

    /// Why an item that stays at its level is on no notice.
    pub(super) fn stays(&self, previous: u32) -> Verdict {
        if previous >= self.last() { Verdict::LastLevel } else { Verdict::Waiting }
    }

    /// What it is due for on a day.
    pub(super) fn due_for(&self, standing: Standing, day: i32) -> Due {
        if standing.basis == NO_DAY {
            return Due::NoDueDate;
        }
        let (previous, last) = (standing.past.level(), self.last());
        let reached = |number: u32| self.level(number).is_some_and(|level| self.is_reached(level, standing, day));
        let new = match self.escalation {
            Escalation::Step => previous.checked_add(1).filter(|next| *next <= last && reached(*next)),
            Escalation::Jump => (previous.saturating_add(1)..=last).rev().find(|number| reached(*number)),
        };
        if let Some(new) = new {
            return Due::New(new);
        }
        let again = previous.min(last);
        let repeats = self.repeats(previous);
        if previous > 0 && repeats && reached(again) {
            return Due::Repeated(again);
        }
        if previous > 0 && self.unchanged == Unchanged::WithNew && reached(again) {
            return Due::Unchanged(again);
        }
        let days = i64::from(day).saturating_sub(standing.basis.into());
        let reaches_none = !(1..=last).any(reached);
        if reaches_none && days <= 0 {
            Due::TooEarly
        } else if reaches_none && days <= i64::from(self.grace_days) {
            Due::InGrace
        } else if previous >= last && !repeats {
            Due::LastLevel
        } else {
            Due::Waiting
        }
    }

    pub(super) fn is_reached(&self, level: &Level, standing: Standing, day: i32) -> bool {
        let days = i64::from(day).saturating_sub(standing.basis.into());
        let grace = i64::from(self.grace_days);
        let counted = if self.grace == Grace::Free && days > 0 { days.saturating_sub(grace).max(0) } else { days };
        let from = match (level.count_from, standing.past.last) {
            (CountFrom::EndOfMonth, _) => {
                let over = standing.basis.checked_add(level.days).and_then(|over| Day::new(over).ok());
                let end = over.map(|over| i64::from(over.end_of_month().number()));
                return end.is_some_and(|end| self.edge.is_over(day.into(), end));
            }
            (CountFrom::LastNotice, Some(last)) => last.day,
            (CountFrom::LastNoticeDue, Some(last)) if last.due != NO_DAY => last.due,
            (CountFrom::LastNoticeDue, Some(last)) => last.day,
            _ => {
                let within_grace = self.grace == Grace::Threshold && level.days > 0 && days <= grace;
                return !within_grace && self.edge.is_over(counted, level.days.into());
            }
        };
        self.edge.is_over(i64::from(day).saturating_sub(from.into()), level.days.into())
    }

    /// Whether the interval since the last notice to a customer is over; and the last day that it hinders.
    pub(super) fn is_interval_over(&self, last_notice: i32, day: i32) -> bool {
        let days = i64::from(day).saturating_sub(last_notice.into());
        self.interval_days == 0 || self.interval_edge.is_over(days, self.interval_days.into())
    }

    /// The last day on which the interval hinders.
    pub(super) fn hinders_until(&self, last_notice: i32) -> i32 {
        let days = i32::try_from(self.interval_days).unwrap_or(i32::MAX);
        let end = last_notice.saturating_add(days);
        if self.interval_edge == DunningEdge::Reached { end.saturating_sub(1) } else { end }
    }
}
