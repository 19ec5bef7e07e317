//! Best match (Tryton's): all lines of a desk, less the latest of the side that is in excess, until they agree or come
//! nearest.

use crate::allocation::filter::at;
use crate::allocation::strategy::order::by_id;
use crate::money::Minor;
use crate::settlement::allow::Most;
use crate::settlement::clear::{Priced, Work};
use crate::settlement::limit::Way;
use crate::settlement::made::{Kind, LetGo};
use crate::settlement::policy::LimitPer;
use crate::settlement::policy::SettlementStrategy::BestMatch;
use crate::settlement::spread::{Carrier, spread};

/// A debit or a credit of the desk.
#[derive(Debug, Clone, Copy)]
enum Side {
    Debit(u32),
    Credit(usize),
}

pub(super) fn pass(work: &mut Work<'_, '_>) {
    // Several currencies have no sum.
    if !of_one_currency(work) {
        return;
    }
    let lines = by_date(work);
    let amount = |side: &Side| match side {
        Side::Debit(claim) => i128::from(work.desk.room(*claim)),
        Side::Credit(payer) => i128::from(work.desk.purse(*payer)).saturating_neg(),
    };
    let is_debit = |side: &Side| matches!(side, Side::Debit(_));
    // From the end, the latest of either side.
    let mut debits: Vec<usize> = (0..lines.len()).filter(|at| lines.get(*at).is_some_and(is_debit)).collect();
    let mut credits: Vec<usize> =
        (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|side| !is_debit(side))).collect();
    let mut sum: i128 = lines.iter().map(amount).sum();
    let mut best: Option<(u128, usize, usize)> = None;
    while !debits.is_empty() && !credits.is_empty() {
        if best.is_none_or(|(least, ..)| sum.unsigned_abs() < least) {
            best = Some((sum.unsigned_abs(), debits.len(), credits.len()));
        }
        let dropped = match sum.signum() {
            0 => break,
            1 => debits.pop(),
            _ => credits.pop(),
        };
        sum = sum.saturating_sub(dropped.and_then(|at| lines.get(at)).map_or(0, amount));
    }
    let Some((_, debits, credits)) = best else { return };
    let debits: Vec<u32> = lines
        .iter()
        .filter_map(|side| match side {
            Side::Debit(claim) => Some(*claim),
            Side::Credit(_) => None,
        })
        .take(debits)
        .collect();
    let credits: Vec<usize> = lines
        .iter()
        .filter_map(|side| match side {
            Side::Debit(_) => None,
            Side::Credit(payer) => Some(*payer),
        })
        .take(credits)
        .collect();
    work.settle_set(&debits, &credits);
}

fn of_one_currency(work: &Work<'_, '_>) -> bool {
    let desk = &work.desk;
    let debits = desk.live().filter_map(|claim| at(&desk.claims, claim)).map(|claim| claim.currency);
    let credits = desk.solvent().filter_map(|payer| desk.payers.get(payer)).map(|payer| payer.currency);
    let mut currencies = debits.chain(credits);
    let first = currencies.next();
    currencies.all(|other| Some(other) == first)
}

/// Debits and credits by effective day, on one day debits first, then id and instalment.
fn by_date(work: &Work<'_, '_>) -> Vec<Side> {
    let (desk, view) = (&work.desk, work.view);
    let effective = |document: u32| {
        let found = view.store.documents.find(document);
        found.and_then(|(piece, row)| piece.effective.get(row)).copied().unwrap_or(0)
    };
    let debits = desk.settable().into_iter().filter_map(|claim| {
        let held = at(&desk.claims, claim)?;
        Some((effective(held.document), 0_u8, (held.document, held.item), Side::Debit(claim)))
    });
    let credits = desk.combinable().into_iter().filter_map(|payer| {
        let held = desk.payers.get(payer)?;
        Some((held.effective, 1, (held.document, held.item), Side::Credit(payer)))
    });
    let mut lines: Vec<_> = debits.chain(credits).collect();
    lines.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| by_id(view, a.2, b.2)));
    lines.into_iter().map(|(.., side)| side).collect()
}

