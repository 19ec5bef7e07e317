//! What is settled together: the credits and debits of one account, one customer or one family, and what each has left.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::carried::Plain;
use super::given::{has_discounts, spent};
use super::limit::{Spent, Way};
use super::policy::{CreditNotes, Crossing, DiscountPolicy, LimitPer, PriorityClass, Scope, SettlementPolicy};
use crate::allocation::desk::together;
use crate::allocation::filter::{Filter, at, document_amount, left_of_item};
use crate::allocation::strategy::order::{Debit, by_id};
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::settings::InstalmentSign;
use crate::ledger::store::{Attribute, DocumentKind, NO_DAY};
use crate::ledger::{DocumentKind as Kind, View};
use crate::money::Minor;

/// An open item that pays. Amounts are above zero, in its currency.
#[derive(Debug, Clone)]
pub(super) struct Payer {
    pub item: u32,
    pub document: u32,
    pub customer: u32,
    pub currency: u32,
    pub effective: i32,
    pub pay_day: i32,
    pub kind: Kind,
    pub left: Minor,
    /// What it had before anything was settled.
    pub before: Minor,
    /// Whether it pays in balances alone.
    pub in_balances: bool,
    /// What its document had of tolerance and bank charges before.
    pub spent: Spent,
    pub notes: Notes,
}

impl Payer {
    /// Whether it has a part in the settlement: one that pays in balances alone, when it did.
    pub(super) fn takes_part(&self) -> bool {
        !self.in_balances || self.left != self.before
    }
}

/// Why something of a credit may stay on account.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notes {
    pub ambiguous: bool,
    pub not_searched: bool,
    pub asked: bool,
}

/// An open item that is paid. Amounts are above zero, in its currency.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub item: u32,
    pub document: u32,
    pub customer: u32,
    pub currency: u32,
    pub due: i32,
    pub class: u32,
    pub left: Minor,
    /// The discount that was granted here.
    pub discounted: Minor,
    /// The latest pay day of the credits that paid it here.
    pub paid_on: i32,
    /// What credit notes for its document paid of it here.
    pub credited: Minor,
    /// What was settled of it here by lines with a discount, with that.
    pub with_discount: Minor,
    /// What payments without a discount settled of it here, where discounts are in proportion.
    pub plain: Vec<Plain>,
}

impl Claim {
    /// A document that has so much left, apart from any desk.
    pub(super) fn of(document: u32, left: Minor) -> Self {
        Self {
            item: 0,
            document,
            customer: 0,
            currency: 0,
            due: NO_DAY,
            class: 0,
            left,
            discounted: 0,
            paid_on: i32::MIN,
            credited: 0,
            with_discount: 0,
            plain: Vec::new(),
        }
    }

    /// By document id, then instalment.
    pub(super) fn by_id(&self, view: &View, other: &Self) -> Ordering {
        by_id(view, (self.document, self.item), (other.document, other.item))
    }
}

/// The candidates of one desk. Debits stand by class, due date (none last), document id and instalment; credits in the
/// policy's order.
#[derive(Debug, Default, Clone)]
pub(super) struct Desk {
    pub company: u32,
    pub payers: Vec<Payer>,
    pub claims: Vec<Claim>,
    /// Documents with items of both signs: what all of their items together have left.
    together: FxHashMap<u32, Minor>,
    /// The debits of each document that has several.
    siblings: BTreeMap<u32, Vec<u32>>,
    /// The debits that a trial has cleared: nothing is left of them for it.
    tried: FxHashSet<u32>,
    /// What was let go within tolerance of each document here, too little and too much, in its currency.
    let_go: FxHashMap<u32, [Minor; 2]>,
    /// What each payment had of tolerance and bank charges here, all its items together.
    spent: FxHashMap<u32, Spent>,
    /// Whether every payment has its part of a discount.
    in_proportion: bool,
}

/// Accounts that are settled together, each with its items, in account order.
pub(super) type Accounts = Vec<(u32, Range<usize>)>;

/// The desks of a view, in the order of their first account.
pub(super) fn desks(view: &View, policy: &SettlementPolicy) -> Vec<Accounts> {
    if policy.scope == Scope::Account {
        return view.accounts_in_order().map(|account| vec![account]).collect();
    }
    let mut places: FxHashMap<(u32, u32, u32), usize> = FxHashMap::default();
    let mut desks: Vec<Accounts> = Vec::new();
    for (account, items) in view.accounts_in_order() {
        let parts = view.store.account(account);
        let who = match policy.scope {
            Scope::Family => view.top_parent(parts.customer),
            Scope::Account | Scope::Customer => parts.customer,
        };
        let currency = if policy.cross_currency == Crossing::Allowed { NONE } else { parts.currency };
        let at = *places.entry((parts.company, who, currency)).or_insert(desks.len());
        match desks.get_mut(at) {
            Some(desk) => desk.push((account, items)),
            None => desks.push(vec![(account, items)]),
        }
    }
    desks
}

