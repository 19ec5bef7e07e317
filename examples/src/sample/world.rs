//! Eighteen months of trade, day by day: invoices, receipts, and all that goes wrong between them.

use ar_core::calendar::{Day, Weekday};

use super::books::{Allocation, BankLine, Books, Document, RateRow, Undone, money};
use super::people::{PLACES, Place, Rating, customers};
use super::random::Random;
use super::{day, today};

pub struct World {
    pub books: Books,
    random: Random,
    open: Vec<Owed>,
    later: Vec<Later>,
    advances: Vec<(usize, usize, i64)>,
    number: i64,
    payments: i64,
    orders: i64,
    matters: i64,
}

/// What a customer has still to pay of a document or of one of its instalments.
#[derive(Clone)]
struct Owed {
    document: usize,
    customer: usize,
    instalment: Option<i64>,
    left: i64,
    due: Day,
    pays: Day,
    credit_note: Option<Day>,
    dispute: Option<Day>,
    quiet: bool,
    disputed: bool,
    short: bool,
}

/// What is known to come on a later day.
enum Later {
    Apply { on: Day, credit: usize, owed: Vec<(usize, Option<i64>, i64)> },
    Bounce { on: Day, credit: usize },
    Mend { on: Day, wrong: usize, right: (usize, Option<i64>) },
}

fn plus(day: Day, days: i64) -> Day {
    i32::try_from(days).ok().and_then(|days| day.plus_days(days)).unwrap_or(day)
}

fn works(day: Day) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn due(terms: &str, date: Day) -> Day {
    match terms {
        "NET14" => plus(date, 14),
        "NET60" => plus(date, 60),
        "EOM45" => plus(date.end_of_month(), 45),
        _ => plus(date, 30),
    }
}

impl World {
    pub fn grow(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let books = Books { customers: customers(&mut random), ..Books::default() };
        let mut world = Self {
            books,
            random,
            open: Vec::new(),
            later: Vec::new(),
            advances: Vec::new(),
            number: 10_000,
            payments: 20_000,
            orders: 70_000,
            matters: 0,
        };
        let mut date = day(2025, 5, 1);
        world.rates(date);
        while date <= today() {
            if date.ymd().2 == 1 && date > day(2025, 5, 1) {
                world.rates(date);
            }
            if works(date) {
                world.live(date);
            }
            date = plus(date, 1);
        }
        world.holds();
        world.limits();
        world.changes();
        world.requirements();
        world.people();
        world.bank();
        world
    }

    fn rates(&mut self, effective: Day) {
        let starts = [("USD", "EUR", 9_100), ("USD", "GBP", 7_800), ("EUR", "GBP", 8_500)];
        for (currency, base, start) in starts {
            let last = self.books.rates.iter().rev().find(|row| row.currency == currency && row.base == base);
            let rate = last.map_or(start, |row| row.rate) + self.random.between(-120, 120);
            self.books.rates.push(RateRow { currency, base, rate, effective });
        }
    }

    fn live(&mut self, date: Day) {
        self.happen(date);
        for customer in 0..self.books.customers.len() {
            if self.random.between(1, 400) <= self.books.customers[customer].invoices {
                self.invoice(customer, date);
            }
            if self.random.between(1, 3_000) == 1 {
                self.advance(customer, date);
            }
        }
        self.tend(date);
        for customer in 0..self.books.customers.len() {
            let runs = i64::from(date.number()) + i64::try_from(customer).unwrap_or(0);
            if runs % 4 == 0 {
                self.pay_run(customer, date);
            }
        }
        if date >= day(2026, 10, 27) {
            self.post_dated(date);
        }
    }

    fn matter(&mut self, prefix: &str) -> String {
        self.matters += 1;
        format!("{prefix}-{:03}", self.matters)
    }

    fn document(
        &mut self,
        customer: usize,
        place: Place,
        prefix: &str,
        kind: &'static str,
        amount: i64,
        date: Day,
    ) -> Document {
        let number = if matches!(kind, "payment" | "advance") {
            self.payments += 1;
            self.payments
        } else {
            self.number += 1;
            self.number
        };
        Document {
            id: format!("{prefix}-{number}"),
            place,
            customer: self.books.customers[customer].id.clone(),
            kind,
            amount,
            date,
            posting: None,
            due: None,
            terms: "",
            reference: String::new(),
            related: String::new(),
            order: String::new(),
            tax: None,
            recorded: None,
        }
    }

