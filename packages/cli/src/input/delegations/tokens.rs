//! Token ids as a list: `1-30,42,gold-7`.

use crate::input::error::Reason;

/// Longest token id, in bytes.
const MAX_ID: usize = 128;
/// Most NFTs in a row.
const MAX_IDS: usize = 10_000;

/// Reads a list of ids: two numbers with a hyphen between them are a range, anything else is an id
/// as it stands.
pub fn parse(text: &str) -> Result<Vec<String>, Reason> {
    let mut ids = Vec::new();
    for part in text.split(',') {
        match range(part) {
            Some((first, last)) => {
                if last < first {
                    return Err(Reason::FallingTokens(part.to_owned()));
                }
                let left = MAX_IDS.saturating_sub(ids.len());
                ids.extend(
                    (first..=last)
                        .take(left.saturating_add(1))
                        .map(|id| id.to_string()),
                );
            }
            None => ids.push(plain(part)?),
        }
        if ids.len() > MAX_IDS {
            return Err(Reason::TooManyTokens(MAX_IDS));
        }
    }
    match first_repeated(&ids) {
        Some(id) => Err(Reason::TokenTwice(id)),
        None => Ok(ids),
    }
}

/// Writes what [`parse`] reads: runs of numbers as ranges.
pub fn show(ids: &[String]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut run: Option<(u64, u64)> = None;
    for id in ids {
        let number = number(id);
        match (run, number) {
            (Some((first, last)), Some(number)) if last.checked_add(1) == Some(number) => {
                run = Some((first, number));
            }
            _ => {
                parts.extend(run.take().map(show_run));
                match number {
                    Some(number) => run = Some((number, number)),
                    None => parts.push(id.clone()),
                }
            }
        }
    }
    parts.extend(run.map(show_run));
    parts.join(",")
}

fn show_run((first, last): (u64, u64)) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

fn range(part: &str) -> Option<(u64, u64)> {
    let (first, last) = part.split_once('-')?;
    Some((number(first)?, number(last)?))
}

/// A number in digits without leading zeros.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn plain(part: &str) -> Result<String, Reason> {
    let fine = (1..=MAX_ID).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_graphic());
    if fine {
        Ok(part.to_owned())
    } else {
        Err(Reason::BadToken(part.to_owned()))
    }
}

fn first_repeated(ids: &[String]) -> Option<String> {
    let mut sorted: Vec<&String> = ids.iter().collect();
    sorted.sort();
    let twice = sorted.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(twice[0].clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_and_show() {
        let ids = parse("7,1-3,gold-7,10-11,12").unwrap();
        assert_eq!(ids, ["7", "1", "2", "3", "gold-7", "10", "11", "12"]);
        assert_eq!(show(&ids), "7,1-3,gold-7,10-12");
        assert_eq!(parse(&show(&ids)), Ok(ids));
        assert_eq!(show(&["9".into(), "07".into()]), "9,07");
    }

    #[test]
    fn wrong_lists() {
        assert_eq!(parse("3-1"), Err(Reason::FallingTokens("3-1".into())));
        assert_eq!(parse("1,,2"), Err(Reason::BadToken(String::new())));
        assert_eq!(parse("a b"), Err(Reason::BadToken("a b".into())));
        assert_eq!(parse("1-5,4"), Err(Reason::TokenTwice("4".into())));
        let endless = format!("1-{}", u64::MAX);
        assert_eq!(parse(&endless), Err(Reason::TooManyTokens(10_000)));
    }
}
