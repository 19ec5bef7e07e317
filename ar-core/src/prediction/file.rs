//! How is a model kept? As JSON text that says what it is, the same on every machine, read back only when it is sound.
//!
//! `{ "kind": "receivables.prediction", "version": 2, "engine": …, "policy": …, "trained_on": …, "paid_invoices": …,
//! "fixed": [[name, edges]…], "daily": [[name, edges]…], "trees": [{ "splits": [[number, bin, left, right]…], "leaves": […] }…] }`.
//! Numbers are written with the fewest digits that read back as the same number.

use serde::{Deserialize, Serialize};

use super::features::{DAILY, FIXED};
use super::hazard::Hazard;
use super::hier_snap::HierSnapSettings;
use super::learner::{BINS, Edges, Split, Tree};
use super::model::Model;
use super::policy::PredictionPolicy;
use super::predict::PredictionModel;
use crate::calendar::Day;
use crate::problem::{Problem, Refused};

const KIND: &str = "receivables.prediction";
const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kind: String,
    version: u32,
    engine: String,
    policy: PredictionPolicy,
    trained_on: Day,
    paid_invoices: u32,
    own_share: f64,
    daily_share: f64,
    half_life: f64,
    fast_half_life: f64,
    same_weekday: f32,
    general: f32,
    latest: usize,
    start_own_share: f32,
    start: f32,
    fixed: Vec<(String, Edges)>,
    daily: Vec<(String, Edges)>,
    trees: Vec<KeptTree>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptTree {
    splits: Vec<(u16, u8, i16, i16)>,
    leaves: Vec<f32>,
}

fn named(names: &[&str], edges: &[Edges]) -> Vec<(String, Edges)> {
    names.iter().map(|name| (*name).to_owned()).zip(edges.iter().cloned()).collect()
}

impl PredictionModel {
    /// The model as JSON text, for [`PredictionModel::from_text`].
    #[must_use]
    pub fn to_text(&self) -> String {
        let (hazard, snap) = (&self.model.hazard, &self.model.snap);
        let file = File {
            kind: KIND.to_owned(),
            version: VERSION,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            policy: self.policy.clone(),
            trained_on: self.trained_on,
            paid_invoices: self.paid_invoices,
            own_share: self.model.own_share,
            daily_share: self.model.daily_share,
            half_life: snap.half_life,
            fast_half_life: snap.fast_half_life,
            same_weekday: snap.same_weekday,
            general: snap.general,
            latest: snap.latest,
            start_own_share: hazard.own_share,
            start: hazard.base,
            fixed: named(&FIXED, &hazard.fixed),
            daily: named(&DAILY, &hazard.daily),
            trees: hazard.trees.iter().map(KeptTree::of).collect(),
        };
        // Plain data of text, numbers and lists: nothing in it can fail to be written.
        serde_json::to_string(&file).unwrap_or_default()
    }

    /// The model that [`PredictionModel::to_text`] wrote, proved sound.
    ///
    /// # Errors
    /// `wrong_type` for other text, `unsupported_version`, `policy_invalid` with the field.
    pub fn from_text(text: &str) -> Result<Self, Refused> {
        let wrong = |reason: String| Refused::one("wrong_type", reason);
        let file: File = serde_json::from_str(text)
            .map_err(|error| wrong(format!("expected a model, got text that is none: {error}")))?;
        if file.kind != KIND {
            return Err(wrong(format!("expected a model of kind `{KIND}`")));
        }
        if file.version != VERSION {
            let reason = format!("expected version {VERSION}, got {}", file.version);
            return Err(Problem::new("unsupported_version", reason).field("version").into());
        }
        file.policy.check()?;
        let edges = |names: &[&str], kept: Vec<(String, Edges)>, field: &str| {
            let trained = !file.trees.is_empty();
            let same = kept.iter().map(|(name, _)| name.as_str()).eq(names.iter().copied());
            let sound = kept.iter().all(|(_, edges)| edges.is_sound());
            if (same && sound) || (kept.is_empty() && !trained) {
                return Ok(kept.into_iter().map(|(_, edges)| edges).collect());
            }
            Err(Refused::from(Problem::new("wrong_type", "expected the numbers of this version").field(field)))
        };
        let (fixed, daily) = (edges(&FIXED, file.fixed, "fixed")?, edges(&DAILY, file.daily, "daily")?);
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
        if !finite || !file.trees.iter().all(KeptTree::is_sound) {
            return Err(wrong("expected a sound model, got one with numbers out of range".to_owned()));
        }
        Ok(Self {
            policy: file.policy,
            model: Model {
                hazard: Hazard {
                    fixed,
                    daily,
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
                },
            },
            trained_on: file.trained_on,
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
    fn is_sound(&self) -> bool {
        let numbers = FIXED.len() + DAILY.len();
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
