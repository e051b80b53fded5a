//! The contracts' wasm in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cosmwasm_std::Checksum;

use super::DeployError;

/// Names of the files, without their ending `.wasm`.
pub const CODES: [&str; 5] = [
    "cw20_base",
    "node_registry",
    "staking_vault",
    "revenue_distributor",
    "delegation",
];

/// File with the checksum of each file in the folder.
const CHECKSUMS: &str = "checksums.txt";

/// A contract's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its bytes.
    pub wasm: Vec<u8>,
    /// Their SHA-256.
    pub checksum: Checksum,
}

/// The code of every contract, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifacts(BTreeMap<&'static str, Artifact>);

impl Artifacts {
    /// Reads a folder of wasm files. A file that isn't what `checksums.txt` says is refused; a folder
    /// without that file is refused if it `must_be_listed`.
    pub fn read(folder: &Path, must_be_listed: bool) -> Result<Self, DeployError> {
        let list = folder.join(CHECKSUMS);
        let known = match list.exists() || must_be_listed {
            true => Some(checksums(&list)?),
            false => None,
        };
        let codes = CODES.into_iter().map(|name| {
            let path = folder.join(format!("{name}.wasm"));
            let wasm = fs::read(&path).map_err(|error| unreadable(&path, error))?;
            let checksum = Checksum::generate(&wasm);
            let expected = known.as_ref().map(|known| known.get(name));
            match expected {
                Some(expected) if expected != Some(&checksum.to_hex()) => {
                    Err(DeployError::WrongChecksum {
                        path,
                        found: checksum,
                        list: list.clone(),
                    })
                }
                _ => Ok((name, Artifact { wasm, checksum })),
            }
        });
        Ok(Self(codes.collect::<Result<_, _>>()?))
    }

    /// A contract's code.
    pub fn get(&self, name: &str) -> Result<&Artifact, DeployError> {
        let found = self.0.get(name);
        found.ok_or_else(|| DeployError::NoArtifact(name.to_owned()))
    }

    /// All codes, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Artifact)> {
        self.0.iter().map(|(name, artifact)| (*name, artifact))
    }
}

/// Lines of checksum and file name, as `sha256sum` writes them: checksums by name without ending.
fn checksums(path: &Path) -> Result<BTreeMap<String, String>, DeployError> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
    let line = |line: &str| {
        let (checksum, file) = line.split_once("  ")?;
        Some((file.strip_suffix(".wasm")?.to_owned(), checksum.to_owned()))
    };
    Ok(text.lines().filter_map(line).collect())
}

fn unreadable(path: &Path, error: std::io::Error) -> DeployError {
    DeployError::Unreadable {
        path: PathBuf::from(path),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with files of these bytes and a list of checksums.
    fn folder(bytes: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut list = String::new();
        for name in CODES {
            fs::write(folder.path().join(format!("{name}.wasm")), bytes).unwrap();
            list += &format!("{}  {name}.wasm\n", Checksum::generate(b"right"));
        }
        fs::write(folder.path().join(CHECKSUMS), list).unwrap();
        folder
    }

    #[test]
    fn files_are_what_the_list_says() {
        let right = folder(b"right");
        let artifacts = Artifacts::read(right.path(), true).unwrap();
        assert_eq!(artifacts.get("delegation").unwrap().wasm, b"right");
        assert!(artifacts.get("market").is_err());
        let wrong = folder(b"wrong");
        let refusal = Artifacts::read(wrong.path(), true).unwrap_err();
        assert!(matches!(refusal, DeployError::WrongChecksum { .. }));
    }

    #[test]
    fn only_a_folder_that_was_named_may_have_no_list() {
        let folder = folder(b"wrong");
        fs::remove_file(folder.path().join(CHECKSUMS)).unwrap();
        assert!(Artifacts::read(folder.path(), false).is_ok());
        let refusal = Artifacts::read(folder.path(), true).unwrap_err();
        assert!(matches!(refusal, DeployError::Unreadable { .. }));
        fs::remove_file(folder.path().join("delegation.wasm")).unwrap();
        assert!(Artifacts::read(folder.path(), false).is_err());
    }
}
