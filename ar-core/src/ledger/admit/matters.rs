//! Facts that settle nothing: disputes, holds, promises, plans, notices, commitments, requirements, closings, rates.

use super::{Admission, Row};
use crate::calendar::Day;
use crate::ledger::cell::Amount;
use crate::ledger::commitments::named;
use crate::ledger::fact::{
    ClosingRead, CommitmentRead, CreditLineRead, DisputeRead, HoldRead, NoticeLineRead, NoticeRead, PlanRead,
    PromiseRead, RateRead, ReleaseRead, RequirementRead, Table,
};
use crate::ledger::layers::{NONE, count};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ledger::row::Field;
use crate::ledger::store::{
    ClosingFact, CommitmentFact, CommitmentKind, CreditLineFact, CreditLineKind, DisputeFact, FollowerFact, HoldFact,
    NO_BASE, NO_DAY, NoticeFact, NoticeLineFact, OwnerFact, PlanFact, PromiseFact, RateFact, ReleaseFact,
    RequirementFact, RequirementState, Store,
};
use crate::money::Minor;

const EXPECTED_ORDERS: &str = "expected commitments that do not follow one another in a circle";

/// What the commitments of a batch follow.
#[derive(Debug, Default)]
struct Orders {
    /// By number of an id the text of the id that it follows, and these texts.
    above: FxHashMap<u32, u32>,
    followed: FxHashSet<u32>,
}

impl Orders {
    fn add(&mut self, id: u32, order: u32) {
        self.above.insert(id, order);
        self.followed.insert(order);
    }

    /// Whether what a commitment follows follows it in turn. One that names itself follows nothing.
    fn lead_back(&self, admission: &Admission<'_>, id: u32, order: u32) -> bool {
        let before = admission.before;
        let Some(own) = admission.texts.find(admission.matter_ids.text(id)).filter(|own| *own != order) else {
            return false;
        };
        if !self.followed.contains(&own) && before.followers.of(own).all(|fact| fact.document != NONE) {
            return false;
        }
        let mut next = order;
        while let Some(above) = admission.matter_ids.find(admission.texts.text(next)) {
            if above == id {
                return true;
            }
            let held = || named(before, above).map(|fact| fact.order).filter(|order| *order != NONE);
            let Some(order) = self.above.get(&above).copied().or_else(held).filter(|order| *order != next) else {
                return false;
            };
            next = order;
        }
        false
    }
}

