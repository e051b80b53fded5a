//! NFTs in, between delegations, and out.

use cosmwasm_std::{to_json_binary, Binary, Timestamp};
use cw721::msg::OwnerOfResponse;
use noderev_api::common::ParamsAtResponse;
use noderev_api::delegation::{
    DelegationId, ExecuteMsg, Nft, NftHook, NftInfo, NftResponse, NftsResponse, Params,
    PreviewJoinResponse, PreviewStakeResponse, QueryMsg, StakePreview, Standing, MAX_BATCH,
};
use noderev_chain::{ChainError, Message, Outcome};
use noderev_components::Epoch;
use noderev_economics::DORMANCY_EPOCHS;
use serde::Serialize;

use super::{ask, member, order, pages, DelegationError, Result, PAGE};
use crate::batches::{in_messages, MESSAGES};
use crate::moment::Moment;
use crate::Contracts;

/// What a collection is told.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum CollectionMsg {
    SendNft {
        contract: String,
        token_id: String,
        msg: Binary,
    },
    ApproveAll {
        operator: String,
        expires: Option<()>,
    },
    RevokeAll {
        operator: String,
    },
}

/// What a collection is asked.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum CollectionQuery {
    OwnerOf {
        token_id: String,
        include_expired: Option<bool>,
    },
    Operator {
        owner: String,
        operator: String,
        include_expired: Option<bool>,
    },
}

/// NFTs that can be staked.
#[derive(Clone, Debug)]
pub struct Staking {
    /// What they weigh together.
    pub quintessence: u128,
    /// The first epoch in which they count.
    pub from: Epoch,
    /// What it does to the delegation that they join.
    pub join: Option<PreviewJoinResponse>,
    /// The messages that stake them: all or none.
    pub messages: Vec<Message>,
}

/// Stakes the sender's NFTs of a collection, into a delegation or undelegated.
pub fn stake(
    contracts: &Contracts,
    sender: &str,
    collection: &str,
    tokens: &[String],
    delegation: Option<DelegationId>,
) -> Result<Staking> {
    let preview = weigh(contracts, collection, tokens)?;
    for token in tokens {
        ensure_own(contracts, sender, collection, token)?;
    }
    let weights = preview.nfts.iter().map(|nft| nft.quintessence.u128());
    let quintessence = weights.fold(0, u128::saturating_add);
    Ok(Staking {
        quintessence,
        from: preview.from,
        join: join(contracts, sender, delegation, quintessence)?,
        messages: staking(contracts, sender, collection, tokens, delegation)?,
    })
}

/// What NFTs would weigh; refuses those that can't be staked.
fn weigh(
    contracts: &Contracts,
    collection: &str,
    tokens: &[String],
) -> Result<PreviewStakeResponse> {
    let mut all: Option<PreviewStakeResponse> = None;
    for token_ids in in_messages("NFTs", tokens, MAX_BATCH)? {
        let page: PreviewStakeResponse = contracts.ask_delegation(&QueryMsg::PreviewStake {
            collection: collection.to_owned(),
            token_ids,
        })?;
        page.nfts
            .iter()
            .try_for_each(|nft| ensure_stakable(collection, nft))?;
        match &mut all {
            Some(all) => all.nfts.extend(page.nfts),
            None => all = Some(page),
        }
    }
    all.ok_or_else(|| ChainError::Message("no NFT".to_owned()).into())
}

fn ensure_stakable(collection: &str, nft: &StakePreview) -> Result<()> {
    let (collection, token) = (collection.to_owned(), nft.token_id.clone());
    match (nft.staked, nft.quintessence.is_zero()) {
        (true, _) => Err(DelegationError::Staked { collection, token }),
        (false, true) => Err(DelegationError::Weightless { collection, token }),
        (false, false) => Ok(()),
    }
}

