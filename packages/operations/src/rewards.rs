//! What an account is owed, and claiming it.

use std::collections::{BTreeMap, BTreeSet};

use noderev_api::common::{ClaimSummary, RoleAmount};
use noderev_api::distributor::{AccountResponse, ClaimableKey, PreviewClaimResponse, MAX_BATCH};
use noderev_api::{delegation, distributor};
use noderev_chain::{ChainError, Client, Message, Outcome, Result, Signer};
use noderev_components::{Denom, KeyId};
use serde::Serialize;

use crate::batches::MESSAGES;
use crate::due::{Dues, Unsettled};
use crate::Contracts;

/// The role in which keys earn.
const NODES: &str = "nodes";
/// Keys of a page.
const PAGE: u32 = 100;
/// Most transactions of one claim.
const MOST_CALLS: usize = 1_000;

/// An amount in a role: `nodes`, `pool`, `treasury`, `members`, `commission`, `bonds`...
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// What for.
    pub role: String,
    /// The currency.
    pub denom: Denom,
    /// Smallest units.
    #[serde(with = "units")]
    pub amount: u128,
}

/// What a claim did.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// Transactions, in order.
    pub outcomes: Vec<Outcome>,
    /// What they paid, by role and currency.
    pub paid: Vec<Due>,
}

/// What closed epochs owe an account.
#[derive(Clone, Debug, Default)]
pub struct Owed {
    /// By role and currency.
    pub due: Vec<Due>,
    /// What owes more that nobody can tell before it is settled.
    pub unsettled: Unsettled,
}

/// Everything that closed epochs owe an account.
pub fn due(contracts: &Contracts, account: &str) -> Result<Owed> {
    let pages = account_pages(contracts, account)?;
    let keys = pages.iter().flat_map(|page| &page.keys);
    let keys: Vec<KeyId> = keys.map(|key| key.key).collect();
    let Dues { amounts, unsettled } = Dues::ask(contracts, account, &keys)?;
    let mut sums = Sums::default();
    for ((denom, role), amount) in amounts {
        sums.put(&role, denom, amount);
    }
    let due = sums.list();
    Ok(Owed { due, unsettled })
}

/// Keys that have earned an account something that is not settled, of `denom` alone if it is given, as
/// far as the contract sees them at once; if it sees none, those that it sees only when it is asked for
/// fewer.
fn keys_due(contracts: &Contracts, account: &str, denom: Option<&Denom>) -> Result<Vec<KeyId>> {
    let (due, others) = keys_seen(contracts, account, denom)?;
    match due.is_empty() {
        true => keys_hidden(contracts, account, &others, denom),
        false => Ok(due),
    }
}

/// An account's keys, each once: those that have earned it something that is not settled, of `denom`
/// alone if it is given, as far as the contract sees them at once; and the others.
pub(crate) fn keys_seen(
    contracts: &Contracts,
    account: &str,
    denom: Option<&Denom>,
) -> Result<(Vec<KeyId>, Vec<KeyId>)> {
    let pages = account_pages(contracts, account)?;
    let keys = pages.iter().flat_map(|page| &page.keys);
    let is_due = |key: &&ClaimableKey| {
        let mut due = key.amounts.iter().filter(|due| !due.amount.is_zero());
        due.any(|due| is_of(&due.denom, denom))
    };
    let (due, others): (Vec<_>, Vec<_>) = keys.partition(is_due);
    let numbers = |keys: Vec<&ClaimableKey>| keys.iter().map(|key| key.key).collect();
    Ok((numbers(due), numbers(others)))
}

/// Of keys that seem to have earned nothing those that stand behind others of many owners, and those of
/// more owners than one message goes through.
fn keys_hidden(
    contracts: &Contracts,
    account: &str,
    keys: &[KeyId],
    denom: Option<&Denom>,
) -> Result<Vec<KeyId>> {
    let others = preview_nodes(contracts, account, Some(Vec::new()))?;
    let others = sum(&others.amounts, denom);
    let mut hidden = Vec::new();
    preview_parts(contracts, account, keys, |keys, told| {
        if told.is_none_or(|told| sum(&told.amounts, denom) > others) {
            hidden.extend(keys);
        }
    })?;
    Ok(hidden)
}

