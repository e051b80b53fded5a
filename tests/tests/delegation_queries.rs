//! Answers for front ends: complete, equal to what messages do, and read by page without gaps.

use cosmwasm_std::Uint128;
use noderev_api::common::EpochStep;
use noderev_api::delegation::{
    Activity, DelegationId, Joining, MemberInfo, Metadata, NftInfo, QueryMsg, Reason, Role,
    Standing, ValidatorId, CLAIM_PAGE, MAX_BATCH, MAX_DELEGATIONS, MAX_SEATS,
};
use noderev_components::Epoch;
use noderev_economics::Bps;
use noderev_testing::{Network, GOLD, PLAIN, REWARD, WEIGHTS};
use noderev_tests::ext::{refusal, rewards_claimable, rewards_claimed};

const DAY: u64 = 86_400;

/// Alice's delegation of 55,000 with 5 % and three validators, in it bob with 15,000; carol's of
/// 20,000; 925,000 undelegated. Epoch 2 runs, all of it counts.
fn network() -> Network {
    let mut net = Network::builder().build();
    net.stake_weight("alice", 40_000, None);
    net.stake_weight("carol", 20_000, None);
    net.stake_weight("erin", 925_000, None);
    net.next_epoch();
    net.create_delegation("alice", 500);
    net.create_delegation("carol", 0);
    net.stake_weight("bob", 15_000, Some(1));
    net.run_validators("alice", 1, 3);
    net.run_validators("operator", 2, 1);
    net.pass_epochs_until(2);
    net
}

#[test]
fn config_answers_wiring_and_limits() {
    let net = network();
    let config = net.delegation().config();
    assert_eq!(config.token, net.addresses().reward_token);
    assert_eq!(config.token_decimals, 6);
    assert_eq!(
        (config.clock.start.seconds(), config.clock.length),
        (1_767_247_200, DAY)
    );
    assert_eq!(config.first, Epoch(0));
    assert_eq!(config.admin, Some(net.account("admin")));
    let limits = (
        config.max_batch,
        config.claim_page,
        config.max_delegations,
        config.max_seats,
    );
    assert_eq!(limits, (30, 40, 8_192, 4_096));
    let api = (MAX_BATCH, CLAIM_PAGE, MAX_DELEGATIONS, MAX_SEATS);
    assert_eq!(api, (30, 40, 8_192, 4_096));
}

#[test]
fn g17_the_network_at_a_glance() {
    let mut net = network();
    net.stake_weight("dave", 1_000, None);
    let it = net.delegation().network();
    assert_eq!((it.epoch, it.next_close), (Epoch(2), Epoch(2)));
    assert_eq!(
        (it.total.u128(), it.total_next.u128()),
        (1_000_000, 1_001_000)
    );
    assert_eq!((it.delegations, it.validators, it.seats), (2, 4, 4));
    assert_eq!(
        (it.mint.u128(), it.minted.u128(), it.mint_owed.u128()),
        (1_000 * REWARD, 0, 0)
    );
    let (start, end) = (it.start, it.end);
    assert_eq!(
        (end.seconds() - start.seconds(), start.seconds()),
        (DAY, net.now().seconds())
    );
    assert_eq!(it.step, EpochStep::Open { until: end });
    assert_eq!(it.last.unwrap().epoch, Epoch(1));
    assert!(it.paused.is_empty());
    assert_eq!((it.as_of.height, it.as_of.time), (net.height(), net.now()));
    net.pause_delegation("guardian", Activity::Staking, 60);
    assert_eq!(net.delegation().network().paused, ["staking"]);
    let paused = net.delegation().paused().activities;
    let until: Vec<_> = paused
        .iter()
        .map(|it| (it.activity.as_str(), it.until))
        .collect();
    assert_eq!(
        until,
        [
            ("staking", Some(net.now().plus_seconds(60))),
            ("injections", None)
        ]
    );
    net.advance_seconds(60);
    assert!(net.delegation().network().paused.is_empty());
    net.pass_epoch(2);
    let last = net.delegation().network().last.unwrap();
    assert_eq!(
        (last.pool.u128(), last.per_slot.u128()),
        (1_000 * REWARD, 20 * REWARD)
    );
    assert_eq!((last.slots, last.eligible, last.captured), (3, 4, 3));
    assert_eq!(
        (last.rewards.u128(), last.minted.u128()),
        (60 * REWARD, 60 * REWARD)
    );
    assert_eq!(last.closed, net.now());
    assert_eq!(net.delegation().network().minted.u128(), 60 * REWARD);
}

