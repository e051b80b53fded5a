//! Golden storage layout, and earnings against plain loops.

use std::collections::BTreeSet;

use cosmwasm_std::testing::{message_info, mock_dependencies, mock_env, MockApi, MockStorage};
use cosmwasm_std::{
    to_json_binary, Addr, ContractResult, Deps, Order, QuerierWrapper, Storage, SystemResult,
    Timestamp, Uint128, WasmQuery,
};
use noderev_api::common::Clock;
use noderev_api::distributor::{DisputeKind, DisputeOutcome, InstantiateMsg, MigrateMsg, Params};
use noderev_api::{registry, vault};
use noderev_components::{
    buffered, buffered_query, Account, Bitmap, Denom, DenomInfo, Epoch, EpochClock, EvidenceRules,
    Fault, KeyId, Lineage, Packed, Policy, Split, StdResult,
};
use noderev_economics::{Bps, RemainderTo, RewardIndex};
use proptest::prelude::*;

use crate::contract::{instantiate, migrate, CONTRACT_NAME, CONTRACT_VERSION};
use crate::earnings::{Earnings, Pay};
use crate::execute::close::save_rows;
use crate::execute::roll::roll_page;
use crate::state::*;

#[test]
fn x16_namespaces_are_pairwise_different_and_beyond_ascii() {
    let unique: BTreeSet<u8> = NAMESPACES.iter().copied().collect();
    assert_eq!(unique.len(), NAMESPACES.len());
    assert!(unique.iter().all(|namespace| *namespace >= 0x80));
}

fn account() -> Account {
    Account::of(&MockApi::default(), &MockApi::default().addr_make("a")).unwrap()
}

/// Changing any of these bytes needs a migration.
#[test]
fn x16_record_bytes_are_frozen() {
    let bits = |ones: &[u32]| Bitmap::from_bits(9, ones.iter().copied());
    let row = Row {
        run: bits(&[0, 8]),
        staked: bits(&[0]),
        changed: bits(&[1]),
    };
    assert_eq!(row.to_packed(), [0, 9, 2, 1, 1, 1, 1, 1, 2]);
    assert_eq!(Row::from_packed(&row.to_packed()), Ok(row));
    let index = RewardIndex {
        index: 258u32.into(),
        remainder: 3,
    };
    let sum = Sum {
        staked: 256,
        unstaked: 7,
        pool: index,
    };
    assert_eq!(sum.to_packed(), [2, 1, 0, 1, 7, 2, 1, 2, 1, 3]);
    let mut key = KeyAccount {
        settled: Epoch(1),
        totals: vec![0, 9, 0],
    };
    assert_eq!(key.to_packed(), [0, 0, 0, 1, 0, 1, 9]);
    key.totals.pop();
    assert_eq!(KeyAccount::from_packed(&key.to_packed()), Ok(key));
    let pool = PoolAccount {
        settled: Epoch(1),
        fractions: vec![4],
    };
    assert_eq!(pool.to_packed(), [0, 0, 0, 1, 0, 1, 1, 4]);
    assert_eq!(
        Roll { block: 1, page: 2 }.to_packed(),
        [0, 0, 0, 1, 0, 0, 0, 2]
    );
    let round = Round {
        closed: Epoch(3),
        at: Some(At::Present(KeyId(4))),
    };
    let cursor = Cursor {
        former: Some((Epoch(1), KeyId(2))),
        round: Some(round),
    };
    let bytes = [
        1, 1, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 3, 1, 0, 0, 0, 0, 4,
    ];
    assert_eq!(cursor.to_packed(), bytes);
    assert_eq!(Cursor::from_packed(&bytes), Ok(cursor));
    let dispute = Dispute {
        kind: DisputeKind::Challenge,
        by: account(),
        bond: 1,
        outcome: DisputeOutcome::Rejected,
    };
    let bytes = dispute.to_packed();
    assert_eq!((bytes[0], bytes.last()), (1, Some(&2)));
    assert_eq!(Dispute::from_packed(&bytes), Ok(dispute));
}