fn sum(amounts: &[RoleAmount], denom: Option<&Denom>) -> u128 {
    let nodes = amounts.iter().filter(|due| due.role == NODES);
    let nodes = nodes.filter(|due| is_of(&due.denom, denom));
    nodes.fold(0, |sum, due| sum.saturating_add(due.amount.u128()))
}

fn is_of(currency: &Denom, wanted: Option<&Denom>) -> bool {
    wanted.is_none_or(|wanted| wanted == currency)
}

/// Asks what an account is owed if keys are settled, in parts that one message settles to the end. `tell`
/// is told of each part; of a key of more owners than a message goes through no answer.
pub(crate) fn preview_parts(
    contracts: &Contracts,
    account: &str,
    keys: &[KeyId],
    mut tell: impl FnMut(&[KeyId], Option<&PreviewClaimResponse>),
) -> Result<()> {
    let mut parts: Vec<&[KeyId]> = keys.chunks(MAX_BATCH).rev().collect();
    while let Some(keys) = parts.pop() {
        let told = preview_nodes(contracts, account, Some(keys.to_vec()))?;
        match (told.summary.remaining, keys.len()) {
            (0, _) => tell(keys, Some(&told)),
            (_, 0 | 1) => tell(keys, None),
            (_, length) => {
                let (first, rest) = keys.split_at(length.div_euclid(2));
                parts.extend([rest, first]);
            }
        }
    }
    Ok(())
}

/// All pages of what the distributor knows of an account; each key is on one of them.
fn account_pages(contracts: &Contracts, account: &str) -> Result<Vec<AccountResponse>> {
    let mut pages: Vec<AccountResponse> = Vec::new();
    let mut seen = BTreeSet::new();
    loop {
        let start_after = pages.last().and_then(|page| page.next.clone());
        let mut page: AccountResponse =
            contracts.ask_distributor(&distributor::QueryMsg::Account {
                account: account.to_owned(),
                start_after,
                limit: Some(PAGE),
            })?;
        leave_out(&mut page, &mut seen);
        let ended = page.next.is_none();
        pages.push(page);
        if ended {
            return Ok(pages);
        }
    }
}

/// Takes off a page what an earlier one had: a key that was sold and bought again is among the former
/// keys and among the present ones.
fn leave_out(page: &mut AccountResponse, seen: &mut BTreeSet<KeyId>) {
    let (new, again): (Vec<_>, Vec<_>) = std::mem::take(&mut page.keys)
        .into_iter()
        .partition(|key| seen.insert(key.key));
    page.keys = new;
    for amount in again.iter().flat_map(|key| &key.amounts) {
        let mut sums = page.claimable.iter_mut();
        let sum = sums.find(|sum| sum.role == NODES && sum.denom == amount.denom);
        if let Some(sum) = sum {
            sum.amount = sum.amount.saturating_sub(amount.amount);
        }
    }
    page.claimable.retain(|sum| !sum.amount.is_zero());
}

/// The messages of the next transaction of a claim; none if there is nothing to claim, or to settle.
/// Revenue first, and nothing beside it: mint's rewards that their token refuses must not hold it up.
/// Settling alone goes by what is not settled, not by what is owed, which still is then: keys that are
/// due, and what one message does not settle to the end. The claim that pays settles the rest.
pub fn next_claim(contracts: &Contracts, account: &str, how: &How) -> Result<Vec<Message>> {
    let round = Round::next(contracts, account, None)?;
    let is_due = round.settles || !how.settle_only;
    let batches = round.batches.into_iter().filter(|_| is_due);
    let messages = batches.map(|keys| {
        let msg = how.on_distributor(Some(keys));
        Message::execute(&contracts.distributor, &msg, Vec::new())
    });
    let mut messages = messages.collect::<Result<Vec<_>>>()?;
    if !messages.is_empty() {
        return Ok(messages);
    }
    let members = preview_delegations(contracts, account)?;
    let is_due = match how.settle_only {
        true => members.summary.next,
        false => due_now(&members.amounts, &members.summary),
    };
    if is_due {
        let msg = how.on_delegation();
        messages.push(Message::execute(&contracts.delegation, &msg, Vec::new())?);
    }
    Ok(messages)
}