    fn add(&mut self, document: Document) -> usize {
        self.books.documents.push(document);
        self.books.documents.len() - 1
    }

    fn allocate(&mut self, credit: usize, debit: usize, instalment: Option<i64>, amount: i64) -> usize {
        let id = format!("A-{:05}", self.books.allocations.len() + 1);
        self.books.allocations.push(Allocation {
            id,
            credit,
            debit,
            amount,
            debit_amount: None,
            instalment,
            effective: None,
            recorded: None,
        });
        self.books.allocations.len() - 1
    }

    fn invoice(&mut self, customer: usize, date: Day) {
        let buyer = &self.books.customers[customer];
        let (place, size, terms, rating) = (buyer.place, buyer.size, buyer.terms, buyer.rating);
        let amount = size * self.random.between(20, 320) / 100 + self.random.between(0, 99);
        let (prefix, kind) = match (place.company, self.random.chance(2)) {
            (_, true) => ("DN", "debit_note"),
            ("DE01", _) => ("RE", "invoice"),
            _ => ("INV", "invoice"),
        };
        let mut document = self.document(customer, place, prefix, kind, amount, date);
        self.orders += self.random.between(1, 9);
        document.order = format!("SO-{}", self.orders);
        document.reference = format!("PO{}", self.random.between(100_000, 999_999));
        let domestic = place.company == "DE01" && place.currency == "EUR";
        document.tax = Some(if domestic { (amount * 19 + 59) / 119 } else { 0 });
        if self.random.chance(10) {
            document.posting = Some(plus(date, self.random.between(1, 3)).min(today()));
        }
        if self.random.chance(2) {
            document.recorded =
                Some(plus(document.effective(), self.random.between(3, 20)).min(today()).max(document.effective()));
        }
        let scheduled = amount > 1_000_000 && self.random.chance(12);
        if scheduled {
            document.terms = "INST3";
        }
        let known = document.known();
        let posted = document.effective();
        let at = self.add(document);
        let falls_due = due(terms, date);
        let parts: Vec<(Option<i64>, i64, Day)> = if scheduled {
            let extra = amount % 3;
            (1..=3).map(|part| (Some(part), amount / 3 + i64::from(part <= extra), plus(date, part * 30))).collect()
        } else {
            vec![(None, amount, falls_due)]
        };
        for (instalment, left, due) in parts {
            let delay = match rating {
                Rating::A => self.random.between(-6, 4),
                Rating::B => self.random.between(-2, 18),
                Rating::C => self.random.between(4, 48),
                Rating::D => self.random.between(15, 130),
            };
            let never = rating == Rating::D && self.random.chance(14);
            let pays = if never { day(2030, 1, 1) } else { plus(due, delay).max(plus(posted.max(known), 1)) };
            let credit_note = (!scheduled && self.random.chance(5)).then(|| plus(posted, self.random.between(4, 16)));
            let dispute = (!scheduled && self.random.chance(5)).then(|| plus(due, self.random.between(-4, 9)));
            self.open.push(Owed {
                document: at,
                customer,
                instalment,
                left,
                due,
                pays,
                credit_note,
                dispute,
                quiet: false,
                disputed: false,
                short: false,
            });
        }
        self.use_advance(customer, at);
    }

    fn advance(&mut self, customer: usize, date: Day) {
        let (place, size) = (self.books.customers[customer].place, self.books.customers[customer].size);
        let amount = size * self.random.between(20, 60) / 100;
        let mut document = self.document(customer, place, "VZ", "advance", -amount, date);
        document.reference = String::from("advance on order");
        let at = self.add(document);
        self.advances.push((customer, at, amount));
    }

    fn use_advance(&mut self, customer: usize, invoice: usize) {
        let Some(at) = self.advances.iter().position(|(owner, _, _)| *owner == customer) else { return };
        let Some(owed) = self.open.iter_mut().find(|owed| owed.document == invoice && owed.instalment.is_none()) else {
            return;
        };
        let (_, credit, left) = self.advances[at];
        let amount = left.min(owed.left);
        owed.left -= amount;
        let debit = owed.document;
        self.allocate(credit, debit, None, amount);
        self.advances[at].2 -= amount;
        if self.advances[at].2 == 0 {
            self.advances.remove(at);
        }
        self.open.retain(|owed| owed.left > 0);
    }

