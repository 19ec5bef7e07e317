//! What does a notice charge beside what is owed? Fees for it and for its lines, interest, compensation.

use rustc_hash::{FxHashMap, FxHashSet};

use super::fee::{FeeInCurrency, FeeOf, FeeOnce, FeePolicy, percent_of};
use super::given::Given;
use super::lines::{Line, Lines};
use super::notice::Noticed;
use super::policy::{ChargeUse, Level, Procedure};
use super::restart::Before;
use crate::calendar::Day;
use crate::interest::CompiledInterest;
use crate::interest::balance::OverdueItem;
use crate::interest::report::Reckoned;
use crate::ledger::layers::{NONE, place};
use crate::ledger::store::NO_DAY;
use crate::ledger::{DocumentKind, View, schedule};
use crate::money::{Currency, Minor};
use crate::problem::{Problem, Refused};

/// What is charged on a line, in the currency of the notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineCharge {
    pub fee: Minor,
    pub fee_tax: Minor,
    pub interest: Minor,
    pub compensation: Minor,
    /// `NO_DAY`: no interest.
    pub interest_until: i32,
}

impl Default for LineCharge {
    fn default() -> Self {
        Self { fee: 0, fee_tax: 0, interest: 0, compensation: 0, interest_until: NO_DAY }
    }
}

pub(super) struct Charges<'a> {
    given: &'a Given<'a>,
    history: &'a Before,
    interest: Option<CompiledInterest>,
    /// What credits cover of an item, and from which day on.
    covered: FxHashMap<(u32, u32), Vec<(Day, Minor)>>,
    /// The documents that a fixed sum was charged for.
    compensated: FxHashSet<u32>,
}

impl<'a> Charges<'a> {
    /// `covered` says of items what credits cover, and from which day on.
    pub(super) fn new(
        given: &'a Given<'a>,
        history: &'a Before,
        covered: &FxHashMap<u32, Vec<(i32, Minor)>>,
    ) -> Result<Self, Refused> {
        let interest = given.policy.undisputed_interest()?;
        let items = &given.view.items;
        let parts = covered.iter().map(|(item, parts)| {
            let at = place(*item);
            let days = parts.iter().filter_map(|(day, part)| Some((Day::new(*day).ok()?, *part)));
            ((items.document.get(at).copied().unwrap_or(NONE), items.instalment(at)), days.collect())
        });
        let asks = given.policy.charges == ChargeUse::Posted && interest.is_some();
        let sums = if asks { history.sums_charged(given) } else { Vec::new() };
        let compensated = sums.into_iter().flat_map(|(_, documents)| documents).collect();
        Ok(Self { given, history, interest, covered: parts.collect(), compensated })
    }

    /// Puts the charges of its level on a notice, and on its lines those of theirs.
    pub(super) fn put_on(&self, notice: &mut Noticed, rules: &Procedure, lines: &Lines) -> Result<(), Refused> {
        if !rules.levels.iter().any(|level| level.notice_fee.is_some() || level.line_fee.is_some()) {
            return Ok(());
        }
        let lines: Vec<Line> = lines.range(notice.lines()).collect();
        let level_of = |line: &Line| rules.level(line.level);
        let fee = rules.level(notice.level).and_then(|level| level.notice_fee.as_ref());
        let is_asked = |fee: &&FeePolicy| {
            lines.iter().any(|line| self.bears_fees(line)) && self.is_notice_fee_due(fee, notice.level, &lines)
        };
        if let Some(fee) = fee.filter(is_asked) {
            let mut base = 0_i128;
            for line in lines.iter().filter(|line| self.bears_fees(line)) {
                base = base.saturating_add(self.base_of(fee, notice, line)?.into());
            }
            if fee.of == FeeOf::Amount {
                // Listed credits are below zero.
                let credits =
                    notice.more().listed.iter().fold(base, |sum, (_, shown)| sum.saturating_add((*shown).into()));
                base = credits.max(0);
            }
            let base = Minor::try_from(base).map_err(|_| too_large())?;
            let (fee, tax) = self.fee(fee, notice, base)?;
            let more = notice.more_mut();
            (more.fee, more.fee_tax) = (fee, tax);
        }
        if !lines.iter().filter_map(level_of).any(|level: &Level| level.line_fee.is_some()) {
            return Ok(());
        }
        let mut all = vec![LineCharge::default(); lines.len()];
        for (line, charge) in lines.iter().zip(&mut all) {
            let Some(level) = level_of(line) else { continue };
            if let Some(fee) = level.line_fee.as_ref().filter(|fee| self.is_due(fee, line) && self.bears_fees(line)) {
                let base = self.base_of(fee, notice, line)?;
                (charge.fee, charge.fee_tax) = self.fee(fee, notice, base)?;
            }
        }
        let more = notice.more_mut();
        for charge in &all {
            more.line_fees = more.line_fees.saturating_add(charge.fee.into()).saturating_add(charge.fee_tax.into());
        }
        more.charges = all;
        Ok(())
    }

