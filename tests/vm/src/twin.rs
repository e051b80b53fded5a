//! The contracts of an embedded network, and the same ones as wasm with the same state.

use std::collections::BTreeMap;

use cosmwasm_std::{Addr, Checksum, Coin, Empty, Storage};
use cw_multi_test::{Contract, ContractWrapper};
use noderev_testing::Network;

use crate::artifacts::{Artifact, ARTIFACTS};
use crate::{Adopted, Chain};

/// A native contract as the embedded chain runs it.
pub type Native = Box<dyn Contract<Empty>>;

/// The native code that an artifact is made of.
pub fn native(artifact: Artifact) -> Native {
    macro_rules! code {
        ($($path:ident)::+) => {{
            use $($path)::+::{execute, instantiate, migrate, query};
            ContractWrapper::new(execute, instantiate, query).with_migrate(migrate)
        }};
    }
    match artifact {
        Artifact::Registry => Box::new(code!(node_registry::contract)),
        Artifact::Vault => Box::new(code!(staking_vault::contract)),
        Artifact::Distributor => Box::new(code!(revenue_distributor::contract)),
        Artifact::Delegation => {
            Box::new(code!(delegation::contract).with_reply(delegation::contract::reply))
        }
        Artifact::Token => Box::new(code!(cw20_base::contract)),
        Artifact::Collection => Box::new(code!(cw721_base::entry)),
        Artifact::Puppet => Box::new(code!(vm_puppet).with_reply(vm_puppet::reply)),
    }
}

/// A network's contracts and what each of them is.
pub fn contracts(network: &Network) -> Vec<(Addr, Artifact)> {
    let at = network.addresses();
    let mut contracts = vec![
        (at.registry.clone(), Artifact::Registry),
        (at.vault.clone(), Artifact::Vault),
        (at.distributor.clone(), Artifact::Distributor),
        (at.delegation.clone(), Artifact::Delegation),
        (at.qst.clone(), Artifact::Token),
        (at.reward_token.clone(), Artifact::Token),
    ];
    let collections = at.collections.iter();
    contracts.extend(collections.map(|it| (it.clone(), Artifact::Collection)));
    let tokens = network
        .denoms()
        .iter()
        .filter_map(|info| match &info.denom {
            noderev_components::Denom::Cw20(token) => Some(Addr::unchecked(token)),
            noderev_components::Denom::Native(_) => None,
        });
    let others: Vec<_> = tokens.filter(|token| *token != at.qst).collect();
    contracts.extend(others.into_iter().map(|it| (it, Artifact::Token)));
    contracts
}

/// Number of all contracts on the embedded chain.
pub fn contracts_on(network: &Network) -> usize {
    const CONTRACTS: &[u8] = b"\0\x04wasm\0\x09contracts";
    network.app().read_module(|_, _, storage: &dyn Storage| {
        let entries = storage.range(Some(CONTRACTS), None, cosmwasm_std::Order::Ascending);
        entries
            .take_while(|(key, _)| key.starts_with(CONTRACTS))
            .count()
    })
}

/// Everybody's native coins.
pub fn coins(network: &Network) -> BTreeMap<Addr, Vec<Coin>> {
    const BALANCES: &[u8] = b"\0\x04bank\0\x08balances";
    network.app().read_module(|_, _, storage: &dyn Storage| {
        let entries = storage.range(Some(BALANCES), None, cosmwasm_std::Order::Ascending);
        let entries = entries.take_while(|(key, _)| key.starts_with(BALANCES));
        let held = entries.filter_map(|(key, value)| {
            let owner = String::from_utf8(key[BALANCES.len()..].to_vec()).ok()?;
            let coins: Vec<Coin> = cosmwasm_std::from_json(value).ok()?;
            Some((Addr::unchecked(owner), coins))
        });
        held.collect()
    })
}

/// A chain that runs the artifacts as the embedded chain runs its codes: numbers of codes by
/// artifact.
pub fn chain_for(network: &Network) -> (Chain, BTreeMap<Artifact, u64>) {
    let mut chain = Chain::new(network.app().block_info());
    let codes = ARTIFACTS.map(|artifact| {
        let code = chain.store_code(&artifact.wasm());
        let code = code.unwrap_or_else(|error| panic!("{}: {error}", artifact.name()));
        (artifact, code)
    });
    (chain, codes.into())
}

/// Brings a chain to the network's state and time.
pub fn follow(chain: &mut Chain, codes: &BTreeMap<Artifact, u64>, network: &Network) {
    chain.set_block(network.app().block_info());
    for (address, artifact) in contracts(network) {
        let info = network.app().wrap().query_wasm_contract_info(&address);
        let info = info.expect("the contract is known");
        chain.adopt(Adopted {
            code_id: codes[&artifact],
            creator: info.creator.into_string(),
            admin: info.admin.map(Addr::into_string),
            entries: network.app().dump_wasm_raw(&address),
            address,
        });
    }
    for (owner, coins) in coins(network) {
        for coin in coins {
            chain.set_balance(&owner, &coin);
        }
    }
}

/// A chain with the network's contracts as wasm, their state, coins and time.
pub fn twin(network: &Network) -> Chain {
    let (mut chain, codes) = chain_for(network);
    follow(&mut chain, &codes, network);
    chain
}

/// The checksum that cw-multi-test makes up for a code.
pub fn made_up_checksum(code_id: u64) -> Checksum {
    Checksum::generate(format!("contract code {code_id}").as_bytes())
}
