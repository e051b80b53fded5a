//! Listing and buying keys.

use cosmwasm_std::Uint128;
use cw_utils::Expiration;
use noderev_api::registry::{Activity, ExecuteMsg, Purchase};
use noderev_components::KeyId;
use noderev_testing::{Network, QST};
use noderev_tests::ext::{
    assert_changes_nothing, assert_refused, command, deploy, dump, false_token, order, puppet,
    refusal, refuser,
};

fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 3), ("bob", 1)]);
    for who in ["alice", "bob", "carol"] {
        net.mint_qst(who, 1_000_000 * QST);
    }
    net
}

fn purchase(id: u32, listing: u64, price: u128) -> Purchase {
    Purchase {
        id: KeyId(id),
        listing,
        price: price.into(),
    }
}

#[test]
fn m1_a_purchase_names_listing_and_price_as_they_are_now() {
    let mut net = network();
    net.list("alice", 1, 100, false);
    net.list("alice", 1, 200, false);
    // Raised while the buyer's message was on its way: listing 1 at 100 is gone.
    let why = "key 1 is listed under number 2, not 1: look at the new listing";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_buy_listings("carol", 100, vec![purchase(1, 1, 100)])
    });
    let why = "key 1 is listed at 200 units, not 100";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_buy_listings("carol", 100, vec![purchase(1, 2, 100)])
    });
    net.buy_listings("carol", 200, vec![purchase(1, 2, 200)]);
    assert_eq!(
        net.registry().owner_of(1).owner,
        net.account("carol").as_str()
    );
}

#[test]
fn m2_only_exactly_the_price_in_qst_buys() {
    let mut net = network();
    net.list("alice", 1, 100, false);
    for sent in [99, 101] {
        let why = format!("the keys cost 100 units in all, {sent} were sent: send exactly that");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_buy_listings("carol", sent, vec![purchase(1, 1, 100)])
        });
    }
    let token = false_token(&mut net, "attacker");
    let (registry, qst) = (
        net.addresses().registry.clone(),
        net.addresses().qst.clone(),
    );
    let msg = noderev_api::registry::ReceiveMsg::Buy {
        purchases: vec![purchase(1, 1, 100)],
    };
    let why = format!("only QST ({qst}) is accepted, {token} is another token");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_send("attacker", &token, 100, &registry, &msg)
    });
}

#[test]
fn m3_a_listing_ends_with_the_owner() {
    let mut net = network();
    net.list("alice", 1, 100, false);
    net.transfer("alice", "bob", 1);
    assert_refused(
        net.try_buy_listings("carol", 100, vec![purchase(1, 1, 100)]),
        "key 1 is not listed",
    );
    net.transfer("bob", "alice", 1);
    refusal(net.try_buy_listings("carol", 100, vec![purchase(1, 1, 100)]));
    assert!(net
        .registry()
        .listings(None, None, None, None)
        .listings
        .is_empty());
}

#[test]
fn m3_a_listing_ends_with_any_change_of_the_stake() {
    let mut net = network();
    net.list("alice", 1, 100, false);
    net.stake_nodes("alice", &[1]);
    let why = "the listing of key 1 is void: the node's stake has changed since";
    let buy = |net: &mut Network| net.try_buy_listings("carol", 100, vec![purchase(1, 1, 100)]);
    assert_changes_nothing(&mut net, why, buy);
    net.unstake_nodes("alice", &[1]);
    assert_changes_nothing(&mut net, why, buy);
    // Anyone may clear it away now.
    net.delist("carol", 1);
    assert_refused(net.try_delist("carol", 1), "key 1 is not listed");
}

#[test]
fn m4_a_key_is_sold_once() {
    let mut net = network();
    net.list("alice", 1, 100, false);
    net.buy("carol", 1);
    let why = "key 1 is not listed";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_buy_listings("bob", 100, vec![purchase(1, 1, 100)])
    });
    // Twice in one message.
    net.list("alice", 2, 100, false);
    let why = "key 2 is named twice";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_buy_listings("bob", 200, vec![purchase(2, 2, 100), purchase(2, 2, 100)])
    });
}

#[test]
fn m4_one_missing_key_fails_the_whole_basket() {
    let mut net = network();
    net.list("alice", 1, 100, false);
    let why = "key 2 is not listed";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_buy_listings("bob", 200, vec![purchase(1, 1, 100), purchase(2, 2, 100)])
    });
}

