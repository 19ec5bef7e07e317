//! On which day is each line due, and by which steps? For schedules and their reasons.

use super::compile::{CompiledTerms, Line};
use super::error::TermsError;
use super::policy::{DueStep, Every, Start};
use crate::calendar::Day;
use crate::money::Ratio;

/// One step towards a due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateReason {
    /// The rule, such as `terms.end_of_month`.
    pub rule: &'static str,
    /// The day before the step.
    pub from: Day,
    /// The day after it.
    pub to: Day,
}

/// What is told of each step taken.
type Note<'a> = &'a mut dyn FnMut(&'static str, Day, Day);

impl CompiledTerms {
    /// The due date of a document that is not divided: the steps of the terms, then the roll.
    ///
    /// **Errors**: `impossible_date`.
    pub fn due_date(&self, document_date: Day) -> Result<Day, TermsError> {
        self.walk(ruled(&self.terms.due), document_date, &mut |_, _, _| {})
    }

    /// Calls back with each line's index and due date, and with the steps that led there. Terms without lines have one
    /// date, of index 0.
    pub(super) fn each_date(
        &self,
        document_date: Day,
        found: &mut dyn FnMut(usize, Day, Vec<DateReason>),
    ) -> Result<(), TermsError> {
        let mut previous: Option<Day> = None;
        for index in 0..self.lines.len().max(1) {
            let line = self.lines.get(index);
            let (own, every) = line.map_or((&[][..], None), |line| self.steps(line));
            let every = line.and_then(|line| interval(line, every));
            let own = ruled(own);
            let mut dates = Vec::new();
            let note: Note<'_> = &mut |rule, from, to| dates.push(DateReason { rule, from, to });
            let due_date = match previous.filter(|_| self.terms.start == Start::Previous) {
                Some(day) => self.walk(own, day, note)?,
                None => {
                    let every = every.iter().map(|step| ("terms.every", step));
                    let steps = ruled(&self.terms.due).chain(every).chain(own);
                    self.walk(steps, document_date, note)?
                }
            };
            found(index, due_date, dates);
            previous = Some(due_date);
        }
        Ok(())
    }

    /// The discounts for paying a document in that currency: the last day of each, and its percentage. One whose day leaves the
    /// calendar is left out.
    pub(crate) fn discounts<'a>(
        &'a self,
        document_date: Day,
        currency: &str,
    ) -> impl Iterator<Item = (Day, Ratio)> + use<'a> {
        let takes = self.terms.currency.as_deref().is_none_or(|code| code == currency);
        self.terms.discounts.iter().filter(move |_| takes).filter_map(move |tier| {
            let until = self.take(ruled(&tier.due), document_date, &mut |_, _, _| {}).ok()?;
            Some((until, tier.percent))
        })
    }

    /// Takes the steps, then the roll.
    fn walk<'a>(
        &self,
        steps: impl Iterator<Item = (&'static str, &'a DueStep)>,
        from: Day,
        note: Note<'_>,
    ) -> Result<Day, TermsError> {
        let day = self.take(steps, from, note)?;
        let rolled = self.calendar.roll(day, self.terms.roll).ok_or(TermsError::OutOfCalendar { from: day })?;
        if rolled != day {
            note("terms.roll", day, rolled);
        }
        Ok(rolled)
    }

    /// Takes the steps. Months that follow one another are added up before they are taken, so that the day of the month is not
    /// lost in a short one.
    fn take<'a>(
        &self,
        steps: impl Iterator<Item = (&'static str, &'a DueStep)>,
        from: Day,
        note: Note<'_>,
    ) -> Result<Day, TermsError> {
        let beyond = |from: Day| move || TermsError::OutOfCalendar { from };
        let mut day = from;
        let mut waiting: Option<(&'static str, i32)> = None;
        let mut steps = steps.peekable();
        while let Some((rule, step)) = steps.next() {
            let next = match step {
                DueStep::Months(months) => {
                    let so_far = waiting.take().map_or(0, |(_, months)| months);
                    let months = so_far.saturating_add(*months);
                    if let Some((_, DueStep::Months(_))) = steps.peek() {
                        waiting = Some((rule, months));
                        continue;
                    }
                    day.plus_months(months)
                }
                other => other.apply(day, &self.calendar),
            };
            let next = next.ok_or_else(beyond(day))?;
            note(rule, day, next);
            day = next;
        }
        Ok(day)
    }
}

fn ruled(steps: &[DueStep]) -> impl Iterator<Item = (&'static str, &DueStep)> {
    steps.iter().map(|step| (step.rule(), step))
}

/// How much later a repetition of a line starts; the first does not.
fn interval(line: &Line, every: Option<Every>) -> Option<DueStep> {
    let count = line.repetition.cast_signed();
    // At most 120 months or 3,660 days, 1,200 times.
    match every? {
        _ if count == 0 => None,
        Every::Months(months) => Some(DueStep::Months(months.saturating_mul(count))),
        Every::Days(days) => Some(DueStep::Days(days.saturating_mul(count))),
    }
}
