//! Messages, their sub-messages and replies.

use std::rc::Rc;

use cosmwasm_std::{
    instantiate2_address, to_json_vec, Addr, BankMsg, Binary, Coin, CosmosMsg, Event, MessageInfo,
    MsgResponse, Reply, ReplyOn, Response, SubMsg, SubMsgResponse, SubMsgResult, WasmMsg,
};

use crate::backend::Api;
use crate::machine::{Contract, Core, Entry, Failure};
use crate::query::contract_key;

/// What wasmd tells a contract of a failed sub-message, so that no text gets into the state.
const REDACTED: &str = "codespace: wasm, code: 5";
/// As above, if the sub-message ran out of the gas that it was given.
const REDACTED_OUT_OF_GAS: &str = "codespace: sdk, code: 11";

/// What came of a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) events: Vec<Event>,
    pub(crate) data: Option<Binary>,
    /// The type of the answer, if it has one.
    pub(crate) kind: Option<&'static str>,
}

/// A message that creates a contract.
struct Creation<'a> {
    admin: Option<String>,
    code_id: u64,
    msg: &'a [u8],
    funds: Vec<Coin>,
    salt: Option<&'a [u8]>,
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, Failure> {
    to_json_vec(value).map_err(|error| Failure::Refused(error.to_string()))
}

/// A field of bytes as protocol buffers encode it.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut encoded = vec![number << 3 | 2];
    let mut left = bytes.len();
    while left >= 0x80 {
        encoded.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    encoded.push(left as u8);
    encoded.extend_from_slice(bytes);
    encoded
}

/// What a message's answer tells of data.
fn encoded(data: Option<Binary>) -> Option<Binary> {
    data.map(|data| field(1, &data).into())
}

/// What a creation's answer tells of the address and data.
fn encoded_creation(address: &Addr, data: Option<Binary>) -> Binary {
    let mut bytes = field(1, address.as_bytes());
    bytes.extend(data.map(|data| field(2, &data)).unwrap_or_default());
    bytes.into()
}

fn of(contract: &Addr, kind: &str) -> Event {
    Event::new(kind).add_attribute("_contract_address", contract)
}

/// A response's events as the chain emits them.
fn events_of(contract: &Addr, first: Event, response: &Response) -> Vec<Event> {
    let mut events = vec![first];
    if !response.attributes.is_empty() {
        let attributes = response.attributes.clone();
        events.push(of(contract, "wasm").add_attributes(attributes));
    }
    events.extend(response.events.iter().map(|event| {
        of(contract, &format!("wasm-{}", event.ty)).add_attributes(event.attributes.clone())
    }));
    events
}

impl Core {
    /// Runs a message; after a failure nothing of it stays.
    pub(crate) fn attempt(
        self: &Rc<Self>,
        sender: &Addr,
        msg: CosmosMsg,
    ) -> Result<Outcome, Failure> {
        let mark = self.state.borrow().store.mark();
        let outcome = self.dispatch(sender, msg);
        if outcome.is_err() {
            self.state.borrow_mut().store.roll_back(mark);
        }
        outcome
    }

    fn dispatch(self: &Rc<Self>, sender: &Addr, msg: CosmosMsg) -> Result<Outcome, Failure> {
        match msg {
            CosmosMsg::Bank(msg) => self.bank_message(sender, msg),
            CosmosMsg::Wasm(msg) => self.wasm_message(sender, msg),
            other => Err(Failure::Refused(format!("unsupported message: {other:?}"))),
        }
    }

    fn bank_message(&self, sender: &Addr, msg: BankMsg) -> Result<Outcome, Failure> {
        match msg {
            BankMsg::Send { to_address, amount } => Ok(Outcome {
                events: vec![self.send(sender.as_str(), &to_address, &amount)?],
                ..Outcome::default()
            }),
            BankMsg::Burn { amount } => {
                self.burn(sender.as_str(), &amount)?;
                Ok(Outcome::default())
            }
            other => Err(Failure::Refused(format!("unsupported message: {other:?}"))),
        }
    }

