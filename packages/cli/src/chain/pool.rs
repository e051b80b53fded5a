//! `pool`: an account's stake in the global pool, its lots, and changing them.

use clap::{Args, Subcommand};
use noderev_api::vault::{LotKind, LotResponse};
use noderev_components::DenomInfo;
use noderev_operations::pool::{self, Collected, Compounded, PoolError, Status};
use noderev_operations::Moment;
use serde_json::{json, Value};

use super::dated::send_dated;
use super::form::Form;
use super::numbers::{listed, numbers, Numbers};
use super::session::By;
use super::words::{amounts, at, counting, qst, table, to_the_end};
use super::{CommandError, Connection, Sending};
use crate::answer::{Answer, Exit};
use crate::format::{epoch_from, exact_units, minute, rfc3339};

/// Stake in the global pool, which earns what unstaked nodes give up.
#[derive(Debug, Args)]
pub struct Pool {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Show what an account has in the pool, its lots on their way out, and what the pool last earned;
    /// as CSV the lots alone.
    Status(Whose),
    /// Put QST into the pool. It counts from the next epoch on.
    Deposit(Amount),
    /// Take QST out of the pool. It counts, and earns, to the end of the running epoch; then it is
    /// bound in a lot until the release that is told: then `pool collect` pays it.
    Withdraw(Amount),
    /// Put a lot back before its release: into the pool, or into the node that it comes from. It
    /// counts from the next epoch on; if it was asked for in the running epoch, without interruption.
    Cancel(Lot),
    /// Pay released lots, of the pool and of nodes. Exit code 3 if none is released.
    Collect(Lots),
    /// Put all rewards in QST that closed epochs owe the account into the pool, in whatever role.
    /// They count from the next epoch on. Exit code 3 if none are due; 5 if some are left, because
    /// they don't fit into one transaction: the same command puts them in, too.
    Compound(By),
}

#[derive(Debug, Args)]
struct Whose {
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

#[derive(Debug, Args)]
struct Amount {
    /// Smallest units of QST, 1 or more: 1,500,000 for 1.5 QST of 6 decimals, written 1500000.
    amount: u128,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Lot {
    /// The lot's number, as `pool status` shows it.
    lot: u64,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Lots {
    /// Numbers of lots such as 5 7 10-20, at most 500, all of which must be released; all released
    /// ones if none.
    #[arg(value_name = "LOT")]
    lots: Vec<Numbers>,
    #[command(flatten)]
    by: By,
}

impl Pool {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::Status(status) => status.execute(json),
            Step::Deposit(amount) => amount.deposit(json),
            Step::Withdraw(amount) => amount.withdraw(json),
            Step::Cancel(lot) => lot.cancel(json),
            Step::Collect(lots) => lots.collect(json),
            Step::Compound(by) => compound(&by, json),
        }
    }
}

impl Whose {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.connection.open_to_send(&self.sending, json)?;
        let account = session.account(self.whose)?;
        let status = pool::status(&session.contracts()?, &account)?;
        let lots = status.lots.iter().map(plain_row);
        let text = self
            .form
            .text(json, &status, PLAIN_LOTS, lots, || told(&status))?;
        Ok(Answer::done(text))
    }
}

impl Amount {
    fn deposit(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let planned = pool::deposit(&session.contracts()?, &session.sender()?, self.amount)?;
        let moment = &planned.moment;
        let effect = format!(
            "put {} into the pool, {}: {} in all from then on",
            qst(self.amount, moment),
            counting(moment),
            qst(planned.in_all, moment)
        );
        send_dated(&mut session, &effect, moment, &planned.messages)
    }

    fn withdraw(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let planned = pool::withdraw(&session.contracts()?, &session.sender()?, self.amount)?;
        let moment = &planned.moment;
        let effect = format!(
            "take {} out of the pool: it counts {}, and is released {}; {} stay in the pool",
            qst(self.amount, moment),
            to_the_end(moment),
            minute(planned.release),
            qst(planned.left, moment)
        );
        send_dated(&mut session, &effect, moment, &planned.messages)
    }
}

