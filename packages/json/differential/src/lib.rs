//! Nothing but tests: both crates read the same texts and write the same values.
