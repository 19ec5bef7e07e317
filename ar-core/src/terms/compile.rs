//! Are these terms well-formed? Proven once, before use.

use super::due::{check_steps, within};
use super::error::TermsError;
use super::policy::{DueStep, Every, Residue, Share, Start, Terms};
use crate::calendar::CompiledCalendar;
use crate::money::{CurrencyCode, Exact, Ratio, quoted};

/// The most lines terms may have, and the most instalments these may make.
const LINES: usize = 100;
const INSTALMENTS: usize = 1_200;
/// The largest number above or below the line of a percentage.
pub(super) const PERCENT_OPERAND: i128 = 1_000_000_000_000_000;

/// [`Terms`] proven well-formed: what is left to go wrong depends on the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompiledTerms {
    pub(super) terms: Terms,
    pub(super) calendar: CompiledCalendar,
    /// The instalments in order, repetitions written out.
    pub(super) lines: Vec<Line>,
    pub(super) closing: Closing,
}

/// One instalment to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Index of its rule in the terms.
    pub(super) rule: usize,
    /// 0 for the first time the rule stands.
    pub(super) repetition: u32,
    pub(super) part: Part,
}

/// A share in the form the arithmetic needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Of one, not of hundred.
    OfTotal(Ratio),
    OfRest(Ratio),
    Fixed(Exact),
    Weight(u64),
    Remainder,
}

/// What makes the parts add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Closing {
    /// There are no lines.
    Whole,
    /// Percentages of hundred together: weights on their common denominator.
    Percents(Vec<u64>),
    /// The last line takes what is left.
    LastLine,
    /// A remainder, or weights, take what is left.
    Rest,
}

impl Terms {
    /// Proves the terms well-formed.
    ///
    /// **Errors**: `unsupported_version`; `policy_invalid` with the path of the first offence, in the order version,
    /// currency, due, calendar, instalments line by line, place, instalments together, discounts.
    pub fn compile(&self) -> Result<CompiledTerms, TermsError> {
        if self.version != 1 {
            return Err(TermsError::UnsupportedVersion { got: self.version });
        }
        if let Some(code) = &self.currency {
            CurrencyCode::new(code).map_err(|_| TermsError::invalid("currency", "a currency code", quoted(code)))?;
        }
        check_steps(&self.due, "due")?;
        let calendar = self
            .calendar
            .compile()
            .map_err(|_| TermsError::invalid("calendar.weekend", "a weekend of at most six days", "all seven"))?;
        let lines = self.check_lines()?;
        if let Some(place) = self.place.filter(|place| place.units() <= 0) {
            return Err(TermsError::invalid("place", "an amount above 0", place));
        }
        let closing = self.check_closing(&lines)?;
        for (index, tier) in self.discounts.iter().enumerate() {
            check_percent(tier.percent, || format!("discounts[{index}].percent"))?;
            check_steps(&tier.due, &format!("discounts[{index}].due"))?;
        }
        Ok(CompiledTerms { terms: self.clone(), calendar, lines, closing })
    }

    fn check_lines(&self) -> Result<Vec<Line>, TermsError> {
        if self.instalments.len() > LINES {
            return Err(TermsError::invalid("instalments", format!("at most {LINES} lines"), self.instalments.len()));
        }
        let mut lines = Vec::new();
        for (rule, line) in self.instalments.iter().enumerate() {
            let here = |field: &str| format!("instalments[{rule}].{field}");
            let part = check_share(line.share, &here("share"))?;
            check_steps(&line.due, &here("due"))?;
            within(line.repeat, 1, 1_200, || here("repeat"))?;
            match line.every {
                Some(Every::Months(months)) => within(months, 1, 120, || here("every"))?,
                Some(Every::Days(days)) => within(days, 1, 3_660, || here("every"))?,
                None => {}
            }
            if line.repeat > 1 && line.every.is_none() {
                return Err(TermsError::invalid(here("every"), "what lies between repetitions", "nothing"));
            }
            lines.extend((0..line.repeat).map(|repetition| Line { rule, repetition, part }));
            if lines.len() > INSTALMENTS {
                return Err(TermsError::invalid(
                    "instalments",
                    format!("at most {INSTALMENTS} instalments"),
                    lines.len(),
                ));
            }
        }
        Ok(lines)
    }

