//! `gov`: parameters with notice, pauses, roles, splits, rulings, issuance, ownership.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use noderev_api::distributor::{DisputeInfo, DisputeKind};
use noderev_components::{Epoch, KeyId};
use noderev_operations::governance::{self, Attesters, Change, InForce, Params, Queued, Waiting};
use noderev_operations::{Contract, Moment};
use serde_json::json;

use super::acting::Acting;
use super::session::read;
use super::session::By;
use super::{CommandError, Connection};
use crate::answer::Answer;
use crate::format::{epoch_from, minute, rfc3339, thousands};

/// Govern the contracts: parameters, pauses, roles, splits, rulings, ownership.
///
/// Each contract has a governance of its own. What a contract would refuse, a value out of its bounds
/// for example, is refused before anything is sent or printed, with the bounds.
#[derive(Debug, Args)]
pub struct Gov {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Print a contract's parameters as TOML (--json: JSON), which `queue` reads back, and what waits.
    Params {
        #[arg(value_enum)]
        contract: Name,
        /// Those in force in this epoch, as far as known now; the running one's if none.
        #[arg(long, value_name = "N")]
        epoch: Option<u32>,
        #[command(flatten)]
        connection: Connection,
    },
    /// Queue parameters: in force seven whole epochs after the next boundary. Owner.
    ///
    /// Shows what changes, field by field. One change of a contract waits at a time. Exit code 3 if
    /// nothing changes.
    Queue {
        #[arg(value_enum)]
        contract: Name,
        /// All parameters, as `params` prints them.
        file: PathBuf,
        #[command(flatten)]
        by: By,
    },
    /// Drop the parameters that wait. Owner.
    Cancel {
        #[arg(value_enum)]
        contract: Name,
        #[command(flatten)]
        by: By,
    },
    /// Pause an activity for a limited time. Owner or guardian.
    ///
    /// Registry: market. Vault: staking. Distributor: deposits. Delegation: staking, injections. Exits,
    /// claims and epochs are never paused. A pause ends by itself, and for 7 days after its end the
    /// activity can't be paused again.
    Pause {
        #[arg(value_enum)]
        contract: Name,
        /// What.
        activity: String,
        /// How long: a number and s, m, h or d, such as 36h; at most 14d.
        #[arg(long = "for", value_name = "DURATION", value_parser = seconds)]
        length: u64,
        #[command(flatten)]
        by: By,
    },
    /// End a pause. Owner or guardian.
    Resume {
        #[arg(value_enum)]
        contract: Name,
        /// What.
        activity: String,
        #[command(flatten)]
        by: By,
    },
    /// Fill a role, or empty it. Owner.
    ///
    /// Registry: minter, guardian, treasury. Vault: guardian. Distributor: guardian, treasury, arbiter.
    /// Delegation: guardian. At once; an arbiter seven whole epochs after the next boundary.
    Role {
        #[arg(value_enum)]
        contract: Name,
        /// Which.
        role: String,
        /// By whom; none: nobody.
        address: Option<String>,
        #[command(flatten)]
        by: By,
    },
    /// Announce that every key is split into so many: at the first boundary after the notice. Registry's
    /// owner.
    Split {
        /// 2, 4, 5, 8, 10, 16, 20 or 25; the product of all splits is at most 25.
        factor: u32,
        #[command(flatten)]
        by: By,
    },
    /// Take the announced split back, until the last epoch before it. Registry's owner.
    CancelSplit {
        #[command(flatten)]
        by: By,
    },
    /// Queue the parameters in force with other attesters, of the distributor or the delegation contract.
    /// Owner.
    ///
    /// In force seven whole epochs after the next boundary. More than half of the attesters must agree, at
    /// most all: 1 to 15 of them.
    #[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
    Attesters {
        #[arg(value_enum)]
        contract: Name,
        /// Who will attest too; can be repeated.
        #[arg(long, value_name = "ADDRESS", group = "change")]
        add: Vec<String>,
        /// Who will no longer; can be repeated.
        #[arg(long, value_name = "ADDRESS", group = "change")]
        remove: Vec<String>,
        /// How many must agree.
        #[arg(long, value_name = "M", group = "change")]
        threshold: Option<u32>,
        #[command(flatten)]
        by: By,
    },
    /// Rule on appeals and challenges of a closed epoch, before the deadline. Arbiter of that epoch.
    #[command(group = clap::ArgGroup::new("verdict").required(true))]
    Rule {
        /// The epoch.
        epoch: u32,
        /// Disputed keys, none twice, at most 150.
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<KeyId>,
        /// The appeals or challenges are right.
        #[arg(long, group = "verdict")]
        upheld: bool,
        /// They are wrong.
        #[arg(long, group = "verdict")]
        rejected: bool,
        #[command(flatten)]
        by: By,
    },
    /// Let the attesters' result stand for disputed keys without a ruling, after the deadline. Anyone.
    Resolve {
        /// The epoch.
        epoch: u32,
        /// Disputed keys, none twice, at most 150.
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<KeyId>,
        #[command(flatten)]
        by: By,
    },
    /// End the issuance of keys for ever. Minter or registry's owner.
    Seal {
        #[command(flatten)]
        by: By,
    },
    /// Hand a contract over to another owner in two steps, or give its ownership up for ever.
    Ownership {
        #[arg(value_enum)]
        contract: Name,
        #[command(subcommand)]
        step: OwnershipStep,
    },
}

