//! The network that a scenario plays on: its contracts, people and money.

use std::collections::BTreeMap;

use cosmwasm_std::Uint128;
use noderev_api::delegation::{Class, Mint, TokenRule};
use noderev_components::{Denom, Epoch};
use noderev_economics::{Bps, RemainderTo as Remainder};
use noderev_operations::import::batches;
use noderev_testing::{AppResponse, Builder, Currency, Network, NftCollection};

use super::error::RunError;
use crate::input::{
    self, Asset, DelegationRules, Denomination, RemainderTo, Scenario, StakeAction,
};

/// Receives what is not the network's share.
pub(super) const TREASURY: &str = "treasury";

/// The network, and how to do things on it.
pub(super) struct Stage {
    pub network: Network,
}

impl Stage {
    /// Sets the contracts up; with a journal of what is done to them, if it is to be kept.
    pub fn build(scenario: &Scenario, journal: bool) -> Result<Self, RunError> {
        let mut builder = builder(&scenario.network)?;
        builder.journal = journal;
        let network = builder.try_build();
        let network = network.map_err(|error| RunError::SetUp(format!("{error:#}")))?;
        Ok(Self { network })
    }

    /// Issues all keys to their first owners, in batches.
    pub fn import(&mut self, scenario: &Scenario) -> Result<(), RunError> {
        for batch in batches(&scenario.owners) {
            let done = self.network.try_issue(&batch);
            refuse(0, done, || format!("issue of {} rows of keys", batch.len()))?;
        }
        let sealed = self.network.try_seal_issuance();
        refuse(0, sealed, || "seal of issuance".to_owned())?;
        Ok(())
    }

    /// Gives everybody the QST that he will stake and pay for keys.
    pub fn fund(&mut self, scenario: &Scenario) -> Result<(), RunError> {
        let qst = self.network.qst();
        for (account, amount) in needs(scenario) {
            self.mint(0, account, &qst, amount)?;
        }
        Ok(())
    }

    /// Creates money for somebody.
    pub fn mint(
        &mut self,
        epoch: u64,
        account: &str,
        denom: &Denom,
        amount: u128,
    ) -> Result<(), RunError> {
        let done = self.network.try_mint(account, denom, amount);
        refuse(epoch, done, || format!("{amount} {denom} for {account}"))?;
        Ok(())
    }

    /// Moves the time to the beginning of an epoch, if that is not past.
    pub fn start(&mut self, epoch: u64) {
        let start = self.network.clock().start_of(id(epoch));
        self.network.advance_to(start);
    }

    /// Whether the books of all contracts are right.
    pub fn check_books(&self, epoch: u64) -> Result<(), RunError> {
        let faults = self.network.check_invariants();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(RunError::Books { epoch, faults })
        }
    }
}

/// An epoch as the contracts number it.
pub(super) fn id(epoch: u64) -> Epoch {
    Epoch(u32::try_from(epoch).unwrap_or(u32::MAX))
}

/// What a contract answered, or why it refused.
pub(super) fn refuse(
    epoch: u64,
    done: Result<AppResponse, impl std::fmt::Display>,
    what: impl FnOnce() -> String,
) -> Result<AppResponse, RunError> {
    done.map_err(|reason| RunError::Refused {
        epoch,
        what: what(),
        reason: format!("{reason:#}"),
    })
}

