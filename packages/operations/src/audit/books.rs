//! The contracts' books, beside what the chain says that they hold.

use core::fmt::Display;

use noderev_api::common::{DenomSolvency, SolvencyResponse};
use noderev_api::{delegation, distributor, registry, vault};
use noderev_chain::Result;

use super::{Audit, Source};
use crate::Contract;

/// The contracts that hold money.
pub(crate) const HOLDERS: [Contract; 4] = [
    Contract::Registry,
    Contract::Vault,
    Contract::Distributor,
    Contract::Delegation,
];
/// How often is asked again when money may have moved between two questions.
const ATTEMPTS: u32 = 5;

/// A currency's books, and what is there.
pub(crate) struct Books {
    /// As the contract tells them.
    pub entry: DenomSolvency,
    /// What the chain or the token says that the contract holds, smallest units.
    pub held: u128,
}

/// A figure of the books.
pub(crate) struct Figure {
    name: &'static str,
    told: String,
    expected: String,
    right: bool,
}

impl Figure {
    fn same<T: PartialEq + Display>(name: &'static str, told: T, expected: T) -> Self {
        Self {
            name,
            right: told == expected,
            told: told.to_string(),
            expected: expected.to_string(),
        }
    }
}

/// Whether what came in is what went out and what is left, and whether it is there.
pub(super) fn audit(source: &impl Source, audit: &mut Audit) -> Result<()> {
    for contract in HOLDERS {
        for books in books(source, contract)? {
            let place = format!("{}, {}", contract.name(), books.entry.denom);
            for figure in books.figures() {
                let Figure { told, expected, .. } = &figure;
                audit.holds(&place, figure.name, figure.right, told, expected);
            }
        }
    }
    Ok(())
}

/// A contract's books. Money may come between the question for books and the one for balances:
/// where they differ both are asked again, up to five times.
pub(crate) fn books(source: &impl Source, contract: Contract) -> Result<Vec<Books>> {
    let mut all = ask(source, contract)?;
    for _ in 1..ATTEMPTS {
        if all.iter().all(Books::right) {
            break;
        }
        all = ask(source, contract)?;
    }
    Ok(all)
}

fn ask(source: &impl Source, contract: Contract) -> Result<Vec<Books>> {
    let told = solvency(source, contract)?;
    let with_held = |entry: DenomSolvency| {
        let held = source.held(contract, &entry.denom)?;
        Ok(Books { entry, held })
    };
    told.denoms.into_iter().map(with_held).collect()
}

/// A contract's books as it tells them.
pub(crate) fn solvency(source: &impl Source, contract: Contract) -> Result<SolvencyResponse> {
    match contract {
        Contract::Registry => source.ask(contract, &registry::QueryMsg::Solvency {}),
        Contract::Vault => source.ask(contract, &vault::QueryMsg::Solvency {}),
        Contract::Distributor => source.ask(contract, &distributor::QueryMsg::Solvency {}),
        Contract::Delegation => source.ask(contract, &delegation::QueryMsg::Solvency {}),
    }
}

impl Books {
    /// All that is owed or carried, smallest units.
    pub(crate) fn liabilities(&self) -> u128 {
        let parts = self.entry.owed.iter().chain(&self.entry.carried);
        parts.fold(0_u128, |sum, part| sum.saturating_add(part.amount.u128()))
    }

    /// Whether every figure is right.
    pub(crate) fn right(&self) -> bool {
        self.figures().iter().all(|figure| figure.right)
    }

    fn figures(&self) -> [Figure; 5] {
        let (entry, held, liabilities) = (&self.entry, self.held, self.liabilities());
        let left = liabilities.saturating_add(entry.paid.u128());
        [
            Figure::same("liabilities", entry.liabilities.u128(), liabilities),
            Figure::same("received = paid + liabilities", entry.received.u128(), left),
            Figure::same("balance", entry.balance.u128(), held),
            Figure {
                name: "balance covers liabilities",
                right: held >= liabilities,
                told: held.to_string(),
                expected: liabilities.to_string(),
            },
            Figure::same("solvent", entry.solvent, true),
        ]
    }
}
