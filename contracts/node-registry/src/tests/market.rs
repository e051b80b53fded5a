use super::*;
use cw_utils::Expiration;
use noderev_api::common::{DueResponse, SolvencyResponse};
use noderev_api::registry::{Activity, ListingCursor, ListingsResponse, PreviewBuyResponse};
use proptest::prelude::*;

fn listings(world: &World, seller: Option<&str>, with_stake: Option<bool>) -> Vec<u32> {
    let answer: ListingsResponse = world.query(QueryMsg::Listings {
        seller: seller.map(|name| who(name).into()),
        with_stake,
        start_after: None,
        limit: None,
    });
    answer.listings.into_iter().map(|it| it.id.0).collect()
}

fn preview(world: &World, key: u32, buyer: &str) -> PreviewBuyResponse {
    let (id, buyer) = (KeyId(key), who(buyer).into());
    world.query(QueryMsg::PreviewBuy { id, buyer })
}

fn delist(key: u32) -> ExecuteMsg {
    ExecuteMsg::Delist { id: KeyId(key) }
}

fn pause() -> ExecuteMsg {
    ExecuteMsg::Pause {
        activity: Activity::Market,
        seconds: 1_000,
    }
}

fn with_stake(key: u32, price: u128) -> ExecuteMsg {
    ExecuteMsg::List {
        id: KeyId(key),
        price: price.into(),
        buyer: None,
        expires: None,
        with_stake: true,
    }
}

fn solvency(world: &World) -> noderev_api::common::DenomSolvency {
    let mut answer: SolvencyResponse = world.query(QueryMsg::Solvency {});
    answer.denoms.remove(0)
}

#[test]
fn a_sale_moves_key_and_money_at_once() {
    let mut world = World::issued(2);
    let listing = world.list("alice", 1, 1_000);
    let shown = preview(&world, 1, "bob");
    assert_eq!((shown.refusal, shown.rewards_from), (None, Epoch(0)));
    let shown = shown.listing.unwrap();
    assert_eq!((shown.fee.u128(), shown.net.u128()), (25, 975));
    let response = world.buy("bob", 1_000, &[(1, listing, 1_000)]).unwrap();
    assert_eq!(world.owner_of(1), who("bob"));
    assert_eq!(paid(&response), [(who("alice"), 975)]);
    assert!(released(&response).is_empty());
    let (alice, bob) = (who("alice"), who("bob"));
    assert_eq!(
        plain(&response),
        [
            ("action", "buy"),
            ("buyer", bob.as_str()),
            ("amount", "1000"),
            ("action", "transfer_nft"),
            ("sender", alice.as_str()),
            ("recipient", bob.as_str()),
            ("token_id", "1")
        ]
    );
    let sold = event(&response, "sold");
    assert_eq!(
        (attribute(sold, "fee"), attribute(sold, "net")),
        ("25", "975")
    );
    assert!(listings(&world, None, None).is_empty());
}

#[test]
fn several_keys_of_several_sellers_in_one_purchase() {
    let mut world = World::issued(3);
    world.issue("carol", 2);
    for key in [2, 4] {
        world.toggle_stake(key);
    }
    let numbers: Vec<u64> = [(1, "alice"), (4, "carol"), (2, "alice"), (5, "carol")]
        .into_iter()
        .map(|(key, seller)| world.list(seller, key, 100 * u128::from(key)))
        .collect();
    let wanted = [
        (1, numbers[0], 100),
        (4, numbers[1], 400),
        (2, numbers[2], 200),
        (5, numbers[3], 500),
    ];
    let response = world.buy("bob", 1_200, &wanted).unwrap();
    // 2.5 % of 100, 200, 400, 500, each rounded down: 2 + 5, 10 + 12.
    assert_eq!(paid(&response), [(who("alice"), 293), (who("carol"), 878)]);
    assert_eq!(released(&response), [(4, who("carol")), (2, who("alice"))]);
    for key in [1, 2, 4, 5] {
        assert_eq!(world.owner_of(key), who("bob"));
    }
    world.qst.borrow_mut().balance = 29;
    let proof = solvency(&world);
    assert_eq!((proof.received.u128(), proof.paid.u128()), (1_200, 1_171));
    assert_eq!(proof.owed[0].amount.u128(), 29);
    assert!(proof.solvent);
    world.qst.borrow_mut().balance = 28;
    assert!(!solvency(&world).solvent);
}

