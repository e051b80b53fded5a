//! Staked NFTs: in, out, hostile collections, and what they weigh.

use cosmwasm_std::{to_json_binary, Uint128};
use cw721::receiver::Cw721ReceiveMsg;
use noderev_api::delegation::{
    Activity, Class, Collection, DelegationId, ExecuteMsg, Nft, NftHook, TokenRule,
};
use noderev_components::Epoch;
use noderev_testing::{AppResponse, Network, NftCollection, GOLD, PLAIN, REWARD};
use noderev_tests::ext::{
    assert_changes_nothing, assert_refused, attributes, bewitch, bewitched, events, forge, order,
    refusal, rewards_claimed,
};

const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;
/// Place of the collection that does as it is told.
const WITCH: usize = 3;

fn network() -> Network {
    Network::builder()
        .collections(|list| {
            list.push(NftCollection::new("witch", 10_000).with_code(bewitched));
            list.push(NftCollection::new("stranger", 1_000_000).unlisted());
        })
        .build()
}

fn counted(net: &Network) -> (u128, u128) {
    let network = net.delegation().network();
    (network.total.u128(), network.total_next.u128())
}

/// So many NFTs of a collection, minted and staked by somebody.
fn staked(net: &mut Network, who: &str, place: usize, count: usize, name: &str) -> Vec<Nft> {
    net.approve_collection(who, place);
    let ids: Vec<String> = (0..count).map(|n| format!("{name}{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let nfts = net.mint_nfts(who, place, &ids);
    for batch in ids.chunks(30) {
        net.stake_nfts(who, place, batch, None);
    }
    nfts
}

#[test]
fn g1_only_nfts_of_allowed_collections_count() {
    let mut net = network();
    net.mint_nft("alice", WITCH + 1, "1");
    let stranger = net.collection(WITCH + 1);
    let why = format!("{stranger} is not an allowed collection");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_send_nft("alice", WITCH + 1, "1", None)
    });
    net.approve_collection("alice", WITCH + 1);
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_stake_nfts("alice", WITCH + 1, &["1"], None)
    });
    assert_eq!(counted(&net), (0, 0));
}

#[test]
fn g1_an_nft_counts_once_however_often_it_is_named() {
    let mut net = network();
    net.mint_nfts("alice", GOLD, &["gold-1", "gold-2"]);
    net.approve_collection("alice", GOLD);
    let why = "NFT gold-1 is named twice";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_stake_nfts("alice", GOLD, &["gold-1", "gold-2", "gold-1"], None)
    });
    net.stake_nfts("alice", GOLD, &["gold-1", "gold-2"], None);
    assert_eq!(counted(&net), (0, 20_000));
    // It is here: neither its staker nor anybody else can stake it again.
    let contract = net.addresses().delegation.clone();
    let gold = net.collection(GOLD);
    let alice = net.account("alice");
    let why = format!("NFT \"gold-1\" of {gold} belongs to {contract}, not to {alice}");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_stake_nfts("alice", GOLD, &["gold-1"], None)
    });
    assert_eq!(counted(&net), (0, 20_000));
    let nft = net.nft(GOLD, "gold-1");
    let twice = [nft.clone(), nft.clone()];
    let why = format!("NFT \"gold-1\" of {gold} is named twice");
    for delegation in [None, Some(1)] {
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_move_nfts("alice", &twice, delegation)
        });
    }
    assert_changes_nothing(&mut net, &why, |net| net.try_unstake_nfts("alice", &twice));
    net.unstake_nfts("alice", &twice[..1]);
    net.next_epoch();
    assert_changes_nothing(&mut net, &why, |net| net.try_withdraw_nfts("alice", &twice));
    net.withdraw_nfts("alice", &twice[..1]);
    assert_eq!(net.nft_owner(&nft), alice);
    assert_eq!(counted(&net), (10_000, 10_000));
    net.assert_delegation_invariants();
}

#[test]
fn g1_nobody_stakes_the_nft_of_another() {
    let mut net = network();
    net.mint_nft("alice", GOLD, "gold-1");
    // Alice lets this contract move all her NFTs: bob gains nothing by it.
    net.approve_collection("alice", GOLD);
    let (gold, alice, bob) = (
        net.collection(GOLD),
        net.account("alice"),
        net.account("bob"),
    );
    let why = format!("NFT \"gold-1\" of {gold} belongs to {alice}, not to {bob}");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_stake_nfts("bob", GOLD, &["gold-1"], None)
    });
    // Without her approval she cannot stake by message either.
    net.revoke_collection("alice", GOLD);
    refusal(net.try_stake_nfts("alice", GOLD, &["gold-1"], None));
    assert_eq!(counted(&net), (0, 0));
    assert_eq!(net.nft_owner(&net.nft(GOLD, "gold-1")), alice);
}

