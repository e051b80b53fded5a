//! Settling and paying.

use noderev_api::distributor::ExecuteMsg;
use noderev_components::KeyId;
use noderev_testing::{Network, QST};
use noderev_tests::ext::{
    assert_changes_nothing, assert_refused, attributes, claimable, claimed, deploy, dump, events,
    finish, puppet,
};

const STAKE: u128 = 200_000 * QST;

fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 2), ("bob", 1)]);
    for who in ["alice", "bob", "carol"] {
        net.mint_qst(who, 100 * STAKE);
    }
    net
}

fn claim(account: Option<String>, keys: &[u32], to: Option<String>) -> ExecuteMsg {
    let keys = (!keys.is_empty()).then(|| keys.iter().map(|key| KeyId(*key)).collect());
    ExecuteMsg::Claim {
        account,
        keys,
        denoms: None,
        to,
    }
}

#[test]
fn d10_who_never_had_stake_gets_no_back_pay() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 10 * 1_000, 10);
    net.deposit_pool("carol", 3 * STAKE);
    for epoch in 0..5 {
        finish(&mut net, epoch, &[]);
    }
    net.mint_qst("dave", 3 * STAKE);
    net.claim_all("dave");
    net.deposit_pool("dave", 3 * STAKE);
    net.claim_all("dave");
    finish(&mut net, 5, &[]);
    assert_eq!(claimable(&net, "dave", 0), 0);
    finish(&mut net, 6, &[]);
    // 600 for three: p = 200, d = 60, T = 420; dave has half of the pool.
    assert_eq!(claimable(&net, "dave", 0), 210);
}

#[test]
fn d11_nothing_is_paid_twice() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.deposit_revenue("customer", 1, 5_000, 1);
    finish(&mut net, 0, &[]);
    assert_eq!(claimed(&mut net, "alice", 0), 2_000);
    assert_eq!(claimed(&mut net, "alice", 0), 0);
    net.claim_keys("alice", Some(&[1, 2]));
    net.claim_for("bob", "alice");
    assert_eq!(net.balances("alice")[0], 2_000);
    let why = "key 1 is named twice";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_claim_keys("alice", Some(&[1, 1]))
    });
    assert_refused(
        net.try_claim_keys("alice", Some(&[9])),
        "there is no key 9: 3 keys exist",
    );
    net.assert_invariants();
}

#[test]
fn d11_naming_no_keys_pays_the_pool_and_leaves_the_keys() {
    let mut net = network();
    net.deposit_pool("alice", 3 * STAKE);
    net.deposit_revenue("customer", 0, 10_000, 2);
    finish(&mut net, 0, &[]);
    finish(&mut net, 1, &[]);
    // Epoch 0 had no pool: 1,000 for each key. In epoch 1 it is full: 300 a key, 2,100 for the pool.
    assert_eq!(claimable(&net, "alice", 0), 2 * 1_000 + 2 * 300 + 2_100);
    net.claim_keys("alice", Some(&[]));
    assert_eq!(net.balances("alice")[0], 2_100);
    assert_eq!(claimable(&net, "alice", 0), 2_600);
    net.claim_keys("alice", Some(&[]));
    assert_eq!(net.balances("alice")[0], 2_100);
    // What has been settled is owed, and paid whatever is named.
    net.settle("alice", Some(&[1]));
    net.claim_keys("alice", Some(&[]));
    assert_eq!(net.balances("alice")[0], 2_100 + 1_300);
    assert_eq!(claimed(&mut net, "alice", 0), 1_300);
    net.assert_invariants();
}

#[test]
fn d11_a_claim_for_somebody_else_pays_him() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 0, &[]);
    net.claim_for("attacker", "alice");
    assert_eq!(net.balances("attacker")[0], 0);
    assert_eq!(net.balances("alice")[0], 2_000);
    let (alice, attacker) = (net.account("alice"), net.account("attacker"));
    let msg = claim(Some(alice.to_string()), &[], Some(attacker.to_string()));
    assert_refused(
        net.try_on_distributor("attacker", &msg),
        "only an account itself may send its money elsewhere",
    );
}

