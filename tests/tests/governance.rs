//! What the owner can do, and what he cannot.

use noderev_api::distributor::{self, Params};
use noderev_api::{registry, vault};
use noderev_components::{Denom, DenomInfo};
use noderev_economics::{Bps, RemainderTo};
use noderev_testing::{AppResponse, Network, QST};
use noderev_tests::ext::{assert_changes_nothing, assert_refused, attributes, claimed, finish};
use noderev_tests::world::bps;

const STAKE: u128 = 200_000 * QST;
const DAY: u64 = 86_400;

fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 2), ("bob", 1)]);
    for who in ["alice", "bob", "carol"] {
        net.mint_qst(who, 10 * STAKE);
    }
    net
}

#[test]
fn x12_the_distributors_parameters_stay_within_their_bounds() {
    let mut net = network();
    let good = net.distributor().params_at(0).params;
    type Change = fn(&mut Params);
    let cases: [(Change, &str); 13] = [
        (
            |it| it.network_share = bps(5_999),
            "network_share is 5999: must be 6000..=10000",
        ),
        (
            |it| it.network_share = Bps::ZERO,
            "network_share is 0: must be 6000..=10000",
        ),
        (
            |it| it.unstaked_share = bps(1_999),
            "unstaked_share is 1999: must be 2000..=4000",
        ),
        (
            |it| it.unstaked_share = bps(4_001),
            "unstaked_share is 4001: must be 2000..=4000",
        ),
        (
            |it| it.evidence.report_window = 0,
            "report_window is 0: must be 1..=604800",
        ),
        (
            |it| it.evidence.report_window = 604_801,
            "report_window is 604801: must be 1..=604800",
        ),
        (
            |it| it.appeal_window = 604_801,
            "appeal_window is 604801: must be 0..=604800",
        ),
        (
            |it| it.ruling_window = 0,
            "ruling_window is 0: must be 1..=2592000",
        ),
        (
            |it| it.ruling_window = 2_592_001,
            "ruling_window is 2592001: must be 1..=2592000",
        ),
        (
            |it| it.appeal_bond = 0u128.into(),
            "appeal_bond is 0: must be 1..=1000000000000000",
        ),
        (
            |it| it.appeal_bond = (10u128.pow(15) + 1).into(),
            "appeal_bond is 1000000000000001: must be 1..=1000000000000000",
        ),
        (
            |it| it.evidence.policy.uri = "x".repeat(257),
            "policy uri length is 257: must be 1..=256",
        ),
        (
            |it| it.evidence.policy.hash = vec![1; 31].into(),
            "policy hash length is 31: must be 32..=32",
        ),
    ];
    for (change, why) in cases {
        let mut params = good.clone();
        change(&mut params);
        let msg = distributor::ExecuteMsg::QueueParams { params };
        assert_changes_nothing(&mut net, why, |net| net.try_on_distributor("owner", &msg));
        let built = Network::builder().distributor(change).try_build();
        assert_eq!(built.err().unwrap().root_cause().to_string(), why);
    }
}

#[test]
fn x12_the_registrys_parameters_stay_within_their_bounds() {
    let mut net = network();
    let good = net.registry().params_at(0).params;
    type Change = fn(&mut registry::Params);
    let cases: [(Change, &str); 3] = [
        (
            |it| it.market_fee = bps(501),
            "market_fee is 501: must be 0..=500",
        ),
        (
            |it| it.split_notice = 365 * DAY + 1,
            "split_notice is 31536001: must be 0..=31536000",
        ),
        (
            |it| it.split_grace = 367,
            "split_grace is 367: must be 0..=366",
        ),
    ];
    for (change, why) in cases {
        let mut params = good.clone();
        change(&mut params);
        let msg = registry::ExecuteMsg::QueueParams { params };
        assert_changes_nothing(&mut net, why, |net| net.try_on_registry("owner", &msg));
        let built = Network::builder().registry(change).try_build();
        assert_eq!(built.err().unwrap().root_cause().to_string(), why);
    }
}

