//! Every refusal with its exact text, each from the small sample with one file changed.

use std::fs;

use tempfile::TempDir;

use super::*;

mod delegations;

const FILES: [&str; 10] = [
    "network.toml",
    "keys.csv",
    "revenue.csv",
    "activity.csv",
    "stakes.csv",
    "market.csv",
    "nfts.csv",
    "validators.csv",
    "eligibility.csv",
    "injections.csv",
];

fn small() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/small"))
}

/// The small sample with one file replaced.
fn folder(file: &str, content: &[u8]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in FILES {
        fs::copy(small().join(name), dir.path().join(name)).unwrap();
    }
    fs::write(dir.path().join(file), content).unwrap();
    dir
}

fn refusal(file: &str, content: &str) -> String {
    Scenario::read(folder(file, content.as_bytes()).path())
        .unwrap_err()
        .to_string()
}

#[track_caller]
fn assert_refused(file: &str, content: &str, expected: &str) {
    assert_eq!(refusal(file, content), expected);
}

/// A row under the header of revenue.csv, on line 2.
fn revenue(row: &str) -> String {
    refusal(
        "revenue.csv",
        &format!("epoch,denom,amount,source,reference,over\n{row}\n"),
    )
}

fn stakes(row: &str) -> String {
    refusal(
        "stakes.csv",
        &format!("epoch,account,action,key,amount\n{row}\n"),
    )
}

fn activity(rows: &str) -> String {
    refusal("activity.csv", &format!("attester,epoch,bitmap\n{rows}\n"))
}

fn market(rows: &str) -> String {
    refusal(
        "market.csv",
        &format!("epoch,seller,buyer,key,price,with_stake\n{rows}\n"),
    )
}

/// The small network with one text replaced.
fn network(from: &str, to: &str) -> String {
    let text = fs::read_to_string(small().join("network.toml")).unwrap();
    assert!(text.contains(from));
    refusal("network.toml", &text.replacen(from, to, 1))
}

#[test]
fn the_small_sample_reads() {
    let scenario = Scenario::read(small()).unwrap();
    assert_eq!(scenario.owners.len(), 12);
    assert_eq!(scenario.network.params, Params::default());
    assert_eq!(scenario.network.cap, 4_732);
    assert_eq!(scenario.reports_on(4).len(), 1);
    assert_eq!(scenario.reports_on(3).len(), 2);
    assert_eq!(scenario.revenue_in(0).len(), 2);
    assert_eq!(scenario.sales_in(5)[0].buyer, "bob");
    assert_eq!(
        scenario.stakes_in(6)[0].action,
        StakeAction::UnstakeNode { key: 5 }
    );
}

#[test]
fn columns_may_stand_in_any_order_and_over_may_be_left_out() {
    let rows = "reference,source,amount,denom,epoch\r\ninv-1,x,5,QST,9\r\ninv-2,x,7,USDC,3\r\n";
    let scenario = Scenario::read(folder("revenue.csv", rows.as_bytes()).path()).unwrap();
    assert_eq!(scenario.revenue[0].epoch, 3, "rows are in order of epochs");
    assert_eq!(
        (scenario.revenue[1].denom, scenario.revenue[1].over),
        (1, 1)
    );
}

#[test]
fn a_node_stake_left_empty_is_the_requirement() {
    let rows = "epoch,account,action,key,amount\n0,alice,stake_node,1,\n";
    let scenario = Scenario::read(folder("stakes.csv", rows.as_bytes()).path()).unwrap();
    let action = StakeAction::StakeNode {
        key: 1,
        amount: NODE_STAKE,
    };
    assert_eq!(scenario.stakes[0].action, action);
}

#[test]
fn missing_files() {
    let dir = folder("market.csv", b"");
    fs::remove_file(dir.path().join("market.csv")).unwrap();
    assert_eq!(Scenario::read(dir.path()).unwrap().sales, []);
    fs::remove_file(dir.path().join("keys.csv")).unwrap();
    let error = Scenario::read(dir.path()).unwrap_err().to_string();
    assert_eq!(error, "keys.csv: No such file or directory (os error 2)");
}

#[test]
fn headers() {
    let file = "keys.csv";
    assert_refused(file, "", "keys.csv:1: the header line is missing");
    assert_refused(file, "key\n1\n", "keys.csv:1: column `owner` is missing");
    assert_refused(file, "key,owner,age\n", "keys.csv:1: unknown column `age`");
    assert_refused(
        file,
        "key,owner,key\n",
        "keys.csv:1: column `key` occurs twice",
    );
    assert_refused(file, "Key,owner\n", "keys.csv:1: unknown column `Key`");
}

