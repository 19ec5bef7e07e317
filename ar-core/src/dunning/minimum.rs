//! Is there enough at a level for it to be told, and anything new? Lines fall to the level below where they are too little.

use super::lines::Line;
use super::notice::{Maker, Noticed, Place};
use super::policy::{MinimumCredits, MinimumOf, MoneyLimit, NoticeCurrency, Procedure, Unchanged};
use super::reason::Verdict;
use crate::ledger::View;
use crate::ledger::layers::{NONE, place};
use crate::money::{Exact, Minor};
use crate::problem::Refused;

impl Maker<'_> {
    /// Lets the lines of a level fall to the one below where they and those above are too little, from the highest level down, and
    /// drops them where nothing is new; false when that asks for nothing.
    pub(super) fn let_fall(&mut self, notice: &mut Noticed, of: Place, credits: &[u32]) -> Result<bool, Refused> {
        let Some(rules) = self.given.rules(notice.procedure) else { return Ok(false) };
        let has_minima = rules.levels.iter().any(super::policy::Level::has_minimum);
        let asks_for_news = rules.unchanged == Unchanged::WithNew && !self.history.is_empty();
        if !has_minima && !asks_for_news {
            return Ok(false);
        }
        let mut lines: Vec<Line> = self.made.items.lines.range(notice.lines()).collect();
        let mut fallen: Vec<u32> = Vec::new();
        let highest = lines.iter().map(|line| line.level).max().unwrap_or(0);
        for level in (1..=highest).rev().filter(|_| has_minima) {
            let Some(rule) = rules.level(level) else { break };
            if !lines.iter().any(|line| line.level == level)
                || self.holds((rules, rule), notice, (of, credits), &lines, level)?
            {
                continue;
            }
            let below = level.saturating_sub(1);
            let stays = asks_for_news || rules.level(below).is_some_and(|level| level.always);
            for line in lines.iter_mut().filter(|line| line.level == level) {
                line.level = below;
                fallen.push(line.item);
                let previous = self.previous(line);
                if below == 0 || below < previous || (below == previous && !stays) {
                    line.level = 0;
                    self.made.set(line.item, Verdict::BelowMinimum);
                }
            }
            lines.retain(|line| line.level > 0);
        }
        let is_new = |line: &Line| {
            let previous = self.previous(line);
            !self.beside.contains(&line.item) && (line.level > previous || rules.repeats(previous))
        };
        if asks_for_news && !lines.iter().any(is_new) {
            for line in &lines {
                let fell = fallen.contains(&line.item);
                let verdict = if fell { Verdict::BelowMinimum } else { rules.stays(self.previous(line)) };
                self.made.set(line.item, verdict);
            }
            lines.clear();
        }
        let start = notice.lines().start;
        notice.put_lines(start..start.saturating_add(lines.len()));
        self.made.items.lines.overwrite(start, &lines);
        Ok(true)
    }

    fn previous(&self, line: &Line) -> u32 {
        self.history.previous(self.given.view, self.given.policy.unit, line.item)
    }

    /// Whether the lines at a level and above are as much as the level asks for.
    fn holds(
        &mut self,
        (rules, rule): (&Procedure, &super::policy::Level),
        notice: &Noticed,
        (of, credits): (Place, &[u32]),
        lines: &[Line],
        level: u32,
    ) -> Result<bool, Refused> {
        let view = self.given.view;
        let (mut sum, mut number) = (0_i128, 0_u32);
        let counts = |line: &&Line| line.level == level || (line.level > level && rules.minimum_of != MinimumOf::Level);
        for line in lines.iter().filter(counts) {
            sum = sum.saturating_add(notice.shown(view, line.item, line.amount)?.into());
            number = number.saturating_add(1);
        }
        let deducts = rules.minimum_credits == MinimumCredits::Deducted;
        if deducts && (!rule.minimum.is_empty() || rule.minimum_percent.is_some()) {
            for item in credits.iter().map(|item| place(*item)) {
                let account = view.store.account(view.items.account.get(item).copied().unwrap_or(NONE));
                let open = view.items.open.get(item).copied().unwrap_or(0);
                let shown = match account.currency == notice.currency {
                    true => open,
                    false => view.exchange(account.currency, notice.currency)?.apply(open)?,
                };
                sum = sum.saturating_add(shown.into());
            }
        }
        if !is_enough(view, (notice.company, notice.currency), &rule.minimum, sum)
            || rule.minimum_count.is_some_and(|least| number < least)
        {
            return Ok(false);
        }
        match rule.minimum_percent {
            Some(percent) => Ok(is_share(sum, percent, self.all_open(of, deducts)?)),
            None => Ok(true),
        }
    }

    /// All open debits of an addressee in a company, less the credits where they are deducted: in the currency of the notice, or
    /// of all, where amounts are converted.
    fn all_open(&mut self, of: Place, deducts: bool) -> Result<i128, Refused> {
        let view = self.given.view;
        let mut sum = 0_i128;
        let accounts = self.accounts;
        if self.of_addressee.is_empty() {
            for (at, (account, _)) in accounts.iter().enumerate() {
                let parts = view.store.account(*account);
                let addressee = self.addressee(parts.customer);
                self.of_addressee.entry((parts.company, addressee)).or_default().push(at);
            }
        }
        let own = self.of_addressee.get(&(of.company, of.customer)).map_or(&[][..], Vec::as_slice);
        let converts = self.given.policy.currency != NoticeCurrency::Document;
        for (account, items) in own.iter().filter_map(|at| accounts.get(*at)) {
            let parts = view.store.account(*account);
            if !converts && parts.currency != of.currency {
                continue;
            }
            let open = items.clone().zip(view.items.open.get(items.clone()).unwrap_or_default());
            let (given, today) = (self.given, self.today);
            // What this day's own notices have charged is no part of what they are about.
            let is_own = |item: usize, open: Minor| open > 0 && given.is_charge_of_today(today, item);
            let counted = open.filter(|(item, open)| (deducts || **open > 0) && !is_own(*item, **open));
            // Where nothing is open no rate is needed.
            let is_same = parts.currency == of.currency || counted.clone().next().is_none();
            let rate = if is_same { None } else { Some(view.exchange(parts.currency, of.currency)?) };
            for (_, open) in counted {
                let shown = match rate {
                    Some(rate) => rate.apply(*open)?,
                    None => *open,
                };
                sum = sum.saturating_add(shown.into());
            }
        }
        Ok(sum.max(0))
    }
}

