//! When would there be another notice, if nothing happens until then?

use chrono::NaiveDate;

use super::given::Given;
use super::history::{Desk, Last, Past};
use super::level::{Standing, takes_part};
use super::notice::Noticed;
use super::policy::{DunningUnit, QuietDays};
use super::report::Inner;
use super::restart::Before;
use crate::calendar::Day;
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::NO_DAY;

/// How many days ahead the next notice is looked for.
const FURTHEST: i32 = 3_660;

/// What may be told again after a notice: a line, or what a desk has on it.
struct Again {
    desk: Desk,
    level: u32,
    bases: Vec<i32>,
    count: u32,
}

impl Inner {
    /// The first day after this notice on which one of its lines, or of the desks it is about, would be due again.
    pub(super) fn next_date(
        &self,
        given: &Given<'_>,
        history: &Before,
        notice: &Noticed,
        due: i32,
    ) -> Option<NaiveDate> {
        let rules = given.rules(notice.procedure)?;
        let today = self.view.day().number();
        let mut groups: Vec<Again> = Vec::new();
        for line in self.lines_of(notice) {
            let item = place(line.item);
            let account = self.view.store.account(self.view.items.account.get(item).copied().unwrap_or(NONE));
            let desk = (account.company, account.customer, account.currency);
            let of_item = self.policy.unit == DunningUnit::Item;
            let held = groups.iter_mut().find(|group| !of_item && group.desk == desk);
            let basis = self.basis(item);
            if let Some(group) = held {
                group.level = group.level.max(line.level);
                group.bases.push(basis);
                continue;
            }
            let document = self.view.items.document.get(item).copied().unwrap_or(NONE);
            let past = match of_item {
                true => history.of_item(document, self.view.items.instalment(item)),
                false => history.of_desk(desk),
            };
            let count = past.count.saturating_add(1);
            if rules.max_notices.is_none_or(|most| count < most) || !of_item {
                groups.push(Again { desk, level: line.level, bases: vec![basis], count });
            }
        }
        groups.retain(|group| rules.max_notices.is_none_or(|most| group.count < most));
        if self.policy.unit == DunningUnit::Item {
            groups.sort_by(|a, b| (&a.bases, a.level).cmp(&(&b.bases, b.level)));
            groups.dedup_by(|a, b| (&a.bases, a.level) == (&b.bases, b.level));
        }
        let is_due = |group: &Again, day: i32| {
            let past = Past { last: Some(Last { level: group.level, day: today, due }), count: group.count };
            let standing = |basis: i32| Standing { basis, past };
            let oldest = group.bases.iter().copied().min().unwrap_or(NO_DAY);
            rules.due_for(standing(oldest), day, &given.calendar).is_new()
                && (self.policy.unit == DunningUnit::Item || takes_part(oldest, day))
        };
        // What is due on a day is due on every later one.
        let due_after = |days: i32| {
            let day = today.saturating_add(days);
            rules.is_interval_over(today, day, &given.calendar) && groups.iter().any(|group| is_due(group, day))
        };
        let (mut before, mut after) = (0, FURTHEST);
        if !due_after(after) {
            return None;
        }
        while after.saturating_sub(before) > 1 {
            let middle = before.saturating_add(after) / 2;
            if due_after(middle) { after = middle } else { before = middle }
        }
        let is_quiet = |day: Day| self.policy.quiet_days == QuietDays::Skip && !given.calendar.is_business_day(day);
        let found = (after..=FURTHEST).map_while(|days| self.view.day().plus_days(days)).find(|day| !is_quiet(*day));
        found.map(Day::to_naive_date)
    }
}
