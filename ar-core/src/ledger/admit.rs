//! Takes facts in: reads every row, checks it by itself and against the rest, and either makes the next state of the
//! ledger or lists all that is wrong. Nothing is half-done.

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cell::{Amount, Source};
use super::fact::{
    ClosingRead, CommitmentRead, CustomerChangeRead, CustomerRead, DisputeRead, DocumentLineRead, DocumentRead,
    HoldRead, InstalmentRead, NoticeRead, PlanRead, PromiseRead, RateRead, RequirementRead, Table, Tables,
};
use super::layers::{Growing, NONE, count, place};
use super::settings::InstalmentSign;
use super::settle::Settlement;
use super::store::{
    Account, AccountIndex, Attribute, ChangeFact, ClosingFact, CommitmentFact, CommitmentKind, CustomerFact,
    DisputeFact, DocumentKind, Documents, HoldFact, InstalmentFact, LineFact, NO_BASE, NO_DAY, NoticeFact, PlanFact,
    PromiseFact, RateFact, RequirementFact, RequirementState, Store,
};
use crate::calendar::Day;
use crate::money::{Currencies, Currency, Minor, Ratio, Rounding};
use crate::problem::{Problem, Refused, quoted};

/// A batch of facts on its way into a ledger.
pub(super) struct Admission<'a> {
    pub(super) before: &'a Store,
    pub(super) tables: &'a Tables<'a>,
    /// The recorded day of an append; none in the first load.
    pub(super) batch: Option<i32>,
    pub(super) problems: Vec<Problem>,
    known_currencies: &'a Currencies,
    currencies: Vec<Currency>,
    texts: Growing,
    dimension_names: Growing,
    customer_ids: Growing,
    document_ids: Growing,
    notice_ids: Growing,
    matter_ids: Growing,
    /// Customer whose terms a document falls back on, for customers of this batch.
    new_customers: Vec<CustomerFact>,
    /// Documents of this batch, sorted; by number less the start.
    pub(super) documents: Documents,
    last_recorded: i32,
    accounts: Arc<Vec<Account>>,
}

/// The next state of the ledger.
pub(super) fn admit(
    before: &Store,
    tables: &Tables<'_>,
    batch: Option<Day>,
    known_currencies: &Currencies,
) -> Result<Store, Refused> {
    let batch = batch.map(Day::number);
    if let (Some(day), Some(last)) = (batch, before.last_recorded)
        && day < last
    {
        let last = Day::new(last).map_or_else(|_| String::new(), |day| day.to_string());
        let problem =
            Problem::new("recorded_backwards", format!("expected a day not before {last}, the last recorded"));
        return Err(problem.field("recorded").into());
    }
    let mut admission = Admission {
        before,
        tables,
        batch,
        problems: Vec::new(),
        known_currencies,
        currencies: before.currencies.as_ref().clone(),
        texts: Growing::on(&before.texts),
        dimension_names: Growing::on(&before.dimension_names),
        customer_ids: Growing::on(&before.customer_ids),
        document_ids: Growing::on(&before.document_ids),
        notice_ids: Growing::on(&before.notice_ids),
        matter_ids: Growing::on(&before.matter_ids),
        new_customers: Vec::new(),
        documents: Documents { start: before.documents.len(), ..Documents::default() },
        last_recorded: before.last_recorded.unwrap_or(i32::MIN).max(batch.unwrap_or(i32::MIN)),
        accounts: Arc::clone(&before.accounts),
    };
    let mut next = before.clone();
    admission.customers();
    let changes = admission.customer_changes();
    let generated = admission.documents(&mut next);
    let lines = admission.document_lines();
    let instalments = admission.instalments(generated);
    next.changes.add(changes);
    next.lines.add(lines);
    next.instalments.add(instalments);
    let settled = Settlement::of(&mut admission, &next).run();
    settled.into_store(&mut next);
    admission.matters(&mut next);
    admission.rates(&mut next);
    admission.finish(next)
}

fn order_of(problem: &Problem) -> (usize, u64, usize) {
    let table = problem.table.as_deref().and_then(Table::named);
    let field = match (table, problem.field.as_deref()) {
        (Some(table), Some(field)) => {
            table.columns().iter().position(|column| column.name == field).unwrap_or_else(|| table.columns().len())
        }
        _ => 0,
    };
    let table = Table::ALL.iter().position(|t| Some(*t) == table).unwrap_or(0);
    (table, problem.index.unwrap_or(0), field)
}

impl<'a> Admission<'a> {
    fn finish(self, mut next: Store) -> Result<Store, Refused> {
        if !self.problems.is_empty() {
            let mut problems = self.problems;
            problems.sort_by_key(order_of);
            return Err(Refused::listing_all(problems));
        }
        next.texts = self.texts.finish();
        next.dimension_names = self.dimension_names.finish();
        next.customer_ids = self.customer_ids.finish();
        if !self.new_customers.is_empty() {
            next.customer_rank = Arc::default();
        }
        next.customers.add(self.new_customers);
        next.document_ids = self.document_ids.finish();
        next.notice_ids = self.notice_ids.finish();
        next.matter_ids = self.matter_ids.finish();
        next.currencies = Arc::new(self.currencies);
        next.batches = next.batches.saturating_add(1);
        next.documents.push(self.documents);
        next.last_recorded = (self.last_recorded > i32::MIN).then_some(self.last_recorded);
        let circle = super::customer::circle(&next);
        if !circle.is_empty() {
            return Err(circle_refused(self.tables, &next, &circle));
        }
        Ok(next)
    }

    pub(super) fn problem(&mut self, table: Table, row: usize, field: &str, code: &str, reason: impl Into<String>) {
        self.problems.push(Problem::new(code, reason).field(field).row(table.name(), row));
    }

