//! `delegation`: Delegation IDs, the NFTs in them, their members and validators.

mod nfts;
mod owner;
mod shown;
mod validators;

use core::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use noderev_api::delegation::{DelegationId, Joining};

use super::form::Form;
use super::session::By;
use super::{CommandError, Connection};
use crate::answer::Answer;
use crate::format::thousands;

/// Create delegations, stake NFTs into them, run validators for them.
///
/// What is staked, moved, released or assigned now counts from the next epoch on; what leaves counts to
/// the end of the running one.
#[derive(Debug, Args)]
pub struct Delegation {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// List all delegations.
    List {
        #[command(flatten)]
        form: Form,
        #[command(flatten)]
        connection: Connection,
    },
    /// Show a delegation with its members, approvals and validators; as CSV its members alone.
    Show {
        #[command(flatten)]
        form: Form,
        #[command(flatten)]
        id: Id,
        #[command(flatten)]
        connection: Connection,
    },
    /// Create the sender's delegation, one per account: all his undelegated NFTs go along.
    ///
    /// They must weigh enough (10,000 Quintessence unless the parameters say otherwise), and count now.
    Create(owner::Create),
    /// Change how the sender's delegation presents itself, and who may join later.
    Update(owner::Update),
    /// Change the commission of the sender's delegation.
    ///
    /// Down from the next epoch on; up seven whole epochs after the next boundary, at most 2 points, one
    /// rise at a time. Never on what is earned already.
    Commission {
        #[command(flatten)]
        id: Id,
        /// Basis points, 0 to 1000: 250 is 2.5 %.
        #[arg(value_name = "BPS")]
        commission: u16,
        #[command(flatten)]
        by: By,
    },
    /// Offer the sender's delegation to an account, which must accept it.
    Transfer {
        #[command(flatten)]
        id: Id,
        /// To whom; none takes the offer back.
        address: Option<String>,
        #[command(flatten)]
        by: By,
    },
    /// Take over a delegation that is offered to the sender.
    ///
    /// He must own none, and have in it what its owner must have. Commission counts for him from the next
    /// epoch on.
    Accept {
        #[command(flatten)]
        id: Id,
        #[command(flatten)]
        by: By,
    },
    /// Stake NFTs of the sender, into a delegation or undelegated.
    ///
    /// Shows what the delegation's members earn before and after. One NFT is sent to the contract; several
    /// are fetched by it, which it may for this one transaction. All join, or none.
    #[command(visible_alias = "join")]
    Stake {
        #[command(flatten)]
        to: To,
        #[command(flatten)]
        nfts: Nfts,
        #[command(flatten)]
        by: By,
    },
    /// Move staked NFTs of the sender to another delegation, or out of any; without any unbonding.
    Move {
        #[command(flatten)]
        to: To,
        #[command(flatten)]
        nfts: Nfts,
        #[command(flatten)]
        by: By,
    },
    /// Unstake NFTs of the sender: they stop counting at the next boundary, and can be withdrawn after it
    /// and the unbonding period.
    #[command(visible_alias = "unstake")]
    Leave {
        #[command(flatten)]
        nfts: Nfts,
        #[command(flatten)]
        by: By,
    },
    /// Take unstaked NFTs back: the named ones, or up to 150 that can be withdrawn.
    ///
    /// Exit code 3 if none can, 5 if a collection does not give one back: it can be withdrawn again.
    Withdraw {
        /// Their collection: its address, or its name in the deployment's file.
        #[arg(long, value_name = "COLLECTION", requires = "tokens")]
        collection: Option<String>,
        /// Their ids, none twice.
        #[arg(value_name = "TOKEN", requires = "collection")]
        tokens: Vec<String>,
        #[command(flatten)]
        by: By,
    },
    /// Ask a delegation's owner for approval to join. Only he sees it; joining is `stake` or `move`.
    Request {
        #[command(flatten)]
        id: Id,
        #[command(flatten)]
        by: By,
    },
    /// Let accounts join the sender's delegation, where joining takes approval.
    Approve {
        #[command(flatten)]
        id: Id,
        /// Accounts, none twice, at most 150.
        #[arg(required = true, value_name = "ADDRESS")]
        accounts: Vec<String>,
        /// Take approvals, or requests, off instead. Who is in it stays.
        #[arg(long)]
        withdraw: bool,
        #[command(flatten)]
        by: By,
    },
    /// Release members of the sender's delegation: their NFTs become undelegated at the next boundary.
    Release {
        #[command(flatten)]
        id: Id,
        /// Members, none twice, at most 150.
        #[arg(required = true, value_name = "ADDRESS")]
        accounts: Vec<String>,
        #[command(flatten)]
        by: By,
    },
    /// Register validators, assign them to delegations, take them in or send them away.
    Validator(validators::Validators),
}

