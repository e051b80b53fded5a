//! Revenue in: allowed currencies, spread over epochs, each deposit on record.

use cosmwasm_std::{Addr, DepsMut, MessageInfo, Response};
use noderev_api::distributor::{Activity, MAX_TEXT};
use noderev_components::{one_coin, Account, Denom, Local, Place};
use noderev_economics::spread;

use super::admin::ensure_within;
use crate::error::ContractError;
use crate::moment::Moment;
use crate::state::{save_deposit, use_reference, Denoms, Deposit, EVENTS, LEDGER, PAUSES, STREAMS};

/// Takes the one coin sent.
pub fn deposit_native(
    deps: DepsMut,
    moment: &Moment,
    info: &MessageInfo,
    over: u32,
    source: String,
    reference: String,
) -> Result<Response, ContractError> {
    let coin = one_coin(info)?;
    let denom = Denom::Native(coin.denom.clone());
    let amount = coin.amount.u128();
    deposit(
        deps,
        moment,
        &info.sender,
        denom,
        amount,
        over,
        source,
        reference,
    )
}

/// Records a deposit of gross revenue, spread over `over` epochs from the running one.
#[allow(clippy::too_many_arguments)] // the fields of one deposit
pub fn deposit(
    deps: DepsMut,
    moment: &Moment,
    depositor: &Addr,
    denom: Denom,
    amount: u128,
    over: u32,
    source: String,
    reference: String,
) -> Result<Response, ContractError> {
    PAUSES.ensure_running(&Local(deps.storage), Activity::Deposits, moment.now)?;
    ensure_within("source length", source.len() as u128, 1, MAX_TEXT as u128)?;
    ensure_within(
        "reference length",
        reference.len() as u128,
        1,
        MAX_TEXT as u128,
    )?;
    spread(amount, over)?;
    let index = Denoms::load(deps.storage)?.index(&denom);
    let index = index.ok_or_else(|| ContractError::UnknownDenom {
        denom: denom.clone(),
    })?;
    if !use_reference(deps.storage, &source, &reference) {
        return Err(ContractError::ReferenceUsed {
            source_name: source,
            reference,
        });
    }
    LEDGER.update(deps.storage, index, |books| {
        Ok::<_, ContractError>(books.receive(Place::Ahead, amount)?)
    })?;
    STREAMS.add(deps.storage, index, moment.epoch, over, amount)?;
    let (number, event) = EVENTS.next(deps.storage, "revenue", moment.epoch)?;
    let record = Deposit {
        depositor: Account::of(deps.api, depositor)?,
        denom: index,
        amount,
        from: moment.epoch,
        over,
        source: source.clone().into_bytes(),
        reference: reference.clone().into_bytes(),
    };
    save_deposit(deps.storage, number, &record);
    let event = event
        .add_attribute("depositor", depositor)
        .add_attribute("denom", denom.to_string())
        .add_attribute("amount", amount.to_string())
        .add_attribute("over", over.to_string())
        .add_attribute("from_epoch", moment.epoch.to_string())
        .add_attribute("until_epoch", moment.epoch.plus(over).to_string())
        .add_attribute("source", source)
        .add_attribute("reference", reference);
    Ok(Response::new()
        .add_attribute("action", "deposit_revenue")
        .add_event(event))
}
