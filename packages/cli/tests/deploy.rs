//! `deploy` and `import` against a running local chain (`scripts/localnet/chain start`), stopped and
//! killed as often as it takes. `NODEREV_LOCALNET_RPC` says where the chain is.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod local;

use std::fs;
use std::ops::Deref;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cosmwasm_std::testing::MockApi;
use cosmwasm_std::Checksum;
use noderev::sample::{generate, Size};
use noderev_chain::Message;
use noderev_operations::import::KeyImport;
use noderev_operations::{Contract, Deployment};
use rand::Rng;
use serde_json::{json, Value};

use local::{address, client, ended, leave_on_its_way, manifest, send, text, unique, ROOT};

const CODES: [&str; 5] = [
    "cw20_base",
    "delegation",
    "node_registry",
    "revenue_distributor",
    "staking_vault",
];

/// A deployment of an account of its own, and code that nobody has stored.
struct Place {
    local: local::Place,
    account: u32,
}

impl Deref for Place {
    type Target = local::Place;

    fn deref(&self) -> &local::Place {
        &self.local
    }
}

impl Place {
    /// Each test takes an account of its own: transactions of one account wait for each other.
    fn new(account: u32) -> Self {
        let local = local::Place::empty(&manifest(&[]));
        Self { local, account }
    }

    /// Copies of the artifacts that do the same and have other checksums.
    fn with_own_code(self) -> Self {
        self.own(&CODES);
        self
    }

    /// Other code for these, the artifacts for the rest.
    fn own(&self, own: &[&str]) {
        let folder = self.path("artifacts");
        fs::create_dir_all(&folder).unwrap();
        for code in CODES {
            let mut wasm = fs::read(format!("{ROOT}/artifacts/{code}.wasm")).unwrap();
            if own.contains(&code) {
                // A custom section, which says nothing to anybody.
                let text = unique();
                let length = u8::try_from(text.len()).unwrap();
                wasm.extend([0, length + 1, length]);
                wasm.extend(text.bytes());
            }
            fs::write(folder.join(format!("{code}.wasm")), wasm).unwrap();
        }
    }

    fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("manifest.toml")).unwrap();
        let edited = text.replace(from, to);
        assert_ne!(text, edited);
        fs::write(self.path("manifest.toml"), edited).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let asks = arguments.contains(&"verify") || arguments.contains(&"--verify");
        self.local
            .command(arguments, (!asks).then_some(self.account))
    }

    fn deploy(&self, step: &str) -> Command {
        let mut command = self.command(&["deploy", step, "--with-test-token"]);
        command.arg("--manifest").arg(self.path("manifest.toml"));
        let own = self.path("artifacts");
        if own.exists() {
            command.arg("--artifacts").arg(own);
        }
        command
    }

    fn import(&self, more: &[&str]) -> Command {
        let mut command = self.command(&["import", "keys"]);
        command.arg(self.path("keys.csv")).args(more);
        command
    }

    /// Writes keys.csv for these owners.
    fn write_keys(&self, owners: &[String]) {
        let rows = (1..)
            .zip(owners)
            .map(|(key, owner): (u32, _)| format!("{key},{owner}\n"));
        let text = format!("key,owner\n{}", rows.collect::<String>());
        fs::write(self.path("keys.csv"), text).unwrap();
    }

    fn registry(&self, query: Value) -> Value {
        self.ask(Contract::Registry, query)
    }

    fn supply(&self) -> Value {
        self.registry(json!({ "supply": {} }))
    }
}

/// Owners of a network of full size, with addresses instead of names.
fn owners() -> Vec<String> {
    let api = MockApi::default().with_prefix("wasm");
    let names = generate(1, Size::FULL).owners;
    let address = |name: &String| api.addr_make(name).into_string();
    names.iter().map(address).collect()
}

/// The same command, which asks.
fn without_yes(command: Command) -> Command {
    let mut asking = Command::new(command.get_program());
    asking.current_dir(ROOT);
    asking.args(command.get_args().filter(|argument| *argument != "--yes"));
    for (name, value) in command.get_envs() {
        asking.env(name, value.unwrap());
    }
    asking
}

#[track_caller]
fn done(command: Command) -> String {
    let (code, out, err) = ended(command);
    assert_eq!(code, 0, "{out}\n{err}");
    out
}

/// What it says, with this exit code.
#[track_caller]
fn refused(command: Command, code: i32) -> String {
    let (found, out, err) = ended(command);
    assert_eq!(found, code, "{out}\n{err}");
    out + &err
}

