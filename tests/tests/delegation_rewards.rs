//! What a delegation's reward is shared into, and how it is paid.

use cosmwasm_std::Uint256;
use noderev_api::delegation::{DelegationId, ExecuteMsg, Reason};
use noderev_components::Epoch;
use noderev_testing::{Network, REWARD};
use noderev_tests::ext::{
    assert_changes_nothing, attributes, command, deploy, dump, order, puppet, refuser,
    rewards_claimable, rewards_claimed,
};

/// The seed's figures: alice has 55,000 and six validators, bob 61,000 and three, dave 10,000 of
/// the 40,000 of carol's, who has two. 1,000,000 in all. Epoch 2 runs, all of it counts.
fn seed(commission: u16) -> Network {
    let mut net = Network::builder().build();
    for (who, weight) in [
        ("alice", 55_000),
        ("bob", 61_000),
        ("carol", 30_000),
        ("erin", 844_000),
    ] {
        net.stake_weight(who, weight, None);
    }
    net.next_epoch();
    for (n, who, validators) in [(1, "alice", 6), (2, "bob", 3), (3, "carol", 2)] {
        net.create_delegation(who, commission);
        net.run_validators(who, n, validators);
        if who == "carol" {
            net.stake_weight("dave", 10_000, Some(3));
            // They had no room before he came.
        }
    }
    net.pass_epochs_until(2);
    assert_eq!(net.delegation().network().total.u128(), 1_000_000);
    net
}

fn rewards(net: &Network, epoch: u32) -> [u128; 3] {
    [1, 2, 3].map(|n| {
        let page = net.delegation().history(n, None, Some(epoch + 1), Some(1));
        page.epochs[0].reward.u128()
    })
}

/// What explanations say that somebody earned, as a member and as an owner, exactly.
fn explained(
    net: &Network,
    who: &str,
    delegation: u16,
    epochs: std::ops::Range<u32>,
) -> [Uint256; 2] {
    let mut sums = [Uint256::zero(); 2];
    for epoch in epochs {
        let it = net.delegation().explain(delegation, who, epoch);
        sums[0] += it.member_exact;
        sums[1] += it.commission_exact;
    }
    sums
}

fn whole(exact: Uint256) -> u128 {
    let units = exact / Uint256::from(10u128.pow(18));
    cosmwasm_std::Uint128::try_from(units).unwrap().u128()
}

#[test]
fn g14_the_seeds_figures() {
    let mut net = seed(0);
    net.pass_epoch(2);
    assert_eq!(rewards(&net, 2), [40 * REWARD, 60 * REWARD, 40 * REWARD]);
    let it = net.delegation().network().last.unwrap();
    assert_eq!(
        (it.slots, it.eligible, it.captured),
        (2 + 3 + 2, 6 + 3 + 2, 2 + 3 + 2)
    );
    assert_eq!(
        (it.per_slot.u128(), it.minted.u128()),
        (20 * REWARD, 140 * REWARD)
    );
    // A quarter of 40.
    assert_eq!(rewards_claimed(&mut net, "dave"), 10 * REWARD);
    assert_eq!(rewards_claimed(&mut net, "carol"), 30 * REWARD);
    assert_eq!(rewards_claimed(&mut net, "erin"), 0);
    // 40 tokens of 55,000: 727.27 units each. After eleven epochs there is no fraction left.
    for epoch in 3..13 {
        net.pass_epoch(epoch);
    }
    assert_eq!(rewards_claimed(&mut net, "alice"), 11 * 40 * REWARD);
    net.assert_delegation_invariants();
}

