//! Reports of who ran, quorum, windows.

use noderev_api::common::{EpochStep, ReportInfo};
use noderev_api::distributor::{ExecuteMsg, Params};
use noderev_components::{Bitmap, Epoch};
use noderev_testing::Network;
use noderev_tests::ext::{assert_changes_nothing, assert_refused, claimable, finish};

fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 9), ("bob", 1)]);
    net
}

/// The parameters in force with other attesters.
fn attested_by(net: &Network, attesters: Vec<String>, threshold: u32) -> Params {
    let mut params = net.distributor().params_at(0).params;
    params.evidence.attesters = attesters;
    params.evidence.threshold = threshold;
    params
}

fn raw(bytes: &[u8], evidence: usize) -> ExecuteMsg {
    ExecuteMsg::Report {
        epoch: Epoch(0),
        bitmap: bytes.to_vec().into(),
        evidence: vec![1; evidence].into(),
    }
}

#[test]
fn d13_only_an_attester_reports_and_only_on_an_epoch_that_has_ended() {
    let mut net = network();
    let ran = net.all_ran(0);
    let ends = net.clock().end_of(Epoch(0));
    let why = format!("epoch 0 has not ended: it ends at {ends} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| net.try_report("attester-1", 0, &ran));
    net.advance_to(ends - 1);
    assert_refused(net.try_report("attester-1", 0, &ran), &why);
    net.advance_to(ends);
    let alice = net.account("alice");
    let why = format!("{alice} is not an attester of epoch 0");
    assert_changes_nothing(&mut net, &why, |net| net.try_report("alice", 0, &ran));
    net.report("attester-1", 0, &ran);
    let ends = net.clock().end_of(Epoch(1));
    let why = format!("epoch 1 has not ended: it ends at {ends} (Unix seconds)");
    assert_refused(net.try_report("attester-1", 1, &ran), &why);
}

#[test]
fn d13_a_report_is_replaced_until_all_have_reported() {
    let mut net = network();
    net.to_epoch(1);
    let (all, some) = (net.all_ran(0), net.all_but(0, &[1, 2]));
    net.report("attester-1", 0, &some);
    net.report("attester-1", 0, &all);
    net.report("attester-2", 0, &some);
    assert_eq!(
        net.distributor()
            .evidence(0)
            .reports
            .iter()
            .flatten_bitmaps(),
        2
    );
    net.report("attester-3", 0, &all);
    let why = "the result of epoch 0 is fixed: reports are no longer taken";
    assert_changes_nothing(&mut net, why, |net| net.try_report("attester-1", 0, &some));
    // Two of three say that all ran.
    let result = net.distributor().evidence(0).result.unwrap();
    assert_eq!(result, all.to_binary());
    net.close_when_due(0);
    let why = "epoch 0 is closed";
    assert_refused(net.try_report("attester-1", 0, &some), why);
}

trait Bitmaps {
    fn flatten_bitmaps(self) -> usize;
}

impl<'a, I: Iterator<Item = &'a ReportInfo>> Bitmaps for I {
    fn flatten_bitmaps(self) -> usize {
        self.filter(|report| report.bitmap.is_some()).count()
    }
}

#[test]
fn d14_a_set_of_attesters_is_a_majority_of_different_accounts() {
    let mut net = network();
    let names = |net: &Network, names: &[&str]| -> Vec<String> {
        names
            .iter()
            .map(|name| net.account(name).into_string())
            .collect()
    };
    let fifteen: Vec<String> = (0..16)
        .map(|n| net.account(&format!("a{n}")).into())
        .collect();
    let cases: Vec<(Vec<String>, u32)> = vec![
        (vec![], 0),
        (names(&net, &["a", "b", "c"]), 0),
        (names(&net, &["a", "b", "c"]), 1),
        (names(&net, &["a", "b"]), 1),
        (names(&net, &["a", "b", "c"]), 4),
        (names(&net, &["a", "b", "a"]), 2),
        (fifteen, 9),
    ];
    for (attesters, threshold) in cases {
        let count = attesters.len();
        let params = attested_by(&net, attesters, threshold);
        let why = match count {
            1..=15 => format!("{count} attesters with threshold {threshold}: 1..=15 different ones, and more than half but not more than all must agree"),
            _ => format!("number of attesters is {count}: must be 1..=15"),
        };
        assert_refused(
            net.try_on_distributor("owner", &ExecuteMsg::QueueParams { params }),
            &why,
        );
    }
    // The same account in capitals is no other account.
    let upper = net.account("a").into_string().to_uppercase();
    let attesters = vec![net.account("a").into_string(), upper];
    let params = attested_by(&net, attesters, 2);
    assert!(net
        .try_on_distributor("owner", &ExecuteMsg::QueueParams { params })
        .is_err());
}

#[test]
fn d15_the_set_is_the_epochs_own() {
    let mut net = network();
    let attesters = vec![net.account("new").into_string()];
    let params = attested_by(&net, attesters, 1);
    net.on_distributor("owner", &ExecuteMsg::QueueParams { params });
    for epoch in 0..7 {
        finish(&mut net, epoch, &[]);
    }
    net.to_epoch(8);
    // In force from epoch 8; epoch 7 is still the old ones'.
    let ran = net.all_ran(7);
    let new = net.account("new");
    let why = format!("{new} is not an attester of epoch 7");
    assert_refused(net.try_report("new", 7, &ran), &why);
    net.report("attester-1", 7, &ran);
    net.to_epoch(9);
    let old = net.account("attester-1");
    let why = format!("{old} is not an attester of epoch 8");
    assert_refused(net.try_report("attester-1", 8, &ran), &why);
    net.report("new", 8, &ran);
}

#[test]
fn d16_a_bitmap_has_exactly_its_bytes_and_no_bit_beyond() {
    let mut net = network();
    net.to_epoch(1);
    let send =
        |net: &mut Network, bytes: &[u8]| net.try_on_distributor("attester-1", &raw(bytes, 32));
    for bytes in [&[][..], &[255], &[255, 3, 0]] {
        let why = format!("bitmap has {} bytes, 2 are needed for 10 bits", bytes.len());
        assert_changes_nothing(&mut net, &why, |net| send(net, bytes));
    }
    let why = "bitmap sets a bit beyond the last of 10";
    assert_changes_nothing(&mut net, why, |net| send(net, &[255, 4]));
    let why = "evidence length is 31: must be 32..=32";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_on_distributor("attester-1", &raw(&[255, 3], 31))
    });
    // Key 1 is the lowest bit of the first byte, key 10 the second lowest of the second.
    for attester in ["attester-1", "attester-2", "attester-3"] {
        net.on_distributor(attester, &raw(&[0b0000_0001, 0b0000_0010], 32));
    }
    net.deposit_revenue("customer", 0, 5, 1);
    net.close_when_due(0);
    assert_eq!(net.distributor().network().last.unwrap().running, 2);
    let reason = |key| net.distributor().explain(key, 0).reason;
    use noderev_api::distributor::Reason::{NotRunning, Unstaked};
    assert_eq!(
        [1, 2, 9, 10].map(reason),
        [Unstaked, NotRunning, NotRunning, Unstaked]
    );
}