#[test]
fn m1_a_purchase_names_listing_and_price_as_they_are_now() {
    let mut world = World::issued(1);
    let first = world.list("alice", 1, 1_000);
    let second = world.list("alice", 1, 1_001);
    let text = "key 1 is listed under number 2, not 1: look at the new listing";
    world.buy_refused("bob", 1_000, &[(1, first, 1_000)], text);
    let text = "key 1 is listed at 1001 units, not 1000";
    world.buy_refused("bob", 1_000, &[(1, second, 1_000)], text);
    // The old price is no longer in the index.
    assert_eq!(listings(&world, None, None), [1]);
    world.buy("bob", 1_001, &[(1, second, 1_001)]).unwrap();
}

#[test]
fn m2_the_amount_is_exact_and_in_qst() {
    let mut world = World::issued(2);
    let (first, second) = (world.list("alice", 1, 60), world.list("alice", 2, 40));
    let both = [(1, first, 60), (2, second, 40)];
    for sent in [0, 99, 101] {
        let text = format!("the keys cost 100 units in all, {sent} were sent: send exactly that");
        world.buy_refused("bob", sent, &both, &text);
    }
    let most = [(1, first, u128::MAX), (2, second, 1)];
    let text = "the prices add up to more than there can be";
    world.buy_refused("bob", u128::MAX, &most, text);
    let (qst, fake) = (who("qst"), who("fake"));
    for sender in ["fake", "bob"] {
        let text = format!(
            "only QST ({qst}) is accepted, {} is another token",
            who(sender)
        );
        world.refused(sender, buy("bob", 100, &both), &text);
    }
    let info = message_info(&who("qst"), &coins(5, "untrn"));
    let msg = buy("bob", 100, &both);
    let error = contract::execute(world.deps.as_mut(), world.env.clone(), info, msg);
    assert_eq!(
        error.unwrap_err().to_string(),
        "this message takes no coins, 5untrn came with it"
    );
    assert_ne!(qst, fake);
    assert_eq!(world.owner_of(1), who("alice"));
}

#[test]
fn x1_x2_x4_only_qst_itself_can_buy_and_not_for_nothing() {
    let mut world = World::issued(1);
    let listing = world.list("alice", 1, 10);
    let before = world.dump();
    for sender in ["mallory", "owner", "alice", "vault"] {
        for buyer in ["mallory", "owner"] {
            let msg = buy(buyer, 10, &[(1, listing, 10)]);
            let text = format!(
                "only QST ({}) is accepted, {} is another token",
                who("qst"),
                who(sender)
            );
            world.refused(sender, msg, &text);
        }
    }
    let text = "the keys cost 0 units in all, 10 were sent: send exactly that";
    world.buy_refused("bob", 10, &[(1, listing, 0)], text);
    let text = "key 1 is listed at 10 units, not 0";
    world.buy_refused("bob", 0, &[(1, listing, 0)], text);
    assert_eq!(world.dump(), before);
}

#[test]
fn m3_a_listing_ends_with_a_change_of_owner_even_if_the_key_returns() {
    let mut world = World::issued(1);
    let listing = world.list("alice", 1, 10);
    let response = world.transfer("alice", 1, "carol");
    assert_eq!(attribute(event(&response, "transferred"), "delisted"), "1");
    assert!(listings(&world, None, None).is_empty());
    world.transfer("carol", 1, "alice");
    world.buy_refused("bob", 10, &[(1, listing, 10)], "key 1 is not listed");
    assert_eq!(
        preview(&world, 1, "bob").refusal.unwrap(),
        "key 1 is not listed"
    );
}

#[test]
fn m3_a_listing_ends_with_a_change_of_the_nodes_stake_even_if_it_returns() {
    let mut world = World::issued(1);
    let listing = world.list("alice", 1, 10);
    world.toggle_stake(1);
    let text = "the listing of key 1 is void: the node's stake has changed since";
    world.buy_refused("bob", 10, &[(1, listing, 10)], text);
    world.toggle_stake(1);
    world.buy_refused("bob", 10, &[(1, listing, 10)], text);
    let shown = preview(&world, 1, "bob");
    assert_eq!(
        (shown.listing, shown.refusal.unwrap().as_str()),
        (None, text)
    );
    assert!(listings(&world, None, None).is_empty());
    let key: KeyResponse = world.query(QueryMsg::Key { id: KeyId(1) });
    assert_eq!(key.listing, None);
}