fn config() -> Config {
    let api = MockApi::default();
    let token = api.addr_make("token");
    Config {
        registry: api.addr_make("registry"),
        vault: api.addr_make("vault"),
        qst: token.clone(),
        clock: EpochClock {
            start: 7,
            length: 86_400,
        },
        qst_decimals: 6,
        bond_denom: 1,
        first: Epoch(2),
        denoms: [Denom::Native("u".into()), Denom::Cw20(token.into())]
            .map(|denom| DenomInfo {
                denom,
                symbol: "S".into(),
                decimals: 3,
            })
            .into(),
    }
}

/// X12: migration is from an older version of this contract only.
#[test]
fn only_an_older_version_of_the_same_contract_is_migrated() {
    let mut deps = mock_dependencies();
    buffered(deps.as_mut(), BUNDLES, |deps| {
        save_config(deps.storage, deps.api, &config())
    })
    .unwrap();
    let mut attempt = |name: &str, version: &str| {
        cw2::set_contract_version(&mut deps.storage, name, version).unwrap();
        let result = migrate(deps.as_mut(), mock_env(), MigrateMsg {});
        result.map(drop).map_err(|error| error.to_string())
    };
    let same = format!("version {CONTRACT_VERSION} cannot follow version {CONTRACT_VERSION}");
    assert_eq!(attempt(CONTRACT_NAME, CONTRACT_VERSION), Err(same));
    let newer = format!("version {CONTRACT_VERSION} cannot follow version 99.0.0");
    assert_eq!(attempt(CONTRACT_NAME, "99.0.0"), Err(newer));
    let other = format!("this code is {CONTRACT_NAME}, the contract is noderev:vault");
    assert_eq!(attempt("noderev:vault", "0.0.1"), Err(other));
    assert_eq!(attempt(CONTRACT_NAME, "0.0.1"), Ok(()));
    let now = cw2::get_contract_version(&deps.storage).unwrap();
    assert_eq!(now.version, CONTRACT_VERSION);
}

#[test]
fn x16_config_bytes_are_frozen() {
    let (mut deps, api) = (mock_dependencies(), MockApi::default());
    let config = config();
    save_config(&mut deps.storage, &api, &config).unwrap();
    assert_eq!(load_config(deps.as_ref()), Ok(config.clone()));
    let bytes = |addr: &Addr| Account::of(&api, addr).unwrap().key();
    let parts = [
        bytes(&config.registry),
        bytes(&config.vault),
        bytes(&config.qst),
        vec![0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 1, 81, 128, 6, 1],
        vec![0, 0, 0, 2, 0, 2, 0, 0, 1, b'u', 0, 1, b'S', 3, 1],
        bytes(&config.qst),
        vec![0, 0, 0, 1, b'S', 3],
    ];
    assert_eq!(deps.storage.get(&[0x8b]), Some(parts.concat()));
}

#[test]
fn the_latest_two_sums_stand_together_and_older_ones_alone() {
    let mut storage = MockStorage::new();
    let sums = |staked| {
        vec![Sum {
            staked,
            ..Sum::default()
        }]
    };
    for epoch in 5..8u32 {
        save_sums(&mut storage, Epoch(epoch), sums(epoch.into())).unwrap();
    }
    for epoch in 5..8u32 {
        let found = load_sums(&storage, Epoch(epoch)).unwrap();
        assert_eq!(found, sums(epoch.into()));
    }
    assert!(load_sums(&storage, Epoch(4)).unwrap().is_empty());
    let alone = [0, 1, 1, 5, 0, 0, 0];
    assert_eq!(storage.get(&[0x92, 0, 0, 0, 5]), Some(alone.to_vec()));
    assert_eq!(storage.get(&[0x92, 0, 0, 0, 6]), None);
    let latest = [
        0, 2, 0, 0, 0, 6, 0, 1, 1, 6, 0, 0, 0, 0, 0, 0, 7, 0, 1, 1, 7, 0, 0, 0,
    ];
    assert_eq!(storage.get(&[0x8c]), Some(latest.to_vec()));
}

