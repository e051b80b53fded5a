//! Invoices: weekly and monthly, a little more each month.

use rand::Rng;

use super::permille;
use crate::input::Revenue;

/// USDC units (10^-6 USDC) a day that make 50,000,000 USDC a year.
const USDC_A_DAY: u128 = 136_986_301_369;
/// QST units (10^-6 QST) a day that make 6,000,000 QST a year.
const QST_A_DAY: u128 = 16_438_356_164;

/// A customer with a rhythm of payment.
struct Customer {
    name: &'static str,
    /// Index of the denomination.
    denom: usize,
    /// Epochs between invoices, each spread over as many.
    period: u32,
    /// Thousandths of the denomination's revenue.
    weight: u32,
}

const CUSTOMERS: [Customer; 6] = [
    Customer {
        name: "aurora-bank",
        denom: 0,
        period: 7,
        weight: 300,
    },
    Customer {
        name: "helix-health",
        denom: 0,
        period: 7,
        weight: 180,
    },
    Customer {
        name: "kestrel-games",
        denom: 0,
        period: 7,
        weight: 120,
    },
    Customer {
        name: "northwind-telecom",
        denom: 0,
        period: 30,
        weight: 250,
    },
    Customer {
        name: "meridian-cloud",
        denom: 0,
        period: 30,
        weight: 150,
    },
    Customer {
        name: "quanta-exchange",
        denom: 1,
        period: 7,
        weight: 1_000,
    },
];

pub(super) fn deposits(epochs: u64, rng: &mut impl Rng) -> Vec<Revenue> {
    let mut rows = Vec::new();
    for customer in &CUSTOMERS {
        let period = usize::try_from(customer.period).unwrap_or(1);
        for (number, epoch) in (1_u32..).zip((0..epochs).step_by(period)) {
            rows.push(invoice(customer, number, epoch, epochs, rng));
        }
    }
    rows.sort_by_key(|row| row.epoch);
    rows
}

fn invoice(
    customer: &Customer,
    number: u32,
    epoch: u64,
    epochs: u64,
    rng: &mut impl Rng,
) -> Revenue {
    let a_day = if customer.denom == 0 {
        USDC_A_DAY
    } else {
        QST_A_DAY
    };
    let growth = epoch.saturating_mul(200).checked_div(epochs).unwrap_or(0);
    let trend = u32::try_from(growth).unwrap_or(0).saturating_add(900);
    let usual = permille(
        a_day.saturating_mul(u128::from(customer.period)),
        customer.weight,
    );
    let cents = permille(permille(usual, trend), rng.random_range(900..=1_100)) / 10_000;
    Revenue {
        epoch,
        denom: customer.denom,
        amount: cents.saturating_mul(10_000),
        source: customer.name.to_owned(),
        reference: format!("inv-{number:03}"),
        over: customer.period,
    }
}
