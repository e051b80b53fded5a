//! `import stakes`: an account's stakes, from a file.

use std::path::PathBuf;

use clap::Args;
use noderev_components::KeyId;
use noderev_operations::stakes::{ensure_unsplit, StakeImport, Stakes as Wanted, Standing};
use noderev_operations::{nodes, Addresses, Contracts, Moment};
use serde_json::json;

use super::numbers::listed;
use super::session::By;
use super::words::{counting, qst};
use super::CommandError;
use crate::answer::{Answer, Exit};
use crate::format::thousands;
use crate::input::{self, StakeAction, StakeMove};

/// The stakes of a file.
#[derive(Debug, Args)]
pub(super) struct Stakes {
    /// CSV file as stakes.csv: columns epoch, account (an address), action (stake_node, unstake_node,
    /// deposit or withdraw), key and amount (smallest units of QST).
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only compare the file with the chain; exit code 1 if anything is missing, or the node of somebody
    /// else's key.
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    by: By,
}

/// The file's stakes of an account.
struct Rows {
    wanted: Wanted,
    /// Rows of epochs that have not begun.
    later: usize,
    /// The first of those epochs.
    next: Option<u64>,
}

impl Stakes {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        self.by.sending.refuse_printing()?;
        let mut session = self.by.open(json)?;
        let (contracts, account) = (session.contracts()?, session.sender()?);
        let moment = Moment::of(&contracts)?;
        ensure_unsplit(&contracts)?;
        let moves = self.read(&contracts)?;
        let rows = Rows::of(&moves, &account, moment.epoch.0.into())
            .map_err(|reason| self.refused(reason))?;
        let import = StakeImport {
            contracts: &contracts,
            account: &account,
            stakes: &rows.wanted,
        };
        let told = |standing: &Standing| rows.told(&account, standing, &moment, json);
        if self.verify {
            return Ok(told(&import.standing()?));
        }
        let standing = import.ensure_possible()?;
        let effect = effect(&rows.wanted, &standing, &moment);
        let messages = import.next(&standing)?;
        if messages.is_empty() {
            return Ok(told(&standing));
        }
        if self.by.sending.only_shows() {
            return session.send_and_tell(&effect, &messages);
        }
        session.ask(&format!("{effect}?"))?;
        let (signer, client) = session.signer()?;
        let standing = import.run(client, signer, |now| {
            let left = qst(now.need(&rows.wanted), &moment);
            eprintln!("staked; {left} are left to stake");
        })?;
        Ok(told(&standing))
    }

    fn read(&self, contracts: &Contracts) -> Result<Vec<StakeMove>, CommandError> {
        let addresses = Addresses::of(contracts.client().network());
        let check = |account: &str| addresses.check(account).map_err(|error| error.to_string());
        let stake = nodes::requirement(contracts)?;
        let moves = input::read_stakes(&self.file, stake, check);
        moves.map_err(|error| self.refused(error.to_string()))
    }

    fn refused(&self, reason: String) -> CommandError {
        let path = self.file.clone();
        CommandError::File { path, reason }
    }
}

impl Rows {
    /// What an account has staked after all its rows up to this epoch, oldest first.
    fn of(moves: &[StakeMove], account: &str, epoch: u64) -> Result<Self, String> {
        let mine = moves.iter().filter(|row| row.account == account);
        let (now, later): (Vec<_>, Vec<_>) = mine.partition(|row| row.epoch <= epoch);
        let mut wanted = Wanted::default();
        for row in now {
            add(&mut wanted, row)?;
        }
        Ok(Self {
            wanted,
            later: later.len(),
            next: later.iter().map(|row| row.epoch).min(),
        })
    }