#[test]
fn d18_a_minority_decides_nothing_and_just_a_quorum_everything() {
    let mut net = network();
    net.to_epoch(1);
    let (none, all) = (Bitmap::zeros(10), net.all_ran(0));
    net.report("attester-1", 0, &all);
    net.report("attester-2", 0, &none);
    net.report("attester-3", 0, &none);
    net.close_when_due(0);
    assert_eq!(net.distributor().network().last.unwrap().running, 0);
    net.to_epoch(2);
    net.report("attester-1", 1, &all);
    net.report("attester-2", 1, &all);
    net.report("attester-3", 1, &none);
    net.close_when_due(1);
    assert_eq!(net.distributor().network().last.unwrap().running, 10);
}

#[test]
fn d19_a_colluding_quorum_harms_its_epoch_only() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 3 * 5_000, 3);
    finish(&mut net, 0, &[]);
    let before = claimable(&net, "bob", 0);
    finish(&mut net, 1, &[10]);
    assert_eq!(claimable(&net, "bob", 0), before);
    finish(&mut net, 2, &[]);
    assert_eq!(claimable(&net, "bob", 0), 2 * before);
    // Who said what stays readable.
    let reports = net.distributor().evidence(1).reports;
    assert!(reports
        .iter()
        .all(|report| report.bitmap.is_some() && report.evidence.is_some()));
}

