//! What does a letter say of a line that the run does not? The dates and numbers of its document, and what of it is left out.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::charge::whole_of;
use super::notice::Noticed;
use super::policy::Respect;
use super::report::{DunningRun, Inner};
use crate::calendar::Day;
use crate::ledger::View;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::NO_DAY;
use crate::money::{Currency, Minor, to_decimal};
use crate::problem::Refused;

/// A notice as a letter needs it.
pub(crate) struct PrintedNotice {
    pub currency: Currency,
    /// How many levels its procedure has.
    pub levels: u32,
    /// In the order of the notice's lines.
    pub lines: Vec<PrintedLine>,
}

/// A line as a letter needs it; money in the notice's currency.
pub(crate) struct PrintedLine {
    pub document_date: Option<NaiveDate>,
    /// What the customer calls it.
    pub reference: String,
    /// What the document or its instalment was for.
    pub whole: Decimal,
    /// What the line asks for, with its disputed part.
    pub open: Decimal,
    /// What of it is disputed and not asked for.
    pub disputed: Decimal,
    /// What is open in all.
    pub open_minor: Minor,
    /// What of that is promised, on its way or covered, and stands in no figure of the line.
    pub left_out: Minor,
    /// Days since the due date, or since it was payable where that is later.
    pub days_past_due: Option<i32>,
}

impl DunningRun {
    /// The view that was dunned.
    pub(crate) fn view(&self) -> &View {
        &self.inner.view
    }

    /// What letters say beside the rows of [`DunningRun::notices`], in their order.
    pub(crate) fn printed(&self) -> Result<Vec<PrintedNotice>, Refused> {
        self.inner.items()?;
        self.inner.notices().iter().map(|notice| self.inner.printed(notice)).collect()
    }
}

impl Inner {
    fn printed(&self, notice: &Noticed) -> Result<PrintedNotice, Refused> {
        let currency = self.currency(notice.currency)?;
        let procedure = self.policy.procedures.values().nth(place(notice.procedure));
        let levels = procedure.map_or(0, |rules| u32::try_from(rules.levels.len()).unwrap_or(u32::MAX));
        let asked = self.lines_of(notice).map(|line| (line.item, line.amount));
        let open = |item: u32| self.view.items.open.get(place(item)).copied().unwrap_or(0);
        let listed = notice.more().listed.iter().map(|(item, _)| (*item, open(*item)));
        let lines = asked.chain(listed).map(|(item, amount)| self.printed_line(notice, currency, item, amount));
        Ok(PrintedNotice { currency, levels, lines: lines.collect::<Result<_, _>>()? })
    }

    fn printed_line(
        &self,
        notice: &Noticed,
        currency: Currency,
        item: u32,
        amount: Minor,
    ) -> Result<PrintedLine, Refused> {
        let (view, at) = (&self.view, place(item));
        let shown = |minor: Minor| notice.shown(view, item, minor);
        let money = |minor: Minor| to_decimal(minor, currency.exponent);
        let open = shown(view.items.open.get(at).copied().unwrap_or(0))?;
        let amount = shown(amount)?;
        let marked = match self.policy.disputed {
            Respect::LeftOut => view.marks().disputed.get(&count(at)).copied().unwrap_or(0),
            Respect::Dunned => 0,
        };
        // What is not asked for is disputed first, as it was taken off.
        let off = open.saturating_sub(amount).max(0);
        let disputed = shown(marked)?.clamp(0, off);
        let document = view.items.document.get(at).copied().unwrap_or(NONE);
        let row = view.document_row(at);
        let date = row.and_then(|(piece, row)| piece.document_date.get(row).copied());
        let reference = row.and_then(|(piece, row)| piece.reference.get(row).copied());
        let due = view.due_day(at);
        Ok(PrintedLine {
            document_date: date.and_then(|day| Day::new(day).ok()).map(Day::to_naive_date),
            reference: reference.map_or_else(String::new, |text| self.text(text)),
            whole: money(shown(whole_of(view, document, view.items.instalment(at)))?),
            open: money(amount.saturating_add(disputed)),
            disputed: money(disputed),
            open_minor: open,
            left_out: off.saturating_sub(disputed),
            days_past_due: due
                .map(|due| self.policy.payable_from(view, document, due.number()))
                .filter(|payable| *payable != NO_DAY)
                .map(|payable| view.day().number().saturating_sub(payable)),
        })
    }
}
