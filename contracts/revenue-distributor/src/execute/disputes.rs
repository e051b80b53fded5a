//! Disputes over who ran: appeals and challenges with a bond, rulings, and what becomes of the money
//! that was set aside.

use noderev_components::{
    not_found, Account, Batch, Bitmap, ChartOfAccounts, Credit, Epoch, EpochRange, KeyId, Lineage,
    Local, Place, RoleError, StdResult,
};
use std::collections::BTreeMap;

use cosmwasm_std::{Addr, Deps, DepsMut, Response, Storage};
use noderev_api::distributor::{DisputeKind, DisputeOutcome, MAX_RULINGS};
use noderev_api::registry::raw::Holding;
use noderev_components::quorum::Step;
use noderev_economics::challenge_upheld;

use super::evidence::{judge, open_epoch};
use crate::chain::Chain;
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::settlement::KEY_BATCH;
use crate::shares::ClosedEpoch;
use crate::state::{
    buckets, load_held, load_row, may_load_dispute, next_epoch, open_disputes, save_dispute,
    save_held, set_open_disputes, Dispute, ARBITER, EVENTS, EVIDENCE, KEYS_PER_PAGE, LEDGER,
    PARAMS, PAYOUTS,
};

/// Ending a dispute moves money in every currency, so fewer keys fit into a message.
const RULINGS: Batch = Batch::new("key", "keys", MAX_RULINGS);

/// What is claimed about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// That it ran, although it was judged not running.
    Appeal,
    /// That it did not run, although it was judged running.
    Challenge,
}

/// Opens disputes: the keys are held, the bond is kept.
pub fn open(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    amount: u128,
    epoch: Epoch,
    keys: Vec<KeyId>,
    side: Side,
) -> Result<Response, Refusal> {
    KEY_BATCH.ensure(&keys)?;
    let (run, bond) = disputable(deps.as_ref(), moment, epoch)?;
    ensure_bond(amount, bond, keys.len())?;
    let by = Account::of(deps.api, sender)?;
    let chain = Chain::new(deps.querier, &moment.config);
    let lineage = chain.lineage()?;
    let mut held = load_held(deps.storage, epoch)?
        .unwrap_or_default()
        .resized(run.len());
    for key in &keys {
        check_side(&run, *key, side)?;
        if held.get(key.bit()) {
            return Err(ContractError::AlreadyDisputed { key: *key, epoch }.into());
        }
        if side == Side::Appeal {
            ensure_payee(&chain, &lineage, &by, *key, epoch)?;
        }
        held.set(key.bit(), true);
        let kind = match side {
            Side::Appeal => DisputeKind::Appeal,
            Side::Challenge => DisputeKind::Challenge,
        };
        let dispute = Dispute {
            kind,
            by: by.clone(),
            bond,
            outcome: DisputeOutcome::Open,
        };
        save_dispute(deps.storage, epoch, *key, &dispute);
    }
    save_held(deps.storage, epoch, &held);
    let count = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    let count = open_disputes(deps.storage, epoch)?.saturating_add(count);
    set_open_disputes(deps.storage, epoch, count);
    LEDGER.update(deps.storage, moment.config.bond_denom, |books| {
        Ok::<_, Refusal>(books.receive(Place::Bucket(buckets::BONDS), amount)?)
    })?;
    let (what, action) = match side {
        Side::Appeal => ("appealed", "appeal"),
        Side::Challenge => ("challenged", "challenge"),
    };
    let event = EVENTS
        .emit(deps.storage, what, epoch)?
        .add_attribute("by", sender)
        .add_attribute("keys", listed(&keys))
        .add_attribute("bond", bond.to_string());
    Ok(Response::new()
        .add_attribute("action", action)
        .add_event(event))
}

