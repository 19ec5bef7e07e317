//! Which templates speak? A policy is data: what it leaves out is shipped, what it names is proved before it is used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::book::LetterBook;
use super::local::Language;
use crate::problem::Refused;

/// A user's own templates, words and looks; see `docs/letters.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Letters {
    /// Version of the policy format.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// Templates by key: `de/notice/firm`, `fr/invoice`, a new one such as `en/notice/vip`, `layout/text`, `layout/html`.
    pub templates: BTreeMap<String, String>,
    /// Words of the tables and the payment block, by language and name.
    pub words: BTreeMap<Language, BTreeMap<String, String>>,
    /// What the page looks like.
    pub layout: LetterLayout,
    /// Digits of a user's own currencies, by code.
    pub currencies: BTreeMap<String, u8>,
}

impl Default for Letters {
    fn default() -> Self {
        Self {
            version: 1,
            id: String::new(),
            templates: BTreeMap::new(),
            words: BTreeMap::new(),
            layout: LetterLayout::default(),
            currencies: BTreeMap::new(),
        }
    }
}

/// What the page looks like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct LetterLayout {
    /// The colour of the letter head, such as `#1f4e79`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^#[0-9a-fA-F]{6}$")))]
    pub accent: Option<String>,
    /// Lines at the foot: register, directors, bank.
    pub footer: Vec<String>,
}

impl Letters {
    /// The policy proved well-formed, to write many letters by.
    ///
    /// # Errors
    /// `policy_invalid`, its field the path: `templates.de/notice/firm:3` is line 3 of that template. `unsupported_version`;
    /// `duplicate_id` and `policy_invalid` for currencies.
    ///
    /// ```
    /// use ar_core::letters::Letters;
    /// let mut policy = Letters::default();
    /// policy.templates.insert("en/thanks".into(), "Thanks, {{ custmer.name }}!\n---\n---\n".into());
    /// let problem = policy.compile().unwrap_err().problems.remove(0);
    /// assert_eq!(problem.field.as_deref(), Some("templates.en/thanks:1"));
    /// ```
    pub fn compile(&self) -> Result<LetterBook, Refused> {
        LetterBook::new(self)
    }
}
