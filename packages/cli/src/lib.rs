//! Node revenue from files: reads what happened in a network, runs it, and reports who earned
//! what and why.
//!
//! [`input`] reads a [`input::Scenario`] from a folder, [`sample`] makes one up, [`run`] drives
//! it through the contracts into [`results`], which [`report`] and [`table`] show. [`chain`] has the
//! commands to contracts on a real chain, [`play`] runs a scenario there.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "in tests an overflow is a failing test"
    )
)]

pub mod answer;
pub mod chain;
pub mod cli;
pub mod explain;
pub mod format;
pub mod input;
pub mod play;
pub mod report;
pub mod results;
pub mod run;
pub mod sample;
pub mod table;
