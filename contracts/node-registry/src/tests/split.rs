use super::*;
use cw721::msg::{NftInfoResponse, OwnerOfResponse};
use noderev_api::registry::{NodeInfo, PreviewSplitResponse, SupplyResponse};

fn split(factor: u32) -> ExecuteMsg {
    ExecuteMsg::Split { factor }
}

fn supply(world: &World, epoch: u32) -> SupplyResponse {
    world.query(QueryMsg::Supply {
        epoch: Some(Epoch(epoch)),
    })
}

/// Refuses, and the preview says the same.
#[track_caller]
fn split_refused(world: &mut World, factor: u32, text: &str) {
    let preview: PreviewSplitResponse = world.query(QueryMsg::PreviewSplit { factor });
    assert_eq!(preview.refusal.as_deref(), Some(text));
    world.refused("owner", split(factor), text);
}

#[test]
fn s1_a_split_multiplies_everyones_keys_at_its_boundary() {
    let mut world = World::issued(3);
    world.issue("bob", 2);
    let preview: PreviewSplitResponse = world.query(QueryMsg::PreviewSplit { factor: 2 });
    assert_eq!(preview.from, Epoch(1));
    assert_eq!((preview.keys, preview.cap), (10, 9_464));
    assert_eq!(preview.requirement.u128(), 100_000_000_000);
    assert_eq!(preview.refusal, None);
    let response = world.ok("owner", split(2));
    let announced = event(&response, "split");
    assert_eq!(attribute(announced, "from_epoch"), "1");
    assert_eq!(attribute(announced, "keys"), "5");
    // Issued during the notice: split too.
    world.issue("carol", 1);
    assert_eq!(supply(&world, 0).issued, 6);
    world.pass(LENGTH - 1);
    world.refused("alice", list(7, 1), "there is no key 7: keys 1 to 6 exist");
    world.pass(1);
    assert_eq!(supply(&world, 1).issued, 12);
    let owners = (1..=12).map(|key| world.owner_of(key));
    let before = ["alice", "alice", "alice", "bob", "bob", "carol"].map(who);
    assert_eq!(
        owners.collect::<Vec<_>>(),
        [before.clone(), before].concat()
    );
    assert_eq!(world.owners_at(0, [6, 7]), [Some(who("carol")), None]);
}

#[test]
fn the_notice_is_a_whole_epoch_at_least() {
    let mut world = World::issued(1);
    assert_eq!(params().split_notice, 0);
    // A second before the boundary: not at that one but at the next.
    world.pass(LENGTH - 1);
    let preview: PreviewSplitResponse = world.query(QueryMsg::PreviewSplit { factor: 2 });
    world.ok("owner", split(2));
    assert_eq!(
        (preview.from, supply(&world, 0).splits[0].from),
        (Epoch(2), Epoch(2))
    );
}

#[test]
fn the_split_message_writes_the_same_for_any_number_of_keys() {
    let written = |keys| {
        let mut world = World::issued(keys);
        let before = world.dump();
        world.ok("owner", split(2));
        let after = world.dump().into_iter();
        after.filter(|record| !before.contains(record)).count()
    };
    assert_eq!(written(1), 1);
    assert_eq!(written(900), 1);
}

#[test]
fn s2_only_factors_of_the_stake_up_to_25_in_all() {
    let mut world = World::new();
    split_refused(
        &mut world,
        2,
        "no key has been issued yet: there is nothing to split",
    );
    world.issue("alice", 1);
    for factor in [0, 1, 3, 24, 26, u32::MAX] {
        let text = format!("keys can't be split by {factor}: use 2, 4, 5, 8, 10, 16, 20 or 25");
        split_refused(&mut world, factor, &text);
    }
    world.ok("owner", split(5));
    let text = "a split already takes effect at epoch 1: wait for it or cancel it first";
    split_refused(&mut world, 5, text);
    world.at_epoch(1);
    let text = "keys already split by 5 can't be split by 8: 25 in all at most";
    split_refused(&mut world, 8, text);
    world.ok("owner", split(5));
    world.at_epoch(2);
    assert_eq!(supply(&world, 2).issued, 25);
    assert_eq!(supply(&world, 2).cap, 118_300);
    let text = "keys already split by 25 can't be split by 2: 25 in all at most";
    split_refused(&mut world, 2, text);
}

