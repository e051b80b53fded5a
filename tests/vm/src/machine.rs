//! The chain's state, and running one entry point of one contract on it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use cosmwasm_std::{
    from_json, to_json_vec, Addr, Binary, BlockInfo, Checksum, ContractInfo, ContractResult, Empty,
    Env, Response, TransactionInfo,
};
use cosmwasm_vm::{
    call_execute_raw, call_instantiate_raw, call_migrate_raw, call_query_raw, call_reply_raw,
    Backend, Cache, CacheOptions, Instance, InstanceOptions, Size, VmError, VmResult,
};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::backend::{Api, Asker, Space};
use crate::gas::{Kind, Meter, OutOfGas, VM_PER_GAS};
use crate::store::Store;

/// Gas that a transaction or query may use.
pub(crate) const GAS_LIMIT: u64 = 1_000_000_000;

/// By which the virtual machine knows a code.
pub(crate) type Module = cosmwasm_std_vm::Checksum;

type Vm = Cache<Api, Space, Asker>;
const CAPABILITIES: [&str; 10] = [
    "iterator",
    "staking",
    "stargate",
    "cosmwasm_1_1",
    "cosmwasm_1_2",
    "cosmwasm_1_3",
    "cosmwasm_1_4",
    "cosmwasm_2_0",
    "cosmwasm_2_1",
    "cosmwasm_2_2",
];

type Running = Instance<Api, Space, Asker>;

/// Why a message failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Something refused it.
    Refused(String),
    /// There was not enough gas.
    OutOfGas,
}

impl From<OutOfGas> for Failure {
    fn from(_: OutOfGas) -> Self {
        Self::OutOfGas
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Refused(text)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) => f.write_str(text),
            Self::OutOfGas => f.write_str("out of gas"),
        }
    }
}

/// A stored code.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    /// By which the virtual machine knows it.
    pub(crate) module: Module,
    /// From which addresses are made.
    pub(crate) checksum: Checksum,
}

/// What the chain knows of a contract; kept in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contract {
    pub(crate) code: usize,
    pub(crate) creator: String,
    pub(crate) admin: Option<String>,
}

/// An entry point that was run, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Whose.
    pub contract: Addr,
    /// Which.
    pub entry: &'static str,
    /// The message that it was given to execute.
    pub msg: Binary,
    /// Its answer or refusal.
    pub outcome: Result<Response, String>,
}

/// A contract's access to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who read or wrote.
    pub contract: String,
    /// `read`, `write`, `delete`, `iterate` or `query`, which is another contract's entry read raw.
    pub kind: &'static str,
    /// The key, without the prefix.
    pub key: Vec<u8>,
    /// Bytes of the value.
    pub value: usize,
    /// What it cost.
    pub gas: u64,
}

/// The chain's state.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) block: BlockInfo,
    pub(crate) codes: Vec<Code>,
    pub(crate) meter: Meter,
    pub(crate) calls: Vec<Call>,
    pub(crate) accesses: Vec<Access>,
    pub(crate) created: u64,
}

/// State and virtual machine.
pub(crate) struct Core {
    pub(crate) state: RefCell<State>,
    machine: Arc<Machine>,
}

/// An entry point and what it is given.
pub(crate) enum Entry<'a> {
    Instantiate(&'a [u8], &'a [u8]),
    Execute(&'a [u8], &'a [u8]),
    Migrate(&'a [u8]),
    Reply(&'a [u8]),
    Query(&'a [u8]),
}

impl Entry<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::Instantiate(..) => "instantiate",
            Self::Execute(..) => "execute",
            Self::Migrate(_) => "migrate",
            Self::Reply(_) => "reply",
            Self::Query(_) => "query",
        }
    }

    fn message(&self) -> Binary {
        match self {
            Self::Execute(_, msg) => Binary::from(*msg),
            _ => Binary::default(),
        }
    }

    fn run(&self, instance: &mut Running, env: &[u8]) -> VmResult<Vec<u8>> {
        match self {
            Self::Instantiate(info, msg) => call_instantiate_raw(instance, env, info, msg),
            Self::Execute(info, msg) => call_execute_raw(instance, env, info, msg),
            Self::Migrate(msg) => call_migrate_raw(instance, env, msg),
            Self::Reply(msg) => call_reply_raw(instance, env, msg),
            Self::Query(msg) => call_query_raw(instance, env, msg),
        }
    }
}

/// A virtual machine and the codes that it has compiled, shared by all chains of the process as
/// long as there are any.
struct Machine {
    vm: Vm,
    compiled: Mutex<HashMap<Checksum, Module>>,
    _folder: TempDir,
}

