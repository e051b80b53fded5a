//! Closing an epoch: one bounded transaction, whatever happened in it.

use cosmwasm_std::{Deps, DepsMut, Event, Response, Storage};
use noderev_api::distributor::Params;
use noderev_components::quorum::{describe_disagreement, disagreement};
use noderev_components::{
    fault, Bitmap, Books, ChartOfAccounts, Epoch, Lineage, Local, OpenEpoch, Place, StdResult,
};
use noderev_economics::{
    drip_part_ceil, network_share_ceil, split_pot, EpochFacts, PotSplit, RewardIndex,
};

use super::evidence::{judge, open_epoch};
use crate::chain::Chain;
use crate::earnings::span_of;
use crate::error::Refusal;
use crate::moment::Moment;
use crate::shares::share_rules;
use crate::state::{
    buckets, load_held, load_row, load_sums, next_epoch, save_lineage, save_row, save_summary,
    save_sums, Config, Inflow, Row, Sum, Summary, EVENTS, EVIDENCE, KEYS_PER_PAGE, LEDGER, PARAMS,
    STREAMS,
};

/// Who ran and who was staked, over all keys.
struct Facts {
    lineage: Lineage,
    keys: u32,
    quorum: bool,
    run: Bitmap,
    staked: Bitmap,
    disagreed: Vec<Option<u32>>,
    held_unstaked: u32,
    shares: EpochFacts,
}

/// Closes the oldest epoch, whichever that is.
pub fn close_next(deps: DepsMut, moment: &Moment) -> Result<Response, Refusal> {
    let epoch = next_epoch(deps.storage)?;
    close_epoch(deps, moment, epoch)
}

/// Closes the oldest epoch, which must be this one.
pub fn close_epoch(deps: DepsMut, moment: &Moment, epoch: Epoch) -> Result<Response, Refusal> {
    EVIDENCE.ensure_next(&Local(deps.storage), epoch)?;
    let (open, params) = open_epoch(deps.as_ref(), moment, epoch)?;
    let open = open.ensure_due(&moment.config.clock)?;
    let facts = gather(deps.as_ref(), moment, &open)?;
    save_rows(deps.storage, epoch, &facts.run, &facts.staked)?;
    let money = share_all(deps.storage, &moment.config, epoch, &params, &facts)?;

    let summary = Summary {
        closed_at: moment.now.seconds(),
        keys: facts.keys,
        quorum: facts.quorum,
        running: facts.shares.running,
        held: facts.shares.held,
        unstaked: facts.shares.unstaked,
        held_unstaked: facts.held_unstaked,
        pool_stake: facts.shares.pool_stake,
        requirement: facts.shares.requirement,
        params_version: PARAMS.version_at(&Local(deps.storage), epoch)?,
        disagreed: facts.disagreed.clone(),
        inflows: money.iter().map(|shared| shared.inflow.clone()).collect(),
    };
    save_summary(deps.storage, epoch, &summary);
    EVIDENCE.close(deps.storage, epoch, moment.now);
    save_lineage(deps.storage, &facts.lineage, epoch.next());

    let mut response = Response::new()
        .add_attribute("action", "close_epoch")
        .add_event(closed_event(deps.storage, epoch, &summary, &facts)?);
    for (index, shared) in (0u8..).zip(&money) {
        let event = EVENTS.emit(deps.storage, "epoch_money", epoch)?;
        let event = event.add_attribute("denom", moment.config.denom(index).to_string());
        response = response.add_event(shared.describe(event));
    }
    Ok(response)
}

