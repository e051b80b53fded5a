//! `node`: an account's keys and their nodes.

use clap::{Args, Subcommand};
use cosmwasm_std::HexBinary;
use noderev_components::{Epoch, KeyId};
use noderev_economics::CHALLENGER_SHARE;
use noderev_operations::appeals::{dispute, Disputed, Side};
use noderev_operations::nodes::{self, Node, Nodes, Transferred, Unstaked};
use serde_json::json;

use super::dated::send_dated;
use super::form::Form;
use super::numbers::{key, keys, named, Numbers};
use super::session::By;
use super::words::{amounts, counting, plain_amounts, qst, table, to_the_end};
use super::CommandError;
use crate::answer::Answer;
use crate::format::{duration, epoch_from, exact_units, minute};
use crate::table::progress;

/// An account's keys and their nodes.
#[derive(Debug, Args)]
pub struct NodeCommand {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Show the keys of an account: node id, whether a node is bound, stake, what is claimable, price
    /// if for sale, and the last closed epochs.
    ///
    /// These are a strip, the latest at its right end: # ran, . did not run, ? disputed. As CSV amounts
    /// are smallest units: what is claimable with the currency's own name, prices of QST.
    List(List),
    /// Stake nodes, exactly the requirement for each. It counts from the next epoch on.
    Stake(Keys),
    /// Take the stakes off nodes. They count to the end of the running epoch; then they are bound in
    /// a lot each until the release that is told: then `pool collect` pays them.
    Unstake(Keys),
    /// Bind a node's own public key to a key, at once.
    ///
    /// First --challenge: it prints the text of which the node's key signs the SHA-256. Then
    /// --public-key and --signature. The key's owner or its operator may. The binding ends with a
    /// change of owner.
    Bind(Bind),
    /// End the binding of a node to a key, at once.
    Unbind(Key),
    /// Name who may bind a node and appeal for a key beside its owner, at once; nobody if no address
    /// is given. Ends with a change of owner.
    Operator(Operator),
    /// Give a key to another account, at once. The reward of the running epoch goes with it, a stake
    /// does not: it leaves after the running epoch and stays the present owner's.
    Transfer(Transfer),
    /// Say that nodes ran in an epoch although the attesters say that they did not, with a bond in QST
    /// for each; or, with --challenge, the contrary.
    ///
    /// An epoch can be disputed from the time when its result is fixed until the appeal window is
    /// over. Whoever would be paid for a key, or its operator, may appeal; anyone may challenge.
    Appeal(Appeal),
}

#[derive(Debug, Args)]
struct List {
    /// The account; the sender's own if none.
    #[arg(value_name = "ADDRESS")]
    whose: Option<String>,
    /// Closed epochs in the strip, 0 to 64.
    #[arg(long, value_name = "N", default_value_t = 30,
          value_parser = clap::value_parser!(u32).range(0..=64))]
    epochs: u32,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Keys {
    /// Numbers of keys such as 5 7 10-20, at most 500.
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<Numbers>,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Key {
    /// The key's number.
    #[arg(value_parser = key)]
    key: KeyId,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Bind {
    /// The key's number.
    #[arg(value_parser = key)]
    key: KeyId,
    /// Print what the node's own key must sign; send nothing.
    #[arg(long, conflicts_with_all = ["public_key", "signature"],
          required_unless_present = "public_key")]
    challenge: bool,
    /// The node's public key, hexadecimal: 33 bytes of compressed secp256k1 or 32 of ed25519.
    #[arg(long, value_name = "HEX", requires = "signature", value_parser = HexBinary::from_hex)]
    public_key: Option<HexBinary>,
    /// Its signature over the SHA-256 of the text, hexadecimal: 64 bytes. With ed25519 the 32 bytes of
    /// the SHA-256 are the message.
    #[arg(long, value_name = "HEX", requires = "public_key", value_parser = HexBinary::from_hex)]
    signature: Option<HexBinary>,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Operator {
    /// The key's number.
    #[arg(value_parser = key)]
    key: KeyId,
    /// Who may; nobody if none.
    #[arg(value_name = "ADDRESS")]
    operator: Option<String>,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Transfer {
    /// The key's number.
    #[arg(value_parser = key)]
    key: KeyId,
    /// The new owner.
    #[arg(value_name = "ADDRESS")]
    to: String,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct Appeal {
    /// The epoch.
    epoch: u32,
    /// Numbers of keys such as 5 7 10-20, at most 500.
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<Numbers>,
    /// Say that they did not run, although the attesters say that they did.
    #[arg(long)]
    challenge: bool,
    #[command(flatten)]
    by: By,
}

impl NodeCommand {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::List(list) => list.execute(json),
            Step::Stake(keys) => keys.stake(json),
            Step::Unstake(keys) => keys.unstake(json),
            Step::Bind(bind) => bind.execute(json),
            Step::Unbind(key) => key.unbind(json),
            Step::Operator(operator) => operator.execute(json),
            Step::Transfer(transfer) => transfer.execute(json),
            Step::Appeal(appeal) => appeal.execute(json),
        }
    }
}

impl List {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.by.open(json)?;
        let account = session.account(self.whose)?;
        let mut bar = None;
        let nodes = nodes::list(&session.contracts()?, &account, self.epochs, |done, all| {
            let length = u64::try_from(all).unwrap_or(u64::MAX);
            let bar = bar.get_or_insert_with(|| progress(length, "keys"));
            bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
        })?;
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let next = nodes.moment.next();
        let rows = || nodes.nodes.iter().map(|node| row(node, &nodes));
        let plain = nodes.nodes.iter().map(|node| plain_row(node, next));
        let told = || match nodes.nodes.is_empty() {
            true => format!("{account} has no keys"),
            false => format!("{}\n{}", heading(&nodes), table(COLUMNS, rows())),
        };
        let text = self.form.text(json, &nodes, PLAIN, plain, told)?;
        Ok(Answer::done(text))
    }
}