static MACHINE: Mutex<Weak<Machine>> = Mutex::new(Weak::new());

impl Machine {
    /// The process's virtual machine.
    fn shared() -> Arc<Self> {
        let mut known = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
        known.upgrade().unwrap_or_else(|| {
            let machine = Arc::new(Self::new());
            *known = Arc::downgrade(&machine);
            machine
        })
    }

    #[allow(
        unsafe_code,
        reason = "the virtual machine can be made in no other way"
    )]
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for compiled modules can be made");
        let options = CacheOptions::new(
            folder.path().to_path_buf(),
            CAPABILITIES.map(String::from),
            Size::mebi(512),
            Size::mebi(32),
        );
        // SAFETY: compiled modules are only read from this folder, which this process has just made
        // and into which only the same virtual machine writes.
        let vm = unsafe { Cache::new(options) };
        Self {
            vm: vm.expect("the virtual machine starts"),
            compiled: Mutex::default(),
            _folder: folder,
        }
    }

    fn compile(&self, wasm: &[u8]) -> VmResult<Module> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let checksum = Checksum::generate(wasm);
        if let Some(module) = compiled.get(&checksum) {
            return Ok(*module);
        }
        let module = self.vm.store_code(wasm, true, true)?;
        compiled.insert(checksum, module);
        Ok(module)
    }
}

impl Core {
    pub(crate) fn new(block: BlockInfo) -> Rc<Self> {
        let state = State {
            store: Store::default(),
            block,
            codes: Vec::new(),
            meter: Meter::new(GAS_LIMIT),
            calls: Vec::new(),
            accesses: Vec::new(),
            created: 0,
        };
        Rc::new(Self {
            state: RefCell::new(state),
            machine: Machine::shared(),
        })
    }

    /// Checks and compiles a code.
    pub(crate) fn compile(&self, wasm: &[u8]) -> VmResult<Module> {
        self.machine.compile(wasm)
    }

    /// Runs an entry point; what it answers, as JSON.
    pub(crate) fn run(
        self: &Rc<Self>,
        contract: &Addr,
        code: usize,
        entry: &Entry<'_>,
    ) -> Result<Vec<u8>, Failure> {
        let (module, env, gas_limit) = self.prepare(contract, code)?;
        let backend = Backend {
            api: Api,
            storage: Space::new(Rc::clone(self), contract.as_str()),
            querier: Asker::new(Rc::clone(self), contract.as_str()),
        };
        let options = InstanceOptions { gas_limit };
        let instance = self.machine.vm.get_instance(&module, backend, options);
        let mut instance = instance.map_err(|error| error.to_string())?;
        let answer = entry.run(&mut instance, &env);
        let used = instance.create_gas_report().used_internally;
        self.charge_vm(contract, used)?;
        answer.map_err(|error| match error {
            VmError::GasDepletion { .. } => Failure::OutOfGas,
            error => Failure::Refused(error.to_string()),
        })
    }

    fn prepare(&self, contract: &Addr, code: usize) -> Result<(Module, Vec<u8>, u64), Failure> {
        let state = &mut self.state.borrow_mut();
        state.meter.load(contract.as_str(), code)?;
        let env = Env {
            block: state.block.clone(),
            transaction: Some(TransactionInfo { index: 0 }),
            contract: ContractInfo {
                address: contract.clone(),
            },
        };
        let env = to_json_vec(&env).map_err(|error| error.to_string())?;
        let limit = state.meter.left().saturating_mul(VM_PER_GAS);
        Ok((state.codes[code].module, env, limit))
    }

    fn charge_vm(&self, contract: &Addr, used: u64) -> Result<(), OutOfGas> {
        let state = &mut self.state.borrow_mut();
        let gas = used / VM_PER_GAS + 1;
        state.meter.charge(contract.as_str(), Kind::Vm, gas)
    }

    /// Runs an entry point that changes state; its response.
    pub(crate) fn respond(
        self: &Rc<Self>,
        contract: &Addr,
        code: usize,
        entry: &Entry<'_>,
    ) -> Result<Response, Failure> {
        let outcome = self.run(contract, code, entry).and_then(|answer| {
            let answer: ContractResult<Response<Empty>> =
                from_json(answer).map_err(|error| error.to_string())?;
            answer.into_result().map_err(Failure::Refused)
        });
        self.state.borrow_mut().calls.push(Call {
            contract: contract.clone(),
            entry: entry.name(),
            msg: entry.message(),
            outcome: outcome.clone().map_err(|failure| failure.to_string()),
        });
        outcome
    }
}