impl super::policy::Level {
    pub(super) fn has_minimum(&self) -> bool {
        !self.minimum.is_empty() || self.minimum_percent.is_some() || self.minimum_count.is_some()
    }
}

/// Whether an amount of a company in a currency is as much as a limit asks: in that currency, else in the base currency.
pub(super) fn is_enough(view: &View, (company, currency): (u32, u32), limits: &[MoneyLimit], amount: i128) -> bool {
    if limits.is_empty() {
        return true;
    }
    let store = &view.store;
    let limit = |number: u32| {
        let currency = store.currency(number)?;
        let found = limits.iter().find(|limit| limit.currency == currency.code.as_str())?;
        Some((found.amount, currency.exponent))
    };
    if let Some((least, exponent)) = limit(currency) {
        return least.cmp_minor(amount, exponent).is_le();
    }
    let Some(base) = store.base_currency(company) else { return true };
    let (Some((least, exponent)), Ok(rate)) = (limit(base), view.exchange(currency, base)) else {
        return true;
    };
    let converted = Minor::try_from(amount).ok().and_then(|amount| rate.apply(amount).ok());
    converted.is_none_or(|converted| least.cmp_minor(converted.into(), exponent).is_le())
}

/// Whether an amount is such a part of all, in per cent.
fn is_share(amount: i128, percent: Exact, all: i128) -> bool {
    let power = 10_i128.checked_pow(u32::from(percent.scale()));
    let own = power.and_then(|power| power.checked_mul(100)).and_then(|by| amount.checked_mul(by));
    match (own, all.checked_mul(percent.units())) {
        (Some(own), Some(least)) => own >= least,
        _ => true,
    }
}
