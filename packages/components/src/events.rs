//! One typed event per action, with a running number per contract so that an indexer sees a gap.

use cosmwasm_std::{Addr, Event, Storage, Timestamp};
use cw_ownable::{Expiration, Ownership};

use crate::epoch::Epoch;
use crate::fault::StdResult;
use crate::raw::{key, write_packed, Local, RawRead};
use crate::short::Short;

/// Version of the event fields.
pub const EVENT_VERSION: &str = "1";

/// The contract's event counter.
pub struct EventLog {
    namespace: u8,
    contract: &'static str,
}

impl EventLog {
    /// One namespace byte; `contract` is the event type's prefix.
    pub const fn new(namespace: u8, contract: &'static str) -> Self {
        Self {
            namespace,
            contract,
        }
    }

    /// Number of events so far, which is the number of the latest one.
    pub fn seq(&self, store: &impl RawRead) -> StdResult<u64> {
        let number: Option<Short> = store.read_packed(&key(self.namespace, &[]))?;
        Ok(number.map_or(0, |Short(number)| number))
    }

    /// The next event, `<contract>_<what>`, and its number.
    pub fn next(
        &self,
        storage: &mut dyn Storage,
        what: &str,
        epoch: Epoch,
    ) -> StdResult<(u64, Event)> {
        let seq = self.seq(&Local(storage))?.saturating_add(1);
        write_packed(storage, &key(self.namespace, &[]), &Short(seq));
        let event = Event::new(format!("{}_{what}", self.contract))
            .add_attribute("v", EVENT_VERSION)
            .add_attribute("seq", seq.to_string())
            .add_attribute("epoch", epoch.to_string());
        Ok((seq, event))
    }

    /// The next event without its number.
    pub fn emit(&self, storage: &mut dyn Storage, what: &str, epoch: Epoch) -> StdResult<Event> {
        self.next(storage, what, epoch).map(|(_, event)| event)
    }
}

/// A time given in Unix seconds as an attribute's value: nanoseconds, as in answers.
pub fn nanoseconds(seconds: u64) -> String {
    Timestamp::from_seconds(seconds).nanos().to_string()
}

/// An end as an attribute, absent if there is none.
pub fn expires_attribute(expires: &Expiration) -> Option<(&'static str, String)> {
    match expires {
        Expiration::AtHeight(height) => Some(("expires_height", height.to_string())),
        Expiration::AtTime(time) => Some(("expires_time", time.nanos().to_string())),
        Expiration::Never {} => None,
    }
}

/// Owner, pending owner and until when he may accept, each absent if there is none.
pub fn ownership_attributes(ownership: &Ownership<Addr>) -> Vec<(&'static str, String)> {
    let owner = ownership.owner.iter().map(|it| ("owner", it.to_string()));
    let pending = ownership.pending_owner.iter();
    let pending = pending.map(|it| ("pending_owner", it.to_string()));
    let expiry = ownership
        .pending_expiry
        .as_ref()
        .and_then(expires_attribute);
    owner.chain(pending).chain(expiry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_heights_or_nanoseconds_and_absent_if_never() {
        assert_eq!(
            expires_attribute(&Expiration::AtHeight(7)),
            Some(("expires_height", "7".to_string()))
        );
        let time = Timestamp::from_nanos(1_000_000_001);
        assert_eq!(
            expires_attribute(&Expiration::AtTime(time)),
            Some(("expires_time", "1000000001".to_string()))
        );
        assert_eq!(expires_attribute(&Expiration::Never {}), None);
        assert_eq!(nanoseconds(3), "3000000000");
    }

    #[test]
    fn who_does_not_exist_is_no_attribute() {
        let nobody = Ownership {
            owner: None,
            pending_owner: None,
            pending_expiry: None,
        };
        assert!(ownership_attributes(&nobody).is_empty());
        let both = Ownership {
            owner: Some(Addr::unchecked("a")),
            pending_owner: Some(Addr::unchecked("b")),
            pending_expiry: Some(Expiration::AtHeight(9)),
        };
        let names = ownership_attributes(&both);
        let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["owner", "pending_owner", "expires_height"]);
    }
}
