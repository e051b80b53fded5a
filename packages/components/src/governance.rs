//! Who may do what: the owner (two-step, cw-ownable), named roles, and versions for migration.

use cosmwasm_std::{
    Addr, Api, BlockInfo, DepsMut, QuerierWrapper, Response, StdError, Storage, Timestamp,
};
use cw_ownable::OwnershipError;
use serde::de::DeserializeOwned;
use serde::Serialize;
use thiserror::Error;

use crate::coded::Coded;
use crate::epoch::EpochClock;
use crate::events::{nanoseconds, ownership_attributes, EventLog};
use crate::fault::{fault, StdResult};
use crate::params::{ParamsError, QueuedParams};
use crate::pause::{PauseError, Pauses};
use crate::raw::{key, Local, RawRead};

/// Somebody else must send this message.
#[derive(Error, Debug, PartialEq)]
pub enum RoleError {
    /// Storage failed.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The sender does not hold the role.
    #[error("only the {role} may do this, {sender} is not")]
    NotHolder {
        /// The role needed.
        role: &'static str,
        /// Who tried.
        sender: Addr,
    },
    /// The role cannot be without a holder.
    #[error("the {role} cannot be left empty")]
    Mandatory {
        /// The role.
        role: &'static str,
    },
}

/// Who holds the contract's roles, by a number that is never reused.
pub struct Roles {
    namespace: u8,
}

impl Roles {
    /// One namespace byte.
    pub const fn new(namespace: u8) -> Self {
        Self { namespace }
    }

    /// A role's holder.
    pub fn holder(&self, store: &impl RawRead, role: impl Coded) -> StdResult<Option<Addr>> {
        let bytes = store.read(&self.key(role))?;
        let text = bytes.map(|bytes| String::from_utf8(bytes).map_err(|_| fault("role holder")));
        Ok(text.transpose()?.map(Addr::unchecked))
    }

    /// Fills or empties a role.
    pub fn set(&self, storage: &mut dyn Storage, role: impl Coded, holder: Option<&Addr>) {
        let key = self.key(role);
        match holder {
            Some(holder) => storage.set(&key, holder.as_bytes()),
            None => storage.remove(&key),
        }
    }

    /// Refuses everybody but the role's holder.
    pub fn ensure(
        &self,
        store: &impl RawRead,
        role: impl Coded,
        sender: &Addr,
    ) -> Result<(), RoleError> {
        self.ensure_named(store, role, role.name(), sender)
    }

    /// Refuses everybody but the contract's owner and the role's holder; `name` calls both.
    pub fn ensure_or_owner(
        &self,
        storage: &dyn Storage,
        role: impl Coded,
        name: &'static str,
        sender: &Addr,
    ) -> Result<(), RoleError> {
        match cw_ownable::is_owner(storage, sender)? {
            true => Ok(()),
            false => self.ensure_named(&Local(storage), role, name, sender),
        }
    }

    fn ensure_named(
        &self,
        store: &impl RawRead,
        role: impl Coded,
        name: &'static str,
        sender: &Addr,
    ) -> Result<(), RoleError> {
        match self.holder(store, role)? {
            Some(holder) if holder == *sender => Ok(()),
            _ => Err(RoleError::NotHolder {
                role: name,
                sender: sender.clone(),
            }),
        }
    }

    fn key(&self, role: impl Coded) -> Vec<u8> {
        key(self.namespace, &[&[role.code()]])
    }
}

/// Refuses everybody but the owner.
pub fn ensure_owner(storage: &dyn Storage, sender: &Addr) -> Result<(), RoleError> {
    match cw_ownable::is_owner(storage, sender)? {
        true => Ok(()),
        false => Err(RoleError::NotHolder {
            role: "owner",
            sender: sender.clone(),
        }),
    }
}

/// What the governance messages do, the same in every contract: parameters with notice, pauses with
/// an end, ownership in two steps, each with its event.
pub struct Governance<'a> {
    /// The contract's storage.
    pub storage: &'a mut dyn Storage,
    /// Its events.
    pub events: &'a EventLog,
    /// Its clock.
    pub clock: &'a EpochClock,
    /// Block time.
    pub now: Timestamp,
}

