//! Stories of `tests/tests`, word for word, each replayed as wasm when it has ended.
//!
//! Their `noderev_testing` is this crate: everything of the real one, but a [`Network`] that is
//! watched. Stories that deploy contracts of their own, which are not there as wasm, or change the
//! chain behind the contracts' back, are only told.
//! Files are missing here that do not compile so: a reference to this network is not one to the
//! real one everywhere.

use std::ops::{Deref, DerefMut};

use cw_multi_test::App;
use noderev_vm::replay::Watch;
use noderev_vm::{noderev_testing as native, twin};

extern crate self as noderev_testing;

pub use noderev_vm::noderev_testing::*;

/// A network that is watched from its beginning, and replayed at its end.
pub struct Network {
    network: native::Network,
    watch: Option<Watch>,
    /// Contracts that were there at the beginning.
    contracts: usize,
}

impl Network {
    /// As the real one's.
    pub fn builder() -> Builder {
        Builder(native::Network::builder(), true)
    }

    /// As the real one's; whoever changes the chain behind the contracts' back is watched no more.
    pub fn app_mut(&mut self) -> &mut App {
        self.watch = None;
        self.network.app_mut()
    }
}

impl Deref for Network {
    type Target = native::Network;

    fn deref(&self) -> &native::Network {
        &self.network
    }
}

impl DerefMut for Network {
    fn deref_mut(&mut self) -> &mut native::Network {
        &mut self.network
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let foreign = twin::contracts_on(&self.network) != self.contracts;
        let Some(watch) = self.watch.take() else {
            return;
        };
        if foreign || std::thread::panicking() {
            println!("not replayed");
            return;
        }
        match watch.replay(&self.network) {
            Ok(replayed) => println!("{replayed:?}"),
            Err(error) => panic!("{error:#}"),
        }
    }
}

/// What a network is like when it begins.
pub struct Builder(native::Builder, bool);

macro_rules! forward {
    ($($name:ident($($arg:ident: $kind:ty),*);)*) => {$(
        /// As the real one's.
        pub fn $name(self, $($arg: $kind),*) -> Self {
            Self(self.0.$name($($arg),*), self.1)
        }
    )*};
}

impl Builder {
    forward! {
        epoch_length(seconds: u64);
        attesters(names: &[&str], threshold: u32);
        currencies(currencies: Vec<Currency>);
        registry(change: impl FnOnce(&mut noderev_api::registry::Params));
        vault(change: impl FnOnce(&mut noderev_api::vault::Params));
        distributor(change: impl FnOnce(&mut noderev_api::distributor::Params));
        delegation(change: impl FnOnce(&mut noderev_api::delegation::Params));
        delegation_attesters(names: &[&str], threshold: u32);
        reward_cap(units: u128);
    }

    /// As the real one's; such a network is not watched, as some may have another code.
    pub fn collections(self, change: impl FnOnce(&mut Vec<NftCollection>)) -> Self {
        Self(self.0.collections(change), false)
    }

    /// As the real one's; such a network is not watched.
    pub fn reward_code(self, code: fn() -> Code) -> Self {
        Self(self.0.reward_code(code), false)
    }

    /// Sets everything up and begins to watch.
    #[track_caller]
    pub fn build(self) -> Network {
        let mut network = self.0.build();
        let watch = self.1.then(|| Watch::begin(&mut network));
        let watch = watch.transpose();
        Network {
            watch: watch.expect("the recorder takes the contracts' places"),
            contracts: twin::contracts_on(&network),
            network,
        }
    }
}

#[path = "../../tests/claims.rs"]
mod claims;
#[path = "../../tests/close.rs"]
mod close;
#[path = "../../tests/delegation_finds.rs"]
mod delegation_finds;
#[path = "../../tests/delegation_nfts.rs"]
mod delegation_nfts;
#[path = "../../tests/delegation_rewards.rs"]
mod delegation_rewards;
#[path = "../../tests/registry.rs"]
mod registry;
#[path = "../../tests/revenue.rs"]
mod revenue;
#[path = "../../tests/split.rs"]
mod split;
#[path = "../../tests/vault.rs"]
mod vault;
