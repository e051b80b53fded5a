//! `network.toml`: what the network is, its parameters and its splits.

use serde::{Deserialize, Serialize};

use super::error::{InputError, Reason};

mod delegation;
mod faults;
mod fields;

pub(crate) use delegation::{default_own_quintessence, default_slot_size};
pub use delegation::{Class, Collection, DelegationRules, Mint, Tokens};
use faults::{line_of, line_of_error};
use fields::{checked, rfc3339};

/// File name inside an input folder.
pub const FILE: &str = "network.toml";
/// Keys at genesis of the full network.
pub const DEFAULT_CAP: u32 = 4_732;
/// Factors that a split may have, and the largest product of all factors.
pub const SPLIT_FACTORS: [u32; 8] = [2, 4, 5, 8, 10, 16, 20, 25];
/// Largest product of all split factors.
pub const MAX_SPLIT_PRODUCT: u32 = 25;

/// A network and the length of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Shown in reports.
    #[serde(deserialize_with = "checked::text")]
    pub name: String,
    /// Epochs to run, numbered from 0; 1 to 3,660, default 90.
    #[serde(
        default = "default_epochs",
        deserialize_with = "checked::between::<_, 1, 3_660>"
    )]
    pub epochs: u64,
    /// Seconds per epoch, 10 to 2,678,400 (31 days); default one day.
    #[serde(
        default = "default_length",
        deserialize_with = "checked::between::<_, 10, 2_678_400>"
    )]
    pub epoch_length: u64,
    /// Beginning of epoch 0, in seconds since 1970; RFC 3339 in the file, default
    /// 2026-01-01T06:00:00Z.
    #[serde(default = "default_start", with = "rfc3339")]
    pub start: u64,
    /// Who reports which keys ran, 1 to 15 accounts.
    pub attesters: Vec<String>,
    /// Reports that must agree: more than half of the attesters.
    pub threshold: u32,
    /// Keys that may be issued before any split, at most and by default 4,732.
    #[serde(
        default = "default_cap",
        deserialize_with = "checked::between_u32::<_, 1, 4_732>"
    )]
    pub cap: u32,
    /// What revenue comes in, 1 to 8.
    pub denominations: Vec<Denomination>,
    /// Parameters that differ from the defaults.
    #[serde(default)]
    pub params: Params,
    /// Splits in order of announcement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<Split>,
    /// Delegations and their mint; without, the network has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegation: Option<DelegationRules>,
}

/// A coin or token in which revenue comes and rewards go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawDenomination", into = "RawDenomination")]
pub struct Denomination {
    /// Name of a whole unit, such as `USDC`; the `denom` column of revenue.csv.
    pub name: String,
    /// What it is on the chain.
    pub asset: Asset,
    /// Digits after the point of a whole unit, 0 to 18.
    pub decimals: u32,
}

/// A native coin or a cw20 token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asset {
    /// Denomination of the chain's bank, such as `uusdc`.
    Native(String),
    /// Symbol of the token to deploy, in lower case; `qst` is the staking token.
    Cw20(String),
}

/// Parameters of the contracts. Times in seconds, shares in basis points (1/10,000).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The network's share of revenue: 6,000 to 10,000, default 6,000.
    #[serde(deserialize_with = "checked::between::<_, 6_000, 10_000>")]
    pub network_share_bps: u64,
    /// What an unstaked node keeps: 2,000 to 4,000, default 3,000.
    #[serde(deserialize_with = "checked::between::<_, 2_000, 4_000>")]
    pub unstaked_share_bps: u64,
    /// Attesters may report this long after the epoch: 1 to 604,800, default 21,600.
    #[serde(deserialize_with = "checked::between::<_, 1, 604_800>")]
    pub report_window_s: u64,
    /// A result may be appealed this long: 0 to 604,800, default 43,200.
    #[serde(deserialize_with = "checked::between::<_, 0, 604_800>")]
    pub appeal_window_s: u64,
    /// From the boundary at which a stake stops counting to its release: 0 to 7,776,000, default
    /// 1,209,600.
    #[serde(deserialize_with = "checked::between::<_, 0, 7_776_000>")]
    pub unbonding_period_s: u64,
    /// A stake's shortest stay: 0 to 31,536,000, default 0.
    #[serde(deserialize_with = "checked::between::<_, 0, 31_536_000>")]
    pub minimum_lock_s: u64,
    /// Fee on a sale: 0 to 500, default 200.
    #[serde(deserialize_with = "checked::between::<_, 0, 500>")]
    pub market_fee_bps: u64,
    /// From a split's announcement to the earliest boundary it may act: 0 to 31,536,000, default
    /// 2,592,000.
    #[serde(deserialize_with = "checked::between::<_, 0, 31_536_000>")]
    pub split_notice_s: u64,
    /// Epochs after a split in which reports cover the parents only; default 30.
    #[serde(deserialize_with = "checked::between::<_, 0, 366>")]
    pub split_grace: u64,
    /// Who gets what an underfunded pool leaves.
    pub remainder_to: RemainderTo,
}

/// Who gets what an underfunded pool leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemainderTo {
    /// Every running node in equal parts.
    #[default]
    AllRunning,
    /// The running nodes without a stake.
    UnstakedRunning,
}

/// A split, by the epoch in which it is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Announced one second after the beginning of this epoch.
    pub epoch: u64,
    /// What every key becomes: 2, 4, 5, 8, 10, 16, 20 or 25.
    pub factor: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            network_share_bps: 6_000,
            unstaked_share_bps: 3_000,
            report_window_s: 21_600,
            appeal_window_s: 43_200,
            unbonding_period_s: 1_209_600,
            minimum_lock_s: 0,
            market_fee_bps: 200,
            split_notice_s: 2_592_000,
            split_grace: 30,
            remainder_to: RemainderTo::AllRunning,
        }
    }
}

