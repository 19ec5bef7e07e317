//! When is which part due, and why? For documents as they are written.

use super::allot::{Allotted, Claim, Manner, allot, by_largest_remainder, in_turn};
use super::compile::{Closing, CompiledTerms, Line, Part};
use super::dates::DateReason;
use super::error::TermsError;
use super::policy::{BaseSplit, Residue, Terms};
use crate::calendar::Day;
use crate::money::{Currency, Exact, Minor, MoneyError, Ratio, Rounding, multiply_divide};

/// A part of a document, and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instalment {
    /// From 1 on; 0 when the terms have no lines and the whole is due at once.
    pub number: u32,
    /// The day by which it is to be paid, included.
    pub due_date: Day,
    /// In minor units of the document's currency; together they make the document's amount.
    pub amount: Minor,
    /// In minor units of the base currency, when a base amount was given; together they make it.
    pub base_amount: Option<Minor>,
}

/// An instalment and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalmentReason {
    /// The instalment, as [`schedule`] gives it.
    pub instalment: Instalment,
    /// Which line of the terms made it, from 1 on; 0 when they have none.
    pub line: u32,
    /// Which repetition of the line, from 1 on; 0 when the terms have no lines.
    pub repetition: u32,
    /// The steps from the document date (or the instalment before) to the due date.
    pub dates: Vec<DateReason>,
    /// What the amount is a share of.
    pub amount: AmountReason,
}

/// What an amount is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmountReason {
    /// The rule, such as `terms.percent`.
    pub rule: &'static str,
    /// The amount that was shared, in minor units, with the document's sign.
    pub of: Minor,
    /// The exact share of it; `None` when it was taken as it stands.
    pub share: Option<Ratio>,
}

/// The instalments of a document under these terms.
///
/// **Unit**: minor units out. **Currency**: `currency` for the amount, that of `base` for the base amount.
/// **Rounding**: as the terms say. **Edges**: instalments of zero are left out, but one is always listed. **Errors**: those
/// of [`Terms::compile`]; `too_many_digits` and `too_large` for amounts that do not fit; `impossible_date`;
/// `policy_invalid` for a document in another currency than that of the terms.
///
/// ```
/// use ar_core::calendar::Day;
/// use ar_core::money::{Currencies, Exact};
/// use ar_core::terms::{Terms, schedule};
/// let day = Day::parse("2016-01-22").unwrap();
/// let euro = Currencies::iso().find("EUR").unwrap();
/// let whole = schedule(&Terms::net_days(30), day, Exact::from_integer(100), euro, None).unwrap();
/// assert_eq!((whole[0].number, whole[0].amount), (0, 10_000));
/// assert_eq!(whole[0].due_date.to_string(), "2016-02-21");
/// ```
pub fn schedule(
    terms: &Terms,
    document_date: Day,
    amount: Exact,
    currency: Currency,
    base: Option<(Exact, Currency)>,
) -> Result<Vec<Instalment>, TermsError> {
    let terms = terms.compile()?;
    let (amount, base) = to_minor(amount, currency, base)?;
    terms.schedule(document_date, amount, currency, base)
}

/// The instalments of a document with their reasons: the same figures as [`schedule`].
///
/// **Errors**: those of [`schedule`].
pub fn explain(
    terms: &Terms,
    document_date: Day,
    amount: Exact,
    currency: Currency,
    base: Option<(Exact, Currency)>,
) -> Result<Vec<InstalmentReason>, TermsError> {
    let terms = terms.compile()?;
    let (amount, base) = to_minor(amount, currency, base)?;
    terms.explain(document_date, amount, currency, base)
}

fn to_minor(
    amount: Exact,
    currency: Currency,
    base: Option<(Exact, Currency)>,
) -> Result<(Minor, Option<Minor>), TermsError> {
    let minor = |path: &str, amount: Exact, currency: Currency| {
        amount.to_minor(currency.exponent).map_err(|error| TermsError::Amount { path: path.to_owned(), error })
    };
    let base = base.map(|(amount, currency)| minor("base_amount", amount, currency)).transpose()?;
    Ok((minor("amount", amount, currency)?, base))
}

