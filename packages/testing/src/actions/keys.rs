//! Keys and their market.

use cosmwasm_std::{Binary, Uint128};
use cw_multi_test::AppResponse;
use noderev_api::registry::{self, IssueRow, Purchase};
use noderev_components::KeyId;

use super::{done, ids};
use crate::network::Network;

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