fn ensure_own(contracts: &Contracts, sender: &str, collection: &str, token: &str) -> Result<()> {
    let query = CollectionQuery::OwnerOf {
        token_id: token.to_owned(),
        include_expired: None,
    };
    let held: OwnerOfResponse = contracts.client().smart(collection, &query)?;
    match held.owner == sender {
        true => Ok(()),
        false => Err(DelegationError::NotOwnNft {
            collection: collection.to_owned(),
            token: token.to_owned(),
            owner: held.owner,
            sender: sender.to_owned(),
        }),
    }
}

/// What joining does; refuses what the delegation refuses.
fn join(
    contracts: &Contracts,
    sender: &str,
    delegation: Option<DelegationId>,
    quintessence: u128,
) -> Result<Option<PreviewJoinResponse>> {
    let Some(delegation) = delegation else {
        return Ok(None);
    };
    let preview: PreviewJoinResponse = contracts.ask_delegation(&QueryMsg::PreviewJoin {
        delegation,
        quintessence: quintessence.into(),
        account: Some(sender.to_owned()),
    })?;
    match preview.refused {
        Some(reason) => Err(DelegationError::Joining(reason)),
        None => Ok(Some(preview)),
    }
}

/// One NFT is sent with what it is for. Several are fetched by the contract, so that they join
/// together; it is allowed to for this transaction only, unless it was before.
fn staking(
    contracts: &Contracts,
    sender: &str,
    collection: &str,
    tokens: &[String],
    delegation: Option<DelegationId>,
) -> Result<Vec<Message>> {
    let contract = contracts.delegation.clone();
    let tell = |msg: CollectionMsg| Message::execute(collection, &msg, Vec::new());
    if let [token] = tokens {
        let hook = to_json_binary(&NftHook::Stake { delegation });
        let hook = hook.map_err(|error| ChainError::Message(error.to_string()))?;
        let send = CollectionMsg::SendNft {
            contract,
            token_id: token.clone(),
            msg: hook,
        };
        return Ok(vec![tell(send)?]);
    }
    let mut messages = Vec::new();
    for token_ids in in_messages("NFTs", tokens, MAX_BATCH)? {
        let stake = ExecuteMsg::StakeNfts {
            collection: collection.to_owned(),
            token_ids,
            delegation,
        };
        messages.push(order(contracts, &stake)?);
    }
    if !may_fetch(contracts, sender, collection)? {
        let allow = CollectionMsg::ApproveAll {
            operator: contract.clone(),
            expires: None,
        };
        messages.insert(0, tell(allow)?);
        messages.push(tell(CollectionMsg::RevokeAll { operator: contract })?);
    }
    Ok(messages)
}

/// Whether the contract may move all NFTs of the sender.
fn may_fetch(contracts: &Contracts, sender: &str, collection: &str) -> Result<bool> {
    let query = CollectionQuery::Operator {
        owner: sender.to_owned(),
        operator: contracts.delegation.clone(),
        include_expired: None,
    };
    // A collection answers nobody it does not know with an error.
    match contracts
        .client()
        .smart::<serde_json::Value>(collection, &query)
    {
        Ok(_) => Ok(true),
        Err(error) if error.is_refusal() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What is left of an owner's part when it falls short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// His delegation.
    pub delegation: DelegationId,
    /// What is left of his part.
    pub own: u128,
    /// What it must be.
    pub required: u128,
    /// The first epoch without slots, unless he restores it.
    pub dormant_from: Epoch,
}

/// NFTs that can be moved.
#[derive(Clone, Debug)]
pub struct Moving {
    /// What they weigh together.
    pub quintessence: u128,
    /// What it does to the delegation that they join.
    pub join: Option<PreviewJoinResponse>,
    /// Whether the sender's own delegation falls short by it.
    pub short: Option<Short>,
    /// The messages that move them.
    pub messages: Vec<Message>,
}

/// Moves staked NFTs of the sender to another delegation, or out of any.
pub fn move_nfts(
    contracts: &Contracts,
    moment: &Moment,
    sender: &str,
    nfts: &[Nft],
    delegation: Option<DelegationId>,
) -> Result<Moving> {
    let staked = counting(contracts, sender, nfts)?;
    // What stays where it is does not join.
    let joining = weight(staked.iter().filter(|nft| nft.delegation != delegation));
    let leaving = staked.iter().filter(|nft| nft.delegation != delegation);
    let batches = in_messages("NFTs", nfts, MAX_BATCH)?;
    let messages = batches.map(|nfts| order(contracts, &ExecuteMsg::MoveNfts { nfts, delegation }));
    Ok(Moving {
        quintessence: weight(&staked),
        join: join(contracts, sender, delegation, joining)?,
        short: short(contracts, moment, sender, leaving)?,
        messages: messages.collect::<Result<_>>()?,
    })
}

/// NFTs that can leave.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// What they weigh together.
    pub quintessence: u128,
    /// When they can be withdrawn.
    pub withdrawable_at: Timestamp,
    /// Whether the sender's own delegation falls short by it.
    pub short: Option<Short>,
    /// The messages with which they leave.
    pub messages: Vec<Message>,
}

