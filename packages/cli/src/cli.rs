//! The commands and what they do.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::json;
use thiserror::Error;

use crate::answer::{Answer, Exit};
use crate::chain::{self, ChainCommand, Connection};
use crate::explain::{self, ExplainError, Subject};
use crate::input::{self, InputError, Scenario, WriteError};
use crate::report::{self, ReportError};
use crate::results::{self, RunResult};
use crate::run::{self, RunError};
use crate::sample::{self, Size};
use crate::table;

/// Seed of the demonstration.
const DEMO_SEED: u64 = 1;
/// Name of the file with the results for other programs.
pub const RESULTS: &str = "results.json";

/// Pays a node network's revenue to the people who run it, through contracts on an embedded or a
/// real chain, and shows who earned what and why.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing due, 4 refused by the chain, 5 partly
/// done: the same command goes on from there.
#[derive(Debug, Parser)]
#[command(name = "noderev", version)]
pub struct Arguments {
    /// Print JSON instead of tables and text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a made-up network and write its report.
    ///
    /// The full network has 4,732 keys of 1,500 owners over 90 epochs of one day, a split in the
    /// middle, outages, missed quorums, sales and two denominations; and 200 delegations of 3,000
    /// participants with 400 validators, a daily mint and injections.
    Demo(Demo),
    /// Run a network from files, or a made-up one.
    ///
    /// Writes report.html, epochs.csv, payouts.csv, receipts.csv, keys.csv, accounts.csv and
    /// results.json, with delegations also mint.csv, delegations.csv, delegation_epochs.csv and
    /// members.csv. Amounts in these files are smallest units (10^-6 USDC, 10^-6 QST).
    Simulate(Simulate),
    /// Write a made-up network as input files.
    Sample(Sample),
    /// Show, step by step, why a key, a pool staker or a member of a delegation got what it got in
    /// an epoch.
    Explain(Explain),
    #[command(flatten)]
    Chain(Box<ChainCommand>),
}

#[derive(Debug, Args)]
struct Demo {
    /// Folder for the results, created if need be.
    #[arg(long, value_name = "DIR", default_value = "noderev-demo")]
    out: PathBuf,
    /// How large the network is.
    #[arg(long, value_enum, default_value_t = SizeName::Full)]
    size: SizeName,
}

