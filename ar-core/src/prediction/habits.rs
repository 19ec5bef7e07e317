//! In which runs does a customer pay, if it pays in runs that are sure? In weeks of the month, every so many weeks, on days of the month.
//!
//! The latest days with payments are held against each habit, however many payments came on each; it holds where four of five payments are
//! on it, and three of five days. Where it does not, days with few payments beside the others are left out: a run of forty invoices and
//! what came singly between two runs are no two days alike.
//! It holds no more where a run of it was let pass and payments came on other days. Where none holds over all that is looked at, the very
//! latest days alone may have one: who has changed its habit.

use super::book::{Book, Settled, days_back};
use super::calendar::{BankingDays, weekday};
use super::reasons::median;

/// The fewest days with payments from which a habit is told.
const LEAST: usize = 6;
/// The latest that are held against a habit.
const LATEST: usize = 12;
/// Where the usual day of the week and stragglers are looked for: the latest days that have so many payments, and so many days at least,
/// for each of the latest may have a straggler.
const PAYMENTS: u32 = 60;
const DAYS: usize = 2 * LATEST;
/// How far back large days are looked for among small ones.
const FARTHEST: usize = 60;
/// No day counts for more payments than the one with the fourth most; what has fewer than a fifth of those is small.
const FOURTH: usize = 3;
const FIFTH: u32 = 5;
/// The very latest.
const RECENT: usize = 6;
/// The fewest days with a payment on the day itself, where one that came a banking day later counts as of its run.
const LEAST_ON_TIME: usize = 3;
/// Days from one run to the next.
const GAPS: [i32; 3] = [14, 21, 28];
/// The most days of the month, the fewest runs on each, and the days that so many months take.
const MONTH_DAYS: usize = 3;
const LEAST_ON_DAY: usize = 3;
const LEAST_SPAN: i32 = 40;
/// The most days that a run moves where they are no banking days; a longer holiday tells of none.
const MOVED: i32 = 40;
/// Days after a run in which the next two are.
const TWO_RUNS: i32 = 110;
/// The number of the last day of a month.
pub(crate) const MONTH_END: u8 = 31;

/// Runs that are sure enough to be reckoned with.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) kind: Kind,
    /// Whether what came a banking day after a run counts as of it.
    pub(crate) has_stragglers: bool,
    /// Of 100 of the runs that were looked at, how many are on it.
    pub(crate) percent: u32,
    /// The first of them.
    pub(crate) since: i32,
    /// Whether it is found easily, and so has to tell more: among the very latest days alone, with stragglers, or on days of the month.
    pub(crate) is_easy: bool,
}

/// A day with payments, or the run that they are of, and how many they are.
pub(crate) type Run = (i32, u32);

/// How a day with payments fits a habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// It is a run.
    On,
    /// It is a run that was moved.
    Moved,
    Off,
}

impl Fit {
    fn of(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// On a day of the week (Monday is 0) in weeks of the month: 1 to 4, 5 is the last.
    Weeks { usual: usize, weeks: Vec<u32> },
    /// Every so many days, to and from the latest.
    Every { latest: i32, gap: i32 },
    /// On days of the month, rising.
    Days(Vec<MonthDay>),
}

/// A day of the month on which runs fall; of a shorter month the last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MonthDay {
    pub(crate) day: u8,
    /// Where it is no banking day: whether the run is on the one before it, and not on the next.
    pub(crate) is_earlier: bool,
}

impl Pattern {
    /// That of the latest days with payments of a customer: of all of them, else of the large ones, else of the very latest.
    pub(crate) fn of(book: &Book, latest: &[Run]) -> Option<Self> {
        let days = evened(recent(latest));
        let by_large = || {
            let (large, small) = parted(evened(latest));
            let since = large.len().saturating_sub(DAYS);
            let large = large.get(since..).filter(|_| !small.is_empty())?;
            Self::among(book, large, &small).map(Self::easily)
        };
        let by_latest = || {
            let since = days.len().checked_sub(RECENT).filter(|since| *since > 0)?;
            Self::among(book, days.get(since..)?, &[]).map(Self::easily).filter(|found| found.percent == 100)
        };
        Self::among(book, &days, &[]).or_else(by_large).or_else(by_latest)
    }

