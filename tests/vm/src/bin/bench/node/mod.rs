//! Registry, vault and distributor: 4,732 keys of 1,500 owners, 1,000 pool stakers; messages after
//! 30 closed epochs, queries and late claims after 400.

mod claims;
mod currencies;
mod epochs;
mod keys;
mod market;
mod queries;
mod stakes;

use noderev_components::Bitmap;
use noderev_testing::{Network, QST};

use crate::governance;
use crate::subject::Subject;
use crate::table::Table;

/// All keys.
const KEYS: u32 = 4_732;
/// Accounts that own the keys that are nobody's in particular.
const OWNERS: u32 = 1_500;
const STAKERS: u32 = 1_000;
const STAKED: u32 = 600;
/// Epochs closed before messages are measured.
const CLOSED: u32 = 30;
/// Epochs closed before queries and late claims are measured.
const LONG: u32 = 400;
/// QST for a staked node.
const STAKE: u128 = 200_000 * QST;
/// Alice's keys, 1 and up.
const MANY: u32 = 20;
/// Bob's key.
const BOBS: u32 = MANY + 1;
/// Carol's key.
const CAROLS: u32 = MANY + 2;
/// Keys of an account with many, after carol's.
const WHALES: u32 = 220;
/// The first of the staked keys, which are nobody's in particular.
const FIRST_STAKED: u32 = CAROLS + WHALES + 1;
/// Revenue of an epoch.
const REVENUE: u128 = 137_000_000_000;

/// Alice has 20 keys, bob and carol one each, a whale 220; all others have two or three.
fn issue(network: &mut Network) {
    network.issue(&[("alice", MANY), ("bob", 1), ("carol", 1), ("whale", WHALES)]);
    let rest = KEYS - FIRST_STAKED;
    let names: Vec<String> = (0..OWNERS)
        .map(|number| format!("owner-{number}"))
        .collect();
    let rows: Vec<(&str, u32)> = (0..OWNERS)
        .zip(&names)
        .map(|(number, name)| {
            let more = u32::from(number < rest % OWNERS);
            (name.as_str(), rest / OWNERS + more)
        })
        .collect();
    for batch in rows.chunks(100) {
        network.issue(batch);
    }
}

fn owner_of(network: &Network, key: u32) -> String {
    network.registry().owner_of(key).owner
}

fn stake(network: &mut Network) {
    for number in 0..STAKERS {
        let staker = format!("staker-{number}");
        network.mint_qst(&staker, 2_000_000 * QST);
        network.deposit_pool(&staker, (400_000 + u128::from(number) * 317) * QST);
    }
    for key in FIRST_STAKED..FIRST_STAKED + STAKED {
        let owner = owner_of(network, key);
        network.mint_qst(&owner, STAKE);
        network.stake_nodes(&owner, &[key]);
    }
    for (name, nodes) in [("newcomer", 1), ("bob", 1), ("alice", 20), ("buyer", 20)] {
        network.mint_qst(name, nodes * STAKE);
    }
}

/// Who ran: all but about one in fifty, others every epoch.
fn ran(network: &Network, epoch: u32) -> Bitmap {
    let bits = network.distributor().evidence(epoch).bits;
    let mixed = |bit: u32| bit.wrapping_mul(2_654_435_761) ^ epoch.wrapping_mul(40_503);
    let up = (0..bits).filter(|bit| mixed(*bit) % 50 != 7);
    Bitmap::from_bits(bits, up)
}

fn close(network: &mut Network, epoch: u32) {
    let ran = ran(network, epoch);
    network.finish_epoch(epoch, &ran);
}

/// Measures everything.
pub(crate) fn measure(table: &mut Table) {
    let network = Network::builder().build();
    let mut subject = Subject::new(network, table);
    keys::issuing_first(&mut subject);
    issue(&mut subject.network);
    keys::issuing(&mut subject);
    let network = &mut subject.network;
    stake(network);
    network.deposit_revenue("customer", 0, REVENUE * u128::from(LONG), 366);
    for epoch in 0..CLOSED {
        close(network, epoch);
        if epoch == 10 {
            network.unbond_pool("staker-8", 1_000 * QST);
        }
    }
    subject.follow();
    stakes::measure(&mut subject);
    keys::measure(&mut subject);
    market::measure(&mut subject);
    governing(&mut subject);
    claims::measure(&mut subject);
    epochs::measure(&mut subject);
    claims::late(&mut subject);
    queries::measure(&mut subject);
    currencies::measure(table);
}

fn governing(subject: &mut Subject<'_>) {
    let at = subject.network.addresses().clone();
    governance::messages(subject, "registry", &at.registry, "market");
    governance::messages(subject, "vault", &at.vault, "staking");
    governance::messages(subject, "distributor", &at.distributor, "deposits");
    subject.follow();
}
