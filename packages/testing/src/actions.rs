//! One helper per message. The plain one fails the test at its caller, the one with `try_` answers
//! a `Result`.

use cosmwasm_std::{coins, from_json, Addr, Binary, Coin, Uint128};
use cw_multi_test::AppResponse;
use noderev_api::distributor::{self, ClaimSummary};
use noderev_api::registry::{self, IssueRow, Purchase};
use noderev_api::vault;
use noderev_components::{Bitmap, Denom, Epoch, KeyId};

use crate::network::Network;

/// Key numbers as the messages take them.
fn ids(keys: &[u32]) -> Vec<KeyId> {
    keys.iter().map(|key| KeyId(*key)).collect()
}

fn some_ids(keys: Option<&[u32]>) -> Option<Vec<KeyId>> {
    keys.map(ids)
}

#[track_caller]
fn done<T>(what: &str, result: anyhow::Result<T>) -> T {
    match result {
        Ok(done) => done,
        Err(error) => panic!("{what}: {error:#}"),
    }
}

/// What `claim`, `settle` or `compound` answered.
#[track_caller]
fn summary(response: &AppResponse) -> ClaimSummary {
    #[allow(deprecated, reason = "the field of this version of cw-multi-test")]
    let data = response.data.clone().expect("a claim answers data");
    from_json(data).expect("a claim answers a summary")
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident / $try_name:ident ($network:ident $(, $arg:ident: $kind:ty)*) $body:block)*) => {
        $(
            $(#[$doc])*
            ///
            /// Fails the test if the contract refuses.
            #[track_caller]
            pub fn $name(&mut self $(, $arg: $kind)*) -> AppResponse {
                done(stringify!($name), self.$try_name($($arg),*))
            }

            $(#[$doc])*
            pub fn $try_name(&mut self $(, $arg: $kind)*) -> anyhow::Result<AppResponse> {
                let $network = self;
                $body
            }
        )*
    };
}

/// Messages that have no helper of their own.
impl Network {
    actions! {
        /// Any message to any contract.
        execute / try_execute_msg(network, sender: &str, contract: &Addr, msg: &impl serde::Serialize, funds: &[Coin]) {
            network.try_execute(sender, contract, msg, funds)
        }
        /// Any message to the registry.
        on_registry / try_on_registry(network, sender: &str, msg: &registry::ExecuteMsg) {
            let contract = network.addresses().registry.clone();
            network.try_execute(sender, &contract, msg, &[])
        }
        /// Any message to the vault.
        on_vault / try_on_vault(network, sender: &str, msg: &vault::ExecuteMsg) {
            let contract = network.addresses().vault.clone();
            network.try_execute(sender, &contract, msg, &[])
        }
        /// Any message to the distributor.
        on_distributor / try_on_distributor(network, sender: &str, msg: &distributor::ExecuteMsg) {
            let contract = network.addresses().distributor.clone();
            network.try_execute(sender, &contract, msg, &[])
        }
        /// QST sent to the registry.
        send_registry / try_send_registry(network, sender: &str, amount: u128, msg: &registry::ReceiveMsg) {
            let contract = network.addresses().registry.clone();
            network.try_send_qst(sender, amount, &contract, msg)
        }
        /// QST sent to the vault.
        send_vault / try_send_vault(network, sender: &str, amount: u128, msg: &vault::ReceiveMsg) {
            let contract = network.addresses().vault.clone();
            network.try_send_qst(sender, amount, &contract, msg)
        }
        /// QST sent to the distributor.
        send_distributor / try_send_distributor(network, sender: &str, amount: u128, msg: &distributor::ReceiveMsg) {
            let contract = network.addresses().distributor.clone();
            network.try_send_qst(sender, amount, &contract, msg)
        }
    }

    fn try_send_qst(
        &mut self,
        sender: &str,
        amount: u128,
        contract: &Addr,
        msg: &impl serde::Serialize,
    ) -> anyhow::Result<AppResponse> {
        let token = self.addresses().qst.clone();
        self.try_send(sender, &token, amount, contract, msg)
    }
}

/// Keys.
impl Network {
    actions! {
        /// Issues keys, rows of owner and count, as the minter.
        issue / try_issue(network, rows: &[(&str, u32)]) {
            let row = |(owner, count): &(&str, u32)| IssueRow {
                owner: network.account(owner).into_string(),
                count: *count,
            };
            let rows = rows.iter().map(row).collect();
            network.try_on_registry("minter", &registry::ExecuteMsg::Issue { rows })
        }
        /// Ends issuance for ever.
        seal_issuance / try_seal_issuance(network) {
            network.try_on_registry("minter", &registry::ExecuteMsg::SealIssuance {})
        }
        /// cw721: moves a key.
        transfer / try_transfer(network, sender: &str, recipient: &str, key: u32) {
            let recipient = network.account(recipient).into_string();
            let token_id = key.to_string();
            network.try_on_registry(sender, &registry::ExecuteMsg::TransferNft { recipient, token_id })
        }
        /// cw721: moves a key to a contract and tells it.
        send_key / try_send_key(network, sender: &str, contract: &str, key: u32, msg: Binary) {
            let contract = network.account(contract).into_string();
            let token_id = key.to_string();
            network.try_on_registry(sender, &registry::ExecuteMsg::SendNft { contract, token_id, msg })
        }
        /// cw721: lets somebody move one key.
        approve / try_approve(network, sender: &str, spender: &str, key: u32) {
            let spender = network.account(spender).into_string();
            let token_id = key.to_string();
            network.try_on_registry(sender, &registry::ExecuteMsg::Approve { spender, token_id, expires: None })
        }
        /// cw721: takes an approval back.
        revoke / try_revoke(network, sender: &str, spender: &str, key: u32) {
            let spender = network.account(spender).into_string();
            let token_id = key.to_string();
            network.try_on_registry(sender, &registry::ExecuteMsg::Revoke { spender, token_id })
        }
        /// cw721: lets somebody move all keys of the sender.
        approve_all / try_approve_all(network, sender: &str, operator: &str) {
            let operator = network.account(operator).into_string();
            network.try_on_registry(sender, &registry::ExecuteMsg::ApproveAll { operator, expires: None })
        }
        /// cw721: takes that back.
        revoke_all / try_revoke_all(network, sender: &str, operator: &str) {
            let operator = network.account(operator).into_string();
            network.try_on_registry(sender, &registry::ExecuteMsg::RevokeAll { operator })
        }
        /// Names or removes who may bind a node and appeal.
        set_operator / try_set_operator(network, sender: &str, key: u32, operator: Option<&str>) {
            let operator = operator.map(|name| network.account(name).into_string());
            network.try_on_registry(sender, &registry::ExecuteMsg::SetOperator { key: KeyId(key), operator })
        }
        /// Binds a node's public key.
        bind_node / try_bind_node(network, sender: &str, key: u32, public_key: Binary, signature: Binary) {
            let msg = registry::ExecuteMsg::BindNode { key: KeyId(key), public_key, signature };
            network.try_on_registry(sender, &msg)
        }
        /// Ends a binding.
        unbind_node / try_unbind_node(network, sender: &str, key: u32) {
            network.try_on_registry(sender, &registry::ExecuteMsg::UnbindNode { key: KeyId(key) })
        }
        /// Announces a split, as the owner.
        split / try_split(network, factor: u32) {
            network.try_on_registry("owner", &registry::ExecuteMsg::Split { factor })
        }
        /// Takes an announced split back, as the owner.
        cancel_split / try_cancel_split(network) {
            network.try_on_registry("owner", &registry::ExecuteMsg::CancelSplit {})
        }
        /// Emits the mint events of keys that a split has created.
        announce / try_announce(network, sender: &str, keys: &[u32]) {
            network.try_on_registry(sender, &registry::ExecuteMsg::Announce { ids: ids(keys) })
        }
    }
}

/// The market.
impl Network {
    actions! {
        /// Offers a key for sale to anybody, without an end.
        list / try_list(network, seller: &str, key: u32, price: u128, with_stake: bool) {
            network.try_list_for(seller, key, price, with_stake, None)
        }
        /// Offers a key for sale to one buyer.
        list_for / try_list_for(network, seller: &str, key: u32, price: u128, with_stake: bool, buyer: Option<&str>) {
            let msg = registry::ExecuteMsg::List {
                id: KeyId(key),
                price: Uint128::new(price),
                buyer: buyer.map(|name| network.account(name).into_string()),
                expires: None,
                with_stake,
            };
            network.try_on_registry(seller, &msg)
        }
        /// Takes an offer back.
        delist / try_delist(network, sender: &str, key: u32) {
            network.try_on_registry(sender, &registry::ExecuteMsg::Delist { id: KeyId(key) })
        }
        /// Buys a key as it is listed now; the buyer must have the price.
        buy / try_buy(network, buyer: &str, key: u32) {
            let query = registry::QueryMsg::Key { id: KeyId(key) };
            let found: registry::KeyResponse = network.registry().try_query(&query)?;
            let Some(listing) = found.listing else {
                anyhow::bail!("key {key} is not listed");
            };
            let purchase = Purchase { id: KeyId(key), listing: listing.listing, price: listing.price };
            network.try_buy_listings(buyer, listing.price.u128(), vec![purchase])
        }
        /// Buys listings as named, with so much QST.
        buy_listings / try_buy_listings(network, buyer: &str, amount: u128, purchases: Vec<Purchase>) {
            network.try_send_registry(buyer, amount, &registry::ReceiveMsg::Buy { purchases })
        }
        /// Pays the treasury the market fees.
        claim_fees / try_claim_fees(network, sender: &str) {
            network.try_on_registry(sender, &registry::ExecuteMsg::ClaimFees {})
        }
    }
}

/// Stakes.
impl Network {
    actions! {
        /// Stakes nodes with exactly what that takes; the staker must have the QST.
        stake_nodes / try_stake_nodes(network, staker: &str, keys: &[u32]) {
            let account = network.account(staker).into_string();
            let query = vault::QueryMsg::PreviewStake { account, keys: ids(keys) };
            let preview: vault::PreviewStakeResponse = network.vault().try_query(&query)?;
            network.try_stake_nodes_with(staker, keys, preview.amount.u128())
        }
        /// Stakes nodes with so much QST.
        stake_nodes_with / try_stake_nodes_with(network, staker: &str, keys: &[u32], amount: u128) {
            network.try_send_vault(staker, amount, &vault::ReceiveMsg::StakeNodes { keys: ids(keys) })
        }
        /// Takes the stakes off nodes.
        unstake_nodes / try_unstake_nodes(network, staker: &str, keys: &[u32]) {
            network.try_on_vault(staker, &vault::ExecuteMsg::UnstakeNodes { keys: ids(keys) })
        }
        /// Puts QST into the pool; the depositor must have it.
        deposit_pool / try_deposit_pool(network, depositor: &str, amount: u128) {
            network.try_send_vault(depositor, amount, &vault::ReceiveMsg::DepositPool {})
        }
        /// Takes QST out of the pool.
        unbond_pool / try_unbond_pool(network, depositor: &str, amount: u128) {
            network.try_on_vault(depositor, &vault::ExecuteMsg::UnbondPool { amount: amount.into() })
        }
        /// Pays released lots: the named ones, or the first page of those that are released.
        withdraw_lots / try_withdraw_lots(network, account: &str, lots: Option<&[u64]>) {
            let msg = vault::ExecuteMsg::WithdrawLots {
                lots: lots.map(<[u64]>::to_vec),
                start_after: None,
                limit: None,
            };
            network.try_on_vault(account, &msg)
        }
        /// Puts a lot back.
        cancel_lot / try_cancel_lot(network, account: &str, lot: u64) {
            network.try_on_vault(account, &vault::ExecuteMsg::CancelLot { lot })
        }
    }
}

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
        use distributor::EpochStep::{Appeals, Closed, Due, Open, Reporting};
        self.advance_to(self.clock().end_of(Epoch(epoch)));
        loop {
            let until = match self.distributor().evidence(epoch).step {
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
        let mut pages = Vec::new();
        loop {
            let page = summary(&self.claim(account));
            let more = page.next;
            pages.push(page);
            if !more {
                return pages;
            }
            assert!(pages.len() < 1_000, "claims of {account} never end");
        }
    }

    /// What a claim, settlement or compounding answered.
    #[track_caller]
    pub fn summary(&self, response: &AppResponse) -> ClaimSummary {
        summary(response)
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
