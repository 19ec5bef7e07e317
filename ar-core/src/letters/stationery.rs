//! Who writes, to which address, in which language if the customer has none, and how is it paid? What a run does not know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::is_web_link;
use super::letter::{LetterFormat, Sender};
use super::local::Language;
use crate::problem::{Problem, Refused, quoted};

/// What the letters of a dunning run bear beside its figures; see `docs/letters.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Stationery {
    /// Version of the format.
    #[cfg_attr(feature = "schema", schemars(extend("const" = 1)))]
    pub version: u32,
    /// What the user calls it.
    pub id: String,
    /// Who writes.
    pub sender: Sender,
    /// Who writes for a company, in place of `sender`.
    pub companies: BTreeMap<String, Sender>,
    /// Names and addresses, by customer.
    pub customers: BTreeMap<String, AddressBookEntry>,
    /// The language of customers that have none.
    pub language: Language,
    /// Languages of customers that letters are not shipped in, and what is written instead: `"it": "en"`.
    pub languages: BTreeMap<String, Language>,
    /// What is made of the letters.
    pub format: LetterFormat,
    /// The prefix under which the facts of the run are posted: a notice then bears the id that it has in the ledger.
    pub id_prefix: String,
    /// Where to pay at once; `{customer}`, `{notice}` and `{reference}` stand for those of the notice.
    pub link: Option<String>,
    /// Of what the creditor reference is made.
    pub reference: ReferenceOf,
    /// Days past due that part the buckets of the last table, rising; none without.
    pub aging_days: Vec<i32>,
}

/// A customer's name and address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AddressBookEntry {
    /// The name; the customer's number when it is empty.
    pub name: String,
    /// Street, town, country: a line each.
    pub address: Vec<String>,
    /// To whose attention it comes, when the ledger does not say.
    pub contact: Option<String>,
    /// The words that it opens with.
    pub salutation: Option<String>,
}

/// Of what the creditor reference of a notice is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReferenceOf {
    /// Its first document.
    #[default]
    Document,
    /// The customer it goes to.
    Customer,
    /// There is none.
    None,
}

impl Default for Stationery {
    fn default() -> Self {
        Self {
            version: 1,
            id: String::new(),
            sender: Sender::default(),
            companies: BTreeMap::new(),
            customers: BTreeMap::new(),
            language: Language::En,
            languages: BTreeMap::new(),
            format: LetterFormat::default(),
            id_prefix: String::new(),
            link: None,
            reference: ReferenceOf::default(),
            aging_days: Vec::new(),
        }
    }
}

impl Stationery {
    /// Whether letters can be written on it.
    ///
    /// # Errors
    /// `unsupported_version`; `policy_invalid`, its field the path: a link with another name in braces or that does not go to
    /// the web, days that do not rise.
    pub fn check(&self) -> Result<(), Refused> {
        if self.version != 1 {
            let reason = format!("expected version 1, got {}", self.version);
            return Err(Problem::new("unsupported_version", reason).field("version").into());
        }
        let invalid = |field: &str, reason: String| Problem::new("policy_invalid", reason).field(field);
        if let Some(link) = &self.link {
            let filled = filled(link, |_| String::from("x"));
            if !is_web_link(&filled) || filled.contains(['{', '}']) {
                let names = NAMES.map(|name| format!("{{{name}}}")).join(", ");
                let reason =
                    format!("expected a link that begins with https:// and has at most {names}, got {}", quoted(link));
                return Err(invalid("link", reason).into());
            }
        }
        let rises = |pair: &[i32]| matches!(pair, [earlier, later] if earlier < later);
        if !self.aging_days.windows(2).all(rises) {
            return Err(invalid("aging_days", String::from("expected rising days")).into());
        }
        Ok(())
    }

    /// Who writes for a company.
    pub(super) fn sender_of(&self, company: &str) -> &Sender {
        self.companies.get(company).unwrap_or(&self.sender)
    }

    /// The language of a customer by its code: of `de-AT` the part before the hyphen, of none the stationery's; none for one
    /// that letters are not written in.
    pub(super) fn language_of(&self, code: &str) -> Option<Language> {
        if code.trim().is_empty() {
            return Some(self.language);
        }
        let code = code.trim().to_ascii_lowercase();
        let own = |code: &str| self.languages.get(code).copied().or_else(|| Language::of(code));
        own(&code).or_else(|| own(code.split(['-', '_']).next().unwrap_or_default()))
    }

    /// The link of a notice.
    pub(super) fn link_of(&self, customer: &str, notice: &str, reference: &str) -> Option<String> {
        let value = |name: &str| match name {
            "customer" => percent_encoded(customer),
            "notice" => percent_encoded(notice),
            _ => percent_encoded(reference),
        };
        self.link.as_ref().map(|link| filled(link, value))
    }
}

/// What a link may name.
const NAMES: [&str; 3] = ["customer", "notice", "reference"];

/// A text with the names in it replaced, each once: what comes in is not looked at again.
fn filled(text: &str, value: impl Fn(&str) -> String) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        let named = after.split_once('}').filter(|(name, _)| NAMES.contains(name));
        match named {
            Some((name, after)) => {
                whole.push_str(&value(name));
                rest = after;
            }
            None => {
                whole.push('{');
                rest = after;
            }
        }
    }
    whole.push_str(rest);
    whole
}

/// A text as a part of a link (RFC 3986, unreserved characters as they are).
fn percent_encoded(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            whole.push(char::from(byte));
        } else {
            whole.push_str(&format!("%{byte:02X}"));
        }
    }
    whole
}
