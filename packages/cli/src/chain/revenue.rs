//! `revenue`: deposits, and the list of them.

use clap::{Args, Subcommand};
use noderev_api::common::DepositInfo;
use noderev_operations::revenue::{self, Deposit as Wanted};

use super::form::Form;
use super::{words, CommandError, Connection, Sending};
use crate::answer::Answer;
use crate::format::thousands;

/// Deposit revenue, and list what was deposited.
#[derive(Debug, Args)]
pub struct Revenue {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Deposit gross revenue in a native coin or a cw20 token.
    ///
    /// A source and reference can be used once, so a deposit that may have been made can be repeated
    /// safely: exit code 4 if it was.
    Deposit(Deposit),
    /// List deposits, newest first.
    List(List),
}

#[derive(Debug, Args)]
struct Deposit {
    /// The currency: its symbol, native denomination or cw20 address.
    denom: String,
    /// Smallest units: 1,500,000 for 1.5 USDC of 6 decimals, written 1500000.
    amount: u128,
    /// Who paid, such as a customer; 1 to 256 bytes.
    #[arg(long)]
    source: String,
    /// Invoice hash or URI; 1 to 256 bytes.
    #[arg(long)]
    reference: String,
    /// Epochs over which it is spread in equal parts, from the running one on: 1 to 366.
    #[arg(long, value_name = "N", default_value_t = 1)]
    over: u32,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

#[derive(Debug, Args)]
struct List {
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    connection: Connection,
}

impl Revenue {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::Deposit(deposit) => deposit.execute(json),
            Step::List(list) => list.execute(json),
        }
    }
}

impl Deposit {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.connection.open_to_send(&self.sending, json)?;
        let wanted = Wanted {
            denom: self.denom,
            amount: self.amount,
            over: self.over,
            source: self.source,
            reference: self.reference,
        };
        let planned = wanted.plan(&session.contracts()?, &session.sender()?)?;
        let epochs = match planned.from == planned.last {
            true => format!("epoch {}", planned.from),
            false => format!("epochs {} to {}", planned.from, planned.last),
        };
        let effect = format!(
            "deposit {} smallest units of {} for {epochs}, from {:?}, reference {:?}",
            thousands(wanted.amount),
            planned.denom.symbol,
            wanted.source,
            wanted.reference
        );
        session.send_and_tell(&effect, &[planned.message])
    }
}

impl List {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.connection.open(json)?;
        let deposits = revenue::list(&session.contracts()?, self.limit)?;
        let rows = || deposits.iter().map(row);
        let told = || words::table(COLUMNS, rows());
        let text = self.form.text(json, &deposits, COLUMNS, rows(), told)?;
        Ok(Answer::done(text))
    }
}

const COLUMNS: [&str; 8] = [
    "number",
    "depositor",
    "denom",
    "amount",
    "from",
    "over",
    "source",
    "reference",
];

fn row(deposit: &DepositInfo) -> [String; 8] {
    [
        deposit.number.to_string(),
        deposit.depositor.to_string(),
        words::name(&deposit.denom).to_owned(),
        deposit.amount.to_string(),
        deposit.from.to_string(),
        deposit.over.to_string(),
        deposit.source.clone(),
        deposit.reference.clone(),
    ]
}
