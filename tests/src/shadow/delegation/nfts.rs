//! NFTs: what they weigh, staking, moving, leaving.

use super::{check_batch, CollectionNo, Id, Ledger, Stake};
use crate::shadow::{refuse_if, Answer, Epoch, Versions, Who};

/// Heaviest NFT.
const MAX_WEIGHT: u128 = 1_000_000_000_000;

/// An NFT.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nft {
    /// Its collection.
    pub collection: CollectionNo,
    /// Its id there.
    pub token: String,
}

impl Nft {
    /// An NFT.
    pub fn new(collection: CollectionNo, token: &str) -> Self {
        Self {
            collection,
            token: token.into(),
        }
    }
}

/// Who has an NFT, by its collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// Somebody.
    Account(Who),
    /// The delegation contract.
    Contract,
}

/// What NFTs of a collection weigh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// In none of the classes.
    pub weight: u128,
    /// The first that fits counts.
    pub classes: Vec<Class>,
}

/// A class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Which NFTs.
    pub tokens: TokenRule,
    /// Quintessence of each.
    pub weight: u128,
}

/// Which NFTs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenRule {
    /// Decimal numbers without leading zeros, first and last included.
    Range(u64, u64),
    /// Ids that begin so.
    Prefix(String),
}

/// A staked NFT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Who staked it.
    pub staker: Who,
    /// Quintessence, fixed when it was staked.
    pub weight: u128,
    /// When it can be withdrawn, if it is on its way out.
    pub withdrawable_at: Option<u64>,
}

impl Rules {
    /// Of one weight.
    pub fn flat(weight: u128) -> Self {
        Self {
            weight,
            classes: vec![],
        }
    }

    /// What an NFT weighs.
    pub fn weight_of(&self, token: &str) -> u128 {
        let class = self.classes.iter().find(|class| class.tokens.fits(token));
        class.map_or(self.weight, |class| class.weight)
    }

    fn check(&self) -> Answer {
        refuse_if(self.weight > MAX_WEIGHT, "weight")?;
        refuse_if(self.classes.len() > 32, "classes")?;
        self.classes.iter().try_for_each(Class::check)
    }
}

impl Class {
    fn check(&self) -> Answer {
        let tokens = match &self.tokens {
            TokenRule::Range(first, last) => first <= last,
            TokenRule::Prefix(prefix) => (1..=64).contains(&prefix.len()),
        };
        let name = (1..=32).contains(&self.name.len());
        refuse_if(!tokens || !name || self.weight > MAX_WEIGHT, "class")
    }
}

impl TokenRule {
    fn fits(&self, token: &str) -> bool {
        match self {
            Self::Prefix(prefix) => token.starts_with(prefix),
            Self::Range(first, last) => {
                let number = token.parse::<u64>().ok();
                // "007" and "+7" are no numbers.
                let number = number.filter(|number| number.to_string() == token);
                number.is_some_and(|number| (*first..=*last).contains(&number))
            }
        }
    }
}

impl Ledger {
    /// A collection makes an NFT.
    pub fn mint_nft(&mut self, nft: &Nft, to: Who) {
        self.holders.insert(nft.clone(), Holder::Account(to));
    }

    /// Gives an NFT away; to the contract it is a stray one.
    pub fn transfer_nft(&mut self, by: Who, nft: &Nft, to: Holder) -> Answer {
        self.check_handler(by, nft)?;
        self.holders.insert(nft.clone(), to);
        Ok(())
    }

    /// Lets somebody, or the contract, handle all NFTs of a collection, or no longer.
    pub fn approve_all(&mut self, by: Who, collection: CollectionNo, operator: Holder, on: bool) {
        let entry = (collection, by, operator);
        match on {
            true => self.operators.insert(entry),
            false => self.operators.remove(&entry),
        };
    }

    fn check_handler(&self, by: Who, nft: &Nft) -> Answer {
        let holder = self.holders.get(nft).ok_or("no such NFT")?;
        let Holder::Account(holder) = *holder else {
            return Err("the contract has it");
        };
        let operator = (nft.collection, holder, Holder::Account(by));
        let may = holder == by || self.operators.contains(&operator);
        refuse_if(!may, "not his NFT")
    }

    /// What an NFT would weigh if it were staked now.
    pub fn weigh(&self, nft: &Nft) -> Answer<u128> {
        let rules = self.collections.get(&nft.collection);
        let rules = rules.and_then(|rules| rules.at(self.epoch).as_ref());
        let weight = rules.ok_or("collection not allowed")?.weight_of(&nft.token);
        refuse_if(!(1..=128).contains(&nft.token.len()), "token id")?;
        refuse_if(weight == 0, "weighs nothing")?;
        Ok(weight)
    }

    /// `SendNft` to the contract. Who sends it, owner or operator, is the staker.
    pub fn send_nft(&mut self, by: Who, nft: &Nft, place: Option<Id>) -> Answer {
        self.check_handler(by, nft)?;
        self.stake(by, std::slice::from_ref(nft), place)
    }

    /// `stake_nfts`.
    pub fn stake_nfts(
        &mut self,
        by: Who,
        collection: CollectionNo,
        tokens: &[String],
        place: Option<Id>,
    ) -> Answer {
        check_batch(tokens)?;
        let nfts = tokens.iter().map(|token| Nft::new(collection, token));
        let nfts: Vec<Nft> = nfts.collect();
        let his = |nft| self.holders.get(nft) == Some(&Holder::Account(by));
        refuse_if(!nfts.iter().all(his), "not his NFT")?;
        let approved = self.operators.contains(&(collection, by, Holder::Contract));
        refuse_if(!approved, "contract is no operator")?;
        self.stake(by, &nfts, place)
    }