/// Starts a command and kills it after a random time, until one ends by itself, at the latest the
/// 26th, which is let go; answers how many were killed.
fn killed_until_done(command: impl Fn() -> Command, longest: u64) -> u32 {
    const MOST: u32 = 25;
    for kills in 0..MOST {
        let mut child = command()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_millis(rand::rng().random_range(0..longest));
        while Instant::now() < end {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "after {kills} kills: {status}");
                return kills;
            }
            sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    done(command());
    MOST
}

/// Asserts that each code is on chain once and each contract is where the state file says.
fn assert_once(place: &Place) {
    let (client, deployment) = (client(), place.deployment());
    let checksums: Vec<Checksum> = deployment
        .codes
        .values()
        .map(|code| code.checksum)
        .collect();
    let stored = client.codes(&checksums, 100).unwrap();
    assert_eq!(stored.len(), CODES.len(), "{stored:?}");
    for contract in deployment.contracts.values() {
        assert!(client.contract(&contract.address).unwrap().is_some());
    }
}

/// How many transactions an account has sent.
fn sequence_of(account: &str) -> u64 {
    client().account(account).unwrap().unwrap().sequence
}

#[test]
#[ignore = "needs a local chain"]
fn the_second_deployment_does_nothing() {
    let place = Place::new(2).with_own_code();
    let plan = done(place.deploy("plan"));
    assert_eq!(plan.matches("to store").count(), 5);
    assert_eq!(plan.matches("to create").count(), 6);
    assert!(!place.path("state.json").exists(), "a plan writes nothing");
    let told = refused(without_yes(place.deploy("apply")), 2);
    let (_, fee) = told.split_once("for at most about ").unwrap();
    let fee = fee.split(' ').next().unwrap().replace(',', "");
    let asked: u128 = fee.parse().unwrap();
    let before = client().balance(&address(place.account), "ulocal").unwrap();
    let begun = Instant::now();
    let first = done(place.deploy("apply"));
    println!("deployed in {:?}\n{first}", begun.elapsed());
    let state = place.deployment();
    let paid = before - client().balance(&state.deployer, "ulocal").unwrap();
    assert!(paid <= asked, "{paid} paid, {asked} asked about");
    let sequence = sequence_of(&state.deployer);
    let second = done(place.deploy("apply"));
    assert!(second.contains("nothing was missing, nothing was sent"));
    assert_eq!(sequence_of(&state.deployer), sequence);
    assert_eq!(place.deployment(), state);
    assert_once(&place);

    // Without its state file it finds everything again.
    fs::remove_file(place.path("state.json")).unwrap();
    let third = done(place.deploy("apply"));
    assert!(third.contains("nothing was sent"));
    assert_eq!(place.deployment(), state);
    assert!(done(place.deploy("verify")).contains(" 0 different"));
}

#[test]
#[ignore = "needs a local chain"]
fn a_deployment_killed_at_any_moment_goes_on() {
    let mut kills = 0;
    for _ in 0..10 {
        let place = Place::new(3).with_own_code();
        kills += killed_until_done(|| place.deploy("apply"), 3_000);
        assert_once(&place);
        assert!(done(place.deploy("verify")).contains(" 0 different"));
    }
    println!("killed {kills} times in ten deployments");
    assert!(kills >= 10);
}

#[test]
#[ignore = "needs a local chain"]
fn an_import_killed_at_any_moment_issues_every_key_once() {
    let place = Place::new(4);
    done(place.deploy("apply"));
    let owners = owners();
    place.write_keys(&owners);
    let kills = killed_until_done(|| place.import(&[]), 1_500);
    println!("killed {kills} times");
    assert!(kills >= 3);
    let supply = place.supply();
    assert_eq!(supply["issued"], 4_732);
    assert_eq!(supply["sealed"], true);
    let told = done(place.import(&["--verify"]));
    assert!(told.contains("4,732 on chain, 0 with other owners; issuance is sealed"));
    for key in [1, 2_000, 4_732] {
        let query = json!({ "owner_of": { "token_id": key.to_string() } });
        assert_eq!(place.registry(query)["owner"], owners[key - 1]);
    }
    assert!(done(place.deploy("verify")).contains(" 0 different"));
}

