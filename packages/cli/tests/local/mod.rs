//! The running local chain (`scripts/localnet/chain start`) as tests use it.

use noderev_chain::{Client, Networks};

/// The words of the chain's funded accounts.
pub const WORDS: &str = "test test test test test test test test test test test junk";
/// The repository.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The node's address: `NODEREV_LOCALNET_RPC`, or the usual one.
pub fn rpc() -> String {
    std::env::var("NODEREV_LOCALNET_RPC").unwrap_or_else(|_| "http://127.0.0.1:26657".to_owned())
}

/// The chain.
#[allow(dead_code, reason = "not every file of tests asks the chain itself")]
pub fn client() -> Client {
    let mut network = Networks::built_in().unwrap().get("local").unwrap().clone();
    network.rpc = vec![rpc()];
    Client::connect(&network).unwrap()
}
