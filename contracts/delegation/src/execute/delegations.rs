//! Delegations: created, changed, handed over; and the rules of joining one.

use cosmwasm_std::{Addr, Api, DepsMut, Event, Response, Storage, Uint128};
use noderev_api::delegation::{Activity, DelegationId, Joining, Metadata, MAX_DELEGATIONS};
use noderev_components::{
    ensure_within, not_found, Account, Local, Packed, Span, MAX_TEXT, NOTICE_EPOCHS,
};
use noderev_economics::{check_commission, check_commission_change, Bps};

use super::done;
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::stakes::{
    enrol, load_terms, newest_share, newest_weight, owner_of, recheck_own_part, redirect,
};
use crate::state::{
    approval, load_account, load_counts, save_account, save_counts, save_metadata, save_terms,
    AccountStake, Terms, COMMISSIONS, OWNERS, PARAMS, PAUSES,
};

const MAX_NAME: u128 = 64;
const MAX_DESCRIPTION: u128 = 512;
/// The most that a member can be asked to have.
const MAX_MINIMUM: u128 = 1_000_000_000_000_000;

fn check_metadata(metadata: &Metadata) -> Result<(), Refusal> {
    ensure_within("name length", metadata.name.len() as u128, 1, MAX_NAME)?;
    ensure_within(
        "url length",
        metadata.url.len() as u128,
        0,
        MAX_TEXT as u128,
    )?;
    let description = metadata.description.len() as u128;
    ensure_within("description length", description, 0, MAX_DESCRIPTION)?;
    Ok(())
}

fn check_minimum(minimum: Uint128) -> Result<u128, Refusal> {
    ensure_within("minimum", minimum.u128(), 0, MAX_MINIMUM)?;
    Ok(minimum.u128())
}

/// A delegation as its owner sets it up.
pub struct Setup {
    pub metadata: Metadata,
    pub commission: Bps,
    pub joining: Joining,
    pub minimum: Uint128,
}

/// Creates the sender's delegation. His undelegated NFTs join it, those that do not count yet
/// included.
pub fn create_delegation(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    setup: Setup,
) -> Result<Response, Refusal> {
    ensure_staking(deps.storage, moment)?;
    check_metadata(&setup.metadata)?;
    check_commission(setup.commission)?;
    let minimum = check_minimum(setup.minimum)?;
    let account = Account::of(deps.api, sender)?;
    let mut stake = load_account(deps.storage, &account)?;
    if let Some(delegation) = stake.owns {
        return Err(ContractError::OwnsAlready {
            account: sender.clone(),
            delegation,
        }
        .into());
    }
    let params = PARAMS.at(&Local(deps.storage), moment.next())?;
    let own_required = params.own_quintessence.u128();
    ensure_own_quintessence(moment, &stake, own_required)?;

    let id = number(deps.storage)?;
    let key = id.to_packed();
    save_metadata(deps.storage, id, &setup.metadata);
    let terms = Terms {
        joining: setup.joining,
        minimum,
        own_required,
        validators: 0,
        proposed: None,
    };
    save_terms(deps.storage, id, &terms);
    OWNERS.set(deps.storage, &key, moment.next(), &account)?;
    COMMISSIONS.set(deps.storage, &key, moment.next(), &setup.commission.get())?;
    stake.owns = Some(id);
    let places = (None, Some(id));
    let weight = redirect(deps.storage, moment.next(), &account, &mut stake, places)?;
    save_account(deps.storage, &account, &stake);

    let event = moment
        .event(deps.storage, "delegation_set")?
        .add_attribute("delegation", id.to_string())
        .add_attribute("owner", sender)
        .add_attribute("commission", setup.commission.get().to_string())
        .add_attribute("own_required", own_required.to_string())
        .add_attribute("quintessence", weight.to_string())
        .add_attribute("from_epoch", moment.next().to_string());
    let event = describe(
        event,
        Some(&setup.metadata),
        Some(setup.joining),
        Some(minimum),
    );
    Ok(done("create_delegation", event))
}

fn describe(
    event: Event,
    metadata: Option<&Metadata>,
    joining: Option<Joining>,
    minimum: Option<u128>,
) -> Event {
    let joining = joining.map(|joining| match joining {
        Joining::Open => "open",
        Joining::Approval => "approval",
        Joining::Closed => "closed",
    });
    event
        .add_attributes(metadata.map(|metadata| ("name", metadata.name.clone())))
        .add_attributes(metadata.map(|metadata| ("url", metadata.url.clone())))
        .add_attributes(metadata.map(|metadata| ("description", metadata.description.clone())))
        .add_attributes(joining.map(|joining| ("joining", joining)))
        .add_attributes(minimum.map(|minimum| ("minimum", minimum.to_string())))
}

