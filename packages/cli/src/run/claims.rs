//! Everybody's claims, and what they paid.

use std::collections::BTreeSet;

use cosmwasm_std::{from_json, Event};
use noderev_api::common::{ReceiptInfo, ReceiptsResponse};
use noderev_api::delegation;
use noderev_api::distributor::{ClaimSummary, QueryMsg, CLAIM_PAGE, MAX_BATCH};
use noderev_components::Denom;
use noderev_testing::AppResponse;
use serde::de::DeserializeOwned;

use super::epochs::field;
use super::error::RunError;
use super::stage::{refuse, TREASURY};
use super::Run;
use crate::results::{Contract, Payout, Receipt, Role};

/// An account claims every so many epochs.
const CLAIM_EVERY: u64 = 10;
/// Most calls that one account's claim may take.
const MOST_CALLS: usize = 1_000;

/// What was paid so far.
#[derive(Default)]
pub(super) struct Claims {
    pub payouts: Vec<Payout>,
    pub receipts: Vec<Receipt>,
}

impl Run<'_> {
    /// The accounts whose turn it is.
    pub(super) fn claim_some(&mut self, epoch: u64) -> Result<(), RunError> {
        let accounts = self.claimants();
        let due = |account: &String| is_turn(account, epoch);
        for account in accounts.into_iter().filter(due) {
            self.claim(epoch, &account)?;
        }
        for account in self.delegators().into_iter().filter(due) {
            self.claim_rewards(epoch, &account)?;
        }
        Ok(())
    }

    /// Everybody claims what is left.
    pub(super) fn claim_all(&mut self) -> Result<(), RunError> {
        let epoch = self.scenario.network.epochs;
        for account in self.claimants() {
            self.claim(epoch, &account)?;
        }
        for account in self.delegators() {
            self.claim_rewards(epoch, &account)?;
        }
        Ok(())
    }

    /// Members and owners of delegations, former ones included, in order.
    pub(super) fn delegators(&self) -> BTreeSet<String> {
        let ledgers = self.delegations.iter().map(|all| &all.ledger);
        let accounts = ledgers.flat_map(|ledger| ledger.accounts());
        accounts.map(str::to_owned).collect()
    }

    /// Everybody whom the distributor may owe something, in order.
    pub(super) fn claimants(&self) -> Vec<String> {
        let mut accounts = self.shadow.accounts();
        accounts.insert(TREASURY);
        accounts.into_iter().map(str::to_owned).collect()
    }

    /// Claims until there is nothing left. Whoever has many keys names them, a hundred at a time;
    /// the others leave it to the contract to find them.
    fn claim(&mut self, epoch: u64, account: &str) -> Result<(), RunError> {
        let keys = self.shadow.keys_of(account);
        if keys.len() <= usize::try_from(CLAIM_PAGE).unwrap_or(0) {
            return self.claim_keys(epoch, account, None);
        }
        for some in keys.chunks(MAX_BATCH) {
            self.claim_keys(epoch, account, Some(some))?;
        }
        Ok(())
    }

    fn claim_keys(
        &mut self,
        epoch: u64,
        account: &str,
        keys: Option<&[u32]>,
    ) -> Result<(), RunError> {
        for _ in 0..MOST_CALLS {
            // A block of its own for each payout, in the same second.
            self.stage.network.advance_seconds(0);
            let done = self.stage.network.try_claim_keys(account, keys);
            let response = refuse(epoch, done, || format!("claim of {account}"))?;
            self.record(epoch, account, &response)?;
            if !answered::<ClaimSummary>(&response)?.next {
                return Ok(());
            }
        }
        Err(endless(account))
    }

    /// Claims what delegations owe until there is nothing left.
    fn claim_rewards(&mut self, epoch: u64, account: &str) -> Result<(), RunError> {
        for _ in 0..MOST_CALLS {
            self.stage.network.advance_seconds(0);
            let done = self.stage.network.try_claim_rewards(account, None);
            let response = refuse(epoch, done, || format!("claim of {account}"))?;
            self.record(epoch, account, &response)?;
            if !answered::<delegation::ClaimSummary>(&response)?.next {
                return Ok(());
            }
        }
        Err(endless(account))
    }

    /// Keeps what a claim paid.
    fn record(
        &mut self,
        epoch: u64,
        account: &str,
        response: &AppResponse,
    ) -> Result<(), RunError> {
        for event in &response.events {
            let Some(contract) = payer(event) else {
                continue;
            };
            let receipt = self.receipt(contract, account, event)?;
            let paid = self.payouts(epoch, &receipt, event)?;
            self.claims.payouts.extend(paid);
            self.claims.receipts.push(receipt);
        }
        Ok(())
    }

    fn receipt(
        &self,
        contract: Contract,
        account: &str,
        event: &Event,
    ) -> Result<Receipt, RunError> {
        let payee = field(event, "payee")?;
        let own = self.stage.network.account(account);
        let mut receipt = Receipt {
            contract,
            number: number(event, "seq")?,
            account: account.to_owned(),
            payee: if own.as_str() == payee {
                account
            } else {
                payee
            }
            .to_owned(),
            height: self.stage.network.height(),
            from_epoch: field(event, "from_epoch")
                .ok()
                .map(|_| number(event, "from_epoch"))
                .transpose()?,
            until_epoch: field(event, "until_epoch")
                .ok()
                .map(|_| number(event, "until_epoch"))
                .transpose()?,
            amounts: Vec::new(),
        };
        for (_, denom, amount) in self.amounts(event)? {
            receipt.add(denom, amount);
        }
        Ok(receipt)
    }

    fn payouts(
        &self,
        epoch: u64,
        receipt: &Receipt,
        event: &Event,
    ) -> Result<Vec<Payout>, RunError> {
        let payout = |(role, denom, amount)| Payout {
            receipt: receipt.number,
            account: receipt.account.clone(),
            role,
            denom,
            amount,
            epoch,
            height: receipt.height,
        };
        Ok(self.amounts(event)?.into_iter().map(payout).collect())
    }

    /// What a payment consists of: `role:currency:amount`.
    fn amounts(&self, event: &Event) -> Result<Vec<(Role, usize, u128)>, RunError> {
        let fields = event
            .attributes
            .iter()
            .filter(|field| field.key == "amount");
        let amounts = fields.map(|field| {
            let amount = self.amount(&field.value);
            amount.ok_or_else(|| RunError::answer(&event.ty, format!("amount {}", field.value)))
        });
        amounts.collect()
    }

    fn amount(&self, text: &str) -> Option<(Role, usize, u128)> {
        let (role, rest) = text.split_once(':')?;
        let (denom, amount) = rest.rsplit_once(':')?;
        let role = match role {
            "nodes" => Role::Node,
            "pool" => Role::Pool,
            "treasury" => Role::Treasury,
            "members" => Role::Member,
            "commission" => Role::Commission,
            _ => return None,
        };
        let denom = self.denom_index(denom)?;
        Some((role, denom, amount.parse().ok()?))
    }

    fn denom_index(&self, name: &str) -> Option<usize> {
        let denoms = self.stage.network.denoms().iter();
        denoms
            .map(|info| info.denom.to_string())
            .chain([self.stage.network.reward().to_string()])
            .position(|denom| denom == name)
    }

    /// Whether the contracts' receipts are those that their events announced.
    pub(super) fn check_receipts(&self) -> Result<Vec<String>, RunError> {
        let mut announced = self.claims.receipts.clone();
        announced.sort_by(|a, b| {
            (a.contract, &a.account, a.number).cmp(&(b.contract, &b.account, b.number))
        });
        let mut differences = Vec::new();
        let one = |a: &Receipt, b: &Receipt| (a.contract, &a.account) == (b.contract, &b.account);
        for mine in announced.chunk_by(one) {
            let Some(first) = mine.first() else {
                continue;
            };
            let account = first.account.as_str();
            let written = self.written_receipts(first.contract, account)?;
            if written != mine {
                differences.push(format!(
                    "{account}: {} receipts announced, {} written, or they differ",
                    mine.len(),
                    written.len()
                ));
            }
        }
        Ok(differences)
    }

    /// An account's receipts as a contract has written them, oldest first.
    fn written_receipts(
        &self,
        contract: Contract,
        account: &str,
    ) -> Result<Vec<Receipt>, RunError> {
        let mut receipts = Vec::new();
        loop {
            let after = receipts.last().map(|receipt: &Receipt| receipt.number);
            let page = self.receipts_page(contract, account, after)?;
            if page.receipts.is_empty() {
                receipts.reverse();
                return Ok(receipts);
            }
            let read = page
                .receipts
                .iter()
                .map(|one| self.read_receipt(contract, account, one));
            receipts.extend(read);
        }
    }

    fn receipts_page(
        &self,
        contract: Contract,
        account: &str,
        start_after: Option<u64>,
    ) -> Result<ReceiptsResponse, RunError> {
        let account = self.stage.network.account(account).into_string();
        let limit = Some(100);
        match contract {
            Contract::Distributor => self.ask(&QueryMsg::Receipts {
                account,
                start_after,
                limit,
            }),
            Contract::Delegation => self.ask_delegation(&delegation::QueryMsg::Receipts {
                account,
                start_after,
                limit,
            }),
        }
    }

    fn read_receipt(&self, contract: Contract, account: &str, written: &ReceiptInfo) -> Receipt {
        let own = self.stage.network.account(account);
        let index = |denom: &Denom| self.denom_index(&denom.to_string());
        let mut receipt = Receipt {
            contract,
            number: written.number,
            account: account.to_owned(),
            payee: match written.payee == own {
                true => account.to_owned(),
                false => written.payee.to_string(),
            },
            height: written.height,
            from_epoch: written.from.map(|epoch| epoch.0.into()),
            until_epoch: written.until.map(|epoch| epoch.0.into()),
            amounts: Vec::new(),
        };
        for paid in &written.amounts {
            if let Some(denom) = index(&paid.denom) {
                receipt.add(denom, paid.amount.u128());
            }
        }
        receipt
    }
}