    /// What happens to open invoices other than being paid.
    fn tend(&mut self, date: Day) {
        for at in 0..self.open.len() {
            let owed = self.open[at].clone();
            if owed.left <= 0 || self.books.documents[owed.document].known() > date {
                continue;
            }
            if owed.credit_note.is_some_and(|on| on <= date) {
                self.open[at].credit_note = None;
                self.credit_note(at, date);
            } else if owed.dispute.is_some_and(|on| on <= date) {
                self.open[at].dispute = None;
                self.dispute(at, date);
            }
            let late = i64::from(date.days_since(owed.due));
            if owed.short && late > 40 && self.random.chance(3) {
                self.write_off(at, date);
            } else if late >= 40 && owed.instalment.is_none() && !owed.quiet && self.random.chance(8) {
                self.open[at].quiet = true;
                match self.random.between(1, 10) {
                    1..=4 => self.promise(at, date),
                    5..=7 => self.charge(at, date),
                    8 if self.books.documents[owed.document].amount == owed.left => self.plan(at, date),
                    _ => {}
                }
            }
        }
        self.open.retain(|owed| owed.left > 0);
    }

    fn credit_note(&mut self, at: usize, date: Day) {
        let owed = self.open[at].clone();
        let place = self.books.documents[owed.document].place;
        let amount = owed.left * self.random.between(5, 25) / 100;
        if amount == 0 {
            return;
        }
        let mut document = self.document(owed.customer, place, "GS", "credit_note", -amount, date);
        document.related = self.books.documents[owed.document].id.clone();
        let credit = self.add(document);
        match self.random.between(1, 10) {
            1..=8 => {
                self.allocate(credit, owed.document, None, amount);
                self.open[at].left -= amount;
            }
            9 => {
                let mut refund =
                    self.document(owed.customer, place, "RF", "refund", amount, plus(date, 3).min(today()));
                refund.related = self.books.documents[credit].id.clone();
                refund.due = Some(refund.date);
                let refund = self.add(refund);
                self.allocate(credit, refund, None, amount);
            }
            _ => {}
        }
    }

    fn dispute(&mut self, at: usize, date: Day) {
        let owed = self.open[at].clone();
        let id = self.matter("DS");
        let document = self.books.documents[owed.document].id.clone();
        let reason = self.random.pick(&[
            "price difference",
            "goods damaged",
            "short delivery",
            "missing order number",
            "wrong address",
        ]);
        let amount =
            if self.random.chance(60) { money(owed.left * self.random.between(10, 60) / 100) } else { String::new() };
        self.books.disputes.push(format!("{id},{document},{reason},{amount},{date}"));
        let until = plus(date, self.random.between(15, 90));
        self.open[at].pays = owed.pays.max(plus(until, 5));
        self.open[at].disputed = until > today();
        if until <= today() {
            let outcome = self.random.pick(&["settled", "withdrawn", "credited"]);
            self.books.closings.push(format!("{id},{outcome},{until}"));
        }
    }

    fn promise(&mut self, at: usize, date: Day) {
        let owed = self.open[at].clone();
        let id = self.matter("PR");
        let document = &self.books.documents[owed.document];
        let promised = plus(date, self.random.between(7, 21));
        self.books.promises.push(format!(
            "{id},{},{},{},{},{promised},{date}",
            document.customer,
            document.id,
            document.place.currency,
            money(owed.left)
        ));
        let kept = self.random.chance(60);
        if kept {
            self.open[at].pays = promised;
        }
        if promised < today() {
            self.books.closings.push(format!("{id},{},{promised}", if kept { "kept" } else { "broken" }));
        }
    }

    fn charge(&mut self, at: usize, date: Day) {
        let owed = self.open[at].clone();
        let place = self.books.documents[owed.document].place;
        let mut document = self.document(owed.customer, place, "MG", "charge", 4_000, date);
        document.related = self.books.documents[owed.document].id.clone();
        document.due = Some(plus(date, 14));
        let charge = self.add(document);
        let due = plus(date, 14);
        let pays = owed.pays.max(plus(due, 5));
        self.open.push(Owed { document: charge, left: 4_000, due, pays, quiet: true, ..owed });
    }

