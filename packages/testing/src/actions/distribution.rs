//! Revenue, evidence, disputes and claims.

use cosmwasm_std::{coins, Addr};
use cw_multi_test::AppResponse;
use noderev_api::common::EpochStep;
use noderev_api::distributor::{self, ClaimSummary};
use noderev_components::{Bitmap, Denom, Epoch};

use super::{answered, done, ids, pages, some_ids};
use crate::network::Network;

/// Revenue and evidence.
impl Network {
    actions! {
        /// Deposits revenue of the `denom`th currency over so many epochs, under a reference of its
        /// own. What the depositor lacks is created.
        deposit_revenue / try_deposit_revenue(network, depositor: &str, denom: usize, amount: u128, over: u32) {
            network.deposits += 1;
            let reference = format!("reference-{}", network.deposits);
            let denom = network.denom(denom);
            network.fund(depositor, &denom, amount);
            network.try_deposit_revenue_as(depositor, &denom, amount, over, depositor, &reference)
        }
        /// Deposits revenue as named; the depositor must have the money.
        deposit_revenue_as / try_deposit_revenue_as(network, depositor: &str, denom: &Denom, amount: u128, over: u32, source: &str, reference: &str) {
            let contract = network.addresses().distributor.clone();
            let (source, reference) = (source.to_owned(), reference.to_owned());
            match denom {
                Denom::Native(denom) => {
                    let msg = distributor::ExecuteMsg::DepositRevenue { over, source, reference };
                    network.try_execute(depositor, &contract, &msg, &coins(amount, denom))
                }
                Denom::Cw20(token) => {
                    let msg = distributor::ReceiveMsg::DepositRevenue { over, source, reference };
                    network.try_send(depositor, &Addr::unchecked(token), amount, &contract, &msg)
                }
            }
        }
        /// Reports who ran in an ended epoch.
        report / try_report(network, attester: &str, epoch: u32, ran: &Bitmap) {
            let msg = distributor::ExecuteMsg::Report {
                epoch: Epoch(epoch),
                bitmap: ran.to_binary(),
                evidence: vec![epoch.to_be_bytes()[3]; 32].into(),
            };
            network.try_on_distributor(attester, &msg)
        }
        /// Closes an epoch that is due.
        close_epoch / try_close_epoch(network, sender: &str, epoch: u32) {
            network.try_on_distributor(sender, &distributor::ExecuteMsg::CloseEpoch { epoch: Epoch(epoch) })
        }
        /// Writes a page of per-key totals.
        roll / try_roll(network, sender: &str) {
            network.try_on_distributor(sender, &distributor::ExecuteMsg::Roll {})
        }
    }

    /// Reports the same of all attesters, waits until the epoch is due and closes it.
    #[track_caller]
    pub fn finish_epoch(&mut self, epoch: u32, ran: &Bitmap) -> AppResponse {
        self.report_all(epoch, ran);
        self.close_when_due(epoch)
    }

    /// Moves the time on to the end of the epoch, if need be, and reports the same of all attesters.
    #[track_caller]
    pub fn report_all(&mut self, epoch: u32, ran: &Bitmap) {
        self.advance_to(self.clock().end_of(Epoch(epoch)));
        for attester in self.attesters().to_vec() {
            self.report(&attester, epoch, ran);
        }
    }

    /// Waits until the epoch is due and closes it.
    #[track_caller]
    pub fn close_when_due(&mut self, epoch: u32) -> AppResponse {
        self.wait_until_due(epoch);
        self.close_epoch("anybody", epoch)
    }

    /// Waits for the windows of an ended epoch to pass.
    #[track_caller]
    pub fn wait_until_due(&mut self, epoch: u32) {
        self.wait_for(epoch, |network| network.distributor().evidence(epoch).step);
    }

    /// Waits for windows of an ended epoch to pass, until it is due or closed.
    #[track_caller]
    pub(super) fn wait_for(&mut self, epoch: u32, step: impl Fn(&Self) -> EpochStep) {
        use EpochStep::{Appeals, Closed, Due, Open, Reporting};
        self.advance_to(self.clock().end_of(Epoch(epoch)));
        loop {
            let until = match step(self) {
                Open { until } | Appeals { until } | Reporting { until: Some(until) } => until,
                Due { .. } | Closed {} => return,
                Reporting { until: None } => panic!("an epoch before {epoch} is not closed"),
            };
            let passed = u64::from(until.subsec_nanos() > 0);
            assert!(
                until > self.now(),
                "epoch {epoch} waits for a time that has passed: {until}"
            );
            self.advance_to(until.seconds() + passed);
        }
    }
}

