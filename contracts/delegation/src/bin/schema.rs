//! Writes the contract's JSON schema.

use std::error::Error;

use cosmwasm_schema::generate_api;
use noderev_api::common::SudoMsg;
use noderev_api::delegation::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg};
use noderev_api::schema;

fn main() -> Result<(), Box<dyn Error>> {
    schema::write(generate_api! {
        name: "delegation",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: MigrateMsg,
        sudo: SudoMsg,
    })
}
