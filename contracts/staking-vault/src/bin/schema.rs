//! Writes the contract's JSON schema.

use std::error::Error;

use cosmwasm_schema::generate_api;
use noderev_api::schema;
use noderev_api::vault::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg};

fn main() -> Result<(), Box<dyn Error>> {
    schema::write(generate_api! {
        name: "staking-vault",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: MigrateMsg,
    })
}
