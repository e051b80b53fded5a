use cosmwasm_std::{
    Addr, Binary, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdResult, Uint128,
};
use cw_multi_test::{Contract, ContractWrapper, Executor};
use noderev_api::common::{BucketAmount, DenomSolvency, EpochStep};
use noderev_api::distributor::{DisputeOutcome, ExecuteMsg, Reason};
use noderev_components::{Denom, Epoch};

use crate::invariants::faults_of;
use crate::{Act, Currency, Network, Panicked, QST};

mod delegation;

/// Ten keys of three owners; alice has staked key 1, carol is in the pool.
fn network() -> Network {
    let mut network = Network::builder()
        .registry(|params| params.split_notice = 0)
        .build();
    network.issue(&[("alice", 4), ("bob", 6)]);
    for name in ["alice", "bob", "carol"] {
        network.mint_qst(name, 1_000_000 * QST);
    }
    network.stake_nodes("alice", &[1]);
    network.deposit_pool("carol", 900_000 * QST);
    network.deposit_revenue("customer", 0, 100_000_000, 10);
    network.deposit_revenue("customer", 1, 50_000_000, 10);
    network
}

#[test]
fn a_day_in_the_life_of_a_network() {
    let mut network = Network::builder()
        .currencies(vec![Currency::native("uusdc", "USDC"), Currency::qst()])
        .build();
    network.issue(&[("alice", 2), ("bob", 1)]);
    network.mint_qst("alice", 200_000 * QST);
    network.stake_nodes("alice", &[1]);
    network.deposit_revenue("customer", 0, 10_000, 1);
    network.finish_epoch(0, &network.all_ran(0));
    network.claim_all("alice");
    network.assert_invariants();
    // 6,000 for three nodes: none is staked yet, the pool is empty, everything goes back to them.
    assert_eq!(network.balances("alice"), [4_000, 0]);
    let refused = network.try_claim_keys("bob", Some(&[99])).unwrap_err();
    assert!(!refused.is::<Panicked>(), "{refused:#}");
}

#[test]
fn keys_are_sold_and_stakes_come_back() {
    let mut network = network();
    network.seal_issuance();
    network.next_epoch();
    network.list("alice", 1, 300_000 * QST, true);
    network.buy("bob", 1);
    network.list_for("bob", 5, 1_000 * QST, false, Some("carol"));
    network.delist("bob", 5);
    network.transfer("bob", "carol", 6);
    network.unstake_nodes("bob", &[1]);
    network.unbond_pool("carol", 100 * QST);
    network.unbond_pool("carol", 200 * QST);
    network.cancel_lot("carol", 3);
    network.claim_fees("anybody");
    network.advance_seconds(20 * 86_400);
    let before = network.qst_balance("bob");
    network.withdraw_lots("bob", None);
    network.withdraw_lots("carol", Some(&[2]));
    network.assert_invariants();
    assert_eq!(network.qst_balance("bob") - before, 200_000 * QST);
    assert_eq!(network.qst_balance("treasury"), 6_000 * QST);
    assert_eq!(network.registry().key(1).owner, network.account("bob"));
}

#[test]
fn approvals_and_operators_move_keys() {
    let mut network = network();
    network.approve("alice", "dave", 2);
    assert_eq!(network.registry().approvals(2).approvals.len(), 1);
    network.revoke("alice", "dave", 2);
    network.approve_all("alice", "dave");
    network.transfer("dave", "erin", 3);
    network.revoke_all("alice", "dave");
    assert!(network.try_transfer("dave", "erin", 4).is_err());
    network.set_operator("alice", 2, Some("dave"));
    let operator = network.registry().key(2).operator;
    assert_eq!(operator, Some(network.account("dave")));
    let tokens = network.registry().tokens("erin", None, None);
    assert_eq!(tokens.tokens, ["3"]);
}

