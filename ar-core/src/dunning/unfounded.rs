//! What was a charge for, by what is known now? Interest, compensation and fees about what turns out to have been paid by then, or is
//! cancelled, are asked for no more.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::charged::{ChargedLine, rate_between};
use super::given::Given;
use super::history::History;
use super::policy::{ChargedInterest, Respect};
use super::terms::Part;
use crate::calendar::Day;
use crate::interest::balance::{ChargedSum, Known, OverdueItem};
use crate::interest::{CompiledInterest, DisputedPart, PaidFrom};
use crate::ledger::layers::{NONE, count};
use crate::ledger::left_over::with_those_above;
use crate::ledger::schedule;
use crate::ledger::store::NO_DAY;
use crate::ledger::{DocumentKind, View};
use crate::money::Minor;

/// By item what is not asked for of a charge.
#[derive(Debug, Clone, Default)]
pub(super) struct NotAsked {
    /// For good: it is for nothing.
    pub unfounded: FxHashMap<u32, Minor>,
    /// As long as what it was charged for is disputed.
    pub disputed: FxHashMap<u32, Minor>,
}

/// What is not asked for of charges by what is known now.
pub(super) fn not_asked(given: &Given<'_>, history: &History) -> NotAsked {
    let has_charges = || given.view.store.has_kind(DocumentKind::Charge);
    if given.policy.unfounded == Respect::Dunned || !has_charges() {
        return NotAsked::default();
    }
    let open = open_charges(given.view);
    if open.is_empty() {
        return NotAsked::default();
    }
    let whole = given.view.left_overs().into_whole();
    let left = whole.values().map(|(above, _)| *above).collect();
    let interest = given.policy.undisputed_interest().ok().flatten();
    let has_disputes = given.view.store.disputes.iter().next().is_some();
    let look = Look { given, history, interest, open, left, whole, has_disputes };
    look.all(&history.charged_lines())
}

/// The items of charges with something left above zero, by document.
fn open_charges(view: &View) -> FxHashMap<u32, usize> {
    let is_charge = |item: usize| {
        let kind = view.document_row(item).and_then(|(piece, row)| piece.kind.get(row));
        kind == Some(&DocumentKind::Charge) && view.items.open.get(item).is_some_and(|open| *open > 0)
    };
    let items = view.items.document.iter().enumerate().filter(|(item, _)| is_charge(*item));
    items.map(|(item, document)| (*document, item)).collect()
}

/// What charges of interest are about: a document and instalment (`NONE`: none named), as it was on the day of their notices.
type About = (u32, u32, Option<Part>);

/// What is looked at.
struct Look<'a> {
    given: &'a Given<'a>,
    history: &'a History,
    interest: Option<CompiledInterest>,
    /// By document the items of open charges.
    open: FxHashMap<u32, usize>,
    /// The documents of which something was left by residuals.
    left: FxHashSet<u32>,
    /// By what was left, the document and instalment that it is left of.
    whole: FxHashMap<u32, (u32, u32)>,
    /// Whether anything was ever disputed.
    has_disputes: bool,
}