/// The fixed result of an epoch that can be disputed now, and the bond per key.
fn disputable(deps: Deps, moment: &Moment, epoch: Epoch) -> Result<(Bitmap, u128), Refusal> {
    let (open, params) = open_epoch(deps, moment, epoch)?;
    let refuse = |why: &str| {
        Refusal::new(ContractError::NoDisputes {
            epoch,
            why: why.to_string(),
        })
    };
    match open.step {
        Step::Open => return Err(refuse("it has not ended")),
        Step::Reporting { .. } => return Err(refuse("attesters still report")),
        Step::Due { .. } => return Err(refuse("the time for disputes is over")),
        Step::Appeals { .. } => {}
    }
    let chain = Chain::new(deps.querier, &moment.config);
    let lineage = chain.lineage()?;
    let keys = chain.keys_at(&lineage, epoch)?;
    let reports = EVIDENCE.reports(&Local(deps.storage), epoch, &open.rules)?;
    let judged = judge(&reports, open.rules.threshold, &lineage, epoch, keys);
    let judged = judged.ok_or_else(|| refuse("there is no quorum"))?;
    Ok((judged.run, params.appeal_bond.u128()))
}

fn ensure_bond(have: u128, bond: u128, keys: usize) -> Result<(), Refusal> {
    let need = bond.saturating_mul(keys as u128);
    match have == need {
        true => Ok(()),
        false => Err(ContractError::WrongBond {
            keys,
            need: need.into(),
            have: have.into(),
        }
        .into()),
    }
}

fn check_side(run: &Bitmap, key: KeyId, side: Side) -> Result<(), Refusal> {
    if key.0 == 0 || key.0 > run.len() {
        return Err(ContractError::UnknownKey {
            key,
            keys: run.len(),
        }
        .into());
    }
    match (side, run.get(key.bit())) {
        (Side::Appeal, true) => Err(ContractError::JudgedRunning { key }.into()),
        (Side::Challenge, false) => Err(ContractError::JudgedNotRunning { key }.into()),
        _ => Ok(()),
    }
}

fn ensure_payee(
    chain: &Chain,
    lineage: &Lineage,
    by: &Account,
    key: KeyId,
    epoch: Epoch,
) -> Result<(), Refusal> {
    let holding = holding(chain, lineage, key, epoch)?;
    if holding.owner == *by || chain.operator(key, holding.nonce)?.as_ref() == Some(by) {
        return Ok(());
    }
    Err(ContractError::NotPayee { key, epoch }.into())
}

/// Whose the key's reward of an epoch is.
fn holding(chain: &Chain, lineage: &Lineage, key: KeyId, epoch: Epoch) -> StdResult<Holding> {
    let span = chain.holder(lineage, key, epoch)?;
    Ok(span.ok_or_else(|| not_found("owner"))?.value)
}

/// The arbiter rules on disputed keys.
pub fn rule(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    epoch: Epoch,
    keys: Vec<KeyId>,
    upheld: bool,
) -> Result<Response, Refusal> {
    // The arbiter of the epoch in question, so that none can be put in to rule on the past.
    if ARBITER.at(&Local(deps.storage), epoch)? != *sender {
        let (role, sender) = ("arbiter", sender.clone());
        return Err(RoleError::NotHolder { role, sender }.into());
    }
    RULINGS.ensure(&keys)?;
    let (closed, deadline) = ruling_deadline(deps.storage, epoch)?;
    if moment.now.seconds() >= deadline {
        return Err(ContractError::RulingOver { epoch, deadline }.into());
    }
    let outcome = match upheld {
        true => DisputeOutcome::Upheld,
        false => DisputeOutcome::Rejected,
    };
    end_all(deps, moment, epoch, &closed, keys, outcome, "rule")
}

/// After the deadline the attesters' result stands.
pub fn resolve(
    deps: DepsMut,
    moment: &Moment,
    epoch: Epoch,
    keys: Vec<KeyId>,
) -> Result<Response, Refusal> {
    RULINGS.ensure(&keys)?;
    let (closed, deadline) = ruling_deadline(deps.storage, epoch)?;
    if moment.now.seconds() < deadline {
        return Err(ContractError::RulingOpen { epoch, deadline }.into());
    }
    end_all(
        deps,
        moment,
        epoch,
        &closed,
        keys,
        DisputeOutcome::NoRuling,
        "resolve",
    )
}

/// A closed epoch and until when (Unix seconds) the arbiter may rule on it.
pub fn ruling_deadline(storage: &dyn Storage, epoch: Epoch) -> Result<(ClosedEpoch, u64), Refusal> {
    if epoch >= next_epoch(storage)? {
        return Err(ContractError::NotClosed { epoch }.into());
    }
    let closed = ClosedEpoch::load(storage, epoch)?;
    let window = PARAMS.at(&Local(storage), epoch)?.ruling_window;
    let deadline = closed.summary.closed_at.saturating_add(window);
    Ok((closed, deadline))
}

