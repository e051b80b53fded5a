//! Parameters: in force, waiting, queued; and the attesters among them.

use std::collections::BTreeMap;

use noderev_api::common::{ParamsAtResponse, QueuedParamsResponse};
use noderev_api::{delegation, distributor, registry, vault};
use noderev_chain::Message;
use noderev_components::{Epoch, EvidenceRules};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{ask, message, GovernanceError, Order, Question, Result};
use crate::moment::Moment;
use crate::{Contract, Contracts};

/// A contract's parameters.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Params {
    /// The registry's.
    Registry(registry::Params),
    /// The vault's.
    Vault(vault::Params),
    /// The distributor's.
    Distributor(distributor::Params),
    /// The delegation contract's.
    Delegation(delegation::Params),
}

impl Params {
    /// Reads parameters of this contract from TOML, or from JSON; of JSON with a field `params`, as
    /// `gov params` prints it, that field.
    pub fn parse(contract: Contract, text: &str) -> Result<Self> {
        let wrong = |reason: String| GovernanceError::Form { contract, reason };
        if !text.trim_start().starts_with('{') {
            let toml = toml::Deserializer::parse(text).map_err(|error| wrong(error.to_string()))?;
            return Self::read(contract, toml).map_err(|error| wrong(error.to_string()));
        }
        let json: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let params = json.get("params").unwrap_or(&json).clone();
        Self::read(contract, params).map_err(|error| wrong(error.to_string()))
    }

    fn read<'de, D: Deserializer<'de>>(
        contract: Contract,
        from: D,
    ) -> core::result::Result<Self, D::Error> {
        Ok(match contract {
            Contract::Registry => Self::Registry(Deserialize::deserialize(from)?),
            Contract::Vault => Self::Vault(Deserialize::deserialize(from)?),
            Contract::Distributor => Self::Distributor(Deserialize::deserialize(from)?),
            Contract::Delegation => Self::Delegation(Deserialize::deserialize(from)?),
        })
    }

    /// A contract's answer.
    fn answered(contract: Contract, value: Value) -> Result<Self> {
        Self::read(contract, value).map_err(|error| GovernanceError::Form {
            contract,
            reason: error.to_string(),
        })
    }

    /// As TOML, which [`parse`](Self::parse) reads.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self).map_err(|error| GovernanceError::Form {
            contract: self.contract(),
            reason: error.to_string(),
        })
    }

    /// Whose they are.
    pub const fn contract(&self) -> Contract {
        match self {
            Self::Registry(_) => Contract::Registry,
            Self::Vault(_) => Contract::Vault,
            Self::Distributor(_) => Contract::Distributor,
            Self::Delegation(_) => Contract::Delegation,
        }
    }

    /// What differs from earlier ones, by field.
    pub fn changes_from(&self, before: &Self) -> Vec<Change> {
        let (old, new) = (fields(before), fields(self));
        let names = old
            .keys()
            .chain(new.keys().filter(|it| !old.contains_key(*it)));
        let change = |field: &String| {
            let shown = |side: &BTreeMap<String, String>| {
                let value = side.get(field).cloned();
                value.unwrap_or_else(|| "nothing".to_owned())
            };
            let (before, after) = (shown(&old), shown(&new));
            (before != after).then(|| Change {
                field: field.clone(),
                before,
                after,
            })
        };
        names.filter_map(change).collect()
    }

    fn evidence(&mut self) -> Result<&mut EvidenceRules> {
        let contract = self.contract();
        match self {
            Self::Distributor(params) => Ok(&mut params.evidence),
            Self::Delegation(params) => Ok(&mut params.evidence),
            Self::Registry(_) | Self::Vault(_) => Err(GovernanceError::NoAttesters { contract }),
        }
    }
}

/// A field that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its name, with those of the groups that it is in: `evidence.threshold`.
    pub field: String,
    /// Its value in the parameters in force.
    pub before: String,
    /// Its new value.
    pub after: String,
}

/// All fields of all groups, lists as one field.
fn fields(params: &Params) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let value = serde_json::to_value(params).unwrap_or_default();
    collect("", &value, &mut all);
    all
}