#[test]
fn rows_that_are_no_rows() {
    let file = "keys.csv";
    assert_refused(
        file,
        "key,owner\n1,a\n2\n",
        "keys.csv:3: 1 fields, the header has 2",
    );
    assert_refused(
        file,
        "key,owner\n1,a,b\n",
        "keys.csv:2: 3 fields, the header has 2",
    );
    assert_refused(file, "key,owner\n\n1,a\n", "keys.csv:2: blank line");
    assert_refused(
        file,
        "key,owner\n1,\"a\nb\"\n",
        "keys.csv:2: owner `a\nb` is no account: 1 to 90 of a-z 0-9 - _ .",
    );
}

#[test]
fn text_that_is_not_utf8() {
    let dir = folder("keys.csv", b"key,owner\n1,a\n2,\xff\n");
    let error = Scenario::read(dir.path()).unwrap_err().to_string();
    assert_eq!(error, "keys.csv:3: not UTF-8 text");
}

#[test]
fn keys() {
    let keys = |rows: &str| refusal("keys.csv", &format!("key,owner\n{rows}\n"));
    assert_eq!(
        keys("1,a\n3,b"),
        "keys.csv:3: key 3 where key 2 must follow"
    );
    assert_eq!(
        keys("1,a\n1,b"),
        "keys.csv:3: key 1 where key 2 must follow"
    );
    assert_eq!(keys("0,a"), "keys.csv:2: key 0 where key 1 must follow");
    let odd = "is not a whole number in plain digits without leading zeros";
    assert_eq!(keys("01,a"), format!("keys.csv:2: key `01` {odd}"));
    assert_eq!(keys("+1,a"), format!("keys.csv:2: key `+1` {odd}"));
    assert_eq!(keys(" 1,a"), format!("keys.csv:2: key ` 1` {odd}"));
    assert_eq!(keys(",a"), "keys.csv:2: key is empty");
    assert_eq!(keys("1,"), "keys.csv:2: owner is empty");
    assert_eq!(
        keys("1,Al"),
        "keys.csv:2: owner `Al` is no account: 1 to 90 of a-z 0-9 - _ ."
    );
    assert_refused("keys.csv", "key,owner\n", "keys.csv:1: no keys");
    assert_eq!(
        network("threshold = 2", "threshold = 2\ncap = 11"),
        "keys.csv:13: more keys than the cap of 11"
    );
}

#[test]
fn revenues() {
    assert_eq!(
        revenue("10,USDC,5,a,b,1"),
        "revenue.csv:2: epoch 10 is out of range: the run has epochs 0 to 9"
    );
    assert_eq!(
        revenue("0,uusdc,5,a,b,1"),
        "revenue.csv:2: unknown denomination `uusdc`"
    );
    assert_eq!(revenue("0,USDC,0,a,b,1"), "revenue.csv:2: amount is zero");
    assert_eq!(revenue("0,USDC,5,,b,1"), "revenue.csv:2: source is empty");
    assert_eq!(
        revenue("0,USDC,5,a,,1"),
        "revenue.csv:2: reference is empty"
    );
    assert_eq!(revenue("0,USDC,5,a,b,0"), "revenue.csv:2: over is zero");
    assert_eq!(
        revenue("0,USDC,5,a,b,367"),
        "revenue.csv:2: over 367 is larger than 366"
    );
    assert_eq!(
        revenue("0,USDC,1.5,a,b,1"),
        "revenue.csv:2: amount `1.5` is not a whole number in plain digits without leading zeros"
    );
    assert_eq!(
        revenue("0,USDC,340282366920938463463374607431768211456,a,b,1"),
        "revenue.csv:2: amount 340282366920938463463374607431768211456 is larger than \
         340282366920938463463374607431768211455"
    );
    assert_eq!(
        revenue(&format!("0,USDC,5,{},b,1", "a".repeat(257))),
        "revenue.csv:2: source is longer than 256 bytes"
    );
    assert_eq!(
        revenue("0,USDC,5,a,b,1\n1,QST,6,a,b,1"),
        "revenue.csv:3: duplicate of line 2: source `a`, reference `b`"
    );
}

#[test]
fn activities() {
    assert_eq!(
        activity("att-x,0,1-12"),
        "activity.csv:2: unknown attester `att-x`"
    );
    assert_eq!(
        activity("att-a,10,1-12"),
        "activity.csv:2: epoch 10 is out of range: the run has epochs 0 to 9"
    );
    assert_eq!(
        activity("att-a,0,0xff"),
        "activity.csv:2: bitmap: 2 hex digits, 12 keys take 4"
    );
    assert_eq!(
        activity("att-a,0,0xff1f"),
        "activity.csv:2: bitmap: a bit above key 12 is set"
    );
    assert_eq!(
        activity("att-a,0,0xff0x"),
        "activity.csv:2: bitmap: `x` is no hex digit"
    );
    assert_eq!(
        activity("att-a,0,1-13"),
        "activity.csv:2: bitmap: key 13 is outside 1 to 12"
    );
    assert_eq!(
        activity("att-a,0,all"),
        "activity.csv:2: bitmap: `all` is neither a key nor a range of keys"
    );
    assert_eq!(
        activity("att-a,0,1-12\natt-b,0,1\natt-a,0,2"),
        "activity.csv:4: duplicate of line 2: attester `att-a`, epoch 0"
    );
}

