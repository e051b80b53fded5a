//! Revenue in: allowed currencies, spread over epochs, each deposit on record.

use cosmwasm_std::{Addr, DepsMut, MessageInfo, Response};
use noderev_api::distributor::Activity;
use noderev_components::{one_coin, Account, Denom, Deposit, Local, Place};
use noderev_economics::spread;

use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{DEPOSITS, EVENTS, LEDGER, PAUSES, STREAMS};

/// Takes the one coin sent.
pub fn deposit_native(
    deps: DepsMut,
    moment: &Moment,
    info: &MessageInfo,
    over: u32,
    source: String,
    reference: String,
) -> Result<Response, Refusal> {
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
) -> Result<Response, Refusal> {
    PAUSES.ensure_running(&Local(deps.storage), Activity::Deposits, moment.now)?;
    spread(amount, over)?;
    let index = moment.config.index(&denom);
    let index = index.ok_or_else(|| ContractError::UnknownDenom {
        denom: denom.clone(),
    })?;
    LEDGER.update(deps.storage, index, |books| {
        Ok::<_, Refusal>(books.receive(Place::Ahead, amount)?)
    })?;
    STREAMS.add(deps.storage, index, moment.epoch, over, amount)?;
    let deposit = Deposit {
        depositor: Account::of(deps.api, depositor)?,
        denom: index,
        amount,
        from: moment.epoch,
        over,
        source,
        reference,
    };
    let event = DEPOSITS.add(deps.storage, deps.api, &EVENTS, "revenue", &denom, &deposit)?;
    Ok(Response::new()
        .add_attribute("action", "deposit_revenue")
        .add_event(event))
}