#[test]
fn m4_two_purchases_in_one_transaction_get_one_key() {
    let mut net = network();
    let buyer = deploy(&mut net, puppet(), "puppet");
    net.mint_qst(buyer.as_str(), 200);
    net.list("alice", 1, 100, false);
    let at = net.addresses().clone();
    let msg = noderev_api::registry::ReceiveMsg::Buy {
        purchases: vec![purchase(1, 1, 100)],
    };
    let send = cw20::Cw20ExecuteMsg::Send {
        contract: at.registry.to_string(),
        amount: 100u128.into(),
        msg: serde_json::to_vec(&msg).unwrap().into(),
    };
    let before = dump(&net);
    let twice = [order(&at.qst, &send), order(&at.qst, &send)];
    assert_refused(command(&mut net, &buyer, &twice), "key 1 is not listed");
    assert!(before == dump(&net));
    command(&mut net, &buyer, &twice[..1]).unwrap();
    assert_eq!(net.registry().owner_of(1).owner, buyer.as_str());
}

#[test]
fn m5_a_seller_that_refuses_everything_is_paid_all_the_same() {
    let mut net = network();
    let seller = deploy(&mut net, refuser(), "refuser");
    net.approve("alice", "carol", 1);
    // The key gets to the refusing contract while it is listed by nobody; a puppet sells instead.
    net.transfer("alice", seller.as_str(), 1);
    let puppet = deploy(&mut net, puppet(), "puppet");
    net.transfer("alice", puppet.as_str(), 2);
    let registry = net.addresses().registry.clone();
    let list = ExecuteMsg::List {
        id: KeyId(2),
        price: 100u128.into(),
        buyer: None,
        expires: None,
        with_stake: false,
    };
    command(&mut net, &puppet, &[order(&registry, &list)]).unwrap();
    net.buy("carol", 2);
    // 2 % of 100.
    assert_eq!(net.qst_balance(puppet.as_str()), 98);
}

#[test]
fn m6_fee_and_net_are_the_price_to_the_unit() {
    for (bps, price, fee) in [
        (0u16, 33u128, 0u128),
        (500, 1, 0),  // floor(0.05)
        (500, 3, 0),  // floor(0.15)
        (500, 19, 0), // floor(0.95)
        (500, 20, 1), // 1.00
        (500, 33, 1), // floor(1.65)
        (500, 999_999_999, 49_999_999),
        (1, 9_999, 0), // floor(0.9999)
        (1, 10_000, 1),
    ] {
        let mut net = Network::builder()
            .registry(|params| params.market_fee = noderev_economics::Bps::new(bps).unwrap())
            .build();
        net.issue(&[("alice", 1)]);
        net.mint_qst("carol", price);
        net.list("alice", 1, price, false);
        let listing = net.registry().preview_buy(1, "carol").listing.unwrap();
        assert_eq!(
            (listing.fee, listing.net),
            (Uint128::new(fee), Uint128::new(price - fee))
        );
        net.buy("carol", 1);
        assert_eq!(net.qst_balance("alice"), price - fee);
        assert_eq!(net.qst_balance("carol"), 0);
        match fee {
            0 => assert_refused(
                net.try_on_registry("keeper", &ExecuteMsg::ClaimFees {}),
                "no market fee is owed to the treasury",
            ),
            _ => drop(net.on_registry("keeper", &ExecuteMsg::ClaimFees {})),
        }
        assert_eq!(net.qst_balance("treasury"), fee);
        net.assert_invariants();
    }
}

#[test]
fn m6_a_fee_above_the_bound_is_refused() {
    let result = Network::builder()
        .registry(|params| params.market_fee = noderev_economics::Bps::new(501).unwrap())
        .try_build();
    let why = result.err().unwrap().root_cause().to_string();
    assert_eq!(why, "market_fee is 501: must be 0..=500");
}

#[test]
fn m7_only_the_owner_lists_and_not_for_nothing() {
    let mut net = network();
    assert_refused(
        net.try_list("alice", 1, 0, false),
        "a price of nothing: ask for at least 1 unit",
    );
    let (alice, bob) = (net.account("alice"), net.account("bob"));
    net.approve("alice", "bob", 1);
    let why = format!("key 1 belongs to {alice}: only the owner may do this, {bob} is not");
    assert_refused(net.try_list("bob", 1, 5, false), &why);
    assert_refused(
        net.try_list("alice", 1, 5, true),
        "the node of key 1 is not staked: list it without stake",
    );
    net.list("alice", 1, 5, false);
    let why = format!("{alice} owns key 1 already");
    assert_refused(
        net.try_buy_listings("alice", 5, vec![purchase(1, 1, 5)]),
        &why,
    );
}

