//! Members of delegations, and accounts over all delegations: what they have, earn and are owed.

use cosmwasm_std::Addr;
use noderev_api::common::{ReceiptInfo, ReceiptsResponse, RoleAmount};
use noderev_api::delegation::{
    ApprovalInfo, ApprovalsResponse, ClientLink, DelegationId, LinkResponse, MemberInfo,
    MemberResponse, MembersResponse, Membership, PreviewClaimResponse, CLAIM_PAGE,
};
use noderev_components::{each, page_limit, Account, Credit, Packed, Party, StdResult, MAX_PAGE};

use super::{at, Context};
use crate::error::Refusal;
use crate::execute::claim::{settle_all, Chart};
use crate::settlement::{SettledMember, Settler};
use crate::stakes::load_terms;
use crate::state::{
    buckets, load_account, load_links, page_approvals, weight_id, AccountStake, MemberAccount,
    PAYOUTS, WEIGHTS,
};

/// Latest receipts beside an account.
const RECENT_RECEIPTS: usize = 10;
/// Most memberships beside an account.
const MEMBERSHIPS: usize = MAX_PAGE as usize;

/// An account's Quintessence in one place.
#[derive(Clone, Copy)]
struct Weight {
    now: u128,
    next: u128,
}

impl Weight {
    fn load(c: &Context, id: DelegationId, account: &Account) -> StdResult<Self> {
        let (now, next) = c.now_and_next(&WEIGHTS, &weight_id(id, account))?;
        Ok(Self {
            now: now.unwrap_or(0),
            next: next.unwrap_or(0),
        })
    }
}

pub fn members(
    c: &Context,
    id: DelegationId,
    start_after: Option<String>,
    limit: Option<u32>,
) -> Result<MembersResponse, Refusal> {
    load_terms(c.deps.storage, id)?;
    let after = start_after.map(|after| c.account(&after)).transpose()?;
    let after = after.map(|after| after.key());
    let (prefix, limit) = (id.to_packed(), page_limit(limit));
    let page = WEIGHTS.ids_after(c.deps.storage, &prefix, after.as_deref(), limit)?;
    let members = each(page, |key| -> StdResult<_> {
        let account = Account::from_packed(&key)?;
        let weight = Weight::load(c, id, &account)?;
        Ok(MemberInfo {
            account: account.human(c.deps.api)?,
            quintessence: weight.now.into(),
            quintessence_next: weight.next.into(),
        })
    })?;
    Ok(MembersResponse {
        members,
        as_of: c.as_of()?,
    })
}

pub fn approvals(
    c: &Context,
    id: DelegationId,
    start_after: Option<String>,
    limit: Option<u32>,
) -> Result<ApprovalsResponse, Refusal> {
    load_terms(c.deps.storage, id)?;
    let after = start_after.map(|after| c.account(&after)).transpose()?;
    let page = page_approvals(c.deps.storage, id, after.as_ref(), page_limit(limit))?;
    let approvals = each(page, |(account, approved)| -> StdResult<_> {
        Ok(ApprovalInfo {
            account: account.human(c.deps.api)?,
            approved,
        })
    })?;
    Ok(ApprovalsResponse {
        approvals,
        as_of: c.as_of()?,
    })
}

pub fn member(c: &Context, human: &str) -> Result<MemberResponse, Refusal> {
    let addr = c.deps.api.addr_validate(human)?;
    let party = PAYOUTS.party(c.deps, addr)?;
    let stake = load_account(c.deps.storage, &party.account)?;
    let everywhere = Everywhere::load(c, &party.account, &stake)?;
    let unpaid = Unpaid::load(c, &party.account, &stake, &everywhere.delegated)?;
    let mut purse = party.purse.clone();
    unpaid
        .credits()
        .for_each(|credit| credit.add_to(&mut purse));
    let token = c.token()?;
    let recent = RECENT_RECEIPTS;
    Ok(MemberResponse {
        payee: payee(c, &party)?,
        self_claim_only: purse.self_claim_only,
        quintessence: everywhere.now().into(),
        quintessence_next: everywhere.next().into(),
        undelegated_next: everywhere.undelegated.next.into(),
        nfts: nfts(&stake),
        owns: stake.owns,
        next: unpaid.needs_more(),
        claimable: RoleAmount::list(&Chart(&token), &purse.owed),
        receipts: receipt_page(c, &party.account, None, recent)?,
        memberships: unpaid.memberships,
        as_of: c.as_of()?,
    })
}

/// NFTs in this contract, those on their way out included.
fn nfts(stake: &AccountStake) -> u32 {
    let positions = stake.positions.iter().map(|position| position.nfts);
    positions.fold(stake.leaving, u32::saturating_add)
}

fn payee(c: &Context, party: &Party) -> StdResult<Addr> {
    match &party.purse.payee {
        Some(payee) => payee.human(c.deps.api),
        None => Ok(party.addr.clone()),
    }
}

