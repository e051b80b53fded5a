//! What must hold of Quintessence, delegations and the daily mint. What looks at everybody takes
//! turns: a few people and delegations each time.

mod epochs;

use cosmwasm_std::Uint256;
use noderev_api::common::EpochStep;
use noderev_api::delegation as api;
use num_bigint::BigUint;

use self::epochs::whole_history;
use super::{bucket, compare, Faults};
use crate::play::PERIOD;
use crate::shadow::delegation::{Facts, Holder, Id, Link, Nft, Role, Standing};
use crate::shadow::{Epoch, Step, Who, FIXED};
use crate::world::{name, World, PEOPLE, USERS};

pub use self::epochs::{closed_epoch, i08_histories_and_explanations};

/// Whose turn it is of so many.
fn turn(world: &World, count: usize) -> usize {
    world.log.len() / PERIOD as usize % count.max(1)
}

/// Delegations whose turn it is.
fn some_ids(world: &World, count: usize) -> Vec<Id> {
    let all = world.delegation.profiles.len();
    let first = turn(world, all);
    let ids = (0..count.min(all)).map(|more| (first + more) % all + 1);
    ids.map(|id| id as Id).collect()
}

fn some_people(world: &World, count: usize) -> Vec<Who> {
    let all = PEOPLE.len();
    let first = turn(world, all) * count;
    (first..first + count).map(|at| Who(at % all)).collect()
}

fn some_user(world: &World) -> Who {
    USERS[turn(world, USERS.len())]
}

fn big(number: Uint256) -> BigUint {
    BigUint::from_bytes_be(&number.to_be_bytes())
}

fn whole(parts: &BigUint) -> u128 {
    u128::try_from(parts / FIXED).unwrap_or(u128::MAX)
}

/// 4, 32 and more: epochs go on as in the ledger, and the totals are the ledger's.
pub fn network_agrees(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let network = world.net.delegation().network();
    let (now, coming) = (&ledger.current, ledger.coming());
    let step = match network.step {
        EpochStep::Open { .. } => Step::Open,
        EpochStep::Reporting { until } => Step::Reporting(until.map(|until| until.seconds())),
        EpochStep::Appeals { until } => Step::Appeals(until.seconds()),
        EpochStep::Due { since } => Step::Due(since.seconds()),
        EpochStep::Closed {} => Step::Closed,
    };
    let next = ledger.next_close();
    let epochs = (network.epoch.0, network.next_close.0);
    compare(&mut faults, "epochs", epochs, (ledger.epoch, next));
    compare(&mut faults, "step", step, ledger.step(next));
    let totals = (network.total.u128(), network.total_next.u128());
    let should = (now.total(), coming.total());
    compare(&mut faults, "all Quintessence", totals, should);
    let counts = (network.delegations as usize, network.validators as usize);
    let should = (ledger.profiles.len(), ledger.validators.len());
    compare(&mut faults, "delegations, validators", counts, should);
    let bits = ledger.report_bits(ledger.epoch).unwrap_or(0);
    compare(&mut faults, "seats", network.seats as usize, bits);
    let mint = ledger.params.at(ledger.epoch).mint_for(ledger.epoch);
    compare(&mut faults, "mint", network.mint.u128(), mint);
    let minted = (network.minted.u128(), network.mint_owed.u128());
    let should = (ledger.books.minted, ledger.books.mint_owed);
    compare(&mut faults, "minted and owed", minted, should);
    faults
}

/// 1, 2, 23: every unit is where the ledger has it, and the contract holds it.
pub fn money_is_where_the_ledger_has_it(world: &World) -> Faults {
    let (mut faults, ledger) = (world.delegation.faults(), &world.delegation.books);
    let answer = world.net.delegation().solvency();
    let Some(books) = answer.denoms.first() else {
        return vec!["no books".into()];
    };
    let at = world.net.addresses();
    let held = world.net.reward_balance(at.delegation.as_str());
    let figures = [
        ("received", books.received.u128(), ledger.received),
        ("paid", books.paid.u128(), ledger.paid),
        (
            "liabilities",
            books.liabilities.u128(),
            ledger.liabilities(),
        ),
        ("rewards", bucket(books, "rewards"), ledger.backed()),
        ("ahead", bucket(books, "ahead"), ledger.ahead_sum()),
        ("carry", bucket(books, "carry"), ledger.carry),
        ("drip", bucket(books, "drip"), ledger.drip),
        ("surplus", books.surplus.u128(), world.given),
        ("balance", held, ledger.liabilities() + world.given),
    ];
    for (what, have, should) in figures {
        compare(&mut faults, what, have, should);
    }
    let seq = world.seqs.get(at.delegation.as_str()).copied();
    compare(&mut faults, "events", Some(answer.as_of.seq), seq);
    faults
}

