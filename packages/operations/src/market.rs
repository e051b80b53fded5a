//! The market of keys: offering, taking back, buying, and what is for sale.

use cosmwasm_std::{Timestamp, Uint128};
use cw20::Expiration;
use noderev_api::common::ParamsAtResponse;
use noderev_api::registry::{
    ExecuteMsg, ListingResponse, ListingsResponse, Params, PreviewBuyResponse, Purchase, QueryMsg,
    ReceiveMsg, MAX_BATCH,
};
use noderev_chain::{ChainError, Message};
use noderev_components::{Epoch, KeyId};
use noderev_economics::sale;
use serde::Serialize;
use thiserror::Error;

use crate::batches::in_messages;
use crate::moment::{date, ensure_qst, ensure_running};
use crate::nodes::{check_address, key, own_key, requirement, NodeError};
use crate::{Contract, Contracts, Hindrance, Moment};

/// Listings of a page, the most that the registry answers.
const PAGE: u32 = 100;

/// Why nothing is offered or bought.
#[derive(Debug, Error)]
pub enum MarketError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It can't now.
    #[error(transparent)]
    Hindrance(#[from] Hindrance),
    /// It can't with this key.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A price of nothing.
    #[error("the price is 0: must be 1 smallest unit or more")]
    Zero,
    /// The offer would have ended.
    #[error("the offer would end {}, which is past: it is {}", date(*.until), date(*.now))]
    Past {
        /// Its end, Unix seconds.
        until: u64,
        /// Time of the latest block, Unix seconds.
        now: u64,
    },
    /// The offer is reserved for who owns the key.
    #[error("{owner} owns key {key}: reserve it for somebody else")]
    OwnBuyer {
        /// The key.
        key: KeyId,
        /// Its owner.
        owner: String,
    },
    /// There is no stake to sell.
    #[error("the node of key {key} is not staked from epoch {epoch} on: list it without stake")]
    NotStaked {
        /// The key.
        key: KeyId,
        /// The next epoch.
        epoch: Epoch,
    },
    /// The registry would refuse to sell.
    #[error("key {key} can't be bought now: {why}")]
    Preview {
        /// The key.
        key: KeyId,
        /// The registry's words.
        why: String,
    },
    /// The key costs more than it may.
    #[error("key {key} costs {price} smallest units of QST, more than {most}")]
    Dear {
        /// The key.
        key: KeyId,
        /// What it costs.
        price: u128,
        /// What it may cost.
        most: u128,
    },
}

impl MarketError {
    /// Whether the chain or a contract refuses, or would.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_refusal(),
            Self::Hindrance(error) => error.is_refusal(),
            Self::Node(error) => error.is_refusal(),
            Self::Zero | Self::Past { .. } | Self::Dear { .. } => false,
            _ => true,
        }
    }

    /// Whether the command makes no sense on any chain.
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::Hindrance(error) => error.is_usage(),
            Self::Node(error) => error.is_usage(),
            Self::Zero | Self::Past { .. } => true,
            _ => false,
        }
    }
}

/// A key to offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The key.
    pub key: KeyId,
    /// Smallest units of QST, more than 0.
    pub price: u128,
    /// Only this account may buy.
    pub buyer: Option<String>,
    /// When the offer ends, Unix seconds; never, if none.
    pub until: Option<u64>,
    /// Whether the node's stake goes to the buyer with the key.
    pub with_stake: bool,
}

/// An offer that can be made.
#[derive(Clone, Debug)]
pub struct Offered {
    /// What the treasury gets of the price, smallest units of QST.
    pub fee: u128,
    /// What the seller gets.
    pub net: u128,
    /// The node's stake; none if it is not staked.
    pub stake: Option<u128>,
    /// The offer that it replaces.
    pub before: Option<ListingResponse>,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

impl Offer {
    /// Whether this account can make it, and what it would do.
    pub fn plan(&self, contracts: &Contracts, account: &str) -> Result<Offered, MarketError> {
        if self.price == 0 {
            return Err(MarketError::Zero);
        }
        ensure_running(&contracts.ask_registry(&QueryMsg::Paused {})?)?;
        let moment = Moment::of(contracts)?;
        self.ensure_lasts(moment.now.seconds())?;
        self.ensure_buyer(contracts, account)?;
        let before = own_key(contracts, account, self.key)?;
        if self.with_stake && !before.staked_next {
            let (key, epoch) = (self.key, moment.next());
            return Err(MarketError::NotStaked { key, epoch });
        }
        let epoch = moment.epoch;
        let params: ParamsAtResponse<Params> =
            contracts.ask_registry(&QueryMsg::ParamsAt { epoch })?;
        let sale = sale(self.price, params.params.market_fee);
        let stake = requirement(contracts)?;
        Ok(Offered {
            fee: sale.fee,
            net: sale.to_seller,
            stake: before.staked_next.then_some(stake),
            before: before.listing,
            moment,
            messages: vec![self.message(contracts)?],
        })
    }