#[test]
fn bitmaps_grow_when_the_grace_of_a_split_ends() {
    let text = fs::read_to_string(small().join("network.toml")).unwrap()
        + "\n[params]\nsplit_notice_s = 86400\nsplit_grace = 3\n\n[[splits]]\nepoch = 1\nfactor = 2\n";
    let dir = folder("network.toml", text.as_bytes());
    // Announced at 1 d + 1 s with a day's notice: in force from epoch 3, reported from epoch 6.
    let reports = "attester,epoch,bitmap\natt-a,5,0xff0f\natt-a,6,0xffffff\n";
    fs::write(dir.path().join("activity.csv"), reports).unwrap();
    let stakes = "epoch,account,action,key,amount\n2,alice,stake_node,1,200000000000\n\
                  3,alice,stake_node,14,100000000000\n";
    fs::write(dir.path().join("stakes.csv"), stakes).unwrap();
    let scenario = Scenario::read(dir.path()).unwrap();
    assert_eq!(scenario.reports_on(6)[0].bitmap.keys(), 24);
    fs::write(
        dir.path().join("stakes.csv"),
        stakes.replace("3,alice", "2,alice"),
    )
    .unwrap();
    assert_eq!(
        Scenario::read(dir.path()).unwrap_err().to_string(),
        "stakes.csv:3: unknown key 14: epoch 2 has keys 1 to 12"
    );
}

#[test]
fn stakings() {
    assert_eq!(
        stakes("0,alice,stake,1,"),
        "stakes.csv:2: unknown action `stake`: use stake_node, unstake_node, deposit or withdraw"
    );
    assert_eq!(
        stakes("0,alice,stake_node,13,"),
        "stakes.csv:2: unknown key 13: epoch 0 has keys 1 to 12"
    );
    assert_eq!(
        stakes("0,alice,stake_node,0,"),
        "stakes.csv:2: unknown key 0: epoch 0 has keys 1 to 12"
    );
    assert_eq!(
        stakes("0,alice,stake_node,1,100000000000"),
        "stakes.csv:2: stake of 100000000000 units, a node takes exactly 200000000000 in epoch 0"
    );
    assert_eq!(
        stakes("0,alice,unstake_node,1,5"),
        "stakes.csv:2: amount must be empty for unstake_node"
    );
    assert_eq!(
        stakes("0,alice,unstake_node,,"),
        "stakes.csv:2: key is empty"
    );
    assert_eq!(
        stakes("0,frank,deposit,1,5"),
        "stakes.csv:2: key must be empty for deposit"
    );
    assert_eq!(
        stakes("0,frank,withdraw,1,5"),
        "stakes.csv:2: key must be empty for withdraw"
    );
    assert_eq!(stakes("0,frank,deposit,,"), "stakes.csv:2: amount is empty");
    assert_eq!(
        stakes("0,frank,withdraw,,0"),
        "stakes.csv:2: amount is zero"
    );
    assert_eq!(
        stakes("0,frank,deposit,,5\n0,frank,deposit,,6"),
        "stakes.csv:3: duplicate of line 2: epoch 0, `frank`, deposit"
    );
    assert_eq!(
        stakes("0,alice,stake_node,1,\n0,alice,stake_node,1,"),
        "stakes.csv:3: duplicate of line 2: epoch 0, `alice`, stake_node, key 1"
    );
}

#[test]
fn sales() {
    assert_eq!(
        market("0,a,a,1,5,true"),
        "market.csv:2: seller and buyer are both `a`"
    );
    assert_eq!(
        market("0,a,b,1,5,yes"),
        "market.csv:2: with_stake `yes` is neither true nor false"
    );
    assert_eq!(market("0,a,b,1,0,true"), "market.csv:2: price is zero");
    assert_eq!(
        market("0,a,b,99,5,true"),
        "market.csv:2: unknown key 99: epoch 0 has keys 1 to 12"
    );
    assert_eq!(
        market("0,a,b,1,5,true\n0,b,c,1,5,true"),
        "market.csv:3: duplicate of line 2: epoch 0, key 1"
    );
}

