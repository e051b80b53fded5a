//! The section `[delegation]` of `network.toml`.

use serde::{Deserialize, Serialize};

use super::fields::{checked, units};

/// Most entries of the schedule, most collections, and most classes of one.
const MAX_MINTS: usize = 64;
const MAX_LIST: usize = 32;
/// Most units per epoch, 10^30.
const MAX_MINT: u128 = 1_000_000_000_000_000_000_000_000_000_000;
/// Longest name of a collection or class, and longest prefix, in bytes.
const MAX_NAME: usize = 32;
const MAX_PREFIX: usize = 64;

/// Delegations: what is minted for them, and what NFTs weigh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelegationRules {
    /// Symbol of the token that is minted: 3 to 12 letters and hyphens.
    pub token: String,
    /// Digits after the point of a whole token, 0 to 18; default 6.
    #[serde(
        default = "default_decimals",
        deserialize_with = "checked::between_u32::<_, 0, 18>"
    )]
    pub decimals: u32,
    /// Quintessence per validator slot, default 20,000.
    #[serde(
        default = "default_slot_size",
        deserialize_with = "checked::between::<_, 1, 1_000_000_000_000>"
    )]
    pub slot_size: u64,
    /// Own Quintessence that a new delegation needs, default 10,000.
    #[serde(
        default = "default_own_quintessence",
        deserialize_with = "checked::between::<_, 1, 1_000_000_000_000>"
    )]
    pub own_quintessence: u64,
    /// From the boundary at which an NFT stops counting to its return: 0 to 2,592,000, default 0.
    #[serde(default, deserialize_with = "checked::between::<_, 0, 2_592_000>")]
    pub unbonding_period_s: u64,
    /// What is minted at most, by ascending first epoch; nothing before the first.
    pub schedule: Vec<Mint>,
    /// Whose NFTs can be staked, 1 to 32.
    pub collections: Vec<Collection>,
}

/// An entry of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mint {
    /// First epoch with this amount.
    pub from: u32,
    /// Smallest units per epoch, 0 to 10^30; what is too large for a number is text.
    #[serde(with = "units")]
    pub amount: u128,
}

/// A collection of NFTs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// Its name in the files.
    pub name: String,
    /// Quintessence of an NFT in no class; 0, the default: such NFTs can't be staked.
    #[serde(
        default,
        deserialize_with = "checked::between::<_, 0, 1_000_000_000_000>"
    )]
    pub weight: u64,
    /// The first one that a token id fits counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Class>,
}

/// A class of NFTs within a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawClass", into = "RawClass")]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Which NFTs.
    pub tokens: Tokens,
    /// Quintessence of each.
    pub weight: u64,
}

