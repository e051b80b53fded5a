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
