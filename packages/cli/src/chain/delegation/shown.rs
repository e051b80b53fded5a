//! Delegations and validators as tables.

use noderev_api::delegation::{
    ApprovalInfo, DelegationId, DelegationInfo, DelegationResponse, Joining, MemberInfo, Standing,
    ValidatorInfo,
};
use noderev_components::EpochClock;
use noderev_economics::Bps;
use noderev_operations::delegations::{self, Overview, RewardToken};

use super::super::form::Form;
use super::super::words::table;
use super::super::{CommandError, Connection};
use crate::answer::Answer;
use crate::format::{epoch_from, exact_units, thousands};

const COLUMNS: [&str; 13] = [
    "delegation",
    "name",
    "owner",
    "joining",
    "minimum",
    "commission",
    "standing",
    "quintessence",
    "next",
    "slots",
    "slots_next",
    "captured",
    "validators",
];

/// Basis points as percent: `2.50 %`.
pub(super) fn percent(share: Bps) -> String {
    format!("{} %", exact_units(share.get().into(), 2))
}

pub(super) fn list(
    connection: &Connection,
    form: Form,
    json: bool,
) -> Result<Answer, CommandError> {
    let contracts = connection.open(json)?.contracts()?;
    let all = delegations::list(&contracts)?;
    let rows = || all.iter().map(row);
    let told = || table(COLUMNS, rows());
    let text = form.text(json, &all, COLUMNS, rows(), told)?;
    Ok(Answer::done(text))
}

/// Numbers without commas, as spreadsheets take them; the commission in basis points.
fn row(info: &DelegationInfo) -> [String; 13] {
    [
        info.delegation.to_string(),
        info.name.clone(),
        info.owner.to_string(),
        joining(info.joining).to_owned(),
        info.minimum.to_string(),
        info.commission.get().to_string(),
        standing(&info.standing),
        info.total.to_string(),
        info.total_next.to_string(),
        info.slots.to_string(),
        info.slots_next.to_string(),
        info.captured.to_string(),
        info.validators.to_string(),
    ]
}

const fn joining(joining: Joining) -> &'static str {
    match joining {
        Joining::Open => "open",
        Joining::Approval => "approval",
        Joining::Closed => "closed",
    }
}

fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Active {} => "active".to_owned(),
        Standing::Short { dormant_from } => format!("short, dormant from epoch {dormant_from}"),
        Standing::Dormant {} => "dormant".to_owned(),
    }
}

pub(super) fn show(
    connection: &Connection,
    id: DelegationId,
    form: Form,
    json: bool,
) -> Result<Answer, CommandError> {
    let contracts = connection.open(json)?.contracts()?;
    let overview = delegations::show(&contracts, id)?;
    let (token, clock) = (delegations::reward_token(&contracts)?, contracts.clock()?);
    let members = overview.members.iter().map(plain_member);
    let told = || told(&overview, &token, &clock);
    let text = form.text(json, &overview, MEMBERS, members, told)?;
    Ok(Answer::done(text))
}

const MEMBERS: [&str; 3] = ["member", "quintessence", "next"];

fn told(overview: &Overview, token: &RewardToken, clock: &EpochClock) -> String {
    let mut parts = vec![summary(&overview.delegation, token, clock)];
    if !overview.members.is_empty() {
        parts.push(table(MEMBERS, overview.members.iter().map(member)));
    }
    if !overview.approvals.is_empty() {
        let columns = ["account", "joining"];
        parts.push(table(columns, overview.approvals.iter().map(approval)));
    }
    if !overview.validators.is_empty() {
        parts.push(table(VALIDATORS, overview.validators.iter().map(validator)));
    }
    parts.join("\n")
}