#[test]
fn d20_silence_costs_no_money_and_each_late_epoch_has_its_own_window() {
    for silent in [1u32, 30] {
        let mut net = network();
        net.deposit_revenue("customer", 0, u128::from(silent) * 1_000, silent);
        net.to_epoch(silent + 1);
        for epoch in 0..silent {
            // Nobody reported: due at the end of the window after its predecessor's close.
            net.close_when_due(epoch);
            assert!(!net.distributor().network().last.unwrap().quorum);
        }
        let books = &net.distributor().solvency().denoms[0];
        assert_eq!(
            noderev_tests::checks::bucket(books, "drip"),
            u128::from(silent) * 600
        );
        assert_eq!(claimable(&net, "treasury", 0), u128::from(silent) * 400);
        net.assert_invariants();
    }
}

#[test]
fn d20_a_halt_of_400_days_loses_no_epoch() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 5 * 1_000, 5);
    net.to_epoch(400);
    // The window that was running when the chain stood still has passed, so epoch 0 has no quorum;
    // every other epoch can still be reported in full, in order, from its predecessor's close on.
    net.close_when_due(0);
    assert!(!net.distributor().network().last.unwrap().quorum);
    for epoch in 1..5 {
        let ran = net.all_ran(epoch);
        net.finish_epoch(epoch, &ran);
        assert_eq!(net.distributor().network().last.unwrap().running, 10);
    }
    net.assert_invariants();
}

#[test]
fn reports_end_with_the_window_at_its_second() {
    let mut net = network();
    net.to_epoch(1);
    let ran = net.all_ran(0);
    let end = net.clock().end_of(Epoch(0)) + 6 * 3_600;
    net.report("attester-1", 0, &ran);
    net.advance_to(end - 1);
    net.report("attester-2", 0, &ran);
    net.advance_to(end);
    let why = "the result of epoch 0 is fixed: reports are no longer taken";
    assert_refused(net.try_report("attester-3", 0, &ran), why);
    let until = net.distributor().evidence(0).step;
    let should = cosmwasm_std::Timestamp::from_seconds(end + 12 * 3_600);
    assert_eq!(until, EpochStep::Appeals { until: should });
}

#[test]
fn attesters_are_counted_by_reports_misses_and_disagreement() {
    let mut net = network();
    net.to_epoch(1);
    let (all, some) = (net.all_ran(0), net.all_but(0, &[1, 2, 3]));
    net.report("attester-1", 0, &all);
    net.report("attester-2", 0, &all);
    net.close_when_due(0);
    net.to_epoch(2);
    net.report("attester-1", 1, &all);
    net.report("attester-2", 1, &all);
    net.report("attester-3", 1, &some);
    net.close_when_due(1);
    let attesters = net.distributor().attesters().attesters;
    let of = |at: usize| {
        let it = &attesters[at];
        (it.epochs, it.reported, it.missed, it.disagreed)
    };
    assert_eq!(
        [of(0), of(1), of(2)],
        [(2, 2, 0, 0), (2, 2, 0, 0), (2, 1, 1, 3)]
    );
}
