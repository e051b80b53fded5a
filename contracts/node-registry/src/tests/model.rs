//! Random histories against a plain map of owners.

use super::*;
use cw721::msg::TokensResponse;
use noderev_api::registry::{FormerKey, FormerKeysResponse};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const NAMES: [&str; 3] = ["alice", "bob", "carol"];

#[derive(Clone, Debug)]
enum Step {
    Issue { owner: usize, count: u32 },
    Transfer { key: usize, to: usize },
    Split { factor: u32 },
    Pass { epochs: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..3usize, 1..5u32).prop_map(|(owner, count)| Step::Issue { owner, count }),
        8 => (0..1_000usize, 0..3usize)
            .prop_map(|(key, to)| Step::Transfer { key, to }),
        1 => prop::sample::select(vec![2u32, 4, 5]).prop_map(|factor| Step::Split { factor }),
        3 => (1..3u32).prop_map(|epochs| Step::Pass { epochs }),
    ]
}

/// Owners by key, one list per ended epoch and one for the running one.
#[derive(Default)]
struct Model {
    owners: Vec<usize>,
    ended: Vec<Vec<usize>>,
    pending: Option<u32>,
    former: BTreeMap<usize, BTreeSet<(u32, u32)>>,
}

impl Model {
    fn epoch(&self) -> u32 {
        u32::try_from(self.ended.len()).unwrap()
    }

    fn transfer(&mut self, index: usize, to: usize) {
        let before = self.ended.last().and_then(|owners| owners.get(index));
        let entry = (self.epoch(), u32::try_from(index + 1).unwrap());
        if let Some(before) = before {
            self.former.entry(*before).or_default().insert(entry);
        }
        self.owners[index] = to;
    }

    fn end_epoch(&mut self) {
        self.ended.push(self.owners.clone());
        if let Some(factor) = self.pending.take() {
            self.owners = self.owners.repeat(factor as usize);
        }
    }
}

fn run(world: &mut World, model: &mut Model, step: Step) {
    match step {
        Step::Issue { owner, count } => {
            world.issue(NAMES[owner], count);
            model.owners.extend(vec![owner; count as usize]);
        }
        Step::Transfer { key, to } if !model.owners.is_empty() => {
            let index = key % model.owners.len();
            let id = u32::try_from(index + 1).unwrap();
            world.transfer(NAMES[model.owners[index]], id, NAMES[to]);
            model.transfer(index, to);
        }
        Step::Transfer { .. } => {}
        Step::Split { factor } => {
            if world.send("owner", ExecuteMsg::Split { factor }).is_ok() {
                model.pending = Some(factor);
            }
        }
        Step::Pass { epochs } => {
            for _ in 0..epochs {
                model.end_epoch();
            }
            world.at_epoch(model.epoch());
        }
    }
}

fn all_tokens_of(world: &World, owner: &str, limit: u32) -> Vec<String> {
    let (mut all, mut start_after) = (vec![], None);
    loop {
        let page: TokensResponse = world.query(QueryMsg::Tokens {
            owner: who(owner).into(),
            start_after: start_after.take(),
            limit: Some(limit),
        });
        assert!(page.tokens.len() <= limit as usize);
        let Some(last) = page.tokens.last() else {
            return all;
        };
        start_after = Some(last.clone());
        all.extend(page.tokens);
    }
}

fn former_of(world: &World, owner: &str) -> Vec<(u32, u32)> {
    let (mut all, mut start_after) = (vec![], None);
    loop {
        let page: FormerKeysResponse = world.query(QueryMsg::FormerKeys {
            owner: who(owner).into(),
            start_after: start_after.take(),
            limit: Some(2),
        });
        let Some(FormerKey { until, key }) = page.keys.last() else {
            return all;
        };
        start_after = Some(FormerKey {
            until: *until,
            key: *key,
        });
        all.extend(page.keys.iter().map(|it| (it.until.0, it.key.0)));
    }
}