/// Nobody has a reward token more or less than the ledger says.
pub fn i13_everybody_holds_his_rewards(world: &World) -> Faults {
    let mut faults = vec![];
    for (who, should) in &world.rewards {
        let what = format!("{} holds of rewards", name(*who));
        compare(
            &mut faults,
            &what,
            world.net.reward_balance(name(*who)),
            *should,
        );
    }
    faults
}

/// 33: where an NFT is, and whether it is recorded.
pub fn nft_faults(world: &World, nft: &Nft) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let named = world.net.nft(nft.collection, &nft.token);
    let holder = match ledger.holders.get(nft) {
        Some(Holder::Account(who)) => world.addr(*who),
        Some(Holder::Contract) => world.net.addresses().delegation.clone(),
        None => return vec![format!("{nft:?} is unknown")],
    };
    let what = format!("holder of {nft:?}");
    compare(&mut faults, &what, world.net.nft_owner(&named), holder);
    let info = world.net.delegation().nft(&named);
    let have = info.map(|info| Recorded::told(&info));
    let should = recorded(world, &ledger.coming(), nft);
    compare(&mut faults, "its record", have, should);
    faults
}

/// What is recorded of an NFT.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Recorded {
    collection: String,
    token: String,
    staker: String,
    weight: u128,
    place: Option<Id>,
    withdrawable: Option<u64>,
}

impl Recorded {
    fn told(info: &api::NftInfo) -> Self {
        Self {
            collection: info.nft.collection.clone(),
            token: info.nft.token_id.clone(),
            staker: info.staker.to_string(),
            weight: info.quintessence.u128(),
            place: info.delegation.map(|id| id.0),
            withdrawable: info.withdrawable_at.map(|at| at.seconds()),
        }
    }
}

fn recorded(world: &World, coming: &Facts, nft: &Nft) -> Option<Recorded> {
    let record = world.delegation.records.get(nft)?;
    Some(Recorded {
        collection: world.net.collection(nft.collection).into_string(),
        token: nft.token.clone(),
        staker: world.addr(record.staker).into_string(),
        weight: record.weight,
        place: coming.nfts.get(nft).and_then(|stake| stake.place),
        withdrawable: record.withdrawable_at,
    })
}

/// The NFTs of a collection that an address holds, as the collection says.
fn held(world: &World, collection: usize, owner: &str) -> Vec<String> {
    let mut tokens: Vec<String> = vec![];
    loop {
        let query = cw721_base::msg::QueryMsg::Tokens {
            owner: owner.to_owned(),
            start_after: tokens.last().cloned(),
            limit: Some(1_000),
        };
        let page = world
            .net
            .try_query(&world.net.collection(collection), &query);
        let page: cw721::msg::TokensResponse = page.expect("the collection answers");
        match page.tokens.is_empty() {
            true => return tokens,
            false => tokens.extend(page.tokens),
        }
    }
}

/// 33: the contract holds the NFTs that it should, and lists them for their stakers.
pub fn i33_nfts_are_recorded_once(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let coming = ledger.coming();
    let collections = world.net.addresses().collections.len();
    let collection = turn(world, collections);
    let here = ledger
        .holders
        .iter()
        .filter(|(nft, holder)| nft.collection == collection && **holder == Holder::Contract);
    let mut should: Vec<String> = here.map(|(nft, _)| nft.token.clone()).collect();
    should.sort();
    let contract = world.net.addresses().delegation.to_string();
    let have = held(world, collection, &contract);
    compare(&mut faults, "NFTs of the contract", have, should);
    let people = [some_user(world), some_people(world, 1)[0]];
    for who in people {
        let listed = world.net.delegation().all_nfts(name(who));
        let listed = listed.iter().map(Recorded::told);
        let mut have: Vec<Recorded> = listed.collect();
        have.sort();
        let own = ledger.nfts_of(who).into_iter();
        let own = own.filter_map(|(nft, _)| recorded(world, &coming, &nft));
        let mut should: Vec<Recorded> = own.collect();
        should.sort();
        compare(&mut faults, &format!("NFTs of {}", name(who)), have, should);
    }
    faults
}

fn standing(told: api::Standing) -> Standing {
    match told {
        api::Standing::Active {} => Standing::Active,
        api::Standing::Short { dormant_from } => Standing::Short(dormant_from.0),
        api::Standing::Dormant {} => Standing::Dormant,
    }
}