impl CompiledTerms {
    /// The instalments of a document whose amounts are in minor units; see [`schedule`].
    pub fn schedule(
        &self,
        document_date: Day,
        amount: Minor,
        currency: Currency,
        base: Option<Minor>,
    ) -> Result<Vec<Instalment>, TermsError> {
        let parts = self.divide(amount, currency, base)?;
        let mut instalments = Vec::with_capacity(parts.len());
        self.each_date(document_date, &mut |index, due_date, _| {
            if let Some(part) = parts.get(index).filter(|part| part.listed) {
                instalments.push(Instalment {
                    number: self.number(instalments.len()),
                    due_date,
                    amount: part.amount,
                    base_amount: part.base_amount,
                });
            }
        })?;
        Ok(instalments)
    }

    /// The instalments with their reasons; the same figures as [`schedule`](Self::schedule).
    pub fn explain(
        &self,
        document_date: Day,
        amount: Minor,
        currency: Currency,
        base: Option<Minor>,
    ) -> Result<Vec<InstalmentReason>, TermsError> {
        let parts = self.divide(amount, currency, base)?;
        let mut reasons = Vec::with_capacity(parts.len());
        self.each_date(document_date, &mut |index, due_date, dates| {
            let Some(part) = parts.get(index).filter(|part| part.listed) else {
                return;
            };
            let line = self.lines.get(index);
            reasons.push(InstalmentReason {
                instalment: Instalment {
                    number: self.number(reasons.len()),
                    due_date,
                    amount: part.amount,
                    base_amount: part.base_amount,
                },
                line: line.map_or(0, |line| u32::try_from(line.rule).unwrap_or(u32::MAX).saturating_add(1)),
                repetition: line.map_or(0, |line| line.repetition.saturating_add(1)),
                dates,
                amount: part.reason,
            });
        })?;
        Ok(reasons)
    }

    /// The number of the instalment after so many others.
    fn number(&self, before: usize) -> u32 {
        match self.closing {
            Closing::Whole => 0,
            _ => u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1),
        }
    }
}

/// What a line gets.
struct PartOf {
    amount: Minor,
    base_amount: Option<Minor>,
    reason: AmountReason,
    listed: bool,
}

impl CompiledTerms {
    /// Divides amount and base amount among the lines.
    fn divide(&self, amount: Minor, currency: Currency, base: Option<Minor>) -> Result<Vec<PartOf>, TermsError> {
        if let Some(code) = self.terms.currency.as_deref().filter(|code| *code != currency.code.as_str()) {
            return Err(TermsError::invalid("currency", format!("a document in {code}"), currency.code));
        }
        if self.closing == Closing::Whole {
            let reason = AmountReason { rule: "terms.whole", of: amount, share: None };
            return Ok(vec![PartOf { amount, base_amount: base, reason, listed: true }]);
        }
        let manner =
            Manner { place: self.place(currency)?, rounding: self.terms.rounding, residue: self.terms.residue };
        let claims = self.claims(currency)?;
        let magnitude = i128::from(amount).saturating_abs();
        let allotted = allot(magnitude, &claims, &self.closing, manner).ok_or_else(too_large("amount"))?;
        let bases = match base {
            Some(base) => {
                let magnitude = i128::from(base).saturating_abs();
                let parts = self.divide_base(magnitude, &claims, &allotted, manner);
                Some((base, parts.ok_or_else(too_large("base_amount"))?))
            }
            None => None,
        };
        let mut parts = Vec::with_capacity(allotted.len());
        for (index, part) in allotted.iter().enumerate() {
            let base_amount = match &bases {
                Some((base, parts)) => {
                    Some(signed(parts.get(index).copied(), *base).ok_or_else(too_large("base_amount"))?)
                }
                None => None,
            };
            let signed_as_amount = |part: i128| signed(Some(part), amount).ok_or_else(too_large("amount"));
            let reason = AmountReason { rule: part.rule, of: signed_as_amount(part.of)?, share: part.share };
            let amount = signed_as_amount(part.amount)?;
            let listed = amount != 0 || base_amount.is_some_and(|base| base != 0);
            parts.push(PartOf { amount, base_amount, reason, listed });
        }
        if parts.iter().all(|part| !part.listed)
            && let Some(last) = parts.last_mut()
        {
            last.listed = true;
        }
        Ok(parts)
    }