#[test]
fn networks() {
    assert_eq!(
        network("threshold = 2", "threshold = 1"),
        "network.toml:6: threshold 1 of 3 must be more than half, at most all"
    );
    assert_eq!(
        network("threshold = 2", "threshold = 4"),
        "network.toml:6: threshold 4 of 3 must be more than half, at most all"
    );
    assert_eq!(
        network("epoch_length = 86400", "epoch_length = 64800"),
        "network.toml:3: report_window_s 21600 + appeal_window_s 43200 must be less than an epoch \
         of 64800 s"
    );
    assert_eq!(
        network("\"att-c\"", "\"att-a\""),
        "network.toml:5: attester `att-a` occurs twice"
    );
    assert_eq!(
        network("name = \"QST\"", "name = \"USDC\""),
        "network.toml:13: denomination `USDC` occurs twice"
    );
    assert_eq!(
        network("epochs = 10\n", "epochs = 0\n"),
        "network.toml:2: 0 is outside 1 to 3660"
    );
    assert_eq!(
        network("2026-01-01T06:00:00Z", "2026-01-01"),
        "network.toml:4: `2026-01-01` is no RFC 3339 time"
    );
    assert_eq!(
        network("cw20 = \"qst\"", ""),
        "network.toml:13: a denomination is either `native` or `cw20`"
    );
    assert_eq!(
        network("name = \"QST\"\n", ""),
        "network.toml:13: missing field `name`"
    );
    assert_eq!(
        network("cw20 = \"qst\"\n", "cw20 = \"qst\"\ncoin = 1\n"),
        "network.toml:16: unknown field `coin`, expected one of `name`, `native`, `cw20`, `decimals`"
    );
    assert_eq!(
        network("name = \"Twelve keys\"", "name = "),
        "network.toml:1: string values must be quoted, expected literal string"
    );
    assert_eq!(
        network("threshold = 2", "treshold = 2"),
        "network.toml:6: unknown field `treshold`, expected one of `name`, `epochs`, \
         `epoch_length`, `start`, `attesters`, `threshold`, `cap`, `denominations`, `params`, \
         `splits`, `delegation`"
    );
    assert_eq!(
        network(
            "decimals = 6\n",
            "decimals = 6\n\n[params]\nnetwork_share_bps = 5999\n"
        ),
        "network.toml:14: 5999 is outside 6000 to 10000"
    );
}

#[test]
fn splits() {
    let split = |rows: &str| {
        network(
            "name = \"QST\"\ncw20 = \"qst\"\ndecimals = 6\n",
            &format!("name = \"QST\"\ncw20 = \"qst\"\ndecimals = 6\n{rows}"),
        )
    };
    assert_eq!(
        split("[[splits]]\nepoch = 10\nfactor = 2\n"),
        "network.toml:17: split in epoch 10, the run has 10 epochs"
    );
    assert_eq!(
        split("[[splits]]\nepoch = 1\nfactor = 3\n"),
        "network.toml:17: split factor 3: use 2, 4, 5, 8, 10, 16, 20 or 25"
    );
    assert_eq!(
        split("[[splits]]\nepoch = 1\nfactor = 2\n[[splits]]\nepoch = 9\nfactor = 2\n"),
        "network.toml:20: split before the grace of the one before it ends in epoch 62"
    );
    assert_eq!(
        split("[[splits]]\nepoch = 1\nfactor = 5\n[[splits]]\nepoch = 9\nfactor = 10\n"),
        "network.toml:20: the split factors multiply to 50, more than 25"
    );
}

#[test]
fn a_network_of_days_becomes_one_of_minutes_and_its_splits_stay_where_they_are() {
    let mut network = Network::sample("short", 90);
    network.splits = vec![Split {
        epoch: 10,
        factor: 2,
    }];
    let short = network.shortened(60).unwrap();
    let params = &short.params;
    assert_eq!(short.epoch_length, 60);
    let windows = (params.report_window_s, params.appeal_window_s);
    assert_eq!(windows, (15, 30));
    assert_eq!(
        (params.unbonding_period_s, params.split_notice_s),
        (840, 1_800)
    );
    assert_eq!(params.market_fee_bps, network.params.market_fee_bps);
    for notice in [0, 1, 86_399, 86_400, 2_591_999, 2_592_000, 2_592_001] {
        network.params.split_notice_s = notice;
        for seconds in [10, 60, 86_399] {
            let short = network.shortened(seconds).unwrap();
            assert_eq!(
                Timeline::new(&short, 1),
                Timeline::new(&network, 1),
                "{notice}"
            );
        }
    }
}

#[test]
fn epochs_are_not_shortened_below_their_windows() {
    let mut network = Network::sample("short", 90);
    network.params.report_window_s = 1;
    network.params.appeal_window_s = 86_398;
    let refusal = network.shortened(10).unwrap_err().to_string();
    let reason = "report_window_s 1 + appeal_window_s 9 must be less than an epoch of 10 s";
    assert!(refusal.contains(reason), "{refusal}");
}
