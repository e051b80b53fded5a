//! Deposits, shares, the drip, the seed's figures.

use noderev_api::distributor::{Activity, ExecuteMsg, ReceiveMsg};
use noderev_economics::RemainderTo;
use noderev_testing::{Currency, Network, QST};
use noderev_tests::ext::{
    assert_changes_nothing, assert_refused, claimable, claimed, deploy, false_token, finish,
    refusal, refuser,
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

#[test]
fn d1_the_odd_unit_is_the_networks() {
    // ceil(60 %): 1 -> 1, 2 -> 2 (1.2), 3 -> 2 (1.8), 4 -> 3 (2.4), 5 -> 3, 99 -> 60 (59.4).
    let big = 1_000_000_000_000_000_001;
    let cases = [
        (1, 1),
        (2, 2),
        (3, 2),
        (4, 3),
        (5, 3),
        (99, 60),
        (big, 600_000_000_000_000_001),
    ];
    for (revenue, network) in cases {
        let mut net = self::network();
        net.deposit_revenue("customer", 0, revenue, 1);
        finish(&mut net, 0, &[]);
        let last = net.distributor().network().last.unwrap();
        assert_eq!(last.money[0].network.u128(), network);
        assert_eq!(last.money[0].treasury.u128(), revenue - network);
        assert_eq!(claimable(&net, "treasury", 0), revenue - network);
        net.assert_invariants();
    }
}

#[test]
fn d2_the_seeds_year() {
    // 50,000,000 a year of six decimals: 30,000,000 / 4,732 = 6,339.8 staked, 30 % of it unstaked.
    let mut net = Network::builder()
        .currencies(vec![Currency::native("uusdc", "USDC")])
        .build();
    for count in [1_000, 1_000, 1_000, 1_000] {
        net.issue(&[("many", count)]);
    }
    net.issue(&[("many", 730), ("staker", 1), ("saver", 1)]);
    net.mint_qst("staker", STAKE);
    net.mint_qst("pool", 4_731 * STAKE);
    net.stake_nodes("staker", &[4_731]);
    net.deposit_pool("pool", 4_731 * STAKE);
    finish(&mut net, 0, &[]);
    let year = 50_000_000_000_000;
    net.deposit_revenue("customer", 0, year, 1);
    finish(&mut net, 1, &[]);
    // p = floor(30,000,000,000,000 / 4,732) = 6,339,814,032; d = floor(30 %) = 1,901,944,209.
    assert_eq!(claimable(&net, "staker", 0), 6_339_814_032);
    assert_eq!(claimable(&net, "saver", 0), 1_901_944_209);
    // The pool is fully funded: all of 4,731 * (p - d).
    assert_eq!(
        claimable(&net, "pool", 0),
        4_731 * (6_339_814_032 - 1_901_944_209)
    );
    net.assert_invariants();
}

#[test]
fn d3_nobody_ran_so_the_drip_keeps_it_for_those_who_do() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 0, &[1, 2, 3]);
    let money = &net.distributor().network().last.unwrap().money[0];
    assert_eq!((money.pot.u128(), money.drip_out.u128()), (0, 3_000));
    assert_eq!(claimable(&net, "treasury", 0), 2_000);
    // Then ceil(3,000 / 30) = 100 with the next close, ceil(2,900 / 30) = 97 with the one after.
    finish(&mut net, 1, &[]);
    assert_eq!(
        net.distributor().network().last.unwrap().money[0]
            .drip_in
            .u128(),
        100
    );
    finish(&mut net, 2, &[]);
    assert_eq!(
        net.distributor().network().last.unwrap().money[0]
            .drip_in
            .u128(),
        97
    );
    net.assert_invariants();
}

