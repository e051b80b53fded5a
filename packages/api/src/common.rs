//! Parts of messages and answers that all contracts share.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, StdError, StdResult, Timestamp, Uint128};
use noderev_components::{AsOf, Denom, Epoch, EpochClock};

/// The epoch clock on the wire.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Start of epoch 0; whole seconds.
    pub start: Timestamp,
    /// Length of an epoch in seconds, 10 ..= 2,678,400 (31 days).
    pub length: u64,
}

impl Clock {
    /// The clock to compute with; refuses fractions of a second.
    pub fn parse(&self) -> StdResult<EpochClock> {
        if self.start.subsec_nanos() > 0 {
            return Err(StdError::generic_err(
                "the clock's start must be a whole second",
            ));
        }
        Ok(EpochClock {
            start: self.start.seconds(),
            length: self.length,
        })
    }
}

impl From<EpochClock> for Clock {
    fn from(clock: EpochClock) -> Self {
        Self {
            start: Timestamp::from_seconds(clock.start),
            length: clock.length,
        }
    }
}

/// Something that anybody may do.
#[cw_serde]
pub struct DueAction {
    /// The execute message's name.
    pub action: String,
    /// The epoch it concerns, where it concerns one.
    pub epoch: Option<Epoch>,
    /// Since when, or from when on.
    pub from: Timestamp,
}

/// What anybody may do now, and the next thing after that.
#[cw_serde]
pub struct DueResponse {
    /// What can be done now, in the order in which to do it.
    pub now: Vec<DueAction>,
    /// What comes next, if it is known.
    pub next: Option<DueAction>,
    /// When this was true.
    pub as_of: AsOf,
}

/// One currency's proof that nothing is lost: `received = paid + owed + carried`.
#[cw_serde]
pub struct DenomSolvency {
    /// The currency.
    pub denom: Denom,
    /// All that ever came in.
    pub received: Uint128,
    /// All that ever went out.
    pub paid: Uint128,
    /// Owed to accounts, by bucket.
    pub owed: Vec<BucketAmount>,
    /// Not owed to anyone in particular yet: revenue ahead, carry and drip, by name.
    pub carried: Vec<BucketAmount>,
    /// Sum of `owed` and `carried`.
    pub liabilities: Uint128,
    /// What the contract holds.
    pub balance: Uint128,
    /// What it holds beyond its liabilities: plain transfers in, which change nobody's entitlement.
    pub surplus: Uint128,
    /// Whether the equation holds and the balance covers the liabilities.
    pub solvent: bool,
}

/// A named amount.
#[cw_serde]
pub struct BucketAmount {
    /// Name of the bucket.
    pub bucket: String,
    /// Smallest units.
    pub amount: Uint128,
}

/// Answer to `solvency`.
#[cw_serde]
pub struct SolvencyResponse {
    /// One entry per currency.
    pub denoms: Vec<DenomSolvency>,
    /// When this was true.
    pub as_of: AsOf,
}

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

/// Answer to `queued_params`.
#[cw_serde]
pub struct QueuedParamsResponse<T> {
    /// First epoch in which they are in force; none if nothing is queued.
    pub from: Option<Epoch>,
    /// The parameters that wait.
    pub params: Option<T>,
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

/// Who holds a role.
#[cw_serde]
pub struct RoleHolder {
    /// The role's name.
    pub role: String,
    /// Its holders; empty if nobody.
    pub accounts: Vec<Addr>,
}

/// Answer to `roles`.
#[cw_serde]
pub struct RolesResponse {
    /// Every role of the contract, the owner among them.
    pub roles: Vec<RoleHolder>,
    /// Who must accept before ownership changes hands, if a transfer is pending.
    pub pending_owner: Option<Addr>,
}
