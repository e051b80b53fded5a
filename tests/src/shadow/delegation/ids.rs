//! Delegation IDs: owners, commission, who may join.

use super::{check_batch, Id, Ledger, Standing, Terms};
use crate::shadow::{refuse_if, Answer, Epoch, Who};

/// Highest commission, basis points.
const MAX_RATE: u128 = 1_000;
/// Most by which it may rise at a time.
const MAX_RISE: u128 = 200;
/// Most that a member can be asked to have.
const MAX_MINIMUM: u128 = 1_000_000_000_000_000;
/// Most delegations.
const MAX_DELEGATIONS: usize = 8_192;

/// Who may join, beside the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joining {
    /// Anyone.
    Open,
    /// Whom the owner has approved.
    Approval,
    /// Nobody.
    Closed,
}

/// How a delegation presents itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Name.
    pub name: String,
    /// Web page.
    pub url: String,
    /// Anything else.
    pub description: String,
}

/// What changes at once.
#[derive(Clone, Debug)]
pub struct Profile {
    /// How it presents itself.
    pub metadata: Metadata,
    /// Who may join.
    pub joining: Joining,
    /// What a member must have in it after joining.
    pub minimum: u128,
    /// Who must accept before it changes hands.
    pub proposed: Option<Who>,
    /// A higher commission that waits for an epoch after the next one.
    pub rise: Option<(Epoch, u128)>,
}

impl Metadata {
    fn check(&self) -> Answer {
        let name = (1..=64).contains(&self.name.len());
        let rest = self.url.len() <= 256 && self.description.len() <= 512;
        refuse_if(!name || !rest, "metadata")
    }
}

impl Ledger {
    /// The delegation that somebody owns from the next epoch on.
    pub fn owns(&self, who: Who) -> Option<Id> {
        let mut terms = self.next.terms.iter();
        terms.find(|(_, it)| it.owner == who).map(|(id, _)| *id)
    }

    fn his(&self, who: Who) -> Answer<Id> {
        self.owns(who).ok_or("owns no delegation")
    }

    fn profile(&mut self, id: Id) -> &mut Profile {
        self.profiles.get_mut(&id).expect("it was created")
    }

    pub(super) fn check_exists(&self, id: Id) -> Answer {
        refuse_if(!self.profiles.contains_key(&id), "no such delegation")
    }

    /// Whether somebody may join with so much more Quintessence.
    pub fn check_join(&self, by: Who, place: Option<Id>, more: u128) -> Answer {
        let Some(id) = place else { return Ok(()) };
        let profile = self.profiles.get(&id).ok_or("no such delegation")?;
        refuse_if(self.staking.is_on(self.now), "paused")?;
        let coming = self.coming();
        if coming.terms[&id].owner == by || profile.proposed == Some(by) {
            return Ok(());
        }
        let active = coming.standing(id) == Some(Standing::Active);
        refuse_if(!active, "the owner's part is short")?;
        let welcome = match profile.joining {
            Joining::Open => true,
            Joining::Approval => self.approvals.get(&(id, by)) == Some(&true),
            Joining::Closed => false,
        };
        refuse_if(!welcome, "may not join")?;
        let after = coming.weight(by, place) + more;
        refuse_if(after < profile.minimum, "below the minimum")
    }

    /// `create_delegation`.
    pub fn create_delegation(
        &mut self,
        by: Who,
        metadata: Metadata,
        commission: u128,
        joining: Joining,
        minimum: u128,
    ) -> Answer<Id> {
        refuse_if(self.staking.is_on(self.now), "paused")?;
        metadata.check()?;
        refuse_if(commission > MAX_RATE, "commission")?;
        refuse_if(minimum > MAX_MINIMUM, "minimum")?;
        refuse_if(self.owns(by).is_some(), "owns one")?;
        refuse_if(self.profiles.len() >= MAX_DELEGATIONS, "too many")?;
        let required = self.params.at(self.epoch + 1).own_quintessence;
        let counts = self.current.weight(by, None);
        let stays = self.next.weight(by, None);
        refuse_if(counts.min(stays) < required, "too little Quintessence")?;
        let profile = Profile {
            metadata,
            joining,
            minimum,
            proposed: None,
            rise: None,
        };
        let terms = Terms {
            owner: by,
            rate: commission,
            required,
            short_since: None,
        };
        let id = self.profiles.len() as Id + 1;
        self.profiles.insert(id, profile);
        self.next.terms.insert(id, terms);
        self.redirect(by, None, Some(id));
        Ok(id)
    }

