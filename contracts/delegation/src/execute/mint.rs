//! The mint: what the token refuses is owed, and made up for once.

use cosmwasm_std::{to_json_binary, Api, DepsMut, Reply, Response, Storage, SubMsgResult, WasmMsg};
use cw20::Cw20ExecuteMsg;
use noderev_components::{packed_struct, Epoch, Local, Packed, Place, StdResult};

use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{buckets, load_token, mint_owed, save_mint_owed, LEDGER, TOKEN};

/// Number of a reply to a mint.
pub const REPLY: u64 = 1;

/// A mint that is under way.
pub struct Owed {
    pub epoch: Epoch,
    pub amount: u128,
}
packed_struct!(Owed { epoch, amount });

/// Mints to this contract.
pub fn message(
    storage: &dyn Storage,
    api: &dyn Api,
    moment: &Moment,
    amount: u128,
) -> StdResult<WasmMsg> {
    let mint = Cw20ExecuteMsg::Mint {
        recipient: moment.contract.to_string(),
        amount: amount.into(),
    };
    Ok(WasmMsg::Execute {
        contract_addr: load_token(storage, api)?.addr.into_string(),
        msg: to_json_binary(&mint)?,
        funds: vec![],
    })
}

/// The token has refused: what was counted as received is taken back and owed by it. Who earned it
/// stays as it is.
pub fn refused(deps: DepsMut, moment: &Moment, reply: &Reply) -> Result<Response, Refusal> {
    let SubMsgResult::Err(reason) = &reply.result else {
        return Err(ContractError::UnexpectedReply { id: reply.id }.into());
    };
    let Owed { epoch, amount } = Owed::from_packed(&reply.payload)?;
    LEDGER.update(deps.storage, TOKEN, |books| {
        Ok::<_, Refusal>(books.revoke(Place::Bucket(buckets::REWARDS), amount)?)
    })?;
    let owed = mint_owed(deps.storage)?.saturating_add(amount);
    save_mint_owed(deps.storage, owed);
    let event = moment
        .event(deps.storage, "mint_refused")?
        .add_attribute("for_epoch", epoch.to_string())
        .add_attribute("amount", amount.to_string())
        .add_attribute("owed", owed.to_string())
        .add_attribute("reason", reason);
    Ok(Response::new().add_event(event))
}

/// Mints what is owed. Refused again, everything stays as it was.
pub fn retry_mint(deps: DepsMut, moment: &Moment) -> Result<Response, Refusal> {
    let owed = mint_owed(deps.storage)?;
    if owed == 0 {
        return Err(ContractError::NoMintOwed.into());
    }
    save_mint_owed(deps.storage, 0);
    LEDGER.update(deps.storage, TOKEN, |books| {
        Ok::<_, Refusal>(books.receive(Place::Bucket(buckets::REWARDS), owed)?)
    })?;
    let event = moment
        .event(deps.storage, "mint_made_up")?
        .add_attribute("amount", owed.to_string());
    Ok(Response::new()
        .add_attribute("action", "retry_mint")
        .add_event(event)
        .add_message(message(deps.storage, deps.api, moment, owed)?))
}

/// Refuses to pay more than the token has minted so far.
pub fn ensure_backed(storage: &dyn Storage, amount: u128) -> Result<(), Refusal> {
    let books = LEDGER.load(&Local(storage), TOKEN)?;
    let have = books.holds(Place::Bucket(buckets::REWARDS));
    if amount <= have {
        return Ok(());
    }
    Err(ContractError::AwaitingMint {
        need: amount.into(),
        have: have.into(),
        mint_owed: mint_owed(storage)?.into(),
    }
    .into())
}
