//! A network: people, money and time.

use core::fmt;
use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{catch_unwind, AssertUnwindSafe};

use cosmwasm_std::{
    coin, to_json_binary, Addr, Api, Coin, StdError, StdResult, Timestamp, Uint128,
};
use cw20::{BalanceResponse, Cw20ExecuteMsg, Cw20QueryMsg, TokenInfoResponse};
use cw_multi_test::{App, AppResponse, BankSudo, Executor, SudoMsg};
use noderev_api::delegation::Nft;
use noderev_components::{Bitmap, Denom, DenomInfo, Epoch, EpochClock};
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::journal::{Act, Entry, Execution, Journal};
use crate::setup::collection_msg;
use crate::{contracts, Builder};

/// One QST in units.
pub const QST: u128 = 1_000_000;
/// One reward token in units.
pub const REWARD: u128 = 1_000_000;
/// Who gives reward tokens in tests; only the delegation contract can mint them.
pub(crate) const REWARD_FAUCET: &str = "reward-faucet";
/// What he has in the beginning.
pub(crate) const REWARD_FAUCET_HAS: u128 = 1_000_000_000_000_000_000_000;
/// Who mints NFTs.
pub(crate) const COLLECTION_MINTER: &str = "collection-minter";

/// Length of a wallet's address.
const WALLET_BYTES: usize = 20;

/// Where the contracts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The QST token.
    pub qst: Addr,
    /// The node registry.
    pub registry: Addr,
    /// The staking vault.
    pub vault: Addr,
    /// The revenue distributor.
    pub distributor: Addr,
    /// The delegation contract.
    pub delegation: Addr,
    /// The token that it mints.
    pub reward_token: Addr,
    /// Collections of NFTs, in the builder's order, then those added later.
    pub collections: Vec<Addr>,
}

/// Names of the attesters of the beginning.
pub(crate) struct Attesters {
    pub(crate) distributor: Vec<String>,
    pub(crate) delegation: Vec<String>,
}

/// A contract panicked instead of answering an error: always a fault of the contract.
#[derive(Error, Debug, PartialEq, Eq)]
#[error("finding: a contract panicked: {0}")]
pub struct Panicked(pub String);

/// The contracts on an embedded chain.
pub struct Network {
    pub(crate) app: App,
    addresses: Addresses,
    clock: EpochClock,
    attesters: Attesters,
    denoms: Vec<DenomInfo>,
    /// Deposits made without a reference of their own.
    pub(crate) deposits: u64,
    /// NFTs minted without an id of their own.
    pub(crate) nfts: u64,
    /// Reward tokens burnt.
    pub(crate) burnt: u128,
    /// Who ever sent a message.
    pub(crate) people: BTreeSet<Addr>,
    /// What was done from the outside, if it is kept.
    journal: Option<Journal>,
}

/// An account by name; a text that is an address already is taken as it is.
pub(crate) fn account(app: &App, name: &str) -> Addr {
    let address = app.api().addr_validate(name);
    address.unwrap_or_else(|_| wallet(app.api(), &app.api().addr_make(name)))
}

/// A wallet's address, made of one that test APIs give, which are as long as a contract's: its first 20
/// bytes of 32. So long are the accounts of a chain's users; contracts store both lengths.
pub fn wallet(api: &dyn Api, made: &Addr) -> Addr {
    let bytes = api.addr_canonicalize(made.as_str());
    let bytes = bytes.expect("an address of this chain");
    let wallet = api.addr_humanize(&bytes[..WALLET_BYTES].into());
    wallet.expect("20 bytes are an address")
}

