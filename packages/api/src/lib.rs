#![doc = include_str!("../README.md")]

pub mod common;
pub mod distributor;
pub mod registry;
pub mod vault;
