//! Tests of single pieces; stories with all contracts are in the `tests` crate.

use std::collections::BTreeSet;

use crate::state::NAMESPACES;

mod accounts;
mod limits;
mod links;
mod migrations;
mod permissions;
mod replies;
mod returns;
mod support;

#[test]
fn namespaces_differ_and_never_meet_named_items() {
    let unique: BTreeSet<_> = NAMESPACES.iter().collect();
    assert_eq!(unique.len(), NAMESPACES.len());
    assert!(NAMESPACES.iter().all(|namespace| *namespace >= 0x80));
}
