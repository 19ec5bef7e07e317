//! Desks of which nothing but days, amounts and credits decides: no history, no holds, no promises. Most desks of most runs
//! are such, so they are taken in one pass, which can leave out what is said of single items until somebody asks.

use super::desk::Asked;
use super::given::Given;
use super::level::{Due, Standing};
use super::lines::Lines;
use super::minimum::is_enough;
use super::notice::Noticed;
use super::policy::{CreditUse, DunningPolicy, NoticeCurrency, NoticePer, Procedure};
use super::reason::Verdict;
use crate::calendar::CompiledCalendar;
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::{AccountPart, NO_DAY};
use crate::money::Minor;

/// What an item without any notice is due for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    /// 0: none.
    level: u8,
    verdict: Verdict,
}

impl Answer {
    fn of(due: Due) -> Self {
        let level = due.level().map_or(0, |level| u8::try_from(level).unwrap_or(u8::MAX));
        Self { level, verdict: due.verdict() }
    }
}

/// What due days say on one day where nothing was ever sent: looked up around it, computed far away.
pub(super) struct DueDays<'a> {
    rules: &'a Procedure,
    calendar: &'a CompiledCalendar,
    day: i32,
    first: i32,
    /// Whether all are looked up, and an older item has no lower level than a newer one; then what falls due from `none_from` on has
    /// none.
    falling: bool,
    none_from: i32,
    answers: Vec<Answer>,
}

impl<'a> DueDays<'a> {
    /// How many days before and after are looked up.
    const AROUND: i32 = 2048;

    /// For due days between two.
    pub(super) fn new(
        (rules, calendar): (&'a Procedure, &'a CompiledCalendar),
        (first, last): (i32, i32),
        day: i32,
    ) -> Self {
        let answer = |basis: i32| Answer::of(rules.due_for(Standing::first(basis), day, calendar));
        let start = first.max(day.saturating_sub(Self::AROUND));
        let end = last.min(day.saturating_add(Self::AROUND));
        let answers: Vec<Answer> = (start..=end).map(answer).collect();
        let levelled = answers.iter().take_while(|answer| answer.level > 0).count();
        let levels = || answers.iter().map(|answer| answer.level);
        // Of what is not looked up nothing is known before it is asked about.
        let all_known = (start, end) == (first, last);
        let falling = all_known && levels().is_sorted_by(|older, newer| older >= newer);
        let none_from = start.saturating_add(i32::try_from(levelled).unwrap_or(i32::MAX));
        Self { rules, calendar, day, first: start, none_from, falling, answers }
    }

    /// Whether lines of which this is the oldest due day are too young for a notice.
    fn are_too_young(&self, oldest: i32) -> bool {
        let days = || self.rules.count.between(self.calendar, oldest, self.day);
        self.rules.minimum_days.is_some_and(|least| oldest != NO_DAY && days() < least.into())
    }

    /// The level of the oldest debit of a desk, and how many lines there are; none when even that is too young.
    fn of_oldest(&self, due: &[i32], open: &[Minor], lines: u32) -> (u8, u32) {
        let oldest = due.iter().zip(open).find(|(_, open)| **open > 0).map_or(NO_DAY, |(due, _)| *due);
        if self.are_too_young(oldest) { (0, 0) } else { (self.of(oldest).level, lines) }
    }

    #[inline]
    fn of(&self, due: i32) -> Answer {
        // A day before the first one is beyond the last when its sign is taken off.
        let at = usize::try_from(due.wrapping_sub(self.first).cast_unsigned()).unwrap_or(usize::MAX);
        match self.answers.get(at) {
            Some(answer) => *answer,
            None => self.asked(due),
        }
    }

    #[cold]
    fn asked(&self, due: i32) -> Answer {
        Answer::of(self.rules.due_for(Standing::first(due), self.day, self.calendar))
    }
}

/// Who hears what becomes of the items of a desk.
pub(super) trait Told {
    /// An item is on no notice.
    fn skipped(&mut self, at: usize, verdict: Verdict);
    /// So much of an item is asked for, at a level.
    fn line(&mut self, at: usize, level: u8, amount: Minor);
}

/// Nobody listens.
struct Unheard;

impl Told for Unheard {
    fn skipped(&mut self, _: usize, _: Verdict) {}
    fn line(&mut self, _: usize, _: u8, _: Minor) {}
}

/// What becomes of each item is written down.
pub(super) struct Written<'a> {
    pub first: u32,
    pub open: &'a [Minor],
    pub verdicts: &'a mut [Verdict],
    pub lines: &'a mut Lines,
}

