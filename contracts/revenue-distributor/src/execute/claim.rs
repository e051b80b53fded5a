//! Paying out: settle, then pay what is owed, by pull.

use cosmwasm_std::{
    to_json_binary, Addr, Api, Attribute, CosmosMsg, DepsMut, Response, Storage, WasmMsg,
};
use cw20::Cw20ExecuteMsg;
use noderev_api::distributor::ClaimSummary;
use noderev_api::vault;
use noderev_components::{
    Account, ChartOfAccounts, Denom, KeyId, Paid, Party, Payout, StdResult, Taken,
};

use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::settlement::{treasury_share, Settlement, Settler};
use crate::state::{save_cursor, save_key, save_pool, Config, EVENTS, PAYOUTS};

/// A claim as it was asked for.
pub struct Request {
    pub account: Option<String>,
    pub keys: Option<Vec<KeyId>>,
    pub denoms: Option<Vec<Denom>>,
    pub to: Option<String>,
}

/// Settles and pays everything owed in the chosen currencies.
pub fn claim(
    mut deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    request: Request,
) -> Result<Response, Refusal> {
    let mut party = PAYOUTS.named(deps.as_ref(), sender, request.account)?;
    let payee = party.payee(deps.api, sender, request.to, &moment.contracts())?;
    let chosen = chosen(&moment.config, request.denoms)?;
    let (mut response, summary) = settle_into(deps.branch(), moment, &mut party, request.keys)?;
    let taken = take(&mut deps, &moment.config, &mut party, |denom| {
        chosen.contains(&denom)
    })?;
    if !taken.amounts.is_empty() {
        let paid = pay(deps, moment, &party, &payee, taken)?;
        response = response.add_messages(paid.transfers(&payee)?);
        response = response.add_event(paid.event);
    }
    Ok(summary.answer(response, "claim")?)
}

/// Settles without paying.
pub fn settle(
    mut deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    account: Option<String>,
    keys: Option<Vec<KeyId>>,
) -> Result<Response, Refusal> {
    let mut party = PAYOUTS.named(deps.as_ref(), sender, account)?;
    let (response, summary) = settle_into(deps.branch(), moment, &mut party, keys)?;
    PAYOUTS.save(deps.storage, &party);
    Ok(summary.answer(response, "settle")?)
}

/// Settles, and puts all QST owed into the sender's pool stake.
pub fn compound(
    mut deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    keys: Option<Vec<KeyId>>,
) -> Result<Response, Refusal> {
    let mut party = PAYOUTS.party(deps.as_ref(), sender.clone())?;
    let (response, summary) = settle_into(deps.branch(), moment, &mut party, keys)?;
    let qst = Denom::Cw20(moment.config.qst.to_string());
    let taken = take(&mut deps, &moment.config, &mut party, |denom| {
        moment.config.denom(denom) == qst
    })?;
    if taken.amounts.is_empty() {
        return Err(ContractError::NothingToCompound {
            account: sender.clone(),
        }
        .into());
    }
    let vault = &moment.config.vault;
    let paid = pay(deps, moment, &party, vault, taken)?;
    let by_denom = paid.by_denom.iter();
    let amount = by_denom.fold(0u128, |sum, (_, amount)| sum.saturating_add(*amount));
    let response = response
        .add_event(paid.event)
        .add_message(deposit(moment, sender, amount)?);
    Ok(summary.answer(response, "compound")?)
}

fn deposit(moment: &Moment, account: &Addr, amount: u128) -> StdResult<CosmosMsg> {
    let hook = vault::ReceiveMsg::DepositPoolFor {
        account: account.to_string(),
    };
    let send = Cw20ExecuteMsg::Send {
        contract: moment.config.vault.to_string(),
        amount: amount.into(),
        msg: to_json_binary(&hook)?,
    };
    Ok(WasmMsg::Execute {
        contract_addr: moment.config.qst.to_string(),
        msg: to_json_binary(&send)?,
        funds: vec![],
    }
    .into())
}