fn compare(world: &World, model: &Model) {
    for (owner, name) in NAMES.iter().enumerate() {
        let keys = model.owners.iter().enumerate();
        let expected: Vec<String> = keys
            .filter(|(_, it)| **it == owner)
            .map(|(index, _)| (index + 1).to_string())
            .collect();
        for limit in [1, 3, 100] {
            assert_eq!(all_tokens_of(world, name, limit), expected, "{name}");
        }
        let former: Vec<_> = model.former.get(&owner).into_iter().flatten().collect();
        assert_eq!(former_of(world, name).iter().collect::<Vec<_>>(), former);
    }
    let histories = model.ended.iter().chain([&model.owners]);
    for (epoch, owners) in histories.enumerate() {
        let all: Vec<u32> = (1..=u32::try_from(owners.len()).unwrap() + 1).collect();
        let expected = owners.iter().map(|it| Some(who(NAMES[*it]))).chain([None]);
        let mut answers = vec![];
        for keys in all.chunks(100) {
            answers.extend(world.owners_at(u32::try_from(epoch).unwrap(), keys.iter().copied()));
        }
        assert_eq!(answers, expected.collect::<Vec<_>>(), "epoch {epoch}");
    }
    let count = world.query::<cw721::msg::NumTokensResponse>(QueryMsg::NumTokens {});
    assert_eq!(count.count, model.owners.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn owners_tokens_and_former_keys_agree_with_a_plain_map(
        steps in prop::collection::vec(step(), 1..50)
    ) {
        let (mut world, mut model) = (World::new(), Model::default());
        for step in steps {
            run(&mut world, &mut model, step);
        }
        compare(&world, &model);
    }
}

#[test]
fn two_splits_with_an_issue_between() {
    let (mut world, mut model) = (World::new(), Model::default());
    // 5 keys of alice (5 mod 8 != 0), split by 2, 3 issued to bob, split by 5: 65 keys.
    let history = [
        Step::Issue { owner: 0, count: 5 },
        Step::Pass { epochs: 2 },
        Step::Split { factor: 2 },
        Step::Transfer { key: 1, to: 1 },
        Step::Pass { epochs: 1 },
        Step::Transfer { key: 7, to: 2 },
        Step::Issue { owner: 1, count: 3 },
        Step::Pass { epochs: 3 },
        Step::Split { factor: 5 },
        Step::Pass { epochs: 2 },
        Step::Transfer { key: 40, to: 0 },
        Step::Transfer { key: 20, to: 2 },
        Step::Transfer { key: 20, to: 0 },
    ];
    for step in history {
        run(&mut world, &mut model, step);
        compare(&world, &model);
    }
    assert_eq!(model.owners.len(), 65);
}

#[test]
fn an_owner_who_sold_many_children_still_gets_whole_pages() {
    let mut world = World::issued(250);
    world.ok("owner", ExecuteMsg::Split { factor: 4 });
    world.at_epoch(1);
    // All second children are sold, then all third ones of the upper half.
    for key in (251..=500).chain(625..=750) {
        world.transfer("alice", key, "bob");
    }
    let kept = all_tokens_of(&world, "alice", 100);
    let expected = (1..=250).chain(501..=624).chain(751..=1_000);
    assert_eq!(kept, expected.map(|it| it.to_string()).collect::<Vec<_>>());
    assert_eq!(all_tokens_of(&world, "bob", 7).len(), 250 + 126);
}

/// Counts what a query reads.
struct Counting<'a> {
    storage: &'a MockStorage,
    reads: std::cell::Cell<usize>,
}

impl Storage for Counting<'_> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.reads.set(self.reads.get() + 1);
        self.storage.get(key)
    }
    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = cosmwasm_std::Record> + 'a> {
        let entries = self.storage.range(start, end, order);
        Box::new(entries.inspect(|_| self.reads.set(self.reads.get() + 1)))
    }
    fn set(&mut self, _: &[u8], _: &[u8]) {
        unreachable!()
    }
    fn remove(&mut self, _: &[u8]) {
        unreachable!()
    }
}

/// The first page of an owner's keys, and how many records or entries it took to answer.
fn counted_page(world: &World, owner: &str) -> (Vec<String>, usize) {
    let storage = Counting {
        storage: &world.deps.storage,
        reads: 0.into(),
    };
    let deps = cosmwasm_std::Deps {
        storage: &storage,
        api: &world.deps.api,
        querier: cosmwasm_std::QuerierWrapper::new(&world.deps.querier),
    };
    let msg = QueryMsg::Tokens {
        owner: who(owner).into(),
        start_after: None,
        limit: Some(100),
    };
    let answer = contract::query(deps, world.env.clone(), msg).unwrap();
    let page: TokensResponse = from_json(answer).unwrap();
    (page.tokens, storage.reads.get())
}

#[test]
fn a_page_costs_the_same_however_many_children_were_sold() {
    let mut world = World::issued(1_000);
    world.ok("owner", ExecuteMsg::Split { factor: 10 });
    world.at_epoch(1);
    let (tokens, unsold) = counted_page(&world, "alice");
    assert_eq!(tokens.len(), 100);
    for key in 1..=10_000 {
        // The last key of each tile stays: tiles are never empty until the end.
        if key % 1_000 == 0 {
            let (tokens, reads) = counted_page(&world, "alice");
            assert_eq!(tokens[0], 1_000.to_string());
            // Two records at most for each of the ten pages of 1,024 keys, one for the page of
            // parents, and what every query reads.
            assert!(reads <= 21 + unsold, "{reads} reads");
            continue;
        }
        let info = message_info(&who("alice"), &[]);
        let msg = transfer(key, "bob");
        contract::execute(world.deps.as_mut(), world.env.clone(), info, msg).unwrap();
    }
    let kept: Vec<String> = (1..=10).map(|tile| (tile * 1_000).to_string()).collect();
    assert_eq!(counted_page(&world, "alice").0, kept);
    let (tokens, reads) = counted_page(&world, "bob");
    assert_eq!((tokens.len(), reads <= 21 + unsold), (100, true));
}

#[test]
fn lists_are_whole_across_pages_of_the_index_and_two_splits() {
    let (mut world, mut model) = (World::new(), Model::default());
    // 700 keys become 1,400; with 900 of bob 2,300, which become 4,600: five pages of 1,024.
    let history = [
        Step::Issue {
            owner: 0,
            count: 700,
        },
        Step::Split { factor: 2 },
        Step::Pass { epochs: 1 },
        Step::Transfer { key: 1_023, to: 2 },
        Step::Issue {
            owner: 1,
            count: 900,
        },
        Step::Split { factor: 2 },
        Step::Pass { epochs: 1 },
        Step::Transfer { key: 1_024, to: 2 },
        Step::Transfer {
            key: 2_300 + 1_023,
            to: 0,
        },
        Step::Transfer { key: 4_599, to: 2 },
    ];
    for step in history {
        run(&mut world, &mut model, step);
        for (owner, name) in NAMES.iter().enumerate() {
            let keys = model.owners.iter().enumerate();
            let expected = keys.filter(|(_, it)| **it == owner);
            let expected: Vec<_> = expected.map(|(index, _)| (index + 1).to_string()).collect();
            assert_eq!(all_tokens_of(&world, name, 100), expected, "{name}");
        }
    }
    assert_eq!(model.owners.len(), 4_600);
}
