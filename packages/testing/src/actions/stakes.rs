//! Stakes of QST.

use cw_multi_test::AppResponse;
use noderev_api::vault;

use super::{done, ids};
use crate::network::Network;

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