#[test]
fn d11_naming_another_accounts_key_pays_its_owner_nothing_less() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 0, &[]);
    // Bob settles alice's key for her; he is paid for his own only when he names it.
    net.claim_keys("bob", Some(&[1]));
    assert_eq!(net.balances("bob")[0], 0);
    assert_eq!(claimable(&net, "alice", 0), 2_000);
    assert_eq!(claimed(&mut net, "bob", 0), 1_000);
    assert_eq!(claimed(&mut net, "alice", 0), 2_000);
}

#[test]
fn d11_the_former_owner_is_paid_without_naming_the_key() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 10_000, 2);
    finish(&mut net, 0, &[]);
    net.transfer("alice", "dave", 1);
    finish(&mut net, 1, &[]);
    assert_eq!(claimed(&mut net, "dave", 0), 1_000);
    assert_eq!(claimed(&mut net, "alice", 0), 2_000 + 1_000);
}

#[test]
fn d11_forty_keys_sold_before_their_epochs_are_closed_are_all_found() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 40)]);
    net.deposit_revenue("customer", 0, 2 * 40 * 100, 2);
    finish(&mut net, 0, &[]);
    // 2,400 for 40 keys and the same again: 60 each. All sold in epoch 1, which isn't closed:
    // what epoch 0 earned can be claimed now, without naming a key.
    for key in 1..=40 {
        net.transfer("alice", "dave", key);
    }
    assert_eq!(claimed(&mut net, "alice", 0), 40 * 60);
    finish(&mut net, 1, &[]);
    net.claim_all("alice");
    net.claim_all("dave");
    assert_eq!(net.balances("dave")[0], 40 * 60);
    assert_eq!(net.balances("alice")[0], 40 * 60);
    net.assert_invariants();
    // All of them are done with.
    let response = net.claim("alice");
    assert_eq!(net.summary(&response).settled, 0);
}

#[test]
fn d11_forty_keys_sold_while_two_epochs_waited_are_paid_for_both() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 40)]);
    net.deposit_revenue("customer", 0, 2 * 40 * 100, 2);
    finish(&mut net, 0, &[]);
    net.to_epoch(2);
    for key in 1..=40 {
        net.transfer("alice", "dave", key);
    }
    // The first page of a claim knows one epoch, the second one three.
    net.claim("alice");
    assert_eq!(net.balances("alice")[0], 30 * 60);
    finish(&mut net, 1, &[]);
    finish(&mut net, 2, &[]);
    net.claim_all("alice");
    assert_eq!(net.balances("alice")[0], 2 * 40 * 60);
}

#[test]
fn d11_a_key_sold_between_two_pages_of_a_claim_is_found_later() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 31)]);
    net.deposit_revenue("customer", 0, 31 * 100, 1);
    finish(&mut net, 0, &[]);
    for key in 2..=31 {
        net.transfer("alice", "dave", key);
    }
    // A page of 30 keys that she has sold; then she sells the one that comes before them.
    let response = net.claim("alice");
    assert!(net.summary(&response).next);
    net.transfer("alice", "dave", 1);
    net.claim_all("alice");
    finish(&mut net, 1, &[]);
    net.claim_all("alice");
    assert_eq!(net.balances("alice")[0], 31 * 60);
}

#[test]
fn d11_a_key_that_was_sold_is_gone_through_once() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 3 * 5_000, 3);
    finish(&mut net, 0, &[]);
    net.transfer("alice", "dave", 1);
    finish(&mut net, 1, &[]);
    let settled = |net: &mut Network| {
        let response = net.claim("alice");
        net.summary(&response).settled
    };
    assert_eq!(settled(&mut net), 2);
    finish(&mut net, 2, &[]);
    assert_eq!(settled(&mut net), 1);
}

#[test]
fn d11_an_epoch_closed_between_two_pages_needs_another_round() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 31)]);
    net.deposit_revenue("customer", 0, 2 * 31 * 100, 2);
    finish(&mut net, 0, &[]);
    net.claim("alice");
    finish(&mut net, 1, &[]);
    // The second page has key 31; epoch 1 of keys 1 to 30 is still to be claimed.
    let response = net.claim("alice");
    assert_eq!(net.balances("alice")[0], 30 * 60 + 2 * 60);
    assert!(net.summary(&response).next);
}

/// What a claim naming one key answered: settled, remaining, whether another is needed.
fn claim_one(net: &mut Network, account: &str, keys: &[u32]) -> (u32, u32, bool) {
    let response = net.claim_keys(account, Some(keys));
    let summary = net.summary(&response);
    (summary.settled, summary.remaining, summary.next)
}