    /// The rows of a table, numbered through all its sources.
    pub(super) fn rows(&self, table: Table) -> Vec<(usize, &'a dyn Source, usize)> {
        let mut all = Vec::new();
        let mut index = 0_usize;
        for source in self.tables.of(table) {
            for row in 0..source.rows() {
                all.push((index, source, row));
                index = index.saturating_add(1);
            }
        }
        all
    }

    /// Reads each good row of a table.
    pub(super) fn each<R>(
        &mut self,
        table: Table,
        read: impl Fn(&'a dyn Source, usize, &mut Vec<Problem>) -> Option<R>,
        mut take: impl FnMut(&mut Self, usize, R),
    ) {
        let mut index = 0_usize;
        let tables = self.tables;
        for source in tables.of(table) {
            for row in 0..source.rows() {
                let from = self.problems.len();
                let read = read(source, row, &mut self.problems);
                let shift = index.saturating_sub(row);
                if shift > 0 {
                    for problem in self.problems.iter_mut().skip(from) {
                        problem.index = u64::try_from(index).ok();
                    }
                }
                if let Some(read) = read {
                    take(self, index, read);
                }
                index = index.saturating_add(1);
            }
        }
    }

    /// The recorded day of a row: that of the batch, else its own, else the latest of what it depends on.
    pub(super) fn recorded(&mut self, table: Table, row: usize, own: Option<Day>, earliest: &[i32]) -> Option<i32> {
        let recorded = match (self.batch, own) {
            (Some(batch), None) => batch,
            (Some(batch), Some(own)) if own.number() == batch => batch,
            (Some(_), Some(_)) => {
                self.problem(table, row, "recorded", "recorded_mismatch", "expected the recorded day of the append");
                return None;
            }
            (None, Some(own)) => own.number(),
            (None, None) => earliest.iter().copied().max().unwrap_or(i32::MIN),
        };
        self.last_recorded = self.last_recorded.max(recorded);
        Some(recorded)
    }

    pub(super) fn currency(&mut self, table: Table, row: usize, field: &str, code: &str) -> Option<u32> {
        match self.known_currencies.find(code) {
            Ok(currency) => {
                let held = self.currencies.iter().position(|held| *held == currency);
                Some(count(held.unwrap_or_else(|| {
                    self.currencies.push(currency);
                    self.currencies.len().saturating_sub(1)
                })))
            }
            Err(error) => {
                self.problem(table, row, field, "unknown_currency", error.to_string());
                None
            }
        }
    }

    pub(super) fn exponent(&self, currency: u32) -> u8 {
        self.currencies.get(place(currency)).map_or(0, |currency| currency.exponent)
    }

    pub(super) fn minor(
        &mut self,
        table: Table,
        row: usize,
        field: &str,
        amount: Amount,
        currency: u32,
    ) -> Option<Minor> {
        match amount.to_minor(self.exponent(currency)) {
            Ok(minor) => Some(minor),
            Err(error) => {
                let (code, text) = (error.code(), error.to_string());
                self.problem(table, row, field, code, text);
                None
            }
        }
    }

    fn text_or_none(&mut self, text: Option<&Cow<'_, str>>) -> u32 {
        text.map_or(NONE, |text| self.texts.intern(text))
    }

    fn known_customer(&mut self, table: Table, row: usize, field: &str, id: &str) -> Option<u32> {
        let found = self.customer_ids.find(id);
        if found.is_none() {
            self.unknown(table, row, field, "customer", id);
        }
        found
    }

    pub(super) fn unknown(&mut self, table: Table, row: usize, field: &str, what: &str, id: &str) {
        self.problem(
            table,
            row,
            field,
            "unknown_reference",
            format!("expected the id of a {what}, got {}", quoted(id)),
        );
    }

    /// The number of a document by its id.
    pub(super) fn document(&self, id: &str) -> Option<u32> {
        let number = self.document_ids.find(id)?;
        let start = self.documents.start;
        if number >= start {
            let row = self.documents.row_of_id.get(place(number.wrapping_sub(start)))?;
            (*row != NONE).then(|| start.saturating_add(*row))
        } else {
            self.before.documents.of_id(number)
        }
    }

    fn known_document(&mut self, table: Table, row: usize, field: &str, id: &str) -> Option<u32> {
        let found = self.document(id);
        if found.is_none() {
            self.unknown(table, row, field, "document", id);
        }
        found
    }

    /// The piece and row that hold a document, of this batch or before.
    pub(super) fn held(&self, document: u32) -> Option<(&Documents, usize)> {
        if document >= self.documents.start {
            Some((&self.documents, place(document.wrapping_sub(self.documents.start))))
        } else {
            self.before.documents.find(document)
        }
    }

    fn customers(&mut self) {
        let mut parents: Vec<(usize, u32, String)> = Vec::new();
        self.each(Table::customers, CustomerRead::read, |this, row, read: CustomerRead<'_>| {
            if this.customer_ids.find(&read.id).is_some() {
                this.problem(
                    Table::customers,
                    row,
                    "id",
                    "duplicate_id",
                    format!("expected a new id, got {} again", quoted(&read.id)),
                );
                return;
            }
            let number = this.customer_ids.intern(&read.id);
            if let Some(parent) = &read.parent {
                parents.push((row, number, parent.clone().into_owned()));
            }
            let mut dimensions: Vec<(u32, u32)> = read
                .dimensions
                .iter()
                .map(|(name, value)| (this.dimension_names.intern(name), this.texts.intern(value)))
                .collect();
            dimensions.sort_unstable();
            let fact = CustomerFact {
                name: this.text_or_none(read.name.as_ref()),
                parent: NONE,
                group: this.text_or_none(read.group.as_ref()),
                terms: this.text_or_none(read.terms.as_ref()),
                dimensions: dimensions.into_boxed_slice(),
            };
            this.new_customers.push(fact);
        });
        let start = self.customer_ids.start();
        for (row, number, parent) in parents {
            if let Some(parent) = self.known_customer(Table::customers, row, "parent", &parent)
                && let Some(fact) = self.new_customers.get_mut(place(number.wrapping_sub(start)))
            {
                fact.parent = parent;
            }
        }
    }