impl Network {
    /// A network with the suite's defaults, to be changed.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(
        app: App,
        addresses: Addresses,
        clock: EpochClock,
        attesters: Attesters,
        denoms: Vec<DenomInfo>,
    ) -> Self {
        Self {
            app,
            addresses,
            clock,
            attesters,
            denoms,
            deposits: 0,
            nfts: 0,
            burnt: 0,
            people: BTreeSet::new(),
            journal: None,
        }
    }

    pub(crate) fn with_journal(self, journal: Option<Journal>) -> Self {
        Self { journal, ..self }
    }

    /// What was done from the outside, if the builder was told to keep it.
    pub const fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    fn note(&mut self, act: impl FnOnce() -> Act) {
        let block = self.app.block_info();
        if let Some(journal) = &mut self.journal {
            journal.entries.push(Entry {
                time: block.time,
                height: block.height,
                act: act(),
            });
        }
    }

    /// The embedded chain.
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// The embedded chain, to do what there is no helper for.
    pub const fn app_mut(&mut self) -> &mut App {
        &mut self.app
    }

    /// Where the contracts are.
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The epoch clock.
    pub const fn clock(&self) -> EpochClock {
        self.clock
    }

    /// Names of the attesters of the beginning.
    pub fn attesters(&self) -> &[String] {
        &self.attesters.distributor
    }

    /// Names of the delegation contract's attesters of the beginning.
    pub fn delegation_attesters(&self) -> &[String] {
        &self.attesters.delegation
    }

    /// Currencies of revenue, in the distributor's order.
    pub fn denoms(&self) -> &[DenomInfo] {
        &self.denoms
    }

    /// A currency by its place in the distributor's order.
    #[track_caller]
    pub fn denom(&self, index: usize) -> Denom {
        self.denoms[index].denom.clone()
    }

    /// QST as a currency.
    pub fn qst(&self) -> Denom {
        Denom::Cw20(self.addresses.qst.to_string())
    }

    /// The reward token as a currency.
    pub fn reward(&self) -> Denom {
        Denom::Cw20(self.addresses.reward_token.to_string())
    }

    /// A collection by its place.
    #[track_caller]
    pub fn collection(&self, place: usize) -> Addr {
        self.addresses.collections[place].clone()
    }

    /// An NFT by its collection's place and its id.
    #[track_caller]
    pub fn nft(&self, collection: usize, token_id: &str) -> Nft {
        Nft {
            collection: self.collection(collection).into_string(),
            token_id: token_id.to_owned(),
        }
    }

    /// A contract of the test's own as a further collection, which the delegation contract does not
    /// know; its place.
    pub fn add_collection(&mut self, contract: Addr) -> usize {
        self.addresses.collections.push(contract);
        self.addresses.collections.len() - 1
    }

    /// A further cw721-base collection, which the delegation contract does not know; its place.
    #[track_caller]
    pub fn deploy_collection(&mut self, name: &str) -> usize {
        let code = self.app.store_code(contracts::collection());
        let minter = self.account(COLLECTION_MINTER);
        let msg = collection_msg(name, minter.to_string());
        let created = self
            .app
            .instantiate_contract(code, minter, &msg, &[], name, None);
        self.add_collection(created.expect("the collection can be created"))
    }

    /// An account by name; a text that is an address already is taken as it is.
    pub fn account(&self, name: &str) -> Addr {
        account(&self.app, name)
    }
}

/// Time.
impl Network {
    /// Block time.
    pub fn now(&self) -> Timestamp {
        self.app.block_info().time
    }

    /// Block height.
    pub fn height(&self) -> u64 {
        self.app.block_info().height
    }

    /// The running epoch.
    pub fn now_epoch(&self) -> Epoch {
        self.clock.epoch_at(self.now())
    }

    /// One block later, and so many seconds.
    pub fn advance_seconds(&mut self, seconds: u64) {
        self.app.update_block(|block| {
            block.height += 1;
            block.time = block.time.plus_seconds(seconds);
        });
    }

    /// Moves the time to this second since 1970; nothing happens if it has passed already.
    pub fn advance_to(&mut self, second: u64) {
        let now = self.now();
        if now < Timestamp::from_seconds(second) {
            self.app.update_block(|block| {
                block.height += 1;
                block.time = Timestamp::from_seconds(second);
            });
        }
    }

    /// Begins an epoch: moves the time to its first second. An epoch that has begun stays as it is;
    /// one that has ended fails the test.
    #[track_caller]
    pub fn start_epoch(&mut self, epoch: u32) {
        let now = self.now_epoch();
        assert!(now.0 <= epoch, "epoch {epoch} is over, {now} is running");
        self.advance_to(self.clock.start_of(Epoch(epoch)));
    }

