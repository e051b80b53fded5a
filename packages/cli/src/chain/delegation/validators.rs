//! `delegation validator`: servers for the slots.

use clap::{Args, Subcommand};
use noderev_api::delegation::{DelegationId, ValidatorId};
use noderev_chain::Message;
use noderev_operations::delegations;

use super::super::acting::Acting;
use super::super::form::Form;
use super::super::session::By;
use super::super::{CommandError, Connection, Sent};
use super::{shown, Id, To};
use crate::answer::Answer;

/// Register validators, assign them to delegations, take them in or send them away.
#[derive(Debug, Args)]
pub(super) struct Validators {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// List validators: those of a delegation and those that ask for it, or all.
    List {
        /// The delegation's number.
        id: Option<u16>,
        #[command(flatten)]
        form: Form,
        #[command(flatten)]
        connection: Connection,
    },
    /// Register a validator; the sender is its operator.
    Register {
        /// What identifies the server, such as its public key; 1 to 128 bytes.
        #[arg(id = "server", value_name = "NODE")]
        node: String,
        #[command(flatten)]
        by: By,
    },
    /// Ask a delegation's owner to take the sender's validator, or take it out of any. At once if the
    /// sender owns the delegation.
    Assign {
        /// The validator's number.
        validator: u32,
        #[command(flatten)]
        to: To,
        #[command(flatten)]
        by: By,
    },
    /// Take validators that ask for the sender's delegation. It holds at most 2 * slots + 2.
    Accept(Several),
    /// Send validators of the sender's delegation away, or decline what they ask.
    Remove(Several),
    /// Take seats back for which a delegation has no room any more. Anyone.
    Evict(Several),
}

/// Validators of a delegation.
#[derive(Debug, Args)]
struct Several {
    #[command(flatten)]
    id: Id,
    /// The validators' numbers, none twice, at most 150.
    #[arg(required = true, value_name = "VALIDATOR")]
    validators: Vec<u32>,
    #[command(flatten)]
    by: By,
}

impl Several {
    /// Sends the messages that `plan` makes.
    fn send(
        self,
        json: bool,
        what: &str,
        plan: impl Fn(&Acting, DelegationId, &[ValidatorId]) -> Planned,
    ) -> Result<Answer, CommandError> {
        let at = self.by.act(json)?;
        let ids: Vec<_> = self.validators.iter().copied().map(ValidatorId).collect();
        let messages = plan(&at, self.id.get(), &ids)?;
        let numbers = self.validators.iter().map(ToString::to_string);
        let effect = format!(
            "{what} delegation {} in {}: validators {}",
            self.id.get(),
            at.next_dated(),
            numbers.collect::<Vec<_>>().join(", ")
        );
        at.send(&effect, &messages)
    }
}

type Planned = Result<Vec<Message>, delegations::DelegationError>;

impl Validators {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::List {
                id,
                form,
                connection,
            } => shown::validators(&connection, id.map(DelegationId), form, json),
            Step::Register { node, by } => register(by.act(json)?, &node),
            Step::Assign { validator, to, by } => {
                assign(by.act(json)?, ValidatorId(validator), to.to.0)
            }
            Step::Accept(several) => several.send(json, "take in", |at, id, validators| {
                delegations::accept_validators(&at.contracts, &at.sender, id, validators)
            }),
            Step::Remove(several) => several.send(json, "send away from", |at, id, validators| {
                delegations::remove_validators(&at.contracts, &at.sender, id, validators)
            }),
            Step::Evict(several) => several.send(json, "evict from", |at, id, validators| {
                delegations::evict_validators(&at.contracts, id, validators)
            }),
        }
    }
}

fn register(mut at: Acting, node: &str) -> Result<Answer, CommandError> {
    let message = delegations::register_validator(&at.contracts, node)?;
    let effect = format!("register validator {node:?}, run by {}, at once", at.sender);
    match at.session.send(&effect, &[message])? {
        Sent::Shown(answer) => Ok(answer),
        Sent::Done(outcome) => {
            let id = outcome.field("wasm-delegation_validator_registered", "validator");
            let told = format!("{effect}\nits number is {}", id.unwrap_or("unknown"));
            Ok(at.session.done(&told, &outcome))
        }
    }
}

fn assign(
    at: Acting,
    validator: ValidatorId,
    to: Option<DelegationId>,
) -> Result<Answer, CommandError> {
    let assignment = delegations::assign_validator(&at.contracts, &at.sender, validator, to)?;
    let next = at.next_dated();
    let effect = match (to, assignment.asks) {
        (Some(to), Some(owner)) => {
            format!("ask {owner} to take validator {validator} into delegation {to}")
        }
        (Some(to), None) => format!("assign validator {validator} to delegation {to} in {next}"),
        (None, _) => format!("take validator {validator} out of any delegation in {next}"),
    };
    at.send(&effect, &[assignment.message])
}
