//! Asking a chain, and giving it transactions.

use std::time::Duration;

use cosmrs::proto::cosmos::auth::v1beta1::{QueryAccountInfoRequest, QueryAccountInfoResponse};
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::base::query::v1beta1::PageRequest;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::proto::cosmwasm::wasm::v1::{
    AccessConfig, AccessType, QueryCodesRequest, QueryCodesResponse, QueryContractInfoRequest,
    QueryContractInfoResponse, QueryParamsRequest, QueryParamsResponse,
    QueryRawContractStateRequest, QueryRawContractStateResponse, QuerySmartContractStateRequest,
    QuerySmartContractStateResponse,
};
use cosmwasm_std::{Attribute, Binary, Checksum, Decimal, Event, HexBinary, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

use crate::message::json_bytes;
use crate::rpc::Rpc;
use crate::transaction::{Outcome, Unsigned};
use crate::{ChainError, Message, Network, Result};

/// How long a node that doesn't answer is tried, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a transaction may take to get into a block.
const IN_A_BLOCK: Duration = Duration::from_secs(60);
/// Gas allowed for gas simulated, in percent: what a block later is different costs a little more.
pub const GAS_ADJUSTMENT: u64 = 140;
/// Code of the chain's refusal of too little gas.
const OUT_OF_GAS: u32 = 11;
/// Where the chain's basic codes are from.
pub(crate) const SDK: &str = "sdk";
/// The chain's words, wherever it says so.
const SEQUENCE_MISMATCH: &str = "account sequence mismatch";
/// What nodes answer of what they don't have.
const NOT_FOUND: &str = "not found";
/// Contents of a page of codes.
const PAGE: u64 = 100;

/// Where a node and its chain are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The chain.
    pub chain_id: String,
    /// Height of the latest block.
    pub height: u64,
    /// Time of the latest block.
    pub time: Timestamp,
}

/// Number and sequence of an account, which every signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountInfo {
    /// Its number, for ever.
    pub number: u64,
    /// How many transactions it has signed.
    pub sequence: u64,
}

/// A code on chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// Its number.
    pub id: u64,
    /// SHA-256 of its wasm.
    pub checksum: Checksum,
    /// Who may create contracts of it; everybody if none.
    pub creators: Option<Vec<String>>,
}

impl CodeInfo {
    /// Whether this account may create contracts of it, and put it in place of other code.
    pub fn serves(&self, account: &str) -> bool {
        let creators = self.creators.as_ref();
        creators.is_none_or(|creators| creators.iter().any(|one| one == account))
    }
}

/// A contract on chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractInfo {
    /// Its code.
    pub code_id: u64,
    /// Who created it.
    pub creator: String,
    /// Who may migrate it.
    pub admin: Option<String>,
    /// A name for people.
    pub label: String,
}

/// A chain, through one of its nodes.
#[derive(Clone, Debug)]
pub struct Client {
    network: Network,
    /// The networks file's gas price: the least that is offered.
    floor: Decimal,
    pub(crate) rpc: Rpc,
    pub(crate) in_a_block: Duration,
    /// The height at which the chain is asked; the latest if none.
    pub(crate) height: Option<u64>,
}

#[derive(Deserialize)]
struct StatusAnswer {
    node_info: NodeInfo,
    sync_info: SyncInfo,
}

#[derive(Deserialize)]
struct NodeInfo {
    network: String,
}

#[derive(Deserialize)]
struct SyncInfo {
    latest_block_height: String,
    latest_block_time: String,
    catching_up: bool,
}

#[derive(Deserialize)]
struct AbciQuery {
    response: AbciResponse,
}

#[derive(Deserialize)]
struct AbciResponse {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    log: String,
    value: Option<Binary>,
}

#[derive(Deserialize)]
struct Waiting {
    txs: Option<Vec<Binary>>,
}

#[derive(Deserialize)]
struct TxAnswer {
    hash: String,
    height: String,
    tx_result: TxResult,
}

#[derive(Deserialize)]
struct TxResult {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    codespace: String,
    #[serde(default)]
    log: Option<String>,
    gas_wanted: String,
    gas_used: String,
    #[serde(default)]
    events: Vec<TxEvent>,
}

#[derive(Deserialize)]
pub(crate) struct TxEvent {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    attributes: Vec<TxAttribute>,
}

#[derive(Deserialize)]
struct TxAttribute {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

impl Client {
    /// The network through the first of its nodes that answers and is where the chain is.
    pub fn connect(network: &Network) -> Result<Self> {
        Self::connect_with(network, PATIENCE)
    }

