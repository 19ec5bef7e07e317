//! What a ledger must know before its first fact: base currencies, own currency codes, payment terms, hierarchies.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::money::{Currencies, CurrencyCode, MAX_EXPONENT};
use crate::problem::{Problem, Refused};
use crate::terms::CompiledTerms;

/// Settings of a ledger; all have defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The base currency of companies that `companies` does not name.
    pub base_currency: Option<String>,
    /// What differs from company to company.
    pub companies: BTreeMap<String, Company>,
    /// A user's own currency codes → digits after the point, 0 to 8.
    pub currencies: BTreeMap<String, u8>,
    /// Whether an instalment may have the sign against its document's.
    pub instalment_sign: InstalmentSign,
    /// Code → payment terms.
    pub terms: BTreeMap<String, crate::terms::Terms>,
    /// Dimension → value → its parent value.
    pub hierarchies: BTreeMap<String, BTreeMap<String, String>>,
}

/// Settings of one company.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Its base currency.
    pub base_currency: String,
}

impl Settings {
    /// The base currency of a company.
    #[must_use]
    pub fn base_currency_of(&self, company: &str) -> Option<&str> {
        let own = self.companies.get(company).map(|company| company.base_currency.as_str());
        own.or(self.base_currency.as_deref())
    }

    /// The currencies they make known, once they are proved.
    pub(crate) fn known_currencies(&self) -> Currencies {
        let own: Vec<(&str, u8)> = self.currencies.iter().map(|(code, digits)| (code.as_str(), *digits)).collect();
        Currencies::iso().with_own(&own).unwrap_or_else(|_| Currencies::iso())
    }

    /// Proves the settings: the currencies they make known, and their payment terms ready for use.
    pub(super) fn prove(&self) -> Result<(Currencies, BTreeMap<String, CompiledTerms>), Refused> {
        let good: Vec<(&str, u8)> = self
            .currencies
            .iter()
            .map(|(code, digits)| (code.as_str(), (*digits).min(MAX_EXPONENT)))
            .filter(|(code, _)| CurrencyCode::new(code).is_ok())
            .collect();
        let known = Currencies::iso()
            .with_own(&good)
            .map_err(|error| refused(error.code(), error.to_string(), "currencies"))?;
        let companies =
            self.companies.iter().map(|(id, own)| (&own.base_currency, format!("companies.{id}.base_currency")));
        let own = self.base_currency.iter().map(|code| (code, String::from("base_currency")));
        for (code, path) in own.chain(companies) {
            known.find(code).map_err(|error| refused(error.code(), error.to_string(), &path))?;
        }
        for (code, digits) in &self.currencies {
            let path = format!("currencies.{code}");
            CurrencyCode::new(code).map_err(|error| refused(error.code(), error.to_string(), &path))?;
            if *digits > MAX_EXPONENT {
                let reason = format!("expected 0 to {MAX_EXPONENT} digits after the point, got {digits}");
                return Err(refused("policy_invalid", reason, &path));
            }
        }
        let mut terms = BTreeMap::new();
        for (code, definition) in &self.terms {
            let compiled = definition.compile().map_err(|error| {
                let path = [code.as_str(), error.field()].join(".");
                refused(error.code(), error.to_string(), format!("terms.{path}").trim_end_matches('.'))
            })?;
            terms.insert(code.clone(), compiled);
        }
        for (dimension, parents) in &self.hierarchies {
            if let Some(value) = first_in_a_circle(parents) {
                let reason = "expected parent values that do not lead in a circle";
                return Err(refused("cyclic_parent", reason.to_owned(), &format!("hierarchies.{dimension}.{value}")));
            }
        }
        Ok((known, terms))
    }
}

/// The first value whose parents never end.
fn first_in_a_circle(parents: &BTreeMap<String, String>) -> Option<&str> {
    // Values from which the way up is known to end.
    let mut ends: FxHashSet<&str> = FxHashSet::default();
    for value in parents.keys() {
        let mut way: FxHashSet<&str> = FxHashSet::default();
        let mut here = value.as_str();
        while !ends.contains(here) {
            if !way.insert(here) {
                return Some(value);
            }
            let Some(parent) = parents.get(here) else { break };
            here = parent;
        }
        ends.extend(way);
    }
    None
}

fn refused(code: &str, reason: String, path: &str) -> Refused {
    Problem::new(code, reason).field(&format!("settings.{path}")).into()
}

/// Which signs the instalments of a document may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InstalmentSign {
    /// The document's.
    #[default]
    Same,
    /// Either.
    Any,
}