impl Look<'_> {
    fn view(&self) -> &View {
        self.given.view
    }

    fn all(&self, lines: &[ChargedLine]) -> NotAsked {
        let mut found: FxHashMap<u32, Minor> = FxHashMap::default();
        let mut disputed: FxHashMap<u32, Minor> = FxHashMap::default();
        let mut put = |item: usize, part: Minor| {
            found.insert(count(item), part);
        };
        for (sum, documents) in self.history.sums_charged(self.given) {
            let was_nothing_late = || documents.iter().all(|document| self.was_never_late(*document, sum.day));
            if let Some(item) = self.open.get(&sum.charge).filter(|_| was_nothing_late()) {
                put(*item, self.open_of(*item));
            }
        }
        // By what it is about, the charges of interest: the day of each, and its item.
        let mut interest: BTreeMap<About, Vec<(i32, usize)>> = BTreeMap::new();
        // By notice, those of earlier days first, whether each of its lines was paid by then, and what it is about.
        let mut notices: BTreeMap<(i32, u32), Vec<(bool, u32)>> = BTreeMap::new();
        for line in lines {
            let was_paid =
                self.view().is_cancelled(line.document) || self.was_paid_by(line) || self.was_not_payable_by(line);
            notices.entry((line.day, line.notice)).or_default().push((was_paid, line.document));
            if let Some(item) = self.charge(line, "f").filter(|_| was_paid) {
                put(item, self.open_of(item));
            }
            if let Some(item) = self.charge(line, "i") {
                let part = self.history.terms.part(line.document, number_of(line.instalment), line.day);
                interest.entry((line.document, line.instalment, part)).or_default().push((line.day, item));
            }
        }
        for (about, mut charges) in interest {
            let id = |item: usize| self.view().items.document.get(item).map(|it| self.view().store.document_id(*it));
            charges.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| id(b.1).cmp(&id(a.1))));
            let last = charges.first().map_or(NO_DAY, |(day, _)| *day);
            let mut left = self.too_much(about, last, DisputedPart::Included);
            let mut with_disputes = match self.given.policy.disputed {
                Respect::LeftOut if self.has_disputes => self.too_much(about, last, DisputedPart::Excluded),
                _ => left,
            };
            for (day, item) in charges {
                let part = self.take_off(&mut left, about.0, item, day);
                let more = self.take_off(&mut with_disputes, about.0, item, day).saturating_sub(part);
                put(item, part);
                disputed.insert(count(item), more);
            }
        }
        for ((_, notice), mut lines) in notices {
            // Charges bear no fee: what else it was about does.
            if lines.iter().any(|(_, document)| !self.given.is_charge(*document)) {
                lines.retain(|(_, document)| !self.given.is_charge(*document));
            }
            let id = format!("{}-f", self.view().store.matter_ids.text(notice));
            let is_for_nothing = |(was_paid, document): (bool, u32)| {
                let charge = || self.open.get(&document).copied();
                was_paid || charge().is_some_and(|item| found.get(&count(item)) == Some(&self.open_of(item)))
            };
            if let Some(item) = self.charge_named(&id)
                && lines.into_iter().all(is_for_nothing)
            {
                found.insert(count(item), self.open_of(item));
            }
        }
        found.retain(|_, part| *part > 0);
        disputed.retain(|_, part| *part > 0);
        NotAsked { unfounded: found, disputed }
    }

    fn open_of(&self, item: usize) -> Minor {
        self.view().items.open.get(item).copied().unwrap_or(0)
    }

    /// The open item of what a line has charged, if that belongs to its document.
    fn charge(&self, line: &ChargedLine, what: &str) -> Option<usize> {
        let store = &self.view().store;
        let notice = store.matter_ids.text(line.notice);
        let id = match (line.number, what) {
            (0, "i") => format!("{notice}-i"),
            (0, _) => return None,
            (number, what) => format!("{notice}-{number}-{what}"),
        };
        let item = self.charge_named(&id)?;
        let document = self.view().items.document.get(item)?;
        (store.related(*document) == Some(line.document)).then_some(item)
    }

    fn charge_named(&self, id: &str) -> Option<usize> {
        self.open.get(&self.view().store.document_named(id)?).copied()
    }

    /// Whether nothing was open, at the end of its notice's day, of what a line is about. What became a document of its own was
    /// open there.
    fn was_paid_by(&self, line: &ChargedLine) -> bool {
        let from = self.given.policy.interest.as_ref().map_or_else(PaidFrom::default, |policy| policy.paid_from);
        let item = (line.document, number_of(line.instalment));
        let balances = self.view().balances_by_terms(item, from, line.day);
        let then = balances.iter().rev().find(|(day, _)| day.number() <= line.day);
        !self.left.contains(&line.document) && then.is_some_and(|(_, left)| *left <= 0)
    }

    /// Whether what a line is about had fallen due by its notice's day and was not payable before that day, for lack of something.
    fn was_not_payable_by(&self, line: &ChargedLine) -> bool {
        let (view, store) = (self.view(), &self.view().store);
        let number = number_of(line.instalment);
        let schedule = schedule::in_force(store, line.document, line.day, view.known_on);
        let due = match schedule.iter().find(|part| part.number == number) {
            Some(part) => Some(part.due),
            None => store.documents.find(line.document).and_then(|(piece, row)| piece.due.get(row).copied()),
        };
        let is_late = due.filter(|due| *due < line.day);
        let payable = is_late.map(|due| self.given.policy.payable_from(view, line.document, due));
        !self.left.contains(&line.document) && payable.is_some_and(|payable| payable >= line.day)
    }

    /// Whether no item of a document was ever late, by the terms of a day.
    fn was_never_late(&self, document: u32, terms_on: i32) -> bool {
        if self.view().is_cancelled(document) {
            return true;
        }
        let Some(interest) = self.interest.as_ref().filter(|_| !self.left.contains(&document)) else { return false };
        let mut items = Vec::new();
        self.view().overdue_by_terms(interest.policy(), document, terms_on, &mut items);
        !items.is_empty() && items.iter().all(|item| self.view().was_in_time(interest, item))
    }

    /// What was left of an item by residuals bore up to a day.
    fn borne_by_rest(&self, interest: &CompiledInterest, of: (u32, u32), until: Day, disputed: DisputedPart) -> Minor {
        let view = self.view();
        let mut items: Vec<OverdueItem> = Vec::new();
        let mut rest: Vec<u32> = self.whole.keys().copied().collect();
        rest.sort_unstable();
        let is_of = |above: (u32, u32)| above.0 == of.0 && [0, of.1].contains(&above.1);
        for document in rest {
            if with_those_above(&self.whole, (document, 0)).skip(1).any(is_of) {
                view.overdue_items_of(interest.policy(), document, &mut items);
            }
        }
        if disputed == DisputedPart::Excluded {
            view.mark_disputed(&mut items);
        }
        items.iter().fold(0, |sum, item| sum.saturating_add(view.borne_by(interest, item, until)))
    }

    /// Takes what is open of a charge of a day off what is left to take off, which is in the currency of the document: so much of it,
    /// in its own.
    fn take_off(&self, left: &mut Minor, document: u32, item: usize, day: i32) -> Minor {
        let (open, charge) = (self.open_of(item), self.view().items.document.get(item).copied().unwrap_or(NONE));
        let Some(rate) = rate_between(self.view(), document, charge, day) else { return 0 };
        let Some(own) = (ChargedSum { amount: open, rate }).own() else { return 0 };
        if *left >= own {
            *left = left.saturating_sub(own);
            return open;
        }
        let part = rate.map_or(Some(*left), |rate| rate.apply(*left).ok()).unwrap_or(0);
        *left = 0;
        part.min(open)
    }

    /// What was charged too much as interest on what lines are about, the last of them of a day, and no later interest makes up for:
    /// whatever is disputed, or with what is as if it were not owed.
    fn too_much(&self, (document, instalment, part): About, last: i32, disputed: DisputedPart) -> Minor {
        let (view, how) = (self.view(), self.given.policy.charged_interest);
        if how == ChargedInterest::Final {
            return 0;
        }
        if self.view().is_cancelled(document) {
            return Minor::MAX;
        }
        let Some(interest) = &self.interest else { return 0 };
        let mut items: Vec<OverdueItem> = Vec::new();
        let (terms, number) = (&self.history.terms, number_of(instalment));
        // What is due otherwise by another schedule, or is no more, bears nothing any more.
        let stands = terms.part(document, number, terms.today()) == part;
        if stands {
            view.overdue_items_of(interest.policy(), document, &mut items);
            if disputed == DisputedPart::Excluded {
                view.mark_disputed(&mut items);
            }
        } else {
            view.overdue_by_terms(interest.policy(), document, last, &mut items);
        }
        let Some(mut item) = items.into_iter().find(|item| item.instalment == number) else { return 0 };
        self.history.put_charged_on(view, how, &mut item);
        let until = if stands {
            self.history.interest_until(document, number).and_then(|day| Day::new(day).ok())
        } else {
            let mut own = item.charged.iter().rev().filter(|charged| charged.known != Known::Elsewhere);
            own.next().map(|charged| charged.until)
        };
        let over = view.charged_too_much(interest, &item, until);
        let borne = until.map_or(0, |until| self.borne_by_rest(interest, (document, number), until, disputed));
        over.saturating_sub(borne).max(0)
    }
}

/// The number of an instalment, 0 when none is named.
fn number_of(instalment: u32) -> u32 {
    if instalment == NONE { 0 } else { instalment }
}