/// Lets staked NFTs of the sender leave at the next boundary.
pub fn leave(
    contracts: &Contracts,
    moment: &Moment,
    sender: &str,
    nfts: &[Nft],
) -> Result<Leaving> {
    let staked = counting(contracts, sender, nfts)?;
    let epoch = moment.epoch;
    let answer: ParamsAtResponse<Params> =
        contracts.ask_delegation(&QueryMsg::ParamsAt { epoch })?;
    let boundary = Timestamp::from_seconds(moment.clock.end_of(epoch));
    let batches = in_messages("NFTs", nfts, MAX_BATCH)?;
    let messages = batches.map(|nfts| order(contracts, &ExecuteMsg::UnstakeNfts { nfts }));
    Ok(Leaving {
        quintessence: weight(&staked),
        withdrawable_at: boundary.plus_seconds(answer.params.unbonding_period),
        short: short(contracts, moment, sender, staked.iter())?,
        messages: messages.collect::<Result<_>>()?,
    })
}

/// NFTs that count for the sender; refuses others.
fn counting(contracts: &Contracts, sender: &str, nfts: &[Nft]) -> Result<Vec<NftInfo>> {
    drop(in_messages("NFTs", nfts, MAX_BATCH)?);
    let staked = nfts.iter().map(|nft| {
        let staked = staked(contracts, nft)?;
        ensure_counts(sender, staked)
    });
    staked.collect()
}

fn staked(contracts: &Contracts, nft: &Nft) -> Result<NftInfo> {
    let query = QueryMsg::Nft { nft: nft.clone() };
    let answer: NftResponse = contracts.ask_delegation(&query)?;
    answer.nft.ok_or_else(|| DelegationError::NotStaked {
        collection: nft.collection.clone(),
        token: nft.token_id.clone(),
    })
}

/// The contract lets anybody return NFTs, to whoever staked them; nobody means to return others'.
fn ensure_staker(sender: &str, staked: &NftInfo) -> Result<()> {
    match staked.staker.as_str() == sender {
        true => Ok(()),
        false => Err(DelegationError::NotStaker {
            collection: staked.nft.collection.clone(),
            token: staked.nft.token_id.clone(),
            staker: staked.staker.to_string(),
            sender: sender.to_owned(),
        }),
    }
}

fn ensure_counts(sender: &str, staked: NftInfo) -> Result<NftInfo> {
    ensure_staker(sender, &staked)?;
    let (collection, token) = (staked.nft.collection.clone(), staked.nft.token_id.clone());
    match staked.withdrawable_at {
        Some(at) => Err(DelegationError::Leaving {
            collection,
            token,
            at,
        }),
        None => Ok(staked),
    }
}

fn weight<'a>(nfts: impl IntoIterator<Item = &'a NftInfo>) -> u128 {
    let weights = nfts.into_iter().map(|nft| nft.quintessence.u128());
    weights.fold(0, u128::saturating_add)
}

