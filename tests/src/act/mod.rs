//! Everything that somebody can do, as data.

mod claims;
pub mod delegation;
mod send;

use cw_multi_test::AppResponse;

use self::delegation::{Deed, Outcome};
use crate::shadow::{
    refuse_if, Answer, Denom, Epoch, Key, Kind, Purchase, RegistryParams, ShareParams, VaultParams,
    Who,
};
use crate::world::{World, QST, TREASURY};

pub(crate) use self::claims::summary;
pub(crate) use self::delegation::joining_msg;
pub use self::send::{bitmap, ids};

/// Storage is compared before and after one refused act in so many.
const DUMP_EVERY: usize = 5;

/// A contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// The node registry.
    Registry,
    /// The staking vault.
    Vault,
    /// The revenue distributor.
    Distributor,
}

/// Something that somebody does.
#[allow(
    missing_docs,
    reason = "the messages of the contracts, with numbers for accounts"
)]
#[derive(Clone, Debug)]
pub enum Act {
    Time {
        seconds: u64,
    },

    Issue {
        by: Who,
        rows: Vec<(Who, u32)>,
    },
    Transfer {
        by: Who,
        to: Who,
        key: Key,
    },
    Operator {
        by: Who,
        key: Key,
        operator: Option<Who>,
    },
    List {
        by: Who,
        key: Key,
        price: u128,
        buyer: Option<Who>,
        expires: Option<u64>,
        with_stake: bool,
    },
    Delist {
        by: Who,
        key: Key,
    },
    Buy {
        by: Who,
        purchases: Vec<Purchase>,
        sent: u128,
    },
    ClaimFees {
        by: Who,
    },
    Split {
        by: Who,
        factor: u32,
    },
    CancelSplit {
        by: Who,
    },

    Stake {
        by: Who,
        keys: Vec<Key>,
        sent: u128,
    },
    Unstake {
        by: Who,
        keys: Vec<Key>,
    },
    PoolIn {
        by: Who,
        sent: u128,
    },
    PoolOut {
        by: Who,
        amount: u128,
    },
    WithdrawNamed {
        by: Who,
        lots: Vec<u64>,
    },
    WithdrawPage {
        by: Who,
        after: Option<u64>,
        limit: u32,
    },
    CancelLot {
        by: Who,
        lot: u64,
    },

    Deposit {
        by: Who,
        denom: Denom,
        amount: u128,
        over: u32,
        reference: String,
    },
    Report {
        by: Who,
        epoch: Epoch,
        bits: Vec<bool>,
    },
    Close {
        by: Who,
        epoch: Epoch,
    },
    Roll {
        by: Who,
    },
    Dispute {
        by: Who,
        kind: Kind,
        epoch: Epoch,
        keys: Vec<Key>,
        sent: u128,
    },
    Rule {
        by: Who,
        epoch: Epoch,
        keys: Vec<Key>,
        upheld: bool,
    },
    Resolve {
        by: Who,
        epoch: Epoch,
        keys: Vec<Key>,
    },
    Claim {
        by: Who,
        account: Option<Who>,
        keys: Option<Vec<Key>>,
        denoms: Option<Vec<Denom>>,
        to: Option<Who>,
    },
    Settle {
        by: Who,
        account: Option<Who>,
        keys: Option<Vec<Key>>,
    },
    Compound {
        by: Who,
        keys: Option<Vec<Key>>,
    },
    Payee {
        by: Who,
        payee: Option<Who>,
    },
    Policy {
        by: Who,
        self_claim_only: bool,
    },

    RegistryParams {
        by: Who,
        params: RegistryParams,
    },
    VaultParams {
        by: Who,
        params: VaultParams,
    },
    ShareParams {
        by: Who,
        params: ShareParams,
    },
    CancelParams {
        by: Who,
        contract: Contract,
    },
    Pause {
        by: Who,
        contract: Contract,
        seconds: u64,
    },
    Resume {
        by: Who,
        contract: Contract,
    },
    Donate {
        by: Who,
        contract: Contract,
        denom: Denom,
        amount: u128,
    },
    /// The owner of the other contracts leaves for good.
    Renounce {
        by: Who,
        contract: Contract,
    },

    /// With the delegation contract.
    Delegation {
        by: Who,
        deed: Deed,
    },
}

