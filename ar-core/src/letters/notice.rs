//! What do the notices of a dunning run say? One letter a notice, with the run's figures and nothing reckoned anew.
//!
//! A line shows what is asked for as open, with its disputed part, which is taken off below; what is promised, on its way or
//! covered by credits stands in no figure and is told beneath the line. So every letter adds up to the total of its notice.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::letter::{LabelledAmount, Letter, LetterKind, LetterLine, PaymentDetails, Recipient, Tone};
use super::local::Language;
use super::reference::{MOST_OWN, creditor_reference};
use super::stationery::{ReferenceOf, Stationery};
use crate::dunning::{DunningLine, DunningNotice, DunningRun, PrintedLine, PrintedNotice};
use crate::money::{Currency, Exact, to_decimal};
use crate::problem::{Problem, Refused, quoted};

/// The letters of a run, one a notice, in their order; [`super::LetterBook::render`] writes them.
///
/// The tone is the level's, or by its place: friendly the first, final the last and any that hands over, urgent the one
/// before the last, firm those between. **Currency**: the notice's. **Rounding**: none; figures are the run's.
///
/// # Errors
/// `unknown_kind`, its field `notices[0].tone` or `notices[0].language`, for a tone or language that there is not; those of
/// [`Stationery::check`] and [`crate::dunning::dun`].
///
/// ```
/// use ar_core::calendar::Day;
/// use ar_core::facade::{JsonFacts, dunning_policy, letter_book, notice_letters};
/// use ar_core::ledger::{Ledger, settings::Settings};
/// let facts = JsonFacts::parse(r#"{ "customers": [{ "id": "ACME" }], "documents": [
///     { "id": "INV-1", "customer": "ACME", "kind": "invoice", "currency": "EUR", "amount": "100.00",
///       "document_date": "2026-01-01", "due_date": "2026-01-31" }] }"#)?;
/// let policy = dunning_policy(r#"{ "procedures": { "standard": { "levels": [{ "days": 3, "pay_within_days": 7 }] } } }"#)?;
/// let day = Day::parse("2026-02-03")?;
/// let run = Ledger::load(Settings::default(), &facts.tables())?.as_of(day).dun(&policy)?;
///
/// let letters = notice_letters(&run, r#"{ "sender": { "name": "Miller Ltd" }, "link": "https://pay.example/{customer}",
///     "customers": { "ACME": { "name": "ACME Inc.", "address": ["1 Main Street"] } } }"#)?;
/// let written = letter_book("{}")?.render(&letters[0])?;
/// assert_eq!(written.template, "en/notice/friendly");
/// assert!(written.body.contains("https://pay.example/ACME"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn notice_letters(run: &DunningRun, stationery: &Stationery) -> Result<Vec<Letter>, Refused> {
    stationery.check()?;
    let notices = run.notices()?;
    let references = references(&notices, stationery.reference);
    let mut letters = Vec::with_capacity(notices.len());
    let mut problems = Vec::new();
    for (place, ((notice, printed), reference)) in notices.iter().zip(run.printed()?).zip(references).enumerate() {
        let named = (place, notice, &printed);
        match letter_of(run, stationery, named, reference) {
            Ok(letter) => letters.push(letter),
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(letters) } else { Err(Refused::new(problems)) }
}

