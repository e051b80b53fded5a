//! Stakes of nodes, the pool, lots.

use super::{check_list, refuse_if, Answer, Epoch, Key, Shadow, Who};

/// The vault's parameters.
#[derive(Clone, Debug)]
pub struct VaultParams {
    /// Seconds.
    pub unbonding: u64,
    /// Seconds.
    pub lock: u64,
}

/// Stake on its way out.
#[derive(Clone, Debug)]
pub struct Lot {
    /// QST units.
    pub amount: u128,
    /// Unix seconds.
    pub release: u64,
    /// First epoch in which it no longer counts.
    pub until: Epoch,
    /// The node it comes from; none: the pool.
    pub key: Option<Key>,
}

impl Shadow {
    /// What somebody has in the pool from the next epoch on.
    pub fn pool_of(&self, who: Who) -> u128 {
        self.pool_next.get(&who).copied().unwrap_or(0)
    }

    /// Somebody's lots, by number.
    pub fn lots_of(&self, who: Who) -> Vec<(u64, Lot)> {
        let lots = self.lots.range((who, 0)..=(who, u64::MAX));
        lots.map(|((_, number), lot)| (*number, lot.clone()))
            .collect()
    }

    /// Stakes nodes.
    pub fn stake_nodes(&mut self, by: Who, keys: &[Key], sent: u128) -> Answer {
        refuse_if(sent == 0, "nothing sent")?;
        check_list(keys)?;
        refuse_if(self.staking.is_on(self.now), "paused")?;
        for key in keys {
            self.check_stakeable(by, *key)?;
        }
        refuse_if(sent != self.requirement() * keys.len() as u128, "amount")?;
        self.vault_in += sent;
        for key in keys {
            let next = self.epoch + 1;
            let facts = self.key_mut(*key);
            facts.staked_next = true;
            facts.staked_from = next;
            facts
                .listing
                .iter_mut()
                .for_each(|listing| listing.void = true);
        }
        Ok(())
    }

    fn check_stakeable(&self, by: Who, key: Key) -> Answer {
        let facts = self.key(key)?;
        refuse_if(facts.owner != by, "somebody else's key")?;
        refuse_if(facts.staked_next, "staked already")
    }

    /// Unstakes nodes.
    pub fn unstake_nodes(&mut self, by: Who, keys: &[Key]) -> Answer {
        check_list(keys)?;
        for key in keys {
            let facts = self.key(*key)?;
            refuse_if(facts.owner != by, "somebody else's key")?;
            refuse_if(!facts.staked_next, "not staked")?;
        }
        for key in keys {
            self.take_stake_off(by, *key);
        }
        Ok(())
    }

    /// A node's stake becomes a lot.
    pub(super) fn take_stake_off(&mut self, staker: Who, key: Key) {
        let params = self.vault_params.at(self.epoch).clone();
        let unbonded = self.boundary() + params.unbonding;
        let from = self.key_mut(key).staked_from;
        // The lock agreed on when the stake was placed, or today's if that is shorter.
        let agreed = self.vault_params.at(from.saturating_sub(1)).lock;
        let locked = self.start_of(from) + agreed.min(params.lock);
        let lot = Lot {
            amount: self.requirement(),
            release: unbonded.max(locked),
            until: self.epoch + 1,
            key: Some(key),
        };
        let facts = self.key_mut(key);
        facts.staked_next = false;
        facts
            .listing
            .iter_mut()
            .for_each(|listing| listing.void = true);
        self.add_lot(staker, lot);
    }

    fn add_lot(&mut self, who: Who, lot: Lot) {
        self.lot_count += 1;
        self.lots.insert((who, self.lot_count), lot);
    }

    /// Deposits into the pool.
    pub fn deposit_pool(&mut self, by: Who, sent: u128) -> Answer {
        refuse_if(sent == 0, "nothing sent")?;
        refuse_if(self.staking.is_on(self.now), "paused")?;
        self.vault_in += sent;
        *self.pool_next.entry(by).or_default() += sent;
        Ok(())
    }