    /// As [`Network::start_epoch`].
    #[track_caller]
    pub fn to_epoch(&mut self, epoch: u32) {
        self.start_epoch(epoch);
    }

    /// Begins the next epoch.
    pub fn next_epoch(&mut self) -> Epoch {
        let next = self.now_epoch().next();
        self.start_epoch(next.0);
        next
    }
}

/// Money.
impl Network {
    /// Creates QST for somebody.
    #[track_caller]
    pub fn mint_qst(&mut self, to: &str, amount: u128) {
        let denom = self.qst();
        self.mint(to, &denom, amount);
    }

    /// Gives somebody reward tokens of the faucet's.
    #[track_caller]
    pub fn mint_reward(&mut self, to: &str, amount: u128) {
        let denom = self.reward();
        self.mint(to, &denom, amount);
    }

    /// Burns reward tokens of the faucet's, which makes room under a cap.
    #[track_caller]
    pub fn burn_reward(&mut self, amount: u128) {
        let burn = Cw20ExecuteMsg::Burn {
            amount: amount.into(),
        };
        let token = self.addresses.reward_token.clone();
        if let Err(error) = self.try_execute(REWARD_FAUCET, &token, &burn, &[]) {
            panic!("{amount} reward tokens cannot be burnt: {error:#}");
        }
        self.burnt += amount;
    }

    /// Creates native coins for somebody.
    #[track_caller]
    pub fn mint_native(&mut self, to: &str, denom: &str, amount: u128) {
        self.mint(to, &Denom::Native(denom.to_owned()), amount);
    }

    /// Creates money for somebody.
    #[track_caller]
    pub fn mint(&mut self, to: &str, denom: &Denom, amount: u128) {
        if let Err(error) = self.try_mint(to, denom, amount) {
            panic!("{amount} of {denom} cannot be created: {error:#}");
        }
    }

    /// Creates money for somebody; reward tokens are the faucet's.
    pub fn try_mint(
        &mut self,
        to: &str,
        denom: &Denom,
        amount: u128,
    ) -> anyhow::Result<AppResponse> {
        let to = self.account(to);
        match denom {
            Denom::Native(denom) => {
                let amount = coin(amount, denom);
                let mint = BankSudo::Mint {
                    to_address: to.to_string(),
                    amount: vec![amount.clone()],
                };
                let done = self.app.sudo(SudoMsg::Bank(mint))?;
                self.note(|| Act::Mint { to, amount });
                Ok(done)
            }
            Denom::Cw20(token) if *token == self.addresses.reward_token.as_str() => {
                let token = Addr::unchecked(token);
                let transfer = Cw20ExecuteMsg::Transfer {
                    recipient: to.into_string(),
                    amount: amount.into(),
                };
                self.try_execute(REWARD_FAUCET, &token, &transfer, &[])
            }
            Denom::Cw20(token) => {
                let token = Addr::unchecked(token);
                let mint = Cw20ExecuteMsg::Mint {
                    recipient: to.into_string(),
                    amount: amount.into(),
                };
                self.try_execute("token-minter", &token, &mint, &[])
            }
        }
    }

    /// Creates what somebody lacks to have at least this amount.
    #[track_caller]
    pub fn fund(&mut self, account: &str, denom: &Denom, amount: u128) {
        let lacking = amount.saturating_sub(self.balance(account, denom));
        if lacking > 0 {
            self.mint(account, denom, lacking);
        }
    }

    /// What somebody holds of a currency.
    #[track_caller]
    pub fn balance(&self, account: &str, denom: &Denom) -> u128 {
        let account = self.account(account);
        match denom {
            Denom::Native(denom) => {
                let held = self.app.wrap().query_balance(account, denom);
                held.expect("the bank answers").amount.u128()
            }
            Denom::Cw20(token) => {
                let query = Cw20QueryMsg::Balance {
                    address: account.into_string(),
                };
                let held: BalanceResponse = self
                    .try_query(&Addr::unchecked(token), &query)
                    .expect("the token answers");
                held.balance.u128()
            }
        }
    }

