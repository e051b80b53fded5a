//! `explain` without a run's folder: the contracts' own explanation.

use noderev_api::distributor::{ExplainResponse, PoolHistoryResponse, QueryMsg};
use noderev_api::{delegation, delegation::DelegationId};
use noderev_components::{Epoch, KeyId};
use serde::Serialize;

use super::{CommandError, Connection};
use crate::answer::Answer;
use crate::explain::Subject;
use crate::format::thousands;

/// Why the subject got what it got in an epoch, as the contracts tell.
pub fn explain(
    connection: &Connection,
    subject: &Subject,
    epoch: u64,
    json: bool,
) -> Result<Answer, CommandError> {
    let contracts = connection.open(json)?.contracts()?;
    let number = u32::try_from(epoch)
        .map_err(|_| CommandError::Usage(format!("epoch {epoch}: at most {}", u32::MAX)))?;
    let epoch = Epoch(number);
    match subject {
        Subject::Key(key) => {
            let query = QueryMsg::Explain {
                key: KeyId(*key),
                epoch,
            };
            let answer: ExplainResponse = contracts.ask_distributor(&query)?;
            let amounts = answer.amounts.iter();
            let amounts =
                amounts.map(|one| format!("{} {}", thousands(one.amount.u128()), one.denom));
            let owner = answer
                .owner
                .as_ref()
                .map_or("nobody", |owner| owner.as_str());
            let mut lines = answer.steps.clone();
            lines.push(format!(
                "key {key} of {owner} in epoch {epoch}: {}",
                amounts.collect::<Vec<_>>().join(", ")
            ));
            Ok(shown(&answer, &lines, json))
        }
        Subject::Pool(account) => {
            let query = QueryMsg::PoolHistory {
                account: Some(account.clone()),
                start_after: Some(epoch.next()),
                limit: Some(1),
            };
            let answer: PoolHistoryResponse = contracts.ask_distributor(&query)?;
            let found = answer.epochs.into_iter().find(|one| one.epoch == epoch);
            let found =
                found.ok_or_else(|| CommandError::Usage(format!("epoch {epoch} is not closed")))?;
            Ok(shown(&found, &[], json))
        }
        Subject::Member {
            delegation,
            account,
        } => {
            let query = delegation::QueryMsg::Explain {
                delegation: DelegationId(*delegation),
                member: account.clone(),
                epoch,
            };
            let answer: delegation::ExplainResponse = contracts.ask_delegation(&query)?;
            let lines = answer.steps.clone();
            Ok(shown(&answer, &lines, json))
        }
    }
}

/// Lines for people, or the answer itself.
fn shown(answer: &impl Serialize, lines: &[String], json: bool) -> Answer {
    Answer::done(match (json, lines) {
        (true, _) => serde_json::to_string(answer).unwrap_or_default(),
        (false, []) => serde_json::to_string_pretty(answer).unwrap_or_default(),
        (false, lines) => lines.join("\n"),
    })
}
