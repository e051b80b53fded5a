//! Answers about money: solvency, deposits, payouts.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{to_json_binary, Addr, Api, Deps, Response, Uint128};
use noderev_components::{
    Account, AsOf, Books, ChartOfAccounts, Denom, Deposits, Epoch, Owed, Place, Receipt, Receipts,
    StdResult,
};

/// Where money stands that is not owed to anyone in particular yet, by name.
pub const CARRIED: [(&str, Place); 3] = [
    ("ahead", Place::Ahead),
    ("carry", Place::Carry),
    ("drip", Place::Drip),
];

/// One currency's proof that nothing is lost: `received = paid + owed + carried`.
#[cw_serde]
pub struct DenomSolvency {
    /// The currency.
    pub denom: Denom,
    /// All that ever came in.
    pub received: Uint128,
    /// All that ever went out.
    pub paid: Uint128,
    /// Owed to accounts, by bucket.
    pub owed: Vec<BucketAmount>,
    /// Not owed to anyone in particular yet: revenue ahead, carry and drip, by name.
    pub carried: Vec<BucketAmount>,
    /// Sum of `owed` and `carried`.
    pub liabilities: Uint128,
    /// What the contract holds.
    pub balance: Uint128,
    /// What it holds beyond its liabilities: plain transfers in, which change nobody's entitlement.
    pub surplus: Uint128,
    /// Whether the equation holds and the balance covers the liabilities.
    pub solvent: bool,
}