#[test]
fn g14_commission_comes_first_and_the_owner_shares_in_the_rest() {
    let mut net = seed(1_000);
    net.pass_epoch(2);
    // 40: 4 are the owner's, 36 are shared 3 to 1.
    assert_eq!(rewards_claimed(&mut net, "dave"), 9 * REWARD);
    assert_eq!(rewards_claimed(&mut net, "carol"), 4 * REWARD + 27 * REWARD);
    let receipts = net.delegation().receipts("carol", None, None).receipts;
    let roles: Vec<_> = receipts[0]
        .amounts
        .iter()
        .map(|it| (it.role.as_str(), it.amount.u128()))
        .collect();
    assert_eq!(
        roles,
        [("members", 27 * REWARD), ("commission", 4 * REWARD)]
    );
    assert_eq!(
        (receipts[0].from, receipts[0].until),
        (Some(Epoch(2)), Some(Epoch(3)))
    );
    net.assert_delegation_invariants();
}

/// A delegation whose figures never divide: alice with 7.77 %, bob and carol with 3,333 each, all
/// changed now and then. Epoch 2 runs.
fn uneven() -> Network {
    let mut net = Network::builder()
        .delegation(|params| params.schedule[0].amount = 1_000_003u128.into())
        .build();
    net.found_delegation("alice", 13_337, 777);
    net.stake_weight("bob", 3_333, Some(1));
    net.stake_weight("carol", 3_333, Some(1));
    net.run_validators("alice", 1, 2);
    net.stake_weight("erin", 7, None);
    net.pass_epochs_until(2);
    net
}

#[test]
fn d12_claiming_often_or_seldom_pays_the_same() {
    let mut net = uneven();
    let mut often = 0;
    for epoch in 2..62u32 {
        if epoch % 5 == 4 {
            let who = format!("joiner-{epoch}");
            net.stake_weight(&who, u128::from(epoch), Some(1));
        }
        if epoch % 13 == 7 {
            net.set_commission("alice", 777 - epoch as u16);
        }
        let seats: &[u16] = if epoch % 4 == 1 { &[] } else { &[0] };
        match epoch % 11 {
            3 => net.pass_epoch_silent(epoch),
            _ => net.pass_epoch_with(epoch, seats),
        };
        often += rewards_claimed(&mut net, "bob");
        if epoch % 7 == 0 {
            net.settle_rewards_for("keeper", "alice", Some(&[1]));
            net.settle_delegation("keeper", 1);
        }
    }
    let seldom = rewards_claimed(&mut net, "carol");
    assert_eq!(often, seldom);
    assert_eq!(seldom, whole(explained(&net, "carol", 1, 2..62)[0]));
    let [member, owner] = explained(&net, "alice", 1, 2..62);
    assert_eq!(
        rewards_claimed(&mut net, "alice"),
        whole(member) + whole(owner)
    );
    net.assert_delegation_invariants();
}

#[test]
fn d12_a_claim_after_400_epochs_is_the_sum_of_its_explanations() {
    let mut net = uneven();
    for epoch in 2..402u32 {
        if epoch % 90 == 50 {
            net.set_commission("alice", 777 - epoch as u16);
            net.stake_weight("dave", 1_000 + u128::from(epoch), Some(1));
        }
        let seats: &[u16] = if epoch % 3 == 1 { &[1] } else { &[] };
        net.pass_epoch_with(epoch, seats);
    }
    // Two changes of what it captures in every three epochs: more than one message's work.
    let pages = net.claim_all_rewards("bob");
    assert_eq!(pages.len(), 3);
    let bob = net.reward_balance("bob");
    let [member, _] = explained(&net, "bob", 1, 2..402);
    assert_eq!(bob, whole(member));
    let [member, owner] = explained(&net, "alice", 1, 2..402);
    assert_eq!(
        rewards_claimed(&mut net, "alice"),
        whole(member) + whole(owner)
    );
    // Every reward is all shared: what is left after everybody's claim is less than a unit each.
    let paid: u128 = ["carol", "dave"]
        .iter()
        .map(|who| rewards_claimed(&mut net, who))
        .sum();
    let all = net.delegation().network().minted.u128();
    let left = net.delegation().solvency().denoms[0].liabilities.u128();
    assert!(paid > 0 && left <= 5, "{left} of {all} are left");
    net.assert_delegation_invariants();
}

