//! The desk: one customer at a time, answered from the index. It holds a policy compiled, and what it has learnt of customers.

use std::sync::{Arc, Mutex};

use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

use super::check::Asker;
use super::given::Given;
use super::limit::Request;
use super::part::CreditRequestKind;
use super::policy::{Amounts, CreditPolicy, Reaction};
use super::release;
use super::report::{CreditCheck, CreditDecision, Decision, answer, decimal};
use super::standing::{Line, Pool, Standing, counted_of, family, in_force, pooled};
use crate::calendar::Day;
use crate::ledger::commitments::{leads_to, posted};
use crate::ledger::layers::NONE;
use crate::ledger::store::{CommitmentFact, NO_BASE, NO_DAY};
use crate::ledger::view::bare;
use crate::ledger::{Ledger, View};
use crate::made_by::MadeBy;
use crate::money::{Exact, Minor, MoneyError};
use crate::problem::{Problem, Refused, quoted};

/// What is asked: may so much ship to this customer?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditRequest<'a> {
    /// Who would owe it.
    pub customer: &'a str,
    /// How much, in `currency`.
    pub amount: Decimal,
    /// The currency.
    pub currency: &'a str,
    /// What it is; when absent what the commitment in whose place it stands is, else an order.
    pub kind: Option<CreditRequestKind>,
    /// The company that sells; empty when the ledger has one, or for that of the commitment in whose place it stands.
    pub company: &'a str,
    /// Its id: it stands in the place of the commitment of that id, and a release may name it. What was delivered or invoiced of it
    /// before is not counted again, and what is not told of it is as it was posted.
    pub order: Option<&'a str>,
    /// The id of the commitment that it follows and lowers; when absent, what the commitment in whose place it stands follows.
    pub follows: Option<&'a str>,
    /// When it ships.
    pub expected_date: Option<Day>,
    /// The amount without tax.
    pub net: Option<Decimal>,
    /// Its payment terms.
    pub terms: Option<&'a str>,
}

impl<'a> CreditRequest<'a> {
    /// An order of so much.
    #[must_use]
    pub fn new(customer: &'a str, amount: Decimal, currency: &'a str) -> Self {
        Self {
            customer,
            amount,
            currency,
            kind: None,
            company: "",
            order: None,
            follows: None,
            expected_date: None,
            net: None,
            terms: None,
        }
    }
}

/// No company of the ledger.
const NOWHERE: u32 = NONE - 1;

/// From so many customers on what was learnt is forgotten, so that a desk stays small.
const MOST_KEPT: usize = 1 << 18;

/// Answers about one customer at a time: may this order ship, and how much more could?
///
/// Cheap to make and to clone. It is about one ledger on one day: after an append make a new one of the new ledger.
#[derive(Debug, Clone)]
pub struct CreditDesk {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    given: Given,
    /// The lines of groups and of everybody.
    general: Vec<Line>,
    standings: Mutex<FxHashMap<u32, Arc<Standing>>>,
    families: Mutex<FxHashMap<u32, Arc<Pool>>>,
}

impl CreditDesk {
    pub(super) fn of(given: Given) -> Self {
        let general = in_force(&given.view, NONE).map(Line::of).collect();
        let (standings, families) = (Mutex::default(), Mutex::default());
        Self { inner: Arc::new(Inner { given, general, standings, families }) }
    }

    pub(super) fn given(&self) -> &Given {
        &self.inner.given
    }

    pub(super) fn general(&self) -> &[Line] {
        &self.inner.general
    }

    /// The day that it is about.
    #[must_use]
    pub fn day(&self) -> Day {
        self.given().view.day()
    }

    /// The policy and the engine.
    #[must_use]
    pub fn made_by(&self) -> MadeBy {
        MadeBy::policy(&self.given().policy.id, &self.given().policy)
    }

    /// Whether a document may go, and how much more could.
    ///
    /// # Errors
    /// `unknown_value`, fields `customer` and `company`; `unknown_currency`; `cyclic_parent`, field `follows`; those of money, fields `amount` and `net`; `rate_missing`; what
    /// is wrong with an attribute `limit`, field `limit`.
    pub fn check(&self, request: &CreditRequest<'_>) -> Result<CreditDecision, Refused> {
        let (customer, asked) = self.read(request)?;
        let standing = self.standing(customer);
        let asker = self.asker(&standing, &asked)?;
        let (decision, found) = decide(&asker);
        let digits = self.given().digits(asked.currency);
        let headroom = asker.headroom()?.map(|amount| decimal(amount, digits));
        let release = found.map(|id| self.given().view.store.matter_ids.text(id).to_owned());
        Ok(CreditDecision { decision, headroom, release })
    }