#[test]
fn g1_what_an_approved_operator_sends_is_staked_for_him() {
    let mut net = network();
    net.mint_nft("alice", GOLD, "gold-1");
    net.approve_nft("alice", GOLD, "gold-1", "bob");
    net.send_nft("bob", GOLD, "gold-1", None);
    assert_eq!(
        net.delegation().member("bob").quintessence_next.u128(),
        10_000
    );
    assert_eq!(net.delegation().member("alice").nfts, 0);
    net.assert_delegation_invariants();
}

#[test]
fn g1_classes_decide_and_the_first_that_fits_wins() {
    let class = |name: &str, tokens: TokenRule, weight: u128| Class {
        name: name.into(),
        tokens,
        weight: weight.into(),
    };
    let range = |first, last| TokenRule::Range { first, last };
    let prefix = |prefix: &str| TokenRule::Prefix {
        prefix: prefix.into(),
    };
    let classes = vec![
        class("first", range(5, 9), 100),
        class("second", range(9, 20), 200),
        class("none", prefix("x-0"), 0),
        class("named", prefix("x-"), 300),
        class("all", range(u64::MAX, u64::MAX), 400),
    ];
    let mut net = Network::builder()
        .collections(|list| {
            list.push(NftCollection {
                classes,
                ..NftCollection::new("classed", 7)
            });
        })
        .build();
    let last = u64::MAX.to_string();
    let weights = [
        ("4", 7),
        ("5", 100),
        ("9", 100),
        ("10", 200),
        ("20", 200),
        ("21", 7),
        // Not how that number is written: the collection's own weight.
        ("05", 7),
        ("+5", 7),
        ("x-1", 300),
        (last.as_str(), 400),
    ];
    for (id, weight) in weights {
        net.mint_nft("alice", 3, id);
        let before = net.delegation().member("alice").quintessence_next.u128();
        let preview = net.delegation().preview_stake(3, &[id]).nfts.remove(0);
        net.send_nft("alice", 3, id, None);
        let after = net.delegation().member("alice").quintessence_next.u128();
        assert_eq!(
            (after - before, preview.quintessence.u128()),
            (weight, weight),
            "{id}"
        );
    }
    net.mint_nft("alice", 3, "x-07");
    let classed = net.collection(3);
    let why = format!(
        "NFT \"x-07\" of {classed} weighs nothing: it is in no class, or its class was taken off"
    );
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_send_nft("alice", 3, "x-07", None)
    });
    net.assert_delegation_invariants();
}

#[test]
fn x6_invented_nfts_of_a_stranger_are_not_counted() {
    let mut net = network();
    let attacker = net.account("attacker");
    let receive = ExecuteMsg::ReceiveNft(Cw721ReceiveMsg {
        sender: attacker.to_string(),
        token_id: "gold-1".into(),
        msg: to_json_binary(&NftHook::Stake { delegation: None }).unwrap(),
    });
    // A person, and a contract that is no allowed collection.
    let why = format!("{attacker} is not an allowed collection");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_on_delegation("attacker", &receive)
    });
    let own = noderev_tests::ext::deploy(&mut net, noderev_tests::ext::puppet(), "false nfts");
    let delegation = net.addresses().delegation.clone();
    let why = format!("{own} is not an allowed collection");
    let forged = [order(&delegation, &receive)];
    assert_changes_nothing(&mut net, &why, |net| {
        noderev_tests::ext::command(net, &own, &forged)
    });
    assert_eq!(counted(&net), (0, 0));
}

#[test]
fn x6_an_allowed_collection_cannot_stake_an_nft_twice_nor_one_of_another_collection() {
    let mut net = network();
    staked(&mut net, "alice", WITCH, 1, "w");
    net.mint_nft("alice", GOLD, "w0");
    let (witch, delegation) = (net.collection(WITCH), net.addresses().delegation.clone());
    let receive = |who: &str, id: &str| {
        ExecuteMsg::ReceiveNft(Cw721ReceiveMsg {
            sender: net.account(who).into_string(),
            token_id: id.into(),
            msg: to_json_binary(&NftHook::Stake { delegation: None }).unwrap(),
        })
    };
    let again = [order(&delegation, &receive("attacker", "w0"))];
    let why = format!("NFT \"w0\" of {witch} is staked already");
    assert_changes_nothing(&mut net, &why, |net| forge(net, WITCH, &again));
    assert_eq!(counted(&net), (0, 10_000));
    // The same id of another collection is another NFT.
    net.send_nft("alice", GOLD, "w0", None);
    assert_eq!(counted(&net), (0, 11_000));
    net.assert_delegation_invariants();
}