#[test]
fn g17_a_delegation_with_its_next_slot_and_its_rates() {
    let mut net = network();
    net.pass_epoch(2);
    net.pass_epoch(3);
    net.stake_weight("bob", 4_999, Some(1));
    let it = net.delegation().delegation(1);
    assert_eq!(it.info.owner, net.account("alice"));
    assert_eq!(it.info.name, "Delegation of alice");
    assert_eq!(
        (it.info.commission, it.info.standing),
        (Bps::percent(5), Standing::Active {})
    );
    assert_eq!(
        (it.info.total.u128(), it.info.total_next.u128()),
        (55_000, 59_999)
    );
    assert_eq!(
        (it.info.slots, it.info.slots_next, it.info.captured),
        (2, 2, 2)
    );
    assert_eq!((it.info.validators, it.max_validators), (3, 6));
    assert_eq!(
        (it.own.u128(), it.own_next.u128(), it.own_required.u128()),
        (40_000, 40_000, 10_000)
    );
    // Next slot: one more; of three servers one is idle, no slot.
    assert_eq!(it.missing_for_slot.u128(), 1);
    assert_eq!((it.idle_slots, it.idle_validators), (0, 1));
    // 40 tokens, 95 % of it over 55,000: 690,909.09 units of 1,000; of no epoch before.
    let rates: Vec<u128> = it.per_thousand.iter().map(|rate| rate.u128()).collect();
    assert_eq!(rates, [690_909, 690_909]);
    assert_eq!(it.per_thousand_sum.u128(), 1_381_818);
    // 30 epochs at most.
    for epoch in 4..36 {
        net.pass_epoch(epoch);
    }
    let it = net.delegation().delegation(1);
    assert_eq!(it.per_thousand.len(), 30);
    net.set_commission("alice", 600);
    net.transfer_delegation("alice", Some("dave"));
    let it = net.delegation().delegation(1);
    let change = it.commission_change.unwrap();
    assert_eq!(
        (change.from, change.commission),
        (Epoch(44), Bps::percent(6))
    );
    assert_eq!(it.proposed_owner, Some(net.account("dave")));
    let metadata = Metadata {
        name: "New".into(),
        url: "u".into(),
        description: "d".into(),
    };
    net.update_delegation(
        "alice",
        Some(metadata.clone()),
        Some(Joining::Closed),
        Some(9),
    );
    let it = net.delegation().delegation(1);
    assert_eq!(
        (it.metadata, it.info.joining, it.info.minimum.u128()),
        (metadata, Joining::Closed, 9)
    );
    let unknown = net
        .delegation()
        .try_query::<noderev_api::delegation::DelegationResponse>(&QueryMsg::Delegation {
            delegation: DelegationId(9),
        });
    assert!(unknown
        .unwrap_err()
        .to_string()
        .contains("there is no delegation 9"));
}

