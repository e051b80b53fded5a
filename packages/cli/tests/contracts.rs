//! The small sample through the real contracts, against its hand-computed figures and against the
//! naive account of `fixture`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failing test"
)]

mod fixture;

use std::path::Path;
use std::process::Command;

use cosmwasm_std::Uint256;
use indicatif::ProgressBar;
use noderev::explain::{key_reward, member_reward, pool_reward, MemberReason, Reason};
use noderev::input::{
    self, Asset, Delegations, Denomination, NftAction, RemainderTo, Revenue, Scenario, StakeAction,
};
use noderev::results::{Role, RunResult};
use noderev::run::{self, Finished, RunError};
use noderev::sample::{generate, Size};
use noderev_api::{delegation, distributor};
use noderev_components::{Amount, DenomInfo};
use noderev_testing::Network;

fn small() -> Scenario {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/small");
    Scenario::read(&dir).unwrap()
}

fn finish(scenario: &Scenario) -> Finished {
    match run::finish(scenario, &ProgressBar::hidden()) {
        Ok(finished) => finished,
        Err(error) => panic!("{error}"),
    }
}

/// What everybody earned, paid or owed.
fn earned(result: &RunResult) -> Vec<(&str, Role, usize, u128)> {
    let rows = result.accruals.iter();
    rows.map(|row| (row.account.as_str(), row.role, row.denom, row.earned))
        .collect()
}

fn assert_as_naive(real: &RunResult, naive: &RunResult) {
    for (mine, theirs) in naive.epochs.iter().zip(&real.epochs) {
        assert_eq!(mine, theirs, "epoch {}", mine.epoch);
    }
    assert_eq!(real.epochs.len(), naive.epochs.len());
    assert_eq!(earned(real), earned(naive));
    assert_eq!(real.keys, naive.keys);
    for (real, naive) in real.books.iter().zip(&naive.books) {
        assert_eq!(real.received, naive.received);
        assert_eq!(real.undistributed, naive.undistributed);
        assert_eq!((real.carried, real.drip), (naive.carried, naive.drip));
        assert!(real.adds_up() && real.is_covered());
    }
    assert_delegations_as_naive(real, naive);
}

fn assert_delegations_as_naive(real: &RunResult, naive: &RunResult) {
    assert_eq!(real.delegations.is_some(), naive.delegations.is_some());
    for (real, naive) in real.delegations.iter().zip(&naive.delegations) {
        for (mine, theirs) in naive.epochs.iter().zip(&real.epochs) {
            assert_eq!(mine, theirs, "epoch {}", mine.epoch);
        }
        for (mine, theirs) in naive.shares.iter().zip(&real.shares) {
            assert_eq!(mine, theirs);
        }
        assert_eq!(real.epochs.len(), naive.epochs.len());
        assert_eq!(real.shares.len(), naive.shares.len());
        assert_eq!(real.ids, naive.ids);
        assert_eq!(real.members, naive.members);
        assert_eq!(real.books, naive.books);
    }
}

#[test]
fn the_contracts_pay_what_the_readme_works_out() {
    let Finished { result, .. } = finish(&small());
    let pots: Vec<u128> = result.epochs.iter().map(|row| row.money[0].pot).collect();
    assert_eq!(
        pots,
        [
            1_200_000_000,
            1_200_000_000,
            1_200_000_000,
            1_200_000_000,
            1_200_000_000,
            1_720_000_000,
            1_718_666_673,
            1_717_377_788,
            1_716_131_867,
            1_714_927_476,
        ]
    );
    let usdc = result.earnings(0, &[Role::Node, Role::Pool]);
    assert_eq!(
        usdc,
        [
            ("alice", 3_761_183_458),
            ("frank", 3_379_507_086),
            ("bob", 2_460_445_309),
            ("grace", 1_539_644_696),
            ("carol", 887_358_046),
            ("dave", 794_170_077),
            ("erin", 564_795_077),
        ]
    );
    let members: Vec<(&str, u128)> = result.earnings(2, &[Role::Member]);
    assert_eq!(
        members,
        [
            ("ida", 392_288_735),
            ("hugo", 321_028_680),
            ("jon", 215_866_009),
            ("mia", 120_162_658),
            ("kim", 71_955_336),
            ("lea", 31_866_686),
        ]
    );
    let owners: Vec<(&str, u128)> = result.earnings(2, &[Role::Commission]);
    assert_eq!(owners, [("ida", 20_646_775), ("kim", 802_328)]);
    let books = result.books[0];
    assert_eq!((books.carried, books.drip), (5, 1_012_896_246));
    assert_eq!(books.paid, 24_000_000_000 - 5 - 1_012_896_246 - books.owed);
    assert!(result.accruals.iter().all(|row| row.owed == 0));
}

