//! Which chain, which contracts, which account; and sending.

use std::fs;
use std::io::{stderr, stdin, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use noderev_chain::{Client, Key, Message, Network, Networks, Outcome, Signer, Unsigned};
use noderev_operations::{Contracts, Deployment};
use serde_json::{json, Value};

use super::CommandError;
use crate::answer::Answer;
use crate::format::thousands;

/// Variable with the words of the key, instead of a file.
pub(super) const WORDS: &str = "NODEREV_MNEMONIC";

/// Which chain and which contracts.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Chain")]
pub struct Connection {
    /// The network's name in the networks file.
    #[arg(
        long,
        value_name = "NAME",
        env = "NODEREV_NETWORK",
        default_value = "local"
    )]
    network: String,
    /// Networks file instead of the one that comes with the program: a TOML table per network with
    /// chain_id, prefix, denom, gas_price, rpc, max_code.
    #[arg(long, value_name = "FILE", env = "NODEREV_NETWORKS")]
    networks: Option<PathBuf>,
    /// The node's RPC address instead of the network's own ones.
    #[arg(long, value_name = "URL", env = "NODEREV_NODE")]
    node: Option<String>,
    /// File of what is deployed: deployments/<chain id>.json unless given.
    #[arg(long, value_name = "FILE", env = "NODEREV_DEPLOYMENT")]
    deployment: Option<PathBuf>,
    /// Seconds that a node that doesn't answer is tried again.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    patience: u64,
}

/// Which account sends, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sending")]
pub struct Sending {
    /// File with the words (BIP-39) of the sender's key. Without it: the variable NODEREV_MNEMONIC.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Number of the account of these words, n in m/44'/118'/0'/0/n.
    #[arg(long, value_name = "N", default_value_t = 0)]
    account: u32,
    /// The sender's address, for --dry-run, --generate-only and --print-msg without a key.
    #[arg(long = "as", value_name = "ADDRESS", conflicts_with = "from")]
    sender: Option<String>,
    /// Simulate, show what would happen and what it would cost, send nothing.
    #[arg(long, group = "mode")]
    dry_run: bool,
    /// Print the unsigned transaction for the chain's own program: several signers, hardware keys.
    #[arg(long, group = "mode")]
    generate_only: bool,
    /// Print the messages alone, for a DAO's proposal.
    #[arg(long, group = "mode")]
    print_msg: bool,
    /// Send without asking.
    #[arg(long, short)]
    yes: bool,
    /// Say on standard error what is sent.
    #[arg(long, short)]
    verbose: bool,
}

/// Which chain, and who sends.
#[derive(Clone, Debug, Args)]
pub(super) struct By {
    #[command(flatten)]
    pub connection: Connection,
    #[command(flatten)]
    pub sending: Sending,
}

impl By {
    /// A connection for the account that sends.
    pub(super) fn open(&self, json: bool) -> Result<Session, CommandError> {
        self.connection.open_to_send(&self.sending, json)
    }
}

/// A chain, what is deployed on it, and who speaks to it.
pub struct Session {
    client: Client,
    deployment_path: PathBuf,
    sending: Option<Sending>,
    signer: Option<Signer>,
    /// Whether answers are JSON.
    pub json: bool,
}

/// What came of sending.
pub enum Sent {
    /// It is in a block.
    Done(Outcome),
    /// It was only shown: the answer to print.
    Shown(Answer),
}

impl Connection {
    /// A connection that only asks.
    pub fn open(&self, json: bool) -> Result<Session, CommandError> {
        let client = self.client()?;
        let deployment_path = self.deployment_path(client.network());
        Ok(Session {
            client,
            deployment_path,
            sending: None,
            signer: None,
            json,
        })
    }

    /// A connection for an account that sends.
    pub fn open_to_send(&self, sending: &Sending, json: bool) -> Result<Session, CommandError> {
        let mut session = self.open(json)?;
        session.signer = sending
            .key(&session.client.network().prefix)?
            .map(Signer::new);
        session.sending = Some(sending.clone());
        Ok(session)
    }

    /// The network, with the node that was named.
    pub fn network(&self) -> Result<Network, CommandError> {
        let networks = match &self.networks {
            Some(path) => Networks::parse(&read(path)?)?,
            None => Networks::built_in()?,
        };
        let mut network = networks.get(&self.network)?.clone();
        if let Some(node) = &self.node {
            network.rpc = vec![node.clone()];
        }
        Ok(network)
    }

