//! `export`: everything that the contracts told and stored, as JSON lines.

use std::io::{stdout, BufWriter, ErrorKind, Write};

use clap::{Args, Subcommand};
use noderev_operations::export::{state, Events as Wanted, ExportError};
use noderev_operations::Contract;
use serde::Serialize;

use super::{CommandError, Connection};
use crate::answer::Answer;
use crate::format::thousands;
use crate::table;

/// Write all typed events, or everything stored, as JSON lines.
#[derive(Debug, Args)]
pub struct Export {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write all typed events of the contracts, in order of block, place in the block and number.
    ///
    /// One line each: height, time (nanoseconds since 1970; null if the node has forgotten the block),
    /// transaction hash and index, contract, seq, event, and the attributes as a list of key and value.
    /// They are read from the node's transactions up to its latest block; a number that is missing ends
    /// the export with an error that names it (exit code 1): the node has forgotten it, or the chain
    /// itself told the contract to do it, which is in no transaction.
    Events(Events),
    /// Write every raw record of the contracts as of the latest block.
    ///
    /// One line each: height, contract, address, key and value, both hexadecimal; in the order of the
    /// deployment's names, then of the keys' bytes.
    State(State),
}

#[derive(Debug, Args)]
struct Events {
    /// Only this contract's: registry, vault, distributor or delegation.
    #[arg(long, value_name = "NAME")]
    contract: Option<String>,
    /// Number (seq) of the contract's first event that is wanted, to go on where an export ended; from 1
    /// on.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "contract",
          value_parser = clap::value_parser!(u64).range(1..))]
    from_seq: u64,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
struct State {
    /// Only this contract's, by its name in the deployment's file; all unless given.
    #[arg(long, value_name = "NAME")]
    contract: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Export {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let ended = match self.what {
            What::Events(events) => events.write(json),
            What::State(state) => state.write(json),
        };
        match ended {
            // Whoever stops reading early, as `head` does, has what he wants.
            Err(CommandError::Export(ExportError::Output(error)))
                if error.kind() == ErrorKind::BrokenPipe =>
            {
                Ok(Answer::done(""))
            }
            Err(error) => Err(error),
            Ok(told) => {
                eprintln!("{told}");
                Ok(Answer::done(""))
            }
        }
    }
}

/// The contract of this name; all if none.
fn chosen(name: Option<&str>) -> Result<Vec<Contract>, CommandError> {
    let Some(name) = name else {
        return Ok(Contract::ALL.to_vec());
    };
    let known = Contract::ALL.iter().find(|one| one.name() == name);
    known.map(|one| vec![*one]).ok_or_else(|| {
        let names = Contract::ALL.map(Contract::name).join(", ");
        CommandError::Usage(format!("{name} has no typed events; these have: {names}"))
    })
}

fn line(to: &mut impl Write, what: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *to, what)?;
    to.write_all(b"\n")
}

impl Events {
    /// Writes them; answers what to say on standard error.
    fn write(&self, json: bool) -> Result<String, CommandError> {
        let chosen = chosen(self.contract.as_deref())?;
        let session = self.connection.open(json)?;
        let (contracts, height) = session.contracts_as_of_now()?;
        let wanted = Wanted::of(&contracts, height, &chosen, self.from_seq)?;
        let mut out = BufWriter::new(stdout().lock());
        let progress = table::progress(wanted.count(), "events");
        let result = wanted.export(contracts.client(), |told| {
            progress.inc(1);
            line(&mut out, told)
        });
        progress.finish_and_clear();
        out.flush().map_err(ExportError::from)?;
        result?;
        let latest = wanted.of.iter().map(|source| {
            let next = source.latest.saturating_add(1);
            format!("{} goes on with --from-seq {next}", source.contract.name())
        });
        Ok(format!(
            "{} events up to block {height}; {}",
            thousands(wanted.count().into()),
            latest.collect::<Vec<_>>().join(", ")
        ))
    }
}

impl State {
    fn write(&self, json: bool) -> Result<String, CommandError> {
        let session = self.connection.open(json)?;
        let (contracts, height) = session.contracts_as_of_now()?;
        let deployment = session.deployment()?;
        let addresses = match &self.contract {
            Some(name) => vec![(name.as_str(), deployment.address(name)?)],
            None => {
                let all = deployment.contracts.iter();
                all.map(|(name, contract)| (name.as_str(), contract.address.as_str()))
                    .collect()
            }
        };
        let mut out = BufWriter::new(stdout().lock());
        let mut counts = Vec::new();
        for contract in addresses {
            let count = state(contracts.client(), height, contract, |record| {
                line(&mut out, record)
            })?;
            counts.push(format!("{} of {}", thousands(count.into()), contract.0));
        }
        out.flush().map_err(ExportError::from)?;
        Ok(format!(
            "records as of block {height}: {}",
            counts.join(", ")
        ))
    }
}
