//! Refusals of the files of delegations, and of their section in `network.toml`.

use super::*;

/// Rows under the header of nfts.csv, from line 2 on.
fn nfts(rows: &str) -> String {
    let header = "epoch,account,action,collection,token_ids,delegation,commission,other";
    refusal("nfts.csv", &format!("{header}\n{rows}\n"))
}

fn validators(rows: &str) -> String {
    let header = "epoch,operator,validator,action,delegation";
    refusal("validators.csv", &format!("{header}\n{rows}\n"))
}

fn eligibility(rows: &str) -> String {
    refusal(
        "eligibility.csv",
        &format!("attester,epoch,bitmap\n{rows}\n"),
    )
}

fn injections(rows: &str) -> String {
    let header = "epoch,account,amount,source,reference,over";
    refusal("injections.csv", &format!("{header}\n{rows}\n"))
}

#[test]
fn the_small_samples_delegations_read() {
    let scenario = Scenario::read(small()).unwrap();
    let rules = scenario.network.delegation.clone().unwrap();
    assert_eq!((rules.slot_size, rules.own_quintessence), (20_000, 10_000));
    assert_eq!(rules.scheduled(9), 1_000_000_000);
    let weigh = |id| rules.collections[0].weight_of(id);
    assert_eq!(
        ["1", "99", "100", "099", "reserve-1", "reserve"].map(weigh),
        [10_000, 10_000, 1_000, 1_000, 805_000, 1_000]
    );
    let rows = &scenario.delegations;
    let NftAction::Stake { tokens, delegation } = &rows.moves_in(0)[0].action else {
        unreachable!()
    };
    assert_eq!((tokens.ids.len(), *delegation), (10, None));
    assert_eq!(
        rows.moves_in(7)[0].action,
        NftAction::HandOver { to: "kim".into() }
    );
    assert_eq!(
        [0, 1, 2, 9].map(|epoch| rows.reported_validators(epoch)),
        [0, 0, 12, 12]
    );
    let seen = &rows.eligibility_on(3)[1].eligible;
    assert_eq!((seen.count(), seen.contains(7)), (11, false));
    assert_eq!(rows.injections_in(4)[0].over, 3);
}

#[test]
fn all_files_may_be_absent() {
    let dir = folder("nfts.csv", b"");
    for file in [
        "nfts.csv",
        "validators.csv",
        "eligibility.csv",
        "injections.csv",
    ] {
        fs::remove_file(dir.path().join(file)).unwrap();
    }
    let scenario = Scenario::read(dir.path()).unwrap();
    assert!(scenario.delegations.is_empty());
    assert!(scenario.network.delegation.is_some());
}

#[test]
fn files_need_the_section() {
    let text = fs::read_to_string(small().join("network.toml")).unwrap();
    let (without, _) = text.split_once("[delegation]").unwrap();
    let dir = folder("network.toml", without.as_bytes());
    let error = |dir: &TempDir| Scenario::read(dir.path()).unwrap_err().to_string();
    assert_eq!(error(&dir), "nfts.csv:1: network.toml has no [delegation]");
    for file in ["nfts.csv", "validators.csv", "eligibility.csv"] {
        fs::remove_file(dir.path().join(file)).unwrap();
    }
    assert_eq!(
        error(&dir),
        "injections.csv:1: network.toml has no [delegation]"
    );
    fs::remove_file(dir.path().join("injections.csv")).unwrap();
    let scenario = Scenario::read(dir.path()).unwrap();
    assert_eq!(scenario.network.delegation, None);
    assert!(scenario.delegations.is_empty());
}

