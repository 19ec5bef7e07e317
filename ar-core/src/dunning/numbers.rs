//! What a run says as numbers of its ledger, for columns that are made without a text per row.

use super::report::DunningRun;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::{AccountPart, Store};
use crate::money::Minor;
use crate::problem::Refused;

/// Lines of notices by number of their document.
pub(crate) struct LineNumbers {
    pub document: Vec<u32>,
    /// Empty when no item is one of several instalments.
    pub instalment: Vec<u32>,
    pub level: Vec<u8>,
}

/// Notices by the numbers that the ledger gives what they name.
pub(crate) struct ClaimNumbers {
    pub company: Vec<u32>,
    pub customer: Vec<u32>,
    pub currency: Vec<u32>,
    pub procedure: Vec<u32>,
    pub level: Vec<u8>,
    pub lines: Vec<u32>,
    pub claims: Claims,
}

/// Minor units, as wide as they must be.
pub(crate) enum Claims {
    Narrow(Vec<Minor>),
    Wide(Vec<i128>),
}

impl ClaimNumbers {
    fn with_room(notices: usize) -> Self {
        let room = || Vec::with_capacity(notices);
        Self {
            company: room(),
            customer: room(),
            currency: room(),
            procedure: room(),
            level: Vec::with_capacity(notices),
            lines: room(),
            claims: Claims::Narrow(Vec::new()),
        }
    }
}

impl DunningRun {
    /// The lines by the numbers that the ledger gives its documents.
    pub(crate) fn level_numbers(&self) -> Result<LineNumbers, Refused> {
        let items = &self.inner.view.items;
        let (of_lines, levels) = self.inner.items()?.lines.columns();
        let document = of_lines.iter().map(|item| items.document.get(place(*item)).copied().unwrap_or(NONE));
        let instalments = match items.instalment.is_empty() {
            true => Vec::new(),
            false => of_lines.iter().map(|item| items.instalment(place(*item))).collect(),
        };
        Ok(LineNumbers { document: document.collect(), instalment: instalments, level: levels.collect() })
    }

    /// By notice what it is about and what it claims.
    pub(crate) fn claim_numbers(&self) -> ClaimNumbers {
        let inner = &*self.inner;
        let mut numbers = ClaimNumbers::with_room(self.len());
        if let Some(plain) = &inner.plain {
            let runs = inner.view.items.runs();
            let part = |part: AccountPart| {
                let of_runs = runs.part(part, &inner.view.store.accounts);
                let first = of_runs.first().copied().unwrap_or(NONE);
                if of_runs.iter().fold(true, |same, other| same & (*other == first)) {
                    return vec![first; plain.run.len()];
                }
                plain.run.iter().map(|run| of_runs.get(place(*run)).copied().unwrap_or(NONE)).collect()
            };
            numbers.company = part(AccountPart::Company);
            numbers.customer = part(AccountPart::Customer);
            numbers.currency = part(AccountPart::Currency);
            numbers.procedure = plain.procedures();
            (numbers.level, numbers.lines) = (plain.level.clone(), plain.lines.clone());
            numbers.claims = Claims::Narrow(plain.claims.clone());
            return numbers;
        }
        let mut claims = Vec::with_capacity(self.len());
        for notice in inner.notices() {
            numbers.company.push(notice.company);
            numbers.customer.push(notice.customer);
            numbers.currency.push(notice.currency);
            numbers.procedure.push(notice.procedure);
            numbers.level.push(u8::try_from(notice.level).unwrap_or(u8::MAX));
            numbers.lines.push(count(notice.lines().len()));
            claims.push(notice.claims);
        }
        let narrow: Option<Vec<Minor>> = claims.iter().map(|claims| Minor::try_from(*claims).ok()).collect();
        numbers.claims = narrow.map_or(Claims::Wide(claims), Claims::Narrow);
        numbers
    }

    /// The names of procedures, by number.
    pub(crate) fn procedures(&self) -> Vec<&str> {
        self.inner.policy.procedures.keys().map(String::as_str).collect()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.view.store
    }
}