    /// The answer: how the chain differs from the file.
    fn told(&self, account: &str, standing: &Standing, moment: &Moment, json: bool) -> Answer {
        let wanted = &self.wanted;
        let missing = standing.missing_in_pool(wanted);
        let there = standing.missing.is_empty() && standing.others.is_empty() && missing == 0;
        let exit = match there {
            true => Exit::Done,
            false => Exit::Failed,
        };
        if json {
            let text = json!({
                "account": account,
                "nodes": wanted.nodes.len(),
                "missing_nodes": standing.missing,
                "nodes_of_others": standing.others,
                "staked_still": standing.left,
                "pool": wanted.pool.to_string(),
                "pool_on_chain": standing.pool.to_string(),
                "later_rows": self.later,
                "next_epoch": self.next,
            })
            .to_string();
            return Answer { text, exit };
        }
        let mut lines = vec![format!(
            "{account} in the file: {} staked nodes, {} in the pool; on chain {} are missing, and {}",
            thousands(u128::try_from(wanted.nodes.len()).unwrap_or(u128::MAX)),
            qst(wanted.pool, moment),
            thousands(u128::try_from(standing.missing.len()).unwrap_or(u128::MAX)),
            qst(missing, moment)
        )];
        lines.extend(named("not staked", &standing.missing));
        lines.extend(named(
            "not owned by the account, so not its to stake (a row unstake_node takes a sold one out)",
            &standing.others,
        ));
        lines.extend(named(
            "still staked (`node unstake` takes it off)",
            &standing.left,
        ));
        if standing.pool > wanted.pool {
            let more = qst(standing.pool.saturating_sub(wanted.pool), moment);
            lines.push(format!("the pool has {more} more of it than the file"));
        }
        if let Some(next) = self.next {
            lines.push(format!(
                "rows of later epochs: {}, the first of epoch {next}: run this again then",
                self.later
            ));
        }
        Answer {
            text: lines.join("\n"),
            exit,
        }
    }
}

fn add(wanted: &mut Wanted, row: &StakeMove) -> Result<(), String> {
    match row.action {
        StakeAction::StakeNode { key, .. } => {
            wanted.left.remove(&KeyId(key));
            wanted.nodes.insert(KeyId(key));
        }
        StakeAction::UnstakeNode { key } => {
            wanted.nodes.remove(&KeyId(key));
            wanted.left.insert(KeyId(key));
        }
        StakeAction::Deposit { amount } => wanted.pool = wanted.pool.saturating_add(amount),
        StakeAction::Withdraw { amount } => {
            let (epoch, have) = (row.epoch, wanted.pool);
            wanted.pool = have.checked_sub(amount).ok_or_else(|| {
                format!("in epoch {epoch} {amount} units are withdrawn, of {have} in the pool")
            })?;
        }
    }
    Ok(())
}

fn named(what: &str, keys: &[KeyId]) -> Option<String> {
    let numbers = keys.iter().map(|key| u64::from(key.0));
    (!keys.is_empty()).then(|| format!("{what}: keys {}", listed(numbers)))
}

fn effect(wanted: &Wanted, standing: &Standing, moment: &Moment) -> String {
    let pool = standing.missing_in_pool(wanted);
    let keys = standing.missing.iter().map(|key| u64::from(key.0));
    let nodes = format!(
        "stake the nodes of keys {} with {} each",
        listed(keys),
        qst(standing.each, moment)
    );
    let pool = (pool > 0).then(|| format!("put {} into the pool", qst(pool, moment)));
    let parts = [(!standing.missing.is_empty()).then_some(nodes), pool];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{}, {}", parts.join(" and "), counting(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(epoch: u64, account: &str, action: StakeAction) -> StakeMove {
        let account = account.to_owned();
        StakeMove {
            epoch,
            account,
            action,
        }
    }

    #[test]
    fn rows_up_to_now_make_up_what_is_staked() {
        let stake = |key| StakeAction::StakeNode { key, amount: 100 };
        let rows = [
            row(0, "me", stake(1)),
            row(0, "me", stake(2)),
            row(0, "you", stake(3)),
            row(1, "me", StakeAction::Deposit { amount: 10 }),
            row(2, "me", StakeAction::UnstakeNode { key: 1 }),
            row(3, "me", StakeAction::Withdraw { amount: 4 }),
            row(5, "me", stake(1)),
        ];
        let at = |epoch| {
            let rows = Rows::of(&rows, "me", epoch).unwrap();
            let keys = |keys: &std::collections::BTreeSet<KeyId>| -> Vec<u32> {
                keys.iter().map(|key| key.0).collect()
            };
            let Wanted { nodes, left, pool } = &rows.wanted;
            ((keys(nodes), keys(left), *pool), (rows.later, rows.next))
        };
        assert_eq!(at(1), ((vec![1, 2], vec![], 10), (3, Some(2))));
        assert_eq!(at(3), ((vec![2], vec![1], 6), (1, Some(5))));
        assert_eq!(at(5), ((vec![1, 2], vec![], 6), (0, None)));
        let much = [row(7, "me", StakeAction::Withdraw { amount: 1 })];
        let refusal = Rows::of(&much, "me", 7).err().unwrap();
        assert_eq!(
            refusal,
            "in epoch 7 1 units are withdrawn, of 0 in the pool"
        );
    }
}
