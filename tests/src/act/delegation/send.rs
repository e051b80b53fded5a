//! Deeds as messages.

use cosmwasm_std::{coins, Binary};
use cw20::{Cw20ExecuteMsg, Cw20ReceiveMsg};
use cw721::receiver::Cw721ReceiveMsg;
use cw721_base::msg::ExecuteMsg as Cw721;
use cw_multi_test::AppResponse;
use noderev_api::delegation::{self as api, DelegationId, ExecuteMsg as M, Role};
use noderev_components::Epoch as EpochId;
use noderev_testing::{client_key, public_key};

use super::{Deed, Forgery};
use crate::act::bitmap;
use crate::shadow::delegation::{Activity, Holder, Id, Joining, Metadata, Nft};
use crate::shadow::Who;
use crate::world::{bps, delegation_params, name, World};

/// Whose key signs links.
const CLIENT: u8 = 7;

impl World {
    /// Sends a deed to the contracts.
    pub(in crate::act) fn send_deed(
        &mut self,
        by: Who,
        deed: &Deed,
    ) -> anyhow::Result<AppResponse> {
        let sender = name(by);
        match deed.clone() {
            Deed::MintNft { nft, to } => {
                self.net.try_mint_nft(name(to), nft.collection, &nft.token)
            }
            Deed::GiveNft { nft, to } => {
                let to = self.holder(to);
                self.net
                    .try_transfer_nft(sender, nft.collection, &nft.token, &to)
            }
            Deed::ApproveAll {
                collection,
                operator,
                on,
            } => {
                let operator = self.holder(operator);
                let msg = match on {
                    true => Cw721::ApproveAll {
                        operator,
                        expires: None,
                    },
                    false => Cw721::RevokeAll { operator },
                };
                self.net.try_on_collection(sender, collection, &msg)
            }
            Deed::Stick { nft, .. } => {
                let stuck = self.delegation.stuck.iter();
                let stuck = stuck.filter(|it| it.collection == nft.collection);
                let stuck: Vec<String> = stuck.map(|it| it.token.clone()).collect();
                let collection = self.net.collection(nft.collection);
                let msg = serde_json::json!({ "bewitch": { "refuse": stuck } });
                self.net.try_execute(sender, &collection, &msg, &[])
            }
            Deed::Burn { amount } => {
                self.net.burn_reward(amount);
                Ok(AppResponse::default())
            }
            Deed::DonateRewards { amount } => {
                let at = self.net.addresses().clone();
                let msg = Cw20ExecuteMsg::Transfer {
                    recipient: at.delegation.into_string(),
                    amount: amount.into(),
                };
                self.net.try_execute(sender, &at.reward_token, &msg, &[])
            }
            Deed::SendNft { nft, place } => {
                self.net
                    .try_send_nft(sender, nft.collection, &nft.token, place)
            }
            Deed::StakeNfts {
                collection,
                tokens,
                place,
            } => {
                let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
                self.net.try_stake_nfts(sender, collection, &tokens, place)
            }
            Deed::MoveNfts { nfts, place } => {
                let nfts = self.nfts(&nfts);
                self.net.try_move_nfts(sender, &nfts, place)
            }
            Deed::UnstakeNfts { nfts } => {
                let nfts = self.nfts(&nfts);
                self.net.try_unstake_nfts(sender, &nfts)
            }
            Deed::WithdrawNfts { nfts } => {
                let nfts = self.nfts(&nfts);
                self.net.try_withdraw_nfts(sender, &nfts)
            }
            Deed::ReturnStray { nft, to } => {
                let nft = self.net.nft(nft.collection, &nft.token);
                let to = self.addr(to).into_string();
                self.net
                    .try_on_delegation(sender, &M::ReturnStray { nft, to })
            }
            Deed::Forge(forgery) => self.forge(sender, forgery),
            deed => self.send_more(sender, deed),
        }
    }