/// All Quintessence of an account. What counts anywhere is in a delegation in which not all is
/// settled yet, or undelegated.
struct Everywhere {
    undelegated: Weight,
    delegated: Vec<(DelegationId, Weight)>,
}

impl Everywhere {
    fn load(c: &Context, account: &Account, stake: &AccountStake) -> StdResult<Self> {
        let open = stake.unsettled(c.deps.storage, account, MemberAccount::OVER, usize::MAX)?;
        let delegated = each(open, |id| -> StdResult<_> {
            let weight = Weight::load(c, id, account)?;
            Ok((id, weight))
        })?;
        Ok(Self {
            undelegated: Weight {
                now: stake.undelegated.at(c.moment.epoch),
                next: stake.undelegated.newest,
            },
            delegated,
        })
    }

    fn now(&self) -> u128 {
        self.sum(|weight| weight.now)
    }

    fn next(&self) -> u128 {
        self.sum(|weight| weight.next)
    }

    fn sum(&self, of: fn(&Weight) -> u128) -> u128 {
        let delegated = self.delegated.iter().map(|(_, weight)| of(weight));
        delegated.fold(of(&self.undelegated), u128::saturating_add)
    }
}

/// What an account has earned in delegations and not been paid.
struct Unpaid {
    memberships: Vec<Membership>,
    settled: Vec<SettledMember>,
    /// Delegations with epochs to settle.
    behind: usize,
    complete: bool,
}

impl Unpaid {
    fn load(
        c: &Context,
        account: &Account,
        stake: &AccountStake,
        delegated: &[(DelegationId, Weight)],
    ) -> Result<Self, Refusal> {
        let mut settler = Settler::new(c.deps.storage)?;
        let mut unpaid = Self {
            memberships: vec![],
            settled: vec![],
            behind: 0,
            complete: delegated.len() <= MEMBERSHIPS,
        };
        for (id, weight) in delegated.iter().take(MEMBERSHIPS) {
            let Some(settled) = settler.settle_member(account, stake, *id)? else {
                continue;
            };
            let owner = stake.owns == Some(*id);
            unpaid
                .memberships
                .push(membership(&settled, owner, *weight));
            unpaid.complete &= settled.complete;
            if settled.before < settler.closed {
                unpaid.behind = unpaid.behind.saturating_add(1);
            }
            unpaid.settled.push(settled);
        }
        Ok(unpaid)
    }

    fn credits(&self) -> impl Iterator<Item = &Credit> {
        self.settled.iter().flat_map(|member| &member.credits)
    }

    /// Whether one claim does not settle all.
    const fn needs_more(&self) -> bool {
        !self.complete || self.behind > CLAIM_PAGE
    }
}

fn membership(settled: &SettledMember, owner: bool, weight: Weight) -> Membership {
    Membership {
        delegation: settled.delegation,
        owner,
        quintessence: weight.now.into(),
        quintessence_next: weight.next.into(),
        earned: settled.earned(buckets::MEMBERS).into(),
        commission: settled.earned(buckets::COMMISSION).into(),
        settled: settled.before,
    }
}

pub fn preview_claim(
    c: &Context,
    human: &str,
    delegations: Option<Vec<DelegationId>>,
) -> Result<PreviewClaimResponse, Refusal> {
    let addr = c.deps.api.addr_validate(human)?;
    let Party {
        account, mut purse, ..
    } = PAYOUTS.party(c.deps, addr)?;
    let settlement = settle_all(c.deps.storage, &account, delegations)?;
    let credits = settlement.credits();
    credits.for_each(|credit| credit.add_to(&mut purse));
    Ok(PreviewClaimResponse {
        amounts: RoleAmount::list(&Chart(&c.token()?), &purse.owed),
        summary: settlement.summary,
        as_of: c.as_of()?,
    })
}

pub fn receipts(
    c: &Context,
    human: &str,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<ReceiptsResponse> {
    let account = c.account(human)?;
    Ok(ReceiptsResponse {
        receipts: receipt_page(c, &account, start_after, page_limit(limit))?,
        as_of: c.as_of()?,
    })
}

fn receipt_page(
    c: &Context,
    account: &Account,
    before: Option<u64>,
    limit: usize,
) -> StdResult<Vec<ReceiptInfo>> {
    let token = c.token()?;
    ReceiptInfo::page(
        &PAYOUTS.receipts,
        c.deps,
        &Chart(&token),
        account,
        before,
        limit,
    )
}

pub fn link(c: &Context, human: &str) -> StdResult<LinkResponse> {
    let links = load_links(c.deps.storage, &c.account(human)?)?;
    let link = links.now.map(|link| ClientLink {
        client_id: link.client_id,
        public_key: link.public_key.into(),
        since: at(link.since),
    });
    Ok(LinkResponse {
        link,
        links: links.count,
        chain_id: c.env.block.chain_id.clone(),
        as_of: c.as_of()?,
    })
}
