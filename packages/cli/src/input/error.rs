//! Why an input file is refused: the file, the physical line and a typed reason.

use std::io;

use thiserror::Error;

use super::bitmap::BitmapError;

/// A refusal of the input folder. One refusal stops the program before anything is written.
#[derive(Debug, Error)]
pub enum InputError {
    /// The file can't be opened or read.
    #[error("{file}: {source}")]
    Unreadable {
        /// File name inside the input folder.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A line of the file is wrong.
    #[error("{file}:{line}: {reason}")]
    Refused {
        /// File name inside the input folder.
        file: String,
        /// Physical line, counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: Reason,
    },
}

impl InputError {
    pub(crate) fn at(file: &str, line: u64, reason: impl Into<Reason>) -> Self {
        Self::Refused {
            file: file.to_owned(),
            line,
            reason: reason.into(),
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Reason {
    /// Text that isn't UTF-8.
    #[error("not UTF-8 text")]
    NotUtf8,
    /// A file without a header line.
    #[error("the header line is missing")]
    NoHeader,
    /// A blank line between rows.
    #[error("blank line")]
    BlankLine,
    /// A required column is absent.
    #[error("column `{0}` is missing")]
    MissingColumn(&'static str),
    /// A column that the file doesn't have.
    #[error("unknown column `{0}`")]
    UnknownColumn(String),
    /// The same column twice.
    #[error("column `{0}` occurs twice")]
    DuplicateColumn(String),
    /// A row with more or fewer fields than the header.
    #[error("{found} fields, the header has {expected}")]
    FieldCount {
        /// Fields in the row.
        found: usize,
        /// Fields in the header.
        expected: usize,
    },
    /// A row that the CSV reader can't split.
    #[error("malformed row: {0}")]
    Malformed(String),
    /// An empty field where a value is needed.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A value where none belongs.
    #[error("{column} must be empty for {action}")]
    MustBeEmpty {
        /// The column.
        column: &'static str,
        /// The row's action.
        action: &'static str,
    },
    /// A field that is no canonical decimal integer.
    #[error("{column} `{text}` is not a whole number in plain digits without leading zeros")]
    NotANumber {
        /// The column.
        column: &'static str,
        /// The text found.
        text: String,
    },
    /// A number that is too large for its column.
    #[error("{column} {text} is larger than {max}")]
    TooLarge {
        /// The column.
        column: &'static str,
        /// The text found.
        text: String,
        /// Largest value taken.
        max: u128,
    },
    /// Zero where an amount is needed.
    #[error("{0} is zero")]
    Zero(&'static str),
    /// An epoch outside the run.
    #[error("epoch {epoch} is out of range: the run has epochs 0 to {last}")]
    EpochOutOfRange {
        /// The epoch named.
        epoch: u128,
        /// The last epoch of the run.
        last: u64,
    },
    /// A key that isn't issued in that epoch.
    #[error("unknown key {key}: epoch {epoch} has keys 1 to {keys}")]
    UnknownKey {
        /// The key named.
        key: u128,
        /// The epoch of the row.
        epoch: u64,
        /// Keys issued in that epoch.
        keys: u32,
    },
    /// keys.csv isn't 1, 2, 3, ...
    #[error("key {found} where key {expected} must follow")]
    NotConsecutive {
        /// The key named.
        found: u128,
        /// The key expected.
        expected: u32,
    },
    /// More keys than the cap.
    #[error("more keys than the cap of {0}")]
    OverCap(u32),
    /// A file without rows where some are needed.
    #[error("no keys")]
    NoKeys,
    /// An attester that network.toml doesn't name.
    #[error("unknown attester `{0}`")]
    UnknownAttester(String),
    /// A denomination that network.toml doesn't name.
    #[error("unknown denomination `{0}`")]
    UnknownDenomination(String),
    /// An action that stakes.csv doesn't know.
    #[error("unknown action `{0}`: use stake_node, unstake_node, deposit or withdraw")]
    UnknownAction(String),
    /// Neither `true` nor `false`.
    #[error("{column} `{text}` is neither true nor false")]
    NotABool {
        /// The column.
        column: &'static str,
        /// The text found.
        text: String,
    },
    /// A name that is neither a short name nor an address.
    #[error("{column} `{text}` is no account: 1 to 90 of a-z 0-9 - _ .")]
    NotAnAccount {
        /// The column.
        column: &'static str,
        /// The text found.
        text: String,
    },
    /// An account that is no address of the chain.
    #[error("{column} {reason}")]
    NoAddress {
        /// The account's column.
        column: &'static str,
        /// Why it is none.
        reason: String,
    },
    /// A text longer than the contracts take.
    #[error("{column} is longer than {max} bytes")]
    TooLong {
        /// The column.
        column: &'static str,
        /// Longest text taken, in bytes.
        max: usize,
    },
    /// The same row twice.
    #[error("duplicate of line {first}: {what}")]
    Duplicate {
        /// Where it stood first.
        first: u64,
        /// What the two rows have in common.
        what: String,
    },
    /// A node stake that isn't the requirement.
    #[error("stake of {found} units, a node takes exactly {required} in epoch {epoch}")]
    WrongStake {
        /// Units in the row.
        found: u128,
        /// Units that a node takes.
        required: u128,
        /// The epoch of the row.
        epoch: u64,
    },
    /// Somebody who sells to himself.
    #[error("seller and buyer are both `{0}`")]
    SelfSale(String),
    /// A bitmap that doesn't fit.
    #[error("bitmap: {0}")]
    Bitmap(#[from] BitmapError),
    /// A bitmap of validators that doesn't fit.
    #[error("bitmap: {}", .0.about("validator"))]
    Eligibility(BitmapError),
    /// A file of delegations in a network without.
    #[error("network.toml has no [delegation]")]
    NoDelegations,
    /// A collection that network.toml doesn't name.
    #[error("unknown collection `{0}`")]
    UnknownCollection(String),
    /// An NFT that can't be staked.
    #[error("NFT `{token_id}` of `{collection}` has no weight")]
    Weightless {
        /// Its collection.
        collection: String,
        /// Its id.
        token_id: String,
    },
    /// An action that nfts.csv doesn't know.
    #[error(
        "unknown action `{0}`: use stake, move, unstake, create, commission, release or hand_over"
    )]
    UnknownNftAction(String),
    /// An action that validators.csv doesn't know.
    #[error("unknown action `{0}`: use register, assign or remove")]
    UnknownValidatorAction(String),
    /// A delegation or validator that doesn't exist in that epoch.
    #[error("unknown {column} {number}: epoch {epoch} has 1 to {existing}")]
    UnknownNumber {
        /// The column.
        column: &'static str,
        /// The number named.
        number: u128,
        /// The epoch of the row.
        epoch: u64,
        /// How many there are.
        existing: u32,
    },
    /// A delegation or validator that isn't the next one.
    #[error("{column} {found} where {column} {expected} must follow")]
    NotNext {
        /// The column.
        column: &'static str,
        /// The number named.
        found: u128,
        /// The number expected.
        expected: u32,
    },
    /// A part of a list of NFTs that is no id.
    #[error("token_ids: `{0}` is no id: 1 to 128 printable characters")]
    BadToken(String),
    /// A range of NFTs that runs backwards.
    #[error("token_ids: `{0}` does not ascend")]
    FallingTokens(String),
    /// An NFT twice in a row.
    #[error("token_ids: `{0}` occurs twice")]
    TokenTwice(String),
    /// Too many NFTs in a row.
    #[error("token_ids: more than {0} NFTs")]
    TooManyTokens(usize),
    /// A fault in network.toml.
    #[error("{0}")]
    Network(String),
}