#[test]
fn the_contracts_pay_what_the_naive_account_says() {
    assert_as_naive(&finish(&small()).result, &fixture::run(&small()));
}

#[test]
fn a_made_up_network_is_paid_as_the_naive_account_says() {
    let scenario = generate(7, Size::SMALL);
    assert_as_naive(&finish(&scenario).result, &fixture::run(&scenario));
}

#[test]
fn the_remainder_may_go_to_the_unstaked_only() {
    let mut scenario = small();
    scenario.network.params.remainder_to = RemainderTo::UnstakedRunning;
    assert_as_naive(&finish(&scenario).result, &fixture::run(&scenario));
}

#[test]
fn another_token_is_deployed_and_paid() {
    let mut scenario = small();
    scenario.network.denominations.push(Denomination {
        name: "EURX".into(),
        asset: Asset::Cw20("eurx".into()),
        decimals: 18,
    });
    scenario.network.params.network_share_bps = 10_000;
    scenario.revenue.push(Revenue {
        epoch: 9,
        denom: 2,
        amount: 10_u128.pow(20) + 7,
        source: "aurora-bank".into(),
        reference: "inv-002".into(),
        over: 1,
    });
    assert_as_naive(&finish(&scenario).result, &fixture::run(&scenario));
}

#[test]
fn short_epochs_with_short_windows() {
    let mut scenario = small();
    scenario.network.epoch_length = 600;
    scenario.network.params.report_window_s = 100;
    scenario.network.params.appeal_window_s = 200;
    scenario.network.params.unbonding_period_s = 3_600;
    let (real, naive) = (finish(&scenario).result, fixture::run(&scenario));
    assert_eq!(real.epochs, naive.epochs);
    assert_eq!(earned(&real), earned(&naive));
}

#[test]
fn a_run_twice_gives_the_same() {
    let scenario = generate(3, Size::SMALL);
    let untimed = |mut result: RunResult| {
        result.phases.clear();
        result.peak_memory = None;
        serde_json::to_string(&result).unwrap()
    };
    let (first, second) = (finish(&scenario).result, finish(&scenario).result);
    assert_eq!(untimed(first), untimed(second));
}

#[test]
fn every_explanation_is_the_contracts_own() {
    let Finished { result, network } = finish(&small());
    for row in &result.epochs {
        for key in 1..=row.issued {
            let epoch = u32::try_from(row.epoch).unwrap();
            let mine = key_reward(&result, key, row.epoch).unwrap();
            let theirs = network.distributor().explain(key, epoch);
            let owner = mine.owner.as_deref().map(|owner| network.account(owner));
            assert_eq!(owner, theirs.owner, "key {key}, epoch {epoch}");
            assert_eq!(wire_reason(mine.reason), theirs.reason);
            assert_eq!(mine.amounts, texts(&network, &theirs.amounts));
            let pot = theirs.figures.unwrap().money[0].pot.u128();
            assert_eq!(if row.quorum { row.money[0].pot } else { 0 }, pot);
        }
    }
}

#[test]
fn every_pool_reward_is_the_contracts_own() {
    let Finished { result, network } = finish(&small());
    for account in ["frank", "grace"] {
        let history = network
            .distributor()
            .pool_history(Some(account), None, None);
        assert_eq!(history.epochs.len(), result.epochs.len());
        for theirs in history.epochs {
            let epoch = theirs.epoch.0.into();
            let mine = pool_reward(&result, account, epoch).unwrap();
            assert_eq!(mine.stake, theirs.my_stake.to_string(), "epoch {epoch}");
            assert_eq!(mine.amounts, texts(&network, &theirs.mine), "epoch {epoch}");
        }
    }
}

