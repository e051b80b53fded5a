//! Writes the contract's JSON schema, one file, into the repository's `schema` folder.

use std::error::Error;
use std::{fs, path::Path};

use cosmwasm_schema::generate_api;
use noderev_api::registry::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg};

fn main() -> Result<(), Box<dyn Error>> {
    let api = generate_api! {
        name: "node-registry",
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: MigrateMsg,
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema");
    fs::create_dir_all(&folder)?;
    let mut json = api.render().to_string()?;
    json.push('\n');
    fs::write(folder.join("node-registry.json"), json)?;
    Ok(())
}
