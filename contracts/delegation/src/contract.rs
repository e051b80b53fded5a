//! Entry points: check, dispatch, answer.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response};
use cw20::{Cw20QueryMsg, MinterResponse, TokenInfoResponse};
use noderev_api::common::SudoMsg;
use noderev_api::delegation::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg, Role};
use noderev_components::{buffered, buffered_query, nanoseconds, nonpayable, Account};

use crate::error::{ContractError, Refusal};
use crate::execute::{
    admin, advance, claim, collections, delegations, evidence, link, members, mint, nfts,
    validators,
};
use crate::moment::Moment;
use crate::permissions::{ensure_caller, required_caller};
use crate::state::{
    load_token, save_config, save_token, Config, Token, BUNDLE, EVENTS, EVIDENCE, PARAMS, PAUSES,
    PAYOUTS, ROLES, SLOT_SIZES,
};

/// Name for cw2.
pub const CONTRACT_NAME: &str = "noderev:delegation";
/// Version for cw2.
pub const CONTRACT_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Creates the contract of a token that names it as its minter.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| create(deps, env, info, msg))?)
}

fn create(
    mut deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, Refusal> {
    nonpayable(&info)?;
    let config = read_config(&env, &msg)?;
    let token = read_token(&deps, &env, &msg.token)?;
    admin::check_params(deps.as_ref(), &config.clock, &msg.params)?;
    let guardian = msg.guardian.map(|name| deps.api.addr_validate(&name));
    let guardian = guardian.transpose()?;

    cw2::set_contract_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    cw_ownable::initialize_owner(deps.storage, deps.api, Some(&msg.owner))?;
    save_config(deps.storage, &config);
    let account = Account::of(deps.api, &token.addr)?;
    save_token(deps.storage, account, token.decimals);
    ROLES.set(deps.storage, Role::Guardian, guardian.as_ref());
    PARAMS.init(deps.storage, msg.params.clone())?;
    let slot_size = msg.params.slot_size.u128();
    SLOT_SIZES.set(deps.storage, &[], config.first, &slot_size)?;
    collections::init(deps.branch(), config.first, &msg.collections)?;
    // Epochs before this contract was created are nobody's: closing begins with the running one.
    EVIDENCE.begin(deps.storage, &config.clock, config.first);

    let described = msg.collections.iter().flat_map(collections::describe);
    let event = EVENTS.emit(deps.storage, "instantiated", config.first)?;
    let event = event
        .add_attributes(admin::describe_params(&msg.params))
        .add_attribute("token", token.addr)
        .add_attribute("owner", msg.owner)
        .add_attributes(guardian.map(|guardian| ("guardian", guardian)))
        .add_attribute("clock_start", nanoseconds(config.clock.start))
        .add_attribute("clock_length", config.clock.length.to_string())
        .add_attributes(described);
    Ok(Response::new()
        .add_attribute("action", "instantiate")
        .add_event(event))
}

fn read_config(env: &Env, msg: &InstantiateMsg) -> Result<Config, Refusal> {
    let clock = msg.clock.parse()?;
    clock.check(env.block.time)?;
    let first = clock.epoch_at(env.block.time);
    Ok(Config { clock, first })
}

/// The token must be there, and let this contract mint.
fn read_token(deps: &DepsMut, env: &Env, token: &str) -> Result<Token, Refusal> {
    let addr = deps.api.addr_validate(token)?;
    let querier = deps.querier;
    let minter: Option<MinterResponse> =
        querier.query_wasm_smart(&addr, &Cw20QueryMsg::Minter {})?;
    let minter = minter.map(|minter| minter.minter);
    if minter.as_deref() != Some(env.contract.address.as_str()) {
        return Err(ContractError::NotMinter {
            minter,
            this: env.contract.address.clone(),
        }
        .into());
    }
    let info: TokenInfoResponse = querier.query_wasm_smart(&addr, &Cw20QueryMsg::TokenInfo {})?;
    Ok(Token {
        addr,
        decimals: info.decimals,
    })
}

/// Executes a message. None of them takes coins.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| {
        perform(deps, env, info, msg)
    })?)
}

