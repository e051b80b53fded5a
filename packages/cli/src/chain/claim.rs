//! `rewards` and `claim`: what an account is owed, and getting it.

use clap::Args;
use noderev_chain::ChainError;
use noderev_operations::rewards::{self, Claimed, Due, How, Owed};
use serde_json::json;

use super::form::Form;
use super::words::name;
use super::{CommandError, Connection, Sending, Session};
use crate::answer::{Answer, Exit};
use crate::format::thousands;

/// Show everything that an account is owed, in smallest units, by role and currency.
///
/// Exit code 3 if nothing is due; 5, in every form, if the contracts can't tell all of it before it is
/// settled: `claim --settle-only` does, and the same command tells the rest then.
#[derive(Debug, Args)]
pub struct Rewards {
    /// The account; the sender's own if none.
    #[arg(value_name = "ADDRESS")]
    whose: Option<String>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

/// Claim everything that the account is owed by closed epochs, in as many transactions as it takes.
///
/// Stopped anywhere, what was paid is paid and the rest is still owed. Exit code 3 if nothing is due,
/// or with --settle-only if nothing is left to settle.
#[derive(Debug, Args)]
pub struct Claim {
    /// Where to, instead of the account itself or its payee.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "account_of")]
    to: Option<String>,
    /// Claim for this account: its money goes to it or its payee.
    #[arg(long = "for", value_name = "ADDRESS")]
    account_of: Option<String>,
    /// Settle without paying out: keys that are due, and pool stake and delegations that have changed
    /// more often than one message goes through. The claim that pays settles the rest.
    #[arg(long, conflicts_with = "to")]
    settle_only: bool,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

impl Rewards {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.connection.open_to_send(&self.sending, json)?;
        let account = session.account(self.whose)?;
        let owed = rewards::due(&session.contracts()?, &account)?;
        let (due, unsettled) = (&owed.due, &owed.unsettled);
        let unsettled = unsettled.is_some().then(|| unsettled.to_string());
        let value = json!({ "account": account, "due": due, "unsettled": unsettled });
        let nothing = due.is_empty() && unsettled.is_none();
        let told = || match nothing {
            true => format!("nothing is due to {account}"),
            false => format!("due to {account}:\n{}", told_owed(&owed)),
        };
        let rows = due.iter().map(row);
        let text = self.form.text(json, &value, COLUMNS, rows, told)?;
        let exit = match (nothing, owed.unsettled.is_some()) {
            (true, _) => Exit::NothingDue,
            (false, true) => Exit::PartlyDone,
            (false, false) => Exit::Done,
        };
        Ok(Answer { text, exit })
    }
}

const COLUMNS: [&str; 3] = ["role", "denom", "amount"];

fn row(due: &Due) -> [String; 3] {
    let denom = name(&due.denom).to_owned();
    [due.role.clone(), denom, due.amount.to_string()]
}

impl Claim {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.connection.open_to_send(&self.sending, json)?;
        let how = How {
            account: self.account_of,
            to: self.to,
            settle_only: self.settle_only,
        };
        let account = match &how.account {
            Some(account) => account.clone(),
            None => session.sender()?,
        };
        let contracts = session.contracts()?;
        let messages = rewards::next_claim(&contracts, &account, &how)?;
        if messages.is_empty() {
            return Ok(nothing(&account, how.settle_only, json));
        }
        let effect = effect(&session, &account, &how)?;
        if self.sending.only_shows() {
            return session.send_and_tell(&effect, &messages);
        }
        session.ask(&format!("{effect}?"))?;
        let (signer, client) = session.signer()?;
        let (claimed, result) = rewards::claim(&contracts, client, signer, &how, |outcome| {
            eprintln!("transaction {} in block {}", outcome.hash, outcome.height);
        });
        match result {
            Err(error) if claimed.outcomes.is_empty() => Err(error.into()),
            result => Ok(told(&account, &claimed, result.err(), json)),
        }
    }
}

/// What was claimed, and why not all of it.
fn told(account: &str, claimed: &Claimed, failed: Option<ChainError>, json: bool) -> Answer {
    let gas = claimed.outcomes.iter().map(|outcome| outcome.gas_used);
    let gas = gas.fold(0_u64, u64::saturating_add);
    let hashes: Vec<&str> = claimed
        .outcomes
        .iter()
        .map(|one| one.hash.as_str())
        .collect();
    let failed = failed.map(|error| error.to_string());
    let exit = match &failed {
        Some(_) => Exit::PartlyDone,
        None => Exit::Done,
    };
    if json {
        let text = json!({
            "account": account,
            "paid": claimed.paid,
            "hashes": hashes,
            "gas_used": gas,
            "failed": failed,
        });
        return Answer {
            text: text.to_string(),
            exit,
        };
    }
    let paid = match claimed.paid.is_empty() {
        true => "settled, nothing paid".to_owned(),
        false => format!("paid:\n{}", list(&claimed.paid)),
    };
    let mut lines = vec![paid];
    lines.push(format!(
        "{} transactions, {} gas",
        hashes.len(),
        thousands(gas.into())
    ));
    lines.extend(failed.map(|error| format!("the rest is still owed: {error}")));
    Answer {
        text: lines.join("\n"),
        exit,
    }
}

fn effect(session: &Session, account: &str, how: &How) -> Result<String, CommandError> {
    let owed = rewards::due(&session.contracts()?, account)?;
    let what = match how.settle_only {
        true => "settle",
        false => "pay out",
    };
    Ok(format!(
        "{what} to {}:\n{}\n",
        how.to.as_deref().unwrap_or(account),
        told_owed(&owed)
    ))
}

fn told_owed(owed: &Owed) -> String {
    let due = list(&owed.due);
    let unsettled = format!("what only settling tells: {}", owed.unsettled);
    match (owed.due.is_empty(), owed.unsettled.is_some()) {
        (_, false) => due,
        (true, true) => unsettled,
        (false, true) => format!("{due}\nand {unsettled}"),
    }
}

fn nothing(account: &str, settle_only: bool, json: bool) -> Answer {
    Answer::nothing_due(match (json, settle_only) {
        (true, _) => json!({ "account": account, "paid": [], "hashes": [] }).to_string(),
        (false, true) => format!("nothing of {account} is left to settle"),
        (false, false) => format!("nothing is due to {account}"),
    })
}

fn list(due: &[Due]) -> String {
    let line = |due: &Due| format!("{:>24} {} ({})", thousands(due.amount), due.denom, due.role);
    due.iter().map(line).collect::<Vec<_>>().join("\n")
}