#[test]
fn d11_nothing_is_paid_twice() {
    let mut net = seed(1_000);
    net.pass_epoch(2);
    assert_eq!(rewards_claimed(&mut net, "carol"), 31 * REWARD);
    for named in [None, Some(&[3u16][..])] {
        net.claim_rewards("carol", named);
    }
    net.claim_rewards_for("dave", "carol");
    assert_eq!(net.reward_balance("carol"), 31 * REWARD);
    let why = "delegation 3 is named twice";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_claim_rewards("dave", Some(&[3, 3]))
    });
    assert_changes_nothing(&mut net, why, |net| {
        net.try_settle_rewards("dave", Some(&[1, 3, 3]))
    });
    let why = "name 1..=40 delegations, 0 are named";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_claim_rewards("dave", Some(&[]))
    });
    let many: Vec<u16> = (1..=41).collect();
    let why = "name 1..=40 delegations, 41 are named";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_claim_rewards("dave", Some(&many))
    });
    let why = "there is no delegation 4";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_claim_rewards("dave", Some(&[3, 4]))
    });
    assert_changes_nothing(&mut net, why, |net| net.try_settle_delegation("dave", 4));
    // One in which he never was gives nothing and costs nothing.
    net.claim_rewards("dave", Some(&[1, 2]));
    assert_eq!(rewards_claimed(&mut net, "dave"), 9 * REWARD);
    net.assert_delegation_invariants();
}

#[test]
fn a_claim_of_nothing_writes_nothing() {
    let mut net = seed(0);
    net.pass_epoch(2);
    net.claim_rewards("dave", None);
    net.settle_delegation("keeper", 3);
    let before = dump(&net);
    net.claim_rewards("dave", None);
    net.settle_rewards("dave", None);
    net.claim_rewards("stranger", None);
    net.claim_rewards("stranger", Some(&[1, 2, 3]));
    net.settle_delegation("keeper", 3);
    assert!(before == dump(&net));
}

/// Alice's delegation, in which no validator runs; dave is in it with 100. Epoch 3 runs.
fn idle() -> Network {
    let mut net = Network::builder().build();
    net.stake_weight("alice", 10_000, None);
    net.next_epoch();
    net.create_delegation("alice", 0);
    net.stake_weight("dave", 100, Some(1));
    net.pass_epochs_until(3);
    net
}

#[test]
fn settling_what_has_earned_nothing_writes_nothing() {
    let mut net = idle();
    let before = dump(&net);
    net.settle_rewards("dave", None);
    net.claim_rewards("dave", None);
    assert!(before == dump(&net));
}

#[test]
fn settling_over_many_changes_is_written_even_if_nothing_was_earned() {
    let mut net = idle();
    for epoch in 3..8 {
        net.stake_weight("dave", 1, Some(1));
        net.pass_epoch(epoch);
    }
    net.settle_delegation("keeper", 1);
    let before = dump(&net);
    net.settle_rewards("dave", None);
    let once = dump(&net);
    assert!(before != once);
    net.settle_rewards("dave", None);
    assert!(once == dump(&net));
}

#[test]
fn who_has_left_without_earning_anything_is_done_with() {
    let mut net = idle();
    let nfts: Vec<_> = net.delegation().all_nfts("dave");
    let nfts: Vec<_> = nfts.into_iter().map(|info| info.nft).collect();
    net.unstake_nfts("dave", &nfts);
    net.pass_epoch(3);
    assert_eq!(net.delegation().member("dave").memberships.len(), 1);
    net.settle_rewards("dave", None);
    assert!(net.delegation().member("dave").memberships.is_empty());
}

