//! What the ledger says of a deed.

use super::{Deed, Outcome};
use crate::shadow::{refuse_if, Answer, Who};
use crate::world::World;

fn done<T>(_: T) -> Outcome {
    Outcome::Done
}

impl World {
    /// What the ledger says of a deed; it is done there if it is accepted.
    pub(in crate::act) fn foresee_deed(&mut self, by: Who, deed: &Deed) -> Answer<Outcome> {
        let moved = |()| Outcome::Moved(deed.nfts());
        let ledger = &mut self.delegation;
        match deed.clone() {
            Deed::MintNft { nft, to } => {
                refuse_if(ledger.holders.contains_key(&nft), "minted already")?;
                ledger.mint_nft(&nft, to);
                Ok(moved(()))
            }
            Deed::GiveNft { nft, to } => ledger.transfer_nft(by, &nft, to).map(moved),
            Deed::ApproveAll {
                collection,
                operator,
                on,
            } => {
                ledger.approve_all(by, collection, operator, on);
                Ok(Outcome::Done)
            }
            Deed::Stick { nft, on } => {
                match on {
                    true => ledger.stuck.insert(nft),
                    false => ledger.stuck.remove(&nft),
                };
                Ok(Outcome::Done)
            }
            Deed::Burn { amount } => {
                ledger.token_room = ledger.token_room.map(|room| room + amount);
                Ok(Outcome::Done)
            }
            Deed::DonateRewards { amount } => Ok(Outcome::Gives(amount)),
            Deed::SendNft { nft, place } => ledger.send_nft(by, &nft, place).map(moved),
            Deed::StakeNfts {
                collection,
                tokens,
                place,
            } => ledger.stake_nfts(by, collection, &tokens, place).map(moved),
            Deed::MoveNfts { nfts, place } => ledger.move_nfts(by, &nfts, place).map(moved),
            Deed::UnstakeNfts { nfts } => ledger.unstake_nfts(by, &nfts).map(moved),
            Deed::WithdrawNfts { nfts } => ledger
                .withdraw_nfts(&nfts)
                .map(|_| Outcome::Moved(nfts.clone())),
            Deed::ReturnStray { nft, to } => ledger.return_stray(by, &nft, to).map(moved),
            Deed::ClaimRewards { account, ids, to } => {
                let account = account.unwrap_or(by);
                ledger.check_claim(by, account, ids.as_deref(), to)?;
                let payee = to.unwrap_or_else(|| ledger.payee(account));
                self.foresee_payout(account, ids, payee, true)
            }
            Deed::SettleRewards { account, ids } => {
                let account = account.unwrap_or(by);
                ledger.check_named(ids.as_deref())?;
                let payee = ledger.payee(account);
                self.foresee_payout(account, ids, payee, false)
            }
            Deed::Forge(_) => Err("forged"),
            deed => self.foresee_more(by, deed),
        }
    }

    /// The same, of delegations, validators and epochs.
    fn foresee_more(&mut self, by: Who, deed: Deed) -> Answer<Outcome> {
        let ledger = &mut self.delegation;
        match deed {
            Deed::CreateDelegation {
                metadata,
                commission,
                joining,
                minimum,
            } => ledger
                .create_delegation(by, metadata, commission, joining, minimum)
                .map(Outcome::Creates),
            Deed::UpdateDelegation {
                metadata,
                joining,
                minimum,
            } => ledger
                .update_delegation(by, metadata, joining, minimum)
                .map(done),
            Deed::SetCommission { commission } => ledger.set_commission(by, commission).map(done),
            Deed::TransferDelegation { to } => ledger.transfer_delegation(by, to).map(done),
            Deed::AcceptDelegation { id } => ledger.accept_delegation(by, id).map(done),
            Deed::RequestApproval { id } => ledger.request_approval(by, id).map(done),
            Deed::ApproveMembers { accounts, approved } => {
                ledger.approve_members(by, &accounts, approved).map(done)
            }
            Deed::ReleaseMembers { accounts } => ledger.release_members(by, &accounts).map(done),
            Deed::RegisterValidator { node } => {
                ledger.register_validator(by, &node).map(Outcome::Registers)
            }
            Deed::AssignValidator { validator, id } => {
                ledger.assign_validator(by, validator, id).map(done)
            }
            Deed::AcceptValidators { validators } => {
                ledger.accept_validators(by, &validators).map(done)
            }
            Deed::RemoveValidators { validators } => {
                ledger.remove_validators(by, &validators).map(done)
            }
            Deed::EvictValidators { id, validators } => {
                ledger.evict_validators(id, &validators).map(done)
            }
            Deed::Inject {
                amount,
                over,
                reference,
            } => ledger
                .inject(amount, over, "customer", &reference)
                .map(|()| Outcome::Spends(amount)),
            Deed::ReportEligible {
                epoch,
                bits,
                spoiled,
            } => {
                refuse_if(spoiled, "evidence")?;
                ledger.report(by, epoch, &bits).map(done)
            }
            Deed::Advance { epoch } => ledger.advance(epoch).map(|()| Outcome::Closes(epoch)),
            Deed::RetryMint => ledger.retry_mint().map(done),
            Deed::SettleDelegation { id } => ledger.settle_delegation(id).map(done),
            deed => self.foresee_rest(by, deed),
        }
    }

    /// The same, of accounts' settings and governance.
    fn foresee_rest(&mut self, by: Who, deed: Deed) -> Answer<Outcome> {
        let ledger = &mut self.delegation;
        match deed {
            Deed::RewardPayee { payee } => {
                ledger.set_payee(by, payee);
                Ok(Outcome::Done)
            }
            Deed::RewardPolicy { self_claim_only } => {
                ledger.set_claim_policy(by, self_claim_only);
                Ok(Outcome::Done)
            }
            Deed::LinkClient { client, signed } => {
                ledger.link_client(by, &client, signed).map(done)
            }
            Deed::UnlinkClient => ledger.unlink_client(by).map(done),
            Deed::SetCollection { collection, rules } => {
                ledger.set_collection(by, collection, rules).map(done)
            }
            Deed::CancelCollection { collection } => {
                ledger.cancel_collection(by, collection).map(done)
            }
            Deed::DelegationParams { params } => ledger.queue_params(by, params).map(done),
            Deed::CancelDelegationParams => ledger.cancel_params(by).map(done),
            Deed::SetGuardian { guardian } => ledger.set_guardian(by, guardian).map(done),
            Deed::PauseDelegation { activity, seconds } => {
                ledger.pause(by, activity, seconds).map(done)
            }
            Deed::ResumeDelegation { activity } => ledger.resume(by, activity).map(done),
            Deed::RenounceDelegation => ledger.renounce(by).map(done),
            _ => Err("a deed that nobody foresees"),
        }
    }
}
