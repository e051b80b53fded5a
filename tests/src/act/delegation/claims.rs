//! Claims and settlements: what the contract says beforehand, what it then does, and what the
//! ledger has.

use noderev_api::common::RoleAmount;
use noderev_api::delegation::{ClaimSummary, DelegationId, PreviewClaimResponse, QueryMsg};

use super::{Outcome, Payout};
use crate::act::summary;
use crate::shadow::delegation::{Id, Role};
use crate::shadow::{Answer, Who};
use crate::world::{name, World};
use cw_multi_test::AppResponse;

fn amount_as(preview: &PreviewClaimResponse, role: Role) -> u128 {
    let name = match role {
        Role::Members => "members",
        Role::Commission => "commission",
    };
    let of = |part: &&RoleAmount| part.role == name;
    let parts = preview.amounts.iter().filter(of);
    parts.map(|part| part.amount.u128()).sum()
}

impl World {
    /// What a claim comes to: the contract is asked, and refuses if the mint of that much waits.
    pub(super) fn foresee_payout(
        &mut self,
        account: Who,
        ids: Option<Vec<Id>>,
        payee: Who,
        pays: bool,
    ) -> Answer<Outcome> {
        let numbers = ids.clone();
        let numbers = numbers.map(|ids| ids.into_iter().map(DelegationId).collect());
        let query = QueryMsg::PreviewClaim {
            account: self.addr(account).into_string(),
            delegations: numbers,
        };
        let view = self.net.delegation();
        let preview: PreviewClaimResponse = match view.try_query(&query) {
            Ok(preview) => preview,
            // The claim itself must then be accepted, which shows the fault.
            Err(_) => return Ok(Outcome::Done),
        };
        let amount: u128 = Role::ALL.map(|role| amount_as(&preview, role)).iter().sum();
        if pays && amount > self.delegation.books.backed() {
            return Err("awaits the mint");
        }
        Ok(Outcome::Pays(Box::new(Payout {
            account,
            ids,
            payee,
            before: self.net.reward_balance(name(payee)),
            preview,
            pays,
        })))
    }

    /// The contract did what it had said, within what the ledger has.
    pub(super) fn note_payout(
        &mut self,
        payout: Payout,
        response: &AppResponse,
    ) -> Result<(), String> {
        let answered: ClaimSummary = summary(response)?;
        if answered != payout.preview.summary {
            let said = payout.preview.summary;
            return Err(format!("the preview said {said:?}, the claim {answered:?}"));
        }
        let mut paid = 0;
        for role in Role::ALL {
            let previewed = amount_as(&payout.preview, role);
            let (least, most) = self.bounds(&payout, &answered, role);
            if !(least..=most).contains(&previewed) {
                return Err(format!(
                    "{role:?}: {previewed} can be paid, {least} to {most} are owed ({answered:?})"
                ));
            }
            if payout.pays {
                self.delegation.pay(payout.account, role, previewed)?;
                paid += previewed;
            }
        }
        let got = self.net.reward_balance(name(payout.payee)) - payout.before;
        if got != paid {
            return Err(format!("{paid} should be paid, {got} were"));
        }
        *self.rewards.entry(payout.payee).or_default() += paid;
        let (account, whole) = (payout.account, answered.remaining == 0);
        match payout.ids {
            Some(ids) if whole => self.delegation.settle(account, &ids),
            None if !answered.next => self.delegation.account_settled(account),
            _ => {} // What was settled in part is not told.
        }
        Ok(())
    }

    fn bounds(&self, payout: &Payout, answered: &ClaimSummary, role: Role) -> (u128, u128) {
        let most = self.delegation.claimable_as(payout.account, role);
        let least = match &payout.ids {
            _ if answered.remaining > 0 => 0,
            Some(ids) => self.delegation.claimable_with(payout.account, ids, role),
            None if answered.next => 0,
            None => most,
        };
        (least, most)
    }
}
