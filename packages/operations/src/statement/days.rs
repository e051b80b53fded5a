//! Days of UTC.

use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime, Time};

use super::StatementError;

/// From one day to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub from: Date,
    /// The last one.
    pub to: Date,
}

impl Days {
    /// Both as `2026-01-31`.
    pub fn parse(from: &str, to: &str) -> Result<Self, StatementError> {
        let days = Self {
            from: parse(from)?,
            to: parse(to)?,
        };
        match days.from <= days.to {
            true => Ok(days),
            false => Err(StatementError::Backwards {
                from: days.from,
                to: days.to,
            }),
        }
    }

    /// The first second, Unix.
    pub fn start(&self) -> u64 {
        first_second(self.from)
    }

    /// The first second after the last day, Unix.
    pub fn end(&self) -> u64 {
        self.to.next_day().map_or(u64::MAX, first_second)
    }
}

/// A day as `2026-01-31`.
pub(super) fn parse(text: &str) -> Result<Date, StatementError> {
    // The format allows for more than one way to write a day.
    Date::parse(text, &Iso8601::DATE)
        .ok()
        .filter(|date| date.to_string() == text)
        .ok_or_else(|| StatementError::Date(text.to_owned()))
}

/// The day of a second, Unix; the last day there is for what is later than that.
pub(super) fn day_of(seconds: u64) -> Date {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MAX, OffsetDateTime::date)
}

fn first_second(date: Date) -> u64 {
    let midnight = date.with_time(Time::MIDNIGHT).assume_utc();
    u64::try_from(midnight.unix_timestamp()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_last_from_midnight_to_midnight() {
        let days = Days::parse("2026-01-31", "2026-02-01").unwrap();
        assert_eq!(days.start(), 1_769_817_600);
        assert_eq!(days.end(), days.start() + 2 * 86_400);
        assert_eq!(day_of(days.start()), days.from);
        assert_eq!(day_of(days.end() - 1), days.to);
        let one = Days::parse("2026-01-31", "2026-01-31").unwrap();
        assert_eq!(one.end() - one.start(), 86_400);
        assert_eq!(Days::parse("1960-01-01", "2026-01-01").unwrap().start(), 0);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2026-02-29", "20260101", "2026-1-1", "2026-W01-1", "x"] {
            let refusal = Days::parse("2026-01-01", text).unwrap_err().to_string();
            assert_eq!(
                refusal,
                format!("{text:?} is no day: write it as 2026-01-31")
            );
        }
        let backwards = Days::parse("2026-01-02", "2026-01-01").unwrap_err();
        assert_eq!(
            backwards.to_string(),
            "from 2026-01-02 to 2026-01-01: the first day is after the last"
        );
    }
}
