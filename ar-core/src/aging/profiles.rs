//! What other systems' agings show, as policies: one file each in `profiles/aging/`, with its source in the README there.

use super::policy::AgingPolicy;
use crate::problem::{Problem, Refused, quoted};

/// Name and text, sorted by name.
const PROFILES: &[(&str, &str)] = &[
    ("business-central", include_str!("../../profiles/aging/business-central.json")),
    ("erpnext", include_str!("../../profiles/aging/erpnext.json")),
    ("gnucash", include_str!("../../profiles/aging/gnucash.json")),
    ("idempiere", include_str!("../../profiles/aging/idempiere.json")),
    ("oca-statement", include_str!("../../profiles/aging/oca-statement.json")),
    ("odoo-oca", include_str!("../../profiles/aging/odoo-oca.json")),
    ("sap", include_str!("../../profiles/aging/sap.json")),
    ("tryton", include_str!("../../profiles/aging/tryton.json")),
];

/// The names of the profiles, sorted.
///
/// ```
/// assert!(ar_core::aging::profiles().contains(&"tryton"));
/// ```
#[must_use]
pub fn profiles() -> Vec<&'static str> {
    PROFILES.iter().map(|(name, _)| *name).collect()
}

/// The policy file of a profile, as JSON text to keep and change.
///
/// # Errors
/// `unknown_kind`, field `profile`, for a name that is not in [`profiles`].
pub fn profile_text(name: &str) -> Result<&'static str, Refused> {
    let found = PROFILES.iter().find(|(own, _)| *own == name).map(|(_, text)| *text);
    found.ok_or_else(|| {
        let reason = format!("expected one of {}, got {}", profiles().join(", "), quoted(name));
        Problem::new("unknown_kind", reason).field("profile").into()
    })
}

/// The policy of a profile.
///
/// # Errors
/// `unknown_kind`, field `profile`, for a name that is not in [`profiles`].
///
/// ```
/// use ar_core::aging::{EdgeRule, profile};
/// // Day 30 opens the next term there, and is the last of 1 - 30 elsewhere.
/// assert_eq!(profile("tryton")?.edge_rule, EdgeRule::FromInclusive);
/// assert_eq!(profile("odoo-oca")?.edge_rule, EdgeRule::UpToInclusive);
/// assert_eq!(profile("mainframe").unwrap_err().code(), "unknown_kind");
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn profile(name: &str) -> Result<AgingPolicy, Refused> {
    let policy: AgingPolicy = serde_json::from_str(profile_text(name)?)
        .map_err(|error| Problem::new("policy_invalid", error.to_string()).field("profile"))?;
    policy.check()?;
    Ok(policy)
}