fn collect(name: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(group) => {
            for (inner, value) in group {
                let name = match name {
                    "" => inner.clone(),
                    outer => format!("{outer}.{inner}"),
                };
                collect(&name, value, all);
            }
        }
        Value::String(text) => {
            all.insert(name.to_owned(), text.clone());
        }
        other => {
            all.insert(name.to_owned(), other.to_string());
        }
    }
}

/// Parameters in force in an epoch.
#[derive(Clone, Debug, Serialize)]
pub struct InForce {
    /// The epoch.
    pub epoch: Epoch,
    /// Their number; 0 for those of instantiation.
    pub version: u32,
    /// They.
    pub params: Params,
}

/// Parameters that wait.
#[derive(Clone, Debug, Serialize)]
pub struct Waiting {
    /// The first epoch with them.
    pub from: Epoch,
    /// They.
    pub params: Params,
}

/// The parameters of a contract in force in an epoch, as far as known now.
pub fn in_force(contracts: &Contracts, contract: Contract, epoch: Epoch) -> Result<InForce> {
    let question = Question::ParamsAt { epoch };
    let answer: ParamsAtResponse<Value> = ask(contracts, contract, &question)?;
    Ok(InForce {
        epoch: answer.epoch,
        version: answer.version,
        params: Params::answered(contract, answer.params)?,
    })
}

/// The parameters of a contract that wait; none if none do.
pub fn queued(contracts: &Contracts, contract: Contract) -> Result<Option<Waiting>> {
    let answer: QueuedParamsResponse<Value> = ask(contracts, contract, &Question::QueuedParams {})?;
    let Some((from, params)) = answer.from.zip(answer.params) else {
        return Ok(None);
    };
    let params = Params::answered(contract, params)?;
    Ok(Some(Waiting { from, params }))
}

/// Parameters that can be queued.
#[derive(Clone, Debug)]
pub struct Queued {
    /// The first epoch with them, as long as the running one runs.
    pub from: Epoch,
    /// What changes, by field.
    pub changes: Vec<Change>,
    /// The message that queues them.
    pub message: Message,
}

/// Queues parameters for seven epochs after the next boundary.
pub fn queue(contracts: &Contracts, moment: &Moment, params: &Params) -> Result<Queued> {
    let contract = params.contract();
    if let Some(Waiting { from, .. }) = queued(contracts, contract)? {
        return Err(GovernanceError::Waits { contract, from });
    }
    let present = in_force(contracts, contract, moment.epoch)?;
    let changes = params.changes_from(&present.params);
    if changes.is_empty() {
        return Err(GovernanceError::NothingChanges { contract });
    }
    let order = Order::QueueParams { params };
    Ok(Queued {
        message: message(contracts, contract, &order)?,
        from: moment.after_notice(),
        changes,
    })
}

/// Drops the parameters that wait; answers them, and the message that does it.
pub fn cancel(contracts: &Contracts, contract: Contract) -> Result<(Waiting, Message)> {
    let waiting = queued(contracts, contract)?;
    let waiting = waiting.ok_or(GovernanceError::NothingWaits { contract })?;
    let message = message(contracts, contract, &Order::CancelParams {})?;
    Ok((waiting, message))
}

/// A change of who attests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attesters {
    /// Who will.
    pub add: Vec<String>,
    /// Who will no longer.
    pub remove: Vec<String>,
    /// How many must agree; none: as now.
    pub threshold: Option<u32>,
}

impl Attesters {
    /// Changes the rules.
    fn apply(&self, rules: &mut EvidenceRules) -> Result<()> {
        for account in &self.remove {
            let attesters = rules.attesters.len();
            rules.attesters.retain(|one| one != account);
            if rules.attesters.len() == attesters {
                return Err(GovernanceError::AttestsNot {
                    account: account.clone(),
                    attesters: rules.attesters.join(", "),
                });
            }
        }
        for account in &self.add {
            if rules.attesters.contains(account) {
                return Err(GovernanceError::AttestsAlready(account.clone()));
            }
            rules.attesters.push(account.clone());
        }
        rules.threshold = self.threshold.unwrap_or(rules.threshold);
        Ok(())
    }
}