/// What the ledger expects of an act that it accepts.
enum Expected {
    /// Nothing more than that.
    Done,
    /// So much QST is sent to a contract.
    Sends(u128),
    /// So much QST is sent, and these get some at once.
    Sells(u128, Vec<(Who, u128)>),
    /// Somebody gets QST.
    Pays(Who, u128),
    /// A deposit of revenue.
    Revenue(Denom, u128),
    /// What a claim pays is asked of the contract, and must be within the ledger's bounds.
    Claim,
    /// The same, but there may be nothing to pay yet.
    ClaimOrNothing,
    /// With the delegation contract.
    Deed(Outcome),
    /// The ledger does not tell.
    Either,
}

impl World {
    /// Does an act with contracts and ledger. True if both accept it, false if both refuse it;
    /// what they disagree about is an error.
    pub fn perform(&mut self, act: &Act) -> Result<bool, String> {
        if let Act::Time { seconds } = act {
            self.net.advance_seconds(*seconds);
            self.shadow.advance(*seconds);
            self.delegation.pass(*seconds);
            self.log.push(String::new());
            return Ok(true);
        }
        let expected = self.foresee(act);
        let sampled = self.log.len().is_multiple_of(DUMP_EVERY);
        let before = (expected.is_err() && sampled).then(|| self.dump());
        let claim = self.claim_before(act);
        let preview = self.preview(act);
        let sent = self.send(act);
        self.log.push(match &sent {
            Ok(_) => String::new(),
            Err(error) => format!("{error:#}"),
        });
        match (expected, sent) {
            (_, Err(error)) if format!("{error:#}").contains("finding") => {
                Err(format!("a contract panicked: {error:#}"))
            }
            (Ok(Expected::Either), Ok(response)) => self.note_events(&response).map(|()| true),
            (Ok(Expected::Either), Err(_)) => Ok(false),
            (Ok(Expected::ClaimOrNothing), Err(error))
                if format!("{error:#}").contains("no QST is owed") =>
            {
                Ok(false)
            }
            (Ok(expected), Ok(response)) => {
                self.note_events(&response)?;
                self.note(act, expected, claim, &response)?;
                self.check_preview(act, preview, &response)?;
                Ok(true)
            }
            (Err(_), Err(_)) => {
                let unchanged = before.is_none_or(|before| before == self.dump());
                unchanged
                    .then_some(false)
                    .ok_or("a refused message has changed storage".to_string())
            }
            (Ok(_), Err(error)) => Err(format!("the contract refused: {error:#}")),
            (Err(why), Ok(_)) => Err(format!("the contract accepted, but: {why}")),
        }
    }