#[test]
fn g2_an_nft_returns_to_its_staker_after_the_boundary_and_not_a_second_before() {
    let mut net = network();
    let nfts = staked(&mut net, "alice", GOLD, 2, "gold-");
    net.next_epoch();
    let gold = net.collection(GOLD);
    let why = format!("NFT \"gold-0\" of {gold} counts: unstake it first");
    assert_changes_nothing(&mut net, &why, |net| net.try_withdraw_nfts("bob", &nfts));
    net.unstake_nfts("alice", &nfts[..1]);
    let end = net.clock().end_of(Epoch(1));
    net.advance_to(end - 1);
    let why = format!(
        "NFT \"gold-0\" of {gold} can be withdrawn at {end} (Unix seconds), now is {}",
        end - 1
    );
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_withdraw_nfts("alice", &nfts[..1])
    });
    // It counts to the end of the epoch.
    assert_eq!(counted(&net), (20_000, 10_000));
    net.advance_to(end);
    assert_eq!(counted(&net), (10_000, 10_000));
    // Anyone may trigger it; it goes to whom it belongs.
    net.withdraw_nfts("attacker", &nfts[..1]);
    assert_eq!(net.nft_owner(&nfts[0]), net.account("alice"));
    let why = format!("NFT \"gold-0\" of {gold} is not staked here");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_withdraw_nfts("alice", &nfts[..1])
    });
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_unstake_nfts("alice", &nfts[..1])
    });
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_move_nfts("alice", &nfts[..1], None)
    });
    net.assert_delegation_invariants();
}

#[test]
fn g6_unbonding_is_fixed_when_it_is_asked_for() {
    let mut net = Network::builder()
        .delegation(|params| params.unbonding_period = 3 * HOUR)
        .build();
    let nfts = net.stake_weight("alice", 11, None);
    let mut params = net.delegation().params_at(0).params;
    params.unbonding_period = 30 * DAY;
    net.queue_delegation_params(&params);
    net.to_epoch(7);
    net.unstake_nfts("alice", &nfts[..1]);
    net.to_epoch(8);
    // The new period is in force; what left before keeps its own.
    net.unstake_nfts("alice", &nfts[1..]);
    let [first, second] = [&nfts[0], &nfts[1]].map(|nft| net.delegation().nft(nft).unwrap());
    let (seventh, eighth) = (net.clock().end_of(Epoch(7)), net.clock().end_of(Epoch(8)));
    let seconds = |info: &noderev_api::delegation::NftInfo| info.withdrawable_at.unwrap().seconds();
    assert_eq!(seconds(&first), seventh + 3 * HOUR);
    assert_eq!(seconds(&second), eighth + 30 * DAY);
    net.advance_to(seventh + 3 * HOUR - 1);
    refusal(net.try_withdraw_nfts("alice", &nfts[..1]));
    net.advance_to(seventh + 3 * HOUR);
    net.withdraw_nfts("alice", &nfts[..1]);
    net.advance_to(eighth + 30 * DAY - 1);
    refusal(net.try_withdraw_nfts("alice", &nfts[1..]));
    net.advance_to(eighth + 30 * DAY);
    net.withdraw_nfts("alice", &nfts[1..]);
    assert_eq!(net.delegation().member("alice").nfts, 0);
}

#[test]
fn g2_what_leaves_can_neither_move_nor_leave_again_nor_found_anything() {
    let mut net = network();
    let nfts = staked(&mut net, "alice", GOLD, 1, "gold-");
    net.next_epoch();
    let (gold, alice, bob) = (
        net.collection(GOLD),
        net.account("alice"),
        net.account("bob"),
    );
    let why = format!("NFT \"gold-0\" of {gold} was staked by {alice}, not by {bob}");
    assert_changes_nothing(&mut net, &why, |net| net.try_unstake_nfts("bob", &nfts));
    assert_changes_nothing(&mut net, &why, |net| net.try_move_nfts("bob", &nfts, None));
    net.unstake_nfts("alice", &nfts);
    let why = format!("NFT \"gold-0\" of {gold} is on its way out");
    assert_changes_nothing(&mut net, &why, |net| net.try_unstake_nfts("alice", &nfts));
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_move_nfts("alice", &nfts, None)
    });
    let why = "a delegation needs 10000 undelegated Quintessence of its owner that counts now and \
               is not leaving, 0 is there";
    assert_changes_nothing(&mut net, why, |net| net.try_create_delegation("alice", 0));
}

#[test]
fn what_moves_or_leaves_is_told_with_where_it_counted() {
    let mut net = network();
    net.found_delegation("bob", 20_000, 0);
    let nfts = staked(&mut net, "alice", GOLD, 3, "gold");
    let gold = net.collection(GOLD);
    let named = |response: &AppResponse, event: &str| {
        let nfts = attributes(response, event, "nft");
        let nfts = nfts.iter().map(|it| it.replace(gold.as_str(), "gold"));
        (nfts.collect(), attributes(response, event, "left"))
    };
    let told = |nfts: &[&str], left: &[&str]| -> (Vec<String>, Vec<String>) {
        let owned = |it: &[&str]| it.iter().map(|it| it.to_string()).collect();
        (owned(nfts), owned(left))
    };
    let response = net.move_nfts("alice", &nfts[..2], Some(1));
    assert_eq!(
        named(&response, "nft_moved"),
        told(&["gold:gold0", "gold:gold1"], &["none:2000"])
    );
    let response = net.unstake_nfts("alice", &nfts);
    assert_eq!(
        named(&response, "nft_unstaked"),
        told(
            &["gold:gold0", "gold:gold1", "gold:gold2"],
            &["1:2000", "none:1000"]
        )
    );
}