#[test]
fn d4_all_staked_and_all_unstaked() {
    let mut net = network();
    net.stake_nodes("alice", &[1, 2]);
    net.stake_nodes("bob", &[3]);
    net.deposit_pool("carol", STAKE);
    net.deposit_revenue("customer", 0, 2 * 5_000, 2);
    finish(&mut net, 0, &[]);
    // Epoch 0: nobody staked yet, the pool empty: p = 1,000, d = 300, T = 2,100, r = 700.
    let money = &net.distributor().network().last.unwrap().money[0];
    let (p, d, r) = (
        money.per_node.u128(),
        money.unstaked.u128(),
        money.remainder.u128(),
    );
    assert_eq!((p, d, r, money.pool.u128()), (1_000, 300, 700, 0));
    // Epoch 1: U = 0: the tranche is 0 whatever is in the pool.
    finish(&mut net, 1, &[]);
    let money = &net.distributor().network().last.unwrap().money[0];
    assert_eq!((money.pool.u128(), money.remainder.u128()), (0, 0));
    assert_eq!(money.staked_rate.u128(), 1_000);
    assert_eq!(claimable(&net, "carol", 0), 0);
}

#[test]
fn d5_an_underfunded_pool_gets_its_ratio_and_the_operators_the_rest() {
    // Three unstaked of three: 600,003 for them: p = 200,001, d = 60,000, T = 3 * 140,001 = 420,003.
    let need = 3 * STAKE;
    let mut last = 0;
    for stake in [0, 1, need / 2, need - 1, need, need + 1, 10 * need] {
        let mut net = network();
        if stake > 0 {
            net.deposit_pool("carol", stake);
        }
        finish(&mut net, 0, &[]);
        net.deposit_revenue("customer", 0, 1_000_005, 1);
        finish(&mut net, 1, &[]);
        let money = net.distributor().network().last.unwrap().money[0].clone();
        assert_eq!(
            (money.per_node.u128(), money.unstaked.u128()),
            (200_001, 60_000)
        );
        // floor(420,003 * stake / need): 0, 0, 210,001, 420,002, all, all, all.
        let pool = 420_003 * stake.min(need) / need;
        let r = (420_003 - pool) / 3;
        assert_eq!((money.pool.u128(), money.remainder.u128()), (pool, r));
        assert_eq!(money.carry_out.u128(), 420_003 - pool - 3 * r);
        assert!(pool >= last, "more stake, less for it");
        // Her share's last unit may be a fraction still, which is kept.
        assert!(pool - claimable(&net, "carol", 0) <= 1);
        assert_eq!(claimable(&net, "bob", 0), 60_000 + r);
        last = pool;
        net.assert_invariants();
    }
}

#[test]
fn d5_the_rest_can_be_for_the_unstaked_only() {
    let mut net = Network::builder()
        .distributor(|it| it.remainder_to = RemainderTo::UnstakedRunning)
        .build();
    net.issue(&[("alice", 1), ("bob", 2)]);
    net.mint_qst("alice", STAKE);
    net.stake_nodes("alice", &[1]);
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 1, &[]);
    // p = 1,000; two unstaked cede 1,400; the pool is empty: 700 more for each of the two.
    assert_eq!(claimable(&net, "alice", 0), 1_000);
    assert_eq!(claimable(&net, "bob", 0), 2_000);
}

#[test]
fn d7_only_what_arrives_is_credited() {
    let mut net = network();
    let msg = |reference: &str| ExecuteMsg::DepositRevenue {
        over: 1,
        source: "s".into(),
        reference: reference.into(),
    };
    let distributor = net.addresses().distributor.clone();
    net.mint_native("customer", "uusdc", 100);
    net.mint_native("customer", "uatom", 100);
    let why = "send exactly one coin, no coins came";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_on_distributor("customer", &msg("a"))
    });
    let coin = |denom: &str| cosmwasm_std::coin(5, denom);
    let why = "native:uatom is not a currency of revenue";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_execute("customer", &distributor, &msg("a"), &[coin("uatom")])
    });
    let why = "send exactly one coin, 5uatom, 5uusdc came";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_execute(
            "customer",
            &distributor,
            &msg("a"),
            &[coin("uatom"), coin("uusdc")],
        )
    });
    let token = false_token(&mut net, "attacker");
    let hook = ReceiveMsg::DepositRevenue {
        over: 1,
        source: "s".into(),
        reference: "r".into(),
    };
    let why = format!("cw20:{token} is not a currency of revenue");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_send("attacker", &token, 5, &distributor, &hook)
    });
    net.execute("customer", &distributor, &msg("a"), &[coin("uusdc")]);
    assert_eq!(net.distributor().solvency().denoms[0].received.u128(), 5);
    let why = "the deposit from \"s\" with reference \"a\" was already made";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_execute("customer", &distributor, &msg("a"), &[coin("uusdc")])
    });
}

