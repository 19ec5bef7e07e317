//! What does a charge belong to? The fee of a notice to all that the notice was about, what a line has charged to the instalment that
//! it names, another charge to its related document; a charge of a charge to what that one belongs to.

use rustc_hash::{FxHashMap, FxHashSet};

use super::policy::DunningPolicy;
use crate::ledger::layers::{NONE, count};
use crate::ledger::left_over::with_those_above;
use crate::ledger::store::NO_DAY;
use crate::ledger::{DocumentKind, View};

/// A document, and an instalment of it; `NONE`: each.
type About = (u32, u32);

/// By charge with something open the open debits of what it belongs to, by due date.
#[derive(Debug, Default)]
pub(super) struct Belongs {
    all: FxHashMap<u32, Vec<usize>>,
    /// Those of them that are late, where some are and some are not.
    late: FxHashMap<u32, Vec<usize>>,
}

impl Belongs {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All that an item belongs to; none of another item.
    pub(super) fn all(&self, item: usize) -> Option<&[usize]> {
        if self.all.is_empty() {
            return None;
        }
        self.all.get(&count(item)).map(Vec::as_slice)
    }

    /// What is late of that, if anything is: what is not due yet says nothing of a charge.
    pub(super) fn late(&self, item: usize) -> Option<&[usize]> {
        self.late.get(&count(item)).map(Vec::as_slice).or_else(|| self.all(item))
    }

    /// Looks at all open charges of a view.
    pub(super) fn of(view: &View, policy: &DunningPolicy) -> Self {
        if !view.store.has_kind(DocumentKind::Charge) {
            return Self::default();
        }
        let charges: Vec<(usize, u32)> = open_debits(view).filter(|(_, document)| is_charge(view, *document)).collect();
        if charges.is_empty() {
            return Self::default();
        }
        let notices = Notices::of(view, &charges);
        let chains: Vec<(usize, Vec<Vec<About>>)> =
            charges.into_iter().map(|(item, document)| (item, notices.chain(document))).collect();
        let items = Items::of(view, chains.iter().flat_map(|(_, chain)| chain.iter().flatten().map(|(of, _)| *of)));
        let mut belongs = Self::default();
        for (item, chain) in chains {
            // The last of which something is open.
            let mut found = chain.iter().rev().map(|about| items.about(about, item));
            let Some(all) = found.find(|items| !items.is_empty()) else { continue };
            let is_late = |item: &usize| policy.basis_of(view, *item) < view.day().number();
            let late: Vec<usize> = all.iter().copied().filter(is_late).collect();
            if !late.is_empty() && late.len() < all.len() {
                belongs.late.insert(count(item), late);
            }
            belongs.all.insert(count(item), all);
        }
        belongs
    }
}

/// The items with something open above zero, with their documents.
fn open_debits(view: &View) -> impl Iterator<Item = (usize, u32)> + '_ {
    let items = view.items.open.iter().zip(view.items.document.iter()).enumerate();
    items.filter(|(_, (open, _))| **open > 0).map(|(item, (_, document))| (item, *document))
}

/// Whether a document is a charge.
pub(super) fn is_charge(view: &View, document: u32) -> bool {
    let found = view.store.documents.find(document);
    found.and_then(|(piece, row)| piece.kind.get(row)) == Some(&DocumentKind::Charge)
}

/// What a document is related to, if that is another one of its customer.
fn related_of(view: &View, document: u32) -> Option<u32> {
    let customer_of = |document: u32| {
        let (piece, row) = view.store.documents.find(document)?;
        Some(view.store.account(*piece.account.get(row)?).customer)
    };
    let related = view.store.related(document).filter(|related| *related != document)?;
    (customer_of(related) == customer_of(document)).then_some(related)
}

/// A charge, and those that it is a charge of, up to what is none.
fn links(view: &View, charge: u32) -> Vec<(u32, u32)> {
    let (mut at, mut seen) = (charge, FxHashSet::default());
    let mut links = Vec::new();
    while is_charge(view, at) && seen.insert(at) {
        let Some(related) = related_of(view, at) else { break };
        links.push((at, related));
        at = related;
    }
    links
}

/// The notice, and the number of the line or none, that the id of a charge may name.
fn named(id: &str) -> [Option<(&str, Option<u32>)>; 2] {
    let Some((rest, mark)) = id.rsplit_once('-').filter(|(_, mark)| ["f", "i", "c"].contains(mark)) else {
        return [None, None];
    };
    let of_line = || {
        let (notice, number) = rest.rsplit_once('-')?;
        let is_plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
        Some((notice, Some(number.parse().ok().filter(|_| is_plain)?)))
    };
    [(mark == "f").then_some((rest, None)), of_line()]
}

