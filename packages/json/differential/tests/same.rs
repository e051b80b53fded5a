//! Both crates accept the same texts, read the same values and write the same bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use proptest::prelude::*;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    name: String,
    amount: Option<u64>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Loose {
    flag: bool,
    small: i8,
    part: Option<Box<Strict>>,
}

#[derive(Clone, Debug, PartialEq, PartialOrd, Eq, Ord, Serialize, Deserialize)]
#[serde(transparent)]
struct Wrapped(String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Newtype(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Plain,
    Empty {},
    One(Newtype),
    Maybe(Option<i64>),
    Pair(u8, Wrapped),
    Named { strict: Strict, big: u128 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: u16,
    #[serde(flatten)]
    rest: BTreeMap<String, Scalar>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Scalar {
    Flag(bool),
    Number(u64),
    Negative(i64),
    Text(String),
    List(Vec<Scalar>),
    Map(BTreeMap<String, Scalar>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    A { x: u8 },
    B,
}

/// Both answers to one text, or both refusals.
fn same<T: DeserializeOwned + Debug>(text: &[u8]) -> Result<(), TestCaseError> {
    let original = original::from_slice::<T>(text);
    let ours = ours::from_slice::<T>(text);
    let shown = String::from_utf8_lossy(text);
    match (original, ours) {
        (Ok(original), Ok(ours)) => {
            prop_assert_eq!(format!("{original:?}"), format!("{ours:?}"), "{}", shown);
        }
        (Err(_), Err(_)) => {}
        (original, ours) => prop_assert!(false, "{shown}: {original:?} but {ours:?}"),
    }
    Ok(())
}

/// One text for every type.
fn same_for_all(text: &[u8]) -> Result<(), TestCaseError> {
    same::<Strict>(text)?;
    same::<Loose>(text)?;
    same::<Act>(text)?;
    same::<Vec<Act>>(text)?;
    same::<Option<Act>>(text)?;
    same::<Flat>(text)?;
    same::<Scalar>(text)?;
    same::<Tagged>(text)?;
    same::<Wrapped>(text)?;
    same::<Newtype>(text)?;
    same::<String>(text)?;
    same::<Cow<'static, str>>(text)?;
    same::<BTreeMap<String, Option<u8>>>(text)?;
    same::<BTreeMap<u8, i16>>(text)?;
    same::<BTreeMap<i32, IgnoredAny>>(text)?;
    same::<BTreeMap<u128, bool>>(text)?;
    same::<BTreeMap<i128, ()>>(text)?;
    same::<(u8, String)>(text)?;
    same::<[u8; 2]>(text)?;
    same::<Vec<u32>>(text)?;
    same::<Vec<IgnoredAny>>(text)?;
    same::<IgnoredAny>(text)?;
    same::<()>(text)?;
    same::<bool>(text)?;
    same::<u8>(text)?;
    same::<u16>(text)?;
    same::<u32>(text)?;
    same::<u64>(text)?;
    same::<u128>(text)?;
    same::<i8>(text)?;
    same::<i16>(text)?;
    same::<i32>(text)?;
    same::<i64>(text)?;
    same::<i128>(text)
}

/// Equal bytes, and the value comes back.
fn written<T>(value: &T) -> Result<Vec<u8>, TestCaseError>
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let original = original::to_vec(value).unwrap();
    let ours = ours::to_vec(value).unwrap();
    prop_assert_eq!(&original, &ours);
    prop_assert_eq!(
        &original::to_string(value).unwrap(),
        &ours::to_string(value).unwrap()
    );
    prop_assert_eq!(&ours::from_slice::<T>(&ours).unwrap(), value);
    Ok(ours)
}

fn strict() -> impl Strategy<Value = Strict> {
    (
        any::<String>(),
        any::<Option<u64>>(),
        prop::collection::vec(".*", 0..3),
    )
        .prop_map(|(name, amount, tags)| Strict { name, amount, tags })
}

fn loose() -> impl Strategy<Value = Loose> {
    (
        any::<bool>(),
        any::<i8>(),
        prop::option::of(strict().prop_map(Box::new)),
    )
        .prop_map(|(flag, small, part)| Loose { flag, small, part })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Plain),
        Just(Act::Empty {}),
        any::<u32>().prop_map(|number| Act::One(Newtype(number))),
        any::<Option<i64>>().prop_map(Act::Maybe),
        (any::<u8>(), any::<String>()).prop_map(|(number, text)| Act::Pair(number, Wrapped(text))),
        (strict(), any::<u128>()).prop_map(|(strict, big)| Act::Named { strict, big }),
    ]
}

fn scalar() -> impl Strategy<Value = Scalar> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Scalar::Flag),
        any::<u64>().prop_map(Scalar::Number),
        (i64::MIN..0).prop_map(Scalar::Negative),
        any::<String>().prop_map(Scalar::Text),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Scalar::List),
            prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(Scalar::Map),
        ]
    })
}

