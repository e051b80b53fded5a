//! What the messages do.

pub mod admin;
pub mod advance;
pub mod claim;
pub mod collections;
pub mod delegations;
pub mod evidence;
pub mod injections;
pub mod link;
pub mod members;
pub mod mint;
pub mod nfts;
pub mod validators;

use cosmwasm_std::{from_json, Addr, Api, DepsMut, Event, Response};
use cw20::Cw20ReceiveMsg;
use noderev_api::delegation::{ReceiveMsg, MAX_BATCH};
use noderev_components::{each, Account, Batch};

use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::load_token;

/// A cw20 token has sent tokens.
pub fn receive(
    deps: DepsMut,
    moment: &Moment,
    token: &Addr,
    msg: Cw20ReceiveMsg,
) -> Result<Response, Refusal> {
    let own = load_token(deps.storage, deps.api)?.addr;
    if *token != own {
        return Err(ContractError::WrongToken {
            token: own,
            sender: token.clone(),
        }
        .into());
    }
    let sender = deps.api.addr_validate(&msg.sender)?;
    let amount = msg.amount.u128();
    if amount == 0 {
        return Err(ContractError::ZeroAmount.into());
    }
    match from_json(&msg.msg)? {
        ReceiveMsg::Inject {
            over,
            source,
            reference,
        } => {
            let given = injections::Given {
                amount,
                over,
                source,
                reference,
            };
            injections::inject(deps, moment, &own, &sender, given)
        }
    }
}

/// A response of one action and one event.
pub fn done(action: &str, event: Event) -> Response {
    Response::new()
        .add_attribute("action", action)
        .add_event(event)
}

/// Accounts that one message may name.
const ACCOUNTS: Batch = Batch::new("account", "accounts", MAX_BATCH);

/// Accounts named in a message, none twice however they are written.
pub fn parse_accounts(api: &dyn Api, names: &[String]) -> Result<Vec<(Addr, Account)>, Refusal> {
    ACCOUNTS.ensure(names)?;
    each(names, |name| {
        let addr = api.addr_validate(name)?;
        let account = Account::of(api, &addr)?;
        Ok((addr, account))
    })
}
