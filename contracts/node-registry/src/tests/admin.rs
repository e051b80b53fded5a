use super::*;
use cw_ownable::Action;
use noderev_api::common::{
    DueResponse, ParamsAtResponse, PausedResponse, QueuedParamsResponse, RolesResponse,
};
use noderev_api::registry::{Activity, ConfigResponse, MigrateMsg, Role};

fn role(role: Role, account: Option<&str>) -> ExecuteMsg {
    ExecuteMsg::SetRole {
        role,
        account: account.map(|name| who(name).into()),
    }
}

#[track_caller]
fn instantiation_refused(change: impl Fn(&mut InstantiateMsg), text: &str) {
    let mut msg = instantiate_msg();
    change(&mut msg);
    let error = World::empty().instantiate(msg).unwrap_err();
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_registry_is_created_as_told() {
    let world = World::new();
    let config: ConfigResponse = world.query(QueryMsg::Config {});
    assert_eq!(config.name, "Node keys");
    assert_eq!(config.qst_decimals, 6);
    assert_eq!(config.admin, Some(who("admin")));
    assert_eq!((config.max_batch, config.max_issue), (100, 1_000));
    let roles: RolesResponse = world.query(QueryMsg::Roles {});
    let roles: Vec<_> = roles
        .roles
        .into_iter()
        .map(|it| (it.role, it.accounts))
        .collect();
    let expected = ["owner", "minter", "guardian", "treasury"];
    assert_eq!(
        roles,
        expected.map(|name| (name.to_string(), vec![who(name)]))
    );
    let version = cw2::get_contract_version(&world.deps.storage).unwrap();
    assert_eq!(version.contract, "noderev:node-registry");
    assert_eq!(version.version, env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_first_event_tells_what_is_fixed() {
    let mut world = World::empty();
    let response = world.instantiate(instantiate_msg()).unwrap();
    let created = event(&response, "instantiated");
    for (key, value) in [
        ("name", "Node keys"),
        ("symbol", "NODE"),
        ("clock_start", "1000000000000000"),
        ("clock_length", "100"),
        ("market_fee", "250"),
    ] {
        assert_eq!(attribute(created, key), value);
    }
    let accounts = ["owner", "minter", "treasury", "guardian"];
    for name in accounts.into_iter().chain(["qst", "vault", "distributor"]) {
        assert_eq!(attribute(created, name), who(name).as_str());
    }
}

#[test]
fn x12_no_contract_of_the_suite_holds_a_role() {
    let mut world = World::new();
    for contract in ["vault", "distributor", "qst"] {
        for (name, filled) in [
            ("treasury", Role::Treasury),
            ("minter", Role::Minter),
            ("guardian", Role::Guardian),
        ] {
            let text = format!("the {contract} ({}) cannot be the {name}", who(contract));
            world.refused("owner", role(filled, Some(contract)), &text);
        }
        let text = format!("the {contract} ({}) cannot be the treasury", who(contract));
        instantiation_refused(|msg| msg.treasury = who(contract).into(), &text);
    }
}

#[test]
fn due_tells_what_comes_by_itself() {
    let mut world = World::with(Params {
        split_notice: 900,
        ..params()
    });
    world.issue("alice", 1);
    let next = |world: &World| {
        let due: DueResponse = world.query(QueryMsg::Due {});
        assert!(due.now.is_empty());
        due.next.map(|it| (it.action, it.epoch, it.from.seconds()))
    };
    assert_eq!(next(&world), None);
    world.ok("owner", ExecuteMsg::Split { factor: 2 });
    let split = ("split".to_string(), Some(Epoch(9)), START + 900);
    assert_eq!(next(&world), Some(split.clone()));
    world.ok("owner", ExecuteMsg::QueueParams { params: params() });
    let queued = ("queue_params".to_string(), Some(Epoch(8)), START + 800);
    assert_eq!(next(&world), Some(queued));
    world.at_epoch(8);
    assert_eq!(next(&world), Some(split));
    world.at_epoch(9);
    assert_eq!(next(&world), None);
}

#[test]
fn x12_instantiation_is_within_bounds() {
    let text = "name length is 0: must be 1..=64";
    instantiation_refused(|msg| msg.name.clear(), text);
    let text = "symbol length is 17: must be 1..=16";
    instantiation_refused(|msg| msg.symbol = "x".repeat(17), text);
    let text = "epoch 0 must be running now: it is 1000000, epoch 0 is 1000001..1000101 (Unix \
                seconds)";
    let late = Timestamp::from_seconds(START + 1);
    instantiation_refused(|msg| msg.clock.start = late, text);
    instantiation_refused(
        |msg| msg.clock.length = 9,
        "epoch length 9 s: must be 10..=2678400 s",
    );
    instantiation_refused(
        |msg| msg.clock.start = msg.clock.start.plus_nanos(1),
        "Generic error: the clock's start must be a whole second",
    );
    let same = |first: &str, second: &str, address: &str| {
        let address = who(address);
        format!("{first} and {second} are both {address}: they must be different contracts")
    };
    let text = same("qst", "vault", "qst");
    instantiation_refused(|msg| msg.vault = who("qst").into(), &text);
    let text = same("vault", "distributor", "vault");
    instantiation_refused(|msg| msg.distributor = who("vault").into(), &text);
    let text = same("registry", "qst", "registry");
    instantiation_refused(|msg| msg.qst = who("registry").into(), &text);
    for (name, change) in [
        (
            "minter",
            (|msg| msg.minter = who("registry").into()) as fn(&mut InstantiateMsg),
        ),
        ("treasury", |msg| msg.treasury = who("registry").into()),
        ("guardian", |msg| {
            msg.guardian = Some(who("registry").into())
        }),
    ] {
        let text = format!(
            "the registry itself ({}) cannot be the {name}",
            who("registry")
        );
        instantiation_refused(change, &text);
    }
    let mut msg = instantiate_msg();
    msg.owner = "nonsense".to_string();
    assert!(World::empty().instantiate(msg).is_err());
    let mut world = World::empty();
    world.qst.borrow_mut().decimals = 18;
    let error = world.instantiate(instantiate_msg()).unwrap_err();
    let text = format!("QST must have 6 decimals, {} has 18", who("qst"));
    assert_eq!(error.to_string(), text);
}

#[test]
fn x12_parameters_are_within_bounds_at_instantiation_and_later() {
    let over = |change: fn(&mut Params)| {
        let mut params = params();
        change(&mut params);
        params
    };
    let mut world = World::new();
    for (params, text) in [
        (
            over(|it| it.market_fee = Bps::new(501).unwrap()),
            "market_fee is 501: must be 0..=500",
        ),
        (
            over(|it| it.split_notice = 31_536_001),
            "split_notice is 31536001: must be 0..=31536000",
        ),
        (
            over(|it| it.split_grace = 367),
            "split_grace is 367: must be 0..=366",
        ),
    ] {
        instantiation_refused(|msg| msg.params = params.clone(), text);
        world.refused("owner", ExecuteMsg::QueueParams { params }, text);
    }
    let params = Params {
        market_fee: Bps::new(500).unwrap(),
        split_notice: 31_536_000,
        split_grace: 366,
    };
    world.ok("owner", ExecuteMsg::QueueParams { params });
}

#[test]
fn parameters_wait_and_can_be_dropped() {
    let mut world = World::new();
    let higher = Params {
        market_fee: Bps::new(300).unwrap(),
        ..params()
    };
    let queue = || ExecuteMsg::QueueParams {
        params: higher.clone(),
    };
    world.refused(
        "owner",
        ExecuteMsg::CancelParams {},
        "no change of parameters is queued",
    );
    let response = world.ok("owner", queue());
    let queued = event(&response, "param_queued");
    assert_eq!(attribute(queued, "from_epoch"), "8");
    assert_eq!(attribute(queued, "market_fee"), "300");
    let text = "a change of parameters already takes effect at epoch 8: cancel it first";
    world.refused("owner", queue(), text);
    let answer: QueuedParamsResponse<Params> = world.query(QueryMsg::QueuedParams {});
    assert_eq!(
        (answer.from, answer.params),
        (Some(Epoch(8)), Some(higher.clone()))
    );
    world.ok("owner", ExecuteMsg::CancelParams {});
    let answer: QueuedParamsResponse<Params> = world.query(QueryMsg::QueuedParams {});
    assert_eq!((answer.from, answer.params), (None, None));
    world.ok("owner", queue());
    world.at_epoch(8);
    let at = |epoch| -> (u32, Params) {
        let epoch = Epoch(epoch);
        let answer: ParamsAtResponse<Params> = world.query(QueryMsg::ParamsAt { epoch });
        (answer.version, answer.params)
    };
    assert_eq!((at(7), at(8)), ((0, params()), (1, higher)));
}

#[test]
fn the_owner_fills_roles_but_never_leaves_the_treasury_empty() {
    let mut world = World::issued(1);
    world.ok("owner", role(Role::Treasury, Some("vaults")));
    world.ok("owner", role(Role::Guardian, None));
    let text = "the treasury cannot be left empty";
    world.refused("owner", role(Role::Treasury, None), text);
    let text = format!(
        "the registry itself ({}) cannot be the treasury",
        who("registry")
    );
    world.refused("owner", role(Role::Treasury, Some("registry")), &text);
    let response = world.ok("owner", role(Role::Minter, Some("bob")));
    let set = event(&response, "role_set");
    assert_eq!(attribute(set, "role"), "minter");
    assert_eq!(attribute(set, "account"), who("bob").as_str());
    let listing = world.list("alice", 1, 1_000);
    world.buy("bob", 1_000, &[(1, listing, 1_000)]).unwrap();
    let response = world.ok("bob", ExecuteMsg::ClaimFees {});
    assert_eq!(paid(&response), [(who("vaults"), 25)]);
}

#[test]
fn governance_is_the_owners_alone() {
    let mut world = World::issued(1);
    let messages = || {
        [
            ExecuteMsg::QueueParams { params: params() },
            ExecuteMsg::CancelParams {},
            role(Role::Minter, Some("mallory")),
            ExecuteMsg::Split { factor: 2 },
            ExecuteMsg::CancelSplit {},
        ]
    };
    for sender in ["mallory", "minter", "guardian", "treasury"] {
        for msg in messages() {
            let text = format!("only the owner may do this, {} is not", who(sender));
            world.refused(sender, msg, &text);
        }
    }
}

#[test]
fn x13_owner_and_guardian_pause_for_a_limited_time() {
    let mut world = World::new();
    let pause = |seconds| ExecuteMsg::Pause {
        activity: Activity::Market,
        seconds,
    };
    let resume = || ExecuteMsg::Resume {
        activity: Activity::Market,
    };
    for sender in ["minter", "treasury"] {
        for msg in [pause(5), resume()] {
            let text = format!(
                "only the owner or guardian may do this, {} is not",
                who(sender)
            );
            world.refused(sender, msg, &text);
        }
    }
    world.refused("guardian", resume(), "market is not paused");
    let text = "a pause lasts 1..=1209600 s, 1209601 asked for";
    world.refused("owner", pause(1_209_601), text);
    let response = world.ok("guardian", pause(50));
    let paused = event(&response, "paused");
    assert_eq!(attribute(paused, "until"), "1000050000000000");
    assert_eq!(attribute(paused, "by"), who("guardian").as_str());
    let until = |world: &World| -> Option<Timestamp> {
        let mut answer: PausedResponse = world.query(QueryMsg::Paused {});
        answer.activities.remove(0).until
    };
    assert_eq!(until(&world), Some(Timestamp::from_seconds(START + 50)));
    let text = "market cannot be paused again before 1604850 (Unix seconds)";
    world.refused("owner", pause(50), text);
    world.pass(50);
    assert_eq!(until(&world), None);
    world.pass(7 * 86_400);
    world.ok("owner", pause(50));
    world.ok("guardian", resume());
    assert_eq!(until(&world), None);
}

#[test]
fn x11_ownership_changes_in_two_steps() {
    let mut world = World::new();
    let step = ExecuteMsg::UpdateOwnership;
    let offer = |name: &str| Action::TransferOwnership {
        new_owner: who(name).into(),
        expiry: None,
    };
    let text = "Caller is not the contract's current owner";
    world.refused("mallory", step(offer("mallory")), text);
    world.refused("mallory", step(Action::RenounceOwnership), text);
    let text = "There isn't a pending ownership transfer";
    world.refused("mallory", step(Action::AcceptOwnership), text);
    let response = world.ok("owner", step(offer("bob")));
    let updated = event(&response, "ownership_updated");
    assert_eq!(attribute(updated, "owner"), who("owner").as_str());
    assert_eq!(updated.attributes.len(), 5, "no end, no attribute");
    assert_eq!(attribute(updated, "pending_owner"), who("bob").as_str());
    let roles: RolesResponse = world.query(QueryMsg::Roles {});
    assert_eq!(roles.pending_owner, Some(who("bob")));
    world.ok("owner", step(offer("carol")));
    let text = "Caller is not the contract's pending owner";
    world.refused("bob", step(Action::AcceptOwnership), text);
    world.ok("carol", step(Action::AcceptOwnership));
    world.ok("carol", role(Role::Guardian, Some("carol")));
}

#[test]
fn only_an_older_version_is_migrated() {
    let mut world = World::new();
    let migrate = |world: &mut World| {
        contract::migrate(world.deps.as_mut(), world.env.clone(), MigrateMsg {})
    };
    let error = migrate(&mut world).unwrap_err().to_string();
    let now = env!("CARGO_PKG_VERSION");
    assert_eq!(error, format!("version {now} cannot follow version {now}"));
    cw2::set_contract_version(&mut world.deps.storage, "noderev:node-registry", "0.0.9").unwrap();
    let response = migrate(&mut world).unwrap();
    assert_eq!(attribute(event(&response, "migrated"), "version"), now);
    cw2::set_contract_version(&mut world.deps.storage, "other", "0.0.9").unwrap();
    let error = migrate(&mut world).unwrap_err().to_string();
    assert_eq!(
        error,
        "this code is noderev:node-registry, the contract is other"
    );
}
