//! `audit`: every closed epoch again, from public evidence.

use clap::Args;
use noderev_operations::{audit, Audit as Found, Finding};

use super::form::Form;
use super::{CommandError, Connection};
use crate::answer::{Answer, Exit};
use crate::format::thousands;
use crate::table;

/// Recompute every closed epoch from public evidence, and compare books with balances.
///
/// Reports, stakes, keys, deposits and parameters are read by queries that anybody can make; what
/// comes out is compared with what the contracts tell of the epoch, figure by figure. Exit code 1 if
/// anything differs.
///
/// Taken as the delegation contract tells it: each delegation's Quintessence in an epoch, whether it was
/// dormant, and the Quintessence that is not delegated.
#[derive(Debug, Args)]
pub struct Audit {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    connection: Connection,
}

impl Audit {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.connection.open(json)?;
        let contracts = session.contracts()?;
        let progress = table::progress(0, "epochs");
        let found = audit(&contracts, |done, all| {
            progress.set_length(all.into());
            progress.set_position(done.into());
        })?;
        progress.finish_and_clear();
        let exit = match found.findings.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        };
        let rows = found.findings.iter().map(row);
        let text = self
            .form
            .text(json, &found, COLUMNS, rows, || told(&found))?;
        Ok(Answer { text, exit })
    }
}

const COLUMNS: [&str; 4] = ["place", "figure", "told", "recomputed"];

fn row(one: &Finding) -> [String; 4] {
    [&one.place, &one.figure, &one.told, &one.recomputed].map(ToString::to_string)
}

fn told(found: &Found) -> String {
    let mut lines: Vec<String> = found
        .findings
        .iter()
        .map(|one| {
            format!(
                "{}: {} is told as {} and comes out as {}",
                one.place, one.figure, one.told, one.recomputed
            )
        })
        .collect();
    lines.push(format!(
        "{} epochs of revenue and {} of the mint recomputed, {} figures compared: {}",
        found.closed,
        found.advanced,
        thousands(found.compared.into()),
        match found.findings.len() {
            0 => "all right".to_owned(),
            wrong => format!("{wrong} WRONG"),
        }
    ));
    lines.join("\n")
}
