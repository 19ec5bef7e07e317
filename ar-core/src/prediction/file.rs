//! How is a model kept? As JSON text that says what it is, the same on every machine, read back only when it is sound.
//!
//! `{ "kind": "receivables.prediction", "version": 3, "engine": …, "policy": …, "trained_on": …, "known_on": …,
//! "paid_invoices": …, "fixed": [[name, edges]…], "daily": [[name, edges]…], "trees": [{ "splits": [[number, bin, left, right]…], "leaves": […] }…], "sum": … }`.
//! Numbers are written with the fewest digits that read back as the same number.

use serde::{Deserialize, Serialize};

use super::dealings::{DEALT, DEALT_DAILY};
use super::features::{DAILY, FIXED};
use super::hazard::Hazard;
use super::hier_snap::HierSnapSettings;
use super::learner::{BINS, Edges, Split, Tree};
use super::math::hash;
use super::model::Model;
use super::policy::PredictionPolicy;
use super::predict::PredictionModel;
use crate::calendar::Day;
use crate::problem::{Problem, Refused};

const KIND: &str = "receivables.prediction";
const VERSION: u32 = 3;
/// The version before there was a sum.
const WITHOUT_SUM: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: String,
    version: u32,
    engine: String,
    policy: PredictionPolicy,
    trained_on: Day,
    /// Absent in the text of a model that may have learnt from whatever was recorded later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_on: Option<Day>,
    paid_invoices: u32,
    own_share: f64,
    daily_share: f64,
    half_life: f64,
    fast_half_life: f64,
    same_weekday: f32,
    general: f32,
    latest: usize,
    /// Absent in the text of a model of an engine that did not reckon with payment runs.
    #[serde(default)]
    by_runs: bool,
    start_own_share: f32,
    start: f32,
    fixed: Vec<(String, Edges)>,
    daily: Vec<(String, Edges)>,
    trees: Vec<KeptTree>,
    /// That of all the above, from version 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sum: Option<String>,
}

