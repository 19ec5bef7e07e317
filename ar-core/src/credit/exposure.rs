//! What is every customer, or family, exposed to, part by part? One pass over the open items of a view.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::given::Given;
use super::limit;
use super::part::{self, Parts};
use super::policy::{CreditPolicy, Currencies};
use super::report::decimal;
use super::standing::{Line, Pool, Standing, add_covers, add_pledges, in_force, lines_of};
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::running::kind_of;
use crate::ledger::settings::InstalmentSign;
use crate::ledger::store::{Attribute, CreditLineKind, NO_BASE};
use crate::made_by::MadeBy;
use crate::money::ratio_text;
use crate::problem::{Problem, Refused};
use crate::words::words;

words! {
    /// What has a row.
    ExposurePer {
        Customer "customer" /** Each customer. */,
        Family "family" /** A top parent with all below it. */,
    }
}

/// The exposure of a customer, or of a family under its top parent.
///
/// **Currency**: all amounts in `currency`. **Sign**: what is owed is above zero, what lowers it below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureRow {
    /// The customer, or the top parent.
    pub customer: String,
    /// The currency.
    pub currency: String,
    /// Open invoices, debit notes, charges, refunds and journals.
    pub open_items: Decimal,
    /// Open credit notes.
    pub credit_notes: Decimal,
    /// Payments on account.
    pub unapplied: Decimal,
    /// Advances.
    pub prepayments: Decimal,
    /// Delivered and not invoiced.
    pub deliveries: Decimal,
    /// Ordered and not delivered.
    pub orders: Decimal,
    /// Not yet ordered.
    pub drafts: Decimal,
    /// What others guarantee.
    pub guarantees: Decimal,
    /// What is insured.
    pub insurance: Decimal,
    /// The sum of the parts that count.
    pub exposure: Decimal,
    /// The limit; none when there is none.
    pub limit: Option<Decimal>,
    /// What is left of the limit.
    pub headroom: Option<Decimal>,
    /// How much of the limit is used, in per cent; none without one above zero.
    pub used: Option<String>,
}

/// The sums of a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureTotal {
    /// The currency.
    pub currency: String,
    /// How many rows.
    pub customers: u64,
    /// As in a row.
    pub open_items: Decimal,
    /// As in a row.
    pub credit_notes: Decimal,
    /// As in a row.
    pub unapplied: Decimal,
    /// As in a row.
    pub prepayments: Decimal,
    /// As in a row.
    pub deliveries: Decimal,
    /// As in a row.
    pub orders: Decimal,
    /// As in a row.
    pub drafts: Decimal,
    /// As in a row.
    pub guarantees: Decimal,
    /// As in a row.
    pub insurance: Decimal,
    /// As in a row.
    pub exposure: Decimal,
}

/// The exposures of all, by numbers until they are asked for.
#[derive(Debug, Clone)]
pub struct ExposureReport {
    rows: Vec<Row>,
    view: View,
    made_by: MadeBy,
    /// Codes and digits by number.
    coins: FxHashMap<u32, (String, u8)>,
}

/// A row by numbers.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub customer: u32,
    pub currency: u32,
    pub parts: Parts,
    pub exposure: i128,
    /// None: no limit.
    pub limit: Option<i128>,
}

impl ExposureReport {
    /// The policy and the engine.
    #[must_use]
    pub fn made_by(&self) -> &MadeBy {
        &self.made_by
    }

