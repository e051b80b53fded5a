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
fn every_mint_is_as_in_the_readme() {
    let result = fixture::run(&small());
    let all = result.delegations.unwrap();
    let rows: Vec<[u128; 7]> = all
        .epochs
        .iter()
        .map(|row| {
            [
                row.captured.into(),
                row.pool,
                row.per_slot,
                row.rewards,
                row.minted,
                row.drip_in,
                row.drip_out,
            ]
        })
        .collect();
    assert_eq!(
        rows,
        [
            [0, 0, 0, 0, 0, 0, 0],
            [0, 1_000_000_000, 19_980_019, 0, 0, 0, 0],
            [8, 1_000_000_000, 20_000_000, 160_000_000, 160_000_000, 0, 0],
            [7, 1_000_000_000, 20_000_000, 140_000_000, 140_000_000, 0, 0],
            [0, 0, 0, 0, 0, 0, 100_000_000],
            [
                8,
                1_103_333_334,
                22_066_666,
                176_533_328,
                73_199_994,
                3_333_334,
                0
            ],
            [
                8,
                1_103_222_223,
                22_064_444,
                176_515_552,
                73_293_329,
                3_222_223,
                0
            ],
            [
                9,
                1_003_114_815,
                20_062_296,
                180_560_664,
                177_445_849,
                3_114_815,
                0
            ],
            [
                9,
                1_003_010_988,
                20_060_219,
                180_541_971,
                177_530_983,
                3_010_988,
                0
            ],
            [
                8,
                1_002_910_622,
                20_058_212,
                160_465_696,
                157_555_074,
                2_910_622,
                0
            ],
        ]
    );
}

#[test]
fn every_member_earns_as_in_the_readme() {
    let result = fixture::run(&small());
    let all = result.delegations.as_ref().unwrap();
    let rows: Vec<(u16, &str, u128, u128)> = all
        .members
        .iter()
        .map(|row| {
            (
                row.delegation,
                row.account.as_str(),
                row.earned,
                row.commission,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (1, "hugo", 321_028_680, 0),
            (1, "mia", 27_775_720, 0),
            (2, "ida", 392_288_735, 20_646_775),
            (3, "jon", 215_866_009, 0),
            (3, "kim", 71_955_336, 802_328),
            (4, "lea", 31_866_686, 0),
            (4, "mia", 92_386_938, 0),
        ]
    );
    // The seed's figures: 40 for 55,000, 60 for 61,000, a quarter of 40 for 10,000 of 40,000.
    let rewards = (1..=3).map(|number| all.shares_of(number)[0].reward);
    assert_eq!(
        rewards.collect::<Vec<_>>(),
        [40_000_000, 60_000_000, 40_000_000]
    );
    let kim = all.growth(3, 2).unwrap().of(all.weight(3, "kim", 2));
    assert_eq!(kim, Ok(10_000_000));
    assert_eq!(all.books.drip, 84_408_018);
    assert!(all.books.adds_up());
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