impl Admission<'_> {
    /// Takes in what is about customers and documents; closings, which are about these, come last of all.
    pub(super) fn matters(&mut self, next: &mut Store) {
        self.disputes(next);
        self.holds(next);
        self.promises(next);
        self.plans(next);
        self.notices(next);
        self.commitments(next);
        self.credit_lines(next);
        self.releases(next);
        self.requirements(next);
        self.rates(next);
    }

    /// The number of a new dispute, hold, promise, plan, commitment, credit line or release.
    fn matter(&mut self, table: Table, row: usize, id: Option<&str>) -> Option<u32> {
        let id = id?;
        let added = self.matter_ids.add(id);
        if added.is_err() {
            self.taken(table, row, id);
        }
        added.ok()
    }

    /// Notes a bad row, so that nothing refers to what it names.
    fn settle_matter(&mut self, id: Option<u32>) -> bool {
        let good = self.row_is_good();
        if let (Some(id), false) = (id, good) {
            self.bad_matters.insert(id);
        }
        good
    }

    /// The effective and recorded day of a row.
    fn days(&mut self, table: Table, row: Row, effective: Option<Day>, recorded: Field<Day>) -> Option<(i32, i32)> {
        let effective = effective.map(Day::number);
        let recorded = self.recorded(table, row.index, recorded, effective);
        Some((effective?, recorded?))
    }

    /// The last day on which a row holds; none is for ever.
    pub(super) fn until(&mut self, table: Table, row: usize, until: Field<Day>, effective: Option<Day>) -> i32 {
        let until = until.or(None);
        if let (Some(until), Some(first)) = (until, effective)
            && until < first
        {
            let reason = format!("expected a day not before {first}, from which it holds, got {until}");
            self.problem(table, row, "until", "impossible_date", reason);
        }
        until.map_or(NO_DAY, Day::number)
    }

    fn optional_document(&mut self, table: Table, row: usize, id: &Field<std::borrow::Cow<'_, str>>) -> Option<u32> {
        match id {
            Field::Absent => Some(NONE),
            Field::Bad => None,
            Field::Given(id) => self.known_document(table, row, "document", id),
        }
    }

    fn not_below_zero(
        &mut self,
        table: Table,
        row: usize,
        amount: Option<Amount>,
        currency: Option<u32>,
    ) -> Option<Minor> {
        let minor = self.minor(table, row, "amount", amount, currency)?;
        if minor < 0 {
            let got = self.shown(minor.into(), currency.unwrap_or(NONE));
            self.problem(table, row, "amount", "wrong_sign", format!("expected an amount not below zero, got {got}"));
        }
        Some(minor)
    }

    fn disputes(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(|this, row, read: DisputeRead<'_>| {
            let table = Table::disputes;
            let id = this.matter(table, row.index, read.id.as_deref());
            let document = read.document.and_then(|id| this.known_document(table, row.index, "document", &id));
            let amount = match (read.amount, document) {
                (Field::Given(amount), Some(document)) => {
                    let currency = this.currency_of(document);
                    this.not_below_zero(table, row.index, Some(amount), currency)
                }
                _ => Some(NO_BASE),
            };
            let reason = read.reason.map_or(NONE, |reason| this.texts.intern(&reason));
            let days = this.days(table, row, read.effective, read.recorded);
            if let (true, Some(id), Some(document), Some(amount), Some((effective, recorded))) =
                (this.settle_matter(id), id, document, amount, days)
            {
                facts.push(DisputeFact { seq: row.seq, id, document, reason, amount, effective, recorded });
            }
        });
        next.disputes.add(facts);
    }

    fn holds(&mut self, next: &mut Store) {
        let mut of_customers = Vec::new();
        let mut of_documents = Vec::new();
        self.each(|this, row, read: HoldRead<'_>| {
            let table = Table::holds;
            let index = row.index;
            let id = this.matter(table, index, read.id.as_deref());
            let customer = read.customer.given().and_then(|id| this.known_customer(table, index, "customer", id));
            let document = read.document.given().and_then(|id| this.known_document(table, index, "document", id));
            if read.customer.is_absent() && read.document.is_absent() {
                this.problem(table, index, "customer", "missing_field", "expected a customer or a document, got none");
            }
            let reason = read.reason.map_or(NONE, |reason| this.texts.intern(&reason));
            let until = this.until(table, row.index, read.until, read.effective);
            let days = this.days(table, row, read.effective, read.recorded);
            if let (true, Some(id), Some((effective, recorded))) = (this.settle_matter(id), id, days) {
                let fact = |of, about| HoldFact { seq: row.seq, id, of, about, reason, until, effective, recorded };
                match (customer, document) {
                    (customer, Some(document)) => of_documents.push(fact(document, customer.unwrap_or(NONE))),
                    (Some(customer), None) => of_customers.push(fact(customer, customer)),
                    (None, None) => {}
                }
            }
        });
        next.customer_holds.add(of_customers);
        next.document_holds.add(of_documents);
    }

    fn promises(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(|this, row, read: PromiseRead<'_>| {
            let table = Table::promises;
            let index = row.index;
            let id = this.matter(table, index, read.id.as_deref());
            let customer = read.customer.and_then(|id| this.known_customer(table, index, "customer", &id));
            let document = this.optional_document(table, index, &read.document);
            let currency = read.currency.and_then(|code| this.currency(table, index, "currency", &code));
            let amount = this.not_below_zero(table, index, read.amount, currency);
            let days = this.days(table, row, read.effective, read.recorded);
            let promised = read.promised_date.map(Day::number);
            if let (true, Some(id), Some(customer), Some(document), Some(currency)) =
                (this.settle_matter(id), id, customer, document, currency)
                && let (Some(amount), Some(promised), Some((effective, recorded))) = (amount, promised, days)
            {
                let seq = row.seq;
                facts.push(PromiseFact {
                    seq,
                    id,
                    customer,
                    document,
                    currency,
                    amount,
                    promised,
                    effective,
                    recorded,
                });
            }
        });
        next.promises.add(facts);
    }

    fn plans(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(|this, row, read: PlanRead<'_>| {
            let table = Table::plans;
            let id = this.matter(table, row.index, read.id.as_deref());
            let customer = read.customer.and_then(|id| this.known_customer(table, row.index, "customer", &id));
            let reason = this.intern(&read.reason);
            let days = this.days(table, row, read.effective, read.recorded);
            if let (true, Some(id), Some(customer), Some((effective, recorded))) =
                (this.settle_matter(id), id, customer, days)
            {
                facts.push(PlanFact { seq: row.seq, id, customer, reason, effective, recorded });
            }
        });
        next.plans.add(facts);
    }

    fn notices(&mut self, next: &mut Store) {
        let mut facts: Vec<NoticeFact> = Vec::new();
        self.each(|this, row, read: NoticeRead<'_>| {
            let table = Table::notices;
            let index = row.index;
            let id = this.matter(table, index, read.id.as_deref());
            let customer = read.customer.and_then(|id| this.known_customer(table, index, "customer", &id));
            let document = this.optional_document(table, index, &read.document);
            let channel = this.intern(&read.channel);
            let procedure = this.intern(&read.procedure);
            let company = this.intern(&read.company);
            let currency = match &read.currency {
                Field::Given(code) => this.currency(table, index, "currency", code),
                Field::Absent | Field::Bad => Some(NONE),
            };
            let due = read.due_date.or(None).map_or(NO_DAY, Day::number);
            let days = this.days(table, row, read.effective, read.recorded);
            if let (true, Some(id), Some(customer), Some(document), Some(level)) =
                (this.settle_matter(id), id, customer, document, read.level)
                && let (Some(currency), Some((effective, recorded))) = (currency, days)
            {
                let seq = row.seq;
                facts.push(NoticeFact {
                    seq,
                    id,
                    customer,
                    document,
                    level,
                    channel,
                    procedure,
                    company,
                    currency,
                    due,
                    effective,
                    recorded,
                });
            }
        });
        self.notice_lines(next, &facts);
        next.notices.add(facts);
    }

    /// Lines come with their notice, and have its days.
    fn notice_lines(&mut self, next: &mut Store, notices: &[NoticeFact]) {
        let by_id: FxHashMap<u32, &NoticeFact> = notices.iter().map(|notice| (notice.id, notice)).collect();
        let mut facts = Vec::new();
        self.each(|this, row, read: NoticeLineRead<'_>| {
            let table = Table::notice_lines;
            let notice = read.notice.and_then(|id| {
                let notice = this.matter_ids.find(&id).and_then(|number| by_id.get(&number)).copied();
                if notice.is_none() {
                    this.unknown(table, row.index, "notice", "notice of this batch", &id);
                }
                notice
            });
            let document = read.document.and_then(|id| this.known_document(table, row.index, "document", &id));
            let instalment = read.instalment.or(None).unwrap_or(NONE);
            let interest_until = read.interest_until.or(None).map_or(NO_DAY, Day::number);
            if let (true, Some(notice), Some(document), Some(level)) =
                (this.row_is_good(), notice, document, read.level)
            {
                facts.push(NoticeLineFact {
                    seq: row.seq,
                    notice: notice.id,
                    notice_seq: notice.seq,
                    notice_level: notice.level,
                    document,
                    instalment,
                    level,
                    interest_until,
                    due: notice.due,
                    effective: notice.effective,
                    recorded: notice.recorded,
                });
            }
        });
        next.notice_lines.add(facts);
    }

    fn commitments(&mut self, next: &mut Store) {
        let (mut facts, mut followers) = (Vec::new(), self.following_documents());
        let mut orders = Orders::default();
        self.each(|this, row, read: CommitmentRead<'_>| {
            let table = Table::commitments;
            let index = row.index;
            let id = this.matter(table, index, read.id.as_deref());
            let customer = read.customer.and_then(|id| this.known_customer(table, index, "customer", &id));
            let kind = read.kind.and_then(|word| {
                let kind = CommitmentKind::named(&word);
                if kind.is_none() {
                    this.no_word(table, index, "kind", "`draft`, `order` or `delivery`", &word);
                }
                kind
            });
            let company = this.texts.intern(read.company.given().map_or("", |text| text));
            let currency = read.currency.and_then(|code| this.currency(table, index, "currency", &code));
            let amount = this.minor(table, index, "amount", read.amount, currency);
            let expected = read.expected_date.or(None).map_or(NO_DAY, Day::number);
            let net = match read.net.given() {
                None => Some(NO_BASE),
                Some(net) => this.minor(table, index, "net", Some(*net), currency),
            };
            let order = this.intern(&read.order);
            let days = this.days(table, row, read.effective, read.recorded);
            if let Some(id) = id.filter(|_| order != NONE && this.row_is_good()) {
                if orders.lead_back(this, id, order) {
                    this.problem(table, index, "order", "cyclic_parent", EXPECTED_ORDERS);
                } else {
                    orders.add(id, order);
                }
            }
            if let (true, Some(id), Some(customer), Some(kind)) = (this.settle_matter(id), id, customer, kind)
                && let (Some(currency), Some(amount), Some((effective, recorded))) = (currency, amount, days)
                && let Some(net) = net
            {
                let seq = row.seq;
                if order != NONE {
                    followers.push(FollowerFact {
                        order,
                        document: NONE,
                        commitment: id,
                        currency,
                        amount,
                        effective,
                        recorded,
                    });
                }
                facts.push(CommitmentFact {
                    seq,
                    id,
                    customer,
                    kind,
                    company,
                    currency,
                    amount,
                    expected,
                    net,
                    order,
                    effective,
                    recorded,
                });
            }
        });
        next.add_companies(facts.iter().map(|fact| fact.company));
        let owner = |fact: &CommitmentFact| OwnerFact { commitment: fact.id, customer: fact.customer, seq: fact.seq };
        next.owners.add(facts.iter().map(owner).collect());
        next.commitments.add(facts);
        next.followers.add(followers);
    }

    /// The documents of this batch that name what they follow.
    fn following_documents(&self) -> Vec<FollowerFact> {
        let piece = &self.documents;
        let rows = piece.order_reference.iter().enumerate().filter(|(_, order)| **order != NONE);
        let follower = |(row, order): (usize, &u32)| {
            let account = self.accounts.get(*piece.account.get(row)?)?;
            Some(FollowerFact {
                order: *order,
                document: piece.start.saturating_add(count(row)),
                commitment: NONE,
                currency: account.currency,
                amount: *piece.amount.get(row)?,
                effective: *piece.effective.get(row)?,
                recorded: *piece.recorded.get(row)?,
            })
        };
        rows.filter_map(follower).collect()
    }

    fn credit_lines(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(|this, row, read: CreditLineRead<'_>| {
            let table = Table::credit_lines;
            let index = row.index;
            let id = this.matter(table, index, read.id.as_deref());
            let kind = read.kind.and_then(|word| {
                let kind = CreditLineKind::named(&word);
                if kind.is_none() {
                    this.no_word(table, index, "kind", "a kind of credit line", &word);
                }
                kind
            });
            let needs_customer = kind.is_some_and(|kind| kind.secures() || kind == CreditLineKind::FamilyLimit);
            let customer = match &read.customer {
                Field::Given(id) => this.known_customer(table, index, "customer", id),
                Field::Absent if needs_customer => {
                    this.problem(table, index, "customer", "missing_field", "expected whose it is, got none");
                    None
                }
                Field::Absent | Field::Bad => Some(NONE),
            };
            if read.customer.given().is_some() && read.group.given().is_some() {
                let reason = "expected a customer or a group, got both";
                this.problem(table, index, "group", "does_not_add_up", reason);
            }
            let group = this.intern(&read.group);
            let company = this.intern(&read.company);
            let currency = read.currency.and_then(|code| this.currency(table, index, "currency", &code));
            let amount = match read.amount {
                Field::Given(amount) => this.minor(table, index, "amount", Some(amount), currency),
                Field::Absent if kind.is_some_and(CreditLineKind::secures) => {
                    this.problem(table, index, "amount", "missing_field", "expected an amount, got none");
                    None
                }
                Field::Absent | Field::Bad => Some(NO_BASE),
            };
            if amount.is_some_and(|amount| amount < 0 && amount != NO_BASE) {
                this.problem(table, index, "amount", "wrong_sign", "expected an amount not below zero");
            }
            let until = this.until(table, row.index, read.until, read.effective);
            let days = this.days(table, row, read.effective, read.recorded);
            if let (true, Some(id), Some(kind), Some(customer)) = (this.settle_matter(id), id, kind, customer)
                && let (Some(currency), Some(amount), Some((effective, recorded))) = (currency, amount, days)
            {
                let seq = row.seq;
                facts.push(CreditLineFact {
                    seq,
                    id,
                    kind,
                    customer,
                    group,
                    company,
                    currency,
                    amount,
                    until,
                    effective,
                    recorded,
                });
            }
        });
        next.add_companies(facts.iter().map(|fact| fact.company));
        next.credit_lines.add(facts);
    }

    fn releases(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(|this, row, read: ReleaseRead<'_>| {
            let table = Table::releases;
            let index = row.index;
            let id = this.matter(table, index, read.id.as_deref());
            let customer = read.customer.and_then(|id| this.known_customer(table, index, "customer", &id));
            let order = read.order.map_or(NONE, |text| this.texts.intern(&text));
            let currency = read.currency.and_then(|code| this.currency(table, index, "currency", &code));
            let amount = this.minor(table, index, "amount", read.amount, currency);
            if amount.is_some_and(|amount| amount < 0) {
                this.problem(table, index, "amount", "wrong_sign", "expected an amount not below zero");
            }
            let by = this.intern(&read.by);
            let reason = this.intern(&read.reason);
            let until = this.until(table, row.index, read.until, read.effective);
            let days = this.days(table, row, read.effective, read.recorded);
            if let (true, Some(id), Some(customer)) = (this.settle_matter(id), id, customer)
                && let (Some(currency), Some(amount), Some((effective, recorded))) = (currency, amount, days)
            {
                let seq = row.seq;
                facts.push(ReleaseFact {
                    seq,
                    id,
                    customer,
                    order,
                    currency,
                    amount,
                    by,
                    reason,
                    until,
                    effective,
                    recorded,
                });
            }
        });
        next.releases.add(facts);
    }

    fn requirements(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(|this, row, read: RequirementRead<'_>| {
            let table = Table::requirements;
            let index = row.index;
            let document = read.document.and_then(|id| this.known_document(table, index, "document", &id));
            let requirement = read.requirement.map_or(NONE, |text| this.texts.intern(&text));
            let state = read.state.and_then(|word| {
                let state = RequirementState::named(&word);
                if state.is_none() {
                    this.no_word(table, index, "state", "`missing`, `fulfilled` or `waived`", &word);
                }
                state
            });
            let days = this.days(table, row, read.effective, read.recorded);
            if let (Some(document), Some(state), Some((effective, recorded))) = (document, state, days) {
                facts.push(RequirementFact { seq: row.seq, document, requirement, state, effective, recorded });
            }
        });
        next.requirements.add(facts);
    }

    fn rates(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(|this, row, read: RateRead<'_>| {
            let table = Table::rates;
            let currency = read.currency.and_then(|code| this.currency(table, row.index, "currency", &code));
            let base = read.base.and_then(|code| this.currency(table, row.index, "base", &code));
            let days = this.days(table, row, read.effective, read.recorded);
            if let (Some(currency), Some(base), Some(rate), Some((effective, recorded))) =
                (currency, base, read.rate, days)
            {
                let (units, scale) = (rate.units(), rate.scale());
                facts.push(RateFact { seq: row.seq, currency, base, units, scale, effective, recorded });
            }
        });
        next.rates.add(facts);
    }

    pub(super) fn closings(&mut self, next: &mut Store) {
        let mut facts = Vec::new();
        self.each(|this, row, read: ClosingRead<'_>| {
            let table = Table::closings;
            let of = read.of.and_then(|id| {
                let of = this.matter_ids.find(&id).filter(|of| !this.bad_matters.contains(of));
                if of.is_none() {
                    this.unknown(
                        table,
                        row.index,
                        "of",
                        "dispute, hold, promise, plan, notice, commitment, credit line or release",
                        &id,
                    );
                }
                of
            });
            let outcome = this.intern(&read.outcome);
            let days = this.days(table, row, read.effective, read.recorded);
            if let (Some(of), Some((effective, recorded))) = (of, days) {
                facts.push(ClosingFact { seq: row.seq, of, outcome, effective, recorded });
            }
        });
        next.closings.add(facts);
    }
}