    /// The file of what is deployed.
    pub fn deployment_path(&self, network: &Network) -> PathBuf {
        let named = self.deployment.clone();
        named.unwrap_or_else(|| Deployment::default_path(&network.chain_id))
    }

    /// As if this file of what is deployed was named, unless one was.
    pub fn or_deployment(mut self, path: PathBuf) -> Self {
        self.deployment.get_or_insert(path);
        self
    }

    fn client(&self) -> Result<Client, CommandError> {
        let patience = Duration::from_secs(self.patience);
        Ok(Client::connect_with(&self.network()?, patience)?)
    }
}

impl Sending {
    fn key(&self, prefix: &str) -> Result<Option<Key>, CommandError> {
        if self.sender.is_some() {
            return Ok(None);
        }
        let key = self
            .words()?
            .map(|words| Key::from_words(&words, self.account, prefix));
        Ok(key.transpose()?)
    }

    /// Words of the key; none if there are none or none are needed.
    pub(super) fn words(&self) -> Result<Option<String>, CommandError> {
        match &self.from {
            Some(path) => read(path).map(Some),
            None => Ok(std::env::var(WORDS).ok()),
        }
    }

    /// Number of the account of these words.
    pub(super) const fn account(&self) -> u32 {
        self.account
    }

    /// Whether to say on standard error what is sent.
    pub const fn verbose(&self) -> bool {
        self.verbose
    }

    /// Refuses to print messages of a command whose later transactions need the earlier ones.
    pub fn refuse_printing(&self) -> Result<(), CommandError> {
        if self.generate_only || self.print_msg {
            let text = "this takes several transactions, one after the other: --dry-run shows what";
            return Err(CommandError::Usage(text.to_owned()));
        }
        Ok(())
    }

    /// Whether what is sent, or printed to be sent by others, is not confirmed by anybody.
    pub const fn asks_nobody(&self) -> bool {
        self.yes || self.generate_only || self.print_msg
    }

    /// Whether nothing is to be sent.
    pub const fn only_shows(&self) -> bool {
        self.dry_run || self.generate_only || self.print_msg
    }

    /// Refuses only to show what nobody knows yet, and to send for somebody else.
    pub fn refuse_showing(&self, who: &str) -> Result<(), CommandError> {
        if self.only_shows() || self.sender.is_some() {
            let text = format!(
                "{who} sends: --dry-run, --generate-only, --print-msg and --as make no sense"
            );
            return Err(CommandError::Usage(text));
        }
        Ok(())
    }
}

impl Session {
    /// The chain.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The file of what is deployed.
    pub fn deployment_path(&self) -> &Path {
        &self.deployment_path
    }

    /// What is deployed.
    pub fn deployment(&self) -> Result<Deployment, CommandError> {
        let chain_id = &self.client.network().chain_id;
        Ok(Deployment::read(&self.deployment_path, chain_id)?)
    }

    /// The deployed contracts, to ask.
    pub fn contracts(&self) -> Result<Contracts, CommandError> {
        Ok(Contracts::new(&self.client, &self.deployment()?)?)
    }

    /// The contracts as of the last block but one, to ask many things at one moment, and its height. A
    /// node tells of its latest block before its state and transactions can be asked for.
    pub fn contracts_as_of_now(&self) -> Result<(Contracts, u64), CommandError> {
        let height = self.client.status()?.height.saturating_sub(1).max(1);
        let client = self.client.at(height);
        Ok((Contracts::new(&client, &self.deployment()?)?, height))
    }

    /// The sender's address.
    pub fn sender(&self) -> Result<String, CommandError> {
        let named = self
            .sending
            .as_ref()
            .and_then(|sending| sending.sender.clone());
        let signer = self
            .signer
            .as_ref()
            .map(|signer| signer.address().to_owned());
        named.or(signer).ok_or_else(no_key)
    }

    /// The account that was named; the sender's own if none was.
    pub fn account(&self, named: Option<String>) -> Result<String, CommandError> {
        named.map_or_else(|| self.sender(), Ok)
    }

    /// The account that sends, for commands of many transactions, and the chain.
    pub fn signer(&mut self) -> Result<(&mut Signer, &Client), CommandError> {
        let signer = self.signer.as_mut().ok_or_else(no_key)?;
        Ok((signer, &self.client))
    }