#[test]
fn every_member_reward_is_the_contracts_own() {
    let Finished { result, network } = finish(&small());
    let all = result.delegations.as_ref().unwrap();
    for row in &all.members {
        for share in &result.epochs {
            let epoch = u32::try_from(share.epoch).unwrap();
            let mine = member_reward(&result, row.delegation, &row.account, share.epoch).unwrap();
            let theirs = network
                .delegation()
                .explain(row.delegation, &row.account, epoch);
            let what = format!("{} in {}, epoch {epoch}", row.account, row.delegation);
            let figures = theirs.figures;
            assert_eq!(wire_member_reason(mine.reason), figures.reason, "{what}");
            let owner = mine.owner.as_deref().map(|owner| network.account(owner));
            assert_eq!(owner, figures.owner, "{what}");
            assert_eq!(mine.reward, figures.reward.to_string(), "{what}");
            assert_eq!(mine.quintessence, figures.member.to_string(), "{what}");
            assert_eq!(mine.amount, figures.mine.to_string(), "{what}");
            let commission = theirs.commission_exact / Uint256::from(10_u128.pow(18));
            assert_eq!(mine.commission, commission.to_string(), "{what}");
        }
    }
}

#[test]
fn staked_nfts_and_quintessence_are_right_at_the_end() {
    let Finished { network, .. } = finish(&generate(7, Size::SMALL));
    network.assert_delegation_invariants();
}

#[test]
fn a_network_without_delegations_is_as_before() {
    let mut scenario = small();
    scenario.network.delegation = None;
    scenario.delegations = Delegations::default();
    let Finished { result, .. } = finish(&scenario);
    assert_eq!(result.delegations, None);
    assert_as_naive(&result, &fixture::run(&scenario));
}

#[test]
fn a_token_of_eighteen_decimals_is_minted() {
    let mut scenario = small();
    let rules = scenario.network.delegation.as_mut().unwrap();
    (rules.token, rules.decimals) = ("BIG-OURO".into(), 18);
    rules.schedule[0].amount = 10_u128.pow(21) + 7;
    scenario.delegations.injections[0].amount = 3 * 10_u128.pow(20) + 1;
    let Finished { result, network } = finish(&scenario);
    assert_eq!(network.delegation().config().token_decimals, 18);
    let all = result.delegations.unwrap();
    assert_eq!(all.epochs[2].per_slot, 20 * 10_u128.pow(18));
    assert!(all.books.adds_up() && all.books.is_covered());
}

#[test]
fn nfts_that_wait_return_later() {
    let mut scenario = small();
    let rules = scenario.network.delegation.as_mut().unwrap();
    rules.unbonding_period_s = 200_000;
    assert_as_naive(&finish(&scenario).result, &fixture::run(&scenario));
}

