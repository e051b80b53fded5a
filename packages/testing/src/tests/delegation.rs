use cosmwasm_std::{Binary, Uint128};
use cw721_base::msg::ExecuteMsg as Cw721;
use noderev_api::common::EpochStep;
use noderev_api::delegation::{
    Activity, Collection, ExecuteMsg, Joining, Metadata, ReceiveMsg, Role, Standing, ValidatorId,
};
use noderev_economics::Bps;

use crate::{
    client_key, public_key, Network, NftCollection, Panicked, GOLD, PLAIN, REWARD, WEIGHTS,
};

/// The seed's figures: 1,000,000 Quintessence, of which 55,000 are alice's with six validators and
/// 61,000 bob's with three. Both delegations are number 1 and 2 and count from epoch 2, which runs.
fn network() -> Network {
    let mut network = Network::builder().build();
    network.stake_weight("alice", 55_000, None);
    network.stake_weight("bob", 61_000, None);
    network.stake_weight("carol", 884_000, None);
    network.next_epoch();
    network.create_delegation("alice", 0);
    network.create_delegation("bob", 1_000);
    network.run_validators("alice", 1, 6);
    network.run_validators("bob", 2, 3);
    network.pass_epochs_until(2);
    network
}

#[test]
fn a_day_of_the_mint() {
    let mut network = network();
    assert_eq!(network.delegation().network().total.u128(), 1_000_000);
    network.pass_epoch(2);
    let last = network.delegation().network().last.unwrap();
    assert_eq!((last.captured, last.minted.u128()), (5, 100 * REWARD));
    for (name, delegation, earned) in [("alice", 1, 40 * REWARD), ("bob", 2, 60 * REWARD)] {
        let history = network.delegation().history(delegation, None, None, None);
        assert_eq!(history.epochs[0].reward.u128(), earned);
        network.claim_all_rewards(name);
        // A fraction of a unit waits for the next reward.
        assert_eq!(network.reward_balance(name), earned - 1, "{name}");
    }
    // One seat of alice's and two of bob's; nothing is left to claim by somebody else.
    network.pass_epoch_with(3, &[0, 7, 8]);
    assert_eq!(
        network.delegation().history(2, None, None, None).epochs[0].captured,
        2
    );
    network.claim_rewards_for("carol", "alice");
    assert_eq!(network.reward_balance("alice"), 60 * REWARD - 1);
    network.assert_delegation_invariants();
}

#[test]
fn weights_are_made_to_measure() {
    let mut network = Network::builder().build();
    for weight in [
        1,
        9_999,
        10_000,
        19_999,
        20_000,
        55_000,
        61_000,
        123_456_789,
    ] {
        let staker = format!("staker-{weight}");
        let staked = network.stake_weight(&staker, weight, None);
        let member = network.delegation().member(&staker);
        assert_eq!(member.quintessence_next.u128(), weight);
        assert_eq!(network.delegation().all_nfts(&staker).len(), staked.len());
    }
    network.assert_delegation_invariants();
    let refused = network
        .try_stake_weight("somebody", 10, Some(1))
        .unwrap_err();
    assert!(!refused.is::<Panicked>(), "{refused:#}");
}

