//! dao-rewards-distributor: one native denomination, by voting power of staked cw20.

use cosmwasm_std::{coin, Addr, Coin};
use serde_json::json;

use super::stakes;
use super::world::{World, DAY};
use super::USERS;

/// Rewards of a day.
const DAILY: u128 = 137_000_000_000;

fn money() -> Coin {
    coin(60 * DAILY, "uusdc")
}

/// A funded distribution; figures of funding, claims and changes of stake.
pub(super) fn measure(world: &mut World<'_>, token: &Addr, staking: &Addr) {
    let rewards = distribution(world, token, staking);
    let fund = json!({ "fund": { "id": 1 } });
    world.endow("customer", &money());
    world.happen("customer", &rewards, &fund, &[money()]);
    world.pass(DAY);
    world.endow("customer", &money());
    let name = ("dao-rewards-distributor fund", "customer");
    world.measure(name, &rewards, &fund, (None, &[money()]));
    let claim = json!({ "claim": { "id": 1 } });
    let name = ("dao-rewards-distributor claim, first one", "user-7");
    world.measure(name, &rewards, &claim, (None, &[]));
    for number in 0..USERS {
        world.happen(&format!("user-{number}"), &rewards, &claim, &[]);
    }
    world.pass(DAY);
    let name = ("dao-rewards-distributor claim, a day later", "user-7");
    world.measure(name, &rewards, &claim, (None, &[]));
    stakes::changes(world, token, staking, ", with the rewards hook");
}

/// A distribution to all stakers, which is told of every change of stake.
fn distribution(world: &mut World<'_>, token: &Addr, staking: &Addr) -> Addr {
    let existing = json!({
        "address": token,
        "staking_contract": { "existing": { "staking_contract_address": staking } },
    });
    let voting = json!({ "token_info": { "existing": existing } });
    let voting = world.create("peer_voting", &voting);
    let rewards = json!({ "owner": world.person("owner") });
    let rewards = world.create("peer_rewards", &rewards);
    let hook = json!({ "add_hook": { "addr": rewards } });
    world.happen("owner", staking, &hook, &[]);
    let create = json!({ "create": {
        "denom": { "native": "uusdc" },
        "emission_rate": { "linear": {
            "amount": DAILY.to_string(),
            "duration": { "time": DAY },
            "continuous": true,
        } },
        "vp_contract": voting,
        "hook_caller": staking,
        "open_funding": true,
    } });
    world.happen("owner", &rewards, &create, &[]);
    rewards
}
