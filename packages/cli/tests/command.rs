//! The program as it is called: exit codes and what is written.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

use std::path::Path;
use std::process::{Command, Output};

use noderev::input::Scenario;
use noderev::sample::{generate, Size};

fn noderev(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_noderev"))
        .args(arguments)
        .output()
        .expect("program runs")
}

fn path(dir: &Path) -> &str {
    dir.to_str().expect("temporary folders have plain names")
}

#[test]
fn sample_writes_what_simulate_reads() {
    let dir = tempfile::tempdir().unwrap();
    let out = noderev(&[
        "sample",
        "--seed",
        "5",
        "--size",
        "small",
        "--out",
        path(dir.path()),
    ]);
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(
        Scenario::read(dir.path()).unwrap(),
        generate(5, Size::SMALL)
    );
}

#[test]
fn sample_answers_in_json() {
    let dir = tempfile::tempdir().unwrap();
    let out = noderev(&[
        "--json",
        "sample",
        "--size",
        "small",
        "--out",
        path(dir.path()),
    ]);
    let answer: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        (&answer["keys"], &answer["epochs"]),
        (&120.into(), &90.into())
    );
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["simulate", "--out", "x"] as &[&str],
        &["simulate", "--input", "a", "--sample", "1", "--out", "x"],
        &["simulate", "--input", "a", "--size", "small", "--out", "x"],
        &["sample", "--seed", "-1", "--out", "x"],
        &["explain", "--out", "x", "--epoch", "1"],
        &["explain", "--out", "x", "--epoch", "1", "--key", "0"],
        &["explain", "--out", "x", "--epoch", "1", "--delegation", "1"],
        &["explain", "--out", "x", "--epoch", "1", "--member", "a"],
        &[
            "explain",
            "--out",
            "x",
            "--epoch",
            "1",
            "--delegation",
            "1",
            "--member",
            "a",
            "--key",
            "1",
        ],
        &["frobnicate"],
        &[],
    ] {
        assert_eq!(noderev(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn wrong_input_ends_with_1_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (input, out) = (dir.path().join("in"), dir.path().join("out"));
    assert_eq!(
        noderev(&["sample", "--size", "small", "--out", path(&input)])
            .status
            .code(),
        Some(0)
    );
    std::fs::write(input.join("keys.csv"), "key,owner\n1,a\n3,b\n").unwrap();
    let run = noderev(&["simulate", "--input", path(&input), "--out", path(&out)]);
    assert_eq!(run.status.code(), Some(1));
    let error = String::from_utf8(run.stderr).unwrap();
    assert_eq!(
        error,
        "noderev: keys.csv:3: key 3 where key 2 must follow\n"
    );
    assert!(!out.exists());
}

#[test]
fn a_file_is_no_output_folder() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("file");
    std::fs::write(&out, "").unwrap();
    let run = noderev(&["sample", "--size", "small", "--out", path(&out)]);
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8(run.stderr)
        .unwrap()
        .ends_with("there is a file of that name\n"));
}