    /// What the ledger says of an act; it is done there if it is accepted.
    fn foresee(&mut self, act: &Act) -> Answer<Expected> {
        let ledger = &mut self.shadow;
        match act.clone() {
            Act::Time { .. } => Ok(Expected::Done),
            Act::Issue { by, rows } => ledger.issue(by, &rows).map(done),
            Act::Transfer { by, to, key } => ledger.transfer(by, to, key).map(done),
            Act::Operator { by, key, operator } => ledger.set_operator(by, key, operator).map(done),
            Act::List {
                by,
                key,
                price,
                buyer,
                expires,
                with_stake,
            } => ledger
                .list(by, key, price, buyer, expires, with_stake)
                .map(|_| Expected::Done),
            Act::Delist { by, key } => ledger.delist(by, key).map(done),
            Act::Buy {
                by,
                purchases,
                sent,
            } => ledger
                .buy(by, &purchases, sent)
                .map(|sellers| Expected::Sells(sent, sellers)),
            Act::ClaimFees { .. } => ledger
                .claim_fees()
                .map(|fees| Expected::Pays(TREASURY, fees)),
            Act::Split { by, factor } => ledger.split(by, factor).map(|_| Expected::Done),
            Act::CancelSplit { by } => ledger.cancel_split(by).map(done),
            Act::Stake { by, keys, sent } => ledger
                .stake_nodes(by, &keys, sent)
                .map(|()| Expected::Sends(sent)),
            Act::Unstake { by, keys } => ledger.unstake_nodes(by, &keys).map(done),
            Act::PoolIn { by, sent } => ledger
                .deposit_pool(by, sent)
                .map(|()| Expected::Sends(sent)),
            Act::PoolOut { by, amount } => ledger.unbond_pool(by, amount).map(done),
            Act::WithdrawNamed { by, lots } => ledger
                .withdraw_named(by, &lots)
                .map(|amount| Expected::Pays(by, amount)),
            Act::WithdrawPage { by, after, limit } => ledger
                .withdraw_page(by, after, limit as usize)
                .map(|amount| Expected::Pays(by, amount)),
            Act::CancelLot { by, lot } => ledger.cancel_lot(by, lot).map(done),
            Act::Deposit {
                denom,
                amount,
                over,
                reference,
                ..
            } => ledger
                .deposit(denom, amount, over, "customer", &reference)
                .map(|()| Expected::Revenue(denom, amount)),
            Act::Report { by, epoch, bits } => ledger.report(by, epoch, &bits).map(done),
            Act::Close { epoch, .. } => ledger.close(epoch).map(done),
            Act::Roll { .. } => Ok(Expected::Either),
            Act::Dispute {
                by,
                kind,
                epoch,
                keys,
                sent,
            } => ledger
                .dispute(by, kind, epoch, &keys, sent)
                .map(|()| Expected::Sends(sent)),
            Act::Rule {
                by,
                epoch,
                keys,
                upheld,
            } => ledger.rule(by, epoch, &keys, upheld).map(done),
            Act::Resolve { epoch, keys, .. } => ledger.resolve(epoch, &keys).map(done),
            Act::Claim {
                by,
                account,
                keys,
                to,
                ..
            } => {
                let account = account.unwrap_or(by);
                self.foresee_keys(keys.as_deref())?;
                let closed = self.self_claim.get(&account).copied().unwrap_or(false);
                match account != by && (closed || to.is_some()) {
                    true => Err("not his to claim"),
                    false => Ok(Expected::Claim),
                }
            }
            Act::Settle { keys, .. } => {
                self.foresee_keys(keys.as_deref())?;
                Ok(Expected::Claim)
            }
            Act::Compound { by, keys } => {
                self.foresee_keys(keys.as_deref())?;
                let (paused, now) = (self.shadow.staking, self.shadow.now);
                match self.shadow.claimable(by, QST) {
                    0 => Err("nothing to compound"),
                    _ if paused.is_on(now) => Err("paused"),
                    _ => Ok(Expected::ClaimOrNothing),
                }
            }
            Act::Payee { by, payee } => {
                match payee {
                    Some(payee) => self.payees.insert(by, payee),
                    None => self.payees.remove(&by),
                };
                Ok(Expected::Done)
            }
            Act::Policy {
                by,
                self_claim_only,
            } => {
                self.self_claim.insert(by, self_claim_only);
                Ok(Expected::Done)
            }
            Act::RegistryParams { by, params } => ledger
                .queue_registry_params(by, params)
                .map(|_| Expected::Done),
            Act::VaultParams { by, params } => ledger
                .queue_vault_params(by, params)
                .map(|_| Expected::Done),
            Act::ShareParams { by, params } => ledger
                .queue_share_params(by, params)
                .map(|_| Expected::Done),
            Act::CancelParams { by, contract } => match contract {
                Contract::Registry => ledger.cancel_registry_params(by).map(done),
                Contract::Vault => ledger.cancel_vault_params(by).map(done),
                Contract::Distributor => ledger.cancel_share_params(by).map(done),
            },
            Act::Pause {
                by,
                contract,
                seconds,
            } => match contract {
                Contract::Registry => ledger.pause_market(by, seconds).map(done),
                Contract::Vault => ledger.pause_staking(by, seconds).map(done),
                Contract::Distributor => ledger.pause_deposits(by, seconds).map(done),
            },
            Act::Resume { by, contract } => match contract {
                Contract::Registry => ledger.resume_market(by).map(done),
                Contract::Vault => ledger.resume_staking(by).map(done),
                Contract::Distributor => ledger.resume_deposits(by).map(done),
            },
            Act::Donate { .. } => Ok(Expected::Done),
            Act::Renounce { by, .. } => {
                refuse_if(by != ledger.genesis.offices.owner, "only the owner")?;
                Ok(Expected::Done)
            }
            Act::Delegation { by, deed } => self.foresee_deed(by, &deed).map(Expected::Deed),
        }
    }