#[test]
fn a_stake_goes_along_if_listed_so_and_else_stays_the_sellers() {
    let mut world = World::issued(3);
    let text = "the node of key 1 is not staked: list it without stake";
    world.refused("alice", with_stake(1, 10), text);
    // Pending counts.
    world.toggle_stake(1);
    world.toggle_stake(2);
    let with = number_of(&world.ok("alice", with_stake(1, 10)));
    let without = world.list("alice", 2, 20);
    world.list("alice", 3, 30);
    assert_eq!(listings(&world, None, Some(true)), [1]);
    assert_eq!(listings(&world, None, Some(false)), [2, 3]);
    let wanted = [(1, with, 10), (2, without, 20)];
    let response = world.buy("bob", 30, &wanted).unwrap();
    assert_eq!(released(&response), [(2, who("alice"))]);
}

#[test]
fn m4_a_key_is_sold_once() {
    let mut world = World::issued(1);
    let listing = world.list("alice", 1, 10);
    let wanted = [(1, listing, 10)];
    let twice = [wanted[0], wanted[0]];
    world.buy_refused("bob", 20, &twice, "key 1 is named twice");
    world.buy("bob", 10, &wanted).unwrap();
    world.buy_refused("carol", 10, &wanted, "key 1 is not listed");
}

#[test]
fn m5_the_seller_is_paid_by_a_transfer_he_cannot_hook() {
    let mut world = World::issued(1);
    let listing = world.list("alice", 1, 10);
    let response = world.buy("bob", 10, &[(1, listing, 10)]).unwrap();
    // `paid` knows no other message than Transfer; a failure reverts the whole sale.
    assert_eq!(paid(&response), [(who("alice"), 10)]);
    assert_eq!(response.messages[0].reply_on, cosmwasm_std::ReplyOn::Never);
}

