//! Acts as messages to the contracts.

use cosmwasm_std::{Addr, BankMsg, Binary};
use cw_multi_test::{AppResponse, Executor};
use cw_utils::Expiration;
use noderev_api::{distributor, registry, vault};
use noderev_components::{Bitmap, Denom as Currency, Epoch as EpochId, KeyId};

use super::{Act, Contract};
use crate::shadow::{Denom, Key, Kind, Purchase, RegistryParams, VaultParams, Who};
use crate::world::{at, bps, name, share_params, World};

impl World {
    /// A contract's address.
    pub fn contract(&self, contract: Contract) -> Addr {
        let at = self.net.addresses();
        match contract {
            Contract::Registry => at.registry.clone(),
            Contract::Vault => at.vault.clone(),
            Contract::Distributor => at.distributor.clone(),
        }
    }

    pub(super) fn text(&self, who: Who) -> String {
        self.addr(who).into_string()
    }

    pub(super) fn some(&self, who: Option<Who>) -> Option<String> {
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
            Act::Renounce { contract, .. } => {
                let contract = self.contract(contract);
                let action = cw_ownable::Action::RenounceOwnership;
                let msg = serde_json::json!({ "update_ownership": action });
                self.net.try_execute(by, &contract, &msg, &[])
            }
            Act::Delegation { by, deed } => self.send_deed(by, &deed),
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