#[test]
fn a_split_takes_effect_at_the_boundary() {
    let mut network = network();
    network.split(2);
    assert!(network.try_cancel_split().is_err());
    network.next_epoch();
    assert_eq!(network.registry().supply(None).issued, 20);
    network.announce("anybody", &[11, 12]);
    network.stake_nodes("alice", &[12]);
    network.finish_epoch(0, &network.all_ran(0));
    network.start_epoch(2);
    // Reports cover the parents only.
    assert_eq!(network.distributor().evidence(1).bits, 10);
    network.finish_epoch(1, &network.all_ran(1));
    network.claim_all("alice");
    network.assert_invariants();
}

#[test]
fn disputes_are_ruled_or_end_by_themselves() {
    let mut network = network();
    let down = network.all_but(0, &[2, 7]);
    network.report_all(0, &down);
    let before = network.qst_balance("alice");
    network.appeal("alice", 0, &[2]);
    network.appeal("bob", 0, &[7]);
    network.challenge("carol", 0, &[1]);
    network.close_when_due(0);
    assert_eq!(
        network.distributor().disputes(0, None, None).disputes.len(),
        3
    );
    network.rule(0, &[2], true);
    network.advance_seconds(4 * 86_400);
    network.resolve("anybody", 0, &[7, 1]);
    let outcomes: Vec<DisputeOutcome> = network
        .distributor()
        .disputes(0, None, None)
        .disputes
        .iter()
        .map(|dispute| dispute.outcome)
        .collect();
    assert_eq!(
        outcomes,
        [
            DisputeOutcome::NoRuling,
            DisputeOutcome::Upheld,
            DisputeOutcome::NoRuling
        ]
    );
    for name in ["alice", "bob", "carol", "treasury"] {
        network.claim_all(name);
    }
    network.assert_invariants();
    assert!(network.qst_balance("alice") >= before);
}

#[test]
fn claims_go_where_the_owner_wants() {
    let mut network = network();
    network.finish_epoch(0, &network.all_ran(0));
    network.set_payee("alice", Some("vault-of-alice"));
    network.set_claim_policy("alice", true);
    assert!(network.try_claim_for("bob", "alice").is_err());
    network.settle_for("bob", "alice", None);
    assert_eq!(network.balances("alice")[0], 0);
    network.claim("alice");
    // 6,000,000 for ten nodes, 600,000 each: alice has four.
    assert_eq!(network.balances("vault-of-alice")[0], 2_400_000);
    network.settle("bob", Some(&[5]));
    network.claim_for("alice", "bob");
    network.finish_epoch(1, &network.all_ran(1));
    network.compound("carol", None);
    let pool = network.vault().position("carol");
    assert!(pool.pool_next > pool.pool_counted);
    network.assert_invariants();
}

#[test]
fn totals_are_rolled_when_a_block_of_epochs_is_closed() {
    let mut network = network();
    assert!(network.try_roll("anybody").is_err());
    for epoch in 0..32 {
        network.finish_epoch(epoch, &network.all_but(epoch, &[epoch % 10 + 1]));
    }
    network.roll("anybody");
    for name in ["alice", "bob", "carol", "treasury"] {
        network.claim_all(name);
    }
    network.assert_invariants();
}