    fn customer_changes(&mut self) -> Vec<ChangeFact> {
        let mut changes = Vec::new();
        self.each(Table::customer_changes, CustomerChangeRead::read, |this, row, read: CustomerChangeRead<'_>| {
            let table = Table::customer_changes;
            let customer = this.known_customer(table, row, "customer", &read.customer);
            let attribute = match read.attribute.as_ref() {
                "name" => Attribute::Name,
                "parent" => Attribute::Parent,
                "group" => Attribute::Group,
                "terms" => Attribute::Terms,
                "limit" => Attribute::Limit,
                "blocked" => Attribute::Blocked,
                "score" => Attribute::Score,
                "contact" => Attribute::Contact,
                "language" => Attribute::Language,
                other => match other.strip_prefix("dim_") {
                    Some(name) if !name.is_empty() => Attribute::Dimension(this.dimension_names.intern(name)),
                    _ => {
                        this.problem(
                            table,
                            row,
                            "attribute",
                            "unknown_kind",
                            format!("expected an attribute of a customer, got {}", quoted(other)),
                        );
                        return;
                    }
                },
            };
            let value = match (&read.value, attribute) {
                (None, _) => Some(NONE),
                (Some(parent), Attribute::Parent) => this.known_customer(table, row, "value", parent),
                (Some(value), _) => Some(this.texts.intern(value)),
            };
            let effective = read.effective.number();
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            if let (Some(customer), Some(value), Some(recorded)) = (customer, value, recorded) {
                changes.push(ChangeFact { customer, attribute, value, effective, recorded });
            }
        });
        changes
    }

    /// Reads documents and sorts them; returns the instalments that their terms generate.
    fn documents(&mut self, next: &mut Store) -> Vec<(u32, InstalmentFact)> {
        let mut rows: Vec<Draft> = Vec::new();
        let mut related: Vec<(usize, usize, String)> = Vec::new();
        let mut generated: Vec<(usize, InstalmentFact)> = Vec::new();
        let mut accounts: FxHashMap<Account, u32> = FxHashMap::default();
        let mut new_accounts: Vec<Account> = Vec::new();
        let scheduled = self.documents_with_own_schedule();
        self.each(Table::documents, DocumentRead::read, |this, row, read: DocumentRead<'_>| {
            let Some(mut draft) = this.document_draft(row, &read) else { return };
            let account = draft.account_parts;
            draft.account = next.account_index.find(&account).unwrap_or_else(|| {
                *accounts.entry(account).or_insert_with(|| {
                    new_accounts.push(account);
                    count(next.accounts.len().saturating_add(new_accounts.len())).saturating_sub(1)
                })
            });
            if let Some(id) = &read.related {
                related.push((row, rows.len(), id.clone().into_owned()));
            }
            this.due_by_terms(row, &read, &mut draft, rows.len(), &mut generated, &scheduled);
            rows.push(draft);
        });
        self.number_accounts(next, new_accounts, &mut rows);
        let renumbered = self.place_documents(rows);
        for (row, draft, id) in related {
            let own = renumbered.get(draft).copied().unwrap_or(NONE);
            if let Some(document) = self.known_document(Table::documents, row, "related", &id)
                && let Some(slot) = self.documents.related.get_mut(place(own))
            {
                *slot = document;
            }
        }
        let start = self.documents.start;
        generated
            .into_iter()
            .map(|(draft, mut fact)| {
                let own = renumbered.get(draft).copied().unwrap_or(NONE);
                fact.document = start.saturating_add(own);
                (fact.document, fact)
            })
            .collect()
    }

    fn documents_with_own_schedule(&self) -> rustc_hash::FxHashSet<String> {
        let mut ids = rustc_hash::FxHashSet::default();
        for (_, source, row) in self.rows(Table::instalments) {
            if let Ok(Some(id)) = super::cell::text(source.cell(0, row)) {
                ids.insert(id.into_owned());
            }
        }
        ids
    }

    fn document_draft(&mut self, row: usize, read: &DocumentRead<'_>) -> Option<Draft> {
        let table = Table::documents;
        let id = match self.document_ids.add(&read.id) {
            Ok(id) => Some(id),
            Err(_) => {
                self.problem(
                    table,
                    row,
                    "id",
                    "duplicate_id",
                    format!("expected a new id, got {} again", quoted(&read.id)),
                );
                None
            }
        };
        let customer = self.known_customer(table, row, "customer", &read.customer);
        let kind = DocumentKind::named(&read.kind);
        if kind.is_none() {
            self.problem(
                table,
                row,
                "kind",
                "unknown_kind",
                format!("expected a kind of document, got {}", quoted(&read.kind)),
            );
        }
        let currency = self.currency(table, row, "currency", &read.currency);
        let amount = currency.and_then(|currency| self.minor(table, row, "amount", read.amount, currency));
        if let (Some(kind), Some(amount)) = (kind, amount)
            && !kind.takes(amount)
        {
            self.problem(table, row, "amount", "wrong_sign", format!("expected the sign of a {}", kind.name()));
        }
        let net = self.net_of_tax(row, read, currency, amount);
        let effective = read.posting_date.unwrap_or(read.document_date).number();
        let recorded = self.recorded(table, row, read.recorded, &[effective]);
        let company = self.texts.intern(read.company.as_deref().unwrap_or(""));
        let control = self.texts.intern(read.control_account.as_deref().unwrap_or(""));
        let base = self.base_amount(row, read, currency, amount, company);
        let dimensions: Vec<(u32, u32)> = read
            .dimensions
            .iter()
            .map(|(name, value)| (self.dimension_names.intern(name), self.texts.intern(value)))
            .collect();
        let reference = self.text_or_none(read.reference.as_ref());
        let order = self.text_or_none(read.order.as_ref());
        Some(Draft {
            id: id?,
            account_parts: Account { company, control, customer: customer?, currency: currency? },
            account: NONE,
            due: read.due_date.map_or(NO_DAY, Day::number),
            effective,
            amount: amount?,
            recorded: recorded?,
            base: base?,
            document_date: read.document_date.number(),
            kind: kind?,
            reference,
            order,
            net: net?,
            dimensions,
        })
    }

    fn net_of_tax(
        &mut self,
        row: usize,
        read: &DocumentRead<'_>,
        currency: Option<u32>,
        amount: Option<Minor>,
    ) -> Option<Minor> {
        let table = Table::documents;
        let (net, tax) = match (read.net, read.tax) {
            (None, None) => return Some(NO_BASE),
            (Some(net), Some(tax)) => (net, tax),
            (net, _) => {
                let missing = if net.is_none() { "net" } else { "tax" };
                self.problem(table, row, missing, "missing_field", "expected both `net` and `tax`, or neither");
                return None;
            }
        };
        let currency = currency?;
        let net = self.minor(table, row, "net", net, currency);
        let tax = self.minor(table, row, "tax", tax, currency);
        let (net, tax, amount) = (net?, tax?, amount?);
        if net.checked_add(tax) != Some(amount) {
            self.problem(table, row, "amount", "does_not_add_up", "expected net plus tax to be the amount");
            return None;
        }
        Some(net)
    }

    fn base_amount(
        &mut self,
        row: usize,
        read: &DocumentRead<'_>,
        currency: Option<u32>,
        amount: Option<Minor>,
        company: u32,
    ) -> Option<Minor> {
        let table = Table::documents;
        let company = self.texts.text(company).to_owned();
        let settings = Arc::clone(&self.before.settings);
        let code = settings.base_currency_of(&company);
        let (currency, amount) = (currency?, amount?);
        let Some(code) = code else {
            let given = if read.base_amount.is_some() { Some("base_amount") } else { read.rate.map(|_| "rate") };
            if let Some(field) = given {
                self.problem(table, row, field, "unknown_currency", "expected a base currency in the settings");
                return None;
            }
            return Some(NO_BASE);
        };
        let base = self.currency(table, row, "base_amount", code)?;
        let minor = match (read.base_amount, read.rate) {
            (Some(given), _) => self.minor(table, row, "base_amount", given, base)?,
            (None, Some(rate)) => {
                let rate = Ratio::from_exact(rate).and_then(|rate| {
                    rate.apply(amount, self.exponent(currency), self.exponent(base), Rounding::HalfAwayFromZero)
                });
                match rate {
                    Ok(minor) => minor,
                    Err(error) => {
                        self.problem(table, row, "rate", error.code(), error.to_string());
                        return None;
                    }
                }
            }
            (None, None) if currency == base => amount,
            (None, None) => NO_BASE,
        };
        if minor != NO_BASE && minor.signum().saturating_mul(amount.signum()) < 0 {
            self.problem(
                table,
                row,
                if read.base_amount.is_some() { "base_amount" } else { "rate" },
                "wrong_sign",
                "expected a base amount of the amount's sign",
            );
            return None;
        }
        Some(minor)
    }

    fn due_by_terms(
        &mut self,
        row: usize,
        read: &DocumentRead<'_>,
        draft: &mut Draft,
        at: usize,
        generated: &mut Vec<(usize, InstalmentFact)>,
        scheduled: &rustc_hash::FxHashSet<String>,
    ) {
        let code = match &read.terms {
            Some(code) => code.clone().into_owned(),
            None => {
                let customer = draft.account_parts.customer;
                let start = self.customer_ids.start();
                let own = if customer >= start {
                    self.new_customers.get(place(customer.wrapping_sub(start)))
                } else {
                    self.before.customers.get(customer)
                };
                match own.map(|fact| fact.terms) {
                    Some(terms) if terms != NONE => self.texts.text(terms).to_owned(),
                    _ => return,
                }
            }
        };
        let known = Arc::clone(&self.before.terms);
        let Some(terms) = known.get(&code) else {
            self.unknown(Table::documents, row, "terms", "payment term in the settings", &code);
            return;
        };
        if draft.due != NO_DAY || scheduled.contains(read.id.as_ref()) {
            return;
        }
        let currency = self.currencies.get(place(draft.account_parts.currency)).copied();
        let (Ok(day), Some(currency)) = (Day::new(draft.document_date), currency) else { return };
        let schedule = match terms.schedule(day, draft.amount, currency, None) {
            Ok(schedule) => schedule,
            Err(error) => {
                self.problem(Table::documents, row, "terms", error.code(), error.to_string());
                return;
            }
        };
        draft.due = schedule.iter().map(|line| line.due_date.number()).min().unwrap_or(NO_DAY);
        if terms.has_instalments() {
            generated.extend(schedule.iter().map(|line| {
                let fact = InstalmentFact {
                    document: NONE,
                    effective: draft.effective,
                    recorded: draft.recorded,
                    batch: self.before.batches,
                    number: line.number,
                    due: line.due_date.number(),
                    amount: line.amount,
                    plan: NONE,
                };
                (at, fact)
            }));
        }
    }

    /// Gives new accounts their numbers; in the first load in the order of their texts.
    fn number_accounts(&mut self, next: &mut Store, new: Vec<Account>, rows: &mut [Draft]) {
        if new.is_empty() {
            return;
        }
        let start = count(next.accounts.len());
        let key = |account: &Account| {
            (
                self.texts.text(account.company),
                self.texts.text(account.control),
                self.customer_ids.text(account.customer),
                self.currencies.get(place(account.currency)).map(|currency| currency.code),
            )
        };
        let mut sorted: Vec<u32> = (0..count(new.len())).collect();
        sorted.sort_by(|a, b| match (new.get(place(*a)), new.get(place(*b))) {
            (Some(a), Some(b)) => key(a).cmp(&key(b)),
            _ => std::cmp::Ordering::Equal,
        });
        let mut renumbered = vec![0_u32; new.len()];
        let mut accounts = next.accounts.as_ref().clone();
        let mut index = FxHashMap::default();
        for (number, old) in sorted.iter().enumerate() {
            let number = start.saturating_add(count(number));
            if let (Some(slot), Some(account)) = (renumbered.get_mut(place(*old)), new.get(place(*old))) {
                *slot = number;
                accounts.push(*account);
                index.insert(*account, number);
            }
        }
        for row in rows.iter_mut().filter(|row| row.account >= start) {
            row.account = renumbered.get(place(row.account.wrapping_sub(start))).copied().unwrap_or(NONE);
        }
        let mut order: Vec<u32> = Vec::with_capacity(accounts.len());
        let mut held = next.account_order.iter().copied().peekable();
        let mut added = (start..count(accounts.len())).peekable();
        loop {
            let from_held = match (held.peek(), added.peek()) {
                (Some(a), Some(b)) => match (accounts.get(place(*a)), accounts.get(place(*b))) {
                    (Some(a), Some(b)) => key(a) <= key(b),
                    _ => true,
                },
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            order.extend(if from_held { held.next() } else { added.next() });
        }
        let mut rank = vec![0_u32; accounts.len()];
        for (at, account) in order.iter().enumerate() {
            if let Some(slot) = rank.get_mut(place(*account)) {
                *slot = count(at);
            }
        }
        next.accounts = Arc::new(accounts);
        let accounts = Arc::clone(&next.accounts);
        next.account_order = Arc::new(order);
        next.account_rank = Arc::new(rank);
        next.account_index.push(AccountIndex(index));
        self.accounts = accounts;
    }

    /// Lays the documents out by account, due date and id; returns the row of each draft.
    fn place_documents(&mut self, rows: Vec<Draft>) -> Vec<u32> {
        let mut sorted: Vec<u32> = (0..count(rows.len())).collect();
        let ids = &self.document_ids;
        sorted.sort_by(|a, b| match (rows.get(place(*a)), rows.get(place(*b))) {
            (Some(a), Some(b)) => {
                (a.account, a.due).cmp(&(b.account, b.due)).then_with(|| ids.text(a.id).cmp(ids.text(b.id)))
            }
            _ => std::cmp::Ordering::Equal,
        });
        let start = self.documents.start;
        let new_ids = self.document_ids.len().saturating_sub(start);
        let mut to = Documents { start, row_of_id: vec![NONE; place(new_ids)], ..Documents::default() };
        let mut names: Vec<u32> = rows.iter().flat_map(|row| row.dimensions.iter().map(|(name, _)| *name)).collect();
        names.sort_unstable();
        names.dedup();
        to.dimensions = names.iter().map(|name| (*name, vec![NONE; rows.len()])).collect();
        let mut renumbered = vec![NONE; rows.len()];
        for (at, draft) in sorted.iter().enumerate() {
            let Some(row) = rows.get(place(*draft)) else { continue };
            if let Some(slot) = renumbered.get_mut(place(*draft)) {
                *slot = count(at);
            }
            if let Some(slot) = to.row_of_id.get_mut(place(row.id.wrapping_sub(start))) {
                *slot = count(at);
            }
            to.account.push(row.account);
            to.due.push(row.due);
            to.effective.push(row.effective);
            to.amount.push(row.amount);
            to.recorded.push(row.recorded);
            to.base.push(row.base);
            to.document_date.push(row.document_date);
            to.kind.push(row.kind);
            to.id.push(row.id);
            to.reference.push(row.reference);
            to.related.push(NONE);
            to.order_reference.push(row.order);
            to.net.push(row.net);
            for (name, value) in &row.dimensions {
                if let Ok(found) = to.dimensions.binary_search_by_key(name, |(held, _)| *held)
                    && let Some((_, values)) = to.dimensions.get_mut(found)
                    && let Some(slot) = values.get_mut(at)
                {
                    *slot = *value;
                }
            }
        }
        self.documents = to;
        renumbered
    }

    fn document_lines(&mut self) -> Vec<LineFact> {
        let mut lines: Vec<LineFact> = Vec::new();
        let mut sums: FxHashMap<u32, i128> = FxHashMap::default();
        let mut order: Vec<u32> = Vec::new();
        self.each(Table::document_lines, DocumentLineRead::read, |this, row, read: DocumentLineRead<'_>| {
            let table = Table::document_lines;
            let Some(document) = this.known_document(table, row, "document", &read.document) else { return };
            if document < this.documents.start {
                this.problem(table, row, "document", "duplicate_id", "expected lines in the batch of their document");
                return;
            }
            let tax = match read.kind.as_ref() {
                "net" => false,
                "tax" => true,
                other => {
                    this.problem(
                        table,
                        row,
                        "kind",
                        "unknown_kind",
                        format!("expected `net` or `tax`, got {}", quoted(other)),
                    );
                    return;
                }
            };
            let Some(currency) = this.currency_of(document) else { return };
            let Some(amount) = this.minor(table, row, "amount", read.amount, currency) else { return };
            let code = this.text_or_none(read.code.as_ref());
            let sum = sums.entry(document).or_insert_with(|| {
                order.push(document);
                0
            });
            *sum = sum.saturating_add(i128::from(amount));
            lines.push(LineFact { document, tax, code, amount });
        });
        for document in order {
            let amount = self.held(document).and_then(|(piece, row)| piece.amount.get(row)).copied().unwrap_or(0);
            if sums.get(&document) != Some(&i128::from(amount)) {
                let row = self.row_in_batch(document);
                self.problem(
                    Table::documents,
                    row,
                    "amount",
                    "does_not_add_up",
                    "expected its lines to add up to the amount",
                );
            }
        }
        lines
    }

    /// The row of `documents` that a document of this batch came from. Only asked for on the way to an error.
    fn row_in_batch(&self, document: u32) -> usize {
        let id = self.held(document).and_then(|(piece, row)| piece.id.get(row)).copied().unwrap_or(NONE);
        let id = self.document_ids.text(id).to_owned();
        self.rows(Table::documents)
            .into_iter()
            .find(|(_, source, row)| matches!(super::cell::text(source.cell(0, *row)), Ok(Some(text)) if text == id))
            .map_or(0, |(index, _, _)| index)
    }

    pub(super) fn currency_of(&self, document: u32) -> Option<u32> {
        let account = self.held(document).and_then(|(piece, row)| piece.account.get(row)).copied()?;
        self.account_parts(account).map(|account| account.currency)
    }

    fn account_parts(&self, account: u32) -> Option<Account> {
        self.accounts.get(place(account)).copied()
    }

    fn instalments(&mut self, generated: Vec<(u32, InstalmentFact)>) -> Vec<InstalmentFact> {
        let mut all: Vec<InstalmentFact> = generated.into_iter().map(|(_, fact)| fact).collect();
        let mut given: Vec<(usize, InstalmentFact)> = Vec::new();
        let batch = self.before.batches;
        self.each(Table::instalments, InstalmentRead::read, |this, row, read: InstalmentRead<'_>| {
            let table = Table::instalments;
            let document = this.known_document(table, row, "document", &read.document);
            let number = u32::try_from(read.number).ok().filter(|number| *number >= 1 && *number < NONE);
            if number.is_none() {
                this.problem(table, row, "number", "wrong_type", "expected a whole number from 1 up");
            }
            let plan = match &read.plan {
                None => NONE,
                Some(plan) => this.texts.intern(plan),
            };
            let Some(document) = document else { return };
            let Some((amount_of, effective_of, recorded_of)) = this.held(document).and_then(|(piece, row)| {
                Some((*piece.amount.get(row)?, *piece.effective.get(row)?, *piece.recorded.get(row)?))
            }) else {
                return;
            };
            let effective = read.effective.map_or(effective_of, Day::number);
            if effective < effective_of {
                this.problem(table, row, "effective", "impossible_date", "expected a day not before the document's");
                return;
            }
            let recorded = this.recorded(table, row, read.recorded, &[effective, recorded_of]);
            let Some(currency) = this.currency_of(document) else { return };
            let Some(amount) = this.minor(table, row, "amount", read.amount, currency) else { return };
            if amount.signum().saturating_mul(amount_of.signum()) < 0
                && this.before.settings.instalment_sign == InstalmentSign::Same
            {
                this.problem(table, row, "amount", "instalment_sign", "expected the sign of the document's amount");
                return;
            }
            if let (Some(number), Some(recorded)) = (number, recorded) {
                let due = read.due_date.number();
                given.push((row, InstalmentFact { document, effective, recorded, batch, number, due, amount, plan }));
            }
        });
        self.check_schedules(&given);
        all.extend(given.into_iter().map(|(_, fact)| fact));
        all
    }

    fn check_schedules(&mut self, given: &[(usize, InstalmentFact)]) {
        let mut sorted: Vec<&(usize, InstalmentFact)> = given.iter().collect();
        sorted.sort_by_key(|(row, fact)| (fact.document, fact.effective, fact.recorded, *row));
        let schedules = sorted
            .chunk_by(|(_, a), (_, b)| (a.document, a.effective, a.recorded) == (b.document, b.effective, b.recorded));
        for schedule in schedules {
            let mut numbers = rustc_hash::FxHashSet::default();
            for (row, fact) in schedule {
                if !numbers.insert(fact.number) {
                    self.problem(
                        Table::instalments,
                        *row,
                        "number",
                        "duplicate_id",
                        "expected a number once in a schedule",
                    );
                }
            }
            let Some((row, first)) = schedule.first() else { continue };
            let sum: i128 = schedule.iter().map(|(_, fact)| i128::from(fact.amount)).sum();
            let amount = self.held(first.document).and_then(|(piece, row)| piece.amount.get(row)).copied().unwrap_or(0);
            if sum != i128::from(amount) {
                self.problem(
                    Table::instalments,
                    *row,
                    "amount",
                    "does_not_add_up",
                    "expected the schedule to add up to the document's amount",
                );
            }
        }
    }

    fn matter(&mut self, table: Table, row: usize, id: &str) -> Option<u32> {
        match self.matter_ids.add(id) {
            Ok(number) => Some(number),
            Err(_) => {
                self.problem(table, row, "id", "duplicate_id", format!("expected a new id, got {} again", quoted(id)));
                None
            }
        }
    }

    /// Cancellations are taken in with the allocations; here all facts that settle nothing.
    fn matters(&mut self, next: &mut Store) {
        self.disputes(next);
        self.holds(next);
        self.promises_and_plans(next);
        self.notices(next);
        self.commitments(next);
        self.requirements(next);
        self.closings(next);
    }

    fn disputes(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(Table::disputes, DisputeRead::read, |this, row, read: DisputeRead<'_>| {
            let table = Table::disputes;
            let id = this.matter(table, row, &read.id);
            let document = this.known_document(table, row, "document", &read.document);
            let reason = this.texts.intern(&read.reason);
            let effective = read.effective.number();
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            let (Some(id), Some(document), Some(recorded)) = (id, document, recorded) else { return };
            let amount = match read.amount {
                None => NO_BASE,
                Some(amount) => {
                    let Some(currency) = this.currency_of(document) else { return };
                    let Some(minor) = this.minor(table, row, "amount", amount, currency) else { return };
                    if minor < 0 {
                        this.problem(table, row, "amount", "wrong_sign", "expected an amount not below zero");
                        return;
                    }
                    minor
                }
            };
            facts.push(DisputeFact { id, document, reason, amount, effective, recorded });
        });
        next.disputes.add(facts);
    }

    fn holds(&mut self, next: &mut Store) {
        let mut of_customers = Vec::new();
        let mut of_documents = Vec::new();
        self.each(Table::holds, HoldRead::read, |this, row, read: HoldRead<'_>| {
            let table = Table::holds;
            let id = this.matter(table, row, &read.id);
            let customer = read.customer.as_deref().map(|id| this.known_customer(table, row, "customer", id));
            let document = read.document.as_deref().map(|id| this.known_document(table, row, "document", id));
            if customer.is_none() && document.is_none() {
                this.problem(table, row, "customer", "missing_field", "expected a customer or a document");
            }
            let reason = this.texts.intern(&read.reason);
            let effective = read.effective.number();
            let until = read.until.map_or(NO_DAY, Day::number);
            if until < effective {
                this.problem(table, row, "until", "impossible_date", "expected a day not before the hold begins");
                return;
            }
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            let (Some(id), Some(recorded)) = (id, recorded) else { return };
            let fact = |of| HoldFact { id, of, reason, until, effective, recorded };
            match (customer, document) {
                (_, Some(Some(document))) => of_documents.push(fact(document)),
                (Some(Some(customer)), None) => of_customers.push(fact(customer)),
                _ => {}
            }
        });
        next.customer_holds.add(of_customers);
        next.document_holds.add(of_documents);
    }

    fn optional_document(&mut self, table: Table, row: usize, id: Option<&str>) -> Option<u32> {
        match id {
            None => Some(NONE),
            Some(id) => self.known_document(table, row, "document", id),
        }
    }

    fn promises_and_plans(&mut self, next: &mut Store) {
        let mut promises = Vec::new();
        self.each(Table::promises, PromiseRead::read, |this, row, read: PromiseRead<'_>| {
            let table = Table::promises;
            let id = this.matter(table, row, &read.id);
            let customer = this.known_customer(table, row, "customer", &read.customer);
            let document = this.optional_document(table, row, read.document.as_deref());
            let currency = this.currency(table, row, "currency", &read.currency);
            let amount = currency.and_then(|currency| this.minor(table, row, "amount", read.amount, currency));
            let effective = read.effective.number();
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            if let (Some(id), Some(customer), Some(document), Some(currency), Some(amount), Some(recorded)) =
                (id, customer, document, currency, amount, recorded)
            {
                let promised = read.promised_date.number();
                promises.push(PromiseFact { id, customer, document, currency, amount, promised, effective, recorded });
            }
        });
        next.promises.add(promises);
        let mut plans = Vec::new();
        self.each(Table::plans, PlanRead::read, |this, row, read: PlanRead<'_>| {
            let id = this.matter(Table::plans, row, &read.id);
            let customer = this.known_customer(Table::plans, row, "customer", &read.customer);
            let reason = this.text_or_none(read.reason.as_ref());
            let effective = read.effective.number();
            let recorded = this.recorded(Table::plans, row, read.recorded, &[effective]);
            if let (Some(id), Some(customer), Some(recorded)) = (id, customer, recorded) {
                plans.push(PlanFact { id, customer, reason, effective, recorded });
            }
        });
        next.plans.add(plans);
        let named: Vec<(usize, String)> = self
            .rows(Table::instalments)
            .into_iter()
            .filter_map(|(index, source, row)| match super::cell::text(source.cell(4, row)) {
                Ok(Some(plan)) => Some((index, plan.into_owned())),
                _ => None,
            })
            .collect();
        for (row, plan) in named {
            if self.matter_ids.find(&plan).is_none() {
                self.unknown(Table::instalments, row, "plan", "plan", &plan);
            }
        }
    }

    fn notices(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(Table::notices, NoticeRead::read, |this, row, read: NoticeRead<'_>| {
            let table = Table::notices;
            let id = this.notice_ids.add(&read.id).ok();
            if id.is_none() {
                this.problem(
                    table,
                    row,
                    "id",
                    "duplicate_id",
                    format!("expected a new id, got {} again", quoted(&read.id)),
                );
            }
            let customer = this.known_customer(table, row, "customer", &read.customer);
            let document = this.optional_document(table, row, read.document.as_deref());
            let channel = this.text_or_none(read.channel.as_ref());
            let effective = read.effective.number();
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            if let (Some(id), Some(customer), Some(document), Some(recorded)) = (id, customer, document, recorded) {
                facts.push(NoticeFact { id, customer, document, level: read.level, channel, effective, recorded });
            }
        });
        next.notices.add(facts);
    }

    fn commitments(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(Table::commitments, CommitmentRead::read, |this, row, read: CommitmentRead<'_>| {
            let table = Table::commitments;
            let id = this.matter(table, row, &read.id);
            let customer = this.known_customer(table, row, "customer", &read.customer);
            let kind = match read.kind.as_ref() {
                "draft" => Some(CommitmentKind::Draft),
                "order" => Some(CommitmentKind::Order),
                "delivery" => Some(CommitmentKind::Delivery),
                other => {
                    this.problem(
                        table,
                        row,
                        "kind",
                        "unknown_kind",
                        format!("expected `draft`, `order` or `delivery`, got {}", quoted(other)),
                    );
                    None
                }
            };
            let company = this.texts.intern(read.company.as_deref().unwrap_or(""));
            let currency = this.currency(table, row, "currency", &read.currency);
            let amount = currency.and_then(|currency| this.minor(table, row, "amount", read.amount, currency));
            let effective = read.effective.number();
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            if let (Some(id), Some(customer), Some(kind), Some(currency), Some(amount), Some(recorded)) =
                (id, customer, kind, currency, amount, recorded)
            {
                let expected = read.expected_date.map_or(NO_DAY, Day::number);
                facts.push(CommitmentFact {
                    id,
                    customer,
                    kind,
                    company,
                    currency,
                    amount,
                    expected,
                    effective,
                    recorded,
                });
            }
        });
        next.commitments.add(facts);
    }

    fn requirements(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(Table::requirements, RequirementRead::read, |this, row, read: RequirementRead<'_>| {
            let table = Table::requirements;
            let document = this.known_document(table, row, "document", &read.document);
            let requirement = this.texts.intern(&read.requirement);
            let state = match read.state.as_ref() {
                "missing" => Some(RequirementState::Missing),
                "fulfilled" => Some(RequirementState::Fulfilled),
                "waived" => Some(RequirementState::Waived),
                other => {
                    this.problem(
                        table,
                        row,
                        "state",
                        "unknown_kind",
                        format!("expected `missing`, `fulfilled` or `waived`, got {}", quoted(other)),
                    );
                    None
                }
            };
            let effective = read.effective.number();
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            if let (Some(document), Some(state), Some(recorded)) = (document, state, recorded) {
                facts.push(RequirementFact { document, requirement, state, effective, recorded });
            }
        });
        next.requirements.add(facts);
    }

    fn closings(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(Table::closings, ClosingRead::read, |this, row, read: ClosingRead<'_>| {
            let table = Table::closings;
            let of = this.matter_ids.find(&read.of);
            if of.is_none() {
                this.unknown(table, row, "of", "dispute, hold, promise, plan or commitment", &read.of);
            }
            let outcome = this.text_or_none(read.outcome.as_ref());
            let effective = read.effective.number();
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            if let (Some(of), Some(recorded)) = (of, recorded) {
                facts.push(ClosingFact { of, outcome, effective, recorded });
            }
        });
        next.closings.add(facts);
    }

    fn rates(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(Table::rates, RateRead::read, |this, row, read: RateRead<'_>| {
            let table = Table::rates;
            let currency = this.currency(table, row, "currency", &read.currency);
            let base = this.currency(table, row, "base", &read.base);
            if read.rate.units() <= 0 {
                this.problem(table, row, "rate", "wrong_sign", "expected a rate above zero");
            }
            let effective = read.effective.number();
            let recorded = this.recorded(table, row, read.recorded, &[effective]);
            if let (Some(currency), Some(base), Some(recorded)) = (currency, base, recorded) {
                let (units, scale) = (read.rate.units(), read.rate.scale());
                facts.push(RateFact { currency, base, units, scale, effective, recorded });
            }
        });
        next.rates.add(facts);
    }
}

