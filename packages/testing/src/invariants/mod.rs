//! What must hold after every message.

use cosmwasm_std::{Addr, StdResult, Uint128};
use noderev_api::common::{DenomSolvency, SolvencyResponse};
use noderev_api::{delegation as delegation_api, distributor, registry, vault};

use crate::network::{Network, REWARD_FAUCET_HAS};

mod delegation;

impl Network {
    /// All that is wrong with the contracts' books; empty if nothing is.
    pub fn check_invariants(&self) -> Vec<String> {
        let at = self.addresses();
        let registry = self.registry().try_query(&registry::QueryMsg::Solvency {});
        let vault = self.vault().try_query(&vault::QueryMsg::Solvency {});
        let distributor = self
            .distributor()
            .try_query(&distributor::QueryMsg::Solvency {});
        let mut faults = self.check_books("registry", &at.registry, registry);
        faults.extend(self.check_books("vault", &at.vault, vault));
        faults.extend(self.check_books("distributor", &at.distributor, distributor));
        let delegation = self
            .delegation()
            .try_query(&delegation_api::QueryMsg::Solvency {});
        faults.extend(self.check_books("delegation", &at.delegation, delegation));
        faults.extend(self.check_reward_supply());
        faults
    }

    /// Whether all reward tokens come from the faucet or from the pools of closed epochs.
    fn check_reward_supply(&self) -> Option<String> {
        let query = delegation_api::QueryMsg::Network {};
        let answer: StdResult<delegation_api::NetworkResponse> =
            self.delegation().try_query(&query);
        let minted = match answer {
            Ok(network) => network.minted.u128(),
            Err(error) => return Some(format!("delegation: no answer about its mint: {error}")),
        };
        let (supply, expected) = (
            self.reward_supply(),
            REWARD_FAUCET_HAS + minted - self.burnt,
        );
        (supply != expected).then(|| {
            format!("delegation: {supply} reward tokens exist, {expected} with {minted} minted")
        })
    }

    /// Fails the test if anything is wrong with the contracts' books.
    #[track_caller]
    pub fn assert_invariants(&self) {
        let faults = self.check_invariants();
        assert!(faults.is_empty(), "books are wrong:\n{}", faults.join("\n"));
    }

    fn check_books(
        &self,
        name: &str,
        contract: &Addr,
        answer: StdResult<SolvencyResponse>,
    ) -> Vec<String> {
        let books = match answer {
            Ok(answer) => answer.denoms,
            Err(error) => return vec![format!("{name}: no answer about its books: {error}")],
        };
        let faults = books.iter().flat_map(|books| {
            let held = self.balance(contract.as_str(), &books.denom);
            faults_of(books, held)
                .into_iter()
                .map(|fault| format!("{name}, {}: {fault}", books.denom))
        });
        faults.collect()
    }
}

pub(crate) fn faults_of(books: &DenomSolvency, held: u128) -> Vec<String> {
    let parts = books.owed.iter().chain(&books.carried);
    let parts: Uint128 = parts.map(|part| part.amount).sum();
    let accounted = books.paid + books.liabilities;
    let claimed = books.liabilities + books.surplus;
    let checks = [
        (!books.solvent).then(|| "says that it is not solvent".to_owned()),
        (books.received != accounted)
            .then(|| format!("received {}, paid and owes {accounted}", books.received)),
        (parts != books.liabilities)
            .then(|| format!("owes {}, its buckets hold {parts}", books.liabilities)),
        (books.balance != claimed)
            .then(|| format!("balance {}, owes and exceeds {claimed}", books.balance)),
        (books.balance.u128() != held)
            .then(|| format!("says that it holds {}, it holds {held}", books.balance)),
    ];
    checks.into_iter().flatten().collect()
}