/// Everything that decides how the epoch's pots are shared, as of that epoch.
fn gather(deps: Deps, moment: &Moment, open: &OpenEpoch) -> Result<Facts, Refusal> {
    let chain = Chain::new(deps.querier, &moment.config);
    let lineage = chain.lineage()?;
    let keys = chain.keys_at(&lineage, open.epoch)?;
    let staked = chain.staked(&lineage, open.epoch, keys)?;
    let reports = EVIDENCE.reports(&Local(deps.storage), open.epoch, &open.rules)?;
    let judged = judge(&reports, open.rules.threshold, &lineage, open.epoch, keys);
    let disagreed = disagreement(&reports, judged.as_ref().map(|judged| &judged.reported));
    let held = load_held(deps.storage, open.epoch)?
        .unwrap_or_default()
        .resized(keys);
    let quorum = judged.is_some();
    let run = judged
        .map(|judged| judged.run.minus(&held))
        .unwrap_or_else(|| Bitmap::zeros(keys));
    let shares = EpochFacts {
        running: run.count().saturating_add(held.count()),
        held: held.count(),
        unstaked: run.minus(&staked).count(),
        pool_stake: chain.pool_total(open.epoch)?,
        requirement: lineage.requirement_at(open.epoch),
    };
    Ok(Facts {
        lineage,
        held_unstaked: held.minus(&staked).count(),
        keys,
        quorum,
        run,
        staked,
        disagreed,
        shares,
    })
}

/// Writes who ran and who was staked, page by page, and who is paid differently than before.
pub fn save_rows(
    storage: &mut dyn Storage,
    epoch: Epoch,
    all_run: &Bitmap,
    all_staked: &Bitmap,
) -> StdResult<()> {
    let before = epoch
        .prev()
        .filter(|before| span_of(*before) == span_of(epoch));
    for page in 0..all_run.len().div_ceil(KEYS_PER_PAGE) {
        let from = page.saturating_mul(KEYS_PER_PAGE);
        let run = all_run.page(from, KEYS_PER_PAGE);
        let staked = all_staked.page(from, KEYS_PER_PAGE);
        let changed = match before {
            None => Bitmap::zeros(run.len()),
            Some(before) => changed(&load_row(storage, before, page)?, &run, &staked),
        };
        save_row(
            storage,
            epoch,
            page,
            &Row {
                run,
                staked,
                changed,
            },
        );
    }
    Ok(())
}

fn changed(before: &Row, run: &Bitmap, staked: &Bitmap) -> Bitmap {
    let class = run.and(staked).xor(&before.run.and(&before.staked));
    run.xor(&before.run).or(&class).or(&before.changed)
}

/// One currency, shared.
struct Shared {
    inflow: Inflow,
    treasury: u128,
    split: Option<PotSplit>,
    books: Books,
}

fn share_all(
    storage: &mut dyn Storage,
    config: &Config,
    epoch: Epoch,
    params: &Params,
    facts: &Facts,
) -> Result<Vec<Shared>, Refusal> {
    let mut sums = load_sums(storage, epoch)?;
    sums.resize(config.denoms.len(), Sum::default());
    let mut all = vec![];
    for (index, sum) in (0u8..).zip(sums.iter_mut()) {
        let mut books = LEDGER.load(&Local(storage), index)?;
        let before = books.clone();
        let (revenue, rate) = STREAMS.flow(&Local(storage), index, epoch, books.rate)?;
        books.rate = rate;
        let mut shared = share(books, revenue, params, &facts.shares)?;
        if let Some(split) = &shared.split {
            add_rates(sum, split, &facts.shares)?;
            shared.inflow.pool_extra = add_pool(&mut shared.books, sum, split, &facts.shares)?;
        }
        if shared.books != before {
            LEDGER.save(storage, index, &shared.books);
        }
        all.push(shared);
    }
    save_sums(storage, epoch.next(), sums)?;
    Ok(all)
}

/// Moves one currency's money: treasury, pot, nodes, held nodes, pool, carry or drip.
fn share(
    mut books: Books,
    revenue: u128,
    params: &Params,
    facts: &EpochFacts,
) -> Result<Shared, Refusal> {
    let network = network_share_ceil(revenue, params.network_share);
    let treasury = revenue.saturating_sub(network);
    let mut inflow = Inflow {
        revenue,
        carry_in: books.carry,
        ..Inflow::default()
    };
    books.shift(Place::Ahead, Place::Bucket(buckets::TREASURY), treasury)?;
    books.shift(Place::Ahead, Place::Carry, network)?;
    if facts.running == 0 {
        let undistributed = books.carry;
        books.shift(Place::Carry, Place::Drip, undistributed)?;
        return Ok(Shared {
            inflow,
            treasury,
            split: None,
            books,
        });
    }
    inflow.drip_in = drip_part_ceil(books.drip);
    books.shift(Place::Drip, Place::Carry, inflow.drip_in)?;
    let split = split_pot(books.carry, facts, &share_rules(params))?;
    let held = split.held_rate().saturating_mul(facts.held.into());
    let nodes = split.nodes_total(facts).saturating_sub(held);
    books.shift(Place::Carry, Place::Bucket(buckets::NODES), nodes)?;
    books.shift(Place::Carry, Place::Bucket(buckets::HELD), held)?;
    books.shift(Place::Carry, Place::Bucket(buckets::POOL), split.pool)?;
    if books.carry != split.carry {
        return Err(fault("the shares do not add up to the pot").into());
    }
    Ok(Shared {
        inflow,
        treasury,
        split: Some(split),
        books,
    })
}

