//! A settlement as somebody wants it: lines changed or left out, discounts accepted or refused, each change proved like a fresh
//! proposal.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::clear::{Clearing, Work};
use super::decided::{Decided, Said};
use super::desk::{self, Accounts, Classes, Desk};
use super::limit::{Limits, Spent, Way};
use super::made::{Asked, Line, Made, Reason};
use super::policy::{SettlementStrategy::BestMatch, ShortPayment};
use super::quote::Quoter;
use super::report::Settlement;
use crate::allocation::filter::{Filter, at};
use crate::ledger::View;
use crate::ledger::layers::count;
use crate::money::{Exact, Minor};
use crate::problem::{Problem, Refused};
use crate::words::words;

words! {
    /// What somebody says about a discount.
    DiscountDecision {
        Accepted "accepted" /** It is taken, though it is late. */,
        Refused "refused" /** What is late is not taken; where nothing is or was, neither is what is in time. */,
    }
}

impl DiscountDecision {
    fn about(self, has_late: bool) -> Said {
        match self {
            Self::Accepted => Said::Accepted,
            Self::Refused if has_late => Said::LateRefused,
            Self::Refused => Said::Refused,
        }
    }
}

/// One change of a settlement: of a line by its number, or of the discounts of a document by its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SettlementEdit {
    /// The number of the line, from 0.
    pub line: Option<u64>,
    /// A document whose discount is decided about: the settlement is made anew.
    pub document: Option<String>,
    /// Its instalment; all of them when absent.
    pub instalment: Option<u32>,
    /// What the line takes from its credit, in the credit's currency.
    pub amount: Option<Exact>,
    /// Whether the line is left out.
    pub drop: bool,
    /// What is said about the discount.
    pub discount: Option<DiscountDecision>,
    /// The reason with which what stands beside the line is booked; empty for none.
    pub reason: Option<String>,
}

impl Settlement {
    /// The settlement with some changes.
    ///
    /// A changed line is made anew as if its credit had so much and paid this item alone: it clears the item exactly, with or
    /// without its discount, else as the policy lets it, else it pays a part. Later lines on the same item are made anew with
    /// their amounts. What a credit has more than before stays on account, with the reason `edited`. A decision about the
    /// discounts of a document settles everything anew.
    ///
    /// # Errors
    /// `edit_invalid`, `unknown_value`, `over_allocation`, and those of amounts; table `edits`, with the place and the field.
    pub fn edit(&self, edits: &[SettlementEdit]) -> Result<Self, Refused> {
        let changes = Changes::read(self, edits)?;
        if changes.lines.is_empty() {
            let anew = || Self::made_of(&self.view, &self.policy, changes.decided.clone());
            return Ok(if edits.is_empty() { self.clone() } else { anew() });
        }
        self.changed(&changes)
    }

    /// The settlement without some of its lines, by number from 0, and without what stands beside them. What they paid stays on
    /// account, with the reason `edited`; later lines on the same items are made anew with their amounts.
    ///
    /// # Errors
    /// `unknown_value`, field `lines`, for a number that no line has; `edit_invalid`, where a later line may not pay a part.
    pub fn without(&self, lines: &[usize]) -> Result<Self, Refused> {
        if let Some(unknown) = lines.iter().find(|line| **line >= self.len()) {
            let reason = format!("expected the number of a line, below {}, got {unknown}", self.len());
            return Err(Problem::new("unknown_value", reason).field("lines").into());
        }
        let mut changes = Changes { decided: (*self.decided).clone(), ..Changes::default() };
        for (index, line) in lines.iter().enumerate() {
            changes.lines.entry(*line).or_insert(Change {
                index,
                amount: None,
                drop: true,
                remade: true,
                reason: None,
            });
        }
        let edited = self.changed(&changes);
        edited.map_err(|mut refused| {
            for problem in &mut refused.problems {
                (problem.table, problem.index, problem.field) = (None, None, Some("lines".to_owned()));
            }
            refused
        })
    }