fn builder(network: &input::Network) -> Result<Builder, RunError> {
    let mut builder = Network::builder()
        .start(network.start)
        .epoch_length(network.epoch_length)
        .treasury(TREASURY)
        .currencies(network.denominations.iter().map(currency).collect());
    builder.attesters.clone_from(&network.attesters);
    builder.threshold = network.threshold;
    let params = &network.params;
    builder.registry.market_fee = share(params.market_fee_bps)?;
    builder.registry.split_notice = params.split_notice_s;
    builder.registry.split_grace = u32::try_from(params.split_grace).unwrap_or(u32::MAX);
    builder.vault.unbonding_period = params.unbonding_period_s;
    builder.vault.minimum_lock = params.minimum_lock_s;
    builder.distributor.network_share = share(params.network_share_bps)?;
    builder.distributor.unstaked_share = share(params.unstaked_share_bps)?;
    builder.distributor.evidence.report_window = params.report_window_s;
    builder.distributor.appeal_window = params.appeal_window_s;
    builder.distributor.remainder_to = match params.remainder_to {
        RemainderTo::AllRunning => Remainder::AllRunning,
        RemainderTo::UnstakedRunning => Remainder::UnstakedRunning,
    };
    builder.distributor.appeal_bond = Uint128::new(input::NODE_STAKE / 200);
    if let Some(rules) = &network.delegation {
        add_delegations(&mut builder, rules);
    }
    Ok(builder)
}

/// The delegation contract's attesters and windows are the distributor's.
fn add_delegations(builder: &mut Builder, rules: &DelegationRules) {
    builder.delegation.slot_size = rules.slot_size.into();
    builder.delegation.own_quintessence = rules.own_quintessence.into();
    builder.delegation.unbonding_period = rules.unbonding_period_s;
    let schedule = rules.schedule.iter().map(|mint| Mint {
        from: Epoch(mint.from),
        amount: mint.amount.into(),
    });
    builder.delegation.schedule = schedule.collect();
    builder.reward_token.symbol.clone_from(&rules.token);
    builder.reward_token.decimals = u8::try_from(rules.decimals).unwrap_or(u8::MAX);
    builder.collections = rules.collections.iter().map(collection).collect();
}

fn collection(rules: &input::Collection) -> NftCollection {
    let class = |class: &input::Class| Class {
        name: class.name.clone(),
        tokens: match &class.tokens {
            input::TokenRule::Range(first, last) => TokenRule::Range {
                first: *first,
                last: *last,
            },
            input::TokenRule::Prefix(prefix) => TokenRule::Prefix {
                prefix: prefix.clone(),
            },
        },
        weight: class.weight.into(),
    };
    NftCollection {
        classes: rules.classes.iter().map(class).collect(),
        ..NftCollection::new(&rules.name, rules.weight.into())
    }
}

fn share(bps: u64) -> Result<Bps, RunError> {
    let bps = u16::try_from(bps).unwrap_or(u16::MAX);
    Bps::new(bps).map_err(|error| RunError::SetUp(error.to_string()))
}

fn currency(denomination: &Denomination) -> Currency {
    let decimals = u8::try_from(denomination.decimals).unwrap_or(u8::MAX);
    match &denomination.asset {
        Asset::Native(denom) => Currency::Native {
            denom: denom.clone(),
            symbol: denomination.name.clone(),
            decimals,
        },
        Asset::Cw20(symbol) if symbol == "qst" => Currency::Qst,
        Asset::Cw20(symbol) => Currency::Token {
            symbol: symbol.clone(),
            decimals,
        },
    }
}

/// QST that each account needs for what it does in the scenario.
fn needs(scenario: &Scenario) -> BTreeMap<&str, u128> {
    let mut needs = BTreeMap::<&str, u128>::new();
    let stakes = scenario.stakes.iter().map(|row| match &row.action {
        StakeAction::StakeNode { amount, .. } | StakeAction::Deposit { amount } => {
            (row.account.as_str(), *amount)
        }
        StakeAction::UnstakeNode { .. } | StakeAction::Withdraw { .. } => (row.account.as_str(), 0),
    });
    let prices = scenario
        .sales
        .iter()
        .map(|sale| (sale.buyer.as_str(), sale.price));
    for (account, amount) in stakes.chain(prices).filter(|(_, amount)| *amount > 0) {
        let need = needs.entry(account).or_default();
        *need = need.saturating_add(amount);
    }
    needs
}