impl Told for Written<'_> {
    fn skipped(&mut self, at: usize, verdict: Verdict) {
        if let Some(slot) = self.verdicts.get_mut(at) {
            *slot = verdict;
        }
    }

    fn line(&mut self, at: usize, level: u8, amount: Minor) {
        self.skipped(at, Verdict::Noticed);
        let open = self.open.get(at).copied().unwrap_or(0);
        self.lines.push_part(self.first.saturating_add(count(at)), level.into(), amount, open);
    }
}

/// The items of one account, in the order of their due days, those without one last.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlainDesk<'a> {
    pub first: usize,
    pub due: &'a [i32],
    pub open: &'a [Minor],
}

impl PlainDesk<'_> {
    /// Says of each item what becomes of it, and what its lines ask for together. Credits cover the oldest debits or are left
    /// apart; none is listed.
    pub(super) fn decide(self, given: &Given<'_>, days: &DueDays<'_>, told: &mut impl Told) -> Asked {
        let mut pool = if given.covers { self.pool(given) } else { 0 };
        let (mut asked, mut oldest) = (Asked::default(), NO_DAY);
        for (at, (due, open)) in self.due.iter().zip(self.open).enumerate() {
            if *open < 0 {
                told.skipped(at, given.use_of_credit(self.first.saturating_add(at)).verdict());
                continue;
            }
            let mut amount = *open;
            if pool > 0 {
                let part = Minor::try_from(pool.min((*open).into())).unwrap_or(0);
                pool = pool.saturating_sub(part.into());
                amount = open.saturating_sub(part);
            }
            if amount <= 0 {
                told.skipped(at, Verdict::Covered);
                continue;
            }
            let answer = days.of(*due);
            if answer.level == 0 {
                told.skipped(at, answer.verdict);
                continue;
            }
            oldest = oldest.min(*due);
            asked.add(amount.into(), answer.level.into());
            told.line(at, answer.level, amount);
        }
        Asked { too_young: days.are_too_young(oldest), ..asked }
    }

    /// What the credits of the desk cover.
    fn pool(self, given: &Given<'_>) -> i128 {
        let credits = (self.first..).zip(self.open).filter(|(_, open)| **open < 0);
        let covering = credits.filter(|(item, _)| given.use_of_credit(*item) == CreditUse::Covers);
        covering.fold(0, |pool, (_, open)| pool.saturating_add(i128::from(*open).saturating_abs()))
    }
}

impl CreditUse {
    /// What becomes of a credit that is not listed.
    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::Covers => Verdict::CreditCovers,
            Self::Ignored => Verdict::CreditIgnored,
            Self::Listed | Self::ListedWhenDue => Verdict::CreditUnlisted,
        }
    }
}

/// What [`PlainDesk::decide`] says of all debits of each desk together, where no credit covers any and an older item has no
/// lower level. Where an account ends and what of it is late nothing predicts, so the pass over items has no branch: sums run on
/// from account to account, and what they rise by within one is its own.
struct DeskSums {
    claims: Vec<Minor>,
    lines: Vec<u32>,
    level: Vec<u8>,
}

impl DeskSums {
    /// Items whose running sums are held at once.
    const BLOCK: usize = 1024;

    /// None where an older item may have a lower level, or one word does not hold what an account claims and of how many lines.
    fn of(view: &View, days: &DueDays<'_>) -> Option<Self> {
        let (items, runs) = (&view.items, view.items.runs());
        let packing = Packing::of(items.bits, runs.longest())?;
        if !days.falling {
            return None;
        }
        let room = || Vec::with_capacity(runs.len());
        let mut sums =
            Self { claims: Vec::with_capacity(runs.len()), lines: room(), level: Vec::with_capacity(runs.len()) };
        let mut running = [0_u64; Self::BLOCK];
        let (mut now, mut before, mut block_start, mut start) = (0_u64, 0_u64, 0_usize, 0_usize);
        let mut ends = runs.end.iter().map(|end| place(*end)).peekable();
        for (due, open) in items.due.chunks(Self::BLOCK).zip(items.open.chunks(Self::BLOCK)) {
            for (held, (due, open)) in running.iter_mut().zip(due.iter().zip(open)) {
                let is_line = (*due < days.none_from) & (*open > 0);
                now = now.wrapping_add(if is_line { packing.line(*open) } else { 0 });
                *held = now;
            }
            let block_end = block_start.saturating_add(due.len());
            while let Some(end) = ends.next_if(|end| *end <= block_end) {
                let last = running.get(end.wrapping_sub(block_start).wrapping_sub(1)).copied()?;
                let (claims, lines) = packing.apart(last.wrapping_sub(before));
                let (level, lines) = match lines {
                    0 => (0, 0),
                    lines => days.of_oldest(items.due.get(start..end)?, items.open.get(start..end)?, lines),
                };
                sums.claims.push(claims);
                sums.lines.push(lines);
                sums.level.push(level);
                (before, start) = (last, end);
            }
            block_start = block_end;
        }
        Some(sums)
    }