#[test]
fn g14_three_hundred_nfts_leave_in_pages() {
    let mut net = network();
    let nfts = staked(&mut net, "alice", GOLD, 300, "g");
    net.next_epoch();
    assert_eq!(counted(&net), (300_000, 300_000));
    let why = "name 1..=30 NFTs, 31 are named";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_unstake_nfts("alice", &nfts[..31])
    });
    let why = "name 1..=30 NFTs, 0 are named";
    assert_changes_nothing(&mut net, why, |net| net.try_unstake_nfts("alice", &[]));
    for page in nfts.chunks(30) {
        net.unstake_nfts("alice", page);
    }
    assert_eq!(counted(&net), (300_000, 0));
    net.next_epoch();
    for page in nfts.chunks(30) {
        net.withdraw_nfts("alice", page);
    }
    let alice = net.account("alice");
    assert!(nfts.iter().all(|nft| net.nft_owner(nft) == alice));
    assert_eq!(net.delegation().member("alice").nfts, 0);
    net.assert_delegation_invariants();
}

#[test]
fn g14_l4_x17_one_bad_nft_delays_itself_only() {
    let mut net = network();
    let nfts = staked(&mut net, "alice", WITCH, 30, "w");
    net.next_epoch();
    net.unstake_nfts("alice", &nfts);
    net.next_epoch();
    bewitch(&mut net, WITCH, &["w7"], &[]);
    let response = net.withdraw_nfts("alice", &nfts);
    // The refusal is told, not swallowed.
    let refused = events(&response, "nft_return_refused");
    assert_eq!(refused.len(), 1);
    let has = |key: &str, value: &str| refused[0].contains(&(key.to_owned(), value.to_owned()));
    assert!(
        has("token_id", "w7") && has("staker", net.account("alice").as_str()),
        "{refused:?}"
    );
    let (alice, contract) = (net.account("alice"), net.addresses().delegation.clone());
    for (n, nft) in nfts.iter().enumerate() {
        let owner = if n == 7 { &contract } else { &alice };
        assert_eq!(net.nft_owner(nft), *owner, "{n}");
    }
    let left = net.delegation().all_nfts("alice");
    assert_eq!(left.len(), 1);
    assert_eq!(
        (
            left[0].nft.token_id.as_str(),
            net.delegation().member("alice").nfts
        ),
        ("w7", 1)
    );
    net.assert_delegation_invariants();
    // It stays as refused as the collection wants, and returns when it may.
    net.withdraw_nfts("bob", &nfts[7..8]);
    assert_eq!(net.delegation().member("alice").nfts, 1);
    bewitch(&mut net, WITCH, &[], &[]);
    net.withdraw_nfts("bob", &nfts[7..8]);
    assert_eq!(net.nft_owner(&nfts[7]), alice);
    assert_eq!(net.delegation().member("alice").nfts, 0);
    net.assert_delegation_invariants();
}

#[test]
fn g14_a_bad_collection_does_not_trap_nfts_of_others() {
    let mut net = network();
    let bad = staked(&mut net, "alice", WITCH, 3, "w");
    let good = staked(&mut net, "alice", GOLD, 3, "g");
    let mixed = [
        bad[0].clone(),
        good[0].clone(),
        bad[1].clone(),
        good[1].clone(),
    ];
    net.unstake_nfts("alice", &mixed);
    net.next_epoch();
    bewitch(&mut net, WITCH, &["w0", "w1", "w2"], &[]);
    net.withdraw_nfts("alice", &mixed);
    let alice = net.account("alice");
    assert_eq!(
        [&good[0], &good[1]].map(|nft| net.nft_owner(nft)),
        [alice.clone(), alice]
    );
    assert_eq!(counted(&net), (11_000, 11_000));
    assert_eq!(net.delegation().member("alice").nfts, 2 + 2);
    net.assert_delegation_invariants();
}

