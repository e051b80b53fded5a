//! `play`: a scenario's files on a real chain, beside the embedded one.

use std::path::{Path, PathBuf};

use clap::Args;
use noderev_operations::Deployment;
use serde_json::json;

use super::session::no_key;
use super::{CommandError, Connection, Sending, Session};
use crate::answer::{Answer, Exit};
use crate::cli::{SizeName, Source};
use crate::format::thousands;
use crate::input::Scenario;
use crate::play::{self, Options, Played};
use crate::table;

/// File of what was deployed, in the folder of results.
const DEPLOYMENT: &str = "deployment.json";
/// Most differences that are printed.
const SHOWN: usize = 40;

/// Play a network's files on a test chain, in contracts of its own, and compare every payout with
/// the embedded chain's.
///
/// Everybody in the files becomes an account of your words; the sender's pays for all: it needs the
/// revenue's native coins and the fees. What happens in an epoch of the files happens in that epoch of the chain, so a run takes epochs times
/// epoch_length; --epoch-length makes days minutes. Writes the files that `simulate`
/// writes, with the chain's block heights, gas.csv (gas used per kind of message) and the
/// deployment's file, deployment.json among the results unless --deployment is given, so that all
/// other commands work on what was played. Exit code 1 if anything differs.
#[derive(Debug, Args)]
pub struct Play {
    #[command(flatten)]
    source: Source,
    /// How large a made-up network is.
    #[arg(long, value_enum, default_value_t = SizeName::Chain, conflicts_with = "input")]
    size: SizeName,
    /// Folder for the results, created if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seconds of an epoch, 10 to 2,678,400, in place of the network's own: report and appeal windows,
    /// notices and unbonding periods become shorter in the same proportion.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(10..=2_678_400))]
    epoch_length: Option<u64>,
    /// Number of the first account that plays somebody; as many follow as take part.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    first_account: u32,
    /// Seconds until epoch 0 begins, for accounts, money and NFTs. What is not done then takes time
    /// of epoch 0.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    lead: u64,
    /// Folders with the contracts' wasm: node_registry, staking_vault, revenue_distributor,
    /// delegation, cw20_base and cw721_base. May be given several times.
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    wasm: Vec<PathBuf>,
    /// Folder of the benchmark, bench/: writes chain.md and chain.json there, the chain's gas beside
    /// the benchmark's figures.json.
    #[arg(long, value_name = "DIR")]
    bench: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

impl Play {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        self.sending.refuse_showing("a play")?;
        if self.out.is_file() {
            let text = format!("{}: there is a file of that name", self.out.display());
            return Err(CommandError::Usage(text));
        }
        let mut scenario = self.source.scenario(self.size)?;
        if let Some(seconds) = self.epoch_length {
            scenario.network = scenario.network.shortened(seconds)?;
        }
        let connection = self.connection.or_deployment(self.out.join(DEPLOYMENT));
        let session = connection.open_to_send(&self.sending, json)?;
        Deployment::ensure_played(session.deployment_path())?;
        session.ask(&question(&session, &scenario)?)?;
        let options = Options {
            words: self.sending.words()?.ok_or_else(no_key)?,
            account: self.sending.account(),
            first_account: self.first_account,
            lead: self.lead,
            wasm: self.wasm,
            deployment: session.deployment_path().to_owned(),
            out: self.out,
            bench: self.bench,
        };
        let progress = table::progress(1, "messages");
        let played = play::play(&scenario, session.client(), &options, &progress)?;
        progress.finish_and_clear();
        Ok(answer(&played, &options.out, json))
    }
}

fn question(session: &Session, scenario: &Scenario) -> Result<String, CommandError> {
    let network = session.client().network();
    Ok(format!(
        "play {} epochs of {} s in new contracts on {}; {} pays everybody's {} and revenue. Go on?",
        scenario.network.epochs,
        scenario.network.epoch_length,
        network.chain_id,
        session.sender()?,
        network.denom
    ))
}

fn answer(played: &Played, out: &Path, json: bool) -> Answer {
    let exit = match played.differences.is_empty() {
        true => Exit::Done,
        false => Exit::Failed,
    };
    if json {
        let text = json!({
            "out": out,
            "messages": played.messages,
            "accounts": played.accounts,
            "payouts": played.result.payouts.len(),
            "answers": played.answers,
            "busiest_epoch_seconds": played.busiest,
            "differences": played.differences,
        });
        return Answer {
            text: text.to_string(),
            exit,
        };
    }
    let number = |count: usize| thousands(u128::try_from(count).unwrap_or(0));
    let mut text = format!(
        "{} messages of {} accounts on the chain, {} payouts; {} answers compared: {}",
        number(played.messages),
        number(played.accounts),
        number(played.result.payouts.len()),
        number(played.answers),
        match played.differences.len() {
            0 => "both chains say the same".to_owned(),
            count => format!("{} differences", number(count)),
        }
    );
    for difference in played.differences.iter().take(SHOWN) {
        text.push_str("\n  ");
        text.push_str(difference);
    }
    text.push_str(&format!(
        "\nThe busiest epoch took {} of {} s\nResults: {}",
        played.busiest,
        played.result.network.epoch_length,
        out.display()
    ));
    Answer { text, exit }
}