#[test]
fn d7_a_deposit_names_its_span() {
    let mut net = network();
    for over in [0, 367, u32::MAX] {
        let why = format!("revenue is spread over 1 to 366 epochs, not {over}");
        assert_refused(net.try_deposit_revenue("customer", 0, 100, over), &why);
    }
}

#[test]
fn d8_a_deposit_belongs_to_the_running_epoch_and_those_after() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 10, 1);
    net.to_epoch(1);
    // After the end of epoch 0, before its close: epoch 1's.
    net.deposit_revenue("customer", 0, 100, 3);
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 1_000, 1);
    let revenue = |net: &Network| net.distributor().network().last.unwrap().money[0].revenue;
    assert_eq!(revenue(&net).u128(), 10);
    // 100 over three epochs: 33, 33, 34.
    for (epoch, expected) in [(1, 33 + 1_000), (2, 33), (3, 34), (4, 0)] {
        finish(&mut net, epoch, &[]);
        assert_eq!(revenue(&net).u128(), expected);
    }
}

#[test]
fn d8_a_thousand_small_deposits_delay_nothing() {
    let mut net = network();
    for _ in 0..1_000 {
        net.deposit_revenue("attacker", 0, 1, 366);
    }
    finish(&mut net, 0, &[]);
    // One unit over 366 epochs is the last epoch's.
    assert_eq!(
        net.distributor().network().last.unwrap().money[0]
            .revenue
            .u128(),
        0
    );
    assert_eq!(
        net.distributor().solvency().denoms[0].received.u128(),
        1_000
    );
}

#[test]
fn d24_more_stake_than_the_scale_of_the_index_loses_nothing() {
    let mut net = network();
    let much = 100 * 10u128.pow(18);
    net.mint_qst("whale", much);
    net.deposit_pool("whale", much);
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 5 * 1_000, 5);
    for epoch in 1..=5 {
        finish(&mut net, epoch, &[]);
    }
    // 600 an epoch for three: p = 200, d = 60, T = 420, all the whale's. A step of the index is
    // 100 units for all together; what is less is carried to the next share, so no more than one
    // step is ever outstanding, however many epochs go by.
    let have = claimable(&net, "whale", 0);
    assert!((5 * 420 - 100..=5 * 420).contains(&have), "{have}");
    net.deposit_revenue("customer", 0, 100 * 1_000, 100);
    for epoch in 6..=105 {
        finish(&mut net, epoch, &[]);
    }
    let have = claimable(&net, "whale", 0);
    assert!((105 * 420 - 100..=105 * 420).contains(&have), "{have}");
}

#[test]
fn d25_parameters_change_for_epochs_to_come_only() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 10 * 1_000, 10);
    let mut params = net.distributor().params_at(0).params;
    params.network_share = noderev_tests::world::bps(10_000);
    net.on_distributor("owner", &ExecuteMsg::QueueParams { params });
    for epoch in 0..10 {
        finish(&mut net, epoch, &[]);
        let money = &net.distributor().network().last.unwrap().money[0];
        // Seven whole epochs of notice.
        let network = if epoch < 8 { 600 } else { 1_000 };
        assert_eq!(money.network.u128(), network, "epoch {epoch}");
    }
}

#[test]
fn d26_a_treasury_that_refuses_everything_stops_nothing() {
    let mut net = network();
    let treasury = deploy(&mut net, refuser(), "refuser");
    let role = noderev_api::distributor::Role::Treasury;
    let account = Some(treasury.to_string());
    net.on_distributor("owner", &ExecuteMsg::SetRole { role, account });
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.deposit_revenue("customer", 1, 5_000, 1);
    finish(&mut net, 0, &[]);
    assert_eq!(claimed(&mut net, "bob", 1), 1_000);
    net.claim_for("keeper", treasury.as_str());
    assert_eq!(net.balances(treasury.as_str()), [2_000, 2_000]);
}