    /// The lines that stay as they are: those of which nothing is changed, nor of an earlier line on their item.
    fn kept(&self, changes: &Changes) -> Vec<usize> {
        let mut dirty: FxHashSet<u32> = FxHashSet::default();
        let mut kept = Vec::new();
        for (number, line) in self.made.lines.iter().enumerate() {
            if dirty.contains(&line.claim) || changes.lines.get(&number).is_some_and(|change| change.remade) {
                dirty.insert(line.claim);
            } else {
                kept.push(number);
            }
        }
        kept
    }

    /// Every desk with a changed line is gone through once more.
    fn changed(&self, changes: &Changes) -> Result<Self, Refused> {
        let (view, policy) = (&self.view, &*self.policy);
        let filter = Filter::new(&policy.filter, view);
        let limits = Limits::new(view, policy.tolerance.as_ref());
        let classes = Classes::new(view, &policy.priority);
        let mut quoter = Quoter::new(view, policy, changes.decided.clone());
        let desks = Desks::of(self);
        let affected: FxHashSet<usize> =
            changes.lines.keys().filter_map(|line| desks.of_line(self.made.lines.get(*line)?)).collect();
        let wanted = Wanted::of(self, changes, &desks);
        let kept = self.kept(changes);
        let mut made = Made { lines: Vec::with_capacity(self.made.lines.len()), ..(*self.made).clone() };
        let mut more: FxHashMap<u32, i128> = FxHashMap::default();
        let mut table: Option<Table> = None;
        for (number, line) in self.made.lines.iter().enumerate() {
            let Some(on) = desks.of_line(line).filter(|on| affected.contains(on)) else {
                made.lines.push(line.clone());
                continue;
            };
            if table.as_ref().is_none_or(|table| table.number != on) {
                quoter.forget();
                if let Some(mut done) = table.take() {
                    done.leave_residuals(self, &mut made);
                }
                let accounts = desks.all.get(on).map_or(&[][..], Vec::as_slice);
                let Some(desk) = Desk::laid_out(view, policy, &filter, &classes, &accounts.to_vec()) else { continue };
                let mut held = Table::new(on, desk, made.lines.len());
                held.has_enough(self, &wanted)?;
                let in_deal = |line: &&Line| line.strategy == BestMatch && desks.of_line(line) == Some(on);
                held.deal = self.made.lines.iter().filter(in_deal).map(|line| held.places(line).0).collect();
                for line in kept.iter().filter_map(|kept| self.made.lines.get(*kept)) {
                    if desks.of_line(line) == Some(on) {
                        held.note(line);
                    }
                }
                table = Some(held);
            }
            let Some(table) = table.as_mut() else { continue };
            let change = changes.lines.get(&number);
            let because = change.filter(|change| change.remade).map(|change| change.index);
            let because = because.or_else(|| table.dirty.get(&line.claim).copied());
            let reason = change.and_then(|change| change.reason.clone()).or_else(|| line.reason.clone());
            let Some(index) = because else {
                table.keep(view, line);
                made.lines.push(Line { reason, ..line.clone() });
                continue;
            };
            table.dirty.entry(line.claim).or_insert(index);
            let before = i128::from(line.amount).saturating_add(line.over.map_or(0, |over| over.amount.into()));
            let slot = more.entry(line.payer).or_insert(0);
            *slot = slot.saturating_add(before);
            if change.is_some_and(|change| change.drop) {
                continue;
            }
            let amount = change.and_then(|change| change.amount).unwrap_or(line.amount);
            let mut remade = Made::default();
            let field = if change.is_some_and(|change| change.amount.is_some()) { "amount" } else { "line" };
            let desk = std::mem::take(&mut table.desk);
            let (payer, claim) = table.places(line);
            let mut work =
                Work { view, policy, limits: &limits, quoter: &mut quoter, desk, made: &mut remade, begin: 0 };
            let taken = work.remake(payer, claim, (amount, field == "amount"), line);
            table.desk = work.desk;
            let taken = taken.map_err(|unmade| unmade.problem(self, line).row("edits", index).field(field))?;
            *slot = slot.saturating_sub(taken.into());
            remade.lines.iter().for_each(|line| table.spend(line));
            made.lines.extend(remade.lines.into_iter().map(|made| Line {
                reason: reason.clone(),
                score: line.score,
                ..made
            }));
        }
        if let Some(mut done) = table {
            done.leave_residuals(self, &mut made);
        }
        for (item, left, reason) in &mut made.payers {
            if let Some(more) = more.get(item).copied() {
                let new = i128::from(*left).saturating_add(more);
                (*left, *reason) = (Minor::try_from(new).unwrap_or(Minor::MAX), Reason::Edited);
            }
        }
        Ok(Self::edited(self.view.clone(), Arc::clone(&self.policy), made, changes.decided.clone()))
    }
}

