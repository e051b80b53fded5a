//! The running local chain (`scripts/localnet/chain start`) as tests use it, and deployments of
//! their own on it.

#![allow(dead_code, reason = "not every file of tests needs all of it")]

use std::fs;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use cosmwasm_std::Binary;
use noderev_api::distributor::{NetworkResponse, QueryMsg};
use noderev_chain::{Client, Key, Message, Networks, Signer};
use noderev_components::Epoch;
use noderev_operations::{Contract, Contracts, Deployment};
use rand::Rng;
use serde::Serialize;
use serde_json::{json, Value};
use tempfile::TempDir;

/// The words of the chain's funded accounts.
pub const WORDS: &str = "test test test test test test test test test test test junk";
/// The repository.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// The account that deploys, and may mint the test token.
pub const DEPLOYER: u32 = 0;

/// The node's address: `NODEREV_LOCALNET_RPC`, or the usual one.
pub fn rpc() -> String {
    std::env::var("NODEREV_LOCALNET_RPC").unwrap_or_else(|_| "http://127.0.0.1:26657".to_owned())
}

/// The chain.
pub fn client() -> Client {
    let mut network = Networks::built_in().unwrap().get("local").unwrap().clone();
    network.rpc = vec![rpc()];
    Client::connect(&network).unwrap()
}

/// The chain's clock, seconds.
pub fn now() -> u64 {
    client().status().unwrap().time.seconds()
}

/// The address of an account of the chain's words.
pub fn address(account: u32) -> String {
    signer(account).address().to_owned()
}

pub fn signer(account: u32) -> Signer {
    Signer::new(Key::from_words(WORDS, account, "wasm").unwrap())
}

/// Sends a message that no command tested here sends.
#[track_caller]
pub fn send(account: u32, contract: &str, msg: &impl Serialize) {
    let message = Message::execute(contract, msg, vec![]).unwrap();
    signer(account).execute(&client(), &[message]).unwrap();
}

/// Gives the node a transaction of this account and does not wait for it, as a program does that is
/// killed then. Its gas is another than that of the program that comes after it, so it is another
/// transaction with the same sequence number.
pub fn leave_on_its_way(account: u32, message: Message) {
    let mut signer = signer(account);
    let mut unsigned = signer.estimate(&client(), &[message]).unwrap();
    unsigned.gas += 1_000;
    signer.post(&client(), &unsigned).unwrap();
}

/// A text that no other test has.
pub fn unique() -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    format!("{now}-{}", rand::rng().random::<u32>())
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a program: its exit code, what it says on standard output, and on standard error.
pub fn ended(mut command: Command) -> (i32, String, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

/// Whether something comes true within so many seconds.
pub fn within(seconds: u64, is: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        if is() {
            return true;
        }
        sleep(Duration::from_millis(100));
    }
    false
}

