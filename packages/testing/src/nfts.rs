//! Collections of NFTs that a network begins with.

use core::fmt;

use cosmwasm_std::Uint128;
use noderev_api::delegation::{Class, TokenRule};

use crate::contracts::{self, Code};

/// Place of the collection whose NFTs weigh 1,000, those whose id begins with `gold-` 10,000.
pub const GOLD: usize = 0;
/// Place of the collection whose NFTs weigh 1, those with the numbers 1 to 100 weigh 500.
pub const PLAIN: usize = 1;
/// Place of the collection whose NFTs weigh the number that their id begins with, as `5000-1`: 1, 2
/// or 5 times a power of ten, up to 50,000,000. Others are refused.
pub const WEIGHTS: usize = 2;

/// What NFTs of [`WEIGHTS`] weigh, heaviest first.
pub(crate) fn weights() -> impl Iterator<Item = u128> {
    let powers = (0..8).rev().map(|power| 10_u128.pow(power));
    powers.flat_map(|power| [5 * power, 2 * power, power])
}

/// A collection to be deployed with a network.
#[derive(Clone)]
pub struct NftCollection {
    /// Its name: letters and hyphens, different from the others'.
    pub name: String,
    /// What an NFT in none of the classes weighs.
    pub weight: u128,
    /// Classes.
    pub classes: Vec<Class>,
    /// Whether the delegation contract is told of it at instantiation.
    pub listed: bool,
    /// Its code, which gets the instantiation message of cw721-base.
    pub code: fn() -> Code,
}

impl fmt::Debug for NftCollection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NftCollection")
            .field("name", &self.name)
            .field("weight", &self.weight)
            .field("classes", &self.classes)
            .field("listed", &self.listed)
            .finish_non_exhaustive()
    }
}

impl NftCollection {
    /// cw721-base, listed, all NFTs of the same weight.
    pub fn new(name: &str, weight: u128) -> Self {
        Self {
            name: name.to_owned(),
            weight,
            classes: Vec::new(),
            listed: true,
            code: contracts::collection,
        }
    }

    /// With NFTs of another weight whose id begins with this text.
    pub fn with_prefix(mut self, prefix: &str, weight: u128) -> Self {
        self.classes.push(Class {
            name: prefix.to_owned(),
            tokens: TokenRule::Prefix {
                prefix: prefix.to_owned(),
            },
            weight: Uint128::new(weight),
        });
        self
    }

    /// With NFTs of another weight whose id is a number from the first to the last.
    pub fn with_range(mut self, first: u64, last: u64, weight: u128) -> Self {
        self.classes.push(Class {
            name: format!("{first} to {last}"),
            tokens: TokenRule::Range { first, last },
            weight: Uint128::new(weight),
        });
        self
    }

    /// Not named to the delegation contract at instantiation.
    pub fn unlisted(mut self) -> Self {
        self.listed = false;
        self
    }

    /// With another code.
    pub fn with_code(mut self, code: fn() -> Code) -> Self {
        self.code = code;
        self
    }
}

/// [`GOLD`], [`PLAIN`] and [`WEIGHTS`].
pub(crate) fn default_collections() -> Vec<NftCollection> {
    let by_weight = weights().fold(NftCollection::new("weights", 0), |collection, weight| {
        collection.with_prefix(&format!("{weight}-"), weight)
    });
    vec![
        NftCollection::new("gold", 1_000).with_prefix("gold-", 10_000),
        NftCollection::new("plain", 1).with_range(1, 100, 500),
        by_weight,
    ]
}