#[test]
fn nfts_come_and_go() {
    let mut network = Network::builder()
        .delegation(|params| params.unbonding_period = 3_600)
        .build();
    let one = network.mint_nfts("dave", GOLD, &["gold-1", "other"]);
    let two = network.mint_nfts("dave", PLAIN, &["100", "101"]);
    network.send_nft("dave", GOLD, "gold-1", None);
    network.send_nft("dave", PLAIN, "101", None);
    assert!(network
        .try_stake_nfts("dave", PLAIN, &["100"], None)
        .is_err());
    network.approve_collection("dave", PLAIN);
    network.stake_nfts("dave", PLAIN, &["100"], None);
    network.revoke_collection("dave", PLAIN);
    let member = network.delegation().member("dave");
    assert_eq!(member.quintessence_next.u128(), 10_000 + 1 + 500);

    network.approve_nft("dave", GOLD, "other", "erin");
    network.transfer_nft(
        "erin",
        GOLD,
        "other",
        network.addresses().delegation.clone().as_str(),
    );
    assert_eq!(network.nft_owner(&one[1]), network.addresses().delegation);
    assert_eq!(network.delegation().nft(&one[1]), None);
    network.assert_delegation_invariants();
    network.return_stray(&one[1], "dave");
    network.approve_all_nfts("dave", GOLD, "erin");
    network.burn_nft("erin", GOLD, "other");

    network.next_epoch();
    network.unstake_nfts("dave", &two);
    assert!(network.try_withdraw_nfts("erin", &two).is_err());
    network.assert_delegation_invariants();
    network.next_epoch();
    network.advance_seconds(3_600);
    network.withdraw_nfts("erin", &two);
    assert_eq!(network.nft_owner(&two[0]), network.account("dave"));
    assert_eq!(
        network
            .delegation()
            .nft(&one[0])
            .unwrap()
            .quintessence
            .u128(),
        10_000
    );
    assert_eq!(network.delegation().all_nfts("dave").len(), 1);
    network.assert_delegation_invariants();
    assert!(network
        .try_send_nft_with("dave", PLAIN, "100", Binary::default())
        .is_err());
}

#[test]
fn members_join_and_leave() {
    let mut network = network();
    network.update_delegation("alice", None, Some(Joining::Approval), Some(100));
    network.request_approval("dave", 1);
    assert_eq!(
        network
            .delegation()
            .approvals(1, None, None)
            .approvals
            .len(),
        1
    );
    assert!(network.try_stake_weight("dave", 1_000, Some(1)).is_err());
    network.approve_members("alice", &["dave"], true);
    let nfts = network.stake_weight("dave", 1_000, Some(1));
    let more = network.stake_weight("dave", 5_000, None);
    network.move_nfts("dave", &more, Some(2));
    network.move_nfts("dave", &nfts, Some(2));
    network.assert_delegation_invariants();
    network.pass_epoch(2);
    assert_eq!(network.delegation().delegation(2).info.total.u128(), 67_000);
    assert_eq!(network.delegation().all_members(2).len(), 2);
    network.release_members("bob", &["dave"]);
    network.assert_delegation_invariants();

    network.transfer_delegation("alice", Some("erin"));
    network.stake_weight("erin", 10_000, Some(1));
    network.accept_delegation("erin", 1);
    network.set_commission("bob", 500);
    network.pass_epoch(3);
    let info = network.delegation().delegation(1).info;
    assert_eq!(info.owner, network.account("erin"));
    assert_eq!(info.standing, Standing::Active {});
    assert_eq!(
        network.delegation().delegation(2).info.commission,
        Bps::percent(5)
    );
    assert_eq!(network.delegation_of("erin"), 1);
    let metadata = Metadata {
        name: "Other".into(),
        url: String::new(),
        description: String::new(),
    };
    network.stake_weight("frank", 12_000, None);
    network.next_epoch();
    network.create_delegation_as("frank", metadata, 200, Joining::Closed, 0);
    assert_eq!(network.found_delegation("gina", 10_000, 0), 4);
    network.assert_delegation_invariants();
    assert_eq!(network.delegation().all_delegations().len(), 4);
}

#[test]
fn validators_find_a_delegation() {
    let mut network = network();
    assert!(network.try_accept_validators("alice", &[1]).is_err());
    network.register_validator("operator", "node-x");
    network.assign_validator("operator", 10, Some(2));
    network.accept_validators("bob", &[10]);
    assert_eq!(network.run_validators("operator", 2, 1), [11]);
    network.remove_validators("bob", &[7]);
    network.assign_validator("alice", 1, None);
    assert_eq!((network.seat_of(2), network.seat_of(11)), (1, 10));
    network.next_epoch();
    let seats = network.delegation().seats(3, None, None);
    assert_eq!(seats.seats[10].validator, Some(ValidatorId(11)));
    network.pass_epoch(2);
    network.pass_epoch(3);
    network.assert_delegation_invariants();
}