    /// The view's day.
    #[must_use]
    pub fn on(&self) -> crate::calendar::Day {
        self.view.day()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nobody is exposed to anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn coin(&self, currency: u32) -> (&str, u8) {
        self.coins.get(&currency).map_or(("", 0), |(code, digits)| (code.as_str(), *digits))
    }

    /// The rows, by customer, then currency.
    #[must_use]
    pub fn rows(&self) -> Vec<ExposureRow> {
        self.rows.iter().map(|row| self.shown(row)).collect()
    }

    fn shown(&self, row: &Row) -> ExposureRow {
        let (code, digits) = self.coin(row.currency);
        let money = |amount: i128| decimal(amount, digits);
        let amount = |at: usize| money(part::of(&row.parts, at));
        let limit = row.limit;
        ExposureRow {
            customer: self.view.store.customer_ids.text(row.customer).to_owned(),
            currency: code.to_owned(),
            open_items: amount(part::OPEN_ITEMS),
            credit_notes: amount(1),
            unapplied: amount(2),
            prepayments: amount(3),
            deliveries: amount(part::DELIVERIES),
            orders: amount(part::ORDERS),
            drafts: amount(part::DRAFTS),
            guarantees: amount(part::GUARANTEES),
            insurance: amount(part::INSURANCE),
            exposure: money(row.exposure),
            limit: limit.map(money),
            headroom: limit.map(|limit| money(limit.saturating_sub(row.exposure))),
            used: limit
                .filter(|limit| *limit > 0)
                .and_then(|limit| ratio_text(row.exposure.saturating_mul(100), limit, 2)),
        }
    }

    /// The sums by currency.
    #[must_use]
    pub fn totals(&self) -> Vec<ExposureTotal> {
        let mut sums: BTreeMap<&str, (u8, u64, Parts, i128)> = BTreeMap::new();
        for row in &self.rows {
            let (code, digits) = self.coin(row.currency);
            let (_, rows, parts, exposure) = sums.entry(code).or_insert((digits, 0, Parts::default(), 0));
            *rows = rows.saturating_add(1);
            *exposure = exposure.saturating_add(row.exposure);
            for (at, amount) in row.parts.iter().enumerate() {
                part::add(parts, at, *amount);
            }
        }
        let total = |(code, (digits, customers, parts, exposure)): (&str, (u8, u64, Parts, i128))| {
            let amount = |at: usize| decimal(part::of(&parts, at), digits);
            ExposureTotal {
                currency: code.to_owned(),
                customers,
                open_items: amount(part::OPEN_ITEMS),
                credit_notes: amount(1),
                unapplied: amount(2),
                prepayments: amount(3),
                deliveries: amount(part::DELIVERIES),
                orders: amount(part::ORDERS),
                drafts: amount(part::DRAFTS),
                guarantees: amount(part::GUARANTEES),
                insurance: amount(part::INSURANCE),
                exposure: decimal(exposure, digits),
            }
        };
        sums.into_iter().map(total).collect()
    }
}

impl View {
    /// The exposure of every customer, or family: in one company, or in all.
    ///
    /// **Unit**: minor units inside, decimals at the scale of a row's currency. **Rounding**: conversions, half away from
    /// zero. **Panics**: never. **Source**: `docs/specification.md`, section 12.
    ///
    /// # Errors
    /// Those of [`CreditPolicy::check`]; `rate_missing`, `unknown_currency` where amounts of several currencies meet; what is
    /// wrong with an attribute `limit`.
    pub fn exposure(
        &self,
        policy: &CreditPolicy,
        per: ExposurePer,
        company: Option<&str>,
    ) -> Result<ExposureReport, Refused> {
        let given = Given::new(self, policy)?;
        let rows = all_rows(self, &given, per, company)?;
        let mut coins = FxHashMap::default();
        for row in &rows {
            coins.entry(row.currency).or_insert_with(|| (given.code(row.currency), given.digits(row.currency)));
        }
        Ok(ExposureReport { rows, view: self.clone(), made_by: MadeBy::policy(&policy.id, policy), coins })
    }
}

/// The rows of a view's customers, or families.
pub(super) fn all_rows(
    view: &View,
    given: &Given,
    per: ExposurePer,
    company: Option<&str>,
) -> Result<Vec<Row>, Refused> {
    let mut all = All::new(view, given, per, company);
    all.take_items();
    all.take_others()?;
    all.rows()
}

/// The rows of one customer, by the index.
pub(super) fn rows_of(given: &Given, customer: u32) -> Result<Vec<Row>, Refused> {
    let mut all = All::new(&given.view, given, ExposurePer::Customer, None);
    let pool = Standing::of(given, customer).pool;
    let is_own = |line: &Line| line.customer == customer && line.kind == CreditLineKind::Limit;
    // Nothing is owed, and nothing of its own says how much may be.
    if pool.sums.is_empty() && !all.lines(customer)?.iter().any(is_own) {
        return Ok(Vec::new());
    }
    all.pools.push((customer, pool));
    all.rows()
}

/// No company of the ledger.
const NOWHERE: u32 = NONE - 1;

struct All<'a> {
    view: &'a View,
    given: &'a Given,
    per: ExposurePer,
    company: Option<u32>,
    general: Vec<Line>,
    /// Whether there is a line at all.
    has_lines: bool,
    /// By who has a row, as they were first met, and where each is by its number.
    pools: Vec<(u32, Pool)>,
    slots: Vec<u32>,
    heads: FxHashMap<u32, u32>,
}