    /// A late invoice is put on four instalments, a month apart.
    fn plan(&mut self, at: usize, date: Day) {
        let owed = self.open[at].clone();
        let id = self.matter("PL");
        let (document, customer) = {
            let document = &self.books.documents[owed.document];
            (document.id.clone(), document.customer.clone())
        };
        self.books.plans.push(format!("{id},{customer},agreed by phone,{date}"));
        self.open[at].left = 0;
        for part in 1..=4 {
            let amount = if part < 4 { owed.left / 4 } else { owed.left - owed.left / 4 * 3 };
            let due = plus(date, part * 30);
            self.books.instalments.push(format!("{document},{part},{due},{},{id},{date},", money(amount)));
            let pays = plus(due, self.random.between(-2, 25));
            self.open.push(Owed {
                instalment: Some(part),
                left: amount,
                due,
                pays,
                credit_note: None,
                dispute: None,
                quiet: true,
                ..owed.clone()
            });
        }
    }

    fn write_off(&mut self, at: usize, date: Day) {
        let owed = self.open[at].clone();
        let place = self.books.documents[owed.document].place;
        let mut document = self.document(owed.customer, place, "AB", "journal", -owed.left, date);
        document.related = self.books.documents[owed.document].id.clone();
        document.reference = String::from("small difference written off");
        let credit = self.add(document);
        self.allocate(credit, owed.document, owed.instalment, owed.left);
        self.open[at].left = 0;
    }

    /// What was decided earlier for this day.
    fn happen(&mut self, date: Day) {
        let (now, later): (Vec<Later>, Vec<Later>) =
            std::mem::take(&mut self.later).into_iter().partition(|later| match later {
                Later::Apply { on, .. } | Later::Bounce { on, .. } | Later::Mend { on, .. } => *on <= date,
            });
        self.later = later;
        for event in now {
            match event {
                Later::Apply { credit, owed, .. } => {
                    for (debit, instalment, amount) in owed {
                        let id = self.allocate(credit, debit, instalment, amount);
                        self.books.allocations[id].effective = Some(date);
                    }
                }
                Later::Bounce { credit, .. } => {
                    let of = self.books.documents[credit].id.clone();
                    self.books.cancellations.push(Undone {
                        of,
                        effective: date,
                        reason: "returned by the bank",
                        recorded: None,
                    });
                    let taken: Vec<(usize, Option<i64>, i64)> = self
                        .books
                        .allocations
                        .iter()
                        .filter(|row| row.credit == credit)
                        .map(|row| (row.debit, row.instalment, row.debit_amount.unwrap_or(row.amount)))
                        .collect();
                    for (debit, instalment, amount) in taken {
                        self.reopen(debit, instalment, amount, date);
                    }
                }
                Later::Mend { wrong, right, .. } => {
                    let (of, credit, debit, instalment, amount) = {
                        let row = &self.books.allocations[wrong];
                        (row.id.clone(), row.credit, row.debit, row.instalment, row.amount)
                    };
                    self.books.reversals.push(Undone {
                        of,
                        effective: date,
                        reason: "applied to the wrong invoice",
                        recorded: None,
                    });
                    self.reopen(debit, instalment, amount, date);
                    let id = self.allocate(credit, right.0, right.1, amount);
                    self.books.allocations[id].effective = Some(date);
                }
            }
        }
    }

    fn reopen(&mut self, document: usize, instalment: Option<i64>, amount: i64, date: Day) {
        let pays = plus(date, self.random.between(12, 40));
        if let Some(owed) = self.open.iter_mut().find(|owed| owed.document == document && owed.instalment == instalment)
        {
            owed.left += amount;
            owed.pays = owed.pays.max(pays);
            return;
        }
        let id = &self.books.documents[document].customer;
        let customer = self.books.customers.iter().position(|row| row.id == *id).unwrap_or(0);
        let row = &self.books.documents[document];
        let due = row.due.unwrap_or(due(self.books.customers[customer].terms, row.date));
        self.open.push(Owed {
            document,
            customer,
            instalment,
            left: amount,
            due,
            pays,
            credit_note: None,
            dispute: None,
            quiet: true,
            disputed: false,
            short: false,
        });
    }

