//! Injections, the mint, what everybody is owed, claims, and links to the Hub's clients.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::{check_different, Id, Ledger};
use crate::shadow::{refuse_if, Answer, Epoch, Who, FIXED};

/// Most delegations in one claim.
const CLAIM_PAGE: usize = 40;

/// As what something was earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// With Quintessence.
    Members,
    /// As owner of a delegation.
    Commission,
}

impl Role {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Members, Self::Commission];
}

/// Where the money is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// All that came in: injected, and minted by the token.
    pub received: u128,
    /// All that was paid.
    pub paid: u128,
    /// Injections for epochs that are not closed.
    pub ahead: BTreeMap<Epoch, u128>,
    /// Joins the next pool.
    pub carry: u128,
    /// What epochs left in which nobody could be paid.
    pub drip: u128,
    /// All rewards so far, paid or not.
    pub rewards: u128,
    /// Minted so far.
    pub minted: u128,
    /// Part of the rewards, refused by the token.
    pub mint_owed: u128,
}

impl Books {
    /// Injections for epochs that are not closed, together.
    pub fn ahead_sum(&self) -> u128 {
        self.ahead.values().sum()
    }

    /// Rewards that are not paid and that the contract holds.
    pub fn backed(&self) -> u128 {
        self.rewards - self.paid - self.mint_owed
    }

    /// What the contract must hold.
    pub fn liabilities(&self) -> u128 {
        self.received - self.paid
    }
}

/// A link to a client of the Hub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The client, while there is a link.
    pub client: Option<String>,
    /// Links made so far.
    pub made: u64,
}

impl Ledger {
    /// `inject`, by a cw20's `Send`.
    pub fn inject(&mut self, amount: u128, over: u32, source: &str, reference: &str) -> Answer {
        refuse_if(self.injections.is_on(self.now), "paused")?;
        refuse_if(amount == 0, "nothing sent")?;
        refuse_if(!(1..=366).contains(&over), "span")?;
        let bad = |text: &str| text.is_empty() || text.len() > 256;
        refuse_if(bad(source) || bad(reference), "text")?;
        let entry = (source.to_string(), reference.to_string());
        refuse_if(self.references.contains(&entry), "used")?;
        self.references.push(entry);
        self.books.received += amount;
        let (ahead, last) = (&mut self.books.ahead, self.epoch + over - 1);
        for epoch in self.epoch..=last {
            *ahead.entry(epoch).or_default() += amount / u128::from(over);
        }
        *ahead.entry(last).or_default() += amount % u128::from(over);
        Ok(())
    }

    /// Whether the token would refuse to mint so much.
    fn refuses(&self, amount: u128) -> bool {
        self.token_refuses || self.token_room.is_some_and(|room| amount > room)
    }

    pub(super) fn mint(&mut self, amount: u128) {
        match self.refuses(amount) {
            true => self.books.mint_owed += amount,
            false => {
                self.token_room = self.token_room.map(|room| room - amount);
                self.books.minted += amount;
                self.books.received += amount;
            }
        }
    }

    /// `retry_mint`; answers what was minted.
    pub fn retry_mint(&mut self) -> Answer<u128> {
        refuse_if(self.books.mint_owed == 0, "nothing to make up")?;
        refuse_if(self.refuses(self.books.mint_owed), "the token refuses")?;
        let amount = std::mem::take(&mut self.books.mint_owed);
        self.mint(amount);
        Ok(amount)
    }

    /// `settle_delegation`.
    pub fn settle_delegation(&self, id: Id) -> Answer {
        self.check_exists(id)
    }

    /// What somebody has earned in a delegation, in 10^-18 units.
    pub fn earned_fixed(&self, who: Who, id: Id, role: Role) -> BigUint {
        let fixed = self.fixed.get(&(who, id, role));
        fixed.cloned().unwrap_or_default()
    }