impl<'a> All<'a> {
    fn new(view: &'a View, given: &'a Given, per: ExposurePer, company: Option<&str>) -> Self {
        let company = company.map(|company| view.store.texts.find(company).unwrap_or(NOWHERE));
        let general = in_force(&given.view, NONE).map(Line::of).collect();
        let store = &view.store;
        let has_lines = store.credit_lines.iter().next().is_some()
            || store.changes.all().any(|change| change.attribute == Attribute::Limit);
        let heads = FxHashMap::default();
        Self { view, given, per, company, general, has_lines, pools: Vec::new(), slots: Vec::new(), heads }
    }

    /// Who has the row of a customer.
    fn head(&mut self, customer: u32) -> u32 {
        if self.per == ExposurePer::Customer {
            return customer;
        }
        let view = self.view;
        *self.heads.entry(customer).or_insert_with(|| view.top_parent(customer))
    }

    /// The amounts of who has a row.
    fn pool(&mut self, head: u32) -> Option<&mut Pool> {
        if self.slots.is_empty() {
            self.slots = vec![NONE; place(self.view.store.customers.len())];
        }
        let slot = self.slots.get_mut(place(head))?;
        if *slot == NONE {
            *slot = count(self.pools.len());
            self.pools.push((head, Pool::default()));
        }
        let at = place(*slot);
        self.pools.get_mut(at).map(|(_, pool)| pool)
    }

    /// Sums up the open items, account by account.
    fn take_items(&mut self) {
        let items = &self.view.items;
        let store = &self.view.store;
        let runs = items.runs();
        let any_sign = store.settings.instalment_sign == InstalmentSign::Any;
        for at in 0..runs.len() {
            let Some((account, range)) = runs.get(at) else { continue };
            let held = store.account(account);
            if self.company.is_some_and(|company| company != held.company) {
                continue;
            }
            let (Some(opens), Some(documents)) = (items.open.get(range.clone()), items.document.get(range)) else {
                continue;
            };
            let mut parts = Parts::default();
            if !any_sign && opens.iter().all(|open| *open > 0) {
                // Nothing but a debit is above zero.
                part::add(&mut parts, part::OPEN_ITEMS, opens.iter().map(|open| i128::from(*open)).sum());
            } else {
                for (open, document) in opens.iter().zip(documents) {
                    let kind = store.documents.find(*document).and_then(|(piece, row)| piece.kind.get(row));
                    part::add(&mut parts, kind.map_or(0, |kind| kind_of(*kind)), i128::from(*open));
                }
            }
            let head = self.head(held.customer);
            if let Some(pool) = self.pool(head) {
                pool.add(held.company, held.currency, &parts);
            }
        }
    }

    /// Whether a customer is among those that the view is about.
    fn scope(&self) -> Option<FxHashSet<u32>> {
        let accounts = self.view.scope.as_ref()?;
        Some(accounts.iter().map(|account| self.view.store.account(*account).customer).collect())
    }

    /// Commitments, what secures, and who has a limit without owing anything.
    fn take_others(&mut self) -> Result<(), Refused> {
        let store = &self.view.store;
        let scope = self.scope();
        let mut customers: Vec<u32> = store.commitments.all().map(|fact| fact.customer).collect();
        customers.extend(store.credit_lines.all().map(|fact| fact.customer).filter(|customer| *customer != NONE));
        let limits = store.changes.all().filter(|change| change.attribute == Attribute::Limit);
        customers.extend(limits.map(|change| change.customer));
        customers.sort_unstable();
        customers.dedup();
        customers.retain(|customer| scope.as_ref().is_none_or(|scope| scope.contains(customer)));
        for customer in customers {
            let lines = match self.per {
                ExposurePer::Customer => lines_of(self.given, customer)?,
                ExposurePer::Family => in_force(&self.given.view, customer).map(Line::of).collect(),
            };
            let mut pool = Pool::default();
            add_pledges(self.given, customer, &mut pool);
            add_covers(&lines, &mut pool);
            let in_company = |held: u32| self.company.is_none_or(|company| held == company || held == NONE);
            pool.sums.retain(|sum| in_company(sum.company));
            let has_limit = lines.iter().any(|line| line.kind == CreditLineKind::Limit && in_company(line.company));
            let leads = lines.iter().any(|line| line.kind == CreditLineKind::FamilyLimit && in_company(line.company));
            let head = self.head(customer);
            let is_listed = match self.per {
                ExposurePer::Customer => has_limit,
                ExposurePer::Family => leads && head == customer,
            };
            if (is_listed || !pool.sums.is_empty())
                && let Some(held) = self.pool(head)
            {
                held.take_in(&pool);
            }
        }
        Ok(())
    }