/// What is asked for, proved to be about what there is.
#[derive(Default)]
struct Changes {
    lines: FxHashMap<usize, Change>,
    decided: Decided,
}

/// What becomes of a line.
struct Change {
    index: usize,
    amount: Option<Minor>,
    drop: bool,
    /// Whether it is made anew, and not only its reason changed.
    remade: bool,
    reason: Option<Arc<str>>,
}

impl Changes {
    fn read(settlement: &Settlement, edits: &[SettlementEdit]) -> Result<Self, Refused> {
        let mut changes = Self { decided: (*settlement.decided).clone(), ..Self::default() };
        let of_lines = edits.iter().any(|edit| edit.line.is_some());
        for (index, edit) in edits.iter().enumerate() {
            let refuse = |code: &str, field: &str, reason: &str| -> Refused {
                Problem::new(code, reason).row("edits", index).field(field).into()
            };
            match (&edit.line, &edit.document) {
                (Some(line), None) => {
                    let number = usize::try_from(*line).unwrap_or(usize::MAX);
                    let change = changes.of_line(settlement, edit, number, index)?;
                    changes.lines.insert(number, change);
                }
                (None, Some(document)) => {
                    let Some(decision) = edit.discount else {
                        return Err(refuse(
                            "edit_invalid",
                            "discount",
                            "expected what is said about the discount, got none",
                        ));
                    };
                    if edit.amount.is_some() || edit.drop || edit.reason.is_some() {
                        let reason = "expected the number of a line for anything but a decision about a discount";
                        return Err(refuse("edit_invalid", "document", reason));
                    }
                    if of_lines || settlement.edited {
                        let reason = "expected decisions by document before lines are changed, in a call of their own";
                        return Err(refuse("edit_invalid", "document", reason));
                    }
                    let items = settlement.decidable(document, edit.instalment, decision);
                    if items.is_empty() {
                        let reason = "expected a document with a discount that can be decided about";
                        return Err(refuse("unknown_value", "document", reason));
                    }
                    let said = settlement.said_of(document, &items, decision);
                    changes.decide(settlement, &items, edit.instalment, said);
                }
                _ => return Err(refuse("edit_invalid", "line", "expected the number of a line, or a document")),
            }
        }
        Ok(changes)
    }

    /// What is said of a document, or of one instalment of it.
    fn decide(&mut self, settlement: &Settlement, items: &[u32], instalment: Option<u32>, said: Said) {
        match instalment {
            Some(_) => items.iter().for_each(|item| self.decided.say_of_item(*item, said)),
            None => {
                let document = items.first().and_then(|item| at(&settlement.view.items.document, *item));
                if let Some(document) = document {
                    self.decided.say_of_document(&settlement.view, *document, said);
                }
            }
        }
    }

