//! What does a notice charge beside what is owed? Fees for it and for its lines, interest, compensation.

use rustc_hash::FxHashMap;

use super::desk::Line;
use super::fee::{FeeInCurrency, FeeOf, FeeOnce, FeePolicy, percent_of};
use super::given::Given;
use super::history::History;
use super::notice::Noticed;
use super::policy::{Level, Procedure};
use crate::calendar::Day;
use crate::interest::balance::OverdueItem;
use crate::interest::{CompensationPer, CompiledInterest, MinimumPer};
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::schedule;
use crate::ledger::store::NO_DAY;
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
    history: &'a History,
    interest: Option<CompiledInterest>,
}

/// The interest of a line, in the currency of its document.
#[derive(Debug, Clone, Copy, Default)]
struct LineInterest {
    accrued: Minor,
    debt: Minor,
}

impl<'a> Charges<'a> {
    pub(super) fn new(given: &'a Given<'a>, history: &'a History) -> Result<Self, Refused> {
        let interest = match &given.policy.interest {
            Some(policy) => Some(policy.compile().map_err(super::policy::below_interest)?),
            None => None,
        };
        Ok(Self { given, history, interest })
    }

    /// Puts the charges of its level on a notice, and on its lines those of theirs.
    pub(super) fn put_on(&self, notice: &mut Noticed, rules: &Procedure, lines: &[Line]) -> Result<(), Refused> {
        let level_of = |line: &Line| rules.level(line.level);
        if let Some(fee) = rules.level(notice.level).and_then(|level| level.notice_fee.as_ref()) {
            let mut base = 0_i128;
            for line in lines {
                base = base.saturating_add(self.base_of(fee, notice, line)?.into());
            }
            let base = Minor::try_from(base).map_err(|_| too_large())?;
            (notice.fee, notice.fee_tax) = self.fee(fee, notice, base)?;
        }
        let charges = |level: &Level| level.line_fee.is_some() || level.interest || level.compensation;
        if !lines.iter().filter_map(level_of).any(charges) {
            return Ok(());
        }
        let mut all = vec![LineCharge::default(); lines.len()];
        for (line, charge) in lines.iter().zip(&mut all) {
            let Some(level) = level_of(line) else { continue };
            if let Some(fee) = level.line_fee.as_ref().filter(|fee| self.is_due(fee, line)) {
                let base = self.base_of(fee, notice, line)?;
                (charge.fee, charge.fee_tax) = self.fee(fee, notice, base)?;
            }
        }
        if let Some(interest) = &self.interest {
            self.put_interest_on(interest, notice, rules, lines, &mut all)?;
        }
        for charge in &all {
            notice.line_fees = notice.line_fees.saturating_add(charge.fee.into()).saturating_add(charge.fee_tax.into());
            notice.interest = notice.interest.saturating_add(charge.interest.into());
            notice.compensation = notice.compensation.saturating_add(charge.compensation.into());
        }
        notice.charges = all;
        Ok(())
    }

    /// Document and instalment of a line.
    fn of(&self, line: &Line) -> (u32, u32) {
        let items = &self.given.view.items;
        let at = place(line.item);
        (items.document.get(at).copied().unwrap_or(NONE), items.instalment(at))
    }

    fn is_due(&self, fee: &FeePolicy, line: &Line) -> bool {
        let (document, instalment) = self.of(line);
        fee.once == FeeOnce::PerNotice || !self.history.lines(document, instalment).any(|sent| sent.level == line.level)
    }