impl Lot {
    fn cancel(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let planned = pool::cancel(&session.contracts()?, &session.sender()?, self.lot)?;
        let (lot, moment) = (&planned.lot, &planned.moment);
        let back = match lot.kind {
            LotKind::Pool => "into the pool".to_owned(),
            LotKind::Node { key } => format!("into the node of key {key}"),
        };
        let counts = match lot.counts_until > moment.epoch {
            true => format!(
                "which counts on as if nothing had been, if this is in a block before {}",
                minute(moment.boundary())
            ),
            false => counting(moment),
        };
        let amount = qst(lot.amount.u128(), moment);
        let effect = format!("put lot {}, {amount}, back {back}, {counts}", lot.lot);
        send_dated(&mut session, &effect, moment, &planned.messages)
    }
}

impl Lots {
    fn collect(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let account = session.sender()?;
        let planned = pool::collect(&session.contracts()?, &account, &numbers(&self.lots)?)?;
        if planned.lots.is_empty() {
            return Ok(nothing_released(&account, &planned, json));
        }
        let amounts = planned.lots.iter().map(|lot| lot.amount.u128());
        let paid = amounts.fold(0_u128, u128::saturating_add);
        let numbers = listed(planned.lots.iter().map(|lot| lot.lot));
        let left = match planned.left {
            0 => String::new(),
            left => format!("; {left} more released lots are left for another time"),
        };
        let effect = format!(
            "pay {} to {account}: released lots {numbers}{left}",
            qst(paid, &planned.moment)
        );
        session.send_and_tell(&effect, &planned.messages)
    }
}

fn nothing_released(account: &str, planned: &Collected, json: bool) -> Answer {
    if json {
        let text = json!({ "account": account, "lots": [], "next": planned.next });
        return Answer::nothing_due(text.to_string());
    }
    let next = match &planned.next {
        Some(lot) => format!(
            "the next one, lot {} of {}, is released {}",
            lot.lot,
            qst(lot.amount.u128(), &planned.moment),
            at(lot.release)
        ),
        None => "there are none".to_owned(),
    };
    Answer::nothing_due(format!("no lot of {account} is released: {next}"))
}

fn compound(by: &By, json: bool) -> Result<Answer, CommandError> {
    let mut session = by.open(json)?;
    let account = session.sender()?;
    let contracts = session.contracts()?;
    let planned = pool::compound(&contracts, &account)?;
    if planned.messages.is_empty() {
        return Ok(Answer::nothing_due(match json {
            true => json!({ "account": account, "amount": "0" }).to_string(),
            false => format!("no QST is due to {account}"),
        }));
    }
    let effect = effect(&planned);
    let answer = send_dated(&mut session, &effect, &planned.moment, &planned.messages)?;
    match by.sending.only_shows() {
        true => Ok(answer),
        false => {
            let rest = pool::compound(&contracts, &account);
            Ok(with_rest(answer, &planned, rest, json))
        }
    }
}

fn effect(planned: &Compounded) -> String {
    let moment = &planned.moment;
    let done = match planned.amount {
        0 => {
            "settle keys of many owners, so that what they are due can go into the pool".to_owned()
        }
        amount => format!(
            "put {} of rewards into the pool, {}",
            qst(amount, moment),
            counting(moment)
        ),
    };
    match planned.more {
        true => format!("{done}; more is left than one transaction takes: run this again then"),
        false => done,
    }
}

/// Adds to what was done what is left then; or that nobody knows, if the node does not tell: what is done
/// is done.
fn with_rest(
    answer: Answer,
    planned: &Compounded,
    rest: Result<Compounded, PoolError>,
    json: bool,
) -> Answer {
    let (told, fields, is_left) = match rest {
        Ok(rest) if rest.messages.is_empty() => return answer,
        Ok(rest) => {
            let left = qst(rest.amount, &rest.moment);
            let more = match rest.more {
                true => " and more",
                false => "",
            };
            let told = format!("{left}{more} are left: run this again");
            let fields = json!({ "left": rest.amount.to_string(), "more": rest.more });
            (told, fields, true)
        }
        Err(error) => {
            let told = format!("what is left is not known: {error}");
            let fields = json!({ "left": null, "left_unknown": error.to_string() });
            (told, fields, planned.more)
        }
    };
    let exit = match is_left {
        true => Exit::PartlyDone,
        false => answer.exit,
    };
    let text = match json {
        true => with_fields(&answer.text, fields),
        false => format!("{}\n{told}", answer.text),
    };
    Answer { text, exit }
}

fn with_fields(text: &str, fields: Value) -> String {
    let mut told: Value = serde_json::from_str(text).unwrap_or_default();
    if let (Some(told), Value::Object(fields)) = (told.as_object_mut(), fields) {
        told.extend(fields);
    }
    told.to_string()
}

