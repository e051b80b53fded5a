//! Everything that somebody can do, as data.

use cosmwasm_std::{from_json, Addr, BankMsg, Binary};
use cw_multi_test::{AppResponse, Executor};
use cw_utils::Expiration;
use noderev_api::distributor::{self, ClaimSummary};
use noderev_api::{registry, vault};
use noderev_components::{Bitmap, Denom as Currency, Epoch as EpochId, KeyId};

use crate::shadow::{
    Answer, Denom, Epoch, Key, Kind, Purchase, RegistryParams, ShareParams, VaultParams, Who,
};
use crate::world::{at, bps, name, share_params, World, QST, TREASURY};

/// Storage is compared before and after one refused act in so many.
const DUMP_EVERY: usize = 5;

/// A contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// The node registry.
    Registry,
    /// The staking vault.
    Vault,
    /// The revenue distributor.
    Distributor,
}

/// Something that somebody does.
#[allow(
    missing_docs,
    reason = "the messages of the contracts, with numbers for accounts"
)]
#[derive(Clone, Debug)]
pub enum Act {
    Time {
        seconds: u64,
    },

    Issue {
        by: Who,
        rows: Vec<(Who, u32)>,
    },
    Transfer {
        by: Who,
        to: Who,
        key: Key,
    },
    Operator {
        by: Who,
        key: Key,
        operator: Option<Who>,
    },
    List {
        by: Who,
        key: Key,
        price: u128,
        buyer: Option<Who>,
        expires: Option<u64>,
        with_stake: bool,
    },
    Delist {
        by: Who,
        key: Key,
    },
    Buy {
        by: Who,
        purchases: Vec<Purchase>,
        sent: u128,
    },
    ClaimFees {
        by: Who,
    },
    Split {
        by: Who,
        factor: u32,
    },
    CancelSplit {
        by: Who,
    },

    Stake {
        by: Who,
        keys: Vec<Key>,
        sent: u128,
    },
    Unstake {
        by: Who,
        keys: Vec<Key>,
    },
    PoolIn {
        by: Who,
        sent: u128,
    },
    PoolOut {
        by: Who,
        amount: u128,
    },
    WithdrawNamed {
        by: Who,
        lots: Vec<u64>,
    },
    WithdrawPage {
        by: Who,
        after: Option<u64>,
        limit: u32,
    },
    CancelLot {
        by: Who,
        lot: u64,
    },

    Deposit {
        by: Who,
        denom: Denom,
        amount: u128,
        over: u32,
        reference: String,
    },
    Report {
        by: Who,
        epoch: Epoch,
        bits: Vec<bool>,
    },
    Close {
        by: Who,
        epoch: Epoch,
    },
    Roll {
        by: Who,
    },
    Dispute {
        by: Who,
        kind: Kind,
        epoch: Epoch,
        keys: Vec<Key>,
        sent: u128,
    },
    Rule {
        by: Who,
        epoch: Epoch,
        keys: Vec<Key>,
        upheld: bool,
    },
    Resolve {
        by: Who,
        epoch: Epoch,
        keys: Vec<Key>,
    },
    Claim {
        by: Who,
        account: Option<Who>,
        keys: Option<Vec<Key>>,
        denoms: Option<Vec<Denom>>,
        to: Option<Who>,
    },
    Settle {
        by: Who,
        account: Option<Who>,
        keys: Option<Vec<Key>>,
    },
    Compound {
        by: Who,
        keys: Option<Vec<Key>>,
    },
    Payee {
        by: Who,
        payee: Option<Who>,
    },
    Policy {
        by: Who,
        self_claim_only: bool,
    },

    RegistryParams {
        by: Who,
        params: RegistryParams,
    },
    VaultParams {
        by: Who,
        params: VaultParams,
    },
    ShareParams {
        by: Who,
        params: ShareParams,
    },
    CancelParams {
        by: Who,
        contract: Contract,
    },
    Pause {
        by: Who,
        contract: Contract,
        seconds: u64,
    },
    Resume {
        by: Who,
        contract: Contract,
    },
    Donate {
        by: Who,
        contract: Contract,
        denom: Denom,
        amount: u128,
    },
}