fn heading(nodes: &Nodes) -> String {
    let closed = match nodes.closed {
        Some(epoch) => format!("strips end with epoch {epoch}"),
        None => "no epoch is closed yet".to_owned(),
    };
    let count = nodes.nodes.len();
    format!("{count} keys of {}; {closed}", nodes.account)
}

const COLUMNS: [&str; 7] = [
    "key",
    "node id",
    "bound",
    "staked",
    "claimable",
    "price in QST",
    "ran",
];

fn row(node: &Node, nodes: &Nodes) -> [String; 7] {
    let decimals = nodes.moment.decimals;
    let price = node.price.map(|price| exact_units(price.u128(), decimals));
    let claimable = amounts(&node.claimable, &nodes.denoms);
    cells(node, nodes.moment.next(), claimable, price)
}

const PLAIN: [&str; 7] = [
    "key",
    "node_id",
    "bound",
    "staked",
    "claimable",
    "price",
    "ran",
];

/// The same as spreadsheets take it: smallest units.
fn plain_row(node: &Node, next: Epoch) -> [String; 7] {
    let price = node.price.map(|price| price.to_string());
    cells(node, next, plain_amounts(&node.claimable), price)
}

fn cells(node: &Node, next: Epoch, claimable: String, price: Option<String>) -> [String; 7] {
    [
        node.key.to_string(),
        node.node_id.clone(),
        yes(node.public_key.is_some()).to_owned(),
        staked(node, next),
        claimable,
        price.unwrap_or_default(),
        node.strip.clone(),
    ]
}

const fn yes(whether: bool) -> &'static str {
    match whether {
        true => "yes",
        false => "no",
    }
}

fn staked(node: &Node, next: Epoch) -> String {
    match (node.staked, node.staked_next) {
        (false, true) => format!("from epoch {next}"),
        (true, false) => format!("until epoch {next}"),
        (staked, _) => yes(staked).to_owned(),
    }
}

impl Keys {
    fn stake(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let keys = keys(&self.keys)?;
        let planned = nodes::stake(&session.contracts()?, &session.sender()?, &keys)?;
        let moment = &planned.moment;
        let effect = format!(
            "stake {} on {}: {} each, {}, released {} at the earliest",
            qst(planned.amount, moment),
            named(&keys),
            qst(planned.each, moment),
            counting(moment),
            minute(planned.earliest_release)
        );
        send_dated(&mut session, &effect, moment, &planned.messages)
    }

    fn unstake(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let keys = keys(&self.keys)?;
        let planned = nodes::unstake(&session.contracts()?, &session.sender()?, &keys)?;
        let moment = &planned.moment;
        let effect = format!(
            "take the stakes of {} each off {}: they count {}, and are released {}",
            qst(planned.each, moment),
            named(&keys),
            to_the_end(moment),
            released(&planned)
        );
        send_dated(&mut session, &effect, moment, &planned.messages)
    }
}

fn released(planned: &Unstaked) -> String {
    let releases = || planned.releases.values().copied();
    let first = minute(releases().min().unwrap_or_default());
    let last = minute(releases().max().unwrap_or_default());
    match first == last {
        true => first,
        false => format!("from {first} to {last}, as `pool status` will show"),
    }
}

impl Bind {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match (self.public_key, self.signature) {
            (Some(public_key), Some(signature)) => {
                bind(&self.by, json, self.key, &public_key, &signature)
            }
            _ => challenge(&self.by, json, self.key),
        }
    }
}

fn challenge(by: &By, json: bool, key: KeyId) -> Result<Answer, CommandError> {
    let session = by.connection.open(json)?;
    let challenge = nodes::challenge(&session.contracts()?, key)?;
    Ok(Answer::done(match json {
        true => serde_json::to_string(&challenge).unwrap_or_default(),
        false => format!(
            "the node's own key signs the SHA-256 of this text, without a line feed at its end:\n\
             {}\nSHA-256: {}",
            challenge.text, challenge.sha256
        ),
    }))
}