/// 28, 29, 31: every delegation is as in the ledger, and all of them and what is undelegated are
/// all Quintessence.
pub fn i28_i29_i31_delegations(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let (now, coming, epoch) = (&ledger.current, ledger.coming(), ledger.epoch);
    let size = |epoch: Epoch| ledger.params.at(epoch).slot_size;
    let all = world.net.delegation().all_delegations();
    compare(&mut faults, "delegations", all.len(), ledger.profiles.len());
    let mut sum = 0;
    for (info, (id, profile)) in all.iter().zip(&ledger.profiles) {
        let owner = world.addr(coming.terms[id].owner);
        let what = format!("delegation {id}");
        let have = (&info.owner, &info.name, info.minimum.u128(), info.joining);
        let joining = crate::act::joining_msg(profile.joining);
        let should = (&owner, &profile.metadata.name, profile.minimum, joining);
        compare(&mut faults, &what, have, should);
        let stands = now.standing(*id).unwrap_or(Standing::Active);
        compare(&mut faults, &what, standing(info.standing), stands);
        let captured = ledger.closed.last();
        let captured = captured.and_then(|closed| closed.parts.get(id));
        let captured = captured.filter(|_| ledger.closed.last().is_some_and(|it| it.quorum));
        let figures = [
            (
                "commission",
                info.commission.get().into(),
                now.commission(*id),
            ),
            ("total", info.total.u128(), now.total_of(Some(*id))),
            (
                "total next",
                info.total_next.u128(),
                coming.total_of(Some(*id)),
            ),
            ("slots", info.slots.into(), now.slots(*id, size(epoch))),
            (
                "slots next",
                info.slots_next.into(),
                coming.slots(*id, size(epoch + 1)),
            ),
            (
                "captured",
                info.captured.into(),
                captured.map_or(0, |part| part.captured),
            ),
            (
                "validators",
                info.validators.into(),
                coming.validators(*id).len() as u128,
            ),
        ];
        for (figure, have, should) in figures {
            compare(&mut faults, &format!("{what}, {figure}"), have, should);
        }
        if info.commission.get() > 1_000 {
            faults.push(format!("{what} takes {} points", info.commission.get()));
        }
        sum += info.total_next.u128();
    }
    let undelegated = coming.total_of(None);
    let next = world.net.delegation().network().total_next.u128();
    compare(&mut faults, "IDs and undelegated", sum + undelegated, next);
    faults
}

/// What a front end shows of some delegations.
pub fn some_delegations(world: &World) -> Faults {
    let mut faults = vec![];
    for id in some_ids(world, 2) {
        faults.extend(delegation_faults(world, id));
        faults.extend(member_list_faults(world, id));
    }
    faults
}

fn delegation_faults(world: &World, id: Id) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let (now, coming, next) = (&ledger.current, ledger.coming(), ledger.epoch + 1);
    let told = world.net.delegation().delegation(id);
    let (profile, terms) = (&ledger.profiles[&id], &coming.terms[&id]);
    let what = format!("delegation {id}");
    let have = (
        &told.metadata.url,
        &told.metadata.description,
        told.proposed_owner.clone(),
        told.commission_change
            .as_ref()
            .map(|change| (change.from.0, u128::from(change.commission.get()))),
    );
    let should = (
        &profile.metadata.url,
        &profile.metadata.description,
        profile.proposed.map(|who| world.addr(who)),
        ledger.commission_change(id),
    );
    compare(&mut faults, &what, have, should);
    let size = ledger.params.at(next).slot_size;
    let total = coming.total_of(Some(id));
    let last = ledger
        .closed
        .last()
        .and_then(|closed| closed.parts.get(&id));
    let idle = last.map_or((0, 0), |part| {
        let slots = part.slots.saturating_sub(part.eligible);
        (slots, part.eligible.saturating_sub(part.slots))
    });
    let figures = [
        ("own", told.own.u128(), now.weight(terms.owner, Some(id))),
        (
            "own next",
            told.own_next.u128(),
            coming.weight(terms.owner, Some(id)),
        ),
        ("required", told.own_required.u128(), terms.required),
        ("missing", told.missing_for_slot.u128(), size - total % size),
        (
            "most validators",
            told.max_validators.into(),
            ledger.max_validators(id),
        ),
        ("idle slots", told.idle_slots.into(), idle.0),
        ("idle validators", told.idle_validators.into(), idle.1),
    ];
    for (figure, have, should) in figures {
        compare(&mut faults, &format!("{what}, {figure}"), have, should);
    }
    let closed = ledger.closed.iter().rev().take(30);
    let rates = closed.filter_map(|closed| closed.parts.get(&id));
    let rates: Vec<BigUint> = rates.map(|part| &part.rate * 1_000u32).collect();
    let each: Vec<u128> = rates.iter().map(whole).collect();
    let told_each: Vec<u128> = told.per_thousand.iter().map(|it| it.u128()).collect();
    compare(
        &mut faults,
        &format!("{what}, per thousand"),
        told_each,
        each,
    );
    let sum = whole(&rates.iter().sum());
    let told_sum = told.per_thousand_sum.u128();
    compare(&mut faults, &format!("{what}, their sum"), told_sum, sum);
    faults
}

