//! Why a member of a delegation, or its owner, got what it got.

use std::fmt::Write;

use serde::Serialize;

use super::{find_epoch, ExplainError};
use crate::results::{Delegations, MintRow, RunResult, ShareRow, Standing};

/// Why a delegation got what it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberReason {
    /// It did not exist.
    NotCreated,
    /// Too few attesters reported, or nothing was staked: nobody was paid.
    NoQuorum,
    /// Its owner's part was too small for too long.
    Dormant,
    /// It had too little Quintessence for a slot.
    NoSlots,
    /// None of its validators was eligible.
    NoValidators,
    /// It captured slots.
    Captured,
}

/// A member's part of a delegation's reward in an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemberReward {
    /// The delegation.
    pub delegation: u16,
    /// The member.
    pub account: String,
    /// The epoch.
    pub epoch: u64,
    /// Why the delegation got what it got.
    pub reason: MemberReason,
    /// Its owner.
    pub owner: Option<String>,
    /// What the delegation got.
    pub reward: String,
    /// The member's Quintessence in it.
    pub quintessence: String,
    /// What that earned, rounded down; fractions are kept and join later rewards.
    pub amount: String,
    /// What the account earned as the owner, by commission, rounded down likewise.
    pub commission: String,
}

/// What an account earned in a delegation in an epoch, and why.
pub fn member_reward(
    result: &RunResult,
    delegation: u16,
    account: &str,
    epoch: u64,
) -> Result<MemberReward, ExplainError> {
    find_epoch(result, epoch)?;
    let all = find_delegations(result)?;
    let last = u16::try_from(all.ids.len()).unwrap_or(u16::MAX);
    if !(1..=last).contains(&delegation) {
        return Err(ExplainError::NoSuchDelegation { delegation, last });
    }
    let known = all
        .members
        .iter()
        .any(|row| (row.delegation, row.account.as_str()) == (delegation, account));
    if !known {
        return Err(ExplainError::NoSuchMember {
            account: account.to_owned(),
            delegation,
        });
    }
    let share = find_share(all, delegation, epoch);
    let growth = all.growth(delegation, epoch)?;
    let weight = all.weight(delegation, account, epoch);
    let owns = share.is_some_and(|share| share.owner == account);
    let commission = if owns { growth.commission()? } else { 0 };
    let amount = match share {
        Some(_) => growth.of(weight)?,
        None => 0,
    };
    Ok(MemberReward {
        delegation,
        account: account.to_owned(),
        epoch,
        reason: judged(all, share, epoch),
        owner: share.map(|share| share.owner.clone()),
        reward: share.map_or(0, |share| share.reward).to_string(),
        quintessence: weight.to_string(),
        amount: amount.to_string(),
        commission: commission.to_string(),
    })
}

fn find_delegations(result: &RunResult) -> Result<&Delegations, ExplainError> {
    let all = result.delegations.as_ref();
    all.ok_or(ExplainError::NoDelegations)
}

fn find_share(all: &Delegations, delegation: u16, epoch: u64) -> Option<&ShareRow> {
    let mut shares = all.shares_of(delegation).iter();
    shares.find(|row| row.epoch == epoch)
}

fn find_mint(all: &Delegations, epoch: u64) -> Option<&MintRow> {
    all.epochs.iter().find(|row| row.epoch == epoch)
}

fn judged(all: &Delegations, share: Option<&ShareRow>, epoch: u64) -> MemberReason {
    let paid = find_mint(all, epoch).is_some_and(|mint| mint.quorum && mint.total > 0);
    match share {
        None => MemberReason::NotCreated,
        Some(_) if !paid => MemberReason::NoQuorum,
        Some(share) if share.standing == Standing::Dormant => MemberReason::Dormant,
        Some(share) if share.slots == 0 => MemberReason::NoSlots,
        Some(share) if share.captured == 0 => MemberReason::NoValidators,
        Some(_) => MemberReason::Captured,
    }
}

