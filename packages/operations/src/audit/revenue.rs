//! The distributor's epochs.

use std::collections::BTreeMap;

use noderev_api::common::{DepositInfo, DepositsResponse, EvidenceResponse, ParamsAtResponse};
use noderev_api::distributor::{
    DisputeInfo, DisputeKind, DisputeOutcome, DisputesResponse, EpochInfo, EpochMoney,
    EpochsResponse, NetworkResponse, Params, QueryMsg,
};
use noderev_api::registry::{self, SupplyResponse};
use noderev_api::vault::{self, PoolResponse, StakedNodesResponse};
use noderev_chain::Result;
use noderev_components::{Bitmap, Epoch, Lineage, Split};
use noderev_economics::{
    appeal_upheld, challenge_upheld, drip_part_ceil, network_share_ceil, split_pot, EpochFacts,
    PotSplit, ShareRules,
};

use super::{agreed, part_of, Audit, Purse, Source, PAGE};
use crate::contracts::pages;
use crate::Contract;

/// First epoch that is not closed.
pub(super) fn next_close(source: &impl Source) -> Result<Epoch> {
    let network: NetworkResponse = source.ask(Contract::Distributor, &QueryMsg::Network {})?;
    Ok(network.next_close)
}

/// All revenue deposits.
pub(super) fn deposits(source: &impl Source) -> Result<Vec<DepositInfo>> {
    pages(|last: Option<&DepositInfo>| {
        let query = QueryMsg::Deposits {
            start_after: last.map(|deposit| deposit.number),
            limit: Some(PAGE),
        };
        let page: DepositsResponse = source.ask(Contract::Distributor, &query)?;
        Ok(page.deposits)
    })
}

/// Where each currency's money stood after an epoch.
#[derive(Clone, Copy, Default)]
struct Left {
    purse: Purse,
    /// What ended disputes put into the next pot, in no epoch's figures, and no pot has shown yet.
    /// It is not known when each of them ended.
    released: u128,
}

/// Recomputes the epochs before `end`.
pub(super) fn audit(
    source: &impl Source,
    end: Epoch,
    audit: &mut Audit,
    progress: impl Fn(u32),
) -> Result<()> {
    let deposits = deposits(source)?;
    let mut left = BTreeMap::<String, Left>::new();
    let mut infos = infos(source)?;
    infos.sort_by_key(|info| info.epoch);
    for info in infos.iter().filter(|info| info.epoch < end) {
        let place = format!("distributor, epoch {}", info.epoch);
        let params: ParamsAtResponse<Params> = source.ask(
            Contract::Distributor,
            &QueryMsg::ParamsAt { epoch: info.epoch },
        )?;
        audit.same(
            &place,
            "parameters' number",
            info.params_version,
            params.version,
        );
        let facts = Facts::gather(source, info.epoch, &params.params)?;
        facts.compare(&place, info, audit);
        for money in &info.money {
            let place = format!("{place}, {}", money.denom);
            let revenue = part_of(&deposits, Some(&money.denom), info.epoch)?;
            audit.same(&place, "revenue", money.revenue.u128(), revenue);
            let before = left.entry(money.denom.to_string()).or_default();
            compare_money(&place, money, &facts, &params.params, before, audit);
        }
        audit.closed = audit.closed.saturating_add(1);
        progress(audit.closed);
    }
    audit.same("distributor", "closed epochs", audit.closed, end.0);
    Ok(())
}

fn infos(source: &impl Source) -> Result<Vec<EpochInfo>> {
    pages(|last: Option<&EpochInfo>| {
        let query = QueryMsg::Epochs {
            start_after: last.map(|info| info.epoch),
            limit: Some(PAGE),
        };
        let page: EpochsResponse = source.ask(Contract::Distributor, &query)?;
        Ok(page.epochs)
    })
}

/// Who ran and what was staked in an epoch, from reports, stakes and keys.
struct Facts {
    keys: u32,
    quorum: bool,
    shares: EpochFacts,
    staked: Bitmap,
    disputes: Vec<DisputeInfo>,
}