    /// Every event of a contract has the next number.
    fn note_events(&mut self, response: &AppResponse) -> Result<(), String> {
        for event in &response.events {
            let attribute = |key: &str| {
                let mut all = event.attributes.iter();
                let found = all.find(|attribute| attribute.key == key);
                found.map(|attribute| attribute.value.as_str())
            };
            let contract = attribute("_contract_address").unwrap_or_default();
            let Some(last) = self.seqs.get_mut(contract) else {
                continue;
            };
            let seq = attribute("seq").and_then(|seq| seq.parse::<u64>().ok());
            let Some(seq) = seq else { continue };
            *last += 1;
            if seq != *last {
                return Err(format!("event {} has number {seq}, not {last}", event.ty));
            }
        }
        Ok(())
    }

    /// Books what an accepted act has moved.
    fn note(
        &mut self,
        act: &Act,
        expected: Expected,
        claim: Vec<u128>,
        response: &AppResponse,
    ) -> Result<(), String> {
        match (act, expected) {
            (act, Expected::Sends(amount)) => self.spends(act.by(), QST, amount),
            (act, Expected::Sells(amount, sellers)) => {
                self.spends(act.by(), QST, amount);
                for (seller, amount) in sellers {
                    self.gets(seller, QST, amount);
                }
            }
            (_, Expected::Pays(who, amount)) => self.gets(who, QST, amount),
            (act, Expected::Revenue(denom, amount)) => self.spends(act.by(), denom, amount),
            (
                Act::Donate {
                    by,
                    contract,
                    denom,
                    amount,
                },
                _,
            ) => {
                self.spends(*by, *denom, *amount);
                let key = (self.contract(*contract), *denom);
                *self.donated.entry(key).or_default() += amount;
            }
            (act, Expected::Claim | Expected::ClaimOrNothing) => {
                self.note_claim(act, claim, response)?;
            }
            (Act::Delegation { by, deed }, Expected::Deed(outcome)) => {
                self.note_deed(*by, deed, outcome, response)?;
            }
            _ => {}
        }
        Ok(())
    }
}

impl Act {
    /// What is done, in a word.
    pub fn kind(&self) -> String {
        let text = match self {
            Self::Delegation { deed, .. } => format!("{deed:?}"),
            act => format!("{act:?}"),
        };
        let end = text.find([' ', '{', '(']).unwrap_or(text.len());
        text[..end].to_string()
    }

    /// Who does it.
    pub fn by(&self) -> Who {
        match self {
            Self::Time { .. } => Who(0),
            Self::Issue { by, .. }
            | Self::Transfer { by, .. }
            | Self::Operator { by, .. }
            | Self::List { by, .. }
            | Self::Delist { by, .. }
            | Self::Buy { by, .. }
            | Self::ClaimFees { by }
            | Self::Split { by, .. }
            | Self::CancelSplit { by }
            | Self::Stake { by, .. }
            | Self::Unstake { by, .. }
            | Self::PoolIn { by, .. }
            | Self::PoolOut { by, .. }
            | Self::WithdrawNamed { by, .. }
            | Self::WithdrawPage { by, .. }
            | Self::CancelLot { by, .. }
            | Self::Deposit { by, .. }
            | Self::Report { by, .. }
            | Self::Close { by, .. }
            | Self::Roll { by }
            | Self::Dispute { by, .. }
            | Self::Rule { by, .. }
            | Self::Resolve { by, .. }
            | Self::Claim { by, .. }
            | Self::Settle { by, .. }
            | Self::Compound { by, .. }
            | Self::Payee { by, .. }
            | Self::Policy { by, .. }
            | Self::RegistryParams { by, .. }
            | Self::VaultParams { by, .. }
            | Self::ShareParams { by, .. }
            | Self::CancelParams { by, .. }
            | Self::Pause { by, .. }
            | Self::Resume { by, .. }
            | Self::Donate { by, .. }
            | Self::Renounce { by, .. }
            | Self::Delegation { by, .. } => *by,
        }
    }
}

fn done(_: ()) -> Expected {
    Expected::Done
}
