//! Entry points: check, dispatch, answer.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Addr, Binary, Deps, DepsMut, Env, MessageInfo, Response, Timestamp};
use noderev_api::common::SudoMsg;
use noderev_api::distributor::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg, Role};
use noderev_api::{registry, vault};
use noderev_components::{buffered, buffered_query, nonpayable, Denom, DenomInfo};

use crate::chain::Chain;
use crate::earnings::block_of;
use crate::error::{ContractError, Refusal};
use crate::execute::{admin, claim, close, disputes, evidence, revenue, roll};
use crate::moment::Moment;
use crate::permissions::{ensure_caller, required_caller};
use crate::state::{
    save_config, save_lineage, save_roll, Config, Roll, ARBITER, BONDS_ONLY, BUNDLES, EVENTS,
    EVIDENCE, PARAMS, PAUSES, PAYOUTS, ROLES,
};

/// Name for cw2.
pub const CONTRACT_NAME: &str = "noderev:revenue-distributor";
/// Version for cw2.
pub const CONTRACT_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Creates the distributor of a registry and a vault that name it.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLES, |deps| {
        create(deps, env, info, msg)
    })?)
}

fn create(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, Refusal> {
    nonpayable(&info)?;
    admin::check_denoms(deps.as_ref(), &msg.denoms)?;
    let config = read_config(&deps, &env, &msg)?;
    admin::check_params(deps.as_ref(), &config.clock, &msg.params)?;
    let treasury = deps.api.addr_validate(&msg.treasury)?;
    let arbiter = deps.api.addr_validate(&msg.arbiter)?;
    let guardian = msg
        .guardian
        .map(|name| deps.api.addr_validate(&name))
        .transpose()?;

    cw2::set_contract_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    cw_ownable::initialize_owner(deps.storage, deps.api, Some(&msg.owner))?;
    save_config(deps.storage, deps.api, &config)?;
    ROLES.set(deps.storage, Role::Guardian, guardian.as_ref());
    ROLES.set(deps.storage, Role::Treasury, Some(&treasury));
    ARBITER.init(deps.storage, arbiter.clone())?;
    PARAMS.init(deps.storage, msg.params.clone())?;
    // Epochs before this contract was created are nobody's: closing begins with the running one.
    let epoch = config.first;
    EVIDENCE.begin(deps.storage, &config.clock, epoch);
    let lineage = Chain::new(deps.querier, &config).lineage()?;
    save_lineage(deps.storage, &lineage, epoch);
    save_roll(
        deps.storage,
        &Roll {
            block: block_of(epoch),
            page: 0,
        },
    );
    let event = EVENTS.emit(deps.storage, "instantiated", epoch)?;
    let event = event
        .add_attributes(admin::describe_params(&msg.params))
        .add_attribute("registry", config.registry)
        .add_attribute("vault", config.vault)
        .add_attribute("owner", msg.owner)
        .add_attribute("treasury", treasury)
        .add_attribute("arbiter", arbiter)
        .add_attributes(guardian.map(|guardian| ("guardian", guardian)))
        .add_attribute(
            "clock_start",
            Timestamp::from_seconds(config.clock.start)
                .nanos()
                .to_string(),
        )
        .add_attribute("clock_length", config.clock.length.to_string())
        .add_attributes(msg.denoms.iter().map(|info| {
            let DenomInfo {
                denom,
                symbol,
                decimals,
            } = info;
            ("denom", format!("{denom}:{symbol}:{decimals}"))
        }));
    Ok(Response::new()
        .add_attribute("action", "instantiate")
        .add_event(event))
}

/// Clock and QST are the registry's, so that they are the same in all contracts.
fn read_config(deps: &DepsMut, env: &Env, msg: &InstantiateMsg) -> Result<Config, Refusal> {
    let registry = deps.api.addr_validate(&msg.registry)?;
    let vault = deps.api.addr_validate(&msg.vault)?;
    let ours = &env.contract.address;
    let theirs: registry::ConfigResponse = deps
        .querier
        .query_wasm_smart(&registry, &registry::QueryMsg::Config {})?;
    ensure_names("the registry", theirs.distributor, ours)?;
    let vaults: vault::ConfigResponse = deps
        .querier
        .query_wasm_smart(&vault, &vault::QueryMsg::Config {})?;
    ensure_names("the vault", vaults.distributor, ours)?;
    ensure_wired("the vault's registry", vaults.registry, &registry)?;
    let clock = theirs.clock.parse()?;
    let qst = Denom::Cw20(theirs.qst.to_string());
    let bond_denom = msg.denoms.iter().position(|info| info.denom == qst);
    Ok(Config {
        registry,
        vault,
        qst: theirs.qst,
        first: clock.epoch_at(env.block.time),
        clock,
        qst_decimals: theirs.qst_decimals,
        bond_denom: bond_denom
            .and_then(|at| u8::try_from(at).ok())
            .unwrap_or(BONDS_ONLY),
        denoms: msg.denoms.clone(),
    })
}

fn ensure_wired(what: &'static str, have: Addr, need: &Addr) -> Result<(), Refusal> {
    match have == *need {
        true => Ok(()),
        false => Err(ContractError::OtherWiring {
            what,
            have,
            need: need.clone(),
        }
        .into()),
    }
}

fn ensure_names(contract: &'static str, named: Addr, this: &Addr) -> Result<(), Refusal> {
    match named == *this {
        true => Ok(()),
        false => Err(ContractError::WrongWiring {
            contract,
            named,
            this: this.clone(),
        }
        .into()),
    }
}

/// Executes a message. Only `deposit_revenue` takes coins.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLES, |deps| {
        perform(deps, env, info, msg)
    })?)
}