/// What a claim answered.
fn answered<T: DeserializeOwned>(response: &AppResponse) -> Result<T, RunError> {
    #[allow(deprecated, reason = "the field of this version of cw-multi-test")]
    let data = response.data.clone().unwrap_or_default();
    from_json(data).map_err(|error| RunError::answer("claim", error))
}

fn endless(account: &str) -> RunError {
    RunError::answer(
        "claim",
        format!("{account} has claimed {MOST_CALLS} times and there is more"),
    )
}

/// Who announces a payment by an event, if it is one.
fn payer(event: &Event) -> Option<Contract> {
    match event.ty.as_str() {
        "wasm-distributor_paid" => Some(Contract::Distributor),
        "wasm-delegation_paid" => Some(Contract::Delegation),
        _ => None,
    }
}

fn number(event: &Event, name: &str) -> Result<u64, RunError> {
    let text = field(event, name)?;
    text.parse()
        .map_err(|_| RunError::answer(&event.ty, format!("{name} is {text}")))
}

/// Every account has its turn, spread over the epochs by its name.
fn is_turn(account: &str, epoch: u64) -> bool {
    // FNV-1a
    let hash = account
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
    let (turn, now) = (
        hash.checked_rem(CLAIM_EVERY),
        epoch.checked_rem(CLAIM_EVERY),
    );
    epoch > 0 && turn == now
}
