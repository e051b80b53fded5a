//! Everybody's way out at the end.

use super::delegation::delegation;
use super::Game;
use crate::act::delegation::Deed;
use crate::act::{Act, Contract};
use crate::checks::{self, AFTER_EVERY_ACT, NOW_AND_THEN};
use crate::shadow::delegation::{Activity, Nft};
use crate::shadow::{Epoch, Key, Outcome, Step, Who, DAY};
use crate::world::{GUARDIAN, KEEPER, OWNER, PEOPLE};

/// Those that are not the delegation contract.
const CONTRACTS: [Contract; 3] = [Contract::Registry, Contract::Vault, Contract::Distributor];

impl Game {
    /// L1: closes what can be closed, ends every dispute, and lets everybody take everything.
    pub(super) fn everybody_leaves(&mut self) -> Result<(), String> {
        self.close_all()?;
        self.advance_all()?;
        self.owners_go()?;
        self.leave_stakes()?;
        self.leave_delegations()?;
        self.claim_all()?;
        self.claim_rewards()?;
        self.check(AFTER_EVERY_ACT)?;
        self.check(NOW_AND_THEN)?;
        let mut faults = checks::only_carries_are_left(&self.world);
        faults.extend(checks::delegation::everybody_has_left(&self.world));
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.join("\n  ")),
        }
    }

    pub(super) fn must(&mut self, act: Act) -> Result<(), String> {
        self.last.push(format!("{act:?}"));
        match self.world.perform(&act)? {
            true => Ok(()),
            false => Err(format!(
                "refused: {}",
                self.world.log.last().cloned().unwrap_or_default()
            )),
        }
    }

    pub(super) fn close_all(&mut self) -> Result<(), String> {
        let last = self.world.shadow.epoch;
        while self.world.shadow.next_close() < last {
            let epoch = self.world.shadow.next_close();
            let wait = match self.world.shadow.step(epoch) {
                Step::Reporting(Some(until)) | Step::Appeals(until) => until,
                Step::Due(_) => {
                    self.must(Act::Close { by: KEEPER, epoch })?;
                    continue;
                }
                step => return Err(format!("epoch {epoch} is stuck: {step:?}")),
            };
            let seconds = wait - self.world.shadow.now;
            self.must(Act::Time { seconds })?;
        }
        self.must(Act::Time { seconds: 40 * DAY })?;
        let open: Vec<(Epoch, Key)> = self
            .world
            .shadow
            .disputes
            .iter()
            .filter(|((epoch, _), it)| *epoch < last && it.outcome == Outcome::Open)
            .map(|(at, _)| *at)
            .collect();
        for (epoch, key) in open {
            self.must(Act::Resolve {
                by: KEEPER,
                epoch,
                keys: vec![key],
            })?;
        }
        Ok(())
    }

    /// Reports are there at once: everybody says that all were eligible.
    fn advance_all(&mut self) -> Result<(), String> {
        let last = self.world.delegation.epoch;
        while self.world.delegation.next_close() < last {
            let ledger = &self.world.delegation;
            let epoch = ledger.next_close();
            let bits = vec![true; ledger.report_bits(epoch).unwrap_or(0)];
            for by in ledger.params.at(epoch).attesters.clone() {
                if !matches!(self.world.delegation.step(epoch), Step::Reporting(_)) {
                    break;
                }
                let (bits, spoiled) = (bits.clone(), false);
                let deed = Deed::ReportEligible {
                    epoch,
                    bits,
                    spoiled,
                };
                self.must(delegation(by, deed))?;
            }
            self.must(delegation(KEEPER, Deed::Advance { epoch }))?;
        }
        Ok(())
    }

    /// Everything is paused, and all contracts have lost their owner.
    fn owners_go(&mut self) -> Result<(), String> {
        let guardian = Some(GUARDIAN);
        self.must(delegation(OWNER, Deed::SetGuardian { guardian }))?;
        for contract in CONTRACTS {
            self.must(Act::Renounce {
                by: OWNER,
                contract,
            })?;
        }
        self.must(delegation(OWNER, Deed::RenounceDelegation))?;
        self.pause_everything()
    }

    /// No pause can begin within a week of the one before: it is time for that.
    fn pause_everything(&mut self) -> Result<(), String> {
        self.must(Act::Time { seconds: 22 * DAY })?;
        let (by, seconds) = (GUARDIAN, 14 * DAY);
        for contract in CONTRACTS {
            self.must(Act::Pause {
                by,
                contract,
                seconds,
            })?;
        }
        for activity in [Activity::Staking, Activity::Injections] {
            let deed = Deed::PauseDelegation { activity, seconds };
            self.must(delegation(by, deed))?;
        }
        Ok(())
    }

    /// Everybody takes his NFTs, also those that their collection keeps for a while.
    fn leave_delegations(&mut self) -> Result<(), String> {
        for by in (0..PEOPLE.len()).map(Who) {
            let nfts = self.world.delegation.nfts_of(by).into_iter();
            let staying = nfts.filter(|(_, record)| record.withdrawable_at.is_none());
            let staying: Vec<Nft> = staying.map(|(nft, _)| nft).collect();
            for nfts in staying.chunks(30).map(<[Nft]>::to_vec) {
                self.must(delegation(by, Deed::UnstakeNfts { nfts }))?;
            }
        }
        self.must(Act::Time { seconds: 32 * DAY })?;
        self.pause_everything()?;
        self.withdraw_all()?;
        let stuck: Vec<Nft> = self.world.delegation.stuck.iter().cloned().collect();
        for nft in stuck {
            let on = false;
            self.must(delegation(KEEPER, Deed::Stick { nft, on }))?;
        }
        self.withdraw_all()
    }

    fn withdraw_all(&mut self) -> Result<(), String> {
        let all: Vec<Nft> = self.world.delegation.records.keys().cloned().collect();
        for nfts in all.chunks(30).map(<[Nft]>::to_vec) {
            self.must(delegation(KEEPER, Deed::WithdrawNfts { nfts }))?;
        }
        Ok(())
    }

    /// The token mints what it has refused, and everybody claims until nothing is left.
    fn claim_rewards(&mut self) -> Result<(), String> {
        self.advance_all()?;
        if self.world.delegation.books.mint_owed > 0 {
            let amount = self.world.delegation.books.mint_owed;
            self.must(delegation(KEEPER, Deed::Burn { amount }))?;
            self.must(delegation(KEEPER, Deed::RetryMint))?;
        }
        for by in (0..PEOPLE.len()).map(Who) {
            for _ in 0..500 {
                if self.world.delegation.claimable(by) == 0 {
                    break;
                }
                let (account, ids, to) = (None, None, None);
                let deed = Deed::ClaimRewards { account, ids, to };
                self.must(delegation(by, deed))?;
            }
        }
        Ok(())
    }

    pub(super) fn leave_stakes(&mut self) -> Result<(), String> {
        for by in (0..PEOPLE.len()).map(Who) {
            let own = self.world.shadow.keys_of(by);
            let staked: Vec<Key> = own
                .into_iter()
                .filter(|key| self.world.shadow.keys[*key as usize - 1].staked_next)
                .collect();
            for keys in staked.chunks(100).map(<[Key]>::to_vec) {
                self.must(Act::Unstake { by, keys })?;
            }
            let amount = self.world.shadow.pool_of(by);
            if amount > 0 {
                self.must(Act::PoolOut { by, amount })?;
            }
        }
        self.must(Act::Time { seconds: 500 * DAY })?;
        for by in (0..PEOPLE.len()).map(Who) {
            while !self.world.shadow.lots_of(by).is_empty() {
                let (after, limit) = (None, 100);
                self.must(Act::WithdrawPage { by, after, limit })?;
            }
        }
        Ok(())
    }

    pub(super) fn claim_all(&mut self) -> Result<(), String> {
        if self.world.shadow.fees > 0 {
            self.must(Act::ClaimFees { by: KEEPER })?;
        }
        for by in (0..PEOPLE.len()).map(Who) {
            for _ in 0..200 {
                let denoms = 0..self.world.denoms();
                let owed: u128 = denoms
                    .map(|denom| self.world.shadow.claimable(by, denom))
                    .sum();
                if owed == 0 {
                    break;
                }
                self.must(Act::Claim {
                    by,
                    account: None,
                    keys: None,
                    denoms: None,
                    to: None,
                })?;
            }
        }
        Ok(())
    }
}