/// Whether the sender's own delegation falls short when these NFTs leave where they are.
fn short<'a>(
    contracts: &Contracts,
    moment: &Moment,
    sender: &str,
    leaving: impl Iterator<Item = &'a NftInfo>,
) -> Result<Option<Short>> {
    let Some(delegation) = member(contracts, sender)?.owns else {
        return Ok(None);
    };
    let lost = weight(leaving.filter(|nft| nft.delegation == Some(delegation)));
    let found = ask(contracts, delegation)?;
    let own = found.own_next.u128().saturating_sub(lost);
    let required = found.own_required.u128();
    let falls = found.own_next >= found.own_required && own < required;
    Ok(falls.then(|| Short {
        delegation,
        own,
        required,
        // A part that was short in the running epoch already is short since then, although it was
        // restored in between.
        dormant_from: match found.info.standing {
            Standing::Active {} => moment.next().plus(DORMANCY_EPOCHS),
            Standing::Short { dormant_from } => dormant_from,
            Standing::Dormant {} => moment.next(),
        },
    }))
}

/// NFTs that can be withdrawn.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// They.
    pub nfts: Vec<Nft>,
    /// How many more could be withdrawn, but don't fit into the transaction.
    pub left: usize,
    /// The messages that return them.
    pub messages: Vec<Message>,
}

/// Returns unstaked NFTs to the account: the named ones, or as many as can be withdrawn now and fit
/// into a transaction.
pub fn withdraw(
    contracts: &Contracts,
    moment: &Moment,
    account: &str,
    named: &[Nft],
) -> Result<Withdrawal> {
    let (nfts, left) = match named.is_empty() {
        true => {
            let mut ready = withdrawable(contracts, moment.now, account)?;
            let most = MAX_BATCH.saturating_mul(MESSAGES);
            let left = ready.len().saturating_sub(most);
            ready.truncate(most);
            (ready, left)
        }
        false => {
            let checked = named.iter().map(|nft| {
                let staked = staked(contracts, nft)?;
                ensure_withdrawable(account, moment.now, staked)
            });
            (checked.collect::<Result<_>>()?, 0)
        }
    };
    let batches = in_messages("NFTs", &nfts, MAX_BATCH)?;
    let messages = batches.map(|nfts| order(contracts, &ExecuteMsg::WithdrawNfts { nfts }));
    let messages = messages.collect::<Result<_>>()?;
    Ok(Withdrawal {
        nfts,
        left,
        messages,
    })
}

fn ensure_withdrawable(account: &str, now: Timestamp, staked: NftInfo) -> Result<Nft> {
    ensure_staker(account, &staked)?;
    let (collection, token) = (staked.nft.collection.clone(), staked.nft.token_id.clone());
    match staked.withdrawable_at {
        Some(at) if at <= now => Ok(staked.nft),
        Some(at) => Err(DelegationError::Leaving {
            collection,
            token,
            at,
        }),
        None => Err(DelegationError::Counts { collection, token }),
    }
}

/// All NFTs of an account that can be withdrawn now.
fn withdrawable(contracts: &Contracts, now: Timestamp, account: &str) -> Result<Vec<Nft>> {
    let query = |last: Option<&NftInfo>| QueryMsg::Nfts {
        account: account.to_owned(),
        start_after: last.map(|one| one.nft.clone()),
        limit: Some(PAGE),
    };
    let all = pages(contracts, query, |answer: NftsResponse| answer.nfts)?;
    let times = all.iter().filter_map(|nft| nft.withdrawable_at);
    let next = times.min();
    let ready = all.into_iter();
    let ready = ready.filter(|nft| nft.withdrawable_at.is_some_and(|at| at <= now));
    let ready: Vec<Nft> = ready.map(|one| one.nft).collect();
    match ready.is_empty() {
        true => Err(DelegationError::NothingToWithdraw {
            account: account.to_owned(),
            next,
        }),
        false => Ok(ready),
    }
}

/// What became of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Returned {
    /// NFTs that their collection did not give back, and why: they can be withdrawn again.
    pub refused: Vec<(Nft, String)>,
}

