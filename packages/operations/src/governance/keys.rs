//! Splits of all keys, and the end of issuance.

use noderev_api::registry::{
    ExecuteMsg, PreviewSplitResponse, QueryMsg, SplitInfo, SupplyResponse,
};
use noderev_chain::Message;

use super::{message, GovernanceError, Result};
use crate::moment::Moment;
use crate::{Contract, Contracts};

/// A split that can be announced.
#[derive(Clone, Debug)]
pub struct Split {
    /// What it does, and from when on.
    pub preview: PreviewSplitResponse,
    /// The message that announces it.
    pub message: Message,
}

/// Announces that every key is split into `factor` keys.
pub fn split(contracts: &Contracts, factor: u32) -> Result<Split> {
    let query = QueryMsg::PreviewSplit { factor };
    let preview: PreviewSplitResponse = contracts.ask_registry(&query)?;
    if let Some(reason) = preview.refusal {
        return Err(GovernanceError::Split(reason));
    }
    let order = ExecuteMsg::Split { factor };
    let message = message(contracts, Contract::Registry, &order)?;
    Ok(Split { preview, message })
}

/// A split that can be taken back.
#[derive(Clone, Debug)]
pub struct SplitCancelled {
    /// It.
    pub split: SplitInfo,
    /// The message that takes it back.
    pub message: Message,
}

/// Takes the announced split back.
pub fn cancel_split(contracts: &Contracts, moment: &Moment) -> Result<SplitCancelled> {
    let mut splits = supply(contracts)?.splits.into_iter();
    let split = splits.find(|split| split.from > moment.epoch);
    let split = split.ok_or(GovernanceError::NoSplit)?;
    let order = ExecuteMsg::CancelSplit {};
    let message = message(contracts, Contract::Registry, &order)?;
    Ok(SplitCancelled { split, message })
}

/// The end of issuance.
#[derive(Clone, Debug)]
pub struct Seal {
    /// Keys that there are, and could be.
    pub supply: SupplyResponse,
    /// The message that ends it.
    pub message: Message,
}

/// Ends issuance for ever.
pub fn seal(contracts: &Contracts) -> Result<Seal> {
    let supply = supply(contracts)?;
    if supply.sealed {
        let issued = supply.issued;
        return Err(GovernanceError::Sealed { issued });
    }
    let order = ExecuteMsg::SealIssuance {};
    let message = message(contracts, Contract::Registry, &order)?;
    Ok(Seal { supply, message })
}

fn supply(contracts: &Contracts) -> Result<SupplyResponse> {
    Ok(contracts.ask_registry(&QueryMsg::Supply { epoch: None })?)
}
