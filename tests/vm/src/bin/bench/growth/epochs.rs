//! Epochs since the last claim, quiet ones and busy ones.

use noderev_components::Bitmap;
use noderev_testing::{Network, QST};

use super::scales::Scales;
use super::sizes;
use super::study::{Bound, Study};

const SIZES: [u32; 7] = [1, 2, 5, 10, 30, 100, 400];
const SHORT: u32 = 100;
/// Everybody claims when the epochs before this one are closed. 400 epochs later 31 epochs of a
/// block of 32 are closed, which nobody can have rolled: the dearest day to claim.
const CLAIMED: u32 = 15;
const KEYS: u32 = 4_732;
/// Bob's key, which always runs.
const STEADY_KEY: u32 = 1_100;
/// Carol's key, which in busy times runs every other epoch.
const FLICKERING_KEY: u32 = 2_200;
const REVENUE: u128 = 137_000_000_000;
/// Epochs that a deposit of revenue is for.
const SPAN: u32 = 366;
/// What a key's claim may cost, as a multiple of a claim after one epoch, if nothing about it
/// changed; and at worst.
const QUIET: Bound = Bound { factor: 1.5 };
const WORST: Bound = Bound { factor: 3.0 };

const X_NAME: &str = "epochs since the last claim";
const KEY: &str = "1 key";
const STAKER: &str = "pool staker";
const SAVER: &str = "staker, own stake changes";
const MEMBER: &str = "member";
const UNROLLED: &str = "1 key, nobody rolls";
const UNSETTLED: &str = "member, nobody settles";

/// Quiet epochs, busy ones, and busy ones in a network that nobody keeps.
pub(crate) fn all(scales: &mut Scales, full: bool) -> Vec<Study> {
    let (mut quiet, mut busy, mut alone) = (quiet(), busy(), alone());
    for kept in [true, false] {
        Story::new(false, kept).tell(scales, full, |story, scales, since| {
            story.weigh_quiet(scales, &mut quiet, since);
        });
        Story::new(true, kept).tell(scales, full, |story, scales, since| match kept {
            true => story.weigh_busy(scales, &mut busy, since),
            false => story.weigh_alone(scales, &mut alone, since),
        });
    }
    vec![quiet, busy, alone]
}

fn quiet() -> Study {
    Study::new("epochs-quiet", "Claims after quiet epochs", X_NAME)
        .notes(
            "4,732 keys, and nothing changes: all nodes run unstaked, the pool's stake and the \
             delegations stay as they are. A keeper sends `roll` whenever a block of 32 epochs is \
             closed, but for the line that says otherwise: there a claim reads one row and one sum \
             of rates a block.",
        )
        .with(KEY, QUIET)
        .with(UNROLLED, QUIET)
        .with(STAKER, QUIET)
        .with(MEMBER, QUIET)
}

fn busy() -> Study {
    Study::new("epochs-busy", "Claims after busy epochs", X_NAME)
        .notes(
            "4,732 keys. In every epoch somebody deposits into the pool and somebody joins the \
             delegation, and the key runs in every other epoch only. A keeper sends `roll` whenever \
             a block of 32 epochs is closed, and `settle_delegation` every epoch. After 400 epochs \
             31 are closed since the last block. For each of them a key's claim reads who ran and \
             the sums of rates: no day is dearer.",
        )
        .with(KEY, WORST)
        .with(STAKER, WORST)
        .with(MEMBER, WORST)
}

fn alone() -> Study {
    let title = "Claims after busy epochs, no keeper";
    Study::new("epochs-alone", title, X_NAME)
        .notes(
            "The same, but nobody sends `roll` or `settle_delegation`; and a staker who himself \
             deposits in every epoch and never claims. For each epoch a key's claim reads who ran \
             and the sums of rates, a staker's searches his deposits for the one that counted, and \
             a member's writes the delegation's index. What takes more than one message is the sum \
             of them; the table tells how many.",
        )
        .with(UNROLLED, WORST)
        .with(SAVER, WORST)
        .with(UNSETTLED, WORST)
}

/// A network whose epochs go by.
struct Story {
    network: Network,
    busy: bool,
    /// Whether a keeper rolls and settles.
    kept: bool,
}

impl Story {
    fn new(busy: bool, kept: bool) -> Self {
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
        network.stake_weight("dao", 60_000, None);
        Self {
            network,
            busy,
            kept,
        }
    }

    fn tell(
        mut self,
        scales: &mut Scales,
        full: bool,
        mut weigh: impl FnMut(&Self, &mut Scales, u32),
    ) {
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
                weigh(&self, scales, since);
            }
        }
    }

    fn found(&mut self) {
        self.network.create_delegation("dao", 500);
        self.network.run_validators("dao", 1, 3);
        self.network.stake_weight("member", 5_000, Some(1));
    }

    fn claim(&mut self) {
        for (owner, key) in [("bob", STEADY_KEY), ("carol", FLICKERING_KEY)] {
            self.network.claim_keys(owner, Some(&[key]));
        }
        for staker in ["staker", "saver"] {
            self.network.claim(staker);
        }
        self.network.claim_all_rewards("member");
    }

    /// What happens in an epoch, and its close.
    fn pass(&mut self, epoch: u32) {
        if self.busy && epoch >= CLAIMED {
            self.network.deposit_pool("depositor", QST);
            self.network.deposit_pool("saver", QST);
            let joiner = format!("joiner-{epoch}");
            self.network.stake_weight(&joiner, 1, Some(1));
        }
        let ran = self.ran(epoch);
        self.network.report_all_eligible(epoch);
        self.network.finish_epoch(epoch, &ran);
        self.network.advance(epoch);
        if self.kept {
            self.keep(epoch);
        }
    }

    fn ran(&mut self, epoch: u32) -> Bitmap {
        match self.busy && epoch.is_multiple_of(2) {
            true => self.network.all_but(epoch, &[FLICKERING_KEY]),
            false => self.network.all_ran(epoch),
        }
    }

    /// What a keeper does when an epoch is closed.
    fn keep(&mut self, epoch: u32) {
        if self.busy && epoch >= CLAIMED {
            self.network.settle_delegation("keeper", 1);
        }
        while self.network.try_roll("keeper").is_ok() {}
    }

    fn weigh_quiet(&self, scales: &mut Scales, study: &mut Study, since: u32) {
        let network = &self.network;
        let key = scales.weigh_claims(network, "bob", &[STEADY_KEY]);
        if !self.kept {
            study.add(UNROLLED, since, key);
            return;
        }
        study.add(KEY, since, key);
        study.add(STAKER, since, scales.weigh_claims(network, "staker", &[]));
        study.add(MEMBER, since, scales.weigh_rewards(network, "member"));
    }

    fn weigh_busy(&self, scales: &mut Scales, study: &mut Study, since: u32) {
        let network = &self.network;
        let key = scales.weigh_claims(network, "carol", &[FLICKERING_KEY]);
        study.add(KEY, since, key);
        study.add(STAKER, since, scales.weigh_claims(network, "staker", &[]));
        study.add(MEMBER, since, scales.weigh_rewards(network, "member"));
    }

    fn weigh_alone(&self, scales: &mut Scales, study: &mut Study, since: u32) {
        let network = &self.network;
        let key = scales.weigh_claims(network, "carol", &[FLICKERING_KEY]);
        study.add(UNROLLED, since, key);
        study.add(SAVER, since, scales.weigh_claims(network, "saver", &[]));
        study.add(UNSETTLED, since, scales.weigh_rewards(network, "member"));
    }
}