/// The counted notices that charges are named after, with their lines in order.
struct Notices<'a> {
    view: &'a View,
    lines: FxHashMap<u32, Vec<(u64, About)>>,
}

impl<'a> Notices<'a> {
    fn of(view: &'a View, charges: &[(usize, u32)]) -> Self {
        let store = &view.store;
        let mut lines: FxHashMap<u32, Vec<(u64, About)>> = FxHashMap::default();
        for (_, charge) in charges {
            for (charge, _) in links(view, *charge) {
                let notices = named(store.document_id(charge)).into_iter().flatten();
                for notice in notices.filter_map(|(notice, _)| store.matter_ids.find(notice)) {
                    lines.entry(notice).or_default();
                }
            }
        }
        if !lines.is_empty() {
            let is_counted = |effective, recorded| view.counted(effective, recorded);
            for line in store.notice_lines.all().filter(|line| line.notice_level > 0) {
                let own = lines.get_mut(&line.notice).filter(|_| is_counted(line.effective, line.recorded));
                own.into_iter().for_each(|own| own.push((line.seq, (line.document, line.instalment))));
            }
        }
        lines.values_mut().for_each(|own| own.sort_unstable());
        Self { view, lines }
    }

    /// What a charge belongs to, what that belongs to where it is a charge itself, and so on.
    fn chain(&self, charge: u32) -> Vec<Vec<About>> {
        let mut chain = Vec::new();
        for (at, related) in links(self.view, charge) {
            let about = self.about(at, related);
            let is_last = about.first().is_none_or(|(first, _)| *first != related) || about.len() > 1;
            chain.push(about);
            if is_last {
                break;
            }
        }
        chain
    }

    /// What one charge belongs to.
    fn about(&self, charge: u32, related: u32) -> Vec<About> {
        let (view, store) = (self.view, &self.view.store);
        for (notice, number) in named(store.document_id(charge)).into_iter().flatten() {
            let lines = store.matter_ids.find(notice).and_then(|notice| self.lines.get(&notice));
            let Some(lines) = lines.filter(|lines| lines.iter().any(|(_, (about, _))| *about == related)) else {
                continue;
            };
            let Some(number) = number else {
                // Charges bear no fee: what else it was about does.
                let bearing: Vec<About> =
                    lines.iter().map(|(_, about)| *about).filter(|(about, _)| !is_charge(view, *about)).collect();
                return if bearing.is_empty() { vec![(related, NONE)] } else { bearing };
            };
            let of_document = || lines.iter().zip(1_u32..).filter(|((_, (about, _)), _)| *about == related);
            let is_only = of_document().count() == 1;
            let found = of_document().find(|(_, place)| is_only || *place == number).map(|((_, about), _)| *about);
            return vec![found.unwrap_or((related, NONE))];
        }
        vec![(related, NONE)]
    }
}

/// The open debits of documents, and of what is left of them.
struct Items<'a> {
    view: &'a View,
    of: FxHashMap<u32, Vec<(usize, u32)>>,
}

impl<'a> Items<'a> {
    fn of(view: &'a View, documents: impl Iterator<Item = u32>) -> Self {
        let mut of: FxHashMap<u32, Vec<(usize, u32)>> = documents.map(|document| (document, Vec::new())).collect();
        let whole = view.left_overs().into_whole();
        for (item, document) in open_debits(view) {
            // What is left of a document is a part of it.
            for (about, number) in with_those_above(&whole, (document, view.items.instalment(item))) {
                of.get_mut(&about).into_iter().for_each(|own| own.push((item, number)));
            }
        }
        Self { view, of }
    }

    /// What is open of instalments that are named, else of their documents, but for one item: by due date, document and instalment.
    fn about(&self, about: &[About], but: usize) -> Vec<usize> {
        let view = self.view;
        let open = |exactly: bool| {
            let mut found: Vec<usize> = Vec::new();
            for (document, named) in about {
                let own = self.of.get(document).map_or(&[][..], Vec::as_slice);
                let fits = |number: u32| !exactly || *named == NONE || number == 0 || number == *named;
                let own = own.iter().filter(|(item, number)| *item != but && fits(*number)).map(|(item, _)| *item);
                found.extend(own);
            }
            found.sort_unstable();
            found.dedup();
            found
        };
        let mut found = open(true);
        if found.is_empty() {
            found = open(false);
        }
        let due = |item: usize| view.items.due.get(item).copied().unwrap_or(NO_DAY);
        let id = |item: usize| view.items.document.get(item).map_or("", |document| view.store.document_id(*document));
        found.sort_by(|a, b| {
            let by_id = || id(*a).cmp(id(*b)).then_with(|| view.items.instalment(*a).cmp(&view.items.instalment(*b)));
            due(*a).cmp(&due(*b)).then_with(by_id)
        });
        found
    }
}