/// What one transaction settles of what the distributor owes an account.
pub(crate) struct Round {
    /// Keys that each message names; no message if nothing is due.
    pub batches: Vec<Vec<KeyId>>,
    /// Keys that are due and don't fit into the transaction.
    pub left: usize,
    /// Whether it settles keys that are due, or of a pool stake what nobody can tell before.
    pub settles: bool,
}

impl Round {
    /// The next one; of the keys those that are due `denom` alone, if it is given.
    pub(crate) fn next(
        contracts: &Contracts,
        account: &str,
        denom: Option<&Denom>,
    ) -> Result<Self> {
        let keys = keys_due(contracts, account, denom)?;
        let others = preview_nodes(contracts, account, Some(Vec::new()))?;
        let batches = batches(&keys, due_now(&others.amounts, &others.summary));
        let most = MAX_BATCH.saturating_mul(MESSAGES);
        let left = keys.len().saturating_sub(most);
        let settles = !keys.is_empty() || others.summary.next;
        Ok(Self {
            batches,
            left,
            settles,
        })
    }
}

/// All keys that are due, as many as fit into a transaction; an empty list, which settles the pool stake
/// alone, if only other things are. Keys that are not named cost two questions to the registry, and if
/// there are many three times as much; what is due is asked beforehand, for nothing.
fn batches(keys: &[KeyId], others: bool) -> Vec<Vec<KeyId>> {
    match (keys.is_empty(), others) {
        (false, _) => {
            let batches = keys.chunks(MAX_BATCH).take(MESSAGES);
            batches.map(<[KeyId]>::to_vec).collect()
        }
        (true, true) => vec![Vec::new()],
        (true, false) => Vec::new(),
    }
}

/// Where to and what for a claim is.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// Whose, if not the sender's.
    pub account: Option<String>,
    /// Where to, instead of the payee.
    pub to: Option<String>,
    /// Whether it only settles, as far as [`next_claim`] says, and pays nothing.
    pub settle_only: bool,
}

impl How {
    fn on_distributor(&self, keys: Option<Vec<KeyId>>) -> distributor::ExecuteMsg {
        let (account, to) = (self.account.clone(), self.to.clone());
        match self.settle_only {
            true => distributor::ExecuteMsg::Settle { account, keys },
            false => distributor::ExecuteMsg::Claim {
                account,
                keys,
                denoms: None,
                to,
            },
        }
    }

    fn on_delegation(&self) -> delegation::ExecuteMsg {
        let (account, to) = (self.account.clone(), self.to.clone());
        match self.settle_only {
            true => delegation::ExecuteMsg::Settle {
                account,
                delegations: None,
            },
            false => delegation::ExecuteMsg::Claim {
                account,
                delegations: None,
                to,
            },
        }
    }
}

/// Claims until nothing is left; `progress` is told after each transaction. Stopped anywhere, what
/// was paid is paid and the rest is still owed. If the chain fails half-way, what was done until then
/// is answered beside why.
pub fn claim(
    contracts: &Contracts,
    client: &Client,
    signer: &mut Signer,
    how: &How,
    mut progress: impl FnMut(&Outcome),
) -> (Claimed, Result<()>) {
    let account = how.account.clone();
    let account = account.unwrap_or_else(|| signer.address().to_owned());
    let mut sums = Sums::default();
    let mut outcomes = Vec::new();
    let result = loop {
        if outcomes.len() >= MOST_CALLS {
            break Err(ChainError::answer(
                "claim",
                format!("{account} has claimed {MOST_CALLS} times and there is more"),
            ));
        }
        match step(contracts, client, signer, &account, how) {
            Ok(None) => break Ok(()),
            Ok(Some(outcome)) => {
                sums.add_events(&outcome);
                progress(&outcome);
                outcomes.push(outcome);
            }
            Err(error) => break Err(error),
        }
    };
    let paid = sums.list();
    (Claimed { outcomes, paid }, result)
}

