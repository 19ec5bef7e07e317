//! Where does one item go, and by which rule? The one answer that tables, lines and explanations share.

use super::cut::Cut;
use super::figures::Figures;
use super::policy::{AgingCurrency, AgingPolicy, Basis, Credits, MissingDueDate};
use crate::ledger::View;
use crate::ledger::layers::{count, place};
use crate::ledger::schedule;
use crate::ledger::store::{Documents, NO_DAY};
use crate::money::Minor;

/// Items handled at once: their days, groups and buckets stay in the first-level cache.
pub(super) const RUN: usize = 1024;

/// The rule that put an item into its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    CreditsApart,
    OnHold,
    Disputed,
    NoDueDate,
    NotDue,
    PastEdge,
}

impl Rule {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::CreditsApart => "aging.credits_apart",
            Self::OnHold => "aging.on_hold",
            Self::Disputed => "aging.disputed",
            Self::NoDueDate => "aging.no_due_date",
            Self::NotDue => "aging.not_due",
            Self::PastEdge => "aging.past_edge",
        }
    }
}

/// Where an item goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub bucket: u32,
    pub rule: Rule,
    /// How many edges it is past, whether or not that decided.
    pub edges_past: u32,
    /// The disputed figure that goes to the bucket of disputes while the rest goes to `bucket`.
    pub aside: Minor,
}

/// A view and the policy it is aged by.
#[derive(Debug)]
pub(super) struct Placing {
    pub view: View,
    pub policy: AgingPolicy,
    pub cut: Cut,
    pub figures: Figures,
}

impl Placing {
    /// Where an item goes that is aged from this day; `NO_DAY` for one that is never late.
    pub(super) fn place(&self, item: usize, basis: i32) -> Placed {
        let cut = &self.cut;
        let edges_past = if basis == NO_DAY { 0 } else { cut.edges_past(basis) };
        let open = self.view.items.open.get(item).copied().unwrap_or(0);
        let apart = |bucket: u32, rule: Rule| Placed { bucket, rule, edges_past, aside: 0 };
        if let Some(bucket) = cut.credits
            && open < 0
        {
            return apart(bucket, Rule::CreditsApart);
        }
        if let Some(bucket) = cut.held
            && self.view.marks().held.contains(&count(item))
        {
            return apart(bucket, Rule::OnHold);
        }
        let mut aside = 0;
        if let Some(bucket) = cut.disputed {
            let disputed = self.view.marks().disputed.get(&count(item)).copied().unwrap_or(0);
            if disputed == open {
                return apart(bucket, Rule::Disputed);
            }
            aside = self.figures.part(&self.view, item, disputed);
        }
        let rule = match edges_past {
            _ if basis == NO_DAY => Rule::NoDueDate,
            0 => Rule::NotDue,
            _ => Rule::PastEdge,
        };
        Placed { bucket: cut.special.saturating_add(edges_past), rule, edges_past, aside }
    }

    /// The day that an item is aged from; `NO_DAY` when it is never late.
    pub(super) fn basis(&self, item: usize) -> i32 {
        let Some((piece, row)) = self.view.document_row(item) else { return NO_DAY };
        let due = self.view.items.due.get(item).copied().unwrap_or(NO_DAY);
        if self.policy.credits == Credits::OnInvoice
            && self.view.items.open.get(item).is_some_and(|open| *open < 0)
            && let Some((document, piece, row)) = self.invoice_of(piece, row)
        {
            let schedule = schedule::in_force(&self.view.store, document, self.view.day().number(), self.view.known_on);
            let own = piece.due.get(row).copied().unwrap_or(NO_DAY);
            return self.basis_of(piece, row, schedule.first().map_or(own, |first| first.due));
        }
        self.basis_of(piece, row, due)
    }

    fn basis_of(&self, piece: &Documents, row: usize, due: i32) -> i32 {
        let date = |column: &[i32]| column.get(row).copied().unwrap_or(NO_DAY);
        match (self.policy.basis, self.policy.missing_due_date) {
            (Basis::DocumentDate, _) => date(&piece.document_date),
            (Basis::PostingDate, _) => date(&piece.effective),
            (Basis::DueDate, MissingDueDate::DocumentDate) if due == NO_DAY => date(&piece.document_date),
            (Basis::DueDate, _) => due,
        }
    }

    /// The counted document of the same currency that a credit is related to.
    fn invoice_of(&self, piece: &Documents, row: usize) -> Option<(u32, &Documents, usize)> {
        let store = &self.view.store;
        let related = store.related(piece.start.saturating_add(count(row)))?;
        let (other, at) = store.documents.find(related)?;
        let counted =
            *other.effective.get(at)? <= self.view.day().number() && *other.recorded.get(at)? <= self.view.known_on;
        let currency = |account: &u32| store.account(*account).currency;
        let same = currency(piece.account.get(row)?) == currency(other.account.get(at)?);
        (counted && same).then_some((related, other, at))
    }

    /// Whether the policy looks at nothing but due dates and amounts in document currency.
    pub(super) fn ages_by_due_date_alone(&self) -> bool {
        self.cut.special == 0
            && self.policy.basis == Basis::DueDate
            && self.policy.credits != Credits::OnInvoice
            && self.policy.currency == AgingCurrency::Document
    }

    /// The days that the items from `start` on are aged from, at most [`RUN`] of them.
    pub(super) fn basis_column(&self, start: usize, out: &mut [i32]) {
        let plain = self.policy.basis == Basis::DueDate && self.policy.credits != Credits::OnInvoice;
        if !plain {
            for (to, item) in out.iter_mut().zip(start..) {
                *to = self.basis(item);
            }
            return;
        }
        let due = self.view.items.due.get(start..).unwrap_or(&[]);
        for (to, due) in out.iter_mut().zip(due) {
            *to = *due;
        }
        if self.policy.missing_due_date == MissingDueDate::NotDue {
            return;
        }
        let documents = self.view.items.document.get(start..).unwrap_or(&[]);
        for (days, documents) in out.chunks_mut(8).zip(documents.chunks(8)) {
            if days.iter().fold(i32::MIN, |held, day| held.max(*day)) == NO_DAY {
                self.fill_missing(days, documents);
            }
        }
    }

    /// Document dates where there is no due date.
    fn fill_missing(&self, days: &mut [i32], documents: &[u32]) {
        for (day, document) in days.iter_mut().zip(documents) {
            if *day == NO_DAY {
                let found = self.view.store.documents.find(*document);
                *day = found.and_then(|(piece, row)| piece.document_date.get(row)).copied().unwrap_or(NO_DAY);
            }
        }
    }

    /// Days from the basis date to the view's day; 0 for what is never late.
    pub(super) fn age(&self, basis: i32) -> i32 {
        if basis == NO_DAY { 0 } else { self.view.day().number().saturating_sub(basis) }
    }

    /// Whether an item is unapplied cash.
    pub(super) fn is_receipt(&self, item: usize) -> bool {
        self.view.document_row(item).and_then(|(piece, row)| piece.kind.get(row)).is_some_and(|kind| kind.is_receipt())
    }

    /// Digits of the currency of the figures of an account, and its code.
    pub(super) fn currency(&self, account: u32) -> (&str, u8) {
        let number = self.figures.currency_of(&self.view, account);
        self.view.store.currencies.get(place(number)).map_or(("", 0), |it| (it.code.as_str(), it.exponent))
    }
}
