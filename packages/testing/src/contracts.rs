//! The code that the network runs.

use cosmwasm_std::Empty;
use cw_multi_test::{Contract, ContractWrapper};

type Code = Box<dyn Contract<Empty>>;

pub(crate) fn token() -> Code {
    use cw20_base::contract::{execute, instantiate, migrate, query};
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
    use revenue_distributor::contract::{execute, instantiate, migrate, query};
    Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
}
