//! What must hold of staked NFTs and Quintessence. Looks at all of them, so not after every
//! message.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Addr, StdResult};
use cw721::msg::TokensResponse;
use cw721_base::msg::QueryMsg as Cw721Query;
use noderev_api::delegation::{MemberResponse, Nft, NftInfo, QueryMsg};

use crate::network::Network;

impl Network {
    /// All that is wrong with staked NFTs, Quintessence and rewards of the delegation contract;
    /// empty if nothing is. What [`Network::check_invariants`] says is not repeated. NFTs that came
    /// by a plain transfer are no fault.
    pub fn check_delegation_invariants(&self) -> Vec<String> {
        Census::take(self).map_or_else(
            |error| vec![format!("delegation: no answer: {error}")],
            |census| census.faults(self),
        )
    }

    /// Fails the test if anything is wrong with staked NFTs, Quintessence, rewards, or any books.
    #[track_caller]
    pub fn assert_delegation_invariants(&self) {
        self.assert_invariants();
        let faults = self.check_delegation_invariants();
        assert!(
            faults.is_empty(),
            "stakes are wrong:\n{}",
            faults.join("\n")
        );
    }
}

/// Who has what in the delegation contract.
struct Census {
    /// NFTs that the contract holds, by collection; without collections that do not say.
    held: BTreeMap<String, BTreeSet<String>>,
    /// Those of them that are recorded.
    recorded: BTreeMap<Nft, Addr>,
    accounts: BTreeMap<Addr, Stake>,
}

/// An account's.
struct Stake {
    member: MemberResponse,
    nfts: Vec<NftInfo>,
}

impl Stake {
    /// Quintessence from the next epoch on of NFTs, where `fits`.
    fn weight(&self, fits: impl Fn(&NftInfo) -> bool) -> u128 {
        let staying = self
            .nfts
            .iter()
            .filter(|info| info.withdrawable_at.is_none());
        let fitting = staying.filter(|info| fits(info));
        fitting.map(|info| info.quintessence.u128()).sum()
    }
}

impl Census {
    fn take(network: &Network) -> StdResult<Self> {
        let mut census = Self {
            held: BTreeMap::new(),
            recorded: BTreeMap::new(),
            accounts: BTreeMap::new(),
        };
        for collection in &network.addresses().collections {
            if let Ok(tokens) = held(network, collection) {
                census.held.insert(collection.to_string(), tokens);
            }
        }
        let mut people = network.people.clone();
        for (collection, tokens) in &census.held {
            for token_id in tokens {
                let nft = Nft {
                    collection: collection.clone(),
                    token_id: token_id.clone(),
                };
                if let Some(info) = network.delegation().nft(&nft) {
                    people.insert(info.staker.clone());
                    census.recorded.insert(nft, info.staker);
                }
            }
        }
        for account in people {
            let query = QueryMsg::Member {
                account: account.to_string(),
            };
            let stake = Stake {
                member: network.delegation().try_query(&query)?,
                nfts: network.delegation().all_nfts(account.as_str()),
            };
            census.accounts.insert(account, stake);
        }
        Ok(census)
    }

    fn faults(&self, network: &Network) -> Vec<String> {
        let mut faults = Vec::new();
        for (account, stake) in &self.accounts {
            self.check_nfts(account, stake, &mut faults);
            check_weights(account, stake, &mut faults);
        }
        for (nft, staker) in &self.recorded {
            let listed = self.accounts[staker].nfts.iter();
            if !listed.map(|info| &info.nft).any(|listed| listed == nft) {
                faults.push(format!(
                    "{nft:?} is not among the NFTs of its staker {staker}"
                ));
            }
        }
        self.check_totals(network, &mut faults);
        self.check_rewards(network, &mut faults);
        faults
    }

    /// Whether all NFTs recorded as an account's are there.
    fn check_nfts(&self, account: &Addr, stake: &Stake, faults: &mut Vec<String>) {
        for info in &stake.nfts {
            let nft = &info.nft;
            if info.staker != *account {
                faults.push(format!(
                    "{nft:?} of {account} is said to be of {}",
                    info.staker
                ));
            }
            let held = self.held.get(&nft.collection);
            if held.is_some_and(|held| !held.contains(&nft.token_id)) {
                faults.push(format!("{nft:?} of {account} is not held"));
            }
        }
        let (listed, counted) = (stake.nfts.len(), stake.member.nfts);
        if listed != counted as usize {
            faults.push(format!(
                "{account} has {listed} NFTs, {counted} are counted"
            ));
        }
    }