#[test]
#[ignore = "needs a local chain"]
fn what_a_killed_program_left_on_its_way_is_not_sent_again() {
    let place = Place::new(4).with_own_code();
    let wasm = fs::read(place.path("artifacts/delegation.wasm")).unwrap();
    leave_on_its_way(place.account, Message::Store { wasm });
    done(place.deploy("apply"));
    assert_once(&place);

    let (owners, deployment) = (owners(), place.deployment());
    for issued in (0..1_500).step_by(150) {
        let owners = &owners[..issued + 150];
        place.write_keys(owners);
        let import = KeyImport {
            registry: deployment.address("registry").unwrap(),
            owners,
            moved_ok: false,
        };
        let messages = import.messages(u32::try_from(issued).unwrap()).unwrap();
        leave_on_its_way(place.account, messages[0].clone());
        let told = done(place.import(&["--no-seal"]));
        assert!(told.contains(" on chain, 0 with other owners"), "{told}");
        let supply = place.supply();
        assert_eq!(supply["issued"], owners.len());
    }
}

#[test]
#[ignore = "needs a local chain"]
fn an_import_takes_the_file_as_it_is_or_not_at_all() {
    let place = Place::new(5);
    done(place.deploy("apply"));
    let owners = owners();
    place.write_keys(&owners);
    let issued = || place.supply()["issued"].clone();

    // Bad owners are refused by their lines before anything is sent.
    let other_chain = "osmo1cyyzpxplxdzkeea7kwsydadg87357qnahakaks".to_owned();
    let mistyped = format!("{}q", &owners[0][..owners[0].len() - 1]);
    for wrong in [other_chain, mistyped, "alice".to_owned()] {
        let mut bad = owners.clone();
        bad[4_000] = wrong.clone();
        place.write_keys(&bad);
        let refusal = refused(place.import(&[]), 1);
        assert!(refusal.contains(":4002: owner"), "{refusal}");
        assert!(refusal.contains(&wrong), "{refusal}");
    }
    assert_eq!(issued(), 0);

    // A part first, left open.
    place.write_keys(&owners[..1_000]);
    done(place.import(&["--no-seal"]));
    assert_eq!(issued(), 1_000);
    let mut other = owners.clone();
    other[7] = owners[4_731].clone();
    place.write_keys(&other);
    let refusal = refused(place.import(&[]), 1);
    let both = format!(
        "key 8: the file says {}, on chain it is {}",
        other[7], owners[7]
    );
    assert!(refusal.contains(&both), "{refusal}");
    assert!(refused(place.import(&["--verify"]), 1).contains(&both));
    assert_eq!(issued(), 1_000);

    // A key that was sent on since must not be in the way for ever.
    let told = refused(place.import(&["--no-seal"]), 1);
    assert!(told.contains("--moved-ok"), "{told}");
    place.write_keys(&other[..1_001]);
    let told = done(place.import(&["--moved-ok"]));
    assert!(told.contains(&both), "{told}");
    assert!(told.contains("not sealed: 1,001 of 4,732 keys"), "{told}");
    assert_eq!(issued(), 1_001);
    assert_eq!(place.supply()["sealed"], false);

    // Not by somebody else.
    place.write_keys(&owners);
    let mut stranger = place.command(&["import", "keys"]);
    stranger
        .arg(place.path("keys.csv"))
        .args(["--as", "wasm1f84c23zhjlddsfg6n4y94v260v5yd8kttwvq69"]);
    assert!(refused(stranger, 2).contains("no key"));
    let begun = Instant::now();
    let mut rest = place.import(&["--verbose"]);
    let output = rest.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    println!(
        "3,731 keys in {:?}\n{}",
        begun.elapsed(),
        text(&output.stderr)
    );
    assert_eq!(issued(), 4_732);
    let again = done(place.import(&[]));
    assert!(again.contains("0 with other owners; issuance is sealed"));
    place.write_keys(&owners[..4_731]);
    assert!(refused(place.import(&[]), 1).contains("the registry has 4732 keys, the file has 4731"));
}

#[test]
#[ignore = "needs a local chain"]
fn a_part_of_all_keys_ends_issuance_only_if_asked() {
    let place = Place::new(5);
    done(place.deploy("apply"));
    let owners = owners();
    let sealed = || place.supply()["sealed"].clone();
    place.write_keys(&owners[..10]);
    let told = done(place.import(&["--dry-run"]));
    assert!(told.contains("for at most"), "{told}");
    let told = done(place.import(&[]));
    let why = "not sealed: 10 of 4,732 keys; --seal ends issuance at 10 for ever";
    assert!(told.contains(why), "{told}");
    assert_eq!(sealed(), false);
    refused(place.import(&["--seal", "--no-seal"]), 2);
    let told = done(place.import(&["--seal"]));
    assert!(told.contains("issuance is sealed"), "{told}");
    assert_eq!(sealed(), true);
}

