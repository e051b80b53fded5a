//! What must hold after every act, one function per invariant of the threat model's section 2;
//! each answers faults as text. Invariant 5 (a refused message changes nothing), 8 (a preview tells
//! what is paid) and that events are numbered are checked where acts are done, in `act`.

pub mod delegation;
pub mod distributor;
pub mod registry;
pub mod vault;

use noderev_api::common::DenomSolvency;

use crate::act::Contract;
use crate::shadow::{Role, Who};
use crate::world::{name, World, PEOPLE};

/// Faults, as text.
pub type Faults = Vec<String>;

/// A check.
pub type Check = (&'static str, fn(&World) -> Faults);

/// Cheap enough to be run after every act.
pub const AFTER_EVERY_ACT: &[Check] = &[
    ("i1 i2 books and balances", i01_i02_books_and_balances),
    (
        "i23 money is where the ledger has it",
        distributor::i23_money_is_where_the_ledger_has_it,
    ),
    ("i4 numbers never fall", distributor::i04_steps_agree),
    ("ledger's own books", ledger_balances),
    ("i4 i32 delegation's epochs", delegation::network_agrees),
    (
        "i1 i2 i23 delegation's money",
        delegation::money_is_where_the_ledger_has_it,
    ),
];

/// Run every few acts: they look at everybody.
pub const NOW_AND_THEN: &[Check] = &[
    ("i3 i16 stakes add up", vault::i03_i16_stakes_add_up),
    ("i7 no two beliefs", registry::i07_no_two_beliefs),
    (
        "i9 supply within the cap",
        registry::i09_supply_within_the_cap,
    ),
    ("i10 one owner per key", registry::i10_one_owner_per_key),
    ("i12 listings stand", registry::i12_listings_stand),
    ("i13 wallets", i13_everybody_holds_what_he_should),
    (
        "i15 i17 i19 positions and lots",
        vault::i15_i17_i19_positions_and_lots,
    ),
    (
        "i18 pool weights",
        vault::i18_pool_weights_were_there_before,
    ),
    (
        "i20 i21 i22 i26 the last close",
        distributor::i20_i21_i22_i26_the_last_close,
    ),
    ("i23 claimables", distributor::i23_claimables),
    ("i25 disputes", distributor::i25_disputes),
    (
        "i8 explanations",
        distributor::i08_explanations_tell_what_was_earned,
    ),
    ("i13 rewards", delegation::i13_everybody_holds_his_rewards),
    ("i33 NFTs", delegation::i33_nfts_are_recorded_once),
    (
        "i28 i29 i31 delegations",
        delegation::i28_i29_i31_delegations,
    ),
    ("delegations", delegation::some_delegations),
    ("validators", delegation::validators_and_seats),
    ("i23 rewards", delegation::members_agree),
    (
        "i8 histories and explanations",
        delegation::i08_histories_and_explanations,
    ),
    ("settings", delegation::settings_agree),
    ("reports", delegation::evidence_agrees),
    ("census", delegation::census),
];

/// Runs checks; every fault with the check's name.
pub fn run(world: &World, checks: &[Check]) -> Faults {
    let faults = checks.iter().flat_map(|(name, check)| {
        let faults = check(world);
        faults
            .into_iter()
            .map(move |fault| format!("{name}: {fault}"))
    });
    faults.collect()
}

/// Fails the test if anything is wrong.
#[track_caller]
pub fn assert_all(world: &World) {
    let mut faults = run(world, AFTER_EVERY_ACT);
    faults.extend(run(world, NOW_AND_THEN));
    assert!(faults.is_empty(), "faults:\n{}", faults.join("\n"));
}

pub(crate) fn compare<T: PartialEq + std::fmt::Debug>(
    faults: &mut Faults,
    what: &str,
    have: T,
    should: T,
) {
    if have != should {
        faults.push(format!("{what}: {have:?}, should be {should:?}"));
    }
}

/// 1, 2: a contract holds what it owes and what was donated, to the unit.
pub fn i01_i02_books_and_balances(world: &World) -> Faults {
    let mut faults = world.net.check_invariants();
    let contracts = [
        (Contract::Registry, world.net.registry().solvency()),
        (Contract::Vault, world.net.vault().solvency()),
        (Contract::Distributor, world.net.distributor().solvency()),
    ];
    for (contract, answer) in contracts {
        let address = world.contract(contract);
        for books in answer.denoms {
            let place = (0..world.denoms()).find(|denom| world.currency(*denom) == books.denom);
            let donated = place.and_then(|place| world.donated.get(&(address.clone(), place)));
            let what = format!("{contract:?}, surplus of {}", books.denom);
            compare(
                &mut faults,
                &what,
                books.surplus.u128(),
                donated.copied().unwrap_or(0),
            );
        }
    }
    faults
}

/// The ledger itself loses nothing.
pub fn ledger_balances(world: &World) -> Faults {
    world.shadow.faults()
}

/// 13 and more: nobody has a unit more or less than the ledger says.
pub fn i13_everybody_holds_what_he_should(world: &World) -> Faults {
    let mut faults = vec![];
    for ((who, denom), should) in &world.wallets {
        let what = format!("{} holds of currency {denom}", name(*who));
        compare(&mut faults, &what, world.balance(*who, *denom), *should);
    }
    faults
}

/// What a place in the books holds.
pub fn bucket(books: &DenomSolvency, place: &str) -> u128 {
    let mut all = books.owed.iter().chain(&books.carried);
    let found = all.find(|bucket| bucket.bucket == place);
    let found = found.or_else(|| {
        let mut carried = books.carried.iter();
        carried.find(|bucket| bucket.bucket.contains(place))
    });
    found.map_or(0, |bucket| bucket.amount.u128())
}

/// At the end: nothing is left but what nobody has earned yet.
pub fn only_carries_are_left(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    for who in (0..PEOPLE.len()).map(Who) {
        for denom in 0..world.denoms() {
            let what = format!("{} could still claim of currency {denom}", name(who));
            compare(&mut faults, &what, ledger.claimable(who, denom), 0);
            for role in [Role::Nodes, Role::Pool, Role::Bonds, Role::Treasury] {
                let earned = ledger.earned_as(who, role, denom);
                let paid = ledger.paid_to(who, denom);
                if earned > paid {
                    faults.push(format!("{what}: {role:?} {earned}, paid {paid}"));
                }
            }
        }
    }
    for (denom, books) in world.net.distributor().solvency().denoms.iter().enumerate() {
        let nodes = bucket(books, "nodes");
        compare(&mut faults, &format!("currency {denom}, nodes"), nodes, 0);
        // Fractions of a unit of each account, and what the last share did not divide.
        let pool = bucket(books, "pool");
        if pool > PEOPLE.len() as u128 {
            faults.push(format!(
                "currency {denom}: the pool's bucket still has {pool}"
            ));
        }
        let others = ["held", "bonds", "treasury"].map(|place| bucket(books, place));
        compare(
            &mut faults,
            &format!("currency {denom}, others"),
            others,
            [0; 3],
        );
    }
    let vault = &world.net.vault().solvency().denoms[0];
    compare(&mut faults, "the vault holds", vault.liabilities.u128(), 0);
    compare(&mut faults, "fees", world.shadow.fees, 0);
    faults
}