    /// As [`Self::connect`]; a node that doesn't answer is tried for so long, now and later.
    pub fn connect_with(network: &Network, patience: Duration) -> Result<Self> {
        let mut refusal = ChainError::Networks(format!("{} has no rpc address", network.chain_id));
        for url in &network.rpc {
            let mut client = Self {
                network: network.clone(),
                floor: network.gas_price,
                rpc: Rpc::new(url, patience),
                in_a_block: IN_A_BLOCK,
                height: None,
            };
            match client.check().and_then(|()| client.ask_price()) {
                Ok(()) => {
                    client.rpc.known = true;
                    return Ok(client);
                }
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    /// The chain.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// The node's address.
    pub fn url(&self) -> &str {
        self.rpc.url()
    }

    fn check(&self) -> Result<()> {
        let answer = self.status_answer()?;
        let (url, network) = (self.rpc.host(), answer.node_info.network);
        if network != self.network.chain_id {
            return Err(ChainError::WrongChain {
                url,
                found: network,
                expected: self.network.chain_id.clone(),
            });
        }
        if answer.sync_info.catching_up {
            let height = number("status", &answer.sync_info.latest_block_height)?;
            return Err(ChainError::CatchingUp { url, height });
        }
        Ok(())
    }

    /// Takes over the chain's present gas price, where it has a fee market. Programs that run for
    /// long do so now and then.
    ///
    /// # Errors
    /// The price is above the network's `max_gas_price`; the price of before stays.
    pub fn ask_price(&mut self) -> Result<()> {
        let Some(market) = self.network.fee_market else {
            return Ok(());
        };
        let (path, request) = market.query(&self.network.denom);
        let offer = market.offer(&self.query_bytes(path, &request)?)?;
        let price = self.floor.max(offer);
        if let Some(max) = self.network.max_gas_price.filter(|max| price > *max) {
            let denom = self.network.denom.clone();
            return Err(ChainError::GasPrice { price, max, denom });
        }
        self.network.gas_price = price;
        Ok(())
    }

    fn status_answer(&self) -> Result<StatusAnswer> {
        let answer = self.rpc.call("status", &json!({}))?;
        answer.map_err(|error| ChainError::answer("status", error))
    }

    /// Where the node and the chain are.
    pub fn status(&self) -> Result<Status> {
        let answer = self.status_answer()?;
        Ok(Status {
            chain_id: answer.node_info.network,
            height: number("status", &answer.sync_info.latest_block_height)?,
            time: moment("status", &answer.sync_info.latest_block_time)?,
        })
    }

    /// Number and sequence of an account; none if the chain doesn't know it.
    pub fn account(&self, address: &str) -> Result<Option<AccountInfo>> {
        let request = QueryAccountInfoRequest {
            address: address.to_owned(),
        };
        let answer = self.query("/cosmos.auth.v1beta1.Query/AccountInfo", &request);
        let answer: Option<QueryAccountInfoResponse> = found(answer)?;
        let info = answer.and_then(|answer| answer.info);
        Ok(info.map(|info| AccountInfo {
            number: info.account_number,
            sequence: info.sequence,
        }))
    }

    /// As [`Self::account`]; an error if the chain doesn't know it.
    pub(crate) fn existing_account(&self, address: &str) -> Result<AccountInfo> {
        let info = self.account(address)?;
        info.ok_or_else(|| ChainError::NoAccount {
            account: address.to_owned(),
            chain_id: self.network.chain_id.clone(),
            denom: self.network.denom.clone(),
        })
    }

    /// What an account holds of a native coin.
    pub fn balance(&self, address: &str, denom: &str) -> Result<u128> {
        let request = QueryBalanceRequest {
            address: address.to_owned(),
            denom: denom.to_owned(),
        };
        let answer: QueryBalanceResponse =
            self.query("/cosmos.bank.v1beta1.Query/Balance", &request)?;
        match answer.balance {
            Some(coin) => number("balance", &coin.amount),
            None => Ok(0),
        }
    }

    /// Asks a contract.
    pub fn smart<T: DeserializeOwned>(&self, contract: &str, query: &impl Serialize) -> Result<T> {
        let answer = self.smart_bytes(contract, json_bytes(query)?)?;
        cosmwasm_std::from_json(&answer)
            .map_err(|error| ChainError::answer(&format!("query of {contract}"), error))
    }

    /// Asks a contract; query and answer are JSON.
    pub fn smart_bytes(&self, contract: &str, query: Vec<u8>) -> Result<Vec<u8>> {
        let request = QuerySmartContractStateRequest {
            address: contract.to_owned(),
            query_data: query,
        };
        let answer: QuerySmartContractStateResponse =
            self.query("/cosmwasm.wasm.v1.Query/SmartContractState", &request)?;
        Ok(answer.data)
    }

    /// What a contract has stored under a key; empty if nothing.
    pub fn raw(&self, contract: &str, key: &[u8]) -> Result<Vec<u8>> {
        let request = QueryRawContractStateRequest {
            address: contract.to_owned(),
            query_data: key.to_vec(),
        };
        let answer: QueryRawContractStateResponse =
            self.query("/cosmwasm.wasm.v1.Query/RawContractState", &request)?;
        Ok(answer.data)
    }

    /// A contract's code, creator and admin; none if there is no contract at this address.
    pub fn contract(&self, address: &str) -> Result<Option<ContractInfo>> {
        let request = QueryContractInfoRequest {
            address: address.to_owned(),
        };
        let answer = self.query("/cosmwasm.wasm.v1.Query/ContractInfo", &request);
        let answer: Option<QueryContractInfoResponse> = found(answer)?;
        let info = answer.and_then(|answer| answer.contract_info);
        Ok(info.map(|info| ContractInfo {
            code_id: info.code_id,
            creator: info.creator,
            admin: Some(info.admin).filter(|admin| !admin.is_empty()),
            label: info.label,
        }))
    }

    /// All codes on chain with one of these checksums, the latest first. Reads the chain's list of
    /// codes from its end, at most so many pages of 100.
    pub fn codes(&self, checksums: &[Checksum], pages: u32) -> Result<Vec<CodeInfo>> {
        let mut codes = Vec::new();
        let mut key = Vec::new();
        for _ in 0..pages {
            let request = QueryCodesRequest {
                pagination: Some(PageRequest {
                    key,
                    limit: PAGE,
                    reverse: true,
                    ..PageRequest::default()
                }),
            };
            let answer: QueryCodesResponse =
                self.query("/cosmwasm.wasm.v1.Query/Codes", &request)?;
            for info in answer.code_infos {
                let checksum = Checksum::try_from(info.data_hash.as_slice())
                    .map_err(|error| ChainError::answer("codes", error))?;
                if checksums.contains(&checksum) {
                    codes.push(CodeInfo {
                        id: info.code_id,
                        checksum,
                        creators: creators(info.instantiate_permission),
                    });
                }
            }
            key = answer
                .pagination
                .map(|page| page.next_key)
                .unwrap_or_default();
            if key.is_empty() {
                break;
            }
        }
        Ok(codes)
    }

    /// A code's checksum; none if there is no such code.
    pub fn code(&self, id: u64) -> Result<Option<Checksum>> {
        // The library lacks the request for a code's information without its wasm.
        #[derive(Clone, PartialEq, prost::Message)]
        struct Request {
            #[prost(uint64, tag = "1")]
            code_id: u64,
        }
        #[derive(Clone, PartialEq, prost::Message)]
        struct Response {
            #[prost(bytes = "vec", tag = "3")]
            checksum: Vec<u8>,
        }
        let answer = self.query("/cosmwasm.wasm.v1.Query/CodeInfo", &Request { code_id: id });
        let answer: Option<Response> = found(answer)?;
        let checksum = answer.map(|answer| Checksum::try_from(answer.checksum.as_slice()));
        checksum
            .transpose()
            .map_err(|error| ChainError::answer("code info", error))
    }

    /// Who may store code; everybody if none.
    pub fn storers(&self) -> Result<Option<Vec<String>>> {
        let answer: QueryParamsResponse =
            self.query("/cosmwasm.wasm.v1.Query/Params", &QueryParamsRequest {})?;
        let access = answer.params.and_then(|params| params.code_upload_access);
        Ok(match access {
            Some(access) => creators(Some(access)),
            None => Some(Vec::new()),
        })
    }

    /// Whether this account may store code.
    pub fn may_store(&self, address: &str) -> Result<bool> {
        Ok(is_among(self.storers()?.as_deref(), address))
    }

    /// What the messages would cost if this account sent them, in gas allowed; an error if they
    /// would be refused. Takes no key.
    pub fn estimate(&self, sender: &str, messages: &[Message]) -> Result<Unsigned> {
        let info = self.existing_account(sender)?;
        self.estimate_at(sender, info.sequence, messages)
    }

    pub(crate) fn estimate_at(
        &self,
        sender: &str,
        sequence: u64,
        messages: &[Message],
    ) -> Result<Unsigned> {
        let mut unsigned = Unsigned {
            messages: messages.to_vec(),
            memo: String::new(),
            // With no gas there is no fee, and taking the fee costs gas too.
            gas: 1,
        };
        let bytes = unsigned.unsigned_bytes(sender, sequence, &self.network)?;
        let used = self.simulate(bytes).map_err(|error| match error {
            ChainError::Query { code, log, .. } => ChainError::Refused {
                hash: None,
                codespace: String::new(),
                code,
                log,
            },
            other => other,
        })?;
        unsigned.gas = used.saturating_mul(GAS_ADJUSTMENT).div_ceil(100);
        Ok(unsigned)
    }

    /// Gas that a transaction's bytes would use.
    fn simulate(&self, bytes: Vec<u8>) -> Result<u64> {
        #[allow(deprecated, reason = "the field must be left empty")]
        let request = SimulateRequest {
            tx: None,
            tx_bytes: bytes,
        };
        let answer: SimulateResponse =
            self.query("/cosmos.tx.v1beta1.Service/Simulate", &request)?;
        let gas = answer.gas_info.map(|info| info.gas_used);
        gas.ok_or_else(|| ChainError::answer("simulation", "no gas"))
    }

    /// What became of the transaction with this hash; none if it is in no block.
    ///
    /// Fails if the chain refused it.
    pub fn find(&self, hash: &str) -> Result<Option<Outcome>> {
        let wrong = |error: cosmwasm_std::StdError| ChainError::answer("hash", error);
        let bytes = Binary::from(HexBinary::from_hex(hash).map_err(wrong)?.to_vec());
        let params = json!({ "hash": bytes, "prove": false });
        match self.rpc.call::<TxAnswer>("tx", &params)? {
            Ok(answer) => outcome(answer).map(Some),
            Err(error) if error.to_string().contains(NOT_FOUND) => Ok(None),
            Err(error) => Err(ChainError::answer("tx", error)),
        }
    }

    /// Whether somebody's transaction with the very same message to a contract waits for a block,
    /// among the first 100 that wait at this node.
    pub fn is_waiting(&self, message: &Message) -> Result<bool> {
        let Message::Execute { contract, msg, .. } = message else {
            return Ok(false);
        };
        let params = json!({ "limit": "100" });
        let Ok(answer) = self.rpc.call::<Waiting>("unconfirmed_txs", &params)? else {
            // Not every public node tells.
            return Ok(false);
        };
        let waiting = answer.txs.into_iter().flatten();
        Ok(waiting
            .into_iter()
            .any(|tx| holds(&tx, contract.as_bytes()) && holds(&tx, msg)))
    }

    pub(crate) fn query<T: prost::Message + Default>(
        &self,
        path: &str,
        request: &impl prost::Message,
    ) -> Result<T> {
        let bytes = self.query_bytes(path, request)?;
        T::decode(bytes.as_slice()).map_err(|error| ChainError::answer(path, error))
    }

    fn query_bytes(&self, path: &str, request: &impl prost::Message) -> Result<Vec<u8>> {
        let params = json!({
            "path": path,
            "data": HexBinary::from(request.encode_to_vec()),
            "prove": false,
            // 0 is the latest.
            "height": self.height.unwrap_or(0).to_string(),
        });
        let answer = self.rpc.call::<AbciQuery>("abci_query", &params)?;
        let answer = answer.map_err(|error| ChainError::answer(path, error))?;
        let response = answer.response;
        if response.code != 0 {
            return Err(ChainError::Query {
                what: path.rsplit('/').next().unwrap_or(path).to_owned(),
                code: response.code,
                log: response.log,
            });
        }
        Ok(response.value.unwrap_or_default().to_vec())
    }
}

/// Whether an account is among those who may do something, such as [`Client::storers`]; everybody if none.
pub fn is_among(accounts: Option<&[String]>, address: &str) -> bool {
    accounts.is_none_or(|accounts| accounts.iter().any(|one| one == address))
}

/// The accounts of a permission; none if it is everybody's.
fn creators(permission: Option<AccessConfig>) -> Option<Vec<String>> {
    let permission = permission?;
    match permission.permission() {
        AccessType::Everybody => None,
        _ => Some(permission.addresses),
    }
}

/// Whether a refusal says that the account's next transaction has another sequence number.
pub(crate) fn is_sequence_mismatch(error: &ChainError) -> bool {
    match error {
        ChainError::Query { log, .. } | ChainError::Refused { log, .. } => {
            log.contains(SEQUENCE_MISMATCH)
        }
        _ => false,
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes
        .windows(part.len().max(1))
        .any(|window| window == part)
}

/// None instead of a refusal because there is no such thing.
fn found<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ChainError::Query { log, .. })
            if log.contains(NOT_FOUND) || log.contains("no such") =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn outcome(answer: TxAnswer) -> Result<Outcome> {
    let result = answer.tx_result;
    let wanted = number("tx", &result.gas_wanted)?;
    let used = number("tx", &result.gas_used)?;
    if (result.codespace.as_str(), result.code) == (SDK, OUT_OF_GAS) {
        let hash = answer.hash;
        return Err(ChainError::OutOfGas { hash, wanted, used });
    }
    if result.code != 0 {
        return Err(ChainError::Refused {
            hash: Some(answer.hash),
            codespace: result.codespace,
            code: result.code,
            log: result.log.unwrap_or_default(),
        });
    }
    Ok(Outcome {
        hash: answer.hash,
        height: number("tx", &answer.height)?,
        gas_wanted: wanted,
        gas_used: used,
        events: result.events.into_iter().map(TxEvent::told).collect(),
    })
}

/// A time as nodes write it.
pub(crate) fn moment(what: &str, text: &str) -> Result<Timestamp> {
    let time = OffsetDateTime::parse(text, &Rfc3339);
    let time = time.map_err(|error| ChainError::answer(what, error))?;
    let nanos = u64::try_from(time.unix_timestamp_nanos());
    let nanos = nanos.map_err(|error| ChainError::answer(what, error))?;
    Ok(Timestamp::from_nanos(nanos))
}

impl TxEvent {
    /// As contracts have it.
    pub(crate) fn told(self) -> Event {
        let fields = self.attributes.into_iter();
        // Not by `add_attribute`, which refuses the chain's own keys, those with an underscore.
        let fields = fields.map(|field| Attribute {
            key: field.key,
            value: field.value.unwrap_or_default(),
        });
        let mut told = Event::new(self.kind);
        told.attributes = fields.collect();
        told
    }
}

pub(crate) fn number<T: core::str::FromStr>(what: &str, text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| ChainError::answer(what, format!("{text} is no number")))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::Arc;

    use super::*;
    use crate::{fake, FeeMarket};

    /// Osmosis' answer, with a base fee of so many thousandths.
    fn base_fee(thousandths: u64) -> String {
        #[derive(Clone, PartialEq, prost::Message)]
        struct Answer {
            #[prost(string, tag = "1")]
            base_fee: String,
        }
        let base_fee = format!("{thousandths}000000000000000");
        let value = Binary::from(prost::Message::encode_to_vec(&Answer { base_fee }));
        json!({ "result": { "response": { "code": 0, "value": value } } }).to_string()
    }

    #[test]
    fn a_code_serves_those_whom_its_permission_names() {
        let serves = |permission: Option<AccessType>, addresses: &[&str]| {
            let permission = permission.map(|kind| AccessConfig {
                permission: kind.into(),
                addresses: addresses.iter().map(ToString::to_string).collect(),
            });
            let code = CodeInfo {
                id: 1,
                checksum: Checksum::generate(b"wasm"),
                creators: creators(permission),
            };
            code.serves("alice")
        };
        assert!(serves(None, &[]));
        assert!(serves(Some(AccessType::Everybody), &[]));
        assert!(serves(Some(AccessType::AnyOfAddresses), &["bob", "alice"]));
        assert!(!serves(Some(AccessType::AnyOfAddresses), &["bob"]));
        assert!(!serves(Some(AccessType::Nobody), &[]));
        assert!(!serves(Some(AccessType::Unspecified), &[]));
    }

    #[test]
    fn the_gas_price_rises_falls_to_its_floor_and_has_a_limit() {
        let asked = Arc::new(AtomicU64::new(100));
        let now = Arc::clone(&asked);
        let mut network = fake::network(move |method| match method {
            "status" => (200, fake::STATUS.to_owned()),
            _ => (200, base_fee(now.load(Ordering::SeqCst))),
        });
        network.fee_market = Some(FeeMarket::Osmosis);
        network.max_gas_price = Some(Decimal::permille(250));
        let mut client = Client::connect_with(&network, Duration::ZERO).unwrap();
        for (thousandths, price) in [(100, "0.125"), (40, "0.05"), (1, "0.025"), (200, "0.25")] {
            asked.store(thousandths, Ordering::SeqCst);
            client.ask_price().unwrap();
            assert_eq!(client.network().gas_price.to_string(), price);
        }
        asked.store(208, Ordering::SeqCst);
        let refusal = client.ask_price().unwrap_err().to_string();
        let both = "gas costs 0.26 ulocal, max_gas_price of the networks file is 0.25";
        assert_eq!(refusal, both);
        assert_eq!(client.network().gas_price.to_string(), "0.25");
    }
}
