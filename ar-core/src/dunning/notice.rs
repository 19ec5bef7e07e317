//! Which lines make a notice, at which level does it stand, in which currency, and is it for enough to be sent?

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::charge::{Charges, LineCharge};
use super::desk::{Asked, DeskLines, Walk};
use super::given::Given;
use super::history::History;
use super::lines::{Line, Lines};
use super::minimum::is_enough;
use super::policy::{NoticeCurrency, NoticePer};
use super::reason::Verdict;
use super::restart::Before;
use crate::ledger::View;
use crate::ledger::exchange::Rate;
use crate::ledger::layers::{NONE, count, place};
use crate::ledger::store::{Account, NO_DAY};
use crate::money::Minor;
use crate::problem::{Problem, Refused};

/// A notice by numbers.
#[derive(Debug, Clone)]
pub(crate) struct Noticed {
    pub company: u32,
    /// To whom it goes.
    pub customer: u32,
    pub currency: u32,
    pub procedure: u32,
    pub level: u32,
    /// The first of its lines among all of the run, and the one after the last.
    lines: (u32, u32),
    pub claims: i128,
    /// What few notices have.
    more: Option<Box<More>>,
}

/// Credits listed on a notice, currencies that it converts, and what it charges, in its currency.
#[derive(Debug, Clone, Default)]
pub(super) struct More {
    /// With what they are in its currency.
    pub listed: Vec<(u32, Minor)>,
    /// From currencies of its lines to its own; empty when none is another.
    rates: Vec<(u32, Rate)>,
    pub fee: Minor,
    pub fee_tax: Minor,
    pub line_fees: i128,
    pub interest: i128,
    pub compensation: i128,
    /// By line; empty when nothing is charged.
    pub charges: Vec<LineCharge>,
}

/// A notice that lists, converts and charges nothing.
const NO_MORE: &More = &More {
    listed: Vec::new(),
    rates: Vec::new(),
    fee: 0,
    fee_tax: 0,
    line_fees: 0,
    interest: 0,
    compensation: 0,
    charges: Vec::new(),
};

impl Noticed {
    fn new(place: Place, lines: Range<usize>) -> Self {
        Self {
            company: place.company,
            customer: place.customer,
            currency: place.currency,
            procedure: place.procedure,
            level: 0,
            lines: (count(lines.start), count(lines.end)),
            claims: 0,
            more: None,
        }
    }

    /// One that lists, converts and charges nothing, about an account, with the first of its lines and the one after the last.
    pub(super) fn plain(account: Account, procedure: u32, asked: Asked, lines: (u32, u32)) -> Self {
        let Account { company, customer, currency, .. } = account;
        Self { company, customer, currency, procedure, level: asked.level, lines, claims: asked.claims, more: None }
    }

    /// Its lines among all of the run.
    pub(crate) fn lines(&self) -> Range<usize> {
        place(self.lines.0)..place(self.lines.1)
    }

    pub(super) fn put_lines(&mut self, lines: Range<usize>) {
        self.lines = (count(lines.start), count(lines.end));
    }

    pub(super) fn more(&self) -> &More {
        self.more.as_deref().unwrap_or(NO_MORE)
    }

    pub(super) fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(super) fn total(&self) -> i128 {
        let more = self.more();
        let charged = i128::from(more.fee).saturating_add(more.fee_tax.into()).saturating_add(more.line_fees);
        self.claims.saturating_add(charged).saturating_add(more.interest).saturating_add(more.compensation)
    }

    /// An amount of an item in the currency of the notice.
    pub(super) fn shown(&self, view: &View, item: u32, amount: Minor) -> Result<Minor, Refused> {
        Ok(self.rate_of(view, item).map_or(Ok(amount), |rate| rate.apply(amount))?)
    }

    /// The rate from the currency of an item to its own, where that is another.
    pub(super) fn rate_of(&self, view: &View, item: u32) -> Option<Rate> {
        let rates = self.more.as_ref().map(|more| &more.rates).filter(|rates| !rates.is_empty())?;
        let account = view.items.account.get(place(item)).copied().unwrap_or(NONE);
        let currency = view.store.account(account).currency;
        rates.iter().find(|(from, _)| *from == currency).map(|(_, rate)| *rate)
    }
}

/// What desks have, made into notices.
pub(super) struct Made {
    pub items: Items,
    pub notices: Vec<Noticed>,
}