/// One transaction; none if there is nothing left to claim, or to settle.
fn step(
    contracts: &Contracts,
    client: &Client,
    signer: &mut Signer,
    account: &str,
    how: &How,
) -> Result<Option<Outcome>> {
    let messages = next_claim(contracts, account, how)?;
    match messages.is_empty() {
        true => Ok(None),
        false => signer.execute(client, &messages).map(Some),
    }
}

fn due_now(amounts: &[RoleAmount], summary: &ClaimSummary) -> bool {
    amounts.iter().any(|due| !due.amount.is_zero()) || summary.next
}

pub(crate) fn preview_nodes(
    contracts: &Contracts,
    account: &str,
    keys: Option<Vec<KeyId>>,
) -> Result<PreviewClaimResponse> {
    contracts.ask_distributor(&distributor::QueryMsg::PreviewClaim {
        account: account.to_owned(),
        keys,
    })
}

fn preview_delegations(
    contracts: &Contracts,
    account: &str,
) -> Result<delegation::PreviewClaimResponse> {
    contracts.ask_delegation(&delegation::QueryMsg::PreviewClaim {
        account: account.to_owned(),
        delegations: None,
    })
}

/// Sums by role and currency.
#[derive(Default)]
struct Sums(BTreeMap<(String, Denom), u128>);

impl Sums {
    /// What a transaction's payouts announce: `role:currency:amount`.
    fn add_events(&mut self, outcome: &Outcome) {
        let paid = outcome
            .events
            .iter()
            .filter(|event| event.ty.ends_with("_paid"));
        let fields = paid.flat_map(|event| &event.attributes);
        for field in fields.filter(|field| field.key == "amount") {
            if let Some((role, denom, amount)) = parse(&field.value) {
                self.put(role, denom, amount);
            }
        }
    }

    fn put(&mut self, role: &str, denom: Denom, amount: u128) {
        if amount > 0 {
            let sum = self.0.entry((role.to_owned(), denom)).or_default();
            *sum = sum.saturating_add(amount);
        }
    }

    fn list(self) -> Vec<Due> {
        let due = |((role, denom), amount)| Due {
            role,
            denom,
            amount,
        };
        self.0.into_iter().map(due).collect()
    }
}

fn parse(text: &str) -> Option<(&str, Denom, u128)> {
    let (role, rest) = text.split_once(':')?;
    let (denom, amount) = rest.rsplit_once(':')?;
    let denom = match denom.split_once(':')? {
        ("native", name) => Denom::Native(name.to_owned()),
        ("cw20", token) => Denom::Cw20(token.to_owned()),
        _ => return None,
    };
    Some((role, denom, amount.parse().ok()?))
}

/// Amounts as decimal text: JSON's numbers end at 2^53.
pub(crate) mod units {
    use serde::Serializer;

    pub(crate) fn serialize<S: Serializer>(amount: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&amount.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Addr, Event, Timestamp, Uint128};
    use noderev_components::{Amount, AsOf, Epoch};