    fn wasm_message(self: &Rc<Self>, sender: &Addr, msg: WasmMsg) -> Result<Outcome, Failure> {
        match msg {
            WasmMsg::Execute {
                contract_addr,
                msg,
                funds,
            } => self.execute(sender, &contract_addr, &msg, funds),
            WasmMsg::Instantiate {
                admin,
                code_id,
                msg,
                funds,
                ..
            } => self.create(
                sender,
                Creation {
                    admin,
                    code_id,
                    msg: &msg,
                    funds,
                    salt: None,
                },
            ),
            WasmMsg::Instantiate2 {
                admin,
                code_id,
                msg,
                funds,
                salt,
                ..
            } => self.create(
                sender,
                Creation {
                    admin,
                    code_id,
                    msg: &msg,
                    funds,
                    salt: Some(&salt),
                },
            ),
            WasmMsg::Migrate {
                contract_addr,
                new_code_id,
                msg,
            } => self.migrate(sender, &contract_addr, new_code_id, &msg),
            WasmMsg::UpdateAdmin {
                contract_addr,
                admin,
            } => self.set_admin(sender, &contract_addr, Some(admin)),
            WasmMsg::ClearAdmin { contract_addr } => self.set_admin(sender, &contract_addr, None),
            other => Err(Failure::Refused(format!("unsupported message: {other:?}"))),
        }
    }

    fn known(&self, address: &str) -> Result<(Addr, Contract), Failure> {
        let address = Api.valid(address)?;
        let contract = self.contract(address.as_str());
        let missing = || Failure::Refused(format!("no such contract: {address}"));
        let contract = contract.ok_or_else(missing)?;
        Ok((address, contract))
    }

    pub(crate) fn record(&self, address: &Addr, contract: &Contract) -> Result<(), Failure> {
        let bytes = json(contract)?;
        let key = contract_key(address.as_str());
        self.state.borrow_mut().store.set(&key, &bytes);
        Ok(())
    }

    fn execute(
        self: &Rc<Self>,
        sender: &Addr,
        address: &str,
        msg: &[u8],
        funds: Vec<Coin>,
    ) -> Result<Outcome, Failure> {
        let (address, contract) = self.known(address)?;
        if !funds.is_empty() {
            self.send(sender.as_str(), address.as_str(), &funds)?;
        }
        let info = json(&MessageInfo {
            sender: sender.clone(),
            funds,
        })?;
        let response = self.respond(&address, contract.code, &Entry::Execute(&info, msg))?;
        let mut outcome = self.follow(&address, of(&address, "execute"), response)?;
        outcome.data = encoded(outcome.data);
        outcome.kind = Some("/cosmwasm.wasm.v1.MsgExecuteContractResponse");
        Ok(outcome)
    }

    /// Where a new contract will be.
    pub(crate) fn foresee(
        &self,
        creator: &str,
        code_id: u64,
        salt: &[u8],
    ) -> Result<(usize, Addr), Failure> {
        let state = self.state.borrow();
        let place = usize::try_from(code_id).unwrap_or_default().checked_sub(1);
        let code = place.and_then(|place| state.codes.get(place));
        let code = code.ok_or_else(|| format!("no such code: {code_id}"))?;
        let creator = Api.bytes(creator)?.into();
        let bytes = instantiate2_address(code.checksum.as_slice(), &creator, salt);
        let bytes = bytes.map_err(|error| error.to_string())?;
        let address = Api.text(&bytes)?;
        Ok((place.unwrap_or_default(), address))
    }

    fn create(self: &Rc<Self>, sender: &Addr, creation: Creation<'_>) -> Result<Outcome, Failure> {
        self.state.borrow_mut().created += 1;
        let number = self.state.borrow().created.to_be_bytes();
        let salt = creation.salt.unwrap_or(&number);
        let (code, address) = self.foresee(sender.as_str(), creation.code_id, salt)?;
        if self.contract(address.as_str()).is_some() {
            let text = format!("there is a contract already: {address}");
            return Err(Failure::Refused(text));
        }
        let contract = Contract {
            code,
            creator: sender.to_string(),
            admin: creation.admin,
        };
        self.record(&address, &contract)?;
        if !creation.funds.is_empty() {
            self.send(sender.as_str(), address.as_str(), &creation.funds)?;
        }
        let info = json(&MessageInfo {
            sender: sender.clone(),
            funds: creation.funds,
        })?;
        let response = self.respond(&address, code, &Entry::Instantiate(&info, creation.msg))?;
        let event = of(&address, "instantiate").add_attribute("code_id", (code + 1).to_string());
        let mut outcome = self.follow(&address, event, response)?;
        outcome.data = Some(encoded_creation(&address, outcome.data));
        outcome.kind = Some(match creation.salt {
            Some(_) => "/cosmwasm.wasm.v1.MsgInstantiateContract2Response",
            None => "/cosmwasm.wasm.v1.MsgInstantiateContractResponse",
        });
        Ok(outcome)
    }

    fn as_admin(&self, sender: &Addr, address: &str) -> Result<(Addr, Contract), Failure> {
        let (address, contract) = self.known(address)?;
        if contract.admin.as_deref() != Some(sender.as_str()) {
            let text = format!("{sender} is not the admin of {address}");
            return Err(Failure::Refused(text));
        }
        Ok((address, contract))
    }

