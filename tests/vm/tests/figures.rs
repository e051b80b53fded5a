//! The committed figures of the benchmark: every message and query of the contracts is among them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// Contracts as the benchmark and as the schema names them.
const CONTRACTS: [(&str, &str); 4] = [
    ("registry", "node-registry"),
    ("vault", "staking-vault"),
    ("distributor", "revenue-distributor"),
    ("delegation", "delegation"),
];

/// What comes with tokens and NFTs, which the schemas of contracts do not list.
const HOOKS: [&str; 9] = [
    "registry receive buy",
    "vault receive stake_nodes",
    "vault receive deposit_pool",
    "vault receive deposit_pool_for",
    "distributor receive deposit_revenue",
    "distributor receive appeal",
    "distributor receive challenge",
    "delegation receive inject",
    "delegation receive_nft stake",
];

fn json(file: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(file);
    let text = std::fs::read_to_string(&file);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).expect("it is JSON")
}

/// What ran when rows of a kind were measured: contract and message.
fn measured(kind: &str) -> BTreeSet<String> {
    let figures = json("bench/figures.json");
    let rows = figures[kind].as_array().expect("rows are listed").iter();
    let ran = rows.flat_map(|row| row["ran"].as_array().expect("what ran is listed"));
    ran.map(|name| name.as_str().expect("names are text").to_owned())
        .collect()
}

/// Names of a contract's messages or queries, after the contract's.
fn documented(contract: &str, file: &str, kind: &str) -> BTreeSet<String> {
    let schema = json(&format!("schema/{file}.json"));
    let variants = schema[kind]["oneOf"].as_array();
    let variants = variants.expect("messages are listed").iter();
    let names = variants.flat_map(|variant| match &variant["enum"] {
        Value::Array(names) => names.clone(),
        _ => variant["required"].as_array().cloned().unwrap_or_default(),
    });
    let names = names.filter_map(|name| Some(format!("{contract} {}", name.as_str()?)));
    names.collect()
}

/// What is documented, but not measured.
fn missing(rows: &str, kind: &str) -> Vec<String> {
    // Hooks count for the message that carries them.
    let measured: BTreeSet<String> = measured(rows)
        .iter()
        .map(|name| name.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    let documented = CONTRACTS
        .iter()
        .flat_map(|(contract, file)| documented(contract, file, kind));
    documented.filter(|name| !measured.contains(name)).collect()
}

#[test]
fn every_message_has_a_figure() {
    let missing = missing("messages", "execute");
    assert!(missing.is_empty(), "not measured: {missing:?}");
    let measured = measured("messages");
    for hook in HOOKS {
        assert!(measured.contains(hook), "not measured: {hook}");
    }
}

#[test]
fn every_query_has_a_figure() {
    let missing = missing("queries", "query");
    assert!(missing.is_empty(), "not measured: {missing:?}");
}