fn letter_of(
    run: &DunningRun,
    stationery: &Stationery,
    (place, notice, printed): (usize, &DunningNotice, &PrintedNotice),
    reference: Option<String>,
) -> Result<Letter, Vec<Problem>> {
    let tone = tone(notice, printed.levels);
    let language = stationery.language_of(&notice.language);
    let (Some(tone), Some(language)) = (tone, language) else {
        let unknown = |name: &str, known: Vec<&str>, got: &str| {
            let reason = format!("expected one of {}, got {}", known.join(", "), quoted(got));
            Problem::new("unknown_kind", reason).field(&format!("notices[{place}].{name}"))
        };
        let tones = || unknown("tone", Tone::ALL.iter().map(|tone| tone.name()).collect(), &notice.tone);
        let codes = Language::ALL.iter().map(|language| language.code()).collect();
        let languages = || unknown("language", codes, &notice.language);
        return Err(tone.is_none().then(tones).into_iter().chain(language.is_none().then(languages)).collect());
    };
    let number = place.saturating_add(1);
    let prefix = &stationery.id_prefix;
    let id = if prefix.is_empty() { number.to_string() } else { format!("{prefix}-{number}") };
    let lines = notice.lines.iter().zip(&printed.lines);
    let lines = lines
        .map(|(line, printed_line)| letter_line(language, printed.currency, line, printed_line, &notice.customer, run));
    Ok(Letter {
        kind: LetterKind::Notice,
        tone: Some(tone),
        template: filled(&notice.template),
        language,
        format: stationery.format,
        date: run.day().to_naive_date(),
        sender: stationery.sender_of(&notice.company).clone(),
        customer: recipient(notice, stationery),
        currency: notice.currency.clone(),
        document: (!prefix.is_empty()).then(|| id.clone()),
        period: None,
        lines: lines.collect(),
        opening_balance: None,
        taxes: Vec::new(),
        fees: charged(&[notice.fee, notice.fee_tax, notice.line_fees]),
        interest: charged(&[notice.interest]),
        compensation: charged(&[notice.compensation]),
        total: notice.total,
        due_date: notice.due_date,
        instalments: Vec::new(),
        payment: PaymentDetails {
            link: stationery.link_of(&notice.customer, &id, reference.as_deref().unwrap_or_default()),
            reference,
        },
        aging: aging(&stationery.aging_days, notice, printed),
        message: None,
    })
}

/// How a notice speaks; none for a tone that there is not.
fn tone(notice: &DunningNotice, levels: u32) -> Option<Tone> {
    if !notice.tone.is_empty() {
        return Tone::ALL.iter().copied().find(|tone| tone.name() == notice.tone);
    }
    let left = levels.saturating_sub(notice.level);
    Some(match (notice.level, left) {
        _ if !notice.hand_over.is_empty() => Tone::Final,
        (0 | 1, _) => Tone::Friendly,
        (_, 0) => Tone::Final,
        (_, 1) => Tone::Urgent,
        _ => Tone::Firm,
    })
}

fn recipient(notice: &DunningNotice, stationery: &Stationery) -> Recipient {
    let entry = stationery.customers.get(&notice.customer).cloned().unwrap_or_default();
    let name = if entry.name.trim().is_empty() { notice.customer.clone() } else { entry.name };
    Recipient {
        id: notice.customer.clone(),
        name,
        address: entry.address,
        contact: filled(&notice.contact).or(entry.contact),
        salutation: entry.salutation,
    }
}

fn letter_line(
    language: Language,
    currency: Currency,
    line: &DunningLine,
    printed: &PrintedLine,
    addressee: &str,
    run: &DunningRun,
) -> LetterLine {
    let own = (line.customer != addressee).then(|| account(language, &line.customer));
    let left_out = (printed.left_out > 0).then(|| {
        let [open, part] = [printed.open_minor, printed.left_out].map(|minor| language.money(minor.into(), currency));
        left_out(language, &open, &part)
    });
    let notes: Vec<String> = own.into_iter().chain(left_out).collect();
    LetterLine {
        document: line.document.clone(),
        instalment: (line.instalment != 0).then_some(line.instalment),
        reference: filled(&printed.reference),
        document_date: printed.document_date.unwrap_or(run.view().day().to_naive_date()),
        due_date: line.due_date,
        days_past_due: printed.days_past_due,
        amount: printed.whole,
        open: Some(printed.open),
        level: (line.level != 0).then_some(line.level),
        disputed: some(printed.disputed),
        interest: some(line.interest),
        fee: charged(&[line.line_fee, line.line_fee_tax]),
        note: (!notes.is_empty()).then(|| notes.join(" · ")),
    }
}