/// What counts now and will count next: neither what has just come nor what is leaving.
fn ensure_own_quintessence(
    moment: &Moment,
    stake: &AccountStake,
    need: u128,
) -> Result<(), Refusal> {
    let undelegated = stake.undelegated;
    let have = undelegated.at(moment.epoch).min(undelegated.newest);
    match have >= need {
        true => Ok(()),
        false => Err(ContractError::InsufficientQuintessence {
            have: have.into(),
            need: need.into(),
        }
        .into()),
    }
}

fn number(storage: &mut dyn Storage) -> Result<DelegationId, Refusal> {
    let mut counts = load_counts(storage)?;
    if counts.delegations >= MAX_DELEGATIONS {
        return Err(ContractError::TooManyDelegations.into());
    }
    counts.delegations = counts.delegations.saturating_add(1);
    save_counts(storage, &counts);
    Ok(DelegationId(counts.delegations))
}

/// The delegation that the sender owns.
pub fn owned(storage: &dyn Storage, api: &dyn Api, sender: &Addr) -> Result<DelegationId, Refusal> {
    let stake = load_account(storage, &Account::of(api, sender)?)?;
    let none = || ContractError::OwnsNone {
        account: sender.clone(),
    };
    Ok(stake.owns.ok_or_else(none)?)
}

/// Changes how a delegation presents itself and who may join.
pub fn update_delegation(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    metadata: Option<Metadata>,
    joining: Option<Joining>,
    minimum: Option<Uint128>,
) -> Result<Response, Refusal> {
    let id = owned(deps.storage, deps.api, sender)?;
    let mut terms = load_terms(deps.storage, id)?;
    if let Some(metadata) = &metadata {
        check_metadata(metadata)?;
        save_metadata(deps.storage, id, metadata);
    }
    let minimum = minimum.map(check_minimum).transpose()?;
    terms.joining = joining.unwrap_or(terms.joining);
    terms.minimum = minimum.unwrap_or(terms.minimum);
    save_terms(deps.storage, id, &terms);
    let event = moment
        .event(deps.storage, "delegation_set")?
        .add_attribute("delegation", id.to_string());
    let event = describe(event, metadata.as_ref(), joining, minimum);
    Ok(done("update_delegation", event))
}

/// Changes the commission: down at the next boundary, up with notice. What is earned before is
/// shared by the rate before.
pub fn set_commission(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    commission: Bps,
) -> Result<Response, Refusal> {
    let id = owned(deps.storage, deps.api, sender)?;
    let key = id.to_packed();
    let newest = COMMISSIONS.newest(deps.storage, &key)?;
    let newest = newest.ok_or_else(|| not_found("commission of a delegation"))?;
    let in_force = COMMISSIONS.at(deps.storage, &key, moment.next())?;
    let in_force = Bps::new(in_force.unwrap_or(0))?;
    let before = COMMISSIONS.at(deps.storage, &key, moment.epoch)?;
    let rises = before.is_some_and(|before| newest.value > before);
    check_commission_change(in_force, commission)?;
    let from = match commission > in_force {
        true => {
            ensure_no_rise(moment, &newest, rises)?;
            moment.next().plus(NOTICE_EPOCHS)
        }
        false => {
            if newest.from > moment.next() {
                COMMISSIONS.remove(deps.storage, &key, newest.from);
            }
            moment.next()
        }
    };
    if commission != in_force {
        COMMISSIONS.set(deps.storage, &key, from, &commission.get())?;
    }
    let event = moment
        .event(deps.storage, "commission_set")?
        .add_attribute("delegation", id.to_string())
        .add_attribute("commission", commission.get().to_string())
        .add_attribute("from_epoch", from.to_string());
    Ok(done("set_commission", event))
}

/// One rise at a time, the one that comes at the next boundary included.
fn ensure_no_rise(moment: &Moment, newest: &Span<u16>, rises: bool) -> Result<(), Refusal> {
    let comes = rises && newest.from == moment.next();
    match comes || newest.from > moment.next() {
        true => Err(ContractError::RiseQueued { from: newest.from }.into()),
        false => Ok(()),
    }
}