    fn stake(&mut self, by: Who, nfts: &[Nft], place: Option<Id>) -> Answer {
        refuse_if(self.staking.is_on(self.now), "paused")?;
        let weights = nfts.iter().map(|nft| self.weigh(nft));
        let weights = weights.collect::<Answer<Vec<u128>>>()?;
        let recorded = nfts.iter().any(|nft| self.records.contains_key(nft));
        refuse_if(recorded, "staked already")?;
        self.check_join(by, place, weights.iter().sum())?;
        for (nft, weight) in nfts.iter().zip(weights) {
            self.record(by, nft, weight, place);
        }
        Ok(())
    }

    fn record(&mut self, staker: Who, nft: &Nft, weight: u128, place: Option<Id>) {
        let record = Record {
            staker,
            weight,
            withdrawable_at: None,
        };
        let stake = Stake {
            staker,
            weight,
            place,
        };
        self.holders.insert(nft.clone(), Holder::Contract);
        self.records.insert(nft.clone(), record);
        self.next.nfts.insert(nft.clone(), stake);
    }

    /// Refuses NFTs that are not the staker's or leave.
    fn check_staying(&self, by: Who, nfts: &[Nft]) -> Answer {
        check_batch(nfts)?;
        for nft in nfts {
            let record = self.records.get(nft).ok_or("not staked")?;
            refuse_if(record.staker != by, "somebody else's NFT")?;
            refuse_if(record.withdrawable_at.is_some(), "on its way out")?;
        }
        Ok(())
    }

    /// `move_nfts`.
    pub fn move_nfts(&mut self, by: Who, nfts: &[Nft], place: Option<Id>) -> Answer {
        self.check_staying(by, nfts)?;
        let stakes = nfts.iter().map(|nft| &self.next.nfts[nft]);
        let coming = stakes.filter(|stake| stake.place != place);
        let more = coming.map(|stake| stake.weight).sum();
        self.check_join(by, place, more)?;
        for nft in nfts {
            let stake = self.next.nfts.get_mut(nft).expect("it stays");
            stake.place = place;
        }
        Ok(())
    }

    /// `unstake_nfts`.
    pub fn unstake_nfts(&mut self, by: Who, nfts: &[Nft]) -> Answer {
        self.check_staying(by, nfts)?;
        let at = self.boundary() + self.params.at(self.epoch).unbonding;
        for nft in nfts {
            self.next.nfts.remove(nft);
            let record = self.records.get_mut(nft).expect("it is staked");
            record.withdrawable_at = Some(at);
        }
        Ok(())
    }

    /// `withdraw_nfts`; answers which NFTs their collections gave back, and to whom.
    pub fn withdraw_nfts(&mut self, nfts: &[Nft]) -> Answer<Vec<(Nft, Who)>> {
        check_batch(nfts)?;
        for nft in nfts {
            let record = self.records.get(nft).ok_or("not staked")?;
            let at = record.withdrawable_at.ok_or("not unstaked")?;
            refuse_if(self.now < at, "too early")?;
        }
        let free = nfts.iter().filter(|nft| !self.stuck.contains(nft));
        let free: Vec<Nft> = free.cloned().collect();
        Ok(free.into_iter().map(|nft| self.give_back(nft)).collect())
    }

    fn give_back(&mut self, nft: Nft) -> (Nft, Who) {
        let staker = self.records.remove(&nft).expect("it is staked").staker;
        self.holders.insert(nft.clone(), Holder::Account(staker));
        (nft, staker)
    }

    /// `return_stray`.
    pub fn return_stray(&mut self, by: Who, nft: &Nft, to: Who) -> Answer {
        self.only_owner(by)?;
        refuse_if(self.records.contains_key(nft), "staked")?;
        let here = self.holders.get(nft) == Some(&Holder::Contract);
        refuse_if(!here, "not here")?;
        refuse_if(self.stuck.contains(nft), "its collection keeps it")?;
        self.holders.insert(nft.clone(), Holder::Account(to));
        Ok(())
    }

    /// Somebody's staked NFTs, those on their way out included.
    pub fn nfts_of(&self, who: Who) -> Vec<(Nft, Record)> {
        let his = self.records.iter().filter(|(_, it)| it.staker == who);
        his.map(|(nft, record)| (nft.clone(), record.clone()))
            .collect()
    }

    /// `set_collection`.
    pub fn set_collection(
        &mut self,
        by: Who,
        collection: CollectionNo,
        rules: Rules,
    ) -> Answer<Epoch> {
        self.only_owner(by)?;
        rules.check()?;
        let known = self.collections.contains_key(&collection);
        refuse_if(!known && self.collections.len() >= 32, "collections")?;
        let versions = self.collections.entry(collection);
        let versions = versions.or_insert_with(|| Versions::new(None));
        versions.queue(self.epoch, Some(rules))
    }

    /// `cancel_collection`.
    pub fn cancel_collection(&mut self, by: Who, collection: CollectionNo) -> Answer {
        self.only_owner(by)?;
        let versions = self.collections.get_mut(&collection);
        versions.ok_or("no such collection")?.cancel(self.epoch)
    }
}
