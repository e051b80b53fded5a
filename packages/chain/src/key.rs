//! Keys that sign.

use std::fmt;
use std::sync::Arc;

use bip39::Mnemonic;
use cosmrs::bip32::DerivationPath;
use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::crypto::PublicKey;

use crate::{ChainError, Result};

/// Where keys come from words: this, then the account's number.
pub const DERIVATION: &str = "m/44'/118'/0'/0/";

/// A key and its address.
#[derive(Clone)]
pub struct Key {
    pub(crate) signing: Arc<SigningKey>,
    address: String,
}

impl Key {
    /// The key that these words (BIP-39) give for an account's number, at [`DERIVATION`].
    pub fn from_words(words: &str, account: u32, prefix: &str) -> Result<Self> {
        let mut keys = Self::many_from_words(words, account..=account, prefix)?;
        keys.pop()
            .ok_or_else(|| ChainError::Key("no account".to_owned()))
    }

    /// The keys of several accounts.
    pub fn many_from_words(
        words: &str,
        accounts: impl IntoIterator<Item = u32>,
        prefix: &str,
    ) -> Result<Vec<Self>> {
        // What is wrong with words could tell them: only what kind of fault it is.
        let mnemonic = Mnemonic::parse(words.trim()).map_err(|error| match error {
            bip39::Error::BadWordCount(count) => {
                ChainError::Key(format!("{count} words instead of 12, 15, 18, 21 or 24"))
            }
            bip39::Error::UnknownWord(index) => ChainError::Key(format!(
                "word {} is not in the list of words",
                index.saturating_add(1)
            )),
            _ => ChainError::Key("the words don't belong together: a word is mistyped".to_owned()),
        })?;
        let seed = mnemonic.to_seed("");
        accounts
            .into_iter()
            .map(|account| Self::derive(&seed, account, prefix))
            .collect()
    }

    fn derive(seed: &[u8], account: u32, prefix: &str) -> Result<Self> {
        let path: DerivationPath = format!("{DERIVATION}{account}")
            .parse()
            .map_err(|error| ChainError::Key(format!("account {account}: {error}")))?;
        let signing = SigningKey::derive_from_path(seed, &path)
            .map_err(|error| ChainError::Key(format!("account {account}: {error}")))?;
        let address = signing.public_key().account_id(prefix);
        let address = address.map_err(|error| ChainError::Key(format!("{prefix}: {error}")))?;
        Ok(Self {
            signing: Arc::new(signing),
            address: address.to_string(),
        })
    }

    /// The key's address.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn public(&self) -> PublicKey {
        self.signing.public_key()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "test test test test test test test test test test test junk";

    #[test]
    fn words_give_the_addresses_that_the_local_chain_funds() {
        let keys = Key::many_from_words(WORDS, 0..2, "wasm").unwrap();
        let addresses: Vec<&str> = keys.iter().map(Key::address).collect();
        let funded = [
            "wasm15yk64u7zc9g9k2yr2wmzeva5qgwxps6yvw76s4",
            "wasm1erxf3sa9q2j4vgseu7jq4a258ckmk7cy9zt7wf",
        ];
        assert_eq!(addresses, funded);
    }

    #[test]
    fn wrong_words_are_refused_without_telling_them() {
        let refused = |words: &str| Key::from_words(words, 0, "wasm").unwrap_err().to_string();
        assert_eq!(
            refused("test junk"),
            "key: 2 words instead of 12, 15, 18, 21 or 24"
        );
        let unknown = WORDS.replace("junk", "junkyard");
        assert_eq!(
            refused(&unknown),
            "key: word 12 is not in the list of words"
        );
        let swapped = WORDS.replace("junk", "test");
        let expected = "key: the words don't belong together: a word is mistyped";
        assert_eq!(refused(&swapped), expected);
    }

    #[test]
    fn a_key_is_printed_as_its_address() {
        let key = Key::from_words(WORDS, 0, "wasm").unwrap();
        assert_eq!(format!("{key:?}"), format!("Key({})", key.address()));
    }
}
