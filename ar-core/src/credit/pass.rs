//! Who is exposed to what: one pass over the open items of a view, or the index of one customer.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::exposure::ExposurePer;
use super::given::Given;
use super::limit;
use super::part::{self, Parts};
use super::policy::Currencies;
use super::rows::{Row, Rows};
use super::standing::{
    Line, Pool, Standing, add_covers, add_pledges, family, in_force, is_in_force, limit_attribute, pooled,
};
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::running::{Balances, Closings, kind_of};
use crate::ledger::settings::InstalmentSign;
use crate::ledger::store::{AccountPart, Attribute, CreditLineKind};
use crate::money::Currency;
use crate::problem::{Problem, Refused};

/// The rows of a view's customers, or families.
pub(super) fn all_rows(view: &View, given: &Given, per: ExposurePer, company: Option<&str>) -> Result<Rows, Refused> {
    let mut all = All::new(view, given, per, company);
    all.own = Owned::of_all(given, per, &all.scope)?;
    // What was known on an earlier day, and what comes later, is told by the items alone.
    if view.known_on == i32::MAX && view.scope.is_none() {
        all.kept = view.store.closings(view.stood_on());
    }
    if let Some(rows) = all.rows_of_accounts() {
        return Ok(rows);
    }
    all.list_accounts();
    all.take_others();
    all.rows()
}

/// The rows of one customer, by the index.
pub(super) fn rows_of(given: &Given, customer: u32) -> Result<Rows, Refused> {
    let mut all = All::new(&given.view, given, ExposurePer::Customer, None);
    all.own = Owned::of_one(given, customer)?;
    let pool = Standing::of(given, customer).pool;
    let is_own = |line: &Line| line.customer == customer && line.kind == CreditLineKind::Limit;
    // Nothing is owed, and nothing of its own says how much may be.
    if pool.sums.is_empty() && !all.own.of(customer).iter().any(is_own) {
        return Ok(Rows::default());
    }
    all.others.insert(customer, pool);
    all.list(customer, NONE);
    all.rows()
}

/// The rows of families within others that have a limit of their own: of whoever has one and a parent, with all below it.
pub(super) fn rows_below_the_top(view: &View, given: &Given, company: Option<&str>) -> Result<Rows, Refused> {
    let mut all = All::new(view, given, ExposurePer::Family, company);
    all.own = Owned::of_all(given, ExposurePer::Family, &all.scope)?;
    let limits = all.own.lines.iter().filter(|line| line.kind == CreditLineKind::FamilyLimit);
    let mut heads: Vec<u32> = limits.map(|line| line.customer).collect();
    heads.dedup();
    heads.retain(|head| view.top_parent(*head) != *head);
    let (mut rows, mut lines) = (Rows::default(), Vec::new());
    for head in heads {
        all.lines(head, &mut lines);
        let is_apart = given.policy.currencies == Currencies::Apart;
        if !is_apart && all.line(&lines, NOWHERE).is_none() {
            continue;
        }
        let mut members = family(&given.view, head);
        members.retain(|member| all.scope.as_ref().is_none_or(|scope| scope.contains(member)));
        let standings: Vec<Arc<Standing>> =
            members.into_iter().map(|member| Arc::new(Standing::of(given, member))).collect();
        let mut pool = pooled(&standings);
        pool.sums.retain(|sum| all.company.is_none_or(|company| sum.company == company || sum.company == NONE));
        all.rows_of_pool(head, &pool, &lines, &mut rows)?;
    }
    Ok(rows)
}

/// So many accounts at a time.
const BLOCK: usize = 256;

/// No company of the ledger.
const NOWHERE: u32 = NONE - 1;

/// Leaves the lines that there are to the policy's checks of limits, as [`limit::set`] has it.
fn retain_set(given: &Given, lines: &mut Vec<Line>) {
    let is_line = |line: &Line| match line.kind {
        CreditLineKind::Limit => limit::is_line(given.zero_limit, line),
        CreditLineKind::FamilyLimit => limit::is_line(given.zero_family, line),
        _ => true,
    };
    let back = limit::SetBack::by(given, lines.iter().filter(|line| !is_line(line)));
    lines.retain(|line| is_line(line) && !back.ends(given, line));
}