/// Members' weights, and who asked or may join.
fn member_list_faults(world: &World, id: Id) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let (now, next) = (ledger.current.members(id), ledger.coming().members(id));
    for member in world.net.delegation().all_members(id) {
        let who = world.at(&member.account);
        let of = |weights: &std::collections::BTreeMap<Who, u128>| {
            weights.get(&who).copied().unwrap_or(0)
        };
        let have = (member.quintessence.u128(), member.quintessence_next.u128());
        let what = format!("{} in {id}", name(who));
        compare(&mut faults, &what, have, (of(&now), of(&next)));
    }
    let told = world.net.delegation().approvals(id, None, Some(100));
    let told = told.approvals.iter();
    let mut have: Vec<(Who, bool)> = told
        .map(|it| (world.at(&it.account), it.approved))
        .collect();
    have.sort();
    let of = ledger.approvals.range((id, Who(0))..(id + 1, Who(0)));
    let should: Vec<(Who, bool)> = of.map(|((_, who), approved)| (*who, *approved)).collect();
    compare(&mut faults, &format!("approvals of {id}"), have, should);
    faults
}

/// Validators and the seats of the running epoch.
pub fn validators_and_seats(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let count = ledger.validators.len();
    let after = turn(world, count.div_ceil(100)) * 100;
    let view = world.net.delegation();
    let page = view
        .validators(None, Some(after as u32), Some(100))
        .validators;
    compare(
        &mut faults,
        "validators",
        page.len(),
        (count - after).min(100),
    );
    let last = ledger.next_close().checked_sub(1);
    let result = last.and_then(|epoch| ledger.result(epoch));
    for told in page {
        let number = told.validator.0;
        let known = &ledger.validators[number as usize - 1];
        let seated = ledger.seated(number);
        let was = last.and_then(|epoch| ledger.at(epoch)?.seat_of(number));
        let eligible = result.as_ref().zip(was);
        let have = (
            told.operator,
            told.delegation
                .zip(told.seat)
                .map(|(id, seat)| (seat.into(), id.0)),
            told.requested.map(|id| id.0),
            told.eligible,
        );
        let should = (
            world.addr(known.operator),
            seated,
            known.requested,
            eligible.is_some_and(|(result, (seat, _))| result[seat]),
        );
        compare(&mut faults, &format!("validator {number}"), have, should);
    }
    let seats = view.seats(ledger.epoch, None, Some(100));
    let told = seats.seats.iter();
    let told = told.map(|it| it.validator.zip(it.delegation).map(|(no, id)| (no.0, id.0)));
    let have: Vec<_> = told.collect();
    let should = &ledger.current.seats;
    compare(&mut faults, "bits", seats.bits as usize, should.len());
    let should: Vec<_> = should.iter().take(100).copied().collect();
    compare(&mut faults, "seats", have, should);
    faults
}

/// 23, 24: what some people could claim, to the unit, and where they stand.
pub fn members_agree(world: &World) -> Faults {
    let mut faults = vec![];
    let mut people = some_people(world, 2);
    people.push(some_user(world));
    for who in people {
        faults.extend(member_faults(world, who));
    }
    faults
}

fn member_faults(world: &World, who: Who) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let told = world.net.delegation().member(name(who));
    let (now, coming) = (&ledger.current, ledger.coming());
    let have = (
        told.payee,
        told.self_claim_only,
        told.quintessence.u128(),
        told.quintessence_next.u128(),
        told.undelegated_next.u128(),
        told.nfts as usize,
        told.owns.map(|id| id.0),
    );
    let should = (
        world.addr(ledger.payee(who)),
        ledger.self_claim.contains(&who),
        now.weight_of(who),
        coming.weight_of(who),
        coming.weight(who, None),
        ledger.nfts_of(who).len(),
        ledger.owns(who),
    );
    compare(&mut faults, name(who), have, should);
    for part in &told.memberships {
        let id = part.delegation.0;
        let have = (
            part.owner,
            part.quintessence.u128(),
            part.quintessence_next.u128(),
        );
        let weight = |facts: &Facts| facts.weight(who, Some(id));
        let should = (ledger.owns(who) == Some(id), weight(now), weight(&coming));
        compare(&mut faults, &format!("{} in {id}", name(who)), have, should);
    }
    let claimable: u128 = told.claimable.iter().map(|it| it.amount.u128()).sum();
    let should = ledger.claimable(who);
    let what = format!("{} may claim", name(who));
    match told.next {
        true if claimable <= should => {}
        _ => compare(&mut faults, &what, claimable, should),
    }
    faults
}