impl Desk {
    /// Lays out the accounts of a desk; nothing when none of its credits may pay.
    pub(super) fn laid_out(
        view: &View,
        policy: &SettlementPolicy,
        filter: &Filter,
        classes: &Classes,
        accounts: &Accounts,
    ) -> Option<Self> {
        let open = |items: &Range<usize>| view.items.open.get(items.clone()).unwrap_or_default();
        if accounts.iter().all(|(_, items)| open(items).iter().all(|open| *open > 0)) {
            return None;
        }
        let in_proportion = policy.discount.as_ref().is_some_and(DiscountPolicy::is_in_proportion);
        let mut desk = Self { in_proportion, ..Self::default() };
        for (account, items) in accounts {
            desk.add(view, policy, filter, classes, *account, items.clone());
        }
        if desk.payers.iter().all(|payer| payer.in_balances) {
            return None;
        }
        if accounts.len() > 1 || !classes.is_empty() {
            desk.claims.sort_by(|a, b| (a.class, a.due).cmp(&(b.class, b.due)).then_with(|| a.by_id(view, b)));
        }
        desk.sort_payers(view, policy);
        desk.find_siblings(view);
        Some(desk)
    }

    fn find_siblings(&mut self, view: &View) {
        if view.items.instalment.is_empty() {
            return;
        }
        let mut by_document: Vec<(u32, u32)> = self.claims.iter().map(|claim| claim.document).zip(0..).collect();
        by_document.sort_unstable();
        for run in by_document.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
            let Some((document, _)) = run.first() else { continue };
            self.siblings.insert(*document, run.iter().map(|(_, number)| *number).collect());
        }
    }

    /// The documents of which several debits are here, each with them.
    pub(super) fn siblings(&self) -> &BTreeMap<u32, Vec<u32>> {
        &self.siblings
    }

    /// What the debits of a document have left together; none when it has one alone.
    pub(super) fn document_left(&self, document: u32) -> Option<Minor> {
        let debits = self.siblings.get(&document)?;
        let here = debits.iter().filter(|debit| self.tried.is_empty() || !self.tried.contains(*debit));
        let left = here.filter_map(|debit| at(&self.claims, *debit)).map(|claim| claim.left);
        Some(left.fold(0, Minor::saturating_add))
    }

    /// Goes on as if these debits were cleared, until it is told otherwise; says which were before.
    pub(super) fn try_cleared(&mut self, debits: FxHashSet<u32>) -> FxHashSet<u32> {
        std::mem::replace(&mut self.tried, debits)
    }

    /// Goes on as if one more debit were cleared.
    pub(super) fn try_one_more(&mut self, debit: u32) {
        self.tried.insert(debit);
    }

    /// What was let go of a document within tolerance here.
    pub(super) fn let_go(&self, document: u32, way: Way) -> Minor {
        let both = self.let_go.get(&document).copied().unwrap_or_default();
        let [under, over] = both;
        if way == Way::Under { under } else { over }
    }

    pub(super) fn add_let_go(&mut self, document: u32, way: Way, amount: Minor) {
        let [under, over] = self.let_go.entry(document).or_default();
        let slot = if way == Way::Under { under } else { over };
        *slot = slot.saturating_add(amount);
    }

    /// What the payment that a credit is an item of had of tolerance and bank charges, before and here.
    pub(super) fn spent(&self, payer: usize) -> Spent {
        let Some(held) = self.payers.get(payer) else { return Spent::default() };
        let here = self.spent.get(&held.document).copied().unwrap_or_default();
        held.spent.or(here)
    }

    /// The payment that a credit is an item of has it, whichever of its items it is for.
    pub(super) fn spend(&mut self, payer: usize, what: Spent) {
        if let Some(held) = self.payers.get(payer).filter(|_| what.tolerance || what.charge) {
            let slot = self.spent.entry(held.document).or_default();
            *slot = slot.or(what);
        }
    }

    fn add(
        &mut self,
        view: &View,
        policy: &SettlementPolicy,
        filter: &Filter,
        classes: &Classes,
        account: u32,
        items: Range<usize>,
    ) {
        let parts = view.store.account(account);
        self.company = parts.company;
        let Some(currency) = view.store.currency(parts.currency).filter(|_| filter.lets_in(parts)) else { return };
        let limits = filter.limits(currency.exponent);
        // What credits had is asked where it counts.
        let had = policy.tolerance.as_ref();
        let had = had.filter(|held| held.per == LimitPer::Payment || !held.bank_charges.is_empty());
        let both_signs = view.store.settings.instalment_sign == InstalmentSign::Any;
        if both_signs {
            self.together.extend(together(view, items.clone()));
        }
        for item in items {
            let (Some(open), Some(document)) = (view.items.open.get(item), view.items.document.get(item)) else {
                continue;
            };
            let left = left_of_item(view, item);
            if left <= 0 || (both_signs && document_amount(view, *document).signum() != open.signum()) {
                continue;
            }
            let Some((piece, row)) = view.store.documents.find(*document) else { continue };
            let Some(kind) = piece.kind.get(row).copied() else { continue };
            if *open > 0 {
                if filter.takes_debit(view, item, limits) {
                    self.claims.push(Claim {
                        item: count(item),
                        document: *document,
                        customer: parts.customer,
                        currency: parts.currency,
                        due: view.items.due.get(item).copied().unwrap_or(NO_DAY),
                        class: classes.of(view, *document, kind, parts.customer),
                        left,
                        discounted: 0,
                        paid_on: i32::MIN,
                        credited: 0,
                        with_discount: 0,
                        plain: Vec::new(),
                    });
                }
            } else if (policy.credit_kinds.contains(&kind) || policy.balance_credits.contains(&kind))
                && filter.takes_credit(view, item, limits)
                && let (Some(effective), Some(pay_day)) = (piece.effective.get(row), piece.document_date.get(row))
            {
                self.payers.push(Payer {
                    item: count(item),
                    document: *document,
                    customer: parts.customer,
                    currency: parts.currency,
                    effective: *effective,
                    pay_day: *pay_day,
                    kind,
                    left,
                    before: left,
                    in_balances: !policy.credit_kinds.contains(&kind),
                    spent: had.map_or_else(Spent::default, |held| spent(view, *document, held.kind.into())),
                    notes: Notes::default(),
                });
            }
        }
    }

    fn sort_payers(&mut self, view: &View, policy: &SettlementPolicy) {
        let note = |payer: &Payer| match policy.credit_notes {
            CreditNotes::ByDate => false,
            CreditNotes::First => payer.kind != DocumentKind::CreditNote,
            CreditNotes::Last => payer.kind == DocumentKind::CreditNote,
        };
        self.payers.sort_by(|a, b| {
            let by_day = policy.credit_order.compare(a.effective, b.effective);
            note(a).cmp(&note(b)).then(by_day).then_with(|| by_id(view, (a.document, a.item), (b.document, b.item)))
        });
    }

    /// What a debit may still take, in its currency.
    pub(super) fn room(&self, claim: u32) -> Minor {
        at(&self.claims, claim).map_or(0, |claim| self.of(claim.document, claim.left))
    }

    /// What a debit of a document of which so much is taken beside it may still take.
    pub(super) fn room_beside(&self, claim: u32, taken: Minor) -> Minor {
        let Some(held) = at(&self.claims, claim) else { return 0 };
        match self.together.get(&held.document) {
            None => held.left,
            Some(together) => held.left.min(together.saturating_sub(taken)).max(0),
        }
    }

    /// What a credit may still give.
    pub(super) fn purse(&self, payer: usize) -> Minor {
        self.payers.get(payer).map_or(0, |payer| self.of(payer.document, payer.left))
    }

    /// What items have left as (currency, amount), never more of a document than all of its items together.
    pub(super) fn capped(&self, items: impl Iterator<Item = (u32, u32, Minor)>) -> Vec<(u32, Minor)> {
        let mut together = self.together.clone();
        let capped = items.map(|(document, currency, left)| {
            let Some(rest) = together.get_mut(&document) else { return (currency, left) };
            let left = left.min(*rest).max(0);
            *rest = rest.saturating_sub(left);
            (currency, left)
        });
        capped.collect()
    }

    /// Whether a document has items of both signs.
    pub(super) fn is_mixed(&self, claim: u32) -> bool {
        at(&self.claims, claim).is_some_and(|claim| self.together.contains_key(&claim.document))
    }

    /// The debits that may stand in a set: those that still take something, of documents of one sign.
    pub(super) fn settable(&self) -> Vec<u32> {
        self.live().filter(|claim| !self.is_mixed(*claim)).collect()
    }

    fn of(&self, document: u32, left: Minor) -> Minor {
        if self.together.is_empty() {
            return left;
        }
        self.together.get(&document).map_or(left, |together| left.min(*together)).max(0)
    }

    /// The debits that still take something, in their order.
    pub(super) fn live(&self) -> impl Iterator<Item = u32> + '_ {
        (0..count(self.claims.len())).filter(|claim| self.room(*claim) > 0)
    }

    /// The credits that may stand in a set.
    pub(super) fn combinable(&self) -> Vec<usize> {
        self.solvent().filter(|payer| !self.is_mixed_payer(*payer)).collect()
    }

    /// Whether the document of a credit has items of both signs.
    pub(super) fn is_mixed_payer(&self, payer: usize) -> bool {
        self.payers.get(payer).is_some_and(|payer| self.together.contains_key(&payer.document))
    }

    /// What a credit may still give by itself.
    pub(super) fn own_purse(&self, payer: usize) -> Minor {
        if self.payers.get(payer).is_some_and(|payer| payer.in_balances) { 0 } else { self.purse(payer) }
    }

    /// The credits that still give something by themselves, in their order.
    pub(super) fn solvent(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.payers.len()).filter(|payer| self.own_purse(*payer) > 0)
    }

    pub(super) fn take_from_payer(&mut self, payer: usize, amount: Minor) {
        if let Some(held) = self.payers.get_mut(payer) {
            held.left = held.left.saturating_sub(amount);
            less(&mut self.together, held.document, amount);
        }
    }

    /// A credit has paid so much of a debit, which had a discount.
    pub(super) fn was_paid(&mut self, view: &View, (claim, payer): (u32, usize), (amount, discount): (Minor, Minor)) {
        if let (Some(held), Some(payer)) = (self.claims.get_mut(place(claim)), self.payers.get(payer)) {
            held.paid_on = held.paid_on.max(payer.pay_day);
            if payer.kind == Kind::CreditNote && view.store.related(payer.document) == Some(held.document) {
                held.credited = held.credited.saturating_add(amount);
            }
            if discount > 0 {
                held.with_discount = held.with_discount.saturating_add(amount).saturating_add(discount);
            } else if self.in_proportion && has_discounts(payer.kind) {
                held.plain.push(Plain { paid_on: payer.pay_day, whole: amount, amount });
            }
        }
    }

    pub(super) fn take_from_claim(&mut self, claim: u32, amount: Minor, discount: Minor) {
        if let Some(held) = self.claims.get_mut(place(claim)) {
            held.left = held.left.saturating_sub(amount);
            held.discounted = held.discounted.saturating_add(discount);
            less(&mut self.together, held.document, amount);
        }
    }

    /// The debits that still take something, as the ordering strategies see them.
    pub(super) fn debits(&self) -> impl Iterator<Item = Debit> + '_ {
        self.live().filter_map(|number| {
            let claim = at(&self.claims, number)?;
            Some(Debit { number, class: claim.class, item: claim.item, document: claim.document })
        })
    }
}

