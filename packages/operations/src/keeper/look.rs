//! What a keeper sees: what is due, and the figures that it shows.

use cosmwasm_std::Timestamp;
use noderev_api::common::{DueResponse, EvidenceResponse, SolvencyResponse};
use noderev_api::distributor::{CLAIM_PAGE, MAX_BATCH, MAX_RULINGS};
use noderev_api::{delegation, distributor, registry, vault};
use noderev_chain::{ChainError, Result, Status};
use noderev_components::{Epoch, KeyId};

use super::task::{Action, Task, UnknownAction};
use crate::audit::books::solvency;
use crate::rewards::keys_seen;
use crate::{Contract, Contracts};

/// Entries on a page of a query, the most that contracts answer.
const PAGE: u32 = 100;

/// What is due.
#[derive(Clone, Debug, Default)]
pub struct Due {
    /// What can be done now, in the order in which to do it.
    pub tasks: Vec<Task>,
    /// What this program cannot do.
    pub unknown: Vec<UnknownAction>,
    /// Per contract the time of what is due or comes next.
    pub next: Vec<(Contract, Timestamp)>,
    /// The chain's time.
    pub now: Timestamp,
}

/// What is due now.
pub fn due(contracts: &Contracts, settle: &[String]) -> Result<Due> {
    let mut due = Due::default();
    for place in Contract::ALL {
        due.add(place, due_of(contracts, place)?);
    }
    for account in settle {
        due.tasks.extend(unsettled(contracts, account, due.now)?);
    }
    Ok(due)
}

/// What one contract says is due.
pub fn due_of(contracts: &Contracts, place: Contract) -> Result<DueResponse> {
    match place {
        Contract::Distributor => contracts.ask_distributor(&distributor::QueryMsg::Due {}),
        Contract::Delegation => contracts.ask_delegation(&delegation::QueryMsg::Due {}),
        Contract::Registry => contracts.ask_registry(&registry::QueryMsg::Due {}),
        Contract::Vault => contracts.ask_vault(&vault::QueryMsg::Due {}),
    }
}

impl Due {
    /// Adds what a contract answered.
    pub fn add(&mut self, place: Contract, answer: DueResponse) {
        self.now = self.now.max(answer.as_of.time);
        let soonest = answer.now.iter().chain(&answer.next).map(|due| due.from);
        self.next.extend(soonest.min().map(|from| (place, from)));
        for due in answer.now {
            match Action::parse(place, &due) {
                Ok(action) => self.tasks.push(Task {
                    place,
                    action,
                    since: due.from,
                }),
                Err(unknown) => self.unknown.push(unknown),
            }
        }
    }

    /// Seconds until the next thing to come; none if nothing is known to come.
    pub fn seconds_to_next(&self) -> Option<u64> {
        let coming = self.next.iter().map(|(_, from)| from.seconds());
        let coming = coming.filter(|from| *from > self.now.seconds());
        coming
            .min()
            .map(|from| from.saturating_sub(self.now.seconds()))
    }
}

/// Keys of an account that have earned it something that is not settled, as many tasks as they need.
/// How far others are settled is written nowhere: settling them again and again would cost fees.
fn unsettled(contracts: &Contracts, account: &str, now: Timestamp) -> Result<Vec<Task>> {
    let (mut keys, _) = keys_seen(contracts, account, None)?;
    keys.sort_unstable();
    let page = usize::try_from(CLAIM_PAGE).unwrap_or(MAX_BATCH);
    let tasks = keys.chunks(page).map(|keys| Task {
        place: Contract::Distributor,
        action: Action::Settle {
            account: account.to_owned(),
            keys: keys.to_vec(),
        },
        since: now,
    });
    Ok(tasks.collect())
}

/// Keys of an epoch that are still disputed, as many as one message takes.
pub fn disputed(contracts: &Contracts, epoch: Epoch) -> Result<Vec<KeyId>> {
    let mut keys = Vec::new();
    let mut start_after = None;
    loop {
        let page: distributor::DisputesResponse =
            contracts.ask_distributor(&distributor::QueryMsg::Disputes {
                epoch,
                start_after,
                limit: Some(PAGE),
            })?;
        start_after = page.disputes.last().map(|dispute| dispute.key);
        let open = |dispute: &distributor::DisputeInfo| {
            dispute.outcome == distributor::DisputeOutcome::Open
        };
        let open = page.disputes.into_iter().filter(open);
        keys.extend(open.map(|dispute| dispute.key));
        if start_after.is_none() || keys.len() >= MAX_RULINGS {
            keys.truncate(MAX_RULINGS);
            return Ok(keys);
        }
    }
}