/// Queues the parameters in force with other attesters.
pub fn attesters(
    contracts: &Contracts,
    moment: &Moment,
    contract: Contract,
    change: &Attesters,
) -> Result<Queued> {
    let mut params = in_force(contracts, contract, moment.epoch)?.params;
    change.apply(params.evidence()?)?;
    queue(contracts, moment, &params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Manifest;

    /// Parameters of every contract, with every kind of field in them.
    fn all() -> Vec<Params> {
        let text = include_str!("../../../../manifests/local.toml");
        let manifest = Manifest::parse(text).unwrap();
        vec![
            Params::Registry(manifest.registry),
            Params::Vault(manifest.vault),
            Params::Distributor(manifest.distributor),
            Params::Delegation(manifest.delegation),
        ]
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for params in all() {
            let contract = params.contract();
            let toml = params.to_toml().unwrap();
            assert_eq!(Params::parse(contract, &toml).unwrap(), params, "{toml}");
            let json = serde_json::to_string(&params).unwrap();
            assert_eq!(Params::parse(contract, &json).unwrap(), params, "{json}");
            let printed = InForce {
                epoch: Epoch(7),
                version: 1,
                params: params.clone(),
            };
            let printed = serde_json::to_string_pretty(&printed).unwrap();
            assert_eq!(Params::parse(contract, &printed).unwrap(), params);
            assert!(params.changes_from(&params).is_empty());
        }
    }

    #[test]
    fn parameters_of_another_contract_and_shares_above_the_whole_are_refused() {
        let refused = |contract, text: &str| Params::parse(contract, text).unwrap_err().to_string();
        let vault = "unbonding_period = 1\nminimum_lock = 0\n";
        let error = refused(Contract::Registry, vault);
        assert!(error.starts_with("parameters of the registry: "), "{error}");
        assert!(error.contains("unknown field `minimum_lock`"), "{error}");
        let much = "market_fee = 10001\nsplit_notice = 0\nsplit_grace = 0\n";
        assert!(refused(Contract::Registry, much).contains("10001"));
        assert!(refused(Contract::Vault, "{").contains("parameters of the vault"));
    }

    #[test]
    fn only_fields_that_differ_are_changes() {
        let [before, _, distributor, _] = &all()[..] else {
            unreachable!()
        };
        let Params::Registry(mut params) = before.clone() else {
            unreachable!()
        };
        params.split_grace = 31;
        let changes = Params::Registry(params).changes_from(before);
        let change = |field: &str, before: &str, after: &str| Change {
            field: field.into(),
            before: before.into(),
            after: after.into(),
        };
        assert_eq!(changes, [change("split_grace", "30", "31")]);
        let mut changed = distributor.clone();
        changed.evidence().unwrap().policy.uri = "https://example.org/2".into();
        changed.evidence().unwrap().threshold = 3;
        let expected = [
            change(
                "evidence.policy.uri",
                "https://example.org/policy",
                "https://example.org/2",
            ),
            change("evidence.threshold", "2", "3"),
        ];
        assert_eq!(changed.changes_from(distributor), expected);
    }

    #[test]
    fn attesters_come_and_go_once() {
        let mut params = all().remove(2);
        let rules = params.evidence().unwrap();
        rules.attesters = ["a", "b", "c"].map(str::to_owned).into();
        let change = |add: &[&str], remove: &[&str], threshold| Attesters {
            add: add.iter().map(|name| (*name).to_owned()).collect(),
            remove: remove.iter().map(|name| (*name).to_owned()).collect(),
            threshold,
        };
        change(&["d"], &["a"], Some(3)).apply(rules).unwrap();
        assert_eq!(rules.attesters, ["b", "c", "d"]);
        assert_eq!(rules.threshold, 3);
        let known = change(&["b"], &[], None).apply(rules).unwrap_err();
        assert_eq!(known.to_string(), "b is an attester already");
        let unknown = change(&[], &["a"], None).apply(rules).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "a is no attester; the attesters are: b, c, d"
        );
        let none = all().remove(1).evidence().unwrap_err();
        assert!(none.to_string().starts_with("the vault has no attesters"));
    }
}
