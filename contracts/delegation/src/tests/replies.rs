//! X17: what comes back from messages to the token and to collections.

use cosmwasm_std::{Binary, Reply, SubMsgResponse, SubMsgResult};

use noderev_components::{Epoch, Packed};

use super::support::{contract, env_in, stored, Deps};
use crate::contract::reply;
use crate::execute::mint::Owed;
use crate::ContractError;

#[allow(deprecated)]
fn answer(deps: &mut Deps, id: u64, payload: Vec<u8>, failed: bool) -> Result<(), ContractError> {
    let result = match failed {
        true => SubMsgResult::Err("no".into()),
        false => SubMsgResult::Ok(SubMsgResponse {
            events: vec![],
            data: None,
            msg_responses: vec![],
        }),
    };
    let reply_msg = Reply {
        id,
        payload: Binary::from(payload),
        gas_used: 0,
        result,
    };
    reply(deps.as_mut(), env_in(1), reply_msg).map(|_| ())
}

#[test]
fn x17_an_unknown_reply_is_an_error() {
    let mut deps = contract();
    let before = stored(&deps);
    for id in [0, 3, 99, u64::MAX] {
        for failed in [true, false] {
            let error = answer(&mut deps, id, vec![], failed).unwrap_err();
            assert_eq!(error.to_string(), format!("unknown reply {id}"));
        }
    }
    // Only failures are asked for: a success that comes back is not expected.
    for id in [1, 2] {
        let error = answer(&mut deps, id, vec![], false).unwrap_err();
        assert_eq!(error, ContractError::UnexpectedReply { id });
    }
    assert!(before == stored(&deps));
}

#[test]
fn x17_a_payload_that_is_none_of_ours_is_an_error() {
    let mut deps = contract();
    for id in [1, 2] {
        for payload in [vec![], vec![1; 3], vec![255; 400]] {
            answer(&mut deps, id, payload, true).unwrap_err();
        }
    }
}

#[test]
fn x17_a_refused_mint_that_was_never_booked_is_an_error() {
    let mut deps = contract();
    // Well formed, but the books hold nothing for it.
    let owed = Owed {
        epoch: Epoch(1),
        amount: 5,
    };
    let before = stored(&deps);
    let error = answer(&mut deps, 1, owed.to_packed(), true).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("accounting: "), "{text}");
    assert!(
        text.ends_with(" holds 0 of this currency, 5 are asked of it"),
        "{text}"
    );
    assert!(before == stored(&deps));
}
