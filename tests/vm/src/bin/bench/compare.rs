//! Figures beside the committed ones.

use std::fmt::Write;

use crate::table::{Row, Table};

/// Percent by which a figure may differ from the committed one.
const TOLERANCE: u64 = 3;

/// What differs, a line each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    dearer: Vec<String>,
    vanished: Vec<String>,
    cheaper: Vec<String>,
    new: Vec<String>,
}

impl Changes {
    /// Compares virtual machine and store of all messages and queries.
    pub(crate) fn between(committed: &Table, now: &Table) -> Self {
        let mut changes = Self::default();
        changes.compare(&committed.messages, &now.messages);
        changes.compare(&committed.queries, &now.queries);
        changes
    }

    fn compare(&mut self, committed: &[Row], now: &[Row]) {
        for row in now {
            match committed.iter().find(|other| other.name == row.name) {
                Some(before) => self.judge(before.work, row),
                None => self.new.push(format!("{}: {}", row.name, row.work)),
            }
        }
        for row in committed {
            if !now.iter().any(|other| other.name == row.name) {
                self.vanished.push(format!("{}: {}", row.name, row.work));
            }
        }
    }

    fn judge(&mut self, before: u64, row: &Row) {
        let line = || format!("{}: {before} -> {}", row.name, row.work);
        if row.work * 100 > before * (100 + TOLERANCE) {
            self.dearer.push(line());
        } else if row.work * 100 < before * (100 - TOLERANCE) {
            self.cheaper.push(line());
        }
    }

    /// Whether something costs more than it may, or is no longer measured.
    pub(crate) fn failed(&self) -> bool {
        !self.dearer.is_empty() || !self.vanished.is_empty()
    }

    /// All of it as text; none if there are no changes.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (title, lines) in [
            ("more than 3 % dearer than committed", &self.dearer),
            ("committed, but no longer measured", &self.vanished),
            (
                "more than 3 % cheaper than committed: write the figures anew",
                &self.cheaper,
            ),
            (
                "not among the committed figures: write them anew",
                &self.new,
            ),
        ] {
            if lines.is_empty() {
                continue;
            }
            let _ = writeln!(text, "{title}:");
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, u64)]) -> Table {
        let row = |(name, work): &(&str, u64)| Row {
            work: *work,
            ..Row::new(name, &noderev_vm::gas::Report::default(), 0)
        };
        Table {
            messages: rows.iter().map(row).collect(),
            ..Table::default()
        }
    }

    fn changes(committed: &[(&str, u64)], now: &[(&str, u64)]) -> Changes {
        Changes::between(&table(committed), &table(now))
    }

    #[test]
    fn three_percent_more_or_less_is_no_change() {
        for now in [970, 1_000, 1_030] {
            let changes = changes(&[("claim", 1_000)], &[("claim", now)]);
            assert_eq!(changes, Changes::default());
            assert!(!changes.failed());
        }
    }

    #[test]
    fn what_is_dearer_or_vanished_fails_and_is_named() {
        let dearer = changes(&[("claim", 1_000)], &[("claim", 1_031)]);
        assert!(dearer.failed());
        assert!(dearer.text().contains("dearer"));
        assert!(dearer.text().contains("claim: 1000 -> 1031"));
        let vanished = changes(&[("claim", 1_000), ("split", 7)], &[("claim", 1_000)]);
        assert!(vanished.failed());
        assert!(vanished.text().contains("split: 7"));
    }

    #[test]
    fn what_is_cheaper_or_new_is_only_named() {
        let changes = changes(&[("claim", 1_000)], &[("claim", 969), ("split", 7)]);
        assert!(!changes.failed());
        assert!(changes.text().contains("claim: 1000 -> 969"));
        assert!(changes.text().contains("split: 7"));
    }
}
