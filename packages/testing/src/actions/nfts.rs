//! NFTs: in their collections, and staked.

use cosmwasm_std::{to_json_binary, Addr, Binary};
use cw721::msg::OwnerOfResponse;
use cw721_base::msg::{ExecuteMsg as Cw721, QueryMsg as Cw721Query};
use cw_multi_test::AppResponse;
use noderev_api::delegation::{ExecuteMsg, Nft, NftHook, MAX_BATCH};

use super::{delegation_id, done};
use crate::network::{Network, COLLECTION_MINTER};
use crate::nfts::{weights, WEIGHTS};

/// NFTs in their collections, which are named by their place.
impl Network {
    actions! {
        /// Any message to a collection.
        on_collection / try_on_collection(network, sender: &str, collection: usize, msg: &Cw721) {
            let contract = network.collection(collection);
            network.try_execute(sender, &contract, msg, &[])
        }
        /// Creates an NFT, as the collections' minter.
        mint_nft / try_mint_nft(network, owner: &str, collection: usize, token_id: &str) {
            let owner = network.account(owner).into_string();
            let token_id = token_id.to_owned();
            let msg = Cw721::Mint { token_id, owner, token_uri: None, extension: None };
            network.try_on_collection(COLLECTION_MINTER, collection, &msg)
        }
        /// Lets the delegation contract move all NFTs of the owner in a collection.
        approve_collection / try_approve_collection(network, owner: &str, collection: usize) {
            let operator = network.addresses().delegation.to_string();
            network.try_approve_all_nfts(owner, collection, &operator)
        }
        /// Takes that back.
        revoke_collection / try_revoke_collection(network, owner: &str, collection: usize) {
            let operator = network.addresses().delegation.to_string();
            network.try_on_collection(owner, collection, &Cw721::RevokeAll { operator })
        }
        /// Lets somebody move all NFTs of the owner in a collection.
        approve_all_nfts / try_approve_all_nfts(network, owner: &str, collection: usize, operator: &str) {
            let operator = network.account(operator).into_string();
            network.try_on_collection(owner, collection, &Cw721::ApproveAll { operator, expires: None })
        }
        /// Lets somebody move one NFT.
        approve_nft / try_approve_nft(network, owner: &str, collection: usize, token_id: &str, spender: &str) {
            let (spender, token_id) = (network.account(spender).into_string(), token_id.to_owned());
            network.try_on_collection(owner, collection, &Cw721::Approve { spender, token_id, expires: None })
        }
        /// Moves an NFT and tells nobody.
        transfer_nft / try_transfer_nft(network, sender: &str, collection: usize, token_id: &str, recipient: &str) {
            let (recipient, token_id) = (network.account(recipient).into_string(), token_id.to_owned());
            network.try_on_collection(sender, collection, &Cw721::TransferNft { recipient, token_id })
        }
        /// Destroys an NFT.
        burn_nft / try_burn_nft(network, sender: &str, collection: usize, token_id: &str) {
            let token_id = token_id.to_owned();
            network.try_on_collection(sender, collection, &Cw721::Burn { token_id })
        }
        /// Sends an NFT to the delegation contract, to be staked for the sender.
        send_nft / try_send_nft(network, sender: &str, collection: usize, token_id: &str, delegation: Option<u16>) {
            let msg = to_json_binary(&NftHook::Stake { delegation: delegation_id(delegation) })?;
            network.try_send_nft_with(sender, collection, token_id, msg)
        }
        /// Sends an NFT to the delegation contract with any message.
        send_nft_with / try_send_nft_with(network, sender: &str, collection: usize, token_id: &str, msg: Binary) {
            let contract = network.addresses().delegation.to_string();
            let token_id = token_id.to_owned();
            network.try_on_collection(sender, collection, &Cw721::SendNft { contract, token_id, msg })
        }
    }

    /// Creates NFTs, as the collections' minter.
    #[track_caller]
    pub fn mint_nfts(&mut self, owner: &str, collection: usize, token_ids: &[&str]) -> Vec<Nft> {
        for token_id in token_ids {
            self.mint_nft(owner, collection, token_id);
        }
        let nft = |token_id: &&str| self.nft(collection, token_id);
        token_ids.iter().map(nft).collect()
    }

