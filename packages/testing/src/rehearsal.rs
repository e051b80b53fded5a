//! Creating contracts on an embedded chain exactly as they would be created on a real one.

use std::collections::BTreeMap;

use cosmwasm_std::testing::{MockApi, MockStorage};
use cosmwasm_std::{Addr, Api, Binary, BlockInfo, CanonicalAddr, Storage, Timestamp, WasmMsg};
use cw_multi_test::error::AnyResult;
use cw_multi_test::{AddressGenerator, AppBuilder, Executor, WasmKeeper};

use crate::contracts::{self, Code};

/// A contract to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Name of its code: that of its file of wasm, without ending.
    pub code: String,
    /// Where it will be.
    pub address: String,
    /// Its message, JSON.
    pub msg: Vec<u8>,
}

/// Creates contracts in this order, at the addresses that they will have on a chain with this prefix
/// of addresses, whose latest block has this time. Answers the first that is refused, by its place,
/// and why.
pub fn rehearse(
    prefix: &'static str,
    now: Timestamp,
    creator: &str,
    creations: &[Planned],
) -> Result<(), (usize, String)> {
    let addresses = creations.iter().enumerate();
    let addresses = addresses.map(|(place, one)| (salt(place), one.address.clone()));
    let wasm = WasmKeeper::new().with_address_generator(Foreseen(addresses.collect()));
    let block = BlockInfo {
        height: 1,
        time: now,
        chain_id: "rehearsal".into(),
    };
    let mut app = AppBuilder::new()
        .with_api(MockApi::default().with_prefix(prefix))
        .with_storage(MockStorage::new())
        .with_wasm(wasm)
        .with_block(block)
        .build(|_, _, _| {});
    for (place, one) in creations.iter().enumerate() {
        let refuse = |reason: String| (place, reason);
        let code = code(&one.code).ok_or_else(|| refuse(format!("no code {}", one.code)))?;
        let msg = WasmMsg::Instantiate2 {
            admin: None,
            code_id: app.store_code(code),
            label: one.code.clone(),
            msg: Binary::from(one.msg.as_slice()),
            funds: Vec::new(),
            salt: salt(place).into(),
        };
        let done = app.execute(Addr::unchecked(creator), msg.into());
        done.map_err(|error| refuse(error.root_cause().to_string()))?;
    }
    Ok(())
}

/// The embedded chain's salts only say which contract it is.
fn salt(place: usize) -> Vec<u8> {
    place.to_be_bytes().to_vec()
}

fn code(name: &str) -> Option<Code> {
    match name {
        "cw20_base" => Some(contracts::token()),
        "node_registry" => Some(contracts::registry()),
        "staking_vault" => Some(contracts::vault()),
        "revenue_distributor" => Some(contracts::distributor()),
        "delegation" => Some(contracts::delegation()),
        _ => None,
    }
}

/// Addresses by salt.
struct Foreseen(BTreeMap<Vec<u8>, String>);

impl AddressGenerator for Foreseen {
    fn predictable_contract_address(
        &self,
        _api: &dyn Api,
        _storage: &mut dyn Storage,
        _code_id: u64,
        _instance_id: u64,
        _checksum: &[u8],
        _creator: &CanonicalAddr,
        salt: &[u8],
    ) -> AnyResult<Addr> {
        let address = self.0.get(salt).expect("every contract has its salt");
        Ok(Addr::unchecked(address))
    }
}
