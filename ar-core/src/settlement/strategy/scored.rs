//! Scored (Business Central's payment application rules): of all that the rules take for a match, the surest first.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::reference::{Names, pay_named};
use crate::allocation::filter::at;
use crate::ledger::layers::place;
use crate::settlement::clear::{Priced, Work};
use crate::settlement::policy::SettlementStrategy::Scored;
use crate::settlement::policy::{Ambiguity, MatchAmount, MatchDocument, MatchParty, MatchRule};

/// A credit and a debit that match.
#[derive(Debug, Clone, Copy)]
struct Match {
    score: u32,
    payer: usize,
    claim: u32,
    document: MatchDocument,
}

/// No credit and no debit is matched twice, but a credit that names several debits with each of those that are as sure.
pub(super) fn pass(work: &mut Work<'_, '_>) {
    let mut found = matches(work);
    found.sort_unstable_by_key(|held| (Reverse(held.score), held.payer, held.claim));
    let (mut matched, mut taken) = (vec![false; work.desk.payers.len()], vec![false; work.desk.claims.len()]);
    for as_sure in found.chunk_by(|a, b| (a.score, a.payer) == (b.score, b.payer)) {
        let free: Vec<Match> = as_sure.iter().filter(|held| at(&taken, held.claim) == Some(&false)).copied().collect();
        let Some(first) = free.first() else { continue };
        let Some(matched) = matched.get_mut(first.payer).filter(|matched| !**matched) else { continue };
        *matched = true;
        let chosen: Vec<u32> = match first.document {
            MatchDocument::Several => free.iter().map(|held| held.claim).collect(),
            _ if free.len() > 1 && work.policy.search.ambiguous == Ambiguity::Refused => {
                tell(work, &free);
                continue;
            }
            MatchDocument::Named | MatchDocument::NotNamed => vec![first.claim],
        };
        for claim in &chosen {
            if let Some(taken) = taken.get_mut(place(*claim)) {
                *taken = true;
            }
        }
        let begin = work.made.lines.len();
        pay_named(work, first.payer, &chosen, Scored);
        for line in work.made.lines.iter_mut().skip(begin) {
            line.score = first.score;
        }
    }
}

/// Every credit with every debit, where a rule takes them for a match, by the rule of the highest score.
fn matches(work: &mut Work<'_, '_>) -> Vec<Match> {
    let (mut names, mut found) = (Names::default(), Vec::new());
    let claims = work.desk.settable();
    super::each(work, |work, payer| {
        let named: Vec<u32> =
            names.of(work, payer).iter().filter(|claim| !work.desk.is_mixed(**claim)).copied().collect();
        let Some(own) = work.desk.payers.get(payer).map(|held| held.customer) else { return };
        let candidates: Vec<(Priced, u32, bool)> = claims
            .iter()
            .filter_map(|claim| {
                let item = work.priced(payer, *claim)?;
                let fits = work.solution(payer, &[item], Scored, (true, true)).is_some();
                Some((item, at(&work.desk.claims, *claim)?.customer, fits))
            })
            .collect();
        let mut fitting: FxHashMap<u32, u32> = FxHashMap::default();
        for (_, customer, _) in candidates.iter().filter(|(.., fits)| *fits) {
            let count = fitting.entry(*customer).or_default();
            *count = count.saturating_add(1);
        }
        for (item, customer, fits) in candidates {
            let party = if customer == own { MatchParty::Customer } else { MatchParty::Other };
            let document = match (named.contains(&item.claim), named.len()) {
                (false, _) => MatchDocument::NotNamed,
                (true, 1) => MatchDocument::Named,
                (true, _) => MatchDocument::Several,
            };
            let amount = match (fits, fitting.get(&customer)) {
                (false, _) => MatchAmount::None,
                (true, Some(1)) => MatchAmount::One,
                (true, _) => MatchAmount::Several,
            };
            let is_match = |rule: &&MatchRule| {
                rule.party.is_none_or(|wanted| wanted == party)
                    && rule.document.is_none_or(|wanted| wanted == document)
                    && rule.amount.is_none_or(|wanted| wanted == amount)
            };
            if let Some(score) = work.policy.match_rules.iter().filter(is_match).map(MatchRule::score).max() {
                found.push(Match { score, payer, claim: item.claim, document });
            }
        }
    });
    found
}

/// Several debits are as sure: somebody has to decide.
fn tell(work: &mut Work<'_, '_>, free: &[Match]) {
    let Some(first) = free.first() else { return };
    let choices: Vec<Vec<Priced>> =
        free.iter().filter_map(|held| work.priced(first.payer, held.claim)).take(20).map(|item| vec![item]).collect();
    work.tell_ambiguous(first.payer, &choices, u64::try_from(free.len()).unwrap_or(u64::MAX));
}