impl Network {
    /// A network of three attesters, two of whom must agree, paid in USDC and QST.
    pub fn sample(name: &str, epochs: u64) -> Self {
        let denomination = |name: &str, asset| Denomination {
            name: name.into(),
            asset,
            decimals: 6,
        };
        Self {
            name: name.to_owned(),
            epochs,
            epoch_length: default_length(),
            start: default_start(),
            attesters: ["att-a", "att-b", "att-c"].map(str::to_owned).to_vec(),
            threshold: 2,
            cap: DEFAULT_CAP,
            denominations: vec![
                denomination("USDC", Asset::Native("uusdc".into())),
                denomination("QST", Asset::Cw20("qst".into())),
            ],
            params: Params::default(),
            splits: Vec::new(),
            delegation: None,
        }
    }

    /// Reads and checks `network.toml`.
    pub fn from_toml(text: &str) -> Result<Self, InputError> {
        let network: Self = toml::from_str(text).map_err(|error| {
            let reason = Reason::Network(error.message().replace('\n', "; "));
            InputError::at(FILE, line_of_error(text, &error), reason)
        })?;
        match network.fault() {
            None => Ok(network),
            Some((key, index, reason)) => Err(InputError::at(
                FILE,
                line_of(text, key, index),
                Reason::Network(reason),
            )),
        }
    }

    /// The same network with epochs of so many seconds, and all windows, notices and periods in
    /// proportion, rounded down; splits stay in their epochs. Fails if reports and appeals would take a
    /// whole epoch.
    pub fn shortened(&self, epoch_length: u64) -> Result<Self, InputError> {
        let scale = |seconds: u64| {
            let scaled = seconds.saturating_mul(epoch_length);
            scaled.checked_div(self.epoch_length).unwrap_or(seconds)
        };
        let mut short = self.clone();
        short.epoch_length = epoch_length;
        let params = &mut short.params;
        params.report_window_s = scale(params.report_window_s).max(1);
        params.appeal_window_s = scale(params.appeal_window_s);
        params.unbonding_period_s = scale(params.unbonding_period_s);
        params.minimum_lock_s = scale(params.minimum_lock_s);
        params.split_notice_s = scale(params.split_notice_s);
        if let Some(rules) = &mut short.delegation {
            rules.unbonding_period_s = scale(rules.unbonding_period_s);
        }
        match short.fault() {
            None => Ok(short),
            Some((_, _, reason)) => Err(InputError::at(FILE, 1, Reason::Network(reason))),
        }
    }

    /// The text of `network.toml`.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Name and decimals of a currency: a denomination of revenue, or after them the token of the
    /// delegations; nothing if there is none.
    pub fn currency(&self, index: usize) -> (&str, u32) {
        let token = self.delegation.iter();
        let token = token.map(|rules| (rules.token.as_str(), rules.decimals));
        let revenue = self.denominations.iter();
        let mut all = revenue
            .map(|one| (one.name.as_str(), one.decimals))
            .chain(token);
        all.nth(index).unwrap_or(("", 0))
    }

    /// Beginning of an epoch, in seconds since 1970.
    pub fn epoch_start(&self, epoch: u64) -> u64 {
        self.start
            .saturating_add(epoch.saturating_mul(self.epoch_length))
    }
}

impl Denomination {
    /// The bank denomination or the token's symbol.
    pub fn id(&self) -> &str {
        match &self.asset {
            Asset::Native(id) | Asset::Cw20(id) => id,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDenomination {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    native: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cw20: Option<String>,
    decimals: u32,
}

impl TryFrom<RawDenomination> for Denomination {
    type Error = String;

    fn try_from(raw: RawDenomination) -> Result<Self, String> {
        let asset = match (raw.native, raw.cw20) {
            (Some(id), None) => Asset::Native(id),
            (None, Some(id)) => Asset::Cw20(id),
            _ => return Err("a denomination is either `native` or `cw20`".into()),
        };
        if raw.decimals > 18 {
            return Err(format!("{} decimals, 0 to 18 are possible", raw.decimals));
        }
        let denomination = Self {
            name: raw.name,
            asset,
            decimals: raw.decimals,
        };
        let printable = |text: &str| {
            (1..=64).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_graphic() && b != b',')
        };
        let fine = printable(&denomination.name) && printable(denomination.id());
        if fine {
            Ok(denomination)
        } else {
            Err("a denomination's name is empty or odd".into())
        }
    }
}

impl From<Denomination> for RawDenomination {
    fn from(denomination: Denomination) -> Self {
        let (native, cw20) = match denomination.asset {
            Asset::Native(id) => (Some(id), None),
            Asset::Cw20(id) => (None, Some(id)),
        };
        Self {
            name: denomination.name,
            native,
            cw20,
            decimals: denomination.decimals,
        }
    }
}

/// Whether a text is a short name or an address: 1 to 90 of `a-z 0-9 - _ .`.
pub(super) fn is_account(text: &str) -> bool {
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    (1..=90).contains(&text.len()) && text.bytes().all(fine)
}

fn default_epochs() -> u64 {
    90
}

fn default_length() -> u64 {
    86_400
}

/// 2026-01-01T06:00:00Z
fn default_start() -> u64 {
    1_767_247_200
}

fn default_cap() -> u32 {
    DEFAULT_CAP
}
