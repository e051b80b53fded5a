use super::*;
use cosmwasm_std::{Addr, Uint128};
use noderev_api::common::{ReceiptInfo, RoleAmount};

const DAY: u64 = 86_400;

fn coin() -> Denom {
    Denom::Native("coin".into())
}

fn earned(role: &'static str, epoch: u32, amount: u128) -> Earned {
    Earned {
        contract: Contract::Distributor,
        role,
        epoch: Epoch(epoch),
        of: "key 1".into(),
        denom: coin(),
        amount,
    }
}

fn paid(role: &str, number: u64, when: When, amount: u128) -> Paid {
    Paid {
        contract: Contract::Distributor,
        receipt: ReceiptInfo {
            number,
            payee: Addr::unchecked("me"),
            height: number,
            from: None,
            until: None,
            amounts: vec![RoleAmount {
                role: role.into(),
                denom: coin(),
                amount: Uint128::new(amount),
            }],
        },
        when,
        other: None,
    }
}

/// Epochs from midnight to midnight, from 1970 on; 10 + 20 + 40 + 80 earned, 5 + 30 paid.
fn asked() -> Asked {
    let due = BTreeMap::from([((coin(), "nodes".to_owned()), 115)]);
    Asked {
        clock: EpochClock {
            start: 0,
            length: DAY,
        },
        currencies: vec![Currency {
            denom: coin(),
            symbol: "COIN".into(),
            decimals: 1,
        }],
        earned: (0..4)
            .map(|epoch| earned("nodes", epoch, 10 << epoch))
            .collect(),
        paid: vec![
            paid("nodes", 1, When::Before, 5),
            paid("nodes", 2, When::At(2 * DAY + 7), 30),
        ],
        due,
        treasury: false,
    }
}

fn wanted(prices: Option<&Prices>) -> Wanted<'_> {
    Wanted {
        account: "me",
        days: Days::parse("1970-01-02", "1970-01-03").unwrap(),
        prices,
    }
}

#[test]
fn opening_and_earned_less_paid_is_closing() {
    let asked = asked();
    asked.ensure_due(9).unwrap();
    let accounts = asked.accounts(&wanted(None)).unwrap();
    let account = &accounts[0];
    let sums = (
        account.opening,
        account.earned,
        account.paid,
        account.closing,
    );
    assert_eq!(sums, (5, 60, 30, 35));
    assert_eq!(account.due, 115);
    let lines = account.lines.iter();
    let lines: Vec<_> = lines
        .map(|line| {
            (
                line.kind,
                line.day.as_str(),
                line.epoch,
                line.receipt,
                line.amount,
            )
        })
        .collect();
    let expected = [
        (Kind::Earned, "1970-01-02", Some(Epoch(1)), None, 20),
        (Kind::Paid, "1970-01-03", None, Some(2), 30),
        (Kind::Earned, "1970-01-03", Some(Epoch(2)), None, 40),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn one_unit_more_or_less_than_the_contract_owes_is_an_error() {
    for (told, text) in [(114, "1 less"), (116, "1 more")] {
        let mut asked = asked();
        asked.due.insert((coin(), "nodes".into()), told);
        let error = asked.ensure_due(9).unwrap_err().to_string();
        let figures = format!(
            "native:coin, nodes: earned 150 and paid 35 in all, so 115 should be due; the contract \
             says that {told} is due ({text}) (smallest units, at height 9)"
        );
        assert!(error.starts_with(&figures), "{error}");
    }
    // The right sum in the wrong role is as wrong.
    let mut asked = asked();
    let due = asked.due.remove(&(coin(), "nodes".to_owned())).unwrap();
    asked.due.insert((coin(), "pool".into()), due);
    assert!(asked.ensure_due(9).is_err());
    // Nothing earned, something paid.
    let mut asked = super::tests::asked();
    asked.paid.push(paid("bonds", 3, When::After, 1));
    let error = asked.ensure_due(9).unwrap_err().to_string();
    assert!(error.contains("so -1 should be due"), "{error}");
}

#[test]
fn a_treasury_of_before_earned_what_it_was_paid() {
    let mut asked = asked();
    asked.paid.push(paid("treasury", 3, When::At(2 * DAY), 7));
    asked.ensure_due(9).unwrap();
    let account = &asked.accounts(&wanted(None)).unwrap()[0];
    let sums = (
        account.opening,
        account.earned,
        account.paid,
        account.closing,
    );
    assert_eq!(sums, (5, 67, 37, 35));
}

#[test]
fn lines_and_sums_have_the_value_of_their_day() {
    let text = "date,denom,price\n1970-01-02,COIN,2\n1970-01-03,coin,3.5\n";
    let prices = Prices::parse(text).unwrap();
    let account = &asked().accounts(&wanted(Some(&prices))).unwrap()[0];
    let lines: Vec<_> = account.lines.iter().map(|line| line.value).collect();
    assert_eq!(lines, [Some(4_000_000), Some(10_500_000), Some(14_000_000)]);
    let values = account.values.unwrap();
    assert_eq!(values.opening, 1_000_000);
    assert_eq!((values.earned, values.paid), (18_000_000, 10_500_000));
    assert_eq!(values.closing, 12_250_000);

    let one = Prices::parse("date,denom,price\n1970-01-02,COIN,2\n").unwrap();
    let error = asked().accounts(&wanted(Some(&one))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "prices: there is none of COIN on 1970-01-03"
    );
}

#[test]
fn nothing_is_paid_before_it_is_earned() {
    let mut asked = asked();
    asked.paid.push(paid("nodes", 1, When::Before, 6));
    let error = asked.accounts(&wanted(None)).unwrap_err().to_string();
    assert_eq!(
        error,
        "native:coin: 11 was paid before the end of 1970-01-01 and only 10 earned (smallest units)"
    );
}