/// A delegation.
#[derive(Clone, Copy, Debug, Args)]
struct Id {
    /// The delegation's number: 1, 2, ...
    #[arg(value_name = "ID")]
    id: u16,
}

impl Id {
    const fn get(self) -> DelegationId {
        DelegationId(self.id)
    }
}

/// Where NFTs go.
#[derive(Clone, Copy, Debug, Args)]
struct To {
    /// The delegation's number, or none: undelegated.
    #[arg(value_name = "ID|none")]
    to: Place,
}

/// A delegation, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(Option<DelegationId>);

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        let number = text.parse().map(|number| Self(Some(DelegationId(number))));
        number.map_err(|_| format!("`{text}` is neither a delegation's number nor none"))
    }
}

/// NFTs of one collection.
#[derive(Clone, Debug, Args)]
struct Nfts {
    /// Their collection: its address, or its name in the deployment's file.
    #[arg(long, value_name = "COLLECTION")]
    collection: String,
    /// Their ids, none twice, at most 150.
    #[arg(required = true, value_name = "TOKEN")]
    tokens: Vec<String>,
}

/// Who may join.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Door {
    /// Anyone.
    Open,
    /// Accounts that the owner has approved.
    Approval,
    /// Nobody.
    Closed,
}

impl From<Door> for Joining {
    fn from(door: Door) -> Self {
        match door {
            Door::Open => Self::Open,
            Door::Approval => Self::Approval,
            Door::Closed => Self::Closed,
        }
    }
}

impl Delegation {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self.step {
            Step::List { form, connection } => shown::list(&connection, form, json),
            Step::Show {
                form,
                id,
                connection,
            } => shown::show(&connection, id.get(), form, json),
            Step::Create(create) => create.execute(json),
            Step::Update(update) => update.execute(json),
            Step::Commission { id, commission, by } => {
                owner::commission(by.act(json)?, id.get(), commission)
            }
            Step::Transfer { id, address, by } => {
                owner::transfer(by.act(json)?, id.get(), address.as_deref())
            }
            Step::Accept { id, by } => owner::accept(by.act(json)?, id.get()),
            Step::Stake { to, nfts, by } => nfts::stake(by.act(json)?, to.to, &nfts),
            Step::Move { to, nfts, by } => nfts::move_to(by.act(json)?, to.to, &nfts),
            Step::Leave { nfts, by } => nfts::leave(by.act(json)?, &nfts),
            Step::Withdraw {
                collection,
                tokens,
                by,
            } => nfts::withdraw(by.act(json)?, collection.as_deref(), &tokens),
            Step::Request { id, by } => owner::request(by.act(json)?, id.get()),
            Step::Approve {
                id,
                accounts,
                withdraw,
                by,
            } => owner::approve(by.act(json)?, id.get(), &accounts, !withdraw),
            Step::Release { id, accounts, by } => {
                owner::release(by.act(json)?, id.get(), &accounts)
            }
            Step::Validator(validators) => validators.execute(json),
        }
    }
}

/// So many of them: `1 NFT`, `2 NFTs`.
fn several(count: usize, one: &str) -> String {
    let ending = match count {
        1 => "",
        _ => "s",
    };
    format!("{} {one}{ending}", thousands(count as u128))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        let told = [0, 1, 1_500].map(|count| several(count, "NFT"));
        assert_eq!(told, ["0 NFTs", "1 NFT", "1,500 NFTs"]);
    }

    #[test]
    fn a_place_is_a_number_or_none() {
        assert_eq!("none".parse(), Ok(Place(None)));
        assert_eq!("7".parse(), Ok(Place(Some(DelegationId(7)))));
        for wrong in ["", "None", "-1", "65536"] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}