/// The lines in force that customers have of their own, the limits that attributes set among them: by customer.
#[derive(Debug, Default)]
struct Owned {
    lines: Vec<Line>,
    /// By customer where its lines begin; empty without any line.
    starts: Vec<u32>,
}

impl Owned {
    /// Those of all customers in scope.
    fn of_all(given: &Given, per: ExposurePer, scope: &Option<FxHashSet<u32>>) -> Result<Self, Refused> {
        let view = &given.view;
        let in_scope = |customer: u32| scope.as_ref().is_none_or(|scope| scope.contains(&customer));
        let facts = view.store.credit_lines.all().filter(|fact| fact.customer != NONE && is_in_force(view, fact));
        let mut lines: Vec<Line> = facts.map(Line::of).collect();
        if per == ExposurePer::Customer {
            let limits = view.store.changes.all().filter(|change| change.attribute == Attribute::Limit);
            let mut changed: Vec<u32> = limits.map(|change| change.customer).filter(|it| in_scope(*it)).collect();
            changed.sort_unstable();
            changed.dedup();
            for customer in changed {
                lines.extend(limit_attribute(given, customer)?);
            }
        }
        retain_set(given, &mut lines);
        if !lines.is_sorted_by_key(|line| line.customer) {
            lines.sort_by_key(|line| line.customer);
        }
        let mut starts = Vec::new();
        if !lines.is_empty() {
            let customers = place(view.store.customers.len());
            starts.reserve(customers.saturating_add(1));
            for (at, line) in lines.iter().enumerate() {
                starts.resize(starts.len().max(place(line.customer).saturating_add(1)), count(at));
            }
            starts.resize(customers.saturating_add(1), count(lines.len()));
        }
        Ok(Self { lines, starts })
    }

    /// Those of one customer.
    fn of_one(given: &Given, customer: u32) -> Result<Self, Refused> {
        let mut lines: Vec<Line> = in_force(&given.view, customer).map(Line::of).collect();
        lines.extend(limit_attribute(given, customer)?);
        retain_set(given, &mut lines);
        Ok(Self { lines, starts: Vec::new() })
    }

    fn of(&self, customer: u32) -> &[Line] {
        if self.starts.is_empty() {
            return &self.lines;
        }
        let start = |at: usize| self.starts.get(at).copied().map_or(self.lines.len(), place);
        let at = place(customer);
        self.lines.get(start(at)..start(at.saturating_add(1))).unwrap_or(&[])
    }
}

/// An account of who has a row; `NONE` for who is listed without one.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// The place of the id of who has the row among all.
    rank: u32,
    head: u32,
    /// Its place among the runs of items.
    run: u32,
}

struct All<'a> {
    view: &'a View,
    given: &'a Given,
    per: ExposurePer,
    company: Option<u32>,
    /// The customers that the view is about; none when it is about all.
    scope: Option<FxHashSet<u32>>,
    general: Vec<Line>,
    /// Whether some of them are of a group.
    has_groups: bool,
    own: Owned,
    pieces: Vec<Piece>,
    /// By customer whether it is among them.
    is_listed: Vec<bool>,
    /// Commitments and what secures, by who has a row.
    others: FxHashMap<u32, Pool>,
    heads: FxHashMap<u32, u32>,
    /// What the index keeps of accounts, where it knows what they owe.
    kept: Option<Closings<'a>>,
}

impl<'a> All<'a> {
    fn new(view: &'a View, given: &'a Given, per: ExposurePer, company: Option<&str>) -> Self {
        let company = company.map(|company| view.store.texts.find(company).unwrap_or(NOWHERE));
        let mut general: Vec<Line> = in_force(&given.view, NONE).map(Line::of).collect();
        retain_set(given, &mut general);
        Self {
            view,
            given,
            per,
            company,
            scope: view.scope.as_ref().map(|scope| scope.customers.iter().copied().collect()),
            has_groups: general.iter().any(|line| line.group != NONE),
            general,
            own: Owned::default(),
            pieces: Vec::new(),
            is_listed: Vec::new(),
            others: FxHashMap::default(),
            heads: FxHashMap::default(),
            kept: None,
        }
    }

