//! The committed sample, worked out by hand in its README.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod fixture;

use std::path::Path;

use noderev::input::{write, Scenario};
use noderev::results::Role;

fn small() -> Scenario {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/small");
    Scenario::read(&dir).unwrap()
}

#[test]
fn what_is_written_reads_back_equal() {
    let dir = tempfile::tempdir().unwrap();
    write(&small(), dir.path()).unwrap();
    assert_eq!(Scenario::read(dir.path()).unwrap(), small());
}

#[test]
fn every_epoch_is_as_in_the_readme() {
    let result = fixture::run(&small());
    let rows: Vec<[u128; 10]> = result
        .epochs
        .iter()
        .map(|row| {
            let usdc = &row.money[0];
            [
                u128::from(row.running),
                u128::from(row.unstaked),
                usdc.pot,
                usdc.per_node,
                usdc.per_unstaked,
                usdc.pool,
                usdc.remainder,
                usdc.drip_in,
                usdc.drip_out,
                usdc.carry_out,
            ]
        })
        .collect();
    assert_eq!(
        rows,
        [
            [
                12,
                12,
                1_200_000_000,
                100_000_000,
                30_000_000,
                0,
                70_000_000,
                0,
                0,
                0
            ],
            [
                12,
                9,
                1_200_000_000,
                100_000_000,
                30_000_000,
                472_500_000,
                13_125_000,
                0,
                0,
                0
            ],
            [
                12,
                9,
                1_200_000_000,
                100_000_000,
                30_000_000,
                472_500_000,
                13_125_000,
                0,
                0,
                0
            ],
            [
                12,
                9,
                1_200_000_000,
                100_000_000,
                30_000_000,
                472_500_000,
                13_125_000,
                0,
                0,
                0
            ],
            [0, 0, 1_200_000_000, 0, 0, 0, 0, 0, 1_200_000_000, 0],
            [
                12,
                9,
                1_720_000_000,
                143_333_333,
                42_999_999,
                677_250_004,
                18_812_500,
                40_000_000,
                0,
                6
            ],
            [
                10,
                7,
                1_718_666_673,
                171_866_667,
                51_560_000,
                812_070_002,
                3_007_666,
                38_666_667,
                0,
                10
            ],
            [
                10,
                8,
                1_717_377_788,
                171_737_778,
                51_521_333,
                811_461_003,
                15_027_055,
                37_377_778,
                0,
                15
            ],
            [
                12,
                10,
                1_716_131_867,
                143_010_988,
                42_903_296,
                600_646_152,
                33_369_230,
                36_131_852,
                0,
                19
            ],
            [
                12,
                10,
                1_714_927_476,
                142_910_623,
                42_873_186,
                600_224_622,
                33_345_812,
                34_927_457,
                0,
                4
            ],
        ]
    );
}

#[test]
fn every_account_earns_as_in_the_readme() {
    let result = fixture::run(&small());
    let usdc = result.earnings(0, &[Role::Node, Role::Pool]);
    assert_eq!(
        usdc,
        [
            ("alice", 3_761_183_458),
            ("frank", 3_379_507_086),
            ("bob", 2_460_445_309),
            ("grace", 1_539_644_696),
            ("carol", 887_358_046),
            ("dave", 794_170_077),
            ("erin", 564_795_077),
        ]
    );
    let qst = result.earnings(1, &[Role::Node]);
    assert_eq!(
        qst,
        [
            ("alice", 200_000_000),
            ("bob", 150_000_000),
            ("carol", 100_000_000),
            ("dave", 100_000_000),
            ("erin", 50_000_000),
        ]
    );
    let books = result.books[0];
    assert_eq!((books.carried, books.drip), (5, 1_012_896_246));
    assert!(result.is_solvent());
}