/// What the ledger expects of an act that it accepts.
enum Expected {
    /// Nothing more than that.
    Done,
    /// So much QST is sent to a contract.
    Sends(u128),
    /// So much QST is sent, and these get some at once.
    Sells(u128, Vec<(Who, u128)>),
    /// Somebody gets QST.
    Pays(Who, u128),
    /// A deposit of revenue.
    Revenue(Denom, u128),
    /// What a claim pays is asked of the contract, and must be within the ledger's bounds.
    Claim,
    /// The same, but there may be nothing to pay yet.
    ClaimOrNothing,
    /// The ledger does not tell.
    Either,
}

impl World {
    /// Does an act with contracts and ledger. True if both accept it, false if both refuse it;
    /// what they disagree about is an error.
    pub fn perform(&mut self, act: &Act) -> Result<bool, String> {
        if let Act::Time { seconds } = act {
            self.net.advance_seconds(*seconds);
            self.shadow.advance(*seconds);
            self.log.push(String::new());
            return Ok(true);
        }
        let expected = self.foresee(act);
        let sampled = self.log.len().is_multiple_of(DUMP_EVERY);
        let before = (expected.is_err() && sampled).then(|| self.dump());
        let claim = self.claim_before(act);
        let preview = self.preview(act);
        let sent = self.send(act);
        self.log.push(match &sent {
            Ok(_) => String::new(),
            Err(error) => format!("{error:#}"),
        });
        match (expected, sent) {
            (_, Err(error)) if format!("{error:#}").contains("finding") => {
                Err(format!("a contract panicked: {error:#}"))
            }
            (Ok(Expected::Either), sent) => Ok(sent.is_ok()),
            (Ok(Expected::ClaimOrNothing), Err(error))
                if format!("{error:#}").contains("no QST is owed") =>
            {
                Ok(false)
            }
            (Ok(expected), Ok(response)) => {
                self.note(act, expected, claim, &response)?;
                self.check_preview(act, preview, &response)?;
                Ok(true)
            }
            (Err(_), Err(_)) => {
                let unchanged = before.is_none_or(|before| before == self.dump());
                unchanged
                    .then_some(false)
                    .ok_or("a refused message has changed storage".to_string())
            }
            (Ok(_), Err(error)) => Err(format!("the contract refused: {error:#}")),
            (Err(why), Ok(_)) => Err(format!("the contract accepted, but: {why}")),
        }
    }

