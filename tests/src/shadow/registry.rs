//! Keys, splits, market.

use super::{check_list, refuse_if, Answer, Epoch, Key, Shadow, Who, CAP, NODE_STAKE};

/// The registry's parameters.
#[derive(Clone, Debug)]
pub struct RegistryParams {
    /// Basis points.
    pub fee: u128,
    /// Seconds.
    pub notice: u64,
    /// Epochs.
    pub grace: u32,
}

/// A key.
#[derive(Clone, Debug)]
pub struct KeyFacts {
    /// Its owner.
    pub owner: Who,
    /// How often it has changed hands.
    pub hands: u32,
    /// Who may appeal beside him, and after how many changes of hands he was named.
    pub operator: Option<(Who, u32)>,
    /// Its listing, void or not.
    pub listing: Option<Listing>,
    /// Whether its node counts as staked in the running epoch.
    pub staked_now: bool,
    /// Whether it will in the next.
    pub staked_next: bool,
    /// First epoch of the present, or latest, stake.
    pub staked_from: Epoch,
}

/// An offer.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Its number.
    pub number: u64,
    /// QST units.
    pub price: u128,
    /// Basis points, as they were when it was listed.
    pub fee: u128,
    /// Only he may buy.
    pub buyer: Option<Who>,
    /// Unix seconds.
    pub expires: Option<u64>,
    /// Whether the stake goes along.
    pub with_stake: bool,
    /// Whether stake or generation have changed since.
    pub void: bool,
}

/// A key to buy.
#[derive(Clone, Copy, Debug)]
pub struct Purchase {
    /// The key.
    pub key: Key,
    /// The listing's number.
    pub listing: u64,
    /// QST units.
    pub price: u128,
}

/// A split.
#[derive(Clone, Copy, Debug)]
pub struct SplitFact {
    /// First epoch with the new keys.
    pub from: Epoch,
    /// Into how many.
    pub factor: u32,
    /// Keys when it took effect; counted then.
    pub parents: u32,
    /// Epochs in which evidence stays on the parents.
    pub grace: u32,
}

impl Shadow {
    /// Product of all splits in force.
    pub fn factor(&self) -> u32 {
        let in_force = self.splits.iter().filter(|split| split.from <= self.epoch);
        in_force.map(|split| split.factor).product()
    }

    /// A node's stake.
    pub fn requirement(&self) -> u128 {
        NODE_STAKE / u128::from(self.factor())
    }

    /// Keys at most.
    pub fn cap(&self) -> u32 {
        CAP * self.factor()
    }

    /// A key by its number.
    pub fn key(&self, key: Key) -> Answer<&KeyFacts> {
        let at = (key as usize).checked_sub(1);
        at.and_then(|at| self.keys.get(at)).ok_or("no such key")
    }

    pub(super) fn key_mut(&mut self, key: Key) -> &mut KeyFacts {
        &mut self.keys[key as usize - 1]
    }

    /// Somebody's keys.
    pub fn keys_of(&self, who: Who) -> Vec<Key> {
        let all = 1..=self.keys.len() as Key;
        all.filter(|key| self.keys[*key as usize - 1].owner == who)
            .collect()
    }

    fn owned(&self, by: Who, key: Key) -> Answer {
        refuse_if(self.key(key)?.owner != by, "somebody else's key")
    }

    /// Issues keys.
    pub fn issue(&mut self, by: Who, rows: &[(Who, u32)]) -> Answer {
        self.only(self.genesis.offices.minter, by)?;
        refuse_if(self.sealed, "sealed")?;
        refuse_if(rows.is_empty() || rows.len() > 100, "size of the list")?;
        refuse_if(rows.iter().any(|(_, count)| *count == 0), "empty row")?;
        let asked: u64 = rows.iter().map(|(_, count)| u64::from(*count)).sum();
        refuse_if(asked > 1_000, "too many keys")?;
        let total = self.keys.len() as u64 + asked;
        refuse_if(total > u64::from(self.cap()), "cap")?;
        for (owner, count) in rows {
            for _ in 0..*count {
                self.keys.push(KeyFacts {
                    owner: *owner,
                    hands: 0,
                    operator: None,
                    listing: None,
                    staked_now: false,
                    staked_next: false,
                    staked_from: 0,
                });
            }
        }
        Ok(())
    }