/// Disputes.
impl Network {
    actions! {
        /// Appeals for keys judged not running, with the bonds; who appeals must have them.
        appeal / try_appeal(network, sender: &str, epoch: u32, keys: &[u32]) {
            let amount = network.bonds(epoch, keys);
            let msg = distributor::ReceiveMsg::Appeal { epoch: Epoch(epoch), keys: ids(keys) };
            network.try_send_distributor(sender, amount, &msg)
        }
        /// Challenges keys judged running, with the bonds; who challenges must have them.
        challenge / try_challenge(network, sender: &str, epoch: u32, keys: &[u32]) {
            let amount = network.bonds(epoch, keys);
            let msg = distributor::ReceiveMsg::Challenge { epoch: Epoch(epoch), keys: ids(keys) };
            network.try_send_distributor(sender, amount, &msg)
        }
        /// Rules on disputed keys, as the arbiter.
        rule / try_rule(network, epoch: u32, keys: &[u32], upheld: bool) {
            let msg = distributor::ExecuteMsg::Rule { epoch: Epoch(epoch), keys: ids(keys), upheld };
            network.try_on_distributor("arbiter", &msg)
        }
        /// Lets the attesters' result stand, after the deadline.
        resolve / try_resolve(network, sender: &str, epoch: u32, keys: &[u32]) {
            let msg = distributor::ExecuteMsg::Resolve { epoch: Epoch(epoch), keys: ids(keys) };
            network.try_on_distributor(sender, &msg)
        }
    }

    /// What disputing so many keys of an epoch takes.
    fn bonds(&self, epoch: u32, keys: &[u32]) -> u128 {
        let bond = self.distributor().params_at(epoch).params.appeal_bond;
        bond.u128() * keys.len() as u128
    }
}

/// Claims.
impl Network {
    /// Claims everything of the sender, page by page; the pages' summaries.
    #[track_caller]
    pub fn claim_all(&mut self, account: &str) -> Vec<ClaimSummary> {
        pages(account, || answered(&self.claim(account)))
    }

    /// What a claim, settlement or compounding answered.
    #[track_caller]
    pub fn summary(&self, response: &AppResponse) -> ClaimSummary {
        answered(response)
    }

    actions! {
        /// Settles the next page of the sender's keys and his pool stake, and pays what is owed.
        claim / try_claim(network, sender: &str) {
            network.try_claim_keys(sender, None)
        }
        /// Settles the named keys (none: the next page) and the pool stake, and pays what is owed.
        claim_keys / try_claim_keys(network, sender: &str, keys: Option<&[u32]>) {
            let msg = distributor::ExecuteMsg::Claim {
                account: None,
                keys: some_ids(keys),
                denoms: None,
                to: None,
            };
            network.try_on_distributor(sender, &msg)
        }
        /// Claims for somebody else.
        claim_for / try_claim_for(network, sender: &str, account: &str) {
            let msg = distributor::ExecuteMsg::Claim {
                account: Some(network.account(account).into_string()),
                keys: None,
                denoms: None,
                to: None,
            };
            network.try_on_distributor(sender, &msg)
        }
        /// Settles without paying.
        settle / try_settle(network, sender: &str, keys: Option<&[u32]>) {
            let msg = distributor::ExecuteMsg::Settle { account: None, keys: some_ids(keys) };
            network.try_on_distributor(sender, &msg)
        }
        /// Settles without paying, for somebody else.
        settle_for / try_settle_for(network, sender: &str, account: &str, keys: Option<&[u32]>) {
            let account = Some(network.account(account).into_string());
            let msg = distributor::ExecuteMsg::Settle { account, keys: some_ids(keys) };
            network.try_on_distributor(sender, &msg)
        }
        /// Puts all QST owed to the sender into his pool stake.
        compound / try_compound(network, sender: &str, keys: Option<&[u32]>) {
            let msg = distributor::ExecuteMsg::Compound { keys: some_ids(keys) };
            network.try_on_distributor(sender, &msg)
        }
        /// Sends the sender's payouts elsewhere.
        set_payee / try_set_payee(network, sender: &str, payee: Option<&str>) {
            let payee = payee.map(|name| network.account(name).into_string());
            network.try_on_distributor(sender, &distributor::ExecuteMsg::SetPayee { payee })
        }
        /// Whether others may trigger the sender's payouts.
        set_claim_policy / try_set_claim_policy(network, sender: &str, self_claim_only: bool) {
            network.try_on_distributor(sender, &distributor::ExecuteMsg::SetClaimPolicy { self_claim_only })
        }
    }
}
