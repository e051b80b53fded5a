//! `import`: what a network begins with, from files.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use noderev_chain::{Message, Network};
use noderev_operations::import::{KeyImport, Standing};
use noderev_operations::Addresses;
use serde_json::json;

use super::stakes::Stakes;
use super::{CommandError, Connection, Sending, Session};
use crate::answer::{Answer, Exit};
use crate::format::thousands;
use crate::input::{self, DEFAULT_CAP};
use crate::table;

/// Differences that are told one by one.
const TOLD: usize = 20;

/// Bring in what a network begins with, from a file.
#[derive(Debug, Args)]
pub struct Import {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Issue keys to their first owners; then end issuance for ever, if these are all that there can
    /// be.
    ///
    /// May be stopped at any moment and run again: it looks at how many keys there are, checks that
    /// they are the file's, and goes on with the next. The sender must be the registry's minter.
    Keys(Keys),
    /// Stake the nodes of the sender that the file has staked by the running epoch, and put as much into
    /// the pool as it has there.
    ///
    /// Of the file only the sender's rows: nobody can stake for another. May be stopped at any moment and
    /// run again: it looks at what there is and brings in what is missing. It takes nothing out: what
    /// there is more than in the file is told.
    Stakes(Stakes),
}

#[derive(Debug, Args)]
struct Keys {
    /// CSV file as keys.csv: columns key (1, 2, 3, ...) and owner (an address), at most 4,732 rows.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only compare the file with the chain; exit code 1 with every difference.
    #[arg(long)]
    verify: bool,
    /// End issuance for ever with the file's keys, although there could be more.
    #[arg(long, conflicts_with = "verify")]
    seal: bool,
    /// Leave issuance open, although there can't be more keys.
    #[arg(long, conflicts_with_all = ["verify", "seal"])]
    no_seal: bool,
    /// Go on although keys are somebody else's on chain, and only tell them: they were sold or sent
    /// on since they were issued.
    #[arg(long)]
    moved_ok: bool,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

impl Import {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.what {
            What::Keys(keys) => keys.execute(json),
            What::Stakes(stakes) => stakes.execute(json),
        }
    }
}

impl Keys {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        self.sending.refuse_printing()?;
        let owners = self.owners(&self.connection.network()?)?;
        let mut session = match self.verify {
            true => self.connection.open(json)?,
            false => self.connection.open_to_send(&self.sending, json)?,
        };
        let registry = session.deployment()?.address("registry")?.to_owned();
        let import = KeyImport {
            registry: &registry,
            owners: &owners,
            moved_ok: self.moved_ok,
        };
        if self.verify {
            let standing = import.standing(session.client())?;
            return Ok(self.compared(&session, &standing));
        }
        let standing = import.ensure_same(session.client())?;
        let messages = import.messages(standing.issued)?;
        let seal = self.seals(&standing);
        let mut effect = effect(&standing, messages.len(), seal);
        if !messages.is_empty() || seal {
            effect.push_str(&fee(&session, &import, &messages)?);
        }
        if self.sending.only_shows() {
            return Ok(self.shown(&session, &effect));
        }
        if messages.is_empty() && !seal {
            return Ok(self.compared(&session, &standing));
        }
        session.ask(&format!("{effect}. Go on?"))?;
        let bar = table::progress(standing.file.into(), "importing keys");
        bar.set_position(standing.issued.into());
        let verbose = self.sending.verbose();
        let (signer, client) = session.signer()?;
        let standing = import.run(client, signer, seal, |batch| {
            bar.set_position(batch.issued.into());
            if verbose {
                let (rows, gas) = (batch.rows, batch.gas.unwrap_or(0));
                bar.suspend(|| eprintln!("{} keys: {rows} rows, {gas} gas", batch.issued));
            }
        })?;
        bar.finish_and_clear();
        Ok(self.compared(&session, &standing))
    }

    /// Whether to end issuance: by itself only with the last key that there can be.
    const fn seals(&self, standing: &Standing) -> bool {
        let whole = standing.file == standing.cap && !self.no_seal;
        !standing.sealed && (self.seal || whole)
    }

    fn owners(&self, network: &Network) -> Result<Vec<String>, CommandError> {
        let addresses = Addresses::of(network);
        let check = |owner: &str| addresses.check(owner).map_err(|error| error.to_string());
        input::read_keys(&self.file, DEFAULT_CAP, check).map_err(|error| CommandError::File {
            path: self.file.clone(),
            reason: error.to_string(),
        })
    }

    fn shown(&self, session: &Session, effect: &str) -> Answer {
        Answer::done(match session.json {
            true => json!({ "effect": effect }).to_string(),
            false => format!("{effect}; nothing was sent"),
        })
    }

    /// The answer: how the chain differs from the file.
    fn compared(&self, session: &Session, standing: &Standing) -> Answer {
        let right = self.moved_ok || standing.others.is_empty();
        let exit = match right && standing.issued == standing.file {
            true => Exit::Done,
            false => Exit::Failed,
        };
        let others = standing.others.iter();
        if session.json {
            let others =
                others.map(|one| json!({ "key": one.key, "file": one.file, "chain": one.chain }));
            let text = json!({
                "file": standing.file,
                "issued": standing.issued,
                "cap": standing.cap,
                "sealed": standing.sealed,
                "other_owners": others.collect::<Vec<_>>(),
            })
            .to_string();
            return Answer { text, exit };
        }
        let issued = thousands(standing.issued.into());
        let sealed = match standing.sealed {
            true => "issuance is sealed".to_owned(),
            false => format!(
                "not sealed: {issued} of {} keys; --seal ends issuance at {issued} for ever",
                thousands(standing.cap.into())
            ),
        };
        let mut lines = vec![format!(
            "{} keys in the file, {} on chain, {} with other owners; {sealed}",
            thousands(standing.file.into()),
            issued,
            standing.others.len()
        )];
        lines.extend(others.take(TOLD).map(ToString::to_string));
        if standing.others.len() > TOLD {
            lines.push("...".to_owned());
        }
        Answer {
            text: lines.join("\n"),
            exit,
        }
    }
}

/// What the first transaction may cost: the later ones need the earlier ones to be simulated.
fn fee(
    session: &Session,
    import: &KeyImport<'_>,
    messages: &[Message],
) -> Result<String, CommandError> {
    let seal = import.sealing()?;
    let first = messages.first().unwrap_or(&seal);
    let sender = session.sender()?;
    let estimate = session
        .client()
        .estimate(&sender, core::slice::from_ref(first));
    match estimate {
        Ok(unsigned) => {
            let fee = session.fee(unsigned.gas);
            Ok(format!(", for at most about {fee} per transaction"))
        }
        // Also while a transaction of an interrupted import is on its way.
        Err(error) if error.is_refusal() => {
            Ok(format!(", at a fee that is not known now ({error})"))
        }
        Err(error) => Err(error.into()),
    }
}

fn effect(standing: &Standing, transactions: usize, seal: bool) -> String {
    let missing = standing.file.saturating_sub(standing.issued);
    let end = match seal {
        true => ", then end issuance for ever",
        false => "",
    };
    format!(
        "issue {} keys in {transactions} transactions{end}; {} are there",
        thousands(missing.into()),
        thousands(standing.issued.into())
    )
}