/// Proposes a new owner, or nobody.
pub fn transfer_delegation(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    to: Option<String>,
) -> Result<Response, Refusal> {
    let id = owned(deps.storage, deps.api, sender)?;
    let mut terms = load_terms(deps.storage, id)?;
    let to = to.map(|to| deps.api.addr_validate(&to)).transpose()?;
    let proposed = to.as_ref().map(|to| Account::of(deps.api, to));
    terms.proposed = proposed.transpose()?;
    save_terms(deps.storage, id, &terms);
    let event = moment
        .event(deps.storage, "delegation_proposed")?
        .add_attribute("delegation", id.to_string())
        .add_attributes(to.map(|to| ("proposed_owner", to)));
    Ok(done("transfer_delegation", event))
}

/// Takes a delegation over. The commission of the running epoch is still the former owner's; from
/// the next on the new owner's own part is what counts, and it must be large enough: otherwise the
/// same NFTs could found one delegation after another.
pub fn accept_delegation(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    id: DelegationId,
) -> Result<Response, Refusal> {
    let mut terms = load_terms(deps.storage, id)?;
    let account = Account::of(deps.api, sender)?;
    if terms.proposed.as_ref() != Some(&account) {
        return Err(ContractError::NotProposed {
            delegation: id,
            sender: sender.clone(),
        }
        .into());
    }
    let mut stake = load_account(deps.storage, &account)?;
    if let Some(delegation) = stake.owns {
        return Err(ContractError::OwnsAlready {
            account: sender.clone(),
            delegation,
        }
        .into());
    }
    let have = newest_weight(deps.storage, id, &account)?;
    let need = terms.own_required;
    if have < need {
        return Err(ContractError::InsufficientOwnPart {
            delegation: id,
            have: have.into(),
            need: need.into(),
        }
        .into());
    }
    let former = owner_of(deps.storage, id)?;
    let mut former_stake = load_account(deps.storage, &former)?;
    former_stake.owns = None;
    save_account(deps.storage, &former, &former_stake);
    stake.owns = Some(id);
    terms.proposed = None;
    save_terms(deps.storage, id, &terms);
    OWNERS.set(deps.storage, &id.to_packed(), moment.next(), &account)?;
    enrol(deps.storage, moment.next(), id, &account, &mut stake)?;
    save_account(deps.storage, &account, &stake);
    recheck_own_part(deps.storage, moment.next(), id, &account, need)?;
    let event = moment
        .event(deps.storage, "delegation_set")?
        .add_attribute("delegation", id.to_string())
        .add_attribute("owner", sender)
        .add_attribute("from_epoch", moment.next().to_string());
    Ok(done("accept_delegation", event))
}

/// Refuses staking and joining while they are paused.
pub fn ensure_staking(storage: &dyn Storage, moment: &Moment) -> Result<(), Refusal> {
    Ok(PAUSES.ensure_running(&Local(storage), Activity::Staking, moment.now)?)
}

/// Whether an account may bring `joining` more Quintessence into a delegation while that is not
/// paused; without an account, whether anybody may.
pub fn check_joining(
    storage: &dyn Storage,
    api: &dyn Api,
    id: DelegationId,
    joiner: Option<(&Account, &AccountStake)>,
    joining: u128,
) -> Result<(), Refusal> {
    let terms = load_terms(storage, id)?;
    let account = joiner.map(|(account, _)| account);
    // Who is to take it over must be able to bring his own part first.
    if joiner.is_some_and(|(account, stake)| {
        stake.owns == Some(id) || terms.proposed.as_ref() == Some(account)
    }) {
        return Ok(());
    }
    if let Some(since) = newest_share(storage, id)?.short_since {
        return Err(ContractError::Frozen {
            delegation: id,
            since,
        }
        .into());
    }
    match (terms.joining, account) {
        (Joining::Open, _) | (Joining::Approval, None) => {}
        (Joining::Closed, _) => return Err(ContractError::JoiningClosed { delegation: id }.into()),
        (Joining::Approval, Some(account)) => {
            if approval(storage, id, account)? != Some(true) {
                return Err(ContractError::NotApproved {
                    delegation: id,
                    account: account.human(api)?,
                }
                .into());
            }
        }
    }
    let before = match account {
        Some(account) => newest_weight(storage, id, account)?,
        None => 0,
    };
    let have = before.saturating_add(joining);
    match have >= terms.minimum {
        true => Ok(()),
        false => Err(ContractError::BelowMinimum {
            delegation: id,
            have: have.into(),
            need: terms.minimum.into(),
        }
        .into()),
    }
}
