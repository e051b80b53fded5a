//! Delegations, their validators, and the governance of their contract.

use cw_multi_test::AppResponse;
use noderev_api::delegation::{
    Activity, Collection, DelegationId, ExecuteMsg, Joining, Metadata, Params, Role, ValidatorId,
};
use noderev_economics::Bps;

use super::{delegation_id, done};
use crate::network::Network;

fn validator_ids(validators: &[u32]) -> Vec<ValidatorId> {
    validators
        .iter()
        .map(|number| ValidatorId(*number))
        .collect()
}

/// Delegations.
impl Network {
    actions! {
        /// Creates the sender's delegation, which anyone can join.
        create_delegation / try_create_delegation(network, owner: &str, commission: u16) {
            let metadata = Metadata {
                name: format!("Delegation of {owner}"),
                url: "https://example.org".into(),
                description: String::new(),
            };
            network.try_create_delegation_as(owner, metadata, commission, Joining::Open, 0)
        }
        /// Creates the sender's delegation as named.
        create_delegation_as / try_create_delegation_as(network, owner: &str, metadata: Metadata, commission: u16, joining: Joining, minimum: u128) {
            let msg = ExecuteMsg::CreateDelegation {
                metadata,
                commission: Bps::new(commission)?,
                joining,
                minimum: minimum.into(),
            };
            network.try_on_delegation(owner, &msg)
        }
        /// Changes the sender's delegation.
        update_delegation / try_update_delegation(network, owner: &str, metadata: Option<Metadata>, joining: Option<Joining>, minimum: Option<u128>) {
            let minimum = minimum.map(Into::into);
            let msg = ExecuteMsg::UpdateDelegation { metadata, joining, minimum };
            network.try_on_delegation(owner, &msg)
        }
        /// Changes the commission of the sender's delegation.
        set_commission / try_set_commission(network, owner: &str, commission: u16) {
            let commission = Bps::new(commission)?;
            network.try_on_delegation(owner, &ExecuteMsg::SetCommission { commission })
        }
        /// Proposes a new owner of the sender's delegation, or takes that back.
        transfer_delegation / try_transfer_delegation(network, owner: &str, to: Option<&str>) {
            let to = to.map(|name| network.account(name).into_string());
            network.try_on_delegation(owner, &ExecuteMsg::TransferDelegation { to })
        }
        /// Takes a delegation over.
        accept_delegation / try_accept_delegation(network, sender: &str, delegation: u16) {
            let delegation = DelegationId(delegation);
            network.try_on_delegation(sender, &ExecuteMsg::AcceptDelegation { delegation })
        }
        /// Asks for approval to join.
        request_approval / try_request_approval(network, sender: &str, delegation: u16) {
            let delegation = DelegationId(delegation);
            network.try_on_delegation(sender, &ExecuteMsg::RequestApproval { delegation })
        }
        /// Approves accounts for joining the sender's delegation, or takes that back.
        approve_members / try_approve_members(network, owner: &str, accounts: &[&str], approved: bool) {
            let accounts = network.texts(accounts);
            network.try_on_delegation(owner, &ExecuteMsg::ApproveMembers { accounts, approved })
        }
        /// Releases members of the sender's delegation.
        release_members / try_release_members(network, owner: &str, accounts: &[&str]) {
            let accounts = network.texts(accounts);
            network.try_on_delegation(owner, &ExecuteMsg::ReleaseMembers { accounts })
        }
    }

    /// Stakes so much, begins the next epoch and creates a delegation, which counts from the epoch
    /// after that; its number.
    #[track_caller]
    pub fn found_delegation(&mut self, owner: &str, quintessence: u128, commission: u16) -> u16 {
        self.stake_weight(owner, quintessence, None);
        self.next_epoch();
        self.create_delegation(owner, commission);
        self.delegation_of(owner)
    }

    /// The number of the delegation that somebody owns.
    #[track_caller]
    pub fn delegation_of(&self, owner: &str) -> u16 {
        let owns = self.delegation().member(owner).owns;
        owns.expect("he owns a delegation").0
    }

    /// Accounts as the messages take them.
    fn texts(&self, names: &[&str]) -> Vec<String> {
        let text = |name: &&str| self.account(name).into_string();
        names.iter().map(text).collect()
    }
}