/// Adds the rates that some node got.
fn add_rates(sum: &mut Sum, split: &PotSplit, facts: &EpochFacts) -> Result<(), Refusal> {
    let add = |sum: &mut u128, rate: u128| {
        let more = sum.checked_add(rate);
        *sum = more.ok_or_else(|| fault("sum of rates overflow"))?;
        Ok::<_, Refusal>(())
    };
    if facts.staked()? > 0 {
        add(&mut sum.staked, split.staked_rate())?;
    }
    if facts.unstaked > 0 {
        add(&mut sum.unstaked, split.unstaked_rate())?;
    }
    Ok(())
}

/// Shares the pool's part, and what appeals have left it, among those who counted; answers the
/// latter.
fn add_pool(
    books: &mut Books,
    sum: &mut Sum,
    split: &PotSplit,
    facts: &EpochFacts,
) -> Result<u128, Refusal> {
    if facts.pool_stake == 0 {
        return Ok(0);
    }
    let extra = books.holds(Place::Bucket(buckets::POOL_NEXT));
    books.shift(
        Place::Bucket(buckets::POOL_NEXT),
        Place::Bucket(buckets::POOL),
        extra,
    )?;
    let part = split.pool.saturating_add(extra);
    let next: RewardIndex = sum.pool.advance(part, facts.pool_stake)?;
    sum.pool = next;
    Ok(extra)
}

fn closed_event(
    storage: &mut dyn Storage,
    epoch: Epoch,
    summary: &Summary,
    facts: &Facts,
) -> Result<Event, Refusal> {
    Ok(EVENTS
        .emit(storage, "epoch_closed", epoch)?
        .add_attribute("keys", summary.keys.to_string())
        .add_attribute("quorum", summary.quorum.to_string())
        .add_attribute("running", summary.running.to_string())
        .add_attribute("held", summary.held.to_string())
        .add_attribute("unstaked", summary.unstaked.to_string())
        .add_attribute("pool_stake", summary.pool_stake.to_string())
        .add_attribute("requirement", summary.requirement.to_string())
        .add_attribute("params_version", summary.params_version.to_string())
        .add_attribute("disagreed", describe_disagreement(&summary.disagreed))
        .add_attribute("run", facts.run.to_binary().to_base64())
        .add_attribute("staked", facts.staked.to_binary().to_base64()))
}

impl Shared {
    fn describe(&self, event: Event) -> Event {
        let split = self.split;
        let of = |part: fn(&PotSplit) -> u128| split.as_ref().map_or(0, part).to_string();
        event
            .add_attribute("revenue", self.inflow.revenue.to_string())
            .add_attribute("treasury", self.treasury.to_string())
            .add_attribute("carry_in", self.inflow.carry_in.to_string())
            .add_attribute("drip_in", self.inflow.drip_in.to_string())
            .add_attribute("per_node", of(|split| split.per_node))
            .add_attribute("unstaked", of(|split| split.unstaked))
            .add_attribute("remainder", of(|split| split.remainder))
            .add_attribute("staked_rate", of(PotSplit::staked_rate))
            .add_attribute("unstaked_rate", of(PotSplit::unstaked_rate))
            .add_attribute("pool", of(|split| split.pool))
            .add_attribute("pool_extra", self.inflow.pool_extra.to_string())
            .add_attribute("carry", self.books.carry.to_string())
            .add_attribute("drip", self.books.drip.to_string())
    }
}
