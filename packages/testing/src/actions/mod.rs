//! One helper per message. The plain one fails the test at its caller, the one with `try_` answers
//! a `Result`.

use cosmwasm_std::{from_json, Addr, Coin};
use cw_multi_test::AppResponse;
use noderev_api::common::{ClaimSummary, SudoMsg};
use noderev_api::delegation::{self, DelegationId};
use noderev_api::{distributor, registry, vault};
use noderev_components::KeyId;
use serde::de::DeserializeOwned;

use crate::network::Network;

/// Key numbers as the messages take them.
fn ids(keys: &[u32]) -> Vec<KeyId> {
    keys.iter().map(|key| KeyId(*key)).collect()
}

fn some_ids(keys: Option<&[u32]>) -> Option<Vec<KeyId>> {
    keys.map(ids)
}

fn delegation_id(delegation: Option<u16>) -> Option<DelegationId> {
    delegation.map(DelegationId)
}

#[track_caller]
fn done<T>(what: &str, result: anyhow::Result<T>) -> T {
    match result {
        Ok(done) => done,
        Err(error) => panic!("{what}: {error:#}"),
    }
}

/// What a claim answered.
#[track_caller]
fn answered<T: DeserializeOwned>(response: &AppResponse) -> T {
    #[allow(deprecated, reason = "the field of this version of cw-multi-test")]
    let data = response.data.clone().expect("a claim answers data");
    from_json(data).expect("a claim answers a summary")
}

/// Claims of an account until another would settle nothing more; their summaries.
#[track_caller]
fn pages(account: &str, mut claim: impl FnMut() -> ClaimSummary) -> Vec<ClaimSummary> {
    let mut pages = Vec::new();
    loop {
        let page = claim();
        let more = page.next;
        pages.push(page);
        if !more {
            return pages;
        }
        assert!(pages.len() < 1_000, "claims of {account} never end");
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident / $try_name:ident ($network:ident $(, $arg:ident: $kind:ty)*) $body:block)*) => {
        $(
            $(#[$doc])*
            ///
            /// Fails the test if the contract refuses.
            #[track_caller]
            pub fn $name(&mut self $(, $arg: $kind)*) -> AppResponse {
                done(stringify!($name), self.$try_name($($arg),*))
            }

            $(#[$doc])*
            pub fn $try_name(&mut self $(, $arg: $kind)*) -> anyhow::Result<AppResponse> {
                let $network = self;
                $body
            }
        )*
    };
}

mod delegations;
mod distribution;
mod keys;
mod nfts;
mod rewards;
mod stakes;

pub use rewards::{client_key, public_key};

/// Messages that have no helper of their own.
impl Network {
    actions! {
        /// Any message to any contract.
        execute / try_execute_msg(network, sender: &str, contract: &Addr, msg: &impl serde::Serialize, funds: &[Coin]) {
            network.try_execute(sender, contract, msg, funds)
        }
        /// Any message to the registry.
        on_registry / try_on_registry(network, sender: &str, msg: &registry::ExecuteMsg) {
            let contract = network.addresses().registry.clone();
            network.try_execute(sender, &contract, msg, &[])
        }
        /// Any message to the vault.
        on_vault / try_on_vault(network, sender: &str, msg: &vault::ExecuteMsg) {
            let contract = network.addresses().vault.clone();
            network.try_execute(sender, &contract, msg, &[])
        }
        /// Any message to the distributor.
        on_distributor / try_on_distributor(network, sender: &str, msg: &distributor::ExecuteMsg) {
            let contract = network.addresses().distributor.clone();
            network.try_execute(sender, &contract, msg, &[])
        }
        /// Any message to the delegation contract.
        on_delegation / try_on_delegation(network, sender: &str, msg: &delegation::ExecuteMsg) {
            let contract = network.addresses().delegation.clone();
            network.try_execute(sender, &contract, msg, &[])
        }
        /// QST sent to the registry.
        send_registry / try_send_registry(network, sender: &str, amount: u128, msg: &registry::ReceiveMsg) {
            let contract = network.addresses().registry.clone();
            network.try_send_qst(sender, amount, &contract, msg)
        }
        /// QST sent to the vault.
        send_vault / try_send_vault(network, sender: &str, amount: u128, msg: &vault::ReceiveMsg) {
            let contract = network.addresses().vault.clone();
            network.try_send_qst(sender, amount, &contract, msg)
        }
        /// QST sent to the distributor.
        send_distributor / try_send_distributor(network, sender: &str, amount: u128, msg: &distributor::ReceiveMsg) {
            let contract = network.addresses().distributor.clone();
            network.try_send_qst(sender, amount, &contract, msg)
        }
        /// Reward tokens sent to the delegation contract.
        send_delegation / try_send_delegation(network, sender: &str, amount: u128, msg: &delegation::ReceiveMsg) {
            let (token, contract) = (network.addresses().reward_token.clone(), network.addresses().delegation.clone());
            network.try_send(sender, &token, amount, &contract, msg)
        }
    }

    /// What a chain with a clock does after each block: tells it to the contracts that close epochs.
    #[track_caller]
    pub fn end_block(&mut self) -> Vec<AppResponse> {
        let contracts = [
            self.addresses().distributor.clone(),
            self.addresses().delegation.clone(),
        ];
        let told = contracts.into_iter().map(|contract| {
            let done = self.app.wasm_sudo(contract, &SudoMsg::ClockEndBlock {});
            done.expect("the end of a block is never refused")
        });
        told.collect()
    }

    fn try_send_qst(
        &mut self,
        sender: &str,
        amount: u128,
        contract: &Addr,
        msg: &impl serde::Serialize,
    ) -> anyhow::Result<AppResponse> {
        let token = self.addresses().qst.clone();
        self.try_send(sender, &token, amount, contract, msg)
    }
}
