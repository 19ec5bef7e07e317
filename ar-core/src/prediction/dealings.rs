//! What is known of an invoice beside the payments that close it: disputes, promises, notices, part payments, credit.
//!
//! A fact is known from its effective day on, or from the day on which it was recorded when that is later; all that the view
//! counts is known on the view's last day. A question sees what was known before its day, nothing else. Of a kind that no
//! question knows anything of, the hazard has no number at all.

use super::book::{Invoice, Question};
use super::calendar::BankingDays;

/// The numbers of dealings that do not depend on the day asked about, in the order of [`Dealt::fixed`].
pub(crate) const DEALT: [&str; 13] = [
    "dispute_days",
    "disputed_share",
    "disputes_closed",
    "promised_share",
    "promises_broken",
    "promises_kept",
    "notice_level",
    "notices",
    "paid_share",
    "limit_use",
    "instalment",
    "instalments",
    "of_plan",
];

/// The numbers of dealings that depend on the day asked about, in the order of [`Dealt::on`].
pub(crate) const DEALT_DAILY: [&str; 5] =
    ["since_dispute", "since_dispute_closed", "from_promise", "since_notice", "since_part_payment"];

/// A dispute of a document.
#[derive(Debug, Clone)]
pub(crate) struct Disputed {
    /// The day from which it is known; the same below.
    pub(crate) known: i32,
    pub(crate) since: i32,
    /// The part of the document's amount that is in dispute.
    pub(crate) share: f32,
    /// The day on which it was known to be closed; the last of all days while it is open.
    pub(crate) closed: i32,
}

/// A promise that covers a document.
#[derive(Debug, Clone)]
pub(crate) struct Covered {
    pub(crate) known: i32,
    pub(crate) promised: i32,
    /// The promised day, or the next banking day after it: from then on it is kept or broken.
    pub(crate) last: i32,
    pub(crate) share: f32,
    /// The day on which it was known to be closed.
    pub(crate) closed: i32,
    /// The day on which it was known to be kept; the last of all days while it is not.
    pub(crate) kept: i32,
}

/// What came of a promise of a customer.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) last: i32,
    /// As of a promise.
    pub(crate) kept: i32,
}

/// A notice about a document, or about all that its customer owed late that day.
#[derive(Debug, Clone)]
pub(crate) struct Noticed {
    pub(crate) known: i32,
    pub(crate) sent: i32,
    pub(crate) level: u32,
    /// The instalment it is about; none: each.
    pub(crate) instalment: Option<u32>,
    /// The day on which it was known to be taken back.
    pub(crate) closed: i32,
}

/// What was paid of an invoice up to and including a day.
#[derive(Debug, Clone)]
pub(crate) struct PartPaid {
    pub(crate) known: i32,
    pub(crate) day: i32,
    pub(crate) instalment: u32,
    pub(crate) share: f32,
}

impl PartPaid {
    /// Whether something is paid and something is not.
    pub(crate) fn is_part(&self) -> bool {
        self.share > 0.0 && self.share < 1.0
    }
}

/// The schedule of a document.
#[derive(Debug, Clone)]
pub(crate) struct Scheduled {
    pub(crate) instalments: usize,
    /// Whether it belongs to a plan.
    pub(crate) is_plan: bool,
}

/// A credit limit of a customer.
#[derive(Debug, Clone)]
pub(crate) struct Limit {
    pub(crate) known: i32,
    pub(crate) until: i32,
    pub(crate) closed: i32,
    pub(crate) currency: u32,
    /// **Unit**: minor units; none: no limit.
    pub(crate) amount: Option<i64>,
    /// Whether a later one of the same kind takes its place: attributes do, credit lines stand side by side.
    pub(crate) replaced: bool,
}

/// What a customer owed in a currency from a day on.
#[derive(Debug, Clone)]
pub(crate) struct Owed {
    pub(crate) currency: u32,
    pub(crate) day: i32,
    pub(crate) amount: i64,
}

/// All of a ledger: each kind by the number of its document or customer, and of one in the order in which it became known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dealings {
    pub(crate) disputes: Vec<(u32, Disputed)>,
    pub(crate) promises: Vec<(u32, Covered)>,
    /// By customer.
    pub(crate) outcomes: Vec<(u32, Outcome)>,
    pub(crate) notices: Vec<(u32, Noticed)>,
    /// By customer: notices about no document in particular.
    pub(crate) customer_notices: Vec<(u32, Noticed)>,
    pub(crate) parts: Vec<(u32, PartPaid)>,
    pub(crate) schedules: Vec<(u32, Scheduled)>,
    /// By customer.
    pub(crate) limits: Vec<(u32, Limit)>,
    /// By customer, then currency and day: of those that have a limit.
    pub(crate) owed: Vec<(u32, Owed)>,
}