    fn ensure_lasts(&self, now: u64) -> Result<(), MarketError> {
        match self.until {
            Some(until) if until <= now => Err(MarketError::Past { until, now }),
            _ => Ok(()),
        }
    }

    fn ensure_buyer(&self, contracts: &Contracts, account: &str) -> Result<(), MarketError> {
        let Some(buyer) = &self.buyer else {
            return Ok(());
        };
        check_address(contracts, buyer)?;
        match buyer == account {
            true => Err(MarketError::OwnBuyer {
                key: self.key,
                owner: account.to_owned(),
            }),
            false => Ok(()),
        }
    }

    fn message(&self, contracts: &Contracts) -> Result<Message, ChainError> {
        let until = self.until.map(Timestamp::from_seconds);
        let message = ExecuteMsg::List {
            id: self.key,
            price: Uint128::new(self.price),
            buyer: self.buyer.clone(),
            expires: until.map(Expiration::AtTime),
            with_stake: self.with_stake,
        };
        Message::execute(&contracts.registry, &message, Vec::new())
    }
}

/// An offer that is taken back.
#[derive(Clone, Debug)]
pub struct Delisted {
    /// The offer; none if it is void, or if there is none, which the registry refuses.
    pub before: Option<ListingResponse>,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Takes an offer back; anybody may, if it is void.
pub fn delist(contracts: &Contracts, account: &str, id: KeyId) -> Result<Delisted, MarketError> {
    let before = key(contracts, id)?.listing;
    if before.is_some() {
        own_key(contracts, account, id)?;
    }
    let message = ExecuteMsg::Delist { id };
    Ok(Delisted {
        before,
        moment: Moment::of(contracts)?,
        messages: vec![Message::execute(&contracts.registry, &message, Vec::new())?],
    })
}

/// Keys that can be bought.
#[derive(Clone, Debug)]
pub struct Bought {
    /// The offers, in the order of the keys.
    pub listings: Vec<ListingResponse>,
    /// The sum of the prices, smallest units of QST.
    pub sum: u128,
    /// The stake of a node, smallest units of QST.
    pub stake: u128,
    /// The first epoch whose reward is the buyer's.
    pub rewards_from: Epoch,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Buys keys as they are listed now, each for at most so many smallest units of QST.
pub fn buy(
    contracts: &Contracts,
    account: &str,
    keys: &[KeyId],
    most: Option<u128>,
) -> Result<Bought, MarketError> {
    ensure_running(&contracts.ask_registry(&QueryMsg::Paused {})?)?;
    let moment = Moment::of(contracts)?;
    let (mut listings, mut messages, mut sum) = (Vec::new(), Vec::new(), 0_u128);
    let mut rewards_from = moment.epoch;
    for batch in in_messages("keys", keys, MAX_BATCH).map_err(Hindrance::from)? {
        let mut named = Vec::new();
        for key in batch {
            let (listing, from) = offered(contracts, account, key)?;
            ensure_cheap(&listing, most)?;
            rewards_from = rewards_from.max(from);
            named.push(purchase(&listing));
            listings.push(listing);
        }
        let prices = named.iter().map(|purchase| purchase.price.u128());
        let price = prices.fold(0_u128, u128::saturating_add);
        let hook = ReceiveMsg::Buy { purchases: named };
        messages.push(contracts.send_tokens(&contracts.qst, Contract::Registry, price, &hook)?);
        sum = sum.saturating_add(price);
    }
    ensure_qst(contracts, account, sum)?;
    Ok(Bought {
        listings,
        sum,
        stake: requirement(contracts)?,
        rewards_from,
        moment,
        messages,
    })
}

/// The offer of a key as it is now, and the first epoch whose reward would be the buyer's.
fn offered(
    contracts: &Contracts,
    account: &str,
    key: KeyId,
) -> Result<(ListingResponse, Epoch), MarketError> {
    let preview: PreviewBuyResponse = contracts.ask_registry(&QueryMsg::PreviewBuy {
        id: key,
        buyer: account.to_owned(),
    })?;
    match (preview.refusal, preview.listing) {
        (None, Some(listing)) => Ok((listing, preview.rewards_from)),
        (Some(why), _) => Err(MarketError::Preview { key, why }),
        (None, None) => Err(ChainError::answer("preview_buy", "no listing").into()),
    }
}

fn ensure_cheap(listing: &ListingResponse, most: Option<u128>) -> Result<(), MarketError> {
    let (key, price) = (listing.id, listing.price.u128());
    match most {
        Some(most) if price > most => Err(MarketError::Dear { key, price, most }),
        _ => Ok(()),
    }
}

const fn purchase(listing: &ListingResponse) -> Purchase {
    Purchase {
        id: listing.id,
        listing: listing.listing,
        price: listing.price,
    }
}

/// When an offer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Only when it is taken back or becomes void.
    Never,
    /// At a height of the chain.
    Height(u64),
    /// At a time, Unix seconds.
    Time(u64),
}

/// When an offer ends.
pub fn ends(listing: &ListingResponse) -> Ends {
    match listing.expires {
        Expiration::Never {} => Ends::Never,
        Expiration::AtHeight(height) => Ends::Height(height),
        Expiration::AtTime(time) => Ends::Time(time.seconds()),
    }
}

/// What is for sale.
#[derive(Clone, Debug, Serialize)]
pub struct Floor {
    /// Lowest price of a key without stake, smallest units of QST; none if there is none.
    pub floor: Option<Uint128>,
    /// Lowest price of a key with its stake.
    pub floor_with_stake: Option<Uint128>,
    /// The cheapest offers, lowest price first.
    pub listings: Vec<ListingResponse>,
    /// When this was true.
    #[serde(skip)]
    pub moment: Moment,
}

/// The lowest prices, and at most so many of the cheapest offers.
pub fn floor(contracts: &Contracts, most: usize) -> Result<Floor, ChainError> {
    let mut found = Floor {
        floor: None,
        floor_with_stake: None,
        listings: Vec::new(),
        moment: Moment::of(contracts)?,
    };
    let mut start_after = None;
    loop {
        let page: ListingsResponse = contracts.ask_registry(&QueryMsg::Listings {
            seller: None,
            with_stake: None,
            start_after,
            limit: Some(PAGE),
        })?;
        start_after = page.next.clone();
        found.add(page);
        if start_after.is_none() || found.is_complete(most) {
            found.listings.truncate(most);
            return Ok(found);
        }
    }
}

impl Floor {
    /// A further page: a floor of an earlier one is lower.
    fn add(&mut self, page: ListingsResponse) {
        self.floor = self.floor.or(page.floor);
        self.floor_with_stake = self.floor_with_stake.or(page.floor_with_stake);
        self.listings.extend(page.listings);
    }

