//! NFTs in, between delegations, and out.

use noderev_api::delegation::{DelegationId, Nft, PreviewJoinResponse};
use noderev_operations::delegations::{self, RewardToken, Short};

use super::super::acting::Acting;
use super::super::{CommandError, Sent};
use super::{several, Nfts, Place};
use crate::answer::{Answer, Exit};
use crate::format::{exact_units, minute, thousands};

/// A collection's address.
fn address(at: &Acting, collection: &str) -> Result<String, CommandError> {
    let deployment = at.session.deployment()?;
    let named = deployment
        .contracts
        .get(&format!("collection:{collection}"));
    Ok(named.map_or_else(|| collection.to_owned(), |one| one.address.clone()))
}

fn listed(collection: &str, tokens: &[String]) -> Vec<Nft> {
    let nft = |token: &String| Nft {
        collection: collection.to_owned(),
        token_id: token.clone(),
    };
    tokens.iter().map(nft).collect()
}

pub(super) fn stake(at: Acting, to: Place, nfts: &Nfts) -> Result<Answer, CommandError> {
    let collection = address(&at, &nfts.collection)?;
    let (contracts, tokens) = (&at.contracts, &nfts.tokens);
    let staking = delegations::stake(contracts, &at.sender, &collection, tokens, to.0)?;
    let effect = format!(
        "stake {} of {} Quintessence {}, counting in {}{}",
        several(nfts.tokens.len(), "NFT"),
        thousands(staking.quintessence),
        into(to.0),
        at.dated(staking.from),
        joining(&at, staking.join.as_ref())?
    );
    at.send(&effect, &staking.messages)
}

pub(super) fn move_to(at: Acting, to: Place, nfts: &Nfts) -> Result<Answer, CommandError> {
    let list = listed(&address(&at, &nfts.collection)?, &nfts.tokens);
    let moving = delegations::move_nfts(&at.contracts, &at.moment, &at.sender, &list, to.0)?;
    let effect = format!(
        "move {} of {} Quintessence {}, counting there in {}{}{}",
        several(list.len(), "NFT"),
        thousands(moving.quintessence),
        into(to.0),
        at.next_dated(),
        joining(&at, moving.join.as_ref())?,
        falls(&at, moving.short)
    );
    at.send(&effect, &moving.messages)
}

pub(super) fn leave(at: Acting, nfts: &Nfts) -> Result<Answer, CommandError> {
    let list = listed(&address(&at, &nfts.collection)?, &nfts.tokens);
    let leaving = delegations::leave(&at.contracts, &at.moment, &at.sender, &list)?;
    let effect = format!(
        "unstake {} of {} Quintessence, which count to the end of epoch {} if they do already, and can be withdrawn \
         from {} on{}",
        several(list.len(), "NFT"),
        thousands(leaving.quintessence),
        at.moment.epoch,
        minute(leaving.withdrawable_at.seconds()),
        falls(&at, leaving.short)
    );
    at.send(&effect, &leaving.messages)
}

pub(super) fn withdraw(
    mut at: Acting,
    collection: Option<&str>,
    tokens: &[String],
) -> Result<Answer, CommandError> {
    let named = match collection {
        Some(collection) => listed(&address(&at, collection)?, tokens),
        None => Vec::new(),
    };
    let withdrawal = delegations::withdraw(&at.contracts, &at.moment, &at.sender, &named)?;
    let ids = withdrawal.nfts.iter().map(|nft| nft.token_id.as_str());
    let left = match withdrawal.left {
        0 => String::new(),
        left => format!("; {left} more are left for another time"),
    };
    let effect = format!(
        "return {} to {} at once: {}{left}",
        several(withdrawal.nfts.len(), "NFT"),
        at.sender,
        ids.collect::<Vec<_>>().join(", ")
    );
    let outcome = match at.session.send(&effect, &withdrawal.messages)? {
        Sent::Shown(answer) => return Ok(answer),
        Sent::Done(outcome) => outcome,
    };
    let refused = delegations::returned(&outcome).refused;
    let kept = refused.iter().map(|(nft, reason)| {
        let (token, collection) = (&nft.token_id, &nft.collection);
        format!("\n{token} is not returned by {collection} and can be withdrawn again: {reason}")
    });
    let told = format!("{effect}{}", kept.collect::<String>());
    let mut answer = at.session.done(&told, &outcome);
    if !refused.is_empty() {
        answer.exit = Exit::PartlyDone;
    }
    Ok(answer)
}