    /// Who has the row of a customer.
    fn head(&mut self, customer: u32) -> u32 {
        if self.per == ExposurePer::Customer {
            return customer;
        }
        let view = self.view;
        *self.heads.entry(customer).or_insert_with(|| view.top_parent(customer))
    }

    /// Gives somebody a row, with the items of a run.
    fn list(&mut self, head: u32, run: u32) {
        self.pieces.push(Piece { rank: 0, head, run });
        if let Some(slot) = self.is_listed.get_mut(place(head)) {
            *slot = true;
        }
    }

    /// Lists the accounts with open items.
    fn list_accounts(&mut self) {
        let view = self.view;
        self.is_listed = vec![false; place(view.store.customers.len())];
        let runs = view.items.runs();
        self.pieces.reserve(runs.len());
        for (run, account) in (0_u32..).zip(&runs.account) {
            let held = view.store.account(*account);
            if self.company.is_some_and(|company| company != held.company) {
                continue;
            }
            let head = self.head(held.customer);
            self.list(head, run);
        }
    }

    /// What the account of a run is owed, by kind: kept, or summed up.
    fn balances(&self, run: u32) -> (u32, Balances) {
        let items = &self.view.items;
        let store = &self.view.store;
        let mut sum = Balances::default();
        let Some((account, range)) = items.runs().get(place(run)) else { return (NONE, sum) };
        if let Some(kept) = &self.kept {
            return (account, kept.of(account));
        }
        let any_sign = store.settings.instalment_sign == InstalmentSign::Any;
        let opens = items.open.get(range.clone()).unwrap_or(&[]);
        let documents = items.document.get(range).unwrap_or(&[]);
        if !any_sign && opens.iter().all(|open| *open > 0) {
            // Nothing but a debit is above zero.
            let [debits, ..] = &mut sum;
            *debits = opens.iter().map(|open| i128::from(*open)).sum();
        } else {
            for (open, document) in opens.iter().zip(documents) {
                let kind = store.documents.find(*document).and_then(|(piece, row)| piece.kind.get(row));
                if let Some(slot) = sum.get_mut(kind.map_or(0, |kind| kind_of(*kind))) {
                    *slot = slot.saturating_add(i128::from(*open));
                }
            }
        }
        (account, sum)
    }

    /// The rows where each account is one: nobody has a line or a commitment, or accounts in several companies. The order is that of
    /// [`rows`](Self::rows), without a look at anybody's lines.
    fn rows_of_accounts(&self) -> Option<Rows> {
        let (view, store) = (self.view, &self.view.store);
        let is_apart = self.given.policy.currencies == Currencies::Apart;
        let has_others =
            !self.own.lines.is_empty() || !self.general.is_empty() || store.commitments.iter().next().is_some();
        if self.per != ExposurePer::Customer || self.company.is_some() || !is_apart || has_others {
            return None;
        }
        let runs = view.items.runs();
        let customer = runs.part(AccountPart::Customer, &store.accounts);
        let currency = runs.part(AccountPart::Currency, &store.accounts);
        let (rank, code_rank) = (store.customer_rank(), self.code_rank());
        let mut rows = Rows::with_capacity(runs.len());
        let mut before = None;
        let (mut accounts, mut balances) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
        // Block by block, so that what is read lies near.
        for block in view.runs_in_order().chunks(BLOCK) {
            for run in block {
                let (customer, currency) = (*customer.get(place(*run))?, *currency.get(place(*run))?);
                let now = (*rank.get(place(customer))?, *code_rank.get(place(currency))?);
                if before.is_some_and(|before| before >= now) {
                    return None;
                }
                before = Some(now);
                rows.push_who(customer, currency);
            }
            match &self.kept {
                Some(kept) => {
                    accounts.clear();
                    accounts.extend(block.iter().map(|run| runs.account.get(place(*run)).copied().unwrap_or(NONE)));
                    kept.of_some(&accounts, &mut balances);
                }
                None => {
                    balances.clear();
                    balances.extend(block.iter().map(|run| self.balances(*run).1));
                }
            }
            rows.push_balances(&balances, &self.given.counts);
        }
        Some(rows)
    }