#[test]
#[ignore = "needs a local chain"]
fn another_manifest_for_what_is_deployed_is_refused() {
    let place = Place::new(6);
    done(place.deploy("apply"));
    let state = place.deployment();
    let whole = fs::read_to_string(place.path("manifest.toml")).unwrap();
    let changes = [
        ("QuStream node keys", "Others", "registry name: Others"),
        (
            "length = 60",
            "length = 61",
            "registry clock of the manifest",
        ),
        ("\"OURO\"", "\"AURO\"", "reward_token symbol: AURO"),
        ("salt = \"", "salt = \"x", "the manifest puts qst at"),
    ];
    for (from, to, why) in changes {
        place.edit(from, to);
        let refusal = refused(place.deploy("apply"), 1);
        assert!(refusal.contains(why), "{refusal}");
        assert_eq!(place.deployment(), state);
        fs::write(place.path("manifest.toml"), &whole).unwrap();
    }
    // Another account, and other code.
    let mut other = place.deploy("apply");
    other.args(["--as", "wasm1f84c23zhjlddsfg6n4y94v260v5yd8kttwvq69"]);
    assert!(refused(other, 1).contains("the state file is"));
    let place = place.with_own_code();
    assert!(refused(place.deploy("apply"), 1).contains("deploy migrate"));
}

#[test]
#[ignore = "needs a local chain"]
fn verify_finds_every_difference() {
    let place = Place::new(7);
    done(place.deploy("apply"));
    assert!(done(place.deploy("verify")).contains(" 0 different"));
    // The manifest says something else.
    place.edit("market_fee = 200", "market_fee = 201");
    place.edit(
        "threshold = 2\nreport_window = 20 # seconds",
        "threshold = 3\nreport_window = 20",
    );
    let told = refused(place.deploy("verify"), 1);
    assert!(told.contains(" 2 different"), "{told}");
    assert!(told.contains("market_fee") && told.contains("201"));
    place.edit("market_fee = 201", "market_fee = 200");
    place.edit("threshold = 3", "threshold = 2");
    assert!(done(place.deploy("verify")).contains(" 0 different"));
    // The owner changes something.
    let contracts = place.contracts();
    let queue = json!({ "params": { "unbonding_period": 7, "minimum_lock": 0 } });
    let nobody = json!({ "role": "guardian", "account": null });
    let messages = [
        (&contracts.vault, json!({ "queue_params": queue })),
        (&contracts.registry, json!({ "set_role": nobody })),
    ];
    for (contract, message) in messages {
        send(place.account, contract, &message);
    }
    let told = refused(place.deploy("verify"), 1);
    assert!(told.contains(" 2 different"), "{told}");
    assert!(
        told.contains("others from epoch") && told.contains("guardian"),
        "{told}"
    );
    // So does a donation: it is nobody's, and no difference.
    let donation = json!({ "mint": { "recipient": contracts.vault, "amount": "5" } });
    send(place.account, &contracts.qst, &donation);
    assert!(refused(place.deploy("verify"), 1).contains(" 2 different"));
}

#[test]
#[ignore = "needs a local chain"]
fn other_code_is_put_in_place_by_the_admin() {
    let place = Place::new(8);
    done(place.deploy("apply"));
    place.own(&["cw20_base"]);
    let mut dry = place.deploy("migrate");
    dry.arg("--dry-run");
    let told = done(dry);
    assert_eq!(
        told.trim(),
        "store cw20_base, put it in place of the code of qst, reward_token"
    );
    let mut stranger = place.deploy("migrate");
    stranger.args(["--as", "wasm1f84c23zhjlddsfg6n4y94v260v5yd8kttwvq69"]);
    assert!(refused(stranger, 1).contains("only its admin may put other code in place"));
    assert!(refused(place.deploy("verify"), 1).contains(" 3 different"));
    let before = place.deployment();
    killed_until_done(|| place.deploy("migrate"), 2_000);
    let state = place.deployment();
    assert_ne!(state.codes["cw20_base"], before.codes["cw20_base"]);
    assert_eq!(state.contracts, before.contracts);
    let stored = client().codes(&[state.codes["cw20_base"].checksum], 100);
    assert_eq!(stored.unwrap().len(), 1);
    assert!(done(place.deploy("verify")).contains(" 0 different"));
    assert!(done(place.deploy("migrate")).contains("nothing was sent"));
    assert!(done(place.deploy("apply")).contains("nothing was sent"));
    assert_eq!(place.deployment(), state);
    // A contract refuses code of its own version; then nothing changes.
    place.own(&["staking_vault"]);
    assert!(refused(place.deploy("migrate"), 4).contains("version"));
    assert_eq!(place.deployment(), state);
}

