//! The code that the network runs.

use cosmwasm_std::Empty;
use cw_multi_test::{Contract, ContractWrapper};

/// A contract's code as the embedded chain stores it.
pub type Code = Box<dyn Contract<Empty>>;

pub(crate) fn token() -> Code {
    use cw20_base::contract::{execute, instantiate, migrate, query};
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}

pub(crate) fn collection() -> Code {
    use cw721_base::entry::{execute, instantiate, migrate, query};
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}

pub(crate) fn registry() -> Code {
    use node_registry::contract::{execute, instantiate, migrate, query};
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}

pub(crate) fn vault() -> Code {
    use staking_vault::contract::{execute, instantiate, migrate, query};
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}

pub(crate) fn distributor() -> Code {
    use revenue_distributor::contract::{execute, instantiate, migrate, query, sudo};
    let contract = ContractWrapper::new(execute, instantiate, query);
    Box::new(contract.with_migrate(migrate).with_sudo(sudo))
}

pub(crate) fn delegation() -> Code {
    use delegation::contract::{execute, instantiate, migrate, query, reply, sudo};
    let contract = ContractWrapper::new(execute, instantiate, query);
    Box::new(
        contract
            .with_migrate(migrate)
            .with_reply(reply)
            .with_sudo(sudo),
    )
}