#[test]
fn moves() {
    assert_eq!(
        nfts("0,hugo,burn,genesis,1,,,"),
        "nfts.csv:2: unknown action `burn`: use stake, move, unstake, create, commission, release \
         or hand_over"
    );
    assert_eq!(
        nfts("10,hugo,stake,genesis,1,,,"),
        "nfts.csv:2: epoch 10 is out of range: the run has epochs 0 to 9"
    );
    assert_eq!(
        nfts("0,hugo,stake,exodus,1,,,"),
        "nfts.csv:2: unknown collection `exodus`"
    );
    assert_eq!(
        nfts("0,hugo,stake,genesis,,,,"),
        "nfts.csv:2: token_ids is empty"
    );
    assert_eq!(
        nfts("0,hugo,stake,genesis,9-3,,,"),
        "nfts.csv:2: token_ids: `9-3` does not ascend"
    );
    assert_eq!(
        nfts("0,hugo,stake,genesis,\"1-3,2\",,,"),
        "nfts.csv:2: token_ids: `2` occurs twice"
    );
    assert_eq!(
        nfts("0,hugo,stake,genesis,1 2,,,"),
        "nfts.csv:2: token_ids: `1 2` is no id: 1 to 128 printable characters"
    );
    assert_eq!(
        nfts("0,hugo,stake,genesis,1-20000,,,"),
        "nfts.csv:2: token_ids: more than 10000 NFTs"
    );
    assert_eq!(
        nfts("0,hugo,stake,genesis,1,,500,"),
        "nfts.csv:2: commission must be empty for stake"
    );
    assert_eq!(
        nfts("0,hugo,unstake,genesis,1,1,,"),
        "nfts.csv:2: delegation must be empty for unstake"
    );
    assert_eq!(
        nfts("0,hugo,stake,genesis,1,,,\n0,hugo,stake,genesis,1,,,"),
        "nfts.csv:3: duplicate of line 2: epoch 0, `hugo`, stake, genesis, 1"
    );
}

#[test]
fn a_weightless_nft_cannot_be_staked() {
    let text = fs::read_to_string(small().join("network.toml")).unwrap();
    let text = text.replace("weight = 1000\n", "");
    assert_eq!(
        refusal("network.toml", &text),
        "nfts.csv:2: NFT `101` of `genesis` has no weight"
    );
}

#[test]
fn delegations_follow_each_other() {
    assert_eq!(
        nfts("0,hugo,create,,,2,0,"),
        "nfts.csv:2: delegation 2 where delegation 1 must follow"
    );
    assert_eq!(
        nfts("0,hugo,create,,,,0,"),
        "nfts.csv:2: delegation is empty"
    );
    assert_eq!(
        nfts("0,hugo,create,,,1,1001,"),
        "nfts.csv:2: commission 1001 is larger than 1000"
    );
    assert_eq!(
        nfts("0,hugo,create,,,1,,"),
        "nfts.csv:2: commission is empty"
    );
    assert_eq!(
        nfts("0,hugo,create,genesis,,1,0,"),
        "nfts.csv:2: collection must be empty for create"
    );
    // The rows of an earlier epoch come first, wherever they stand.
    assert_eq!(
        nfts("3,hugo,create,,,1,0,\n2,ida,stake,genesis,1,1,,"),
        "nfts.csv:3: unknown delegation 1: epoch 2 has 1 to 0"
    );
    assert_eq!(
        nfts("2,hugo,create,,,1,0,\n2,ida,stake,genesis,1,2,,"),
        "nfts.csv:3: unknown delegation 2: epoch 2 has 1 to 1"
    );
}

#[test]
fn owners() {
    assert_eq!(
        nfts("0,hugo,commission,,,1,5,"),
        "nfts.csv:2: delegation must be empty for commission"
    );
    assert_eq!(nfts("0,hugo,release,,,,,"), "nfts.csv:2: other is empty");
    assert_eq!(
        nfts("0,hugo,hand_over,,,,5,ida"),
        "nfts.csv:2: commission must be empty for hand_over"
    );
    assert_eq!(
        nfts("0,hugo,hand_over,,,,,Ida"),
        "nfts.csv:2: other `Ida` is no account: 1 to 90 of a-z 0-9 - _ ."
    );
}

