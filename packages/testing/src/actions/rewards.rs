//! The pool of the delegation contract, reports on validators, claims, and links to the Hub.

use cosmwasm_std::{Addr, Binary};
use cw_multi_test::AppResponse;
use k256::ecdsa::signature::hazmat::PrehashSigner;
use k256::ecdsa::{Signature, SigningKey};
use noderev_api::common::EpochStep;
use noderev_api::delegation::{link_bytes, ClaimSummary, DelegationId, ExecuteMsg, ReceiveMsg};
use noderev_components::{Bitmap, Epoch};
use sha2::{Digest, Sha256};

use super::{answered, done, pages};
use crate::network::Network;

/// A client's key, made of a number other than 0.
pub fn client_key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).expect("a key is not 0")
}

fn some_delegations(delegations: Option<&[u16]>) -> Option<Vec<DelegationId>> {
    let numbers = |numbers: &[u16]| numbers.iter().map(|number| DelegationId(*number)).collect();
    delegations.map(numbers)
}

/// The pool and its epochs.
impl Network {
    actions! {
        /// Adds to the pools of so many epochs, under a reference of its own. What the giver lacks
        /// is given to him.
        inject / try_inject(network, giver: &str, amount: u128, over: u32) {
            network.deposits += 1;
            let reference = format!("reference-{}", network.deposits);
            let denom = network.reward();
            network.fund(giver, &denom, amount);
            network.try_inject_as(giver, amount, over, giver, &reference)
        }
        /// Adds to the pools as named; the giver must have the tokens.
        inject_as / try_inject_as(network, giver: &str, amount: u128, over: u32, source: &str, reference: &str) {
            let (source, reference) = (source.to_owned(), reference.to_owned());
            let msg = ReceiveMsg::Inject { over, source, reference };
            network.try_send_delegation(giver, amount, &msg)
        }
        /// Reports which seats were eligible in an ended epoch.
        report_validators / try_report_validators(network, attester: &str, epoch: u32, eligible: &Bitmap) {
            let msg = ExecuteMsg::Report {
                epoch: Epoch(epoch),
                bitmap: eligible.to_binary(),
                evidence: vec![epoch.to_be_bytes()[3]; 32].into(),
            };
            network.try_on_delegation(attester, &msg)
        }
        /// Closes an epoch of the delegation contract that is due.
        advance / try_advance(network, epoch: u32) {
            network.try_on_delegation("anybody", &ExecuteMsg::Advance { epoch: Epoch(epoch) })
        }
        /// Mints what the token refused to mint before.
        retry_mint / try_retry_mint(network, sender: &str) {
            network.try_on_delegation(sender, &ExecuteMsg::RetryMint {})
        }
        /// Brings a delegation's index up to date.
        settle_delegation / try_settle_delegation(network, sender: &str, delegation: u16) {
            let delegation = DelegationId(delegation);
            network.try_on_delegation(sender, &ExecuteMsg::SettleDelegation { delegation })
        }
    }

    /// Every seat was eligible: a report's bitmap for the delegation contract.
    #[track_caller]
    pub fn all_eligible(&self, epoch: u32) -> Bitmap {
        let bits = self.delegation().evidence(epoch).bits;
        Bitmap::from_bits(bits, 0..bits)
    }

    /// These seats were eligible: a report's bitmap for the delegation contract.
    #[track_caller]
    pub fn eligible(&self, epoch: u32, seats: &[u16]) -> Bitmap {
        let bits = self.delegation().evidence(epoch).bits;
        Bitmap::from_bits(bits, seats.iter().map(|seat| u32::from(*seat)))
    }

    /// Moves the time on to the end of the epoch, if need be; all attesters report these seats.
    #[track_caller]
    pub fn report_eligible(&mut self, epoch: u32, seats: &[u16]) {
        let eligible = self.eligible(epoch, seats);
        self.report_validators_all(epoch, &eligible);
    }

    /// Moves the time on to the end of the epoch, if need be; all attesters report all seats.
    #[track_caller]
    pub fn report_all_eligible(&mut self, epoch: u32) {
        let eligible = self.all_eligible(epoch);
        self.report_validators_all(epoch, &eligible);
    }

    #[track_caller]
    fn report_validators_all(&mut self, epoch: u32, eligible: &Bitmap) {
        self.advance_to(self.clock().end_of(Epoch(epoch)));
        for attester in self.delegation_attesters().to_vec() {
            self.report_validators(&attester, epoch, eligible);
        }
    }

    /// Waits for the window of an ended epoch of the delegation contract to pass.
    #[track_caller]
    pub fn wait_until_advance(&mut self, epoch: u32) {
        self.wait_for(epoch, |network| network.delegation().evidence(epoch).step);
    }

    /// Ends an epoch with all seats eligible, and closes it.
    #[track_caller]
    pub fn pass_epoch(&mut self, epoch: u32) -> AppResponse {
        self.report_all_eligible(epoch);
        self.wait_until_advance(epoch);
        self.advance(epoch)
    }

    /// Ends an epoch with these seats eligible, and closes it.
    #[track_caller]
    pub fn pass_epoch_with(&mut self, epoch: u32, seats: &[u16]) -> AppResponse {
        self.report_eligible(epoch, seats);
        self.wait_until_advance(epoch);
        self.advance(epoch)
    }