    /// What a fee on a line is taken of, in the currency of the notice.
    fn base_of(&self, fee: &FeePolicy, notice: &Noticed, line: &Line) -> Result<Minor, Refused> {
        if fee.of == FeeOf::Amount {
            return notice.shown(self.given.view, line.item, line.amount);
        }
        let view = self.given.view;
        let (document, instalment) = self.of(line);
        let found = view.store.documents.find(document);
        let whole = found.and_then(|(piece, row)| piece.amount.get(row)).copied().unwrap_or(0);
        let part = match instalment {
            0 => None,
            number => schedule::in_force(&view.store, document, view.stood_on(), view.known_on)
                .into_iter()
                .find(|row| row.number == number)
                .map(|row| row.amount),
        };
        notice.shown(view, line.item, part.unwrap_or(whole))
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

    fn put_interest_on(
        &self,
        interest: &CompiledInterest,
        notice: &Noticed,
        rules: &Procedure,
        lines: &[Line],
        all: &mut [LineCharge],
    ) -> Result<(), Refused> {
        let view = self.given.view;
        let level_of = |line: &Line| rules.level(line.level);
        let mut accrued: Vec<LineInterest> = Vec::with_capacity(lines.len());
        let mut of_account: FxHashMap<u32, i128> = FxHashMap::default();
        for line in lines {
            let asks = level_of(line).is_some_and(|level| level.interest || level.compensation);
            let own = if asks { self.accrued(interest, line)? } else { LineInterest::default() };
            let sum = of_account.entry(self.account(line)).or_default();
            *sum = sum.saturating_add(own.accrued.into());
            accrued.push(own);
        }
        for ((line, own), charge) in lines.iter().zip(&accrued).zip(all.iter_mut()) {
            if !level_of(line).is_some_and(|level| level.interest) {
                continue;
            }
            let account = self.account(line);
            let asked = match interest.policy().minimum_per {
                MinimumPer::Item => own.accrued.into(),
                MinimumPer::Account => of_account.get(&account).copied().unwrap_or(0),
            };
            let Some(currency) = view.store.currency(view.store.account(account).currency) else { continue };
            // What is too little now is asked for with what follows.
            if own.accrued == 0 || !interest.is_below_minimum(currency, asked) {
                charge.interest = notice.shown(view, line.item, own.accrued)?;
                charge.interest_until = view.day().number();
            }
        }
        self.compensate(interest, notice, rules, (lines, &accrued), all)
    }

    /// Gives the fixed sums: to each item, or to the first of the notice for all of them, when none was given before.
    fn compensate(
        &self,
        interest: &CompiledInterest,
        notice: &Noticed,
        rules: &Procedure,
        (lines, accrued): (&[Line], &[LineInterest]),
        all: &mut [LineCharge],
    ) -> Result<(), Refused> {
        let Some(per) = interest.policy().compensation.as_ref().map(|compensation| compensation.per) else {
            return Ok(());
        };
        let asks = |level: u32| rules.level(level).is_some_and(|level| level.compensation);
        let had = |line: &Line| {
            let (document, instalment) = self.of(line);
            self.history.lines(document, instalment).any(|sent| asks(sent.level))
        };
        let mut first = true;
        let claim = lines.iter().zip(accrued).filter(|(line, _)| asks(line.level));
        let debt_of_all: i128 = claim.map(|(_, own)| i128::from(own.debt)).sum();
        let any_had = per == CompensationPer::Claim && lines.iter().any(had);
        for ((line, own), charge) in lines.iter().zip(accrued).zip(all) {
            if !asks(line.level) || own.debt <= 0 || any_had || had(line) {
                continue;
            }
            let debt = match per {
                CompensationPer::Invoice => own.debt.into(),
                CompensationPer::Claim if first => debt_of_all,
                CompensationPer::Claim => continue,
            };
            first = false;
            let view = self.given.view;
            let currency = view.store.currency(view.store.account(self.account(line)).currency);
            let sum = currency.map_or(0, |currency| interest.compensation(currency, debt));
            charge.compensation = notice.shown(view, line.item, sum)?;
        }
        Ok(())
    }

    /// The account of a line.
    fn account(&self, line: &Line) -> u32 {
        self.given.view.items.account.get(place(line.item)).copied().unwrap_or(NONE)
    }

    fn accrued(&self, interest: &CompiledInterest, line: &Line) -> Result<LineInterest, Refused> {
        let nothing = LineInterest::default();
        let view = self.given.view;
        let at = place(line.item);
        let kind = view.document_row(at).and_then(|(piece, row)| piece.kind.get(row).copied());
        if !kind.is_some_and(|kind| interest.policy().kinds.contains(&kind)) {
            return Ok(nothing);
        }
        let Some(due) = view.due_day(at).filter(|due| *due < view.day()) else { return Ok(nothing) };
        let (document, instalment) = self.of(line);
        let item = OverdueItem {
            account: self.account(line),
            document,
            instalment,
            due,
            open: view.items.open.get(at).copied().unwrap_or(0),
            disputed: view.marks().disputed.get(&count(at)).copied().unwrap_or(0),
        };
        let charged = self.history.interest_until(document, instalment).and_then(|day| Day::new(day).ok());
        let accrued = view.accrued_on(interest, &item, charged).map_err(|error| {
            Refused::from(Problem::new(error.code(), error.to_string()).field(&format!("interest.{}", error.field())))
        })?;
        Ok(LineInterest { accrued: accrued.amount, debt: accrued.debt })
    }
}

fn too_large() -> Refused {
    Problem::new("too_large", "expected charges within the range of money").into()
}
