//! Which level has an item reached, and which is it due for? One rule for items and for customers.

use super::history::Past;
use super::policy::{AfterLast, CountFrom, CountedDays, DunningEdge, Escalation, Grace, Level, Procedure, Unchanged};
use super::reason::Verdict;
use crate::calendar::{CompiledCalendar, Day};
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

impl CountedDays {
    /// How many of them one day is after another; below zero before it.
    pub(super) fn between(self, calendar: &CompiledCalendar, from: i32, day: i32) -> i64 {
        match (self, Day::new(from), Day::new(day)) {
            (Self::BusinessDays, Ok(from), Ok(day)) => calendar.business_days_since(from, day).into(),
            _ => i64::from(day).saturating_sub(from.into()),
        }
    }

    /// The day so many of them later; none where that leaves the calendar.
    pub(super) fn later(self, calendar: &CompiledCalendar, day: Day, days: i32) -> Option<Day> {
        match self {
            Self::CalendarDays => day.plus_days(days),
            Self::BusinessDays => calendar.plus_business_days(day, days),
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
    pub(super) fn due_for(&self, standing: Standing, day: i32, calendar: &CompiledCalendar) -> Due {
        if standing.basis == NO_DAY {
            return Due::NoDueDate;
        }
        let (previous, last) = (standing.past.level(), self.last());
        let is_reached = |level: &Level| self.is_reached(level, standing, day, calendar);
        let reached = |number: u32| self.level(number).is_some_and(is_reached);
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
        let reaches_none = !(1..=last).any(reached);
        let grace = i64::from(self.grace_days);
        if reaches_none && day <= standing.basis {
            Due::TooEarly
        } else if reaches_none && grace > 0 && self.count.between(calendar, standing.basis, day) <= grace {
            Due::InGrace
        } else if previous >= last && !repeats {
            Due::LastLevel
        } else {
            Due::Waiting
        }
    }

    pub(super) fn is_reached(&self, level: &Level, standing: Standing, day: i32, calendar: &CompiledCalendar) -> bool {
        let days = self.count.between(calendar, standing.basis, day);
        let grace = i64::from(self.grace_days);
        let counted = if self.grace == Grace::Free && days > 0 { days.saturating_sub(grace).max(0) } else { days };
        let from = match (level.count_from, standing.past.last) {
            (CountFrom::EndOfMonth, _) => {
                let basis = Day::new(standing.basis).ok();
                let over = basis.and_then(|basis| self.count.later(calendar, basis, level.days));
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
        self.edge.is_over(self.count.between(calendar, from, day), level.days.into())
    }

    /// Whether the interval since the last notice to a customer is over.
    pub(super) fn is_interval_over(&self, last_notice: i32, day: i32, calendar: &CompiledCalendar) -> bool {
        let days = || self.interval_count.between(calendar, last_notice, day);
        self.interval_days == 0 || self.interval_edge.is_over(days(), self.interval_days.into())
    }

    /// The last day on which the interval hinders; `NO_DAY` where that leaves the calendar.
    pub(super) fn hinders_until(&self, last_notice: i32, calendar: &CompiledCalendar) -> i32 {
        let days = i32::try_from(self.interval_days).unwrap_or(i32::MAX);
        let first = days.saturating_add(i32::from(self.interval_edge == DunningEdge::Passed));
        let first = Day::new(last_notice).ok().and_then(|last| self.interval_count.later(calendar, last, first));
        first.map_or(NO_DAY, |first| first.number().saturating_sub(1))
    }
}