#[derive(Debug, Subcommand)]
enum OwnershipStep {
    /// Offer it to an account; nothing changes until that one accepts.
    Transfer {
        /// To whom.
        address: String,
        #[command(flatten)]
        by: By,
    },
    /// Accept it.
    Accept {
        #[command(flatten)]
        by: By,
    },
    /// Give it up for ever: nobody will queue parameters, fill roles or announce splits again.
    Renounce {
        #[command(flatten)]
        by: By,
    },
}

/// One of the contracts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Name {
    /// The node registry.
    Registry,
    /// The staking vault.
    Vault,
    /// The revenue distributor.
    Distributor,
    /// The delegation contract.
    Delegation,
}

impl From<Name> for Contract {
    fn from(name: Name) -> Self {
        match name {
            Name::Registry => Self::Registry,
            Name::Vault => Self::Vault,
            Name::Distributor => Self::Distributor,
            Name::Delegation => Self::Delegation,
        }
    }
}

impl Gov {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::Params {
                contract,
                epoch,
                connection,
            } => params(contract.into(), epoch, &connection, json),
            Step::Queue { contract, file, by } => {
                let params = Params::parse(contract.into(), &read(&file)?)?;
                let at = by.act(json)?;
                let queued = governance::queue(&at.contracts, &at.moment, &params)?;
                queue(at, contract.into(), &queued)
            }
            Step::Cancel { contract, by } => cancel(by.act(json)?, contract.into()),
            Step::Pause {
                contract,
                activity,
                length,
                by,
            } => pause(by.act(json)?, contract.into(), &activity, length),
            Step::Resume {
                contract,
                activity,
                by,
            } => resume(by.act(json)?, contract.into(), &activity),
            Step::Role {
                contract,
                role,
                address,
                by,
            } => set_role(by.act(json)?, contract.into(), &role, address.as_deref()),
            Step::Split { factor, by } => split(by.act(json)?, factor),
            Step::CancelSplit { by } => cancel_split(by.act(json)?),
            Step::Attesters {
                contract,
                add,
                remove,
                threshold,
                by,
            } => {
                let change = Attesters {
                    add,
                    remove,
                    threshold,
                };
                attesters(by.act(json)?, contract.into(), &change)
            }
            Step::Rule {
                epoch,
                keys,
                upheld,
                by,
                ..
            } => rule(by.act(json)?, Epoch(epoch), &keys, upheld),
            Step::Resolve { epoch, keys, by } => resolve(by.act(json)?, Epoch(epoch), &keys),
            Step::Seal { by } => seal(by.act(json)?),
            Step::Ownership { contract, step } => ownership(contract.into(), step, json),
        }
    }
}

fn params(
    contract: Contract,
    epoch: Option<u32>,
    connection: &Connection,
    json: bool,
) -> Result<Answer, CommandError> {
    let contracts = connection.open(json)?.contracts()?;
    let moment = Moment::of(&contracts)?;
    let epoch = epoch.map_or_else(|| moment.epoch, Epoch);
    let present = governance::in_force(&contracts, contract, epoch)?;
    let waiting = governance::queued(&contracts, contract)?;
    let waiting = waiting.filter(|waiting| waiting.from > epoch);
    Ok(Answer::done(match json {
        true => params_json(contract, &moment, &present, waiting.as_ref()),
        false => params_toml(contract, &moment, &present, waiting.as_ref())?,
    }))
}

