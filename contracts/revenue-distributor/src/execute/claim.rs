//! Paying out: settle, then pay what is owed, by pull.

use std::collections::BTreeMap;

use cosmwasm_std::{
    to_json_binary, Addr, Api, Attribute, CosmosMsg, Deps, DepsMut, Event, Response, StdResult,
    Storage, WasmMsg,
};
use cw20::Cw20ExecuteMsg;
use noderev_api::distributor::ClaimSummary;
use noderev_api::vault;
use noderev_components::{Account, Denom, EpochRange, KeyId, Local, Owed, Place, Purse, Receipt};

use super::validated;
use crate::error::ContractError;
use crate::moment::Moment;
use crate::settlement::{owe_treasury, Credit, Settlement, Settler};
use crate::state::{
    buckets, save_cursor, save_key, save_pool, Denoms, EVENTS, LEDGER, PURSES, RECEIPTS,
};

/// A claim as it was asked for.
pub struct Request {
    pub account: Option<String>,
    pub keys: Option<Vec<KeyId>>,
    pub denoms: Option<Vec<Denom>>,
    pub to: Option<String>,
}

/// Whose money a message is about.
struct Party {
    addr: Addr,
    account: Account,
    purse: Purse,
}

impl Party {
    fn load(deps: Deps, addr: Addr) -> StdResult<Self> {
        let account = Account::of(deps.api, &addr)?;
        let purse = PURSES.load(&Local(deps.storage), &account)?;
        Ok(Self {
            addr,
            account,
            purse,
        })
    }

    fn named(deps: Deps, sender: &Addr, account: Option<String>) -> StdResult<Self> {
        let addr = account
            .map(|account| validated(deps, &account))
            .transpose()?;
        Self::load(deps, addr.unwrap_or_else(|| sender.clone()))
    }
}

/// Settles and pays everything owed in the chosen currencies.
pub fn claim(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    request: Request,
) -> Result<Response, ContractError> {
    let mut party = Party::named(deps.as_ref(), sender, request.account)?;
    if party.addr != *sender && party.purse.self_claim_only {
        return Err(ContractError::SelfClaimOnly {
            account: party.addr,
        });
    }
    let to = parse_payee(deps.as_ref(), moment, request.to)?;
    if to.is_some() && party.addr != *sender {
        return Err(ContractError::NotYours);
    }
    let denoms = Denoms::load(deps.storage)?;
    let chosen = chosen(&denoms, request.denoms)?;

    let before = party.purse.clone();
    let settlement = settlement(deps.as_ref(), moment, &party, request.keys)?;
    let mut response = apply(
        deps.storage,
        deps.api,
        moment,
        &denoms,
        &mut party,
        &settlement,
    )?;
    owe_treasury(deps.storage, &denoms, &party.addr, &mut party.purse)?;
    let payee = match (to, &party.purse.payee) {
        (Some(to), _) => to,
        (None, Some(payee)) => payee.human(deps.api)?,
        (None, None) => party.addr.clone(),
    };
    let epochs = party.purse.epochs;
    let owed = party.purse.take(|denom| chosen.contains(&denom));
    save_purse(deps.storage, &party, &before);
    if !owed.is_empty() {
        let paid = pay(deps, moment, &denoms, &party, &payee, owed, epochs)?;
        response = response.add_event(paid.event);
        for (denom, amount) in paid.by_denom {
            response = response.add_message(denom.transfer(&payee, amount)?);
        }
    }
    answer(response, "claim", &settlement.summary)
}

/// Settles without paying.
pub fn settle(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    account: Option<String>,
    keys: Option<Vec<KeyId>>,
) -> Result<Response, ContractError> {
    let mut party = Party::named(deps.as_ref(), sender, account)?;
    let denoms = Denoms::load(deps.storage)?;
    let before = party.purse.clone();
    let settlement = settlement(deps.as_ref(), moment, &party, keys)?;
    let response = apply(
        deps.storage,
        deps.api,
        moment,
        &denoms,
        &mut party,
        &settlement,
    )?;
    save_purse(deps.storage, &party, &before);
    answer(response, "settle", &settlement.summary)
}