#[test]
fn d11_a_key_that_changed_hands_130_times_takes_two_claims() {
    let mut net = network();
    for epoch in 0..130 {
        let (from, to) = match epoch % 2 {
            0 => ("alice", "dave"),
            _ => ("dave", "alice"),
        };
        net.transfer(from, to, 1);
        finish(&mut net, epoch, &[]);
    }
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 130, &[]);
    // The owners of 120 epochs are gone through in one message; they have earned nothing, and all
    // the same the second message goes on from there.
    assert_eq!(claim_one(&mut net, "alice", &[1]), (0, 1, true));
    assert_eq!(net.balances("alice")[0], 0);
    assert_eq!(claim_one(&mut net, "alice", &[1]), (1, 0, false));
    assert_eq!(net.balances("alice")[0], 1_000);
}

#[test]
fn d11_a_pool_stake_that_changed_130_times_takes_two_claims() {
    let mut net = network();
    net.mint_qst("carol", 130 * STAKE);
    for epoch in 0..130 {
        net.deposit_pool("carol", STAKE);
        finish(&mut net, epoch, &[]);
    }
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 130, &[]);
    assert_eq!(claim_one(&mut net, "carol", &[]), (0, 0, true));
    assert_eq!(net.balances("carol")[0], 0);
    assert_eq!(claim_one(&mut net, "carol", &[]), (0, 0, false));
    // p = 1,000, d = 300: the whole pool, 3 * 700, but for a fraction of a unit, which is kept.
    assert_eq!(net.balances("carol")[0], 2_099);
}

#[test]
fn d11_a_key_sold_before_its_page_of_a_claim_is_paid_before_the_claim_is_done() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 40), ("bob", 1)]);
    net.deposit_revenue("customer", 0, 41 * 100, 1);
    finish(&mut net, 0, &[]);
    let response = net.claim("alice");
    assert!(net.summary(&response).next);
    assert_eq!(net.balances("alice")[0], 30 * 60);
    // One of a page that was settled, and one of the page to come.
    net.transfer("alice", "bob", 7);
    net.transfer("alice", "bob", 35);
    let response = net.claim("alice");
    assert_eq!(net.balances("alice")[0], 40 * 60);
    assert!(!net.summary(&response).next);
}

#[test]
fn d10_a_page_that_is_just_full_is_the_last_one() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 31)]);
    net.deposit_revenue("customer", 0, 3 * 31 * 100, 3);
    let claim = |net: &mut Network| {
        let response = net.claim("alice");
        (net.balances("alice")[0], net.summary(&response).next)
    };
    finish(&mut net, 0, &[]);
    // 30 that she owns, and one that she owned.
    net.transfer("alice", "dave", 31);
    assert_eq!(claim(&mut net), (30 * 60, true));
    assert_eq!(claim(&mut net), (31 * 60, false));
    // The epoch in which she sold it is closed: once more, and never again.
    finish(&mut net, 1, &[]);
    assert_eq!(claim(&mut net), (61 * 60, true));
    assert_eq!(claim(&mut net), (61 * 60, false));
    finish(&mut net, 2, &[]);
    assert_eq!(claim(&mut net), (91 * 60, false));
}

#[test]
fn d11_keys_of_many_owners_that_earned_nothing_hold_no_claim_up() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 30)]);
    for epoch in 0..6 {
        let (from, to) = match epoch % 2 {
            0 => ("alice", "bob"),
            _ => ("bob", "alice"),
        };
        for key in 1..=30 {
            net.transfer(from, to, key);
        }
        finish(&mut net, epoch, &[]);
    }
    // 180 owners of 30 keys, 120 of whom one message goes through; then two pages of former keys.
    let response = net.claim("alice");
    let told = attributes(&response, "distributor_settled", "key");
    assert_eq!((told.len(), told[0].as_str()), (20, "1:0:6"));
    let is_done = |net: &mut Network| {
        let response = net.claim("alice");
        !net.summary(&response).next
    };
    assert!((0..4).any(|_| is_done(&mut net)));
}

