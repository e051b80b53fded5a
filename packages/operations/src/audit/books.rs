//! The contracts' books, beside what the chain says that they hold.

use noderev_api::common::{DenomSolvency, SolvencyResponse};
use noderev_api::{delegation, distributor, vault};
use noderev_chain::Result;
use serde::Serialize;

use super::{Audit, Contract, Source};

/// Whether what came in is what went out and what is left, and whether it is there.
pub(super) fn audit(source: &impl Source, audit: &mut Audit) -> Result<()> {
    let vault = vault::QueryMsg::Solvency {};
    let distributor = distributor::QueryMsg::Solvency {};
    let delegation = delegation::QueryMsg::Solvency {};
    check(source, "vault", Contract::Vault, &vault, audit)?;
    check(
        source,
        "distributor",
        Contract::Distributor,
        &distributor,
        audit,
    )?;
    check(
        source,
        "delegation",
        Contract::Delegation,
        &delegation,
        audit,
    )
}

fn check(
    source: &impl Source,
    name: &str,
    contract: Contract,
    query: &impl Serialize,
    audit: &mut Audit,
) -> Result<()> {
    let books: SolvencyResponse = source.ask(contract, query)?;
    for entry in &books.denoms {
        let place = format!("{name}, {}", entry.denom);
        let held = source.held(contract, &entry.denom)?;
        compare(&place, entry, held, audit);
    }
    Ok(())
}

fn compare(place: &str, entry: &DenomSolvency, held: u128, audit: &mut Audit) {
    let parts = entry.owed.iter().chain(&entry.carried);
    let liabilities = parts.fold(0_u128, |sum, part| sum.saturating_add(part.amount.u128()));
    audit.same(place, "liabilities", entry.liabilities.u128(), liabilities);
    let left = liabilities.saturating_add(entry.paid.u128());
    audit.same(
        place,
        "received = paid + liabilities",
        entry.received.u128(),
        left,
    );
    audit.same(place, "balance", entry.balance.u128(), held);
    audit.holds(
        place,
        "balance covers liabilities",
        held >= liabilities,
        &held,
        &liabilities,
    );
}
