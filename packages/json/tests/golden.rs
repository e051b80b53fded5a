//! Texts with the values and the refusals that they stand for. What is accepted at all is tried in
//! `../differential`.

#![allow(clippy::unwrap_used, reason = "an error here is a failing test")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json_wasm::{from_str, to_string};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Message {
    Stop,
    Pay { to: String, amount: Option<u128> },
    Name(String),
    Range(u8, i16),
}

#[track_caller]
fn both<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T, text: &str) {
    assert_eq!(to_string(&value).unwrap(), text);
    assert_eq!(from_str::<T>(text).unwrap(), value);
}

#[track_caller]
fn refused<T: DeserializeOwned + Debug>(text: &str, why: &str) {
    assert_eq!(from_str::<T>(text).unwrap_err().to_string(), why);
}

#[test]
fn values() {
    both(Message::Stop, r#""stop""#);
    both(
        Message::Pay {
            to: "a\"\\\n\u{1}é".into(),
            amount: Some(u128::MAX),
        },
        r#"{"pay":{"to":"a\"\\\n\u0001é","amount":340282366920938463463374607431768211455}}"#,
    );
    both(Message::Name(String::new()), r#"{"name":""}"#);
    both(Message::Range(255, -32_768), r#"{"range":[255,-32768]}"#);
    both(
        BTreeMap::from([(-1, ()), (2, ())]),
        r#"{"-1":null,"2":null}"#,
    );
    both(Vec::<bool>::new(), "[]");
}

#[test]
fn white_space_and_order() {
    assert_eq!(
        from_str::<Message>(" { \"pay\"\t:\r\n{ \"amount\" : null , \"to\" : \"b\" } } ").unwrap(),
        Message::Pay {
            to: "b".into(),
            amount: None
        }
    );
}

#[test]
fn escapes() {
    let read = |text: &str| from_str::<String>(text);
    assert_eq!(read(r#""\uD83D\uDE00\/\b\f""#).unwrap(), "😀/\u{8}\u{c}");
    refused::<String>(
        r#""\uD83D""#,
        "Found a lone surrogate, which can exist in JSON but cannot be encoded to UTF-8.",
    );
    refused::<String>(r#""\x""#, "Invalid escape sequence.");
}

#[test]
fn refusals() {
    refused::<Message>(r#"{"pay":{}}"#, "missing field `to`");
    refused::<Message>(r#"{"pay":{"to":"a","to":"b"}}"#, "duplicate field `to`");
    refused::<Message>(
        r#"{"pay":{"from":1}}"#,
        "unknown field `from`, expected `to` or `amount`",
    );
    refused::<Message>(
        "\"go\"",
        "unknown variant `go`, expected one of `stop`, `pay`, `name`, `range`",
    );
    refused::<Message>(r#"{"stop":null}"#, "Invalid type");
    refused::<Message>(
        r#"{"name":"a","range":[]}"#,
        "JSON has non-whitespace trailing characters after the value.",
    );
    refused::<Vec<u8>>(
        "[1,]",
        "JSON has a comma after the last value in an array or map.",
    );
    refused::<Vec<u8>>("[256]", "Invalid number.");
    refused::<Vec<u8>>("[1", "EOF while parsing a list.");
    refused::<[u8; 2]>("[1]", "invalid length 1, expected an array of length 2");
    refused::<(bool, [u8; 1])>(
        "[true,[1,2],3]",
        "JSON has non-whitespace trailing characters after the value.",
    );
    refused::<f64>("1", "Invalid type");
}

#[test]
fn depth() {
    let nested = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat();
    assert!(from_str::<IgnoredAny>(&nested(127)).is_ok());
    refused::<IgnoredAny>(
        &nested(128),
        "JSON is nested too deeply, exceeded the recursion limit.",
    );
}

#[test]
fn what_json_has_not() {
    assert!(to_string(&1.5).is_err());
    assert!(to_string(&'a').is_err());
    assert_eq!(
        to_string(&BTreeMap::from([(true, 1)]))
            .unwrap_err()
            .to_string(),
        "JSON object key is required to be a string type."
    );
}