#[test]
fn d12_claim_after_a_thousand_epochs() {
    let mut net = Network::builder().epoch_length(86_400).build();
    net.issue(&[("alice", 1), ("bob", 1)]);
    net.mint_qst("carol", 2 * STAKE);
    net.deposit_pool("carol", 2 * STAKE);
    let (mut alice, mut bob, mut pool, mut carry) = (0, 0, 0, 0);
    for epoch in 0..1_000u32 {
        if epoch % 366 == 0 {
            net.deposit_revenue("customer", 0, 366 * 1_001, 366);
        }
        // Key 1 is down now and then; the pool is funded for both from epoch 1 on.
        let down: &[u32] = if epoch % 7 == 3 { &[1] } else { &[] };
        finish(&mut net, epoch, down);
        // ceil(60 % of 1,001) = 601.
        let (n, pot) = (2 - down.len() as u128, 601 + carry);
        let p = pot / n;
        let d = p * 3 / 10;
        let ceded = n * (p - d);
        let (share, r) = if epoch == 0 {
            (0, ceded / n)
        } else {
            (ceded, 0)
        };
        carry = pot - p * n + ceded - share - r * n;
        pool += share;
        bob += d + r;
        alice += if down.is_empty() { d + r } else { 0 };
    }
    assert_eq!(claimed(&mut net, "alice", 0), alice);
    assert_eq!(claimed(&mut net, "bob", 0), bob);
    assert_eq!(claimed(&mut net, "carol", 0), pool);
    net.assert_invariants();
}

#[test]
fn d12_rolling_changes_no_claim() {
    let run = |rolled: bool| {
        let mut net = network();
        net.deposit_revenue("customer", 0, 100 * 1_001, 100);
        for epoch in 0..70u32 {
            finish(&mut net, epoch, if epoch % 5 == 0 { &[1] } else { &[] });
            if rolled && epoch % 32 == 31 {
                net.roll("keeper");
            }
        }
        let why = match rolled {
            true => "nothing to roll: 70 epochs are closed, the block is complete at 96",
            false => return ["alice", "bob"].map(|who| claimed(&mut net, who, 0)),
        };
        assert_refused(net.try_roll("keeper"), why);
        ["alice", "bob"].map(|who| claimed(&mut net, who, 0))
    };
    assert_eq!(run(false), run(true));
}

#[test]
fn a_claim_of_nothing_writes_nothing() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 0, &[]);
    net.claim_all("alice");
    net.claim("treasury");
    let before = dump(&net);
    net.claim("alice");
    net.settle("alice", None);
    net.claim("stranger");
    net.claim("treasury");
    assert!(before == dump(&net));
}

#[test]
fn settling_what_has_earned_nothing_writes_nothing() {
    let mut net = network();
    net.deposit_pool("alice", STAKE);
    finish(&mut net, 0, &[]);
    finish(&mut net, 1, &[]);
    let before = dump(&net);
    net.settle("alice", None);
    net.claim("alice");
    assert!(before == dump(&net));
}

#[test]
fn what_is_settled_is_told_with_its_epochs() {
    let mut net = network();
    net.deposit_pool("alice", 3 * STAKE);
    net.deposit_revenue("customer", 0, 2 * 5_000, 2);
    finish(&mut net, 0, &[]);
    finish(&mut net, 1, &[]);
    let mut settled = |keys: &[u32]| {
        let response = net.settle("alice", Some(keys));
        let told = events(&response, "distributor_settled")
            .remove(0)
            .into_iter();
        let told = told.filter(|(name, _)| name == "key" || name == "pool");
        told.map(|(name, value)| format!("{name} {value}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(settled(&[1]), ["key 1:0:2", "pool 1:2"]);
    // What is up to date already is not told again.
    assert_eq!(settled(&[1, 2]), ["key 2:0:2"]);
}

#[test]
fn claims_go_to_the_payee_or_where_the_owner_says() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 3 * 5_000, 3);
    finish(&mut net, 0, &[]);
    net.set_payee("alice", Some("vaultkeeper"));
    net.claim_for("keeper", "alice");
    assert_eq!(net.balances("vaultkeeper")[0], 2_000);
    finish(&mut net, 1, &[]);
    let elsewhere = net.account("elsewhere").into_string();
    net.on_distributor("alice", &claim(None, &[], Some(elsewhere)));
    assert_eq!(net.balances("elsewhere")[0], 2_000);
    net.set_claim_policy("alice", true);
    finish(&mut net, 2, &[]);
    let alice = net.account("alice");
    let why = format!("{alice} lets only himself claim; others may settle");
    assert_changes_nothing(&mut net, &why, |net| net.try_claim_for("keeper", "alice"));
    net.settle_for("keeper", "alice", None);
    assert_eq!(net.balances("alice")[0], 0);
    net.set_payee("alice", None);
    assert_eq!(claimed(&mut net, "alice", 0), 2_000);
}

#[test]
fn a_currency_can_be_left_for_later() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.deposit_revenue("customer", 1, 5_000, 1);
    finish(&mut net, 0, &[]);
    let before = net.balances("bob");
    let denoms = Some(vec![net.denom(1)]);
    let msg = ExecuteMsg::Claim {
        account: None,
        keys: None,
        denoms,
        to: None,
    };
    net.on_distributor("bob", &msg);
    let after = net.balances("bob");
    assert_eq!((after[0] - before[0], after[1] - before[1]), (0, 1_000));
    assert_eq!(claimed(&mut net, "bob", 0), 1_000);
    let denoms = Some(vec![noderev_components::Denom::Native("uatom".into())]);
    let msg = ExecuteMsg::Claim {
        account: None,
        keys: None,
        denoms,
        to: None,
    };
    assert_refused(
        net.try_on_distributor("bob", &msg),
        "native:uatom is not a currency of revenue",
    );
}