#[test]
fn what_a_claim_settles_is_told_with_its_epochs_and_what_it_earned() {
    let mut net = seed(0);
    net.pass_epoch(2);
    let response = net.claim_rewards("dave", None);
    let told = |key: &str| attributes(&response, "delegation_settled", key);
    assert_eq!(told("delegation"), ["3:2:3"]);
    let (dave, token) = (net.account("dave"), net.reward());
    let earned = format!("{dave}:members:{token}:{}", 10 * REWARD);
    assert_eq!(told("credit"), [earned]);
}

#[test]
fn anybody_settles_a_delegation_once_and_it_is_told() {
    let mut net = seed(0);
    net.pass_epoch(2);
    let mut until = || {
        let response = net.settle_delegation("keeper", 3);
        attributes(&response, "delegation_settled", "until_epoch")
    };
    assert_eq!((until(), until()), (vec!["3".to_string()], vec![]));
}

#[test]
fn claims_go_to_the_payee_or_where_the_account_says() {
    let mut net = seed(0);
    net.set_reward_payee("dave", Some("purse"));
    net.pass_epoch(2);
    net.claim_rewards_for("keeper", "dave");
    assert_eq!(net.reward_balance("purse"), 10 * REWARD);
    let receipt = net
        .delegation()
        .receipts("dave", None, None)
        .receipts
        .remove(0);
    assert_eq!(
        (receipt.payee, receipt.height),
        (net.account("purse"), net.height())
    );
    net.pass_epoch(3);
    let elsewhere = |account: Option<&str>| ExecuteMsg::Claim {
        account: account.map(|name| net.account(name).into_string()),
        delegations: None,
        to: Some(net.account("attacker").into_string()),
    };
    let (own, others) = (elsewhere(None), elsewhere(Some("dave")));
    let why = "only an account itself may send its money elsewhere";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_on_delegation("attacker", &others)
    });
    let (contract, token) = {
        let at = net.addresses();
        (at.delegation.to_string(), at.reward_token.to_string())
    };
    for payee in [&contract, &token] {
        let why =
            format!("{payee} is a contract of this network: money sent there could not be used");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_claim_rewards_to("dave", None, payee)
        });
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_set_reward_payee("dave", Some(payee))
        });
    }
    net.claim_rewards_to("dave", None, "elsewhere");
    assert_eq!(net.reward_balance("elsewhere"), 10 * REWARD);
    // Whoever lets only himself claim is settled by others, not paid.
    net.set_reward_policy("dave", true);
    net.pass_epoch(4);
    let dave = net.account("dave");
    let why = format!("{dave} lets only himself claim; others may settle");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_claim_rewards_for("keeper", "dave")
    });
    net.settle_rewards_for("keeper", "dave", None);
    assert_eq!(rewards_claimable(&net, "dave"), 10 * REWARD);
    assert_eq!(net.reward_balance("dave"), 0);
    net.set_reward_payee("dave", None);
    assert_eq!(rewards_claimed(&mut net, "dave"), 10 * REWARD);
    // The attacker has been paid nothing by any of it, nor by his own claim.
    net.on_delegation("attacker", &own);
    assert_eq!(net.reward_balance("attacker"), 0);
    net.assert_delegation_invariants();
}

#[test]
fn receipts_tell_epochs_and_roles_and_are_read_by_page() {
    let mut net = seed(1_000);
    for epoch in 2..7 {
        net.pass_epoch(epoch);
        if epoch != 4 {
            net.claim_rewards("carol", None);
        }
    }
    let first = net.delegation().receipts("carol", None, Some(2)).receipts;
    let ranges = |page: &[noderev_api::common::ReceiptInfo]| -> Vec<(u32, u32)> {
        let ranges = page
            .iter()
            .map(|it| (it.from.unwrap().0, it.until.unwrap().0));
        ranges.collect()
    };
    assert_eq!(ranges(&first), [(6, 7), (4, 6)]);
    let rest = net
        .delegation()
        .receipts("carol", Some(first[1].number), Some(u32::MAX))
        .receipts;
    assert_eq!(ranges(&rest), [(3, 4), (2, 3)]);
    let all = first.iter().chain(&rest);
    let sum: u128 = all
        .flat_map(|it| &it.amounts)
        .map(|it| it.amount.u128())
        .sum();
    assert_eq!(
        (sum, net.reward_balance("carol")),
        (5 * 31 * REWARD, 5 * 31 * REWARD)
    );
    assert!(net
        .delegation()
        .receipts("carol", Some(0), None)
        .receipts
        .is_empty());
    // What was settled before it is paid keeps its epochs.
    net.pass_epoch(7);
    net.settle_rewards_for("keeper", "carol", None);
    net.pass_epoch(8);
    net.claim_rewards("carol", None);
    let last = net.delegation().receipts("carol", None, Some(1)).receipts;
    assert_eq!(ranges(&last), [(7, 9)]);
}

