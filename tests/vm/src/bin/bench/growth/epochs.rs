//! Epochs since the last claim, quiet ones and busy ones.

use noderev_components::Bitmap;
use noderev_testing::{Network, QST};

use super::scales::Scales;
use super::sizes;
use super::study::{Bound, Study};

const SIZES: [u32; 7] = [1, 2, 5, 10, 30, 100, 400];
const SHORT: u32 = 100;
/// Everybody claims when the epochs before this one are closed: in the middle of a block of 32.
const CLAIMED: u32 = 20;
const KEYS: u32 = 4_732;
/// Bob's key, which always runs.
const STEADY_KEY: u32 = 1_100;
/// Carol's key, which in busy times runs every other epoch.
const FLICKERING_KEY: u32 = 2_200;
const REVENUE: u128 = 137_000_000_000;
/// Epochs that a deposit of revenue is for.
const SPAN: u32 = 366;
/// A delegation that nobody brings up to date but its members' claims, and one that a keeper does
/// every epoch.
const LEFT: u16 = 1;
const KEPT: u16 = 2;

/// What a key's claim may cost, as a multiple of a claim after one epoch, if nothing about it
/// changed; and at worst.
const QUIET: Bound = Bound { factor: 1.5 };
const WORST: Bound = Bound { factor: 3.0 };

const ROLLED: &str = "1 key";
const UNROLLED: &str = "1 key, nobody rolls";
const STAKER: &str = "pool staker";
const SAVER: &str = "pool staker whose own stake changes";
const MEMBER: &str = "member";
const KEPT_MEMBER: &str = "member, index kept up to date";

/// Quiet epochs, then busy ones.
pub(crate) fn all(scales: &mut Scales, full: bool) -> Vec<Study> {
    let x_name = "epochs since the last claim";
    let mut quiet = Study::new("epochs-quiet", "Claims after quiet epochs", x_name)
        .notes(
            "4,732 keys, and nothing changes: all nodes run unstaked, the pool's stake and the \
             delegations stay as they are. A keeper sends `roll` when a block of 32 epochs is \
             closed, but for the second line.",
        )
        .with(ROLLED, QUIET)
        .with(UNROLLED, QUIET)
        .with(STAKER, QUIET)
        .with(MEMBER, QUIET);
    let mut busy = Study::new("epochs-busy", "Claims after busy epochs", x_name)
        .notes(
            "4,732 keys. In every epoch somebody deposits into the pool and somebody joins the \
             delegation, and the key runs in every other epoch only. What takes more than one \
             message is the sum of them; `messages` tells how many.",
        )
        .with(ROLLED, WORST)
        .with(UNROLLED, WORST)
        .with(STAKER, WORST)
        .with(SAVER, WORST)
        .with(MEMBER, WORST)
        .with(KEPT_MEMBER, WORST);
    for rolls in [true, false] {
        Story::new(false, rolls).tell(scales, &mut quiet, full);
        Story::new(true, rolls).tell(scales, &mut busy, full);
    }
    vec![quiet, busy]
}

/// A network whose epochs go by.
struct Story {
    network: Network,
    busy: bool,
    rolls: bool,
}

impl Story {
    fn new(busy: bool, rolls: bool) -> Self {
        let mut network = Network::builder().build();
        network.issue(&[("many", 1_000)]);
        network.issue(&[("many", STEADY_KEY - 1_001), ("bob", 1)]);
        network.issue(&[("many", 1_000)]);
        network.issue(&[("many", FLICKERING_KEY - STEADY_KEY - 1_001), ("carol", 1)]);
        for _ in 0..2 {
            network.issue(&[("many", 1_000)]);
        }
        network.issue(&[("many", KEYS - FLICKERING_KEY - 2_000)]);
        for staker in ["staker", "saver", "depositor"] {
            network.mint_qst(staker, 2_000_000 * QST);
            network.deposit_pool(staker, 400_000 * QST);
        }
        network.deposit_revenue("customer", 0, REVENUE * u128::from(SPAN), SPAN);
        for owner in ["dao-1", "dao-2"] {
            network.stake_weight(owner, 60_000, None);
        }
        Self {
            network,
            busy,
            rolls,
        }
    }

    fn tell(mut self, scales: &mut Scales, study: &mut Study, full: bool) {
        let sizes = sizes(&SIZES, full, SHORT);
        let last = CLAIMED + sizes.last().copied().unwrap_or_default();
        for epoch in 0..last {
            match epoch {
                1 => self.found(),
                CLAIMED => self.claim(),
                SPAN => {
                    let revenue = REVENUE * u128::from(SPAN);
                    self.network.deposit_revenue("customer", 0, revenue, SPAN);
                }
                _ => {}
            }
            self.pass(epoch);
            let since = (epoch + 1).saturating_sub(CLAIMED);
            if sizes.contains(&since) {
                scales.follow(&self.network);
                self.weigh(scales, study, since);
            }
        }
    }

    fn found(&mut self) {
        for (owner, member) in [("dao-1", "member-1"), ("dao-2", "member-2")] {
            self.network.create_delegation(owner, 500);
            let delegation = self.network.delegation_of(owner);
            self.network.run_validators(owner, delegation, 3);
            self.network.stake_weight(member, 5_000, Some(delegation));
        }
    }

    fn claim(&mut self) {
        for (owner, key) in [("bob", STEADY_KEY), ("carol", FLICKERING_KEY)] {
            self.network.claim_keys(owner, Some(&[key]));
        }
        for staker in ["staker", "saver"] {
            self.network.claim(staker);
        }
        for member in ["member-1", "member-2"] {
            self.network.claim_all_rewards(member);
        }
    }

    /// What happens in an epoch, and its close.
    fn pass(&mut self, epoch: u32) {
        if self.busy && epoch >= CLAIMED {
            self.network.deposit_pool("depositor", QST);
            self.network.deposit_pool("saver", QST);
            for delegation in [LEFT, KEPT] {
                let joiner = format!("joiner-{delegation}-{epoch}");
                self.network.stake_weight(&joiner, 1, Some(delegation));
            }
        }
        let ran = self.ran(epoch);
        self.network.report_all_eligible(epoch);
        self.network.finish_epoch(epoch, &ran);
        self.network.advance(epoch);
        if self.busy && epoch > 2 {
            self.network.settle_delegation("keeper", KEPT);
        }
        while self.rolls && self.network.try_roll("keeper").is_ok() {}
    }

    fn ran(&mut self, epoch: u32) -> Bitmap {
        match self.busy && epoch % 2 == 1 {
            true => self.network.all_but(epoch, &[FLICKERING_KEY]),
            false => self.network.all_ran(epoch),
        }
    }

    fn weigh(&self, scales: &mut Scales, study: &mut Study, since: u32) {
        let network = &self.network;
        let (owner, key) = match self.busy {
            true => ("carol", FLICKERING_KEY),
            false => ("bob", STEADY_KEY),
        };
        let key_name = match self.rolls {
            true => ROLLED,
            false => UNROLLED,
        };
        study.add(key_name, since, scales.weigh_claims(network, owner, &[key]));
        // All others do not depend on rolls.
        if !self.rolls {
            return;
        }
        study.add(STAKER, since, scales.weigh_claims(network, "staker", &[]));
        study.add(MEMBER, since, scales.weigh_rewards(network, "member-1"));
        if self.busy {
            study.add(SAVER, since, scales.weigh_claims(network, "saver", &[]));
            let kept = scales.weigh_rewards(network, "member-2");
            study.add(KEPT_MEMBER, since, kept);
        }
    }
}