    /// Creates NFTs of [`WEIGHTS`] that together weigh exactly this much, heaviest first.
    #[track_caller]
    pub fn mint_weight(&mut self, owner: &str, quintessence: u128) -> Vec<Nft> {
        let mut missing = quintessence;
        let mut minted = Vec::new();
        for weight in weights() {
            while missing >= weight {
                self.nfts += 1;
                let token_id = format!("{weight}-{}", self.nfts);
                minted.extend(self.mint_nfts(owner, WEIGHTS, &[&token_id]));
                missing -= weight;
            }
        }
        minted
    }

    /// Who holds an NFT.
    #[track_caller]
    pub fn nft_owner(&self, nft: &Nft) -> Addr {
        let query = Cw721Query::OwnerOf {
            token_id: nft.token_id.clone(),
            include_expired: None,
        };
        let contract = Addr::unchecked(&nft.collection);
        let answer: OwnerOfResponse = self
            .try_query(&contract, &query)
            .expect("the collection knows the NFT");
        Addr::unchecked(answer.owner)
    }
}

/// Staked NFTs.
impl Network {
    actions! {
        /// Stakes NFTs of a collection that the staker has approved.
        stake_nfts / try_stake_nfts(network, staker: &str, collection: usize, token_ids: &[&str], delegation: Option<u16>) {
            let msg = ExecuteMsg::StakeNfts {
                collection: network.collection(collection).into_string(),
                token_ids: token_ids.iter().map(|id| (*id).to_owned()).collect(),
                delegation: delegation_id(delegation),
            };
            network.try_on_delegation(staker, &msg)
        }
        /// Moves staked NFTs to another delegation, or out of any.
        move_nfts / try_move_nfts(network, staker: &str, nfts: &[Nft], delegation: Option<u16>) {
            let (nfts, delegation) = (nfts.to_vec(), delegation_id(delegation));
            network.try_on_delegation(staker, &ExecuteMsg::MoveNfts { nfts, delegation })
        }
        /// Takes NFTs out.
        unstake_nfts / try_unstake_nfts(network, staker: &str, nfts: &[Nft]) {
            network.try_on_delegation(staker, &ExecuteMsg::UnstakeNfts { nfts: nfts.to_vec() })
        }
        /// Returns unstaked NFTs to their stakers.
        withdraw_nfts / try_withdraw_nfts(network, sender: &str, nfts: &[Nft]) {
            network.try_on_delegation(sender, &ExecuteMsg::WithdrawNfts { nfts: nfts.to_vec() })
        }
        /// Gives back an NFT that nobody has staked, as the owner.
        return_stray / try_return_stray(network, nft: &Nft, to: &str) {
            let (nft, to) = (nft.clone(), network.account(to).into_string());
            network.try_on_delegation("owner", &ExecuteMsg::ReturnStray { nft, to })
        }
    }

    /// Creates NFTs that weigh exactly this much and stakes them, heaviest first; what was staked.
    ///
    /// Fails the test if the contract refuses.
    #[track_caller]
    pub fn stake_weight(
        &mut self,
        staker: &str,
        quintessence: u128,
        delegation: Option<u16>,
    ) -> Vec<Nft> {
        let staked = self.try_stake_weight(staker, quintessence, delegation);
        done("stake_weight", staked)
    }

    /// Creates NFTs that weigh exactly this much and stakes them, heaviest first; what was staked.
    /// After a refusal those of the batches before stay staked.
    #[track_caller]
    pub fn try_stake_weight(
        &mut self,
        staker: &str,
        quintessence: u128,
        delegation: Option<u16>,
    ) -> anyhow::Result<Vec<Nft>> {
        let nfts = self.mint_weight(staker, quintessence);
        self.try_approve_collection(staker, WEIGHTS)?;
        for batch in nfts.chunks(MAX_BATCH) {
            let ids: Vec<&str> = batch.iter().map(|nft| nft.token_id.as_str()).collect();
            self.try_stake_nfts(staker, WEIGHTS, &ids, delegation)?;
        }
        Ok(nfts)
    }
}
