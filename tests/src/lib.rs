#![doc = include_str!("../README.md")]

pub mod act;
pub mod checks;
pub mod ext;
pub mod messages;
pub mod play;
pub mod shadow;
pub mod world;
