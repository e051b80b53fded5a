//! Delegation: 200 Delegation IDs with 512 validators and 400 participants, a dozen closed epochs.

use cosmwasm_std::{to_json_binary, Addr};
use cw721_base::msg::ExecuteMsg as Cw721;
use noderev_api::delegation::{
    DelegationId, ExecuteMsg, Nft, NftHook, QueryMsg as Query, ReceiveMsg,
};
use noderev_components::Epoch;
use noderev_testing::{Network, GOLD};

use crate::subject::{probe, Subject};
use crate::table::Table;

const DELEGATIONS: u16 = 200;
const VALIDATORS: u32 = 512;
const MEMBERS: u32 = 400;
/// Delegations that change in an epoch.
const CHANGED: u16 = 10;
const EPOCHS: u32 = 12;

fn owner(delegation: u16) -> String {
    format!("dao-{delegation}")
}

/// Delegations of three slots each, which count from epoch 2.
fn found(network: &mut Network) {
    for delegation in 1..=DELEGATIONS {
        network.stake_weight(&owner(delegation), 60_000, None);
    }
    network.next_epoch();
    for delegation in 1..=DELEGATIONS {
        network.create_delegation(&owner(delegation), 500);
    }
    for number in 0..VALIDATORS {
        let delegation = (number % u32::from(DELEGATIONS)) as u16 + 1;
        network.run_validators(&owner(delegation), delegation, 1);
    }
    for member in 0..MEMBERS {
        let delegation = (member % u32::from(DELEGATIONS)) as u16 + 1;
        network.stake_weight(&format!("member-{member}"), 5_000, Some(delegation));
    }
}

/// Somebody with a staked NFT in no delegation.
fn idle(network: &mut Network, name: &str) -> Nft {
    let nft = network.mint_nft_of(name);
    network.send_nft(name, GOLD, &nft.token_id, None);
    nft
}

trait Gold {
    fn mint_nft_of(&mut self, owner: &str) -> Nft;
}

impl Gold for Network {
    /// A new NFT with the owner's name.
    fn mint_nft_of(&mut self, owner: &str) -> Nft {
        let token_id = format!("gold-{owner}");
        self.mint_nft(owner, GOLD, &token_id);
        self.nft(GOLD, &token_id)
    }
}

fn move_to(nft: &Nft, delegation: u16) -> ExecuteMsg {
    ExecuteMsg::MoveNfts {
        nfts: vec![nft.clone()],
        delegation: Some(DelegationId(delegation)),
    }
}

/// Measures everything.
pub(crate) fn measure(table: &mut Table) {
    let mut network = Network::builder().build();
    found(&mut network);
    network.pass_epochs_until(EPOCHS);
    let mut subject = Subject::new(network, table);
    let at = subject.network.addresses().delegation.clone();
    staking(&mut subject, &at);
    joining(&mut subject, &at);
    leaving(&mut subject, &at);
    claiming(&mut subject, &at);
    closing(&mut subject, &at);
    queries(&mut subject, &at);
}

fn staking(subject: &mut Subject<'_>, at: &Addr) {
    subject.network.mint_nft_of("newcomer");
    subject.network.mint_nft_of("member-3");
    subject.follow();
    let collection = subject.network.collection(GOLD);
    for (name, sender, delegation) in [
        ("stake an NFT by SendNft, undelegated", "newcomer", None),
        (
            "stake an NFT by SendNft into an ID",
            "newcomer",
            Some(DelegationId(1)),
        ),
        (
            "stake one more NFT into the same ID",
            "member-3",
            Some(DelegationId(4)),
        ),
    ] {
        let hook = NftHook::Stake { delegation };
        let send = Cw721::SendNft {
            contract: at.to_string(),
            token_id: format!("gold-{sender}"),
            msg: to_json_binary(&hook).expect("messages are JSON"),
        };
        subject.measure(&probe(name, 0, sender), &collection, &send);
    }
}

fn joining(subject: &mut Subject<'_>, at: &Addr) {
    let nft = idle(&mut subject.network, "joiner");
    let other = idle(&mut subject.network, "other");
    subject.network.next_epoch_of();
    subject.follow();
    let first = probe("join with one NFT, first touch of the ID", 40_000, "joiner");
    subject.measure(&first, at, &move_to(&nft, 9));
    subject.network.move_nfts("other", &[other], Some(9));
    subject.follow();
    let later = probe("join with one NFT, ID touched before", 40_000, "joiner");
    subject.measure(&later, at, &move_to(&nft, 9));
    subject
        .network
        .move_nfts("joiner", std::slice::from_ref(&nft), Some(9));
    subject.network.next_epoch_of();
    subject.follow();
    let first = probe("move one NFT, first touch of both IDs", 40_000, "joiner");
    subject.measure(&first, at, &move_to(&nft, 19));
    touch(&mut subject.network, &[9, 19]);
    subject.follow();
    let later = probe("move one NFT, IDs touched before", 40_000, "joiner");
    subject.measure(&later, at, &move_to(&nft, 19));
}

/// Has somebody else join these delegations.
fn touch(network: &mut Network, delegations: &[u16]) {
    for delegation in delegations {
        let name = format!("toucher-{delegation}");
        let nft = network.mint_nft_of(&name);
        network.send_nft(&name, GOLD, &nft.token_id, Some(*delegation));
    }
}

trait Epochs {
    fn next_epoch_of(&mut self);
}

