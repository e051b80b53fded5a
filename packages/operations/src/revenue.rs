//! Revenue in: deposits in a native coin or a cw20 token, and the list of them.

use cosmwasm_std::Coin;
use noderev_api::common::{DepositInfo, DepositsResponse};
use noderev_api::distributor::{ConfigResponse, ExecuteMsg, NetworkResponse, QueryMsg, ReceiveMsg};
use noderev_chain::{ChainError, Message};
use noderev_components::{Denom, DenomInfo, Epoch};
use noderev_economics::MAX_SPREAD;
use thiserror::Error;

use crate::{Contract, Contracts};

/// Longest source and reference, bytes.
const MAX_TEXT: usize = 256;
/// Deposits on a page, the most that the contract answers.
const PAGE: u32 = 100;

/// Why revenue is not deposited.
#[derive(Debug, Error)]
pub enum RevenueError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The distributor takes no such currency.
    #[error("the distributor takes no {asked}; it takes: {known}")]
    UnknownDenom {
        /// What was asked for.
        asked: String,
        /// Currencies that there are.
        known: String,
    },
    /// An amount of nothing.
    #[error("the amount is 0: must be 1 smallest unit or more")]
    Zero,
    /// Too few or too many epochs.
    #[error("over {over} epochs: must be 1..={MAX_SPREAD}")]
    Over {
        /// Epochs asked for.
        over: u32,
    },
    /// Source or reference has no allowed length.
    #[error("{what} has {length} bytes: must be 1..={MAX_TEXT}")]
    Text {
        /// Which of them.
        what: &'static str,
        /// Its length.
        length: usize,
    },
    /// The depositor has less.
    #[error("{account} has {have} smallest units of {denom}, {need} are needed")]
    Balance {
        /// Who deposits.
        account: String,
        /// The currency's name.
        denom: String,
        /// Smallest units that he has.
        have: u128,
        /// Smallest units that are needed.
        need: u128,
    },
    /// Deposits are paused.
    #[error("deposits are paused")]
    Paused,
    /// The source and reference are used.
    #[error("deposit {number} has source {source_name:?} and reference {reference:?} already: it was made once")]
    Used {
        /// The deposit's number.
        number: u64,
        /// Its source.
        source_name: String,
        /// Its reference.
        reference: String,
    },
}

/// A deposit to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// A currency's symbol, native denomination or cw20 address.
    pub denom: String,
    /// Smallest units.
    pub amount: u128,
    /// Epochs over which it is spread in equal parts, from the running one on, 1 ..= 366.
    pub over: u32,
    /// Who paid, 1 ..= 256 bytes.
    pub source: String,
    /// Invoice hash or URI, 1 ..= 256 bytes.
    pub reference: String,
}

/// A deposit that can be made.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its currency.
    pub denom: DenomInfo,
    /// The first epoch that gets it, as long as it runs.
    pub from: Epoch,
    /// The last one.
    pub last: Epoch,
    /// The message that makes it.
    pub message: Message,
}

impl Deposit {
    /// Whether it can be made by this account, and what it would do. Sends nothing.
    pub fn plan(&self, contracts: &Contracts, account: &str) -> Result<Planned, RevenueError> {
        self.check()?;
        let config: ConfigResponse = contracts.ask_distributor(&QueryMsg::Config {})?;
        let denom = find(&config.denoms, &self.denom)?.clone();
        let network: NetworkResponse = contracts.ask_distributor(&QueryMsg::Network {})?;
        if network.paused {
            return Err(RevenueError::Paused);
        }
        self.ensure_unused(contracts)?;
        let have = contracts.balance(account, &denom.denom)?;
        if have < self.amount {
            return Err(RevenueError::Balance {
                account: account.to_owned(),
                denom: denom.symbol,
                have,
                need: self.amount,
            });
        }
        Ok(Planned {
            message: self.message(contracts, &denom.denom)?,
            denom,
            from: network.epoch,
            last: network.epoch.plus(self.over.saturating_sub(1)),
        })
    }

    fn check(&self) -> Result<(), RevenueError> {
        if self.amount == 0 {
            return Err(RevenueError::Zero);
        }
        if !(1..=MAX_SPREAD).contains(&self.over) {
            return Err(RevenueError::Over { over: self.over });
        }
        for (what, text) in [("source", &self.source), ("reference", &self.reference)] {
            let length = text.len();
            if !(1..=MAX_TEXT).contains(&length) {
                return Err(RevenueError::Text { what, length });
            }
        }
        Ok(())
    }

