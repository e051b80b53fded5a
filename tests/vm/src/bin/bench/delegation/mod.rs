//! Delegation: 200 Delegation IDs with 512 validators and 400 participants; messages after a dozen
//! closed epochs, queries and late claims after 400.

mod epochs;
mod ids;
mod nfts;
mod queries;
mod rewards;
mod validators;

use cosmwasm_std::Addr;
use noderev_api::delegation::Nft;
use noderev_testing::{Network, GOLD};
use serde_json::json;

use crate::governance;
use crate::subject::{probe, Subject};
use crate::table::Table;

const DELEGATIONS: u16 = 200;
const VALIDATORS: u32 = 512;
const MEMBERS: u32 = 400;
/// Delegations that change in an epoch.
const CHANGED: u16 = 10;
/// Epochs closed before messages are measured.
const EPOCHS: u32 = 12;
/// Epochs closed before queries and late claims are measured.
const LONG: u32 = 400;
/// In how many delegations somebody is who is in as many as one can be.
const SPREAD: u16 = 32;

fn owner(delegation: u16) -> String {
    format!("dao-{delegation}")
}

/// Delegations of three slots each, which count from epoch 2.
fn found(network: &mut Network) {
    for delegation in 1..=DELEGATIONS {
        network.stake_weight(&owner(delegation), 60_000, None);
    }
    network.next_epoch();
    for delegation in 1..=DELEGATIONS {
        network.create_delegation(&owner(delegation), 500);
    }
    for number in 0..VALIDATORS {
        let delegation = (number % u32::from(DELEGATIONS)) as u16 + 1;
        network.run_validators(&owner(delegation), delegation, 1);
    }
    for member in 0..MEMBERS {
        let delegation = (member % u32::from(DELEGATIONS)) as u16 + 1;
        network.stake_weight(&format!("member-{member}"), 5_000, Some(delegation));
    }
    for delegation in 101..=100 + SPREAD {
        network.stake_weight("spread", 1_000, Some(delegation));
    }
    network.stake_weight("founder", 20_000, None);
    network.stake_weight("successor", 10_000, Some(3));
}

trait Helpers {
    fn mint_nft_of(&mut self, owner: &str) -> Nft;
    fn next_epoch_of(&mut self);
}

impl Helpers for Network {
    /// A new NFT with the owner's name.
    fn mint_nft_of(&mut self, owner: &str) -> Nft {
        let token_id = format!("gold-{owner}");
        self.mint_nft(owner, GOLD, &token_id);
        self.nft(GOLD, &token_id)
    }

    /// Closes the running epoch; the next one has begun.
    fn next_epoch_of(&mut self) {
        let next = self.now_epoch().next();
        self.pass_epochs_until(next.0);
    }
}

/// Measures everything.
pub(crate) fn measure(table: &mut Table) {
    let mut network = Network::builder().build();
    found(&mut network);
    network.pass_epochs_until(EPOCHS);
    let mut subject = Subject::new(network, table);
    let at = subject.network.addresses().delegation.clone();
    nfts::measure(&mut subject, &at);
    ids::measure(&mut subject, &at);
    validators::measure(&mut subject, &at);
    rewards::measure(&mut subject, &at);
    governing(&mut subject, &at);
    epochs::measure(&mut subject, &at);
    rewards::late(&mut subject, &at);
    queries::measure(&mut subject, &at);
    epochs::retrying(table);
}

fn governing(subject: &mut Subject<'_>, at: &Addr) {
    governance::messages(subject, "delegation", at, "staking");
    subject.follow();
    let collection = subject.network.collection(GOLD);
    let class =
        json!({ "name": "old", "tokens": { "prefix": { "prefix": "old-" } }, "weight": "7" });
    let set = json!({ "set_collection": { "collection": {
        "collection": collection, "weight": "2000", "classes": [class],
    } } });
    let name = "queue what NFTs of a collection weigh";
    subject.measure_and_keep(&probe(name, 0, "owner"), at, &set);
    let cancel = json!({ "cancel_collection": { "collection": collection } });
    let name = "cancel what NFTs of a collection weigh";
    subject.measure(&probe(name, 0, "owner"), at, &cancel);
    subject.follow();
}