/// What a transaction tells of NFTs that were not given back.
pub fn returned(outcome: &Outcome) -> Returned {
    let events = outcome.events.iter();
    let refused = events.filter(|event| event.ty.ends_with("nft_return_refused"));
    let refused = refused.map(|event| {
        let field = |name: &str| {
            let mut fields = event.attributes.iter();
            let field = fields.find(|field| field.key == name);
            field.map(|field| field.value.clone()).unwrap_or_default()
        };
        let nft = Nft {
            collection: field("collection"),
            token_id: field("token_id"),
        };
        (nft, field("reason"))
    });
    Returned {
        refused: refused.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{to_json_string, Addr, Event, Uint128};
    use noderev_api::registry;
    use serde_json::{json, Value};

    fn info(withdrawable_at: Option<u64>) -> NftInfo {
        NftInfo {
            nft: Nft {
                collection: "wasm1c".into(),
                token_id: "7".into(),
            },
            staker: Addr::unchecked("wasm1a"),
            quintessence: Uint128::new(5),
            delegation: None,
            withdrawable_at: withdrawable_at.map(Timestamp::from_seconds),
        }
    }

    /// The registry is a collection, too.
    #[test]
    fn collections_are_told_and_asked_what_cw721_takes() {
        let takes = |message: &CollectionMsg| {
            let sent = serde_json::to_value(message).unwrap();
            let read: registry::ExecuteMsg = serde_json::from_value(sent.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), sent);
        };
        takes(&CollectionMsg::SendNft {
            contract: "wasm1d".into(),
            token_id: "7".into(),
            msg: Binary::from(b"{}"),
        });
        let operator = "wasm1d".to_owned();
        takes(&CollectionMsg::ApproveAll {
            operator: operator.clone(),
            expires: None,
        });
        takes(&CollectionMsg::RevokeAll { operator });
        let asked = to_json_string(&CollectionQuery::OwnerOf {
            token_id: "7".into(),
            include_expired: None,
        });
        let asked: Value = serde_json::from_str(&asked.unwrap()).unwrap();
        let expected = json!({ "owner_of": { "token_id": "7", "include_expired": null } });
        assert_eq!(asked, expected);
    }

    #[test]
    fn an_nft_counts_until_it_leaves_and_is_withdrawn_when_its_time_has_come() {
        let now = Timestamp::from_seconds(100);
        assert!(ensure_counts("wasm1a", info(None)).is_ok());
        let refused = |result: Result<NftInfo>| result.unwrap_err().to_string();
        assert_eq!(
            refused(ensure_counts("wasm1b", info(None))),
            "NFT 7 of wasm1c was staked by wasm1a, not by wasm1b"
        );
        assert_eq!(
            refused(ensure_counts("wasm1a", info(Some(101)))),
            "NFT 7 of wasm1c is on its way out and can be withdrawn 1970-01-01T00:01:41Z"
        );
        let withdraws = |account, at| {
            let nft = ensure_withdrawable(account, now, info(at));
            nft.map_err(|error| error.to_string())
        };
        assert!(withdraws("wasm1a", Some(100)).is_ok());
        assert!(withdraws("wasm1a", Some(101)).is_err());
        let refused = |account, at| withdraws(account, at).unwrap_err();
        assert_eq!(
            refused("wasm1a", None),
            "NFT 7 of wasm1c counts: leave with it first"
        );
        assert_eq!(
            refused("wasm1b", Some(100)),
            "NFT 7 of wasm1c was staked by wasm1a, not by wasm1b"
        );
    }

    #[test]
    fn what_a_collection_keeps_is_told() {
        let event = |kind: &str| {
            Event::new(kind).add_attributes([
                ("collection", "wasm1c"),
                ("token_id", "7"),
                ("reason", "frozen"),
            ])
        };
        let outcome = Outcome {
            hash: String::new(),
            height: 1,
            gas_wanted: 1,
            gas_used: 1,
            events: vec![
                event("wasm-delegation_nft_released"),
                event("wasm-delegation_nft_return_refused"),
            ],
        };
        let refused = vec![(info(None).nft, "frozen".to_owned())];
        assert_eq!(returned(&outcome), Returned { refused });
    }
}