impl Governance<'_> {
    /// Queues parameters that the caller has checked; `described` are their attributes.
    pub fn queue_params<T: Serialize + DeserializeOwned>(
        self,
        queue: &QueuedParams<T>,
        params: T,
        described: Vec<(&'static str, String)>,
    ) -> Result<Response, ParamsError> {
        let from = queue.queue(self.storage, self.clock, self.now, params)?;
        let mut attributes = vec![("from_epoch", from.to_string())];
        attributes.extend(described);
        Ok(self.done("queue_params", "param_queued", attributes)?)
    }

    /// Drops the queued parameters.
    pub fn cancel_params<T: Serialize + DeserializeOwned>(
        self,
        queue: &QueuedParams<T>,
    ) -> Result<Response, ParamsError> {
        let from = queue.cancel(self.storage, self.clock.epoch_at(self.now))?;
        let attributes = vec![("from_epoch", from.to_string())];
        Ok(self.done("cancel_params", "param_cancelled", attributes)?)
    }

    /// Fills or empties a role.
    pub fn set_role(
        self,
        roles: &Roles,
        role: impl Coded,
        holder: Option<&Addr>,
    ) -> StdResult<Response> {
        roles.set(self.storage, role, holder);
        let mut attributes = vec![("role", role.name().to_string())];
        attributes.extend(holder.map(|holder| ("account", holder.to_string())));
        self.done("set_role", "role_set", attributes)
    }

    /// Pauses an activity for a limited time.
    pub fn pause(
        self,
        pauses: &Pauses,
        activity: impl Coded,
        seconds: u64,
        by: &Addr,
    ) -> Result<Response, PauseError> {
        let until = pauses.pause(self.storage, activity, self.now, seconds)?;
        let attributes = vec![
            ("activity", activity.name().to_string()),
            ("until", nanoseconds(until)),
            ("by", by.to_string()),
        ];
        Ok(self.done("pause", "paused", attributes)?)
    }

    /// Ends a pause early.
    pub fn resume(
        self,
        pauses: &Pauses,
        activity: impl Coded,
        by: &Addr,
    ) -> Result<Response, PauseError> {
        pauses.resume(self.storage, activity, self.now)?;
        let attributes = vec![
            ("activity", activity.name().to_string()),
            ("by", by.to_string()),
        ];
        Ok(self.done("resume", "resumed", attributes)?)
    }

    /// Changes the owner in two steps.
    pub fn update_ownership(
        self,
        api: &dyn Api,
        querier: QuerierWrapper,
        block: &BlockInfo,
        sender: &Addr,
        action: cw_ownable::Action,
    ) -> Result<Response, OwnershipError> {
        let deps = DepsMut {
            storage: &mut *self.storage,
            api,
            querier,
        };
        let ownership = cw_ownable::update_ownership(deps, block, sender, action)?;
        let attributes = ownership_attributes(&ownership);
        self.done("update_ownership", "ownership_updated", attributes)
            .map_err(|fault| OwnershipError::Std(*fault))
    }

    fn done(
        self,
        action: &str,
        what: &str,
        attributes: Vec<(&'static str, String)>,
    ) -> StdResult<Response> {
        let epoch = self.clock.epoch_at(self.now);
        let event = self.events.emit(self.storage, what, epoch)?;
        Ok(Response::new()
            .add_attribute("action", action)
            .add_event(event.add_attributes(attributes)))
    }
}

/// Why a migration is refused.
#[derive(Error, Debug, PartialEq)]
pub enum MigrationError {
    /// Storage failed.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The stored contract is another one.
    #[error("this code is {code}, the contract is {stored}")]
    Name {
        /// Name of the new code.
        code: &'static str,
        /// Name stored at instantiation.
        stored: String,
    },
    /// The stored version is not older, or no version.
    #[error("version {code} cannot follow version {stored}")]
    Version {
        /// Version of the new code.
        code: &'static str,
        /// Version stored.
        stored: String,
    },
}

/// Checks that the stored contract has this name and an older version, then stores the new one.
pub fn migrate_version(
    storage: &mut dyn Storage,
    name: &'static str,
    version: &'static str,
) -> Result<(), MigrationError> {
    let stored = cw2::get_contract_version(storage)?;
    if stored.contract != name {
        return Err(MigrationError::Name {
            code: name,
            stored: stored.contract,
        });
    }
    match (parse_version(&stored.version), parse_version(version)) {
        (Some(old), Some(new)) if old < new => {
            Ok(cw2::set_contract_version(storage, name, version)?)
        }
        _ => Err(MigrationError::Version {
            code: version,
            stored: stored.version,
        }),
    }
}

fn parse_version(version: &str) -> Option<(u64, u64, u64)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    let version = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;

    #[test]
    fn only_an_older_version_of_the_same_contract_is_migrated() {
        let mut storage = MockStorage::new();
        cw2::set_contract_version(&mut storage, "noderev:vault", "1.9.0").unwrap();
        let name = migrate_version(&mut storage, "noderev:registry", "2.0.0").unwrap_err();
        assert_eq!(
            name.to_string(),
            "this code is noderev:registry, the contract is noderev:vault"
        );
        for version in ["1.9.0", "1.8.9", "1.10"] {
            let error = migrate_version(&mut storage, "noderev:vault", version).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("version {version} cannot follow version 1.9.0")
            );
        }
        migrate_version(&mut storage, "noderev:vault", "1.10.0").unwrap();
        assert_eq!(
            cw2::get_contract_version(&storage).unwrap().version,
            "1.10.0"
        );
    }
}