    fn of_run(&self, run: usize) -> Asked {
        let found = self.claims.get(run).zip(self.lines.get(run)).zip(self.level.get(run));
        found.map_or_else(Asked::default, |((claims, lines), level)| Asked {
            claims: (*claims).into(),
            level: (*level).into(),
            lines: *lines,
            too_young: false,
        })
    }
}

/// What an account claims and its lines in one word: amounts above zero in the low bits, how many in the high ones.
#[derive(Debug, Clone, Copy)]
struct Packing {
    /// One line.
    line: u64,
    claims: u32,
}

impl Packing {
    /// For amounts of so many bits, so many of them in an account; none where a word is too narrow.
    fn of(bits: u32, longest: usize) -> Option<Self> {
        let of_lines = usize::BITS.saturating_sub(longest.leading_zeros());
        let claims = bits.saturating_add(of_lines);
        let fits = claims.saturating_add(of_lines) <= u64::BITS;
        Some(Self { line: 1_u64.checked_shl(claims).filter(|_| fits)?, claims })
    }

    /// A line of so much.
    fn line(self, open: Minor) -> u64 {
        self.line.wrapping_add(open.cast_unsigned())
    }

    /// How much, and how many lines.
    fn apart(self, word: u64) -> (Minor, u32) {
        let claims = (word & self.line.wrapping_sub(1)).cast_signed();
        (claims, u32::try_from(word.wrapping_shr(self.claims)).unwrap_or(u32::MAX))
    }
}

/// The notices of a run whose desks are all plain, in their order, in columns.
#[derive(Debug, Clone, Default)]
pub(super) struct PlainNotices {
    /// The place of the account among the runs of items.
    pub run: Vec<u32>,
    /// Empty where all have the first one.
    procedure: Vec<u32>,
    pub level: Vec<u8>,
    /// How many lines each has.
    pub lines: Vec<u32>,
    pub claims: Vec<Minor>,
}

impl PlainNotices {
    /// Without a word about single items. None where a desk is not plain, or a notice needs its lines: to fall to a lower level, to
    /// charge or to gather; nor where what one claims leaves 64 bits.
    pub(super) fn of(given: &Given<'_>) -> Option<Self> {
        let view = given.view;
        let asks_more = given.lists_credits() || !given.receipts.is_empty() || given.has_lacked();
        if !given.policy.asks_desks_alone() || asks_more {
            return None;
        }
        let runs = view.items.runs();
        let part = |part: AccountPart| runs.part(part, &view.store.accounts);
        let (companies, customers, currencies) =
            (part(AccountPart::Company), part(AccountPart::Customer), part(AccountPart::Currency));
        let controls = part(AccountPart::Control);
        if controls.iter().zip(controls.iter().skip(1)).any(|(one, next)| one != next) {
            return None;
        }
        let days = given.due_days();
        let asks_customers = given.asks_customers();
        let sums = match (days.as_slice(), given.otherwise) {
            ([days], Some(0)) if !asks_customers && !given.covers => DeskSums::of(view, days),
            _ => None,
        };
        if let (Some(sums), [(_, rules)]) = (&sums, given.procedures.as_slice())
            && rules.minimum.is_empty()
        {
            return Some(Self::of_sums(view, sums));
        }
        let mut made = Self::with_room(runs.len());
        for run in view.runs_in_order() {
            let at = place(*run);
            let (_, items) = runs.get(at)?;
            let mut number = given.otherwise;
            if asks_customers {
                let customer = *customers.get(at)?;
                if given.block(customer).is_some() {
                    return None;
                }
                number = given.procedure(customer, *companies.get(at)?);
            }
            let Some(number) = number else { continue };
            let (days, (_, rules)) = (days.get(number)?, given.procedures.get(number)?);
            let asked = match &sums {
                Some(sums) => sums.of_run(at),
                None if given.covers_by_credit(items.clone()) => return None,
                None => {
                    let (due, open) = (view.items.due.get(items.clone())?, view.items.open.get(items.clone())?);
                    PlainDesk { first: items.start, due, open }.decide(given, days, &mut Unheard)
                }
            };
            if asked.lines == 0 || asked.too_young {
                continue;
            }
            if !rules.minimum.is_empty() {
                let desk = (*companies.get(at)?, *currencies.get(at)?);
                if !is_enough(view, desk, &rules.minimum, asked.claims) {
                    continue;
                }
            }
            made.push(*run, number, asked)?;
        }
        Some(made)
    }

