//! Dunning runs and what is tried with policies, and their rows as mirrors of the facade's.

use std::collections::HashMap;

use ar_core::facade;
pub use ar_core::facade::{
    AuditRow, ChargeTotal, ComparedCustomer, DunningEvent, DunningExplanation, DunningLine, DunningNotice, DunningStep,
    PaidAlready, SimulatedDay, SimulatedNotice, SimulatedTotal, Simulation as DunningSimulation, SkippedItem,
    Warning as PolicyWarning,
};

use crate::facts::Facts;
use crate::ledger::{Ledger, View};
use crate::reports::MadeBy;
use crate::values::{Day, GivenDay, Money};

type Result<T> = std::result::Result<T, crate::ReceivablesError>;

/// Whom to remind of what, and why the others are not. Nothing is posted by it.
#[derive(Debug, uniffi::Object)]
pub struct DunningRun {
    pub(crate) inner: facade::DunningRun,
}

#[uniffi::export]
impl View {
    /// Whom to remind, of what, at which level, and why not the others, by a policy as JSON text; nothing is posted.
    pub fn dun(&self, policy: String) -> Result<DunningRun> {
        Ok(DunningRun { inner: self.inner.dun(&facade::dunning_policy(&policy)?)? })
    }
}

#[uniffi::export]
impl Ledger {
    /// What a dunning policy would have sent from one day to another, both inclusive, each day knowing what was known on it.
    pub fn simulate_dunning(&self, policy: String, from: GivenDay, to: GivenDay) -> Result<DunningSimulation> {
        let (from, to) = (from.day("from")?, to.day("to")?);
        Ok(self.inner.simulate_dunning(&facade::dunning_policy(&policy)?, from, to)?)
    }

    /// The customers whom two policies would have treated differently, each with the first line that only one of them has.
    pub fn compare_dunning(
        &self,
        policy: String,
        other: String,
        from: GivenDay,
        to: GivenDay,
    ) -> Result<Vec<ComparedCustomer>> {
        let (from, to) = (from.day("from")?, to.day("to")?);
        let (a, b) = (facade::dunning_policy(&policy)?, facade::dunning_policy(&other)?);
        Ok(self.inner.compare_dunning(&a, &b, from, to)?)
    }

    /// Where the notices of the ledger are not what a policy says, day by day; one may be so many days late.
    #[uniffi::method(default(tolerance_days = 0))]
    pub fn audit_dunning(
        &self,
        policy: String,
        from: GivenDay,
        to: GivenDay,
        tolerance_days: u32,
    ) -> Result<Vec<AuditRow>> {
        let (from, to) = (from.day("from")?, to.day("to")?);
        Ok(self.inner.audit_dunning(&facade::dunning_policy(&policy)?, from, to, tolerance_days)?)
    }
}

/// Doubts about a dunning policy that is well-formed, by path and code.
#[uniffi::export]
pub fn lint_dunning(policy: String) -> Result<Vec<PolicyWarning>> {
    Ok(facade::lint(&facade::dunning_policy(&policy)?)?)
}

#[uniffi::export]
impl DunningRun {
    /// The policy and the engine that made it.
    pub fn made_by(&self) -> Result<MadeBy> {
        Ok(self.inner.made_by())
    }

    /// The view's day.
    pub fn day(&self) -> Result<Day> {
        Ok(self.inner.day().to_naive_date())
    }

    /// The notices with their lines: by company, addressee, currency, procedure and document.
    pub fn notices(&self) -> Result<Vec<DunningNotice>> {
        Ok(self.inner.notices()?)
    }

    /// The items that are on no notice, in item order, each with the first predicate that failed.
    pub fn skipped(&self) -> Result<Vec<SkippedItem>> {
        Ok(self.inner.skipped()?)
    }

    /// How many items were skipped for each reason.
    pub fn skipped_counts(&self) -> Result<HashMap<String, u64>> {
        Ok(self.inner.skipped_counts().into_iter().collect())
    }

    /// What happened that the policy has a trigger for, by trigger and key.
    pub fn events(&self) -> Result<Vec<DunningEvent>> {
        Ok(self.inner.events()?)
    }

    /// Every question asked of an open item, with what was looked at.
    #[uniffi::method(default(instalment = 0))]
    pub fn explain(&self, document: String, instalment: u32) -> Result<DunningExplanation> {
        Ok(self.inner.explain(&document, instalment)?)
    }