/// Collections, parameters, pauses and links.
pub fn settings_agree(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let told = world.net.delegation().collections().collections;
    let told = told.into_iter();
    let have: Vec<_> = told
        .map(|it| (it.now, it.next, it.next_from.map(|from| from.0)))
        .collect();
    let known = ledger.collections.iter();
    let should = known.filter_map(|(number, versions)| {
        let msg = |rules: &Option<_>| {
            rules
                .as_ref()
                .map(|rules| world.collection_msg(*number, rules))
        };
        let now = msg(versions.at(ledger.epoch));
        let next = versions.queued(ledger.epoch);
        let (from, next) = (next.map(|it| it.0), next.and_then(|it| msg(&it.1)));
        (now.is_some() || next.is_some()).then_some((now, next, from))
    });
    compare(&mut faults, "collections", have, should.collect());
    let epoch = ledger.epoch + turn(world, 10) as Epoch;
    let have = world.net.delegation().params_at(epoch).params;
    let should = crate::world::delegation_params(&world.net, ledger.params.at(epoch));
    compare(&mut faults, &format!("parameters of {epoch}"), have, should);
    let paused = world.net.delegation().paused().activities;
    let have: Vec<bool> = paused.iter().map(|it| it.until.is_some()).collect();
    let on = |pause: &crate::shadow::Pause| pause.is_on(ledger.now);
    let should = vec![on(&ledger.staking), on(&ledger.injections)];
    compare(&mut faults, "pauses", have, should);
    let who = some_user(world);
    let told = world.net.delegation().link(name(who));
    let have = Link {
        client: told.link.map(|link| link.client_id),
        made: told.links,
    };
    let should = ledger.links.get(&who).cloned().unwrap_or_default();
    compare(&mut faults, "link", have, should);
    faults
}

/// Reports on the oldest epoch that is not closed, and their result.
pub fn evidence_agrees(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let epoch = ledger.next_close();
    let Some(bits) = ledger.report_bits(epoch).filter(|_| epoch < ledger.epoch) else {
        return faults;
    };
    let told = world.net.delegation().evidence(epoch);
    compare(&mut faults, "bits", told.bits as usize, bits);
    let result = ledger.result(epoch).map(|bits| crate::act::bitmap(&bits));
    compare(
        &mut faults,
        &format!("result of {epoch}"),
        told.result,
        result,
    );
    for (told, who) in told.reports.iter().zip(&ledger.params.at(epoch).attesters) {
        let report = ledger.report_of(*who, epoch).map(crate::act::bitmap);
        let what = format!("report of {} on {epoch}", name(*who));
        compare(&mut faults, &what, &told.bitmap, &report);
    }
    faults
}

/// What the testing package itself finds; looks at everybody, so seldom.
pub fn census(world: &World) -> Faults {
    match turn(world, 40) {
        0 => world.net.check_delegation_invariants(),
        _ => vec![],
    }
}

/// At the end: all NFTs are back, and all rewards paid but for fractions of a unit.
pub fn everybody_has_left(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    for (nft, record) in &ledger.records {
        faults.push(format!("{nft:?} is still here: {record:?}"));
    }
    for nft in ledger.holders.keys() {
        faults.extend(nft_faults(world, nft));
    }
    for who in (0..PEOPLE.len()).map(Who) {
        let what = format!("{} could still claim rewards", name(who));
        compare(&mut faults, &what, ledger.claimable(who), 0);
        faults.extend(member_faults(world, who));
    }
    // A fraction per account, delegation and role, and what the last reward did not divide.
    let ids = ledger.profiles.len();
    let most = (ids * (PEOPLE.len() * Role::ALL.len() + 1)) as u128;
    if ledger.books.backed() > most || ledger.books.mint_owed > 0 {
        faults.push(format!("rewards are left: {:?}", ledger.books));
    }
    faults.extend(world.net.check_delegation_invariants());
    for id in 1..=ids as Id {
        faults.extend(whole_history(
            world,
            id,
            USERS[usize::from(id) % USERS.len()],
        ));
    }
    faults
}
