//! What owners of delegations do, and those who want to join or take one over.

use clap::Args;
use noderev_api::delegation::{DelegationId, Metadata};
use noderev_economics::Bps;
use noderev_operations::delegations;

use super::super::acting::Acting;
use super::super::dated::told_dated;
use super::super::session::By;
use super::super::{CommandError, Sent};
use super::shown::percent;
use super::{several, Door, Id};
use crate::answer::Answer;
use crate::format::thousands;

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Its name, 1 to 64 bytes.
    #[arg(long)]
    name: String,
    /// Its web page, at most 256 bytes.
    #[arg(long, default_value = "")]
    url: String,
    /// Anything else, at most 512 bytes.
    #[arg(long, default_value = "")]
    description: String,
    /// What the owner keeps of its rewards, basis points, 0 to 1000: 250 is 2.5 %.
    #[arg(long, value_name = "BPS")]
    commission: u16,
    /// Who may join.
    #[arg(long, value_enum)]
    joining: Door,
    /// Quintessence that a member must have in it after joining; 0: any.
    #[arg(long, value_name = "QUINTESSENCE", default_value_t = 0)]
    minimum: u128,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
pub(super) struct Update {
    #[command(flatten)]
    id: Id,
    /// Its name, 1 to 64 bytes.
    #[arg(long)]
    name: Option<String>,
    /// Its web page, at most 256 bytes.
    #[arg(long)]
    url: Option<String>,
    /// Anything else, at most 512 bytes.
    #[arg(long)]
    description: Option<String>,
    /// Who may join from now on.
    #[arg(long, value_enum)]
    joining: Option<Door>,
    /// Quintessence that a member must have in it after joining; 0: any.
    #[arg(long, value_name = "QUINTESSENCE")]
    minimum: Option<u128>,
    #[command(flatten)]
    by: By,
}

fn points(commission: u16) -> Result<Bps, CommandError> {
    Bps::new(commission).map_err(|error| CommandError::Usage(error.to_string()))
}

impl Create {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let setup = delegations::Setup {
            metadata: Metadata {
                name: self.name,
                url: self.url,
                description: self.description,
            },
            commission: points(self.commission)?,
            joining: self.joining.into(),
            minimum: self.minimum,
        };
        let mut at = self.by.act(json)?;
        let creation = delegations::create(&at.contracts, &at.moment, &at.sender, &setup)?;
        let effect = format!(
            "create delegation {:?} with {} Quintessence, which makes {} of {}, and a commission \
             of {} in {}",
            setup.metadata.name,
            thousands(creation.quintessence),
            several(creation.slots.into(), "slot"),
            thousands(creation.slot_size),
            percent(setup.commission),
            at.next_dated()
        );
        match at.session.send(&effect, &[creation.message])? {
            Sent::Shown(answer) => Ok(answer),
            Sent::Done(outcome) => {
                let id = outcome.field("wasm-delegation_delegation_set", "delegation");
                let told = format!("{effect}\nits number is {}", id.unwrap_or("unknown"));
                Ok(told_dated(
                    &at.session,
                    &told,
                    &at.moment,
                    Sent::Done(outcome),
                ))
            }
        }
    }
}

impl Update {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let id = self.id.get();
        let update = delegations::Update {
            name: self.name,
            url: self.url,
            description: self.description,
            joining: self.joining.map(Into::into),
            minimum: self.minimum,
        };
        let at = self.by.act(json)?;
        let message = delegations::update(&at.contracts, &at.sender, id, &update)?;
        let effect = format!("change delegation {id} at once, for whoever joins from now on");
        at.send(&effect, &[message])
    }
}

pub(super) fn commission(
    at: Acting,
    id: DelegationId,
    commission: u16,
) -> Result<Answer, CommandError> {
    let new = points(commission)?;
    let change = delegations::commission(&at.contracts, &at.moment, &at.sender, id, new)?;
    let (next, late) = (at.next_dated(), at.dated(at.moment.after_notice()));
    let from = match change.from {
        Some(epoch) => at.dated(epoch),
        None => format!("{next}, if it falls, or {late}, if it rises"),
    };
    // While the owner's part is short, no query tells the rate that will be in force again.
    let before = change
        .from
        .map(|_| format!(" from {}", percent(change.before)));
    let dropped = change.dropped.map(|waiting| {
        let (rise, epoch) = (percent(waiting.commission), at.dated(waiting.from));
        format!("; the change to {rise} that waits for {epoch} is dropped")
    });
    let effect = format!(
        "change the commission of delegation {id}{} to {} in {from}{}",
        before.unwrap_or_default(),
        percent(new),
        dropped.unwrap_or_default()
    );
    at.send(&effect, &[change.message])
}

pub(super) fn transfer(
    at: Acting,
    id: DelegationId,
    to: Option<&str>,
) -> Result<Answer, CommandError> {
    let message = delegations::transfer(&at.contracts, &at.sender, id, to)?;
    let effect = match to {
        Some(to) => format!("offer delegation {id} to {to}, who must accept it"),
        None => format!("offer delegation {id} to nobody any more"),
    };
    at.send(&effect, &[message])
}

pub(super) fn accept(at: Acting, id: DelegationId) -> Result<Answer, CommandError> {
    let (former, message) = delegations::accept(&at.contracts, &at.sender, id)?;
    let effect = format!(
        "take delegation {id} over from {former} in {}; the running epoch's commission is still his",
        at.next_dated()
    );
    at.send(&effect, &[message])
}

pub(super) fn request(at: Acting, id: DelegationId) -> Result<Answer, CommandError> {
    let (owner, message) = delegations::request(&at.contracts, id)?;
    let effect = format!("ask {owner} for approval to join delegation {id}");
    at.send(&effect, &[message])
}

pub(super) fn approve(
    at: Acting,
    id: DelegationId,
    accounts: &[String],
    approved: bool,
) -> Result<Answer, CommandError> {
    let messages = delegations::approve(&at.contracts, &at.sender, id, accounts, approved)?;
    let what = match approved {
        true => "may join from now on",
        false => "may not join any more",
    };
    let effect = format!("{what}, delegation {id}: {}", accounts.join(", "));
    at.send(&effect, &messages)
}

pub(super) fn release(
    at: Acting,
    id: DelegationId,
    accounts: &[String],
) -> Result<Answer, CommandError> {
    let messages = delegations::release(&at.contracts, &at.sender, id, accounts)?;
    let effect = format!(
        "release members of delegation {id}, whose NFTs are undelegated in {}: {}",
        at.next_dated(),
        accounts.join(", ")
    );
    at.send(&effect, &messages)
}
