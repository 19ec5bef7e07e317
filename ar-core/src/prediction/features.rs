//! What is known of an invoice, its customer and a day on which it may be paid, in numbers. For the hazard.
//!
//! [`Known`] holds what does not depend on the day asked about: the invoice itself, the last payments of its customer, the
//! invoices still open. [`Known::on`] holds what does. Both see a [`Past`](super::book::Past) and the invoice, nothing
//! else, so nothing that happens later can enter.

use super::book::{Book, Past, Question, Settled};
use super::calendar::{BankingDays, weekday};
use super::dealings::Dealt;
use super::hier_snap::Delays;

/// How many payments of a customer are looked at.
const LATEST: usize = 60;

/// The numbers that do not depend on the day asked about, in the order of [`Known::fixed`].
pub(crate) const FIXED: [&str; 51] = [
    "amount",
    "days_of_terms",
    "due_weekday",
    "posted_weekday",
    "due_day_of_month",
    "due_to_month_end",
    "roll_forward",
    "roll_back",
    "to_due",
    "age",
    "delay_mean",
    "delay_spread",
    "delay_q10",
    "delay_q25",
    "delay_median",
    "delay_q75",
    "delay_q90",
    "steps_q10",
    "steps_median",
    "steps_q90",
    "delay_recent",
    "steps_recent",
    "delay_last",
    "delay_last_3",
    "late_share",
    "late_15_share",
    "since_last_payment",
    "same_weekday_median",
    "monday_share",
    "tuesday_share",
    "wednesday_share",
    "thursday_share",
    "friday_share",
    "snap_median",
    "snap_recent",
    "alike_median",
    "amount_relative",
    "front",
    "runs_per_payment",
    "run_gap",
    "later_due_paid",
    "later_posted_paid",
    "same_due_paid",
    "reach_last",
    "reach_median",
    "own_q10",
    "own_median",
    "own_q90",
    "own_over_15",
    "own_tail",
    "missed_runs",
];

/// The numbers that depend on the day asked about, in the order of [`Known::on`].
pub(crate) const DAILY: [&str; 19] = [
    "steps_from_due",
    "days_from_due",
    "weekday",
    "day_of_month",
    "to_month_end",
    "gap_before",
    "gap_after",
    "weekday_share",
    "to_snap_median",
    "to_snap_recent",
    "to_alike_median",
    "to_same_weekday_median",
    "own_hazard",
    "own_left",
    "fast_hazard",
    "days_ahead",
    "past_reach_last",
    "past_reach_median",
    "since_last_run",
];

/// What a daily number depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Course {
    /// The banking days from the due day.
    Steps,
    /// The days from one of [`Known::since`], in their order.
    Since,
    /// The calendar alone, as [`of_calendar`] tells it, in its order.
    Calendar,
    /// The day of the week.
    Weekday,
    /// The customer's own distribution.
    Own,
    /// What of that is left, which never rises.
    Left,
    /// The customer's own distribution with the short memory.
    Fast,
}

use Course::{Calendar, Fast, Left, Own, Since, Steps, Weekday};

/// What each number of [`DAILY`] depends on.
#[rustfmt::skip]
pub(crate) const COURSES: [Course; DAILY.len()] = [
    Steps, Since, Calendar, Calendar, Calendar, Calendar, Calendar, Weekday, Since, Since, Since, Since, Own, Left, Fast,
    Since, Since, Since, Since,
];

/// How many numbers depend on the calendar alone.
pub(crate) const OF_CALENDAR: usize = 5;

/// The numbers of a banking day that depend on nothing else, from `weekday` to `gap_after`.
pub(crate) fn of_calendar(banking: &BankingDays, place: i32) -> [f32; OF_CALENDAR] {
    let on = banking.day(place);
    [
        weekday(on) as f32,
        f32::from(banking.day_of_month(on)),
        f32::from(banking.to_month_end(on)),
        (on - banking.day(place - 1)) as f32,
        (banking.day(place + 1) - on) as f32,
    ]
}