#[test]
fn every_query_answers() {
    let mut network = network();
    network.finish_epoch(0, &network.all_ran(0));
    network.claim("alice");
    network.list("bob", 5, 1_000 * QST, false);

    let registry = network.registry();
    registry.owner_of(1);
    registry.approvals(1);
    registry.operator_of_nobody();
    registry.all_operators("alice");
    assert_eq!(registry.num_tokens().count, 10);
    registry.contract_info();
    registry.collection_info();
    registry.cw721_config();
    registry.all_info();
    registry.collection_attributes();
    assert_eq!(registry.withdraw_address(), None);
    registry.additional_minters();
    registry.minter_ownership();
    registry.creator_ownership();
    registry.minter();
    registry.nft_info(1);
    registry.all_nft_info(1);
    registry.all_tokens(Some(3), Some(2));
    registry.config();
    assert_eq!(registry.bound_key(vec![2; 33].into()), None);
    registry.owners_at(&[1, 99], 0);
    registry.former_keys("alice", None, None);
    assert_eq!(registry.listings(None, None, None, None).listings.len(), 1);
    registry.preview_buy(5, "carol");
    registry.preview_split(2);
    registry.due();
    registry.params_at(0);
    registry.queued_params();
    registry.paused();
    registry.roles();
    registry.ownership();

    let vault = network.vault();
    vault.config();
    vault.position_page("alice", None, None, Some(1));
    vault.node_stakes(&[1, 2]);
    vault.pool(None);
    vault.pool_stake_at("carol", 1);
    assert_eq!(vault.staked_nodes(1).staked, 1);
    vault.due();
    vault.params_at(0);
    vault.queued_params();
    vault.paused();
    vault.roles();
    vault.ownership();

    let distributor = network.distributor();
    distributor.config();
    assert_eq!(distributor.network().next_close, Epoch(1));
    distributor.epochs(None, None);
    distributor.account("alice");
    distributor.account_page("alice", None, Some(1));
    distributor.preview_claim("bob", None);
    distributor.keys(&[1, 2]);
    distributor.keys_of("alice", None, None);
    distributor.key_history(1, None, None);
    distributor.pool_history(Some("carol"), None, None);
    distributor.account_history("alice", None, None, None);
    assert_eq!(distributor.receipts("alice", None, None).receipts.len(), 1);
    assert_eq!(distributor.explain(1, 0).reason, Reason::Unstaked);
    distributor.simulate(1_000, 10, 5, 0, 0);
    distributor.attesters();
    assert_eq!(distributor.evidence(0).step, EpochStep::Closed {});
    distributor.deposits(None, None);
    distributor.due();
    distributor.params_at(0);
    distributor.queued_params();
    distributor.paused();
    distributor.roles();
    distributor.ownership();
}

impl crate::RegistryView<'_> {
    /// An approval that was never given answers an error or an empty answer, not a panic.
    fn operator_of_nobody(&self) {
        let query = noderev_api::registry::QueryMsg::Approval {
            token_id: "1".into(),
            spender: "nobody".into(),
            include_expired: None,
        };
        let answer: StdResult<cw721::msg::ApprovalResponse> = self.try_query(&query);
        let error = answer.unwrap_err().to_string();
        assert!(!error.contains("finding"), "{error}");
    }
}

/// A contract that panics whatever it is asked.
fn rotten() -> Box<dyn Contract<Empty>> {
    fn instantiate(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
        Ok(Response::new())
    }
    fn execute(deps: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
        deps.storage.set(b"trace", b"1");
        panic!("rotten");
    }
    fn query(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
        panic!("rotten");
    }
    Box::new(ContractWrapper::new(execute, instantiate, query))
}

#[test]
fn a_panic_inside_a_contract_is_a_finding_and_leaves_nothing() {
    let mut network = network();
    let code = network.app_mut().store_code(rotten());
    let (owner, nothing) = (network.account("owner"), Empty {});
    let app = network.app_mut();
    let rotten = app.instantiate_contract(code, owner, &nothing, &[], "rotten", None);
    let rotten = rotten.unwrap();
    let error = network
        .try_execute("bob", &rotten, &nothing, &[])
        .unwrap_err();
    assert_eq!(
        error.downcast::<Panicked>().unwrap(),
        Panicked("rotten".into())
    );
    let answer: StdResult<Empty> = network.try_query(&rotten, &nothing);
    assert!(answer.unwrap_err().to_string().contains("finding"));
    let kept = network.app().wrap().query_wasm_raw(&rotten, b"trace");
    assert_eq!(kept.unwrap(), None);
    network.transfer("bob", "alice", 5);
}