    /// The run without some notices, by their numbers from 0: their items are skipped with the reason `refused`.
    pub fn without(&self, notices: Vec<u64>) -> Result<Self> {
        let notices: Vec<usize> =
            notices.into_iter().map(|number| usize::try_from(number).unwrap_or(usize::MAX)).collect();
        Ok(Self { inner: self.inner.without(&notices)? })
    }

    /// The rows to append, effective on the run's day: notices `<prefix>-1`, `<prefix>-2`, … with their lines, what they charge
    /// as documents, and a notice of level 0 for each event.
    pub fn facts(&self, id_prefix: String) -> Result<Facts> {
        Ok(self.inner.facts(&id_prefix)?.into())
    }
}

/// A notice to one addressee about what is owed to a company in a currency.
#[uniffi::remote(Record)]
pub struct DunningNotice {
    /// The company, empty when the ledger has one.
    pub company: String,
    /// To whom it goes.
    pub customer: String,
    /// The currency of the notice.
    pub currency: String,
    /// By which procedure.
    pub procedure: String,
    /// The highest level of its lines, from 1.
    pub level: u32,
    /// What the level is called.
    pub name: String,
    /// The tone of the letter.
    pub tone: String,
    /// The letter.
    pub template: String,
    /// How it goes.
    pub channel: String,
    /// Whom to write to.
    pub contact: String,
    /// In which language.
    pub language: String,
    /// To whom the claim goes next; empty before the last step.
    pub hand_over: String,
    /// Until when it asks to be paid, inclusive.
    pub due_date: Option<Day>,
    /// When there would be another one, if nothing happens until then.
    pub next_date: Option<Day>,
    /// What its lines claim, listed credits taken off; with all that follows it adds up to `total`.
    pub claims: Money,
    /// The fee for it.
    pub fee: Money,
    /// The tax on that.
    pub fee_tax: Money,
    /// The fees for its lines, with their tax.
    pub line_fees: Money,
    /// The interest on its lines.
    pub interest: Money,
    /// The fixed sums for its lines.
    pub compensation: Money,
    /// All of it.
    pub total: Money,
    /// What it is about: the debits, then the credits listed.
    pub lines: Vec<DunningLine>,
}

/// An item on a notice; amounts in the notice's currency.
#[uniffi::remote(Record)]
pub struct DunningLine {
    /// Who owes it.
    pub customer: String,
    /// The document.
    pub document: String,
    /// The instalment; 0 without a schedule.
    pub instalment: u32,
    /// When it fell due.
    pub due_date: Option<Day>,
    /// The days since the basis date; below zero before it.
    pub days: Option<i32>,
    /// What is open of it.
    pub open: Money,
    /// What is asked for: without what is disputed, promised, on its way or covered.
    pub amount: Money,
    /// Its level; 0 for a credit listed.
    pub level: u32,
    /// Its level before.
    pub previous: u32,
    /// The fee for it.
    pub line_fee: Money,
    /// The tax on that.
    pub line_fee_tax: Money,
    /// The interest on it.
    pub interest: Money,
    /// The fixed sum for it.
    pub compensation: Money,
    /// The last day that interest is charged for.
    pub interest_until: Option<Day>,
}

/// An item that is on no notice, in its own currency.
#[uniffi::remote(Record)]
pub struct SkippedItem {
    /// Who owes it.
    pub customer: String,
    /// The document.
    pub document: String,
    /// The instalment; 0 without a schedule.
    pub instalment: u32,
    /// Its currency.
    pub currency: String,
    /// What is open of it.
    pub open: Money,
    /// The first predicate that failed.
    pub reason: String,
    /// What stands in the way, by name.
    pub detail: String,
    /// Until when, inclusive.
    pub until: Option<Day>,
}

/// Something that happened, and what to do about it.
#[uniffi::remote(Record)]
pub struct DunningEvent {
    /// The trigger.
    pub trigger: String,
    /// What makes it happen once: the id of the notice that stands for it.
    pub key: String,
    /// To whom.
    pub customer: String,
    /// The document; empty when it is about none.
    pub document: String,
    /// Its instalment; 0 without.
    pub instalment: u32,
    /// When it happened.
    pub day: Day,
    /// What to do.
    pub action: String,
    /// How.
    pub channel: String,
    /// With which letter.
    pub template: String,
}

/// A question asked of an item.
#[uniffi::remote(Record)]
pub struct DunningStep {
    /// The reason that it would be skipped for.
    pub predicate: String,
    /// Whether it passed.
    pub passed: bool,
    /// What was looked at.
    pub operands: String,
}

