//! Deposits spread over epochs, at the same cost however many epochs they are spread over.
//!
//! A deposit raises the rate per epoch when it begins and lowers it when it has ended, so it
//! writes at its first and its last epoch only.

use cosmwasm_std::Storage;
use noderev_economics::{spread, Spread};

use crate::epoch::Epoch;
use crate::fault::{fault, StdResult};
use crate::packed_struct;
use crate::raw::{key, write_packed, Local, RawRead};

/// What begins and ends in an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Flow {
    /// Parts that begin with this epoch.
    start: u128,
    /// Parts for which this is the last epoch.
    stop: u128,
    /// Units of this epoch alone: what did not divide.
    odd: u128,
}
packed_struct!(Flow { start, stop, odd });

/// The begins and ends of all spread deposits.
pub struct Streams {
    namespace: u8,
}

impl Streams {
    /// One namespace byte.
    pub const fn new(namespace: u8) -> Self {
        Self { namespace }
    }

    /// Spreads `amount` over `over` epochs from `from` on: equal parts, the odd units in the last.
    pub fn add(
        &self,
        storage: &mut dyn Storage,
        denom: u8,
        from: Epoch,
        over: u32,
        amount: u128,
    ) -> StdResult<()> {
        let Spread { part, last } =
            spread(amount, over).map_err(|error| fault(error.to_string()))?;
        let end = from.plus(over.saturating_sub(1));
        self.change(storage, denom, from, |flow| {
            flow.start = flow.start.checked_add(part)?;
            Some(())
        })?;
        self.change(storage, denom, end, |flow| {
            flow.stop = flow.stop.checked_add(part)?;
            flow.odd = flow.odd.checked_add(last.checked_sub(part)?)?;
            Some(())
        })
    }

    /// What `epoch` gets, and the rate after it, given the rate after the epoch before.
    pub fn flow(
        &self,
        store: &impl RawRead,
        denom: u8,
        epoch: Epoch,
        rate: u128,
    ) -> StdResult<(u128, u128)> {
        let flow = self.load(store, denom, epoch)?;
        let running = rate.checked_add(flow.start);
        let revenue = running.and_then(|running| running.checked_add(flow.odd));
        let after = running.and_then(|running| running.checked_sub(flow.stop));
        revenue
            .zip(after)
            .ok_or_else(|| fault("spread deposits overflow"))
    }

    fn load(&self, store: &impl RawRead, denom: u8, epoch: Epoch) -> StdResult<Flow> {
        Ok(store
            .read_packed(&self.key(denom, epoch))?
            .unwrap_or_default())
    }

    fn change(
        &self,
        storage: &mut dyn Storage,
        denom: u8,
        epoch: Epoch,
        change: impl FnOnce(&mut Flow) -> Option<()>,
    ) -> StdResult<()> {
        let mut flow = self.load(&Local(storage), denom, epoch)?;
        change(&mut flow).ok_or_else(|| fault("spread deposits overflow"))?;
        write_packed(storage, &self.key(denom, epoch), &flow);
        Ok(())
    }

    fn key(&self, denom: u8, epoch: Epoch) -> Vec<u8> {
        key(self.namespace, &[&[denom], &epoch.0.to_be_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;
    use proptest::prelude::*;

    const STREAMS: Streams = Streams::new(0x80);

    proptest! {
        #[test]
        fn every_epoch_gets_its_parts(deposits in prop::collection::vec((0u32..20, 1u32..=30, 0u128..1_000), 0..12)) {
            let mut storage = MockStorage::new();
            let mut plain = [0u128; 60];
            for (from, over, amount) in &deposits {
                STREAMS.add(&mut storage, 0, Epoch(*from), *over, *amount).unwrap();
                for epoch in *from..from + over {
                    plain[epoch as usize] += amount / u128::from(*over);
                }
                plain[(from + over - 1) as usize] += amount % u128::from(*over);
            }
            let mut rate = 0;
            for (epoch, expected) in (0u32..).zip(plain) {
                let (revenue, after) = STREAMS.flow(&Local(&storage), 0, Epoch(epoch), rate).unwrap();
                prop_assert_eq!(revenue, expected);
                rate = after;
            }
            prop_assert_eq!(rate, 0);
        }
    }
}
