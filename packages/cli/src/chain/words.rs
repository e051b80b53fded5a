//! Amounts and dates in sentences, and tables, for the commands of accounts.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::Table;
use cosmwasm_std::Timestamp;
use noderev_components::{Amount, Denom, DenomInfo, Epoch};
use noderev_operations::Moment;

use crate::format::{epoch_from, exact_units, minute, thousands};

/// An amount of QST: `1,000.000000 QST`.
pub(super) fn qst(amount: u128, moment: &Moment) -> String {
    format!("{} QST", exact_units(amount, moment.decimals))
}

/// When a change of stake that is asked for now counts: `counting from epoch 31, from 2026-01-01
/// 06:00 UTC`.
pub(super) fn counting(moment: &Moment) -> String {
    counting_from(moment, moment.next())
}

/// Since when something counts.
pub(super) fn counting_from(moment: &Moment, epoch: Epoch) -> String {
    format!("counting from {}", epoch_from(&moment.clock, epoch))
}

/// Until when something counts that has begun to: `to the end of epoch 30, 2026-01-01 06:00 UTC, as
/// far as counted already`.
pub(super) fn to_the_end(moment: &Moment) -> String {
    let (epoch, end) = (moment.epoch, minute(moment.boundary()));
    format!("to the end of epoch {epoch}, {end}, as far as counted already")
}

/// A contract's time.
pub(super) fn at(time: Timestamp) -> String {
    minute(time.seconds())
}

/// Amounts with the names of their currencies, those that are not zero: `1.234560 USDC, 5.000000
/// QST`; `nothing` if there are none.
pub(super) fn amounts(amounts: &[Amount], denoms: &[DenomInfo]) -> String {
    let given = amounts.iter().filter(|amount| !amount.amount.is_zero());
    let texts: Vec<String> = given.map(|amount| one(amount, denoms)).collect();
    match texts.is_empty() {
        true => "nothing".to_owned(),
        false => texts.join(", "),
    }
}

fn one(amount: &Amount, denoms: &[DenomInfo]) -> String {
    let units = amount.amount.u128();
    let info = denoms.iter().find(|info| info.denom == amount.denom);
    match info {
        Some(info) => format!(
            "{} {}",
            exact_units(units, info.decimals.into()),
            info.symbol
        ),
        None => format!("{} of {}", thousands(units), amount.denom),
    }
}

/// The same as spreadsheets take it, in smallest units without commas: `1234560 uusdc, 5 uqst`; empty if
/// there are none.
pub(super) fn plain_amounts(amounts: &[Amount]) -> String {
    let given = amounts.iter().filter(|amount| !amount.amount.is_zero());
    let texts = given.map(|one| format!("{} {}", one.amount, name(&one.denom)));
    texts.collect::<Vec<_>>().join(", ")
}

/// What the chain calls a currency: its smallest unit, or its contract's address.
pub(super) fn name(denom: &Denom) -> &str {
    match denom {
        Denom::Native(name) | Denom::Cw20(name) => name,
    }
}

/// A table with these columns.
pub(super) fn table<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header(columns);
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}

/// The first second of a network whose days begin at 06:00 UTC.
#[cfg(test)]
pub(super) fn first_second() -> Moment {
    let clock = noderev_components::EpochClock {
        start: 1_767_160_800,
        length: 86_400,
    };
    Moment {
        clock,
        now: Timestamp::from_seconds(clock.start.saturating_add(1)),
        epoch: Epoch(0),
        decimals: 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Uint128;

    #[test]
    fn amounts_have_names_and_all_their_decimals() {
        let denom = |name: &str| Denom::Native(name.into());
        let amount = |name: &str, amount: u128| Amount {
            denom: denom(name),
            amount: Uint128::new(amount),
        };
        let denoms = [DenomInfo {
            denom: denom("uusdc"),
            symbol: "USDC".into(),
            decimals: 6,
        }];
        let some = [amount("uusdc", 1_234_560), amount("x", 0), amount("y", 7)];
        let told = amounts(&some, &denoms);
        assert_eq!(told, "1.234560 USDC, 7 of native:y");
        assert_eq!(amounts(&some[1..2], &denoms), "nothing");
        assert_eq!(plain_amounts(&some), "1234560 uusdc, 7 y");
        assert_eq!(plain_amounts(&some[1..2]), "");
    }

    #[test]
    fn changes_of_stake_are_told_with_their_date() {
        let moment = first_second();
        let from = "counting from epoch 1, from 2026-01-01 06:00 UTC";
        assert_eq!(counting(&moment), from);
        let end = "to the end of epoch 0, 2026-01-01 06:00 UTC, as far as counted already";
        assert_eq!(to_the_end(&moment), end);
        assert_eq!(qst(1_500_000, &moment), "1.500000 QST");
    }
}