#[test]
fn a_claims_data_is_its_summary() {
    let mut network = network();
    network.finish_epoch(0, &network.all_ran(0));
    let response = network.claim("bob");
    let summary = network.summary(&response);
    assert_eq!((summary.settled, summary.next), (6, false));
    let contract = network.addresses().distributor.clone();
    let claim = ExecuteMsg::Roll {};
    assert!(network.try_execute("bob", &contract, &claim, &[]).is_err());
}

#[test]
fn every_fault_in_the_books_is_named() {
    let books = |received: u128, paid: u128, bucket: u128, balance: u128| DenomSolvency {
        denom: Denom::Native("uusdc".into()),
        received: received.into(),
        paid: paid.into(),
        owed: vec![BucketAmount {
            bucket: "nodes".into(),
            amount: bucket.into(),
        }],
        carried: Vec::new(),
        liabilities: Uint128::new(60),
        balance: balance.into(),
        surplus: Uint128::new(5),
        solvent: true,
    };
    assert_eq!(faults_of(&books(100, 40, 60, 65), 65), [""; 0]);
    assert_eq!(
        faults_of(&books(101, 40, 60, 65), 65),
        ["received 101, paid and owes 100"]
    );
    assert_eq!(
        faults_of(&books(100, 40, 59, 65), 65),
        ["owes 60, its buckets hold 59"]
    );
    assert_eq!(
        faults_of(&books(100, 40, 60, 64), 64),
        ["balance 64, owes and exceeds 65"]
    );
    assert_eq!(
        faults_of(&books(100, 40, 60, 65), 66),
        ["says that it holds 65, it holds 66"]
    );
}

#[test]
fn contracts_know_each_other_from_the_beginning() {
    let network = Network::builder().build();
    let at: crate::Addresses = network.addresses().clone();
    assert_eq!(network.registry().config().vault, at.vault);
    assert_eq!(network.vault().config().distributor, at.distributor);
    assert_eq!(network.distributor().config().registry, at.registry);
    assert_eq!(network.delegation().config().token, at.reward_token);
    let named: Addr = network.account(at.vault.as_str());
    assert_eq!(named, at.vault);
}

#[test]
fn a_journal_tells_what_was_done_from_the_outside_and_what_came_of_it() {
    let mut network = Network::builder().journal().build();
    network.issue(&[("alice", 2)]);
    network.mint_native("alice", "uusdc", 7);
    network.mint_qst("alice", 5);
    assert!(network.try_transfer("bob", "carol", 1).is_err());
    let entries = &network.journal().unwrap().entries;
    let codes: Vec<&str> = entries
        .iter()
        .filter_map(|entry| match &entry.act {
            Act::Create(made) => Some(made.code),
            _ => None,
        })
        .collect();
    let expected = [
        "cw20_base",
        "node_registry",
        "staking_vault",
        "revenue_distributor",
        "cw20_base",
    ];
    assert_eq!(codes[..5], expected);
    assert_eq!(codes.last(), Some(&"delegation"));
    let [issued, minted, token, refused] = &entries[codes.len()..] else {
        panic!("{} entries", entries.len());
    };
    assert!(matches!(&issued.act, Act::Execute(sent)
        if sent.name == "minter" && sent.response.as_ref().unwrap().has_event(
            &cosmwasm_std::Event::new("wasm-registry_keys_issued"))));
    assert!(matches!(&minted.act, Act::Mint { to, amount }
        if *to == network.account("alice") && amount.amount.u128() == 7));
    assert!(matches!(&token.act, Act::Execute(sent)
        if sent.contract == network.addresses().qst));
    assert!(matches!(&refused.act, Act::Execute(sent)
        if sent.name == "bob" && sent.response.is_none()));
    let (time, height) = (network.now(), network.height());
    assert_eq!((refused.time, refused.height), (time, height));
    assert!(Network::builder().build().journal().is_none());
}