    /// Delegations and validators.
    fn send_more(&mut self, sender: &str, deed: Deed) -> anyhow::Result<AppResponse> {
        let net = &mut self.net;
        match deed {
            Deed::CreateDelegation {
                metadata,
                commission,
                joining,
                minimum,
            } => {
                let msg = M::CreateDelegation {
                    metadata: metadata_msg(metadata),
                    commission: bps(commission),
                    joining: joining_msg(joining),
                    minimum: minimum.into(),
                };
                net.try_on_delegation(sender, &msg)
            }
            Deed::UpdateDelegation {
                metadata,
                joining,
                minimum,
            } => {
                let metadata = metadata.map(metadata_msg);
                net.try_update_delegation(sender, metadata, joining.map(joining_msg), minimum)
            }
            Deed::SetCommission { commission } => {
                let commission = bps(commission);
                net.try_on_delegation(sender, &M::SetCommission { commission })
            }
            Deed::TransferDelegation { to } => net.try_transfer_delegation(sender, to.map(name)),
            Deed::AcceptDelegation { id } => net.try_accept_delegation(sender, id),
            Deed::RequestApproval { id } => net.try_request_approval(sender, id),
            Deed::ApproveMembers { accounts, approved } => {
                net.try_approve_members(sender, &names(&accounts), approved)
            }
            Deed::ReleaseMembers { accounts } => net.try_release_members(sender, &names(&accounts)),
            Deed::RegisterValidator { node } => net.try_register_validator(sender, &node),
            Deed::AssignValidator { validator, id } => {
                net.try_assign_validator(sender, validator, id)
            }
            Deed::AcceptValidators { validators } => net.try_accept_validators(sender, &validators),
            Deed::RemoveValidators { validators } => net.try_remove_validators(sender, &validators),
            Deed::EvictValidators { id, validators } => {
                net.try_evict_validators(sender, id, &validators)
            }
            deed => self.send_epochs(sender, deed),
        }
    }

    /// Epochs, money and links.
    fn send_epochs(&mut self, sender: &str, deed: Deed) -> anyhow::Result<AppResponse> {
        match deed {
            Deed::Inject {
                amount,
                over,
                reference,
            } => self
                .net
                .try_inject_as(sender, amount, over, "customer", &reference),
            Deed::ReportEligible {
                epoch,
                bits,
                spoiled,
            } => {
                let msg = M::Report {
                    epoch: EpochId(epoch),
                    bitmap: bitmap(&bits),
                    evidence: vec![7; 32 - usize::from(spoiled)].into(),
                };
                self.net.try_on_delegation(sender, &msg)
            }
            Deed::Advance { epoch } => {
                let epoch = EpochId(epoch);
                self.net.try_on_delegation(sender, &M::Advance { epoch })
            }
            Deed::RetryMint => self.net.try_retry_mint(sender),
            Deed::SettleDelegation { id } => self.net.try_settle_delegation(sender, id),
            Deed::ClaimRewards { account, ids, to } => {
                let msg = M::Claim {
                    account: self.some(account),
                    delegations: ids.map(numbers),
                    to: self.some(to),
                };
                self.net.try_on_delegation(sender, &msg)
            }
            Deed::SettleRewards { account, ids } => {
                let msg = M::Settle {
                    account: self.some(account),
                    delegations: ids.map(numbers),
                };
                self.net.try_on_delegation(sender, &msg)
            }
            Deed::RewardPayee { payee } => self.net.try_set_reward_payee(sender, payee.map(name)),
            Deed::RewardPolicy { self_claim_only } => {
                self.net.try_set_reward_policy(sender, self_claim_only)
            }
            Deed::LinkClient { client, signed } => {
                let key = client_key(CLIENT + u8::from(!signed));
                let signature = self.net.link_signature(sender, &client, &key);
                let key = public_key(&client_key(CLIENT));
                self.net
                    .try_link_client_with(sender, &client, key, signature)
            }
            Deed::UnlinkClient => self.net.try_unlink_client(sender),
            deed => self.send_governance(sender, deed),
        }
    }