    /// The shares with fixed amounts in minor units.
    fn claims(&self, currency: Currency) -> Result<Vec<Claim>, TermsError> {
        let claim = |line: &Line| {
            Ok(match line.part {
                Part::OfTotal(share) => Claim::OfTotal(share),
                Part::OfRest(share) => Claim::OfRest(share),
                Part::Weight(weight) => Claim::Weight(weight),
                Part::Remainder => Claim::Remainder,
                Part::Fixed(amount) => {
                    let minor = amount.to_minor(currency.exponent).map_err(|error| TermsError::Amount {
                        path: format!("instalments[{}].share.fixed", line.rule),
                        error,
                    })?;
                    Claim::Fixed(i128::from(minor))
                }
            })
        };
        self.lines.iter().map(claim).collect()
    }

    /// The unit of rounding in minor units; a place finer than the minor unit is the minor unit.
    fn place(&self, currency: Currency) -> Result<i128, TermsError> {
        let Some(place) = self.terms.place else {
            return Ok(1);
        };
        match place.to_minor(currency.exponent) {
            Ok(minor) => Ok(i128::from(minor)),
            Err(_) if place.rounded_minor(currency.exponent, Rounding::Down) == Ok(0) => Ok(1),
            Err(error) => Err(TermsError::Amount { path: "place".to_owned(), error }),
        }
    }

    /// Divides the magnitude of the base amount, to the minor unit of its currency.
    fn divide_base(&self, total: i128, claims: &[Claim], allotted: &[Allotted], manner: Manner) -> Option<Vec<i128>> {
        let manner = Manner { place: 1, ..manner };
        let document: i128 = allotted.iter().map(|part| part.amount).sum();
        if self.terms.base == BaseSplit::ByShare {
            let in_base = |(claim, part): (&Claim, &Allotted)| match claim {
                Claim::Fixed(_) if document == 0 => Some(Claim::Fixed(0)),
                Claim::Fixed(_) => multiply_divide(total, part.amount, document, manner.rounding).map(Claim::Fixed),
                other => Some(*other),
            };
            let claims: Vec<Claim> = claims.iter().zip(allotted).map(in_base).collect::<Option<_>>()?;
            let parts = allot(total, &claims, &self.closing, manner)?;
            return Some(parts.into_iter().map(|part| part.amount).collect());
        }
        let mut parts = vec![0; allotted.len()];
        // Only parts with an amount take part; without any, the last takes all.
        let Some(last) = allotted.iter().rposition(|part| part.amount > 0) else {
            *parts.last_mut()? = total;
            return Some(parts);
        };
        let paid = allotted.get(..=last)?;
        let amounts = match manner.residue {
            Residue::LargestRemainder => {
                let weights: Vec<u64> =
                    paid.iter().map(|part| u64::try_from(part.amount).ok()).collect::<Option<_>>()?;
                by_largest_remainder(total, &weights, 1)?
            }
            Residue::Last => {
                let shares: Vec<Ratio> =
                    paid.iter().map(|part| Ratio::new(part.amount, document).ok()).collect::<Option<_>>()?;
                in_turn(total, &shares, manner)?
            }
        };
        for (place, amount) in parts.iter_mut().zip(amounts) {
            *place = amount;
        }
        Some(parts)
    }
}

/// The error of an amount whose parts do not fit.
fn too_large(path: &'static str) -> impl Fn() -> TermsError {
    move || TermsError::Amount { path: path.to_owned(), error: MoneyError::TooLarge }
}

/// A magnitude with the sign of the amount it is a part of.
fn signed(magnitude: Option<i128>, of: Minor) -> Option<Minor> {
    let magnitude = Minor::try_from(magnitude?).ok()?;
    if of < 0 { magnitude.checked_neg() } else { Some(magnitude) }
}