    /// The same with every check, its operands, who may release it and what changed since the last release.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn explain(&self, request: &CreditRequest<'_>) -> Result<CreditCheck, Refused> {
        let (customer, asked) = self.read(request)?;
        let standing = self.standing(customer);
        let asker = self.asker(&standing, &asked)?;
        let (decision, found) = decide(&asker);
        answer(&asker, request, decision, found)
    }

    fn asker<'a>(&'a self, standing: &'a Standing, request: &'a Request) -> Result<Asker<'a>, Refused> {
        let mut asker = Asker::new(self, standing, request);
        asker.ask_all()?;
        Ok(asker)
    }

    /// The number of a customer, and the request by numbers.
    fn read(&self, request: &CreditRequest<'_>) -> Result<(u32, Request), Refused> {
        let given = self.given();
        let store = &given.view.store;
        let Some(customer) = store.customer_ids.find(request.customer) else {
            let reason = format!("expected the id of a customer, got {}", quoted(request.customer));
            return Err(Problem::new("unknown_value", reason).field("customer").into());
        };
        given.knows_company(request.company, "company")?;
        let currency = given.coin(request.currency).map_err(|problem| Refused::from(problem.field("currency")))?;
        let digits = given.digits(currency);
        let minor = |amount: Decimal, field: &str| {
            let exact = Exact::from_decimal(amount).to_minor(digits);
            exact.map_err(|error| Refused::from(error).at(None, None, field))
        };
        let amount: Minor = minor(request.amount, "amount")?;
        let net = request.net.map(|net| minor(net, "net")).transpose()?;
        let matter = |id: &str| store.matter_ids.find(id);
        let order = request.order.filter(|id| !id.is_empty());
        let follows = request.follows.filter(|id| !id.is_empty());
        let number = order.and_then(matter);
        // What is not told of it is as it was posted.
        let posted = posted(&given.view, number);
        let company = || posted.map_or_else(|| store.texts.find(""), |fact| Some(fact.company));
        let company = if request.company.is_empty() { company() } else { store.texts.find(request.company) };
        let net = match (net, posted) {
            (None, Some(fact)) if fact.currency == currency => net_in_proportion(fact, amount)?,
            _ => net,
        };
        let expected = || posted.map_or(NO_DAY, |fact| fact.expected);
        let asked = Request {
            amount,
            net,
            currency,
            company: company.unwrap_or(NOWHERE),
            kind: request.kind.or(posted.map(|fact| fact.kind.into())).unwrap_or(CreditRequestKind::Order),
            order: number,
            order_text: order.and_then(|id| store.texts.find(id)),
            follows: follows.map(|id| matter(id).unwrap_or(NONE)),
            follows_text: follows.map(|id| store.texts.find(id).unwrap_or(NONE)),
            expected: request.expected_date.map_or_else(expected, Day::number),
            terms: request.terms.map(str::to_owned),
        };
        let ids = asked.follows.filter(|id| *id != NONE && Some(*id) != number).zip(asked.order_text);
        if ids.is_some_and(|(follows, own)| leads_to(store, follows, own)) {
            let reason = "expected a document that what it follows does not follow in turn";
            return Err(Problem::new("cyclic_parent", reason).field("follows").into());
        }
        Ok((customer, asked))
    }

    /// What is known of a customer; found once.
    pub(super) fn standing(&self, customer: u32) -> Arc<Standing> {
        if let Some(held) = self.inner.standings.lock().ok().and_then(|held| held.get(&customer).cloned()) {
            return held;
        }
        let made = Arc::new(Standing::of(self.given(), customer));
        if let Ok(mut held) = self.inner.standings.lock() {
            if held.len() >= MOST_KEPT {
                held.clear();
            }
            held.insert(customer, Arc::clone(&made));
        }
        made
    }

    /// The amounts of a customer and all below it; found once.
    pub(super) fn family(&self, head: u32) -> Arc<Pool> {
        if let Some(held) = self.inner.families.lock().ok().and_then(|held| held.get(&head).cloned()) {
            return held;
        }
        let members = family(&self.given().view, head);
        let standings: Vec<Arc<Standing>> = members.into_iter().map(|member| self.standing(member)).collect();
        let made = Arc::new(pooled(&standings));
        if let Ok(mut held) = self.inner.families.lock() {
            held.insert(head, Arc::clone(&made));
        }
        made
    }
}

/// The net amount of what is asked in the place of a commitment that has one, at the same rate of tax.
fn net_in_proportion(fact: &CommitmentFact, amount: Minor) -> Result<Option<Minor>, Refused> {
    if fact.net == NO_BASE || (fact.amount == 0 && amount != 0) {
        return Ok(None);
    }
    let net = counted_of(fact.amount, Some(fact.net), amount.into(), Amounts::Net);
    let net = Minor::try_from(net).map_err(|_| Refused::from(MoneyError::TooLarge).at(None, None, "net"))?;
    Ok(Some(net))
}

/// What follows from the outcomes, and the release that let a blocked order through.
fn decide(asker: &Asker<'_>) -> (Decision, Option<u32>) {
    match asker.worst() {
        Reaction::Pass => (Decision::Pass, None),
        Reaction::Warn => (Decision::Warn, None),
        Reaction::Block => match release::of_order(asker) {
            Some(release) => (Decision::Released, Some(release)),
            None => (Decision::Block, None),
        },
    }
}

/// A desk of a ledger on a day: made without a look at its documents.
///
/// # Errors
/// Those of [`CreditPolicy::check`].
pub fn credit_desk(
    ledger: &Ledger,
    policy: &CreditPolicy,
    day: Day,
    known_on: Option<Day>,
) -> Result<CreditDesk, Refused> {
    let view = bare(Arc::clone(&ledger.store), day, known_on.map_or(i32::MAX, Day::number));
    Ok(CreditDesk::of(Given::new(&view, policy)?))
}

impl Ledger {
    /// A desk that answers about one customer at a time; see [`credit_desk`].
    ///
    /// # Errors
    /// Those of [`credit_desk`].
    pub fn credit(&self, policy: &CreditPolicy, day: Day, known_on: Option<Day>) -> Result<CreditDesk, Refused> {
        credit_desk(self, policy, day, known_on)
    }
}

impl View {
    /// A desk of the view's day.
    ///
    /// # Errors
    /// Those of [`credit_desk`].
    pub fn credit(&self, policy: &CreditPolicy) -> Result<CreditDesk, Refused> {
        Ok(CreditDesk::of(Given::new(self, policy)?))
    }
}
