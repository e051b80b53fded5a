//! Writing a contract's JSON schema.

use std::error::Error;
use std::{fs, path::Path};

use cosmwasm_schema::Api;

/// Writes a contract's messages and answers as one file into the repository's `schema` folder.
pub fn write(api: Api) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{}.json", api.contract_name));
    let mut json = api.render().to_string()?;
    json.push('\n');
    Ok(fs::write(file, json)?)
}