#[test]
fn validators_follow_each_other() {
    assert_eq!(
        validators("1,hugo,1,sell,"),
        "validators.csv:2: unknown action `sell`: use register, assign or remove"
    );
    assert_eq!(
        validators("1,hugo,2,register,1"),
        "validators.csv:2: validator 2 where validator 1 must follow"
    );
    assert_eq!(
        validators("1,hugo,1,register,5"),
        "validators.csv:2: unknown delegation 5: epoch 1 has 1 to 4"
    );
    assert_eq!(
        validators("0,hugo,1,register,1"),
        "validators.csv:2: unknown delegation 1: epoch 0 has 1 to 0"
    );
    assert_eq!(
        validators("1,hugo,1,register,1\n1,hugo,2,remove,"),
        "validators.csv:3: unknown validator 2: epoch 1 has 1 to 1"
    );
    assert_eq!(
        validators("1,hugo,1,register,\n1,hugo,1,assign,"),
        "validators.csv:3: delegation is empty"
    );
    assert_eq!(
        validators("1,hugo,1,register,\n1,hugo,1,remove,1"),
        "validators.csv:3: delegation must be empty for remove"
    );
}

#[test]
fn reports_on_validators() {
    assert_eq!(
        eligibility("att-x,2,1-12"),
        "eligibility.csv:2: unknown attester `att-x`"
    );
    assert_eq!(
        eligibility("att-a,2,1-13"),
        "eligibility.csv:2: bitmap: validator 13 is outside 1 to 12"
    );
    // Registered in epoch 1, so nobody can be judged before epoch 2.
    assert_eq!(
        eligibility("att-a,1,1"),
        "eligibility.csv:2: bitmap: validator 1 is outside 1 to 0"
    );
    assert_eq!(
        eligibility("att-a,2,most"),
        "eligibility.csv:2: bitmap: `most` is neither a validator nor a range of validators"
    );
    assert_eq!(
        eligibility("att-a,2,0xff"),
        "eligibility.csv:2: bitmap: 2 hex digits, 12 validators take 4"
    );
    assert_eq!(
        eligibility("att-a,2,1\natt-a,2,2"),
        "eligibility.csv:3: duplicate of line 2: attester `att-a`, epoch 2"
    );
}

#[test]
fn injected() {
    assert_eq!(
        injections("0,hub,0,fees,1,1"),
        "injections.csv:2: amount is zero"
    );
    assert_eq!(
        injections("0,hub,5,fees,1,367"),
        "injections.csv:2: over 367 is larger than 366"
    );
    assert_eq!(
        injections("0,hub,5,fees,1,1\n2,hub,7,fees,1,1"),
        "injections.csv:3: duplicate of line 2: source `fees`, reference `1`"
    );
}

#[test]
fn the_section() {
    // The section begins on line 18.
    let refused = |from: &str, to: &str, reason: &str| {
        assert_eq!(network(from, to), format!("network.toml:{reason}"));
    };
    refused(
        "\"OURO\"",
        "\"O\"",
        "18: delegation: token `O` is no symbol: 3 to 12 letters and hyphens",
    );
    refused(
        "\"OURO\"",
        "\"USDC\"",
        "18: delegation: token `USDC` is a denomination of revenue",
    );
    refused(
        "[{ from = 0, amount = 1000000000 }]",
        "[{ from = 5, amount = 7 }, { from = 5, amount = \"8\" }]",
        "18: delegation: the schedule has epoch 5 after epoch 5",
    );
    refused(
        "amount = 1000000000",
        "amount = \"1000000000000000000000000000001\"",
        "18: delegation: a mint of 1000000000000000000000000000001 is larger than \
         1000000000000000000000000000000",
    );
    refused(
        "first = 1, last = 99",
        "first = 99, last = 1",
        "18: delegation: class `council` of collection `genesis` has a wrong name, range, prefix \
         or weight",
    );
    refused(
        "slot_size = 20000 ",
        "slot_size = 0 ",
        "21: 0 is outside 1 to 1000000000000",
    );
}

#[test]
fn amounts_of_the_schedule_may_be_text() {
    let text = fs::read_to_string(small().join("network.toml")).unwrap();
    let large = "20000000000000000000";
    let text = text.replace("amount = 1000000000", &format!("amount = \"{large}\""));
    let network = Network::from_toml(&text).unwrap();
    let mint = network.delegation.as_ref().unwrap().schedule[0].amount;
    assert_eq!(mint.to_string(), large);
    assert_eq!(
        Network::from_toml(&network.to_toml().unwrap()).unwrap(),
        network
    );
}
