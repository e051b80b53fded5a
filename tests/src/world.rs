//! The real contracts and the ledger side by side: every act is done by both, and both must agree.

use std::collections::BTreeMap;

use cosmwasm_std::{Addr, Timestamp, Uint128};
use noderev_api::{delegation, distributor};
use noderev_components::{Denom as Currency, DenomInfo, Epoch, EvidenceRules, Policy};
use noderev_economics::{Bps, RemainderTo};
use noderev_testing::{Builder, Network, NftCollection, PLAIN, REWARD};

use crate::act::Act;
use crate::ext::{bewitched, dump, Dump};
use crate::shadow::delegation::{Class, CollectionNo, Ledger, Params, Rules, TokenRule};
use crate::shadow::{
    Denom, Genesis, Offices, RegistryParams, Shadow, ShareParams, VaultParams, Who, DAY,
};

/// Everybody, by number.
pub const PEOPLE: [&str; 18] = [
    "owner",
    "guardian",
    "minter",
    "treasury",
    "arbiter",
    "attester-1",
    "attester-2",
    "attester-3",
    "attester-4",
    "attester-5",
    "alice",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "keeper",
    "customer",
];

/// Owner of the contracts.
pub const OWNER: Who = Who(0);
/// Guardian.
pub const GUARDIAN: Who = Who(1);
/// Minter.
pub const MINTER: Who = Who(2);
/// Treasury.
pub const TREASURY: Who = Who(3);
/// Arbiter.
pub const ARBITER: Who = Who(4);
/// The first five may be attesters.
pub const ATTESTERS: [Who; 5] = [Who(5), Who(6), Who(7), Who(8), Who(9)];
/// Who owns keys and stakes.
pub const USERS: [Who; 6] = [Who(10), Who(11), Who(12), Who(13), Who(14), Who(15)];
/// Does what anybody may do.
pub const KEEPER: Who = Who(16);
/// Deposits revenue.
pub const CUSTOMER: Who = Who(17);

/// QST's place among the currencies of [`World::builder`].
pub const QST: Denom = 1;

/// Place of the collection that is not allowed in the beginning.
pub const LATE: CollectionNo = 3;

/// What everybody begins with, of each currency.
const PURSE: u128 = 1_000_000_000_000_000_000;

/// What everybody begins with, of the token that is minted.
const REWARDS: u128 = 1_000_000_000_000_000;
/// What can be minted before tokens must be burnt.
const ROOM: u128 = 5_000 * REWARD;

/// Contracts and ledger.
pub struct World {
    /// The contracts.
    pub net: Network,
    /// The ledger.
    pub shadow: Shadow,
    /// The ledger of the delegation contract.
    pub delegation: Ledger,
    /// What everybody should hold.
    pub wallets: BTreeMap<(Who, Denom), u128>,
    /// Everybody's address.
    pub addresses: Vec<Addr>,
    /// What everybody should hold of the token that is minted.
    pub rewards: BTreeMap<Who, u128>,
    /// Plain transfers of that token to the delegation contract.
    pub given: u128,
    /// The number of each contract's last event.
    pub seqs: BTreeMap<String, u64>,
    /// Plain transfers to contracts, by contract and currency.
    pub donated: BTreeMap<(Addr, Denom), u128>,
    /// Where somebody's payouts go.
    pub payees: BTreeMap<Who, Who>,
    /// Who lets only himself claim.
    pub self_claim: BTreeMap<Who, bool>,
    /// What was done, for a report.
    pub log: Vec<String>,
}

impl World {
    /// Three currencies (native, QST, another token), short windows, five possible attesters.
    pub fn builder() -> Builder {
        Network::builder()
            .currencies(vec![
                noderev_testing::Currency::native("uusdc", "USDC"),
                noderev_testing::Currency::qst(),
                noderev_testing::Currency::Token {
                    symbol: "EUR".into(),
                    decimals: 2,
                },
            ])
            .registry(|params| {
                params.split_notice = 3 * DAY;
                params.split_grace = 3;
            })
            .vault(|params| {
                params.unbonding_period = 2 * DAY;
                params.minimum_lock = 3 * DAY;
            })
            .distributor(|params| params.ruling_window = 2 * DAY)
            .delegation(|params| params.unbonding_period = DAY)
            .collections(|list| {
                list[PLAIN].code = bewitched;
                list.push(NftCollection::new("late", 7).unlisted());
            })
            .reward_cap(ROOM)
    }

    /// A new network.
    pub fn new() -> Self {
        Self::build(Self::builder())
    }