    /// Document and instalment of a line.
    fn of(&self, line: &Line) -> (u32, u32) {
        let items = &self.given.view.items;
        let at = place(line.item);
        (items.document.get(at).copied().unwrap_or(NONE), items.instalment(at))
    }

    /// Charges bear none: a fee for a fee would never end.
    fn bears_fees(&self, line: &Line) -> bool {
        let found = self.given.view.document_row(place(line.item));
        found.and_then(|(piece, row)| piece.kind.get(row)).is_none_or(|kind| *kind != DocumentKind::Charge)
    }

    fn is_due(&self, fee: &FeePolicy, line: &Line) -> bool {
        let per_level = fee.once.unwrap_or(FeeOnce::PerLevel) == FeeOnce::PerLevel;
        let was_told = per_level && self.was_at(line, line.level);
        !was_told && !self.history.keeps_fee(self.of(line), per_level, |kept| kept.is_line_fee(line.level))
    }

    /// Whether a notice was about the item of a line at a level.
    fn was_at(&self, line: &Line, level: u32) -> bool {
        let (document, instalment) = self.of(line);
        self.history.lines_in_time(document, instalment).any(|sent| sent.level == level)
    }

    /// Whether a notice at a level bears its fee: not when the same was charged with a notice that is withdrawn; and once at a level
    /// only when something stands at it for the first time.
    fn is_notice_fee_due(&self, fee: &FeePolicy, level: u32, lines: &[Line]) -> bool {
        let per_level = fee.once.unwrap_or(FeeOnce::PerNotice) == FeeOnce::PerLevel;
        let is_new = |line: &Line| line.level == level && !self.was_at(line, level);
        (!per_level || lines.iter().any(is_new))
            && !lines
                .iter()
                .any(|line| self.history.keeps_fee(self.of(line), per_level, |kept| kept.is_notice_fee(level)))
    }

    /// What a fee on a line is taken of, in the currency of the notice.
    fn base_of(&self, fee: &FeePolicy, notice: &Noticed, line: &Line) -> Result<Minor, Refused> {
        if fee.of == FeeOf::Amount {
            return notice.shown(self.given.view, line.item, line.amount);
        }
        let (document, instalment) = self.of(line);
        notice.shown(self.given.view, line.item, whole_of(self.given.view, document, instalment))
    }

    /// A fee and its tax: of the currency of the notice, else of the base currency at the latest rate, else none.
    fn fee(&self, fee: &FeePolicy, notice: &Noticed, base: Minor) -> Result<(Minor, Minor), Refused> {
        let view = self.given.view;
        let entry = |number: u32| -> Option<(&FeeInCurrency, Currency)> {
            let currency = view.store.currency(number)?;
            Some((fee.of_currency(currency.code.as_str())?, currency))
        };
        let (entry, amount) = if let Some((entry, currency)) = entry(notice.currency) {
            (entry, fee.charge(entry, base, currency.exponent).ok_or_else(too_large)?)
        } else {
            let of_base = view.store.base_currency(notice.company).and_then(|base| Some((base, entry(base)?)));
            let Some((to, (entry, currency))) = of_base else { return Ok((0, 0)) };
            let Ok(rate) = view.exchange(notice.currency, to) else { return Ok((0, 0)) };
            let there = fee.charge(entry, rate.apply(base)?, currency.exponent).ok_or_else(too_large)?;
            (entry, rate.back(there)?)
        };
        let tax = match entry.tax_percent {
            Some(percent) => percent_of(amount, percent).ok_or_else(too_large)?,
            None => 0,
        };
        Ok((amount, tax))
    }