/// Settles, and puts all QST owed into the sender's pool stake.
pub fn compound(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    keys: Option<Vec<KeyId>>,
) -> Result<Response, ContractError> {
    let mut party = Party::load(deps.as_ref(), sender.clone())?;
    let denoms = Denoms::load(deps.storage)?;
    let before = party.purse.clone();
    let settlement = settlement(deps.as_ref(), moment, &party, keys)?;
    let response = apply(
        deps.storage,
        deps.api,
        moment,
        &denoms,
        &mut party,
        &settlement,
    )?;
    owe_treasury(deps.storage, &denoms, &party.addr, &mut party.purse)?;
    let qst = Denom::Cw20(moment.config.qst.to_string());
    let epochs = party.purse.epochs;
    let owed = party.purse.take(|denom| denoms.denom(denom) == qst);
    save_purse(deps.storage, &party, &before);
    if owed.is_empty() {
        return Err(ContractError::NothingToCompound {
            account: sender.clone(),
        });
    }
    let vault = moment.config.vault.clone();
    let paid = pay(deps, moment, &denoms, &party, &vault, owed, epochs)?;
    let amount = paid
        .by_denom
        .iter()
        .fold(0u128, |sum, (_, amount)| sum.saturating_add(*amount));
    let response = response
        .add_event(paid.event)
        .add_message(deposit(moment, sender, amount)?);
    answer(response, "compound", &settlement.summary)
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

/// Where the sender's future payouts go.
pub fn set_payee(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    payee: Option<String>,
) -> Result<Response, ContractError> {
    let mut party = Party::load(deps.as_ref(), sender.clone())?;
    let payee = parse_payee(deps.as_ref(), moment, payee)?;
    let own = payee.clone().filter(|payee| payee != sender);
    party.purse.payee = own.map(|payee| Account::of(deps.api, &payee)).transpose()?;
    PURSES.save(deps.storage, &party.account, &party.purse);
    let event = EVENTS
        .emit(deps.storage, "payee_set", moment.epoch)?
        .add_attribute("account", sender)
        .add_attributes(payee.map(|payee| ("payee", payee)));
    Ok(Response::new()
        .add_attribute("action", "set_payee")
        .add_event(event))
}

/// Whether others may trigger the sender's payouts.
pub fn set_claim_policy(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    self_claim_only: bool,
) -> Result<Response, ContractError> {
    let mut party = Party::load(deps.as_ref(), sender.clone())?;
    party.purse.self_claim_only = self_claim_only;
    PURSES.save(deps.storage, &party.account, &party.purse);
    let event = EVENTS
        .emit(deps.storage, "claim_policy_set", moment.epoch)?
        .add_attribute("account", sender)
        .add_attribute("self_claim_only", self_claim_only.to_string());
    Ok(Response::new()
        .add_attribute("action", "set_claim_policy")
        .add_event(event))
}

/// Where money may go: not to the contracts of the network, which could not pass it on.
fn parse_payee(
    deps: Deps,
    moment: &Moment,
    payee: Option<String>,
) -> Result<Option<Addr>, ContractError> {
    let payee = payee.map(|payee| validated(deps, &payee)).transpose()?;
    let config = &moment.config;
    let own = [
        &moment.contract,
        &config.registry,
        &config.vault,
        &config.qst,
    ];
    match payee {
        Some(payee) if own.contains(&&payee) => Err(ContractError::PayeeIsContract { payee }),
        payee => Ok(payee),
    }
}

fn chosen(denoms: &Denoms, named: Option<Vec<Denom>>) -> Result<Vec<u8>, ContractError> {
    let all = denoms.books();
    let Some(named) = named else {
        return Ok(all);
    };
    if named.len() > all.len() {
        return Err(ContractError::TooManyDenoms {
            count: named.len(),
            max: all.len(),
        });
    }
    let unknown = named
        .iter()
        .find(|named| all.iter().all(|index| denoms.denom(*index) != **named));
    match unknown {
        Some(denom) => Err(ContractError::UnknownDenom {
            denom: denom.clone(),
        }),
        None => Ok(all
            .into_iter()
            .filter(|index| named.contains(&denoms.denom(*index)))
            .collect()),
    }
}

fn settlement(
    deps: Deps,
    moment: &Moment,
    party: &Party,
    keys: Option<Vec<KeyId>>,
) -> Result<Settlement, ContractError> {
    Settler::new(deps, &moment.config, moment.epoch)?.settle(&party.account, &party.addr, keys)
}

/// Writes a settlement: keys, pool stake, cursor, and what others earned with the same keys. What
/// the party earned is added to its purse, which the caller writes. Nothing earned, nothing written.
fn apply(
    storage: &mut dyn Storage,
    api: &dyn Api,
    moment: &Moment,
    denoms: &Denoms,
    party: &mut Party,
    settlement: &Settlement,
) -> Result<Response, ContractError> {
    save_settled(storage, &party.account, settlement);
    credit_all(storage, party, settlement)?;
    let attributes = describe(api, denoms, settlement)?;
    if attributes.is_empty() {
        return Ok(Response::new());
    }
    let event = EVENTS
        .emit(storage, "settled", moment.epoch)?
        .add_attribute("account", &party.addr)
        .add_attributes(attributes);
    Ok(Response::new().add_event(event))
}

/// How far keys and pool stake are settled, where that earned something or could not be finished.
fn save_settled(storage: &mut dyn Storage, account: &Account, settlement: &Settlement) {
    for key in &settlement.keys {
        if !key.credits.is_empty() || (!key.complete && key.after.settled > key.before) {
            save_key(storage, key.key, &key.after);
        }
    }
    if let Some(pool) = &settlement.pool {
        if !pool.credits.is_empty() || (!pool.complete && pool.after.settled > pool.before) {
            save_pool(storage, account, &pool.after);
        }
    }
    if let Some(cursor) = &settlement.cursor {
        save_cursor(storage, account, cursor);
    }
}

/// Adds what was earned to purses, each of which is written once.
fn credit_all(
    storage: &mut dyn Storage,
    party: &mut Party,
    settlement: &Settlement,
) -> StdResult<()> {
    let mut by_account: BTreeMap<&Account, Vec<&Credit>> = BTreeMap::new();
    for credit in settlement.credits() {
        by_account.entry(&credit.account).or_default().push(credit);
    }
    for (account, credits) in by_account {
        let add = |purse: &mut Purse| credits.iter().for_each(|credit| credit.add_to(purse));
        match *account == party.account {
            true => add(&mut party.purse),
            false => PURSES.update(storage, account, add)?,
        }
    }
    Ok(())
}

/// What was settled from when to when, and who earned what with it.
fn describe(api: &dyn Api, denoms: &Denoms, settlement: &Settlement) -> StdResult<Vec<Attribute>> {
    let mut attributes = vec![];
    for key in settlement
        .keys
        .iter()
        .filter(|key| key.after.settled > key.before)
    {
        let text = format!("{}:{}:{}", key.key, key.before, key.after.settled);
        attributes.push(Attribute::new("key", text));
    }
    let pool = settlement
        .pool
        .iter()
        .filter(|pool| pool.after.settled > pool.before);
    for pool in pool {
        let text = format!("{}:{}", pool.before, pool.after.settled);
        attributes.push(Attribute::new("pool", text));
    }
    let mut credits = settlement.credits().peekable();
    if credits.peek().is_none() {
        return Ok(vec![]);
    }
    for credit in credits {
        attributes.push(Attribute::new("credit", credit.describe(api, denoms)?));
    }
    Ok(attributes)
}

/// Writes a purse without the treasury's bucket, which belongs to whoever holds the role when it is
/// paid.
fn save_purse(storage: &mut dyn Storage, party: &Party, before: &Purse) {
    let mut purse = party.purse.clone();
    purse.owed.retain(|owed| owed.bucket != buckets::TREASURY);
    if purse != *before {
        PURSES.save(storage, &party.account, &purse);
    }
}

struct Paid {
    event: Event,
    by_denom: Vec<(Denom, u128)>,
}

/// Takes what is owed out of the books and writes the receipt.
fn pay(
    deps: DepsMut,
    moment: &Moment,
    denoms: &Denoms,
    party: &Party,
    payee: &Addr,
    owed: Vec<Owed>,
    epochs: Option<EpochRange>,
) -> Result<Paid, ContractError> {
    let (number, event) = EVENTS.next(deps.storage, "paid", moment.epoch)?;
    let mut event = event
        .add_attribute("account", &party.addr)
        .add_attribute("payee", payee);
    for owed in &owed {
        LEDGER.update(deps.storage, owed.denom, |books| {
            Ok::<_, ContractError>(books.pay(Place::Bucket(owed.bucket), owed.amount)?)
        })?;
        let role = Denoms::bucket(owed.bucket);
        let text = format!("{role}:{}:{}", denoms.denom(owed.denom), owed.amount);
        event = event.add_attribute("amount", text);
    }
    if let Some(epochs) = epochs {
        event = event
            .add_attribute("from_epoch", epochs.from.to_string())
            .add_attribute("until_epoch", epochs.until.to_string());
    }
    let by_denom = merged(denoms, &owed);
    let receipt = Receipt {
        payee: Account::of(deps.api, payee)?,
        height: moment.height,
        epochs,
        amounts: owed,
    };
    RECEIPTS.add(deps.storage, &party.account, number, &receipt);
    Ok(Paid { event, by_denom })
}

/// One transfer per currency, over all roles.
fn merged(denoms: &Denoms, owed: &[Owed]) -> Vec<(Denom, u128)> {
    let mut by_denom: Vec<(Denom, u128)> = vec![];
    for owed in owed {
        let denom = denoms.denom(owed.denom);
        match by_denom.iter_mut().find(|(known, _)| *known == denom) {
            Some((_, amount)) => *amount = amount.saturating_add(owed.amount),
            None => by_denom.push((denom, owed.amount)),
        }
    }
    by_denom
}

fn answer(
    response: Response,
    action: &str,
    summary: &ClaimSummary,
) -> Result<Response, ContractError> {
    Ok(response
        .add_attribute("action", action)
        .set_data(to_json_binary(summary)?))
}