    /// Takes stake out of the pool.
    pub fn unbond_pool(&mut self, by: Who, amount: u128) -> Answer {
        refuse_if(amount == 0, "nothing asked for")?;
        let rest = self.pool_of(by).checked_sub(amount);
        let rest = rest.ok_or("more than there is")?;
        self.pool_next.insert(by, rest);
        let unbonding = self.vault_params.at(self.epoch).unbonding;
        let lot = Lot {
            amount,
            release: self.boundary() + unbonding,
            until: self.epoch + 1,
            key: None,
        };
        self.add_lot(by, lot);
        Ok(())
    }

    /// Pays named lots; answers how much.
    pub fn withdraw_named(&mut self, by: Who, numbers: &[u64]) -> Answer<u128> {
        check_list(numbers)?;
        for number in numbers {
            let lot = self.lots.get(&(by, *number)).ok_or("no such lot")?;
            refuse_if(lot.release > self.now, "not released")?;
        }
        Ok(self.pay_lots(by, numbers))
    }

    /// Pays the released lots of a page; answers how much.
    pub fn withdraw_page(&mut self, by: Who, after: Option<u64>, limit: usize) -> Answer<u128> {
        let page: Vec<(u64, Lot)> = self
            .lots_of(by)
            .into_iter()
            .filter(|(number, _)| *number > after.unwrap_or(0))
            .take(limit)
            .collect();
        let released = page.iter().filter(|(_, lot)| lot.release <= self.now);
        let numbers: Vec<u64> = released.map(|(number, _)| *number).collect();
        refuse_if(numbers.is_empty(), "nothing released")?;
        Ok(self.pay_lots(by, &numbers))
    }

    fn pay_lots(&mut self, by: Who, numbers: &[u64]) -> u128 {
        let lots = numbers
            .iter()
            .filter_map(|number| self.lots.remove(&(by, *number)));
        let sum: u128 = lots.map(|lot| lot.amount).sum();
        self.vault_out += sum;
        sum
    }

    /// Puts a lot back.
    pub fn cancel_lot(&mut self, by: Who, number: u64) -> Answer {
        refuse_if(self.staking.is_on(self.now), "paused")?;
        let lot = self.lots.get(&(by, number)).ok_or("no such lot")?.clone();
        refuse_if(lot.release <= self.now, "released")?;
        let Some(key) = lot.key else {
            self.lots.remove(&(by, number));
            *self.pool_next.entry(by).or_default() += lot.amount;
            return Ok(());
        };
        self.check_stakeable(by, key)?;
        refuse_if(lot.amount != self.requirement(), "needs another stake")?;
        self.lots.remove(&(by, number));
        let (epoch, facts) = (self.epoch, self.key_mut(key));
        facts.staked_next = true;
        if lot.until <= epoch {
            facts.staked_from = epoch + 1;
        }
        facts
            .listing
            .iter_mut()
            .for_each(|listing| listing.void = true);
        Ok(())
    }

    /// Queues parameters.
    pub fn queue_vault_params(&mut self, by: Who, params: VaultParams) -> Answer<Epoch> {
        self.only(self.genesis.offices.owner, by)?;
        let bad = params.unbonding > 90 * super::DAY || params.lock > 365 * super::DAY;
        refuse_if(bad, "bounds")?;
        self.vault_params.queue(self.epoch, params)
    }

    /// Drops queued parameters.
    pub fn cancel_vault_params(&mut self, by: Who) -> Answer {
        self.only(self.genesis.offices.owner, by)?;
        self.vault_params.cancel(self.epoch)
    }

    /// Pauses staking.
    pub fn pause_staking(&mut self, by: Who, seconds: u64) -> Answer {
        self.only_owner_or_guardian(by)?;
        self.staking.pause(self.now, seconds)
    }

    /// Ends that pause.
    pub fn resume_staking(&mut self, by: Who) -> Answer {
        self.only_owner_or_guardian(by)?;
        self.staking.resume(self.now)
    }
}