fn account(language: Language, customer: &str) -> String {
    match language {
        Language::En => format!("Account {customer}"),
        Language::De => format!("Konto {customer}"),
        Language::Fr => format!("Compte {customer}"),
        Language::Es => format!("Cuenta {customer}"),
    }
}

/// What is said of a part that is not asked for.
fn left_out(language: Language, open: &str, part: &str) -> String {
    match language {
        Language::En => {
            format!("Of {open} open, {part} is promised, on its way or covered by credits, and not asked for here.")
        }
        Language::De => format!(
            "Von offenen {open} sind {part} zugesagt, unterwegs oder durch Gutschriften gedeckt und werden hier nicht \
             verlangt."
        ),
        Language::Fr => format!(
            "Sur {open} restant dus, {part} sont promis, en cours de paiement ou couverts par des avoirs et ne sont pas \
             réclamés ici."
        ),
        Language::Es => format!(
            "De {open} pendientes, {part} están prometidos, en camino o cubiertos por abonos y no se reclaman aquí."
        ),
    }
}

/// The creditor reference of each notice: letters and digits of the text alone, its last ones where there are too many.
/// Where two texts come to one reference, or a customer has several notices that would share theirs, none has it: a payment
/// would not say which it is for.
fn references(notices: &[DunningNotice], of: ReferenceOf) -> Vec<Option<String>> {
    let text = |notice: &DunningNotice| match of {
        ReferenceOf::None => String::new(),
        ReferenceOf::Customer => notice.customer.clone(),
        ReferenceOf::Document => {
            notice.lines.first().map_or_else(|| notice.customer.clone(), |line| line.document.clone())
        }
    };
    let own = |text: String| {
        let plain: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let last: String = plain.iter().skip(plain.len().saturating_sub(MOST_OWN)).collect();
        creditor_reference(&last).map(|made| made.reference).ok()
    };
    let all: Vec<Option<String>> = notices.iter().map(|notice| own(text(notice))).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for reference in all.iter().flatten() {
        let slot = times.entry(reference).or_default();
        *slot = slot.saturating_add(1);
    }
    all.iter().map(|one| one.clone().filter(|one| times.get(one.as_str()) == Some(&1))).collect()
}

/// What the debits of a notice ask for, by days past due; the first bucket is what is not past the first edge.
fn aging(edges: &[i32], notice: &DunningNotice, printed: &PrintedNotice) -> Vec<LabelledAmount> {
    let [Some(first), ..] = [edges.first()] else { return Vec::new() };
    let mut labels = vec![format!("≤ {first}")];
    let upper = edges.iter().skip(1);
    labels.extend(edges.iter().zip(upper).map(|(low, high)| format!("{}–{high}", low.saturating_add(1))));
    labels.extend(edges.last().map(|last| format!("> {last}")));
    let mut sums = vec![0_i64; labels.len()];
    let exponent = printed.currency.exponent;
    for (line, printed) in notice.lines.iter().zip(&printed.lines).filter(|(line, _)| line.level > 0) {
        // An item without a due date is not late.
        let bucket = edges.iter().filter(|edge| printed.days_past_due.is_some_and(|days| days > **edge)).count();
        let minor = Exact::from_decimal(line.amount).to_minor(exponent).unwrap_or_default();
        if let Some(sum) = sums.get_mut(bucket) {
            *sum = sum.saturating_add(minor);
        }
    }
    let buckets = labels.into_iter().zip(sums);
    buckets.map(|(label, minor)| LabelledAmount { label, amount: to_decimal(minor, exponent) }).collect()
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn some(amount: Decimal) -> Option<Decimal> {
    (!amount.is_zero()).then_some(amount)
}

/// The sum of charges; none of zero. Amounts of a run are within the range of money, and three of them within a decimal's.
fn charged(parts: &[Decimal]) -> Option<Decimal> {
    some(parts.iter().fold(Decimal::ZERO, |sum, part| sum.saturating_add(*part)))
}
