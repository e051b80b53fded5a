//! Claims against the distributor: what they should pay, what they said they would, what they paid.

use cosmwasm_std::from_json;
use cw_multi_test::AppResponse;
use noderev_api::distributor::{self, ClaimSummary};
use serde::de::DeserializeOwned;

use super::{ids, Act};
use crate::shadow::{Answer, Denom, Key, Who};
use crate::world::{World, QST};

impl World {
    pub(super) fn foresee_keys(&self, keys: Option<&[Key]>) -> Answer {
        // An empty list settles the pool stake alone.
        let Some(keys) = keys.filter(|keys| !keys.is_empty()) else {
            return Ok(());
        };
        crate::shadow::check_list(keys)?;
        keys.iter()
            .try_for_each(|key| self.shadow.key(*key).map(|_| ()))
    }

    /// What the payee of a claim held before it.
    pub(super) fn claim_before(&self, act: &Act) -> Vec<u128> {
        match self.claim_of(act) {
            Some((_, payee)) => (0..self.denoms())
                .map(|denom| self.balance(payee, denom))
                .collect(),
            None => vec![],
        }
    }

    /// What a claim of all currencies says beforehand that it would pay.
    pub(super) fn preview(&self, act: &Act) -> Option<Vec<u128>> {
        let Act::Claim {
            by,
            account,
            keys,
            denoms: None,
            ..
        } = act
        else {
            return None;
        };
        let account = self.text(account.unwrap_or(*by));
        let keys = keys.as_deref().map(ids);
        let query = distributor::QueryMsg::PreviewClaim { account, keys };
        let view = self.net.distributor();
        let answer: distributor::PreviewClaimResponse = view.try_query(&query).ok()?;
        let total = |denom| {
            let currency = self.currency(denom);
            let parts = answer.amounts.iter().filter(|part| part.denom == currency);
            parts.map(|part| part.amount.u128()).sum()
        };
        Some((0..self.denoms()).map(total).collect())
    }

    /// What was foretold was paid.
    pub(super) fn check_preview(
        &self,
        act: &Act,
        preview: Option<Vec<u128>>,
        response: &AppResponse,
    ) -> Result<(), String> {
        let Some(preview) = preview.filter(|_| matches!(act, Act::Claim { .. })) else {
            return Ok(());
        };
        let paid = paid_by_event(self, response);
        match paid == preview {
            true => Ok(()),
            false => Err(format!("the preview said {preview:?}, {paid:?} were paid")),
        }
    }

    /// Whose claim it is and who gets the money.
    fn claim_of(&self, act: &Act) -> Option<(Who, Who)> {
        match act {
            Act::Claim {
                by, account, to, ..
            } => {
                let account = account.unwrap_or(*by);
                Some((account, to.unwrap_or_else(|| self.payee(account))))
            }
            Act::Settle { by, account, .. } => {
                let account = account.unwrap_or(*by);
                Some((account, self.payee(account)))
            }
            Act::Compound { by, .. } => Some((*by, *by)),
            _ => None,
        }
    }

    pub(super) fn note_claim(
        &mut self,
        act: &Act,
        before: Vec<u128>,
        response: &AppResponse,
    ) -> Result<(), String> {
        let summary: ClaimSummary = summary(response)?;
        let (account, payee) = self.claim_of(act).ok_or("not a claim")?;
        let (keys, chosen) = match act {
            Act::Claim { keys, denoms, .. } => (keys.clone(), denoms.clone()),
            Act::Settle { keys, .. } => (keys.clone(), Some(vec![])),
            Act::Compound { keys, .. } => (keys.clone(), Some(vec![QST])),
            _ => return Err("not a claim".into()),
        };
        let whole = summary.remaining == 0;
        for (denom, before) in before.iter().enumerate() {
            let mut paid = self.balance(payee, denom).saturating_sub(*before);
            let wanted = chosen.as_ref().is_none_or(|chosen| chosen.contains(&denom));
            let owed = self.shadow.claimable(account, denom);
            if matches!(act, Act::Compound { .. }) && denom == QST {
                paid = compounded(response);
                self.shadow
                    .deposit_pool(account, paid)
                    .map_err(|why| format!("compounding {paid}: {why}"))?;
            } else if paid > 0 {
                self.gets(payee, denom, paid);
            }
            let least = match (wanted, whole, &keys) {
                (false, _, _) | (true, false, _) => 0,
                (true, true, Some(keys)) => self.shadow.claimable_with(account, keys, denom),
                (true, true, None) if summary.next => 0,
                (true, true, None) => owed,
            };
            let most = if wanted { owed } else { 0 };
            if !(least..=most).contains(&paid) {
                return Err(format!(
                    "currency {denom}: {paid} were paid, {least} to {most} are owed ({summary:?})"
                ));
            }
            self.shadow
                .pay(account, denom, paid)
                .map_err(|why| format!("currency {denom}: {why}"))?;
        }
        match keys {
            Some(keys) if whole => self.shadow.keys_settled(&keys),
            None if !summary.next => self.shadow.account_settled(account),
            _ => {} // Which keys were settled is not told.
        }
        Ok(())
    }
}

#[allow(deprecated, reason = "the field of this version of cw-multi-test")]
pub(crate) fn summary<T: DeserializeOwned>(response: &AppResponse) -> Result<T, String> {
    let data = response.data.clone().ok_or("a claim answers nothing")?;
    from_json(data).map_err(|error| format!("a claim's answer: {error}"))
}

/// What a compounding deposited, by the vault's event.
fn compounded(response: &AppResponse) -> u128 {
    let events = response.events.iter();
    let deposited = events.filter(|event| event.ty.ends_with("vault_pool_deposited"));
    let amounts = deposited.flat_map(|event| &event.attributes);
    let amount = amounts.filter(|attribute| attribute.key == "amount");
    amount
        .map(|attribute| attribute.value.parse::<u128>().unwrap_or(0))
        .sum()
}

/// What a claim paid, per currency, by the distributor's event.
fn paid_by_event(world: &World, response: &AppResponse) -> Vec<u128> {
    let events = response.events.iter();
    let paid = events.filter(|event| event.ty.ends_with("distributor_paid"));
    let amounts: Vec<&str> = paid
        .flat_map(|event| &event.attributes)
        .filter(|attribute| attribute.key == "amount")
        .map(|attribute| attribute.value.as_str())
        .collect();
    let of = |denom: Denom| {
        let currency = format!(":{}:", world.currency(denom));
        let of = amounts.iter().filter(|text| text.contains(&currency));
        of.filter_map(|text| text.rsplit(':').next()?.parse::<u128>().ok())
            .sum()
    };
    (0..world.denoms()).map(of).collect()
}
