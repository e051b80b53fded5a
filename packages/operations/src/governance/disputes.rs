//! Appeals and challenges: the arbiter's rulings, and what stands without one.

use noderev_api::distributor::{DisputeInfo, DisputeOutcome, ExecuteMsg, MAX_RULINGS};
use noderev_chain::Message;
use noderev_components::{Epoch, KeyId};

use super::{GovernanceError, Result};
use crate::audit::disputes;
use crate::batches::in_messages;
use crate::Contracts;

/// Disputes that can be ended.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// They, in the order of their keys.
    pub disputes: Vec<DisputeInfo>,
    /// The messages that end them.
    pub messages: Vec<Message>,
}

/// Rules on disputed keys of an epoch.
pub fn rule(contracts: &Contracts, epoch: Epoch, keys: &[KeyId], upheld: bool) -> Result<Ruling> {
    end(contracts, epoch, keys, |keys| ExecuteMsg::Rule {
        epoch,
        keys,
        upheld,
    })
}

/// Lets the attesters' result stand for disputed keys of an epoch that nobody has ruled on in time.
pub fn resolve(contracts: &Contracts, epoch: Epoch, keys: &[KeyId]) -> Result<Ruling> {
    end(contracts, epoch, keys, |keys| ExecuteMsg::Resolve {
        epoch,
        keys,
    })
}

fn end(
    contracts: &Contracts,
    epoch: Epoch,
    keys: &[KeyId],
    order: impl Fn(Vec<KeyId>) -> ExecuteMsg,
) -> Result<Ruling> {
    let disputes = chosen(epoch, keys, disputes(contracts, epoch)?)?;
    let messages = in_messages("keys", keys, MAX_RULINGS)?;
    let messages =
        messages.map(|keys| Message::execute(&contracts.distributor, &order(keys), Vec::new()));
    let messages = messages.collect::<noderev_chain::Result<Vec<_>>>()?;
    Ok(Ruling { disputes, messages })
}

/// The open disputes about these keys.
fn chosen(epoch: Epoch, keys: &[KeyId], all: Vec<DisputeInfo>) -> Result<Vec<DisputeInfo>> {
    for key in keys {
        let dispute = all.iter().find(|dispute| dispute.key == *key);
        let Some(dispute) = dispute else {
            let disputed = all.iter().map(|dispute| dispute.key.to_string());
            return Err(GovernanceError::NotDisputed {
                key: *key,
                epoch,
                disputed: match all.is_empty() {
                    true => "none".to_owned(),
                    false => disputed.collect::<Vec<_>>().join(", "),
                },
            });
        };
        if let Some(outcome) = ended(dispute.outcome) {
            let key = *key;
            return Err(GovernanceError::Ended {
                key,
                epoch,
                outcome,
            });
        }
    }
    let mut chosen = all;
    chosen.retain(|dispute| keys.contains(&dispute.key));
    Ok(chosen)
}

/// How a dispute has ended; none if it has not.
const fn ended(outcome: DisputeOutcome) -> Option<&'static str> {
    match outcome {
        DisputeOutcome::Open => None,
        DisputeOutcome::Upheld => Some("it was upheld"),
        DisputeOutcome::Rejected => Some("it was rejected"),
        DisputeOutcome::NoRuling => Some("there was no ruling in time"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Addr, Uint128};
    use noderev_api::distributor::DisputeKind;

    #[test]
    fn only_open_disputes_are_ended() {
        let dispute = |key, outcome| DisputeInfo {
            key: KeyId(key),
            kind: DisputeKind::Appeal,
            by: Addr::unchecked("wasm1a"),
            bond: Uint128::new(5),
            outcome,
            deadline: None,
        };
        let all = || {
            vec![
                dispute(2, DisputeOutcome::Open),
                dispute(5, DisputeOutcome::Rejected),
                dispute(9, DisputeOutcome::Open),
            ]
        };
        let choose = |keys: &[u32]| {
            let keys: Vec<_> = keys.iter().map(|key| KeyId(*key)).collect();
            let chosen = chosen(Epoch(3), &keys, all());
            chosen.map(|all| all.iter().map(|it| it.key.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(choose(&[9, 2]).unwrap(), ["2", "9"]);
        assert_eq!(
            choose(&[2, 5]).unwrap_err().to_string(),
            "the dispute about key 5 of epoch 3 has ended: it was rejected"
        );
        assert_eq!(
            choose(&[1]).unwrap_err().to_string(),
            "key 1 has no appeal and no challenge of epoch 3; disputed are: 2, 5, 9"
        );
    }
}
