//! Paying out: settle, then pay what is owed, by pull.

use cosmwasm_std::{
    to_json_binary, Addr, Attribute, CosmosMsg, Deps, DepsMut, Response, StdResult, Storage,
    WasmMsg,
};
use cw20::Cw20ExecuteMsg;
use noderev_api::distributor::ClaimSummary;
use noderev_api::vault;
use noderev_components::{
    Account, Denom, Epoch, KeyId, Local, Owed, PaidAmount, Place, Purse, Receipt,
};

use super::{validated, Moment};
use crate::error::ContractError;
use crate::settlement::{Settlement, Settler};
use crate::state::{
    buckets, roles, save_cursor, save_key, save_pool, Denoms, EVENTS, LEDGER, PURSES, RECEIPTS,
    ROLES,
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
    let to = request
        .to
        .map(|to| validated(deps.as_ref(), &to))
        .transpose()?;
    if to.is_some() && party.addr != *sender {
        return Err(ContractError::NotYours);
    }
    let denoms = Denoms::load(deps.storage)?;
    let chosen = chosen(&denoms, request.denoms)?;

    let before = party.purse.clone();
    let settlement = settlement(deps.as_ref(), moment, &party, request.keys)?;
    let mut response = apply(deps.storage, deps.api, moment, &mut party, &settlement)?;
    owe_treasury(deps.storage, &mut party, &denoms)?;
    let payee = match (to, &party.purse.payee) {
        (Some(to), _) => to,
        (None, Some(payee)) => payee.human(deps.api)?,
        (None, None) => party.addr.clone(),
    };
    let owed = party.purse.take(|denom| chosen.contains(&denom));
    save_purse(deps.storage, &party, &before);
    if !owed.is_empty() {
        let paid = pay(deps, moment, &party, &payee, &owed, &settlement)?;
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
    let before = party.purse.clone();
    let settlement = settlement(deps.as_ref(), moment, &party, keys)?;
    let response = apply(deps.storage, deps.api, moment, &mut party, &settlement)?;
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
    let before = party.purse.clone();
    let settlement = settlement(deps.as_ref(), moment, &party, keys)?;
    let response = apply(deps.storage, deps.api, moment, &mut party, &settlement)?;
    let denoms = Denoms::load(deps.storage)?;
    owe_treasury(deps.storage, &mut party, &denoms)?;
    let qst = Denom::Cw20(moment.config.qst.to_string());
    let owed = party.purse.take(|denom| denoms.denom(denom) == qst);
    save_purse(deps.storage, &party, &before);
    if owed.is_empty() {
        return Err(ContractError::NothingToCompound {
            account: sender.clone(),
        });
    }
    let vault = moment.config.vault.clone();
    let paid = pay(deps, moment, &party, &vault, &owed, &settlement)?;
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
    let payee = payee
        .map(|payee| validated(deps.as_ref(), &payee))
        .transpose()?;
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

fn chosen(denoms: &Denoms, named: Option<Vec<Denom>>) -> Result<Vec<u8>, ContractError> {
    let all = denoms.books();
    let Some(named) = named else {
        return Ok(all);
    };
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
    api: &dyn cosmwasm_std::Api,
    moment: &Moment,
    party: &mut Party,
    settlement: &Settlement,
) -> Result<Response, ContractError> {
    for key in settlement
        .keys
        .iter()
        .filter(|key| !key.credits.is_empty() || !key.complete)
    {
        save_key(storage, key.key, &key.after);
    }
    if let Some(pool) = &settlement.pool {
        // Fractions of a unit count too: they are kept as soon as any whole unit moves.
        if !pool.credits.is_empty() || !pool.complete {
            save_pool(storage, &party.account, &pool.after);
        }
    }
    if let Some(cursor) = &settlement.cursor {
        save_cursor(storage, &party.account, cursor);
    }
    let mut attributes = vec![];
    for credit in settlement.credits() {
        if credit.account == party.account {
            party
                .purse
                .credit(credit.denom, credit.bucket, credit.amount);
        } else {
            PURSES.credit(
                storage,
                &credit.account,
                credit.denom,
                credit.bucket,
                credit.amount,
            )?;
        }
        let role = buckets::NAMES
            .get(usize::from(credit.bucket))
            .copied()
            .unwrap_or_default();
        let human = credit.account.human(api)?;
        let text = format!("{human}:{role}:{}:{}", credit.denom, credit.amount);
        attributes.push(Attribute::new("credit", text));
    }
    if attributes.is_empty() {
        return Ok(Response::new());
    }
    let keys = settlement
        .keys
        .iter()
        .map(|key| key.key.to_string())
        .collect::<Vec<_>>();
    let event = EVENTS
        .emit(storage, "settled", moment.epoch)?
        .add_attribute("account", &party.addr)
        .add_attribute("from_epoch", settlement.from().to_string())
        .add_attribute("until_epoch", settlement.closed.to_string())
        .add_attribute("keys", keys.join(","))
        .add_attributes(attributes);
    Ok(Response::new().add_event(event))
}

/// The treasury is owed its whole bucket.
fn owe_treasury(storage: &dyn Storage, party: &mut Party, denoms: &Denoms) -> StdResult<()> {
    let treasury = ROLES.holder(&Local(storage), roles::TREASURY)?;
    if treasury.as_ref() != Some(&party.addr) {
        return Ok(());
    }
    for index in denoms.books() {
        let books = LEDGER.load(&Local(storage), index)?;
        let share = books.holds(Place::Bucket(buckets::TREASURY));
        party.purse.credit(index, buckets::TREASURY, share);
    }
    Ok(())
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
    event: cosmwasm_std::Event,
    by_denom: Vec<(Denom, u128)>,
}

/// Takes what is owed out of the books and writes the receipt.
fn pay(
    deps: DepsMut,
    moment: &Moment,
    party: &Party,
    payee: &Addr,
    owed: &[Owed],
    settlement: &Settlement,
) -> Result<Paid, ContractError> {
    let denoms = Denoms::load(deps.storage)?;
    let mut amounts: Vec<PaidAmount> = vec![];
    let (number, mut event) = EVENTS.next(deps.storage, "paid", moment.epoch)?;
    for owed in owed {
        LEDGER.update(deps.storage, owed.denom, |books| {
            Ok::<_, ContractError>(books.pay(Place::Bucket(owed.bucket), owed.amount)?)
        })?;
        let role = buckets::NAMES
            .get(usize::from(owed.bucket))
            .copied()
            .unwrap_or_default();
        let text = format!("{role}:{}:{}", denoms.denom(owed.denom), owed.amount);
        event = event.add_attribute("amount", text);
        match amounts.iter_mut().find(|paid| paid.denom == owed.denom) {
            Some(paid) => paid.amount = paid.amount.saturating_add(owed.amount),
            None => amounts.push(PaidAmount {
                denom: owed.denom,
                amount: owed.amount,
            }),
        }
    }
    let (from, until): (Epoch, Epoch) = (settlement.from(), settlement.closed);
    let receipt = Receipt {
        payee: Account::of(deps.api, payee)?,
        height: moment.height,
        from,
        until,
        amounts: amounts.clone(),
    };
    RECEIPTS.add(deps.storage, &party.account, number, &receipt);
    let event = event
        .add_attribute("account", &party.addr)
        .add_attribute("payee", payee)
        .add_attribute("from_epoch", from.to_string())
        .add_attribute("until_epoch", until.to_string());
    Ok(Paid {
        event,
        by_denom: merged(&denoms, amounts),
    })
}

/// One transfer per currency: the bonds' QST and revenue in QST go together.
fn merged(denoms: &Denoms, amounts: Vec<PaidAmount>) -> Vec<(Denom, u128)> {
    let mut by_denom: Vec<(Denom, u128)> = vec![];
    for paid in amounts {
        let denom = denoms.denom(paid.denom);
        match by_denom.iter_mut().find(|(known, _)| *known == denom) {
            Some((_, amount)) => *amount = amount.saturating_add(paid.amount),
            None => by_denom.push((denom, paid.amount)),
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