/// Pieces of JSON, whole and broken, that the types above have a use for.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        " ",
        "\n",
        "null",
        "true",
        "false",
        "nul",
        "0",
        "1",
        "-",
        "-1",
        "-0",
        "01",
        "1.5",
        "1e3",
        "127",
        "128",
        "-128",
        "-129",
        "255",
        "256",
        "65535",
        "65536",
        "4294967295",
        "4294967296",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456",
        "-170141183460469231731687303715884105728",
        "\"name\":",
        "\"amount\":",
        "\"tags\":",
        "\"flag\":",
        "\"small\":",
        "\"part\":",
        "\"strict\":",
        "\"big\":",
        "\"id\":",
        "\"x\":1",
        "\"kind\":",
        "\"A\"",
        "\"B\"",
        "\"plain\"",
        "{\"plain\":null}",
        "{\"empty\":{}}",
        "\"empty\"",
        "{\"one\":",
        "{\"maybe\":",
        "{\"pair\":[",
        "{\"named\":{",
        "\"n\\u0061me\":",
        "\"1\":",
        "\"-1\":",
        "\"\\u0031\":",
        "\" 1\":",
        "\"1 \":",
        "\"text\"",
        "\"\\n\"",
        "\"\\uD83D\\uDE00\"",
        "\"\\uD83D\"",
        "\"\\uDE00\"",
        "\"\\uD83D\\n\\uDE00\"",
        "\"\\uD83Dx\"",
        "\"\\uD83D\\u0041\\uDE00\"",
        "\"\\uD83D\\uD83D\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u00e9\"",
        "\"\\/\"",
        "\"\u{1}\"",
        "\"\u{1}\\n\"",
        "\"é\"",
        "\"é\\n\"",
        "[,1]",
        "[,1 2]",
        "[1,]",
        "[1,,2]",
        "{,}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\"}",
        "{1:2}",
        "[1 2]",
        "oops",
        "\u{0}",
    ])
    .prop_map(|text: &str| text.as_bytes().to_vec());
    prop_oneof![20 => known, 1 => prop::collection::vec(any::<u8>(), 1..3)]
}

/// A text with one change: bytes taken out, put in, or said twice.
fn mutated(text: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let at = 0..text.len().max(1);
    (Just(text), at.clone(), at, piece(), 0..4u8).prop_map(|(mut text, from, to, piece, how)| {
        let (from, to) = (from.min(to).min(text.len()), from.max(to).min(text.len()));
        match how {
            0 => drop(text.splice(from..to, [])),
            1 => drop(text.splice(from..from, piece)),
            2 => drop(text.splice(from..(from + 1).min(text.len()), piece)),
            _ => {
                let again = text[from..to].to_vec();
                text.splice(to..to, again);
            }
        }
        text
    })
}

fn valid() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        strict().prop_map(|value| original::to_vec(&value).unwrap()),
        loose().prop_map(|value| original::to_vec(&value).unwrap()),
        act().prop_map(|value| original::to_vec(&value).unwrap()),
        scalar().prop_map(|value| original::to_vec(&value).unwrap()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn pieces(pieces in prop::collection::vec(piece(), 0..8)) {
        same_for_all(&pieces.concat())?;
    }

    #[test]
    fn mutations(text in valid().prop_flat_map(mutated).prop_flat_map(mutated)) {
        same_for_all(&text)?;
    }

    #[test]
    fn lists(text in prop::collection::vec(valid().prop_flat_map(mutated), 0..3)) {
        same_for_all(&[b"[".as_slice(), &text.join(b",".as_slice()), b"]"].concat())?;
    }

    #[test]
    fn ignored(text in valid().prop_flat_map(mutated)) {
        same_for_all(&[b"{\"flag\":true,\"other\":".as_slice(), &text, b",\"small\":1}"].concat())?;
    }

    #[test]
    fn bytes(
        strict in strict(),
        loose in loose(),
        act in act(),
        scalar in scalar(),
        numbers in any::<(u8, u16, u32, u64, u128)>(),
        negatives in any::<(i8, i16, i32, i64, i128)>(),
        keys in prop::collection::btree_map(any::<i64>(), any::<()>(), 0..3),
        names in prop::collection::btree_map(any::<String>(), any::<Option<bool>>(), 0..3),
    ) {
        written(&strict)?;
        written(&loose)?;
        written(&act)?;
        written(&scalar)?;
        written(&numbers)?;
        written(&negatives)?;
        written(&keys)?;
        written(&names)?;
        written(&Flat { id: 1, rest: BTreeMap::new() })?;
    }
}