    /// Commitments, what secures, and who has a limit without owing anything.
    fn take_others(&mut self) {
        let store = &self.view.store;
        let mut customers: Vec<u32> = store.commitments.all().map(|fact| fact.customer).collect();
        customers.extend(self.own.lines.iter().map(|line| line.customer));
        customers.sort_unstable();
        customers.dedup();
        customers.retain(|customer| self.scope.as_ref().is_none_or(|scope| scope.contains(customer)));
        for customer in customers {
            let head = self.head(customer);
            let company = self.company;
            let in_company = |held: u32| company.is_none_or(|company| held == company || held == NONE);
            let lines = self.own.of(customer);
            let mut pool = Pool::default();
            add_pledges(self.given, customer, &mut pool);
            add_covers(lines, &mut pool);
            pool.sums.retain(|sum| in_company(sum.company));
            let has = |kind: CreditLineKind| lines.iter().any(|line| line.kind == kind && in_company(line.company));
            let has_row = match self.per {
                ExposurePer::Customer => has(CreditLineKind::Limit),
                ExposurePer::Family => head == customer && has(CreditLineKind::FamilyLimit),
            };
            if !has_row && pool.sums.is_empty() {
                continue;
            }
            if !pool.sums.is_empty() {
                self.others.entry(head).or_default().take_in(&pool);
            }
            if self.is_listed.get(place(head)) == Some(&false) {
                self.list(head, NONE);
            }
        }
    }

    /// The lines that may be asked about a row.
    fn lines(&self, head: u32, into: &mut Vec<Line>) {
        into.clear();
        let own = self.own.of(head);
        if self.per == ExposurePer::Family {
            into.extend(own.iter().filter(|line| line.kind == CreditLineKind::FamilyLimit));
        } else if !own.is_empty() || !self.general.is_empty() {
            let view = &self.given.view;
            let group = || view.store.attribute(head, Attribute::Group, view.day().number(), view.known_on);
            let group = if self.has_groups { group() } else { NONE };
            into.extend(limit::of_customer(own, group, &self.general, CreditLineKind::Limit));
        }
    }