#[test]
fn x12_a_share_above_the_whole_does_not_even_parse() {
    let mut net = network();
    let at = net.addresses().distributor.clone();
    let mut params = serde_json::to_value(net.distributor().params_at(0).params).unwrap();
    params["network_share"] = 10_001.into();
    let msg = serde_json::json!({ "queue_params": { "params": params } });
    let why = noderev_tests::ext::refusal(net.try_execute("owner", &at, &msg, &[]));
    assert!(
        why.contains("10001 basis points is more than 10000"),
        "{why}"
    );
}

#[test]
fn x13_pauses_are_short_and_cannot_be_strung_together() {
    let mut net = network();
    let pause = |seconds| registry::ExecuteMsg::Pause {
        activity: registry::Activity::Market,
        seconds,
    };
    for seconds in [0, 14 * DAY + 1, u64::MAX] {
        let why = format!("a pause lasts 1..=1209600 s, {seconds} asked for");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_on_registry("guardian", &pause(seconds))
        });
    }
    let resume = registry::ExecuteMsg::Resume {
        activity: registry::Activity::Market,
    };
    assert_refused(
        net.try_on_registry("owner", &resume),
        "market is not paused",
    );
    net.on_registry("guardian", &pause(DAY));
    net.on_registry("owner", &resume);
    let from = net.now().seconds() + 7 * DAY;
    let why = format!("market cannot be paused again before {from} (Unix seconds)");
    assert_refused(net.try_on_registry("owner", &pause(DAY)), &why);
    net.advance_to(from);
    net.on_registry("owner", &pause(DAY));
}

#[test]
fn x14_a_hostile_owner_keeps_nobody_from_his_own() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("carol", 3 * STAKE);
    net.deposit_revenue("customer", 0, 2 * 5_000, 2);
    finish(&mut net, 0, &[]);
    // Pauses everything, takes all roles, queues the worst that the bounds allow.
    let owner = net.account("owner").into_string();
    let seconds = 14 * DAY;
    net.on_registry(
        "owner",
        &registry::ExecuteMsg::Pause {
            activity: registry::Activity::Market,
            seconds,
        },
    );
    net.on_vault(
        "owner",
        &vault::ExecuteMsg::Pause {
            activity: vault::Activity::Staking,
            seconds,
        },
    );
    let activity = distributor::Activity::Deposits;
    net.on_distributor(
        "owner",
        &distributor::ExecuteMsg::Pause { activity, seconds },
    );
    for role in [
        distributor::Role::Treasury,
        distributor::Role::Arbiter,
        distributor::Role::Guardian,
    ] {
        let account = Some(owner.clone());
        net.on_distributor("owner", &distributor::ExecuteMsg::SetRole { role, account });
    }
    let mut params = net.distributor().params_at(0).params;
    params.evidence.attesters = vec![owner];
    params.evidence.threshold = 1;
    params.unstaked_share = bps(2_000);
    net.on_distributor("owner", &distributor::ExecuteMsg::QueueParams { params });
    let params = vault::Params {
        unbonding_period: 90 * DAY,
        minimum_lock: 365 * DAY,
    };
    net.on_vault("owner", &vault::ExecuteMsg::QueueParams { params });
    // There is no message that reaches further: none takes an address of a token or a contract.
    net.unstake_nodes("alice", &[1]);
    net.unbond_pool("carol", 3 * STAKE);
    finish(&mut net, 1, &[]);
    net.to_epoch(17);
    net.withdraw_lots("alice", None);
    net.withdraw_lots("carol", None);
    assert_eq!(net.qst_balance("alice"), 10 * STAKE);
    assert_eq!(net.qst_balance("carol"), 10 * STAKE);
    // Epoch 0: three unstaked, no pool: 1,000 each. Epoch 1: p = 1,000, d = 300, pool all of 1,400.
    assert_eq!(claimed(&mut net, "alice", 0), 2_000 + 1_000 + 300);
    assert_eq!(claimed(&mut net, "bob", 0), 1_000 + 300);
    // All but a fraction of a unit, which is kept.
    assert!(1_400 - claimed(&mut net, "carol", 0) <= 1);
    net.assert_invariants();
}

