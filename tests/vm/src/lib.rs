#![doc = include_str!("../README.md")]

pub mod artifacts;
mod backend;
mod bank;
mod chain;
pub mod figures;
pub mod gas;
pub mod gates;
mod machine;
mod messages;
mod query;
pub mod replay;
mod store;
pub mod twin;

pub use crate::chain::{execute, Adopted, Asked, Chain, Done, Failed};
pub use crate::machine::{Access, Call};
pub use noderev_testing;
