//! Answers about parameters, pauses and roles.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage, Timestamp};
use noderev_components::{Coded, Epoch, Pauses, QueuedParams, RawRead, StdResult};
use serde::{de::DeserializeOwned, Serialize};

/// Answer to `params_at`.
#[cw_serde]
pub struct ParamsAtResponse<T> {
    /// The epoch asked for.
    pub epoch: Epoch,
    /// Number of these parameters; 0 for those of instantiation.
    pub version: u32,
    /// The parameters in force in that epoch, as far as known now.
    pub params: T,
}

impl<T: Serialize + DeserializeOwned> ParamsAtResponse<T> {
    /// The parameters in force in `epoch`.
    pub fn load(params: &QueuedParams<T>, store: &impl RawRead, epoch: Epoch) -> StdResult<Self> {
        Ok(Self {
            epoch,
            version: params.version_at(store, epoch)?,
            params: params.at(store, epoch)?,
        })
    }
}

/// Answer to `queued_params`.
#[cw_serde]
pub struct QueuedParamsResponse<T> {
    /// First epoch in which they are in force; none if nothing is queued.
    pub from: Option<Epoch>,
    /// The parameters that wait.
    pub params: Option<T>,
}

impl<T: Serialize + DeserializeOwned> QueuedParamsResponse<T> {
    /// The parameters that wait while epoch `now` runs.
    pub fn load(params: &QueuedParams<T>, store: &impl RawRead, now: Epoch) -> StdResult<Self> {
        let (from, params) = params.queued(store, now)?.unzip();
        Ok(Self { from, params })
    }
}

/// Whether one activity is paused.
#[cw_serde]
pub struct PausedActivity {
    /// The activity's name.
    pub activity: String,
    /// When the pause ends by itself; none if the activity goes on.
    pub until: Option<Timestamp>,
}

/// Answer to `paused`.
#[cw_serde]
pub struct PausedResponse {
    /// Every activity that can be paused. Exits, claims and epochs cannot.
    pub activities: Vec<PausedActivity>,
}

impl PausedResponse {
    /// Whether these activities are paused at `now`.
    pub fn load(
        pauses: &Pauses,
        activities: &[impl Coded],
        store: &impl RawRead,
        now: Timestamp,
    ) -> StdResult<Self> {
        let activities = activities.iter().map(|activity| {
            let until = pauses.until(store, *activity, now)?;
            Ok(PausedActivity {
                activity: activity.name().to_string(),
                until: until.map(Timestamp::from_seconds),
            })
        });
        let activities = activities.collect::<StdResult<_>>()?;
        Ok(Self { activities })
    }
}

/// Who holds a role.
#[cw_serde]
pub struct RoleHolder {
    /// The role's name.
    pub role: String,
    /// Its holders; empty if nobody.
    pub accounts: Vec<Addr>,
}

impl RoleHolder {
    /// A role and who holds it.
    pub fn new(role: &str, accounts: impl IntoIterator<Item = Addr>) -> Self {
        Self {
            role: role.to_string(),
            accounts: accounts.into_iter().collect(),
        }
    }
}

/// Answer to `roles`.
#[cw_serde]
pub struct RolesResponse {
    /// Every role of the contract, the owner among them.
    pub roles: Vec<RoleHolder>,
    /// Who must accept before ownership changes hands, if a transfer is pending.
    pub pending_owner: Option<Addr>,
}

impl RolesResponse {
    /// The owner, and the contract's other roles after it.
    pub fn load(storage: &dyn Storage, others: Vec<RoleHolder>) -> StdResult<Self> {
        let ownership = cw_ownable::get_ownership(storage)?;
        let mut roles = vec![RoleHolder::new("owner", ownership.owner)];
        roles.extend(others);
        Ok(Self {
            roles,
            pending_owner: ownership.pending_owner,
        })
    }
}
