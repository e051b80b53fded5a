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
mod journal;
mod network;
mod nfts;
mod queries;
mod rehearsal;
mod setup;

pub use actions::{client_key, public_key};
pub use builder::{Builder, Currency, RewardToken};
pub use contracts::Code;
pub use cw_multi_test::AppResponse;
pub use journal::{Act, Creation, Entry, Execution, Journal};
pub use k256::ecdsa::SigningKey;
pub use network::{wallet, Addresses, Network, Panicked, QST, REWARD};
pub use nfts::{NftCollection, GOLD, PLAIN, WEIGHTS};
pub use queries::{DelegationView, DistributorView, RegistryView, VaultView};
pub use rehearsal::{rehearse, Planned};

#[cfg(test)]
mod tests;