/// What is known of one question.
pub(crate) struct Known {
    pub(crate) fixed: [f32; FIXED.len()],
    due: i32,
    day: i32,
    /// The place of the due day among banking days.
    pub(crate) base: i32,
    pub(crate) weekday_share: [f32; 7],
    missed_runs: f32,
    snap_median: f32,
    snap_recent: f32,
    alike: f32,
    same_weekday: f32,
    reach_last: f32,
    reach_median: f32,
    last_run: f32,
    run_gap: f32,
    /// What is known beside payments, where that is asked for.
    pub(crate) dealt: Option<Dealt>,
}

const NONE: f32 = f32::NAN;

/// A quantile of sorted whole numbers, between its two neighbours.
fn quantile(sorted: &[i32], share: f32) -> f32 {
    between(sorted, share, |value| value as f32)
}

/// The same of numbers that are kept as others.
fn between<T: Copy>(sorted: &[T], share: f32, number: impl Fn(T) -> f32) -> f32 {
    let Some(last) = sorted.len().checked_sub(1) else { return NONE };
    let place = share * last as f32;
    let low = place as usize;
    let value = |at: usize| sorted.get(at.min(last)).copied().map_or(NONE, &number);
    let (left, right) = (value(low), value(low + 1));
    left + (right - left) * (place - low as f32)
}

fn rounded(x: f32) -> i32 {
    (x + if x < 0.0 { -0.5 } else { 0.5 }) as i32
}

/// The weights of the latest payments, latest first: half after each ten.
fn recent_weights() -> [f32; LATEST] {
    let mut weights = [1.0; LATEST];
    let mut weight = 1.0_f64;
    for place in &mut weights {
        *place = weight as f32;
        // 2^(-1/10)
        weight *= 0.933_032_991_536_807_4;
    }
    weights
}

impl Known {
    pub(crate) fn new(book: &Book, question: &Question, past: &Past<'_>, own: &Delays) -> Self {
        let (due, day, banking) = (question.due, question.day, &book.banking);
        let due_weekday = weekday(due);
        let mut known = Self {
            fixed: [NONE; FIXED.len()],
            due,
            day,
            base: banking.place(due),
            weekday_share: [0.2, 0.2, 0.2, 0.2, 0.2, 0.0, 0.0],
            missed_runs: 0.0,
            snap_median: NONE,
            snap_recent: NONE,
            alike: NONE,
            same_weekday: NONE,
            reach_last: NONE,
            reach_median: NONE,
            last_run: NONE,
            run_gap: NONE,
            dealt: None,
        };
        let next = banking.day(banking.place(due));
        let before = banking.day(banking.place_before(due));
        let invoice = [
            question.amount,
            (due - question.posted) as f32,
            due_weekday as f32,
            weekday(question.posted) as f32,
            f32::from(banking.day_of_month(due)),
            f32::from(banking.to_month_end(due)),
            (next - due) as f32,
            (due - before) as f32,
            (due - day) as f32,
            (day - question.posted) as f32,
        ];
        let paid = known.of_payments(book, question, past.latest(LATEST));
        known.of_runs(past.latest(240));
        let missed = [known.missed_runs];
        let reach = [known.reach_last, known.reach_median];
        let [q10, median, q90] = own.quantiles([0.1, 0.5, 0.9]);
        let own = [q10, median, q90, own.over(11), own.over((banking.place(day) - known.base + 5).max(-60))];
        let all = invoice.iter().chain(&paid).chain(&reach).chain(&own).chain(&missed);
        for (place, value) in known.fixed.iter_mut().zip(all) {
            *place = *value;
        }
        known
    }