#[test]
fn m8_an_offer_ends_at_its_second() {
    let mut net = network();
    let end = net.now().plus_seconds(100);
    let list = ExecuteMsg::List {
        id: KeyId(1),
        price: 100u128.into(),
        buyer: None,
        expires: Some(Expiration::AtTime(end)),
        with_stake: false,
    };
    net.on_registry("alice", &list);
    net.advance_seconds(99);
    assert!(net.registry().preview_buy(1, "carol").refusal.is_none());
    net.advance_seconds(1);
    let why = refusal(net.try_buy_listings("carol", 100, vec![purchase(1, 1, 100)]));
    assert!(
        why.starts_with("the listing of key 1 is void: ") && why.ends_with("is past"),
        "{why}"
    );
    net.delist("carol", 1);
}

#[test]
fn m8_delisting_is_never_paused_and_never_a_strangers() {
    let mut net = network();
    net.list("alice", 1, 100, false);
    let (alice, bob) = (net.account("alice"), net.account("bob"));
    let why = format!("key 1 belongs to {alice}: only the owner may do this, {bob} is not");
    assert_refused(net.try_delist("bob", 1), &why);
    let pause = ExecuteMsg::Pause {
        activity: Activity::Market,
        seconds: 3_600,
    };
    net.on_registry("guardian", &pause);
    let until = net.now().seconds() + 3_600;
    let why = format!("market is paused until {until} (Unix seconds)");
    assert_refused(net.try_list("alice", 2, 5, false), &why);
    assert_refused(
        net.try_buy_listings("carol", 100, vec![purchase(1, 1, 100)]),
        &why,
    );
    net.delist("alice", 1);
    // Moving a key is no market.
    net.transfer("alice", "bob", 1);
    net.advance_seconds(3_600);
    net.list("alice", 2, 5, false);
}

#[test]
fn m10_listings_are_read_by_page_lowest_price_first() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 150)]);
    for key in 1..=150 {
        net.list("alice", key, u128::from(1_000 - key), false);
    }
    let (mut prices, mut after) = (vec![], None);
    loop {
        let page = net.registry().listings(None, None, after, Some(u32::MAX));
        assert!(page.listings.len() <= 100);
        prices.extend(page.listings.iter().map(|listing| listing.price.u128()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let should: Vec<u128> = (850..1_000).collect();
    assert_eq!(prices, should);
}

#[test]
fn an_offer_for_one_buyer_is_his_alone() {
    let mut net = network();
    net.list_for("alice", 1, 100, false, Some("bob"));
    let (bob, carol) = (net.account("bob"), net.account("carol"));
    let why = format!("key 1 is reserved for {bob}, not for {carol}");
    assert_refused(
        net.try_buy_listings("carol", 100, vec![purchase(1, 1, 100)]),
        &why,
    );
    net.buy("bob", 1);
}

#[test]
fn a_stake_sold_along_counts_without_interruption() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.to_epoch(1);
    net.list("alice", 1, 100, true);
    net.buy("carol", 1);
    assert!(net.vault().position("alice").lots.is_empty());
    net.to_epoch(2);
    let stake = &net.vault().node_stakes(&[1])[0];
    assert!(stake.staked && stake.staked_next);
    // The stake is carol's now.
    net.unstake_nodes("carol", &[1]);
    net.to_epoch(20);
    net.withdraw_lots("carol", None);
    assert_eq!(net.qst_balance("carol"), (1_000_000 + 200_000) * QST - 100);
    net.assert_invariants();
}

#[test]
fn a_stake_not_sold_along_stays_the_sellers() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.to_epoch(1);
    net.list("alice", 1, 100, false);
    net.buy("carol", 1);
    assert_eq!(net.vault().position("alice").lots.len(), 1);
    assert!(net.vault().position("carol").lots.is_empty());
    let stake = &net.vault().node_stakes(&[1])[0];
    assert!(stake.staked && !stake.staked_next);
    assert_refused(
        net.try_unstake_nodes("carol", &[1]),
        "node 1 is not staked in epoch 2: there is nothing to take off",
    );
}