    /// What the ledger says of an act; it is done there if it is accepted.
    fn foresee(&mut self, act: &Act) -> Answer<Expected> {
        let ledger = &mut self.shadow;
        match act.clone() {
            Act::Time { .. } => Ok(Expected::Done),
            Act::Issue { by, rows } => ledger.issue(by, &rows).map(done),
            Act::Transfer { by, to, key } => ledger.transfer(by, to, key).map(done),
            Act::Operator { by, key, operator } => ledger.set_operator(by, key, operator).map(done),
            Act::List {
                by,
                key,
                price,
                buyer,
                expires,
                with_stake,
            } => ledger
                .list(by, key, price, buyer, expires, with_stake)
                .map(|_| Expected::Done),
            Act::Delist { by, key } => ledger.delist(by, key).map(done),
            Act::Buy {
                by,
                purchases,
                sent,
            } => ledger
                .buy(by, &purchases, sent)
                .map(|sellers| Expected::Sells(sent, sellers)),
            Act::ClaimFees { .. } => ledger
                .claim_fees()
                .map(|fees| Expected::Pays(TREASURY, fees)),
            Act::Split { by, factor } => ledger.split(by, factor).map(|_| Expected::Done),
            Act::CancelSplit { by } => ledger.cancel_split(by).map(done),
            Act::Stake { by, keys, sent } => ledger
                .stake_nodes(by, &keys, sent)
                .map(|()| Expected::Sends(sent)),
            Act::Unstake { by, keys } => ledger.unstake_nodes(by, &keys).map(done),
            Act::PoolIn { by, sent } => ledger
                .deposit_pool(by, sent)
                .map(|()| Expected::Sends(sent)),
            Act::PoolOut { by, amount } => ledger.unbond_pool(by, amount).map(done),
            Act::WithdrawNamed { by, lots } => ledger
                .withdraw_named(by, &lots)
                .map(|amount| Expected::Pays(by, amount)),
            Act::WithdrawPage { by, after, limit } => ledger
                .withdraw_page(by, after, limit as usize)
                .map(|amount| Expected::Pays(by, amount)),
            Act::CancelLot { by, lot } => ledger.cancel_lot(by, lot).map(done),
            Act::Deposit {
                denom,
                amount,
                over,
                reference,
                ..
            } => ledger
                .deposit(denom, amount, over, "customer", &reference)
                .map(|()| Expected::Revenue(denom, amount)),
            Act::Report { by, epoch, bits } => ledger.report(by, epoch, &bits).map(done),
            Act::Close { epoch, .. } => ledger.close(epoch).map(done),
            Act::Roll { .. } => Ok(Expected::Either),
            Act::Dispute {
                by,
                kind,
                epoch,
                keys,
                sent,
            } => ledger
                .dispute(by, kind, epoch, &keys, sent)
                .map(|()| Expected::Sends(sent)),
            Act::Rule {
                by,
                epoch,
                keys,
                upheld,
            } => ledger.rule(by, epoch, &keys, upheld).map(done),
            Act::Resolve { epoch, keys, .. } => ledger.resolve(epoch, &keys).map(done),
            Act::Claim {
                by,
                account,
                keys,
                to,
                ..
            } => {
                let account = account.unwrap_or(by);
                self.foresee_keys(keys.as_deref())?;
                let closed = self.self_claim.get(&account).copied().unwrap_or(false);
                match account != by && (closed || to.is_some()) {
                    true => Err("not his to claim"),
                    false => Ok(Expected::Claim),
                }
            }
            Act::Settle { keys, .. } => {
                self.foresee_keys(keys.as_deref())?;
                Ok(Expected::Claim)
            }
            Act::Compound { by, keys } => {
                self.foresee_keys(keys.as_deref())?;
                let (paused, now) = (self.shadow.staking, self.shadow.now);
                match self.shadow.claimable(by, QST) {
                    0 => Err("nothing to compound"),
                    _ if paused.is_on(now) => Err("paused"),
                    _ => Ok(Expected::ClaimOrNothing),
                }
            }
            Act::Payee { by, payee } => {
                match payee {
                    Some(payee) => self.payees.insert(by, payee),
                    None => self.payees.remove(&by),
                };
                Ok(Expected::Done)
            }
            Act::Policy {
                by,
                self_claim_only,
            } => {
                self.self_claim.insert(by, self_claim_only);
                Ok(Expected::Done)
            }
            Act::RegistryParams { by, params } => ledger
                .queue_registry_params(by, params)
                .map(|_| Expected::Done),
            Act::VaultParams { by, params } => ledger
                .queue_vault_params(by, params)
                .map(|_| Expected::Done),
            Act::ShareParams { by, params } => ledger
                .queue_share_params(by, params)
                .map(|_| Expected::Done),
            Act::CancelParams { by, contract } => match contract {
                Contract::Registry => ledger.cancel_registry_params(by).map(done),
                Contract::Vault => ledger.cancel_vault_params(by).map(done),
                Contract::Distributor => ledger.cancel_share_params(by).map(done),
            },
            Act::Pause {
                by,
                contract,
                seconds,
            } => match contract {
                Contract::Registry => ledger.pause_market(by, seconds).map(done),
                Contract::Vault => ledger.pause_staking(by, seconds).map(done),
                Contract::Distributor => ledger.pause_deposits(by, seconds).map(done),
            },
            Act::Resume { by, contract } => match contract {
                Contract::Registry => ledger.resume_market(by).map(done),
                Contract::Vault => ledger.resume_staking(by).map(done),
                Contract::Distributor => ledger.resume_deposits(by).map(done),
            },
            Act::Donate { .. } => Ok(Expected::Done),
        }
    }