    fn migrate(
        self: &Rc<Self>,
        sender: &Addr,
        address: &str,
        code_id: u64,
        msg: &[u8],
    ) -> Result<Outcome, Failure> {
        let (address, contract) = self.as_admin(sender, address)?;
        let (code, _) = self.foresee(sender.as_str(), code_id, b"-")?;
        self.record(&address, &Contract { code, ..contract })?;
        let response = self.respond(&address, code, &Entry::Migrate(msg))?;
        let event = of(&address, "migrate").add_attribute("code_id", code_id.to_string());
        let mut outcome = self.follow(&address, event, response)?;
        outcome.data = encoded(outcome.data);
        outcome.kind = Some("/cosmwasm.wasm.v1.MsgMigrateContractResponse");
        Ok(outcome)
    }

    fn set_admin(
        &self,
        sender: &Addr,
        address: &str,
        admin: Option<String>,
    ) -> Result<Outcome, Failure> {
        let (address, contract) = self.as_admin(sender, address)?;
        self.record(&address, &Contract { admin, ..contract })?;
        Ok(Outcome::default())
    }

    /// What follows a response: events, then sub-messages one by one with theirs.
    fn follow(
        self: &Rc<Self>,
        contract: &Addr,
        first: Event,
        response: Response,
    ) -> Result<Outcome, Failure> {
        let mut outcome = Outcome {
            events: events_of(contract, first, &response),
            data: response.data,
            kind: None,
        };
        for message in response.messages {
            let next = self.sub_message(contract, message)?;
            outcome.events.extend(next.events);
            outcome.data = next.data.or(outcome.data);
        }
        Ok(outcome)
    }

    fn sub_message(self: &Rc<Self>, contract: &Addr, sub: SubMsg) -> Result<Outcome, Failure> {
        let before = self.state.borrow().meter.used();
        let result = self.limited(contract, sub.msg, sub.gas_limit);
        let gas_used = self.state.borrow().meter.used() - before;
        let (on_success, on_error) = match sub.reply_on {
            ReplyOn::Always => (true, true),
            ReplyOn::Success => (true, false),
            ReplyOn::Error => (false, true),
            ReplyOn::Never => (false, false),
        };
        let (events, result) = match result {
            Ok(outcome) if !on_success => {
                return Ok(Outcome {
                    events: outcome.events,
                    ..Outcome::default()
                })
            }
            Ok(outcome) => (outcome.events.clone(), SubMsgResult::Ok(answer(outcome))),
            // Without a limit of its own a sub-message uses up what the whole transaction has.
            Err(Failure::OutOfGas) if sub.gas_limit.is_none() => return Err(Failure::OutOfGas),
            Err(failure) if !on_error => return Err(failure),
            Err(failure) => (Vec::new(), SubMsgResult::Err(redacted(&failure).into())),
        };
        let reply = Reply {
            id: sub.id,
            payload: sub.payload,
            gas_used,
            result,
        };
        let mut outcome = self.reply(contract, &reply)?;
        outcome.events.splice(0..0, events);
        Ok(outcome)
    }

    fn limited(
        self: &Rc<Self>,
        contract: &Addr,
        msg: CosmosMsg,
        limit: Option<u64>,
    ) -> Result<Outcome, Failure> {
        let Some(limit) = limit else {
            return self.attempt(contract, msg);
        };
        self.state.borrow_mut().meter.push_limit(limit);
        let outcome = self.attempt(contract, msg);
        self.state.borrow_mut().meter.pop_limit();
        outcome
    }

    fn reply(self: &Rc<Self>, address: &Addr, reply: &Reply) -> Result<Outcome, Failure> {
        let (address, contract) = self.known(address.as_str())?;
        let msg = json(reply)?;
        let response = self.respond(&address, contract.code, &Entry::Reply(&msg))?;
        let mode = match reply.result.is_ok() {
            true => "handle_success",
            false => "handle_failure",
        };
        let event = of(&address, "reply").add_attribute("mode", mode);
        self.follow(&address, event, response)
    }
}

const fn redacted(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(_) => REDACTED,
        Failure::OutOfGas => REDACTED_OUT_OF_GAS,
    }
}

/// A sub-message's outcome as the contract gets it.
#[allow(deprecated, reason = "contracts of earlier versions read the data")]
fn answer(outcome: Outcome) -> SubMsgResponse {
    let value = outcome.data.clone().unwrap_or_default();
    let kind = outcome.kind.map(|kind| MsgResponse {
        type_url: kind.to_owned(),
        value,
    });
    SubMsgResponse {
        events: outcome.events,
        data: outcome.data,
        msg_responses: kind.into_iter().collect(),
    }
}