fn params_json(
    contract: Contract,
    moment: &Moment,
    present: &InForce,
    waiting: Option<&Waiting>,
) -> String {
    let begins = |epoch| rfc3339(moment.clock.start_of(epoch));
    json!({
        "contract": contract.name(),
        "epoch": present.epoch,
        "begins": begins(present.epoch),
        "version": present.version,
        "params": present.params,
        "queued": waiting.map(|waiting| json!({
            "from": waiting.from,
            "begins": begins(waiting.from),
            "params": waiting.params,
        })),
    })
    .to_string()
}

/// The parameters, and as comments what waits.
fn params_toml(
    contract: Contract,
    moment: &Moment,
    present: &InForce,
    waiting: Option<&Waiting>,
) -> Result<String, CommandError> {
    let mut lines = vec![
        format!(
            "# Parameters of the {contract} in force in {}; change number {}.",
            epoch_from(&moment.clock, present.epoch),
            present.version
        ),
        present.params.to_toml()?,
    ];
    if let Some(waiting) = waiting {
        let from = epoch_from(&moment.clock, waiting.from);
        lines.push(format!("# A change waits for {from}:"));
        let changes = waiting.params.changes_from(&present.params);
        lines.extend(changes.iter().map(|change| format!("#   {}", line(change))));
    }
    Ok(lines.join("\n"))
}

fn line(change: &Change) -> String {
    let Change {
        field,
        before,
        after,
    } = change;
    format!("{field}: {before} -> {after}")
}

fn queue(at: Acting, contract: Contract, queued: &Queued) -> Result<Answer, CommandError> {
    let changes = queued.changes.iter();
    let changes = changes.map(|change| format!("\n  {}", line(change)));
    let effect = format!(
        "change parameters of the {contract} in {}:{}",
        at.dated(queued.from),
        changes.collect::<String>()
    );
    at.send(&effect, core::slice::from_ref(&queued.message))
}

fn cancel(mut at: Acting, contract: Contract) -> Result<Answer, CommandError> {
    let (waiting, message) = governance::cancel(&at.contracts, contract)?;
    let from = at.dated(waiting.from);
    let effect = format!("drop the parameters of the {contract} that wait for {from}");
    at.session.send_and_tell(&effect, &[message])
}

fn attesters(at: Acting, contract: Contract, change: &Attesters) -> Result<Answer, CommandError> {
    let (contracts, moment) = (&at.contracts, &at.moment);
    let queued = governance::attesters(contracts, moment, contract, change)?;
    queue(at, contract, &queued)
}

fn pause(
    mut at: Acting,
    contract: Contract,
    activity: &str,
    length: u64,
) -> Result<Answer, CommandError> {
    let (contracts, moment) = (&at.contracts, &at.moment);
    let pause = governance::pause(contracts, moment, contract, activity, length)?;
    let until = minute(pause.until);
    let effect = format!("pause {activity} in the {contract} until {until}");
    at.session.send_and_tell(&effect, &[pause.message])
}

fn resume(at: Acting, contract: Contract, activity: &str) -> Result<Answer, CommandError> {
    let message = governance::resume(&at.contracts, contract, activity)?;
    let effect = format!("let {activity} in the {contract} go on at once");
    at.send(&effect, &[message])
}

fn set_role(
    at: Acting,
    contract: Contract,
    role: &str,
    account: Option<&str>,
) -> Result<Answer, CommandError> {
    let (contracts, moment) = (&at.contracts, &at.moment);
    let change = governance::set_role(contracts, moment, contract, role, account)?;
    let before = change.before.first().map_or("nobody", |one| one.as_str());
    let from = match change.from {
        Some(epoch) => format!("in {}", at.dated(epoch)),
        None => "at once".to_owned(),
    };
    let waiting = change.waiting.first();
    let waiting = waiting.map(|one| format!(", and {one} no longer waits for it"));
    let effect = format!(
        "make {} the {role} of the {contract} {from}; now it is {before}{}",
        account.unwrap_or("nobody"),
        waiting.unwrap_or_default()
    );
    at.send(&effect, &[change.message])
}

fn split(at: Acting, factor: u32) -> Result<Answer, CommandError> {
    let split = governance::split(&at.contracts, factor)?;
    let preview = &split.preview;
    let effect = format!(
        "split every key into {factor} in {}: {} keys then of at most {}, a node's stake is {}",
        at.dated(preview.from),
        thousands(preview.keys.into()),
        thousands(preview.cap.into()),
        at.qst(preview.requirement)
    );
    at.send(&effect, &[split.message])
}

fn cancel_split(mut at: Acting) -> Result<Answer, CommandError> {
    let cancelled = governance::cancel_split(&at.contracts, &at.moment)?;
    let split = &cancelled.split;
    let from = at.dated(split.from);
    let effect = format!("take back the split into {} of {from}", split.factor);
    at.session.send_and_tell(&effect, &[cancelled.message])
}