    /// Sends the messages as one transaction, after asking, with the gas that was asked about, or shows what would be sent. `effect`
    /// says in a sentence what they do, for whoever is asked.
    pub fn send(&mut self, effect: &str, messages: &[Message]) -> Result<Sent, CommandError> {
        let sender = self.sender()?;
        let sending = self.sending.clone().ok_or_else(no_key)?;
        // Whatever is only printed too: a proposal should not be voted on in vain.
        let unsigned = self.client.estimate(&sender, messages)?;
        if sending.print_msg {
            let messages = messages.iter().map(|message| message.to_json(&sender));
            return Ok(shown(&Value::from_iter(messages)));
        }
        if sending.generate_only {
            return Ok(shown(&unsigned.to_json(&sender, self.client.network())));
        }
        if sending.dry_run {
            return Ok(Sent::Shown(self.would_cost(effect, &sender, &unsigned)));
        }
        self.confirm(effect, &unsigned)?;
        if sending.verbose {
            eprintln!("sending as {sender}: {effect}");
        }
        let signer = self.signer.as_mut().ok_or_else(no_key)?;
        Ok(Sent::Done(signer.execute_with(&self.client, &unsigned)?))
    }

    /// Asks whether to go on, unless --yes was given.
    pub fn confirm(&self, effect: &str, unsigned: &Unsigned) -> Result<(), CommandError> {
        let fee = self.fee(unsigned.gas);
        self.ask(&format!("{effect}, for at most {fee}?"))
    }

    /// Asks a question, unless --yes was given.
    pub fn ask(&self, question: &str) -> Result<(), CommandError> {
        if self.sending.as_ref().is_some_and(|sending| sending.yes) {
            return Ok(());
        }
        if !stdin().is_terminal() {
            let text = format!("{question} Nobody is there to answer: say --yes");
            return Err(CommandError::Usage(text));
        }
        eprint!("{question} [y/N] ");
        let _ = stderr().flush();
        let mut answer = String::new();
        let _ = stdin().lock().read_line(&mut answer);
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(CommandError::Declined),
        }
    }

    /// What so much gas costs, in words.
    pub fn fee(&self, gas: u64) -> String {
        let network = self.client.network();
        format!("{} {}", thousands(network.fee(gas)), network.denom)
    }

    fn would_cost(&self, effect: &str, sender: &str, unsigned: &Unsigned) -> Answer {
        let network = self.client.network();
        if self.json {
            return Answer::done(
                json!({
                    "effect": effect,
                    "sender": sender,
                    "gas": unsigned.gas,
                    "fee": { "denom": network.denom, "amount": network.fee(unsigned.gas).to_string() },
                })
                .to_string(),
            );
        }
        Answer::done(format!(
            "{effect}\nby {sender}, for at most {} ({} gas); nothing was sent",
            self.fee(unsigned.gas),
            thousands(unsigned.gas.into())
        ))
    }

    /// The answer to a transaction that is in a block.
    pub fn done(&self, what: &str, outcome: &Outcome) -> Answer {
        if self.json {
            return Answer::done(
                json!({
                    "done": what,
                    "hash": outcome.hash,
                    "height": outcome.height,
                    "gas_used": outcome.gas_used,
                    "gas_wanted": outcome.gas_wanted,
                })
                .to_string(),
            );
        }
        Answer::done(format!(
            "{what}\ntransaction {} in block {}, {} gas",
            outcome.hash,
            outcome.height,
            thousands(outcome.gas_used.into())
        ))
    }

    /// Sends the messages and answers what came of it.
    pub fn send_and_tell(
        &mut self,
        effect: &str,
        messages: &[Message],
    ) -> Result<Answer, CommandError> {
        match self.send(effect, messages)? {
            Sent::Done(outcome) => Ok(self.done(effect, &outcome)),
            Sent::Shown(answer) => Ok(answer),
        }
    }
}

fn shown(value: &Value) -> Sent {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    Sent::Shown(Answer::done(text))
}

pub(super) fn no_key() -> CommandError {
    let text = format!("no key: --from FILE with the words, or the variable {WORDS}");
    CommandError::Usage(text)
}

/// A file's text.
pub(super) fn read(path: &Path) -> Result<String, CommandError> {
    fs::read_to_string(path).map_err(|error| CommandError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