impl DenomSolvency {
    /// A currency's books beside what the contract holds of it. `owed` and `carried`: places in the
    /// books by name, which must be all that the contract uses.
    pub fn new(
        denom: Denom,
        books: &Books,
        balance: u128,
        owed: impl IntoIterator<Item = (&'static str, Place)>,
        carried: impl IntoIterator<Item = (&'static str, Place)>,
    ) -> Self {
        let named = |(bucket, place): (&str, Place)| BucketAmount {
            bucket: bucket.to_string(),
            amount: books.holds(place).into(),
        };
        let liabilities = books.liabilities();
        Self {
            denom,
            received: books.received.into(),
            paid: books.paid.into(),
            owed: owed.into_iter().map(named).collect(),
            carried: carried.into_iter().map(named).collect(),
            liabilities: liabilities.into(),
            balance: balance.into(),
            surplus: balance.saturating_sub(liabilities).into(),
            solvent: books.balanced() && balance >= liabilities,
        }
    }
}

/// A named amount.
#[cw_serde]
pub struct BucketAmount {
    /// Name of the bucket.
    pub bucket: String,
    /// Smallest units.
    pub amount: Uint128,
}

/// Answer to `solvency`.
#[cw_serde]
pub struct SolvencyResponse {
    /// One entry per currency.
    pub denoms: Vec<DenomSolvency>,
    /// When this was true.
    pub as_of: AsOf,
}

/// A deposit that is spread over epochs.
#[cw_serde]
pub struct DepositInfo {
    /// Its number, which is the number of the event that announced it.
    pub number: u64,
    /// Who deposited.
    pub depositor: Addr,
    /// The currency.
    pub denom: Denom,
    /// Smallest units.
    pub amount: Uint128,
    /// First epoch.
    pub from: Epoch,
    /// Number of epochs.
    pub over: u32,
    /// Who paid.
    pub source: String,
    /// Invoice hash or URI.
    pub reference: String,
}

impl DepositInfo {
    /// Deposits before number `before`, newest first.
    pub fn page(
        deposits: &Deposits,
        deps: Deps,
        chart: &impl ChartOfAccounts,
        before: Option<u64>,
        limit: usize,
    ) -> StdResult<Vec<Self>> {
        let page = deposits.page(deps.storage, before, limit)?.into_iter();
        page.map(|(number, deposit)| {
            Ok(Self {
                number,
                depositor: deposit.depositor.human(deps.api)?,
                denom: chart.denom(deposit.denom),
                amount: deposit.amount.into(),
                from: deposit.from,
                over: deposit.over,
                source: deposit.source,
                reference: deposit.reference,
            })
        })
        .collect()
    }
}

/// Answer to `deposits`.
#[cw_serde]
pub struct DepositsResponse {
    /// Newest first.
    pub deposits: Vec<DepositInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// An amount owed in a role.
#[cw_serde]
pub struct RoleAmount {
    /// The bucket that it is owed from, such as `nodes` or `pool`.
    pub role: String,
    /// The currency.
    pub denom: Denom,
    /// Smallest units.
    pub amount: Uint128,
}

impl RoleAmount {
    /// What is owed or was paid, by role and currency.
    pub fn list(chart: &impl ChartOfAccounts, owed: &[Owed]) -> Vec<Self> {
        let owed = owed.iter().map(|owed| Self {
            role: chart.bucket(owed.bucket).to_string(),
            denom: chart.denom(owed.denom),
            amount: owed.amount.into(),
        });
        owed.collect()
    }
}

/// What `claim`, `settle` and `compound` answer as response data (JSON).
#[cw_serde]
pub struct ClaimSummary {
    /// Keys, or delegations, settled up to the last closed epoch.
    pub settled: u32,
    /// Those looked at that need another call.
    pub remaining: u32,
    /// Whether another call would settle more of what was named, or of all if nothing was.
    pub next: bool,
}

impl ClaimSummary {
    /// The response to a message of this name, with this as its data.
    pub fn answer(&self, response: Response, action: &str) -> StdResult<Response> {
        Ok(response
            .add_attribute("action", action)
            .set_data(to_json_binary(self)?))
    }
}

/// A payout.
#[cw_serde]
pub struct ReceiptInfo {
    /// Its number, which is the number of the event that announced it.
    pub number: u64,
    /// Who received it.
    pub payee: Addr,
    /// Block height.
    pub height: u64,
    /// The first epoch that it pays for; none for what no epoch earned, such as the treasury's.
    pub from: Option<Epoch>,
    /// The first epoch after those that it pays for.
    pub until: Option<Epoch>,
    /// What was paid, per role.
    pub amounts: Vec<RoleAmount>,
}

impl ReceiptInfo {
    /// An account's receipts before number `before`, newest first.
    pub fn page(
        receipts: &Receipts,
        deps: Deps,
        chart: &impl ChartOfAccounts,
        account: &Account,
        before: Option<u64>,
        limit: usize,
    ) -> StdResult<Vec<Self>> {
        let page = receipts.page(deps.storage, account, before, limit)?;
        page.iter()
            .map(|(number, receipt)| Self::new(deps.api, chart, *number, receipt))
            .collect()
    }

    fn new(
        api: &dyn Api,
        chart: &impl ChartOfAccounts,
        number: u64,
        receipt: &Receipt,
    ) -> StdResult<Self> {
        Ok(Self {
            number,
            payee: receipt.payee.human(api)?,
            height: receipt.height,
            from: receipt.epochs.map(|epochs| epochs.from),
            until: receipt.epochs.map(|epochs| epochs.until),
            amounts: RoleAmount::list(chart, &receipt.amounts),
        })
    }
}

/// Answer to `receipts`.
#[cw_serde]
pub struct ReceiptsResponse {
    /// Newest first.
    pub receipts: Vec<ReceiptInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solvency_needs_balanced_books_and_a_balance_that_covers_them() {
        let mut books = Books::default();
        books.receive(Place::Bucket(1), 10).unwrap();
        books.receive(Place::Carry, 5).unwrap();
        let proof = |books: &Books, balance| {
            let denom = Denom::Native("coin".into());
            let owed = [("fees", Place::Bucket(1))];
            DenomSolvency::new(denom, books, balance, owed, CARRIED)
        };
        let covered = proof(&books, 17);
        assert!(covered.solvent);
        assert_eq!(
            (covered.liabilities.u128(), covered.surplus.u128()),
            (15, 2)
        );
        let amounts = covered.owed.iter().chain(&covered.carried);
        let amounts: Vec<_> = amounts
            .map(|it| (it.bucket.as_str(), it.amount.u128()))
            .collect();
        let expected = [("fees", 10), ("ahead", 0), ("carry", 5), ("drip", 0)];
        assert_eq!(amounts, expected);
        assert!(proof(&books, 15).solvent);
        assert!(!proof(&books, 14).solvent);
        books.received += 1;
        assert!(!proof(&books, 17).solvent);
    }
}