    /// From `delay_mean` to `same_due_paid`.
    fn of_payments(&mut self, book: &Book, question: &Question, paid: &[Settled]) -> [f32; 33] {
        let mut out = [NONE; 33];
        let (Some(last), Some(first)) = (paid.last(), paid.first()) else { return out };
        let (due, banking, count) = (question.due, &book.banking, paid.len() as f32);
        let mut room = [[0_i32; LATEST]; 3];
        let [delays, steps, same] = &mut room;
        let weights = recent_weights();
        let (mut sum, mut squares, mut recent, mut recent_steps, mut weight) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let (mut late, mut late_15, mut later_due, mut later_posted, mut same_due) = (0.0, 0.0, 0.0, 0.0, 0.0);
        let (mut runs, mut run_day, mut same_count) = (0.0, i32::MIN, 0);
        let mut shares = [0.0_f32; 7];
        // Of numbers above zero the bits are in the same order.
        let mut amounts = [0_u32; LATEST];
        for (((payment, age), delay), (step, amount)) in
            paid.iter().zip((0..paid.len()).rev()).zip(delays.iter_mut()).zip(steps.iter_mut().zip(&mut amounts))
        {
            (*delay, *step, *amount) = (payment.delay, payment.steps, payment.amount.to_bits());
            let days = payment.delay as f32;
            sum += days;
            squares += days * days;
            let its = weights.get(age).copied().unwrap_or_default();
            recent += its * days;
            recent_steps += its * payment.steps as f32;
            weight += its;
            late += f32::from(u8::from(payment.delay > 0));
            late_15 += f32::from(u8::from(payment.delay > 15));
            later_due += f32::from(u8::from(payment.due > due));
            later_posted += f32::from(u8::from(payment.posted > question.posted));
            same_due += f32::from(u8::from(payment.due == due));
            if payment.cleared != run_day {
                run_day = payment.cleared;
                runs += 1.0;
            }
            if (payment.due - due) % 7 == 0 {
                if let Some(place) = same.get_mut(same_count) {
                    *place = payment.delay;
                }
                same_count += 1;
            }
            if let Some(share) = shares.get_mut(weekday(payment.cleared)) {
                *share += 1.0 / count;
            }
        }
        let last_3 = paid.iter().rev().take(3).map(|one| one.delay as f32);
        let last_3 = last_3.sum::<f32>() / count.min(3.0);
        let front = paid.iter().rev().take(20).map(|one| one.due).max().unwrap_or(due) - last.cleared;
        let alike = alike(paid, question.amount);
        let delays = delays.get_mut(..paid.len()).unwrap_or_default();
        let steps = steps.get_mut(..paid.len()).unwrap_or_default();
        let amounts = amounts.get_mut(..paid.len()).unwrap_or_default();
        let same = same.get_mut(..same_count).unwrap_or_default();
        delays.sort_unstable();
        steps.sort_unstable();
        amounts.sort_unstable();
        same.sort_unstable();
        let mean = sum / count;
        let steps_median = quantile(steps, 0.5);
        let snap = |steps: f32| (banking.day(self.base + rounded(steps)) - due) as f32;
        self.snap_median = snap(steps_median);
        self.snap_recent = snap(recent_steps / weight);
        self.same_weekday = quantile(same, 0.5);
        self.alike = alike;
        self.weekday_share = shares;
        self.run_gap = (last.cleared - first.cleared) as f32 / f32::max(runs - 1.0, 1.0);
        let [monday, tuesday, wednesday, thursday, friday, ..] = shares;
        out = [
            mean,
            f32::max(squares / count - mean * mean, 0.0).sqrt(),
            quantile(delays, 0.1),
            quantile(delays, 0.25),
            quantile(delays, 0.5),
            quantile(delays, 0.75),
            quantile(delays, 0.9),
            quantile(steps, 0.1),
            steps_median,
            quantile(steps, 0.9),
            recent / weight,
            recent_steps / weight,
            last.delay as f32,
            last_3,
            late / count,
            late_15 / count,
            (question.day - last.cleared) as f32,
            self.same_weekday,
            monday,
            tuesday,
            wednesday,
            thursday,
            friday,
            self.snap_median,
            self.snap_recent,
            alike,
            question.amount - between(amounts, 0.5, f32::from_bits),
            front as f32,
            runs / count,
            self.run_gap,
            later_due,
            later_posted,
            same_due,
        ];
        out
    }

