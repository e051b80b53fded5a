//! Balances of native coins, in the same store as everything else.

use cosmwasm_std::{Coin, Event};

use crate::backend::Api;
use crate::gas;
use crate::machine::{Core, Failure};

/// Where the bank keeps balances: by address, then denomination.
fn balances_of(address: &str) -> Vec<u8> {
    let bytes = Api.bytes(address).unwrap_or_default();
    [&[1, bytes.len() as u8], bytes.as_slice()].concat()
}

fn balance_key(address: &str, denom: &str) -> Vec<u8> {
    [balances_of(address).as_slice(), denom.as_bytes()].concat()
}

fn amount_in(bytes: &[u8]) -> u128 {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.parse().unwrap_or_default()
}

/// Coins as events name them.
fn named(coins: &[Coin]) -> String {
    let coins: Vec<String> = coins.iter().map(ToString::to_string).collect();
    coins.join(",")
}

impl Core {
    /// What somebody holds.
    pub(crate) fn balance(&self, address: &str, denom: &str) -> u128 {
        let key = balance_key(address, denom);
        let state = &mut self.state.borrow_mut();
        let value = state.store.get(&key).unwrap_or_default();
        let (amount, gas) = (amount_in(value), gas::read(key.len(), value.len()));
        state.meter.charge_bank(gas);
        amount
    }

    /// Everything somebody holds.
    pub(crate) fn balances(&self, address: &str) -> Vec<Coin> {
        let prefix = balances_of(address);
        let state = self.state.borrow();
        let entries = state.store.with_prefix(&prefix);
        let coins = entries.map(|(key, value)| {
            let denom = String::from_utf8_lossy(&key[prefix.len()..]);
            Coin::new(amount_in(value), denom)
        });
        coins.collect()
    }

    /// All there is of a denomination.
    pub(crate) fn supply(&self, denom: &str) -> u128 {
        let state = self.state.borrow();
        let entries = state.store.with_prefix(&[1]);
        let held = entries.filter(|(key, _)| &key[34.min(key.len())..] == denom.as_bytes());
        held.map(|(_, value)| amount_in(value)).sum()
    }

    pub(crate) fn set_balance(&self, address: &str, denom: &str, amount: u128) {
        let (key, value) = (balance_key(address, denom), amount.to_string());
        let state = &mut self.state.borrow_mut();
        match amount {
            0 => {
                state.store.remove(&key);
                state.meter.charge_bank(gas::delete());
            }
            _ => {
                state.store.set(&key, value.as_bytes());
                state.meter.charge_bank(gas::write(key.len(), value.len()));
            }
        }
    }

    fn take(&self, from: &str, coins: &[Coin]) -> Result<(), Failure> {
        for coin in coins {
            let held = self.balance(from, &coin.denom);
            let left = held.checked_sub(coin.amount.u128()).ok_or_else(|| {
                format!("Cannot Sub with given operands: {held} - {}", coin.amount)
            })?;
            self.set_balance(from, &coin.denom, left);
        }
        Ok(())
    }

    /// Moves coins.
    pub(crate) fn send(&self, from: &str, to: &str, coins: &[Coin]) -> Result<Event, Failure> {
        if coins.iter().all(|coin| coin.amount.is_zero()) {
            return Err(Failure::Refused(
                "Cannot transfer empty coins amount".into(),
            ));
        }
        self.take(from, coins)?;
        for coin in coins {
            let held = self.balance(to, &coin.denom);
            self.set_balance(to, &coin.denom, held.saturating_add(coin.amount.u128()));
        }
        let event = Event::new("transfer").add_attribute("recipient", to);
        let event = event.add_attribute("sender", from);
        Ok(event.add_attribute("amount", named(coins)))
    }

    /// Destroys coins.
    pub(crate) fn burn(&self, from: &str, coins: &[Coin]) -> Result<(), Failure> {
        self.take(from, coins)
    }
}
