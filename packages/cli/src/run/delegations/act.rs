//! The scenario's rows as messages.

use std::collections::BTreeSet;

use noderev_api::delegation::{Joining, Metadata, Nft, MAX_BATCH};

use super::super::error::RunError;
use super::super::stage::refuse;
use super::super::Run;
use super::ledger::NftId;
use crate::input::{Injection, NftAction, NftMove, Tokens, ValidatorAction, ValidatorMove};

impl Run<'_> {
    /// Creates all NFTs for those who stake them first, and lets the contract fetch them.
    pub(in crate::run) fn import_nfts(&mut self) -> Result<(), RunError> {
        let mut minted = BTreeSet::<(usize, &str)>::new();
        let mut approved = BTreeSet::<(usize, &str)>::new();
        let scenario = self.scenario;
        for row in &scenario.delegations.moves {
            let NftAction::Stake { tokens, .. } = &row.action else {
                continue;
            };
            let (collection, account) = (tokens.collection, row.account.as_str());
            for id in &tokens.ids {
                if minted.insert((collection, id)) {
                    let done = self.stage.network.try_mint_nft(account, collection, id);
                    refuse(0, done, || format!("mint of NFT {id} for {account}"))?;
                }
            }
            if approved.insert((collection, account)) {
                let done = self
                    .stage
                    .network
                    .try_approve_collection(account, collection);
                refuse(0, done, || format!("approval of {account}"))?;
            }
        }
        Ok(())
    }

    /// The scenario's rows of an epoch, in the documented order.
    pub(in crate::run) fn act_on_delegations(&mut self, epoch: u64) -> Result<(), RunError> {
        let rows = &self.scenario.delegations;
        for row in rows.moves_in(epoch) {
            self.move_nfts(row)?;
        }
        for row in rows.validators_in(epoch) {
            self.move_validator(row)?;
        }
        for row in rows.injections_in(epoch) {
            self.inject(row)?;
        }
        Ok(())
    }

    fn move_nfts(&mut self, row: &NftMove) -> Result<(), RunError> {
        let (epoch, account) = (row.epoch, row.account.as_str());
        match &row.action {
            NftAction::Stake { tokens, delegation } => {
                self.stake(epoch, account, tokens, *delegation)?;
            }
            NftAction::Move { tokens, delegation } => {
                for nfts in self.batches(tokens) {
                    let done = self
                        .stage
                        .network
                        .try_move_nfts(account, &nfts, *delegation);
                    refuse(epoch, done, || {
                        format!("move of {account} to {}", place(*delegation))
                    })?;
                }
            }
            NftAction::Unstake { tokens } => {
                for nfts in self.batches(tokens) {
                    let done = self.stage.network.try_unstake_nfts(account, &nfts);
                    refuse(epoch, done, || format!("unstaking of {account}"))?;
                }
            }
            NftAction::Create {
                delegation,
                commission,
            } => self.create(epoch, account, *delegation, *commission)?,
            NftAction::Commission { commission } => {
                let done = self.stage.network.try_set_commission(account, *commission);
                refuse(epoch, done, || {
                    format!("commission of {commission} basis points by {account}")
                })?;
            }
            NftAction::Release { member } => {
                let members = [member.as_str()];
                let done = self.stage.network.try_release_members(account, &members);
                refuse(epoch, done, || format!("release of {member} by {account}"))?;
            }
            NftAction::HandOver { to } => self.hand_over(epoch, account, to)?,
        }
        if let Some(delegations) = &mut self.delegations {
            delegations.ledger.apply(row);
        }
        Ok(())
    }

    fn stake(
        &mut self,
        epoch: u64,
        account: &str,
        tokens: &Tokens,
        delegation: Option<u16>,
    ) -> Result<(), RunError> {
        for ids in tokens.ids.chunks(MAX_BATCH) {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let network = &mut self.stage.network;
            let done = network.try_stake_nfts(account, tokens.collection, &ids, delegation);
            refuse(epoch, done, || {
                format!("stake of {account} in {}", place(delegation))
            })?;
        }
        Ok(())
    }

    /// NFTs as messages take them.
    fn batches(&self, tokens: &Tokens) -> Vec<Vec<Nft>> {
        let nft = |id: &String| self.stage.network.nft(tokens.collection, id);
        let nfts: Vec<Nft> = tokens.ids.iter().map(nft).collect();
        nfts.chunks(MAX_BATCH).map(<[Nft]>::to_vec).collect()
    }

    fn create(
        &mut self,
        epoch: u64,
        account: &str,
        delegation: u16,
        commission: u16,
    ) -> Result<(), RunError> {
        let metadata = Metadata {
            name: format!("Delegation {delegation}"),
            url: String::new(),
            description: String::new(),
        };
        let network = &mut self.stage.network;
        let done =
            network.try_create_delegation_as(account, metadata, commission, Joining::Open, 0);
        refuse(epoch, done, || {
            format!("creation of delegation {delegation} by {account}")
        })?;
        Ok(())
    }

    fn hand_over(&mut self, epoch: u64, account: &str, to: &str) -> Result<(), RunError> {
        let owned = self
            .delegations
            .as_ref()
            .and_then(|all| all.ledger.owned_by(account))
            .unwrap_or_default();
        let what = || format!("hand-over of delegation {owned} by {account} to {to}");
        let done = self
            .stage
            .network
            .try_transfer_delegation(account, Some(to));
        refuse(epoch, done, what)?;
        let done = self.stage.network.try_accept_delegation(to, owned);
        refuse(epoch, done, what)?;
        Ok(())
    }

    fn move_validator(&mut self, row: &ValidatorMove) -> Result<(), RunError> {
        let number = row.validator;
        let delegation = match row.action {
            ValidatorAction::Register(delegation) => {
                let node = format!("node-{number}");
                let done = self
                    .stage
                    .network
                    .try_register_validator(&row.operator, &node);
                refuse(row.epoch, done, || format!("validator {number}"))?;
                delegation
            }
            ValidatorAction::Assign(delegation) => Some(delegation),
            ValidatorAction::Remove => {
                let network = &mut self.stage.network;
                let done = network.try_assign_validator(&row.operator, number, None);
                refuse(row.epoch, done, || format!("removal of validator {number}"))?;
                None
            }
        };
        if let Some(delegation) = delegation {
            self.assign(row, delegation)?;
        }
        if let Some(delegations) = &mut self.delegations {
            delegations.ledger.place(row);
        }
        Ok(())
    }

    /// An operator asks, and the owner agrees, unless that is the same.
    fn assign(&mut self, row: &ValidatorMove, delegation: u16) -> Result<(), RunError> {
        let what = || format!("validator {} of delegation {delegation}", row.validator);
        let owner = self
            .delegations
            .as_ref()
            .and_then(|all| all.ledger.owner(delegation))
            .unwrap_or_default()
            .to_owned();
        let network = &mut self.stage.network;
        let done = network.try_assign_validator(&row.operator, row.validator, Some(delegation));
        refuse(row.epoch, done, what)?;
        if owner != row.operator {
            let done = network.try_accept_validators(&owner, &[row.validator]);
            refuse(row.epoch, done, what)?;
        }
        Ok(())
    }

    fn inject(&mut self, row: &Injection) -> Result<(), RunError> {
        let reward = self.stage.network.reward();
        self.stage
            .mint(row.epoch, &row.account, &reward, row.amount)?;
        let done = self.stage.network.try_inject_as(
            &row.account,
            row.amount,
            row.over,
            &row.source,
            &row.reference,
        );
        refuse(row.epoch, done, || {
            format!("injection {} of {}", row.reference, row.source)
        })?;
        Ok(())
    }

    /// Returns NFTs whose time has come.
    pub(in crate::run) fn return_nfts(&mut self, epoch: u64) -> Result<(), RunError> {
        let now = self.stage.network.now().seconds();
        let Some(delegations) = &mut self.delegations else {
            return Ok(());
        };
        let due = delegations.ledger.returning(now);
        for keys in due.chunks(MAX_BATCH) {
            let nft = |(collection, id): &NftId| self.stage.network.nft(*collection, id);
            let nfts: Vec<Nft> = keys.iter().map(nft).collect();
            let done = self.stage.network.try_withdraw_nfts("keeper", &nfts);
            refuse(epoch, done, || format!("return of {} NFTs", nfts.len()))?;
            delegations.ledger.returned(keys);
        }
        Ok(())
    }
}

fn place(delegation: Option<u16>) -> String {
    match delegation {
        Some(number) => format!("delegation {number}"),
        None => "no delegation".to_owned(),
    }
}