#[test]
fn d10_no_more_currencies_can_be_named_than_there_are() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.deposit_revenue("customer", 1, 5_000, 1);
    finish(&mut net, 0, &[]);
    let naming = |denoms: &[usize]| ExecuteMsg::Claim {
        account: None,
        keys: None,
        denoms: Some(denoms.iter().map(|denom| net.denom(*denom)).collect()),
        to: None,
    };
    let (both, three) = (naming(&[0, 1]), naming(&[0, 1, 0]));
    assert_changes_nothing(
        &mut net,
        "3 currencies are named: name at most 2, each once",
        |net| net.try_on_distributor("bob", &three),
    );
    let before = net.balances("bob");
    net.on_distributor("bob", &both);
    let after = net.balances("bob");
    assert_eq!((after[0] - before[0], after[1] - before[1]), (1_000, 1_000));
}

#[test]
fn what_waits_for_a_close_is_counted_for_whose_it_is() {
    let mut net = network();
    finish(&mut net, 0, &[]);
    net.to_epoch(2);
    net.transfer("alice", "dave", 1);
    net.to_epoch(4);
    // Epochs 1 to 3 have ended and are not closed; key 1 was alice's in the first of them.
    let told = |who: &str| -> Vec<_> {
        let keys = net.distributor().account(who).keys.into_iter();
        keys.map(|it| (it.key.0, it.owned, it.unclosed)).collect()
    };
    assert_eq!(told("alice"), [(1, false, 1), (2, true, 3)]);
    assert_eq!(told("dave"), [(1, true, 2)]);
}

#[test]
fn v7_compounding_puts_qst_into_the_pool_and_leaves_the_rest() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.deposit_revenue("customer", 1, 5_000, 1);
    let bob = net.account("bob");
    let why = format!("no QST is owed to {bob}");
    assert_changes_nothing(&mut net, &why, |net| net.try_compound("bob", None));
    finish(&mut net, 0, &[]);
    net.compound("bob", None);
    assert_eq!(net.vault().position("bob").pool_next.u128(), 1_000);
    assert_eq!(claimable(&net, "bob", 0), 1_000);
    assert_eq!(claimable(&net, "bob", 1), 0);
    net.assert_invariants();
}

#[test]
fn x7_a_contract_that_claims_again_while_it_is_paid_gets_no_more() {
    let mut net = network();
    let contract = deploy(&mut net, puppet(), "puppet");
    net.transfer("alice", contract.as_str(), 1);
    net.deposit_revenue("customer", 1, 5_000, 1);
    finish(&mut net, 0, &[]);
    let distributor = net.addresses().distributor.clone();
    let again = noderev_tests::ext::order(&distributor, &claim(None, &[1], None));
    let thrice = [again.clone(), again.clone(), again];
    noderev_tests::ext::command(&mut net, &contract, &thrice).unwrap();
    assert_eq!(net.balances(contract.as_str())[1], 1_000);
    net.assert_invariants();
}

