//! When will the money come? For every open item a distribution over days, learnt from how customers have paid.
#![expect(
    clippy::float_arithmetic,
    reason = "chances are no money: this room reckons with IEEE basic operations in a fixed order, the same everywhere"
)]
#![expect(
    clippy::arithmetic_side_effects,
    reason = "days lie within 1900 to 2199 once a book has taken them, and counts are those of rows in memory"
)]

mod accuracy;
mod ask;
mod at_risk;
mod book;
mod calendar;
mod calibration;
mod cash;
mod cash_policy;
mod coming;
mod curve;
mod dealings;
mod features;
mod file;
mod forecast;
mod forest;
mod gather;
mod habits;
mod hazard;
mod hier_snap;
mod history;
mod learner;
mod math;
mod model;
mod policy;
mod predict;
mod promises;
mod reasons;
mod replay;
mod runs;

pub use accuracy::{AccuracyRow, AccuracyTotal, ForecastAccuracy};
pub use ask::PredictionAsk;
pub use at_risk::CashAtRisk;
pub use book::{Book, Invoice, Question};
pub use calendar::{BankingDays, open_weekdays};
pub use calibration::{Calibration, CalibrationOutcome, Drift, DriftOutcome};
pub use cash::{CashForecast, CashRow, CashSum};
pub use cash_policy::{CashPeriod, CashPolicy, DiscountRule, PromiseRule};
pub use forecast::Forecast;
pub use hier_snap::HierSnapSettings;
pub use learner::{Growth, Progress};
pub use model::{Desk, Model, Training};
pub use policy::PredictionPolicy;
pub use predict::{Prediction, PredictionBasis, PredictionModel};
pub use reasons::PredictionReason;