const NONE: f32 = f32::NAN;

fn of<T>(all: &[(u32, T)], key: u32) -> impl DoubleEndedIterator<Item = &T> {
    let start = all.partition_point(|(held, _)| *held < key);
    let end = all.partition_point(|(held, _)| *held <= key);
    all.get(start..end).unwrap_or_default().iter().map(|(_, one)| one)
}

fn count(number: usize) -> f32 {
    number.min(1_000) as f32
}

impl Dealings {
    /// Brings all into their order.
    pub(crate) fn sort(&mut self) {
        self.disputes.sort_by_key(|(key, one)| (*key, one.known, one.since));
        self.promises.sort_by_key(|(key, one)| (*key, one.promised, one.known));
        self.outcomes.sort_by_key(|(key, one)| (*key, one.last, one.kept));
        self.notices.sort_by_key(|(key, one)| (*key, one.sent, one.known, one.level));
        self.customer_notices.sort_by_key(|(key, one)| (*key, one.sent, one.known, one.level));
        self.parts.sort_by_key(|(key, one)| (*key, one.day));
        self.schedules.sort_by_key(|(key, _)| *key);
        self.limits.sort_by_key(|(key, one)| (*key, one.known));
        self.owed.sort_by_key(|(key, one)| (*key, one.currency, one.day));
    }

    /// Whether anything is known of anybody.
    pub(crate) fn is_empty(&self) -> bool {
        self.disputes.is_empty()
            && self.promises.is_empty()
            && self.outcomes.is_empty()
            && self.notices.is_empty()
            && self.customer_notices.is_empty()
            && self.parts.is_empty()
            && self.schedules.is_empty()
            && self.limits.is_empty()
    }

