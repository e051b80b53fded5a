#![doc = include_str!("../README.md")]

pub mod common;
pub mod delegation;
pub mod distributor;
pub mod registry;
#[cfg(not(target_arch = "wasm32"))]
pub mod schema;
pub mod vault;
