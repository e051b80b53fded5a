//! Registry, vault and distributor: 4,732 keys of 1,500 owners, 1,000 pool stakers, 30 closed
//! epochs.

use cosmwasm_std::Uint128;
use noderev_api::{distributor, registry, vault};
use noderev_components::{Bitmap, Epoch, KeyId};
use noderev_testing::{Network, QST};

use crate::subject::{probe, Subject};
use crate::table::Table;

/// All keys.
const KEYS: u32 = 4_732;
/// Accounts that own the keys that are nobody's in particular.
const OWNERS: u32 = 1_500;
const STAKERS: u32 = 1_000;
const STAKED: u32 = 600;
const CLOSED: u32 = 30;
/// QST for a staked node.
const STAKE: u128 = 200_000 * QST;
/// Alice's keys.
const MANY: u32 = 20;

/// Alice has 20 keys, bob and carol one each; all others have three or four.
fn issue(network: &mut Network) {
    network.issue(&[("alice", MANY), ("bob", 1), ("carol", 1)]);
    let rest = KEYS - 1 - MANY - 2;
    let names: Vec<String> = (0..OWNERS)
        .map(|number| format!("owner-{number}"))
        .collect();
    let rows: Vec<(&str, u32)> = (0..OWNERS)
        .zip(&names)
        .map(|(number, name)| {
            let more = u32::from(number < rest % OWNERS);
            (name.as_str(), rest / OWNERS + more)
        })
        .collect();
    for batch in rows.chunks(100) {
        network.issue(batch);
    }
}

fn stake(network: &mut Network) {
    for number in 0..STAKERS {
        let staker = format!("staker-{number}");
        network.mint_qst(&staker, 2_000_000 * QST);
        network.deposit_pool(&staker, (400_000 + u128::from(number) * 317) * QST);
    }
    network.mint_qst("newcomer", STAKE);
    for key in MANY + 3..MANY + 3 + STAKED {
        let owner = network.registry().owner_of(key).owner;
        network.mint_qst(&owner, STAKE);
        network.stake_nodes(&owner, &[key]);
    }
}

/// Who ran: all but about one in fifty, others every epoch.
fn ran(network: &Network, epoch: u32) -> Bitmap {
    let bits = network.distributor().evidence(epoch).bits;
    let mixed = |bit: u32| bit.wrapping_mul(2_654_435_761) ^ epoch.wrapping_mul(40_503);
    let up = (0..bits).filter(|bit| mixed(*bit) % 50 != 7);
    Bitmap::from_bits(bits, up)
}

fn close(network: &mut Network, epoch: u32) {
    let ran = ran(network, epoch);
    network.finish_epoch(epoch, &ran);
}

fn claim(keys: impl Iterator<Item = u32>, network: &Network) -> distributor::ExecuteMsg {
    distributor::ExecuteMsg::Claim {
        account: None,
        keys: Some(keys.map(KeyId).collect()),
        denoms: Some(vec![network.denom(0)]),
        to: None,
    }
}

/// Measures everything.
pub(crate) fn measure(table: &mut Table) {
    let mut network = Network::builder().build();
    issue(&mut network);
    let mut subject = Subject::new(network, table);
    issuing(&mut subject);
    stake(&mut subject.network);
    let revenue = 137_000_000_000 * u128::from(2 * CLOSED);
    subject
        .network
        .deposit_revenue("customer", 0, revenue, 2 * CLOSED);
    for epoch in 0..CLOSED {
        close(&mut subject.network, epoch);
    }
    stakes(&mut subject);
    keys(&mut subject);
    claims(&mut subject);
    closing(&mut subject);
    queries(&mut subject);
}

fn issuing(subject: &mut Subject<'_>) {
    subject.follow();
    let registry = subject.network.addresses().registry.clone();
    let row = |name: &str| registry::IssueRow {
        owner: subject.network.account(name).into_string(),
        count: 1,
    };
    let (new, known) = (row("last"), row("owner-1"));
    for (name, row) in [
        ("mint one key", new),
        ("mint one key for an owner of keys", known),
    ] {
        let msg = registry::ExecuteMsg::Issue { rows: vec![row] };
        subject.measure(&probe(name, 19_000, "minter"), &registry, &msg);
    }
    subject.network.issue(&[("last", 1)]);
}

fn stakes(subject: &mut Subject<'_>) {
    subject.follow();
    let at = subject.network.addresses().clone();
    let deposit = vault::ReceiveMsg::DepositPool {};
    let first = probe("pool deposit, first one", 28_000, "newcomer");
    subject.measure_send(&first, &at.qst, (&at.vault, 1_000 * QST), &deposit);
    let more = probe("pool deposit, more", 28_000, "staker-7");
    subject.measure_send(&more, &at.qst, (&at.vault, 1_000 * QST), &deposit);
    let out = vault::ExecuteMsg::UnbondPool {
        amount: Uint128::new(1_000 * QST),
    };
    let request = probe("pool withdrawal request", 28_000, "staker-7");
    subject.measure(&request, &at.vault, &out);
}

fn keys(subject: &mut Subject<'_>) {
    let registry = subject.network.addresses().registry.clone();
    let transfer = registry::ExecuteMsg::TransferNft {
        recipient: subject.network.account("dave").into_string(),
        token_id: (MANY + 2).to_string(),
    };
    let moved = probe("key transfer", 24_000, "carol");
    subject.measure(&moved, &registry, &transfer);
    let split = registry::ExecuteMsg::Split { factor: 2 };
    subject.measure(&probe("split", 80_000, "owner"), &registry, &split);
}