    /// The customer's payment runs: on which days, and how far past their day they reached.
    fn of_runs(&mut self, paid: &[Settled]) {
        let Some(last) = paid.last() else { return };
        self.last_run = last.cleared as f32;
        let mut reaches = [0_i32; 8];
        let mut run_day = i32::MIN;
        let mut count: usize = 0;
        for payment in paid.iter().rev().take_while(|one| one.cleared >= self.day - 183) {
            let reach = payment.due - payment.cleared;
            if payment.cleared != run_day {
                run_day = payment.cleared;
                self.missed_runs += f32::from(u8::from(run_day > self.due));
                count += 1;
                if let Some(place) = reaches.get_mut(count - 1) {
                    *place = reach;
                }
            } else if let Some(place) = reaches.get_mut(count - 1) {
                *place = reach.max(*place);
            }
        }
        if count == 0 {
            return;
        }
        self.reach_last = reaches.first().map_or(NONE, |reach| *reach as f32);
        let reaches = reaches.get_mut(..count.min(8)).unwrap_or_default();
        reaches.sort_unstable();
        self.reach_median = quantile(reaches, 0.5);
    }

    /// The days, whole and half ones, from which the numbers count that are days from one; not known where a number is not.
    pub(crate) fn since(&self) -> [f32; 9] {
        let due = self.due as f32;
        [
            due,
            due + self.snap_median,
            due + self.snap_recent,
            due + self.alike,
            due + self.same_weekday,
            self.day as f32,
            due + self.reach_last,
            due + self.reach_median,
            self.last_run,
        ]
    }

    /// What depends on the day asked about: `place` is that of the banking day `on`.
    pub(crate) fn on(
        &self,
        book: &Book,
        place: i32,
        own_hazard: f32,
        own_left: f32,
        fast_hazard: f32,
    ) -> [f32; DAILY.len()] {
        let banking = &book.banking;
        let on = banking.day(place);
        let from_due = (on - self.due) as f32;
        let [its_weekday, of_month, to_month_end, gap_before, gap_after] = of_calendar(banking, place);
        [
            (place - self.base) as f32,
            from_due,
            its_weekday,
            of_month,
            to_month_end,
            gap_before,
            gap_after,
            self.weekday_share.get(weekday(on)).copied().unwrap_or_default(),
            from_due - self.snap_median,
            from_due - self.snap_recent,
            from_due - self.alike,
            from_due - self.same_weekday,
            own_hazard,
            own_left,
            fast_hazard,
            (on - self.day) as f32,
            from_due - self.reach_last,
            from_due - self.reach_median,
            on as f32 - self.last_run,
        ]
    }
}

/// The median delay of the ten payments whose amounts are nearest.
fn alike(paid: &[Settled], amount: f32) -> f32 {
    let mut near = [(f32::INFINITY, 0_i32); 10];
    for payment in paid.iter().rev() {
        let apart = (payment.amount - amount).abs();
        if near.last().is_some_and(|far| apart < far.0) {
            let at = near.partition_point(|one| one.0 <= apart);
            if let Some(rest) = near.get_mut(at..) {
                rest.rotate_right(1);
                if let Some(place) = rest.first_mut() {
                    *place = (apart, payment.delay);
                }
            }
        }
    }
    let mut delays = [0_i32; 10];
    let mut count = 0;
    for ((_, delay), place) in near.iter().filter(|one| one.0.is_finite()).zip(&mut delays) {
        *place = *delay;
        count += 1;
    }
    let delays = delays.get_mut(..count).unwrap_or_default();
    delays.sort_unstable();
    quantile(delays, 0.5)
}