#[test]
fn a_split_waits_for_its_notice_and_for_the_grace_of_the_one_before() {
    let mut world = World::with(Params {
        split_notice: 250,
        split_grace: 10,
        ..params()
    });
    world.issue("alice", 3);
    // Announced 20 s into epoch 0: 270 s after its start is in epoch 2, so epoch 3.
    world.pass(20);
    world.ok("owner", split(2));
    let planned = &supply(&world, 0).splits[0];
    assert_eq!((planned.from, planned.reported_from), (Epoch(3), Epoch(13)));
    assert_eq!(planned.at, Timestamp::from_seconds(START + 300));
    world.at_epoch(3);
    let text = "the split would take effect at epoch 6, within the grace of the one before: from \
                epoch 13 on it can";
    split_refused(&mut world, 2, text);
    world.at_epoch(10);
    // 250 s after the start of epoch 10 is in epoch 12: epoch 13 is the first.
    world.ok("owner", split(2));
    assert_eq!(supply(&world, 13).issued, 12);
}

#[test]
fn a_split_can_be_cancelled_until_the_last_epoch_before_it() {
    let mut world = World::with(Params {
        split_notice: 300,
        ..params()
    });
    world.refused("owner", ExecuteMsg::CancelSplit {}, "no split is announced");
    world.issue("alice", 3);
    world.ok("owner", split(2));
    world.at_epoch(1);
    world.issue("bob", 1);
    let response = world.ok("owner", ExecuteMsg::CancelSplit {});
    assert_eq!(
        attribute(event(&response, "split_cancelled"), "from_epoch"),
        "3"
    );
    world.at_epoch(9);
    assert_eq!(supply(&world, 9).issued, 4);
    assert_eq!(supply(&world, 9).splits.len(), 0);
    world.ok("owner", split(2));
    world.at_epoch(11);
    let text = "the split takes effect at epoch 12, the next one: it is irrevocable now";
    world.refused("owner", ExecuteMsg::CancelSplit {}, text);
    world.at_epoch(12);
    world.refused("owner", ExecuteMsg::CancelSplit {}, "no split is announced");
    assert_eq!(supply(&world, 12).issued, 8);
}

#[test]
fn the_grace_is_that_of_the_announcement() {
    let mut world = World::with(Params {
        split_notice: 2_000,
        split_grace: 7,
        ..params()
    });
    world.issue("alice", 1);
    world.ok("owner", split(2));
    let params = Params {
        split_grace: 1,
        ..params()
    };
    world.ok("owner", ExecuteMsg::QueueParams { params });
    world.at_epoch(20);
    assert_eq!(supply(&world, 20).splits[0].reported_from, Epoch(27));
}

#[test]
fn children_are_announced_to_explorers() {
    let mut world = World::issued(3);
    world.ok("owner", split(2));
    let announce = |keys: &[u32]| ExecuteMsg::Announce {
        ids: ids(keys.iter().copied()),
    };
    world.refused(
        "bob",
        announce(&[4]),
        "there is no key 4: keys 1 to 3 exist",
    );
    world.at_epoch(1);
    world.issue("bob", 1);
    world.transfer("alice", 6, "carol");
    let response = world.ok("bob", announce(&[4, 6]));
    let (registry, carol) = (who("registry"), who("carol"));
    assert_eq!(
        plain(&response)[4..],
        [
            ("action", "mint"),
            ("minter", registry.as_str()),
            ("owner", carol.as_str()),
            ("token_id", "6")
        ]
    );
    assert_eq!(attribute(event(&response, "announced"), "keys"), "4,6");
    for issued in [1, 7] {
        let text = format!("key {issued} was issued, not born by a split: it has been announced");
        world.refused("bob", announce(&[issued]), &text);
    }
    world.refused("bob", announce(&[]), "name 1..=100 keys, 0 are named");
    world.refused("bob", announce(&[4, 4]), "key 4 is named twice");
    let many: Vec<u32> = (1..=101).collect();
    world.refused("bob", announce(&many), "name 1..=100 keys, 101 are named");
}

