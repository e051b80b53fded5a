use std::cell::Cell;

use cosmwasm_std::{to_json_vec, Addr};
use noderev_testing::{Network, QST};
use serde_json::Value;

use super::*;

/// A network's contracts, one of whose answers is told wrongly.
struct Told<'a> {
    network: &'a Network,
    /// Query, place of the figure in its answer (JSON pointer).
    wrong: Option<(&'a str, &'a str)>,
    /// How often it was, and may be.
    lies: Cell<u32>,
    most: u32,
    /// Units of each currency that the distributor should hold and does not.
    missing: u128,
}

impl<'a> Told<'a> {
    const fn rightly(network: &'a Network) -> Self {
        Self {
            network,
            wrong: None,
            lies: Cell::new(0),
            most: 1,
            missing: 0,
        }
    }

    fn address(&self, contract: Contract) -> Addr {
        let at = self.network.addresses();
        match contract {
            Contract::Registry => at.registry.clone(),
            Contract::Vault => at.vault.clone(),
            Contract::Distributor => at.distributor.clone(),
            Contract::Delegation => at.delegation.clone(),
        }
    }
}

impl Source for Told<'_> {
    fn ask<T: DeserializeOwned>(&self, contract: Contract, query: &impl Serialize) -> Result<T> {
        let query: Value = serde_json::from_slice(&to_json_vec(query).unwrap()).unwrap();
        let answer = self.network.try_query(&self.address(contract), &query);
        let mut answer: Value = answer.unwrap_or_else(|error| panic!("{query}: {error}"));
        if let Some((name, place)) = self.wrong {
            let named = format!(
                "{contract:?} {}",
                query.as_object().unwrap().keys().next().unwrap()
            );
            let figure = answer.pointer_mut(place).filter(|_| named == name);
            if let Some(figure) = figure.filter(|_| self.lies.get() < self.most) {
                *figure = wrong_one(figure);
                self.lies.set(self.lies.get() + 1);
            }
        }
        let bytes = serde_json::to_vec(&answer).unwrap();
        Ok(cosmwasm_std::from_json(bytes).unwrap())
    }

    fn held(&self, contract: Contract, denom: &Denom) -> Result<u128> {
        let held = self.network.balance(self.address(contract).as_str(), denom);
        Ok(match contract {
            Contract::Distributor => held - self.missing,
            _ => held,
        })
    }
}

/// Something else of the same kind.
fn wrong_one(figure: &Value) -> Value {
    match figure {
        Value::Bool(flag) => (!flag).into(),
        Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
        // Base64 of a bitmap: its first bit is another one.
        Value::String(text) => match text.parse::<u128>() {
            Ok(number) => (number + 1).to_string().into(),
            Err(_) => {
                let mut bits = cosmwasm_std::Binary::from_base64(text).unwrap().to_vec();
                bits[0] ^= 1;
                cosmwasm_std::Binary::from(bits).to_base64().into()
            }
        },
        other => panic!("{other}"),
    }
}

/// Four keys, of which two are staked, a pool too small, revenue of two currencies, one of it spread,
/// a missed quorum, a split, a dispute at the end; delegations with a mint and an injection.
fn network() -> Network {
    let mut network = Network::builder()
        .registry(|params| (params.split_notice, params.split_grace) = (86_400, 1))
        .build();
    let qst = network.qst();
    network.issue(&[("alice", 2), ("bob", 2)]);
    for account in ["alice", "bob", "carol"] {
        network.fund(account, &qst, 1_000_000 * QST);
    }
    network.stake_nodes("alice", &[1, 2]);
    network.deposit_pool("carol", 300_000 * QST);
    network.stake_weight("alice", 55_000, None);
    network.next_epoch();
    network.create_delegation("alice", 500);
    network.run_validators("alice", 1, 3);
    network.mint_reward("carol", 1_000_003);
    network.inject("carol", 1_000_003, 4);
    for epoch in 0..8 {
        if epoch > 0 {
            network.deposit_revenue("payer", 0, 1_000_000_007, 1);
            network.deposit_revenue("payer", 1, 100_000_001, 3);
        }
        if epoch == 3 {
            network.split(2);
        }
        // In epoch 2 nobody reports: the money drips.
        if epoch != 2 {
            network.report_all(epoch, &network.all_but(epoch, &[4]));
            network.report_all_eligible(epoch);
        }
        if epoch == 7 {
            network.appeal("bob", epoch, &[4]);
        }
        network.close_when_due(epoch);
        network.wait_until_advance(epoch);
        network.advance(epoch);
    }
    network
}