    /// Found easily, so that it has to tell more.
    fn easily(self) -> Self {
        Self { is_easy: true, ..self }
    }

    /// That of some days; `small` are those that were left out, which count among the payments alone.
    fn among(book: &Book, days: &[Run], small: &[Run]) -> Option<Self> {
        let banking = &book.banking;
        let by_weekday = usual_day(days).and_then(|(usual, _)| {
            let (runs, has_stragglers) = runs_on(banking, days, usual);
            let runs = runs.get(runs.len().saturating_sub(LATEST)..)?;
            let weeks = weeks_of(banking, runs, usual)
                .and_then(|found| Self::holding(book, found, (runs, small), has_stragglers));
            weeks.or_else(|| Self::holding(book, every(banking, runs, usual)?, (runs, small), has_stragglers))
        });
        by_weekday.or_else(|| on_days(book, days, small))
    }

    /// The habit if it holds, and was not given up: since the latest run that was not moved payments came on three other days, or on two
    /// and a run of the habit was let pass, or on small ones and two were.
    fn holding(
        book: &Book,
        (kind, fits): (Kind, Vec<Fit>),
        (runs, small): (&[Run], &[Run]),
        has_stragglers: bool,
    ) -> Option<Self> {
        let since = runs.first()?.0;
        let beside = small.iter().filter(|(day, _)| *day >= since).map(|(_, payments)| payments).sum();
        let percent = holds(runs, &fits, beside)?;
        let is_easy = has_stragglers || matches!(kind, Kind::Days(_));
        let found = Self { kind, has_stragglers, percent, since, is_easy };
        let kept = fits.iter().rposition(|fit| *fit == Fit::On)?;
        let latest = book.banking.day(book.banking.place(runs.get(kept)?.0));
        let let_pass = |count: usize, by: i32| {
            let next =
                found.days(book, latest - 7, latest + TWO_RUNS).into_iter().filter(|run| *run > latest).nth(count - 1);
            next.is_some_and(|next| next <= by)
        };
        let others = runs.len() - 1 - kept;
        let is_given_up = others > 2
            || (others == 2 && runs.last().is_some_and(|last| let_pass(1, last.0)))
            || small.last().is_some_and(|last| let_pass(2, last.0));
        (!is_given_up).then_some(found)
    }

    /// Whether a day is one of the runs.
    pub(crate) fn is_run(&self, book: &Book, day: i32) -> bool {
        // One that moved fell on an earlier day, or on a later.
        self.days(book, day - MOVED, day + MOVED).binary_search(&day).is_ok()
    }

    /// The runs from a day to another, rising, each on a banking day.
    pub(crate) fn days(&self, book: &Book, from: i32, to: i32) -> Vec<i32> {
        let banking = &book.banking;
        let (usual, step) = match &self.kind {
            Kind::Weeks { usual, .. } => (from + (*usual as i32 - weekday(from) as i32).rem_euclid(7), 7),
            Kind::Every { latest, gap } => (from + (latest - from).rem_euclid(*gap), *gap),
            Kind::Days(days) => return days_of(banking, days, from, to),
        };
        let counts = |nominal: &i32| match &self.kind {
            Kind::Weeks { weeks, .. } => is_in(banking, *nominal, weeks),
            _ => true,
        };
        let nominal = (usual..=to).step_by(step.unsigned_abs() as usize).filter(counts);
        let mut days: Vec<i32> = nominal.map(|nominal| banking.day(banking.place(nominal))).collect();
        days.dedup();
        days
    }
}