    fn pay_run(&mut self, customer: usize, date: Day) {
        let ready: Vec<usize> = (0..self.open.len())
            .filter(|at| {
                let owed = &self.open[*at];
                owed.customer == customer && owed.pays <= date && owed.left > 0
            })
            .take(4)
            .collect();
        if ready.is_empty() {
            return;
        }
        let place = self.books.documents[self.open[ready[0]].document].place;
        let ready: Vec<usize> =
            ready.into_iter().filter(|at| self.books.documents[self.open[*at].document].place == place).collect();
        let mut parts: Vec<(usize, i64)> = ready.iter().map(|at| (*at, self.open[*at].left)).collect();
        let fate = self.random.between(1, 100);
        let last = parts.len() - 1;
        match fate {
            1..=5 => {
                parts.truncate(1);
                parts[0].1 = (parts[0].1 * self.random.between(30, 70) / 100).max(1);
                self.open[parts[0].0].pays = plus(date, self.random.between(15, 45));
            }
            6..=9 => {
                let short = parts[last].1 * self.random.between(1, 3) / 100;
                if short > 0 && short < parts[last].1 {
                    parts[last].1 -= short;
                    self.open[parts[last].0].pays = day(2030, 1, 1);
                    self.open[parts[last].0].short = true;
                }
            }
            _ => {}
        }
        let total: i64 = parts.iter().map(|(_, amount)| amount).sum();
        let parent = self.books.customers[customer].parent.filter(|_| self.random.chance(12));
        let mut document = self.document(parent.unwrap_or(customer), place, "ZE", "payment", -total, date);
        if self.random.chance(85) {
            let ids: Vec<&str> =
                parts.iter().map(|(at, _)| self.books.documents[self.open[*at].document].id.as_str()).collect();
            document.reference = ids.join(" ");
        }
        if self.random.chance(4) {
            document.recorded = Some(plus(date, self.random.between(1, 12)).min(today()));
        }
        let foreign = fate == 10 && place == PLACES[1];
        if foreign {
            document.place = PLACES[0];
            document.amount = -(total * self.books.rate("USD", "EUR", date) / 10_000);
        }
        let cash = -document.amount;
        let credit = self.add(document);
        let owed: Vec<(usize, Option<i64>, i64)> =
            parts.iter().map(|(at, amount)| (self.open[*at].document, self.open[*at].instalment, *amount)).collect();
        for (at, amount) in &parts {
            self.open[*at].left -= amount;
        }
        match fate {
            11..=14 => self.later.push(Later::Apply { on: plus(date, self.random.between(5, 45)), credit, owed }),
            15 | 18 | 19 if parent.is_none() && owed.len() == 1 => self.misapply(customer, credit, owed[0], date),
            _ => {
                let mut rest = cash;
                let count = owed.len();
                for (at, (debit, instalment, amount)) in owed.into_iter().enumerate() {
                    let share = match (foreign, at + 1 == count) {
                        (false, _) => amount,
                        (true, true) => rest,
                        (true, false) => cash * amount / total,
                    };
                    rest -= share;
                    let id = self.allocate(credit, debit, instalment, share);
                    self.books.allocations[id].debit_amount = foreign.then_some(amount);
                }
                if fate == 16 || fate == 17 {
                    let known = self.books.documents[credit].known();
                    self.later.push(Later::Bounce { on: plus(known, self.random.between(3, 9)), credit });
                }
            }
        }
        self.open.retain(|owed| owed.left > 0);
    }

    /// A receipt goes to another open invoice of the customer first, and is put right later.
    fn misapply(&mut self, customer: usize, credit: usize, right: (usize, Option<i64>, i64), date: Day) {
        let (document, instalment, amount) = right;
        let place = self.books.documents[document].place;
        let wrong = self.open.iter().position(|owed| {
            let other = &self.books.documents[owed.document];
            let same = owed.customer == customer && other.place == place && owed.document != document;
            same && owed.left >= amount && owed.instalment.is_none() && other.known() <= date
        });
        let Some(wrong) = wrong else {
            self.allocate(credit, document, instalment, amount);
            return;
        };
        let debit = self.open[wrong].document;
        self.open[wrong].left -= amount;
        self.open[wrong].credit_note = None;
        let id = self.allocate(credit, debit, None, amount);
        let known = self.books.documents[credit].known();
        let on = plus(known, self.random.between(6, 20));
        self.later.push(Later::Mend { on, wrong: id, right: (document, instalment) });
    }

    /// A cheque or transfer announced for a later day.
    fn post_dated(&mut self, date: Day) {
        for _ in 0..2 {
            let ready = self.open.iter().position(|owed| {
                owed.due < date && owed.left > 10_000 && owed.instalment.is_none() && !owed.disputed && owed.pays > date
            });
            let Some(at) = ready else { return };
            let owed = self.open.remove(at);
            let place = self.books.documents[owed.document].place;
            let mut document = self.document(owed.customer, place, "ZE", "payment", -owed.left, date);
            document.posting = Some(plus(date, self.random.between(6, 25)));
            document.recorded = Some(date);
            document.reference = self.books.documents[owed.document].id.clone();
            let credit = self.add(document);
            if self.random.chance(70) {
                let id = self.allocate(credit, owed.document, None, owed.left);
                self.books.allocations[id].recorded = Some(date);
            }
        }
    }

