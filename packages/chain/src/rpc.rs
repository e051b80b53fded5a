//! A node's RPC: JSON over HTTP.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::Deserialize;
use serde_json::{json, Value};

use crate::{ChainError, Result};

/// The longest that one request may take.
const REQUEST: Duration = Duration::from_secs(20);
/// Pause before a node is tried again.
const PAUSE: Duration = Duration::from_millis(250);

/// A node's RPC.
#[derive(Clone, Debug)]
pub(crate) struct Rpc {
    agent: ureq::Agent,
    url: String,
    /// How long a node that doesn't answer is tried.
    patience: Duration,
    /// Whether it has answered before. Then it is asked twice at least: a request to a busy node may
    /// take longer than patience lasts.
    pub(crate) known: bool,
}

#[derive(Deserialize)]
struct Envelope<T> {
    result: Option<T>,
    error: Option<RpcError>,
}

/// The node's own refusal: what was asked is wrong, or it doesn't have it.
#[derive(Debug, Deserialize)]
pub(crate) struct RpcError {
    pub message: String,
    #[serde(default)]
    pub data: Value,
}

impl Rpc {
    pub(crate) fn new(url: &str, patience: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(REQUEST))
            .http_status_as_error(false)
            .build();
        Self {
            agent: config.new_agent(),
            url: url.trim_end_matches('/').to_owned(),
            patience,
            known: false,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Scheme and host of the address, for errors: the rest may be a key to the node.
    pub(crate) fn host(&self) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("http", &self.url));
        let whole = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let host = whole.rsplit('@').next().unwrap_or(whole);
        format!("{scheme}://{host}")
    }

    /// Asks until the node answers or patience is over.
    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &Value,
    ) -> Result<core::result::Result<T, RpcError>> {
        self.call_and_count(method, params).0
    }

    /// As [`Self::call`]; also how often it was asked in vain, which the node may have heard.
    pub(crate) fn call_and_count<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &Value,
    ) -> (Result<core::result::Result<T, RpcError>>, u32) {
        let begun = Instant::now();
        let mut in_vain = 0_u32;
        loop {
            let answer = self.once(method, params);
            let again = (self.known && in_vain == 0) || begun.elapsed() < self.patience;
            if !again || !matches!(answer, Err(ChainError::Unreachable { .. })) {
                return (answer, in_vain);
            }
            in_vain = in_vain.saturating_add(1);
            sleep(PAUSE);
        }
    }

    fn once<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &Value,
    ) -> Result<core::result::Result<T, RpcError>> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let unreachable = |error: ureq::Error| ChainError::Unreachable {
            url: self.host(),
            reason: match error {
                ureq::Error::BadUri(_) | ureq::Error::Http(_) => "no address of a node".to_owned(),
                other => other.to_string(),
            },
        };
        let mut response = self
            .agent
            .post(&self.url)
            .send_json(&request)
            .map_err(unreachable)?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(u64::MAX);
        let text = body.read_to_string().map_err(unreachable)?;
        // Proxies in front of public nodes answer so when the node behind them doesn't, or when it
        // was asked too often.
        let proxy = status.is_server_error() && !text.trim_start().starts_with('{');
        if proxy || status == ureq::http::StatusCode::TOO_MANY_REQUESTS {
            return Err(ChainError::Unreachable {
                url: self.host(),
                reason: format!("HTTP status {status}"),
            });
        }
        let envelope: Envelope<T> = serde_json::from_str(&text)
            .map_err(|error| ChainError::answer(method, format!("{error}; HTTP {status}")))?;
        match (envelope.result, envelope.error) {
            (Some(result), _) => Ok(Ok(result)),
            (None, Some(error)) => Ok(Err(error)),
            (None, None) => Err(ChainError::answer(method, "neither result nor error")),
        }
    }
}

impl core::fmt::Display for RpcError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.data.as_str() {
            Some(data) => write!(f, "{}: {data}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{client, STATUS};

    #[test]
    fn a_node_that_was_silent_for_longer_than_patience_is_asked_once_more() {
        for (slow, answers) in [(2..3, true), (2..4, false)] {
            let mut asked = 0;
            let client = client(move |_| {
                asked += 1;
                if slow.contains(&asked) {
                    sleep(Duration::from_millis(1_100));
                    return (503, "busy");
                }
                (200, STATUS)
            });
            assert_eq!(client.status().is_ok(), answers);
        }
    }

    #[test]
    fn errors_tell_no_more_of_an_address_than_its_host() {
        for url in [
            "http://me:secret@127.0.0.1:1/secret?key=secret",
            "http://127.0.0.1:1/?key=me@secret",
            "http://127.0.0.1:1#secret",
            "http://127.0.0.1:1/sec ret",
        ] {
            let rpc = Rpc::new(url, Duration::ZERO);
            let error = rpc.call::<Value>("status", &json!({})).unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("http://127.0.0.1:1: "), "{text}");
            assert!(
                !text.contains("secret") && !text.contains("sec ret"),
                "{text}"
            );
        }
    }
}