    /// Ends an epoch without a report, and closes it.
    #[track_caller]
    pub fn pass_epoch_silent(&mut self, epoch: u32) -> AppResponse {
        self.wait_until_advance(epoch);
        self.advance(epoch)
    }

    /// Ends and closes all epochs before this one that are not closed, with all seats eligible, or
    /// as reported where reports are no longer taken. Then this one has begun.
    #[track_caller]
    pub fn pass_epochs_until(&mut self, epoch: u32) {
        use EpochStep::{Open, Reporting};
        let next = self.delegation().network().next_close;
        for ended in next.0..epoch {
            match self.delegation().evidence(ended).step {
                Open { .. } | Reporting { .. } => self.pass_epoch(ended),
                _ => self.advance(ended),
            };
        }
        self.advance_to(self.clock().start_of(Epoch(epoch)));
    }
}

/// Claims.
impl Network {
    /// Claims everything that the sender has earned, page by page; the pages' summaries.
    #[track_caller]
    pub fn claim_all_rewards(&mut self, account: &str) -> Vec<ClaimSummary> {
        pages(account, || answered(&self.claim_rewards(account, None)))
    }

    /// What a claim or settlement answered.
    #[track_caller]
    pub fn reward_summary(&self, response: &AppResponse) -> ClaimSummary {
        answered(response)
    }

    actions! {
        /// Settles the named delegations (none: as many as one message can) and pays what is owed.
        claim_rewards / try_claim_rewards(network, sender: &str, delegations: Option<&[u16]>) {
            let delegations = some_delegations(delegations);
            network.try_on_delegation(sender, &ExecuteMsg::Claim { account: None, delegations, to: None })
        }
        /// Claims for somebody else.
        claim_rewards_for / try_claim_rewards_for(network, sender: &str, account: &str) {
            let account = Some(network.account(account).into_string());
            let msg = ExecuteMsg::Claim { account, delegations: None, to: None };
            network.try_on_delegation(sender, &msg)
        }
        /// Claims and has it paid to somebody else.
        claim_rewards_to / try_claim_rewards_to(network, sender: &str, delegations: Option<&[u16]>, to: &str) {
            let to = Some(network.account(to).into_string());
            let delegations = some_delegations(delegations);
            network.try_on_delegation(sender, &ExecuteMsg::Claim { account: None, delegations, to })
        }
        /// Settles without paying.
        settle_rewards / try_settle_rewards(network, sender: &str, delegations: Option<&[u16]>) {
            let delegations = some_delegations(delegations);
            network.try_on_delegation(sender, &ExecuteMsg::Settle { account: None, delegations })
        }
        /// Settles without paying, for somebody else.
        settle_rewards_for / try_settle_rewards_for(network, sender: &str, account: &str, delegations: Option<&[u16]>) {
            let account = Some(network.account(account).into_string());
            let delegations = some_delegations(delegations);
            network.try_on_delegation(sender, &ExecuteMsg::Settle { account, delegations })
        }
        /// Sends the sender's payouts of the delegation contract elsewhere.
        set_reward_payee / try_set_reward_payee(network, sender: &str, payee: Option<&str>) {
            let payee = payee.map(|name| network.account(name).into_string());
            network.try_on_delegation(sender, &ExecuteMsg::SetPayee { payee })
        }
        /// Whether others may trigger the sender's payouts of the delegation contract.
        set_reward_policy / try_set_reward_policy(network, sender: &str, self_claim_only: bool) {
            network.try_on_delegation(sender, &ExecuteMsg::SetClaimPolicy { self_claim_only })
        }
    }
}

/// Links to clients of the Hub.
impl Network {
    actions! {
        /// Links an account to a client whose key this is.
        link_client / try_link_client(network, account: &str, client_id: &str, key: &SigningKey) {
            let signature = network.link_signature(account, client_id, key);
            network.try_link_client_with(account, client_id, public_key(key), signature)
        }
        /// Links an account with any key and signature.
        link_client_with / try_link_client_with(network, account: &str, client_id: &str, public_key: Binary, signature: Binary) {
            let client_id = client_id.to_owned();
            let msg = ExecuteMsg::LinkClient { client_id, public_key, signature };
            network.try_on_delegation(account, &msg)
        }
        /// Ends a link.
        unlink_client / try_unlink_client(network, account: &str) {
            network.try_on_delegation(account, &ExecuteMsg::UnlinkClient {})
        }
    }

    /// What a client's key signs for the next link of an account.
    #[track_caller]
    pub fn link_signature(&self, account: &str, client_id: &str, key: &SigningKey) -> Binary {
        let links = self.delegation().link(account).links;
        let chain = self.app().block_info().chain_id;
        let contract: &Addr = &self.addresses().delegation;
        let account = self.account(account);
        let text = link_bytes(
            &chain,
            contract.as_str(),
            account.as_str(),
            client_id,
            links,
        );
        let signature: Signature = key
            .sign_prehash(&Sha256::digest(text))
            .expect("a hash can be signed");
        signature.to_vec().into()
    }
}

/// A key as messages take it.
pub fn public_key(key: &SigningKey) -> Binary {
    key.verifying_key().to_sec1_bytes().to_vec().into()
}