    fn foresee_keys(&self, keys: Option<&[Key]>) -> Answer {
        let Some(keys) = keys else { return Ok(()) };
        crate::shadow::check_list(keys)?;
        keys.iter()
            .try_for_each(|key| self.shadow.key(*key).map(|_| ()))
    }

    /// What the payee of a claim held before it.
    fn claim_before(&self, act: &Act) -> Vec<u128> {
        match self.claim_of(act) {
            Some((_, payee)) => (0..self.denoms())
                .map(|denom| self.balance(payee, denom))
                .collect(),
            None => vec![],
        }
    }

    /// What a claim of all currencies says beforehand that it would pay.
    fn preview(&self, act: &Act) -> Option<Vec<u128>> {
        let Act::Claim {
            by,
            account,
            keys,
            denoms: None,
            ..
        } = act
        else {
            return None;
        };
        let account = self.text(account.unwrap_or(*by));
        let keys = keys.as_deref().map(ids);
        let query = distributor::QueryMsg::PreviewClaim { account, keys };
        let view = self.net.distributor();
        let answer: distributor::PreviewClaimResponse = view.try_query(&query).ok()?;
        let total = |denom| {
            let currency = self.currency(denom);
            let parts = answer.amounts.iter().filter(|part| part.denom == currency);
            parts.map(|part| part.amount.u128()).sum()
        };
        Some((0..self.denoms()).map(total).collect())
    }

    /// What was foretold was paid.
    fn check_preview(
        &self,
        act: &Act,
        preview: Option<Vec<u128>>,
        response: &AppResponse,
    ) -> Result<(), String> {
        let Some(preview) = preview.filter(|_| matches!(act, Act::Claim { .. })) else {
            return Ok(());
        };
        let paid = paid_by_event(self, response);
        match paid == preview {
            true => Ok(()),
            false => Err(format!("the preview said {preview:?}, {paid:?} were paid")),
        }
    }

    /// Whose claim it is and who gets the money.
    fn claim_of(&self, act: &Act) -> Option<(Who, Who)> {
        match act {
            Act::Claim {
                by, account, to, ..
            } => {
                let account = account.unwrap_or(*by);
                Some((account, to.unwrap_or_else(|| self.payee(account))))
            }
            Act::Settle { by, account, .. } => {
                let account = account.unwrap_or(*by);
                Some((account, self.payee(account)))
            }
            Act::Compound { by, .. } => Some((*by, *by)),
            _ => None,
        }
    }

