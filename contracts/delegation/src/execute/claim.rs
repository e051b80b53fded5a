//! Paying out: settle, then pay what is owed, by pull.

use cosmwasm_std::{Addr, Api, Attribute, DepsMut, Response, Storage};
use noderev_api::delegation::{ClaimSummary, DelegationId, CLAIM_PAGE};
use noderev_components::{
    each, Account, Batch, ChartOfAccounts, Credit, Denom, Packed, Party, Payout, Place, StdResult,
};

use super::{done, mint};
use crate::error::Refusal;
use crate::moment::Moment;
use crate::settlement::{SettledMember, Settler, Walk};
use crate::stakes::load_terms;
use crate::state::{
    buckets, load_account, load_token, save_account, AccountStake, Index, Settled, INDEXES, PAYOUTS,
};

const DELEGATIONS: Batch = Batch::new("delegation", "delegations", CLAIM_PAGE);

/// The only currency, and the two ways of earning it.
pub struct Chart<'a>(pub &'a Addr);

impl ChartOfAccounts for Chart<'_> {
    fn denom(&self, _denom: u8) -> Denom {
        Denom::Cw20(self.0.to_string())
    }
    fn bucket(&self, bucket: u8) -> &'static str {
        match bucket {
            buckets::COMMISSION => "commission",
            _ => "members",
        }
    }
    fn place(&self, _bucket: u8) -> Place {
        Place::Bucket(buckets::REWARDS)
    }
}

/// What settling an account's delegations does.
pub struct Settlement<'a> {
    stake: AccountStake,
    settler: Settler<'a>,
    pub members: Vec<SettledMember>,
    pub summary: ClaimSummary,
}

impl Settlement<'_> {
    /// All credits.
    pub fn credits(&self) -> impl Iterator<Item = &Credit> {
        self.members.iter().flat_map(|member| &member.credits)
    }
}

/// Settles the named delegations, or all that an account is not settled in.
pub fn settle_all<'a>(
    storage: &'a dyn Storage,
    account: &Account,
    named: Option<Vec<DelegationId>>,
) -> Result<Settlement<'a>, Refusal> {
    let mut settler = Settler::new(storage)?;
    let stake = load_account(storage, account)?;
    let (delegations, full) = match named {
        Some(named) => {
            DELEGATIONS.ensure(&named)?;
            (named, false)
        }
        None => {
            let unsettled = stake.unsettled(storage, account, settler.closed, CLAIM_PAGE)?;
            let full = unsettled.len() >= CLAIM_PAGE;
            (unsettled, full)
        }
    };
    let mut members = vec![];
    for id in delegations {
        match settler.settle_member(account, &stake, id)? {
            Some(member) => members.push(member),
            // Whoever was never in a delegation, or has left it for good, has nothing to settle there.
            None => drop(load_terms(storage, id)?),
        }
    }
    let count = |complete| {
        let count = members.iter().filter(|member| member.complete == complete);
        u32::try_from(count.count()).unwrap_or(u32::MAX)
    };
    let summary = ClaimSummary {
        settled: count(true),
        remaining: count(false),
        next: full || count(false) > 0,
    };
    Ok(Settlement {
        stake,
        settler,
        members,
        summary,
    })
}

/// What a settlement writes.
struct Records {
    stake: AccountStake,
    walks: Vec<(DelegationId, Walk)>,
    members: Vec<SettledMember>,
    summary: ClaimSummary,
}

impl Records {
    /// A delegation's index is written where it took long; an account, where it was credited, could
    /// not be settled in full, took long or is over. If there is more to settle, whatever was settled
    /// is written, so that the next message looks at others.
    fn of(settlement: Settlement) -> Self {
        let mut members = settlement.members;
        let more = settlement.summary.next;
        members.retain(|member| member.is_worth_writing() || (more && member.moved()));
        let walks = settlement.settler.walks.into_iter();
        Self {
            stake: settlement.stake,
            walks: walks.filter(|(_, walk)| walk.is_long()).collect(),
            members,
            summary: settlement.summary,
        }
    }

    fn credits(&self) -> impl Iterator<Item = &Credit> {
        self.members.iter().flat_map(|member| &member.credits)
    }

    fn save(&mut self, storage: &mut dyn Storage, account: &Account) -> StdResult<()> {
        for (id, walk) in &self.walks {
            save_walk(storage, *id, walk)?;
        }
        for SettledMember {
            delegation, after, ..
        } in &self.members
        {
            self.stake
                .set_member(storage, account, *delegation, *after)?;
        }
        if !self.members.is_empty() {
            save_account(storage, account, &self.stake);
        }
        Ok(())
    }