    fn holds(&mut self) {
        for customer in [33, 71, 104] {
            let id = self.matter("HD");
            let customer = &self.books.customers[customer].id;
            let row = format!("{id},{customer},,insolvency,,2026-0{}-15", self.random.between(6, 9));
            self.books.holds.push(row);
        }
        for at in 0..8 {
            let late: Vec<&Owed> = self.open.iter().filter(|owed| owed.due < day(2026, 9, 1)).collect();
            let Some(owed) = late.get(at * 5) else { continue };
            let document = self.books.documents[owed.document].id.clone();
            let id = self.matter("HD");
            let until = if at % 2 == 0 { "2026-11-30" } else { "2026-10-15" };
            self.books.holds.push(format!("{id},,{document},under legal review,{until},2026-09-10"));
        }
    }

    /// Credit limits in steps that people choose: most leave room, some are nearly used up, a few are passed; bad payers have less
    /// than they owe, and one in ten has none.
    fn limits(&mut self) {
        const ROOM: [i64; 9] = [135, 125, 118, 170, 210, 108, 155, 92, 180];
        for at in 0..self.books.customers.len() {
            if at % 10 == 9 {
                continue;
            }
            let customer = &self.books.customers[at];
            let owed = self.open.iter().filter(|owed| {
                let document = &self.books.documents[owed.document];
                owed.customer == at
                    && document.place.currency == customer.place.currency
                    && document.effective() <= today()
            });
            let owed: i64 = owed.map(|owed| owed.left).sum();
            let percent = if customer.rating == Rating::D { 85 } else { ROOM[at % ROOM.len()] };
            // In minor units: steps of 500, of 2,500, of 10,000.
            let wanted = (owed * percent / 100).max(customer.size * 2);
            let step = match wanted {
                ..=1_000_000 => 50_000,
                1_000_001..=5_000_000 => 250_000,
                _ => 1_000_000,
            };
            let limit = (wanted + step / 2) / step * step;
            let (id, currency) = (&customer.id, customer.place.currency);
            self.books.changes.push(format!("{id},limit,{}.00 {currency},2025-05-01", limit.max(step) / 100));
        }
    }

    fn changes(&mut self) {
        for (customer, attribute, value, effective) in [
            (4, "dim_collector", "team-isar", "2026-03-01"),
            (17, "dim_rating", "C", "2026-05-18"),
            (17, "limit", "50000.00", "2026-05-18"),
            (29, "dim_territory", "Germany North", "2026-07-01"),
            (52, "dim_rating", "D", "2026-08-24"),
            (88, "blocked", "yes", "2026-09-21"),
        ] {
            let id = &self.books.customers[customer].id;
            self.books.changes.push(format!("{id},{attribute},{value},{effective}"));
        }
    }

    /// What some customers ask for before an invoice is payable.
    fn requirements(&mut self) {
        let late = self.open.iter().filter(|owed| owed.due < day(2026, 10, 20) && owed.instalment.is_none());
        let documents: Vec<String> = late.map(|owed| self.books.documents[owed.document].id.clone()).collect();
        for (at, document) in documents.iter().step_by(7).take(8).enumerate() {
            let (requirement, asked) = match at % 2 {
                0 => ("proof of delivery", "2026-09-14"),
                _ => ("purchase order", "2026-09-28"),
            };
            self.books.requirements.push(format!("{document},{requirement},missing,{asked}"));
            if at % 4 == 3 {
                self.books.requirements.push(format!("{document},{requirement},fulfilled,2026-10-27"));
            }
        }
    }

