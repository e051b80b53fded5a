//! Which NFTs can be staked, and what they weigh.

use cosmwasm_std::{Addr, Api, DepsMut, Response, Storage};
use noderev_api::delegation::{Class, Collection, TokenRule, MAX_CLASSES, MAX_COLLECTIONS};
use noderev_components::{ensure_within, Account, Epoch, Packed, NOTICE_EPOCHS};

use super::done;
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{add_collection, collection_number, load_counts, save_counts, Rules, RULES};

/// The most that one NFT can weigh.
const MAX_WEIGHT: u128 = 1_000_000_000_000;
const MAX_NAME: u128 = 32;
const MAX_PREFIX: u128 = 64;

/// An allowed collection.
pub struct Allowed {
    pub number: u8,
    pub addr: Addr,
    /// What its NFTs weigh when staked now.
    pub rules: Rules,
}

impl Allowed {
    /// Refuses a collection whose NFTs cannot be staked in the running epoch.
    pub fn load(
        storage: &dyn Storage,
        api: &dyn Api,
        moment: &Moment,
        addr: Addr,
    ) -> Result<Self, Refusal> {
        let unknown = || ContractError::UnknownCollection {
            collection: addr.to_string(),
        };
        let number = collection_number(storage, &Account::of(api, &addr)?)?.ok_or_else(unknown)?;
        let rules = RULES.at(storage, &[number], moment.epoch)?;
        let rules = rules.ok_or_else(unknown)?;
        Ok(Self {
            number,
            addr,
            rules,
        })
    }

    /// The Quintessence of an NFT.
    pub fn weigh(&self, token_id: &str) -> Result<u128, Refusal> {
        match weigh(&self.rules, token_id) {
            (_, 0) => Err(ContractError::Weightless {
                collection: self.addr.to_string(),
                token_id: token_id.to_string(),
            }
            .into()),
            (_, weight) => Ok(weight),
        }
    }
}

/// An NFT's class, none for the collection's own weight, and its Quintessence.
pub fn weigh<'a>(rules: &'a Rules, token_id: &str) -> (Option<&'a str>, u128) {
    let class = rules.classes.iter().find(|class| fits(class, token_id));
    match class {
        Some(class) => (Some(&class.name), class.weight.u128()),
        None => (None, rules.weight),
    }
}

fn fits(class: &Class, token_id: &str) -> bool {
    match &class.tokens {
        TokenRule::Prefix { prefix } => token_id.starts_with(prefix.as_str()),
        TokenRule::Range { first, last } => {
            let number: Option<u64> = token_id.parse().ok();
            let canonical = number.filter(|number| number.to_string() == token_id);
            canonical.is_some_and(|number| (*first..=*last).contains(&number))
        }
    }
}

/// The hard bounds.
fn check(collection: &Collection) -> Result<Rules, Refusal> {
    ensure_within("weight", collection.weight.u128(), 0, MAX_WEIGHT)?;
    let count = collection.classes.len() as u128;
    ensure_within("number of classes", count, 0, MAX_CLASSES as u128)?;
    for class in &collection.classes {
        ensure_within("class name length", class.name.len() as u128, 1, MAX_NAME)?;
        ensure_within("class weight", class.weight.u128(), 0, MAX_WEIGHT)?;
        match &class.tokens {
            TokenRule::Prefix { prefix } => {
                ensure_within("prefix length", prefix.len() as u128, 1, MAX_PREFIX)?;
            }
            TokenRule::Range { first, last } if first > last => {
                return Err(ContractError::EmptyRange {
                    name: class.name.clone(),
                }
                .into());
            }
            TokenRule::Range { .. } => {}
        }
    }
    Ok(Rules {
        weight: collection.weight.u128(),
        classes: collection.classes.clone(),
    })
}

/// Allows collections from the first epoch on.
pub fn init(deps: DepsMut, first: Epoch, collections: &[Collection]) -> Result<(), Refusal> {
    for collection in collections {
        let rules = check(collection)?;
        let (account, known) = find(deps.storage, deps.api, &collection.collection)?;
        if known.is_some() {
            return Err(ContractError::CollectionExists {
                collection: collection.collection.clone(),
            }
            .into());
        }
        let number = register(deps.storage, &account)?;
        RULES.set(deps.storage, &[number], first, &rules)?;
    }
    Ok(())
}

fn find(
    storage: &dyn Storage,
    api: &dyn Api,
    collection: &str,
) -> Result<(Account, Option<u8>), Refusal> {
    let account = Account::parse(api, collection)?;
    let number = collection_number(storage, &account)?;
    Ok((account, number))
}

fn register(storage: &mut dyn Storage, account: &Account) -> Result<u8, Refusal> {
    let mut counts = load_counts(storage)?;
    let number = counts.collections;
    let count = usize::from(number).saturating_add(1);
    if count > MAX_COLLECTIONS {
        return Err(ContractError::TooManyCollections {
            count,
            max: MAX_COLLECTIONS,
        }
        .into());
    }
    counts.collections = number.saturating_add(1);
    save_counts(storage, &counts);
    add_collection(storage, account, number);
    Ok(number)
}

/// Queues what NFTs of a collection weigh, seven epochs after the next boundary.
pub fn set_collection(
    deps: DepsMut,
    moment: &Moment,
    collection: &Collection,
) -> Result<Response, Refusal> {
    let rules = check(collection)?;
    let (account, known) = find(deps.storage, deps.api, &collection.collection)?;
    let number = match known {
        Some(number) => number,
        None => register(deps.storage, &account)?,
    };
    if let Some(from) = queued(deps.storage, moment, number)? {
        return Err(ContractError::CollectionQueued {
            collection: collection.collection.clone(),
            from,
        }
        .into());
    }
    let from = moment.next().plus(NOTICE_EPOCHS);
    RULES.set(deps.storage, &number.to_packed(), from, &rules)?;
    let event = moment
        .event(deps.storage, "collection_queued")?
        .add_attribute("from_epoch", from.to_string())
        .add_attributes(describe(collection));
    Ok(done("set_collection", event))
}

/// A collection as attributes.
pub fn describe(collection: &Collection) -> Vec<(&'static str, String)> {
    let mut attributes = vec![
        ("collection", collection.collection.clone()),
        ("weight", collection.weight.to_string()),
    ];
    attributes.extend(collection.classes.iter().map(|class| {
        let tokens = match &class.tokens {
            TokenRule::Range { first, last } => format!("{first}..={last}"),
            TokenRule::Prefix { prefix } => format!("{prefix}*"),
        };
        ("class", format!("{}:{tokens}:{}", class.name, class.weight))
    }));
    attributes
}

fn queued(storage: &dyn Storage, moment: &Moment, number: u8) -> Result<Option<Epoch>, Refusal> {
    let newest = RULES.newest(storage, &[number])?;
    Ok(newest
        .map(|span| span.from)
        .filter(|from| *from > moment.epoch))
}

/// Drops a change that waits.
pub fn cancel_collection(
    deps: DepsMut,
    moment: &Moment,
    collection: String,
) -> Result<Response, Refusal> {
    let (_, number) = find(deps.storage, deps.api, &collection)?;
    let waiting = match number {
        Some(number) => queued(deps.storage, moment, number)?.map(|from| (number, from)),
        None => None,
    };
    let Some((number, from)) = waiting else {
        return Err(ContractError::NoCollectionQueued { collection }.into());
    };
    RULES.remove(deps.storage, &[number], from);
    let event = moment
        .event(deps.storage, "collection_cancelled")?
        .add_attribute("collection", collection)
        .add_attribute("from_epoch", from.to_string());
    Ok(done("cancel_collection", event))
}