    const fn is_complete(&self, most: usize) -> bool {
        let floors = self.floor.is_some() && self.floor_with_stake.is_some();
        floors && self.listings.len() >= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Addr;
    use noderev_components::{AsOf, EpochClock};

    fn listing(price: u128, expires: Expiration) -> ListingResponse {
        ListingResponse {
            id: KeyId(7),
            listing: 3,
            seller: Addr::unchecked("seller"),
            price: Uint128::new(price),
            fee: Uint128::zero(),
            net: Uint128::new(price),
            buyer: None,
            expires,
            staked: false,
            with_stake: false,
            generation: 0,
        }
    }

    #[test]
    fn a_key_costs_at_most_what_it_may() {
        let listing = listing(100, Expiration::Never {});
        assert!(ensure_cheap(&listing, None).is_ok());
        assert!(ensure_cheap(&listing, Some(100)).is_ok());
        let refusal = ensure_cheap(&listing, Some(99)).unwrap_err().to_string();
        let expected = "key 7 costs 100 smallest units of QST, more than 99";
        assert_eq!(refusal, expected);
    }

    #[test]
    fn an_offer_lasts() {
        let offer = |until| Offer {
            key: KeyId(7),
            price: 1,
            buyer: None,
            until,
            with_stake: false,
        };
        assert!(offer(None).ensure_lasts(1_767_247_200).is_ok());
        let later = offer(Some(1_767_247_201));
        assert!(later.ensure_lasts(1_767_247_200).is_ok());
        let refusal = later.ensure_lasts(1_767_247_201).unwrap_err();
        assert!(refusal.is_usage());
        assert!(refusal.to_string().contains("2026-01-01T06:00:01Z"));
    }

    #[test]
    fn an_offer_ends_at_a_time_a_height_or_never() {
        let of = |expires| ends(&listing(1, expires));
        assert_eq!(of(Expiration::Never {}), Ends::Never);
        assert_eq!(of(Expiration::AtHeight(5)), Ends::Height(5));
        let time = Timestamp::from_seconds(1_767_247_200);
        assert_eq!(of(Expiration::AtTime(time)), Ends::Time(1_767_247_200));
    }

    #[test]
    fn a_floor_is_that_of_the_first_page_that_has_one() {
        let as_of = AsOf {
            height: 1,
            time: Timestamp::from_seconds(1),
            seq: 1,
        };
        let page = |floor: Option<u128>, with_stake: Option<u128>| ListingsResponse {
            listings: vec![listing(5, Expiration::Never {})],
            floor: floor.map(Uint128::new),
            floor_with_stake: with_stake.map(Uint128::new),
            next: None,
            as_of: as_of.clone(),
        };
        let moment = Moment {
            clock: EpochClock {
                start: 0,
                length: 10,
            },
            now: Timestamp::from_seconds(1),
            epoch: Epoch(0),
            decimals: 6,
        };
        let mut found = Floor {
            floor: None,
            floor_with_stake: None,
            listings: vec![],
            moment,
        };
        found.add(page(Some(5), None));
        assert!(!found.is_complete(1));
        found.add(page(Some(6), Some(8)));
        assert!(found.is_complete(2) && !found.is_complete(3));
        assert_eq!(found.floor, Some(Uint128::new(5)));
        assert_eq!(found.floor_with_stake, Some(Uint128::new(8)));
    }
}
