//! Numbers of keys and lots as people write them: `5 7 10-20`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use noderev_components::KeyId;

use super::CommandError;

/// Numbers that one command may name: as many as one transaction takes.
const MOST: u64 = 500;

/// A number, or all numbers from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    first: u64,
    last: u64,
}

/// A text that names no numbers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoNumbers;

impl fmt::Display for NoNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write a number from 1 on, or a range such as 10-20")
    }
}

impl std::error::Error for NoNumbers {}

impl FromStr for Numbers {
    type Err = NoNumbers;

    fn from_str(text: &str) -> Result<Self, NoNumbers> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u64>().ok()).flatten()
        };
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (number(first), number(last)) {
            (Some(first), Some(last)) if 0 < first && first <= last => Ok(Self { first, last }),
            _ => Err(NoNumbers),
        }
    }
}

/// All numbers in ascending order; refuses one that is named twice.
pub(super) fn numbers(named: &[Numbers]) -> Result<Vec<u64>, CommandError> {
    let counts = named
        .iter()
        .map(|one| one.last.saturating_sub(one.first).saturating_add(1));
    let count = counts.fold(0_u64, u64::saturating_add);
    if count > MOST {
        let text = format!("{count} numbers: one transaction takes at most {MOST}");
        return Err(CommandError::Usage(text));
    }
    let mut all = BTreeSet::new();
    for number in named.iter().flat_map(|one| one.first..=one.last) {
        if !all.insert(number) {
            return Err(CommandError::Usage(format!("{number} is named twice")));
        }
    }
    Ok(all.into_iter().collect())
}

/// The same, of keys.
pub(super) fn keys(named: &[Numbers]) -> Result<Vec<KeyId>, CommandError> {
    let key = |number: u64| {
        let key = u32::try_from(number).ok().map(KeyId);
        key.ok_or_else(|| CommandError::Usage(format!("there can be no key {number}")))
    };
    numbers(named)?.into_iter().map(key).collect()
}

/// A single key.
pub(super) fn key(text: &str) -> Result<KeyId, NoNumbers> {
    text.parse().map_err(|_| NoNumbers)
}

/// Numbers as they would be named: `5, 7, 10-20`.
pub(super) fn listed(numbers: impl IntoIterator<Item = u64>) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let text = |(first, last): &(u64, u64)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    runs.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Keys by number: `key 7`, `keys 5, 7, 10-20`.
pub(super) fn named(keys: &[KeyId]) -> String {
    let numbers = listed(keys.iter().map(|key| key.0.into()));
    match keys.len() {
        1 => format!("key {numbers}"),
        _ => format!("keys {numbers}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(texts: &[&str]) -> Result<Vec<u64>, String> {
        let named: Result<Vec<Numbers>, _> = texts.iter().map(|text| text.parse()).collect();
        let named = named.map_err(|error| error.to_string())?;
        numbers(&named).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_and_ranges() {
        assert_eq!(parsed(&["7", "10-12", "5"]), Ok(vec![5, 7, 10, 11, 12]));
        assert_eq!(parsed(&["3-3"]), Ok(vec![3]));
        assert_eq!(parsed(&["1-500"]).map(|all| all.len()), Ok(500));
        assert_eq!(parsed(&[]), Ok(vec![]));
    }

    #[test]
    fn what_names_no_numbers_is_refused() {
        for text in ["", "0", "x", "5-", "-5", "7-5", "1,2", "+1", "1-2-3", " 1"] {
            let refused = parsed(&[text]).unwrap_err();
            assert!(refused.contains("such as 10-20"), "{text}: {refused}");
        }
        let refusal = |texts: &[&str]| parsed(texts).unwrap_err();
        assert_eq!(refusal(&["7", "5-9"]), "7 is named twice");
        let most = "one transaction takes at most 500";
        assert_eq!(refusal(&["1-500", "600"]), format!("501 numbers: {most}"));
        let all = refusal(&["1-18446744073709551615"]);
        assert_eq!(all, format!("18446744073709551615 numbers: {most}"));
        let many: Numbers = "5000000000".parse().unwrap();
        assert!(keys(&[many]).is_err());
    }

    #[test]
    fn numbers_are_told_as_they_are_named() {
        assert_eq!(listed([5, 7, 10, 11, 12]), "5, 7, 10-12");
        assert_eq!(named(&[KeyId(7)]), "key 7");
        assert_eq!(named(&[KeyId(7), KeyId(8)]), "keys 7-8");
    }
}
