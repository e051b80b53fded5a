//! Published contracts that do similar things, measured in the same virtual machine at the same
//! prices, with 1,000 users each.

mod rewards;
mod stakes;
mod tokens;
mod world;

use crate::table::Table;
use world::World;

/// Users of each peer.
const USERS: u32 = 1_000;

/// Messages that do the same for people.
pub(crate) struct Pair {
    /// Name of ours.
    pub(crate) ours: &'static str,
    /// Name of the peer's.
    pub(crate) peer: &'static str,
}

const fn pair(ours: &'static str, peer: &'static str) -> Pair {
    Pair { ours, peer }
}

/// What is compared.
pub(crate) const PAIRS: [Pair; 15] = [
    pair("mint one key", "cw721-base mint"),
    pair("key transfer", "cw721-base transfer_nft"),
    pair("pool deposit, first one", "cw20-stake stake, first one"),
    pair(
        "pool deposit, first one",
        "cw20-stake stake, first one, with the rewards hook",
    ),
    pair("pool deposit, more", "cw20-stake stake, more"),
    pair(
        "pool deposit, not the epoch's first",
        "cw20-stake stake, more",
    ),
    pair(
        "pool deposit, more",
        "cw20-stake stake, more, with the rewards hook",
    ),
    pair("pool withdrawal request", "cw20-stake unstake"),
    pair(
        "pool withdrawal request",
        "cw20-stake unstake, with the rewards hook",
    ),
    pair("withdrawal of a released lot", "cw20-stake claim"),
    pair("deposit of revenue, native", "dao-rewards-distributor fund"),
    pair(
        "claim of pool rewards, first one",
        "dao-rewards-distributor claim, first one",
    ),
    pair(
        "claim of pool rewards, a day later",
        "dao-rewards-distributor claim, a day later",
    ),
    pair(
        "claim of 1 key, first one",
        "dao-rewards-distributor claim, first one",
    ),
    pair(
        "claim of 1 key, a day later",
        "dao-rewards-distributor claim, a day later",
    ),
];

/// What the figures do not tell.
pub(crate) const NOTES: [&str; 6] = [
    "cw20-base 2.0, cw721-base 0.22, and DAO DAO's cw20-stake, dao-voting-cw20-staked and \
     dao-rewards-distributor 2.6, from their published crates, built and optimised like ours; 1,000 \
     users each.",
    "QST and the reward token are cw20-base here: its transfer or send is in our messages that move \
     them, as `of it tokens`.",
    "Ours keeps history: who owned, staked and earned what in any epoch, receipts, reasons, \
     running numbers of events. cw20-stake keeps stakes by height, the others keep none.",
    "Our stakes count for rewards without a hook. Theirs do with dao-rewards-distributor's hook, \
     which asks the voting contract, which asks the staking contract: three or four codes to load.",
    "One distribution of one native denomination there; each further one adds to every stake, \
     unstake and hook. Ours takes up to 8 currencies, and a stake costs the same.",
    "Ours pays by evidence of who ran, and keeps each owner's rewards apart when a key is sold; \
     dao-rewards-distributor pays by stake and time alone.",
];

/// Measures everything.
pub(crate) fn measure(table: &mut Table) {
    let mut world = World::new(table);
    let token = tokens::token(&mut world);
    tokens::collection(&mut world);
    let staking = stakes::measure(&mut world, &token);
    rewards::measure(&mut world, &token, &staking);
}
