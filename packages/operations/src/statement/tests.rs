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
    let text = "date,denom,price\n1970-01-01,COIN,8\n1970-01-02,COIN,2\n1970-01-03,coin,3.5\n";
    let prices = Prices::parse(text).unwrap();
    let account = &asked().accounts(&wanted(Some(&prices))).unwrap()[0];
    let lines: Vec<_> = account.lines.iter().map(|line| line.value).collect();
    assert_eq!(lines, [Some(4_000_000), Some(10_500_000), Some(14_000_000)]);
    let values = account.values.unwrap();
    assert_eq!(values.opening, 4_000_000);
    assert_eq!((values.earned, values.paid), (18_000_000, 10_500_000));
    assert_eq!(values.closing, 12_250_000);

    let refusal = |rows: &str| {
        let prices = Prices::parse(&format!("date,denom,price\n{rows}")).unwrap();
        let refusal = asked().accounts(&wanted(Some(&prices))).unwrap_err();
        refusal.to_string()
    };
    let last = refusal("1970-01-01,COIN,2\n1970-01-02,COIN,2\n");
    assert_eq!(last, "prices: there is none of COIN on 1970-01-03");
    let opening = refusal("1970-01-02,COIN,2\n1970-01-03,COIN,2\n");
    let told = "prices: there is none of COIN on 1970-01-01, the day before 1970-01-02: ";
    assert!(opening.starts_with(told), "{opening}");
}

#[test]
fn what_one_statement_closes_with_the_next_one_opens_with() {
    let rows = (1..=4).map(|day| format!("1970-01-0{day},COIN,{day}.25\n"));
    let prices = format!("date,denom,price\n{}", rows.collect::<String>());
    let prices = Prices::parse(&prices).unwrap();
    let values = |from: &str, to: &str| {
        let days = Days::parse(from, to).unwrap();
        let mut asked = asked();
        let receipts = [(1, DAY + 7, 5), (2, 2 * DAY + 7, 30)];
        let receipts = receipts
            .map(|(number, second, amount)| paid("nodes", number, When::of(second, &days), amount));
        asked.paid = receipts.into();
        let prices = Some(&prices);
        let wanted = Wanted {
            days,
            ..wanted(prices)
        };
        asked.accounts(&wanted).unwrap()[0].values.unwrap()
    };
    for (last, first) in [("1970-01-02", "1970-01-03"), ("1970-01-03", "1970-01-04")] {
        let (one, next) = (values("1970-01-01", last), values(first, "1970-01-04"));
        assert!(one.closing > 0);
        assert_eq!(one.closing, next.opening);
    }
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
