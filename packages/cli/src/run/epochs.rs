//! What happens in an epoch: the scenario's rows, and closing what is due.

use cosmwasm_std::{Binary, Event};
use noderev_api::common::{DueResponse, EpochStep, EvidenceResponse};
use noderev_api::distributor::{EpochInfo, EpochsResponse, NetworkResponse, QueryMsg};
use noderev_components::Bitmap as Bits;
use noderev_testing::AppResponse;
use serde::de::DeserializeOwned;

use super::error::RunError;
use super::stage::{id, refuse};
use super::Run;
use crate::input::{Bitmap, Report, Revenue, Sale, StakeAction, StakeMove, ANNOUNCED_AFTER_S};

/// A closed epoch as the distributor tells it.
pub(super) struct Closed {
    pub info: EpochInfo,
    pub ran: Bitmap,
    pub staked: Bitmap,
    pub reports: u32,
}

impl Run<'_> {
    /// The attesters report on the epoch that has just ended.
    pub(super) fn report_ended(&mut self, epoch: u64) -> Result<(), RunError> {
        let Some(ended) = epoch.checked_sub(1) else {
            return Ok(());
        };
        for report in self.scenario.reports_on(ended) {
            self.report(epoch, report)?;
        }
        Ok(())
    }

    fn report(&mut self, now: u64, report: &Report) -> Result<(), RunError> {
        let attesters = &self.scenario.network.attesters;
        let attester = attesters.get(report.attester).cloned().unwrap_or_default();
        let ran = Bits::fitted(report.bitmap.keys(), report.bitmap.as_bytes());
        let ended = id(report.epoch).0;
        let done = self.stage.network.try_report(&attester, ended, &ran);
        refuse(now, done, || {
            format!("report of {attester} on epoch {ended}")
        })?;
        Ok(())
    }

    /// The scenario's rows of an epoch, in the documented order.
    pub(super) fn act(&mut self, epoch: u64) -> Result<(), RunError> {
        let scenario = self.scenario;
        self.shadow.split(epoch);
        self.announce_splits(epoch)?;
        for revenue in scenario.revenue_in(epoch) {
            self.deposit(revenue)?;
        }
        for row in scenario.stakes_in(epoch) {
            self.move_stake(row)?;
        }
        for sale in scenario.sales_in(epoch) {
            self.sell(sale)?;
        }
        Ok(())
    }

    fn announce_splits(&mut self, epoch: u64) -> Result<(), RunError> {
        let network = &self.scenario.network;
        let splits = network.splits.iter().filter(|split| split.epoch == epoch);
        for split in splits {
            let announced = network.epoch_start(epoch).saturating_add(ANNOUNCED_AFTER_S);
            self.stage.network.advance_to(announced);
            let done = self.stage.network.try_split(split.factor);
            refuse(epoch, done, || format!("split by {}", split.factor))?;
        }
        Ok(())
    }

    fn deposit(&mut self, row: &Revenue) -> Result<(), RunError> {
        let denoms = self.stage.network.denoms();
        let Some(denom) = denoms.get(row.denom).map(|info| info.denom.clone()) else {
            return Ok(());
        };
        self.stage
            .mint(row.epoch, &row.source, &denom, row.amount)?;
        let done = self.stage.network.try_deposit_revenue_as(
            &row.source,
            &denom,
            row.amount,
            row.over,
            &row.source,
            &row.reference,
        );
        refuse(row.epoch, done, || {
            format!("revenue {} of {}", row.reference, row.source)
        })?;
        Ok(())
    }

    fn move_stake(&mut self, row: &StakeMove) -> Result<(), RunError> {
        let (network, account) = (&mut self.stage.network, row.account.as_str());
        let (done, what) = match row.action {
            StakeAction::StakeNode { key, amount } => (
                network.try_stake_nodes_with(account, &[key], amount),
                format!("stake of {account} on key {key}"),
            ),
            StakeAction::UnstakeNode { key } => (
                network.try_unstake_nodes(account, &[key]),
                format!("unstaking of key {key} by {account}"),
            ),
            StakeAction::Deposit { amount } => (
                network.try_deposit_pool(account, amount),
                format!("pool deposit of {amount} by {account}"),
            ),
            StakeAction::Withdraw { amount } => (
                network.try_unbond_pool(account, amount),
                format!("pool withdrawal of {amount} by {account}"),
            ),
        };
        refuse(row.epoch, done, || what)?;
        self.shadow.move_pool(row);
        Ok(())
    }

    fn sell(&mut self, sale: &Sale) -> Result<(), RunError> {
        let network = &mut self.stage.network;
        let (seller, key) = (sale.seller.as_str(), sale.key);
        let listed = network.try_list(seller, key, sale.price, sale.with_stake);
        refuse(sale.epoch, listed, || {
            format!("listing of key {key} by {seller}")
        })?;
        let bought = network.try_buy(&sale.buyer, key);
        refuse(sale.epoch, bought, || {
            format!("purchase of key {key} by {}", sale.buyer)
        })?;
        self.shadow.sell(sale);
        Ok(())
    }

    /// Closes every epoch that is or becomes due while `epoch` runs; with `all` every epoch of the
    /// scenario, however long that takes.
    pub(super) fn close_due(&mut self, epoch: u64, all: bool) -> Result<(), RunError> {
        let end = self.stage.network.clock().end_of(id(epoch));
        loop {
            let network: NetworkResponse = self.ask(&QueryMsg::Network {})?;
            if network.next_close >= id(self.scenario.network.epochs.min(epoch)) {
                return Ok(());
            }
            let until = match network.step {
                EpochStep::Due { .. } => {
                    self.close(epoch, network.next_close.0.into())?;
                    continue;
                }
                EpochStep::Reporting { until: Some(until) } | EpochStep::Appeals { until } => until,
                step => return Err(RunError::answer("network", format!("unexpected {step:?}"))),
            };
            if until.seconds() >= end && !all {
                return Ok(());
            }
            self.wait(until.seconds())?;
        }
    }

    pub(super) fn wait(&mut self, until: u64) -> Result<(), RunError> {
        let before = self.stage.network.now();
        self.stage.network.advance_to(until);
        if self.stage.network.now() > before {
            return Ok(());
        }
        Err(RunError::answer(
            "network",
            format!("an epoch waits for {until}, which has passed"),
        ))
    }

    fn close(&mut self, now: u64, epoch: u64) -> Result<(), RunError> {
        let done = self.stage.network.try_close_epoch("keeper", id(epoch).0);
        let response = refuse(now, done, || format!("close of epoch {epoch}"))?;
        let closed = self.closed_epoch(epoch, &response)?;
        self.closed.push(closed);
        self.roll(now)
    }

    /// Writes totals as long as the distributor says that there are any to write.
    fn roll(&mut self, now: u64) -> Result<(), RunError> {
        loop {
            let due: DueResponse = self.ask(&QueryMsg::Due {})?;
            if !due.now.iter().any(|action| action.action == "roll") {
                return Ok(());
            }
            let done = self.stage.network.try_roll("keeper");
            refuse(now, done, || "roll".to_owned())?;
        }
    }

    /// The figures of the epoch that was closed last, and who ran and was staked in it.
    fn closed_epoch(&self, epoch: u64, response: &AppResponse) -> Result<Closed, RunError> {
        let epochs: EpochsResponse = self.ask(&QueryMsg::Epochs {
            start_after: None,
            limit: Some(1),
        })?;
        let evidence: EvidenceResponse = self.ask(&QueryMsg::Evidence { epoch: id(epoch) })?;
        let info = epochs
            .epochs
            .into_iter()
            .find(|info| info.epoch == id(epoch));
        let info = info.ok_or_else(|| RunError::answer("epochs", format!("no epoch {epoch}")))?;
        let event = find_event(response, "epoch_closed")?;
        let reported = evidence.reports.iter().filter(|one| one.bitmap.is_some());
        Ok(Closed {
            ran: bitmap(event, "run", info.keys)?,
            staked: bitmap(event, "staked", info.keys)?,
            reports: u32::try_from(reported.count()).unwrap_or(u32::MAX),
            info,
        })
    }

    /// Asks the distributor.
    pub(super) fn ask<T: DeserializeOwned>(&self, query: &QueryMsg) -> Result<T, RunError> {
        let answer = self.stage.network.distributor().try_query(query);
        answer.map_err(|error| RunError::answer("distributor", error))
    }
}

/// The distributor's event of this name.
pub(super) fn find_event<'a>(response: &'a AppResponse, what: &str) -> Result<&'a Event, RunError> {
    let name = format!("wasm-distributor_{what}");
    let found = response.events.iter().find(|event| event.ty == name);
    found.ok_or_else(|| RunError::answer("events", format!("there is no {name}")))
}

/// A field of an event.
pub(super) fn field<'a>(event: &'a Event, name: &str) -> Result<&'a str, RunError> {
    let found = event.attributes.iter().find(|field| field.key == name);
    found
        .map(|field| field.value.as_str())
        .ok_or_else(|| RunError::answer(&event.ty, format!("there is no field {name}")))
}

fn bitmap(event: &Event, name: &str, keys: u32) -> Result<Bitmap, RunError> {
    let bytes = Binary::from_base64(field(event, name)?);
    let bytes = bytes.map_err(|error| RunError::answer(&event.ty, error))?;
    Ok(Bitmap::from_bytes(keys, &bytes))
}