    fn check_closing(&self, lines: &[Line]) -> Result<Closing, TermsError> {
        let invalid = |expected: &str, got: &str| Err(TermsError::invalid("instalments", expected, got));
        if lines.is_empty() {
            return Ok(Closing::Whole);
        }
        if self.start == Start::Previous && lines.iter().any(|line| line.repetition > 0) {
            return invalid("no repetition where `start` is `previous`", "one");
        }
        let remainders = lines.iter().filter(|line| line.part == Part::Remainder).count();
        let weighted = lines.iter().any(|line| matches!(line.part, Part::Weight(_)));
        if remainders > 1 || (remainders == 1 && weighted) {
            return invalid("one remainder, or weights", "several");
        }
        if remainders == 1 || weighted {
            return Ok(Closing::Rest);
        }
        if lines.iter().any(|line| matches!(line.part, Part::OfRest(_))) {
            return invalid("a remainder or weights beside `percent_of_rest`", "neither");
        }
        let percents: Vec<Ratio> = lines
            .iter()
            .filter_map(|line| match line.part {
                Part::OfTotal(ratio) => Some(ratio),
                _ => None,
            })
            .collect();
        let Some(weights) = weights_of_hundred(&percents) else {
            return invalid("percentages that add up to 100, or a remainder", "others");
        };
        if self.residue == Residue::Last {
            return Ok(Closing::LastLine);
        }
        if lines.iter().any(|line| matches!(line.part, Part::Fixed(_))) {
            return invalid("a remainder, weights or `residue` = `last` beside `fixed`", "none");
        }
        Ok(Closing::Percents(weights))
    }
}

fn check_share(share: Share, path: &str) -> Result<Part, TermsError> {
    Ok(match share {
        Share::Percent(percent) => Part::OfTotal(check_percent(percent, || format!("{path}.percent"))?),
        Share::PercentOfRest(percent) => Part::OfRest(check_percent(percent, || format!("{path}.percent_of_rest"))?),
        Share::Fixed(amount) if amount.units() > 0 => Part::Fixed(amount),
        Share::Fixed(amount) => {
            return Err(TermsError::invalid(format!("{path}.fixed"), "an amount above 0", amount));
        }
        Share::Weight(0) => {
            return Err(TermsError::invalid(format!("{path}.weight"), "a weight of 1 or more", 0));
        }
        Share::Weight(weight) => Part::Weight(u64::from(weight)),
        Share::Remainder => Part::Remainder,
    })
}

/// The percentage as a part of one.
fn check_percent(percent: Ratio, path: impl Fn() -> String) -> Result<Ratio, TermsError> {
    let (numerator, denominator) = (percent.numerator(), percent.denominator());
    if denominator > PERCENT_OPERAND {
        return Err(TermsError::invalid(path(), "a percentage of at most 15 digits", percent));
    }
    let hundred = denominator.saturating_mul(100);
    if numerator <= 0 || numerator > hundred {
        return Err(TermsError::invalid(path(), "a percentage above 0 up to 100", percent));
    }
    Ratio::new(numerator, hundred).map_err(|error| TermsError::Amount { path: path(), error })
}

/// Parts of one as whole weights: percentages on their common denominator. `None` when they do not add up to one
/// hundred, or when a weight does not fit.
fn weights_of_hundred(parts: &[Ratio]) -> Option<Vec<u64>> {
    let percents: Vec<Ratio> = parts
        .iter()
        .map(|part| Ratio::new(part.numerator().checked_mul(100)?, part.denominator()).ok())
        .collect::<Option<_>>()?;
    let mut common: i128 = 1;
    for percent in &percents {
        // common over the denominator, reduced, has below the line the factor that is still missing.
        let missing = Ratio::new(common, percent.denominator()).ok()?.denominator();
        common = common.checked_mul(missing)?;
    }
    let mut sum: i128 = 0;
    let mut weights = Vec::with_capacity(percents.len());
    for percent in &percents {
        let weight = common.checked_div(percent.denominator())?.checked_mul(percent.numerator())?;
        sum = sum.checked_add(weight)?;
        weights.push(u64::try_from(weight).ok()?);
    }
    (sum == common.checked_mul(100)?).then_some(weights)
}

impl CompiledTerms {
    /// The terms as they were written.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whether the terms divide the amount; without lines a document is one item, numbered 0.
    #[must_use]
    pub fn has_instalments(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Steps and repetition interval of a line.
    pub(super) fn steps(&self, line: &Line) -> (&[DueStep], Option<Every>) {
        self.terms.instalments.get(line.rule).map_or((&[], None), |rule| (&rule.due, rule.every))
    }
}
