//! What other systems propose, as policies: one file each in `profiles/allocation/`, with its source in the README there.

use super::policy::AllocationPolicy;
use crate::problem::{Problem, Refused, quoted};

/// Name and text, sorted by name.
const PROFILES: &[(&str, &str)] = &[
    ("business-central", include_str!("../../profiles/allocation/business-central.json")),
    ("erpnext", include_str!("../../profiles/allocation/erpnext.json")),
    ("idempiere", include_str!("../../profiles/allocation/idempiere.json")),
    ("netsuite", include_str!("../../profiles/allocation/netsuite.json")),
    ("odoo-oca", include_str!("../../profiles/allocation/odoo-oca.json")),
    ("oracle-autocash", include_str!("../../profiles/allocation/oracle-autocash.json")),
    ("oracle-autocash-whole-items", include_str!("../../profiles/allocation/oracle-autocash-whole-items.json")),
    ("sap", include_str!("../../profiles/allocation/sap.json")),
    ("tryton", include_str!("../../profiles/allocation/tryton.json")),
    ("tryton-only-reconcile", include_str!("../../profiles/allocation/tryton-only-reconcile.json")),
];

/// The names of the profiles, sorted.
///
/// ```
/// assert!(ar_core::allocation::profiles().contains(&"oracle-autocash"));
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
/// use ar_core::allocation::{Strategy, profile};
/// let policy = profile("oracle-autocash")?;
/// assert_eq!(policy.strategies, [Strategy::ExactAmount, Strategy::OldestDue]);
/// assert_eq!(profile("mainframe").unwrap_err().code(), "unknown_kind");
/// # Ok::<(), ar_core::problem::Refused>(())
/// ```
pub fn profile(name: &str) -> Result<AllocationPolicy, Refused> {
    let policy: AllocationPolicy = serde_json::from_str(profile_text(name)?)
        .map_err(|error| Problem::new("policy_invalid", error.to_string()).field("profile"))?;
    policy.check()?;
    Ok(policy)
}