    #[test]
    fn what_payouts_announce_is_summed_by_role_and_currency() {
        let paid = |kind: &str, amounts: &[&str]| {
            let fields = amounts.iter().map(|amount| ("amount", *amount));
            Event::new(kind).add_attributes(fields)
        };
        let outcome = Outcome {
            hash: String::new(),
            height: 1,
            gas_wanted: 1,
            gas_used: 1,
            events: vec![
                paid(
                    "wasm-distributor_paid",
                    &["nodes:native:uusdc:7", "pool:cw20:token:2"],
                ),
                paid("wasm-delegation_paid", &["members:cw20:token:5"]),
                paid(
                    "wasm-distributor_paid",
                    &["nodes:native:factory/a:b/c:1", "nodes:native:uusdc:3"],
                ),
                paid("transfer", &["nodes:native:uusdc:9"]),
            ],
        };
        let mut sums = Sums::default();
        sums.add_events(&outcome);
        let due = |role: &str, denom: Denom, amount| (role.to_owned(), denom, amount);
        let native = |name: &str| Denom::Native(name.to_owned());
        let token = Denom::Cw20("token".to_owned());
        let listed = sums
            .list()
            .into_iter()
            .map(|due| (due.role, due.denom, due.amount));
        let expected = [
            due("members", token.clone(), 5),
            due("nodes", native("factory/a:b/c"), 1),
            due("nodes", native("uusdc"), 10),
            due("pool", token, 2),
        ];
        assert_eq!(listed.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn messages_name_the_keys_that_are_due() {
        let keys = |count: u32| (1..=count).map(KeyId).collect::<Vec<_>>();
        let named = |count, others| {
            let batches = batches(&keys(count), others).into_iter();
            batches.map(|keys| keys.len()).collect::<Vec<_>>()
        };
        assert!(named(0, false).is_empty());
        assert_eq!(named(0, true), [0]);
        assert_eq!(named(3, false), [3]);
        assert_eq!(named(101, true), [100, 1]);
        assert_eq!(named(4_732, true), [100; 5]);
        assert_eq!(batches(&keys(2), true), [keys(2)]);
    }

    #[test]
    fn a_key_on_two_pages_counts_once() {
        let usdc = Denom::Native("uusdc".into());
        let page = |owed: u128, keys: &[(u32, u128)]| AccountResponse {
            payee: Addr::unchecked("me"),
            self_claim_only: false,
            claimable: vec![RoleAmount {
                role: "nodes".into(),
                denom: usdc.clone(),
                amount: Uint128::new(owed),
            }],
            keys: keys
                .iter()
                .map(|(key, amount)| ClaimableKey {
                    key: KeyId(*key),
                    owned: true,
                    settled: Epoch(0),
                    unclosed: 0,
                    amounts: vec![Amount {
                        denom: usdc.clone(),
                        amount: Uint128::new(*amount),
                    }],
                })
                .collect(),
            next: None,
            receipts: vec![],
            as_of: AsOf {
                height: 1,
                time: Timestamp::from_seconds(1),
                seq: 1,
            },
        };
        let mut seen = BTreeSet::new();
        let told = |page: &AccountResponse| {
            let owed: Vec<u128> = page.claimable.iter().map(|it| it.amount.u128()).collect();
            let keys: Vec<u32> = page.keys.iter().map(|key| key.key.0).collect();
            (owed, keys)
        };
        let mut first = page(100 + 5, &[(3, 2), (8, 3)]);
        leave_out(&mut first, &mut seen);
        assert_eq!(told(&first), (vec![105], vec![3, 8]));
        let mut second = page(10, &[(8, 3), (9, 7)]);
        leave_out(&mut second, &mut seen);
        assert_eq!(told(&second), (vec![7], vec![9]));
        let mut third = page(7, &[(9, 7)]);
        leave_out(&mut third, &mut seen);
        assert_eq!(told(&third), (vec![], vec![]));
    }

    #[test]
    fn a_claim_is_due_if_it_pays_or_would_settle_more() {
        let summary = |next| ClaimSummary {
            settled: 0,
            remaining: 0,
            next,
        };
        let due = |amount: u128| RoleAmount {
            role: "nodes".into(),
            denom: Denom::Native("uusdc".into()),
            amount: Uint128::new(amount),
        };
        assert!(!due_now(&[], &summary(false)));
        assert!(!due_now(&[due(0)], &summary(false)));
        assert!(due_now(&[due(1)], &summary(false)));
        assert!(due_now(&[], &summary(true)));
    }
}