#[test]
fn s3_nobodys_share_of_keys_and_stakes_changes() {
    for factor in [2u32, 4, 5, 8, 10, 16, 20, 25] {
        let mut world = World::issued(3);
        world.issue("bob", 4);
        world.ok("owner", split(factor));
        world.at_epoch(1);
        let (before, after) = (supply(&world, 0), supply(&world, 1));
        assert_eq!(after.issued, before.issued * factor);
        assert_eq!(after.cap, before.cap * factor);
        let whole = after.requirement.u128() * u128::from(factor);
        assert_eq!(whole, before.requirement.u128());
        let alices = (1..=after.issued).filter(|key| world.owner_of(*key) == who("alice"));
        assert_eq!(u32::try_from(alices.count()).unwrap(), 3 * factor);
    }
}

#[test]
fn s6_children_inherit_neither_approvals_nor_operators_nor_listings() {
    let mut world = World::issued(2);
    world.ok(
        "alice",
        ExecuteMsg::Approve {
            spender: who("bob").into(),
            token_id: "1".to_string(),
            expires: None,
        },
    );
    world.ok(
        "alice",
        ExecuteMsg::SetOperator {
            key: KeyId(1),
            operator: Some(who("carol").into()),
        },
    );
    let listing = world.list("alice", 1, 50);
    world.ok("owner", split(2));
    world.at_epoch(1);
    let approvals = |key: &str| -> usize {
        let owner: OwnerOfResponse = world.query(QueryMsg::OwnerOf {
            token_id: key.to_string(),
            include_expired: None,
        });
        owner.approvals.len()
    };
    assert_eq!((approvals("1"), approvals("3")), (1, 0));
    let operator = |id| -> Option<Addr> {
        world
            .query::<KeyResponse>(QueryMsg::Key { id: KeyId(id) })
            .operator
    };
    assert_eq!((operator(1), operator(3)), (Some(who("carol")), None));
    let text = format!(
        "key 3 belongs to {}: {} has no approval to move it, or it has expired",
        who("alice"),
        who("bob")
    );
    world.refused("bob", transfer(3, "bob"), &text);
    let text = "the listing of key 1 is void: it was made before the latest split";
    world.buy_refused("dave", 50, &[(1, listing, 50)], text);
    // Anybody may clear it away.
    world.ok("dave", ExecuteMsg::Delist { id: KeyId(1) });
    world.transfer("bob", 1, "bob");
}

#[test]
fn a_key_tells_its_parent_and_generation() {
    let mut world = World::issued(3);
    world.ok("owner", split(2));
    world.at_epoch(1);
    world.issue("bob", 1);
    let view = |id: u32| -> (Option<u32>, u8) {
        let key: KeyResponse = world.query(QueryMsg::Key { id: KeyId(id) });
        let token_id = id.to_string();
        let nft: NftInfoResponse<NodeInfo> = world.query(QueryMsg::NftInfo { token_id });
        assert_eq!(key.node_id, nft.extension.node_id);
        (key.parent.map(|it| it.0), nft.extension.generation)
    };
    assert_eq!(view(1), (Some(1), 1));
    assert_eq!(view(4), (Some(1), 1));
    assert_eq!(view(7), (None, 0));
}

#[test]
fn only_the_owner_splits() {
    let mut world = World::issued(1);
    for msg in [split(2), ExecuteMsg::CancelSplit {}] {
        let text = format!("only the owner may do this, {} is not", who("minter"));
        world.refused("minter", msg, &text);
    }
}