#[test]
fn a_refused_action_of_a_delegation_ends_the_run_with_its_epoch() {
    let mut scenario = small();
    let hugo = &mut scenario.delegations.moves[0];
    let NftAction::Stake { tokens, .. } = &mut hugo.action else {
        panic!("{hugo:?}");
    };
    // 9,000 are too few for a delegation.
    tokens.ids = (201..210).map(|id| id.to_string()).collect();
    let error = run::run(&scenario, &ProgressBar::hidden()).unwrap_err();
    let RunError::Refused { epoch, what, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(
        (*epoch, what.as_str()),
        (1, "creation of delegation 1 by hugo")
    );
}

#[test]
fn a_refused_action_ends_the_run_with_its_epoch() {
    let mut scenario = small();
    let stake = scenario
        .stakes
        .iter_mut()
        .find(|row| row.account == "bob")
        .unwrap();
    stake.action = StakeAction::StakeNode {
        key: 1,
        amount: 200_000_000_000,
    };
    let error = run::run(&scenario, &ProgressBar::hidden()).unwrap_err();
    let RunError::Refused { epoch, what, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!((*epoch, what.as_str()), (0, "stake of bob on key 1"));
}

#[test]
fn the_program_runs_and_explains_and_a_refusal_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (input, out) = (dir.path().join("in"), dir.path().join("out"));
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let noderev = |arguments: &[&str]| {
        let program = Command::new(env!("CARGO_BIN_EXE_noderev"))
            .args(arguments)
            .output();
        program.unwrap()
    };

    let mut scenario = small();
    scenario.stakes[0].account = "bob".into();
    input::write(&scenario, &input).unwrap();
    let refused = noderev(&["simulate", "--input", &text(&input), "--out", &text(&out)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr)
        .unwrap()
        .contains("epoch 0: stake of bob on key 1"));
    assert!(!out.exists());

    input::write(&small(), &input).unwrap();
    let done = noderev(&["simulate", "--input", &text(&input), "--out", &text(&out)]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    for file in [
        "report.html",
        "epochs.csv",
        "payouts.csv",
        "receipts.csv",
        "keys.csv",
        "accounts.csv",
        "mint.csv",
        "delegations.csv",
        "delegation_epochs.csv",
        "members.csv",
        "results.json",
    ] {
        assert!(out.join(file).exists(), "{file}");
    }
    let why = noderev(&[
        "explain",
        "--out",
        &text(&out),
        "--key",
        "3",
        "--epoch",
        "1",
    ]);
    let why = String::from_utf8(why.stdout).unwrap();
    assert!(
        why.contains("USDC: 43125000 = d 30000000 + r 13125000"),
        "{why}"
    );
    let why = noderev(&[
        "explain",
        "--out",
        &text(&out),
        "--pool",
        "frank",
        "--epoch",
        "1",
    ]);
    let why = String::from_utf8(why.stdout).unwrap();
    // 472.5 USDC for 1,350,000 QST, of which 900,000 are frank's: 315.
    assert!(why.contains("USDC: 315000000"), "{why}");
    let why = noderev(&[
        "explain",
        "--out",
        &text(&out),
        "--delegation",
        "3",
        "--member",
        "kim",
        "--epoch",
        "9",
    ]);
    let why = String::from_utf8(why.stdout).unwrap();
    for line in [
        "Delegation 3 in epoch 9: 2 eligible validators captured 2 of its 2 slots.",
        "It belonged to kim, who kept 200 basis points.",
        "OURO: pool 1002910622 = mint 1000000000 + injected 0 + carried 0 + drip 2910622.",
        "A slot earned pool * 20000 / 1000000 Quintessence of everybody = 20058212, rounded down.",
        "The delegation earned 2 * 20058212 = 40116424.",
        "kim had 10000 of its 40000 Quintessence.",
        "OURO: 9828523, about 40116424 * 9800 / 10000 * 10000 / 40000; rounded down, what is left \
         joins later rewards",
        "OURO by commission: 802328",
    ] {
        assert!(why.lines().any(|found| found == line), "{line}\n{why}");
    }
    for wrong in [["--key", "13"], ["--pool", "alice"]] {
        let why = noderev(&[
            "explain",
            "--out",
            &text(&out),
            wrong[0],
            wrong[1],
            "--epoch",
            "1",
        ]);
        assert_eq!(why.status.code(), Some(1));
    }
}

fn wire_reason(reason: Reason) -> distributor::Reason {
    match reason {
        Reason::NotIssued => distributor::Reason::NotIssued,
        Reason::NoQuorum => distributor::Reason::NoQuorum,
        Reason::NotRunning => distributor::Reason::NotRunning,
        Reason::Staked => distributor::Reason::Staked,
        Reason::Unstaked => distributor::Reason::Unstaked,
    }
}

fn wire_member_reason(reason: MemberReason) -> delegation::Reason {
    match reason {
        MemberReason::NotCreated => delegation::Reason::NotCreated,
        MemberReason::NoQuorum => delegation::Reason::NoQuorum,
        MemberReason::Dormant => delegation::Reason::Dormant,
        MemberReason::NoSlots => delegation::Reason::NoSlots,
        MemberReason::NoValidators => delegation::Reason::NoValidators,
        MemberReason::Captured => delegation::Reason::Captured,
    }
}

/// Amounts per denomination as text; a contract leaves out what is zero.
fn texts(network: &Network, amounts: &[Amount]) -> Vec<String> {
    let amount = |info: &DenomInfo| {
        let found = amounts.iter().find(|amount| amount.denom == info.denom);
        found.map_or("0".to_owned(), |amount| amount.amount.to_string())
    };
    network.denoms().iter().map(amount).collect()
}