fn summary(shown: &DelegationResponse, token: &RewardToken, clock: &EpochClock) -> String {
    let (info, metadata) = (&shown.info, &shown.metadata);
    let amount = |amount: u128| {
        let units = exact_units(amount, token.decimals.into());
        format!("{units} {}", token.symbol)
    };
    let mut lines = vec![
        format!("delegation {}: {}", info.delegation, metadata.name),
        format!("owner: {}", info.owner),
        format!(
            "joining: {}, minimum {} Quintessence",
            joining(info.joining),
            thousands(info.minimum.u128())
        ),
        format!("standing: {}", standing(&info.standing)),
        format!("commission: {}", percent(info.commission)),
        format!(
            "Quintessence: {} now, {} in the next epoch; the owner's own part {} and {}, {} are needed",
            thousands(info.total.u128()),
            thousands(info.total_next.u128()),
            thousands(shown.own.u128()),
            thousands(shown.own_next.u128()),
            thousands(shown.own_required.u128())
        ),
        format!(
            "slots: {} now, {} in the next epoch, {} captured in the last closed one; {} Quintessence are \
             missing for the next one",
            info.slots,
            info.slots_next,
            info.captured,
            thousands(shown.missing_for_slot.u128())
        ),
        format!(
            "idle in the last closed epoch: {} slots without a validator, {} validators without a slot",
            shown.idle_slots, shown.idle_validators
        ),
        format!(
            "validators: {} of at most {}",
            info.validators, shown.max_validators
        ),
        format!(
            "1,000 Quintessence earned {} in the last {} closed epochs, {} in the last one",
            amount(shown.per_thousand_sum.u128()),
            shown.per_thousand.len(),
            amount(shown.per_thousand.first().map_or(0, |one| one.u128()))
        ),
    ];
    let more = [
        ("web page", metadata.url.clone()),
        ("description", metadata.description.clone()),
        (
            "offered to",
            shown
                .proposed_owner
                .clone()
                .map_or_else(String::new, String::from),
        ),
        (
            "commission changes",
            shown
                .commission_change
                .as_ref()
                .map_or_else(String::new, |change| {
                    let from = epoch_from(clock, change.from);
                    format!("to {} in {from}", percent(change.commission))
                }),
        ),
    ];
    let more = more.iter().filter(|(_, text)| !text.is_empty());
    lines.extend(more.map(|(name, text)| format!("{name}: {text}")));
    lines.join("\n")
}

fn member(info: &MemberInfo) -> [String; 3] {
    [
        info.account.to_string(),
        thousands(info.quintessence.u128()),
        thousands(info.quintessence_next.u128()),
    ]
}

/// The same without commas, as spreadsheets take it.
fn plain_member(info: &MemberInfo) -> [String; 3] {
    [
        info.account.to_string(),
        info.quintessence.to_string(),
        info.quintessence_next.to_string(),
    ]
}

fn approval(info: &ApprovalInfo) -> [String; 2] {
    let what = match info.approved {
        true => "approved",
        false => "asks",
    };
    [info.account.to_string(), what.to_owned()]
}

const VALIDATORS: [&str; 7] = [
    "validator",
    "node",
    "operator",
    "delegation",
    "asks for",
    "seat",
    "eligible",
];

pub(super) fn validators(
    connection: &Connection,
    id: Option<DelegationId>,
    form: Form,
    json: bool,
) -> Result<Answer, CommandError> {
    let contracts = connection.open(json)?.contracts()?;
    let all = delegations::all_validators(&contracts, id)?;
    let rows = || all.iter().map(validator);
    let told = || table(VALIDATORS, rows());
    let text = form.text(json, &all, VALIDATORS, rows(), told)?;
    Ok(Answer::done(text))
}

fn validator(info: &ValidatorInfo) -> [String; 7] {
    let number = |id: Option<String>| id.unwrap_or_default();
    [
        info.validator.to_string(),
        info.node.clone(),
        info.operator.to_string(),
        number(info.delegation.map(|id| id.to_string())),
        number(info.requested.map(|id| id.to_string())),
        number(info.seat.map(|seat| seat.to_string())),
        match info.eligible {
            true => "yes".to_owned(),
            false => "no".to_owned(),
        },
    ]
}
