//! What a node remembers: how the chain was at a height, when blocks were made, past transactions,
//! everything that a contract has stored.

use cosmrs::proto::cosmos::base::query::v1beta1::PageRequest;
use cosmrs::proto::cosmwasm::wasm::v1::{
    QueryAllContractStateRequest, QueryAllContractStateResponse,
};
use cosmwasm_std::{Event, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::client::{moment, number, TxEvent};
use crate::{ChainError, Client, Result};

/// Transactions on a page, the most that nodes answer.
const PAGE: u32 = 100;
/// Records of a contract on a page, the most that nodes answer.
const RECORDS: u64 = 100;
/// What nodes answer of blocks that they have no more.
const PRUNED: &str = "is not available";

/// A transaction in a block that the chain did not refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Hash, hexadecimal.
    pub hash: String,
    /// Height of the block.
    pub height: u64,
    /// Place in the block, from 0 on.
    pub index: u32,
    /// Events of the chain and the contracts, in their order.
    pub events: Vec<Event>,
}

/// A page of transactions, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transactions {
    /// Those on this page.
    pub transactions: Vec<Transaction>,
    /// How many there are on all pages.
    pub all: u64,
}

/// A page of what a contract has stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Keys and values, in the order of the keys' bytes.
    pub records: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where the next page begins; none at the end.
    pub next: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct HeaderAnswer {
    header: Option<Header>,
}

#[derive(Deserialize)]
struct Header {
    time: String,
}

#[derive(Deserialize)]
struct Earliest {
    sync_info: EarliestBlock,
}

#[derive(Deserialize)]
struct EarliestBlock {
    earliest_block_height: String,
    earliest_block_time: String,
}

#[derive(Deserialize)]
struct Found {
    txs: Vec<FoundTx>,
    total_count: String,
}

#[derive(Deserialize)]
struct FoundTx {
    hash: String,
    height: String,
    index: u32,
    tx_result: FoundResult,
}

#[derive(Deserialize)]
struct FoundResult {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    events: Vec<TxEvent>,
}

#[derive(Deserialize)]
struct ParamsAnswer {
    consensus_params: ConsensusParams,
}

#[derive(Deserialize)]
struct ConsensusParams {
    block: BlockParams,
}

#[derive(Deserialize)]
struct BlockParams {
    max_gas: String,
}

impl Client {
    /// The same node, asked how the chain was after a block. Nodes forget that after a while.
    pub fn at(&self, height: u64) -> Self {
        let mut client = self.clone();
        client.height = Some(height);
        client
    }

    /// When a block was made; none if the node has it no more.
    pub fn block_time(&self, height: u64) -> Result<Option<Timestamp>> {
        let params = json!({ "height": height.to_string() });
        match self.rpc.call::<HeaderAnswer>("header", &params)? {
            Ok(answer) => {
                let time = answer.header.map(|header| moment("header", &header.time));
                time.transpose()
            }
            Err(error) if error.to_string().contains(PRUNED) => Ok(None),
            Err(error) => Err(ChainError::answer("header", error)),
        }
    }

    /// Height and time of the oldest block that the node has.
    pub fn earliest(&self) -> Result<(u64, Timestamp)> {
        let answer = self.rpc.call::<Earliest>("status", &json!({}))?;
        let answer = answer.map_err(|error| ChainError::answer("status", error))?;
        let info = answer.sync_info;
        Ok((
            number("status", &info.earliest_block_height)?,
            moment("status", &info.earliest_block_time)?,
        ))
    }