/// A status for people.
fn told(status: &Status) -> String {
    let moment = &status.moment;
    let mut lines = vec![
        format!("pool stake of {}", status.account),
        format!(
            "counted now, in epoch {}: {}",
            status.epoch,
            qst(status.counted.u128(), moment)
        ),
        format!(
            "{}: {}",
            epoch_from(&moment.clock, moment.next()),
            qst(status.next.u128(), moment)
        ),
    ];
    lines.push(match status.lots.is_empty() {
        true => "no lots on their way out".to_owned(),
        false => table(LOTS, status.lots.iter().map(|lot| row(lot, moment))),
    });
    lines.push(last(status, &status.denoms));
    lines.join("\n")
}

const LOTS: [&str; 5] = ["lot", "QST", "from", "counts until", "released"];

fn row(lot: &LotResponse, moment: &Moment) -> [String; 5] {
    let released = match moment.is_past(lot.release) {
        true => format!("{}: collect it", at(lot.release)),
        false => at(lot.release),
    };
    [
        lot.lot.to_string(),
        exact_units(lot.amount.u128(), moment.decimals),
        from(lot),
        minute(moment.clock.start_of(lot.counts_until)),
        released,
    ]
}

const PLAIN_LOTS: [&str; 5] = ["lot", "amount", "from", "counts_until", "release"];

/// The same as spreadsheets take it: smallest units, the first epoch in which it no longer counts, RFC
/// 3339.
fn plain_row(lot: &LotResponse) -> [String; 5] {
    [
        lot.lot.to_string(),
        lot.amount.to_string(),
        from(lot),
        lot.counts_until.to_string(),
        rfc3339(lot.release.seconds()).unwrap_or_default(),
    ]
}

fn from(lot: &LotResponse) -> String {
    match lot.kind {
        LotKind::Pool => "pool".to_owned(),
        LotKind::Node { key } => format!("node of key {key}"),
    }
}

fn last(status: &Status, denoms: &[DenomInfo]) -> String {
    let Some(last) = &status.last else {
        return "no epoch is closed yet".to_owned();
    };
    let (epoch, moment) = (last.epoch, &status.moment);
    format!(
        "last closed epoch {epoch}: 1,000 QST earned {}; this account's {} earned {}",
        amounts(&last.per_thousand, denoms),
        qst(last.my_stake.u128(), moment),
        amounts(&last.mine, denoms)
    )
}

#[cfg(test)]
mod tests {
    use super::super::words::first_second;
    use super::*;
    use noderev_chain::{ChainError, Message};

    fn left(amount: u128, more: bool) -> Compounded {
        let moment = first_second();
        let message = Message::execute("distributor", &"compound", Vec::new()).unwrap();
        let messages = match (amount, more) {
            (0, false) => Vec::new(),
            _ => vec![message],
        };
        Compounded {
            amount,
            more,
            moment,
            messages,
        }
    }

    #[test]
    fn what_is_done_is_told_with_what_is_left() {
        let told = |planned, rest, json: bool| {
            let done = if json { r#"{"done":"it"}"# } else { "it" };
            let answer = with_rest(Answer::done(done), &left(7, planned), rest, json);
            (answer.text, answer.exit)
        };
        for json in [false, true] {
            let (_, exit) = told(true, Ok(left(0, false)), json);
            assert_eq!(exit, Exit::Done);
        }
        let some = |json| told(true, Ok(left(500_000, true)), json);
        let text = "it\n0.500000 QST and more are left: run this again";
        assert_eq!(some(false), (text.to_owned(), Exit::PartlyDone));
        let text = r#"{"done":"it","left":"500000","more":true}"#;
        assert_eq!(some(true), (text.to_owned(), Exit::PartlyDone));
        // What is done is done, whether the node answers then or not.
        let silent = |planned, json| {
            let error = ChainError::Message("no answer".to_owned());
            told(planned, Err(error.into()), json)
        };
        let text = "it\nwhat is left is not known: message: no answer";
        assert_eq!(silent(false, false), (text.to_owned(), Exit::Done));
        let text = r#"{"done":"it","left":null,"left_unknown":"message: no answer"}"#;
        assert_eq!(silent(true, true), (text.to_owned(), Exit::PartlyDone));
    }
}
