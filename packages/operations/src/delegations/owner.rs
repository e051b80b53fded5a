//! What owners of delegations do, and those who want to join or take one over.

use cosmwasm_std::Uint128;
use noderev_api::common::ParamsAtResponse;
use noderev_api::delegation::{
    CommissionChange, DelegationId, DelegationResponse, ExecuteMsg, Joining, Metadata, Params,
    QueryMsg, Standing, MAX_BATCH,
};
use noderev_chain::Message;
use noderev_components::Epoch;
use noderev_economics::{slots, Bps};

use super::{ask, member, order, owned, DelegationError, Result};
use crate::batches::in_messages;
use crate::moment::Moment;
use crate::Contracts;

/// A delegation to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// How it presents itself.
    pub metadata: Metadata,
    /// What the owner keeps of its rewards, 0 ..= 1,000 basis points.
    pub commission: Bps,
    /// Who may join.
    pub joining: Joining,
    /// Quintessence that a member must have in it after joining.
    pub minimum: u128,
}

/// A delegation that can be created.
#[derive(Clone, Debug)]
pub struct Creation {
    /// Quintessence that goes along.
    pub quintessence: u128,
    /// Slots that it makes.
    pub slots: u16,
    /// Quintessence of a slot.
    pub slot_size: u128,
    /// The message that creates it.
    pub message: Message,
}

/// Creates a delegation of the sender, who takes all his undelegated NFTs along.
pub fn create(
    contracts: &Contracts,
    moment: &Moment,
    sender: &str,
    setup: &Setup,
) -> Result<Creation> {
    let owner = member(contracts, sender)?;
    if let Some(delegation) = owner.owns {
        return Err(DelegationError::OwnsAlready {
            account: sender.to_owned(),
            delegation,
        });
    }
    let epoch = moment.next();
    let answer: ParamsAtResponse<Params> =
        contracts.ask_delegation(&QueryMsg::ParamsAt { epoch })?;
    let need = answer.params.own_quintessence.u128();
    let have = owner.undelegated_next.u128();
    if have < need {
        return Err(DelegationError::TooLittle { have, need });
    }
    let create = ExecuteMsg::CreateDelegation {
        metadata: setup.metadata.clone(),
        commission: setup.commission,
        joining: setup.joining,
        minimum: setup.minimum.into(),
    };
    let slot_size = answer.params.slot_size.u128();
    Ok(Creation {
        quintessence: have,
        slots: slots(have, slot_size),
        slot_size,
        message: order(contracts, &create)?,
    })
}

/// What changes about a delegation; none: as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// Its name.
    pub name: Option<String>,
    /// Its web page.
    pub url: Option<String>,
    /// Anything else.
    pub description: Option<String>,
    /// Who may join.
    pub joining: Option<Joining>,
    /// Quintessence that a member must have in it after joining.
    pub minimum: Option<u128>,
}

impl Update {
    /// How it presents itself then; none if nothing of that changes.
    fn metadata(&self, present: Metadata) -> Option<Metadata> {
        let metadata = Metadata {
            name: self.name.clone().unwrap_or(present.name),
            url: self.url.clone().unwrap_or(present.url),
            description: self.description.clone().unwrap_or(present.description),
        };
        let given = [&self.name, &self.url, &self.description];
        given.iter().any(|text| text.is_some()).then_some(metadata)
    }
}

/// Changes how the sender's delegation presents itself and who may join later.
pub fn update(
    contracts: &Contracts,
    sender: &str,
    delegation: DelegationId,
    update: &Update,
) -> Result<Message> {
    if *update == Update::default() {
        return Err(DelegationError::NothingToUpdate);
    }
    let present = owned(contracts, sender, delegation)?;
    let update = ExecuteMsg::UpdateDelegation {
        metadata: update.metadata(present.metadata),
        joining: update.joining,
        minimum: update.minimum.map(Uint128::new),
    };
    order(contracts, &update)
}

/// A commission that can be set.
#[derive(Clone, Debug)]
pub struct Commission {
    /// What is in force from the next epoch on, before this change.
    pub before: Bps,
    /// A rise that waits, which this drops.
    pub dropped: Option<CommissionChange>,
    /// The first epoch with the new one; none where nobody is told the rate in force, because the
    /// owner's part is short.
    pub from: Option<Epoch>,
    /// The message that sets it.
    pub message: Message,
}