/// So many delegations of a validator each, and their owners.
fn many_delegations(count: u32) -> (Network, Vec<String>) {
    let mut net = Network::builder()
        .delegation(|params| params.slot_size = 10_000u128.into())
        .build();
    let owners: Vec<String> = (1..=count).map(|n| format!("owner-{n}")).collect();
    for owner in &owners {
        net.stake_weight(owner, 10_000, None);
    }
    net.next_epoch();
    for (n, owner) in (1..).zip(&owners) {
        net.create_delegation(owner, 0);
        net.run_validators(owner, n, 1);
    }
    (net, owners)
}

#[test]
fn d10_many_memberships_are_claimed_page_by_page() {
    let (mut net, _) = many_delegations(50);
    let mut nfts = vec![];
    for n in 1..=25u16 {
        nfts.extend(net.stake_weight("dave", 10_000, Some(n)));
    }
    assert_eq!(nfts.len(), 25);
    net.pass_epochs_until(2);
    // In 1 to 25 in epoch 2, in 26 to 50 in epoch 3, then gone.
    for (n, nft) in (26u16..).zip(nfts.chunks(1)) {
        net.move_nfts("dave", nft, Some(n));
    }
    net.pass_epoch(2);
    net.unstake_nfts("dave", &nfts);
    net.pass_epoch(3);
    net.pass_epoch(4);
    // 75 slots: floor(10^9 / 75) each; dave has half of one, 25 times, in each of two epochs.
    let half = 1_000 * REWARD / 75 / 2;
    let member = net.delegation().member("dave");
    assert_eq!((member.memberships.len(), member.next), (50, true));
    // A claim looks at 40, as far as its work reaches, and pays what its preview says.
    let mut settled = vec![];
    for _ in 0..3 {
        let (preview, before) = (
            net.delegation().preview_claim("dave", None),
            net.reward_balance("dave"),
        );
        let response = net.claim_rewards("dave", None);
        let summary = net.reward_summary(&response);
        assert_eq!(summary, preview.summary);
        let told = preview.amounts[0].amount.u128();
        assert_eq!(net.reward_balance("dave") - before, told);
        settled.push((summary.settled + summary.remaining, summary.next));
        if !summary.next {
            break;
        }
    }
    assert_eq!(settled[0], (40, true));
    assert_eq!(settled.last().map(|it| it.1), Some(false), "{settled:?}");
    assert_eq!(net.reward_balance("dave"), 50 * half);
    // All of them are over: nothing is looked at again.
    assert!(net.delegation().member("dave").memberships.is_empty());
    let response = net.claim_rewards("dave", None);
    assert_eq!(net.reward_summary(&response).settled, 0);
    net.assert_delegation_invariants();
}

