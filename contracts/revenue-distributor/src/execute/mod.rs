//! What the messages do.

pub mod admin;
pub mod claim;
pub mod close;
pub mod disputes;
pub mod evidence;
pub mod revenue;
pub mod roll;

use cosmwasm_std::{from_json, Addr, Deps, DepsMut, Response};
use cw20::Cw20ReceiveMsg;
use noderev_api::distributor::ReceiveMsg;
use noderev_components::{Denom, StdResult};

use crate::error::{ContractError, Refusal};
use crate::execute::disputes::Side;
use crate::moment::Moment;

/// A cw20 token has sent tokens.
pub fn receive(
    deps: DepsMut,
    moment: &Moment,
    token: &Addr,
    msg: Cw20ReceiveMsg,
) -> Result<Response, Refusal> {
    let sender = deps.api.addr_validate(&msg.sender)?;
    let amount = msg.amount.u128();
    if amount == 0 {
        return Err(ContractError::ZeroAmount.into());
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

fn ensure_qst(moment: &Moment, token: &Addr) -> Result<(), Refusal> {
    match *token == moment.config.qst {
        true => Ok(()),
        false => Err(ContractError::WrongToken {
            expected: "QST",
            sender: token.clone(),
        }
        .into()),
    }
}

/// An address from a message.
pub fn validated(deps: Deps, human: &str) -> StdResult<Addr> {
    Ok(deps.api.addr_validate(human)?)
}
