//! Plays a scenario on a real chain.
//!
//! The embedded chain thinks, the real one does it again: everything that was done to the embedded
//! network is kept in a journal, which is sent in the same order and in the same epochs, with the
//! real chain's addresses. At the end both must say the same, to the unit.

mod addresses;
mod bench;
mod codes;
mod compare;
mod costs;
mod error;
mod plan;
mod player;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;

use cosmwasm_std::{coin, Timestamp};
use indicatif::ProgressBar;
use noderev_api::common::Clock;
use noderev_chain::{Client, Key, Signer};
use noderev_operations::{CodeState, ContractState, Deployment};
use noderev_testing::{Act, Entry, Network};

use crate::input::{self, Scenario};
use crate::report;
use crate::results::{self, RunResult};
use crate::run;

pub use error::PlayError;

use addresses::{Addresses, Cast};
use codes::Codes;
use costs::Costs;
use plan::Plan;
use player::{Player, Told};

/// Codes of which a network's contracts are made.
const CODES: [&str; 6] = [
    "cw20_base",
    "cw721_base",
    "delegation",
    "node_registry",
    "revenue_distributor",
    "staking_vault",
];

/// File with all differences, if there are any.
pub const DIFFERENCES: &str = "differences.txt";

/// How a scenario is played.
#[derive(Clone)]
pub struct Options {
    /// Words of all keys.
    pub words: String,
    /// Number of the account that pays for everything and creates the contracts.
    pub account: u32,
    /// Number of the first account that plays somebody.
    pub first_account: u32,
    /// Seconds from now to the beginning of epoch 0, for what can be done before.
    pub lead: u64,
    /// Where the contracts' wasm is.
    pub wasm: Vec<PathBuf>,
    /// File of what is deployed; overwritten only if it was played, too.
    pub deployment: PathBuf,
    /// Folder for results.
    pub out: PathBuf,
    /// Folder of the benchmark's figures, for a table beside them.
    pub bench: Option<PathBuf>,
}

/// Without the words.
impl core::fmt::Debug for Options {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Options")
            .field("account", &self.account)
            .field("first_account", &self.first_account)
            .field("out", &self.out)
            .finish_non_exhaustive()
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Played {
    /// Results, with the real chain's heights.
    pub result: RunResult,
    /// Where the chains differ; nothing if they are the same.
    pub differences: Vec<String>,
    /// Messages sent.
    pub messages: usize,
    /// Accounts that took part.
    pub accounts: usize,
    /// Answers compared.
    pub answers: usize,
    /// Seconds that the busiest epoch took until everything of it was in a block, waiting included.
    pub busiest: u64,
}

/// Plays the scenario, writes the results and compares.
pub fn play(
    scenario: &Scenario,
    client: &Client,
    options: &Options,
    progress: &ProgressBar,
) -> Result<Played, PlayError> {
    Deployment::ensure_played(&options.deployment)?;
    let prefix = &client.network().prefix;
    let deployer = Key::from_words(&options.words, options.account, prefix)?;
    let mut funder = Signer::new(deployer.clone());
    progress.set_message("codes");
    let mut codes = Codes::read(&CODES, &options.wasm)?;
    codes.store(client, &mut funder)?;

    progress.set_message("embedded run");
    let scenario = starting(scenario, client, options.lead)?;
    let finished = run::record(&scenario, &ProgressBar::hidden())?;
    let (network, mut result) = (finished.network, finished.result);
    let entries = network.journal().map(|journal| journal.entries.as_slice());
    let entries = entries.unwrap_or_default();

    progress.set_message("accounts");
    let cast = Cast::of(entries)?;
    let mut keys = keys(options, cast.people.len().saturating_add(1), prefix)?;
    let spare = keys.pop().unwrap_or_else(|| deployer.clone());
    let salt = format!("{}-", scenario.network.start);
    let addresses = Addresses::new(&cast, &deployer, prefix, &salt, &codes, &keys)?;
    let mut plan = Plan::new(entries, &addresses, &codes, &salt)?;
    add_fees(&mut plan, client, &deployer);
    deployment(entries, &network, &addresses, &codes, client, &deployer)?
        .write(&options.deployment)?;
    player::fund(client, &mut funder, &plan.coins)?;

    let epochs = u32::try_from(scenario.network.epochs).unwrap_or(u32::MAX);
    let at = network.addresses();
    let closers = (
        addresses.of(at.distributor.as_str())?.to_owned(),
        addresses.of(at.delegation.as_str())?.to_owned(),
    );
    let signers = keys.iter().cloned().map(Signer::new).chain([funder]);
    let mut player = Player::new(client, network.clock(), epochs, signers, closers);
    let messages = plan.all().count();
    let questions = compare::count(&network, &result);
    progress.set_length(u64::try_from(messages.saturating_add(questions)).unwrap_or(u64::MAX));
    let mut done = |count| progress.inc(count);
    progress.set_message("before epoch 0");
    player.send(&plan.ahead, false, &mut done)?;
    progress.set_message("messages");
    player.wait_until(Timestamp::from_seconds(scenario.network.start))?;
    player.send(&plan.steps, true, &mut done)?;

    let (told, busiest) = player.told();
    set_heights(&mut result, entries, &told);
    let overhead = costs::overhead(client, &mut Signer::new(deployer), &mut Signer::new(spare))?;
    let costs = Costs::new(&told, overhead);
    write(&result, &options.out)?;
    costs.write(&options.out)?;
    if let Some(dir) = &options.bench {
        bench::write(&costs, dir)?;
    }
    progress.set_message("comparison");
    let mut differences = compare::events(&network, &addresses, &told, epochs);
    let answers = compare::answers(&network, &result, client, &addresses, &mut done)?;
    differences.extend(answers);
    if !differences.is_empty() {
        input::write_text(&options.out, DIFFERENCES, &differences.join("\n"))?;
    }
    Ok(Played {
        result,
        differences,
        messages,
        accounts: keys.len(),
        answers: questions,
        busiest,
    })
}

/// The scenario with epoch 0 beginning so many seconds from now.
fn starting(scenario: &Scenario, client: &Client, lead: u64) -> Result<Scenario, PlayError> {
    let mut scenario = scenario.clone();
    let now = client.status()?.time.seconds();
    scenario.network.start = now.saturating_add(lead);
    Ok(scenario)
}

/// So many keys from the words, on all processors.
fn keys(options: &Options, count: usize, prefix: &str) -> Result<Vec<Key>, PlayError> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let all: Vec<u32> = (0..count)
        .map(|n| options.first_account.saturating_add(n))
        .collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let part = all.len().div_ceil(threads).max(1);
    let parts: Vec<_> = thread::scope(|scope| {
        let derive = |numbers: &[u32]| {
            let numbers = numbers.to_vec();
            scope.spawn(move || Key::many_from_words(&options.words, numbers, prefix))
        };
        let handles: Vec<_> = all.chunks(part).map(derive).collect();
        handles
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect()
    });
    let mut keys = Vec::new();
    for part in parts {
        let part = part.map_err(|_| PlayError::Journal("keys can't be derived".to_owned()))?;
        keys.extend(part?);
    }
    Ok(keys)
}

