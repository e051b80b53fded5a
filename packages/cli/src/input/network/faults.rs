//! Faults of a network that concern several fields, and the lines they stand on.

use toml::de::{DeTable, DeValue};

use super::{is_account, Denomination, Network, Split, MAX_SPLIT_PRODUCT, SPLIT_FACTORS};
use crate::input::timeline::effective_splits;

impl Network {
    /// The first fault that concerns several fields: the key, its index in a list, the reason.
    pub(super) fn fault(&self) -> Option<(&'static str, usize, String)> {
        self.attester_fault()
            .or_else(|| self.denomination_fault())
            .or_else(|| self.split_fault())
            .or_else(|| self.window_fault())
            .or_else(|| self.delegation_fault())
    }

    fn attester_fault(&self) -> Option<(&'static str, usize, String)> {
        let count = self.attesters.len();
        if !(1..=15).contains(&count) {
            return Some((
                "attesters",
                0,
                format!("{count} attesters, 1 to 15 are needed"),
            ));
        }
        if let Some(bad) = self.attesters.iter().find(|name| !is_account(name)) {
            return Some(("attesters", 0, format!("attester `{bad}` is no account")));
        }
        if let Some(i) = first_repeated(&self.attesters) {
            return Some((
                "attesters",
                0,
                format!("attester `{}` occurs twice", self.attesters[i]),
            ));
        }
        let threshold = usize::try_from(self.threshold).unwrap_or(usize::MAX);
        let enough = threshold <= count && threshold.saturating_mul(2) > count;
        let reason =
            format!("threshold {threshold} of {count} must be more than half, at most all");
        (!enough).then_some(("threshold", 0, reason))
    }

    /// Reports and appeals of an epoch must be over before the next one ends, or closing could never
    /// catch up after an outage.
    fn window_fault(&self) -> Option<(&'static str, usize, String)> {
        let (report, appeal) = (self.params.report_window_s, self.params.appeal_window_s);
        let epoch = self.epoch_length;
        let reason = format!(
            "report_window_s {report} + appeal_window_s {appeal} must be less than an epoch of \
             {epoch} s"
        );
        (report.saturating_add(appeal) >= epoch).then_some(("epoch_length", 0, reason))
    }

    fn denomination_fault(&self) -> Option<(&'static str, usize, String)> {
        let all = &self.denominations;
        if !(1..=8).contains(&all.len()) {
            let reason = format!("{} denominations, 1 to 8 are needed", all.len());
            return Some(("denominations", 0, reason));
        }
        let names: Vec<&str> = all.iter().map(|d| d.name.as_str()).collect();
        let ids: Vec<&str> = all.iter().map(Denomination::id).collect();
        let (index, what) = match (first_repeated(&names), first_repeated(&ids)) {
            (Some(i), _) => (i, names[i]),
            (None, Some(i)) => (i, ids[i]),
            (None, None) => return None,
        };
        Some((
            "denominations",
            index,
            format!("denomination `{what}` occurs twice"),
        ))
    }

    fn delegation_fault(&self) -> Option<(&'static str, usize, String)> {
        let rules = self.delegation.as_ref()?;
        let taken = |one: &Denomination| one.name == rules.token;
        let reason = match self.denominations.iter().any(taken) {
            true => Some(format!(
                "delegation: token `{}` is a denomination of revenue",
                rules.token
            )),
            false => rules.fault(),
        };
        Some(("delegation", 0, reason?))
    }

    fn split_fault(&self) -> Option<(&'static str, usize, String)> {
        let effective = effective_splits(self);
        let (mut product, mut free_from) = (1_u32, 0);
        for (i, (split, acts)) in self.splits.iter().zip(effective).enumerate() {
            product = product.saturating_mul(split.factor);
            let fault = if split.epoch >= self.epochs {
                format!(
                    "split in epoch {}, the run has {} epochs",
                    split.epoch, self.epochs
                )
            } else if !SPLIT_FACTORS.contains(&split.factor) {
                format!(
                    "split factor {}: use 2, 4, 5, 8, 10, 16, 20 or 25",
                    split.factor
                )
            } else if product > MAX_SPLIT_PRODUCT {
                format!("the split factors multiply to {product}, more than {MAX_SPLIT_PRODUCT}")
            } else if split.epoch < free_from {
                format!("split before the grace of the one before it ends in epoch {free_from}")
            } else {
                free_from = acts.reported_from;
                continue;
            };
            return Some(("splits", i, fault));
        }
        None
    }
}

pub(super) fn first_repeated<T: PartialEq>(all: &[T]) -> Option<usize> {
    (0..all.len()).find(|&i| all[..i].contains(&all[i]))
}

fn line_at(text: &str, offset: usize) -> u64 {
    let before = text.as_bytes().iter().take(offset);
    let breaks = before.filter(|b| **b == b'\n').count();
    u64::try_from(breaks).unwrap_or(u64::MAX).saturating_add(1)
}

/// The parser blames a list as a whole for what is wrong with one of its tables.
pub(super) fn line_of_error(text: &str, error: &toml::de::Error) -> u64 {
    let line = line_at(text, error.span().map_or(0, |span| span.start));
    let elements = |key: &str| -> Vec<toml::Value> {
        let table = text.parse::<toml::Table>().unwrap_or_default();
        table
            .get(key)
            .and_then(toml::Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let bad_denomination = elements("denominations")
        .into_iter()
        .position(|item| item.try_into::<Denomination>().is_err());
    let bad_split = elements("splits")
        .into_iter()
        .position(|item| item.try_into::<Split>().is_err());
    [("denominations", bad_denomination), ("splits", bad_split)]
        .into_iter()
        .filter(|(key, _)| line == line_of(text, key, 0))
        .find_map(|(key, bad)| bad.map(|index| line_of(text, key, index)))
        .unwrap_or(line)
}

/// Line of a top-level key, or of the element `index` of a list of tables.
pub(super) fn line_of(text: &str, key: &str, index: usize) -> u64 {
    let Ok(table) = DeTable::parse(text) else {
        return 1;
    };
    let Some(value) = table.get_ref().get(key) else {
        return 1;
    };
    let span = match value.get_ref() {
        DeValue::Array(list)
            if list
                .get(index)
                .is_some_and(|item| item.get_ref().is_table()) =>
        {
            list.get(index)
                .map_or_else(|| value.span(), toml::Spanned::span)
        }
        _ => value.span(),
    };
    line_at(text, span.start)
}
