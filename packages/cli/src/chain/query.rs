//! `query`: any query of a contract.

use clap::Args;
use serde_json::Value;

use super::{CommandError, Connection};
use crate::answer::Answer;

/// Ask a contract anything, in JSON. The queries are in `schema/`.
#[derive(Debug, Args)]
pub struct Query {
    /// registry, vault, distributor, delegation, qst, reward_token, or any contract's address.
    contract: String,
    /// The query, such as '{"network":{}}'.
    #[arg(value_name = "JSON")]
    query: String,
    #[command(flatten)]
    connection: Connection,
}

impl Query {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let query: Value = serde_json::from_str(&self.query)
            .map_err(|error| CommandError::Usage(format!("{}: {error}", self.query)))?;
        let session = self.connection.open(json)?;
        let prefix = format!("{}1", session.client().network().prefix);
        let address = match self.contract.starts_with(&prefix) {
            true => self.contract,
            false => session.deployment()?.address(&self.contract)?.to_owned(),
        };
        let answer = session
            .client()
            .smart_bytes(&address, query.to_string().into_bytes())?;
        let text = String::from_utf8_lossy(&answer).into_owned();
        if json {
            return Ok(Answer::done(text));
        }
        let pretty = serde_json::from_str::<Value>(&text)
            .and_then(|value| serde_json::to_string_pretty(&value));
        Ok(Answer::done(pretty.unwrap_or(text)))
    }
}