#[test]
fn d12_a_history_longer_than_one_messages_work_is_settled_in_several() {
    let mut net = uneven();
    // 150 epochs in each of which carol's weight changes: more stretches than one message's work.
    for epoch in 2..152 {
        net.stake_weight("carol", 1, Some(1));
        net.pass_epoch(epoch);
    }
    assert!(net.delegation().member("carol").next);
    let response = net.claim_rewards("carol", None);
    let first = net.reward_summary(&response);
    assert_eq!((first.remaining, first.next), (1, true));
    let some = net.reward_balance("carol");
    assert!(some < whole(explained(&net, "carol", 1, 2..152)[0]));
    let pages = net.claim_all_rewards("carol");
    assert!(!pages.last().unwrap().next);
    assert_eq!(
        net.reward_balance("carol"),
        whole(explained(&net, "carol", 1, 2..152)[0])
    );
    // Anyone may have done the delegation's part of it.
    net.settle_delegation("keeper", 1);
    assert_eq!(
        rewards_claimed(&mut net, "bob"),
        whole(explained(&net, "bob", 1, 2..152)[0])
    );
    net.assert_delegation_invariants();
}

#[test]
fn d10_who_leaves_for_good_and_comes_back_earns_for_neither_the_gap_nor_twice() {
    let mut net = seed(0);
    net.pass_epoch(2);
    let nfts: Vec<_> = net.delegation().all_nfts("dave");
    let nfts: Vec<_> = nfts.into_iter().map(|info| info.nft).collect();
    net.unstake_nfts("dave", &nfts);
    net.pass_epoch(3);
    net.withdraw_nfts("dave", &nfts);
    assert_eq!(rewards_claimed(&mut net, "dave"), 20 * REWARD);
    assert!(net.delegation().member("dave").memberships.is_empty());
    net.pass_epoch(4);
    net.pass_epoch(5);
    net.stake_weight("dave", 10_000, Some(3));
    assert_eq!(rewards_claimable(&net, "dave"), 0);
    net.pass_epoch(6);
    assert_eq!(rewards_claimed(&mut net, "dave"), 0);
    net.pass_epoch(7);
    assert_eq!(rewards_claimed(&mut net, "dave"), 10 * REWARD);
    let page = net.delegation().history(3, Some("dave"), None, None).epochs;
    let mine: Vec<u128> = page
        .iter()
        .rev()
        .map(|it| it.mine.u128() / REWARD)
        .collect();
    assert_eq!(mine, [10, 10, 0, 0, 0, 10]);
    // Without a claim in between, the same.
    let his: Vec<_> = net.delegation().all_nfts("dave");
    let his: Vec<_> = his.into_iter().map(|info| info.nft).collect();
    net.move_nfts("dave", &his, None);
    net.pass_epoch(8);
    net.pass_epoch(9);
    net.move_nfts("dave", &his, Some(3));
    net.pass_epoch(10);
    net.pass_epoch(11);
    assert_eq!(rewards_claimed(&mut net, "dave"), 20 * REWARD);
    net.assert_delegation_invariants();
}

#[test]
fn d9_the_order_of_staking_closing_and_claiming_does_not_matter() {
    // Three acts in one block at the boundary, in all orders.
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let results: Vec<_> = orders
        .iter()
        .map(|order| {
            let mut net = seed(500);
            net.report_all_eligible(2);
            for act in order {
                match act {
                    0 => drop(net.stake_weight("dave", 30_000, Some(3))),
                    1 => drop(net.advance(2)),
                    _ => drop(net.claim_rewards("dave", None)),
                }
            }
            net.pass_epoch(3);
            net.pass_epoch(4);
            let rows = net.delegation().history(3, Some("dave"), None, None).epochs;
            let mine: Vec<_> = rows.iter().map(|row| (row.member, row.mine)).collect();
            rewards_claimed(&mut net, "dave");
            (net.reward_balance("dave"), mine)
        })
        .collect();
    assert!(
        results.iter().all(|result| *result == results[0]),
        "{results:?}"
    );
    // 9.5 in epochs 2 and 3; in epoch 4 there are 1,030,000, he has 40 of 70, 2 slots are captured.
    let slot = 1_000 * REWARD * 20_000 / 1_030_000;
    let last = 2 * slot * 95 * 40 / 7_000;
    assert_eq!(results[0].0, 2 * 9_500_000 + last);
}