fn rule(at: Acting, epoch: Epoch, keys: &[KeyId], upheld: bool) -> Result<Answer, CommandError> {
    let ruling = governance::rule(&at.contracts, epoch, keys, upheld)?;
    let verdict = match upheld {
        true => "right",
        false => "wrong",
    };
    let listed = listed(&at, &ruling.disputes, Some(upheld));
    let effect = format!("rule that these disputes of epoch {epoch} are {verdict}:{listed}");
    at.send(&effect, &ruling.messages)
}

fn resolve(at: Acting, epoch: Epoch, keys: &[KeyId]) -> Result<Answer, CommandError> {
    let ruling = governance::resolve(&at.contracts, epoch, keys)?;
    let listed = listed(&at, &ruling.disputes, None);
    let effect = format!(
        "let the attesters' result of epoch {epoch} stand, as there was no ruling in time:{listed}"
    );
    at.send(&effect, &ruling.messages)
}

/// Disputes and what becomes of their money by this ruling; by none in time.
fn listed(at: &Acting, disputes: &[DisputeInfo], upheld: Option<bool>) -> String {
    let line = |dispute: &DisputeInfo| {
        let kind = match dispute.kind {
            DisputeKind::Appeal => "ran, by the appeal",
            DisputeKind::Challenge => "did not run, by the challenge",
        };
        format!(
            "\n  key {} {kind} of {} with {}: {}",
            dispute.key,
            dispute.by,
            at.qst(dispute.bond),
            fate(dispute.kind, upheld)
        )
    };
    disputes.iter().map(line).collect()
}

/// What becomes of a dispute's money.
const fn fate(kind: DisputeKind, upheld: Option<bool>) -> &'static str {
    match (kind, upheld) {
        (DisputeKind::Appeal, Some(true)) => "the key is paid, the bond comes back",
        (DisputeKind::Appeal, Some(false)) => "the key is not paid, the bond goes to the treasury",
        (DisputeKind::Challenge, Some(true)) => {
            "the key is not paid, the bond comes back with a tenth of what was set aside"
        }
        (DisputeKind::Challenge, Some(false)) => "the key is paid, and the bond to whom it is paid",
        (DisputeKind::Appeal, None) => "the key is not paid, the bond comes back",
        (DisputeKind::Challenge, None) => "the key is paid, the bond comes back",
    }
}

fn seal(at: Acting) -> Result<Answer, CommandError> {
    let seal = governance::seal(&at.contracts)?;
    let effect = format!(
        "end the issuance of keys at once and for ever, with {} of {} keys",
        thousands(seal.supply.issued.into()),
        thousands(seal.supply.cap.into())
    );
    at.send(&effect, &[seal.message])
}

fn ownership(contract: Contract, step: OwnershipStep, json: bool) -> Result<Answer, CommandError> {
    let (at, effect, message) = match step {
        OwnershipStep::Transfer { address, by } => {
            let at = by.act(json)?;
            let message = governance::transfer_ownership(&at.contracts, contract, &address)?;
            let effect =
                format!("offer the ownership of the {contract} to {address}, who must accept it");
            (at, effect, message)
        }
        OwnershipStep::Accept { by } => {
            let at = by.act(json)?;
            let message = governance::accept_ownership(&at.contracts, &at.sender, contract)?;
            let effect = format!("make {} the owner of the {contract} at once", at.sender);
            (at, effect, message)
        }
        OwnershipStep::Renounce { by } => {
            let at = by.act(json)?;
            let message = governance::renounce_ownership(&at.contracts, contract)?;
            let effect = format!(
                "leave the {contract} without an owner, at once and for ever: its parameters and \
                 roles can never be changed again"
            );
            (at, effect, message)
        }
    };
    at.send(&effect, &[message])
}

/// A length of time in seconds: a number and s, m, h or d.
fn seconds(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no number with s, m, h or d after it, such as 36h");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number = text.strip_suffix(unit).and_then(|text| text.parse().ok());
    let length = number.and_then(|number: u64| number.checked_mul(seconds));
    length.ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit() {
        let read = |text| seconds(text).ok();
        assert_eq!(
            ["90s", "5m", "36h", "14d"].map(read),
            [90, 300, 129_600, 1_209_600].map(Some)
        );
        for wrong in [
            "",
            "d",
            "5",
            "5 d",
            "-1d",
            "1.5h",
            "5x",
            "5dd",
            "999999999999999999d",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
