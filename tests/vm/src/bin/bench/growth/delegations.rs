//! Delegations: validators, Delegation IDs that change, members of one.

use noderev_api::delegation::{DelegationId, ExecuteMsg};
use noderev_components::Epoch;
use noderev_testing::{Network, PLAIN};

use super::scales::{Cost, Scales};
use super::sizes;
use super::study::{Study, FLAT};

const DELEGATIONS: u16 = 200;
const VALIDATORS: [u32; 6] = [16, 32, 64, 128, 256, 512];
const CHANGED: [u16; 6] = [0, 1, 10, 50, 100, DELEGATIONS];
const MEMBERS: [u32; 5] = [1, 10, 100, 1_000, 10_000];
const SHORT: u32 = 1_000;
/// Whose claim is measured.
const MEASURED: &str = "member-0";
const ADVANCE: &str = "advance";

pub(crate) fn all(scales: &mut Scales, full: bool) -> Vec<Study> {
    let [validators, changed] = advancing(scales);
    vec![validators, changed, members(scales, full)]
}

fn owner(delegation: u16) -> String {
    format!("dao-{delegation}")
}

/// Delegations of three slots each, without validators, in epoch 1.
fn founded(delegations: u16) -> Network {
    let mut network = Network::builder().build();
    for delegation in 1..=delegations {
        network.stake_weight(&owner(delegation), 60_000, None);
    }
    network.next_epoch();
    for delegation in 1..=delegations {
        network.create_delegation(&owner(delegation), 500);
    }
    network
}

/// Closes everything before the running epoch, and that one: the next one has begun.
fn pass(network: &mut Network) {
    let next = network.now_epoch().next();
    network.pass_epochs_until(next.0);
}

/// Validators at 200 delegations, then delegations that change at 512 validators.
fn advancing(scales: &mut Scales) -> [Study; 2] {
    let mut network = founded(DELEGATIONS);
    let mut validators = Study::new(
        "validators",
        "Validators of all Delegation IDs",
        "validators",
    )
    .without_chart()
    .notes("200 Delegation IDs of three slots each; nothing has changed since the epoch before.")
    .with(ADVANCE, None);
    let mut running = 0;
    for size in VALIDATORS {
        for number in running..size {
            let delegation = (number % u32::from(DELEGATIONS)) as u16 + 1;
            network.run_validators(&owner(delegation), delegation, 1);
        }
        running = size;
        // In the first epoch after these two nothing changes.
        pass(&mut network);
        pass(&mut network);
        validators.add(ADVANCE, size, weigh_advance(scales, &mut network, &[]));
    }
    let mut changed = Study::new(
        "changed-ids",
        "Delegation IDs that change in an epoch",
        "Delegation IDs that change in the epoch",
    )
    .notes(
        "200 Delegation IDs, 512 validators. In each that changes somebody gains 20,000 \
         Quintessence in the epoch before, which is one slot more, and one of its validators is \
         not eligible in this one, which is one captured slot less.",
    )
    .with(ADVANCE, None);
    for size in CHANGED {
        let changing: Vec<u16> = (0..size)
            .map(|number| number * DELEGATIONS / size + 1)
            .collect();
        for delegation in &changing {
            let joiner = format!("joiner-{size}-{delegation}");
            network.stake_weight(&joiner, 20_000, Some(*delegation));
        }
        pass(&mut network);
        // The first validators were given to one delegation after the other.
        let down: Vec<u16> = changing
            .iter()
            .map(|delegation| network.seat_of((*delegation).into()))
            .collect();
        let cost = weigh_advance(scales, &mut network, &down);
        changed.add(ADVANCE, size.into(), cost);
    }
    [validators, changed]
}

/// What closing the running epoch costs with all seats eligible but these; it is closed then.
fn weigh_advance(scales: &mut Scales, network: &mut Network, down: &[u16]) -> Cost {
    let epoch = network.now_epoch();
    let bits = network.delegation().evidence(epoch.0).bits;
    let up: Vec<u16> = (0..bits as u16)
        .filter(|seat| !down.contains(seat))
        .collect();
    network.report_eligible(epoch.0, &up);
    network.wait_until_advance(epoch.0);
    scales.follow(network);
    let advance = ExecuteMsg::Advance { epoch };
    let contract = &network.addresses().delegation;
    let cost = scales.weigh(&network.account("anybody"), contract, &advance);
    network.advance(epoch.0);
    network.advance_to(network.clock().start_of(Epoch(epoch.0 + 1)));
    cost
}

/// Members of one delegation.
fn members(scales: &mut Scales, full: bool) -> Study {
    let mut study = Study::new("members", "Members of a Delegation ID", "members")
        .without_chart()
        .notes(
            "One Delegation ID with three slots and validators. Joining is moving a staked NFT into \
             it, as the first one in the epoch. The claim is for one epoch.",
        )
        .with("join", FLAT)
        .with("claim", FLAT);
    let mut network = founded(1);
    network.run_validators(&owner(1), 1, 3);
    network.mint_nft("joiner", PLAIN, "1000");
    network.send_nft("joiner", PLAIN, "1000", None);
    let mut joined = 0;
    for size in sizes(&MEMBERS, full, SHORT) {
        for number in joined..size {
            let (name, id) = (format!("member-{number}"), format!("{}", 10_000 + number));
            network.mint_nft(&name, PLAIN, &id);
            network.send_nft(&name, PLAIN, &id, Some(1));
        }
        joined = size;
        pass(&mut network);
        pass(&mut network);
        network.claim_all_rewards(MEASURED);
        // As a keeper does: members' joining at each size is not walked again.
        network.settle_delegation("keeper", 1);
        pass(&mut network);
        scales.follow(&network);
        let join = ExecuteMsg::MoveNfts {
            nfts: vec![network.nft(PLAIN, "1000")],
            delegation: Some(DelegationId(1)),
        };
        let contract = &network.addresses().delegation;
        let cost = scales.weigh(&network.account("joiner"), contract, &join);
        study.add("join", size, cost);
        study.add("claim", size, scales.weigh_rewards(&network, MEASURED));
    }
    study
}