#[test]
fn only_splits_in_force_in_closed_epochs_are_kept() {
    let mut storage = MockStorage::new();
    let split = |from| Split {
        from: Epoch(from),
        factor: 2,
        keys: 9,
        grace: 1,
    };
    let all = Lineage {
        splits: vec![split(3), split(6)],
    };
    for (next, kept) in [(3, 0), (4, 1), (6, 1), (7, 2)] {
        save_lineage(&mut storage, &all, Epoch(next));
        let splits = load_lineage(&storage).unwrap().splits;
        assert_eq!(splits, all.splits[..kept]);
    }
}

/// How some keys were paid over some epochs, and what they should have earned.
#[derive(Debug)]
struct Plain {
    keys: u32,
    pays: Vec<Vec<Pay>>,
    rates: Vec<(u128, u128)>,
}

impl Plain {
    fn earned(&self, key: KeyId, from: usize, to: usize) -> u128 {
        (from..to)
            .map(|epoch| match self.pays[epoch][key.bit() as usize] {
                Pay::Nothing => 0,
                Pay::Unstaked => self.rates[epoch].1,
                Pay::Staked => self.rates[epoch].0,
            })
            .sum()
    }

    fn store(&self, storage: &mut dyn Storage) {
        let mut sum = Sum::default();
        for (epoch, pays) in (0u32..).zip(&self.pays) {
            let bits = |wanted: &dyn Fn(Pay) -> bool| {
                let ones = (0u32..).zip(pays).filter(|(_, pay)| wanted(**pay));
                Bitmap::from_bits(self.keys, ones.map(|(bit, _)| bit))
            };
            let run = bits(&|pay| pay != Pay::Nothing);
            // A node that does not run may be staked all the same.
            let staked = bits(&|pay| pay == Pay::Staked || (pay == Pay::Nothing && epoch % 3 == 0));
            save_rows(storage, Epoch(epoch), &run, &staked).unwrap();
            let (p, d) = self.rates[epoch as usize];
            sum.staked += p;
            sum.unstaked += d;
            save_sums(storage, Epoch(epoch + 1), vec![sum.clone()]).unwrap();
        }
    }
}

/// Mostly constant pay with a few changes, as in life, over 1 to 150 epochs.
fn plain() -> impl Strategy<Value = Plain> {
    let changes = prop::collection::vec((0u32..40, 0usize..150, 0u8..3), 0..80);
    let rates = prop::collection::vec((0u128..1_000, 0u128..1_000), 1..150);
    (changes, rates).prop_map(|(changes, rates)| {
        let mut pays = vec![vec![Pay::Staked; 40]; rates.len()];
        for (key, from, pay) in changes {
            let pay = [Pay::Nothing, Pay::Unstaked, Pay::Staked][usize::from(pay)];
            pays.iter_mut()
                .skip(from)
                .for_each(|epoch| epoch[key as usize] = pay);
        }
        Plain {
            keys: 40,
            pays,
            rates,
        }
    })
}