    fn of_line(
        &mut self,
        settlement: &Settlement,
        edit: &SettlementEdit,
        number: usize,
        index: usize,
    ) -> Result<Change, Refused> {
        let refuse = |code: &str, field: &str, reason: &str| -> Refused {
            Problem::new(code, reason).row("edits", index).field(field).into()
        };
        if edit.instalment.is_some() {
            return Err(refuse("edit_invalid", "instalment", "expected no instalment, as the line has one"));
        }
        let Some(line) = settlement.made.lines.get(number) else {
            let reason = format!("expected the number of a line, below {}, got {number}", settlement.len());
            return Err(refuse("unknown_value", "line", &reason));
        };
        if self.lines.contains_key(&number) {
            return Err(refuse("edit_invalid", "line", "expected each line once, got it twice"));
        }
        let changed = edit.amount.is_some() || edit.discount.is_some() || edit.reason.is_some();
        if edit.drop && changed {
            return Err(refuse("edit_invalid", "drop", "expected nothing else of a line that is left out"));
        }
        if !edit.drop && !changed {
            return Err(refuse("edit_invalid", "line", "expected a change of the line, got none"));
        }
        if let Some(decision) = edit.discount {
            if line.asked == 0 && (decision == DiscountDecision::Accepted || line.discount == 0) {
                return Err(refuse("edit_invalid", "discount", "expected a line with a discount to decide about"));
            }
            self.decided.say_of_item(line.claim, decision.about(line.has_late()));
        }
        let amount = match edit.amount {
            None => None,
            Some(amount) => {
                let minor = amount.to_minor(settlement.digits(line.payer));
                let minor = minor.map_err(|error| refuse(error.code(), "amount", &error.to_string()))?;
                if minor <= 0 {
                    return Err(refuse("edit_invalid", "amount", "expected an amount above zero"));
                }
                Some(minor)
            }
        };
        let remade = edit.drop || amount.is_some() || edit.discount.is_some();
        Ok(Change { index, amount, drop: edit.drop, remade, reason: edit.reason.as_deref().map(Arc::from) })
    }
}

impl Settlement {
    /// The items of a document whose discount is asked about, or, to refuse it, taken, and those whose late one was decided about.
    fn decidable(&self, document: &str, instalment: Option<u32>, decision: DiscountDecision) -> Vec<u32> {
        let taken = |line: &&Line| line.asked > 0 || (line.discount > 0 && decision == DiscountDecision::Refused);
        let lines = self.made.lines.iter().filter(taken).map(|line| line.claim);
        let items = lines.chain(self.made.asked.iter().map(|asked| asked.claim)).chain(self.decided_late(document));
        let is_meant = |item: &u32| {
            self.document_id(*item) == document && instalment.is_none_or(|number| number == self.instalment(*item))
        };
        items.filter(is_meant).collect()
    }

    /// The items of a document of which it was decided before what becomes of a late discount.
    fn decided_late<'a>(&'a self, document: &str) -> impl Iterator<Item = u32> + 'a {
        let (store, items) = (&self.view.store, &self.view.items);
        let found = store.document_named(document).and_then(|number| {
            let (piece, row) = store.documents.find(number)?;
            Some((number, items.of_account(*piece.account.get(row)?)))
        });
        let own = found.into_iter().flat_map(|(document, own)| own.map(move |item| (count(item), document)));
        own.filter(|(item, document)| {
            let said = || self.decided.of_item(*item, *document);
            at(&self.view.items.document, *item) == Some(document) && said().is_some_and(Said::is_about_late)
        })
        .map(|(item, _)| item)
    }

    /// What a decision about some items of a document says: refused, it is about what is late of their discounts, if anything is, or
    /// was when it was decided about before.
    fn said_of(&self, document: &str, items: &[u32], decision: DiscountDecision) -> Said {
        let is_late = |line: &Line| line.has_late() && items.contains(&line.claim);
        let asked = |asked: &Asked| items.contains(&asked.claim);
        let has_late = self.made.lines.iter().any(is_late)
            || self.made.asked.iter().any(asked)
            || self.decided_late(document).any(|item| items.contains(&item));
        decision.about(has_late)
    }
}

/// The desks, and which each account is on.
struct Desks<'a> {
    settlement: &'a Settlement,
    all: Vec<Accounts>,
    of_account: FxHashMap<u32, usize>,
}