/// Gives everybody what his messages may cost.
fn add_fees(plan: &mut Plan, client: &Client, deployer: &Key) {
    let network = client.network();
    let mut fees = BTreeMap::<String, u128>::new();
    for step in plan.all().filter(|step| step.sender != deployer.address()) {
        let fee = fees.entry(step.sender.clone()).or_default();
        // Each fee is rounded up for itself.
        *fee = fee.saturating_add(network.fee(step.gas)).saturating_add(1);
    }
    for (sender, fee) in fees {
        plan.give(&sender, &coin(fee, &network.denom));
    }
}

/// What is deployed, for the other commands.
fn deployment(
    entries: &[Entry],
    network: &Network,
    addresses: &Addresses,
    codes: &Codes,
    client: &Client,
    deployer: &Key,
) -> Result<Deployment, PlayError> {
    let mut contracts = BTreeMap::new();
    for entry in entries {
        let Act::Create(made) = &entry.act else {
            continue;
        };
        let state = ContractState {
            address: addresses.of(made.address.as_str())?.to_owned(),
            code: Some(made.code.to_owned()),
            created: true,
        };
        contracts.insert(name_of(made.code, &made.salt), state);
    }
    let code = |(name, code): (&str, &codes::Code)| {
        let state = CodeState {
            checksum: code.checksum,
            id: Some(code.id),
        };
        (name.to_owned(), state)
    };
    Ok(Deployment {
        chain_id: client.network().chain_id.clone(),
        deployer: deployer.address().to_owned(),
        clock: Clock::from(network.clock()),
        codes: codes.iter().map(code).collect(),
        contracts,
        played: true,
    })
}

/// A contract's name in a deployment.
fn name_of(code: &str, salt: &str) -> String {
    match (code, salt.strip_prefix("token-")) {
        ("cw721_base", _) => format!("collection:{salt}"),
        ("cw20_base", Some(symbol)) => format!("token:{symbol}"),
        _ => salt.replace('-', "_"),
    }
}

/// Every claim has a block of its own on the embedded chain: its height names the claim.
fn set_heights(result: &mut RunResult, entries: &[Entry], told: &[Told]) {
    let heights: BTreeMap<u64, u64> = told
        .iter()
        .filter_map(|one| Some((entries.get(one.entry)?.height, one.height)))
        .collect();
    let real = |height: &mut u64| *height = heights.get(height).copied().unwrap_or(0);
    result
        .payouts
        .iter_mut()
        .for_each(|row| real(&mut row.height));
    result
        .receipts
        .iter_mut()
        .for_each(|row| real(&mut row.height));
}

fn write(result: &RunResult, out: &Path) -> Result<(), PlayError> {
    results::write(result, out)?;
    report::write(result, out)?;
    let json = serde_json::to_string(result)?;
    Ok(input::write_text(out, crate::cli::RESULTS, &json)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_shown() {
        let options = Options {
            words: "secret".into(),
            account: 0,
            first_account: 1,
            lead: 0,
            wasm: Vec::new(),
            deployment: PathBuf::new(),
            out: PathBuf::new(),
            bench: None,
        };
        assert!(!format!("{options:?}").contains("secret"));
    }
}