/// What became of each item.
#[derive(Debug, Clone)]
pub(super) struct Items {
    /// By item.
    pub verdict: Vec<Verdict>,
    pub lines: Lines,
    /// By item the last promise that took a part of it.
    pub promise_of: FxHashMap<u32, u32>,
    /// By charge the item that it follows.
    pub follows: FxHashMap<u32, u32>,
}

/// What lines of one notice share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub company: u32,
    pub customer: u32,
    pub currency: u32,
    pub procedure: u32,
    /// `NONE`: notices are not by document.
    pub document: u32,
}

impl Place {
    fn without_document(self) -> Self {
        Self { document: NONE, ..self }
    }
}

/// Makes the notices of all desks.
pub(super) fn make(
    given: &Given<'_>,
    history: &Before,
    accounts: &[(u32, Range<usize>)],
    walk: Walk<'_>,
) -> Result<Made, Refused> {
    let Walk { verdict, lines, desks, listed, promise_of, follows, beside, covered, today, .. } = walk;
    let mut maker = Maker {
        given,
        history,
        today,
        accounts,
        beside,
        charges: Charges::new(given, history, &covered)?,
        tops: FxHashMap::default(),
        single: FxHashMap::default(),
        of_addressee: FxHashMap::default(),
        made: Made {
            items: Items { verdict, lines: lines.others(0), promise_of, follows },
            notices: Vec::with_capacity(desks.len()),
        },
    };
    let policy = given.policy;
    if policy.notice_per == NoticePer::Customer && policy.currency == NoticeCurrency::Document {
        // The lines of a desk stand together already, in the order of notices.
        maker.made.items.lines = lines;
        for (at, desk) in desks.iter().enumerate() {
            let parts = given.view.store.account(desk.account);
            let (company, customer, currency) = (parts.company, parts.customer, parts.currency);
            let place = Place { company, customer, currency, procedure: desk.procedure, document: NONE };
            let mut notice = Noticed::new(place, desk.range());
            let listed = if listed.is_empty() { None } else { listed.get(&at) };
            let listed = listed.map_or(&[][..], Vec::as_slice);
            let as_walked = !maker.let_fall(&mut notice, place, listed)?;
            if !notice.lines().is_empty() {
                maker.finish(notice, as_walked.then_some(desk.asked), listed)?;
            }
        }
    } else {
        maker.gather(&desks, &lines, listed)?;
    }
    let Maker { charges, mut made, .. } = maker;
    charges.put_interest_on(&mut made.notices, &made.items.lines)?;
    made.close_gaps();
    Ok(made)
}

pub(super) struct Maker<'a> {
    pub given: &'a Given<'a>,
    pub history: &'a Before,
    /// Where charges of the view's day are looked for.
    pub today: &'a History,
    pub accounts: &'a [(u32, Range<usize>)],
    /// Charges that are no reason for a notice.
    pub beside: FxHashSet<u32>,
    charges: Charges<'a>,
    tops: FxHashMap<u32, u32>,
    /// By company and addressee the one currency of all they have open; `NONE` for several.
    single: FxHashMap<(u32, u32), u32>,
    /// By company and addressee the places of their accounts; found when first asked for.
    pub of_addressee: FxHashMap<(u32, u32), Vec<usize>>,
    pub made: Made,
}

impl Made {
    /// Leaves out the lines that are on no notice.
    fn close_gaps(&mut self) {
        let used: usize = self.notices.iter().map(|notice| notice.lines().len()).sum();
        if used == self.items.lines.len() {
            return;
        }
        let mut lines = self.items.lines.others(used);
        for notice in &mut self.notices {
            let start = lines.len();
            lines.extend(self.items.lines.range(notice.lines()));
            notice.put_lines(start..lines.len());
        }
        self.items.lines = lines;
    }

    pub(super) fn set(&mut self, item: u32, verdict: Verdict) {
        if let Some(slot) = self.items.verdict.get_mut(place(item)) {
            *slot = verdict;
        }
    }
}