/// The rows that make customers their own ancestors.
fn circle_refused(tables: &Tables<'_>, next: &Store, circle: &[u32]) -> Refused {
    let in_circle = |id: &str| next.customer_ids.find(id).is_some_and(|number| circle.contains(&number));
    let problem = || Problem::new("cyclic_parent", "expected a customer that is not its own ancestor");
    let mut problems = Vec::new();
    let mut noted = Vec::new();
    let mut scan = |table: Table, field: &str, customer: usize, parent: usize, attribute: Option<usize>| {
        let mut index = 0_usize;
        for source in tables.of(table) {
            for row in 0..source.rows() {
                let text = |field| super::cell::text(source.cell(field, row)).ok().flatten();
                let about_parent = attribute.is_none_or(|field| text(field).as_deref() == Some("parent"));
                if about_parent && text(parent).is_some() && text(customer).is_some_and(|id| in_circle(&id)) {
                    noted.push(problem().field(field).row(table.name(), index));
                }
                index = index.saturating_add(1);
            }
        }
    };
    scan(Table::customers, "parent", 0, 2, None);
    scan(Table::customer_changes, "value", 0, 2, Some(1));
    problems.append(&mut noted);
    if problems.is_empty() {
        problems.push(problem());
    }
    Refused::listing_all(problems)
}