#[test]
fn l1_without_an_owner_everybody_still_leaves() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("carol", STAKE);
    let at = net.addresses().clone();
    let renounce = serde_json::json!({ "update_ownership": "renounce_ownership" });
    for contract in [&at.registry, &at.vault, &at.distributor] {
        net.execute("owner", contract, &renounce, &[]);
    }
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 0, &[]);
    net.unstake_nodes("alice", &[1]);
    net.unbond_pool("carol", STAKE);
    net.to_epoch(20);
    net.withdraw_lots("alice", None);
    net.withdraw_lots("carol", None);
    assert_eq!(claimed(&mut net, "alice", 0), 2_000);
    assert_eq!(
        net.qst_balance("alice") + net.qst_balance("carol"),
        20 * STAKE
    );
}

#[test]
fn parameters_wait_seven_whole_epochs_and_can_be_dropped() {
    let mut net = network();
    let mut params = net.registry().params_at(0).params;
    params.market_fee = bps(500);
    net.on_registry(
        "owner",
        &registry::ExecuteMsg::QueueParams {
            params: params.clone(),
        },
    );
    let queued = net.registry().queued_params();
    assert_eq!(
        (queued.from.map(|it| it.0), queued.params),
        (Some(8), Some(params.clone()))
    );
    let why = "a change of parameters already takes effect at epoch 8: cancel it first";
    assert_refused(
        net.try_on_registry(
            "owner",
            &registry::ExecuteMsg::QueueParams {
                params: params.clone(),
            },
        ),
        why,
    );
    net.to_epoch(7);
    assert_eq!(net.registry().params_at(7).params.market_fee, bps(200));
    net.on_registry("owner", &registry::ExecuteMsg::CancelParams {});
    net.to_epoch(8);
    assert_eq!(net.registry().params_at(8).params.market_fee, bps(200));
    net.on_registry("owner", &registry::ExecuteMsg::QueueParams { params });
    net.to_epoch(16);
    assert_eq!(net.registry().params_at(16).params.market_fee, bps(500));
    assert_eq!(net.registry().params_at(15).params.market_fee, bps(200));
}

#[test]
fn what_is_queued_is_told_field_by_field() {
    let mut net = network();
    let told = |response: &AppResponse, fields: &[(&str, &str)]| {
        for (field, value) in fields {
            let found = attributes(response, "param_queued", field);
            assert_eq!(found, [*value], "{field}");
        }
    };
    let mut params = net.distributor().params_at(0).params;
    params.network_share = bps(7_000);
    params.remainder_to = RemainderTo::UnstakedRunning;
    params.appeal_bond = 5u128.into();
    let msg = distributor::ExecuteMsg::QueueParams { params };
    let response = net.on_distributor("owner", &msg);
    let fields = [
        ("network_share", "7000"),
        ("unstaked_share", "3000"),
        ("remainder_to", "unstaked_running"),
        ("appeal_bond", "5"),
        ("from_epoch", "8"),
    ];
    told(&response, &fields);
    let mut params = net.vault().params_at(0).params;
    (params.unbonding_period, params.minimum_lock) = (3 * DAY, DAY);
    let msg = vault::ExecuteMsg::QueueParams { params };
    let response = net.on_vault("owner", &msg);
    let fields = [("unbonding_period", "259200"), ("minimum_lock", "86400")];
    told(&response, &fields);
    let mut params = net.registry().params_at(0).params;
    params.market_fee = bps(500);
    let msg = registry::ExecuteMsg::QueueParams { params };
    let response = net.on_registry("owner", &msg);
    told(&response, &[("market_fee", "500")]);
    let mut params = net.delegation().params_at(0).params;
    params.slot_size = 30_000u128.into();
    let response = net.queue_delegation_params(&params);
    told(&response, &[("slot_size", "30000")]);
}