#[test]
fn every_character() {
    for character in (0..0x11_0000).filter_map(char::from_u32) {
        written(&character.to_string()).unwrap();
    }
    let wrapped = BTreeMap::from([(Wrapped("\"".into()), 'x'.to_string())]);
    assert_eq!(
        original::to_vec(&wrapped).unwrap(),
        ours::to_vec(&wrapped).unwrap()
    );
    let characters = BTreeMap::from([('"', 1), ('é', 2)]);
    assert_eq!(
        original::to_vec(&characters).unwrap(),
        ours::to_vec(&characters).unwrap()
    );
}

/// Keys that are no strings are refused by both.
#[test]
fn keys_without_text() {
    for refused in [
        original::to_vec(&BTreeMap::from([(true, 1)])).is_err(),
        ours::to_vec(&BTreeMap::from([(true, 1)])).is_err(),
        original::to_vec(&BTreeMap::from([(Some(1), 1)])).is_err(),
        ours::to_vec(&BTreeMap::from([(Some(1), 1)])).is_err(),
    ] {
        assert!(refused);
    }
}

/// As deep as both go, and one deeper.
#[test]
fn depth() {
    for depth in [1, 126, 127, 128, 129, 2_000] {
        for (open, inner, close) in [
            ("[", "", "]"),
            ("{\"a\":", "1", "}"),
            ("{\"a\":[", "", "]}"),
        ] {
            let text = [open.repeat(depth), inner.into(), close.repeat(depth)].concat();
            same_for_all(text.as_bytes()).unwrap();
            same_for_all(format!("{{\"other\":{text}}}").as_bytes()).unwrap();
        }
    }
}

/// What either says.
#[test]
fn messages() {
    fn both<T: DeserializeOwned + Debug>(text: &str) {
        let original = original::from_str::<T>(text).unwrap_err().to_string();
        let ours = ours::from_str::<T>(text).unwrap_err().to_string();
        assert_eq!(original, ours, "{text}");
    }
    both::<Strict>("{}");
    both::<Strict>("{\"name\":\"a\",\"name\":\"b\"}");
    both::<Strict>("{\"other\":1}");
    both::<Strict>("{\"name\":1}");
    both::<Strict>("{\"name\":\"a\",}");
    both::<Strict>("{\"name\":\"a\"} x");
    both::<Strict>("{\"name\":\"a\"");
    both::<Strict>("{\"name\":\"a");
    both::<Strict>("{\"name\"");
    both::<Strict>("{\"name\" 1");
    both::<Strict>("[]");
    both::<Strict>("");
    both::<Newtype>("-1");
    both::<Newtype>("4294967296");
    both::<Newtype>("01");
    both::<Act>("\"other\"");
    both::<Act>("{\"plain\":null}");
    both::<Act>("\"one\"");
    both::<Act>("1");
    both::<Act>("{\"pair\":[1]}");
    both::<Tagged>("{\"kind\":\"A\",\"x\":\"1\"}");
    both::<Tagged>("{\"kind\":\"C\"}");
    both::<Tagged>("{\"kind\":\"A\",\"x\":-1}");
    both::<Tagged>("{\"kind\":\"A\",\"x\":true}");
    both::<Tagged>("{\"kind\":\"A\",\"x\":null}");
    both::<Tagged>("{\"kind\":\"A\",\"x\":[]}");
    both::<Tagged>("{\"kind\":\"A\",\"x\":{}}");
    both::<Scalar>("null");
    both::<[u8; 2]>("[1]");
    both::<[u8; 1]>("[1,2]");
    both::<Vec<u8>>("[1,]");
    both::<Vec<u8>>("[");
    both::<String>("\"\\x\"");
    both::<String>("\"\\uD83D\"");
    both::<String>("\"\\uDE00\"");
    both::<String>("\"\\uD83D\\uD83D\"");
    both::<String>("\"\u{1}\\n\"");
    both::<bool>("tru");
}