#[test]
fn g17_a_member_over_all_his_delegations_in_one_answer() {
    let mut net = network();
    let second = net.stake_weight("bob", 20_000, Some(2));
    let third = net.stake_weight("bob", 700, None);
    net.pass_epoch(2);
    net.pass_epoch(3);
    net.unstake_nfts("bob", &third[..1]);
    let it = net.delegation().member("bob");
    assert_eq!(
        (it.quintessence.u128(), it.quintessence_next.u128()),
        (35_700, 35_200)
    );
    assert_eq!(it.undelegated_next.u128(), 200);
    let nfts = net.delegation().all_nfts("bob");
    assert_eq!(it.nfts as usize, nfts.len());
    assert_eq!((it.owns, it.self_claim_only), (None, false));
    assert_eq!(it.payee, net.account("bob"));
    let rows: Vec<_> = it
        .memberships
        .iter()
        .map(|row| {
            let (now, next) = (row.quintessence.u128(), row.quintessence_next.u128());
            (row.delegation.0, row.owner, now, next, row.settled.0)
        })
        .collect();
    assert_eq!(
        rows,
        [(1, false, 15_000, 15_000, 2), (2, false, 20_000, 20_000, 3)]
    );
    // In 1: 40 * 0.95 * 15 / 55 of epoch 2; of epoch 3, with 1,020,700 in all, 2 slots of
    // floor(10^9 * 20,000 / 1,020,700) = 19,594,396. In 2: half of one slot of two, epoch 3.
    assert_eq!(
        it.memberships[0].earned.u128(),
        (40_000_000 + 39_188_792) * 95 * 15 / 5_500
    );
    assert_eq!(it.memberships[1].earned.u128(), 19_594_396 / 2);
    let claimable: u128 = it.claimable.iter().map(|part| part.amount.u128()).sum();
    assert_eq!(
        claimable,
        it.memberships
            .iter()
            .map(|row| row.earned.u128())
            .sum::<u128>()
    );
    assert!(it.receipts.is_empty() && !it.next);
    assert_eq!(rewards_claimed(&mut net, "bob"), claimable);
    let it = net.delegation().member("bob");
    assert_eq!((it.claimable.len(), it.receipts.len()), (0, 1));
    assert_eq!(it.memberships[0].settled, Epoch(4));
    // The owner's commission stands beside his part.
    let alice = net.delegation().member("alice");
    assert_eq!(alice.owns, Some(DelegationId(1)));
    let row = &alice.memberships[0];
    assert!(row.owner);
    assert_eq!(row.commission.u128(), (40_000_000 + 39_188_792) * 5 / 100);
    net.set_reward_payee("bob", Some("purse"));
    net.set_reward_policy("bob", true);
    let it = net.delegation().member("bob");
    assert_eq!((it.payee, it.self_claim_only), (net.account("purse"), true));
    // NFTs say where they count, and from when on they can be had.
    let info = net.delegation().nft(&second[0]).unwrap();
    assert_eq!(
        (info.staker, info.delegation),
        (net.account("bob"), Some(DelegationId(2)))
    );
    assert_eq!(
        (info.quintessence.u128(), info.withdrawable_at),
        (20_000, None)
    );
    let info = net.delegation().nft(&third[0]).unwrap();
    let end = net.clock().end_of(Epoch(4));
    assert_eq!(
        (info.delegation, info.withdrawable_at.unwrap().seconds()),
        (None, end)
    );
    assert_eq!(net.delegation().nft(&net.nft(GOLD, "nobodys")), None);
}

#[test]
fn i8_a_preview_of_a_claim_is_the_claim() {
    let mut net = network();
    for epoch in 2..9 {
        net.pass_epoch(epoch);
        for who in ["alice", "bob", "carol", "erin"] {
            let preview = net.delegation().preview_claim(who, None);
            let told: u128 = preview.amounts.iter().map(|it| it.amount.u128()).sum();
            assert_eq!(told, rewards_claimable(&net, who), "{who}");
            if epoch % 3 == 2 || who == "bob" {
                let before = net.reward_balance(who);
                let response = net.claim_rewards(who, None);
                assert_eq!(net.reward_summary(&response), preview.summary);
                assert_eq!(net.reward_balance(who) - before, told, "{who} {epoch}");
            }
        }
    }
    // Named ones alone.
    let preview = net.delegation().preview_claim("alice", Some(&[2]));
    assert_eq!(preview.amounts.len(), 0);
    let query = QueryMsg::PreviewClaim {
        account: net.account("alice").into_string(),
        delegations: Some(vec![DelegationId(1), DelegationId(1)]),
    };
    let refused = net
        .delegation()
        .try_query::<noderev_api::delegation::PreviewClaimResponse>(&query);
    assert!(refused
        .unwrap_err()
        .to_string()
        .contains("delegation 1 is named twice"));
}