    /// A new network.
    pub fn build(builder: Builder) -> Self {
        let names = builder.attesters.clone();
        let attester = |name: &String| PEOPLE.iter().position(|it| it == name).map(Who);
        let attesters: Vec<Who> = names.iter().filter_map(attester).collect();
        let genesis = Genesis {
            start: builder.start,
            length: builder.epoch_length,
            denoms: builder.currencies.len(),
            qst: Some(QST),
            offices: Offices {
                owner: OWNER,
                guardian: GUARDIAN,
                minter: MINTER,
                treasury: TREASURY,
                arbiter: ARBITER,
            },
            registry: RegistryParams {
                fee: builder.registry.market_fee.get().into(),
                notice: builder.registry.split_notice,
                grace: builder.registry.split_grace,
            },
            vault: VaultParams {
                unbonding: builder.vault.unbonding_period,
                lock: builder.vault.minimum_lock,
            },
            share: ShareParams {
                network: builder.distributor.network_share.get().into(),
                unstaked: builder.distributor.unstaked_share.get().into(),
                remainder_to_all: builder.distributor.remainder_to == RemainderTo::AllRunning,
                attesters,
                threshold: builder.threshold as usize,
                report_window: builder.distributor.evidence.report_window,
                appeal_window: builder.distributor.appeal_window,
                ruling_window: builder.distributor.ruling_window,
                bond: builder.distributor.appeal_bond.u128(),
            },
        };
        let delegation = ledger(&builder, &genesis.share.attesters);
        let net = builder.build();
        let mut world = Self {
            addresses: PEOPLE.iter().map(|name| net.account(name)).collect(),
            net,
            shadow: Shadow::new(genesis),
            delegation,
            rewards: BTreeMap::new(),
            given: 0,
            seqs: BTreeMap::new(),
            wallets: BTreeMap::new(),
            donated: BTreeMap::new(),
            payees: BTreeMap::new(),
            self_claim: BTreeMap::new(),
            log: vec![],
        };
        for who in (0..PEOPLE.len()).map(Who) {
            for denom in 0..world.net.denoms().len() {
                let currency = world.currency(denom);
                world.net.mint(PEOPLE[who.0], &currency, PURSE);
                world.wallets.insert((who, denom), PURSE);
            }
            world.net.mint_reward(PEOPLE[who.0], REWARDS);
            world.rewards.insert(who, REWARDS);
        }
        world.seqs = world.last_events();
        world
    }

    /// The number of each contract's last event, as queries tell it.
    pub fn last_events(&self) -> BTreeMap<String, u64> {
        let (at, net) = (self.net.addresses(), &self.net);
        let all = [
            (&at.registry, net.registry().solvency()),
            (&at.vault, net.vault().solvency()),
            (&at.distributor, net.distributor().solvency()),
            (&at.delegation, net.delegation().solvency()),
        ];
        let seq = all.map(|(contract, answer)| (contract.to_string(), answer.as_of.seq));
        seq.into()
    }

    /// A currency.
    pub fn currency(&self, denom: Denom) -> Currency {
        let info: &DenomInfo = &self.net.denoms()[denom];
        info.denom.clone()
    }

    /// Number of currencies.
    pub fn denoms(&self) -> usize {
        self.net.denoms().len()
    }

    /// Somebody's address.
    pub fn addr(&self, who: Who) -> Addr {
        self.addresses[who.0].clone()
    }

    /// Somebody by his name.
    pub fn who(&self, name: &str) -> Who {
        let found = PEOPLE.iter().position(|it| *it == name);
        Who(found.expect("one of them"))
    }

    /// Somebody by his address.
    pub fn at(&self, address: &Addr) -> Who {
        let mut all = (0..PEOPLE.len()).map(Who);
        let found = all.find(|who| self.addresses[who.0] == *address);
        found.expect("one of them")
    }

    /// A collection as a message has it.
    pub fn collection_msg(
        &self,
        collection: CollectionNo,
        rules: &Rules,
    ) -> delegation::Collection {
        delegation::Collection {
            collection: self.net.collection(collection).into_string(),
            weight: rules.weight.into(),
            classes: rules.classes.iter().map(class_msg).collect(),
        }
    }

    /// What somebody holds.
    pub fn balance(&self, who: Who, denom: Denom) -> u128 {
        self.net.balance(name(who), &self.currency(denom))
    }

    /// Somebody gets, or spends, money.
    pub fn gets(&mut self, who: Who, denom: Denom, amount: u128) {
        *self.wallets.entry((who, denom)).or_default() += amount;
    }

    /// Somebody spends money.
    pub fn spends(&mut self, who: Who, denom: Denom, amount: u128) {
        *self.wallets.entry((who, denom)).or_default() -= amount;
    }

    /// Where somebody's payouts go.
    pub fn payee(&self, who: Who) -> Who {
        self.payees.get(&who).copied().unwrap_or(who)
    }

    /// The contracts' raw storage, and that of tokens and collections.
    pub fn dump(&self) -> Vec<Dump> {
        dump(&self.net)
    }