    /// The line that is asked about amounts of a currency.
    fn line<'l>(&self, lines: &'l [Line], currency: u32) -> Option<&'l Line> {
        let place = (self.company.unwrap_or(NOWHERE), currency);
        let [all, own] = limit::asked(self.given, place, lines.iter());
        let is_apart = self.given.policy.companies == super::policy::Companies::Apart;
        let set = if self.company.is_none() || is_apart { all } else { own };
        set.map(|(_, line)| line)
    }

    fn rows(mut self) -> Result<Rows, Refused> {
        let is_apart = self.given.policy.currencies == Currencies::Apart;
        let mut pieces = std::mem::take(&mut self.pieces);
        if pieces.len() > 1 {
            let rank = self.view.store.customer_rank();
            for piece in &mut pieces {
                piece.rank = rank.get(place(piece.head)).copied().unwrap_or(NONE);
            }
            if !pieces.is_sorted_by_key(|piece| piece.rank) {
                pieces.sort_by_key(|piece| piece.rank);
            }
        }
        let (code_rank, has_others) = (self.code_rank(), !self.others.is_empty());
        let mut rows = Rows::with_capacity(pieces.len());
        let (mut lines, mut of_head): (Vec<Line>, Vec<(u32, u32, Balances)>) = (Vec::new(), Vec::new());
        for pieces in pieces.chunk_by(|a, b| a.head == b.head) {
            let Some(head) = pieces.first().map(|piece| piece.head) else { continue };
            self.lines(head, &mut lines);
            of_head.clear();
            for piece in pieces.iter().filter(|piece| piece.run != NONE) {
                let (account, balances) = self.balances(piece.run);
                let held = self.view.store.account(account);
                of_head.push((held.company, held.currency, balances));
            }
            let code = |(_, currency, _): &(u32, u32, Balances)| code_rank.get(place(*currency)).copied();
            let in_order = of_head.is_sorted_by(|a, b| code(a) < code(b));
            let has_row = |line: &Line| of_head.iter().any(|(_, currency, _)| *currency == line.currency);
            if is_apart && in_order && lines.iter().all(has_row) && !(has_others && self.others.contains_key(&head)) {
                // An account is a row.
                for (_, currency, balances) in &of_head {
                    let line = if lines.is_empty() { None } else { self.line(&lines, *currency) };
                    rows.push(&self.row_of(head, *currency, part::of_balances(balances), line));
                }
                continue;
            }
            let mut pool = Pool::default();
            for (company, currency, balances) in &of_head {
                pool.add(*company, *currency, &part::of_balances(balances));
            }
            if let Some(others) = self.others.get(&head) {
                pool.take_in(others);
            }
            self.rows_of_pool(head, &pool, &lines, &mut rows)?;
        }
        Ok(rows)
    }

    /// By number of a currency the place of its code among all.
    fn code_rank(&self) -> Vec<u32> {
        let currencies = &self.view.store.currencies;
        let place_of = |own: &Currency| count(currencies.iter().filter(|other| other.code < own.code).count());
        currencies.iter().map(place_of).collect()
    }

    /// The rows of who has amounts in several companies, or lines.
    fn rows_of_pool(&self, head: u32, pool: &Pool, lines: &[Line], rows: &mut Rows) -> Result<(), Refused> {
        let is_apart = self.given.policy.currencies == Currencies::Apart;
        let mut currencies: Vec<u32> = pool.sums.iter().map(|sum| sum.currency).collect();
        // Who owes nothing has a row in the currency of its own limit, where that is of another company only.
        if is_apart || currencies.is_empty() {
            let kind = match self.per {
                ExposurePer::Customer => CreditLineKind::Limit,
                ExposurePer::Family => CreditLineKind::FamilyLimit,
            };
            let in_company = |held: u32| held == NONE || self.company.is_none_or(|company| held == company);
            let own =
                lines.iter().filter(|line| line.customer == head && line.kind == kind && in_company(line.company));
            currencies.extend(own.map(|line| line.currency));
        }
        let owes_nothing = pool.sums.is_empty();
        if currencies.iter().any(|currency| Some(currency) != currencies.first()) {
            currencies.sort_by_cached_key(|currency| self.given.code(*currency));
        }
        currencies.dedup();
        if is_apart {
            for currency in currencies {
                rows.push(&self.row(head, pool, currency, self.line(lines, currency))?);
            }
            return Ok(());
        }
        let line = self.line(lines, NOWHERE);
        let currency = match (line, currencies.as_slice()) {
            (Some(line), _) => line.currency,
            (None, [only]) => *only,
            (None, [first, ..]) if owes_nothing => *first,
            _ => {
                let base = self.view.store.settings.base_currency.as_deref();
                let reason = "expected a base currency for amounts of several currencies";
                let base = base.ok_or_else(|| Problem::new("unknown_currency", reason))?;
                self.given.coin(base)?
            }
        };
        rows.push(&self.row(head, pool, currency, line)?);
        Ok(())
    }

    fn row(&self, customer: u32, pool: &Pool, currency: u32, line: Option<&Line>) -> Result<Row, Refused> {
        let parts = match pool.sums.as_slice() {
            [only] if only.currency == currency => only.parts,
            _ => limit::exposure(self.given, pool, None, None, (currency, None))?,
        };
        Ok(self.row_of(customer, currency, parts, line))
    }

    fn row_of(&self, customer: u32, currency: u32, parts: Parts, line: Option<&Line>) -> Row {
        let exposure = limit::counted(self.given, &parts);
        let family = self.per == ExposurePer::Family;
        let zero = if family { self.given.zero_family } else { self.given.zero_limit };
        let limit = line.and_then(|line| limit::amount_of(zero, line));
        Row { customer, currency, parts, exposure, limit }
    }
}