#[test]
fn a_capped_token_owes_its_mint() {
    let mut network = Network::builder().reward_cap(50 * REWARD).build();
    network.found_delegation("alice", 20_000, 0);
    network.run_validators("alice", 1, 1);
    network.pass_epochs_until(3);
    let owed = network.delegation().network().mint_owed;
    assert_eq!(owed.u128(), 1_000 * REWARD);
    assert!(network.try_claim_rewards("alice", None).is_err());
    assert!(network.try_retry_mint("anybody").is_err());
    network.assert_delegation_invariants();
    network.burn_reward(950 * REWARD);
    network.retry_mint("anybody");
    network.claim_rewards("alice", Some(&[1]));
    assert_eq!(network.reward_balance("alice"), 1_000 * REWARD);
    network.assert_delegation_invariants();
}

#[test]
fn injections_wait_for_who_earns_them() {
    let mut network = network();
    network.inject("giver", 300 * REWARD, 3);
    network.mint_reward("giver", 10);
    network.inject_as("giver", 10, 1, "giver", "again");
    let again = ReceiveMsg::Inject {
        over: 1,
        source: "giver".into(),
        reference: "again".into(),
    };
    network.mint_reward("giver", 10);
    assert!(network.try_send_delegation("giver", 10, &again).is_err());
    network.pass_epoch_silent(2);
    network.assert_delegation_invariants();
    network.report_all_eligible(3);
    assert!(matches!(
        network.delegation().evidence(3).step,
        EpochStep::Due { .. }
    ));
    network.advance(3);
    network.pass_epoch(4);
    network.settle_delegation("anybody", 1);
    network.settle_rewards("alice", None);
    network.settle_rewards_for("anybody", "bob", Some(&[2]));
    network.set_reward_payee("alice", Some("purse"));
    network.set_reward_policy("alice", true);
    assert!(network.try_claim_rewards_for("bob", "alice").is_err());
    let response = network.claim_rewards("alice", None);
    assert!(!network.reward_summary(&response).next);
    network.claim_rewards_to("bob", None, "purse");
    assert!(network.reward_balance("purse") > 200 * REWARD);
    assert_eq!(
        network.delegation().injections(None, None).deposits.len(),
        2
    );
    network.assert_delegation_invariants();
}

#[test]
fn accounts_are_linked_by_a_clients_key() {
    let mut network = Network::builder().build();
    let (key, other) = (client_key(1), client_key(2));
    network.link_client("alice", "client-1", &key);
    network.link_client("alice", "client-2", &other);
    let link = network.delegation().link("alice");
    assert_eq!(
        (link.links, link.link.unwrap().public_key),
        (2, public_key(&other))
    );
    let signature = network.link_signature("bob", "client-1", &key);
    let wrong =
        network.try_link_client_with("bob", "client-1", public_key(&other), signature.clone());
    assert!(wrong.is_err());
    network.link_client_with("bob", "client-1", public_key(&key), signature);
    network.unlink_client("alice");
    assert_eq!(network.delegation().link("alice").link, None);
}

#[test]
fn attesters_and_collections_are_of_the_tests_choice() {
    let mut network = Network::builder()
        .attesters(&["a", "b", "c"], 2)
        .delegation_attesters(&["d"], 1)
        .collections(|list| list.push(NftCollection::new("late", 7).unlisted()))
        .build();
    assert_eq!(network.delegation_attesters(), ["d"]);
    let fifth = network.deploy_collection("later");
    assert_eq!(fifth, WEIGHTS + 2);
    network.mint_nft("alice", fifth - 1, "1");
    assert!(network.try_send_nft("alice", fifth - 1, "1", None).is_err());
    let rules = |network: &Network, place| Collection {
        collection: network.collection(place).into_string(),
        weight: Uint128::new(7),
        classes: Vec::new(),
    };
    network.set_collection(&rules(&network, fifth - 1));
    network.set_collection(&rules(&network, fifth));
    network.cancel_collection(fifth);
    network.pass_epochs_until(8);
    network.send_nft("alice", fifth - 1, "1", None);
    assert!(!network.attesters().contains(&"d".to_owned()));
    network.assert_delegation_invariants();
}