fn roll_all(storage: &mut dyn Storage, blocks: u32, keys: u32) {
    for block in 0..blocks {
        roll_page(storage, &Roll { block, page: 0 }, keys, 1).unwrap();
        save_roll(
            storage,
            &Roll {
                block: block + 1,
                page: 0,
            },
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    /// With or without written totals, in one go or in two, from any epoch to any other.
    #[test]
    fn d12_earnings_equal_a_loop_over_every_epoch(plain in plain(), rolled in 0u32..5, cut in 0usize..150, key in 0u32..40) {
        let mut storage = MockStorage::new();
        plain.store(&mut storage);
        let epochs = plain.rates.len();
        roll_all(&mut storage, rolled.min(epochs as u32 / BLOCK), plain.keys);
        let (key, cut) = (KeyId(key + 1), cut.min(epochs));
        let mut earnings = Earnings::new(&storage, 1).unwrap();
        let start = KeyAccount { settled: Epoch(0), totals: vec![] };
        let middle = earnings.advance(key, start, Epoch(cut as u32)).unwrap();
        prop_assert_eq!(&middle.totals, &vec![plain.earned(key, 0, cut)]);
        let end = earnings.advance(key, middle.clone(), Epoch(epochs as u32)).unwrap();
        prop_assert_eq!(end.settled, Epoch(epochs as u32));
        prop_assert_eq!(end.totals[0] - middle.totals[0], plain.earned(key, cut, epochs));
    }
}

/// Two pages of keys, over a block and a bit: nothing of the block is written, then its first page,
/// then both.
#[test]
fn d12_earnings_are_the_same_while_a_block_is_being_written() {
    let (keys, epochs) = (KEYS_PER_PAGE + 100, 40);
    let pay = |key: u32, epoch: u32| match (key + epoch) % 5 {
        0 => Pay::Nothing,
        1 => Pay::Unstaked,
        _ => Pay::Staked,
    };
    let pays = |epoch| (0..keys).map(|key| pay(key, epoch)).collect();
    let plain = Plain {
        keys,
        pays: (0..epochs).map(pays).collect(),
        rates: (0..u128::from(epochs)).map(|n| (1_000 + n, n)).collect(),
    };
    let mut storage = MockStorage::new();
    plain.store(&mut storage);
    let rolls = [(0, 0), (0, 1), (1, 0)].map(|(block, page)| Roll { block, page });
    for (done, roll) in rolls.iter().enumerate() {
        if let Some(before) = done.checked_sub(1) {
            roll_page(&mut storage, &rolls[before], keys, 1).unwrap();
            save_roll(&mut storage, roll);
        }
        for key in [1, 64, 65, 1_024, 1_025, 1_089, keys].map(KeyId) {
            let start = KeyAccount {
                settled: Epoch(0),
                totals: vec![],
            };
            let mut earnings = Earnings::new(&storage, 1).unwrap();
            let end = earnings.advance(key, start, Epoch(epochs)).unwrap();
            let expected = plain.earned(key, 0, epochs as usize);
            assert_eq!(end.totals, [expected], "{key:?}, {done} pages written");
        }
    }
}

/// Storage that counts what a chain would charge for reading: 1,000 and 3 per byte, of which 33
/// are the contract's prefix.
struct Metered {
    inner: MockStorage,
    gas: std::cell::Cell<u64>,
}

impl Storage for Metered {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let value = self.inner.get(key);
        let bytes = 33 + key.len() + value.as_ref().map_or(0, Vec::len);
        self.gas.set(self.gas.get() + 1_000 + 3 * bytes as u64);
        value
    }
    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.inner.set(key, value);
    }
    fn remove(&mut self, key: &[u8]) {
        self.inner.remove(key);
    }
    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a> {
        self.inner.range(start, end, order)
    }
}

/// Reading gas of settling key 1 over `epochs` epochs of a network of one page of keys.
fn reading_gas(epochs: u32, pay: impl Fn(u32) -> Pay) -> StdResult<u64> {
    let keys = KEYS_PER_PAGE;
    let pays = (0..epochs).map(|epoch| {
        let mut pays = vec![Pay::Staked; keys as usize];
        pays[0] = pay(epoch);
        pays
    });
    let plain = Plain {
        keys,
        pays: pays.collect(),
        rates: vec![(7_000_000_000, 2_000_000_000); epochs as usize],
    };
    let mut deps = mock_dependencies();
    buffered(deps.as_mut(), BUNDLES, |deps| {
        plain.store(deps.storage);
        roll_all(deps.storage, epochs / BLOCK, keys);
        Ok::<_, Fault>(())
    })?;
    let metered = Metered {
        inner: deps.storage,
        gas: Default::default(),
    };
    let asked = Deps {
        storage: &metered,
        api: &deps.api,
        querier: QuerierWrapper::new(&deps.querier),
    };
    let end = buffered_query(asked, BUNDLES, |deps| {
        let start = KeyAccount {
            settled: Epoch(0),
            totals: vec![],
        };
        Earnings::new(deps.storage, 1)?.advance(KeyId(1), start, Epoch(epochs))
    })?;
    assert_eq!(end.totals[0], plain.earned(KeyId(1), 0, epochs as usize));
    Ok(metered.gas.get())
}

/// What a claim costs beside what its keys have earned: reading what else it must know, writing what
/// it changes.
const REST: u64 = 20_000;