    /// Books what an accepted act has moved.
    fn note(
        &mut self,
        act: &Act,
        expected: Expected,
        claim: Vec<u128>,
        response: &AppResponse,
    ) -> Result<(), String> {
        match (act, expected) {
            (act, Expected::Sends(amount)) => self.spends(act.by(), QST, amount),
            (act, Expected::Sells(amount, sellers)) => {
                self.spends(act.by(), QST, amount);
                for (seller, amount) in sellers {
                    self.gets(seller, QST, amount);
                }
            }
            (_, Expected::Pays(who, amount)) => self.gets(who, QST, amount),
            (act, Expected::Revenue(denom, amount)) => self.spends(act.by(), denom, amount),
            (
                Act::Donate {
                    by,
                    contract,
                    denom,
                    amount,
                },
                _,
            ) => {
                self.spends(*by, *denom, *amount);
                let key = (self.contract(*contract), *denom);
                *self.donated.entry(key).or_default() += amount;
            }
            (act, Expected::Claim | Expected::ClaimOrNothing) => {
                self.note_claim(act, claim, response)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn note_claim(
        &mut self,
        act: &Act,
        before: Vec<u128>,
        response: &AppResponse,
    ) -> Result<(), String> {
        let summary = summary(response)?;
        let (account, payee) = self.claim_of(act).ok_or("not a claim")?;
        let (keys, chosen) = match act {
            Act::Claim { keys, denoms, .. } => (keys.clone(), denoms.clone()),
            Act::Settle { keys, .. } => (keys.clone(), Some(vec![])),
            Act::Compound { keys, .. } => (keys.clone(), Some(vec![QST])),
            _ => return Err("not a claim".into()),
        };
        let whole = summary.remaining == 0;
        for (denom, before) in before.iter().enumerate() {
            let mut paid = self.balance(payee, denom).saturating_sub(*before);
            let wanted = chosen.as_ref().is_none_or(|chosen| chosen.contains(&denom));
            let owed = self.shadow.claimable(account, denom);
            if matches!(act, Act::Compound { .. }) && denom == QST {
                paid = compounded(response);
                self.shadow
                    .deposit_pool(account, paid)
                    .map_err(|why| format!("compounding {paid}: {why}"))?;
            } else if paid > 0 {
                self.gets(payee, denom, paid);
            }
            let least = match (wanted, whole, &keys) {
                (false, _, _) | (true, false, _) => 0,
                (true, true, Some(keys)) => self.shadow.claimable_with(account, keys, denom),
                (true, true, None) if summary.next => 0,
                (true, true, None) => owed,
            };
            let most = if wanted { owed } else { 0 };
            if !(least..=most).contains(&paid) {
                return Err(format!(
                    "currency {denom}: {paid} were paid, {least} to {most} are owed ({summary:?})"
                ));
            }
            self.shadow
                .pay(account, denom, paid)
                .map_err(|why| format!("currency {denom}: {why}"))?;
        }
        match keys {
            Some(keys) if whole => self.shadow.keys_settled(&keys),
            None if !summary.next => self.shadow.account_settled(account),
            _ => {} // Which keys were settled is not told.
        }
        Ok(())
    }

    /// A contract's address.
    pub fn contract(&self, contract: Contract) -> Addr {
        let at = self.net.addresses();
        match contract {
            Contract::Registry => at.registry.clone(),
            Contract::Vault => at.vault.clone(),
            Contract::Distributor => at.distributor.clone(),
        }
    }

    fn text(&self, who: Who) -> String {
        self.addr(who).into_string()
    }

    fn some(&self, who: Option<Who>) -> Option<String> {
        who.map(|who| self.text(who))
    }

    /// Sends an act to the contracts.
    pub fn send(&mut self, act: &Act) -> anyhow::Result<AppResponse> {
        use distributor::{ExecuteMsg as D, ReceiveMsg as DR};
        use registry::{ExecuteMsg as R, ReceiveMsg as RR};
        use vault::{ExecuteMsg as V, ReceiveMsg as VR};
        let by = name(act.by());
        match act.clone() {
            Act::Time { .. } => anyhow::bail!("time is no message"),
            Act::Issue { rows, .. } => {
                let row = |(owner, count): &(Who, u32)| registry::IssueRow {
                    owner: self.text(*owner),
                    count: *count,
                };
                let rows = rows.iter().map(row).collect();
                self.net.try_on_registry(by, &R::Issue { rows })
            }
            Act::Transfer { to, key, .. } => self.net.try_transfer(by, name(to), key),
            Act::Operator { key, operator, .. } => {
                let operator = self.some(operator);
                let key = KeyId(key);
                self.net
                    .try_on_registry(by, &R::SetOperator { key, operator })
            }
            Act::List {
                key,
                price,
                buyer,
                expires,
                with_stake,
                ..
            } => {
                let msg = R::List {
                    id: KeyId(key),
                    price: price.into(),
                    buyer: self.some(buyer),
                    expires: expires.map(|expires| Expiration::AtTime(at(expires))),
                    with_stake,
                };
                self.net.try_on_registry(by, &msg)
            }
            Act::Delist { key, .. } => self.net.try_delist(by, key),
            Act::Buy {
                purchases, sent, ..
            } => {
                let purchase = |it: &Purchase| registry::Purchase {
                    id: KeyId(it.key),
                    listing: it.listing,
                    price: it.price.into(),
                };
                let purchases = purchases.iter().map(purchase).collect();
                self.net.try_send_registry(by, sent, &RR::Buy { purchases })
            }
            Act::ClaimFees { .. } => self.net.try_on_registry(by, &R::ClaimFees {}),
            Act::Split { factor, .. } => self.net.try_on_registry(by, &R::Split { factor }),
            Act::CancelSplit { .. } => self.net.try_on_registry(by, &R::CancelSplit {}),
            Act::Stake { keys, sent, .. } => {
                let keys = ids(&keys);
                self.net.try_send_vault(by, sent, &VR::StakeNodes { keys })
            }
            Act::Unstake { keys, .. } => self.net.try_unstake_nodes(by, &keys),
            Act::PoolIn { sent, .. } => self.net.try_deposit_pool(by, sent),
            Act::PoolOut { amount, .. } => self.net.try_unbond_pool(by, amount),
            Act::WithdrawNamed { lots, .. } => self.net.try_withdraw_lots(by, Some(&lots)),
            Act::WithdrawPage { after, limit, .. } => {
                let msg = V::WithdrawLots {
                    lots: None,
                    start_after: after,
                    limit: Some(limit),
                };
                self.net.try_on_vault(by, &msg)
            }
            Act::CancelLot { lot, .. } => self.net.try_cancel_lot(by, lot),
            Act::Deposit {
                denom,
                amount,
                over,
                reference,
                ..
            } => {
                let denom = self.currency(denom);
                self.net
                    .try_deposit_revenue_as(by, &denom, amount, over, "customer", &reference)
            }
            Act::Report { epoch, bits, .. } => {
                let msg = D::Report {
                    epoch: EpochId(epoch),
                    bitmap: bitmap(&bits),
                    evidence: vec![7; 32].into(),
                };
                self.net.try_on_distributor(by, &msg)
            }
            Act::Close { epoch, .. } => self.net.try_close_epoch(by, epoch),
            Act::Roll { .. } => self.net.try_roll(by),
            Act::Dispute {
                kind,
                epoch,
                keys,
                sent,
                ..
            } => {
                let (epoch, keys) = (EpochId(epoch), ids(&keys));
                let msg = match kind {
                    Kind::Appeal => DR::Appeal { epoch, keys },
                    Kind::Challenge => DR::Challenge { epoch, keys },
                };
                self.net.try_send_distributor(by, sent, &msg)
            }
            Act::Rule {
                epoch,
                keys,
                upheld,
                ..
            } => {
                let (epoch, keys) = (EpochId(epoch), ids(&keys));
                self.net.try_on_distributor(
                    by,
                    &D::Rule {
                        epoch,
                        keys,
                        upheld,
                    },
                )
            }
            Act::Resolve { epoch, keys, .. } => self.net.try_resolve(by, epoch, &keys),
            Act::Claim {
                account,
                keys,
                denoms,
                to,
                ..
            } => {
                let msg = D::Claim {
                    account: self.some(account),
                    keys: keys.as_deref().map(ids),
                    denoms: denoms
                        .map(|denoms| denoms.iter().map(|denom| self.currency(*denom)).collect()),
                    to: self.some(to),
                };
                self.net.try_on_distributor(by, &msg)
            }
            Act::Settle { account, keys, .. } => {
                let msg = D::Settle {
                    account: self.some(account),
                    keys: keys.as_deref().map(ids),
                };
                self.net.try_on_distributor(by, &msg)
            }
            Act::Compound { keys, .. } => self.net.try_compound(by, keys.as_deref()),
            Act::Payee { payee, .. } => self.net.try_set_payee(by, payee.map(name)),
            Act::Policy {
                self_claim_only, ..
            } => self.net.try_set_claim_policy(by, self_claim_only),
            Act::RegistryParams { params, .. } => {
                let params = registry_params(&params);
                self.net.try_on_registry(by, &R::QueueParams { params })
            }
            Act::VaultParams { params, .. } => {
                let params = vault_params(&params);
                self.net.try_on_vault(by, &V::QueueParams { params })
            }
            Act::ShareParams { params, .. } => {
                let params = share_params(&self.net, &params);
                self.net.try_on_distributor(by, &D::QueueParams { params })
            }
            Act::CancelParams { contract, .. } => match contract {
                Contract::Registry => self.net.try_on_registry(by, &R::CancelParams {}),
                Contract::Vault => self.net.try_on_vault(by, &V::CancelParams {}),
                Contract::Distributor => self.net.try_on_distributor(by, &D::CancelParams {}),
            },
            Act::Pause {
                contract, seconds, ..
            } => self.send_pause(by, contract, seconds),
            Act::Resume { contract, .. } => self.send_resume(by, contract),
            Act::Donate {
                contract,
                denom,
                amount,
                ..
            } => {
                let to = self.contract(contract);
                self.send_money(by, &to, denom, amount)
            }
        }
    }

    fn send_pause(
        &mut self,
        by: &str,
        contract: Contract,
        seconds: u64,
    ) -> anyhow::Result<AppResponse> {
        match contract {
            Contract::Registry => {
                let activity = registry::Activity::Market;
                let msg = registry::ExecuteMsg::Pause { activity, seconds };
                self.net.try_on_registry(by, &msg)
            }
            Contract::Vault => {
                let activity = vault::Activity::Staking;
                self.net
                    .try_on_vault(by, &vault::ExecuteMsg::Pause { activity, seconds })
            }
            Contract::Distributor => {
                let activity = distributor::Activity::Deposits;
                let msg = distributor::ExecuteMsg::Pause { activity, seconds };
                self.net.try_on_distributor(by, &msg)
            }
        }
    }

    fn send_resume(&mut self, by: &str, contract: Contract) -> anyhow::Result<AppResponse> {
        match contract {
            Contract::Registry => {
                let activity = registry::Activity::Market;
                self.net
                    .try_on_registry(by, &registry::ExecuteMsg::Resume { activity })
            }
            Contract::Vault => {
                let activity = vault::Activity::Staking;
                self.net
                    .try_on_vault(by, &vault::ExecuteMsg::Resume { activity })
            }
            Contract::Distributor => {
                let activity = distributor::Activity::Deposits;
                let msg = distributor::ExecuteMsg::Resume { activity };
                self.net.try_on_distributor(by, &msg)
            }
        }
    }

    /// A plain transfer.
    pub fn send_money(
        &mut self,
        by: &str,
        to: &Addr,
        denom: Denom,
        amount: u128,
    ) -> anyhow::Result<AppResponse> {
        match self.currency(denom) {
            Currency::Native(denom) => {
                let sender = self.net.account(by);
                let send = BankMsg::Send {
                    to_address: to.to_string(),
                    amount: cosmwasm_std::coins(amount, denom),
                };
                self.net.app_mut().execute(sender, send.into())
            }
            Currency::Cw20(token) => {
                let msg = cw20::Cw20ExecuteMsg::Transfer {
                    recipient: to.to_string(),
                    amount: amount.into(),
                };
                self.net.try_execute(by, &Addr::unchecked(token), &msg, &[])
            }
        }
    }
}

impl Act {
    /// Who does it.
    pub fn by(&self) -> Who {
        match self {
            Self::Time { .. } => Who(0),
            Self::Issue { by, .. }
            | Self::Transfer { by, .. }
            | Self::Operator { by, .. }
            | Self::List { by, .. }
            | Self::Delist { by, .. }
            | Self::Buy { by, .. }
            | Self::ClaimFees { by }
            | Self::Split { by, .. }
            | Self::CancelSplit { by }
            | Self::Stake { by, .. }
            | Self::Unstake { by, .. }
            | Self::PoolIn { by, .. }
            | Self::PoolOut { by, .. }
            | Self::WithdrawNamed { by, .. }
            | Self::WithdrawPage { by, .. }
            | Self::CancelLot { by, .. }
            | Self::Deposit { by, .. }
            | Self::Report { by, .. }
            | Self::Close { by, .. }
            | Self::Roll { by }
            | Self::Dispute { by, .. }
            | Self::Rule { by, .. }
            | Self::Resolve { by, .. }
            | Self::Claim { by, .. }
            | Self::Settle { by, .. }
            | Self::Compound { by, .. }
            | Self::Payee { by, .. }
            | Self::Policy { by, .. }
            | Self::RegistryParams { by, .. }
            | Self::VaultParams { by, .. }
            | Self::ShareParams { by, .. }
            | Self::CancelParams { by, .. }
            | Self::Pause { by, .. }
            | Self::Resume { by, .. }
            | Self::Donate { by, .. } => *by,
        }
    }
}

fn done(_: ()) -> Expected {
    Expected::Done
}

/// Key numbers of messages.
pub fn ids(keys: &[Key]) -> Vec<KeyId> {
    keys.iter().map(|key| KeyId(*key)).collect()
}

/// A report's bytes.
pub fn bitmap(bits: &[bool]) -> Binary {
    let set = bits.iter().enumerate().filter(|(_, ran)| **ran);
    Bitmap::from_bits(bits.len() as u32, set.map(|(bit, _)| bit as u32)).to_binary()
}

fn registry_params(params: &RegistryParams) -> registry::Params {
    registry::Params {
        market_fee: bps(params.fee),
        split_notice: params.notice,
        split_grace: params.grace,
    }
}

fn vault_params(params: &VaultParams) -> vault::Params {
    vault::Params {
        unbonding_period: params.unbonding,
        minimum_lock: params.lock,
    }
}

#[allow(deprecated, reason = "the field of this version of cw-multi-test")]
fn summary(response: &AppResponse) -> Result<ClaimSummary, String> {
    let data = response.data.clone().ok_or("a claim answers nothing")?;
    from_json(data).map_err(|error| format!("a claim's answer: {error}"))
}

/// What a compounding deposited, by the vault's event.
fn compounded(response: &AppResponse) -> u128 {
    let events = response.events.iter();
    let deposited = events.filter(|event| event.ty.ends_with("vault_pool_deposited"));
    let amounts = deposited.flat_map(|event| &event.attributes);
    let amount = amounts.filter(|attribute| attribute.key == "amount");
    amount
        .map(|attribute| attribute.value.parse::<u128>().unwrap_or(0))
        .sum()
}

/// What a claim paid, per currency, by the distributor's event.
fn paid_by_event(world: &World, response: &AppResponse) -> Vec<u128> {
    let events = response.events.iter();
    let paid = events.filter(|event| event.ty.ends_with("distributor_paid"));
    let amounts: Vec<&str> = paid
        .flat_map(|event| &event.attributes)
        .filter(|attribute| attribute.key == "amount")
        .map(|attribute| attribute.value.as_str())
        .collect();
    let of = |denom: Denom| {
        let currency = format!(":{}:", world.currency(denom));
        let of = amounts.iter().filter(|text| text.contains(&currency));
        of.filter_map(|text| text.rsplit(':').next()?.parse::<u128>().ok())
            .sum()
    };
    (0..world.denoms()).map(of).collect()
}