#[test]
fn x7_a_contract_that_claims_again_while_it_is_paid_gets_no_more() {
    let mut net = seed(0);
    let contract = deploy(&mut net, puppet(), "puppet");
    net.stake_weight(contract.as_str(), 10_000, Some(3));
    net.pass_epochs_until(4);
    let claim = |delegations: Option<Vec<DelegationId>>| ExecuteMsg::Claim {
        account: None,
        delegations,
        to: None,
    };
    let delegation = net.addresses().delegation.clone();
    let orders = [
        order(&delegation, &claim(None)),
        order(&delegation, &claim(Some(vec![DelegationId(3)]))),
        order(
            &delegation,
            &ExecuteMsg::Settle {
                account: None,
                delegations: None,
            },
        ),
        order(&delegation, &claim(None)),
    ];
    let once = rewards_claimable(&net, contract.as_str());
    command(&mut net, &contract, &orders).unwrap();
    assert_eq!(net.reward_balance(contract.as_str()), once);
    // 10 of 50 parts of two slots of floor(10^9 * 20,000 / 1,010,000).
    assert_eq!(once, 2 * (1_000 * REWARD * 20_000 / 1_010_000) / 5);
    net.assert_delegation_invariants();
}

#[test]
fn x8_a_payee_that_takes_no_messages_is_paid_and_holds_nobody_up() {
    let mut net = seed(0);
    let payee = deploy(&mut net, refuser(), "refuser");
    net.set_reward_payee("dave", Some(payee.as_str()));
    net.pass_epoch(2);
    net.claim_rewards_for("keeper", "dave");
    assert_eq!(net.reward_balance(payee.as_str()), 10 * REWARD);
    net.pass_epoch(3);
    assert_eq!(rewards_claimed(&mut net, "carol"), 60 * REWARD);
}

#[test]
fn g12_undelegated_and_dormant_quintessence_is_part_of_the_total_and_earns_nothing() {
    let mut net = seed(0);
    net.pass_epoch(2);
    assert_eq!(rewards_claimed(&mut net, "erin"), 0);
    // Half of erin's goes: every slot earns more.
    let hers = net.delegation().all_nfts("erin");
    let heavy = hers.iter().find(|info| info.quintessence.u128() == 500_000);
    net.unstake_nfts("erin", &[heavy.unwrap().nft.clone()]);
    net.pass_epoch(3);
    net.pass_epoch(4);
    assert_eq!(rewards(&net, 3), [40 * REWARD, 60 * REWARD, 40 * REWARD]);
    assert_eq!(rewards(&net, 4), [80 * REWARD, 120 * REWARD, 80 * REWARD]);
    let reasons = [1, 2, 3].map(|n| net.delegation().explain(n, "erin", 4).figures.reason);
    assert_eq!(reasons, [Reason::Captured; 3]);
}

#[test]
fn i31_commission_and_members_parts_make_up_the_reward() {
    let mut net = uneven();
    for epoch in 2..30 {
        if epoch == 12 {
            net.set_commission("alice", 333);
        }
        net.pass_epoch(epoch);
    }
    for epoch in 2..30 {
        let it = net.delegation().explain(1, "alice", epoch);
        let figures = it.figures;
        let unit = Uint256::from(10u128.pow(18));
        let reward = Uint256::from(figures.reward) * unit;
        let rate = if epoch <= 12 { 777u128 } else { 333 };
        assert_eq!(
            it.commission_exact,
            reward * Uint256::from(rate) / Uint256::from(10_000u128)
        );
        let members: Uint256 = ["alice", "bob", "carol"]
            .iter()
            .map(|who| net.delegation().explain(1, who, epoch).member_exact)
            .fold(Uint256::zero(), |sum, part| sum + part);
        // All but what does not divide by 20,003 parts, which joins the next reward.
        let shared = members + it.commission_exact;
        let dust = reward.max(shared) - reward.min(shared);
        assert!(dust < Uint256::from(20_003u128), "{epoch}: {dust}");
    }
    let shared: u128 = ["alice", "bob", "carol"]
        .iter()
        .map(|who| rewards_claimed(&mut net, who))
        .sum();
    // 28 epochs of floor(1,000,003 * 20,000 / 20,010), all paid but fractions of a unit.
    let all = 28 * (1_000_003 * 20_000 / 20_010);
    assert!(shared <= all && shared + 4 > all, "{shared} {all}");
}