#[derive(Debug, Args)]
struct Simulate {
    #[command(flatten)]
    source: Source,
    /// Folder for the results, created if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How large a made-up network is.
    #[arg(long, value_enum, default_value_t = SizeName::Full, conflicts_with = "input")]
    size: SizeName,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Source {
    /// Folder with network.toml, keys.csv, revenue.csv, activity.csv, stakes.csv, if keys are sold
    /// market.csv, and if there are delegations nfts.csv, validators.csv, eligibility.csv and
    /// injections.csv.
    #[arg(long, value_name = "DIR")]
    input: Option<PathBuf>,
    /// Make up a network from this seed: 0 to 18,446,744,073,709,551,615.
    #[arg(long, value_name = "SEED")]
    sample: Option<u64>,
}

#[derive(Debug, Args)]
struct Sample {
    /// The same seed gives the same network: 0 to 18,446,744,073,709,551,615.
    #[arg(long, default_value_t = DEMO_SEED)]
    seed: u64,
    /// Folder for the input files, created if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How large the network is.
    #[arg(long, value_enum, default_value_t = SizeName::Full)]
    size: SizeName,
}

#[derive(Debug, Args)]
struct Explain {
    /// Folder that `simulate` or `demo` wrote; without it the contracts on chain are asked.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    subject: SubjectName,
    /// The member of the delegation, or its owner.
    #[arg(long, value_name = "ACCOUNT", requires = "delegation")]
    member: Option<String>,
    /// Epoch, from 0 on.
    #[arg(long, value_name = "N")]
    epoch: u64,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct SubjectName {
    /// Explain the reward of this key, from 1 on.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    key: Option<u32>,
    /// Explain the pool reward of this account.
    #[arg(long, value_name = "ACCOUNT")]
    pool: Option<String>,
    /// Explain what a member got of this delegation's reward, from 1 on.
    #[arg(
        long,
        value_name = "D",
        requires = "member",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    delegation: Option<u16>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SizeName {
    /// 4,732 keys, 1,500 owners, 200 delegations, 3,000 participants, 90 epochs.
    Full,
    /// 120 keys, 40 owners, 6 delegations, 60 participants, 90 epochs.
    Small,
    /// 4,732 keys, 1,500 owners, 40 delegations, 300 participants, 6 epochs: for `play`.
    Chain,
}

/// Why a command failed.
#[derive(Debug, Error)]
pub enum CommandError {
    /// A command to a chain failed.
    #[error(transparent)]
    Chain(#[from] chain::CommandError),
    /// The input is wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The run failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// There is no explanation.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// A file can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The report can't be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Results can't be expressed as JSON.
    #[error("results: {0}")]
    Json(#[from] serde_json::Error),
    /// The output folder can't be used.
    #[error("{}: there is a file of that name", .0.display())]
    NotAFolder(PathBuf),
}

impl CommandError {
    /// Exit code of the program.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Chain(error) => error.exit(),
            _ => Exit::Failed,
        }
    }
}

impl Arguments {
    /// Does what is asked.
    pub fn execute(self) -> Result<Answer, CommandError> {
        let json = self.json;
        let text = match self.command {
            Command::Demo(demo) => simulate(&made_up(DEMO_SEED, demo.size), &demo.out, json),
            Command::Simulate(simulation) => {
                let scenario = simulation.source.scenario(simulation.size)?;
                simulate(&scenario, &simulation.out, json)
            }
            Command::Sample(sample) => sample.write(json),
            Command::Explain(explain) => return explain.answer(json),
            Command::Chain(command) => return Ok(command.execute(json)?),
        };
        text.map(Answer::done)
    }
}

impl Source {
    /// What the files say, or a made-up network of this size.
    pub(crate) fn scenario(&self, size: SizeName) -> Result<Scenario, InputError> {
        match (&self.input, self.sample) {
            (Some(dir), _) => Scenario::read(dir),
            (None, seed) => Ok(made_up(seed.unwrap_or(DEMO_SEED), size)),
        }
    }
}

impl Sample {
    fn write(&self, json: bool) -> Result<String, CommandError> {
        refuse_file(&self.out)?;
        let scenario = made_up(self.seed, self.size);
        input::write(&scenario, &self.out)?;
        let (keys, epochs) = (scenario.owners.len(), scenario.network.epochs);
        if json {
            return Ok(json!({ "out": self.out, "keys": keys, "epochs": epochs }).to_string());
        }
        Ok(format!(
            "{keys} keys over {epochs} epochs: {}",
            self.out.display()
        ))
    }
}

impl Explain {
    fn answer(self, json: bool) -> Result<Answer, CommandError> {
        let subject = match (self.subject.key, self.subject.delegation) {
            (Some(key), _) => Subject::Key(key),
            (None, Some(delegation)) => Subject::Member {
                delegation,
                account: self.member.unwrap_or_default(),
            },
            (None, None) => Subject::Pool(self.subject.pool.unwrap_or_default()),
        };
        match &self.out {
            Some(out) => Ok(Answer::done(explain::explain(
                out, &subject, self.epoch, json,
            )?)),
            None => Ok(chain::explain(
                &self.connection,
                &subject,
                self.epoch,
                json,
            )?),
        }
    }
}

impl SizeName {
    fn size(self) -> Size {
        match self {
            Self::Full => Size::FULL,
            Self::Small => Size::SMALL,
            Self::Chain => Size::CHAIN,
        }
    }
}

fn made_up(seed: u64, size: SizeName) -> Scenario {
    sample::generate(seed, size.size())
}

/// Runs a scenario; only when that went well is anything written.
fn simulate(scenario: &Scenario, out: &Path, json: bool) -> Result<String, CommandError> {
    refuse_file(out)?;
    let progress = table::progress(scenario.network.epochs, "epochs");
    let result = run::run(scenario, &progress)?;
    progress.finish_and_clear();
    write_results(&result, out)?;
    if json {
        return Ok(serde_json::to_string(&result)?);
    }
    let report = out.join(report::FILE);
    Ok(format!(
        "{}\nReport: {}",
        table::summary(&result),
        report.display()
    ))
}

fn write_results(result: &RunResult, out: &Path) -> Result<(), CommandError> {
    results::write(result, out)?;
    report::write(result, out)?;
    Ok(input::write_text(
        out,
        RESULTS,
        &serde_json::to_string(result)?,
    )?)
}

fn refuse_file(out: &Path) -> Result<(), CommandError> {
    let is_file = fs::metadata(out).is_ok_and(|found| found.is_file());
    if is_file {
        Err(CommandError::NotAFolder(out.to_owned()))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn no_two_options_of_a_command_clash() {
        super::Arguments::command().debug_assert();
    }
}