#[test]
fn x12_a_currency_is_described_within_bounds() {
    let mut net = network();
    let mut add = |denom: Denom, symbol: &str, decimals: u8, why: &str| {
        let symbol = symbol.to_string();
        let denom = DenomInfo {
            denom,
            symbol,
            decimals,
        };
        let msg = distributor::ExecuteMsg::AddDenom { denom };
        assert_changes_nothing(&mut net, why, |net| net.try_on_distributor("owner", &msg));
    };
    let native = |length: usize| Denom::Native("u".repeat(length));
    add(native(9), "SYM", 19, "decimals is 19: must be 0..=18");
    add(native(9), "", 6, "symbol length is 0: must be 1..=16");
    let long = "S".repeat(17);
    add(native(9), &long, 6, "symbol length is 17: must be 1..=16");
    let why = |length: usize| format!("denomination length is {length}: must be 3..=128");
    add(native(2), "SYM", 6, &why(2));
    add(native(129), "SYM", 6, &why(129));
}

#[test]
fn currencies_are_added_and_never_taken_away() {
    let mut net = network();
    let info = |n: usize| DenomInfo {
        denom: Denom::Native(format!("coin{n}")),
        symbol: format!("C{n}"),
        decimals: 6,
    };
    let add = |n: usize| distributor::ExecuteMsg::AddDenom { denom: info(n) };
    net.on_distributor("owner", &add(0));
    let why = "native:coin0 is a currency of revenue already";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_on_distributor("owner", &add(0))
    });
    for n in 1..6 {
        net.on_distributor("owner", &add(n));
    }
    let why = "9 currencies: must be 1..=8 different ones";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_on_distributor("owner", &add(6))
    });
    // Epochs from before it existed and after.
    finish(&mut net, 0, &[]);
    net.mint_native("customer", "coin5", 5_000);
    let denom = info(5).denom;
    net.deposit_revenue_as("customer", &denom, 5_000, 1, "s", "r");
    finish(&mut net, 1, &[]);
    net.claim_all("bob");
    assert_eq!(net.balance("bob", &denom), 1_000);
    net.assert_invariants();
}

#[test]
fn a_mandatory_role_cannot_be_left_empty() {
    let mut net = network();
    for (role, name) in [
        (distributor::Role::Treasury, "treasury"),
        (distributor::Role::Arbiter, "arbiter"),
    ] {
        let msg = distributor::ExecuteMsg::SetRole {
            role,
            account: None,
        };
        let why = format!("the {name} cannot be left empty");
        assert_changes_nothing(&mut net, &why, |net| net.try_on_distributor("owner", &msg));
    }
    let msg = distributor::ExecuteMsg::SetRole {
        role: distributor::Role::Guardian,
        account: None,
    };
    net.on_distributor("owner", &msg);
    let msg = registry::ExecuteMsg::SetRole {
        role: registry::Role::Treasury,
        account: None,
    };
    assert_refused(
        net.try_on_registry("owner", &msg),
        "the treasury cannot be left empty",
    );
}

#[test]
fn what_is_not_the_networks_belongs_to_whoever_is_treasury_when_it_is_claimed() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 0, &[]);
    let role = distributor::Role::Treasury;
    let account = Some(net.account("new treasury").into_string());
    net.on_distributor("owner", &distributor::ExecuteMsg::SetRole { role, account });
    assert_eq!(claimed(&mut net, "treasury", 0), 0);
    assert_eq!(claimed(&mut net, "new treasury", 0), 2_000);
}

#[test]
fn e3_windows_that_could_never_catch_up_are_refused() {
    let mut net = network();
    let mut params = net.distributor().params_at(0).params;
    params.evidence.report_window = DAY / 2;
    params.appeal_window = DAY / 2;
    let msg = distributor::ExecuteMsg::QueueParams { params };
    let why = "report_window 43200 s + appeal_window 43200 s must be shorter than an epoch of \
               86400 s, or closing could never catch up";
    assert_changes_nothing(&mut net, why, |net| net.try_on_distributor("owner", &msg));
    let refused = Network::builder()
        .distributor(|params| {
            params.evidence.report_window = DAY / 2;
            params.appeal_window = DAY / 2;
        })
        .try_build();
    assert!(format!("{:#}", refused.err().unwrap()).contains(why));
}