    /// The lines that may be asked about a row.
    fn lines(&self, customer: u32) -> Result<Vec<Line>, Refused> {
        if !self.has_lines {
            return Ok(Vec::new());
        }
        let view = &self.given.view;
        if self.per == ExposurePer::Family {
            let own = in_force(view, customer).map(Line::of);
            return Ok(own.filter(|line| line.kind == CreditLineKind::FamilyLimit).collect());
        }
        let own = lines_of(self.given, customer)?;
        let group = view.store.attribute(customer, Attribute::Group, view.day().number(), view.known_on);
        Ok(limit::of_customer(&own, group, &self.general, CreditLineKind::Limit).copied().collect())
    }

    /// The line that is asked about amounts of a currency.
    fn line<'l>(&self, lines: &'l [Line], currency: u32) -> Option<&'l Line> {
        let place = (self.company.unwrap_or(NOWHERE), currency);
        let [all, own] = limit::asked(self.given, place, lines.iter());
        let is_apart = self.given.policy.companies == super::policy::Companies::Apart;
        let set = if self.company.is_none() || is_apart { all } else { own };
        set.map(|(_, line)| line)
    }

    fn rows(mut self) -> Result<Vec<Row>, Refused> {
        let is_apart = self.given.policy.currencies == Currencies::Apart;
        let mut pools = std::mem::take(&mut self.pools);
        if pools.len() > 1 {
            let rank = self.view.store.customer_rank();
            let of = |(head, _): &(u32, Pool)| rank.get(place(*head)).copied().unwrap_or(NONE);
            if !pools.is_sorted_by_key(of) {
                pools.sort_by_key(of);
            }
        }
        let mut rows = Vec::with_capacity(pools.len());
        for (head, pool) in &pools {
            let head = *head;
            let lines = self.lines(head)?;
            let mut currencies: Vec<u32> = pool.sums.iter().map(|sum| sum.currency).collect();
            if is_apart {
                let kind = match self.per {
                    ExposurePer::Customer => CreditLineKind::Limit,
                    ExposurePer::Family => CreditLineKind::FamilyLimit,
                };
                let in_company = |held: u32| held == NONE || self.company.is_none_or(|company| held == company);
                let own =
                    lines.iter().filter(|line| line.customer == head && line.kind == kind && in_company(line.company));
                currencies.extend(own.map(|line| line.currency));
            }
            if currencies.len() > 1 {
                currencies.sort_by_cached_key(|currency| self.given.code(*currency));
                currencies.dedup();
            }
            if is_apart {
                for currency in currencies {
                    let line = self.line(&lines, currency);
                    rows.push(self.row(head, pool, currency, line)?);
                }
                continue;
            }
            let line = self.line(&lines, NOWHERE);
            let currency = match (line, currencies.as_slice()) {
                (Some(line), _) => line.currency,
                (None, [only]) => *only,
                _ => {
                    let base = self.view.store.settings.base_currency.as_deref();
                    let reason = "expected a base currency for amounts of several currencies";
                    let base = base.ok_or_else(|| Problem::new("unknown_currency", reason))?;
                    self.given.coin(base)?
                }
            };
            rows.push(self.row(head, pool, currency, line)?);
        }
        Ok(rows)
    }

    fn row(&self, customer: u32, pool: &Pool, currency: u32, line: Option<&Line>) -> Result<Row, Refused> {
        let parts = match pool.sums.as_slice() {
            [only] if only.currency == currency => only.parts,
            _ => limit::exposure(self.given, pool, None, None, (currency, None))?,
        };
        let exposure = limit::counted(self.given, &parts);
        let limit = line.filter(|line| line.amount != NO_BASE).map(|line| line.amount.into());
        Ok(Row { customer, currency, parts, exposure, limit })
    }
}