fn end_all(
    deps: DepsMut,
    moment: &Moment,
    epoch: Epoch,
    closed: &ClosedEpoch,
    keys: Vec<KeyId>,
    outcome: DisputeOutcome,
    action: &str,
) -> Result<Response, Refusal> {
    let mut event = EVENTS
        .emit(deps.storage, "ruled", epoch)?
        .add_attribute("outcome", outcome_name(outcome))
        .add_attribute("keys", listed(&keys));
    let ending = u32::try_from(keys.len()).unwrap_or(u32::MAX);
    let chain = Chain::new(deps.querier, &moment.config);
    let lineage = chain.lineage()?;
    let mut all = Verdict::default();
    for key in keys {
        let dispute = open_dispute(deps.storage, epoch, key)?;
        let ended = Ended {
            closed,
            dispute: &dispute,
            outcome,
            epoch,
        };
        let payee = holding(&chain, &lineage, key, epoch)?.owner;
        let staked = is_staked(deps.storage, epoch, key)?;
        ended.judge(&mut all, &payee, staked, moment.config.bond_denom)?;
        save_dispute(deps.storage, epoch, key, &Dispute { outcome, ..dispute });
    }
    for (denom, moves) in all.moves {
        LEDGER.update(deps.storage, denom, |books| {
            moves
                .iter()
                .try_for_each(|step| books.shift(step.from, step.to, step.amount))?;
            Ok::<_, Refusal>(())
        })?;
        for Move { to, amount, .. } in moves {
            let text = format!("{}:{}:{amount}", place_name(to), moment.config.denom(denom));
            event = event.add_attribute("to", text);
        }
    }
    PAYOUTS.credit_all(deps.storage, &all.credits)?;
    for credit in &all.credits {
        event = event.add_attribute("credit", credit.describe(deps.api, &moment.config)?);
    }
    let left = open_disputes(deps.storage, epoch)?.saturating_sub(ending);
    set_open_disputes(deps.storage, epoch, left);
    Ok(Response::new()
        .add_attribute("action", action)
        .add_event(event))
}

fn open_dispute(storage: &dyn Storage, epoch: Epoch, key: KeyId) -> Result<Dispute, Refusal> {
    let dispute = may_load_dispute(storage, epoch, key)?;
    let dispute = dispute.ok_or(ContractError::NotDisputed { key, epoch })?;
    match dispute.outcome {
        DisputeOutcome::Open => Ok(dispute),
        _ => Err(ContractError::DisputeEnded { key, epoch }.into()),
    }
}

/// Whether a key counted as staked in a closed epoch.
pub fn is_staked(storage: &dyn Storage, epoch: Epoch, key: KeyId) -> StdResult<bool> {
    let row = load_row(storage, epoch, key.bit() / KEYS_PER_PAGE)?;
    Ok(row.staked.get(key.bit() % KEYS_PER_PAGE))
}

/// A name for events.
pub const fn outcome_name(outcome: DisputeOutcome) -> &'static str {
    match outcome {
        DisputeOutcome::Open => "open",
        DisputeOutcome::Upheld => "upheld",
        DisputeOutcome::Rejected => "rejected",
        DisputeOutcome::NoRuling => "no_ruling",
    }
}

fn listed(keys: &[KeyId]) -> String {
    keys.iter()
        .map(KeyId::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

/// A dispute that ends.
struct Ended<'a> {
    closed: &'a ClosedEpoch,
    dispute: &'a Dispute,
    outcome: DisputeOutcome,
    epoch: Epoch,
}

struct Move {
    from: Place,
    to: Place,
    amount: u128,
}

/// What moves, by currency, and who is credited.
#[derive(Default)]
struct Verdict {
    moves: BTreeMap<u8, Vec<Move>>,
    credits: Vec<Credit>,
}

const fn place_name(place: Place) -> &'static str {
    match place {
        Place::Ahead => "ahead",
        Place::Carry => "carry",
        Place::Drip => "drip",
        Place::Bucket(bucket) => buckets::name(bucket),
    }
}