    /// Moves a key.
    pub fn transfer(&mut self, by: Who, to: Who, key: Key) -> Answer {
        self.owned(by, key)?;
        if to != by && self.key(key)?.staked_next {
            self.take_stake_off(by, key);
        }
        self.change_hands(key, to);
        Ok(())
    }

    fn change_hands(&mut self, key: Key, to: Who) {
        let facts = self.key_mut(key);
        facts.owner = to;
        facts.hands += 1;
        facts.listing = None;
    }

    /// Names an operator.
    pub fn set_operator(&mut self, by: Who, key: Key, operator: Option<Who>) -> Answer {
        self.owned(by, key)?;
        let facts = self.key_mut(key);
        facts.operator = operator.map(|operator| (operator, facts.hands));
        Ok(())
    }

    /// Lists a key; answers the listing's number.
    pub fn list(
        &mut self,
        by: Who,
        key: Key,
        price: u128,
        buyer: Option<Who>,
        expires: Option<u64>,
        with_stake: bool,
    ) -> Answer<u64> {
        refuse_if(self.market.is_on(self.now), "paused")?;
        self.owned(by, key)?;
        refuse_if(price == 0, "no price")?;
        let past = expires.is_some_and(|expires| expires <= self.now);
        refuse_if(past, "expired")?;
        refuse_if(buyer == Some(by), "buyer owns it")?;
        let staked = self.key(key)?.staked_next;
        refuse_if(with_stake && !staked, "not staked")?;
        self.listings += 1;
        let listing = Listing {
            number: self.listings,
            price,
            fee: self.registry_params.at(self.epoch).fee,
            buyer,
            expires,
            with_stake,
            void: false,
        };
        self.key_mut(key).listing = Some(listing);
        Ok(self.listings)
    }

    /// Whether a listing can't be bought by anybody any more.
    pub fn is_void(&self, listing: &Listing) -> bool {
        listing.void || listing.expires.is_some_and(|expires| expires <= self.now)
    }

    /// Takes an offer back.
    pub fn delist(&mut self, by: Who, key: Key) -> Answer {
        let facts = self.key(key)?;
        let listing = facts.listing.as_ref().ok_or("not listed")?;
        let may = facts.owner == by || self.is_void(listing);
        refuse_if(!may, "somebody else's listing")?;
        self.key_mut(key).listing = None;
        Ok(())
    }

    /// Buys keys; answers what each seller gets at once.
    pub fn buy(&mut self, by: Who, purchases: &[Purchase], sent: u128) -> Answer<Vec<(Who, u128)>> {
        refuse_if(self.market.is_on(self.now), "paused")?;
        let keys: Vec<Key> = purchases.iter().map(|purchase| purchase.key).collect();
        check_list(&keys)?;
        let sum: u128 = purchases.iter().map(|purchase| purchase.price).sum();
        refuse_if(sum != sent, "amount")?;
        for purchase in purchases {
            self.check_purchase(by, purchase)?;
        }
        let mut sellers = vec![];
        for Purchase { key, price, .. } in purchases.iter().copied() {
            let facts = self.key(key)?.clone();
            let listing = facts.listing.expect("it was checked");
            let fee = price * listing.fee / 10_000;
            self.fees += fee;
            sellers.push((facts.owner, price - fee));
            if facts.staked_next && !listing.with_stake {
                self.take_stake_off(facts.owner, key);
            }
            self.change_hands(key, by);
        }
        Ok(sellers)
    }

    fn check_purchase(&self, by: Who, purchase: &Purchase) -> Answer {
        let facts = self.key(purchase.key)?;
        let listing = facts.listing.as_ref().ok_or("not listed")?;
        refuse_if(self.is_void(listing), "void")?;
        refuse_if(facts.owner == by, "owns it already")?;
        let reserved = listing.buyer.is_some_and(|buyer| buyer != by);
        refuse_if(reserved, "reserved")?;
        refuse_if(listing.number != purchase.listing, "another listing")?;
        refuse_if(listing.price != purchase.price, "another price")
    }

    /// Pays the treasury; answers how much.
    pub fn claim_fees(&mut self) -> Answer<u128> {
        refuse_if(self.fees == 0, "nothing owed")?;
        Ok(std::mem::take(&mut self.fees))
    }

