//! cw20-stake.

use cosmwasm_std::Addr;
use serde_json::json;

use super::world::{send, World, DAY};
use super::USERS;

/// What a change of stake is about.
const AMOUNT: u128 = 1_000_000_000;

/// Everybody stakes; figures of staking without a hook. Where the stakes are.
pub(super) fn measure(world: &mut World<'_>, token: &Addr) -> Addr {
    let msg = json!({
        "owner": world.person("owner"),
        "token_address": token,
        "unstaking_duration": { "time": 14 * DAY },
    });
    let staking = world.create("peer_stake", &msg);
    for number in 0..USERS {
        let amount = 400_000_000_000 + u128::from(number) * 317_000_000;
        let msg = send(&staking, amount, &json!({ "stake": {} }));
        world.happen(&format!("user-{number}"), token, &msg, &[]);
    }
    world.pass(DAY);
    let stake = send(&staking, AMOUNT, &json!({ "stake": {} }));
    let name = ("cw20-base send, its own part of a stake", "user-7");
    world.measure_part(name, token, &stake);
    changes(world, token, &staking, "");
    let out = json!({ "unstake": { "amount": AMOUNT.to_string() } });
    world.happen("user-8", &staking, &out, &[]);
    world.pass(15 * DAY);
    let claim = json!({ "claim": {} });
    let name = ("cw20-stake claim", "user-8");
    world.measure(name, &staking, &claim, (Some(token), &[]));
    staking
}

/// Figures of changes of stake.
pub(super) fn changes(world: &mut World<'_>, token: &Addr, staking: &Addr, with: &str) {
    let stake = send(staking, AMOUNT, &json!({ "stake": {} }));
    for (name, sender) in [("first one", "newcomer"), ("more", "user-7")] {
        let name = format!("cw20-stake stake, {name}{with}");
        world.measure((&name, sender), token, &stake, (Some(token), &[]));
    }
    let out = json!({ "unstake": { "amount": AMOUNT.to_string() } });
    let name = format!("cw20-stake unstake{with}");
    world.measure((&name, "user-7"), staking, &out, (Some(token), &[]));
}