#[test]
fn g17_a_preview_of_joining_warns_when_it_lowers_the_rate() {
    let mut net = network();
    net.pass_epoch(2);
    // 55,000, two slots, three validators; 40 tokens at 20 a slot.
    let it = net.delegation().preview_join(1, 4_999, Some("dave"));
    assert_eq!(
        (it.before.total.u128(), it.after.total.u128()),
        (55_000, 59_999)
    );
    assert_eq!(
        (it.before.slots, it.after.slots, it.after.captured),
        (2, 2, 2)
    );
    assert_eq!(
        (it.before.reward.u128(), it.after.reward.u128()),
        (40 * REWARD, 40 * REWARD)
    );
    assert_eq!(
        (it.before.per_thousand.u128(), it.after.per_thousand.u128()),
        (690_909, 633_343)
    );
    assert!(it.lowers);
    assert_eq!(
        (it.missing_for_slot.u128(), it.refused, it.from),
        (1, None, Epoch(4))
    );
    // The third slot has a server: more for everybody.
    let it = net.delegation().preview_join(1, 5_000, Some("dave"));
    assert_eq!((it.after.slots, it.after.captured), (3, 3));
    assert_eq!((it.after.per_thousand.u128(), it.lowers), (950_000, false));
    assert_eq!(it.missing_for_slot.u128(), 20_000);
    // The fourth has none.
    let it = net.delegation().preview_join(1, 25_000, Some("dave"));
    assert_eq!(
        (it.after.slots, it.after.captured, it.lowers),
        (4, 3, false)
    );
    let it = net.delegation().preview_join(1, 45_000, Some("dave"));
    assert_eq!((it.after.captured, it.lowers), (3, true));
    // Half as much again for half as many again: 40 of 55,000 are 60 of 82,500.
    let lowers = |joining: u128| {
        let it = net.delegation().preview_join(1, joining, Some("dave"));
        it.lowers
    };
    assert_eq!((lowers(27_500), lowers(27_501)), (false, true));
    // And so it comes.
    net.stake_weight("dave", 5_000, Some(1));
    net.pass_epoch(3);
    net.pass_epoch(4);
    let row = &net
        .delegation()
        .history(1, Some("dave"), None, Some(1))
        .epochs[0];
    assert_eq!((row.slots, row.captured, row.member.u128()), (3, 3, 5_000));
    // Why it would be refused.
    net.update_delegation("alice", None, Some(Joining::Approval), Some(100));
    let dave = net.account("dave");
    let it = net.delegation().preview_join(1, 50, Some("dave"));
    let why =
        format!("the owner of delegation 1 has not approved {dave}: request_approval asks for it");
    assert_eq!(it.refused, Some(why));
    let it = net.delegation().preview_join(1, 50, None);
    let why = "a member of delegation 1 needs 100 Quintessence, it would have 50";
    assert_eq!(it.refused.as_deref(), Some(why));
    net.approve_members("alice", &["dave"], true);
    assert_eq!(
        net.delegation().preview_join(1, 50, Some("dave")).refused,
        None
    );
    assert_eq!(
        net.delegation().preview_join(1, 1, Some("alice")).refused,
        None
    );
    let why = "delegation 1 is closed";
    net.update_delegation("alice", None, Some(Joining::Closed), None);
    let refused = net.delegation().preview_join(1, 500, None).refused;
    assert_eq!(refused.as_deref(), Some(why));
    let more = net.stake_weight("dave", 500, None);
    assert_eq!(refusal(net.try_move_nfts("dave", &more, Some(1))), why);
    net.pause_delegation("guardian", Activity::Staking, 60);
    let it = net.delegation().preview_join(2, 500, Some("dave"));
    assert!(it.refused.unwrap().starts_with("staking is paused until "));
}