    /// A page of the transactions that have an event of this kind, such as
    /// `execute._contract_address='wasm1...'`, oldest first; pages count from 1.
    pub fn transactions(&self, query: &str, page: u32) -> Result<Transactions> {
        let params = json!({
            "query": query,
            "prove": false,
            "page": page.to_string(),
            "per_page": PAGE.to_string(),
            "order_by": "asc",
        });
        let answer = self.rpc.call::<Found>("tx_search", &params)?;
        let answer = answer.map_err(|error| ChainError::answer("tx_search", error))?;
        let done = answer.txs.into_iter().filter(|tx| tx.tx_result.code == 0);
        let transaction = |tx: FoundTx| -> Result<Transaction> {
            Ok(Transaction {
                hash: tx.hash,
                height: number("tx_search", &tx.height)?,
                index: tx.index,
                events: tx.tx_result.events.into_iter().map(TxEvent::told).collect(),
            })
        };
        Ok(Transactions {
            transactions: done.map(transaction).collect::<Result<_>>()?,
            all: number("tx_search", &answer.total_count)?,
        })
    }

    /// All such transactions, oldest first.
    pub fn all_transactions(&self, query: &str) -> Result<Vec<Transaction>> {
        let (mut all, mut page) = (Vec::new(), 1_u32);
        loop {
            let found = self.transactions(query, page)?;
            all.extend(found.transactions);
            if u64::from(page).saturating_mul(PAGE.into()) >= found.all {
                return Ok(all);
            }
            page = page.saturating_add(1);
        }
    }

    /// A page of everything that a contract has stored, from where the page before ended.
    pub fn records(&self, contract: &str, from: Option<Vec<u8>>) -> Result<Records> {
        let request = QueryAllContractStateRequest {
            address: contract.to_owned(),
            pagination: Some(PageRequest {
                key: from.unwrap_or_default(),
                limit: RECORDS,
                ..PageRequest::default()
            }),
        };
        let answer: QueryAllContractStateResponse =
            self.query("/cosmwasm.wasm.v1.Query/AllContractState", &request)?;
        let records = answer.models.into_iter();
        let next = answer.pagination.map(|page| page.next_key);
        Ok(Records {
            records: records.map(|model| (model.key, model.value)).collect(),
            next: next.filter(|key| !key.is_empty()),
        })
    }

    /// Gas that all transactions of a block may use together; none if there is no limit.
    pub fn block_gas(&self) -> Result<Option<u64>> {
        let answer = self
            .rpc
            .call::<ParamsAnswer>("consensus_params", &json!({}))?;
        let answer = answer.map_err(|error| ChainError::answer("consensus_params", error))?;
        let most: i64 = number("consensus_params", &answer.consensus_params.block.max_gas)?;
        Ok(u64::try_from(most).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn a_block_that_the_node_has_no_more_has_no_time() {
        let client = fake::client(|method| match method {
            "header" => (
                200,
                r#"{"error":{"code":-32603,"message":"Internal error",
                "data":"height 3 is not available, lowest height is 7"}}"#,
            ),
            _ => (200, fake::STATUS),
        });
        assert_eq!(client.block_time(3).unwrap(), None);
        let client = fake::client(|method| match method {
            "header" => (
                200,
                r#"{"result":{"header":{"time":"2026-01-01T00:00:01.5Z"}}}"#,
            ),
            _ => (200, fake::STATUS),
        });
        let time = Timestamp::from_nanos(1_767_225_601_500_000_000);
        assert_eq!(client.block_time(3).unwrap(), Some(time));
    }

    #[test]
    fn transactions_that_were_refused_are_left_out_and_block_gas_may_have_no_limit() {
        let client = fake::client(|method| match method {
            "tx_search" => (
                200,
                r#"{"result":{"total_count":"2","txs":[
                {"hash":"A","height":"5","index":1,"tx_result":{"code":5,"events":[]}},
                {"hash":"B","height":"6","index":0,"tx_result":{"code":0,"events":[
                  {"type":"wasm","attributes":[{"key":"_contract_address","value":"c"}]}]}}]}}"#,
            ),
            "consensus_params" => (
                200,
                r#"{"result":{"consensus_params":{"block":{"max_gas":"-1"}}}}"#,
            ),
            _ => (200, fake::STATUS),
        });
        let found = client.all_transactions("execute._contract_address='c'");
        let found = found.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].height, found[0].hash.as_str()), (6, "B"));
        assert_eq!(found[0].events[0].attributes[0].value, "c");
        assert_eq!(client.block_gas().unwrap(), None);
    }
}
