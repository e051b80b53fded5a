//! Who may join a delegation, and releasing those who are in it.

use cosmwasm_std::{Addr, DepsMut, Response};
use noderev_api::delegation::DelegationId;
use noderev_components::Account;

use super::delegations::owned;
use super::{done, parse_accounts};
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::stakes::{load_terms, redirect};
use crate::state::{approval, load_account, save_account, set_approval};

/// Asks a delegation's owner for approval.
pub fn request_approval(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    id: DelegationId,
) -> Result<Response, Refusal> {
    load_terms(deps.storage, id)?;
    let account = Account::of(deps.api, sender)?;
    if approval(deps.storage, id, &account)?.is_some() {
        return Err(ContractError::AlreadyAsked {
            delegation: id,
            account: sender.clone(),
        }
        .into());
    }
    set_approval(deps.storage, id, &account, Some(false));
    let event = moment
        .event(deps.storage, "approval_requested")?
        .add_attribute("delegation", id.to_string())
        .add_attribute("account", sender);
    Ok(done("request_approval", event))
}

/// Approves accounts, or takes approvals and requests off.
pub fn approve_members(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    accounts: &[String],
    approved: bool,
) -> Result<Response, Refusal> {
    let id = owned(deps.storage, deps.api, sender)?;
    let accounts = parse_accounts(deps.api, accounts)?;
    for (_, account) in &accounts {
        set_approval(deps.storage, id, account, approved.then_some(true));
    }
    let event = moment
        .event(deps.storage, "members_approved")?
        .add_attribute("delegation", id.to_string())
        .add_attribute("approved", approved.to_string())
        .add_attributes(accounts.into_iter().map(|(addr, _)| ("account", addr)));
    Ok(done("approve_members", event))
}

/// Releases members at the next boundary: their positions become undelegated, whatever is in them.
pub fn release_members(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    accounts: &[String],
) -> Result<Response, Refusal> {
    let id = owned(deps.storage, deps.api, sender)?;
    let accounts = parse_accounts(deps.api, accounts)?;
    let mut event = moment
        .event(deps.storage, "members_released")?
        .add_attribute("delegation", id.to_string())
        .add_attribute("from_epoch", moment.next().to_string());
    for (addr, account) in accounts {
        if addr == *sender {
            return Err(ContractError::OwnerAsMember { delegation: id }.into());
        }
        let mut stake = load_account(deps.storage, &account)?;
        let places = (Some(id), None);
        let weight = redirect(deps.storage, moment.next(), &account, &mut stake, places)?;
        if weight == 0 {
            return Err(ContractError::NotMember {
                delegation: id,
                account: addr,
            }
            .into());
        }
        save_account(deps.storage, &account, &stake);
        set_approval(deps.storage, id, &account, None);
        event = event.add_attribute("member", format!("{addr}:{weight}"));
    }
    Ok(done("release_members", event))
}