#[test]
#[ignore = "needs a local chain"]
fn what_cannot_be_done_is_refused_before_anything_is_sent() {
    let place = Place::new(9).with_own_code();
    let whole = fs::read_to_string(place.path("manifest.toml")).unwrap();
    let sequence = sequence_of("wasm1f84c23zhjlddsfg6n4y94v260v5yd8kttwvq69");
    let changes = [
        (
            "network_share = 6000",
            "network_share = 5999",
            "distributor would refuse the manifest",
        ),
        (
            "start = \"now\"",
            "start = \"2026-01-01T00:00:00Z\"",
            "epoch 0 must be running now",
        ),
        (
            "[tokens]",
            "[tokens]\nqst = \"wasm1f84c23zhjlddsfg6n4y94v260v5yd8kttwvq69\"",
            "leave that line out",
        ),
        (
            "cw20 = \"qst\"",
            "cw20 = \"wasm1f84c23zhjlddsfg6n4y94v260v5yd8kttwvq69\"",
            "no contract is at this address",
        ),
        (
            "salt = \"",
            "salt = \"0123456789012345678901234567890",
            "bytes, at most 64",
        ),
    ];
    for (from, to, why) in changes {
        place.edit(from, to);
        let refusal = refused(place.deploy("apply"), 1);
        assert!(refusal.contains(why), "{refusal}");
        fs::write(place.path("manifest.toml"), &whole).unwrap();
    }
    let networks = "[local]\nchain_id = \"noderev-local\"\nprefix = \"wasm\"\ndenom = \"ulocal\"\n\
        gas_price = \"0.025\"\nrpc = [\"http://127.0.0.1:1\"]\nmax_code = 500000\n";
    fs::write(place.path("networks.toml"), networks).unwrap();
    let mut small = place.deploy("apply");
    small.env("NODEREV_NETWORKS", place.path("networks.toml"));
    assert!(refused(small, 1).contains("noderev-local takes at most 500000"));
    let mut printed = place.deploy("apply");
    printed.arg("--print-msg");
    assert!(refused(printed, 2).contains("--dry-run shows what"));
    let poor = Place {
        account: 4_711,
        local: local::Place::empty(&whole),
    };
    assert!(refused(poor.deploy("apply"), 1).contains("has 0 ulocal"));
    poor.edit("start = \"now\"", "start = \"2026-01-01T00:00:00Z\"");
    let told = refused(poor.deploy("plan"), 1);
    for part in [
        "to create    registry",
        "in the way: [clock]",
        "in the way: wasm1",
    ] {
        assert!(told.contains(part), "{told}");
    }
    fs::write(
        place.path("artifacts/checksums.txt"),
        "00  delegation.wasm\n",
    )
    .unwrap();
    assert!(refused(place.deploy("apply"), 1).contains("not what"));
    assert!(!place.path("state.json").exists());
    assert_eq!(
        sequence_of("wasm1f84c23zhjlddsfg6n4y94v260v5yd8kttwvq69"),
        sequence
    );
}

#[test]
#[ignore = "needs a local chain"]
fn a_clock_is_kept_while_its_epoch_0_runs() {
    let place = Place::new(9);
    let mut plan = place.deploy("plan");
    plan.arg("--json");
    let plan: Value = serde_json::from_str(&done(plan)).unwrap();
    let mut state: Deployment = serde_json::from_value(plan["deployment"].clone()).unwrap();
    let begun = |ago: u64, state: &mut Deployment| {
        state.clock.start = client().status().unwrap().time.minus_seconds(ago);
        state.clock.start = cosmwasm_std::Timestamp::from_seconds(state.clock.start.seconds());
        state.write(&place.path("state.json")).unwrap();
        let mut plan = place.deploy("plan");
        plan.arg("--json");
        let plan: Value = serde_json::from_str(&done(plan)).unwrap();
        let start = plan["deployment"]["clock"]["start"].clone();
        let start: cosmwasm_std::Timestamp = serde_json::from_value(start).unwrap();
        start == state.clock.start
    };
    assert!(begun(30, &mut state), "it runs on");
    assert!(
        !begun(100, &mut state),
        "it is over before anything was created"
    );
    done(place.deploy("apply"));
    assert!(done(place.deploy("verify")).contains(" 0 different"));
}
