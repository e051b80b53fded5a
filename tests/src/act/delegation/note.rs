//! What an accepted deed has come to.

use cw_multi_test::AppResponse;

use super::{Deed, Outcome};
use crate::checks::delegation::{closed_epoch, nft_faults};
use crate::shadow::Who;
use crate::world::{name, World};

impl World {
    /// Books what an accepted deed has moved, and looks at what it made.
    pub(in crate::act) fn note_deed(
        &mut self,
        by: Who,
        deed: &Deed,
        outcome: Outcome,
        response: &AppResponse,
    ) -> Result<(), String> {
        let faults = match outcome {
            Outcome::Done => self.note_unseen(deed),
            Outcome::Moved(nfts) => nfts.iter().flat_map(|nft| nft_faults(self, nft)).collect(),
            Outcome::Spends(amount) => {
                *self.rewards.entry(by).or_default() -= amount;
                vec![]
            }
            Outcome::Gives(amount) => {
                *self.rewards.entry(by).or_default() -= amount;
                self.given += amount;
                vec![]
            }
            Outcome::Creates(id) => {
                let info = self.net.delegation().delegation(id).info;
                let own = info.owner == self.addr(by);
                let count = self.net.delegation().network().delegations;
                let fits = own && count == id;
                let fault = format!("delegation {id} of {}: {info:?}", name(by));
                Vec::from_iter((!fits).then_some(fault))
            }
            Outcome::Registers(number) => {
                let count = self.net.delegation().network().validators;
                let fault = format!("validator {number}, {count} are registered");
                Vec::from_iter((count != number).then_some(fault))
            }
            Outcome::Closes(epoch) => closed_epoch(self, epoch),
            Outcome::Pays(payout) => {
                self.note_payout(*payout, response)?;
                vec![]
            }
        };
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.join("\n  ")),
        }
    }

    /// A payout that could not be previewed was made all the same.
    fn note_unseen(&self, deed: &Deed) -> Vec<String> {
        match deed {
            Deed::ClaimRewards { .. } | Deed::SettleRewards { .. } => {
                vec!["there was no preview of what was paid".into()]
            }
            _ => vec![],
        }
    }
}