    /// How customers are written to: where they are says the language, some have a contact, bad payers get letters.
    fn people(&mut self) {
        const CONTACTS: [&str; 4] = ["Ms Brandt", "Mr Okafor", "Ms O'Neill", "Mr Lindqvist"];
        for at in 0..self.books.customers.len() {
            let customer = &self.books.customers[at];
            let language = match customer.territory {
                "Germany North" | "Germany South" => "de",
                "Austria" => "de-AT",
                "Canada" => "fr",
                _ if at % 40 == 17 => "es",
                _ => "",
            };
            let contact = if at % 5 == 0 { CONTACTS[at / 5 % CONTACTS.len()] } else { "" };
            let channel = if customer.rating == Rating::D { "letter" } else { "email" };
            for (attribute, value) in [("language", language), ("contact", contact), ("channel", channel)] {
                if !value.is_empty() {
                    self.books.changes.push(format!("{},{attribute},{value},2025-05-01", customer.id));
                }
            }
        }
    }

    /// The cash of the last day, as the bank reports it.
    fn bank(&mut self) {
        let mut used: Vec<usize> = Vec::new();
        let mut lines: Vec<BankLine> = Vec::new();
        for style in 0..26_usize {
            let wanted = if style % 6 == 2 { 3 } else { 1 };
            let Some(found) = self.payable(&used, wanted) else { continue };
            used.push(found[0].customer);
            let place = self.books.documents[found[0].document].place;
            let ids: Vec<String> = found.iter().map(|owed| self.books.documents[owed.document].id.clone()).collect();
            let total: i64 = found.iter().map(|owed| owed.left).sum();
            let wrong = |id: &str| id.replace(['1', '4'], "7");
            let (amount, text) = match style % 6 {
                0 | 5 => (total, format!("Invoice {}", ids.join(" "))),
                1 => (total, String::from("payment, thank you")),
                2 => (total, format!("our remittance {}", ids.join(", "))),
                3 if style < 12 => (total, format!("inv {}", wrong(&ids[0]))),
                3 => (total * 7 / 10, format!("part payment {}", wrong(&ids[0]))),
                4 if style < 12 => (total * 98 / 100, format!("{} less 2 percent", ids[0])),
                _ => (total + 25_000, format!("{} and on account", ids[0])),
            };
            let payer = self.books.customers[found[0].customer].id.clone();
            lines.push(BankLine { account: account(place), place, payer, amount, text, known: true });
        }
        // One payer owes nothing in this currency, and one is not in the books at all.
        let idle = self
            .books
            .customers
            .iter()
            .enumerate()
            .find(|(at, row)| row.place == PLACES[0] && !self.open.iter().any(|owed| owed.customer == *at));
        if let Some((_, idle)) = idle {
            let payer = idle.id.clone();
            let text = String::from("deposit for spring order");
            lines.push(BankLine {
                account: account(PLACES[0]),
                place: PLACES[0],
                payer,
                amount: 150_000,
                text,
                known: true,
            });
        }
        let text = String::from("RE 4711 many thanks");
        let payer = String::from("C-9001");
        lines.push(BankLine {
            account: account(PLACES[0]),
            place: PLACES[0],
            payer,
            amount: 84_275,
            text,
            known: false,
        });
        self.books.bank = lines;
    }

    /// Open invoices of one customer, not disputed, that it would pay about now.
    fn payable(&mut self, used: &[usize], wanted: usize) -> Option<Vec<Owed>> {
        let mut all: Vec<usize> = (0..self.books.customers.len()).filter(|at| !used.contains(at)).collect();
        let turn = usize::try_from(self.random.between(0, 119)).unwrap_or(0) % all.len().max(1);
        all.rotate_left(turn);
        for customer in all {
            let place = self.books.customers[customer].place;
            let mut found: Vec<Owed> = self
                .open
                .iter()
                .filter(|owed| {
                    let document = &self.books.documents[owed.document];
                    owed.customer == customer
                        && owed.instalment.is_none()
                        && !owed.disputed
                        && document.place == place
                        && document.effective() <= today()
                        && owed.due <= plus(today(), 12)
                        && owed.left > 5_000
                })
                .cloned()
                .collect();
            found.sort_by_key(|owed| owed.due);
            if found.len() >= wanted {
                // The invoice that is meant is not always the oldest.
                let from = if wanted == 1 { found.len() - 1 } else { 0 };
                return Some(found[from..from + wanted].to_vec());
            }
        }
        None
    }
}

/// The bank account on which a place's cash comes in.
fn account(place: Place) -> &'static str {
    match (place.company, place.currency) {
        ("DE01", "EUR") => "Hansebank 01 EUR",
        ("DE01", _) => "Hansebank 02 USD",
        (_, "GBP") => "Thames 11 GBP",
        (_, "EUR") => "Thames 12 EUR",
        _ => "Thames 13 USD",
    }
}
