//! What the contracts say that they owe an account, and what they can't tell.

use std::collections::BTreeMap;
use std::fmt;

use noderev_api::common::RoleAmount;
use noderev_api::delegation::{self, MemberResponse};
use noderev_chain::Result;
use noderev_components::{Denom, KeyId};

use crate::rewards::{preview_nodes, preview_parts};
use crate::Contracts;

/// Keys that a message names.
const NAMED: usize = 10;

/// Amounts by currency and role.
pub(crate) type Amounts = BTreeMap<(Denom, String), u128>;

/// What is owed.
#[derive(Debug, Default)]
pub(crate) struct Dues {
    pub amounts: Amounts,
    /// What is not in it.
    pub unsettled: Unsettled,
}

/// What one message can't settle to the end, so that no contract can tell what is due for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsettled {
    /// Keys with more changes of owner or of pay since they were last settled.
    pub keys: Vec<KeyId>,
    /// Whether the pool stake has changed more often.
    pub pool: bool,
    /// Whether the account's delegations have.
    pub delegations: bool,
}

impl Unsettled {
    /// Whether there is anything.
    pub fn is_some(&self) -> bool {
        *self != Self::default()
    }
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.keys.iter().take(NAMED).map(KeyId::to_string);
        let named = named.collect::<Vec<_>>().join(", ");
        let keys = match self.keys.len() {
            0 => None,
            count if count > NAMED => Some(format!("{count} keys ({named}, ...)")),
            count => Some(format!("{count} keys ({named})")),
        };
        let pool = self.pool.then(|| "the pool stake".to_owned());
        let delegations = self.delegations.then(|| "delegations".to_owned());
        let all: Vec<String> = [keys, pool, delegations].into_iter().flatten().collect();
        f.write_str(&all.join(", "))
    }
}

impl Dues {
    /// What an account is owed, that of these keys included.
    pub fn ask(contracts: &Contracts, account: &str, keys: &[KeyId]) -> Result<Self> {
        let mut due = Self::default();
        let others = preview_nodes(contracts, account, Some(Vec::new()))?;
        due.unsettled.pool = others.summary.next;
        due.add(&others.amounts);
        let others = sums(&others.amounts);
        preview_parts(contracts, account, keys, |keys, told| match told {
            Some(told) => due.add_keys(&told.amounts, &others),
            None => due.unsettled.keys.extend(keys),
        })?;
        let member: MemberResponse = contracts.ask_delegation(&delegation::QueryMsg::Member {
            account: account.to_owned(),
        })?;
        due.unsettled.delegations = member.next;
        due.add(&member.claimable);
        Ok(due)
    }

    fn add(&mut self, amounts: &[RoleAmount]) {
        for one in amounts {
            self.put((one.denom.clone(), one.role.clone()), one.amount.u128());
        }
    }

    /// What keys add to what is owed without them.
    fn add_keys(&mut self, amounts: &[RoleAmount], others: &Amounts) {
        for (of, amount) in sums(amounts) {
            let other = others.get(&of).copied().unwrap_or(0);
            self.put(of, amount.saturating_sub(other));
        }
    }

    fn put(&mut self, of: (Denom, String), amount: u128) {
        let sum = self.amounts.entry(of).or_default();
        *sum = sum.saturating_add(amount);
    }
}

fn sums(amounts: &[RoleAmount]) -> Amounts {
    let mut due = Dues::default();
    due.add(amounts);
    due.amounts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unsettled_is_told_in_words() {
        let mut unsettled = Unsettled::default();
        assert!(!unsettled.is_some());
        unsettled.keys = vec![KeyId(3), KeyId(7)];
        assert_eq!(unsettled.to_string(), "2 keys (3, 7)");
        unsettled.keys = (1..=11).map(KeyId).collect();
        unsettled.pool = true;
        unsettled.delegations = true;
        let told = "11 keys (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...), the pool stake, delegations";
        assert_eq!(unsettled.to_string(), told);
        assert!(unsettled.is_some());
    }
}