    fn check_totals(&self, network: &Network, faults: &mut Vec<String>) {
        let mut compare = |what: &str, said: u128, found: u128| {
            if said != found {
                faults.push(format!("{what}: {said}, its parts are {found}"));
            }
        };
        for info in network.delegation().all_delegations() {
            let id = info.delegation;
            let members = network.delegation().all_members(id.0);
            let now = members.iter().map(|member| member.quintessence.u128());
            let next = members.iter().map(|member| member.quintessence_next.u128());
            compare(&format!("delegation {id}"), info.total.u128(), now.sum());
            let what = format!("delegation {id}, next epoch");
            compare(&what, info.total_next.u128(), next.sum());
        }
        let all = network.delegation().network();
        let members = || self.accounts.values().map(|stake| &stake.member);
        let now = members().map(|member| member.quintessence.u128()).sum();
        let next = members().map(|member| member.quintessence_next.u128());
        compare("all Quintessence", all.total.u128(), now);
        compare(
            "all Quintessence, next epoch",
            all.total_next.u128(),
            next.sum(),
        );
    }

    /// Whether closed epochs add up, and no more is claimed than was earned.
    fn check_rewards(&self, network: &Network, faults: &mut Vec<String>) {
        let all = network.delegation().network();
        let epochs = network.delegation().all_epochs();
        for closed in &epochs {
            let epoch = closed.epoch;
            let rewards = u128::from(closed.captured) * closed.per_slot.u128();
            if closed.rewards.u128() != rewards {
                faults.push(format!(
                    "epoch {epoch}: rewards {}, not {rewards}",
                    closed.rewards
                ));
            }
            let kept = closed.injected + closed.carry_in + closed.drip_in;
            let came = kept + closed.minted;
            let went = closed.rewards + closed.carry_out + closed.drip_out;
            if came != went {
                faults.push(format!("epoch {epoch}: {came} came in, {went} went out"));
            }
        }
        let minted: u128 = epochs.iter().map(|closed| closed.minted.u128()).sum();
        let said = all.minted + all.mint_owed;
        if said.u128() != minted {
            faults.push(format!("minted and owed {said}, epochs minted {minted}"));
        }
        let claims = self
            .accounts
            .values()
            .flat_map(|stake| &stake.member.claimable);
        let claims: u128 = claims.map(|claim| claim.amount.u128()).sum();
        let books = network.delegation().solvency().denoms;
        let owed = books.iter().flat_map(|books| &books.owed);
        let owed = owed.map(|part| part.amount.u128()).sum::<u128>() + all.mint_owed.u128();
        if claims > owed {
            faults.push(format!("{claims} can be claimed, {owed} are owed"));
        }
    }
}

/// Whether an account's Quintessence is that of its NFTs.
fn check_weights(account: &Addr, stake: &Stake, faults: &mut Vec<String>) {
    let member = &stake.member;
    let mut compare = |place: &str, said: u128, found: u128| {
        if said != found {
            faults.push(format!(
                "{account}, {place}: {said}, its NFTs weigh {found}"
            ));
        }
    };
    let said = member.quintessence_next.u128();
    compare("everywhere", said, stake.weight(|_| true));
    let undelegated = stake.weight(|info| info.delegation.is_none());
    compare("undelegated", member.undelegated_next.u128(), undelegated);
    for part in &member.memberships {
        let id = part.delegation;
        let found = stake.weight(|info| info.delegation == Some(id));
        let place = format!("delegation {id}");
        compare(&place, part.quintessence_next.u128(), found);
    }
}

/// NFTs of a collection that the delegation contract holds.
fn held(network: &Network, collection: &Addr) -> StdResult<BTreeSet<String>> {
    let mut tokens = BTreeSet::new();
    loop {
        let query = Cw721Query::Tokens {
            owner: network.addresses().delegation.to_string(),
            start_after: tokens.last().cloned(),
            limit: Some(1_000),
        };
        let page: TokensResponse = network.try_query(collection, &query)?;
        let before = tokens.len();
        tokens.extend(page.tokens);
        if tokens.len() == before {
            return Ok(tokens);
        }
    }
}