impl Facts {
    fn gather(source: &impl Source, epoch: Epoch, params: &Params) -> Result<Self> {
        let supply: SupplyResponse = source.ask(
            Contract::Registry,
            &registry::QueryMsg::Supply { epoch: Some(epoch) },
        )?;
        let keys = supply.issued;
        let staked: StakedNodesResponse =
            source.ask(Contract::Vault, &vault::QueryMsg::StakedNodes { epoch })?;
        let staked = Bitmap::fitted(keys, &staked.bitmap);
        let pool: PoolResponse = source.ask(
            Contract::Vault,
            &vault::QueryMsg::Pool { epoch: Some(epoch) },
        )?;
        let run = judged(source, epoch, params, &lineage(&supply), keys)?;
        let disputes = disputes(source, epoch)?;
        let held = Bitmap::from_bits(keys, disputes.iter().map(|dispute| dispute.key.bit()));
        let quorum = run.is_some();
        let run = run.unwrap_or_else(|| Bitmap::zeros(keys)).minus(&held);
        Ok(Self {
            keys,
            quorum,
            shares: EpochFacts {
                running: run.count().saturating_add(held.count()),
                held: held.count(),
                unstaked: run.minus(&staked).count(),
                pool_stake: pool.counted.u128(),
                requirement: supply.requirement.u128(),
            },
            staked,
            disputes,
        })
    }

    /// What the disputes that have ended put into the next pot, of what was set aside.
    fn released(&self, split: &PotSplit, rules: &ShareRules) -> u128 {
        let staked = |dispute: &DisputeInfo| self.staked.get(dispute.key.bit());
        let unstaked = self.disputes.iter().filter(|dispute| !staked(dispute));
        let unstaked = u32::try_from(unstaked.count()).unwrap_or(u32::MAX);
        let facts = EpochFacts {
            unstaked: self.shares.unstaked.saturating_add(unstaked),
            ..self.shares
        };
        let paid = |dispute| appeal_upheld(split, &facts, rules, staked(dispute)).to_running_pot;
        let parts = self
            .disputes
            .iter()
            .map(|dispute| match (dispute.kind, dispute.outcome) {
                (_, DisputeOutcome::Open) => 0,
                (DisputeKind::Appeal, DisputeOutcome::Upheld) => paid(dispute),
                (DisputeKind::Appeal, _) => split.held_rate(),
                (DisputeKind::Challenge, DisputeOutcome::Upheld) => {
                    challenge_upheld(split.held_rate()).to_running_pot
                }
                (DisputeKind::Challenge, _) => paid(dispute),
            });
        parts.fold(0, u128::saturating_add)
    }

    fn compare(&self, place: &str, info: &EpochInfo, audit: &mut Audit) {
        audit.same(place, "keys", info.keys, self.keys);
        audit.same(place, "quorum", info.quorum, self.quorum);
        audit.same(place, "running nodes", info.running, self.shares.running);
        audit.same(place, "held nodes", info.held, self.shares.held);
        audit.same(place, "unstaked nodes", info.unstaked, self.shares.unstaked);
        audit.same(
            place,
            "pool stake",
            info.pool_stake.u128(),
            self.shares.pool_stake,
        );
        audit.same(
            place,
            "requirement",
            info.requirement.u128(),
            self.shares.requirement,
        );
    }
}

/// What the reports agree on, over all keys; none without a quorum.
fn judged(
    source: &impl Source,
    epoch: Epoch,
    params: &Params,
    lineage: &Lineage,
    keys: u32,
) -> Result<Option<Bitmap>> {
    let evidence: EvidenceResponse =
        source.ask(Contract::Distributor, &QueryMsg::Evidence { epoch })?;
    let bits = lineage.reported_keys(epoch, keys);
    let reported = agreed(&evidence, &params.evidence, bits);
    Ok(reported.map(|reported| lineage.expand_report(epoch, &reported).resized(keys)))
}