#[test]
fn m6_seller_and_fee_add_up_to_the_price() {
    // 5 %: 0.05, 0.15, 1.65 rounded down, and 5 % of 100 exactly.
    for (bps, price, fee) in [
        (500, 1, 0),
        (500, 3, 0),
        (500, 33, 1),
        (500, 100, 5),
        (0, 33, 0),
        (250, 39, 0),
        (250, 40, 1),
    ] {
        let mut world = World::with(Params {
            market_fee: Bps::new(bps).unwrap(),
            ..params()
        });
        world.issue("alice", 1);
        let listing = world.list("alice", 1, price);
        let response = world.buy("bob", price, &[(1, listing, price)]).unwrap();
        assert_eq!(paid(&response), [(who("alice"), price - fee)]);
        assert_eq!(solvency(&world).liabilities.u128(), fee);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Invariants 6 and 7: whatever is sold, every unit is the seller's or the treasury's.
    #[test]
    fn m6_no_unit_is_lost_at_any_price(
        bps in 0..=500u16,
        prices in prop::collection::vec(1..=u128::from(u64::MAX), 1..6),
    ) {
        let mut world = World::with(Params {
            market_fee: Bps::new(bps).unwrap(),
            ..params()
        });
        let wanted: Vec<_> = (1..)
            .zip(&prices)
            .map(|(key, price)| {
                world.issue("alice", 1);
                (key, world.list("alice", key, *price), *price)
            })
            .collect();
        let total: u128 = prices.iter().sum();
        let response = world.buy("bob", total, &wanted).unwrap();
        let [(seller, net)] = paid(&response).try_into().unwrap();
        prop_assert_eq!(seller, who("alice"));
        let fee = total - net;
        // Each fee is rounded down by less than a unit.
        let exact = prices.iter().map(|price| price * u128::from(bps)).sum::<u128>();
        prop_assert!(fee * 10_000 <= exact);
        prop_assert!(exact < (fee + prices.len() as u128) * 10_000);
        world.qst.borrow_mut().balance = fee;
        let proof = solvency(&world);
        prop_assert!(proof.solvent && proof.surplus.is_zero());
        prop_assert_eq!(proof.liabilities.u128(), fee);
    }
}

#[test]
fn the_fee_is_that_of_the_listing() {
    let mut world = World::issued(2);
    let listing = world.list("alice", 1, 1_000);
    let params = Params {
        market_fee: Bps::new(500).unwrap(),
        ..params()
    };
    world.ok("owner", ExecuteMsg::QueueParams { params });
    world.at_epoch(8);
    let later = world.list("alice", 2, 1_000);
    let wanted = [(1, listing, 1_000), (2, later, 1_000)];
    let response = world.buy("bob", 2_000, &wanted).unwrap();
    assert_eq!(paid(&response), [(who("alice"), 975 + 950)]);
}

#[test]
fn m7_only_the_owner_lists_at_a_price() {
    let mut world = World::issued(1);
    let text = "a price of nothing: ask for at least 1 unit";
    world.refused("alice", list(1, 0), text);
    let approve = ExecuteMsg::Approve {
        spender: who("bob").into(),
        token_id: "1".to_string(),
        expires: None,
    };
    world.ok("alice", approve);
    let text = format!(
        "key 1 belongs to {}: only the owner may do this, {} is not",
        who("alice"),
        who("bob")
    );
    world.refused("bob", list(1, 10), &text);
    world.refused("alice", list(2, 10), "there is no key 2: keys 1 to 1 exist");
}

#[test]
fn m8_a_listing_expires_exactly_at_its_end_and_can_always_be_taken_back() {
    let mut world = World::issued(1);
    let until = |seconds| ExecuteMsg::List {
        id: KeyId(1),
        price: 10u128.into(),
        buyer: None,
        expires: Some(Expiration::AtTime(Timestamp::from_seconds(START + seconds))),
        with_stake: false,
    };
    let text = "expiration time: 1000000.000000000 is past: choose a later end";
    world.refused("alice", until(0), text);
    let listing = number_of(&world.ok("alice", until(50)));
    world.pass(49);
    assert_eq!(listings(&world, None, None), [1]);
    let stranger = format!(
        "key 1 belongs to {}: only the owner may do this, {} is not",
        who("alice"),
        who("bob")
    );
    world.refused("bob", delist(1), &stranger);
    world.pass(1);
    assert!(listings(&world, None, None).is_empty());
    let text = "the listing of key 1 is void: expiration time: 1000050.000000000 is past";
    world.buy_refused("bob", 10, &[(1, listing, 10)], text);
    let response = world.ok("bob", delist(1));
    assert_eq!(attribute(event(&response, "delisted"), "void"), "true");
    world.refused("alice", delist(1), "key 1 is not listed");

    let listing = world.list("alice", 1, 10);
    world.ok("guardian", pause());
    let text = "market is paused until 1001050 (Unix seconds)";
    world.refused("alice", list(1, 11), text);
    world.buy_refused("bob", 10, &[(1, listing, 10)], text);
    assert_eq!(preview(&world, 1, "bob").refusal.unwrap(), text);
    let response = world.ok("alice", delist(1));
    assert_eq!(attribute(event(&response, "delisted"), "listing"), "2");
    world.transfer("alice", 1, "bob");
}

#[test]
fn m10_many_listings_are_paged_and_void_ones_cost_a_bounded_scan() {
    let mut world = World::issued(700);
    for key in 1..=700 {
        world.list("alice", key, 1_000 + u128::from(key % 7));
    }
    let page = |world: &World, start_after: Option<ListingCursor>, limit| -> ListingsResponse {
        world.query(QueryMsg::Listings {
            seller: None,
            with_stake: None,
            start_after,
            limit,
        })
    };
    let all = |world: &World| {
        let (mut ids, mut prices, mut cursor, mut pages) = (vec![], vec![], None, 0);
        loop {
            let answer = page(world, cursor, Some(u32::MAX));
            assert!(answer.listings.len() <= 100);
            pages += 1;
            prices.extend(answer.listings.iter().map(|it| it.price));
            ids.extend(answer.listings.into_iter().map(|it| it.id.0));
            cursor = answer.next;
            if cursor.is_none() {
                assert!(prices.is_sorted());
                ids.sort_unstable();
                return (ids, pages);
            }
        }
    };
    assert_eq!(all(&world), ((1..=700).collect(), 7));
    for key in (1..=700).filter(|key| key % 7 < 4 && *key != 7) {
        world.toggle_stake(key);
    }
    let standing: Vec<u32> = (1..=700).filter(|key| key % 7 >= 4 || *key == 7).collect();
    let (found, pages) = all(&world);
    assert_eq!(found, standing);
    // 399 void ones at the front: the first page looks at 100 entries and finds key 7 alone, three
    // more find nothing, the other 300 standing ones fill three pages.
    let first = page(&world, None, None);
    assert_eq!(
        (first.listings.len(), first.floor),
        (1, Some(1_000u128.into()))
    );
    let second = page(&world, first.next, None);
    assert_eq!((second.listings.len(), second.floor), (0, None));
    assert_eq!(pages, 7);
}

#[test]
fn the_floor_with_and_without_stake_stands_beside_any_page() {
    let mut world = World::issued(5);
    for key in [3, 4] {
        world.toggle_stake(key);
    }
    world.list("alice", 1, 5);
    world.list("alice", 2, 30);
    world.ok("alice", with_stake(3, 50));
    world.ok("alice", with_stake(4, 40));
    // Key 1's listing is void: it is nobody's floor.
    world.toggle_stake(1);
    let page = |with_stake, start_after, limit| -> ListingsResponse {
        world.query(QueryMsg::Listings {
            seller: None,
            with_stake,
            start_after,
            limit,
        })
    };
    for with_stake in [None, Some(true), Some(false)] {
        for limit in [None, Some(1)] {
            let answer = page(with_stake, None, limit);
            assert_eq!(answer.floor, Some(30u128.into()));
            assert_eq!(answer.floor_with_stake, Some(40u128.into()));
        }
    }
    // Looking behind a full page for the floors skips nothing.
    let first = page(None, None, Some(1));
    assert_eq!(first.listings[0].id, KeyId(2));
    let second = page(None, first.next, Some(1));
    assert_eq!(second.listings[0].id, KeyId(4));
    assert_eq!(second.floor, None);
    let third = page(None, second.next, Some(1));
    assert_eq!((third.listings[0].id, third.next), (KeyId(3), None));
}

#[test]
fn a_sellers_listings_are_found_behind_any_number_of_others() {
    let mut world = World::issued(150);
    world.issue("carol", 2);
    for key in 1..=150 {
        world.list("alice", key, 10);
    }
    world.list("carol", 151, 900);
    world.list("carol", 152, 800);
    let carols = |world: &World| -> ListingsResponse {
        world.query(QueryMsg::Listings {
            seller: Some(who("carol").into()),
            with_stake: None,
            start_after: None,
            limit: None,
        })
    };
    let answer = carols(&world);
    let found: Vec<u32> = answer.listings.iter().map(|it| it.id.0).collect();
    assert_eq!((found, answer.next), (vec![152, 151], None));
    assert_eq!(answer.floor, Some(800u128.into()));
    // Whatever ends a listing takes it out of both indices.
    world.transfer("carol", 152, "alice");
    world.list("carol", 151, 700);
    assert_eq!(carols(&world).floor, Some(700u128.into()));
    world.ok("carol", delist(151));
    assert!(carols(&world).listings.is_empty());
    let left = world.dump().into_iter().filter(|(key, _)| key[0] == 0x9a);
    assert_eq!(left.count(), 150);
}

#[test]
fn stakes_are_released_before_anybody_is_paid() {
    let mut world = World::issued(2);
    world.toggle_stake(2);
    let wanted = [
        (1, world.list("alice", 1, 10), 10),
        (2, world.list("alice", 2, 20), 20),
    ];
    let response = world.buy("bob", 30, &wanted).unwrap();
    let called: Vec<&str> = response
        .messages
        .iter()
        .map(|it| executed(&it.msg).unwrap().0)
        .collect();
    assert_eq!(called, [who("vault").as_str(), who("qst").as_str()]);
}

#[test]
fn the_end_of_an_offer_is_a_height_or_nanoseconds_and_absent_if_never() {
    let mut world = World::issued(1);
    let height = world.env.block.height + 5;
    let until = |expires| ExecuteMsg::List {
        id: KeyId(1),
        price: 10u128.into(),
        buyer: None,
        expires,
        with_stake: false,
    };
    let ends = |world: &mut World, expires| -> Vec<(String, String)> {
        let response = world.ok("alice", until(expires));
        let listed = event(&response, "listed").attributes.clone();
        let ends = listed
            .into_iter()
            .filter(|it| it.key.starts_with("expires"));
        ends.map(|it| (it.key, it.value)).collect()
    };
    assert!(ends(&mut world, None).is_empty());
    let at = Some(Expiration::AtHeight(height));
    let expected = [("expires_height".to_string(), height.to_string())];
    assert_eq!(ends(&mut world, at), expected);
    let at = Some(Expiration::AtTime(Timestamp::from_seconds(START + 50)));
    let expected = [("expires_time".to_string(), "1000050000000000".to_string())];
    assert_eq!(ends(&mut world, at), expected);
}

#[test]
fn listings_are_found_by_seller_lowest_price_first() {
    let mut world = World::issued(2);
    world.issue("carol", 1);
    world.list("alice", 1, 300);
    world.list("alice", 2, 20);
    world.list("carol", 3, 100);
    assert_eq!(listings(&world, None, None), [2, 3, 1]);
    assert_eq!(listings(&world, Some("alice"), None), [2, 1]);
    assert_eq!(listings(&world, Some("bob"), None), Vec::<u32>::new());
}

#[test]
fn listings_of_before_a_split_are_out_of_the_way() {
    let mut world = World::issued(2);
    world.list("alice", 1, 10);
    world.ok("owner", ExecuteMsg::Split { factor: 2 });
    world.at_epoch(1);
    world.list("alice", 3, 20);
    assert_eq!(listings(&world, None, None), [3]);
    // Listing the parent again replaces the void record and both index entries.
    world.list("alice", 1, 5);
    assert_eq!(listings(&world, None, None), [1, 3]);
}

#[test]
fn a_reserved_key_is_sold_to_nobody_else() {
    let mut world = World::issued(1);
    let reserve = |buyer: &str| ExecuteMsg::List {
        id: KeyId(1),
        price: 10u128.into(),
        buyer: Some(who(buyer).into()),
        expires: None,
        with_stake: false,
    };
    let own = format!("{} owns key 1 already", who("alice"));
    world.refused("alice", reserve("alice"), &own);
    let listing = number_of(&world.ok("alice", reserve("bob")));
    let text = format!(
        "key 1 is reserved for {}, not for {}",
        who("bob"),
        who("carol")
    );
    world.buy_refused("carol", 10, &[(1, listing, 10)], &text);
    assert_eq!(preview(&world, 1, "carol").refusal, Some(text));
    world.buy_refused("alice", 10, &[(1, listing, 10)], &own);
    world.buy("bob", 10, &[(1, listing, 10)]).unwrap();
}

#[test]
fn purchases_are_bounded_and_one_bad_one_reverts_all() {
    let mut world = World::issued(101);
    let text = "name 1..=100 purchases, 0 are named";
    world.buy_refused("bob", 0, &[], text);
    let wanted: Vec<_> = (1..=101)
        .map(|key| (key, world.list("alice", key, 1), 1))
        .collect();
    let text = "name 1..=100 purchases, 101 are named";
    world.buy_refused("bob", 101, &wanted, text);
    world.ok("alice", delist(100));
    world.buy_refused("bob", 100, &wanted[..100], "key 100 is not listed");
    assert_eq!(world.owner_of(1), who("alice"));
    world.buy("bob", 99, &wanted[..99]).unwrap();
}

#[test]
fn x10_unknown_fields_and_forged_bodies_are_refused() {
    let mut world = World::issued(1);
    let listing = world.list("alice", 1, 10);
    for body in [
        format!(r#"{{"buy":{{"purchases":[{{"id":1,"listing":{listing},"price":"10","x":1}}]}}}}"#),
        r#"{"buy":{"purchases":[{"id":1,"price":"10"}]}}"#.to_string(),
        r#"{"gift":{}}"#.to_string(),
        String::new(),
    ] {
        let msg = ExecuteMsg::Receive(Cw20ReceiveMsg {
            sender: who("bob").into(),
            amount: 10u128.into(),
            msg: body.into_bytes().into(),
        });
        assert!(world.send("qst", msg).is_err());
    }
}

#[test]
fn the_treasury_is_paid_its_fees_once() {
    let mut world = World::issued(1);
    world.refused(
        "bob",
        ExecuteMsg::ClaimFees {},
        "no market fee is owed to the treasury",
    );
    let listing = world.list("alice", 1, 1_000);
    world.buy("bob", 1_000, &[(1, listing, 1_000)]).unwrap();
    let due: DueResponse = world.query(QueryMsg::Due {});
    assert_eq!(due.now[0].action, "claim_fees");
    // A donation changes nothing.
    world.qst.borrow_mut().balance = 25 + 7;
    assert_eq!(solvency(&world).surplus.u128(), 7);
    world.ok("guardian", pause());
    let response = world.ok("bob", ExecuteMsg::ClaimFees {});
    assert_eq!(paid(&response), [(who("treasury"), 25)]);
    world.qst.borrow_mut().balance = 7;
    assert_eq!(solvency(&world).paid, solvency(&world).received);
    world.refused(
        "bob",
        ExecuteMsg::ClaimFees {},
        "no market fee is owed to the treasury",
    );
    assert!(world.query::<DueResponse>(QueryMsg::Due {}).now.is_empty());
}