#[test]
fn d13_history_and_explanations_add_up_to_what_is_paid_and_owed() {
    let mut net = network();
    for epoch in 2..14 {
        match epoch {
            4 => drop(net.stake_weight("bob", 777, Some(1))),
            6 => drop(net.set_commission("alice", 123)),
            8 => drop(net.transfer_delegation("alice", Some("bob"))),
            9 => drop(net.accept_delegation("bob", 1)),
            10 => drop(net.claim_rewards("bob", None)),
            _ => {}
        }
        match epoch {
            7 => net.pass_epoch_silent(epoch),
            11 => net.pass_epoch_with(epoch, &[3]),
            _ => net.pass_epoch(epoch),
        };
    }
    let unit = cosmwasm_std::Uint256::from(10u128.pow(18));
    for who in ["alice", "bob"] {
        let rows = net
            .delegation()
            .history(1, Some(who), None, Some(100))
            .epochs;
        assert_eq!(rows.len(), 12);
        let (mut member, mut owner) =
            (cosmwasm_std::Uint256::zero(), cosmwasm_std::Uint256::zero());
        for row in &rows {
            let it = net.delegation().explain(1, who, row.epoch.0);
            assert_eq!(it.figures.reason, row.reason);
            assert_eq!((it.figures.member, it.figures.mine), (row.member, row.mine));
            assert_eq!((it.figures.rate, it.figures.reward), (row.rate, row.reward));
            assert_eq!(
                it.member_exact,
                row.rate * cosmwasm_std::Uint256::from(row.member)
            );
            let thousand = row.rate * cosmwasm_std::Uint256::from(1_000u128) / unit;
            assert_eq!(cosmwasm_std::Uint256::from(row.per_thousand), thousand);
            assert_eq!(it.network.as_ref().map(|it| it.epoch), Some(row.epoch));
            let mine = row.owner == Some(net.account(who));
            let commission = if mine {
                row.commission_exact
            } else {
                Default::default()
            };
            assert_eq!(it.commission_exact, commission);
            member += it.member_exact;
            owner += it.commission_exact;
        }
        let paid = net.reward_balance(who) + rewards_claimable(&net, who);
        let told = member / unit + owner / unit;
        assert_eq!(cosmwasm_std::Uint256::from(paid), told, "{who}");
        assert!(!owner.is_zero() && !member.is_zero());
    }
    let reason = |epoch: u32| net.delegation().explain(1, "bob", epoch).figures.reason;
    assert_eq!(
        [7, 11, 13].map(reason),
        [Reason::NoQuorum, Reason::NoValidators, Reason::Captured]
    );
    assert_eq!(
        [0, 1, 14, 99].map(reason),
        [
            Reason::NotCreated,
            Reason::NotCreated,
            Reason::NotClosed,
            Reason::NotClosed
        ]
    );
    // What is known before the close.
    assert_eq!(net.delegation().explain(1, "bob", 14).figures.slots, 2);
    let step = |net: &Network, id: u16, who: &str, epoch: u32| {
        let it = net.delegation().explain(id, who, epoch);
        it.steps[0].clone()
    };
    net.create_delegation("erin", 0);
    assert_eq!(step(&net, 3, "erin", 14), "the delegation did not exist");
    let silent = step(&net, 1, "bob", 7);
    assert!(silent.starts_with("too few attesters reported"), "{silent}");
    let it = net.delegation().explain(1, "bob", 5);
    assert_eq!(it.figures.eligible, Some(3));
    assert_eq!(it.steps.len(), 4);
    assert!(
        it.steps[0].contains("pool = mint 1000000000 + injected 0 + carry 0 + drip 0"),
        "{:?}",
        it.steps
    );
    assert!(
        it.steps[1].contains("2 slots, 3 eligible validators: 2 slots captured"),
        "{:?}",
        it.steps
    );
    // 5 %, the rest by 55,777, of which 15,777 are bob's.
    let commission = "commission = 500 of 10000 parts of 39968944 = 1998447.2;";
    assert!(it.steps[2].starts_with(commission), "{:?}", it.steps);
    let part = " = 10740278.753134804668587445: 10740278 whole units,";
    assert!(it.steps[3].contains(part), "{:?}", it.steps);
    let carols = net.delegation().explain(1, "carol", 5);
    assert_eq!(
        (carols.figures.mine.u128(), carols.member_exact.is_zero()),
        (0, true)
    );
}

#[test]
fn a_slot_size_that_waits_shows_in_no_figure_before_its_boundary() {
    let mut net = network();
    let shown = |net: &Network| net.delegation().delegation(1).info;
    let before = shown(&net);
    let mut params = net.delegation().params_at(2).params;
    params.slot_size = 10_000u128.into();
    net.queue_delegation_params(&params);
    assert_eq!(shown(&net), before);
    // It comes with epoch 10.
    net.to_epoch(8);
    assert_eq!(shown(&net), before);
    net.to_epoch(9);
    assert_ne!(shown(&net), before);
}

#[test]
fn due_names_what_anybody_can_do() {
    let mut net = network();
    let it = net.delegation().due();
    assert!(it.now.is_empty());
    let next = it.next.unwrap();
    let end = net.clock().end_of(Epoch(2));
    assert_eq!(
        (next.action.as_str(), next.epoch, next.from.seconds()),
        ("advance", Some(Epoch(2)), end + 6 * 3_600)
    );
    net.report_all_eligible(2);
    let it = net.delegation().due();
    assert_eq!(it.now.len(), 1);
    assert_eq!(
        (it.now[0].action.as_str(), it.now[0].epoch),
        ("advance", Some(Epoch(2)))
    );
    assert_eq!(it.now[0].from, net.now());
    net.advance(2);
    assert!(net.delegation().due().now.is_empty());
}

#[test]
fn solvency_says_where_every_unit_is() {
    let mut net = network();
    net.inject("giver", 90 * REWARD, 3);
    net.pass_epoch(2);
    net.pass_epoch_silent(3);
    rewards_claimed(&mut net, "carol");
    net.mint_reward(net.addresses().delegation.clone().as_str(), 5);
    let it = net.delegation().solvency().denoms.remove(0);
    assert_eq!(it.denom, net.reward());
    // 1,030 at 1,000,000: 20.6 a slot, three of them; 970 and the odd 1.8 above: 968.2 of the mint
    // are not minted, nothing of the 30 is left; epoch 3's 30 drip.
    let parts: Vec<_> = it
        .carried
        .iter()
        .map(|it| (it.bucket.as_str(), it.amount.u128()))
        .collect();
    assert_eq!(
        parts,
        [("ahead", 30 * REWARD), ("carry", 0), ("drip", 30 * REWARD)]
    );
    assert_eq!(it.owed[0].amount.u128(), 41_200_000);
    assert_eq!(
        (it.received.u128(), it.paid.u128()),
        (90 * REWARD + 31_800_000, 20_600_000)
    );
    assert_eq!((it.surplus.u128(), it.solvent), (5, true));
    assert_eq!(
        it.balance.u128(),
        net.reward_balance(net.addresses().delegation.as_str())
    );
}

