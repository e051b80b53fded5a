//! Messages, by concept.

pub mod admin;
pub mod cw721;
pub mod issue;
pub mod market;
pub mod node;
pub mod split;

use cosmwasm_std::{Addr, CosmosMsg, DepsMut, Env, Event, MessageInfo, WasmMsg};
use noderev_api::registry::{Params, MAX_BATCH};
use noderev_api::vault;
use noderev_components::{Account, Batch, Governance, KeyId, Local, StdResult};

use crate::error::{ContractError, Refusal};
use crate::keys::Held;
use crate::moment::Moment;
use crate::state::{EVENTS, PARAMS};

/// Keys that a message or query names.
pub const KEYS: Batch = Batch::new("key", "keys", MAX_BATCH);

/// A message's surroundings.
pub struct Ctx<'a> {
    pub deps: DepsMut<'a>,
    pub env: Env,
    pub info: MessageInfo,
    pub now: Moment,
}

impl Ctx<'_> {
    /// The next typed event.
    pub fn event(&mut self, what: &str) -> StdResult<Event> {
        EVENTS.emit(self.deps.storage, what, self.now.epoch)
    }

    /// What governance messages do.
    pub fn governance(&mut self) -> Governance<'_> {
        Governance {
            storage: self.deps.storage,
            events: &EVENTS,
            clock: &self.now.config.clock,
            now: self.env.block.time,
        }
    }

    /// A key and who holds it now.
    pub fn held(&self, id: KeyId) -> Result<Held, Refusal> {
        Held::load(self.deps.storage, self.deps.api, &self.now, id)
    }

    /// The parameters in force.
    pub fn params(&self) -> StdResult<Params> {
        PARAMS.at(&Local(self.deps.storage), self.now.epoch)
    }

    /// An account that may get keys: anybody but the registry and the contracts it works with.
    pub fn parse_recipient(&self, recipient: &str) -> Result<(Addr, Account), Refusal> {
        let addr = self.deps.api.addr_validate(recipient)?;
        let registry = &self.env.contract.address;
        match self.now.config.suite_name(registry, &addr) {
            Some("registry") => {
                return Err(ContractError::RegistryAsOwner { registry: addr }.into())
            }
            Some(contract) => return Err(ContractError::ContractAsOwner { contract, addr }.into()),
            None => {}
        }
        let account = Account::of(self.deps.api, &addr)?;
        Ok((addr, account))
    }
}

/// Tells the vault that keys have changed hands without their stakes; nothing if there are none.
pub fn release_message(
    now: &Moment,
    releases: Vec<vault::Release>,
) -> StdResult<Option<CosmosMsg>> {
    if releases.is_empty() {
        return Ok(None);
    }
    let message = WasmMsg::Execute {
        contract_addr: now.config.vault.to_string(),
        msg: cosmwasm_std::to_json_binary(&vault::ExecuteMsg::ReleaseStakes { releases })?,
        funds: vec![],
    };
    Ok(Some(message.into()))
}