    fn ensure_unused(&self, contracts: &Contracts) -> Result<(), RevenueError> {
        let mut start_after = None;
        loop {
            let deposits = page(contracts, start_after, PAGE)?;
            let mut same = deposits.iter();
            let same =
                same.find(|it| (&it.source, &it.reference) == (&self.source, &self.reference));
            if let Some(used) = same {
                return Err(RevenueError::Used {
                    number: used.number,
                    source_name: self.source.clone(),
                    reference: self.reference.clone(),
                });
            }
            start_after = deposits.last().map(|deposit| deposit.number);
            if start_after.is_none() {
                return Ok(());
            }
        }
    }

    fn message(&self, contracts: &Contracts, denom: &Denom) -> Result<Message, ChainError> {
        let (over, source) = (self.over, self.source.clone());
        let reference = self.reference.clone();
        match denom {
            Denom::Native(native) => Message::execute(
                &contracts.distributor,
                &ExecuteMsg::DepositRevenue {
                    over,
                    source,
                    reference,
                },
                vec![Coin::new(self.amount, native)],
            ),
            Denom::Cw20(token) => {
                let hook = ReceiveMsg::DepositRevenue {
                    over,
                    source,
                    reference,
                };
                contracts.send_tokens(token, Contract::Distributor, self.amount, &hook)
            }
        }
    }
}

/// A currency by its symbol, native denomination or cw20 address.
fn find<'a>(denoms: &'a [DenomInfo], asked: &str) -> Result<&'a DenomInfo, RevenueError> {
    let names = |info: &DenomInfo| match &info.denom {
        Denom::Native(name) | Denom::Cw20(name) => name == asked,
    };
    let exact = denoms.iter().find(|info| names(info));
    let mut symbols = denoms.iter().filter(|info| info.symbol == asked);
    match (exact, symbols.next(), symbols.next()) {
        (Some(info), _, _) | (None, Some(info), None) => Ok(info),
        _ => Err(RevenueError::UnknownDenom {
            asked: asked.to_owned(),
            known: denoms
                .iter()
                .map(|info| format!("{} ({})", info.symbol, info.denom))
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

/// Deposits, newest first, at most so many.
pub fn list(contracts: &Contracts, most: usize) -> Result<Vec<DepositInfo>, ChainError> {
    let mut all: Vec<DepositInfo> = Vec::new();
    while all.len() < most {
        let more = page(contracts, all.last().map(|deposit| deposit.number), PAGE)?;
        if more.is_empty() {
            break;
        }
        all.extend(more);
    }
    all.truncate(most);
    Ok(all)
}

fn page(
    contracts: &Contracts,
    start_after: Option<u64>,
    limit: u32,
) -> Result<Vec<DepositInfo>, ChainError> {
    let limit = Some(limit);
    let answer: DepositsResponse =
        contracts.ask_distributor(&QueryMsg::Deposits { start_after, limit })?;
    Ok(answer.deposits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deposit() -> Deposit {
        Deposit {
            denom: "USDC".into(),
            amount: 1,
            over: 366,
            source: "customer".into(),
            reference: "x".repeat(256),
        }
    }

    #[test]
    fn what_makes_no_deposit_is_refused() {
        assert!(deposit().check().is_ok());
        let refusal = |change: fn(&mut Deposit)| {
            let mut deposit = deposit();
            change(&mut deposit);
            deposit.check().unwrap_err().to_string()
        };
        assert_eq!(
            refusal(|it| it.amount = 0),
            "the amount is 0: must be 1 smallest unit or more"
        );
        assert_eq!(refusal(|it| it.over = 0), "over 0 epochs: must be 1..=366");
        assert_eq!(
            refusal(|it| it.over = 367),
            "over 367 epochs: must be 1..=366"
        );
        assert_eq!(
            refusal(|it| it.reference.push('x')),
            "reference has 257 bytes: must be 1..=256"
        );
        assert_eq!(
            refusal(|it| it.source.clear()),
            "source has 0 bytes: must be 1..=256"
        );
    }

    #[test]
    fn a_currency_is_found_by_each_of_its_names_if_it_is_the_only_one() {
        let info = |denom, symbol: &str| DenomInfo {
            denom,
            symbol: symbol.into(),
            decimals: 6,
        };
        let denoms = [
            info(Denom::Native("uusdc".into()), "USDC"),
            info(Denom::Cw20("wasm1qst".into()), "QST"),
            info(Denom::Native("ibc/1".into()), "ATOM"),
            info(Denom::Native("ibc/2".into()), "ATOM"),
        ];
        for (asked, place) in [("USDC", 0), ("uusdc", 0), ("wasm1qst", 1), ("ibc/2", 3)] {
            assert_eq!(find(&denoms, asked).unwrap(), &denoms[place]);
        }
        assert!(find(&denoms, "ATOM").is_err());
        let unknown = find(&denoms[..1], "ulocal").unwrap_err().to_string();
        assert_eq!(
            unknown,
            "the distributor takes no ulocal; it takes: USDC (native:uusdc)"
        );
    }
}
