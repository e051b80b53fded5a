//! Parameters that change with notice, at an epoch boundary, and stay readable for every epoch.

use core::marker::PhantomData;

use cosmwasm_std::{from_json, to_json_vec, StdError, Storage, Timestamp};
use serde::de::DeserializeOwned;
use serde::Serialize;
use thiserror::Error;

use crate::epoch::{Epoch, EpochClock};
use crate::fault::{not_found, StdResult};
use crate::packed::{Packed, Reader};
use crate::raw::{Local, RawRead};
use crate::timeline::Timeline;

/// Notice of a change of parameters, in whole epochs.
pub const NOTICE_EPOCHS: u32 = 7;

/// Why a change is refused.
#[derive(Error, Debug, PartialEq)]
pub enum ParamsError {
    /// Storage failed.
    #[error(transparent)]
    Std(#[from] StdError),
    /// A change already waits; cancel it first.
    #[error("a change of parameters already takes effect at epoch {from}: cancel it first")]
    AlreadyQueued {
        /// When the waiting change takes effect.
        from: Epoch,
    },
    /// Nothing waits.
    #[error("no change of parameters is queued")]
    NothingQueued,
}

struct Json<T>(T);

impl<T: Serialize + DeserializeOwned> Packed for Json<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        let bytes = to_json_vec(&self.0).unwrap_or_default();
        u16::try_from(bytes.len()).unwrap_or(u16::MAX).pack(out);
        out.extend_from_slice(&bytes);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let len = u16::unpack(input)?;
        Ok(Self(from_json(input.take(len.into())?)?))
    }
}

/// A contract's parameters by epoch, with at most one change waiting.
pub struct QueuedParams<T> {
    values: Timeline<Json<T>>,
    params: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> QueuedParams<T> {
    /// Two namespace bytes.
    pub const fn new(head: u8, past: u8) -> Self {
        Self {
            values: Timeline::new(head, past),
            params: PhantomData,
        }
    }

    /// The parameters of epoch 0.
    pub fn init(&self, storage: &mut dyn Storage, params: T) -> StdResult<()> {
        self.values.set(storage, &[], Epoch(0), Json(params))
    }

    /// The parameters in force in `epoch`, as far as known now.
    pub fn at(&self, store: &impl RawRead, epoch: Epoch) -> StdResult<T> {
        let json = self.values.at(store, &[], epoch)?;
        json.map(|json| json.0).ok_or_else(|| not_found("params"))
    }

    /// The change that waits, and the first epoch in which it is in force.
    pub fn queued(&self, store: &impl RawRead, now: Epoch) -> StdResult<Option<(Epoch, T)>> {
        let newest = self.values.newest(store, &[])?;
        Ok(newest
            .filter(|span| span.from > now)
            .map(|span| (span.from, span.value.0)))
    }

    /// Number of the parameters in force in `epoch`: 0 for those of instantiation.
    pub fn version_at(&self, store: &impl RawRead, epoch: Epoch) -> StdResult<u32> {
        self.values.count_before(store, &[], epoch)
    }

    /// Queues new parameters; answers the epoch in which they take effect.
    pub fn queue(
        &self,
        storage: &mut dyn Storage,
        clock: &EpochClock,
        now: Timestamp,
        params: T,
    ) -> Result<Epoch, ParamsError> {
        if let Some((from, _)) = self.queued(&Local(storage), clock.epoch_at(now))? {
            return Err(ParamsError::AlreadyQueued { from });
        }
        let from = clock.epoch_at(now).next().plus(NOTICE_EPOCHS);
        self.values.set(storage, &[], from, Json(params))?;
        Ok(from)
    }

    /// Drops the change that waits; answers when it would have taken effect.
    pub fn cancel(&self, storage: &mut dyn Storage, now: Epoch) -> Result<Epoch, ParamsError> {
        let queued = self.queued(&Local(storage), now)?;
        let (from, _) = queued.ok_or(ParamsError::NothingQueued)?;
        self.values.undo(storage, &[])?;
        Ok(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;

    const PARAMS: QueuedParams<u32> = QueuedParams::new(0x80, 0x81);
    const CLOCK: EpochClock = EpochClock {
        start: 0,
        length: 100,
    };

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_change_waits_seven_whole_epochs_and_is_never_retroactive() {
        let mut storage = MockStorage::new();
        PARAMS.init(&mut storage, 1).unwrap();
        // Asked for in epoch 2: epochs 3 to 9 go by, epoch 10 is the first with it.
        assert_eq!(
            PARAMS.queue(&mut storage, &CLOCK, at(250), 2),
            Ok(Epoch(10))
        );
        let value = |epoch| PARAMS.at(&Local(&storage), Epoch(epoch)).unwrap();
        assert_eq!([0, 2, 9, 10, 11].map(value), [1, 1, 1, 2, 2]);
        let version = |epoch| PARAMS.version_at(&Local(&storage), Epoch(epoch)).unwrap();
        assert_eq!([9, 10].map(version), [0, 1]);
        PARAMS.queue(&mut storage, &CLOCK, at(1_000), 3).unwrap();
        let version = |epoch| PARAMS.version_at(&Local(&storage), Epoch(epoch)).unwrap();
        assert_eq!([3, 9, 10, 17, 18].map(version), [0, 0, 1, 1, 2]);
    }

    #[test]
    fn one_change_waits_at_a_time_and_can_be_cancelled() {
        let mut storage = MockStorage::new();
        PARAMS.init(&mut storage, 1).unwrap();
        assert_eq!(
            PARAMS.cancel(&mut storage, Epoch(0)),
            Err(ParamsError::NothingQueued)
        );
        PARAMS.queue(&mut storage, &CLOCK, at(0), 2).unwrap();
        let waiting = ParamsError::AlreadyQueued { from: Epoch(8) };
        assert_eq!(PARAMS.queue(&mut storage, &CLOCK, at(50), 3), Err(waiting));
        assert_eq!(PARAMS.cancel(&mut storage, Epoch(7)), Ok(Epoch(8)));
        assert_eq!(PARAMS.at(&Local(&storage), Epoch(8)), Ok(1));
        PARAMS.queue(&mut storage, &CLOCK, at(0), 4).unwrap();
        assert_eq!(
            PARAMS.cancel(&mut storage, Epoch(8)),
            Err(ParamsError::NothingQueued)
        );
    }
}