    /// All that somebody has in one place goes to another at the next boundary.
    fn redirect(&mut self, who: Who, from: Option<Id>, to: Option<Id>) {
        let stakes = self.next.nfts.values_mut();
        for stake in stakes.filter(|stake| stake.staker == who && stake.place == from) {
            stake.place = to;
        }
    }

    /// `update_delegation`.
    pub fn update_delegation(
        &mut self,
        by: Who,
        metadata: Option<Metadata>,
        joining: Option<Joining>,
        minimum: Option<u128>,
    ) -> Answer {
        let id = self.his(by)?;
        if let Some(metadata) = &metadata {
            metadata.check()?;
        }
        refuse_if(minimum.is_some_and(|least| least > MAX_MINIMUM), "minimum")?;
        let profile = self.profile(id);
        profile.metadata = metadata.unwrap_or(profile.metadata.clone());
        profile.joining = joining.unwrap_or(profile.joining);
        profile.minimum = minimum.unwrap_or(profile.minimum);
        Ok(())
    }

    /// `set_commission`; answers from when on.
    pub fn set_commission(&mut self, by: Who, commission: u128) -> Answer<Epoch> {
        let id = self.his(by)?;
        refuse_if(commission > MAX_RATE, "commission")?;
        let next = self.epoch + 1;
        let rate = self.next.terms[&id].rate;
        if commission <= rate {
            self.next_terms(id).rate = commission;
            self.profile(id).rise = None;
            return Ok(next);
        }
        refuse_if(commission - rate > MAX_RISE, "too much at a time")?;
        let now = self.current.terms.get(&id);
        let comes = now.is_some_and(|now| rate > now.rate);
        let waits = self.profile(id).rise.is_some();
        refuse_if(comes || waits, "a rise waits")?;
        self.profile(id).rise = Some((next + 7, commission));
        Ok(next + 7)
    }

    fn next_terms(&mut self, id: Id) -> &mut Terms {
        self.next.terms.get_mut(&id).expect("it was created")
    }

    /// At a boundary: a rise that waited for the epoch after this one is the rate as of then.
    pub(super) fn begin_rises(&mut self) {
        let next = self.epoch + 1;
        for (id, profile) in &mut self.profiles {
            if let Some((_, rate)) = profile.rise.take_if(|(from, _)| *from <= next) {
                self.next.terms.get_mut(id).expect("it was created").rate = rate;
            }
        }
    }

    /// The next change of a delegation's commission; its first one, until it is in force.
    pub fn commission_change(&self, id: Id) -> Option<(Epoch, u128)> {
        let now = self.current.terms.get(&id).map(|terms| terms.rate);
        let next = self.next.terms.get(&id)?.rate;
        match now {
            Some(now) if now == next => self.profiles[&id].rise,
            _ => Some((self.epoch + 1, next)),
        }
    }

    /// `transfer_delegation`.
    pub fn transfer_delegation(&mut self, by: Who, to: Option<Who>) -> Answer {
        let id = self.his(by)?;
        self.profile(id).proposed = to;
        Ok(())
    }

    /// `accept_delegation`.
    pub fn accept_delegation(&mut self, by: Who, id: Id) -> Answer {
        self.check_exists(id)?;
        refuse_if(self.profiles[&id].proposed != Some(by), "not proposed")?;
        refuse_if(self.owns(by).is_some(), "owns one")?;
        let own = self.coming().weight(by, Some(id));
        let required = self.next.terms[&id].required;
        refuse_if(own < required, "too little Quintessence")?;
        self.profile(id).proposed = None;
        self.next_terms(id).owner = by;
        Ok(())
    }

    /// `request_approval`.
    pub fn request_approval(&mut self, by: Who, id: Id) -> Answer {
        self.check_exists(id)?;
        refuse_if(self.approvals.contains_key(&(id, by)), "asked already")?;
        self.approvals.insert((id, by), false);
        Ok(())
    }

    /// `approve_members`.
    pub fn approve_members(&mut self, by: Who, accounts: &[Who], approved: bool) -> Answer {
        let id = self.his(by)?;
        check_batch(accounts)?;
        for account in accounts {
            match approved {
                true => self.approvals.insert((id, *account), true),
                false => self.approvals.remove(&(id, *account)),
            };
        }
        Ok(())
    }

    /// `release_members`.
    pub fn release_members(&mut self, by: Who, accounts: &[Who]) -> Answer {
        let id = self.his(by)?;
        check_batch(accounts)?;
        refuse_if(accounts.contains(&by), "the owner himself")?;
        let member = |who: &Who| self.next.weight(*who, Some(id)) > 0;
        refuse_if(!accounts.iter().all(member), "no member")?;
        for account in accounts {
            self.redirect(*account, Some(id), None);
            self.approvals.remove(&(id, *account));
        }
        Ok(())
    }
}