fn claims(subject: &mut Subject<'_>) {
    let distributor = subject.network.addresses().distributor.clone();
    let one = claim(MANY + 1..MANY + 2, &subject.network);
    let many = claim(1..MANY + 1, &subject.network);
    let probe_one = probe("claim of 1 key, first one", 25_000, "bob");
    subject.measure(&probe_one, &distributor, &one);
    let probe_many = probe("claim of 20 keys, first one", 200_000, "alice");
    subject.measure(&probe_many, &distributor, &many);
    subject.network.claim("bob");
    subject.network.claim("alice");
    close(&mut subject.network, CLOSED);
    subject.follow();
    let probe_one = probe("claim of 1 key, a day later", 25_000, "bob");
    subject.measure(&probe_one, &distributor, &one);
    let probe_many = probe("claim of 20 keys, a day later", 200_000, "alice");
    subject.measure(&probe_many, &distributor, &many);
}

fn closing(subject: &mut Subject<'_>) {
    let distributor = subject.network.addresses().distributor.clone();
    let epoch = CLOSED + 1;
    let end = subject.network.clock().end_of(Epoch(epoch));
    subject.network.advance_to(end);
    let ran = ran(&subject.network, epoch);
    let report = distributor::ExecuteMsg::Report {
        epoch: Epoch(epoch),
        bitmap: ran.to_binary(),
        evidence: vec![7; 32].into(),
    };
    for (name, attester) in [
        ("report of 4,732 keys, first attester", "attester-1"),
        ("report of 4,732 keys, second attester", "attester-2"),
        ("report of 4,732 keys, last attester", "attester-3"),
    ] {
        subject.follow();
        subject.measure(&probe(name, 40_000, attester), &distributor, &report);
        subject.network.report(attester, epoch, &ran);
    }
    subject.network.wait_until_due(epoch);
    subject.follow();
    let close = distributor::ExecuteMsg::CloseEpoch {
        epoch: Epoch(epoch),
    };
    let closed = probe("close of 4,732 keys", 200_000, "anybody");
    subject.measure(&closed, &distributor, &close);
}

fn queries(subject: &mut Subject<'_>) {
    distributor_queries(subject);
    let at = subject.network.addresses().clone();
    let alice = subject.network.account("alice").into_string();
    let limit = Some(100);
    let tokens = registry::QueryMsg::AllTokens {
        start_after: None,
        limit,
    };
    subject.ask("registry all_tokens, 100", &at.registry, &tokens);
    let key = registry::QueryMsg::Key { id: KeyId(50) };
    subject.ask("registry key", &at.registry, &key);
    let owners = registry::QueryMsg::OwnersAt {
        keys: (1..=100).map(KeyId).collect(),
        epoch: Epoch(10),
    };
    subject.ask("registry owners_at, 100", &at.registry, &owners);
    let position = vault::QueryMsg::Position {
        account: alice,
        start_after_key: None,
        start_after_lot: None,
        limit,
    };
    subject.ask("vault position, 20 keys", &at.vault, &position);
    let nodes = vault::QueryMsg::NodeStakes {
        keys: (1..=100).map(KeyId).collect(),
    };
    subject.ask("vault node_stakes, 100", &at.vault, &nodes);
    let staked = vault::QueryMsg::StakedNodes { epoch: Epoch(20) };
    subject.ask("vault staked_nodes", &at.vault, &staked);
}

fn distributor_queries(subject: &mut Subject<'_>) {
    use distributor::QueryMsg as Query;
    let contract = subject.network.addresses().distributor.clone();
    let alice = subject.network.account("alice").into_string();
    let limit = Some(100);
    let queries = [
        ("network", Query::Network {}),
        (
            "epochs, 100",
            Query::Epochs {
                start_after: None,
                limit,
            },
        ),
        (
            "account, 20 keys",
            Query::Account {
                account: alice.clone(),
                start_after: None,
                limit,
            },
        ),
        (
            "preview_claim, 20 keys",
            Query::PreviewClaim {
                account: alice.clone(),
                keys: None,
            },
        ),
        (
            "keys, 100",
            Query::Keys {
                ids: Some((1..=100).map(KeyId).collect()),
                owner: None,
                start_after: None,
                limit,
            },
        ),
        (
            "key_history, 100",
            Query::KeyHistory {
                key: KeyId(50),
                start_after: None,
                limit,
            },
        ),
        (
            "pool_history, 100",
            Query::PoolHistory {
                account: Some(subject.network.account("staker-7").into_string()),
                start_after: None,
                limit,
            },
        ),
        (
            "account_history, 20 keys, 30 epochs",
            Query::AccountHistory {
                account: alice.clone(),
                keys: None,
                start_after: None,
                limit: Some(30),
            },
        ),
        (
            "receipts, 100",
            Query::Receipts {
                account: alice,
                start_after: None,
                limit,
            },
        ),
        (
            "explain",
            Query::Explain {
                key: KeyId(50),
                epoch: Epoch(10),
            },
        ),
        ("attesters", Query::Attesters {}),
        ("evidence", Query::Evidence { epoch: Epoch(10) }),
        ("solvency", Query::Solvency {}),
    ];
    for (name, query) in queries {
        subject.ask(&format!("distributor {name}"), &contract, &query);
    }
}
