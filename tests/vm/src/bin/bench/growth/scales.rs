//! What messages cost on a chain that follows networks.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use cosmwasm_std::{to_json_binary, Addr, Uint128};
use cw20::Cw20ExecuteMsg;
use noderev_api::distributor;
use noderev_components::{Epoch, KeyId};
use noderev_testing::Network;
use noderev_vm::artifacts::Artifact;
use noderev_vm::gas::Report;
use noderev_vm::{execute, twin, Access, Chain, Done};
use serde::Serialize;

/// What a message cost.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Cost {
    /// How many messages it took.
    pub(crate) messages: u32,
    /// Gas of the virtual machine.
    pub(crate) vm: u64,
    /// Gas of the store.
    pub(crate) store: u64,
    /// Virtual machine and store.
    pub(crate) work: u64,
    /// Values read, other contracts' included.
    pub(crate) reads: usize,
    /// Values written or deleted.
    pub(crate) writes: usize,
    /// Entries looked at by iterators.
    pub(crate) iterated: usize,
    /// Entry points of contracts that were run.
    pub(crate) calls: u32,
}

impl Cost {
    fn new(gas: &Report, accesses: &[Access]) -> Self {
        let of = |kinds: &[&str]| {
            let all = accesses.iter();
            all.filter(|access| kinds.contains(&access.kind)).count()
        };
        Self {
            messages: 1,
            vm: gas.vm(),
            store: gas.store(),
            work: gas.work(),
            reads: of(&["read", "query"]),
            writes: of(&["write", "delete"]),
            iterated: of(&["iterate"]),
            calls: gas.contracts.values().map(|part| part.calls).sum(),
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.vm += other.vm;
        self.store += other.store;
        self.work += other.work;
        self.reads += other.reads;
        self.writes += other.writes;
        self.iterated += other.iterated;
        self.calls += other.calls;
    }
}

/// A chain whose codes are compiled once for all networks.
pub(crate) struct Scales {
    chain: Chain,
    codes: BTreeMap<Artifact, u64>,
}

impl Scales {
    pub(crate) fn new() -> Self {
        let (chain, codes) = twin::chain_for(&Network::builder().build());
        Self { chain, codes }
    }

    /// Brings the chain to a network's state. Contracts of all networks have the same addresses, so
    /// nothing that one has stored is left to another.
    pub(crate) fn follow(&mut self, network: &Network) {
        twin::follow(&mut self.chain, &self.codes, network);
    }

    /// What a message would cost now; nothing of it stays.
    pub(crate) fn weigh(&mut self, sender: &Addr, contract: &Addr, msg: &impl Serialize) -> Cost {
        let done = self.chain.try_out(sender, execute(contract, msg, &[]));
        let done = done.unwrap_or_else(|failed| panic!("a measured message failed: {failed}"));
        Cost::new(&done.gas, &self.chain.accesses())
    }

    /// What sending QST with a message to the vault would cost now.
    pub(crate) fn weigh_deposit(&mut self, network: &Network, sender: &str, amount: u128) -> Cost {
        let at = network.addresses();
        let deposit = noderev_api::vault::ReceiveMsg::DepositPool {};
        let send = Cw20ExecuteMsg::Send {
            contract: at.vault.to_string(),
            amount: Uint128::new(amount),
            msg: to_json_binary(&deposit).expect("messages are JSON"),
        };
        self.weigh(&network.account(sender), &at.qst, &send)
    }

    /// What claiming for these keys and the pool stake in the first currency would cost now.
    pub(crate) fn weigh_claim(&mut self, network: &Network, sender: &str, keys: &[u32]) -> Cost {
        let claim = claim(network, keys);
        let contract = &network.addresses().distributor;
        self.weigh(&network.account(sender), contract, &claim)
    }

    /// What claiming for these keys and the pool stake costs until nothing is left to be claimed;
    /// it is claimed then.
    pub(crate) fn weigh_claims(&mut self, network: &Network, sender: &str, keys: &[u32]) -> Cost {
        let claim = claim(network, keys);
        self.weigh_all(network, sender, &network.addresses().distributor, &claim)
    }

    /// What closing an epoch would cost now.
    pub(crate) fn weigh_close(&mut self, network: &Network, epoch: u32) -> Cost {
        let close = distributor::ExecuteMsg::CloseEpoch {
            epoch: Epoch(epoch),
        };
        let contract = &network.addresses().distributor;
        self.weigh(&network.account("anybody"), contract, &close)
    }

    /// What claiming from all delegations costs until nothing is left to be claimed; it is claimed
    /// then.
    pub(crate) fn weigh_rewards(&mut self, network: &Network, sender: &str) -> Cost {
        let claim = noderev_api::delegation::ExecuteMsg::Claim {
            account: None,
            delegations: None,
            to: None,
        };
        self.weigh_all(network, sender, &network.addresses().delegation, &claim)
    }

    fn weigh_all(
        &mut self,
        network: &Network,
        sender: &str,
        contract: &Addr,
        msg: &impl Serialize,
    ) -> Cost {
        let sender = network.account(sender);
        let mut sum = Cost::default();
        loop {
            let done = self.chain.execute(&sender, contract, msg, &[]);
            let done = done.unwrap_or_else(|failed| panic!("a measured claim failed: {failed}"));
            sum += Cost::new(&done.gas, &self.chain.accesses());
            if !goes_on(&done) {
                return sum;
            }
        }
    }
}

/// A claim in the first currency.
fn claim(network: &Network, keys: &[u32]) -> distributor::ExecuteMsg {
    distributor::ExecuteMsg::Claim {
        account: None,
        keys: Some(keys.iter().map(|key| KeyId(*key)).collect()),
        denoms: Some(vec![network.denom(0)]),
        to: None,
    }
}

/// Whether a claim's answer says that another one would settle more. The chain wraps the answer,
/// which is JSON.
fn goes_on(done: &Done) -> bool {
    let answer = done.data.as_deref().unwrap_or_default();
    let says = |text: &[u8]| answer.windows(text.len()).any(|part| part == text);
    let (more, over) = (says(b"\"next\":true"), says(b"\"next\":false"));
    assert_ne!(more, over, "a claim says whether it goes on");
    more
}
