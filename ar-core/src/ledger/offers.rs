//! Which discounts a document offers on a day: to whoever pays it.

use super::View;
use super::known::Known;
use super::layers::NONE;
use super::store::{DiscountFact, DocumentKind, NO_BASE};
use crate::calendar::Day;
use crate::money::{Minor, Ratio};

/// A discount for paying up to a day: `percent` of `basis`, or of the document when there is none; or else `amount`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tier {
    /// The last day on which it may be taken.
    pub until: i32,
    /// Per cent: of hundred.
    pub percent: Option<Ratio>,
    pub amount: Option<Minor>,
    pub basis: Option<Minor>,
}

impl View {
    /// The tiers of a document in force on the view's day, earliest first: those of the latest counted offer of rows, else
    /// those of its payment terms.
    pub(crate) fn offers(&self, document: u32) -> Vec<Tier> {
        self.offers_at(document, self.known())
    }

    /// The tiers that were in force then.
    pub(crate) fn offers_at(&self, document: u32, then: Known) -> Vec<Tier> {
        let counted = |fact: &&DiscountFact| then.counts(fact.effective, fact.recorded, fact.batch);
        let key = |fact: &DiscountFact| (fact.effective, fact.recorded, fact.batch);
        let facts = &self.store.discounts;
        let mut tiers = match facts.of(document).filter(counted).map(key).max() {
            Some(latest) => facts.of(document).filter(counted).filter(|fact| key(fact) == latest).map(tier).collect(),
            None => self.offers_of_terms(document),
        };
        tiers.sort_by_key(|tier: &Tier| tier.until);
        tiers
    }

    fn offers_of_terms(&self, document: u32) -> Vec<Tier> {
        let store = &self.store;
        let found = store.documents.find(document).and_then(|(piece, row)| {
            let code = piece.terms.get(row).copied().filter(|code| *code != NONE)?;
            // What is left of another document has no discount of its own.
            let is_left_over = match piece.kind.get(row)? {
                DocumentKind::DebitNote => piece.related_id.get(row).is_some_and(|related| *related != NONE),
                DocumentKind::Charge => self.is_residual(document),
                _ => false,
            };
            if is_left_over {
                return None;
            }
            let day = Day::new(*piece.document_date.get(row)?).ok()?;
            let currency = store.currency(store.account(*piece.account.get(row)?).currency)?;
            Some((store.terms.get(store.texts.text(code))?, day, currency))
        });
        let Some((terms, day, currency)) = found else { return Vec::new() };
        let offered = terms.discounts(day, currency.code.as_str());
        offered
            .map(|(until, percent)| Tier { until: until.number(), percent: Some(percent), amount: None, basis: None })
            .collect()
    }
}

fn tier(fact: &DiscountFact) -> Tier {
    let given = |minor: Minor| (minor != NO_BASE).then_some(minor);
    // At most 12 digits after the point: a ratio holds it.
    let percent = fact.percent.and_then(|percent| Ratio::from_exact(percent).ok());
    Tier { until: fact.until, percent, amount: given(fact.amount), basis: given(fact.basis) }
}