    /// The announced split.
    pub fn pending_split(&self) -> Option<&SplitFact> {
        self.splits.last().filter(|split| split.from > self.epoch)
    }

    /// Announces a split.
    pub fn split(&mut self, by: Who, factor: u32) -> Answer<Epoch> {
        self.only(self.genesis.offices.owner, by)?;
        refuse_if(self.pending_split().is_some(), "one is pending")?;
        let possible = [2, 4, 5, 8, 10, 16, 20, 25].contains(&factor);
        refuse_if(!possible, "factor")?;
        refuse_if(self.factor() * factor > 25, "product")?;
        refuse_if(self.keys.is_empty(), "no keys")?;
        let params = self.registry_params.at(self.epoch).clone();
        // A whole epoch's notice at least.
        let from = self.boundary_after(params.notice.max(self.genesis.length));
        if let Some(last) = self.splits.last() {
            refuse_if(from < last.from + last.grace, "in grace")?;
        }
        self.splits.push(SplitFact {
            from,
            factor,
            parents: 0,
            grace: params.grace,
        });
        Ok(from)
    }

    /// First epoch that begins at or after so many seconds from now, the next one at the earliest.
    fn boundary_after(&self, notice: u64) -> Epoch {
        let mut epoch = self.epoch + 1;
        while self.start_of(epoch) < self.now + notice {
            epoch += 1;
        }
        epoch
    }

    /// Takes an announced split back.
    pub fn cancel_split(&mut self, by: Who) -> Answer {
        self.only(self.genesis.offices.owner, by)?;
        let from = self.pending_split().ok_or("none is pending")?.from;
        refuse_if(from <= self.epoch + 1, "irrevocable")?;
        self.splits.pop();
        Ok(())
    }

    /// At a boundary: if a split begins with this epoch, every key's children come into being.
    pub(super) fn split_now(&mut self) {
        let (epoch, parents) = (self.epoch, self.keys.clone());
        let Some(split) = self.splits.last_mut().filter(|split| split.from == epoch) else {
            return;
        };
        split.parents = parents.len() as u32;
        let factor = split.factor;
        for key in &mut self.keys {
            key.listing
                .iter_mut()
                .for_each(|listing| listing.void = true);
        }
        for _ in 1..factor {
            self.keys.extend(parents.iter().map(|parent| KeyFacts {
                operator: None,
                listing: None,
                ..parent.clone()
            }));
        }
    }

    /// The keys that each bit of a report on the running epoch stands for.
    pub(super) fn reported_now(&self) -> Vec<Vec<Key>> {
        let all = self.keys.len() as Key;
        let in_force = self
            .splits
            .iter()
            .rev()
            .find(|split| split.from <= self.epoch);
        let grace = in_force.filter(|split| self.epoch < split.from + split.grace);
        let Some(split) = grace else {
            return (1..=all).map(|key| vec![key]).collect();
        };
        let m = split.parents;
        let family = |parent: Key| (0..split.factor).map(|child| parent + m * child).collect();
        let parents = (1..=m).map(family);
        let later = (m * split.factor + 1..=all).map(|key| vec![key]);
        parents.chain(later).collect()
    }

    /// Queues parameters.
    pub fn queue_registry_params(&mut self, by: Who, params: RegistryParams) -> Answer<Epoch> {
        self.only(self.genesis.offices.owner, by)?;
        let bad = params.fee > 500 || params.notice > 365 * super::DAY || params.grace > 366;
        refuse_if(bad, "bounds")?;
        self.registry_params.queue(self.epoch, params)
    }

    /// Drops queued parameters.
    pub fn cancel_registry_params(&mut self, by: Who) -> Answer {
        self.only(self.genesis.offices.owner, by)?;
        self.registry_params.cancel(self.epoch)
    }

    /// Pauses the market.
    pub fn pause_market(&mut self, by: Who, seconds: u64) -> Answer {
        self.only_owner_or_guardian(by)?;
        self.market.pause(self.now, seconds)
    }

    /// Ends that pause.
    pub fn resume_market(&mut self, by: Who) -> Answer {
        self.only_owner_or_guardian(by)?;
        self.market.resume(self.now)
    }
}
