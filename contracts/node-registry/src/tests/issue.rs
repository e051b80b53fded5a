use super::*;
use cw721::msg::{NumTokensResponse, TokensResponse};
use noderev_api::registry::{Role, SupplyResponse};

fn rows(rows: &[(&str, u32)]) -> ExecuteMsg {
    let rows = rows.iter().map(|(owner, count)| IssueRow {
        owner: who(owner).into(),
        count: *count,
    });
    ExecuteMsg::Issue {
        rows: rows.collect(),
    }
}

#[test]
fn keys_are_numbered_in_the_order_of_the_rows() {
    let mut world = World::new();
    let response = world.ok("minter", rows(&[("alice", 2), ("bob", 1)]));
    let (minter, alice) = (who("minter"), who("alice"));
    assert_eq!(
        plain(&response)[..4],
        [
            ("action", "mint"),
            ("minter", minter.as_str()),
            ("owner", alice.as_str()),
            ("token_id", "1")
        ]
    );
    assert_eq!(plain(&response).len(), 12);
    let issued = event(&response, "keys_issued");
    assert_eq!(attribute(issued, "first"), "1");
    assert_eq!(attribute(issued, "counts"), "2,1");
    assert_eq!(
        attribute(issued, "owners"),
        format!("{alice},{}", who("bob"))
    );
    assert_eq!(attribute(issued, "total"), "3");
    let owners = [1, 2, 3].map(|key| world.owner_of(key));
    assert_eq!(owners, [who("alice"), who("alice"), who("bob")]);
}

#[test]
fn r1_the_4733rd_key_is_refused_and_a_split_multiplies_the_cap() {
    let mut world = World::new();
    for _ in 0..4 {
        world.issue("alice", 1_000);
    }
    world.issue("alice", 732);
    let text = "4732 keys and 1 more would exceed the cap of 4732: issue at most 0 more";
    world.refused("minter", rows(&[("bob", 1)]), text);
    world.ok("owner", ExecuteMsg::Split { factor: 2 });
    world.refused("minter", rows(&[("bob", 1)]), text);
    world.at_epoch(1);
    let supply: SupplyResponse = world.query(QueryMsg::Supply { epoch: None });
    assert_eq!((supply.issued, supply.cap), (9_464, 9_464));
    let text = "9464 keys and 2 more would exceed the cap of 9464: issue at most 0 more";
    world.refused("minter", rows(&[("bob", 2)]), text);
    assert_eq!(world.owner_of(9_464), who("alice"));
}

#[test]
fn r1_a_batch_over_the_cap_is_refused_whole() {
    let mut world = World::new();
    for _ in 0..4 {
        world.issue("alice", 1_000);
    }
    let text = "4000 keys and 733 more would exceed the cap of 4732: issue at most 732 more";
    world.refused("minter", rows(&[("alice", 732), ("bob", 1)]), text);
    let count: NumTokensResponse = world.query(QueryMsg::NumTokens {});
    assert_eq!(count.count, 4_000);
}

#[test]
fn r2_only_canonical_ids_are_keys() {
    let mut world = World::issued(1);
    for id in ["01", " 1", "1\n", "+1", "0", ""] {
        let token_id = id.to_string();
        let text = format!(
            "token id {id:?} is not a key number: write it in decimal digits without leading zeros"
        );
        let recipient = who("bob").into();
        world.refused(
            "alice",
            ExecuteMsg::TransferNft {
                recipient,
                token_id: token_id.clone(),
            },
            &text,
        );
        world.query_refused(QueryMsg::NftInfo { token_id }, &text);
    }
}

#[test]
fn key_0_does_not_exist_even_after_a_split() {
    let mut world = World::issued(3);
    world.ok("owner", ExecuteMsg::Split { factor: 2 });
    world.at_epoch(1);
    world.refused("alice", list(0, 5), "there is no key 0: keys 1 to 6 exist");
    world.refused("alice", list(7, 5), "there is no key 7: keys 1 to 6 exist");
}