impl File {
    /// As text; plain data of text, numbers and lists, of which nothing can fail to be written.
    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The hash of what is kept but for the engine, which bears on no answer. Whoever lays the text out anew changes nothing.
    fn sum(&mut self) -> String {
        let (sum, engine) = (self.sum.take(), core::mem::take(&mut self.engine));
        let found = format!("{:016x}", hash(&self.text()));
        (self.sum, self.engine) = (sum, engine);
        found
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptTree {
    splits: Vec<(u16, u8, i16, i16)>,
    leaves: Vec<f32>,
}

/// The ends of the bins by name: the numbers that every model has, then those of dealings that this one has.
fn named(names: &[&str], all: &[&str], dealt: &[usize], edges: &[Edges]) -> Vec<(String, Edges)> {
    let more = dealt.iter().filter_map(|number| all.get(*number));
    names.iter().chain(more).map(|name| (*name).to_owned()).zip(edges.iter().cloned()).collect()
}

/// Which numbers of dealings follow those that every model has: some of all, each once and in their order.
fn dealt(kept: &[(String, Edges)], names: &[&str], all: &[&str]) -> Option<Vec<usize>> {
    let (base, more) = kept.split_at_checked(names.len())?;
    let place = |(name, _): &(String, Edges)| all.iter().position(|one| one == name);
    let places = more.iter().map(place).collect::<Option<Vec<usize>>>()?;
    let same = base.iter().map(|(name, _)| name.as_str()).eq(names.iter().copied());
    (same && places.is_sorted_by(|one, next| one < next)).then_some(places)
}

impl PredictionModel {
    /// The model as JSON text, for [`PredictionModel::from_text`].
    #[must_use]
    pub fn to_text(&self) -> String {
        let (hazard, snap) = (&self.model.hazard, &self.model.snap);
        let mut file = File {
            kind: KIND.to_owned(),
            version: VERSION,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            policy: self.policy.clone(),
            trained_on: self.trained_on,
            known_on: self.known_on,
            paid_invoices: self.paid_invoices,
            own_share: self.model.own_share,
            daily_share: self.model.daily_share,
            half_life: snap.half_life,
            fast_half_life: snap.fast_half_life,
            same_weekday: snap.same_weekday,
            general: snap.general,
            latest: snap.latest,
            by_runs: snap.by_runs,
            start_own_share: hazard.own_share,
            start: hazard.base,
            fixed: named(&FIXED, &DEALT, &hazard.dealt, &hazard.fixed),
            daily: named(&DAILY, &DEALT_DAILY, &hazard.dealt_daily, &hazard.daily),
            trees: hazard.trees.iter().map(KeptTree::of).collect(),
            sum: None,
        };
        file.sum = Some(file.sum());
        file.text()
    }

    /// The model that [`PredictionModel::to_text`] wrote, proved sound.
    ///
    /// # Errors
    /// `wrong_type` for other text, and with the field `sum` for one that was changed since; `unsupported_version`, `policy_invalid` with the field.
    pub fn from_text(text: &str) -> Result<Self, Refused> {
        let wrong = |reason: String| Refused::one("wrong_type", reason);
        let mut file: File = serde_json::from_str(text)
            .map_err(|error| wrong(format!("expected a model, got text that is none: {error}")))?;
        if file.kind != KIND {
            return Err(wrong(format!("expected a model of kind `{KIND}`")));
        }
        if ![VERSION, WITHOUT_SUM].contains(&file.version) {
            let reason = format!("expected version {WITHOUT_SUM} or {VERSION}, got {}", file.version);
            return Err(Problem::new("unsupported_version", reason).field("version").into());
        }
        let has_sum = file.version == VERSION || file.sum.is_some();
        let sum = file.sum();
        if has_sum && file.sum != Some(sum) {
            let reason = "expected a model as it was written, got one that was changed: its sum is another";
            return Err(Problem::new("wrong_type", reason).field("sum").into());
        }
        file.policy.check()?;
        let edges = |names: &[&str], all: &[&str], kept: Vec<(String, Edges)>, field: &str| {
            let trained = !file.trees.is_empty();
            let more = if kept.is_empty() && !trained { Some(Vec::new()) } else { dealt(&kept, names, all) };
            let sound = kept.iter().all(|(_, edges)| edges.is_sound());
            if let Some(more) = more.filter(|_| sound) {
                return Ok((kept.into_iter().map(|(_, edges)| edges).collect::<Vec<Edges>>(), more));
            }
            Err(Refused::from(Problem::new("wrong_type", "expected the numbers of this version").field(field)))
        };
        let (fixed, dealt) = edges(&FIXED, &DEALT, file.fixed, "fixed")?;
        let (daily, dealt_daily) = edges(&DAILY, &DEALT_DAILY, file.daily, "daily")?;
        let numbers = fixed.len() + daily.len();
        let finite = [file.own_share, file.daily_share, file.half_life, file.fast_half_life]
            .iter()
            .all(|x| x.is_finite() && *x >= 0.0)
            && [file.same_weekday, file.general, file.start_own_share].iter().all(|x| x.is_finite() && *x >= 0.0)
            && file.start.is_finite()
            && file.own_share <= 1.0
            && file.daily_share <= 1.0
            && file.half_life > 0.0
            && file.fast_half_life > 0.0
            && file.general > 0.0;
        if !finite || !file.trees.iter().all(|tree| tree.is_sound(numbers)) {
            return Err(wrong("expected a sound model, got one with numbers out of range".to_owned()));
        }
        Ok(Self {
            policy: file.policy,
            model: Model {
                hazard: Hazard {
                    fixed,
                    daily,
                    dealt,
                    dealt_daily,
                    trees: file.trees.into_iter().map(KeptTree::tree).collect(),
                    own_share: file.start_own_share,
                    base: file.start,
                },
                own_share: file.own_share,
                daily_share: file.daily_share,
                snap: HierSnapSettings {
                    half_life: file.half_life,
                    fast_half_life: file.fast_half_life,
                    same_weekday: file.same_weekday,
                    general: file.general,
                    latest: file.latest,
                    by_runs: file.by_runs,
                },
            },
            trained_on: file.trained_on,
            known_on: file.known_on,
            paid_invoices: file.paid_invoices,
        })
    }
}

impl KeptTree {
    fn of(tree: &Tree) -> Self {
        let splits = tree.splits.iter().map(|one| (one.number, one.bin, one.left, one.right)).collect();
        Self { splits, leaves: tree.leaves.clone() }
    }

    fn tree(self) -> Tree {
        let split = |(number, bin, left, right)| Split { number, bin, left, right };
        Tree { splits: self.splits.into_iter().map(split).collect(), leaves: self.leaves }
    }

    /// Every split leads to a later split or to a leaf, so that every question ends.
    fn is_sound(&self, numbers: usize) -> bool {
        let leads = |own: usize, to: i16| match usize::try_from(to) {
            Ok(split) => split > own && split < self.splits.len(),
            Err(_) => usize::from(to.unsigned_abs()) <= self.leaves.len(),
        };
        !self.leaves.is_empty()
            && self.splits.len() <= 1_000
            && self.leaves.iter().all(|leaf| leaf.is_finite() && leaf.abs() < 1e6)
            && self.splits.iter().enumerate().all(|(own, (number, bin, left, right))| {
                usize::from(*number) < numbers && usize::from(*bin) < BINS && leads(own, *left) && leads(own, *right)
            })
    }
}
