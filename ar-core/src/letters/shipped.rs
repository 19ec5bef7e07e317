//! The templates and words that come with the engine: the files of `ar-core/letters/`.

use super::local::Language;

/// Keys and texts of the files named.
macro_rules! files {
    ($($key:literal),* $(,)?) => {
        &[$(($key, include_str!(concat!("../../letters/", $key, ".txt")))),*]
    };
}

/// Every shipped template of a letter, by key.
pub(super) const TEMPLATES: &[(&str, &str)] = files![
    "de/activity",
    "de/invoice",
    "de/notice/final",
    "de/notice/firm",
    "de/notice/friendly",
    "de/notice/urgent",
    "de/statement",
    "de/thanks",
    "en/activity",
    "en/invoice",
    "en/notice/final",
    "en/notice/firm",
    "en/notice/friendly",
    "en/notice/urgent",
    "en/statement",
    "en/thanks",
    "es/activity",
    "es/invoice",
    "es/notice/final",
    "es/notice/firm",
    "es/notice/friendly",
    "es/notice/urgent",
    "es/statement",
    "es/thanks",
    "fr/activity",
    "fr/invoice",
    "fr/notice/final",
    "fr/notice/firm",
    "fr/notice/friendly",
    "fr/notice/urgent",
    "fr/statement",
    "fr/thanks",
];

/// The two layouts, by key.
pub(super) const LAYOUTS: &[(&str, &str)] = &[
    ("layout/html", include_str!("../../letters/layout/page.html")),
    ("layout/text", include_str!("../../letters/layout/page.txt")),
];

/// The words of a language, as JSON text.
pub(super) const fn words(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../letters/words/en.json"),
        Language::De => include_str!("../../letters/words/de.json"),
        Language::Fr => include_str!("../../letters/words/fr.json"),
        Language::Es => include_str!("../../letters/words/es.json"),
    }
}
