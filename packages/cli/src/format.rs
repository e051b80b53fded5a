//! Numbers and times as people read them.

use noderev_components::{Epoch, EpochClock};
use time::OffsetDateTime;

pub use noderev_operations::rfc3339;

/// Seconds since 1970 as `2026-01-01`; empty after the year 9999.
pub fn date(seconds: u64) -> String {
    moment(seconds)
        .map(|time| time.date().to_string())
        .unwrap_or_default()
}

/// Seconds since 1970 as `2026-01-01 06:00 UTC`, with seconds where they are not zero; empty after
/// the year 9999.
pub fn minute(seconds: u64) -> String {
    let Some(time) = moment(seconds) else {
        return String::new();
    };
    let (date, hour, minute) = (time.date(), time.hour(), time.minute());
    match time.second() {
        0 => format!("{date} {hour:02}:{minute:02} UTC"),
        second => format!("{date} {hour:02}:{minute:02}:{second:02} UTC"),
    }
}

/// An epoch and when it begins: `epoch 31, from 2026-01-01 06:00 UTC`.
pub fn epoch_from(clock: &EpochClock, epoch: Epoch) -> String {
    format!("epoch {epoch}, from {}", minute(clock.start_of(epoch)))
}

/// An amount in smallest units as whole units with two decimals, rounded down: `1,234.56`.
pub fn units(amount: u128, decimals: u32) -> String {
    let scale = 10_u128.checked_pow(decimals).unwrap_or(u128::MAX);
    let whole = amount.checked_div(scale).unwrap_or(0);
    let rest = amount.checked_rem(scale).unwrap_or(0);
    let hundredths = rest.saturating_mul(100).checked_div(scale).unwrap_or(0);
    format!("{}.{hundredths:02}", thousands(whole))
}

/// An amount in smallest units with all its decimals: `1,234.560000`.
pub fn exact_units(amount: u128, decimals: u32) -> String {
    let scale = 10_u128.checked_pow(decimals).unwrap_or(u128::MAX);
    let whole = thousands(amount.checked_div(scale).unwrap_or(0));
    let rest = amount.checked_rem(scale).unwrap_or(0);
    let width = usize::try_from(decimals).unwrap_or(0);
    if width == 0 {
        whole
    } else {
        format!("{whole}.{rest:0width$}")
    }
}

/// An integer with commas: `1,234,567`.
pub fn thousands(number: u128) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(",")
}

/// An amount in smallest units as a number of whole units, for charts only.
pub fn float_units(amount: u128, decimals: u32) -> f64 {
    amount as f64 / 10_f64.powf(f64::from(decimals))
}

/// A number in three or four characters: `950`, `12.3k`, `4.56M`.
pub fn compact(number: f64) -> String {
    // Adding zero turns -0, the sum of nothing, into 0.
    let number = number + 0.0;
    let (scaled, suffix) = match number.abs() {
        n if n >= 999_500_000.0 => (number / 1e9, "B"),
        n if n >= 999_500.0 => (number / 1e6, "M"),
        n if n >= 999.5 => (number / 1e3, "k"),
        _ => (number, ""),
    };
    let decimals = match scaled.abs() {
        n if n >= 100.0 || n == 0.0 => 0,
        n if n >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{scaled:.decimals$}");
    let short = if decimals == 0 {
        &text
    } else {
        text.trim_end_matches('0').trim_end_matches('.')
    };
    format!("{short}{suffix}")
}

/// A share of 1 as a percentage with one decimal and a no-break space: `99.7 %`. What isn't whole never shows as
/// 100 %.
pub fn percent(share: f64) -> String {
    let shown = (share * 1_000.0).round() / 10.0;
    let shown = if share < 1.0 && shown >= 100.0 {
        99.9
    } else {
        shown
    };
    format!("{shown:.1}\u{a0}%")
}

/// Seconds as `950 ms`, `12.3 s` or `2 min 05 s`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{:.0} ms", s * 1_000.0),
        s if s < 60.0 => format!("{s:.1} s"),
        s => format!(
            "{:.0} min {:02.0} s",
            (s / 60.0).floor(),
            (s % 60.0).floor()
        ),
    }
}

/// Bytes as mebibytes.
pub fn mebibytes(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / 1_048_576.0)
}

fn moment(seconds: u64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_round_down_and_group() {
        assert_eq!(units(1_234_567_899, 6), "1,234.56");
        assert_eq!(units(5, 0), "5.00");
        assert_eq!(exact_units(1_234_567_899, 6), "1,234.567899");
        assert_eq!(exact_units(1_000, 0), "1,000");
        assert_eq!(thousands(0), "0");
        assert_eq!(units(1_999_999_999_999_999_999, 18), "1.99");
    }

    #[test]
    fn short_forms() {
        let shown = [0.0, 950.0, 999.9, 12_345.0, 4_560_000.0, 50_000_000.0, 0.25].map(compact);
        assert_eq!(shown, ["0", "950", "1k", "12.3k", "4.56M", "50M", "0.25"]);
        assert_eq!(compact(-0.0), "0");
        assert_eq!(percent(0.99999), "99.9\u{a0}%");
        assert_eq!(percent(1.0), "100.0\u{a0}%");
        assert_eq!(percent(0.6), "60.0\u{a0}%");
        assert_eq!(duration(125.0), "2 min 05 s");
        assert_eq!(date(1_767_247_200), "2026-01-01");
        assert_eq!(minute(1_767_247_207), "2026-01-01 06:00:07 UTC");
        let clock = EpochClock {
            start: 1_767_160_800,
            length: 86_400,
        };
        let begins = epoch_from(&clock, Epoch(1));
        assert_eq!(begins, "epoch 1, from 2026-01-01 06:00 UTC");
    }
}