/// The figures of the epoch and of the delegation in it, for JSON.
pub(super) fn figures(result: &RunResult, reward: &MemberReward) -> serde_json::Value {
    let all = result.delegations.as_ref();
    let mint = all.and_then(|all| find_mint(all, reward.epoch));
    let share = all.and_then(|all| find_share(all, reward.delegation, reward.epoch));
    serde_json::json!({ "pool": mint, "delegation": share })
}

/// Every step from the pool to the amount.
pub(super) fn lines(result: &RunResult, reward: &MemberReward) -> Result<String, ExplainError> {
    let all = find_delegations(result)?;
    let token = result
        .network
        .currency(result.network.denominations.len())
        .0;
    let mut text = format!(
        "Delegation {} in epoch {}: ",
        reward.delegation, reward.epoch
    );
    let share = find_share(all, reward.delegation, reward.epoch);
    let (Some(share), Some(mint)) = (share, find_mint(all, reward.epoch)) else {
        text += "it did not exist yet.\n";
        return Ok(text);
    };
    text += &standing_line(share, reward.reason);
    if reward.reason != MemberReason::NoQuorum {
        text += &pool_lines(result, mint, token);
    }
    if reward.reason == MemberReason::Captured {
        text += &share_lines(share, mint);
    }
    let _ = writeln!(
        text,
        "{} had {} of its {} Quintessence.",
        reward.account, reward.quintessence, share.total
    );
    let shared = 10_000_u128.saturating_sub(share.commission.into());
    let _ = writeln!(
        text,
        "{token}: {}, about {} * {shared} / 10000 * {} / {}; rounded down, what is left joins \
         later rewards",
        reward.amount, share.reward, reward.quintessence, share.total
    );
    if share.owner == reward.account {
        let _ = writeln!(text, "{token} by commission: {}", reward.commission);
    }
    Ok(text)
}

fn standing_line(share: &ShareRow, reason: MemberReason) -> String {
    let judged = match reason {
        MemberReason::NotCreated => "it did not exist yet".to_owned(),
        MemberReason::NoQuorum => "too few attesters reported, or nothing was staked, so nobody \
             was paid; what was injected drips into later epochs"
            .to_owned(),
        MemberReason::Dormant => {
            "its owner's part had been too small for seven epochs, so it had no slots".to_owned()
        }
        MemberReason::NoSlots => {
            format!("its {} Quintessence were too few for a slot", share.total)
        }
        MemberReason::NoValidators => {
            format!(
                "none of its validators was eligible for its {} slots",
                share.slots
            )
        }
        MemberReason::Captured => format!(
            "{} eligible validators captured {} of its {} slots",
            share.eligible, share.captured, share.slots
        ),
    };
    let commission = match share.standing {
        Standing::Active => format!("kept {} basis points", share.commission),
        _ => format!(
            "kept nothing, because the owner's {} Quintessence were too few",
            share.own
        ),
    };
    format!(
        "{judged}.\nIt belonged to {}, who {commission}.\n",
        share.owner
    )
}

fn pool_lines(result: &RunResult, mint: &MintRow, token: &str) -> String {
    let size = result
        .network
        .delegation
        .as_ref()
        .map_or(0, |rules| rules.slot_size);
    let mut text = format!(
        "{token}: pool {} = mint {} + injected {} + carried {} + drip {}.\n",
        mint.pool, mint.mint, mint.injected, mint.carry_in, mint.drip_in
    );
    let _ = writeln!(
        text,
        "A slot earned pool * {size} / {} Quintessence of everybody = {}, rounded down.",
        mint.total, mint.per_slot
    );
    text
}

fn share_lines(share: &ShareRow, mint: &MintRow) -> String {
    format!(
        "The delegation earned {} * {} = {}.\n",
        share.captured, mint.per_slot, share.reward
    )
}