/// Keys in dispute, in their order, and how it ended.
pub(crate) fn disputes(source: &impl Source, epoch: Epoch) -> Result<Vec<DisputeInfo>> {
    pages(|last: Option<&DisputeInfo>| {
        let query = QueryMsg::Disputes {
            epoch,
            start_after: last.map(|dispute| dispute.key),
            limit: Some(PAGE),
        };
        let page: DisputesResponse = source.ask(Contract::Distributor, &query)?;
        Ok(page.disputes)
    })
}

fn lineage(supply: &SupplyResponse) -> Lineage {
    let split = |split: &registry::SplitInfo| Split {
        from: split.from,
        factor: split.factor,
        keys: split.keys_before,
        grace: split.reported_from.0.saturating_sub(split.from.0),
    };
    Lineage {
        splits: supply.splits.iter().map(split).collect(),
    }
}

fn compare_money(
    place: &str,
    told: &EpochMoney,
    facts: &Facts,
    params: &Params,
    before: &mut Left,
    audit: &mut Audit,
) {
    let shares = &facts.shares;
    let revenue = told.revenue.u128();
    let network = network_share_ceil(revenue, params.network_share);
    audit.same(place, "network's share", told.network.u128(), network);
    audit.same(
        place,
        "treasury's share",
        told.treasury.u128(),
        revenue.saturating_sub(network),
    );
    let carry_in = told.carry_in.u128();
    let released = compare_carry(place, carry_in, before, audit);
    let collected = network.saturating_add(carry_in);
    if shares.running == 0 {
        audit.same(place, "pot", told.pot.u128(), 0);
        audit.same(
            place,
            "moved into the drip",
            told.drip_out.u128(),
            collected,
        );
        *before = Left {
            purse: before.purse.kept(collected),
            released,
        };
        return;
    }
    let drip_in = drip_part_ceil(before.purse.drip);
    audit.same(
        place,
        "moved in from the drip",
        told.drip_in.u128(),
        drip_in,
    );
    let pot = collected.saturating_add(drip_in);
    audit.same(place, "pot", told.pot.u128(), pot);
    let rules = ShareRules {
        unstaked_share: params.unstaked_share,
        remainder_to: params.remainder_to,
    };
    let Some(split) = audit.possible(place, split_pot(pot, shares, &rules)) else {
        return;
    };
    compare_split(place, told, shares, &split, audit);
    let given = split.nodes_total(shares).saturating_add(split.pool);
    audit.same(
        place,
        "nodes, pool and carry together",
        given.saturating_add(told.carry_out.u128()),
        pot,
    );
    *before = Left {
        purse: before.purse.shared(drip_in, split.carry),
        released: released.saturating_add(facts.released(&split, &rules)),
    };
}

/// A pot begins with what the one before left, and with what disputes have released until then.
/// Answers what of the latter is left for later pots.
fn compare_carry(place: &str, carry_in: u128, before: &Left, audit: &mut Audit) -> u128 {
    let most = before.purse.carry.saturating_add(before.released);
    let expected = match before.released {
        0 => before.purse.carry.to_string(),
        _ => format!("{} to {most}", before.purse.carry),
    };
    let within = (before.purse.carry..=most).contains(&carry_in);
    audit.holds(place, "carried in", within, &carry_in, &expected);
    most.saturating_sub(carry_in).min(before.released)
}

fn compare_split(
    place: &str,
    told: &EpochMoney,
    facts: &EpochFacts,
    split: &PotSplit,
    audit: &mut Audit,
) {
    let held = split.held_rate().saturating_mul(facts.held.into());
    for (figure, told, recomputed) in [
        ("a node's part (p)", told.per_node, split.per_node),
        (
            "an unstaked node's part of it (d)",
            told.unstaked,
            split.unstaked,
        ),
        (
            "what the pool left, per node (r)",
            told.remainder,
            split.remainder,
        ),
        (
            "rate of staked nodes",
            told.staked_rate,
            split.staked_rate(),
        ),
        (
            "rate of unstaked nodes",
            told.unstaked_rate,
            split.unstaked_rate(),
        ),
        ("the pool's part", told.pool, split.pool),
        ("set aside for disputes", told.held, held),
        ("carried on", told.carry_out, split.carry),
    ] {
        audit.same(place, figure, told.u128(), recomputed);
    }
}