impl Work<'_, '_> {
    /// Debits and credits that agree, or nearly: the credits in their order against the debits in theirs.
    fn settle_set(&mut self, debits: &[u32], credits: &[usize]) {
        let Some(agreed) = self.agreement(debits, credits) else { return };
        let begin = self.made.lines.len();
        let mut credits_left = credits.iter().copied();
        let mut payer = credits_left.next();
        for (claim, share) in debits.iter().zip(agreed.shares) {
            while let Some(from) = payer {
                let room = self.desk.room(*claim).saturating_sub(share.map_or(0, |share| share.amount));
                let amount: Minor = room.min(self.desk.purse(from));
                if amount > 0 {
                    self.transfer(from, *claim, amount, share.filter(|_| amount == room), BestMatch);
                }
                if amount == room {
                    break;
                }
                payer = credits_left.next();
            }
        }
        // The nearest set has no credit that pays nothing: what is over is all of the last.
        if let (Some(last), Some(most)) = (credits.last(), agreed.over) {
            let item = self.desk.payers.get(*last).map(|payer| payer.item);
            let of_it = |line: &usize| self.made.lines.get(*line).is_some_and(|line| Some(line.payer) == item);
            let lines: Vec<usize> = (begin..self.made.lines.len()).filter(of_it).collect();
            self.close_beside(*last, &lines, most);
        }
    }

    /// How debits and credits come to agree; none when what they differ by is not let go.
    fn agreement(&self, debits: &[u32], credits: &[usize]) -> Option<Agreement> {
        let owed: i128 = debits.iter().map(|claim| i128::from(self.desk.room(*claim))).sum();
        let paid: i128 = credits.iter().map(|payer| i128::from(self.desk.purse(*payer))).sum();
        let none = || Agreement { shares: vec![None; debits.len()], over: None };
        if owed == paid {
            return Some(none());
        }
        let kind = Kind::from(self.policy.tolerance.as_ref()?.kind);
        if !self.limits.hold_in(BestMatch) {
            return None;
        }
        let gap = owed.abs_diff(paid);
        let paid = Minor::try_from(paid).unwrap_or(Minor::MAX);
        if owed < i128::from(paid) {
            let last = *credits.last()?;
            let before = paid.saturating_sub(self.desk.purse(last));
            let most = self.match_limits(Way::Over, (last, paid), &self.cleared_after(before, debits), credits);
            return (gap <= most.whole().unsigned_abs()).then_some(Agreement { over: Some(most), ..none() });
        }
        let mut most = self.match_limits(Way::Under, (*credits.first()?, paid), debits, credits);
        if gap > most.whole().unsigned_abs() {
            return None;
        }
        let carrier = |claim: &u32| {
            let room = self.desk.room(*claim);
            let document = at(&self.desk.claims, *claim).map_or(0, |claim| claim.document);
            Carrier { rank: 0, size: room, document, most: room.saturating_sub(1) }
        };
        let carriers: Vec<Carrier> = debits.iter().map(carrier).collect();
        let shares = spread(i128::try_from(gap).ok()?, &carriers, &mut most)?;
        let let_go = |(amount, limit)| (amount > 0).then_some(LetGo { kind, amount, limit });
        Some(Agreement { shares: shares.into_iter().map(let_go).collect(), over: None })
    }

    /// The debits that are cleared by what comes after so much: by the last of the credits that pay them in their order.
    fn cleared_after(&self, before: Minor, debits: &[u32]) -> Vec<u32> {
        let mut sum: Minor = 0;
        let is_later = |claim: &&u32| {
            sum = sum.saturating_add(self.desk.room(**claim));
            sum > before
        };
        debits.iter().filter(is_later).copied().collect()
    }

    /// What may be let go of debits; per payment the credits have one limit together, the lowest of theirs.
    fn match_limits(&self, way: Way, (payer, paid): (usize, Minor), debits: &[u32], credits: &[usize]) -> Most {
        if self.limits.per == LimitPer::Payment {
            let limits = credits.iter().map(|payer| self.payment_limit(way, *payer, paid, BestMatch));
            return Most::Of(Some(limits.min().unwrap_or(0)));
        }
        let set: Vec<Priced> = debits.iter().filter_map(|claim| self.priced_whole(*claim)).collect();
        Most::Each(self.limits_of(way, payer, &set, BestMatch))
    }
}

/// What is let go so that debits and credits agree: of each debit, or what may be of those that the last credit clears.
struct Agreement {
    shares: Vec<Option<LetGo>>,
    over: Option<Most>,
}