#[test]
fn x7_a_collection_that_calls_back_while_it_returns_an_nft_gains_nothing() {
    // What happens to 30 NFTs of alice's when their collection does this at every transfer.
    let run = |orders: &dyn Fn(&Network, &[Nft]) -> Vec<ExecuteMsg>| {
        let mut net = network();
        net.found_delegation("bob", 20_000, 0);
        net.run_validators("bob", 1, 1);
        let nfts = staked(&mut net, "alice", WITCH, 3, "w");
        net.pass_epochs_until(3);
        net.unstake_nfts("alice", &nfts);
        net.next_epoch();
        let delegation = net.addresses().delegation.clone();
        let orders = orders(&net, &nfts);
        let orders: Vec<_> = orders.iter().map(|msg| order(&delegation, msg)).collect();
        bewitch(&mut net, WITCH, &[], &orders);
        net.withdraw_nfts("alice", &nfts);
        bewitch(&mut net, WITCH, &[], &[]);
        let alice = net.account("alice");
        let home = nfts.iter().filter(|nft| net.nft_owner(nft) == alice);
        let home = home.count();
        net.assert_delegation_invariants();
        (net, nfts, home)
    };
    // Withdrawing the same again: it is recorded no more, so the return fails, as a whole, and can
    // be had later.
    let (mut net, nfts, home) =
        run(&|_, nfts| vec![ExecuteMsg::WithdrawNfts { nfts: nfts.into() }]);
    assert_eq!(home, 0);
    assert_eq!(net.delegation().member("alice").nfts, 3);
    net.withdraw_nfts("alice", &nfts);
    assert_eq!(net.delegation().member("alice").nfts, 0);
    net.assert_delegation_invariants();
    // Claiming for bob in between: he is paid once, what a single claim pays.
    let claim = |net: &Network| ExecuteMsg::Claim {
        account: Some(net.account("bob").into_string()),
        delegations: None,
        to: None,
    };
    let (mut net, _, home) = run(&|net, _| vec![claim(net), claim(net)]);
    assert_eq!(home, 3);
    let paid = net.reward_balance("bob");
    // Epoch 2 alone is closed: 50,000 Quintessence, 20,000 of it in a slot.
    assert_eq!(paid, 400 * REWARD);
    assert_eq!(rewards_claimed(&mut net, "bob"), 0);
    // Moving or unstaking alice's NFTs is not the collection's to do.
    let (_, _, home) = run(&|_, nfts| vec![ExecuteMsg::UnstakeNfts { nfts: nfts.into() }]);
    assert_eq!(home, 0);
    let (_, _, home) = run(&|_, nfts| {
        let (nfts, delegation) = (nfts.to_vec(), Some(DelegationId(1)));
        vec![ExecuteMsg::MoveNfts { nfts, delegation }]
    });
    assert_eq!(home, 0);
}

#[test]
fn x7_a_collection_that_calls_back_while_it_gives_an_nft_counts_it_once() {
    let mut net = network();
    net.mint_nfts("alice", WITCH, &["w0", "w1"]);
    net.approve_collection("alice", WITCH);
    let (witch, delegation) = (net.collection(WITCH), net.addresses().delegation.clone());
    let receive = ExecuteMsg::ReceiveNft(Cw721ReceiveMsg {
        sender: net.account("attacker").into_string(),
        token_id: "w0".into(),
        msg: to_json_binary(&NftHook::Stake { delegation: None }).unwrap(),
    });
    bewitch(&mut net, WITCH, &[], &[order(&delegation, &receive)]);
    let why = format!("NFT \"w0\" of {witch} is staked already");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_stake_nfts("alice", WITCH, &["w0", "w1"], None)
    });
    assert_eq!(counted(&net), (0, 0));
}

#[test]
fn x8_a_staker_that_takes_no_messages_gets_his_nfts_all_the_same() {
    let mut net = network();
    let refuser = noderev_tests::ext::deploy(&mut net, noderev_tests::ext::refuser(), "refuser");
    let nfts = net.stake_weight(refuser.as_str(), 12, None);
    net.unstake_nfts(refuser.as_str(), &nfts);
    net.next_epoch();
    net.withdraw_nfts("keeper", &nfts);
    assert!(nfts.iter().all(|nft| net.nft_owner(nft) == refuser));
}

#[test]
fn g16_a_change_of_weight_concerns_later_stakes_only() {
    let mut net = network();
    let old = staked(&mut net, "alice", GOLD, 1, "gold-a");
    net.mint_nfts("bob", GOLD, &["gold-b", "gold-c", "gold-d", "other"]);
    let mut rules = net.delegation().collections().collections[GOLD]
        .now
        .clone()
        .unwrap();
    rules.weight = Uint128::zero();
    rules.classes[0].weight = Uint128::new(3);
    net.set_collection(&rules);
    net.to_epoch(7);
    net.send_nft("bob", GOLD, "gold-b", None);
    net.to_epoch(8);
    net.send_nft("bob", GOLD, "gold-c", None);
    let weight = |net: &Network, id: &str| {
        let info = net.delegation().nft(&net.nft(GOLD, id)).unwrap();
        info.quintessence.u128()
    };
    assert_eq!(
        ["gold-a0", "gold-b", "gold-c"].map(|id| weight(&net, id)),
        [10_000, 10_000, 3]
    );
    refusal(net.try_send_nft("bob", GOLD, "other", None));
    assert_eq!(counted(&net).1, 20_003);
    // An old stake keeps its weight when it moves, and leaves with it.
    net.found_delegation("carol", 10_000, 0);
    net.move_nfts("alice", &old, Some(1));
    net.next_epoch();
    assert_eq!(net.delegation().delegation(1).info.total.u128(), 20_000);
    net.unstake_nfts("alice", &old);
    net.next_epoch();
    assert_eq!(net.delegation().delegation(1).info.total.u128(), 10_000);
    net.withdraw_nfts("alice", &old);
    // Staked again it weighs what it weighs now.
    net.send_nft("alice", GOLD, "gold-a0", None);
    assert_eq!(weight(&net, "gold-a0"), 3);
    net.assert_delegation_invariants();
}