fn less(together: &mut FxHashMap<u32, Minor>, document: u32, amount: Minor) {
    if let Some(left) = together.get_mut(&document) {
        *left = left.saturating_sub(amount);
    }
}

/// The classes of debits, their words looked up once.
pub(super) struct Classes(Vec<Class>);

struct Class {
    kinds: Option<Vec<Kind>>,
    /// The number of a dimension, none when the ledger does not have it, and of its listed values.
    values: Option<(Option<u32>, Vec<u32>)>,
}

impl Classes {
    pub(super) fn new(view: &View, classes: &[PriorityClass]) -> Self {
        let class = |class: &PriorityClass| Class {
            kinds: class.kinds.clone(),
            values: class.dimension.as_ref().map(|name| {
                let texts = class.values.iter().flatten();
                let values = texts.filter_map(|text| match text.is_empty() {
                    true => Some(NONE),
                    false => view.store.texts.find(text),
                });
                (view.store.dimension_names.find(name), values.collect())
            }),
        };
        Self(classes.iter().map(class).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, view: &View, document: u32, kind: Kind, customer: u32) -> u32 {
        let fits = |class: &Class| {
            class.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
                && class.values.as_ref().is_none_or(|(name, values)| {
                    values.contains(&name.map_or(NONE, |name| dimension(view, document, customer, name)))
                })
        };
        count(self.0.iter().position(fits).unwrap_or(self.0.len()))
    }
}

/// The value of a dimension: the document's own, else the customer's, else none.
fn dimension(view: &View, document: u32, customer: u32, name: u32) -> u32 {
    let found = view.store.documents.find(document);
    let own = found.and_then(|(piece, row)| piece.dimension(name).and_then(|values| values.get(row))).copied();
    own.filter(|own| *own != NONE).unwrap_or_else(|| {
        view.store.attribute(customer, Attribute::Dimension(name), view.day().number(), view.known_on)
    })
}
