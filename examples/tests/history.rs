//! As-of history on the sample ledger: every day of its life ties to the sum of its facts, and what is learnt later, a
//! payment or the undoing of a match, changes no day as it was known before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ar_core::aging::{AgingPolicy, Where};
use ar_core::allocation::AllocationPolicy;
use ar_core::calendar::Day;
use ar_core::import::{self, File, Mapping};
use ar_core::ledger::Ledger;
use ar_core::ledger::fact::{Facts, Reversal};
use ar_examples::sample;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Company, control account, customer, currency.
type Account = (String, String, String, String);

fn sample_facts() -> (Mapping, Facts) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/sample.toml")).unwrap();
    let mapping = Mapping::parse(&text).unwrap().batch("");
    let files = sample::files();
    let names: Vec<String> = mapping.files().map(|(name, _)| name.to_owned()).collect();
    let wanted = files.iter().filter(|(name, _)| names.iter().any(|wanted| wanted == name));
    let files: Vec<File<'_>> = wanted.map(|(name, text)| File { name, bytes: text.as_bytes() }).collect();
    let read = import::read_files(&mapping, &files).unwrap();
    assert_eq!(read.report.rejected, 0);
    (mapping, read.facts)
}

fn loaded() -> (Ledger, Facts) {
    let (mapping, facts) = sample_facts();
    let ledger = Ledger::load(mapping.settings.clone(), &facts.tables()).unwrap();
    (ledger, facts)
}

/// What each account owed on a day, by adding up facts one by one: nothing of the engine.
fn owed(facts: &Facts, day: NaiveDate) -> BTreeMap<Account, Decimal> {
    let cancelled: BTreeSet<&str> =
        facts.cancellations.iter().filter(|fact| fact.effective <= day).map(|fact| fact.document.as_str()).collect();
    let reversed: BTreeSet<&str> =
        facts.reversals.iter().filter(|fact| fact.effective <= day).map(|fact| fact.allocation.as_str()).collect();
    let effective: BTreeMap<&str, NaiveDate> =
        facts.documents.iter().map(|d| (d.id.as_str(), d.posting_date.unwrap_or(d.document_date))).collect();
    let mut settled: BTreeMap<&str, Decimal> = BTreeMap::new();
    for fact in &facts.allocations {
        let (credit, debit) = (fact.credit.as_str(), fact.debit.as_str());
        let from = fact.effective.unwrap_or(effective[credit].max(effective[debit]));
        let holds = from <= day && !reversed.contains(fact.id.as_str());
        if holds && !cancelled.contains(credit) && !cancelled.contains(debit) {
            *settled.entry(credit).or_default() -= fact.amount;
            *settled.entry(debit).or_default() += fact.debit_amount.unwrap_or(fact.amount);
        }
    }
    let mut owed: BTreeMap<Account, Decimal> = BTreeMap::new();
    for document in &facts.documents {
        if effective[document.id.as_str()] <= day && !cancelled.contains(document.id.as_str()) {
            let open = document.amount - settled.get(document.id.as_str()).copied().unwrap_or_default();
            let account = (
                document.company.clone().unwrap_or_default(),
                document.control_account.clone().unwrap_or_default(),
                document.customer.clone(),
                document.currency.clone(),
            );
            *owed.entry(account).or_default() += open;
        }
    }
    owed.retain(|_, sum| !sum.is_zero());
    owed
}

fn life(facts: &Facts) -> impl Iterator<Item = Day> + use<> {
    let days = facts.documents.iter().map(|document| document.posting_date.unwrap_or(document.document_date));
    let (first, last) = (days.clone().min().unwrap(), days.max().unwrap());
    let (first, last) = (Day::try_from(first).unwrap(), Day::try_from(last).unwrap());
    (first.number() - 1..=last.number() + 45).map(|number| Day::new(number).unwrap())
}

#[test]
fn every_day_of_the_ledgers_life_ties_to_the_sum_of_its_facts() {
    let (ledger, facts) = loaded();
    let policy = AgingPolicy::with_edges(&[0, 30, 60, 90]);
    let by = ["company", "control_account", "customer"].map(String::from);
    let mut days = 0;
    for day in life(&facts) {
        let aging = ledger.as_of(day).aging(&policy, &by, &Where::new()).unwrap();
        let mut aged: BTreeMap<Account, Decimal> = BTreeMap::new();
        for row in aging.rows() {
            assert_eq!(row.buckets.iter().sum::<Decimal>(), row.total, "{day}");
            let account = (row.by[0].clone(), row.by[1].clone(), row.by[2].clone(), row.currency);
            aged.insert(account, row.total);
        }
        aged.retain(|_, sum| !sum.is_zero());
        assert_eq!(aged, owed(&facts, day.to_naive_date()), "{day}");
        days += 1;
    }
    assert!(days > 500, "a life of {days} days");
}

#[test]
fn what_is_learnt_later_changes_no_day_as_it_was_known_before() {
    let (ledger, facts) = loaded();
    let known = ledger.last_recorded().unwrap();
    let today = known.plus_days(1).unwrap();

    // The day's cash is applied, and a match of long ago is undone from the day on which it was made.
    let proposal = ledger.as_of(today).propose(&AllocationPolicy::default()).unwrap();
    let applied = ledger.append(&proposal.facts("day").tables(), today).unwrap();
    let reversed: BTreeSet<&str> = facts.reversals.iter().map(|fact| fact.allocation.as_str()).collect();
    let cancelled: BTreeSet<&str> = facts.cancellations.iter().map(|fact| fact.document.as_str()).collect();
    let effective: BTreeMap<&str, NaiveDate> =
        facts.documents.iter().map(|d| (d.id.as_str(), d.posting_date.unwrap_or(d.document_date))).collect();
    let undone = facts.allocations.iter().find(|fact| {
        !reversed.contains(fact.id.as_str())
            && !cancelled.contains(fact.credit.as_str())
            && !cancelled.contains(fact.debit.as_str())
    });
    let undone = undone.unwrap();
    let from = undone.effective.unwrap_or(effective[undone.credit.as_str()].max(effective[undone.debit.as_str()]));
    let undo = Facts {
        reversals: vec![Reversal { allocation: undone.id.clone(), effective: from, ..Reversal::default() }],
        ..Facts::default()
    };
    let later = applied.append(&undo.tables(), today).unwrap();

    let mut changed = 0;
    for day in life(&facts) {
        let before = ledger.as_of(day).open_items();
        assert_eq!(later.as_of_known(day, known).open_items(), before, "{day}");
        assert_eq!(ledger.as_of(day).open_items(), before, "{day}");
        changed += i32::from(later.as_of(day).open_items() != before);
    }
    assert!(changed > 30, "with all that is known now, history is another on {changed} days");
}
