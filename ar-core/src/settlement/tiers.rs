//! Which discounts does an item have, and what is each worth after what was settled of its document before? By the item's part of the
//! document, by what lowers it, and by what other schedules have had.

use std::cmp::Reverse;

use super::anew::Anew;
use super::carried::{Before, Key, Part, Plain, Slot, carried, together};
use super::desk::Claim;
use super::policy::{CreditedDiscount, DiscountInTime, DiscountPolicy, LateDiscount, PartPayments};
use crate::money::{Minor, Ratio, Rounding, multiply_divide, split};

/// A discount that an item may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tier {
    pub until: i32,
    pub late: bool,
    /// Its worth for the document, and for the item, whole.
    pub of_document: Minor,
    pub share: Minor,
    /// What other instalments cannot have of it, that were paid up by another schedule: in time, or within the days of grace too.
    pub moved: Moved<Minor>,
    /// Per cent of the basis; none of one in amount.
    pub percent: Option<Ratio>,
    /// The tax in the basis, and the basis.
    pub taxed: (i128, i128),
}

/// What is so where all was in time, and what where late discounts count.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved<T> {
    pub in_time: T,
    pub late: T,
}

impl<T: Copy> Moved<T> {
    fn with(self, takes_late: bool) -> T {
        if takes_late { self.late } else { self.in_time }
    }
}

/// What was done with an item, in its currency.
struct Done {
    settled: Minor,
    /// Of that, with a discount.
    with_discount: Minor,
    /// Of that, by credit notes.
    credited: Minor,
}

impl Tier {
    /// The discount on an item without so much of it, rounded once; `together` is what all items of its document are.
    fn on(&self, whole: Minor, without: Minor, together: i128, rounding: Rounding) -> Minor {
        let left = i128::from(whole.saturating_sub(without).max(0));
        let of_percent = |percent: Ratio| {
            let (_, basis) = self.taxed;
            let whole = percent.denominator().checked_mul(100)?.checked_mul(together)?;
            multiply_divide(basis.checked_mul(left)?, percent.numerator(), whole, rounding)
        };
        let discount = match self.percent {
            Some(percent) => of_percent(percent),
            None => multiply_divide(self.of_document.into(), left, together, rounding),
        };
        discount.and_then(|discount| Minor::try_from(discount).ok()).unwrap_or(0)
    }

    /// How much of an item lowers this discount on it: what was settled without one, in proportion, or what was credited.
    fn lowered_by<'a>(
        &self,
        done: &Done,
        plain: impl Iterator<Item = &'a Plain>,
        policy: &DiscountPolicy,
        (together, takes_late): (i128, bool),
    ) -> Minor {
        match (policy.part_payments, policy.credited) {
            (PartPayments::Proportional, _) => {
                let small = match policy.is_in_proportion() {
                    true => self.had_in_small(plain, policy, (together, takes_late)),
                    false => 0,
                };
                done.settled.saturating_sub(done.with_discount).saturating_sub(small).max(0)
            }
            (_, CreditedDiscount::Lowered) => done.credited,
            (_, CreditedDiscount::Kept) => 0,
        }
    }

    /// What payments without a discount settled that were so small that their part of this one is less than a minor unit.
    fn had_in_small<'a>(
        &self,
        plain: impl Iterator<Item = &'a Plain>,
        policy: &DiscountPolicy,
        (together, takes_late): (i128, bool),
    ) -> Minor {
        let grace = if takes_late { i32::try_from(policy.grace_days).unwrap_or(0) } else { 0 };
        let last = self.until.saturating_add(grace);
        let discount = i128::from(self.of_document);
        let is_small = |held: &&Plain| {
            held.paid_on <= last && discount.saturating_mul(held.whole.into()) < together.saturating_sub(discount)
        };
        plain.filter(is_small).fold(0, |sum: Minor, held| sum.saturating_add(held.amount))
    }
}

/// What an item's amount was, and which discounts it may have.
#[derive(Debug, Default)]
pub(super) struct Terms {
    pub whole: Minor,
    /// What all instalments of its document are, without one what it is itself.
    pub together: i128,
    pub tiers: Vec<Tier>,
    /// What was settled of it before, and still is.
    pub before: Before,
    /// Whether others have its discounts, as it was paid up by another schedule.
    pub is_paid_up: Moved<bool>,
}

impl Terms {
    /// The discounts that are in time for a pay day, and, if they count, those that are late within the days of grace.
    pub(super) fn counting(
        &self,
        policy: &DiscountPolicy,
        claim: &Claim,
        pay_day: i32,
        takes_late: bool,
    ) -> impl Iterator<Item = Tier> {
        let grace = i32::try_from(policy.grace_days).unwrap_or(0);
        let before = if counts_all(policy) { self.before.paid_on.max(claim.paid_on) } else { i32::MIN };
        let day = pay_day.max(before);
        let late = self.tiers.iter().map(move |tier| Tier { late: day > tier.until, ..*tier });
        late.filter(move |tier| !tier.late || (takes_late && day <= tier.until.saturating_add(grace)))
    }