#[test]
fn g16_a_collection_is_changed_with_notice_one_change_at_a_time() {
    let mut net = network();
    let stranger = net.collection(WITCH + 1).into_string();
    let rules = |weight: u128| Collection {
        collection: stranger.clone(),
        weight: weight.into(),
        classes: vec![],
    };
    let why = format!("no change of {stranger} waits");
    assert_changes_nothing(&mut net, &why, |net| net.try_cancel_collection(WITCH + 1));
    net.set_collection(&rules(5));
    let why = format!("a change of {stranger} waits for epoch 8: cancel it first");
    assert_changes_nothing(&mut net, &why, |net| net.try_set_collection(&rules(6)));
    net.to_epoch(7);
    net.mint_nfts("alice", WITCH + 1, &["1", "2"]);
    let refused = format!("{stranger} is not an allowed collection");
    assert_refused(net.try_send_nft("alice", WITCH + 1, "1", None), &refused);
    net.cancel_collection(WITCH + 1);
    net.to_epoch(8);
    assert_refused(net.try_send_nft("alice", WITCH + 1, "1", None), &refused);
    net.set_collection(&rules(6));
    let shown = |net: &Network| {
        let last = net.delegation().collections().collections.pop().unwrap();
        (last.now.is_some(), last.next_from)
    };
    net.to_epoch(15);
    assert_eq!(shown(&net), (false, Some(Epoch(16))));
    net.to_epoch(16);
    assert_eq!(shown(&net), (true, None));
    net.send_nft("alice", WITCH + 1, "1", None);
    assert_eq!(counted(&net), (0, 6));
    // Taken off: nothing more comes in, what is in stays and leaves as ever.
    let response = net.set_collection(&rules(0));
    let told = |key: &str| attributes(&response, "collection_queued", key);
    assert_eq!(told("collection").join(","), stranger);
    assert_eq!(
        (told("weight"), told("from_epoch")),
        (vec!["0".into()], vec!["24".into()])
    );
    net.to_epoch(24);
    refusal(net.try_send_nft("alice", WITCH + 1, "2", None));
    assert_eq!(counted(&net), (6, 6));
    let nft = [net.nft(WITCH + 1, "1")];
    net.unstake_nfts("alice", &nft);
    net.next_epoch();
    net.withdraw_nfts("alice", &nft);
    assert_eq!(net.nft_owner(&nft[0]), net.account("alice"));
}

#[test]
fn g17_x21_an_nft_that_comes_without_a_message_counts_for_nobody_and_goes_back_by_the_owner() {
    let mut net = network();
    let staked = staked(&mut net, "alice", GOLD, 1, "gold-");
    net.mint_nfts("bob", GOLD, &["gold-x", "gold-y"]);
    let contract = net.addresses().delegation.to_string();
    net.transfer_nft("bob", GOLD, "gold-x", &contract);
    assert_eq!(counted(&net), (0, 10_000));
    let stray = net.nft(GOLD, "gold-x");
    let gold = net.collection(GOLD);
    let why = format!("NFT \"gold-x\" of {gold} is not staked here");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_unstake_nfts("bob", std::slice::from_ref(&stray))
    });
    net.next_epoch();
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_withdraw_nfts("bob", std::slice::from_ref(&stray))
    });
    let to = net.account("bob").into_string();
    let give = |nft: &Nft, to: &str| ExecuteMsg::ReturnStray {
        nft: nft.clone(),
        to: to.to_owned(),
    };
    for who in ["bob", "guardian"] {
        let addr = net.account(who);
        let why = format!("only the owner may do this, {addr} is not");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_on_delegation(who, &give(&stray, &to))
        });
    }
    // X14: not even the owner reaches a staked one, counting or leaving.
    let why = format!("NFT \"gold-0\" of {gold} is staked already");
    for _ in 0..2 {
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_on_delegation("owner", &give(&staked[0], &to))
        });
        let _ = net.try_unstake_nfts("alice", &staked);
    }
    net.next_epoch();
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_on_delegation("owner", &give(&staked[0], &to))
    });
    net.return_stray(&stray, "bob");
    assert_eq!(net.nft_owner(&stray), net.account("bob"));
    // One of a collection that nobody knows is given back, too.
    net.mint_nft("bob", WITCH + 1, "1");
    net.transfer_nft("bob", WITCH + 1, "1", &contract);
    let stray = net.nft(WITCH + 1, "1");
    net.return_stray(&stray, "bob");
    assert_eq!(net.nft_owner(&stray), net.account("bob"));
    net.withdraw_nfts("alice", &staked);
    net.assert_delegation_invariants();
}