/// A document on its way in.
struct Draft {
    id: u32,
    account_parts: Account,
    account: u32,
    due: i32,
    effective: i32,
    amount: Minor,
    recorded: i32,
    base: Minor,
    document_date: i32,
    kind: DocumentKind,
    reference: u32,
    order: u32,
    net: Minor,
    dimensions: Vec<(u32, u32)>,
}

/// What the settling facts ask of a batch.
impl Admission<'_> {
    pub(super) fn intern(&mut self, text: Option<&str>) -> u32 {
        text.map_or(NONE, |text| self.texts.intern(text))
    }

    /// A document's amount and base amount.
    pub(super) fn amount_of(&self, document: u32) -> Option<(Minor, Minor)> {
        let (piece, row) = self.held(document)?;
        Some((*piece.amount.get(row)?, *piece.base.get(row)?))
    }

    /// A document's effective and recorded day.
    pub(super) fn days_of(&self, document: u32) -> Option<(i32, i32)> {
        let (piece, row) = self.held(document)?;
        Some((*piece.effective.get(row)?, *piece.recorded.get(row)?))
    }

    /// Money in the base currency of a document's company.
    pub(super) fn base_minor(
        &mut self,
        table: Table,
        row: usize,
        field: &str,
        amount: Amount,
        document: u32,
    ) -> Option<Minor> {
        let account = self.held(document).and_then(|(piece, at)| piece.account.get(at)).copied()?;
        let company = self.texts.text(self.account_parts(account)?.company).to_owned();
        let settings = Arc::clone(&self.before.settings);
        let Some(code) = settings.base_currency_of(&company) else {
            self.problem(table, row, field, "unknown_currency", "expected a base currency in the settings");
            return None;
        };
        let currency = self.currency(table, row, field, code)?;
        self.minor(table, row, field, amount, currency)
    }
}
