//! `doctor`: whether what is needed is there.

use clap::Args;
use serde_json::json;

use super::{CommandError, Connection, Sending};
use crate::answer::{Answer, Exit};
use crate::format::thousands;

/// Seconds by which a chain's clock may be behind this machine's before it looks stopped.
const BEHIND: u64 = 60;

/// Check the node, the account and what the chain allows, before anything is sent. Exit code 1 if
/// something is missing.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

impl Doctor {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let session = self.connection.open_to_send(&self.sending, json)?;
        let (client, network) = (session.client(), session.client().network());
        let status = client.status()?;
        let now = std::time::UNIX_EPOCH
            .elapsed()
            .map_or(0, |time| time.as_secs());
        let behind = now.saturating_sub(status.time.seconds());
        let mut faults = Vec::new();
        if behind > BEHIND {
            faults.push(format!(
                "the latest block is {behind} s old: the chain or the node stands still"
            ));
        }
        let mut account = None;
        if let Ok(address) = session.sender() {
            let balance = client.balance(&address, &network.denom)?;
            let may_store = client.may_store(&address)?;
            if balance == 0 {
                faults.push(format!("{address} has no {} for fees", network.denom));
            }
            account = Some((address, balance, may_store));
        }
        let exit = if faults.is_empty() {
            Exit::Done
        } else {
            Exit::Failed
        };
        if json {
            let account = account.map(|(address, balance, may_store)| {
                json!({ "address": address, "balance": balance.to_string(), "may_store_code": may_store })
            });
            let text = json!({
                "node": client.url(),
                "chain_id": status.chain_id,
                "height": status.height,
                "seconds_behind": behind,
                "account": account,
                "faults": faults,
            });
            return Ok(Answer {
                text: text.to_string(),
                exit,
            });
        }
        let mut lines = vec![
            format!("node      {}", client.url()),
            format!(
                "chain     {}, height {}, latest block {behind} s ago",
                status.chain_id,
                thousands(status.height.into())
            ),
            format!("gas price {}{}", network.gas_price, network.denom),
        ];
        match account {
            Some((address, balance, may_store)) => {
                lines.push(format!(
                    "account   {address}, {} {}",
                    thousands(balance),
                    network.denom
                ));
                let stores = if may_store {
                    "may"
                } else {
                    "may not (only for deploying: a proposal is needed)"
                };
                lines.push(format!(
                    "code      this account {stores} store code; at most {} bytes",
                    thousands(network.max_code.into())
                ));
            }
            None => lines
                .push("account   none: --from FILE, or the variable NODEREV_MNEMONIC".to_owned()),
        }
        lines.extend(faults.iter().map(|fault| format!("MISSING   {fault}")));
        Ok(Answer {
            text: lines.join("\n"),
            exit,
        })
    }
}
