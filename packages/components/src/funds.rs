//! Which coins may come with a message.

use cosmwasm_std::{Coin, MessageInfo};
use thiserror::Error;

/// Coins came along that the message does not expect, or not those that it does.
#[derive(Error, Debug, PartialEq, Eq)]
pub enum FundsError {
    /// The message takes no coins.
    #[error("this message takes no coins, {sent} came with it")]
    NotPayable {
        /// What was sent.
        sent: String,
    },
    /// The message takes exactly one coin of more than nothing.
    #[error("send exactly one coin, {sent} came")]
    OneCoin {
        /// What was sent.
        sent: String,
    },
}

/// Refuses any coins.
pub fn nonpayable(info: &MessageInfo) -> Result<(), FundsError> {
    match info.funds.is_empty() {
        true => Ok(()),
        false => Err(FundsError::NotPayable {
            sent: listed(&info.funds),
        }),
    }
}

/// Exactly one coin, of more than nothing.
pub fn one_coin(info: &MessageInfo) -> Result<&Coin, FundsError> {
    match info.funds.as_slice() {
        [coin] if !coin.amount.is_zero() => Ok(coin),
        other => Err(FundsError::OneCoin {
            sent: listed(other),
        }),
    }
}

fn listed(coins: &[Coin]) -> String {
    match coins {
        [] => "no coins".to_string(),
        coins => coins
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::message_info;
    use cosmwasm_std::{coin, Addr};

    fn info(coins: &[Coin]) -> MessageInfo {
        message_info(&Addr::unchecked("a"), coins)
    }

    #[test]
    fn coins_are_taken_only_where_expected() {
        assert_eq!(nonpayable(&info(&[])), Ok(()));
        let error = nonpayable(&info(&[coin(5, "x")])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this message takes no coins, 5x came with it"
        );
        assert_eq!(one_coin(&info(&[coin(5, "x")])), Ok(&coin(5, "x")));
        for wrong in [vec![], vec![coin(0, "x")], vec![coin(1, "x"), coin(2, "y")]] {
            assert!(one_coin(&info(&wrong)).is_err());
        }
        let error = one_coin(&info(&[])).unwrap_err();
        assert_eq!(error.to_string(), "send exactly one coin, no coins came");
    }
}
