//! Injections: tokens that anyone adds to coming pools.

use cosmwasm_std::{Addr, DepsMut, Response};
use noderev_api::delegation::Activity;
use noderev_components::{Account, Denom, Deposit, Local, Place};
use noderev_economics::spread;

use super::done;
use crate::error::Refusal;
use crate::moment::Moment;
use crate::state::{DEPOSITS, EVENTS, LEDGER, PAUSES, STREAMS, TOKEN};

/// What is injected.
pub struct Given {
    pub amount: u128,
    pub over: u32,
    pub source: String,
    pub reference: String,
}

/// Records an injection, spread over `over` epochs from the running one.
pub fn inject(
    deps: DepsMut,
    moment: &Moment,
    token: &Addr,
    from: &Addr,
    given: Given,
) -> Result<Response, Refusal> {
    let Given {
        amount,
        over,
        source,
        reference,
    } = given;
    PAUSES.ensure_running(&Local(deps.storage), Activity::Injections, moment.now)?;
    spread(amount, over)?;
    let deposit = Deposit {
        depositor: Account::of(deps.api, from)?,
        denom: TOKEN,
        amount,
        from: moment.epoch,
        over,
        source,
        reference,
    };
    let denom = Denom::Cw20(token.to_string());
    let event = DEPOSITS.add(
        deps.storage,
        deps.api,
        &EVENTS,
        "injected",
        &denom,
        &deposit,
    )?;
    LEDGER.update(deps.storage, TOKEN, |books| {
        Ok::<_, Refusal>(books.receive(Place::Ahead, amount)?)
    })?;
    STREAMS.add(deps.storage, TOKEN, moment.epoch, over, amount)?;
    Ok(done("inject", event))
}