#[test]
fn claims_of_many_memberships_that_earned_nothing_come_to_an_end() {
    let mut net = Network::builder().build();
    let owners: Vec<String> = (1..=32).map(|n| format!("owner-{n}")).collect();
    for owner in &owners {
        net.stake_weight(owner, 10_000, None);
    }
    net.next_epoch();
    for owner in &owners {
        net.create_delegation(owner, 0);
    }
    net.pass_epochs_until(3);
    for n in 1..=32 {
        net.stake_weight("dave", 100, Some(n));
    }
    net.pass_epochs_until(5);
    for (n, owner) in (1..).zip(&owners) {
        net.stake_weight(owner, 10, Some(n));
    }
    net.pass_epochs_until(8);
    // Four stretches each are more than one message goes through.
    let pages = net.claim_all_rewards("dave");
    let settled: Vec<u32> = pages.iter().map(|page| page.settled).collect();
    assert_eq!(settled, [30, 2]);
    assert_eq!(net.reward_balance("dave"), 0);
    net.assert_delegation_invariants();
}

#[test]
fn claims_of_many_memberships_go_on_where_the_ones_before_stopped() {
    let (mut net, owners) = many_delegations(32);
    for n in 1..=32 {
        net.stake_weight("dave", 100, Some(n));
    }
    net.pass_epochs_until(3);
    net.claim_all_rewards("dave");
    for epoch in 3..7 {
        for (n, owner) in (1..).zip(&owners) {
            net.stake_weight(owner, 10, Some(n));
        }
        net.pass_epoch(epoch);
    }
    // Four changes of each are more than one message goes through.
    let pages = net.claim_all_rewards("dave");
    assert!(pages.len() > 1);
    let earned = (1..=32).map(|n| whole(explained(&net, "dave", n, 2..7)[0]));
    assert_eq!(net.reward_balance("dave"), earned.sum::<u128>());
    net.assert_delegation_invariants();
}

#[test]
fn who_is_in_more_delegations_than_a_claim_looks_at_is_told_so() {
    let mut net = Network::builder().build();
    let owners: Vec<String> = (1..=41).map(|n| format!("owner-{n}")).collect();
    for owner in &owners {
        net.stake_weight(owner, 10_000, None);
    }
    net.next_epoch();
    for owner in &owners {
        net.create_delegation(owner, 0);
    }
    // Dave is in 1 to 25 in epoch 2, in 26 to 41 in epoch 3; erin in one less.
    let mut join = |who: &str, places: u16| -> Vec<_> {
        let nfts = (1..=places).flat_map(|n| net.stake_weight(who, 10, Some(n)));
        nfts.collect()
    };
    let (daves, erins) = (join("dave", 25), join("erin", 25));
    net.pass_epochs_until(2);
    for (n, nft) in (26..).zip(daves.chunks(1).take(16)) {
        net.move_nfts("dave", nft, Some(n));
    }
    for (n, nft) in (26..).zip(erins.chunks(1).take(15)) {
        net.move_nfts("erin", nft, Some(n));
    }
    net.pass_epochs_until(4);
    for n in 1..=41 {
        net.settle_delegation("keeper", n);
    }
    let next = |who: &str| net.delegation().member(who).next;
    assert_eq!((next("dave"), next("erin")), (true, false));
}
