//! What was done to a network from the outside, to do it again elsewhere.

use cosmwasm_std::{Addr, Binary, Coin, Timestamp};
use cw_multi_test::AppResponse;

/// What was done to a network from the outside, in order.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// Everything, the oldest first.
    pub entries: Vec<Entry>,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Block time.
    pub time: Timestamp,
    /// Block height.
    pub height: u64,
    /// What was done.
    pub act: Act,
}

/// Something that can be done to a network.
#[derive(Clone, Debug)]
pub enum Act {
    /// A contract was created, at an address known beforehand (instantiate2).
    Create(Creation),
    /// Native coins were created for somebody.
    Mint {
        /// Whose they are.
        to: Addr,
        /// What he got.
        amount: Coin,
    },
    /// A message was sent to a contract.
    Execute(Execution),
}

/// A contract that was created.
#[derive(Clone, Debug)]
pub struct Creation {
    /// Name of its code: `cw20_base`, `cw721_base`, `node_registry`, `staking_vault`,
    /// `revenue_distributor` or `delegation`.
    pub code: &'static str,
    /// Makes the address, with the creator and the code's checksum; the label too.
    pub salt: String,
    /// Who created it.
    pub creator: Addr,
    /// Who may migrate it.
    pub admin: Addr,
    /// Its message, JSON.
    pub msg: Binary,
    /// Where it is.
    pub address: Addr,
}

/// A message that was sent.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Who sent it, as he was named.
    pub name: String,
    /// Who sent it.
    pub sender: Addr,
    /// To which contract.
    pub contract: Addr,
    /// The message, JSON.
    pub msg: Binary,
    /// Coins that went with it.
    pub funds: Vec<Coin>,
    /// What came of it; none if it was refused.
    pub response: Option<AppResponse>,
}