    fn send_governance(&mut self, sender: &str, deed: Deed) -> anyhow::Result<AppResponse> {
        let msg = match deed {
            Deed::SetCollection { collection, rules } => {
                let collection = self.collection_msg(collection, &rules);
                M::SetCollection { collection }
            }
            Deed::CancelCollection { collection } => M::CancelCollection {
                collection: self.net.collection(collection).into_string(),
            },
            Deed::DelegationParams { params } => M::QueueParams {
                params: delegation_params(&self.net, &params),
            },
            Deed::CancelDelegationParams => M::CancelParams {},
            Deed::SetGuardian { guardian } => M::SetRole {
                role: Role::Guardian,
                account: self.some(guardian),
            },
            Deed::PauseDelegation { activity, seconds } => M::Pause {
                activity: activity_msg(activity),
                seconds,
            },
            Deed::ResumeDelegation { activity } => M::Resume {
                activity: activity_msg(activity),
            },
            Deed::RenounceDelegation => M::UpdateOwnership(cw_ownable::Action::RenounceOwnership),
            other => anyhow::bail!("{other:?} is no message"),
        };
        self.net.try_on_delegation(sender, &msg)
    }

    fn forge(&mut self, sender: &str, forgery: Forgery) -> anyhow::Result<AppResponse> {
        let from = self.net.account(sender).into_string();
        match forgery {
            Forgery::ReceiveNft => {
                let msg = Cw721ReceiveMsg {
                    sender: from,
                    token_id: "gold-forged".into(),
                    msg: Binary::new(br#"{"stake":{"delegation":null}}"#.to_vec()),
                };
                self.net.try_on_delegation(sender, &M::ReceiveNft(msg))
            }
            Forgery::Receive => {
                let hook = br#"{"inject":{"over":1,"source":"a","reference":"b"}}"#;
                let msg = Cw20ReceiveMsg {
                    sender: from,
                    amount: 5u128.into(),
                    msg: Binary::new(hook.to_vec()),
                };
                self.net.try_on_delegation(sender, &M::Receive(msg))
            }
            Forgery::Hook => {
                let his = Holder::Account(self.who(sender));
                let mut holders = self.delegation.holders.iter();
                let own = holders.find(|(_, holder)| **holder == his);
                let Some((nft, _)) = own else {
                    anyhow::bail!("he has no NFT");
                };
                let msg = Binary::new(br#"{"stake":{}, "more":1}"#.to_vec());
                self.net
                    .try_send_nft_with(sender, nft.collection, &nft.token, msg)
            }
            Forgery::Coins => {
                let contract = self.net.addresses().delegation.clone();
                let coins = coins(1, "uusdc");
                self.net
                    .try_execute(sender, &contract, &M::RetryMint {}, &coins)
            }
        }
    }

    fn holder(&self, holder: Holder) -> String {
        match holder {
            Holder::Account(who) => self.addr(who).into_string(),
            Holder::Contract => self.net.addresses().delegation.to_string(),
        }
    }

    fn nfts(&self, nfts: &[Nft]) -> Vec<api::Nft> {
        let nft = |nft: &Nft| self.net.nft(nft.collection, &nft.token);
        nfts.iter().map(nft).collect()
    }
}

fn names(accounts: &[Who]) -> Vec<&'static str> {
    accounts.iter().map(|who| name(*who)).collect()
}

fn numbers(ids: Vec<Id>) -> Vec<DelegationId> {
    ids.into_iter().map(DelegationId).collect()
}

fn metadata_msg(metadata: Metadata) -> api::Metadata {
    api::Metadata {
        name: metadata.name,
        url: metadata.url,
        description: metadata.description,
    }
}

/// Who may join, as a message has it.
pub fn joining_msg(joining: Joining) -> api::Joining {
    match joining {
        Joining::Open => api::Joining::Open,
        Joining::Approval => api::Joining::Approval,
        Joining::Closed => api::Joining::Closed,
    }
}

fn activity_msg(activity: Activity) -> api::Activity {
    match activity {
        Activity::Staking => api::Activity::Staking,
        Activity::Injections => api::Activity::Injections,
    }
}
