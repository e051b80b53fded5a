//! The wasm of the contracts, built by the `build` script of this folder.

use std::path::{Path, PathBuf};

/// A contract's wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Artifact {
    /// Our node-registry.
    Registry,
    /// Our staking-vault.
    Vault,
    /// Our revenue-distributor.
    Distributor,
    /// Our delegation.
    Delegation,
    /// cw20-base.
    Token,
    /// cw721-base.
    Collection,
    /// The contract that does what it is told; no network has it.
    Puppet,
}

/// All that a network has.
pub const ARTIFACTS: [Artifact; 6] = [
    Artifact::Registry,
    Artifact::Vault,
    Artifact::Distributor,
    Artifact::Delegation,
    Artifact::Token,
    Artifact::Collection,
];

impl Artifact {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "node_registry",
            Self::Vault => "staking_vault",
            Self::Distributor => "revenue_distributor",
            Self::Delegation => "delegation",
            Self::Token => "cw20_base",
            Self::Collection => "vm_collection",
            Self::Puppet => "vm_puppet",
        }
    }

    /// Where it is: what goes on chain in the repository's root, what only tests need here.
    fn file(self) -> PathBuf {
        let folder = match self {
            Self::Collection | Self::Puppet => "artifacts",
            _ => "../../artifacts",
        };
        let file = format!("{}.wasm", self.name());
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join(file)
    }

    /// Its bytes; tells what to do if they are not there.
    pub fn wasm(self) -> Vec<u8> {
        read(&self.file())
    }
}

/// The bytes of any contract that was built, by its name; tells what to do if they are not there.
pub fn wasm(name: &str) -> Vec<u8> {
    if let Some(artifact) = ARTIFACTS.into_iter().find(|it| it.name() == name) {
        return artifact.wasm();
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    read(&folder.join(format!("{name}.wasm")))
}

fn read(file: &Path) -> Vec<u8> {
    match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => panic!("{}: {error}: run tests/vm/build first", file.display()),
    }
}