#[test]
fn the_delegation_contract_is_governed() {
    let mut network = Network::builder().build();
    let mut params = network.delegation().params_at(0).params;
    assert_eq!(
        params.evidence,
        network.distributor().params_at(0).params.evidence
    );
    params.unbonding_period = 60;
    network.queue_delegation_params(&params);
    assert_eq!(network.delegation().queued_params().params, Some(params));
    network.cancel_delegation_params();
    network.pause_delegation("guardian", Activity::Staking, 60);
    assert!(network.try_stake_weight("alice", 1, None).is_err());
    network.resume_delegation("owner", Activity::Staking);
    network.set_delegation_role(Role::Guardian, None);
    network.on_delegation(
        "alice",
        &ExecuteMsg::SetClaimPolicy {
            self_claim_only: true,
        },
    );
    let action = cw_ownable::Action::TransferOwnership {
        new_owner: network.account("dao").into_string(),
        expiry: None,
    };
    network.update_delegation_ownership("owner", action);
    assert!(network.delegation().ownership().pending_owner.is_some());
    network.assert_invariants();
}

#[test]
fn every_query_of_delegation_answers() {
    let mut network = network();
    network.pass_epoch(2);
    network.claim_rewards("alice", None);
    let delegation = network.delegation();
    delegation.config();
    assert_eq!(delegation.epochs(None, Some(2)).epochs.len(), 2);
    assert_eq!(delegation.all_epochs().len(), 3);
    assert_eq!(delegation.delegations(Some(1), None).delegations.len(), 1);
    delegation.members(1, Some("alice"), Some(1));
    delegation.approvals(1, None, None);
    assert_eq!(delegation.member("alice").owns.unwrap().0, 1);
    let nfts = delegation.nfts("alice", None, Some(1)).nfts;
    delegation.nfts("alice", Some(nfts[0].nft.clone()), None);
    assert_eq!(delegation.collections().collections.len(), 3);
    let preview = delegation.preview_stake(GOLD, &["gold-7", "7"]).nfts;
    assert_eq!(
        preview[0].quintessence.u128(),
        10 * preview[1].quintessence.u128()
    );
    delegation.preview_join(1, 5_000, Some("carol"));
    delegation.preview_claim("bob", Some(&[2]));
    assert_eq!(
        delegation.validators(Some(2), None, None).validators.len(),
        3
    );
    delegation.history(1, Some("alice"), None, Some(1));
    assert_eq!(
        delegation.explain(1, "alice", 2).figures.mine.u128(),
        40 * REWARD - 1
    );
    assert_eq!(delegation.receipts("alice", None, None).receipts.len(), 1);
    delegation.attesters();
    delegation.due();
    delegation.paused();
    delegation.roles();
}

#[test]
fn missing_nfts_and_tokens_from_nowhere_are_found() {
    let mut network = Network::builder().build();
    let staked = network.stake_weight("alice", 10, None);
    network.assert_delegation_invariants();
    let (contract, thief) = (network.addresses().delegation.to_string(), "thief");
    network.transfer_nft(&contract, WEIGHTS, &staked[0].token_id, thief);
    let faults = network.check_delegation_invariants();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("is not held"), "{faults:?}");

    let token = network.addresses().reward_token.clone();
    let mint = cw20::Cw20ExecuteMsg::Mint {
        recipient: network.account(thief).into_string(),
        amount: Uint128::new(1),
    };
    network.execute(&contract, &token, &mint, &[]);
    assert_eq!(network.check_invariants().len(), 1);
    network.on_collection(
        thief,
        WEIGHTS,
        &Cw721::Burn {
            token_id: staked[0].token_id.clone(),
        },
    );
}
