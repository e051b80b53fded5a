//! Instantiation, parameters, roles, pauses, ownership, migration.

use cosmwasm_std::{Addr, Timestamp};
use cw_ownable::{Action, Ownership};
use noderev_api::common::{
    ParamsAtResponse, PausedActivity, PausedResponse, QueuedParamsResponse, RolesResponse,
};
use noderev_api::vault::{
    Activity, ConfigResponse, ExecuteMsg, MigrateMsg, Params, QueryMsg, Role,
};
use noderev_components::Epoch;

use super::world::*;
use crate::contract::{self, CONTRACT_NAME, CONTRACT_VERSION};

fn pause(seconds: u64) -> ExecuteMsg {
    ExecuteMsg::Pause {
        activity: Activity::Staking,
        seconds,
    }
}

const RESUME: ExecuteMsg = ExecuteMsg::Resume {
    activity: Activity::Staking,
};

#[test]
fn what_works_together_is_taken_from_the_registry() {
    let mut world = World::empty();
    let response = world.instantiate(init_msg()).unwrap();
    let (kind, attributes) = events(&response).remove(0);
    assert_eq!(kind, "vault_instantiated");
    let has = |key: &str, value: &Addr| attributes.contains(&(key.into(), value.to_string()));
    assert!(has("registry", &addr("registry")) && has("qst", &addr("qst")));
    assert!(has("owner", &addr("owner")) && has("guardian", &addr("guardian")));
    assert!(has("distributor", &addr("distributor")));
    let clock = [
        ("clock_start", START * 1_000_000_000),
        ("clock_length", LENGTH),
    ];
    for (key, value) in clock {
        assert!(
            attributes.contains(&(key.into(), value.to_string())),
            "{key}"
        );
    }
    let config: ConfigResponse = world.query(QueryMsg::Config {});
    assert_eq!(config.clock.start, Timestamp::from_seconds(START));
    assert_eq!((config.clock.length, config.max_batch), (LENGTH, 100));
    assert_eq!((config.qst, config.qst_decimals), (addr("qst"), 6));
    assert_eq!(config.registry, addr("registry"));
    assert_eq!(config.distributor, addr("distributor"));
    assert_eq!(config.admin, Some(addr("admin")));
    assert_eq!(config.requirement.u128(), STAKE);
    world.split(1, 5);
    world.go_to_epoch(1);
    let config: ConfigResponse = world.query(QueryMsg::Config {});
    assert_eq!(config.requirement.u128(), STAKE / 5);
}

#[test]
fn parameters_change_at_a_boundary_after_seven_epochs() {
    let mut world = World::new();
    let params = Params {
        unbonding_period: 1,
        minimum_lock: 2,
    };
    world.go_to_epoch(3);
    let queue = ExecuteMsg::QueueParams {
        params: params.clone(),
    };
    world.execute("owner", queue.clone()).unwrap();
    assert_refused(
        world.execute("owner", queue),
        "a change of parameters already takes effect at epoch 11: cancel it first",
    );
    let queued: QueuedParamsResponse<Params> = world.query(QueryMsg::QueuedParams {});
    assert_eq!(
        (queued.from, queued.params),
        (Some(Epoch(11)), Some(params.clone()))
    );
    for (epoch, version, expected) in [(0, 0, &PARAMS), (10, 0, &PARAMS), (11, 1, &params)] {
        let answer: ParamsAtResponse<Params> = world.query(QueryMsg::ParamsAt {
            epoch: Epoch(epoch),
        });
        assert_eq!((answer.version, &answer.params), (version, expected));
    }
    world.execute("owner", ExecuteMsg::CancelParams {}).unwrap();
    assert_refused(
        world.execute("owner", ExecuteMsg::CancelParams {}),
        "no change of parameters is queued",
    );
    let queued: QueuedParamsResponse<Params> = world.query(QueryMsg::QueuedParams {});
    assert_eq!((queued.from, queued.params), (None, None));
}