fn perform(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, Refusal> {
    nonpayable(&info)?;
    let moment = Moment::load(deps.storage, &env)?;
    ensure_caller(deps.storage, required_caller(&msg), &info.sender)?;
    let (m, sender) = (&moment, &info.sender);
    match msg {
        ExecuteMsg::ReceiveNft(msg) => nfts::receive_nft(deps, m, sender.clone(), msg),
        ExecuteMsg::StakeNfts {
            collection,
            token_ids,
            delegation,
        } => nfts::stake_nfts(deps, m, sender, &collection, token_ids, delegation),
        ExecuteMsg::MoveNfts { nfts, delegation } => {
            nfts::move_nfts(deps, m, sender, nfts, delegation)
        }
        ExecuteMsg::UnstakeNfts { nfts } => nfts::unstake_nfts(deps, m, sender, nfts),
        ExecuteMsg::WithdrawNfts { nfts } => nfts::withdraw_nfts(deps, m, nfts),
        ExecuteMsg::ReturnStray { nft, to } => nfts::return_stray(deps, m, nft, &to),
        ExecuteMsg::CreateDelegation {
            metadata,
            commission,
            joining,
            minimum,
        } => {
            let setup = delegations::Setup {
                metadata,
                commission,
                joining,
                minimum,
            };
            delegations::create_delegation(deps, m, sender, setup)
        }
        ExecuteMsg::UpdateDelegation {
            metadata,
            joining,
            minimum,
        } => delegations::update_delegation(deps, m, sender, metadata, joining, minimum),
        ExecuteMsg::SetCommission { commission } => {
            delegations::set_commission(deps, m, sender, commission)
        }
        ExecuteMsg::TransferDelegation { to } => {
            delegations::transfer_delegation(deps, m, sender, to)
        }
        ExecuteMsg::AcceptDelegation { delegation } => {
            delegations::accept_delegation(deps, m, sender, delegation)
        }
        ExecuteMsg::RequestApproval { delegation } => {
            members::request_approval(deps, m, sender, delegation)
        }
        ExecuteMsg::ApproveMembers { accounts, approved } => {
            members::approve_members(deps, m, sender, &accounts, approved)
        }
        ExecuteMsg::ReleaseMembers { accounts } => {
            members::release_members(deps, m, sender, &accounts)
        }
        ExecuteMsg::RegisterValidator { node } => {
            validators::register_validator(deps, m, sender, node)
        }
        ExecuteMsg::AssignValidator {
            validator,
            delegation,
        } => validators::assign_validator(deps, m, sender, validator, delegation),
        ExecuteMsg::AcceptValidators { validators } => {
            validators::accept_validators(deps, m, sender, &validators)
        }
        ExecuteMsg::RemoveValidators { validators } => {
            validators::remove_validators(deps, m, sender, &validators)
        }
        ExecuteMsg::EvictValidators {
            delegation,
            validators,
        } => validators::evict_validators(deps, m, delegation, &validators),
        ExecuteMsg::Receive(msg) => crate::execute::receive(deps, m, sender, msg),
        ExecuteMsg::Report {
            epoch,
            bitmap,
            evidence,
        } => evidence::report(deps, m, sender, epoch, &bitmap, &evidence),
        ExecuteMsg::Advance { epoch } => advance::advance(deps, m, epoch),
        ExecuteMsg::RetryMint {} => mint::retry_mint(deps, m),
        ExecuteMsg::SettleDelegation { delegation } => {
            claim::settle_delegation(deps, m, delegation)
        }
        ExecuteMsg::Claim {
            account,
            delegations,
            to,
        } => {
            let request = claim::Request {
                account,
                delegations,
                to,
            };
            claim::claim(deps, m, sender, request)
        }
        ExecuteMsg::Settle {
            account,
            delegations,
        } => claim::settle(deps, m, sender, account, delegations),
        ExecuteMsg::SetPayee { payee } => {
            let token = load_token(deps.storage, deps.api)?.addr;
            let refused = [&m.contract, &token];
            Ok(PAYOUTS.set_payee(deps, m.epoch, sender, payee, &refused)?)
        }
        ExecuteMsg::SetClaimPolicy { self_claim_only } => {
            Ok(PAYOUTS.set_claim_policy(deps, m.epoch, sender, self_claim_only)?)
        }
        ExecuteMsg::LinkClient {
            client_id,
            public_key,
            signature,
        } => {
            let proof = link::Proof {
                public_key,
                signature,
            };
            link::link_client(deps, &env, m, sender, client_id, &proof)
        }
        ExecuteMsg::UnlinkClient {} => link::unlink_client(deps, m, sender),
        ExecuteMsg::SetCollection { collection } => {
            collections::set_collection(deps, m, &collection)
        }
        ExecuteMsg::CancelCollection { collection } => {
            collections::cancel_collection(deps, m, collection)
        }
        ExecuteMsg::QueueParams { params } => admin::queue_params(deps, m, params),
        ExecuteMsg::CancelParams {} => admin::cancel_params(deps, m),
        ExecuteMsg::SetRole { role, account } => admin::set_role(deps, m, role, account),
        ExecuteMsg::Pause { activity, seconds } => Ok(m
            .governance(deps.storage)
            .pause(&PAUSES, activity, seconds, sender)?),
        ExecuteMsg::Resume { activity } => Ok(m
            .governance(deps.storage)
            .resume(&PAUSES, activity, sender)?),
        ExecuteMsg::UpdateOwnership(action) => Ok(m.governance(deps.storage).update_ownership(
            deps.api,
            deps.querier,
            &env.block,
            sender,
            action,
        )?),
    }
}

/// What became of a mint or of the return of an NFT: only failures are told.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn reply(deps: DepsMut, env: Env, msg: Reply) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| heed(deps, &env, &msg))?)
}

fn heed(deps: DepsMut, env: &Env, msg: &Reply) -> Result<Response, Refusal> {
    let moment = Moment::load(deps.storage, env)?;
    match msg.id {
        mint::REPLY => mint::refused(deps, &moment, msg),
        nfts::REPLY => nfts::return_refused(deps, &moment, msg),
        id => Err(ContractError::UnexpectedReply { id }.into()),
    }
}

/// Closes the oldest epoch if it is due; never an error.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn sudo(deps: DepsMut, env: Env, msg: SudoMsg) -> Result<Response, ContractError> {
    let SudoMsg::ClockEndBlock {} = msg;
    let done = buffered(deps, BUNDLE, |deps| {
        let moment = Moment::load(deps.storage, &env)?;
        advance::advance_next(deps, &moment)
    });
    Ok(done.unwrap_or_default())
}

/// Answers a query.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    Ok(buffered_query(deps, BUNDLE, |deps| {
        crate::query::answer(deps, &env, msg)
    })?)
}

/// Migrates from an older version of this contract.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, env: Env, _msg: MigrateMsg) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| {
        crate::migrate::migrate(deps, &env)
    })?)
}