fn chosen(config: &Config, named: Option<Vec<Denom>>) -> Result<Vec<u8>, Refusal> {
    let all = config.books();
    let Some(named) = named else {
        return Ok(all);
    };
    if named.len() > all.len() {
        return Err(ContractError::TooManyDenoms {
            count: named.len(),
            max: all.len(),
        }
        .into());
    }
    let unknown = named
        .iter()
        .find(|named| all.iter().all(|index| config.denom(*index) != **named));
    match unknown {
        Some(denom) => Err(ContractError::UnknownDenom {
            denom: denom.clone(),
        }
        .into()),
        None => Ok(all
            .into_iter()
            .filter(|index| named.contains(&config.denom(*index)))
            .collect()),
    }
}

/// Settles and writes it: keys, pool stake, cursor, and what others earned with the same keys. What
/// the party earned is added to its purse, which the caller saves. Nothing earned, nothing written.
fn settle_into(
    deps: DepsMut,
    moment: &Moment,
    party: &mut Party,
    keys: Option<Vec<KeyId>>,
) -> Result<(Response, ClaimSummary), Refusal> {
    let mut settler = Settler::new(deps.as_ref(), &moment.config, moment.epoch)?;
    let settlement = settler.settle(&party.account, &party.addr, keys)?;
    save_settled(deps.storage, &party.account, &settlement);
    PAYOUTS.credit(deps.storage, party, settlement.credits())?;
    let attributes = describe(deps.api, &moment.config, &settlement)?;
    if attributes.is_empty() {
        return Ok((Response::new(), settlement.summary));
    }
    let event = EVENTS
        .emit(deps.storage, "settled", moment.epoch)?
        .add_attribute("account", &party.addr)
        .add_attributes(attributes);
    Ok((Response::new().add_event(event), settlement.summary))
}

/// How far keys and pool stake are settled.
fn save_settled(storage: &mut dyn Storage, account: &Account, settlement: &Settlement) {
    let keys = settlement.keys.iter();
    for key in keys.filter(|key| settlement.writes(key)) {
        save_key(storage, key.key, &key.after);
    }
    if let Some(pool) = settlement.written_pool() {
        save_pool(storage, account, &pool.after);
    }
    if let Some(cursor) = &settlement.cursor {
        save_cursor(storage, account, cursor);
    }
}

/// What is written: settled from when to when, and who earned what with it.
fn describe(api: &dyn Api, config: &Config, settlement: &Settlement) -> StdResult<Vec<Attribute>> {
    let mut attributes = vec![];
    let keys = settlement.keys.iter();
    for key in keys.filter(|key| settlement.writes(key)) {
        let text = format!("{}:{}:{}", key.key, key.before, key.after.settled);
        attributes.push(Attribute::new("key", text));
    }
    if let Some(pool) = settlement.written_pool() {
        let text = format!("{}:{}", pool.before, pool.after.settled);
        attributes.push(Attribute::new("pool", text));
    }
    for credit in settlement.credits() {
        attributes.push(Attribute::new("credit", credit.describe(api, config)?));
    }
    Ok(attributes)
}

/// Takes what is owed out of the party's purse and saves that; with it goes the treasury's share, if
/// the party holds that role.
fn take(
    deps: &mut DepsMut,
    config: &Config,
    party: &mut Party,
    chosen: impl Fn(u8) -> bool,
) -> StdResult<Taken> {
    let mut taken = party.purse.take(&chosen);
    PAYOUTS.save(deps.storage, party);
    let share = treasury_share(deps.storage, config, &party.addr)?;
    let share = share.into_iter().filter(|owed| chosen(owed.denom));
    taken.amounts.extend(share);
    Ok(taken)
}

fn pay(
    deps: DepsMut,
    moment: &Moment,
    party: &Party,
    payee: &Addr,
    taken: Taken,
) -> Result<Paid, Refusal> {
    let payout = Payout {
        party,
        payee,
        taken,
    };
    Ok(PAYOUTS.pay(deps, &moment.config, moment.epoch, moment.height, payout)?)
}