#[test]
fn d27_every_bucket_pays_only_what_came_into_it() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("carol", STAKE);
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 1, &[]);
    let bucket = |net: &Network, name: &str| {
        noderev_tests::checks::bucket(&net.distributor().solvency().denoms[0], name)
    };
    // p = 1,000, d = 300, T = 1,400, pool half funded: 700, r = 233, carry 1.
    let before = ["nodes", "pool", "treasury", "carry"].map(|name| bucket(&net, name));
    assert_eq!(before, [1_000 + 600 + 3 * 233, 700, 2_000, 1]);
    net.claim_all("carol");
    let after = ["nodes", "pool", "treasury", "carry"].map(|name| bucket(&net, name));
    assert_eq!(after, [before[0], 0, 2_000, 1]);
}

#[test]
fn x13_a_pause_of_deposits_stops_nothing_else() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    let pause = ExecuteMsg::Pause {
        activity: Activity::Deposits,
        seconds: 14 * 86_400,
    };
    net.on_distributor("guardian", &pause);
    let until = net.now().seconds() + 14 * 86_400;
    let why = format!("deposits is paused until {until} (Unix seconds)");
    assert_refused(net.try_deposit_revenue("customer", 0, 5, 1), &why);
    finish(&mut net, 0, &[]);
    assert_eq!(claimed(&mut net, "bob", 0), 1_000);
    net.advance_to(until);
    net.deposit_revenue("customer", 0, 5, 1);
}

#[test]
fn x19_the_largest_amounts_are_refused_or_paid_but_never_wrap() {
    let mut net = network();
    net.mint_native("customer", "uusdc", u128::MAX);
    let denom = net.denom(0);
    net.deposit_revenue_as("customer", &denom, u128::MAX, 1, "s", "r");
    net.assert_invariants();
    net.mint_native("other", "ueur", 1);
    finish(&mut net, 0, &[]);
    net.assert_invariants();
    let total: u128 = ["alice", "bob", "treasury"]
        .map(|who| claimed(&mut net, who, 0))
        .into_iter()
        .sum();
    // All but what does not divide by three.
    assert!(u128::MAX - total < 6);
    net.assert_invariants();
}

#[test]
fn x21_donations_change_nobodys_claim() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.deposit_pool("carol", 1);
    let (qst, at) = (net.addresses().qst.clone(), net.addresses().clone());
    net.mint_qst("attacker", 3_000);
    for contract in [&at.registry, &at.vault, &at.distributor] {
        let msg = cw20::Cw20ExecuteMsg::Transfer {
            recipient: contract.to_string(),
            amount: 1_000u128.into(),
        };
        net.execute("attacker", &qst, &msg, &[]);
    }
    finish(&mut net, 0, &[]);
    assert_eq!(claimable(&net, "alice", 0), 2_000);
    assert_eq!(claimable(&net, "alice", 1), 0);
    assert_eq!(net.vault().solvency().denoms[0].surplus.u128(), 1_000);
    assert_eq!(net.registry().solvency().denoms[0].surplus.u128(), 1_000);
    assert_eq!(net.distributor().solvency().denoms[1].surplus.u128(), 1_000);
    let _ = refusal(net.try_compound("alice", None));
    net.assert_invariants();
}

#[test]
fn d27_a_forged_credit_reaches_no_other_bucket() {
    use noderev_components::{key, Account, Packed, Purse};
    let mut net = network();
    net.deposit_pool("carol", STAKE);
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 1, &[]);
    // A fault: the attacker's purse says that he earned one unit more with keys than all of them.
    let nodes = noderev_tests::checks::bucket(&net.distributor().solvency().denoms[0], "nodes");
    let attacker = net.account("attacker");
    let account = Account::of(net.app().api(), &attacker).unwrap();
    let distributor = net.addresses().distributor.clone();
    let mut storage = net.app_mut().contract_storage_mut(&distributor);
    let mut purse = Purse::default();
    purse.credit(0, 0, nodes + 1);
    // A purse is the first of the records that stand together under its account.
    let purse = purse.to_packed();
    let length = u8::try_from(purse.len()).unwrap();
    let record = [&[length], purse.as_slice()].concat();
    storage.set(&key(0xed, &[&account.key()]), &record);
    drop(storage);
    let why = format!(
        "accounting: bucket holds {nodes} of this currency, {} are asked of it",
        nodes + 1
    );
    assert_changes_nothing(&mut net, &why, |net| net.try_claim("attacker"));
    // The pool's stakers are not touched by it.
    assert!(claimed(&mut net, "carol", 0) > 0);
}