#[test]
fn x8_payouts_are_plain_transfers() {
    let mut net = network();
    let refuser = deploy(&mut net, noderev_tests::ext::refuser(), "refuser");
    net.transfer("alice", refuser.as_str(), 1);
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.deposit_revenue("customer", 1, 5_000, 1);
    finish(&mut net, 0, &[]);
    // Its hooks would fail; nobody calls them.
    net.claim_for("keeper", refuser.as_str());
    assert_eq!(net.balances(refuser.as_str()), [1_000, 1_000]);
}

#[test]
fn receipts_are_numbered_and_read_by_page() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5 * 5_000, 5);
    for epoch in 0..5 {
        finish(&mut net, epoch, &[]);
        net.claim_all("bob");
    }
    let first = net.distributor().receipts("bob", None, Some(2)).receipts;
    assert_eq!(
        first
            .iter()
            .map(|it| it.from.unwrap().0)
            .collect::<Vec<_>>(),
        [4, 3]
    );
    assert!(first[0].number > first[1].number);
    let rest = net
        .distributor()
        .receipts("bob", Some(first[1].number), None)
        .receipts;
    assert_eq!(
        rest.iter().map(|it| it.from.unwrap().0).collect::<Vec<_>>(),
        [2, 1, 0]
    );
    let sum: u128 = first
        .iter()
        .chain(&rest)
        .map(|it| it.amounts[0].amount.u128())
        .sum();
    assert_eq!(sum, net.balances("bob")[0]);
}

#[test]
fn d13_explanations_add_up_to_what_was_paid() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("carol", STAKE);
    net.deposit_revenue("customer", 0, 6 * 1_003, 6);
    for epoch in 0..6 {
        let down: &[u32] = if epoch == 2 { &[1] } else { &[] };
        finish(&mut net, epoch, down);
        if epoch == 3 {
            net.transfer("alice", "dave", 2);
        }
    }
    for who in ["alice", "bob", "dave"] {
        let addr = net.account(who);
        let mut told = 0;
        for key in 1..=3 {
            for epoch in 0..6 {
                let it = net.distributor().explain(key, epoch);
                if it.owner == Some(addr.clone()) {
                    told += it
                        .amounts
                        .iter()
                        .map(|amount| amount.amount.u128())
                        .sum::<u128>();
                }
            }
        }
        assert_eq!(claimed(&mut net, who, 0), told, "{who}");
    }
}

#[test]
fn d10_one_unnamed_claim_an_epoch_reaches_every_key_of_a_large_owner() {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 70)]);
    net.deposit_revenue("customer", 0, 6 * 70 * 100, 6);
    // 4,200 for 70 keys: 60 each. A round of three pages takes three epochs; the next begins anew.
    for epoch in 0..6 {
        finish(&mut net, epoch, &[]);
        net.claim("alice");
    }
    // Round 1 pages: keys 1-30 to epoch 0, 31-60 to epoch 1, 61-70 to epoch 2; round 2: keys 1-30 to
    // epoch 3, 31-60 to epoch 4, 61-70 to epoch 5.
    let paid = 30 * 4 * 60 + 30 * 5 * 60 + 10 * 6 * 60;
    assert_eq!(net.balances("alice")[0], paid);
    net.claim_all("alice");
    assert_eq!(net.balances("alice")[0], 70 * 6 * 60);
    net.assert_invariants();
}

#[test]
fn d12_a_receipt_names_the_epochs_and_roles_it_pays_for() {
    let mut net = network();
    net.deposit_pool("alice", 3 * STAKE);
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 2 * 5_000, 2);
    finish(&mut net, 1, &[]);
    // Somebody else settles for her, epoch 0 included, which earned nothing; epoch 2 follows; then
    // she is paid for all of them.
    net.settle_for("bob", "alice", Some(&[1, 2]));
    finish(&mut net, 2, &[]);
    net.claim_keys("alice", Some(&[1]));
    let receipts = net.distributor().receipts("alice", None, None).receipts;
    let receipt = &receipts[0];
    assert_eq!((receipt.from.unwrap().0, receipt.until.unwrap().0), (0, 3));
    let role = |role: &str| -> u128 {
        let of = receipt.amounts.iter().filter(|paid| paid.role == role);
        of.map(|paid| paid.amount.u128()).sum()
    };
    // p = 1,000, d = 300, the pool is fully funded: 3 * 700 an epoch, all hers. Both keys in epoch 1,
    // key 1 in epoch 2.
    assert_eq!((role("nodes"), role("pool")), (3 * 300, 2 * 2_100));
    net.assert_invariants();
}