#[test]
fn roles_and_ownership() {
    let mut net = network();
    let roles = net.delegation().roles();
    let names: Vec<_> = roles
        .roles
        .iter()
        .map(|it| (it.role.as_str(), it.accounts.len()))
        .collect();
    assert_eq!(names, [("owner", 1), ("guardian", 1), ("attester", 3)]);
    assert_eq!(roles.roles[1].accounts[0], net.account("guardian"));
    net.set_delegation_role(Role::Guardian, None);
    assert!(net.delegation().roles().roles[1].accounts.is_empty());
    assert_eq!(
        net.delegation().ownership().owner,
        Some(net.account("owner"))
    );
}

#[test]
fn g1_a_preview_of_staking_tells_classes_and_weights() {
    let mut net = network();
    let it = net
        .delegation()
        .preview_stake(GOLD, &["gold-1", "other", ""]);
    assert_eq!(it.from, Epoch(3));
    let rows: Vec<_> = it
        .nfts
        .iter()
        .map(|it| (it.class.as_deref(), it.quintessence.u128(), it.staked))
        .collect();
    assert_eq!(
        rows,
        [
            (Some("gold-"), 10_000, false),
            (None, 1_000, false),
            (None, 0, false)
        ]
    );
    let nft = net.delegation().all_nfts("bob")[0].nft.clone();
    let it = net
        .delegation()
        .preview_stake(WEIGHTS, &[&nft.token_id, "3-1"]);
    assert_eq!(
        (it.nfts[0].staked, it.nfts[1].quintessence.u128()),
        (true, 0)
    );
    // Rules that wait give nothing yet.
    let place = net.deploy_collection("later");
    let query = |net: &Network| {
        net.delegation()
            .try_query::<noderev_api::delegation::PreviewStakeResponse>(&QueryMsg::PreviewStake {
                collection: net.collection(place).into_string(),
                token_ids: vec!["1".into()],
            })
    };
    assert!(query(&net)
        .unwrap_err()
        .to_string()
        .contains("is not an allowed collection"));
    let rules = noderev_api::delegation::Collection {
        collection: net.collection(place).into_string(),
        weight: Uint128::new(6),
        classes: vec![],
    };
    net.set_collection(&rules);
    assert_eq!(query(&net).unwrap().nfts[0].quintessence.u128(), 0);
    let listed = net.delegation().collections().collections;
    let last = listed.last().unwrap();
    assert_eq!((last.now.clone(), last.next_from), (None, Some(Epoch(10))));
    assert_eq!(last.next.as_ref(), Some(&rules));
    net.to_epoch(10);
    assert_eq!(query(&net).unwrap().nfts[0].quintessence.u128(), 6);
}

