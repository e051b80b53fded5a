//! Delegations, who may join them, and their validators.

use rand::seq::IndexedRandom;

use super::{delegation, Game};
use crate::act::delegation::Deed;
use crate::act::Act;
use crate::shadow::delegation::{Id, Joining, Metadata, ValidatorNo};
use crate::shadow::Who;
use crate::world::USERS;

/// Most delegations, so that people meet in them.
const DELEGATIONS: usize = 14;
/// Most people who own one, so that it can be handed to others.
const OWNERS: usize = 4;
/// Most validators.
const VALIDATORS: usize = 60;

impl Game {
    fn metadata(&mut self) -> Metadata {
        let length = self.mostly([1, 5, 64, 0, 65], 3);
        Metadata {
            name: "d".repeat(length),
            url: "u".repeat(self.mostly([0, 256, 257], 2)),
            description: "t".repeat(self.mostly([0, 3, 512, 513], 3)),
        }
    }

    fn joining(&mut self) -> Joining {
        match self.below(6) {
            0 => Joining::Approval,
            1 => Joining::Closed,
            _ => Joining::Open,
        }
    }

    fn minimum(&mut self) -> u128 {
        [0, 0, 0, 1_000, 12_001, 1_000_000_000_000_001][self.below(6) as usize]
    }

    fn commission(&mut self) -> u128 {
        [0, 100, 200, 300, 500, 799, 1_000, 1_001][self.below(8) as usize]
    }

    /// Some people, mostly of these.
    fn people(&mut self, from: &[Who]) -> Vec<Who> {
        let count = 1 + self.below(3) as usize;
        let some = from.choose_multiple(&mut self.rng, count).copied();
        let mut some: Vec<Who> = some.collect();
        if self.chance(20) {
            some.push(self.user());
        }
        some
    }

    /// Who owns no delegation.
    fn without(&self) -> Vec<Who> {
        let all = USERS.into_iter();
        all.filter(|who| self.world.delegation.owns(*who).is_none())
            .collect()
    }

    pub(super) fn delegation_ids(&mut self) -> Act {
        let user = self.user();
        let owner = self.delegation_owner();
        let ledger = &self.world.delegation;
        let owners = USERS.into_iter().filter(|who| ledger.owns(*who).is_some());
        let many = ledger.profiles.len() >= DELEGATIONS || owners.count() >= OWNERS;
        let his = ledger.owns(owner);
        let asked = ledger.approvals.keys().filter(|(id, _)| Some(*id) == his);
        let asked: Vec<Who> = asked.map(|(_, who)| *who).collect();
        let coming = ledger.coming();
        let members = his.map(|id| coming.members(id)).unwrap_or_default();
        let members: Vec<Who> = members.into_keys().filter(|who| *who != owner).collect();
        match self.below(20) {
            0..4 if !many || self.chance(20) => {
                let without = self.without();
                let by = self.pick(&without).unwrap_or(user);
                let deed = Deed::CreateDelegation {
                    metadata: self.metadata(),
                    commission: self.commission(),
                    joining: self.joining(),
                    minimum: self.minimum(),
                };
                delegation(by, deed)
            }
            0..7 => {
                let deed = Deed::UpdateDelegation {
                    metadata: self.chance(4).then(|| self.metadata()),
                    joining: self.chance(2).then(|| self.joining()),
                    minimum: self.chance(3).then(|| self.minimum()),
                };
                delegation(owner, deed)
            }
            7..10 => {
                let commission = self.commission();
                delegation(owner, Deed::SetCommission { commission })
            }
            10 => {
                let without = self.without();
                let to = self.pick(&without).filter(|_| !self.chance(6));
                delegation(owner, Deed::TransferDelegation { to })
            }
            11 | 12 => {
                let profiles = self.world.delegation.profiles.iter();
                let open = profiles.filter_map(|(id, profile)| Some((*id, profile.proposed?)));
                let open: Vec<_> = open.collect();
                let (id, by) = self.pick(&open).unwrap_or((1, user));
                let by = if self.chance(8) { user } else { by };
                delegation(by, Deed::AcceptDelegation { id })
            }
            13 => {
                let id = self.id();
                delegation(user, Deed::RequestApproval { id })
            }
            14..17 => {
                let deed = Deed::ApproveMembers {
                    accounts: self.people(if asked.is_empty() { &USERS } else { &asked }),
                    approved: !self.chance(4),
                };
                delegation(owner, deed)
            }
            _ => {
                let accounts = self.people(&members);
                delegation(owner, Deed::ReleaseMembers { accounts })
            }
        }
    }

    pub(super) fn validators(&mut self) -> Act {
        let (user, owner) = (self.user(), self.delegation_owner());
        let ledger = &self.world.delegation;
        let his = ledger.owns(owner);
        let all = || (1..).zip(&ledger.validators);
        let own: Vec<ValidatorNo> = all()
            .filter(|(_, it)| it.operator == user)
            .map(|(number, _)| number)
            .collect();
        let asking = all().filter(|(_, it)| it.requested.is_some() && it.requested == his);
        let asking: Vec<ValidatorNo> = asking.map(|(number, _)| number).collect();
        let coming = ledger.coming();
        let seated = his.map(|id| coming.validators(id)).unwrap_or_default();
        let few = ledger.validators.len() < VALIDATORS;
        match self.below(12) {
            0..3 if few => {
                let length = self.mostly([8, 1, 128, 0, 129], 3);
                let node = "n".repeat(length);
                delegation(user, Deed::RegisterValidator { node })
            }
            0..7 => {
                let validator = match self.pick(&own).filter(|_| !self.chance(15)) {
                    Some(number) => number,
                    None => self.below(70) as ValidatorNo,
                };
                let mine = self.world.delegation.owns(user).filter(|_| self.chance(2));
                let id = match mine {
                    Some(id) => Some(id),
                    None => (!self.chance(8)).then(|| self.id()),
                };
                delegation(user, Deed::AssignValidator { validator, id })
            }
            7..11 => {
                let validators = self.some_validators(&asking);
                delegation(owner, Deed::AcceptValidators { validators })
            }
            _ if self.chance(2) => self.eviction(user),
            _ => {
                let from = if self.chance(4) { &asking } else { &seated };
                let mut validators = self.some_validators(from);
                validators.truncate(2);
                delegation(owner, Deed::RemoveValidators { validators })
            }
        }
    }

    /// Of a delegation that has more validators than it can hold, if there is one.
    fn eviction(&mut self, user: Who) -> Act {
        let ledger = &self.world.delegation;
        let coming = ledger.coming();
        let crowded = |id: &Id| coming.validators(*id).len() as u128 > ledger.max_validators(*id);
        let crowded: Vec<Id> = ledger.profiles.keys().copied().filter(crowded).collect();
        let id = match self.pick(&crowded) {
            Some(id) => id,
            None => self.id(),
        };
        let seated = self.world.delegation.coming().validators(id);
        let mut validators = self.some_validators(&seated);
        validators.truncate(1);
        delegation(user, Deed::EvictValidators { id, validators })
    }

    fn some_validators(&mut self, from: &[ValidatorNo]) -> Vec<ValidatorNo> {
        let count = 1 + self.below(4) as usize;
        let some = from.choose_multiple(&mut self.rng, count).copied();
        let mut some: Vec<ValidatorNo> = some.collect();
        match self.below(30) {
            0 => some.extend(some.first().copied()),
            1 => some.push(self.below(70) as ValidatorNo),
            _ => {}
        }
        some
    }
}