/// How far a contract's epochs are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Which contract.
    pub place: Contract,
    /// The running epoch.
    pub running: Epoch,
    /// The oldest that is not closed.
    pub next: Epoch,
}

/// Figures for whoever watches. What a contract refuses to say is left out.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Where the chain is.
    pub status: Status,
    /// What the keeper has left for fees.
    pub balance: u128,
    /// How far epochs are closed.
    pub closing: Vec<Closing>,
    /// Reports on the last ended epoch.
    pub evidence: Vec<(Contract, EvidenceResponse)>,
    /// Where every unit is.
    pub solvency: Vec<(Contract, SolvencyResponse)>,
}

/// The figures. Only a chain that does not answer is an error.
pub fn figures(contracts: &Contracts, keeper: &str) -> Result<Figures> {
    let client = contracts.client();
    let mut figures = Figures {
        status: client.status()?,
        balance: client.balance(keeper, &client.network().denom)?,
        closing: Vec::new(),
        evidence: Vec::new(),
        solvency: Vec::new(),
    };
    let network: Option<distributor::NetworkResponse> =
        told(contracts.ask_distributor(&distributor::QueryMsg::Network {}))?;
    if let Some(network) = network {
        figures.closing(Contract::Distributor, network.epoch, network.next_close);
    }
    let network: Option<delegation::NetworkResponse> =
        told(contracts.ask_delegation(&delegation::QueryMsg::Network {}))?;
    if let Some(network) = network {
        figures.closing(Contract::Delegation, network.epoch, network.next_close);
    }
    for closing in figures.closing.clone() {
        if let Some(epoch) = closing.running.prev() {
            let evidence = told(evidence(contracts, closing.place, epoch))?;
            figures
                .evidence
                .extend(evidence.map(|it| (closing.place, it)));
        }
    }
    for place in Contract::ALL {
        let solvency = told(solvency(contracts, place))?;
        figures.solvency.extend(solvency.map(|it| (place, it)));
    }
    Ok(figures)
}

impl Figures {
    fn closing(&mut self, place: Contract, running: Epoch, next: Epoch) {
        self.closing.push(Closing {
            place,
            running,
            next,
        });
    }
}

fn evidence(contracts: &Contracts, place: Contract, epoch: Epoch) -> Result<EvidenceResponse> {
    match place {
        Contract::Delegation => contracts.ask_delegation(&delegation::QueryMsg::Evidence { epoch }),
        _ => contracts.ask_distributor(&distributor::QueryMsg::Evidence { epoch }),
    }
}

/// None where a contract refuses to say.
fn told<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ChainError::Query { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use noderev_api::common::DueAction;
    use noderev_components::AsOf;

    fn answer(now: &[(&str, u32, u64)], next: Option<u64>) -> DueResponse {
        let due = |(name, epoch, from): &(&str, u32, u64)| {
            DueAction::new(name, Some(Epoch(*epoch)), *from)
        };
        DueResponse {
            now: now.iter().map(due).collect(),
            next: next.map(|from| DueAction::new("split", None, from)),
            as_of: AsOf {
                height: 1,
                time: Timestamp::from_seconds(1_000),
                seq: 1,
            },
        }
    }

    #[test]
    fn what_is_due_keeps_its_order_and_the_unknown_is_set_apart() {
        let mut due = Due::default();
        let now = [
            ("close_epoch", 4, 900),
            ("dance", 4, 950),
            ("resolve", 2, 800),
        ];
        due.add(Contract::Distributor, answer(&now, None));
        due.add(Contract::Delegation, answer(&[("advance", 4, 990)], None));
        let tasks: Vec<String> = due.tasks.iter().map(ToString::to_string).collect();
        assert_eq!(
            tasks,
            [
                "distributor close_epoch of epoch 4",
                "distributor resolve of epoch 2",
                "delegation advance of epoch 4",
            ]
        );
        assert_eq!(due.unknown[0].action, "dance");
        assert_eq!(due.next[0].1.seconds(), 800);
        assert_eq!(due.seconds_to_next(), None);
    }

    #[test]
    fn the_next_time_is_the_soonest_to_come() {
        let mut due = Due::default();
        due.add(Contract::Registry, answer(&[], Some(1_500)));
        due.add(Contract::Distributor, answer(&[], Some(1_060)));
        due.add(Contract::Vault, answer(&[], None));
        assert_eq!(due.seconds_to_next(), Some(60));
    }
}
