//! What the messages do.

pub mod admin;
pub mod claim;
pub mod close;
pub mod disputes;
pub mod evidence;
pub mod revenue;
pub mod roll;

use cosmwasm_std::{from_json, Addr, Deps, DepsMut, Env, Response, StdResult, Storage, Timestamp};
use cw20::Cw20ReceiveMsg;
use noderev_api::distributor::ReceiveMsg;
use noderev_components::{Denom, Epoch};

use crate::error::ContractError;
use crate::execute::disputes::Side;
use crate::state::{Config, CONFIG};

/// When a message is executed, and with which wiring.
pub struct Moment {
    pub config: Config,
    pub now: Timestamp,
    pub height: u64,
    /// The running epoch.
    pub epoch: Epoch,
    /// This contract.
    pub contract: Addr,
}

impl Moment {
    pub fn load(storage: &dyn Storage, env: &Env) -> StdResult<Self> {
        let config = CONFIG.load(storage)?;
        Ok(Self {
            epoch: config.clock.epoch_at(env.block.time),
            now: env.block.time,
            height: env.block.height,
            contract: env.contract.address.clone(),
            config,
        })
    }
}

/// A cw20 token has sent tokens.
pub fn receive(
    deps: DepsMut,
    moment: &Moment,
    token: &Addr,
    msg: Cw20ReceiveMsg,
) -> Result<Response, ContractError> {
    let sender = deps.api.addr_validate(&msg.sender)?;
    let amount = msg.amount.u128();
    if amount == 0 {
        return Err(ContractError::ZeroAmount);
    }
    match from_json(&msg.msg)? {
        ReceiveMsg::DepositRevenue {
            over,
            source,
            reference,
        } => {
            let denom = Denom::Cw20(token.to_string());
            revenue::deposit(
                deps, moment, &sender, denom, amount, over, source, reference,
            )
        }
        ReceiveMsg::Appeal { epoch, keys } => {
            ensure_qst(moment, token)?;
            disputes::open(deps, moment, &sender, amount, epoch, keys, Side::Appeal)
        }
        ReceiveMsg::Challenge { epoch, keys } => {
            ensure_qst(moment, token)?;
            disputes::open(deps, moment, &sender, amount, epoch, keys, Side::Challenge)
        }
    }
}

fn ensure_qst(moment: &Moment, token: &Addr) -> Result<(), ContractError> {
    match *token == moment.config.qst {
        true => Ok(()),
        false => Err(ContractError::WrongToken {
            expected: "QST",
            sender: token.clone(),
        }),
    }
}

/// An address from a message.
pub fn validated(deps: Deps, human: &str) -> StdResult<Addr> {
    deps.api.addr_validate(human)
}