#[test]
fn d12_settling_400_epochs_costs_hardly_more_than_settling_one() {
    let cost = |epochs, pay: fn(u32) -> Pay| REST + reading_gas(epochs, pay).unwrap();
    let one = cost(1, |_| Pay::Staked);
    // The last block is as long as it can be without being written.
    let quiet = cost(415, |epoch| match epoch {
        50..=60 => Pay::Nothing,
        _ => Pay::Staked,
    });
    assert!(
        quiet * 2 <= one * 3,
        "one epoch {one}, 415 quiet ones {quiet}"
    );
    // An outage in it.
    let outage = cost(415, |epoch| match epoch {
        395 => Pay::Nothing,
        _ => Pay::Staked,
    });
    assert!(
        outage <= one * 3,
        "one epoch {one}, 415 with an outage {outage}"
    );
    // The worst: paid differently in every epoch of the block.
    let worst = cost(415, |epoch| match epoch % 2 {
        0 => Pay::Staked,
        _ => Pay::Nothing,
    });
    assert!(
        worst <= REST + 31 * 3_700,
        "31 epochs at the most are walked: {worst}"
    );
}

/// What instantiating says, if the registry names this distributor, the vault that one, and the
/// vault another registry.
fn refused_wiring(by_registry: &str, by_vault: &str, vaults_registry: &str) -> String {
    let api = MockApi::default();
    let name = |name: &str| match name {
        "this" => mock_env().contract.address,
        name => api.addr_make(name),
    };
    let (start, length) = (Timestamp::from_seconds(0), 86_400);
    let (qst, qst_decimals) = (name("qst"), 6);
    let registry = registry::ConfigResponse {
        name: "Keys".into(),
        symbol: "KEY".into(),
        clock: Clock { start, length },
        qst: qst.clone(),
        qst_decimals,
        vault: name("vault"),
        distributor: name(by_registry),
        admin: None,
        max_batch: 1,
        max_issue: 1,
    };
    let vault = vault::ConfigResponse {
        clock: Clock { start, length },
        qst,
        qst_decimals,
        registry: name(vaults_registry),
        distributor: name(by_vault),
        admin: None,
        requirement: Uint128::one(),
        max_batch: 1,
    };
    let mut deps = mock_dependencies();
    let at = name("registry");
    deps.querier.update_wasm(move |query| match query {
        WasmQuery::Smart { contract_addr, .. } if contract_addr == at.as_str() => {
            SystemResult::Ok(ContractResult::Ok(to_json_binary(&registry).unwrap()))
        }
        WasmQuery::Smart { .. } => {
            SystemResult::Ok(ContractResult::Ok(to_json_binary(&vault).unwrap()))
        }
        other => panic!("{other:?}"),
    });
    let text = |it: &str| name(it).into_string();
    let msg = InstantiateMsg {
        owner: text("owner"),
        guardian: None,
        treasury: text("treasury"),
        arbiter: text("arbiter"),
        registry: text("registry"),
        vault: text("vault"),
        denoms: vec![DenomInfo {
            denom: Denom::Native("uusdc".into()),
            symbol: "USDC".into(),
            decimals: 6,
        }],
        params: Params {
            network_share: Bps::new(6_000).unwrap(),
            unstaked_share: Bps::new(3_000).unwrap(),
            remainder_to: RemainderTo::AllRunning,
            evidence: EvidenceRules {
                attesters: vec![text("attester")],
                threshold: 1,
                report_window: 3_600,
                policy: Policy {
                    uri: "https://example.org".into(),
                    hash: vec![1; 32].into(),
                },
            },
            appeal_window: 0,
            ruling_window: 1,
            appeal_bond: Uint128::one(),
        },
    };
    let info = message_info(&name("owner"), &[]);
    let result = instantiate(deps.as_mut(), mock_env(), info, msg);
    let mut text = result.unwrap_err().to_string();
    for part in ["other", "registry", "this"] {
        text = text.replace(name(part).as_str(), part);
    }
    text
}

#[test]
fn a_distributor_only_joins_contracts_that_name_it_and_each_other() {
    assert_eq!(
        refused_wiring("other", "this", "registry"),
        "the registry names other as its distributor, not this"
    );
    assert_eq!(
        refused_wiring("this", "other", "registry"),
        "the vault names other as its distributor, not this"
    );
    assert_eq!(
        refused_wiring("this", "this", "other"),
        "the vault's registry is other, it must be registry"
    );
}