    /// Puts interest and compensation on the lines of all notices: what one question about their documents gives each.
    pub(super) fn put_interest_on(&self, notices: &mut [Noticed], lines: &Lines) -> Result<(), Refused> {
        let Some(policy) = &self.interest else { return Ok(()) };
        let accrued = self.reckoned(policy, notices, lines, |level| level.interest)?;
        let accrued: FxHashMap<(u32, u32), Minor> = accrued
            .into_iter()
            .filter(|one| one.rule == "interest.accrued")
            .map(|one| ((one.item.document, one.item.instalment), one.interest))
            .collect();
        let mut sums: FxHashMap<u32, Minor> = FxHashMap::default();
        for one in self.reckoned(policy, notices, lines, |level| level.compensation)? {
            let sum = sums.entry(one.item.document).or_default();
            *sum = sum.checked_add(one.compensation).ok_or_else(too_large)?;
        }
        if accrued.is_empty() && sums.is_empty() {
            return Ok(());
        }
        let view = self.given.view;
        for notice in notices {
            let own = lines.range(notice.lines());
            let mut charges = std::mem::take(&mut notice.more_mut().charges);
            charges.resize(own.len(), LineCharge::default());
            let (mut interests, mut compensations) = (0_i128, 0_i128);
            for (line, charge) in own.zip(&mut charges) {
                let Some(level) = self.level(notice, &line) else { continue };
                let (document, instalment) = self.of(&line);
                if let Some(interest) = accrued.get(&(document, instalment)).filter(|_| level.interest) {
                    charge.interest = notice.shown(view, line.item, *interest)?;
                    // Days that came to nothing are not charged: with those after them they may come to something.
                    let is_charged = charge.interest > 0 && !self.is_shown();
                    charge.interest_until = if is_charged { view.day().number() } else { NO_DAY };
                }
                // The first line of a document has it.
                if let Some(sum) = level.compensation.then(|| sums.remove(&document)).flatten() {
                    charge.compensation = notice.shown(view, line.item, sum)?;
                }
                interests = interests.saturating_add(charge.interest.into());
                compensations = compensations.saturating_add(charge.compensation.into());
            }
            let more = notice.more_mut();
            (more.interest, more.compensation, more.charges) = (interests, compensations, charges);
        }
        Ok(())
    }

    /// Whether charges stand on notices alone, so that nothing is charged already.
    fn is_shown(&self) -> bool {
        self.given.policy.charges == ChargeUse::Shown
    }

    fn level(&self, notice: &Noticed, line: &Line) -> Option<&'a Level> {
        self.given.rules(notice.procedure).and_then(|rules| rules.level(line.level))
    }

    /// What the documents of the lines at some levels bear.
    fn reckoned(
        &self,
        policy: &CompiledInterest,
        notices: &[Noticed],
        lines: &Lines,
        asks: impl Fn(&Level) -> bool,
    ) -> Result<Vec<Reckoned>, Refused> {
        let view = self.given.view;
        let mut documents: FxHashSet<u32> = FxHashSet::default();
        for notice in notices {
            let own = lines.range(notice.lines());
            let asked = own.filter(|line| self.level(notice, line).is_some_and(&asks));
            documents.extend(asked.map(|line| self.of(&line).0));
        }
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let mut items = view.overdue_items(policy.policy());
        items.retain(|item| documents.contains(&item.document));
        for item in &mut items {
            item.covered = self.covered.get(&(item.document, item.instalment)).cloned().unwrap_or_default();
            if !self.is_shown() {
                self.history.put_charged_on(view, self.given.policy.charged_interest, item);
            }
        }
        let is_compensated = |document: u32| {
            let mut all = self.history.left_of(document, 0);
            all.any(|(document, _)| self.compensated.contains(&document))
        };
        let compensated = items.iter().map(|item| item.document).filter(|document| is_compensated(*document)).collect();
        let until = |item: &OverdueItem| {
            let charged = !self.is_shown();
            let last = charged.then(|| self.history.interest_until(item.document, item.instalment)).flatten();
            last.and_then(|day| Day::new(day).ok())
        };
        items.retain(|item| !view.lacks_rate(policy, item, until(item)));
        view.reckoned(policy, items, until, &compensated)
    }
}

/// What a document, or its instalment in the schedule in force, was for.
pub(super) fn whole_of(view: &View, document: u32, instalment: u32) -> Minor {
    let part = match instalment {
        0 => None,
        number => schedule::in_force(&view.store, document, view.stood_on(), view.known_on)
            .into_iter()
            .find(|row| row.number == number)
            .map(|row| row.amount),
    };
    let found = view.store.documents.find(document);
    let whole = || found.and_then(|(piece, row)| piece.amount.get(row)).copied().unwrap_or(0);
    part.unwrap_or_else(whole)
}

fn too_large() -> Refused {
    Problem::new("too_large", "expected charges within the range of money").into()
}