fn bind(
    by: &By,
    json: bool,
    key: KeyId,
    public_key: &HexBinary,
    signature: &HexBinary,
) -> Result<Answer, CommandError> {
    let mut session = by.open(json)?;
    let account = session.sender()?;
    let planned = nodes::bind(&session.contracts()?, &account, key, public_key, signature)?;
    let before = planned.before.public_key.map(HexBinary::from);
    let instead = before.filter(|before| before != public_key);
    let instead = instead.map(|before| format!(" instead of {before}"));
    let effect = format!(
        "bind the node with public key {public_key} to key {key}{}, from now until its owner \
         changes or unbinds it",
        instead.unwrap_or_default()
    );
    session.send_and_tell(&effect, &planned.messages)
}

impl Key {
    fn unbind(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let planned = nodes::unbind(&session.contracts()?, &session.sender()?, self.key)?;
        let bound = planned.before.public_key.map(HexBinary::from);
        let effect = format!(
            "end the binding of the node with public key {} to key {}, now",
            bound.unwrap_or_default(),
            self.key
        );
        session.send_and_tell(&effect, &planned.messages)
    }
}

impl Operator {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let (key, operator) = (self.key, self.operator.as_deref());
        let account = session.sender()?;
        let planned = nodes::operator(&session.contracts()?, &account, key, operator)?;
        let before = planned.before.operator;
        if before.is_none() && operator.is_none() {
            return Ok(no_operator(key, json));
        }
        let instead = before.map(|before| format!(" instead of {before}"));
        let effect = format!(
            "let {} bind the node of key {key} and appeal for it beside its owner{}, from now until \
             its owner changes",
            operator.unwrap_or("nobody"),
            instead.unwrap_or_default()
        );
        session.send_and_tell(&effect, &planned.messages)
    }
}

fn no_operator(key: KeyId, json: bool) -> Answer {
    Answer::nothing_due(match json {
        true => json!({ "key": key, "operator": null }).to_string(),
        false => format!("key {key} has no operator"),
    })
}

impl Transfer {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let planned = nodes::transfer(&session.contracts()?, self.key, &self.to)?;
        let effect = transferred(self.key, &self.to, &planned);
        send_dated(&mut session, &effect, &planned.moment, &planned.messages)
    }
}

fn transferred(key: KeyId, to: &str, planned: &Transferred) -> String {
    let moment = &planned.moment;
    let from = epoch_from(&moment.clock, moment.epoch);
    let owner = &planned.owner;
    let stake = match planned.stake {
        Some((stake, release)) => format!(
            "; its stake of {} stays {owner}'s, counts {}, and is released {}",
            qst(stake, moment),
            to_the_end(moment),
            minute(release)
        ),
        None => String::new(),
    };
    format!(
        "give key {key} of {owner} to {to}, now: rewards of {from}, on are the new owner's, earlier \
         ones stay {owner}'s; operator, bound node, approvals and listing end{stake}"
    )
}

impl Appeal {
    fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let mut session = self.by.open(json)?;
        let (epoch, keys) = (Epoch(self.epoch), keys(&self.keys)?);
        let side = match self.challenge {
            true => Side::Challenge,
            false => Side::Appeal,
        };
        let account = session.sender()?;
        let planned = dispute(&session.contracts()?, &account, epoch, &keys, side)?;
        let effect = disputed(epoch, &keys, side, &planned);
        session.send_and_tell(&effect, &planned.messages)
    }
}

/// What is disputed, and what happens to the bond.
fn disputed(epoch: Epoch, keys: &[KeyId], side: Side, planned: &Disputed) -> String {
    let moment = &planned.moment;
    let share = CHALLENGER_SHARE.get().div_euclid(100);
    let (what, fate) = match side {
        Side::Appeal => (
            "ran",
            "if the arbiter agrees, the keys are paid and the bond comes back; if not, it goes to the \
             treasury"
                .to_owned(),
        ),
        Side::Challenge => (
            "did not run",
            format!(
                "if the arbiter agrees, the keys are not paid and the bond comes back with {share} % \
                 of what was set aside for them; if not, the keys are paid and it goes to whom they \
                 are paid for"
            ),
        ),
    };
    format!(
        "say that {} {what} in epoch {epoch}, against the attesters' result, which can be said until \
         {}, for a bond of {} each, {} in all: {fate}; without a ruling within {} of the epoch's close the attesters' result stands and the \
         bond comes back",
        named(keys),
        minute(planned.until),
        qst(planned.each, moment),
        qst(planned.bond, moment),
        window(planned.ruling)
    )
}

/// A time in days where it is long.
fn window(seconds: u64) -> String {
    const DAY: u64 = 86_400;
    match (seconds.checked_div(DAY), seconds.checked_rem(DAY)) {
        (Some(days), Some(0)) if days > 0 => format!("{days} days"),
        _ => duration(u32::try_from(seconds).unwrap_or(u32::MAX).into()),
    }
}