    /// Does an act and fails the test if contracts and ledger disagree.
    #[track_caller]
    pub fn must(&mut self, act: Act) {
        let text = format!("{act:?}");
        match self.perform(&act) {
            Ok(true) => {}
            Ok(false) => panic!("{text} was refused: {}", self.log.last().unwrap()),
            Err(fault) => panic!("{text}: {fault}"),
        }
    }

    /// Does an act that both must refuse.
    #[track_caller]
    pub fn must_fail(&mut self, act: Act) {
        let text = format!("{act:?}");
        match self.perform(&act) {
            Ok(false) => {}
            Ok(true) => panic!("{text} was accepted"),
            Err(fault) => panic!("{text}: {fault}"),
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// The ledger of a delegation contract that is to be built.
fn ledger(builder: &Builder, attesters: &[Who]) -> Ledger {
    let params = &builder.delegation;
    let schedule = params.schedule.iter();
    let listed = builder.collections.iter().enumerate();
    let listed = listed.filter(|(_, collection)| collection.listed);
    let mut ledger = Ledger::new(crate::shadow::delegation::Genesis {
        start: builder.start,
        length: builder.epoch_length,
        owner: OWNER,
        guardian: Some(GUARDIAN),
        collections: listed
            .map(|(number, collection)| (number, rules_of(collection)))
            .collect(),
        params: Params {
            slot_size: params.slot_size.u128(),
            own_quintessence: params.own_quintessence.u128(),
            unbonding: params.unbonding_period,
            schedule: schedule
                .map(|mint| (mint.from.0, mint.amount.u128()))
                .collect(),
            attesters: attesters.to_vec(),
            threshold: builder.threshold as usize,
            report_window: builder.distributor.evidence.report_window,
        },
    });
    ledger.token_room = builder.reward_token.cap;
    ledger
}

fn rules_of(collection: &NftCollection) -> Rules {
    let classes = collection.classes.iter().map(|class| Class {
        name: class.name.clone(),
        tokens: match &class.tokens {
            delegation::TokenRule::Range { first, last } => TokenRule::Range(*first, *last),
            delegation::TokenRule::Prefix { prefix } => TokenRule::Prefix(prefix.clone()),
        },
        weight: class.weight.u128(),
    });
    Rules {
        weight: collection.weight,
        classes: classes.collect(),
    }
}

fn class_msg(class: &Class) -> delegation::Class {
    delegation::Class {
        name: class.name.clone(),
        tokens: match &class.tokens {
            TokenRule::Range(first, last) => delegation::TokenRule::Range {
                first: *first,
                last: *last,
            },
            TokenRule::Prefix(prefix) => delegation::TokenRule::Prefix {
                prefix: prefix.clone(),
            },
        },
        weight: class.weight.into(),
    }
}

/// Rules of evidence as a message has them.
fn evidence(net: &Network, attesters: &[Who], threshold: usize, window: u64) -> EvidenceRules {
    let account = |who: &Who| net.account(name(*who)).into_string();
    EvidenceRules {
        attesters: attesters.iter().map(account).collect(),
        threshold: threshold as u32,
        report_window: window,
        policy: Policy {
            uri: "https://example.org/policy".into(),
            hash: vec![1; 32].into(),
        },
    }
}

/// The delegation contract's parameters as a message.
pub fn delegation_params(net: &Network, params: &Params) -> delegation::Params {
    let schedule = params.schedule.iter();
    delegation::Params {
        slot_size: params.slot_size.into(),
        own_quintessence: params.own_quintessence.into(),
        unbonding_period: params.unbonding,
        schedule: schedule
            .map(|(from, amount)| delegation::Mint {
                from: Epoch(*from),
                amount: (*amount).into(),
            })
            .collect(),
        evidence: evidence(
            net,
            &params.attesters,
            params.threshold,
            params.report_window,
        ),
    }
}

/// Somebody's name.
pub fn name(who: Who) -> &'static str {
    PEOPLE[who.0]
}

/// The distributor's parameters as a message.
pub fn share_params(net: &Network, params: &ShareParams) -> distributor::Params {
    distributor::Params {
        network_share: bps(params.network),
        unstaked_share: bps(params.unstaked),
        remainder_to: if params.remainder_to_all {
            RemainderTo::AllRunning
        } else {
            RemainderTo::UnstakedRunning
        },
        evidence: evidence(
            net,
            &params.attesters,
            params.threshold,
            params.report_window,
        ),
        appeal_window: params.appeal_window,
        ruling_window: params.ruling_window,
        appeal_bond: Uint128::new(params.bond),
    }
}

/// Basis points of a message.
pub fn bps(value: u128) -> Bps {
    let json = serde_json::to_string(&value).unwrap();
    serde_json::from_str(&json).unwrap()
}

/// A point in time.
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}