impl Epochs for Network {
    /// Closes the running epoch; the next one has begun.
    fn next_epoch_of(&mut self) {
        let next = self.now_epoch().next();
        self.pass_epochs_until(next.0);
    }
}

fn leaving(subject: &mut Subject<'_>, at: &Addr) {
    subject.network.next_epoch_of();
    subject.follow();
    let nfts = vec![subject.network.nft(GOLD, "gold-joiner")];
    let out = ExecuteMsg::UnstakeNfts { nfts: nfts.clone() };
    subject.measure(&probe("unstake one NFT of an ID", 0, "joiner"), at, &out);
    subject.network.unstake_nfts("joiner", &nfts);
    subject.network.next_epoch_of();
    subject.follow();
    let back = ExecuteMsg::WithdrawNfts { nfts };
    subject.measure(&probe("withdraw one NFT", 0, "joiner"), at, &back);
}

fn claiming(subject: &mut Subject<'_>, at: &Addr) {
    let claim = ExecuteMsg::Claim {
        account: None,
        delegations: None,
        to: None,
    };
    let member = probe(
        "claim of a member, paid in cw20, first one",
        45_000,
        "member-3",
    );
    subject.measure(&member, at, &claim);
    let dao = owner(3);
    let founder = probe("claim of an ID's owner, first one", 45_000, &dao);
    subject.measure(&founder, at, &claim);
    subject.network.claim_rewards("member-3", None);
    subject.network.claim_rewards(&dao, None);
    subject.network.next_epoch_of();
    subject.follow();
    let member = probe("claim of a member, a day later", 45_000, "member-3");
    subject.measure(&member, at, &claim);
    let founder = probe("claim of an ID's owner, a day later", 45_000, &dao);
    subject.measure(&founder, at, &claim);
}

fn closing(subject: &mut Subject<'_>, at: &Addr) {
    let ids: Vec<u16> = (1..=CHANGED).map(|number| number * 17).collect();
    for delegation in &ids {
        let name = format!("late-{delegation}");
        subject
            .network
            .stake_weight(&name, 5_000, Some(*delegation));
    }
    subject.network.next_epoch_of();
    let epoch = subject.network.now_epoch();
    let end = subject.network.clock().end_of(epoch);
    subject.network.advance_to(end);
    let seats: Vec<u16> = (0..VALIDATORS as u16)
        .filter(|seat| !ids.contains(seat))
        .collect();
    let eligible = subject.network.eligible(epoch.0, &seats);
    let report = ExecuteMsg::Report {
        epoch,
        bitmap: eligible.to_binary(),
        evidence: vec![7; 32].into(),
    };
    for (name, attester) in [
        ("report of 512 validators, first attester", "attester-1"),
        ("report of 512 validators, second attester", "attester-2"),
        ("report of 512 validators, last attester", "attester-3"),
    ] {
        subject.follow();
        subject.measure(&probe(name, 0, attester), at, &report);
        subject
            .network
            .report_validators(attester, epoch.0, &eligible);
    }
    subject.network.wait_until_advance(epoch.0);
    subject.follow();
    let advance = ExecuteMsg::Advance { epoch };
    let name = "advance, 200 IDs, 512 validators, 10 changed";
    subject.measure(&probe(name, 130_000, "anybody"), at, &advance);
    subject.network.advance(epoch.0);
    inject(subject, at);
}

fn inject(subject: &mut Subject<'_>, at: &Addr) {
    subject.network.mint_reward("giver", 1_000_000);
    subject.follow();
    let token = subject.network.addresses().reward_token.clone();
    let inject = ReceiveMsg::Inject {
        over: 30,
        source: "giver".into(),
        reference: "reference".into(),
    };
    let given = probe("inject over 30 epochs", 0, "giver");
    subject.measure_send(&given, &token, (at, 1_000_000), &inject);
}

fn queries(subject: &mut Subject<'_>, at: &Addr) {
    let limit = Some(100);
    let dao = subject.network.account(&owner(3)).into_string();
    let member = subject.network.account("member-3").into_string();
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
            "delegations, 100",
            Query::Delegations {
                start_after: None,
                limit,
            },
        ),
        (
            "delegation",
            Query::Delegation {
                delegation: DelegationId(3),
            },
        ),
        (
            "members, 100",
            Query::Members {
                delegation: DelegationId(3),
                start_after: None,
                limit,
            },
        ),
        ("member", Query::Member { account: dao }),
        (
            "preview_claim",
            Query::PreviewClaim {
                account: member.clone(),
                delegations: None,
            },
        ),
        (
            "validators, 100",
            Query::Validators {
                delegation: None,
                start_after: None,
                limit,
            },
        ),
        (
            "seats, 100",
            Query::Seats {
                epoch: Epoch(8),
                start_after: None,
                limit,
            },
        ),
        (
            "history, 100",
            Query::History {
                delegation: DelegationId(4),
                member: Some(member.clone()),
                start_after: None,
                limit,
            },
        ),
        (
            "explain",
            Query::Explain {
                delegation: DelegationId(4),
                member,
                epoch: Epoch(8),
            },
        ),
        ("attesters", Query::Attesters {}),
        ("evidence", Query::Evidence { epoch: Epoch(8) }),
        ("solvency", Query::Solvency {}),
    ];
    for (name, query) in queries {
        subject.ask(&format!("delegation {name}"), at, &query);
    }
}
