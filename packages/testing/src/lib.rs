#![doc = include_str!("../README.md")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test support: a failure here is a failing test, reported at its caller"
)]

mod actions;
mod builder;
mod contracts;
mod invariants;
mod network;
mod queries;

pub use builder::{Builder, Currency};
pub use cw_multi_test::AppResponse;
pub use network::{Addresses, Network, Panicked, QST};
pub use queries::{DistributorView, RegistryView, VaultView};

#[cfg(test)]
mod tests;
