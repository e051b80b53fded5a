//! One typed event per action, with a running number per contract so that an indexer sees a gap.

use cosmwasm_std::{Event, StdResult, Storage};

use crate::epoch::Epoch;
use crate::raw::{key, write_packed, Local, RawRead};

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
        Ok(store.read_packed(&key(self.namespace, &[]))?.unwrap_or(0))
    }

    /// The next event, `<contract>_<what>`, and its number.
    pub fn next(
        &self,
        storage: &mut dyn Storage,
        what: &str,
        epoch: Epoch,
    ) -> StdResult<(u64, Event)> {
        let seq = self.seq(&Local(storage))?.saturating_add(1);
        write_packed(storage, &key(self.namespace, &[]), &seq);
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