impl<'a> Desks<'a> {
    fn of(settlement: &'a Settlement) -> Self {
        let all = desk::desks(&settlement.view, &settlement.policy);
        let mut of_account = FxHashMap::default();
        for (number, accounts) in all.iter().enumerate() {
            of_account.extend(accounts.iter().map(|(account, _)| (*account, number)));
        }
        Self { settlement, all, of_account }
    }

    fn of_line(&self, line: &Line) -> Option<usize> {
        self.of_account.get(&self.settlement.account(line.payer)).copied()
    }
}

/// What every credit is to pay, and the lines whose amount is changed, by desk, in the order of the changes.
struct Wanted<'a> {
    paid: FxHashMap<u32, i128>,
    raised: FxHashMap<usize, Vec<(usize, &'a Line)>>,
}

impl<'a> Wanted<'a> {
    fn of(settlement: &'a Settlement, changes: &Changes, desks: &Desks<'_>) -> Self {
        let mut wanted = Self { paid: FxHashMap::default(), raised: FxHashMap::default() };
        for (number, line) in settlement.made.lines.iter().enumerate() {
            let change = changes.lines.get(&number);
            let amount = match change {
                Some(Change { drop: true, .. }) => 0,
                Some(Change { amount: Some(amount), .. }) => i128::from(*amount),
                Some(Change { remade: true, .. }) => i128::from(line.amount),
                _ => i128::from(line.amount).saturating_add(line.over.map_or(0, |over| over.amount.into())),
            };
            let slot = wanted.paid.entry(line.payer).or_insert(0);
            *slot = slot.saturating_add(amount);
            if let (Some(change), Some(desk)) = (change.filter(|change| change.amount.is_some()), desks.of_line(line)) {
                let raised = wanted.raised.entry(desk).or_default();
                raised.push((change.index, line));
                raised.sort_by_key(|(index, _)| *index);
            }
        }
        wanted
    }
}

/// One desk while lines are made anew on it.
struct Table {
    number: usize,
    desk: Desk,
    payers: FxHashMap<u32, usize>,
    claims: FxHashMap<u32, u32>,
    /// Items of which a line was changed, by which edit.
    dirty: FxHashMap<u32, usize>,
    /// Where the lines of this desk begin.
    begin: usize,
    /// The credits of a best match, which are one deal.
    deal: Vec<usize>,
}

impl Table {
    fn new(number: usize, desk: Desk, begin: usize) -> Self {
        let payers = desk.payers.iter().map(|payer| payer.item).zip(0..).collect();
        let claims = desk.claims.iter().map(|claim| claim.item).zip(0..).collect();
        Self { number, desk, payers, claims, dirty: FxHashMap::default(), begin, deal: Vec::new() }
    }

    /// When all lines of the desk are made anew, so are the residuals.
    fn leave_residuals(&mut self, settlement: &Settlement, made: &mut Made) {
        let lines = made.lines.get_mut(self.begin..).unwrap_or_default();
        self.desk.leave_residuals(&settlement.view, &settlement.policy, lines);
    }

    fn places(&self, line: &Line) -> (usize, u32) {
        let payer = self.payers.get(&line.payer).copied().unwrap_or(usize::MAX);
        (payer, self.claims.get(&line.claim).copied().unwrap_or(u32::MAX))
    }

    /// That no credit is to pay more than it has.
    fn has_enough(&self, settlement: &Settlement, wanted: &Wanted<'_>) -> Result<(), Refused> {
        for (index, line) in wanted.raised.get(&self.number).map_or(&[][..], Vec::as_slice) {
            let has = self.payers.get(&line.payer).map_or(0, |payer| self.desk.purse(*payer));
            if wanted.paid.get(&line.payer).is_some_and(|paid| *paid > i128::from(has)) {
                return Err(Unmade::TooMuch.problem(settlement, line).row("edits", *index).field("amount").into());
            }
        }
        Ok(())
    }