    /// Whole units that somebody has earned in a delegation, paid or not.
    pub fn earned_in(&self, who: Who, id: Id, role: Role) -> u128 {
        let whole = self.earned_fixed(who, id, role) / FIXED;
        u128::try_from(whole).expect("an amount fits")
    }

    /// Whole units that somebody has earned in a role: delegations are rounded down one by one.
    pub fn earned_as(&self, who: Who, role: Role) -> u128 {
        let ids = self.profiles.keys();
        ids.map(|id| self.earned_in(who, *id, role)).sum()
    }

    /// Paid in a role.
    pub fn paid_as(&self, who: Who, role: Role) -> u128 {
        self.paid.get(&(who, role)).copied().unwrap_or(0)
    }

    /// Earned and not paid, in a role.
    pub fn claimable_as(&self, who: Who, role: Role) -> u128 {
        self.earned_as(who, role) - self.paid_as(who, role)
    }

    /// Earned and not paid.
    pub fn claimable(&self, who: Who) -> u128 {
        Role::ALL
            .map(|role| self.claimable_as(who, role))
            .iter()
            .sum()
    }

    /// The least that a claim naming these delegations pays in a role: all but what others have
    /// earned since they were settled.
    pub fn claimable_with(&self, who: Who, ids: &[Id], role: Role) -> u128 {
        let others = self.profiles.keys().filter(|id| !ids.contains(id));
        let open: u128 = others.map(|id| self.unsettled(who, *id, role)).sum();
        self.claimable_as(who, role).saturating_sub(open)
    }

    /// Whole units earned in a delegation since it was settled for somebody.
    pub fn unsettled(&self, who: Who, id: Id, role: Role) -> u128 {
        let settled = self.settled.get(&(who, id, role)).copied().unwrap_or(0);
        self.earned_in(who, id, role) - settled
    }

    /// Delegations in which somebody has ever counted, or which he has ever owned, the next epoch
    /// included.
    pub fn connected(&self, who: Who) -> Vec<Id> {
        let coming = self.coming();
        let all = || self.ended.iter().chain([&self.current, &coming]);
        let was = |id: Id, facts: &super::Facts| {
            let owner = facts.terms.get(&id).is_some_and(|it| it.owner == who);
            owner || facts.weight(who, Some(id)) > 0
        };
        let ids = self.profiles.keys().copied();
        ids.filter(|id| all().any(|facts| was(*id, facts)))
            .collect()
    }

    /// Whether delegations can be named in a claim.
    pub fn check_named(&self, ids: Option<&[Id]>) -> Answer {
        let Some(ids) = ids else { return Ok(()) };
        refuse_if(ids.is_empty() || ids.len() > CLAIM_PAGE, "size of the list")?;
        check_different(ids)?;
        ids.iter().try_for_each(|id| self.check_exists(*id))
    }

    /// Whether a claim is allowed at all.
    pub fn check_claim(
        &self,
        by: Who,
        account: Who,
        ids: Option<&[Id]>,
        to: Option<Who>,
    ) -> Answer {
        self.check_named(ids)?;
        let closed = self.self_claim.contains(&account);
        refuse_if(
            account != by && (closed || to.is_some()),
            "not his to claim",
        )
    }

    /// `claim`; answers the least and the most that it pays if nothing remains to be settled. It
    /// changes nothing: [`pay`](Self::pay) and [`settle`](Self::settle) do, by what was answered.
    pub fn claim(
        &self,
        by: Who,
        account: Who,
        ids: Option<&[Id]>,
        to: Option<Who>,
    ) -> Answer<(u128, u128)> {
        self.check_claim(by, account, ids, to)?;
        let least = match ids {
            Some(ids) => Role::ALL
                .map(|role| self.claimable_with(account, ids, role))
                .iter()
                .sum(),
            None => self.claimable(account),
        };
        refuse_if(least > self.books.backed(), "awaits the mint")?;
        Ok((least, self.claimable(account)))
    }

