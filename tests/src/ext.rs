//! What stories need beyond the suite's own helpers.
