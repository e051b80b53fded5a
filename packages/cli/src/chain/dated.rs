//! Sending what is told with its dates: an epoch may begin between asking and the block.

use noderev_chain::{Message, Outcome};
use noderev_components::Epoch;
use noderev_operations::Moment;

use super::session::Sent;
use super::{CommandError, Session};
use crate::answer::Answer;
use crate::format::epoch_from;

/// Sends the messages and answers what came of it; and if another epoch than that of `moment` ran by
/// then, that the dates have moved.
pub(super) fn send_dated(
    session: &mut Session,
    effect: &str,
    moment: &Moment,
    messages: &[Message],
) -> Result<Answer, CommandError> {
    let sent = session.send(effect, messages)?;
    Ok(told_dated(session, effect, moment, sent))
}

/// What came of sending, with the dates as they are by then.
pub(super) fn told_dated(session: &Session, effect: &str, moment: &Moment, sent: Sent) -> Answer {
    match sent {
        Sent::Done(outcome) => {
            let moved = moved(&outcome, moment);
            let told = format!("{effect}{}", moved.unwrap_or_default());
            session.done(&told, &outcome)
        }
        Sent::Shown(answer) => answer,
    }
}

fn moved(outcome: &Outcome, moment: &Moment) -> Option<String> {
    let epoch = epoch_of(outcome).filter(|epoch| *epoch > moment.epoch)?;
    let later = epoch.since(moment.epoch);
    let began = epoch_from(&moment.clock, epoch);
    Some(format!(
        "\nbut {began}, had begun before it was in a block: epochs told here are later by {later}, \
         and dates that go by them"
    ))
}

/// The epoch that ran, by what the contracts announce.
fn epoch_of(outcome: &Outcome) -> Option<Epoch> {
    let own = outcome.events.iter();
    let own = own.filter(|event| event.ty.starts_with("wasm-"));
    let fields = own.flat_map(|event| &event.attributes);
    let epochs = fields.filter(|field| field.key == "epoch");
    epochs
        .filter_map(|field| field.value.parse().ok())
        .map(Epoch)
        .max()
}

#[cfg(test)]
mod tests {
    use super::super::words::first_second;
    use super::*;
    use cosmwasm_std::Event;

    #[test]
    fn what_got_into_a_block_an_epoch_later_is_told_so() {
        let moment = first_second();
        let outcome = |epoch: &str| Outcome {
            hash: String::new(),
            height: 1,
            gas_wanted: 1,
            gas_used: 1,
            events: vec![
                Event::new("message").add_attribute("epoch", "9"),
                Event::new("wasm-vault_pool_deposited").add_attribute("epoch", epoch),
            ],
        };
        assert_eq!(moved(&outcome("0"), &moment), None);
        let told = moved(&outcome("1"), &moment).unwrap();
        let began = "but epoch 1, from 2026-01-01 06:00 UTC, had begun";
        assert!(
            told.contains(began) && told.contains("later by 1,"),
            "{told}"
        );
    }
}