fn findings(network: &Network, wrong: Option<(&str, &str)>) -> Audit {
    // Books that are wrong are asked for again.
    let books = wrong.is_some_and(|(query, _)| query.ends_with(" solvency"));
    let most = if books { 5 } else { 1 };
    let told = Told {
        wrong,
        most,
        ..Told::rightly(network)
    };
    let audit = audit(&told, |_, _| ()).unwrap();
    let expected = if wrong.is_some() { most } else { 0 };
    assert_eq!(told.lies.get(), expected, "{wrong:?}");
    audit
}

#[test]
fn money_that_moves_between_two_questions_is_no_finding() {
    let network = network();
    for (most, wrong) in [(4, 0), (5, 1)] {
        let told = Told {
            wrong: Some(("Registry solvency", "/denoms/0/balance")),
            most,
            ..Told::rightly(&network)
        };
        let found = audit(&told, |_, _| ()).unwrap().findings;
        assert_eq!(found.len(), wrong, "{found:?}");
    }
}

#[test]
fn what_contracts_tell_comes_out_again() {
    let network = network();
    let audit = findings(&network, None);
    assert_eq!(audit.findings, []);
    assert_eq!((audit.closed, audit.advanced), (8, 8));
    assert!(audit.compared > 400, "{}", audit.compared);
}

#[test]
fn every_figure_told_wrongly_is_found() {
    let network = network();
    let epoch = |figure: &str| format!("/epochs/0/{figure}");
    let money = |figure: &str| format!("/epochs/0/money/0/{figure}");
    let mut lies = Vec::new();
    for figure in [
        "keys",
        "quorum",
        "running",
        "held",
        "unstaked",
        "pool_stake",
        "requirement",
        "params_version",
    ] {
        lies.push(("Distributor epochs", epoch(figure)));
    }
    for figure in [
        "revenue",
        "network",
        "treasury",
        "carry_in",
        "drip_in",
        "pot",
        "per_node",
        "unstaked",
        "remainder",
        "staked_rate",
        "unstaked_rate",
        "pool",
        "held",
        "carry_out",
    ] {
        lies.push(("Distributor epochs", money(figure)));
    }
    // The third newest of eight is the one without a quorum.
    lies.push((
        "Distributor epochs",
        "/epochs/5/money/0/drip_out".to_owned(),
    ));
    for figure in [
        "quorum",
        "eligible",
        "captured",
        "slots",
        "mint",
        "injected",
        "carry_in",
        "drip_in",
        "pool",
        "per_slot",
        "rewards",
        "minted",
        "carry_out",
        "slot_size",
        "params_version",
    ] {
        lies.push(("Delegation epochs", epoch(figure)));
    }
    for (query, place) in [
        ("Registry supply", "/issued"),
        ("Vault staked_nodes", "/bitmap"),
        ("Vault pool", "/counted"),
        ("Distributor deposits", "/deposits/0/amount"),
        ("Distributor params_at", "/version"),
        ("Distributor network", "/next_close"),
        ("Delegation injections", "/deposits/0/amount"),
        ("Delegation network", "/next_close"),
        ("Delegation history", "/epochs/0/slots"),
        ("Registry solvency", "/denoms/0/received"),
        ("Vault solvency", "/denoms/0/balance"),
        ("Vault solvency", "/denoms/0/solvent"),
        ("Distributor solvency", "/denoms/0/received"),
        ("Distributor solvency", "/denoms/1/paid"),
        ("Distributor solvency", "/denoms/0/carried/0/amount"),
        ("Delegation solvency", "/denoms/0/liabilities"),
    ] {
        lies.push((query, place.to_owned()));
    }
    for (query, place) in &lies {
        let audit = findings(&network, Some((query, place)));
        assert!(!audit.findings.is_empty(), "{query} {place} is not found");
    }
    let lie = ("Delegation epochs", "/epochs/0/captured");
    let found = findings(&network, Some(lie)).findings;
    assert!(found.iter().any(|one| one.figure == "captured slots"));
}

