//! For which documents was a fixed sum charged? What was posted says so, or what a simulation has charged; not what levels ask for
//! today.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::given::Given;
use super::history::History;
use crate::interest::CompensationPer;
use crate::ledger::layers::count;
use crate::ledger::store::NoticeLineFact;
use crate::ledger::{DocumentKind, View};

/// A fixed sum that a notice has charged about a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compensated {
    /// `NONE`: a simulation posts none.
    pub charge: u32,
    pub document: u32,
    /// Day of the notice, and the level at which it names the document.
    pub day: i32,
    pub level: u32,
}

/// A line of a notice that claims something, and whether its level asks for a fixed sum by the procedure of the notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claimed {
    pub document: u32,
    pub day: i32,
    pub level: u32,
    pub asks: bool,
}

/// A day, company, customer and currency.
type Claim = (i32, u32, u32, u32);

impl Compensated {
    /// The sums that the notices of a view which count have charged; those of withdrawn ones as far as they are not cancelled.
    pub(super) fn all(view: &View, counts: impl Fn(i32, i32) -> bool) -> Vec<Self> {
        let store = &view.store;
        let mut all = Vec::new();
        for piece in store.documents.iter() {
            let charges = piece.kind.iter().enumerate().filter(|(_, kind)| **kind == DocumentKind::Charge);
            for (row, _) in charges {
                let id = piece.id.get(row).map_or("", |id| store.document_ids.text(*id));
                let Some(notice) = notice_of(id).and_then(|notice| store.matter_ids.find(notice)) else { continue };
                let known = piece.effective.get(row).zip(piece.recorded.get(row));
                let charge = piece.start.saturating_add(count(row));
                if !known.is_some_and(|(effective, recorded)| view.counted(*effective, *recorded))
                    || (view.is_closed(notice) && view.is_cancelled(charge))
                {
                    continue;
                }
                let Some(document) = store.related(charge) else { continue };
                let names_it = |line: &&NoticeLineFact| {
                    line.notice == notice && line.notice_level > 0 && counts(line.effective, line.recorded)
                };
                let line = store.notice_lines.of(document).filter(names_it).min_by_key(|line| line.level);
                all.extend(line.map(|line| Self { charge, document, day: line.effective, level: line.level }));
            }
        }
        all
    }
}

/// The notice whose charge of a fixed sum has an id.
fn notice_of(id: &str) -> Option<&str> {
    let (notice, line) = id.strip_suffix("-c")?.rsplit_once('-')?;
    (!line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())).then_some(notice)
}

impl History {
    /// The sums that were charged, each with the documents that it was for.
    pub(super) fn sums_charged(&self, given: &Given<'_>) -> Vec<(Compensated, Vec<u32>)> {
        let claims = self.claims(given);
        let with_others = |one: &Compensated| {
            let claim = claims.get(&claim_of(given, one.document, one.day)).into_iter().flatten();
            let others = claim.filter(|line| line.level >= one.level || line.asks).map(|line| line.document);
            (*one, std::iter::once(one.document).chain(others).collect())
        };
        self.compensated.iter().map(with_others).collect()
    }

    /// What notices claimed on days of such sums, where one is due for a whole claim.
    fn claims(&self, given: &Given<'_>) -> BTreeMap<Claim, Vec<Claimed>> {
        let mut claims: BTreeMap<Claim, Vec<Claimed>> = BTreeMap::new();
        let Some(interest) = &given.policy.interest else { return claims };
        let per = interest.compensation.as_ref().map(|compensation| compensation.per);
        if per != Some(CompensationPer::Claim) || self.compensated.is_empty() {
            return claims;
        }
        let lines = if self.claimed.is_empty() { self.claimed_in(given) } else { self.claimed.clone() };
        let documents = &given.view.store.documents;
        for line in lines {
            let kind = documents.find(line.document).and_then(|(piece, row)| piece.kind.get(row));
            if kind.is_some_and(|kind| *kind != DocumentKind::Charge && interest.kinds.contains(kind)) {
                claims.entry(claim_of(given, line.document, line.day)).or_default().push(line);
            }
        }
        claims
    }

    /// The lines of the ledger's notices of those days, withdrawn or not.
    fn claimed_in(&self, given: &Given<'_>) -> Vec<Claimed> {
        let store = &given.view.store;
        let days: FxHashSet<i32> = self.compensated.iter().map(|one| one.day).collect();
        let notices = store.notices.all().filter(|notice| days.contains(&notice.effective));
        let procedures: FxHashMap<u32, u32> = notices.map(|notice| (notice.id, notice.procedure)).collect();
        let asks = |line: &NoticeLineFact| {
            let name = procedures.get(&line.notice).map_or("", |name| store.texts.text(*name));
            let level = given.policy.procedures.get(name).and_then(|rules| rules.level(line.level));
            level.is_some_and(|level| level.compensation)
        };
        let claims = |line: &&NoticeLineFact| {
            let counts = days.contains(&line.effective) && given.view.counted(line.effective, line.recorded);
            counts && line.notice_level > 0 && line.level > 0
        };
        let lines = store.notice_lines.all().filter(claims);
        lines
            .map(|line| Claimed { document: line.document, day: line.effective, level: line.level, asks: asks(line) })
            .collect()
    }
}

fn claim_of(given: &Given<'_>, document: u32, day: i32) -> Claim {
    let account = given.account_of(document);
    (day, account.company, account.customer, account.currency)
}