    /// What was settled from when to when, and what it earned.
    fn describe(&self, api: &dyn Api, chart: &Chart) -> StdResult<Vec<Attribute>> {
        let credits = each(self.credits(), |credit| {
            let text = credit.describe(api, chart)?;
            StdResult::Ok(Attribute::new("credit", text))
        })?;
        if credits.is_empty() {
            return Ok(credits);
        }
        let settled = self.members.iter().flat_map(|member| {
            let ranges = member.credits.first().map(|credit| credit.epochs);
            ranges.map(|epochs| {
                let text = format!("{}:{}:{}", member.delegation, epochs.from, epochs.until);
                Attribute::new("delegation", text)
            })
        });
        Ok(settled.chain(credits).collect())
    }
}

fn save_walk(storage: &mut dyn Storage, id: DelegationId, walk: &Walk) -> StdResult<()> {
    for Settled { epoch, index } in walk.checkpoints.iter().chain([&walk.after]) {
        INDEXES.set(storage, &id.to_packed(), *epoch, &Index(*index))?;
    }
    Ok(())
}

/// A claim as it was asked for.
pub struct Request {
    pub account: Option<String>,
    pub delegations: Option<Vec<DelegationId>>,
    pub to: Option<String>,
}

/// Settles and pays everything owed.
pub fn claim(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    request: Request,
) -> Result<Response, Refusal> {
    let mut party = PAYOUTS.named(deps.as_ref(), sender, request.account)?;
    let token = load_token(deps.storage, deps.api)?.addr;
    let payee = party.payee(deps.api, sender, request.to, &[&moment.contract, &token])?;
    let chart = Chart(&token);
    let (mut response, summary) = apply(
        deps.storage,
        deps.api,
        moment,
        &chart,
        &mut party,
        request.delegations,
    )?;
    let taken = party.purse.take(|_| true);
    PAYOUTS.save(deps.storage, &party);
    if !taken.amounts.is_empty() {
        let owed = taken.amounts.iter().map(|owed| owed.amount);
        mint::ensure_backed(deps.storage, owed.fold(0, u128::saturating_add))?;
        let payout = Payout {
            party: &party,
            payee: &payee,
            taken,
        };
        let paid = PAYOUTS.pay(deps, &chart, moment.epoch, moment.height, payout)?;
        response = response
            .add_messages(paid.transfers(&payee)?)
            .add_event(paid.event);
    }
    Ok(summary.answer(response, "claim")?)
}

/// Settles without paying.
pub fn settle(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    account: Option<String>,
    delegations: Option<Vec<DelegationId>>,
) -> Result<Response, Refusal> {
    let mut party = PAYOUTS.named(deps.as_ref(), sender, account)?;
    let token = load_token(deps.storage, deps.api)?.addr;
    let (response, summary) = apply(
        deps.storage,
        deps.api,
        moment,
        &Chart(&token),
        &mut party,
        delegations,
    )?;
    PAYOUTS.save(deps.storage, &party);
    Ok(summary.answer(response, "settle")?)
}

/// Settles and writes it. What the party earned is added to its purse, which the caller writes.
fn apply(
    storage: &mut dyn Storage,
    api: &dyn Api,
    moment: &Moment,
    chart: &Chart,
    party: &mut Party,
    delegations: Option<Vec<DelegationId>>,
) -> Result<(Response, ClaimSummary), Refusal> {
    let settlement = settle_all(storage, &party.account, delegations)?;
    let mut records = Records::of(settlement);
    records.save(storage, &party.account)?;
    PAYOUTS.credit(storage, party, records.credits())?;
    let attributes = records.describe(api, chart)?;
    let mut response = Response::new();
    if !attributes.is_empty() {
        let event = moment
            .event(storage, "settled")?
            .add_attribute("account", &party.addr)
            .add_attributes(attributes);
        response = response.add_event(event);
    }
    Ok((response, records.summary))
}

/// Brings a delegation's index up to date, as far as one message can.
pub fn settle_delegation(
    deps: DepsMut,
    moment: &Moment,
    id: DelegationId,
) -> Result<Response, Refusal> {
    let mut settler = Settler::new(deps.storage)?;
    settler.settle_delegation(id)?;
    let walk = settler.walks.pop().map(|(_, walk)| walk);
    let Some(walk) = walk.filter(Walk::moved) else {
        return Ok(Response::new().add_attribute("action", "settle_delegation"));
    };
    save_walk(deps.storage, id, &walk)?;
    let event = moment
        .event(deps.storage, "delegation_settled")?
        .add_attribute("delegation", id.to_string())
        .add_attribute("until_epoch", walk.after.epoch.to_string());
    Ok(done("settle_delegation", event))
}