#[test]
fn r3_only_the_minter_issues_and_nobody_once_it_is_sealed() {
    let mut world = World::issued(2);
    for (sender, msg) in [
        ("owner", rows(&[("owner", 1)])),
        ("alice", ExecuteMsg::SealIssuance {}),
    ] {
        let role = match msg {
            ExecuteMsg::SealIssuance {} => "owner or minter",
            _ => "minter",
        };
        let text = format!("only the {role} may do this, {} is not", who(sender));
        world.refused(sender, msg, &text);
    }
    let minter: cw721::msg::MinterResponse = world.query(QueryMsg::Minter {});
    assert_eq!(minter.minter, Some(who("minter").into()));
    let sealed = world.ok("minter", ExecuteMsg::SealIssuance {});
    assert_eq!(attribute(event(&sealed, "issuance_sealed"), "total"), "2");
    let text = "issuance has been sealed for ever: 2 keys were issued";
    world.refused("minter", rows(&[("alice", 1)]), text);
    world.refused("minter", ExecuteMsg::SealIssuance {}, text);
    let role = ExecuteMsg::SetRole {
        role: Role::Minter,
        account: Some(who("bob").into()),
    };
    world.ok("owner", role);
    world.refused("bob", rows(&[("alice", 1)]), text);
    let minter: cw721::msg::MinterResponse = world.query(QueryMsg::Minter {});
    assert_eq!(minter.minter, None);
}

#[test]
fn r3_the_owner_seals_too_whoever_is_minter() {
    let mut world = World::issued(1);
    let sealed = world.ok("owner", ExecuteMsg::SealIssuance {});
    let sealed = event(&sealed, "issuance_sealed");
    assert_eq!(attribute(sealed, "by"), who("owner").as_str());
    let text = "issuance has been sealed for ever: 1 keys were issued";
    world.refused("minter", rows(&[("alice", 1)]), text);
    world.refused("minter", ExecuteMsg::SealIssuance {}, text);
}

#[test]
fn r3_without_minter_and_owner_nobody_can_ever_issue() {
    let mut world = World::issued(1);
    let role = |account: Option<&str>| ExecuteMsg::SetRole {
        role: Role::Minter,
        account: account.map(|name| who(name).into()),
    };
    world.ok("owner", role(None));
    let renounce = ExecuteMsg::UpdateOwnership(cw_ownable::Action::RenounceOwnership);
    world.ok("owner", renounce);
    for sender in ["owner", "minter"] {
        let text = format!("only the minter may do this, {} is not", who(sender));
        world.refused(sender, rows(&[("alice", 1)]), &text);
    }
    let text = format!("only the owner may do this, {} is not", who("owner"));
    world.refused("owner", role(Some("owner")), &text);
}

#[test]
fn batches_are_bounded() {
    let mut world = World::new();
    world.refused("minter", rows(&[]), "name 1..=100 rows, 0 are named");
    let many = vec![("alice", 1); 101];
    world.refused("minter", rows(&many), "name 1..=100 rows, 101 are named");
    world.refused(
        "minter",
        rows(&[("alice", 1), ("bob", 0)]),
        "row 2 issues no key: count at least 1",
    );
    let text = "1001 keys in one message: issue at most 1000";
    world.refused("minter", rows(&[("alice", 1_000), ("bob", 1)]), text);
    let text = "4294967295 keys in one message: issue at most 1000";
    world.refused(
        "minter",
        rows(&[("alice", u32::MAX), ("bob", u32::MAX)]),
        text,
    );
    let text = format!(
        "a key sent to the registry itself ({}) would be lost: choose another owner",
        who("registry")
    );
    world.refused("minter", rows(&[("registry", 1)]), &text);
    world.ok("minter", rows(&vec![("alice", 10); 100]));
}

#[test]
fn lists_page_in_numeric_order_and_are_clamped() {
    let world = World::issued(120);
    let page = |start_after: Option<&str>, limit| -> Vec<String> {
        let all = QueryMsg::AllTokens {
            start_after: start_after.map(Into::into),
            limit,
        };
        let owned = QueryMsg::Tokens {
            owner: who("alice").into(),
            start_after: start_after.map(Into::into),
            limit,
        };
        let tokens = world.query::<TokensResponse>(all).tokens;
        assert_eq!(tokens, world.query::<TokensResponse>(owned).tokens);
        tokens
    };
    assert_eq!(page(None, None).len(), 30);
    assert_eq!(page(None, Some(u32::MAX)).len(), 100);
    assert_eq!(page(Some("9"), Some(2)), ["10", "11"]);
    assert_eq!(page(Some("119"), None), ["120"]);
    assert!(page(Some("4294967295"), None).is_empty());
}