    /// What somebody holds of QST.
    #[track_caller]
    pub fn qst_balance(&self, account: &str) -> u128 {
        self.balance(account, &self.qst())
    }

    /// What somebody holds of the reward token.
    #[track_caller]
    pub fn reward_balance(&self, account: &str) -> u128 {
        self.balance(account, &self.reward())
    }

    /// All reward tokens there are.
    #[track_caller]
    pub fn reward_supply(&self) -> u128 {
        let info: TokenInfoResponse = self
            .try_query(&self.addresses.reward_token, &Cw20QueryMsg::TokenInfo {})
            .expect("the token answers");
        info.total_supply.u128()
    }

    /// What somebody holds of every currency of revenue, in the distributor's order.
    #[track_caller]
    pub fn balances(&self, account: &str) -> Vec<u128> {
        self.denoms
            .iter()
            .map(|info| self.balance(account, &info.denom))
            .collect()
    }
}

/// Any message and any query.
impl Network {
    /// Executes a message. A panic inside a contract is a [`Panicked`]; nothing of a failed message
    /// stays. The answer's data is what the contract itself answered.
    pub fn try_execute<T: Serialize>(
        &mut self,
        sender: &str,
        contract: &Addr,
        msg: &T,
        funds: &[Coin],
    ) -> anyhow::Result<AppResponse> {
        let (name, sender) = (sender, self.account(sender));
        self.people.insert(sender.clone());
        let (app, to) = (&mut self.app, contract.clone());
        let from = sender.clone();
        let run = AssertUnwindSafe(|| app.execute_contract(from, to, &Opaque(msg), funds));
        let done =
            catch_unwind(run).unwrap_or_else(|payload| Err(Panicked(text_of(&payload)).into()));
        if self.journal.is_some() {
            let execution = Execution {
                name: name.to_owned(),
                sender,
                contract: contract.clone(),
                msg: to_json_binary(msg)?,
                funds: funds.to_vec(),
                response: done.as_ref().ok().cloned(),
            };
            self.note(|| Act::Execute(execution));
        }
        done
    }

    /// Sends a cw20 token with a message for the receiving contract.
    pub fn try_send<T: Serialize>(
        &mut self,
        sender: &str,
        token: &Addr,
        amount: u128,
        contract: &Addr,
        msg: &T,
    ) -> anyhow::Result<AppResponse> {
        let send = Cw20ExecuteMsg::Send {
            contract: contract.to_string(),
            amount: Uint128::new(amount),
            msg: to_json_binary(msg)?,
        };
        self.try_execute(sender, token, &send, &[])
    }

    /// Asks a contract. A panic inside it is an error that begins with "finding".
    pub fn try_query<T: DeserializeOwned>(
        &self,
        contract: &Addr,
        query: &impl Serialize,
    ) -> StdResult<T> {
        let ask = AssertUnwindSafe(|| self.app.wrap().query_wasm_smart(contract, query));
        catch_unwind(ask).unwrap_or_else(|payload| {
            Err(StdError::generic_err(
                Panicked(text_of(&payload)).to_string(),
            ))
        })
    }

    /// Everybody ran: a report's bitmap for an ended epoch with all bits set.
    #[track_caller]
    pub fn all_ran(&self, epoch: u32) -> Bitmap {
        self.all_but(epoch, &[])
    }

    /// Everybody ran but these keys: a report's bitmap for an ended or running epoch.
    #[track_caller]
    pub fn all_but(&self, epoch: u32, down: &[u32]) -> Bitmap {
        let bits = self.distributor().evidence(epoch).bits;
        let up = (0..bits).filter(|bit| !down.contains(&(bit + 1)));
        Bitmap::from_bits(bits, up)
    }
}

/// A message that need not be printable.
struct Opaque<'a, T>(&'a T);

impl<T> fmt::Debug for Opaque<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("message")
    }
}

impl<T: Serialize> Serialize for Opaque<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

fn text_of(payload: &Box<dyn Any + Send>) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    let text = text.or_else(|| {
        payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
    });
    text.unwrap_or_else(|| "no message".to_owned())
}
