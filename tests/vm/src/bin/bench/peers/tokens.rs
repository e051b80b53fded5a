//! cw20-base and cw721-base.

use cosmwasm_std::Addr;
use serde_json::{json, Value};

use super::world::World;
use super::USERS;

/// What everybody has of the token.
const EACH: u128 = 2_000_000_000_000;

fn user(number: u32) -> String {
    format!("user-{number}")
}

/// A token that all users and a newcomer have.
pub(super) fn token(world: &mut World<'_>) -> Addr {
    let names = (0..USERS).map(user).chain(["newcomer".into()]);
    let balances: Vec<Value> = names
        .map(|name| json!({ "address": world.person(&name), "amount": EACH.to_string() }))
        .collect();
    let msg = json!({
        "name": "QuStream",
        "symbol": "QST",
        "decimals": 6,
        "initial_balances": balances,
        "mint": null,
        "marketing": null,
    });
    let token = world.create("cw20_base", &msg);
    let mut transfer = |name, to: &str| {
        let recipient = world.person(to);
        let msg = json!({ "transfer": { "recipient": recipient, "amount": "1000000" } });
        world.measure((name, "user-7"), &token, &msg, (None, &[]));
    };
    transfer("cw20-base transfer", "user-8");
    transfer("cw20-base transfer to somebody new", "dave");
    token
}

/// A collection of which every user has an NFT.
pub(super) fn collection(world: &mut World<'_>) {
    let minter = world.person("minter");
    let msg = json!({ "name": "Keys", "symbol": "KEY", "minter": minter });
    let collection = world.create("vm_collection", &msg);
    let mint = |world: &World<'_>, owner: &str, number: u32| {
        let owner = world.person(owner);
        json!({ "mint": { "token_id": number.to_string(), "owner": owner } })
    };
    for number in 0..USERS {
        let msg = mint(world, &user(number), number);
        world.happen("minter", &collection, &msg, &[]);
    }
    let msg = mint(world, "newcomer", USERS);
    world.measure(
        ("cw721-base mint", "minter"),
        &collection,
        &msg,
        (None, &[]),
    );
    let recipient = world.person("dave");
    let msg = json!({ "transfer_nft": { "recipient": recipient, "token_id": "7" } });
    let name = ("cw721-base transfer_nft", "user-7");
    world.measure(name, &collection, &msg, (None, &[]));
}
