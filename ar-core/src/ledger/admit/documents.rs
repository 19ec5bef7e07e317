//! Documents: each row by itself, with its amounts, days and base amount.

use std::sync::Arc;

use super::{Admission, at};
use crate::ledger::cell::Amount;
use crate::ledger::fact::{DocumentRead, Table};
use crate::ledger::layers::{NONE, count};
use crate::ledger::row::Field;
use crate::ledger::store::{
    Account, ChangeFact, DocumentKind, DocumentRate, InstalmentFact, LineFact, NO_BASE, NO_DAY, Store,
};
use crate::money::{Exact, Minor, Ratio, Rounding};

const TABLE: Table = Table::documents;

/// A good document on its way in.
pub(super) struct Draft {
    pub(super) row: usize,
    pub(super) id: u32,
    pub(super) parts: Account,
    pub(super) account: u32,
    pub(super) due: i32,
    pub(super) effective: i32,
    pub(super) amount: Minor,
    pub(super) recorded: i32,
    pub(super) base: Minor,
    pub(super) rate: Option<Exact>,
    pub(super) document_date: i32,
    pub(super) kind: DocumentKind,
    pub(super) reference: u32,
    pub(super) related: u32,
    pub(super) order: u32,
    pub(super) net: Minor,
    /// Code of its own payment terms; `NONE` when it names none.
    pub(super) terms: u32,
    pub(super) dimensions: Vec<(u32, u32)>,
}

/// The good documents of a batch, and how they are found by the number of their id.
#[derive(Default)]
pub(super) struct Drafts {
    pub(super) all: Vec<Draft>,
    /// By number of the id less the start: the place in `all`, or `NONE`.
    pub(super) of_id: Vec<u32>,
}

