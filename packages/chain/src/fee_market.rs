//! What gas costs where the price follows demand.

use cosmrs::proto::cosmos::base::v1beta1::DecCoin;
use cosmwasm_std::{Decimal, Uint128};
use serde::Deserialize;

use crate::{ChainError, Result};

/// What is offered for a price asked a moment ago, in percent of it: it may have risen since.
const MARGIN: u64 = 125;
/// Decimals of the chain's fractions.
const FRACTION: u32 = 18;

/// How a chain tells its present gas price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeMarket {
    /// The module of that name, which Neutron runs.
    Feemarket,
    /// Osmosis' own.
    Osmosis,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Request {
    /// What fees are paid in; not asked by every module.
    #[prost(string, tag = "1")]
    denom: String,
}

/// The answers of all modules: each fills its own field 1.
#[derive(Clone, PartialEq, prost::Message)]
struct CoinAnswer {
    #[prost(message, optional, tag = "1")]
    price: Option<DecCoin>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct TextAnswer {
    #[prost(string, tag = "1")]
    base_fee: String,
}

impl FeeMarket {
    /// The query's path and the request.
    pub(crate) fn query(self, denom: &str) -> (&'static str, Request) {
        match self {
            Self::Feemarket => (
                "/feemarket.feemarket.v1.Query/GasPrice",
                Request {
                    denom: denom.to_owned(),
                },
            ),
            Self::Osmosis => (
                "/osmosis.txfees.v1beta1.Query/GetEipBaseFee",
                Request::default(),
            ),
        }
    }

    /// What to offer for a unit of gas, by the module's answer.
    pub(crate) fn offer(self, answer: &[u8]) -> Result<Decimal> {
        let wrong = |reason: &str| ChainError::answer("gas price", reason);
        let decoded = "it can't be decoded";
        let text = match self {
            Self::Feemarket => {
                let answer: CoinAnswer =
                    prost::Message::decode(answer).map_err(|_| wrong(decoded))?;
                answer.price.map(|price| price.amount).unwrap_or_default()
            }
            Self::Osmosis => {
                let answer: TextAnswer =
                    prost::Message::decode(answer).map_err(|_| wrong(decoded))?;
                answer.base_fee
            }
        };
        let atomics: u128 = text
            .parse()
            .map_err(|_| wrong(&format!("{text:?} is no number")))?;
        let price = Decimal::from_atomics(Uint128::new(atomics), FRACTION);
        let price = price.map_err(|_| wrong("it is too large"))?;
        price
            .checked_mul(Decimal::percent(MARGIN))
            .map_err(|_| wrong("it is too large"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    #[test]
    fn a_fourth_more_is_offered_than_asked() {
        let asked = CoinAnswer {
            price: Some(DecCoin {
                denom: "untrn".into(),
                amount: "5300000000000000".into(),
            }),
        };
        let offer = FeeMarket::Feemarket.offer(&asked.encode_to_vec()).unwrap();
        assert_eq!(offer.to_string(), "0.006625");
        let asked = TextAnswer {
            base_fee: "20000000000000000".into(),
        };
        let offer = FeeMarket::Osmosis.offer(&asked.encode_to_vec()).unwrap();
        assert_eq!(offer.to_string(), "0.025");
    }

    #[test]
    fn an_answer_without_a_price_is_an_error() {
        for market in [FeeMarket::Feemarket, FeeMarket::Osmosis] {
            let refusal = market.offer(&[]).unwrap_err().to_string();
            assert_eq!(refusal, "unexpected answer to gas price: \"\" is no number");
        }
    }
}
