//! X12: migration is from an older version of this contract only.

use noderev_api::delegation::MigrateMsg;

use super::support::{contract, env_in, stored};
use crate::contract::{migrate, CONTRACT_NAME, CONTRACT_VERSION};

#[test]
fn only_an_older_version_of_the_same_contract_is_migrated() {
    let mut deps = contract();
    let mut attempt = |name: &str, version: &str| {
        cw2::set_contract_version(&mut deps.storage, name, version).unwrap();
        let before = stored(&deps);
        let result = migrate(deps.as_mut(), env_in(1), MigrateMsg {});
        match result {
            Ok(_) => None,
            Err(error) => {
                assert!(before == stored(&deps));
                Some(error.to_string())
            }
        }
    };
    let same = format!("version {CONTRACT_VERSION} cannot follow version {CONTRACT_VERSION}");
    assert_eq!(attempt(CONTRACT_NAME, CONTRACT_VERSION), Some(same));
    let newer = format!("version {CONTRACT_VERSION} cannot follow version 99.0.0");
    assert_eq!(attempt(CONTRACT_NAME, "99.0.0"), Some(newer));
    let other = format!("this code is {CONTRACT_NAME}, the contract is noderev:registry");
    assert_eq!(attempt("noderev:registry", "0.0.1"), Some(other));
    assert_eq!(attempt(CONTRACT_NAME, "0.0.1"), None);
    let now = cw2::get_contract_version(&deps.storage).unwrap();
    assert_eq!(now.version, CONTRACT_VERSION);
}