#[test]
fn x18_pages_of_delegations_members_and_nfts_are_clamped_and_complete() {
    let mut net = network();
    for n in 0..120 {
        net.stake_weight(&format!("founder-{n}"), 10_000, None);
    }
    net.next_epoch();
    for n in 0..120 {
        net.create_delegation(&format!("founder-{n}"), 0);
        net.stake_weight(&format!("member-{n}"), 1, Some(2));
    }
    let page = net
        .delegation()
        .delegations(None, Some(u32::MAX))
        .delegations;
    assert_eq!(page.len(), 100);
    let rest = net
        .delegation()
        .delegations(Some(100), Some(u32::MAX))
        .delegations;
    let numbers: Vec<u16> = page.iter().chain(&rest).map(|it| it.delegation.0).collect();
    assert_eq!(numbers, (1..=122).collect::<Vec<u16>>());
    assert!(net
        .delegation()
        .delegations(Some(u16::MAX), None)
        .delegations
        .is_empty());
    assert_eq!(
        net.delegation().delegations(None, None).delegations.len(),
        30
    );
    assert!(net
        .delegation()
        .delegations(None, Some(0))
        .delegations
        .is_empty());

    // Members, while others leave and join between two pages.
    let all = net.delegation().all_members(2);
    assert_eq!(all.len(), 121);
    let first = net.delegation().members(2, None, Some(u32::MAX)).members;
    assert_eq!(first.len(), 100);
    let after = first.last().unwrap().account.clone();
    let nfts = |net: &Network, who: &str| -> Vec<_> {
        let nfts = net.delegation().all_nfts(who).into_iter();
        nfts.map(|it: NftInfo| it.nft).collect()
    };
    for n in 0..40 {
        let name = format!("member-{n}");
        let his = nfts(&net, &name);
        net.unstake_nfts(&name, &his);
        net.stake_weight(&format!("newcomer-{n}"), 1, Some(2));
    }
    let second = net
        .delegation()
        .members(2, Some(after.as_str()), Some(u32::MAX))
        .members;
    let seen: std::collections::BTreeSet<_> = first
        .iter()
        .chain(&second)
        .map(|it: &MemberInfo| it.account.clone())
        .collect();
    assert_eq!(
        seen.len(),
        first.len() + second.len(),
        "somebody is listed twice"
    );
    assert!(
        all.iter().all(|it| seen.contains(&it.account)),
        "somebody is missing"
    );
    // Somebody unknown as the last of a page: those after him.
    let stranger = net.account("stranger");
    let behind = net
        .delegation()
        .members(2, Some("stranger"), Some(100))
        .members;
    let in_all = net.delegation().all_members(2);
    let position = in_all
        .iter()
        .position(|it| it.account == behind[0].account)
        .unwrap();
    assert!(behind.len() < 161 && position > 0);
    assert!(in_all.iter().all(|it| it.account != stranger));
    assert_eq!(in_all[position..][..behind.len()], behind[..]);

    // NFTs of one account, over collections; some leave between the pages.
    net.approve_collection("alice", PLAIN);
    let ids: Vec<String> = (1_000..1_130).map(|n| n.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    net.mint_nfts("alice", PLAIN, &ids);
    for batch in ids.chunks(30) {
        net.stake_nfts("alice", PLAIN, batch, None);
    }
    let mine = nfts(&net, "alice");
    assert_eq!(mine.len(), 130 + 2);
    net.unstake_nfts("alice", &mine[..20]);
    net.next_epoch();
    let first = net.delegation().nfts("alice", None, Some(u32::MAX)).nfts;
    assert_eq!(first.len(), 100);
    net.withdraw_nfts("alice", &mine[..20]);
    let after = first.last().unwrap().nft.clone();
    let second = net
        .delegation()
        .nfts("alice", Some(after), Some(u32::MAX))
        .nfts;
    let read: Vec<_> = first
        .iter()
        .chain(&second)
        .map(|it| it.nft.clone())
        .collect();
    assert_eq!(read, mine);
    let gone = mine[5].clone();
    let page = net.delegation().nfts("alice", Some(gone), Some(3)).nfts;
    let page: Vec<_> = page.into_iter().map(|it| it.nft).collect();
    assert_eq!(page, mine[20..23]);
    assert_eq!(nfts(&net, "alice"), mine[20..]);
}

#[test]
fn x18_pages_of_validators_seats_epochs_and_receipts() {
    let mut net = network();
    net.stake_weight("alice", 2_000_000, Some(1));
    for n in 0..4 {
        net.run_validators("alice", 1, 30);
        net.run_validators("operator", 2, if n == 0 { 3 } else { 0 });
    }
    let page = net
        .delegation()
        .validators(None, None, Some(u32::MAX))
        .validators;
    assert_eq!(page.len(), 100);
    let rest = net
        .delegation()
        .validators(None, Some(100), Some(u32::MAX))
        .validators;
    let numbers: Vec<u32> = page.iter().chain(&rest).map(|it| it.validator.0).collect();
    assert_eq!(numbers, (1..=127).collect::<Vec<u32>>());
    assert!(net
        .delegation()
        .validators(None, Some(u32::MAX), None)
        .validators
        .is_empty());
    // Of one delegation, of which one leaves between the pages.
    let first = net
        .delegation()
        .validators(Some(1), None, Some(u32::MAX))
        .validators;
    assert_eq!(first.len(), 100);
    let last = first.last().unwrap().validator;
    net.assign_validator("alice", last.0, None);
    net.assign_validator("alice", last.0 + 1, None);
    let second = net
        .delegation()
        .validators(Some(1), Some(last.0), Some(u32::MAX))
        .validators;
    let numbers: Vec<u32> = first
        .iter()
        .chain(&second)
        .map(|it| it.validator.0)
        .collect();
    let others = [4, 35, 36, 37, last.0 + 1];
    let should: Vec<u32> = (1..=127).filter(|n| !others.contains(n)).collect();
    assert_eq!(numbers, should);
    // Seats.
    net.pass_epoch(2);
    let it = net.delegation().seats(3, None, Some(u32::MAX));
    assert_eq!((it.bits, it.seats.len()), (127, 100));
    let rest = net.delegation().seats(3, Some(99), Some(u32::MAX)).seats;
    let seats: Vec<u16> = it.seats.iter().chain(&rest).map(|it| it.seat).collect();
    assert_eq!(seats, (0..127).collect::<Vec<u16>>());
    let empty = it
        .seats
        .iter()
        .chain(&rest)
        .filter(|it| it.validator.is_none())
        .count();
    assert_eq!(empty, 2);
    assert_eq!(net.delegation().seats(1, None, None).bits, 0);
    assert_eq!(
        net.delegation().seats(2, None, None).seats[3].validator,
        Some(ValidatorId(4))
    );
    assert!(net
        .delegation()
        .seats(3, Some(u16::MAX), None)
        .seats
        .is_empty());
    // Epochs, history and receipts, newest first; an epoch is closed between two pages.
    for epoch in 3..133 {
        net.pass_epoch(epoch);
        if epoch % 10 == 0 {
            net.claim_rewards("carol", None);
        }
    }
    let first = net.delegation().epochs(None, Some(u32::MAX)).epochs;
    assert_eq!(first.len(), 100);
    net.pass_epoch(133);
    let rest = net
        .delegation()
        .epochs(first.last().map(|it| it.epoch.0), Some(u32::MAX))
        .epochs;
    let numbers: Vec<u32> = first.iter().chain(&rest).map(|it| it.epoch.0).collect();
    assert_eq!(numbers, (0..133).rev().collect::<Vec<u32>>());
    let rows = |after| -> Vec<u32> {
        let page = net.delegation().history(2, None, after, Some(u32::MAX));
        page.epochs.iter().map(|it| it.epoch.0).collect()
    };
    let mut numbers = rows(None);
    assert_eq!(numbers.len(), 100);
    numbers.extend(rows(numbers.last().copied()));
    assert_eq!(numbers, (2..134).rev().collect::<Vec<u32>>());
    assert_eq!(rows(Some(u32::MAX)).len(), 100);
    assert!(rows(Some(2)).is_empty());
    let receipts = net
        .delegation()
        .receipts("carol", None, Some(u32::MAX))
        .receipts;
    assert_eq!(receipts.len(), 13);
    assert_eq!(net.delegation().member("carol").receipts, receipts[..10]);
}

#[test]
fn x18_pages_of_approvals_and_injections() {
    let mut net = network();
    for n in 0..110 {
        net.request_approval(&format!("asker-{n}"), 1);
        net.inject(&format!("giver-{n}"), 1 + n, 1);
    }
    let first = net
        .delegation()
        .approvals(1, None, Some(u32::MAX))
        .approvals;
    assert_eq!(first.len(), 100);
    let last = first.last().unwrap().account.clone();
    // Some are approved, some refused, before the next page is read.
    net.approve_members("alice", &["asker-1", "asker-2"], true);
    net.approve_members("alice", &["asker-3"], false);
    let rest = net
        .delegation()
        .approvals(1, Some(last.as_str()), Some(u32::MAX))
        .approvals;
    let all: std::collections::BTreeSet<_> = first
        .iter()
        .chain(&rest)
        .map(|it| it.account.clone())
        .collect();
    assert_eq!(all.len(), first.len() + rest.len());
    let asker = |n: u32| net.account(&format!("asker-{n}"));
    assert!((0..110)
        .filter(|n| *n != 3)
        .all(|n| all.contains(&asker(n))));
    let again = net.delegation().approvals(1, None, Some(100)).approvals;
    let mut again_all = again.clone();
    let after = again.last().unwrap().account.clone();
    again_all.extend(
        net.delegation()
            .approvals(1, Some(after.as_str()), None)
            .approvals,
    );
    assert_eq!(again_all.len(), 109);
    let approved = again_all.iter().filter(|it| it.approved).count();
    assert_eq!(approved, 2);

    let first = net.delegation().injections(None, Some(u32::MAX)).deposits;
    assert_eq!(first.len(), 100);
    net.inject("giver", 5_000, 1);
    let rest = net
        .delegation()
        .injections(Some(first[99].number), Some(u32::MAX))
        .deposits;
    let amounts: Vec<u128> = first
        .iter()
        .chain(&rest)
        .map(|it| it.amount.u128())
        .collect();
    assert_eq!(amounts, (1..=110).rev().collect::<Vec<u128>>());
}
