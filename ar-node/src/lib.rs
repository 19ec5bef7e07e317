//! The Node addon: the facade in JavaScript's own types.
//!
//! Nothing is decided here. Facts come in through [`facts`], single values through [`values`], the facade answers, and a
//! refusal leaves through [`errors`]; `lib/` gives all of it the shape that people see.

mod columns;
mod credit;
mod dense;
mod dunning;
mod errors;
mod facts;
mod import;
mod json;
mod kpi;
mod ledger;
mod letters;
mod prediction;
mod provision;
mod task;
mod tools;
mod values;