#[test]
fn x13_leaving_withdrawing_claiming_reporting_and_advancing_are_never_paused() {
    let mut net = network();
    net.found_delegation("bob", 20_000, 0);
    net.run_validators("bob", 1, 1);
    let joined = staked(&mut net, "alice", GOLD, 4, "gold-");
    net.move_nfts("alice", &[0, 1, 3].map(|n| joined[n].clone()), Some(1));
    net.pass_epochs_until(3);
    net.unstake_nfts("alice", &joined[..1]);
    net.pause_delegation("guardian", Activity::Staking, 14 * DAY);
    net.pause_delegation("guardian", Activity::Injections, 14 * DAY);
    let until = net.now().seconds() + 14 * DAY;
    let why = format!("staking is paused until {until} (Unix seconds)");
    let more = net.mint_nfts("alice", GOLD, &["gold-9"]);
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_stake_nfts("alice", GOLD, &["gold-9"], None)
    });
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_send_nft("alice", GOLD, "gold-9", None)
    });
    assert_changes_nothing(&mut net, &why, |net| net.try_create_delegation("alice", 0));
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_move_nfts("alice", &joined[2..3], Some(1))
    });
    net.mint_reward("giver", 5);
    let why = format!("injections is paused until {until} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_inject_as("giver", 5, 1, "s", "r")
    });
    // Leaving a delegation, leaving altogether, reporting, advancing, claiming, withdrawing go on;
    // validators come and go, commission changes.
    net.move_nfts("alice", &joined[1..2], None);
    net.unstake_nfts("alice", &joined[2..3]);
    net.set_commission("bob", 100);
    net.assign_validator("bob", 1, None);
    net.assign_validator("bob", 1, Some(1));
    net.release_members("bob", &["alice"]);
    net.pass_epoch(3);
    net.withdraw_nfts("alice", &joined[..1]);
    net.withdraw_nfts("alice", &joined[2..3]);
    assert!(rewards_claimed(&mut net, "bob") > 0);
    assert!(rewards_claimed(&mut net, "alice") > 0);
    assert_eq!(net.nft_owner(&joined[0]), net.account("alice"));
    // A pause ends by itself and cannot be strung to another.
    net.advance_to(until);
    let seconds = 1;
    let from = until + 7 * DAY;
    let why = format!("staking cannot be paused again before {from} (Unix seconds)");
    assert_refused(
        net.try_pause_delegation("owner", Activity::Staking, seconds),
        &why,
    );
    net.stake_nfts("alice", GOLD, &["gold-9"], None);
    assert_eq!(net.delegation().all_nfts("alice").len(), 3);
    assert_eq!(
        net.delegation().member("alice").undelegated_next.u128(),
        30_000
    );
    assert_eq!(net.nft_owner(&more[0]), net.addresses().delegation);
    net.assert_delegation_invariants();
}

#[test]
fn x21_donations_change_no_claim_and_no_pool() {
    let run = |donated: bool| {
        let mut net = network();
        net.found_delegation("alice", 20_000, 1_000);
        net.stake_weight("bob", 10_000, Some(1));
        net.run_validators("alice", 1, 1);
        if donated {
            let contract = net.addresses().delegation.to_string();
            net.mint_reward(&contract, 777 * REWARD);
            net.mint_qst(&contract, 777);
            net.mint_native(&contract, "uusdc", 777);
            net.mint_nft(&contract, GOLD, "gold-gift");
        }
        net.pass_epochs_until(4);
        net.assert_invariants();
        let solvency = net.delegation().solvency().denoms.remove(0);
        let surplus = solvency.surplus.u128();
        let paid = ["alice", "bob"].map(|who| rewards_claimed(&mut net, who));
        (paid, surplus, net.delegation().network().total.u128())
    };
    let (plain, donated) = (run(false), run(true));
    assert_eq!(plain.0, donated.0);
    assert_eq!((plain.1, donated.1), (0, 777 * REWARD));
    assert_eq!(plain.2, donated.2);
    assert!(plain.0[1] > 0);
}

#[test]
fn g2_nfts_may_be_in_so_many_places_and_no_more() {
    let mut net = network();
    // 32 places: 31 delegations and none. One more is refused; leaving a place makes room.
    for n in 0..33 {
        net.stake_weight(&format!("owner-{n}"), 10_000, None);
    }
    net.next_epoch();
    for n in 0..33 {
        net.create_delegation(&format!("owner-{n}"), 0);
    }
    net.approve_collection("alice", PLAIN);
    let ids: Vec<String> = (1..=34).map(|n| n.to_string()).collect();
    for id in &ids {
        net.mint_nft("alice", PLAIN, id);
    }
    net.stake_nfts("alice", PLAIN, &[&ids[0]], None);
    for n in 1..=31u16 {
        net.stake_nfts("alice", PLAIN, &[&ids[usize::from(n)]], Some(n));
    }
    let why =
        "an account's NFTs can be in at most 32 places at a time: withdraw or join them first";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_stake_nfts("alice", PLAIN, &[&ids[32]], Some(32))
    });
    net.stake_nfts("alice", PLAIN, &[&ids[32]], Some(31));
    let first = [net.nft(PLAIN, &ids[0])];
    net.move_nfts("alice", &first, Some(32));
    net.unstake_nfts("alice", &first);
    net.stake_nfts("alice", PLAIN, &[&ids[33]], Some(33));
    let member = net.delegation().member("alice");
    assert_eq!(member.quintessence_next.u128(), 33 * 500);
    net.assert_delegation_invariants();
}