/// Which token ids belong to a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// Numbers from the first to the last.
    Range(u64, u64),
    /// Ids that begin with this text.
    Prefix(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClass {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    weight: u64,
}

impl TryFrom<RawClass> for Class {
    type Error = String;

    fn try_from(raw: RawClass) -> Result<Self, String> {
        let tokens = match (raw.first, raw.last, raw.prefix) {
            (Some(first), Some(last), None) => Tokens::Range(first, last),
            (None, None, Some(prefix)) => Tokens::Prefix(prefix),
            _ => return Err("a class is either `first` and `last`, or `prefix`".into()),
        };
        Ok(Self {
            name: raw.name,
            tokens,
            weight: raw.weight,
        })
    }
}

impl From<Class> for RawClass {
    fn from(class: Class) -> Self {
        let (first, last, prefix) = match class.tokens {
            Tokens::Range(first, last) => (Some(first), Some(last), None),
            Tokens::Prefix(prefix) => (None, None, Some(prefix)),
        };
        Self {
            name: class.name,
            first,
            last,
            prefix,
            weight: class.weight,
        }
    }
}

impl DelegationRules {
    /// Rules with a schedule and collections, the rest at their defaults.
    pub fn new(token: &str, schedule: Vec<Mint>, collections: Vec<Collection>) -> Self {
        Self {
            token: token.to_owned(),
            decimals: default_decimals(),
            slot_size: default_slot_size(),
            own_quintessence: default_own_quintessence(),
            unbonding_period_s: 0,
            schedule,
            collections,
        }
    }

    /// What the schedule mints at most for an epoch.
    pub fn scheduled(&self, epoch: u64) -> u128 {
        let mut newest = self.schedule.iter().rev();
        let begun = newest.find(|mint| u64::from(mint.from) <= epoch);
        begun.map_or(0, |mint| mint.amount)
    }

    /// The first fault that concerns several fields.
    pub(super) fn fault(&self) -> Option<String> {
        self.token_fault()
            .or_else(|| self.schedule_fault())
            .or_else(|| self.collections_fault())
    }

    fn token_fault(&self) -> Option<String> {
        let letter = |b: u8| b.is_ascii_alphabetic() || b == b'-';
        let fine = (3..=12).contains(&self.token.len()) && self.token.bytes().all(letter);
        let reason = format!(
            "delegation: token `{}` is no symbol: 3 to 12 letters and hyphens",
            self.token
        );
        (!fine).then_some(reason)
    }

    fn schedule_fault(&self) -> Option<String> {
        let entries = self.schedule.len();
        if !(1..=MAX_MINTS).contains(&entries) {
            return Some(format!(
                "delegation: {entries} entries in the schedule, 1 to {MAX_MINTS} are possible"
            ));
        }
        if let Some(mint) = self.schedule.iter().find(|mint| mint.amount > MAX_MINT) {
            return Some(format!(
                "delegation: a mint of {} is larger than {MAX_MINT}",
                mint.amount
            ));
        }
        let pairs = self.schedule.windows(2);
        let mut falling = pairs.filter(|pair| pair[0].from >= pair[1].from);
        falling.next().map(|pair| {
            format!(
                "delegation: the schedule has epoch {} after epoch {}",
                pair[1].from, pair[0].from
            )
        })
    }

    fn collections_fault(&self) -> Option<String> {
        let count = self.collections.len();
        if !(1..=MAX_LIST).contains(&count) {
            return Some(format!(
                "delegation: {count} collections, 1 to {MAX_LIST} are possible"
            ));
        }
        let names: Vec<&str> = self
            .collections
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        if let Some(i) = super::faults::first_repeated(&names) {
            return Some(format!(
                "delegation: collection `{}` occurs twice",
                names[i]
            ));
        }
        self.collections.iter().find_map(Collection::fault)
    }
}

impl Collection {
    /// What an NFT of it weighs; 0: it can't be staked.
    pub fn weight_of(&self, token_id: &str) -> u128 {
        let class = self.classes.iter().find(|class| class.has(token_id));
        class.map_or(self.weight, |class| class.weight).into()
    }

    fn fault(&self) -> Option<String> {
        let name = &self.name;
        if !is_name(name) {
            return Some(format!(
                "delegation: collection `{name}` needs a name of 1 to {MAX_NAME} bytes without \
                 commas"
            ));
        }
        if self.classes.len() > MAX_LIST {
            let count = self.classes.len();
            return Some(format!(
                "delegation: collection `{name}` has {count} classes, {MAX_LIST} are possible"
            ));
        }
        let bad = self.classes.iter().find(|class| !class.is_fine())?;
        Some(format!(
            "delegation: class `{}` of collection `{name}` has a wrong name, range, prefix or \
             weight",
            bad.name
        ))
    }
}

impl Class {
    fn has(&self, token_id: &str) -> bool {
        match &self.tokens {
            Tokens::Prefix(prefix) => token_id.starts_with(prefix),
            Tokens::Range(first, last) => {
                let number = token_id.parse::<u64>().ok();
                let number = number.filter(|number| number.to_string() == token_id);
                number.is_some_and(|number| (*first..=*last).contains(&number))
            }
        }
    }

    fn is_fine(&self) -> bool {
        let tokens = match &self.tokens {
            Tokens::Range(first, last) => first <= last,
            Tokens::Prefix(prefix) => (1..=MAX_PREFIX).contains(&prefix.len()),
        };
        tokens && is_name(&self.name) && self.weight <= 1_000_000_000_000
    }
}

fn is_name(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_graphic() && b != b',';
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(fine)
}

fn default_decimals() -> u32 {
    6
}

/// Quintessence per slot, if a network does not say.
pub(crate) const fn default_slot_size() -> u64 {
    20_000
}

/// Own Quintessence of a new delegation, if a network does not say.
pub(crate) const fn default_own_quintessence() -> u64 {
    10_000
}