impl Admission<'_> {
    /// Takes documents in with their lines, terms and accounts, and lays them out.
    pub(super) fn documents(&mut self, next: &mut Store, changes: &[ChangeFact]) {
        let mut drafts = Drafts::default();
        self.each(|this, row, read: DocumentRead<'_>| {
            let id = match read.id.as_deref().map(|id| this.document_ids.add(id)) {
                None => None,
                Some(Ok(number)) => {
                    drafts.of_id.push(NONE);
                    Some(number)
                }
                Some(Err(_)) => {
                    this.taken(TABLE, row.index, read.id.as_deref().unwrap_or(""));
                    None
                }
            };
            let draft = this.draft(row.index, id, read);
            if let (Some(draft), true) = (draft, this.row_is_good()) {
                if let Some(slot) = drafts.of_id.last_mut() {
                    *slot = count(drafts.all.len());
                }
                drafts.all.push(draft);
            }
        });
        let lines = self.document_lines(&mut drafts);
        let generated = self.terms(&mut drafts, changes);
        let Drafts { mut all, of_id } = drafts;
        self.number_accounts(next, &mut all);
        let rates: Vec<(u32, Exact)> =
            (0..).zip(&all).filter_map(|(draft, document)| Some((draft, document.rate?))).collect();
        let numbers = self.place_documents(all, &of_id);
        let document = |draft: u32| numbers.get(at(draft)).copied().unwrap_or(NONE);
        let rates = rates.into_iter().map(|(draft, rate)| DocumentRate { document: document(draft), rate });
        next.document_rates.add(rates.collect());
        next.lines.add(lines.into_iter().map(|line| LineFact { document: document(line.document), ..line }).collect());
        let generated = generated.into_iter();
        next.instalments
            .add(generated.map(|fact| InstalmentFact { document: document(fact.document), ..fact }).collect());
    }

    fn draft(&mut self, row: usize, id: Option<u32>, read: DocumentRead<'_>) -> Option<Draft> {
        let customer = read.customer.as_deref().and_then(|id| self.known_customer(TABLE, row, "customer", id));
        let kind = read.kind.as_deref().and_then(|name| {
            let kind = DocumentKind::named(name);
            if kind.is_none() {
                self.no_word(TABLE, row, "kind", "a kind of document", name);
            }
            kind
        });
        let currency = read.currency.as_deref().and_then(|code| self.currency(TABLE, row, "currency", code));
        let amount = self.minor(TABLE, row, "amount", read.amount, currency);
        let mut good_amount = amount;
        if let (Some(kind), Some(minor)) = (kind, amount)
            && !kind.takes(minor)
        {
            let sign = if minor < 0 { "zero or above" } else { "zero or below" };
            let got = self.shown(minor.into(), currency.unwrap_or(NONE));
            self.problem(
                TABLE,
                row,
                "amount",
                "wrong_sign",
                format!("expected {sign} on a {}, got {got}", kind.name()),
            );
            good_amount = None;
        }
        let net = self.net_of_tax(row, &read, currency, &mut good_amount);
        let posted = read.posting_date.or(read.document_date).map(|day| day.number());
        let recorded = self.recorded(TABLE, row, read.recorded, posted);
        let company = match &read.company {
            Field::Bad => None,
            Field::Absent => Some(self.texts.intern("")),
            Field::Given(text) => Some(self.texts.intern(text)),
        };
        let control = self.texts.intern(read.control_account.given().map_or("", |text| text));
        if let (Some(company), Some(currency), Some(rate)) = (company, currency, read.rate.given()) {
            self.rate_of_base(row, company, currency, *rate);
        }
        let base = company.and_then(|company| {
            let (base, rate) = (&read.base_amount, &read.rate);
            match base {
                Field::Absent => self.computed_base(row, rate, currency, amount, company),
                Field::Bad => None,
                Field::Given(base) => self.given_base(row, *base, (good_amount, currency), company),
            }
        });
        let mut dimensions: Vec<(u32, u32)> = Vec::with_capacity(read.dimensions.len());
        for (name, value) in &read.dimensions {
            dimensions.push((self.dimension_names.intern(name), self.texts.intern(value)));
        }
        Some(Draft {
            row,
            id: id?,
            parts: Account { company: company?, control, customer: customer?, currency: currency? },
            account: NONE,
            due: read.due_date.given().map_or(NO_DAY, |day| day.number()),
            effective: posted?,
            amount: amount?,
            recorded: recorded?,
            base: base?,
            rate: read.rate.given().copied(),
            document_date: read.document_date?.number(),
            kind: kind?,
            reference: self.intern(&read.reference),
            related: self.intern(&read.related),
            order: self.intern(&read.order),
            net: net?,
            terms: self.intern(&read.terms),
            dimensions,
        })
    }

    /// A rate from the base currency to itself is one.
    fn rate_of_base(&mut self, row: usize, company: u32, currency: u32, rate: Exact) {
        let settings = Arc::clone(&self.before.settings);
        let base = settings.base_currency_of(self.texts.text(company));
        let own = self.currencies.get(at(currency)).map(|held| held.code.as_str());
        if base.is_some() && base == own && rate.cmp(&Exact::from_integer(1)).is_ne() {
            let reason = format!("expected a rate of 1 in the base currency, got {rate}");
            self.problem(TABLE, row, "rate", "does_not_add_up", reason);
        }
    }

    /// The amount net of tax, `NO_BASE` when the document does not say.
    fn net_of_tax(
        &mut self,
        row: usize,
        read: &DocumentRead<'_>,
        currency: Option<u32>,
        good_amount: &mut Option<Minor>,
    ) -> Option<Minor> {
        let net = self.minor(TABLE, row, "net", read.net.given().copied(), currency);
        let tax = self.minor(TABLE, row, "tax", read.tax.given().copied(), currency);
        if read.net.is_absent() && read.tax.is_absent() {
            return Some(NO_BASE);
        }
        for (field, absent) in [("net", read.net.is_absent()), ("tax", read.tax.is_absent())] {
            if absent {
                self.problem(TABLE, row, field, "missing_field", "expected both `net` and `tax`, or neither, got one");
            }
        }
        let (net, tax, amount) = (net?, tax?, (*good_amount)?);
        if net.checked_add(tax) != Some(amount) {
            let (sum, currency) = (i128::from(net).saturating_add(i128::from(tax)), currency.unwrap_or(NONE));
            let (whole, sum) = (self.shown(amount.into(), currency), self.shown(sum, currency));
            let reason = format!("expected net plus tax to be {whole}, got {sum}");
            self.problem(TABLE, row, "amount", "does_not_add_up", reason);
            *good_amount = None;
        }
        Some(net)
    }

    fn given_base(
        &mut self,
        row: usize,
        given: Amount,
        (amount, currency): (Option<Minor>, Option<u32>),
        company: u32,
    ) -> Option<Minor> {
        let base = self.base_currency(TABLE, row, "base_amount", company)?;
        let minor = self.minor(TABLE, row, "base_amount", Some(given), Some(base))?;
        if amount.is_some_and(|amount| minor.signum().saturating_mul(amount.signum()) < 0) {
            let reason = format!("expected a base amount of the amount's sign, got {}", self.shown(minor.into(), base));
            self.problem(TABLE, row, "base_amount", "wrong_sign", reason);
        } else if let Some(amount) = amount.filter(|amount| currency == Some(base) && *amount != minor) {
            let (wanted, got) = (self.shown(amount.into(), base), self.shown(minor.into(), base));
            let reason = format!("expected the amount itself in the base currency, {wanted}, got {got}");
            self.problem(TABLE, row, "base_amount", "does_not_add_up", reason);
        }
        Some(minor)
    }

    /// The amount in base currency, `NO_BASE` when the document has none.
    fn computed_base(
        &mut self,
        row: usize,
        rate: &Field<Exact>,
        currency: Option<u32>,
        amount: Option<Minor>,
        company: u32,
    ) -> Option<Minor> {
        if self.before.settings.base_currency_of(self.texts.text(company)).is_none() {
            return Some(NO_BASE);
        }
        let base = self.base_currency(TABLE, row, "base_amount", company)?;
        let (currency, amount) = (currency?, amount?);
        match rate {
            Field::Bad => None,
            Field::Absent if currency == base => Some(amount),
            Field::Absent => Some(NO_BASE),
            Field::Given(_) if currency == base => Some(amount),
            Field::Given(rate) => {
                let (from, to) = (self.exponent(currency), self.exponent(base));
                let computed =
                    Ratio::from_exact(*rate).and_then(|rate| rate.apply(amount, from, to, Rounding::HalfAwayFromZero));
                match computed {
                    Ok(minor) => Some(minor),
                    Err(error) => {
                        self.note_money(TABLE, row, "rate", &error);
                        None
                    }
                }
            }
        }
    }
}