/// The local chain's manifest with a salt of its own, and with other texts instead of these.
#[track_caller]
pub fn manifest(changes: &[(&str, &str)]) -> String {
    let text = fs::read_to_string(format!("{ROOT}/manifests/local.toml")).unwrap();
    let salt = format!("salt = \"{}\"", unique());
    let changes = changes.iter().copied();
    let changes = changes.chain([("salt = \"noderev\"", salt.as_str())]);
    changes.fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

/// A deployment of a test's own, its files in a folder that goes with it.
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// Nothing is deployed yet.
    pub fn empty(manifest: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        place.write("manifest.toml", manifest);
        place
    }

    /// Contracts, and a test token.
    #[track_caller]
    pub fn new(manifest: &str) -> Self {
        let place = Self::empty(manifest);
        let manifest = place.path("manifest.toml");
        let deploy = ["deploy", "apply", "--with-test-token", "--manifest"];
        place.done(
            &[&deploy[..], &[manifest.to_str().unwrap()]].concat(),
            DEPLOYER,
        );
        place
    }

    /// Gives these keys to these accounts.
    #[track_caller]
    pub fn import<const N: usize>(&self, owners: [(RangeInclusive<u32>, u32); N]) {
        let rows = owners.into_iter().flat_map(|(keys, owner)| {
            let owner = address(owner);
            keys.map(move |key| format!("{key},{owner}\n"))
        });
        let keys = format!("key,owner\n{}", rows.collect::<String>());
        self.done(
            &["import", "keys", &self.write("keys.csv", &keys)],
            DEPLOYER,
        );
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; answers its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The program: for an account that says yes, or without an account.
    pub fn command(&self, arguments: &[&str], account: impl Into<Option<u32>>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_noderev"));
        command
            .current_dir(ROOT)
            .env("NODEREV_MNEMONIC", WORDS)
            .env("NODEREV_NODE", rpc())
            .env("NODEREV_DEPLOYMENT", self.path("state.json"))
            .stdin(Stdio::null())
            .args(arguments);
        if let Some(account) = account.into() {
            command.args(["--yes", "--account", &account.to_string()]);
        }
        command
    }

    /// Exit code, and all that is said.
    pub fn run(&self, arguments: &[&str], account: impl Into<Option<u32>>) -> (i32, String) {
        let (code, out, err) = ended(self.command(arguments, account));
        (code, out + &err)
    }

    /// All that a command says that does something.
    #[track_caller]
    pub fn done(&self, arguments: &[&str], account: u32) -> String {
        let (code, said) = self.run(arguments, account);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    /// A command that says this and ends so.
    #[track_caller]
    pub fn refused(
        &self,
        arguments: &[&str],
        account: impl Into<Option<u32>>,
        code: i32,
        why: &str,
    ) {
        let (found, said) = self.run(arguments, account);
        assert_eq!(found, code, "{arguments:?}: {said}");
        assert!(said.contains(why), "{arguments:?}: {said}");
    }

    /// What a command that only asks answers on standard output.
    #[track_caller]
    pub fn asked(&self, arguments: &[&str]) -> String {
        let (code, out, err) = ended(self.command(arguments, None));
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
        out
    }

    /// The same in JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let out = self.asked(&[arguments, &["--json"]].concat());
        serde_json::from_str(&out).unwrap()
    }

    /// Recomputes everything from public evidence.
    #[track_caller]
    pub fn audited(&self) {
        self.asked(&["audit"]);
    }

    pub fn deployment(&self) -> Deployment {
        Deployment::read(&self.path("state.json"), "noderev-local").unwrap()
    }

    pub fn contracts(&self) -> Contracts {
        Contracts::new(&client(), &self.deployment()).unwrap()
    }

    /// What a contract answers.
    pub fn ask(&self, contract: Contract, query: Value) -> Value {
        let address = self.contracts().address(contract).to_owned();
        client().smart(&address, &query).unwrap()
    }

    pub fn network(&self) -> NetworkResponse {
        let query = QueryMsg::Network {};
        self.contracts().ask_distributor(&query).unwrap()
    }

    pub fn epoch(&self) -> Epoch {
        self.network().epoch
    }

    /// Waits until a block is this old, seconds.
    #[track_caller]
    pub fn wait(&self, time: u64) {
        assert!(within(30, || now() >= time), "second {time} does not come");
    }

    /// Waits until this epoch runs.
    #[track_caller]
    pub fn wait_for(&self, epoch: Epoch) {
        let runs = within(60, || self.epoch() >= epoch);
        assert!(runs, "epoch {epoch} does not come");
    }

    /// Mints test tokens for an account.
    #[track_caller]
    pub fn mint(&self, account: u32, amount: u128) {
        let (recipient, amount) = (address(account), amount.to_string());
        let mint = json!({ "mint": { "recipient": recipient, "amount": amount } });
        send(DEPLOYER, &self.contracts().qst, &mint);
    }

    /// Sends test tokens to a contract with this message.
    #[track_caller]
    pub fn send_tokens(&self, account: u32, to: Contract, amount: u128, msg: &impl Serialize) {
        let contracts = self.contracts();
        let message = contracts.send_tokens(&contracts.qst, to, amount, msg);
        signer(account)
            .execute(&client(), &[message.unwrap()])
            .unwrap();
    }

    /// An attester's report to a contract.
    #[track_caller]
    pub fn report(&self, attester: u32, contract: Contract, epoch: Epoch, bits: &[u8]) {
        let (bitmap, evidence) = (Binary::from(bits), Binary::from([7; 32]));
        let report = json!({ "epoch": epoch, "bitmap": bitmap, "evidence": evidence });
        let contract = self.contracts().address(contract).to_owned();
        send(attester, &contract, &json!({ "report": report }));
    }

    /// A keeper does what is due until the contract has closed this epoch.
    #[track_caller]
    pub fn close(&self, keeper: u32, contract: Contract, epoch: Epoch) {
        let closed = within(60, || {
            let network = self.ask(contract, json!({ "network": {} }));
            let closed = network["next_close"].as_u64().unwrap() > u64::from(epoch.0);
            if !closed {
                self.run(&["keeper", "--once"], keeper);
            }
            closed
        });
        assert!(closed, "epoch {epoch} is not closed");
    }

    /// A keeper that runs until it is killed.
    pub fn keeper(&self, account: u32, more: &[&str]) -> Running {
        let mut command = self.command(&["keeper", "--interval", "1", "--json"], account);
        let log = self.path(&format!("keeper {account}.log"));
        let mut file = fs::OpenOptions::new();
        let file = file.create(true).append(true).open(&log).unwrap();
        let command = command.args(more).stdout(Stdio::null()).stderr(file);
        let child = command.spawn().unwrap();
        Running { child, log }
    }
}

/// A daemon under way; killed at the latest when the test ends.
pub struct Running {
    pub child: Child,
    pub log: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