impl Maker<'_> {
    /// To whom the notices of a customer go.
    pub(super) fn addressee(&mut self, customer: u32) -> u32 {
        if self.given.policy.notice_per != NoticePer::Family {
            return customer;
        }
        let given = self.given;
        *self.tops.entry(customer).or_insert_with(|| given.addressee(customer))
    }

    /// Gathers lines by what their notices share, lets them fall, and makes notices of what stays.
    fn gather(
        &mut self,
        desks: &[DeskLines],
        lines: &Lines,
        mut listed_on: FxHashMap<usize, Vec<u32>>,
    ) -> Result<(), Refused> {
        if self.given.policy.currency == NoticeCurrency::Single {
            self.find_single_currencies();
        }
        let items = &self.given.view.items;
        let by_document = self.given.policy.notice_per == NoticePer::Document;
        let told = if by_document { self.told(desks, lines)? } else { FxHashMap::default() };
        let mut gathered: FxHashMap<Place, Vec<Line>> = FxHashMap::default();
        let mut listed: FxHashMap<Place, Vec<u32>> = FxHashMap::default();
        for (at, desk) in desks.iter().enumerate() {
            let Some(shared) = self.place(desk)? else { continue };
            for line in lines.range(desk.range()) {
                let about = self.claim_on(shared, &told, line.item).unwrap_or_else(|| place(line.item));
                let document = items.document.get(about).copied().filter(|_| by_document);
                gathered.entry(Place { document: document.unwrap_or(NONE), ..shared }).or_default().push(line);
            }
            listed.entry(shared).or_default().extend(listed_on.remove(&at).unwrap_or_default());
        }
        let mut places: Vec<Place> = gathered.keys().copied().collect();
        let store = &self.given.view.store;
        places.sort_by_cached_key(|place| {
            let currency = store.currency(place.currency).map_or_else(String::new, |c| c.code.to_string());
            let procedure = self.given.procedure_name(place.procedure);
            let document = if place.document == NONE { "" } else { store.document_id(place.document) };
            let (company, customer) = (store.texts.text(place.company), store.customer_ids.text(place.customer));
            (company, customer, currency, procedure, document)
        });
        let mut standing = Vec::new();
        for place in places {
            let mut own = gathered.remove(&place).unwrap_or_default();
            self.sort_lines(&mut own);
            let start = self.made.items.lines.len();
            self.made.items.lines.extend(own);
            let mut notice = Noticed::new(place, start..self.made.items.lines.len());
            let rates = self.rates(start, place.currency)?;
            if !rates.is_empty() {
                notice.more_mut().rates = rates;
            }
            let credits = listed.get(&place.without_document()).map_or(&[][..], Vec::as_slice);
            self.let_fall(&mut notice, place, credits)?;
            if !notice.lines().is_empty() {
                standing.push((place, notice));
            }
        }
        for (place, notice) in standing {
            // The first of several takes them.
            let mut listed: Vec<Line> = listed
                .remove(&place.without_document())
                .unwrap_or_default()
                .into_iter()
                .map(|item| Line { item, level: 0, amount: 0 })
                .collect();
            self.sort_lines(&mut listed);
            let items: Vec<u32> = listed.iter().map(|line| line.item).collect();
            self.finish(notice, None, &items)?;
        }
        Ok(())
    }

    /// By item of a line what its notice shares with others, where charges go with what they belong to.
    fn told(&mut self, desks: &[DeskLines], lines: &Lines) -> Result<FxHashMap<usize, Place>, Refused> {
        let mut told = FxHashMap::default();
        for desk in desks.iter().filter(|_| self.given.charges_follow()) {
            let Some(shared) = self.place(desk)? else { continue };
            told.extend(lines.range(desk.range()).map(|line| (place(line.item), shared)));
        }
        Ok(told)
    }

    /// The first of what a charge belongs to that has a line on a notice that shares this with its own.
    fn claim_on(&self, shared: Place, told: &FxHashMap<usize, Place>, charge: u32) -> Option<usize> {
        let claim = self.given.belongs.all(place(charge)).filter(|_| !told.is_empty())?;
        claim.iter().copied().find(|item| told.get(item) == Some(&shared))
    }

    /// Company, addressee, currency and procedure of the notices of a desk; none when it has credits alone and no base currency.
    fn place(&mut self, desk: &DeskLines) -> Result<Option<Place>, Refused> {
        let store = &self.given.view.store;
        let parts = store.account(desk.account);
        let customer = self.addressee(parts.customer);
        let converts = match self.given.policy.currency {
            NoticeCurrency::Document => false,
            NoticeCurrency::Base => true,
            NoticeCurrency::Single => self.single.get(&(parts.company, customer)) == Some(&NONE),
        };
        let currency = if converts { store.base_currency(parts.company) } else { Some(parts.currency) };
        let (company, procedure) = (parts.company, desk.procedure);
        match currency {
            Some(currency) => Ok(Some(Place { company, customer, currency, procedure, document: NONE })),
            None if desk.range().is_empty() => Ok(None),
            None => {
                let reason = "expected a base currency of the company that notices are converted to";
                Err(Problem::new("rate_missing", reason).into())
            }
        }
    }

    /// The rates from the currencies of lines to another.
    fn rates(&self, start: usize, to: u32) -> Result<Vec<(u32, Rate)>, Refused> {
        let view = self.given.view;
        let mut rates: Vec<(u32, Rate)> = Vec::new();
        if self.given.policy.currency == NoticeCurrency::Document {
            return Ok(rates);
        }
        for line in self.made.items.lines.range(start..self.made.items.lines.len()) {
            let account = view.items.account.get(place(line.item)).copied().unwrap_or(NONE);
            let from = view.store.account(account).currency;
            if from != to && rates.iter().all(|(held, _)| *held != from) {
                rates.push((from, view.exchange(from, to)?));
            }
        }
        Ok(rates)
    }

    /// In order of customer, control account, due date, document and instalment.
    fn sort_lines(&self, lines: &mut [Line]) {
        let view = self.given.view;
        let store = &view.store;
        let key = |line: &Line| {
            let item = place(line.item);
            let account = store.account(view.items.account.get(item).copied().unwrap_or(NONE));
            let document = view.items.document.get(item).copied().unwrap_or(NONE);
            let due = view.items.due.get(item).copied().unwrap_or(NO_DAY);
            let (customer, control) = (store.customer_ids.text(account.customer), store.texts.text(account.control));
            (customer, control, due, store.document_id(document), view.items.instalment(item))
        };
        lines.sort_by(|a, b| key(a).cmp(&key(b)));
    }

    /// Makes a notice of the lines that stay, or says of each why there is none.
    fn finish(&mut self, mut notice: Noticed, asked: Option<Asked>, listed: &[u32]) -> Result<(), Refused> {
        let view = self.given.view;
        let Some(rules) = self.given.rules(notice.procedure) else { return Ok(()) };
        match asked {
            Some(asked) => (notice.level, notice.claims) = (asked.level, asked.claims),
            None => {
                for line in self.made.items.lines.range(notice.lines()) {
                    notice.level = notice.level.max(line.level);
                    notice.claims = notice.claims.saturating_add(notice.shown(view, line.item, line.amount)?.into());
                }
            }
        }
        self.add_rates_of(listed, &mut notice)?;
        for item in listed {
            let open = view.items.open.get(place(*item)).copied().unwrap_or(0);
            let shown = notice.shown(view, *item, open)?;
            notice.claims = notice.claims.saturating_add(shown.into());
            notice.more_mut().listed.push((*item, shown));
        }
        let fails = if !is_enough(view, (notice.company, notice.currency), &rules.minimum, notice.claims) {
            Some(Verdict::BelowMinimum)
        } else if notice.claims <= 0 {
            Some(Verdict::NothingToClaim)
        } else {
            None
        };
        if let Some(verdict) = fails {
            for at in notice.lines() {
                let item = self.made.items.lines.get(at).map(|line| line.item);
                item.into_iter().for_each(|item| self.made.set(item, verdict));
            }
            return Ok(());
        }
        for (item, _) in &notice.more().listed {
            self.made.set(*item, Verdict::Noticed);
        }
        self.charges.put_on(&mut notice, rules, &self.made.items.lines)?;
        self.made.notices.push(notice);
        Ok(())
    }

    fn add_rates_of(&self, listed: &[u32], notice: &mut Noticed) -> Result<(), Refused> {
        let view = self.given.view;
        for item in listed {
            let account = view.items.account.get(place(*item)).copied().unwrap_or(NONE);
            let from = view.store.account(account).currency;
            if from != notice.currency && notice.more().rates.iter().all(|(held, _)| *held != from) {
                let rate = view.exchange(from, notice.currency)?;
                notice.more_mut().rates.push((from, rate));
            }
        }
        Ok(())
    }

    fn find_single_currencies(&mut self) {
        let accounts = self.accounts;
        for (account, _) in accounts {
            let parts = self.given.view.store.account(*account);
            let addressee = self.addressee(parts.customer);
            let slot = self.single.entry((parts.company, addressee)).or_insert(parts.currency);
            if *slot != parts.currency {
                *slot = NONE;
            }
        }
    }
}