fn into(to: Option<DelegationId>) -> String {
    match to {
        Some(id) => format!("into delegation {id}"),
        None => "undelegated".to_owned(),
    }
}

/// What joining does, line by line; nothing if nothing is joined.
fn joining(at: &Acting, join: Option<&PreviewJoinResponse>) -> Result<String, CommandError> {
    let Some(join) = join else {
        return Ok(String::new());
    };
    let token = delegations::reward_token(&at.contracts)?;
    Ok(before_and_after(&token, join))
}

fn before_and_after(token: &RewardToken, join: &PreviewJoinResponse) -> String {
    let (before, after) = (&join.before, &join.after);
    let amount = |amount: u128| {
        let units = exact_units(amount, token.decimals.into());
        format!("{units} {}", token.symbol)
    };
    let (earned, earns) = (before.per_thousand.u128(), after.per_thousand.u128());
    let mut lines = vec![
        format!(
            "1,000 Quintessence earn {} an epoch before and {} after{}, by the last closed epoch",
            amount(earned),
            amount(earns),
            difference(earned, earns)
        ),
        format!(
            "the delegation earns {} before and {} after",
            amount(before.reward.u128()),
            amount(after.reward.u128())
        ),
        format!(
            "Quintessence: {} before, {} after",
            thousands(before.total.u128()),
            thousands(after.total.u128())
        ),
        format!(
            "slots: {} before, {} after, of which validators capture {} and {}; {} Quintessence are \
             missing for the next one",
            before.slots,
            after.slots,
            before.captured,
            after.captured,
            thousands(join.missing_for_slot.u128())
        ),
    ];
    if join.lowers {
        lines.push("beware: joining lowers what every member earns".to_owned());
    }
    let lines = lines.into_iter().map(|line| format!("\n  {line}"));
    lines.collect()
}

/// By how much more or less, in percent with two decimals, rounded down.
fn difference(before: u128, after: u128) -> String {
    let (apart, word) = match after >= before {
        true => (after.saturating_sub(before), "more"),
        false => (before.saturating_sub(after), "less"),
    };
    let parts = apart.saturating_mul(10_000).checked_div(before);
    match parts {
        None | Some(0) => String::new(),
        Some(parts) => format!(" ({} % {word})", exact_units(parts, 2)),
    }
}

/// That the sender's own delegation falls short.
fn falls(at: &Acting, short: Option<Short>) -> String {
    let Some(short) = short else {
        return String::new();
    };
    format!(
        "\n  beware: the own part in delegation {} falls to {} Quintessence, {} are needed: nobody \
         can join, no commission from the next epoch on, no slots in {}, unless it is restored",
        short.delegation,
        thousands(short.own),
        thousands(short.required),
        at.dated(short.dormant_from)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Timestamp;
    use noderev_api::delegation::JoinFigures;
    use noderev_components::{AsOf, Epoch};

    #[test]
    fn differences_are_told_in_percent() {
        assert_eq!(difference(200, 150), " (25.00 % less)");
        assert_eq!(difference(3, 4), " (33.33 % more)");
        assert_eq!(difference(5, 5), "");
        assert_eq!(difference(0, 5), "");
    }

    #[test]
    fn who_joins_sees_what_it_does() {
        let figures =
            |total: u128, slots, captured, reward: u128, per_thousand: u128| JoinFigures {
                total: total.into(),
                slots,
                captured,
                reward: reward.into(),
                per_thousand: per_thousand.into(),
            };
        let join = PreviewJoinResponse {
            before: figures(20_000, 1, 1, 20_000_000, 950_000),
            after: figures(30_000, 1, 1, 20_000_000, 633_333),
            lowers: true,
            missing_for_slot: 10_000_u128.into(),
            refused: None,
            from: Epoch(3),
            as_of: AsOf {
                height: 1,
                time: Timestamp::from_seconds(1),
                seq: 1,
            },
        };
        let token = RewardToken {
            symbol: "OURO".into(),
            decimals: 6,
        };
        let told = before_and_after(&token, &join);
        let lines: Vec<_> = told.trim_start().split("\n  ").collect();
        let expected = [
            "1,000 Quintessence earn 0.950000 OURO an epoch before and 0.633333 OURO after (33.33 % less), by the last closed epoch",
            "the delegation earns 20.000000 OURO before and 20.000000 OURO after",
            "Quintessence: 20,000 before, 30,000 after",
            "slots: 1 before, 1 after, of which validators capture 1 and 1; 10,000 Quintessence are missing for the next one",
            "beware: joining lowers what every member earns",
        ];
        assert_eq!(lines, expected);
    }
}