    /// What a discount is worth for the item as it stands, where late ones count or not.
    pub(super) fn worth(&self, tier: &Tier, policy: &DiscountPolicy, claim: &Claim, takes_late: bool) -> Minor {
        if self.is_paid_up.with(takes_late)
            || (policy.part_payments == PartPayments::Untouched && claim.left != self.whole)
        {
            return 0;
        }
        let done = Done {
            settled: self.whole.saturating_sub(claim.left),
            with_discount: self.before.with_discount.saturating_add(claim.with_discount),
            credited: self.before.credited.saturating_add(claim.credited),
        };
        let plain = self.before.plain.iter().chain(&claim.plain);
        let without = tier.lowered_by(&done, plain, policy, (self.together, takes_late));
        let lowered = || tier.on(self.whole, without, self.together, policy.rounding).min(tier.share);
        let share = if without > 0 { lowered() } else { tier.share };
        let share = share.saturating_add(tier.moved.with(takes_late));
        share.saturating_sub(self.before.granted).saturating_sub(claim.discounted).max(0)
    }
}

/// What an item is offered: its amount and its share of each discount, and the schedule with its place in that.
pub(super) struct Offered {
    pub whole: Minor,
    pub tiers: Vec<Tier>,
    pub schedule: Vec<Slot>,
    pub key: Option<(i32, i32, u32)>,
    pub at: Option<usize>,
}

impl Offered {
    /// The same, after what was settled of the document; `is_cut` says whether something ever was by another schedule.
    pub(super) fn after(
        mut self,
        policy: &DiscountPolicy,
        parts: &[Part],
        is_cut: impl Fn(Option<Key>) -> bool,
    ) -> Terms {
        let mut is_paid_up = Moved::default();
        let Some(at) = self.at else {
            let (whole, before) = (self.whole, together(parts));
            return Terms { whole, together: whole.into(), tiers: self.tiers, before, is_paid_up };
        };
        let sum = |sum: i128, slot: &Slot| sum.saturating_add(slot.amount.into());
        let together = self.schedule.iter().fold(0, sum);
        let mut all = carried(parts, &self.schedule, self.key);
        if policy.part_payments != PartPayments::Untouched && !parts.is_empty() {
            let largest = self.tiers.iter().min_by_key(|tier| (Reverse(tier.of_document), tier.until)).copied();
            let on = |slot: &Slot, off: Minor| match &largest {
                Some(tier) if off > 0 => tier.on(slot.amount, off, together, policy.rounding).min(slot.most),
                _ => slot.most,
            };
            let anew = Anew::of(policy, &self.schedule, &all, on);
            let mut most = vec![0; self.schedule.len()];
            for tier in &mut self.tiers {
                let moved = |takes_late: bool| {
                    let shares = shares_of(tier, &self.schedule, &all, policy, (together, takes_late));
                    anew.moved((tier.until, takes_late), &shares, &all)
                };
                let moved = Moved { in_time: moved(false), late: moved(true) };
                let here = |moved: &[Minor]| moved.get(at).copied().unwrap_or(0);
                tier.moved = Moved { in_time: here(&moved.in_time), late: here(&moved.late) };
                let any = |moved: &[Minor]| anew.is_paid_up(at) && moved.iter().any(|moved| *moved > 0);
                is_paid_up.in_time |= any(&moved.in_time);
                is_paid_up.late |= any(&moved.late);
                // One that was late may have been accepted.
                let went = if policy.late == LateDiscount::Refused { &moved.in_time } else { &moved.late };
                most.iter_mut().zip(went).for_each(|(most, moved)| *most = (*most).max(*moved));
            }
            let mut slots = self.schedule.iter().zip(&all);
            if slots.any(|(slot, held)| held.granted > slot.most) && is_cut(self.key) {
                anew.takes_off(&self.schedule, &most, &mut all);
            }
        }
        let before = all.get(at).cloned().unwrap_or_default();
        Terms { whole: self.whole, together, tiers: self.tiers, before, is_paid_up }
    }
}

/// The shares of a discount of the instalments of a schedule, as what was settled of them lowers them.
fn shares_of(
    tier: &Tier,
    schedule: &[Slot],
    all: &[Before],
    policy: &DiscountPolicy,
    (together, takes_late): (i128, bool),
) -> Vec<Minor> {
    let mut shares = shares(schedule, tier.of_document);
    for ((share, slot), before) in shares.iter_mut().zip(schedule).zip(all) {
        let Before { settled, with_discount, credited, .. } = *before;
        let done = Done { settled, with_discount, credited };
        let off = tier.lowered_by(&done, before.plain.iter(), policy, (together, takes_late));
        if off > 0 {
            *share = tier.on(slot.amount, off, together, policy.rounding).min(*share);
        }
    }
    shares
}

/// A discount divided among the instalments of a schedule.
fn shares(schedule: &[Slot], of_document: Minor) -> Vec<Minor> {
    let weights: Vec<u64> = schedule.iter().map(|slot| slot.amount.unsigned_abs()).collect();
    split(of_document, &weights).unwrap_or_default()
}

/// Whether every payment of an item has to be in time, and not the last alone.
pub(super) fn counts_all(policy: &DiscountPolicy) -> bool {
    policy.part_payments == PartPayments::WhenCleared && policy.in_time == DiscountInTime::All
}

/// What is not below what an item has left is no discount.
pub(super) fn valid(worth: Minor, left: Minor) -> Minor {
    if worth > 0 && worth < left { worth } else { 0 }
}
