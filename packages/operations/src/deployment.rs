//! What is deployed where: the file `deployments/<chain id>.json`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use cosmwasm_std::Checksum;
use noderev_api::common::Clock;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Names of the contracts that every deployment has, in the order in which they are created.
pub const CONTRACTS: [&str; 5] = ["qst", "registry", "vault", "distributor", "delegation"];

/// What is deployed on a chain, or will be: addresses are known before contracts are created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The chain.
    pub chain_id: String,
    /// Who stores the codes and creates the contracts.
    pub deployer: String,
    /// The epochs' clock: it must not move between two runs.
    pub clock: Clock,
    /// Codes by name of the file of wasm, without its ending.
    pub codes: BTreeMap<String, CodeState>,
    /// Contracts by name: those of [`CONTRACTS`], `reward_token`, and other tokens and collections
    /// as `token:SYMBOL` and `collection:NAME`.
    pub contracts: BTreeMap<String, ContractState>,
    /// Whether it was made by playing a scenario, which may be played again in its place.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub played: bool,
}

/// A code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeState {
    /// SHA-256 of its wasm.
    pub checksum: Checksum,
    /// Its number on chain; none as long as it is not stored.
    pub id: Option<u64>,
}

/// A contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractState {
    /// Its address.
    pub address: String,
    /// Name of its code; none if it was there before and is not ours.
    pub code: Option<String>,
    /// Whether it was seen on chain.
    pub created: bool,
}

/// Why a deployment's file can't be used.
#[derive(Debug, Error)]
pub enum DeploymentError {
    /// Nothing is deployed.
    #[error("{}: not there; run `noderev deploy apply` first, or name the file by --deployment", .0.display())]
    Missing(PathBuf),
    /// The file can't be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file is of another chain.
    #[error("{}: a deployment on {found}, not on {expected}", path.display())]
    OtherChain {
        /// The file.
        path: PathBuf,
        /// Its chain.
        found: String,
        /// The chain in use.
        expected: String,
    },
    /// The file is not to be overwritten.
    #[error("{}: a deployment that was not played here; name another file by --deployment", .0.display())]
    NotPlayed(PathBuf),
    /// There is no such contract in the deployment.
    #[error("the deployment has no contract {name}; it has: {known}")]
    NoContract {
        /// What was asked for.
        name: String,
        /// Names that there are.
        known: String,
    },
}

impl Deployment {
    /// Where the file of a chain is, unless it is named.
    pub fn default_path(chain_id: &str) -> PathBuf {
        Path::new("deployments").join(format!("{chain_id}.json"))
    }

    /// Reads the file of a deployment on this chain.
    pub fn read(path: &Path, chain_id: &str) -> Result<Self, DeploymentError> {
        Self::find(path, chain_id)?.ok_or_else(|| DeploymentError::Missing(path.to_owned()))
    }

    /// As [`Self::read`]; none if there is no file.
    pub fn find(path: &Path, chain_id: &str) -> Result<Option<Self>, DeploymentError> {
        let fault = |reason: String| DeploymentError::File {
            path: path.to_owned(),
            reason,
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(error.to_string())),
        };
        let deployment: Self =
            serde_json::from_str(&text).map_err(|error| fault(error.to_string()))?;
        if deployment.chain_id != chain_id {
            return Err(DeploymentError::OtherChain {
                path: path.to_owned(),
                found: deployment.chain_id,
                expected: chain_id.to_owned(),
            });
        }
        Ok(Some(deployment))
    }

    /// Refuses a file that playing a scenario must not overwrite: any that was made otherwise.
    pub fn ensure_played(path: &Path) -> Result<(), DeploymentError> {
        let Ok(text) = fs::read_to_string(path) else {
            return match path.exists() {
                true => Err(DeploymentError::NotPlayed(path.to_owned())),
                false => Ok(()),
            };
        };
        match serde_json::from_str::<Self>(&text) {
            Ok(deployment) if deployment.played => Ok(()),
            _ => Err(DeploymentError::NotPlayed(path.to_owned())),
        }
    }

    /// Writes the file. Whoever is stopped in the middle leaves the old one.
    pub fn write(&self, path: &Path) -> Result<(), DeploymentError> {
        let fault = |reason: String| DeploymentError::File {
            path: path.to_owned(),
            reason,
        };
        let text = serde_json::to_string_pretty(self).map_err(|error| fault(error.to_string()))?;
        write_whole(path, &format!("{text}\n")).map_err(|error| fault(error.to_string()))
    }

    /// A contract's address.
    pub fn address(&self, name: &str) -> Result<&str, DeploymentError> {
        let contract = self.contracts.get(name);
        let contract = contract.ok_or_else(|| DeploymentError::NoContract {
            name: name.to_owned(),
            known: self
                .contracts
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        Ok(&contract.address)
    }
}

/// Beside the file first, then in its place.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("json.new");
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment() -> Deployment {
        let contract = ContractState {
            address: "wasm1registry".into(),
            code: Some("node_registry".into()),
            created: false,
        };
        let code = CodeState {
            checksum: Checksum::generate(b"wasm"),
            id: None,
        };
        Deployment {
            chain_id: "noderev-local".into(),
            deployer: "wasm1deployer".into(),
            clock: Clock {
                start: cosmwasm_std::Timestamp::from_seconds(1_000),
                length: 60,
            },
            codes: [("node_registry".into(), code)].into(),
            contracts: [("registry".into(), contract)].into(),
            played: false,
        }
    }

    #[test]
    fn only_what_was_played_may_be_played_again_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.json");
        Deployment::ensure_played(&path).unwrap();
        let mut own = deployment();
        own.write(&path).unwrap();
        assert!(Deployment::ensure_played(&path).is_err());
        own.played = true;
        own.write(&path).unwrap();
        Deployment::ensure_played(&path).unwrap();
        for other in [&b"notes"[..], &[0xff]] {
            fs::write(&path, other).unwrap();
            assert!(Deployment::ensure_played(&path).is_err());
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/file.json");
        assert_eq!(Deployment::find(&path, "noderev-local").unwrap(), None);
        deployment().write(&path).unwrap();
        let read = Deployment::read(&path, "noderev-local").unwrap();
        assert_eq!(read, deployment());
        assert_eq!(read.address("registry").unwrap(), "wasm1registry");
        let unknown = read.address("market").unwrap_err().to_string();
        assert_eq!(
            unknown,
            "the deployment has no contract market; it has: registry"
        );
    }

    #[test]
    fn a_file_of_another_chain_and_a_broken_one_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.json");
        assert!(matches!(
            Deployment::read(&path, "other-1"),
            Err(DeploymentError::Missing(_))
        ));
        deployment().write(&path).unwrap();
        let refusal = Deployment::read(&path, "other-1").unwrap_err().to_string();
        assert!(refusal.ends_with("a deployment on noderev-local, not on other-1"));
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(matches!(
            Deployment::read(&path, "noderev-local"),
            Err(DeploymentError::File { .. })
        ));
    }
}