#[test]
fn one_attester_alone_cannot_be_misquoted_unnoticed() {
    // Two of three make the quorum: one report told differently shows as another result only if it
    // was needed.
    let network = network();
    let told = |lies: u32| {
        let place = format!("/reports/{lies}/bitmap");
        let lie = ("Distributor evidence", place.as_str());
        findings(&network, Some(lie)).findings.len()
    };
    assert_eq!(told(0), 0, "the other two agree");
}

/// Revenue in every epoch; key 3 is said not to run in epochs 1 and 2, and appeals: rightly in epoch
/// 1, wrongly in epoch 2. Key 1 is challenged rightly in epoch 3. Each ends before the next close but
/// that of epoch 2, which ends two epochs later.
fn disputed_network() -> Network {
    let mut network = Network::builder().build();
    let qst = network.qst();
    network.issue(&[("alice", 2), ("bob", 2)]);
    for account in ["alice", "bob", "carol", "dave"] {
        network.fund(account, &qst, 1_000_000 * QST);
    }
    network.stake_nodes("alice", &[1, 2]);
    network.deposit_pool("carol", 300_000 * QST);
    network.next_epoch();
    for epoch in 0..7 {
        if epoch > 0 {
            network.deposit_revenue("payer", 0, 1_000_000_007, 1);
        }
        let missing: &[u32] = if matches!(epoch, 1 | 2) { &[3] } else { &[] };
        network.report_all(epoch, &network.all_but(epoch, missing));
        match epoch {
            1 | 2 => drop(network.appeal("bob", epoch, &[3])),
            3 => drop(network.challenge("dave", epoch, &[1])),
            _ => {}
        }
        network.close_when_due(epoch);
        match epoch {
            1 => drop(network.rule(1, &[3], true)),
            3 => drop(network.rule(3, &[1], true)),
            4 => drop(network.rule(2, &[3], false)),
            _ => {}
        }
    }
    network
}

#[test]
fn what_disputes_release_is_carried_and_no_more() {
    let network = disputed_network();
    assert_eq!(findings(&network, None).findings, []);
    // Where all that was released is in the pots, one unit more is one too many: newest first, epochs 6
    // and 5, and epoch 2 after the ruling on epoch 1.
    for at in [0, 1, 4] {
        let place = format!("/epochs/{at}/money/0/carry_in");
        let lie = ("Distributor epochs", place.as_str());
        let found = findings(&network, Some(lie)).findings;
        let carried = found.iter().filter(|one| one.figure == "carried in");
        assert!(carried.count() > 0, "{at}: {found:?}");
    }
}

#[test]
fn money_that_is_missing_is_found() {
    let network = network();
    let told = Told {
        missing: 1,
        ..Told::rightly(&network)
    };
    let found = audit(&told, |_, _| ()).unwrap().findings;
    let figures = found.iter().map(|one| one.figure.as_str());
    let figures: Vec<_> = figures.filter(|figure| *figure != "balance").collect();
    assert_eq!(figures, ["balance covers liabilities"; 2], "{found:?}");
}
