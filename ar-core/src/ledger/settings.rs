//! What a ledger must know before its first fact: base currencies, own currency codes, payment terms, hierarchies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Settings of a ledger; all have defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
}

/// Which signs the instalments of a document may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstalmentSign {
    /// The document's.
    #[default]
    Same,
    /// Either.
    Any,
}