/// What a dispute's end gives the key in one currency, of what was set aside.
pub fn to_key(closed: &ClosedEpoch, denom: u8, dispute: &Dispute, staked: bool) -> StdResult<u128> {
    let Some(split) = closed.money(denom)?.split else {
        return Ok(0);
    };
    Ok(match key_is_paid(dispute.kind, dispute.outcome) {
        true => closed.paid_after_dispute(&split, staked).to_key,
        false => 0,
    })
}

/// Whether the key is paid in the end.
pub const fn key_is_paid(kind: DisputeKind, outcome: DisputeOutcome) -> bool {
    matches!(
        (kind, outcome),
        (DisputeKind::Appeal, DisputeOutcome::Upheld)
            | (
                DisputeKind::Challenge,
                DisputeOutcome::Rejected | DisputeOutcome::NoRuling
            )
    )
}

impl Ended<'_> {
    /// Adds what moves, and who is credited.
    fn judge(
        &self,
        verdict: &mut Verdict,
        payee: &Account,
        staked: bool,
        bond_denom: u8,
    ) -> StdResult<()> {
        for denom in 0..self.closed.denoms() {
            self.release(verdict, denom, payee, staked)?;
        }
        self.return_bond(verdict, payee, bond_denom);
        Ok(())
    }

    /// What was set aside for the key in one currency.
    fn release(
        &self,
        verdict: &mut Verdict,
        denom: u8,
        payee: &Account,
        staked: bool,
    ) -> StdResult<()> {
        let Some(split) = self.closed.money(denom)?.split else {
            return Ok(());
        };
        if key_is_paid(self.dispute.kind, self.outcome) {
            let paid = self.closed.paid_after_dispute(&split, staked);
            self.credit(verdict, denom, buckets::NODES, payee, paid.to_key);
            verdict.release(denom, Place::Bucket(buckets::POOL_NEXT), paid.to_pool);
            verdict.release(denom, Place::Carry, paid.to_running_pot);
        } else if self.dispute.kind == DisputeKind::Challenge {
            let won = challenge_upheld(split.held_rate());
            self.credit(
                verdict,
                denom,
                buckets::BONDS,
                &self.dispute.by,
                won.to_challenger,
            );
            verdict.release(denom, Place::Carry, won.to_running_pot);
        } else {
            verdict.release(denom, Place::Carry, split.held_rate());
        }
        Ok(())
    }

    /// The bond: back, or to the treasury (appeal rejected), or to the key's payee (challenge
    /// rejected).
    fn return_bond(&self, verdict: &mut Verdict, payee: &Account, denom: u8) {
        let (bucket, amount) = (buckets::BONDS, self.dispute.bond);
        match (self.dispute.kind, self.outcome) {
            (DisputeKind::Appeal, DisputeOutcome::Rejected) => {
                let to = Place::Bucket(buckets::TREASURY);
                verdict.shift(denom, Place::Bucket(bucket), to, amount);
            }
            (DisputeKind::Challenge, DisputeOutcome::Rejected) => {
                verdict
                    .credits
                    .push(self.credited(payee, denom, bucket, amount));
            }
            _ => {
                let by = &self.dispute.by;
                verdict
                    .credits
                    .push(self.credited(by, denom, bucket, amount));
            }
        }
    }

    fn credit(&self, verdict: &mut Verdict, denom: u8, bucket: u8, to: &Account, amount: u128) {
        verdict.release(denom, Place::Bucket(bucket), amount);
        if amount > 0 {
            verdict
                .credits
                .push(self.credited(to, denom, bucket, amount));
        }
    }

    fn credited(&self, account: &Account, denom: u8, bucket: u8, amount: u128) -> Credit {
        let epochs = EpochRange {
            from: self.epoch,
            until: self.epoch.next(),
        };
        Credit {
            account: account.clone(),
            denom,
            bucket,
            amount,
            epochs,
        }
    }
}

impl Verdict {
    fn release(&mut self, denom: u8, to: Place, amount: u128) {
        self.shift(denom, Place::Bucket(buckets::HELD), to, amount);
    }

    fn shift(&mut self, denom: u8, from: Place, to: Place, amount: u128) {
        if amount > 0 {
            self.moves
                .entry(denom)
                .or_default()
                .push(Move { from, to, amount });
        }
    }
}