/// Changes the commission of the sender's delegation.
pub fn commission(
    contracts: &Contracts,
    moment: &Moment,
    sender: &str,
    delegation: DelegationId,
    commission: Bps,
) -> Result<Commission> {
    let present = owned(contracts, sender, delegation)?;
    let before = commission_next(&present, moment.next());
    let from = match commission > before {
        true => moment.after_notice(),
        false => moment.next(),
    };
    let known = matches!(present.info.standing, Standing::Active {});
    let waits = |change: &CommissionChange| change.from > moment.next();
    Ok(Commission {
        before,
        dropped: present.commission_change.filter(waits),
        from: known.then_some(from),
        message: order(contracts, &ExecuteMsg::SetCommission { commission })?,
    })
}

/// The commission in force in the next epoch.
fn commission_next(present: &DelegationResponse, next: Epoch) -> Bps {
    match &present.commission_change {
        Some(change) if change.from <= next => change.commission,
        _ => present.info.commission,
    }
}

/// Offers the sender's delegation to an account, which must accept it; none takes the offer back.
pub fn transfer(
    contracts: &Contracts,
    sender: &str,
    delegation: DelegationId,
    to: Option<&str>,
) -> Result<Message> {
    owned(contracts, sender, delegation)?;
    let to = to.map(str::to_owned);
    order(contracts, &ExecuteMsg::TransferDelegation { to })
}

/// Takes an offered delegation over; answers its former owner too.
pub fn accept(
    contracts: &Contracts,
    sender: &str,
    delegation: DelegationId,
) -> Result<(String, Message)> {
    let found = ask(contracts, delegation)?;
    let offered = found.proposed_owner.map(String::from);
    if offered.as_deref() != Some(sender) {
        return Err(DelegationError::NotOffered {
            delegation,
            offered: offered.unwrap_or_else(|| "nobody".to_owned()),
            sender: sender.to_owned(),
        });
    }
    let memberships = member(contracts, sender)?.memberships.into_iter();
    let mut own = memberships.filter(|one| one.delegation == delegation);
    let have = own.next().map_or(0, |one| one.quintessence_next.u128());
    let need = found.own_required.u128();
    if have < need {
        return Err(DelegationError::OwnPart {
            delegation,
            have,
            need,
        });
    }
    let message = order(contracts, &ExecuteMsg::AcceptDelegation { delegation })?;
    Ok((found.info.owner.into_string(), message))
}

/// Asks a delegation's owner for approval; answers the owner too.
pub fn request(contracts: &Contracts, delegation: DelegationId) -> Result<(String, Message)> {
    let owner = ask(contracts, delegation)?.info.owner.into_string();
    let message = order(contracts, &ExecuteMsg::RequestApproval { delegation })?;
    Ok((owner, message))
}

/// Lets accounts join the sender's delegation, or takes that back.
pub fn approve(
    contracts: &Contracts,
    sender: &str,
    delegation: DelegationId,
    accounts: &[String],
    approved: bool,
) -> Result<Vec<Message>> {
    owned(contracts, sender, delegation)?;
    let accounts = in_messages("accounts", accounts, MAX_BATCH)?;
    let messages = accounts.map(|accounts| {
        let approve = ExecuteMsg::ApproveMembers { accounts, approved };
        order(contracts, &approve)
    });
    messages.collect()
}

/// Releases members of the sender's delegation at the next boundary.
pub fn release(
    contracts: &Contracts,
    sender: &str,
    delegation: DelegationId,
    accounts: &[String],
) -> Result<Vec<Message>> {
    owned(contracts, sender, delegation)?;
    let accounts = in_messages("accounts", accounts, MAX_BATCH)?;
    let messages =
        accounts.map(|accounts| order(contracts, &ExecuteMsg::ReleaseMembers { accounts }));
    messages.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_stays_as_it_is() {
        let present = Metadata {
            name: "a".into(),
            url: "https://example.org".into(),
            description: "b".into(),
        };
        let mut update = Update {
            joining: Some(Joining::Closed),
            ..Update::default()
        };
        assert_eq!(update.metadata(present.clone()), None);
        update.url = Some(String::new());
        let changed = Metadata {
            url: String::new(),
            ..present.clone()
        };
        assert_eq!(update.metadata(present), Some(changed));
    }
}