/// The days of the month in every month from a day to another, each moved to a banking day.
fn days_of(banking: &BankingDays, days: &[MonthDay], from: i32, to: i32) -> Vec<i32> {
    let mut found = Vec::new();
    let mut month = from + 1 - i32::from(banking.day_of_month(from));
    while month <= to {
        let end = month + i32::from(banking.to_month_end(month));
        for one in days {
            let nominal = end.min(month + i32::from(one.day) - 1);
            let place = if one.is_earlier { banking.place_before(nominal) } else { banking.place(nominal) };
            found.push(banking.day(place));
        }
        month = end.max(month) + 1;
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The latest days with payments, rising.
pub(crate) fn latest_days(paid: &[Settled]) -> Vec<Run> {
    let mut days: Vec<Run> = days_back(paid).take(FARTHEST).map(|(day, of_day)| (day, of_day.len() as u32)).collect();
    days.reverse();
    days
}

/// Of the latest days with payments those from which habits are told.
pub(crate) fn recent(days: &[Run]) -> &[Run] {
    let (mut since, mut all) = (days.len(), 0);
    while let Some((_, payments)) = since.checked_sub(1).and_then(|day| days.get(day)) {
        if days.len() - since >= DAYS && all >= PAYMENTS {
            break;
        }
        all += payments;
        since -= 1;
    }
    days.get(since..).unwrap_or_default()
}

/// How many payments the day with the fourth most has.
fn fourth(days: &[Run]) -> Option<u32> {
    let mut counts: Vec<u32> = days.iter().map(|(_, payments)| *payments).collect();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    counts.get(FOURTH).copied()
}

/// Days of which none has more payments than the one with the fourth most: what comes three times tells no habit, and hides none.
pub(crate) fn evened(days: &[Run]) -> Vec<Run> {
    let most = fourth(days).unwrap_or(u32::MAX);
    days.iter().map(|(day, payments)| (*day, most.min(*payments))).collect()
}

/// The large days and the small ones.
fn parted(days: Vec<Run>) -> (Vec<Run>, Vec<Run>) {
    let most = fourth(&days).unwrap_or_default();
    days.into_iter().partition(|(_, payments)| payments * FIFTH >= most)
}

/// The day of the week of more than half of the payments, five at least, and of 100 how many come on it.
pub(crate) fn usual_day(days: &[Run]) -> Option<(usize, u32)> {
    let mut counts = [0_u32; 7];
    for (day, payments) in days {
        if let Some(count) = counts.get_mut(weekday(*day)) {
            *count += payments;
        }
    }
    let all: u32 = counts.iter().sum();
    let most = counts.iter().enumerate().find(|(_, count)| all >= 5 && **count * 2 > all);
    most.map(|(day, count)| (day, *count * 100 / all))
}

fn add(runs: &mut Vec<Run>, day: i32, payments: u32) {
    match runs.last_mut() {
        Some(last) if last.0 == day => last.1 += payments,
        _ => runs.push((day, payments)),
    }
}

/// The days with payments as runs on a day of the week, rising, and whether stragglers count: what came a banking day after such a
/// day, where that is no such day itself. It counts as of the run where no more than a quarter of the payments of runs came so. What
/// came on the banking day on which the day of the week falls is of the run, the rest stands on its own day.
fn runs_on(banking: &BankingDays, days: &[Run], usual: usize) -> (Vec<Run>, bool) {
    let (mut runs, mut strict, mut on_time) = (Vec::new(), Vec::new(), Vec::new());
    let (mut in_time, mut late) = (0, 0);
    for (day, payments) in days.iter().copied() {
        let run = day - (weekday(day) as i32 - usual as i32).rem_euclid(7);
        let steps = banking.steps(run, day);
        add(&mut strict, if steps == 0 { run } else { day }, payments);
        add(&mut runs, if steps <= 1 { run } else { day }, payments);
        match steps {
            0 => {
                in_time += payments;
                add(&mut on_time, run, payments);
            }
            1 => late += payments,
            _ => {}
        }
    }
    let since = runs.get(runs.len().saturating_sub(LATEST)).copied().unwrap_or_default();
    let on_time = on_time.iter().filter(|run| run.0 >= since.0).count();
    let is_with_late = late > 0 && late * 3 <= in_time && on_time >= LEAST_ON_TIME;
    (if is_with_late { runs } else { strict }, is_with_late)
}

/// Of 100 runs how many are on a habit, with so many payments beside them; none where it does not hold.
fn holds(runs: &[Run], fits: &[Fit], beside: u32) -> Option<u32> {
    let all = beside + runs.iter().map(|(_, payments)| payments).sum::<u32>();
    let on = runs.iter().zip(fits).filter(|(_, fit)| **fit != Fit::Off);
    let (count, payments) = (on.clone().count(), on.map(|((_, payments), _)| payments).sum::<u32>());
    let holds = runs.len() >= LEAST && count * 5 >= runs.len() * 3 && payments * 5 >= all * 4;
    holds.then(|| (count * 100 / runs.len()) as u32)
}

fn is_in(banking: &BankingDays, day: i32, weeks: &[u32]) -> bool {
    let week = u32::from(banking.day_of_month(day)).div_ceil(7);
    weeks.contains(&week) || (banking.to_month_end(day) < 7 && weeks.contains(&5))
}

/// How many months there are from that of a day to that of another.
fn months(banking: &BankingDays, first: i32, last: i32) -> usize {
    let (mut count, mut end) = (1, first + i32::from(banking.to_month_end(first)));
    while end < last {
        count += 1;
        end += 1 + i32::from(banking.to_month_end(end + 1));
    }
    count
}

/// The weeks of the month in which runs fall on a day of the week: each in two of three months at least, one or two weeks in all.
fn weeks_of(banking: &BankingDays, runs: &[Run], usual: usize) -> Option<(Kind, Vec<Fit>)> {
    let months = months(banking, runs.first()?.0, runs.last()?.0);
    let is_usual = |hits: usize| hits * 3 >= months * 2;
    let on_day = || runs.iter().map(|run| run.0).filter(|run| weekday(*run) == usual);
    let hits_of = |week: u32| on_day().filter(|run| u32::from(banking.day_of_month(*run)).div_ceil(7) == week).count();
    let lasts = on_day().filter(|run| banking.to_month_end(*run) < 7).count();
    // Of most months the fourth is the last: the one counts on which more runs fall.
    let is_by_last = is_usual(lasts) && (lasts > hits_of(4) || !is_usual(hits_of(4)));
    let mut weeks: Vec<u32> = (1..=4).filter(|week| is_usual(hits_of(*week)) && !(*week == 4 && is_by_last)).collect();
    if is_by_last {
        weeks.push(5);
    }
    if weeks.is_empty() || weeks.len() > 2 {
        return None;
    }
    let fits = runs.iter().map(|(run, _)| Fit::of(weekday(*run) == usual && is_in(banking, *run, &weeks))).collect();
    Some((Kind::Weeks { usual, weeks }, fits))
}

/// The day of the week that a run is of, and whether it was moved: by a day or two, or from no banking day to the one before it.
fn moved(banking: &BankingDays, run: i32, usual: usize) -> Option<(i32, bool)> {
    let after = (weekday(run) as i32 - usual as i32).rem_euclid(7);
    let next = run + 7 - after;
    match after {
        0 => Some((run, false)),
        1 | 2 => Some((run - after, true)),
        5 | 6 => Some((next, true)),
        _ => {
            let is_before =
                banking.place_before(next) == banking.place(run) && banking.place(next) != banking.place(run);
            is_before.then_some((next, true))
        }
    }
}

/// Whether runs come every two to four weeks: two of three of such steps have one. Which steps, all runs tell together: neither one
/// that was moved nor one that stands beside them changes that.
fn every(banking: &BankingDays, runs: &[Run], usual: usize) -> Option<(Kind, Vec<Fit>)> {
    let places: Vec<Option<(i32, bool)>> = runs.iter().map(|run| moved(banking, run.0, usual)).collect();
    for gap in GAPS {
        for phase in 0..gap / 7 {
            let is_of = |nominal: i32| nominal.div_euclid(7).rem_euclid(gap / 7) == phase;
            // Moved, where nothing came on the day itself.
            let is_moved = |place: &Option<(i32, bool)>| {
                let of = place.filter(|(nominal, moved)| *moved && is_of(*nominal));
                of.is_some_and(|(nominal, _)| runs.iter().all(|run| run.0 != nominal))
            };
            let moves = places.iter().filter(|place| is_moved(place)).count() * 6 <= runs.len();
            let fit = |place: &Option<(i32, bool)>| match place {
                Some((nominal, false)) => Fit::of(is_of(*nominal)),
                place if moves && is_moved(place) => Fit::Moved,
                _ => Fit::Off,
            };
            let fits: Vec<Fit> = places.iter().map(fit).collect();
            if holds(runs, &fits, 0).is_none() {
                continue;
            }
            let on = places.iter().zip(&fits).filter(|(_, fit)| **fit != Fit::Off);
            let on: Vec<i32> = on.filter_map(|(place, _)| place.map(|(day, _)| day)).collect();
            let (Some(first), Some(latest)) = (on.iter().min(), on.iter().max()) else { continue };
            let steps = (latest - first) / gap + 1;
            let mut gaps: Vec<i32> = on.iter().zip(on.iter().skip(1)).map(|(one, next)| next - one).collect();
            if median(&mut gaps) == gap && on.len() as i32 * 3 >= steps * 2 {
                return Some((Kind::Every { latest: *latest, gap }, fits));
            }
        }
    }
    None
}

/// Days of the month: of all payments, or where what came a banking day after a run counts as of it.
fn on_days(book: &Book, days: &[Run], small: &[Run]) -> Option<Pattern> {
    let banking = &book.banking;
    let latest = days.get(days.len().saturating_sub(LATEST)..)?;
    let strict = month_days(banking, latest).and_then(|found| Pattern::holding(book, found, (latest, small), false));
    if strict.is_some() {
        return strict;
    }
    let (mut runs, mut late): (Vec<Run>, u32) = (Vec::new(), 0);
    for (day, payments) in days.iter().copied() {
        match runs.last_mut() {
            Some(last) if banking.steps(last.0, day) <= 1 => {
                last.1 += payments;
                late += payments * banking.steps(last.0, day).unsigned_abs();
            }
            _ => runs.push((day, payments)),
        }
    }
    let all: u32 = days.iter().map(|(_, payments)| payments).sum();
    if late == 0 || late * 4 > all {
        return None;
    }
    let runs = runs.get(runs.len().saturating_sub(LATEST)..)?;
    month_days(banking, runs).and_then(|found| Pattern::holding(book, found, (runs, small), true))
}

/// The days of the month that a run may be of: those from which it is the next banking day, and those before which it is the last.
fn nominals(banking: &BankingDays, run: i32, mut take: impl FnMut(MonthDay)) {
    let place = banking.place(run);
    let run = banking.day(place);
    let (before, after) = (banking.day(place - 1), banking.day(place + 1));
    for (first, last, is_earlier) in [(before + 1, run, false), (run, after - 1, true)] {
        for day in first..=last {
            let of_month = banking.day_of_month(day);
            let upto = if banking.to_month_end(day) == 0 { MONTH_END } else { of_month };
            (of_month..=upto).for_each(|day| take(MonthDay { day, is_earlier }));
        }
    }
}

/// Of one to three days of the month, each on two of three months, three at least. The one on which most runs fall comes first; of as
/// many the last of the month, moved to the banking day before, else the later, moved to the next.
fn month_days(banking: &BankingDays, runs: &[Run]) -> Option<(Kind, Vec<Fit>)> {
    let (first, last) = (runs.first()?.0, runs.last()?.0);
    if runs.len() < LEAST || last - first < LEAST_SPAN {
        return None;
    }
    let months = months(banking, first, last);
    let mut found: Vec<MonthDay> = Vec::new();
    let mut is_on = [false; LATEST];
    while found.len() < MONTH_DAYS && is_on.iter().take(runs.len()).any(|on| !on) {
        let mut hits = [[0_usize; 2]; 32];
        for (run, _) in runs.iter().zip(&is_on).filter(|(_, on)| !**on) {
            nominals(banking, run.0, |one| {
                if let Some(count) =
                    hits.get_mut(usize::from(one.day)).and_then(|of| of.get_mut(usize::from(one.is_earlier)))
                {
                    *count += 1;
                }
            });
        }
        let all =
            (0_u8..).zip(&hits).flat_map(|(day, of)| [(of[0], day, day < MONTH_END), (of[1], day, day == MONTH_END)]);
        let (most, day, is_plain) = all.max()?;
        if most < LEAST_ON_DAY || most * 3 < months * 2 {
            break;
        }
        let best = MonthDay { day, is_earlier: is_plain == (day == MONTH_END) };
        for (run, on) in runs.iter().zip(&mut is_on) {
            nominals(banking, run.0, |one| *on |= one == best);
        }
        found.push(best);
    }
    found.sort_unstable();
    (!found.is_empty()).then(|| (Kind::Days(found), is_on.into_iter().take(runs.len()).map(Fit::of).collect()))
}
