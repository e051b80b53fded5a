//! The report and the CSV files of a made-up run, left in `target/tmp/report` to look at.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod fixture;

use std::fs;
use std::path::Path;

use noderev::results::{Role, RunResult};
use noderev::sample::{generate, Size};
use noderev::{report, results};

fn rows(dir: &Path, file: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(dir.join(file))
        .expect("file is written");
    let records = reader.records().map(|row| row.expect("row is well formed"));
    records
        .map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_money_of_every_epoch_adds_up() {
    let result = fixture::run(&generate(3, Size::SMALL));
    assert!(result.is_solvent());
    let rule = result.network.params.remainder_to;
    for row in &result.epochs {
        for (denom, money) in row.money.iter().enumerate() {
            assert_eq!(money.network + money.treasury, money.revenue);
            assert_eq!(money.network + money.carry_in + money.drip_in, money.pot);
            assert_eq!(row.split(denom, rule).total(), money.pot + money.treasury);
        }
    }
}

#[test]
fn every_pool_adds_up() {
    let all = fixture::run(&generate(3, Size::SMALL)).delegations.unwrap();
    for row in &all.epochs {
        let came = row.injected + row.carry_in + row.drip_in + row.minted;
        assert_eq!(came, row.rewards + row.carry_out + row.drip_out);
        let shares = all.shares.iter().filter(|share| share.epoch == row.epoch);
        assert_eq!(shares.map(|share| share.reward).sum::<u128>(), row.rewards);
    }
    assert!(all.ids.iter().any(|row| row.owners > 0));
    assert!(all.books.adds_up() && all.books.is_covered());
}

#[test]
fn the_csv_files_add_up_to_the_books() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("csv");
    let result = fixture::run(&generate(3, Size::SMALL));
    results::write(&result, &dir).unwrap();
    for (denom, books) in result.network.denominations.iter().zip(&result.books) {
        let sum = |file: &str, column: usize, denom_at: usize| -> u128 {
            let rows = rows(&dir, file).into_iter().skip(1);
            rows.filter(|row| row[denom_at] == denom.name)
                .map(|row| row[column].parse::<u128>().unwrap())
                .sum()
        };
        assert_eq!(sum("payouts.csv", 6, 5), books.paid);
        assert_eq!(sum("receipts.csv", 7, 6), books.paid);
        assert_eq!(sum("accounts.csv", 4, 2), books.paid);
        assert_eq!(sum("accounts.csv", 5, 2), books.owed);
        assert_eq!(
            sum("epochs.csv", 14, 13),
            books.received - books.undistributed
        );
    }
    let minted = result.delegations.as_ref().unwrap();
    let sum = |file: &str, column: usize, denom_at: usize| -> u128 {
        let rows = rows(&dir, file).into_iter().skip(1);
        rows.filter(|row| row[denom_at] == "OURO")
            .map(|row| row[column].parse::<u128>().unwrap())
            .sum()
    };
    assert_eq!(sum("payouts.csv", 6, 5), minted.books.paid);
    assert_eq!(sum("receipts.csv", 7, 6), minted.books.paid);
    assert_eq!(sum("accounts.csv", 4, 2), minted.books.paid);
    let all = |file: &str, column: usize| -> u128 {
        let rows = rows(&dir, file).into_iter().skip(1);
        rows.map(|row| row[column].parse::<u128>().unwrap()).sum()
    };
    assert_eq!(all("mint.csv", 20), minted.sum(|row| row.minted));
    assert_eq!(all("delegation_epochs.csv", 9), all("mint.csv", 19));
    assert_eq!(all("delegations.csv", 10), all("mint.csv", 19));
    assert_eq!(
        all("members.csv", 3) + all("members.csv", 4),
        minted.books.paid
    );
    assert_eq!(rows(&dir, "keys.csv").len(), 241);
    assert_eq!(rows(&dir, "epochs.csv").len(), 181);
}

#[test]
fn the_pool_is_underfunded_for_a_while_and_overfunded_at_the_end() {
    let result = fixture::run(&generate(1, Size::FULL));
    let funding: Vec<f64> = result
        .epochs
        .iter()
        .filter_map(|row| row.funding())
        .collect();
    let under = funding.iter().filter(|share| **share < 1.0).count();
    assert!((10..80).contains(&under), "underfunded in {under} epochs");
    assert!(funding.last() > Some(&1.0));
}

#[test]
fn results_survive_json() {
    let result = fixture::run(&generate(3, Size::SMALL));
    let json = serde_json::to_string(&result).unwrap();
    assert_eq!(serde_json::from_str::<RunResult>(&json).unwrap(), result);
}

#[test]
fn the_report_needs_nothing_from_elsewhere() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    let result = fixture::run(&generate(1, Size::FULL));
    report::write(&result, &dir).unwrap();
    let page = fs::read_to_string(dir.join(report::FILE)).unwrap();
    for outside in [
        "http://",
        "https://",
        "<script",
        "<link rel=\"stylesheet",
        "@import",
        "url(",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    for inside in [
        "prefers-color-scheme: dark",
        "Epochs without a quorum",
        "Top earners",
        "of slots were used",
        "The largest delegations at the end",
        "on the schedule were minted",
        "Exact",
    ] {
        assert!(page.contains(inside), "{inside}");
    }
    assert!(!page.contains("NaN") && !page.contains("inf"));
    assert!(!page.contains("\"#0102"), "a colour has no variable");
}

#[test]
fn names_from_the_input_are_escaped() {
    let mut result = fixture::run(&generate(3, Size::SMALL));
    result.network.name = "<script>alert(1)</script>".into();
    result.network.denominations[0].name = "<b>\"&".into();
    let page = report::render(&result).unwrap();
    assert!(!page.contains("<script>") && !page.contains("<b>"));
}

#[test]
fn a_run_without_any_epoch_still_has_a_report() {
    let mut result = fixture::run(&generate(3, Size::SMALL));
    result.epochs.clear();
    result.keys.clear();
    result.accruals.clear();
    let page = report::render(&result).unwrap();
    assert!(page.contains("no epoch closed"));
    assert!(
        !page.contains("NaN"),
        "{:?}",
        page.find("NaN").map(|i| &page[i - 100..i + 20])
    );
}

#[test]
fn earnings_rank_accounts_over_the_roles_asked_for() {
    let result = fixture::run(&generate(3, Size::SMALL));
    let ranked = result.earnings(0, &[Role::Node, Role::Pool]);
    assert!(ranked.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    assert!(ranked.iter().all(|(account, _)| *account != "treasury"));
}