    /// The days after something became known of an invoice, rising; the days of its customer's alone are not among them.
    pub(crate) fn told_on(&self, invoice: &Invoice) -> Vec<i32> {
        if self.is_empty() {
            return Vec::new();
        }
        let disputes = of(&self.disputes, invoice.document).flat_map(|one| [one.known, one.closed]);
        let promises = of(&self.promises, invoice.document).flat_map(|one| [one.known, one.last]);
        let notices = of(&self.notices, invoice.document).map(|one| one.known);
        let parts = of(&self.parts, invoice.document).map(|one| one.known);
        let known = disputes.chain(promises).chain(notices).chain(parts);
        let mut days: Vec<i32> = known.map(|day| day.saturating_add(1)).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The dispute that is open, the oldest of several.
    pub(crate) fn dispute(&self, question: &Question) -> Option<&Disputed> {
        let day = question.day;
        of(&self.disputes, question.document).find(|one| one.known < day && one.closed >= day)
    }

    /// The promise that counts: the next whose day is not over, else the last that was made.
    pub(crate) fn promise(&self, question: &Question) -> Option<&Covered> {
        let day = question.day;
        let known = || of(&self.promises, question.document).filter(|one| one.known < day);
        known().find(|one| one.last >= day && one.closed >= day).or_else(|| known().rfind(|one| one.last < day))
    }

    /// The notices about it, oldest first.
    pub(crate) fn notices(&self, question: &Question) -> impl Iterator<Item = &Noticed> {
        let (day, instalment, due) = (question.day, question.instalment, question.due);
        let of_document = of(&self.notices, question.document)
            .filter(move |one| one.instalment.is_none_or(|number| number == instalment));
        let of_customer = of(&self.customer_notices, question.customer).filter(move |one| due < one.sent);
        of_document.chain(of_customer).filter(move |one| one.known < day && one.closed >= day)
    }

    /// The last notice about it.
    pub(crate) fn last_notice(&self, question: &Question) -> Option<&Noticed> {
        self.notices(question).max_by_key(|one| (one.sent, one.known, one.level))
    }

    /// The part that is paid, above 0 and below 1.
    pub(crate) fn part_paid(&self, question: &Question) -> Option<&PartPaid> {
        let of_item = |one: &&PartPaid| one.instalment == question.instalment && one.known < question.day;
        of(&self.parts, question.document).rfind(of_item).filter(|one| one.is_part())
    }

    /// What the customer owes over its limit, of several limits that of which most is used.
    pub(crate) fn limit_use(&self, question: &Question) -> Option<f32> {
        let day = question.day;
        let mut replacing = None;
        let mut most: Option<f32> = None;
        let mut take = |limit: &Limit| {
            let Some(amount) = limit.amount.filter(|_| limit.until >= day - 1 && limit.closed >= day) else { return };
            let used = (self.owed(question.customer, limit.currency, day) as f32 / amount.max(1) as f32).min(10.0);
            most = Some(most.map_or(used, |most| most.max(used)));
        };
        for limit in of(&self.limits, question.customer).filter(|one| one.known < day) {
            if limit.replaced {
                replacing = Some(limit);
            } else {
                take(limit);
            }
        }
        replacing.into_iter().for_each(&mut take);
        most
    }

    /// What a customer owed in a currency before a day.
    fn owed(&self, customer: u32, currency: u32, day: i32) -> i64 {
        let end = self.owed.partition_point(|(held, one)| (*held, one.currency, one.day) < (customer, currency, day));
        let last = end.checked_sub(1).and_then(|at| self.owed.get(at));
        last.filter(|(held, one)| (*held, one.currency) == (customer, currency)).map_or(0, |(_, one)| one.amount)
    }
}

/// What is known of one question beside payments.
pub(crate) struct Dealt {
    pub(crate) fixed: [f32; DEALT.len()],
    dispute: f32,
    dispute_closed: f32,
    promise: f32,
    notice: f32,
    part: f32,
}

impl Dealt {
    pub(crate) fn new(dealings: &Dealings, banking: &BankingDays, question: &Question) -> Self {
        let day = question.day;
        let mut dealt = Self {
            fixed: [NONE; DEALT.len()],
            dispute: NONE,
            dispute_closed: NONE,
            promise: NONE,
            notice: NONE,
            part: NONE,
        };
        let [
            dispute_days,
            disputed,
            closed,
            promised,
            broken,
            kept,
            level,
            notices,
            part,
            used,
            number,
            several,
            of_plan,
        ] = &mut dealt.fixed;
        let all = || of(&dealings.disputes, question.document).filter(|one| one.known < day);
        let over = || all().filter(|one| one.closed < day);
        if let Some(dispute) = dealings.dispute(question) {
            dealt.dispute = dispute.since as f32;
            *dispute_days = (day - dispute.since) as f32;
            *disputed = all().filter(|one| one.closed >= day).map(|one| one.share).sum::<f32>().min(1.0);
        } else if let Some(last) = over().map(|one| one.closed).max() {
            dealt.dispute_closed = last as f32;
        }
        if all().next().is_some() {
            *closed = count(over().count());
        }
        if let Some(promise) = dealings.promise(question) {
            dealt.promise = banking.place(promise.promised) as f32;
            *promised = promise.share;
            let is_broken = |one: &&Covered| one.known < day && one.last < day && one.kept >= day;
            *broken = count(of(&dealings.promises, question.document).filter(is_broken).count());
        }
        let outcomes = || of(&dealings.outcomes, question.customer).filter(|one| one.last < day);
        if outcomes().next().is_some() {
            let (all, held) = (outcomes().count(), outcomes().filter(|one| one.kept < day).count());
            *kept = (held as f32 + 1.0) / (all as f32 + 2.0);
        }
        if let Some(latest) = dealings.last_notice(question) {
            dealt.notice = banking.place(latest.sent) as f32;
            *level = latest.level.min(1_000) as f32;
            *notices = count(dealings.notices(question).count());
        }
        if let Some(paid) = dealings.part_paid(question) {
            dealt.part = paid.day as f32;
            *part = paid.share;
        }
        *used = dealings.limit_use(question).unwrap_or(NONE);
        if let Some(schedule) = of(&dealings.schedules, question.document).next()
            && question.instalment != 0
        {
            *number = question.instalment.min(1_000) as f32;
            *several = count(schedule.instalments);
            *of_plan = f32::from(u8::from(schedule.is_plan));
        }
        dealt
    }

    /// Whether something is known of this very item.
    pub(crate) fn is_told(&self) -> bool {
        let all = [self.dispute, self.dispute_closed, self.promise, self.notice, self.part];
        all.iter().any(|day| !day.is_nan())
    }

    /// What depends on the day asked about: `place` is that of the banking day `on`.
    pub(crate) fn on(&self, on: i32, place: i32) -> [f32; DEALT_DAILY.len()] {
        let (on, place) = (on as f32, place as f32);
        // Each day near a promise or a notice has a bin of its own.
        let (promise, notice) = (place - self.promise, place - self.notice);
        let (promise, notice) = (promise.clamp(-30.0, 31.0), notice.clamp(0.0, 60.0));
        [on - self.dispute, on - self.dispute_closed, promise, notice, on - self.part]
    }
}
