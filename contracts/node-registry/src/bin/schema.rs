//! Writes `schema/node-registry.json`.

use std::path::Path;

use cosmwasm_schema::generate_api;
use noderev_api::registry::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg};

fn main() -> std::io::Result<()> {
    let api = generate_api! {
        instantiate: InstantiateMsg,
        execute: ExecuteMsg,
        query: QueryMsg,
        migrate: MigrateMsg,
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema");
    let json = api.render().to_string().map_err(std::io::Error::other)?;
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("node-registry.json"), json + "\n")
}