#[test]
fn m5_a_new_arbiter_rules_on_coming_epochs_only() {
    let mut net = network();
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 5_000, 1);
    let judge = net.account("judge").to_string();
    let msg = distributor::ExecuteMsg::SetRole {
        role: distributor::Role::Arbiter,
        account: Some(judge.clone()),
    };
    // A later choice replaces the one that waits.
    let other = distributor::ExecuteMsg::SetRole {
        role: distributor::Role::Arbiter,
        account: Some(net.account("carol").to_string()),
    };
    net.on_distributor("owner", &other);
    net.on_distributor("owner", &msg);
    let holder = |net: &Network| -> String {
        let roles = net.distributor().roles().roles;
        let arbiter = roles.iter().find(|role| role.role == "arbiter").unwrap();
        arbiter.accounts[0].to_string()
    };
    // Asked for in epoch 1: epochs 2 to 8 go by, epoch 9 is the first of his.
    assert_eq!(holder(&net), net.account("arbiter").to_string());
    for epoch in 1..9 {
        finish(&mut net, epoch, &[]);
    }
    assert_eq!(holder(&net), judge);
    net.start_epoch(10);
    net.report_all(9, &net.all_but(9, &[1]));
    net.appeal("alice", 9, &[1]);
    net.close_when_due(9);
    let rule = |epoch: u32| distributor::ExecuteMsg::Rule {
        epoch: noderev_components::Epoch(epoch),
        keys: vec![noderev_components::KeyId(1)],
        upheld: true,
    };
    let old = net.account("arbiter");
    let why = format!("only the arbiter may do this, {old} is not");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_on_distributor("arbiter", &rule(9))
    });
    let judge = net.account("judge");
    let why = format!("only the arbiter may do this, {judge} is not");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_on_distributor("judge", &rule(8))
    });
    net.on_distributor("judge", &rule(9));
    net.assert_invariants();
}

#[test]
fn m1_qst_added_as_a_currency_later_is_one_entry_of_solvency() {
    use noderev_testing::Currency;
    let mut net = Network::builder()
        .currencies(vec![Currency::native("uusdc", "USDC")])
        .build();
    net.issue(&[("alice", 2)]);
    net.mint_qst("alice", 10 * STAKE);
    finish(&mut net, 0, &[]);
    net.start_epoch(2);
    net.report_all(1, &net.all_but(1, &[1]));
    net.appeal("alice", 1, &[1]);
    let qst = net.qst();
    let denom = DenomInfo {
        denom: qst.clone(),
        symbol: "QST".into(),
        decimals: 6,
    };
    net.on_distributor("owner", &distributor::ExecuteMsg::AddDenom { denom });
    net.mint_qst("customer", 1_000);
    net.deposit_revenue_as("customer", &qst, 1_000, 1, "s", "r");
    net.close_when_due(1);
    net.rule(1, &[1], true);
    let solvency = net.distributor().solvency();
    let entries = solvency.denoms.iter().filter(|entry| entry.denom == qst);
    let entries: Vec<_> = entries.collect();
    assert_eq!(entries.len(), 1);
    // The bond and the revenue: to the unit what the contract holds.
    assert_eq!(entries[0].liabilities, entries[0].balance);
    assert_eq!(entries[0].surplus.u128(), 0);
    let bond = net.distributor().params_at(0).params.appeal_bond.u128();
    assert_eq!(entries[0].received.u128(), bond + 1_000);
    net.assert_invariants();
    // Bond and pay in QST come in one transfer.
    finish(&mut net, 2, &[]);
    let before = net.balance("alice", &qst);
    net.claim_all("alice");
    // 600 for two unstaked keys without a pool: all of it.
    assert_eq!(net.balance("alice", &qst) - before, bond + 600);
}