#[test]
fn x13_pauses_end_by_themselves_and_are_not_strung_together() {
    let mut world = World::new();
    let paused = |world: &World| {
        let answer: PausedResponse = world.query(QueryMsg::Paused {});
        let [PausedActivity { activity, until }] = answer.activities.try_into().unwrap();
        assert_eq!(activity, "staking");
        until.map(|until| until.seconds())
    };
    assert_refused(
        world.execute("guardian", pause(0)),
        "a pause lasts 1..=1209600 s, 0 asked for",
    );
    assert_refused(
        world.execute("guardian", pause(1_209_601)),
        "a pause lasts 1..=1209600 s, 1209601 asked for",
    );
    assert_eq!(paused(&world), None);
    world.execute("owner", pause(100)).unwrap();
    assert_eq!(paused(&world), Some(START + 100));
    let again = format!(
        "staking cannot be paused again before {} (Unix seconds)",
        START + 604_900
    );
    assert_refused(world.execute("guardian", pause(100)), &again);
    assert!(world.deposit("alice", 1).is_err());
    world.go_to(START + 99);
    assert!(world.deposit("alice", 1).is_err());
    world.go_to(START + 100);
    world.deposit("alice", 1).unwrap();
    assert_refused(world.execute("guardian", RESUME), "staking is not paused");
    world.go_to(START + 604_900);
    world.execute("guardian", pause(100)).unwrap();
    world.execute("guardian", RESUME).unwrap();
    world.deposit("alice", 1).unwrap();
}

#[test]
fn the_guardian_pauses_and_the_owner_names_him() {
    let mut world = World::new();
    let set = |account: Option<&str>| ExecuteMsg::SetRole {
        role: Role::Guardian,
        account: account.map(|name| addr(name).into()),
    };
    assert!(world.execute("guardian", set(None)).is_err());
    world.execute("owner", set(None)).unwrap();
    assert_refused(
        world.execute("guardian", pause(1)),
        &format!(
            "only the owner or guardian may do this, {} is not",
            addr("guardian")
        ),
    );
    let roles: RolesResponse = world.query(QueryMsg::Roles {});
    assert_eq!(roles.roles[0].role, "owner");
    assert_eq!(roles.roles[0].accounts, [addr("owner")]);
    assert_eq!(roles.roles[1].role, "guardian");
    assert!(roles.roles[1].accounts.is_empty());
    world.execute("owner", set(Some("eve"))).unwrap();
    world.execute("eve", pause(1)).unwrap();
    let roles: RolesResponse = world.query(QueryMsg::Roles {});
    assert_eq!(roles.roles[1].accounts, [addr("eve")]);
}

#[test]
fn x11_ownership_changes_hands_in_two_steps() {
    let mut world = World::new();
    let offer = |name: &str| {
        ExecuteMsg::UpdateOwnership(Action::TransferOwnership {
            new_owner: addr(name).into(),
            expiry: None,
        })
    };
    let accept = ExecuteMsg::UpdateOwnership(Action::AcceptOwnership);
    assert!(world.execute("eve", offer("eve")).is_err());
    assert!(world.execute("eve", accept.clone()).is_err());
    world.execute("owner", offer("bob")).unwrap();
    let roles: RolesResponse = world.query(QueryMsg::Roles {});
    assert_eq!(roles.pending_owner, Some(addr("bob")));
    // Offered to another: the former candidate comes too late.
    let response = world.execute("owner", offer("carol")).unwrap();
    assert_eq!(response.attributes[0].value, "update_ownership");
    assert!(world.execute("bob", accept.clone()).is_err());
    world.execute("carol", accept).unwrap();
    let ownership: Ownership<Addr> = world.query(QueryMsg::Ownership {});
    assert_eq!(
        (ownership.owner, ownership.pending_owner),
        (Some(addr("carol")), None)
    );
    assert!(world.execute("owner", pause(1)).is_err());
}

#[test]
fn migration_takes_only_an_older_version_of_this_contract() {
    let migrate = |name: &str, version: &str| {
        let mut world = World::new();
        cw2::set_contract_version(&mut world.deps.storage, name, version).unwrap();
        contract::migrate(world.deps.as_mut(), world.env.clone(), MigrateMsg {}).map(|response| {
            // One event after the vault's first, with its number.
            let (kind, attributes) = events(&response).remove(0);
            assert_eq!(kind, "vault_migrated");
            assert!(attributes.contains(&("seq".into(), "2".into())));
            assert!(attributes.contains(&("version".into(), CONTRACT_VERSION.into())));
            cw2::get_contract_version(&world.deps.storage).unwrap()
        })
    };
    let stored = migrate(CONTRACT_NAME, "0.0.9").unwrap();
    assert_eq!(
        (stored.contract.as_str(), stored.version.as_str()),
        (CONTRACT_NAME, CONTRACT_VERSION)
    );
    assert_refused(
        migrate(CONTRACT_NAME, CONTRACT_VERSION),
        &format!("version {CONTRACT_VERSION} cannot follow version {CONTRACT_VERSION}"),
    );
    assert_refused(
        migrate("noderev:node-registry", "0.0.9"),
        "this code is noderev:staking-vault, the contract is noderev:node-registry",
    );
}
