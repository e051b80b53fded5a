//! Queries of delegation, each with as much as a page can hold.

use cosmwasm_std::Addr;
use noderev_api::delegation::Joining;
use noderev_testing::{client_key, GOLD};
use serde_json::{json, Value};

use super::{owner, EPOCHS, LONG};
use crate::governance;
use crate::subject::Subject;

/// Entries of a page.
const PAGE: u32 = 100;
/// A delegation with many members, and many who ask to join.
const CROWDED: u16 = 5;
/// An epoch in the middle.
const EPOCH: u32 = LONG - 150;

/// Makes lists long, and asks.
pub(super) fn measure(subject: &mut Subject<'_>, at: &Addr) {
    let network = &mut subject.network;
    for number in 0..PAGE {
        let name = format!("crowd-{number}");
        network.stake_weight(&name, 1_000, Some(CROWDED));
        network.inject(&name, 1_000, 1);
        let nft = format!("many-{number}");
        network.mint_nft("hoarder", GOLD, &nft);
        network.send_nft("hoarder", GOLD, &nft, None);
    }
    let asked = Some(Joining::Approval);
    network.update_delegation(&owner(CROWDED), None, asked, None);
    for number in 0..PAGE {
        network.request_approval(&format!("asker-{number}"), CROWDED);
    }
    network.link_client("member-3", "client-7", &client_key(7));
    network.next_epoch();
    subject.follow();
    for (more, query) in list(subject) {
        let kind = query.as_object().and_then(|query| query.keys().next());
        let kind = kind.expect("a query has a name");
        let name = match more {
            "" => format!("delegation {kind}"),
            more => format!("delegation {kind}, {more}"),
        };
        subject.ask(&name, at, &query);
    }
    governance::queries(subject, "delegation", at);
}

fn list(subject: &Subject<'_>) -> Vec<(&'static str, Value)> {
    let people = ["member-3", "hoarder", "spread", "asker", "dao-3"];
    let [member, hoarder, spread, asker, dao] = people.map(|name| subject.network.account(name));
    let nft = subject.network.nft(GOLD, "many-7");
    let ids: Vec<String> = (0..30).map(|number| format!("many-{number}")).collect();
    let join = json!({ "delegation": CROWDED, "quintessence": "1000", "account": asker });
    let history = json!({ "delegation": 4, "member": member, "limit": PAGE });
    let explain = json!({ "delegation": 4, "member": member, "epoch": EPOCH });
    let first = json!({ "delegation": 4, "member": member, "epoch": EPOCHS });
    vec![
        ("", json!({ "network": {} })),
        ("100", json!({ "epochs": { "limit": PAGE } })),
        ("100", json!({ "delegations": { "limit": PAGE } })),
        ("", json!({ "delegation": { "delegation": 3 } })),
        (
            "100",
            json!({ "members": { "delegation": CROWDED, "limit": PAGE } }),
        ),
        (
            "100",
            json!({ "approvals": { "delegation": CROWDED, "limit": PAGE } }),
        ),
        ("an owner", json!({ "member": { "account": dao } })),
        ("32 IDs", json!({ "member": { "account": spread } })),
        (
            "100",
            json!({ "nfts": { "account": hoarder, "limit": PAGE } }),
        ),
        ("", json!({ "nft": { "nft": nft } })),
        ("", json!({ "collections": {} })),
        (
            "30",
            json!({ "preview_stake": { "collection": nft.collection, "token_ids": ids } }),
        ),
        ("", json!({ "preview_join": join })),
        ("", json!({ "preview_claim": { "account": member } })),
        ("32 IDs", json!({ "preview_claim": { "account": spread } })),
        ("100", json!({ "validators": { "limit": PAGE } })),
        ("100", json!({ "history": history })),
        ("", json!({ "explain": explain })),
        ("an early epoch", json!({ "explain": first })),
        (
            "100",
            json!({ "receipts": { "account": member, "limit": PAGE } }),
        ),
        ("", json!({ "attesters": {} })),
        ("", json!({ "evidence": { "epoch": EPOCH } })),
        ("100", json!({ "seats": { "epoch": EPOCH, "limit": PAGE } })),
        ("100", json!({ "injections": { "limit": PAGE } })),
        ("", json!({ "link": { "account": member } })),
    ]
}