    /// A line that stays as it is.
    fn keep(&mut self, view: &View, line: &Line) {
        let (payer, claim) = self.places(line);
        let beside = line.discount.saturating_add(line.short.map_or(0, |short| short.amount));
        let taken = line.debit_amount.saturating_add(beside).saturating_add(line.residual);
        let over = line.over.map_or(0, |over| over.amount);
        self.desk.take_from_payer(payer, line.amount.saturating_add(over));
        self.desk.take_from_claim(claim, taken, line.discount);
        self.desk.was_paid(view, (claim, payer), (line.debit_amount, line.discount));
    }

    /// What a line that stays lets go is let go, wherever it stands: a limit is had once.
    fn note(&mut self, line: &Line) {
        let (_, claim) = self.places(line);
        let short = line.short.filter(|short| short.kind.is_tolerance()).map_or(0, |short| short.amount);
        if let Some(document) = at(&self.desk.claims, claim).map(|claim| claim.document) {
            self.desk.add_let_go(document, Way::Under, short.saturating_add(line.adjusted.max(0)));
        }
        self.spend(line);
    }
}

impl Table {
    /// What its credit has had with a line; of a best match, what all that are in the deal have had.
    fn spend(&mut self, line: &Line) {
        let (payer, _) = self.places(line);
        let spent = line.spent();
        self.desk.spend(payer, spent);
        if line.strategy == BestMatch && spent.tolerance {
            let of_deal = Spent { tolerance: true, charge: false };
            self.deal.iter().for_each(|payer| self.desk.spend(*payer, of_deal));
        }
    }
}

/// Why a line cannot be made.
enum Unmade {
    TooMuch,
    NotWhole,
}

impl Unmade {
    fn problem(&self, settlement: &Settlement, line: &Line) -> Problem {
        let (credit, debit) = (settlement.document_id(line.payer), settlement.document_id(line.claim));
        match self {
            Self::TooMuch => Problem::new(
                "over_allocation",
                format!("expected no more than is left of {credit} and open of {debit}"),
            ),
            Self::NotWhole => {
                Problem::new("edit_invalid", format!("expected an amount that clears {debit}, as no part may be paid"))
            }
        }
    }
}

impl Work<'_, '_> {
    /// A line of so much on one item, made anew, and what it takes of its credit: less, where the amount is not stated and a late
    /// discount that was accepted leaves something over; why it cannot be.
    fn remake(
        &mut self,
        payer: usize,
        claim: u32,
        (amount, stated): (Minor, bool),
        line: &Line,
    ) -> Result<Minor, Unmade> {
        let before = self.desk.payers.get(payer).map_or(0, |payer| payer.left);
        self.set_left(payer, amount);
        let Some(item) = self.priced(payer, claim) else { return Err(Unmade::TooMuch) };
        let purse = self.desk.purse(payer);
        if purse < amount {
            return Err(Unmade::TooMuch);
        }
        let has_over = item.quote.kept && !stated && purse > item.quote.price;
        if self.desk.is_mixed(claim) {
            self.pay_mixed(payer, &item, line.strategy);
        } else if let Some(solution) = self.solution(payer, &[item], line.strategy, (true, false)) {
            self.clear(payer, &solution.items, &solution.how, line.strategy);
        } else if has_over {
            self.clear(payer, &[item], &Clearing::Over, line.strategy);
        } else if self.policy.partial == ShortPayment::Refused {
            return Err(if purse > item.quote.left_there { Unmade::TooMuch } else { Unmade::NotWhole });
        } else {
            // What is not below the price is a part of the item in full.
            let item = if purse < item.quote.price { item } else { item.in_full() };
            if purse < item.quote.price {
                self.part(payer, &item, line.strategy);
            }
        }
        let left = self.desk.payers.get(payer).map_or(0, |payer| payer.left);
        if self.made.lines.is_empty() || (left > 0 && !has_over) {
            return Err(Unmade::TooMuch);
        }
        let taken = amount.saturating_sub(left);
        self.set_left(payer, before.saturating_sub(taken));
        Ok(taken)
    }

    fn set_left(&mut self, payer: usize, left: Minor) {
        if let Some(held) = self.desk.payers.get_mut(payer) {
            held.left = left;
        }
    }
}