    /// Notes a payout. More than is claimable, or held, is refused.
    pub fn pay(&mut self, who: Who, role: Role, amount: u128) -> Answer {
        let owed = self.claimable_as(who, role);
        refuse_if(amount > owed, "more than is owed")?;
        refuse_if(amount > self.books.backed(), "awaits the mint")?;
        if amount > 0 {
            *self.paid.entry((who, role)).or_default() += amount;
            self.books.paid += amount;
        }
        Ok(())
    }

    /// Notes that somebody's delegations are settled up to the last closed epoch.
    pub fn settle(&mut self, who: Who, ids: &[Id]) {
        for id in ids {
            for role in Role::ALL {
                let whole = self.earned_in(who, *id, role);
                self.settled.insert((who, *id, role), whole);
            }
        }
    }

    /// Notes that all of somebody's delegations are settled.
    pub fn account_settled(&mut self, who: Who) {
        let ids: Vec<Id> = self.profiles.keys().copied().collect();
        self.settle(who, &ids);
    }

    /// Where somebody's payouts go.
    pub fn payee(&self, who: Who) -> Who {
        self.payees.get(&who).copied().unwrap_or(who)
    }

    /// `set_payee`.
    pub fn set_payee(&mut self, by: Who, payee: Option<Who>) {
        match payee {
            Some(payee) => self.payees.insert(by, payee),
            None => self.payees.remove(&by),
        };
    }

    /// `set_claim_policy`.
    pub fn set_claim_policy(&mut self, by: Who, self_claim_only: bool) {
        match self_claim_only {
            true => self.self_claim.insert(by),
            false => self.self_claim.remove(&by),
        };
    }

    /// `link_client`; `signed`: whether the signature is the key's over what must be signed with
    /// [`links_made`](Self::links_made).
    pub fn link_client(&mut self, by: Who, client: &str, signed: bool) -> Answer {
        refuse_if(!(1..=64).contains(&client.len()), "client")?;
        refuse_if(!signed, "signature")?;
        let link = self.links.entry(by).or_default();
        link.client = Some(client.into());
        link.made += 1;
        Ok(())
    }

    /// `unlink_client`.
    pub fn unlink_client(&mut self, by: Who) -> Answer {
        let link = self.links.entry(by).or_default();
        link.client.take().map(|_| ()).ok_or("no link")
    }

    /// Links that somebody has made so far.
    pub fn links_made(&self, who: Who) -> u64 {
        self.links.get(&who).map_or(0, |link| link.made)
    }

    /// Faults in the ledger's own books: every unit and every NFT must be somewhere.
    pub fn faults(&self) -> Vec<String> {
        let (books, mut faults) = (&self.books, vec![]);
        let places = [
            ("paid", books.paid),
            ("rewards", books.backed()),
            ("ahead", books.ahead_sum()),
            ("carry", books.carry),
            ("drip", books.drip),
        ];
        let sum: u128 = places.iter().map(|(_, amount)| amount).sum();
        if sum != books.received {
            faults.push(format!("{} came in, {places:?}", books.received));
        }
        let earned = self.fixed.values().chain(self.remainders.values());
        let earned: BigUint = earned.sum();
        if earned != BigUint::from(books.rewards) * FIXED {
            faults.push(format!("{} rewards, {earned} earned", books.rewards));
        }
        faults.extend(self.misplaced());
        faults
    }

    fn misplaced(&self) -> Vec<String> {
        let held = |nft| self.holders.get(nft) == Some(&super::Holder::Contract);
        let lost = self.records.keys().filter(|nft| !held(nft));
        let mut faults: Vec<String> = lost.map(|nft| format!("{nft:?} is not here")).collect();
        let staying = self.records.iter();
        let staying = staying.filter(|(_, record)| record.withdrawable_at.is_none());
        let staying: u128 = staying.map(|(_, record)| record.weight).sum();
        if staying != self.next.total() {
            faults.push(format!("{staying} staked, {} counted", self.next.total()));
        }
        faults
    }
}
