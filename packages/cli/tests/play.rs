//! `noderev play` against a running local chain.
//!
//! These tests are ignored unless asked for. `NODEREV_LOCALNET_RPC` says where the chain is,
//! `NODEREV_PLAY_WASM` in which folder `cw721_base.wasm` is; `scripts/localnet/play` builds it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod local;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use local::{rpc, ROOT, WORDS};

const SMALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/small");

/// Plays the small sample, whose ten days become ten epochs of so many seconds.
fn play(out: &Path, seconds: &str, account: u32, more: &[&str]) -> Output {
    let first = (account * 10_000).to_string();
    Command::new(env!("CARGO_BIN_EXE_noderev"))
        .args([
            "--json",
            "play",
            "--input",
            SMALL,
            "--epoch-length",
            seconds,
        ])
        .args(["--node", &rpc(), "--account", &account.to_string()])
        .args(["--first-account", &first, "--lead", "10", "--out"])
        .arg(out)
        .args(more)
        .env_remove("NODEREV_DEPLOYMENT")
        .env("NODEREV_MNEMONIC", WORDS)
        .output()
        .unwrap()
}

fn wasm() -> [String; 4] {
    let collection = std::env::var("NODEREV_PLAY_WASM");
    let collection = collection.unwrap_or_else(|_| format!("{ROOT}/scripts/localnet/.build/wasm"));
    [
        "--wasm".into(),
        format!("{ROOT}/artifacts"),
        "--wasm".into(),
        collection,
    ]
}

/// A payment without its block.
fn paid(dir: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(dir.join("payouts.csv")).unwrap();
    let row = |line: &str| {
        let fields = line.split(',').enumerate();
        let fields = fields.filter(|(place, _)| *place != 2);
        fields.map(|(_, field)| field.to_owned()).collect()
    };
    text.lines().map(row).collect()
}

#[test]
#[ignore = "needs a local chain"]
fn ten_days_of_files_are_paid_alike_on_both_chains() {
    let dir = tempfile::tempdir().unwrap();
    let (played, simulated) = (dir.path().join("played"), dir.path().join("simulated"));
    let wasm = wasm();
    let mut options = wasm.each_ref().map(String::as_str).to_vec();
    options.push("--yes");
    let out = play(&played, "12", 3, &options);
    let told = String::from_utf8_lossy(&out.stderr);
    let answer: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{told}"));
    assert_eq!(answer["differences"], Value::Array(Vec::new()));
    assert_eq!(out.status.code(), Some(0), "{told}");
    let done = Command::new(env!("CARGO_BIN_EXE_noderev"))
        .args(["simulate", "--input", SMALL, "--out"])
        .arg(&simulated)
        .output();
    assert!(done.unwrap().status.success());
    assert_eq!(paid(&played), paid(&simulated));
    assert!(fs::read_to_string(played.join("gas.csv"))
        .unwrap()
        .contains("distributor claim,"));
    let deployment = fs::read_to_string(played.join("deployment.json")).unwrap();
    assert!(deployment.contains("\"played\": true"));
}

#[test]
#[ignore = "needs a local chain"]
fn nothing_is_sent_unasked_and_no_real_deployment_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let told = |more: &[&str], code: i32| {
        let done = play(&out, "12", 5, more);
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(code), "{told}");
        assert!(!out.exists());
        told
    };
    assert!(told(&[], 2).contains("pays everybody's ulocal and revenue. Go on?"));
    for mode in ["--dry-run", "--generate-only", "--print-msg"] {
        assert!(told(&[mode, "--yes"], 2).contains("no --dry-run"));
    }
    let real = dir.path().join("real.json");
    fs::write(&real, "{}").unwrap();
    let named = ["--yes", "--deployment", real.to_str().unwrap()];
    assert!(told(&named, 1).contains("a deployment that was not played here"));
    assert_eq!(fs::read_to_string(&real).unwrap(), "{}");
}

#[test]
#[ignore = "needs a local chain"]
fn without_a_contracts_wasm_nothing_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().to_str().unwrap();
    let out = play(
        &dir.path().join("out"),
        "12",
        4,
        &["--wasm", empty, "--yes"],
    );
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(told.contains("cw20_base.wasm is in none of"), "{told}");
    assert_eq!(out.status.code(), Some(1));
    assert!(!dir.path().join("out").exists());
}