fn perform(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, Refusal> {
    if !matches!(msg, ExecuteMsg::DepositRevenue { .. }) {
        nonpayable(&info)?;
    }
    let moment = Moment::load(deps.as_ref(), &env)?;
    ensure_caller(deps.storage, required_caller(&msg), &info.sender)?;
    let sender = info.sender.clone();
    match msg {
        ExecuteMsg::DepositRevenue {
            over,
            source,
            reference,
        } => revenue::deposit_native(deps, &moment, &info, over, source, reference),
        ExecuteMsg::Receive(msg) => crate::execute::receive(deps, &moment, &sender, msg),
        ExecuteMsg::Report {
            epoch,
            bitmap,
            evidence,
        } => evidence::report(deps, &moment, &sender, epoch, &bitmap, &evidence),
        ExecuteMsg::CloseEpoch { epoch } => close::close_epoch(deps, &moment, epoch),
        ExecuteMsg::Roll {} => roll::roll(deps, &moment),
        ExecuteMsg::Rule {
            epoch,
            keys,
            upheld,
        } => disputes::rule(deps, &moment, &sender, epoch, keys, upheld),
        ExecuteMsg::Resolve { epoch, keys } => disputes::resolve(deps, &moment, epoch, keys),
        ExecuteMsg::Claim {
            account,
            keys,
            denoms,
            to,
        } => claim::claim(
            deps,
            &moment,
            &sender,
            claim::Request {
                account,
                keys,
                denoms,
                to,
            },
        ),
        ExecuteMsg::Settle { account, keys } => {
            claim::settle(deps, &moment, &sender, account, keys)
        }
        ExecuteMsg::Compound { keys } => claim::compound(deps, &moment, &sender, keys),
        ExecuteMsg::SetPayee { payee } => {
            let refused = moment.contracts();
            Ok(PAYOUTS.set_payee(deps, moment.epoch, &sender, payee, &refused)?)
        }
        ExecuteMsg::SetClaimPolicy { self_claim_only } => {
            Ok(PAYOUTS.set_claim_policy(deps, moment.epoch, &sender, self_claim_only)?)
        }
        ExecuteMsg::AddDenom { denom } => admin::add_denom(deps, &moment, denom),
        ExecuteMsg::QueueParams { params } => admin::queue_params(deps, &moment, params),
        ExecuteMsg::CancelParams {} => {
            Ok(moment.governance(deps.storage).cancel_params(&PARAMS)?)
        }
        ExecuteMsg::SetRole { role, account } => admin::set_role(deps, &moment, role, account),
        ExecuteMsg::Pause { activity, seconds } => Ok(moment
            .governance(deps.storage)
            .pause(&PAUSES, activity, seconds, &sender)?),
        ExecuteMsg::Resume { activity } => Ok(moment
            .governance(deps.storage)
            .resume(&PAUSES, activity, &sender)?),
        ExecuteMsg::UpdateOwnership(action) => Ok(moment
            .governance(deps.storage)
            .update_ownership(deps.api, deps.querier, &env.block, &sender, action)?),
    }
}

/// Does one thing that is due; never an error.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn sudo(mut deps: DepsMut, env: Env, msg: SudoMsg) -> Result<Response, ContractError> {
    let SudoMsg::ClockEndBlock {} = msg;
    // Each in front of a buffer of its own: what fails leaves nothing.
    let steps = [close::close_next, roll::roll];
    let mut done = steps.iter().filter_map(|step| {
        let work = |deps: DepsMut| {
            let moment = Moment::load(deps.as_ref(), &env)?;
            step(deps, &moment)
        };
        buffered(deps.branch(), BUNDLES, work).ok()
    });
    Ok(done.next().unwrap_or_default())
}

/// Answers a query.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    Ok(buffered_query(deps, BUNDLES, |deps| {
        crate::query::answer(deps, &env, msg)
    })?)
}

/// Migrates from an older version of this contract.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, env: Env, _msg: MigrateMsg) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLES, |deps| {
        crate::migrate::migrate(deps, &env)
    })?)
}