/// What a run says of one item: each question in its turn, up to the first that failed.
#[uniffi::remote(Record)]
pub struct DunningExplanation {
    /// The document.
    pub document: String,
    /// The instalment.
    pub instalment: u32,
    /// Its level on the notice; 0 when it is on none.
    pub level: u32,
    /// Why it is on none; empty when it is on one.
    pub reason: String,
    /// The questions.
    pub steps: Vec<DunningStep>,
}

/// What a policy would have sent, day by day, over the recorded past.
#[uniffi::remote(Record)]
pub struct DunningSimulation {
    /// Every notice, by day.
    pub notices: Vec<SimulatedNotice>,
    /// The days on which any was sent.
    pub days: Vec<SimulatedDay>,
    /// How many addressees were touched.
    pub customers: u64,
    /// Sums, sorted by currency.
    pub totals: Vec<SimulatedTotal>,
    /// Lines about items of which nothing was open that day, as is known now.
    pub paid_already: Vec<PaidAlready>,
    /// The policy and the engine.
    pub made_by: MadeBy,
}

/// A notice of a simulation.
#[uniffi::remote(Record)]
pub struct SimulatedNotice {
    /// When it would have been sent.
    pub day: Day,
    /// The notice.
    pub notice: DunningNotice,
}

/// A day of a simulation.
#[uniffi::remote(Record)]
pub struct SimulatedDay {
    /// The day.
    pub day: Day,
    /// How many notices.
    pub notices: u64,
    /// How many lines they have, listed credits among them.
    pub lines: u64,
}

/// What a simulation comes to in a currency.
#[uniffi::remote(Record)]
pub struct SimulatedTotal {
    /// The currency.
    pub currency: String,
    /// How many notices.
    pub notices: u64,
    /// What they claim, again with every notice.
    pub claims: Money,
    /// Fees for notices and lines, with their tax.
    pub fees: Money,
    /// Interest.
    pub interest: Money,
    /// Fixed sums.
    pub compensation: Money,
}

/// A line about an item that was paid already.
#[uniffi::remote(Record)]
pub struct PaidAlready {
    /// When it would have been sent.
    pub day: Day,
    /// Who had paid.
    pub customer: String,
    /// What.
    pub document: String,
    /// Its instalment; 0 without a schedule.
    pub instalment: u32,
    /// At which level.
    pub level: u32,
    /// How much would have been asked for.
    pub amount: Money,
}

/// Fees, interest and compensation in a currency.
#[uniffi::remote(Record)]
pub struct ChargeTotal {
    /// The currency.
    pub currency: String,
    /// The sum.
    pub amount: Money,
}

/// An addressee whom two policies treat differently, and the first line that only one of them has.
#[uniffi::remote(Record)]
pub struct ComparedCustomer {
    /// The addressee.
    pub customer: String,
    /// How many notices the first policy sends.
    pub notices_a: u64,
    /// And the second.
    pub notices_b: u64,
    /// The highest level of the first; 0 without a notice.
    pub level_a: u32,
    /// And of the second.
    pub level_b: u32,
    /// Charges of the first, by currency, those that are not zero.
    pub charges_a: Vec<ChargeTotal>,
    /// And of the second.
    pub charges_b: Vec<ChargeTotal>,
    /// The day of the first line that only one of them has.
    pub day: Day,
    /// Its document.
    pub document: String,
    /// Its instalment.
    pub instalment: u32,
    /// Which policy has it: `a` or `b`.
    pub within: String,
    /// At which level.
    pub level: u32,
    /// The other's level for the item that day; 0 without.
    pub other_level: u32,
    /// Why the other has no line about it that day; empty when it has.
    pub other_reason: String,
}

/// What was sent and should not have been so, or the other way round.
#[uniffi::remote(Record)]
pub struct AuditRow {
    /// When.
    pub day: Day,
    /// The notice; empty when none was sent.
    pub notice: String,
    /// Who owes the item.
    pub customer: String,
    /// What.
    pub document: String,
    /// Its instalment; 0 without a schedule.
    pub instalment: u32,
    /// `wrong_level`, `paid`, `duplicate`, `early`, `blocked` or `missed`.
    pub kind: String,
    /// The level that was sent; 0 when none was.
    pub sent: u32,
    /// The level that the policy says; 0 when none.
    pub expected: u32,
    /// Why the policy says none.
    pub reason: String,
}

/// A doubt about a policy that is well-formed.
#[uniffi::remote(Record)]
pub struct PolicyWarning {
    /// Stable code.
    pub code: String,
    /// Where in the policy.
    pub path: String,
    /// One line: what is doubtful.
    pub reason: String,
    /// What says so; empty when it is the policy itself.
    pub source: String,
}
