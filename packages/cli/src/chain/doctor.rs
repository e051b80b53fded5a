//! `doctor`: whether what is needed is there.

use clap::Args;
use noderev_chain::{is_among, Client, Status, CAPABILITIES};
use serde_json::{json, Value};

use super::{CommandError, Connection, Sending};
use crate::answer::{Answer, Exit};
use crate::format::thousands;

/// Seconds by which a chain's clock may be behind this machine's before it looks stopped.
const BEHIND: u64 = 60;
/// What the contracts' code requires of the chain.
const REQUIRED: [&str; 5] = [
    "iterator",
    "cosmwasm_1_1",
    "cosmwasm_1_2",
    "cosmwasm_1_3",
    "cosmwasm_1_4",
];

/// Check the node, the account and what the chain allows, before anything is sent. Exit code 1 if
/// something is missing.
///
/// Chain, clock, gas price, gas that a block takes at most, who may store code; of the account its
/// balance and whether it may store code. No query tells which capabilities the chain has for contracts:
/// they are tried by simulating that the account stores an empty contract, which sends nothing, and are
/// not known without an account that may.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

/// What was found.
struct Found {
    url: String,
    status: Status,
    /// Seconds by which the latest block is behind this machine's clock.
    behind: u64,
    /// The price of gas, with its denomination.
    gas_price: String,
    denom: String,
    max_code: u64,
    /// Gas of a block, none without a limit; or why it is not known.
    block_gas: Result<Option<u64>, String>,
    /// Who may store code; everybody if none.
    storers: Option<Vec<String>>,
    account: Option<Checked>,
}

/// The account.
struct Checked {
    address: String,
    balance: u128,
    may_store: bool,
    /// The chain's capabilities, or why they are not known.
    capabilities: Result<Vec<&'static str>, String>,
}

impl Doctor {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.connection.open_to_send(&self.sending, json)?;
        let found = Found::ask(session.client(), session.sender().ok())?;
        let faults = found.faults();
        let exit = match faults.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        };
        let text = match json {
            true => found.json(&faults).to_string(),
            false => found.text(&faults),
        };
        Ok(Answer { text, exit })
    }
}

impl Found {
    fn ask(client: &Client, account: Option<String>) -> Result<Self, CommandError> {
        let (status, network) = (client.status()?, client.network());
        let now = std::time::UNIX_EPOCH.elapsed();
        let now = now.map_or(0, |time| time.as_secs());
        let storers = client.storers()?;
        let account = account.map(|address| {
            let may_store = is_among(storers.as_deref(), &address);
            Checked::ask(client, address, may_store)
        });
        Ok(Self {
            url: client.url().to_owned(),
            behind: now.saturating_sub(status.time.seconds()),
            status,
            gas_price: format!("{}{}", network.gas_price, network.denom),
            denom: network.denom.clone(),
            max_code: network.max_code,
            block_gas: client.block_gas().map_err(|error| error.to_string()),
            account: account.transpose()?,
            storers,
        })
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.behind > BEHIND {
            faults.push(format!(
                "the latest block is {} s old: the chain or the node stands still",
                self.behind
            ));
        }
        let Some(account) = &self.account else {
            return faults;
        };
        if account.balance == 0 {
            faults.push(format!(
                "{} has no {} for fees",
                account.address, self.denom
            ));
        }
        if let Ok(has) = &account.capabilities {
            let missing = REQUIRED.iter().filter(|name| !has.contains(name));
            faults.extend(missing.map(|name| {
                format!("the chain lacks the capability {name}, which the contracts require")
            }));
        }
        faults
    }

    fn json(&self, faults: &[String]) -> Value {
        let account = self.account.as_ref().map(|account| {
            json!({
                "address": account.address,
                "balance": account.balance.to_string(),
                "may_store_code": account.may_store,
            })
        });
        let capabilities = self.account.as_ref();
        let capabilities = capabilities.map(|account| &account.capabilities);
        json!({
            "node": self.url,
            "chain_id": self.status.chain_id,
            "height": self.status.height,
            "seconds_behind": self.behind,
            "gas_price": self.gas_price,
            "block_gas": self.block_gas.as_ref().ok(),
            "block_gas_unknown": self.block_gas.as_ref().err(),
            "anybody_may_store_code": self.storers.is_none(),
            "may_store_code": self.storers,
            "max_code": self.max_code,
            "capabilities": capabilities.and_then(|known| known.as_ref().ok()),
            "capabilities_unknown": capabilities.and_then(|known| known.as_ref().err()),
            "account": account,
            "faults": faults,
        })
    }

    fn text(&self, faults: &[String]) -> String {
        let mut lines = vec![
            format!("node      {}", self.url),
            format!(
                "chain     {}, height {}, latest block {} s ago",
                self.status.chain_id,
                thousands(self.status.height.into()),
                self.behind
            ),
            format!("gas price {}", self.gas_price),
            format!("block     {}", self.block()),
            format!(
                "code      {}; at most {} bytes",
                self.upload(),
                thousands(self.max_code.into())
            ),
        ];
        match &self.account {
            Some(account) => lines.extend(account.lines(&self.denom)),
            None => lines
                .push("account   none: --from FILE, or the variable NODEREV_MNEMONIC".to_owned()),
        }
        lines.extend(faults.iter().map(|fault| format!("MISSING   {fault}")));
        lines.join("\n")
    }

    fn block(&self) -> String {
        match &self.block_gas {
            Ok(Some(gas)) => format!("at most {} gas", thousands((*gas).into())),
            Ok(None) => "no limit of gas".to_owned(),
            Err(why) => format!("limit of gas not known: {why}"),
        }
    }

    fn upload(&self) -> String {
        match self.storers.as_deref() {
            None => "anybody may store code".to_owned(),
            Some([]) => "only a proposal can store code".to_owned(),
            Some(accounts) => format!(
                "only these may store code, others need a proposal: {}",
                accounts.join(", ")
            ),
        }
    }
}

impl Checked {
    fn ask(client: &Client, address: String, may_store: bool) -> Result<Self, CommandError> {
        let balance = client.balance(&address, &client.network().denom)?;
        let capabilities = match may_store {
            true => client
                .capabilities(&address)
                .map_err(|error| error.to_string()),
            false => Err("only somebody who may store code can try".to_owned()),
        };
        Ok(Self {
            address,
            balance,
            may_store,
            capabilities,
        })
    }

    fn lines(&self, denom: &str) -> [String; 3] {
        let Self { address, .. } = self;
        let stores = match self.may_store {
            true => "may",
            false => "may not (only for deploying: a proposal is needed)",
        };
        [
            format!("account   {address}, {} {denom}", thousands(self.balance)),
            format!("          this account {stores} store code"),
            format!("contracts {}", self.able()),
        ]
    }

    fn able(&self) -> String {
        match &self.capabilities {
            Ok(has) => {
                let lacks = CAPABILITIES.iter().filter(|name| !has.contains(name));
                let lacks: Vec<&str> = lacks.copied().collect();
                let lacks = match lacks.is_empty() {
                    true => String::new(),
                    false => format!("; not {}", lacks.join(", ")),
                };
                format!("may require {}{lacks}", has.join(", "))
            }
            Err(why) => format!("what they may require is not known: {why}"),
        }
    }
}