/// Validators.
impl Network {
    actions! {
        /// Registers a validator.
        register_validator / try_register_validator(network, operator: &str, node: &str) {
            let node = node.to_owned();
            network.try_on_delegation(operator, &ExecuteMsg::RegisterValidator { node })
        }
        /// Asks a delegation's owner to take a validator, or takes it out of any.
        assign_validator / try_assign_validator(network, operator: &str, validator: u32, delegation: Option<u16>) {
            let (validator, delegation) = (ValidatorId(validator), delegation_id(delegation));
            network.try_on_delegation(operator, &ExecuteMsg::AssignValidator { validator, delegation })
        }
        /// Takes validators that ask for the sender's delegation.
        accept_validators / try_accept_validators(network, owner: &str, validators: &[u32]) {
            let validators = validator_ids(validators);
            network.try_on_delegation(owner, &ExecuteMsg::AcceptValidators { validators })
        }
        /// Sends validators of the sender's delegation away.
        remove_validators / try_remove_validators(network, owner: &str, validators: &[u32]) {
            let validators = validator_ids(validators);
            network.try_on_delegation(owner, &ExecuteMsg::RemoveValidators { validators })
        }
        /// Sends validators of a delegation away that it has no room for.
        evict_validators / try_evict_validators(network, sender: &str, delegation: u16, validators: &[u32]) {
            let (delegation, validators) = (DelegationId(delegation), validator_ids(validators));
            network.try_on_delegation(sender, &ExecuteMsg::EvictValidators { delegation, validators })
        }
    }

    /// Registers validators and assigns them to a delegation, at once if the operator owns it, or
    /// else with its owner's consent; their numbers.
    #[track_caller]
    pub fn run_validators(&mut self, operator: &str, delegation: u16, count: u32) -> Vec<u32> {
        let owner = self.delegation().delegation(delegation).info.owner;
        let first = self.delegation().network().validators + 1;
        let validators: Vec<u32> = (first..first + count).collect();
        for validator in &validators {
            self.register_validator(operator, &format!("node-{validator}"));
            self.assign_validator(operator, *validator, Some(delegation));
            if owner != self.account(operator) {
                self.accept_validators(owner.as_str(), &[*validator]);
            }
        }
        validators
    }

    /// A validator's bit in reports.
    #[track_caller]
    pub fn seat_of(&self, validator: u32) -> u16 {
        let page = self
            .delegation()
            .validators(None, validator.checked_sub(1), Some(1));
        let found = page.validators.first();
        let found = found.filter(|found| found.validator == ValidatorId(validator));
        let seat = found.expect("the validator is registered").seat;
        seat.expect("the validator has a seat")
    }
}

/// Governance of the delegation contract.
impl Network {
    actions! {
        /// Queues what NFTs of a collection weigh, as the owner.
        set_collection / try_set_collection(network, collection: &Collection) {
            let collection = collection.clone();
            network.try_on_delegation("owner", &ExecuteMsg::SetCollection { collection })
        }
        /// Drops that, as the owner.
        cancel_collection / try_cancel_collection(network, collection: usize) {
            let collection = network.collection(collection).into_string();
            network.try_on_delegation("owner", &ExecuteMsg::CancelCollection { collection })
        }
        /// Queues parameters of the delegation contract, as the owner.
        queue_delegation_params / try_queue_delegation_params(network, params: &Params) {
            let params = params.clone();
            network.try_on_delegation("owner", &ExecuteMsg::QueueParams { params })
        }
        /// Drops them, as the owner.
        cancel_delegation_params / try_cancel_delegation_params(network) {
            network.try_on_delegation("owner", &ExecuteMsg::CancelParams {})
        }
        /// Fills or empties a role of the delegation contract, as the owner.
        set_delegation_role / try_set_delegation_role(network, role: Role, account: Option<&str>) {
            let account = account.map(|name| network.account(name).into_string());
            network.try_on_delegation("owner", &ExecuteMsg::SetRole { role, account })
        }
        /// Pauses an activity of the delegation contract.
        pause_delegation / try_pause_delegation(network, sender: &str, activity: Activity, seconds: u64) {
            network.try_on_delegation(sender, &ExecuteMsg::Pause { activity, seconds })
        }
        /// Ends a pause of the delegation contract.
        resume_delegation / try_resume_delegation(network, sender: &str, activity: Activity) {
            network.try_on_delegation(sender, &ExecuteMsg::Resume { activity })
        }
        /// A step in handing the delegation contract over.
        update_delegation_ownership / try_update_delegation_ownership(network, sender: &str, action: cw_ownable::Action) {
            network.try_on_delegation(sender, &ExecuteMsg::UpdateOwnership(action))
        }
    }
}