    /// Of all accounts that have lines.
    fn of_sums(view: &View, sums: &DeskSums) -> Self {
        let mut made = Self::with_room(sums.lines.len());
        for run in view.runs_in_order() {
            let at = place(*run);
            let lines = sums.lines.get(at).copied().unwrap_or(0);
            if lines > 0 {
                made.run.push(*run);
                made.lines.push(lines);
                made.level.push(sums.level.get(at).copied().unwrap_or(0));
                made.claims.push(sums.claims.get(at).copied().unwrap_or(0));
            }
        }
        made
    }

    fn with_room(notices: usize) -> Self {
        Self {
            run: Vec::with_capacity(notices),
            procedure: Vec::new(),
            level: Vec::with_capacity(notices),
            lines: Vec::with_capacity(notices),
            claims: Vec::with_capacity(notices),
        }
    }

    fn push(&mut self, run: u32, procedure: usize, asked: Asked) -> Option<()> {
        self.claims.push(Minor::try_from(asked.claims).ok()?);
        if procedure > 0 || !self.procedure.is_empty() {
            self.procedure.resize(self.run.len(), 0);
            self.procedure.push(count(procedure));
        }
        self.run.push(run);
        self.level.push(u8::try_from(asked.level).ok()?);
        self.lines.push(asked.lines);
        Some(())
    }

    /// The procedure of each.
    #[cfg(feature = "arrow")]
    pub(super) fn procedures(&self) -> Vec<u32> {
        if self.procedure.is_empty() { vec![0; self.run.len()] } else { self.procedure.clone() }
    }

    fn procedure(&self, notice: usize) -> u32 {
        self.procedure.get(notice).copied().unwrap_or(0)
    }

    /// One by one.
    pub(super) fn noticed(&self, view: &View) -> Vec<Noticed> {
        let mut lines = 0_u32;
        let columns = self.run.iter().zip(&self.level).zip(&self.lines).zip(&self.claims).enumerate();
        let noticed = columns.map(|(at, (((run, level), own), claims))| {
            let from = lines;
            lines = lines.saturating_add(*own);
            let account = view.items.runs().get(place(*run)).map_or(NONE, |(account, _)| account);
            let asked = Asked { claims: (*claims).into(), level: (*level).into(), lines: *own, too_young: false };
            Noticed::plain(view.store.account(account), self.procedure(at), asked, (from, lines))
        });
        noticed.collect()
    }
}

impl DunningPolicy {
    /// Whether each desk has its own notice, and what its lines ask for is all that a notice is decided on.
    fn asks_desks_alone(&self) -> bool {
        let by_desk = self.notice_per == NoticePer::Customer && self.currency == NoticeCurrency::Document;
        by_desk && self.interest.is_none() && self.procedures.values().all(Procedure::asks_desks_alone)
    }
}

impl Procedure {
    fn asks_desks_alone(&self) -> bool {
        !self.levels.iter().any(|level| level.has_minimum() || level.notice_fee.is_some() || level.line_fee.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_holds_claims_and_lines_or_is_refused() {
        for (bits, longest) in [(0, 0), (1, 1), (31, 7), (62, 1), (40, 4095), (32, 65_535)] {
            let packing = Packing::of(bits, longest).unwrap();
            let most = 1_i64.wrapping_shl(bits).saturating_sub(1);
            let all = (0..longest).fold(0_u64, |sum, _| sum.wrapping_add(packing.line(most)));
            let lines = u32::try_from(longest).unwrap();
            assert_eq!(packing.apart(all), (most.saturating_mul(lines.into()), lines), "{bits} bits, {longest} lines");
        }
        for (bits, longest) in [(63, 1), (62, 2), (41, 4096), (64, 0), (0, usize::MAX)] {
            assert!(Packing::of(bits, longest).is_none(), "{bits} bits, {longest} lines");
        }
    }
}
