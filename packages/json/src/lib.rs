#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

pub mod de;
mod error;
pub mod ser;

pub use de::{from_slice, from_str};
pub use ser::{to_string, to_vec};