#[test]
fn g15_one_quintessence_in_a_delegation_of_a_billion() {
    let mut net = network();
    net.stake_weight("alice", 1_000_000_000, None);
    net.next_epoch();
    net.create_delegation("alice", 1_000);
    net.run_validators("alice", 1, 3);
    let one = net.stake_weight("bob", 1, Some(1));
    net.pass_epochs_until(2);
    let info = net.delegation().delegation(1).info;
    assert_eq!((info.total.u128(), info.slots), (1_000_000_001, 50_000));
    // per slot floor(10^9 * 20,000 / 1,000,000,001) = 19,999; three of them, 90 % to members.
    net.pass_epoch(2);
    let it = net.delegation().explain(1, "bob", 2);
    assert_eq!(it.figures.reward.u128(), 59_997);
    // floor(59,997 * 0.9 * 10^18 / 1,000,000,001) parts of a unit, kept until they are one.
    assert_eq!(
        it.member_exact,
        cosmwasm_std::Uint256::from(53_997_299_946_002u128)
    );
    assert_eq!(rewards_claimed(&mut net, "bob"), 0);
    // 53,997 units an epoch for all; more than 10^9 / 53,997 = 18,520 epochs would be needed for a
    // unit. With a larger mint it comes.
    let mut params = net.delegation().params_at(0).params;
    params.schedule[0].amount = Uint128::new(10u128.pow(18));
    net.queue_delegation_params(&params);
    net.pass_epochs_until(12);
    let paid = rewards_claimed(&mut net, "bob");
    let exact = |net: &Network, epochs: std::ops::Range<u32>| {
        let parts = epochs.map(|epoch| net.delegation().explain(1, "bob", epoch).member_exact);
        parts.fold(cosmwasm_std::Uint256::zero(), |sum, part| sum + part)
    };
    let sum = exact(&net, 2..12) / cosmwasm_std::Uint256::from(10u128.pow(18));
    assert_eq!(cosmwasm_std::Uint256::from(paid), sum);
    assert!(paid > 0);
    net.unstake_nfts("bob", &one);
    net.next_epoch();
    net.withdraw_nfts("bob", &one);
    assert_eq!(net.nft_owner(&one[0]), net.account("bob"));
    net.assert_delegation_invariants();
}

#[test]
fn x10_token_ids_are_bounded() {
    let mut net = network();
    let long = format!("gold-{}", "x".repeat(124));
    net.mint_nft("alice", GOLD, &long);
    let why = "token id length is 129: must be 1..=128";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_send_nft("alice", GOLD, &long, None)
    });
    net.approve_collection("alice", GOLD);
    assert_changes_nothing(&mut net, why, |net| {
        net.try_stake_nfts("alice", GOLD, &[&long], None)
    });
    let longest = &long[..128];
    net.mint_nft("alice", GOLD, longest);
    net.send_nft("alice", GOLD, longest, None);
    let many: Vec<String> = (0..31).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let why = "name 1..=30 NFTs, 31 are named";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_stake_nfts("alice", GOLD, &many, None)
    });
    // An unknown hook is refused, not kept.
    net.mint_nft("alice", GOLD, "gold-hook");
    for hook in [
        serde_json::json!({}),
        serde_json::json!({ "stake": { "delegation": 1, "minimum": 5 } }),
    ] {
        let hook = to_json_binary(&hook).unwrap();
        refusal(net.try_send_nft_with("alice", GOLD, "gold-hook", hook));
    }
    assert_eq!(
        net.nft_owner(&net.nft(GOLD, "gold-hook")),
        net.account("alice")
    );
}

#[test]
fn l1_without_any_owner_everybody_leaves_with_all_he_has() {
    let mut net = network();
    let bobs = net.stake_weight("bob", 20_000, None);
    net.next_epoch();
    net.create_delegation("bob", 0);
    net.run_validators("bob", 1, 1);
    let mine = net.stake_weight("alice", 20_000, Some(1));
    net.pass_epochs_until(3);
    net.update_delegation_ownership("owner", cw_ownable::Action::RenounceOwnership);
    net.unstake_nfts("alice", &mine);
    net.unstake_nfts("bob", &bobs);
    net.pass_epoch(3);
    net.withdraw_nfts("alice", &mine);
    net.withdraw_nfts("bob", &bobs);
    // Two epochs, two slots' worth of Quintessence, one validator: half of the pool each time.
    assert_eq!(rewards_claimed(&mut net, "alice"), 2 * 250 * REWARD);
    assert_eq!(rewards_claimed(&mut net, "bob"), 2 * 250 * REWARD);
    assert_eq!(counted(&net), (0, 0));
    let at = net.delegation().solvency().denoms.remove(0);
    assert_eq!(at.balance.u128(), 0);
    net.assert_delegation_invariants();
}
